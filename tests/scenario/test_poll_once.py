"""The whole bot by cron: `sanctions-bot poll`, again and again, and nothing that runs between."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from asyncio.subprocess import PIPE
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from pydantic import SecretStr

from bot import once
from bot.app import build
from bot.config import Settings
from bot.fetching import HttpAnswer
from bot.kept_pages import keep_page
from bot.model import Entry
from bot.once import Polled, poll_once
from bot.seeding import seed
from bot.sources import identity
from bot.storage import SqlStore
from bot.storage import tables as t
from bot.watchlist import parse_watchlist
from tests.fakes.receiver import Receiver
from tests.scenario.conftest import DESIGNATION, WATCHLIST, FeedServer, source

SECRET = "correct horse battery staple"


async def poll(folder: Path, feeds: FeedServer, *keys: str, **values: object) -> Polled:
    settings = {"data_dir": folder, "fetch_allow_hosts": [feeds.host, "127.0.0.1"], "lists": [], "web_port": 0}
    settings |= {"roles": ["deliver", "match", "poll"]} | values
    bot = build(Settings().model_copy(update=settings), {key: source(feeds, key) for key in keys}, official_lists={})
    seed(bot, parse_watchlist(WATCHLIST.encode(), "watchlist.csv"))
    try:
        return await poll_once(bot)
    finally:
        bot.close()


def rows(folder: Path, table: sa.Table) -> int:
    engine = sa.create_engine(f"sqlite:///{folder / 'sanctions-bot.db'}")
    with engine.connect() as connection:
        found = connection.scalar(sa.select(sa.func.count()).select_from(table))
    engine.dispose()
    return int(found or 0)


async def test_rounds_alone_drop_what_is_older_than_keep_and_pages_older_than_keep_pages(
    tmp_path: Path, feeds: FeedServer
) -> None:
    feeds.publish("wire", ("act", "New round against Russia", DESIGNATION))
    await poll(tmp_path, feeds, "wire")
    assert (rows(tmp_path, t.articles), rows(tmp_path, t.pages), rows(tmp_path, t.entries)) == (1, 1, 1)
    store = SqlStore(f"sqlite:///{tmp_path / 'sanctions-bot.db'}")
    old = datetime.now(UTC) - timedelta(days=100)
    entry = Entry("wire", "old", "https://old.example/1", "Old", "", published_at=old, first_seen_at=old)
    with store.writing() as records:
        records.add_entry(entry, identity(entry), "new")
        for days in (100, 400):
            answer = HttpAnswer(200, f"https://old.example/{days}", {}, b"<p>It was listed.</p>")
            records.keep_page(keep_page(f"a{days}", answer, datetime.now(UTC) - timedelta(days=days)))
    store.close()
    await poll(tmp_path, feeds, "wire")
    assert rows(tmp_path, t.entries) == 1, "of 100 days ago none, as keep is 90d"
    assert rows(tmp_path, t.pages) == 2, "that of 100 days ago stays, as keep_pages is 365d"
    await poll(tmp_path, feeds, "wire", keep_pages=timedelta(days=30))
    assert rows(tmp_path, t.pages) == 1


async def test_a_round_does_not_wait_for_a_chat_that_is_away_and_the_next_one_tells_it(
    tmp_path: Path, feeds: FeedServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(once, "PATIENCE", timedelta(seconds=1))
    feeds.publish("wire", ("act", "New round against Russia", DESIGNATION))
    async with Receiver() as desk, Receiver() as away:
        away.answers = [(503, {})] * 50
        hooks = {
            "webhooks": SecretStr(f"desk={desk.url} away={away.url}"),
            "webhook_secret": SecretStr(SECRET),
        }
        async with asyncio.timeout(60):
            polled = await poll(tmp_path, feeds, "wire", **hooks)
        assert polled.lines[-1] == "1 articles judged, 1 events opened, 1 still to send"
        assert len(desk.calls) == 1
        feeds.publish("wire", ("next", "Another round: Volga Metals hit", ("Japan put sanctions on Volga Metals.",)))
        async with asyncio.timeout(60):
            await poll(tmp_path, feeds, "wire", **hooks)
        assert rows(tmp_path, t.articles) == 2, "the sources are read, whoever is away"
        away.answers.clear()
        monkeypatch.setattr(once, "PATIENCE", timedelta(minutes=2))
        polled = await poll(tmp_path, feeds, "wire", **hooks)
        assert polled.lines[-1].endswith("0 still to send")


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_a_round_that_is_stopped_ends_and_the_next_one_goes_on(
    tmp_path: Path, feeds: FeedServer, number: signal.Signals
) -> None:
    """As `timeout`, cron and systemd stop it."""
    feeds.publish("wire", ("act", "New round against Russia", DESIGNATION))
    config = tmp_path / "config"
    config.mkdir()
    (config / "watchlist.csv").write_text(WATCHLIST)
    (config / "sources.toml").write_text(
        f'[[sources]]\nkey = "wire"\ntitle = "Wire"\nurl = "{feeds.base}/wire.xml"\n'
        'first_run = "all"\nmax_age = "none"\n'
    )
    (config / "sanctions-bot.toml").write_text(
        f'data_dir = "{tmp_path}"\nlists = []\nfetch_allow_hosts = ["127.0.0.1"]\n'
    )
    async with Receiver() as desk:
        desk.answers = [(503, {})]
        hooks = {"SANCTIONS_BOT_WEBHOOKS": f"desk={desk.url}", "SANCTIONS_BOT_WEBHOOK_SECRET": SECRET}
        arguments = (sys.executable, "-m", "bot", "poll", "--config", str(config))
        process = await asyncio.create_subprocess_exec(
            *arguments, stdout=PIPE, stderr=PIPE, env={**os.environ, **hooks}
        )
        try:
            async with asyncio.timeout(90):
                while not desk.calls:
                    await asyncio.sleep(0.05)
            process.send_signal(number)
            _, errors = await asyncio.wait_for(process.communicate(), 25)
        finally:
            if process.returncode is None:
                process.kill()
                await process.wait()
        assert process.returncode == 1
        assert b"Traceback" not in errors
        assert b"the next poll goes on with the rest" in errors
        process = await asyncio.create_subprocess_exec(
            *arguments, stdout=PIPE, stderr=PIPE, env={**os.environ, **hooks}
        )
        told, errors = await asyncio.wait_for(process.communicate(), 90)
        assert process.returncode == 0, errors
        assert told.endswith(b" 0 still to send\n")
        assert len(desk.calls) == 2
