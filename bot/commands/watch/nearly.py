"""Who is tracked by nearly the same name: one letter more, less, other, or two that changed places.

By what is left of a name without one of its letters: two names that are one letter apart have that in common, so that a
file of thousands is compared with a watchlist of thousands at once.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence

from rapidfuzz.distance import OSA, LCSseq

from bot.matching.legal_forms import core_of
from bot.model import Entity
from bot.ports import Records

__all__ = ["find_nearly_same"]

_LEAST = 6  # letters: "Omsk" and "Tomsk" are two
_MOST_LEGAL_FORM = 30  # characters that a legal form adds to a name
_MOST_NAMES = 100_000  # that are compared
_MOST_ALIKE = 3  # of one name
_FEW = 10  # new names: among 100,000 known it takes 0.2 s to look first which may be near, and 3 s to read all


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
