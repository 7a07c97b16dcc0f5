"""In which order the sends of one account pass the gate: the most urgent first, one at a time.

The gate itself, which keeps the pace of all processes, is the store's. Without a line before it every message that
waits would ask the database again at each moment that is free, and which of them gets it would be chance."""

from __future__ import annotations

import asyncio
import contextlib
import heapq
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta


@dataclass(slots=True)
class Line:
    """Those who wait for one account. Who is first need not ask the gate before `free_at`: that is when it is free, if
    no other process sends."""

    is_taken: bool = False
    waiting: list[tuple[int, int, asyncio.Future[None]]] = field(default_factory=list)  # a heap
    came: int = 0
    free_at: datetime = datetime(1970, 1, 1, tzinfo=UTC)

    def passed(self, now: datetime, every: timedelta) -> None:
        """The gate was passed `now`. As the gate counts it, up to a quarter of `every` is made up for."""
        late = now - self.free_at
        self.free_at = (max(self.free_at, now - every / 4) if late <= every else now) + every

    async def enter(self, urgency: int) -> None:
        if not self.is_taken:
            self.is_taken = True
            return
        self.came += 1
        turn = asyncio.get_running_loop().create_future()
        heapq.heappush(self.waiting, (urgency, self.came, turn))
        try:
            await turn
        except asyncio.CancelledError:
            if turn.done() and not turn.cancelled():  # it was our turn, and we are told to go
                self.leave()
            raise

    def leave(self) -> None:
        while self.waiting:
            _, _, turn = heapq.heappop(self.waiting)
            if not turn.done():
                turn.set_result(None)
                return
        self.is_taken = False


class Turns:
    """The lines of all accounts, of one event loop."""

    def __init__(self) -> None:
        self._lines: dict[str, Line] = {}

    @contextlib.asynccontextmanager
    async def turn(self, account: str, urgency: int) -> AsyncIterator[Line]:
        """One block at a time for each account. Of those that wait the one with the lowest urgency is next; of equals,
        who came first."""
        line = self._lines.setdefault(account, Line())
        await line.enter(urgency)
        try:
            yield line
        finally:
            line.leave()
