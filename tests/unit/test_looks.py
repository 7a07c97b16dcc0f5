"""Rows that are read together."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any, cast

import pytest

from bot.errors import StoreError
from bot.pipeline.looks import MOST, Looks, remembering
from bot.ports import Records


class Desk:
    """Reads slowly, and some rows not at all."""

    def __init__(self, *broken: int) -> None:
        self.broken, self.looks, self.read = set(broken), list[list[int]](), Looks[str]()

    async def look(self, rows: Sequence[int]) -> dict[int, str]:
        self.looks.append(list(rows))
        await asyncio.sleep(0)
        if self.broken & set(rows):
            raise StoreError("cannot be read")
        return {row: f"row {row}" for row in rows}

    async def ask(self, *rows: int) -> list[Any]:
        return await asyncio.gather(*(self.read.at(row, self.look) for row in rows), return_exceptions=True)


async def test_those_that_ask_during_a_look_share_the_next() -> None:
    desk = Desk()
    first = asyncio.create_task(desk.ask(1))
    await asyncio.sleep(0.01)
    assert await desk.ask(2, 3) == ["row 2", "row 3"]
    assert await first == ["row 1"]
    assert desk.looks == [[1], [2, 3]]


async def test_a_look_is_at_few() -> None:
    desk = Desk()
    await desk.ask(*range(2 * MOST + 1))
    assert [len(rows) for rows in desk.looks] == [MOST, MOST, 1]


async def test_a_row_that_cannot_be_read_holds_up_others_once() -> None:
    desk = Desk(2)
    assert [type(one) for one in await desk.ask(1, 2, 3)] == [StoreError] * 3
    again = await desk.ask(1, 2, 3, 4)
    assert [again[0], type(again[1]), *again[2:]] == ["row 1", StoreError, "row 3", "row 4"]


async def test_who_is_cancelled_leaves_the_others_theirs() -> None:
    desk = Desk()
    asked = [asyncio.create_task(desk.read.at(row, desk.look)) for row in (1, 2)]
    await asyncio.sleep(0)
    asked[0].cancel()
    assert await asked[1] == "row 2"
    with pytest.raises(asyncio.CancelledError):
        await asked[0]


def test_a_question_is_asked_once() -> None:
    class Asked:
        def __init__(self) -> None:
            self.questions: list[object] = []

        def look_alikes(self, entities: Sequence[str] | None = None) -> int:
            self.questions.append(entities)
            return len(self.questions)

    asked = Asked()
    records = cast(Any, remembering(cast(Records, asked), {("look_alikes", ("known",)): 0}))
    answers = [records.look_alikes(["a"]), records.look_alikes(["a"]), records.look_alikes(entities=["a"])]
    assert (answers, records.look_alikes(), records.look_alikes(["b"])) == ([1, 1, 2], 3, 4)
    assert records.look_alikes(["known"]) == 0
