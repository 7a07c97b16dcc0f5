"""A short run of `make chaos`: 60 alerts, 6 chats, two kills, some cut connections, on PostgreSQL."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from tests.chaos.rig import Plan, most_within, run
from tests.chaos.servers import Faults

SHORT = Plan(
    alerts=60,
    telegram_chats=4,
    telegram_groups=0,
    slack_channels=2,
    workers=2,
    kills=2,
    cuts=2,
    put_for=5.0,
    seed=7,
    faults=Faults(0.01, 0.01, 0.01, close_after=0.04, hang_after=0.015, hang_for=1.0),
    most_seconds=100.0,
)


@pytest.mark.timeout(180)
async def test_nothing_is_lost_and_every_duplicate_has_a_reason_and_is_counted(tmp_path: Path) -> None:
    (tmp_path / "sources.toml").write_text("")
    counts = await run(SHORT, tmp_path)
    told = counts.line("short")
    print(told)
    assert counts.sent == SHORT.alerts, told
    assert (counts.lost, counts.unexplained, counts.undetected, counts.inversions, counts.stale) == (0, 0, 0, 0, 0), (
        told
    )
    assert counts.duplicates <= counts.possible, told
    assert counts.kills >= 2, told


def test_most_within_counts_a_window() -> None:
    assert most_within([], 1.0) == 0
    assert most_within([0.0, 0.5, 0.99, 1.0, 3.0], 1.0) == 3
    times = sorted(random.Random(1).uniform(0, 10) for _ in range(200))
    assert most_within(times, 2.0) == max(sum(start <= time < start + 2.0 for time in times) for start in times)
