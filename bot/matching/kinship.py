"""Whose family an article speaks of: what makes "his eldest son, Nicolás" Nicolás Petro, and "Ajay, the eldest" one of
the Gupta brothers. Decides of no name whether it is meant."""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from itertools import chain, islice, pairwise
from typing import NamedTuple

from bot.matching.pages import Page
from bot.matching.terms import load_terms

__all__ = ["AND", "Families", "Known", "Named"]

AND = frozenset("and y e und et и і та i oraz".split())

_ARTICLES = frozenset(("al", "el"))
_LONGEST = 4  # words of a full name
_KIN_REACH = 14  # words between whose relative it is and the word of kinship
_FAMILY_REACH = 60  # … where the family name is a word that names nothing else
_WHOSE_REACH = 8  # … where "his" or "her" tells whose
_IN_FULL = 4  # people who were named in full last, of whom one may be meant
_NEXT = 2  # people who are named in full next
_ABOUT, _OFTEN = 2, 3  # families that are named most often, each so often
_IN_FULL_REACH = 40  # full names that are looked through for those few, as one may stand there many times
_HIS = frozenset("his her whose su sus sein seine seinem seinen ihr ihre ses его ее ії його".split())
_OF_HIS = ("'s ", "’s ", "' ", "’ ")
_CALLED_SO = frozenset("brother father sister mother uncle aunt".split())  # "Father Daniel", a priest
_BEFORE_NAMES = ("brothers", "siblings", "sisters")
_BROTHERS = (*_BEFORE_NAMES, "twins")
_FAMILY = ("family", "clan", "dynasty")
_NAMES_REACH = 4  # words
_SEVERAL = frozenset("the two three four both other".split())


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
        in_full = self._in_full_until[whose].families if whose in self._in_full_until else ()
        return dict.fromkeys((*self._as_written(whose), *in_full, *known.names.get(self.page.words.lows[whose], ())))

    def is_titled(self, at: int) -> bool:
        """ "Father Daniel" is a priest, if he is nobody's."""
        at, page = at - 1, self.page
        if at < 0:
            return False
        word = page.words[at]
        if not word.capital or word.low not in _CALLED_SO or word.gap != " " or page.is_title_case(at):
            return False
        return at == 0 or page.words[at - 1].gap not in _OF_HIS

    def _whose(self, at: int) -> int | None:
        """The last word of the name right before a word of kinship, where it is said whose relative is meant:
        "Navalny's brother", "Pierre Blanc came with his son"."""
        words, is_his, no_names = self.page.words, False, (self.terms.places, self.terms.country_of, _HIS)
        for back in range(at - 1, max(-1, at - _WHOSE_REACH), -1):
            word = words[back]
            named = word.capital and not any(word.low in each for each in no_names)
            if word.gap in _OF_HIS:
                named = named and not is_his  # "asked Lammy's successor for his brother"
                return back if named and (self._ends_a_name(back) or self._is_only_family(word.low)) else None
            if named:
                told = is_his and self._ends_a_name(back) and not self._is_a_relative(back)
                return back if told and (word.gap == " " or words[back + 1].low in AND) else None
            if word.gap not in (" ", "-"):
                return None
            is_his = is_his or word.low in _HIS or (word.low == "son" and not self.page.knows_words)
        return None

    def _is_only_family(self, low: str) -> bool:
        return low not in self.terms.given and self._is_family(low)

    def _ends_a_name(self, at: int) -> bool:
        """Is it the last word of a name in full, if only of a given name that nobody lists: "Anat Levy"?"""
        return at in self._in_full_until or self._is_beside_another(at - 1)

    def _is_beside_another(self, at: int) -> bool:
        """Are word `at` and the next two of a name?"""
        words = self.page.words[max(0, at) : at + 2]
        return len(words) == 2 and words[0].gap == " " and all(w.capital and self._is_family(w.low) for w in words)

    def _is_a_relative(self, last: int) -> bool:
        """ "his wife Verónica Alcocer and his son": it is not her of whose son is told."""
        kin, first = self.page.kin, self._in_full_until[last].first if last in self._in_full_until else last - 1
        return bisect_left(kin, first - 2) < bisect_left(kin, first)

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
        met: list[set[str]] = []
        for person in reversed(people[max(0, begin - _IN_FULL_REACH) : begin]):
            same = next((one for one in met if not one.isdisjoint(person.families)), None)
            if same is not None:
                same.update(person.families)
            elif len(met) == _IN_FULL:
                break
            else:
                met.append(set(person.families))
        told = begin and self._may_be_whose(people[begin - 1], at)
        behind = dict.fromkeys(person.families for person in people[begin : begin + _IN_FULL_REACH])
        for family in chain(*met, *([] if told else islice(behind, _NEXT)), known.about):
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
                if lows[after] not in _ARTICLES and lows[after] not in terms.titles:
                    families += self._with_article(lows[after], after)
                    last = after
            if families:
                found.append(Named(at, last, tuple(families)))
        return found

    @cached_property
    def _in_full_until(self) -> Mapping[int, Named]:
        """Who is named in full, the longest, by the last word."""
        return {person.last: person for person in reversed(self._people)}

    @cached_property
    def _bearers(self) -> Mapping[str, Sequence[int]]:
        """Where a word stands before what may be a family name."""
        found: dict[str, list[int]] = defaultdict(list)
        capitals, lows = self.page.words.capitals, self.page.words.lows
        for first, second in pairwise(capitals):
            if second == first + 1 and self._is_beside_another(first):
                found[lows[first]].append(first)
        return found

    def is_anothers(self, at: int) -> bool:
        """Was the given name at word `at` used for somebody of another family since a family was last spoken of as
        one?"""
        lows, families = self.page.words.lows, self.as_groups
        bearers = self._bearers.get(lows[at], ())
        last = bearers[before - 1] if (before := bisect_left(bearers, at)) else -1
        if last < 0 or any(family in families for family in self._as_written(last + 1)):
            return False
        return not any(bisect_left(places, last) < bisect_left(places, at) for places in families.values())

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
    def as_groups(self) -> Mapping[str, Sequence[int]]:
        """The families that are spoken of as one, "the three Gupta brothers", "the Hysa siblings", "two Rotenbergs",
        and the words where they are."""
        words, lows = self.page.words, self.page.words.lows
        found: dict[str, list[int]] = defaultdict(list)
        brothers = [at - 1 for word in _BROTHERS for at, _ in self.page.occurrences(word)]
        brothers += [at + 1 for word in _BEFORE_NAMES for at, _ in self.page.occurrences(word)]
        families = [at - 1 for word in _FAMILY for at, _ in self.page.occurrences(word)]
        beside = [*brothers, *filter(self._is_known_for_a_family, families)]
        for at in sorted(at for at in beside if 0 <= at < len(lows)):
            if words[at].capital and self._is_group(lows[at]):
                found[lows[at]].append(at)
        for at in words.capitals:
            low = lows[at]
            several = at > 0 and low[-1] == "s" and lows[at - 1] in _SEVERAL and len(low) > 3
            if several and self._is_group(low[:-1]) and (self.page.kin or self._is_told_by_names(at)):
                found[low[:-1]].append(at)
        return found

    def _is_known_for_a_family(self, at: int) -> bool:
        """No "Smith family", of whom there are many, and not "Ivan's family"."""
        if at < 0 or self.page.words.lows[at] in self.terms.common_surnames:
            return False
        return self.page.words[at].gap not in _OF_HIS or self.page.words.lows[at] not in self.terms.given

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
