"""How like are two names, or two named things, and why. The comparison of parts is rigour's; ours is what each part
weighs, what speaks against, and the words for it.

    readings of each name | rigour: analyse | pair symbols | compare what is left | weigh | bounds | best pair of names

A score is 0 to 1. Above DEFAULT_THRESHOLD two names are taken for one; it was tuned on two thirds of
tests/data/name_pairs.csv (docs/lookups.md has the figures).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from functools import lru_cache

from rapidfuzz.distance import JaroWinkler, Levenshtein
from rigour.names import (
    Alignment,
    Name,
    NamePart,
    NamePartTag,
    NameTypeTag,
    SymbolCategory,
    align_person_name_order,
    analyze_names,
    compare_parts,
    extract_org_types,
    pair_symbols,
    tokenize_name,
)
from rigour.territories import get_territory

from bot.folding import fold_key, simplified
from bot.identifiers import identifier_key, shared_identifier, told_identifier
from bot.lookups.spelling import (
    is_abjad,
    is_han,
    is_hangul,
    korean_sound,
    latin_reading,
    skeleton,
    sound,
    without_article,
)
from bot.model import Identifier, Schema

__all__ = [
    "DEFAULT_THRESHOLD",
    "Comparison",
    "How",
    "Named",
    "Part",
    "agreed",
    "compare",
    "compare_names",
    "countries_contradict",
    "dates_contradict",
    "told_countries",
]

DEFAULT_THRESHOLD = 0.80
MOST_NAME = 400  # characters that are compared: a longer name is no name
WEAK_MOST = 0.75  # a weak alias alone never reaches the threshold
WEAK_NOTE = "a weak alias: no more than a hint"
_LONG_WORD = 8  # letters: one so long is hardly spelt alike by chance
_MOST_PAIRINGS = 12
_MOST_NAMES = 60  # of one side that are compared with each of the other

_ORGANISATIONS = frozenset({Schema.COMPANY, Schema.ORGANIZATION, Schema.PUBLIC_BODY})
_THINGS = frozenset({Schema.VESSEL, Schema.AIRPLANE})
_PATRONYMIC = re.compile(
    r"(?:[oe]vi[tc]?[czs]?h|[oy]?ovych|[iy]ch|[oe]vna|ichna|inichna|[iy]vna|ogl[yui]|q[iy]z[iy]|k[iy]z[iy])$"
)
_PARENTHESIS = re.compile(r"\s*[(（\[][^)）\]]*[)）\]]\s*")
_ACRONYM = re.compile(r"[A-ZА-ЯЁ]{2,8}")
_INITIALS = re.compile(r"\b([^\W\d_])\.(?=\w)")  # "J.R.R." is three initials, not a word
# Two letters at least: a single I, V or X is mostly a letter.
_ROMAN = re.compile(r"(?<![\w.])(?=[IVX]{2,5}(?![\w.]))(X{0,3})(IX|IV|V?I{0,3})(?![\w.])")


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
class Named:
    """What is compared of a thing: all its names, and what else tells it from others of its name."""

    schema: Schema
    names: tuple[str, ...]
    weak_names: tuple[str, ...] = ()
    countries: tuple[str, ...] = ()  # ISO 3166-1 alpha-2, lower case
    birth_dates: tuple[str, ...] = ()  # ISO, as exact as known
    identifiers: tuple[Identifier, ...] = ()


# ---------------------------------------------------------------- whole things


def compare(left: Named, right: Named) -> Comparison:
    """The best pair of names, then what speaks for or against: identifiers decide alone, contradictions lower."""
    if identifier := shared_identifier(right, left):
        return Comparison(1.0, (left.names[0], right.names[0]), (), (f"the same {told_identifier(identifier)}",))
    return agreed(_best_pair(left, right), left, right)


def agreed(names: Comparison, left: Named, right: Named) -> Comparison:
    """What is known of the names, and what beside them speaks against."""
    score = round(names.score * _agreement(left, right), 4)
    return replace(names, score=score, notes=(*names.notes, *_contradictions(left, right)))


def _best_pair(left: Named, right: Named) -> Comparison:
    schema = _common_schema(left.schema, right.schema)
    if schema is None:
        best = compare_names(left.names[0], right.names[0], right.schema)
        return replace(best, score=min(best.score, 0.6), notes=(f"{left.schema} / {right.schema}",))
    best = Comparison(0.0, (left.names[0] if left.names else "", right.names[0] if right.names else ""))
    for one, one_weak in _ranked(left):
        for other, other_weak in _ranked(right):
            found = compare_names(one, other, schema)
            if (one_weak or other_weak) and found.score > WEAK_MOST:
                found = replace(found, score=WEAK_MOST, notes=(*found.notes, WEAK_NOTE))
            if found.score > best.score:
                best = found
            if best.score >= 1.0:
                return best
    return best


def _ranked(named: Named) -> list[tuple[str, bool]]:
    return [(name, False) for name in named.names[:_MOST_NAMES]] + [(name, True) for name in named.weak_names[:20]]


def _common_schema(left: Schema, right: Schema) -> Schema | None:
    """The narrower of two kinds that may be one thing; None if they cannot."""
    if left is right or right is Schema.LEGAL_ENTITY:
        return left
    if left is Schema.LEGAL_ENTITY or {left, right} <= _ORGANISATIONS:
        return right
    return None


def _agreement(left: Named, right: Named) -> float:
    factor = 1.0
    if countries_contradict(left, right):
        factor *= 0.9
    if dates_contradict(left.birth_dates, right.birth_dates):
        factor *= 0.75
    if _unlike_identifiers(left, right):
        factor *= 0.85
    return factor


def _contradictions(left: Named, right: Named) -> list[str]:
    notes = []
    if countries_contradict(left, right):
        notes.append(f"countries differ: {told_countries(left)} / {told_countries(right)}")
    if dates_contradict(left.birth_dates, right.birth_dates):
        notes.append(f"born {', '.join(left.birth_dates)} / {', '.join(right.birth_dates)}")
    elif left.birth_dates and right.birth_dates:
        notes.append(f"birth dates agree: {', '.join(right.birth_dates)}")
    notes += [f"{told_identifier(one)} / {other.value} differ" for one, other in _unlike_identifiers(left, right)]
    return notes


def countries_contradict(left: Named, right: Named) -> bool:
    return bool(left.countries and right.countries) and not set(left.countries) & set(right.countries)


def told_countries(named: Named) -> str:
    found = [(code, get_territory(code)) for code in named.countries[:3]]
    return ", ".join(territory.name if territory else code.upper() for code, territory in found)


def dates_contradict(left: Sequence[str], right: Sequence[str]) -> bool:
    """None fits any: '1970' fits '1970-01-31'."""
    fits = any(one.startswith(other) or other.startswith(one) for one in left for other in right)
    return bool(left and right) and not fits


# Numbers that a thing has one of at a time: two different ones are two things.
_SINGLE = frozenset({"imoNumber", "leiCode", "isin"})


def _unlike_identifiers(left: Named, right: Named) -> list[tuple[Identifier, Identifier]]:
    ones = {one.kind: one for one in left.identifiers if one.kind in _SINGLE}
    return [(ones[other.kind], other) for other in right.identifiers if other.kind in ones]


# ---------------------------------------------------------------- two names


def compare_names(left: str, right: str, schema: Schema) -> Comparison:
    """Two names of things of one kind. Never raises; what holds no letter or digit is like nothing."""
    left, right = left[:MOST_NAME], right[:MOST_NAME]
    if schema is Schema.CRYPTO_WALLET:
        keys = [identifier_key(Identifier("publicKey", text)) for text in (left, right)]
        same = keys[0] == keys[1] != ("publicKey", "")
        return Comparison(float(same), (left, right), (Part(left, right, How.EQUAL, 1.0, 1.0),) if same else ())
    folded = fold_key(left), fold_key(right)
    if not folded[0] or not folded[1]:
        return Comparison(0.0, (left, right), notes=("no letter or digit",))
    tag = _tag(left, right, schema)
    pairs = [(one, other) for one in _readings(left, right, tag) for other in _readings(right, left, tag)]
    is_korean = tag is NameTypeTag.PER and is_hangul(left) != is_hangul(right)
    sounds = _compare_korean(left, right) if is_korean else None
    found = [sounds] if sounds else [_compare_readings(one, other, tag, (left, right)) for one, other in pairs]
    best = max(found, key=lambda one: one.score)
    if folded[0] == folded[1]:
        best = replace(best, score=max(best.score, _equal_score(folded[0], tag)))
    return replace(best, score=round(best.score, 4), names=(left, right))


def _equal_score(folded: str, tag: NameTypeTag) -> float:
    """One word is no sure person, even when it is the same."""
    return 0.9 if tag is NameTypeTag.PER and " " not in folded else 1.0


@lru_cache(maxsize=4_000)
def _tag(left: str, right: str, schema: Schema) -> NameTypeTag:
    if schema is Schema.PERSON:
        return NameTypeTag.PER
    if schema in _ORGANISATIONS:
        return NameTypeTag.ORG
    if schema in _THINGS:
        return NameTypeTag.OBJ
    names = [name for text in (left, right) for name in [_analysed(text, NameTypeTag.ENT)] if name]
    if any(extract_org_types(text.casefold()) for text in (left, right)):
        return NameTypeTag.ORG
    generic = (SymbolCategory.DOMAIN, SymbolCategory.ORG_CLASS, SymbolCategory.LOCATION)
    is_firm = any(symbol.category in generic for name in names for symbol in name.symbols)
    is_person = all(any(symbol.category == SymbolCategory.NAME for symbol in name.symbols) for name in names)
    return NameTypeTag.PER if is_person and not is_firm else NameTypeTag.ORG


def _arabic(numeral: re.Match[str]) -> str:
    """'XII' -> '12'."""
    ones = ("", "I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX").index(numeral[2])
    return str(10 * len(numeral[1]) + ones)


def _readings(name: str, other: str, tag: NameTypeTag) -> tuple[str, ...]:
    """The ways in which `name` may be compared with `other`: as it is, without what stands in brackets, and in Latin
    letters where the two scripts share none."""
    return _readings_of(name, tag, _foreign(other))


def _foreign(name: str) -> tuple[bool, ...]:
    return (False, False, False) if name.isascii() else (is_han(name), is_hangul(name), is_abjad(name))


@lru_cache(maxsize=20_000)
def _readings_of(name: str, tag: NameTypeTag, other: tuple[bool, ...]) -> tuple[str, ...]:
    name = _INITIALS.sub(r"\1. ", name) if tag is NameTypeTag.PER else _ROMAN.sub(_arabic, name)
    readings = [simplified(name)]
    bare = " ".join(_PARENTHESIS.sub(" ", name).split())
    if bare and bare != name and any(char.isalnum() for char in bare):
        readings.append(simplified(bare))
    if tag is NameTypeTag.PER and is_abjad(name) and (bare := without_article(readings[0])) != readings[0]:
        readings.append(bare)
    foreign = _foreign(name)
    if any(foreign) and foreign != other:
        readings += [latin_reading(one, tag is NameTypeTag.PER) for one in readings]
    return tuple(dict.fromkeys(reading for reading in readings if reading.strip()))


@lru_cache(maxsize=20_000)
def _analysed(name: str, tag: NameTypeTag) -> Name | None:
    found = analyze_names(tag, [name], infer_initials=True, consolidate=False)
    return next(iter(found), None)


@dataclass(frozen=True, slots=True)
class _Read:
    """A name, analysed, with what each way of pairing its parts asks of it: some names are paired in a dozen ways, with
    hundreds of others."""

    name: Name
    shown: Mapping[int, str]
    known: Mapping[int, set[str]]
    kinds: Mapping[int, str]
    acronyms: frozenset[int]  # parts in capitals, which may be the initials of others


@lru_cache(maxsize=20_000)
def _read(name: str, tag: NameTypeTag) -> _Read | None:
    found = _analysed(name, tag)
    if found is None or not found.parts:
        return None
    kinds, shown = {} if tag is NameTypeTag.PER else _kinds(found), _shown(found)
    acronyms = frozenset(index for index, text in shown.items() if _ACRONYM.fullmatch(text))
    return _Read(found, shown, _known_names(found), kinds, acronyms)


@dataclass(slots=True)
class _Sum:
    """Parts that were paired, and what is known of the whole."""

    parts: list[Part] = field(default_factory=list)
    most: float = 1.0  # no higher than this, whatever the parts say

    def bound(self, most: float) -> None:
        self.most = min(self.most, most)

    @property
    def score(self) -> float:
        weight = sum(part.weight for part in self.parts)
        return min(self.most, sum(part.score * part.weight for part in self.parts) / weight) if weight else 0.0


def _compare_readings(left: str, right: str, tag: NameTypeTag, names: tuple[str, str]) -> Comparison:
    one, other = _read(left, tag), _read(right, tag)
    if one is None or other is None:
        return Comparison(0.0)
    sums = [_weigh(one, other, pairing, tag) for pairing in _pairings(one.name, other.name)]
    best = max(sums, key=lambda found: found.score)
    notes = [
        f"{name} in Latin letters: {reading}"
        for name, reading in zip(names, (left, right), strict=True)
        if reading.isascii() and not simplified(name).isascii() and name != reading and _is_read(name)
    ]
    return Comparison(best.score, parts=tuple(_in_order(best.parts)), notes=tuple(notes))


def _is_read(name: str) -> bool:
    return is_han(name) or is_hangul(name) or is_abjad(name)


def _in_order(parts: Iterable[Part]) -> list[Part]:
    """What fits first, then what is missing, then what differs."""
    rank = {How.MISSING: 1, How.DIFFERENT: 2}
    return sorted(parts, key=lambda part: rank.get(part.how, 0))


def _pairings(one: Name, other: Name) -> list[tuple[Alignment, ...]]:
    found = [pairing for pairing in pair_symbols(one, other)[:_MOST_PAIRINGS] if pairing]
    return [*found, ()]


def _weigh(one: _Read, other: _Read, pairing: tuple[Alignment, ...], tag: NameTypeTag) -> _Sum:
    judged = (
        _Person(one, other) if tag is NameTypeTag.PER else _Organisation(one, other, is_thing=tag is NameTypeTag.OBJ)
    )
    return judged.weigh(pairing)


# ---------------------------------------------------------------- what both kinds share


class _Weighing:
    """Pairs the parts of two names: by rigour's symbols, then by spelling, then by sound."""

    def __init__(self, one: _Read, other: _Read) -> None:
        self.one, self.other = one.name, other.name
        self.sum = _Sum()
        self.shown = one.shown, other.shown
        self.left: list[NamePart] = []
        self.right: list[NamePart] = []
        self.known = one.known, other.known

    def weigh(self, pairing: tuple[Alignment, ...]) -> _Sum:
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


