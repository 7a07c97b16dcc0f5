"""The whole bot against servers on loopback: real HTTP, a real database, the real chat libraries."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any, TypeVar

import pytest
from aiohttp import web

from bot.app import Bot, build
from bot.config import Settings
from bot.lists import OfficialList
from bot.model import FirstRun, Source
from bot.ports import ArticleRecord, Post
from bot.seeding import seed
from bot.watchlist import parse_watchlist
from tests.fakes.telegram_server import TelegramServer
from tests.reading import judged_articles

T = TypeVar("T")

WATCHLIST = """key,schema,name,aliases,countries,topics
VSM,Company,Volga Shipping and Metals JSC,Volga Metals,ru,supplier
ORL,Person,Oleg Ivanovich Orlenko,,ru,
BNK,Company,Harbour Commercial Bank,,sg,lender
"""

ARTICLE = """<!doctype html><html lang="en"><head><title>{title}</title></head><body>
<nav><a href="/">Home</a> <a href="/world">World</a></nav>
<article><h1>{title}</h1>{paragraphs}</article>
<aside class="trending"><h3>Trending</h3><p>Sanctions fine for Harbour Commercial Bank</p></aside>
</body></html>"""

DESIGNATION = (
    "The United States imposed sanctions on two Russian companies and a businessman on Tuesday, the Treasury said.",
    "The Office of Foreign Assets Control added Volga Metals to its list of Specially Designated Nationals, "
    "together with Oleg Orlenko, who owns most of its shares.",
    "Harbour Commercial Bank, which lent to the group in 2015, declined to comment.",
    "Their assets in the United States are frozen, and Americans may not deal with them.",
)
SECOND_REPORT = (
    "Washington on Tuesday blacklisted Volga Metals, a maker of ship plate, in its latest round of sanctions.",
    "The Treasury Department said the company supplied a yard that builds tankers for the shadow fleet.",
)
QUIET = (
    "Volga Metals, which has been under Ukrainian sanctions since 2018, opened a new mill on Tuesday.",
    "Sanctions have cost the company a third of its exports, an analyst at Harbour Commercial Bank said.",
)


def page(title: str, paragraphs: tuple[str, ...]) -> bytes:
    text = "".join(f"<p>{paragraph}</p>" for paragraph in paragraphs)
    return ARTICLE.format(title=title, paragraphs=text).encode()


@dataclass
class FeedServer:
    """Feeds and pages on loopback. `bodies` maps a path to what is served, or to a handler."""

    bodies: dict[str, bytes | Callable[[web.Request], Awaitable[web.StreamResponse]]] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    base: str = ""

    @property
    def host(self) -> str:
        return self.base.removeprefix("http://")

    def publish(self, feed: str, *items: tuple[str, str, tuple[str, ...]]) -> None:
        """Put a feed with these (slug, title, paragraphs); the teasers name nobody."""
        entries = []
        for slug, title, paragraphs in items:
            self.bodies[f"/{feed}/{slug}.html"] = page(title, paragraphs)
            entries.append(
                f"<item><title>{title}</title><link>{self.base}/{feed}/{slug}.html</link>"
                f"<guid>{feed}-{slug}</guid><pubDate>Tue, 14 Oct 2025 15:00:00 GMT</pubDate>"
                f"<description>The latest on sanctions against Russia.</description></item>"
            )
        self.bodies[f"/{feed}.xml"] = (
            '<?xml version="1.0" encoding="UTF-8"?><rss version="2.0"><channel><title>T</title><link>x</link>'
            f"<description>d</description>{''.join(entries)}</channel></rss>"
        ).encode()

    async def serve(self, request: web.Request) -> web.StreamResponse:
        self.asked.append(request.path)
        body = self.bodies.get(request.path)
        if body is None:
            return web.Response(status=404, text="not here")
        if callable(body):
            return await body(request)
        kind = "text/html" if request.path.endswith(".html") else "application/rss+xml"
        return web.Response(body=body, content_type=kind)


@pytest.fixture
async def feeds() -> AsyncIterator[FeedServer]:
    server = FeedServer()
    app = web.Application()
    app.router.add_get("/{path:.*}", server.serve)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    assert runner.addresses
    server.base = f"http://127.0.0.1:{runner.addresses[0][1]}"
    yield server
    await runner.cleanup()


@pytest.fixture
async def telegram() -> AsyncIterator[TelegramServer]:
    async with TelegramServer() as server:
        yield server


@pytest.fixture(autouse=True)
def bare_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    import os

    for name in list(os.environ):
        if name.startswith("SANCTIONS_BOT_"):
            monkeypatch.delenv(name)


def source(feeds: FeedServer, key: str, **values: Any) -> Source:
    defaults: dict[str, Any] = {"every": timedelta(seconds=1), "first_run": FirstRun(None), "max_age": None}
    return Source(key=key, title=key.title(), url=f"{feeds.base}/{key}.xml", **(defaults | values))


@contextlib.asynccontextmanager
async def running_bot(
    folder: Path,
    feeds: FeedServer,
    *sources: Source,
    watchlist: str = WATCHLIST,
    official_lists: Mapping[str, OfficialList] | None = None,
    **settings: Any,
) -> AsyncIterator[Bot]:
    """The whole program in this process, with its database in `folder`."""
    defaults: dict[str, Any] = {
        "data_dir": folder,
        "fetch_allow_hosts": [feeds.host],
        "fetch_timeout": timedelta(seconds=3),
        "web_port": 0,
        "edit_every": timedelta(seconds=0),
        "lists": sorted(official_lists or {}),
    }
    bot = build(
        Settings().model_copy(update=defaults | settings),
        {source.key: source for source in sources},
        official_lists=official_lists or {},
    )
    seed(bot, parse_watchlist(watchlist.encode(), "watchlist.csv"))
    try:
        async with bot.running():
            yield bot
    finally:
        bot.close()


def posts(bot: Bot) -> tuple[Post, ...]:
    with bot.store.reading() as records:
        return records.latest_posts(50)


def articles(bot: Bot) -> tuple[ArticleRecord, ...]:
    with bot.store.reading() as records:
        return judged_articles(records)


async def eventually(look: Callable[[], T], seconds: float = 20.0) -> T:
    """What `look` returns, once it is true; fails with its last answer."""
    deadline = time.monotonic() + seconds
    while True:
        found = look()
        if found:
            return found
        if time.monotonic() > deadline:
            raise AssertionError(f"still {found!r} after {seconds:g} s")
        await asyncio.sleep(0.05)
