"""Feeds that are added by a command: found from an address that somebody sent, known again, named, and put beside the
sources of the file.

    full_address | seek_feed | find_same | new_source

`seek_feed` is a conversation: it yields addresses, and is sent what they answered."""

from __future__ import annotations

import re
from collections.abc import Collection, Generator, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from functools import lru_cache
from urllib.parse import urljoin, urlsplit

from selectolax.lexbor import LexborHTMLParser

from bot.errors import FeedError, FetchError
from bot.links import normalise_link
from bot.model import ADDED, AddedFeed, Entry, FeedState, HttpAnswer, Source
from bot.ports import Records
from bot.sources.kinds import parse_entries
from bot.sources.looks import is_challenge
from bot.sources.parsed import ParsedFeed, body_text, plain_text
from bot.text.folding import fold_key
from bot.text.markup import parse_html

MOST_TRIED = 3  # feeds that a page names
MOST_TITLE, MOST_SLUG = 80, 40  # characters; a key has to fit into a button
_MOST_PAGE = 500_000  # characters of a page that are searched for its feeds
_FEED_TYPES = frozenset({"application/rss+xml", "application/atom+xml", "application/rdf+xml", "application/feed+json"})
_SCHEME = re.compile(r"[a-z][a-z0-9+.-]*:(?!\d)", re.IGNORECASE)  # "localhost:8080" has none


@dataclass(frozen=True, slots=True)
class FeedLink:
    """A feed that a page names."""

    title: str
    url: str


@dataclass(frozen=True, slots=True)
class FeedLook:
    """What stands at an address. `url` is the one to be read, `addresses` are all that led there; `page` is the page
    that named the feed ("": it was asked for itself), `others` are the other feeds of that page."""

    url: str
    addresses: tuple[str, ...]
    parsed: ParsedFeed
    page: str = ""
    others: tuple[FeedLink, ...] = ()


# ---------------------------------------------------------------- what stands at an address


def full_address(words: str) -> str:
    """As it is fetched, from what a person writes: 'example.org/feed' -> 'https://example.org/feed'."""
    address = words.strip().strip("<>")
    address = re.sub(r"^feed:(?=https?:)", "", address, flags=re.IGNORECASE)
    address = re.sub(r"^feed://", "https://", address, flags=re.IGNORECASE)
    return address if _SCHEME.match(address) else f"https://{address}"


def seek_feed(address: str, now: datetime) -> Generator[str, HttpAnswer | FetchError, FeedLook]:
    """The feed at an address, or the first readable one that the page there names. Raises FeedError that says why there
    is none."""
    answer = _checked((yield address))
    try:
        return _look(address, answer, now)
    except FeedError as error:
        problem = str(error)
    links = linked_feeds(answer)
    if is_challenge(body_text(answer)):
        raise FeedError(problem)
    if not links:
        raise FeedError(f"{problem}, and it names no feed")
    for link in links[:MOST_TRIED]:
        try:
            found = _look(link.url, _checked((yield link.url)), now)
        except FeedError as error:
            problem = f"it is a page that names the feed {link.url}, and that cannot be read: {error}"
            continue
        return replace(found, page=answer.url, others=tuple(one for one in links if one != link))
    raise FeedError(problem)


def _checked(answer: HttpAnswer | FetchError) -> HttpAnswer:
    if isinstance(answer, FetchError):
        raise FeedError(answer.problem)
    if 200 <= answer.status < 300:
        return answer
    if is_challenge(body_text(answer)):
        raise FeedError(f"it answers HTTP {answer.status} with a browser check: the site blocks bots")
    refused = " (it refuses bots, or wants a login)" if answer.status in (401, 403, 406, 451) else ""
    raise FeedError(f"it answers HTTP {answer.status}{refused}")


def _look(asked: str, answer: HttpAnswer, now: datetime) -> FeedLook:
    """An address that says that it has moved for good is read at the new one, as the old one will end."""
    parsed = parse_entries(Source("", "", answer.url), answer, now)
    return FeedLook(answer.moved_permanently_to or asked, tuple(dict.fromkeys((asked, answer.url))), parsed)


