"""Outbox rows are read together: those of one event need the same in most.

An alert comes as a job for each chat, dozens at a time. What is asked for while one look at the store is under way
shares the next: one transaction, and one answer to each question that several of them have."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Hashable, Mapping, Sequence
from typing import Any, Generic, TypeVar, cast

from bot.ports import Records

T = TypeVar("T")

MOST = 16  # rows of one look: the first must not wait for hundreds


class Looks(Generic[T]):
    """On one event loop."""

    def __init__(self) -> None:
        self._asked: list[tuple[int, asyncio.Future[T]]] = []
        self._looking: asyncio.Task[None] | None = None
        self._alone: set[int] = set()

    async def at(self, row: int, look: Callable[[Sequence[int]], Awaitable[Mapping[int, T]]]) -> T:
        """What `look` finds of a row. An error is that of all in the look; who asks again is looked at alone, so that
        one row that cannot be read does not hold up others."""
        answer: asyncio.Future[T] = asyncio.get_running_loop().create_future()
        self._asked.append((row, answer))
        if self._looking is None or self._looking.done():
            self._looking = asyncio.create_task(self._look(look))
        return await answer

    async def _look(self, look: Callable[[Sequence[int]], Awaitable[Mapping[int, T]]]) -> None:
        while self._asked:
            asked = self._next()
            rows = [row for row, _ in asked]
            try:
                found = await look(rows)
            except BaseException as error:
                self._alone.update(rows)
                for _, answer in asked:
                    if not answer.done():  # else whoever asked was cancelled
                        answer.set_exception(error if isinstance(error, Exception) else asyncio.CancelledError())
                if not isinstance(error, Exception):
                    raise
            else:
                for row, answer in asked:
                    if not answer.done():
                        answer.set_result(found[row])

    def _next(self) -> list[tuple[int, asyncio.Future[T]]]:
        if (first := self._asked[0][0]) in self._alone:
            self._alone.discard(first)
            return [self._asked.pop(0)]
        asked: list[tuple[int, asyncio.Future[T]]] = []
        later: list[tuple[int, asyncio.Future[T]]] = []
        for one in self._asked:
            (asked if len(asked) < MOST and one[0] not in self._alone else later).append(one)
        self._asked = later
        return asked


class Remembering:
    """The records of one transaction that only reads: a question that was asked before, or whose answer is `known`, is
    answered from memory."""

    def __init__(self, records: Records, known: Mapping[tuple[Hashable, ...], object]) -> None:
        self._records = records
        self._known = dict(known)

    def __getattr__(self, name: str) -> Callable[..., Any]:
        ask = getattr(self._records, name)

        def answer(*args: Any, **named: Any) -> Any:
            key: tuple[Hashable, ...] = (
                name,
                *map(_plain, args),
                *((one, _plain(named[one])) for one in sorted(named)),
            )
            if key not in self._known:
                self._known[key] = ask(*args, **named)
            return self._known[key]

        return answer


def _plain(value: Any) -> Hashable:
    if isinstance(value, set):
        return frozenset(value)
    return tuple(value) if isinstance(value, list) else cast(Hashable, value)


def remembering(records: Records, known: Mapping[tuple[Hashable, ...], object]) -> Records:
    return cast(Records, Remembering(records, known))
