"""What every kind of source is parsed into, and the pieces that all parsers share: plain text, the newest N."""

from __future__ import annotations

import html
import re
from collections.abc import Sequence
from dataclasses import dataclass

from selectolax.lexbor import LexborHTMLParser
from trafilatura.utils import detect_encoding

from bot.model import Entry, HttpAnswer
from bot.text.decoding import decode_text
from bot.text.markup import parse_html
from bot.text.pointers import is_pointer, remove_pointers

MAX_ENTRIES = 200
MAX_TITLE = 1_000
MAX_SUMMARY = 5_000
MAX_CONTENT = 60_000
MAX_TAGS = 3_000  # in one entry's teaser or text: a feed may have 200 of them


@dataclass(frozen=True, slots=True)
class ParsedFeed:
    """`total` counts the entries in the body, `entries` holds the newest MAX_ENTRIES of them in the feed's order."""

    entries: tuple[Entry, ...]
    title: str = ""
    language: str | None = None
    trouble: str | None = None  # read, but not quite well-formed: for the admins
    total: int = 0


def newest(entries: Sequence[Entry]) -> tuple[Entry, ...]:
    """At most MAX_ENTRIES, the newest by date (those without one count as new), in their order."""
    if len(entries) <= MAX_ENTRIES:
        return tuple(entries)
    by_date = sorted(range(len(entries)), key=lambda index: entries[index].effective_at, reverse=True)
    return tuple(entries[index] for index in sorted(by_date[:MAX_ENTRIES]))


def body_text(answer: HttpAnswer) -> str:
    return decode_text(answer.body, answer.headers.get("content-type", ""), detect_encoding)


# ---------------------------------------------------------------- plain text

_INVISIBLE = re.compile(
    "[\u00ad\u200b\u200c\u200e\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff\x00-\x08\x0b-\x1f\x7f]"
)
_INLINE = (
    "a abbr acronym b bdi bdo big cite code del dfn em font i ins kbd mark nobr q s samp small span strike strong "
    "sub sup tt u var wbr"
).split()
_BLOCK = (
    "address article aside blockquote body br button canvas center dd details div dl dt embed figcaption figure footer "
    "form h1 h2 h3 h4 h5 h6 head header hr html iframe img input label li main nav noscript object ol option p picture "
    "pre script section select source style summary svg table tbody td template tfoot th thead time title tr ul video "
    "audio"
).split()
_TAG_LIKE = re.compile(r"<(?!/?(?:" + "|".join(_INLINE + _BLOCK) + r")\b|!--)", re.IGNORECASE)
# A section ends before the next begins, or many that never end would each be looked for to the text's end.
_UNSEEN_TAGS = re.compile(r"<wbr\s*/?>|<!\[CDATA\[((?:(?!<!\[CDATA\[).)*?)\]\]>", re.IGNORECASE | re.DOTALL)
_UNREAD = ["script", "style", "noscript", "template", "iframe", "svg", "head"]


def plain_text(markup: str, limit: int) -> str:
    """Text of a title or teaser: tags stripped (text that only looks like one stays), entities unescaped again
    (feeds escape up to three times), spaces collapsed, invisible characters dropped, cut at `limit` on a word's end."""
    text = _UNSEEN_TAGS.sub(r"\1", markup[: limit * 20])
    if "<" in text:
        text = _strip_tags(text)
    if "&" in text:
        text = html.unescape(html.unescape(text))
    return shortened(" ".join(_INVISIBLE.sub("", text).split()), limit)


def teaser_text(markup: str) -> str:
    """As `plain_text`, without lines that point at another story."""
    if "<a" in markup:
        tree = parse_html(f"<body>{markup[: MAX_SUMMARY * 20]}", MAX_TAGS)
        remove_pointers(tree)
        markup = (tree.body.inner_html or "") if tree.body else ""
    return plain_text(markup, MAX_SUMMARY)


def plain_paragraphs(markup: str, limit: int) -> str:
    """Text of a feed's full content: paragraphs parted by a blank line."""
    if "<" not in markup:
        parts = html.unescape(markup).split("\n\n")
    else:
        parser = _without_inline(" ".join(markup[: limit * 20].split()), pointers=False)  # a line's end is a blank
        parts = parser.body.text(separator="\n", strip=False).split("\n") if parser.body else []
    paragraphs = (" ".join(_INVISIBLE.sub("", part).split()) for part in parts)
    own = (paragraph for paragraph in paragraphs if paragraph and not is_pointer(paragraph))
    return shortened("\n\n".join(own), limit)


def shortened(text: str, limit: int) -> str:
    return text if len(text) <= limit else text[: limit - 1].rsplit(" ", 1)[0] + "…"


def _strip_tags(text: str) -> str:
    parser = _without_inline(_TAG_LIKE.sub("&lt;", text))
    return parser.body.text(separator=" ", strip=False) if parser.body else ""


def _without_inline(markup: str, *, pointers: bool = True) -> LexborHTMLParser:
    """<b>Sber</b>bank is one word, <li>A</li><li>B</li> are two. `pointers` False: lines that are a link to another
    story go."""
    parser = parse_html(f"<body>{markup}", MAX_TAGS)
    parser.strip_tags(_UNREAD)
    if not pointers:
        remove_pointers(parser)
    parser.unwrap_tags(_INLINE)
    parser.merge_text_nodes()
    return parser
