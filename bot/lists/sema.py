"""Canada's list under the Special Economic Measures Act and the Magnitsky law (sema-lmes.xml). `Country` is the
regulation, not anybody's nationality. Since 2026 tags are bilingual (`Country-Pays`): what stands before the hyphen is
the name. Entries have no number: regulation, schedule and item name one, as items keep theirs when others are repealed.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from functools import partial
from typing import BinaryIO

from lxml import etree

from bot.lists.collecting import take
from bot.lists.elements import xml_elements
from bot.lists.identifiers import read_identifier
from bot.lists.official import Parsed
from bot.lists.source import one_of
from bot.lists.values import Draft, clean, join_name, parse_date, parse_day, split_aliases
from bot.model import Listing, Schema
from bot.text.folding import fold_key


def parse_sema(files: Mapping[str, BinaryIO]) -> Parsed:
    source = one_of(files, "sema-lmes.xml")
    seen: set[str] = set()
    for number, element in enumerate(xml_elements(source, ("data-set",), ("record",)), 1):
        yield take(f"{source.name} record {number}", partial(_read_record, _values(element), seen))


def _read_record(values: Mapping[str, str], seen: set[str]) -> Listing:
    draft = _begin(values, seen)
    _read(draft, values)
    listing = draft.listing()
    seen.add(listing.uid)
    return listing


def _values(element: etree._Element) -> dict[str, str]:
    return {
        str(node.tag).split("-")[0]: node.text.strip() for node in element if isinstance(node.tag, str) and node.text
    }


def _begin(values: Mapping[str, str], seen: set[str]) -> Draft:
    regulation = clean(values.get("Country")).split("/")[0].strip()
    schedule, item = clean(values.get("Schedule")), clean(values.get("Item"))
    if not regulation:
        raise ValueError("the regulation (Country) is missing")
    uid = "/".join(part for part in (regulation, schedule, item) if part)
    if not item or uid in seen:  # a few share an item
        digest = hashlib.sha256(fold_key(_name(values)).encode("utf-8", "replace")).hexdigest()[:8]
        uid = f"{uid}/{digest}"
    return Draft("ca_sema", uid, _schema(values))


def _schema(values: Mapping[str, str]) -> Schema:
    kind = clean(values.get("TitleOrShip") or values.get("TitleOrShipType")).casefold()
    if clean(values.get("ShipIMONumber")) or re.search(r"\b(ship|vessel|tanker|cargo|carrier)\b", kind):
        return Schema.VESSEL
    if clean(values.get("LastName")) or clean(values.get("GivenName")):
        return Schema.PERSON
    return Schema.ORGANIZATION


def _name(values: Mapping[str, str]) -> str:
    return join_name(values.get("GivenName"), values.get("LastName")) or clean(_entity(values))


def _entity(values: Mapping[str, str]) -> str:
    return values.get("EntityOrShip") or values.get("Entity") or ""


def _read(draft: Draft, values: Mapping[str, str]) -> None:
    name = _name(values)
    # "English / français", and the name in another script so too
    english, *others = [name] if draft.is_person else re.split(r"\s+/\s+", name)
    draft.add_name(english, is_primary=True)
    for other in others:
        draft.add_name(other)
    for alias in split_aliases(values.get("Aliases", "")):
        # Other spellings of a given name stand there alone ("Andrei"); how good an alias is, the list does not tell.
        draft.add_name(alias, is_weak=draft.is_person and len(alias.split()) == 1)
    draft.add_programmes(" ".join(clean(values.get("Country")).split()))
    if draft.is_person:
        draft.add_birth_date(parse_date(clean(values.get("DateOfBirthOrShipBuildDate") or values.get("DateOfBirth"))))
    draft.add_identifiers(
        *(read_identifier("imoNumber", number) for number in re.findall(r"\d+", values.get("ShipIMONumber", "")))
    )
    draft.listed_on = parse_day(values.get("DateOfListing"))
    draft.add_remarks(values.get("TitleOrShip") or values.get("TitleOrShipType"))
    for label in ("Schedule", "Item"):
        if value := clean(values.get(label)):
            draft.add_remarks(f"{label} {value}")
