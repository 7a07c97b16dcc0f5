"""Tokens as numbers, which is what a table of names is asked with. Knows no names.

A token's number is a polynomial of its characters, so numpy takes all tokens of an English text at once, without a
Python object for any. They are the tokens of `folding.fold`, in a fifth of the time; a number only proposes, and what
is found is compared letter by letter. Other texts, and very long ones, are folded and taken token by token.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt

from bot.folding import fold, fold_char
from bot.matching.spelling import skeleton
from bot.matching.terms import load_terms

__all__ = ["MIX", "Array", "Keys", "bones_number", "folded_keys", "keys_of", "number_of", "sequence_number"]

Array = npt.NDArray[Any]

MIX = np.uint64(0x9E3779B97F4A7C15)  # odd, so multiplying loses nothing; the high bits depend on every token before
_BONES_MIX = np.uint64(0xD6E8FEB86659FD93)
_MIX, _WORD = int(MIX), (1 << 64) - 1
_BASE = 0x9E3779B1  # odd, so it has an inverse, which takes a token's place in the text out of its number
_LONGEST = 1 << 16


def _powers(base: int) -> Array:
    return np.cumprod(np.array([1, *[base] * (_LONGEST - 1)], np.uint32), dtype=np.uint32)


_POWERS, _INVERSES = _powers(_BASE), _powers(pow(_BASE, -1, 1 << 32))
_FIRST_POWERS = _POWERS[:256].tolist()


@lru_cache(maxsize=100_000)
def number_of(token: str) -> int:
    """A folded token's number."""
    return sum(ord(char) * power for char, power in zip(token, _FIRST_POWERS, strict=False)) & 0xFFFFFFFF


@lru_cache(maxsize=100_000)
def skeleton_number(token: str) -> int:
    """The 32-bit number of a token's consonants, never 0."""
    return number_of(skeleton(token)) | 1


def bones_number(token: str) -> int:
    """The number of a token's consonants as `Keys.bones` has it: no sequence of them is one of tokens."""
    return skeleton_number(token) * int(_BONES_MIX) & _WORD


def sequence_number(numbers: Iterable[int]) -> int:
    """Several tokens' numbers as one: what `Table.find` makes of a text, step by step."""
    out = 0
    for number in numbers:
        out = (out + number) * _MIX & _WORD
    return out


@dataclass(frozen=True, slots=True)
class Keys:
    """A text's tokens as numbers, in order. `bones` are 0 where no other spelling is looked for: at words without a
    capital, other than those that stand inside names."""

    exact: Array
    bones: Array
    capital: Array  # begins with a capital, or with what has none
    word: Callable[[int], tuple[str, int]]  # a token and how many capitals it has

    def words(self, first: int, count: int) -> list[str]:
        return [self.word(at)[0] for at in range(first, first + count)]


def keys_of(text: str) -> Keys:
    """The tokens of a text that is not folded."""
    plain = _in_ascii(text)
    if plain is None or len(plain) > _LONGEST - 64:
        folded = fold(text)
        return _one_by_one(folded.text.split(), [_is_capital(text[start]) for start, _ in folded.spans])
    return _all_at_once(plain)


def folded_keys(tokens: Sequence[str]) -> Keys:
    """Of tokens that are folded already, so nothing is known of their capitals: all may be names."""
    return _one_by_one(tokens, [True] * len(tokens))


def _one_by_one(tokens: Sequence[str], capital: Sequence[bool]) -> Keys:
    inside = _inside_names()
    exact = np.fromiter(map(number_of, tokens), np.uint64, len(tokens))
    bones = [
        bones_number(token) if large or token in inside else 0 for token, large in zip(tokens, capital, strict=True)
    ]
    return Keys(exact, np.array(bones, np.uint64), np.array(capital, np.bool_), lambda at: (tokens[at], 1))


def _is_capital(letter: str) -> bool:
    return letter != letter.lower() or letter == letter.upper()


@cache
def _inside_names() -> frozenset[str]:
    """Words without a capital that stand inside names."""
    terms = load_terms()
    return terms.particles | terms.small_words


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


