"""What the store remembers and hands out, where it is no value of the domain (`bot.model`)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from bot.model import (
    Article,
    ChatKey,
    Delivery,
    Entity,
    Entry,
    Finding,
    Judgement,
    Listing,
    Message,
    Notice,
    Receipt,
    Verdict,
)


@dataclass(frozen=True, slots=True)
class EntryIdentity:
    """The three keys by which an entry is known again; made by `bot.sources.identity`."""

    guid: str
    link: str
    title: str


@dataclass(frozen=True, slots=True)
class EntryRecord:
    id: int
    entry: Entry
    reason: str  # "new", or why it was held


@dataclass(frozen=True, slots=True)
class ArticleRecord:
    """What is remembered of an article for 90 days: its text, its judgement, and the reasons of every stage passed."""

    article: Article
    judgement: Judgement | None
    stages: tuple[str, ...]  # "new entry of Reuters", "page fetched: …", "judged: …", "joined event 3f2a: …"
    event: str | None
    judged_at: datetime


@dataclass(frozen=True, slots=True)
class ArticleMark:
    """A place in the archive, which is ordered by when articles were judged. `digest` tells equal moments apart."""

    judged_at: datetime
    digest: str


@dataclass(frozen=True, slots=True)
class ArticleWish:
    """Which articles of the archive. `named`: with a finding; that and `verdict` count of who stands on one of the
    `watchlists`, or on any. `outlet` and `words` (of headline and teaser) in whatever spelling, parts of words too.
    `since` <= judged < `until`."""

    raised: bool = False  # part of an event
    named: bool = False
    verdict: Verdict | None = None
    outlet: str = ""
    words: str = ""
    since: datetime | None = None
    until: datetime | None = None
    watchlists: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class EntityFinding:
    """A finding with the article it stands in, for look-ups."""

    finding: Finding
    url: str
    outlet: str
    title: str
    published_at: datetime
    event: str | None


@dataclass(frozen=True, slots=True)
class WatchlistChanges:
    """Entities as they are now, and the keys of those that are tracked no longer. `newest`: when the last was made."""

    saved: tuple[Entity, ...]
    removed: tuple[str, ...]
    newest: datetime | None


@dataclass(frozen=True, slots=True)
class SentAlert:
    """An event's message as a chat has it: what an edit needs."""

    receipt: Receipt
    revision: int
    content_hash: str
    sent_at: datetime
    edited_at: datetime | None = None  # the last time; None: it reads as it was sent

    @property
    def touched_at(self) -> datetime:
        return self.edited_at or self.sent_at


@dataclass(frozen=True, slots=True)
class SentNotice:
    """A notice as its chat has it."""

    receipt: Receipt
    content_hash: str


@dataclass(frozen=True, slots=True)
class Post:
    """A message in the web console. `seq` grows with each new post and each edit."""

    id: int
    seq: int
    chat: ChatKey
    event: str
    message: Message
    posted_at: datetime
    edited_at: datetime | None = None
    reply_to: int | None = None


@dataclass(frozen=True, slots=True)
class AuditRow:
    at: datetime
    who: str
    chat: str
    what: str
    before: str = ""
    after: str = ""


@dataclass(frozen=True, slots=True)
class ChainedRow:
    """An audit row as it is stored: `digest` covers it and, by the digest before, all rows before (`bot.chain`)."""

    id: int
    row: AuditRow
    digest: str


@dataclass(frozen=True, slots=True)
class Outbox:
    """What is not sent, oldest first, the dead newest first; at most `limit` of each. `perhaps_twice`: of those that
    were sent, how many may be in their chat more than once."""

    waiting: tuple[Delivery, ...] = ()
    sending: tuple[Delivery, ...] = ()
    dead: tuple[Delivery, ...] = ()
    open_notices: tuple[Notice, ...] = ()  # waiting, or being sent, oldest first
    dead_notices: tuple[Notice, ...] = ()
    waiting_in_all: int = 0  # open notices are counted too
    dead_in_all: int = 0  # and dead ones
    perhaps_twice: int = 0


@dataclass(frozen=True, slots=True)
class Trouble:
    """Something that the people who run the bot should know. `key` is equal for what is the same trouble again."""

    key: str
    text: str  # as it was told last
    times: int
    first_at: datetime
    last_at: datetime
    told_at: datetime | None = None  # to the operations chat


@dataclass(frozen=True, slots=True)
class Totals:
    """For /status. `since` bounds entries, articles and alerts."""

    entries: int
    articles: int
    alerts: int  # events opened
    waiting: int  # deliveries not yet sent
    dead: int
    perhaps_twice: int = 0  # sent, after a try whose outcome nobody knows


@dataclass(frozen=True, slots=True)
class ListingRecord:
    """An entry of an official list as it was last there. `seen_in`: the import that added, changed or removed it last.
    Nothing is deleted: what is gone from the list has `removed_on`, the day on which that was seen."""

    listing: Listing
    first_seen_at: datetime
    changed_at: datetime
    removed_on: date | None
    seen_in: int

    @property
    def is_listed(self) -> bool:
        """Whether it stands on the list now; some lists carry what was delisted."""
        return self.removed_on is None and self.listing.delisted_on is None


@dataclass(frozen=True, slots=True)
class ListingChange:
    """What an import changed: `old` None for what is new on the list, `new` None for what is gone from it."""

    list: str
    uid: str
    old: Listing | None
    new: Listing | None


class ImportState(StrEnum):
    RUNNING = "running"
    APPLIED = "applied"
    STOPPED = "stopped"  # by a guard, or as a file could not be read: the old state holds
    DROPPED = "dropped"  # its process died, or another import was faster


@dataclass(frozen=True, slots=True)
class KeptFile:
    """A list's file as it came. `path`: below the folder of the lists, "" if it is kept no longer."""

    name: str
    sha256: str
    size: int  # bytes, decompressed
    path: str = ""


@dataclass(frozen=True, slots=True)
class ListImport:
    """One reading of a list. `rows` are entries, `refused` those that could not be read, `notes` the first reasons."""

    id: int
    list: str
    started_at: datetime
    state: ImportState = ImportState.RUNNING
    files: tuple[KeptFile, ...] = ()
    rows: int = 0
    refused: int = 0
    added: int = 0
    changed: int = 0
    removed: int = 0
    is_baseline: bool = False  # the first: nothing is told of it
    base: int = 0  # the import whose state it was compared with
    reason: str = ""  # why it was stopped
    notes: tuple[str, ...] = ()
    ended_at: datetime | None = None
    by: str = ""  # who asked for it; "" for the schedule


@dataclass(frozen=True, slots=True)
class ListFileState:
    """What is remembered of one file of a list between looks; validators byte for byte, as servers compare strings."""

    name: str
    etag: str | None = None
    last_modified: str | None = None
    sha256: str = ""


@dataclass(frozen=True, slots=True)
class ListState:
    """What is remembered of a list between looks. `stopped`: why the latest import was not taken, until one is."""

    list: str
    files: tuple[ListFileState, ...] = ()
    last_polled_at: datetime | None = None
    last_success_at: datetime | None = None
    last_full_fetch_at: datetime | None = None
    failures: int = 0  # in a row
    last_error: str | None = None
    next_poll_at: datetime | None = None
    stopped: str = ""
