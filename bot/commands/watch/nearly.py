"""Who is tracked by nearly the same name: one letter more, less, other, or two that changed places; or by the same in
another spelling, order or script.

A file of thousands is compared with a watchlist of thousands at once: by what is left of a name without one of its
letters, which two that are one letter apart have in common; and by what of all names, as one text, names the new ones.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain

from rapidfuzz.distance import OSA, LCSseq
from rapidfuzz.fuzz import ratio

from bot.matching.legal_forms import core_of
from bot.matching.names import NameIndex
from bot.matching.spelling import skeleton, to_latin
from bot.matching.twins import is_called, may_be_twins
from bot.model import Entity, Schema
from bot.ports import Records
from bot.text.folding import fold_key
from bot.watchlist import Found, find_entities, names_of
from bot.watchlist.finding import MOST_NEAR, Near

__all__ = ["Alike", "find_nearly_same", "find_pairs", "find_tracked"]

_LEAST = 6  # letters: "Omsk" and "Tomsk" are two
_MOST_LEGAL_FORM = 30  # characters that a legal form adds to a name
_MOST_LETTERS = 500  # of a name
_MOST_NAMES = 100_000  # that are compared
_MOST_ALIKE = 3  # of one name
_MOST_SPELT = 20_000  # new names of which other spellings are sought: a second for 3,000
_END = "|"  # of a name in a text of many; no name has it
_FEW = 10  # new names: among 100,000 known it takes 0.2 s to look first which may be near, and 3 s to read all


@dataclass(frozen=True, slots=True)
class Alike:
    """Two names that may be one's. `is_slip`: they are one letter apart."""

    entity: Entity
    other: Entity
    is_slip: bool

    def __str__(self) -> str:
        return f"{self.entity.caption} and {self.other.caption} (key {self.other.key})"


def find_nearly_same(records: Records, new: Sequence[Entity], seen: Sequence[str]) -> Mapping[str, tuple[str, ...]]:
    """The keys of those who are tracked on the watchlists of `seen`, or are new too, by a name that is one letter from
    one of a new one's; by the key of the new one. A name that both have is none."""
    brought = {entity.key: _cores((entity.caption, *entity.aliases)) for entity in new}
    wanted = {core for cores in brought.values() for core in cores}
    if not wanted:
        return {}
    lengths = [len(core) for core in wanted]
    known: dict[str, set[str]] = defaultdict(set)
    for key, name in records.names_of_length(min(lengths) - 1, max(lengths) + _MOST_LEGAL_FORM, seen, _MOST_NAMES):
        if len(wanted) <= _FEW and not any(_has_letters(name, core) for core in wanted):
            continue
        for core in _cores([name]):
            known[core].add(key)
    for key, cores in brought.items():
        for core in cores:
            known[core].add(key)
    begun: dict[str, list[str]] = defaultdict(list)
    sought = {part for core in wanted for part in _parts(core)}
    for core in known:
        for part in _parts(core):
            if part in sought:
                begun[part].append(core)
    found = {}
    for key, cores in brought.items():
        same = {other for core in cores for other in known[core]}
        alike = dict.fromkeys(
            other
            for core in cores
            for part in _parts(core)
            for near in begun[part]
            if near != core and _is_slip(core, near)
            for other in sorted(known[near])
            if other not in same
        )
        if alike:
            found[key] = tuple(alike)[:_MOST_ALIKE]
    return found


def find_pairs(
    records: Records, new: Sequence[Entity], seen: Sequence[str], removed: Sequence[Entity] = ()
) -> tuple[Alike, ...]:
    """Which of the new names are one letter from another, or the same otherwise spelt: one would be tracked as two."""
    nearly = find_nearly_same(records, new, seen)
    named = {entity.key: entity for entity in new}
    named |= {entity.key: entity for entity in records.entities_of(key for alike in nearly.values() for key in alike)}
    found = [Alike(named[key], named[other], is_slip=True) for key, alike in nearly.items() for other in alike]
    found += [Alike(one, other, is_slip=False) for one, other in _find_spelt_otherwise(records, new, seen)]
    pairs: dict[frozenset[str], Alike] = {}
    for one in found:
        pairs.setdefault(frozenset((one.entity.key, one.other.key)), one)
    gone = {entity.key for entity in removed}
    return tuple(one for one in pairs.values() if one.other.key not in gone)


def _find_spelt_otherwise(
    records: Records, new: Sequence[Entity], seen: Sequence[str]
) -> tuple[tuple[Entity, Entity], ...]:
    """(a new one, who may be the same): on the watchlists of `seen`, or new too and before it, by a name in another
    spelling or order."""
    if len(new) > _MOST_SPELT:
        return ()
    brought = {entity.key: entity for entity in new}
    names = [(entity.key, fold_key(name)) for entity in new for name in (entity.caption, *entity.aliases)]
    sounds = {skeleton(word) for _, name in names for word in name.split()} - {""}
    known = records.names_of_length(1, _MOST_LETTERS, seen, _MOST_NAMES)
    names += [(key, name) for key, name in known if not sounds.isdisjoint(map(skeleton, name.split()))]
    alike: dict[frozenset[str], tuple[str, str]] = {}
    place = {key: at for at, key in enumerate(brought)}
    for one, other in chain(_called_as(NameIndex.compile(new), names), _turned(brought, names)):
        is_turned = place.get(other, -1) > place[one]
        alike.setdefault(frozenset((one, other)), (other, one) if is_turned else (one, other))
    entities = brought | {one.key: one for one in records.entities_of({key for pair in alike for key in pair})}
    pairs = [(entities[one], entities[other]) for one, other in alike.values() if other in entities]
    return tuple((one, other) for one, other in pairs if may_be_twins(one, other) and not _are_equal(one, other))


