"""The audit log: rows are appended, chained by their digests, and never changed (triggers refuse it)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict

import sqlalchemy as sa

from bot.chain import GENESIS, digest_of
from bot.ports import AuditRow, ChainedRow
from bot.storage import tables as t
from bot.storage.statements import Row, Statements

_AUDIT_LOCK = 0x53424F54_41554454  # any number, the same in every process
_PART = 1_000  # rows read at a time


class Auditing(Statements):
    def add_audit(self, row: AuditRow) -> None:
        self._lock(_AUDIT_LOCK)  # the next row's digest needs this one's
        last = self._first(sa.select(t.audit.c.id, t.audit.c.digest).order_by(t.audit.c.id.desc()).limit(1))
        number, previous = (last.id + 1, last.digest) if last else (1, GENESIS)
        kept = _as_kept(row)
        self.connection.execute(
            sa.insert(t.audit).values(id=number, **asdict(kept), digest=digest_of(previous, number, kept))
        )

    def audit_chain(self) -> Iterator[ChainedRow]:
        after = 0
        while True:
            query = sa.select(t.audit).where(t.audit.c.id > after).order_by(t.audit.c.id).limit(_PART)
            part = [_chained(row) for row in self._all(query)]
            yield from part
            if len(part) < _PART:
                return
            after = part[-1].id

    def latest_audit(self, before: int | None = None, limit: int = 100) -> tuple[ChainedRow, ...]:
        query = sa.select(t.audit).order_by(t.audit.c.id.desc()).limit(limit)
        if before is not None:
            query = query.where(t.audit.c.id < before)
        return tuple(_chained(row) for row in self._all(query))


def _as_kept(row: AuditRow) -> AuditRow:
    """As it will be read again: without what no database takes."""
    return AuditRow(row.at, *map(t.clean, (row.who, row.chat, row.what, row.before, row.after)))


def _chained(row: Row) -> ChainedRow:
    kept = AuditRow(row.at, row.who, row.chat, row.what, row.before, row.after)
    return ChainedRow(row.id, kept, row.digest)
