"""`python -m bench [CASE …] [--lists FOLDER]`: run the benchmarks, print the figures, write bench/latest.json."""

from __future__ import annotations

import argparse
import gc
import json
from pathlib import Path

from bench.cases import CASES as READING
from bench.cases import Figure, Setting
from bench.commands import commands
from bench.engines import engine, kills, schedulers
from bench.machines import alerts, fan_out, loading, pace
from bench.parts import message
from bench.watchlists import LISTS, names_of, real_or_made_up
from bot.logs import configure_logging

CASES = {
    **READING,
    "engine": engine,
    "kills": kills,
    "schedulers": schedulers,
    "alerts": alerts,
    "pace": pace,
    "message": message,
    "fan_out": fan_out,
    "loading": loading,
    "commands": commands,
}
LATEST = Path(__file__).parent / "latest.json"


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("cases", nargs="*", help=f"all, or some of {', '.join(CASES)}")
    parser.add_argument("--lists", type=Path, default=LISTS, help="where consolidated.csv.gz is (else a made-up list)")
    args = parser.parse_args()
    configure_logging("error", "text")
    what, entities = real_or_made_up(args.lists)
    print(f"{what}: {len(entities):,} entities, {len(set(names_of(entities))):,} names")
    measured = {}
    for name, case in CASES.items():
        if not args.cases or name in args.cases:
            for figure in case(Setting(entities, args.lists)):
                print(_line(figure), flush=True)
                measured[figure.name] = {
                    "value": _rounded(figure.value),
                    "unit": figure.unit,
                    "peer": figure.peer or None,
                    "ratio": _rounded(figure.ratio),
                }
            gc.collect()
    kept = json.loads(LATEST.read_text(encoding="utf-8")) if LATEST.exists() else {}
    kept |= measured
    LATEST.write_text(json.dumps(kept, indent=2) + "\n", encoding="utf-8")


def _rounded(value: float | None) -> float | None:
    return None if value is None else float(f"{value:.3g}")


def _line(figure: Figure) -> str:
    peer = f"{figure.ratio:7.2f} × {figure.peer}" if figure.ratio is not None else ""
    verdict = {True: "met", False: "MISSED", None: ""}[figure.met]
    return f"{figure.name:<36}{figure.value:>12.3f} {figure.unit:<13}{peer:<28}{figure.bar:<16}{verdict}"


if __name__ == "__main__":
    main()
