"""Whose family an article speaks of: what makes "his eldest son, Nicolás" Nicolás Petro, and "Ajay, the eldest" one of
the Gupta brothers. Decides of no name whether it is meant."""

from __future__ import annotations

import re
from collections.abc import Iterable

from bot.matching.pages import Page
from bot.matching.terms import Terms

__all__ = ["NAME_ARTICLES", "families_as_groups", "families_in_full"]

NAME_ARTICLES = frozenset(("al", "el"))
_LONGEST = 4  # words of a full name
# Of a folded text, whose words have two blanks between them.
_GROUPS = re.compile(
    r"(?<= )(?:(?:brothers|siblings|sisters)  (?P<behind>\w+)"
    r"|(?P<before>\w+)  (?:brothers|siblings|sisters|twins|family|clan|dynasty)"
    r"|(?:the|two|three|four|both|other)  (?P<many>\w{3,})s)(?= )"
)


def families_in_full(page: Page, terms: Terms, named: Iterable[str]) -> tuple[str, ...]:
    """The family names of all who are named in full, with the article that is a part of one ("al assad"): behind a
    given name, and the words of names that are `named` already."""
    words, lows = page.words, page.words.lows
    found = dict.fromkeys(named)
    for at, low in enumerate(lows):
        if low not in terms.given or not words[at].capital:
            continue
        for after in range(at + 1, min(at + _LONGEST, len(lows))):
            if not page.runs_on(after - 1) or not (words[after].capital or lows[after] in NAME_ARTICLES):
                break
            if lows[after] not in NAME_ARTICLES and lows[after] not in terms.titles:
                found[lows[after]] = None
                if lows[after - 1] in NAME_ARTICLES:
                    found[f"{lows[after - 1]} {lows[after]}"] = None
    return tuple(found)


def families_as_groups(page: Page) -> tuple[str, ...]:
    """The families that are spoken of as one: "the three Gupta brothers", "the Hysa siblings", "two Rotenbergs"."""
    found: dict[str, None] = {}
    at = 0
    while match := _GROUPS.search(page.low, at):
        at = match.start() + 1
        for start, end in (match.span(name) for name in ("behind", "before", "many")):
            if start >= 0 and page.words[page.word_range(start - 1, end + 1)[0]].capital:
                found[page.low[start:end]] = None
    return tuple(found)
