"""OpenSanctions: targets.simple.csv, and entities.ftm.json (an entity a line).

The data are CC BY-NC 4.0: commercial use needs a licence of theirs, so the list is off by default. In the simple CSV a
target is one row. In the FtM file sanctions are entities of their own that follow, or come before, the one they are on;
relations and papers are entities too, of which only what we can attach by id is taken. entities.delta.json (a change a
line) is refused: docs/decisions/0012-deltas-are-signals.md says why.
"""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, BinaryIO

from bot.errors import ListError
from bot.lists.collecting import check_number, finish, rows_to_listings
from bot.lists.identifiers import read_identifier
from bot.lists.official import Parsed, RefusedRow
from bot.lists.rows import Cell, Table, text_lines
from bot.lists.source import AGAIN, CHANGED, Form, Source, one_of, peek_text
from bot.lists.values import Draft, clean, earliest, parse_date, parse_day
from bot.model import Listing, Schema

_KEY = "opensanctions"
_URL = "https://www.opensanctions.org/entities/{uid}/"
_SCHEMAS = {schema.value: schema for schema in Schema} | {
    "Asset": Schema.LEGAL_ENTITY, "Vehicle": Schema.VESSEL, "Security": Schema.LEGAL_ENTITY,
}  # fmt: skip
_NAMES = {"name": "name", "alias": "alias", "previousName": "alias", "abbreviation": "weak", "weakAlias": "weak"}
_COUNTRIES = ("country", "jurisdiction", "nationality", "citizenship", "flag", "mainCountry")
_NUMBERS = {
    "imoNumber": "imoNumber", "mmsi": "mmsi", "leiCode": "leiCode", "swiftBic": "swiftBic", "isin": "isin",
    "publicKey": "publicKey", "registrationNumber": "registrationNumber", "ogrnCode": "registrationNumber",
    "okpoCode": "registrationNumber", "uscCode": "registrationNumber", "uniqueEntityId": "registrationNumber",
    "taxNumber": "taxNumber", "innCode": "taxNumber", "vatCode": "taxNumber", "passportNumber": "passportNumber",
    "idNumber": "idNumber", "socialSecurityNumber": "idNumber", "serialNumber": "serialNumber",
}  # fmt: skip


def parse_opensanctions(files: Mapping[str, BinaryIO]) -> Parsed:
    """Either form of the collection; raises ListError for a delta, which tells only what changed."""
    source = one_of(files, "targets.simple.csv", "entities.ftm.json")
    source.expect(Form.CSV, Form.JSON)
    if re.match(r'\s*\{\s*"op"\s*:', peek_text(source.head)):
        step = "import targets.simple.csv or entities.ftm.json of the same day"
        raise ListError(source.name, "the whole list", "entities.delta.json, which tells only what changed", step)
    yield from _parse_simple(source) if source.form is Form.CSV else _parse_ftm(source)


# ---------------------------------------------------------------- targets.simple.csv

_NEEDED = ("id", "schema", "name", "aliases", "countries", "identifiers", "sanctions", "dataset")


def _parse_simple(source: Source) -> Parsed:
    yield from rows_to_listings(Table(source, _NEEDED, ends_with_line=True), _read_row)


def _read_row(cell: Cell) -> Listing:
    draft = _begin(cell("id"), cell("schema"))
    draft.add_name(cell("name"), is_primary=True)
    for name in _values(cell("aliases")):
        draft.add_name(name)
    draft.add_countries(*_values(cell("countries")))
    for birth in _values(cell("birth_date")):
        draft.add_birth_date(parse_date(birth))
    draft.add_programmes(*(_values(cell("program_ids")) or _values(cell("dataset"))))
    for number in _values(cell("identifiers")):
        _add_bare(draft, number)
    draft.add_remarks(*_values(cell("sanctions")))
    return draft.listing()


def _values(text: str) -> list[str]:
    """Values parted by semicolons; one that holds a semicolon or a quotation mark is quoted."""
    try:
        row = next(csv.reader(io.StringIO(text), delimiter=";", skipinitialspace=True), [])
    except csv.Error:
        row = text.split(";")
    return [value for part in row if (value := clean(part))]


def _add_bare(draft: Draft, number: str) -> None:
    """The CSV does not say what a number is: only what proves itself by its form counts as such."""
    kinds = ["leiCode"]
    if draft.schema is Schema.VESSEL or number.upper().startswith("IMO"):
        kinds.append("imoNumber")
    kinds.append(_BARE.get(draft.schema, "registrationNumber"))
    draft.add_identifiers(next(filter(None, (read_identifier(kind, number) for kind in kinds)), None))


_BARE = {Schema.VESSEL: "mmsi", Schema.CRYPTO_WALLET: "publicKey", Schema.PERSON: "idNumber"}


def _begin(uid: str, schema: str) -> Draft:
    kind = _SCHEMAS.get(schema)
    if kind is None:
        raise ValueError(f"the schema {schema!r} of {uid} is none that a list names")
    draft = Draft(_KEY, uid, kind)
    draft.url = _URL.format(uid=draft.uid)
    return draft


# ---------------------------------------------------------------- entities.ftm.json

# Entities of these schemata are about another, by the property; all other unknown ones are relations or places.
_ABOUT = {"Sanction": "entity", "Identification": "holder", "Passport": "holder", "CryptoWallet": "holder"}


