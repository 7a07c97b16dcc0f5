"""JSON Feed 1.0 and 1.1 (jsonfeed.org/version/1.1): bytes to entries."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime

from bot.errors import FeedError
from bot.links import clean_link
from bot.model import Entry, HttpAnswer, Source
from bot.sources.looks import looks_like
from bot.sources.parsed import (
    MAX_CONTENT,
    MAX_TITLE,
    ParsedFeed,
    body_text,
    newest,
    plain_paragraphs,
    plain_text,
    teaser_text,
)
from bot.text.dates import parse_date


def is_json_feed(body: bytes) -> bool:
    head = body[:2_000].lstrip(b"\xef\xbb\xbf \t\r\n")
    return head.startswith(b"{") and b"jsonfeed.org/version/" in body[:20_000].replace(b"\\/", b"/")


def parse_json_feed(source: Source, answer: HttpAnswer, now: datetime) -> ParsedFeed:
    """Raises FeedError."""
    text = body_text(answer)
    try:
        feed = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise FeedError(f"{looks_like(answer.body, text)} ({error})") from error
    items = feed.get("items") if isinstance(feed, dict) else None
    if not isinstance(items, list):
        raise FeedError(f"JSON without a list named items: {looks_like(answer.body, text)}")
    language = source.language or _text(feed.get("language")) or None
    entries = [
        entry
        for item in items
        if isinstance(item, dict) and (entry := _entry(source, item, answer.url, language, now)) is not None
    ]
    return ParsedFeed(newest(entries), plain_text(_text(feed.get("title")), MAX_TITLE), language, None, len(entries))


def _entry(source: Source, item: Mapping[str, object], base: str, language: str | None, now: datetime) -> Entry | None:
    link = clean_link(_text(item.get("url")) or _text(item.get("external_url")), base)
    content = _text(item.get("content_html")) or _text(item.get("content_text"))
    summary = teaser_text(_text(item.get("summary")) or content)
    title = plain_text(_text(item.get("title")), MAX_TITLE) or plain_text(summary, 140)
    if not title and not link:
        return None
    return Entry(
        source=source.key,
        guid=_text(item.get("id")),
        link=link,
        title=title,
        summary="" if summary == title else summary,
        published_at=parse_date(_text(item.get("date_published")) or _text(item.get("date_modified"))),
        first_seen_at=now,
        outlet=source.title,
        language=_text(item.get("language")) or language,
        content=plain_paragraphs(content, MAX_CONTENT),
    )


def _text(value: object) -> str:
    """Ids may be numbers."""
    if isinstance(value, bool):
        return ""
    return str(value) if isinstance(value, str | int | float) else ""
