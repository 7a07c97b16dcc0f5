"""What is asked beside a name: read in the words of a person, or refused, and what it makes of a score."""

from __future__ import annotations

from datetime import date

import pytest

from bot.commands.past import split_day
from bot.commands.qualifiers import split_qualifiers
from bot.errors import CommandError
from bot.lookups import DEFAULT_THRESHOLD, Named, compare_names
from bot.lookups.features import features_of, weighed
from bot.model import Schema

TODAY = date(2026, 11, 29)
MARCH = ("1975-03-02",)


@pytest.mark.parametrize(
    ("words", "name", "born", "countries"),
    [
        ("Ivan Petrov", "Ivan Petrov", (), ()),
        ("Ivan Petrov born 1975 country RU", "Ivan Petrov", ("1975",), ("ru",)),
        ("Ivan Petrov country Russia born 1975", "Ivan Petrov", ("1975",), ("ru",)),
        ("Ivan Petrov | born=1975 country=ru", "Ivan Petrov", ("1975",), ("ru",)),
        ("Ivan Petrov, born 2 March 1975, nationality Russia", "Ivan Petrov", MARCH, ("ru",)),
        ("Ivan Petrov born on March 2nd, 1975", "Ivan Petrov", MARCH, ()),
        ("Ivan Petrov dob: 1975-03-02", "Ivan Petrov", MARCH, ()),
        ("Ivan Petrov born Mar 1975", "Ivan Petrov", ("1975-03",), ()),
        ("Ivan Petrov born 1975-03", "Ivan Petrov", ("1975-03",), ()),
        ("Ivan Petrov born circa 1975", "Ivan Petrov", ("1975",), ()),
        ("Ivan Petrov born 02/03/1975", "Ivan Petrov", ("1975-02-03", "1975-03-02"), ()),
        ("Kim country Korea, North", "Kim", (), ("kp",)),
        ("Petrov country ru, by", "Petrov", (), ("ru", "by")),
        ("Ли country Россия", "Ли", (), ("ru",)),
        ("Ivan Petrov Country Russia", "Ivan Petrov", (), ("ru",)),
        ("Ivan Petrov born 1975 on 2024-05-01", "Ivan Petrov on 2024-05-01", ("1975",), ()),
        ("Ivan Petrov on 2024-05-01 born 1975", "Ivan Petrov on 2024-05-01", ("1975",), ()),
        ("Ivan Petrov on 2024-05-01", "Ivan Petrov on 2024-05-01", (), ()),
        ("Ivan Petrov born 1975 on 1 May 2024", "Ivan Petrov on 1 May 2024", ("1975",), ()),
        ("“natural born killers”", "natural born killers", (), ()),
        ("max born", "max born", (), ()),
        ("Max Born Institute", "Max Born Institute", (), ()),
        ("Cross Country Healthcare", "Cross Country Healthcare", (), ()),
        ("Country Garden", "Country Garden", (), ()),
        ("“cross country healthcare” country US", "cross country healthcare", (), ("us",)),
        ("“cross country healthcare” on 2024-05-01", "cross country healthcare on 2024-05-01", (), ()),
        ("Born 2000 LLC", "Born 2000 LLC", (), ()),
        ("Country Garden country CN", "Country Garden", (), ("cn",)),
        ("OOO “Romashka” country RU", "OOO “Romashka”", (), ("ru",)),
    ],
)
def test_what_is_asked_beside_a_name_is_read(
    words: str, name: str, born: tuple[str, ...], countries: tuple[str, ...]
) -> None:
    asked = split_qualifiers(words, TODAY)
    assert (asked.name, asked.birth_dates, asked.countries) == (name, born, countries)


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ("Ivan Petrov country Russai", "“Russai” is no country"),
        *(
            (words, "Put the name first")
            for words in ("born 1975", "Born 2 Mar 1975 country RU", "dob 1975", "country RU")
        ),
        ("| country=RU", "Put the name first"),
        ("Ivan Petrov country=zz", "“zz” is no country"),
        ("Ivan Petrov country ru, xx", "“ru, xx” is no country"),
        ("Ivan Petrov country", "Which country is missing"),
        ("cross country healthcare", "put the name in quotation marks"),
        ("Ivan Petrov born 75", "“75” is no birth date"),
        ("Ivan Petrov born 2050", "is no birth date"),
        ("Ivan Petrov born 1970-1975", "is no birth date"),
        ("Studio Born 2000 LLC", "put the name in quotation marks"),
        ("Ivan Petrov born=", "Which birth date is missing"),
        ("Rosneft born yesterday", "“yesterday” is no birth date"),
        ("Rosneft dob unknown", "“unknown” is no birth date"),
        ("Rosneft DOB", "Which birth date is missing"),
        ("studio born free", "put the name in quotation marks"),
    ],
)
def test_what_cannot_be_read_is_no_part_of_the_name(words: str, told: str) -> None:
    with pytest.raises(CommandError, match=told):
        split_qualifiers(words, TODAY)


