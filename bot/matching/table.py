"""A table of names as numbers: eight bytes for each form, and four with its words for one that may be spelt otherwise,
so that a million names fit into memory.

    keys of a text -> which tokens, pairs, … are a known start? -> longer, while they are -> whose form is it?

Knows neither texts nor entities: numbers go in, with their owner; places and owners come out.
"""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

import numpy as np

from bot.matching.gate import Gate, GateBuilder, filled
from bot.matching.keys import MIX, Array, Keys, sequence_number

__all__ = ["MOST_OWNERS", "Entry", "Flag", "Sightings", "Table", "TableBuilder"]

# An entry, from its highest bit: whether it is by its consonants, 38 bits of the sequence's number, 2 flags, 23 bits of
# its owner.
_OWNER_BITS, _FLAG_BITS, _NUMBER_BITS = 23, 2, 38
MOST_OWNERS = 1 << _OWNER_BITS
_OWNER = MOST_OWNERS - 1
_LOW_BITS = _OWNER_BITS + _FLAG_BITS
_UNUSED = 64 - _NUMBER_BITS  # low bits of a sequence's number

# What the first look at a token, a pair … says. A start has one of four bits, which its number tells: a slot serves
# four times as many.
_STARTS = (1, 2, 4, 8)
_SINGLE, _SMALL, _SOUND = 16, 32, 64
_MOST_SLOT_BITS = 24  # 16 MB


class Flag:
    """What is known of a form. Of those with one number the quiet ones are sorted behind the others."""

    UPPER = 1  # must be written in capitals
    QUIET = 2  # never counts by itself
    VARIANT = 1 << (_FLAG_BITS + _NUMBER_BITS)  # by its consonants


class Entry(NamedTuple):
    """A form of `owner`; `at` is its place in the table."""

    at: int
    owner: int
    flags: int


class Sightings(NamedTuple):
    """Where in a text there are numbers of the table, and where in the table: arrays of one length. In a text of n
    tokens, n + 1 more than the first token's place is said of those by consonants."""

    firsts: Array
    sizes: Array
    ats: Array


class _Spans(NamedTuple):
    """Spans of one size in a text, and their numbers: arrays of one length."""

    firsts: Array
    size: int
    numbers: Array


class TableBuilder:
    def __init__(self) -> None:
        self.exact = array("Q")
        self.variants = array("Q")
        self.begins = array("I")  # of each variant's text
        self.texts = bytearray()
        self.slots = {kind: array("I") for kind in (*_STARTS, _SINGLE, _SMALL, _SOUND)}
        self.gate = GateBuilder()
        self._forms: set[tuple[int, str]] = set()
        self._starts: set[int] = set()
        self._texts: dict[str, int] = {}

    def next_owner(self) -> None:
        """What was added is told apart from what is added now."""
        self._forms.clear()
        self._starts.clear()
        self.gate.next_owner()
        self._texts.clear()

    def add(
        self, numbers: Sequence[int], owner: int, flags: int, *, small: bool = True, pair: int = 0, text: str = ""
    ) -> None:
        """A form as the numbers of its tokens; with a variant a `text` is kept. `small`: one word that needs no
        capital; `pair`: where the rarest two of several words begin."""
        whole = sequence_number(numbers)
        if (whole, text) in self._forms:
            return
        self._forms.add((whole, text))
        entry = flags << _OWNER_BITS | (whole >> _UNUSED) << _LOW_BITS | owner
        if flags & Flag.VARIANT:
            self.variants.append(entry)
            self.begins.append(self._begin(text))
        else:
            self.exact.append(entry)
        if not flags & Flag.QUIET:
            self.gate.add(numbers, pair, small=small, variant=bool(flags & Flag.VARIANT))
        if len(numbers) == 1:
            kind = _SOUND if flags & Flag.VARIANT else _SMALL if small else _SINGLE
            self.slots[kind].append(whole >> 32)
            return
        number = 0
        for following in numbers:
            number = (number + following) * int(MIX) & (1 << 64) - 1
            if number not in self._starts:
                self._starts.add(number)
                self.slots[_STARTS[number >> 32 & 3]].append(number >> 32)

    def _begin(self, text: str) -> int:
        """Where an owner's text is: one that may sound in several ways is kept once."""
        begin = self._texts.get(text)
        if begin is None:
            begin = self._texts[text] = len(self.texts)
            self.texts += text.encode() + b"\n"
        return begin


