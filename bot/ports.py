"""What the inside needs from outside, as narrow protocols: Store, Fetcher, SecondReader, Platform, Engine.

The store is plain synchronous code; async shells call it in a thread. Everything that one article's outcome writes goes
through one `Records`, which is one transaction, and `Engine.put` joins it.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import Enum, auto
from typing import Protocol

from bot.model import (
    Article,
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
    HttpAnswer,
    Judgement,
    Labelled,
    LookAlike,
    Message,
    Question,
    Receipt,
    Reply,
    Request,
    Sample,
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
class Outbox:
    """What is not sent, oldest first, the dead newest first; at most `limit` of each. `perhaps_twice`: of those that
    were sent, how many may be in their chat more than once."""

    waiting: tuple[Delivery, ...] = ()
    sending: tuple[Delivery, ...] = ()
    dead: tuple[Delivery, ...] = ()
    waiting_in_all: int = 0
    dead_in_all: int = 0
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
    def admins(self) -> tuple[User, ...]: ...
    def add_admin(self, user: User, by: str, now: datetime) -> None: ...
    def remove_admin(self, user: User) -> bool: ...
    def setting(self, key: str) -> str | None: ...
    def save_setting(self, key: str, value: str | None) -> None: ...
    def add_audit(self, row: AuditRow) -> None: ...

    # delivery
    def add_delivery(
        self, event: str, chat: ChatKey, kind: DeliveryKind, revision: int, now: datetime, note: str = ""
    ) -> int | None:
        """A new outbox row, or None if this event, chat, kind and revision has one already."""
        ...

    def delivery(self, delivery_id: int) -> Delivery | None: ...
    def deliveries(self, *states: DeliveryState, limit: int = 100) -> tuple[Delivery, ...]: ...
    def begin_attempt(self, delivery_id: int, now: datetime, *, repeatable: bool = False) -> Delivery | None:
        """WAITING or SENDING -> SENDING with one more try; None if it is settled already. A row that is SENDING was
        left so by a process that died: its try is `unsure` from now on, unless it may be repeated (`repeatable`)."""
        ...

    def release_delivery(self, delivery_id: int, reason: str, next_try_at: datetime, unsure: int) -> None:
        """A try failed for now, or none was possible: WAITING again, unless it is settled. `unsure`: how many of its
        tries may have arrived."""
        ...

    def settle_delivery(
        self,
        delivery_id: int,
        state: DeliveryState,
        now: datetime,
        reason: str = "",
        sent: SentAlert | None = None,
        unsure: int | None = None,
    ) -> None:
        """The outcome of a delivery. `sent` is kept as the event's message in that chat; `unsure` as above."""
        ...

    def renew_delivery(self, delivery_id: int) -> Delivery | None:
        """A dead one waits again, as if never tried. None if it is not dead."""
        ...

    def outbox(self, limit: int = 1_000) -> Outbox: ...

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

    # trouble
    def add_trouble(self, key: str, text: str, now: datetime, again_after: timedelta) -> bool:
        """Count it. True if it is to be told: it was not asked to be for so long. Of many who ask at once, one is told
        True."""
        ...

    def troubles_to_tell(self) -> tuple[Trouble, ...]:
        """Those that `add_trouble` wants told and that are not told yet, oldest first."""
        ...

    def save_troubles_told(self, keys: Sequence[str], now: datetime) -> None: ...
    def troubles_since(self, since: datetime, limit: int) -> tuple[Trouble, ...]:
        """The latest first."""
        ...

    # pace
    def take_gate(
        self, bot: str, chat: ChatKey, bot_every: timedelta, chat_every: timedelta, now: datetime
    ) -> timedelta:
        """Zero: go, both are stamped. Else nothing is stamped, and so long is to be waited."""
        ...

    def block_gate(self, chat: ChatKey, until: datetime) -> None:
        """Nothing goes to the chat before `until`; a longer block stays."""
        ...

    # second reader
    def take_model_call(self, now: datetime, most: int) -> bool:
        """Count one more call of the language model on `now`'s UTC day. False, and nothing counted: it had `most`."""
        ...

    def model_calls(self, day: date) -> int: ...

    # web console
    def add_post(
        self,
        chat: ChatKey,
        event: str,
        message: Message,
        now: datetime,
        reply_to: int | None = None,
        mark: str | None = None,
    ) -> int:
        """Returns its id. A post with this mark is there once: the same again changes nothing and returns that one."""
        ...

    def marked_post(self, chat: ChatKey, mark: str) -> int | None: ...
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


class Sight(Enum):
    """What a platform says of a message that it does not find."""

    ABSENT = auto()  # it is not there
    UNKNOWN = auto()  # the platform cannot be asked


class Platform(Protocol):
    """A place with chats. One instance a bot account; `name` is ChatKey.platform."""

    name: str

    async def start(self, answer: Answer) -> None:
        """Connect and begin to take commands; returns when connected. Raises ConfigError on a refused token."""
        ...

    async def stop(self) -> None: ...

    async def send(
        self, chat: ChatKey, message: Message, *, reply_to: Receipt | None = None, silent: bool = False, mark: str = ""
    ) -> Receipt:
        """`mark` names the message beyond this try: `find_sent` knows it by it. Raises DeliveryError."""
        ...

    async def find_sent(
        self, chat: ChatKey, mark: str, since: datetime, *, reply_to: Receipt | None = None
    ) -> Receipt | Sight:
        """Whether a send of this mark arrived since then, though its answer was lost. Raises DeliveryError."""
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

    async def dead(self, revive: Sequence[str] = (), drop: Sequence[str] = ()) -> tuple[DeadJob, ...]:
        """Jobs that were given up; those named in `revive` are put back first, those in `drop` forgotten."""
        ...


@dataclass(frozen=True, slots=True)
class Health:
    """What /status tells of the running program beyond the store."""

    started_at: datetime
    platforms: Mapping[str, str] = field(default_factory=dict)
    second_reader: str = ""  # empty: there is none
