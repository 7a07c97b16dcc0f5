"""Was it listed on that day?"""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from bot.lists.standing import Version, standing_on
from bot.model import Listing, Schema

ENTRY = Listing("us_ofac_sdn", "36", Schema.COMPANY, "Velmur")
OLD = replace(ENTRY, caption="Old Velmur")
FIRST, LATER, GONE = date(2026, 5, 1), date(2026, 6, 1), date(2026, 7, 1)
DATED = replace(ENTRY, listed_on=date(2020, 3, 4))

CASES: dict[str, tuple[list[Version], date, bool | None, str]] = {
    "as it was read": ([(FIRST, ENTRY)], date(2026, 5, 2), True, "from 1 May 2026 on"),
    "on the very day": ([(FIRST, ENTRY)], FIRST, True, "from 1 May 2026 on"),
    "in its wording of then": ([(FIRST, OLD), (LATER, ENTRY)], date(2026, 5, 20), True, "from 1 May 2026 on"),
    "when it was gone": ([(FIRST, ENTRY), (GONE, None)], GONE, False, "no longer on the list, as of 1 Jul 2026"),
    "the day before it went": ([(FIRST, ENTRY), (GONE, None)], date(2026, 6, 30), True, ""),
    "back again": ([(FIRST, ENTRY), (LATER, None), (GONE, ENTRY)], date(2026, 8, 1), True, "from 1 Jul 2026 on"),
    "before the first look, the list tells when": ([(FIRST, DATED)], date(2021, 1, 1), True, "listed 4 Mar 2020"),
    "before it was listed": ([(FIRST, DATED)], date(2019, 1, 1), False, "listed only 4 Mar 2020"),
    "before the first look, the list tells nothing": ([(FIRST, ENTRY)], date(2021, 1, 1), None, "tells no day"),
    "it came after the first look": ([(LATER, ENTRY)], date(2026, 5, 20), False, "only since 1 Jun 2026"),
    "the list carries it as delisted": (
        [(FIRST, replace(DATED, delisted_on=date(2025, 1, 1)))], date(2026, 5, 9), False, "delisted 1 Jan 2025",
    ),
    "before it was delisted": (
        [(FIRST, replace(DATED, delisted_on=date(2025, 1, 1)))], date(2024, 5, 9), True, "listed 4 Mar 2020",
    ),
    "it was never there": ([], FIRST, None, "never seen"),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_was_it_listed_on_that_day(case: str) -> None:
    versions, day, listed, why = CASES[case]
    found = standing_on(day, versions, FIRST)
    assert found.is_listed is listed
    assert why in found.why


def test_the_entry_is_told_as_it_read_then() -> None:
    found = standing_on(date(2026, 5, 20), [(FIRST, OLD), (LATER, ENTRY)], FIRST)
    assert found.listing
    assert found.listing.caption == "Old Velmur"
