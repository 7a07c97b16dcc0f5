"""One value of an entity, as people write it: a name, a kind, a country, a link. Raises ValueError that
says what is allowed."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache
from typing import TypeVar

from rigour.territories import get_territory, lookup_territory
from rigour.territories.lookup import lookup_by_identifier

from bot.model import KINDS, EntityLink, Schema
from bot.text.folding import fold_key

Value = TypeVar("Value")

MOST_NAME = 300  # characters; the longest name on the US list has 164
MOST_KEY = 100
MOST_WATCHLIST = 32
MOST_NOTES = 4_000
LINK_KINDS = (
    "owned_by", "owns", "director", "director_of", "family", "associate", "part_of", "successor_of", "linked_to",
)  # fmt: skip

_SCHEMA_WORDS = {schema.casefold(): schema for schema in Schema} | {
    "human": Schema.PERSON, "individual": Schema.PERSON, "man": Schema.PERSON, "woman": Schema.PERSON,
    "firm": Schema.COMPANY, "business": Schema.COMPANY, "bank": Schema.COMPANY,
    "organisation": Schema.ORGANIZATION, "group": Schema.ORGANIZATION, "ngo": Schema.ORGANIZATION,
    "ministry": Schema.PUBLIC_BODY, "agency": Schema.PUBLIC_BODY, "government": Schema.PUBLIC_BODY,
    "entity": Schema.LEGAL_ENTITY, "ship": Schema.VESSEL, "tanker": Schema.VESSEL,
    "aircraft": Schema.AIRPLANE, "plane": Schema.AIRPLANE, "helicopter": Schema.AIRPLANE,
    "wallet": Schema.CRYPTO_WALLET,
}  # fmt: skip

# How tables write that there is nothing; to the letter, as there are people called Null and Nan.
NOTHING = frozenset({"nan", "NaN", "None", "none", "NULL", "null", "N/A", "n/a", "-", "–", "—"})
SHEET_ERROR = re.compile(r"#(?:N/A|REF!|NAME\?|VALUE!|DIV/0!|NULL!|NUM!|SPILL!|CALC!)")


def clean(text: str) -> str:
    """One line without control and invisible characters."""
    visible = "".join(" " if unicodedata.category(char) in ("Cc", "Zl", "Zp") else char for char in text)
    return " ".join(visible.replace("\ufeff", "").replace("\u200b", "").split())


def unique(values: Iterable[Value]) -> tuple[Value, ...]:
    return tuple(dict.fromkeys(values))


def _refuse_sheet_error(what: str, text: str) -> None:
    if SHEET_ERROR.fullmatch(text):
        raise ValueError(f"the {what} {text} is an error of the spreadsheet's own: correct its formula")


def parse_name(text: str) -> str:
    """Raises ValueError if nothing could ever be found by it."""
    name = clean(text)
    if not name or name in NOTHING:
        raise ValueError(f"the name is missing{f': {name!r} is none' if name else ''}")
    _refuse_sheet_error("name", name)
    if len(name) > MOST_NAME:
        raise ValueError(f"the name {name[:40]!r}… has {len(name)} characters: at most {MOST_NAME}")
    if not any(char.isalnum() for char in fold_key(name)):
        raise ValueError(f"the name {name!r} has no letter and no digit")
    return name


# How lists write that somebody or a ship was called so: no article has the words beside the name.
_CALLED = re.compile(
    r"(?:formerly(?: known as)?|previously(?: known as)?|also known as|(?-i:[afn]ka)|[afn][./]k[./]a\.?"
    r"|ранее|бывш(?:ий|ая|ее)|он же|она же)(?:\s*:\s*|\s+)(?=\S)",
    re.IGNORECASE,
)

_SHIP_WAS = re.compile(r"ex(?:\.\s*|\s*:\s*|\s+)(?=\S)", re.IGNORECASE)  # of firms, "Ex Libris" is a name


def parse_alias(text: str, schema: Schema) -> str:
    """Another name, without the words that only say that it is one: "f/k/a Oka Steel", of ships "ex Nordic Tern"."""
    name = parse_name(text)
    marks = (_CALLED, _SHIP_WAS) if schema is Schema.VESSEL else (_CALLED,)
    found = next((found for mark in marks if (found := mark.match(name))), None)
    return parse_name(name[found.end() :]) if found else name


def parse_key(text: str) -> str:
    key = text.strip()
    if not key:
        raise ValueError("the key is missing: any short word that no other row has, NK-001 for example")
    _refuse_sheet_error("key", key)
    if len(key) > MOST_KEY or any(char.isspace() or not char.isprintable() for char in key):
        raise ValueError(f"the key {key[:40]!r} is not usable: at most {MOST_KEY} characters, and no blanks")
    return key


def parse_schema(text: str) -> Schema:
    word = clean(text).casefold().replace(" ", "")
    schema = _SCHEMA_WORDS.get(word)
    if schema is None:
        there = ", ".join(KINDS.values())
        raise ValueError(f"the kind {text.strip()[:40]!r} is unknown: there are {there}")
    return schema


def parse_watchlist_key(text: str) -> str:
    """'Oil desk' -> 'oil-desk'. Raises ValueError."""
    key = "-".join(re.findall(r"\w+", text.casefold()))
    if not key or len(key) > MOST_WATCHLIST:
        raise ValueError(f"the watchlist {text[:60]!r} is not usable: letters and digits, at most {MOST_WATCHLIST}")
    return key


def parse_link(text: str) -> EntityLink:
    """`owned_by:NK-1`, `director:Ivan Ivanov`: the other is a key, or a name. Raises ValueError."""
    kind, colon, other = text.partition(":")
    kind, other = "_".join(kind.casefold().replace("-", " ").split()), clean(other)
    if not colon or kind not in LINK_KINDS or not other:
        raise ValueError(f"the link {text!r} is not readable: write owned_by:NK-1; kinds are {', '.join(LINK_KINDS)}")
    if len(other) > MOST_NAME:
        raise ValueError(f"the link {text[:40]!r}… has a name of {len(other)} characters: at most {MOST_NAME}")
    return EntityLink(kind, other)


@lru_cache(maxsize=1)
def load_country_names() -> None:
    """Build the index of countries' names, which takes a second, now and not while others wait."""
    lookup_territory("Germany")


_NOWHERE = "zz"  # is kept for what has no country, and "Global" in the table of territories


@lru_cache(maxsize=2_000)
def parse_country(text: str) -> str:
    """An ISO code or a country's name, in most languages -> its two-letter code. Raises ValueError."""
    word = clean(text)
    # By code first: the index of names takes a second to build.
    territory = lookup_by_identifier(word) if len(word) <= 3 else None
    is_letter = len(word) == 1 and word.isascii()  # one letter is near to many names: "y" to Italy
    territory = territory or (None if is_letter else lookup_territory(word))
    while territory and len(territory.code) != 2 and territory.parent:
        territory = territory.parent
    if territory is None or len(territory.code) != 2 or territory.code == _NOWHERE:
        raise ValueError(f"the country {word!r} is unknown: write its name, or its two letters as in ru")
    return territory.code


def country_name(code: str) -> str:
    territory = get_territory(code)
    return territory.name if territory else code.upper()
