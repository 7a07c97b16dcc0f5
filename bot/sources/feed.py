"""RSS, Atom and RDF: bytes to entries, by feedparser. Fetches nothing, and decides nothing about what is new."""

from __future__ import annotations

import contextlib
import io
import re
from calendar import timegm
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urljoin
from xml.parsers import expat

import feedparser
from feedparser.sanitizer import replace_doctype

from bot.errors import FeedError
from bot.links import clean_link, is_of_aggregator, site_of, with_text_fragment
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
from bot.text.dates import as_utc, is_in_either_order, parse_date

_PROLOG = re.compile(r"^\s*<\?xml[^>]*\?>", re.IGNORECASE)
_FEED_ELEMENT = re.compile(r"<(?:\w+:)?(?:rss|feed|rdf|channel|item|entry)\b", re.IGNORECASE)
_ROOT_END = re.compile(r"</(?:\w+:)?(?:rss|feed|rdf|channel)\s*>", re.IGNORECASE)
_XML_FORBIDS = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
_LANGUAGE = re.compile(r"[a-z]{2,3}(?:[-_][a-z0-9]{2,8})*", re.IGNORECASE)


def parse_feed(source: Source, answer: HttpAnswer, now: datetime) -> ParsedFeed:
    """Raises FeedError, which tells what the body looks like instead."""
    text = body_text(answer)
    if not _FEED_ELEMENT.search(text[:20_000]):
        raise FeedError(looks_like(answer.body, text))
    raw = _feedparser(text)
    channel = raw.get("feed", {})
    language = source.language or _language(channel.get("language"))
    base = urljoin(answer.url, answer.headers.get("content-location", ""))
    broken = raw.get("bozo_exception") if raw.get("bozo") else None
    items = raw.get("entries", ())
    if broken is not None and not _ROOT_END.search(text):
        items = items[:-1]  # the body broke off in the midst of it: half a link would stand for the story
    entries = [entry for item in items if (entry := _entry(source, item, base, language, now)) is not None]
    if not entries and broken is not None and not _is_harmless(broken):
        raise FeedError(f"broken XML without a single readable entry: {_said(broken)}")
    if not entries and not raw.get("version"):
        raise FeedError(looks_like(answer.body, text))
    return ParsedFeed(
        entries=newest(with_own_links(with_sites(source, entries, _text(channel.get("link"))))),
        title=plain_text(_text(channel.get("title")), MAX_TITLE),
        language=language,
        trouble=f"the XML is broken, read as far as possible: {_said(broken)}"
        if broken is not None and not _is_harmless(broken)
        else None,
        total=len(entries),
    )


def with_own_links(entries: Iterable[Entry]) -> list[Entry]:
    """Some feeds give every entry one link (a list file, a page of the day): there the headline is made part of it,
    as a link to that passage, because a link is what a story is known by."""
    entries = list(entries)
    titles_of = Counter(link for link, _ in {(entry.link, entry.title) for entry in entries if entry.link})
    return [
        replace(entry, link=with_text_fragment(entry.link, entry.title)) if titles_of[entry.link] > 1 else entry
        for entry in entries
    ]


def with_sites(source: Source, entries: Iterable[Entry], home: str) -> list[Entry]:
    """Entries whose outlet nobody names, in a feed that gathers several other sites' articles: there the site is the
    outlet. A feed of one other site is that outlet's own, on another host. `home`: the page that the feed is of."""
    entries = list(entries)
    own = {site_of(source.url), site_of(home)}
    others = {site_of(entry.link) for entry in entries} - own - {""}
    if len(others) < 2:
        return entries
    return [
        replace(entry, outlet=site_of(entry.link))
        if entry.outlet == source.title and site_of(entry.link) in others
        else entry
        for entry in entries
    ]


def _feedparser(text: str) -> Mapping[str, Any]:
    """Our own decoding, as feedparser's takes nearly valid UTF-8 for iso-8859-2 (kurtmckee/feedparser#421)."""
    body = _XML_FORBIDS.sub("", _PROLOG.sub("", text, count=1).lstrip()).encode("utf-8", "replace")
    _refuse_crowded(body)
    headers = {"content-type": "application/xml; charset=utf-8"}  # no address: guids are not to be resolved against it
    try:
        parsed: Mapping[str, Any] = feedparser.parse(
            io.BytesIO(body), response_headers=headers, resolve_relative_uris=False, sanitize_html=False
        )
    except Exception as error:  # parse() raises what it meets (kurtmckee/feedparser#599): DOCTYPE, references, depth
        raise FeedError(f"broken XML, the parser gave up: {_said(error)}") from error
    return parsed


