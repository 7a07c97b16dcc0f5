"""Webhooks, Apprise and the Atom feed, over real HTTP on loopback: what is particular to each."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import hmac
import importlib
import re
import time
from collections.abc import AsyncIterator, Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from xml.etree import ElementTree as ET

import feedparser
import pytest
from pydantic import SecretStr

from bot.config import Settings
from bot.connections import NOT_SET, keep_notified, notifiers
from bot.errors import ConfigError, DeliveryError
from bot.fetching import HttpFetcher
from bot.model import (
    NOTIFIERS,
    Action,
    ChatKey,
    Entity,
    Event,
    EventSource,
    EventTarget,
    Link,
    Message,
    Quote,
    Receipt,
    Reply,
    Request,
    Schema,
    Severity,
    Tier,
    Verdict,
    Watchlist,
    WithdrawnTarget,
)
from bot.platforms.apprise import MAIL_TRIES, ApprisePlatform
from bot.platforms.web.feed import render_feed
from bot.platforms.webhook import WebhookPlatform, document
from bot.ports import Post
from bot.storage import SqlStore
from tests.fakes.receiver import Receiver
from tests.writing import track

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
DESK = ChatKey("webhook", "desk")
SECRET = "correct horse battery staple"
ALERT = Message(
    "Volga Metals — new US sanctions", Severity.HIGH, bullets=("Added",), actions=(Action("Details", data="why e1"),)
)


async def answer(request: Request) -> Reply:
    return Reply(Message(""))


def is_genuine(header: str, body: bytes, secret: str, now: float) -> bool:
    """As docs/webhook.md tells receivers to check it."""
    fields = dict(part.split("=", 1) for part in header.split(","))
    wanted = hmac.new(secret.encode(), fields["t"].encode() + b"." + body, hashlib.sha256).hexdigest()
    return hmac.compare_digest(wanted, fields["v1"]) and abs(now - int(fields["t"])) < 300


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    async with Receiver() as made:
        yield made


@pytest.fixture
async def webhook(sqlite_url: str, receiver: Receiver) -> AsyncIterator[WebhookPlatform]:
    store = SqlStore(sqlite_url)
    target = EventTarget(
        "VSM", "Volga Metals", Verdict.NEW_SANCTIONS, 0.9, "It was listed.", "VM", "https://a.example", "Wire"
    )
    source = EventSource("a", "https://a.example", "Wire", "Listed", Tier.WIRE, NOW, NOW)
    event = Event(
        "e1", Verdict.NEW_SANCTIONS, ("US",), "Russia", date(2026, 3, 1), NOW, NOW, (target,), (source,), ("Added",)
    )
    with store.writing() as records:
        records.save_event(event)
    async with HttpFetcher(allow_hosts=frozenset({"127.0.0.1"}), timeout=timedelta(seconds=5)) as fetcher:
        platform = WebhookPlatform(store, {"desk": receiver.url}, SECRET, fetcher.post)
        await platform.start(answer)
        yield platform
    store.close()


async def test_an_alert_is_the_event_signed_with_the_time(webhook: WebhookPlatform, receiver: Receiver) -> None:
    receipt = await webhook.send(DESK, ALERT, mark="delivery-7")
    (call,) = receiver.calls
    assert receipt == Receipt(DESK, "delivery-7")
    assert (call.body["format"], call.body["id"], call.body["kind"]) == (1, "delivery-7", "alert")
    assert call.body["severity"] == "high"
    assert call.headers["Idempotency-Key"] == "delivery-7"
    event = call.body["event"]
    assert (event["id"], event["authorities"], event["programme"], event["acted_on"]) == (
        "e1",
        ["US"],
        "Russia",
        "2026-03-01",
    )
    assert event["targets"][0]["name"] == "Volga Metals"
    assert event["sources"][0]["url"] == "https://a.example"
    signature = call.headers["X-Signature"]
    assert is_genuine(signature, call.raw, SECRET, time.time())
    assert not is_genuine(signature, call.raw + b" ", SECRET, time.time())
    assert not is_genuine(signature, call.raw, "another secret, as long", time.time())
    assert not is_genuine(signature, call.raw, SECRET, time.time() + 600), "an old one is not taken again"


async def test_targets_of_a_watchlist_that_the_address_is_not_told_of_are_left_out(
    sqlite_url: str, webhook: WebhookPlatform, receiver: Receiver
) -> None:
    store = SqlStore(sqlite_url)
    with store.writing() as records:
        records.add_watchlist(Watchlist("oil", "Oil", NOW, "test"))
        track(records, Entity("SEC", Schema.COMPANY, "Zarya Secret Works", watchlist="oil"), "test", NOW)
        event = records.event("e1")
        assert event
        secret = replace(event.targets[0], entity="SEC", caption="Zarya Secret Works")
        records.save_event(replace(event, targets=(*event.targets, secret)))
    await webhook.send(DESK, ALERT)
    with store.writing() as records:
        records.save_event(replace(event, targets=(secret,)))
    await webhook.send(DESK, ALERT)
    with store.writing() as records:
        records.set_watchlists(DESK, ["oil"])
    await webhook.send(DESK, ALERT)
    store.close()
    events = [call.body["event"] for call in receiver.calls]
    told = [event and [target["entity"] for target in event["targets"]] for event in events]
    assert told == [["VSM"], None, ["SEC"]]


async def test_the_same_version_has_the_same_key_and_another_another(
    webhook: WebhookPlatform, receiver: Receiver
) -> None:
    receipt = await webhook.send(DESK, ALERT, mark="delivery-7")
    for title in ("One", "One", "Two"):
        await webhook.edit(receipt, Message(title))
    await webhook.send(DESK, Message("More"), reply_to=receipt, mark="delivery-8")
    await webhook.send(DESK, Message("Eased or lifted"), reply_to=receipt, aloud=True, mark="delivery-9")
    keys = [call.headers["Idempotency-Key"] for call in receiver.calls]
    assert keys[1] == keys[2] != keys[3]
    kinds = ["alert", "update", "update", "update", "follow_up", "alert"]
    assert [call.body["kind"] for call in receiver.calls] == kinds
    assert receiver.calls[1].body["event"] is None


@pytest.mark.parametrize(
    ("status", "headers", "expected"),
    [
        (500, {}, {}),
        (410, {}, {"permanent": True}),
        (422, {}, {"refused": True}),
        (429, {"Retry-After": "7"}, {"retry_after": timedelta(seconds=7)}),
        (429, {"Retry-After": "9" * 30}, {"retry_after": timedelta(days=1)}),
        (429, {}, {"retry_after": timedelta(seconds=30)}),
        (502, {}, {"uncertain": True}),
        (302, {"Location": "http://127.0.0.1:1/"}, {}),
        (401, {}, {}),
    ],
)
async def test_what_the_receiver_answers_decides_what_follows(
    webhook: WebhookPlatform, receiver: Receiver, status: int, headers: dict[str, str], expected: dict[str, object]
) -> None:
    receiver.answers = [(status, headers)]
    with pytest.raises(DeliveryError, match=str(status)) as caught:
        await webhook.send(DESK, ALERT)
    error = caught.value
    found = {name: getattr(error, name) for name in ("permanent", "refused", "retry_after", "uncertain")}
    assert {name: value for name, value in found.items() if value} == expected
    assert len(receiver.calls) == 1, "no redirect is followed"


async def test_a_lost_answer_is_uncertain_and_no_connection_is_not(sqlite_url: str, receiver: Receiver) -> None:
    store = SqlStore(sqlite_url)
    addresses = {"desk": receiver.url, "nobody": "http://127.0.0.1:9/", "inside": "http://10.0.0.1/"}
    async with HttpFetcher(allow_hosts=frozenset({"127.0.0.1"})) as fetcher:
        platform = WebhookPlatform(store, addresses, SECRET, fetcher.post)
        await platform.start(answer)
        receiver.answers = ["close"]
        outcomes = {}
        for name in (*addresses, "unknown"):
            with pytest.raises(DeliveryError) as caught:
                await platform.send(ChatKey("webhook", name), ALERT)
            outcomes[name] = (caught.value.uncertain, caught.value.permanent)
    store.close()
    assert outcomes == {
        "desk": (True, False),
        "nobody": (False, False),
        "inside": (False, True),
        "unknown": (False, False),
    }


# ---------------------------------------------------------------- Apprise


async def test_apprise_sends_plain_text_and_tells_no_address(receiver: Receiver) -> None:
    address = receiver.url.replace("http://", "json://user:hunter2@")
    platform = ApprisePlatform({"desk": address})
    await platform.start(answer)
    chat = ChatKey("apprise", "desk")
    await platform.send(chat, Message("Volga <b>", bullets=("a & b",)))
    (call,) = receiver.calls
    assert (call.body["title"], "a & b" in call.body["message"]) == ("Volga <b>", True)
    receiver.answers = [(500, {})] * 3
    with pytest.raises(DeliveryError) as caught:
        await platform.send(chat, ALERT)
    assert caught.value.uncertain
    assert "hunter2" not in f"{caught.value}{platform.health()}"


async def test_apprise_lets_an_article_notify_nobody(receiver: Receiver) -> None:
    platform = ApprisePlatform({"desk": receiver.url.replace("http://", "json://")})
    await platform.start(answer)
    shouts = "Hey @everyone, <!channel> and <@&7>"
    address = "https://w.example/@desk/1"
    message = Message(
        shouts,
        paragraphs=(shouts,),
        bullets=(shouts,),
        quotes=(Quote(shouts, shouts),),
        sources=(Link("@here", address),),
    )
    await platform.send(ChatKey("apprise", "desk"), message)
    sent = receiver.calls[0].body
    told = f"{sent['title']} {sent['message']}"
    assert told.count("everyone") == 6
    assert address in told
    for live in ("@everyone", "<!channel", "<@", "@here"):
        assert live not in told


class MailServer:
    """As much of SMTP as takes a mail, on loopback. `refused`: what it answers to these recipients."""

    def __init__(self, refused: Mapping[str, str] = {}) -> None:
        self.mails: list[EmailMessage] = []
        self.refused = dict(refused)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"220 here\r\n")
        while line := await reader.readline():
            word = line[:4].upper()
            if word == b"DATA":
                writer.write(b"354 go on\r\n")
                raw = await reader.readuntil(b"\r\n.\r\n")
                self.mails.append(message_from_bytes(raw[:-3], policy=policy.default))
            refusal = next((said for who, said in self.refused.items() if word == b"RCPT" and who.encode() in line), "")
            writer.write(f"{refusal}\r\n".encode() if refusal else b"221 bye\r\n" if word == b"QUIT" else b"250 ok\r\n")
            if word == b"QUIT":
                break
        writer.close()


async def test_mails_on_one_alert_are_one_thread_under_one_subject() -> None:
    mailbox = MailServer()
    server = await asyncio.start_server(mailbox.serve, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    address = f"mailto://127.0.0.1:{port}?from=bot@a.example&to=desk@b.example&mode=insecure&+X-Desk=7"
    async with server:
        platform = ApprisePlatform({"desk": address})
        await platform.start(answer)
        chat = ChatKey("apprise", "desk")
        receipt = await platform.send(chat, ALERT, mark="delivery-7")
        other = await platform.send(chat, replace(ALERT, title="Zarya — new EU sanctions"), mark="delivery-8")
        follow_up = Message("Withdrawn by Ana: last year's list", subtitle="To the alert: Volga Metals")
        await platform.send(chat, follow_up, reply_to=receipt, mark="delivery-9")
        old = Receipt(chat, "delivery-2")  # as receipts were before mails had threads
        await platform.send(chat, follow_up, reply_to=old, mark="delivery-10")
    first, apart, reply, late = mailbox.mails
    assert [mail["Subject"] for mail in mailbox.mails] == [
        "Volga Metals — new US sanctions",
        "Zarya — new EU sanctions",
        "Re: Volga Metals — new US sanctions",
        "Withdrawn by Ana: last year's list",
    ]
    assert first["References"] == reply["References"] == reply["In-Reply-To"]
    assert len({first["References"], apart["References"], late["References"]}) == 3
    assert first["In-Reply-To"] is apart["In-Reply-To"] is None
    assert "Withdrawn by Ana" in reply.get_content().splitlines()[0], "what is new is the first that is read"
    assert {mail["X-Desk"] for mail in mailbox.mails} == {"7"}
    assert other != receipt


@contextlib.asynccontextmanager
async def mailing(mailbox: MailServer, query: str) -> AsyncIterator[ApprisePlatform]:
    server = await asyncio.start_server(mailbox.serve, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    async with server:
        platform = ApprisePlatform({"desk": f"mailto://127.0.0.1:{port}?from=bot@a.example&mode=insecure&{query}"})
        await platform.start(answer)
        for part in platform._services["desk"]:
            part.plugin.request_rate_per_sec = 0  # nothing is to be waited for
        yield platform


async def test_who_has_a_mail_gets_it_once_while_it_is_tried_again_for_another() -> None:
    mailbox, chat = MailServer({"left@": "451 4.7.1 try later"}), ChatKey("apprise", "desk")
    async with mailing(mailbox, "to=desk@b.example,left@b.example") as platform:
        for _ in range(3):
            with pytest.raises(DeliveryError, match=r"left@b\.example: 451 4\.7\.1 try later") as caught:
                await platform.send(chat, ALERT, mark="delivery-7")
            assert not caught.value.uncertain, "it was refused, not lost"
        assert [mail["To"] for mail in mailbox.mails] == ["desk@b.example"]
        mailbox.refused.clear()
        await platform.send(chat, ALERT, mark="delivery-7")
        assert [mail["To"] for mail in mailbox.mails] == ["desk@b.example", "left@b.example"]
        assert mailbox.mails[0]["References"] == mailbox.mails[1]["References"]


async def test_a_mail_that_one_of_many_never_takes_counts_as_sent_and_is_trouble() -> None:
    mailbox, chat, troubles = MailServer({"left@": "550 5.1.1 no such user"}), ChatKey("apprise", "desk"), []
    async with mailing(mailbox, "to=desk@b.example,left@b.example") as platform:
        platform.on_trouble = troubles.append
        for tries in range(1, MAIL_TRIES + 1):
            try:
                receipt = await platform.send(chat, ALERT, mark="delivery-7")
            except DeliveryError:
                continue
            assert tries == MAIL_TRIES
        with pytest.raises(DeliveryError):
            await platform.send(chat, Message("Withdrawn"), reply_to=receipt, mark="delivery-9")
    assert [mail["Subject"] for mail in mailbox.mails] == [ALERT.title, f"Re: {ALERT.title}"]
    (trouble,) = troubles
    assert "left@b.example: 550 5.1.1 no such user" in trouble


async def test_a_mail_that_nobody_takes_is_tried_on_and_says_what_the_server_said() -> None:
    mailbox, chat = MailServer({"@b.example": "550 5.7.1 blocked"}), ChatKey("apprise", "desk")
    async with mailing(mailbox, "to=desk@b.example") as platform:
        for _ in range(MAIL_TRIES + 2):
            with pytest.raises(DeliveryError, match=r"550 5\.7\.1 blocked"):
                await platform.send(chat, ALERT, mark="delivery-7")


async def test_without_the_library_the_error_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    def absent(name: str) -> None:
        raise ImportError(name)

    monkeypatch.setattr(importlib, "import_module", absent)
    with pytest.raises(ConfigError, match=r"pip install 'sanctions-bot\[apprise\]'"):
        await ApprisePlatform({"desk": "json://localhost"}).start(answer)


async def test_an_address_that_apprise_does_not_know_is_named_and_not_shown() -> None:
    with pytest.raises(ConfigError, match="desk") as caught:
        await ApprisePlatform({"desk": "nosuch://hunter2"}).start(answer)
    assert "hunter2" not in str(caught.value)


# ---------------------------------------------------------------- Atom


def post(number: int, message: Message, edited: datetime | None = None) -> Post:
    return Post(number, number, ChatKey("web", "console"), "e1", message, NOW, edited)


def test_the_feed_is_atom_with_ids_that_stay_and_times_that_move() -> None:
    hostile = Message(
        "A <script> & \x0b \ufffe title", bullets=("]]> point",),
        sources=(Link("Wire & co", "https://a.example/?a=1&b=2"), Link("bad", "javascript:alert(1)")),
    )  # fmt: skip
    before = render_feed([post(2, hostile), post(1, ALERT)], "http://localhost:8321/", NOW)
    later = NOW + timedelta(hours=1)
    withdrawn = Message("Volga Metals — new US sanctions", withdrawn=True)
    after = render_feed([post(2, hostile), post(1, withdrawn, later)], "http://other.example/", NOW)
    root = ET.fromstring(before)
    assert root.tag == "{http://www.w3.org/2005/Atom}feed"
    for required in ("id", "title", "updated", "author"):
        assert root.find(f"{{http://www.w3.org/2005/Atom}}{required}") is not None
    first, second = feedparser.parse(before), feedparser.parse(after)
    assert not first.bozo
    assert not second.bozo
    assert [entry.id for entry in first.entries] == [entry.id for entry in second.entries]
    assert len({entry.id for entry in first.entries}) == 2
    assert "<script>" in ET.tostring(root, encoding="unicode").replace("&lt;", "<").replace("&gt;", ">")
    assert [link.href for link in first.entries[0].links] == ["https://a.example/?a=1&b=2"]
    assert second.entries[1].title.startswith("Withdrawn")
    assert second.entries[1].updated == "2026-03-02T10:00:00Z"
    assert second.entries[1].published == "2026-03-02T09:00:00Z"


def test_an_empty_feed_is_valid_too() -> None:
    assert not feedparser.parse(render_feed([], "http://localhost/", NOW)).bozo


# ---------------------------------------------------------------- what every notifier needs


def test_the_documented_fields_are_those_that_are_posted() -> None:
    page = Path("docs/webhook.md").read_text(encoding="utf-8").split("## Document")[1].split("\n## ")[0]
    cells = [line.split("|")[1] for line in page.splitlines() if line.startswith("| `")]
    documented = {name.replace("[]", "") for cell in cells for name in re.findall(r"`([^`]+)`", cell)}
    posted = set(document("alert", "7", ALERT, gone_in_part()))
    event = document("alert", "7", ALERT, gone_in_part())["event"]
    assert documented == posted | {f"event.{name}" for name in event}
    for name in ("targets", "withdrawn_targets", "sources"):
        (row,) = (line for line in page.splitlines() if line.startswith(f"| `event.{name}[]`"))
        assert {field for field in event[name][0] if f"`{field}`" not in row} == set()


def gone_in_part() -> Event:
    target = EventTarget(
        "VSM", "Volga Metals", Verdict.NEW_SANCTIONS, 0.9, "Listed.", "VM", "https://a.example", "Wire"
    )
    source = EventSource("a", "https://a.example", "Wire", "Listed", Tier.WIRE, NOW, NOW)
    event = Event("e1", Verdict.NEW_SANCTIONS, ("US",), "Russia", None, NOW, NOW, (target,), (source,))
    return replace(event, withdrawn_targets=(WithdrawnTarget(target, "spared", "terminal:owner", NOW),))


def with_an_address_of_each() -> Settings:
    addresses = dict.fromkeys(NOTIFIERS.values(), SecretStr("desk=json://desk.example"))
    return Settings(**(addresses | {"webhook_secret": SecretStr(SECRET)}))


def test_a_platform_is_made_of_each_notifiers_setting(sqlite_url: str) -> None:
    store = SqlStore(sqlite_url)
    made = {platform.name for platform in notifiers(with_an_address_of_each(), store, HttpFetcher())}
    assert made == set(NOTIFIERS), "bot.connections.notifiers makes them"
    store.close()


@pytest.mark.parametrize("setting", NOTIFIERS.values())
def test_an_address_without_a_name_is_refused(setting: str) -> None:
    with pytest.raises(ValueError, match="must be NAME="):
        Settings(**{setting: SecretStr("https://desk.example")})


def test_each_notifier_has_the_chats_of_its_setting_and_loses_them_with_it(sqlite_url: str) -> None:
    settings = with_an_address_of_each()
    store = SqlStore(sqlite_url)
    with store.writing() as records:
        keep_notified(records, settings, NOW)
        assert {chat.key for chat in records.chats()} == {ChatKey(platform, "desk") for platform in NOTIFIERS}
        keep_notified(records, Settings(), NOW)
        assert {chat.stopped_reason for chat in records.chats()} == {NOT_SET}
        keep_notified(records, settings, NOW)
        assert {chat.stopped_reason for chat in records.chats()} == {None}
    store.close()
