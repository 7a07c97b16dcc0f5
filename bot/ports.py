"""What the inside needs from outside, as narrow protocols: Store, Fetcher, SecondReader, Platform, Engine.

The store is plain synchronous code; async shells call it in a thread. Everything that one article's outcome writes goes
through one `Records`, which is one transaction, and `Engine.put` joins it.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Protocol

from bot.model import (
    AllowedChat,
    Article,
    Attachment,
    Chat,
    ChatKey,
    DeadJob,
    Delivery,
    DeliveryKind,
    DeliveryState,
    Entity,
    Entry,
    Event,
    Feedback,
    Finding,
    Grant,
    HttpAnswer,
    Invitation,
    Judgement,
    Labelled,
    LookAlike,
    Machines,
    Message,
    Question,
    Receipt,
    Reply,
    Request,
    Role,
    Sample,
    Scope,
    SeenKeys,
    SourceState,
    Subscription,
    User,
)

# ---------------------------------------------------------------- what the store hands out


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
class Totals:
    """For /status. `since` bounds entries, articles and alerts."""

    entries: int
    articles: int
    alerts: int  # events opened
    waiting: int  # deliveries not yet sent
    dead: int


# ---------------------------------------------------------------- store


class Records(Protocol):
    """One transaction. Reads see its own writes. Values in, values out: no rows, no lazy loading."""

    # sources
    def source_states(self) -> Mapping[str, SourceState]: ...
    def save_source_state(self, state: SourceState) -> None: ...
    def seen_keys(self, source: str) -> SeenKeys: ...
    def add_entry(self, entry: Entry, identity: EntryIdentity, reason: str) -> int:
        """Remember an entry and its identity; `reason` is "new" for those that go on to be read. Returns its id."""
        ...

    def touch_seen(self, source: str, identities: Sequence[EntryIdentity], now: datetime) -> None:
        """These known entries are still in the feed: keep their identities at least 90 days more."""
        ...

    def entry(self, entry_id: int) -> EntryRecord | None: ...
    def entry_by_url(self, url: str) -> EntryRecord | None: ...

    # watchlist
    def entities(self) -> tuple[Entity, ...]: ...
    def entity(self, key: str) -> Entity | None: ...
    def known_entity_keys(self) -> frozenset[str]:
        """Every key that ever was on the watchlist, removed ones included."""
        ...

    def save_entity(self, entity: Entity, by: str, now: datetime) -> None: ...
    def remove_entity(self, key: str, by: str, now: datetime) -> bool:
        """Marks it removed (nothing is deleted). False if it was not there."""
        ...

    def watchlist_changes(self, since: datetime | None) -> WatchlistChanges:
        """What was saved or removed at `since` or later; all of it without one."""
        ...

    def watchlist_revision(self) -> int:
        """Grows with every change to the watchlist: tells when a compiled name index is old."""
        ...

    # articles and events
    def save_article(self, record: ArticleRecord) -> None: ...
    def article(self, key: str) -> ArticleRecord | None: ...
    def article_by_url(self, url: str) -> ArticleRecord | None: ...
    def latest_articles(self, limit: int) -> tuple[ArticleRecord, ...]: ...
    def articles_since(self, since: datetime, limit: int, until: datetime | None = None) -> tuple[ArticleRecord, ...]:
        """Those judged from `since` on and before `until`, newest first; the newest `limit` of them."""
        ...

    def findings_of(self, entity: str, limit: int) -> tuple[EntityFinding, ...]: ...
    def lock_events(self) -> None:
        """Until the end of this transaction no other may cluster (SQLite: held anyway; PostgreSQL: advisory lock)."""
        ...

    def events_since(self, since: datetime) -> tuple[Event, ...]:
        """Events updated since, newest first."""
        ...

    def reviews_since(self, since: datetime) -> tuple[Event, ...]:
        """Those for the review chat (`Event.review`), updated since, newest first. The other lists leave them out."""
        ...

    def event(self, key: str) -> Event | None: ...
    def save_event(self, event: Event) -> None: ...
    def latest_events(self, limit: int) -> tuple[Event, ...]: ...
    def events_of(self, entity: str, limit: int) -> tuple[Event, ...]: ...

    # what people say of verdicts
    def save_feedback(self, feedback: Feedback, sample: Sample | None) -> None:
        """The latest of its user, event and entity; without a sample an earlier one stays."""
        ...

    def feedback_of(self, event: str) -> tuple[Feedback, ...]:
        """What is said of the event's targets and not undone, oldest first."""
        ...

    def feedback_since(self, since: datetime) -> tuple[Labelled, ...]:
        """All that was said since and not undone, oldest first."""
        ...

    def undo_feedback(self, feedback: Feedback, by: str, now: datetime) -> bool:
        """Marks it undone (nothing is deleted). False if it was not there."""
        ...

    def add_look_alike(self, look_alike: LookAlike) -> int:
        """Returns its number."""
        ...

    def look_alikes(self, entities: Sequence[str] | None = None) -> tuple[LookAlike, ...]:
        """Those not undone, of these entities or of all, oldest first."""
        ...

    def undo_look_alike(self, number: int, by: str, now: datetime) -> bool:
        """Marks it undone (nothing is deleted). False if it was not there."""
        ...

    # chats, people, settings
    def chats(self) -> tuple[Chat, ...]: ...
    def chat(self, key: ChatKey) -> Chat | None: ...
    def save_chat(self, chat: Chat) -> None: ...
    def move_chat(self, old: ChatKey, new_id: str) -> None:
        """Rewrite the chat's id everywhere: subscriptions, deliveries, receipts, feedback, look-alikes."""
        ...

    def subscriptions(self, chat: ChatKey | None = None) -> tuple[Subscription, ...]: ...
    def add_subscription(self, subscription: Subscription) -> bool: ...
    def remove_subscription(self, subscription: Subscription) -> bool: ...
    def setting(self, key: str) -> str | None: ...
    def save_setting(self, key: str, value: str | None) -> None: ...

    # people: roles, allowed chats, invitations
    def lock_people(self) -> None:
        """Until the end of this transaction no other may change roles: two owners must not step down at once."""
        ...

    def grants(self, user: User | None = None) -> tuple[Grant, ...]:
        """Of one person or of all, oldest first."""
        ...

    def save_grant(self, grant: Grant) -> None:
        """One role for a person and scope: an earlier one is replaced."""
        ...

    def remove_grant(self, user: User, scope: Scope) -> Role | None:
        """The role that was taken away; None if there was none."""
        ...

    def admins(self) -> tuple[User, ...]:
        """Owners and admins of the whole bot, oldest first."""
        ...

    def add_admin(self, user: User, by: str, now: datetime) -> None:
        """An owner stays owner."""
        ...

    def remove_admin(self, user: User) -> bool: ...
    def role_mapping(self, chat: ChatKey) -> Role | None:
        """The role of the platform's own administrators in a chat; None: as `bot.rights` has it."""
        ...

    def save_role_mapping(self, chat: ChatKey, role: Role | None) -> None: ...
    def allowed_chats(self) -> tuple[AllowedChat, ...]:
        """Those that may talk to the bot where only listed ones may; without those whose holder has no role now."""
        ...

    def is_allowed(self, chat: ChatKey) -> bool: ...
    def allow_chat(self, allowed: AllowedChat) -> None:
        """One without a holder is not replaced by one with a holder."""
        ...

    def forbid_chat(self, chat: ChatKey) -> bool: ...
    def add_invitation(self, invitation: Invitation, digest: str) -> int:
        """Returns its number."""
        ...

    def invitation(self, digest: str) -> tuple[Invitation, str] | None:
        """The invitation and the digest as it is stored."""
        ...

    def invitations(self) -> tuple[Invitation, ...]:
        """All, newest first."""
        ...

    def use_invitation(self, number: int, user: User, now: datetime) -> bool:
        """False if it is used, revoked or expired by now: of two who come at once, one has it."""
        ...

    def revoke_invitation(self, number: int, by: str, now: datetime) -> bool: ...
    def add_guess(self, user: User, now: datetime) -> None:
        """Somebody showed a token or a code that is none."""
        ...

    def guesses(self, user: User, since: datetime) -> tuple[datetime, ...]:
        """Oldest first."""
        ...

    # audit
    def add_audit(self, row: AuditRow) -> None:
        """Append, chained to the row before. Until the end of this transaction no other may append."""
        ...

    def audit_chain(self, after: int = 0) -> Iterator[ChainedRow]:
        """All rows with a greater number, oldest first, read in parts."""
        ...

    def latest_audit(self, before: int | None = None, limit: int = 100) -> tuple[ChainedRow, ...]:
        """Newest first; with a smaller number than `before`."""
        ...

    # delivery
    def add_delivery(
        self, event: str, chat: ChatKey, kind: DeliveryKind, revision: int, now: datetime, note: str = ""
    ) -> int | None:
        """A new outbox row, or None if this event, chat, kind and revision has one already."""
        ...

    def delivery(self, delivery_id: int) -> Delivery | None: ...
    def deliveries(self, *states: DeliveryState, limit: int = 100) -> tuple[Delivery, ...]: ...
    def claim_delivery(self, delivery_id: int, now: datetime) -> Delivery | None:
        """WAITING or SENDING -> SENDING with one more try; None if it is settled already."""
        ...

    def settle_delivery(
        self, delivery_id: int, state: DeliveryState, now: datetime, note: str = "", sent: SentAlert | None = None
    ) -> None:
        """The outcome of an attempt. `sent` is kept as the event's message in that chat."""
        ...

    def save_sent(self, event: str, chat: ChatKey, sent: SentAlert) -> None:
        """The event's message in the chat as it reads now; settle_delivery does the same for a delivery."""
        ...

    def sent_alert(self, event: str, chat: ChatKey) -> SentAlert | None: ...
    def chats_told(self, event: str) -> tuple[ChatKey, ...]:
        """Chats with a delivery of the event's alert that is waiting, sending or sent."""
        ...

    def adopt_alerts(self, event: str, gone: str) -> None:
        """The messages of an event that proved to be the same act as `event` are that one's from now on, in every chat
        that has none of it."""
        ...

    # pace
    def take_gate(
        self, bot: str, chat: ChatKey, bot_every: timedelta, chat_every: timedelta, now: datetime
    ) -> timedelta:
        """Zero: go, both are stamped. Else nothing is stamped, and so long is to be waited."""
        ...

    def block_gate(self, chat: ChatKey, until: datetime) -> None: ...

    # second reader
    def take_model_call(self, now: datetime, most: int) -> bool:
        """Count one more call of the language model on `now`'s UTC day. False, and nothing counted: it had `most`."""
        ...

    def model_calls(self, day: date) -> int: ...

    # web console
    def add_post(
        self, chat: ChatKey, event: str, message: Message, now: datetime, reply_to: int | None = None
    ) -> int: ...
    def edit_post(self, post_id: int, message: Message, now: datetime) -> bool: ...
    def posts_after(self, seq: int, limit: int) -> tuple[Post, ...]: ...
    def latest_posts(self, limit: int) -> tuple[Post, ...]: ...

    # whole
    def totals(self, since: datetime) -> Totals: ...
    def forget_before(self, cutoff: datetime) -> int:
        """Drop articles, entries and settled deliveries older than `cutoff`; events stay. Returns the rows dropped."""
        ...


