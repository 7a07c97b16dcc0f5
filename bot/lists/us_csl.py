"""The US Consolidated Screening List (consolidated.csv): OFAC's lists with those of BIS (Entity List, Denied Persons,
Unverified, Military End User) and State (debarred, nonproliferation). One row an entry and list; values in a cell are
parted by semicolons; weak aliases are not marked. The lists of BIS and State number nobody: there an entry is known by
list, name and first day, and rows that differ in addresses alone are one entry. `programs` then names the list itself.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from typing import BinaryIO

from bot.lists.collecting import check_number, finish
from bot.lists.ofac import read_remarks
from bot.lists.official import Parsed, RefusedRow
from bot.lists.rows import Cell, Table
from bot.lists.source import one_of
from bot.lists.values import Draft, clean, first_last, join_name, parse_date, parse_day
from bot.model import Schema
from bot.text.folding import fold_key

_NEEDED = ("source", "entity_number", "type", "programs", "name", "alt_names", "ids", "start_date")
_SCHEMAS = {
    "individual": Schema.PERSON, "vessel": Schema.VESSEL, "aircraft": Schema.AIRPLANE, "entity": Schema.ORGANIZATION,
    "": Schema.LEGAL_ENTITY,  # BIS and State do not say
}  # fmt: skip
_SOURCE = re.compile(r"\(([A-Z-]{2,8})(?: List)?\)")


def parse_csl(files: Mapping[str, BinaryIO]) -> Parsed:
    table = Table(one_of(files, "consolidated.csv"), _NEEDED, ends_with_line=True)
    unnumbered: dict[str, Draft] = {}
    for line, cell in table:
        where = f"{table.name} line {line}"
        if cell is None:
            yield RefusedRow(where, "it has not as many cells as the header")
            continue
        try:
            draft = _begin(cell)
            is_numbered = bool(clean(cell("entity_number")))
            draft = draft if is_numbered else unnumbered.setdefault(draft.uid, draft)
            _read(draft, cell)
            check_number(table.name, len(unnumbered))
            if is_numbered:
                yield draft.listing()
        except ValueError as error:
            yield RefusedRow(where, str(error))
    yield from finish(table.name, unnumbered)


def _begin(cell: Cell) -> Draft:
    kind = clean(cell("type")).casefold()
    if kind not in _SCHEMAS:
        raise ValueError(f"the type {kind!r} is unknown")
    number, source = clean(cell("entity_number")), _list_of(cell)
    if not number:
        key = f"{fold_key(cell('name'))}|{cell('start_date')}"
        number = hashlib.sha256(key.encode("utf-8", "replace")).hexdigest()[:16]
    return Draft("us_csl", f"{source}:{number}", _SCHEMAS[kind])


def _list_of(cell: Cell) -> str:
    """ "Entity List (EL) - Bureau of Industry and Security" -> "EL"."""
    source = clean(cell("source"))
    if not source:
        raise ValueError("the source is missing: which of the lists it is on")
    match = _SOURCE.search(source)
    return match[1] if match else source.split(" - ")[0][:40]


def _read(draft: Draft, cell: Cell) -> None:
    for at, name in enumerate((cell("name"), *cell("alt_names").split(";"))):
        text = clean(name)
        draft.add_name(first_last(text) if draft.is_person else text, is_primary=at == 0)
    draft.add_programmes(*(cell("programs").split(";") if clean(cell("programs")) else [_list_of(cell)]))
    draft.add_countries(
        *cell("nationalities").split(";"),
        *cell("citizenships").split(";"),
        cell("vessel_flag"),
        *(address.rpartition(",")[2] for address in cell("addresses").split(";")),
    )
    for birth in cell("dates_of_birth").split(";"):
        draft.add_birth_date(parse_date(clean(birth)))
    draft.listed_on = parse_day(cell("start_date")) or draft.listed_on
    for paper in cell("ids").split(";"):
        _read_paper(draft, [clean(part) for part in paper.split(",")])
    if title := clean(cell("title")):
        draft.add_remarks(f"Title: {title}")
    if owner := clean(cell("vessel_owner")):
        draft.add_remarks(f"Vessel owner: {owner}")
    if notice := clean(cell("federal_register_notice")):
        draft.add_remarks(f"Federal Register: {notice}")
    read_remarks(draft, cell("remarks"))
    draft.url = draft.url or clean(cell("source_information_url")) or clean(cell("source_list_url"))


def _read_paper(draft: Draft, parts: list[str]) -> None:
    """ "RU, 2022-06-23, 718489066, Passport": country and days where they are known, the number, what it is."""
    *values, label = parts
    country = values[0] if len(values) > 1 and re.fullmatch("[A-Z]{2}", values[0]) else None
    if not (values and draft.add_document(label, values[-1], country)):
        draft.add_remarks(join_name(label, ", ".join(values)))
