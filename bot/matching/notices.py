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
from datetime import date
from enum import StrEnum
from functools import cache, partial
from itertools import accumulate

from bot.model import Block, BlockKind
from bot.text.patterns import joined

__all__ = ["Section", "find_sections"]


class Section(StrEnum):
    """What a notice does with a name where it stands; a sign of it."""

    ADDED = "section:added"  # the name is an entry's own
    AMENDED = "section:amended"
    REMOVED = "section:removed"
    LINKED = "section:linked"  # it says whom an entry belongs to
    BESIDE = "section:beside"  # an entry tells of it what somebody is or did
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
_TELLS_OF_IT = re.compile(
    r"\b(?:title|designation|position|function|role|other information|further information|additional information"
    r"|(?:uk )?(?:statement of )?reasons)\s*:",
    re.IGNORECASE,
)
_NUMBERED = re.compile(r"\W{0,2}[A-Za-z]{0,4}\d{1,4}[.)]?\s+\S")
_LINK = re.compile(
    r"(?:(?<!\bis )(?<!\bare )(?<!\bwas )(?<!\bwere )\blinked to"
    r"|\bassociated (?:entities|individuals|persons|vessels))\s*:",
    re.IGNORECASE,
)
_LINK_ENDS = re.compile(r"[;|)]")
_CHANGED = re.compile(r"(?<=[\].)]) ?-to- ")  # from one entry to another
_TO = re.compile(r"(?:^|\s)-to-(?:\s|$)")
_PROGRAMME = re.compile(r"\[([A-Z][A-Z0-9 -]+)\]")
_CELL = " | "
_LETTERS = re.compile(r"[^\W\d_]{2}")
_ALIAS = re.compile(r"\b[afn]\.?k\.?a\b|also known|formerly", re.IGNORECASE)
_SAYS_MORE = re.compile(r"[;:.(]")
_NO_NAME = re.compile(
    r"\d{1,2}(?:\s+|-)[A-Za-z]{3,9}\.?(?:\s+\d{4})?|[A-Za-z]{3,9}\.?\s+\d{1,2}(?:,?\s+\d{4})?"
    r"|(?i:individuals?|persons?|entit(?:y|ies)|vessels?|ships?|aircraft|compan(?:y|ies)|natural person|legal person)"
    r"|[A-Z]{2,4}[a-z]?[.-]?\d[\w.-]*"
)
_SEPARATED = re.compile(r"(?:^|[:;,]|\band)\W*$")
_PROSE = 4  # words
_LEADS_IN = re.compile(r"\bfollowing\b[^|]{0,300}:\s*$", re.IGNORECASE)
_IN_YEAR = re.compile(
    r"\b(?:in|on|since|im|am|seit|en|desde|el|depuis|le)\s+(?:[\w.,-]+\s+){0,4}?((?:19|20)\d\d)\b", re.IGNORECASE
)
_NEW = re.compile(r"\bnew(?:ly)?\b", re.IGNORECASE)
_ENTRY_NUMBER = re.compile(r"^[\W\d]*(?:[A-Za-z]{2,4}\.\d+\W*)?(?:SSID:[\W\d]*)?(?:Name:[\W\d]*)?", re.IGNORECASE)
_LONGEST_FORM = 45  # "LIMITED LIABILITY COMPANY"
_LONGEST_OWN = 2_000  # with all its other names
_OTHER_NAMES = re.compile(r"\([^()]*\)")


def find_sections(
    blocks: Sequence[Block], wanted: AbstractSet[int], published: date
) -> Iterator[tuple[int, Callable[[int], Section | None]]]:
    """For each block of `wanted`, the section of the notice at a place of its text; None where it is in none."""
    for number, sections in _sections_of(blocks, wanted, published):
        yield number, partial(_section_at, blocks[number].text, sections)


def _sections_of(
    blocks: Sequence[Block], wanted: AbstractSet[int], published: date
) -> Iterator[tuple[int, Sequence[tuple[int, Section]]]]:
    """For each wanted block, from which place on which section goes; nothing where it is in none."""

    @cache
    def leads_of(number: int) -> Sequence[tuple[int, Section]]:
        return _leads(blocks[number], published)

    @cache
    def shows_changes() -> bool:
        return any(_TO.search(block.text) for block in blocks)

    # A line tells of what looks like an entry below it: the wording of lines is looked at only where there is one.
    last = max((number for number in wanted if _is_entry(blocks[number].text)), default=-1)
    headings = {number: section for number, block in enumerate(blocks) if last >= 0 and (section := _heading(block))}
    are_headings = len(set(headings.values())) > 1 or (
        bool(headings) and any(section in _OF_LISTS for at in range(len(blocks)) for _, section in leads_of(at))
    )
    current: Section | None = None
    for number, block in enumerate(blocks):
        if number > last and number not in wanted:
            continue
        if are_headings and number in headings:
            current = headings[number]
        leads = leads_of(number) if number <= last or ":" in block.text else ()
        if number in wanted:
            behind = [lead for lead in leads if ":" in block.text[lead[0] - 1 :]]
            if own := _told_by_row(block.text):
                yield number, [(0, own)]
            elif behind:
                yield number, behind
            elif current and not leads and _is_entry(block.text):
                yield number, [(0, current)]
            else:
                yield number, []
        told = {section for _, section in leads if section in _OF_LISTS}
        if told:
            current = told.pop() if len(told) == 1 and not _is_told_whole(block.text, leads) else None
        elif block.kind is BlockKind.PARAGRAPH and _changed().search(block.text):
            current = Section.AMENDED if shows_changes() else None
        elif _leads_in(block.text) or _ends(block):
            current = None


