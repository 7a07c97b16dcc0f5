"""Many entities in little memory: each is kept as bytes and made again when it is asked for."""

from __future__ import annotations

import json
from array import array
from collections.abc import Iterable, Iterator, Mapping
from typing import Any
from zlib import crc32

import numpy as np

from bot.model import MAIN_WATCHLIST, Entity, EntityLink, Identifier, Schema

__all__ = ["Roster"]

_RECENT = 4096  # entities that stay made


class Roster(Mapping[str, Entity]):
    """Entities by key and by number, in the order in which they were added. Of one key the last one stays."""

    def __init__(self) -> None:
        self._bytes = bytearray()
        self._ends = array("Q", [0])
        self._recent: dict[int, Entity] = {}
        self._recent_by_key: dict[str, Entity] = {}
        self._by_key = np.zeros(0, np.uint64)  # crc of the key << 32 | number, sorted
        self._old: frozenset[int] = frozenset()

    @classmethod
    def of(cls, entities: Iterable[Entity]) -> Roster:
        roster = cls()
        for entity in entities:
            roster.add(entity)
        roster.close()
        return roster

    def add(self, entity: Entity) -> int:
        """Returns the entity's number. It is found by its key once the roster is closed."""
        self._bytes += _dump(entity)
        self._ends.append(len(self._bytes))
        return len(self._ends) - 2

    def close(self) -> None:
        """All are added."""
        count = len(self._ends) - 1
        numbers = (_crc(self.at(number).key) << 32 | number for number in range(count))
        self._recent.clear()
        self._by_key = np.fromiter(numbers, np.uint64, count)
        self._by_key.sort()
        same = np.flatnonzero(self._by_key[1:] >> np.uint64(32) == self._by_key[:-1] >> np.uint64(32))
        old = {int(self._by_key[at]) & 0xFFFFFFFF for at in same.tolist()}
        self._old = frozenset(number for number in old if self.number(self.at(number).key) != number)

    def at(self, number: int) -> Entity:
        entity = self._recent.get(number)
        if entity is None:
            if len(self._recent) >= _RECENT:
                self._recent.clear()
            entity = self._recent[number] = _load(self._bytes[self._ends[number] : self._ends[number + 1]])
        return entity

    def number(self, key: str) -> int | None:
        wanted = _crc(key) << 32
        found = None
        for at in range(int(self._by_key.searchsorted(np.uint64(wanted))), len(self._by_key)):
            known = int(self._by_key[at])
            if known >> 32 != wanted >> 32:
                break
            if self.at(known & 0xFFFFFFFF).key == key:
                found = known & 0xFFFFFFFF
        return found

    def is_old(self, number: int) -> bool:
        """Has a later entity the same key?"""
        return number in self._old

    def __getitem__(self, key: str) -> Entity:
        entity = self._recent_by_key.get(key)
        if entity is None:
            number = self.number(key)
            if number is None:
                raise KeyError(key)
            if len(self._recent_by_key) >= _RECENT:
                self._recent_by_key.clear()
            entity = self._recent_by_key[key] = self.at(number)
        return entity

    def __contains__(self, key: object) -> bool:
        return isinstance(key, str) and self.number(key) is not None

    def __iter__(self) -> Iterator[str]:
        return (self.at(number).key for number in range(len(self._ends) - 1) if number not in self._old)

    def __len__(self) -> int:
        return len(self._ends) - 1 - len(self._old)


def _crc(key: str) -> int:
    return crc32(key.encode("utf-8", "surrogatepass"))


def _dump(entity: Entity) -> bytes:
    fields: list[Any] = [
        entity.key,
        entity.schema,
        entity.caption,
        entity.aliases,
        entity.weak_aliases,
        entity.countries,
        entity.topics,
        [(identifier.kind, identifier.value) for identifier in entity.identifiers],
        entity.notes,
        "" if entity.watchlist == MAIN_WATCHLIST else entity.watchlist,
        [(link.kind, link.other) for link in entity.links],
    ]
    while not fields[-1]:  # the schema is never empty
        fields.pop()
    return json.dumps(fields, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "surrogatepass")


def _load(data: bytearray) -> Entity:
    fields = json.loads(data.decode("utf-8", "surrogatepass"))
    key, schema, caption, aliases, weak, countries, topics, identifiers, notes, watchlist, links = (
        fields + _EMPTY[len(fields) :]
    )
    return Entity(
        key=key,
        schema=Schema(schema),
        caption=caption,
        aliases=tuple(aliases),
        weak_aliases=tuple(weak),
        countries=tuple(countries),
        topics=tuple(topics),
        identifiers=tuple(Identifier(kind, value) for kind, value in identifiers),
        notes=notes,
        watchlist=watchlist or MAIN_WATCHLIST,
        links=tuple(EntityLink(kind, other) for kind, other in links),
    )


_EMPTY: list[Any] = ["", Schema.LEGAL_ENTITY, "", (), (), (), (), (), "", "", ()]
