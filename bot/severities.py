"""How much an event matters to a chat, and why: new on somebody tracked by name > on somebody close to such a one >
other verdicts."""

from __future__ import annotations

from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from bot.model import Event, Severity, Tie, Verdict

SURE = 0.7  # confidence


@dataclass(frozen=True, slots=True)
class Severe:
    severity: Severity
    reason: str


@dataclass(frozen=True, slots=True)
class Seen:
    """An event as a chat sees it: whom the chat asked for by name, the ties by which alone it is told."""

    event: Event
    focus: frozenset[str]
    ties: tuple[Tie, ...]
    severe: Severe

    @property
    def severity(self) -> Severity:
        return self.severe.severity


def decide_severity(event: Event, focus: AbstractSet[str], ties: Sequence[Tie]) -> Severe:
    """HIGH: somebody tracked is new, and surely; MEDIUM: less surely, or only somebody close is; LOW: every other
    verdict. `focus`: the targets that the chat asked for by name, if any; `ties`: those by which alone it is told."""
    if event.kind is not Verdict.NEW_SANCTIONS:
        return Severe(Severity.LOW, f"{event.kind.words}, nobody is newly sanctioned")
    if ties:
        return Severe(Severity.MEDIUM, f"by adjacency, not named itself: {told_ties(ties)}")
    named = [target for target in event.targets if not focus or target.entity in focus] or list(event.targets)
    surest = max((target.confidence for target in named), default=0.0)
    if surest >= SURE:
        return Severe(Severity.HIGH, f"named itself, {surest:.0%} sure")
    return Severe(Severity.MEDIUM, f"only {surest:.0%} sure; from {SURE:.0%} on it would be high")


def told_ties(ties: Sequence[Tie]) -> str:
    """'Volga Shipping is owned by Harbour Holding, and 2 more such ties'"""
    told = list(dict.fromkeys(tie.told for tie in ties))
    more = len(told) - 1
    return told[0] + (f", and {more} more such tie{'s' if more > 1 else ''}" if more else "")
