"""Whether an article says itself that what it tells of two groups of targets is two acts: "in a separate action"."""

from __future__ import annotations

import re
from collections.abc import Set as AbstractSet

from bot.events.reports import Report

_ACT = r"(?:(?:action|move|step|round|designation|announcement|decision|order|listing)s?|sanctions|measures)"
_APART = re.compile(
    rf"""\bseparately\b|\b(?:separate|distinct)\s+(?:[\w.-]+\s+){{0,3}}{_ACT}\b
      |\bin\s+(?:another|a\s+second)\s+(?:[\w.-]+\s+)?{_ACT}\b
      |\bgetrennt\s+davon\b|\b(?:gesonderten?|separaten?)\s+(?:beschluss|schritt|entscheidung|maßnahme)
      |\bséparément\b|\b(?:décision|mesure|action)s?\s+(?:distincte|séparée)s?\b|\bpor\s+separado\b
      |\bотдельн(?:о|ым|ой)\b|\bокрем(?:о|им|ою)\b|另行|分别宣布|별도로|별도의""",
    re.IGNORECASE | re.VERBOSE,
)


def are_told_apart(report: Report, one: AbstractSet[str], other: AbstractSet[str]) -> bool:
    """Whether such words stand before that group of targets which the article names last, or with it."""
    named = [[report.places[key] for key in group if key in report.places] for group in (one, other)]
    last = max((min(places) for places in named if places), default=-1)
    return any(_APART.search(block.text) for block in report.article.blocks[: last + 1])
