"""Who is tracked: CSV or FollowTheMoney JSON -> entities, chat words -> an entity, a name -> the entities it means.

A bad row is refused with its line and what is allowed; all other rows are read. Decides nothing about articles.
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
import re
import unicodedata
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, TypeVar

from rapidfuzz import fuzz
from rigour.names import extract_org_types
from rigour.territories import get_territory, lookup_territory
from rigour.territories.lookup import lookup_by_identifier
from trafilatura.utils import detect_encoding

from bot.decoding import decode_text
from bot.folding import fold_key
from bot.model import Entity, Identifier, Schema

Value = TypeVar("Value")

COLUMNS = ("key", "schema", "name", "aliases", "weak_aliases", "countries", "topics", "identifiers", "notes")
NEEDED = ("key", "schema", "name")

# FollowTheMoney's property names (followthemoney.tech/explorer), and what people write instead.
IDENTIFIER_KINDS = (
    "imoNumber", "mmsi", "leiCode", "registrationNumber", "taxNumber", "passportNumber", "publicKey", "isin",
)  # fmt: skip
_KIND_WORDS = {kind.casefold(): kind for kind in IDENTIFIER_KINDS} | {
    "imo": "imoNumber", "lei": "leiCode", "registration": "registrationNumber", "ogrn": "registrationNumber",
    "ogrncode": "registrationNumber", "tax": "taxNumber", "inn": "taxNumber", "inncode": "taxNumber",
    "passport": "passportNumber", "wallet": "publicKey", "address": "publicKey",
}  # fmt: skip
_SCHEMA_WORDS = {schema.casefold(): schema for schema in Schema} | {
    "human": Schema.PERSON, "individual": Schema.PERSON, "man": Schema.PERSON, "woman": Schema.PERSON,
    "firm": Schema.COMPANY, "business": Schema.COMPANY, "bank": Schema.COMPANY,
    "organisation": Schema.ORGANIZATION, "group": Schema.ORGANIZATION, "ngo": Schema.ORGANIZATION,
    "ministry": Schema.PUBLIC_BODY, "agency": Schema.PUBLIC_BODY, "government": Schema.PUBLIC_BODY,
    "entity": Schema.LEGAL_ENTITY, "ship": Schema.VESSEL, "tanker": Schema.VESSEL,
    "aircraft": Schema.AIRPLANE, "plane": Schema.AIRPLANE, "helicopter": Schema.AIRPLANE,
    "wallet": Schema.CRYPTO_WALLET,
}  # fmt: skip

MOST_NAME = 300  # characters; the longest name on the US list has 164
MOST_KEY = 100
_MOST_LINES = 50  # that one quoted row may span: beyond, its quotation mark was never closed


@dataclass(frozen=True, slots=True)
class Refused:
    """A row, or a part of one, that was not taken. `line` counts from 1, as editors do."""

    line: int
    reason: str


@dataclass(frozen=True, slots=True)
class WatchlistFile:
    """What a file holds. `notes` tell what was guessed (the encoding, say): to be shown, nothing is wrong."""

    entities: tuple[Entity, ...] = ()
    refused: tuple[Refused, ...] = ()
    notes: tuple[str, ...] = ()


@dataclass(slots=True)
class _Reading:
    """A file while it is read."""

    entities: dict[str, Entity] = field(default_factory=dict)
    lines: dict[str, int] = field(default_factory=dict)
    refused: list[Refused] = field(default_factory=list)

    def refuse(self, line: int, reason: str) -> None:
        self.refused.append(Refused(line, reason))

    def take(self, line: int, row: Mapping[str, str]) -> None:
        try:
            entity, doubts = parse_row(row)
        except ValueError as error:
            self.refuse(line, str(error))
            return
        if entity.key in self.entities:
            self.refuse(line, f"the key {entity.key!r} is on line {self.lines[entity.key]} already: keys are unique")
            return
        self.entities[entity.key] = entity
        self.lines[entity.key] = line
        for doubt in doubts:
            self.refuse(line, f"{doubt}; {entity.caption} is tracked without it")


# ---------------------------------------------------------------- files


def parse_watchlist(content: str | bytes, name: str) -> WatchlistFile:
    """A CSV with a header (comma, semicolon or tab; values parted by `;`) or FollowTheMoney JSON lines. `name` is the
    file's, for the messages. Never raises: what is wrong is in `refused`."""
    text, notes = _decode(content, name)
    reading = _Reading()
    if text.lstrip()[:1] in ("{", "["):
        _read_json(text, reading)
    else:
        _read_csv(text, name, reading)
    return WatchlistFile(tuple(reading.entities.values()), tuple(reading.refused), notes)


