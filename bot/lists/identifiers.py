"""Identifiers as lists write them -> Identifier values that compare equal.

What a publisher calls a document decides its kind; a number that cannot be of its kind (an IMO number whose check digit
is wrong) is left out. Coins' labels are not believed: an address counts, whatever coin it is said to be of.
"""

from __future__ import annotations

import re
from functools import lru_cache

from bot.identifiers import normal_number
from bot.model import Identifier

# What documents are called, in order: the first that matches counts. None: it names nobody (a trade, a link, an age).
_LABELS: tuple[tuple[str, str | None], ...] = (
    (r"digital currency address|wallet", "publicKey"),
    (r"\bimo\b|vessel registration identification", "imoNumber"),
    (r"\bmmsi\b|maritime mobile service", "mmsi"),
    (r"legal entity (number|identifier)|\blei\b", "leiCode"),
    (r"swift|\bbic\b", "swiftBic"),
    (r"\bisin\b", "isin"),
    (
        r"chinese commercial code|ticker|d-u-n-s|duns|phone|\bfax|e-?mail|website|\bbik\b|plate|mode s|issuer|\bdate\b"
        r"|\btype\b|\bmodel\b|directive|order \d|linked to|\bflag\b|section",
        None,
    ),
    (r"pass(port|eport)(?!.* issued)", "passportNumber"),
    (r"electoral|driver|pilot|cartilla|citizen'?s card|seafarer", "idNumber"),
    (
        r"tax|fiscal|\bfisc|r\.?f\.?c\b|\bnit\b|\bruc\b|\brif\b|\brtn\b|c\.?u\.?i\.?t\b|v\.?a\.?t\b|c\.?i\.?f\b"
        r"|tribut|\bfein\b|\binn\b|n\.?r\.?p\b|\btin\b|\bcnpj\b|\btrn\b",
        "taxNumber",
    ),
    (r"serial (number|identification)|construction number|\bmsn\b", "serialNumber"),
    (r"tail number|aircraft registration", "registrationNumber"),
    (
        r"regist|company|commerc|mercantil|enterprise|business|trade licen|incorporation|gazette|"
        r"charity|chamber|social credit|\bogrn\b|\bc\.?r\.? no|\blicen[cs]e\b",
        "registrationNumber",
    ),
    (
        r"national id|identi|identity|cedula|c\.?u\.?r\.?p|d\.?n\.?i\b|n\.?i\.?e\b|\bssn\b|social security|"
        r"personal|\bresiden|birth cert|\bid\b|travel document|matricula|military",
        "idNumber",
    ),
)
_COMPILED = tuple((re.compile(pattern, re.IGNORECASE), kind) for pattern, kind in _LABELS)


@lru_cache(maxsize=2_000)
def find_kind(label: str) -> str | None:
    """What a publisher calls a document ("Passport", "Tax ID No.", "Digital Currency Address - XBT") -> its kind."""
    return next((kind for pattern, kind in _COMPILED if pattern.search(label)), None)


def read_identifier(kind: str, text: str) -> Identifier | None:
    """One number, as it is written once and for all; None if it cannot be of its kind."""
    value = normal_number(kind, text)
    return Identifier(kind, value) if value else None


_BEFORE = re.compile(r"(?P<label>[^\W\d_][^\d:#]{1,40}?)\s*(?:[:#]\s*|\s)(?P<number>[\w/.-]*\d.*)")
_BEHIND = re.compile(r"(?P<number>.*\d.*?)\s*\((?P<label>[^()\d]{2,40})\)")


def split_label(number: str) -> tuple[str, str]:
    """(what the cell itself calls the number, the number): "INN: 7701234567" and "7701234567 (INN)" stand among
    registration numbers. ("", number) if it says nothing that is known."""
    for form in (_BEFORE, _BEHIND):
        if (match := form.fullmatch(number)) and find_kind(match["label"]):
            return match["label"], match["number"]
    return "", number


_IMO_TEXT = re.compile(
    r"\bIMO\b\W{0,3}(?:ship\W+)?(?:(?:identification\W+)?(?:number|no|nr|#)\b)?\W{0,4}([0-9]{7})\b", re.I
)


def find_imo_number(text: str) -> Identifier | None:
    """The IMO number in a running text on a ship or a company ("IMO number: 9187629"); None if there are several: they
    are then a fleet's."""
    found = {read_identifier("imoNumber", match[1]) for match in _IMO_TEXT.finditer(text)}
    return found.pop() if len(found) == 1 else None
