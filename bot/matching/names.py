"""The index that finds tracked names in a folded text: exactly, as another spelling, or as an identifier.

Whether a hit is a mention is decided in mentions.py.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from itertools import accumulate
from typing import NamedTuple

from ahocorasick_rs import AhoCorasick, MatchKind

from bot.matching.forms import (
    MIN_IDENTIFIER,
    NameForm,
    identifier_key,
    identifiers_of,
    is_imo_number,
    name_forms,
)
from bot.matching.spelling import is_spelling_of, skeleton, skeletons
from bot.matching.terms import load_terms
from bot.model import Entity, Strength

__all__ = ["Hit", "NameForm", "NameIndex", "identifiers_of", "name_forms"]

_CJK = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7a3]")
_DIGITS = re.compile(r"\d[0-9A-Za-z]*")


class Hit(NamedTuple):
    """A form found: folded span with its outer blanks, and whose form it is. `variant`: by its skeleton only."""

    start: int
    end: int
    entity: str
    form: NameForm
    variant: bool


def _padded(text: str) -> str:
    return f" {text.replace(' ', '  ')} "


def _searched_as_variant(form: NameForm) -> bool:
    """Other spellings are looked for only where enough consonants speak."""
    if not form.alone or form.upper or _CJK.search(form.text):
        return False
    bones = skeleton(_padded(form.text)).replace(" ", "")
    if " " in form.text:
        return len(bones) >= 4 and form.strength is not Strength.WEAK
    return len(form.text) >= 6 and len(bones) >= 3 and (form.strength is not Strength.WEAK or form.how == "surname")


class _Layer:
    """Automata over a set of entities, never changed. Owners are numbers, forms are made again when hit: many names
    stay small."""

    def __init__(self, entities: Iterable[Entity]) -> None:
        self.keys: list[str] = []
        self.entities: list[Entity] = []
        patterns: dict[str, int] = {}
        variants: dict[str, int] = {}
        self.owners: list[int | tuple[int, ...]] = []
        self.variant_owners: list[int | tuple[int, ...]] = []
        self.identifiers: dict[str, tuple[int, ...]] = {}
        for number, entity in enumerate(entities):
            self.keys.append(entity.key)
            self.entities.append(entity)
            for identifier in identifiers_of(entity):
                self.identifiers[identifier] = (*self.identifiers.get(identifier, ()), number)
            for form in name_forms(entity):
                if form.alone:
                    _own(patterns, self.owners, _padded(form.text), number)
                    if _searched_as_variant(form):
                        for bones in skeletons(_padded(form.text)):
                            _own(variants, self.variant_owners, bones, number)
        self.exact = AhoCorasick(patterns) if patterns else None
        self.variants = AhoCorasick(variants, matchkind=MatchKind.LeftmostLongest) if variants else None


def _own(patterns: dict[str, int], owners: list[int | tuple[int, ...]], pattern: str, number: int) -> None:
    at = patterns.setdefault(pattern, len(owners))
    if at == len(owners):
        owners.append(number)
        return
    known = owners[at]
    if isinstance(known, int):
        if known != number:
            owners[at] = (known, number)
    elif known[-1] != number:
        owners[at] = (*known, number)


@lru_cache(maxsize=20_000)
def _forms_by_text(entity: Entity) -> Mapping[str, NameForm]:
    return {form.text: form for form in name_forms(entity)}


@lru_cache(maxsize=20_000)
def _forms_by_skeleton(entity: Entity) -> Mapping[str, tuple[NameForm, ...]]:
    out: dict[str, tuple[NameForm, ...]] = {}
    for form in _forms_by_text(entity).values():
        if _searched_as_variant(form):
            for bones in skeletons(_padded(form.text)):
                out[bones] = (*out.get(bones, ()), form)
    return out


@lru_cache(maxsize=50_000)
def _variant_form(entity: Entity, written: tuple[str, ...]) -> NameForm | None:
    """The entity's form that these folded tokens are another spelling of."""
    text = " ".join(written)
    if text in _forms_by_text(entity):
        return None
    forms = _forms_by_skeleton(entity).get(skeleton(_padded(text)), ())
    return next((form for form in forms if is_spelling_of(written, form.tokens)), None)


