"""One verdict for each tracked name in an article, with the sentence, what spoke for and against, and the doubt.

judge_article: read passages -> find signs -> read them -> decide -> tell why -> Judgement
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field, replace
from enum import StrEnum
from functools import cache
from typing import NamedTuple

from bot.matching.acronyms import share_of
from bot.matching.acting import find_acting, find_named, find_named_with, find_own_act, find_side
from bot.matching.cues import LANGUAGES, Vocabulary, load_vocabulary
from bot.matching.facts import (
    count_programmes,
    find_counts,
    find_day,
    find_earlier_act,
    find_names,
    find_own_programme,
    find_programme,
    most_told,
)
from bot.matching.groups import join_groups
from bot.matching.notices import Section
from bot.matching.passages import read_passages
from bot.matching.reader import Reading, load_reader
from bot.matching.readings import Sentence
from bot.matching.reasons import find_parts, told_change, told_glimpse, told_reasons, told_section, weigh_parts
from bot.matching.signs import APART, BLOCKED, Signs, find_signs
from bot.matching.subjects import find_subjects
from bot.matching.words import Kind, fold_text, tokenize
from bot.model import SUBJECT, Article, Entity, Finding, Judgement, Mention, Verdict

__all__ = [
    "ALERT_FLOOR",
    "Reasons",
    "decide_verdict",
    "find_matter",
    "judge_article",
    "speaks_of_sanctions",
    "tell_again",
]

ALERT_FLOOR = 0.5  # the least probability of new sanctions that is told as such: docs/judgement.md
_RESTRAINT, _RESTRAINT_APART = 0.05, 0.001
_NO_ACT = 0.2  # what is left of new sanctions where a page tells of no act at all
_ADDED = 10  # whose entry a notice expressly adds is so much more probable to be new than the reader makes of the words
_LISTED = frozenset({BLOCKED, Section.AMENDED, Section.LINKED})  # signs of who is under sanctions already
_SURELY = frozenset({APART, Section.REMOVED, Section.CONTACT})
_RESTRAINING = _LISTED | _SURELY | {Section.BESIDE}
_BESIDE = frozenset({Section.LINKED, Section.BESIDE})
_TARGETED = frozenset({"tgt:new", "tgt:undated", "tgt:state"})
_WORTH_TELLING = 0.05  # of what nearly alerts: new sanctions at least this probable
_MOST_PARTS = 12  # each is read in about a second, and holds some twenty entries of an official notice
_MOST_MEASURED = 5  # findings of one article
_NO_VOCABULARY_CONFIDENCE = _UNREAD_CONFIDENCE = 0.2
_PRECEDENCE = (
    Verdict.NEW_SANCTIONS,
    Verdict.RELIEF,
    Verdict.RENEWAL,
    Verdict.ENFORCEMENT,
    Verdict.POSSIBLE,
    Verdict.BACKGROUND,
)


_KINDS = {Verdict.NEW_SANCTIONS: "new"}  # of acts, where they are not called as the verdict is


class Reasons(StrEnum):
    """Of which findings the reasons are measured: each takes as long as a dozen readings."""

    OF_NONE = "none"  # verdicts alone are wanted
    OF_ALERTS = "alerts"  # and of what nearly alerts
    OF_ALL = "all"  # somebody asks


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
        return Judgement(article=article.key, findings=(), event=None, reasons=("names nobody who is tracked",))
    knows_words = bool(vocabulary.verb_forms)
    of = _by_entity(mentions)
    read = _read(article, mentions, entities, vocabulary, of)
    case = _Case(*read, share_of(of), alert_floor, knows_words, reasons)
    findings = tuple(
        case.find(entity, of[entity]) for entity in sorted(of) if not case.is_of_another(entity, of[entity])
    )
    deciding = {entity: reading.sentence for entity, reading in read.readings.items()}
    return tell_act(article, read.sentences, findings, deciding, entities, vocabulary)


def _by_entity(mentions: Iterable[Mention]) -> dict[str, list[Mention]]:
    of: dict[str, list[Mention]] = {}
    for mention in mentions:
        of.setdefault(mention.entity, []).append(mention)
    return of


class _Read(NamedTuple):
    """What was read of an article: its sentences in their order, and for each entity what the first part says that
    tells of it. `signs`: those of the first part, which has title and lead."""

    sentences: list[Sentence]
    signs: Signs
    readings: dict[str, Reading]
    sections: dict[str, Section | None]


def _read(
    article: Article,
    mentions: Sequence[Mention],
    entities: Mapping[str, Entity],
    vocabulary: Vocabulary,
    of: Mapping[str, Sequence[Mention]],
) -> _Read:
    knows_words = bool(vocabulary.verb_forms)
    sentences: dict[int, Sentence] = {}
    readings: dict[str, Reading] = {}
    sections: dict[str, Section | None] = {}
    first: Signs | None = None
    for part in _read_in_parts(article, mentions, vocabulary, of):
        signs = find_signs(part, mentions, entities, vocabulary)
        tells_of_an_act = signs.speaks or any(sentence.acts for sentence in part)
        for entity, reading in load_reader().read(signs, knows_words=knows_words).items():
            if entity not in readings:
                restrained = _restrained(entity, reading, signs, knows_words=knows_words)
                readings[entity] = restrained if tells_of_an_act else _without_act(restrained)
                sections[entity] = _section_of(entity, signs)
        for sentence in part:
            sentences.setdefault(sentence.ordinal, sentence)
        first = first or signs
    in_order = [sentences[ordinal] for ordinal in sorted(sentences)]
    return _Read(in_order, first or Signs(), join_groups(in_order, readings), sections)


def _read_in_parts(
    article: Article, mentions: Sequence[Mention], vocabulary: Vocabulary, of: Mapping[str, Sequence[Mention]]
) -> Iterator[list[Sentence]]:
    """The passages, and where they leave names out, as of a notice that lists a hundred tankers, the passages on those,
    and so on: each with title and lead."""
    left: AbstractSet[str] = of.keys()
    wanted: AbstractSet[str] | None = None
    for _ in range(_MOST_PARTS):
        part = read_passages(article, mentions, vocabulary, wanted)
        yield part
        still_left = {entity for entity in left if not any(_is_within(mention, part) for mention in of[entity])}
        if not still_left or len(still_left) == len(left):
            return
        left = wanted = still_left


def _is_within(mention: Mention, sentences: Sequence[Sentence]) -> bool:
    return any(one.block == mention.block and one.start <= mention.start < one.end for one in sentences)


def tell_act(
    article: Article,
    sentences: Sequence[Sentence],
    findings: Sequence[Finding],
    deciding: Mapping[str, int],
    entities: Mapping[str, Entity],
    vocabulary: Vocabulary,
) -> Judgement:
    """The judgement that the findings make, with what the article tells of the act: of it as a whole, and of each
    target's. `deciding`: the ordinals of the sentences that decided."""
    event = _event(findings)
    kind = _KINDS.get(event, event.value) if event else "none"
    programmes = count_programmes(article)
    sides = {finding.entity: _side_of(entities.get(finding.entity)) for finding in findings}
    targets = [sides[finding.entity] for finding in findings if finding.verdict is event]
    hit = {finding.entity for finding in findings if finding.verdict is event}
    acting, is_guess = find_acting(sentences, kind, most_told(programmes), targets, article.authority, hit)
    sure = () if is_guess else acting
    by_ordinal = {sentence.ordinal: sentence for sentence in sentences}
    named = find_named(sentences, acting)

    def with_own(finding: Finding) -> Finding:
        if finding.entity not in deciding:
            return finding
        side, blocks = sides[finding.entity], {mention.block for mention in finding.mentions}
        told = replace(
            finding,
            named_with=find_named_with(named, blocks, side),
            acted_on=None,
            listed_before_by=find_earlier_act(by_ordinal[deciding[finding.entity]], finding.entity),
        )
        if event is not Verdict.NEW_SANCTIONS:
            own_sentences = [sentence for sentence in sentences if sentence.block in blocks]
            return replace(told, acted_on=find_day(own_sentences, "new", article))
        if not (finding.verdict is Verdict.NEW_SANCTIONS and vocabulary.verb_forms):
            return told  # clauses tell who acts: English alone has them
        at = deciding[finding.entity]
        authorities, day = find_own_act(sentences, at, article, acting, side, finding.entity)
        own = find_own_programme(article, blocks, sure)
        return replace(told, authorities=authorities, acted_on=day, programme=own)

    return Judgement(
        article=article.key,
        findings=tuple(with_own(finding) for finding in findings),
        event=event,
        authorities=acting,
        programme=most_told(programmes, sure),
        acted_on=find_day(sentences, kind, article, acting),
        counts=find_counts(sentences, kind),
        names=_names(article) if event is Verdict.NEW_SANCTIONS else (),
        reasons=(
            f"language: {vocabulary.language}",
            f"event: {event.words if event else 'none'}",
        ),
        is_acting_guessed=is_guess,
        tells_acts=any(sentence.acts for sentence in sentences),
    )


