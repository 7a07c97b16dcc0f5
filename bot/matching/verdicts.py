"""One verdict for each tracked name in an article, with the sentence, the evidence for and against, and the doubt.

judge_article: read sentences -> find acts -> link names to them -> weigh -> Judgement
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from functools import cache

from bot.matching.cues import LANGUAGES, load_vocabulary
from bot.matching.evidence import Dossier, EntityEvidence, collect
from bot.matching.facts import find_authorities, find_counts, find_day, find_programme
from bot.matching.weights import Weights, load_weights
from bot.matching.wording import told_against, told_change, told_events, told_reasons, told_sense
from bot.matching.words import fold_word
from bot.model import Article, Cue, Entity, Finding, Judgement, Mention, Verdict

__all__ = ["judge_article", "speaks_of_sanctions"]

ALERT_FLOOR = 0.65  # chosen on dev: fewer quiet articles alert, hardly a designation is lost
_NO_VOCABULARY_CONFIDENCE = 0.2
_EVENTS = {
    "new": Verdict.NEW_SANCTIONS,
    "relief": Verdict.RELIEF,
    "renewal": Verdict.RENEWAL,
    "enforcement": Verdict.ENFORCEMENT,
    "possible": Verdict.POSSIBLE,
}
_PRECEDENCE = (
    Verdict.NEW_SANCTIONS,
    Verdict.RELIEF,
    Verdict.RENEWAL,
    Verdict.ENFORCEMENT,
    Verdict.POSSIBLE,
    Verdict.BACKGROUND,
)


def judge_article(article: Article, mentions: Sequence[Mention], entities: Mapping[str, Entity]) -> Judgement:
    """Judge every entity that is mentioned. A pure function: the same article and names give the same judgement.

    Entities without a mention get no finding. In a language without a vocabulary every verdict is `bystander` with
    little confidence, and the reason says so: such an article never alerts.
    """
    vocabulary = load_vocabulary(article.language)
    if vocabulary is None:
        return _without_vocabulary(article, mentions)
    dossier = collect(article, mentions, entities, vocabulary)
    weights = load_weights()
    findings = tuple(
        _find(dossier, held, [m for m in mentions if m.entity == key], weights)
        for key, held in sorted(dossier.entities.items())
    )
    event = _event(dossier, findings)
    kind = next((name for name, verdict in _EVENTS.items() if verdict is event), dossier.event)
    programme = find_programme(article)
    return Judgement(
        article=article.key,
        findings=findings,
        event=event,
        authorities=find_authorities(dossier.sentences, kind, programme),
        programme=programme,
        acted_on=find_day(dossier.sentences, kind, article),
        counts=find_counts(dossier.sentences, kind),
        reasons=_article_reasons(dossier, event),
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


def _find(dossier: Dossier, held: EntityEvidence, mentions: Sequence[Mention], weights: Weights) -> Finding:
    odds = _with_sense(weights.probabilities(held.found), dossier.unrelated)
    verdict = _decide(odds)
    cues = _cues(held, verdict, weights)
    sentence = _deciding_sentence(dossier, held, verdict, weights)
    return Finding(
        entity=held.entity,
        verdict=verdict,
        confidence=round(odds[verdict], 3),
        evidence=sentence,
        reasons=_reasons(cues, verdict, dossier),
        against=told_against(cues),
        cues=cues,
        mentions=tuple(mentions),
        would_change=told_change(verdict, odds),
        alert_odds=round(odds.get(Verdict.NEW_SANCTIONS, 0.0), 3),
    )


def _decide(odds: Mapping[Verdict, float]) -> Verdict:
    """The most probable verdict; a new designation, which raises an alert, only if it is surely so."""
    ranked = sorted(odds, key=lambda verdict: (-odds[verdict], verdict))
    if ranked[0] is Verdict.NEW_SANCTIONS and odds[ranked[0]] < ALERT_FLOOR:
        return ranked[1]
    return ranked[0]


def _with_sense(odds: Mapping[Verdict, float], unrelated: float) -> dict[Verdict, float]:
    """The odds with what the article as a whole says: whether it is about sanctions in this sense at all."""
    share = 1 / (1 + math.exp(-2 * unrelated))
    rest = 1 - odds.get(Verdict.UNRELATED, 0.0)
    scaled: dict[Verdict, float] = {}
    scaled |= {verdict: odd / rest * (1 - share) for verdict, odd in odds.items() if verdict is not Verdict.UNRELATED}
    scaled[Verdict.UNRELATED] = share
    return scaled


def _cues(held: EntityEvidence, verdict: Verdict, weights: Weights) -> tuple[Cue, ...]:
    """The evidence that counted, the strongest first, with its sign for the verdict given."""
    weighed = []
    for name, trace in held.found.items():
        worth = _contrast(weights, name, verdict)
        if abs(worth) >= 0.1:
            weighed.append(
                Cue(text=trace.text, rule=name if not trace.rule else f"{name} ({trace.rule})", weight=round(worth, 2))
            )
    return tuple(sorted(weighed, key=lambda cue: (-abs(cue.weight), cue.rule))[:12])


def _contrast(weights: Weights, name: str, verdict: Verdict) -> float:
    """What a piece of evidence is worth for a verdict, against the other verdicts' average."""
    row = weights.table.get(name)
    if row is None:
        return 0.0
    mine = weights.worth(name, verdict)
    return mine - (sum(row) - mine) / (len(row) - 1)


