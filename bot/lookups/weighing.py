"""What a comparison of two names finds, and what weighs parts of any two: by symbols, spelling, sound."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from rapidfuzz.distance import JaroWinkler, Levenshtein
from rigour.names import Alignment, Name, NamePart, NamePartTag, SymbolCategory, compare_parts, tokenize_name

from bot.lookups.spelling import is_abjad, is_han, is_hangul, latin_reading, skeleton, sound

_LONG_WORD = 8  # letters: one so long is hardly spelt alike by chance


class How(StrEnum):
    """What joins two parts of names, or sets them apart."""

    EQUAL = "equal"
    TRANSLITERATED = "transliterated"
    SPELLING = "spelling"
    VARIANT = "forms of one name"
    NICKNAME = "nickname"
    INITIAL = "initial"
    JOINED = "written apart or together"
    WORD = "the same word"
    LEGAL = "legal form"
    NUMBER = "number"
    SOUND = "sounds alike"
    ACRONYM = "its initials"
    MISSING = "missing"
    DIFFERENT = "different"


@dataclass(frozen=True, slots=True)
class Part:
    """Parts of the two names that belong together, or one that stands alone (the other text is empty). `score` 0 to 1,
    `weight` is how much it counts among the parts."""

    left: str
    right: str
    how: How
    score: float
    weight: float
    what: str = ""  # "patronymic", "legal form", "number": what is missing or different; "place" wherever it is one

    def __str__(self) -> str:
        match self.how:
            case How.EQUAL:
                return self.left
            case How.MISSING:
                kind = f"{self.what} " if self.what else ""
                return f"{kind}“{self.left or self.right}” only in one"
            case How.DIFFERENT:
                return f"{self.what or 'part'} differs: {self.left} / {self.right}"
            case How.SPELLING | How.VARIANT | How.SOUND | How.NICKNAME:
                return f"{self.left} ≈ {self.right} ({self.how})"
            case _:
                return f"{self.left} = {self.right} ({self.how})"


@dataclass(frozen=True, slots=True)
class Comparison:
    """`names` are the two that fit best; `gist` says how they stand to each other, where parts do not tell it; `notes`
    tell what beside the names counted: identifiers, countries, dates."""

    score: float
    names: tuple[str, str] = ("", "")
    parts: tuple[Part, ...] = ()
    notes: tuple[str, ...] = ()
    gist: str = ""

    @property
    def explanation(self) -> str:
        """'Ivanov = Иванов (transliterated); Sergey ≈ Sergei (spelling); patronymic “Borisovich” only in one'."""
        told = [str(part) for part in self.parts if part.how is not How.EQUAL]
        equal = [part.left for part in self.parts if part.how is How.EQUAL]
        if equal and told:
            told = [f"{', '.join(equal)}: equal", *told]
        elif equal:
            told = ["the same name"]
        return "; ".join([*([self.gist] if self.gist else []), *told, *self.notes])


@dataclass(frozen=True, slots=True)
class Read:
    """A name, analysed, with what each way of pairing its parts asks of it: some names are paired in a dozen ways, with
    hundreds of others."""

    name: Name
    shown: Mapping[int, str]
    known: Mapping[int, set[str]]
    kinds: Mapping[int, str]
    acronyms: frozenset[int]  # parts in capitals, which may be the initials of others


@dataclass(slots=True)
class Sum:
    """Parts that were paired, and what is known of the whole."""

    parts: list[Part] = field(default_factory=list)
    most: float = 1.0  # no higher than this, whatever the parts say

    def bound(self, most: float) -> None:
        self.most = min(self.most, most)

    @property
    def score(self) -> float:
        weight = sum(part.weight for part in self.parts)
        return min(self.most, sum(part.score * part.weight for part in self.parts) / weight) if weight else 0.0


class Weighing:
    """Pairs the parts of two names: by rigour's symbols, then by spelling, then by sound."""

    def __init__(self, one: Read, other: Read) -> None:
        self.one, self.other = one.name, other.name
        self.sum = Sum()
        self.shown = one.shown, other.shown
        self.left: list[NamePart] = []
        self.right: list[NamePart] = []
        self.known = one.known, other.known

    def weigh(self, pairing: tuple[Alignment, ...]) -> Sum:
        taken: tuple[set[int], set[int]] = (set(), set())
        for alignment in pairing:
            if self.takes(alignment):
                taken[0].update(part.index for part in alignment.qps)
                taken[1].update(part.index for part in alignment.rps)
                self.add_symbol(alignment)
        self.left = [part for part in self.one.parts if part.index not in taken[0]]
        self.right = [part for part in self.other.parts if part.index not in taken[1]]
        self.compare_residue()
        self.judge_rest()
        return self.sum

    def takes(self, _alignment: Alignment) -> bool:
        return True

    def add_symbol(self, alignment: Alignment) -> None:
        raise NotImplementedError

    def add_likeness(self, left: Sequence[NamePart], right: Sequence[NamePart], score: float, how: How) -> None:
        raise NotImplementedError

    def judge_rest(self) -> None:
        """What has no counterpart, and the bounds of the whole."""
        raise NotImplementedError

    def ordered(self) -> tuple[list[NamePart], list[NamePart]]:
        return self.left, self.right

    def compare_residue(self) -> None:
        left, right = self.ordered()
        if left and right:
            self.pair_equal(left, right)
            left, right = self.ordered()
        if left and right:
            for alignment in compare_parts(left, right):
                if alignment.qps and alignment.rps and alignment.score > 0:
                    self.pair(alignment.qps, alignment.rps, alignment.score, self.how(alignment.qps, alignment.rps))
        self.pair_by_sound()

    def pair_equal(self, left: list[NamePart], right: list[NamePart]) -> None:
        for part in list(left):
            same = next((other for other in right if other.comparable == part.comparable), None)
            if same:
                right = [other for other in right if other is not same]
                self.pair([part], [same], 1.0, self.how([part], [same]))

    def pair(self, left: Sequence[NamePart], right: Sequence[NamePart], score: float, how: How) -> None:
        gone = {part.index for part in left}, {part.index for part in right}
        self.left = [part for part in self.left if part.index not in gone[0]]
        self.right = [part for part in self.right if part.index not in gone[1]]
        self.add_likeness(left, right, score, how)

    def how(self, left: Sequence[NamePart], right: Sequence[NamePart]) -> How:
        if [part.form for part in left] == [part.form for part in right]:
            return How.EQUAL
        comparable = [part.comparable for part in left], [part.comparable for part in right]
        if comparable[0] == comparable[1]:
            latin = all(part.form.isascii() for part in (*left, *right))
            return How.EQUAL if latin else How.TRANSLITERATED
        if "".join(comparable[0]) == "".join(comparable[1]):
            return How.JOINED
        return How.SPELLING

    def pair_by_sound(self) -> None:
        """What transliteration made of one word: the same consonants, and not too far apart."""
        for part in list(self.left):
            likes = [(_sound_likeness(part, other), other) for other in self.right]
            best = max(likes, key=lambda like: like[0], default=None)
            if best and best[0] > 0:
                self.pair([part], [best[1]], best[0], How.SOUND)

    def text(self, side: int, parts: Sequence[NamePart]) -> str:
        shown = self.shown[side]
        if len(parts) == 1:
            return shown.get(parts[0].index, parts[0].form)
        return " ".join(shown.get(part.index, part.form) for part in parts)

    def part(
        self, left: Sequence[NamePart], right: Sequence[NamePart], how: How, score: float, weight: float, what: str = ""
    ) -> None:
        self.sum.parts.append(Part(self.text(0, left), self.text(1, right), how, score, weight, what))

    def missing(self, side: int, part: NamePart, weight: float, what: str) -> None:
        """It stands on one side alone."""
        left, right = ([part], []) if side == 0 else ([], [part])
        self.part(left, right, How.MISSING, 0.0, weight, what)


