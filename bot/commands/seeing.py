"""Events as a chat sees them: without the targets on watchlists that it does not see."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from bot.commands.asking import Ask
from bot.commands.choosing import MOST_SEARCHED
from bot.model import Event
from bot.ports import Records


def see(ask: Ask, records: Records, events: Iterable[Event]) -> tuple[Event, ...]:
    """In their order; those of which no target is left are left out. Whoever is tracked no longer stays to be seen."""
    events = tuple(events)
    seen = records.watchlists_of(ask.request.chat.key)
    keys = {target.entity for event in events for target in event.targets}
    hidden = {entity.key for entity in records.entities_of(keys) if entity.watchlist not in seen}
    if not hidden:
        return events
    shown = (
        replace(event, targets=tuple(target for target in event.targets if target.entity not in hidden))
        for event in events
    )
    return tuple(event for event in shown if event.targets)


def load_seen(ask: Ask, records: Records, key: str) -> Event | None:
    event = records.event(key)
    return next(iter(see(ask, records, [event])), None) if event else None


def load_latest(ask: Ask, records: Records, count: int) -> tuple[Event, ...]:
    """The newest `count`."""
    newest = see(ask, records, records.latest_events(count))
    if len(newest) == count or len(records.watchlists()) <= 1:
        return newest
    return see(ask, records, records.latest_events(MOST_SEARCHED))[:count]
