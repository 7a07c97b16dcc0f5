"""One fold for names and for text: whole words, and offsets that lead back to the original."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bot.text.folding import BREAK, fold, fold_key, tokens_of

SAME = [
    ("Łukasz Ørsted Đặng", "lukasz orsted dang", "letters that no decomposition takes apart, and stacked accents"),
    ("Straße", "STRASSE", "ß is ss"),
    ("İstanbul", "istanbul", "the dotted capital I leaves no dot behind"),
    ("ＡＤＲＩＡＮ　ＤＡＲＹＡ　１", "Adrian Darya 1", "full-width letters, digits and blanks"),
    ("Mikhail Yur'evich", "Mikhail Yurʹevich", "a prime is an apostrophe"),
    ("Hizb’allah", "Hizballah", "an apostrophe inside a word is dropped"),
    ("Xi'an", "Xian", "… in pinyin too"),
    ("Deripaska's", "Deripaska", "an English possessive is dropped"),
    ("Huawei’s", "Huawei", "… with a curly apostrophe too"),
    ("d'Ivoire", "d Ivoire", "an elided article is a word of its own"),
    ("S.A.L.", "SAL", "dots inside an acronym are dropped"),
    ("Gama'a al-Islamiyya", "Gamaa al Islamiyya", "a hyphen parts words"),
    ("KT Services & Logistics", "KT Services and Logistics", "& is and"),
    ("Ros\u200bneft", "Rosneft", "a zero-width space is nothing"),
    ("Ser\u00adbin", "Serbin", "a soft hyphen is nothing"),
    ("Jose\u0301", "José", "a combining accent and a composed letter"),
    ("Алёна Йод", "Алена Иод", "ё is е and й is и"),
    ("علی خامنه\u200cای", "علي خامنهاي", "Persian and Arabic letters, and no joiner"),
    ("華為", "华为", "traditional characters are simplified ones"),
    ("羣眾産業", "群众产业", "rarer ones and variants too"),
    ("華為  技術", "華為技術", "every Chinese character is a token"),
]


@pytest.mark.parametrize(("one", "other", "why"), SAME, ids=[why for *_, why in SAME])
def test_two_spellings_fold_to_the_same(one: str, other: str, why: str) -> None:
    assert fold_key(one) == fold_key(other), why


DIFFERENT = [
    ("Bank of China", "Bank of Chinas", "a longer word is another word"),
    ("俱乐部", "具乐部", "what simplified texts have stays"),
    ("김철민", "김철남", "one syllable differs"),
    ("Serbin", "Serbina", "an ending stays"),
]


@pytest.mark.parametrize(("one", "other", "why"), DIFFERENT, ids=[why for *_, why in DIFFERENT])
def test_two_names_stay_apart(one: str, other: str, why: str) -> None:
    assert fold_key(one) != fold_key(other), why


def test_a_folded_name_is_found_as_whole_words_only() -> None:
    text = fold("The Rosneftegaz board met Rosneft, Rosneft and Rosneft's bank.").text
    assert text.count(fold("Rosneft").text) == 3


def test_tokens_stand_between_two_blanks() -> None:
    assert fold("Łukasz  ‘Khatib’ O’Brien’s").text == " lukasz  khatib  obrien "
    assert tokens_of("J.P. Morgan, A.Kostin") == ["jp", "morgan", "a", "kostin"]


def test_a_break_between_blocks_stays_a_token() -> None:
    assert tokens_of(f"Dandong\n{BREAK}\nZhicheng") == ["dandong", BREAK, "zhicheng"]


def test_nothing_folds_to_one_blank() -> None:
    for empty in ("", "   ", "…'’\u200b"):
        assert fold(empty).text == " "
        assert fold_key(empty) == ""


@pytest.mark.parametrize("text", ["The „Łódź‟ Bank’s ‘ﬁrst’ & last", "Äpfel ß 中国 x\u0301y", "U.S. l'Iran 고려항공은"])
def test_spans_lead_back_to_the_words(text: str) -> None:
    folded = fold(text)
    for token, (start, end) in zip(folded.text.split(), folded.spans, strict=True):
        assert fold_key(text[start:end]).replace(" ", "") == token.replace(" ", "")


HOSTILE = st.text(alphabet=st.characters(exclude_categories=[]), max_size=60) | st.text(
    alphabet="aA.'’s &ßİﬁ中김\u0301\u200b\x00\x01\x1e-lLdD1٣𝔸\n", max_size=40
)


@given(HOSTILE)
@example("\ud800 lone surrogate")
@example("ſ's ŉ ǰ ΐ ᾳ ŉ's")
@example("a'\x00'b & c")
@example("'s.a.l.'")
def test_every_token_has_a_span_of_its_own(text: str) -> None:
    folded = fold(text)
    assert len(folded.spans) == len(folded.text.split(" ")) - folded.text.split(" ").count("")
    assert all(0 <= start < end <= len(text) for start, end in folded.spans)
    assert [start for start, _ in folded.spans] == sorted(start for start, _ in folded.spans)


@given(HOSTILE)
def test_a_key_is_stable(text: str) -> None:
    key = fold_key(text)
    assert key == " ".join(key.split(" "))
    assert not key.startswith(" ")
    assert not key.endswith(" ")
