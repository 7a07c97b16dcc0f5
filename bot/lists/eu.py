"""The EU's Consolidated Financial Sanctions File 1.1 (FSF), as XML and as CSV. In the CSV every name, address, paper
and birth date of an entity has a row of its own, semicolons part the cells. Listed vessels (Regulation 833/2014, Annex
XLII) are not in it, and it trails the Official Journal by days.

`designationDate` is given for few; the regulation that stands with an entity may be a later amendment, so its date is
not taken for the day of listing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import BinaryIO

from lxml import etree

from bot.lists.collecting import merge_rows, take
from bot.lists.elements import text_of, xml_elements
from bot.lists.official import Parsed
from bot.lists.rows import Cell, Table
from bot.lists.source import Form, Source, one_of
from bot.lists.values import Draft, clean, iso_date, join_name, parse_date, parse_day
from bot.model import Listing, Schema

_KEY = "eu_fsf"
_SCHEMAS = {
    "person": Schema.PERSON, "p": Schema.PERSON, "enterprise": Schema.ORGANIZATION, "e": Schema.ORGANIZATION,
    "entity": Schema.ORGANIZATION,
}  # fmt: skip
# identificationTypeCode -> a label that find_kind knows; a code that is none of these is a label itself.
_PAPERS = {
    "id": "identity card", "ssn": "social security number", "fiscalcode": "fiscal code", "regnumber": "registration",
    "electionid": "electoral number", "residentperm": "residence permit", "travel": "travel document",
    "swiftbic": "SWIFT", "imo": "IMO number", "tradelic": "trade licence", "diplpass": "diplomatic passport",
}  # fmt: skip


def parse_eu(files: Mapping[str, BinaryIO]) -> Parsed:
    source = one_of(files, "fsf.xml", "fsf.csv")
    source.expect(Form.XML, Form.CSV)
    yield from _parse_csv(source) if source.form is Form.CSV else _parse_xml(source)


def _begin(reference: str, logical_id: str, kind: str) -> Draft:
    uid = clean(reference) or (f"logical:{clean(logical_id)}" if clean(logical_id) else "")
    return Draft.of_kind(_KEY, uid, kind, _SCHEMAS)


# ---------------------------------------------------------------- XML


def _parse_xml(source: Source) -> Parsed:
    for element in xml_elements(source, ("export",), ("sanctionEntity",)):
        number = element.get("euReferenceNumber") or element.get("logicalId") or "without number"
        yield take(f"{source.name} entity {number}", partial(_read_element, element))


def _read_element(element: etree._Element) -> Listing:
    subject = element.find("subjectType")
    kind = "" if subject is None else subject.get("code") or subject.get("classificationCode") or ""
    draft = _begin(element.get("euReferenceNumber", ""), element.get("logicalId", ""), kind)
    draft.listed_on = parse_day(element.get("designationDate"))
    for regulation in element.iterfind("regulation"):
        draft.add_programmes(regulation.get("programme"))
    for name in element.iterfind("nameAlias"):
        _add_name(draft, name.get, is_weak=name.get("strong") == "false" or _is_low(text_of(name, "remark")))
    draft.add_countries(*(_country(node.get) for path in ("citizenship", "address") for node in element.iterfind(path)))
    for birth in element.iterfind("birthdate"):
        draft.add_birth_date(_birth_date(birth.get))
    for paper in element.iterfind("identification"):
        number_text = paper.get("number") or paper.get("latinNumber") or ""
        _add_paper(draft, paper.get("identificationTypeCode", ""), number_text, _country(paper.get))
    remark = text_of(element, "remark")
    draft.add_imo_of(remark)
    functions = [name.get("function") for name in element.iterfind("nameAlias")]
    draft.add_remarks(element.get("designationDetails"), *functions, remark)
    return draft.listing()


def _add_name(draft: Draft, get: Callable[[str], str | None], *, is_weak: bool) -> None:
    whole = clean(get("wholeName")) or join_name(get("firstName"), get("middleName"), get("lastName"))
    draft.add_name(whole, is_primary=not is_weak, is_weak=is_weak)


def _is_low(remark: str) -> bool:
    return "low quality" in remark.casefold()


def _country(get: Callable[[str], str | None]) -> str:
    code = clean(get("countryIso2Code"))
    return code if len(code) == 2 and code.isalpha() else clean(get("countryDescription"))


def _birth_date(get: Callable[[str], str | None]) -> str:
    return parse_date(clean(get("birthdate"))) or iso_date(get("year"), get("monthOfYear"), get("dayOfMonth"))


def _add_paper(draft: Draft, code: str, number: str, country: str) -> None:
    label = _PAPERS.get(clean(code).casefold(), code)
    if number and not draft.add_document(label, number, country):
        draft.add_remarks(join_name(label, number))


# ---------------------------------------------------------------- CSV

_NEEDED = (
    "Entity_LogicalId", "Entity_EU_ReferenceNumber", "Entity_SubjectType", "Entity_Regulation_Programme",
    "NameAlias_WholeName",
)  # fmt: skip


def _parse_csv(source: Source) -> Parsed:
    yield from merge_rows(Table(source, _NEEDED, delimiter=";", most_before=1), _begin_row, _read_row)


def _begin_row(cell: Cell) -> Draft:
    kind = cell("Entity_SubjectType_ClassificationCode") or cell("Entity_SubjectType")
    return _begin(cell("Entity_EU_ReferenceNumber"), cell("Entity_LogicalId"), kind)


def _read_row(draft: Draft, cell: Cell) -> None:
    draft.listed_on = draft.listed_on or parse_day(cell("Entity_DesignationDate"))
    draft.add_programmes(cell("Entity_Regulation_Programme"))
    is_weak = cell("NameAlias_Strong") == "false" or _is_low(cell("NameAlias_Remark"))
    _add_name(draft, lambda name: cell(f"NameAlias_{name}"), is_weak=is_weak)
    for part in ("Citizenship", "Address"):
        draft.add_countries(cell(f"{part}_CountryIso2Code") or cell(f"{part}_CountryDescription"))
    draft.add_birth_date(
        parse_date(cell("BirthDate_BirthDate"))
        or iso_date(cell("BirthDate_Year"), cell("BirthDate_Month"), cell("BirthDate_Day"))
    )
    code = cell("Identification_TypeCode") or cell("Identification_TypeDescription")
    country = cell("Identification_CountryIso2Code") or cell("Identification_CountryDescription")
    _add_paper(draft, code, cell("Identification_Number") or cell("Identification_LatinNumber"), country)
    remark = cell("Entity_Remark")
    draft.add_imo_of(remark)
    draft.add_remarks(cell("Entity_DesignationDetails"), cell("NameAlias_Function"), remark)
