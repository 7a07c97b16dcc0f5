"""Who announces that another was designated, and calls itself "the Company": cleared by a rule, with any reader."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from bot.matching.cues import load_vocabulary
from bot.matching.mentions import find_mentions
from bot.matching.names import NameIndex
from bot.matching.passages import read_passages
from bot.matching.verdicts import Reasons, judge_article
from bot.model import Article, Entity, Schema, Verdict

PUBLISHED = datetime(2025, 6, 12, 9, 0, tzinfo=UTC)
ENTITIES = [Entity(name, Schema.COMPANY, name) for name in ("Orlan Energy Holdings", "Bolt Terminal", "Kestrel Ports")]
INDEX = NameIndex.compile(ENTITIES)
MADE_BY = 'This announcement is made by Orlan Energy Holdings (the "Company") pursuant to the Listing Rules.'
NOTED = "The Board has noted that on 11 June 2025 OFAC added Bolt Terminal to the SDN List."


def article_of(*paragraphs: str) -> Article:
    return Article("a", "https://example.org/a", "Example", "INSIDE INFORMATION", "", paragraphs, PUBLISHED)


def apart(*paragraphs: str) -> set[str]:
    article, vocabulary = article_of(*paragraphs), load_vocabulary("en")
    assert vocabulary is not None
    sentences = read_passages(article, find_mentions(article, INDEX), vocabulary)
    return {sentence.tokens[index].text for sentence in sentences for index in sentence.apart}


@pytest.mark.parametrize(
    "clears",
    [
        "The Company is not subject to sanctions.",
        "The Company, its other ventures, including Acme Co., Ltd., and its owner are not on the SDN List.",
        "The Company and its parent are not on the list.",
        "The Board clarifies that neither the Company nor any member of the Group is subject to sanctions.",
        "We are advised that the sanctions are personal and do not apply to the Company or to its units.",
    ],
)
def test_an_issuer_that_says_later_that_it_is_on_no_list_is_set_apart(clears: str) -> None:
    assert apart(MADE_BY, NOTED, clears) == {"Orlan Energy Holdings"}


@pytest.mark.parametrize(
    "text",
    [
        "The Company was today included in the SDN List.",
        "The Company's shareholder is not on the list.",
        "The Company and its bank agreed that the port is not on the list.",
        "The exemption does not apply to the Company.",
        "Its owner, a creditor of the Company, is not on the list.",
        "The Company has taken advice.",
    ],
)
def test_what_does_not_clear_the_issuer_itself_sets_nobody_apart(text: str) -> None:
    assert apart(MADE_BY, NOTED, text) == set()


@pytest.mark.parametrize(
    ("first", "then"),
    [
        ('Orlan Energy Holdings (the "Company") confirms that it was designated by OFAC on 11 June 2025.', ""),
        (MADE_BY, "The Company was today included in the SDN List."),
        (MADE_BY, "The Company has been designated by OFAC."),
    ],
)
def test_an_issuer_that_is_on_one_list_and_not_on_another_is_not_set_apart(first: str, then: str) -> None:
    assert apart(first, f"{then} The Company is not on the lists of the EU or the UK.") == set()


def test_a_term_that_stands_for_two_clears_neither() -> None:
    other = 'Kestrel Ports (the "Company") holds half of it.'
    assert apart(MADE_BY, other, "The Company is not subject to sanctions.") == set()


@pytest.mark.parametrize("defined", ['(the "Company")', '("Orlan", the "Company")', "(“Orlan” or the “Company”)"])
def test_a_term_may_be_defined_with_others(defined: str) -> None:
    made_by = f"Orlan Energy Holdings {defined} notes the decision."
    assert apart(made_by, NOTED, "The Company is not subject to sanctions.") == {"Orlan Energy Holdings"}


def test_an_issuer_whose_venture_was_designated_raises_no_alert_and_the_venture_does() -> None:
    clears = "The Company and its controlling shareholder are not on the SDN List. The Board is assessing the effect."
    article = article_of(MADE_BY, NOTED, "Bolt Terminal is a joint venture of the Company and Kestrel Ports.", clears)
    judged = judge_article(article, find_mentions(article, INDEX), INDEX.entities, reasons=Reasons.OF_NONE)
    new = {finding.entity for finding in judged.findings if finding.verdict is Verdict.NEW_SANCTIONS}
    assert new == {"Bolt Terminal"}
