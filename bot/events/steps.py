"""The steps of an event's history, as a person reads them: what came when, in words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from itertools import groupby

from bot.model import Event, EventStep

_MOST = 100
_JOINED, _NEW, _BY = " joined (", "); new: ", "); now also by "


def with_step(history: tuple[EventStep, ...], step: EventStep) -> tuple[EventStep, ...]:
    """The first step and the latest ones."""
    kept = (*history, step)
    return kept if len(kept) <= _MOST else (kept[0], *kept[-_MOST + 1 :])


def revised(event: Event, what: str, now: datetime) -> Event:
    """The event that was changed, one revision on, with the step that says what changed."""
    history = with_step(event.history, EventStep(now, what))
    return replace(event, revision=event.revision + 1, updated_at=now, history=history)


def told_elsewhere(event: Event, key: str, now: datetime) -> Event:
    """The event as one that event `key` tells of from now on."""
    return replace(event, told_as=key, revision=event.revision + 1, updated_at=now)


def told_join(outlet: str, added: str, authorities: Sequence[str], reason: str) -> str:
    """'Herald joined (same act: …); new: Ingosstrakh; now also by EU'"""
    new = f"; new: {added}" if added else ""
    by = f"; now also by {', '.join(authorities)}" if authorities else ""
    return f"{outlet}{_JOINED}{reason}){new}{by}"


def _is_plain_join(step: EventStep) -> bool:
    """Does it tell of one more report and of nothing new in it?"""
    return _JOINED in step.what and step.what.endswith(")") and _NEW not in step.what and _BY not in step.what


def fold_joins(history: Sequence[EventStep]) -> tuple[EventStep, ...]:
    """Of joins in a row that brought nothing but one more report, the first and how many more."""
    steps: list[EventStep] = []
    for is_plain, run in groupby(history, key=_is_plain_join):
        first, *more = run
        steps.append(first)
        if not is_plain or len(more) < 2:
            steps += more
            continue
        outlet = more[-1].what.partition(_JOINED)[0]
        steps.append(EventStep(more[-1].at, f"{len(more)} more reports joined by then, the last of {outlet}"))
    return tuple(steps)
