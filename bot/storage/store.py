"""The store: values in, values out, on SQLite and PostgreSQL by one code path. Decides nothing."""

from __future__ import annotations

import contextlib
import json
import threading
from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from functools import cache, lru_cache
from hashlib import blake2b
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import URL

from bot.errors import DatabaseError, StoreError, told_by_database
from bot.links import normalise_link
from bot.model import (
    Chat,
    ChatKey,
    ChatKind,
    ChatRoutes,
    Delivery,
    DeliveryKind,
    DeliveryState,
    Entry,
    Event,
    Feedback,
    Labelled,
    Likeness,
    LookAlike,
    Message,
    Receipt,
    Sample,
    SeenKeys,
    SourceState,
    Subscription,
    SubscriptionKind,
    User,
    Verdict,
)
from bot.ports import (
    ArticleRecord,
    EntityFinding,
    EntryIdentity,
    EntryRecord,
    Post,
    SentAlert,
    Totals,
)
from bot.storage import tables as t
from bot.storage.archive import Archive
from bot.storage.auditing import Auditing
from bot.storage.database import READ_ONLY, create_engine, make_directory, parse_url, sqlite_path
from bot.storage.feeds import Feeds
from bot.storage.forgetting import Forgetting, topics_setting
from bot.storage.listings import ListRecords
from bot.storage.migrations import upgrade
from bot.storage.outbox import UNSETTLED, OutboxRows, delivery_of
from bot.storage.people import People
from bot.storage.routes import Routes, acknowledgement_of, dump_filters, load_filters
from bot.storage.serial import dump, load
from bot.storage.statements import Row
from bot.storage.watchlists import Watchlists

POSTS = "posts"  # a counter
SEEN_LONGER = timedelta(days=90)
LONGEST_TURN = 30.0  # seconds
# An account is never taken for longer than its pace: what is further ahead was written by a clock that has gone back
# since, or another host's. To wait for it would hold up every chat, for an hour if it went back by one.
CLOCK_ASTRAY = timedelta(seconds=5)
_LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)
_MOST_MERGED = 20  # of the newest: they stand in the events that tell of them
ALERTED = sa.not_(t.events.c.review)
_EVENTS_LOCK = 0x53424F54_45564E54  # any number, the same in every process


class SqlStore:
    """`ports.Store` on SQLAlchemy. Raises StoreError for a URL or a path that will not do; connects at first use."""

    def __init__(self, url: str) -> None:
        self.url, self.write_problem = parse_url(url), ""
        if self.url.get_backend_name() == "sqlite":
            make_directory(sqlite_path(self.url))
        self._engine = create_engine(self.url)
        self._reader = self._engine.execution_options(**self._reading_options())
        self._writer = threading.Lock() if self.url.get_backend_name() == "sqlite" else None

    def _reading_options(self) -> dict[str, Any]:
        if self.url.get_backend_name() == "sqlite":
            return {READ_ONLY: True}
        return {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}

    @contextlib.contextmanager
    def writing(self) -> Iterator[SqlRecords]:
        try:
            with self._turn(), _transaction(self._engine) as records:
                yield records
        except DatabaseError as error:
            self.write_problem = str(error)
            raise
        self.write_problem = ""

    @contextlib.contextmanager
    def _turn(self) -> Iterator[None]:
        """SQLite has one writer at a time and lets the others sleep and look again, with luck: ours queue instead."""
        if self._writer is None:
            yield
        elif self._writer.acquire(timeout=LONGEST_TURN):
            try:
                yield
            finally:
                self._writer.release()
        else:
            raise StoreError(f"another transaction of this process has been writing for {LONGEST_TURN:.0f} s")

    def reading(self) -> contextlib.AbstractContextManager[SqlRecords]:
        return _transaction(self._reader)

    def migrate(self) -> str:
        with _telling_what_went_wrong(self.url):
            return upgrade(self._engine)

    def close(self) -> None:
        self._engine.dispose()


@contextlib.contextmanager
def _transaction(engine: sa.Engine) -> Iterator[SqlRecords]:
    with _telling_what_went_wrong(engine.url), engine.begin() as connection:
        yield SqlRecords(connection)


@contextlib.contextmanager
def _telling_what_went_wrong(url: URL) -> Iterator[None]:
    try:
        yield
    except sa.exc.SQLAlchemyError as error:
        raise told_by_database(url.database or "", str(getattr(error, "orig", None) or error).strip()) from error


