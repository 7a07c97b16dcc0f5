"""A body's name without its legal form: "PJSC Sovcomflot", "Velkom Trade d.o.o. Beograd"."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

from rigour.names import extract_org_types

from bot.matching.terms import load_terms
from bot.text.folding import fold_key

_ALSO_WORDS = frozenset("as at se sa ca company".split())  # legal forms, and words of a name as well
_PART_OF_A_FIRM = frozenset("branch filial filiala division unit office subsidiary".split())


def strip_legal_form(tokens: list[str]) -> list[str]:
    """A body's folded name without its legal form, which may stand at either end; never empty."""
    legal, tokens = load_terms().legal_forms, _without_legal_phrase(tokens)
    if tokens[-3:] == ["public", "company", "limited"] and len(tokens) > 3:
        tokens = tokens[:-3]
    end, start = len(tokens), 0
    if end > 3 and tokens[-1] in load_terms().places and tokens[-2] in legal - _ALSO_WORDS:
        end -= 1  # "Velkom Trade d.o.o. Beograd"
    elif end > 4 and tokens[-3] in legal - _ALSO_WORDS and len(tokens[-3]) > 1 and _may_be_a_seat(tokens[-2:]):
        end -= 2  # "Naftna Industrija Srbije a.d. Novi Sad"
    while end > 1 and (tokens[end - 1] in legal or tokens[end - 1] == "and"):
        end -= 1
    # A legal form in front is Russian or Ukrainian: "OOO Gefest-M", "PJSC Sovcomflot".
    while start < end - 1 and tokens[start] in legal and len(tokens[start]) > 1 and tokens[start] not in _ALSO_WORDS:
        start += 1
    return tokens[start:end]


@lru_cache(maxsize=4_096)
def core_of(caption: str) -> Sequence[str]:
    """A name's folded tokens without legal forms, wherever they stand."""
    return tuple(
        token for token in strip_legal_form(fold_key(caption).split()) if token not in load_terms().legal_forms
    )


def _may_be_a_seat(tokens: list[str]) -> bool:
    """ "Novi Sad", and not the "Asset Management" of a bank."""
    return _PART_OF_A_FIRM.isdisjoint(tokens) and load_terms().trailing.isdisjoint(tokens)


def _without_legal_phrase(tokens: list[str]) -> list[str]:
    """Without a legal form of several words at its end, or, as rigour knows them, at either: "Joint Stock Company
    Kronshtadt"."""
    for ending in load_terms().legal_phrases:
        if len(ending) < len(tokens) and tuple(tokens[-len(ending) :]) == ending:
            return tokens[: -len(ending)]
    for phrase, _ in extract_org_types(" ".join(tokens)):
        size = phrase.count(" ") + 1
        if 1 < size < len(tokens):
            written = phrase.split()
            if tokens[:size] == written:
                return tokens[size:]
            if tokens[-size:] == written:
                return tokens[:-size]
    return tokens