def linked_feeds(answer: HttpAnswer) -> tuple[FeedLink, ...]:
    """Those that a page names in its head, comments last."""
    page = parse_html(body_text(answer)[:_MOST_PAGE])
    found: dict[str, FeedLink] = {}
    for link in _links(page, answer.url):
        found.setdefault(link.url, link)
    return tuple(sorted(found.values(), key=_is_of_comments))


def _links(page: LexborHTMLParser, url: str) -> Iterator[FeedLink]:
    base = page.css_first("base[href]")
    root = _joined(url, (base.attributes.get("href") or "") if base else "") or url
    for node in page.css("link[rel~='alternate' i][href]"):
        kind = (node.attributes.get("type") or "").partition(";")[0].strip().casefold()
        address = _joined(root, node.attributes.get("href") or "")
        if kind in _FEED_TYPES and address.startswith(("http://", "https://")):
            yield FeedLink(plain_text(node.attributes.get("title") or "", MOST_TITLE), address)


def _joined(base: str, address: str) -> str:
    try:
        return urljoin(base, address.strip())
    except ValueError:  # "http://["
        return ""


def _is_of_comments(link: FeedLink) -> bool:
    return "comment" in f"{link.title} {link.url}".casefold()


# ---------------------------------------------------------------- which one it is


def new_source(look: FeedLook, title: str, sources: Collection[Source], taken: Collection[str]) -> Source:
    """`title`: the name that it was given, "" for the feed's own. `taken`: keys that are, or were, another's."""
    host = (urlsplit(look.url).hostname or "").removeprefix("www.")
    own = plain_text(title or look.parsed.title, MOST_TITLE) or host
    if not title and find_named(own, sources):
        own = f"{own} ({host})"
    return Source(_free_key(own, host, taken), own, look.url)


def _free_key(title: str, host: str, taken: Collection[str]) -> str:
    slug = _slug(title) or _slug(host) or "feed"
    numbered = (f"{ADDED}{slug}{f'-{number}' if number > 1 else ''}" for number in range(1, len(taken) + 2))
    return next(key for key in numbered if key not in taken)


def _slug(text: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", fold_key(text)).strip("-")[:MOST_SLUG].strip("-")


def find_same(addresses: Iterable[str], sources: Iterable[Source]) -> Source | None:
    """The source that is read at one of the addresses."""
    keys = {_address_key(address) for address in addresses}
    return next((source for source in sources if _address_key(source.url) in keys), None)


@lru_cache(maxsize=4_000)  # all sources are compared whenever they are loaded: at every article and every few seconds
def _address_key(address: str) -> str:
    return normalise_link(address) or address


def find_named(title: str, sources: Iterable[Source]) -> Source | None:
    return next((source for source in sources if source.title.casefold() == title.casefold()), None)


# ---------------------------------------------------------------- beside those of the file


def all_sources(configured: Mapping[str, Source], added: Iterable[AddedFeed]) -> dict[str, Source]:
    """By key. What is paused is switched off; what the file has as well by now is the file's."""
    found = dict(configured)
    of_file = {_address_key(source.url) for source in configured.values()}
    for feed in added:
        if feed.state is not FeedState.REMOVED and _address_key(feed.source.url) not in of_file:
            found[feed.source.key] = replace(feed.source, enabled=feed.state is FeedState.READ)
    return found


def load_sources(records: Records, configured: Mapping[str, Source]) -> dict[str, Source]:
    """All that there are now, by key."""
    return all_sources(configured, records.added_feeds())


def load_source(records: Records, configured: Mapping[str, Source], key: str) -> Source | None:
    """As in `load_sources`, of one."""
    if key in configured:
        return configured[key]
    feed = records.added_feed(key)
    return all_sources(configured, [feed]).get(key) if feed else None


def find_carried(records: Records, configured: Mapping[str, Source], url: str) -> tuple[Entry | None, Source | None]:
    """The kept entry that has this address, and its source, if it is still one; neither, where none is kept."""
    known = records.entry_by_url(url)
    return (known.entry, load_source(records, configured, known.entry.source)) if known else (None, None)