class SqlRecords(Watchlists, People, Auditing, ListRecords, OutboxRows, Routes, Feeds, Archive, Forgetting):
    """`ports.Records`: one transaction. `connection` is what the engine's jobs join."""

    # ------------------------------------------------------------ sources

    def source_states(self) -> Mapping[str, SourceState]:
        rows = self._all(sa.select(t.source_states))
        return {row.source: load(SourceState, row.value) for row in rows}

    def save_source_state(self, state: SourceState) -> None:
        self._upsert(t.source_states, {"source": state.source, "value": dump(state)})

    def seen_keys(self, source: str) -> SeenKeys:
        query = sa.select(t.seen).where(t.seen.c.source == source).order_by(t.seen.c.last_seen_at)
        rows = self._all(query)
        return SeenKeys(
            guids={row.guid: (row.link, row.title) for row in rows if row.guid},
            links=frozenset(row.link for row in rows if row.link),
            titles={row.title: row.last_seen_at for row in rows if row.title},
        )

    def add_entry(self, entry: Entry, identity: EntryIdentity, reason: str) -> int:
        self._see(entry.source, [identity], entry.first_seen_at)
        return self._insert(
            t.entries,
            source=entry.source,
            url_digest=url_digest(entry.link),
            reason=reason,
            first_seen_at=entry.first_seen_at,
            value=dump(entry),
        )

    def touch_seen(self, source: str, identities: Sequence[EntryIdentity], now: datetime) -> None:
        self._see(source, identities, now)

    def _see(self, source: str, identities: Sequence[EntryIdentity], now: datetime) -> None:
        """Identities are added where new: a known story may have come under another guid."""
        unique = {identity_digest(identity): identity for identity in identities}
        for digest, identity in sorted(unique.items()):  # sorted: two processes must not wait for each other
            keys = {"guid": identity.guid, "link": identity.link, "title": identity.title}
            self._upsert(
                t.seen, {"source": source, "digest": digest, **keys, "last_seen_at": now}, frozenset({"last_seen_at"})
            )

    def entry(self, entry_id: int) -> EntryRecord | None:
        return _entry(self._first(sa.select(t.entries).where(t.entries.c.id == entry_id)))

    def entry_by_url(self, url: str) -> EntryRecord | None:
        query = sa.select(t.entries).where(t.entries.c.url_digest == url_digest(url)).order_by(t.entries.c.id.desc())
        return _entry(self._first(query.limit(1)))

    # ------------------------------------------------------------ articles and events

    def save_article(self, record: ArticleRecord) -> None:
        article, digest = record.article, _digest(record.article.key)
        self._upsert(
            t.articles,
            {
                "digest": digest,
                "url_digest": url_digest(article.url),
                "event": record.event,
                "judged_at": record.judged_at,
                "value": dump(record),
            },
        )
        self._save_words(digest, article)
        self._delete(t.findings, t.findings.c.article == digest)
        findings = record.judgement.findings if record.judgement else ()
        found = {finding.entity: finding.verdict for finding in findings if finding.verdict is not Verdict.ABSENT}
        rows = [
            {"article": digest, "entity": entity, "published_at": article.published_at, "verdict": verdict.value}
            for entity, verdict in sorted(found.items())
        ]
        if rows:
            self.connection.execute(sa.insert(t.findings), rows)

    def article(self, key: str) -> ArticleRecord | None:
        return self._article(t.articles.c.digest == _digest(key))

    def article_by_url(self, url: str) -> ArticleRecord | None:
        return self._article(t.articles.c.url_digest == url_digest(url))

    def _article(self, which: sa.ColumnElement[bool]) -> ArticleRecord | None:
        query = sa.select(t.articles.c.value).where(which).order_by(t.articles.c.judged_at.desc()).limit(1)
        value = self.connection.scalar(query)
        return None if value is None else load(ArticleRecord, value)

    def latest_articles(self, limit: int) -> tuple[ArticleRecord, ...]:
        query = sa.select(t.articles.c.value).order_by(t.articles.c.judged_at.desc(), t.articles.c.digest).limit(limit)
        return tuple(load(ArticleRecord, value) for value in self.connection.scalars(query))

    def articles_since(self, since: datetime, limit: int, until: datetime | None = None) -> tuple[ArticleRecord, ...]:
        judged_at = t.articles.c.judged_at
        query = sa.select(t.articles.c.value).where(judged_at >= since)
        if until:
            query = query.where(judged_at < until)
        query = query.order_by(judged_at.desc(), t.articles.c.digest).limit(limit)
        return tuple(load(ArticleRecord, value) for value in self.connection.scalars(query))

    def findings_of(self, entity: str, limit: int) -> tuple[EntityFinding, ...]:
        """Newest first, by the article's date; of those that were merged into it too."""
        keys = self.keys_of(entity)
        query = (
            sa.select(t.articles.c.value)
            .join(t.findings, t.findings.c.article == t.articles.c.digest)
            .where(t.findings.c.entity.in_(keys))
            .order_by(t.findings.c.published_at.desc(), t.articles.c.digest)
            .limit(limit)
        )
        records = [load(ArticleRecord, value) for value in self.connection.scalars(query)]
        return tuple(finding for record in records for finding in _findings(record, keys))

    def articles_naming(self, entities: Iterable[str], since: datetime, limit: int) -> tuple[ArticleRecord, ...]:
        found, articles = t.findings.c, t.articles.c
        latest = sa.func.max(found.published_at)
        query = (
            sa.select(found.article)
            .where(found.entity.in_(list(entities)), found.published_at >= since)
            .group_by(found.article)
            .order_by(latest.desc(), found.article)
            .limit(limit)
        )
        digests = list(self.connection.scalars(query))
        values = self.connection.execute(sa.select(articles.digest, articles.value).where(articles.digest.in_(digests)))
        records = {row.digest: load(ArticleRecord, row.value) for row in values}
        return tuple(records[digest] for digest in digests)

    def lock_source(self, source: str) -> None:
        self._lock(int.from_bytes(blake2b(source.encode(), digest_size=8, person=b"source").digest(), signed=True))

    def lock_events(self) -> None:
        self._lock(_EVENTS_LOCK)

    def _lock(self, number: int) -> None:
        if not self._is_sqlite:
            self.connection.execute(sa.select(sa.func.pg_advisory_xact_lock(number)))

    def events_since(self, since: datetime) -> tuple[Event, ...]:
        return self._events(ALERTED, t.events.c.updated_at >= since, order=t.events.c.updated_at)

    def reviews_since(self, since: datetime) -> tuple[Event, ...]:
        return self._events(t.events.c.review, t.events.c.updated_at >= since, order=t.events.c.updated_at)

    def event(self, key: str) -> Event | None:
        return next((_event(row.value) for row in self._where(t.events, key=key)), None)

    def save_event(self, event: Event) -> None:
        stamps = {"opened_at": event.opened_at, "updated_at": event.updated_at, "review": event.review}
        self._upsert(t.events, {"key": event.key, **stamps, "value": dump(event)})
        self._delete(t.event_targets, t.event_targets.c.event == event.key)
        targets = sorted({target.entity for target in event.targets})
        if targets:
            rows = [{"event": event.key, "entity": entity} for entity in targets]
            self.connection.execute(sa.insert(t.event_targets), rows)

    def latest_events(self, limit: int) -> tuple[Event, ...]:
        newest = self._events(ALERTED, limit=limit + _MOST_MERGED)
        return tuple(event for event in newest if not event.told_as)[:limit]

    def events_of(self, entity: str, limit: int) -> tuple[Event, ...]:
        named = sa.select(t.event_targets.c.event).where(t.event_targets.c.entity.in_(self.keys_of(entity)))
        newest = self._events(ALERTED, t.events.c.key.in_(named), limit=limit + _MOST_MERGED)
        return tuple(event for event in newest if not event.told_as)[:limit]

    def _events(
        self,
        *which: sa.ColumnElement[bool],
        order: sa.ColumnElement[datetime] = t.events.c.opened_at,
        limit: int | None = None,
    ) -> tuple[Event, ...]:
        query = sa.select(t.events.c.value).where(*which).order_by(order.desc(), t.events.c.key).limit(limit)
        return tuple(_event(value) for value in self.connection.scalars(query))

    # ------------------------------------------------------------ what people say of verdicts

    def save_feedback(self, feedback: Feedback, sample: Sample | None) -> None:
        undone = {"undone_at": feedback.undone_at, "undone_by": feedback.undone_by}
        said = {"label": feedback.label.value, "given": feedback.given.value, "said_at": feedback.at}
        row = {**_feedback_key(feedback), "user_name": feedback.user.name, **said, **_key(feedback.chat), **undone}
        self._upsert(t.feedback, {**row, "value": dump(sample)} if sample else row)

    def feedback_of(self, event: str, chat: ChatKey | None = None) -> tuple[Feedback, ...]:
        rows = self._where(t.feedback, *_FEEDBACK_ORDER, event=event, **(_key(chat) if chat else {}))
        return tuple(_feedback(row) for row in rows if row.undone_at is None)

    def feedback_since(self, since: datetime) -> tuple[Labelled, ...]:
        rows = self._all(_standing_feedback(t.feedback.c.said_at >= since))
        return tuple(Labelled(_feedback(row), load(Sample, row.value) if row.value else None) for row in rows)

    def feedback_by(self, user: User) -> tuple[Feedback, ...]:
        theirs = (t.feedback.c.user_platform == user.platform) & (t.feedback.c.user_id == user.id)
        return tuple(map(_feedback, self._all(_standing_feedback(theirs))))

    def undo_feedback(self, feedback: Feedback, by: str, now: datetime) -> bool:
        which = [t.feedback.c[name] == value for name, value in _feedback_key(feedback).items()]
        standing = sa.and_(t.feedback.c.undone_at.is_(None), *which)
        return bool(self._update(t.feedback, standing, undone_at=now, undone_by=by))

    def add_look_alike(self, look_alike: LookAlike) -> int:
        return self._insert(
            t.look_alikes,
            entity=look_alike.entity,
            event=look_alike.event,
            user_platform=look_alike.by.platform,
            user_id=look_alike.by.id,
            user_name=look_alike.by.name,
            said_at=look_alike.at,
            **(_key(look_alike.chat) if look_alike.chat else dict.fromkeys(_CHAT_COLUMNS, "")),
            value=dump(look_alike.likeness),
            until=look_alike.until,
            undone_at=look_alike.undone_at,
            undone_by=look_alike.undone_by,
        )

    def look_alikes(self, entities: Sequence[str] | None = None) -> tuple[LookAlike, ...]:
        if entities is None:
            return tuple(map(_look_alike, self._all(_LOOK_ALIKES)))
        return tuple(map(_look_alike, self.connection.execute(_LOOK_ALIKES_OF, {"entities": list(entities)})))

    def undo_look_alike(self, number: int, by: str, now: datetime) -> bool:
        standing = (t.look_alikes.c.id == number) & t.look_alikes.c.undone_at.is_(None)
        return bool(self._update(t.look_alikes, standing, undone_at=now, undone_by=by))

    # ------------------------------------------------------------ chats, people, settings

    def chats(self) -> tuple[Chat, ...]:
        order = (t.chats.c.platform, t.chats.c.chat_id, t.chats.c.thread)
        return tuple(_chat(row) for row in self._all(sa.select(t.chats).order_by(*order)))

    def chat(self, key: ChatKey) -> Chat | None:
        return next(map(_chat, self._where(t.chats, **_key(key))), None)

    def save_chat(self, chat: Chat) -> None:
        said = {"kind": chat.kind.value, "title": chat.title, "stopped_reason": chat.stopped_reason}
        self._upsert(t.chats, {**_key(chat.key), **said})

    def move_chat(self, old: ChatKey, new_id: str) -> None:
        """All topics of the chat move with it. Where the new chat has the same already, that stays."""
        if new_id == old.id:
            return
        if self._number(t.chats, (t.chats.c.platform == old.platform) & (t.chats.c.chat_id == old.id)):
            self.save_setting(_moved(old.platform, new_id), None)  # if it ever had another id, it is this one again
            self.save_setting(_moved(old.platform, old.id), new_id)
        for table in (
            t.chats,
            t.subscriptions,
            t.chat_watchlists,
            t.sent_alerts,
            t.deliveries,
            t.posts,
            t.feedback,
            t.look_alikes,
        ):
            self._move(table, old, new_id)
        self.move_people(old, new_id)
        self.move_routes(old, new_id)
        moved_message = (t.sent_alerts.c.platform == old.platform) & (t.sent_alerts.c.message_chat_id == old.id)
        self._update(t.sent_alerts, moved_message, message_chat_id=new_id)

    def present_chat(self, chat: ChatKey) -> ChatKey:
        while new_id := self.setting(_moved(chat.platform, chat.id)):
            chat = replace(chat, id=new_id)
        return chat

    def _move(self, table: sa.Table, old: ChatKey, new_id: str) -> None:
        there = table.alias()
        same = [there.c[name] == table.c[name] for name in _UNIQUE.get(table.name, ())]
        taken = sa.exists().where(there.c.platform == old.platform, there.c.chat_id == new_id, *same)
        here = (table.c.platform == old.platform) & (table.c.chat_id == old.id)
        if same:
            self._delete(table, here & taken)
        self._update(table, here, chat_id=new_id)

    def subscriptions(self, chat: ChatKey | None = None) -> tuple[Subscription, ...]:
        rows = self._where(t.subscriptions, *_SUBSCRIPTION_ORDER, **(_key(chat) if chat else {}))
        return tuple(map(_subscription, rows))

    def add_subscription(self, subscription: Subscription) -> bool:
        """False if the chat has it already."""
        made = {"created_at": subscription.created_at, "created_by": subscription.created_by}
        row = {**_subscription_key(subscription), **made, "filters": dump_filters(subscription.filters)}
        return self._insert_if_new(t.subscriptions, row)

    def remove_subscription(self, subscription: Subscription) -> bool:
        """False if the chat does not have it."""
        key = _subscription_key(subscription)
        return bool(self._delete(t.subscriptions, *(t.subscriptions.c[name] == value for name, value in key.items())))

    def setting(self, key: str) -> str | None:
        return self.connection.scalar(sa.select(t.settings.c.value).where(t.settings.c.key == key))

    def save_setting(self, key: str, value: str | None) -> None:
        """None forgets it."""
        if value is None:
            self._delete(t.settings, t.settings.c.key == key)
        else:
            self._upsert(t.settings, {"key": key, "value": value})

    def topics(self, chat: ChatKey) -> Mapping[str, str]:
        return dict(json.loads(self.setting(topics_setting(chat)) or "{}"))

    def save_topic(self, topic: ChatKey, name: str, *, is_now: bool) -> None:
        known = self.topics(topic)
        if name and known.get(topic.thread) != name and (is_now or topic.thread not in known):
            names = {**known, topic.thread: name}
            kept = dict(list(names.items())[-MOST_TOPICS:])
            self.save_setting(topics_setting(topic), json.dumps(kept, ensure_ascii=False))

    # ------------------------------------------------------------ delivery

    def delivery(self, delivery_id: int) -> Delivery | None:
        return next(map(delivery_of, self._where(t.deliveries, id=delivery_id)), None)

    def outbox_answers(self, delivery_ids: Sequence[int]) -> Mapping[tuple[Hashable, ...], object]:
        rows = [delivery_of(row) for row in self.connection.execute(_DELIVERIES_AT, {"ids": list(delivery_ids)})]
        chats = [row.chat for row in rows]
        at_chats = [(chat.platform, chat.id, chat.thread) for chat in chats]
        at_events = [(row.event, *at) for row, at in zip(rows, at_chats, strict=True)]
        found: dict[tuple[Hashable, ...], Any] = {("delivery", number): None for number in delivery_ids}
        found |= {("delivery", row.id): row for row in rows}

        found |= {("chat", chat): None for chat in chats}
        found |= {("chat", chat.key): chat for chat in map(_chat, self._at(t.chats, _CHAT_COLUMNS, at_chats))}
        found |= {("subscriptions", chat): () for chat in chats}
        for row in self._at(t.subscriptions, _CHAT_COLUMNS, at_chats, *_SUBSCRIPTION_ORDER):
            found["subscriptions", _chat_key(row)] += (_subscription(row),)
        given = self.chat_watchlists(chats)
        found |= {("chat_watchlists", (chat,)): given for chat in chats}
        found |= {("routes_of", chat): ChatRoutes(chat) for chat in chats}
        for row in self._at(t.chat_routes, _CHAT_COLUMNS, at_chats):
            found["routes_of", _chat_key(row)] = load(ChatRoutes, row.value)

        own = ("event", *_CHAT_COLUMNS)
        found |= {(name, row.event, row.chat): None for row in rows for name in ("sent_alert", "acknowledgement")}
        for row in self._at(t.sent_alerts, own, at_events):
            found["sent_alert", row.event, _chat_key(row)] = _sent_alert(row)
        for row in self._at(t.acknowledgements, own, at_events):
            found["acknowledgement", row.event, _chat_key(row)] = acknowledgement_of(row)
        found |= {("feedback_of", row.event, row.chat): () for row in rows}
        for row in self._at(t.feedback, own, at_events, *_FEEDBACK_ORDER):
            if row.undone_at is None:
                found["feedback_of", row.event, _chat_key(row)] += (_feedback(row),)
        return found

    def deliveries(self, *states: DeliveryState, limit: int = 100) -> tuple[Delivery, ...]:
        """Those in these states (no states: all), oldest first."""
        query = sa.select(t.deliveries).order_by(t.deliveries.c.id).limit(limit)
        if states:
            query = query.where(t.deliveries.c.state.in_([state.value for state in states]))
        return tuple(delivery_of(row) for row in self._all(query))

    def settle_delivery(
        self,
        delivery_id: int,
        state: DeliveryState,
        now: datetime,
        reason: str = "",
        sent: SentAlert | None = None,
        unsure: int | None = None,
    ) -> None:
        values: dict[str, Any] = {"state": state.value, "settled_at": None if state in UNSETTLED else now}
        values |= {"reason": reason, "next_try_at": None} | ({} if unsure is None else {"unsure": unsure})
        row = self.connection.execute(_SETTLE, {"which": delivery_id, **values}).first()
        if row is None:
            raise StoreError(f"there is no delivery {delivery_id} to settle")
        if sent:
            delivery = delivery_of(row)
            self.save_sent(delivery.event, delivery.chat, sent)

    def settle_sent(
        self, delivery_id: int, sent: SentAlert | None, unsure: int, now: datetime, chat: ChatKey, free_at: datetime
    ) -> None:
        settled = {"state": DeliveryState.SENT.value, "settled_at": now, "reason": "", "next_try_at": None}
        with self._together():
            self.connection.execute(_SETTLE_SENT, {"which": delivery_id, **settled, "unsure": unsure})
            if sent:
                self.connection.execute(_keep_sent(self._is_sqlite), {"which": delivery_id, **_sent_values(sent)})
            self.block_gate(chat, free_at)

    def save_sent(self, event: str, chat: ChatKey, sent: SentAlert) -> None:
        self._upsert(t.sent_alerts, {"event": event, **_key(chat), **_sent_values(sent)})

    def sent_alert(self, event: str, chat: ChatKey) -> SentAlert | None:
        return next(map(_sent_alert, self._where(t.sent_alerts, event=event, **_key(chat))), None)

    def chats_told(self, event: str) -> tuple[ChatKey, ...]:
        # sent_alerts too: an outbox row is forgotten before its event is
        d, sent = t.deliveries.c, t.sent_alerts.c
        told = (*UNSETTLED, DeliveryState.SENT)
        due = sa.select(d.platform, d.chat_id, d.thread).where(
            d.event == event, d.kind == DeliveryKind.ALERT.value, d.state.in_([state.value for state in told])
        )
        query = due.union(sa.select(sent.platform, sent.chat_id, sent.thread).where(sent.event == event))
        return tuple(_chat_key(row) for row in sorted(self._all(query), key=tuple))

    def adopt_alerts(self, event: str, gone: str) -> None:
        self.adopt_routes(event, gone)
        c = t.sent_alerts.c
        told = sa.select(c.platform, c.chat_id, c.thread).where(c.event == event)
        fresh = sa.tuple_(c.platform, c.chat_id, c.thread).not_in(told)
        self.connection.execute(sa.update(t.sent_alerts).where(c.event == gone, fresh).values(event=event))

    # ------------------------------------------------------------ pace

    def take_gate(
        self, bot: str, chat: ChatKey, bot_every: timedelta, chat_every: timedelta, now: datetime
    ) -> timedelta:
        """`bot` is the account's name. SQLite's transaction is alone; on PostgreSQL both rows are locked, the bot's
        first, so that no two can take the same moment."""
        account, place = f"bot:{bot}", f"chat:{chat}"  # "bot:" sorts before "chat:": all lock in the same order
        free_at = self._lock_gates(account, place)
        missing = [name for name in (account, place) if name not in free_at]
        fresh = [name for name in missing if self._insert_if_new(t.gates, {"name": name, "free_at": _LONG_AGO})]
        free_at |= dict.fromkeys(fresh, _LONG_AGO)
        if len(free_at) < 2:  # another was faster
            free_at = self._lock_gates(account, place)
        if free_at[account] - now > bot_every + CLOCK_ASTRAY:
            free_at[account] = now
        wait = max(free_at.values()) - now
        if wait > timedelta(0):
            return wait
        account_at = _taken_at(free_at[account], now, bot_every) + bot_every
        moments = {"account_at": account_at, "place_at": now + chat_every}
        self.connection.execute(_PASS_GATES, {"account": account, "place": place, **moments})
        return timedelta(0)

    def _lock_gates(self, *names: str) -> dict[str, datetime]:
        rows = self.connection.execute(_LOCK_GATES, {"names": names}).all()
        return {row.name: row.free_at for row in rows}

    def block_gate(self, chat: ChatKey, until: datetime) -> None:
        """Nothing goes to the chat before `until`; a longer block stays."""
        self.connection.execute(_block_gate(self._is_sqlite), {"gate": f"chat:{chat}", "until": until})

    # ------------------------------------------------------------ second reader

    def take_model_call(self, now: datetime, most: int) -> bool:
        if most < 1:
            return False
        calls = t.model_calls.c.calls
        insert = self._insert_of(t.model_calls).values(day=now.astimezone(UTC).date(), calls=1)
        more = insert.on_conflict_do_update(index_elements=["day"], set_={"calls": calls + 1}, where=calls < most)
        return self.connection.scalar(more.returning(calls)) is not None

    def model_calls(self, day: date) -> int:
        return self.connection.scalar(sa.select(t.model_calls.c.calls).where(t.model_calls.c.day == day)) or 0

    # ------------------------------------------------------------ web console

    def add_post(
        self,
        chat: ChatKey,
        event: str,
        message: Message,
        now: datetime,
        reply_to: int | None = None,
        mark: str | None = None,
    ) -> int:
        if mark and (known := self.marked_post(chat, mark)):
            return known
        return self._insert(
            t.posts,
            seq=self._count(POSTS),
            **_key(chat),
            event=event,
            value=dump(message),
            posted_at=now,
            reply_to=reply_to,
            mark=mark,
        )

    def marked_post(self, chat: ChatKey, mark: str) -> int | None:
        here = (t.posts.c.platform == chat.platform) & (t.posts.c.chat_id == chat.id)
        return self.connection.scalar(sa.select(t.posts.c.id).where(here, t.posts.c.mark == mark))

    def edit_post(self, post_id: int, message: Message, now: datetime) -> bool:
        """False if there is no such post."""
        values = {"seq": self._count(POSTS), "value": dump(message), "edited_at": now}
        return bool(self._update(t.posts, t.posts.c.id == post_id, **values))

    def posts_after(self, seq: int, limit: int) -> tuple[Post, ...]:
        """New and edited posts, in the order in which they changed."""
        query = sa.select(t.posts).where(t.posts.c.seq > seq).order_by(t.posts.c.seq).limit(limit)
        return tuple(_post(row) for row in self._all(query))

    def latest_posts(self, limit: int) -> tuple[Post, ...]:
        """Newest first."""
        return tuple(_post(row) for row in self._all(sa.select(t.posts).order_by(t.posts.c.id.desc()).limit(limit)))

    # ------------------------------------------------------------ whole

    def totals(self, since: datetime) -> Totals:
        state = t.deliveries.c.state
        return Totals(
            entries=self._number(t.entries, t.entries.c.first_seen_at >= since),
            articles=self._number(t.articles, t.articles.c.judged_at >= since),
            alerts=self._number(t.events, ALERTED & (t.events.c.opened_at >= since)),
            waiting=self._number(t.deliveries, state.in_([state.value for state in UNSETTLED]))
            + self.count_notices(*UNSETTLED),
            dead=self._number(t.deliveries, state == DeliveryState.DEAD.value) + self.count_notices(DeliveryState.DEAD),
            perhaps_twice=self._perhaps_twice(),
        )

    def forget_before(self, cutoff: datetime) -> int:
        """Identities of entries are kept 90 days longer, receipts as long as their event may still change."""
        live = sa.select(t.events.c.key).where(t.events.c.updated_at >= cutoff)
        self._delete(t.seen, t.seen.c.last_seen_at < cutoff - SEEN_LONGER)
        self._delete(t.sent_alerts, t.sent_alerts.c.sent_at < cutoff, t.sent_alerts.c.event.not_in(live))
        self._delete(t.gates, t.gates.c.free_at < cutoff)
        self._delete(t.guesses, t.guesses.c.at < cutoff)
        self._delete(t.pending_edits, t.pending_edits.c.expires_at < cutoff)
        self._delete(t.troubles, t.troubles.c.last_at < cutoff)
        self._delete(t.model_calls, t.model_calls.c.day < cutoff.astimezone(UTC).date())
        self.forget_routes_before(cutoff)
        return (
            self._delete(t.articles, t.articles.c.judged_at < cutoff)
            + self._delete(t.entries, t.entries.c.first_seen_at < cutoff)
            + self._delete(t.deliveries, t.deliveries.c.settled_at < cutoff)
        )


