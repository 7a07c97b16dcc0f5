"""lookup NAME on 2024-05-01: was it listed on that day?"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date

from bot.commands.asking import Ask, cmd, reply
from bot.commands.official import (
    lowered_lines,
    near_lines,
    search_lists,
    standings,
    told_crowd,
    told_lowered,
    told_searched,
    told_unsearched,
)
from bot.commands.qualifiers import ORDINAL, Asked
from bot.counted import number, shortened
from bot.errors import CommandError
from bot.lists import list_title
from bot.lists.standing import Standing
from bot.lists.values import birth_dates
from bot.lookups.found import Found, Hit
from bot.model import Fact, Reply
from bot.zones import told_date

_MONTH = r"(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\.?"
# What is meant as a day, and no part of a name ("Fund on Wheels", "Seven on 7"), readable or not.
_DATED = re.compile(
    rf"(?P<name>.*\S)\s+on\s+(?P<day>(?=.*(?:[0-9]{{4}}|[0-9][\s./-]+[0-9a-z]|[a-z][\s.]+[0-9]))(?:[0-9]+(?:st|nd|rd|th)?|{_MONTH}|[\s./,-])+|yesterday|today)",
    re.DOTALL | re.IGNORECASE,
)
_SHOWN = 8
_ANSWERS = {True: "listed", False: "not listed", None: "not known"}


def split_day(words: str, today: date) -> tuple[str, date | None]:
    """'Rosneft on 2024-05-01' -> the name and the day, 'on 1 May 2024' too. Raises CommandError for a day that is none,
    that may be two (01/05/2024), or is to come."""
    found = _DATED.fullmatch(words.strip())
    if found is None:
        return words, None
    days = [day for day in birth_dates(ORDINAL.sub("", found["day"])) if len(day) == len("2024-05-01")]
    if len(days) != 1:
        what = f"may be {' or '.join(days)}" if days else "is no day"
        raise CommandError(f"{shortened(found['day'], 40)} {what}. Send: {cmd('lookup NAME on 2024-05-01')}")
    day = date.fromisoformat(days[0])
    if day > today:
        raise CommandError(f"{day} is yet to come. Send a day that is past: {cmd('lookup NAME on 2024-05-01')}")
    return found["name"], day


def on_day(ask: Ask, asked: Asked, day: date) -> Reply:
    """How each record of that name stood on its list then, and by what that is known."""
    found = search_lists(ask, asked)
    if found is None or not ask.has_lists:
        raise CommandError(f"Nobody knows who was listed when. {' '.join(told_unsearched(ask, None))}")
    with ask.store.reading() as records:
        stood = standings(records, found.hits, day)
    beside = f", {asked}" if asked.is_qualified else ""
    shown, told = f"“{shortened(asked.name, 80)}”{beside}", told_date(day)
    if not stood:
        return reply(
            f"{shown}: on no official list that was read",
            *told_crowd(found),
            *told_lowered(found),
            "" if found.lowered else _told_near(found),
            bullets=[*lowered_lines(found), *near_lines(found)],
            footer=told_searched(found),
        )
    return reply(
        f"{shown} on {told}: {told_count([standing for _, standing in stood])}",
        *told_lowered(found),
        facts=[Fact(_label(hit), told_standing(standing, hit)) for hit, standing in stood[:_SHOWN]],
        bullets=lowered_lines(found),
        footer=told_searched(found),
    )


def _told_near(found: Found) -> str:
    return "Below the threshold:" if found.near else "Entries that were removed are kept, and none is like it."


def told_count(standings: Sequence[Standing]) -> str:
    """'1 listed record of 3', '1 listed record of 3; of 2 it is not known', 'not known'."""
    listed = sum(standing.is_listed is True for standing in standings)
    unknown = sum(standing.is_listed is None for standing in standings)
    if unknown == len(standings):
        return _ANSWERS[None]
    return f"{number(listed, 'listed record')} of {len(standings)}" + (
        f"; of {unknown} it is not known" if unknown else ""
    )


def _label(hit: Hit) -> str:
    return f"{list_title(hit.record.listing.list)}, {hit.score:.0%}" if hit.record else ""


def told_standing(standing: Standing, hit: Hit) -> str:
    """'Oleg Deripaska · listed: the list says: listed 6 Apr 2018 · programme X · id 24283'."""
    listing = standing.listing or (hit.record.listing if hit.record else None)
    name = listing.caption if listing else hit.name
    parts = [name, f"{_ANSWERS[standing.is_listed]}: {standing.why}"]
    if standing.is_listed and listing and listing.programmes:
        parts.append(f"programme {', '.join(listing.programmes[:4])}")
    return " · ".join([*parts, f"id {listing.uid}"] if listing else parts)