def _shown(name: Name) -> dict[int, str]:
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


def _known_names(name: Name) -> dict[int, set[str]]:
    """For each part that rigour knows as a name of people: which names it may be."""
    known: dict[int, set[str]] = {}
    for span in name.spans:
        if span.symbol.category in (SymbolCategory.NAME, SymbolCategory.NICK) and len(span.parts) == 1:
            known.setdefault(span.parts[0].index, set()).add(span.symbol.id)
    return known


def _latin(part: NamePart) -> str:
    return part.ascii or latin_reading(part.form, True)


def _sound_likeness(left: NamePart, right: NamePart) -> float:
    one, other = _latin(left), _latin(right)
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


def _first_letters(left: Sequence[NamePart], right: Sequence[NamePart]) -> float:
    """Who mistypes a name rarely mistypes its first letter; transliterations change a few."""
    one, other = _latin(left[0])[:1], _latin(right[0])[:1]
    return 1.0 if one == other or any(one in sounds and other in sounds for sounds in _FIRST_SOUNDS) else 0.75


# ---------------------------------------------------------------- people


class _Person(_Weighing):
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
            score *= _first_letters(left, right)
        self.part(left, right, how, score, self.weight(left, right))

    def are_two_names(self, left: Sequence[NamePart], right: Sequence[NamePart]) -> bool:
        """Hassan and Hussein are spelt alike, and everybody knows them as two names."""
        if len(left) != 1 or len(right) != 1:
            return False
        known = self.known[0].get(left[0].index), self.known[1].get(right[0].index)
        if sound(_latin(left[0])) == sound(_latin(right[0])):
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
        return len(parts) == 1 and bool(_PATRONYMIC.search(_latin(parts[0])))

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
            self.sum.bound(_most_by_sound(full))
        elif max(sizes) <= 1:
            self.sum.bound(0.9)  # one word is no sure person, even when it is the same
            self.sum.bound(min(_most_of_one_word(full), _most_by_sound(full)))
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


