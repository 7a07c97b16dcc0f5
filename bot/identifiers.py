"""Identifiers of people, firms, vessels and wallets: their kinds, and the check digits of those that have them.

A mistyped number never matches, and nobody notices: a wrong one is refused, with the reason. python-stdnum checks them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Protocol

from stdnum import bic, bitcoin, exceptions, imo, isin, lei
from stdnum.ru import inn, ogrn

from bot.model import Identifier

__all__ = [
    "IDENTIFIER_KINDS", "KIND_WORDS", "LIST_ID", "check_identifier", "identifier_key", "parse_identifier",
    "shared_identifier",
]  # fmt: skip

LIST_ID = "listId"  # the kind of identifier that names an entry on a list: "us_ofac_sdn:22603"

# FollowTheMoney's property names (followthemoney.tech/explorer) and `listId`, an entry on an official list; and what
# people write instead.
IDENTIFIER_KINDS = (
    "imoNumber", "mmsi", "leiCode", "registrationNumber", "taxNumber", "passportNumber", "publicKey", "isin",
    "swiftBic", LIST_ID,
)  # fmt: skip
KIND_WORDS: Mapping[str, str] = {kind.casefold(): kind for kind in IDENTIFIER_KINDS} | {
    "imo": "imoNumber", "lei": "leiCode", "registration": "registrationNumber", "ogrn": "registrationNumber",
    "ogrncode": "registrationNumber", "tax": "taxNumber", "inn": "taxNumber", "inncode": "taxNumber",
    "passport": "passportNumber", "wallet": "publicKey", "address": "publicKey",
    "bic": "swiftBic", "swift": "swiftBic", "list": "listId", "list_id": "listId",
}  # fmt: skip

# Equal ones mean one holder all over the world.
_SURE_KINDS = frozenset({"imoNumber", "mmsi", "leiCode", "publicKey", "isin", "innCode", "ogrnCode", "swiftBic"})
_LEAST_NUMBER = 5  # characters of a passport's, tax or registration number that tells more than chance
_FILLERS = re.compile(r"[\s.\-/]+")
_MOST = 200  # characters; a Monero address has 95
_INVALID = {
    exceptions.InvalidChecksum: "its check digit is wrong: a digit is mistyped",
    exceptions.InvalidLength: "it is too long or too short",
    exceptions.InvalidFormat: "it is not of the form that such numbers have",
    exceptions.InvalidComponent: "a part of it does not exist",
}


def parse_identifier(text: str) -> Identifier:
    """`imoNumber:9187629`. Raises ValueError that says what is wrong."""
    word, colon, value = text.partition(":")
    word, value = word.strip().casefold(), " ".join(value.split())
    kind = KIND_WORDS.get(word)
    if not colon or kind is None or not value:
        raise ValueError(
            f"the identifier {text!r} is not readable: write imoNumber:9187629; kinds are {', '.join(IDENTIFIER_KINDS)}"
        )
    return Identifier(kind, check_identifier(word, value))


def check_identifier(word: str, value: str) -> str:
    """The number as it is written without blanks and prefix. `word` is a key of KIND_WORDS, in lower case: of Russian
    tax numbers only those that are called `inn` have a check digit. Raises ValueError."""
    if len(value) > _MOST:
        raise ValueError(f"the identifier {value[:40]!r}… has {len(value)} characters: at most {_MOST}")
    validate = _VALIDATE.get(KIND_WORDS[word]) or _VALIDATE.get(word.removesuffix("code"))
    if validate is None:
        return value
    try:
        return validate(value)
    except exceptions.ValidationError as error:
        raise ValueError(f"the identifier {word}:{value} is wrong: {_INVALID.get(type(error), str(error))}") from error


def _mmsi(value: str) -> str:
    """Nine digits, without a check digit (ITU-R M.585)."""
    digits = re.sub(r"[\s-]", "", value)
    if not re.fullmatch(r"[0-9]{9}", digits):
        raise exceptions.InvalidFormat("an MMSI has nine digits")
    return digits


def _wallet(value: str) -> str:
    """Bitcoin's addresses have a checksum, Ethereum's a form; there are hundreds of other kinds."""
    if value.startswith("0x"):
        if not re.fullmatch(r"0x[0-9a-fA-F]{40}", value):
            raise exceptions.InvalidFormat("an Ethereum address has 40 hexadecimal digits after 0x")
        return value
    if re.fullmatch(r"(?:bc1[0-9ac-hj-np-z]{11,71}|[13][1-9A-HJ-NP-Za-km-z]{25,34})", value):
        return str(bitcoin.validate(value))
    return value


def _imo(value: str) -> str:
    return str(imo.validate(re.sub(r"(?i)^\s*imo\s*", "", value)))


_VALIDATE: Mapping[str, Callable[[str], str]] = {
    "imoNumber": _imo,
    "mmsi": _mmsi,
    "leiCode": lambda value: str(lei.validate(value)),
    "isin": lambda value: str(isin.validate(value)),
    "swiftBic": lambda value: str(bic.validate(value)),
    "publicKey": _wallet,
    "inn": lambda value: str(inn.validate(value)),
    "ogrn": lambda value: str(ogrn.validate(value)),
}


# ---------------------------------------------------------------- one holder


class Holder(Protocol):
    """An entity, an entry on a list, or whatever of them is compared."""

    @property
    def countries(self) -> Sequence[str]: ...
    @property
    def identifiers(self) -> Sequence[Identifier]: ...


def shared_identifier(one: Holder, other: Holder) -> Identifier | None:
    """A number that both have, as `one` has it. Those that only one country's office gives out count where no country
    speaks against. Ids on lists do not count: they name an entry."""
    theirs = {identifier_key(identifier) for identifier in other.identifiers}
    apart = one.countries and other.countries and not set(one.countries) & set(other.countries)
    for identifier in one.identifiers:
        kind, value = identifier_key(identifier)
        is_sure = kind in _SURE_KINDS or (len(value) >= _LEAST_NUMBER and not apart)
        if kind != LIST_ID and is_sure and (kind, value) in theirs:
            return identifier
    return None


def identifier_key(identifier: Identifier) -> tuple[str, str]:
    """Equal for one number, however its blanks, dots, dashes and case are written; a wallet's case tells."""
    value = identifier.value.strip()
    value = value if identifier.kind in ("publicKey", LIST_ID) else _FILLERS.sub("", value).casefold()
    return identifier.kind, value.removeprefix("imo") if identifier.kind == "imoNumber" else value
