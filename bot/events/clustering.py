"""Reports -> events: which act each tells of, what it adds there, and whether readers need telling apart.

Each answer carries its reason.
"""

from __future__ import annotations

import hashlib
import re
import sys
from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import replace
from datetime import datetime, timedelta

from bot.bullets import MAX_BULLETS
from bot.events.copies import told_in_vain
from bot.events.figures import find_rough
from bot.events.known import RECENT
from bot.events.lead_ins import find_lead_in
from bot.events.likeness import JOINED as JOINED_FROM
from bot.events.likeness import (
    SAME_DAY_SLACK,
    WINDOW,
    Likeness,
    Rarity,
    acting_in,
    compare,
    day_of,
    days_agree,
    join_reason,
    may_be_one,
    merge_reason,
    normalise_counts,
)
from bot.events.reports import Report, count_named, find_reports, near_in, places_of
from bot.events.steps import revised, told_elsewhere, told_join, with_step
from bot.events.tellings import is_told_by, telling_reason, told_targets
from bot.links import normalise_link
from bot.model import (
    CONFIRMED,
    Article,
    Entity,
    Event,
    EventChange,
    EventSource,
    EventStep,
    EventTarget,
    Finding,
    Judgement,
    Tier,
    Verdict,
    WithdrawnTarget,
)
from bot.text.folding import fold_key

ADDED_KEY_POINTS = 2
_SURE = 0.9  # from here on no target is told before another for being surer
JUDGED_AGAIN = "the same article, judged again"
REPEATED = "it repeats what was withdrawn"
LONG_KEY = 12  # hexadecimal digits
MOST_NAMES = 150  # of an event: its first sources tell best what it is


def cluster(
    article: Article,
    judgement: Judgement,
    entities: Mapping[str, Entity],
    known: Sequence[Event],
    now: datetime,
    kinds: AbstractSet[Verdict] = frozenset(),
) -> tuple[EventChange, ...]:
    """Which events an article belongs to, and what it changes there, the one it tells most of first; () if it reports
    no new sanctions on anyone tracked, nor anything of the other `kinds`. The kind is part of what an event is: an
    article may be part of several. `known` are the events of the last weeks, newest first."""
    changes: dict[str, EventChange] = {}
    events = list(known)
    as_known = {event.key: event for event in known}
    for whole in _told_before(find_reports(article, judgement, kinds), known):
        for report in _told_apart(whole, [as_known.get(event.key, event) for event in events], judgement):
            is_first = not any(change.event.kind is report.kind for change in changes.values())
            change = place_report(
                report, find_targets(report, entities), events, now, is_first=is_first, before=as_known
            )
            if not change.opened and _is_in_passing(report, change, changes.values()):
                continue
            changes = with_change(changes, change)
            events = as_changed(events, change)
    own = {target.entity for change in changes.values() for target in change.event.targets}
    told = tuple(changes)
    for event in events:
        if event.key not in changes and (attached := _attach(event, article, judgement, entities, own, now)):
            changes[event.key] = attached
    if len(changes) == 1:
        return tuple(changes.values())
    narrowed = (_narrowed(change, as_known, article, judgement) for change in changes.values())
    if len(told) < 2:  # the others are told in passing: its points are of the one, but for those that name theirs
        others = frozenset(target.entity for key in changes.keys() - told for target in changes[key].event.targets)
        return tuple(_without_points_of(others, change, as_known, judgement) for change in narrowed)
    return tuple(_with_own_points(one, as_known, article, judgement, head=one.event.key == told[0]) for one in narrowed)


def _without_points_of(
    others: AbstractSet[str], change: EventChange, before: Mapping[str, Event], judgement: Judgement
) -> EventChange:
    """A change of a known event, without the key points that tell of another act: "On 15 October the UK listed …"."""
    if change.event.key not in before:
        return change
    kept = _known_points(change, before)
    theirs = others - {target.entity for target in change.event.targets}
    surfaces = {at.surface for one in judgement.findings if one.entity in theirs for at in one.mentions}
    points = tuple(
        point for point in change.event.key_points if point in kept or not any(name in point for name in surfaces)
    )
    return replace(change, event=replace(change.event, key_points=points))


