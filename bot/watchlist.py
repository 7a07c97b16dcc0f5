"""Who is tracked: CSV or FollowTheMoney JSON -> entities, chat words -> an entity, a name -> the entities it means.

A bad row is refused with its line and what is allowed; all other rows are read. Decides nothing about articles.
"""

from __future__ import annotations

import hashlib
import io
import itertools
import json
import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Collection, Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Any, TypeVar

from rapidfuzz import fuzz
from rigour.names import extract_org_types
from rigour.territories import get_territory, lookup_territory
from rigour.territories.lookup import lookup_by_identifier

from bot.asides import Written, read_written
from bot.counted import some_of
from bot.errors import SpreadsheetError
from bot.folding import fold_key
from bot.identifiers import IDENTIFIER_KINDS, KIND_WORDS, is_of_a_ship, numbers_in_name, parse_identifier
from bot.model import KINDS, MAIN_WATCHLIST, Entity, EntityLink, Identifier, Schema
from bot.spreadsheets import Refused, Row, Table, is_workbook, read_table, read_text, write_csv, write_xlsx
from bot.wallets import is_wallet

Value = TypeVar("Value")

COLUMNS = (
    "key", "schema", "name", "aliases", "weak_aliases", "countries", "topics", "identifiers", "notes", "watchlist",
    "links",
)  # fmt: skip

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
MOST_WATCHLIST = 32
MOST_NOTES = 4_000
LINK_KINDS = (
    "owned_by", "owns", "director", "director_of", "family", "associate", "part_of", "successor_of", "linked_to",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class WatchlistFile:
    """What a file holds. `notes` tell what was guessed (the encoding, say): to be shown, nothing is wrong. A row
    without a key has one of its name; `unkeyed` are those keys. `told`: which columns each key's row fills."""

    entities: tuple[Entity, ...] = ()
    refused: tuple[Refused, ...] = ()
    notes: tuple[str, ...] = ()
    lines: Mapping[str, int] = field(default_factory=dict)  # of each entity's key
    columns: frozenset[str] = frozenset(COLUMNS)  # that the file has
    unkeyed: frozenset[str] = frozenset()
    told: Mapping[str, frozenset[str]] = field(default_factory=dict)
    kinds: frozenset[str] = frozenset()  # of identifiers that have a column of their own, if only those have one
    written: Mapping[str, Entity] = field(default_factory=dict)  # as the file has those that were parted from asides

    @property
    def lost(self) -> tuple[Refused, ...]:
        """Rows of which nothing is taken."""
        taken = set(self.lines.values())
        return tuple(one for one in self.refused if one.line not in taken)

    @property
    def partly(self) -> tuple[Refused, ...]:
        """What was left out of rows that are taken."""
        taken = set(self.lines.values())
        return tuple(one for one in self.refused if one.line in taken)

    def tells(self, key: str, column: str) -> bool:
        return column in self.told.get(key, frozenset(COLUMNS))


@dataclass(slots=True)
class _Reading:
    """A file while it is read."""

    watchlist: str = MAIN_WATCHLIST
    entities: dict[str, Entity] = field(default_factory=dict)
    lines: dict[str, int] = field(default_factory=dict)
    refused: list[Refused] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    columns: frozenset[str] = frozenset(COLUMNS)
    unkeyed: list[tuple[int, Mapping[str, str]]] = field(default_factory=list)  # (line, row), read when all keys are
    made: set[str] = field(default_factory=set)  # keys of such rows
    told: dict[str, frozenset[str]] = field(default_factory=dict)
    kinds: frozenset[str] = frozenset()
    written: dict[str, Entity] = field(default_factory=dict)
    is_typed: bool = True  # by people, who write more than a name into its cell
    by_entry: bool = False  # `line` is the number of an entry: all of them may stand on one line

    def refuse(self, line: int, reason: str) -> None:
        self.refused.append(Refused(line, reason))

    def take(self, line: int, row: Mapping[str, str]) -> None:
        if not row.get("key", "").strip():
            self.unkeyed.append((line, row))
        elif (read := self.parse(line, row, row["key"])) and read[0].key in self.entities:
            key = read[0].key
            self.refuse(line, f"the key {key!r} is on line {self.lines[key]} already: keys are unique")
        elif read:
            self.keep(line, row, *read)

    def take_unkeyed(self) -> None:
        """Each gets a key of its name. A name that is there twice counts once, unless of another kind."""
        seen: dict[str, list[Entity]] = {}
        for entity in self.entities.values():
            seen.setdefault(fold_key(entity.caption), []).append(entity)
        doubles: list[str] = []
        for line, row in self.unkeyed:
            name = read_written(_clean(row.get("name", ""))).name
            if read := self.parse(line, row, key_of_name(name, self.entities)):
                entity, doubts = read
                same = seen.setdefault(fold_key(entity.caption), [])
                is_guess = not row.get("schema", "").strip()
                if first := next((one for one in same if is_guess or may_be_one(one.schema, entity.schema)), None):
                    doubles.append(f"{entity.caption} (lines {self.lines[first.key]} and {line})")
                    continue
                same.append(entity)
                self.made.add(entity.key)
                self.keep(line, row, entity, doubts)
        if doubles:
            self.notes.append(f"There more than once, the first counts: {_some(doubles)}.")

    def parse(self, line: int, row: Mapping[str, str], key: str) -> tuple[Entity, tuple[str, ...]] | None:
        told = row.get("schema", "").strip()
        schema = told or str(guess_schema(_clean(row.get("name", ""))))
        try:
            entity, doubts = parse_row({**row, "key": key, "schema": schema}, self.watchlist)
            parted = without_asides(entity, is_kind_told=bool(told)) if self.is_typed else entity
            return parted if told else _by_its_numbers(parted), doubts
        except ValueError as error:
            who = _clean(row.get("name", "")) or key
            self.refuse(line, f"entry {line} ({who[:60]}): {error}" if self.by_entry else str(error))
            return None

    def keep(self, line: int, row: Mapping[str, str], entity: Entity, doubts: Sequence[str]) -> None:
        self.entities[entity.key] = entity
        if entity.caption != (name := _clean(row.get("name", ""))):
            schema = parse_schema(row["schema"]) if row.get("schema", "").strip() else guess_schema(name)
            self.written[entity.key] = parse_row({**row, "key": entity.key, "schema": schema}, self.watchlist)[0]
        self.lines[entity.key] = line
        self.told[entity.key] = _filled(tuple(column for column, cell in row.items() if cell.strip()))
        for doubt in doubts:
            self.refuse(line, f"{doubt}; {entity.caption} is tracked without it")


@lru_cache(maxsize=1_000)
def _filled(columns: tuple[str, ...]) -> frozenset[str]:
    """One set for all rows that fill the same columns."""
    return frozenset(columns)


def may_be_one(schema: Schema, other: Schema) -> bool:
    """Whether two of one name may be the same by their kinds: an open kind may be any."""
    return schema == other or Schema.LEGAL_ENTITY in (schema, other)


def _some(names: Sequence[str]) -> str:
    return some_of(names, 5)


# ---------------------------------------------------------------- files


def parse_watchlist(content: str | bytes, name: str, watchlist: str = MAIN_WATCHLIST) -> WatchlistFile:
    """A CSV or XLSX with a header (comma, semicolon or tab; values parted by `;`), a plain list of names, or
    FollowTheMoney JSON lines. `name` is the file's, for the messages; `watchlist` is that of rows that name none. Never
    raises: what is wrong is in `refused`."""
    reading = _Reading(watchlist=watchlist)
    try:
        if isinstance(content, bytes) and is_workbook(content):
            _read_rows(read_table(content, name), name, reading)
        else:
            text, notes = read_text(content, name)
            reading.notes += notes
            if text.lstrip()[:1] in ("{", "["):
                _read_json(text, reading)
            else:
                _read_rows(read_table(text, name, is_file=isinstance(content, bytes)), name, reading)
    except SpreadsheetError as error:
        reading.refuse(1, str(error))
    reading.take_unkeyed()
    reading.refused.sort(key=lambda refused: refused.line)
    return WatchlistFile(
        tuple(reading.entities.values()),
        tuple(reading.refused),
        tuple(reading.notes),
        reading.lines,
        reading.columns,
        frozenset(reading.made),
        reading.told,
        reading.kinds,
        reading.written,
    )


def _read_rows(table: Table, name: str, reading: _Reading) -> None:
    reading.refused += table.refused
    reading.notes += table.notes
    if not table.rows:
        if not table.refused:
            reading.refuse(1, f"{name} is empty: its first line names the columns {', '.join(COLUMNS[:3])} …")
        return
    start = find_header(table.rows) or 0
    first, rows = table.rows[start], table.rows[start + 1 :]
    if start:
        reading.notes.append(above_header(table.rows[:start], first.line))
    header = _header(first.cells, reading)
    if not header and _is_plain_list(table.as_lines):
        reading.notes.append(f"{name} names no columns: every line was read as a name, the first one too.")
        header, rows = ["name"], table.as_lines
    reading.columns = frozenset(column.partition(":")[0] for column in header)
    if "identifiers" not in header:
        reading.kinds = frozenset(KIND_WORDS[column.partition(":")[2]] for column in header if ":" in column)
    if not header:
        reading.refuse(
            first.line,
            f"the column name is missing: the first line names the columns {', '.join(COLUMNS)} "
            f"(name is needed; a plain list of names has that word alone), "
            f"here it reads {', '.join(first.cells)[:200]!r}",
        )
        return
    comments: list[int] = []
    for row in rows:
        if _is_comment(row.cells[0]):
            if _by_column(header, row.cells).get("name", "").strip() and len(header) > 1:
                comments.append(row.line)
            continue
        if any(cell.strip() for cell in row.cells[len(header) :]):
            count, cells = len(row.cells), list(row.cells)
            reading.refuse(row.line, f"{count} values for {len(header)} columns: put quotation marks around {cells}")
            continue
        reading.take(row.line, _by_column(header, row.cells))
    if comments:
        lines = "line" if len(comments) == 1 else "lines"
        reading.notes.append(f"Left out as comments, as they begin with #: {lines} {_some([*map(str, comments)])}.")


def find_header(rows: Sequence[Row]) -> int | None:
    """Which row names the columns, if one does: the first, or one below titles and groups of columns, which fill fewer
    cells. Of two, the one that names more that is known."""
    found: list[tuple[int, int]] = []
    widest = 0
    for at, row in enumerate(rows[:_MOST_ABOVE]):
        columns = name_columns(row.cells)
        filled = sum(bool(cell.strip()) for cell in row.cells)
        if "name" in columns and (filled > widest or filled == 1):
            found.append((sum(map(bool, columns)), -at))
        widest = max(widest, filled)
    return -max(found)[1] if found else None


def above_header(rows: Sequence[Row], line: int) -> str:
    """The note on rows that stand above the header."""
    texts = [cell.strip()[:40] for row in rows for cell in row.cells if cell.strip()]
    return f"The columns are named on line {line}; left out above: {_some([*map(repr, texts)])}."


def _is_comment(cell: str) -> bool:
    cell = cell.strip()
    return cell.startswith("#") and not _SHEET_ERROR.fullmatch(cell)


def _by_column(header: Sequence[str], cells: Sequence[str]) -> dict[str, str]:
    """A column "identifiers:imo" holds IMO numbers alone: they stand with the other identifiers."""
    row: dict[str, str] = {}
    numbers: list[str] = []
    for column, cell in zip(header, cells, strict=False):
        _, _, kind = column.partition(":")
        if kind:
            numbers += (f"{kind}:{value}" for value in _values(cell))
        elif column:
            row[column] = f"{row[column]};{cell}" if column in row and column in _SEVERAL else cell
    if given := row.pop(GIVEN_NAME, "").strip():
        family = row.get("name", "").strip()
        row["name"] = whole_name(given, family)
        row["schema"] = row.get("schema", "").strip() or (str(Schema.PERSON) if family else "")
    if numbers:
        row["identifiers"] = ";".join([row.get("identifiers", ""), *numbers])
    return row


def _header(cells: Sequence[str], reading: _Reading) -> list[str]:
    """The columns in order, "" for unknown ones; empty if there is none for the name. A column too many is no refused
    row: lists carry the account manager, the city, the day of the last check."""
    header = name_columns(cells)
    if "name" not in header:
        return []
    births = [repr(cell.strip()[:40]) for cell, column in zip(cells, header, strict=True) if column == BIRTH_DATE]
    if births:
        reading.notes.append(
            f"Left out, as birth dates are not kept in a column: {_some(births)}. One that stands behind the name, as "
            "in “Ivan Petrov (b. 1975)”, is kept as a note."
        )
    unknown = [
        repr(cell.strip()[:40]) for cell, column in zip(cells, header, strict=True) if cell.strip() and not column
    ]
    header = ["" if column == BIRTH_DATE else column for column in header]
    if unknown:
        reading.notes.append(
            f"Unknown and left out: the column{'s' if len(unknown) > 1 else ''} {_some(unknown)}. There are "
            f"{', '.join(COLUMNS)}, and for identifiers of one kind {', '.join(_NUMBER_COLUMNS)}."
        )
    for column in sorted({column for column in header if column and header.count(column) > 1}):
        which = "both count" if column in _SEVERAL or ":" in column else "the last one counts"
        reading.notes.append(f"The column {column} is there twice: {which}.")
    return header


def name_columns(cells: Sequence[str]) -> list[str]:
    """The column that each cell names, one of COLUMNS, BIRTH_DATE or "identifiers:imo" …; "" for unknown ones."""
    words = [_heading(cell) for cell in cells]
    columns = [_COLUMN_WORDS.get(word) or _column_of_number(word) for word in words]
    is_whole = {GIVEN_NAME, FAMILY_NAME, "name"} <= {*columns}
    if is_whole:  # the name is all of it
        columns = ["" if column == GIVEN_NAME else column for column in columns]
    elif GIVEN_NAME in columns and FAMILY_NAME in columns:
        columns[columns.index(FAMILY_NAME)] = "name"
    if "name" not in columns and (best := next((word for word in NAME_WORDS if word in words), None)):
        columns[words.index(best)] = "name"
    if FAMILY_NAME in columns and "name" in columns and GIVEN_NAME not in columns and not is_whole:
        columns[columns.index("name")] = GIVEN_NAME  # "Имя" or "Name" beside "Surname"
        columns[columns.index(FAMILY_NAME)] = "name"
    return ["" if column == FAMILY_NAME else column for column in columns]


def whole_name(given: str, name: str) -> str:
    """Of a table that has given names in a column of their own: a family name alone is many people's."""
    folded = fold_key(given), fold_key(name)
    if not folded[0] or folded[0] in folded[1]:
        return name
    return given if folded[1] in folded[0] else f"{given} {name}"


def _heading(cell: str) -> str:
    """'D.O.B.' -> 'dob', 'Name of the party' -> 'party_name', 'Country of incorporation:' -> with underscores."""
    word = "_".join(cell.casefold().replace(".", "").strip(" :*\ufeff").split())
    return re.sub(r"name_of_(?:the_|a_)?(\w+)", r"\1_name", word)


def _column_of_number(word: str) -> str:
    """'imo', 'imo_number', 'lei_code', 'passport_no.' -> 'identifiers:imo' and so on, as `watch add` calls them. An
    "address" is mostly a street, not a wallet's."""
    kind = re.sub(r"_?(?:numbers?|no|nr|code|id)$", "", word)
    named = next((one for one in (word, kind) if one in KIND_WORDS and one not in ("address", "list")), "")
    return f"identifiers:{named}" if named else ""


def _is_plain_list(rows: Sequence[Row]) -> bool:
    """One name a line. A comma before no blank parts the cells of a table, and no file of names begins with a tag."""
    if rows[0].cells[0].lstrip().startswith("<"):
        return False
    return all(len(row.cells) == 1 and not re.search(r"[,;\t|](?!\s)", row.cells[0].rstrip(" ,;")) for row in rows)


# How tables head their columns, for the import of a watchlist and for names that are looked up from a file: as
# `_heading` writes it. Where none is called "name", the first of these that there is.
_PARTIES = (
    "legal", "registered", "party", "entity", "company", "counterparty", "customer", "client", "supplier", "vendor",
    "partner", "business_partner", "beneficiary", "vessel", "ship", "firm",
)  # fmt: skip
NAME_WORDS = (
    "caption", "full_name", "fullname", *(f"{party}_name" for party in _PARTIES), "names", "entity", "company",
    "person", "party", "counterparty", "customer", "client", "supplier", "vendor", "имя", "название", "наименование",
    "контрагент", "фио", "firma", "firmenname", "kunde", "kundenname", "lieferant", "lieferantenname",
    "geschäftspartner", "name_1", "name1", "raison_sociale", "dénomination", "nom", "client_nom", "fournisseur",
    "razón_social", "razon_social", "nombre", "proveedor", "ragione_sociale",
)  # fmt: skip
BIRTH_DATE = "birth_date"  # which is looked up by, and not kept of who is tracked
GIVEN_NAME, FAMILY_NAME = "given_name", "family_name"  # in columns of their own: together they are the name
_MOST_ABOVE = 20  # rows, in which the header must be
_COLUMN_WORDS = {column: column for column in COLUMNS} | {
    "id": "key", "type": "schema", "kind": "schema", "caption": "name", "alias": "aliases",
    "weak_alias": "weak_aliases", "country": "countries", "topic": "topics", "tags": "topics",
    "identifier": "identifiers", "note": "notes", "list": "watchlist", "link": "links", "aka": "aliases",
    "also_known_as": "aliases", "other_names": "aliases", "jurisdiction": "countries", "nationality": "countries",
    "citizenship": "countries", "country_of_incorporation": "countries", "incorporation_country": "countries",
    "country_of_registration": "countries", "country_of_residence": "countries", "страна": "countries",
    "инн": "identifiers:inn", "огрн": "identifiers:ogrn",
    BIRTH_DATE: BIRTH_DATE, "birthdate": BIRTH_DATE, "date_of_birth": BIRTH_DATE, "dob": BIRTH_DATE,
    "born": BIRTH_DATE, "birthday": BIRTH_DATE, "birth": BIRTH_DATE, "year_of_birth": BIRTH_DATE,
    "birth_year": BIRTH_DATE, "дата_рождения": BIRTH_DATE, "geburtsdatum": BIRTH_DATE, "geburtstag": BIRTH_DATE,
    "geb_datum": BIRTH_DATE, "date_de_naissance": BIRTH_DATE, "fecha_de_nacimiento": BIRTH_DATE,
    "land": "countries", "sitzland": "countries", "pays": "countries", "país": "countries", "pais": "countries",
    "paese": "countries", "nationalität": "countries", "nationalité": "countries", "country_code": "countries",
    "ländercode": "countries",
    **dict.fromkeys(
        ("first_name", "firstname", "given_name", "given_names", "forename", "forenames", "vorname", "vornamen",
         "prénom", "prenom"), GIVEN_NAME),
    **dict.fromkeys(
        ("last_name", "lastname", "surname", "family_name", "nachname", "familienname", "фамилия", "apellidos",
         "nom_de_famille", "cognome"), FAMILY_NAME),
}  # fmt: skip
_SEVERAL = frozenset({"aliases", "weak_aliases", "countries", "topics", "identifiers", "links"})


_NUMBER_COLUMNS = ("imo", "mmsi", "lei", "registration", "ogrn", "tax", "inn", "passport", "wallet", "isin", "bic")


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
        countries=_each(_values(row.get("countries", "")), parse_country, doubts),
        topics=_unique(topic.casefold() for topic in _values(row.get("topics", ""))),
        identifiers=_each(_values(row.get("identifiers", "")), parse_identifier, doubts),
        notes=_clean(row.get("notes", ""))[:MOST_NOTES],
        watchlist=parse_watchlist_key(row.get("watchlist", "") or watchlist),
        links=_each(_values(row.get("links", "")), parse_link, doubts),
    ), tuple(doubts)


