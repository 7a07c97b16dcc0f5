"""The index that finds tracked names in a text: exactly, as another spelling, or as an identifier.

Whether a hit is a mention is decided in mentions.py.
"""

from __future__ import annotations

import ctypes
import re
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from functools import cached_property, lru_cache
from itertools import chain
from typing import NamedTuple, TypeVar

import numpy as np

from bot.matching.forms import NameForm, own_words
from bot.matching.identifiers import MIN_IDENTIFIER, identifiers_of, is_imo_number, written_key
from bot.matching.keys import Keys, bones_number, folded_keys, number_of, sequence_number
from bot.matching.naming import is_sought_by_sound, name_forms
from bot.matching.roster import Roster
from bot.matching.spelling import (
    as_german_sounds,
    hard_h,
    has_cyrillic,
    is_spelling_of,
    looks_slavic,
    with_j,
    with_more_j,
    with_z,
    without_d,
    without_m,
)
from bot.matching.table import MOST_OWNERS, Entry, Flag, Sightings, Table, TableBuilder
from bot.matching.terms import load_terms
from bot.model import Entity, Schema, Strength

__all__ = ["Candidate", "Hit", "NameForm", "NameIndex", "identifiers_of", "name_forms"]

_DIGITS = re.compile(r"\d[0-9A-Za-z]*")
_WORDS = re.compile(r"[^\W_]+")


class Hit(NamedTuple):
    """A form found as tokens first..last, and whose form it is. `variant`: by its skeleton only."""

    first: int
    last: int
    entity: str
    form: NameForm
    variant: bool


class Candidate(NamedTuple):
    """Tokens first..first + size - 1 may be a form: one in another spelling is alike, of others the number is known and
    the letters are not compared yet."""

    layer: int
    first: int
    size: int
    entry: Entry

    @property
    def variant(self) -> bool:
        return bool(self.entry.flags & Flag.VARIANT)


# ---------------------------------------------------------------- the forms of one entity


def _sounds(tokens: Sequence[str], *, plural: bool, countries: Set[str]) -> Iterator[list[str]]:
    """The tokens as they may sound: "kh" is also written h, ch (German) or j (Spanish), "sh" ch (French). `plural`: the
    first may be a Russian noun in the plural, in the genitive "ов": "Vertolety Rossii", "Вертолетов России". Of people
    and firms of some `countries` also by what German and Cyrillic make of their names."""
    yield list(tokens)
    if countries & CYRILLIC_COUNTRIES or not countries:
        is_g = countries & _H_IS_G or not countries  # of others than Slavs in Cyrillic only: see _variant
        ways = (with_j, with_more_j, without_m, without_d, *((hard_h,) if is_g else ()))
        others = [[token if token in load_terms().common else way(token) for token in tokens] for way in ways]
        if any("ts" in token for token in tokens):
            others += [[*map(with_z, other)] for other in (tokens, *others)]
        yield from map(list, dict.fromkeys(tuple(other) for other in others if other != tokens))
    elif countries & _J_IS_Y and any("j" in token for token in tokens):
        yield [token.replace("j", "y") for token in tokens]
    if countries & _GERMAN:
        yield [*map(as_german_sounds, tokens)]
    first = tokens[0]
    if plural and len(tokens) > 1 and len(first) > 5 and first[-1] in "yы" and first not in load_terms().common:
        yield [first[:-1] + "ov", *tokens[1:]]
    if len(tokens) < 4 and any("sh" in token and token not in load_terms().common for token in tokens):
        yield [token.replace("sh", "ch") for token in tokens]
    if not countries and any("j" in token[1:] for token in tokens):  # "Kaja" is Кая, in whatever country
        yield [token[:1] + token[1:].replace("j", "y") for token in tokens]
    if any("tech" in token for token in tokens):  # "Technopromexport" is Технопромэкспорт, "Promtech" Промтех
        yield [token.replace("tech", "teh") for token in tokens]
    if any(token.startswith("chr") for token in tokens):  # "Christodoulos" is Христодулос
        yield ["h" + token[2:] if token.startswith("chr") else token for token in tokens]
    if any("kh" in token for token in tokens):
        for sound in ("h", "j"):
            yield [token.replace("kh", sound) for token in tokens]


CYRILLIC_COUNTRIES = frozenset("ru ua by kz kg uz tj tm am az ge md".split())
_H_IS_G = frozenset(("ua", "by", "cz", "sk"))
_GERMAN = frozenset(("de", "at", "ch"))
_J_IS_Y = frozenset("de at ch se no dk fi ee lv lt pl cz sk si hr rs ba me mk hu nl be is".split())