def _known_points(change: EventChange, before: Mapping[str, Event]) -> set[str]:
    return {point for one in (before.get(change.event.key), *change.merged) if one for point in one.key_points}


def _with_own_points(
    change: EventChange, before: Mapping[str, Event], article: Article, judgement: Judgement, *, head: bool
) -> EventChange:
    """A change by a round-up, with those of its key points alone that stand in the paragraphs of the targets, or name
    one; with `head` also those of its head, but for what names others: "a broker agreed to pay £2.1m" is no part."""
    targets = {target.entity for target in change.event.targets}
    named = [at for one in judgement.findings if one.entity in targets for at in one.mentions]
    places, surfaces = {at.block for at in named}, {at.surface for at in named}
    if head:
        others = {at.block for one in judgement.of(change.event.kind) for at in one.mentions} - places
        places |= set(range(_HEAD)) - others
    blocks = [block.text for at, block in enumerate(article.blocks) if at in places]
    told = [_words(text) for text in blocks]
    kept = _known_points(change, before)
    theirs = (one for one in judgement.findings if one.entity not in targets)
    of_others = {at.surface for one in theirs for at in one.mentions} if change.event.key in before else set[str]()

    def is_own(point: str) -> bool:
        bare = point.removeprefix(f"{article.outlet}: ")
        if any(surface in bare for surface in of_others):
            return False  # sentences of several paragraphs, of other acts too
        return any(surface in bare for surface in surfaces) or any(_words(bare) <= words for words in told)

    points = tuple(point for point in change.event.key_points if point in kept or is_own(point))
    return replace(change, event=replace(change.event, key_points=points))


_HEAD = 3  # blocks: title, teaser, first paragraph


def _words(text: str) -> frozenset[str]:
    return frozenset(fold_key(text).split())


def _narrowed(change: EventChange, before: Mapping[str, Event], article: Article, judgement: Judgement) -> EventChange:
    """A change by an article that tells of several acts: of what it names beside the targets, what stands in their own
    paragraphs. The rest tells of its other acts, and would make one act of them by and by."""
    event = change.event
    targets = {target.entity for target in event.targets}
    blocks = {at.block for one in judgement.findings if one.entity in targets for at in one.mentions}
    near = near_in(blocks, article, judgement)
    kept = [before[event.key]] if event.key in before else []
    names = {name for one in (*kept, *change.merged) for name in one.names}
    mentioned = {key for one in (*kept, *change.merged) for key in one.mentioned}
    narrowed = replace(
        event,
        names=tuple(name for name in event.names if name in names or near.has(name)),
        mentioned=tuple(key for key in event.mentioned if key in mentioned or key in near.entities),
    )
    return replace(change, event=narrowed)


def _attach(
    event: Event,
    article: Article,
    judgement: Judgement,
    entities: Mapping[str, Entity],
    own: AbstractSet[str],
    now: datetime,
) -> EventChange | None:
    """The article as one more source of an event of which it tells among others; nothing else of it is the event's.
    Only one target that its `own` events have too is not enough: what else befell that one, in passing."""
    told = tuple(replace(finding, authorities=()) for finding in told_targets(event, article, judgement))
    named = [finding.entity for finding in told]
    if not told or (count_named(named, places_of(judgement)) == 1 and not own.isdisjoint(named)):
        return None
    authorities = tuple(code for code in judgement.authorities if code in acting_in(event))
    report = Report(article, event.kind, told, authorities, None, None, (), (), ())
    return join_event(
        event, report, find_targets(report, entities), f"it tells of this act too: {telling_reason(event, told)}", now
    )


def _is_in_passing(report: Report, change: EventChange, others: Iterable[EventChange]) -> bool:
    """Whether a report tells only that another act hit one of the article's own targets: "on top of a US act"."""
    own = {target.entity for other in others if other.event.key != change.event.key for target in other.event.targets}
    return report.count(report.targets) == 1 and not change.material and report.targets <= own