def tell_again(article: Article, judgement: Judgement, entities: Mapping[str, Entity]) -> Judgement:
    """A judgement of which somebody changed findings, with what the article tells of the act that they now make: as
    `judge_article` had told it, had it been as sure."""
    vocabulary = load_vocabulary(article.language)
    if vocabulary is None:
        return judgement
    mentions = [mention for finding in judgement.findings for mention in finding.mentions]
    sentences = read_passages(article, mentions, vocabulary)
    ordinals = {sentence.text: sentence.ordinal for sentence in reversed(sentences)}
    deciding = {
        finding.entity: ordinals[finding.evidence] for finding in judgement.findings if finding.evidence in ordinals
    }
    told = tell_act(article, sentences, judgement.findings, deciding, entities, vocabulary)
    return replace(
        told, key_points=judgement.key_points, spare_points=judgement.spare_points, reasons=judgement.reasons
    )


def _side_of(entity: Entity | None) -> frozenset[str]:
    """Empty of one who is tracked no more."""
    return find_side(entity.countries if entity else ())


def _names(article: Article) -> tuple[str, ...]:
    return (*(f"{SUBJECT}{subject}" for subject in find_subjects(article)), *find_names(article))


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


def _restrained(entity: str, reading: Reading, signs: Signs, *, knows_words: bool) -> Reading:
    """An express "but not X" or "X was left off" outweighs what the reader makes of the rest, unless X is a target
    elsewhere; "X, a person whose property is blocked" tells of background alike, and for certain if nothing else is
    said of X. So does a section of an official notice that amends X; one that removes it tells of relief, one that adds
    it of new sanctions. In languages but English any "is on no list" restrains: of 49 such names in our labelled
    articles, learnt from and held out, 47 were not newly sanctioned."""
    own = _own_signs(entity, signs)
    others = [one for one in own if _RESTRAINING.isdisjoint(one)]
    left = {sign for one in others for sign in one}
    told = {sign for one in own for sign in one if sign in _RESTRAINING}
    if not told and any(Section.ADDED in one for one in own):
        return _with_new_times(_ADDED, reading)
    if not (told or ("tgt:exclusion" in left and not knows_words)) or left & _TARGETED:
        return reading
    odds = dict(reading.odds)
    new = odds[Verdict.NEW_SANCTIONS]
    odds[Verdict.NEW_SANCTIONS] *= _RESTRAINT_APART if told & _SURELY or not others else _RESTRAINT
    if Section.REMOVED in told:
        _move(odds, Verdict.RELIEF, (Verdict.BACKGROUND, Verdict.BYSTANDER), new)
    elif told & _LISTED:
        is_section = BLOCKED not in told and not others
        _move(odds, Verdict.BACKGROUND, (Verdict.BYSTANDER, *([Verdict.RELIEF] if is_section else [])), new)
    elif Section.CONTACT in told:
        _move(odds, Verdict.BYSTANDER, (Verdict.RELIEF,), new)
    return replace(reading, odds=_normal(odds))