class NameIndex:
    """Finds every tracked name in a folded text. Made once for a watchlist; a changed entity goes into a small second
    layer (`with_changes`), so an edit costs no new automaton over all names."""

    def __init__(self, layers: tuple[_Layer, ...], entities: Mapping[str, Entity], where: Mapping[str, int]) -> None:
        self.entities: Mapping[str, Entity] = entities
        self._layers = layers
        self._terms = load_terms()
        self._where = where  # entity key -> the layer that holds its present state

    @classmethod
    def compile(cls, entities: Iterable[Entity]) -> NameIndex:
        known = {entity.key: entity for entity in entities}
        return cls((_Layer(known.values()),), known, dict.fromkeys(known, 0))

    def with_changes(self, changed: Iterable[Entity] = (), removed: Iterable[str] = ()) -> NameIndex:
        """The index after an edit of the watchlist. All changed since `compile` are in one second layer."""
        known = dict(self.entities)
        where = dict(self._where)
        for key in removed:
            known.pop(key, None)
            where.pop(key, None)
        for entity in changed:
            known[entity.key] = entity
            where[entity.key] = 1
        top = _Layer(known[key] for key, layer in where.items() if layer == 1)
        return NameIndex((self._layers[0], top), known, where)

    def forms_of(self, key: str) -> Mapping[str, NameForm]:
        """An entity's forms by their folded text."""
        return _forms_by_text(self.entities[key])

    def find_exact(self, folded: str) -> Iterator[Hit]:
        """Every form in a folded text, those inside longer ones too, for each entity that has it."""
        for number, layer in enumerate(self._layers):
            if layer.exact is None:
                continue
            for pattern, start, end in layer.exact.find_matches_as_indexes(folded, overlapping=True):
                text = folded[start:end].strip().replace("  ", " ")
                for key in self._owners(number, layer.owners[pattern]):
                    form = self.forms_of(key).get(text)
                    if form is not None:
                        yield Hit(start, end, key, form, False)

    def find_variants(self, folded: str) -> Iterator[Hit]:
        """Spans that have a form's consonants, and are to be verified (`spelling.is_spelling_of`)."""
        found: list[tuple[int, int, int, str]] = []
        bones = ""
        for number, layer in enumerate(self._layers):
            if layer.variants is not None:
                bones = bones or skeleton(folded)
                for pattern, start, end in layer.variants.find_matches_as_indexes(bones):
                    first, count = bones.count(" ", 0, start) // 2, bones.count(" ", start, end) // 2
                    found.extend(
                        (first, count, number, key) for key in self._owners(number, layer.variant_owners[pattern])
                    )
        if not found:
            return
        tokens = folded.split()
        common, given = self._terms.common, self._terms.given
        ats: list[int] = []
        for first, count, _, key in dict.fromkeys(found):
            written = tokens[first : first + count]
            if len(written) < count or all(token in common and token not in given for token in written):
                continue
            form = _variant_form(self.entities[key], tuple(written))
            if form is not None:
                ats = ats or list(accumulate((len(token) + 2 for token in tokens), initial=0))
                yield Hit(ats[first], ats[first + count], key, form, True)

    def find_identifiers(self, text: str) -> Iterator[tuple[int, int, str]]:
        """(start, end, entity key) of identifiers in an unfolded text. Seven digits need an IMO's check digit."""
        if not any(layer.identifiers for layer in self._layers):
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
            value = identifier_key(text[start:end])
            for number, layer in enumerate(self._layers):
                owners = layer.identifiers.get(value)
                if owners and (
                    len(value) != 7 or not value.isdigit() or is_imo_number(value) or _says_imo(text, start)
                ):
                    for key in self._owners(number, owners):
                        yield start, end, key

    def _owners(self, layer: int, owners: int | tuple[int, ...]) -> Iterator[str]:
        keys = self._layers[layer].keys
        for owner in (owners,) if isinstance(owners, int) else owners:
            key = keys[owner]
            if self._where.get(key) == layer:
                yield key


def _says_imo(text: str, start: int) -> bool:
    return "imo" in text[max(0, start - 24) : start].lower()
