"""Learn what each piece of evidence is worth: `python tests/learn_weights.py SET.jsonl … [--check HELD_OUT.jsonl]`.

Writes bot/matching/vocabulary/weights.toml. A multinomial logistic regression with a quadratic penalty, fitted by
gradient descent in plain Python: the same sets give the same file. `--check` scores held-out sets, `--folds N`
cross-validates by article instead of writing.
"""

from __future__ import annotations

import argparse
import math
import sys
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
sys.path.insert(0, str(Path(__file__).resolve().parent))

from measure import article_of, entities_of, read_set

from bot.matching.cues import load_vocabulary
from bot.matching.evidence import collect, counts
from bot.matching.mentions import find_mentions
from bot.matching.names import NameIndex
from bot.model import Verdict

WEIGHTS = Path(__file__).resolve().parent.parent / "bot" / "matching" / "vocabulary" / "weights.toml"
VERDICTS = tuple(verdict.value for verdict in Verdict if verdict is not Verdict.ABSENT)
PENALTY = 4.0  # of the squared weights, over the number of examples
ROUNDS = 200
SMALLEST = 0.02  # weights below it are left out


# What evidence means by its making: learning starts from here and is pulled back to it, so that kinds with few examples
# (renewals, proposals) are not read against their own words.
PRIOR = {
    "top.new": {"new_sanctions": 2.5},
    "top.assumed": {"new_sanctions": 1.5},
    "top.possible": {"possible": 3.0},
    "top.relief": {"relief": 3.0},
    "top.renewal": {"renewal": 3.0},
    "top.enforcement": {"enforcement": 2.5},
    "top.earlier": {"background": 3.0},
    "top.standing": {"background": 3.0},
    "top.state": {"background": 1.0, "new_sanctions": 1.0},
    "top.exclusion": {"bystander": 3.0},
    "silent.Person": {"bystander": 1.0},
    "silent.Company": {"bystander": 1.0},
    "silent.Organization": {"bystander": 1.5},
    "silent.PublicBody": {"bystander": 1.5},
    "silent.off_topic": {"unrelated": 4.0},
    "name.outlet": {"bystander": 1.5},
}


@dataclass(frozen=True)
class Example:
    article: str
    evidence: tuple[str, ...]
    label: int


def examples_of(path: str) -> list[Example]:
    """The evidence and the label of every entity that is mentioned, but in articles that are about something else."""
    found: list[Example] = []
    for item in read_set(path):
        vocabulary = load_vocabulary(item.get("language", "en"))
        if vocabulary is None:
            continue
        article, index = article_of(item), NameIndex.compile(entities_of(item))
        dossier = collect(article, find_mentions(article, index), index.entities, vocabulary)
        for key, held in dossier.entities.items():
            label = item["labels"].get(key)
            if label not in VERDICTS or (label == "unrelated" and dossier.unrelated > 0):
                continue
            names = tuple(sorted(name for name in held.found if counts(name)))
            found.append(Example(item["id"], names, VERDICTS.index(label)))
    return found


Table = dict[str, list[float]]


def learn(examples: Sequence[Example]) -> tuple[list[float], Table]:
    """Gradient descent with a step for each weight of its own (Rprop), which needs no tuning."""
    size = len(VERDICTS)
    names = sorted({name for example in examples for name in example.evidence})
    table: Table = {name: _prior(name) for name in ["", *names]}  # "" is the start
    steps: Table = {name: [0.1] * size for name in table}
    before: Table = {name: [0.0] * size for name in table}
    for _ in range(ROUNDS):
        slope: defaultdict[str, list[float]] = defaultdict(lambda: [0.0] * size)
        for example in examples:
            odds = _odds(table, example.evidence)
            for place in range(size):
                error = odds[place] - (place == example.label)
                for name in ("", *example.evidence):
                    slope[name][place] += error
        for name, row in table.items():
            _step(row, slope[name], steps[name], before[name], PENALTY if name else 0.0, _prior(name))
    return table.pop(""), table


