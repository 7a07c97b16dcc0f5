"""Whether an article says itself that what it tells of two groups of targets is two acts: "in a separate action"."""

from __future__ import annotations

from collections.abc import Set as AbstractSet

from bot.events.reports import Report
from bot.text.patterns import patterns_of


def are_told_apart(report: Report, one: AbstractSet[str], other: AbstractSet[str]) -> bool:
    """Whether such words stand before that group of targets which the article names last, or with it."""
    named = [[report.places[key][0] for key in group if key in report.places] for group in (one, other)]
    last = max((min(places) for places in named if places), default=-1)
    words = patterns_of("events/apart.toml", "apart")
    return any(pattern.search(block.text) for block in report.article.blocks[: last + 1] for pattern in words)
