"""An event that very many chats follow: its messages go into the queue a few seconds' worth at a time.

Else all of them would stand before whatever happens next, and putting ten thousand jobs would hold up the transaction
that opens an event. The rows are all in the outbox from the start; a chain of jobs, each put by the one before in the
transaction of its part, puts what is left. Their order in a chat stays: before a message is put for a chat, those of
earlier events that wait for the same chat are."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Protocol

from bot.model import Delivery
from bot.ports import Engine, Records, Store

AT_ONCE = 60  # messages of one event in the queue: two seconds at Telegram's pace
STEP = timedelta(seconds=0.5)
RANKED = 6  # messages of each rank
LAST_RANK = AT_ONCE // RANKED


class PutRow(Protocol):
    """Puts the job of an outbox row, if it is not there yet."""

    def __call__(self, records: Records, row: Delivery, rank: int) -> None: ...


@dataclass(slots=True)
class Spreading:
    store: Store
    engine: Engine
    put_row: PutRow
    now: Callable[[], datetime] = lambda: datetime.now(UTC)

    def register(self) -> None:
        """Tell the engine the job; once, before it starts."""
        self.engine.job("spread", queue="match", tries=20)(self.spread)

    def put(self, records: Records, rows: Sequence[Delivery]) -> None:
        """Put the jobs of an event's new rows, which are in the order of their ids; of many, the first now. The rank of
        a job is how much it lets others go before it: the first few of another event soon have their turn."""
        first, rest = rows[:AT_ONCE], rows[AT_ONCE:]
        self._put_earlier(records, first)
        for place, row in enumerate(first):
            self.put_row(records, row, place // RANKED)
        if rest:
            self._put_next(records, rest[0].event, first[-1].id, rest[-1].id, 1)

    async def spread(self, event: str, after: int, until: int, step: int) -> None:
        """Put as many of the event's rows in (after, until] as there is room for, and then the next of these jobs."""
        await asyncio.to_thread(self._spread, event, after, until, step)

    def _spread(self, event: str, after: int, until: int, step: int) -> None:
        now = self.now()
        with self.store.writing() as records:
            room = AT_ONCE - records.count_due(event, after, now)
            rows = records.waiting_deliveries(event, after, until, room) if room > 0 else ()
            self._put_earlier(records, rows)
            for row in rows:
                self.put_row(records, row, LAST_RANK)
            if rows:
                after = rows[-1].id
            if after < until and (rows or room <= 0):
                self._put_next(records, event, after, until, step + 1, now + STEP if room < AT_ONCE // 4 else None)

    def _put_earlier(self, records: Records, rows: Sequence[Delivery]) -> None:
        if rows:
            for row in records.waiting_before(rows[0].id, rows[0].event, [row.chat for row in rows]):
                self.put_row(records, row, 0)

    def _put_next(
        self, records: Records, event: str, after: int, until: int, step: int, not_before: datetime | None = None
    ) -> None:
        args = {"event": event, "after": after, "until": until, "step": step}
        key = f"spread:{event}:{until:020d}:{step:06d}"
        self.engine.put(records, "spread", key, args, not_before=not_before)
