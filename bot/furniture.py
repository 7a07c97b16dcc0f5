"""Lines that tell of the page and not of the world: bylines, captions, notices, links to other stories."""

from __future__ import annotations

import re
from functools import cache

from bot.patterns import joined
from bot.pointers import is_pointer

__all__ = ["is_credit", "is_furniture"]

_FILE = "furniture.toml"
_LONGEST_CREDIT, _MOST_WORDS = 60, 6


@cache
def _pattern(kind: str) -> re.Pattern[str]:
    return re.compile(joined(_FILE, kind), re.IGNORECASE)


def is_furniture(text: str) -> bool:
    """Whether a line tells of the page."""
    return bool(_pattern("begins").match(text) or _pattern("anywhere").search(text)) or is_pointer(text)


def is_credit(text: str) -> bool:
    """Whether a paragraph is a picture's credit ("Jane Roe | Reuters"), which makes the one before it the caption."""
    if len(text) >= _LONGEST_CREDIT or len(text.split()) > _MOST_WORDS:
        return False
    if text.startswith("(") or text.endswith((".", "!", "?")):
        return False
    return bool(_pattern("credit").search(text)) and not _pattern("begins").match(text)
