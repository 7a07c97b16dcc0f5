"""Figures as reports put them: how roughly, and whether two contradict each other."""

from __future__ import annotations

ABOUT, OVER, NEARLY = "about", "over", "nearly"
_SLACK = 0.1  # "about 180" may be 171, and 189


def contradict(one: str, other: str) -> bool:
    """Whether two figures of one thing cannot both be right: "183" and "about 180" can, "10" and "11" cannot."""
    (low, high), (other_low, other_high) = _range(one), _range(other)
    return high < other_low or other_high < low


def _range(figure: str) -> tuple[float, float]:
    kind, _, many = figure.rpartition(" ")
    exact = float(many) if many.isdecimal() else 0.0
    return {
        ABOUT: (exact * (1 - _SLACK), exact * (1 + _SLACK)),
        OVER: (exact, float("inf")),
        NEARLY: (exact * (1 - _SLACK), exact),
    }.get(kind, (exact, exact))