class Table:
    """Made of a builder, which it empties; never changed."""

    def __init__(self, builder: TableBuilder) -> None:
        count = sum(map(len, builder.slots.values()))
        bits = min(_MOST_SLOT_BITS, max(10, (2 * count).bit_length()))
        self._shift = np.uint64(64 - bits)
        self._slots = filled(builder.slots, bits)
        builder.slots = {}
        self.gate = Gate(builder.gate)
        self._texts, builder.texts = builder.texts, bytearray()
        variants = np.array(builder.variants, np.uint64)
        builder.variants = array("Q")
        order = variants.argsort(kind="stable")
        self._begins = np.array(builder.begins, np.uint32)[order]
        builder.begins = array("I")
        del order
        self._variants = len(builder.exact)  # place of the first one
        self._entries = np.concatenate((np.array(builder.exact, np.uint64), variants))
        builder.exact = array("Q")
        self._entries.sort()

    def __len__(self) -> int:
        return len(self._entries)

    def text(self, at: int) -> str:
        """What was kept with a variant."""
        begin = int(self._begins[at - self._variants])
        return self._texts[begin : self._texts.index(b"\n", begin)].decode()

    def place(self, number: int, *, variant: bool) -> int | None:
        """Where the forms with this sequence number are."""
        number = number >> _UNUSED | variant << _NUMBER_BITS
        at = int(self._entries.searchsorted(np.uint64(number << _LOW_BITS)))
        return at if at < len(self._entries) and int(self._entries[at]) >> _LOW_BITS == number else None

    def owners(self, number: int) -> Iterator[int]:
        """Who may have the form with this sequence number, as it is written."""
        if not self._first_look(number, _SINGLE | _SMALL):
            return  # as most that are asked for; it is ten times as fast
        at = self.place(number, variant=False)
        if at is not None:
            yield from (entry.owner for entry in self.entries(at))

    def sounding(self, number: int) -> Iterator[tuple[int, str]]:
        """Who may have a form whose consonants have this sequence number, and what was kept with it."""
        at = self.place(number, variant=True) if self.may_sound(number) else None
        if at is not None:
            yield from ((entry.owner, self.text(entry.at)) for entry in self.entries(at))

    def may_sound(self, number: int) -> bool:
        """May it be the number of a form by its consonants, or of the first ones of several tokens?"""
        return self._first_look(number, _SOUND)

    def may_begin_with(self, number: int) -> bool:
        """May a form of several tokens begin with the one, or the ones, of this sequence number?"""
        return self._first_look(number, 0)

    def _first_look(self, number: int, kinds: int) -> bool:
        """Is it a start, or one of `kinds`?"""
        return bool(self._slots.item(number >> int(self._shift)) & (_STARTS[number >> 32 & 3] | kinds))

    def find(self, keys: Keys) -> Sightings:
        """Every span of tokens that has the number of a form; of those by consonants, the ones of several tokens."""
        size = len(keys.exact)
        # One row of numbers, tokens first and then, from size + 1 on, their consonants: each step is taken for both.
        row = np.concatenate((keys.exact, _NOTHING, keys.bones, _NOTHING))
        sounding = keys.starts + (size + 1)
        number = np.concatenate((keys.hashes, row.take(sounding) * MIX))
        slots = self._slots.take(number >> self._shift)
        single = (slots[:size] & ((keys.capital * np.uint8(_SINGLE)) | _SMALL)).nonzero()[0]
        found = [_Spans(single, 1, number.take(single))]
        known = (slots & _start_of(number)).nonzero()[0]
        number = number.take(known)
        first = known + 0
        beyond = int(known.searchsorted(size))
        first[beyond:] = sounding.take(known[beyond:] - size)
        count = 1
        while len(first):
            number = (number + row.take(first + count, mode="clip")) * MIX
            known = (self._slots.take(number >> self._shift) & _start_of(number)).nonzero()[0]
            first, number, count = first.take(known), number.take(known), count + 1
            found.append(_Spans(first, count, number))
        return self._known(found, size)

    def find_longer(self, keys: Keys, first: Array, sounding: Array) -> Sightings:
        """Those spans of `find` with a form that is not quiet which begin at `first`, of two tokens or more, and by
        their consonants at `sounding`, of four or more."""
        size = len(keys.exact)
        spans = list(self._longer(_Spans(first, 1, keys.hashes.take(first)), keys.exact.take, size))
        for each in self._longer(_Spans(sounding, 1, keys.bones.take(sounding) * MIX), keys.bones.take, size):
            if each.size > 3:
                spans.append(each._replace(firsts=each.firsts + (size + 1)))
        return self.loud(self._known(spans, size), keys) if spans else _NOWHERE

    def _longer(self, spans: _Spans, number_at: Callable[[Array], Array], size: int) -> Iterator[_Spans]:
        """Those of `spans` that go on as a known start, by one token more each time."""
        first, count, number = spans
        while True:
            inside = first < size - count
            first, number = first[inside], number[inside]
            number = (number + number_at(first + count)) * MIX
            known = (self._slots.take(number >> self._shift) & _start_of(number)).nonzero()[0]
            if not len(known):
                return
            first, number, count = first.take(known), number.take(known), count + 1
            yield _Spans(first, count, number)

    def find_sounds(self, keys: Keys) -> Sightings:
        """Every single token with a capital that has the consonants of a form."""
        first = keys.capital.nonzero()[0]
        number = keys.bones.take(first) * MIX
        known = (self._slots.take(number >> self._shift) & _SOUND).nonzero()[0]
        size = len(keys.exact)
        return self._known([_Spans(first.take(known) + (size + 1), 1, number.take(known))], size)

    def _known(self, found: Sequence[_Spans], size: int) -> Sightings:
        """Of spans that passed the first look, those that are in the table."""
        firsts = np.concatenate([spans.firsts for spans in found])
        sizes = np.repeat([spans.size for spans in found], [len(spans.firsts) for spans in found])
        wanted = np.concatenate([spans.numbers for spans in found]) >> np.uint64(_UNUSED)
        wanted += (firsts > size) * np.uint64(1 << _NUMBER_BITS)
        ats = self._entries.searchsorted(wanted << np.uint64(_LOW_BITS))
        known = (
            np.flatnonzero(self._entries.take(ats, mode="clip") >> np.uint64(_LOW_BITS) == wanted)
            if len(self._entries)
            else ats[:0]
        )
        return Sightings(firsts.take(known), sizes.take(known), ats.take(known))

    def loud(self, sightings: Sightings, keys: Keys) -> Sightings:
        """Those with a form that is not quiet; of the pairs in another spelling, those that end with a capital."""
        quiet = self._entries.take(sightings.ats) & np.uint64(Flag.QUIET << _OWNER_BITS) != 0
        pair = (sightings.firsts > len(keys.exact)) & (sightings.sizes == 2)
        second = keys.capital.take(sightings.firsts - len(keys.exact), mode="clip")
        known = np.flatnonzero(~(quiet | (pair & ~second)))
        return Sightings(*(each.take(known) for each in sightings))

    def entries(self, at: int, *, quiet: bool = True) -> Iterator[Entry]:
        """Those with the number that the one at this place has, from there on. Most numbers have one."""
        number = None
        while at < len(self._entries):
            for entry in self._entries[at : at + 8].tolist():
                number = entry >> _LOW_BITS if number is None else number
                flags = entry >> _OWNER_BITS & _FLAGS
                if entry >> _LOW_BITS != number or (flags & Flag.QUIET and not quiet):
                    return
                yield Entry(at, entry & _OWNER, flags)
                at += 1


def _start_of(number: Array) -> Array:
    """The bit that tells a start with this number."""
    return _START_BITS.take(number >> np.uint64(32) & np.uint64(3))


_FLAGS = Flag.UPPER | Flag.QUIET | Flag.VARIANT
_START_BITS = np.array(_STARTS, np.uint8)
_NOTHING = np.zeros(1, np.uint64)
_NOWHERE = Sightings(*(np.zeros(0, np.int64) for _ in range(3)))
