"""Identifiers of people, firms, vessels and wallets: their kinds, how each is written once and for all, and the check
digits of those that have them.

A mistyped number never matches, and nobody notices: a wrong one is refused, with the reason. python-stdnum checks them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Protocol

from stdnum import bic, exceptions, imo, isin, lei
from stdnum.ru import inn, ogrn

from bot.model import Identifier, Listing
from bot.wallets import checked_wallet, is_wallet, normal_wallet

__all__ = [
    "IDENTIFIER_KINDS", "IDENTIFIER_WORDS", "KIND_WORDS", "LIST_ID", "check_identifier", "identifier_key",
    "identifier_word", "is_of_a_ship", "list_id", "misspelt_number", "normal_number", "numbers_in",
    "numbers_in_name", "parse_identifier", "shared_identifier", "told_identifier",
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

# The words for people: one, many.
IDENTIFIER_WORDS: Mapping[str, tuple[str, str]] = {
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
    LIST_ID: ("id on a list", "ids on lists"),
}

# Equal ones mean one holder all over the world.
_SURE_KINDS = frozenset({"imoNumber", "mmsi", "leiCode", "publicKey", "isin", "innCode", "ogrnCode", "swiftBic"})
_LEAST_NUMBER = 5  # characters of a passport's, tax or registration number that tells more than chance
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
    if re.fullmatch(r"\d[.,]\d+[eE]\+\d+", value):
        raise ValueError(
            f"the identifier {text!r} was shortened by a spreadsheet, and its last digits are lost: format its column "
            "as text"
        )
    # a column of numbers with a gap is one of fractions to many a program
    value = re.sub(r"^(\d{4,})\.0+$", r"\1", value)
    return Identifier(kind, check_identifier(word, value))


def check_identifier(word: str, value: str) -> str:
    """The number as it is written without blanks and prefix. `word` is a key of KIND_WORDS, in lower case: of Russian
    tax numbers only those that are called `inn` have a check digit. Raises ValueError."""
    if len(value) > _MOST:
        raise ValueError(f"the identifier {value[:40]!r}… has {len(value)} characters: at most {_MOST}")
    kind = KIND_WORDS[word]
    if kind in _STANDARD and (number := normal_number(kind, value)):
        return number
    validate = _VALIDATE.get(kind) or _VALIDATE.get(word.removesuffix("code"))
    if validate is None:
        return value
    try:
        return validate(value)
    except exceptions.ValidationError as error:
        raise ValueError(f"the identifier {word}:{value} is wrong: {_told(error)}") from error


def _told(error: exceptions.ValidationError) -> str:
    """Ours say it themselves, the library's are told by their kind."""
    return str(error.args[0]) if error.args else _INVALID.get(type(error), str(error))


def _refuse_mmsi(value: str) -> str:
    raise exceptions.InvalidFormat(f"an MMSI has nine digits, {value} has not")


def _checked_imo(digits: str) -> str:
    if digits.isdecimal() and len(digits) != 7:
        raise exceptions.InvalidLength(f"an IMO number has seven digits, this has {len(digits)}")
    return str(imo.validate(digits))


# What says why a number is refused that cannot be of its kind.
_VALIDATE: Mapping[str, Callable[[str], str]] = {
    "imoNumber": lambda value: _checked_imo(_imo_digits(value)),
    "mmsi": _refuse_mmsi,
    "leiCode": lambda value: str(lei.validate(value)),
    "isin": lambda value: str(isin.validate(value)),
    "swiftBic": lambda value: str(bic.validate(value)),
    "publicKey": checked_wallet,
    "inn": lambda value: str(inn.validate(value)),
    "ogrn": lambda value: str(ogrn.validate(value)),
}


# ---------------------------------------------------------------- one way of writing


def normal_number(kind: str, text: str) -> str:
    """A number as it is written once and for all, so that equal ones are one; "" if it cannot be of its kind. Whether a
    wallet's or an ISIN's checksum is right is not asked: publishers' own numbers count as they are."""
    value = " ".join(text.split()).strip(" .,;:")
    if kind in _STANDARD:
        return _STANDARD[kind](value)
    if kind == "publicKey":
        return normal_wallet(value)
    if kind == "isin":
        return _isin(value)
    return _national(value) if kind in _NATIONAL else value


