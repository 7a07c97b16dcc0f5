"""The threads of one kind of job."""

from __future__ import annotations

import asyncio
import time

from bot.pipeline.threads import Threads


async def test_the_first_run_of_a_function_is_over_before_its_others_begin() -> None:
    """A model that is loaded in it is loaded once."""
    began: list[float] = []
    ended: list[float] = []

    def read(_article: int) -> None:
        began.append(time.monotonic())
        time.sleep(0.05)
        ended.append(time.monotonic())

    threads = Threads("test", first_alone=True)
    await asyncio.gather(*(threads.run(read, article) for article in range(3)))
    assert min(began[1:]) >= ended[0], "the first runs alone"
    assert max(began[1:]) < min(ended[1:]), "the others run together"


async def test_a_first_run_that_fails_holds_up_nobody() -> None:
    def fail() -> None:
        raise ValueError

    threads = Threads("test", first_alone=True)
    outcomes = await asyncio.gather(*(threads.run(fail) for _ in range(3)), return_exceptions=True)
    assert [type(outcome) for outcome in outcomes] == [ValueError] * 3