def shown_parts(name: Name) -> dict[int, str]:
    """Each part as the name has it: rigour's forms are folded."""
    known: dict[str, str] = {}
    for token in tokenize_name(name.original):
        known.setdefault(token.casefold(), token)
    return {part.index: known.get(part.form) or _shown_part(part, name.original) for part in name.parts}


def _shown_part(part: NamePart, name: str) -> str:
    """rigour writes a legal form in one word: "CO., LTD." is its "coltd"."""
    if part.tag != NamePartTag.LEGAL:
        return part.form.title()
    written = re.search(r"(?<!\w)" + r"[\s.,]*".join(map(re.escape, part.form)) + r"(?!\w)", name, re.IGNORECASE)
    return written.group() if written else part.form.upper()


def known_names(name: Name) -> dict[int, set[str]]:
    """For each part that rigour knows as a name of people: which names it may be."""
    known: dict[int, set[str]] = {}
    for span in name.spans:
        if span.symbol.category in (SymbolCategory.NAME, SymbolCategory.NICK) and len(span.parts) == 1:
            known.setdefault(span.parts[0].index, set()).add(span.symbol.id)
    return known


def latin(part: NamePart) -> str:
    return part.ascii or latin_reading(part.form, True)


def _sound_likeness(left: NamePart, right: NamePart) -> float:
    one, other = latin(left), latin(right)
    if min(len(one), len(other)) < 3 or left.numeric or right.numeric:
        return 0.0
    bones = skeleton(one), skeleton(other)
    is_bare = left.ascii is None or right.ascii is None  # a script without vowels
    if sound(one) == sound(other):
        return 0.9
    if bones[0] == bones[1]:
        if len(bones[0]) >= 3:
            return 0.85 if is_bare or JaroWinkler.similarity(one, other) > 0.75 else 0.7
        return 0.75 if is_bare or JaroWinkler.similarity(one, other) > 0.8 else 0.0
    near = Levenshtein.normalized_similarity(*bones)
    return 0.7 if is_bare and near >= 0.75 and min(map(len, bones)) >= 3 else 0.0


