"""Who a sentence says was left out, and who it says is blocked already: rules, so the same with any reader."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from bot.matching.cues import load_vocabulary
from bot.matching.passages import read_passages
from bot.matching.readings import Sentence
from bot.matching.verdicts import Reasons, judge_article
from bot.model import Article, Entity, Mention, Schema, Strength, Verdict

PUBLISHED = datetime(2025, 6, 12, 9, 0, tzinfo=UTC)  # a Thursday
NAMES = ("Orlan Works", "Bolt Marine", "Anton Kessler")
LEAD = "Britain sanctioned five Russian firms on Monday. "
BLOCKED = "a person whose property and interests in property are blocked pursuant to E.O. 14024"


def article_of(text: str, title: str) -> tuple[Article, list[Mention]]:
    article = Article("a", "https://example.org/a", "Example", title, "", (text,), PUBLISHED)
    mentions = []
    for number, block in enumerate(article.blocks):
        for name in NAMES:
            at = block.text.find(name)
            while at >= 0:
                mentions.append(Mention(name, number, at, at + len(name), name, Strength.STRONG, name))
                at = block.text.find(name, at + 1)
    return article, mentions


def read(text: str) -> list[Sentence]:
    vocabulary = load_vocabulary("en")
    assert vocabulary is not None
    article, mentions = article_of(LEAD + text, "Britain sanctions firms")
    return read_passages(article, mentions, vocabulary)


def spared(text: str) -> set[str]:
    return {s.tokens[index].text for s in read(text) for index in s.apart}


def blocked(text: str) -> set[str]:
    return {s.tokens[index].text for s in read(text) for index in s.blocked}


def verdicts(title: str, text: str) -> dict[str, Verdict]:
    article, mentions = article_of(text, title)
    entities = {name: Entity(name, Schema.COMPANY, name) for name in NAMES}
    judgement = judge_article(article, mentions, entities, reasons=Reasons.OF_NONE)
    return {finding.entity: finding.verdict for finding in judgement.findings}


LEFT_OUT = (
    "Orlan Works, widely expected to be on the list, was not.",
    "Orlan Works, widely expected to be listed, was not.",
    "Orlan Works, though widely expected to be listed, was not.",
    "Orlan Works, which had been expected to be listed, was not.",
    "Orlan Works, tipped for the list, escaped.",
    "Orlan Works was left off.",
    "Orlan Works was left off the list on Monday.",
    "Orlan Works, named in a draft in May, was left off the final list.",
    "Orlan Works, owned by Bolt Marine, was left off.",
    "Orlan Works (long a candidate) was left out.",
    "Orlan Works — long a candidate — was left out.",
    "Orlan Works was left off, and its shares jumped 9%.",
    "“Orlan Works was left off,” a diplomat said.",
    "Orlan Works, which many thought would be hit, went untouched.",
    "Orlan Works was spared.",
    "Bolt Marine and Orlan Works were spared.",
    "Britain sanctioned Bolt Marine on Monday, while Orlan Works was spared.",
    "Bolt Marine was sanctioned on Monday; Orlan Works was not.",
    "Orlan Works is absent.",
    "Orlan Works is nowhere on it.",
    "Orlan Works was not among them.",
    "Orlan Works was not on the list.",
    "Orlan Works did not make it.",
    "Orlan Works failed to make the list.",
    "Orlan Works has escaped the list.",
    "The UK spared Orlan Works.",
    "Missing from the list was Orlan Works.",
    "Missing from the list was Bolt Marine and Orlan Works.",
    "Left off the list were Bolt Marine and Orlan Works.",
    "Absent from Monday's list was Orlan Works, the largest of the yards.",
    "Conspicuously absent was Orlan Works.",
    "Not on the list: Orlan Works.",
)

NOT_LEFT_OUT = (
    "Orlan Works, which had escaped earlier rounds, was added.",
    "Orlan Works was left off the March list and is on this one.",
    "Orlan Works was left off in March but was added on Monday.",
    "Orlan Works, which was left off the first list, was sanctioned on Monday.",
    "Orlan Works had been spared; on Monday it was sanctioned.",
    "Orlan Works escaped in 2022, when others were listed; on Monday it was added.",
    "Orlan Works was spared until Monday.",
    "Orlan Works was not spared.",
    "Orlan Works did not escape.",
    "Orlan Works was not only listed but closed.",
    "Orlan Works was not the only one sanctioned on Monday.",
    "Orlan Works is absent no more: it was added on Monday.",
    "Orlan Works, sanctioned on Monday, was not available for comment.",
    "Orlan Works has not listed them.",
    "Orlan Works is not on the EU's list.",  # it may be on Britain's
    "Orlan Works is not yet on that list, but London added it on Monday.",
    "Bolt Marine was spared; Orlan Works was not.",
    "Bolt Marine was left off, unlike Orlan Works, which was added on Monday.",
    "Orlan Works was added on Monday and Bolt Marine was left off.",
    "The UK on Monday sanctioned Orlan Works, and Bolt Marine was left off.",
    "The UK on Monday sanctioned Orlan Works, whose owner, tipped for the list, escaped.",
    "The UK on Monday sanctioned Orlan Works; its owner, Bolt Marine, was not.",
    "A client of Orlan Works was left off.",
    "The man who bribed Orlan Works was not named.",
    "Bolt Marine, its owner when Orlan Works escaped, was added.",
    "Orlan Works's owner was left off.",
    "Was Orlan Works spared?",
    "If Orlan Works was spared, nobody said so.",
    "In March Orlan Works was left off.",
    "Missing from the March list was Orlan Works.",
    "No longer missing from the list is Orlan Works.",
    "Missing from the list was Bolt Marine, and Orlan Works was added on Monday.",
    "Left off was Bolt Marine, Orlan Works's parent.",
    "London spared Orlan Works until Monday.",
)


@pytest.mark.parametrize("text", LEFT_OUT)
def test_who_is_told_to_be_left_out_is_set_apart(text: str) -> None:
    assert "Orlan Works" in spared(text)


@pytest.mark.parametrize("text", NOT_LEFT_OUT)
def test_who_only_looks_left_out_is_not_set_apart(text: str) -> None:
    assert "Orlan Works" not in spared(text)


@pytest.mark.parametrize("text", LEFT_OUT[:20:5] + LEFT_OUT[-6:])
def test_who_is_left_out_raises_no_alert(text: str) -> None:
    assert verdicts("London spares yard", LEAD + text)["Orlan Works"] is not Verdict.NEW_SANCTIONS


def test_who_is_left_out_in_one_sentence_and_a_target_in_another_is_one() -> None:
    text = "The UK sanctioned Orlan Works on Monday. In Brussels things went slower: Orlan Works was left off."
    assert verdicts("UK sanctions yard", text)["Orlan Works"] is Verdict.NEW_SANCTIONS


@pytest.mark.parametrize(
    ("text", "who"),
    [
        (f"OFAC today designated Anton Kessler for having assisted Orlan Works, {BLOCKED}.", {"Orlan Works"}),
        (f"OFAC today designated Anton Kessler for having assisted Orlan Works JSC (OW), {BLOCKED}.", {"Orlan Works"}),
        (
            "Anton Kessler is being designated for having acted for Orlan Works and Bolt Marine, entities whose "
            "property and interests in property are blocked.",
            {"Orlan Works", "Bolt Marine"},
        ),
        ("He led Orlan Works, an entity blocked pursuant to E.O. 13224.", {"Orlan Works"}),
        (f"Orlan Works, {BLOCKED}, was designated today pursuant to E.O. 13224.", set()),
        (f"OFAC today designated Orlan Works, {BLOCKED}.", set()),
        ("Orlan Works is now a person whose property and interests in property are blocked.", set()),
        ("It dealt with Orlan Works and, through it, an entity whose property is blocked.", set()),
    ],
)
def test_the_boilerplate_of_notices_tells_who_is_blocked_already(text: str, who: set[str]) -> None:
    assert blocked(text) == who


@pytest.mark.parametrize(
    ("row", "who"),
    [
        ("Orlan Works | shipbuilder | Previously designated 2023; E.O. 14024", {"Orlan Works"}),
        ("Orlan Works | shipbuilder | Sanctioned in October 2024; no change", {"Orlan Works"}),
        ("Orlan Works | Anton Kessler | Already on the list", {"Orlan Works", "Anton Kessler"}),
        ("Orlan Works | NEW: asset freeze | EU: previously designated", set()),
        ("Orlan Works | Listed on 9 June 2025 | previously designated by the EU", set()),
        ("Orlan Works | added today | previously designated by the EU", set()),
        ("Orlan Works | previously designated Bolt Marine | frigates", {"Orlan Works"}),
        ("Orlan Works | shipbuilder | asset freeze", set()),
        ("Orlan Works was previously designated in 2023.", set()),
    ],
)
def test_a_row_of_a_table_that_tells_an_earlier_listing_alone_names_no_target(row: str, who: set[str]) -> None:
    assert blocked(row) == who


def test_who_a_table_says_was_designated_before_is_background() -> None:
    rows = "Anton Kessler | banker | NEW: asset freeze. Orlan Works | shipbuilder | Previously designated 2023"
    found = verdicts("US sanctions banker", f"OFAC today designated two people. {rows}")
    assert found["Orlan Works"] is Verdict.BACKGROUND


def test_who_is_blocked_already_is_background_unless_it_is_designated_elsewhere() -> None:
    told = f"OFAC today designated Anton Kessler pursuant to E.O. 14024 for having assisted Orlan Works JSC, {BLOCKED}."
    alone = verdicts("Treasury sanctions banker", told)
    assert alone == {"Anton Kessler": Verdict.NEW_SANCTIONS, "Orlan Works": Verdict.BACKGROUND}
    both = verdicts("Treasury sanctions bank", f"OFAC today designated Orlan Works pursuant to E.O. 14024. {told}")
    assert set(both.values()) == {Verdict.NEW_SANCTIONS}