class Store(Protocol):
    def writing(self) -> AbstractContextManager[Records]:
        """A transaction that may write: committed at the end, rolled back by an exception. SQLite: BEGIN IMMEDIATE."""
        ...

    def reading(self) -> AbstractContextManager[Records]:
        """A snapshot that only reads."""
        ...

    def migrate(self) -> str:
        """Bring the schema up to date; returns the revision."""
        ...

    def close(self) -> None: ...


# ---------------------------------------------------------------- fetching, platforms, engine


class Fetcher(Protocol):
    async def fetch(
        self, url: str, *, headers: Mapping[str, str] | None = None, max_bytes: int | None = None
    ) -> HttpAnswer:
        """GET within the limits of time, size and address; 4xx and 5xx are answers. Raises FetchError."""
        ...


class SecondReader(Protocol):
    """Reads again what the judgement is unsure of: a language model. What it says is checked, not believed."""

    async def read(self, question: Question) -> str:
        """Its answer as it came. Raises SecondReaderError."""
        ...

    def resting(self) -> str:
        """Why it is not to be asked for a while ("it answered 401; asked again from 12:05 UTC"); "" if it may be."""
        ...

    def health(self) -> str:
        """A phrase for /status."""
        ...


Answer = Callable[[Request], Awaitable[Reply]]