# Numbers that an authority gave out within a country: their letters and digits count.
_NATIONAL = frozenset({"registrationNumber", "taxNumber", "passportNumber", "idNumber", "serialNumber"})


def _imo_digits(text: str) -> str:
    return re.sub(r"[\s.\-/]", "", re.sub(r"(?i)^imo\W*(no\.?|number)?\W*", "", text.strip()))


def _imo(text: str) -> str:
    """Seven digits, the last of which checks the others. A company's number has weights of its own (8 6 4 2 9 7, then
    10 less the sum modulo 11, modulo 10): both are called IMO numbers, so either is taken."""
    digits = _imo_digits(text)
    if not re.fullmatch(r"[0-9]{7}", digits):
        return ""
    company = sum(int(digit) * weight for digit, weight in zip(digits, (8, 6, 4, 2, 9, 7), strict=False))
    return digits if imo.is_valid(digits) or int(digits[6]) == (11 - company % 11) % 10 else ""


def is_of_a_ship(identifier: Identifier) -> bool:
    """An IMO number that checks as a ship's does, not as a company's."""
    return identifier.kind == "imoNumber" and imo.is_valid(identifier.value)


def _lei(text: str) -> str:
    code = lei.compact(text).replace("-", "")
    return code if code.isascii() and lei.is_valid(code) else ""


def _bic(text: str) -> str:
    """An ending XXX says no more than its absence: the head office."""
    code = re.sub(r"\s", "", text).upper()
    if not re.fullmatch(r"[A-Z]{6}[A-Z0-9]{2}([A-Z0-9]{3})?", code):
        return ""
    return code[:8] if code.endswith("XXX") and len(code) == 11 else code


def _isin(text: str) -> str:
    code = re.sub(r"[\s-]", "", text).upper()
    return code if re.fullmatch(r"[A-Z]{2}[0-9A-Z]{9}[0-9]", code) else ""


def _mmsi(text: str) -> str:
    """Nine digits, without a check digit (ITU-R M.585)."""
    digits = re.sub(r"[\s-]", "", text)
    return digits if re.fullmatch(r"[0-9]{9}", digits) else ""


def _national(text: str) -> str:
    """Letters and digits alone: "71 0588176" and "710588176", "800146749-7" and "8001467497" are one number. An
    aircraft's mark may have no digit ("EP-XYZ")."""
    value = "".join(char for char in text.upper() if char.isalnum())
    is_number = any(char.isdigit() for char in value) or re.fullmatch(r"[A-Z]{1,2}-[A-Z]{3,4}", text.upper())
    return value if 3 <= len(value) <= 40 and is_number else ""


_STANDARD: Mapping[str, Callable[[str], str]] = {
    "imoNumber": _imo, "mmsi": _mmsi, "leiCode": _lei, "swiftBic": _bic,
}  # fmt: skip


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


def list_id(listing: Listing) -> Identifier:
    """Names one listing over all lists."""
    return Identifier(LIST_ID, f"{listing.list}:{listing.uid}")


def identifier_key(identifier: Identifier) -> tuple[str, str]:
    """Equal for one number, however its blanks, dots, dashes and case are written; where case tells (wallets but
    hexadecimal ones, ids on lists), it counts."""
    kind, value = identifier.kind, identifier.value.strip()
    if kind == LIST_ID:
        return kind, value
    if kind == "publicKey":
        return kind, normal_wallet(value) or value
    return kind, (normal_number(kind, value) if kind in _STANDARD else "").casefold() or _bare(value)


def _bare(value: str) -> str:
    return "".join(char for char in value if char.isalnum()).casefold()


def identifier_word(kind: str) -> str:
    """'IMO number'; a kind that has no word of its own stays as it is."""
    return IDENTIFIER_WORDS.get(kind, (kind,))[0]


def told_identifier(identifier: Identifier) -> str:
    """'IMO number 9187629'."""
    return f"{identifier_word(identifier.kind)} {identifier.value}"


# ---------------------------------------------------------------- numbers that somebody looks for