def _without_act(reading: Reading) -> Reading:
    """A page that has no word of this field and nothing like an act tells of no sanctions, however much its firm is
    described as targets are. The readers learn from pages about sanctions, so they have seen few such."""
    return _with_new_times(_NO_ACT, reading)


def _with_new_times(factor: float, reading: Reading) -> Reading:
    new = factor * reading.odds[Verdict.NEW_SANCTIONS]
    return replace(reading, odds=_normal({**reading.odds, Verdict.NEW_SANCTIONS: new}))


def _normal(odds: Mapping[Verdict, float]) -> dict[Verdict, float]:
    whole = sum(odds.values())
    return {verdict: odd / whole for verdict, odd in odds.items()}


def _own_signs(entity: str, signs: Signs) -> list[list[str]]:
    """The signs of a name wherever it stands. What it is linked to, or told of beside, counts where nothing else is
    told, and that an official notice amends it not where the same notice adds it."""
    own = [signs.signs[token] for token, keys in signs.names if entity in keys]
    own = [one for one in own if _BESIDE.isdisjoint(one)] or own
    is_added = any(Section.ADDED in one for one in own)
    return [one for one in own if not (is_added and (Section.AMENDED in one or Section.REMOVED in one))]


def _section_of(entity: str, signs: Signs) -> Section | None:
    """In which section of an official notice the name stands; the first of several, None if in none."""
    return next((section for one in _own_signs(entity, signs) for section in Section if section in one), None)


