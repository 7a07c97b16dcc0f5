"""Australia's consolidated list (DFAT, a workbook). A row for each name: 8227 is an entry, 8227a an alias of it.
`Control Date` is the last update, not the listing."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, BinaryIO

from bot.lists.collecting import finish
from bot.lists.identifiers import read_identifier
from bot.lists.official import Parsed, RefusedRow
from bot.lists.source import one_of
from bot.lists.values import Draft, clean, parse_date
from bot.lists.workbooks import Cell, day_of, is_ticked, text_of, workbook_rows
from bot.model import Schema

_SCHEMAS = {
    "individual": Schema.PERSON, "person": Schema.PERSON, "entity": Schema.ORGANIZATION,
    "organisation": Schema.ORGANIZATION, "vessel": Schema.VESSEL, "ship": Schema.VESSEL, "aircraft": Schema.AIRPLANE,
}  # fmt: skip
_NAME = "Name of Individual or Entity|Name of Individual, Entity or Vessel|Name"
_NEEDED = ("Reference", "Type", "Name Type", _NAME)
_MEASURES = ("Targeted Financial Sanction", "Travel Ban", "Arms Embargo", "Maritime Restriction")
_PARTS = re.compile(r"(?:^|\s)(?:[a-z]|[ivx]{1,4})\)\s|[;\n]")


def parse_dfat(files: Mapping[str, BinaryIO]) -> Parsed:
    source = one_of(files, "Australian_Sanctions_Consolidated_List.xlsx")
    drafts: dict[str, Draft] = {}
    for row, cell in workbook_rows(source, _NEEDED):
        try:
            found = _begin(cell)
            draft = drafts.setdefault(found.uid, found)
            _check_kind(draft, found)
            _read(draft, cell)
        except ValueError as error:
            yield RefusedRow(f"{source.name} row {row}", str(error))
    yield from finish(source.name, drafts)


def _begin(cell: Cell) -> Draft:
    text, kind = text_of(cell("Reference")), clean(text_of(cell("Type")))
    reference = re.match(r"\s*(\d+)", text)
    if reference is None:
        raise ValueError(f"the reference {text[:40]!r} does not begin with a number")
    schema = _SCHEMAS.get(kind.casefold())
    if schema is None:
        raise ValueError(f"the type {kind[:40]!r} is unknown")
    return Draft("au_dfat", reference[1], schema)


def _check_kind(draft: Draft, found: Draft) -> None:
    """DFAT has used one number for two once."""
    if draft.schema is not found.schema:
        raise ValueError(f"the reference {draft.uid} is a {draft.schema} on an earlier row and a {found.schema} here")


def _read(draft: Draft, cell: Cell) -> None:
    kind = clean(text_of(cell("Name Type"))).casefold()
    is_weak = clean(text_of(cell("Alias Strength"))).casefold() == "weak"
    draft.add_name(text_of(cell(_NAME)), is_primary=kind == "primary name" or kind == "primary", is_weak=is_weak)
    draft.add_programmes(*text_of(cell("Committees")).split(";"))
    draft.add_countries(*re.split(r"[,;\n]", text_of(cell("Citizenship"))))
    if draft.is_person:
        for part in _dates(cell("Date of Birth") or cell("DOB")):
            draft.add_birth_date(parse_date(clean(part)))
    draft.add_provisions(*(label for label in _MEASURES if is_ticked(cell(label))))
    draft.add_identifiers(*(read_identifier("imoNumber", n) for n in re.findall(r"\d+", text_of(cell("IMO Number")))))
    listed = cell("Listing Information")
    draft.listed_on = draft.listed_on or (day_of(listed) if listed else None)
    notes = text_of(cell("Additional Information"))
    draft.add_imo_of(notes)
    draft.add_remarks(notes, None if day_of(listed) else text_of(listed), text_of(cell("Instrument of Designation")))


def _dates(value: Any) -> list[str]:
    text = text_of(value)
    return [part.strip(" ,.") for part in _PARTS.split(text) if part.strip()] if text else []