def _told_before(reports: Iterable[Report], known: Sequence[Event]) -> Iterable[Report]:
    """Reports, without the targets that the same authority listed days or weeks before in an act of its own: a newer
    act's article tells of them again ("… a partner of X, which was hit on Monday"), and nobody is listed twice by one
    authority within a month."""
    for report in reports:
        left = report
        again: list[Report] = []
        for event in known:
            common = {target.entity for target in event.targets} & left.targets
            if common and common != left.targets and _is_earlier_act(event, left):
                again.append(replace(only(left, common), acted_on=day_of(event)))
                left = only(left, left.targets - common)
        yield left
        yield from again


def _told_apart(report: Report, known: Sequence[Event], judgement: Judgement) -> Iterable[Report]:
    """A report in which two acts run together: the targets of an event that stays another than the one which the report
    joins are told to that one, not added here."""
    rarity = Rarity(known)
    likely = _likely(report, known, rarity)
    if likely and report.count(report.targets) > 1:
        _, joined = likely[0]
        for _, other in likely[1:]:
            theirs = report.targets & {target.entity for target in other.targets}
            theirs -= {target.entity for target in joined.targets}
            theirs |= _standing_with(theirs, report, known)
            part, rest = only(report, theirs), only(report, report.targets - theirs)
            apart = _joins(part, other, rarity) and _joins(rest, joined, rarity)
            if apart and merge_reason(joined, other, report, rarity) is None:
                yield part
                report = rest
    left = _without_told(report, likely[0][1] if likely else None, known, judgement, rarity)
    if left.findings:
        yield left


def _standing_with(some: AbstractSet[str], report: Report, known: Sequence[Event]) -> frozenset[str]:
    """The report's targets that no event has yet, and that stand in paragraphs with `some` and with none of the others
    that are known: "On oil: Lakhani … Garayev is there too", in a newsletter on three lists."""
    blocks = {one.entity: {at.block for at in one.mentions} for one in report.findings}
    new = report.targets - {target.entity for event in known for target in event.targets}

    def places(keys: AbstractSet[str]) -> set[int]:
        return set().union(*(blocks[key] for key in keys))

    theirs, others = places(some), places(report.targets - some - new)
    return frozenset(key for key in new if blocks[key] & theirs and not blocks[key] & others)


def _without_told(
    report: Report, joined: Event | None, known: Sequence[Event], judgement: Judgement, rarity: Rarity
) -> Report:
    """A report, without the targets of which other known events tell: they are told to those, not added to the event
    that the report joins, or opens."""
    own = {target.entity for target in joined.targets} if joined else set()
    tellers: dict[str, list[Event]] = {}
    for event in known:
        if event is joined or (joined and merge_reason(joined, event, report, rarity)):
            continue
        for finding in told_targets(event, report.article, judgement):
            tellers.setdefault(finding.entity, []).append(event)
    left = frozenset(
        finding.entity
        for finding in report.findings
        if finding.entity in own or not is_told_by(tellers.get(finding.entity, ()), finding, judgement.authorities)
    )
    days = {day_of(event) for events in tellers.values() for event in events}
    if not (joined or left) and report.acted_on and all(abs(report.acted_on - day) > SAME_DAY_SLACK for day in days):
        return report  # a day of its own: a newer act on the same
    return only(report, left)


def _joins(report: Report, event: Event, rarity: Rarity) -> bool:
    likeness = compare(event, report, rarity) if report.findings else None
    return likeness is not None and likeness.points >= JOINED_FROM


def _likely(
    report: Report, known: Sequence[Event], rarity: Rarity, before: Mapping[str, Event] | None = None
) -> list[tuple[Likeness, Event]]:
    """The events that the report may tell of, the likeliest first; compared as they were `before`, if that is given."""
    as_told = before or {}
    found = [
        (likeness, event)
        for event in known
        if not event.told_as and (likeness := compare(as_told.get(event.key, event), report, rarity))
    ]
    joining = [pair for pair in found if pair[0].points >= JOINED_FROM]
    return sorted(
        joining, key=lambda pair: (_has_all(pair[1], report), pair[0].points, pair[1].updated_at), reverse=True
    )


def _has_all(event: Event, report: Report) -> bool:
    """Whether all whom a report names are an event's already: to another, however alike, they would be new."""
    return report.targets <= {target.entity for target in event.targets}


