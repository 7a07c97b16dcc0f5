"""Whom somebody tracks, and what official lists say of whom."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum


class Schema(StrEnum):
    """FollowTheMoney's kinds of entity, those that sanctions name (followthemoney.tech/explorer)."""

    PERSON = "Person"
    COMPANY = "Company"
    ORGANIZATION = "Organization"
    PUBLIC_BODY = "PublicBody"
    LEGAL_ENTITY = "LegalEntity"
    VESSEL = "Vessel"
    AIRPLANE = "Airplane"
    CRYPTO_WALLET = "CryptoWallet"


# The kinds as they are told; a watchlist and `watch edit` read each, too.
KINDS = {
    Schema.PERSON: "person", Schema.COMPANY: "company", Schema.ORGANIZATION: "organisation",
    Schema.PUBLIC_BODY: "public body", Schema.LEGAL_ENTITY: "legal entity", Schema.VESSEL: "vessel",
    Schema.AIRPLANE: "aircraft", Schema.CRYPTO_WALLET: "crypto wallet",
}  # fmt: skip
# One is often filed as another of these.
ORGANISATIONS = frozenset({Schema.COMPANY, Schema.ORGANIZATION, Schema.PUBLIC_BODY})


@dataclass(frozen=True, slots=True)
class Identifier:
    """An identifier that names one thing in the world. `kind` is FollowTheMoney's property name:
    imoNumber, mmsi, leiCode, registrationNumber, taxNumber, passportNumber, publicKey (a wallet's address), isin."""

    kind: str
    value: str


@dataclass(frozen=True, slots=True)
class Entity:
    """Somebody or something that is tracked. `key` is unique in a watchlist; `weak_aliases` never match alone."""

    key: str
    schema: Schema
    caption: str
    aliases: tuple[str, ...] = ()
    weak_aliases: tuple[str, ...] = ()
    countries: tuple[str, ...] = ()  # ISO 3166-1 alpha-2, lower case
    topics: tuple[str, ...] = ()
    identifiers: tuple[Identifier, ...] = ()
    notes: str = ""
    watchlist: str = "main"  # the named watchlist that it stands on
    links: tuple[EntityLink, ...] = ()

    def __hash__(self) -> int:  # of all fields it would take longer than what is remembered of an entity saves
        return hash(self.key)


@dataclass(frozen=True, slots=True)
class EntityLink:
    """How another stands to an entity. `kind`: owned_by, owns, director, director_of, family, associate, part_of,
    successor_of, linked_to. `other`: an entity's key, or a name where nobody tracked is meant."""

    kind: str
    other: str


@dataclass(frozen=True, slots=True)
class Listing:
    """An entry on an official list, as its publisher has it. `list` and `uid` (the publisher's own id) name it."""

    list: str  # key of bot.lists.LISTS: "us_ofac_sdn"
    uid: str  # "22603", "RUS1234", "QDi.006", "EU.27.28"
    schema: Schema
    caption: str
    aliases: tuple[str, ...] = ()
    weak_aliases: tuple[str, ...] = ()
    countries: tuple[str, ...] = ()  # ISO 3166-1 alpha-2, lower case: nationality, registration, flag, address
    programmes: tuple[str, ...] = ()  # as the publisher writes them: "DPRK3", "RUSSIA-EO14024"
    provisions: tuple[str, ...] = ()  # asset freeze, travel ban …, where the list tells
    identifiers: tuple[Identifier, ...] = ()
    birth_dates: tuple[str, ...] = ()  # ISO, as exact as known: "1970", "1970-01", "1970-01-31"
    listed_on: date | None = None  # only where the list tells
    delisted_on: date | None = None  # for lists that keep delisted entries (SECO)
    remarks: str = ""
    url: str = ""  # the entry's own page, where there is one
