"""Whether who was reported is on the lists of the authorities that were said to act: what is looked up, and when."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.lists import OfficialList
from bot.model import Entity, Event, EventRecord, EventTarget, Verdict
from bot.ports import ListState

AWAITED_AFTER = timedelta(hours=24)
AWAITED_UNTIL = timedelta(days=10)  # an event is still looked after for so long


@dataclass(frozen=True, slots=True)
class Awaited:
    """A target that was reported and of which the event has no entry: the authority's lists that were read since, and
    whether 24 hours have passed."""

    event: str
    entity: Entity
    authority: str
    lists: tuple[OfficialList, ...]
    reported_at: datetime
    is_late: bool


def find_awaited(
    event: Event,
    lists: Mapping[str, OfficialList],
    states: Mapping[str, ListState],
    entities: Mapping[str, Entity],
    now: datetime,
) -> Iterator[Awaited]:
    """What is to be looked up on the lists for an event: each target, for each authority that has a list here which was
    read after the report."""
    if event.kind is not Verdict.NEW_SANCTIONS or event.withdrawn or event.review:
        return
    for authority in event.authorities:
        read_at = {
            key: state.last_success_at
            for key, official in lists.items()
            if official.authority == authority
            and (state := states.get(key))
            and state.last_success_at
            and not state.stopped
        }
        for target in event.targets:
            reported = target.joined_at or event.opened_at
            fresh = tuple(lists[key] for key, at in read_at.items() if at >= reported)
            late = reported + AWAITED_AFTER
            is_late = now >= late and all(at >= late for at in read_at.values())
            entity = entities.get(target.entity)
            if fresh and entity and not _has_record(event, target, authority):
                yield Awaited(event.key, entity, authority, fresh, reported, is_late)


def _has_record(event: Event, target: EventTarget, authority: str) -> bool:
    """That it is on no list is an answer too: the list's next change is told by itself."""
    return any((record.entity, record.authority) == (target.entity, authority) for record in event.records)


def awaited_record(question: Awaited, now: datetime) -> EventRecord:
    titles = " or the ".join(official.title for official in question.lists)
    hours = int(AWAITED_AFTER.total_seconds() // 3600)
    text = f"reported, but not found on the {titles} {hours} h later"
    return EventRecord(question.entity.key, question.lists[0].key, question.authority, "", text, now)