def _values(cell: str) -> list[str]:
    return [value for part in cell.split(";") if (value := _clean(part)) and value not in NOTHING]


def _each(values: Iterable[str], parse: Callable[[str], Value], doubts: list[str]) -> tuple[Value, ...]:
    taken: dict[Value, None] = {}
    for value in values:
        try:
            taken[parse(value)] = None
        except ValueError as error:
            doubts.append(str(error))
    return tuple(taken)


def _unique(values: Iterable[Value]) -> tuple[Value, ...]:
    return tuple(dict.fromkeys(values))


def _names(cell: str, schema: Schema, doubts: list[str], known: Collection[str]) -> tuple[str, ...]:
    names = _each(_values(cell), lambda value: parse_alias(value, schema), doubts)
    return tuple(name for name in names if name not in known)


def _clean(text: str) -> str:
    """One line without control and invisible characters."""
    visible = "".join(" " if unicodedata.category(char) in ("Cc", "Zl", "Zp") else char for char in text)
    return " ".join(visible.replace("\ufeff", "").replace("\u200b", "").split())


# ---------------------------------------------------------------- what stands beside a name


def without_asides(entity: Entity, *, is_kind_told: bool) -> Entity:
    """With the name alone for a caption; what stood beside it goes where it belongs: a country, another name, a number,
    a note. "Foo, UAE" is in no article, and "Ivan Petrov (b. 1975)" would be sought as "b 1975" too."""
    found = read_written(entity.caption)
    if not found.aside:
        return entity
    known = {fold_key(name) for name in (found.name, *entity.aliases)}
    others = [name for name in found.others if fold_key(name) not in known]
    numbers = _each(found.numbers, parse_identifier, [])
    notes = " ".join(filter(None, (entity.notes, *_noted(found))))
    return replace(
        entity,
        schema=Schema.PERSON if found.is_person and not is_kind_told else entity.schema,
        caption=found.name,
        aliases=(*entity.aliases, *others),
        countries=_unique((*entity.countries, *found.countries)),
        identifiers=_unique((*entity.identifiers, *numbers)),
        notes=notes[:MOST_NOTES],
    )


