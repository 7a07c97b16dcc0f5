"""What a page says twice: pull quotes repeat a sentence, and pages for two widths have all of it twice. Read twice, it
would weigh twice. Headings and items of lists may stand twice, each time for something else."""

from __future__ import annotations

import re
from collections.abc import Sequence

from bot.articles.lines import BULLET
from bot.articles.teasers import letters_of

# Of prose: "The following were added:" may stand twice, each time above another list.
_SENTENCE_ENDS = re.compile(r"[.!?…。！？][\"'”’»)\]」』]*$")
_FEWEST = 20  # letters; a sentence in Chinese has as many
_LONGEST_QUOTE = 400
_LONGEST_TEXT = 300_000  # longer ones are registers, and to compare all with all would take seconds


def without_repeats(paragraphs: Sequence[str]) -> list[str]:
    """Without sentences that an earlier paragraph is, or a longer one has in it."""
    letters = [letters_of(text) for text in paragraphs]
    whole = "\n".join(letters)
    if len(whole) > _LONGEST_TEXT:
        return list(paragraphs)
    kept: list[str] = []
    seen: set[str] = set()
    for text, own in zip(paragraphs, letters, strict=True):
        if not (_is_prose(text, own) and (own in seen or _is_quoted(own, whole, letters))):
            kept.append(text)
        seen.add(own)
    return kept


def _is_prose(text: str, letters: str) -> bool:
    return len(letters) >= _FEWEST and not text.startswith(BULLET) and _SENTENCE_ENDS.search(text) is not None


def _is_quoted(own: str, whole: str, letters: Sequence[str]) -> bool:
    if len(own) > _LONGEST_QUOTE or whole.find(own, whole.find(own) + 1) < 0:
        return False
    return any(len(other) > len(own) and own in other for other in letters)
