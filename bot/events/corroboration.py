"""What an article tells dimly and an event tells already: who was listed on Monday, is so in Tuesday's articles too."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

from bot.events.likeness import join_reason
from bot.events.reports import find_reports
from bot.model import Article, Event, Finding, Judgement, Verdict

# What an event adds to the log odds of new sanctions on its target: a name in any article about sanctions is newly
# sanctioned in one case of four, one of whom an event of these days tells in two of three.
_TOLD_ALREADY = 1.9
_DOUBTED = (Verdict.BYSTANDER, Verdict.BACKGROUND)  # others say what else befalls the name


def corroborate(article: Article, judgement: Judgement, known: Sequence[Event], alert_floor: float) -> Judgement:
    """The judgement with what the `known` events make probable enough: new sanctions on a target of theirs that were
    judged a little below `alert_floor`. Only what joins such an event by all else, so that it never raises an alert by
    itself: it makes the event's sources whole."""
    raised = tuple(_raise(finding, article, judgement, known, alert_floor) or finding for finding in judgement.findings)
    if raised == judgement.findings:
        return judgement
    reasons = tuple(
        "event: new sanctions, as another article tells of them" if reason.startswith("event: none") else reason
        for reason in judgement.reasons
    )
    return replace(judgement, findings=raised, event=Verdict.NEW_SANCTIONS, reasons=reasons)


def _raise(
    finding: Finding, article: Article, judgement: Judgement, known: Sequence[Event], alert_floor: float
) -> Finding | None:
    odds = _with_event(finding.alert_odds)
    if finding.verdict not in _DOUBTED or odds < alert_floor:
        return None
    supposed = replace(finding, verdict=Verdict.NEW_SANCTIONS, confidence=odds, alert_odds=odds)
    for event in known:
        others = any(source.article != article.key for source in event.sources)
        if event.review or not others or finding.entity not in {target.entity for target in event.targets}:
            continue
        mine = replace(judgement, findings=(*judgement.of(Verdict.NEW_SANCTIONS), supposed))
        reports = (one for one in find_reports(article, mine) if finding.entity in one.targets)
        reason = next(filter(None, (join_reason(event, report) for report in reports)), None)
        if reason:
            told = f"event {event.key} tells of it already ({reason}); by itself {finding.alert_odds:.0%} sure"
            return replace(supposed, reasons=(told, *finding.reasons), would_change="that event withdrawn")
    return None


def _with_event(odds: float) -> float:
    if not 0 < odds < 1:
        return odds
    return round(1 / (1 + math.exp(-math.log(odds / (1 - odds)) - _TOLD_ALREADY)), 3)
