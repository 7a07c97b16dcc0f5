"""Whose family an article speaks of: what makes "his eldest son, Nicolás" Nicolás Petro, and "Ajay, the eldest" one of
the Gupta brothers. Decides of no name whether it is meant."""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from functools import cached_property
from itertools import chain
from typing import NamedTuple

from bot.matching.pages import Page
from bot.matching.terms import load_terms

__all__ = ["AND", "Families", "Known", "Named"]

AND = frozenset("and y e und et и і та i oraz".split())

# Each number was changed on the 4,873 articles of tests/data/learning that may tell of a family. "Lose" counts people
# of those articles' own lists who are no longer found, of 805; "strangers" are found of 20,000 others, of about 1,000.
_ARTICLES = frozenset(("al", "el"))
_LONGEST = 4  # words of a full name, "Bashar Hafez al Assad": 2 lose 1, 3 or 6 change nothing
_REACH = 200  # words back to the family name of whose relative is told, in two paragraphs: 60 loses 5
_WHOSE_REACH = 8  # words from whose relative it is to the word of kinship: 4 find 2 more strangers, 6 or 12 none
_LAST = 8  # full names before a relative, of whom one may be meant: 6 lose 5, 12 find 4 more strangers
_NEXT = 3  # the same of those behind, if nobody before may be: 1 loses 1, none lost 8
_ABOUT, _OFTEN = 2, 3  # families that are named most often, each so often: none loses 2, twice finds 8 more strangers
_HIS = frozenset("his her whose su sus sein seine seinem seinen ihr ihre ses son его ее ії його".split())
_OF_HIS = ("'s ", "’s ", "' ", "’ ")
_CALLED_SO = frozenset("brother father sister mother uncle aunt".split())  # "Father Daniel", a priest
_GROUPS = ("brothers", "siblings", "sisters", "twins", "family", "clan", "dynasty")
_BEFORE_NAMES = ("brothers", "siblings", "sisters")
_SEVERAL = frozenset("the two three four both other".split())  # numbers alone lose 13
_NAMES_REACH = 4  # words from "Rotenbergs" to a given name of theirs: 2 lose 2


class Named(NamedTuple):
    """Who is named in full by the words first..last, and what of it may be the family name, folded."""

    first: int
    last: int
    families: tuple[str, ...]


class Known(NamedTuple):
    """Who is named in full on a page, in its order, and where each begins; the families that are named most often; and
    of whom is tracked, by every word, the family names."""

    people: Sequence[Named]
    firsts: Sequence[int]
    about: Sequence[str]
    names: Mapping[str, Iterable[str]]


