"""What every platform promises (bot.ports.Platform), asked of each by its real client library."""

from __future__ import annotations

import asyncio
import io
import re
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import Enum, auto
from typing import Any

import pytest
from rich.console import Console

from bot.errors import DeliveryError
from bot.fetching import HttpFetcher
from bot.model import (
    NOTIFIERS,
    TERMINAL,
    Action,
    Chat,
    ChatKey,
    ChatKind,
    Fact,
    Link,
    Message,
    Quote,
    Receipt,
    Reply,
    Request,
    Severity,
)
from bot.platforms.apprise import ApprisePlatform
from bot.platforms.slack import SlackPlatform
from bot.platforms.telegram import TelegramPlatform
from bot.platforms.terminal import TerminalPlatform
from bot.platforms.web import CONSOLE, WebPlatform
from bot.platforms.webhook import WebhookPlatform
from bot.ports import Platform, Sight
from bot.storage import SqlStore
from tests.fakes.receiver import Receiver
from tests.fakes.slack_server import SlackServer
from tests.fakes.telegram_server import TelegramServer

ALERT = Message(
    "Volga Metals — new US sanctions <b>&amp; @everyone <!channel>",
    severity=Severity.HIGH,
    subtitle="US · Russia",
    facts=(Fact("Tracked", "Volga Shipping and Metals JSC"),),
    bullets=("OFAC added the firm to the SDN list",),
    quotes=(Quote("OFAC added Volga Metals to its list.", "Wire", ("Volga Metals",)),),
    sources=(Link("Wire", "https://example.org/a?b=1&c=2"),),
    actions=(Action("Details", data="why 3f2a"),),
)


class Edits(Enum):
    IN_PLACE = auto()
    TOLD_AGAIN = auto()  # each version
    NONE = auto()  # a mail that was sent stays as it is


@dataclass
class Stage:
    """A platform with a chat in it, and the eyes of a reader there: the text of each message. What it can: how an edit
    is seen; whether it `finds` what arrived by its mark; whether a send fails before it is started."""

    platform: Platform
    chat: ChatKey
    read: Callable[[], list[str]]
    say: Callable[[str], Awaitable[object]] | None = None
    edits: Edits = Edits.IN_PLACE
    finds: bool = False
    unstarted_fails: bool = True


async def answer(request: Request) -> Reply:
    return Reply(Message(f"You said: {request.text}"))


async def telegram_stage(request: Any) -> AsyncIterator[Stage]:
    async with TelegramServer() as server:
        ana = server.private("Ana")
        yield Stage(
            TelegramPlatform(server.token, base_url=f"{server.url}/bot"),
            ChatKey("telegram", str(ana.id)),
            lambda: [message.text for message in server.messages(ana)],
            lambda text: server.user_says(ana, f"/{text}"),
        )


async def slack_stage(request: Any) -> AsyncIterator[Stage]:
    async with SlackServer() as server:
        channel = server.channel("alerts")
        yield Stage(
            SlackPlatform(server.token, app_token=server.app_token, base_url=server.url),
            ChatKey("slack", channel.id),
            lambda: [message.shown for message in server.messages(channel)],
            lambda text: server.user_says(channel, f"/sanctions {text}"),
            finds=True,
        )


async def web_stage(request: pytest.FixtureRequest) -> AsyncIterator[Stage]:
    store = SqlStore(request.getfixturevalue("sqlite_url"))

    def read() -> list[str]:
        with store.reading() as records:
            posts = sorted(records.latest_posts(50), key=lambda post: post.id)
        return [" ".join([post.message.title, *post.message.bullets]) for post in posts]

    yield Stage(WebPlatform(store), CONSOLE, read, finds=True, unstarted_fails=False)
    store.close()


async def terminal_stage(request: Any) -> AsyncIterator[Stage]:
    out = io.StringIO()
    platform = TerminalPlatform(Console(file=out, width=200))

    def read() -> list[str]:
        return out.getvalue().split("╭")[1:]

    yield Stage(platform, TERMINAL, read, edits=Edits.TOLD_AGAIN, unstarted_fails=False)


async def webhook_stage(request: pytest.FixtureRequest) -> AsyncIterator[Stage]:
    store = SqlStore(request.getfixturevalue("sqlite_url"))
    async with Receiver() as receiver, HttpFetcher(allow_hosts=frozenset({"127.0.0.1"})) as fetcher:
        yield Stage(
            WebhookPlatform(store, {"desk": receiver.url}, "a secret of sixteen", fetcher.post),
            ChatKey("webhook", "desk"),
            lambda: [call.body["text"] for call in receiver.calls],
            edits=Edits.TOLD_AGAIN,
        )
    store.close()


async def apprise_stage(request: Any) -> AsyncIterator[Stage]:
    async with Receiver() as receiver:
        yield Stage(
            ApprisePlatform({"desk": receiver.url.replace("http://", "json://")}),
            ChatKey("apprise", "desk"),
            lambda: [f"{call.body['title']}\n{call.body['message']}" for call in receiver.calls],
            edits=Edits.NONE,
        )


STAGES = {
    "telegram": telegram_stage,
    "slack": slack_stage,
    "web": web_stage,
    "terminal": terminal_stage,
    "webhook": webhook_stage,
    "apprise": apprise_stage,
}


@pytest.fixture(params=STAGES)
async def stage(request: pytest.FixtureRequest) -> AsyncIterator[Stage]:
    async for stage in STAGES[request.param](request):
        yield stage


@pytest.fixture
async def started(stage: Stage) -> AsyncIterator[Stage]:
    await stage.platform.start(answer)
    yield stage
    await stage.platform.stop()