def _is_earlier_act(event: Event, report: Report) -> bool:
    if event.withdrawn or event.kind is not report.kind or not set(event.authorities) & set(report.authorities):
        return False
    slack = SAME_DAY_SLACK if event.acted_on else WINDOW
    return report.acted_on is not None and slack < report.acted_on - day_of(event) <= RECENT


def only(report: Report, entities: AbstractSet[str]) -> Report:
    """The report on these of its targets, with the day that it tells of them; its article's words are of the others
    too."""
    findings = tuple(finding for finding in report.findings if finding.entity in entities)
    if findings == report.findings:
        return report
    days = {finding.acted_on for finding in findings}
    own = next(iter(days)) if len(days) == 1 else None
    return replace(report, findings=findings, wording=(), acted_on=own or report.acted_on)


def as_changed(events: Iterable[Event], change: EventChange) -> list[Event]:
    """The events as they are after a change, what changed first."""
    changed = {event.key: event for event in (change.event, *change.merged)}
    return [*changed.values(), *(event for event in events if event.key not in changed)]


def with_change(changes: Mapping[str, EventChange], change: EventChange) -> dict[str, EventChange]:
    """One article's changes by the keys of their events, with one more, which was made to the events as they were after
    the others: each event is changed once, and what is told as another by that other's change alone. What the article
    itself had opened of that, nobody knows."""
    key = change.event.key
    gone = [changes[event.key] for event in change.merged if event.key in changes]
    unknown = {other.event.key for other in gone if other.opened}
    carried = [replace(event, told_as=key) for other in gone for event in other.merged]
    news = [record for other in gone for record in other.added_records]
    change = replace(
        change,
        material=change.material or bool(news),
        merged=(*carried, *(event for event in change.merged if event.key not in unknown)),
        added_records=tuple(dict.fromkeys((*news, *change.added_records))),
    )
    before = changes.get(key)
    left = {kept: other for kept, other in changes.items() if other not in gone}
    return {**left, key: _both(before, change) if before else change}


def _both(first: EventChange, second: EventChange) -> EventChange:
    """Two reports of one article that came to the same event after all."""
    return replace(
        second,
        reason=first.reason,
        opened=first.opened or second.opened,
        material=first.material or second.material,
        added_targets=first.added_targets + second.added_targets,
        added_authorities=first.added_authorities + second.added_authorities,
        merged=first.merged + second.merged,
        added_records=tuple(dict.fromkeys(first.added_records + second.added_records)),
    )


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
    reports = find_reports(article, replace(judgement, findings=supposed))
    if not reports:
        return None
    mentioned = frozenset(finding.entity for finding in judgement.findings)
    report = replace(reports[0], findings=supposed, mentioned=mentioned)
    told = {target.entity for event in alerts if join_reason(event, report) for target in event.targets}
    report = replace(report, findings=tuple(finding for finding in supposed if finding.entity not in told))
    targets = tuple(
        replace(target, verdict=doubtful[target.entity].verdict) for target in find_targets(report, entities)
    )
    change = place_report(report, targets, reviews, now) if targets else None
    return replace(change, event=_for_review(change.event, article)) if change else None


def as_confirmed(judgement: Judgement, entities: AbstractSet[str]) -> Judgement:
    """The judgement as a person had it who says that these are newly sanctioned: they are sure of it."""
    found = tuple(
        replace(finding, verdict=Verdict.NEW_SANCTIONS, confidence=1.0) if finding.entity in entities else finding
        for finding in judgement.findings
    )
    return replace(judgement, findings=found, event=Verdict.NEW_SANCTIONS)


def confirm(event: Event, entities: AbstractSet[str], by: str, now: datetime) -> Event:
    """The event with it written down who confirmed these targets; part of the change that this made to it."""
    names = [target.caption for target in event.targets if target.entity in entities]
    of_some = f": {', '.join(names)}" if len(names) < len(event.targets) else ""
    return replace(event, history=with_step(event.history, EventStep(now, f"{CONFIRMED}{by}{of_some}")))


