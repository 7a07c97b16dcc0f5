"""Whom an act names besides those who are tracked: who is offered, who is not, under which names."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from bot.matching.adjacent import find_adjacent, merge_adjacent
from bot.matching.names import NameIndex
from bot.model import Adjacent, AdjacentPlace, Article, Entity, Schema
from bot.pipeline import judge
from bot.text.folding import fold_key
from bot.watchlist import names_of

ENTITIES = (
    Entity("vsm", Schema.COMPANY, "Volga Shipping and Metals JSC", ("Volga Metals",)),
    Entity("orl", Schema.PERSON, "Oleg Ivanovich Orlenko"),
)
INDEX = NameIndex.compile(ENTITIES)
KNOWN = frozenset(fold_key(name) for entity in ENTITIES for name in names_of(entity))


def adjacent(*paragraphs: str, title: str = "New sanctions", language: str = "en") -> dict[str, Adjacent]:
    published = datetime(2026, 1, 6, tzinfo=UTC)
    article = Article("a", "https://w.example/a", "Wire", title, "", paragraphs, published, language=language)
    return {one.name: one for one in find_adjacent(article, judge(article, INDEX), KNOWN)}


@pytest.mark.parametrize(
    ("paragraphs", "names"),
    [
        pytest.param(
            ("The United States imposed sanctions on Volga Metals, Orion Shipping LLC and Ivan Petrov on Tuesday.",),
            ["Orion Shipping LLC", "Ivan Petrov"],
            id="in the deciding sentence",
        ),
        pytest.param(
            (
                "The United States imposed sanctions on Volga Metals on Tuesday.",
                "The Treasury also designated Garantex, a crypto exchange run by Pavel Karavatsky in Moscow.",
            ),
            ["Garantex"],
            id="in another act, not who runs it, nor where",
        ),
        pytest.param(
            (
                "The European Union added three companies to its sanctions list on Monday: Volga Metals, Severny Bank "
                "and Kama Electronics Co., Ltd.",
            ),
            ["Severny Bank", "Kama Electronics Co., Ltd"],
            id="behind a colon, with its legal form",
        ),
        pytest.param(
            (
                "Britain froze the assets of Volga Metals and two others on Tuesday.",
                "Those designated today are:",
                "• Volga Metals",
                "• Kama Tankers FZE",
                "• Anna Sergeevna Belova, the wife of Oleg Orlenko",
                "The measures were welcomed by Kyiv and by Jane Smith.",
            ),
            ["Kama Tankers FZE", "Anna Sergeevna Belova"],
            id="in the list below",
        ),
        pytest.param(
            ("Oleg Orlenko and Dmitri Sokolov were added to the Specially Designated Nationals list on Tuesday.",),
            ["Dmitri Sokolov"],
            id="joined to a target before the act",
        ),
        pytest.param(
            (
                "The United States imposed sanctions on Volga Metals on Tuesday.",
                "The Treasury also sanctioned the tanker Ocean Pride, which is managed by Blue Wave Ltd.",
            ),
            ["Ocean Pride"],
            id="a vessel of common words, not who manages it",
        ),
        pytest.param(
            (
                "The United States imposed sanctions on Volga Metals on Tuesday, Treasury Secretary Jane Smith said.",
                "Volga Metals, owned by Boris Kamensky of Samara, was sanctioned under Executive Order 14024.",
                "Ivan Petrov, an analyst at the Baltic Institute, said Reuters and the Finance Ministry had it wrong.",
            ),
            [],
            id="speakers, owners, outlets, orders and ministries are none",
        ),
        pytest.param(
            ("Volga Metals Trading and Orlenko Holdings lost money. Sanctions on Volga Metals were imposed in 2014.",),
            [],
            id="nothing is new",
        ),
        pytest.param(
            ("The United States imposed sanctions on Volga Metals and Volga Metals Trading House on Tuesday.",),
            [],
            id="a longer form of a tracked name",
        ),
    ],
)
def test_who_is_offered(paragraphs: tuple[str, ...], names: list[str]) -> None:
    assert list(adjacent(*paragraphs)) == names


def test_a_candidate_has_its_sentence_its_kind_and_its_other_names() -> None:
    sentence = (
        "The United States imposed sanctions on Volga Metals, Orion Shipping LLC (OSL) and Dmitri Sokolov, also known "
        "as Mitya Sokol, on Tuesday."
    )
    found = adjacent(sentence)
    orion, sokolov = found["Orion Shipping LLC"], found["Dmitri Sokolov"]
    assert (orion.aliases, orion.schema) == (("OSL",), Schema.COMPANY)
    assert (sokolov.aliases, sokolov.schema) == (("Mitya Sokol",), Schema.PERSON)
    assert orion.places == (AdjacentPlace("https://w.example/a", "Wire", sentence),)


def test_a_ship_of_a_list_is_a_ship_though_it_is_called_as_somebody() -> None:
    lead = "The UK imposed sanctions on Volga Metals, on ships and on people on Tuesday."
    heads = ("Vessels specified:", "Individuals and vessels:", "Individuals subject to an asset freeze:")
    for head, schema in zip(heads, (Schema.VESSEL, Schema.PERSON, Schema.PERSON), strict=True):
        found = adjacent(lead, head, "• Volga Metals", "• Anatoly Kolodkin", "• Ivan Petrov (IMO 9610808)")
        assert found["Anatoly Kolodkin"].schema is schema
        assert found["Ivan Petrov"].schema is Schema.VESSEL


@pytest.mark.parametrize("language", ["de", "zh", "xx"])
def test_where_capitals_tell_no_name_nobody_is_offered(language: str) -> None:
    assert adjacent("Die USA verhängten Sanktionen gegen Volga Metals und Orion Handel.", language=language) == {}


def test_reports_of_several_articles_are_joined_the_longer_name_first() -> None:
    def seen(name: str, url: str, *aliases: str) -> Adjacent:
        return Adjacent(name, aliases, Schema.COMPANY, (AdjacentPlace(url, url, name),))

    found = merge_adjacent(
        [seen("Garantex", "1"), seen("Garantex Europe", "2", "GX"), seen("Vega Bank", "1"), seen("GARANTEX", "3")]
    )
    assert [(one.name, one.aliases, len(one.places)) for one in found] == [
        ("Garantex Europe", ("GX", "Garantex"), 3),
        ("Vega Bank", (), 1),
    ]
