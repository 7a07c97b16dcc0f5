"""What is done by the clock: sources, official lists, routes, retention, the sign of life."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial

import structlog

from bot.config import Settings
from bot.connections import secret_text
from bot.engine import DbosEngine, Ticks
from bot.engine.ticks import slot_of
from bot.heartbeat import EVERY as HEARTBEAT_EVERY
from bot.heartbeat import Heartbeat
from bot.listings.news import ListingNews
from bot.listings.syncing import DELTA, DELTA_EVERY, FIRST_WAIT, ListSync
from bot.model import Source
from bot.notices import TICK_EVERY, DueNotices
from bot.pipeline import Pipeline
from bot.ports import Store
from bot.sources import load_sources
from bot.trouble import Troubles

log = structlog.get_logger(__name__)

TELL_IMPORTS_EVERY, AWAIT_EVERY = timedelta(seconds=30), timedelta(hours=1)
LET_OTHERS = timedelta(seconds=0.05)  # SQLite has one writer at a time, and those who wait stand in no line
ADDED_EVERY = timedelta(seconds=15)  # feeds that are added by commands are seen by then


def build_ticks(
    settings: Settings,
    pipeline: Pipeline,
    engine: DbosEngine,
    lists: ListSync,
    news: ListingNews,
    due: DueNotices,
    troubles: Troubles,
) -> Ticks:
    """All that is done by the clock, the sources of the file included; not yet ticking."""
    store, sources = pipeline.store, pipeline.sources
    ticks = Ticks(
        [source for source in sources.values() if source.enabled],
        lambda source, slot: asyncio.to_thread(pipeline.tick, source, slot),
    )
    ticks.every("added feeds", ADDED_EVERY, AddedTicks(ticks, store, sources).look)
    _tick_lists(ticks, lists, news)
    if url := secret_text(settings.heartbeat_url):
        ticks.every("heartbeat", HEARTBEAT_EVERY, _heartbeat(url.strip(), pipeline, engine, troubles).beat)
    ticks.every("dead letters", timedelta(minutes=1), pipeline.settle_dead_jobs)
    ticks.every("routes", TICK_EVERY, lambda: asyncio.to_thread(due.tick))
    ticks.every("retention", timedelta(hours=6), lambda: forget_old(store, settings))
    return ticks


@dataclass(slots=True)
class AddedTicks:
    """Ticks of the feeds that are added by commands, in whatever process."""

    ticks: Ticks
    store: Store
    configured: Mapping[str, Source]
    _ticked: dict[str, tuple[Source, datetime]] = field(default_factory=dict)

    async def look(self) -> None:
        wanted = await asyncio.to_thread(self._wanted)
        for key in self._ticked.keys() - wanted.keys():
            self.ticks.remove(key)
        for key, (source, added_at) in wanted.items():
            if self._ticked.get(key) != (source, added_at):
                self.ticks.add(source)
        self._ticked = wanted

    def _wanted(self) -> dict[str, tuple[Source, datetime]]:
        """With when it was added: it may have been removed and added again since the last look."""
        with self.store.reading() as records:
            added = {feed.source.key: feed.added_at for feed in records.added_feeds()}
            sources = load_sources(records, self.configured)
        return {key: (sources[key], at) for key, at in added.items() if key in sources and sources[key].enabled}


def _tick_lists(ticks: Ticks, sync: ListSync, news: ListingNews) -> None:
    every = {key: official.every for key, official in sync.lists.items()} | (
        {DELTA: DELTA_EVERY} if sync.has_delta else {}
    )
    for key, interval in every.items():
        ticks.every(f"list:{key}", interval, partial(_tick, partial(sync.tick, key), interval))
    if sync.lists:
        ticks.every("lists again", FIRST_WAIT, partial(_tick, sync.tick_again, FIRST_WAIT))
    ticks.every("tell imports", TELL_IMPORTS_EVERY, lambda: asyncio.to_thread(news.put_imports))
    ticks.every("await lists", AWAIT_EVERY, partial(_tick, news.tick, AWAIT_EVERY))


def _heartbeat(url: str, pipeline: Pipeline, engine: DbosEngine, troubles: Troubles) -> Heartbeat:
    def sources() -> Mapping[str, Source]:
        with pipeline.store.reading() as records:
            return load_sources(records, pipeline.sources)

    return Heartbeat(
        url,
        pipeline.store,
        pipeline.fetcher,
        sources,
        lambda: engine.machines().queues,
        troubles.note,
        datetime.now(UTC),
    )


async def _tick(put: Callable[[int], None], interval: timedelta) -> None:
    await asyncio.to_thread(put, slot_of(time.time(), interval))


async def forget_old(store: Store, settings: Settings) -> None:
    """Drop what is older than `keep`, who was told of what before `told_for`, and pages older than `keep_pages`. A few
    at a time: there may be years of them, as when `keep` is lowered, and alerts are written meanwhile."""
    now = datetime.now(UTC)

    def forget_some() -> tuple[int, int]:
        with store.writing() as records:
            if pages := records.forget_pages_before(now - settings.keep_pages):
                return 0, pages
            rows = records.forget_before(now - settings.keep)
            return rows or records.forget_told_before(now - settings.told_for), 0

    dropped, pages = 0, 0
    while any(some := await asyncio.to_thread(forget_some)):
        dropped, pages = dropped + some[0], pages + some[1]
        await asyncio.sleep(LET_OTHERS.total_seconds())
    log.info("old rows dropped", rows=dropped, older_than_days=settings.keep.days, pages=pages)
