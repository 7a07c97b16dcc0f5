"""Why a verdict was given, measured: parts of the article are left out, and what the reader then makes of it, compared.

A part whose absence makes the verdict less probable spoke for it; one whose absence makes it more probable spoke
against it. So the reasons are the reader's own, and not a second opinion. Left out are the words of a part and the
signs that stand on them; what grammar drew from them elsewhere ("listed" stays an earlier act) stays. Decides nothing.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from bot.counted import shortened
from bot.matching.cues import Hit
from bot.matching.notices import Section
from bot.matching.readings import Sentence
from bot.matching.times import Time, When
from bot.model import BlockKind, Verdict
from bot.text.patterns import read_table

Odds = Mapping[Verdict, float]

_MOST_PARTS = 9  # left out one after the other
_MOST_REASONS = 4
_LEAST = 0.25  # difference of log-odds that is worth telling
_LONGEST = 90  # characters of the article's words in one reason
_TIMES = {When.RECENT: "time_recent", When.OLD: "time_old", When.FUTURE: "time_future"}


_LANGUAGE: Mapping[Verdict, tuple[str, ...]] = {
    Verdict.NEW_SANCTIONS: ("designation", "designation_weak"),
    Verdict.POSSIBLE: ("proposal", "prospect", "time_future"),
    Verdict.RELIEF: ("relief",),
    Verdict.RENEWAL: ("renewal",),
    Verdict.ENFORCEMENT: ("enforcement", "violation"),
    Verdict.BACKGROUND: ("standing", "state", "time_old", "designation"),
    Verdict.BYSTANDER: ("exclusion", "speech", "relation", "credit"),
    Verdict.UNRELATED: tuple(
        f"sense_{name}" for name in "sport court benefit school profession regulator approval".split()
    ),
}


@dataclass(frozen=True, slots=True)
class Part:
    """Some words of an article: what they are (a key of wording.toml's `cues`), the vocabulary entry that knows them,
    the words, and their tokens, counted over all sentences read."""

    what: str
    rule: str
    text: str
    tokens: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Cue:
    """A part that spoke for or against a verdict."""

    text: str
    rule: str  # what it is: a vocabulary entry ("designation: added to the … list"), "date", or a place ("place.lead")
    weight: float  # above 0: for the verdict


def find_parts(sentences: Sequence[Sentence], entity: str, deciding: int) -> list[Part]:
    """The parts that may have mattered for one entity: cues and times of the deciding sentence, of those that name it
    and of the title; then those sentences whole, and the lead."""
    starts, at = {}, 0
    for sentence in sentences:
        starts[sentence.ordinal] = at
        at += len(sentence.tokens)
    named = [s for s in sentences if any(entity in s.tokens[i].entities for i in s.names)]
    close = {s.ordinal: s for s in (*(s for s in sentences if s.ordinal == deciding), *named[:3], *sentences[:1])}
    parts = [part for sentence in close.values() for part in _cues(sentence, starts[sentence.ordinal])]
    whole = [*_whole(sentences, named, deciding, starts)]
    return [*_without_repeats(parts)[: _MOST_PARTS - len(whole)], *whole]


def _cues(sentence: Sentence, start: int) -> Iterator[Part]:
    def part(what: str, rule: str, at: Hit | Time) -> Part:
        first, last = sentence.tokens[at.start], sentence.tokens[at.end - 1]
        words = sentence.text[first.start - sentence.start : last.end - sentence.start]
        return Part(what, rule, words, tuple(range(start + at.start, start + at.end)))

    wording = load_wording()["cues"]
    for hit in sentence.hits:
        if hit.pattern.kind in wording:
            yield part(hit.pattern.kind, f"{hit.pattern.kind}: {hit.pattern.text}", hit)
    for time in sentence.times:
        yield part(_TIMES[time.when], "date", time)


def _whole(
    sentences: Sequence[Sentence], named: Sequence[Sentence], deciding: int, starts: Mapping[int, int]
) -> Iterator[Part]:
    told: set[int] = set()
    for what, some in (
        ("place.deciding", [s for s in sentences if s.ordinal == deciding]),
        ("place.title", [s for s in sentences if s.kind is BlockKind.TITLE]),
        ("place.named", list(named[:1])),
        ("place.lead", [s for s in sentences if s.kind is BlockKind.PARAGRAPH][:1]),
    ):
        for sentence in some:
            if sentence.ordinal not in told:
                told.add(sentence.ordinal)
                start = starts[sentence.ordinal]
                others = [i for i in range(len(sentence.tokens)) if i not in sentence.names]
                yield Part(what, what, sentence.text, tuple(start + i for i in others))


def _without_repeats(parts: Sequence[Part]) -> list[Part]:
    """Of parts at the same words the first: cues of several classes may share them."""
    kept: dict[tuple[int, ...], Part] = {}
    for part in parts:
        kept.setdefault(part.tokens, part)
    return list(kept.values())


def weigh_parts(
    parts: Sequence[Part],
    odds: Odds,
    decide: Callable[[Odds], Verdict],
    without: Callable[[tuple[int, ...]], Odds],
) -> tuple[tuple[Cue, ...], Part | None]:
    """The parts as cues with what each was worth (log-odds; above 0: for the verdict), the strongest first, and the
    strongest of those without which the verdict would be another."""
    verdict = decide(odds)
    others = [(part, without(part.tokens)) for part in parts]
    weighed = [(_logit(odds[verdict]) - _logit(other[verdict]), part) for part, other in others]
    turns = [
        (worth, part) for (worth, part), (_, other) in zip(weighed, others, strict=True) if decide(other) is not verdict
    ]
    turning = max(turns, key=lambda item: item[0], default=(0.0, None))[1]
    weighed.sort(key=lambda item: -abs(item[0]))
    cues = tuple(
        Cue(text=part.text, rule=part.rule, weight=round(worth, 2)) for worth, part in weighed if abs(worth) >= _LEAST
    )
    return cues, turning


def _logit(share: float) -> float:
    held = min(max(share, 1e-4), 1 - 1e-4)
    return math.log(held / (1 - held))


# ---------------------------------------------------------------- in a person's words


@cache
def load_wording() -> Mapping[str, Any]:
    return read_table("matching/vocabulary/wording.toml")


def told_reasons(cues: Sequence[Cue], speaking_for: bool = True) -> tuple[str, ...]:
    """What spoke for a verdict (or against it), the strongest first; words of a told sentence are not repeated, nor
    are those told on both sides: two words that spoke each its own way are shown by one and the same phrase."""
    told: list[str] = []
    shown: list[str] = []
    stronger = {cue.text: cue.weight > 0 for cue in sorted(cues, key=lambda cue: abs(cue.weight))}
    cues = [cue for cue in cues if stronger[cue.text] is (cue.weight > 0) and (cue.weight > 0) is speaking_for]
    for cue in cues:
        text = f" {cue.text} "
        if any(text in other for other in shown):
            continue
        if cue.rule == "place.deciding":  # it is shown as the evidence: told where none of its words is
            if not any(other.text in cue.text for other in cues if other is not cue):
                told.append(_phrase(cue.rule))
            continue
        shown.append(text)
        told.append(f"{_phrase(cue.rule)}: “{_shown(cue.text)}”")
    return tuple(told[:_MOST_REASONS])


def told_section(section: Section | None, verdict: Verdict) -> tuple[str, ...]:
    """What a notice does with the entry, where that is why."""
    is_why = section is not None and _OF_SECTION[section] is verdict
    return (str(load_wording()["sections"][section.removeprefix("section:")]),) if section and is_why else ()


_OF_SECTION = {
    Section.ADDED: Verdict.NEW_SANCTIONS,
    Section.AMENDED: Verdict.BACKGROUND,
    Section.LINKED: Verdict.BACKGROUND,
    Section.BESIDE: Verdict.BYSTANDER,
    Section.REMOVED: Verdict.RELIEF,
    Section.CONTACT: Verdict.BYSTANDER,
}


def told_glimpse(sentences: Sequence[Sentence], deciding: int, verdict: Verdict) -> str:
    """Where nothing was measured: what of the deciding sentence speaks this verdict's language, if anything does."""
    wanted = _LANGUAGE.get(verdict, ())
    parts = [part for s in sentences if s.ordinal == deciding for part in _cues(s, 0)]
    telling = next((part for part in parts if part.what in wanted), None)
    if telling is None:
        return f"the passage as a whole reads as {verdict.words}"
    return f"{_phrase(telling.what)}: “{_shown(telling.text)}”"


def told_change(verdict: Verdict, odds: Odds, turning: Part | None) -> str:
    """What would have made it another verdict: new sanctions if it is not that, else the next most probable."""
    new = Verdict.NEW_SANCTIONS
    second = max((other for other in odds if other is not verdict), key=lambda other: odds[other])
    wanted = second if verdict is new else new
    change = f"{load_wording()['change'][wanted]}, the verdict would be {wanted.words}"
    if wanted is new and odds[new] > odds[verdict]:
        change += f"; that is the most probable even so ({_percent(odds[new])}), but below the floor of an alert"
    else:
        said = f"as it stands {_percent(odds[second])} probable"
        change += f" ({said if second is wanted else f'next: {second.words}, {_percent(odds[second])}'})"
    if turning is not None:
        change += f". It would also change without “{_shown(turning.text)}”"
    return change


def _phrase(rule: str) -> str:
    known = load_wording()["cues"]
    what = rule.partition(":")[0]
    return str(known.get(what) or "a date")


def _percent(share: float) -> str:
    return f"{round(100 * share)}%" if share >= 0.01 else "less than 1%"


def _shown(text: str) -> str:
    return shortened(" ".join(text.split()), _LONGEST)
