"""The hash chain of the audit log: each row's digest covers the row and, by the digest before, all rows before it.

The form is for ever, as rows that are stored were chained by it. It tells that a row was changed, added between others
or taken out. That the newest rows were cut off is told only by a digest that was noted elsewhere (`expected`).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import UTC

from bot.ports import AuditRow, ChainedRow

GENESIS = "0" * 64  # what the first row is chained to


@dataclass(frozen=True, slots=True)
class Verified:
    """`head` is the digest of the last row that is sound; `broken` the number of the first that is not, and `reason`
    why. `has_expected`: the digest that was noted elsewhere is still in the sound part; None if there was none."""

    rows: int
    head: str
    broken: int | None = None
    reason: str = ""
    has_expected: bool | None = None

    @property
    def is_sound(self) -> bool:
        return self.broken is None and self.has_expected is not False


def canonical(number: int, row: AuditRow) -> str:
    """The row as the one JSON text that is hashed: keys sorted, no blanks, its time in UTC to the microsecond."""
    at = row.at.astimezone(UTC).isoformat(timespec="microseconds")
    values = {**asdict(row), "at": at, "id": number}
    return json.dumps(values, sort_keys=True, separators=(",", ":"), ensure_ascii=True)


def digest_of(previous: str, number: int, row: AuditRow) -> str:
    """SHA-256 over the digest before and the row, in hexadecimal digits."""
    return hashlib.sha256(f"{previous}\n{canonical(number, row)}".encode()).hexdigest()


def verify(rows: Iterable[ChainedRow], expected: str = "") -> Verified:
    """Recompute the chain of all rows, oldest first; stops at the first that is broken."""
    head, count, last = GENESIS, 0, 0
    noted = expected.strip().casefold()
    has_expected = (noted == head) if noted else None
    for chained in rows:
        if chained.id <= last:
            reason = f"it comes after row {last}: the order is not that in which they were written"
            return Verified(count, head, chained.id, reason, has_expected)
        if chained.digest != digest_of(head, chained.id, chained.row):
            reason = "its digest does not fit the row and the one before: one of them was changed, added or taken out"
            return Verified(count, head, chained.id, reason, has_expected)
        head, count, last = chained.digest, count + 1, chained.id
        has_expected = has_expected or (head == noted if noted else None)
    return Verified(count, head, has_expected=has_expected)
