"""A sign of life to a watcher outside. When it stays away, the program, its machine or its network is down, or does its
work no longer: of that nobody here could tell. What stops the sign is decided by `find_standstill`."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import structlog

from bot.errors import FetchError
from bot.model import QueueSeen, Source, SourceState
from bot.ports import Fetcher, Store

log = structlog.get_logger(__name__)

EVERY = timedelta(minutes=5)
UNREAD = timedelta(hours=1)  # when no source at all could be read for so long, it is our network that is away
STUCK = timedelta(minutes=20)  # that a job is due and nobody begins it
SETTLING = timedelta(minutes=10)  # after a start, in which it is not told that nothing was read yet
_MOST_ANSWER = 100_000  # bytes


def find_standstill(
    sources: Iterable[Source], states: Mapping[str, SourceState], queues: Iterable[QueueSeen], now: datetime
) -> str:
    """What of the work stands still; "" if all goes on. A single source that fails is its own trouble."""
    for queue in queues:
        if queue.oldest and now - queue.oldest > STUCK:
            minutes = (now - queue.oldest) // timedelta(minutes=1)
            return f"a job of the queue {queue.name} waits for {minutes} minutes: does a process with its role run?"
    read = [source for source in sources if source.enabled]
    if not read:
        return ""
    longest = max(UNREAD, 2 * min(source.every for source in read))
    times = [state.last_success_at for source in read if (state := states.get(source.key))]
    if all(at is None or now - at > longest for at in times):
        return f"no source could be read for {longest // timedelta(minutes=1)} minutes"
    return ""


@dataclass(frozen=True, slots=True)
class Heartbeat:
    """`sources` and `queues` tell how it is now; `url` is a secret: whoever knows it can give the sign."""

    url: str
    store: Store
    fetcher: Fetcher
    sources: Callable[[], Mapping[str, Source]]
    queues: Callable[[], Iterable[QueueSeen]]
    on_trouble: Callable[[str], None]
    started_at: datetime
    now: Callable[[], datetime] = lambda: datetime.now(UTC)

    async def beat(self) -> None:
        """Raises StoreError while the database does not answer: then no sign is given either."""
        standstill = await asyncio.to_thread(self._standstill)
        if standstill:
            log.warning("no sign of life given", reason=standstill)
            if self.now() - self.started_at > SETTLING:
                self.on_trouble(f"No sign of life is given to heartbeat_url: {standstill}.")
            return
        if problem := await self._send():
            self.on_trouble(f"The sign of life does not arrive, so its watcher may take the bot for dead: {problem}.")

    def _standstill(self) -> str:
        with self.store.reading() as records:
            states = records.source_states()
        return find_standstill(self.sources().values(), states, self.queues(), self.now())

    async def _send(self) -> str:
        try:
            answer = await self.fetcher.fetch(self.url, max_bytes=_MOST_ANSWER)
        except FetchError as error:
            return f"heartbeat_url: {error.problem}"
        return "" if 200 <= answer.status < 300 else f"heartbeat_url answers HTTP {answer.status}"
