"""Times of the processor, which a busy machine blurs less: each text is timed alone, ours and the peer's in turns."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from statistics import fmean, median
from typing import Any, NamedTuple, TypeVar

Value = TypeVar("Value")


class Times(NamedTuple):
    """Milliseconds."""

    mean: float
    median: float


def milliseconds(work: Callable[[], Any]) -> float:
    started = time.process_time()
    work()
    return (time.process_time() - started) * 1000


def times(work: Callable[[Value], Any], values: Iterable[Value]) -> Times:
    taken = [milliseconds(lambda value=value: work(value)) for value in values]  # type: ignore[misc]
    return Times(fmean(taken), median(taken))


def in_turns(works: Iterable[Callable[[Value], Any]], values: Iterable[Value]) -> list[Times]:
    """The times of several ways to do the same."""
    each = list(works)
    taken: list[list[float]] = [[] for _ in each]
    for value in values:
        for work, row in zip(each, taken, strict=True):
            row.append(milliseconds(lambda work=work, value=value: work(value)))  # type: ignore[misc]
    return [Times(fmean(row), median(row)) for row in taken]
