"""The watchlist as a name index that keeps up with its edits.

An edit goes into a small layer over the compiled index. When many have come together, all is compiled anew in the
background, and the edits made meanwhile go over the new one.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from bot.matching.names import NameIndex
from bot.ports import Records, WatchlistChanges

__all__ = ["LiveIndex"]

MOST_CHANGES = 100  # edits that stay in the small layer: each edit makes it again, a tenth of a millisecond for each
# Two hosts' clocks may differ, and a transaction may be long: older changes are asked for again, and cost nothing.
_OVERLAP = timedelta(minutes=10)


def _in_thread(work: Callable[[], None]) -> None:
    threading.Thread(target=work, name="compile-watchlist", daemon=True).start()


@dataclass(slots=True)
class LiveIndex:
    """Call it for the index of the watchlist as it is now. Safe in several threads."""

    in_background: Callable[[Callable[[], None]], None] = _in_thread
    _index: NameIndex | None = None
    _revision: int = -1
    _newest: datetime | None = None
    _merging: bool = False
    _meanwhile: list[WatchlistChanges] = field(default_factory=list)
    _lock: threading.RLock = field(default_factory=threading.RLock)

    def __call__(self, records: Records) -> NameIndex:
        with self._lock:
            revision = records.watchlist_revision()
            if self._index is None:
                changes = records.watchlist_changes(None)
                self._index = NameIndex.compile(changes.saved)
            elif revision != self._revision:
                changes = records.watchlist_changes(self._newest and self._newest - _OVERLAP)
                self._index = self._with(self._index, changes)
                if self._merging:
                    self._meanwhile.append(changes)
            else:
                return self._index
            self._revision, self._newest = revision, changes.newest or self._newest
            if self._index.changes > MOST_CHANGES and not self._merging:
                self._merging = True
                self._meanwhile.clear()
                self.in_background(self._merge)
            return self._index

    def _merge(self) -> None:
        index = self._index
        assert index is not None
        try:
            merged = NameIndex.compile(index.entities.values())
            with self._lock:
                for changes in self._meanwhile:
                    merged = self._with(merged, changes)
                self._index = merged
        finally:
            self._merging = False

    @staticmethod
    def _with(index: NameIndex, changes: WatchlistChanges) -> NameIndex:
        """The index with those of the changes that it does not have yet."""
        known = index.entities
        saved = [entity for entity in changes.saved if known.get(entity.key) != entity]
        removed = [key for key in changes.removed if key in known]
        return index.with_changes(saved, removed) if saved or removed else index
