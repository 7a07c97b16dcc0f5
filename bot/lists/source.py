"""A file of a list as a stream of bytes, unpacked while it is read, and what it looks like.

Files come from outside, so every one is bounded: its size when unpacked, how far a zip may swell, a line, an entry. A
web page, an error in JSON or a damaged archive in place of the list is a ListError that says so.
"""

from __future__ import annotations

import gzip
import io
import re
import zipfile
import zlib
from collections.abc import Iterator, Mapping, Sequence
from enum import StrEnum
from typing import Any, BinaryIO, cast

from bot.errors import ListError

MOST_BYTES = 4 << 30  # unpacked; OpenSanctions' largest file has 2.5 GB
MOST_LINE = 8 << 20
_MOST_ENTRY = 16 << 20  # of XML; OFAC's largest has 70 kB, its tables of values some 2 MB
_HEAD = 4096
AGAIN = (
    "the stored list stays as it is; it is fetched again at the next turn "
    "(a file brought by hand: bring it again, whole)"
)
CHANGED = "the publisher has probably changed the form: the stored list stays as it is; please report it"


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
        self._entry_from: int | None = None
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
        if self._entry_from is not None and self._taken - self._entry_from > _MOST_ENTRY:
            raise ListError(self.name, f"entries of at most {_MOST_ENTRY >> 20} MiB", "a longer one", CHANGED)
        return data

    def begin_entry(self) -> None:
        """From here on an entry is read, which stands in memory until it is whole: it may not be too long."""
        self._entry_from = self._taken

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
_MOST_WORKBOOK = 128 << 20  # of which its texts stand in memory as a whole
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
    in pieces, so that what is declared is also true. Raises ListError."""
    members = archive.infolist()
    _check_sizes(name, members, _MOST_WORKBOOK)
    if len(members) > 1_000 or sum(info.file_size for info in members) > _MOST_WORKBOOK:
        raise ListError(name, f"at most {_MOST_WORKBOOK >> 20} MiB in a workbook", "more when unpacked", AGAIN)
    for info in members:
        with archive.open(info) as part:
            head = part.read(_HEAD)
            if re.search(r"<!(DOCTYPE|ENTITY)", peek_text(head), re.IGNORECASE):
                raise ListError(name, "plain XML in a workbook", f"a document type in {info.filename}", AGAIN)
            while part.read(1 << 20):
                pass


# ---------------------------------------------------------------- choosing


def one_of(files: Mapping[str, BinaryIO], *names: str) -> Source:
    """The file under one of `names`, or the only file there is. Raises ListError that says which is needed."""
    for name in names:
        if name in files:
            return Source(name, files[name])
    if len(files) == 1:
        name, stream = next(iter(files.items()))
        return Source(name, stream)
    raise ListError(names[0], f"one of {', '.join(names)}", ", ".join(files) or "no file", "give that file's path")