def settle_reviews(alert: Event, reviews: Sequence[Event], now: datetime) -> tuple[Event, ...]:
    """The events for review of which an alert tells now: the question is answered, and its message is to say so."""
    return tuple(
        told_elsewhere(review, alert.key, now)
        for review in reviews
        if not (review.told_as or alert.withdrawn) and _tells_of(alert, review)
    )


def _tells_of(alert: Event, review: Event) -> bool:
    told = {target.entity for target in alert.targets}
    apart = alert.authorities and review.authorities and not set(alert.authorities) & set(review.authorities)
    return (
        all(target.entity in told for target in review.targets)
        and not apart
        and abs(day_of(alert) - day_of(review)) <= WINDOW
    )


def _for_review(event: Event, article: Article) -> Event:
    """An alert on the same article has a key of its own, and no other event has a review's."""
    key = event.key if event.review else event_key(f"review:{article.key}", event.kind, LONG_KEY)
    return replace(event, key=key, review=True)


def place_report(
    report: Report,
    targets: tuple[EventTarget, ...],
    known: Sequence[Event],
    now: datetime,
    *,
    is_first: bool = True,
    before: Mapping[str, Event] | None = None,
) -> EventChange:
    """The event that a report joins, or opens. `is_first`: of its article's reports. `before`: the events as they were
    before the article's other reports, whose words and figures are no likeness. What only repeats what was withdrawn,
    is told in vain."""
    own = [
        event
        for event in known
        if event.kind is report.kind
        and not event.told_as
        and any(source.article == report.article.key for source in event.sources)
    ]
    holding = [event for event in own if event.review or not event.withdrawn]
    still_told = {target.entity for event in holding for target in event.targets}
    in_vain = {key: event for key, event in told_in_vain(report, known).items() if key not in still_told}
    if in_vain:
        left = report.targets - in_vain.keys()
        if not left:
            return EventChange(next(iter(in_vain.values())), opened=False, material=False, reason=REPEATED)
        report, targets = only(report, left), tuple(target for target in targets if target.entity in left)
    again = [event for event in holding if _is_judged_again(event, report, is_first=is_first)]
    if again:
        most = max(again, key=lambda event: len({target.entity for target in event.targets} & report.targets))
        return join_event(most, report, targets, JUDGED_AGAIN, now, known)
    rarity = Rarity(known)
    likely = _likely(report, known, rarity, before)
    if likely:
        likeness, event = likely[0]
        change = join_event(event, report, targets, f"same act: {'; '.join(likeness.reasons)}", now, known)
        others = [other for _, other in likely if other is not event and merge_reason(event, other, report, rarity)]
        return _merge(change, others, report, rarity, now)
    replaced = [event for event in holding if is_first and may_be_one(event, report)]
    if replaced:  # a fuller reading takes back whom the first one named
        return join_event(replaced[0], report, targets, JUDGED_AGAIN, now, known)
    recalled = [event for event in known if _is_recalled(event, report)]
    if recalled:
        return join_event(recalled[0], report, targets, "it recalls this act, and tells no newer day", now, known)
    return _open(report, targets, now, is_first and not own, len(own) - len(holding))


def _is_recalled(event: Event, report: Report) -> bool:
    """Whether all that a report tells was done weeks ago, by an authority that does it once: what is written about
    those who were hit, or spared, goes on for longer than outlets report that they were, and often tells no day. What
    an authority publishes itself, a list's entry above all, is of an act of its own."""
    if report.article.tier is Tier.OFFICIAL:
        return False
    since = report.article.published_at.date() - day_of(event)
    is_known = event.kind is report.kind and event.stands and report.targets <= {one.entity for one in event.targets}
    acting = acting_in(event)
    by = acting & set(report.authorities)
    is_apart = not by if report.kind is Verdict.NEW_SANCTIONS else bool(acting and report.authorities and not by)
    is_newer = report.acted_on is not None and abs(report.acted_on - day_of(event)) > SAME_DAY_SLACK
    return is_known and not is_apart and not is_newer and timedelta(0) <= since <= RECENT


