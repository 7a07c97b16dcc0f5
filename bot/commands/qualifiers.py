"""lookup NAME born 1975 country RU: what is asked beside the name, in the words of a person.

`born 2 Mar 1975` and `country Russia` stand behind the name, in any order, or as `watch add` writes it: `| born=1975
country=ru`. What cannot be read is refused and not taken for a part of the name: a name with a misspelt country behind
it would be found nowhere, which looks like an all-clear.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date

from bot.commands.asking import cmd
from bot.counted import joined, shortened
from bot.errors import CommandError
from bot.lists.values import birth_dates
from bot.lookups.found import Query
from bot.watchlist import country_name, parse_country

__all__ = ["Asked", "split_qualifiers"]

_BORN = "birth_date", "birthdate", "date_of_birth", "dob", "born on", "born in", "born"
_COUNTRY = "countries", "country", "nationality"
_MARK = re.compile(
    rf"(?<![^\s|;,])(?P<word>{'|'.join(_BORN)}|{'|'.join(_COUNTRY)}|on(?=\s+[0-9]))(?:\s*(?P<sign>[=:])\s*|\s+|$)",
    re.IGNORECASE,
)
_QUOTED = re.compile(r'\s*["“„«](?P<name>[^"“”„«»]+)["”“»]\s*(?P<rest>.*)', re.DOTALL)
_MONTHS = re.compile(r"(?i)(jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*")
_ABOUT = re.compile(r"(?i)^(?:circa|about|approximately|approx\.?|around|c\.)\s*")
ORDINAL = re.compile(r"(?i)(?<=\d)(?:st|nd|rd|th)\b")
_BETWEEN = " |;,\n"
_EARLIEST = 1850


@dataclass(frozen=True, slots=True)
class Asked:
    """`name` keeps an "on 2024-05-01" behind it. `birth_dates` in ISO form, both where a date may be read in two ways;
    `countries` as codes."""

    name: str
    birth_dates: tuple[str, ...] = ()
    countries: tuple[str, ...] = ()
    other_names: tuple[str, ...] = ()  # of the same party, which stood beside the name: looked up too

    @property
    def is_qualified(self) -> bool:
        return bool(self.birth_dates or self.countries)

    def query(self, threshold: float) -> Query:
        return Query(self.name, countries=self.countries, birth_dates=self.birth_dates, threshold=threshold)

    def __str__(self) -> str:
        """'born 1975, country Russia', "" if there is nothing beside the name."""
        born = [f"born {' or '.join(self.birth_dates)}"] if self.birth_dates else []
        names = joined([country_name(code) for code in self.countries])
        word = "country" if len(self.countries) == 1 else "countries"
        return ", ".join([*born, *([f"{word} {names}"] if names else [])])


def split_qualifiers(words: str, today: date) -> Asked:
    """'Ivan Petrov born 1975 country RU' -> the name, the birth dates, the countries. What stands in quotation marks is
    name alone. Raises CommandError for a date or a country that is none, and for a name that is missing."""
    quoted = _QUOTED.fullmatch(words)
    name, rest = (quoted["name"], quoted["rest"]) if quoted else ("", words)
    told = _told(rest, has_name=bool(quoted))
    if quoted and rest and not (told and not rest[: told[0][0].start()].strip(_BETWEEN)):
        name, rest, told = "", words, _told(words, has_name=False)  # words of the name stand beside what is quoted
    born: dict[str, None] = {}
    countries: dict[str, None] = {}
    day = ""
    for mark, value in told:
        word = mark["word"].casefold()
        if word == "on":
            day = f" on {value}"
        elif word in _BORN:
            born |= dict.fromkeys(_read_birth(value, today))
        else:
            countries |= dict.fromkeys(_read_countries(value))
    name = name or (rest[: told[0][0].start()].strip(_BETWEEN) if told else rest)
    if not name and (born or countries):
        raise CommandError(f"Whom? Put the name first: {cmd('lookup NAME born 1975 country RU')}")
    return Asked(f"{name}{day}", tuple(born), tuple(countries))


def _told(text: str, *, has_name: bool) -> list[tuple[re.Match[str], str]]:
    """Each mark with what is told behind it. "Max Born Institute" and "Cross Country Healthcare" are names: a word with
    a capital is a mark only before a date, which has a digit, or a country. No name has a "dob". Where a name is
    missing, "born 1975" is one neither."""
    marks = list(_MARK.finditer(text))
    if marks and not (has_name or marks[0]["sign"] or text[: marks[0].start()].strip(_BETWEEN)):
        first, *others = _valued(marks, text)
        marks = marks if _is_no_name(*first) else [mark for mark, _ in others]
    kept = [one for one in _valued(marks, text) if _is_meant(*one)]
    is_asked = has_name or any(mark["word"].casefold() != "on" for mark, _ in kept)
    return _valued([mark for mark, _ in kept], text) if is_asked else []


def _valued(marks: list[re.Match[str]], text: str) -> list[tuple[re.Match[str], str]]:
    ends = [*(mark.start() for mark in marks[1:]), len(text)]
    return [(mark, text[mark.end() : end].strip(_BETWEEN)) for mark, end in zip(marks, ends, strict=False)]


def _is_meant(mark: re.Match[str], value: str) -> bool:
    word = mark["word"]
    if mark["sign"] or word == "on":
        return True
    if word.casefold() in _BORN:
        if word.casefold() not in ("born", "born on", "born in"):
            return True
        return any(char.isdigit() for char in value) or (word.islower() and value != "")
    return word.islower() or _country_of(value) != ""


def _is_no_name(mark: re.Match[str], value: str) -> bool:
    """Of a mark before which no name stands."""
    if mark["word"].casefold() in _BORN:
        return bool(_dates_in(value))
    return mark["word"].islower() and mark["word"] != "on" and _country_of(value) != ""


def _dates_in(text: str) -> tuple[str, ...]:
    """() if anything else stands there."""
    told = [ORDINAL.sub("", _ABOUT.sub("", one)) for one in re.split(r"\s+or\s+", text)]
    is_date = all(_MONTHS.fullmatch(word) for one in told for word in re.findall(r"[^\W\d_]+", one))
    return tuple(day for one in told for day in birth_dates(one)) if is_date else ()


def _read_birth(text: str, today: date) -> tuple[str, ...]:
    found = _dates_in(text)
    if not found or not all(_EARLIEST <= int(day[:4]) <= today.year for day in found):
        what = f"“{shortened(text, 40)}” is no birth date" if text else "Which birth date is missing"
        raise CommandError(
            f"{what}. Send a year or a day: {cmd('lookup NAME born 1975')}, "
            f"{cmd('lookup NAME born 1975-03-02')} or {cmd('lookup NAME born 2 Mar 1975')}. {_QUOTE_IT}"
        )
    return found


def _read_countries(text: str) -> tuple[str, ...]:
    whole = _country_of(text)
    codes = [whole] if whole else [_country_of(part) for part in re.split(r"[,;/|]|\s+(?:and|or)\s+", text)]
    if not all(codes):
        what = f"“{shortened(text, 40)}” is no country that is known" if text else "Which country is missing"
        raise CommandError(f"{what}. Send its name or its two letters: {cmd('lookup NAME country RU')}. {_QUOTE_IT}")
    return tuple(codes)


def _country_of(text: str) -> str:
    try:
        return parse_country(text)
    except ValueError:
        return ""


_QUOTE_IT = f"If it belongs to the name, put the name in quotation marks: {cmd('lookup “NAME”')}"