def _decode(content: str | bytes, name: str) -> tuple[str, tuple[str, ...]]:
    if isinstance(content, str):
        return content.removeprefix("\ufeff"), ()
    guessed: list[str] = []

    def detect(body: bytes) -> Iterable[str]:
        guessed.extend([*detect_encoding(body), "cp1252"])
        return guessed

    text = decode_text(content, "", detect)
    if not guessed:
        return text, ()
    return text, (
        f"{name} is not UTF-8: it was read as {guessed[0]}; if a name looks wrong, save the file as “CSV UTF-8”",
    )


def _read_csv(text: str, name: str, reading: _Reading) -> None:
    lines = io.StringIO(text, newline=None).readlines()
    first = next((number for number, line in enumerate(lines) if not _is_before_header(line)), None)
    if first is None:
        reading.refuse(1, f"{name} is empty: its first line names the columns {', '.join(NEEDED)} …")
        return
    separator = next((_separator(line) for line in lines[:first] if _separator(line)), None)
    delimiter = separator or max(",;\t", key=lines[first].count)
    records = _records(lines[first:], delimiter, reading, first)
    header = _header(next(records, (first + 1, []))[1], first + 1, reading)
    if not header:
        return
    for line, cells in records:
        if not any(cell.strip() for cell in cells) or cells[0].lstrip().startswith("#"):
            continue
        extra = [cell for cell in cells[len(header) :] if cell.strip()]
        if extra:
            reading.refuse(line, f"{len(cells)} values for {len(header)} columns: put quotation marks around {cells}")
            continue
        reading.take(line, {column: cell for column, cell in zip(header, cells, strict=False) if column})


def _is_before_header(line: str) -> bool:
    return not line.strip() or line.startswith("#") or _separator(line) is not None


def _separator(line: str) -> str | None:
    """Excel's first line "sep=;"."""
    match = re.fullmatch(r'\s*"?sep=(.)"?\s*', line, re.IGNORECASE)
    return match[1] if match else None


def _records(lines: Sequence[str], delimiter: str, reading: _Reading, before: int) -> Iterator[tuple[int, list[str]]]:
    """(line number, cells) for each row. A quotation mark that is never closed costs its own line, not the rest."""
    start = 0
    while start < len(lines):
        for end in range(start + 1, min(start + _MOST_LINES, len(lines)) + 1):
            try:
                cells = next(csv.reader(lines[start:end], delimiter=delimiter, strict=True), [])
            except csv.Error as error:
                problem = str(error)
                if "unexpected end of data" in problem:
                    continue
                reading.refuse(before + start + 1, f"is no CSV row: {problem}")
                start += 1
                break
            yield before + start + 1, cells
            start = end
            break
        else:
            reading.refuse(before + start + 1, "opens a quotation mark and never closes it")
            start += 1


def _header(cells: Sequence[str], line: int, reading: _Reading) -> list[str]:
    """The columns in order, "" for unknown ones; empty if a needed one is missing."""
    words = [cell.strip().casefold().replace(" ", "_") for cell in cells]
    header = [_COLUMN_WORDS.get(word, "") for word in words]
    missing = [column for column in NEEDED if column not in header]
    if missing:
        reading.refuse(
            line,
            f"the column {' and '.join(missing)} is missing: the first line names the columns {', '.join(COLUMNS)} "
            f"({', '.join(NEEDED)} are needed), here it reads {', '.join(cells)!r}",
        )
        return []
    for cell, column in zip(cells, header, strict=True):
        if cell.strip() and not column:
            reading.refuse(line, f"the column {cell.strip()!r} is unknown and left out: there are {', '.join(COLUMNS)}")
    for column in {column for column in header if column and header.count(column) > 1}:
        reading.refuse(line, f"the column {column!r} is there twice: the last one counts")
    return header


_COLUMN_WORDS = {column: column for column in COLUMNS} | {
    "id": "key", "type": "schema", "kind": "schema", "caption": "name", "alias": "aliases",
    "weak_alias": "weak_aliases", "country": "countries", "topic": "topics", "tags": "topics",
    "identifier": "identifiers", "note": "notes",
}  # fmt: skip


