"""Firms that an article counts as one group by their place: "an aide of Cork-based A, and B of Cork-based C, were
listed … The two Cork firms moved the money". Who is only linked to a target in the sentence of the act is one of them
there, which a reading of that sentence alone cannot tell: so this is a rule.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from bot.matching.reader import Reading
from bot.matching.readings import Sentence
from bot.model import Verdict

__all__ = ["join_groups"]

_GROUP = re.compile(
    r"\b(?:[Tt]he (two|three|four)|([Bb]oth)) ([A-Z][\w’'-]+) (?:businesses|companies|firms|entities|traders|banks)\b"
)
_COUNTS = {"two": 2, "three": 3, "four": 4}
_SURE = 0.5  # from which one of them is newly sanctioned


def join_groups(sentences: Sequence[Sentence], readings: Mapping[str, Reading]) -> dict[str, Reading]:
    """Each of a group is read as the one of it that its own sentence makes newly sanctioned. A group is known by a
    later sentence that counts it: just so many have that place before their names in one sentence."""
    told = dict(readings)
    for sentence, place, count in _groups(sentences):
        if sentence.text.count(f"{place}-based ") != count:
            continue
        members = [entity for entity in _based_in(sentence, place) if entity in told]
        sure = max((told[entity] for entity in members), key=_new, default=None)
        if sure is not None and sure.sentence == sentence.ordinal and _new(sure) >= _SURE:
            told |= {one: replace(told[one], odds=sure.odds, sentence=sure.sentence) for one in members}
    return told


def _new(reading: Reading) -> float:
    return reading.odds[Verdict.NEW_SANCTIONS]


def _groups(sentences: Sequence[Sentence]) -> Iterator[tuple[Sentence, str, int]]:
    """A sentence, and what a later one counts that may stand in it."""
    counted = {
        (it[3], _COUNTS[it[1]] if it[1] else 2): sentence.ordinal
        for sentence in sentences
        for it in _GROUP.finditer(sentence.text)
    }
    for (place, count), last in counted.items():
        yield from ((sentence, place, count) for sentence in sentences if sentence.ordinal < last)


def _based_in(sentence: Sentence, place: str) -> Iterator[str]:
    for token in sentence.tokens:
        if token.entities and sentence.text[: token.start - sentence.start].endswith(f"{place}-based "):
            yield from token.entities
