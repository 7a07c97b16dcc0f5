"""The rows of a workbook (XLSX) whose header names its columns. Cells are what they are there: texts, numbers, days."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date, datetime
from itertools import islice
from typing import Any

from bot.errors import ListError
from bot.lists.rows import column_key
from bot.lists.source import AGAIN, CHANGED, Form, Source
from bot.lists.values import parse_day

_MOST_ROWS, _MOST_COLUMNS = 200_000, 500

Cell = Callable[[str], Any]
Row = tuple[Any, ...]


def workbook_rows(source: Source, needed: Sequence[str], most_before: int = 0) -> Iterator[tuple[int, Cell]]:
    """(row, cells by column name) of each row that is not blank, of the first sheet that has the `needed` columns;
    of a column that has other names too ("Name|Full name"), one. `most_before`: so many rows may stand before the
    header. Raises ListError where there is no such sheet, or no workbook."""
    import openpyxl  # takes a quarter of a second, and nobody may ask
    from openpyxl.utils.exceptions import InvalidFileException

    source.expect(Form.XLSX)
    packed = io.BytesIO(source.read() or b"")
    try:
        workbook = openpyxl.load_workbook(packed, read_only=True, data_only=True, keep_links=False)
        sheets = [_sheet_rows(source.name, sheet) for sheet in workbook.worksheets]
        yield from _table_rows(source.name, sheets, needed, most_before)
    except (InvalidFileException, *_UNREADABLE) as error:
        raise ListError(source.name, "a workbook", f"one that cannot be read: {error}", AGAIN) from error


# What the parsers under openpyxl raise on a damaged workbook; ValueError is ours for a row, and never passes.
_UNREADABLE = (
    zipfile.BadZipFile, KeyError, IndexError, SyntaxError, TypeError, AttributeError, EOFError,
    OverflowError, ValueError,
)  # fmt: skip


def _sheet_rows(name: str, sheet: Any) -> Iterator[Row]:
    """The rows of a sheet; what it says of its size is not believed."""
    sheet.reset_dimensions()
    for number, cells in enumerate(sheet.iter_rows(values_only=True)):
        if number > _MOST_ROWS or len(cells) > _MOST_COLUMNS:
            raise ListError(name, f"at most {_MOST_ROWS:,} rows of {_MOST_COLUMNS} cells", "more", CHANGED)
        yield cells


def _table_rows(
    name: str, sheets: Sequence[Iterator[Row]], needed: Sequence[str], most_before: int
) -> Iterator[tuple[int, Cell]]:
    heads = []
    for rows in sheets:
        for at, header in enumerate(islice(rows, most_before + 1), 1):
            heads.append(header)
            columns = {column_key(text_of(cell)): place for place, cell in reversed(list(enumerate(header)))}
            if all(any(column_key(one) in columns for one in wanted.split("|")) for wanted in needed):
                yield from _cells(columns, rows, at + 1)
                return
    shown = ", ".join(text_of(cell) for header in heads for cell in header if cell)[:120]
    columns_told = ", ".join(wanted.partition("|")[0] for wanted in needed)
    raise ListError(name, f"a header with the columns {columns_told}", f"{shown!r}", CHANGED)


def _cells(columns: Mapping[str, int], rows: Iterator[Row], first: int) -> Iterator[tuple[int, Cell]]:
    for row, cells in enumerate(rows, first):
        if any(cell not in (None, "") for cell in cells):

            def cell(column: str, cells: Row = cells) -> Any:
                places = (columns.get(column_key(one), -1) for one in column.split("|"))
                at = next((place for place in places if place >= 0), -1)
                return cells[at] if 0 <= at < len(cells) else None

            yield row, cell


def text_of(value: Any) -> str:
    if isinstance(value, datetime):
        return value.date().isoformat()
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return "" if value is None else str(value).replace("_x000D_", "\n")


def day_of(value: Any) -> date | None:
    return value.date() if isinstance(value, datetime) else parse_day(text_of(value))


def is_ticked(value: Any) -> bool:
    return value is True or text_of(value).strip().casefold() in ("true", "yes", "y", "1", "x")
