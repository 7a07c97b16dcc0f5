"""What an official notice does with the entries that it lists: adds, amends or removes them. The line above them says
so, or the row they stand in; of what an entry is linked to it tells no act.

    The following changes have been made:          amended
    RAHIMI, Ali; DOB 1968 [SDGT]. -to- RAHIMI …    … (Linked To: ORLAN WORKS): linked

An entry has no word of an act in it, and reads the same below any of these lines: so these are rules.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from collections.abc import Set as AbstractSet
from enum import StrEnum
from functools import cache, partial
from itertools import accumulate

from bot.model import Block, BlockKind
from bot.patterns import joined

__all__ = ["Section", "find_sections"]


class Section(StrEnum):
    """What a notice does with a name where it stands; a sign of it."""

    ADDED = "section:added"  # the name is an entry's own
    AMENDED = "section:amended"
    REMOVED = "section:removed"
    LINKED = "section:linked"  # it says whom an entry belongs to
    CONTACT = "section:contact"


_FILE = "matching/notices.toml"
_OF_LISTS = (Section.ADDED, Section.AMENDED, Section.REMOVED)
_LONGEST_LEAD = 900  # characters
_LONGEST_ENTRY = 250  # of one that only begins with a number
_LONGEST_NAME = 120
_LONGEST_HEADING = 60

_ENTRY = re.compile(
    r" \| |\b(?:DOB|POB|IMO|MMSI|D\.O\.B|(?i:passport|nationality|gender|listed on|date of birth|born on|group id"
    r"|tax id|registration|[afn]\.?k\.?a)\b)|\((?:individual|vessel|aircraft)\)|\[[A-Z]{3,}[A-Z0-9-]*\]"
)
_NUMBERED = re.compile(r"\W{0,2}[A-Za-z]{0,4}\d{1,4}[.)]?\s+\S")
_LINK = re.compile(r"\b(?:linked to|associated (?:entities|individuals|persons|vessels))\s*:", re.IGNORECASE)
_LINK_ENDS = re.compile(r"[;|)]")
_CHANGED = re.compile(r"(?<=[\].)]) ?-to- ")  # from one entry to another
_TO = re.compile(r"(?:^|\s)-to-(?:\s|$)")
_PROGRAMME = re.compile(r"\[([A-Z][A-Z0-9 -]+)\]")
_CELL = " | "
_LETTERS = re.compile(r"[^\W\d_]{2}")
_ALIAS = re.compile(r"\([^()]*\b[afn]\.?k\.?a\b[^()]*$", re.IGNORECASE)
_SAYS_MORE = re.compile(r"[;:.(]")
_ENTRY_NUMBER = re.compile(r"^[\W\d]*(?:[A-Za-z]{2,4}\.\d+\W*)?(?:Name:[\W\d]*)?", re.IGNORECASE)
_LONGEST_FORM = 45  # "LIMITED LIABILITY COMPANY"
_OTHER_NAMES = re.compile(r"\([^()]*\)")


def find_sections(
    blocks: Sequence[Block], wanted: AbstractSet[int]
) -> Iterator[tuple[int, Callable[[int], Section | None]]]:
    """For each block of `wanted`, the section of the notice at a place of its text; None where it is in none."""
    for number, sections in _sections_of(blocks, wanted):
        yield number, partial(_section_at, blocks[number].text, sections)


def _sections_of(
    blocks: Sequence[Block], wanted: AbstractSet[int]
) -> Iterator[tuple[int, Sequence[tuple[int, Section]]]]:
    """For each wanted block, from which place on which section goes; nothing where it is in none."""
    shows_changes = any(_TO.search(block.text) for block in blocks)
    has_lead = any(section in _OF_LISTS for block in blocks for _, section in _leads(block))
    headings = {number: section for number, block in enumerate(blocks) if (section := _heading(block))}
    are_headings = has_lead or len(set(headings.values())) > 1
    current: Section | None = None
    for number, block in enumerate(blocks):
        if are_headings and number in headings:
            current = headings[number]
        leads = _leads(block)
        if number in wanted:
            behind = [lead for lead in leads if ":" in block.text[lead[0] - 1 :]]
            if own := _told_by_row(block.text):
                yield number, [(0, own)]
            elif behind:
                yield number, behind
            elif current and _is_entry(block.text):
                yield number, [(0, current)]
            else:
                yield number, []
        told = {section for _, section in leads if section in _OF_LISTS}
        if told:
            current = told.pop() if len(told) == 1 else None
        elif block.kind is BlockKind.PARAGRAPH and _changed().search(block.text):
            current = Section.AMENDED if shows_changes else None


def _section_at(text: str, sections: Sequence[tuple[int, Section]], at: int) -> Section | None:
    if _is_link(text, at):
        return Section.LINKED
    section = next((section for start, section in reversed(sections) if start <= at), None)
    if section is Section.AMENDED and _is_moved(text):
        return None
    if section is Section.REMOVED and not _is_own_name(text, at):
        return Section.LINKED
    if section is Section.ADDED and not (_is_own_name(text, at) and _is_at_start(text, at)):
        return None
    return section


def _leads(block: Block) -> list[tuple[int, Section]]:
    """Where in a block a line tells of what is behind it, and which section that is."""
    if len(block.text) > _LONGEST_LEAD or block.kind is not BlockKind.PARAGRAPH:
        return []
    kinds = (*_OF_LISTS, Section.CONTACT)
    return sorted((found.end(), kind) for kind in kinds for found in _pattern(kind).finditer(block.text))


def _heading(block: Block) -> Section | None:
    line = block.text.strip(" .:•")
    if len(line) > _LONGEST_HEADING:
        return None
    return next((section for section in _OF_LISTS if _pattern(section, "_heading").fullmatch(line)), None)


def _told_by_row(text: str) -> Section | None:
    """What a cell of a row says, or an entry that was changed from one to another."""
    if _CHANGED.search(text):
        return Section.AMENDED
    if _CELL not in text:
        return None
    cells = [cell.strip(" .") for cell in text.split(_CELL)]
    told = {section for section in _OF_LISTS for cell in cells[1:] if _pattern(section, "_cell").fullmatch(cell)}
    return told.pop() if len(told) == 1 else None


def _is_entry(text: str) -> bool:
    """Does it look like an entry of a list, not like what is said of one?"""
    if _ENTRY.search(text) or (_NUMBERED.match(text) and len(text) < _LONGEST_ENTRY):
        return True
    return len(text) < _LONGEST_NAME and text.rstrip()[-1:] not in (".", "?", "!", ":")


def _is_link(text: str, at: int) -> bool:
    """Does a name stand behind "Linked To:"?"""
    before = [link.end() for link in _LINK.finditer(text, 0, at)]
    return bool(before) and not _LINK_ENDS.search(text[before[-1] : at])


def _is_moved(text: str) -> bool:
    """Has an entry that was changed another programme than before? That is an act: a new one, or relief."""
    changed = _CHANGED.search(text)
    if not changed:
        return False
    before, after = (set(_PROGRAMME.findall(half)) for half in (text[: changed.start()], text[changed.end() :]))
    return before != after


def _is_own_name(text: str, at: int) -> bool:
    """Is the name here the entry's own: in its first cell with words, before what identifies it?"""
    cells = text.split(_CELL)
    ends = list(accumulate(len(cell) + len(_CELL) for cell in cells))
    first = next((number for number, cell in enumerate(cells) if _LETTERS.search(cell)), 0)
    if at >= ends[first]:
        return False
    before = text[:at]
    if before.rfind("(") > before.rfind(")"):  # one of its other names: "(a.k.a. ORLAN; f.k.a. BOLT"
        before = before.rpartition("(")[0]
    return ";" not in _OTHER_NAMES.sub("", before)


def _is_at_start(text: str, at: int) -> bool:
    """Stand no more before the name than numbers and a legal form, or other names of it?"""
    before = text[:at]
    if before.rfind("(") > before.rfind(")") and _ALIAS.search(before):
        before = before.rpartition("(")[0]
        return len(before) < _LONGEST_NAME and not _SAYS_MORE.search(_ENTRY_NUMBER.sub("", before))
    before = _ENTRY_NUMBER.sub("", before)
    return len(before) < _LONGEST_FORM and not re.search(r"[,;:.(]", before)


@cache
def _pattern(section: Section, kind: str = "") -> re.Pattern[str]:
    return re.compile(joined(_FILE, section.removeprefix("section:") + kind), re.IGNORECASE)


@cache
def _changed() -> re.Pattern[str]:
    return re.compile(joined(_FILE, "changed"), re.IGNORECASE)