def _most_of_one_word(own: Sequence[Part]) -> float:
    """How high a score may be where one word is all that fits: 'Rosneft', 'Rusneft' are one letter apart."""
    if len(own) != 1:
        return 1.0
    is_short = max(len(own[0].left), len(own[0].right)) < _LONG_WORD
    return 0.78 if own[0].how is How.VARIANT or (is_short and own[0].how is How.SPELLING) else 1.0


def _most_by_sound(own: Sequence[Part]) -> float:
    """'Smith' and 'Smooth', 'Putin' and 'Petion' have the same consonants: with nothing beside them that is chance, but
    where a script leaves no vowels to compare."""
    if len(own) != 1 or own[0].how is not How.SOUND or _is_read(own[0].left) or _is_read(own[0].right):
        return 1.0
    words = [latin_reading(text, True) for text in (own[0].left, own[0].right)]
    if sound(words[0]) != sound(words[1]):
        return 0.5
    return 0.78 if max(map(len, words)) < _LONG_WORD else 1.0


def _is_letter(part: NamePart) -> bool:
    return len(part.comparable) == 1 and part.comparable.isascii()


def _is_initial_of(part: NamePart, other: NamePart) -> bool:
    one, two = part.comparable, other.comparable
    return one[:1] == two[:1] and min(len(one), len(two)) == 1 and one[:1].isalpha()