# Made once: every message runs them.
_SETTLE_SENT = sa.update(t.deliveries).where(t.deliveries.c.id == sa.bindparam("which"))
_SETTLE = _SETTLE_SENT.returning(t.deliveries)
_DELIVERIES_AT = sa.select(t.deliveries).where(t.deliveries.c.id.in_(sa.bindparam("ids", expanding=True)))
_LOCK_GATES = (
    sa.select(t.gates)
    .where(t.gates.c.name.in_(sa.bindparam("names", expanding=True)))
    .order_by(t.gates.c.name)
    .with_for_update()
)
_LOOK_ALIKES = sa.select(t.look_alikes).where(t.look_alikes.c.undone_at.is_(None)).order_by(t.look_alikes.c.id)
_LOOK_ALIKES_OF = _LOOK_ALIKES.where(t.look_alikes.c.entity.in_(sa.bindparam("entities", expanding=True)))
_PASS_GATES = (
    sa.update(t.gates)
    .where(t.gates.c.name.in_((sa.bindparam("account"), sa.bindparam("place"))))
    .values(
        free_at=sa.case(
            (t.gates.c.name == sa.bindparam("account"), sa.bindparam("account_at", type_=t.gates.c.free_at.type)),
            else_=sa.bindparam("place_at", type_=t.gates.c.free_at.type),
        )
    )
)


