"""Events as a chat sees them: without the targets on watchlists that it does not see."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from bot.commands.asking import Ask
from bot.commands.choosing import MOST_SEARCHED
from bot.model import Event
from bot.ports import ArticleRecord, Records


def see(ask: Ask, records: Records, events: Iterable[Event]) -> tuple[Event, ...]:
    """In their order; those of which no target is left are left out. Whoever is tracked no longer stays to be seen."""
    events = tuple(events)
    hidden = _hidden(ask, records, {target.entity for event in events for target in event.targets})
    if not hidden:
        return events
    shown = (
        replace(event, targets=tuple(target for target in event.targets if target.entity not in hidden))
        for event in events
    )
    return tuple(event for event in shown if event.targets)


def see_article(ask: Ask, records: Records, record: ArticleRecord) -> ArticleRecord:
    """Without the findings on watchlists that the chat does not see."""
    judgement = record.judgement
    if judgement is None:
        return record
    hidden = _hidden(ask, records, {finding.entity for finding in judgement.findings})
    if not hidden:
        return record
    kept = tuple(finding for finding in judgement.findings if finding.entity not in hidden)
    return replace(record, judgement=replace(judgement, findings=kept))


def _hidden(ask: Ask, records: Records, keys: Iterable[str]) -> set[str]:
    seen = records.watchlists_of(ask.request.chat.key)
    return {entity.key for entity in records.entities_of(keys) if entity.watchlist not in seen}


def load_seen(ask: Ask, records: Records, key: str) -> Event | None:
    event = records.event(key)
    return next(iter(see(ask, records, [event])), None) if event else None


def load_latest(ask: Ask, records: Records, count: int) -> tuple[Event, ...]:
    """The newest `count`."""
    newest = see(ask, records, records.latest_events(count))
    if len(newest) == count or len(records.watchlists()) <= 1:
        return newest
    return see(ask, records, records.latest_events(MOST_SEARCHED))[:count]
