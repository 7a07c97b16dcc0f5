"""The small hand-made lists in tests/data/lists: a folder for each form, with what it must become in expected.json.
Whoever stands in them is invented."""

from __future__ import annotations

import io
import json
import os
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Any, BinaryIO

import openpyxl

from bot.lists import LISTS, RefusedRow, name_files
from bot.lists.ofac_delta import parse_delta
from bot.model import Listing

DATA = Path(__file__).parents[2] / "data" / "lists"
REAL = Path(os.environ.get("REAL_LISTS") or Path(__file__).parents[4] / "shared" / "lists")

FORMS = {  # folder -> list
    "us_ofac_sdn_csv": "us_ofac_sdn", "us_ofac_sdn_xml": "us_ofac_sdn", "us_ofac_sdn_advanced": "us_ofac_sdn",
    "us_ofac_sdn_enhanced": "us_ofac_sdn", "us_ofac_cons_csv": "us_ofac_cons", "us_csl": "us_csl", "un_sc": "un_sc",
    "eu_fsf_xml": "eu_fsf", "eu_fsf_csv": "eu_fsf", "gb_uksl_csv": "gb_uksl", "gb_uksl_xml": "gb_uksl",
    "ch_seco": "ch_seco", "ca_sema": "ca_sema", "ca_sema_bilingual": "ca_sema", "au_dfat": "au_dfat",
    "nz_mfat": "nz_mfat",
    "opensanctions_simple": "opensanctions", "opensanctions_ftm": "opensanctions",
}  # fmt: skip
WORKBOOKS = {  # what rows.json makes: a workbook would be no text that anybody can compare
    form: LISTS[key].files[0].name for form, key in FORMS.items() if (DATA / form / "rows.json").exists()
}
DELTAS: dict[str, Callable[[BinaryIO], Any]] = {
    "ofac_delta": parse_delta,
}

Found = list[Listing | RefusedRow]


def read_form(form: str) -> dict[str, bytes]:
    """The files of a form by the name that `parse` takes them under."""
    if form in WORKBOOKS:
        return {WORKBOOKS[form]: workbook(json.loads(_text(form, "rows.json")))}
    files = {path.name: path.read_bytes() for path in sorted((DATA / form).iterdir()) if path.name != "expected.json"}
    names = name_files(FORMS[form], list(files)) if form in FORMS else {name: name for name in files}
    return {known: files[name] for name, known in names.items()}


def _text(form: str, name: str) -> str:
    return (DATA / form / name).read_text(encoding="utf-8")


def workbook(rows: Iterable[Iterable[object]]) -> bytes:
    """Rows as publishers' workbooks have them: days are days there, not texts."""
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append([_cell(value) for value in row])
    packed = io.BytesIO()
    book.save(packed)
    return packed.getvalue()


def _cell(value: object) -> object:
    if isinstance(value, str) and len(value) == 10 and value[4] == value[7] == "-":
        return datetime.fromisoformat(value)
    return value


def parse(list_key: str, files: Mapping[str, bytes]) -> Found:
    return list(LISTS[list_key].parse({name: io.BytesIO(body) for name, body in files.items()}))


def listings(found: Found) -> list[Listing]:
    return [one for one in found if isinstance(one, Listing)]


def refusals(found: Found) -> list[RefusedRow]:
    return [one for one in found if isinstance(one, RefusedRow)]


def plain(value: object) -> Any:
    """As JSON has it, without what is empty."""
    data = json.loads(json.dumps(asdict(value), default=str))  # type: ignore[call-overload]
    return _without_empty(data)


def _without_empty(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _without_empty(part) for key, part in value.items() if part not in (None, "", [], {})}
    return [_without_empty(part) for part in value] if isinstance(value, list) else value


def expected(form: str) -> Any:
    return json.loads(_text(form, "expected.json"))
