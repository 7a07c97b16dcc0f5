"""People who are called by given names alone beside their family: "Kinahan and his sons Daniel and Christopher".

Whose family is told of, kinship.py says.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain, pairwise

from bot.matching.forms import NameForm, own_words
from bot.matching.found import Found
from bot.matching.kinship import AND, Families, Known, Named
from bot.matching.names import NameIndex
from bot.matching.neighbours import Neighbours, Other
from bot.matching.pages import Page, words_of_kin
from bot.matching.spelling import has_cyrillic, names_of_kin
from bot.matching.terms import load_terms
from bot.model import Schema, Strength

_ITS_OWN = frozenset(
    "the his her their el la su l le son sa der die das sein seine ihr ihre его ее их его її його їх".split()
)
_APPOSITION = (",", " — ", " – ", " - ")
_APPOSED = 6  # words from one of kinship to the comma before the relative's name


class GivenNames:
    """Of one page: `people` are those who are named in full; `others` has where else an entity's last word stands."""

    def __init__(
        self,
        page: Page,
        index: NameIndex,
        families: Families,
        beside: Neighbours,
        people: Sequence[Found],
        others: Mapping[tuple[str, str], Mapping[int, Other]],
    ) -> None:
        self.page = page
        self.index = index
        self.families = families
        self.beside = beside
        self.people = people
        self.others = others
        self.terms = load_terms()

    def beside_family(self, named: set[str]) -> Iterator[Found]:
        """ "Kinahan and his sons Daniel and Christopher": a given name counts where the block has the family name with
        another's given name, or a word of kinship that tells nobody else's relative."""
        if not self.others:
            return
        known = self._known_people(named)
        for (key, word), places in list(self.others.items()):
            entity = self.index.entities[key]
            if key in named or entity.schema is not Schema.PERSON or Other.PERSON not in places.values():
                continue
            form = self._whole_form(key, word)
            if form is None:
                continue
            blocks = {self.page.block_of(at) for at in places}
            written = {word, *(self.page.words.lows[at] for at in places)}
            for first, last in self.page.occurrences(form.tokens[0]):
                kin = self.families.before(first)
                is_anothers = kin is not None and written.isdisjoint(self.families.of_kin(kin, known))
                if is_anothers or self.families.is_titled(first) or not self._stands_alone(first):
                    continue
                block = self.page.block_of(first)
                if block in blocks or words_of_kin().search(self.page.block_text(block)):
                    yield Found(key, form, first, last, "given name beside the family name")

    def _whole_form(self, key: str, family: str) -> NameForm | None:
        """A given name and this family name."""
        forms = (form for form in self.index.forms_of(key).values() if form.strength is Strength.STRONG and form.alone)
        return next((form for form in forms if " " in form.text and form.tokens[-1] == family), None)

    def of_relatives(self, named: set[str]) -> Iterator[Found]:
        """ "Petro's eldest son Nicolás", "Assad and his brother Maher", "Asma, the wife": a given name behind a word of
        kinship, or before one, with the family name of somebody whose relative may be meant."""
        lows = self.page.words.lows
        told = [
            (at, given)
            for at in self.page.kin
            for given in self._told_by(at)
            if any(map(self.index.may_begin_with, names_of_kin(lows[given])))
        ]
        if not told:
            return
        known = self._known_people(named)
        for at, given in told:
            families = self.families.of_kin(at, known)
            if given < at:
                families = dict.fromkeys((*self.families.behind(at, known), *families))
            yield from self._beside_family(given, families, named)

    def _told_by(self, at: int) -> Iterator[int]:
        """Words that may be given names of the relatives who are told by the word of kinship `at`."""
        words, given = self.page.words, self._behind(at)
        while given < len(words) and self._stands_alone(given):
            yield given
            behind = words[given + 1 : given + 2]
            given += 2 if behind and behind[0].low in AND else 1
        before = range(at - 1, max(-1, at - 4), -1)
        given = next((back for back in before if any(mark in words[back].gap for mark in _APPOSITION)), at)
        of = at + 1 < len(words) and words[at + 1].low == "of"
        is_beside = given + 1 == at and (of or has_cyrillic(words[at].low))  # "Vera, wife of", "Мария, жена судьи"
        if given < at and (words[given + 1].low in _ITS_OWN or is_beside) and self._stands_alone(given):
            yield given

    def _behind(self, at: int) -> int:
        """Where a name may follow the word of kinship `at`: "hijo Nicolás", "el hijo mayor del mandatario, Nicolás"."""
        words = self.page.words
        for behind in range(at, min(at + _APPOSED, len(words) - 1)):
            if words[behind].gap == ", ":
                return behind + 1
            if words[behind].gap != " " or words[behind + 1].capital:
                break
        return at + 1

    def _known_people(self, named: Iterable[str]) -> Known:
        people = [found for found in self.people if self.index.entities[found.entity].schema is Schema.PERSON]
        names: dict[str, dict[str, None]] = defaultdict(dict)
        spans = ((found.entity, self.page.words.lows[found.first : found.last + 1]) for found in people)
        for key, written in chain(((key, ()) for key in sorted(named)), spans):
            entity = self.index.entities[key]
            if entity.schema is Schema.PERSON:
                own = own_words(entity)
                families = sorted(own - self.terms.given)
                for word in own.union(written):
                    names[word] |= dict.fromkeys(families)
        return self.families.know((Named(one.first, one.last, tuple(one.form.tokens[1:])) for one in people), names)

    def of_groups(self, named: set[str]) -> Iterator[Found]:
        """ "Ajay, the eldest", of the Gupta brothers: given names alone, where a family is spoken of as one."""
        groups = self.families.as_groups
        families = (*sorted(groups), *(f"al {family}" for family in sorted(groups)))  # "the Assad family"
        if not families:
            return
        lows, capitals = self.page.words.lows, self.page.words.capitals
        given = {low for low in {lows[at] for at in capitals} - groups if any(self._of_family(low, families, named))}
        for at in capitals if given else ():
            if lows[at] in given and self._stands_alone(at):
                yield from self._beside_family(at, families, named)

    def _beside_family(self, given: int, families: Iterable[str], named: set[str]) -> Iterator[Found]:
        for key, form in self._of_family(self.page.words.lows[given], families, named):
            yield Found(key, form, given, given, "given name beside the family name")

    def _of_family(self, given: str, families: Iterable[str], named: set[str]) -> Iterator[tuple[str, NameForm]]:
        ways = names_of_kin(given)
        wholes = (f"{one} {other}" for family in families for one in ways for other in names_of_kin(family))
        for key, form in (found for whole in dict.fromkeys(wholes) for found in self.index.find_whole(whole)):
            person = self.index.entities[key].schema is Schema.PERSON
            is_own = form.strength is Strength.STRONG or form.how == "given and family name"
            if person and is_own and key not in named:
                yield key, form

    def coordinated(self) -> Iterator[Found]:
        """ "Ajay, Atul and Rajesh Gupta": the first given names share the family name of the last."""
        words, lows = self.page.words, self.page.words.lows
        for first, second in pairwise(words.capitals):
            if second == first + 1 and first > 1 and lows[first - 1] in AND and words[first].gap == " ":
                yield from self._sharing(first - 1)

    def _sharing(self, at: int) -> Iterator[Found]:
        words = self.page.words
        for end in (at + 2, at + 3):
            if end >= len(words) or not words[end].capital or words[end - 1].gap != " ":
                return
            family = " ".join(word.low for word in words[at + 2 : end + 1])
            given = at - 1
            while given >= 0 and words[given].capital and (words[given].gap in (", ", " ") or given == at - 1):
                for key, form in self.index.find_whole(f"{words[given].low} {family}"):
                    person = self.index.entities[key].schema is Schema.PERSON
                    if person and form.strength is Strength.STRONG:
                        yield Found(key, form, given, given, "given name before a shared family name")
                if given and words[given - 1].gap != ", ":
                    break
                given -= 1

    def _stands_alone(self, at: int) -> bool:
        left, right = self.beside.left(at), self.beside.right(at)
        if not self.page.words[at].capital or (left is not None and self.beside.is_name_word(at - 1)):
            return False
        return right is None or not right.capital or right.low in ("jr", "sr")
