"""The whole bot in a Telegram chat with files: a list that waits for a word, long work, a picture that is drawn."""

from __future__ import annotations

import asyncio
import threading
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from pydantic import SecretStr

from bot.commands import table
from bot.commands.asking import Ask, Command, Show, reply
from bot.commands.phrases import progress
from bot.model import Attachment, Event, EventSource, EventTarget, Reply, Tier, Verdict
from tests.fakes.telegram_server import TelegramServer
from tests.scenario.conftest import FeedServer, running_bot, source


async def test_files_pictures_and_long_work(
    tmp_path: Path, feeds: FeedServer, telegram: TelegramServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    go = threading.Event()

    def count(ask: Ask) -> Reply:
        def work(show: Show) -> Reply:
            assert ask.request.attachment
            show(progress("Counting", 1, 2, "lines"))
            assert go.wait(20)
            lines = ask.request.attachment.content.count(b"\n")
            return replace(reply(f"{lines} lines"), attachment=Attachment("count.csv", b"lines\n"))

        return ask.run_long(work)

    monkeypatch.setitem(table._BY_NAME, "count", Command("count", "", "", (), "count", count))
    feeds.publish("wire")
    ana = telegram.private("Ana")
    settings = {"telegram_token": SecretStr(telegram.token), "telegram_api_url": telegram.url}
    async with running_bot(tmp_path, feeds, source(feeds, "wire"), **settings) as bot:
        await telegram.user_sends(ana, "names.csv", b"name\nVolga Metals\n")
        (choice,) = await telegram.wait_messages(ana, 1, seconds=30)
        assert "names.csv, 18 bytes: look up the names in it?" in choice.text
        assert choice.labels == ["Look up the names"], "Ana has no role"

        await telegram.user_sends(ana, "names.csv", b"name\nVolga Metals\n", caption="/count")
        begun, shown = (await telegram.wait_messages(ana, 3, seconds=30))[1:]
        assert "Begun" in begun.text
        assert "50% · 1 of 2 lines" in shown.text
        go.set()
        done = (await telegram.wait_messages(ana, 4, seconds=30))[-1]
        assert done.text == "2 lines"
        assert done.file
        assert done.file.name == "count.csv"

        now = datetime.now(UTC)
        target = EventTarget("VSM", "Volga Shipping and Metals JSC", Verdict.NEW_SANCTIONS, 0.9, "", "", "", "Wire")
        seen = EventSource("a1", f"{feeds.base}/a", "Wire", "New round", Tier.WIRE, now, now)
        with bot.store.writing() as records:
            records.save_event(
                Event("e1", Verdict.NEW_SANCTIONS, ("US",), "Russia", None, now, now, (target,), (seen,))
            )
        await telegram.user_says(ana, "/timeline Volga Metals")
        picture = (await telegram.wait_messages(ana, 5, seconds=60))[-1]
        assert picture.file
        assert picture.file.kind == "photo"
        assert "New US sanctions (Russia)" in picture.text

        go.clear()
        await telegram.user_sends(ana, "names.csv", b"name\n", caption="/count")
        await telegram.wait_messages(ana, 7, seconds=30)  # begun, and how far it is
    told = [message.text for message in telegram.messages(ana)]
    go.set()
    assert any("Given up: the bot is being stopped" in text for text in told)
    await asyncio.sleep(0)
