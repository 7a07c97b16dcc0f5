"""Australia's consolidated list (DFAT, a workbook). A row for each name: 8227 is an entry, 8227a an alias of it.
`Control Date` is the last update, not the listing."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import Any, BinaryIO

from bot.errors import ListError
from bot.lists.collecting import finish
from bot.lists.identifiers import read_identifier
from bot.lists.official import Parsed, RefusedRow
from bot.lists.rows import column_key
from bot.lists.source import AGAIN, CHANGED, Form, Source, one_of
from bot.lists.values import Draft, clean, parse_date, parse_day
from bot.model import Schema

_SCHEMAS = {
    "individual": Schema.PERSON, "person": Schema.PERSON, "entity": Schema.ORGANIZATION,
    "organisation": Schema.ORGANIZATION, "vessel": Schema.VESSEL, "ship": Schema.VESSEL, "aircraft": Schema.AIRPLANE,
}  # fmt: skip
_NEEDED = ("Reference", "Type", "Name Type")
_NAME = ("Name of Individual or Entity", "Name of Individual, Entity or Vessel", "Name")
_MOST_ROWS, _MOST_COLUMNS = 200_000, 500
_MEASURES = ("Targeted Financial Sanction", "Travel Ban", "Arms Embargo", "Maritime Restriction")
_PARTS = re.compile(r"(?:^|\s)(?:[a-z]|[ivx]{1,4})\)\s|[;\n]")

Cell = Callable[..., Any]


def parse_dfat(files: Mapping[str, BinaryIO]) -> Parsed:
    source = one_of(files, "Australian_Sanctions_Consolidated_List.xlsx")
    drafts: dict[str, Draft] = {}
    for row, cell in _rows(source):
        try:
            found = _begin(cell)
            draft = drafts.setdefault(found.uid, found)
            _check_kind(draft, found)
            _read(draft, cell)
        except ValueError as error:
            yield RefusedRow(f"{source.name} row {row}", str(error))
    yield from finish(source.name, drafts)


def _begin(cell: Cell) -> Draft:
    text, kind = _text(cell("Reference")), clean(_text(cell("Type")))
    reference = re.match(r"\s*(\d+)", text)
    if reference is None:
        raise ValueError(f"the reference {text[:40]!r} does not begin with a number")
    schema = _SCHEMAS.get(kind.casefold())
    if schema is None:
        raise ValueError(f"the type {kind[:40]!r} is unknown")
    return Draft("au_dfat", reference[1], schema)


def _check_kind(draft: Draft, found: Draft) -> None:
    """DFAT has used one number for two once."""
    if draft.schema is not found.schema:
        raise ValueError(f"the reference {draft.uid} is a {draft.schema} on an earlier row and a {found.schema} here")


def _rows(source: Source) -> Iterator[tuple[int, Cell]]:
    import openpyxl  # takes a quarter of a second, and nobody may ask
    from openpyxl.utils.exceptions import InvalidFileException

    source.expect(Form.XLSX)
    packed = io.BytesIO(source.read() or b"")
    try:
        workbook = openpyxl.load_workbook(packed, read_only=True, data_only=True, keep_links=False)
        yield from _table_rows(source.name, [_sheet_rows(source.name, sheet) for sheet in workbook.worksheets])
    except (InvalidFileException, *_UNREADABLE) as error:
        raise ListError(source.name, "a workbook", f"one that cannot be read: {error}", AGAIN) from error


# What the parsers under openpyxl raise on a damaged workbook; ValueError is ours for a row, and never passes.
_UNREADABLE = (
    zipfile.BadZipFile, KeyError, IndexError, SyntaxError, TypeError, AttributeError, EOFError,
    OverflowError, ValueError,
)  # fmt: skip


def _sheet_rows(name: str, sheet: Any) -> Iterator[tuple[Any, ...]]:
    """The rows of a sheet; what it says of its size is not believed."""
    sheet.reset_dimensions()
    for number, cells in enumerate(sheet.iter_rows(values_only=True)):
        if number > _MOST_ROWS or len(cells) > _MOST_COLUMNS:
            raise ListError(name, f"at most {_MOST_ROWS:,} rows of {_MOST_COLUMNS} cells", "more", CHANGED)
        yield cells


def _table_rows(name: str, sheets: Sequence[Iterator[tuple[Any, ...]]]) -> Iterator[tuple[int, Cell]]:
    """The rows of the sheet whose first row names our columns: (row, cells by column)."""
    headers = [(next(rows, ()), rows) for rows in sheets]
    for header, rows in headers:
        columns = {column_key(_text(cell)): at for at, cell in reversed(list(enumerate(header)))}
        column = next((column for column in _NAME if column_key(column) in columns), None)
        if column and all(column_key(needed) in columns for needed in _NEEDED):
            columns[column_key("Name")] = columns[column_key(column)]
            yield from _cells(columns, rows)
            return
    shown = ", ".join(_text(cell) for header, _ in headers for cell in header if cell)[:120]
    raise ListError(name, f"a header with the columns {', '.join((*_NEEDED, _NAME[0]))}", f"{shown!r}", CHANGED)


def _cells(columns: Mapping[str, int], rows: Iterator[tuple[Any, ...]]) -> Iterator[tuple[int, Cell]]:
    for row, cells in enumerate(rows, 2):
        if any(cell not in (None, "") for cell in cells):

            def cell(column: str, cells: tuple[Any, ...] = cells) -> Any:
                at = columns.get(column_key(column), -1)
                return cells[at] if 0 <= at < len(cells) else None

            yield row, cell


def _text(value: Any) -> str:
    if isinstance(value, datetime):
        return value.date().isoformat()
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return "" if value is None else str(value).replace("_x000D_", "\n")


def _read(draft: Draft, cell: Cell) -> None:
    kind = clean(_text(cell("Name Type"))).casefold()
    is_weak = clean(_text(cell("Alias Strength"))).casefold() == "weak"
    draft.add_name(_text(cell("Name")), is_primary=kind == "primary name" or kind == "primary", is_weak=is_weak)
    draft.add_programmes(*_text(cell("Committees")).split(";"))
    draft.add_countries(*re.split(r"[,;\n]", _text(cell("Citizenship"))))
    if draft.is_person:
        for part in _dates(cell("Date of Birth") or cell("DOB")):
            draft.add_birth_date(parse_date(clean(part)))
    draft.add_provisions(*(label for label in _MEASURES if _is_true(cell(label))))
    draft.add_identifiers(*(read_identifier("imoNumber", n) for n in re.findall(r"\d+", _text(cell("IMO Number")))))
    listed = cell("Listing Information")
    draft.listed_on = draft.listed_on or (_day(listed) if listed else None)
    notes = _text(cell("Additional Information"))
    draft.add_imo_of(notes)
    draft.add_remarks(notes, None if _day(listed) else _text(listed), _text(cell("Instrument of Designation")))


def _dates(value: Any) -> list[str]:
    text = _text(value)
    return [part.strip(" ,.") for part in _PARTS.split(text) if part.strip()] if text else []


def _is_true(value: Any) -> bool:
    return value is True or clean(_text(value)).casefold() in ("true", "yes", "y", "1", "x")


def _day(value: Any) -> date | None:
    if isinstance(value, datetime):
        return value.date()
    return parse_day(_text(value)) if value else None
