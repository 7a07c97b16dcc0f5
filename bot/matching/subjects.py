"""What an article's act is about ("oil", "drones"), in words that are the same whatever language it is told in."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from bot.matching.cues import load_shared
from bot.matching.facts import is_cjk
from bot.model import Article

_WORD = re.compile(r"\w+")


@dataclass(frozen=True, slots=True)
class _Subjects:
    """The names of the subjects, in order, and those that each word, beginning of a word, phrase or CJK word tells of.
    Looked up word by word: to search a long article for all of them took as long as the rest of its judgement."""

    names: tuple[str, ...]
    words: Mapping[str, frozenset[str]]
    stems: Mapping[str, frozenset[str]]
    sizes: tuple[int, ...]  # of the stems, in characters, the least first
    openings: frozenset[str]  # the first letters of the stems: most words have none of them
    phrases: tuple[tuple[str, re.Pattern[str], str], ...]  # its first letters, itself, the subject
    signs: tuple[tuple[str, str], ...]
    others: re.Pattern[str]  # phrases that have a subject's word and are not about it: "West Bank"

    def told_by(self, text: str) -> frozenset[str]:
        """`text`: in lower case."""
        text = self.others.sub(" ", text)
        words = set(_WORD.findall(text))
        found: set[str] = set()
        for word in words:
            if word in self.words:
                found |= self.words[word]
            if word[: self.sizes[0]] in self.openings:
                for size in self.sizes:
                    found |= self.stems.get(word[:size], frozenset())
        found.update(name for first, phrase, name in self.phrases if first in words and phrase.search(text))
        found.update(name for sign, name in self.signs if sign in text)
        return frozenset(found)


def find_subjects(article: Article) -> tuple[str, ...]:
    """Of what the vocabulary has, what the article's head speaks of, or two of its paragraphs."""
    subjects = _load_subjects()
    head = "\n".join((article.title, article.summary, *article.key_points, *article.paragraphs[:2])).lower()
    rest = Counter(name for text in article.paragraphs[2:] for name in subjects.told_by(text.lower()))
    told = subjects.told_by(head)
    return tuple(name for name in subjects.names if name in told or rest[name] > 1)


@cache
def _load_subjects() -> _Subjects:
    words: dict[str, set[str]] = defaultdict(set)
    stems: dict[str, set[str]] = defaultdict(set)
    phrases, signs = [], []
    vocabulary: Mapping[str, Mapping[str, str]] = load_shared()["subjects"]
    others = [_phrase(one) for entry in vocabulary.values() for one in entry.get("but", "").split()]
    for name, entry in vocabulary.items():
        for word in entry["words"].lower().split():
            stem = word.removesuffix("*")
            if is_cjk(word):
                signs.append((word, name))
            elif "-" in stem:
                end = "" if stem != word else r"\b"
                phrase = re.compile(rf"\b{_phrase(stem)}{end}")
                phrases.append((stem.partition("-")[0], phrase, name))
            else:
                (words if stem == word else stems)[stem].add(name)
    sizes = tuple(sorted({len(stem) for stem in stems}))
    return _Subjects(
        tuple(vocabulary),
        {word: frozenset(names) for word, names in words.items()},
        {stem: frozenset(names) for stem, names in stems.items()},
        sizes,
        frozenset(stem[: sizes[0]] for stem in stems),
        tuple(phrases),
        tuple(signs),
        re.compile(rf"\b(?:{'|'.join(others)})\b"),
    )


def _phrase(words: str) -> str:
    """A pattern for words that a hyphen or a blank parts."""
    return "[ -]".join(map(re.escape, words.split("-")))
