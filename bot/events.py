"""Findings of several outlets -> one Event: one real action, however many tell of it.

An article joins an event if kind and authority agree, the days agree, and there is evidence that both tell of the same
act: a tracked target in common, or the same programme with the same figures. Each answer carries its reason.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from bot.model import (
    Article,
    Entity,
    Event,
    EventChange,
    EventRecord,
    EventSource,
    EventTarget,
    Finding,
    Judgement,
    Verdict,
)

# Outlets write of an act for days; a law firm's post about a week later is still the same act if it names a target.
WINDOW = timedelta(days=10)
# The day of the act is told across time zones and by 'on Tuesday' read on the wrong side of midnight.
SAME_DAY_SLACK = timedelta(days=2)
COMMON_MENTIONS = 2
KEY_POINTS = 4
ADDED_KEY_POINTS = 2


@dataclass(frozen=True, slots=True)
class Report:
    """What one article says of one act."""

    article: Article
    kind: Verdict
    findings: tuple[Finding, ...]
    authorities: tuple[str, ...]
    programme: str | None
    acted_on: date | None
    counts: tuple[str, ...]
    key_points: tuple[str, ...]
    mentioned: frozenset[str] = frozenset()  # every tracked entity in the article, whatever is said of it

    @property
    def targets(self) -> frozenset[str]:
        return frozenset(finding.entity for finding in self.findings)

    @property
    def day(self) -> date:
        return self.acted_on or self.article.published_at.date()


def find_report(article: Article, judgement: Judgement, kind: Verdict = Verdict.NEW_SANCTIONS) -> Report | None:
    """The act an article reports, if it names a tracked target as newly sanctioned (or as `kind` says); else None."""
    findings = judgement.of(kind)
    if not findings:
        return None
    return Report(
        article=article,
        kind=kind,
        findings=findings,
        authorities=judgement.authorities,
        programme=judgement.programme,
        acted_on=judgement.acted_on,
        counts=judgement.counts,
        key_points=judgement.key_points,
        mentioned=frozenset(finding.entity for finding in judgement.findings),
    )


def cluster(
    article: Article,
    judgement: Judgement,
    entities: Mapping[str, Entity],
    known: Sequence[Event],
    now: datetime,
) -> EventChange | None:
    """Which event an article belongs to, and what it changes there; None if it reports no new sanctions on anyone
    tracked. `known` are the events of the last weeks, newest first."""
    report = find_report(article, judgement)
    return _place(report, find_targets(report, entities), known, now) if report else None


def cluster_review(
    article: Article,
    judgement: Judgement,
    entities: Mapping[str, Entity],
    alerts: Sequence[Event],
    reviews: Sequence[Event],
    floor: float,
    now: datetime,
) -> EventChange | None:
    """Which event for review an article belongs to: its targets are the findings that are no new sanctions, but may be
    with a probability of `floor` or more. None if there is none, or an alert has told of the same act on it."""
    doubtful = {
        finding.entity: finding
        for finding in judgement.findings
        if finding.verdict is not Verdict.NEW_SANCTIONS and finding.alert_odds >= floor > 0
    }
    supposed = tuple(
        replace(finding, verdict=Verdict.NEW_SANCTIONS, confidence=finding.alert_odds) for finding in doubtful.values()
    )
    report = find_report(article, replace(judgement, findings=supposed))
    if report is None:
        return None
    report = replace(report, mentioned=frozenset(finding.entity for finding in judgement.findings))
    told = {target.entity for event in alerts if join_reason(event, report) for target in event.targets}
    report = replace(report, findings=tuple(finding for finding in supposed if finding.entity not in told))
    targets = tuple(
        replace(target, verdict=doubtful[target.entity].verdict) for target in find_targets(report, entities)
    )
    change = _place(report, targets, reviews, now) if targets else None
    return replace(change, event=_for_review(change.event, article)) if change else None


def cluster_listed(
    article: Article,
    judgement: Judgement,
    entities: Mapping[str, Entity],
    known: Sequence[Event],
    now: datetime,
    records: Sequence[EventRecord],
) -> EventChange | None:
    """As `cluster`, of what an official list did: its additions and removals are the act itself. `records` are its
    entries on the targets, and stay with the event."""
    report = find_report(article, judgement, judgement.event) if judgement.event else None
    if report is None:
        return None
    change = _place(report, find_targets(report, entities), known, now)
    base = change.event if change.opened else next(event for event in known if event.key == change.event.key)
    told = add_records(base, records, now, change.reason)
    if told is None:
        return change
    if change.opened:
        return replace(change, event=replace(change.event, records=told.event.records))
    return replace(
        change,
        event=replace(change.event, records=told.event.records, revision=told.event.revision, updated_at=now),
        material=change.material or told.material,
        added_records=told.added_records,
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
    changed = replace(event, records=(*kept, *fresh), revision=event.revision + 1, updated_at=now)
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


def settle_reviews(alert: Event, reviews: Sequence[Event], now: datetime) -> tuple[Event, ...]:
    """The events for review of which an alert tells now: the question is answered, and its message is to say so."""
    return tuple(
        replace(review, told_as=alert.key, revision=review.revision + 1, updated_at=now)
        for review in reviews
        if not review.told_as and _tells_of(alert, review)
    )


def _tells_of(alert: Event, review: Event) -> bool:
    told = {target.entity for target in alert.targets}
    apart = alert.authorities and review.authorities and not set(alert.authorities) & set(review.authorities)
    return (
        all(target.entity in told for target in review.targets)
        and not apart
        and abs(_day(alert) - _day(review)) <= WINDOW
    )


def _for_review(event: Event, article: Article) -> Event:
    """An alert on the same article has a key of its own."""
    return event if event.review else replace(event, key=event_key(f"review:{article.key}", event.kind), review=True)


def _place(report: Report, targets: tuple[EventTarget, ...], known: Sequence[Event], now: datetime) -> EventChange:
    for event in known:
        if any(source.article == report.article.key for source in event.sources):
            return _join(event, report, targets, "the same article, judged again", now)
    candidates = [(reason, event) for event in known if (reason := join_reason(event, report))]
    if candidates:
        reason, event = max(candidates, key=lambda pair: _closeness(pair[1], report))
        return _join(event, report, targets, reason, now)
    return _open(report, targets, now)


def join_reason(event: Event, report: Report) -> str | None:
    """Why `report` tells of the same act as `event`, or None if it does not."""
    if event.withdrawn or event.kind is not report.kind:
        return None
    if event.authorities and report.authorities and not set(event.authorities) & set(report.authorities):
        return None
    if not _days_agree(event, report):
        return None
    common = {target.entity for target in event.targets} & report.targets
    if common:
        names = ", ".join(target.caption for target in event.targets if target.entity in common)
        return f"same act: {names} named by both, {_authorities(event.authorities)}, {_day(event)}"
    return _join_without_a_common_target(event, report)


def _join_without_a_common_target(event: Event, report: Report) -> str | None:
    """Outlets pick different names of a long list: one programme, one day, and figures or a name in common will do."""
    programmes = {event.programme, report.programme} - {None}
    if len(programmes) != 1 or abs(_day(event) - report.day) > SAME_DAY_SLACK:
        return None
    (programme,) = programmes
    same_figures = normalise_counts(report.counts) & normalise_counts(event.counts)
    if same_figures and event.programme == report.programme:
        return f"same act: {programme}, {', '.join(sorted(same_figures))}, {_day(event)}"
    if {target.entity for target in event.targets} & report.mentioned | report.targets & set(event.mentioned):
        return f"same act: {programme}, a target of one is mentioned by the other, {_day(event)}"
    if len(report.mentioned & set(event.mentioned)) >= COMMON_MENTIONS:
        return f"same act: {programme}, the same names are mentioned, {_day(event)}"
    return None


def normalise_counts(counts: Iterable[str]) -> frozenset[str]:
    """'Ten entities' and '10 entities' are one figure: ("10 entities")."""
    return frozenset(_normalise_count(count) for count in counts)


_NUMBER_WORDS = {
    word: str(value)
    for value, word in enumerate(
        "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen "
        "seventeen eighteen nineteen twenty".split()
    )
}


def _normalise_count(count: str) -> str:
    words = re.sub(r"[^\w ]", " ", count.casefold()).split()
    return " ".join(_NUMBER_WORDS.get(word, word) for word in words)


def _days_agree(event: Event, report: Report) -> bool:
    if event.acted_on and report.acted_on:
        return abs(event.acted_on - report.acted_on) <= SAME_DAY_SLACK
    return abs(_day(event) - report.day) <= WINDOW


def _day(event: Event) -> date:
    return event.acted_on or min(source.published_at for source in event.sources).date()


def _authorities(authorities: Sequence[str]) -> str:
    return "/".join(authorities) or "authority not told"


def _closeness(event: Event, report: Report) -> tuple[int, int, int, float]:
    common = {target.entity for target in event.targets} & report.targets
    return (
        len(common),
        int(event.programme is not None and event.programme == report.programme),
        -abs((_day(event) - report.day).days),
        event.updated_at.timestamp(),
    )


def find_targets(report: Report, entities: Mapping[str, Entity]) -> tuple[EventTarget, ...]:
    """The report's findings as an event keeps them, surest first."""
    targets = [
        EventTarget(
            entity=finding.entity,
            caption=entities[finding.entity].caption if finding.entity in entities else finding.entity,
            verdict=finding.verdict,
            confidence=finding.confidence,
            evidence=finding.evidence,
            surface=finding.mentions[0].surface if finding.mentions else "",
            url=report.article.url,
            outlet=report.article.outlet,
        )
        for finding in report.findings
    ]
    return tuple(sorted(targets, key=lambda target: -target.confidence))


