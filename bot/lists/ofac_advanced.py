"""OFAC's advanced XML (sdn_advanced.xml, cons_advanced.xml): the one form of the lists with the day of each listing.

Everything stands apart and refers to everything else by number: values, places, papers, parties, entries. Parties come
before the entries that tell their programmes, so a party waits, half read, for its entry. Notes:
home.treasury.gov/system/files/126/sdn_advanced_notes.pdf
"""

from __future__ import annotations

from collections import defaultdict
from datetime import date

from lxml import etree

from bot.lists.ofac import begin
from bot.lists.official import Parsed, RefusedRow
from bot.lists.reading import Source, peek_text, text_of, xml_elements
from bot.lists.values import Draft, clean, earliest, iso_date, join_name
from bot.model import Schema

_ROOT = "Sanctions"
_TAGS = (
    "ReferenceValueSets", "Location", "IDRegDocument", "DistinctParty", "ProfileRelationship", "SanctionsEntry",
    "SanctionsEntryLink",
)  # fmt: skip
# In the order in which people say them; others follow.
_NAME_PARTS = (
    "First Name", "Middle Name", "Patronymic", "Matronymic", "Maiden Name", "Last Name",
)  # fmt: skip
_COUNTRY_FEATURES = frozenset(
    {"Nationality Country", "Citizenship Country", "Nationality of Registration", "Vessel Flag", "Location"}
)

Pairs = list[tuple[str, str, str]]  # label, number, country


def is_advanced(head: bytes) -> bool:
    return f"<{_ROOT}" in peek_text(head)


class _Document:
    """What was read so far, by number."""

    def __init__(self) -> None:
        self.values: dict[tuple[str, str], str] = {}
        self.parents: dict[tuple[str, str], str] = {}
        self.places: dict[str, str] = {}
        self.papers: dict[str, Pairs] = defaultdict(list)
        self.waiting: dict[str, Draft] = {}

    def value(self, kind: str, number: str | None) -> str:
        return self.values.get((kind, number or ""), "")


def parse_advanced_xml(list_key: str, source: Source) -> Parsed:
    document = _Document()
    for element in xml_elements(source, (_ROOT,), _TAGS):
        match element.tag:
            case "ReferenceValueSets":
                _read_values(document, element)
            case "Location":
                _read_place(document, element)
            case "IDRegDocument":
                _read_paper(document, element)
            case "DistinctParty":
                try:
                    draft = _read_party(document, list_key, element)
                    document.waiting[draft.uid] = draft
                except ValueError as error:
                    yield RefusedRow(f"{source.name} party {element.get('FixedRef')}", str(error))
            case "SanctionsEntry":
                waiting = document.waiting.pop(element.get("ProfileID", ""), None)
                if waiting is None:
                    continue  # a second list's entry for one party: its first one told the programmes
                try:
                    _read_sanctions(document, waiting, element)
                    yield waiting.listing()
                except ValueError as error:
                    yield RefusedRow(f"{source.name} entry {waiting.uid}", str(error))
    for uid in document.waiting:
        yield RefusedRow(f"{source.name} party {uid}", "no sanctions entry refers to it")


def _read_values(document: _Document, element: etree._Element) -> None:
    for group in element:
        for value in group:
            tag, number = str(value.tag), value.get("ID", "")
            text = value.get("Description") if tag == "AreaCode" else value.text or value.get("ISO2")
            document.values[tag, number] = clean(text)
            if tag == "PartySubType":
                document.parents[tag, number] = value.get("PartyTypeID", "")


def _read_place(document: _Document, element: etree._Element) -> None:
    country = element.find("LocationCountry")
    area = element.find("LocationAreaCode")
    text = document.value("Country", country.get("CountryID")) if country is not None else ""
    if not text and area is not None:
        text = document.value("AreaCode", area.get("AreaCodeID"))
    document.places[element.get("ID", "")] = text


def _read_paper(document: _Document, element: etree._Element) -> None:
    label = document.value("IDRegDocType", element.get("IDRegDocTypeID"))
    country = document.value("Country", element.get("IssuedBy-CountryID"))
    number = text_of(element, "IDRegistrationNo")
    document.papers[element.get("IdentityID", "")].append((label, number, country))


