"""The countries that a page names, and which of them is told of what stands near."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence, Set
from functools import cached_property, lru_cache

from bot.matching.pages import Page
from bot.matching.terms import load_terms
from bot.model import Entity
from bot.text.folding import fold_key

_BEHIND = 12  # words within which a country is named behind what is its own
_NEAREST = 2
_LONGEST = 5  # words of a country: "democratic people republic of korea"
# Words before which another thing is told of: "the Ukrainian president asked that Rosatom".
_ENDS = frozenset(
    """of by in and with for to from on at into against over under or but than as that which who whom whose whether when
    while where after before since until if because is are was were be been has have had will would may might can could
    should also again not this these those its his her their it he she they we""".split()
)


@lru_cache(maxsize=4_096)
def told_by_its_names(entity: Entity) -> Set[str]:
    """The countries that a body's names tell: "State Administration Council of Myanmar", "United Nations …"."""
    country_of, found = load_terms().country_of, set()
    for name in (entity.caption, *entity.aliases, *entity.weak_aliases):
        tokens = fold_key(name).split()
        phrases = (" ".join(tokens[at : at + size]) for at in range(len(tokens)) for size in range(1, _LONGEST + 1))
        found |= {country_of[phrase] for phrase in phrases if phrase in country_of}
    return frozenset(found)


class Countries:
    """Those of one page, found when they are first asked for."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.terms = load_terms()

    def is_another(self, entity: Entity, first: int) -> bool:
        """Is what word `first` names told to be of another country? "the British maritime risk firm Vanguard" is no
        American company."""
        page, at = self.page, first - 1
        for _ in range(6):
            word = page.words[at] if at >= 0 else None
            if word is None or word.gap != " " or word.low in _ENDS:
                return False
            if word.capital:
                code = self.terms.country_of.get(word.low)
                is_people = code is not None and word.low in self.terms.peoples.get(code, ())
                return is_people and code not in entity.countries
            at -= 1
        return False

    def is_named(self, entity: Entity, first: int, last: int) -> bool:
        """Is the country that was named last before, in this block or else in the article, the entity's?"""
        page = self.page
        if self._is_told_another(entity, first):
            return False
        home = set(entity.countries) or told_by_its_names(entity)
        if "un" in home or (last - first >= 2 and page.words[first].capital):
            return not self._codes.isdisjoint(home)
        near = (*self._nearest(self._states, first), *self._nearest(self._states_and_seats, first))
        return not home.isdisjoint(near)

    def is_last(self, entity: Entity, first: int) -> bool:
        """Is the country that was named last before word `first`, in its block or else in the article, the entity's?
        Then "the country's army" is this one."""
        end = bisect_left(self._states, (first,))
        home = set(entity.countries) or told_by_its_names(entity)
        return end > 0 and self._states[end - 1][1] in home

    def _is_told_another(self, entity: Entity, first: int) -> bool:
        """Does another country stand right before: "Germany's interior ministry"?"""
        page, country_of = self.page, self.terms.country_of
        if not first or page.words[first - 1].gap not in (" ", "'s ", "’s ") or not page.words[first - 1].capital:
            return False
        lows = page.words.lows[max(0, first - 2) : first]
        code = country_of.get(" ".join(lows)) or country_of.get(lows[-1])
        return code not in (None, "un") and bool(entity.countries) and code not in entity.countries

    def _nearest(self, named: Sequence[tuple[int, str]], first: int) -> list[str]:
        """The two countries `named` last before word `first`: in this block, or else in the article."""
        block, end = self.page.block_of(first), bisect_left(named, (first + _BEHIND + 1,))
        here: list[str] = []
        for back in range(end - 1, -1, -1):
            at, code = named[back]
            other = self.page.block_of(at)
            if other < block or len(here) == _NEAREST:
                break
            if other == block:
                here.append(code)
        return here or [code for _, code in named[max(0, end - _NEAREST) : end]]

    @cached_property
    def named(self) -> list[tuple[int, str]]:
        """The words that name one, or its people, and its code."""
        lows, country_of = self.page.words.lows, self.terms.country_of
        named = []
        for at, low in enumerate(lows):
            if low in self.terms.places or low == "un":
                pair = " ".join(lows[at : at + 2])
                code = country_of.get(pair) or country_of.get(low)
                word = self.page.words[at]
                if code == "un" and low == "un" and not self.page.surface(at, at).startswith(("UN", "U.N")):
                    continue  # "Kim Jong Un", "un"
                if code is not None and (word.capital or not word.cased):
                    named.append((at, code))
        return named

    @cached_property
    def _codes(self) -> frozenset[str]:
        return frozenset(code for _, code in self.named)

    @cached_property
    def _states(self) -> list[tuple[int, str]]:
        return [(at, code) for at, code in self.named if code != "un"]

    @cached_property
    def _states_and_seats(self) -> list[tuple[int, str]]:
        """The same, a seat of government as its country."""
        seats = self.terms.seats
        cities = [(at, seats[low]) for at, low in enumerate(self.page.words.lows) if low in seats]
        return sorted([*cities, *self._states])
