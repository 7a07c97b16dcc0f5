"""A table of names as numbers: twelve bytes for each form, so that a million names fit into memory.

    keys of a text -> which tokens, pairs, … are a known start? -> longer, while they are -> whose form is it?

Knows neither texts nor entities: numbers go in, with their owner; spans and owners come out.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np

from bot.matching.keys import MIX, Array, Keys, sequence_number

__all__ = ["MOST_OWNERS", "Flag", "Sightings", "Span", "Table", "TableBuilder"]

# An entry, from its highest bit: 38 bits of the sequence's number, 3 flags, 23 bits of its owner.
_OWNER_BITS, _FLAG_BITS = 23, 3
MOST_OWNERS = 1 << _OWNER_BITS
_LOW_BITS = np.uint64(_OWNER_BITS + _FLAG_BITS)
_OWNER, _FLAGS = MOST_OWNERS - 1, (1 << _FLAG_BITS) - 1

# What the first look at a token, a pair … says.
_START, _SINGLE, _SMALL, _SOUND = 1, 2, 4, 8
_MOST_SLOT_BITS = 26  # 64 MB


class Flag:
    """What is known of a form. The highest one sorts quiet forms behind the others with the same number."""

    VARIANT = 1  # by its consonants
    UPPER = 2  # must be written in capitals
    QUIET = 4  # never counts by itself


class Span(NamedTuple):
    """Tokens first..first + size - 1 may be a form of `owner`; `at` is the form's place in the table."""

    first: int
    size: int
    owner: int
    flags: int
    at: int


class Sightings(NamedTuple):
    """Where in a text there are numbers of the table, and where in the table: arrays of one length."""

    firsts: Array
    sizes: Array
    ats: Array


class TableBuilder:
    def __init__(self) -> None:
        self.entries = array("Q")
        self.slots = {kind: array("I") for kind in (_START, _SINGLE, _SMALL, _SOUND)}
        self.texts = bytearray(b"\n")
        self.begins = array("I")
        self._forms: set[tuple[int, str]] = set()
        self._starts: set[int] = set()

    def next_owner(self) -> None:
        """What was added is told apart from what is added now."""
        self._forms.clear()
        self._starts.clear()

    def add(self, numbers: Sequence[int], owner: int, flags: int, *, small: bool = True, text: str = "") -> None:
        """A form as the numbers of its tokens; a `text` is kept with it. `small`: one word that needs no capital."""
        whole = sequence_number(numbers)
        if (whole, text) in self._forms:
            return
        self._forms.add((whole, text))
        self.entries.append((whole >> int(_LOW_BITS)) << int(_LOW_BITS) | flags << _OWNER_BITS | owner)
        self.begins.append(len(self.texts) if text else 0)
        if text:
            self.texts += text.encode() + b"\n"
        if len(numbers) == 1:
            kind = _SOUND if flags & Flag.VARIANT else _SMALL if small else _SINGLE
            self.slots[kind].append(whole >> 32)
            return
        number = 0
        for following in numbers:
            number = (number + following) * int(MIX) & (1 << 64) - 1
            if number not in self._starts:
                self._starts.add(number)
                self.slots[_START].append(number >> 32)


