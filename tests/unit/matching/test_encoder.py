"""Pieces, windows and what the encoders make of them."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.matching.encoder import ENGLISH, LANGUAGES, Window, find_windows, load_encoder, means
from bot.matching.pieces import STAND_INS, Pieces, Unigrams, WordPieces, stand_ins_of
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
def pieces() -> WordPieces:
    return WordPieces([*KNOWN, "acme"])


def cut(pieces: WordPieces, word: str) -> list[str]:
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
def test_words_are_cut_into_known_pieces(pieces: WordPieces, word: str, found: list[str]) -> None:
    assert cut(pieces, word) == found


@given(st.text(max_size=40))
def test_any_word_has_a_few_pieces(word: str) -> None:
    assert 1 <= len(WordPieces([*KNOWN, "acme"]).of(word)) <= 6


def signs_of(sentences: list[list[str]], names: dict[int, str] | None = None, schema: str = "Company") -> Signs:
    words = [word for sentence in sentences for word in sentence]
    named = names or {}
    return Signs(
        ["" if token in named else word for token, word in enumerate(words)],
        [[f"schema:{schema}"] if token in named else [] for token in range(len(words))],
        [number for number, sentence in enumerate(sentences) for _ in sentence],
        [(token, (key,)) for token, key in named.items()],
        [" " if token in named else f" {word}" for token, word in enumerate(words)],
    )


def windows_of(signs: Signs, pieces: Pieces) -> list[Window]:
    return find_windows(pieces.cut(signs, stand_ins_of(signs)), signs.sentence_of, pieces)


def tokens_of(windows: list[Window]) -> list[int]:
    return [token for window in windows for token in window.token_of if token >= 0]


def test_windows_hold_whole_sentences_and_begin_as_the_article_does(pieces: WordPieces) -> None:
    signs = signs_of([["the"] * 30 for _ in range(40)])
    windows = windows_of(signs, pieces)
    assert tokens_of(windows) == list(range(1200))
    assert all(len(window.pieces) <= 512 for window in windows)
    first, *others = windows
    assert -1 not in first.token_of[1:31]
    for window in others:
        own = [token for token in window.token_of if token >= 0]
        assert own[0] % 30 == 0
        assert window.token_of[1:81] == [-1] * 80


def test_a_sentence_that_fits_nowhere_is_cut_and_all_of_it_is_read(pieces: WordPieces) -> None:
    windows = windows_of(signs_of([["the", "eu"], ["sanctioned"] * 1000, ["the"]]), pieces)
    assert sorted(set(tokens_of(windows))) == list(range(1003))
    assert all(len(window.pieces) <= 512 for window in windows)


def test_a_name_is_a_word_for_its_kind_and_the_same_one_throughout() -> None:
    words = {word: number for number, word in enumerate([*KNOWN[:4], *STAND_INS["person"]])}
    signs = signs_of([["a", "b", "a"]], {0: "Ivan Petrov", 1: "Oleg Ivanov", 2: "Ivan Petrov"}, schema="Person")
    (window,) = windows_of(signs, WordPieces(list(words)))
    first, second, third = window.pieces[1:-1]
    assert first == third != second
    assert first >= 4


LIKELY = {
    "▁sanctions": -6.0,
    "▁sanction": -7.0,
    "s": -3.0,
    "▁": -2.5,
    "制裁": -5.0,
    "制": -8.0,
    "裁": -8.0,
    "对": -4.0,
    "▁Smith": -7.0,
}


@pytest.fixture
def unigrams() -> Unigrams:
    return Unigrams(["<s>", "</s>", "<unk>", *LIKELY], [0.0, 0.0, 0.0, *LIKELY.values()])


def told(unigrams: Unigrams, run: str) -> list[tuple[str, int]]:
    return [(["<s>", "</s>", "<unk>", *LIKELY][piece], start) for piece, start in unigrams.of(run)]


@pytest.mark.parametrize(
    ("run", "found"),
    [
        ("▁sanctions", [("▁sanctions", 0)]),  # likelier than ▁sanction and s
        ("▁sanctionss", [("▁sanctions", 0), ("s", 10)]),
        ("对制裁", [("对", 0), ("制裁", 1)]),  # one piece of two characters
        ("制对", [("制", 0), ("对", 1)]),
        ("ß", [("<unk>", 0)]),
        ("<s>", [("<unk>", 0), ("s", 1), ("<unk>", 2)]),  # no text is read as a mark
        ("", []),
    ],
)
def test_text_is_cut_into_its_likeliest_pieces(unigrams: Unigrams, run: str, found: list[tuple[str, int]]) -> None:
    assert told(unigrams, run) == found


@given(st.text(max_size=60))
def test_pieces_cover_any_text_in_order(run: str) -> None:
    one = Unigrams(["<s>", "</s>", "<unk>", *LIKELY], [0.0, 0.0, 0.0, *LIKELY.values()])
    starts = [start for _, start in one.of(run)]
    assert starts == sorted(set(starts))
    assert (starts[0] if starts else 0) == 0
    assert len(starts) <= len(run)


def test_a_character_inside_a_piece_is_held_by_the_token_where_it_begins(unigrams: Unigrams) -> None:
    signs = Signs(
        ["对", "", "制", "裁"], [[], ["schema:Person"], [], []], [0] * 4, [(1, ("X",))], [" 对", "", "制", "裁"]
    )
    cut = unigrams.cut(signs, {1: "smith"})
    names = [[["<s>", "</s>", "<unk>", *LIKELY][piece] for piece in own] for own in cut.own]
    assert names == [["▁", "对"], ["▁Smith"], ["制裁"], []]
    assert cut.held_by == [0, 1, 2, 2]


def test_no_piece_reaches_from_one_sentence_into_the_next(unigrams: Unigrams) -> None:
    signs = Signs(["制", "裁"], [[], []], [0, 1], [], ["制", "裁"])
    assert all(unigrams.cut(signs, {}).own)


def test_each_token_has_the_mean_of_its_pieces() -> None:
    read = np.arange(10, dtype=np.float32).reshape(5, 2)
    found = means(read, np.array([0, 0, 2, 2, 2]), 4)
    assert found.tolist() == [[1, 2], [0, 0], [6, 7], [0, 0]]
    assert not means(read[:0], np.array([], np.int64), 3).any()


@pytest.mark.parametrize("name", [ENGLISH, LANGUAGES])
def test_an_encoder_gives_each_token_its_numbers_and_the_same_ones_again(name: str) -> None:
    signs = signs_of(
        [["the", "treasury", "sanctioned", "x", "on", "tuesday"], ["x", "is", "a", "bank"]], {3: "X", 6: "X"}
    )
    once, again = load_encoder(name).encode(signs), load_encoder(name).encode(signs)
    assert once.shape == (10, 384)
    assert np.isfinite(once).all()
    assert (once == again).all()
    assert np.abs(once[3] - once[6]).max() > 0.02, "the same name, in another context"