def _noted(found: Written) -> Iterator[str]:
    """What an entity has no place for but its notes."""
    if found.born:
        yield f"Born {found.born}."
    if found.parties:
        yield f"Care of {'; '.join(found.parties)}."


# ---------------------------------------------------------------- single values

# How tables write that there is nothing; to the letter, as there are people called Null and Nan.
NOTHING = frozenset({"nan", "NaN", "None", "none", "NULL", "null", "N/A", "n/a", "-", "–", "—"})
_SHEET_ERROR = re.compile(r"#(?:N/A|REF!|NAME\?|VALUE!|DIV/0!|NULL!|NUM!|SPILL!|CALC!)")


def _refuse_sheet_error(what: str, text: str) -> None:
    if _SHEET_ERROR.fullmatch(text):
        raise ValueError(f"the {what} {text} is an error of the spreadsheet's own: correct its formula")


def parse_name(text: str) -> str:
    """Raises ValueError if nothing could ever be found by it."""
    name = _clean(text)
    if not name or name in NOTHING:
        raise ValueError(f"the name is missing{f': {name!r} is none' if name else ''}")
    _refuse_sheet_error("name", name)
    if len(name) > MOST_NAME:
        raise ValueError(f"the name {name[:40]!r}… has {len(name)} characters: at most {MOST_NAME}")
    if not any(char.isalnum() for char in fold_key(name)):
        raise ValueError(f"the name {name!r} has no letter and no digit")
    return name


