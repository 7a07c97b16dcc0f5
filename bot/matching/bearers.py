"""Whose the words of a page are, where several tracked entities may bear them, or one in several ways.

Those of one watchlist: whom another has, and how its people wrote the name, must take no words from this one's, whose
chats would be told of nobody. Nor may one from its twin, who is tracked beside it in another spelling."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace
from functools import lru_cache

from rapidfuzz.fuzz import ratio

from bot.matching.acronyms import SHARED, are_several, find_meant, find_of_country, without_others
from bot.matching.countries import Countries
from bot.matching.forms import NameForm
from bot.matching.found import Found
from bot.matching.legal_forms import core_of
from bot.matching.names import NameIndex
from bot.matching.pages import Page
from bot.matching.spelling import to_latin
from bot.matching.twins import find_twins
from bot.model import Entity
from bot.text.folding import fold_key

_FIRST_WORDS = ("first distinctive word", "first word")
_AS_LIKE = 5  # points by which a spelling may be less like than the likest, of 100


@lru_cache(maxsize=4_096)
def _folded(caption: str) -> str:
    return fold_key(caption)


class Bearers:
    """Of one page: `strong` are its names that name their entity, whatever else it says."""

    def __init__(self, page: Page, index: NameIndex, countries: Countries, strong: Sequence[Found]) -> None:
        self.page = page
        self.index = index
        self.countries = countries
        self.strong = strong

    def choose(self, kept: Iterable[Found], named: set[str]) -> list[Found]:
        """Those of `kept` that stay; `named` are the keys of who is named in full or by an identifier."""
        return self._with_twins(self._without_other_bearers(self._one_entity_a_span(kept), named))

    def _one_entity_a_span(self, kept: Iterable[Found]) -> list[Found]:
        """Of one entity the longest span stays; of two entities on the same words the one whose own name it is."""
        out: list[Found] = []
        owners: dict[tuple[str, int], list[Found]] = defaultdict(list)
        for found in sorted(kept, key=lambda each: (-each.size, self._rank(each))):
            places = [(self._watchlist(found), at) for at in range(found.first, found.last + 1)]
            over = [other for place in places for other in owners.get(place, ())]
            if any(
                other.entity == found.entity or other.size > found.size or self._rank(other) < self._rank(found)
                for other in over
            ):
                continue
            for place in places:
                owners[place].append(found)
            out.append(found)
        return self._nearest_spelt(out)

    def _nearest_spelt(self, found: Sequence[Found]) -> list[Found]:
        """Of entities that the same words spell otherwise, the one spelt most like them: "Роснефти" is Rosneft, though
        it may be RussNeft as well."""
        nearness = {id(one): self._nearness(one) for one in found if one.how == "spelling variant"}
        best: dict[tuple[str, int, int], float] = defaultdict(float)
        for one in found:
            place = self._place(one)
            best[place] = max(best[place], nearness.get(id(one), 0.0))
        return [
            one for one in found if id(one) not in nearness or nearness[id(one)] >= best[self._place(one)] - _AS_LIKE
        ]

    def _nearness(self, found: Found) -> float:
        """0 to 100."""
        written = to_latin(" ".join(word.low for word in self.page.words[found.first : found.last + 1]))
        return ratio(written, to_latin(found.form.text))

    def _without_other_bearers(self, spans: list[Found], named: set[str]) -> list[Found]:
        """Of an acronym that several tracked bodies share, those who are meant: who is named in full, or whose country
        stands before it, there or elsewhere; else for whom a word speaks. Where none does, all, found as SHARED."""
        by_place: dict[tuple[str, int, int], list[Found]] = defaultdict(list)
        for found in spans:
            by_place[self._place(found)].append(found)
        shared = {
            place: of
            for place, of in by_place.items()
            if any(found.form.upper for found in of) and are_several(self._entities_of(of))
        }
        sharing = {found.entity for of in shared.values() for found in of}
        others = [self.index.entities[found.entity] for found in spans if found.entity not in sharing]
        told = {place: self._told_there(of, named) for place, of in shared.items()}
        anywhere = frozenset[str]().union(*told.values())
        gone: set[int] = set()
        for place, of in shared.items():
            bodies = self._entities_of(of)
            meant = told[place] or anywhere.intersection(found.entity for found in of)
            meant = meant or find_meant(bodies, of[0].first, others, self.page)
            left = {body.key for body in without_others(bodies, meant)}
            gone |= {id(found) for found in of if found.entity not in left}
            if are_several([self.index.entities[key] for key in left]):
                for found in of:
                    found.how = SHARED
        return [found for found in spans if id(found) not in gone]

    def _with_twins(self, spans: list[Found]) -> list[Found]:
        """Who is tracked twice is named wherever one of the two is."""
        there = {(found.entity, at) for found in spans for at in range(found.first, found.last + 1)}
        return spans + [
            replace(found, entity=twin)
            for found in spans
            for twin in find_twins(found.entity, self.index)
            if not any((twin, at) in there for at in range(found.first, found.last + 1))
        ]

    def _watchlist(self, found: Found) -> str:
        return self.index.entities[found.entity].watchlist

    def _place(self, found: Found) -> tuple[str, int, int]:
        return self._watchlist(found), found.first, found.last

    def _told_there(self, of: Sequence[Found], named: set[str]) -> frozenset[str]:
        in_full = frozenset(found.entity for found in of if found.entity in named)
        return in_full or find_of_country(self._entities_of(of), of[0].first, self.countries.named, self.page)

    def _entities_of(self, of: Iterable[Found]) -> list[Entity]:
        return [self.index.entities[found.entity] for found in of]

    def _rank(self, found: Found) -> float:
        """0 for the entity's caption and what the page introduces, then aliases, a surname or first word alone, other
        spellings."""
        entity = self.index.entities[found.entity]
        if found.how == "exact":
            caption = _folded(entity.caption)
            if found.form.text in (caption, " ".join(core_of(entity.caption))) or _is_turned(found.form, entity):
                return 0
            return 3 if found.form.how in _FIRST_WORDS else 1
        if found.form.how in _FIRST_WORDS and not found.form.alone:
            return 3.5  # "Rosneft", of Rosneft Deutschland, where Rosneft Oil Company is tracked too
        if found.how.startswith("short form"):
            return 0  # the page says whose it is
        if found.how == "surname" and any(strong.entity == found.entity for strong in self.strong):
            return 1
        return 5 if found.how == "spelling variant" else 4


def _is_turned(form: NameForm, entity: Entity) -> bool:
    """Whether it is the caption as texts have it: John Mark Dougan, of "DOUGAN, John Mark"."""
    if form.how != "name" or "," not in entity.caption:
        return False
    return sorted(form.tokens) == sorted(_folded(entity.caption).split())
