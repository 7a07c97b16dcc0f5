"""One row of a table <-> an entity; what stands beside its name; the key and the kind of one that tells none."""

from __future__ import annotations

import hashlib
import itertools
import re
from collections.abc import Callable, Collection, Container, Iterable, Iterator, Mapping
from dataclasses import replace

from rigour.names import extract_org_types

from bot.identifiers import is_of_a_ship, parse_identifier
from bot.model import MAIN_WATCHLIST, Entity, Schema
from bot.text.asides import Written, read_written
from bot.text.folding import fold_key
from bot.wallets import is_wallet
from bot.watchlist.values import (
    MOST_NOTES,
    NOTHING,
    Value,
    clean,
    parse_alias,
    parse_country,
    parse_key,
    parse_link,
    parse_name,
    parse_schema,
    parse_watchlist_key,
    unique,
)

COLUMNS = (
    "key", "schema", "name", "aliases", "weak_aliases", "countries", "topics", "identifiers", "notes", "watchlist",
    "links",
)  # fmt: skip
SEVERAL = frozenset({"aliases", "weak_aliases", "countries", "topics", "identifiers", "links"})


def parse_row(row: Mapping[str, str], watchlist: str = MAIN_WATCHLIST) -> tuple[Entity, tuple[str, ...]]:
    """One row, columns as COLUMNS -> its entity and what of it was left out. Raises ValueError with what is allowed."""
    doubts: list[str] = []
    name, schema = parse_name(row.get("name", "")), parse_schema(row.get("schema", ""))
    return Entity(
        key=parse_key(row.get("key", "")),
        schema=schema,
        caption=name,
        aliases=_names(row.get("aliases", ""), schema, doubts, {name}),
        weak_aliases=_names(row.get("weak_aliases", ""), schema, doubts, {name}),
        countries=each(values_of(row.get("countries", "")), parse_country, doubts),
        topics=unique(topic.casefold() for topic in values_of(row.get("topics", ""))),
        identifiers=each(values_of(row.get("identifiers", "")), parse_identifier, doubts),
        notes=clean(row.get("notes", ""))[:MOST_NOTES],
        watchlist=parse_watchlist_key(row.get("watchlist", "") or watchlist),
        links=each(values_of(row.get("links", "")), parse_link, doubts),
    ), tuple(doubts)


def entity_row(entity: Entity) -> dict[str, str]:
    """The columns of an entity, as `parse_row` reads them."""
    return {
        "key": entity.key,
        "schema": str(entity.schema),
        "name": entity.caption,
        "aliases": ";".join(entity.aliases),
        "weak_aliases": ";".join(entity.weak_aliases),
        "countries": ";".join(entity.countries),
        "topics": ";".join(entity.topics),
        "identifiers": ";".join(f"{identifier.kind}:{identifier.value}" for identifier in entity.identifiers),
        "notes": entity.notes,
        "watchlist": entity.watchlist,
        "links": ";".join(f"{link.kind}:{link.other}" for link in entity.links),
    }


def changes_between(old: Entity, new: Entity) -> tuple[str, ...]:
    """What a person would see change, a line for each column: 'country: + by, − ru'."""
    before, after = entity_row(old), entity_row(new)
    lines = []
    for column in COLUMNS:
        if before[column] == after[column]:
            continue
        if column not in SEVERAL:
            lines.append(f"{column}: {before[column] or 'none'} → {after[column] or 'none'}")
            continue
        was, now = before[column].split(";"), after[column].split(";")
        parts = [f"+ {value}" for value in now if value and value not in was]
        parts += [f"− {value}" for value in was if value and value not in now]
        lines.append(f"{column.replace('_', ' ')}: {', '.join(parts) or 'another order'}")
    return tuple(lines)


def values_of(cell: str) -> list[str]:
    return [value for part in cell.split(";") if (value := clean(part)) and value not in NOTHING]


def each(values: Iterable[str], parse: Callable[[str], Value], doubts: list[str]) -> tuple[Value, ...]:
    taken: dict[Value, None] = {}
    for value in values:
        try:
            taken[parse(value)] = None
        except ValueError as error:
            doubts.append(str(error))
    return tuple(taken)


def _names(cell: str, schema: Schema, doubts: list[str], known: Collection[str]) -> tuple[str, ...]:
    names = each(values_of(cell), lambda value: parse_alias(value, schema), doubts)
    return tuple(name for name in names if name not in known)


def without_asides(entity: Entity, *, is_kind_told: bool) -> Entity:
    """With the name alone for a caption; what stood beside it goes where it belongs: a country, another name, a number,
    a note. "Foo, UAE" is in no article, and "Ivan Petrov (b. 1975)" would be sought as "b 1975" too."""
    found = read_written(entity.caption)
    if not found.aside:
        return entity
    known = {fold_key(name) for name in (found.name, *entity.aliases)}
    others = [name for name in found.others if fold_key(name) not in known]
    numbers = each(found.numbers, parse_identifier, [])
    notes = " ".join(filter(None, (entity.notes, *_noted(found))))
    return replace(
        entity,
        schema=Schema.PERSON if found.is_person and not is_kind_told else entity.schema,
        caption=found.name,
        aliases=(*entity.aliases, *others),
        countries=unique((*entity.countries, *found.countries)),
        identifiers=unique((*entity.identifiers, *numbers)),
        notes=notes[:MOST_NOTES],
    )


def _noted(found: Written) -> Iterator[str]:
    """What an entity has no place for but its notes."""
    if found.born:
        yield f"Born {found.born}."
    if found.parties:
        yield f"Care of {'; '.join(found.parties)}."


def may_be_one(schema: Schema, other: Schema) -> bool:
    """Whether two of one name may be the same by their kinds: an open kind may be any."""
    return schema == other or Schema.LEGAL_ENTITY in (schema, other)


def guess_schema(name: str) -> Schema:
    """A legal form in the name makes a company; else it stays open whether it is a person or an organisation."""
    return Schema.COMPANY if extract_org_types(name.casefold()) else Schema.LEGAL_ENTITY


def by_its_numbers(entity: Entity) -> Entity:
    """Whose schema is only guessed: who has a ship's IMO number is a ship, what is called by an address a wallet."""
    if entity.schema is not Schema.LEGAL_ENTITY:
        return entity
    if is_wallet(entity.caption):
        return replace(entity, schema=Schema.CRYPTO_WALLET)
    return replace(entity, schema=Schema.VESSEL) if any(map(is_of_a_ship, entity.identifiers)) else entity


def key_of_name(name: str, taken: Container[str]) -> str:
    """A short key that is not taken: "gefest-m-llc"."""
    slug = "-".join(re.findall(r"[a-z0-9]+", fold_key(name)))[:32].strip("-")
    return free_key(slug or f"w-{hashlib.sha256(fold_key(name).encode()).hexdigest()[:8]}", taken)


def free_key(base: str, taken: Container[str]) -> str:
    """`base`, or with a number behind it if that is taken."""
    numbered = (base if number == 1 else f"{base}-{number}" for number in itertools.count(1))
    return next(key for key in numbered if key not in taken)
