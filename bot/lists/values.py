"""Single values as lists write them, and the draft of a listing that collects them. Knows no publisher's form."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from datetime import date
from functools import lru_cache

from rigour.territories import lookup_territory
from rigour.territories.lookup import lookup_by_identifier

from bot.lists.identifiers import find_imo_number, find_kind, read_identifier, split_label
from bot.model import Identifier, Listing, Schema
from bot.text.folding import fold_key

MOST_NAME = 1_000  # characters; the longest real ones, with their explanations, have some 600
MOST_REMARKS = 10_000
_MOST_VALUES = 1_000  # of one kind in one listing; the largest real entry has some 300 names

_MONTHS = {name: number for number, name in enumerate("jan feb mar apr may jun jul aug sep oct nov dec".split(), 1)}


def clean(text: str | None) -> str:
    """One line, without control and invisible characters; None and publishers' words for nothing become ""."""
    if not text:
        return ""
    if not text.isprintable():
        text = "".join(_printed(char) for char in text)
    line = " ".join(text.split())
    return "" if line.casefold() in _NOTHING else line


def _printed(char: str) -> str:
    category = unicodedata.category(char)
    if category in ("Cc", "Zl", "Zp", "Zs"):
        return " "
    return "" if category == "Cs" or char in "\ufeff\u200b\u2060" else char


_NOTHING = frozenset({"-0-", "-", "n/a", "na", "none", "null", "unknown", "not available", "undetermined", "nan"})


def first_last(name: str) -> str:
    """A person's name as people say it: "PISKLIN, Mikhail Yur'evich" -> "Mikhail Yur'evich PISKLIN"."""
    family, comma, given = name.partition(",")
    return " ".join(f"{given} {family}".split()) if comma and given.strip() else name.strip(" ,")


# ---------------------------------------------------------------- days

_ISO = re.compile(r"(\d{4})(?:-(\d{1,2})(?:-(\d{1,2}))?)?(?:T.*|Z)?")
_NUMBERS = re.compile(r"(\d{1,2}|[a-z]{2})/(\d{1,2}|[a-z]{2})/(\d{4})", re.IGNORECASE)
_WORDS = re.compile(r"(?:(\d{1,2})\W{1,2})?([a-z]{3})[a-z]*\W{1,2}(\d{4})", re.IGNORECASE)
_US_WORDS = re.compile(r"([a-z]{3})[a-z]*\W(\d{1,2}),? (\d{4})", re.IGNORECASE)
_YEAR = re.compile(r"(?<!\d)(1[89]\d\d|20\d\d)(?!\d)")


@lru_cache(maxsize=10_000)
def parse_date(text: str, *, is_month_first: bool = False) -> str:
    """A date in ISO form, as exact as it is given: "03 Mar 1980" -> "1980-03-03", "circa 1970" and "dd/mm/1970" ->
    "1970". "" for a span and for what is no date. `is_month_first`: 03/12/1980 is in March."""
    text = re.sub(r"(?i)^(circa|approximately|approx\.?|about|c\.)\s*", "", text.strip())
    if match := _ISO.fullmatch(text):
        return _iso(match[1], match[2], match[3])
    if match := _NUMBERS.fullmatch(text):
        day, month = (match[2], match[1]) if is_month_first else (match[1], match[2])
        return _iso(match[3], month, day)
    if match := _US_WORDS.fullmatch(text):
        return _iso(match[3], str(_MONTHS.get(match[1].lower(), 0)), match[2])
    if match := _WORDS.fullmatch(text):
        return _iso(match[3], str(_MONTHS.get(match[2].lower(), 0)), match[1])
    years = _YEAR.findall(text)
    return years[0] if len(years) == 1 else ""


def iso_date(year: str | None, month: str | None, day: str | None) -> str:
    """Parts as attributes or elements hold them -> ISO, as exact as they are; "" without a year."""
    return _iso(year or "", month, day)


def _iso(year: str, month: str | None, day: str | None) -> str:
    """Zero and letters stand for an unknown part ("00/00/1975", "dd/mm/1975"); an impossible one is left out."""
    if not re.fullmatch(r"[1-9]\d{3}", year):
        return ""
    parts = [int(part) if part and part.strip().isascii() and part.strip().isdigit() else 0 for part in (month, day)]
    if not 1 <= parts[0] <= 12:
        return year
    try:
        return date(int(year), parts[0], parts[1]).isoformat() if parts[1] else f"{year}-{parts[0]:02}"
    except ValueError:
        return f"{year}-{parts[0]:02}"


