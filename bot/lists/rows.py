"""The rows of a CSV, and a table of them with named columns.

What is cut off, within a quoted cell or a row, or has other columns than we know is a ListError; only a cut exactly
between two rows cannot be seen here (bot.lists.guards counts).
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from typing import BinaryIO, cast

from bot.errors import ListError
from bot.lists.source import AGAIN, CHANGED, MOST_LINE, Form, Source

csv.field_size_limit(1 << 20)

_MARK = "\x1e the last row is whole \x1e"


def text_lines(source: Source) -> Iterator[str]:
    """Lines as text: UTF-8 with or without BOM, UTF-16, and Windows-1252 for a line that is neither."""
    if source.head[:2] in (b"\xff\xfe", b"\xfe\xff") or b"\x00" in source.head[:2]:
        encoding = "utf-16"
        if source.head[:2] not in (b"\xff\xfe", b"\xfe\xff"):
            encoding = "utf-16-le" if source.head[1:2] == b"\x00" else "utf-16-be"
        wrapper = io.TextIOWrapper(cast(BinaryIO, io.BufferedReader(source)), encoding, "replace", newline="")
        while text := wrapper.readline(MOST_LINE):
            yield text
        return
    for number, line in enumerate(source.lines()):
        raw = line.removeprefix(b"\xef\xbb\xbf") if number == 0 else line
        try:
            yield raw.decode("utf-8")
        except UnicodeDecodeError as error:
            if error.reason == "unexpected end of data" and not raw.endswith(b"\n"):
                raise _cut(source.name, "in the middle of a character") from error
            yield raw.decode("cp1252", "replace")


def _cut(name: str, where: str) -> ListError:
    return ListError(name, "a whole file", f"one that ends {where}", AGAIN)


def _always(_cells: list[str]) -> bool:
    return True


def csv_rows(
    source: Source, delimiter: str = ",", is_cut: Callable[[list[str]], bool] = _always
) -> Iterator[tuple[int, list[str]]]:
    """(line number, cells) of each row that is not blank. `is_cut` is asked of a last row without a line end.
    Raises ListError where the file is no CSV, or not a whole one."""
    source.expect(Form.CSV)
    ends = [True]

    def lines() -> Iterator[str]:
        for line in text_lines(source):
            if line.strip("\x1a\r\n \x00"):  # 0x1A: the end of a file in DOS
                ends[0] = line.endswith(("\n", "\r", "\x1a"))
                yield line.replace("\x00", "") if "\x00" in line else line
        yield _MARK

    reader = csv.reader(lines(), delimiter=delimiter)
    try:
        for cells in reader:
            if cells == [_MARK]:
                return
            if cells and cells[-1].endswith(_MARK):
                break
            if not ends[0] and is_cut(cells):
                raise _cut(source.name, "in the middle of its last row")
            if any(cells):
                yield reader.line_num, cells
    except csv.Error as error:
        where = f"{source.name} line {reader.line_num}"
        raise ListError(where, "a quotation mark that is closed", str(error), AGAIN) from error
    raise _cut(source.name, "within a quoted cell")


Cell = Callable[[str], str]


class Table:
    """A CSV whose header names its columns. Iterate: (line, cells by column name), None for a row that is no row of
    this table, as it has more or fewer cells than the header."""

    def __init__(
        self,
        source: Source,
        needed: Sequence[str],
        delimiter: str = ",",
        most_before: int = 0,
        *,
        ends_with_line: bool = False,
    ) -> None:
        """`needed` columns must be there, in any order, capitals and blanks aside. `most_before`: so many rows may
        stand before the header (the UK's line of metadata). `ends_with_line`: the publisher ends each row with a line
        end, so a last row without one is cut, even if it has all its cells."""
        self.name = source.name
        self._rows = csv_rows(source, delimiter, lambda cells: ends_with_line or len(cells) < self._width)
        self._width = 0
        self._columns = self._find_header(needed, most_before)

    def _find_header(self, needed: Sequence[str], most_before: int) -> dict[str, int]:
        heads = [cells for _, cells in islice(self._rows, 1)]
        while heads:
            columns = {column_key(cell): at for at, cell in reversed(list(enumerate(heads[-1])))}
            if all(column_key(name) in columns for name in needed):
                self._width = len(heads[-1])
                return columns
            if len(heads) > most_before:
                break
            more = next(self._rows, None)
            if more is None:
                break
            heads.append(more[1])
        seen = {column_key(cell) for cells in heads for cell in cells}
        missing = [name for name in needed if column_key(name) not in seen]
        raise ListError(
            self.name,
            f"a header with the columns {', '.join(needed)}",
            f"none with {', '.join(missing)}: it begins {'; '.join(heads[0] if heads else [])[:120]!r}",
            CHANGED,
        )

    def __iter__(self) -> Iterator[tuple[int, Cell | None]]:
        for line, cells in self._rows:
            is_whole = len(cells) >= self._width and not any(cells[self._width :])
            yield line, self._cell_of(cells) if is_whole else None

    def _cell_of(self, cells: list[str]) -> Cell:
        columns = self._columns

        def cell(name: str) -> str:
            at = columns.get(column_key(name))
            return "" if at is None else cells[at].strip()

        return cell


_KEYS: dict[str, str] = {}


def column_key(name: str) -> str:
    """A column's name without capitals, blanks and signs."""
    key = _KEYS.get(name)
    if key is None:
        key = "".join(char for char in name.casefold() if char.isalnum())
        if len(_KEYS) < 5_000:
            _KEYS[name] = key
    return key
