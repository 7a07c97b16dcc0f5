"""The gate lets through all that counts by itself of what the table of names has; looking twice changes nothing."""

from __future__ import annotations

from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.matching import names
from bot.matching.gate import Gate, GateBuilder
from bot.matching.keys import Keys, folded_keys, keys_of, number_of
from bot.matching.mentions import find_mentions
from bot.matching.names import Candidate, NameIndex
from bot.model import Article, Entity, Identifier, Schema

ENTITIES = [
    Entity("lagoon", Schema.ORGANIZATION, "Blue Lagoon Trading Company", ("Bank of the Blue Lagoon",)),
    Entity("person", Schema.PERSON, "Yevgeny Viktorovich Karzhulenko", ("Евгений Викторович Каржуленко",)),
    Entity("khalid", Schema.PERSON, "Abu Khalid al-Sharqawi al-Masri", ("KHALID, Sharqawi",), countries=("sy",)),
    Entity("ship", Schema.VESSEL, "Zelmira", identifiers=(Identifier("imoNumber", "9116412"),)),
    Entity("small", Schema.COMPANY, "zeltrano", ("zeltrano pay",)),
    Entity("upper", Schema.ORGANIZATION, "Zeltransgaz Morvanta Group", ("ZTG", "ZMG Holding")),
    Entity("de", Schema.COMPANY, "Ministerium für Außenhandel von Morvanta"),
    Entity("zh", Schema.COMPANY, "泽尔运输公司", ("Zeer Yunshu",)),
]
LATER = [
    Entity("later", Schema.PERSON, "Timofey Grozdalin", ("Tim Grozdalin",)),
    Entity("ship", Schema.VESSEL, "Morvanta Star"),
]
EDITED = NameIndex.compile(ENTITIES).with_changes(LATER, removed=["small"])
INDEXES = [NameIndex.compile(ENTITIES), EDITED, NameIndex.compile([])]

WORDS = sorted(
    {word for entity in [*ENTITIES, *LATER] for name in (entity.caption, *entity.aliases) for word in name.split()}
    | {"Jewgeni", "Evgeni", "Karschulenko", "Karzhulenka", "Chalid", "Scharkawi", "zeltrano's", "Z.T.G.", "Каржуленко"}
    | {"l'Zelmira", "Blue-Lagoon", "O'Zelmira", "the", "of", "and", "said", "On", "9116412", "—", "&", "\x01", "“", "é"}
)
TEXTS = st.lists(st.sampled_from(WORDS).flatmap(lambda word: st.sampled_from([word, word.lower(), word.upper()])))


def article(text: str) -> Article:
    return Article("a", "https://news.example/a", "News", "", "", (text,), datetime(2026, 11, 29, tzinfo=UTC))


def the_long_way(index: NameIndex, keys: Keys) -> set[Candidate]:
    found: set[Candidate] = set()
    for number, layer in enumerate(index._layers):
        table = layer.table
        found |= set(index._candidates(number, keys, table.loud(table.find(keys), keys), quiet=False))
    return found


@given(TEXTS, st.sampled_from([" ", "  ", ", ", "\n", " \x01 ", "-"]), st.sampled_from(INDEXES))
def test_all_that_counts_by_itself_passes(words: list[str], between: str, index: NameIndex) -> None:
    for keys in (keys_of(between.join(words)), folded_keys(between.join(words).lower().split())):
        for _ in range(2):  # the second time from what is remembered
            found = index.loud_candidates(keys)
            assert set(found) == the_long_way(index, keys)
            assert len(found) == len(set(found))


def test_every_name_passes_alone() -> None:
    for entity in ENTITIES:
        keys = keys_of(f"They met {entity.caption} yesterday.")
        assert any(candidate.size == len(keys.exact) - 3 for candidate in INDEXES[0].loud_candidates(keys)), entity


@given(TEXTS)
def test_an_edited_index_finds_what_a_new_one_does(words: list[str]) -> None:
    edited = {entity.key: entity for entity in [*ENTITIES, *LATER] if entity.key != "small"}
    page = article(" ".join(words))
    assert find_mentions(page, EDITED) == find_mentions(page, NameIndex.compile(edited.values()))


def test_threads_that_share_what_is_remembered_find_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(names, "_REMEMBERED", 3)  # forgotten again and again
    pages = [article(f"{one} {other} met the {one}.") for one in WORDS for other in WORDS[::7]]
    alone = [find_mentions(page, INDEXES[0]) for page in pages]
    index = NameIndex.compile(ENTITIES)
    with ThreadPoolExecutor(8) as threads:
        assert list(threads.map(lambda page: find_mentions(page, index), pages)) == alone
    assert any(alone)


def passes(gate: Gate, tokens: Iterable[str]) -> bool:
    keys = folded_keys(list(tokens))
    return bool(len(gate.singles(keys)) or len(gate.longer(keys)))


@given(st.lists(st.text("abcdxyz", min_size=1, max_size=9), min_size=1, max_size=9), st.data())
def test_a_form_is_found_by_any_two_of_its_tokens(tokens: list[str], data: st.DataObject) -> None:
    builder = GateBuilder()
    pair = data.draw(st.integers(0, max(0, len(tokens) - 2)))
    builder.add([number_of(token) for token in tokens], pair, small=False, variant=False)
    gate = Gate(builder)
    assert passes(gate, ["before", *tokens, "behind"])


def test_a_form_that_goes_on_is_not_found_by_two_of_its_tokens_alone() -> None:
    builder = GateBuilder()
    builder.add([number_of(token) for token in ("university", "of", "morvan")], 0, small=False, variant=False)
    gate = Gate(builder)
    assert passes(gate, ["the", "university", "of", "morvan"])
    assert sum(passes(gate, ["the", "university", "of", f"place{number}"]) for number in range(500)) < 10


def test_few_texts_without_a_form_pass_by_chance() -> None:
    builder = GateBuilder()
    builder.add([number_of("zelkova"), number_of("morvan")], 0, small=False, variant=False)
    gate = Gate(builder)
    assert sum(passes(gate, [f"before{number}", f"behind{number}"]) for number in range(500)) < 10
