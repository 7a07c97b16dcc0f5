"""Look-ups: how fast a name is found among 40,000 and 1,000,000, how large the index is, how well pairs are told."""

from __future__ import annotations

import csv
import random
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from bench.watchlists import names_of
from bot.lookups import DEFAULT_THRESHOLD, compare_names
from bot.lookups.keys import keys_of, query_keys, word_keys
from bot.model import Entity, Schema
from bot.storage.name_index import NameIndex, NameIndexFolder, NameIndexWriter

PAIRS = Path("tests/data/name_pairs.csv")
_QUERIES = 300
_CANDIDATES = 30
_KINDS = (Schema.PERSON, Schema.COMPANY)


def made_up(entities: Sequence[Entity], count: int, seed: int) -> Iterator[str]:
    """Real names first, then new ones of their words, some of them with a letter changed."""
    chance = random.Random(seed)
    real = sorted(set(names_of(entities)))
    yield from real[:count]
    words = [word for name in real for word in name.split()]
    for _ in range(count - len(real)):
        yield " ".join(_changed(chance.choice(words), chance) for _ in range(chance.choice((2, 2, 2, 3, 3, 4, 5))))


def _changed(word: str, chance: random.Random) -> str:
    if len(word) < 4 or chance.random() < 0.7:
        return word
    at = chance.randrange(len(word))
    return word[:at] + chance.choice("aeiouklmnrst") + word[at + 1 :]


def queries(names: Sequence[str], seed: int) -> list[str]:
    """As they stand, with a letter changed, turned round: a third each."""
    chance = random.Random(seed)
    asked = []
    for number in range(_QUERIES):
        name = chance.choice(names)
        if number % 3 == 1 and len(name) > 5:
            at = chance.randrange(1, len(name) - 1)
            name = name[:at] + chance.choice("aeiourst") + name[at + 1 :]
        asked.append(" ".join(reversed(name.split())) if number % 3 == 2 else name)
    return asked


def search_times(entities: Sequence[Entity], count: int, seed: int) -> tuple[float, float, list[float]]:
    """(seconds to build, megabytes, milliseconds of each look-up), all of one core's time."""
    names = list(made_up(entities, count, seed))
    word_keys("john")  # rigour's table is loaded once in a process
    with tempfile.TemporaryDirectory() as place:
        folder = NameIndexFolder(Path(place))

        def fill(writer: NameIndexWriter) -> tuple[int, int]:
            for number, name in enumerate(names):
                kind = _KINDS[number % 2]
                keys = keys_of(name, kind)
                writer.add_owner(str(number), kind.value)
                writer.add_name(name, keys.words, keys.whole)
            return 1, 1

        began = time.process_time()
        built = folder.build(fill, word_keys) or ""
        seconds = time.process_time() - began
        size = sum(file.stat().st_size for file in (Path(place) / built).iterdir()) / 1e6
        index = folder.open(built)
        return seconds, size, [_time(index, name) for name in queries(names, seed)]


def _time(index: NameIndex, name: str) -> float:
    began = time.process_time()
    keys = query_keys(name, None)
    found = index.candidates(keys.words, keys.joined, keys.whole, word_keys, _CANDIDATES)
    for one in found:
        if one.score >= 0.45 * found[0].score:
            compare_names(name, one.name, Schema(one.kind))
    return (time.process_time() - began) * 1_000


def pair_figures() -> tuple[float, float]:
    """(precision, recall) of the labelled pairs at the default threshold."""
    with PAIRS.open(encoding="utf-8", newline="") as lines:
        rows = [
            (row["label"] == "1", compare_names(row["name1"], row["name2"], Schema(row["schema"])).score)
            for row in csv.DictReader(lines)
        ]
    right = sum(label and score >= DEFAULT_THRESHOLD for label, score in rows)
    return right / sum(score >= DEFAULT_THRESHOLD for _, score in rows), right / sum(label for label, _ in rows)
