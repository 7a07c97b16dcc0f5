"""How roughly an article puts its figures."""

from __future__ import annotations

import re
from collections.abc import Iterable

from bot.events.likeness import normalise_counts
from bot.model import Article
from bot.text.figures import ABOUT, NEARLY, OVER

_ROUGHLY = {
    OVER: "more than|over|at least|no fewer than|upwards of|in excess of|более|свыше|не менее|понад|більше ніж"
    "|más de|al menos|mehr als|über|mindestens|plus de|au moins",
    NEARLY: "nearly|almost|close to|up to|just under|fewer than|почти|до|майже|casi|hasta|fast|knapp|bis zu|près de"
    "|presque",
    ABOUT: "about|around|some|roughly|approximately|circa|an estimated|около|примерно|порядка|близько|приблизно"
    "|unos|unas|alrededor de|cerca de|etwa|rund|environ|quelque",
}
_BEFORE = re.compile(
    "|".join(rf"(?P<{kind}>\b(?:{words})\s+(?:the\s+)?)\Z" for kind, words in _ROUGHLY.items()), re.IGNORECASE
)
_REACH = 25  # characters before a figure that are read


def find_rough(article: Article, counts: Iterable[str]) -> tuple[str, ...]:
    """Those counts of an article ("180 vessels", as it writes them) that it puts roughly: "about 180 vessels"."""
    told: dict[str, None] = {}
    for count in counts:
        many, _, thing = count.rpartition(" ")
        pattern = re.compile(rf"(?<![\w.,]){re.escape(many)}\s+(?:[^\W\d_][\w-]*\s+){{0,3}}?{re.escape(thing)}\b", re.I)
        kinds = {
            _kind_before(block.text[: found.start()])
            for block in article.blocks
            for found in pattern.finditer(block.text)
        }
        if len(kinds) == 1 and (kind := kinds.pop()):
            told |= {f"{kind} {figure}": None for figure in normalise_counts([count])}
    return tuple(told)


def _kind_before(text: str) -> str:
    found = _BEFORE.search(text[-_REACH:])
    return next((kind for kind, words in found.groupdict().items() if words), "") if found else ""
