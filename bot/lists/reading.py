"""Streams of bytes -> what stands in them: rows of a CSV, elements of an XML document, values of JSON lines.

Files come from outside, so every one is bounded: its size when unpacked, a line, a cell, an element's depth and text.
XML may declare no document type and no entity. What is cut off, is no list at all, or has other columns than we know is
a ListError that says so; only a cut exactly between two rows of a CSV cannot be seen here (bot.lists.guards counts).
"""

from __future__ import annotations

import csv
import gzip
import io
import re
import zipfile
import zlib
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from enum import StrEnum
from itertools import islice
from typing import Any, BinaryIO, cast

from lxml import etree

from bot.errors import ListError

MOST_BYTES = 4 << 30  # unpacked; OpenSanctions' largest file has 2.5 GB
MOST_LINE = 8 << 20
_MOST_CELL = 1 << 20
_HEAD = 4096
AGAIN = "the stored list stays as it is; it is fetched again at the next turn"
CHANGED = "the publisher has probably changed the form: the stored list stays as it is; please report it"

csv.field_size_limit(_MOST_CELL)


class Form(StrEnum):
    CSV = "CSV"
    XML = "XML"
    JSON = "JSON"
    XLSX = "XLSX"


class Source(io.RawIOBase):
    """A file of a list, unpacked while it is read. `name` is for messages, `form` what it looks like."""

    def __init__(self, name: str, stream: BinaryIO) -> None:
        super().__init__()
        self.name = name
        self._taken = 0
        self._stream = cast(BinaryIO, _buffered(stream))
        self._unpack()
        self.head = self._peek(_HEAD)
        self.form = self._recognise()

    # -- bytes

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        data = self._read(len(buffer))
        buffer[: len(data)] = data
        return len(data)

    def _read(self, size: int) -> bytes:
        try:
            data = self._stream.read(size) or b""
        except (EOFError, zlib.error, gzip.BadGzipFile, zipfile.BadZipFile, NotImplementedError, RuntimeError) as error:
            raise ListError(self.name, "a whole packed file", f"a damaged or cut one: {error}", AGAIN) from error
        self._taken += len(data)
        if self._taken > MOST_BYTES:
            raise ListError(self.name, f"at most {MOST_BYTES >> 20} MiB", "more when unpacked", AGAIN)
        return data

    def lines(self) -> Iterator[bytes]:
        reader = io.BufferedReader(self, 1 << 16)
        while line := reader.readline(MOST_LINE + 1):
            if len(line) > MOST_LINE:
                raise ListError(self.name, "lines of text", f"a line of more than {MOST_LINE >> 20} MiB", CHANGED)
            yield line

    def _peek(self, size: int) -> bytes:
        data = b""
        while len(data) < size and (more := self._read(size - len(data))):
            data += more
        self._stream = cast(BinaryIO, _Joined(data, self._stream))
        self._taken -= len(data)
        return data

    # -- what it is

    def _unpack(self) -> None:
        head = self._peek(4)
        if head[:2] == b"\x1f\x8b":
            self._stream = cast(BinaryIO, gzip.GzipFile(fileobj=self._stream))
        elif head == b"PK\x03\x04":
            self._open_zip()

    def _open_zip(self) -> None:
        """The one file in a zip; a workbook (a zip too) stays packed, for openpyxl, once its sizes were checked."""
        packed = io.BytesIO()
        while chunk := self._read(1 << 20):
            packed.write(chunk)
            if packed.tell() > _MOST_PACKED:
                raise ListError(self.name, f"at most {_MOST_PACKED >> 20} MiB packed", "more", AGAIN)
        self._taken = 0
        packed.seek(0)
        try:
            archive = zipfile.ZipFile(packed)
            members = [info for info in archive.infolist() if not info.is_dir()]
            if any(info.filename == "[Content_Types].xml" for info in members):
                check_workbook(self.name, archive)
                packed.seek(0)
                self._stream = packed
                return
            wanted = [info for info in members if info.filename.lower().endswith((".csv", ".xml", ".json", ".txt"))]
            if len(wanted) != 1:
                raise ListError(self.name, "one list in the zip", f"{len(wanted)} of {len(members)} files", CHANGED)
            _check_sizes(self.name, wanted)
            self._stream = cast(BinaryIO, archive.open(wanted[0]))
        except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, zlib.error, ValueError) as error:
            raise ListError(self.name, "a whole zip file", f"a damaged or cut one: {error}", AGAIN) from error

    def _recognise(self) -> Form:
        if self.head[:4] == b"PK\x03\x04":
            return Form.XLSX
        text = peek_text(self.head).lstrip("\ufeff \t\r\n\x00\x1a")
        if not text:
            raise ListError(self.name, "a list", "an empty file", AGAIN)
        start = text[:400].casefold()
        if start.startswith(("<!doctype html", "<html", "<head", "<body", "<script")) or "<html" in start:
            raise ListError(self.name, "a list", f"a web page ({_title(text)})", AGAIN)
        if text[0] == "<":
            return Form.XML
        return Form.JSON if text[0] in "{[" else Form.CSV

    def expect(self, *forms: Form) -> None:
        if self.form not in forms:
            found = f"{self.form} that begins {peek_text(self.head).strip()[:60]!r}"
            raise ListError(self.name, " or ".join(forms), found, AGAIN)


