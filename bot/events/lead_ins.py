"""What introduces a deciding sentence that does not stand by itself: the sentence before "They are …", the line above
the list or the table in which it stands."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import islice

from bot.counted import shortened
from bot.model import Block, BlockKind
from bot.text.acts import tells_of_acting
from bot.text.furniture import is_caption, is_credit, is_furniture
from bot.text.phrasing import is_item, leans_back, split_sentences

_LONGEST = 200  # characters
_ENDS = '.!?…。！？:："”’»'
_COLONS = (":", "：")
_BACK = 12  # sentences
_QUOTED, _ASKS = ('"', "“", "«", "„", "‘"), ("?", "？")
_OF_SEVERAL = re.compile(
    r"(?:they|these|those|among (?:them|the\s\w+)|so (?:is|are|was|were)|also\b|(?:the )?others?\b|another\b"
    r"|(?:the|these|all)\s(?:two|three|four|five|six|seven|eight|nine|ten|\d+)\b)",
    re.IGNORECASE,
)
_CELL = " | "  # between the cells of a table's row, as pages are read


def find_lead_in(blocks: Sequence[Block], evidence: str) -> str:
    """At most 200 characters, with " …" behind them where other lines stand between; "" where none is needed, or where
    it would be the title, which is told anyway. `blocks`: the article's."""
    at = _place_of(evidence, blocks)
    if at is None:
        return ""
    before = blocks[at].text.partition(evidence)[0]
    if _is_line(evidence) and not before.strip():
        lead = _above(blocks, at)
        return lead if lead.endswith(_COLONS) or evidence[-1] not in _ENDS else ""
    if not leans_back(evidence):
        return ""
    return _leaned_on(evidence, list(islice(_sentences_above(blocks, at, before), _BACK)))


def _sentences_above(blocks: Sequence[Block], at: int, before: str) -> Iterator[str]:
    """The nearest first: those of its paragraph, then of the paragraphs above it, but for captions and lines of the
    page."""
    yield from reversed(list(split_sentences(before)))
    for block in reversed(blocks[:at]):
        text = block.text.strip()
        if block.kind is not BlockKind.PARAGRAPH or not text:
            return
        if is_furniture(text) or is_credit(text) or is_caption(text):
            continue
        if _is_line(text):
            return
        yield from reversed(list(split_sentences(text)))


def _leaned_on(evidence: str, above: Sequence[str]) -> str:
    """What a sentence goes on from: the one before it, but for what somebody says or asks in between; where it names
    some of several ("The two are …", "Also listed is …"), the nearest on an act."""
    fit = [text for text in above if not text.startswith(_QUOTED) and not text.endswith(_ASKS)]
    if _OF_SEVERAL.match(evidence):
        fit = [text for text in fit if tells_of_acting(text)] or fit
    if not fit:
        return shortened(above[0], _LONGEST) if above else ""
    return shortened(fit[0], _LONGEST) + ("" if fit[0] == above[0] or fit[0].endswith("…") else " …")


def _place_of(evidence: str, blocks: Sequence[Block]) -> int | None:
    """A line of a list may stand in another sentence too, so a block that is no more than that is meant first."""
    places = [
        number
        for number, block in enumerate(blocks)
        if evidence and block.kind is BlockKind.PARAGRAPH and evidence in block.text
    ]
    return next((number for number in places if blocks[number].text.strip() == evidence), next(iter(places), None))


def _above(blocks: Sequence[Block], at: int) -> str:
    """The end of the nearest text above a line."""
    for number in range(at - 1, -1, -1):
        text = blocks[number].text.strip()
        if blocks[number].kind is not BlockKind.PARAGRAPH or not text:
            return ""
        if text.endswith(_COLONS) or not (_is_line(text) or is_furniture(text) or is_credit(text)):
            lead = _last_sentence(text)
            return lead if number == at - 1 or lead.endswith(_COLONS) else f"{lead} …"
    return ""


def _is_line(text: str) -> bool:
    """Of a list or a table, and no sentence of a text."""
    return is_item(text) or _CELL in text or text[-1] not in _ENDS


def _last_sentence(text: str) -> str:
    *_, last = split_sentences(text)
    return shortened(last, _LONGEST)
