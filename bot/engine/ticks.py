"""When to look at which source: APScheduler on our event loop. Decides nothing: back-off is the poll job's business."""

from __future__ import annotations

import asyncio
import logging
import math
import random
import time
from collections.abc import Awaitable, Callable, Iterable
from datetime import UTC, datetime, timedelta

import structlog
from apscheduler.schedulers.asyncio import AsyncIOScheduler
from apscheduler.triggers.base import BaseTrigger

from bot.errors import SanctionsBotError
from bot.model import Source

log = structlog.get_logger(__name__)

OnTick = Callable[[str, int], Awaitable[None]]
FIRST_WITHIN = timedelta(seconds=2)  # the first look at every source comes soon after the start


class _Ended(logging.Filter):
    """A tick that is cancelled as the program ends, before it began even, is no error; APScheduler logs it as one."""

    def filter(self, record: logging.LogRecord) -> bool:
        return not (record.exc_info and isinstance(record.exc_info[1], asyncio.CancelledError))


logging.getLogger("apscheduler.executors.default").addFilter(_Ended())


class Ticks:
    """Calls `on_tick(source key, slot)` once in every interval of every source, and other work by its own interval.

    `slot` is floor(now / interval): every process ticks, and the job's key, made of it, lets one of them through.
    Ticks that were missed (a laptop that slept) come as one; a tick that outlasts its interval is not begun twice."""

    def __init__(self, sources: Iterable[Source], on_tick: OnTick, *, clock: Callable[[], float] = time.time) -> None:
        self._on_tick, self._clock = on_tick, clock
        self._scheduler = AsyncIOScheduler(
            timezone=UTC, job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None}
        )
        for source in sources:
            self.add(source)

    def add(self, source: Source) -> None:
        """Begin with a source, or go on with it at its new interval."""
        self._schedule(f"poll:{source.key}", source.every, lambda: self._tick(source))

    def remove(self, source: str) -> None:
        """No more ticks for the source with this key. A tick that is under way ends."""
        if self._scheduler.get_job(f"poll:{source}"):
            self._scheduler.remove_job(f"poll:{source}")

    def every(self, name: str, interval: timedelta, work: Callable[[], Awaitable[object]]) -> None:
        """Do `work` soon after the start and then once in every interval: retention, sweeps."""
        self._schedule(name, interval, work)

    def start(self) -> None:
        """Within a running event loop."""
        self._scheduler.start()

    def stop(self) -> None:
        if self._scheduler.running:
            self._scheduler.shutdown(wait=False)

    def _schedule(self, name: str, interval: timedelta, work: Callable[[], Awaitable[object]]) -> None:
        async def guarded() -> None:
            try:
                await work()
            except SanctionsBotError as error:  # a full disk, say: every source's tick tells it, so in a line
                log.warning("tick failed", tick=name, problem=str(error))
            except Exception as error:  # the edge of a tick: the next one must come
                log.warning("tick failed", tick=name, problem=str(error), exc_info=error)
            except asyncio.CancelledError:  # the program ends: APScheduler would log that as an error
                log.debug("tick ended with the program", tick=name)

        phase = spread(name)
        first = datetime.now(UTC) + FIRST_WITHIN * phase
        self._scheduler.add_job(
            guarded, SlotTrigger(interval, phase), id=name, replace_existing=True, next_run_time=first
        )

    async def _tick(self, source: Source) -> None:
        await self._on_tick(source.key, slot_of(self._clock(), source.every))


class SlotTrigger(BaseTrigger):  # type: ignore[misc]  # APScheduler has no types
    """Fires once in each slot, at `phase` (0 to 1) of its middle half, give or take a tenth of the slot: near its ends,
    jitter would put two ticks into one slot and none into the next."""

    def __init__(self, interval: timedelta, phase: float) -> None:
        self._interval, self._phase = interval, phase

    def get_next_fire_time(self, _previous: datetime | None, now: datetime) -> datetime:
        place = slot_of(now.timestamp(), self._interval) + 1.25 + self._phase / 2
        place += random.uniform(-0.1, 0.1)  # noqa: S311
        return datetime.fromtimestamp(place * self._interval.total_seconds(), UTC)


def slot_of(now: float, interval: timedelta) -> int:
    """Which interval since 1970 `now` is in: the same for every process whose clock is right to within an interval."""
    return math.floor(now / interval.total_seconds())


def spread(name: str) -> float:
    """From 0 to 1, always the same for a name: not every source at once."""
    return sum(name.encode()) % 97 / 97
