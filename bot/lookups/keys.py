"""By which keys a name is found among a million: its words in Latin letters, how each sounds and which known name it
is, the whole name written together. Recall is what counts here; the comparison decides.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from hashlib import blake2b

from rigour.names import NameTypeTag, SymbolCategory, analyze_names, tokenize_name
from rigour.text.translit import maybe_ascii

from bot.identifiers import identifier_key
from bot.lookups.comparing import MOST_NAME
from bot.lookups.spelling import is_han, latin_reading, skeleton, without_article
from bot.model import Identifier, Schema
from bot.text.folding import simplified

__all__ = ["NameKeys", "QueryKeys", "hashed", "keys_of", "number_keys", "query_keys", "word_keys"]

MOST_WORDS = 14  # of one name; longer ones are mostly a sentence
_MOST_WORD = 40
_HAN_RUN = re.compile(r"[\u3400-\u4dbf\u4e00-\u9fff]{2,}")


@dataclass(frozen=True, slots=True)
class NameKeys:
    """What a name is stored under: its words, and keys (64 bits each) of the whole."""

    words: tuple[str, ...]
    whole: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class QueryKeys:
    """What a name is sought by. `joined`: two neighbouring words written together, with the places of both."""

    words: tuple[str, ...]
    joined: tuple[tuple[str, int, int], ...]
    whole: tuple[int, ...]


def keys_of(name: str, schema: Schema) -> NameKeys:
    """What a name of a thing of this kind is stored under; no words if there is no letter or digit."""
    words = _words(name[:MOST_NAME], schema)
    whole = {hashed("=", "".join(words)), *_bones([words])}
    return NameKeys((*words, *_han_pairs(name)), tuple(sorted(whole)))


def query_keys(name: str, schema: Schema | None) -> QueryKeys:
    """Of a kind that is not known, both readings are sought."""
    name = name[:MOST_NAME]
    kinds = (schema,) if schema else (Schema.PERSON, Schema.COMPANY)
    spelt = tuple(dict.fromkeys(_words(one, kind) for kind in kinds for one in (name, without_article(name))))
    turned = [words[at:] + words[:at] for words in spelt for at in range(min(len(words), 4))]
    whole = {hashed("=", "".join(words)) for words in turned} | set(_bones(turned))
    words = tuple(dict.fromkeys(word for words in spelt for word in words))[:MOST_WORDS]
    joined = tuple((words[at] + words[at + 1], at, at + 1) for at in range(len(words) - 1))
    return QueryKeys((*words, *_han_pairs(name)), joined, tuple(sorted(whole)))


def number_keys(identifiers: Iterable[Identifier]) -> tuple[int, ...]:
    """What a thing is found by beside its names: its numbers, and its ids on lists."""
    return tuple(sorted({hashed("#", "\n".join(identifier_key(one))) for one in identifiers}))


def word_keys(word: str) -> tuple[int, ...]:
    """What else a stored word is found by: its consonants, and the names and generic words that rigour knows it as."""
    bones = skeleton(word)
    keys = [hashed("~", bones)] if len(bones) > 2 or (len(bones) == 2 and len(word) <= 6) else []
    return (*keys, *sorted(_symbols(word)))


@lru_cache(maxsize=20_000)
def _symbols(word: str) -> frozenset[int]:
    wanted = (SymbolCategory.NAME, SymbolCategory.NICK, SymbolCategory.DOMAIN, SymbolCategory.SYMBOL)
    kinds = (NameTypeTag.PER, NameTypeTag.ORG) if len(word) > 2 else (NameTypeTag.PER,)
    return frozenset(
        hashed(symbol.category.value, symbol.id)
        for kind in kinds
        for name in analyze_names(kind, [word], phonetics=False)
        for symbol in name.symbols
        if symbol.category in wanted
    )


def _words(name: str, schema: Schema) -> tuple[str, ...]:
    """Latin, folded, in the name's order."""
    words: list[str] = []
    for token in tokenize_name(name.casefold()):
        latin = token if token.isascii() else maybe_ascii(token)
        if not latin.isascii() or _is_dense(token):
            latin = latin_reading(token, schema in (Schema.PERSON, Schema.LEGAL_ENTITY))
        words += (word[:_MOST_WORD] for word in tokenize_name(latin.casefold()))
    return tuple(dict.fromkeys(words))[:MOST_WORDS]


def _is_dense(token: str) -> bool:
    return any(char >= "\u1100" for char in token)


def _han_pairs(name: str) -> tuple[str, ...]:
    """Chinese is written without blanks: two characters at a time."""
    if not is_han(name):
        return ()
    runs = _HAN_RUN.findall(simplified(name))
    return tuple(dict.fromkeys(run[at : at + 2] for run in runs for at in range(len(run) - 1)))[:MOST_WORDS]


def _bones(names: Iterable[tuple[str, ...]]) -> list[int]:
    """The consonants of the whole name: what joins 'mhmd hsyn' and 'Mohammed Hussein', 'Gim Jeongeun' and 'Kim Jong
    Un'."""
    bones = (skeleton("".join(words)) for words in names if 2 <= len(words) <= 5)
    return [hashed("~~", one) for one in bones if len(one) >= 4]


def hashed(kind: str, text: str) -> int:
    """64 bits, the same in every process."""
    return int.from_bytes(blake2b(f"{kind}{text}".encode("utf-8", "replace"), digest_size=8).digest(), "little")
