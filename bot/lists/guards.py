"""Whether what was read of a list may replace what is stored of it. Reads nothing itself."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

from bot.model import Listing

_FEW = 10  # so many refused rows are never a reason to stop
_MOST_REFUSED = 0.02  # so large a share of rows may be refused
_MOST_SHRINK = 0.10  # so large a share of entries may be gone at once


def decide_import(new: int, refused: int, old: int | None) -> str | None:
    """The reason to stop an import, as the end of a sentence on the list; None: go on.

    `new` counts the listings just read, `old` those of the last import (None: there was none), `refused` the rows that
    were not taken."""
    if new <= 0:
        return f"it holds no entries{f', and {refused} rows were refused' if refused else ''}: the old state stays"
    if refused > _FEW and refused > _MOST_REFUSED * (new + refused):
        return (
            f"{refused} of {new + refused} rows were refused, more than {_MOST_REFUSED:.0%}: its form has probably "
            "changed; the old state stays"
        )
    if old and new < old * (1 - _MOST_SHRINK):
        return (
            f"it has {new} entries and had {old}, {1 - new / old:.0%} fewer (at most {_MOST_SHRINK:.0%} at once): "
            "the old state stays until an admin confirms"
        )
    return None


_LEAST_DETAILS, _LEAST_KEPT = 20, 0.5


def count_details(listing: Listing, counts: Counter[str]) -> None:
    """Add what an entry has beside its name to `counts`: entries with birth dates, with countries and so on."""
    counts["birth dates"] += bool(listing.birth_dates)
    counts["countries"] += bool(listing.countries)
    counts["identifiers"] += bool(listing.identifiers)
    counts["other names"] += bool(listing.aliases or listing.weak_aliases)


def decide_details(new: Mapping[str, int], old: Mapping[str, int]) -> str | None:
    """The reason to stop an import of which a kind of detail is mostly gone; None: go on. A column that is called
    otherwise, or a date that is written otherwise, is read as an empty one: nothing else shows it."""
    lost = [what for what, had in old.items() if had >= _LEAST_DETAILS and new.get(what, 0) < had * _LEAST_KEPT]
    if not lost:
        return None
    told = ", ".join(f"{what} of {new.get(what, 0)} entries and had those of {old[what]}" for what in lost)
    return f"it has {told}: its form has probably changed; the old state stays until an admin confirms"
