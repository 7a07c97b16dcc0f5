"""A page of links, where an authority has no feed (OFAC has had none since January 2025): bytes to entries.

`Source.select` holds CSS selectors: `item` (each entry; needed), and within it `link`, `title`, `date` and `summary`.
Without `link` the item itself, or the first link in it, is taken; without `date` the nearest <time>, a date written
near by, or one in the link's path.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime

from selectolax.lexbor import LexborNode, SelectolaxError

from bot.errors import FeedError
from bot.links import clean_link, normalise_link
from bot.model import Entry, HttpAnswer, Source
from bot.sources.looks import is_challenge, looks_like
from bot.sources.parsed import MAX_SUMMARY, MAX_TITLE, ParsedFeed, body_text, newest, plain_text
from bot.text.dates import parse_date
from bot.text.markup import parse_html

_MONTHS = "jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec"
_WRITTEN_DATE = re.compile(
    rf"\b(?:(?:{_MONTHS})[a-z]*\.? \d{{1,2}},? \d{{4}}|\d{{1,2}} (?:{_MONTHS})[a-z]*\.?,? \d{{4}}|\d{{4}}-\d\d-\d\d)\b",
    re.IGNORECASE,
)
_PATH_DATE = re.compile(r"/(20\d\d)[-/]?(0[1-9]|1[0-2])[-/]?(0[1-9]|[12]\d|3[01])(?!\d)")
_LEVELS_UP = 3  # how far above a link its date is looked for
_NEAR = 600  # a surrounding element with more text than so many characters holds other entries too


def parse_html_index(source: Source, answer: HttpAnswer, now: datetime) -> ParsedFeed:
    """Raises FeedError: a browser check, or a page whose layout the selectors no longer fit."""
    text = body_text(answer)
    if is_challenge(text):
        raise FeedError(looks_like(answer.body, text))
    page = parse_html(text)
    try:
        items = page.css(source.select.get("item", "article"))
        found = [entry for item in items if (entry := _entry(source, item, answer.url, now)) is not None]
    except SelectolaxError as error:
        raise FeedError(f"a CSS selector under select is wrong: {error}") from error
    if not found:
        raise FeedError(
            f"no links under the selector {source.select.get('item', 'article')!r}: the page's layout has changed, "
            f"see select of this source"
        )
    entries = list({normalise_link(entry.link): entry for entry in reversed(found)}.values())[::-1]
    title = page.css_first("title")
    return ParsedFeed(
        newest(entries), plain_text(title.text() if title else "", MAX_TITLE), source.language, None, len(entries)
    )


def _entry(source: Source, item: LexborNode, base: str, now: datetime) -> Entry | None:
    anchor = _anchor(source, item)
    link = clean_link((anchor.attributes.get("href") or "") if anchor else "", base)
    named = item.css_first(source.select["title"]) if "title" in source.select else None
    title = plain_text((named or anchor or item).html or "", MAX_TITLE)
    if not link or not title:
        return None
    summary = item.css_first(source.select["summary"]) if "summary" in source.select else None
    return Entry(
        source=source.key,
        guid="",
        link=link,
        title=title,
        summary=plain_text(summary.html or "", MAX_SUMMARY) if summary else "",
        published_at=_date(source, item, link),
        first_seen_at=now,
        outlet=source.title,
        language=source.language,
    )


def _anchor(source: Source, item: LexborNode) -> LexborNode | None:
    if "link" in source.select:
        return item.css_first(source.select["link"])
    return item if item.tag == "a" else item.css_first("a[href]")


def _date(source: Source, item: LexborNode, link: str) -> datetime | None:
    if "date" in source.select:
        node = item.css_first(source.select["date"])
        return _node_date(node, source.language) if node else None
    around: LexborNode | None = item
    for _ in range(_LEVELS_UP):
        if around is None or len(around.text()) > _NEAR:
            break
        if (time := around.css_first("time")) and (found := _node_date(time, source.language)):
            return found
        if written := _WRITTEN_DATE.search(" ".join(around.text(separator=" ").split())):
            return parse_date(written.group(), "en")
        around = around.parent
    if in_path := _PATH_DATE.search(link):
        year, month, day = (int(part) for part in in_path.groups())
        try:
            return datetime(year, month, day, tzinfo=UTC)
        except ValueError:
            return None
    return None


def _node_date(node: LexborNode, language: str | None) -> datetime | None:
    return parse_date(node.attributes.get("datetime") or node.text(), language)
