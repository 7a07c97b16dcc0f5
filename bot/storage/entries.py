"""What sources were found to have: their states, entries, and which were seen."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from hashlib import blake2b

import sqlalchemy as sa

from bot.model import Entry, SeenKeys, SourceState
from bot.ports import EntryIdentity, EntryRecord
from bot.storage import tables as t
from bot.storage.columns import digest_of, url_digest
from bot.storage.serial import dump, load
from bot.storage.statements import Row, Statements


class Entries(Statements):
    def source_states(self) -> Mapping[str, SourceState]:
        rows = self._all(sa.select(t.source_states))
        return {row.source: load(SourceState, row.value) for row in rows}

    def save_source_state(self, state: SourceState) -> None:
        self._upsert(t.source_states, {"source": state.source, "value": dump(state)})

    def seen_keys(self, source: str) -> SeenKeys:
        query = sa.select(t.seen).where(t.seen.c.source == source).order_by(t.seen.c.last_seen_at)
        rows = self._all(query)
        titles: dict[str, datetime] = {}
        for row in filter(lambda row: row.title, rows):
            since = row.first_seen_at or row.last_seen_at
            titles[row.title] = max(since, titles.get(row.title, since))
        return SeenKeys(
            guids={row.guid: (row.link, row.title) for row in rows if row.guid},
            links=frozenset(row.link for row in rows if row.link),
            titles=titles,
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
                t.seen,
                {"source": source, "digest": digest, **keys, "last_seen_at": now, "first_seen_at": now},
                frozenset({"last_seen_at"}),
            )

    def entry(self, entry_id: int) -> EntryRecord | None:
        return _entry_of(self._first(sa.select(t.entries).where(t.entries.c.id == entry_id)))

    def entry_by_url(self, url: str) -> EntryRecord | None:
        query = sa.select(t.entries).where(t.entries.c.url_digest == url_digest(url)).order_by(t.entries.c.id.desc())
        return _entry_of(self._first(query.limit(1)))

    def lock_source(self, source: str) -> None:
        self._lock(int.from_bytes(blake2b(source.encode(), digest_size=8, person=b"source").digest(), signed=True))


def identity_digest(identity: EntryIdentity) -> str:
    return digest_of(identity.guid, identity.link, identity.title)


def _entry_of(row: Row | None) -> EntryRecord | None:
    return EntryRecord(row.id, load(Entry, row.value), row.reason) if row else None