def _is_slav(entity: Entity, form: NameForm) -> bool:
    return bool(_H_IS_G.intersection(entity.countries)) or looks_slavic(form.tokens)


def _has_g_for_h(written: Sequence[str], name: Sequence[str]) -> bool:
    """Has one of the written words a g where the name begins with h, and elsewhere more of them than the name?"""
    pairs = zip(written, name, strict=True)
    return any("h" in own and hard_h(own) != own and word.count("g") > own.count("g") for word, own in pairs)


def _is_quiet(form: NameForm) -> bool:
    """A weak form that never counts by itself in an article which does not speak of sanctions."""
    if form.strength is not Strength.WEAK or form.upper:
        return False
    return " " in form.text or all(word[1:] == word[1:].lower() or word.isupper() for word in form.source.split())


def _may_be_small(form: NameForm) -> bool:
    """One word that may be a name without a capital: its own spelling has none."""
    return any(word[0].islower() for word in _WORDS.findall(form.source))


@lru_cache(maxsize=4_096)
def _forms_by_text(entity: Entity) -> Mapping[str, NameForm]:
    return {form.text: form for form in name_forms(entity)}


@lru_cache(maxsize=50_000)
def _is_spelling(written: str, name: str) -> bool:
    return is_spelling_of(written.split(), name.split())


# ---------------------------------------------------------------- the index


_Written = str | bytes
_Met = TypeVar("_Met")


def _remember(known: dict[_Met, Sequence[Entry]], met: _Met, entries: Sequence[Entry]) -> Sequence[Entry]:
    if len(known) >= _REMEMBERED:
        known.clear()
    known[met] = entries
    return entries


class _Layer:
    """A roster and the table of its forms, never changed. Forms are made again when they are hit: a million names
    stay small."""

    def __init__(self, entities: Iterable[Entity]) -> None:
        self.roster = Roster()
        table, identifiers = TableBuilder(), TableBuilder()
        for entity in entities:
            number = self.roster.add(entity)
            if number >= MOST_OWNERS:
                raise ValueError(f"a watchlist has at most {MOST_OWNERS} entities")
            table.next_owner()
            identifiers.next_owner()
            for identifier in identifiers_of(entity):
                identifiers.add([number_of(identifier)], number, 0)
            for form in name_forms(entity):
                if form.alone:
                    _add_exact(table, form, number)
                if is_sought_by_sound(form, entity):
                    _add_variants(table, form, number, entity)
        self.roster.close()
        # What was met in texts, and the forms that it may be: looked up and compared once.
        self.loud: dict[_Written, Sequence[Entry]] = {}
        self.alike: dict[tuple[int, _Written], Sequence[Entry]] = {}  # of a place in the table
        self.loudly_alike: dict[tuple[int, _Written], Sequence[Entry]] = {}
        self.table = Table(table)
        self.identifiers = Table(identifiers)


def _add_exact(table: TableBuilder, form: NameForm, number: int) -> None:
    numbers = [number_of(token) for token in form.tokens]
    flags = (Flag.QUIET if _is_quiet(form) else 0) | (Flag.UPPER if form.upper else 0)
    table.add(numbers, number, flags, small=_may_be_small(form), pair=_rarest_pair(form.tokens))


_FIRST_TOKENS = 8


def _rarest_pair(tokens: Sequence[str]) -> int:
    """Where two of the first tokens begin that few texts have side by side: with few plain words, and long."""
    terms = load_terms()

    def commonness(at: int) -> tuple[int, int]:
        pair = tokens[at : at + 2]
        return sum((token in terms.plain) + (token in terms.very_common) for token in pair), -sum(map(len, pair))

    return min(range(min(len(tokens), _FIRST_TOKENS) - 1), key=commonness, default=0)


def _add_variants(table: TableBuilder, form: NameForm, number: int, entity: Entity) -> None:
    # One word in another spelling proves little: see mentions.py.
    flags = Flag.VARIANT | (0 if " " in form.text else Flag.QUIET)
    plural = entity.schema is not Schema.PERSON
    for sounds in _sounds(form.tokens, plural=plural, countries=set(entity.countries)):
        table.add([bones_number(token) for token in sounds], number, flags, text=form.text)


def _is_in_names_only(word: str, *, given: bool = False) -> bool:
    """Is a word with a capital a part of a name, if not a given name, and is it nothing else?"""
    terms = load_terms()
    if word in terms.given:
        return word not in terms.words_and_given
    others = (terms.common, terms.places, terms.kinds, terms.titles, terms.calendar, terms.legal_forms)
    return not given and word.isalpha() and len(word) > 1 and not any(word in each for each in others)


