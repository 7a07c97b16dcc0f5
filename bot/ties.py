"""Who that is tracked is close to an event's targets: owner, subsidiary, linked. The watchlists' links say so, of a
target or of a name that the act has beside its targets; nothing is guessed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from bot.model import Entity, Event, Tie, Verdict
from bot.text.folding import fold_key

MOST = 50  # of one event: an act on a ministry touches all of a country's companies

_TOLD = {
    "owned_by": "{one} is owned by {other}",
    "owns": "{one} owns {other}",
    "director": "{other} is a director of {one}",
    "director_of": "{one} is a director of {other}",
    "family": "{one} is family of {other}",
    "associate": "{one} is an associate of {other}",
    "part_of": "{one} is part of {other}",
    "successor_of": "{one} is the successor of {other}",
    "linked_to": "{one} is linked to {other}",
}


def find_ties(
    event: Event, tracked: Mapping[str, Entity], others: Iterable[Entity], beside: Sequence[str] = ()
) -> tuple[Tie, ...]:
    """`tracked`: the targets' entities, by the event's keys; `others`: who may be close to them; `beside`: names that
    the act has besides. None for an event that is not of new sanctions."""
    if event.kind is not Verdict.NEW_SANCTIONS or not event.targets:
        return ()
    names = {name: key for key, entity in tracked.items() for name in _names(entity)}
    besides = {fold_key(name): name for name in beside}
    ties = [
        tie for other in others if other.key not in _keys(tracked) for tie in _of(other, event, tracked, names, besides)
    ]
    return tuple(dict.fromkeys(ties))[:MOST]


def _of(
    other: Entity, event: Event, tracked: Mapping[str, Entity], names: Mapping[str, str], besides: Mapping[str, str]
) -> Iterable[Tie]:
    for link in other.links:
        target = link.other if link.other in tracked else names.get(fold_key(link.other), "")
        if target:
            yield _tie(target, other, _told(link.kind, other.caption, tracked[target].caption))
        elif (name := besides.get(fold_key(link.other))) is not None:
            told = f"{_told(link.kind, other.caption, name)}, whom the act names too"
            yield _tie(event.targets[0].entity, other, told)
    own = _names(other)
    for key, entity in tracked.items():
        for link in entity.links:
            if link.other == other.key or fold_key(link.other) in own:
                yield _tie(key, other, _told(link.kind, entity.caption, other.caption))


def _tie(target: str, other: Entity, told: str) -> Tie:
    return Tie(target, other.key, other.watchlist, told)


def _told(kind: str, one: str, other: str) -> str:
    return _TOLD.get(kind, _TOLD["linked_to"]).format_map({"one": one, "other": other})


def _names(entity: Entity) -> frozenset[str]:
    return frozenset(filter(None, (fold_key(name) for name in (entity.caption, *entity.aliases))))


def _keys(tracked: Mapping[str, Entity]) -> frozenset[str]:
    return frozenset((*tracked, *(entity.key for entity in tracked.values())))
