"""Events, and whom they name."""

from __future__ import annotations

from datetime import datetime
from functools import lru_cache

import sqlalchemy as sa

from bot.model import Event
from bot.storage import tables as t
from bot.storage.serial import dump, load
from bot.storage.watchlists import Watchlists

_MOST_MERGED = 20  # of the newest: they stand in the events that tell of them
ALERTED = sa.not_(t.events.c.review)
_EVENTS_LOCK = 0x53424F54_45564E54  # any number, the same in every process


class EventRows(Watchlists):
    def lock_events(self) -> None:
        self._lock(_EVENTS_LOCK)

    def events_since(self, since: datetime) -> tuple[Event, ...]:
        return self._events(ALERTED, t.events.c.updated_at >= since, order=t.events.c.updated_at)

    def reviews_since(self, since: datetime) -> tuple[Event, ...]:
        return self._events(t.events.c.review, t.events.c.updated_at >= since, order=t.events.c.updated_at)

    def event(self, key: str) -> Event | None:
        return next((_event_of(row.value) for row in self._where(t.events, key=key)), None)

    def save_event(self, event: Event) -> None:
        stamps = {"opened_at": event.opened_at, "updated_at": event.updated_at, "review": event.review}
        self._upsert(t.events, {"key": event.key, **stamps, "value": dump(event)})
        self._delete(t.event_targets, t.event_targets.c.event == event.key)
        targets = sorted({target.entity for target in event.targets})
        if targets:
            rows = [{"event": event.key, "entity": entity} for entity in targets]
            self.connection.execute(sa.insert(t.event_targets), rows)

    def latest_events(self, limit: int) -> tuple[Event, ...]:
        newest = self._events(ALERTED, limit=limit + _MOST_MERGED)
        return tuple(event for event in newest if not event.told_as)[:limit]

    def events_of(self, entity: str, limit: int) -> tuple[Event, ...]:
        named = sa.select(t.event_targets.c.event).where(t.event_targets.c.entity.in_(self.keys_of(entity)))
        newest = self._events(ALERTED, t.events.c.key.in_(named), limit=limit + _MOST_MERGED)
        return tuple(event for event in newest if not event.told_as)[:limit]

    def _events(
        self,
        *which: sa.ColumnElement[bool],
        order: sa.ColumnElement[datetime] = t.events.c.opened_at,
        limit: int | None = None,
    ) -> tuple[Event, ...]:
        query = sa.select(t.events.c.value).where(*which).order_by(order.desc(), t.events.c.key).limit(limit)
        return tuple(_event_of(value) for value in self.connection.scalars(query))


@lru_cache(maxsize=256)
def _event_of(value: str) -> Event:
    """Thousands of chats are told of one event, and each of its messages reads it."""
    return load(Event, value)