def _ends_well(keys: Keys, first: int, size: int) -> bool:
    """A pair in another spelling has two capitals; a longer one may end small ("Hizbollah's military wing"), and a
    Cyrillic one, where a firm's common noun is declined ("Газпром нефти")."""
    return size != 2 or bool(keys.capital[first + 1]) or not keys.word(first + 1).isascii()


def _without_overlap(candidates: Iterable[Candidate]) -> Iterator[Candidate]:
    """All exact ones; of those in another spelling the leftmost and there the longest, as they prove less."""
    variants: list[Candidate] = []
    for candidate in candidates:
        if candidate.variant:
            variants.append(candidate)
        else:
            yield candidate
    ends: dict[int, tuple[int, int]] = {}  # layer -> first and end of the span that was taken last
    for candidate in sorted(variants, key=lambda each: (each.first, -each.size)):
        first, count = candidate.first, candidate.size
        taken, end = ends.get(candidate.layer, (-1, 0))
        if first >= end or (first, first + count) == (taken, end):
            ends[candidate.layer] = first, first + count
            yield candidate


def _give_back() -> None:
    """Memory that making a large index took goes back to the system: the C library of Linux would keep 40 % more than
    the index needs."""
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None) if sys.platform == "linux" else None
    if trim is not None:
        trim(0)


_MANY = 5_000  # entities
_REMEMBERED = 20_000  # words, and pairs of words, of texts


class _Edited(Mapping[str, Entity]):
    """The entities of an index with changes."""

    def __init__(self, base: Roster, top: Roster, hidden: frozenset[str]) -> None:
        self._base, self._top, self._hidden = base, top, hidden

    def __getitem__(self, key: str) -> Entity:
        if key in self._top:
            return self._top[key]
        if key in self._hidden:
            raise KeyError(key)
        return self._base[key]

    def __iter__(self) -> Iterator[str]:
        return chain((key for key in self._base if key not in self._hidden), self._top)

    def __len__(self) -> int:
        return len(self._base) + len(self._top) - sum(key in self._base for key in self._hidden)


