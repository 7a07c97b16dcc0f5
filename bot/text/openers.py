"""Words that open sentences, in the languages that are read, abbreviations that may end one, those that never do, and
numbers that go on.

After "S.A.", "2022 г." or "EE. UU." such a word, with a capital, tells that a new sentence begins.
"""

from __future__ import annotations

import re
from collections.abc import Set as AbstractSet

from bot.text.patterns import read_table

__all__ = ["ABBREVIATIONS", "MAY_END", "OPENERS", "is_ordinal", "opens_sentence"]

_LANGUAGES = read_table("text/openers.toml")
OPENERS = frozenset(word for language in _LANGUAGES.values() for word in language["words"].split())
MAY_END = frozenset(word for language in _LANGUAGES.values() for word in language["may_end"].split())
_NEVER_END = frozenset(word for language in _LANGUAGES.values() for word in language.get("abbreviations", "").split())
ABBREVIATIONS = _NEVER_END | MAY_END
_ORDINAL = re.compile(r"\b(?:d(?:er|ie|as|em|en|es)|zum|zur|im|am|vom) \d+$", re.IGNORECASE)
_NEAR = 20  # characters in front of a full stop


def opens_sentence(text: str, word: re.Match[str] | None, openers: AbstractSet[str] = OPENERS) -> bool:
    """Is a word of a text (group 1 of the match) one of these with a capital, and no initial ("им. В. И. Ленина")?"""
    if word is None or word[1].lower() not in openers or not word[1][:1].isupper():
        return False
    return len(word[1]) > 1 or text[word.end() : word.end() + 1] != "."


def is_ordinal(word: str, text: str, start: int, stop: int) -> bool:
    """May a word in front of the full stop at `stop` be a number that goes on: "1. First item", "am 3. Mai", "das 142.
    Bataillon"? `start`: of its sentence."""
    return word.isdigit() and (len(word) <= 2 or _ORDINAL.search(text, max(start, stop - _NEAR), stop) is not None)
