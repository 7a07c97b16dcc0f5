"""Persons whose article writes a middle initial or a patronymic that the watchlist does not have: "Alisher B. Usmanov",
"Alisher Burkhanovich Usmanov" of Alisher Usmanov; "Sergey V. Ivanov" of Sergey Vladimirovich Ivanov.

The words around it are looked up without it. What the watchlist knows of the middle of the name must agree with it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from bot.matching.forms import NameForm
from bot.matching.keys import folded_keys
from bot.matching.names import Hit, NameIndex
from bot.matching.pages import Page
from bot.matching.spelling import is_spelling_of, skeleton, to_latin
from bot.matching.terms import load_terms
from bot.model import Entity, Schema
from bot.text.folding import BREAK, fold_key

__all__ = ["hits_around_middles"]

# An initial, two that the fold has joined, or a patronymic, also declined, or as German and French have it.
_MIDDLE = re.compile(
    r"[^\W\d_]{1,2}|\w{2,}(?:[eo][vw](?:ich|itch|itsch|icz|na)|(?:ich|ichna)"
    r"|(?:ович|евич|иович|ич)(?:а|у|ем|еві|і)?|(?:овн|евн|івн|ичн)(?:а|ы|е|у|ои|и|і|ою))"
)
_ENDINGS = frozenset("ch cz na ич ча чу ем ві чі на ны не ну ои ни ні ою".split())  # of the patronymics
_JOINED = re.compile(r"\.(?<=\b[^\W\d_]\.)[^\W\d_]\.")  # "A.B." from its first dot on, a literal that is found fast
_HOWS = frozenset(("name", "given and family name", "initial and family name"))
_BEHIND = 3  # words that may be a family name: "van der Merwe"
_ALIKE = (frozenset("eijy"), frozenset("hk"))  # initials of one name in two transliterations


@dataclass(slots=True)
class _Around:
    """The words around the middle names of a page, parted by BREAK: each word, its place on the page, and which middle
    name is left out before it."""

    words: list[str] = field(default_factory=list)
    ats: list[int] = field(default_factory=list)
    middles: dict[int, str] = field(default_factory=dict)

    def add(self, page: Page, at: int, middle: str) -> None:
        lows = page.words.lows
        before = at - 1
        self.words.append(lows[before])
        self.ats.append(before)
        self._add_behind(lows, at + 1, middle)

    def add_joined(self, page: Page, at: int) -> None:
        """ "A.B." is an initial and what is left out."""
        lows = page.words.lows
        self.words.append(lows[at][0])
        self.ats.append(at)
        self._add_behind(lows, at + 1, lows[at][1])

    def _add_behind(self, lows: list[str], at: int, middle: str) -> None:
        self.middles[len(self.words)] = middle
        behind = range(at, min(len(lows), at + _BEHIND))
        self.words += [*(lows[each] for each in behind), BREAK]
        self.ats += [*behind, -1]


def hits_around_middles(page: Page, index: NameIndex) -> Iterator[Hit]:
    """Hits on the page that have a word more than their forms, in the middle."""
    around = _around_middles(page)
    if not around.words:
        return
    keys = folded_keys(around.words)
    for hit in index.hits(around.words, index.candidates(keys)):
        middle = around.middles.get(hit.first + 1)
        if hit.last > hit.first and middle and _may_be(index.entities[hit.entity], hit.form, middle):
            yield hit._replace(first=around.ats[hit.first], last=around.ats[hit.last])


def _around_middles(page: Page) -> _Around:
    around, words = _Around(), page.words
    joined: set[str] | None = None
    lows, last = words.lows, len(words) - 1
    for at in words.capitals:
        middle = lows[at]
        if at == last or (len(middle) > 2 and middle[-2:] not in _ENDINGS) or _MIDDLE.fullmatch(middle) is None:
            continue
        if not (words[at + 1].cased and page.runs_on(at)):
            continue
        if len(middle) == 2:
            if joined is None:
                found = (match.span() for match in _JOINED.finditer(page.text))
                joined = {fold_key(page.text[start - 1 : end]) for start, end in found}
            if middle not in joined:
                continue
        if len(middle) == 2 and "." in page.surface(at, at):
            around.add_joined(page, at)
        elif len(middle) != 2 and at and words[at - 1].capital and page.runs_on(at - 1):
            around.add(page, at, middle)
    return around


def _may_be(entity: Entity, form: NameForm, middle: str) -> bool:
    """Does nothing that is known of the person speak against this middle name? Where nothing is known, the family name
    must be one that few have."""
    if entity.schema not in (Schema.PERSON, Schema.LEGAL_ENTITY) or form.how not in _HOWS or not form.alone:
        return False
    known = _known_middles(entity, form)
    if known:
        return any(_is_same(middle, each) for each in known)
    terms, family = load_terms(), form.tokens[-1]
    many = (terms.given, terms.family_first, terms.common_surnames, terms.common, terms.places)
    return not any(family in words for words in many)


def _known_middles(entity: Entity, form: NameForm) -> set[str]:
    """What the entity's names that have all words of the form have besides, in Latin letters."""
    terms, found = load_terms(), set[str]()
    for written in (entity.caption, *entity.aliases):
        left = [to_latin(token) for token in fold_key(written).split()]
        for token in map(to_latin, form.tokens):
            same = next((each for each in left if each == token or (len(token) == 1 and each[0] == token)), None)
            if same is None:
                break
            left.remove(same)
        else:
            found.update(token for token in left if token not in terms.titles and token not in terms.particles)
    return found


def _is_same(middle: str, known: str) -> bool:
    one, other = to_latin(middle)[:1], known[:1]
    if len(middle) == 1 or len(known) == 1:
        return one == other or any(one in letters and other in letters for letters in _ALIKE)
    return skeleton(middle) == skeleton(known) and is_spelling_of([middle], [known])
