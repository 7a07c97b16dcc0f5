"""Events as a chat sees them: without the targets on watchlists that it does not see."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from bot.commands.asking import Ask
from bot.commands.choosing import MOST_SEARCHED
from bot.model import ChatKey, Event
from bot.ports import ArticleRecord, Records


def see(ask: Ask, records: Records, events: Iterable[Event], also: Iterable[ChatKey] = ()) -> tuple[Event, ...]:
    """In their order; those of which no target is left are left out. Whoever is tracked no longer stays to be seen.
    `also`: chats of which the asker's may see what they see."""
    events = tuple(events)
    named = {key for event in events for key in (*(one.entity for one in event.targets), *_close(event))}
    hidden = _hidden(ask, records, named, also)
    if not hidden:
        return events
    shown = (
        replace(
            event,
            targets=tuple(target for target in event.targets if target.entity not in hidden),
            ties=tuple(tie for tie in event.ties if not hidden & {tie.target, tie.entity}),
        )
        for event in events
    )
    return tuple(event for event in shown if event.targets)


def _close(event: Event) -> tuple[str, ...]:
    return tuple(tie.entity for tie in event.ties)


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


def _hidden(ask: Ask, records: Records, keys: Iterable[str], also: Iterable[ChatKey] = ()) -> set[str]:
    seen = {watchlist for chat in (ask.request.chat.key, *also) for watchlist in records.watchlists_of(chat)}
    return {entity.key for entity in records.entities_of(keys) if entity.watchlist not in seen}


def load_seen(ask: Ask, records: Records, key: str) -> Event | None:
    """What was escalated to this chat is seen here as where it came from."""
    event, here = records.event(key), ask.request.chat.key
    if event is None:
        return None
    origins = [one.origin for one in records.notices_on(event.key) if one.chat == here and one.origin]
    return next(iter(see(ask, records, [event], origins)), None)


def load_latest(ask: Ask, records: Records, count: int) -> tuple[Event, ...]:
    """The newest `count`."""
    newest = see(ask, records, records.latest_events(count))
    if len(newest) == count or len(records.watchlists()) <= 1:
        return newest
    return see(ask, records, records.latest_events(MOST_SEARCHED))[:count]
