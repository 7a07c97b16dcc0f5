"""What an article tells of the act itself: figures, days, programmes, names."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from bot.matching.facts import count_programmes, find_counts, find_day, find_names, find_programme, most_told
from bot.matching.subjects import find_subjects
from bot.model import Article
from tests.unit.matching.test_passages import read

COUNTS = {
    "in figures": ("10 entities and six individuals", ("10 entities", "six individuals")),
    "with words between": ("30 mostly Chinese firms", ("30 firms",)),
    "with a comma": ("1,200 vessels", ("1,200 vessels",)),
    "two dozen": ("two dozen companies", ("two dozen companies",)),
    "a dozen": ("a dozen companies", ("a dozen companies",)),
    "half a dozen": ("half a dozen banks", ("half a dozen banks",)),
    "dozens": ("dozens of Russian companies", ("dozens of companies",)),
    "a hyphen": ("twenty-five individuals", ("twenty-five individuals",)),
    "a capital": ("Forty-three tankers", ("Forty-three tankers",)),
    "hundreds": ("three hundred and fifty people", ("three hundred and fifty people",)),
    "a number after an article": ("a list of six banks", ("six banks",)),
    "a year and a figure": ("since 2022 two banks fled", ("two banks",)),
    "a year": ("in 2024 companies fled", ()),
    "a day": ("since May 10, companies fled", ()),
    "a decimal of a million": ("1.5 million people fled", ()),
    "a million": ("2 million people fled", ()),
    "thousands": ("five thousand people fled", ()),
    "a share": ("10 percent of companies fled", ()),
    "money": ("it paid $10 million to firms and $500 firms", ()),
    "a span of time": ("for two years people fled", ()),
    "only one": ("one company fled", ()),
    "what was done so far": ("it has now sanctioned over 600 vessels", ()),
    "what was done since a year": ("it blacklisted 2,000 people since February 2022", ()),
    "what it comes to": ("six banks were added, bringing the total to 90 banks", ("six banks",)),
    "what was done to this day": ("300 firms to date, 12 people today", ("12 people",)),
}


@pytest.mark.parametrize("name", COUNTS)
def test_find_counts(name: str) -> None:
    text, expected = COUNTS[name]
    found = find_counts(read(f"The Treasury imposed sanctions on 7 ships; {text}."), "new")
    assert found == ("7 ships", *expected)


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("The minister today announced that Canada is imposing sanctions on two men and Orlan Works.", 12),
        ("OFAC designated two men and five firms on Tuesday in what it calls its largest strike.", 10),
        ("9 Jun: OFAC designated Orlan Works.", 9),
        ("The minister said today that the sanctions of London are a farce.", None),
        ("Orlan Works, which OFAC designated, opened a yard on Tuesday.", None),
        ("The cabinet approved further sanctions on two men and Orlan Works on Tuesday.", 10),
        ("Ministers are to talk on Monday, and Belgium is pushing to list Orlan Works.", None),
        ("The cabinet decided on Tuesday to list Orlan Works.", 10),
    ],
)
def test_the_day_of_an_act(text: str, day: int | None) -> None:
    assert find_day(read(text), "new", _telling(text)) == (day and date(2025, 6, day))


def test_the_day_of_an_act_of_somebody_else_is_not_that_of_this_one() -> None:
    sentences = read("Britain sanctioned Orlan Works.", "The EU sanctioned Orlan Works on Monday.")
    assert find_day(sentences, "new", _telling(""), ("UK",)) is None
    assert find_day(sentences, "new", _telling(""), ("UK", "EU")) == date(2025, 6, 9)


PROGRAMMES = {
    "a seat is none": ("US sanctions Hong Kong firms over Iranian oil", "They are Hong Kong-based.", "Iran"),
    "where an entry ban holds": (
        "China bars ex-senator",
        "He may not enter the mainland, Hong Kong and Macao, over Taiwan.",
        "Taiwan",
    ),
    "of the city": ("Six officials hit", "They used Hong Kong's law against Hong Kong's exiles.", "Hong Kong"),
    "a country within another's name": ("Two men of South Sudan hit", "South Sudan is poor.", "South Sudan"),
    "an order's number": ("A host of hackers hit", "It is listed under E.O. 13694.", "cyber"),
    "in a compound": ("A firm is hit", "It is the first use of anti-corruption sanctions.", "corruption"),
    "against terrorism": (
        "A firm is hit",
        "Counter-terrorism sanctions hit a counter-terrorism suspect in Russia.",
        "counter-terrorism",
    ),
    "in the names of bodies": (
        "Two hit over ICC work",
        "The Centre for Human Rights and a human rights group in Hebron were listed.",
        "International Criminal Court",
    ),
    "none": ("A firm is hit", "It sells shoes.", None),
}


@pytest.mark.parametrize(("title", "text", "programme"), PROGRAMMES.values(), ids=PROGRAMMES)
def test_which_programme_an_article_tells_of(title: str, text: str, programme: str | None) -> None:
    assert find_programme(_telling(text, title)) == programme


def test_what_a_country_does_to_others_is_no_programme_of_its_own() -> None:
    article = _telling("Moscow bars ten men of Kyiv. The Kremlin spoke of drugs.", "Russia bars ten men over drugs")
    assert find_programme(article) == "Russia"
    assert most_told(count_programmes(article), ("RU",)) == "counter-narcotics"


SUBJECTS = {
    "in its head": ("US hits traders of Iranian crude", "It is one of many.", ("oil",)),
    "the same in German": ("Schlag gegen Tanker", "Sie brachten Rohöl nach China.", ("oil",)),
    "and in Chinese": ("美国制裁无人机企业", "财政部周二宣布。", ("drones",)),
    "none": ("A firm is hit", "It sells shoes.", ()),
    "a place that has its word": ("Settlement builder in the West Bank is hit", "Its office is in Port Sudan.", ()),
    "that place and the thing": ("Bank in the West Bank is hit", "It lends.", ("banks",)),
}


@pytest.mark.parametrize(("title", "text", "subjects"), SUBJECTS.values(), ids=SUBJECTS)
def test_what_an_act_is_about(title: str, text: str, subjects: tuple[str, ...]) -> None:
    assert find_subjects(_telling(text, title)) == subjects


def _telling(text: str, title: str = "News") -> Article:
    return Article("a", "https://example.org/a", "Example", title, "", (text,), datetime(2025, 6, 12, tzinfo=UTC))


def test_german_nouns_are_no_names() -> None:
    """Else two acts of one day are one, as both tell of accounts, ministers and a spokesman."""
    text = (
        "Der Rat setzt die Reederei Wolga Maritim auf die Sanktionsliste. Die Konten werden gesperrt, "
        "sagte ein Sprecher. Auch Lewadin ist betroffen."
    )
    article = replace(_telling(text, "Neuer Beschluss"), language="de")
    assert {"wolga", "maritim", "lewadin"} <= set(find_names(article))
    assert {"sanktionsliste", "konten", "sprecher"}.isdisjoint(find_names(article))


def test_beijing_and_a_seat_in_brackets_tell_no_programme() -> None:
    day = datetime(2025, 6, 12, tzinfo=UTC)
    chinese = Article("a", "", "Wire", "北京宣布反制措施", "", ("中方在北京宣布制裁。",), day, language="zh")
    assert find_programme(chinese) is None
    listed = "Санкции введены против Qolva (Hong Kong)."
    seated = Article("a", "", "Wire", listed, "", (listed,), day, language="ru")
    assert find_programme(seated) is None


def test_what_a_state_does_to_others_is_no_matter_of_its_own_programme() -> None:
    assert most_told({"Iran": 3, "human rights": 2}, ("IR",)) == "human rights"


def test_the_day_of_a_round_before_is_not_the_day_of_the_act() -> None:
    texts = ("The Treasury has sanctioned Orlan Works.", *["It sells coal."] * 5)
    before = "It is the second round. On June 2, OFAC sanctioned three exchange houses for the flow of money."
    at = datetime(2025, 6, 12, tzinfo=UTC)
    for last, day in ((before, None), ("OFAC sanctioned Orlan Works on June 2.", date(2025, 6, 2))):
        paragraphs = (*texts, last)
        article = Article("a", "https://example.org/a", "Example", "News", "", paragraphs, at, "en")
        assert find_day(read(*paragraphs, names=("Orlan Works",)), "new", article, ("US",)) == day


def test_may_in_a_date_makes_no_act_a_possible_one() -> None:
    sentences = read("On May 30, OFAC listed Orlan Works.", "On May 30, it said, OFAC may list Orlan Works.")
    assert [act.kind for sentence in sentences for act in sentence.acts] == ["new", "possible"]
