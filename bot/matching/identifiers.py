"""The identifiers that name an entity in a text: IMO numbers, wallets and what else a watchlist says.

How they are compared with those of lists, and which are refused, is bot/identifiers.py's.
"""

from __future__ import annotations

import re

from stdnum import imo

from bot.model import Entity
from bot.wallets import is_caseless, is_wallet

_IMO = re.compile(r"^\s*(?:IMO\s*(?:number|no\.?|#)?:?\s*)(\d{7})\s*$", re.IGNORECASE)
MIN_IDENTIFIER = 6  # shorter ones are years, amounts and flight numbers
_SHORTEST_WALLET = 25  # characters


def is_imo_number(digits: str) -> bool:
    """Seven digits, the last of which checks the others."""
    return len(digits) == 7 and imo.is_valid(digits)


def written_key(value: str) -> str:
    """The same for two writings of one identifier. Of long ones, which are wallets, some tell capitals apart."""
    value = value.strip()
    return value.upper() if is_caseless(value) or len(value) < _SHORTEST_WALLET else value


def identifiers_of(entity: Entity) -> tuple[str, ...]:
    """The identifiers that name this entity in a text: of its `identifiers`, and names that are one themselves."""
    found: dict[str, None] = {}
    for identifier in entity.identifiers:
        value = re.sub(r"[\s.\-/]", "", identifier.value.removeprefix("IMO"))
        if len(value) >= MIN_IDENTIFIER and any(char.isdigit() for char in value):
            found[written_key(value)] = None
    for name in (entity.caption, *entity.aliases, *entity.weak_aliases):
        if imo := _IMO.match(name):
            found[imo.group(1)] = None
        elif is_wallet(name.strip()):
            found[written_key(name)] = None
    return tuple(found)


def is_identifier(name: str) -> bool:
    """Is a name an identifier itself: "IMO 9116412", a wallet's address?"""
    return _IMO.match(name) is not None or is_wallet(name.strip())
