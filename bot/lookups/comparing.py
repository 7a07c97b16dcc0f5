"""How like are two names, or two named things, and why. The comparison of parts is rigour's; ours is what each part
weighs, what speaks against, and the words for it.

    readings of each name | rigour: analyse | pair symbols | compare what is left | weigh | bounds | best pair of names

A score is 0 to 1. Above DEFAULT_THRESHOLD two names are taken for one; it was tuned on two thirds of
tests/data/name_pairs.csv (docs/lookups.md has the figures).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from rigour.names import Alignment, Name, NameTypeTag, SymbolCategory, analyze_names, extract_org_types, pair_symbols
from rigour.territories import get_territory

from bot.identifiers import identifier_key, shared_identifier, told_identifier
from bot.lookups.organisations import OrganisationWeighing, kinds_of
from bot.lookups.people import PersonWeighing, compare_korean
from bot.lookups.spelling import is_abjad, is_han, is_hangul, latin_reading, without_article
from bot.lookups.weighing import Comparison, How, Part, Read, Sum, is_read, known_names, shown_parts
from bot.model import ORGANISATIONS, Identifier, Schema
from bot.text.folding import fold_key, simplified

DEFAULT_THRESHOLD = 0.80
MOST_NAME = 400  # characters that are compared: a longer name is no name
WEAK_MOST = 0.75  # a weak alias alone never reaches the threshold
WEAK_NOTE = "a weak alias: no more than a hint"
_MOST_PAIRINGS = 12
_MOST_NAMES = 60  # of one side that are compared with each of the other
_THINGS = frozenset({Schema.VESSEL, Schema.AIRPLANE})
_PARENTHESIS = re.compile(r"\s*[(（\[][^)）\]]*[)）\]]\s*")
_ACRONYM = re.compile(r"[A-ZА-ЯЁ]{2,8}")
_INITIALS = re.compile(r"\b([^\W\d_])\.(?=\w)")  # "J.R.R." is three initials, not a word

# Two letters at least: a single I, V or X is mostly a letter.
_ROMAN = re.compile(r"(?<![\w.])(?=[IVX]{2,5}(?![\w.]))(X{0,3})(IX|IV|V?I{0,3})(?![\w.])")


@dataclass(frozen=True, slots=True)
class Named:
    """What is compared of a thing: all its names, and what else tells it from others of its name."""

    schema: Schema
    names: tuple[str, ...]
    weak_names: tuple[str, ...] = ()
    countries: tuple[str, ...] = ()  # ISO 3166-1 alpha-2, lower case
    birth_dates: tuple[str, ...] = ()  # ISO, as exact as known
    identifiers: tuple[Identifier, ...] = ()


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
    if left is Schema.LEGAL_ENTITY or {left, right} <= ORGANISATIONS:
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
    sounds = compare_korean(left, right) if is_korean else None
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
    if schema in ORGANISATIONS:
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


@lru_cache(maxsize=20_000)
def _read(name: str, tag: NameTypeTag) -> Read | None:
    found = _analysed(name, tag)
    if found is None or not found.parts:
        return None
    kinds, shown = {} if tag is NameTypeTag.PER else kinds_of(found), shown_parts(found)
    acronyms = frozenset(index for index, text in shown.items() if _ACRONYM.fullmatch(text))
    return Read(found, shown, known_names(found), kinds, acronyms)


def _compare_readings(left: str, right: str, tag: NameTypeTag, names: tuple[str, str]) -> Comparison:
    one, other = _read(left, tag), _read(right, tag)
    if one is None or other is None:
        return Comparison(0.0)
    sums = [_weigh(one, other, pairing, tag) for pairing in _pairings(one.name, other.name)]
    best = max(sums, key=lambda found: found.score)
    notes = [
        f"{name} in Latin letters: {reading}"
        for name, reading in zip(names, (left, right), strict=True)
        if reading.isascii() and not simplified(name).isascii() and name != reading and is_read(name)
    ]
    return Comparison(best.score, parts=tuple(_in_order(best.parts)), notes=tuple(notes))


def _in_order(parts: Iterable[Part]) -> list[Part]:
    """What fits first, then what is missing, then what differs."""
    rank = {How.MISSING: 1, How.DIFFERENT: 2}
    return sorted(parts, key=lambda part: rank.get(part.how, 0))


def _pairings(one: Name, other: Name) -> list[tuple[Alignment, ...]]:
    found = [pairing for pairing in pair_symbols(one, other)[:_MOST_PAIRINGS] if pairing]
    return [*found, ()]


def _weigh(one: Read, other: Read, pairing: tuple[Alignment, ...], tag: NameTypeTag) -> Sum:
    if tag is NameTypeTag.PER:
        return PersonWeighing(one, other).weigh(pairing)
    return OrganisationWeighing(one, other, is_thing=tag is NameTypeTag.OBJ).weigh(pairing)