_FIRST_SOUNDS = ("kcqgh", "jyiegd", "zsct", "vwfb", "uow", "aeiou", "lr", "pb", "td", "hj")


def first_letters(left: Sequence[NamePart], right: Sequence[NamePart]) -> float:
    """Who mistypes a name rarely mistypes its first letter; transliterations change a few."""
    one, other = latin(left[0])[:1], latin(right[0])[:1]
    return 1.0 if one == other or any(one in sounds and other in sounds for sounds in _FIRST_SOUNDS) else 0.75


def most_of_one_word(own: Sequence[Part]) -> float:
    """How high a score may be where one word is all that fits: 'Rosneft', 'Rusneft' are one letter apart."""
    if len(own) != 1:
        return 1.0
    is_short = max(len(own[0].left), len(own[0].right)) < _LONG_WORD
    return 0.78 if own[0].how is How.VARIANT or (is_short and own[0].how is How.SPELLING) else 1.0


def most_by_sound(own: Sequence[Part]) -> float:
    """'Smith' and 'Smooth', 'Putin' and 'Petion' have the same consonants: with nothing beside them that is chance, but
    where a script leaves no vowels to compare."""
    if len(own) != 1 or own[0].how is not How.SOUND or is_read(own[0].left) or is_read(own[0].right):
        return 1.0
    words = [latin_reading(text, True) for text in (own[0].left, own[0].right)]
    if sound(words[0]) != sound(words[1]):
        return 0.5
    return 0.78 if max(map(len, words)) < _LONG_WORD else 1.0


def is_read(name: str) -> bool:
    return is_han(name) or is_hangul(name) or is_abjad(name)
