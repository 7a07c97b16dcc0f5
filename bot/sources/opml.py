"""Lists of feeds as feed readers write and take them (opml.org/spec2.opml): in and out."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from xml.sax.saxutils import escape, quoteattr

from bot.model import Source
from bot.sources.parsed import plain_text
from bot.text.decoding import decode_text
from bot.text.markup import parse_html

_OPML = re.compile(r"<(?:\w+:)?opml\b", re.IGNORECASE)
_XML_FORBIDS = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]")
_MOST_TITLE = 80


@dataclass(frozen=True, slots=True)
class Outline:
    """A feed of the list; `title` is "" where it names none."""

    title: str
    url: str


def is_opml(content: bytes) -> bool:
    return bool(_OPML.search(decode_text(content[:4_000])))


def read_opml(content: bytes) -> tuple[Outline, ...]:
    """The feeds in it, each once, whatever folders they stand in. An HTML parser takes what is broken, knows no
    entities of the document's own, and opens nothing."""
    page = parse_html(decode_text(content))
    found: dict[str, Outline] = {}
    for node in page.css("outline[xmlurl]"):
        url = " ".join((node.attributes.get("xmlurl") or "").split())
        title = node.attributes.get("title") or node.attributes.get("text") or ""
        if url:
            found.setdefault(url, Outline(plain_text(title, _MOST_TITLE), url))
    return tuple(found.values())


def write_opml(sources: Iterable[Source], now: datetime) -> bytes:
    lines = [
        f'    <outline type="rss" text={_quoted(source.title)} title={_quoted(source.title)} '
        f"xmlUrl={_quoted(source.url)}/>"
        for source in sources
    ]
    head = (
        f"<title>Feeds of sanctions-bot</title><dateCreated>{escape(f'{now:%a, %d %b %Y %H:%M:%S} GMT')}</dateCreated>"
    )
    body = "\n".join(lines)
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f'<opml version="2.0">\n  <head>{head}</head>\n  <body>\n{body}\n  </body>\n</opml>\n'
    ).encode()


def _quoted(text: str) -> str:
    return quoteattr(_XML_FORBIDS.sub("", text))
