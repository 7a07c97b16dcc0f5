"""Tables that people send and get: CSV and XLSX bytes <-> rows of texts. Bounded, as they come from strangers.

Formulas and macros are never evaluated: of a formula the value that the sheet was saved with is read. What is written
cannot become a formula either: see `escape_cell`. Knows nothing of what the columns mean.
"""

from __future__ import annotations

import csv
import io
import re
import warnings
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time
from typing import Any

from trafilatura.utils import detect_encoding

from bot.counted import some_of
from bot.errors import SpreadsheetError
from bot.text.decoding import decode_text

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
MOST_ROWS = 100_000
MOST_COLUMNS = 50
MOST_UNPACKED = 200_000_000  # bytes of a workbook, unpacked: 100,000 rows of 50 columns have about 150 MB
MOST_RATIO = 200  # how much smaller a packed part may be; the XML of real sheets packs to a tenth, or a fortieth
_MOST_PARTS = 2_000
_SMALL_PART = 1_000_000  # bytes: below, the ratio tells nothing
_PIECE = 1 << 20
_MOST_REFUSED = 1_000  # lines of a CSV: looking for the end of each row that has none takes time
_MOST_LINES = 50  # that one quoted row may span: beyond, its quotation mark was never closed
_OLD_EXCEL = bytes.fromhex("d0cf11e0a1b11ae1")
_NO_TEXT = {  # how files begin that are neither text nor a workbook
    b"\x1f\x8b": "packed with gzip",
    b"BZh91AY&SY": "packed with bzip2",
    b"\xfd7zXZ\x00": "packed with xz",
    b"\x28\xb5\x2f\xfd": "packed with zstd",
    b"7z\xbc\xaf\x27\x1c": "packed with 7-Zip",
    b"Rar!\x1a\x07": "packed with RAR",
    b"%PDF-": "a PDF",
    b"\x89PNG\r\n": "a picture",
    b"\xff\xd8\xff": "a picture",
    b"GIF89a": "a picture",
    b"SQLite format 3\x00": "a database",
    b"\x7fELF": "a program",
}
_MOST_CONTROLS = 0.02  # of the characters of a text: binary data read as one has a tenth and more
_CONTROLS = re.compile(r"[\x00-\x08\x0b\x0e-\x19\x1b-\x1f]")
_SIGNS = r"'*[\s\x00]*[=+\-@\uff1d\uff0b\uff0d\uff20\t\r]"  # full-width signs too
_FORMULA = re.compile(_SIGNS)
# Where a comma is the decimal point, Excel parts a CSV at semicolons: what stands behind one is a cell there.
_FORMULA_WITHIN = re.compile(rf"(?<=;)(?={_SIGNS})")
_MARKED_WITHIN = re.compile(rf"(?<=;)'(?={_SIGNS})")


@dataclass(frozen=True, slots=True)
class Refused:
    """A row, or a part of one, that was not taken. `line` counts from 1, as editors and spreadsheets do."""

    line: int
    reason: str