@cache
def _block_gate(is_sqlite: bool) -> sqlite.Insert | postgresql.Insert:
    insert = (sqlite.insert if is_sqlite else postgresql.insert)(t.gates)
    insert = insert.values(name=sa.bindparam("gate"), free_at=sa.bindparam("until"))
    asked = insert.excluded.free_at
    later = t.gates.c.free_at < asked
    return insert.on_conflict_do_update(index_elements=["name"], set_={"free_at": asked}, where=later)


@cache
def _keep_sent(is_sqlite: bool) -> sqlite.Insert | postgresql.Insert:
    """The message of a delivery, where its event and chat are as they stand in its row."""
    d, sent = t.deliveries.c, t.sent_alerts
    own = [d.event, d.platform, d.chat_id, d.thread]
    given = [sa.bindparam(name, type_=sent.c[name].type) for name in _SENT_VALUES]
    kept = sa.select(*own, *given).where(d.id == sa.bindparam("which"))
    insert = (sqlite.insert if is_sqlite else postgresql.insert)(sent)
    insert = insert.from_select([*(column.name for column in own), *_SENT_VALUES], kept)
    keys = [column.name for column in sent.primary_key]
    return insert.on_conflict_do_update(
        index_elements=keys, set_={name: insert.excluded[name] for name in _SENT_VALUES}
    )


