"""The whole bot, closed to strangers: the owner, an invitation link, anonymous administrators, and who is told."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from pydantic import SecretStr

from bot.chain import verify
from bot.errors import StoreError
from bot.model import Chat, ChatKey, Request, User
from bot.rights import ChatMode
from tests.fakes.slack_server import FakeChannel, FakeUser, SlackServer
from tests.fakes.telegram_server import FakeChat, TelegramServer
from tests.reading import judged_articles
from tests.scenario.conftest import DESIGNATION, FeedServer, eventually, running_bot, source

CLOSED = "I may not answer here yet"


@pytest.fixture
async def slack() -> AsyncIterator[SlackServer]:
    async with SlackServer() as server:
        yield server


async def test_a_second_process_that_may_not_run_leaves_the_first_ones_code_alone(
    tmp_path: Path, feeds: FeedServer
) -> None:
    """Started twice on one SQLite file, it prints no code; the one that was printed before must go on to work."""
    async with running_bot(tmp_path, feeds) as bot:
        with pytest.raises(StoreError):
            async with running_bot(tmp_path, feeds):
                pass
        console = Chat(ChatKey("web", "console"))
        asked = Request(console, User("web", "owner"), f"admin {bot.claim_code}")
        assert "You are the owner" in (await bot.answer(asked)).message.title


async def test_a_closed_bot_answers_and_alerts_those_alone_whom_its_people_let_in(
    tmp_path: Path, feeds: FeedServer, telegram: TelegramServer
) -> None:
    feeds.publish("wire")
    ana, ben, mallory = telegram.private("Ana"), telegram.private("Ben"), telegram.private("Mallory")
    desk = telegram.group("Desk", ben.members[0], admins=(ana.members[0],))
    settings = {"telegram_token": SecretStr(telegram.token), "telegram_api_url": telegram.url}
    async with running_bot(tmp_path, feeds, source(feeds, "wire"), allow_chats=ChatMode.LISTED, **settings) as bot:

        async def ask(chat: FakeChat, text: str, **how: bool) -> str:
            before = len(telegram.messages(chat))
            await telegram.user_says(chat, text, **how)
            return (await telegram.wait_messages(chat, before + 1, seconds=20))[-1].text

        assert CLOSED in await ask(mallory, "/subscribe everything")
        assert "You are the owner" in await ask(ana, f"/admin {bot.claim_code}")
        assert "Subscribed" in await ask(ana, "/subscribe everything")

        invitation = await ask(ana, "/invite editor")
        link = re.search(r"https://t\.me/sanctions_test_bot\?start=(\S+)", invitation)
        assert link
        assert CLOSED in await ask(ben, "/status")
        assert "Welcome: you are an editor" in await ask(ben, f"/start {link[1]}")
        assert "used already" in await ask(mallory, f"/start {link[1]}")
        assert "Now tracked" in await ask(ben, "/watch add Severin Trading House LLC | country=ru")
        assert "Subscribed" in await ask(ben, "/subscribe everything")

        assert CLOSED in await ask(desk, "/status", is_anonymous=True)
        await telegram.user_says(desk, "/admin allow chat here", user=ana.members[0])
        assert "Allowed: Desk" in (await telegram.wait_messages(desk, 2))[-1].text
        assert "Subscribed" in await ask(desk, "/subscribe everything", is_anonymous=True)
        await telegram.user_says(desk, "/admin forbid chat here", user=ana.members[0])
        told = len(await telegram.wait_messages(desk, 4))

        feeds.publish("wire", ("act", "New round against Russia", DESIGNATION))
        await eventually(lambda: all("Volga" in telegram.messages(chat)[-1].text for chat in (ana, ben)), 30)
        with bot.store.reading() as records:
            (record,) = judged_articles(records)
            rows = [chained.row for chained in records.audit_chain()]
            assert verify(records.audit_chain()).is_sound
        assert any("not on the list of allowed chats" in stage for stage in record.stages)
        assert len(telegram.messages(desk)) == told
        assert f"an anonymous administrator of chat telegram:{desk.id}" in {row.who for row in rows}
        assert {"first owner", "invite", "invitation used", "chat allowed", "chat forbidden"} <= {
            row.what for row in rows
        }


async def test_a_group_that_the_bot_comes_to_is_told_what_to_do_next(
    tmp_path: Path, feeds: FeedServer, telegram: TelegramServer, slack: SlackServer
) -> None:
    settings = {
        "telegram_token": SecretStr(telegram.token),
        "telegram_api_url": telegram.url,
        "slack_bot_token": SecretStr(slack.token),
        "slack_app_token": SecretStr(slack.app_token),
        "slack_api_url": slack.url,
    }
    ana, ben = telegram.user("Ana"), telegram.user("Ben")
    desk, news = telegram.group("Desk", ben, admins=(ana,)), telegram.channel("News")
    alerts = slack.channel("alerts")
    async with running_bot(tmp_path, feeds, **settings):
        await slack.wait_socket()
        await telegram.add_bot(news, as_admin=True)
        await telegram.add_bot(desk)
        (welcome,) = await telegram.wait_messages(desk)
        assert "an administrator of this chat chooses" in welcome.text
        assert welcome.labels[0] == "Subscribe to everything"
        await slack.happens({"type": "member_joined_channel", "user": "U0BOT", "channel": alerts.id})
        (greeting,) = await slack.wait_messages(alerts)
        assert "an administrator of this chat chooses" in greeting.shown

        await telegram.user_says(desk, "/subscribe everything", user=ana)
        await telegram.wait_messages(desk, 2)
        await telegram.add_bot(desk, as_admin=True)  # it is there already
        await telegram.remove_bot(desk)
        await telegram.add_bot(desk)
        again = (await telegram.wait_messages(desk, 3))[-1]
        assert "told of new sanctions on everything tracked" in again.text
        assert "not sent afterwards" in again.text
        assert "Show the last 10" in again.labels
        await telegram.user_says(desk, "/weather", user=ben)
        await telegram.user_says(desk, "/subscrib", user=ben)
        assert "Did you mean /subscribe?" in (await telegram.wait_messages(desk, 4))[-1].text
        assert telegram.messages(news) == []


async def test_slack_administrators_are_what_was_mapped(tmp_path: Path, feeds: FeedServer, slack: SlackServer) -> None:
    alerts, chief = slack.channel("alerts"), slack.user("Chief", is_owner=True)
    settings = {
        "slack_bot_token": SecretStr(slack.token),
        "slack_app_token": SecretStr(slack.app_token),
        "slack_api_url": slack.url,
    }
    async with running_bot(tmp_path, feeds, **settings) as bot:

        async def ask(channel: FakeChannel, text: str, user: FakeUser) -> str:
            before = len(slack.messages(channel))
            await slack.user_says(channel, f"/sanctions {text}", user=user)
            return (await slack.wait_messages(channel, before + 1))[-1].shown

        owner, other = slack.user("Dana"), slack.user("Eve")
        assert "You are the owner" in await ask(alerts, f"admin {bot.claim_code}", owner)
        assert "Subscribed" in await ask(alerts, "subscribe everything", chief)
        assert "Only an admin" in await ask(alerts, f"admin add slack:{other.id} editor here", chief)
        assert "are admins there" in await ask(alerts, "admin map slack-admins admin here", owner)
        assert "is an editor" in await ask(alerts, f"admin add slack:{other.id} editor here", chief)
        assert "Unsubscribed" in await ask(alerts, "unsubscribe everything", other)
        assert "are readers there" in await ask(alerts, "admin map slack-admins reader here", owner)
        assert "Only an administrator of this chat" in await ask(alerts, "subscribe everything", chief)
