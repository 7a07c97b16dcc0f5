"""What each piece of evidence is worth for each verdict: vocabulary/weights.toml, learnt by tests/learn_weights.py."""

from __future__ import annotations

import math
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from bot.model import Verdict


@dataclass(frozen=True, slots=True)
class Weights:
    """`table[evidence][place]` is the worth of a piece of evidence for `verdicts[place]`."""

    verdicts: tuple[Verdict, ...]
    start: tuple[float, ...]
    table: Mapping[str, tuple[float, ...]]

    def probabilities(self, evidence: Iterable[str]) -> dict[Verdict, float]:
        """How probable each verdict is with this evidence; they sum to 1."""
        totals = list(self.start)
        for name in evidence:
            row = self.table.get(name)
            if row is not None:
                totals = [total + worth for total, worth in zip(totals, row, strict=True)]
        top = max(totals)
        powers = [math.exp(total - top) for total in totals]
        whole = sum(powers)
        return {verdict: power / whole for verdict, power in zip(self.verdicts, powers, strict=True)}

    def worth(self, name: str, verdict: Verdict) -> float:
        row = self.table.get(name)
        return row[self.verdicts.index(verdict)] if row is not None else 0.0


@cache
def load_weights() -> Weights:
    raw = tomllib.loads((files("bot.matching") / "vocabulary" / "weights.toml").read_text(encoding="utf-8"))
    verdicts = tuple(Verdict(name) for name in raw["verdicts"])
    return Weights(verdicts, tuple(raw["start"]), {name: tuple(row) for name, row in raw["evidence"].items()})