# What may stand only once for a chat, beside the chat itself.
MOST_TOPICS = 500  # of a group whose names are kept, the newest
_UNIQUE = {
    "chats": ("thread",),
    "subscriptions": ("thread", "kind", "value"),
    "chat_watchlists": ("thread", "watchlist"),
    "sent_alerts": ("thread", "event"),
    "deliveries": ("thread", "event", "kind", "revision"),
}


def _moved(platform: str, chat_id: str) -> str:
    """A setting: the id that a chat has since."""
    return f"moved:{platform}:{chat_id}"


def _taken_at(free_at: datetime, now: datetime, every: timedelta) -> datetime:
    """When a gate that is passed `now` counts as passed. Where many wait, whoever is next comes some milliseconds after
    it is free; up to a quarter of `every` is made up for, so that 28.5 a second are that many, never more than 30."""
    return max(free_at, now - every / 4) if now - free_at <= every else now


def url_digest(url: str) -> str:
    """Equal for addresses that lead to the same page."""
    return _digest(normalise_link(t.clean(url)) or url)


def identity_digest(identity: EntryIdentity) -> str:
    return _digest(identity.guid, identity.link, identity.title)


def _digest(*parts: str) -> str:
    return blake2b("\n".join(map(t.clean, parts)).encode(), digest_size=16).hexdigest()


