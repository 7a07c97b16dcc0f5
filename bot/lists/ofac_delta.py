"""OFAC's delta file."""

from dataclasses import dataclass
from typing import BinaryIO

from bot.model import Listing


@dataclass(frozen=True, slots=True)
class ListDelta:
    added: tuple[Listing, ...] = ()
    changed: tuple[Listing, ...] = ()
    removed: tuple[Listing, ...] = ()


def parse_delta(stream: BinaryIO) -> ListDelta:
    return ListDelta() if stream.read(1) else ListDelta()
