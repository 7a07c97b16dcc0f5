"""Switzerland's sanctions list (SECO, whole-list XML). A target stays in the file when it is de-listed, its last
modification then says so: being there is not being listed. Modifications hold copies of the target as it was
(`added`, `removed`) under the same element names: only what stands in the target itself is true now. A name is parted
into typed pieces with an order, each with spellings by language and script.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from functools import partial
from typing import BinaryIO

from lxml import etree

from bot.lists.collecting import take
from bot.lists.elements import text_of, xml_elements
from bot.lists.official import Parsed
from bot.lists.source import one_of
from bot.lists.values import Draft, clean, earliest, iso_date, join_name, parse_day
from bot.model import Listing, Schema

_KINDS = ("individual", "entity", "object")
_LATIN = ("", "LATN", "LATIN")
# SECO gives the family name first; people say it last.
_SAID = {"title": -1, "given-name": 0, "further-given-name": 1, "father-name": 2, "grand-father-name": 3, "other": 4,
         "tribal-name": 5, "maiden-name": 6, "family-name": 7, "suffix": 8}  # fmt: skip


def parse_seco(files: Mapping[str, BinaryIO]) -> Parsed:
    source = one_of(files, "seco.xml")
    programmes: dict[str, str] = {}
    places: dict[str, str] = {}
    tags = ("sanctions-program", "place", "target")
    for element in xml_elements(source, ("swiss-sanctions-list",), tags, is_top_only=True):
        if element.tag == "place":
            places[element.get("ssid", "")] = _country(element)
        elif element.tag == "sanctions-program":
            _read_programme(programmes, element)
        else:
            where = f"{source.name} target {element.get('ssid') or 'without ssid'}"
            yield take(where, partial(_read_target, element, programmes, places))


def _read_programme(programmes: dict[str, str], element: etree._Element) -> None:
    name = _english(element, "program-key") or _english(element, "program-name")
    for part in element.iterfind("sanctions-set"):
        programmes[part.get("ssid", "")] = name


def _english(element: etree._Element, tag: str) -> str:
    nodes = list(element.iterfind(tag))
    return next((clean(node.text) for node in nodes if node.get("lang") in ("eng", "en")), "") or (
        clean(nodes[0].text) if nodes else ""
    )


def _read_target(element: etree._Element, programmes: Mapping[str, str], places: Mapping[str, str]) -> Listing:
    node = next((found for kind in _KINDS if (found := element.find(kind)) is not None), None)
    if node is None:
        raise ValueError("it is no individual, entity or object")
    draft = Draft("ch_seco", element.get("ssid", ""), _schema(node))
    sets = [element.get("sanctions-set-id", ""), *(clean(part.text) for part in element.iterfind("sanctions-set-id"))]
    draft.add_programmes(*(programmes.get(number, "") for number in sets))
    _read_days(draft, element)
    for identity in sorted(node.iterfind("identity"), key=lambda identity: identity.get("main") != "true"):
        _read_identity(draft, identity, places)
    for other in node.iterfind("other-information"):
        _read_other(draft, clean(other.text))
    draft.add_remarks(*(clean(reason.text) for reason in node.iterfind("justification")))
    return draft.listing()


def _schema(node: etree._Element) -> Schema:
    if node.tag == "object":
        return {"vessel": Schema.VESSEL, "aircraft": Schema.AIRPLANE}.get(
            node.get("object-type", "").casefold(), Schema.VESSEL
        )
    return Schema.PERSON if node.tag == "individual" else Schema.ORGANIZATION


def _read_days(draft: Draft, element: etree._Element) -> None:
    """The last modification tells whether it is listed; the first listing since the last delisting, since when."""
    events = []
    for number, change in enumerate(element.iterfind("modification")):
        kind = change.get("modification-type", "")
        day = parse_day(change.get("effective-date")) or parse_day(change.get("publication-date"))
        # The file has the newest first, which decides between two of one day.
        events.append((day or date.min, -number, kind, day))
    events.sort()
    since: list[date | None] = []
    for _, _, kind, day in events:
        if kind == "de-listed":
            since = []
        elif kind == "listed":
            since.append(day)
    if events and events[-1][2] == "de-listed":
        draft.delisted_on = events[-1][3]
        if draft.delisted_on is None:
            raise ValueError("it was de-listed, and the day is missing")
        draft.listed_on = earliest(day for _, _, kind, day in events if kind == "listed")
    else:
        draft.listed_on = earliest(since)


def _read_identity(draft: Draft, identity: etree._Element, places: Mapping[str, str]) -> None:
    for name in sorted(identity.iterfind("name"), key=lambda name: name.get("name-type") != "primary-name"):
        is_weak = name.get("quality") == "low"
        for script, text in _names(draft, name):
            is_primary = name.get("name-type") == "primary-name" and script == ""
            draft.add_name(text, is_primary=is_primary, is_weak=is_weak)
    for nationality in identity.iterfind("nationality/country"):
        draft.add_countries(nationality.get("iso-code") or nationality.text)
    for address in identity.iterfind("address"):
        draft.add_countries(_country(address) or places.get(address.get("place-id", "")))
    for birth in identity.iterfind("day-month-year"):
        if draft.is_person:
            draft.add_birth_date(iso_date(birth.get("year"), birth.get("month"), birth.get("day")))
    for paper in identity.iterfind("identification-document"):
        label, number = paper.get("document-type", ""), text_of(paper, "number")
        issuer = paper.find("issuer")
        country = "" if issuer is None else issuer.get("code") or clean(issuer.text)
        if number and not draft.add_document(label.replace("-", " "), number, country):
            draft.add_remarks(join_name(label, number))


def _names(draft: Draft, name: etree._Element) -> Iterator[tuple[str, str]]:
    """(script, name): as it is given (""), then with each other spelling. The n-th spellings of the pieces in one
    language and script belong together."""
    parts = [part for part in name.iterfind("name-part") if clean(text_of(part, "value"))]
    if draft.is_person:
        parts.sort(key=lambda part: (_SAID.get(part.get("name-part-type", ""), 4), _order(part)))
    else:
        parts.sort(key=_order)
    yield "", join_name(*(text_of(part, "value") for part in parts))
    cultures: dict[tuple[str, str], int] = {}
    spellings = []
    for part in parts:
        of_part: dict[tuple[str, str], list[str]] = {}
        for variant in part.iterfind("spelling-variant"):
            of_part.setdefault((variant.get("lang", ""), variant.get("script", "")), []).append(clean(variant.text))
        for culture, texts in of_part.items():
            cultures[culture] = max(cultures.get(culture, 0), len(texts))
        spellings.append((text_of(part, "value"), of_part))
    for culture, most in cultures.items():
        for at in range(most):
            is_latin = culture[1].upper() in _LATIN
            pieces = []
            for value, of_part in spellings:
                texts = of_part.get(culture, [])
                if texts:
                    pieces.append(texts[min(at, len(texts) - 1)])
                elif is_latin:
                    pieces.append(value)  # in another script a Latin piece would make a name that nobody writes
            yield culture[1] or "other", join_name(*pieces)


def _order(part: etree._Element) -> int:
    text = part.get("order", "")
    return int(text) if text.isascii() and text.isdigit() else 99


def _country(element: etree._Element) -> str:
    country = element.find("country")
    return "" if country is None else country.get("iso-code") or clean(country.text)


def _read_other(draft: Draft, text: str) -> None:
    draft.add_imo_of(text)
    label, colon, value = text.partition(":")
    if not (colon and len(label) < 60 and draft.add_document(label, value.strip(" ."))):
        draft.add_remarks(text)
