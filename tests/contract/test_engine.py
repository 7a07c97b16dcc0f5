"""What the engine must do, on SQLite and on PostgreSQL: run, order, repeat, wait, give up, and survive kill -9."""

from __future__ import annotations

import asyncio
import errno
import logging
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from bot.engine import DbosEngine, jobs
from bot.engine.calls import Calls
from bot.engine.guard import FileGuard, SessionGuard
from bot.engine.jobs import QUEUES
from bot.engine.ledger import Ledger, Trial, TrialReader, crashed, metadata
from bot.errors import StoreError
from bot.ports import Again, AuditRow, Records
from bot.storage import SqlStore
from bot.storage.tables import audit
from tests.contract import engine_process

ALL = frozenset({"poll", "match", "deliver"})
QUICK = timedelta(seconds=0.05)
ROOT = Path(__file__).parents[2]


def make_engine(url: str, **settings: object) -> DbosEngine:
    return DbosEngine(url, **{"look_every": QUICK, "first_pause": QUICK, **settings})  # type: ignore[arg-type]


@pytest.fixture
async def engine(url: str) -> AsyncIterator[DbosEngine]:
    made = make_engine(url)
    yield made
    await made.stop()
    made.close()


async def until(condition: Callable[[], object], seconds: float = 15.0) -> None:
    """Wait for something to become true; the test fails if it does not in time."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "waited in vain"
        await asyncio.sleep(0.01)


class Seen:
    """A job that notes its argument; `fail` says how often an argument fails first."""

    def __init__(self, engine: DbosEngine, queue: str = "match", *, tries: int = 5, takes: float = 0.0) -> None:
        self.numbers: list[int] = []
        self.fail: dict[int, list[Exception]] = {}
        self.takes = takes
        self.running = self.most = 0
        engine.job("job", queue=queue, tries=tries)(self.run)

    async def run(self, n: int) -> None:
        if self.fail.get(n):
            raise self.fail[n].pop(0)
        self.running += 1
        self.most = max(self.most, self.running)
        await asyncio.sleep(self.takes)
        self.running -= 1
        self.numbers.append(n)


def put(engine: DbosEngine, store: SqlStore, *numbers: int, partition: str | None = None, priority: int = 10) -> None:
    with store.writing() as records:
        for n in numbers:
            engine.put(records, "job", f"job:{n:010d}", {"n": n}, partition=partition, priority=priority)


# ---------------------------------------------------------------- putting and running


async def test_a_job_runs_with_its_arguments_on_our_event_loop(engine: DbosEngine, store: SqlStore) -> None:
    got: list[object] = []

    @engine.job("job", queue="match")
    async def job(**args: object) -> None:
        got.append((asyncio.get_running_loop(), args))

    args = {"text": "é 😀 \0", "n": 1, "none": None, "list": [1, {"a": 2.5}]}
    with store.writing() as records:
        engine.put(records, "job", "k", args)
    await engine.start(ALL)
    await until(lambda: got)
    assert got == [(asyncio.get_running_loop(), args)]


async def test_a_job_put_while_the_engine_runs_starts_at_once(engine: DbosEngine, store: SqlStore) -> None:
    seen = Seen(engine)
    await engine.start(ALL)
    put(engine, store, 1)
    started = time.monotonic()
    await until(lambda: seen.numbers)
    assert time.monotonic() - started < 2.0


async def test_a_job_that_is_called_for_begins_long_before_the_next_look_by_the_clock(
    url: str, store: SqlStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.engine.calls.LONGEST", 60.0)
    engine = make_engine(url)
    seen = Seen(engine)
    await engine.start(ALL)
    await asyncio.sleep(1)  # on PostgreSQL it looks only when it is called from now on
    asked: list[str] = []
    sa.event.listen(engine._engine, "before_cursor_execute", lambda *args: asked.append(args[2]))
    await asyncio.sleep(1)
    if "postgresql" in url:
        assert len([one for one in asked if "queue_name" in one]) < 10, "nobody looks in vain, but at DBOS's own queue"
    for number in range(3):
        await asyncio.to_thread(put, engine, store, number)
        await until(lambda: len(seen.numbers) == number + 1)  # noqa: B023 (waited for here)
        await asyncio.sleep(0.5)
    await engine.stop()
    engine.close()


@pytest.mark.parametrize("url", ["postgresql"], indirect=True)
async def test_calls_are_heard_when_they_are_committed_once_for_each_queue(url: str, store: SqlStore) -> None:
    engine = make_engine(url)
    Seen(engine)
    heard: list[str] = []
    calls = Calls(engine._engine, ["match"])
    calls.heard = heard.append  # type: ignore[method-assign]
    await calls.listen()
    with suppress(RuntimeError), store.writing() as records:
        engine.put(records, "job", "gone", {"n": 1})
        raise RuntimeError
    put(engine, store, 1, 2, 3)
    put(engine, store, 4)
    await until(lambda: len(heard) >= 2)
    await asyncio.sleep(0.2)
    assert heard == ["match", "match"]
    calls.stop()
    engine.close()


async def test_what_is_rolled_back_never_runs(engine: DbosEngine, store: SqlStore) -> None:
    seen = Seen(engine)

    def put_and_fail() -> None:
        with store.writing() as records:
            engine.put(records, "job", "job:1", {"n": 1})
            records.save_setting("a", "b")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        put_and_fail()
    put(engine, store, 2)
    await engine.start(ALL)
    await until(lambda: seen.numbers)
    await asyncio.sleep(0.3)
    assert seen.numbers == [2]


async def test_a_job_is_not_seen_before_its_transaction_ends(engine: DbosEngine, store: SqlStore) -> None:
    seen = Seen(engine)
    await engine.start(ALL)

    def slowly() -> None:
        with store.writing() as records:
            engine.put(records, "job", "job:1", {"n": 1})
            time.sleep(0.4)
            assert not seen.numbers

    await asyncio.to_thread(slowly)
    await until(lambda: seen.numbers)


async def test_the_same_key_runs_once_for_ever(engine: DbosEngine, store: SqlStore) -> None:
    seen = Seen(engine)
    put(engine, store, 1, 1, 1)
    put(engine, store, 1)
    await engine.start(ALL)
    await until(lambda: seen.numbers)
    await asyncio.to_thread(put, engine, store, 1, 2)
    await until(lambda: 2 in seen.numbers)
    assert seen.numbers == [1, 2], "also after it was done"


async def test_200_jobs_of_5_chats_keep_each_chat_s_order(engine: DbosEngine, store: SqlStore) -> None:
    running, most = Counter[str](), Counter[str]()
    done: dict[str, list[int]] = {}

    @engine.job("job", queue="deliver")
    async def job(n: int, chat: str) -> None:
        running[chat] += 1
        most[chat] = max(most[chat], running[chat])
        await asyncio.sleep(0.002)
        done.setdefault(chat, []).append(n)
        running[chat] -= 1

    for start in range(0, 200, 50):
        with store.writing() as records:
            for n in range(start, start + 50):
                chat = f"chat{n % 5}"
                engine.put(records, "job", f"d:{n:010d}", {"n": n, "chat": chat}, partition=chat)
    await engine.start(ALL)
    await until(lambda: sum(map(len, done.values())) == 200, 30)
    assert done == {f"chat{chat}": list(range(chat, 200, 5)) for chat in range(5)}
    assert set(most.values()) == {1}, "one at a time for each chat"


async def test_low_priority_numbers_go_first(engine: DbosEngine, store: SqlStore) -> None:
    seen = Seen(engine, "deliver")
    put(engine, store, 1, 2, partition="chat", priority=10)
    put(engine, store, 3, 4, partition="chat", priority=1)
    await engine.start(ALL)
    await until(lambda: len(seen.numbers) == 4)
    assert seen.numbers == [3, 4, 1, 2]


async def test_a_job_for_later_waits_and_holds_up_nobody(engine: DbosEngine, store: SqlStore) -> None:
    seen = Seen(engine, "deliver")
    now = datetime.now(UTC)
    with store.writing() as records:
        later = now + timedelta(seconds=1.5)
        engine.put(records, "job", "a", {"n": 1}, partition="chat", not_before=later)
        engine.put(records, "job", "b", {"n": 2}, partition="chat", not_before=now - timedelta(days=1))
    await engine.start(ALL)
    await until(lambda: len(seen.numbers) == 2)
    assert seen.numbers == [2, 1]
    assert datetime.now(UTC) >= later


async def test_only_the_queues_of_our_roles_are_served(engine: DbosEngine, store: SqlStore) -> None:
    seen = Seen(engine, "match")
    polled = []

    @engine.job("poll", queue="poll")
    async def poll() -> None:
        polled.append(1)

    put(engine, store, 1)
    with store.writing() as records:
        engine.put(records, "poll", "p", {})
    await engine.start(frozenset({"poll"}))
    await until(lambda: polled)
    await asyncio.sleep(0.3)
    assert seen.numbers == []


async def test_without_roles_nothing_runs_and_jobs_can_be_put(engine: DbosEngine, store: SqlStore) -> None:
    seen = Seen(engine)
    await engine.start(frozenset())
    put(engine, store, 1)
    await asyncio.sleep(0.2)
    assert seen.numbers == []


def test_mistakes_are_told_at_once(engine: DbosEngine, store: SqlStore) -> None:
    Seen(engine, "deliver")
    with pytest.raises(ValueError, match="no queue 'x'"):
        engine.job("other", queue="x")
    with pytest.raises(ValueError, match="registered twice"):
        Seen(engine)

    def put_badly(job: str, args: dict[str, object], partition: str | None) -> None:
        with store.writing() as records:
            engine.put(records, job, "k", args, partition=partition)

    with pytest.raises(ValueError, match="no job 'nobody'"):
        put_badly("nobody", {}, None)
    with pytest.raises(ValueError, match="need a partition"):
        put_badly("job", {}, None)
    with pytest.raises(TypeError):
        put_badly("job", {"n": object()}, "chat")


# ---------------------------------------------------------------- failing and waiting


async def test_a_failed_try_is_repeated_until_it_succeeds(engine: DbosEngine, store: SqlStore) -> None:
    seen = Seen(engine)
    seen.fail[1] = [RuntimeError("once"), RuntimeError("twice")]
    put(engine, store, 1)
    await engine.start(ALL)
    await until(lambda: seen.numbers)
    assert await engine.dead() == ()


async def test_the_last_failed_try_makes_a_dead_job_that_can_be_revived(engine: DbosEngine, store: SqlStore) -> None:
    seen = Seen(engine, "deliver", tries=3)
    seen.fail[1] = [ValueError(f"no {number}") for number in range(4)]
    put(engine, store, 1, partition="chat")
    put(engine, store, 2, partition="chat")
    await engine.start(ALL)
    await until(lambda: seen.numbers)
    assert seen.numbers == [2], "a dead job does not hold up its chat"
    (dead,) = await engine.dead()
    assert (dead.id, dead.job, dead.args) == ("job:0000000001", "job", {"n": 1})
    assert dead.reason == "given up after 3 tries: ValueError: no 2"
    assert dead.at
    assert datetime.now(UTC) - dead.at < timedelta(minutes=1)
    with pytest.raises(StoreError, match="no dead job job:2"):
        await engine.dead(["job:2"])
    assert await engine.dead([dead.id]) == ()
    await until(lambda: 1 in seen.numbers)
    assert await engine.dead() == (), "it had one failure left and all its tries anew"


async def test_again_waits_without_counting_and_keeps_the_place(engine: DbosEngine, store: SqlStore) -> None:
    seen = Seen(engine, "deliver", tries=2)
    seen.fail[1] = [Again(timedelta(seconds=0.15), "busy") for _ in range(4)]
    put(engine, store, 1, 2, 3, partition="chat")
    put(engine, store, 4, partition="other")
    started = time.monotonic()
    await engine.start(ALL)
    await until(lambda: len(seen.numbers) == 4)
    assert seen.numbers == [4, 1, 2, 3], "the chat waits, the others do not"
    assert time.monotonic() - started > 0.6


async def test_who_waits_for_jobs_need_not_wait_for_those_that_are_tried_again_later(
    engine: DbosEngine, store: SqlStore
) -> None:
    seen = Seen(engine, "deliver", tries=2)
    seen.fail[1] = [Again(timedelta(minutes=30), "away")]
    put(engine, store, 1, 2, partition="chat")
    put(engine, store, 3, partition="other")
    now = datetime.now(UTC)
    assert await engine.waiting(now) == 3
    with store.writing() as records:
        later = now + timedelta(minutes=10)
        engine.put(records, "job", "job:4", {"n": 4}, partition="third", not_before=later)
    await engine.start(ALL)
    await until(lambda: seen.numbers == [3])
    async with asyncio.timeout(10):
        while await engine.waiting(now + timedelta(minutes=1)):
            await asyncio.sleep(0.02)
    assert await engine.waiting(now + timedelta(minutes=20)) == 1, "the one that was put off"
    assert await engine.waiting(now + timedelta(hours=1)) == 3, "the one that failed too, and the one behind it"


async def test_a_wait_outlives_the_process(url: str, store: SqlStore) -> None:
    """The engine is stopped in the midst of a long wait, and another goes on with what is left of it."""
    calls: list[float] = []
    for first in (True, False):
        engine = make_engine(url)

        @engine.job("job", queue="deliver")
        async def job(n: int) -> None:
            calls.append(time.time())
            if len(calls) == 1:
                raise Again(timedelta(seconds=1.5), "the server asked for a pause")

        if first:
            put(engine, store, 1, partition="chat")
        await engine.start(ALL)
        await until(lambda: len(calls) == (1 if first else 2))  # noqa: B023
        await asyncio.sleep(0.1)
        await engine.stop()
        engine.close()
    assert 1.4 < calls[1] - calls[0] < 4.0


async def test_tries_are_counted_over_restarts(url: str, store: SqlStore) -> None:
    calls = 0
    for run in (1, 2):
        engine = make_engine(url, first_pause=timedelta(seconds=0.5))

        @engine.job("job", queue="match", tries=2)
        async def job(n: int) -> None:
            nonlocal calls
            calls += 1
            raise RuntimeError

        if run == 1:
            put(engine, store, 1)
        await engine.start(ALL)
        await until(lambda: calls == run)  # noqa: B023
        await asyncio.sleep(0.2)
        await engine.stop()
        dead = await engine.dead()
        engine.close()
        assert len(dead) == run - 1


# ---------------------------------------------------------------- stopping


async def test_stop_lets_running_jobs_end_and_takes_no_more(url: str, store: SqlStore) -> None:
    engine = make_engine(url)
    seen = Seen(engine, "deliver", takes=0.4)
    put(engine, store, *range(5), partition="chat")
    put(engine, store, 10, partition="other")
    await engine.start(ALL)
    await until(lambda: engine._running)
    await asyncio.sleep(0.1)
    await engine.stop()
    assert set(seen.numbers) == {0, 10}, "those that ran have ended, no other began"
    assert await asyncio.to_thread(lambda: "threads still work") == "threads still work"
    assert engine.processes() == ()
    again = make_engine(url)
    rest = Seen(again, "deliver")
    await again.start(ALL)
    await until(lambda: len(rest.numbers) == 4)
    assert rest.numbers == [1, 2, 3, 4]
    await again.stop()
    for made in (engine, again):
        made.close()


async def test_stop_does_not_wait_for_ever_and_what_was_cut_off_runs_again(
    url: str, store: SqlStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.engine.jobs.DRAIN", 0.3)
    engine = make_engine(url)
    seen = Seen(engine, takes=60.0)
    put(engine, store, 1)
    await engine.start(ALL)
    await until(lambda: engine._running)
    started = time.monotonic()
    await engine.stop()
    assert time.monotonic() - started < 5.0
    assert seen.numbers == []
    again = make_engine(url)
    rest = Seen(again)
    await again.start(ALL)
    await until(lambda: rest.numbers)
    await again.stop()
    for made in (engine, again):
        made.close()


async def test_a_dead_job_is_dropped_and_its_key_is_free_again(engine: DbosEngine, store: SqlStore) -> None:
    seen = Seen(engine, tries=1)
    seen.fail[1] = [RuntimeError("x")]
    put(engine, store, 1)
    await engine.start(ALL)
    await until(lambda: not seen.fail[1])
    while not (dead := await engine.dead()):
        await asyncio.sleep(0.02)
    assert await engine.dead(drop=[dead[0].id]) == ()
    with pytest.raises(StoreError, match="no dead job"):
        await engine.dead(drop=[dead[0].id])
    put(engine, store, 1)
    await until(lambda: seen.numbers == [1])


async def test_finished_jobs_are_forgotten_in_time_and_dead_ones_later(engine: DbosEngine, store: SqlStore) -> None:
    seen = Seen(engine, tries=1)
    seen.fail[3] = [RuntimeError("x")]
    put(engine, store, 1, 2, 3)
    await engine.start(ALL)
    await until(lambda: len(seen.numbers) == 2)
    while await engine.waiting(datetime.now(UTC)):
        await asyncio.sleep(0.02)
    assert [job.id for job in await engine.dead()] == ["job:0000000003"]
    now = datetime.now(UTC)
    assert await asyncio.to_thread(engine.forget_finished, now + timedelta(days=6)) == 0
    assert await asyncio.to_thread(engine.forget_finished, now + timedelta(days=8)) == 2
    assert len(await engine.dead()) == 1
    assert await asyncio.to_thread(engine.forget_finished, now + timedelta(days=91)) == 1


async def test_another_version_goes_on_with_all_jobs(url: str, store: SqlStore) -> None:
    """Forth and back again: jobs that wait, jobs that were begun, and jobs for later."""
    done: list[tuple[str, int]] = []
    for number, version in enumerate(("1", "2", "1")):
        engine = make_engine(url, application_version=version)

        @engine.job("job", queue="deliver")
        async def job(n: int) -> None:
            if n % 3 == number:  # noqa: B023
                done.append((version, n))  # noqa: B023
            else:
                raise Again(timedelta(seconds=0.1))

        if number == 0:
            for n in range(6):
                put(engine, store, n, partition=f"chat{n % 3}")
        await engine.start(ALL)
        await until(lambda: len(done) == 2 * number + 2)  # noqa: B023
        await engine.stop()
    assert done == [("1", 0), ("1", 3), ("2", 1), ("2", 4), ("1", 2), ("1", 5)]


async def test_a_job_that_only_a_newer_version_knows_is_left_to_it(
    url: str, store: SqlStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It holds up nothing, is no job that waits (`poll` would wait for it for ever), and is done by who knows it."""
    monkeypatch.setattr(jobs, "GIVE_BACK_EVERY", 0.2)
    monkeypatch.setattr(jobs, "LEFT_FOR", 1.0)
    done: list[str] = []

    async def work(n: int) -> None:
        done.append(f"{version} {n}")

    for version in ("older", "newer"):
        engine = make_engine(url)
        engine.job("job", queue="deliver")(work)
        if version == "newer":
            engine.job("new job", queue="deliver")(work)
        else:
            newer = make_engine(url)
            newer.job("new job", queue="deliver")(work)
            with store.writing() as records:
                newer.put(records, "new job", "first", {"n": 1}, partition="chat")
            newer.close()
            put(engine, store, 2, partition="chat")
        await engine.start(ALL)
        await until(lambda: len(done) == (1 if version == "older" else 2))  # noqa: B023
        while await engine.waiting(datetime.now(UTC)):
            await asyncio.sleep(0.01)
        await engine.stop()
    assert done == ["older 2", "newer 1"]
    assert await engine.dead() == ()


