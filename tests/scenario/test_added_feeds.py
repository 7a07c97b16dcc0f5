"""A feed that an admin adds while the bot runs: read soon, without a flood, and still there after a restart."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from aiohttp import web

from bot.app import Bot, build
from bot.asked import ASKED_AT_ONCE
from bot.config import Settings
from bot.model import AddedFeed, Chat, ChatKey, FeedState, Reply, Request, Source, SourceState, User
from bot.once import poll_once
from bot.pipeline import PAGE_BYTES
from bot.storage import SqlStore
from tests.scenario.conftest import DESIGNATION, SECOND_REPORT, FeedServer, eventually, page, running_bot, source
from tests.scenario.test_main_job import articles, posts
from tests.writing import appoint

ANA = User("telegram", "7", "Ana")


@pytest.fixture(autouse=True)
def soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.ticking.ADDED_EVERY", timedelta(seconds=1))
    monkeypatch.setattr("bot.engine.ticks.FIRST_WITHIN", timedelta(seconds=0.2))


async def say(bot: Bot, text: str) -> Reply:
    return await bot.answer(Request(Chat(ChatKey("telegram", "1")), ANA, text))


def publish(feeds: FeedServer, *items: tuple[str, str, tuple[str, ...]]) -> None:
    """As of now."""
    feeds.publish("herald", *items)
    body = feeds.bodies["/herald.xml"]
    assert isinstance(body, bytes)
    today = f"{datetime.now(UTC):%a, %d %b %Y %H:%M:%S} GMT".encode()
    feeds.bodies["/herald.xml"] = body.replace(b"Tue, 14 Oct 2025 15:00:00 GMT", today)


def reason(bot: Bot, link: str) -> str:
    with bot.store.reading() as records:
        found = records.entry_by_url(link)
    return found.reason if found else ""


def ticked(bot: Bot) -> list[str]:
    return [job.id for job in bot.ticks._scheduler.get_jobs()]


async def test_an_added_feed_is_read_without_a_flood_and_outlives_a_restart(tmp_path: Path, feeds: FeedServer) -> None:
    feeds.publish("wire")
    publish(feeds, ("act", "New round against Russia", DESIGNATION))
    head = f'<link rel="alternate" type="application/rss+xml" href="{feeds.base}/herald.xml">'
    feeds.bodies["/news.html"] = f"<html><head>{head}</head><body>News</body></html>".encode()
    async with running_bot(tmp_path, feeds, source(feeds, "wire")) as bot:
        with bot.store.writing() as records:
            appoint(records, ANA, "test", bot.services.now())
        offered = await say(bot, f"feeds add {feeds.base}/news.html Herald")
        assert offered.message.title == "Read Herald? It is not added yet"
        assert "New round against Russia" in offered.message.bullets[0]
        assert (await say(bot, offered.message.actions[0].data)).ok
        assert (await eventually(lambda: reason(bot, f"{feeds.base}/herald/act.html"))).startswith("baseline")
        await asyncio.sleep(0.5)
        assert articles(bot) == ()

    publish(feeds, ("act", "New round", DESIGNATION), ("late", "Blacklisted: a maker of ship plate", SECOND_REPORT))
    pass_time(tmp_path)
    async with running_bot(tmp_path, feeds, source(feeds, "wire")) as bot:
        (post,) = await eventually(lambda: posts(bot), 60)
        assert [link.text for link in post.message.sources] == ["Herald"]
        (record,) = articles(bot)
        assert record.stages[0] == "new entry of Herald"
        assert "poll:added:herald" in ticked(bot)
        assert (await say(bot, "feeds remove Herald")).ok
        await eventually(lambda: "poll:added:herald" not in ticked(bot))


async def test_a_feed_that_is_removed_and_added_again_is_read_at_once(tmp_path: Path, feeds: FeedServer) -> None:
    publish(feeds, ("act", "New round against Russia", DESIGNATION))
    async with running_bot(tmp_path, feeds, source(feeds, "wire")) as bot:
        with bot.store.writing() as records:
            appoint(records, ANA, "test", bot.services.now())
        for name in ("Herald", "Herald Again"):
            offered = await say(bot, f"feeds add {feeds.base}/herald.xml {name}")
            assert (await say(bot, offered.message.actions[0].data)).ok
            (key,) = [feed.source.key for feed in added(bot) if feed.state is FeedState.READ]
            await eventually(lambda: polled_at(bot, key))  # noqa: B023 - it is awaited here
            assert (await say(bot, f"feeds remove {name}")).ok
        assert [feed.source.key for feed in added(bot)] == ["added:herald"], "it is the same source"


def added(bot: Bot) -> tuple[AddedFeed, ...]:
    with bot.store.reading() as records:
        return records.added_feeds()


def polled_at(bot: Bot, key: str) -> datetime | None:
    with bot.store.reading() as records:
        return records.source_states()[key].last_polled_at


def pass_time(folder: Path) -> None:
    """The feed's 15 minutes are over: it is due in another slot."""
    store = SqlStore(f"sqlite:///{folder}/sanctions-bot.db")
    with store.writing() as records:
        (feed,) = records.added_feeds()
        records.save_added_feed(replace(feed, source=replace(feed.source, every=timedelta(seconds=1))))
        records.save_source_state(replace(records.source_states()[feed.source.key], next_poll_at=None))
    store.close()


