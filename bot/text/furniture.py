"""Lines that tell of the page and not of the world: bylines, captions, notices, links to other stories."""

from __future__ import annotations

import re
from functools import cache

from bot.text.patterns import joined
from bot.text.pointers import is_lead_in, is_pointer

__all__ = ["has_address", "is_caption", "is_credit", "is_furniture", "is_signed"]

_FILE = "text/furniture.toml"
_LONGEST_CREDIT, _MOST_WORDS = 60, 6
_LONGEST_CAPTION = 400  # characters
_LONGEST_WHOLE = 60  # characters
_MARKS = "•·*_▪–—- "
_MORE_SENTENCES = re.compile(r"[.!?。！？][”\"’)]*\s+\S")
_FEW_WORDS = re.compile(r"(?:[^\s,;(]+\s){0,4}\S+(?:\s[^\s,;(]+){0,2}")


@cache
def _pattern(kind: str) -> re.Pattern[str]:
    return re.compile(joined(_FILE, kind), re.IGNORECASE)


@cache
def _plain(kind: str) -> re.Pattern[str]:
    """For small letters only: that is searched far faster, if each entry begins with a letter or sign."""
    return re.compile(joined(_FILE, kind))


@cache
def _whole() -> re.Pattern[str]:
    return re.compile(rf"(?:{joined(_FILE, 'whole')})[\s.:!…»→>›]*", re.IGNORECASE)


def is_furniture(text: str) -> bool:
    """Whether a line tells of the page."""
    line = text.lstrip(_MARKS).rstrip("*_ ")
    if _pattern("begins").match(line) or is_pointer(line):
        return True
    small = line.lower()
    if _plain("anywhere").search(small) or (_plain("notice").search(small) and not _MORE_SENTENCES.search(line)):
        return True
    return len(line) < _LONGEST_WHOLE and (bool(_whole().fullmatch(line)) or is_lead_in(line) or _is_address(line))


def is_credit(text: str) -> bool:
    """Whether a paragraph is a picture's credit ("Jane Roe | Reuters"), which makes the one before it the caption."""
    if len(text) >= _LONGEST_CREDIT or len(text.split()) > _MOST_WORDS:
        return False
    if text.startswith("(") or text.endswith((".", "!", "?")):
        return False
    return bool(_pattern("credit").search(text)) and not _pattern("begins").match(text)


def is_caption(text: str) -> bool:
    """Whether a paragraph is a picture's caption, by its beginning or the credit that it ends in: "The port at dawn.
    Photo: Jane Roe"."""
    return len(text) < _LONGEST_CAPTION and bool(_pattern("caption").search(text))


def is_signed(text: str) -> bool:
    """Whether a paragraph ends in an agency's name: a caption, or the last one of a report."""
    return len(text) < _LONGEST_CAPTION and bool(_pattern("signed").search(text))


def has_address(text: str) -> bool:
    """Whether it has an address of the web or of e-mail in it."""
    return _pattern("address").search(text) is not None


def _is_address(text: str) -> bool:
    """'Write to desk@zelkova.example': hardly more than the address."""
    return has_address(text) and _FEW_WORDS.fullmatch(text) is not None