def _read_party(document: _Document, list_key: str, element: etree._Element) -> Draft:
    profile = element.find("Profile")
    if profile is None:
        raise ValueError("it has no profile")
    kind_id = profile.get("PartySubTypeID", "")
    kind = document.value("PartySubType", kind_id)
    if not kind:  # "Unknown" there: the type itself is told
        kind = document.value("PartyType", document.parents.get(("PartySubType", kind_id)))
    draft = begin(list_key, profile.get("ID") or element.get("FixedRef") or "", kind)
    for identity in profile.iterfind("Identity"):
        _read_names(document, draft, identity)
        for label, number, country in document.papers.pop(identity.get("ID", ""), ()):
            if not draft.add_document(label, number, country):
                draft.add_remarks(join_name(label, number))
    for feature in profile.iterfind("Feature"):
        _read_feature(document, draft, feature)
    draft.add_remarks(text_of(element, "Comment"))
    return draft


def _read_names(document: _Document, draft: Draft, identity: etree._Element) -> None:
    kinds = {
        group.get("ID", ""): document.value("NamePartType", group.get("NamePartTypeID"))
        for group in identity.iterfind("NamePartGroups/MasterNamePartGroup/NamePartGroup")
    }
    aliases = sorted(identity.iterfind("Alias"), key=lambda alias: alias.get("Primary") != "true")
    for alias in aliases:
        for name in alias.iterfind("DocumentedName"):
            parts = [
                (kinds.get(part.get("NamePartGroupID", ""), ""), clean(part.text))
                for part in name.iterfind("DocumentedNamePart/NamePartValue")
            ]
            draft.add_name(
                _joined(draft.schema, parts),
                is_primary=alias.get("Primary") == "true",
                is_weak=alias.get("LowQuality") == "true",
            )


def _joined(schema: Schema, parts: list[tuple[str, str]]) -> str:
    if schema is Schema.PERSON:
        order = {kind: at for at, kind in enumerate(_NAME_PARTS)}
        parts = sorted(parts, key=lambda part: order.get(part[0], len(order)))
    return join_name(*(text for _, text in parts))


def _read_feature(document: _Document, draft: Draft, feature: etree._Element) -> None:
    label = document.value("FeatureType", feature.get("FeatureTypeID"))
    for version in feature.iterfind("FeatureVersion"):
        if label == "Birthdate":
            for period in version.iterfind("DatePeriod"):
                draft.add_birth_date(_period(period))
            continue
        places = [document.places.get(place.get("LocationID", ""), "") for place in version.iterfind("VersionLocation")]
        details = [
            clean(detail.text) or document.value("DetailReference", detail.get("DetailReferenceID"))
            for detail in version.iterfind("VersionDetail")
        ]
        if label in _COUNTRY_FEATURES:
            draft.add_countries(*places, *details)
            continue
        for detail in filter(None, details):
            if not draft.add_document(label, detail):
                draft.add_remarks(join_name(label, detail))


def _period(period: etree._Element) -> str:
    """A span within one day, month or year is a date as exact as that; a wider one is none."""
    first, last = _edge(period, "Start/From"), _edge(period, "End/To") or _edge(period, "Start/To")
    if not last or first == last:
        return first
    if first[:4] != last[:4]:
        return ""
    return first[:7] if len(first) >= 7 and first[:7] == last[:7] else first[:4]


def _edge(period: etree._Element, path: str) -> str:
    edge = period.find(path)
    return "" if edge is None else iso_date(text_of(edge, "Year"), text_of(edge, "Month"), text_of(edge, "Day"))


def _read_sanctions(document: _Document, draft: Draft, entry: etree._Element) -> None:
    draft.listed_on = earliest(_day(node) for node in entry.iterfind("EntryEvent/Date"))
    for measure in entry.iterfind("SanctionsMeasure"):
        kind = document.value("SanctionsType", measure.get("SanctionsTypeID"))
        if kind == "Program":
            draft.add_programmes(text_of(measure, "Comment"))
        else:
            draft.add_provisions(kind)


def _day(element: etree._Element) -> date | None:
    text = iso_date(text_of(element, "Year"), text_of(element, "Month"), text_of(element, "Day"))
    return date.fromisoformat(text) if len(text) == 10 else None
