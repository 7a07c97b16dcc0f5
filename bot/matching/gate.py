"""The gate before the table of names: may a text have a form that counts whatever the text is about? Most have none and
are done.

It can never lose a name. Each such form is put in by what any text that has it must have: a single word by its number,
several by the number of two of them side by side, then of three; those in another spelling by the number of the
consonants of two, or of the first three and then four of more. A text's numbers are made in the same way, and all that
a form may have are looked up. Numbers that share a slot only let too much through, and the table is asked then. An
index with changes has a gate in each of its layers.
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
            self._add(_PAIR, sequence_number(numbers[pair : pair + 2]))
            again = sequence_number(numbers[pair : pair + 3]) * int(_AGAIN)
            self._add(_PAIR_AGAIN, again)
            self._add(_PAIR_AGAIN, again * int(_AGAIN))
        elif len(numbers) < 4:
            self._add(_TWO_SOUNDS if len(numbers) == 2 else _THREE_SOUNDS, sequence_number(numbers))
        else:
            self._add(_MORE_SOUNDS, sequence_number(numbers[:3]))
            self._add(_MORE_AGAIN, sequence_number(numbers[:4]) * int(_AGAIN))

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
        if len(ats):  # of a form that goes on behind its pair also the next token is asked for: "university of", then?
            two = pairs.take(ats)
            three = (two + keys.exact.take(ats + 2, mode="clip")) * MIX
            ats = ats[self._again(two) | self._again(three)]
        if not len(ats):
            return ats
        starts = np.unique(ats[:, None] - self._before_pair)
        return starts[starts >= 0]

    def _again(self, numbers: Array) -> Array:
        again = numbers * _AGAIN
        told: Array = self._of(again) & self._of(again * _AGAIN) & _PAIR_AGAIN != 0
        return told

    def sounding(self, keys: Keys) -> tuple[Array, Array, Array]:
        """Where one of two, of three or of more tokens in another spelling may begin."""
        starts, last, bones = keys.starts, len(keys.hashes) - 1, keys.bones
        starts = starts[: starts.searchsorted(last)]
        numbers = bones * MIX
        numbers[:-1] += bones[1:]
        numbers *= MIX
        two = (self._of(numbers.take(starts)) & _TWO_SOUNDS).nonzero()[0]
        if len(two):
            two = starts.take(two)
            two = two[keys.capital.take(two + 1)]  # in another spelling the second of two has a capital
        numbers[:-2] += bones[2:]
        numbers *= MIX
        slots = self._of(numbers.take(starts)) & (_THREE_SOUNDS | _MORE_SOUNDS)
        known = slots.nonzero()[0]
        slots, three = slots.take(known), starts.take(known)
        more = three[(slots & _MORE_SOUNDS != 0) & (three < last - 2)]
        if len(more):
            numbers = (numbers.take(more) + bones.take(more + 3)) * MIX
            more = more[self._of(numbers * _AGAIN) & _MORE_AGAIN != 0]
        return two, three[(slots & _THREE_SOUNDS != 0) & (three < last - 1)], more