_CHAT_COLUMNS = ("platform", "chat_id", "thread")
_SUBSCRIPTION_ORDER = (*_CHAT_COLUMNS, "kind", "value")
_FEEDBACK_ORDER = ("said_at", "event", "entity", "user_platform", "user_id")


def _key(chat: ChatKey) -> dict[str, str]:
    return dict(zip(_CHAT_COLUMNS, (chat.platform, chat.id, chat.thread), strict=True))


def _feedback_key(feedback: Feedback) -> dict[str, str]:
    user = feedback.user
    return {
        "event": feedback.event,
        "entity": feedback.entity,
        "user_platform": user.platform,
        "user_id": user.id,
    }


@lru_cache(maxsize=256)
def _event(value: str) -> Event:
    """Thousands of chats are told of one event, and each of its messages reads it."""
    return load(Event, value)


def _standing_feedback(which: sa.ColumnElement[bool]) -> sa.Select[Any]:
    c = t.feedback.c
    order = [c[name] for name in _FEEDBACK_ORDER]
    return sa.select(t.feedback).where(which, c.undone_at.is_(None)).order_by(*order)


def _of(table: sa.Table, chat: ChatKey) -> sa.ColumnElement[bool]:
    return sa.and_(*(table.c[name] == value for name, value in _key(chat).items()))


