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
    """A text's tokens as numbers, in order."""

    exact: Array
    bones: Array
    capital: Array  # begins with a capital, or with what has none
    word: Callable[[int], tuple[str, int]]  # a token and how many capitals it has
    low: bytes | None = None  # the folded text, tokens parted by \0, if it is in ASCII

    def starts(self) -> Array:
        """Where a name in another spelling may begin."""
        return np.flatnonzero(self.capital | _first_words().take(self.exact >> 16))

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
    exact = np.fromiter(map(number_of, tokens), np.uint64, len(tokens))
    bones = np.fromiter(map(bones_number, tokens), np.uint64, len(tokens))
    return Keys(exact, bones, np.array(capital, np.bool_), lambda at: (tokens[at], 1))


def _is_capital(letter: str) -> bool:
    return letter != letter.lower() or letter == letter.upper()


@cache
def _first_words() -> Array:
    """Words without a capital that a name may begin with, "al-Qaida", by the high bits of their numbers."""
    table = np.zeros(1 << 16, np.bool_)
    for word in "al el abu abou umm abd abdul abdel bin ibn ben".split():
        table[number_of(word) >> 16] = True
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
    low = codes & 127
    exact = np.add.reduceat(low * _POWERS[: len(low)], starts, dtype=np.uint32) * _INVERSES.take(starts)
    first = codes.take(starts)
    capital = (first > 127) | (first < 97)

    def word(at: int) -> tuple[str, int]:
        written = letters[edges[2 * at] + 1 : edges[2 * at + 1] + 1]
        return bytes(code & 127 for code in written).decode("ascii"), sum(code > 127 for code in written)

    return Keys(exact.astype(np.uint64), _bones(exact, word), capital, word, low.tobytes())


def _bones(exact: Array, word: Callable[[int], tuple[str, int]]) -> Array:
    known = _KNOWN_BONES.take(exact >> _KNOWN_SHIFT)
    for missing in np.flatnonzero(known >> _HALF != exact).tolist():
        number = int(exact[missing])
        known[missing] = _KNOWN_BONES[number >> _KNOWN_SHIFT] = number << 32 | skeleton_number(word(missing)[0])
    return (known & _LOW) * _BONES_MIX


# The bones of words met, by the high bits of their number; each element is number << 32 | bones, written in one step.
_KNOWN_SHIFT = 32 - 18
_KNOWN_BONES = np.zeros(1 << 18, np.uint64)
_HALF, _LOW = np.uint64(32), np.uint64(0xFFFFFFFF)
