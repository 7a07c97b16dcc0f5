"""Identifiers as lists write them -> Identifier values that compare equal.

What a publisher calls a document decides its kind; a number that cannot be of its kind (an IMO number whose check digit
is wrong) is left out. Coins' labels are not believed: an address counts, whatever coin it is said to be of.
"""

from __future__ import annotations

import re
from functools import lru_cache

from bot.model import Identifier

# Kinds are FollowTheMoney's property names. The words are for people: one, many.
IDENTIFIER_WORDS = {
    "imoNumber": ("IMO number", "IMO numbers"),
    "mmsi": ("MMSI", "MMSIs"),
    "leiCode": ("LEI", "LEIs"),
    "swiftBic": ("BIC", "BICs"),
    "isin": ("ISIN", "ISINs"),
    "publicKey": ("wallet", "wallets"),
    "registrationNumber": ("registration number", "registration numbers"),
    "taxNumber": ("tax number", "tax numbers"),
    "passportNumber": ("passport", "passports"),
    "idNumber": ("identity number", "identity numbers"),
    "serialNumber": ("serial number", "serial numbers"),
}

# Numbers that an authority gave out within a country: their letters and digits count.
_NATIONAL = frozenset({"registrationNumber", "taxNumber", "passportNumber", "idNumber", "serialNumber"})

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


def parse_identifier(kind: str, text: str) -> Identifier | None:
    """One number, normalised; None if it cannot be of its kind."""
    value = " ".join(text.split()).strip(" .,;:")
    if kind in ("imoNumber", "mmsi", "leiCode", "swiftBic", "isin"):
        value = _STANDARD[kind](value)
    elif kind == "publicKey":
        value = _wallet(value)
    elif kind in _NATIONAL:
        value = _national(value)
    return Identifier(kind, value) if value else None


def _imo(text: str) -> str:
    """Seven digits; the last is the sum of the others times 7 to 2, modulo 10. A company's number has weights of its
    own (8 6 4 2 9 7, then 10 less the sum modulo 11, modulo 10): both are called IMO numbers, so either is taken."""
    digits = re.sub(r"(?i)^imo\W*(no\.?|number)?\W*", "", text)
    if not re.fullmatch(r"[0-9]{7}", digits):
        return ""
    numbers = [int(digit) for digit in digits]
    ship = sum(number * weight for number, weight in zip(numbers, range(7, 1, -1), strict=False)) % 10
    company = (11 - sum(n * w for n, w in zip(numbers, (8, 6, 4, 2, 9, 7), strict=False)) % 11) % 10
    return digits if numbers[6] in (ship, company) else ""


def _lei(text: str) -> str:
    """ISO 17442: 18 letters and digits and two check digits, the whole modulo 97 is 1."""
    code = re.sub(r"[\s-]", "", text).upper()
    if not re.fullmatch(r"[0-9A-Z]{18}[0-9]{2}", code):
        return ""
    return code if int("".join(str(int(char, 36)) for char in code)) % 97 == 1 else ""


def _bic(text: str) -> str:
    code = re.sub(r"\s", "", text).upper()
    if not re.fullmatch(r"[A-Z]{6}[A-Z0-9]{2}([A-Z0-9]{3})?", code):
        return ""
    return code[:8] if code.endswith("XXX") and len(code) == 11 else code


def _isin(text: str) -> str:
    code = re.sub(r"[\s-]", "", text).upper()
    return code if re.fullmatch(r"[A-Z]{2}[0-9A-Z]{9}[0-9]", code) else ""


def _mmsi(text: str) -> str:
    digits = re.sub(r"\D", "", text)
    return digits if len(digits) == 9 else ""


_STANDARD = {"imoNumber": _imo, "leiCode": _lei, "swiftBic": _bic, "isin": _isin, "mmsi": _mmsi}


def _wallet(text: str) -> str:
    """Base58 tells capitals apart, hexadecimal and Bech32 do not (EIP-55, BIP-173)."""
    address = re.sub(r"\s", "", text)
    if not re.fullmatch(r"[0-9A-Za-z:_.]{20,150}", address):
        return ""
    return address.lower() if re.match(r"(?i)0x[0-9a-f]{40}$|(bc1|ltc1|bitcoincash:)", address) else address


def _national(text: str) -> str:
    """Letters and digits alone: "71 0588176" and "710588176", "800146749-7" and "8001467497" are one number. An
    aircraft's mark may have no digit ("EP-XYZ")."""
    value = "".join(char for char in text.upper() if char.isalnum())
    is_number = any(char.isdigit() for char in value) or re.fullmatch(r"[A-Z]{1,2}-[A-Z]{3,4}", text.upper())
    return value if 3 <= len(value) <= 40 and is_number else ""


_IMO_TEXT = re.compile(
    r"\bIMO\b\W{0,3}(?:ship\W+)?(?:(?:identification\W+)?(?:number|no|nr|#)\b)?\W{0,4}([0-9]{7})\b", re.I
)


def find_imo_number(text: str) -> Identifier | None:
    """The IMO number in a running text on a ship or a company ("IMO number: 9187629"); None if there are several: they
    are then a fleet's."""
    found = {parse_identifier("imoNumber", match[1]) for match in _IMO_TEXT.finditer(text)}
    return found.pop() if len(found) == 1 else None
