"""Two polls of one source that end at the same moment, as a slow one and the next do: each entry is new once."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager, suppress
from datetime import UTC, datetime
from typing import Any, cast

from bot.matching.names import NameIndex
from bot.model import FirstRun, HttpAnswer, SeenKeys, Source, SourceState
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
        cast(Store, Together(store)), cast(Engine, jobs), cast(Fetcher, None), {}, {}, index, now=lambda: NOW
    )
    answer = HttpAnswer(200, FEED.url, {"content-type": "application/rss+xml"}, BODY)
    with ThreadPoolExecutor(2) as both:
        ends = [both.submit(pipeline._save_poll, FEED, SourceState(FEED.key), answer) for _ in range(2)]
    for end in ends:
        end.result()
    assert len(jobs.keys) == len(set(jobs.keys)) == 3