# How lists write that somebody or a ship was called so: no article has the words beside the name.
_CALLED = re.compile(
    r"(?:formerly(?: known as)?|previously(?: known as)?|also known as|(?-i:[afn]ka)|[afn][./]k[./]a\.?"
    r"|ранее|бывш(?:ий|ая|ее)|он же|она же)(?:\s*:\s*|\s+)(?=\S)",
    re.IGNORECASE,
)
_SHIP_WAS = re.compile(r"ex(?:\.\s*|\s*:\s*|\s+)(?=\S)", re.IGNORECASE)  # of firms, "Ex Libris" is a name


def parse_alias(text: str, schema: Schema) -> str:
    """Another name, without the words that only say that it is one: "f/k/a Oka Steel", of ships "ex Nordic Tern"."""
    name = parse_name(text)
    marks = (_CALLED, _SHIP_WAS) if schema is Schema.VESSEL else (_CALLED,)
    found = next((found for mark in marks if (found := mark.match(name))), None)
    return parse_name(name[found.end() :]) if found else name


def parse_key(text: str) -> str:
    key = text.strip()
    if not key:
        raise ValueError("the key is missing: any short word that no other row has, NK-001 for example")
    _refuse_sheet_error("key", key)
    if len(key) > MOST_KEY or any(char.isspace() or not char.isprintable() for char in key):
        raise ValueError(f"the key {key[:40]!r} is not usable: at most {MOST_KEY} characters, and no blanks")
    return key


