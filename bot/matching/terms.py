"""The fixed word lists that names are judged by (names_data/): common words, given names, places, parts of names.

All folded, loaded once. They are background knowledge of how names work: nothing here comes from anybody's watchlist.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files

from bot.text.folding import fold_key, tokens_of

__all__ = ["Terms", "load_terms"]


@dataclass(frozen=True, slots=True)
class Terms:
    common: frozenset[str]
    very_common: frozenset[str]
    given: frozenset[str]
    places: frozenset[str]  # single tokens of countries, peoples, cities
    countries: Mapping[str, tuple[str, ...]]  # ISO code -> folded names, longest first
    peoples: Mapping[str, tuple[str, ...]]  # ISO code -> folded adjectives
    country_of: Mapping[str, str]  # folded name or adjective -> ISO code
    seats: Mapping[str, str]  # folded name of a city that stands for its government -> ISO code
    legal_forms: frozenset[str]
    kinds: frozenset[str]
    trailing: frozenset[str]
    titles: frozenset[str]
    faiths: frozenset[str]
    between_two: frozenset[str]
    ship_prefixes: frozenset[str]
    reign: frozenset[str]
    particles: frozenset[str]
    firm_nouns: tuple[str, ...]  # Cyrillic stems
    hyphen_tails: frozenset[str]
    hyphen_heads: frozenset[str]
    family_first: frozenset[str]
    calendar: frozenset[str]
    common_surnames: frozenset[str]
    brothers_only: frozenset[str]
    spanish_given: frozenset[str]
    laws: frozenset[str]
    called: frozenset[str]
    kin: tuple[str, ...]  # as written; a * stands for any ending
    short_given: Mapping[str, tuple[str, ...]]  # a given name -> what it is for short
    hers: Mapping[str, str]  # ending of a family name -> that of a daughter, longest first
    institutions: frozenset[str]
    known_acronyms: frozenset[str]
    words_and_given: frozenset[str]
    kinds_in_front: frozenset[str]  # in all their cases
    kinds_before: frozenset[str]
    phrases_before: tuple[tuple[str, ...], ...]
    legal_phrases: tuple[tuple[str, ...], ...]
    spellings: Mapping[str, str]
    possessive_starts: frozenset[str]
    abbreviations: frozenset[str]
    generic_starts: frozenset[str]
    small_words: frozenset[str]
    regions: frozenset[str]
    vague: frozenset[str]
    chinese_before: tuple[str, ...]
    chinese_behind: tuple[str, ...]
    chinese_words: frozenset[str]
    sanctions_stems: tuple[str, ...]
    nobody: frozenset[str]  # words that, however put together, make no person's name: "Queen Bee", "the Italian"
    plain: frozenset[str] = field(default=frozenset())  # common, given, place or calendar: names nobody alone

    def is_distinctive(self, token: str) -> bool:
        """A token that, alone, names its bearer: no common word, given name, place, month, number or single letter."""
        return len(token) > 2 and token not in self.plain and not token.isdigit()

    def may_own(self, token: str) -> bool:
        """Does the word tell whose a body is: a name, or a place?"""
        return self.is_distinctive(token) or (token in self.places and token not in self.common)


def _lines(name: str) -> list[str]:
    text = (files("bot.matching") / "names_data" / name).read_text(encoding="utf-8")
    return [line.strip() for line in text.splitlines() if line.strip() and not line.startswith("#")]


def _word_set(text: str) -> frozenset[str]:
    return frozenset(token for word in text.split() for token in tokens_of(word) if token)


# Endings of a Cyrillic noun, folded, by that of its nominative; "" is a consonant.
_CASES = {
    "ия": "ия ии ию иеи", "ія": "ія іі ію ією", "а": "а ы и у е ои і ою", "о": "о а у ом е і", "": " а у ом е і ом ові",
}  # fmt: skip


def _cases(noun: str) -> list[str]:
    ending = next(ending for ending in _CASES if noun.endswith(ending))
    stem = noun.removesuffix(ending)
    return [*([] if ending else [stem]), *(stem + case for case in _CASES[ending].split())]


def _phrases(text: str) -> tuple[tuple[str, ...], ...]:
    return tuple(tuple(tokens_of(phrase)) for phrase in text.replace("\n", ",").split(",") if phrase.strip())


def _both_ways(line: str) -> list[tuple[str, str]]:
    one, other = line.split()
    return [(one, other), (other, one)]


def _pairs(text: str) -> list[tuple[str, str]]:
    return [(one, other) for one, other in map(str.split, text.split(","))]


def _by_first(pairs: Iterable[tuple[str, str]]) -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for first, second in pairs:
        found[first] = (*found.get(first, ()), second)
    return found


def _read_places() -> tuple[dict[str, tuple[str, ...]], dict[str, tuple[str, ...]], dict[str, str], set[str]]:
    """Names by ISO code, adjectives by ISO code, ISO codes by both, and the words of all, those of no country too."""
    countries: dict[str, tuple[str, ...]] = {}
    peoples: dict[str, tuple[str, ...]] = {}
    country_of: dict[str, str] = {}
    words: set[str] = set()
    for line in _lines("places.txt"):
        code, *written = line.split("|")
        names, adjectives = (tuple(fold_key(name) for name in some.split(",") if name.strip()) for some in written)
        words.update(word for name in names + adjectives for word in name.split())
        if (code := code.strip()) != "-":
            countries[code] = tuple(sorted(names, key=len, reverse=True))
            peoples[code] = adjectives
            for name in names + adjectives:
                country_of.setdefault(name, code)
    return countries, peoples, country_of, words


# Tables of terms.toml that are words and no more.
_WORD_SETS = """
    titles faiths between_two ship_prefixes reign particles hyphen_tails hyphen_heads common_surnames brothers_only
    spanish_given laws called institutions known_acronyms words_and_given kinds_before possessive_starts
    abbreviations generic_starts small_words regions vague legal_forms kinds trailing family_first calendar
