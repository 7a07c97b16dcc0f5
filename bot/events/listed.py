"""What official lists say of events: an addition or removal is an act itself, an entry is a record of one."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from bot.events.clustering import (
    as_changed,
    find_targets,
    join_event,
    only,
    place_report,
    with_change,
)
from bot.events.likeness import LATE, WINDOW, acting_in, day_of, may_be_one
from bot.events.reports import Report, report_of
from bot.events.steps import revised
from bot.events.withdrawing import in_parts, restore_target
from bot.model import Article, Entity, Event, EventChange, EventRecord, Judgement, Restored


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
    whole = report_of(article, judgement, judgement.event) if judgement.event else None
    restored = {event.key: _confirmed(event, records, now) for event in known if whole and _may_confirm(whole, event)}
    known = [restored[event.key][-1].event if restored.get(event.key) else event for event in known]
    changes: dict[str, EventChange] = {}
    as_known, events = {event.key: event for event in known}, known
    for report, awaiting in _parted(whole, known) if whole else ():
        targets = find_targets(report, entities)
        if awaiting:  # each event once, and before any is placed
            change = join_event(awaiting, report, targets, "the entry that it awaited", now)
        else:
            change = place_report(report, targets, events, now, is_first=not changes, before=as_known)
        own = [record for record in records if record.entity in report.targets]
        if not change.event.withdrawn:  # what only repeats what was withdrawn is no news of it
            change = _with_records(change, events, own, now)
        changes, events = with_change(changes, change), as_changed(events, change)
    return tuple(_with_restored(change, restored.get(key, ())) for key, change in changes.items())


def _parted(report: Report, known: Sequence[Event]) -> Iterable[tuple[Report, Event | None]]:
    """The report, less the entries that belong to what was reported days before. An entry that tells no day has that of
    the reading, which may come long after the act."""
    open_ = report.targets if report.acted_on is None else frozenset()
    for event in sorted(known, key=day_of, reverse=True):
        awaited = frozenset(entity for entity in open_ if _awaits(event, entity, report))
        if awaited and report.day - day_of(event) >= LATE:
            yield only(report, awaited), event
            report = only(report, report.targets - awaited)
        open_ -= awaited
    if report.findings:
        yield report, None


def _awaits(event: Event, entity: str, report: Report) -> bool:
    """Whether the entry of a target is what is still to come of an event, or came with this very reading."""
    if event.withdrawn or event.told_as or entity not in {target.entity for target in event.targets}:
        return False
    acting = acting_in(event) & set(report.authorities)
    if event.kind is not report.kind or not acting or abs(report.day - day_of(event)) > WINDOW:
        return False
    is_here = any(source.article == report.article.key for source in event.sources)
    return is_here or not any(old.uid and old.entity == entity and old.authority in acting for old in event.records)


def _may_confirm(report: Report, event: Event) -> bool:
    """Whether the entries of a report are of an event's act, one that was withdrawn as a whole too."""
    return not event.told_as and may_be_one(event, report) and not acting_in(event).isdisjoint(report.authorities)


def _confirmed(event: Event, records: Sequence[EventRecord], now: datetime) -> tuple[Restored, ...]:
    """The targets that were withdrawn and that a list has since: there is no stronger confirmation. An entry that the
    event had before confirms none: whoever withdrew the target saw it. Of an event that was withdrawn as a whole, what
    no list has stays so."""
    event = in_parts(event)
    restored: list[Restored] = []
    for key in [one.target.entity for one in event.withdrawn_targets]:
        entries = [one for one in records if one.entity == key and one.uid]
        fresh = [one for one in entries if not any(_is_told_by(old, one) for old in event.records)]
        if fresh:
            event, correction = restore_target(event, key, "an official list", now, fresh[0].text)
            restored.append(Restored(event, correction))
    return tuple(restored)


def _with_restored(change: EventChange, restored: tuple[Restored, ...]) -> EventChange:
    """What restored a target is told with that, not once more."""
    told = {one.correction.target for one in restored}
    news = tuple(record for record in change.added_records if record.entity not in told)
    return replace(change, added_records=news, restored=restored) if restored else change


def _with_records(
    change: EventChange, known: Sequence[Event], records: Sequence[EventRecord], now: datetime
) -> EventChange:
    before = {event.key: event for event in known}
    base = change.event if change.opened or change.merged else before[change.event.key]
    told = add_records(base, records, now, change.reason)
    if told is None:
        return change
    event = replace(change.event, records=told.event.records)
    if not change.opened:
        event = replace(event, revision=max(event.revision, told.event.revision), updated_at=now)
    return replace(
        change,
        event=event,
        material=change.material or (told.material and not change.opened),
        added_records=() if change.opened else told.added_records,
    )


def add_records(
    event: Event, records: Sequence[EventRecord], now: datetime, reason: str, *, is_news: bool = True
) -> EventChange | None:
    """The event with what lists say of its targets, and with those that they confirm; None if it says so already. Where
    a second list of one authority has the same target, or it `is_news` to nobody, nobody needs telling apart."""
    restored = _confirmed(event, records, now) if is_news else ()
    event = restored[-1].event if restored else event
    of_targets = {target.entity for target in event.targets} | {record.entity for record in records}
    fresh = [record for record in records if record.entity in of_targets and not _says(event, record)]
    if not fresh:
        return None
    kept = [old for old in event.records if not any(_replaces(new, old) for new in fresh)]
    news = [new for new in fresh if is_news and not any(_is_told_by(old, new) for old in event.records)]
    captions = {target.entity: target.caption for target in event.targets}
    told = "; ".join(f"{captions.get(new.entity, new.entity)} {new.text}" for new in fresh)
    changed = revised(replace(event, records=(*kept, *fresh)), told, now)
    change = EventChange(changed, opened=False, material=bool(news), reason=reason, added_records=tuple(news))
    return _with_restored(change, restored)


def _says(event: Event, record: EventRecord) -> bool:
    if not record.uid:  # that it is on no list is said once, and not of what is on one
        return any((old.entity, old.authority) == (record.entity, record.authority) for old in event.records)
    return any(replace(old, at=record.at) == record for old in event.records)


def _replaces(new: EventRecord, old: EventRecord) -> bool:
    same = (new.entity, new.authority) == (old.entity, old.authority)
    return same and (not old.uid or (new.list, new.uid) == (old.list, old.uid))


def _is_told_by(old: EventRecord, new: EventRecord) -> bool:
    return bool(old.uid) and (old.entity, old.authority) == (new.entity, new.authority)