def parse_schema(text: str) -> Schema:
    word = _clean(text).casefold().replace(" ", "")
    schema = _SCHEMA_WORDS.get(word)
    if schema is None:
        there = ", ".join(KINDS.values())
        raise ValueError(f"the kind {text.strip()[:40]!r} is unknown: there are {there}")
    return schema


def parse_watchlist_key(text: str) -> str:
    """'Oil desk' -> 'oil-desk'. Raises ValueError."""
    key = "-".join(re.findall(r"\w+", text.casefold()))
    if not key or len(key) > MOST_WATCHLIST:
        raise ValueError(f"the watchlist {text[:60]!r} is not usable: letters and digits, at most {MOST_WATCHLIST}")
    return key


def parse_link(text: str) -> EntityLink:
    """`owned_by:NK-1`, `director:Ivan Ivanov`: the other is a key, or a name. Raises ValueError."""
    kind, colon, other = text.partition(":")
    kind, other = "_".join(kind.casefold().replace("-", " ").split()), _clean(other)
    if not colon or kind not in LINK_KINDS or not other:
        raise ValueError(f"the link {text!r} is not readable: write owned_by:NK-1; kinds are {', '.join(LINK_KINDS)}")
    if len(other) > MOST_NAME:
        raise ValueError(f"the link {text[:40]!r}… has a name of {len(other)} characters: at most {MOST_NAME}")
    return EntityLink(kind, other)


@lru_cache(maxsize=1)
def load_country_names() -> None:
    """Build the index of countries' names, which takes a second, now and not while others wait."""
    lookup_territory("Germany")


_NOWHERE = "zz"  # is kept for what has no country, and "Global" in the table of territories


@lru_cache(maxsize=2_000)
def parse_country(text: str) -> str:
    """An ISO code or a country's name, in most languages -> its two-letter code. Raises ValueError."""
    word = _clean(text)
    # By code first: the index of names takes a second to build.
    territory = lookup_by_identifier(word) if len(word) <= 3 else None
    is_letter = len(word) == 1 and word.isascii()  # one letter is near to many names: "y" to Italy
    territory = territory or (None if is_letter else lookup_territory(word))
    while territory and len(territory.code) != 2 and territory.parent:
        territory = territory.parent
    if territory is None or len(territory.code) != 2 or territory.code == _NOWHERE:
        raise ValueError(f"the country {word!r} is unknown: write its name, or its two letters as in ru")
    return territory.code


def country_name(code: str) -> str:
    territory = get_territory(code)
    return territory.name if territory else code.upper()


# ---------------------------------------------------------------- FollowTheMoney JSON

_FTM_NAMES = ("name", "alias", "previousName", "abbreviation")
# What is said of entities, and stands beside them in FollowTheMoney's files.
_FTM_ASIDE = frozenset({
    "Address", "Associate", "BankAccount", "Debt", "Directorship", "Documentation", "Employment", "Family",
    "Identification", "Membership", "Note", "Occupancy", "Ownership", "Passport", "Payment", "Position",
    "Representation", "Sanction", "Similar", "Succession", "UnknownLink",
})  # fmt: skip
_FTM_COUNTRIES = ("country", "jurisdiction", "nationality", "citizenship", "flag", "mainCountry")