class Table:
    """Made of a builder, which it empties; never changed."""

    def __init__(self, builder: TableBuilder) -> None:
        self._entries = np.array(builder.entries, np.uint64)
        builder.entries = array("Q")
        order = self._entries.argsort(kind="stable")
        self._begins = np.array(builder.begins, np.uint32)[order]
        builder.begins = array("I")
        del order
        self._entries.sort()
        self._texts = bytes(builder.texts)
        builder.texts.clear()
        count = sum(map(len, builder.slots.values()))
        bits = min(_MOST_SLOT_BITS, max(10, (8 * count).bit_length()))
        self._shift = np.uint64(64 - bits)
        self._slots = np.zeros(1 << bits, np.uint8)
        for kind, slots in builder.slots.items():
            for begin in range(0, len(slots), 1 << 20):
                self._slots[np.array(slots[begin : begin + (1 << 20)], np.uint32) >> np.uint32(32 - bits)] |= kind
        builder.slots = {}

    def __len__(self) -> int:
        return len(self._entries)

    def text(self, at: int) -> str:
        """What was kept with a form."""
        begin = int(self._begins[at])
        return self._texts[begin : self._texts.index(b"\n", begin)].decode()

    def owners(self, number: int) -> Iterator[int]:
        """Who may have the form with this sequence number."""
        at = int(self._entries.searchsorted(np.uint64((number >> int(_LOW_BITS)) << int(_LOW_BITS))))
        if at < len(self._entries) and int(self._entries[at]) >> int(_LOW_BITS) == number >> int(_LOW_BITS):
            yield from (entry & _OWNER for _, entry in self._run(at))

    def find(self, keys: Keys) -> Sightings:
        """Every span of tokens that has the number of a form; of those by consonants, the ones of several tokens."""
        size = len(keys.exact)
        # One row of numbers, tokens first and then, from size + 1 on, their consonants: each step is taken for both.
        row = np.concatenate((keys.exact, _NOTHING, keys.bones, _NOTHING))
        sounding = keys.starts() + (size + 1)
        number = np.concatenate((keys.hashes, row.take(sounding) * MIX))
        slots = self._slots.take(number >> self._shift)
        single = (slots[:size] & ((keys.capital * np.uint8(_SINGLE)) | _SMALL)).nonzero()[0]
        found = [(single, number.take(single))]
        known = (slots & _START).nonzero()[0]
        number = number.take(known)
        first = known + 0
        beyond = int(known.searchsorted(size))
        first[beyond:] = sounding.take(known[beyond:] - size)
        count = 1
        while len(first):
            number = (number + row.take(first + count, mode="clip")) * MIX
            known = (self._slots.take(number >> self._shift) & _START).nonzero()[0]
            first, number, count = first.take(known), number.take(known), count + 1
            found.append((first, number))
        return self._known(found)

    def find_sounds(self, keys: Keys) -> Sightings:
        """Every single token with a capital that has the consonants of a form."""
        first = keys.capital.nonzero()[0]
        number = keys.bones.take(first) * MIX
        known = (self._slots.take(number >> self._shift) & _SOUND).nonzero()[0]
        return self._known([(first.take(known) + (len(keys.exact) + 1), number.take(known))])

    def _known(self, found: Sequence[tuple[Array, Array]]) -> Sightings:
        """Of numbers that passed the first look, those that are in the table; found[n] has n + 1 tokens."""
        firsts = np.concatenate([first for first, _ in found])
        sizes = np.repeat(np.arange(1, len(found) + 1), [len(first) for first, _ in found])
        wanted = np.concatenate([number for _, number in found]) >> _LOW_BITS
        ats = self._entries.searchsorted(wanted << _LOW_BITS)
        known = (
            np.flatnonzero(self._entries.take(ats, mode="clip") >> _LOW_BITS == wanted)
            if len(self._entries)
            else ats[:0]
        )
        return Sightings(firsts.take(known), sizes.take(known), ats.take(known))

    def loud(self, sightings: Sightings, keys: Keys) -> Sightings:
        """Those with a form that is not quiet; of the pairs in another spelling, those that end with a capital."""
        flags = self._entries.take(sightings.ats) >> np.uint64(_OWNER_BITS) & np.uint64(_FLAGS)
        # A run's first entry has its lowest flags: if that is a variant, all are.
        pair = (sightings.firsts > len(keys.exact)) & (sightings.sizes == 2) & (flags & np.uint64(Flag.VARIANT) != 0)
        second = keys.capital.take(sightings.firsts - len(keys.exact), mode="clip")
        known = np.flatnonzero((flags < Flag.QUIET) & ~(pair & ~second))
        return Sightings(*(each.take(known) for each in sightings))

    def spans(self, sightings: Sightings, size: int, *, quiet: bool = True) -> Iterator[Span]:
        """Each form of each owner, in a text of `size` tokens."""
        for first, count, at in zip(*(each.tolist() for each in sightings), strict=True):
            for place, entry in self._run(at):
                flags = entry >> _OWNER_BITS & _FLAGS
                if flags & Flag.QUIET and not quiet:
                    break
                yield Span(first if first < size else first - size - 1, count, entry & _OWNER, flags, place)

    def _run(self, at: int) -> Iterator[tuple[int, int]]:
        """The entries with one number: place and entry. Most have one."""
        number = None
        while True:
            for entry in self._entries[at : at + 8].tolist():
                number = entry >> int(_LOW_BITS) if number is None else number
                if entry >> int(_LOW_BITS) != number:
                    return
                yield at, entry
                at += 1
            if at >= len(self._entries):
                return


_NOTHING = np.zeros(1, np.uint64)
