"""New Zealand's Russia Sanctions Register (MFAT, a workbook): the people, firms and ships named under the
Russia Sanctions Act 2022. A row for each, its name in three cells, an organisation's in whichever of them. Rows of a
whole class of assets, and of a sum, name nobody. Where two names share an identifier, each is known by it and its name.
"""

from __future__ import annotations

import hashlib
import re
from collections import defaultdict
from collections.abc import Mapping
from typing import BinaryIO

from bot.lists.collecting import finish
from bot.lists.official import Parsed, RefusedRow
from bot.lists.source import one_of
from bot.lists.values import Draft, clean, earliest, join_name, parse_date, split_aliases
from bot.lists.workbooks import Cell, day_of, is_ticked, text_of, workbook_rows
from bot.model import Schema
from bot.text.folding import fold_key

_SCHEMAS = {
    "individual": Schema.PERSON, "entity": Schema.ORGANIZATION, "bank": Schema.COMPANY, "ship": Schema.VESSEL,
    "vessel": Schema.VESSEL, "aircraft": Schema.AIRPLANE,
}  # fmt: skip
_NOBODY = frozenset({"asset", "total"})
_NEEDED = ("Unique Identifier", "Type", "First name", "Last name", "Date of Sanction")
_MEASURES = ("Asset Freeze", "Travel Ban", "Ship Ban", "Aircraft Ban", "Dealing with Securities", "Service Prohibition")
_NAMES = ("First name", "Middle name(s)", "Last name")
_CITIZENSHIPS = ("Citizenship", "Citizenship 2", "Citizenship 3")
_REMARKS = ("Title", "Additional Information", "General Rationale for Sanction", "Associates/Relatives")
_OVER = re.compile(r"(?i)\b(remov|revok|lift|delist|ceas|expir|inactiv)")
_PROGRAMME = "Russia Sanctions Act 2022"
_MOST_BEFORE = 20  # rows above the header


def parse_mfat(files: Mapping[str, BinaryIO]) -> Parsed:
    source = one_of(files, "Russia-Sanctions-Register.xlsx")
    by_number: dict[str, dict[str, Draft]] = defaultdict(dict)  # number -> folded name -> who it is
    for row, cell in workbook_rows(source, _NEEDED, _MOST_BEFORE):
        kind, number = text_of(cell("Type")), clean(text_of(cell("Unique Identifier")))
        name = join_name(*(text_of(cell(part)) for part in _NAMES))
        is_note = not clean(kind) and not (number and name)
        if is_note or clean(kind).casefold() in _NOBODY or _OVER.search(text_of(cell("Sanction Status"))):
            continue
        try:
            found = Draft.of_kind("nz_mfat", number, kind, _SCHEMAS)
            draft = by_number[number].setdefault(fold_key(name), found)
            draft.add_name(name, is_primary=True)
            _read(draft, cell)
        except ValueError as error:
            yield RefusedRow(f"{source.name} row {row}", str(error))
    yield from finish(source.name, dict(_told_apart(by_number)))


def _told_apart(by_number: Mapping[str, Mapping[str, Draft]]) -> list[tuple[str, Draft]]:
    drafts = []
    for number, named in by_number.items():
        for name, draft in named.items():
            if name and (len(named) > 1 or not number):
                digest = hashlib.sha256(name.encode("utf-8", "replace")).hexdigest()[:8]
                draft.uid = f"{number}/{digest}" if number else digest
            drafts.append((draft.uid, draft))
    return drafts


def _read(draft: Draft, cell: Cell) -> None:
    for alias in split_aliases(text_of(cell("Alias/Alternate Spellings"))):
        draft.add_name(alias, is_weak=draft.is_person and len(alias.split()) == 1)
    draft.add_programmes(_PROGRAMME)
    draft.add_provisions(*(measure for measure in _MEASURES if is_ticked(cell(measure))))
    draft.add_countries(*(text_of(cell(column)) for column in _CITIZENSHIPS))
    if draft.is_person:
        draft.add_birth_date(parse_date(clean(text_of(cell("DOB")))))
        draft.add_document("Passport", text_of(cell("Passport Number")))
    draft.listed_on = earliest((draft.listed_on, day_of(cell("Date of Sanction"))))
    draft.add_imo_of(text_of(cell("Additional Information")))
    draft.add_remarks(*(text_of(cell(column)) for column in _REMARKS))
