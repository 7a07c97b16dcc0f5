"""An edit of the watchlist is seen by the next article, whatever is being compiled meanwhile."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from bot.live_index import MOST_CHANGES, LiveIndex
from bot.matching.names import NameIndex
from bot.model import Entity, Schema
from bot.ports import WatchlistChanges
from bot.text.folding import fold

NOW = datetime(2026, 11, 28, tzinfo=UTC)


@dataclass
class FakeRecords:
    """The part of `ports.Records` that has the watchlist."""

    rows: dict[str, tuple[Entity | None, datetime]] = field(default_factory=dict)
    revision: int = 0
    asked: list[datetime | None] = field(default_factory=list)

    def save(self, key: str, name: str | None) -> None:
        self.revision += 1
        entity = None if name is None else Entity(key, Schema.COMPANY, name)
        self.rows[key] = entity, NOW + timedelta(minutes=self.revision)

    def watchlist_revision(self) -> int:
        return self.revision

    def watchlist_changes(self, since: datetime | None) -> WatchlistChanges:
        self.asked.append(since)
        rows = {key: row for key, row in self.rows.items() if since is None or row[1] >= since}
        return WatchlistChanges(
            tuple(entity for entity, _ in rows.values() if entity),
            tuple(key for key, (entity, _) in rows.items() if entity is None),
            max((at for _, at in rows.values()), default=None),
        )


def names(live: LiveIndex, records: Any, text: str) -> set[str]:
    return {hit.entity for hit in live(records).find_exact(fold(text).text)}


def test_what_is_added_changed_and_removed_is_seen_at_once() -> None:
    live, records = LiveIndex(), FakeRecords()
    assert names(live, records, "Zeltransgaz") == set()
    records.save("a", "Zeltransgaz")
    assert names(live, records, "Zeltransgaz") == {"a"}
    records.save("a", "Morvanta")
    records.save("b", "Polkanta")
    assert names(live, records, "Zeltransgaz, Morvanta, Polkanta") == {"a", "b"}
    records.save("a", None)
    assert names(live, records, "Zeltransgaz, Morvanta, Polkanta") == {"b"}


def test_nothing_is_asked_again_while_the_revision_stays() -> None:
    live, records = LiveIndex(), FakeRecords()
    records.save("a", "Zeltransgaz")
    assert live(records) is live(records)  # type: ignore[arg-type]
    assert records.asked == [None]


def test_many_edits_are_compiled_in_the_background_and_none_is_lost() -> None:
    waiting: list[Callable[[], None]] = []
    live, records = LiveIndex(waiting.append), FakeRecords()
    assert names(live, records, "") == set()
    for number in range(MOST_CHANGES + 1):
        records.save(f"k{number}", f"Zeltransgaz{number}")
    before = live(records)  # type: ignore[arg-type]
    assert (before.changes, len(waiting)) == (MOST_CHANGES + 1, 1)
    records.save("k0", None)
    records.save("late", "Morvanta")
    assert names(live, records, "Morvanta, Zeltransgaz0, Zeltransgaz1") == {"late", "k1"}
    assert len(waiting) == 1, "one compilation at a time"
    waiting.pop()()
    assert names(live, records, "Morvanta, Zeltransgaz0, Zeltransgaz1") == {"late", "k1"}
    assert live(records).changes == 0  # type: ignore[arg-type]


def test_an_edit_during_the_compilation_goes_over_the_new_index(monkeypatch: pytest.MonkeyPatch) -> None:
    compile_index = NameIndex.compile
    live, records = LiveIndex(lambda work: work()), FakeRecords()
    live(records)  # type: ignore[arg-type]
    for number in range(MOST_CHANGES + 1):
        records.save(f"k{number}", f"Zeltransgaz{number}")

    def compile_slowly(entities: Iterable[Entity]) -> NameIndex:
        known = list(entities)
        records.save("k1", None)
        assert names(live, records, "Zeltransgaz1 and Zeltransgaz2") == {"k2"}
        return compile_index(known)

    monkeypatch.setattr(NameIndex, "compile", compile_slowly)
    live(records)  # type: ignore[arg-type]
    assert names(live, records, "Zeltransgaz1 and Zeltransgaz2") == {"k2"}
    assert live(records).changes == 1  # type: ignore[arg-type]
