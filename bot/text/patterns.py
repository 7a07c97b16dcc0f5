"""Data files of the package, and patterns of words that stand in them, in the languages that are read: tables
`[kind.language]` of entries, each a regular expression and a sentence of ours in which it is found. Case does not
count."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Any

from bot.errors import ConfigError

__all__ = ["joined", "load_patterns", "patterns_of", "read_table"]


def read_table(file: str) -> dict[str, Any]:
    """A data file of the package: "events/apart.toml". Raises ConfigError that names the file and the line."""
    try:
        return tomllib.loads((files("bot") / file).read_text(encoding="utf-8"))
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(file, str(error)) from error


@cache
def load_patterns(file: str) -> Mapping[str, Mapping[str, Mapping[re.Pattern[str], str]]]:
    """kind -> language -> {pattern: its example}, as they stand. `file`: "events/apart.toml". What the file names above
    its tables stands for itself in capitals: act = '…' is what ACT means in the patterns. Raises ConfigError that names
    the entry."""
    data = read_table(file)
    meanings = {name.upper(): words for name, words in data.items() if isinstance(words, str)}

    def compiled(table: str, entry: str) -> re.Pattern[str]:
        pattern = entry
        for name, words in meanings.items():
            pattern = pattern.replace(name, words)
        try:
            return re.compile(pattern, re.IGNORECASE)
        except re.error as error:
            raise ConfigError(f"{file} [{table}] '{entry}'", f"is no regular expression: {error}") from error

    return {
        kind: {
            language: {compiled(f"{kind}.{language}", entry): example for entry, example in entries.items()}
            for language, entries in languages.items()
        }
        for kind, languages in data.items()
        if not isinstance(languages, str)
    }


@cache
def patterns_of(file: str, kind: str, language: str = "") -> tuple[re.Pattern[str], ...]:
    """Those of a kind: of all languages, or of one that a BCP 47 tag names ("en", "en-GB")."""
    of = load_patterns(file)[kind]
    chosen = [of.get(language.lower().split("-")[0], {})] if language else of.values()
    return tuple(pattern for entries in chosen for pattern in entries)


def joined(file: str, kind: str) -> str:
    """The patterns of a kind as one, to be put into another; the first that fits counts."""
    return "|".join(pattern.pattern for pattern in patterns_of(file, kind))
