"""Who is next at the gate of an account."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from bot.pacing import Line, Turns
from bot.platforms.patience import MOST, Patience, Turn


class Sender:
    """Messages that hold their turn until they are let go; `order` is how they got it."""

    def __init__(self) -> None:
        self.turns, self.order = Turns(), list[str]()
        self.go: dict[str, asyncio.Event] = {}

    def send(self, name: str, urgency: int, account: str = "telegram") -> asyncio.Task[None]:
        self.go[name] = asyncio.Event()

        async def send() -> None:
            async with self.turns.turn(account, urgency):
                self.order.append(name)
                await self.go[name].wait()

        return asyncio.create_task(send())


async def settle() -> None:
    for _ in range(5):
        await asyncio.sleep(0)


async def test_the_most_urgent_is_next_and_of_equals_who_came_first() -> None:
    sender = Sender()
    tasks = [sender.send(name, urgency) for name, urgency in (("a", 9), ("b", 9), ("c", 1), ("d", 9), ("e", 1))]
    for expected in ("a", "c", "e", "b", "d"):
        await settle()
        assert sender.order[-1] == expected
        sender.go[expected].set()
    await asyncio.gather(*tasks)
    assert sender.order == ["a", "c", "e", "b", "d"]


async def test_accounts_do_not_wait_for_each_other() -> None:
    sender = Sender()
    sender.send("a", 1)
    sender.send("b", 1, account="slack")
    await settle()
    assert sender.order == ["a", "b"]


@pytest.mark.parametrize("is_its_turn", [False, True])
async def test_whoever_is_cancelled_keeps_nobody(is_its_turn: bool) -> None:
    sender = Sender()
    first, second, third = (sender.send(name, 1) for name in ("a", "b", "c"))
    await settle()
    if is_its_turn:
        sender.go["a"].set()
        await first  # the turn was given to the second, who has not noticed yet
    second.cancel()
    sender.go["a"].set()
    await settle()
    assert sender.order[-1] == "c"
    sender.go["c"].set()
    await third
    again = sender.send("d", 1)
    await settle()
    assert sender.order[-1] == "d", "the line is open again"
    sender.go["d"].set()
    await again


async def test_a_turn_that_fails_ends() -> None:
    turns = Turns()
    with pytest.raises(RuntimeError):
        async with turns.turn("a", 1):
            raise RuntimeError
    async with asyncio.timeout(1), turns.turn("a", 1):
        pass


def test_the_next_moment_is_counted_as_the_gate_counts_it() -> None:
    line, every, now = Line(), timedelta(seconds=1), datetime(2026, 5, 1, tzinfo=UTC)
    free = []
    for seconds in (0, 1.1, 2.5, 9):  # after a long silence, a little late, more than a quarter late, after a silence
        line.passed(now + timedelta(seconds=seconds), every)
        free.append((line.free_at - now).total_seconds())
    assert free == [1, 2, 3.25, 10]


def test_who_asks_too_much_is_told_so_once_and_not_heard_until_the_minute_ends() -> None:
    now = [0.0]
    patience = Patience(clock=lambda: now[0])
    assert {patience.turn("ana") for _ in range(MOST)} == {Turn.ANSWER}
    assert [patience.turn("ana") for _ in range(3)] == [Turn.REFUSE, Turn.IGNORE, Turn.IGNORE]
    assert patience.turn("ben") is Turn.ANSWER
    now[0] = 60.0
    assert patience.turn("ana") is Turn.ANSWER
