"""How tables head their columns: which row does, and which column each heading names. Also of names to look up."""

from __future__ import annotations

import re
from collections.abc import Sequence

from bot.counted import shortened, some_of
from bot.identifiers import KIND_WORDS
from bot.spreadsheets import Row
from bot.text.folding import fold_key
from bot.watchlist.rows import COLUMNS

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
NUMBER_COLUMNS = ("imo", "mmsi", "lei", "registration", "ogrn", "tax", "inn", "passport", "wallet", "isin", "bic")
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

_MOST_ABOVE = 20  # rows, in which the header must be


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
    texts = [shortened(cell.strip(), 40) for row in rows for cell in row.cells if cell.strip()]
    return f"The columns are named on line {line}; left out above: {some_of([*map(repr, texts)], 5)}."


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


def whole_name(given: str, name: str) -> str:
    """Of a table that has given names in a column of their own: a family name alone is many people's."""
    folded = fold_key(given), fold_key(name)
    if not folded[0] or folded[0] in folded[1]:
        return name
    return given if folded[1] in folded[0] else f"{given} {name}"
