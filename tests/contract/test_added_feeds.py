"""Feeds that are added by a command: kept on both databases, and changed from the command line."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from typer.testing import CliRunner, Result

from bot.cli import cli
from bot.model import AddedFeed, ChatKey, Entry, FeedState, PendingEdit, PendingKind, Source, User
from bot.ports import EntryIdentity
from bot.sources import load_source, load_sources
from bot.sources.opml import read_opml
from bot.storage import SqlStore

NOW = datetime(2026, 3, 5, 12, tzinfo=UTC)
POST = Source("added:post", "Harbour Post", "https://post.example/feed")
RSS = (
    b'<rss version="2.0"><channel><title>Harbour Post</title><item><title>A tanker is listed</title>'
    b"<link>https://post.example/1</link></item></channel></rss>"
)


def test_an_added_feed_is_kept_and_changed(store: SqlStore) -> None:
    feed = AddedFeed(POST, "telegram:7", NOW)
    other = AddedFeed(replace(POST, key="added:a", url="https://a.example"), "telegram:7", NOW)
    with store.writing() as records:
        for one in (feed, other):
            records.save_added_feed(one)
        records.save_added_feed(replace(feed, state=FeedState.PAUSED))
    with store.reading() as records:
        assert records.added_feeds() == (other, replace(feed, state=FeedState.PAUSED))
        assert records.added_feed("added:post") == replace(feed, state=FeedState.PAUSED)
        assert records.added_feed("added:nobody") is None
        assert load_sources(records, {}) == {"added:a": other.source, "added:post": replace(POST, enabled=False)}
        assert load_source(records, {}, "added:post") == replace(POST, enabled=False)
        assert load_source(records, {}, "added:nobody") is None


def test_feeds_that_wait_to_be_confirmed_are_kept_whole(store: SqlStore) -> None:
    waits = NOW.replace(hour=13)
    chat = ChatKey("telegram", "1")
    pending = PendingEdit("c0de", PendingKind.FEEDS, User("telegram", "7"), chat, NOW, waits, "added", feeds=(POST,))
    with store.writing() as records:
        records.save_pending(pending)
    with store.reading() as records:
        assert records.pending("c0de", NOW) == pending
        assert records.draft_of(pending.by, chat, NOW) is None


def test_which_sources_carried_these_links(store: SqlStore) -> None:
    with store.writing() as records:
        for source, link in (("wire", "a"), ("wire", "b"), ("post", "b"), ("post", "c")):
            entry = Entry(source, "", f"https://x.example/{link}", link, "", None, NOW)
            records.add_entry(entry, EntryIdentity(f"{source}{link}", link, ""), "new")
            records.add_entry(entry, EntryIdentity(f"again {source}{link}", link, ""), "new")
    with store.reading() as records:
        assert records.sources_carrying(["a", "b"]) == {"wire": 2, "post": 1}
        assert records.sources_carrying([]) == {}


# ---------------------------------------------------------------- command line


@pytest.fixture
async def feed() -> AsyncIterator[str]:
    async def answer(_request: web.Request) -> web.Response:
        return web.Response(body=RSS, content_type="application/rss+xml")

    app = web.Application()
    app.router.add_get("/feed", answer)
    server = TestServer(app)
    await server.start_server()
    yield str(server.make_url("/feed"))
    await server.close()


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "sources.toml").write_text(
        '[[sources]]\nkey = "wire"\ntitle = "Wire"\nurl = "https://wire.example/feed"\n', encoding="utf-8"
    )
    monkeypatch.setenv("SANCTIONS_BOT_DATABASE_URL", f"sqlite:///{tmp_path}/bot.sqlite")
    monkeypatch.setenv("SANCTIONS_BOT_CONFIG_DIR", str(tmp_path))
    monkeypatch.setenv("SANCTIONS_BOT_FETCH_ALLOW_HOSTS", "127.0.0.1")
    return tmp_path


async def shell(*words: str) -> Result:
    import asyncio

    return await asyncio.to_thread(CliRunner().invoke, cli, list(words))


async def test_the_command_line_has_the_same_words_as_a_chat(folder: Path, feed: str) -> None:
    offered = await shell("feeds", "add", feed, "Port", "News")
    assert offered.exit_code == 0, offered.output
    assert "Read Port News? It is not added yet" in offered.output
    assert "A tanker is listed" in offered.output
    code = re.search(r"sanctions-bot feeds confirm (\w+)", offered.output)
    assert code
    assert "Now read: Port News" in (await shell("feeds", "confirm", code[1])).output
    listed = (await shell("feeds")).output
    assert "Port News: not checked yet, added" in listed
    assert "by terminal:owner" in listed
    assert "Paused: Port News" in (await shell("feeds", "pause", "port")).output
    assert "Port News is read" in (await shell("feeds", "undo")).output
    refused = await shell("feeds", "remove", "Wire")
    assert refused.exit_code == 2
    assert "config/sources.toml" in refused.output

    exported = await shell("feeds", "export")
    assert [one.title for one in read_opml(exported.output.encode())] == ["Wire", "Port News"]
    file = folder / "feeds.opml"
    assert "2 feeds" in (await shell("feeds", "export", "-o", str(file))).output
    assert "No longer read: Port News" in (await shell("feeds", "remove", "port")).output
    again = await shell("feeds", "import", str(file))
    assert "Read 1 feed of feeds.opml?" in again.output, again.output
    assert "Wire is known already" in again.output


async def test_a_private_address_is_refused(folder: Path, feed: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SANCTIONS_BOT_FETCH_ALLOW_HOSTS", "")
    refused = await shell("feeds", "add", feed)
    assert refused.exit_code == 2
    assert "127.0.0.1 is no public address" in refused.output
    assert "file" in (await shell("feeds", "add", "file:///etc/passwd")).output


async def test_a_file_that_is_not_there_is_said_in_a_sentence(folder: Path) -> None:
    assert "cannot be read" in str((await shell("feeds", "import", "none.opml")).exception)
    assert "needs the OPML file" in str((await shell("feeds", "import")).exception)
