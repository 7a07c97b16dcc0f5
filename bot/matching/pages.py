"""An article as words with their surroundings: capitals, what stands between two words, where sentences begin.

Knows nothing of tracked names.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from functools import cache, cached_property
from typing import NamedTuple, overload

import numpy as np
from ahocorasick_rs import AhoCorasick, BytesAhoCorasick

from bot.matching.terms import load_terms
from bot.text.folding import BREAK, Folded, starts_of

__all__ = ["SEPARATOR", "Page", "Word", "says_sanctions", "words_of_kin"]


def says_sanctions(folded: str | bytes) -> bool:
    """Does a folded text, its tokens parted by blanks or `\\0`, speak of sanctions?"""
    words, stems_of = _first_words()
    folded = folded.encode("utf-8", "surrogatepass") if isinstance(folded, str) else folded
    met = {number for number, _, _ in words.find_matches_as_indexes(folded, overlapping=True)}
    stems = [stem for number in met for stem in stems_of[number]]
    if not stems or any(b" " not in stem for stem in stems):
        return bool(stems)
    parted = b" %b " % b"  ".join(folded.replace(b"\0", b" ").split())
    return any(stem in parted for stem in stems)


@cache
def _first_words() -> tuple[BytesAhoCorasick, Sequence[Sequence[bytes]]]:
    """The longest word of each stem, and the stems that have it."""
    stems_of: dict[bytes, list[bytes]] = {}
    for stem in load_terms().sanctions_stems:
        stems_of.setdefault(max(stem.split(), key=len).encode(), []).append(stem.encode())
    return BytesAhoCorasick(list(stems_of)), list(stems_of.values())


@cache
def words_of_kin() -> re.Pattern[str]:
    words = "|".join(re.escape(word).replace(r"\*", r"\w*") for word in load_terms().kin)
    return re.compile(rf"\b(?:{words})\b")


@cache
def _kin_anywhere() -> AhoCorasick:
    """The same within other words too: it finds where to look ten times as fast."""
    return AhoCorasick([word.rstrip("*") for word in load_terms().kin])


SEPARATOR = f"\n{BREAK}\n"
_STOP = re.compile(r"[!?;:|•\n\x01]|\.\s")
_SENTENCE_START = re.compile(r"[.!?:;•|\n\x01“\"«(]|[–—]\s|^\s*[-*]\s")
_RUNNING_ON = frozenset((" ", "-", "\u00a0", "\u2011", "\u2010", "", "’", "'", "' ", "’ "))


class Word(NamedTuple):
    """A folded token and where it stands in the text. `gap` is the text between it and the next."""

    low: str
    start: int
    end: int
    capital: bool
    cased: bool
    gap: str


_ORDINAL = 3  # digits
_ADDRESSES = frozenset("mr mrs ms dr gen general president senator ayatollah colonel admiral".split())
_SAMPLE = 600  # characters that most texts show their capitals in


class Page:
    """A text as words with their surroundings: what stands beside a hit, whether a sentence begins there."""

    def __init__(self, text: str, folded: Folded, *, capitals_speak: bool = True, knows_words: bool = True) -> None:
        self.text = text
        self.low = folded.text
        self.words = Words(text, folded)
        self.capitals_speak = capitals_speak  # German writes every noun with a capital
        self.knows_words = knows_words  # the list of common words is an English one
        self._title_case: dict[int, bool] = {}
        self._has: dict[str, bool] = {}
        self.block_starts = [0, *(match.end() for match in re.finditer(SEPARATOR, text))]

    def word_at(self, start: int) -> int:
        """The word that stands at `start` of the text, or the last one before."""
        return max(0, bisect_right(self.words.starts, start) - 1)

    def occurrences(self, name: str) -> Iterator[tuple[int, int]]:
        """The word ranges where a folded name stands."""
        pattern = f" {name.replace(' ', '  ')} "
        at = self.low.find(pattern)
        while at >= 0:
            first = bisect_left(self.words.blanks, at)
            yield first, first + name.count(" ")
            at = self.low.find(pattern, at + 1)

    def has(self, name: str) -> bool:
        if name not in self._has:
            self._has[name] = f" {name.replace(' ', '  ')} " in self.low
        return self._has[name]

    def surface(self, first: int, last: int) -> str:
        return self.text[self.words[first].start : self.words[last].end]

    def block_of(self, at: int) -> int:
        return bisect_right(self.block_starts, self.words[at].start) - 1

    def block_text(self, block: int) -> str:
        last = block + 1 == len(self.block_starts)
        return self.text[self.block_starts[block] : None if last else self.block_starts[block + 1] - len(SEPARATOR)]

    @cached_property
    def kin(self) -> list[int]:
        """Its words of kinship."""
        text = self.text if self.text.isascii() else self.text.encode("utf-8", "replace").decode()  # no surrogates
        starts = {start for _, start, _ in _kin_anywhere().find_matches_as_indexes(text, overlapping=True)}
        return [self.word_at(start) for start in sorted(starts) if words_of_kin().match(text, start)]

    @cached_property
    def speaks_of_sanctions(self) -> bool:
        return says_sanctions(self.low)

    @cached_property
    def is_latin(self) -> bool:
        """Is the text mainly in Latin letters?"""
        sample = self.words.lows[:400]
        if self.low.isascii():
            return bool(sample)
        return sum(word[:1].isascii() for word in sample) * 2 > len(sample)

    @cached_property
    def is_small(self) -> bool:
        """Is the text written without capitals, as some feeds and chats are?"""
        begin = self.block_starts[1] if len(self.block_starts) > 1 else 0  # behind the title, which has some anyway
        if sum(map(str.isupper, self.text[begin : begin + _SAMPLE])) * 25 > _SAMPLE:
            return False
        letters = sum(map(str.isalpha, self.text))
        return sum(map(str.isupper, self.text[begin:])) * 100 < letters

    def is_title_case(self, at: int) -> bool:
        """Capitals say nothing there: a headline in Title Case, a line in capitals."""
        block = self.block_of(at)
        if block not in self._title_case:
            words = re.findall(r"[^\W\d_]{4,}", self.block_text(block))
            capitals = sum(word[:1].isupper() for word in words)
            shouted = len(words) > 1 and all(map(str.isupper, words))
            self._title_case[block] = shouted or (len(words) >= 4 and capitals >= 0.75 * len(words))
        return self._title_case[block]

    def starts_sentence(self, at: int) -> bool:
        if at == 0:
            return True
        return _SENTENCE_START.search(self.words[at - 1].gap) is not None and not self.is_abbreviated(at - 1)

    def is_abbreviated(self, at: int) -> bool:
        """Does word `at` end in an abbreviation's dot, so that the sentence goes on?"""
        word = self.words[at]
        if word.gap[:1] != "." or "\n" in word.gap:
            return False
        if word.low.isdigit():  # "das 841. Zentrum": German writes ordinals so, English none
            return len(word.low) == 1 or (len(word.low) <= _ORDINAL and not self.knows_words)
        return len(word.low) == 1 or word.low in load_terms().abbreviations or "." in self.text[word.start : word.end]

    def runs_on(self, at: int) -> bool:
        """Do words `at` and `at + 1` run on, with only blanks, a hyphen or an abbreviation's dot between them?"""
        gap = self.words[at].gap
        return gap in _RUNNING_ON or (gap in (". ", ".") and self.is_abbreviated(at))

    def is_addressed(self, at: int) -> bool:
        """Does a title stand right before word `at`: "mr. shamkhani", "general soleimani"?"""
        return at > 0 and self.words.lows[at - 1] in _ADDRESSES and self.runs_on(at - 1)

    def is_broken(self, first: int, last: int, *, comma: bool) -> bool:
        """Does a sentence, a cell or a list item end between these words?"""
        for at in range(first, last):
            gap = self.words[at].gap
            if gap in (" ", "-", "•"):  # "洛克希德•马丁": as · parts the halves of a name
                continue
            if (_STOP.search(gap) and not self.is_abbreviated(at)) or ("," in gap and not comma):
                return True
        return False


