"""Who of those that are tracked an entry of an official list is about: by its id, a number, or names that are alike."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from functools import lru_cache

from bot.identifiers import LIST_ID, identifier_key, list_id, shared_identifier
from bot.lookups import compare, named_entity, named_listing
from bot.lookups.comparing import MOST_NAME
from bot.lookups.spelling import latin_reading, skeleton
from bot.model import Entity, Listing, Schema
from bot.text.folding import fold_key

Likeness = Callable[[Entity, Listing], tuple[float, str]]
"""How like a tracked entity and a list's entry are by their names, 0 to 1, and why."""

_LEAST_NAME = 5  # letters: shorter ones are initials, and many things have the same
_SHORT_MOST = 0.5
_MOST_CANDIDATES = 60  # entries for one entity, or the reverse, whose names are compared


@dataclass(frozen=True, slots=True)
class Concern:
    """A tracked entity that a list's entry is about: how sure, and why."""

    entity: Entity
    listing: Listing
    score: float
    why: str


def find_concerned(
    listings: Iterable[Listing], entities: Iterable[Entity], likeness: Likeness, floor: float
) -> Iterator[Concern]:
    """Who of `entities` the `listings` are about: by the list's own id, by an identifier, or by names that are alike to
    `floor` or more. The listings are held in memory."""
    index = _Index()
    for listing in listings:
        index.add(listing)
    for entity in entities if index.by_key else ():
        for listing in index.candidates(entity):
            if concern := weigh(entity, listing, likeness, floor):
                yield concern


def weigh(entity: Entity, listing: Listing, likeness: Likeness, floor: float) -> Concern | None:
    """None: the entry is about somebody else, as far as can be told."""
    ids = {one.value for one in entity.identifiers if one.kind == LIST_ID and one.value.startswith(f"{listing.list}:")}
    if list_id(listing).value in ids:
        return Concern(entity, listing, 1.0, "its id on that list is kept with the entity")
    if shared := shared_identifier(entity, listing):
        return Concern(entity, listing, 0.99, f"the same {shared.kind}, {shared.value}")
    if ids:  # it is known which entry it is: this one is another of like name
        return None
    score, why = likeness(entity, listing)
    return Concern(entity, listing, score, f"names {score:.0%} alike: {why}") if score >= floor else None


@dataclass(slots=True)
class _Index:
    """Entries by whatever may tie them to an entity: cheap to ask, never the last word."""

    by_key: dict[tuple[str, str], list[Listing]] = field(default_factory=lambda: defaultdict(list))
    by_word: dict[str, list[Listing]] = field(default_factory=lambda: defaultdict(list))

    def add(self, listing: Listing) -> None:
        self.by_key[identifier_key(list_id(listing))].append(listing)
        for identifier in listing.identifiers:
            self.by_key[identifier_key(identifier)].append(listing)
        for word in _words(listing):
            self.by_word[word].append(listing)

    def candidates(self, entity: Entity) -> list[Listing]:
        found: dict[tuple[str, str], Listing] = {}
        for identifier in entity.identifiers:
            for listing in self.by_key.get(identifier_key(identifier), ()):
                found[listing.list, listing.uid] = listing
        weights: dict[tuple[str, str], float] = defaultdict(float)
        named: dict[tuple[str, str], Listing] = {}
        for word in _words(entity):
            bearers = self.by_word.get(word, ())
            for listing in bearers:
                weights[listing.list, listing.uid] += 1 / len(bearers)
                named[listing.list, listing.uid] = listing
        for key in sorted(weights, key=lambda key: (-weights[key], key))[:_MOST_CANDIDATES]:
            found.setdefault(key, named[key])
        return list(found.values())


def _words(named: Entity | Listing) -> frozenset[str]:
    """The words of the names, in Latin letters too, and their consonants, so that Mohammed finds Muhamad."""
    is_person = named.schema is Schema.PERSON
    return frozenset(word for name in (named.caption, *named.aliases) for word in _words_of(name, is_person))


@lru_cache(maxsize=50_000)
def _words_of(name: str, is_person: bool) -> frozenset[str]:
    name = name[:MOST_NAME]
    readings = [name] if name.isascii() else [name, latin_reading(name, is_person)]
    words = {word for reading in readings for word in fold_key(reading).split()}
    return frozenset(words | {skeleton(word) for word in words if len(word) > 3})


def name_likeness(entity: Entity, listing: Listing) -> tuple[float, str]:
    """By the names and what stands beside them; numbers that both have were compared before."""
    found = compare(replace(named_entity(entity), identifiers=()), named_listing(listing))
    if min(len(fold_key(name)) for name in found.names) < _LEAST_NAME:
        return min(found.score, _SHORT_MOST), f"{found.explanation}; too short a name to tell by itself"
    return found.score, found.explanation