def parse_row(row: Mapping[str, str]) -> tuple[Entity, tuple[str, ...]]:
    """One row, columns as COLUMNS -> its entity and what of it was left out. Raises ValueError with what is allowed."""
    doubts: list[str] = []
    name = parse_name(row.get("name", ""))
    return Entity(
        key=parse_key(row.get("key", "")),
        schema=parse_schema(row.get("schema", "")),
        caption=name,
        aliases=_names(row.get("aliases", ""), doubts, {name}),
        weak_aliases=_names(row.get("weak_aliases", ""), doubts, {name}),
        countries=_each(_values(row.get("countries", "")), parse_country, doubts),
        topics=_unique(topic.casefold() for topic in _values(row.get("topics", ""))),
        identifiers=_each(_values(row.get("identifiers", "")), parse_identifier, doubts),
        notes=_clean(row.get("notes", "")),
    ), tuple(doubts)


def _values(cell: str) -> list[str]:
    return [value for part in cell.split(";") if (value := _clean(part))]


def _each(values: Iterable[str], parse: Callable[[str], Value], doubts: list[str]) -> tuple[Value, ...]:
    taken: dict[Value, None] = {}
    for value in values:
        try:
            taken[parse(value)] = None
        except ValueError as error:
            doubts.append(str(error))
    return tuple(taken)


def _unique(values: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(values))


def _names(cell: str, doubts: list[str], known: Collection[str]) -> tuple[str, ...]:
    return tuple(name for name in _each(_values(cell), parse_name, doubts) if name not in known)


def _clean(text: str) -> str:
    """One line without control and invisible characters."""
    visible = "".join(" " if unicodedata.category(char) in ("Cc", "Zl", "Zp") else char for char in text)
    return " ".join(visible.replace("\ufeff", "").replace("\u200b", "").split())


# ---------------------------------------------------------------- single values


def parse_name(text: str) -> str:
    """Raises ValueError if nothing could ever be found by it."""
    name = _clean(text)
    if not name:
        raise ValueError("the name is missing")
    if len(name) > MOST_NAME:
        raise ValueError(f"the name {name[:40]!r}… has {len(name)} characters: at most {MOST_NAME}")
    if not any(char.isalnum() for char in fold_key(name)):
        raise ValueError(f"the name {name!r} has no letter and no digit")
    return name


def parse_key(text: str) -> str:
    key = text.strip()
    if not key:
        raise ValueError("the key is missing: any short word that no other row has, NK-001 for example")
    if len(key) > MOST_KEY or any(char.isspace() or not char.isprintable() for char in key):
        raise ValueError(f"the key {key[:40]!r} is not usable: at most {MOST_KEY} characters, and no blanks")
    return key


def parse_schema(text: str) -> Schema:
    word = _clean(text).casefold().replace(" ", "")
    schema = _SCHEMA_WORDS.get(word)
    if schema is None:
        raise ValueError(f"the schema {text.strip()!r} is unknown: there are {', '.join(Schema)}")
    return schema


def parse_identifier(text: str) -> Identifier:
    """`imoNumber:9187629`."""
    word, colon, value = text.partition(":")
    kind = _KIND_WORDS.get(word.strip().casefold())
    if not colon or kind is None or not value.strip():
        raise ValueError(
            f"the identifier {text!r} is not readable: write imoNumber:9187629; kinds are {', '.join(IDENTIFIER_KINDS)}"
        )
    return Identifier(kind, value.strip())


@lru_cache(maxsize=2_000)
def parse_country(text: str) -> str:
    """An ISO code or a country's name, in most languages -> its two-letter code. Raises ValueError."""
    word = _clean(text)
    # By code first: the index of names takes a second to build.
    territory = lookup_by_identifier(word) if len(word) <= 3 else None
    territory = territory or lookup_territory(word)
    while territory and len(territory.code) != 2 and territory.parent:
        territory = territory.parent
    if territory is None or len(territory.code) != 2:
        raise ValueError(f"the country {word!r} is unknown: write its name, or its two letters as in ru")
    return territory.code


def country_name(code: str) -> str:
    territory = get_territory(code)
    return territory.name if territory else code.upper()


# ---------------------------------------------------------------- FollowTheMoney JSON