def _deciding_sentence(dossier: Dossier, held: EntityEvidence, verdict: Verdict, weights: Weights) -> str:
    scores: dict[int, float] = dict.fromkeys(held.sentences, 0.0)
    for name, trace in held.found.items():
        if not name.startswith(("article.", "schema.", "place.")):
            scores[trace.sentence] = scores.get(trace.sentence, 0.0) + max(0.0, _contrast(weights, name, verdict))
    best = max(scores, key=lambda number: (round(scores[number], 6), -number))
    return dossier.sentences[best].text


def _reasons(cues: Sequence[Cue], verdict: Verdict, dossier: Dossier) -> tuple[str, ...]:
    if verdict is Verdict.UNRELATED and dossier.unrelated > 0:
        return (told_sense(dossier.sense), *(reason for reason in told_reasons(cues) if "“" in reason))
    return told_reasons(cues) or (f"nothing speaks for anything but {verdict.replace('_', ' ')}",)


def _event(dossier: Dossier, findings: Sequence[Finding]) -> Verdict | None:
    told = {finding.verdict for finding in findings}
    main = _EVENTS.get(dossier.event)
    if Verdict.UNRELATED in told and not told - {Verdict.UNRELATED, Verdict.BYSTANDER}:
        return None
    if main is not None and (main in told or dossier.events[dossier.event] >= 2.0):
        return main
    return next((verdict for verdict in _PRECEDENCE if verdict in told), None)


def _article_reasons(dossier: Dossier, event: Verdict | None) -> tuple[str, ...]:
    kinds = told_events(dossier.events)
    return (
        f"language: {dossier.vocabulary.language}",
        f"tells of {kinds}" if kinds else "no sanctions vocabulary",
        f"event: {event.replace('_', ' ') if event else 'none'}",
    )


# ---------------------------------------------------------------- the cheap gate


@cache
def _gate() -> re.Pattern[str]:
    words = [word for language in LANGUAGES if (v := load_vocabulary(language)) for word in v.gate]
    return re.compile("|".join(sorted((re.escape(word) for word in set(words)), key=len, reverse=True)))


def speaks_of_sanctions(text: str) -> str | None:
    """The word that makes a title or teaser worth a look, in any supported language; None if there is none."""
    found = _gate().search(fold_word(text))
    return found.group() if found else None
