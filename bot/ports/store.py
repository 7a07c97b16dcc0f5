"""The store. It is plain synchronous code; async shells call it in a thread. Everything that one article's outcome
writes goes through one `Records`, which is one transaction, and `Engine.put` joins it."""

from __future__ import annotations

from collections.abc import Collection, Hashable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import date, datetime, timedelta
from typing import Protocol

from bot.model import (
    Acknowledgement,
    AddedFeed,
    AllowedChat,
    Chat,
    ChatKey,
    ChatRoutes,
    Delivery,
    DeliveryKind,
    DeliveryState,
    Entity,
    EntityEdit,
    EntityVersion,
    Entry,
    Event,
    Feedback,
    Grant,
    HeldAlert,
    HoldKind,
    Identifier,
    Invitation,
    KeptPage,
    Labelled,
    Listing,
    LookAlike,
    Message,
    Mute,
    Notice,
    PendingEdit,
    Role,
    Sample,
    Scope,
    SeenKeys,
    SourceState,
    Subscription,
    User,
    Verdict,
    Watchlist,
    WatchlistEdit,
)
from bot.ports.kept import (
    ArticleMark,
    ArticleRecord,
    ArticleWish,
    AuditRow,
    ChainedRow,
    EntityFinding,
    EntryIdentity,
    EntryRecord,
    ListImport,
    ListingChange,
    ListingRecord,
    ListState,
    Outbox,
    Post,
    SentAlert,
    SentNotice,
    Totals,
    Trouble,
    WatchlistChanges,
)

