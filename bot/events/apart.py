"""Whether an article says itself that what it tells of two groups of targets is two acts: "in a separate action"."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Set as AbstractSet
from functools import cache
from importlib.resources import files

from bot.events.reports import Report


@cache
def load_apart() -> dict[re.Pattern[str], str]:
    """The words of all languages, each with the example of its entry."""
    data = tomllib.loads((files("bot.events") / "apart.toml").read_text(encoding="utf-8"))
    act = data.pop("act")
    return {
        re.compile(pattern.replace("ACT", act), re.IGNORECASE): example
        for entries in data.values()
        for pattern, example in entries.items()
    }


def are_told_apart(report: Report, one: AbstractSet[str], other: AbstractSet[str]) -> bool:
    """Whether such words stand before that group of targets which the article names last, or with it."""
    named = [[report.places[key] for key in group if key in report.places] for group in (one, other)]
    last = max((min(places) for places in named if places), default=-1)
    return any(words.search(block.text) for block in report.article.blocks[: last + 1] for words in load_apart())
