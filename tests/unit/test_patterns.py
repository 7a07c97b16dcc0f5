"""Words as data: every entry is found in its own example, and needed there."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

import bot
from bot.errors import ConfigError
from bot.matching.sentences import split_sentences
from bot.text.patterns import load_patterns, patterns_of
from bot.text.phrasing import split_sentences as told_sentences

ROOT = Path(bot.__file__).parent
FILES = (
    "matching/notices.toml",
    "events/apart.toml",
    "events/called.toml",
    "events/corrections.toml",
    "text/pointers.toml",
    "text/furniture.toml",
)
LANGUAGES = tomllib.loads((ROOT / "text/openers.toml").read_text(encoding="utf-8"))
AT_THE_START = {"sign", "plain_sign", "lead_in", "tags", "begins"}
ALONE = {
    "whole",
    "stories",
    "end_heading",
    "column",
    *(f"{act}_{where}" for act in ("added", "amended", "removed") for where in ("heading", "cell")),
}
TABLES = [
    (file, kind, language)
    for file in FILES
    for kind, languages in load_patterns(file).items()
    for language in languages
]


@pytest.mark.parametrize(("file", "kind", "language"), TABLES)
def test_every_entry_is_found_in_its_own_example_and_needed_there(file: str, kind: str, language: str) -> None:
    entries = load_patterns(file)[kind][language]
    others = patterns_of(file, kind) if kind in AT_THE_START | ALONE else tuple(entries)
    find = re.Pattern.match if kind in AT_THE_START else re.Pattern.fullmatch if kind in ALONE else re.Pattern.search
    wrong = []
    for pattern, example in entries.items():
        found = [other.pattern for other in others if find(other, example)]
        if pattern.pattern not in found:
            wrong.append(f"'{pattern.pattern}' is not found in its example \"{example}\"")
        elif len(found) > 1:
            more = next(other for other in found if other != pattern.pattern)
            wrong.append(f"'{pattern.pattern}' is not needed in \"{example}\", in which '{more}' is found")
    assert not wrong, f"{file} [{kind}.{language}]:\n" + "\n".join(wrong)


def test_an_entry_that_is_no_pattern_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.text.patterns.files", {"bot": tmp_path}.get)
    (tmp_path / "slips.toml").write_text("[begins.es]\n'mira\\s(el' = \"Mira el puerto\"\n", encoding="utf-8")
    with pytest.raises(
        ConfigError, match=r"slips.toml \[begins.es\] 'mira\\s\(el': is no regular expression: missing \)"
    ):
        load_patterns("slips.toml")
    (tmp_path / "twice.toml").write_text("[begins.es]\n'a' = \"A\"\n'a' = \"B\"\n", encoding="utf-8")
    with pytest.raises(ConfigError, match=r"twice.toml: .*line 3"):
        load_patterns("twice.toml")


def test_a_language_that_has_none_has_none() -> None:
    assert patterns_of("events/corrections.toml", "denied", "pt") == ()
    assert patterns_of("events/corrections.toml", "denied", "en-GB") == patterns_of(
        "events/corrections.toml", "denied", "en"
    )


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_a_language_cuts_short_ends_no_sentence(language: str) -> None:
    for word in LANGUAGES[language].get("abbreviations", "").split():
        text = f"Acme, {word}. Qolva, Bolt."
        assert len(split_sentences(text)) == 1, word
        assert list(told_sentences(text)) == [text], word


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_languages_openers_part_its_example(language: str) -> None:
    words, may_end = (LANGUAGES[language][name].split() for name in ("words", "may_end"))
    example = LANGUAGES[language]["example"]
    first, second = (example[start:end] for start, end in split_sentences(example))
    assert second.split()[0].lower() in words
    assert first.split()[-1].lower().replace(".", "") in (*may_end, "eeuu")
    assert list(told_sentences(example)) == [first, second]
