"""The outbox's rows between their first try and their end, and the trouble that those who run the bot are told of."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy.sql.dml import ReturningUpdate

from bot.model import ChatKey, Delivery, DeliveryKind, DeliveryState
from bot.ports import Outbox, Trouble
from bot.storage import tables as t
from bot.storage.columns import chat_key_of, chat_values, of_chat
from bot.storage.notices import NoticeRows
from bot.storage.statements import Row

UNSETTLED = (DeliveryState.WAITING, DeliveryState.SENDING)


class OutboxRows(NoticeRows):
    """Tries and their outcomes."""

    def begin_attempt(self, delivery_id: int, now: datetime, *, repeatable: bool = False) -> Delivery | None:
        row = self.connection.execute(_begin(repeatable), {"which": delivery_id, "at": now}).first()
        return delivery_of(row) if row else None

    def release_delivery(self, delivery_id: int, reason: str, next_try_at: datetime, unsure: int) -> None:
        unsettled = t.deliveries.c.state.in_([state.value for state in UNSETTLED])
        values = {"reason": reason, "next_try_at": next_try_at, "unsure": unsure}
        self._update(
            t.deliveries, (t.deliveries.c.id == delivery_id) & unsettled, state=DeliveryState.WAITING.value, **values
        )

    def renew_delivery(self, delivery_id: int) -> Delivery | None:
        dead = (t.deliveries.c.id == delivery_id) & (t.deliveries.c.state == DeliveryState.DEAD.value)
        anew = {"state": DeliveryState.WAITING.value, "tries": 0, "settled_at": None, "next_try_at": None}
        return next(map(delivery_of, self._changed(t.deliveries, dead, **anew)), None)

    def add_deliveries(
        self, event: str, what: Sequence[tuple[ChatKey, DeliveryKind, str]], revision: int, now: datetime
    ) -> tuple[Delivery, ...]:
        if not what:
            return ()
        same = {"event": event, "revision": revision, "state": DeliveryState.WAITING.value, "created_at": now}
        rows = [
            {**same, **chat_values(chat), "kind": kind.value, "tries": 0, "note": note} for chat, kind, note in what
        ]
        insert = self._insert_of(t.deliveries).on_conflict_do_nothing().returning(t.deliveries)
        return tuple(sorted(map(delivery_of, self.connection.execute(insert, rows)), key=lambda row: row.id))

    def count_due(self, event: str, until: int, now: datetime) -> int:
        return self.connection.scalar(_COUNT_DUE, {"event": event, "until": until, "now": now}) or 0

    def waiting_deliveries(self, event: str, after: int, until: int, limit: int) -> tuple[Delivery, ...]:
        d = t.deliveries.c
        which = (d.event == event) & (d.id > after) & (d.id <= until) & (d.state == DeliveryState.WAITING.value)
        rows = self._all(sa.select(t.deliveries).where(which).order_by(d.id).limit(limit))
        return tuple(map(delivery_of, rows))

    def unsettled_alert(self, event: str, chat: ChatKey) -> Delivery | None:
        d = t.deliveries.c
        alert = (d.event == event) & of_chat(t.deliveries, chat) & (d.kind == DeliveryKind.ALERT.value)
        unsettled = d.state.in_([state.value for state in UNSETTLED])
        # one that is being sent first: it reads the event no more
        query = sa.select(t.deliveries).where(alert, unsettled).order_by(d.state, d.id).limit(1)
        return next(map(delivery_of, self._all(query)), None)

    def waiting_before(self, delivery_id: int, event: str, chats: Sequence[ChatKey]) -> tuple[Delivery, ...]:
        d = t.deliveries.c
        keys = [(chat.platform, chat.id, chat.thread) for chat in chats]
        theirs = sa.tuple_(d.platform, d.chat_id, d.thread).in_(keys)
        older = (d.id < delivery_id) & (d.event != event) & (d.state == DeliveryState.WAITING.value)
        rows = self._all(sa.select(t.deliveries).where(older, theirs).order_by(d.id))
        return tuple(map(delivery_of, rows))

    def outbox(self, limit: int = 1_000) -> Outbox:
        state = t.deliveries.c.state
        return Outbox(
            waiting=self._rows(DeliveryState.WAITING, t.deliveries.c.id.asc(), limit),
            sending=self._rows(DeliveryState.SENDING, t.deliveries.c.id.asc(), limit),
            dead=self._rows(DeliveryState.DEAD, t.deliveries.c.id.desc(), limit),
            open_notices=self.notices(*UNSETTLED, limit=limit),
            dead_notices=self.notices(DeliveryState.DEAD, limit=limit)[::-1],
            waiting_in_all=self._number(t.deliveries, state == DeliveryState.WAITING.value)
            + self.count_notices(*UNSETTLED),
            dead_in_all=self._number(t.deliveries, state == DeliveryState.DEAD.value)
            + self.count_notices(DeliveryState.DEAD),
            perhaps_twice=self._perhaps_twice(),
        )

    def _rows(self, state: DeliveryState, order: sa.ColumnElement[int], limit: int) -> tuple[Delivery, ...]:
        query = sa.select(t.deliveries).where(t.deliveries.c.state == state.value).order_by(order).limit(limit)
        return tuple(delivery_of(row) for row in self._all(query))

    def _perhaps_twice(self) -> int:
        d = t.deliveries.c
        return self._number(t.deliveries, (d.state == DeliveryState.SENT.value) & (d.unsure > 0))

    # ------------------------------------------------------------ trouble

    def add_trouble(self, key: str, text: str, now: datetime, again_after: timedelta) -> bool:
        row = {"key": key, "text": text, "times": 1, "first_at": now, "last_at": now, "asked_at": now}
        if self._insert_if_new(t.troubles, row):
            return True
        same = t.troubles.c.key == key
        self._update(t.troubles, same, text=text, times=t.troubles.c.times + 1, last_at=now)
        # the row is locked by the update above: of two at once, the second sees what the first asked
        return bool(self._update(t.troubles, same & (t.troubles.c.asked_at <= now - again_after), asked_at=now))

    def troubles_to_tell(self) -> tuple[Trouble, ...]:
        c = t.troubles.c
        untold = c.told_at.is_(None) | (c.told_at < c.asked_at)
        return tuple(_trouble(row) for row in self._all(sa.select(t.troubles).where(untold).order_by(c.last_at, c.key)))

    def save_troubles_told(self, keys: Sequence[str], now: datetime) -> None:
        self._update(t.troubles, t.troubles.c.key.in_(list(keys)), told_at=now)

    def troubles_since(self, since: datetime, limit: int) -> tuple[Trouble, ...]:
        c = t.troubles.c
        query = sa.select(t.troubles).where(c.last_at >= since).order_by(c.last_at.desc(), c.key).limit(limit)
        return tuple(_trouble(row) for row in self._all(query))


@cache
def _begin(repeatable: bool) -> ReturningUpdate[Any]:
    d = t.deliveries.c
    died = sa.case((d.state == DeliveryState.SENDING.value, 1), else_=0)
    return (
        sa.update(t.deliveries)
        .where(d.id == sa.bindparam("which"), d.state.in_([state.value for state in UNSETTLED]))
        .values(
            state=DeliveryState.SENDING.value,
            tries=d.tries + 1,
            tried_at=sa.bindparam("at"),
            next_try_at=None,
            unsure=d.unsure if repeatable else d.unsure + died,
        )
        .returning(t.deliveries)
    )


def _count_due() -> sa.Select[Any]:
    """What waits behind an older row of its chat that is tried later is not due before that one. A time of the next try
    is on rows that wait only, and on few."""
    d, now = t.deliveries.c, sa.bindparam("now", type_=t.UtcDateTime)
    chat = (d.platform, d.chat_id, d.thread)
    blocked = sa.select(*chat, sa.func.min(d.id).label("by")).where(d.next_try_at > now).group_by(*chat).subquery()
    behind = sa.and_(*(column == blocked.c[column.name] for column in chat), d.id > blocked.c.by)
    unsettled = d.state.in_([state.value for state in UNSETTLED])
    due = d.next_try_at.is_(None) | (d.next_try_at <= now)
    mine = (d.event == sa.bindparam("event")) & (d.id <= sa.bindparam("until"))
    rows = t.deliveries.outerjoin(blocked, behind)
    return sa.select(sa.func.count()).select_from(rows).where(mine, unsettled, due, blocked.c.by.is_(None))


_COUNT_DUE = _count_due()  # made once


def delivery_of(row: Row) -> Delivery:
    state = DeliveryState(row.state)
    return Delivery(
        id=row.id,
        event=row.event,
        chat=chat_key_of(row),
        kind=DeliveryKind(row.kind),
        revision=row.revision,
        state=state,
        created_at=row.created_at,
        tries=row.tries,
        note=row.note,
        sent_at=row.settled_at if state is DeliveryState.SENT else None,
        unsure=row.unsure,
        reason=row.reason,
        next_try_at=row.next_try_at,
        tried_at=row.tried_at,
    )


def _trouble(row: Row) -> Trouble:
    return Trouble(row.key, row.text, row.times, row.first_at, row.last_at, row.told_at)
