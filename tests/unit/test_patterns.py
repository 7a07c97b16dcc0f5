"""Words as data: every entry is found in its own example, and needed there."""

from __future__ import annotations

from pathlib import Path

import pytest

import bot
from bot.patterns import load_patterns, patterns_of

ROOT = Path(bot.__file__).parent
FILES = ("events/apart.toml", "events/corrections.toml", "pointers.toml")
AT_THE_START = {"sign", "plain_sign", "lead_in"}
TABLES = [
    (file, kind, language)
    for file in FILES
    for kind, languages in load_patterns(file).items()
    for language in languages
]


@pytest.mark.parametrize(("file", "kind", "language"), TABLES)
def test_every_entry_is_found_in_its_own_example_and_needed_there(file: str, kind: str, language: str) -> None:
    entries = load_patterns(file)[kind][language]
    others = patterns_of(file, kind) if kind in AT_THE_START else tuple(entries)
    found = {
        pattern.pattern: [
            other.pattern
            for other in others
            if (other.match(example) if kind in AT_THE_START else other.search(example))
        ]
        for pattern, example in entries.items()
    }
    assert found == {pattern: [pattern] for pattern in found}


def test_a_language_that_has_none_has_none() -> None:
    assert patterns_of("events/corrections.toml", "denied", "pt") == ()
    assert patterns_of("events/corrections.toml", "denied", "en-GB") == patterns_of(
        "events/corrections.toml", "denied", "en"
    )
