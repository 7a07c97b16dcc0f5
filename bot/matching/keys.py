"""Tokens as numbers, which is what a table of names is asked with. Knows no names.

A token's number is made of its first letters and its length, so numpy takes all tokens of an English text at once,
without a Python object for any. They are the tokens of `folding.fold`, in a fraction of the time; a number only
proposes, and what is found is compared letter by letter. Other scripts are folded and taken token by token.
"""

from __future__ import annotations

import codecs
import re
from abc import ABC, abstractmethod
from collections.abc import Iterable, Sequence
from functools import cache, cached_property, lru_cache
from typing import Any
from zlib import crc32

import numpy as np
import numpy.typing as npt

from bot.matching.identifiers import MIN_IDENTIFIER
from bot.matching.spelling import skeleton
from bot.matching.terms import load_terms
from bot.text.folding import fold, fold_char

__all__ = ["MIX", "Array", "Keys", "bones_number", "folded_keys", "keys_of", "number_of", "sequence_number"]

Array = npt.NDArray[Any]

MIX = np.uint64(0x9E3779B97F4A7C15)  # odd, so multiplying loses nothing; the high bits depend on every token before
_BONES_MIX = np.uint64(0xD6E8FEB86659FD93)
_MIX, _WORD = int(MIX), (1 << 64) - 1
_NOT_ZERO = 0x5BD1E995  # no letters have this sum
_HALF, _LOW = np.uint64(32), np.uint64(0xFFFFFFFF)
_KEPT = 16_384  # tokens whose numbers are remembered: those of a few articles, or of a few hundred entities

# A token in ASCII: its first eight letters, and its length.
_LETTERS = 8
_FIRST_BYTES = np.array([(1 << 8 * min(size, _LETTERS)) - 1 for size in range(64)], np.uint64)
_LENGTHS = np.array([size * int(_BONES_MIX) & _WORD for size in range(64)], np.uint64)


@lru_cache(maxsize=_KEPT)
def number_of(token: str) -> int:
    """A folded token's number."""
    letters = token.encode("utf-8", "surrogatepass")
    if not token.isascii():
        return crc32(letters) * int(_BONES_MIX) & _WORD
    size = min(len(letters), len(_LENGTHS) - 1)
    return int.from_bytes(letters[:_LETTERS], "little") + size * int(_BONES_MIX) & _WORD


@lru_cache(maxsize=_KEPT)
def skeleton_number(token: str) -> int:
    """The 32-bit number of a token's consonants."""
    return crc32(skeleton(token).encode("utf-8", "surrogatepass"))


def bones_number(token: str) -> int:
    """The number of a token's consonants as `Keys.bones` has it: none of a token's."""
    return (skeleton_number(token) ^ _NOT_ZERO) * int(_BONES_MIX) & _WORD


def sequence_number(numbers: Iterable[int]) -> int:
    """Several tokens' numbers as one: what `Table.find` makes of a text, step by step."""
    out = 0
    for number in numbers:
        out = (out + number) * _MIX & _WORD
    return out


class Keys(ABC):
    """A text's tokens as numbers, in order. What only a text needs that may name somebody is made when it is asked."""

    exact: Array
    hashes: Array  # of `exact`, each by itself
    low: bytes | None = None  # the folded text, tokens parted by \0, if it is in ASCII

    @property
    @abstractmethod
    def capital(self) -> Array:
        """Begins with a capital, or with what has none."""

    @property
    def may_have_identifiers(self) -> bool:
        return True

    @abstractmethod
    def word(self, at: int) -> str:
        """A token."""

    @abstractmethod
    def capitals(self, at: int) -> int:
        """How many a token is written with, as far as that is known."""

    @abstractmethod
    def joined(self, at: int) -> bool:
        """Do tokens `at` and `at + 1`, both with a capital, run on with one character between them?"""

    @cached_property
    def bones(self) -> Array:
        """The numbers of the tokens' consonants."""
        known = _KNOWN_BONES.take(self.hashes >> _KNOWN_SHIFT)
        for missing in ((known ^ self.hashes) & _LOW).nonzero()[0].tolist():
            number = self.hashes.item(missing)
            bones = skeleton_number(self.word(missing)) ^ _NOT_ZERO
            known[missing] = _KNOWN_BONES[number >> int(_KNOWN_SHIFT)] = bones << 32 | number & int(_LOW)
        return (known >> _HALF) * _BONES_MIX

    @cached_property
    def starts(self) -> Array:
        """Where a name in another spelling may begin."""
        return (self.capital | _first_words().take(self.hashes >> _FIRST_SHIFT)).nonzero()[0]

    def written(self, first: int, count: int) -> str | bytes:
        """Some tokens as one: other tokens are other than it."""
        return " ".join(self.words(first, count))

    def words(self, first: int, count: int) -> list[str]:
        return [self.word(at) for at in range(first, first + count)]