def event_key(article_key: str, kind: Verdict) -> str:
    """Short enough for a button and for a person to type; the same for the same article, so a replay opens none."""
    return hashlib.sha256(f"{kind}:{article_key}".encode()).hexdigest()[:8]


def _source(report: Report, now: datetime) -> EventSource:
    article = report.article
    return EventSource(
        article=article.key,
        url=article.url,
        outlet=article.outlet,
        title=article.title,
        tier=article.tier,
        published_at=article.published_at,
        joined_at=now,
        key_points=report.key_points,
    )


def _open(report: Report, targets: tuple[EventTarget, ...], now: datetime) -> EventChange:
    event = Event(
        key=event_key(report.article.key, report.kind),
        kind=report.kind,
        authorities=report.authorities,
        programme=report.programme,
        acted_on=report.acted_on,
        opened_at=now,
        updated_at=now,
        targets=targets,
        sources=(_source(report, now),),
        key_points=report.key_points[:KEY_POINTS],
        counts=report.counts,
        mentioned=tuple(sorted(report.mentioned)),
    )
    added = tuple(target.entity for target in targets)
    return EventChange(event, opened=True, material=True, reason="first report of this act", added_targets=added)


def _join(event: Event, report: Report, targets: tuple[EventTarget, ...], reason: str, now: datetime) -> EventChange:
    known = {target.entity for target in event.targets}
    added = tuple(target for target in targets if target.entity not in known)
    new_authorities = tuple(a for a in report.authorities if a not in event.authorities)
    again = any(source.article == report.article.key for source in event.sources)
    joined = replace(
        event,
        authorities=event.authorities + new_authorities,
        programme=event.programme or report.programme,
        acted_on=event.acted_on or report.acted_on,
        targets=event.targets + added,
        sources=event.sources if again else (*event.sources, _source(report, now)),
        key_points=event.key_points + _added_key_points(event, report, added),
        counts=tuple(dict.fromkeys(event.counts + report.counts)),
        mentioned=tuple(sorted({*event.mentioned, *report.mentioned})),
    )
    if joined == event:
        return EventChange(event, opened=False, material=False, reason=f"{reason}; nothing new")
    return EventChange(
        replace(joined, revision=event.revision + 1, updated_at=now),
        opened=False,
        material=bool(added) or bool(new_authorities and event.authorities),
        reason=reason,
        added_targets=tuple(target.entity for target in added),
        added_authorities=new_authorities if event.authorities else (),
    )


def _added_key_points(event: Event, report: Report, added: Sequence[EventTarget]) -> tuple[str, ...]:
    """What a later outlet adds: its points that name a new target or give another figure, under its name, so that
    outlets that disagree keep their figures apart."""
    told = " ".join(event.key_points)
    room = KEY_POINTS + ADDED_KEY_POINTS - len(event.key_points)
    fresh = [
        f"{report.article.outlet}: {point}"
        for point in report.key_points
        if any(target.surface and target.surface in point for target in added) or _figures(point) - _figures(told)
    ]
    return tuple(fresh[: max(room, 0)])[:ADDED_KEY_POINTS]


def _figures(text: str) -> frozenset[str]:
    return frozenset(re.findall(r"\d[\d.,]*\d|\d", text))