async def test_chats_in_trouble_do_not_hold_up_the_others(
    url: str, store: SqlStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(QUEUES, "deliver", replace(QUEUES["deliver"], at_once=3))
    engine = make_engine(url)
    seen = Seen(engine, "deliver", takes=0.05)
    for n in range(10):
        seen.fail[n] = [Again(timedelta(seconds=60), "busy")]
        put(engine, store, n, partition=f"chat{n}")
    await engine.start(ALL)
    await until(lambda: len(engine._in_flight) == 10)
    for n in range(10, 20):
        put(engine, store, n, partition=f"chat{n}")
    await until(lambda: len(seen.numbers) == 10)
    assert seen.most == 3
    await engine.stop()


async def test_a_process_runs_one_engine(sqlite_url: str, tmp_path: Path) -> None:
    first, second = make_engine(sqlite_url), make_engine(f"sqlite:///{tmp_path}/second.db")
    await first.start(ALL)
    with pytest.raises(StoreError, match="already runs in this process"):
        await second.start(ALL)
    await first.stop()
    await second.start(ALL)
    await second.stop()


# ---------------------------------------------------------------- death


@contextmanager
def process(url: str) -> Iterator[subprocess.Popen[str]]:
    """A process that runs jobs; killed at the end."""
    started = subprocess.Popen(
        [sys.executable, "-m", "tests.contract.engine_process", url], stdout=subprocess.PIPE, text=True, cwd=ROOT
    )
    assert started.stdout
    assert "started\n" in iter(started.stdout.readline, "") or started.wait() < 0, "killed as it started"
    try:
        yield started
    finally:
        started.kill()
        started.wait()
        started.stdout.close()


def noted(store: SqlStore) -> list[AuditRow]:
    with store.reading() as records:
        rows = records.connection.execute(sa.select(audit).order_by(audit.c.id)).all()
    return [AuditRow(row.at, row.who, row.chat, row.what) for row in rows]


def ended(store: SqlStore) -> Counter[int]:
    return Counter(int(note.what.split()[1]) for note in noted(store) if note.what.startswith("end"))


def put_work(engine: DbosEngine, store: SqlStore, numbers: range, seconds: float) -> None:
    with store.writing() as records:
        for n in numbers:
            partition = f"chat{n % 4}"
            engine.put(records, "deliver", f"d:{n:010d}", {"n": n, "seconds": seconds}, partition=partition)
            engine.put(records, "match", f"m:{n:010d}", {"n": n + 100, "seconds": seconds})


async def test_kill_minus_9_loses_nothing_and_keeps_the_order(url: str, store: SqlStore, engine: DbosEngine) -> None:
    """The process is killed amid its jobs and started again (SQLite), or another that runs takes over (PostgreSQL)."""
    engine_process.register(engine, store)
    put_work(engine, store, range(20), 0.3)
    with process(url):
        await until(lambda: len(ended(store)) >= 20, 60)
    killed_at = datetime.now(UTC)
    assert len(ended(store)) < 40, "it was killed in the midst"
    # what ended in the last moment before the kill may not have been recorded as done
    recorded = {status.workflow_id for status in engine._client.list_workflows(status="SUCCESS")}
    await engine.start(ALL)
    await until(lambda: any(note.who == engine.executor_id for note in noted(store)), 30)
    await until(lambda: len(ended(store)) == 40, 30)
    again = {int(note.what.split()[1]) for note in noted(store) if note.at > killed_at}
    assert recorded
    assert not recorded & {f"m:{n - 100:010d}" if n >= 100 else f"d:{n:010d}" for n in again}, "what is done is done"
    for chat in range(4):
        order = [int(note.what.split()[1]) for note in noted(store) if note.what.startswith("end")]
        mine = [n for n in order if n < 100 and n % 4 == chat]
        assert mine == sorted(mine)
    await until(lambda: [process.executor_id for process in engine.processes()] == [engine.executor_id])


async def test_a_job_that_kills_its_process_is_parked_and_the_others_are_not(sqlite_url: str) -> None:
    url = sqlite_url
    store, engine = SqlStore(url), make_engine(url)
    engine_process.register(engine, store)
    with store.writing() as records:
        for n in (1, 666, 2):
            engine.put(records, "match", f"m:{n:010d}", {"n": n, "seconds": 0.5})
    for _ in range(5):
        with process(url) as victim:
            await asyncio.to_thread(victim.wait, 20)
    told: list[str] = []
    engine.on_trouble = told.append
    await engine.start(ALL)
    await until(lambda: set(ended(store)) == {1, 2})
    assert [text for text in told if "is parked" in text] == [
        "the job m:0000000666 is parked: the process died each time it ran"
    ]
    assert any("its jobs were taken over" in text for text in told)
    (dead,) = await engine.dead()
    assert (dead.id, dead.args["n"]) == ("m:0000000666", 666)
    assert dead.reason == "parked: the process died 5 times while it ran"
    await engine.stop()
    engine.close()
    store.close()


def test_only_a_job_that_ran_is_suspected() -> None:
    now = 100.0
    once = crashed(Trial("j"), now)
    assert (once.crashes, once.held) == (1, False)
    twice = crashed(once, now)
    assert (twice.crashes, twice.held) == (2, True), "from now on it runs alone"
    assert crashed(twice, now) == twice, "it waited for its turn"
    paused = Trial("j", crashes=1, not_before=101.0)
    assert crashed(paused, now) == paused, "it waited for its next try"


async def test_a_second_process_on_a_sqlite_file_is_told_to_go(sqlite_url: str) -> None:
    url = sqlite_url
    engine = make_engine(url)
    with process(url) as owner:
        with pytest.raises(StoreError, match=f"process {owner.pid} on .* is already running .*engine.lock.*PostgreSQL"):
            await engine.start(ALL)
        await engine.start(frozenset())
    await engine.start(ALL)
    await engine.stop()
    engine.close()


async def test_a_database_that_fails_at_the_start_is_told_and_leaves_nothing_behind(
    url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine = make_engine(url)

    async def full(*_: object) -> None:
        raise sa.exc.OperationalError("", None, Exception("FATAL:  too many connections for role"))

    with monkeypatch.context() as patched:
        patched.setattr(engine._client, "set_latest_application_version_async", full)
        with pytest.raises(StoreError, match="raise its max_connections"):
            await engine.start(ALL)
    await engine.start(ALL)
    await engine.stop()
    engine.close()


def test_a_lock_file_that_cannot_be_used_is_told_with_the_next_step(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "other" / "engine.lock").mkdir(parents=True)  # root may open whatever is a file
    with pytest.raises(StoreError, match=r"engine\.lock cannot be written: .*; let the user that runs the bot own it"):
        FileGuard(tmp_path / "other" / "bot.db").hold()

    def no_locks(*_: object) -> None:
        raise OSError(errno.ENOLCK, "No locks available")

    monkeypatch.setattr("fcntl.flock", no_locks)
    with pytest.raises(StoreError, match="cannot be locked: No locks available; put SANCTIONS_BOT_DATA_DIR on a disk"):
        FileGuard(tmp_path / "bot.db").hold()


def test_processes_that_start_at_once_make_the_tables_once(sqlite_url: str) -> None:
    engines = [make_engine(sqlite_url)._engine for _ in range(4)]
    for _ in range(10):
        metadata.drop_all(engines[0])
        ready = threading.Barrier(len(engines))

        def make(engine: sa.Engine, ready: threading.Barrier = ready) -> None:
            ready.wait()
            Ledger(engine).create_tables()

        with ThreadPoolExecutor(len(engines)) as pool:
            assert list(pool.map(make, engines)) == [None] * len(engines)


def test_the_lock_file_can_be_taken_when_its_owner_is_gone(tmp_path: Path) -> None:
    first, second = FileGuard(tmp_path / "bot.db"), FileGuard(tmp_path / "bot.db")
    first.hold()
    with pytest.raises(StoreError, match="already running"):
        second.hold()
    first.release()
    second.hold()
    with second.dead(["a", "b"]) as dead:
        assert dead == ("a", "b")
    second.release()


def test_a_lock_must_stay_free_for_a_while_before_its_owner_is_dead(postgres: Callable[[str], str]) -> None:
    engine = sa.create_engine(postgres("template0").replace("postgresql:", "postgresql+psycopg:"))
    now = [0.0]
    watcher, alive = (SessionGuard(engine, name, 3.0, lambda: now[0]) for name in ("watcher", "alive"))
    watcher.hold()
    alive.hold()

    def dead_at(moment: float) -> tuple[str, ...]:
        now[0] = moment
        with watcher.dead(["alive", "gone", "watcher"]) as dead:
            return dead

    assert dead_at(0.0) == ()
    assert dead_at(2.9) == ()
    assert dead_at(3.0) == ("gone",)
    alive.release()
    assert dead_at(4.0) == ("gone",)
    alive.hold()
    assert dead_at(6.0) == ("gone",), "back in time"
    alive.release()
    assert dead_at(7.0) == ("gone",)
    assert dead_at(10.0) == ("alive", "gone")
    watcher.release()
    engine.dispose()


def test_it_looks_again_just_when_a_grace_ends(postgres: Callable[[str], str]) -> None:
    engine = sa.create_engine(postgres("template0").replace("postgresql:", "postgresql+psycopg:"))
    now = [0.0]
    watcher, alive = (SessionGuard(engine, name, 3.0, lambda: now[0]) for name in ("watcher", "alive"))
    watcher.hold()
    alive.hold()

    def next_after_a_look(moment: float, *others: str) -> float:
        now[0] = moment
        with watcher.dead(others):
            pass
        return watcher.next_look(1.0)

    assert next_after_a_look(0.0, "alive") == 1.0
    assert next_after_a_look(1.0, "alive", "gone") == 1.0
    assert next_after_a_look(2.5, "alive", "gone", "later") == 1.0
    assert next_after_a_look(3.6, "alive", "gone", "later") == pytest.approx(0.41)
    assert next_after_a_look(4.01, "alive", "gone", "later") == 1.0, (
        "whoever is not taken over now is at the usual time"
    )
    assert next_after_a_look(5.0, "alive", "later") == pytest.approx(0.51)
    watcher.release()
    alive.release()
    engine.dispose()


async def test_jobs_that_begin_together_share_a_look(url: str, store: SqlStore, engine: DbosEngine) -> None:
    asked: list[list[str]] = []

    class Counting(Ledger):
        def trials(self, job_ids: Iterable[str]) -> dict[str, Trial]:
            asked.append(list(job_ids))
            return super().trials(asked[-1])

    ledger = Counting(engine._engine)
    ledger.save_trials([Trial("j7", tries=3)], 0.0)
    reader = TrialReader(ledger)
    found = await asyncio.gather(*(reader.trial(f"j{number}") for number in range(100)))
    assert found == [Trial("j7", tries=3) if number == 7 else Trial(f"j{number}") for number in range(100)]
    assert len(asked) <= 2
    cut_off = asyncio.create_task(reader.trial("j1"))
    await asyncio.sleep(0)
    cut_off.cancel()
    assert await reader.trial("j7") == Trial("j7", tries=3), "whoever gives up asking keeps nobody"
    await reader.stop()


def test_trials_of_more_jobs_than_a_statement_takes_are_found(engine: DbosEngine) -> None:
    ledger = Ledger(engine._engine)
    ledger.save_trials([Trial("j69999", tries=3)], 0.0)
    found = ledger.trials(f"j{number}" for number in range(70_000))
    assert len(found) == 70_000
    assert found["j69999"] == Trial("j69999", tries=3)


async def test_a_look_that_fails_fails_for_all_who_asked(engine: DbosEngine) -> None:
    class Away(Ledger):
        def trials(self, job_ids: Iterable[str]) -> dict[str, Trial]:
            raise sa.exc.OperationalError("SELECT", {}, Exception("away"))

    reader = TrialReader(Away(engine._engine))
    found = await asyncio.gather(reader.trial("a"), reader.trial("b"), return_exceptions=True)
    assert [type(one) for one in found] == [sa.exc.OperationalError] * 2


async def test_a_suspect_waits_until_it_is_on_record_what_became_of_the_one_before(
    engine: DbosEngine, store: SqlStore
) -> None:
    """Else the death that the next one brings would be laid at its door."""
    states: list[tuple[int, list[int]]] = []
    seen: list[int] = []

    @engine.job("job", queue="match")
    async def job(n: int) -> None:
        held = await asyncio.to_thread(engine._ledger.trials, [f"job:{number:010d}" for number in seen])
        states.append((n, [number for number in seen if held[f"job:{number:010d}"] != Trial(f"job:{number:010d}")]))
        seen.append(n)

    put(engine, store, 1, 2, 3)
    engine._ledger.save_trials([Trial(f"job:{n:010d}", crashes=3, held=True) for n in (1, 2, 3)], time.time())
    await engine.start(ALL)
    await until(lambda: len(states) == 3)
    assert [left for _, left in states] == [[], [], []], "those that ran are forgotten as suspects first"


def test_what_one_rescues_no_other_does(postgres: Callable[[str], str]) -> None:
    engine = sa.create_engine(postgres("template0").replace("postgresql:", "postgresql+psycopg:"))
    first, second = (SessionGuard(engine, name, 0.0) for name in ("first", "second"))
    first.hold()
    second.hold()
    with first.dead(["gone"]) as mine, second.dead(["gone"]) as theirs:
        assert (mine, theirs) == (("gone",), ())
    first.release()
    second.release()
    engine.dispose()


def test_a_lost_session_is_taken_anew(postgres: Callable[[str], str]) -> None:
    engine = sa.create_engine(postgres("template0").replace("postgresql:", "postgresql+psycopg:"))
    guard, other = SessionGuard(engine, "me", 0.0), SessionGuard(engine, "other", 0.0)
    guard.hold()
    other.hold()
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(
            sa.text(
                "SELECT pg_terminate_backend(pid) FROM pg_locks"
                " WHERE locktype = 'advisory' AND pid <> pg_backend_pid() AND database ="
                " (SELECT oid FROM pg_database WHERE datname = current_database())"
            )
        )
    guard.hold()
    other.hold()
    with other.dead(["me"]) as dead:
        assert dead == ()
    guard.release()
    other.release()
    engine.dispose()


# ---------------------------------------------------------------- ports


def test_the_store_s_records_are_what_put_needs(store: SqlStore) -> None:
    def connection_of(records: Records) -> object:
        return records.connection  # type: ignore[attr-defined]

    with store.writing() as records:
        assert isinstance(connection_of(records), sa.Connection)


# ---------------------------------------------------------------- logs


def test_what_the_engine_says_again_while_the_database_is_away_is_told_once_a_minute() -> None:
    now = 0.0
    seldom = jobs.SaidBefore(lambda: now)

    def passes(said: str) -> bool:
        return bool(seldom.filter(logging.LogRecord("dbos", logging.WARNING, "", 1, said, (), None)))

    assert passes("Exception encountered in queue thread for poll: connection refused")
    assert not passes("Exception encountered in queue thread for poll: connection reset")
    assert passes("Exception encountered in queue thread for match: connection refused"), "another thread's"
    assert passes("Workflow 1 failed: odd")
    assert passes("Workflow 1 failed: odd"), "what is no such complaint is never held back"
    now = 60.0
    assert passes("Exception encountered in queue thread for poll: connection refused")