def find_tracked(records: Records, words: str, seen: Sequence[str]) -> Found:
    """Whom of those on the watchlists of `seen` a person means by the words: as `find_entities` finds them, or by a
    name that has them in another spelling or script, as an article's words would be found."""
    found = find_entities(words, records.candidates(words, seen))
    if found.entities or not fold_key(words):
        return found
    near: dict[str, tuple[str, float]] = {}
    for key, name in _in_another_spelling(records, words, seen):
        score = ratio(to_latin(fold_key(words)), to_latin(name))
        near[key] = max(near.get(key, ("", 0.0)), (name, score), key=lambda one: one[1])
    likest = dict(sorted(near.items(), key=lambda one: -one[1][1])[:MOST_NEAR])
    tracked = {entity.key: entity for entity in records.entities_of(likest)}
    return Found(near=tuple(_as_near(tracked[key], *told) for key, told in likest.items() if key in tracked))


def _as_near(entity: Entity, name: str, score: float) -> Near:
    return Near(entity, next((one for one in names_of(entity) if fold_key(one) == name), entity.caption), score)


def _in_another_spelling(records: Records, words: str, seen: Sequence[str]) -> Iterator[tuple[str, str]]:
    """(whose name it is, the folded name)."""
    asked = NameIndex.compile([Entity(str(kind), kind, words) for kind in (Schema.PERSON, Schema.COMPANY)])
    sounds = {skeleton(word) for word in fold_key(words).split()} - {""}
    known = records.names_of_length(1, _MOST_LETTERS, seen, _MOST_NAMES)
    names = [(key, name) for key, name in known if not sounds.isdisjoint(map(skeleton, name.split()))]
    tokens: list[str] = []
    whose: list[int] = []  # of each token
    for at, (_, name) in enumerate(names):
        written = (*name.split(), _END)
        tokens += written
        whose += [at] * len(written)
    for hit in asked.find(" ".join(tokens)):
        if is_called(hit, tokens[hit.first : hit.last + 1]):
            yield names[whose[hit.first]]


def _are_equal(one: Entity, other: Entity) -> bool:
    return fold_key(one.caption) == fold_key(other.caption)


def _turned(brought: Collection[str], names: Iterable[tuple[str, str]]) -> Iterator[tuple[str, str]]:
    """(a new one, whose name has the same words), in whatever order."""
    of_words: dict[tuple[str, ...], list[str]] = defaultdict(list)
    for key, name in names:
        of_words[tuple(sorted(name.split()))].append(key)
    for keys in of_words.values():
        first = next((key for key in keys if key in brought), None)
        yield from ((first, key) for key in dict.fromkeys(keys) if first and key != first)


def _called_as(index: NameIndex, names: Iterable[tuple[str, str]]) -> Iterator[tuple[str, str]]:
    """(who of the index, whose name it is) of those names that name somebody of the index, with or without its legal
    form."""
    begins: dict[int, tuple[str, int]] = {}  # where each name begins -> whose it is, and where it ends
    tokens: list[str] = []
    for key, name in names:
        for words in dict.fromkeys((tuple(name.split()), tuple(core_of(name)))):
            if words:
                begins[len(tokens)] = key, len(tokens) + len(words) - 1
                tokens += (*words, _END)
    for hit in index.find(" ".join(tokens)):
        key, last = begins.get(hit.first, ("", -1))
        if last == hit.last and key != hit.entity and is_called(hit, tokens[hit.first : last + 1]):
            yield hit.entity, key


def _cores(names: Iterable[str]) -> frozenset[str]:
    """Folded, without legal forms."""
    cores = (" ".join(core_of(name)) for name in names)
    return frozenset(core for core in cores if len(core) >= _LEAST)


def _parts(core: str) -> Iterator[str]:
    """The name, and what is left of it without each of its letters."""
    yield core
    yield from {core[:at] + core[at + 1 :] for at in range(len(core))}


def _has_letters(name: str, core: str) -> bool:
    """Whether a folded name has the letters of `core`, but for one, in their order, as one that is a letter apart."""
    return LCSseq.similarity(core, name, score_cutoff=len(core) - 1) > 0


def _is_slip(one: str, other: str) -> bool:
    """Numbers are no slips: "Fund 1" and "Fund 2" are two."""
    digits = ["".join(filter(str.isdigit, text)) for text in (one, other)]
    return digits[0] == digits[1] and OSA.distance(one, other) == 1
