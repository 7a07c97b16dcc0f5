"""Feeds that are added by a command: found at an address, known again, named, listed as OPML."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.errors import BlockedAddressError, FeedError, FetchError
from bot.model import ADDED, AddedFeed, FeedState, HttpAnswer, Source
from bot.sources import FeedLook, all_sources, full_address, seek_feed
from bot.sources.added import MOST_SLUG, find_same, linked_feeds, new_source
from bot.sources.opml import Outline, is_opml, read_opml, write_opml
from bot.sources.parsed import ParsedFeed

NOW = datetime(2026, 3, 5, 12, tzinfo=UTC)
RSS = (
    b'<rss version="2.0"><channel><title>Harbour Post</title><language>en-GB</language>'
    b"<item><title>A tanker is listed</title><link>https://post.example/1</link>"
    b"<pubDate>Wed, 04 Mar 2026 10:00:00 GMT</pubDate></item></channel></rss>"
)
JSON_FEED = (
    b'{"version": "https://jsonfeed.org/version/1.1", "title": "J", '
    b'"items": [{"id": "1", "url": "https://j.example/1", "title": "T"}]}'
)
CHALLENGE = b"<html><head><title>Just a moment...</title></head><body>cf-turnstile</body></html>"


def page(*links: str) -> bytes:
    return f"<html><head><title>Post</title>{''.join(links)}</head><body>news</body></html>".encode()


def alternate(href: str, kind: str = "application/rss+xml", title: str = "") -> str:
    return f'<link rel="alternate" type="{kind}" href="{href}" title="{title}">'


def sought(address: str, web: Mapping[str, HttpAnswer | FetchError | bytes]) -> FeedLook:
    """What is found where the web is only this."""
    seeking = seek_feed(address, NOW)
    wanted = next(seeking)
    while True:
        answer = web.get(wanted) or HttpAnswer(404, wanted, {}, b"")
        try:
            wanted = seeking.send(HttpAnswer(200, wanted, {}, answer) if isinstance(answer, bytes) else answer)
        except StopIteration as found:
            look: FeedLook = found.value
            return look


HOME, FEED = "https://post.example/", "https://post.example/feed"
FOUND = {
    "a feed": (FEED, {FEED: RSS}, FEED, ""),
    "a JSON feed": (FEED, {FEED: JSON_FEED}, FEED, ""),
    "a page that names it": (HOME, {HOME: page(alternate("/feed")), FEED: RSS}, FEED, HOME),
    "relative to the page's base": (
        HOME, {HOME: page('<base href="/news/">', alternate("feed")), "https://post.example/news/feed": RSS},
        "https://post.example/news/feed", HOME,
    ),
    "comments come last": (
        HOME, {HOME: page(alternate("/comments/feed", title="Comments"), alternate("/feed")), FEED: RSS}, FEED, HOME,
    ),
    "the first that can be read": (HOME, {HOME: page(alternate("/gone"), alternate("/feed")), FEED: RSS}, FEED, HOME),
    "a move for good is followed": (
        "http://post.example/rss", {"http://post.example/rss": HttpAnswer(200, FEED, {}, RSS, FEED)}, FEED, "",
    ),
    "a move for now is not": (
        "https://post.example/rss", {"https://post.example/rss": HttpAnswer(200, FEED, {}, RSS)},
        "https://post.example/rss", "",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("address", "web", "url", "named_by"), FOUND.values(), ids=FOUND)
def test_a_feed_is_found(address: str, web: Mapping[str, bytes], url: str, named_by: str) -> None:
    look = sought(address, web)
    assert (look.url, look.page) == (url, named_by)
    assert len(look.parsed.entries) == 1


REFUSED = {
    "a private address": ({HOME: BlockedAddressError(HOME, "it has the private address 10.0.0.1")}, "private address"),
    "no answer": ({HOME: FetchError(HOME, "did not answer in full within 30 s")}, "did not answer"),
    "not found": ({}, "HTTP 404"),
    "a refusal": ({HOME: HttpAnswer(403, HOME, {}, b"no")}, "it refuses bots"),
    "a browser check with a refusal": ({HOME: HttpAnswer(403, HOME, {}, CHALLENGE)}, "the site blocks bots"),
    "a browser check": ({HOME: CHALLENGE}, "a browser check (the site blocks bots)"),
    "a page without a feed": ({HOME: page()}, "an HTML page titled “Post”, and it names no feed"),
    "a PDF": ({HOME: b"%PDF-1.7 " + b"x" * 100}, "a PDF"),
    "nothing": ({HOME: HttpAnswer(200, HOME, {}, b"")}, "an empty body"),
    "a page that names a feed inside": (
        {
            HOME: page(alternate("http://10.0.0.1/feed")),
            "http://10.0.0.1/feed": BlockedAddressError("http://10.0.0.1/feed", "is no public address"),
        },
        "http://10.0.0.1/feed, and that cannot be read: is no public address",
    ),
    "a page that names itself": ({HOME: page(alternate("/"))}, "cannot be read"),
}  # fmt: skip


@pytest.mark.parametrize(("web", "why"), REFUSED.values(), ids=REFUSED)
def test_what_is_no_feed_is_refused_and_why(web: Mapping[str, HttpAnswer | FetchError | bytes], why: str) -> None:
    with pytest.raises(FeedError) as refused:
        sought(HOME, web)
    assert why in str(refused.value)


def test_only_feeds_of_the_web_are_followed() -> None:
    body = page(
        alternate("javascript:alert(1)"), alternate("file:///etc/passwd"), alternate("/print", "text/html"),
        alternate("http://["), alternate("/a"), alternate("/a"), alternate("/b", "application/atom+xml; charset=utf-8"),
    )  # fmt: skip
    found = linked_feeds(HttpAnswer(200, HOME, {}, body))
    assert [link.url for link in found] == ["https://post.example/a", "https://post.example/b"]


@settings(deadline=None)
@given(st.binary(max_size=300))
def test_whatever_a_page_is_the_search_ends(body: bytes) -> None:
    with suppress(FeedError):
        sought(HOME, {HOME: b'<link rel=alternate type="application/rss+xml" href="' + body})


@pytest.mark.parametrize(
    ("said", "address"),
    [
        ("https://post.example/feed", "https://post.example/feed"),
        ("post.example/feed", "https://post.example/feed"),
        ("<http://post.example/feed>", "http://post.example/feed"),
        ("feed://post.example/rss", "https://post.example/rss"),
        ("feed:https://post.example/rss", "https://post.example/rss"),
        ("localhost:8080/feed", "https://localhost:8080/feed"),
        ("file:///etc/passwd", "file:///etc/passwd"),
    ],
)
def test_an_address_is_read_as_people_write_it(said: str, address: str) -> None:
    assert full_address(said) == address


# ---------------------------------------------------------------- which one it is


def look_at(url: str = FEED, title: str = "Harbour Post") -> FeedLook:
    return FeedLook(url, (url,), ParsedFeed((), title))


NAMED = {
    "its own title": ("", "Harbour Post", (), "Harbour Post", "added:harbour-post"),
    "the name that was given": ("Port News", "Harbour Post", (), "Port News", "added:port-news"),
    "no title": ("", "", (), "post.example", "added:post-example"),
    "another of its name": ("", "Wire", (), "Wire (post.example)", "added:wire-post-example"),
    "letters that are no key's": ("", "Вести", (), "Вести", "added:post-example"),
    "its key is taken": ("", "Harbour Post", ("added:harbour-post",), "Harbour Post", "added:harbour-post-2"),
    "markup and invisible letters": ("", "<b>Bold</b> &amp; \u202etrick", (), "Bold & trick", "added:bold-and-trick"),
    "a long one": ("", "x" * 300, (), "x" * 79 + "…", "added:" + "x" * MOST_SLUG),
}


@pytest.mark.parametrize(("given_name", "own", "taken", "title", "key"), NAMED.values(), ids=NAMED)
def test_a_feed_is_named(given_name: str, own: str, taken: tuple[str, ...], title: str, key: str) -> None:
    known = [Source("wire", "Wire", "https://wire.example/feed")]
    source = new_source(look_at(title=own), given_name, known, taken)
    assert (source.title, source.key, source.url) == (title, key, FEED)
    assert source.is_added


@pytest.mark.parametrize(
    ("address", "same"),
    [
        ("https://wire.example/feed", True),
        ("http://www.wire.example/feed/?utm_source=x", True),
        ("https://wire.example/feed?section=oil", False),
    ],
)
def test_a_known_feed_is_known_by_any_spelling_of_its_address(address: str, same: bool) -> None:
    assert bool(find_same([address], [Source("wire", "Wire", "https://wire.example/feed")])) is same


def test_what_was_added_stands_beside_the_file_which_comes_first() -> None:
    wire = Source("wire", "Wire", "https://wire.example/feed")
    kept, paused, gone = (Source(f"{ADDED}{name}", name, f"https://{name}.example/") for name in ("a", "b", "c"))
    covered = Source(f"{ADDED}wire", "Wire 2", "http://www.wire.example/feed")
    feeds = [
        AddedFeed(kept, "telegram:7", NOW), AddedFeed(paused, "telegram:7", NOW, FeedState.PAUSED),
        AddedFeed(gone, "telegram:7", NOW, FeedState.REMOVED), AddedFeed(covered, "telegram:7", NOW),
    ]  # fmt: skip
    found = all_sources({"wire": wire}, feeds)
    assert {key: source.enabled for key, source in found.items()} == {"wire": True, "added:a": True, "added:b": False}


# ---------------------------------------------------------------- OPML


def test_a_list_of_feeds_goes_out_and_comes_back() -> None:
    sources = [
        Source("a", 'A & B <c> "d"', "https://a.example/feed?x=1&y=2"),
        Source("b", "Вести", "https://b.example/"),
    ]
    written = write_opml(sources, NOW)
    assert is_opml(written)
    assert read_opml(written) == tuple(Outline(one.title, one.url) for one in sources)


def test_a_list_is_read_through_its_folders_once_each_and_if_broken() -> None:
    content = (
        b'<?xml version="1.0"?><!DOCTYPE opml [<!ENTITY x SYSTEM "file:///etc/passwd">]><opml version="1.0"><body>'
        b'<outline text="News"><outline text="One" xmlUrl="https://one.example/"/>'
        b'<outline title="Two &amp; more" xmlurl=" https://two.example/ "></outline></outline>'
        b'<outline text="One again" xmlUrl="https://one.example/"/><outline text="&x;" xmlUrl="https://three.example/"'
    )
    assert [(one.title, one.url) for one in read_opml(content)][:2] == [
        ("One", "https://one.example/"), ("Two & more", "https://two.example/"),
    ]  # fmt: skip
    assert b"root:" not in repr(read_opml(content)).encode()


@given(st.binary(max_size=400))
def test_a_list_may_be_anything(content: bytes) -> None:
    assert all(one.url for one in read_opml(content))


@given(st.text(max_size=40))
def test_whatever_a_source_is_called_the_list_stays_well_formed(title: str) -> None:
    from lxml import etree

    etree.fromstring(write_opml([Source("a", title, "https://a.example/")], NOW))
