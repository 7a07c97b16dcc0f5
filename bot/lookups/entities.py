"""Listings and entities as the comparison has them, and a listing as an entity to track."""

from __future__ import annotations

import hashlib
import re

from bot.identifiers import LIST_ID, list_id
from bot.lookups.comparing import Named
from bot.model import Entity, Listing

__all__ = ["LIST_ID", "entity_from_listing", "named_entity", "named_listing"]

_MOST_KEY = 100


def named_listing(listing: Listing) -> Named:
    return Named(
        listing.schema,
        (listing.caption, *listing.aliases),
        listing.weak_aliases,
        listing.countries,
        listing.birth_dates,
        listing.identifiers,
    )


def named_entity(entity: Entity) -> Named:
    """An entity has no birth dates."""
    names = (entity.caption, *entity.aliases)
    return Named(entity.schema, names, entity.weak_aliases, entity.countries, (), entity.identifiers)


def entity_from_listing(listing: Listing) -> Entity:
    """What is tracked of a listing: its names, weak aliases, countries and identifiers, one of which names the listing
    itself (`listId`). The key is made of list and uid: the same listing makes the same key."""
    return Entity(
        key=_key(listing),
        schema=listing.schema,
        caption=listing.caption,
        aliases=_others(listing.aliases, {listing.caption}),
        weak_aliases=_others(listing.weak_aliases, {listing.caption, *listing.aliases}),
        countries=listing.countries,
        identifiers=(*listing.identifiers, list_id(listing)),
        notes=_notes(listing),
    )


def _key(listing: Listing) -> str:
    key = re.sub(r"[^\w.-]+", "-", f"{listing.list}-{listing.uid}")
    if len(key) <= _MOST_KEY:
        return key
    return f"{key[: _MOST_KEY - 9]}-{hashlib.sha256(key.encode()).hexdigest()[:8]}"


def _others(names: tuple[str, ...], known: set[str]) -> tuple[str, ...]:
    return tuple(name for name in dict.fromkeys(names) if name.strip() and name not in known)


def _notes(listing: Listing) -> str:
    """'On us_ofac_sdn as 22603, listed 2017-08-22, programme DPRK3.'"""
    parts = [f"On {listing.list} as {listing.uid}"]
    if listing.listed_on:
        parts.append(f"listed {listing.listed_on.isoformat()}")
    if listing.delisted_on:
        parts.append(f"delisted {listing.delisted_on.isoformat()}")
    if listing.programmes:
        parts.append(f"programme {', '.join(listing.programmes)}")
    return ", ".join(parts) + "."
