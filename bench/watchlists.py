"""Watchlists of any length: the US Consolidated Screening List where it is at hand, else a made-up one like it."""

from __future__ import annotations

import csv
import gzip
import random
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path

from bench.articles import invented_word
from bot.matching.terms import load_terms
from bot.model import Entity, Identifier, Schema
from bot.text.folding import fold_key

LISTS = Path(__file__).parent.parent.parent / "shared" / "lists" / "us_csl"
NAMES = 32_854  # of the US list, and of the made-up one
_SCHEMAS = {"Individual": Schema.PERSON, "Vessel": Schema.VESSEL, "Aircraft": Schema.AIRPLANE}


def names_of(entities: Iterable[Entity]) -> list[str]:
    return [name for entity in entities for name in (entity.caption, *entity.aliases) if name.strip()]


def real_or_made_up(lists: Path) -> tuple[str, list[Entity]]:
    path = lists / "consolidated.csv.gz"
    if path.exists():
        return "the US Consolidated Screening List", list(_of_csv(path))
    return "a made-up list", list(_made_up(random.Random(1)))


def _of_csv(path: Path) -> Iterator[Entity]:
    with gzip.open(path, "rt", encoding="utf-8", newline="") as file:
        for number, row in enumerate(csv.DictReader(file)):
            codes = {
                code.strip().lower() for column in ("citizenships", "nationalities") for code in row[column].split(";")
            }
            numbers = [part.split(",")[1].strip() for part in row["ids"].split(";") if "Vessel Registration" in part]
            yield Entity(
                row["_id"] or f"row-{number}",
                _SCHEMAS.get(row["type"], Schema.ORGANIZATION),
                row["name"],
                tuple(name.strip() for name in row["alt_names"].split("; ") if name.strip()),
                countries=tuple(sorted(code for code in codes if len(code) == 2)),
                identifiers=tuple(Identifier("imoNumber", value) for value in numbers),
            )


def _made_up(rng: random.Random) -> Iterator[Entity]:
    """People, firms and ships with as many names as the US list."""
    given = sorted(word for word in load_terms().given if len(word) > 3)
    kinds = ["Trading LLC", "Shipping Co., Ltd.", "Petrochemical Group", "Bank", "Electronics Limited", "Foundation"]
    names = number = 0
    while names < NAMES:
        number += 1
        word, other = invented_word(rng).title(), invented_word(rng).title()
        person = f"{rng.choice(given).title()} {word}"
        match number % 10:
            case 0:
                entity = Entity(f"made-{number}", Schema.VESSEL, f"{word} {other}")
            case 1 | 2 | 3 | 4:
                aliases = (f"{word} {rng.choice(kinds)}",)
                entity = Entity(f"made-{number}", Schema.ORGANIZATION, f"{word} {other} {rng.choice(kinds)}", aliases)
            case _:
                aliases = (f"{word.upper()}, {person.split()[0]} {rng.choice(given).title()}", f"{person} {other}")
                entity = Entity(f"made-{number}", Schema.PERSON, person, aliases)
        names += 1 + len(entity.aliases)
        yield entity


def grown(entities: list[Entity], names: int) -> Iterator[Entity]:
    """As many names, of entities like these: what is distinctive in a name is spelt otherwise in each copy."""
    left, copy = names, 0
    while left > 0:
        for entity in entities:
            if left <= 0:
                return
            left -= 1 + len(entity.aliases)
            yield entity if copy == 0 else _respelt(entity, copy)
        copy += 1


_VOWELS, _CONSONANTS = "aeiou", "bdfgklmnprstvz"


def _respelt(entity: Entity, copy: int) -> Entity:
    turns = {
        ord(letter): letters[(at + by) % len(letters)]
        for letters, by in ((_VOWELS, copy % 5), (_CONSONANTS, copy % 13 + 1))
        for at, letter in enumerate(letters)
    }
    turns |= {ord(chr(code).upper()): letter.upper() for code, letter in turns.items()}
    return replace(
        entity,
        key=f"{entity.key}-{copy}",
        caption=_respell(entity.caption, turns),
        aliases=tuple(_respell(name, turns) for name in entity.aliases),
        identifiers=(),
    )


def _respell(name: str, turns: dict[int, str]) -> str:
    return " ".join(_respell_word(word, turns) for word in name.split(" "))


def _respell_word(word: str, turns: dict[int, str]) -> str:
    """What is distinctive stays so: a list of a million names has no more ordinary words in it than one of 40,000."""
    terms = load_terms()
    if not terms.is_distinctive(fold_key(word)):
        return word
    for _ in range(13):
        word = word.translate(turns)
        if terms.is_distinctive(fold_key(word)):
            break
    return word