# The bones of words met, by the high bits of their number: each element is bones << 32 | the low bits, and is written
# in one step, as articles are judged in several threads.
_KNOWN_SHIFT = np.uint64(64 - 18)
_KNOWN_BONES = np.zeros(1 << 18, np.uint64)


class _Tokens(Keys):
    """Of a text that is folded, token by token."""

    def __init__(self, tokens: Sequence[str], capital: Sequence[bool]) -> None:
        self._tokens, self._capital = tokens, np.array(capital, np.bool_)
        self.exact = np.fromiter(map(number_of, tokens), np.uint64, len(tokens))
        self.hashes = self.exact * MIX

    @property
    def capital(self) -> Array:
        return self._capital

    @cached_property
    def bones(self) -> Array:
        return np.fromiter(map(bones_number, self._tokens), np.uint64, len(self._tokens))

    def word(self, at: int) -> str:
        return self._tokens[at]

    def capitals(self, _at: int) -> int:
        return 1

    def joined(self, _at: int) -> bool:
        return False


def keys_of(text: str) -> Keys:
    """The tokens of a text that is not folded."""
    plain = _in_ascii(text)
    if plain is None:
        folded = fold(text)
        return _Tokens(folded.text.split(), [_is_capital(text[start]) for start in folded.places[0]])
    return _Letters(plain)


def folded_keys(tokens: Sequence[str]) -> Keys:
    """Of tokens that are folded already, so nothing is known of their capitals: all may be names."""
    return _Tokens(tokens, [True] * len(tokens))


def _is_capital(letter: str) -> bool:
    return letter != letter.lower() or letter == letter.upper()


_FIRST_SHIFT = np.uint64(48)


@cache
def _first_words() -> Array:
    """Words without a capital that a name may begin with, "al-Qaida", "банка «Сепах»", by the high bits of their
    numbers."""
    table = np.zeros(1 << 16, np.bool_)
    for word in (*"al el abu abou umm abd abdul abdel bin ibn ben".split(), *load_terms().kinds_in_front):
        table[sequence_number([number_of(word)]) >> int(_FIRST_SHIFT)] = True
    return table


# ---------------------------------------------------------------- Latin letters, all at once


class _Plain(dict[int, str]):
    """For `str.translate`: what a character folds to, in its own case, if that is ASCII; fills itself."""

    def __missing__(self, code: int) -> str:
        char = chr(code)
        folded = fold_char(char)
        plain = self[code] = char if not folded.isascii() else folded.upper() if char.isupper() else folded
        return plain


_PLAIN = _Plain()
_TYPOGRAPHY = (("’", "'"), ("‘", "'"), ("“", " "), ("”", " "), ("—", " "), ("–", " "))


def _fold_run(error: UnicodeError) -> tuple[str, int]:
    """For `str.encode`, which finds the letters that are not ASCII faster than `re`."""
    assert isinstance(error, UnicodeEncodeError)
    plain = error.object[error.start : error.end].translate(_PLAIN)
    if plain.isascii():
        return plain, error.end
    raise error


codecs.register_error("sanctions-bot.fold", _fold_run)


def _in_ascii(text: str) -> bytes | None:
    """The text in ASCII as it will be folded, or None if it cannot be: Cyrillic, Arabic, Chinese."""
    if not text.isascii():
        for char, plain in _TYPOGRAPHY:
            text = text.replace(char, plain)
    try:
        ascii_text = text.encode("ascii", "sanctions-bot.fold")
    except UnicodeEncodeError:
        return None
    return ascii_text.replace(b"&", b" and ") if b"&" in ascii_text else ascii_text


# Bytes: those without their highest bit part tokens if they are 0, so a dot, 128, does; 2 is dropped; a capital is its
# letter with the highest bit. Apostrophes and BREAK stay.
_DROPPED = b"\x02"


