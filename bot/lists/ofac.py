"""What all of OFAC's forms share, and the CSV set and the plain XML (sdn.csv …, sdn.xml, consolidated.xml).

The CSV has no header; `-0- ` is nothing; the file may end in 0x1A. What has no column of its own (birth dates, papers,
wallets, weak aliases) stands in the remarks, parted by semicolons, and goes on in sdn_comments.csv after 1,000
characters, within a word. What of it is understood becomes a value, the rest stays in the remarks: "Linked To: …" too,
as a link's kind and direction are not told. Specification: ofac.treasury.gov, "SDN list data formats & data schemas".
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from typing import BinaryIO, TypeVar

from lxml import etree

from bot.errors import ListError
from bot.lists.elements import text_of, texts_of, xml_elements
from bot.lists.official import Parsed, RefusedRow
from bot.lists.rows import csv_rows
from bot.lists.source import CHANGED, Source
from bot.lists.values import Draft, clean, first_last, join_name, parse_date
from bot.model import Schema

Value = TypeVar("Value")

_URL = "https://sanctionssearch.ofac.treas.gov/Details.aspx?id={uid}"
_SCHEMAS = {
    "": Schema.ORGANIZATION, "entity": Schema.ORGANIZATION, "individual": Schema.PERSON, "vessel": Schema.VESSEL,
    "aircraft": Schema.AIRPLANE,
}  # fmt: skip


def begin(list_key: str, uid: str, kind: str) -> Draft:
    """Raises ValueError for a kind of entry that there was none of before."""
    if not uid.isascii() or not uid.isdigit():
        raise ValueError(f"the id {uid!r} is no number")
    draft = Draft.of_kind(list_key, uid, kind, _SCHEMAS)
    draft.url = _URL.format(uid=uid)
    return draft


# ---------------------------------------------------------------- the CSV set

_MAIN_WIDTH = 12


def parse_csv_set(list_key: str, main: Source, others: Mapping[str, BinaryIO], names: tuple[str, str, str]) -> Parsed:
    """`names` are those of the files of aliases, addresses and comments; a missing one of `others` counts as empty."""
    alias_file, address_file, comment_file = names
    refused: list[RefusedRow] = []
    aliases = _grouped(alias_file, others, 5, refused, lambda cells: (cells[3], clean(cells[4])))
    countries = _grouped(address_file, others, 6, refused, lambda cells: cells[4])
    comments = _grouped(comment_file, others, 2, refused, lambda cells: cells[1])
    yield from refused
    for line, cells in _fixed_rows(main, _MAIN_WIDTH):
        where = f"{main.name} line {line}"
        if len(cells) != _MAIN_WIDTH:
            yield RefusedRow(where, f"it has {len(cells)} cells, not {_MAIN_WIDTH}")
            continue
        uid = cells[0].strip()
        try:
            draft = begin(list_key, uid, cells[2])
            _read_main(draft, cells, "".join(comments.get(uid, ())))
            for name, note in aliases.get(uid, ()):
                _add_name(draft, name, is_weak="weak" in note.casefold())
            draft.add_countries(*countries.get(uid, ()))
            yield draft.listing()
        except ValueError as error:
            yield RefusedRow(where, str(error))


def _fixed_rows(source: Source, width: int) -> Iterator[tuple[int, list[str]]]:
    """Rows of a file without header: the first one tells whether it is that file."""
    is_first = True
    for line, cells in csv_rows(source):
        if is_first and (len(cells) != width or not cells[0].strip().isdigit()):
            found = f"{len(cells)} that begin {cells[0][:60]!r}"
            raise ListError(source.name, f"{width} columns without header, the first a number", found, CHANGED)
        is_first = False
        yield line, cells


def _grouped(
    name: str, files: Mapping[str, BinaryIO], width: int, refused: list[RefusedRow], take: Callable[[list[str]], Value]
) -> dict[str, list[Value]]:
    groups: dict[str, list[Value]] = defaultdict(list)
    if name in files:
        for line, cells in _fixed_rows(Source(name, files[name]), width):
            if len(cells) == width:
                groups[cells[0].strip()].append(take(cells))
            else:
                refused.append(RefusedRow(f"{name} line {line}", f"it has {len(cells)} cells, not {width}"))
    return groups


def _read_main(draft: Draft, cells: list[str], comment: str) -> None:
    _add_name(draft, cells[1], is_primary=True)
    draft.add_programmes(*re.split(r"\]\s*\[", clean(cells[3]).strip("[]")))
    _read_title(draft, clean(cells[4]))
    _read_vessel(draft, cells[5], cells[6], cells[7], cells[8], cells[9], cells[10])
    read_remarks(draft, ("" if clean(cells[11]) == "" else cells[11]) + comment)


def _read_title(draft: Draft, title: str) -> None:
    draft.add_remarks(f"Title: {title}" if title else "")


def _read_vessel(draft: Draft, call_sign: str, kind: str, tonnage: str, gross: str, flag: str, owner: str) -> None:
    draft.add_countries(clean(flag))
    for label, cell in (
        ("Call sign", call_sign), ("Vessel type", kind), ("Tonnage", tonnage), ("Gross tonnage", gross),
        ("Vessel owner", owner),
    ):  # fmt: skip
        if value := clean(cell):
            draft.add_remarks(f"{label}: {value}")


def _add_name(draft: Draft, name: str, *, is_primary: bool = False, is_weak: bool = False) -> None:
    text = clean(name)
    draft.add_name(first_last(text) if draft.is_person else text, is_primary=is_primary, is_weak=is_weak)


# ---------------------------------------------------------------- remarks

_BIRTH = re.compile(r"DOB (.+)")
_PEOPLE = re.compile(r"(?:nationality|citizen|Nationality of Registration|Vessel Flag) (.+)")
_QUOTED_NAME = re.compile(r"""[afn]\.k\.a\. ['"‘’“”](.+?)['"‘’“”]?""")
_PAPER = re.compile(
    r"(?P<label>.+?)[:#]? "
    # A number may begin with letters ("RL 3367620"), be letters alone (a BIC) or an aircraft's mark ("EP-XYZ").
    r"(?P<number>(?:(?!ID |NO )[A-Z]{1,3}(?:-[A-Z])? )?[^\s()]*\d[^()]*?|[A-Z0-9]{8,}|[A-Z]{1,2}-[A-Z]{3,4})"
    r"(?: \((?P<country>[^)]+)\))?(?:(?:;|, | issued| expires| \().*)?"
)
_WALLET = re.compile(r"(?P<label>Digital Currency Address(?: - \w+)?) (?P<number>[0-9A-Za-z:]{20,})")