def _odds(table: Table, evidence: Sequence[str]) -> list[float]:
    totals = list(table[""])
    for name in evidence:
        row = table.get(name)
        if row is not None:
            totals = [a + b for a, b in zip(totals, row, strict=True)]
    top = max(totals)
    powers = [math.exp(total - top) for total in totals]
    whole = sum(powers)
    return [power / whole for power in powers]


def _prior(name: str) -> list[float]:
    known = PRIOR.get(name, {})
    return [known.get(verdict, 0.0) for verdict in VERDICTS]


def _step(
    row: list[float], slope: list[float], steps: list[float], before: list[float], penalty: float, prior: list[float]
) -> None:
    for place in range(len(row)):
        rise = slope[place] + penalty * (row[place] - prior[place])
        turn = rise * before[place]
        steps[place] = (
            min(steps[place] * 1.2, 1.0) if turn > 0 else max(steps[place] * 0.5, 1e-4) if turn < 0 else steps[place]
        )
        if turn < 0:
            before[place] = 0.0
            continue
        row[place] -= math.copysign(steps[place], rise) if rise else 0.0
        before[place] = rise


def write(start: Sequence[float], table: Table) -> None:
    lines = [
        "# What each piece of evidence is worth for each verdict, as added logarithms of odds. Learnt by",
        "# tests/learn_weights.py from labelled articles; do not edit by hand. The names: docs/verdicts.md.",
        "",
        f"verdicts = {_row(VERDICTS)}",
        f"start = {_row(round(value, 3) for value in start)}",
        "",
        "[evidence]",
    ]
    for name, row in sorted(table.items()):
        if max(map(abs, row)) >= SMALLEST:
            lines.append(f'"{name}" = {_row(round(value, 3) for value in row)}')
    WEIGHTS.write_text("\n".join(lines) + "\n", encoding="utf-8")


def _row(values: object) -> str:
    items = [f'"{value}"' if isinstance(value, str) else repr(value) for value in values]  # type: ignore[attr-defined]
    return "[" + ", ".join(items) + "]"


def agreement(start: Sequence[float], table: Table, examples: Sequence[Example]) -> str:
    """Accuracy, and precision and recall of new sanctions."""
    whole = {"": list(start), **table}
    right = hit = said = truth = 0
    new = VERDICTS.index(Verdict.NEW_SANCTIONS.value)
    for example in examples:
        odds = _odds(whole, example.evidence)
        given = odds.index(max(odds))
        right += given == example.label
        hit += given == example.label == new
        said += given == new
        truth += example.label == new
    return (
        f"accuracy {right / max(1, len(examples)):.3f}, new sanctions: precision {hit / max(1, said):.3f}, "
        f"recall {hit / max(1, truth):.3f} ({len(examples)} names)"
    )


def cross_validate(examples: Sequence[Example], folds: int) -> None:
    articles = sorted({example.article for example in examples})
    for fold in range(folds):
        held_out = set(articles[fold::folds])
        start, table = learn([example for example in examples if example.article not in held_out])
        print(f"fold {fold + 1}: {agreement(start, table, [e for e in examples if e.article in held_out])}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("sets", nargs="+", help="labelled articles to learn from")
    parser.add_argument("--check", nargs="*", default=[], help="held-out sets to score")
    parser.add_argument("--folds", type=int, default=0, help="cross-validate by article, write nothing")
    args = parser.parse_args()
    examples = [example for path in args.sets for example in examples_of(path)]
    if args.folds:
        cross_validate(examples, args.folds)
        return
    start, table = learn(examples)
    print(f"learnt from: {agreement(start, table, examples)}")
    for path in args.check:
        print(f"{path}: {agreement(start, table, examples_of(path))}")
    write(start, table)


if __name__ == "__main__":
    main()
