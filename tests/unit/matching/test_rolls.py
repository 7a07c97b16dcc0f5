"""Who is told to be on the list from before, without a word of it at the name: rules, so the same with any reader."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from bot.matching.cues import load_vocabulary
from bot.matching.passages import read_passages
from bot.matching.verdicts import Reasons, judge_article
from bot.model import Article, Entity, Mention, Schema, Strength, Verdict

PUBLISHED = datetime(2025, 9, 19, 9, 0, tzinfo=UTC)  # a Friday
NAMES = ("Orlan Works", "Bolt Marine", "Anton Kessler")
NEW, BACKGROUND = Verdict.NEW_SANCTIONS, Verdict.BACKGROUND


def article_of(*paragraphs: str) -> tuple[Article, list[Mention]]:
    article = Article("a", "https://example.org/a", "Example", "Canada acts", "", paragraphs, PUBLISHED)
    mentions = [
        Mention(name, number, at, at + len(name), name, Strength.STRONG, name)
        for number, block in enumerate(article.blocks)
        for name in NAMES
        if (at := block.text.find(name)) >= 0
    ]
    return article, mentions


def blocked(*paragraphs: str) -> set[str]:
    vocabulary = load_vocabulary("en")
    assert vocabulary is not None
    sentences = read_passages(*article_of(*paragraphs), vocabulary)
    return {sentence.tokens[index].text for sentence in sentences for index in sentence.blocked}


def verdicts(*paragraphs: str) -> dict[str, Verdict]:
    article, mentions = article_of(*paragraphs)
    entities = {name: Entity(name, Schema.COMPANY, name) for name in NAMES}
    judged = judge_article(article, mentions, entities, reasons=Reasons.OF_NONE)
    return {finding.entity: finding.verdict for finding in judged.findings}


SINCE = "Since March 2022, Canada has sanctioned 24 individuals under these Regulations."


@pytest.mark.parametrize(
    ("text", "who"),
    [
        (f"{SINCE} They include Orlan Works and Bolt Marine.", {"Orlan Works", "Bolt Marine"}),
        (f"{SINCE} Among them are Orlan Works and Bolt Marine.", {"Orlan Works", "Bolt Marine"}),
        ("In 2023 the UK sanctioned nine firms. These included Orlan Works.", {"Orlan Works"}),
        ("Canada has previously sanctioned 24 firms. They include Orlan Works.", {"Orlan Works"}),
        (
            "Since the war began in March 2022, 38 firms have been designated. Among these is Orlan Works.",
            {"Orlan Works"},
        ),
        (f"{SINCE} They include a subsidiary of Orlan Works.", set()),
        (f"{SINCE} Orlan Works was asked for comment.", set()),
        (f"{SINCE} They include Orlan Works, which was added on Monday.", set()),
        ("Canada today sanctioned 24 firms. They include Orlan Works.", set()),
        ("Canada sanctioned 24 firms. They include Orlan Works.", set()),
        ("Canada sanctioned 24 firms over the killings of March. They include Orlan Works.", set()),
        ("Canada sanctioned 24 firms that armed a group it listed in 2022. They include Orlan Works.", set()),
        ("Canada added several heads of Bolt Marine, which it listed in 2007. They include Orlan Works.", set()),
        ("Since March 2022 Canada has not sanctioned any firms. They include Orlan Works.", set()),
    ],
)
def test_those_whom_a_sentence_on_former_listings_leads_in_are_listed_already(text: str, who: set[str]) -> None:
    assert blocked(text) == who


@pytest.mark.parametrize(
    ("text", "who"),
    [
        ("They join Orlan Works, sanctioned in 2023.", {"Orlan Works"}),
        (
            "The two banks join Orlan Works and Bolt Marine, which were listed under the previous government.",
            {*NAMES[:2]},
        ),
        ("It joins its bigger rival Orlan Works on the bloc's Russia list.", {"Orlan Works"}),
        ("It joins on the list its bigger rival Orlan Works.", {"Orlan Works"}),
        ("They join Orlan Works, sanctioned on Monday.", set()),
        ("They join Orlan Works on the list as of Thursday.", set()),
        ("Among the vessels that join the register is Orlan Works.", set()),
        ("The port was joined by its owner, Orlan Works, on the list.", set()),
        ("On Friday nine firms joined the list, and Orlan Works was there.", set()),
        ("Canada joined Orlan Works in a suit over the list.", set()),
        ("He joined Orlan Works in 2019.", set()),
        ("He joined an affiliate of Orlan Works, sanctioned in 2023.", set()),
    ],
)
def test_whom_others_join_on_a_list_was_on_it_before(text: str, who: set[str]) -> None:
    assert blocked(text) == who


def test_a_government_that_recalls_whom_it_sanctioned_since_a_year_raises_no_alert_on_them() -> None:
    new = "Canada is imposing sanctions on two men of Belmora. Anton Kessler is now listed in the Schedule."
    told = verdicts(new, f"{SINCE} They include the trading house Orlan Works and the shipping firm Bolt Marine.")
    assert told == {"Anton Kessler": NEW, "Orlan Works": BACKGROUND, "Bolt Marine": BACKGROUND}


def test_who_is_on_such_a_roll_and_a_target_elsewhere_is_one() -> None:
    told = verdicts("Canada sanctioned Orlan Works on Thursday.", f"{SINCE} They include Orlan Works.")
    assert told == {"Orlan Works": NEW}