_FTM_NAMES = ("name", "alias", "previousName", "abbreviation")
_FTM_COUNTRIES = ("country", "jurisdiction", "nationality", "citizenship", "flag", "mainCountry")


def _read_json(text: str, reading: _Reading) -> None:
    """An entity a line (FollowTheMoney's `entities.ftm.json`), or one JSON list of them."""
    if text.lstrip()[0] == "[":
        for number, data in enumerate(_json_list(text, reading), 1):
            _take_ftm(number, data, reading, "item")
        return
    for line, row in enumerate(io.StringIO(text, newline=None), 1):
        if row.strip():
            try:
                _take_ftm(line, json.loads(row), reading, "line")
            except (ValueError, RecursionError) as error:
                reading.refuse(line, f"is no JSON: {error}")


def _json_list(text: str, reading: _Reading) -> list[Any]:
    try:
        return list(json.loads(text))
    except (ValueError, RecursionError) as error:
        reading.refuse(getattr(error, "lineno", 1), f"is no JSON: {error}")
        return []


def _take_ftm(number: int, data: Any, reading: _Reading, counted: str) -> None:
    properties = data.get("properties") if isinstance(data, dict) else None
    if not isinstance(properties, dict):
        reading.refuse(number, f"this {counted} is no FollowTheMoney entity: it needs id, schema and properties")
        return
    reading.take(number, _ftm_row(data, properties))


def _ftm_row(data: Mapping[str, Any], properties: Mapping[str, Any]) -> dict[str, str]:
    """An entity as a row of COLUMNS. Semicolons part values there, so those inside a value become commas."""

    def texts(*names: str) -> list[str]:
        found = [value for name in names for value in _list(properties.get(name))]
        return [str(value).replace(";", ",") for value in found]

    names = texts(*_FTM_NAMES)
    caption = str(data.get("caption") or (names[0] if names else ""))
    identifiers = [f"{kind}:{value}" for kind in IDENTIFIER_KINDS for value in texts(kind)]
    identifiers += [f"registrationNumber:{value}" for value in texts("ogrnCode")]
    identifiers += [f"taxNumber:{value}" for value in texts("innCode")]
    return {
        "key": str(data.get("id") or ""),
        "schema": str(data.get("schema") or ""),
        "name": caption.replace(";", ","),
        "aliases": ";".join(names),
        "weak_aliases": ";".join(texts("weakAlias")),
        "countries": ";".join(texts(*_FTM_COUNTRIES)),
        "topics": ";".join(texts("topics")),
        "identifiers": ";".join(identifiers),
        "notes": " ".join(texts("notes")),
    }


def _list(value: Any) -> list[Any]:
    if value is None:
        return []
    return value if isinstance(value, list) else [value]


# ---------------------------------------------------------------- words typed in a chat

_SETTING_WORDS = {
    "schema": "schema", "type": "schema", "kind": "schema", "key": "key", "id": "key", "name": "name",
    "alias": "aliases", "aliases": "aliases", "aka": "aliases", "weak": "weak_aliases", "weak_alias": "weak_aliases",
    "weak_aliases": "weak_aliases", "country": "countries", "countries": "countries", "topic": "topics",
    "topics": "topics", "tag": "topics", "tags": "topics", "note": "notes", "notes": "notes",
} | {word: "identifiers" for word in _KIND_WORDS if word != "address"}  # fmt: skip
_LISTS = ("weak_aliases", "countries", "topics", "identifiers")
_SETTING = re.compile(r"(?<!\S)(\w+)\s*=\s*")


def entity_from_words(text: str, taken: Collection[str]) -> Entity:
    """`Name; alias; alias | schema=Company country=ru topic=x key=…` -> an entity. `taken` are the keys in use.
    Settings may also stand between semicolons, with values by commas. Raises ValueError that says what to write."""
    names: list[str] = []
    row: dict[str, list[str]] = {}
    for part in re.split(r"[;|\n]", text):
        names += [name for name in [_read_part(part, row)] if name]
    names += row.pop("name", [])
    if not names:
        raise ValueError("the name is missing: write the name first, then its other names after semicolons")
    entity, doubts = parse_row(
        {
            "key": "".join(row.get("key", [])) or _free_key(names[0], taken),
            "schema": "".join(row.get("schema", [])) or guess_schema(names[0]),
            "name": names[0],
            "aliases": ";".join([*names[1:], *row.get("aliases", [])]),
            **{
                column: ";".join(row.get(column, []))
                for column in ("weak_aliases", "countries", "topics", "identifiers")
            },
            "notes": " ".join(row.get("notes", [])),
        }
    )
    if doubts:
        raise ValueError("; ".join(doubts))
    if entity.key in taken:
        raise ValueError(f"the key {entity.key!r} is taken: leave key= out, or choose another")
    return entity