def test_every_notifier_is_asked() -> None:
    assert set(NOTIFIERS) <= set(STAGES), "a stage for each: what it promises is tested by them"


def test_its_name_is_the_platform_of_its_chats(stage: Stage) -> None:
    assert stage.platform.name == stage.chat.platform


async def test_a_message_arrives_as_it_was_written(started: Stage) -> None:
    receipt = await started.platform.send(started.chat, ALERT)
    assert receipt.chat == started.chat
    assert receipt.message_id
    (shown,) = started.read()
    # The joiner that keeps an @name from notifying anybody is invisible.
    assert "Volga Metals — new US sanctions <b>&amp; @everyone <!channel>" in shown.replace("\u2060", "")
    assert "OFAC added the firm to the SDN list" in shown


async def test_two_messages_have_two_receipts(started: Stage) -> None:
    receipts = [await started.platform.send(started.chat, ALERT) for _ in range(2)]
    assert len({receipt.message_id for receipt in receipts}) == 2
    assert len(started.read()) == 2


async def test_an_edit_brings_the_message_up_to_date(started: Stage) -> None:
    receipt = await started.platform.send(started.chat, ALERT)
    changed = Message("Volga Metals — new US and EU sanctions", severity=Severity.HIGH)
    edited = await started.platform.edit(receipt, changed)
    assert isinstance(edited, Receipt)
    assert edited.chat == started.chat
    shown = started.read()
    if started.edits is not Edits.NONE:
        assert "US and EU" in shown[-1]
    if started.edits is not Edits.TOLD_AGAIN:
        assert (edited, len(shown)) == (receipt, 1)


async def test_an_edit_of_a_message_that_is_gone_arrives_as_a_new_one(started: Stage) -> None:
    known = await started.platform.send(started.chat, ALERT)
    edited = await started.platform.edit(Receipt(known.chat, "987654"), Message("Said anew"))
    if started.edits is not Edits.NONE:
        assert "Said anew" in started.read()[-1]
    if started.edits is Edits.IN_PLACE:
        assert edited.message_id != "987654"


async def test_a_reply_refers_to_its_message_and_arrives(started: Stage) -> None:
    receipt = await started.platform.send(started.chat, ALERT)
    await started.platform.send(started.chat, Message("Also named: Oleg Orlenko"), reply_to=receipt, silent=True)
    assert "Also named: Oleg Orlenko" in started.read()[-1]


async def test_an_alert_that_answers_an_old_one_arrives_as_an_alert(started: Stage) -> None:
    receipt = await started.platform.send(started.chat, ALERT)
    lifted = Message("Volga Metals — US sanctions eased or lifted", severity=Severity.LOW)
    await started.platform.send(started.chat, lifted, reply_to=receipt, aloud=True)
    shown = started.read()[-1]
    assert "US sanctions eased or lifted" in shown
    if started.platform.name == "terminal":
        assert " Alert " in shown


async def test_what_arrived_is_found_by_its_mark_or_the_platform_says_that_it_cannot_look(started: Stage) -> None:
    since = datetime.now(UTC)
    receipt = await started.platform.send(started.chat, ALERT, mark="delivery-1")
    reply = await started.platform.send(started.chat, Message("More"), reply_to=receipt, mark="delivery-2")
    found = await started.platform.find_sent(started.chat, "delivery-1", since)
    answered = await started.platform.find_sent(started.chat, "delivery-2", since, reply_to=receipt)
    absent = await started.platform.find_sent(started.chat, "delivery-3", since)
    if started.finds:
        assert (found, answered, absent) == (receipt, reply, Sight.ABSENT)
    else:
        assert {found, answered, absent} == {Sight.UNKNOWN}


async def test_sends_may_run_side_by_side(started: Stage) -> None:
    messages = [Message(f"Number {number}.", severity=Severity.LOW) for number in range(8)]
    receipts = await asyncio.gather(*(started.platform.send(started.chat, message) for message in messages))
    assert len({receipt.message_id for receipt in receipts}) == 8
    shown = "\n".join(started.read())
    assert all(message.title in shown for message in messages)


async def test_a_command_is_answered(started: Stage) -> None:
    if started.say is None:
        # asked by its pages, tested there; the others take none
        assert started.platform.name in ("web", "terminal", *NOTIFIERS)
        return
    await started.say("latest 3")
    async with asyncio.timeout(5):
        while not started.read():
            await asyncio.sleep(0.01)
    assert re.search("You said: .{0,2}latest 3", started.read()[0]), "with the slash, where commands begin so"


async def test_it_stops_twice_and_starts_again(stage: Stage) -> None:
    await stage.platform.stop()
    for _ in range(2):
        await stage.platform.start(answer)
        await stage.platform.send(stage.chat, ALERT)
        await stage.platform.stop()
    await stage.platform.stop()
    assert len(stage.read()) == 2


async def test_before_it_is_connected_a_send_fails_for_now_only(stage: Stage) -> None:
    if not stage.unstarted_fails:
        await stage.platform.send(stage.chat, ALERT)
        assert len(stage.read()) == 1
        return
    with pytest.raises(DeliveryError) as caught:
        await stage.platform.send(stage.chat, ALERT)
    assert not caught.value.permanent
    assert not caught.value.uncertain


def test_its_pace_and_health_can_be_told_at_any_time(stage: Stage) -> None:
    for kind in ChatKind:
        spacing = stage.platform.spacing(Chat(stage.chat, kind))
        assert all(timedelta(0) <= wait <= timedelta(seconds=10) for wait in spacing)
    assert stage.platform.health()
