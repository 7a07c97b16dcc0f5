"""Tokens as numbers, which is what a table of names is asked with. Knows no names.

A token's number is made of its first letters and its length, so numpy takes all tokens of an English text at once,
without a Python object for any. They are the tokens of `folding.fold`, in a fraction of the time; a number only
proposes, and what is found is compared letter by letter. Other scripts are folded and taken token by token.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any
from zlib import crc32

import numpy as np
import numpy.typing as npt

from bot.folding import fold, fold_char
from bot.matching.forms import MIN_IDENTIFIER
from bot.matching.spelling import skeleton
from bot.matching.terms import load_terms

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


@dataclass(frozen=True, slots=True)
class Keys:
    """A text's tokens as numbers, in order."""

    exact: Array
    hashes: Array  # of `exact`, each by itself
    bones: Array
    capital: Array  # begins with a capital, or with what has none
    word: Callable[[int], str]  # a token
    capitals: Callable[[int], int] = lambda _: 1  # how many a token is written with
    beside: Callable[[int], bool] | None = None
    low: bytes | None = None  # the folded text, tokens parted by \0, if it is in ASCII
    may_have_identifiers: bool = True

    def starts(self) -> Array:
        """Where a name in another spelling may begin."""
        return (self.capital | _first_words().take(self.hashes >> np.uint64(48))).nonzero()[0]

    def joined(self, at: int) -> bool:
        """Do tokens `at` and `at + 1`, both with a capital, run on with one character between them?"""
        return self.beside is not None and self.beside(at)

    def words(self, first: int, count: int) -> list[str]:
        return [self.word(at) for at in range(first, first + count)]


def keys_of(text: str) -> Keys:
    """The tokens of a text that is not folded."""
    plain = _in_ascii(text)
    if plain is None:
        folded = fold(text)
        return _one_by_one(folded.text.split(), [_is_capital(text[start]) for start, _ in folded.spans])
    return _all_at_once(plain)


def folded_keys(tokens: Sequence[str]) -> Keys:
    """Of tokens that are folded already, so nothing is known of their capitals: all may be names."""
    return _one_by_one(tokens, [True] * len(tokens))


def _one_by_one(tokens: Sequence[str], capital: Sequence[bool]) -> Keys:
    exact = np.fromiter(map(number_of, tokens), np.uint64, len(tokens))
    bones = np.fromiter(map(bones_number, tokens), np.uint64, len(tokens))
    return Keys(exact, exact * MIX, bones, np.array(capital, np.bool_), tokens.__getitem__)


def _is_capital(letter: str) -> bool:
    return letter != letter.lower() or letter == letter.upper()


@cache
def _first_words() -> Array:
    """Words without a capital that a name may begin with, "al-Qaida", "банка «Сепах»", by the high bits of their
    numbers."""
    table = np.zeros(1 << 16, np.bool_)
    for word in (*"al el abu abou umm abd abdul abdel bin ibn ben".split(), *load_terms().kinds_in_front):
        table[sequence_number([number_of(word)]) >> 48] = True
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
    letters = letters.replace(_DROPPED, b"") + bytes(_LETTERS)
    codes = np.frombuffer(letters, np.uint8)
    blank = codes == 0
    edges = (blank[1:] != blank[:-1]).nonzero()[0]
    starts, ends = edges[::2] + 1, edges[1::2] + 1
    if not len(starts):
        return _one_by_one((), ())
    low = codes & 127
    sizes = ends - starts
    eights = np.ndarray((len(low) - _LETTERS + 1,), "<u8", low.data, strides=(1,))  # the eight letters from each on
    first_letters = eights[starts] & _FIRST_BYTES.take(sizes, mode="clip")
    exact = first_letters + _LENGTHS.take(sizes, mode="clip")
    hashes = exact * MIX

    folded = low.tobytes()

    def word(at: int) -> str:
        return folded[starts[at] : ends[at]].decode("ascii")

    def capitals(at: int) -> int:
        return sum(code > 127 for code in letters[starts[at] : ends[at]])

    def beside(at: int) -> bool:
        return bool(starts[at + 1] - ends[at] == 1) and letters[starts[at]] > 127 and letters[starts[at + 1]] > 127

    return Keys(
        exact,
        hashes,
        _bones(hashes, word),
        _CAPITAL.take(codes.take(starts)),
        word,
        capitals,
        beside,
        folded,
        _has_identifiers(first_letters, sizes),
    )


def _has_identifiers(first_letters: Array, sizes: Array) -> bool:
    """Is there a token of six characters or more with a digit in front, or a very long one?"""
    long = (sizes >= MIN_IDENTIFIER).nonzero()[0]
    letters, size = first_letters.take(long), sizes.take(long)
    # Of ASCII letters and digits, letters have the bit 0x40.
    return bool(((~letters & _LETTER_BITS.take(size, mode="clip") != 0) | (size > 15)).any())


_LETTER_BITS = _FIRST_BYTES & np.uint64(0x4040404040404040)
_CAPITAL = np.array([code > 127 or code < 97 for code in range(256)])


def _bones(hashes: Array, word: Callable[[int], str]) -> Array:
    known = _KNOWN_BONES.take(hashes >> _KNOWN_SHIFT)
    for missing in ((known ^ hashes) & _LOW).nonzero()[0].tolist():
        number = int(hashes[missing])
        bones = skeleton_number(word(missing)) ^ _NOT_ZERO
        known[missing] = _KNOWN_BONES[number >> int(_KNOWN_SHIFT)] = bones << 32 | number & int(_LOW)
    return (known >> _HALF) * _BONES_MIX


# The bones of words met, by the high bits of their number: each element is bones << 32 | the low bits, and is written
# in one step, as articles are judged in several threads.
_KNOWN_SHIFT = np.uint64(64 - 18)
_KNOWN_BONES = np.zeros(1 << 18, np.uint64)
