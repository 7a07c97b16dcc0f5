"""How well articles are put together into events: pairwise precision and recall on tests/data/events.

    python -m tests.measure_events [acts.jsonl | blind_acts.jsonl]

Prints the pairs that went wrong."""

from __future__ import annotations

import itertools
import json
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from bot.cli import judge_lines

DATA = Path(__file__).parent / "data"
SETS = ("learning", "heldout", "judgement")


@dataclass(frozen=True)
class Score:
    right: int
    wrong: tuple[tuple[str, str], ...]  # pairs that share an event and are two acts
    missed: tuple[tuple[str, str], ...]  # pairs of one act without a common event

    @property
    def precision(self) -> float:
        return self.right / max(1, self.right + len(self.wrong))

    @property
    def recall(self) -> float:
        return self.right / max(1, self.right + len(self.missed))


def load_acts(name: str = "acts.jsonl", every: int = 1) -> dict[str, set[str]]:
    """Article id -> the acts that it reports, of every Nth act."""
    acts: dict[str, set[str]] = {}
    for line in (DATA / "events" / name).read_text(encoding="utf-8").splitlines()[::every]:
        act = json.loads(line)
        for article in act["articles"]:
            acts.setdefault(article, set()).add(act["act"])
    return acts


def load_articles(wanted: Iterable[str]) -> Iterator[str]:
    """The lines of these articles, each once."""
    left = set(wanted)
    for path in sorted(path for name in SETS for path in (DATA / name).glob("*.jsonl")):
        for line in path.read_text(encoding="utf-8").splitlines():
            key = json.loads(line)["id"] if line.strip() else None
            if key in left:
                left.discard(key)
                yield line
    if left:
        raise LookupError(f"no such article: {sorted(left)[:5]}")


def score(acts: dict[str, set[str]], lines: Iterable[str]) -> Score:
    events = {row["id"]: set(row["event_ids"]) for row in judge_lines(lines)}
    right, wrong, missed = 0, [], []
    for pair in itertools.combinations(sorted(events), 2):
        one, other = pair
        together, same = bool(events[one] & events[other]), bool(acts[one] & acts[other])
        right += together and same
        if together and not same:
            wrong.append(pair)
        elif same and not together:
            missed.append(pair)
    return Score(right, tuple(wrong), tuple(missed))


def main() -> None:
    acts = load_acts(*sys.argv[1:2])
    result = score(acts, load_articles(acts))
    for word, pairs in (("not one act", result.wrong), ("not joined", result.missed)):
        for one, other in pairs:
            print(f"{word}: {one} · {other}")
    print(
        f"{len(acts)} articles, {len(set().union(*acts.values()))} acts: pairwise precision {result.precision:.3f}, "
        f"recall {result.recall:.3f}"
    )


if __name__ == "__main__":
    main()
