"""`python -m bench.servers`: a feed with its pages, and a Telegram that accepts everything and notes when, in a process
of its own, so that the bot's time and memory are the bot's. Prints its address; `Servers` speaks with it."""

from __future__ import annotations

import asyncio
import contextlib
import json
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, NamedTuple

from aiohttp import web

TOKEN = "42:" + "A" * 35

# Acts that have nothing in common: an event each.
ACTS = (
    ("Zelkova Works", "The United States imposed sanctions on {} on Tuesday, the Treasury said. OFAC added it to its "
     "list of Specially Designated Nationals because it moved money for North Korea. Its assets are frozen."),
    ("Marlin Quay Shipping", "Britain imposed sanctions on {} on Tuesday because its tankers carry Russian oil. The "
     "Foreign Office said that its assets in the United Kingdom are frozen."),
    ("Ostrova Drone Factory", "The European Union imposed sanctions on {} on Tuesday under its Iran drone programme. "
     "The Council said that it was added to Annex I; its funds are frozen."),
)  # fmt: skip


class Accepted(NamedTuple):
    """A message: when (the machine's monotonic clock), to which chat, of which act."""

    at: float
    chat: str
    act: int


@dataclass
class Site:
    """What the process serves."""

    base: str = ""
    pages: dict[str, str] = field(default_factory=dict)
    entries: list[str] = field(default_factory=list)
    accepted: list[Accepted] = field(default_factory=list)
    polls: list[float] = field(default_factory=list)

    async def publish(self, request: web.Request) -> web.Response:
        """Entry and page of an act."""
        number = int(request.match_info["act"])
        name, text = ACTS[number]
        title, link = f"New sanctions on {name}", f"{self.base}/{number}.html"
        body = f"<h1>{title}</h1><p>{text.format(name)}</p>"
        self.pages[f"/{number}.html"] = f"<html lang=en><body><article>{body}</article></body></html>"
        now = datetime.now(UTC).strftime("%a, %d %b %Y %H:%M:%S GMT")
        self.entries.append(
            f"<item><title>{title}</title><link>{link}</link><guid>{link}</guid><pubDate>{now}</pubDate></item>"
        )
        return web.json_response(time.monotonic())

    async def told(self, request: web.Request) -> web.Response:
        return web.json_response({"accepted": self.accepted[int(request.query["after"]) :], "polls": self.polls})

    async def feed(self, _request: web.Request) -> web.Response:
        self.polls.append(time.time())
        head = '<rss version="2.0"><channel><title>T</title><link>x</link><description>d</description>'
        return web.Response(text=f"{head}{''.join(self.entries)}</channel></rss>", content_type="application/rss+xml")

    async def page(self, request: web.Request) -> web.Response:
        return web.Response(text=self.pages.get(request.path, ""), content_type="text/html")

    async def telegram(self, request: web.Request) -> web.Response:
        values: dict[str, Any] = dict(await request.post())
        if request.match_info["method"].lower() == "getme":
            return _result({"id": 42, "is_bot": True, "first_name": "b", "username": "bench_bot"})
        act = next(number for number, (name, _) in enumerate(ACTS) if name in values["text"])
        self.accepted.append(Accepted(time.monotonic(), str(values["chat_id"]), act))
        chat = {"id": int(values["chat_id"]), "type": "private"}
        return _result({"message_id": len(self.accepted), "date": 0, "chat": chat, "text": "x"})


def _result(result: dict[str, Any]) -> web.Response:
    return web.json_response({"ok": True, "result": result})


class Servers:
    """The process, from outside."""

    def __init__(self, base: str) -> None:
        self.base, self.accepted, self.polls = base, list[Accepted](), list[float]()

    def publish(self, act: int) -> float:
        """Returns the moment from which on it can be seen."""
        return float(_asked(f"{self.base}/_publish/{act}"))

    def look(self) -> None:
        told = _asked(f"{self.base}/_told?after={len(self.accepted)}")
        self.accepted += [Accepted(*one) for one in told["accepted"]]
        self.polls = told["polls"]


def _asked(url: str) -> Any:
    with urllib.request.urlopen(url, timeout=30) as answer:
        return json.load(answer)


@contextlib.contextmanager
def serving() -> Iterator[Servers]:
    process = subprocess.Popen([sys.executable, "-m", "bench.servers"], stdout=subprocess.PIPE, text=True)
    assert process.stdout
    try:
        yield Servers(process.stdout.readline().strip())
    finally:
        process.kill()
        process.wait()
        process.stdout.close()


async def main() -> None:
    site, app = Site(), web.Application()
    app.router.add_post(f"/bot{TOKEN}/{{method}}", site.telegram)
    app.router.add_get("/_publish/{act}", site.publish)
    app.router.add_get("/_told", site.told)
    app.router.add_get("/feed.xml", site.feed)
    app.router.add_get("/{path:.*}", site.page)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    site.base = f"http://127.0.0.1:{runner.addresses[0][1]}"
    print(site.base, flush=True)
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(main())
