"""Polls that end together with another, or after their feed moved: each entry is new once. Silences are told once."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any, cast

import pytest

from bot.matching.names import NameIndex
from bot.model import AddedFeed, FeedState, FirstRun, HttpAnswer, SeenKeys, Source, SourceKind, SourceState
from bot.pipeline import Pipeline
from bot.ports import Engine, Fetcher, Records, Store
from bot.storage import SqlStore

NOW = datetime(2026, 3, 5, 12, tzinfo=UTC)
FEED = Source("wire", "Wire", "https://wire.example/feed", first_run=FirstRun(None))
STORIES = "".join(
    f"<item><title>Story {number}</title><link>https://wire.example/{number}</link><guid>{number}</guid></item>"
    for number in range(3)
)
BODY = f'<rss version="2.0"><channel><title>Wire</title>{STORIES}</channel></rss>'.encode()


class Together:
    """A store whose transactions wait, once they have looked at what was seen, for another that looks as well."""

    def __init__(self, store: SqlStore) -> None:
        self.store, self.both = store, threading.Barrier(2)

    @contextmanager
    def writing(self) -> Iterator[Records]:
        with self.store.writing() as records:
            look = records.seen_keys

            def seen_keys(source: str) -> SeenKeys:
                found = look(source)
                with suppress(threading.BrokenBarrierError):  # the other waits for its turn
                    self.both.wait(1)
                return found

            records.seen_keys = seen_keys  # type: ignore[method-assign]
            yield records

    def reading(self) -> AbstractContextManager[Records]:
        return self.store.reading()


class Jobs:
    def __init__(self) -> None:
        self.keys: list[str] = []

    def put(self, _records: Records, job: str, key: str, _args: Mapping[str, Any], **_: object) -> None:
        assert job == "read"
        self.keys.append(key)


def test_an_entry_is_new_once(store: SqlStore) -> None:
    jobs = Jobs()
    index: Callable[[Records], NameIndex] = lambda _records: NameIndex.compile([])  # noqa: E731
    pipeline = Pipeline(
        cast(Store, Together(store)),
        cast(Engine, jobs),
        cast(Fetcher, None),
        {FEED.key: FEED},
        {},
        index,
        now=lambda: NOW,
    )
    answer = HttpAnswer(200, FEED.url, {"content-type": "application/rss+xml"}, BODY)
    with ThreadPoolExecutor(2) as both:
        ends = [both.submit(pipeline._save_poll, FEED, SourceState(FEED.key), answer, None) for _ in range(2)]
    for end in ends:
        end.result()
    assert len(jobs.keys) == len(set(jobs.keys)) == 3


@pytest.mark.parametrize("now_at", ["https://new.example/feed", None], ids=["moved", "removed"])
def test_a_poll_that_ends_after_its_feed_moved_or_was_removed_changes_nothing(
    store: SqlStore, now_at: str | None
) -> None:
    """What the old server says of its answer would be asked of the new one: "nothing since then"."""
    jobs, old = Jobs(), replace(FEED, key="added:wire")
    index: Callable[[Records], NameIndex] = lambda _records: NameIndex.compile([])  # noqa: E731
    pipeline = Pipeline(store, cast(Engine, jobs), cast(Fetcher, None), {}, {}, index, now=lambda: NOW)
    with store.writing() as records:
        added = AddedFeed(replace(old, url=now_at or old.url), "telegram:7", NOW)
        records.save_added_feed(added if now_at else replace(added, state=FeedState.REMOVED))
        records.save_source_state(SourceState(old.key))
    answer = HttpAnswer(200, old.url, {"content-type": "application/rss+xml", "etag": '"old"'}, BODY)
    pipeline._save_poll(old, SourceState(old.key), answer, None)
    with store.reading() as records:
        assert records.source_states()[old.key] == SourceState(old.key)
    assert jobs.keys == []


def test_a_source_whose_selectors_were_mended_is_read_at_the_next_round(store: SqlStore) -> None:
    page = replace(FEED, kind=SourceKind.HTML_INDEX)
    body = b'<ul><li class="news"><a href="https://wire.example/1">Japan lists a mill</a></li></ul>'
    asked: list[object] = []

    class Page:
        async def fetch(self, url: str, headers: Mapping[str, str], **_: object) -> HttpAnswer:
            asked.append(headers.get("If-None-Match"))
            return HttpAnswer(200, url, {"etag": '"1"'}, body)

    jobs = Jobs()
    index: Callable[[Records], NameIndex] = lambda _records: NameIndex.compile([])  # noqa: E731
    for select in ("li.old a", "li.old a", "li.news a"):
        source = replace(page, select={"item": select})
        fetcher = cast(Fetcher, Page())
        pipeline = Pipeline(store, cast(Engine, jobs), fetcher, {source.key: source}, {}, index, now=lambda: NOW)
        asyncio.run(pipeline.poll(source.key))
    assert asked == [None, None], "not while it is put off, and once it was mended all of the page"
    assert len(jobs.keys) == 1


def test_a_poll_that_ends_after_its_feed_was_removed_and_added_again_changes_nothing(store: SqlStore) -> None:
    """It is another reading of that address: its state would be taken for the new one's, and no baseline be made."""
    jobs, feed = Jobs(), replace(FEED, key="added:wire")
    index: Callable[[Records], NameIndex] = lambda _records: NameIndex.compile([])  # noqa: E731

    class Slow:
        async def fetch(self, url: str, **_: object) -> HttpAnswer:
            with store.writing() as records:
                records.save_added_feed(AddedFeed(feed, "telegram:7", NOW + timedelta(seconds=20)))
                records.save_source_state(SourceState(feed.key))
            return HttpAnswer(200, url, {"content-type": "application/rss+xml", "etag": '"old"'}, BODY)

    fetcher = cast(Fetcher, Slow())
    pipeline = Pipeline(store, cast(Engine, jobs), fetcher, {}, {}, index, now=lambda: NOW + timedelta(minutes=1))
    with store.writing() as records:
        records.save_added_feed(AddedFeed(feed, "telegram:7", NOW))
        records.save_source_state(SourceState(feed.key, baseline_done=True, entries_seen=9))
    asyncio.run(pipeline.poll(feed.key))
    with store.reading() as records:
        assert records.source_states()[feed.key] == SourceState(feed.key)
    assert jobs.keys == []
    pipeline.fetcher = cast(Fetcher, Steady())
    asyncio.run(pipeline.poll(feed.key))
    with store.reading() as records:
        assert records.source_states()[feed.key].baseline_done


