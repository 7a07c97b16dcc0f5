"""The gate before the table of names: may a text have a form that counts whatever the text is about? Most have none and
are done.

It can never lose a name. Each such form is put in by what any text that has it must have: a single word by its number,
several by the number of two of them side by side; those in another spelling by the number of the consonants of two,
or of the first three of more. A text's numbers are made in the same way, and all that a form may have are looked up.
Numbers that share a slot only let too much through, and the table is asked then. An index with changes has a gate in
each of its layers.
"""

from __future__ import annotations

from array import array
from collections.abc import Mapping, Sequence

import numpy as np

from bot.matching.keys import MIX, Array, Keys, sequence_number

__all__ = ["Gate", "GateBuilder", "filled"]

# What is known of a slot, a byte. What few texts should have by chance is put into other slots AGAIN.
_SINGLE, _SMALL, _PAIR, _PAIR_AGAIN = (np.uint8(1 << bit) for bit in range(4))
_TWO_SOUNDS, _THREE_SOUNDS, _MORE_SOUNDS, _MORE_AGAIN = (np.uint8(1 << bit) for bit in range(4, 8))
_KINDS = tuple(1 << bit for bit in range(8))
_MOST_SLOT_BITS = 24  # 16 MB
_SPARSE = 16  # slots for each number, where there is room: what passes by chance costs more than a byte
_AGAIN = np.uint64(0xD6E8FEB86659FD93)


class GateBuilder:
    def __init__(self) -> None:
        self.most_before = 0  # tokens before a form's pair
        self.slots = {kind: array("I") for kind in _KINDS}
        self._added: set[tuple[int, int]] = set()

    def next_owner(self) -> None:
        self._added.clear()

    def add(self, numbers: Sequence[int], pair: int, *, small: bool, variant: bool) -> None:
        """A form that is not quiet, as the numbers of its tokens; `pair` is where the two begin that it is known by."""
        if len(numbers) == 1:
            self._add(_SMALL if small else _SINGLE, sequence_number(numbers))
        elif not variant:
            self.most_before = max(self.most_before, pair)
            number = sequence_number(numbers[pair : pair + 2])
            self._add(_PAIR, number)
            self._add(_PAIR_AGAIN, number * int(_AGAIN))
            self._add(_PAIR_AGAIN, number * int(_AGAIN) * int(_AGAIN))
        elif len(numbers) < 4:
            self._add(_TWO_SOUNDS if len(numbers) == 2 else _THREE_SOUNDS, sequence_number(numbers))
        else:
            number = sequence_number(numbers[:3])
            self._add(_MORE_SOUNDS, number)
            self._add(_MORE_AGAIN, number * int(_AGAIN))

    def _add(self, kind: np.uint8, number: int) -> None:
        slot = number >> 32 & 0xFFFFFFFF
        if (int(kind), slot) not in self._added:
            self._added.add((int(kind), slot))
            self.slots[int(kind)].append(slot)


def filled(slots: Mapping[int, array[int]], bits: int) -> Array:
    """1 << bits bytes: of each kind the bit, in the slots that the high bits of its numbers tell. A million at once, as
    numpy copies them."""
    made = np.zeros(1 << bits, np.uint8)
    for kind, numbers in slots.items():
        for begin in range(0, len(numbers), 1 << 20):
            made[np.array(numbers[begin : begin + (1 << 20)], np.uint32) >> np.uint32(32 - bits)] |= kind
    return made


class Gate:
    """Made of a builder, which it empties; never changed."""

    def __init__(self, builder: GateBuilder) -> None:
        count = sum(map(len, builder.slots.values()))
        bits = min(_MOST_SLOT_BITS, max(10, (_SPARSE * count).bit_length() - 1))
        self._shift = np.uint64(64 - bits)
        self._slots = filled(builder.slots, bits)
        builder.slots = {}
        self._before_pair = np.arange(builder.most_before + 1)

    def _of(self, numbers: Array) -> Array:
        return self._slots.take((numbers >> self._shift).view(np.int64))

    def singles(self, keys: Keys) -> Array:
        """The tokens that may be a form by themselves."""
        slots = self._of(keys.hashes)
        ats = (slots & (_SINGLE | _SMALL)).nonzero()[0]
        return ats[(slots.take(ats) & _SMALL != 0) | keys.capital.take(ats)] if len(ats) else ats

    def longer(self, keys: Keys) -> Array:
        """Where a form of several tokens may begin."""
        pairs = keys.hashes[:-1] + keys.exact[1:]
        pairs *= MIX
        ats = (self._of(pairs) & _PAIR).nonzero()[0]
        if len(ats):
            again = pairs.take(ats) * _AGAIN
            ats = ats[self._of(again) & self._of(again * _AGAIN) & _PAIR_AGAIN != 0]
        if not len(ats):
            return ats
        starts = np.unique(ats[:, None] - self._before_pair)
        return starts[starts >= 0]

    def sounding(self, keys: Keys) -> tuple[Array, Array, Array]:
        """Where one of two, of three or of more tokens in another spelling may begin."""
        starts, last = keys.starts, len(keys.hashes) - 1
        starts = starts[: starts.searchsorted(last)]
        ats = np.concatenate((starts, starts + 1, np.minimum(starts + 2, last)))
        numbers, second, third = keys.bones_at(ats).reshape(3, -1)
        numbers = (numbers * MIX + second) * MIX
        two = (self._of(numbers) & _TWO_SOUNDS).nonzero()[0]
        if len(two):
            two = starts.take(two)
            two = two[keys.capital.take(two + 1)]  # in another spelling the second of two has a capital
        numbers = (numbers + third) * MIX
        slots = self._of(numbers) & (_THREE_SOUNDS | _MORE_SOUNDS)
        three = slots.nonzero()[0]
        if not len(three):
            return two, three, three
        slots, numbers, three = slots.take(three), numbers.take(three), starts.take(three)
        inside = three < last - 1
        three, slots, numbers = three[inside], slots[inside], numbers[inside]
        more = (slots & _MORE_SOUNDS != 0) & (self._of(numbers * _AGAIN) & _MORE_AGAIN != 0)
        return two, three[slots & _THREE_SOUNDS != 0], three[more]
