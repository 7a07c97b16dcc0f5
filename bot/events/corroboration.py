"""What an article tells dimly and an event tells already: who was listed on Monday, is so in Tuesday's articles too."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from bot.events.clustering import cluster
from bot.events.copies import is_copy
from bot.events.corrections import find_sign, is_column, is_denied, without_refuted
from bot.events.likeness import acting_in, day_of, join_reason
from bot.events.reports import count_named, find_reports, places_of
from bot.events.tellings import told_targets
from bot.model import Article, Entity, Event, EventChange, Finding, Judgement, Verdict

# What an event adds to the log odds of new sanctions on its target: a name in any article about sanctions is newly
# sanctioned in one case of four; one of whom an event of these days tells, in four of five, and more in held-out sets.
_TOLD_ALREADY = 2.4
# And where the article names two or more of its targets: of 43 such names that the reader doubted, 38 were.
_TOLD_TOGETHER = 3.8
# Where an article of the next days names who acted with the target: of 2,000 names in our labelled articles that an act
# of another article had hit, 95 in a hundred were newly sanctioned until day 3, 89 until day 7, 83 until day 14; a
# little less is taken, as who is in doubt is less likely so.
_NAMED = ((timedelta(days=3), 3.4), (timedelta(days=7), 3.0), (timedelta(days=14), 2.5))
# Beside another target, on the first days: of 76 such names in held-out articles 70 were, however sure of its no the
# reader was: of twelve that it gave less than 0.03, eleven.
_NAMED_TOGETHER, _NAMED_TOGETHER_FOR = 5.3, timedelta(days=4)
_FRESH_FOR = timedelta(days=1)
# An article that reports nothing new by itself and names who acted with the target tells of what followed the act,
# however it was read: of 25 such names in held-out articles of the first three days 24 were newly sanctioned. Of a
# later one's, half are; there it must tell the day of the act. In tests/data/learning 54 names of such articles were
# not, and 11,040 of others of those days were. What is asked for may be asked for of others: less likely so.
_FOLLOWING, _FOLLOWED_FOR, _FOLLOWED_BY_DAY_FOR = 0.85, timedelta(days=3), timedelta(days=14)
_LEAST_ASKED = 0.05
_OTHER_NEWS = (Verdict.NEW_SANCTIONS, Verdict.RELIEF, Verdict.RENEWAL, Verdict.ENFORCEMENT)
_LEAST_TOLD = 0.2  # below, an article may name the act's authority with a target and mean an older act
_DOUBTED = (Verdict.BYSTANDER, Verdict.BACKGROUND, Verdict.UNRELATED)  # others say what else befalls the name
_DOUBTED_FRESH = (*_DOUBTED, Verdict.POSSIBLE)  # "asked Brussels for proof" on the day after


def corroborate(
    article: Article,
    judgement: Judgement,
    entities: Mapping[str, Entity],
    known: Sequence[Event],
    now: datetime,
    alert_floor: float,
) -> Judgement:
    """The judgement with what the `known` events make probable enough: new sanctions on a target of theirs that were
    judged a little below `alert_floor`. Each is taken over only if all that comes of it is that the article becomes a
    source of that event, it opens no event, adds nobody to one, merges none, and leaves what is sure where it was; or
    that it adds to that event what it would have opened one of its own for.
    What an outlet corrects, the event it corrects makes no surer; what it denies is not new."""
    judgement = without_refuted(article, judgement)
    if find_sign(article) or is_column(article):
        return judgement
    follows = judgement.tells_acts and judgement.event not in _OTHER_NEWS
    asked = {one.evidence for one in judgement.findings if one.verdict is Verdict.POSSIBLE} - {""}
    for finding in sorted(judgement.findings, key=lambda one: -one.alert_odds):
        if finding.verdict not in _DOUBTED_FRESH or finding.read_again or finding.alert_odds > alert_floor:
            continue
        if is_denied(article, finding):  # "it is not on the list" confirms no report that it is
            continue
        if finding.verdict is not Verdict.POSSIBLE and finding.evidence in asked:
            continue  # "The EU should list X, and freeze every dirham of Y": of Y too it is only asked for
        before: tuple[EventChange, ...] | None = None
        for event, odds in _events_of(finding, article, judgement, known, alert_floor, follows=follows):
            told = _with(judgement, _raised(finding, odds, event))
            before = before if before is not None else cluster(article, judgement, entities, known, now)
            after = cluster(article, told, entities, known, now)
            if _adds_a_source(event, before, after) or _joins(event, before, after):
                judgement = told
                break
    return judgement


def is_worth_another_look(change: EventChange, article: Article, judgement: Judgement) -> bool:
    """Whether an article that was judged before may tell of what an event tells now: `corroborate` says whether it
    does. Two outlets write of one act within minutes, and the one that is read first may be the dimmer."""
    event, news = change.event, set(change.added_targets)
    if event.review or event.kind is not Verdict.NEW_SANCTIONS or article.published_at.date() < day_of(event):
        return False
    if any(source.article == article.key for source in event.sources):
        return False
    return any(finding.entity in news and finding.verdict in _DOUBTED_FRESH for finding in judgement.findings)


def _weight(event: Event, finding: Finding, article: Article, judgement: Judgement) -> float:
    """What the event adds to the log odds of new sanctions on one of its targets."""
    together = _NAMED_TOGETHER if _is_named_within(_NAMED_TOGETHER_FOR, event, finding, article) else _TOLD_TOGETHER
    named = _weight_of_naming(event, finding, article)
    return max(named, together if _told_together(event, judgement) else _TOLD_ALREADY)


def _weight_of_naming(event: Event, finding: Finding, article: Article) -> float:
    """What it adds that an article of the next two weeks names who acted with the target; 0 for another."""
    since = article.published_at.date() - day_of(event)
    if since < timedelta(0) or not _is_named(event, finding):
        return 0.0
    return next((weight for within, weight in _NAMED if since <= within), 0.0)


def _is_named(event: Event, finding: Finding) -> bool:
    """Whether the article names who acted with the target."""
    return not acting_in(event).isdisjoint(finding.named_with)


def _is_named_within(days: timedelta, event: Event, finding: Finding, article: Article) -> bool:
    """Whether it is an article of so many days after the act that names who acted with the target."""
    since = article.published_at.date() - day_of(event)
    return timedelta(0) <= since <= days and _is_named(event, finding)


def _with_event(odds: float, more: float) -> float:
    if not 0 < odds < 1:
        return odds
    return round(1 / (1 + math.exp(-math.log(odds / (1 - odds)) - more)), 3)


def _told_together(event: Event, judgement: Judgement) -> bool:
    """Whether an article names two or more of the targets, and says nothing else that befell them."""
    verdicts = (Verdict.NEW_SANCTIONS, *_DOUBTED)
    named = {finding.entity for finding in judgement.findings if finding.verdict in verdicts}
    return count_named(named & {target.entity for target in event.targets}, places_of(judgement)) > 1


def _events_of(
    finding: Finding,
    article: Article,
    judgement: Judgement,
    known: Sequence[Event],
    alert_floor: float,
    *,
    follows: bool,
) -> list[tuple[Event, float]]:
    """The events that other articles tell of, of which this one, as far as it goes, tells too, and the probability of
    new sanctions on this target that each makes enough, the most first. `follows`: what the article tells may be what
    followed an act."""
    found = []
    alone = replace(judgement, findings=(replace(finding, verdict=Verdict.NEW_SANCTIONS),))
    for event in known:
        if event.review or finding.entity not in {target.entity for target in event.targets}:
            continue
        if _is_of_before(event, finding, judgement):
            continue
        is_following = follows and _is_following(event, finding, article)
        if finding.verdict not in _DOUBTED and not (
            is_following or _is_named_within(_FRESH_FOR, event, finding, article)
        ):
            continue
        odds = _with_event(finding.alert_odds, _weight(event, finding, article, judgement))
        odds = max(odds, _FOLLOWING) if is_following else odds
        if is_copy(article, event.sources[0]) or odds < alert_floor:
            continue
        is_named = _is_named(event, finding)
        is_sure = is_following or is_named or _told_together(event, judgement) or finding.alert_odds >= _LEAST_TOLD
        is_told = is_sure and told_targets(event, article, alone)
        # "under Ukrainian sanctions since 2018": who is guessed to act parts it from no event, and proves none
        is_like = is_sure or not judgement.is_acting_guessed
        if is_told or (is_like and all(join_reason(event, one) for one in find_reports(article, alone))):
            found.append((event, odds))
    return sorted(found, key=lambda pair: -pair[1])


def _is_of_before(event: Event, finding: Finding, judgement: Judgement) -> bool:
    """Whether all that the article tells is when the target was listed, and that was long ago, by who acts now, by
    nobody known, or by the only one that it names: "which the US put under sanctions in 2021"."""
    before = finding.listed_before_by
    if before is None:
        return False
    if not before or not acting_in(event).isdisjoint(before):
        return True
    return bool(judgement.authorities) and set(judgement.authorities) <= set(before) and not _is_named(event, finding)


def _is_following(event: Event, finding: Finding, article: Article) -> bool:
    """Whether an article that names who acted with the target comes so soon after the act, or tells its day."""
    since = article.published_at.date() - day_of(event)
    if since < timedelta(0) or not _is_named(event, finding):
        return False
    if finding.verdict not in _DOUBTED and finding.alert_odds < _LEAST_ASKED:
        return False
    if finding.acted_on and finding.verdict in _DOUBTED and since <= _FOLLOWED_BY_DAY_FOR:
        return abs(finding.acted_on - day_of(event)) <= timedelta(days=1)
    return since <= _FOLLOWED_FOR


def _raised(finding: Finding, odds: float, event: Event) -> Finding:
    """Without names of other targets: who is shown this one may not see them. No surer than the event, which would be
    made so by its own word: its sentence would go, and who asked for sure reports would be told."""
    told = max((one.confidence for one in event.targets if one.entity == finding.entity), default=odds)
    alone = f"this article alone makes new sanctions {finding.alert_odds:.0%} probable"
    return replace(
        finding,
        verdict=Verdict.NEW_SANCTIONS,
        confidence=min(odds, told),
        alert_odds=odds,
        authorities=finding.authorities or tuple(one for one in finding.named_with if one in acting_in(event)),
        reasons=(f"event {event.key} tells of it already; {alone}",),
        against=finding.reasons,
        would_change=f"without that event the verdict would be {finding.verdict.words}",
    )


def _with(judgement: Judgement, raised: Finding) -> Judgement:
    findings = tuple(raised if one.entity == raised.entity else one for one in judgement.findings)
    reasons = tuple("event: new sanctions" if one.startswith("event: ") else one for one in judgement.reasons)
    return replace(judgement, findings=findings, event=Verdict.NEW_SANCTIONS, reasons=reasons)


def _adds_a_source(event: Event, before: Iterable[EventChange], after: Iterable[EventChange]) -> bool:
    """Whether all that comes of it is that the article becomes a source of the event."""
    return _outcome(after) == {event.key: _as_it_was(event), **_outcome(before)}


def _joins(event: Event, before: Iterable[EventChange], after: Iterable[EventChange]) -> bool:
    """Whether the article, which opened an event of its own, adds what it tells to this one instead: it tells of this
    act anyway, or of its day and of no other programme."""
    opened = [change for change in before if change.opened]
    others = _outcome(change for change in before if not change.opened and change.event.key != event.key)
    joined = {change.event.key: change for change in after}
    here = joined.pop(event.key, None)
    if len(opened) != 1 or here is None or here.merged or _outcome(joined.values()) != others:
        return False
    tells_anyway = any(change.event.key == event.key for change in before)
    own = opened[0].event
    is_of_its_day = day_of(own) == day_of(event) and own.programme in (None, event.programme)
    return (tells_anyway or is_of_its_day) and set(here.added_targets) <= set(opened[0].added_targets)


def _outcome(changes: Iterable[EventChange]) -> dict[str, object]:
    """What readers would be told, event by event."""
    return {
        change.event.key: (
            change.opened,
            change.material,
            change.added_targets,
            change.added_authorities,
            tuple(event.key for event in change.merged),
            tuple(target.entity for target in change.event.targets),
            change.event.key_points if change.opened else (),
        )
        for change in changes
    }


def _as_it_was(event: Event) -> object:
    return (False, False, (), (), (), tuple(target.entity for target in event.targets), ())