class Steady:
    async def fetch(self, url: str, **_: object) -> HttpAnswer:
        return HttpAnswer(200, url, {"content-type": "application/rss+xml"}, BODY)


def test_a_silence_is_told_once_and_its_end_once_whatever_is_restarted(store: SqlStore) -> None:
    feed, now, trouble = replace(FEED, silent_after=timedelta(days=2)), [NOW], list[str]()
    index: Callable[[Records], NameIndex] = lambda _records: NameIndex.compile([])  # noqa: E731

    def poll(body: bytes, days: float) -> None:
        now[0] = NOW + timedelta(days=days)
        pipeline = Pipeline(
            store, cast(Engine, Jobs()), cast(Fetcher, None), {feed.key: feed}, {}, index, now=lambda: now[0]
        )
        pipeline.on_trouble = trouble.append
        with store.reading() as records:
            state = records.source_states().get(feed.key) or SourceState(feed.key)
        answer = HttpAnswer(200, feed.url, {"content-type": "application/rss+xml"}, body)
        pipeline._save_poll(feed, state, answer, None)

    for days in (0, 1, 2, 2.5, 3, 9):
        poll(BODY, days)
    assert len(trouble) == 1
    assert "Wire: it is read without trouble, but has had nothing new for 48 hours" in trouble[0]
    fourth = b"<item><title>Story four</title><link>https://wire.example/4</link><guid>4</guid></item></channel>"
    for days in (9.5, 10):
        poll(BODY.replace(b"</channel>", fourth), days)
    assert trouble[1:] == ["Wire: it has something new again, the first in 10 days."]
