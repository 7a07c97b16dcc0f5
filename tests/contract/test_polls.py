"""Two polls of one source that end at the same moment, as a slow one and the next do: each entry is new once."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager, suppress
from datetime import UTC, datetime, timedelta
from typing import Any, cast

import pytest

from bot.matching.names import NameIndex
from bot.model import FirstRun, HttpAnswer, SeenKeys, Source, SourceState
from bot.pipeline import Pipeline
from bot.pipeline.polling import SILENT_AFTER, find_silence
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


DAY = timedelta(days=1)


@pytest.mark.parametrize(
    ("new", "read", "failures", "is_told"),
    [
        pytest.param(SILENT_AFTER, DAY, 0, True, id="just now too long"),
        pytest.param(SILENT_AFTER - DAY / 2, DAY, 0, False, id="not yet"),
        pytest.param(SILENT_AFTER + 2 * DAY, DAY, 0, False, id="told before"),
        pytest.param(SILENT_AFTER + 9 * DAY, 12 * DAY, 0, True, id="while it was not read"),
        pytest.param(SILENT_AFTER, DAY, 1, False, id="it fails, which is told as such"),
        pytest.param(None, DAY, 0, False, id="never anything new"),
        pytest.param(SILENT_AFTER, None, 0, False, id="never read"),
    ],
)
def test_a_source_that_is_read_and_says_nothing_any_more_is_told_once(
    new: timedelta | None, read: timedelta | None, failures: int, is_told: bool
) -> None:
    before = SourceState("wire", last_new_at=new and NOW - new, last_success_at=read and NOW - read)
    after = SourceState("wire", last_new_at=before.last_new_at, last_success_at=NOW, failures=failures)
    assert find_silence(before, after, NOW) == (before.last_new_at if is_told else None)