def _subscription_key(subscription: Subscription) -> dict[str, str]:
    return {**_key(subscription.chat), "kind": subscription.kind.value, "value": subscription.value}


# ---------------------------------------------------------------- rows -> values


def _chat_key(row: Row) -> ChatKey:
    return ChatKey(row.platform, row.chat_id, row.thread)


def _entry(row: Row | None) -> EntryRecord | None:
    return EntryRecord(row.id, load(Entry, row.value), row.reason) if row else None


def _findings(record: ArticleRecord, entities: Sequence[str]) -> Iterator[EntityFinding]:
    article = record.article
    for finding in record.judgement.findings if record.judgement else ():
        if finding.entity in entities:
            yield EntityFinding(finding, article.url, article.outlet, article.title, article.published_at, record.event)


def _user(row: Row) -> User:
    return User(row.user_platform, row.user_id, row.user_name)


def _feedback(row: Row) -> Feedback:
    return Feedback(
        user=_user(row),
        event=row.event,
        entity=row.entity,
        label=Verdict(row.label),
        given=Verdict(row.given),
        at=row.said_at,
        chat=_chat_key(row),
        undone_at=row.undone_at,
        undone_by=row.undone_by,
    )


def _look_alike(row: Row) -> LookAlike:
    return LookAlike(
        entity=row.entity,
        likeness=load(Likeness, row.value),
        event=row.event,
        by=_user(row),
        at=row.said_at,
        chat=_chat_key(row) if row.platform else None,
        undone_at=row.undone_at,
        undone_by=row.undone_by,
        until=row.until,
        id=row.id,
    )