async def test_a_single_round_reads_what_was_added_and_not_what_is_paused(tmp_path: Path, feeds: FeedServer) -> None:
    publish(feeds, ("act", "New round against Russia", DESIGNATION))
    settings = Settings().model_copy(
        update={"data_dir": tmp_path, "fetch_allow_hosts": [feeds.host], "roles": ["poll", "match"], "lists": []}
    )
    bot = build(settings, {}, official_lists={})
    herald = AddedFeed(Source("added:herald", "Herald", f"{feeds.base}/herald.xml"), "telegram:7", datetime.now(UTC))
    paused = replace(herald, source=Source("added:off", "Off", f"{feeds.base}/off.xml"), state=FeedState.PAUSED)
    try:
        with bot.store.writing() as records:
            records.save_added_feed(herald)
            records.save_added_feed(paused)
        polled = await poll_once(bot)
    finally:
        bot.close()
    assert "added:herald: ok" in polled.lines
    assert feeds.asked == ["/herald.xml"]


async def test_a_single_round_tells_apart_what_is_not_read_and_what_is_read_with_a_note(
    tmp_path: Path, feeds: FeedServer
) -> None:
    publish(feeds, ("act", "New round against Russia", DESIGNATION))
    herald = feeds.bodies["/herald.xml"]
    assert isinstance(herald, bytes)
    feeds.bodies["/broken.xml"] = herald.replace(b"</channel>", b"<item>&nbsp;</item></channel>")
    settings = Settings().model_copy(
        update={"data_dir": tmp_path, "fetch_allow_hosts": [feeds.host], "roles": ["poll", "match"], "lists": []}
    )
    sources = {key: Source(key, key, f"{feeds.base}/{key}.xml") for key in ("broken", "missing")}
    bot = build(settings, sources, official_lists={})
    try:
        with bot.store.writing() as records:
            records.save_source_state(SourceState("taken-out", last_error="not found (HTTP 404)", failures=3))
        polled = await poll_once(bot)
    finally:
        bot.close()
    lines = dict(line.split(": ", 1) for line in polled.lines[:-1])
    assert lines.keys() == sources.keys(), "a source that was taken out of the file is none of this round"
    assert "read as far as possible" in lines["broken"]
    assert polled.failed == ("missing",)


async def test_a_feed_may_be_larger_than_a_page_and_looking_at_feeds_keeps_nobody_from_pages(
    tmp_path: Path, feeds: FeedServer
) -> None:
    gate = asyncio.Event()

    async def slow(_request: object) -> web.Response:
        await gate.wait()
        return web.Response(body=b"<rss></rss>", content_type="application/rss+xml")

    feeds.bodies["/slow.xml"] = slow  # type: ignore[assignment]
    feeds.bodies["/story.html"] = page("New round against Russia", DESIGNATION)
    publish(feeds, ("act", "New round against Russia", DESIGNATION))
    herald = feeds.bodies["/herald.xml"]
    assert isinstance(herald, bytes)
    feeds.bodies["/large.xml"] = herald.replace(b"<channel>", b"<channel><!--" + b" " * PAGE_BYTES + b"-->")
    async with running_bot(tmp_path, feeds) as bot:
        with bot.store.writing() as records:
            appoint(records, ANA, "test", bot.services.now())
        waiting = [asyncio.create_task(say(bot, f"feeds add {feeds.base}/slow.xml")) for _ in range(ASKED_AT_ONCE)]
        await eventually(lambda: feeds.asked.count("/slow.xml") == ASKED_AT_ONCE)
        assert (await say(bot, f"whynot {feeds.base}/story.html")).ok
        assert (await say(bot, f"feeds add {feeds.base}/large.xml Large")).message.title == (
            "Read Large? It is not added yet"
        )
        gate.set()
        await asyncio.gather(*waiting)