class Words(Sequence[Word]):
    """The words of a text, each made when it is looked at: a page has a thousand and few are."""

    def __init__(self, text: str, folded: Folded) -> None:
        self._text = text
        self.starts, self.ends = folded.places
        self._made: dict[int, Word] = {}
        self.lows = folded.text.split()

    def __len__(self) -> int:
        return len(self.lows)

    @cached_property
    def blanks(self) -> list[int]:
        """Where each word of the folded text starts, with the blank before it."""
        return starts_of(self.lows)

    @cached_property
    def capitals(self) -> list[int]:
        """Those that begin with a capital."""
        first = np.frombuffer(self._text.encode("utf-32-le", "surrogatepass"), np.uint32).take(self.starts)
        plain = (first - ord("A") < 26).nonzero()[0].tolist()
        text, starts = self._text, self.starts
        other = [at for at in (first > 127).nonzero()[0].tolist() if text[starts[at]].isupper()]
        return sorted(plain + other) if other else plain

    def are_capitals(self, first: int, last: int) -> bool:
        """Do all words from `first` to `last` begin with a capital?"""
        at = bisect_left(self.capitals, first)
        return self.capitals[at + last - first : at + last - first + 1] == [last]

    @overload
    def __getitem__(self, at: int) -> Word: ...
    @overload
    def __getitem__(self, at: slice) -> Sequence[Word]: ...
    def __getitem__(self, at: int | slice) -> Word | Sequence[Word]:
        if isinstance(at, int):
            return self._made.get(at) or self._make(at)
        return [self._made.get(each) or self._make(each) for each in range(*at.indices(len(self.lows)))]

    def _make(self, at: int) -> Word:
        start, end = self.starts[at], self.ends[at]
        following = self.starts[at + 1] if at + 1 < len(self.starts) else len(self._text)
        letter = self._text[start]
        word = self._made[at] = Word(
            self.lows[at], start, end, letter.isupper(), letter.lower() != letter.upper(), self._text[end:following]
        )
        return word
