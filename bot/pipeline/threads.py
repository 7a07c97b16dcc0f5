"""A few threads for the work of one kind of job.

The event loop's own pool has many, as a fetch or a judgement may take seconds. Statements take a millisecond, and wait
for one writer or for one processor: with many threads the interpreter changes between them more than it works. On two
cores a tenth of a message's cost went there (docs/performance.md). Judging articles takes the processor for a second
each: were a hundred that come at once to fill the loop's own pool, nobody would be answered until all are judged.
"""

from __future__ import annotations

import asyncio
import contextvars
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any, ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")

AT_ONCE = 4  # a database over a network answers late: two would wait for it, and nobody would work


class Threads:
    """They are made as they are needed, and end with their owner. `first_alone`: each function's first run is over
    before its others begin, as what it loads then (a model, word lists) each of them would load for itself."""

    def __init__(self, name: str, *, first_alone: bool = False) -> None:
        self._pool = ThreadPoolExecutor(AT_ONCE, thread_name_prefix=name)
        self._first_alone, self._first, self._ran = first_alone, asyncio.Lock(), set[Callable[..., Any]]()

    async def run(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """As asyncio.to_thread: in a thread, with the caller's context."""
        if self._first_alone and function not in self._ran:
            async with self._first:
                if function not in self._ran:
                    try:
                        return await self._run(function, *args, **kwargs)
                    finally:
                        self._ran.add(function)
        return await self._run(function, *args, **kwargs)

    async def _run(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        context = contextvars.copy_context()
        call = partial(context.run, function, *args, **kwargs)
        return await asyncio.get_running_loop().run_in_executor(self._pool, call)