def _is_judged_again(event: Event, report: Report, *, is_first: bool) -> bool:
    """Whether an event of the report's own article is what it tells of: on one of its targets, and not, expressly, of
    another day. Who acts in what it tells first, a fuller reading tells better."""
    is_one = days_agree(event, report) if is_first else may_be_one(event, report)
    return is_one and bool({target.entity for target in event.targets} & report.targets)


def _merge(change: EventChange, others: Sequence[Event], report: Report, rarity: Rarity, now: datetime) -> EventChange:
    """What the report shows to be one act becomes one event: the older, whose messages most have."""
    for other in others:
        event = change.event
        reason = merge_reason(event, other, report, rarity)
        if reason is None or event.review != other.review:
            continue
        kept, gone = (event, other) if event.opened_at <= other.opened_at else (other, event)
        added = tuple(target.entity for target in _new_targets(kept, gone))
        before = change.added_targets if kept is event else ()  # what is new to those who have the older's message
        change = replace(
            change,
            event=_united(kept, gone, f"the same act as event {gone.key}: {reason}", now),
            material=bool(before or added or change.added_authorities),
            added_targets=before + added,
            merged=(*change.merged, told_elsewhere(gone, kept.key, now)),
        )
    return change


def _own_keys(event: Event) -> frozenset[str]:
    return frozenset(target.entity for target in event.ever_targets)


def _new_targets(kept: Event, gone: Event) -> tuple[EventTarget, ...]:
    known = _own_keys(kept)
    return tuple(target for target in gone.targets if target.entity not in known)


def _new_withdrawn(kept: Event, gone: Event) -> tuple[WithdrawnTarget, ...]:
    """What proved wrong of the event that goes, unless the other tells of it by itself."""
    known, before = _own_keys(kept), len(kept.ever_targets)
    fresh = (one for one in gone.withdrawn_targets if one.target.entity not in known)
    return tuple(replace(one, place=before + one.place) for one in fresh)


def _surest(known: Iterable[EventTarget], told: Iterable[EventTarget]) -> Iterable[EventTarget]:
    """The known targets, each as it was told most surely: whoever asked for sure reports only waits for that one."""
    surer = {target.entity: target for target in told}
    for target in known:
        other = surer.get(target.entity, target)
        if other.confidence > target.confidence:
            called = dict.fromkeys((*target.called, *other.called, target.surface))
            kept = tuple(name for name in called if name and name != other.surface)
            yield replace(other, joined_at=target.joined_at, called=kept)
        else:
            yield target


def _united(kept: Event, gone: Event, reason: str, now: datetime) -> Event:
    sources = {source.article: source for source in kept.sources}
    for source in gone.sources:
        known = sources.get(source.article)
        sources[source.article] = _of_both(known, source) if known else source
    united = replace(
        kept,
        authorities=tuple(dict.fromkeys(kept.authorities + gone.authorities)),
        programme=kept.programme or gone.programme,
        acted_on=kept.acted_on or gone.acted_on,
        records=tuple(dict.fromkeys(kept.records + gone.records)),
        targets=(*_surest(kept.targets, gone.targets), *_new_targets(kept, gone)),
        withdrawn_targets=kept.withdrawn_targets + _new_withdrawn(kept, gone),
        doubts=tuple(sorted(dict.fromkeys(kept.doubts + gone.doubts), key=lambda doubt: doubt.at)),
        checked=tuple(dict.fromkeys(kept.checked + gone.checked)),
        eases=tuple(dict.fromkeys(kept.eases + gone.eases)),
        sources=tuple(sorted(sources.values(), key=lambda source: source.joined_at)),
        counts=tuple(dict.fromkeys(kept.counts + gone.counts)),
        mentioned=tuple(sorted({*kept.mentioned, *gone.mentioned})),
        names=_with_names(kept.names, frozenset(gone.names)),
        beside=tuple(dict.fromkeys(kept.beside + gone.beside)),
    )
    return revised(united, reason, now)


def _of_both(one: EventSource, other: EventSource) -> EventSource:
    """An article that told of some targets in one event and of others in another, which are one act now."""
    of_all = not (one.targets and other.targets)
    return replace(
        one,
        authorities=tuple(dict.fromkeys(one.authorities + other.authorities)),
        counts=tuple(sorted({*one.counts, *other.counts})),
        rough=tuple(dict.fromkeys(one.rough + other.rough)),
        targets=() if of_all else tuple(sorted({*one.targets, *other.targets})),
    )


