"""Names and sizes of files, fit to show and to write: what somebody calls a file is untrusted."""

from __future__ import annotations

import re
from pathlib import PurePosixPath

from bot.counted import number
from bot.rendering.text import tidy

MOST_NAME = 100  # characters; file systems take 255 bytes
_UNFIT = re.compile(r'[\\/:*?"<>|]+')
_RESERVED = re.compile(r"(?:con|prn|aux|nul|com\d|lpt\d)(?:\.|$)", re.IGNORECASE)  # Windows keeps these


def file_name(name: str, otherwise: str = "file") -> str:
    """`name` as the name of one file: without folders, control characters and what file systems refuse, of at most
    MOST_NAME characters, with its ending."""
    last = re.split(r"[\\/]", tidy(name))[-1]
    clean = _UNFIT.sub("_", last).strip(" .")
    if not clean or _RESERVED.match(clean):
        clean = f"{otherwise}{PurePosixPath(clean).suffix}"
    ending = PurePosixPath(clean).suffix[:20]
    return clean if len(clean) <= MOST_NAME else clean[: MOST_NAME - len(ending)].rstrip(" .") + ending


def told_size(count: int) -> str:
    """'812 bytes', '12 kB', '3.4 MB'."""
    if count < 1_000:
        return number(count, "byte")
    return f"{count / 1_000:.0f} kB" if count < 999_500 else f"{count / 1_000_000:.1f} MB".replace(".0 MB", " MB")


def told_too_large(name: str, size: int | None, most: int) -> str:
    """What a person is told whose file is not taken; `size` None: it proved too large while it was read."""
    of = f"is {told_size(size)}" if size else "is larger"
    return (
        f"{file_name(name)} was not taken: it {of}, and at most {told_size(most)} are read. "
        "Send less of it, or parts: CSV is smaller than XLSX with formats."
    )
