"""Sanctions programmes as articles tell them, and what is known of each (programmes.toml). Official lists have codes of
their own ("RUSSIA-EO14024")."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from bot.text.patterns import read_table

__all__ = ["Programme", "is_theme", "load_programmes"]


@dataclass(frozen=True, slots=True)
class Programme:
    words: tuple[str, ...]  # folded, in any language, that tell it
    is_theme: bool = False  # what is done, wherever it is: no country's
    twice_a_day: frozenset[str] = frozenset()  # authorities whose acts on it often come so: "US"


@cache
def load_programmes() -> Mapping[str, Programme]:
    """By name, "Russia"."""
    data = read_table("programmes.toml")
    return {
        name: Programme(tuple(of["words"]), of.get("is_theme", False), frozenset(of.get("twice_a_day", ())))
        for name, of in data.items()
    }


def is_theme(programme: str | None) -> bool:
    known = load_programmes().get(programme or "")
    return known is not None and known.is_theme
