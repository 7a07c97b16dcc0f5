"""The store: values in, values out, on SQLite and PostgreSQL by one code path. Decides nothing."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import URL

from bot.errors import DatabaseError, StoreError, told_by_database
from bot.model import DeliveryState
from bot.ports import FORGOTTEN_AT_ONCE, Totals
from bot.storage import tables as t
from bot.storage.answers import Answers
from bot.storage.archive import Archive
from bot.storage.auditing import Auditing
from bot.storage.database import READ_ONLY, create_engine, make_directory, parse_url, sqlite_path
from bot.storage.entries import Entries
from bot.storage.events import ALERTED, EventRows
from bot.storage.feeds import Feeds
from bot.storage.forgetting import Forgetting
from bot.storage.listings import ListRecords
from bot.storage.migrations import upgrade
from bot.storage.moving import Moving
from bot.storage.outbox import UNSETTLED
from bot.storage.pages import Pages
from bot.storage.posts import Posts

SEEN_LONGER = timedelta(days=90)
LONGEST_TURN = 30.0  # seconds
_PROBE = "does the database take writes?"  # a setting that does not stay


class SqlStore:
    """`ports.Store` on SQLAlchemy. Raises StoreError for a URL or a path that will not do; connects at first use."""

    def __init__(self, url: str) -> None:
        self.url, self._write_problem = parse_url(url), ""
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
            self._write_problem = str(error)
            raise
        self._write_problem = ""

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

    def write_problem(self) -> str:
        if self._write_problem:
            with contextlib.suppress(DatabaseError), self.writing() as records:
                records.save_setting(_PROBE, "")
                records.save_setting(_PROBE, None)  # what was written in this transaction goes to the disk all the same
        return self._write_problem

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


class SqlRecords(Answers, Archive, Pages, Entries, EventRows, Posts, Moving, Forgetting, Auditing, ListRecords, Feeds):
    """`ports.Records`: one transaction. `connection` is what the engine's jobs join."""

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

    def forget_before(self, cutoff: datetime, limit: int = FORGOTTEN_AT_ONCE) -> int:
        """Large rows first, and only then the many small ones. Identities of entries are kept 90 days longer."""
        dropped = self._forget_articles(cutoff, limit)
        for table, is_old in (
            (t.entries, t.entries.c.first_seen_at < cutoff),
            (t.deliveries, t.deliveries.c.settled_at < cutoff),
        ):
            if dropped < limit:
                dropped += self._delete_some(table, limit - dropped, is_old)
        if dropped < limit:
            self._forget_small(cutoff)
        return dropped

    def _forget_articles(self, cutoff: datetime, limit: int) -> int:
        a = t.articles.c
        old = sa.select(a.digest, a.event).where(a.judged_at < cutoff).order_by(a.judged_at, a.digest).limit(limit)
        rows = self._all(old)
        # pages of events are kept for as long as pages are
        self._delete(t.pages, t.pages.c.article.in_([row.digest for row in rows if row.event is None]))
        return self._delete(t.articles, a.digest.in_([row.digest for row in rows]))

    def _forget_small(self, cutoff: datetime) -> None:
        self._delete(t.seen, t.seen.c.last_seen_at < cutoff - SEEN_LONGER)
        self._delete(t.gates, t.gates.c.free_at < cutoff)
        self._delete(t.guesses, t.guesses.c.at < cutoff)
        self._delete(t.pending_edits, t.pending_edits.c.expires_at < cutoff)
        self._delete(t.troubles, t.troubles.c.last_at < cutoff)
        self._delete(t.model_calls, t.model_calls.c.day < cutoff.astimezone(UTC).date())
        self.forget_routes_before(cutoff)

    def forget_told_before(self, cutoff: datetime, limit: int = FORGOTTEN_AT_ONCE) -> int:
        # An event that still changes must not be told twice.
        live = sa.select(t.events.c.key).where(t.events.c.updated_at >= cutoff)
        changed_at = sa.func.coalesce(t.posts.c.edited_at, t.posts.c.posted_at)
        told = (
            (t.sent_alerts, t.sent_alerts.c.sent_at),
            (t.held_alerts, t.held_alerts.c.held_at),
            (t.posts, changed_at),  # the console's own copy of what it was sent
        )
        return sum(self._delete_some(table, limit, at < cutoff, table.c.event.not_in(live)) for table, at in told)
