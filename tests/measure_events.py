"""How well articles are put together into events: pairwise precision and recall on tests/data/events.

    python -m tests.measure_events [acts.jsonl | blind_acts.jsonl | …]

Prints the pairs that went wrong."""

from __future__ import annotations

import argparse
import itertools
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from bot.cli.judging import judge_lines

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


def load_recalled(name: str) -> dict[str, set[str]]:
    """Article id -> the acts that it recalls in passing: whether it shares their event counts neither way."""
    recalled: dict[str, set[str]] = {}
    for line in (DATA / "events" / name).read_text(encoding="utf-8").splitlines():
        act = json.loads(line)
        for article in act.get("recalled", ()):
            recalled.setdefault(article, set()).add(act["act"])
    return recalled


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


def score(
    acts: dict[str, set[str]], lines: Iterable[str], recalled: Mapping[str, set[str]] = MappingProxyType({})
) -> Score:
    events = {row["id"]: set(row["event_ids"]) for row in judge_lines(lines)}
    right, wrong, missed = 0, [], []
    for pair in itertools.combinations(sorted(events), 2):
        one, other = pair
        together, same = bool(events[one] & events[other]), bool(acts[one] & acts[other])
        right += together and same
        aside = recalled.get(one, set()) & (acts[other] | recalled.get(other, set()))
        if together and not same and not (aside or recalled.get(other, set()) & acts[one]):
            wrong.append(pair)
        elif same and not together:
            missed.append(pair)
    return Score(right, tuple(wrong), tuple(missed))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    sets = sorted(path.name for path in (DATA / "events").glob("*.jsonl"))
    parser.add_argument("name", nargs="?", default="acts.jsonl", choices=sets, help="which set of acts")
    name = parser.parse_args().name
    acts = load_acts(name)
    result = score(acts, load_articles(acts), load_recalled(name))
    for word, pairs in (("not one act", result.wrong), ("not joined", result.missed)):
        for one, other in pairs:
            print(f"{word}: {one} · {other}")
    print(
        f"{len(acts)} articles, {len(set().union(*acts.values()))} acts: pairwise precision {result.precision:.3f}, "
        f"recall {result.recall:.3f}"
    )


if __name__ == "__main__":
    main()
