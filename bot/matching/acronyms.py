"""Which of several tracked bodies an article means by an acronym that they share: "GIA", "MEC"."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from itertools import combinations

from bot.matching.forms import NameForm, own_words
from bot.matching.pages import Page
from bot.matching.terms import load_terms
from bot.model import Entity, Mention
from bot.text.folding import fold_key

SHARED = "acronym that several share"  # how a mention was found: nothing tells whose it is
_JUST_BEFORE = 3  # words: "Sudan's notorious GIA"
_LONGEST = 90  # characters of a name that an acronym is introduced for
_DEFINED = f"([^.;:\\n\x01()]{{4,{_LONGEST}}}?)"
_END_OF_BRACKETS = "{}[\"”'’]?\\s*[)）,.]"
_BRACKETS = "\\s*([(（]|,\\s*(?:or|known as) |,)\\s*(?:or |the |known as )*[\"“'‘]?" + _END_OF_BRACKETS
_SMALL_IN_NAMES = frozenset({"ta", "al", "el", "to", "a"})
_EVERYWHERE = ("us", "gb")  # named in every second article: they prove nothing


def are_several(bodies: Collection[Entity]) -> bool:
    """Are there two that cannot be one body, tracked twice?"""
    return any(not _may_be_one(one, other) for one, other in combinations(bodies, 2))


def without_others(bodies: Sequence[Entity], meant: Collection[str]) -> list[Entity]:
    """Those of the keys `meant`, and what may be one of them by another name."""
    told = [body for body in bodies if body.key in meant]
    return [body for body in bodies if any(_may_be_one(body, one) for one in told)] if told else list(bodies)


def _may_be_one(one: Entity, other: Entity) -> bool:
    """Of one country, or, where that is not known, with a telling word in common; if one has other words at all."""
    if one.countries and other.countries:
        return not set(one.countries).isdisjoint(other.countries)
    if any(len(own_words(body)) == 1 for body in (one, other)):
        return True
    return not (_telling_words(one) & _telling_words(other)) <= _names(one)  # the acronym itself tells nothing


def find_of_country(
    bodies: Sequence[Entity], at: int, countries: Sequence[tuple[int, str]], page: Page
) -> frozenset[str]:
    """The keys of those whose country stands just before word `at`, their acronym: "Sudan's GIA". `countries`: where
    which are named."""
    near = [(word, code) for word, code in countries if at - _JUST_BEFORE <= word < at]
    before = {code for word, code in near if not page.is_broken(word, at, comma=False)}
    return frozenset(body.key for body in bodies if not before.isdisjoint(body.countries))


def find_meant(bodies: Sequence[Entity], at: int, beside: Collection[Entity], page: Page) -> frozenset[str]:
    """The keys of those of whose name or country the paragraph of word `at`, their acronym, has a word that names
    nothing else; or else the article, if only that somebody of their country is named (`beside`). Empty if neither."""
    acronym, block = page.words[at].low, page.block_of(at)
    codes = {code for one in beside for code in one.countries if code not in _EVERYWHERE}
    is_near: dict[str, bool] = {}
    for body in bodies:
        words = [*filter(load_terms().is_distinctive, _telling_words(body) - {acronym}), *_places_of(body)]
        blocks = {page.block_of(first) for word in words for first, _ in page.occurrences(word)}
        if blocks or not codes.isdisjoint(body.countries):
            is_near[body.key] = block in blocks
    return frozenset(key for key, near in is_near.items() if near or not any(is_near.values()))


def words_that_tell(entity: Entity, acronym: str) -> list[str]:
    """Words of its names, and names of its country, that speak for it where its acronym stands."""
    return [*(_telling_words(entity) - {acronym}), *_places_of(entity)]


def _places_of(entity: Entity) -> list[str]:
    terms, codes = load_terms(), [code for code in entity.countries if code not in _EVERYWHERE]
    places = [name for code in codes for name in (*terms.countries.get(code, ()), *terms.peoples.get(code, ()))]
    return [*places, *(city for city, code in terms.seats.items() if code in codes)]


def _names(entity: Entity) -> frozenset[str]:
    return frozenset(map(fold_key, (entity.caption, *entity.aliases, *entity.weak_aliases)))


def _telling_words(entity: Entity) -> frozenset[str]:
    vague = load_terms().vague
    return frozenset(word for word in own_words(entity) if len(word) > 3 and word not in vague)


def share_of(mentions: Mapping[str, Sequence[Mention]]) -> dict[str, float]:
    """Of those who are named by nothing but an acronym that others share: how probable it is that they are meant."""
    only = {key: own for key, own in mentions.items() if all(mention.how == SHARED for mention in own)}
    return {key: 1 / max(_bearers(mention, mentions) for mention in own) for key, own in only.items()}


def _bearers(mention: Mention, mentions: Mapping[str, Sequence[Mention]]) -> int:
    place = (mention.block, mention.start, mention.end)
    return sum(any((one.block, one.start, one.end) == place for one in own) for own in mentions.values())


class Definitions:
    """What the acronyms of a page are introduced for: "the Rapid Support Forces (RSF)"."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.terms = load_terms()
        self._known: dict[str, str | None] = {}

    def is_for_another(self, entity: Entity, form: NameForm) -> bool:
        """Does the article introduce this acronym for a name that is not the entity's? Of whom nothing but an acronym
        is told, any may be the name."""
        if own_words(entity) == {form.text}:
            return False
        if form.text not in self._known:
            self._known[form.text] = self._find(form.text)
        name = self._known[form.text]
        if name is None:
            return False
        tokens = fold_key(name).split()
        if any(token in own_words(entity) and token not in self.terms.vague and len(token) > 2 for token in tokens):
            return False
        return self._initials(name).endswith(form.text) or form.text not in self._initials(entity.caption)

    def _find(self, acronym: str) -> str | None:
        """The capitalised words before "(ABC)", ", or ABC,", ", the ABC,"."""
        first = next((first for first, _ in self.page.occurrences(acronym)), None)
        if first is None:
            return None
        match = self._in_brackets(self.page.surface(first, first))
        if match is None:
            return self._spelt_out(acronym)
        words: list[str] = []
        for word in reversed(match.group(1).split()):
            if not word[:1].isupper() and word.lower() not in self.terms.small_words | _SMALL_IN_NAMES:
                break
            words.insert(0, word)
        while words and not words[0][:1].isupper():
            words = words[1:]
        if len(words) < 2 or sum(word[:1].isupper() for word in words) < 2:
            return None
        name = " ".join(words)
        # A comma alone may part the members of a list: "a network of Moscow and Shenzhen, ABCeX, …"
        return name if match.group(2) != "," or self._initials(name).endswith(acronym) else None

    def _in_brackets(self, written: str) -> re.Match[str] | None:
        """The whole is sought only near its end, which a page seldom has: it takes a hundred times as long."""
        text, escaped = self.page.text, re.escape(written)
        if re.search(_END_OF_BRACKETS.format(escaped), text) is None:
            return None
        brackets = re.search(_BRACKETS.format(escaped), text)
        if brackets is None:
            return None
        return re.compile(f"{_DEFINED}{_BRACKETS.format(escaped)}").search(text, max(0, brackets.start() - _LONGEST))

    def _initials(self, name: str) -> str:
        return "".join(token[0] for token in fold_key(name).split() if token not in self.terms.small_words)

    def _spelt_out(self, acronym: str) -> str | None:
        """The words with capitals whose first letters it has: "Rapid Support Forces" for "RSF"."""
        if not acronym.isascii() or not acronym.isalpha() or len(acronym) < 3:
            return None
        small = r"(?:(?:of|for|and|the|de|des|du|la|to|in|on) )*"
        words = f"[ -]{small}".join(rf"{letter.upper()}[\w'’]*[a-z]\w*" for letter in acronym)
        match = re.search(rf"\b{words}\b", self.page.text)
        return match[0].replace("-", " ") if match is not None else None
