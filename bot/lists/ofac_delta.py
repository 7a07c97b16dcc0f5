"""OFAC's delta files (…/changes/latest): what one publication added, changed and removed; and the enhanced XML, whose
entities have the same form.

Default namespace treasury.gov/ofac/DeltaFile/1.0. `entity@action` is add, change (modify, update) or remove (delete);
elements within carry an action of their own, and what is removed there is no longer true. How much of a changed entity
is repeated is nowhere documented, so one without a name is named in `incomplete`: the full list tells the rest.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

from lxml import etree

from bot.errors import ListError
from bot.lists.elements import text_of, texts_of, xml_elements
from bot.lists.ofac import begin
from bot.lists.official import Parsed, RefusedRow
from bot.lists.source import CHANGED, Source, peek_text
from bot.lists.values import Draft, clean, earliest, first_last, join_name, parse_date, parse_day
from bot.model import Listing

_ROOT = "sanctionsData"
_ADD = frozenset({"add", "added", "new"})
_CHANGE = frozenset({"change", "changed", "modify", "modified", "update", "updated"})
_REMOVE = frozenset({"remove", "removed", "delete", "deleted"})
_COUNTRY_FEATURES = ("nationality", "citizenship", "vessel flag", "flag")


@dataclass(frozen=True, slots=True)
class ListDelta:
    """One publication of changes. `added` and `changed` hold listings as they are now; `list` of each is us_ofac_sdn or
    us_ofac_cons (uids are unique over both)."""

    publication: str  # its number, where the file tells it, else its day: in order of publication
    kind: str = ""  # "Standard Action", "Full Reset" …, as the publisher writes it
    added: tuple[Listing, ...] = ()
    changed: tuple[Listing, ...] = ()
    removed: tuple[str, ...] = ()  # uids
    incomplete: tuple[str, ...] = ()  # uids that changed, but whose record does not stand here whole
    refused: tuple[RefusedRow, ...] = ()


def is_enhanced(head: bytes) -> bool:
    return f"<{_ROOT}" in peek_text(head)


def parse_delta(stream: BinaryIO) -> ListDelta:
    """Raises ListError if it is no delta file, or not a whole one. An empty publication is a delta without entries."""
    source = Source("delta.xml", stream)
    publication, kind, day = "", "", ""
    added: list[Listing] = []
    changed: list[Listing] = []
    removed: list[str] = []
    incomplete: list[str] = []
    refused: list[RefusedRow] = []
    for element in xml_elements(source, (_ROOT,), ("publicationInfo", "entity")):
        if element.tag == "publicationInfo":
            day, kind = text_of(element, "datePublished"), text_of(element, "publicationType")
            publication = (
                text_of(element, "publicationID") or text_of(element, "publicationId") or element.get("id", "")
            )
            continue
        uid, action = element.get("id", ""), element.get("action", "").casefold()
        try:
            if action in _REMOVE:
                removed.append(_checked(uid))
            elif action in _CHANGE and not _has_name(element):
                incomplete.append(_checked(uid))
            elif action in _CHANGE or action in _ADD:
                (added if action in _ADD else changed).append(read_entity(_list_of(element), element))
            else:
                refused.append(RefusedRow(f"{source.name} entity {uid}", f"its action {action!r} is unknown"))
        except ValueError as error:
            refused.append(RefusedRow(f"{source.name} entity {uid or 'without id'}", str(error)))
    if not day:
        raise ListError(source.name, "publicationInfo with datePublished", "none", CHANGED)
    return ListDelta(
        publication or day[:10], kind, tuple(added), tuple(changed), tuple(removed), tuple(incomplete),
        tuple(refused),
    )  # fmt: skip


def parse_enhanced_xml(list_key: str, source: Source) -> Parsed:
    """sdn_enhanced.xml, cons_enhanced.xml. Raises ListError for a delta file, which has the same outermost element."""
    for element in xml_elements(source, (_ROOT,), ("publicationInfo", "referenceValues", "featureTypes", "entity")):
        if element.tag != "entity":
            continue
        if element.get("action"):
            step = "import the whole list, as sdn.csv with its set, or sdn_enhanced.xml"
            raise ListError(source.name, "the whole list", "a delta, which tells only what changed", step)
        try:
            yield read_entity(list_key, element)
        except ValueError as error:
            yield RefusedRow(f"{source.name} entity {element.get('id') or 'without id'}", str(error))


def _checked(uid: str) -> str:
    if not (uid.isascii() and uid.isdigit()):
        raise ValueError(f"the id {uid!r} is no number")
    return uid


def _live(element: etree._Element, path: str) -> Iterator[etree._Element]:
    """The elements at a path, without those that are removed."""
    for node in element.iterfind(path):
        if node.get("action", "").casefold() not in _REMOVE:
            yield node


def _has_name(element: etree._Element) -> bool:
    return any(_full_name(translation) for translation in _live(element, "names/name/translations/translation"))


def _list_of(element: etree._Element) -> str:
    """An entity on both lists is one of SDN."""
    names = [clean(node.text).casefold() for node in _live(element, "sanctionsLists/sanctionsList")]
    return (
        "us_ofac_cons"
        if names and not any("sdn" in name and "non-sdn" not in name for name in names)
        else "us_ofac_sdn"
    )


def read_entity(list_key: str, element: etree._Element) -> Listing:
    """Raises ValueError if it has no number, no type that we know, or no name."""
    draft = begin(list_key, element.get("id", ""), text_of(element, "generalInfo/entityType"))
    _read_names(draft, element)
    draft.add_programmes(*(node.text for node in _live(element, "sanctionsPrograms/sanctionsProgram")))
    draft.add_provisions(*(node.text for node in _live(element, "sanctionsTypes/sanctionsType")))
    draft.listed_on = earliest(
        parse_day(node.get("datePublished")) for node in _live(element, "sanctionsLists/sanctionsList")
    )
    for feature in _live(element, "features/feature"):
        _read_feature(draft, feature)
    for address in _live(element, "addresses/address"):
        draft.add_countries(*texts_of(address, "country"))
    for paper in _live(element, "identityDocuments/identityDocument"):
        _read_paper(draft, paper)
    if title := text_of(element, "generalInfo/title"):
        draft.add_remarks(f"Title: {title}")
    draft.add_remarks(text_of(element, "generalInfo/remarks"))
    for relation in _live(element, "relationships/relationship"):
        if other := text_of(relation, "relatedEntity"):
            draft.add_remarks(f"{text_of(relation, 'type') or 'Linked To'}: {other}")
    return draft.listing()


def _read_names(draft: Draft, element: etree._Element) -> None:
    for name in sorted(_live(element, "names/name"), key=lambda name: text_of(name, "isPrimary") != "true"):
        translations = sorted(_live(name, "translations/translation"), key=lambda t: text_of(t, "isPrimary") != "true")
        for translation in translations:
            full = _full_name(translation)
            draft.add_name(
                first_last(full) if draft.is_person else full,
                is_primary=text_of(name, "isPrimary") == "true",
                is_weak=text_of(name, "isLowQuality") == "true",
            )


def _full_name(translation: etree._Element) -> str:
    full = text_of(translation, "formattedFullName")
    if full:
        return full
    family, given = text_of(translation, "formattedLastName"), text_of(translation, "formattedFirstName")
    return f"{family}, {given}" if family and given else family or given


def _read_feature(draft: Draft, feature: etree._Element) -> None:
    label, value = text_of(feature, "type"), text_of(feature, "value")
    if label.casefold().startswith(("birthdate", "date of birth")):
        draft.add_birth_date(_birth_date(feature, value))
    elif label.casefold().startswith(_COUNTRY_FEATURES):
        draft.add_countries(value)
    elif value and not draft.add_document(label, value):
        draft.add_remarks(join_name(label, value))


def _birth_date(feature: etree._Element, value: str) -> str:
    first, last = text_of(feature, "valueDate/fromDateBegin")[:10], text_of(feature, "valueDate/toDateEnd")[:10]
    if re.fullmatch(r"\d{4}-\d\d-\d\d", first) and (not last or first == last):
        return parse_date(first)
    return parse_date(value) or (first[:4] if first[:4] == last[:4] else "")


def _read_paper(draft: Draft, paper: etree._Element) -> None:
    label = text_of(paper, "type")
    number = text_of(paper, "documentNumber") or text_of(paper, "number")
    if not draft.add_document(label, number, text_of(paper, "issuingCountry")):
        draft.add_remarks(join_name(label, number))