_SHORT_YEAR = re.compile(r"(?P<day>\d{1,2}([./-])\d{1,2}\2)(?P<year>\d{2})")
_YOUNGEST = 24  # who was born in a later year of this century is in no table of parties


def birth_dates(text: str) -> tuple[str, ...]:
    """The day that a cell tells, in ISO form, as exact as it is: both where it may be 7 October or 10 July, as nobody
    may be cleared by how a spreadsheet writes dates; so of a year of two digits, 1905 or 2005. () for what is no date.
    """
    if short := _SHORT_YEAR.fullmatch(text):
        centuries = ("19", "20") if int(short["year"]) <= _YOUNGEST else ("19",)
        return tuple(sorted({day for one in centuries for day in birth_dates(f"{short['day']}{one}{short['year']}")}))
    year_first = re.fullmatch(r"(\d{4})[-./](\d{1,2})(?:[-./](\d{1,2})(?:[T ].*)?)?", text)
    text = "-".join(filter(None, year_first.groups())) if year_first else re.sub(r"(?<=\d)[.-](?=\d)", "/", text)
    days = {parse_date(text), parse_date(text, is_month_first=True)}
    exact = max(map(len, days))
    return tuple(sorted(day for day in days if day and len(day) == exact))


def parse_day(text: str | None) -> date | None:
    """A whole day, or None."""
    found = parse_date(clean(text)) if text else ""
    return date.fromisoformat(found) if len(found) == 10 else None


# ---------------------------------------------------------------- countries

_NO_COUNTRY = re.compile(r"(?i)^(region|stateless|various|unknown|multiple|international|00$|xx$|zz$)")
# Names that no table of countries has.
_COUNTRIES = {
    "palestinian": "ps", "gaza": "ps", "west bank": "ps", "burma": "mm", "cote d ivoire": "ci", "uae": "ae",
    "the gambia": "gm", "democratic people s republic of korea": "kp", "dprk": "kp", "uk": "gb", "england": "gb",
    "cocos keeling islands": "cc", "holy see": "va", "swaziland": "sz", "macau": "mo",
}  # fmt: skip


@lru_cache(maxsize=5_000)
def parse_country(text: str) -> str:
    """A country's name or code -> ISO 3166-1 alpha-2, lower case; "" if it is none."""
    word = clean(text).strip(" .;")
    if not word or len(word) > 80 or _NO_COUNTRY.match(word):
        return ""
    if known := _COUNTRIES.get(fold_key(word)):
        return known
    territory = lookup_by_identifier(word) if len(word) <= 3 else None
    territory = territory or lookup_territory(word)
    if territory is None and "," in word:
        territory = lookup_territory(first_last(word))  # "Korea, North"
    while territory and len(territory.code) != 2 and territory.parent:
        territory = territory.parent
    return territory.code if territory and len(territory.code) == 2 else ""


# ---------------------------------------------------------------- a listing while it is collected


_LONGEST_NUMBER = 200  # characters, with what is said of it: to read a longer cell takes the square of its length
_COUNTRY_BEHIND = re.compile(r"(.*\d.*?)\s*\(([^()\d]+)\)")  # "RE0000020 (Iran)"