class Families:
    """The family names of a page, folded, each found once for all readings of it; with the article that is a part of
    one, "al assad", too."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.terms = load_terms()

    def know(self, tracked: Iterable[Named], names: Mapping[str, Iterable[str]]) -> Known:
        """The people of a page, of whom some are `tracked`; `names` has the family names of those by every word."""
        people = sorted([*self._people, *tracked])
        families = {family for person in people for family in person.families}
        often = [(count, family) for family in families if (count := self._uses[family]) >= _OFTEN]
        about = [family for _, family in sorted(often, reverse=True)[:_ABOUT]]
        return Known(people, [person.first for person in people], about, names)

    @cached_property
    def _uses(self) -> Counter[str]:
        return Counter(self.page.words.lows[at] for at in self.page.words.capitals)

    def of_kin(self, at: int, known: Known) -> Iterable[str]:
        """The family names that the relative may have who is told by the word of kinship `at`: those of whose relative
        is said, "Alexander Lukashenko and his son"; else those that stand near before, and of who was named in full
        last."""
        whose = self._whose(at)
        if whose is None:
            return dict.fromkeys((*self._before(at), *self._in_full_near(at, known)))
        return dict.fromkeys((*self._as_written(whose), *known.names.get(self.page.words.lows[whose], ())))

    def behind(self, at: int, known: Known) -> Iterator[str]:
        """The family names of who is named in full soon behind a word of kinship, and a daughter's or a wife's:
        "Мария, жена Антона Колванова" is Maria Kolvanova."""
        begin, hers = bisect_left(known.firsts, at), self.terms.hers
        for person in known.people[begin : begin + 1]:
            for family in person.families if person.first - at < _WHOSE_REACH else ():
                yield family
                if ending := next(filter(family.endswith, hers), None):
                    yield family.removesuffix(ending) + hers[ending]

    def is_titled(self, at: int) -> bool:
        """ "Father Daniel" is a priest, if he is nobody's."""
        before = self.page.words[max(0, at - 1) : at]
        return any(w.capital and w.low in _CALLED_SO for w in before) and not self.page.is_title_case(at)

    def _whose(self, at: int) -> int | None:
        """The last word of the name right before a word of kinship, where it is said whose relative is meant:
        "Navalny's brother", "Pierre Blanc came with his son"."""
        words, is_his = self.page.words, False
        for back in range(at - 1, max(-1, at - _WHOSE_REACH), -1):
            word = words[back]
            if word.gap in _OF_HIS:
                named = word.capital and not is_his  # "asked Lammy's successor for his brother"
                return back if named and (self._ends_a_name(back) or self._is_only_family(word.low)) else None
            if word.capital:
                told = is_his and self._ends_a_name(back) and not self._is_a_relative(back)
                return back if told and (word.gap == " " or words[back + 1].low in AND) else None
            if word.gap not in (" ", "-"):
                return None
            is_his = is_his or word.low in _HIS
        return None

    def _is_only_family(self, low: str) -> bool:
        return low not in self.terms.given and self._is_family(low)

    def _ends_a_name(self, at: int) -> bool:
        """Is it the second of two words of a name, if only of a given name that nobody lists: "Anat Levy"?"""
        words = self.page.words[max(0, at - 1) : at + 1]
        return len(words) == 2 and words[0].gap == " " and all(w.capital and self._is_family(w.low) for w in words)

    def _is_a_relative(self, last: int) -> bool:
        """ "his wife Verónica Alcocer and his son": it is not her of whose son is told."""
        first = last - 1
        return bisect_left(self.page.kin, first - 2) < bisect_left(self.page.kin, first)

    def before(self, at: int) -> int | None:
        """The word of kinship by which the given name at word `at` is told: "his sons Daniel and Christopher"."""
        words = self.page.words
        for back in range(at - 1, max(-1, at - _WHOSE_REACH), -1):
            if words[back].gap not in (" ", ", "):
                return None
            if back in self._kin:
                return back
            if not words[back].capital and words[back].low not in AND:
                return None
        return None

    @cached_property
    def _kin(self) -> frozenset[int]:
        return frozenset(self.page.kin)

    def _before(self, at: int) -> list[str]:
        """The words before word `at` that may be the family name of whose relative is spoken of: the nearest with a
        capital, and what can be nothing else, in this paragraph and the one before."""
        words, terms, block = self.page.words, self.terms, self.page.block_of(at)
        found: dict[str, None] = {}
        start, end = bisect_left(words.capitals, at - _REACH), bisect_left(words.capitals, at)
        for back in reversed(words.capitals[start:end]):
            if self.page.block_of(back) < block - 1:
                break
            low = words.lows[back]
            is_name = not found or terms.is_distinctive(low)
            if is_name and low not in terms.calendar and low not in terms.places:
                found |= dict.fromkeys(self._as_written(back))
        return list(found)

    def _as_written(self, at: int) -> Iterator[str]:
        """The family name that word `at` is; without the s of a plural, with its article, and as a daughter has it."""
        low, hers = self.page.words.lows[at], self.terms.hers
        for family in (low, low.removesuffix("s")):
            yield from self._with_article(family, at)
            if ending := next(filter(family.endswith, hers), None):
                yield family.removesuffix(ending) + hers[ending]

    def _in_full_near(self, at: int, known: Known) -> Iterator[str]:
        """The family names of the few people who were named in full last before word `at`, of the next where a
        paragraph names nobody before, and of whom the article is about."""
        begin, people = bisect_left(known.firsts, at), known.people
        near = list(people[max(0, begin - _LAST) : begin])
        if not near or not self._may_be_whose(near[-1], at):
            near += people[begin : begin + _NEXT]
        for family in chain(*(person.families for person in near), known.about):
            yield from (family, *known.names.get(family, ()))

    def _may_be_whose(self, person: Named, at: int) -> bool:
        """Is somebody of this paragraph meant, who is not told as a relative too: "Vera Lukomskaya, mother of"?"""
        kin = self.page.kin
        is_told = bisect_left(kin, person.first - 2) < bisect_left(kin, person.last + 3)
        return not is_told and self.page.block_of(person.first) == self.page.block_of(at)

    @cached_property
    def _people(self) -> list[Named]:
        """Who is named in full: a given name before what may be a family name."""
        page, lows, terms = self.page, self.page.words.lows, self.terms
        capitals = set(page.words.capitals)
        found: list[Named] = []
        for at in (at for at in page.words.capitals if lows[at] in terms.given):
            families: list[str] = []
            last = at
            for after in range(at + 1, min(at + _LONGEST, len(lows))):
                if not page.runs_on(after - 1) or not (after in capitals or lows[after] in _ARTICLES):
                    break
                if lows[after] not in _ARTICLES:
                    families += self._with_article(lows[after], after)
                    last = after
            if families:
                found.append(Named(at, last, tuple(families)))
        return found

    def _with_article(self, family: str, at: int) -> Iterator[str]:
        yield family
        if at and self.page.words.lows[at - 1] in _ARTICLES:
            yield f"{self.page.words.lows[at - 1]} {family}"

    @cached_property
    def as_groups(self) -> Set[str]:
        """The families that are spoken of as one: "the three Gupta brothers", "the Hysa siblings", "two Rotenbergs"."""
        words, lows = self.page.words, self.page.words.lows
        beside = [at - 1 for word in _GROUPS for at, _ in self.page.occurrences(word)]
        beside += [at + 1 for word in _BEFORE_NAMES for at, _ in self.page.occurrences(word)]
        found = {lows[at] for at in beside if 0 <= at < len(lows) and words[at].capital and self._is_group(lows[at])}
        for at in words.capitals:
            family = lows[at].removesuffix("s")
            is_several = at > 0 and family != lows[at] and lows[at - 1] in _SEVERAL and self._is_group(family)
            if is_several and (self.page.kin or self._is_told_by_names(at)):
                found.add(family)
        return found

    def _is_told_by_names(self, at: int) -> bool:
        """ "Two Rotenbergs, Boris and Igor"; the Houthis are no family, nor are two Antonovs."""
        for word in self.page.words[at : at + _NAMES_REACH]:
            if word.capital and word.low in self.terms.given:
                return True
            if not set(".!?;:\n").isdisjoint(word.gap):
                return False
        return False

    def _is_group(self, family: str) -> bool:
        return self._is_family(family) and family not in self.terms.brothers_only

    def _is_family(self, word: str) -> bool:
        return self.terms.is_distinctive(word) or word in self.terms.common_surnames or word in self.terms.given