def _move(odds: dict[Verdict, float], to: Verdict, of: Iterable[Verdict], more: float) -> None:
    odds[to] += more + sum(odds[verdict] for verdict in of)
    odds.update(dict.fromkeys(of, 0.0))


@dataclass(slots=True)
class _Case:
    """An article as it was read. What is left out to measure one name's reasons is often left out for another's too."""

    sentences: Sequence[Sentence]
    signs: Signs  # of what was read first, on which reasons are measured
    readings: Mapping[str, Reading]
    sections: Mapping[str, Section | None]  # of an official notice, in which names stand
    shares: Mapping[str, float]  # of who may not be meant at all: how probable it is
    alert_floor: float
    knows_words: bool  # of its language, the reader
    reasons: Reasons
    odds: Mapping[str, Mapping[Verdict, float]] = field(init=False)  # calibrated
    measured: frozenset[str] = field(init=False)  # whose reasons are
    without: dict[tuple[int, ...], Mapping[str, Mapping[Verdict, float]]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.odds = {entity: self._calibrated(entity, reading.odds) for entity, reading in self.readings.items()}
        self.measured = self._nearest_to_an_alert()

    def find(self, entity: str, mentions: Sequence[Mention]) -> Finding:
        reading = self.readings.get(entity)
        if reading is None:
            return _unread(entity, mentions)
        odds, verdict = self.odds[entity], self._decide(self.odds[entity])
        parts = find_parts(self.sentences, entity, reading.sentence) if entity in self.measured else []
        cues, turning = weigh_parts(parts, odds, self._decide, lambda left_out: self._odds_without(entity, left_out))
        return Finding(
            entity=entity,
            verdict=verdict,
            confidence=round(odds[verdict], 3),
            evidence=next((s.text for s in self.sentences if s.ordinal == reading.sentence), ""),
            reasons=(
                *told_section(self.sections.get(entity), verdict),
                *(told_reasons(cues) or (told_glimpse(self.sentences, reading.sentence, verdict),)),
            ),
            against=(*self._told_share(entity, mentions), *told_reasons(cues, speaking_for=False)),
            mentions=tuple(mentions),
            would_change=told_change(verdict, odds, turning),
            alert_odds=round(odds[Verdict.NEW_SANCTIONS], 3),
        )

    def _told_share(self, entity: str, mentions: Sequence[Mention]) -> tuple[str, ...]:
        if entity not in self.shares:
            return ()
        many, name = round(1 / self.shares[entity]), mentions[0].surface
        return (f"{many} tracked names share “{name}”, and nothing tells which is meant",)

    def is_of_another(self, entity: str, mentions: Sequence[Mention]) -> bool:
        """Whether the name was read as a part of an authority's or a country's ("United Arab Emirates")."""
        return entity not in self.readings and all(_is_within(mention, self.sentences) for mention in mentions)

    def _nearest_to_an_alert(self) -> frozenset[str]:
        """As many as a worker can wait for."""
        if self.reasons is Reasons.OF_NONE:
            return frozenset()
        least = 0.0 if self.reasons is Reasons.OF_ALL else _WORTH_TELLING
        read = {entity for _, entities in self.signs.names for entity in entities}
        new = {entity: odds[Verdict.NEW_SANCTIONS] for entity, odds in self.odds.items() if entity in read}
        return frozenset(sorted((e for e in new if new[e] >= least), key=lambda e: (-new[e], e))[:_MOST_MEASURED])

    def _decide(self, odds: Mapping[Verdict, float]) -> Verdict:
        return decide_verdict(odds, self.alert_floor)

    def _odds_without(self, entity: str, left_out: tuple[int, ...]) -> Mapping[Verdict, float]:
        if left_out not in self.without:
            self.without[left_out] = load_reader().without(self.signs, left_out)
        return self._calibrated(entity, self.readings[entity].shifted(self.without[left_out][entity]))

    def _calibrated(self, entity: str, odds: Mapping[Verdict, float]) -> Mapping[Verdict, float]:
        told, share = load_reader().calibrated(odds, knows_words=self.knows_words), self.shares.get(entity, 1.0)
        shared = {verdict: odd * share for verdict, odd in told.items()}
        shared[Verdict.BYSTANDER] += 1 - share
        return shared


def _unread(entity: str, mentions: Sequence[Mention]) -> Finding:
    """A name in a part of a very long article that was not read: said so, and never an alert."""
    return Finding(
        entity=entity,
        verdict=Verdict.BYSTANDER,
        confidence=_UNREAD_CONFIDENCE,
        reasons=("it is named only where this long article was not read closely",),
        mentions=tuple(mentions),
        would_change="a shorter article",
    )


def decide_verdict(odds: Mapping[Verdict, float], alert_floor: float = ALERT_FLOOR) -> Verdict:
    """New sanctions if they are at least as probable as the floor, as that raises an alert; else the most probable
    other verdict."""
    if odds[Verdict.NEW_SANCTIONS] >= alert_floor:
        return Verdict.NEW_SANCTIONS
    return min((v for v in odds if v is not Verdict.NEW_SANCTIONS), key=lambda verdict: (-odds[verdict], verdict))


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
    """The words that make a title or teaser worth a look, in any supported language; None if there are none."""
    found = _gate().search(fold_text(text))
    return found.group() if found else None


_HYPHEN = re.compile("[-‑‐]")


def find_matter(teaser: Article) -> str | None:
    """What sanctions are about, or who imposes them, as a title and teaser tell it: a programme or an authority
    ("Russia", "EU"), also in a compound: "EU-Liste", "Iran-linked". None where they tell of none, or in a language
    without a vocabulary."""
    vocabulary = load_vocabulary(teaser.language)
    if vocabulary is None:
        return None
    teaser = replace(teaser, title=_HYPHEN.sub(" ", teaser.title), summary=_HYPHEN.sub(" ", teaser.summary))
    if programme := find_programme(teaser):
        return programme
    told = (token for text in teaser.texts for token in vocabulary.mark_authorities(tokenize(text, 0, len(text))))
    return next((token.authority for token in told if token.kind is Kind.AUTHORITY), None)
