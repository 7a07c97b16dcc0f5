"""When sources are looked at: once in every slot, whatever happens."""

from __future__ import annotations

import asyncio
import time
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from structlog.testing import capture_logs

from bot.engine.ticks import SlotTrigger, Ticks, slot_of, spread
from bot.errors import StoreError
from bot.model import Source

MINUTE = timedelta(minutes=1)


def source(key: str = "news", every: timedelta = timedelta(seconds=0.2)) -> Source:
    return Source(key, key.title(), f"https://{key}.example/feed", every=every)


class Ticked:
    def __init__(self, *sources: Source, fail: bool = False, takes: float = 0.0) -> None:
        self.got: list[tuple[str, int]] = []
        self.fail, self.takes = fail, takes
        self.running = self.most = 0
        self.ticks = Ticks(sources, self.on_tick)

    async def on_tick(self, key: str, slot: int) -> None:
        self.got.append((key, slot))
        self.running += 1
        self.most = max(self.most, self.running)
        await asyncio.sleep(self.takes)
        self.running -= 1
        if self.fail:
            raise RuntimeError("the database is away")

    async def during(self, seconds: float) -> list[tuple[str, int]]:
        self.got.clear()
        await asyncio.sleep(seconds)
        return list(self.got)


@pytest.fixture(autouse=True)
def soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.engine.ticks.FIRST_WITHIN", timedelta(seconds=0.1))


async def test_every_slot_of_every_source_is_ticked_once() -> None:
    every = timedelta(seconds=0.5)
    ticked = Ticked(source("a", every), source("b", timedelta(seconds=1)))
    await asyncio.sleep(1.1 - time.time() % 1)  # the first comes at once: not at the end of a slot, on a busy machine
    ticked.ticks.start()
    got = await ticked.during(4.2)
    ticked.ticks.stop()
    for key, least in (("a", 7), ("b", 3)):
        slots = [slot for name, slot in got if name == key]
        assert slots == list(range(slots[0], slots[0] + len(slots))), "none twice, none left out"
        assert len(slots) >= least
    assert got[0][1] in range(slot_of(time.time() - 6, every), slot_of(time.time(), every))
    await asyncio.sleep(0.3)  # a tick that was under way ends
    assert await ticked.during(1.2) == [], "stopped"


async def test_a_tick_that_fails_is_followed_by_the_next() -> None:
    ticked = Ticked(source(), fail=True)
    ticked.ticks.start()
    assert len(await ticked.during(1.2)) >= 3
    ticked.ticks.stop()


@pytest.mark.parametrize(("error", "has_traceback"), [(StoreError("disk full"), False), (RuntimeError("odd"), True)])
async def test_a_tick_that_fails_for_what_we_know_is_a_line_and_else_a_traceback(
    error: Exception, has_traceback: bool
) -> None:
    async def fail() -> None:
        raise error

    ticks = Ticks((), lambda _key, _slot: fail())
    with capture_logs() as told:
        ticks.every("sweep", timedelta(hours=1), fail)
        ticks.start()
        await asyncio.sleep(0.5)
        ticks.stop()
    assert [(line["event"], line["problem"]) for line in told] == [("tick failed", str(error))]
    assert ("exc_info" in told[0]) is has_traceback


async def test_a_slow_tick_is_not_begun_twice() -> None:
    ticked = Ticked(source(every=timedelta(seconds=0.1)), takes=0.35)
    ticked.ticks.start()
    got = await ticked.during(1.5)
    ticked.ticks.stop()
    assert ticked.most == 1
    assert 2 <= len(got) <= 5


async def test_sources_come_go_and_change_while_it_runs() -> None:
    ticked = Ticked(source("a"))
    ticked.ticks.start()
    ticked.ticks.add(source("b"))
    assert {key for key, _ in await ticked.during(0.8)} == {"a", "b"}
    ticked.ticks.remove("a")
    ticked.ticks.remove("never")
    assert {key for key, _ in await ticked.during(0.8)} == {"b"}
    ticked.ticks.add(source("b", timedelta(hours=1)))
    await asyncio.sleep(0.3)
    assert await ticked.during(0.6) == []
    ticked.ticks.stop()


async def test_other_work_is_done_soon_and_then_by_its_interval() -> None:
    ticked, done = Ticked(), []

    async def work() -> None:
        done.append(time.monotonic())

    ticked.ticks.every("retention", timedelta(seconds=0.2), work)
    started = time.monotonic()
    ticked.ticks.start()
    async with asyncio.timeout(20):
        while len(done) < 6:
            await asyncio.sleep(0.01)
    ticked.ticks.stop()
    assert done[-1] - started > 0.8, "six times in five intervals, each of which jitter may shorten"
    assert sorted(later - sooner for sooner, later in pairwise(done))[2] < 0.33, "a busy machine delays some, not most"


def test_each_slot_has_one_moment_far_from_its_ends() -> None:
    for phase in (0.0, 0.5, 1.0):
        trigger = SlotTrigger(MINUTE, phase)
        now = datetime(2026, 3, 5, 12, 30, 7, tzinfo=UTC)
        for _ in range(200):
            next_time = trigger.get_next_fire_time(now, now)
            assert slot_of(next_time.timestamp(), MINUTE) == slot_of(now.timestamp(), MINUTE) + 1
            assert 9 <= next_time.second <= 51, "a tenth of jitter cannot leave the slot"
            now = next_time


def test_after_a_long_sleep_the_next_slot_is_the_one_after_now() -> None:
    before = datetime(2026, 3, 5, 12, 0, tzinfo=UTC)
    woken = before + timedelta(hours=9)
    assert timedelta(0) < SlotTrigger(MINUTE, 0.5).get_next_fire_time(before, woken) - woken < 2 * MINUTE


def test_sources_are_spread() -> None:
    places = {spread(f"poll:source-{number}") for number in range(40)}
    assert len(places) > 10
    assert all(0 <= place < 1 for place in places)


async def test_a_stop_before_a_tick_that_is_due_has_begun_logs_no_error(caplog: pytest.LogCaptureFixture) -> None:
    ticked = Ticked(source())
    ticked.ticks.start()
    time.sleep(0.3)  # noqa: ASYNC251 (the loop is busy with the start)
    ticked.ticks.stop()  # as soon as the loop comes to it
    ticked.ticks._scheduler._process_jobs()
    await asyncio.sleep(0.05)
    assert (ticked.got, caplog.records) == ([], [])
