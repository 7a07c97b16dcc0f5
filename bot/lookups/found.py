"""What is asked of a search, and what it finds."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from bot.lookups.comparing import DEFAULT_THRESHOLD
from bot.model import Entity, Identifier, Schema
from bot.ports import ListingRecord

__all__ = ["MOST_HITS", "MOST_NEAR", "Found", "Hit", "Query", "Search", "Searched", "merged"]

MOST_HITS, MOST_NEAR = 20, 5


@dataclass(frozen=True, slots=True)
class Query:
    """Whom somebody looks for. Without a schema, all kinds are sought."""

    name: str
    schema: Schema | None = None
    countries: tuple[str, ...] = ()
    birth_dates: tuple[str, ...] = ()
    identifiers: tuple[Identifier, ...] = ()
    threshold: float = DEFAULT_THRESHOLD

    @property
    def is_qualified(self) -> bool:
        """Whether more is told than a name and its numbers."""
        return bool(self.countries or self.birth_dates)


@dataclass(frozen=True, slots=True)
class Hit:
    """Somebody whom the name may mean: a tracked entity, or an entry of an official list. `name` is the one that fits
    best; `by_name` is the score without what was asked beside the name, if anything was."""

    score: float
    name: str
    explanation: str
    entity: Entity | None = None
    record: ListingRecord | None = None
    by_name: float | None = None


@dataclass(frozen=True, slots=True)
class Searched:
    """A list that was searched: its entries today, and when it was last read."""

    list: str
    entries: int
    read_at: datetime | None


@dataclass(frozen=True, slots=True)
class Found:
    """Best first. `near` are those below the threshold. `crowd`: so many on the lists have the words as half of their
    name, too many for a hit; 0 if few do. `lowered` would be hits by the name alone, but for the birth date or country
    that was asked for: nobody is cleared by those without being told."""

    hits: tuple[Hit, ...] = ()
    near: tuple[Hit, ...] = ()
    lists: tuple[Searched, ...] = ()
    crowd: int = 0
    lowered: tuple[Hit, ...] = ()


def merged(searches: Sequence[Found]) -> Found:
    """What several names of one row found: each record once, as it fits best."""
    if len(searches) == 1:
        return searches[0]
    first = searches[0]
    hits = _best(hit for found in searches for hit in found.hits)
    lowered = _best((hit for found in searches for hit in found.lowered), hits)
    near = _best((hit for found in searches for hit in found.near), hits, lowered)
    crowd = max(found.crowd for found in searches)
    return replace(first, hits=hits[:MOST_HITS], near=near[:MOST_NEAR], crowd=crowd, lowered=lowered[:MOST_HITS])


def _best(hits: Iterable[Hit], *told: Sequence[Hit]) -> tuple[Hit, ...]:
    """Without those who are told already."""
    known = {_bearer(hit) for some in told for hit in some}
    best: dict[tuple[str, ...], Hit] = {}
    for hit in sorted(hits, key=lambda hit: -hit.score):
        if _bearer(hit) not in known:
            best.setdefault(_bearer(hit), hit)
    return tuple(best.values())


def _bearer(hit: Hit) -> tuple[str, ...]:
    if hit.record is not None:
        return hit.record.listing.list, hit.record.listing.uid
    return ("", hit.entity.key) if hit.entity is not None else (hit.name,)


Search = Callable[[Query], Found]
"""Raises CommandError (it cannot search now), StoreError."""