def _is_particle(part: NamePart) -> bool:
    return part.comparable in _PARTICLES


_PARTICLES = frozenset("al el bin ibn bint ben abu abou de la del da dos di van von der den ul ud ur an".split())


def _compare_korean(left: str, right: str) -> Comparison | None:
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


# ---------------------------------------------------------------- organisations, vessels


class _Organisation(_Weighing):
    """Legal forms count next to nothing, generic words ("bank", "trading") a little, places and numbers much; what is a
    name of its own must fit."""

    def __init__(self, one: _Read, other: _Read, *, is_thing: bool) -> None:
        super().__init__(one, other)
        self.is_thing = is_thing
        self.kinds = one.kinds, other.kinds
        self.acronyms = one.acronyms, other.acronyms

    def takes(self, alignment: Alignment) -> bool:
        return alignment.symbol is not None and alignment.symbol.category != SymbolCategory.INITIAL

    def add_symbol(self, alignment: Alignment) -> None:
        left, right, symbol = alignment.qps, alignment.rps, alignment.symbol
        assert symbol is not None
        how = self.how(left, right)
        weight = _SYMBOL_WEIGHTS.get(symbol.category.value, 1.0) * max(1, min(len(left), len(right)))
        what = "place" if symbol.category == SymbolCategory.LOCATION else ""
        if how is How.EQUAL:
            self.part(left, right, How.EQUAL, 1.0, weight, what)
        elif symbol.category == SymbolCategory.ORG_CLASS:
            self.part(left, right, How.LEGAL, 1.0, 0.15)
        elif symbol.category == SymbolCategory.NUMERIC:
            self.part(left, right, How.NUMBER, 1.0, weight)
        elif max(len(left), len(right)) > 2 * min(len(left), len(right)) + 1:
            self.part(left, right, How.ACRONYM, 0.9, 1.0)
        else:
            self.part(left, right, How.TRANSLITERATED if how is How.TRANSLITERATED else How.WORD, 0.95, weight, what)

    def add_likeness(self, left: Sequence[NamePart], right: Sequence[NamePart], score: float, how: How) -> None:
        kinds = [self.kinds[0].get(part.index, "") for part in left] + [
            self.kinds[1].get(part.index, "") for part in right
        ]
        if any(part.numeric for part in (*left, *right)) and how is not How.EQUAL:
            self.part(left, right, How.DIFFERENT, 0.0, 1.5, "number")
            self.sum.bound(0.65)
            return
        if how is How.SPELLING:
            score *= _first_letters(left, right)
        weight = min(_WEIGHTS.get(kind, 1.0) for kind in kinds) * max(1, min(len(left), len(right)))
        if len(left) == len(right) == 1 and min(len(left[0].comparable), len(right[0].comparable)) == 1:
            weight = 0.4
        self.part(left, right, how, score, weight, "place" if "LOC" in kinds else "")

    def judge_rest(self) -> None:
        self.pair_acronym()
        self.drop_own_acronyms()
        self.pair_shortened()
        left = [(part, self.kinds[0].get(part.index, "")) for part in self.left]
        right = [(part, self.kinds[1].get(part.index, "")) for part in self.right]
        for kind, what in (
            ("NUM", "number"),
            ("LOC", "place"),
            ("", "name"),
            ("generic", "word"),
            ("formal", "word"),
            ("LEGAL", "legal form"),
        ):
            self.judge_kind(kind, what, [p for p, k in left if k == kind], [p for p, k in right if k == kind])
        for side, parts in ((0, left), (1, right)):
            for part, kind in parts:
                if kind == "STOP":
                    self.missing(side, part, 0.02, "")
        self.set_bounds()

    def judge_kind(self, kind: str, what: str, left: list[NamePart], right: list[NamePart]) -> None:
        if not left and not right:
            return
        both = min(len(left), len(right))
        for one, other in zip(left[:both], right[:both], strict=True):
            self.part([one], [other], How.DIFFERENT, 0.0, _DIFFERING[kind], what)
            if kind in _DIFFERING_MOST:
                self.sum.bound(_DIFFERING_MOST[kind])
        for side, parts in ((0, left[both:]), (1, right[both:])):
            many = sum(part.score >= 0.8 and part.weight >= 1 for part in self.sum.parts) >= 2
            for part in parts:
                self.missing(side, part, (_MISSING_OF_MANY if many else _MISSING)[kind], what)
                if kind == "NUM":
                    self.sum.bound(0.75)

    def pair_acronym(self) -> None:
        """'VTB' and 'Vneshtorgbank' is beyond us; 'NIOC' and 'National Iranian Oil Company' is not. Two words of
        capitals mean many things, so it needs support: another part that fits, or five letters."""
        for side, parts in enumerate((self.left, self.right)):
            rest = self.right if side == 0 else self.left
            for part in list(parts) if self.acronyms[side] else ():
                spelt = _initials_of(part, rest) if part.index in self.acronyms[side] else []
                if spelt:
                    has_support = any(found.score >= 0.8 and found.weight >= 0.4 for found in self.sum.parts)
                    score = 0.85 if has_support or len(spelt) >= 5 else 0.7
                    one, other = ([part], spelt) if side == 0 else (spelt, [part])
                    self.pair(one, other, score, How.ACRONYM)
                    return

    def drop_own_acronyms(self) -> None:
        """'UAC United Aircraft Corporation': the acronym says nothing new."""
        for side, (parts, name) in enumerate(((self.left, self.one), (self.right, self.other))):
            for part in [part for part in parts if part.index in self.acronyms[side]]:
                if _initials_of(part, [other for other in name.parts if other is not part]):
                    parts.remove(part)
                    self.missing(side, part, 0.05, "acronym")

    def pair_shortened(self) -> None:
        """'Air' and 'Airlines', 'Tech' and 'Technologies', 'Iran' and 'Iranian'."""
        for part in list(self.left):
            for other in list(self.right):
                short, long = sorted((part.comparable, other.comparable), key=len)
                kinds = {self.kinds[0].get(part.index, ""), self.kinds[1].get(other.index, "")}
                is_word = len(short) >= 3 and long.startswith(short) and kinds & {"generic", "formal"}
                is_place = (
                    "LOC" in kinds and len(long) - len(short) <= 3 and long.startswith(short[: max(4, len(short) - 1)])
                )
                if is_word or is_place:
                    self.pair([part], [other], 0.9, How.WORD)
                    break

    def set_bounds(self) -> None:
        """A name of its own must fit: generic words alone make no firm."""
        parts = self.sum.parts
        own = [part for part in parts if part.score >= 0.6 and part.weight >= 0.7]
        lost = [part for part in parts if part.score == 0 and part.what == "name"]
        if not own and lost:
            self.sum.bound(0.5)
        self.sum.bound(_most_of_one_word(own))
        self.sum.bound(_most_by_sound([part for part in parts if part.score >= 0.6 and part.weight >= 0.4]))
        if self.is_thing and any(part.score == 0 and part.weight > 0.3 for part in parts):
            self.sum.bound(0.7)


