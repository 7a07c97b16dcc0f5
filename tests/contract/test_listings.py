"""Official lists in the store: staged unseen, switched at once, never deleted; on SQLite and on PostgreSQL."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from bot.model import Identifier, Listing, Schema
from bot.ports import ImportState, ListFileState, ListImport, ListState
from bot.storage import SqlStore

NOW = datetime(2026, 5, 12, 9, 0, tzinfo=UTC)
DAY = timedelta(days=1)
LIST = "us_ofac_sdn"


def listing(uid: str, caption: str = "", **values: object) -> Listing:
    return replace(Listing(LIST, uid, Schema.COMPANY, caption or f"Firm {uid}"), **values)  # type: ignore[arg-type]


def bring(
    store: SqlStore, rows: Sequence[Listing], gone: Sequence[str] = (), at: datetime = NOW, *, apply: bool = True
) -> ListImport:
    """One import of these rows, in two batches."""
    with store.writing() as records:
        last, new = records.last_import(LIST), records.begin_import(LIST, at)
    for batch in (rows[:1], rows[1:]):
        with store.writing() as records:
            records.stage_listings(new, [(row, f"digest of {row}") for row in batch], at.date())
    counts = {"rows": len(rows), "added": len(rows), "removed": len(gone), "is_baseline": last is None}
    record = replace(ListImport(new, LIST, at, ended_at=at, base=last.id if last else 0), **counts)  # type: ignore[arg-type]
    if apply:
        with store.writing() as records:
            assert records.apply_import(record, gone, at.date())
    return record


def test_a_staged_import_is_seen_only_when_it_is_applied(store: SqlStore) -> None:
    staged = bring(store, [listing("1"), listing("2")], apply=False)
    with store.reading() as records:
        assert records.listings_page(None, None, 10) == ()
        assert records.listing(LIST, "1") is None
        assert records.listings_revision() == 0
    with store.writing() as records:
        assert records.apply_import(staged, (), NOW.date())
    with store.reading() as records:
        found = records.listing(LIST, "1")
        assert found
        assert (found.listing, found.first_seen_at, found.seen_in) == (listing("1"), NOW, staged.id)
        assert found.is_listed
        assert records.listings_revision() == 1
        assert records.list_sizes() == {LIST: 2}


def test_what_is_gone_is_marked_as_of_a_day_and_what_comes_back_is_listed_again(store: SqlStore) -> None:
    bring(store, [listing("1"), listing("2")])
    bring(store, [], ["2"], NOW + 3 * DAY)
    with store.reading() as records:
        gone = records.listing(LIST, "2")
        assert gone
        assert (gone.removed_on, gone.is_listed) == (date(2026, 5, 15), False)
        assert records.list_sizes() == {LIST: 1}
        assert records.listing_digests(LIST)["2"][1] is False
    bring(store, [listing("2")], at=NOW + 9 * DAY)
    with store.reading() as records:
        back = records.listing(LIST, "2")
        assert back
        assert (back.removed_on, back.first_seen_at, back.changed_at) == (None, NOW, NOW + 9 * DAY)
        assert [at.day for at, _ in records.listing_versions(LIST, "2")] == [12, 15, 21]


def test_the_first_import_tells_since_when_a_list_is_read(store: SqlStore) -> None:
    first = bring(store, [listing("1")])
    bring(store, [listing("1"), listing("2")], at=NOW + DAY)
    with store.reading() as records:
        found = records.first_import(LIST)
        assert found
        assert found.id == first.id
        assert records.first_import("none") is None


def test_changes_of_an_import_have_before_and_after(store: SqlStore) -> None:
    bring(store, [listing("1"), listing("2")])
    second = bring(store, [listing("1", "Renamed"), listing("3")], ["2"], NOW + DAY)
    with store.reading() as records:
        changes = records.import_changes(second.id)
        told = [
            (change.uid, change.old and change.old.caption, change.new and change.new.caption) for change in changes
        ]
        assert told == [("1", "Firm 1", "Renamed"), ("2", "Firm 2", None), ("3", None, "Firm 3")]
        assert [change.uid for change in records.import_changes(second.id, after="1", limit=1)] == ["2"]


def test_what_was_removed_and_comes_back_is_new_again(store: SqlStore) -> None:
    bring(store, [listing("1"), listing("2")])
    bring(store, [], ["2"], NOW + DAY)
    third = bring(store, [listing("2")], at=NOW + 2 * DAY)
    with store.reading() as records:
        assert [(change.old, change.new) for change in records.import_changes(third.id)] == [(None, listing("2"))]


def test_pages_go_through_all_lists_in_order_and_can_be_only_what_is_new(store: SqlStore) -> None:
    first = bring(store, [listing(uid) for uid in ("a", "b", "c")])
    bring(store, [listing("b", "B")], ["c"], NOW + DAY)
    with store.reading() as records:
        page = records.listings_page(None, None, 2)
        rest = records.listings_page(LIST, (page[-1].listing.list, page[-1].listing.uid), 2)
        assert [found.listing.uid for found in (*page, *rest)] == ["a", "b", "c"]
        assert records.listings_page("eu_fsf", None, 2) == ()
        assert [found.listing.uid for found in records.listings_page(None, None, 9, since=first.id)] == ["b", "c"]


def test_of_two_imports_that_began_together_one_is_applied(store: SqlStore) -> None:
    bring(store, [listing("1")])
    slow = bring(store, [listing("2")], at=NOW + DAY, apply=False)
    fast = bring(store, [listing("3")], at=NOW + DAY, apply=False)
    with store.writing() as records:
        assert records.apply_import(fast, (), NOW.date())
        assert not records.apply_import(slow, (), NOW.date())
    with store.reading() as records:
        assert records.listing(LIST, "2") is None


def test_staged_rows_of_a_stopped_import_are_dropped_in_parts_and_applied_ones_never(store: SqlStore) -> None:
    imo = (Identifier("imoNumber", "1"),)
    applied = bring(store, [listing("1", identifiers=imo)])
    stopped = bring(store, [listing("2", identifiers=imo), listing("3")], apply=False)
    with store.writing() as records:
        records.end_import(replace(stopped, state=ImportState.STOPPED, reason="too few rows"))
        assert [records.drop_staged(stopped.id, 2) for _ in range(3)] == [2, 0, 0]
        assert records.drop_staged(applied.id, 9) == 0
    with store.reading() as records:
        assert records.listing(LIST, "1")
        found = records.list_import(stopped.id)
        assert found
        assert (found.state, found.reason) == (ImportState.STOPPED, "too few rows")
        last = records.last_import(LIST)
        assert last
        assert last.id == applied.id
        assert [one.id for one in records.list_imports(LIST)] == [stopped.id, applied.id]


def test_a_baseline_is_told_to_nobody_and_later_changes_once(store: SqlStore) -> None:
    bring(store, [listing("1")])
    with store.reading() as records:
        assert records.imports_to_tell() == ()
    second = bring(store, [listing("2")], at=NOW + DAY)
    with store.writing() as records:
        assert records.imports_to_tell() == (second.id,)
        assert records.mark_told(second.id, NOW)
        assert not records.mark_told(second.id, NOW)
        assert records.imports_to_tell() == ()


def test_states_are_remembered(store: SqlStore) -> None:
    state = ListState(LIST, (ListFileState("sdn.csv", 'W/"x"', "Tue", "aa"),), NOW, failures=2, stopped="why")
    with store.writing() as records:
        records.save_list_state(state)
    with store.reading() as records:
        assert records.list_states() == {LIST: state}


def test_text_that_no_database_takes_is_kept_as_far_as_it_goes(store: SqlStore) -> None:
    bring(store, [listing("1", "Nul\0 and half a pair \ud800", identifiers=(Identifier("taxNumber", "1\0\ud800"),))])
    with store.reading() as records:
        found = records.listing(LIST, "1")
        assert found
        assert found.listing.caption.startswith("Nul")
