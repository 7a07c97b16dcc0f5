"""The whole bot: an alert to a webhook and the feed, trouble to the operations chat, the outbox on the command line."""

from __future__ import annotations

import asyncio
import urllib.request
from datetime import UTC, datetime, timedelta
from pathlib import Path

import feedparser
import pytest
from pydantic import SecretStr
from typer.testing import CliRunner

from bot import trouble
from bot.app import build
from bot.cli import cli
from bot.config import Settings
from bot.engine import DbosEngine
from bot.model import Chat, ChatKey, DeliveryKind, DeliveryState, Subscription, SubscriptionKind
from bot.seeding import seed
from bot.storage import SqlStore
from tests.fakes.receiver import Receiver
from tests.fakes.telegram_server import TelegramServer
from tests.scenario.conftest import DESIGNATION, FeedServer, eventually, running_bot, source
from tests.writing import add_delivery

SECRET = SecretStr("correct horse battery staple")


@pytest.mark.parametrize("tell", [False, True], ids=["found when it is sent", "told by Telegram"])
async def test_an_alert_reaches_a_webhook_and_the_feed_and_trouble_the_operations_chat(
    tmp_path: Path, feeds: FeedServer, monkeypatch: pytest.MonkeyPatch, tell: bool
) -> None:
    monkeypatch.setattr(trouble, "GATHER", timedelta(0))
    feeds.publish("wire")
    async with TelegramServer() as telegram, Receiver() as receiver:
        ana, ops = telegram.private("Ana"), telegram.private("Ops")
        settings = {
            "telegram_token": SecretStr(telegram.token),
            "telegram_api_url": telegram.url,
            "webhooks": SecretStr(f"desk={receiver.url}"),
            "webhook_secret": SECRET,
            "ops_chat": f"telegram:{ops.id}",
            "fetch_allow_hosts": [feeds.host, "127.0.0.1"],
        }
        async with running_bot(tmp_path, feeds, source(feeds, "wire"), **settings) as bot:
            with bot.store.writing() as records:
                key = ChatKey("telegram", str(ana.id))
                records.save_chat(Chat(key))
                records.add_subscription(Subscription(key, SubscriptionKind.EVERYTHING))
            await telegram.block_bot(ana, tell=tell)
            feeds.publish("wire", ("act", "New round against Russia", DESIGNATION))
            await eventually(lambda: receiver.calls, 40)
            document = receiver.calls[0].body
            assert document["kind"] == "alert"
            assert {target["entity"] for target in document["event"]["targets"]} == {"VSM", "ORL"}

            (told,) = await telegram.wait_messages(ops, 1, seconds=40)
            assert "the user blocked the bot" in told.text
            assert telegram.messages(ana) == []

            def read() -> bytes:
                with urllib.request.urlopen(f"{bot.console_url}feed.atom") as answer:
                    assert answer.headers["Content-Type"].startswith("application/atom+xml")
                    body: bytes = answer.read()
                    return body

            feed = feedparser.parse(await asyncio.to_thread(read))
            assert "Volga" in feed.entries[0].title


def test_an_address_that_leaves_the_settings_stops_and_comes_back(tmp_path: Path) -> None:
    def start(webhooks: str) -> dict[str, str | None]:
        settings = Settings().model_copy(
            update={"data_dir": tmp_path, "webhooks": SecretStr(webhooks), "webhook_secret": SECRET}
        )
        bot = build(settings, {})
        seed(bot, None)
        with bot.store.reading() as records:
            found = {chat.key.id: chat.stopped_reason for chat in records.chats() if chat.key.platform == "webhook"}
            assert all(records.subscriptions(ChatKey("webhook", name)) for name in found)
        bot.close()
        return found

    both = "desk=https://desk.example/ archive=https://archive.example/"
    assert start(both) == {"desk": None, "archive": None}
    assert start("desk=https://desk.example/") == {"desk": None, "archive": "it is not in the settings any more"}
    assert start(both) == {"desk": None, "archive": None}


@pytest.mark.parametrize(
    ("settings", "problem"),
    [
        ({"webhooks": "desk=https://desk.example/"}, "at least 16"),
        ({"webhooks": "https://desk.example/hunter2"}, "NAME="),
        ({"apprise": "a=json://x a=json://hunter2"}, "twice"),
        ({"ops_chat": "the desk"}, "is no chat"),
    ],
)
def test_what_is_set_wrongly_is_told_without_its_secret(settings: dict[str, str], problem: str) -> None:
    from bot.config import load_settings
    from bot.errors import ConfigError

    folder = Path("no-such-folder")
    values = {f"SANCTIONS_BOT_{name.upper()}": value for name, value in settings.items()}
    with pytest.MonkeyPatch.context() as patch:
        for name, value in values.items():
            patch.setenv(name, value)
        with pytest.raises(ConfigError, match=problem) as caught:
            load_settings(folder)
    assert "hunter2" not in str(caught.value)


def test_the_outbox_from_the_command_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SANCTIONS_BOT_DATA_DIR", str(tmp_path))
    url, now = f"sqlite:///{tmp_path / 'sanctions-bot.db'}", datetime.now(UTC)
    store = SqlStore(url)
    store.migrate()
    with store.writing() as records:
        number = add_delivery(records, "e1", ChatKey("telegram", "1"), DeliveryKind.ALERT, 1, now)
        assert number
        records.settle_delivery(number, DeliveryState.DEAD, now, "refused 3 times: text is empty")

    def outbox(*words: str) -> str:
        result = CliRunner().invoke(cli, ["outbox", *words])
        assert result.exit_code == (2 if "Not done" in result.output else 0), result.output
        return result.output

    assert "text is empty" in outbox()
    assert "sanctions-bot outbox retry" in outbox()
    assert "1 message that had been given up" in outbox("retry", "all")
    with store.reading() as records:
        row = records.delivery(number)
        assert row
        assert row.state is DeliveryState.WAITING
    engine = DbosEngine(url)
    assert asyncio.run(engine.waiting(now)) == 1
    engine.close()
    assert "is not sent" in outbox("drop", str(number), "a", "test")
    assert "Not done" in outbox("retry", "77")
    store.close()
