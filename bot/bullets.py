"""The bullet that names those on a list: written by `summaries`, brought up to date by `alerts`."""

from __future__ import annotations

from collections.abc import Sequence

MAX_BULLETS = 4
MAX_LENGTH = 240  # characters of a bullet: what a phone shows in four or five lines
LIST_MORE = " +"  # before the number of those that are not named
LIST_LABELS = {
    "en": "On the list: ", "ru": "В списке: ", "uk": "У списку: ", "es": "En la lista: ", "de": "Auf der Liste: ",
    "fr": "Sur la liste : ", "pt": "Na lista: ", "zh": "名单：", "ko": "명단: ",
}  # fmt: skip
_ROOM = len(f"{LIST_MORE}999 more")


def with_more(label: str, names: Sequence[str], comma: str = ", ", more: int = 0) -> str:
    """'On the list: A, B +6 more': as many names as fit into a bullet, and how many there are beside them, and `more`.
    "" without a name."""
    if not names:
        return ""
    most = len(names)
    while (
        most > 1 and len(label) + len(comma.join(names[:most])) + _ROOM * bool(more or most < len(names)) > MAX_LENGTH
    ):
        most -= 1
    left = len(names) - most + more
    return f"{label}{comma.join(names[:most])}" + (f"{LIST_MORE}{left} more" if left else "")
