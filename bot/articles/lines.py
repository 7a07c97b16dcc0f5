"""One line of text: clean, without marks of Markdown, with the same bullet everywhere. And how long texts may be."""

from __future__ import annotations

import re
from collections.abc import Iterable

from bot.text.pointers import width

MAX_PAGE = 3_000_000  # characters: longer pages are data, not articles
MAX_PARAGRAPHS = 1_500
MAX_PARAGRAPH = 20_000
BULLET = "• "  # list items begin with it, whatever they began with in the source
SENTENCE_ENDS = re.compile(r"[.!?…:;。！？]['\"”’»)\]]*$")
_SENTENCE = 60  # characters of width: shorter ones are mostly of the page
_INVISIBLE = re.compile(  # and lone halves of surrogate pairs, which nothing can be written with
    "[\ud800-\udfff\u00ad\u200b\u200e\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff\x00-\x08\x0b-\x1f\x7f]"
)
BULLETED = re.compile(r"(?:[•▪·◦‣●■]|\*(?!\*)|[-–—](?=\s)|>>)\s*(?=\S)")
# What Markdown marks: **bold**, a line in *italics*. No mark within: else 20,000 open ones would take minutes.
_MARKED = re.compile(r"(\*{2,3})(?=\S)([^*]+)(?<=\S)\1|__(?=\S)([^_]+)(?<=\S)__|^\*(?=[^\s*])([^*]+)(?<=\S)\*$")
_MARKED_LINK = re.compile(r"!?\[([^\[\]]*)\]\(https?://[^\s()]*\)")
_MARKED_HEADING = re.compile(r"#{1,6} +(?=\S)")


def clean(text: str) -> str:
    """One line: spaces collapsed, invisible characters dropped."""
    return " ".join(_INVISIBLE.sub("", text).split())


def is_sentence(line: str) -> bool:
    """Prose, as a paragraph has it."""
    return width(line) >= _SENTENCE and SENTENCE_ENDS.search(line) is not None


def unmarked(line: str) -> str:
    """A line of Markdown, as newsletters are kept, without its marks."""
    line = _MARKED_LINK.sub(r"\1", line) if "](" in line else line
    line = _MARKED_HEADING.sub("", line, count=1) if line.startswith("#") else line
    return _MARKED.sub(lambda found: found[2] or found[3] or found[4], line) if "*" in line or "__" in line else line


def normal_bullet(text: str) -> str:
    """With our bullet in place of whatever stands for one."""
    return BULLETED.sub(BULLET, text, count=1) if BULLETED.match(text) else text


def bulleted(text: str) -> str:
    """With a bullet in front; nothing stays nothing."""
    return text if not text or text.startswith(BULLET) else BULLET + text


def total_length(paragraphs: Iterable[str]) -> int:
    """In characters."""
    return sum(map(len, paragraphs))