def _read_json(text: str, reading: _Reading) -> None:
    """An entity a line (FollowTheMoney's `entities.ftm.json`), one JSON list of them, alone or as an answer of
    OpenSanctions' has it, or a single one."""
    reading.is_typed = False
    first = text.lstrip().partition("\n")[0].strip()
    aside: Counter[str] = Counter()
    if first.startswith("[") or first == "{" or _is_one_line_of_many(text, first):
        reading.by_entry = True
        for number, data in enumerate(_json_list(text, reading), 1):
            _take_ftm(number, data, reading, "item", aside)
    else:
        for line, row in enumerate(io.StringIO(text, newline=None), 1):
            if row.strip():
                try:
                    one = json.loads(row)
                except (ValueError, RecursionError) as error:
                    reading.refuse(line, f"is no JSON: {error}")
                    continue
                for data in _listed(one):
                    _take_ftm(line, data, reading, "line", aside)
    if aside:
        told = ", ".join(f"{count:,} {schema}" for schema, count in aside.most_common())
        reading.notes.append(f"Left out, as they are nobody to be tracked: {told}.")


def _is_one_line_of_many(text: str, first: str) -> bool:
    """'{"results": [{…}, {…}]}'"""
    return first.startswith("{") and text.strip() == first and len(_json_list(text, _Reading())) > 1


def _json_list(text: str, reading: _Reading) -> list[Any]:
    try:
        return _listed(json.loads(text))
    except (ValueError, RecursionError) as error:
        reading.refuse(getattr(error, "lineno", 1), f"is no JSON: {error}")
        return []


def _listed(data: Any) -> list[Any]:
    """The entities of what stands in one piece."""
    if isinstance(data, dict) and "properties" not in data:
        return next((data[name] for name in ("entities", "results") if isinstance(data.get(name), list)), [data])
    return data if isinstance(data, list) else [data]


def _take_ftm(number: int, data: Any, reading: _Reading, counted: str, aside: Counter[str]) -> None:
    properties = data.get("properties") if isinstance(data, dict) else None
    if properties is not None and data.get("schema") in _FTM_ASIDE:
        aside[data["schema"]] += 1
        return
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
    identifiers += [f"ogrn:{value}" for value in texts("ogrnCode")] + [f"inn:{value}" for value in texts("innCode")]
    return {
        "key": str(data.get("id") or ""),
        "schema": str(data.get("schema") or ""),
        "name": caption.replace(";", ","),
        "aliases": ";".join(names),
        "weak_aliases": ";".join(texts("weakAlias")),
        "countries": ";".join(texts(*_FTM_COUNTRIES)),
        "topics": ";".join(texts("topics")),
        "identifiers": ";".join(identifiers),
        "notes": " ".join(map(str, _list(properties.get("notes")))),
        "watchlist": str(data.get("watchlist") or ""),
        "links": ";".join(map(_ftm_link, _list(data.get("links")))),
    }


def _ftm_link(link: Any) -> str:
    """Links are ours: FollowTheMoney makes an entity of each, which says more than is known here."""
    words = (link.get("kind"), link.get("other")) if isinstance(link, dict) else (link, "")
    return ":".join(str(word).replace(";", ",") for word in words)


def _list(value: Any) -> list[Any]:
    if value is None:
        return []
    return value if isinstance(value, list) else [value]


# ---------------------------------------------------------------- files out


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


def export_csv(entities: Iterable[Entity]) -> bytes:
    return write_csv(_rows(entities))


def export_xlsx(entities: Iterable[Entity]) -> bytes:
    return write_xlsx(_rows(entities), "Watchlist")


def _rows(entities: Iterable[Entity]) -> Iterator[Sequence[str]]:
    yield COLUMNS
    for entity in entities:
        row = entity_row(entity)
        yield [row[column] for column in COLUMNS]


def export_json(entities: Iterable[Entity]) -> bytes:
    """FollowTheMoney entities, one a line; `watchlist` and `links` are ours and stand beside the properties."""
    return "".join(json.dumps(_ftm(entity), ensure_ascii=False) + "\n" for entity in entities).encode()


def _ftm(entity: Entity) -> dict[str, Any]:
    properties: dict[str, list[str]] = {"name": [entity.caption]}
    for name, values in (
        ("alias", entity.aliases),
        ("weakAlias", entity.weak_aliases),
        ("country", entity.countries),
        ("topics", entity.topics),
        ("notes", [entity.notes] if entity.notes else []),
    ):
        properties |= {name: list(values)} if values else {}
    for identifier in entity.identifiers:
        properties.setdefault(identifier.kind, []).append(identifier.value)
    links = [{"kind": link.kind, "other": link.other} for link in entity.links]
    return {
        "id": entity.key,
        "schema": str(entity.schema),
        "caption": entity.caption,
        "properties": properties,
        "watchlist": entity.watchlist,
        **({"links": links} if links else {}),
    }


# ---------------------------------------------------------------- words typed in a chat

_SETTING_WORDS = {
    "schema": "schema", "type": "schema", "kind": "schema", "key": "key", "id": "key", "name": "name",
    "alias": "aliases", "aliases": "aliases", "aka": "aliases", "weak": "weak_aliases", "weak_alias": "weak_aliases",
    "weak_aliases": "weak_aliases", "country": "countries", "countries": "countries", "topic": "topics",
    "topics": "topics", "tag": "topics", "tags": "topics", "note": "notes", "notes": "notes",
    "link": "links", "links": "links", "watchlist": "watchlist",
} | {word: "identifiers" for word in KIND_WORDS if word not in ("address", "list")}  # fmt: skip
_SETTING_WORDS |= dict.fromkeys(LINK_KINDS, "links")
ADDED = (
    "schema", "country", "topic", "alias", "weak", "key", "imo", "lei", "tax", "passport", "wallet", "note", "link",
    "watchlist",
)  # fmt: skip
_SETTING = re.compile(r"(?<!\S)(\w+)\s*=\s*")