class Platform(Protocol):
    """A place with chats. One instance a bot account; `name` is ChatKey.platform."""

    name: str

    async def start(self, answer: Answer) -> None:
        """Connect and begin to take commands; returns when connected. Raises ConfigError on a refused token."""
        ...

    async def stop(self) -> None: ...

    async def send(
        self,
        chat: ChatKey,
        message: Message,
        *,
        reply_to: Receipt | None = None,
        silent: bool = False,
        attachment: Attachment | None = None,
    ) -> Receipt:
        """The message, and with it a file or a picture (image/png). Raises DeliveryError."""
        ...

    async def edit(self, receipt: Receipt, message: Message) -> Receipt:
        """Bring a sent message up to date; a new receipt if it had to be sent anew. Raises DeliveryError."""
        ...

    def spacing(self, chat: Chat) -> tuple[timedelta, timedelta]:
        """(least time between two sends of this bot, between two to this chat)."""
        ...

    def health(self) -> str:
        """A phrase for /status: "connected as @x", "off: no token", "trouble: …"."""
        ...


class Again(Exception):  # noqa: N818  (a signal, not an error)
    """A job asks to be run again after `delay`, keeping its place in its partition."""

    def __init__(self, delay: timedelta, reason: str = "") -> None:
        self.delay, self.reason = delay, reason
        super().__init__(reason)


