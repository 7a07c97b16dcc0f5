"""What official lists say of events: an addition or removal is an act itself, an entry is a record of one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from bot.events.clustering import find_targets, place_report, with_step
from bot.events.reports import report_of
from bot.model import Article, Entity, Event, EventChange, EventRecord, EventStep, Judgement


def cluster_listed(
    article: Article,
    judgement: Judgement,
    entities: Mapping[str, Entity],
    known: Sequence[Event],
    now: datetime,
    records: Sequence[EventRecord],
) -> tuple[EventChange, ...]:
    """As `cluster`, of what an official list did: its additions and removals are the act itself. `records` are its
    entries on the targets, and stay with the event."""
    report = report_of(article, judgement, judgement.event) if judgement.event else None
    if report is None:
        return ()
    change = place_report(report, find_targets(report, entities), known, now)
    before = {event.key: event for event in known}
    base = change.event if change.opened or change.merged else before[change.event.key]
    told = add_records(base, records, now, change.reason)
    if told is None:
        return (change,)
    event = replace(change.event, records=told.event.records)
    if not change.opened:
        event = replace(event, revision=max(event.revision, told.event.revision), updated_at=now)
    return (
        replace(
            change,
            event=event,
            material=change.material or (told.material and not change.opened),
            added_records=() if change.opened else told.added_records,
        ),
    )


def add_records(
    event: Event, records: Sequence[EventRecord], now: datetime, reason: str, *, is_news: bool = True
) -> EventChange | None:
    """The event with what lists say of its targets; None if it says so already. Where a second list of one authority
    has the same target, or it `is_news` to nobody, nobody needs telling apart."""
    of_targets = {target.entity for target in event.targets} | {record.entity for record in records}
    fresh = [record for record in records if record.entity in of_targets and not _says(event, record)]
    if not fresh:
        return None
    kept = [old for old in event.records if not any(_replaces(new, old) for new in fresh)]
    news = [new for new in fresh if is_news and not any(_is_told_by(old, new) for old in event.records)]
    captions = {target.entity: target.caption for target in event.targets}
    step = EventStep(now, "; ".join(f"{captions.get(new.entity, new.entity)} {new.text}" for new in fresh))
    changed = replace(
        event,
        records=(*kept, *fresh),
        revision=event.revision + 1,
        updated_at=now,
        history=with_step(event.history, step),
    )
    return EventChange(changed, opened=False, material=bool(news), reason=reason, added_records=tuple(news))


def _says(event: Event, record: EventRecord) -> bool:
    if not record.uid:  # that it is on no list is said once, and not of what is on one
        return any((old.entity, old.authority) == (record.entity, record.authority) for old in event.records)
    return any(replace(old, at=record.at) == record for old in event.records)


def _replaces(new: EventRecord, old: EventRecord) -> bool:
    same = (new.entity, new.authority) == (old.entity, old.authority)
    return same and (not old.uid or (new.list, new.uid) == (old.list, old.uid))


def _is_told_by(old: EventRecord, new: EventRecord) -> bool:
    return bool(old.uid) and (old.entity, old.authority) == (new.entity, new.authority)
