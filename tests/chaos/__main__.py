"""`make chaos`: 100 alerts to 10 chats on SQLite, then 1,000 to 50 on PostgreSQL. Counts come last, one line each; exit
code 1 if a bar is missed."""

from __future__ import annotations

import argparse
import asyncio
import sys
import tempfile
from dataclasses import replace
from pathlib import Path

from tests.chaos.rig import Plan, run

POSTGRESQL = Plan()
SQLITE = Plan(
    "sqlite", 100, telegram_chats=8, telegram_groups=0, slack_channels=2, workers=1, kills=4, cuts=0, put_for=10.0,
    most_seconds=90.0,
)  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", choices=["postgresql", "sqlite"])
    parser.add_argument("--folder", type=Path, help="keep the workers' log there")
    parser.add_argument("--seconds", type=float, help="the longest one run may take, on a machine that is busy")
    asked = parser.parse_args()
    plans = [plan for plan in (SQLITE, POSTGRESQL) if asked.only in (None, plan.database)]
    counted = []
    with tempfile.TemporaryDirectory(prefix="chaos-") as scratch:
        for plan in plans:
            folder = (asked.folder or Path(scratch)) / plan.database
            folder.mkdir(parents=True, exist_ok=True)
            (folder / "sources.toml").write_text("")
            counts = asyncio.run(
                run(replace(plan, seed=asked.seed, most_seconds=asked.seconds or plan.most_seconds), folder)
            )
            counted.append((plan, counts))
    for plan, counts in counted:
        print(counts.line(plan.database))
    sys.exit(0 if all(counts.ok for _, counts in counted) else 1)


if __name__ == "__main__":
    main()
