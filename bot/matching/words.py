"""Text as tokens: words, punctuation, and the spans that are already understood (tracked names, authorities, dates).

Decides nothing about sanctions.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from enum import Enum
from functools import lru_cache
from typing import NamedTuple

from bot.text.folding import simplified


class Kind(Enum):
    WORD = "word"
    NUMBER = "number"
    PUNCTUATION = "punctuation"
    MENTION = "mention"  # a tracked name
    AUTHORITY = "authority"


class Token(NamedTuple):
    """`text` is the article's, `low` the folded form that vocabulary is written in; offsets are the block's."""

    text: str
    low: str
    start: int
    end: int
    kind: Kind
    entities: tuple[str, ...] = ()  # keys of the tracked names that stand here
    authority: str = ""

    @property
    def capital(self) -> bool:
        return self.text[:1].isupper()


# Han and kana one by one, Hangul syllable by syllable (its particles attach to words), other words whole.
_CJK = "\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7a3"
_TOKEN = re.compile(
    rf"(?:[^\W\d_]\.){{2,}}(?=\W|$)"  # U.S.
    rf"|[{_CJK}]"
    rf"|\d+(?:[.,]\d+)*[^\W_{_CJK}]*"
    rf"|[^\W_{_CJK}]+(?:[-‑‐'’&][^\W_{_CJK}]+)*"
    r"|[^\w\s]|_"
)
_ELISION = re.compile(r"(?:[ldnscjmt]|qu|jusqu)['’](?=[^\W\d_])", re.IGNORECASE)
_CLITIC = re.compile(r"(?:n['’]t|['’](?:s|re|ve|ll|d|m))$", re.IGNORECASE)


_PLAIN = str.maketrans("’ʼ‑‐", "''--")  # the second is the apostrophe of Ukrainian authorities: "пʼятниця"


@lru_cache(maxsize=50_000)
def fold_word(word: str) -> str:
    """Lower case, without accents, with plain apostrophes, in simplified Chinese: how words are compared."""
    return fold_text(word)


def fold_text(text: str) -> str:
    """As `fold_word`, for texts too long to remember."""
    low = text.lower().translate(_PLAIN)
    if low.isascii():
        return low
    bare = "".join(c for c in unicodedata.normalize("NFD", low) if not unicodedata.combining(c))
    return simplified(unicodedata.normalize("NFC", bare))


def tokenize(text: str, start: int, end: int, known: Iterable[tuple[int, int, tuple[str, ...]]] = ()) -> list[Token]:
    """Tokens of text[start:end]. `known` are spans (start, end, entity keys) of tracked names, each one token."""
    tokens: list[Token] = []
    at = start
    for span_start, span_end, entities in known:
        if span_start < at or span_end > end:
            continue
        _plain(text, at, span_start, tokens)
        surface = text[span_start:span_end]
        tokens.append(Token(surface, fold_word(surface), span_start, span_end, Kind.MENTION, entities))
        at = span_end
    _plain(text, at, end, tokens)
    return tokens


def _plain(text: str, start: int, end: int, tokens: list[Token]) -> None:
    for match in _TOKEN.finditer(text, start, end):
        word, at = match.group(), match.start()
        if len(word) > 1 and word.isalpha():  # as most are
            tokens.append(Token(word, fold_word(word), at, at + len(word), Kind.WORD))
            continue
        first = word[0]
        if first.isdigit() and not word[-1].isalpha():
            kind = Kind.NUMBER
        elif first.isalnum():
            kind = Kind.WORD
            elision = _ELISION.match(word) if "'" in word or "’" in word else None
            if elision:  # "l'embargo"
                cut = elision.end()
                tokens.append(Token(word[:cut], fold_word(word[:cut]), at, at + cut, kind))
                word, at = word[cut:], at + cut
            clitic = _CLITIC.search(word) if "'" in word or "’" in word else None
            if clitic and clitic.start() > 0:  # "bank's", "isn't": the ending is a word of its own
                cut = clitic.start()
                tokens.append(Token(word[:cut], fold_word(word[:cut]), at, at + cut, kind))
                word, at = word[cut:], at + cut
        elif tokens and word in "'’" and text[at + 1 : at + 2] == "s" and not text[at + 2 : at + 3].isalnum():
            continue  # the apostrophe of a possessive after a name: the "s" that follows stands for both
        else:
            kind = Kind.PUNCTUATION
        low = "'s" if word == "s" and tokens and at > start and text[at - 1] in "'’" else fold_word(word)
        tokens.append(Token(word, low, at, at + len(word), kind))