# Symbols of rigour's for what is nearly a legal form.
_FORMAL = frozenset({"CO", "CORP", "GRP", "GOV", "HOLDING", "ENTERPRISE", "PRIVATE", "PUBLIC"})
_SYMBOL_WEIGHTS = {"ORGCLS": 0.15, "DOMAIN": 0.5, "SYMBOL": 0.4, "LOC": 0.8, "NUM": 1.0, "NAME": 1.0}
# What rigour has no symbol for.
_GENERIC_WORDS = frozenset(
    "material materials metallic tool tools commodity commodities foods textile textiles garment garments component "
    "components instrument instruments contracting software tanker tankers refinery refining cement freight "
    "comercializadora importadora exportadora operadora".split()
)
_WEIGHTS = {"LEGAL": 0.15, "STOP": 0.1, "formal": 0.2, "generic": 0.5, "LOC": 0.8, "NUM": 1.0, "": 1.0}
_MISSING = {"LEGAL": 0.04, "formal": 0.06, "generic": 0.4, "LOC": 0.3, "NUM": 0.8, "": 0.8}
_MISSING_OF_MANY = _MISSING | {"generic": 0.2, "": 0.5}  # where two names of their own fit
_DIFFERING = {"LEGAL": 0.12, "formal": 0.2, "generic": 0.6, "LOC": 1.6, "NUM": 2.0, "": 1.8}
_DIFFERING_MOST = {"NUM": 0.65, "LOC": 0.7, "": 0.72}


