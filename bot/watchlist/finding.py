"""Whom a person means by a key, a name, a part of a name, or nearly a name."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from rapidfuzz import fuzz

from bot.model import Entity
from bot.text.folding import fold_key

SIMILAR = 80.0  # of 100: below, a near name is no help
MOST_NEAR = 6


@dataclass(frozen=True, slots=True)
class Near:
    entity: Entity
    name: str  # the name that is near
    score: float  # 0 to 100


@dataclass(frozen=True, slots=True)
class Found:
    """Whom a person may mean: `exact` by key or by a whole name; `partly` by some words of a name; `near` by spelling,
    best first. The later ones are empty when an earlier one is not."""

    exact: tuple[Entity, ...] = ()
    partly: tuple[Entity, ...] = ()
    near: tuple[Near, ...] = ()

    @property
    def entities(self) -> tuple[Entity, ...]:
        return self.exact or self.partly or tuple(near.entity for near in self.near)


def find_entities(words: str, entities: Sequence[Entity]) -> Found:
    """Which of `entities` a person means by `words`: a key, a name, a part of a name, or nearly a name."""
    wanted = fold_key(words)
    if not wanted:
        return Found()
    key = words.strip().casefold()
    if by_key := tuple(entity for entity in entities if entity.key.casefold() == key):
        return Found(exact=by_key)
    folded = [(entity, [fold_key(name) for name in names_of(entity)]) for entity in entities]
    if exact := tuple(entity for entity, names in folded if wanted in names):
        return Found(exact=exact)
    tokens = set(wanted.split())
    if partly := tuple(entity for entity, names in folded if any(tokens <= set(name.split()) for name in names)):
        return Found(partly=partly)
    return Found(near=_near(wanted, folded))


def names_of(entity: Entity) -> tuple[str, ...]:
    return (entity.caption, *entity.aliases, *entity.weak_aliases)


def _near(wanted: str, folded: Iterable[tuple[Entity, Sequence[str]]]) -> tuple[Near, ...]:
    near = []
    for entity, names in folded:
        score, at = max((_similarity(wanted, name), -position) for position, name in enumerate(names))
        if score >= SIMILAR:
            near.append(Near(entity, names_of(entity)[-at], score))
    return tuple(sorted(near, key=lambda one: -one.score)[:MOST_NEAR])


def _similarity(wanted: str, name: str) -> float:
    """Order of words aside; a few words of a long name count nearly as much as all: "rosnft", of PJSC Rosneft."""
    whole = fuzz.token_sort_ratio(wanted, name)
    if len(wanted) < 5 or len(name) < 5:
        return whole
    words, size = name.split(), wanted.count(" ") + 1
    as_many = (" ".join(words[at : at + size]) for at in range(len(words) - size + 1))
    likest = max((fuzz.ratio(wanted, part) for part in as_many), default=0.0)
    return max(whole, 0.95 * max(likest, fuzz.partial_ratio(wanted, name)))
