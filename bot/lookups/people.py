"""How like two names of people are: what given and family names, patronymics and initials weigh."""

from __future__ import annotations

import re
from collections.abc import Sequence

from rapidfuzz.distance import JaroWinkler, Levenshtein
from rigour.names import Alignment, NamePart, SymbolCategory, align_person_name_order, tokenize_name

from bot.lookups.spelling import is_hangul, korean_sound, latin_reading, sound
from bot.lookups.weighing import Comparison, How, Part, Weighing, first_letters, latin, most_by_sound, most_of_one_word

_PATRONYMIC = re.compile(
    r"(?:[oe]vi[tc]?[czs]?h|[oy]?ovych|[iy]ch|[oe]vna|ichna|inichna|[iy]vna|ogl[yui]|q[iy]z[iy]|k[iy]z[iy])$"
)


class PersonWeighing(Weighing):
    """Given name and family name must both fit. What a longer name has beside them (a patronymic, a second given name)
    counts little when it is missing, and much when it differs."""

    def add_symbol(self, alignment: Alignment) -> None:
        left, right, symbol = alignment.qps, alignment.rps, alignment.symbol
        assert symbol is not None
        how = self.how(left, right)
        if symbol.category == SymbolCategory.INITIAL:
            self.part(left, right, How.INITIAL, 0.9, 0.6)
        elif symbol.category == SymbolCategory.NICK:
            self.part(
                left, right, How.EQUAL if how is How.EQUAL else How.NICKNAME, 1.0 if how is How.EQUAL else 0.85, 1.0
            )
        elif symbol.category == SymbolCategory.NAME:
            score, how = _name_score(left, right, how)
            self.part(left, right, how, score, self.weight(left, right))
        else:
            weight = 1.0 if min(len(self.one.parts), len(self.other.parts)) <= 2 else 0.3
            self.part(left, right, How.EQUAL if how is How.EQUAL else How.WORD, 1.0, weight)

    def add_likeness(self, left: Sequence[NamePart], right: Sequence[NamePart], score: float, how: How) -> None:
        if how in (How.SPELLING, How.SOUND) and self.are_two_names(left, right):
            self.part(left, right, How.DIFFERENT, 0.45, 1.2, "name")
            return
        if how is How.SPELLING:
            score *= first_letters(left, right)
        self.part(left, right, how, score, self.weight(left, right))

    def are_two_names(self, left: Sequence[NamePart], right: Sequence[NamePart]) -> bool:
        """Hassan and Hussein are spelt alike, and everybody knows them as two names."""
        if len(left) != 1 or len(right) != 1:
            return False
        known = self.known[0].get(left[0].index), self.known[1].get(right[0].index)
        if sound(latin(left[0])) == sound(latin(right[0])):
            return False
        return bool(known[0] and known[1]) and not known[0] & known[1]  # type: ignore[operator]

    def weight(self, left: Sequence[NamePart], right: Sequence[NamePart]) -> float:
        if all(_is_particle(part) for part in (*left, *right)):
            return 0.2
        if any(_is_letter(part) for part in (*left, *right)):
            return 0.6
        if self.is_patronymic(left) and self.is_patronymic(right):
            return 0.7
        return float(max(1, min(len(left), len(right))))

    def is_patronymic(self, parts: Sequence[NamePart]) -> bool:
        return len(parts) == 1 and bool(_PATRONYMIC.search(latin(parts[0])))

    def ordered(self) -> tuple[list[NamePart], list[NamePart]]:
        if not self.left or not self.right:
            return self.left, self.right
        left, right = align_person_name_order(self.left, self.right)
        return list(left), list(right)

    def judge_rest(self) -> None:
        self.pair_initials()
        self.pair_differing()
        for side, parts in ((0, self.left), (1, self.right)):
            for part in parts:
                self.missing(side, part, *self.weigh_missing(side, part))
        self.set_bounds(lacks_end=self.lacks_end())

    def pair_initials(self) -> None:
        for part in list(self.left):
            other = next((other for other in self.right if _is_initial_of(part, other)), None)
            if other:
                self.pair([part], [other], 0.9, How.INITIAL)

    def pair_differing(self) -> None:
        """What is left on both sides contradicts: two given names, two patronymics, two family names."""
        left = [part for part in self.left if not _is_particle(part)]
        right = [part for part in self.right if not _is_particle(part)]
        for one, other in zip(left, right, strict=False):
            what = "patronymic" if self.is_patronymic([one]) and self.is_patronymic([other]) else "name"
            self.left.remove(one)
            self.right.remove(other)
            self.part([one], [other], How.DIFFERENT, 0.0, 1.6, what)

    def weigh_missing(self, side: int, part: NamePart) -> tuple[float, str]:
        if _is_particle(part):
            return 0.03, ""
        if len(part.comparable) == 1:
            return 0.1, "initial"
        name = (self.one, self.other)[side]
        if len(name.parts) > 2 and self.is_patronymic([part]):
            return 0.12, "patronymic"
        shorter = (self.other, self.one)[side]
        is_syllable = len(part.comparable) <= 4 and part.index > 0 and max(len(p.comparable) for p in name.parts) <= 5
        if len(shorter.parts) == 2 and (is_syllable or part.index == 0):
            return 0.6, "name"  # a syllable of a Korean or Chinese name; the son's name before the father's
        return 0.22, "name"

    def lacks_end(self) -> bool:
        """Whether a whole first or last word of a name is only in one: Vladimir P. Kononov is no Vladimir Petrov, nor
        Robert J. Smith a John Smith, though each word of the shorter finds its own."""
        return any(
            part.index in (0, len(name.parts) - 1)
            and not (_is_particle(part) or len(part.comparable) == 1 or self.is_patronymic([part]))
            for name, parts in ((self.one, self.left), (self.other, self.right))
            for part in parts
        )

    def set_bounds(self, *, lacks_end: bool) -> None:
        full = [part for part in self.sum.parts if part.weight >= 0.7 and part.score >= 0.5]
        matched = sum(max(1, len(part.left.split())) for part in full)
        sizes = [sum(not _is_particle(part) for part in name.parts) for name in (self.one, self.other)]
        if any(part.how is How.DIFFERENT for part in self.sum.parts):
            self.sum.bound(0.65)
        if min(sizes) <= 1 < max(sizes):
            joined = any(part.how is How.JOINED or len(part.left.split()) != len(part.right.split()) for part in full)
            self.sum.bound(1.0 if joined else 0.6)
            self.sum.bound(most_by_sound(full))
        elif max(sizes) <= 1:
            self.sum.bound(0.9)  # one word is no sure person, even when it is the same
            self.sum.bound(min(most_of_one_word(full), most_by_sound(full)))
        elif matched < 2 and min(sizes) > 1:
            has_initial = any(part.how is How.INITIAL for part in self.sum.parts)
            self.sum.bound(0.88 if has_initial and full and not lacks_end else 0.7)