def read_remarks(draft: Draft, remarks: str) -> None:
    """Take what the remarks tell of an entry into `draft`; what is not understood stays as a remark."""
    for part in remarks.split(";"):
        text = part.strip()
        if text.startswith("(Linked To:") and text.endswith(")"):
            text = text[1:-1]  # as the XML has it
        bare = text.removeprefix("alt. ").removesuffix(".")
        if not _take_remark(draft, bare):
            draft.add_remarks(text.removesuffix("."))


def _take_remark(draft: Draft, text: str) -> bool:
    if match := _BIRTH.fullmatch(text):
        day = parse_date(match[1])
        draft.add_birth_date(day)
        return bool(day)
    if match := _PEOPLE.fullmatch(text):
        draft.add_countries(match[1])
        return True
    if match := _QUOTED_NAME.fullmatch(text):
        _add_name(draft, match[1], is_weak=True)
        return True
    match = _WALLET.fullmatch(text) or _PAPER.fullmatch(text)
    if match is None or ":" in match["label"]:
        return False
    return draft.add_document(match["label"], match["number"], match.groupdict().get("country"))


# ---------------------------------------------------------------- plain XML

XML_ROOT = "sdnList"


def parse_plain_xml(list_key: str, source: Source) -> Parsed:
    """sdn.xml and consolidated.xml: weak aliases are marked, papers have elements of their own."""
    for entry in xml_elements(source, (XML_ROOT,), ("sdnEntry",)):
        uid = text_of(entry, "uid")
        try:
            draft = begin(list_key, uid, text_of(entry, "sdnType"))
            _read_entry(draft, entry)
            yield draft.listing()
        except ValueError as error:
            yield RefusedRow(f"{source.name} entry {uid or 'without uid'}", str(error))


def _read_entry(draft: Draft, entry: etree._Element) -> None:
    draft.add_name(_xml_name(entry), is_primary=True)
    for aka in entry.iterfind("akaList/aka"):
        draft.add_name(_xml_name(aka), is_weak=text_of(aka, "category").casefold() == "weak")
    draft.add_programmes(*texts_of(entry, "programList/program"))
    draft.add_countries(
        *texts_of(entry, "nationalityList/nationality/country"),
        *texts_of(entry, "citizenshipList/citizenship/country"),
        text_of(entry, "vesselInfo/vesselFlag"),
        *texts_of(entry, "addressList/address/country"),
    )
    for text in texts_of(entry, "dateOfBirthList/dateOfBirthItem/dateOfBirth"):
        draft.add_birth_date(parse_date(text))
    _read_title(draft, text_of(entry, "title"))
    _read_vessel(
        draft,
        *(
            text_of(entry, f"vesselInfo/{tag}")
            for tag in ("callSign", "vesselType", "tonnage", "grossRegisteredTonnage", "vesselFlag", "vesselOwner")
        ),
    )
    for paper in entry.iterfind("idList/id"):
        label, number = text_of(paper, "idType"), text_of(paper, "idNumber")
        if not draft.add_document(label, number, text_of(paper, "idCountry")):
            draft.add_remarks(join_name(label, number))
    read_remarks(draft, text_of(entry, "remarks"))


def _xml_name(element: etree._Element) -> str:
    return join_name(text_of(element, "firstName"), text_of(element, "lastName"))
