"""Which designations a relief eases or lifts: those of its targets that were told before, by the same authority.

Whether a chat was told of them is asked elsewhere; so is who asked for relief as such."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import timedelta

from bot.events.likeness import SAME_DAY_SLACK, acting_in, day_of
from bot.events.tellings import TOLD_FOR
from bot.model import Correction, Designation, Event, EventChange, Judgement, Tie, Verdict

MOST_EASED = 5  # designations of one target, the newest
# So long after a relief an article that tells no day is taken for one more report of it, be it in passing.
RETOLD_FOR = timedelta(days=30)


def find_eased(event: Event, known: Sequence[Event], floor: float) -> tuple[Designation, ...]:
    """The designations among the `known` events that a relief event eases or lifts, the newest first: on one of its
    targets, told of at least as surely as `floor`, not of another authority, of its day or before."""
    if event.kind is not Verdict.RELIEF or event.withdrawn or event.told_as or _is_old_news(event):
        return ()
    found: list[Designation] = []
    for target in event.targets:
        if target.confidence < floor or any(_told(other, event, target.entity) for other in known):
            continue
        eased = [one for one in known if _is_eased(one, event, target.entity)]
        eased.sort(key=lambda one: (day_of(one), one.opened_at), reverse=True)
        found += [_designation(one, target.entity) for one in eased[:MOST_EASED]]
    return tuple(sorted(found, key=lambda one: one.at, reverse=True))


def find_lost(before: Event, now: Event) -> tuple[Designation, ...]:
    """What a relief eases no more, as it proves to be of another authority's sanctions: nobody was said to act at
    first."""
    acting, kept = acting_in(now), {(one.event, one.entity) for one in now.eases}
    gone = (one for one in before.eases if (one.event, one.entity) not in kept)
    return tuple(one for one in gone if acting and acting.isdisjoint(one.authorities or acting))


def told_lost(lost: Iterable[Designation], now: Event) -> Correction:
    """What those are told who were told of these designations, and that they were eased."""
    keys, who = ", ".join(dict.fromkeys(one.event for one in lost)), "/".join(now.authorities or sorted(acting_in(now)))
    return Correction(f"{who} acted: what was told as event {keys} is not eased", "What that alert said still holds.")


def ties_of(eased: Iterable[Designation], known: Iterable[Event]) -> tuple[Tie, ...]:
    """Who was close to the targets when they were designated: they may have been told on that account alone."""
    which = {(one.event, one.entity) for one in eased}
    found = (tie for event in known for tie in event.ties if (event.key, tie.target) in which)
    return tuple({(tie.target, tie.entity): tie for tie in found}.values())


def may_ease(change: EventChange, judgement: Judgement) -> bool:
    """Whether an article that was read before tells relief of somebody whom the event designates: of two that come at
    once the relief may be read first."""
    if change.event.kind is not Verdict.NEW_SANCTIONS or change.event.review:
        return False
    return any(finding.entity in change.added_targets for finding in judgement.of(Verdict.RELIEF))


def _is_old_news(event: Event) -> bool:
    """Whether it was done long before any report of it: "X, which was taken off the list in March". What an official
    list did is news when the list is read."""
    reported = min(source.published_at for source in event.sources).date()
    return not event.records and reported - day_of(event) > TOLD_FOR


def _told(other: Event, event: Event, entity: str) -> bool:
    """Whether another relief event told what this one tells of a target: of the same days; or of the last weeks, if
    this one tells no day."""
    if other.kind is not Verdict.RELIEF or other.key == event.key or other.withdrawn or other.told_as:
        return False
    is_first = (other.opened_at, other.key) < (event.opened_at, event.key)
    if not is_first or not any(one.entity == entity for one in other.eases) or _are_apart(other, event):
        return False
    since = day_of(event) - day_of(other)
    has_day = event.acted_on is not None or bool(event.records)
    return abs(since) <= SAME_DAY_SLACK or (not has_day and since <= RETOLD_FOR)


def _is_eased(one: Event, event: Event, entity: str) -> bool:
    is_told = one.kind is Verdict.NEW_SANCTIONS and one.stands
    is_meant = any(target.entity == entity for target in one.targets) and not _are_apart(one, event)
    return is_told and is_meant and day_of(one) <= day_of(event)


def _are_apart(one: Event, other: Event) -> bool:
    """Whether two authorities acted; who is not named may be the same."""
    ours, theirs = acting_in(one), acting_in(other)
    return bool(ours and theirs) and ours.isdisjoint(theirs)


def _designation(event: Event, entity: str) -> Designation:
    first = next((source for source in event.sources if source.tells_of(entity)), event.sources[0])
    return Designation(entity, event.key, event.authorities, event.programme, event.opened_at, first.outlet, first.url)