def _code(char: str) -> int:
    if char.isupper():
        return ord(char.lower()) | 128
    return {"`": ord("'"), ".": 128}.get(char, ord(char) if char.isalnum() or char in "'+\x01" else 0)


_CODES = bytes(map(_code, map(chr, range(128)))) + bytes(128)
_LETTER = rb"a-z\xe1-\xfa"
_WORD_CHAR = rb"0-9" + _LETTER
# As in folding.py, which says what they are for.
_POSSESSIVE = re.compile(rb"'[s\xf3](?<=[%b]'.)(?![%b])" % (_WORD_CHAR, _WORD_CHAR))
_ELISION = re.compile(
    rb"'(?:(?<=[^%b][ldsncjmt\xec\xe4\xf3\xee\xe3\xea\xed\xf4]')|(?<=[^%b][q\xf1][u\xf5]'))(?=[%b])"
    % (_WORD_CHAR, _WORD_CHAR, _WORD_CHAR)
)
_LOOSE_PLUS = re.compile(rb"\+(?:(?<![%b]\+)|(?=[%b+]))" % (_LETTER, _WORD_CHAR))
_INNER_DOT = re.compile(rb"\x80(?<=[^%b][%b]\x80)(?=[%b](?![%b]))" % (_WORD_CHAR, _LETTER, _LETTER, _WORD_CHAR))


class _Letters(Keys):
    """Of a text in ASCII, all tokens at once."""

    def __init__(self, text: bytes) -> None:
        letters = b"\0%b\0" % text.translate(_CODES)
        if b"'" in letters:
            letters = _POSSESSIVE.sub(b"\x02\x02", letters)
            letters = _ELISION.sub(b"\0", letters).replace(b"'", _DROPPED)
        if b"+" in letters:
            letters = _LOOSE_PLUS.sub(b"\0", letters)
        letters = _INNER_DOT.sub(_DROPPED, letters).replace(_DROPPED, b"") + bytes(_LETTERS)
        codes = np.frombuffer(letters, np.uint8)
        low = codes & _WITHOUT_CASE
        blank = low == 0
        edges = (blank[1:] != blank[:-1]).nonzero()[0] + 1
        starts, ends = edges[::2], edges[1::2]
        sizes = ends - starts
        eights = np.ndarray((len(low) - _LETTERS + 1,), "<u8", low.data, strides=(1,))  # eight letters from each on
        self.exact = eights[starts]
        self.exact &= _FIRST_BYTES.take(sizes, mode="clip")
        self.exact += _LENGTHS.take(sizes, mode="clip")
        self.hashes = self.exact * MIX
        self.low = low.tobytes()
        self._letters, self._codes, self._low = letters, codes, low
        self._starts, self._ends = starts, ends  # their places as lists are made when words are asked

    @cached_property
    def capital(self) -> Array:
        capital: Array = self._codes.take(self._starts) - _A > _LETTERS_BEHIND_A  # also what is in front of a: it wraps
        return capital

    @property
    def may_have_identifiers(self) -> bool:
        """Is there a token of six characters or more with a digit?"""
        digits = (self._low - _ZERO < _TEN).nonzero()[0]
        if not len(digits):
            return False
        ats = self._ends.searchsorted(digits, "right")
        return bool((self._ends.take(ats) - self._starts.take(ats) >= MIN_IDENTIFIER).any())

    def word(self, at: int) -> str:
        assert self.low is not None
        return self.low[self._starts.item(at) : self._ends.item(at)].decode("ascii")

    def written(self, first: int, count: int) -> str | bytes:
        assert self.low is not None
        return self.low[self._starts.item(first) : self._ends.item(first + count - 1)]

    def capitals(self, at: int) -> int:
        return sum(code > 127 for code in self._letters[self._starts[at] : self._ends[at]])

    def joined(self, at: int) -> bool:
        starts, letters = self._starts, self._letters
        if starts.item(at + 1) - self._ends.item(at) != 1:
            return False
        return bool(letters[starts.item(at)] > 127 and letters[starts.item(at + 1)] > 127)


_WITHOUT_CASE, _ZERO, _TEN = np.uint8(127), np.uint8(ord("0")), np.uint8(10)
_A, _LETTERS_BEHIND_A = np.uint8(ord("a")), np.uint8(25)