def entity_from_words(text: str, taken: Container[str], watchlist: str = MAIN_WATCHLIST) -> Entity:
    """`Name; alias; alias | schema=Company country=ru topic=x key=…` -> an entity. `taken` are the keys in use.
    Settings may also stand between semicolons, with values by commas. Raises ValueError that says what to write."""
    names: list[str] = []
    row: dict[str, list[str]] = {}
    for part in re.split(r"[;|\n]", text):
        names += [name for name in [_read_part(part, row)] if name]
    names += row.pop("name", [])
    names = _without_numbers(names, row)
    if not names:
        raise ValueError("the name is missing: write the name first, then its other names after semicolons")
    alone = read_written(names[0]).name
    entity, doubts = parse_row(
        {
            "key": "".join(row.get("key", [])) or key_of_name(alone, taken),
            "schema": "".join(row.get("schema", [])) or guess_schema(names[0]),
            "name": names[0],
            "aliases": ";".join([*names[1:], *row.get("aliases", [])]),
            **{
                column: ";".join(row.get(column, []))
                for column in ("weak_aliases", "countries", "topics", "identifiers", "links")
            },
            "notes": " ".join(row.get("notes", [])),
            "watchlist": "".join(row.get("watchlist", [])),
        },
        watchlist,
    )
    if doubts:
        raise ValueError("; ".join(doubts))
    if entity.key in taken:
        raise ValueError(f"the key {entity.key!r} is taken: leave key= out, or choose another")
    entity = without_asides(entity, is_kind_told=bool(row.get("schema")))
    return entity if row.get("schema") else _by_its_numbers(entity)


def written_name(words: str) -> str:
    """The name among the words of `entity_from_words`, if something stands beside it that is kept apart; else ""."""
    name = _read_part(re.split(r"[;|\n]", words)[0], {})
    return name if read_written(name).aside else ""


def _without_numbers(names: Sequence[str], row: dict[str, list[str]]) -> list[str]:
    """The names, their numbers put with the identifiers: "MT Tavian IMO 9187629" is in no article. Who is known by a
    number alone is called by it. Raises ValueError for one that is mistyped."""
    kept: list[str] = []
    for name in names:
        rest, numbers = numbers_in_name(name)
        row.setdefault("identifiers", []).extend(number for number in numbers if number not in row["identifiers"])
        kept += [rest] if rest else []
    return kept or list(names[:1])


def _read_part(part: str, row: dict[str, list[str]]) -> str:
    """What stands before the first `word=` is returned: a name, or nothing."""
    found = list(_SETTING.finditer(part))
    ends = [*(match.start() for match in found[1:]), len(part)]
    for match, end in zip(found, ends, strict=False):
        word = match[1].casefold()
        column = _SETTING_WORDS.get(word)
        if column is None:
            raise ValueError(f"{match[1]}= is not known: there are {', '.join(ADDED)}, as in country=ru")
        value = part[match.end() : end]
        values = [value] if column == "notes" else value.split(",")
        kind = f"{word}:" if column == "identifiers" or word in LINK_KINDS else ""
        row.setdefault(column, []).extend(f"{kind}{one.strip()}" for one in values if one.strip())
    return _clean(part[: found[0].start()] if found else part)


# ---------------------------------------------------------------- edits


@dataclass(frozen=True, slots=True)
class FieldEdit:
    """`country=ru` sets a column's values, `country+=ru` adds, `country-=ru` takes away. `word` is what was written."""

    word: str
    sign: str  # "", "+", "-"
    value: str

    @property
    def column(self) -> str:
        return _SETTING_WORDS[self.word]

    @property
    def values(self) -> list[str]:
        return [one for part in re.split(r"[,;\n]", self.value) if (one := _clean(part))]


def parse_edit(text: str) -> tuple[str, tuple[FieldEdit, ...]]:
    """`NAME field=value field+=value` -> (the name's words, the edits). Raises ValueError."""
    found = list(_EDIT.finditer(text))
    if not found:
        raise ValueError("say what changes, as in country=ru or alias+=Foo Ltd")
    ends = [*(match.start() for match in found[1:]), len(text)]
    edits = []
    for match, end in zip(found, ends, strict=True):
        word = match[1].casefold()
        if word not in _SETTING_WORDS:
            raise ValueError(f"{match[1]}= is not known: there are {', '.join(_EDITABLE)}, as in country=ru")
        sign, value = _sign_first(_SETTING_WORDS[word], match[2], text[match.end() : end].strip(" |;"))
        edits.append(FieldEdit(word, sign, value))
    return text[: found[0].start()].strip(" |;"), tuple(edits)


def _sign_first(column: str, sign: str, value: str) -> tuple[str, str]:
    """`topic=+steel` means `topic+=steel`."""
    if sign or column not in _SEVERAL or value[:1] not in ("+", "-"):
        return sign, value
    return value[0], value[1:].lstrip()


_EDIT = re.compile(r"(?<!\S)(\w+)\s*([+-]?)=\s*")
_EDITABLE = (
    "name", "schema", "alias", "weak", "country", "topic", "note", "imo", "lei", "tax", "passport", "wallet",
    "watchlist", "owned_by", "director",
)  # fmt: skip


