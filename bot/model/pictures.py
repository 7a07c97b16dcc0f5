"""Pictures, before they are drawn."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class DrawnText:
    """One line of text, its middle at `y`. `align`: left, right or center of `x`. Cut to `most_width` pixels."""

    x: float
    y: float
    text: str
    size: float  # pixels
    colour: str  # "#rrggbb"
    bold: bool = False
    align: str = "left"
    most_width: float = 10_000


@dataclass(frozen=True, slots=True)
class DrawnLine:
    points: tuple[tuple[float, float], ...]
    colour: str
    width: float = 2


@dataclass(frozen=True, slots=True)
class DrawnMark:
    """`shape`: circle, triangle, down, square, diamond, cross."""

    x: float
    y: float
    shape: str
    colour: str
    size: float  # pixels across
    filled: bool = True


@dataclass(frozen=True, slots=True)
class Drawing:
    """A picture as pixels from the upper left: drawn in this order, on a card with an edge."""

    width: int
    height: int
    background: str
    edge: str
    items: tuple[DrawnText | DrawnLine | DrawnMark, ...]
