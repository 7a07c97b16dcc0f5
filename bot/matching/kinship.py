"""Whose family an article speaks of: what makes "his eldest son, Nicolás" Nicolás Petro, and "Ajay, the eldest" one of
the Gupta brothers. Decides of no name whether it is meant."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator
from functools import cached_property

from bot.matching.pages import Page
from bot.matching.terms import load_terms

__all__ = ["Families"]

_ARTICLES = frozenset(("al", "el"))
_LONGEST = 4  # words of a full name
_KIN_REACH = 14  # words between whose relative it is and the word of kinship
_FAMILY_REACH = 60  # … where the family name is a word that names nothing else
# Of a folded text, whose words have two blanks between them.
_GROUPS = re.compile(
    r"(?<= )(?:(?:brothers|siblings|sisters)  (?P<behind>\w+)"
    r"|(?P<before>\w+)  (?:brothers|siblings|sisters|twins|family|clan|dynasty)"
    r"|(?:the|two|three|four|both|other)  (?P<many>\w{3,})s)(?= )"
)


class Families:
    """The family names of a page, folded, each found once for all readings of it; with the article that is a part of
    one, "al assad", too."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.terms = load_terms()

    @cached_property
    def before_kin(self) -> list[tuple[int, list[str]]]:
        """The words of kinship, and the family names before each."""
        return [(at, self._before(at)) for at in self.page.kin]

    def _before(self, at: int) -> list[str]:
        """The words before word `at` that may be the family name of whose relative is spoken of: the nearest with a
        capital, and what can be nothing else in this paragraph and the one before; of a daughter also as Russian has
        it."""
        words, terms, block = self.page.words, self.terms, self.page.block_of(at)
        found: dict[str, None] = {}
        capitals = words.capitals
        before = capitals[bisect_left(capitals, at - _FAMILY_REACH + 1) : bisect_left(capitals, at)]
        for back in reversed(before):
            low, its_block = words.lows[back], self.page.block_of(back)
            if its_block < block - 1:
                break
            if low in terms.calendar or low in terms.places:
                continue
            near = not found and at - back < _KIN_REACH and its_block == block
            if near or (terms.is_distinctive(low) and low not in terms.common_surnames):
                for family in (low, low.removesuffix("s")):
                    found |= dict.fromkeys(self._with_article(family, back))
                    if ending := next(filter(family.endswith, terms.hers), None):
                        found.setdefault(family.removesuffix(ending) + terms.hers[ending])
        return list(found)

    def in_full(self, named: Iterable[str]) -> tuple[str, ...]:
        """Of all who are named in full: what stands behind a given name, and the words of names that are `named`
        already."""
        return tuple(dict.fromkeys((*named, *self._behind_given_names)))

    @cached_property
    def _behind_given_names(self) -> list[str]:
        page, lows, terms = self.page, self.page.words.lows, self.terms
        capitals = set(page.words.capitals)
        found: list[str] = []
        for at in (at for at in page.words.capitals if lows[at] in terms.given):
            for after in range(at + 1, min(at + _LONGEST, len(lows))):
                if not page.runs_on(after - 1) or not (after in capitals or lows[after] in _ARTICLES):
                    break
                if lows[after] not in _ARTICLES and lows[after] not in terms.titles:
                    found += self._with_article(lows[after], after)
        return found

    def _with_article(self, family: str, at: int) -> Iterator[str]:
        yield family
        if at and self.page.words.lows[at - 1] in _ARTICLES:
            yield f"{self.page.words.lows[at - 1]} {family}"

    @cached_property
    def given(self) -> list[int]:
        """The words with a capital that may be a given name."""
        words, terms = self.page.words, self.terms
        return [at for at in words.capitals if words.lows[at] in terms.given or terms.is_distinctive(words.lows[at])]

    @cached_property
    def as_groups(self) -> tuple[str, ...]:
        """The families that are spoken of as one: "the three Gupta brothers", "the Hysa siblings", "two Rotenbergs"."""
        found: dict[str, None] = {}
        at = 0
        while match := _GROUPS.search(self.page.low, at):
            at = match.start() + 1
            for start, end in (match.span(name) for name in ("behind", "before", "many")):
                if self._is_family(self.page.low[start:end]) and self._is_capital(start, end):
                    found[self.page.low[start:end]] = None
        return tuple(found)

    def _is_family(self, word: str) -> bool:
        return self.terms.is_distinctive(word) or word in self.terms.common_surnames or word in self.terms.given

    def _is_capital(self, start: int, end: int) -> bool:
        return self.page.words[self.page.word_range(start - 1, end + 1)[0]].capital
