"""Learn what a reader wants to be told: `python tests/learn_points.py SET.jsonl … [--folds N]`.

Writes bot/summaries/worth.toml. A logistic regression for each kind of word with a quadratic penalty: is the word part
of a fact that a labelled reader wanted? Learnt with the labelled verdicts and with the judged ones, so that a wrong
verdict is met too. Plain Python: the same sets give the same file. Scored by tests/measure.py.
"""

from __future__ import annotations

import argparse
import math
import sys
from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
sys.path.insert(0, str(Path(__file__).resolve().parent))

from measure import article_of, as_labelled, entities_of, read_set

from bot.matching.mentions import find_mentions
from bot.matching.names import NameIndex
from bot.matching.verdicts import judge_article
from bot.model import Verdict
from bot.summaries.facts import KINDS, PLACES, words_met
from bot.summaries.reading import WORD, Reading, key_of

WORTH = Path(__file__).resolve().parent.parent / "bot" / "summaries" / "worth.toml"
PENALTY = 3.0  # of the squared weights
ROUNDS = 120


@dataclass(frozen=True)
class Example:
    kind: str
    mask: int
    is_wanted: bool


def examples_of(path: str) -> Iterator[Example]:
    for item in read_set(path):
        if not item.get("facts") or Verdict.NEW_SANCTIONS.value not in item["labels"].values():
            continue
        article, index = article_of(item), NameIndex.compile(entities_of(item))
        mentions = find_mentions(article, index)
        judged = judge_article(article, mentions, index.entities)
        wanted = {key_of(word) for fact in item["facts"] for form in fact for word in WORD.findall(form)}
        for judgement in (as_labelled(item, article, judged, mentions), judged):
            if judgement.of(Verdict.NEW_SANCTIONS):
                reading = Reading(article, judgement.findings, Verdict.NEW_SANCTIONS, judgement.counts)
                for word, (kind, mask) in words_met(reading).items():
                    yield Example(kind, mask, _is_wanted(word, wanted))


def _is_wanted(word: str, wanted: Collection[str]) -> bool:
    """A labelled form may be the beginning of a word: "sanction" for "sanctions"."""
    return word in wanted or any(len(form) > 3 and word.startswith(form) for form in wanted)


def learn(examples: Sequence[Example]) -> dict[str, list[float]]:
    """For each kind its start and what each place adds, by gradient descent with a step for each weight (Rprop)."""
    return {kind: _learn_kind([e for e in examples if e.kind == kind]) for kind in KINDS}


def _learn_kind(examples: Sequence[Example]) -> list[float]:
    counts: dict[int, list[int]] = defaultdict(lambda: [0, 0])
    for example in examples:
        counts[example.mask][example.is_wanted] += 1
    size = 1 + len(PLACES)
    rows = [([1.0, *(float(mask >> n & 1) for n in range(size - 1))], no, yes) for mask, (no, yes) in counts.items()]
    weights, steps, before = [-3.0, *([0.0] * (size - 1))], [0.2] * size, [0.0] * size
    for _ in range(ROUNDS):
        slope = [0.0] + [PENALTY * weight for weight in weights[1:]]
        for row, no, yes in rows:
            odds = 1 / (1 + math.exp(-sum(a * b for a, b in zip(row, weights, strict=True))))
            error = (no + yes) * odds - yes
            for place, value in enumerate(row):
                slope[place] += error * value
        for place in range(size):
            turn = slope[place] * before[place]
            factor = 1.2 if turn > 0 else 0.5 if turn < 0 else 1.0
            steps[place] = max(1e-4, min(1.0, steps[place] * factor))
            before[place] = 0.0 if turn < 0 else slope[place]
            if turn >= 0 and slope[place]:
                weights[place] -= math.copysign(steps[place], slope[place])
    return weights


def write(table: Mapping[str, Sequence[float]]) -> None:
    lines = [
        "# What makes a word of an article a fact that a reader wants: for each kind of word the start, and what each",
        "# place where it was met adds, as logarithms of odds. Learnt by tests/learn_points.py; do not edit by hand.",
    ]
    for kind, (start, *places) in table.items():
        lines += ["", f"[{kind}]", f"start = {round(start, 2)}"]
        lines += [
            f"{name} = {round(value, 2)}" for name, value in zip(PLACES, places, strict=True) if abs(value) > 0.05
        ]
    WORTH.write_text("\n".join(lines) + "\n", encoding="utf-8")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("sets", nargs="+", help="labelled articles to learn from")
    args = parser.parse_args()
    examples = [example for path in args.sets for example in examples_of(path)]
    found = Counter((example.kind, example.is_wanted) for example in examples)
    for kind in KINDS:
        wanted, other = found[kind, True], found[kind, False]
        print(f"{kind:<10} {wanted:>5} wanted of {wanted + other}")
    write(learn(examples))


if __name__ == "__main__":
    main()