_MOST_PACKED = 256 << 20


class _Joined:
    """Bytes that were read ahead, then the rest of the stream."""

    def __init__(self, head: bytes, rest: Any) -> None:
        self._head, self._rest = head, rest

    def read(self, size: int = -1) -> bytes:
        if not self._head:
            return cast(bytes, self._rest.read(size))
        taken, self._head = (self._head, b"") if size < 0 else (self._head[:size], self._head[size:])
        return taken if size >= 0 else taken + cast(bytes, self._rest.read())


def _buffered(stream: Any) -> Any:
    return io.BufferedReader(stream, 1 << 16) if isinstance(stream, io.RawIOBase) else stream


def peek_text(head: bytes) -> str:
    """The beginning of a file, for a look at it; never fails."""
    if head[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return head.decode("utf-16", "ignore")
    if head[1:2] == b"\x00":
        return head.decode("utf-16-le", "ignore")
    if head[:1] == b"\x00":
        return head.decode("utf-16-be", "ignore")
    return head.decode("utf-8", "ignore")


def _title(page: str) -> str:
    match = re.search(r"(?is)<title[^>]*>(.{1,200}?)</title>", page)
    return f"“{' '.join(match[1].split())}”" if match else "without a title"


# ---------------------------------------------------------------- zips

_MOST_MEMBER = 1 << 30
_MOST_SHEET = 400 << 20
_MOST_RATIO = 200  # a sheet of text packs to a thirtieth


def _check_sizes(name: str, members: Sequence[zipfile.ZipInfo], most: int = _MOST_MEMBER) -> None:
    """By what is declared: zipfile gives no more bytes than that, and checks the sum over them."""
    for info in members:
        is_bomb = info.file_size > (1 << 20) and info.file_size > _MOST_RATIO * max(info.compress_size, 1)
        if info.file_size > most or is_bomb:
            found = f"{info.filename} with {info.file_size:,} bytes, {info.compress_size:,} packed"
            raise ListError(
                name, f"files of at most {most >> 20} MiB, packed by less than {_MOST_RATIO}:1", found, AGAIN
            )


def check_workbook(name: str, archive: zipfile.ZipFile) -> None:
    """Refuse a workbook that would unpack to too much, or whose XML declares a document type. Unpacks every part once,
    in pieces, so that what is declared is also true."""
    members = archive.infolist()
    _check_sizes(name, members, _MOST_SHEET)
    if len(members) > 1_000 or sum(info.file_size for info in members) > _MOST_SHEET:
        raise ListError(name, f"at most {_MOST_SHEET >> 20} MiB in a workbook", "more when unpacked", AGAIN)
    for info in members:
        with archive.open(info) as part:
            head = part.read(_HEAD)
            if re.search(r"<!(DOCTYPE|ENTITY)", peek_text(head), re.IGNORECASE):
                raise ListError(name, "plain XML in a workbook", f"a document type in {info.filename}", AGAIN)
            while part.read(1 << 20):
                pass


# ---------------------------------------------------------------- CSV

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


def csv_rows(source: Source, delimiter: str = ",", *, must_end_line: bool = False) -> Iterator[tuple[int, list[str]]]:
    """(line number, cells) of each row that is not blank. `must_end_line`: the publisher ends each row with a line
    end, so a last row without one is cut."""
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
                if must_end_line and not ends[0]:
                    raise _cut(source.name, "in the middle of its last row")
                return
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

    def __init__(self, source: Source, needed: Sequence[str], delimiter: str = ",", most_before: int = 0) -> None:
        """`needed` columns must be there, in any order, capitals and blanks aside. `most_before`: so many rows may
        stand before the header (the UK's line of metadata)."""
        self.name = source.name
        self._rows = csv_rows(source, delimiter)
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


# ---------------------------------------------------------------- XML


def xml_elements(
    source: Source, roots: Collection[str], tags: Collection[str], *, is_top_only: bool = False
) -> Iterator[etree._Element]:
    """The elements of `tags` when they are complete, names without namespace; each is emptied after its turn. The
    document's root must be one of `roots`. `is_top_only`: only children of the root (SECO keeps old copies within)."""
    source.expect(Form.XML)
    if re.search(r"<!(DOCTYPE|ENTITY)", peek_text(source.head), re.IGNORECASE):
        raise ListError(source.name, "plain XML", "a document type or an entity is declared", AGAIN)
    root: etree._Element | None = None
    events = etree.iterparse(
        cast(BinaryIO, source),
        events=("end",),
        tag=[f"{{*}}{tag}" for tag in tags],
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        remove_comments=True,
        remove_pis=True,
        huge_tree=False,
        recover=False,
        chunk_size=1 << 16,
    )
    try:
        for _, element in events:
            if root is None:
                root = element.getroottree().getroot()
                _check_root(source.name, root, roots)
            if is_top_only and element.getparent() is not root:
                continue
            _drop_namespaces(element)
            yield element
            _drop(element)
    except etree.XMLSyntaxError as error:
        # libxml2 keeps what it was told by the stream itself as the context of its own error.
        raise ListError(
            source.name, "a whole XML document", f"one that is cut or damaged: {error.msg or error}", AGAIN
        ) from error
    if root is None:
        _check_root(source.name, events.root, roots)


def _check_root(name: str, root: etree._Element | None, roots: Collection[str]) -> None:
    found = etree.QName(root).localname if root is not None else "nothing"
    if root is not None and root.getroottree().docinfo.internalDTD is not None:
        raise ListError(name, "plain XML", "a document type is declared", AGAIN)
    if found not in roots:
        raise ListError(name, f"XML whose outermost element is <{'> or <'.join(roots)}>", f"<{found}>", CHANGED)


def _drop_namespaces(element: etree._Element) -> None:
    if isinstance(element.tag, str) and element.tag[0] == "{":
        for node in element.iter("{*}*"):
            node.tag = node.tag.rpartition("}")[2]


def _drop(element: etree._Element) -> None:
    """Free what was read: the element and its elder brothers."""
    element.clear()
    parent = element.getparent()
    while parent is not None and element.getprevious() is not None:
        del parent[0]


def text_of(element: etree._Element, path: str) -> str:
    """The text at a path, stripped; "" if there is none."""
    found = element.findtext(path)
    return found.strip() if found else ""


def texts_of(element: etree._Element, path: str) -> list[str]:
    return [text for node in element.iterfind(path) if node.text and (text := node.text.strip())]


def one_of(files: Mapping[str, BinaryIO], *names: str) -> Source:
    """The file under one of `names`, or the only file there is."""
    for name in names:
        if name in files:
            return Source(name, files[name])
    if len(files) == 1:
        name, stream = next(iter(files.items()))
        return Source(name, stream)
    raise ListError(names[0], f"one of {', '.join(names)}", ", ".join(files) or "no file", "give that file's path")