# Bytes: 0 parts tokens, 2 is dropped, a capital is its letter with the highest bit. Apostrophes, dots and BREAK stay.
_DROPPED = b"\x02"
_CODES = bytes(
    code + 32 | 128 if char.isupper() else 39 if char == "`" else code if char.isalnum() or char in "'.\x01" else 0
    for code, char in enumerate(map(chr, range(128)))
) + bytes(128)
_LETTER = rb"a-z\xe1-\xfa"
_WORD_CHAR = rb"0-9" + _LETTER
# As in folding.py, which says what they are for.
_POSSESSIVE = re.compile(rb"'[s\xf3](?<=[%b]'.)(?![%b])" % (_WORD_CHAR, _WORD_CHAR))
_ELISION = re.compile(
    rb"'(?:(?<=[^%b][ldsncjmt\xec\xe4\xf3\xee\xe3\xea\xed\xf4]')|(?<=[^%b][q\xf1][u\xf5]'))(?=[%b])"
    % (_WORD_CHAR, _WORD_CHAR, _WORD_CHAR)
)
_INNER_DOT = re.compile(rb"\.(?<=[^%b][%b]\.)(?=[%b](?![%b]))" % (_WORD_CHAR, _LETTER, _LETTER, _WORD_CHAR))


def _all_at_once(text: bytes) -> Keys:
    letters = b"\0%b\0" % text.translate(_CODES)
    if b"'" in letters:
        letters = _POSSESSIVE.sub(b"\x02\x02", letters)
        letters = _ELISION.sub(b"\0", letters).replace(b"'", _DROPPED)
    if b"." in letters:
        letters = letters.replace(b".\0", b"\0\0")
        if b"." in letters:
            letters = _INNER_DOT.sub(_DROPPED, letters).replace(b".", b"\0")
    letters = letters.replace(_DROPPED, b"")
    codes = np.frombuffer(letters, np.uint8)
    blank = codes == 0
    edges = np.flatnonzero(blank[1:] != blank[:-1])
    starts = edges[::2] + 1
    if not len(starts):
        return _one_by_one((), ())
    exact = np.add.reduceat((codes & 127) * _POWERS[: len(codes)], starts, dtype=np.uint32) * _INVERSES.take(starts)
    first = codes.take(starts)
    capital = (first > 127) | (first < 97)

    def word(at: int) -> tuple[str, int]:
        written = letters[edges[2 * at] + 1 : edges[2 * at + 1] + 1]
        return bytes(code & 127 for code in written).decode("ascii"), sum(code > 127 for code in written)

    return Keys(exact.astype(np.uint64), _bones(exact, capital, word), capital, word)


def _bones(exact: Array, capital: Array, word: Callable[[int], tuple[str, int]]) -> Array:
    """Of words with a capital, and of the small words that may stand between them."""
    bones = _small_bones().take(exact >> _SMALL_SHIFT)
    at = np.flatnonzero(capital)
    numbers = exact.take(at)
    known = _KNOWN_BONES.take(numbers >> _KNOWN_SHIFT)
    for missing in np.flatnonzero(known >> 32 != numbers).tolist():
        known[missing] = int(numbers[missing]) << 32 | skeleton_number(word(at[missing])[0])
        _KNOWN_BONES[numbers[missing] >> _KNOWN_SHIFT] = known[missing]
    bones[at] = (known & _LOW) * _BONES_MIX
    return bones


# The bones of words met, by the high bits of their number; each element is number << 32 | bones, written in one step.
_KNOWN_SHIFT = 32 - 18
_KNOWN_BONES = np.zeros(1 << 18, np.uint64)
_SMALL_SHIFT = 32 - 14
_LOW = np.uint64(0xFFFFFFFF)


@cache
def _small_bones() -> Array:
    """The high bits of a token's number -> the bones of the word inside names that has it, mostly 0."""
    table = np.zeros(1 << 14, np.uint64)
    for word in _inside_names():
        table[number_of(word) >> _SMALL_SHIFT] = bones_number(word)
    return table
