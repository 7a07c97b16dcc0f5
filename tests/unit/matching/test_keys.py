"""A text's numbers are those of its folded tokens, one by one or all at once."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.matching.keys import bones_number, keys_of, number_of
from bot.matching.roster import Roster
from bot.model import Entity, Identifier, Schema
from bot.text.folding import fold

HARD = "abdlsSAqu'’`. .-&éßÉŁ \n\x01\x0290_—…№İ´¨Яз中"


@given(st.text(max_size=40) | st.text(alphabet=HARD, max_size=40))
def test_numbers_are_those_of_the_folded_tokens(text: str) -> None:
    tokens = fold(text).text.split()
    keys = keys_of(text)
    assert keys.exact.tolist() == [number_of(token) for token in tokens]
    assert keys.bones.tolist() == [bones_number(token) for token in tokens]
    assert keys.words(0, len(tokens)) == tokens


@pytest.mark.parametrize(
    ("text", "capital"),
    [
        ("Oleg said “No” to l'Iran", [True, False, True, False, False, True]),
        ("Émile et Зоя", [True, False, True]),
        ("9th of U.S. iPhones", [True, False, True, False]),
    ],
)
def test_capitals_are_seen_where_a_token_begins(text: str, capital: list[bool]) -> None:
    assert keys_of(text).capital.tolist() == capital


def test_a_text_of_any_length_has_its_numbers() -> None:
    assert len(keys_of("Morvanta fell. " * 20_000).exact) == 40_000


ENTITIES = [
    Entity("a", Schema.COMPANY, "Zeltransgaz", ("ZTG",), countries=("ru",)),
    Entity("b", Schema.VESSEL, "Ж", identifiers=(Identifier("imoNumber", "9116412"),), notes="a \n\x00 \ud800"),
    Entity("c", Schema.PERSON, "", (), ("weak",), (), ("topic",)),
]


def test_a_roster_gives_back_what_was_put_in() -> None:
    roster = Roster.of(ENTITIES)
    assert dict(roster) == {entity.key: entity for entity in ENTITIES}
    assert "d" not in roster
    assert roster.get("d") is None


def test_of_one_key_the_last_entity_stays() -> None:
    later = Entity("a", Schema.PERSON, "Somebody Else")
    roster = Roster.of([*ENTITIES, later])
    assert (roster["a"], len(roster), sorted(roster)) == (later, 3, ["a", "b", "c"])
    assert roster.is_old(0)
    assert not roster.is_old(3)
