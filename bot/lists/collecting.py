"""Rows and elements -> listings, for every publisher alike: what cannot be one is refused by name, the rest goes on."""

from __future__ import annotations

from collections.abc import Callable

from bot.lists.official import Parsed, RefusedRow
from bot.lists.reading import Cell, Table
from bot.lists.values import Draft
from bot.model import Listing


def take(where: str, read: Callable[[], Listing]) -> Listing | RefusedRow:
    """What `read` gives, or the ValueError that it raises as a refused row."""
    try:
        return read()
    except ValueError as error:
        return RefusedRow(where, str(error))


def rows_to_listings(table: Table, read: Callable[[Cell], Listing]) -> Parsed:
    """A listing for each row of a table."""
    for line, cell in table:
        where = f"{table.name} line {line}"
        yield RefusedRow(where, _SHORT) if cell is None else take(where, lambda cell=cell: read(cell))  # type: ignore[misc]


def merge_rows(table: Table, begin: Callable[[Cell], Draft], read: Callable[[Draft, Cell], None]) -> Parsed:
    """A listing for each id; the rows that `begin` gives one id add to it, wherever in the file they stand."""
    drafts: dict[str, Draft] = {}
    for line, cell in table:
        try:
            if cell is None:
                yield RefusedRow(f"{table.name} line {line}", _SHORT)
                continue
            found = begin(cell)
            read(drafts.setdefault(found.uid, found), cell)
        except ValueError as error:
            yield RefusedRow(f"{table.name} line {line}", str(error))
    yield from finish(table.name, drafts)


def finish(name: str, drafts: dict[str, Draft]) -> Parsed:
    """The listings of `drafts`, which is emptied meanwhile: none is in memory twice."""
    for uid in list(drafts):
        yield take(f"{name} entry {uid or 'without id'}", drafts.pop(uid).listing)


_SHORT = "it has not as many cells as the header"
