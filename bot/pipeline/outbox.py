"""The outbox: rows and their jobs, put in the transaction of what they tell; edits by one rule; dead letters."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from datetime import datetime, timedelta

from bot.delivery import (
    EDIT_PRIORITY,
    PRIORITY_OF,
    Planned,
    next_edit,
    plan_correction,
    told_given_up,
)
from bot.model import (
    Chat,
    ChatKey,
    Correction,
    DeadJob,
    Delivery,
    DeliveryKind,
    DeliveryState,
    Event,
)
from bot.pipeline.planning import Planning, held_of, tracked_of, with_ties, without_edits
from bot.ports import (
    Records,
    SentAlert,
)

STAYS_DEAD = timedelta(seconds=20)
TOLD_WITHIN = timedelta(minutes=10)  # of its death: a job that is dead for days is no news


class Outgoing(Planning):
    """What is put to be sent."""

    def _put_deliveries(self, records: Records, event: Event, planned: Sequence[Planned], now: datetime) -> None:
        what = [(plan.chat, plan.kind, plan.note) for plan in planned]
        rows = records.add_deliveries(event.key, what, event.revision, now)
        if self.spreading:
            self.spreading.put(records, rows)
        else:
            for row in rows:
                self.put_row(records, row)

    def put_row(self, records: Records, row: Delivery, rank: int = 0) -> None:
        """Put the job of a new row, if it is not there yet; the higher its rank, the more go before it at the gate."""
        sent = records.sent_alert(row.event, row.chat) if row.kind is DeliveryKind.EDIT else None
        self._put_delivery(records, row, "", self._next_edit(sent, row.chat, self.now()) if sent else None, rank)

    def _next_edit(self, sent: SentAlert, chat: ChatKey, now: datetime) -> datetime:
        return next_edit(sent.touched_at, self.edit_every.get(chat.platform, timedelta(0)), now)

    def _put_delivery(
        self, records: Records, row: Delivery, again: str, not_before: datetime | None = None, rank: int = 0
    ) -> None:
        """The job of a row; `again` parts its key from those that the row had before."""
        key = ":".join(part for part in (f"deliver:{row.id:020d}", again) if part)
        self.engine.put(
            records,
            "deliver",
            key,
            {"delivery": row.id, **({"rank": rank} if rank else {})},
            partition=str(row.chat),
            priority=PRIORITY_OF[row.kind],
            not_before=not_before,
        )

    def renew_delivery(self, records: Records, delivery: int) -> Delivery | None:
        """A dead letter is tried again, after what waits for its chat. None if it is not dead."""
        row = records.renew_delivery(delivery)
        if row:
            self._put_delivery(records, row, f"{self.now():%Y%m%dT%H%M%S%f}")
        return row

    def put_correction(self, records: Records, event: Event, correction: Correction) -> int:
        """Save the event, and have all who were told of it, or of the one target, told that it proved wrong, or right
        after all. Returns how many chats that are."""
        if correction.target:
            event = with_ties(records, event, None)
        records.save_event(event)
        told = frozenset(records.chats_told(event.key))
        otherwise = frozenset(records.chats_told_otherwise(event.key)) - told
        hear = self._concerned(records, event, told | otherwise, correction.target)
        planned = without_edits(plan_correction(sorted(hear, key=str), correction), otherwise)
        self._put_deliveries(records, event, planned, self.now())
        others = self.notices.correct(records, event, correction, tuple(told | otherwise)) if self.notices else 0
        return len(hear) + others

    def _concerned(
        self, records: Records, event: Event, chats: AbstractSet[ChatKey], target: str
    ) -> AbstractSet[ChatKey]:
        """The chats that see a target; all, without one."""
        if not target:
            return chats
        entities, elsewhere = tracked_of(records, event), records.routes_elsewhere()
        held = held_of(records, event, entities, sorted(chats, key=str), elsewhere)
        unseen = {one.chat for one in held if one.entity == target}
        return frozenset() if None in unseen else chats - unseen

    def put_alert(self, records: Records, event: Event, chat: ChatKey, reason: str, now: datetime) -> None:
        """Have an event's message sent to a chat after all."""
        self._put_deliveries(records, event, [Planned(chat, DeliveryKind.ALERT, reason)], now)

    # ------------------------------------------------------------ dead letters

    async def settle_dead_jobs(self) -> None:
        """What the engine gave up is told; a row whose job is dead becomes a dead letter, as nothing else would settle
        it. The row keeps the reason, so the engine need not."""
        # a job that is moved to a new version of the program is cancelled for a moment
        dead = [job for job in await self.engine.dead() if job.at is None or self.now() - job.at > STAYS_DEAD]
        deliveries = [job for job in dead if job.job == "deliver"]
        notices = [job for job in dead if job.job == "notice" and self.notices]
        if deliveries:
            await asyncio.to_thread(self._settle_dead, deliveries)
        if notices and self.notices:
            await asyncio.to_thread(self.notices.settle_dead, notices)
        if deliveries or notices:
            await self.engine.dead(drop=[job.id for job in (*deliveries, *notices)])
        for job in dead:
            if job.job != "deliver" and job not in notices and job.at and self.now() - job.at < TOLD_WITHIN:
                await asyncio.to_thread(self.on_trouble, f"the job {job.id} was given up: {job.reason}")

    def _settle_dead(self, jobs: Sequence[DeadJob]) -> None:
        now, told = self.now(), []
        with self.store.writing() as records:
            for job in jobs:
                row = records.delivery(int(str(job.args.get("delivery", 0))))
                if row and row.state in (DeliveryState.WAITING, DeliveryState.SENDING):
                    unsure = row.unsure + (row.state is DeliveryState.SENDING)
                    records.settle_delivery(row.id, DeliveryState.DEAD, now, job.reason, unsure=unsure)
                    told.append(told_given_up(Chat(row.chat), "a message", job.reason))
        for text in told:
            self.on_trouble(text)

    # ------------------------------------------------------------ refresh

    def put_refresh(self, event: str, chat: ChatKey) -> None:
        """The event's message in a chat reads differently since somebody spoke of it: have it brought up to date."""
        now = self.now()
        with self.store.writing() as records:
            if sent := records.sent_alert(event, chat):
                self._put_refresh(records, event, chat, self._next_edit(sent, chat, now))
        if self.notices:
            self.notices.put_refresh(event, chat)

    def _put_refresh(self, records: Records, event: str, chat: ChatKey, due: datetime, again: str = "") -> None:
        """`again` parts its key from the one that the job itself had."""
        key = f"refresh:{event}:{chat}:{due.timestamp():.6f}{again}"
        args = {"event": event, "platform": chat.platform, "chat": chat.id, "thread": chat.thread}
        self.engine.put(records, "refresh", key, args, partition=str(chat), priority=EDIT_PRIORITY, not_before=due)
