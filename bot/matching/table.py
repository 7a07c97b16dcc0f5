"""A table of names as numbers: eight bytes for each form, so that a million names fit into memory.

    keys of a text -> is this token, this pair a known start? -> longer, while it is -> whose form is it?

Knows neither texts nor entities: sequences of numbers go in, with their owner; spans and owners come out.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np

from bot.matching.keys import MIX, Array, sequence_number

__all__ = ["FLAGS", "MOST_OWNERS", "Span", "Table", "TableBuilder"]

# An entry, from its highest bit: 38 bits of the sequence's number, 3 flags, 23 bits of its owner.
_OWNER_BITS, FLAGS = 23, 3
MOST_OWNERS = 1 << _OWNER_BITS
_LOW_BITS = _OWNER_BITS + FLAGS
_HIGH = np.uint64((1 << 64) - (1 << _LOW_BITS))

# What a slot of the first look says.
_START, _SINGLE, _SMALL = 1, 2, 4
_MOST_SLOT_BITS = 26  # 64 MB


class Span(NamedTuple):
    """Tokens first..first + count - 1 may be a form of `owner`; `at` is the form's place in the table."""

    first: int
    count: int
    owner: int
    flags: int
    at: int


class TableBuilder:
    def __init__(self) -> None:
        self.entries = array("Q")
        self.slots = {_START: array("I"), _SINGLE: array("I"), _SMALL: array("I")}
        self.texts = bytearray()
        self.begins = array("I")
        self._forms: set[tuple[int, str]] = set()
        self._starts: set[int] = set()

    def next_owner(self) -> None:
        """What was added is told apart from what is added now."""
        self._forms.clear()
        self._starts.clear()

    def add(self, numbers: Sequence[int], owner: int, flags: int, *, small: bool = True, text: str = "") -> None:
        """A form as the numbers of its tokens. `small`: one word that may be found without a capital. With all forms
        or none a `text` may be kept."""
        whole = sequence_number(numbers)
        if (whole, text) in self._forms:
            return
        self._forms.add((whole, text))
        self.entries.append(whole & int(_HIGH) | flags << _OWNER_BITS | owner)
        if text:
            self.begins.append(len(self.texts))
            self.texts += text.encode() + b"\n"
        if len(numbers) == 1:
            self.slots[_SMALL if small else _SINGLE].append(whole >> 32)
            return
        number = sequence_number(numbers[:1])
        for following in numbers[1:]:
            number = (number + following) * int(MIX) & (1 << 64) - 1
            if number not in self._starts:
                self._starts.add(number)
                self.slots[_START].append(number >> 32)


class Table:
    """Made of a builder, never changed."""

    def __init__(self, builder: TableBuilder) -> None:
        self._entries = np.array(builder.entries, np.uint64)
        builder.entries = array("Q")
        self._texts = bytes(builder.texts)
        builder.texts.clear()
        if self._texts:
            order = self._entries.argsort(kind="stable")
            self._begins = np.array(builder.begins, np.uint32)[order]
            del order
        self._entries.sort()
        count = sum(map(len, builder.slots.values()))
        bits = min(_MOST_SLOT_BITS, max(10, (8 * count).bit_length()))
        self._shift = np.uint64(64 - bits)
        self._slots = np.zeros(1 << bits, np.uint8)
        for kind, slots in builder.slots.items():
            if slots:
                self._slots[np.frombuffer(slots, np.uint32) >> np.uint32(32 - bits)] |= kind
        builder.slots = {}

    def __len__(self) -> int:
        return len(self._entries)

    def text(self, at: int) -> str:
        """What was kept with a form."""
        begin = int(self._begins[at])
        return self._texts[begin : self._texts.index(b"\n", begin)].decode()

    def owners(self, number: int) -> Iterator[int]:
        """Who may have the form with this sequence number."""
        wanted = np.uint64(number) & _HIGH
        for at in range(int(self._entries.searchsorted(wanted)), len(self._entries)):
            entry = self._entries[at]
            if entry & _HIGH != wanted:
                return
            yield int(entry) & MOST_OWNERS - 1

    def find(
        self, keys: Array, capital: Array | None = None, *, singles: bool = True, longer: bool = True
    ) -> Iterator[Span]:
        """Spans of `keys` that are a form: single ones, longer ones. A single one that is no `capital` must be small."""
        if not len(self._entries) or not len(keys):
            return
        hashes = keys * MIX
        numbers: list[Array] = []
        firsts: list[Array] = []
        counts: list[int] = []
        if singles:
            slots = self._slots.take(hashes >> self._shift)
            single = slots > _START if capital is None else slots & ((capital * _SINGLE) | _SMALL) != 0
            firsts.append(np.flatnonzero(single))
            numbers.append(hashes.take(firsts[0]))
            counts.append(1)
        number, count = (hashes[:-1] + keys[1:]) * MIX, 2
        first = np.flatnonzero(self._slots.take(number >> self._shift) & _START) if longer else ()
        number = number.take(first)
        while len(first):
            firsts.append(first)
            numbers.append(number)
            counts.append(count)
            going_on = first + count < len(keys)
            if not going_on.all():
                first, number = first[going_on], number[going_on]
            number = (number + keys.take(first + count)) * MIX
            known = np.flatnonzero(self._slots.take(number >> self._shift) & _START)
            first, number, count = first.take(known), number.take(known), count + 1
        yield from self._entries_of(numbers, firsts, counts)

    def _entries_of(self, numbers: list[Array], firsts: list[Array], counts: list[int]) -> Iterator[Span]:
        if not numbers:
            return
        wanted = np.concatenate(numbers) & _HIGH
        first = np.concatenate(firsts)
        ats = self._entries.searchsorted(wanted)
        ats[ats == len(self._entries)] = 0
        hits = np.flatnonzero((self._entries.take(ats) & _HIGH) == wanted)
        ends = np.cumsum([len(each) for each in firsts])
        size = len(self._entries)
        for hit in hits.tolist():
            count = counts[int(np.searchsorted(ends, hit, "right"))]
            at, number = int(ats[hit]), int(wanted[hit])
            while at < size and (entry := int(self._entries[at])) & int(_HIGH) == number:
                yield Span(int(first[hit]), count, entry & MOST_OWNERS - 1, entry >> _OWNER_BITS & (1 << FLAGS) - 1, at)
                at += 1
