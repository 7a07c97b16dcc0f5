"""The events that an article may belong to: those of the last weeks, by the keys that their names have now."""

from __future__ import annotations

from collections.abc import Container, Mapping
from dataclasses import replace
from datetime import datetime, timedelta

from bot.events.likeness import WINDOW
from bot.model import Event, EventTarget, WithdrawnTarget
from bot.ports import Records

# Events an article may still join: the window, and a margin for late polls.
RECENT = WINDOW + timedelta(days=20)


def load_known(records: Records, tracked: Container[str], now: datetime) -> tuple[Event, ...]:
    """Newest first. `tracked`: the keys that are; another may be that of a name which was merged into one of these."""
    known = records.events_since(now - RECENT)
    gone = {key for event in known for key in _keys_of(event) if key not in tracked}
    keys = {key: entity.key for key in sorted(gone) if (entity := records.entity(key))}
    return tuple(with_keys(event, keys) for event in known)


def _keys_of(event: Event) -> set[str]:
    """Those of its targets, of them that were withdrawn too."""
    return {target.entity for target in event.ever_targets}.union(*(doubt.targets for doubt in event.doubts))


def with_keys(event: Event, keys: Mapping[str, str]) -> Event:
    """The event with `keys` (merged key -> the one it leads to) followed: two names that became one are one target."""
    if _keys_of(event).isdisjoint(keys):
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
        withdrawn.setdefault(key, replace(one, target=replace(one.target, entity=key)))
    return replace(
        event,
        targets=tuple(targets.values()),
        withdrawn_targets=tuple(withdrawn.values()),
        doubts=tuple(
            replace(doubt, targets=tuple(dict.fromkeys(keys.get(key, key) for key in doubt.targets)))
            for doubt in event.doubts
        ),
        records=tuple(replace(record, entity=keys.get(record.entity, record.entity)) for record in event.records),
        mentioned=tuple(sorted({keys.get(key, key) for key in event.mentioned})),
    )
