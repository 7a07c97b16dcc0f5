"""Where sentences end: abbreviations, initials, quotations, lists, scripts without blanks."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.matching.sentences import split_sentences

CASES = {
    "two plain sentences": ("The bank closed. Its owner left.", ["The bank closed.", "Its owner left."]),
    "a title is no end": ("Mr. Roe met Dr. Poe. They spoke.", ["Mr. Roe met Dr. Poe.", "They spoke."]),
    "initials are no end": ("J. S. Roe owns Acme Inc. of Delaware.", ["J. S. Roe owns Acme Inc. of Delaware."]),
    "an acronym before its noun": ("The U.S. Treasury acted.", ["The U.S. Treasury acted."]),
    "an acronym that ends a sentence": ("It left the U.S. The rest stayed.", ["It left the U.S.", "The rest stayed."]),
    "an acronym in brackets": ("It acts under an order (E.O.) 13902.", ["It acts under an order (E.O.) 13902."]),
    "one that ends a sentence": (
        "It left the States (U.S.) The rest stayed.",
        ["It left the States (U.S.)", "The rest stayed."],
    ),
    "a decimal": ("It paid $3.5 million. It is over.", ["It paid $3.5 million.", "It is over."]),
    "a quotation closes with it": ('"It is over." He left.', ['"It is over."', "He left."]),
    "a question": ("Who is next? Nobody knows!", ["Who is next?", "Nobody knows!"]),
    "lines of a list": ("Also listed:\n- Acme\n- Bolt", ["Also listed:", "- Acme", "- Bolt"]),
    "a numbered item": ("1. Acme, a bank", ["1. Acme, a bank"]),
    "Chinese": ("美国制裁该公司。中方反对。", ["美国制裁该公司。", "中方反对。"]),
    "Russian": ("Верфь внесли в список. Она молчит.", ["Верфь внесли в список.", "Она молчит."]),
    "German ordinal": ("Am 3. Mai wurde sie gelistet.", ["Am 3. Mai wurde sie gelistet."]),
    "a Spanish legal form ends one": ("Retiró a Acme S.A. El banco calló.", ["Retiró a Acme S.A.", "El banco calló."]),
    "a Spanish acronym before a name": ("Habló EE.UU. Donald Trump calló.", ["Habló EE.UU. Donald Trump calló."]),
    "a Spanish acronym ends one": ("Viajó a EE. UU. El lunes volvió.", ["Viajó a EE. UU.", "El lunes volvió."]),
    "a Russian year ends one": ("Он в списке с 2022 г. В нём и банк.", ["Он в списке с 2022 г.", "В нём и банк."]),
    "Russian initials": ("Завод им. В. И. Ленина в г. Туле стоит.", ["Завод им. В. И. Ленина в г. Туле стоит."]),
    "a German legal form ends one": ("Sie fror Acme AG. Die Bank schwieg.", ["Sie fror Acme AG.", "Die Bank schwieg."]),
    "a German word cut short": (
        "Der sog. Islamische Staat wuchs. Er fiel.",
        ["Der sog. Islamische Staat wuchs.", "Er fiel."],
    ),
    "a German ordinal of three figures": (
        "Das 142. Bataillon fehlt. Es stört.",
        ["Das 142. Bataillon fehlt.", "Es stört."],
    ),
    "Spanish ranks": ("Listaron al Gral. Roe y al Cnel. Poe.", ["Listaron al Gral. Roe y al Cnel. Poe."]),
    "a French rank": ("Le col. Roe et la Sté. Acme sont visés.", ["Le col. Roe et la Sté. Acme sont visés."]),
    "Ukrainian words cut short": ("За ст. 5, вул. Нова, завод ім. Роу.", ["За ст. 5, вул. Нова, завод ім. Роу."]),
    "a Ukrainian year ends one": ("Його внесли 2014 р. Потім зняли.", ["Його внесли 2014 р.", "Потім зняли."]),
    "nothing": ("  \n ", []),
}


@pytest.mark.parametrize("name", CASES)
def test_split_sentences(name: str) -> None:
    text, expected = CASES[name]
    assert [text[start:end] for start, end in split_sentences(text)] == expected


@given(st.text(max_size=300))
def test_spans_are_in_order_and_lose_no_word(text: str) -> None:
    spans = split_sentences(text)
    assert all(start < end for start, end in spans)
    assert all(left[1] <= right[0] for left, right in itertools.pairwise(spans))
    kept = "".join(text[start:end] for start, end in spans)
    assert "".join(kept.split()) == "".join(text.split())


@pytest.mark.parametrize("run", [".", '."', "!", "…\u201d", ". ", "1. ", '. """'])
def test_long_runs_of_stops_take_no_longer_than_other_text(run: str) -> None:
    assert split_sentences(run * 20_000)  # minutes, if every stop of a run were tried with all that follow


def test_a_run_of_stops_is_one() -> None:
    text = "Wait..." + "." * 20_000 + '")  It ended.'
    assert [text[start:end] for start, end in split_sentences(text)] == [text[:-11], "It ended."]