_MOST_ATTRIBUTES = 500  # of one element


def _refuse_crowded(body: bytes) -> None:
    """Of an element's attributes the library below looks each up among all: 200 kB of them took 20 seconds, and a feed
    of 15 MB would take a day. Raises FeedError."""

    def look(_name: str, attributes: Sequence[str]) -> None:
        if len(attributes) > 2 * _MOST_ATTRIBUTES:  # a name and a value each
            raise FeedError(f"an element with more than {_MOST_ATTRIBUTES} attributes: no feed has those")

    reader = expat.ParserCreate()
    reader.ordered_attributes = True
    reader.StartElementHandler = look
    with contextlib.suppress(expat.ExpatError):  # what is broken is read otherwise, and told
        reader.Parse(replace_doctype(body)[1], True)


def _entry(source: Source, item: Mapping[str, Any], base: str, language: str | None, now: datetime) -> Entry | None:
    link = clean_link(_link(item), base)
    title = plain_text(_text(item.get("title")), MAX_TITLE)
    content = max((_text(part.get("value")) for part in item.get("content", ())), key=len, default="")
    summary = teaser_text(_text(item.get("summary")) or content)
    title = title or plain_text(summary, 140)
    guid = _text(item.get("id")).strip()
    if not title and not link:
        return None
    title, outlet = _outlet(source, item, link, title)
    return Entry(
        source=source.key,
        guid=guid,
        link=link,
        title=title,
        summary="" if summary in (title, f"{title} {outlet}") else summary,
        published_at=_date(item, language),
        first_seen_at=now,
        outlet=outlet,
        language=language,
        content=plain_paragraphs(content, MAX_CONTENT),
    )


def _link(item: Mapping[str, Any]) -> str:
    if original := _text(item.get("feedburner_origlink")):
        return original
    link, guid = _text(item.get("link")).strip(), _text(item.get("id")).strip()
    if link and link != guid:
        return link
    if guid.startswith(("http://", "https://")):
        return guid
    return next((_text(other.get("href")) for other in item.get("links", ()) if other.get("rel") == "alternate"), "")


def _outlet(source: Source, item: Mapping[str, Any], link: str, title: str) -> tuple[str, str]:
    """(headline, publisher): an aggregator names the publisher in <source> and at the end of the headline."""
    named = item.get("source")
    publisher = plain_text(_text(named.get("title")), 200) if isinstance(named, Mapping) else ""
    is_aggregator = is_of_aggregator(link)  # its headlines end in " - Publisher"
    if not publisher and is_aggregator:
        publisher = title.rpartition(" - ")[2] if " - " in title else ""
    if publisher and title.endswith(f" - {publisher}"):
        title = title[: -len(publisher) - 3].rstrip()
    return title, publisher or source.title


def _date(item: Mapping[str, Any], language: str | None) -> datetime | None:
    for name in ("published", "updated", "created"):
        if name not in item:  # feedparser would answer for "updated" with "published"
            continue
        text = _text(item.get(name))
        if is_in_either_order(text, language):
            continue
        if found := parse_date(text, language) or _feedparsers_date(item.get(f"{name}_parsed")):
            return found
    return None


def _feedparsers_date(parsed: Any) -> datetime | None:
    """Last, as it takes 2026/11/24 and 2026年11月24日 for the first of the month."""
    try:
        return as_utc(datetime.fromtimestamp(timegm(parsed), UTC)) if parsed else None
    except (ValueError, OverflowError, OSError, TypeError):
        return None


def _language(declared: object) -> str | None:
    text = _text(declared).strip()
    return text.replace("_", "-") if _LANGUAGE.fullmatch(text) else None


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _is_harmless(error: object) -> bool:
    return isinstance(error, (feedparser.CharacterEncodingOverride, feedparser.NonXMLContentType))


_POSITION = re.compile(r"^<unknown>:\d+:\d+: ")


def _said(error: object) -> str:
    """Without the place, which moves with each new entry: the same trouble would be told at every poll."""
    return _POSITION.sub("", " ".join(str(error).split()))[:200] or type(error).__name__
