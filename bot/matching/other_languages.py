"""What papers in other languages call bodies that are tracked under an English name: the Revolutionary Guard Corps is
the Pasdaran, КСИР, 혁명수비대, the Central Bank of Syria "la Banque centrale syrienne". Names that sound alike in both
are found by sound, not here."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from itertools import product
from typing import Any

from bot.matching.legal_forms import strip_legal_form
from bot.text.folding import fold_key
from bot.text.patterns import read_table

__all__ = [
    "countries_in_cyrillic",
    "in_other_languages",
    "institution_in_other_languages",
    "kind_in_other_languages",
    "translated_to_chinese",
]

_CYRILLIC = ("ru", "uk")
_GERMAN_ENDINGS = ("e", "en", "er", "es")


def in_other_languages(core: Sequence[str]) -> Sequence[str]:
    """The names, as papers write them, of the body that has these folded words as its name without a legal form."""
    return _bodies().get(_as_one(core), ())


def institution_in_other_languages(head: Sequence[str], country: str) -> Iterator[str]:
    """ "central bank", "sy": "Banque centrale de Syrie", "Banque centrale syrienne", "Zentralbank Syriens" …"""
    named = _table()["countries"].get(country)
    for language, patterns in _table()["institutions"].get(_as_one(head), {}).items() if named else ():
        for pattern in patterns.split(", "):
            if "{adj}" not in pattern:
                yield from map(pattern.format, named[language].split(", "))
            else:
                yield from (pattern.format(adj=each) for each in _adjectives(named[f"{language}_adj"], language))


@cache
def countries_in_cyrillic() -> Mapping[str, str]:
    """The codes of countries by the one word that Russian or Ukrainian has for "of the country": "россии", "рф"."""
    return {
        folded: code
        for code, named in _table()["countries"].items()
        for language in _CYRILLIC
        for name in named[language].split(", ")
        if " " not in (folded := fold_key(name))
    }


def translated_to_chinese(core: Sequence[str]) -> Iterator[str]:
    """ "canada tibet committee": 加拿大西藏委员会. Nothing where a word is not known, or none tells whose it is."""
    places, words = _table()["chinese_places"], _table()["chinese_words"]
    parts: list[list[str]] = []
    has_place, at = False, 0
    while at < len(core):
        for size in (2, 1):
            phrase = " ".join(core[at : at + size])
            written = places.get(phrase) or words.get(phrase)
            if written:
                break
        else:
            return
        has_place |= phrase in places
        parts.append(written.split())
        at += size
    if has_place and len(parts) >= _FEWEST_TRANSLATED:
        yield from map("".join, product(*parts))


_FEWEST_TRANSLATED = 3  # words


def kind_in_other_languages(kind: str) -> Sequence[str]:
    """ "division": "división", "дивизия" …, which stand in front of a name."""
    return [word for word in _table()["kinds"].get(kind, "").split(", ") if word]


BETWEEN_NAMES = re.compile("[ ·]")  # of somebody's given and family name in Chinese and Korean


def well_known_in_the_east(name: str) -> Sequence[str]:
    """What Chinese and Korean papers call somebody whose folded given and family name this is: "vladimir putin"."""
    return _people().get(name, ())


def _adjectives(written: str, language: str) -> Iterator[str]:
    """All that a sentence may make of it."""
    if language == "de":
        yield from (written + ending for ending in _GERMAN_ENDINGS)
        return
    ways = [written]
    if language == "fr" and not written.endswith("e"):
        ways.append(written + ("ne" if written.endswith("en") else "e"))
    yield from ways
    if language == "fr":
        yield from (way + "s" for way in ways if not way.endswith("s"))  # "Forces armées russes"


def _as_one(tokens: Sequence[str]) -> str:
    return " ".join(tokens).removeprefix("the ").replace("defense", "defence").replace("the interior", "interior")


@cache
def _table() -> Mapping[str, Any]:
    return read_table("matching/names_data/bodies.toml")


@cache
def _people() -> Mapping[str, Sequence[str]]:
    people = read_table("matching/names_data/well_known.toml")["people"]
    return {fold_key(name): others.split(", ") for names, others in people.items() for name in names.split(", ")}


@cache
def _bodies() -> Mapping[str, Sequence[str]]:
    found: dict[str, Sequence[str]] = {}
    for body in _table()["body"]:
        others = tuple(other.strip() for other in body["others"].replace("\n", " ").split(",") if other.strip())
        for name in body["names"].split(", "):
            found[_as_one(strip_legal_form(fold_key(name).split()))] = others
    return found
