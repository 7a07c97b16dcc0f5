"""Names that German puts in the genitive: "das Vermögen Alischer Usmanows", "Gazproms Tochter".

The words are looked up without the s. A name that ends in s itself is found as it stands.
"""

from __future__ import annotations

from collections.abc import Iterator

from bot.matching.keys import folded_keys
from bot.matching.names import Hit, NameIndex
from bot.matching.pages import Page
from bot.text.folding import BREAK

__all__ = ["hits_in_the_genitive"]

_BEFORE = 3  # words that may be of the name
_SHORTEST = 5  # letters, with the s


def hits_in_the_genitive(page: Page, index: NameIndex) -> Iterator[Hit]:
    """Hits on a German page whose last word has an s more than their forms."""
    words: list[str] = []
    ats: list[int] = []
    for at, low in enumerate(page.words.lows):
        if len(low) >= _SHORTEST and low[-1] == "s" and low[-2] not in "sxz" and page.words[at].capital:
            first = max(0, at - _BEFORE)
            words += [*page.words.lows[first:at], low[:-1], BREAK]
            ats += [*range(first, at + 1), -1]
    if not words:
        return
    keys = folded_keys(words)
    for hit in index.hits(words, index.candidates(keys)):
        if words[hit.last + 1] == BREAK:
            yield hit._replace(first=ats[hit.first], last=ats[hit.last])
