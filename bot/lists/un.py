"""The UN Security Council's consolidated list (consolidated.xml). A person has up to four names in order, an entity
one; an alias may be empty or hold several; an IMO number stands in the comments alone."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import BinaryIO

from lxml import etree

from bot.lists.collecting import take
from bot.lists.official import Parsed
from bot.lists.reading import one_of, text_of, texts_of, xml_elements
from bot.lists.values import Draft, clean, iso_date, join_name, parse_date, parse_day
from bot.model import Listing, Schema

_NAMES = ("FIRST_NAME", "SECOND_NAME", "THIRD_NAME", "FOURTH_NAME")


def parse_un(files: Mapping[str, BinaryIO]) -> Parsed:
    source = one_of(files, "consolidated.xml")
    for element in xml_elements(source, ("CONSOLIDATED_LIST",), ("INDIVIDUAL", "ENTITY")):
        yield take(f"{source.name} {str(element.tag).lower()} {_number(element)}", partial(_read, element))


def _number(element: etree._Element) -> str:
    return text_of(element, "REFERENCE_NUMBER") or text_of(element, "DATAID")


def _read(element: etree._Element) -> Listing:
    prefix = str(element.tag)
    draft = Draft("un_sc", _number(element), Schema.PERSON if prefix == "INDIVIDUAL" else Schema.ORGANIZATION)
    draft.add_name(join_name(*(text_of(element, tag) for tag in _NAMES)), is_primary=True)
    draft.add_name(text_of(element, "NAME_ORIGINAL_SCRIPT"))
    for alias in element.iterfind(f"{prefix}_ALIAS"):
        is_weak = text_of(alias, "QUALITY").casefold() == "low"
        for name in text_of(alias, "ALIAS_NAME").split(";"):
            draft.add_name(name, is_weak=is_weak)
    draft.add_programmes(text_of(element, "UN_LIST_TYPE"))
    draft.add_countries(*texts_of(element, "NATIONALITY/VALUE"), *texts_of(element, f"{prefix}_ADDRESS/COUNTRY"))
    for birth in element.iterfind(f"{prefix}_DATE_OF_BIRTH"):
        draft.add_birth_date(parse_date(text_of(birth, "DATE")) or iso_date(text_of(birth, "YEAR")))
    for paper in element.iterfind(f"{prefix}_DOCUMENT"):
        label = text_of(paper, "TYPE_OF_DOCUMENT") or text_of(paper, "TYPE_OF_DOCUMENT2")
        number = text_of(paper, "NUMBER")
        country = text_of(paper, "ISSUING_COUNTRY") or text_of(paper, "COUNTRY_OF_ISSUE")
        if number and not draft.add_document(label, number, country):
            draft.add_remarks(join_name(label, number))
    draft.listed_on = parse_day(text_of(element, "LISTED_ON"))
    comments = clean(text_of(element, "COMMENTS1"))
    draft.add_imo_of(comments)
    draft.add_remarks(*texts_of(element, "DESIGNATION/VALUE"), comments)
    return draft.listing()