def _chat(row: Row) -> Chat:
    return Chat(_chat_key(row), ChatKind(row.kind), row.title, row.stopped_reason)


_SENT_VALUES = (
    "message_id",
    "message_chat_id",
    "message_thread",
    "revision",
    "content_hash",
    "sent_at",
    "edited_at",
)


def _sent_values(sent: SentAlert) -> dict[str, Any]:
    receipt = sent.receipt
    where = (receipt.message_id, receipt.chat.id, receipt.chat.thread)
    given = (*where, sent.revision, sent.content_hash, sent.sent_at, sent.edited_at)
    return dict(zip(_SENT_VALUES, given, strict=True))


def _sent_alert(row: Row) -> SentAlert:
    receipt = Receipt(ChatKey(row.platform, row.message_chat_id, row.message_thread), row.message_id)
    return SentAlert(receipt, row.revision, row.content_hash, row.sent_at, row.edited_at)


def _subscription(row: Row) -> Subscription:
    made = (row.created_at, row.created_by)
    return Subscription(_chat_key(row), SubscriptionKind(row.kind), row.value, *made, load_filters(row.filters))


def _post(row: Row) -> Post:
    message = load(Message, row.value)
    return Post(row.id, row.seq, _chat_key(row), row.event, message, row.posted_at, row.edited_at, row.reply_to)
