"""One fold for names and for text: what is written differently and means the same name becomes the same string.

    "Łukasz  ‘Khatib’ O’Brien’s"  ->  " lukasz  khatib  obrien "

Case, accents, ł ø đ ß İ, traditional Chinese characters, full-width forms and zero-width characters fold away;
apostrophes and primes inside a word are dropped, an English possessive too; dots inside an acronym are dropped; a plus
behind a word is a part of it ("En+"); every Chinese, Japanese or Korean character is a token of its own; all else that
is no letter or digit parts tokens. Tokens stand between blanks: one at each end of the text, two between tokens, so
that a folded name with its own blanks is found as whole words, and hits may be neighbours.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from functools import cache, cached_property
from importlib.resources import files
from itertools import accumulate
from typing import Any

import numpy as np
import numpy.typing as npt

__all__ = ["BREAK", "Folded", "fold", "fold_char", "fold_key", "simplified", "starts_of", "tokens_of"]

# Letters that no Unicode decomposition takes apart.
_SPECIAL = {
    "ł": "l", "ø": "o", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe", "ı": "i", "ŋ": "n", "ħ": "h", "ŧ": "t",
    "ə": "a", "ʻ": "'",
    "ґ": "г", "ў": "у", "ҷ": "ч", "қ": "к", "ғ": "г", "ҳ": "х", "ә": "а", "ө": "о", "ү": "у", "ұ": "у", "ң": "н",
    "һ": "х",
    "أ": "ا", "إ": "ا", "آ": "ا", "ٱ": "ا", "ى": "ي", "ی": "ي", "ئ": "ي", "ک": "ك", "ة": "ه", "ۀ": "ه", "ؤ": "و",
    "ـ": "",
    "&": " and ",
}  # fmt: skip
_APOSTROPHES = "'’‘ʼʹ′ʿʾ`´＇‛ʽˈ"
BREAK = "\x01"  # put between blocks of text, blanks around it: it stays a token, so no name crosses it

# A dot between single letters ("S.A.L.", "U.S.") and a possessive, an elided article ("l'Iran", "d'Ivoire").
# Each pattern begins with its literal, as re looks for a literal prefix many times faster than for a look-behind.
_INNER_DOT = re.compile(r"\.(?<=\b[^\W\d_]\.)(?=[^\W\d_]\b)")
_POSSESSIVE = re.compile(r"'s(?<=\w's)\b")
_ELISION = re.compile(r"'(?:(?<=\b[ldsncjmt]')|(?<=\bqu'))(?=\w)")
_LOOSE_PLUS = re.compile(r"\+(?:(?<![^\W\d_]\+)|(?=[\w+]))")  # any but the one behind a word
_NON_ASCII = re.compile(r"[^\x00-\x7f]+")


def _is_cjk(code: int) -> bool:
    return (
        0x2E80 <= code <= 0x2FDF
        or 0x3005 <= code <= 0x30FF  # kana and 々
        or 0x31F0 <= code <= 0x31FF
        or 0x3400 <= code <= 0x4DBF
        or 0x4E00 <= code <= 0x9FFF
        or 0xAC00 <= code <= 0xD7A3  # Hangul syllables
        or 0xF900 <= code <= 0xFAFF
        or 0x20000 <= code <= 0x3FFFF
    )


@cache
def _simple() -> Mapping[int, int]:
    """Traditional Chinese characters -> simplified ones: those of Big5 as OpenCC has them (TSCharacters, Apache-2.0),
    then rarer ones and variants as ICU has them (Traditional-Simplified), but those that simplified texts have too: the
    俱 of 俱乐部 is no 具."""
    traditional, simple = (files("bot") / "text" / "traditional.txt").read_text(encoding="utf-8").split()
    return str.maketrans(traditional, simple)


def simplified(text: str) -> str:
    """Traditional Chinese in simplified characters, as long as it was: 華為 and 华为 are one name. All else stays."""
    return text if text.isascii() else text.translate(_simple())


def fold_char(char: str) -> str:
    """What one character becomes before tokens are parted; `'` and `.` are kept for the next step."""
    if char in _APOSTROPHES:
        return "'"
    if char in (".", "+", BREAK):
        return char
    if special := _SPECIAL.get(char):
        return special
    out: list[str] = []
    for part in unicodedata.normalize("NFKC", char).casefold():
        if part in _APOSTROPHES:
            out.append("'")
        elif _is_cjk(ord(part)):
            out.append(f" {simplified(part)} " if part.isalnum() else " ")
        else:
            out.extend(_fold_letter(mark) for mark in unicodedata.normalize("NFD", part))
    return "".join(out)


def _fold_letter(char: str) -> str:
    special = _SPECIAL.get(char)
    if special is not None:
        return special
    category = unicodedata.category(char)
    if category in ("Mn", "Me", "Cf"):
        return ""  # a combining mark, a zero-width character, a soft hyphen, a direction mark
    return char if char.isalnum() else " "


class _Table(dict[int, str]):
    """A table for `str.translate` that fills itself; it holds at most one entry for each Unicode character."""

    def __missing__(self, code: int) -> str:
        folded = self[code] = fold_char(chr(code))
        return folded


_TABLE = _Table()
# str.translate is ten times faster on ASCII if each character becomes one: the two that become more are replaced first.
_ASCII = {code: char if len(char := fold_char(chr(code))) == 1 else " " for code in range(128)}


def _fold_chars(text: str) -> str:
    """`text.translate(_TABLE)`, give or take blanks, and five times faster where only ASCII is left of the text."""
    latin = text if text.isascii() else _NON_ASCII.sub(lambda run: run.group().translate(_TABLE), text)
    if not latin.isascii():
        return text.translate(_TABLE)
    if "&" in latin:
        latin = latin.replace("&", " and ")
    return latin.translate(_ASCII)


def _mark(text: str) -> str:
    """Turn the characters to drop into `\\x00` and the parting ones into blanks; the length stays."""
    if "'" in text:
        text = _POSSESSIVE.sub("\x00\x00", text)
        text = _ELISION.sub(" ", text)
        text = text.replace("'", "\x00")
    if "." in text:
        text = _INNER_DOT.sub("\x00", text).replace(".", " ")
    if "+" in text:
        text = _LOOSE_PLUS.sub(" ", text)
    return text


class Folded:
    """A folded text; `spans` has each token's [start, end) in the original."""

    __slots__ = ("__dict__", "_marked", "original", "text")

    def __init__(self, original: str) -> None:
        self.original = original
        self._marked = _mark(_fold_chars(original))
        tokens = self._marked.replace("\x00", "").split()
        self.text = f" {'  '.join(tokens)} " if tokens else " "

    @cached_property
    def _origins(self) -> npt.NDArray[np.int64] | None:
        """The index in the original of each character of `_marked`; None if each is where it was."""
        original = self.original
        strange = set("".join(_NON_ASCII.findall(original)) + ("&" if "&" in original else ""))  # of ASCII "&" alone
        sizes = {char: size for char in strange if (size := len(_TABLE[ord(char)])) != 1}
        if not sizes:
            return None
        self._marked = _mark(original.translate(_TABLE))  # as _fold_chars may give other blanks
        codes, counts = _codes(original), np.ones(len(original), np.int64)
        for char, size in sizes.items():
            counts[codes == ord(char)] = size
        return np.arange(len(original)).repeat(counts)

    @cached_property
    def places(self) -> tuple[list[int], list[int]]:
        """Where each token of `text` starts in the original, and where it ends: with its letters, not with what was
        dropped."""
        origins = self._origins
        marked = self._marked
        codes = _codes(f" {marked} ")
        blank = codes == ord(" ")
        edges = (blank[1:] != blank[:-1]).nonzero()[0]
        starts, ends = edges[::2], edges[1::2]
        for at in ((codes.take(starts + 1) == 0) | (codes.take(ends) == 0)).nonzero()[0].tolist():
            written = marked[starts[at] : ends[at]]
            starts[at] = ends[at] - len(written.lstrip("\x00"))
            ends[at] -= len(written) - len(written.rstrip("\x00"))
        some = starts < ends
        starts, ends = starts[some], ends[some]
        if origins is not None:
            starts, ends = origins.take(starts), origins.take(ends - 1) + 1
        return starts.tolist(), ends.tolist()

    @property
    def spans(self) -> list[tuple[int, int]]:
        """Where each token of `text` stands in the original: [start, end)."""
        return list(zip(*self.places, strict=True))


def _codes(text: str) -> npt.NDArray[np.integer[Any]]:
    if text.isascii():
        return np.frombuffer(text.encode("ascii"), np.uint8)
    return np.frombuffer(text.encode("utf-32-le", "surrogatepass"), np.uint32)


def starts_of(tokens: Iterable[str]) -> list[int]:
    """Where each token of a folded text starts, with the blank before it; and where the last one ends with its own."""
    return list(accumulate([len(token) + 2 for token in tokens], initial=0))


def fold(text: str) -> Folded:
    """Fold a text for matching. Never raises on a `str`."""
    return Folded(text)


def fold_key(text: str) -> str:
    """Folded, single-spaced and stripped: the same for two spellings of one name."""
    return fold(text).text.strip().replace("  ", " ")


def asked_key(word: str) -> str:
    """`fold_key` of a word or phrase that is looked for; a `*` at its end, which stands for how words end, stays."""
    return f"{fold_key(word)}*" if word.endswith("*") else fold_key(word)


def tokens_of(text: str) -> list[str]:
    """The folded tokens of a text."""
    return fold(text).text.split()
