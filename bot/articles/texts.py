"""Plain text, pasted or of an archive or a feed, to an article."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime
from hashlib import blake2b
from itertools import pairwise

from bot.articles.key_points import leading_key_points
from bot.articles.languages import find_language
from bot.articles.lines import (
    BULLET,
    BULLETED,
    MAX_PAGE,
    MAX_PARAGRAPH,
    MAX_PARAGRAPHS,
    SENTENCE_ENDS,
    clean,
    normal_bullet,
    unmarked,
)
from bot.articles.teasers import fresh_teaser
from bot.errors import ArticleError
from bot.links import normalise_link
from bot.model import Article
from bot.text.markup import bounded
from bot.text.pointers import NAME_LENGTH, is_lead_in, is_pointer, width


def article_from_text(
    text: str,
    *,
    published_at: datetime,
    key: str = "",
    title: str | None = None,
    summary: str = "",
    language: str | None = None,
    outlet: str = "",
    url: str = "",
) -> Article:
    """Plain text: paragraphs parted by a blank line, list items by a line's end. Without `title`, its first line is the
    title. A leading 'Key Points' block becomes the outlet's key points; what points at other stories is left out, and
    of the summary what the text has too.
    Raises ArticleError where there is no text."""
    paragraphs = list(paragraphs_of_text(text))
    cut = told_cut(text, paragraphs)
    if title is None:
        title = paragraphs.pop(0) if paragraphs else ""
    if not title and not paragraphs:
        raise ArticleError("there is no text")
    points, paragraphs = leading_key_points(paragraphs)
    paragraphs = without_pointers(paragraphs) or paragraphs
    return Article(
        key=key or article_key(outlet, url, f"{title}\n{text}"),
        url=url,
        outlet=outlet,
        title=clean(title)[:MAX_PARAGRAPH],
        summary=fresh_teaser(clean(summary)[:MAX_PARAGRAPH], (title, *points, *paragraphs)),
        paragraphs=tuple(paragraphs),
        published_at=published_at,
        key_points=tuple(points),
        language=find_language(language, "", [title, summary, *paragraphs]),
        full_text_note=cut,
    )


def article_key(outlet: str, link: str, title: str = "") -> str:
    """Stable for one story of one outlet: by its link, whatever tracking or variant of it; by its title without one."""
    story = normalise_link(link) or title.casefold()
    return blake2b(f"{outlet.casefold()}\n{story}".encode("utf-8", "replace"), digest_size=12).hexdigest()


def without_pointers(paragraphs: Sequence[str]) -> list[str]:
    """Without lines that point at other stories, and the headlines right behind one that does no more than lead in."""
    kept: list[str] = []
    leads_in = False
    for paragraph in paragraphs:
        line = paragraph.removeprefix(BULLET)
        if is_pointer(line):
            leads_in = is_lead_in(line)
        elif not (leads_in and _is_headline(line)):
            leads_in = False
            kept.append(paragraph)
    return kept


def _is_headline(line: str) -> bool:
    """Longer than a name, and no sentence."""
    return width(line) > NAME_LENGTH and SENTENCE_ENDS.search(line) is None


def paragraphs_of_text(text: str) -> tuple[str, ...]:
    """Lines of a list are paragraphs of their own; other lines of a paragraph are joined. Cut as a page's are."""
    paragraphs: list[str] = []
    for part in re.split(r"\n[ \t\r]*\n", text[:MAX_PAGE].replace("\r\n", "\n")):
        lines = [cleaned for line in part.split("\n") if (cleaned := unmarked(clean(line)))]
        lines = [line for line, after in pairwise([*lines, ""]) if not _is_pointer_before(line, after)]
        if len(lines) > 1 and not _is_wrapped(lines):
            paragraphs += lines
        elif lines:
            paragraphs.append(" ".join(lines))
    return tuple(normal_bullet(paragraph)[:MAX_PARAGRAPH] for paragraph in paragraphs[:MAX_PARAGRAPHS])


_MARGIN = 60  # characters: lines as long may go on in the next
_NARROWEST = 40  # characters of the longest line of a paragraph that is broken at a margin


def _is_wrapped(lines: Sequence[str]) -> bool:
    """Whether the lines are one paragraph, broken at a margin: then most end in the middle of a sentence, and go on
    with a small letter; or each is so long that the next one's first word had no room."""
    if any(BULLETED.match(line) for line in lines):
        return False
    if all(line[0].islower() or len(before) > _MARGIN for before, line in pairwise(lines)):
        return True
    longest = max(map(len, lines))
    is_full = all(len(before) + 1 + len(line.split(" ", 1)[0]) > longest for before, line in pairwise(lines))
    return is_full and longest >= _NARROWEST and any(line[0].islower() for line in lines[1:])


def _is_pointer_before(line: str, after: str) -> bool:
    """A pointer as long as a line of a paragraph: it would be taken for the beginning of the text behind it."""
    return len(line) > _MARGIN and bool(after) and not after[0].islower() and is_pointer(line.removeprefix(BULLET))


def told_cut(text: str, paragraphs: Sequence[str]) -> str:
    """That a long text was not read to its end, for whoever asks why a name was not found; "" if it was."""
    is_cut = len(text) >= MAX_PAGE or len(paragraphs) >= MAX_PARAGRAPHS or len(bounded(text)) < len(text)
    return "longer than articles are: only its beginning was read" if is_cut else ""