def find_targets(report: Report, entities: Mapping[str, Entity]) -> tuple[EventTarget, ...]:
    """The report's findings as an event keeps them: the surest first, and among those as the article names them."""
    findings = sorted(report.findings, key=lambda finding: (-min(finding.confidence, _SURE), _first_named(finding)))
    blocks = report.article.blocks
    return tuple(
        EventTarget(
            entity=finding.entity,
            caption=entities[finding.entity].caption if finding.entity in entities else finding.entity,
            verdict=finding.verdict,
            confidence=finding.confidence,
            evidence=finding.evidence,
            surface=finding.mentions[0].surface if finding.mentions else "",
            url=report.article.url,
            outlet=report.article.outlet,
            lead_in=find_lead_in(blocks, finding.evidence),
        )
        for finding in findings
    )


def _first_named(finding: Finding) -> tuple[int, int]:
    return min(((mention.block, mention.start) for mention in finding.mentions), default=(sys.maxsize, 0))


def event_key(article_key: str, kind: Verdict, digits: int = 8) -> str:
    """Short enough for a button and for a person to type; the same for the same article, so a replay opens none. Eight
    digits are one key for two articles once in some ten thousands: `with_longer_key`."""
    return hashlib.sha256(f"{kind}:{article_key}".encode()).hexdigest()[:digits]


def with_longer_key(change: EventChange, article: Article) -> EventChange:
    """An event that was opened under the key of another, under one of its own; the same again in a replay."""
    short = change.event.key
    key = event_key(f"{short}:{article.key}", change.event.kind, LONG_KEY)
    merged = tuple(replace(one, told_as=key) if one.told_as == short else one for one in change.merged)
    return replace(change, event=replace(change.event, key=key), merged=merged)


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
        authorities=report.authorities,
        counts=tuple(sorted(normalise_counts(report.counts))),
        rough=find_rough(article, report.counts),
        targets=tuple(sorted(report.targets)),
        wording=report.wording,
    )


def _open(
    report: Report, targets: tuple[EventTarget, ...], now: datetime, is_first: bool, withdrawn: int
) -> EventChange:
    """`withdrawn`: how many events of the same article are, whose keys are taken."""
    # a second act of the same article: an authority may have several on one day
    act = "" if is_first else f"{'/'.join(report.authorities)} {report.day} {' '.join(sorted(report.targets))}:"
    act += f"{withdrawn} withdrawn:" if withdrawn else ""
    event = Event(
        key=event_key(f"{act}{report.article.key}", report.kind),
        kind=report.kind,
        authorities=report.authorities,
        programme=report.programme,
        acted_on=report.acted_on,
        opened_at=now,
        updated_at=now,
        targets=tuple(replace(target, joined_at=now) for target in targets),
        sources=(_source(report, now),),
        key_points=report.key_points[:MAX_BULLETS],
        spare_points=report.spare_points,
        counts=report.counts,
        mentioned=tuple(sorted(report.mentioned)),
        names=tuple(sorted(report.names))[:MOST_NAMES],
        history=(EventStep(now, f"{report.article.outlet} told of it first: {_captions(targets)}"),),
    )
    added = tuple(target.entity for target in targets)
    return EventChange(event, opened=True, material=True, reason="first report of this act", added_targets=added)