@dataclass(frozen=True, slots=True)
class Row:
    line: int
    cells: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Table:
    """The rows that are not blank, the header among them. `notes` tell what was guessed (the encoding, say)."""

    rows: tuple[Row, ...] = ()
    refused: tuple[Refused, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def as_lines(self) -> tuple[Row, ...]:
        """Where a comma parts cells only before a blank, whole lines: "Foo Trading LLC, UAE" among other names. As it
        is, if it is a table all the same: three cells and more in every row."""
        widths = {len(row.cells) for row in self.rows}
        is_list = all(cell[:1] in ("", " ") for row in self.rows for cell in row.cells[1:])
        if not is_list or (len(widths) == 1 and max(widths) > 2):
            return self.rows
        return tuple(Row(row.line, (",".join(row.cells).rstrip(" ,"),)) for row in self.rows)


def read_table(content: str | bytes, name: str, *, is_file: bool = False) -> Table:
    """A CSV (comma, semicolon or tab) or the first sheet of an XLSX that is neither empty nor hidden. `name` is the
    file's, for the messages; a text may be that of a file. Raises SpreadsheetError if it is none, or too large."""
    if isinstance(content, bytes) and is_workbook(content):
        return _read_workbook(content, name)
    text, notes = read_text(content, name)
    refused: list[Refused] = []
    rows = tuple(_bounded(_readable(_csv_rows(text, refused), refused, name), name))
    table = Table(rows, tuple(refused), notes)
    is_file = is_file or isinstance(content, bytes)
    return _told_cut(table, name) if is_file and not text.endswith(("\n", "\r")) else table


def _told_cut(table: Table, name: str) -> Table:
    """Of a file without a line break at its end: half of its last row, and all behind it, may be missing. One that has
    fewer cells than all others of a table is cut for sure; in a list of names a comma tells nothing of that."""
    if len(table.rows) < 2:
        return table
    *others, last = table.rows
    least = min(len(row.cells) for row in others)
    if len(last.cells) < least and table.as_lines == table.rows:
        cut = f"is cut off, as the file ends in it: {len(last.cells)} of {least} cells. Send the whole file"
        return replace(table, rows=tuple(others), refused=(*table.refused, Refused(last.line, cut)))
    text = " · ".join(filter(None, map(str.strip, last.cells)))
    told = (
        f"{name} does not end with a line break, as a file that was cut off: see whether line {last.line} is whole "
        f"({text[-60:]!r}), and whether it was the last."
    )
    return replace(table, notes=(*table.notes, told))


def is_workbook(content: bytes) -> bool:
    """Whether the bytes are packed as XLSX is (and as other files are too), or an Excel file of old."""
    return content.startswith((b"PK\x03\x04", _OLD_EXCEL))


def read_text(content: str | bytes, name: str) -> tuple[str, tuple[str, ...]]:
    """(the text, a note if the encoding had to be guessed). Raises SpreadsheetError if it is no text."""
    if isinstance(content, str):
        return content.removeprefix("\ufeff"), ()
    if what := next((what for start, what in _NO_TEXT.items() if content.startswith(start)), ""):
        step = "unpack it, and send the file inside" if what.startswith("packed") else "send a .csv or .xlsx"
        raise SpreadsheetError(f"{name} is {what}, and no table: {step}")
    guessed: list[str] = []

    def detect(body: bytes) -> Iterable[str]:
        guessed.extend(_guess_encodings(body))
        return guessed

    text = decode_text(content, "", detect)
    head = text[:4_000]
    if len(_CONTROLS.findall(head)) > _MOST_CONTROLS * len(head):
        raise SpreadsheetError(f"{name} is no text, and so no CSV: its bytes are of some other kind of file")
    if not guessed:
        return text, ()
    return text, (
        f"{name} is not UTF-8: it was read as {guessed[0]}; if a name looks wrong, save the file as “CSV UTF-8”",
    )


# What stands in words of Central Europe, read as Western: "Wa³êsa" for Wałęsa; letters that Western tables have in a
# few names alone ("Škoda Auto" among "Ørsted" and "Peña").
_EASTERN = re.compile(r"(?<=[^\W\d_])[£¥³¹¼¾¿]|[£¥³¹¼¾¿](?=[^\W\d_])")
_PERHAPS_EASTERN = re.compile(r"[šŠžŽ]")
_VOWELS = "aeiouyáéíóúýäëöüâôî"
# Vowels of the West that are consonants of the East (è č, ø ř, ò ň, à ŕ, å ĺ, æ ć): between which letters they stand
# tells which. Spain has ñ before a vowel, Poland ń before none.
_WESTERN_VOWEL = re.compile(rf"(?i)(?<![{_VOWELS}])[èøòàåæ](?![{_VOWELS}])|ñ(?=[{_VOWELS}])")
_EASTERN_CONSONANT = re.compile(rf"(?i)(?<=[{_VOWELS}])[èøòàåæ]|[èøòàåæ](?=[{_VOWELS}])|ñ(?![{_VOWELS}])")
_CYRILLIC = re.compile(r"(?<!\w)(?:[А-ЯЁІЇЄҐ]?[а-яёіїєґ]+|[А-ЯЁІЇЄҐ]+)(?!\w)")
_CYRILLIC_SHARE = 0.8


def _guess_encodings(body: bytes) -> list[str]:
    """Best first. A list of names is too short for what detects the encoding of running text, and it is a spreadsheet
    that wrote it, in its Windows' own code page: single letters among ASCII are Latin, whole words perhaps Cyrillic."""
    runs = re.findall(rb"[\x80-\xff]+", body[:200_000])
    high = sum(map(len, runs)) or 1
    found = list(detect_encoding(body))
    if 2 * sum(len(run) for run in runs if len(run) > 2) < high:
        is_turkish = found[:1] in (["cp1254"], ["iso8859_9"])
        own = "cp1254" if is_turkish else "cp1250" if _is_eastern(body.decode("cp1252", "replace")) else "cp1252"
        return [own, *found, "cp1252"]
    for encoding in ("cp1251", "koi8-r"):
        words = _CYRILLIC.findall(body[:200_000].decode(encoding, "replace"))
        if sum(map(len, words)) >= _CYRILLIC_SHARE * high:
            return [encoding, *found, "cp1252"]
    return [*found, "cp1252"]


def _is_eastern(text: str) -> bool:
    """Whether a text that was read as Western is of Central Europe."""
    if _EASTERN.search(text) or not _PERHAPS_EASTERN.search(text):
        return bool(_EASTERN.search(text))
    return len(_WESTERN_VOWEL.findall(text)) <= len(_EASTERN_CONSONANT.findall(text))


def _readable(rows: Iterable[Row | None], refused: Sequence[Refused], name: str) -> Iterator[Row]:
    for row in rows:
        if len(refused) > _MOST_REFUSED:
            raise SpreadsheetError(
                f"{name} is no CSV: more than {_MOST_REFUSED:,} of its lines are none, the first of them line "
                f"{refused[0].line}, which {refused[0].reason}. Save it as CSV again"
            )
        if row:
            yield row


def _bounded(rows: Iterable[Row], name: str) -> Iterator[Row]:
    for count, row in enumerate(rows, 1):
        if count > MOST_ROWS + 1:  # one is the header
            raise SpreadsheetError(f"{name} has more than {MOST_ROWS:,} rows: send it in parts")
        width = max((at for at, cell in enumerate(row.cells, 1) if cell.strip()), default=0)
        if width > MOST_COLUMNS:
            raise SpreadsheetError(
                f"{name} has {width} columns on line {row.line}: at most {MOST_COLUMNS} are read. "
                "Delete those that are not needed"
            )
        yield row


# ---------------------------------------------------------------- CSV


def _csv_rows(text: str, refused: list[Refused]) -> Iterator[Row | None]:
    """None for each line that was refused."""
    lines = io.StringIO(text, newline=None).readlines()
    first = next((number for number, line in enumerate(lines) if not _is_before_header(line)), None)
    if first is None:
        return
    separator = next((_separator(line) for line in lines[:first] if _separator(line)), None)
    delimiter = separator or max(",;\t", key=lines[first].count)
    is_one_column = separator is None and delimiter not in lines[first]
    for line, cells in _records(lines[first:], delimiter, refused, first):
        if cells is None:
            yield None
        elif any(cell.strip() for cell in cells):
            # a list of names may have "Foo Trading Co., Ltd."
            whole = [delimiter.join(cells).rstrip(f" {delimiter}")] if is_one_column else cells
            yield Row(line, tuple(map(_unescape_csv, whole)))


def _is_before_header(line: str) -> bool:
    is_comment = line.startswith("#") and not re.match(r"#\s*[,;\t]", line)  # a column of numbers is headed so
    return not line.strip() or is_comment or _separator(line) is not None


def _separator(line: str) -> str | None:
    """Excel's first line "sep=;"."""
    match = re.fullmatch(r'\s*"?sep=(.)"?\s*', line, re.IGNORECASE)
    return match[1] if match else None


def _records(
    lines: Sequence[str], delimiter: str, refused: list[Refused], before: int
) -> Iterator[tuple[int, list[str] | None]]:
    """(line number, cells) for each row, no cells for one that was refused. A quotation mark that is never closed costs
    its own line, not the rest."""
    start = 0
    while start < len(lines):
        for end in range(start + 1, min(start + _MOST_LINES, len(lines)) + 1):
            try:
                cells = next(csv.reader(lines[start:end], delimiter=delimiter, strict=True), [])
            except csv.Error as error:
                problem = str(error)
                if "unexpected end of data" in problem:
                    continue
                refused.append(Refused(before + start + 1, f"is no CSV row: {problem}"))
                yield before + start + 1, None
                start += 1
                break
            yield before + start + 1, cells
            start = end
            break
        else:
            refused.append(Refused(before + start + 1, "opens a quotation mark and never closes it"))
            yield before + start + 1, None
            start += 1


def write_csv(rows: Iterable[Sequence[str]]) -> bytes:
    """UTF-8 with the mark that Excel needs to see that it is; no cell can become a formula."""
    text = io.StringIO(newline="")
    csv.writer(text).writerows([_escape_csv(cell) for cell in row] for row in rows)
    return text.getvalue().encode("utf-8-sig")


# ---------------------------------------------------------------- XLSX


def _read_workbook(content: bytes, name: str) -> Table:
    import openpyxl  # takes a quarter of a second, and most files are CSV

    check_workbook(content, name)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # openpyxl tells of styles that it leaves out
            book = openpyxl.load_workbook(io.BytesIO(content), read_only=True, data_only=True, keep_links=False)
        try:
            sheet, others = _choose_sheet(book, name)
            rows = tuple(_bounded(_sheet_rows(sheet, name), name))
        finally:
            book.close()
    except SpreadsheetError:
        raise
    # whatever a broken workbook makes the library raise, its sender gets a sentence
    except Exception as error:
        raise SpreadsheetError(
            f"{name} is no workbook that can be read ({type(error).__name__}): open it and save it as .xlsx again"
        ) from error
    width = max((len(row.cells) for row in rows), default=0)
    rows = tuple(replace(row, cells=(*row.cells, *([""] * (width - len(row.cells))))) for row in rows)
    if not others:
        return Table(rows)
    unread = some_of([f"“{title}”" for title in others], 5)
    return Table(rows, notes=(f"Of {name} the sheet “{sheet.title}” was read, and not {unread}.",))


def _choose_sheet(book: Any, name: str) -> tuple[Any, list[str]]:
    """(the first sheet that shows something, the titles of the others that do)."""
    if not book.worksheets:
        raise SpreadsheetError(f"{name} has no sheet with cells")
    shown = [sheet for sheet in book.worksheets if sheet.sheet_state == "visible"]
    filled = [sheet for sheet in shown if next(_sheet_rows(sheet, name), None)]
    return (filled or shown or book.worksheets)[0], [sheet.title for sheet in filled[1:]]


def _sheet_rows(sheet: Any, name: str) -> Iterator[Row]:
    sheet.reset_dimensions()  # what the file says of its size is often wrong, and may be a lie
    blank = 0
    for line, values in enumerate(sheet.iter_rows(values_only=True, max_col=MOST_COLUMNS + 1), 1):
        cells = [unescape_cell(_cell_text(value)) for value in values]
        while cells and not cells[-1].strip():
            cells.pop()
        if cells:
            yield Row(line, tuple(cells))
        else:
            blank += 1
            if blank > MOST_ROWS:  # a cell in the last row of all costs a million empty ones
                raise SpreadsheetError(f"{name} has more than {MOST_ROWS:,} empty rows: delete them")


def _cell_text(value: object) -> str:
    match value:
        case None:
            return ""
        case bool():
            return "TRUE" if value else "FALSE"
        case float() if value.is_integer() and abs(value) < 1e15:
            return str(int(value))  # an identifier that the sheet holds as a number
        case datetime() if value.time() == time():
            return value.date().isoformat()
        case date() | time():
            return value.isoformat()
        case _:
            return str(value)


def check_workbook(content: bytes, name: str) -> None:
    """Raises SpreadsheetError for a packed file that is too large unpacked, by what it says and by what it is, before
    anything of it is parsed; and for one with entities of its own, as no spreadsheet writes them."""
    if content.startswith(_OLD_EXCEL):
        raise SpreadsheetError(
            f"{name} is an old Excel file, or locked by a password: save it as .xlsx without one, or as CSV UTF-8"
        )
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as parts:
            _check_declared(parts.infolist(), name)
            for part in parts.infolist():
                _check_real(parts, part, name)
    except SpreadsheetError:
        raise
    except Exception as error:  # zipfile, zlib and lzma have errors of their own
        raise SpreadsheetError(f"{name} is a broken or locked workbook ({error}): save it as .xlsx again") from error


def _check_declared(parts: Sequence[zipfile.ZipInfo], name: str) -> None:
    if "[Content_Types].xml" not in {part.filename for part in parts}:
        raise SpreadsheetError(f"{name} is a packed file, but no workbook: send a .xlsx, a .csv or a .json")
    total = sum(part.file_size for part in parts)
    bomb = any(
        part.file_size > _SMALL_PART and part.file_size > MOST_RATIO * max(part.compress_size, 1) for part in parts
    )
    if total > MOST_UNPACKED or len(parts) > _MOST_PARTS or bomb:
        raise SpreadsheetError(
            f"{name} says that it unpacks to {total / 1e6:,.0f} MB: that is no table of names. "
            f"At most {MOST_ROWS:,} rows are read; save only those, as .xlsx or as CSV"
        )


def _check_real(parts: zipfile.ZipFile, part: zipfile.ZipInfo, name: str) -> None:
    """Reads it through, holding a piece at a time: a part that is not what it says fails its checksum."""
    size, seen = 0, b""
    with parts.open(part) as packed:
        while piece := packed.read(_PIECE):
            size += len(piece)
            if size > part.file_size or size > MOST_UNPACKED:
                raise SpreadsheetError(f"{name} holds more than it says it does: save it as .xlsx again")
            if b"<!DOCTYPE" in seen + piece or b"<!ENTITY" in seen + piece:
                raise SpreadsheetError(f"{name} defines entities, as no spreadsheet does: save it as .xlsx again")
            seen = piece[-16:]


def write_xlsx(rows: Iterable[Sequence[str]], title: str) -> bytes:
    """One sheet; every cell is text, and none can become a formula."""
    import openpyxl

    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet(re.sub(r"[\[\]:*?/\\]", " ", title)[:31] or "Sheet")
    for row in rows:
        sheet.append([escape_cell(_storable(cell)) for cell in row])
    packed = io.BytesIO()
    book.save(packed)
    return packed.getvalue()


def _storable(text: str) -> str:
    """Without the control characters that a workbook refuses; at most what one cell holds."""
    return re.sub(r"[\x00-\x08\x0b\x0c\x0e-\x1f]", " ", text)[:32_000]


# ---------------------------------------------------------------- formulas


def escape_cell(text: str) -> str:
    """A cell that a spreadsheet would take for a formula gets an apostrophe in front, which shows it as text
    (owasp.org/www-community/attacks/CSV_Injection); `unescape_cell` takes it away again."""
    return f"'{text}" if _FORMULA.match(text) else text


def unescape_cell(text: str) -> str:
    return text[1:] if text.startswith("'") and _FORMULA.match(text) else text


def _escape_csv(text: str) -> str:
    return escape_cell(_FORMULA_WITHIN.sub("'", text))


def _unescape_csv(text: str) -> str:
    return _MARKED_WITHIN.sub("", unescape_cell(text))
