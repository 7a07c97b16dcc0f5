"""The demo: the bundled week, told as a careful analyst would."""

from __future__ import annotations

import asyncio
import io
import json
import os
import re
import signal
import sys
from asyncio.subprocess import PIPE
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from rich.console import Console

from bot.app import build
from bot.config import ROLES, load_settings
from bot.demo.replay import DATA, Replay, load_feeds
from bot.demo.run import demo_settings, run_demo
from bot.watchlist import parse_watchlist

README = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")
EXPECTED = json.loads((DATA / "expected.json").read_text(encoding="utf-8"))


async def test_the_demo_alerts_once_for_each_event_and_tells_why_the_rest_is_quiet(tmp_path: Path) -> None:
    text = io.StringIO()
    console = Console(file=text, width=100, highlight=False)
    await asyncio.wait_for(run_demo(tmp_path, console, port=0, span=timedelta(seconds=3), once=True), 60)
    told = text.getvalue()
    assert re.search(r"admin (?:\w{4}-){3}\w{4}", told), "commands of admins can be tried"
    assert f"All {len(EXPECTED['articles'])} articles are out" in told
    alerts = re.findall(r"(?:opens|joins) event (\w+)", told)
    expected = sum(bool(article["alerts"]) for article in EXPECTED["articles"].values())
    assert len(alerts) == expected
    # The column on Darfur is told by its event alone: where it is read before the event's first report, it is looked at
    # again.
    column, report = (
        told.index(title) for title in ("Meridian Post: Genocide in Darfur", "Continental Wire: U.S. says Sudan")
    )
    assert told.count("no alert:") == len(EXPECTED["articles"]) - len(alerts) + (column < report)
    assert len(set(alerts)) == len(EXPECTED["events"])
    tracked = parse_watchlist((DATA / "watchlist.csv").read_bytes(), "watchlist.csv").entities
    named = re.findall(r"│ (?:Tracked|Also named): (.+?)│\n│ (?: +│|To the alert)", told, re.DOTALL)
    wanted = {key for article in EXPECTED["articles"].values() for key in article["alerts"]}
    listed = " ".join(" ".join(named).replace("│", " ").split())
    assert {entity.key for entity in tracked if entity.caption in listed} == wanted, "nobody else is told"
    figures = re.search(r"All (\d+) articles.* (\d+) events.* (\d+) articles told of them, (\d+) raised", told, re.S)
    promised = re.search(r"(\d+) articles by.* (\d+) of them are told as (\d+) events.* (\d+) raise nothing", README)
    assert figures is not None
    assert promised is not None
    read, events, telling, quiet = map(int, figures.groups())
    assert (telling, quiet) == (len(alerts), read - len(alerts))
    whole = (read, expected, events, read - expected)
    assert tuple(map(int, promised.groups())) == whole, "the README's demo is this one"
    (shown,) = re.findall(r"╭─ Alert .*?╯", README, re.S)
    assert words_of(shown) in words_of(told), "the README shows an alert as the demo did once: put today's there"


def words_of(boxes: str) -> str:
    """What boxes of any width say, but for when and where the demo ran."""
    return re.sub(r"seen [^│]*? UTC|127\.0\.0\.1:\d+", "", " ".join(re.sub(r"[╭╮╰╯─│]", " ", boxes).split()))


def test_the_replay_keeps_the_order_of_publication_and_grows() -> None:
    start = datetime(2026, 1, 1, tzinfo=UTC)
    now = [start]
    replay = Replay(load_feeds(), timedelta(seconds=10), lambda: now[0])
    feed = replay.feeds["continental-wire"]
    sizes = []
    for second in (0, 5, 10):
        now[0] = start + timedelta(seconds=second)
        sizes.append(len(feed.until(replay.moment(), "http://x")))
    assert sizes == sorted(sizes)
    assert sizes[0] < sizes[2]
    assert b"{base}" not in feed.until(replay.moment(), "http://x")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
async def test_the_command_shows_the_console_and_stops_cleanly(tmp_path: Path, number: signal.Signals) -> None:
    """SIGHUP comes when the terminal is closed, twice if `make` runs in it."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "bot", "demo", "--port", "0", "--seconds", "60",
        stdout=PIPE, stderr=PIPE, env={**os.environ, "TMPDIR": str(tmp_path)},
    )  # fmt: skip
    try:
        assert process.stdout is not None
        assert process.stderr is not None
        lines = []
        while not any("Web console: http://127.0.0.1:" in line for line in lines):
            line = await asyncio.wait_for(process.stdout.readline(), 90)
            assert line, (await process.stderr.read()).decode()
            lines.append(line.decode())
        await asyncio.sleep(1)
        process.send_signal(number)
        if number is not signal.SIGINT:
            process.send_signal(number)
        _, errors = await asyncio.wait_for(process.communicate(), 90)
        assert process.returncode == 0
    finally:
        if process.returncode is None:  # a test that failed leaves no demo running
            process.kill()
            await process.wait()
    assert b"Traceback" not in errors
    assert os.listdir(tmp_path) == []  # noqa: PTH208 (in a coroutine)


def test_whatever_is_set_the_demo_tells_nobody_beyond_this_machine(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    set_to = {
        "TELEGRAM_TOKEN": "1:a",
        "WEBHOOKS": "desk=https://desk.example/hook",
        "WEBHOOK_SECRET": "x" * 16,
        "REVIEW_CHAT": "telegram:-1001",
        "OPS_CHAT": "telegram:-1002",
        "ROLES": "poll",
        "WEB_HOST": "0.0.0.0",
    }
    for name, value in set_to.items():
        monkeypatch.setenv(f"SANCTIONS_BOT_{name}", value)
    settings = demo_settings(load_settings(tmp_path), tmp_path, "127.0.0.1:1", 0)
    assert set(settings.roles) == ROLES
    assert settings.web_host == "0.0.0.0", "in a container the console must be reached"
    bot = build(settings, {})
    try:
        assert set(bot.platforms) == {"web"}
        assert (bot.pipeline.review, settings.operations) == (None, None)
    finally:
        bot.close()
