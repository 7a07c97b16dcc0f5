"""The UK Sanctions List of the FCDO (one source since 28 January 2026, when OFSI's list ended), as CSV and as XML.

The CSV has a line of metadata before its header, and a row for each name × address × further value of a designation.
Name 6 is the family name, or the whole of an entity's or a ship's. Days are dd/mm/yyyy, with dd and mm where unknown.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from functools import partial
from typing import BinaryIO

from lxml import etree

from bot.lists.collecting import merge_rows, take
from bot.lists.elements import text_of, texts_of, xml_elements
from bot.lists.identifiers import find_kind, read_identifier
from bot.lists.official import Parsed
from bot.lists.rows import Table
from bot.lists.source import Form, Source, one_of
from bot.lists.values import Draft, clean, join_name, parse_date, parse_day
from bot.model import Listing, Schema

_KEY = "gb_uksl"
_SCHEMAS = {"individual": Schema.PERSON, "entity": Schema.ORGANIZATION, "ship": Schema.VESSEL}

Get = Callable[[str], str]


def parse_uk(files: Mapping[str, BinaryIO]) -> Parsed:
    source = one_of(files, "UK-Sanctions-List.csv", "UK-Sanctions-List.xml")
    source.expect(Form.CSV, Form.XML)
    yield from _parse_csv(source) if source.form is Form.CSV else _parse_xml(source)


def _begin(cell: Get) -> Draft:
    return Draft.of_kind(_KEY, cell("Unique ID"), cell("Designation Type"), _SCHEMAS)


def _add_name(draft: Draft, get: Get, kind: str, strength: str) -> None:
    name = join_name(*(get(f"Name {number}") for number in (1, 2, 3, 4, 5, 6)))
    draft.add_name(name, is_primary=clean(kind).casefold() == "primary name", is_weak="low" in strength.casefold())


def _split(text: str) -> list[str]:
    """Several values in one cell: "(1) A (2) B", "A|B", "A; B"."""
    return [part for part in re.split(r"\(\d{1,2}\)|[|;\n]", text) if part.strip()]


def _add_papers(draft: Draft, label: str, texts: Iterable[str]) -> None:
    for text in texts:
        for number in _split(text):
            if not draft.add_document(label, number):
                draft.add_remarks(f"{label}: {clean(number)}")


def _national(told: str) -> str:
    """What kind of national number it is, which stands beside it: tax numbers are among them."""
    return "Tax ID" if find_kind(told) == "taxNumber" else "National ID"


# ---------------------------------------------------------------- CSV

_NEEDED = (
    "Unique ID", "Name 6", "Name 1", "Name type", "Regime Name", "Designation Type", "Sanctions Imposed",
    "Date Designated",
)  # fmt: skip


def _parse_csv(source: Source) -> Parsed:
    table = Table(source, _NEEDED, most_before=3)
    yield from merge_rows(table, _begin, _read_row)


def _read_row(draft: Draft, cell: Get) -> None:
    _add_name(draft, cell, cell("Name type"), cell("Alias strength"))
    draft.add_name(cell("Name non-latin script"))
    draft.add_programmes(cell("Regime Name"))
    draft.add_provisions(*cell("Sanctions Imposed").split("|"))
    draft.listed_on = draft.listed_on or parse_day(cell("Date Designated"))
    for birth in _split(cell("D.O.B")):
        draft.add_birth_date(parse_date(clean(birth)))
    draft.add_countries(
        *_split(cell("Nationality(/ies)")), *_split(cell("Current believed flag of ship")), cell("Address Country")
    )
    _add_papers(draft, "Passport", [cell("Passport number")])
    told = cell("National Identifier additional information")
    _add_papers(draft, _national(told), [cell("National Identifier number")])
    _add_papers(draft, "Business registration number", [cell("Business registration number (s)")])
    draft.add_identifiers(*(read_identifier("imoNumber", number) for number in _split(cell("IMO number"))))
    draft.add_remarks(*_split(cell("Position")), cell("Other Information"), cell("UK Statement of Reasons"))


# ---------------------------------------------------------------- XML


def _parse_xml(source: Source) -> Parsed:
    for element in xml_elements(source, ("Designations",), ("Designation",)):
        yield take(f"{source.name} designation {text_of(element, 'UniqueID')}", partial(_read_element, element))


def _read_element(element: etree._Element) -> Listing:
    kind = text_of(element, "IndividualEntityShip") or text_of(element, "DesignationType")
    draft = Draft.of_kind(_KEY, text_of(element, "UniqueID"), kind, _SCHEMAS)
    for name in element.iterfind("Names/Name"):
        strength = text_of(name, "AliasStrength")
        _add_name(draft, _getter(name), text_of(name, "NameType"), strength)
    for text in texts_of(element, "NonLatinNames//NameNonLatinScript"):
        draft.add_name(text)
    draft.add_programmes(text_of(element, "RegimeName"))
    for text in texts_of(element, "SanctionsImposed"):
        draft.add_provisions(*text.split("|"))
    draft.listed_on = parse_day(text_of(element, "DateDesignated"))
    for birth in texts_of(element, ".//DOB"):
        draft.add_birth_date(parse_date(clean(birth)))
    draft.add_countries(
        *texts_of(element, ".//Nationality"), *texts_of(element, ".//CurrentBelievedFlagOfShip"),
        *texts_of(element, ".//AddressCountry"),
    )  # fmt: skip
    _add_papers(draft, "Passport", texts_of(element, ".//PassportNumber"))
    for number in element.iterfind(".//NationalIdentifierNumber"):
        told = number.getparent().findtext("NationalIdentifierAdditionalInformation") or ""
        _add_papers(draft, _national(told), [number.text or ""])
    _add_papers(draft, "Business registration number", texts_of(element, ".//BusinessRegistrationNumber"))
    draft.add_identifiers(*(read_identifier("imoNumber", number) for number in texts_of(element, ".//IMONumber")))
    draft.add_remarks(
        *texts_of(element, ".//Position"),
        text_of(element, "OtherInformation"),
        text_of(element, "UKStatementofReasons"),
    )
    return draft.listing()


def _getter(name: etree._Element) -> Get:
    return lambda column: text_of(name, column.replace(" ", ""))
