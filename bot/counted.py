"""Several things in a person's words: how many they are, the first of them and how many more, a text that is cut."""

from __future__ import annotations

from collections.abc import Iterable, Sequence


def number(count: int, one: str, many: str = "") -> str:
    """'1 alert', '1,310 entries'."""
    return f"{count:,} {one if count == 1 else many or one + 's'}"


def joined(words: Iterable[str], last: str = "and") -> str:
    """'a, b and c'."""
    items = list(words)
    return items[0] if len(items) == 1 else f"{', '.join(items[:-1])} {last} {items[-1]}" if items else ""


def some_of(names: Sequence[str], most: int) -> str:
    """'a, b and 3 more'; 'a, b' where these are all."""
    shown, more = ", ".join(names[:most]), len(names) - most
    return f"{shown} and {more:,} more" if more > 0 else shown


def first_of(lines: Sequence[str], most: int, what: str = "") -> list[str]:
    """The first lines, and 'and 3 more' as the last where there are others; `what` stands behind that."""
    more = len(lines) - most
    return [*lines[:most], *([f"and {more:,} more{what}"] if more > 0 else [])]


def shortened(text: str, most: int) -> str:
    """At most so many characters, cut at a word."""
    if len(text) <= most:
        return text
    return text[: most - 1].rsplit(" ", 1)[0].rstrip(" ,.;:") + "…"