def _section_at(text: str, sections: Sequence[tuple[int, Section]], at: int) -> Section | None:
    if _is_link(text, at):
        return Section.LINKED
    start, section = next((one for one in reversed(sections) if one[0] <= at), (0, None))
    if start and section in (Section.AMENDED, Section.REMOVED) and _added_behind().search(text, start):
        return None
    if section is Section.AMENDED and _is_moved(text):
        return None
    is_entry = start == 0  # not behind the colon of the line that says so
    if section is Section.REMOVED and is_entry and not _is_own_name(text, at):
        return Section.LINKED
    if section is Section.ADDED and not (_is_own_name(text, at) if is_entry else _is_next(text[start:at])):
        if is_entry and _is_told_beside(text, at):
            return Section.LINKED
        return Section.BESIDE if is_entry and _is_told_of_it(text, at) else None
    return section


def _leads(block: Block, published: date) -> list[tuple[int, Section]]:
    """Where in a block a line tells of what is behind it, and which section that is."""
    if len(block.text) > _LONGEST_LEAD or block.kind is not BlockKind.PARAGRAPH:
        return []
    kinds = (*_OF_LISTS, Section.CONTACT)
    leads = ((found.end(), kind) for kind in kinds for found in _pattern(kind).finditer(block.text))
    return sorted(
        lead for lead in leads if lead[1] is not Section.ADDED or not _is_past(block.text, lead[0], published)
    )


def _is_past(text: str, end: int, published: date) -> bool:
    """Does a line say that it was in an earlier year, as an article does that looks back?"""
    before, behind = text[:end].rpartition(". ")[2], text[end:].partition(":")[0].partition(". ")[0]
    years = [int(year) for year in _IN_YEAR.findall(before + behind)]
    return bool(years) and max(years) < published.year - (published.month == 1)


def _is_told_whole(text: str, leads: Sequence[tuple[int, Section]]) -> bool:
    """Do all the names stand behind the line's own colon, in a sentence that ends, and none below it?"""
    end = leads[-1][0]
    names = text[end - 1 :].partition(":")[2].strip()
    if text[:end].endswith(("below", "specified")):
        return False
    return names.endswith((".", "!", "?")) and not (_ENTRY.search(names) or _NUMBERED.match(names))


def _leads_in(text: str) -> bool:
    """Does a line lead in what is below it, but tell of no section: "The following vessels:", "Those who are new:"?"""
    line, colon, rest = text.rstrip().partition(":")
    if _LEADS_IN.search(text):
        return True
    return (
        bool(colon and not rest)
        and not re.search("[|;]", line)
        and (len(line.split()) >= _PROSE or bool(_NEW.search(line)))
    )


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
    cells = [_OTHER_NAMES.sub("", cell).strip() for cell in cells]
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
    """Is the name here the entry's own: in its row's cell for names, behind no more than numbers and a legal form, or
    other names of it?"""
    start, end = _name_cell(text)
    if not start <= at < min(end, start + _LONGEST_OWN):
        return False
    before = text[start:at]
    if before.rfind("(") > before.rfind(")"):
        before, _, bracket = before.rpartition("(")
        return bool(_ALIAS.search(bracket)) and not _SAYS_MORE.search(_OTHER_NAMES.sub("", _unnumbered(before)))
    before = _OTHER_NAMES.sub("", _unnumbered(before))
    return len(before) < _LONGEST_FORM and not _SAYS_MORE.search(before) and "," not in before


def _is_next(before: str) -> bool:
    """Ends what stands between a line's colon and a name with what parts the names of a list?"""
    return _SEPARATED.search(_OTHER_NAMES.sub("", before)) is not None


def _unnumbered(text: str) -> str:
    return _ENTRY_NUMBER.sub("", text)


def _name_cell(text: str) -> tuple[int, int]:
    """Where in a row its name stands: the first cell with words that are no day, kind or id. All of what is no row."""
    cells = text.split(_CELL)
    ends = list(accumulate(len(cell) + len(_CELL) for cell in cells))
    for cell, end in zip(cells, ends, strict=True):
        if _LETTERS.search(cell) and not _NO_NAME.fullmatch(cell.strip(" .•'‘’")):
            return end - len(cell) - len(_CELL), end
    return 0, len(text)


def _is_told_beside(text: str, at: int) -> bool:
    """Does a name stand in a later cell that is prose, as the reasons of a listing?"""
    _, end = _name_cell(text)
    if at < end or _CELL not in text:
        return False
    cell = text[text.rfind(_CELL, 0, at) + len(_CELL) :].split(_CELL)[0].strip()
    return cell.endswith(".") and len(cell.split()) >= _PROSE


def _is_told_of_it(text: str, at: int) -> bool:
    """Does a name stand where an entry tells what somebody is or did: "Position: head of operations, X"?"""
    told = [found.end() for found in _TELLS_OF_IT.finditer(text, 0, at)]
    return bool(told) and not _ALIAS.search(text, told[-1], at)


@cache
def _pattern(section: Section, kind: str = "") -> re.Pattern[str]:
    return re.compile(joined(_FILE, section.removeprefix("section:") + kind), re.IGNORECASE)


def _ends(block: Block) -> bool:
    line = block.text.strip(" .:•")
    return len(line) < _LONGEST_HEADING and bool(_ending().fullmatch(line))


@cache
def _ending() -> re.Pattern[str]:
    return re.compile(joined(_FILE, "end_heading"), re.IGNORECASE)


@cache
def _added_behind() -> re.Pattern[str]:
    return re.compile(joined(_FILE, "added_behind"), re.IGNORECASE)


@cache
def _changed() -> re.Pattern[str]:
    return re.compile(joined(_FILE, "changed"), re.IGNORECASE)
