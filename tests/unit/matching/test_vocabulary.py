"""The vocabulary as data: every entry is found in its own example, every file can be read."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime
from functools import cache
from importlib.resources import files
from typing import Any

import numpy as np
import pytest

from bot.authorities import load_authorities, load_nations, told_authority
from bot.errors import ConfigError
from bot.matching.cues import LANGUAGES, Pattern, Vocabulary, compile_vocabulary, load_shared, load_vocabulary
from bot.matching.subjects import find_subjects
from bot.matching.times import find_times
from bot.matching.words import fold_word, tokenize
from bot.model import Article
from bot.programmes import is_theme, load_programmes

VOCABULARY = files("bot.matching") / "vocabulary"
READ_BY_GRAMMAR = {("exclusion", "before"), ("spared", "after"), ("spared", "before"), ("blocked", "after")}


PUBLISHED = date(2025, 6, 12)


@cache
def entries(language: str) -> list[tuple[str, str, str]]:
    """(kind, frame, pattern) of each."""
    vocabulary = load_vocabulary(language)
    assert vocabulary is not None
    return sorted({(p.kind, p.frame, p.text) for p in vocabulary.patterns})


def raw(language: str) -> Mapping[str, Any]:
    """The file as it stands. A line that is no TOML is told by its number: two entries of one pattern, a quotation mark
    within one."""
    try:
        return tomllib.loads((VOCABULARY / f"{language}.toml").read_text(encoding="utf-8"))
    except tomllib.TOMLDecodeError as error:
        pytest.fail(f"vocabulary/{language}.toml: {error}", pytrace=False)


def tables(language: str) -> Iterator[tuple[str, str, Mapping[str, str]]]:
    """(kind, frame, {pattern: example})"""
    for kind, frames in raw(language)["cues"].items():
        for frame, cues in frames.items():
            yield kind, frame, cues


def test_every_language_has_a_file_and_every_file_a_language() -> None:
    there = {path.name.removesuffix(".toml") for path in VOCABULARY.iterdir()} - {"shared", "wording"}
    assert there == set(LANGUAGES), "a language counts once its code stands in LANGUAGES (bot/matching/cues.py)"


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_table_of_cues_is_one_that_something_reads(language: str) -> None:
    with np.load(str(files("bot.matching") / "reader.npz")) as data:
        signs = data["signs"].tobytes().decode().split("\n")
    learnt = {tuple(sign.removeprefix("hit:").split(".")) for sign in signs if sign.startswith("hit:")}
    unread = [
        f"[cues.{kind}.{frame}] of vocabulary/{language}.toml: neither the reader nor the grammar knows it. A slip? "
        f"A new kind counts once it was learnt (docs/verdicts.md). There are for {kind}: "
        f"{', '.join(sorted(known for of, known in learnt | READ_BY_GRAMMAR if of == kind)) or 'none'}"
        for kind, frame, _ in tables(language)
        if (kind, frame) not in learnt | READ_BY_GRAMMAR
    ]
    assert not unread, "\n".join(unread)


def patterns_in(vocabulary: Vocabulary | None, text: str) -> list[Pattern]:
    assert vocabulary is not None
    tokens = vocabulary.mark_authorities(tokenize(text, 0, len(text)))
    times = find_times(tokens, vocabulary.calendar, PUBLISHED)
    return [hit.pattern for hit in vocabulary.find_all(tokens, frozenset(time.start for time in times))]


def example_of(language: str, kind: str, frame: str, text: str) -> str:
    example: str = raw(language)["cues"][kind][frame][text]
    return example


def is_found(language: str, kind: str, frame: str, text: str, example: str) -> bool:
    return any(
        (p.kind, p.frame, p.text) == (kind, frame, text) for p in patterns_in(load_vocabulary(language), example)
    )


def unfit(language: str, text: str, example: str) -> list[str]:
    """The words of a pattern that nothing in the example fits, each by itself."""
    words = [word for word in text.split() if word != "/" and set(word) != {"."} and not word.endswith("?")]
    cues = {"x": {"any": dict.fromkeys(words, example)}}
    alone = compile_vocabulary(language, {**raw(language), "cues": cues})
    found = {p.text for p in patterns_in(alone, example)}
    return [word for word in words if word not in found]


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_entry_is_found_in_its_own_example(language: str) -> None:
    unused = []
    for kind, frame, text in entries(language):
        example = example_of(language, kind, frame, text)
        if not is_found(language, kind, frame, text, example):
            lacks = " and ".join(map(repr, unfit(language, text, example)))
            why = f"nothing there fits {lacks}" if lacks else "too far apart, or in another order?"
            unused.append(f"[cues.{kind}.{frame}] {text!r} is not found in {example!r}: {why}")
    told = " (the head of en.toml says what ~ * | and gaps mean, [irregular] has forms that ~ does not make)"
    assert not unused, f"vocabulary/{language}.toml{told}:\n" + "\n".join(unused)


def test_what_an_example_lacks_is_named() -> None:
    assert unfit("en", "clap~ ... @punish ... on|against", "Ottawa clapped sanctions on the refiner.") == ["clap~"]
    assert unfit("en", "slap~ ... with ... @punish", "Sanctions with which Ottawa slapped the refiner.") == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_can_tell_the_kinds_apart(language: str) -> None:
    assert {
        "designation",
        "designation_weak",
        "proposal",
        "relief",
        "renewal",
        "enforcement",
        "standing",
        "exclusion",
    } <= {kind for kind, _, _ in entries(language)}


@pytest.mark.parametrize(
    ("frame", "pattern", "told"),
    [
        ("sideways", "sanction~", "[cues.designation.sideways]: unknown frame (use one of verb, subject"),
        ("any", "put on @lst", "[cues.designation.any] 'put on @lst': there is no group @lst; there are @NAME"),
        ("any", "put .... list", ".... is no gap"),
        ("any", "list||roster", "list||roster has an alternative without a word"),
        ("any", "put on ~", "~ has an alternative without a word"),
    ],
)
def test_a_pattern_that_is_written_wrong_is_named_with_its_table(frame: str, pattern: str, told: str) -> None:
    with pytest.raises(ConfigError) as caught:
        compile_vocabulary("en", {**raw("en"), "cues": {"designation": {frame: {pattern: "An example."}}}})
    assert str(caught.value).startswith(f"vocabulary/en.toml [cues.designation.{frame}]")
    assert told in str(caught.value)


def test_a_language_without_a_file_has_no_vocabulary() -> None:
    assert load_vocabulary("xx") is None
    assert load_vocabulary("en-GB") is load_vocabulary("en-gb") or load_vocabulary("en-GB") is not None


def test_no_example_speaks_in_more_than_one_line() -> None:
    every = [(language, *entry) for language in LANGUAGES for entry in entries(language)]
    assert not [entry for entry in every if "\n" in example_of(*entry)]


def test_an_act_of_whoever_is_told_by_its_adjective_but_of_five_that_are_known_by_their_codes() -> None:
    told = {code: told_authority(code) for code in {**load_authorities(), **load_nations()}}
    assert {code for code, adjective in told.items() if adjective == code} == {"US", "EU", "UK", "UN", "ECOWAS"}
    assert (told["CH"], told["PL"], told_authority("XX")) == ("Swiss", "Polish", "XX")


def test_every_authority_code_is_two_capitals_but_of_a_union_that_has_no_such_code() -> None:
    codes = {**load_authorities(), **load_nations()}
    assert all(map(str.isupper, codes))
    assert {code for code in codes if len(code) != 2} == {"ECOWAS"}


@pytest.mark.parametrize("name", load_shared()["subjects"])
def test_every_subject_is_found_in_its_own_example(name: str) -> None:
    example = load_shared()["subjects"][name]["example"]
    article = Article("a", "https://example.org/a", "Example", example, "", (), datetime(2025, 6, 12, tzinfo=UTC))
    assert name in find_subjects(article)


@pytest.mark.parametrize("name", load_shared()["around"])
def test_every_table_of_words_around_an_act_has_a_word_of_its_example(name: str) -> None:
    words, example = load_shared()["around"][name]["words"].split(), load_shared()["around"][name]["example"]
    assert words == [fold_word(word) for word in words]
    low = [token.low for token in tokenize(example, 0, len(example))]
    assert any(token.startswith(word[:-1]) if word.endswith("*") else token == word for word in words for token in low)


def test_every_entry_of_a_seat_or_a_body_is_found_in_its_own_example() -> None:
    tables = (*load_shared()["seats"].values(), *load_shared()["bodies"].values())
    found = [
        (pattern, re.search(pattern, example.lower()) is not None)
        for entries in tables
        for pattern, example in entries.items()
    ]
    assert found == [(pattern, True) for pattern, _ in found]
    assert set(load_shared()["seats"]) | set(load_shared()["bodies"]) <= set(load_programmes())


def test_who_acts_on_a_programme_twice_a_day_is_an_authority() -> None:
    often = [programme.twice_a_day for programme in load_programmes().values() if programme.twice_a_day]
    assert often
    assert all(codes <= set(load_authorities()) for codes in often)


def test_a_theme_is_no_country() -> None:
    themes = [name for name in load_programmes() if is_theme(name)]
    assert "cyber" in themes
    assert all(name.islower() for name in themes)
    assert not any(map(is_theme, ("Iran", None, "RUSSIA-EO14024")))
