"""The sign of life: when it is given, what stops it, and who is told that it does not arrive."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, cast

import pytest

from bot.errors import FetchError, StoreError
from bot.heartbeat import Heartbeat, find_standstill
from bot.model import HttpAnswer, QueueSeen, Source, SourceState
from bot.ports import Fetcher, Store

NOW = datetime(2026, 3, 5, 12, tzinfo=UTC)
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
URL = "https://watch.example/ping/secret"
WIRE = Source("wire", "Wire", "https://wire.example/feed")
PAGE = Source("page", "Page", "https://page.example/", every=timedelta(days=1))
OFF = Source("off", "Off", "https://off.example/", enabled=False)


def read(source: Source, ago: timedelta | None) -> dict[str, SourceState]:
    return {source.key: SourceState(source.key, last_success_at=None if ago is None else NOW - ago)}


def queue(name: str, ago: timedelta | None) -> QueueSeen:
    return QueueSeen(name, 3, 1, 0, None if ago is None else NOW - ago)


# ---------------------------------------------------------------- what stops it


@pytest.mark.parametrize(
    ("sources", "states", "queues", "told"),
    [
        pytest.param([WIRE], read(WIRE, 10 * MINUTE), [], "", id="read a moment ago"),
        pytest.param([WIRE], read(WIRE, 61 * MINUTE), [], "no source could be read for 60 minutes", id="network away"),
        pytest.param([WIRE, PAGE], read(WIRE, None) | read(PAGE, HOUR / 2), [], "", id="one of two fails"),
        pytest.param([WIRE], {}, [], "no source could be read", id="nothing was read yet"),
        pytest.param([PAGE], read(PAGE, 30 * HOUR), [], "", id="a source that is read once a day"),
        pytest.param([], {}, [], "", id="official lists alone"),
        pytest.param([OFF], {}, [], "", id="all are switched off"),
        pytest.param([WIRE, OFF], read(OFF, MINUTE) | read(WIRE, 2 * HOUR), [], "no source", id="what is off is none"),
        pytest.param([WIRE], read(WIRE, MINUTE), [queue("deliver", 19 * MINUTE)], "", id="a burst"),
        pytest.param(
            [WIRE], read(WIRE, MINUTE), [queue("poll", None), queue("deliver", 21 * MINUTE)],
            "a job of the queue deliver waits for 21 minutes", id="nobody delivers",
        ),
    ],
)  # fmt: skip
def test_what_stops_the_sign(
    sources: list[Source], states: dict[str, SourceState], queues: list[QueueSeen], told: str
) -> None:
    found = find_standstill(sources, states, queues, NOW)
    assert found.startswith(told)
    assert bool(found) == bool(told)


# ---------------------------------------------------------------- how it is given


@dataclass
class Watcher:
    """What answers at the address."""

    status: int | None = 200
    asked: list[str] = field(default_factory=list)

    async def fetch(self, url: str, **_: object) -> HttpAnswer:
        self.asked.append(url)
        if self.status is None:
            raise FetchError(url, "the name cannot be resolved")
        return HttpAnswer(self.status, url, {}, b"OK")


@dataclass
class States:
    """A store that tells how the sources are, or does not answer (None)."""

    states: Mapping[str, SourceState] | None

    @contextmanager
    def reading(self) -> Iterator[Any]:
        if self.states is None:
            raise StoreError("the database does not answer")
        yield self

    def source_states(self) -> Mapping[str, SourceState]:
        assert self.states is not None
        return self.states


def heartbeat(watcher: Watcher, states: Mapping[str, SourceState] | None, told: list[str], up: timedelta) -> Heartbeat:
    return Heartbeat(
        URL,
        cast(Store, States(states)),
        cast(Fetcher, watcher),
        lambda: {WIRE.key: WIRE},
        lambda: [queue("deliver", None)],
        told.append,
        NOW - up,
        lambda: NOW,
    )


async def test_while_all_goes_on_the_sign_is_given() -> None:
    watcher, told = Watcher(), list[str]()
    await heartbeat(watcher, read(WIRE, MINUTE), told, HOUR).beat()
    assert watcher.asked == [URL]
    assert told == []


async def test_at_a_standstill_none_is_given_and_it_is_told_once_the_start_is_over() -> None:
    watcher, told = Watcher(), list[str]()
    await heartbeat(watcher, read(WIRE, 2 * HOUR), told, MINUTE).beat()
    assert told == [], "nothing could be read yet"
    await heartbeat(watcher, read(WIRE, 2 * HOUR), told, HOUR).beat()
    assert watcher.asked == []
    assert told == ["No sign of life is given to heartbeat_url: no source could be read for 60 minutes."]


async def test_while_the_database_does_not_answer_none_is_given() -> None:
    watcher = Watcher()
    with pytest.raises(StoreError):
        await heartbeat(watcher, None, [], HOUR).beat()
    assert watcher.asked == []


@pytest.mark.parametrize(
    ("status", "why"), [(404, "heartbeat_url answers HTTP 404"), (None, "heartbeat_url: the name cannot be resolved")]
)
async def test_a_sign_that_does_not_arrive_is_told_without_its_address(status: int | None, why: str) -> None:
    told = list[str]()
    await heartbeat(Watcher(status), read(WIRE, MINUTE), told, HOUR).beat()
    assert len(told) == 1
    assert why in told[0]
    assert "watch.example" not in told[0], "whoever knows it can give the sign"
