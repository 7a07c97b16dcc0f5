"""Word pieces, windows and what the encoder makes of them."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.matching.encoder import STAND_INS, Pieces, Window, find_windows, load_encoder
from bot.matching.signs import Signs

KNOWN = [
    "[PAD]",
    "[UNK]",
    "[CLS]",
    "[SEP]",
    "sanction",
    "##s",
    "##ed",
    "sanctions",
    "the",
    "eu",
    "-",
    "制",
    "裁",
    "smith",
]


@pytest.fixture
def pieces() -> Pieces:
    return Pieces([*KNOWN, "acme"])


def cut(pieces: Pieces, word: str) -> list[str]:
    return [[*KNOWN, "acme"][number] for number in pieces.of(word)]


@pytest.mark.parametrize(
    ("word", "found"),
    [
        ("sanctions", ["sanctions"]),  # the longest first
        ("sanctioned", ["sanction", "##ed"]),
        ("EU-sanctioned", ["eu", "-", "sanction", "##ed"]),
        ("thé", ["the"]),
        ("制裁", ["制", "裁"]),
        ("sanctionist", ["[UNK]"]),  # all of it, where a part is unknown
        ("", ["[UNK]"]),
        ("the-the-the-the-the", ["the", "-", "the", "-", "the", "-"]),
    ],
)
def test_words_are_cut_into_known_pieces(pieces: Pieces, word: str, found: list[str]) -> None:
    assert cut(pieces, word) == found


@given(st.text(max_size=40))
def test_any_word_has_a_few_pieces(word: str) -> None:
    assert 1 <= len(Pieces([*KNOWN, "acme"]).of(word)) <= 6


def signs_of(sentences: list[list[str]], names: dict[int, str] | None = None, schema: str = "Company") -> Signs:
    words = [word for sentence in sentences for word in sentence]
    named = names or {}
    return Signs(
        ["" if token in named else word for token, word in enumerate(words)],
        [[f"schema:{schema}"] if token in named else [] for token in range(len(words))],
        [number for number, sentence in enumerate(sentences) for _ in sentence],
        [(token, (key,)) for token, key in named.items()],
    )


def tokens_of(windows: list[Window]) -> list[int]:
    return [token for window in windows for token in window.token_of if token >= 0]


def test_windows_hold_whole_sentences_and_begin_as_the_article_does(pieces: Pieces) -> None:
    signs = signs_of([["the"] * 30 for _ in range(40)])
    windows = find_windows(signs, pieces)
    assert tokens_of(windows) == list(range(1200))
    assert all(len(window.pieces) <= 512 for window in windows)
    first, *others = windows
    assert -1 not in first.token_of[1:31]
    for window in others:
        own = [token for token in window.token_of if token >= 0]
        assert own[0] % 30 == 0
        assert window.token_of[1:81] == [-1] * 80


def test_a_sentence_that_fits_nowhere_is_cut_and_all_of_it_is_read(pieces: Pieces) -> None:
    windows = find_windows(signs_of([["the", "eu"], ["sanctioned"] * 1000, ["the"]]), pieces)
    assert sorted(set(tokens_of(windows))) == list(range(1003))
    assert all(len(window.pieces) <= 512 for window in windows)


def test_a_name_is_a_word_for_its_kind_and_the_same_one_throughout() -> None:
    words = {word: number for number, word in enumerate([*KNOWN[:4], *STAND_INS["person"]])}
    signs = signs_of([["a", "b", "a"]], {0: "Ivan Petrov", 1: "Oleg Ivanov", 2: "Ivan Petrov"}, schema="Person")
    (window,) = find_windows(signs, Pieces(list(words)))
    first, second, third = window.pieces[1:-1]
    assert first == third != second
    assert first >= 4


def test_the_encoder_gives_each_token_its_numbers_and_the_same_ones_again() -> None:
    signs = signs_of(
        [["the", "treasury", "sanctioned", "x", "on", "tuesday"], ["x", "is", "a", "bank"]], {3: "X", 6: "X"}
    )
    once, again = load_encoder().encode(signs), load_encoder().encode(signs)
    assert once.shape == (10, 384)
    assert np.isfinite(once).all()
    assert (once == again).all()
    assert np.abs(once[3] - once[6]).max() > 0.02, "the same name, in another context"