class Draft:
    """A listing while its parts are found, in any order, in one row or in many. Values that say nothing are dropped."""

    __slots__ = (
        "_aliases", "_birth_dates", "_caption", "_countries", "_identifiers", "_programmes", "_provisions", "_remarks",
        "_weak", "delisted_on", "list", "listed_on", "schema", "uid", "url",
    )  # fmt: skip

    def __init__(self, list_key: str, uid: str, schema: Schema) -> None:
        self.list, self.uid, self.schema = list_key, clean(uid), schema
        self.url = ""
        self.listed_on: date | None = None
        self.delisted_on: date | None = None
        self._caption = ""
        self._aliases: dict[str, None] = {}
        self._weak: dict[str, None] = {}
        self._countries: dict[str, None] = {}
        self._programmes: dict[str, None] = {}
        self._provisions: dict[str, None] = {}
        self._identifiers: dict[Identifier, None] = {}
        self._birth_dates: dict[str, None] = {}
        self._remarks: dict[str, None] = {}

    @classmethod
    def of_kind(cls, list_key: str, uid: str, kind: str, schemas: Mapping[str, Schema]) -> Draft:
        """Raises ValueError for a kind of entry that there was none of before."""
        schema = schemas.get(clean(kind).casefold())
        if schema is None:
            raise ValueError(f"the entry {uid} is of the unknown type {kind!r}")
        return cls(list_key, uid, schema)

    @property
    def is_person(self) -> bool:
        return self.schema is Schema.PERSON

    def add_name(self, text: str | None, *, is_primary: bool = False, is_weak: bool = False) -> None:
        """A name as it is said (family name last). The first primary one is the caption."""
        name = clean(text).strip(" ;")
        if not name or len(name) > MOST_NAME or not any(char.isalnum() for char in name):
            return
        if is_primary and not self._caption:
            self._caption = name
        elif is_weak:
            _put(self._weak, name)
        else:
            _put(self._aliases, name)

    def add_countries(self, *texts: str | None) -> None:
        for text in texts:
            if text and (code := parse_country(text)):
                _put(self._countries, code)

    def add_programmes(self, *texts: str | None) -> None:
        for text in texts:
            _put(self._programmes, clean(text))

    def add_provisions(self, *texts: str | None) -> None:
        for text in texts:
            _put(self._provisions, clean(text))

    def add_birth_date(self, iso: str) -> None:
        _put(self._birth_dates, iso)

    def add_identifiers(self, *identifiers: Identifier | None) -> None:
        for identifier in identifiers:
            if identifier and len(self._identifiers) < _MOST_VALUES:
                self._identifiers[identifier] = None

    def add_document(self, label: str | None, number: str | None, country: str | None = None) -> bool:
        """A document as a publisher calls it. False: its kind names nobody, or its number cannot be right."""
        if len(number := clean(number)) > _LONGEST_NUMBER:
            return False
        own, number = split_label(number)
        if (behind := _COUNTRY_BEHIND.fullmatch(number)) and parse_country(behind[2]):
            number, country = behind[1], country or behind[2]
        kind = find_kind(clean(label))
        kind = find_kind(own) if kind and own else kind
        if kind and kind != "imoNumber" and re.match(r"IMO\W*\d", number or ""):
            kind = "imoNumber"  # OFAC has "Identification Number IMO 5342883"
        found = read_identifier(kind, clean(number)) if kind else None
        if found is None and kind == "leiCode":
            found = read_identifier("registrationNumber", clean(number))  # OFAC calls other registers' numbers so too
        self.add_identifiers(found)
        if found:
            self.add_countries(country)
        return found is not None

    def add_imo_of(self, text: str) -> None:
        """The IMO number that a text tells of this ship or company; a person's remarks may tell of a yacht."""
        if not self.is_person:
            self.add_identifiers(find_imo_number(text))

    def add_remarks(self, *texts: str | None) -> None:
        for text in texts:
            _put(self._remarks, clean(text))

    def listing(self) -> Listing:
        """Raises ValueError if it has no id or no name."""
        aliases = list(self._aliases)
        caption = self._caption or (aliases[0] if aliases else next(iter(self._weak), ""))
        if not self.uid:
            raise ValueError(f"it has no id (its name is {caption or 'missing too'})")
        if not caption:
            raise ValueError(f"the entry {self.uid} has no name, or one of more than {MOST_NAME} characters")
        remarks = "; ".join(self._remarks)
        return Listing(
            list=self.list,
            uid=self.uid,
            schema=self.schema,
            caption=caption,
            aliases=tuple(name for name in aliases if name != caption),
            weak_aliases=tuple(name for name in self._weak if name != caption and name not in self._aliases),
            countries=tuple(self._countries),
            programmes=tuple(self._programmes),
            provisions=tuple(self._provisions),
            identifiers=tuple(self._identifiers),
            birth_dates=tuple(self._birth_dates),
            listed_on=self.listed_on,
            delisted_on=self.delisted_on,
            remarks=remarks if len(remarks) <= MOST_REMARKS else f"{remarks[: MOST_REMARKS - 1]}…",
            url=self.url,
        )


def _put(values: dict[str, None], value: str) -> None:
    if value and len(values) < _MOST_VALUES:
        values[value] = None


def join_name(*parts: str | None) -> str:
    return " ".join(word for part in parts if (word := clean(part)))


_BETWEEN_ALIASES = re.compile(r"\s*[;\n]\s*|\s*,\s+(?!(?:Inc|Ltd|LLC|Co|Corp|S\.?A|JSC|OOO|OAO|PJSC|Jr|Sr)\b)|\s+or\s+")
_QUOTES = "\"'“”‘’«» "


def split_aliases(text: str) -> list[str]:
    """The names of a cell that has several: by semicolons, lines, "or", and commas that no legal form follows."""
    return [alias for part in _BETWEEN_ALIASES.split(text) if (alias := part.strip(_QUOTES))]


def earliest(days: Iterable[date | None]) -> date | None:
    return min((day for day in days if day), default=None)