@dataclass(slots=True)
class _Part:
    """What another entity tells of one: kept until both are read."""

    programmes: tuple[str, ...] = ()
    provisions: tuple[str, ...] = ()
    listed: tuple[str, ...] = ()
    numbers: tuple[tuple[str, str], ...] = ()


def _parse_ftm(source: Source) -> Parsed:
    drafts: dict[str, Draft] = {}
    parts: dict[str, list[_Part]] = {}
    for line, data in _json_lines(source):
        where = f"{source.name} line {line}"
        try:
            uid, schema, properties = _entity(data)
            if property_name := _ABOUT.get(schema):
                for other in _texts(properties, property_name):
                    parts.setdefault(other, []).append(_part(schema, properties))
            if schema in _SCHEMAS and data.get("target") is not False and _is_sanctioned(properties, data):
                drafts[uid] = _draft(uid, schema, data, properties)
                check_number(source.name, len(drafts))
        except ValueError as error:
            yield RefusedRow(where, str(error))
    for uid, draft in drafts.items():
        for part in parts.pop(uid, ()):
            _attach(draft, part)
    yield from finish(source.name, drafts)


def _is_sanctioned(properties: Mapping[str, Any], data: Mapping[str, Any]) -> bool:
    """`topics` tells who is sanctioned; a file without them (an older one) tells targets. Who is only linked to one
    that is sanctioned is on no list."""
    topics = _texts(properties, "topics")
    return bool(_LISTED & set(topics)) if topics else data.get("target") is True


_LISTED = frozenset({"sanction", "sanction.counter"})


def _json_lines(source: Source) -> Iterator[tuple[int, dict[str, Any]]]:
    source.expect(Form.JSON)
    line, ends = 0, True
    for line, text in enumerate(text_lines(source), 1):
        if not text.strip():
            continue
        ends = text.endswith("\n")
        try:
            data = json.loads(text)
        except (ValueError, RecursionError) as error:
            if line == 1 or not ends:
                where = "a JSON value that is cut" if not ends else f"{text.strip()[:60]!r}"
                raise ListError(source.name, "an entity a line", where, AGAIN) from error
            raise ListError(f"{source.name} line {line}", "an entity", "no JSON", CHANGED) from error
        if not isinstance(data, dict):
            raise ListError(f"{source.name} line {line}", "an entity", f"{text.strip()[:60]!r}", CHANGED)
        if line == 1 and not ({"schema", "op"} & set(data)):
            found = f"an answer with {', '.join(list(data)[:5]) or 'nothing'}"
            raise ListError(source.name, "entities with schema and properties, or changes with op", found, CHANGED)
        yield line, data


def _entity(data: Any) -> tuple[str, str, Mapping[str, Any]]:
    found = data if isinstance(data, dict) else {}
    uid, schema, properties = found.get("id"), found.get("schema"), found.get("properties")
    if isinstance(uid, str) and isinstance(schema, str) and isinstance(properties, dict):
        return uid, schema, properties
    raise ValueError("it is no FollowTheMoney entity: that has id, schema and properties")


def _texts(properties: Mapping[str, Any], name: str) -> list[str]:
    """A property's values; a nested entity (nested JSON) counts by its id."""
    values = properties.get(name)
    found = []
    for value in values if isinstance(values, list) else []:
        text = value.get("id") if isinstance(value, dict) else value
        if isinstance(text, str):
            found.append(text)
    return found


def _part(schema: str, properties: Mapping[str, Any]) -> _Part:
    if schema == "Sanction":
        programmes = _texts(properties, "programId") or _texts(properties, "program")
        days = _texts(properties, "listingDate") or _texts(properties, "startDate")
        return _Part(tuple(programmes), tuple(_texts(properties, "provisions")), tuple(days))
    if schema == "CryptoWallet":
        return _Part(numbers=tuple(("publicKey", key) for key in _texts(properties, "publicKey")))
    kind = "passportNumber" if schema == "Passport" else "idNumber"
    return _Part(numbers=tuple((kind, number) for number in _texts(properties, "number")))


def _attach(draft: Draft, part: _Part) -> None:
    draft.add_programmes(*part.programmes)
    draft.add_provisions(*part.provisions)
    draft.listed_on = earliest([draft.listed_on, *(parse_day(day) for day in part.listed)])
    draft.add_identifiers(*(read_identifier(kind, number) for kind, number in part.numbers))


def _draft(uid: str, schema: str, data: Mapping[str, Any], properties: Mapping[str, Any]) -> Draft:
    draft = _begin(uid, schema)
    caption = data.get("caption")
    if isinstance(caption, str):
        draft.add_name(caption, is_primary=True)
    for name, kind in _NAMES.items():
        for text in _texts(properties, name):
            draft.add_name(text, is_weak=kind == "weak")
    draft.add_countries(*(text for name in _COUNTRIES for text in _texts(properties, name)))
    draft.add_programmes(*_texts(properties, "programId"))
    for name, kind in _NUMBERS.items():
        draft.add_identifiers(*(read_identifier(kind, text) for text in _texts(properties, name)))
    for birth in _texts(properties, "birthDate"):
        draft.add_birth_date(parse_date(birth))
    if not any(_texts(properties, name) for name in ("name", "alias")) and schema == "CryptoWallet":
        for key in _texts(properties, "publicKey"):
            draft.add_name(key, is_primary=True)
    draft.add_remarks(*_texts(properties, "position"), *_texts(properties, "notes"))
    return draft