def join_event(
    event: Event,
    report: Report,
    targets: tuple[EventTarget, ...],
    reason: str,
    now: datetime,
    others: Sequence[Event] = (),
) -> EventChange:
    """What the report changes of an event to which it belongs; `others`: events that may tell of what else it says."""
    known = {target.entity for target in event.targets}
    gone = {one.target.entity for one in event.withdrawn_targets}  # a person said so: no copy of the report undoes it
    added = tuple(replace(target, joined_at=now) for target in targets if target.entity not in known | gone)
    new_authorities = tuple(
        code
        for code in _acting(event, report)
        if code not in event.authorities and not _is_told_of(code, event, report, others)
    )
    again = any(source.article == report.article.key for source in event.sources)
    joined = replace(
        event,
        authorities=event.authorities + new_authorities,
        programme=event.programme or report.programme,
        acted_on=event.acted_on or report.acted_on,
        targets=(*_surest(event.targets, targets), *added),
        sources=_with_source(event, report, now),
        key_points=event.key_points + _added_key_points(event, report, added),
        counts=tuple(dict.fromkeys(event.counts + report.counts)),
        mentioned=event.mentioned if again else tuple(sorted({*event.mentioned, *report.mentioned})),
        names=event.names if again else _with_names(event.names, report.names),
    )
    if joined == event:
        return EventChange(event, opened=False, material=False, reason=f"{reason}; nothing new")
    new_authorities = new_authorities if event.authorities else ()
    told = told_join(report.article.outlet, _captions(added), new_authorities, reason)
    return EventChange(
        revised(joined, told, now),
        opened=False,
        material=bool(added or new_authorities),
        reason=reason,
        added_targets=tuple(target.entity for target in added),
        added_authorities=new_authorities,
    )


def _with_source(event: Event, report: Report, now: datetime) -> tuple[EventSource, ...]:
    """The event's sources and the report's article, which tells of what it told and of what it tells when it is read
    again: a page's earlier state told it all the same."""
    if any(source.article == report.article.key for source in event.sources):
        return tuple(_telling_more(source, report) for source in event.sources)
    return event.sources if _is_a_source(report, event) else (*event.sources, _source(report, now))


def _telling_more(source: EventSource, report: Report) -> EventSource:
    if source.article != report.article.key or not source.targets or report.targets <= set(source.targets):
        return source
    return replace(source, targets=tuple(sorted({*source.targets, *report.targets})))


def _is_a_source(report: Report, event: Event) -> bool:
    """Whether the same page is one already, under another name: two feeds of one outlet carry it."""
    link, title = normalise_link(report.article.url), report.article.title
    return bool(link) and any(normalise_link(one.url) == link and one.title == title for one in event.sources)


def _acting(event: Event, report: Report) -> tuple[str, ...]:
    """Who acts, as a report tells it: where the event has its authority, only who is expressly said to act on one of
    the targets, as an article names other authorities too."""
    if not event.authorities:
        return report.authorities
    return tuple(dict.fromkeys(code for finding in report.findings for code in finding.authorities))


def _is_told_of(code: str, event: Event, report: Report, others: Sequence[Event]) -> bool:
    """Whether other events tell of all on whom an authority acted, by the report: that it did so too is no news of this
    act, as an article on what followed tells of several authorities' acts."""
    hit = {finding.entity for finding in report.findings if code in finding.authorities}
    tellers = [one for one in others if one.key != event.key and one.kind is event.kind and one.stands]
    told = {target.entity for one in tellers if code in acting_in(one) for target in one.targets}
    return bool(hit) and hit <= told


def _captions(targets: Sequence[EventTarget]) -> str:
    return ", ".join(target.caption for target in targets)


def _with_names(known: tuple[str, ...], names: AbstractSet[str]) -> tuple[str, ...]:
    room = max(0, MOST_NAMES - len(known))
    return known + tuple(sorted(names - set(known)))[:room]


def _added_key_points(event: Event, report: Report, added: Sequence[EventTarget]) -> tuple[str, ...]:
    """What a later outlet adds: its points that name a new target or give another figure, under its name, so that
    outlets that disagree keep their figures apart."""
    told = " ".join(event.key_points)
    room = MAX_BULLETS + ADDED_KEY_POINTS - len(event.key_points)
    fresh = [
        f"{report.article.outlet}: {point}"
        for point in report.key_points
        if any(target.surface and target.surface in point for target in added) or _figures(point) - _figures(told)
    ]
    return tuple(fresh[: max(room, 0)])[:ADDED_KEY_POINTS]


def _figures(text: str) -> frozenset[str]:
    """But years: "under EU sanctions since 2023" is no other figure."""
    return frozenset(re.findall(r"\d[\d.,]*\d|\d", text)) - _YEARS


_YEARS = frozenset(map(str, range(1900, 2100)))