def _read_part(part: str, row: dict[str, list[str]]) -> str:
    """What stands before the first `word=` is returned: a name, or nothing."""
    found = list(_SETTING.finditer(part))
    ends = [*(match.start() for match in found[1:]), len(part)]
    for match, end in zip(found, ends, strict=False):
        word = match[1].casefold()
        column = _SETTING_WORDS.get(word)
        if column is None:
            settings = "schema, country, topic, alias, weak, key, imo, lei, note"
            raise ValueError(f"{match[1]}= is not known: there are {settings}, as in country=ru")
        value = part[match.end() : end]
        values = [value] if column == "notes" else value.split(",")
        kind = f"{_KIND_WORDS[word]}:" if column == "identifiers" else ""
        row.setdefault(column, []).extend(f"{kind}{one.strip()}" for one in values if one.strip())
    return _clean(part[: found[0].start()] if found else part)


def guess_schema(name: str) -> Schema:
    """A legal form in the name makes a company; else it stays open whether it is a person or an organisation."""
    return Schema.COMPANY if extract_org_types(name.casefold()) else Schema.LEGAL_ENTITY


def _free_key(name: str, taken: Collection[str]) -> str:
    slug = "-".join(re.findall(r"[a-z0-9]+", fold_key(name)))[:32].strip("-")
    base = slug or f"w-{hashlib.sha256(fold_key(name).encode()).hexdigest()[:8]}"
    numbered = (base if number == 1 else f"{base}-{number}" for number in range(1, len(taken) + 2))
    return next(key for key in numbered if key not in taken)


# ---------------------------------------------------------------- finding again

SIMILAR = 80.0  # of 100: below, a near name is no help
MOST_NEAR = 6


@dataclass(frozen=True, slots=True)
class Near:
    entity: Entity
    name: str  # the name that is near
    score: float  # 0 to 100


@dataclass(frozen=True, slots=True)
class Found:
    """Whom a person may mean: `exact` by key or by a whole name; `partly` by some words of a name; `near` by spelling,
    best first. The later ones are empty when an earlier one is not."""

    exact: tuple[Entity, ...] = ()
    partly: tuple[Entity, ...] = ()
    near: tuple[Near, ...] = ()

    @property
    def entities(self) -> tuple[Entity, ...]:
        return self.exact or self.partly or tuple(near.entity for near in self.near)


def find_entities(words: str, entities: Sequence[Entity]) -> Found:
    """Which of `entities` a person means by `words`: a key, a name, a part of a name, or nearly a name."""
    wanted = fold_key(words)
    if not wanted:
        return Found()
    key = words.strip().casefold()
    if by_key := tuple(entity for entity in entities if entity.key.casefold() == key):
        return Found(exact=by_key)
    folded = [(entity, [fold_key(name) for name in names_of(entity)]) for entity in entities]
    if exact := tuple(entity for entity, names in folded if wanted in names):
        return Found(exact=exact)
    tokens = set(wanted.split())
    if partly := tuple(entity for entity, names in folded if any(tokens <= set(name.split()) for name in names)):
        return Found(partly=partly)
    return Found(near=_near(wanted, folded))


def names_of(entity: Entity) -> tuple[str, ...]:
    return (entity.caption, *entity.aliases, *entity.weak_aliases)


def _near(wanted: str, folded: Iterable[tuple[Entity, Sequence[str]]]) -> tuple[Near, ...]:
    near = []
    for entity, names in folded:
        score, at = max((_similarity(wanted, name), -position) for position, name in enumerate(names))
        if score >= SIMILAR:
            near.append(Near(entity, names_of(entity)[-at], score))
    return tuple(sorted(near, key=lambda one: -one.score)[:MOST_NEAR])


def _similarity(wanted: str, name: str) -> float:
    """Order of words aside; a few words of a long name count nearly as much as all."""
    whole = fuzz.token_sort_ratio(wanted, name)
    if len(wanted) < 5 or len(name) < 5:
        return whole
    return max(whole, 0.95 * fuzz.partial_ratio(wanted, name))
