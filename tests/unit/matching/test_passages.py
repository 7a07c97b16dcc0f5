"""What of an article is read closely."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.matching.cues import load_vocabulary
from bot.matching.passages import read_passages
from bot.matching.readings import Sentence, is_related
from bot.model import Article, Mention, Strength

FILLER = "The harbour was quiet that day and the boats stayed in. Nothing of note was said at the fish market. "


def read(
    *paragraphs: str,
    title: str = "News from the coast",
    names: tuple[str, ...] = ("Acme",),
    language: str = "en",
) -> list[Sentence]:
    article = Article(
        key="a",
        url="https://example.org/a",
        outlet="Example",
        title=title,
        summary="",
        paragraphs=paragraphs,
        published_at=datetime(2025, 6, 12, 9, 0, tzinfo=UTC),
        language=language,
    )
    mentions = [
        Mention(name, number, at, at + len(name), name, Strength.STRONG, name)
        for number, block in enumerate(article.blocks)
        for name in names
        if (at := block.text.find(name)) >= 0
    ]
    vocabulary = load_vocabulary(language)
    assert vocabulary is not None
    return read_passages(article, mentions, vocabulary)


def test_a_short_article_is_read_whole() -> None:
    assert [s.ordinal for s in read("One thing happened. Another followed.", "Acme closed.")] == [0, 1, 2, 3]


def test_of_a_long_article_names_and_acts_and_the_lead_are_read() -> None:
    sentences = read(
        "It began at dawn.",
        FILLER * 30,
        "The Treasury imposed sanctions on two firms.",
        FILLER * 30,
        "Before it. Right before it. Acme laughed. After it.",
        FILLER * 30,
    )
    texts = [sentence.text for sentence in sentences]
    assert {"News from the coast", "It began at dawn.", "The Treasury imposed sanctions on two firms."} <= set(texts)
    assert {"Before it.", "Right before it.", "Acme laughed.", "After it."} <= set(texts)
    assert sum(map(len, texts)) < 2_500


def test_ordinals_count_the_sentences_that_are_not_read_too() -> None:
    sentences = read("It began at dawn.", FILLER * 40, "Acme laughed.")
    assert sentences[-1].text == "Acme laughed."
    assert sentences[-1].ordinal == 82


def test_overlapping_names_are_one_token_of_both() -> None:
    text = "Acme Bank closed."
    sentence = read(text, names=("Acme Bank", "Acme"))[1]
    assert [sentence.tokens[i].entities for i in sentence.names] == [("Acme Bank", "Acme")]


def test_names_that_overlap_in_part_are_one_token_of_both() -> None:
    sentence = read("Bank Acme Holding closed.", names=("Bank Acme", "Acme Holding"))[1]
    assert [sentence.tokens[i].entities for i in sentence.names] == [("Bank Acme", "Acme Holding")]
    assert sentence.tokens[sentence.names[0]].text == "Bank Acme Holding"


def test_a_name_over_a_full_stop_is_read() -> None:
    sentences = read("The Treasury sanctioned Yahoo! Japan over drones.", names=("Yahoo! Japan",))
    assert [s.text for s in sentences if s.names] == ["The Treasury sanctioned Yahoo! Japan over drones."]


def test_however_much_is_named_reading_is_bounded() -> None:
    for paragraphs in (("Acme laughed again.",) * 3000, ("Acme, " * 4000,), ("x" * 20_000 + " Acme",)):
        sentences = read(*paragraphs)
        assert sum(len(sentence.tokens) for sentence in sentences) <= 1_000
        assert any(sentence.names for sentence in sentences)


@given(st.lists(st.text(alphabet=st.characters(blacklist_categories=("Cs",)), max_size=300), max_size=6))
@settings(max_examples=60, deadline=None)
def test_any_text_is_read_in_order_and_bounded(paragraphs: list[str]) -> None:
    ordinals = [sentence.ordinal for sentence in read(*paragraphs)]
    assert ordinals == sorted(set(ordinals))


MANY = tuple(f"Acme{number:04}" for number in range(1_500))


@pytest.mark.parametrize(
    ("before", "between", "related"),
    [
        ("The Treasury sanctioned ", ", ", False),
        ("The bank is owned by ", ", ", True),
        ("It listed firms linked to ", " and ", True),
        ("It listed firms owned by ", " and owned by ", True),
        ("It sanctioned ", ", a bank, ", False),
    ],
)
def test_a_list_of_very_many_names_is_read(before: str, between: str, related: bool) -> None:
    sentence = read(before + between.join(MANY) + ".", names=MANY)[1]  # its first piece
    assert len(sentence.names) > 80
    assert sentence.related == frozenset(sentence.names if related else ())


@pytest.mark.parametrize(
    ("text", "related"),
    [
        ("The bank is owned by Acme, Bolt and Cord.", {"Acme", "Bolt", "Cord"}),
        ("The Treasury listed Acme, a unit of Bolt, and Cord.", {"Bolt"}),
        ("Like Acme, Bolt was listed.", {"Acme", "Bolt"}),
        ("They listed the owner of Acme, Bolt.", {"Acme"}),
        ("They listed Jane Roe of Acme and Bolt.", {"Acme", "Bolt"}),
        ("Acme listed Bolt.", set()),
        ("Acme, Bolt and Cord were listed.", set()),
    ],
)
def test_names_that_only_say_whose(text: str, related: set[str]) -> None:
    sentence = read(text, names=("Acme", "Bolt", "Cord"))[-1]
    assert {sentence.tokens[i].text for i in sentence.names if is_related(sentence, i)} == related


def test_a_clause_about_a_clause_about_a_clause_is_followed_to_its_name() -> None:
    sentence = read("They listed Acme" + ", a firm of the north" * 80 + ", which was sanctioned in May.")[-1]
    assert [act.targets for act in sentence.acts if act.hit.start > sentence.names[0]] == [sentence.names] * 2


FURNITURE = (
    "By Jane Roe and John Doe",
    "5 min read",
    "FILE PHOTO: The port of Zelkova. REUTERS/Jane Roe",
    "Jane Roe/Reuters",
    "Read more: EU sanctions two mills",
    "Sign up for our morning letter.",
    "Editing by Jane Roe",
)


@pytest.mark.parametrize("line", FURNITURE)
def test_what_tells_of_the_page_is_no_part_of_the_text(line: str) -> None:
    told = "Acme was sanctioned on Tuesday."
    sentences = read("A first sentence.", line, told)
    assert [(sentence.text, sentence.ordinal) for sentence in sentences[1:]] == [("A first sentence.", 1), (told, 2)]


def test_furniture_that_names_somebody_is_read() -> None:
    assert [sentence.text for sentence in read("Photo: Acme")][1:] == ["Photo: Acme"]


def test_page_furniture_does_not_use_up_the_lead() -> None:
    lead = [f"Sentence {number} of the lead was told here." for number in range(3)]
    filler = [FILLER] * 30
    sentences = read(*FURNITURE[:3], *lead, *filler, "Acme stands at the end.")
    assert {sentence.text for sentence in sentences} >= set(lead)
