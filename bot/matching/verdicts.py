"""One verdict for each tracked name in an article, with the sentence, what spoke for and against, and the doubt.

judge_article: read passages -> find signs -> read them -> decide -> tell why -> Judgement
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from enum import StrEnum
from functools import cache

from bot.matching.cues import LANGUAGES, load_vocabulary
from bot.matching.facts import find_authorities, find_counts, find_day, find_programme
from bot.matching.passages import read_passages
from bot.matching.reader import Reading, load_reader
from bot.matching.readings import Sentence
from bot.matching.reasons import find_parts, told_change, told_reasons, weigh_parts
from bot.matching.signs import Signs, find_signs
from bot.matching.words import fold_word
from bot.model import Article, Entity, Finding, Judgement, Mention, Verdict

__all__ = ["ALERT_FLOOR", "Reasons", "judge_article", "speaks_of_sanctions"]

ALERT_FLOOR = 0.6  # less sure new sanctions are filed under the next verdict: docs/judgement.md
_WORTH_TELLING = 0.05  # of what nearly alerts: new sanctions at least this probable
_NO_VOCABULARY_CONFIDENCE = 0.2
_PRECEDENCE = (
    Verdict.NEW_SANCTIONS,
    Verdict.RELIEF,
    Verdict.RENEWAL,
    Verdict.ENFORCEMENT,
    Verdict.POSSIBLE,
    Verdict.BACKGROUND,
)


class Reasons(StrEnum):
    """Of which findings the reasons are measured: each takes as long as a dozen readings."""

    OF_NONE = "none"  # verdicts alone are wanted
    OF_ALERTS = "alerts"  # and of what nearly alerts
    OF_ALL = "all"  # somebody asks


_KINDS = {Verdict.NEW_SANCTIONS: "new"}  # of acts, where they are not called as the verdict is


def judge_article(
    article: Article,
    mentions: Sequence[Mention],
    entities: Mapping[str, Entity],
    *,
    alert_floor: float = ALERT_FLOOR,
    reasons: Reasons = Reasons.OF_ALERTS,
) -> Judgement:
    """Judge every entity that is mentioned. A pure function: the same article and names give the same judgement.

    Entities without a mention get no finding. In a language without a vocabulary every verdict is `bystander` with
    little confidence, and the reason says so: such an article never alerts. `alert_floor` is the least probability of
    new sanctions at which they are the verdict.
    """
    vocabulary = load_vocabulary(article.language)
    if vocabulary is None:
        return _without_vocabulary(article, mentions)
    if not mentions:
        return Judgement(article=article.key, findings=(), event=None, reasons=("no tracked name in it",))
    sentences = read_passages(article, mentions, vocabulary)
    signs = find_signs(sentences, mentions, entities, vocabulary)
    readings = load_reader().read(signs)
    findings = tuple(
        _find(entity, reading, sentences, signs, [m for m in mentions if m.entity == entity], alert_floor, reasons)
        for entity, reading in sorted(readings.items())
    )
    event = _event(findings)
    kind = _KINDS.get(event, event.value) if event else "none"
    programme = find_programme(article)
    return Judgement(
        article=article.key,
        findings=findings,
        event=event,
        authorities=find_authorities(sentences, kind, programme),
        programme=programme,
        acted_on=find_day(sentences, kind, article),
        counts=find_counts(sentences, kind),
        reasons=(
            f"language: {vocabulary.language}",
            f"event: {event.replace('_', ' ') if event else 'none'}",
        ),
    )


def _without_vocabulary(article: Article, mentions: Sequence[Mention]) -> Judgement:
    reason = f"no vocabulary for {article.language.split('-')[0].lower() or 'this language'}"
    findings = tuple(
        Finding(
            entity=key,
            verdict=Verdict.BYSTANDER,
            confidence=_NO_VOCABULARY_CONFIDENCE,
            reasons=(reason,),
            mentions=tuple(m for m in mentions if m.entity == key),
            would_change=f"a vocabulary file for the language (there are {', '.join(LANGUAGES)})",
        )
        for key in sorted({mention.entity for mention in mentions})
    )
    return Judgement(article=article.key, findings=findings, event=None, reasons=(reason,))


def _find(
    entity: str,
    reading: Reading,
    sentences: Sequence[Sentence],
    signs: Signs,
    mentions: Sequence[Mention],
    alert_floor: float,
    wanted: Reasons,
) -> Finding:
    odds = reading.odds
    verdict = _decide(odds, alert_floor)
    measured = wanted is Reasons.OF_ALL or (
        wanted is Reasons.OF_ALERTS and odds[Verdict.NEW_SANCTIONS] >= _WORTH_TELLING
    )
    cues, turning = weigh_parts(
        find_parts(sentences, entity, reading.sentence) if measured else (),
        verdict,
        odds,
        lambda left_out: load_reader().without(signs, left_out)[entity].odds,
    )
    return Finding(
        entity=entity,
        verdict=verdict,
        confidence=round(odds[verdict], 3),
        evidence=next((s.text for s in sentences if s.ordinal == reading.sentence), ""),
        reasons=told_reasons(cues) or (_as_a_whole(verdict, measured),),
        against=told_reasons(cues, speaking_for=False),
        cues=cues,
        mentions=tuple(mentions),
        would_change=told_change(verdict, odds, turning),
        alert_odds=round(odds[Verdict.NEW_SANCTIONS], 3),
    )


def _as_a_whole(verdict: Verdict, measured: bool) -> str:
    told = f"as a whole it reads as {verdict.replace('_', ' ')}"
    return f"{told}: no single part decides it" if measured else f"{told} (judge it anew to have each part measured)"


def _decide(odds: Mapping[Verdict, float], alert_floor: float) -> Verdict:
    """The most probable verdict; a new designation, which raises an alert, only if it is surely so."""
    ranked = sorted(odds, key=lambda verdict: (-odds[verdict], verdict))
    if ranked[0] is Verdict.NEW_SANCTIONS and odds[ranked[0]] < alert_floor:
        return ranked[1]
    return ranked[0]


def _event(findings: Sequence[Finding]) -> Verdict | None:
    """What the article reports of those that are tracked, the most urgent first."""
    told = {finding.verdict for finding in findings}
    return next((verdict for verdict in _PRECEDENCE if verdict in told), None)


# ---------------------------------------------------------------- the cheap gate


@cache
def _gate() -> re.Pattern[str]:
    words = [word for language in LANGUAGES if (v := load_vocabulary(language)) for word in v.gate]
    return re.compile("|".join(sorted((re.escape(word) for word in set(words)), key=len, reverse=True)))


def speaks_of_sanctions(text: str) -> str | None:
    """The word that makes a title or teaser worth a look, in any supported language; None if there is none."""
    found = _gate().search(fold_word(text))
    return found.group() if found else None
