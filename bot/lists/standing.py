"""Was it listed on that day? By the wordings of an entry that were seen, and what the list itself tells of its days."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from bot.model import Listing
from bot.zones import told_date

__all__ = ["Standing", "Version", "standing_on"]

Version = tuple[date, Listing | None]
"""Since which day an entry reads so; None: it is gone."""


@dataclass(frozen=True, slots=True)
class Standing:
    """`is_listed` is None where nobody knows; `why` is what it is known by; `listing` is the entry as it read then."""

    is_listed: bool | None
    why: str
    listing: Listing | None = None


def standing_on(day: date, versions: Sequence[Version], read_since: date | None) -> Standing:
    """Whether an entry stood on its list. `versions` are oldest first; `read_since` is when the list was first read:
    what was not on it then, and came later, was not listed in between."""
    seen = [version for version in versions if version[0] <= day]
    if seen:
        return _by_look(day, *seen[-1])
    first = next((listing for _, listing in versions if listing), None)
    if first is None:
        return Standing(None, "the list was never seen to have it")
    since = versions[0][0]
    if read_since and read_since <= day:
        return Standing(False, f"the list was read before, and has it only since {told_date(since)}")
    return _by_list(day, first, since)


def _by_look(day: date, since: date, listing: Listing | None) -> Standing:
    if listing is None:
        return Standing(False, f"no longer on the list, as of {told_date(since)}")
    if listing.delisted_on and listing.delisted_on <= day:
        return Standing(False, f"delisted {told_date(listing.delisted_on)}", listing)
    return Standing(True, f"the list had it so from {told_date(since)} on", listing)


def _by_list(day: date, first: Listing, since: date) -> Standing:
    """From before the first look."""
    if first.delisted_on and first.delisted_on <= day:
        return Standing(False, f"delisted {told_date(first.delisted_on)}", first)
    if first.listed_on is None:
        return Standing(None, f"the list was first read on {told_date(since)}, and tells no day of listing")
    if first.listed_on > day:
        return Standing(False, f"listed only {told_date(first.listed_on)}", first)
    return Standing(True, f"the list says: listed {told_date(first.listed_on)}", first)
