"""An event, or one of its targets, proved wrong, or right after all: what is left of it, what its readers are told."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from bot.events.steps import revised
from bot.model import Correction, Event, Tie, Withdrawal, WithdrawnTarget

GONE = "What the alert said no longer holds."
HOLDS = "The alert holds after all."


def withdraw(event: Event, reason: str, by: str, now: datetime) -> Event:
    """The event as one that proved wrong: its messages are struck through, never deleted; nothing joins it."""
    withdrawal = Withdrawal(by, reason, now)
    return revised(replace(event, withdrawn=True, withdrawal=withdrawal), withdrawal.said, now)


def restore(event: Event, by: str, now: datetime) -> Event:
    """Undoes `withdraw`."""
    return revised(replace(event, withdrawn=False, withdrawal=None), f"restored by {by}", now)


def withdraw_all(event: Event, reason: str, by: str, now: datetime) -> tuple[Event, Correction]:
    changed = withdraw(event, reason, by, now)
    return changed, Correction(_told(changed), GONE)


def restore_all(event: Event, by: str, now: datetime) -> tuple[Event, Correction]:
    changed = restore(event, by, now)
    return changed, Correction(_told(changed), HOLDS)


def withdraw_target(event: Event, entity: str, reason: str, by: str, now: datetime) -> tuple[Event, Correction]:
    """Without one target: it counts no more for headline and severity, and no article brings it back. The last one that
    is left takes the whole event with it."""
    if all(target.entity == entity for target in event.targets):
        return withdraw_all(event, reason, by, now)
    target = next(one for one in event.targets if one.entity == entity)
    place, ties = event.ever_targets.index(target), _ties_of(event, entity)
    what = f"{target.caption} withdrawn by {by}" + (f": {reason}" if reason else "")
    left = tuple(one for one in event.targets if one.entity != entity)
    changed = replace(
        event,
        targets=left,
        withdrawn_targets=(*event.withdrawn_targets, WithdrawnTarget(target, reason, by, now, place, ties)),
    )
    return revised(changed, what, now), Correction(
        what, f"What the alert said of {target.caption} no longer holds; the rest does.", entity
    )


def in_parts(event: Event) -> Event:
    """An event that was withdrawn as a whole as one of which each target was: so one of them can be restored. Nobody is
    shown it as it is, as nothing is left of it."""
    if not event.withdrawn:
        return event
    why = event.withdrawal or Withdrawal("somebody", "", event.updated_at)
    gone = [
        WithdrawnTarget(target, why.reason, why.by, why.at, place, ties=_ties_of(event, target.entity))
        for place, target in enumerate(event.ever_targets)
        if target in event.targets
    ]
    return replace(
        event,
        withdrawn=False,
        withdrawal=None,
        targets=(),
        ties=(),
        withdrawn_targets=(*event.withdrawn_targets, *gone),
    )


def _ties_of(event: Event, entity: str) -> tuple[Tie, ...]:
    return tuple(tie for tie in event.ties if tie.target == entity)


def restore_target(event: Event, entity: str, by: str, now: datetime, reason: str = "") -> tuple[Event, Correction]:
    """Undoes `withdraw_target`: it stands where it was told first. Two names that became one may be there already, as
    the other."""
    gone = next(one for one in event.withdrawn_targets if one.target.entity == entity)
    is_there = any(one.entity == entity for one in event.targets)
    stand = event.targets if is_there else (*event.targets, gone.target)
    what = f"{gone.target.caption} restored by {by}" + (f": {reason}" if reason else "")
    changed = replace(
        event,
        targets=tuple(one for one in event.ever_targets if one in stand),
        withdrawn_targets=tuple(one for one in event.withdrawn_targets if one is not gone),
    )
    return revised(changed, what, now), Correction(
        what, f"What the alert said of {gone.target.caption} holds after all.", entity
    )


def _told(event: Event) -> str:
    said = event.history[-1].what
    return said[:1].upper() + said[1:]
