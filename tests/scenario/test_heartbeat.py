"""The running bot gives its watcher a sign of life once it reads its sources, and none while it can read none."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from pathlib import Path

import pytest
from pydantic import SecretStr

from tests.scenario.conftest import FeedServer, eventually, running_bot, source


@pytest.fixture(autouse=True)
def often(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.ticking.HEARTBEAT_EVERY", timedelta(seconds=1))


async def test_a_sign_is_given_once_sources_are_read(tmp_path: Path, feeds: FeedServer) -> None:
    feeds.publish("wire")
    feeds.bodies["/ping"] = b"OK"
    async with running_bot(tmp_path, feeds, source(feeds, "wire"), heartbeat_url=SecretStr(f"{feeds.base}/ping")):
        await eventually(lambda: "/ping" in feeds.asked, 60)
        assert "/wire.xml" in feeds.asked[: feeds.asked.index("/ping")]


async def test_none_is_given_while_no_source_can_be_read(tmp_path: Path, feeds: FeedServer) -> None:
    feeds.bodies["/ping"] = b"OK"
    async with running_bot(tmp_path, feeds, source(feeds, "wire"), heartbeat_url=SecretStr(f"{feeds.base}/ping")):
        await eventually(lambda: "/wire.xml" in feeds.asked, 60)
        await asyncio.sleep(3)
        assert "/ping" not in feeds.asked