class NameIndex:
    """Finds every tracked name in a text. Made once for a watchlist; what is changed later goes into a small second
    layer (`with_changes`), so an edit costs as much as what was edited since."""

    def __init__(self, base: _Layer, top: _Layer | None = None, hidden: frozenset[str] = frozenset()) -> None:
        self._base, self._top = base, top
        self._hidden = hidden  # keys whose state in the first layer no longer holds
        self._layers = (base,) if top is None else (base, top)
        self.twins: dict[str, tuple[str, ...]] = {}  # what twins.py found of those whom articles named
        self.entities: Mapping[str, Entity] = base.roster if top is None else _Edited(base.roster, top.roster, hidden)

    @classmethod
    def compile(cls, entities: Iterable[Entity]) -> NameIndex:
        layer = _Layer(entities)
        if len(layer.roster) > _MANY:
            _give_back()
        return cls(layer)

    def with_changes(self, changed: Iterable[Entity] = (), removed: Iterable[str] = ()) -> NameIndex:
        """The index after an edit of the watchlist."""
        later = {} if self._top is None else dict(self._top.roster)
        hidden = set(self._hidden)
        for key in removed:
            later.pop(key, None)
            hidden.add(key)
        for entity in changed:
            later[entity.key] = entity
            hidden.add(entity.key)
        return NameIndex(self._base, _Layer(later.values()), frozenset(hidden))

    @property
    def changes(self) -> int:
        """How many entities were changed since it was compiled; with many it is time to compile again."""
        return len(self._hidden)

    def forms_of(self, key: str) -> Mapping[str, NameForm]:
        """An entity's forms by their folded text."""
        return _forms_by_text(self.entities[key])

    # ---- candidates: by numbers

    def loud_candidates(self, keys: Keys) -> list[Candidate]:
        """Those that may be a name which counts whatever its article is about."""
        found = [each for number in range(len(self._layers)) for each in self._loud_in(number, keys)]
        found.sort(key=lambda each: (each.size, each.variant, each.first))
        return found

    def _loud_in(self, number: int, keys: Keys) -> Iterator[Candidate]:
        layer = self._layers[number]
        gate = layer.table.gate
        two, three, more = gate.sounding(keys)
        for count, ats in ((1, gate.singles(keys)), (2, two), (3, three)):
            for at in ats.tolist():
                for entry in self._loud_forms(layer, keys, at, count):
                    yield Candidate(number, at, count, entry)
        first = gate.longer(keys)
        if len(first) or len(more):
            yield from self._candidates(number, keys, layer.table.find_longer(keys, first, more), quiet=False)

    def _loud_forms(self, layer: _Layer, keys: Keys, at: int, count: int) -> Sequence[Entry]:
        """The forms of a layer that one token may be, or two or three in another spelling: looked up once."""
        written = keys.written(at, count)
        known = layer.loud.get(written)
        if known is None:
            known = _remember(layer.loud, written, self._look_up(layer.table, keys.words(at, count)))
        return known

    def _look_up(self, table: Table, words: Sequence[str]) -> Sequence[Entry]:
        if len(words) > 1:
            at = table.place(sequence_number(map(bones_number, words)), variant=True)
            return [] if at is None else self._alike(table, at, " ".join(words), quiet=False)
        at = table.place(sequence_number(map(number_of, words)), variant=False)
        return [] if at is None else list(table.entries(at, quiet=False))

    def may_count(self, keys: Keys, loud: Iterable[Candidate], *, capitals_speak: bool) -> bool:
        """May one of these count? It says yes too often, and never no wrongly."""
        return any(
            self._may_count(keys, candidate, capitals_speak)
            for candidate in loud
            if self._holds(candidate.layer, candidate.entry.owner)
        )

    def _may_count(self, keys: Keys, candidate: Candidate, capitals_speak: bool) -> bool:
        if candidate.size > 1:
            return True
        if candidate.entry.flags & Flag.UPPER:
            token = keys.word(candidate.first)
            if keys.capitals(candidate.first) * 2 < len(token) < 4:
                return False
        return not (capitals_speak and self._is_part_of_a_name(keys, candidate))

    def _is_part_of_a_name(self, keys: Keys, candidate: Candidate) -> bool:
        """A quick look for one word: does a given name or a rare word stand beside it, as in "Nico Salvatore"? What
        neighbours.py says at length; where capitals say little, in headlines, it is left to say so."""
        entity, at = self._layers[candidate.layer].roster.at(candidate.entry.owner), candidate.first
        if np.count_nonzero(keys.capital[max(0, at - 12) : at + 13]) > 12:
            return False
        before = keys.word(at - 1) if at and keys.joined(at - 1) else ""
        after = keys.word(at + 1) if at + 1 < len(keys.exact) and keys.joined(at) else ""
        own = own_words(entity)
        if before not in own and _is_in_names_only(before, given=entity.schema is not Schema.PERSON):
            return True
        return entity.schema is not Schema.VESSEL and after not in own and _is_in_names_only(after)

    def candidates(self, keys: Keys) -> Iterator[Candidate]:
        """All that may be names; with the single words that may be one in another spelling."""
        for number, layer in enumerate(self._layers):
            for each in (layer.table.find(keys), layer.table.find_sounds(keys)):
                yield from self._candidates(number, keys, each, quiet=True)

    def _candidates(self, layer: int, keys: Keys, sightings: Sightings, *, quiet: bool) -> Iterator[Candidate]:
        table, size = self._layers[layer].table, len(keys.exact)
        alike = self._layers[layer].alike if quiet else self._layers[layer].loudly_alike
        for place, count, at in zip(*(each.tolist() for each in sightings), strict=True):
            first = place if place < size else place - size - 1  # see Sightings
            if place < size:
                for entry in table.entries(at, quiet=quiet):
                    yield Candidate(layer, first, count, entry)
            elif _ends_well(keys, first, count):
                written = keys.written(first, count)
                known = alike.get((at, written))
                if known is None:
                    words = " ".join(keys.words(first, count))
                    known = _remember(alike, (at, written), self._alike(table, at, words, quiet=quiet))
                for entry in known:
                    yield Candidate(layer, first, count, entry)

    def _alike(self, table: Table, at: int, written: str, *, quiet: bool) -> list[Entry]:
        """Those that are spelt so. "Чемезова в" has the consonants of "Chemezov A.V." and is none."""
        if self._ordinary.issuperset(written.split()):
            return []
        return [entry for entry in table.entries(at, quiet=quiet) if _is_spelling(written, table.text(entry.at))]

    # ---- hits: by letters

    def hits(self, tokens: Sequence[str], candidates: Iterable[Candidate]) -> Iterator[Hit]:
        """Those candidates that are names, in the tokens of the folded text."""
        known: set[tuple[int, int, int, int]] = set()
        for candidate in _without_overlap(candidates):
            layer, first, count, (_, owner, _) = candidate
            written, variant = tokens[first : first + count], candidate.variant
            form = self._variant(candidate, written) if variant else self._exact(layer, owner, written)
            if form is not None and not (variant and (layer, first, count, owner) in known):
                known.add((layer, first, count, owner))
                yield Hit(first, first + count - 1, self._layers[layer].roster.at(owner).key, form, variant)

    def _holds(self, layer: int, owner: int) -> bool:
        roster = self._layers[layer].roster
        if roster.is_old(owner):
            return False
        return not (layer == 0 and self._hidden) or roster.at(owner).key not in self._hidden

    def _exact(self, layer: int, owner: int, written: Sequence[str]) -> NameForm | None:
        if not self._holds(layer, owner):
            return None
        return _forms_by_text(self._layers[layer].roster.at(owner)).get(" ".join(written))

    def _variant(self, candidate: Candidate, written: Sequence[str]) -> NameForm | None:
        layer, (at, owner, _) = candidate.layer, candidate.entry
        if not self._holds(layer, owner):
            return None
        forms = _forms_by_text(self._layers[layer].roster.at(owner))
        form = None if " ".join(written) in forms else forms.get(self._layers[layer].table.text(at))
        if form is None or has_cyrillic(written[0]):
            return form
        if form.upper or form.how == "first distinctive word":
            return None  # a part of a name in another spelling proves too little, but "Реновы" is how Cyrillic has it
        if _has_g_for_h(written, form.tokens) and not _is_slav(self._layers[layer].roster.at(owner), form):
            return None  # "Garold Garrison" is not Harold Harrison, who is Гарольд Гаррісон in Ukrainian
        return form

    @cached_property
    def _ordinary(self) -> frozenset[str]:
        terms = load_terms()
        return (terms.common | terms.places) - terms.given

    def find_exact(self, folded: str) -> Iterator[Hit]:
        """Every form in a folded text, those inside longer ones too, for each entity that has it."""
        return (hit for hit in self.find(folded) if not hit.variant)

    def find(self, folded: str) -> Iterator[Hit]:
        """Every form in a folded text, and every span that is another spelling of one."""
        tokens = folded.split()
        keys = folded_keys(tokens)
        return self.hits(tokens, self.candidates(keys))

    def find_whole(self, name: str) -> Iterator[tuple[str, NameForm]]:
        """Who has this folded name as a form."""
        tokens = name.split()
        number = sequence_number(map(number_of, tokens))
        for at, layer in enumerate(self._layers):
            for owner in layer.table.owners(number):
                form = self._exact(at, owner, tokens)
                if form is not None:
                    yield layer.roster.at(owner).key, form

    def find_sounding(self, bones: Sequence[str]) -> Iterator[tuple[str, NameForm]]:
        """Who has a form in Latin letters with these consonants, word by word."""
        number = sequence_number(map(bones_number, bones))
        for at, layer in enumerate(self._layers):
            for owner, text in layer.table.sounding(number):
                entity = layer.roster.at(owner)
                form = _forms_by_text(entity).get(text) if self._holds(at, owner) else None
                if form is not None and form.text.isascii():
                    yield entity.key, form

    def may_sound(self, bones: Sequence[str]) -> bool:
        """May a form have these consonants, or begin with them? A quick look, which never says no wrongly."""
        number = sequence_number(map(bones_number, bones))
        return any(layer.table.may_sound(number) for layer in self._layers)

    def may_begin_with(self, *tokens: str) -> bool:
        """May a form of more words begin with these folded ones? A quick look, which never says no wrongly."""
        number = sequence_number(map(number_of, tokens))
        return any(layer.table.may_begin_with(number) for layer in self._layers)

    def find_identifiers(self, text: str) -> Iterator[tuple[int, int, str]]:
        """(start, end, entity key) of identifiers in an unfolded text. Seven digits need an IMO's check digit."""
        layers = [(at, layer) for at, layer in enumerate(self._layers) if len(layer.identifiers)]
        if not layers:
            return
        end = 0
        for digit in _DIGITS.finditer(text):
            if digit.start() < end:
                continue
            start, end = digit.span()
            while start and text[start - 1].isascii() and text[start - 1].isalnum():
                start -= 1
            if end - start < MIN_IDENTIFIER:
                continue
            value = written_key(text[start:end])
            number = sequence_number([number_of(value)])
            for at, layer in layers:
                for owner in layer.identifiers.owners(number):
                    if self._is_identifier(at, owner, value, text, start):
                        yield start, end, layer.roster.at(owner).key

    def _is_identifier(self, layer: int, owner: int, value: str, text: str, start: int) -> bool:
        if not self._holds(layer, owner) or value not in identifiers_of(self._layers[layer].roster.at(owner)):
            return False
        return len(value) != 7 or not value.isdigit() or is_imo_number(value) or _says_imo(text, start)


def _says_imo(text: str, start: int) -> bool:
    return "imo" in text[max(0, start - 24) : start].lower()
