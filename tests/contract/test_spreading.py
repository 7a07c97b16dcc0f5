"""An event that many chats follow, on SQLite and PostgreSQL: in the queue a part at a time, in order, all of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from bot.model import ChatKey, Delivery, DeliveryKind, DeliveryState
from bot.ports import JobFunction, Records
from bot.spreading import AT_ONCE, LAST_RANK, RANKED, Spreading
from bot.storage import SqlStore

NOW = datetime(2026, 3, 5, 12, tzinfo=UTC)
MANY = 2 * AT_ONCE + 10


class Desk:
    """An engine that keeps what it is given; `ranks` are those of the rows whose jobs were put, by id."""

    def __init__(self, store: SqlStore) -> None:
        self.store = store
        self.jobs: dict[str, tuple[Mapping[str, Any], datetime | None]] = {}
        self.ranks: dict[int, int] = {}
        self.spreading = Spreading(store, self, self.put_row, lambda: NOW)  # type: ignore[arg-type]
        self.spreading.register()

    def job(self, name: str, *, queue: str, tries: int) -> Callable[[JobFunction], JobFunction]:
        assert (name, queue) == ("spread", "match")
        return lambda function: function

    def put(
        self, _records: Records, job: str, key: str, args: Mapping[str, Any], *, not_before: datetime | None
    ) -> None:
        assert job == "spread"
        self.jobs.setdefault(key, (args, not_before))

    def put_row(self, _records: Records, row: Delivery, rank: int) -> None:
        self.ranks.setdefault(row.id, rank)

    def add(self, event: str, *chats: int, kind: DeliveryKind = DeliveryKind.ALERT) -> list[int]:
        """Rows, spread; their ids."""
        with self.store.writing() as records:
            rows = records.add_deliveries(event, [(chat(number), kind, "") for number in chats], 1, NOW)
            self.spreading.put(records, rows)
        return [row.id for row in rows]

    def settle(self, *ids: int, state: DeliveryState = DeliveryState.SENT) -> None:
        with self.store.writing() as records:
            for number in ids:
                records.settle_delivery(number, state, NOW)

    async def run_last(self) -> datetime | None:
        """Run the job that was put last; when it was to run at the earliest."""
        args, not_before = list(self.jobs.values())[-1]
        await self.spreading.spread(**args)
        return not_before


def chat(number: int) -> ChatKey:
    return ChatKey("telegram", f"{number:04d}")


@pytest.fixture
def desk(store: SqlStore) -> Desk:
    return Desk(store)


def test_rows_are_added_once_and_in_order(store: SqlStore) -> None:
    what = [(chat(number), DeliveryKind.ALERT, f"note {number}") for number in range(1_500)]
    with store.writing() as records:
        rows = records.add_deliveries("e", what[:1_200], 1, NOW)
        assert [(row.chat, row.note) for row in rows] == [(key, note) for key, _, note in what[:1_200]]
        assert [row.id for row in rows] == sorted(row.id for row in rows)
        assert {row.state for row in rows} == {DeliveryState.WAITING}
        more = records.add_deliveries("e", what, 1, NOW)
        assert [row.chat for row in more] == [key for key, _, _ in what[1_200:]], "those that are there stay"
        assert records.add_deliveries("e", [], 1, NOW) == ()
        assert records.delivery(rows[3].id) == rows[3]


def test_a_few_are_put_at_once(desk: Desk) -> None:
    ids = desk.add("e", *range(AT_ONCE))
    assert list(desk.ranks) == ids
    assert desk.jobs == {}
    assert set(desk.ranks.values()) == set(range(LAST_RANK))
    assert desk.ranks[ids[RANKED - 1]] == 0
    assert desk.ranks[ids[RANKED]] == 1


async def test_many_are_put_as_others_are_sent(desk: Desk) -> None:
    ids = desk.add("e", *range(MANY))
    assert list(desk.ranks) == ids[:AT_ONCE]
    await desk.run_last()
    assert len(desk.ranks) == AT_ONCE, "there is no room yet"
    desk.settle(*ids[:20])
    assert await desk.run_last() == NOW + timedelta(seconds=0.5), "nothing was put: it is looked again in a moment"
    assert list(desk.ranks) == ids[: AT_ONCE + 20]
    assert {desk.ranks[number] for number in ids[AT_ONCE : AT_ONCE + 20]} == {LAST_RANK}
    desk.settle(*ids[20 : AT_ONCE + 20])
    await desk.run_last()
    assert list(desk.ranks) == ids[: 2 * AT_ONCE + 20][:MANY]
    left = len(desk.jobs)
    desk.settle(*ids[AT_ONCE + 20 : MANY])
    if len(desk.ranks) < MANY:
        await desk.run_last()
    assert list(desk.ranks) == ids
    assert len(desk.jobs) <= left + 1, "the chain ends"


async def test_a_job_that_runs_twice_leaves_nobody_out(desk: Desk) -> None:
    ids = desk.add("e", *range(MANY))
    desk.settle(*ids[:AT_ONCE])
    args = next(iter(desk.jobs.values()))[0]
    for _ in range(2):
        await desk.spreading.spread(**args)
    assert set(ids[: 2 * AT_ONCE]) <= desk.ranks.keys()
    desk.settle(*ids[AT_ONCE : 2 * AT_ONCE])
    await desk.run_last()
    assert set(ids) == desk.ranks.keys()


async def test_those_that_wait_for_a_later_try_hold_up_nobody(desk: Desk, store: SqlStore) -> None:
    ids = desk.add("e", *range(MANY))
    with store.writing() as records:
        for number in ids[:AT_ONCE]:
            records.release_delivery(number, "a pause was asked for", NOW + timedelta(minutes=5), 0)
    await desk.run_last()
    assert list(desk.ranks) == ids[: 2 * AT_ONCE]


async def test_what_waits_behind_a_failing_message_of_its_chat_holds_up_nobody(desk: Desk, store: SqlStore) -> None:
    """A platform is down: its chats, which come first, wait for the next try of what went before."""
    before = desk.add("before", *range(AT_ONCE))
    with store.writing() as records:
        for number in before:
            records.release_delivery(number, "the platform is down", NOW + timedelta(hours=1), 0)
    ids = desk.add("e", *range(MANY))
    await desk.run_last()
    assert [number for number in desk.ranks if number in ids] == ids[: 2 * AT_ONCE]
    with store.reading() as records:
        assert records.count_due("e", ids[AT_ONCE], NOW) == 1
        assert records.count_due("e", ids[-1], NOW) == MANY - AT_ONCE
        assert records.count_due("e", ids[-1], NOW + timedelta(hours=1)) == MANY, "its time has come"
    with store.writing() as records:
        records.release_delivery(ids[-1], "a later one", NOW + timedelta(hours=1), 0)
        records.begin_attempt(before[0], NOW)
    with store.reading() as records:
        assert records.count_due("e", ids[-2], NOW) == MANY - AT_ONCE, "the first goes on, the last waits"
    desk.settle(*before)
    with store.reading() as records:
        assert records.count_due("e", ids[-1], NOW) == MANY - 1


async def test_what_was_settled_meanwhile_is_not_put(desk: Desk) -> None:
    ids = desk.add("e", *range(MANY))
    desk.settle(*ids[:AT_ONCE])
    desk.settle(*ids[AT_ONCE:], state=DeliveryState.SKIPPED)
    await desk.run_last()
    assert list(desk.ranks) == ids[:AT_ONCE]
    assert len(desk.jobs) == 1, "nothing is left"


async def test_a_chat_hears_of_events_in_their_order(desk: Desk) -> None:
    """Another event comes while a large one is not all in the queue: what waits of it for the same chat goes first."""
    large = desk.add("large", *range(MANY))
    late = MANY - 1
    other = desk.add("other", late, 9_000)
    assert list(desk.ranks)[AT_ONCE:] == [large[late], *other]
    assert desk.ranks[large[late]] == 0, "as soon as what it must come before"
    third = desk.add("third", *range(MANY - 2, MANY + 2))
    assert list(desk.ranks)[AT_ONCE + 3 :] == [large[late - 1], *third]
