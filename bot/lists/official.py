"""What an official list is: its files, licence, how often to look, and how its bytes become listings."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import BinaryIO

from bot.model import Listing


@dataclass(frozen=True, slots=True)
class ListFile:
    """`name` is the key under which `OfficialList.parse` takes it: "sdn.csv"."""

    name: str
    url: str
    is_optional: bool = False


@dataclass(frozen=True, slots=True)
class RefusedRow:
    """An entry that was not taken, as its publisher made a mistake, or we do not understand it."""

    where: str  # "sdn.csv line 12", "sdn.xml entry 36"
    reason: str


Parsed = Iterator[Listing | RefusedRow]
Parse = Callable[[Mapping[str, BinaryIO]], Parsed]


@dataclass(frozen=True, slots=True)
class OfficialList:
    """`parse` takes open binary streams by name (those of `files`, or one of `other_files`) and yields listings and
    refused rows in the file's order, one at a time. It recognises the form (CSV, XML, advanced XML, JSON; gzip and zip
    around them) by content, and raises ListError where the file is not what it should be: also after some listings, so
    take them over only when it has ended."""

    key: str
    title: str
    authority: str  # "US", as Judgement.authorities has it
    licence: str
    licence_note: str  # what one may not do, and the credit that is due
    is_on_by_default: bool
    files: tuple[ListFile, ...]
    every: timedelta
    parse: Parse
    other_files: tuple[str, ...] = ()  # each is the whole list in another form: "sdn.xml"