@pytest.mark.parametrize(
    ("words", "name", "day"),
    [
        ("Rosneft on 2024-05-01", "Rosneft", date(2024, 5, 1)),
        ("Rosneft on 1 May 2024", "Rosneft", date(2024, 5, 1)),
        ("Rosneft on May 1st, 2024", "Rosneft", date(2024, 5, 1)),
        ("Rosneft on 2024/05/01", "Rosneft", date(2024, 5, 1)),
        ("Rosneft on 31.12.2024", "Rosneft", date(2024, 12, 31)),
        ("Fund on Wheels", "Fund on Wheels", None),
        ("Seven on 7", "Seven on 7", None),
        ("Studio on 5th Street", "Studio on 5th Street", None),
    ],
)
def test_a_day_is_told_apart_from_a_name(words: str, name: str, day: date | None) -> None:
    assert split_day(words, TODAY) == (name, day)


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ("Rosneft on 01/05/2024", "01/05/2024 may be 2024-01-05 or 2024-05-01. Send: .*2024-05-01"),
        ("Rosneft on 2024-02-30", "2024-02-30 is no day"),
        ("Rosneft on 2024", "2024 is no day"),
        ("Rosneft on May 2024", "May 2024 is no day"),
        ("Rosneft on 1/5", "1/5 is no day"),
        ("Rosneft on yesterday", "yesterday is no day"),
        ("Rosneft on 1 May 2124", "yet to come"),
    ],
)
def test_a_day_that_cannot_be_read_is_no_part_of_the_name(words: str, told: str) -> None:
    with pytest.raises(CommandError, match=told):
        split_day(words, TODAY)


PERSON = Schema.PERSON
BORN = Named(PERSON, ("Ivan PETROV",), countries=("ru",), birth_dates=("1975-03-02",))


@pytest.mark.parametrize(
    ("name", "born", "country", "lower", "upper", "told"),
    [
        ("Ivan Petrov", "1975", "ru", 1.0, 1.0, "birth dates agree: 1975-03-02; country agrees: Russia"),
        ("Ivan Petrov", "1960", "", 0.75, 0.75, "birth date differs: 1960 / 1975-03-02"),
        ("Ivan Petrov", "", "ir", 0.9, 0.9, "countries differ: Iran / Russia"),
        ("Petrov", "", "ru", 0.61, 0.7, "country agrees: Russia"),
        ("Petrov", "1975-03-02", "", DEFAULT_THRESHOLD, 0.9, "birth dates agree: 1975-03-02"),
        ("Sergei Petrov", "1975-03-02", "ru", 0.0, 0.65, "birth dates agree: 1975-03-02; country agrees: Russia"),
    ],
)
def test_each_feature_moves_the_score_and_says_so(
    name: str, born: str, country: str, lower: float, upper: float, told: str
) -> None:
    asked = Named(PERSON, (name,), (), (country,) * bool(country), (born,) * bool(born))
    found = weighed(compare_names(name, "Ivan PETROV", PERSON), features_of(asked, BORN), DEFAULT_THRESHOLD)
    assert lower <= found.score <= upper
    assert found.explanation.startswith(told)


def test_a_country_alone_makes_no_hit_and_what_is_not_known_moves_nothing() -> None:
    near = compare_names("Petrov", "Ivan PETROV", PERSON)
    asked = Named(PERSON, ("Petrov",), (), ("ru",), ("1975",))
    assert weighed(near, features_of(asked, BORN)[1:], near.score + 0.01).score < near.score + 0.01
    bare = weighed(near, features_of(asked, Named(PERSON, ("Ivan PETROV",))), DEFAULT_THRESHOLD)
    assert bare.score == near.score
    assert "no birth date is known of it; no country is known of it" in bare.explanation


def test_a_number_decides_whatever_is_asked_beside_it() -> None:
    same = compare_names("Ivan Petrov", "Ivan PETROV", PERSON)
    asked = Named(PERSON, ("Ivan Petrov",), birth_dates=("1960",))
    assert weighed(same, features_of(asked, BORN), DEFAULT_THRESHOLD, is_sure=True).score == 1