def _name_score(left: Sequence[NamePart], right: Sequence[NamePart], how: How) -> tuple[float, How]:
    """rigour knows both as one name: how near they are says how surely."""
    if how in (How.EQUAL, How.TRANSLITERATED, How.JOINED):
        return 1.0, how
    latin = [" ".join(part.ascii or "" for part in parts) for parts in (left, right)]
    if not all(text.strip() for text in latin):
        return 0.95, How.TRANSLITERATED
    like = JaroWinkler.similarity(*latin)
    is_near = like >= 0.85
    return (0.95 if is_near else 0.85 if like >= 0.65 else 0.75), How.SPELLING if is_near else How.VARIANT


def _is_letter(part: NamePart) -> bool:
    return len(part.comparable) == 1 and part.comparable.isascii()


def _is_initial_of(part: NamePart, other: NamePart) -> bool:
    one, two = part.comparable, other.comparable
    return one[:1] == two[:1] and min(len(one), len(two)) == 1 and one[:1].isalpha()


def _is_particle(part: NamePart) -> bool:
    return part.comparable in _PARTICLES


_PARTICLES = frozenset("al el bin ibn bint ben abu abou de la del da dos di van von der den ul ud ur an".split())


def compare_korean(left: str, right: str) -> Comparison | None:
    """A Hangul name and a Latin one by their sound: romanisations of Korean differ in nearly every letter."""
    readings = [
        latin_reading(name, True).split() if is_hangul(name) else tokenize_name(name.casefold())
        for name in (left, right)
    ]
    if not all(2 <= len(tokens) <= 4 and "".join(tokens).isascii() for tokens in readings):
        return None
    likes = [
        Levenshtein.normalized_similarity(_given_sound(one), _given_sound(other))
        for one in [readings[0], _turned(readings[0])]
        for other in [readings[1], _turned(readings[1])]
        if one and other and korean_sound(one[0], True) == korean_sound(other[0], True)
    ]
    like = max(likes, default=0.0)
    score = 0.95 if like == 1 else 0.85 * like if like >= 0.8 else 0.5 * like
    return Comparison(score, parts=(Part(left, right, How.SOUND, score, 1.0),))


def _turned(tokens: list[str]) -> list[str]:
    return [tokens[-1], *tokens[:-1]]


def _given_sound(tokens: list[str]) -> str:
    return korean_sound("".join(tokens[1:]))
