"""Known events by the keys that their names have now: what was merged since is the other."""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta

from bot.events.likeness import WINDOW
from bot.model import Event, EventTarget, Tie, WithdrawnTarget
from bot.ports import Records

# Events an article may still join: the window, and a margin for late polls.
RECENT = WINDOW + timedelta(days=20)


def load_known(records: Records, tracked: Container[str], now: datetime) -> tuple[Event, ...]:
    """Those that an article may belong to now, newest first. `tracked`: the keys that are, which nothing is asked
    about; another may be that of a name which was merged into one of these."""
    events = records.events_since(now - RECENT)
    merged = records.merged_keys(key for key in keys_of(events) if key not in tracked)
    return tuple(with_keys(event, merged) for event in events)


def keys_of(events: Iterable[Event]) -> frozenset[str]:
    """Those of their targets, of them that were withdrawn too."""
    return frozenset(
        key
        for event in events
        for keys in ([one.entity for one in event.ever_targets], *(doubt.targets for doubt in event.doubts))
        for key in keys
    )


def with_keys(event: Event, keys: Mapping[str, str]) -> Event:
    """The event with `keys` (merged key -> the one it leads to) followed: two names that became one are one target."""
    if keys_of([event]).isdisjoint(keys):
        return event
    targets: dict[str, EventTarget] = {}
    for target in event.targets:
        key = keys.get(target.entity, target.entity)
        moved = replace(target, entity=key)
        other = targets.get(key, moved)
        surest = max(other, moved, key=lambda one: one.confidence)
        targets[key] = replace(surest, joined_at=other.joined_at)  # the first has been there longest
    withdrawn: dict[str, WithdrawnTarget] = {}
    for one in event.withdrawn_targets:
        key = keys.get(one.target.entity, one.target.entity)
        moved_one = replace(one, target=replace(one.target, entity=key), ties=_moved(one.ties, keys))
        withdrawn.setdefault(key, moved_one)
    return replace(
        event,
        targets=tuple(targets.values()),
        sources=tuple(
            replace(source, targets=tuple(dict.fromkeys(keys.get(key, key) for key in source.targets)))
            for source in event.sources
        ),
        ties=_moved(event.ties, keys),
        withdrawn_targets=tuple(withdrawn.values()),
        doubts=tuple(
            replace(doubt, targets=tuple(dict.fromkeys(keys.get(key, key) for key in doubt.targets)))
            for doubt in event.doubts
        ),
        eases=tuple(dict.fromkeys(replace(one, entity=keys.get(one.entity, one.entity)) for one in event.eases)),
        records=tuple(replace(record, entity=keys.get(record.entity, record.entity)) for record in event.records),
        mentioned=tuple(sorted({keys.get(key, key) for key in event.mentioned})),
    )


def _moved(ties: Iterable[Tie], keys: Mapping[str, str]) -> tuple[Tie, ...]:
    return tuple(replace(tie, target=keys.get(tie.target, tie.target)) for tie in ties)
