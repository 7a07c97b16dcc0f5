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
from typing import ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")

AT_ONCE = 4  # a database over a network answers late: two would wait for it, and nobody would work


class Threads:
    """They are made as they are needed, and end with their owner."""

    def __init__(self, name: str) -> None:
        self._pool = ThreadPoolExecutor(AT_ONCE, thread_name_prefix=name)

    async def run(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """As asyncio.to_thread: in a thread, with the caller's context."""
        context = contextvars.copy_context()
        call = partial(context.run, function, *args, **kwargs)
        return await asyncio.get_running_loop().run_in_executor(self._pool, call)
