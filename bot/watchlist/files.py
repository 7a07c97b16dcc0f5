"""A watchlist file -> entities, and back: tables, plain lists of names. JSON is for `ftm`."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from bot.counted import some_of
from bot.errors import SpreadsheetError
from bot.identifiers import KIND_WORDS
from bot.model import MAIN_WATCHLIST, Entity, Schema
from bot.spreadsheets import Row, Table, is_workbook, read_table, read_text, write_csv, write_xlsx
from bot.watchlist.ftm import read_json
from bot.watchlist.headings import (
    BIRTH_DATE,
    GIVEN_NAME,
    NUMBER_COLUMNS,
    above_header,
    find_header,
    name_columns,
    whole_name,
)
from bot.watchlist.reading import Reading, WatchlistFile
from bot.watchlist.rows import COLUMNS, SEVERAL, entity_row, values_of
from bot.watchlist.values import SHEET_ERROR


def parse_watchlist(content: str | bytes, name: str, watchlist: str = MAIN_WATCHLIST) -> WatchlistFile:
    """A CSV or XLSX with a header (comma, semicolon or tab; values parted by `;`), a plain list of names, or
    FollowTheMoney JSON lines. `name` is the file's, for the messages; `watchlist` is that of rows that name none. Never
    raises: what is wrong is in `refused`."""
    reading = Reading(watchlist=watchlist)
    try:
        if isinstance(content, bytes) and is_workbook(content):
            _read_table(read_table(content, name), name, reading)
        else:
            text, notes = read_text(content, name)
            reading.notes += notes
            if text.lstrip()[:1] in ("{", "["):
                read_json(text, reading)
            else:
                _read_table(read_table(text, name, is_file=isinstance(content, bytes)), name, reading)
    except SpreadsheetError as error:
        reading.refuse(1, str(error))
    return reading.ended()


def _read_table(table: Table, name: str, reading: Reading) -> None:
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
    _take_rows(header, rows, reading)


def _take_rows(header: Sequence[str], rows: Iterable[Row], reading: Reading) -> None:
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
        named = some_of([*map(str, comments)], 5)
        reading.notes.append(f"Left out as comments, as they begin with #: {lines} {named}.")


def _is_comment(cell: str) -> bool:
    cell = cell.strip()
    return cell.startswith("#") and not SHEET_ERROR.fullmatch(cell)


def _by_column(header: Sequence[str], cells: Sequence[str]) -> dict[str, str]:
    """A column "identifiers:imo" holds IMO numbers alone: they stand with the other identifiers."""
    row: dict[str, str] = {}
    numbers: list[str] = []
    for column, cell in zip(header, cells, strict=False):
        _, _, kind = column.partition(":")
        if kind:
            numbers += (f"{kind}:{value}" for value in values_of(cell))
        elif column:
            row[column] = f"{row[column]};{cell}" if column in row and column in SEVERAL else cell
    if given := row.pop(GIVEN_NAME, "").strip():
        family = row.get("name", "").strip()
        row["name"] = whole_name(given, family)
        row["schema"] = row.get("schema", "").strip() or (str(Schema.PERSON) if family else "")
    if numbers:
        row["identifiers"] = ";".join([row.get("identifiers", ""), *numbers])
    return row


def _header(cells: Sequence[str], reading: Reading) -> list[str]:
    """The columns in order, "" for unknown ones; empty if there is none for the name. A column too many is no refused
    row: lists carry the account manager, the city, the day of the last check."""
    header = name_columns(cells)
    if "name" not in header:
        return []
    births = [repr(cell.strip()[:40]) for cell, column in zip(cells, header, strict=True) if column == BIRTH_DATE]
    if births:
        reading.notes.append(
            f"Left out, as birth dates are not kept in a column: {some_of(births, 5)}. One that stands behind the "
            "name, as in “Ivan Petrov (b. 1975)”, is kept as a note."
        )
    unknown = [
        repr(cell.strip()[:40]) for cell, column in zip(cells, header, strict=True) if cell.strip() and not column
    ]
    header = ["" if column == BIRTH_DATE else column for column in header]
    if unknown:
        reading.notes.append(
            f"Unknown and left out: the column{'s' if len(unknown) > 1 else ''} {some_of(unknown, 5)}. There are "
            f"{', '.join(COLUMNS)}, and for identifiers of one kind {', '.join(NUMBER_COLUMNS)}."
        )
    for column in sorted({column for column in header if column and header.count(column) > 1}):
        which = "both count" if column in SEVERAL or ":" in column else "the last one counts"
        reading.notes.append(f"The column {column} is there twice: {which}.")
    return header


def _is_plain_list(rows: Sequence[Row]) -> bool:
    """One name a line. A comma before no blank parts the cells of a table, and no file of names begins with a tag."""
    if rows[0].cells[0].lstrip().startswith("<"):
        return False
    return all(len(row.cells) == 1 and not re.search(r"[,;\t|](?!\s)", row.cells[0].rstrip(" ,;")) for row in rows)


def export_csv(entities: Iterable[Entity]) -> bytes:
    return write_csv(_rows(entities))


def export_xlsx(entities: Iterable[Entity]) -> bytes:
    return write_xlsx(_rows(entities), "Watchlist")


def _rows(entities: Iterable[Entity]) -> Iterator[Sequence[str]]:
    yield COLUMNS
    for entity in entities:
        row = entity_row(entity)
        yield [row[column] for column in COLUMNS]
