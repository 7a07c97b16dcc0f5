"""Which known acts an article tells of, asked act by act: a round-up, or a column on two weeks, tells of several.

An event's article is found here without its sentences telling the acts apart: the known act says what to look for.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from bot.events.likeness import SAME_DAY_SLACK, acting_in, day_of
from bot.model import Article, Event, Finding, Judgement, Verdict

# "Within about two weeks": law firms and columns tell of what is older than `WINDOW`, but name it.
TOLD_FOR = timedelta(days=14)


def told_targets(event: Event, article: Article, judgement: Judgement) -> tuple[Finding, ...]:
    """The findings of an article that this event's act made newly sanctioned; () if the article does not tell of it: it
    names with a target who acted, in the two weeks after."""
    if not event.stands or event.kind is not Verdict.NEW_SANCTIONS:
        return ()
    if not -SAME_DAY_SLACK <= article.published_at.date() - day_of(event) <= TOLD_FOR:
        return ()
    targets = {target.entity for target in event.targets}
    return tuple(
        finding
        for finding in judgement.of(Verdict.NEW_SANCTIONS)
        if finding.entity in targets
        and not acting_in(event).isdisjoint(_named_with(finding) or judgement.authorities)
        and not _has_other_day(event, finding)
    )


def telling_reason(event: Event, told: Sequence[Finding]) -> str:
    """'Surgutneftegas named with UK'"""
    captions = {target.entity: target.caption for target in event.targets}
    return f"{', '.join(captions[finding.entity] for finding in told)} named with {'/'.join(sorted(acting_in(event)))}"


def _named_with(finding: Finding) -> frozenset[str]:
    return frozenset((*finding.authorities, *finding.named_with))


def _has_other_day(event: Event, finding: Finding) -> bool:
    """Whether the article tells another day, and it is that of an act of this event's authority."""
    if not finding.acted_on or abs(finding.acted_on - day_of(event)) <= SAME_DAY_SLACK:
        return False
    if finding.authorities:
        return not acting_in(event).isdisjoint(finding.authorities)
    return acting_in(event) == set(finding.named_with)


def is_told_by(events: Sequence[Event], finding: Finding, acting: Sequence[str]) -> bool:
    """Whether the known events that tell of a target are all that the article says of it; `acting`: who acts in it. If
    somebody else acted on it too, theirs is an act of its own, which may be new."""
    named = set(finding.named_with)
    by = set(finding.authorities) or named & set(acting) or named or set(acting)
    told = {code for event in events for code in acting_in(event)}
    return bool(events) and (by <= told or (by.isdisjoint(acting) and not by.isdisjoint(told)))
