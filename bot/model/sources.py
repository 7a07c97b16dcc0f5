"""Sources, what they answer, and what is new there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum


class SourceKind(StrEnum):
    FEED = "feed"  # RSS, Atom, RDF
    JSON_FEED = "json_feed"
    HTML_INDEX = "html_index"  # a page of links, where an authority has no feed


class Tier(StrEnum):
    """How near a source is to the act itself; shown in the alert and used to route it."""

    OFFICIAL = "official"
    WIRE = "wire"
    NEWS = "news"
    TRADE = "trade"  # trade and law press
    OTHER = "other"


class FullText(StrEnum):
    """When an entry's page is fetched. AUTO: when title or teaser speaks of sanctions, names a tracked entity, or tells
    of a matter or an authority of sanctions."""

    AUTO = "auto"
    ALWAYS = "always"
    NEVER = "never"


@dataclass(frozen=True, slots=True)
class FirstRun:
    """What the first poll of a source does with the entries it finds: 0 marks all as seen (baseline), N judges the
    newest N, None judges all."""

    last: int | None = 0


@dataclass(frozen=True, slots=True)
class Source:
    key: str
    title: str  # the outlet's name, as an alert shows it
    url: str
    kind: SourceKind = SourceKind.FEED
    tier: Tier = Tier.NEWS
    authority: str | None = None  # "US", "EU" …: set for official sources
    every: timedelta = timedelta(minutes=15)
    first_run: FirstRun = FirstRun()
    max_age: timedelta | None = timedelta(days=7)  # None: no age gate
    full_text: FullText = FullText.AUTO
    language: str | None = None  # BCP 47; None: told by the feed, else detected
    enabled: bool = True
    select: Mapping[str, str] = field(default_factory=dict)  # HTML_INDEX: CSS selectors (item, link, title, date)
    silent_after: timedelta | None = None  # so long without news is told; None: as is usual for it; 0: never

    @property
    def is_added(self) -> bool:
        """By a command; the others are those of config/sources.toml."""
        return self.key.startswith(ADDED)


ADDED = "added:"  # begins the key of a source that was added by a command


class FeedState(StrEnum):
    READ = "read"
    PAUSED = "paused"
    REMOVED = "removed"


@dataclass(frozen=True, slots=True)
class AddedFeed:
    """A source that somebody added by a command, as it stands. Nothing is deleted: what was removed keeps its row.
    `was`: its state before the last change, to which an undo goes back; `was_url`: its address before, if that was
    changed. People are "platform:id"; `chat` is where the last change was made."""

    source: Source
    added_by: str
    added_at: datetime
    state: FeedState = FeedState.READ
    was: FeedState = FeedState.REMOVED
    changed_by: str = ""
    changed_at: datetime | None = None
    chat: str = ""
    is_undo: bool = False  # the last change took back another
    was_url: str = ""


class SourceHealth(StrEnum):
    OK = "ok"
    FAILING = "failing"
    PAUSED = "paused"
    WAITING = "not checked yet"


@dataclass(frozen=True, slots=True)
class Pause:
    """The longest time between two polls that brought something new, of those that ended in a week (days since the year
    1 by 7)."""

    week: int
    longest: timedelta


@dataclass(frozen=True, slots=True)
class SourceState:
    """What is remembered of a source between polls."""

    source: str
    etag: str | None = None  # kept byte for byte, as servers compare strings
    last_modified: str | None = None
    body_hash: str | None = None
    baseline_done: bool = False
    last_polled_at: datetime | None = None
    last_success_at: datetime | None = None
    last_full_fetch_at: datetime | None = None
    last_new_at: datetime | None = None  # when an entry was last new
    failures: int = 0  # in a row
    last_error: str | None = None
    next_poll_at: datetime | None = None
    paused_reason: str | None = None  # set: not polled until an admin resumes it
    entries_seen: int = 0
    pauses: tuple[Pause, ...] = ()
    silent_told_at: datetime | None = None  # when it was told that it has nothing new for too long; it has not since
    read_as: str = ""  # by which address, kind and selectors it was last read, as a digest; "": before that was kept

    @property
    def health(self) -> SourceHealth:
        if self.paused_reason:
            return SourceHealth.PAUSED
        if self.failures:
            return SourceHealth.FAILING
        return SourceHealth.OK if self.last_success_at else SourceHealth.WAITING


@dataclass(frozen=True, slots=True)
class HttpAnswer:
    """`headers` has lower-case names; `url` is the final one; `body` is decompressed."""

    status: int
    url: str
    headers: Mapping[str, str]
    body: bytes
    moved_permanently_to: str | None = None  # every redirect on the way was a 301 or 308


@dataclass(frozen=True, slots=True)
class KeptPage:
    """An article's page as it was fetched: evidence of what it said then. `headers` are some of the answer's, in
    lower-case names; `body` is what the server sent, decompressed; `sha256`, in hexadecimal, is that of the body."""

    article: str  # its key
    sha256: str
    fetched_at: datetime
    url: str  # the final one
    status: int
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class Entry:
    """What a feed carries of an article. `guid`, `link` and `title` together are its identity."""

    source: str
    guid: str
    link: str  # absolute, tracking parameters dropped
    title: str  # plain text
    summary: str  # plain text, often a teaser of two sentences
    published_at: datetime | None
    first_seen_at: datetime
    outlet: str = ""  # the publisher where an aggregator names it, else the source's title
    language: str | None = None
    content: str = ""  # the full text where the feed carries it: paragraphs parted by a blank line

    @property
    def effective_at(self) -> datetime:
        """Feeds date entries in the future, or not at all: min(published, first seen)."""
        return min(self.published_at, self.first_seen_at) if self.published_at else self.first_seen_at


@dataclass(frozen=True, slots=True)
class SeenKeys:
    """The identities of entries already seen from one source. Keys are those of `bot.sources.identity`."""

    guids: Mapping[str, tuple[str, str]] = field(default_factory=dict)  # guid -> (link key, title key)
    links: frozenset[str] = frozenset()
    titles: Mapping[str, datetime] = field(default_factory=dict)  # title key -> when its latest story was first seen


@dataclass(frozen=True, slots=True)
class HeldEntry:
    entry: Entry
    reason: str  # "seen: same link as …", "baseline", "older than 7 days"
    is_known: bool = False  # its identity is remembered already ("seen: …")
    edited: str = ""  # what was changed in what is known, where that is worth reading again


@dataclass(frozen=True, slots=True)
class PollIntent:
    """What a poll decided: the source's next state, the new entries, the held ones, and why."""

    state: SourceState
    new: tuple[Entry, ...] = ()
    held: tuple[HeldEntry, ...] = ()
    reason: str = ""
    trouble: str | None = None  # for the admins, never for readers