def _kinds(name: Name) -> dict[int, str]:
    """What each part is: LEGAL, STOP, NUM, LOC, generic; absent: a name of its own."""
    found: dict[int, str] = {}
    for span in name.spans:
        kind = {"DOMAIN": "generic", "SYMBOL": "generic", "LOC": "LOC", "NUM": "NUM", "ORGCLS": "LEGAL"}.get(
            span.symbol.category.value
        )
        if kind:
            kind = "formal" if span.symbol.id in _FORMAL else kind
            for part in span.parts:
                is_sign = kind == "NUM" and len(span.parts) > 1 and not part.numeric  # the "No." of "No. 5"
                found[part.index] = "STOP" if is_sign else found[part.index] if _is_set(found, part) else kind
    for part in name.parts:
        if part.form in _GENERIC_WORDS:
            found.setdefault(part.index, "generic")
        if part.numeric:
            found[part.index] = "NUM"
        elif part.tag == NamePartTag.LEGAL:
            found[part.index] = found.get(part.index, "LEGAL") if found.get(part.index) == "NUM" else "LEGAL"
        elif part.tag == NamePartTag.STOP:
            found[part.index] = "STOP"
    return found


def _is_set(found: dict[int, str], part: NamePart) -> bool:
    return found.get(part.index) in ("formal", "STOP")


def _initials_of(part: NamePart, rest: Sequence[NamePart]) -> list[NamePart]:
    """The words of `rest` that `part`, which is in capitals, is the initials of; none if it is no acronym."""
    letters = part.comparable
    if len(letters) < 3:
        return []
    words = [other for other in rest if other.tag not in (NamePartTag.STOP, NamePartTag.LEGAL)]
    for chosen in (words, [other for other in rest if other.tag != NamePartTag.STOP]):
        if "".join(other.comparable[:1] for other in chosen) == letters:
            return list(chosen)
    return []