FORGOTTEN_AT_ONCE = 200  # rows in a transaction: some 20 MB of pages, which others wait for


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

    def added_feeds(self) -> tuple[AddedFeed, ...]:
        """What was added by commands, removed ones too, the oldest first."""
        ...

    def added_feed(self, key: str) -> AddedFeed | None: ...
    def save_added_feed(self, feed: AddedFeed) -> None: ...
    def sources_carrying(self, links: Iterable[str]) -> Mapping[str, int]:
        """By source, how many of these links (keys of `bot.links.normalise_link`) it carried."""
        ...

    def entry(self, entry_id: int) -> EntryRecord | None: ...
    def entry_by_url(self, url: str) -> EntryRecord | None: ...

    # watchlists
    def entities(self, watchlists: Sequence[str] | None = None) -> tuple[Entity, ...]:
        """All that are tracked on these watchlists, None: on any. Of whom a chat's words mean there is `candidates`."""
        ...

    def entity(self, key: str) -> Entity | None:
        """That of a key that was merged is the one it was merged into."""
        ...

    def entities_of(self, keys: Iterable[str]) -> tuple[Entity, ...]:
        """Those of these very keys that are tracked."""
        ...

    def places_of(self, keys: Iterable[str]) -> Mapping[str, str]:
        """The watchlist on which each of these stands, or stood last; of a merged one, that of the other."""
        ...

    def keys_of(self, key: str) -> tuple[str, ...]:
        """The key, and those that were merged into it."""
        ...

    def merged_keys(self, keys: Iterable[str]) -> Mapping[str, str]:
        """Those of these that were merged -> the one that each leads to."""
        ...

    def entities_named(self, names: Iterable[str], watchlists: Sequence[str] | None = None) -> tuple[Entity, ...]:
        """Those that have one of these whole names, however spelt; on these watchlists, or on any."""
        ...

    def entities_numbered(
        self, numbers: Iterable[Identifier], watchlists: Sequence[str] | None = None
    ) -> tuple[Entity, ...]:
        """Those that have one of these numbers, however written; on these watchlists, or on any."""
        ...

    def entities_linked_to(self, others: Iterable[str]) -> tuple[Entity, ...]:
        """Those whose links name one of these keys or whole names, however spelt."""
        ...

    def candidates(self, words: str, watchlists: Sequence[str] | None = None, limit: int = 1_000) -> tuple[Entity, ...]:
        """Whom a person may mean by `words`, for `bot.watchlist.find_entities` to choose from."""
        ...

    def names_of_length(
        self, least: int, most: int, watchlists: Sequence[str] | None, limit: int
    ) -> Sequence[tuple[str, str]]:
        """(key, folded name) of those who are tracked, the first of them where there are more than `limit`."""
        ...

    def entities_page(
        self, watchlists: Sequence[str] | None, words: str, offset: int, limit: int
    ) -> tuple[int, tuple[Entity, ...]]:
        """(how many there are, one page of them by name): all, or those that fit the words."""
        ...

    def count_entities(self, watchlists: Sequence[str] | None = None) -> int: ...
    def count_terms(self, kind: str, watchlists: Sequence[str] | None = None) -> Mapping[str, int]:
        """How many entities have each topic, or each country (`kind`: "topic", "country")."""
        ...

    def known_entity_keys(self) -> frozenset[str]:
        """Every key that ever was on a watchlist, removed ones included."""
        ...

    def edit_watchlist(
        self,
        edits: Sequence[EntityEdit],
        by: str,
        now: datetime,
        what: str,
        why: str = "",
        undoes: int | None = None,
        chat: str = "",
    ) -> int:
        """All of the edits or none, as one that is undone together; returns its number. What was said of a merged
        entity (subscriptions, look-alikes) goes to the other. Raises EditedMeanwhileError."""
        ...

    def watchlist_changes(self, since: datetime | None) -> WatchlistChanges:
        """What was saved or removed at `since` or later; all of it without one."""
        ...

    def watchlist_revision(self) -> int:
        """Grows with every change to the watchlist: tells when a compiled name index is old."""
        ...

    def entity_version(self, key: str, version: int | None = None) -> EntityVersion | None:
        """The entity as it stands, removed ones too, or an earlier version of it."""
        ...

    def entity_versions(self, key: str, limit: int) -> tuple[EntityVersion, ...]:
        """The newest first."""
        ...

    def versions_of_edit(self, number: int) -> tuple[EntityVersion, ...]: ...
    def versions_before(self, number: int) -> tuple[EntityVersion, ...]:
        """Of each entity of an edit the version before, where there was one."""
        ...

    def standing_versions(self, keys: Iterable[str]) -> Mapping[str, int]:
        """The number of the version that stands, of each key that ever was; removed ones too."""
        ...

    def watchlist_edit(self, number: int) -> WatchlistEdit | None: ...
    def watchlist_edits(self, by: str | None = None, limit: int = 20) -> tuple[WatchlistEdit, ...]:
        """The newest first, of one person or of all."""
        ...

    def last_edit_to_undo(self, by: str, chat: str | None = None) -> WatchlistEdit | None:
        """The newest of this person, in this chat or in any, that is not undone, and is no undoing itself."""
        ...

    def watchlists(self) -> tuple[Watchlist, ...]: ...
    def add_watchlist(self, watchlist: Watchlist) -> bool:
        """False if there is one of that key."""
        ...

    def watchlists_of(self, chat: ChatKey) -> tuple[str, ...]:
        """Keys of those that the chat sees, the one that it adds to first."""
        ...

    def chat_watchlists(self, chats: Sequence[ChatKey] | None = None) -> Mapping[ChatKey, tuple[str, ...]]:
        """Of those that were given some, of all chats or of at least these: all others see the main one."""
        ...

    def set_watchlists(self, chat: ChatKey, watchlists: Sequence[str]) -> None: ...
    def save_pending(self, pending: PendingEdit) -> None:
        """A draft or a preview replaces the earlier one of its person and chat."""
        ...

    def pending(self, number: str, now: datetime) -> PendingEdit | None:
        """None if there is none of that id, or it expired."""
        ...

    def draft_of(self, user: User, chat: ChatKey, now: datetime) -> PendingEdit | None:
        """What this person is being asked about in this chat."""
        ...

    def waiting_for_approval(self, now: datetime) -> tuple[PendingEdit, ...]: ...
    def drop_pending(self, number: str) -> bool:
        """True for one caller only: who drops it, carries it out."""
        ...

    # articles and events
    def save_article(self, record: ArticleRecord) -> None: ...
    def article(self, key: str) -> ArticleRecord | None: ...
    def article_by_url(self, url: str) -> ArticleRecord | None: ...
    def articles_since(self, since: datetime, limit: int, until: datetime | None = None) -> tuple[ArticleRecord, ...]:
        """Those judged from `since` on and before `until`, newest first; the newest `limit` of them."""
        ...

    def find_articles(
        self, wish: ArticleWish, limit: int, before: ArticleMark | None = None, after: ArticleMark | None = None
    ) -> tuple[tuple[ArticleMark, ArticleRecord], ...]:
        """A page of the archive, newest first: from its beginning, or what is next to a place on its older (`before`)
        or newer side (`after`)."""
        ...

    def count_articles(self, wish: ArticleWish) -> int: ...
    def outlets(self, limit: int) -> tuple[str, ...]:
        """Those with the most articles, by name."""
        ...

    def findings_of(self, entity: str, limit: int) -> tuple[EntityFinding, ...]: ...
    def articles_naming(self, entities: Iterable[str], since: datetime, limit: int) -> tuple[ArticleRecord, ...]:
        """Those published from `since` on that name one of these, newest first; the newest `limit` of them."""
        ...

    def keep_page(self, page: KeptPage) -> None:
        """The same body again is not kept twice. Of an article whose page changes all the time the first versions are
        kept, and the newest."""
        ...

    def pages_of(self, article: str) -> tuple[KeptPage, ...]:
        """The oldest first."""
        ...

    def count_pages(self, articles: Iterable[str]) -> int: ...
    def forget_pages_before(self, cutoff: datetime, limit: int = FORGOTTEN_AT_ONCE) -> int:
        """Drop some of those that were fetched before it. Returns how many; 0: there are none any more."""
        ...

    def lock_source(self, source: str) -> None:
        """Until the end of this transaction no other may take in what the source has: as `lock_events`."""
        ...

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

    def feedback_of(self, event: str, chat: ChatKey | None = None) -> tuple[Feedback, ...]:
        """What is said of the event's targets and not undone, in all chats or in one, oldest first."""
        ...

    def feedback_since(self, since: datetime) -> tuple[Labelled, ...]:
        """All that was said since and not undone, oldest first."""
        ...

    def feedback_by(self, user: User) -> tuple[Feedback, ...]:
        """What they say now, of whatever alert."""
        ...

    def undo_feedback(self, feedback: Feedback, by: str, now: datetime) -> bool:
        """Marks it undone (nothing is deleted). False if it was not there."""
        ...

    def add_look_alike(self, look_alike: LookAlike) -> int:
        """Returns its number."""
        ...

    def look_alikes(self, entities: Sequence[str] | None = None) -> tuple[LookAlike, ...]:
        """Those not undone, of these entities or of all, oldest first; also those that are over: what they held stays
        held."""
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

    def forget_chat(self, chat: ChatKey, reason: str) -> None:
        """Delete what it set, with its topics; it is stopped for that reason, and has no name."""
        ...

    def forget_person(self, user: User) -> None:
        """Delete what they said of alerts, and their name beside what they did."""
        ...

    def present_chat(self, chat: ChatKey) -> ChatKey:
        """By the id that it has since it moved; as it is, if it did not."""
        ...

    def topics(self, chat: ChatKey) -> Mapping[str, str]:
        """The names of the topics of its group, by their threads, as far as they were seen."""
        ...

    def save_topic(self, topic: ChatKey, name: str, *, is_now: bool) -> None:
        """`is_now`: the name is the one that it has now, not the one that it began with, which a later one replaces."""
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

    def audit_chain(self) -> Iterator[ChainedRow]:
        """All rows, oldest first, read in parts."""
        ...

    def latest_audit(self, before: int | None = None, limit: int = 100) -> tuple[ChainedRow, ...]:
        """Newest first; with a smaller number than `before`."""
        ...

    # delivery
    def add_deliveries(
        self, event: str, what: Sequence[tuple[ChatKey, DeliveryKind, str]], revision: int, now: datetime
    ) -> tuple[Delivery, ...]:
        """New outbox rows of (chat, kind, note), as one statement: those that are new, by id, which is their order. An
        event, chat, kind and revision that has a row already gets none."""
        ...

    def count_due(self, event: str, until: int, now: datetime) -> int:
        """How many rows of an event, with an id of `until` at most, are due or being sent; not those that wait behind
        an older row of their chat that is tried later."""
        ...

    def waiting_deliveries(self, event: str, after: int, until: int, limit: int) -> tuple[Delivery, ...]:
        """Those of an event that wait, with an id in (after, until], by id."""
        ...

    def waiting_before(self, delivery_id: int, event: str, chats: Sequence[ChatKey]) -> tuple[Delivery, ...]:
        """Those of other events that wait for these chats and are older than this one, by id."""
        ...

    def delivery(self, delivery_id: int) -> Delivery | None: ...
    def unsettled_alert(self, event: str, chat: ChatKey) -> Delivery | None:
        """The row of the event's alert that is waiting or sending for a chat."""
        ...

    def outbox_answers(self, delivery_ids: Sequence[int]) -> Mapping[tuple[Hashable, ...], object]:
        """What these rows need of their own, asked for all of them at once: (name of the method, *its arguments) ->
        what it would answer, of `delivery`, `chat`, `sent_alert`, `subscriptions`, `chat_watchlists`, `routes_of`,
        `feedback_of` and `acknowledgement`."""
        ...

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
        self, delivery_id: int, state: DeliveryState, now: datetime, reason: str = "", unsure: int | None = None
    ) -> None:
        """The outcome of a delivery that was not sent; `unsure` as above."""
        ...

    def settle_sent(
        self, delivery_id: int, sent: SentAlert | None, unsure: int, now: datetime, chat: ChatKey, free_at: datetime
    ) -> None:
        """`sent` is kept as the event's message in that chat, to which nothing more goes before `free_at`."""
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
        """What chats have of an event that proved to be the same act as `event` is that one's from now on: what was
        held of it and what notices told of it, and in every chat that was not told of `event` its message, who handles
        it, and how it is muted."""
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

    # routes: filters, settings of chats, mutes, acknowledgements, held alerts, notices, digests
    def save_filters(self, subscription: Subscription) -> bool:
        """False if the chat has no such subscription."""
        ...

    def asked_words(self) -> frozenset[str]:
        """The words that some subscription asks for or shuts out, as people wrote them."""
        ...

    def wanted_verdicts(self) -> frozenset[Verdict]:
        """Those that any subscription asks for."""
        ...

    def all_routes(self) -> tuple[ChatRoutes, ...]:
        """Of the chats that have set some."""
        ...

    def routes_elsewhere(self) -> tuple[ChatRoutes, ...]:
        """Of the chats whose alerts may go to other chats, or nowhere."""
        ...

    def routes_of(self, chat: ChatKey) -> ChatRoutes: ...
    def save_routes(self, routes: ChatRoutes) -> None: ...
    def add_mute(self, mute: Mute) -> int:
        """Returns its number."""
        ...

    def mute(self, number: int) -> Mute | None:
        """Whether it stands or not."""
        ...

    def mute_replaced(self, mute: Mute) -> Mute | None:
        """The one of the same whose place it took."""
        ...

    def mutes(self, now: datetime, chats: Iterable[ChatKey] | None = None) -> tuple[Mute, ...]:
        """Those that hold at `now`, in these chats or in all, oldest first."""
        ...

    def snoozes_ended(self, since: datetime, now: datetime) -> tuple[Mute, ...]:
        """Those that ended by themselves after `since`."""
        ...

    def undo_mute(self, number: int, by: str, now: datetime) -> bool:
        """Marks it undone (nothing is deleted). False if it was so."""
        ...

    def acknowledge(self, said: Acknowledgement) -> bool:
        """False if somebody did already: the first one stands."""
        ...

    def acknowledgement(self, event: str, chat: ChatKey) -> Acknowledgement | None: ...
    def undo_acknowledgement(self, event: str, chat: ChatKey) -> bool: ...
    def hold_alert(self, held: HeldAlert) -> None:
        """One for each event, chat, kind and revision: the first stands."""
        ...

    def held_alerts(self, event: str) -> tuple[HeldAlert, ...]:
        """Told or not, oldest first."""
        ...

    def chats_holding(self) -> tuple[tuple[ChatKey, HoldKind], ...]:
        """Chats with held alerts that were not told yet, by what holds them."""
        ...

    def take_held(
        self, chat: ChatKey, holds: Sequence[HoldKind], now: datetime, told_in: str, event: str | None = None
    ) -> tuple[HeldAlert, ...]:
        """Mark a chat's held alerts (of one event) as told, oldest first; each is given to one caller only. `told_in`:
        how, or the key of the notice that tells them, "batch:…": if that is never sent, they count as not told."""
        ...

    def mark_taken(self, chat: ChatKey, events: Iterable[str], now: datetime, told_in: str) -> None:
        """What was just taken (`now`) from a chat, of these events, is told otherwise; "": nowhere, it is no news."""
        ...

    def chats_told_otherwise(self, event: str) -> tuple[ChatKey, ...]:
        """Chats that were told of the event in a batch or a digest, or are being told: they have no message of its
        own."""
        ...

    def told_of(
        self, events: Collection[str], chats: Collection[ChatKey] | None = None
    ) -> Mapping[str, frozenset[ChatKey]]:
        """Which chats, of these or of all, were told of each of the events as an alert, or are about to be: by itself,
        in a batch or a digest, or by the reminder at a snooze's end. Without the events that none was told of."""
        ...

    def told_between(
        self, chat: ChatKey, since: datetime, until: datetime
    ) -> tuple[tuple[str, DeliveryKind, datetime], ...]:
        """What was sent to a chat after `since` up to `until`, by itself or in a batch: (event, what, when), oldest
        first."""
        ...

    def add_notice(self, notice: Notice) -> bool:
        """False if there was one of that key."""
        ...

    def claim_notice(self, key: str) -> Notice | None:
        """With one more try; None if it is settled already."""
        ...

    def notice(self, key: str) -> Notice | None: ...
    def open_notice(self, key: str) -> Notice | None:
        """None if it is settled already."""
        ...

    def settle_notice(
        self, key: str, state: DeliveryState, now: datetime, note: str = "", sent: SentNotice | None = None
    ) -> None:
        """Its outcome. What a SKIPPED one was to tell of held alerts waits again."""
        ...

    def save_notice_edit(self, key: str, sent: SentNotice, now: datetime) -> None:
        """A notice that was sent reads so now."""
        ...

    def renew_notice(self, mark: str) -> Notice | None:
        """A dead one waits again, as if never tried. None if none of this mark is dead."""
        ...

    def drop_notice(self, mark: str, now: datetime, why: str) -> Notice | None:
        """A dead one, or one that waits, is not sent any more. None if there is none."""
        ...

    def notices(self, *states: DeliveryState, limit: int = 100) -> tuple[Notice, ...]:
        """Those in these states (no states: all), oldest first."""
        ...

    def notices_on(self, event: str) -> tuple[Notice, ...]:
        """Those on an event that are in their chats now, oldest first."""
        ...

    def origins_on(self, event: str, chat: ChatKey) -> tuple[ChatKey, ...]:
        """The chats from which an event was escalated to this one, those included from which it is being so."""
        ...

    def notice_marked(self, mark: str, chat: ChatKey) -> Notice | None:
        """The newest of this mark in a chat, sent or not."""
        ...

    def digest_slot(self, chat: ChatKey) -> datetime | None:
        """For which moment the chat's last digest was."""
        ...

    def take_digest_slot(self, chat: ChatKey, slot: datetime) -> bool:
        """True for one caller only; False for a slot that is not after the last."""
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
    def newest_seq(self) -> int:
        """Of the post that changed last; 0 without one."""
        ...

    def latest_posts(self, limit: int) -> tuple[Post, ...]: ...

    # official lists
    def begin_import(self, list_key: str, now: datetime, by: str = "") -> int:
        """A new import's number. Its rows are staged in as many transactions as it takes, and seen once applied."""
        ...

    def stage_listings(self, import_id: int, rows: Sequence[tuple[Listing, str]], day: date) -> None:
        """New and changed entries, each with the digest of its content."""
        ...

    def apply_import(self, record: ListImport, gone: Sequence[str], day: date) -> bool:
        """Let the staged rows be seen, and mark those `gone` as removed on `day`: readers see all of it or nothing.
        False, and nothing done, if another than `record.base` was the last to be applied."""
        ...

    def end_import(self, record: ListImport) -> None:
        """Keep how it ended; its staged rows stay unseen."""
        ...

    def drop_staged(self, import_id: int, limit: int) -> int:
        """Delete up to `limit` staged rows of an import that was not applied. Returns how many."""
        ...

    def list_import(self, import_id: int) -> ListImport | None: ...
    def list_imports(self, list_key: str | None = None, limit: int = 20) -> tuple[ListImport, ...]:
        """Newest first."""
        ...

    def last_import(self, list_key: str) -> ListImport | None:
        """The latest that was applied."""
        ...

    def first_import(self, list_key: str) -> ListImport | None:
        """The first that was applied."""
        ...

    def imports_to_tell(self) -> tuple[int, ...]:
        """Those applied whose changes were not yet held against the watchlist, oldest first."""
        ...

    def mark_told(self, import_id: int, now: datetime) -> bool:
        """False if it was marked already."""
        ...

    def import_changes(self, import_id: int, after: str = "", limit: int = 1_000) -> tuple[ListingChange, ...]:
        """By uid, those after `after`."""
        ...

    def listing(self, list_key: str, uid: str) -> ListingRecord | None: ...
    def listing_versions(self, list_key: str, uid: str) -> tuple[tuple[date, Listing | None], ...]:
        """Since which day it reads so (None: it is gone), oldest first."""
        ...

    def listings_page(
        self, list_key: str | None, after: tuple[str, str] | None, limit: int, since: int = 0
    ) -> tuple[ListingRecord, ...]:
        """Of one list or of all, by (list, uid), those after `after` (the last one's); removed ones too. `since`: only
        those that a later import than this one touched."""
        ...

    def listings_revision(self) -> int:
        """Grows with every import that changed something: tells when an index over the listings is old."""
        ...

    def listing_digests(self, list_key: str) -> Mapping[str, tuple[str, bool]]:
        """uid -> (digest of its content, whether it stands on the list)."""
        ...

    def list_states(self) -> Mapping[str, ListState]: ...
    def save_list_state(self, state: ListState) -> None: ...
    def list_sizes(self) -> Mapping[str, int]:
        """How many entries stand on each list."""
        ...

    # whole
    def totals(self, since: datetime) -> Totals: ...
    def forget_before(self, cutoff: datetime, limit: int = FORGOTTEN_AT_ONCE) -> int:
        """Drop some of the articles, entries and settled deliveries older than `cutoff`, with what goes with them, but
        no event, nor who was told of one. Returns how many; 0: there are none any more."""
        ...

    def forget_told_before(self, cutoff: datetime, limit: int = FORGOTTEN_AT_ONCE) -> int:
        """Drop some of what was told to whom before `cutoff`, of events that have not changed since. Returns how many
        alerts; 0: there are none any more."""
        ...


class Store(Protocol):
    def writing(self) -> AbstractContextManager[Records]:
        """A transaction that may write: committed at the end, rolled back by an exception. SQLite: BEGIN IMMEDIATE."""
        ...

    def reading(self) -> AbstractContextManager[Records]:
        """A snapshot that only reads."""
        ...

    def write_problem(self) -> str:
        """Why the database takes no writes, as on a full disk; "" if it does. Where the last write of this process
        failed, another is tried that leaves nothing behind; else nothing is written. Raises StoreError."""
        ...

    def migrate(self) -> str:
        """Bring the schema up to date; returns the revision."""
        ...

    def close(self) -> None: ...