def apply_edits(entity: Entity, edits: Iterable[FieldEdit]) -> Entity:
    """Raises ValueError that names the value and what is allowed; values that stand already are not judged anew."""
    for edit in edits:
        entity = _applied(entity, edit)
    return entity


def _applied(entity: Entity, edit: FieldEdit) -> Entity:
    one = edit.value
    match edit.column:
        case "key":
            raise ValueError("a key never changes, as alerts and subscriptions name it: merge the entity into another")
        case "name":
            return replace(entity, caption=parse_name(one))
        case "schema":
            return replace(entity, schema=parse_schema(one))
        case "notes":
            note = _clean(one)[:MOST_NOTES]
            return replace(entity, notes=" ".join(filter(None, (entity.notes, note))) if edit.sign == "+" else note)
        case "watchlist":
            return replace(entity, watchlist=parse_watchlist_key(one))
        case "aliases":
            return replace(entity, aliases=_sum(entity.aliases, _edited(entity, edit), edit.sign, fold_key))
        case "weak_aliases":
            names = _sum(entity.weak_aliases, _edited(entity, edit), edit.sign, fold_key)
            return replace(entity, weak_aliases=names)
        case "countries":
            return replace(entity, countries=_sum(entity.countries, map(parse_country, edit.values), edit.sign))
        case "topics":
            topics = (topic.casefold() for topic in edit.values)
            return replace(entity, topics=_sum(entity.topics, topics, edit.sign))
        case "identifiers":
            return replace(entity, identifiers=_identifiers(entity, edit))
        case _:
            return replace(entity, links=_links(entity, edit))


def _edited(entity: Entity, edit: FieldEdit) -> Iterable[str]:
    if edit.sign == "-":  # as it stands, be it from before such words were left out
        return map(parse_name, edit.values)
    return (parse_alias(value, entity.schema) for value in edit.values)


def _identifiers(entity: Entity, edit: FieldEdit) -> tuple[Identifier, ...]:
    """Those of the kind that was named are changed, the others stay."""
    kind = KIND_WORDS[edit.word]
    others = tuple(identifier for identifier in entity.identifiers if identifier.kind != kind)
    same = [identifier for identifier in entity.identifiers if identifier.kind == kind]
    if edit.sign == "-":
        gone = {value.replace(" ", "") for value in edit.values}
        return (*others, *(identifier for identifier in same if identifier.value.replace(" ", "") not in gone))
    return (*others, *_sum(tuple(same), (parse_identifier(f"{edit.word}:{value}") for value in edit.values), edit.sign))


def _links(entity: Entity, edit: FieldEdit) -> tuple[EntityLink, ...]:
    kind = edit.word if edit.word in LINK_KINDS else ""
    new = [parse_link(f"{kind}:{value}" if kind else value) for value in edit.values]
    kinds = {kind} if kind else {link.kind for link in new} or set(LINK_KINDS)
    others = tuple(link for link in entity.links if link.kind not in kinds)
    return (*others, *_sum(tuple(link for link in entity.links if link.kind in kinds), new, edit.sign))


def _sum(
    old: tuple[Value, ...], new: Iterable[Value], sign: str, same: Callable[[Any], Any] = lambda value: value
) -> tuple[Value, ...]:
    """Each value once; two are one if `same` makes them equal."""
    given = list(new)
    if sign == "-":
        gone = {same(value) for value in given}
        return tuple(value for value in old if same(value) not in gone)
    unique: dict[Any, Value] = {}
    for value in (*old, *given) if sign == "+" else given:
        unique.setdefault(same(value), value)
    return tuple(unique.values())


def merged(entity: Entity, into: Entity) -> Entity:
    """`into` with all that is known of `entity`, which was found to be the same."""
    known = {fold_key(name) for name in names_of(into)}
    names = [name for name in (entity.caption, *entity.aliases) if fold_key(name) not in known]
    weak = [name for name in entity.weak_aliases if fold_key(name) not in known]
    links = [link for link in entity.links if link.other not in (entity.key, into.key)]
    return replace(
        into,
        aliases=_sum(into.aliases, names, "+", fold_key),
        weak_aliases=_sum(into.weak_aliases, weak, "+", fold_key),
        countries=_sum(into.countries, entity.countries, "+"),
        topics=_sum(into.topics, entity.topics, "+"),
        identifiers=_sum(into.identifiers, entity.identifiers, "+"),
        links=_sum(tuple(link for link in into.links if link.other != entity.key), links, "+"),
        notes=" ".join(filter(None, (into.notes, entity.notes)))[:MOST_NOTES],
    )


def changes_between(old: Entity, new: Entity) -> tuple[str, ...]:
    """What a person would see change, a line for each column: 'country: + by, − ru'."""
    before, after = entity_row(old), entity_row(new)
    lines = []
    for column in COLUMNS:
        if before[column] == after[column]:
            continue
        if column in _SINGLE:
            lines.append(f"{column}: {before[column] or 'none'} → {after[column] or 'none'}")
            continue
        was, now = before[column].split(";"), after[column].split(";")
        parts = [f"+ {value}" for value in now if value and value not in was]
        parts += [f"− {value}" for value in was if value and value not in now]
        lines.append(f"{column.replace('_', ' ')}: {', '.join(parts) or 'another order'}")
    return tuple(lines)


_SINGLE = frozenset({"key", "schema", "name", "notes", "watchlist"})


def guess_schema(name: str) -> Schema:
    """A legal form in the name makes a company; else it stays open whether it is a person or an organisation."""
    return Schema.COMPANY if extract_org_types(name.casefold()) else Schema.LEGAL_ENTITY


def _by_its_numbers(entity: Entity) -> Entity:
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
