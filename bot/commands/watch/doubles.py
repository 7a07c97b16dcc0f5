"""Who is tracked already with a number that somebody else brings: perhaps the same, under another name.

It is told and asked, never refused as an equal name is: a wallet and its holder, two firms of a group may share one.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType

from bot.commands.asking import cmd
from bot.counted import number
from bot.identifiers import LIST_ID, identifier_key, shared_identifier, told_identifier
from bot.model import MAIN_WATCHLIST, Entity, Identifier
from bot.ports import Records

_COMPARED = 20  # bearers of one number: "unknown" may stand in every row of a file


@dataclass(frozen=True, slots=True)
class Double:
    """Two that may be one: `other` has the number that `entity` brings."""

    entity: Entity
    other: Entity
    shared: Identifier

    def __str__(self) -> str:
        """'Severin (key sev, watchlist oil) has the IMO number 9187629 already'"""
        place = "" if self.other.watchlist == MAIN_WATCHLIST else f", watchlist {self.other.watchlist}"
        return f"{self.other.caption} (key {self.other.key}{place}) has the {told_identifier(self.shared)} already"

    @property
    def alias(self) -> str:
        """The command that gives `other` the names of `entity`."""
        return f"watch alias {self.other.key} + {'; '.join((self.entity.caption, *self.entity.aliases))}"


def find_doubles(
    records: Records,
    brought: Sequence[Entity],
    seen: Sequence[str],
    then: Mapping[str, Entity | None] = MappingProxyType({}),
) -> tuple[Double, ...]:
    """At most one for each of those who are `brought`: whom else of them, or of the watchlists that are `seen`, their
    numbers name. `then`: as those stand afterwards who are changed or removed (None) by the same edit."""
    sought = [one for entity in brought for one in entity.identifiers]
    standing = (then.get(one.key, one) for one in (records.entities_numbered(sought, seen) if sought else ()))
    bearers: dict[tuple[str, str], list[Entity]] = defaultdict(list)

    def add(entity: Entity) -> None:
        for one in entity.identifiers:
            bearers[identifier_key(one)].append(entity)

    for entity in filter(None, standing):
        add(entity)
    found = []
    for entity in brought:
        near = (other for one in entity.identifiers for other in bearers[identifier_key(one)][:_COMPARED])
        if double := _first(entity, near):
            found.append(double)
        add(entity)
    return tuple(found)


def _first(entity: Entity, others: Iterable[Entity]) -> Double | None:
    for other in others:
        if other.key == entity.key:
            continue
        if shared := shared_identifier(entity, other) or _shared_entry(entity, other):
            return Double(entity, other, shared)
    return None


def _shared_entry(entity: Entity, other: Entity) -> Identifier | None:
    """The entry on an official list that both are."""
    return next((one for one in entity.identifiers if one.kind == LIST_ID and one in other.identifiers), None)


def newly_numbered(old: Entity, new: Entity) -> Entity:
    """`new`, with those numbers alone that it had not before."""
    before = set(map(identifier_key, old.identifiers))
    return replace(new, identifiers=tuple(one for one in new.identifiers if identifier_key(one) not in before))


def told_before(doubles: Sequence[Double]) -> tuple[str, ...]:
    """Of somebody who is not saved yet."""
    return tuple(f"{one}. If it is the same under another name: {cmd(one.alias)}" for one in doubles)


def told_after(doubles: Sequence[Double]) -> tuple[str, ...]:
    """Of somebody who is saved by now."""
    return tuple(f"{one}. If both are one: {_merge(one)}" for one in doubles)


def told_many(doubles: Sequence[Double]) -> tuple[str, ...]:
    """The next step, where each of them is told in a line of its own."""
    if not doubles:
        return ()
    whose = number(len(doubles), "name has a number", "names have a number")
    how = _merge(doubles[0]) if len(doubles) == 1 else cmd("watch merge KEY into KEY")
    return (f"{whose} that somebody else has already. Where both are one, merge them afterwards: {how}",)


def _merge(double: Double) -> str:
    return cmd(f"watch merge {double.entity.key} into {double.other.key}")
