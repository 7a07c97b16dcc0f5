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

    def find_single(self, keys: Array, capital: Array | None = None) -> list[Span]:
        """Forms of one word; where there is no `capital`, those that may be small."""
        if not len(self._entries):
            return []
        number = keys * MIX
        slots = self._slots.take(number >> self._shift)
        first = np.flatnonzero(slots > _START if capital is None else slots & ((capital * _SINGLE) | _SMALL))
        return self._entries_of([(1, first, number.take(first))])

    def find_longer(self, keys: Array, starts: Array | None = None) -> list[Span]:
        """Forms of two words or more, beginning anywhere or at `starts`."""
        if not len(self._entries):
            return []
        found: list[tuple[int, Array, Array]] = []
        if starts is None:
            number, count = (keys[:-1] * MIX + keys[1:]) * MIX, 2
            first = np.flatnonzero(self._slots.take(number >> self._shift) & _START)
            number = number.take(first)
        else:
            first, number, count = starts, keys.take(starts) * MIX, 1
        while len(first):
            if count > 1:
                found.append((count, first, number))
            if first[-1] + count >= len(keys):
                going_on = first + count < len(keys)
                first, number = first[going_on], number[going_on]
            number = (number + keys.take(first + count)) * MIX
            known = np.flatnonzero(self._slots.take(number >> self._shift) & _START)
            first, number, count = first.take(known), number.take(known), count + 1
        return self._entries_of(found)

    def _entries_of(self, found: list[tuple[int, Array, Array]]) -> list[Span]:
        """The forms with these numbers: (tokens, first token, number)."""
        spans: list[Span] = []
        for count, firsts, numbers in found:
            wanted = numbers & _HIGH
            ats = self._entries.searchsorted(wanted)
            known = np.flatnonzero(self._entries.take(ats, mode="clip") & _HIGH == wanted)
            for first, at in zip(firsts.take(known).tolist(), ats.take(known).tolist(), strict=True):
                spans += self._spans(first, count, at)
        return spans

    def _spans(self, first: int, count: int, at: int) -> Iterator[Span]:
        number = int(self._entries[at]) >> _LOW_BITS
        while at < len(self._entries) and (entry := int(self._entries[at])) >> _LOW_BITS == number:
            yield Span(first, count, entry & MOST_OWNERS - 1, entry >> _OWNER_BITS & (1 << FLAGS) - 1, at)
            at += 1
