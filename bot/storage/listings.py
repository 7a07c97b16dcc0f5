"""Official lists in the store: every entry in every version that was seen, and the imports that brought them.

An import is staged in short transactions as rows that nobody sees, and switched on in one: the listings then name its
versions as theirs. Nothing that was seen is ever deleted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa

from bot.model import Listing
from bot.ports import ImportState, ListImport, ListingChange, ListingRecord, ListState
from bot.storage import tables as t
from bot.storage.serial import dump, load
from bot.storage.statements import Row, Statements

LISTINGS = "listings"  # a counter


class ListRecords(Statements):
    """The part of `ports.Records` that is of official lists."""

    # ------------------------------------------------------------ bringing a list in

    def begin_import(self, list_key: str, now: datetime, by: str = "") -> int:
        begun = ListImport(0, list_key, now, by=by)
        return self._insert(t.list_imports, list=list_key, state=begun.state.value, value=dump(begun))

    def stage_listings(self, import_id: int, rows: Sequence[tuple[Listing, str]], day: date) -> None:
        if not rows:
            return
        versions = [
            {
                "list": listing.list,
                "uid": listing.uid,
                "import_id": import_id,
                "since_on": day,
                "digest": digest,
                "value": dump(listing),
            }
            for listing, digest in rows
        ]
        self.connection.execute(sa.insert(t.listing_versions), versions)

    def apply_import(self, record: ListImport, gone: Sequence[str], day: date) -> bool:
        # two imports of one list: the second to come here must wait for the first, and see what it did
        self._all(sa.select(t.list_imports.c.id).where(t.list_imports.c.list == record.list).with_for_update())
        last = self.last_import(record.list)
        if (last.id if last else 0) != record.base:
            return False
        applied = replace(record, state=ImportState.APPLIED)
        self._show_staged(applied)
        self._mark_gone(applied, gone, day)
        has_news = bool(record.added or record.changed or record.removed)
        told_at = None if has_news and not record.is_baseline else record.ended_at
        self._save_import(applied, told_at=told_at)
        if has_news:
            self._count(LISTINGS)
        return True

    def _show_staged(self, record: ListImport) -> None:
        v, number = t.listing_versions.c, sa.literal(record.id, sa.BigInteger)
        now = sa.literal(record.ended_at or record.started_at, t.UtcDateTime(timezone=True))
        staged = sa.select(v.list, v.uid, number, number, now, now).where(
            v.import_id == record.id, v.list == record.list, v.value.is_not(None)
        )
        names = ["list", "uid", "version", "seen_in", "first_seen_at", "changed_at"]
        insert = self._insert_of(t.listings).from_select(names, staged)
        new = insert.excluded
        changed = {"version": new.version, "seen_in": new.seen_in, "changed_at": new.changed_at, "removed_on": None}
        self.connection.execute(insert.on_conflict_do_update(index_elements=["list", "uid"], set_=changed))

    def _mark_gone(self, record: ListImport, gone: Sequence[str], day: date) -> None:
        if not gone:
            return
        version = {"list": record.list, "import_id": record.id, "since_on": day, "digest": "", "value": None}
        self.connection.execute(sa.insert(t.listing_versions), [{**version, "uid": uid} for uid in gone])
        v = t.listing_versions.c
        marked = sa.select(v.uid).where(v.list == record.list, v.import_id == record.id, v.value.is_(None))
        which = (t.listings.c.list == record.list) & t.listings.c.uid.in_(marked)
        stamps = {"seen_in": record.id, "changed_at": record.ended_at or record.started_at, "removed_on": day}
        self._update(t.listings, which, **stamps)

    def end_import(self, record: ListImport) -> None:
        self._save_import(record)

    def _save_import(self, record: ListImport, **values: Any) -> None:
        which = t.list_imports.c.id == record.id
        self._update(t.list_imports, which, state=record.state.value, value=dump(record), **values)

    def drop_staged(self, import_id: int, limit: int) -> int:
        imported = self.list_import(import_id)
        if imported is None or imported.state is ImportState.APPLIED:
            return 0
        return self._delete_some(t.listing_versions, limit, t.listing_versions.c.import_id == import_id)

    def list_import(self, import_id: int) -> ListImport | None:
        return _import(self._first(sa.select(t.list_imports).where(t.list_imports.c.id == import_id)))

    def list_imports(self, list_key: str | None = None, limit: int = 20) -> tuple[ListImport, ...]:
        query = sa.select(t.list_imports).order_by(t.list_imports.c.id.desc()).limit(limit)
        if list_key is not None:
            query = query.where(t.list_imports.c.list == list_key)
        return tuple(found for row in self._all(query) if (found := _import(row)))

    def last_import(self, list_key: str) -> ListImport | None:
        return self._applied(list_key, t.list_imports.c.id.desc())

    def first_import(self, list_key: str) -> ListImport | None:
        return self._applied(list_key, t.list_imports.c.id.asc())

    def _applied(self, list_key: str, order: sa.ColumnElement[Any]) -> ListImport | None:
        c = t.list_imports.c
        applied = (c.list == list_key) & (c.state == ImportState.APPLIED.value)
        return _import(self._first(sa.select(t.list_imports).where(applied).order_by(order).limit(1)))

    def imports_to_tell(self) -> tuple[int, ...]:
        c = t.list_imports.c
        query = sa.select(c.id).where(c.state == ImportState.APPLIED.value, c.told_at.is_(None)).order_by(c.id)
        return tuple(self.connection.scalars(query))

    def mark_told(self, import_id: int, now: datetime) -> bool:
        which = (t.list_imports.c.id == import_id) & t.list_imports.c.told_at.is_(None)
        return bool(self._update(t.list_imports, which, told_at=now))

    def import_changes(self, import_id: int, after: str = "", limit: int = 1_000) -> tuple[ListingChange, ...]:
        new, old, before = t.listing_versions, t.listing_versions.alias(), t.listing_versions.alias()
        last = (
            sa.select(sa.func.max(before.c.import_id))
            .select_from(before)
            .join(t.list_imports, t.list_imports.c.id == before.c.import_id)
            .where(
                before.c.list == new.c.list,
                before.c.uid == new.c.uid,
                before.c.import_id < import_id,
                t.list_imports.c.state == ImportState.APPLIED.value,
            )
            .correlate(new)
            .scalar_subquery()
        )
        same = (old.c.list == new.c.list) & (old.c.uid == new.c.uid) & (old.c.import_id == last)
        query = (
            sa.select(new.c.list, new.c.uid, new.c.value, old.c.value.label("before"))
            .select_from(new)
            .join(old, same, isouter=True)
            .where(new.c.import_id == import_id, new.c.uid > after)
            .order_by(new.c.uid)
            .limit(limit)
        )
        return tuple(
            ListingChange(row.list, row.uid, _listing(row.before), _listing(row.value)) for row in self._all(query)
        )

    # ------------------------------------------------------------ entries

    def listing(self, list_key: str, uid: str) -> ListingRecord | None:
        found = self._listings((t.listings.c.list == list_key) & (t.listings.c.uid == uid), limit=1)
        return found[0] if found else None

    def listing_versions(self, list_key: str, uid: str) -> tuple[tuple[date, Listing | None], ...]:
        v, i = t.listing_versions.c, t.list_imports.c
        query = (
            sa.select(v.since_on, v.value)
            .join(t.list_imports, i.id == v.import_id)
            .where(v.list == list_key, v.uid == uid, i.state == ImportState.APPLIED.value)
            .order_by(v.import_id)
        )
        return tuple((row.since_on, _listing(row.value)) for row in self._all(query))

    def listings_page(
        self, list_key: str | None, after: tuple[str, str] | None, limit: int, since: int = 0
    ) -> tuple[ListingRecord, ...]:
        c = t.listings.c
        which = [c.seen_in > since] if since else []
        if list_key is not None:
            which.append(c.list == list_key)
        if after is not None:
            which.append(sa.tuple_(c.list, c.uid) > sa.tuple_(*map(sa.literal, after)))
        return self._listings(sa.and_(sa.true(), *which), limit=limit)

    def _listings(self, which: sa.ColumnElement[bool], limit: int | None) -> tuple[ListingRecord, ...]:
        c, v = t.listings.c, t.listing_versions.c
        query = (
            sa.select(c.first_seen_at, c.changed_at, c.removed_on, c.seen_in, v.value)
            .join(t.listing_versions, (v.list == c.list) & (v.uid == c.uid) & (v.import_id == c.version))
            .where(which)
            .order_by(c.list, c.uid)
            .limit(limit)
        )
        return tuple(
            ListingRecord(load(Listing, row.value), row.first_seen_at, row.changed_at, row.removed_on, row.seen_in)
            for row in self._all(query)
        )

    def listings_revision(self) -> int:
        return self.connection.scalar(sa.select(t.counters.c.value).where(t.counters.c.name == LISTINGS)) or 0

    def listing_digests(self, list_key: str) -> Mapping[str, tuple[str, bool]]:
        c, v = t.listings.c, t.listing_versions.c
        query = (
            sa.select(c.uid, v.digest, c.removed_on)
            .join(t.listing_versions, (v.list == c.list) & (v.uid == c.uid) & (v.import_id == c.version))
            .where(c.list == list_key)
        )
        return {row.uid: (row.digest, row.removed_on is None) for row in self.connection.execute(query)}

    # ------------------------------------------------------------ lists

    def list_states(self) -> Mapping[str, ListState]:
        return {row.list: load(ListState, row.value) for row in self._all(sa.select(t.list_states))}

    def save_list_state(self, state: ListState) -> None:
        self._upsert(t.list_states, {"list": state.list, "value": dump(state)})

    def list_sizes(self) -> Mapping[str, int]:
        c = t.listings.c
        query = sa.select(c.list, sa.func.count().label("entries")).where(c.removed_on.is_(None)).group_by(c.list)
        return {row.list: row.entries for row in self._all(query)}


def _import(row: Row | None) -> ListImport | None:
    return replace(load(ListImport, row.value), id=row.id) if row else None


def _listing(value: str | None) -> Listing | None:
    return None if value is None else load(Listing, value)
