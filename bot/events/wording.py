"""What an article speaks of, in its own words: two that tell of one act, each of other names, share such as "butane"
and "Houston" that few others have.

English alone: in other languages nobody has counted the words yet.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path

from bot.model import Article

COUNTS = Path(__file__).with_name("word_counts.txt")
_OF_ANY_ACT = Path(__file__).with_name("words_of_any_act.txt")
_WORD = re.compile(r"[A-Za-z][a-z'-]+")
_SHORTEST = 3  # letters
_MOST = 60  # words of an article
_COMMON = 0.15  # a word in more articles than this tells nothing


def words_of(article: Article) -> Counter[str]:
    """The words of an article, in small letters, with how often each stands there."""
    found = _WORD.findall("\n".join(block.text for block in article.blocks))
    words = (word.lower().removesuffix("'s") for word in found)
    return Counter(word for word in words if len(word) >= _SHORTEST)


def telling_words(article: Article) -> tuple[str, ...]:
    """Up to sixty that tell it from others, the most telling first; () if it is not in English."""
    if not article.language.startswith("en"):
        return ()
    weights = {
        word: (1 + math.log(count)) * weight for word, count in words_of(article).items() if (weight := weigh(word))
    }
    return tuple(sorted(weights, key=lambda word: (-weights[word], word))[:_MOST])


def likeness_of(one: Iterable[str], other: Iterable[str]) -> float:
    """How alike the telling words of two articles are: from 0, of none in common, to 1, of the same."""
    ours, theirs = set(one), set(other)
    if not (ours and theirs):
        return 0.0
    return _square(ours & theirs) / math.sqrt(_square(ours) * _square(theirs))


@cache
def weigh(word: str) -> float:
    """More for a rarer word; 0 for one that is in too many articles, or in any act's."""
    if word in _load_words_of_any_act():
        return 0.0
    articles, counts = _load_counts()
    count = counts.get(word, 1)
    return math.log(articles / count) if count < _COMMON * articles else 0.0


def _square(words: Iterable[str]) -> float:
    return sum(weigh(word) ** 2 for word in words)


@cache
def _load_counts() -> tuple[int, Mapping[str, int]]:
    """(how many articles were counted, in how many of them a word stands)"""
    lines = COUNTS.read_text(encoding="utf-8").splitlines()
    pairs = (line.split() for line in lines if not line.startswith("#"))
    counts = {word: int(count) for word, count in pairs}
    return counts.pop("*"), counts


@cache
def _load_words_of_any_act() -> frozenset[str]:
    lines = _OF_ANY_ACT.read_text(encoding="utf-8").splitlines()
    return frozenset(line for line in lines if not line.startswith("#"))