_NAMED_NUMBER = re.compile(
    r"\s*(?P<word>[^\W\d]+)\s*(?:(?:number|no|nr|address|code|id)\b\.?|[#№])?\s*[:#]?\s*(?P<value>\S.*?)\s*",
    re.IGNORECASE,
)
_SOUGHT = tuple(kind for kind in IDENTIFIER_WORDS if kind not in ("serialNumber", LIST_ID))


def numbers_in(text: str) -> Iterator[Identifier]:
    """What identifiers a text may be that somebody looks up: 'IMO 9187629', 'passport: 71 0588123' are of one kind, a
    bare '9187629' or 'X 71-05881' of any that has such numbers. A name is none: no number has a word of three letters.
    """
    text = " ".join(text.split())
    named = _NAMED_NUMBER.fullmatch(text)
    kind = KIND_WORDS.get(named["word"].casefold()) if named else None
    if named and kind and kind != LIST_ID:
        if any(char.isdigit() for char in named["value"]) and (value := normal_number(kind, named["value"])):
            yield Identifier(kind, value)
        return
    has_name = any(len(word) > 2 and not any(char.isdigit() for char in word) for word in text.split())
    if has_name or len(_bare(text)) < _LEAST_NUMBER or not any(char.isdigit() for char in text):
        return
    yield from (Identifier(kind, value) for kind in _SOUGHT if (value := normal_number(kind, text)))


# What is meant as a number of its kind, right or wrong: "IMO Precision 3000" and "BIC Corporation" are names.
_MEANT = {"imoNumber": r"[0-9][0-9\s.\-/]*", "mmsi": r"[0-9][0-9\s-]*", "leiCode": r"(?=.*[0-9])[0-9A-Za-z-]{15,30}"}
_DIGITS = {"imoNumber": ("an IMO number", "seven digits", 7), "mmsi": ("an MMSI", "nine digits", 9)}
_OF_A_LEI = "an LEI", "20 letters and digits", 20


def misspelt_number(text: str) -> tuple[Identifier, str] | None:
    """A number that cannot be of the kind that is named before it, and why: 'IMO 9274447' -> (it, 'its check digit is
    wrong: a digit is mistyped'). None: no such number is in the text, or a right one."""
    named = _NAMED_NUMBER.fullmatch(" ".join(text.split()))
    kind = KIND_WORDS.get(named["word"].casefold(), "") if named else ""
    if named is None or kind not in _MEANT or not re.fullmatch(_MEANT[kind], named["value"]):
        return None
    if normal_number(kind, named["value"]):
        return None
    number = Identifier(kind, _bare(named["value"]).upper())
    what, form, length = _DIGITS.get(kind, _OF_A_LEI)
    if len(number.value) != length:
        return number, f"{what} has {form}, this one has {len(number.value)}"
    return number, _INVALID[exceptions.InvalidChecksum]


# ---------------------------------------------------------------- numbers that stand in a name

_IMO_IN_NAME = re.compile(
    r"[\s,;:(\[–—-]*\bIMO\b[\s:.#№-]*(?:(?:No|Nr|number)\b[\s:.]*)?(?P<digits>[0-9]{7})(?![0-9])[\s,;:)\]–—-]*",
    re.IGNORECASE,
)


def numbers_in_name(name: str) -> tuple[str, tuple[str, ...]]:
    """What somebody wrote as a name, without the numbers that stand in it, and these, to be parsed: 'MT Tavian (IMO
    9187629)' -> ('MT Tavian', ('imo:9187629',)). No article writes the two as one name. Raises ValueError for a number
    alone that cannot be of its kind."""
    if is_wallet(name):
        return "", (f"wallet:{name}",)
    if wrong := misspelt_number(name):
        raise ValueError(f"{told_identifier(wrong[0])}: {wrong[1]}")
    named = _NAMED_NUMBER.fullmatch(name)
    kind = KIND_WORDS.get(named["word"].casefold(), "") if named else ""
    if named and kind in _MEANT and re.fullmatch(_MEANT[kind], named["value"]):
        return "", (f"{kind}:{named['value']}",)
    numbers = tuple(f"imo:{found['digits']}" for found in _IMO_IN_NAME.finditer(name))
    return " ".join(_IMO_IN_NAME.sub(" ", name).split()) if numbers else name, numbers