""".split()
_NAMES_NOBODY = ("calendar", "family_first", "trailing", "kinds", "legal_forms")


@cache
def load_terms() -> Terms:
    """The lists, read from the package's own data."""
    raw = tomllib.loads("\n".join(_lines("terms.toml")))
    sets = {name: _word_set(raw[name]) for name in _WORD_SETS}
    countries, peoples, country_of, places = _read_places()
    country_of |= {fold_key(name): "un" for name in raw["united_nations"].split(",")}
    places |= {region for region in sets["regions"] if len(region) > 5}
    words = _lines("common_words.txt")
    spellings = dict(pair for line in raw["spellings"].split("\n") if line for pair in _both_ways(line))
    common = frozenset(word.rstrip("*") for word in words)
    common |= {spellings[word] for word in common & spellings.keys()}
    given = frozenset(_lines("given_names.txt"))
    return Terms(
        **sets,
        common=common,
        nobody=common | frozenset(places) | sets["particles"],
        very_common=frozenset(word[:-1] for word in words if word.endswith("*")),
        given=given,
        places=frozenset(places),
        countries=countries,
        peoples=peoples,
        country_of=country_of,
        seats={fold_key(city): code for code, *cities in map(str.split, raw["seats"].split(",")) for city in cities},
        firm_nouns=tuple(fold_key(stem) for stem in raw["firm_nouns"].split()),
        kin=tuple(raw["kin"].split()),
        short_given=_by_first(_pairs(raw["short_given"])),
        hers=dict(sorted(_pairs(raw["hers"]), key=lambda pair: -len(pair[0]))),
        kinds_in_front=frozenset(case for word in _word_set(raw["kinds_in_front"]) for case in _cases(word)),
        phrases_before=_phrases(raw["phrases_before"]),
        legal_phrases=_phrases(raw["legal_phrases"]),
        spellings=spellings,
        chinese_before=tuple(raw["chinese_before"].split()),
        chinese_behind=tuple(raw["chinese_behind"].split()),
        chinese_words=frozenset(raw["chinese_words"].split()),
        sanctions_stems=tuple("  ".join(tokens_of(stem)) for stem in raw["sanctions_stems"].split(",")),
        plain=common.union(given, places, *(sets[name] for name in _NAMES_NOBODY)),
    )