JobFunction = Callable[..., Awaitable[None]]


class Engine(Protocol):
    """Durable jobs. A job is `async def f(**args)` with JSON arguments; it may run again after a crash."""

    def job(self, name: str, *, queue: str, tries: int = 5) -> Callable[[JobFunction], JobFunction]:
        """Register a job; queues are "poll", "match", "deliver" (one at a time for each partition, in order).
        An exception is tried again with growing delays, `tries` times in all,
        then it is a dead job; Again waits freely."""
        ...

    def put(
        self,
        records: Records,
        job: str,
        key: str,
        args: Mapping[str, object],
        *,
        partition: str | None = None,
        priority: int = 10,
        not_before: datetime | None = None,
    ) -> None:
        """Enqueue inside the caller's transaction. The same key again is a no-op for a week. Low priority first."""
        ...

    async def start(self, roles: frozenset[str]) -> None:
        """Begin to run the jobs of these queues ("poll", "match", "deliver"), those of dead processes first."""
        ...

    async def stop(self) -> None:
        """Take no more jobs, let the running ones end within seconds."""
        ...

    async def dead(self, revive: Sequence[str] = ()) -> tuple[DeadJob, ...]:
        """Jobs that were given up; those named in `revive` are put back first."""
        ...


class SoleLock(Protocol):
    """What only one process of all may hold at a time. It goes when the process dies, however it dies. Each method may
    wait for the database; none raises if that is away."""

    def take(self) -> bool:
        """True if it is ours now. After a holder that did not say goodbye it is given only when that one has surely
        noticed: ask again."""
        ...

    def holds(self) -> bool:
        """Is it still ours? Once False it may be another's."""
        ...

    def release(self) -> None: ...


@dataclass(frozen=True, slots=True)
class Health:
    """What /status tells of the running program beyond the store."""

    started_at: datetime
    platforms: Mapping[str, str] = field(default_factory=dict)
    second_reader: str = ""  # empty: there is none
    machines: Machines | None = None  # None: not known here
