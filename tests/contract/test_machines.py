"""Who does what only one may, which processes there are, how long the queues are: on SQLite and on PostgreSQL."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Callable, Iterator, MutableMapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from structlog.testing import capture_logs
from typer.testing import CliRunner

from bot.cli import cli
from bot.commands import machines_message
from bot.engine import DbosEngine
from bot.engine.guard import open_session
from bot.engine.ledger import MOST_CRASHES, Trial
from bot.engine.presence import Presence
from bot.engine.sole import SessionSole
from bot.errors import ConfigError, StoreError
from bot.listening import Listener
from bot.model import (
    ChatKey,
    DeadJob,
    HolderSeen,
    Machines,
    Message,
    ProcessSeen,
    QueueSeen,
    Receipt,
    Reply,
    Request,
)
from bot.ports import Answer, SoleLock
from bot.storage import SqlStore
from tests.contract.test_engine import ALL, make_engine, until

WHAT = "telegram commands of bot 42"


@pytest.fixture
def two(url: str) -> Iterator[tuple[DbosEngine, DbosEngine]]:
    """Two processes, as far as the database can tell."""
    made = make_engine(url, executor_id="one"), make_engine(url, executor_id="two")
    yield made
    for engine in made:
        engine.close()


def test_one_of_all_processes_holds_it(two: tuple[DbosEngine, DbosEngine]) -> None:
    one, other = (engine.sole(WHAT) for engine in two)
    assert not one.holds()
    assert one.take()
    assert one.take(), "it is ours already"
    assert not other.take()
    assert two[1].sole("slack commands of app 7").take(), "another account"
    assert (one.holds(), other.holds()) == (True, False)
    assert [(seen.what, seen.process) for seen in two[1].machines().holders] == [
        ("slack commands of app 7", "two"),
        (WHAT, "one"),
    ]
    one.release()
    one.release()
    assert not one.holds()
    assert other.take(), "at once, as the other said goodbye"
    assert (WHAT, "two") in [(seen.what, seen.process) for seen in two[0].machines().holders]
    other.release()


@pytest.fixture
def sessions(postgres: Callable[[str], str], migrated_postgres: str) -> Iterator[sa.Engine]:
    url = postgres(migrated_postgres)
    DbosEngine(url).close()
    engine = sa.create_engine(url.replace("postgresql:", "postgresql+psycopg:"))
    yield engine
    engine.dispose()


def cut_sessions(engine: sa.Engine) -> None:
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(
            sa.text(
                "SELECT pg_terminate_backend(pid) FROM pg_locks"
                " WHERE locktype = 'advisory' AND pid <> pg_backend_pid() AND database ="
                " (SELECT oid FROM pg_database WHERE datname = current_database())"
            )
        )


def test_a_holder_that_was_cut_off_has_time_to_notice(sessions: sa.Engine) -> None:
    now = [0.0]
    one, other = (SessionSole(sessions, WHAT, Presence(sessions, name), 3.0, lambda: now[0]) for name in ("one", "two"))
    assert one.take()
    cut_sessions(sessions)
    assert not other.take(), "the lock is free, and its last holder may not know yet"
    assert not one.take(), "it is no longer free for him either"
    now[0] = 2.9
    assert not other.take()
    assert not one.holds()
    now[0] = 3.0
    assert other.take()
    assert not one.take()
    other.release()
    assert one.take()
    one.release()


def test_a_holder_whose_session_was_lost_takes_it_again_at_once(sessions: sa.Engine) -> None:
    one = SessionSole(sessions, WHAT, Presence(sessions, "one"), 3.0, lambda: 0.0)
    assert one.take()
    cut_sessions(sessions)
    assert not one.holds()
    assert one.take()
    one.release()


def test_a_database_that_is_away_is_no_error_and_no_lock() -> None:
    nowhere = sa.create_engine("postgresql+psycopg://127.0.0.1:1/none", connect_args={"connect_timeout": 1})
    lock = SessionSole(nowhere, WHAT, Presence(nowhere, "one"))
    assert not lock.take()
    assert not lock.holds()
    lock.release()


def test_the_server_is_told_to_look_for_lost_hosts(sessions: sa.Engine) -> None:
    with open_session(sessions) as session:
        assert session.execute(sa.text("SHOW tcp_user_timeout")).scalar() in ("20s", "0"), "0 on a local socket"


# ---------------------------------------------------------------- listening


class Heard:
    """A platform that notes when it is started and stopped."""

    name = "telegram"

    def __init__(self, *failures: Exception) -> None:
        self.failures = list(failures)
        self.is_connected = False
        self.starts = 0

    async def start(self, answer: Answer) -> None:
        self.starts += 1
        if self.failures:
            raise self.failures.pop(0)
        self.is_connected = True

    async def stop(self) -> None:
        self.is_connected = False

    def health(self) -> str:
        return "connected"

    async def send(self, chat: ChatKey, message: Message, **_more: object) -> Receipt:
        raise AssertionError("a listener does not send")


async def answer(_request: Request) -> Reply:
    raise AssertionError("nobody asks")


@contextlib.asynccontextmanager
async def listening(platform: Heard, lock: SoleLock) -> AsyncIterator[Listener]:
    listener = Listener(platform, lock)  # type: ignore[arg-type]
    task = asyncio.create_task(listener.run(answer))
    try:
        yield listener
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.listening.LOOK_EVERY", 0.02)
    monkeypatch.setattr("bot.listening.CONNECT_AGAIN", timedelta(seconds=0.02))


async def test_a_standby_listens_when_the_other_stops(two: tuple[DbosEngine, DbosEngine]) -> None:
    first, second = Heard(), Heard()
    async with contextlib.AsyncExitStack() as stack:
        one = await stack.enter_async_context(listening(first, two[0].sole(WHAT)))
        await until(lambda: first.is_connected)
        async with listening(second, two[1].sole(WHAT)) as other:
            await asyncio.sleep(0.2)
            assert second.starts == 0
            assert (one.health(), other.health()) == ("connected", "")
            await stack.aclose()
            assert not first.is_connected
            await until(lambda: second.is_connected)
            assert (one.health(), other.health()) == ("", "connected")
    assert not second.is_connected
    assert two[0].machines().holders == ()


async def test_who_loses_the_lock_stops_listening_and_goes_on_when_it_is_back(sessions: sa.Engine) -> None:
    platform = Heard()
    lock = SessionSole(sessions, WHAT, Presence(sessions, "one"), 3.0)
    other = SessionSole(sessions, WHAT, Presence(sessions, "two"), 0.0)
    async with listening(platform, lock):
        await until(lambda: platform.is_connected)
        await asyncio.to_thread(cut_sessions, sessions)
        await until(lambda: not platform.is_connected or platform.starts == 2)
        await until(lambda: platform.is_connected and platform.starts == 2)
    assert other.take()
    other.release()


def events_of(lines: Sequence[MutableMapping[str, Any]]) -> list[Any]:
    """What was logged of a platform, the engine's own lines aside."""
    return [line["event"] for line in lines if "platform" in line]


async def test_a_network_that_is_away_is_tried_again_and_a_refused_token_is_not(
    two: tuple[DbosEngine, DbosEngine],
) -> None:
    away = Heard(ConnectionError("no route"), ConnectionError("no route"))
    with capture_logs() as lines:
        async with listening(away, two[0].sole(WHAT)) as listener:
            await until(lambda: away.is_connected)
            assert (away.starts, listener.health()) == (3, "connected")
    assert events_of(lines) == ["commands not connected", "commands not connected", "takes commands here"]
    refused = Heard(ConfigError("SANCTIONS_BOT_TELEGRAM_TOKEN", "is refused"))
    with capture_logs() as lines:
        async with listening(refused, two[0].sole(WHAT)) as listener:
            await until(lambda: "off: " in listener.health())
            await asyncio.sleep(0.2)
            assert refused.starts == 1
    assert events_of(lines) == ["platform refused"]


# ---------------------------------------------------------------- what is seen


async def test_processes_are_seen_while_they_run(two: tuple[DbosEngine, DbosEngine]) -> None:
    one, other = two
    async with one.presence.shown(["web", "poll"], "1.2.3"):
        async with other.presence.shown([], "1.2.4"):
            seen = one.machines().processes
        alone = one.machines().processes
    assert [(process.id, process.roles, process.version) for process in seen] == [
        ("one", ("poll", "web"), "1.2.3"),
        ("two", (), "1.2.4"),
    ]
    assert [process.id for process in alone] == ["one"]
    assert datetime.now(UTC) - alone[0].seen_at < timedelta(minutes=1)
    assert one.machines().processes == ()


async def test_a_process_is_heard_of_again_and_again(
    two: tuple[DbosEngine, DbosEngine], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.engine.presence.BEAT", 0.02)
    one, other = two
    async with one.presence.shown(["web"], "1"):
        first = other.machines().processes[0].seen_at
        await until(lambda: other.machines().processes[0].seen_at > first)
        other.presence.forget("one")
        await until(lambda: other.machines().processes)


async def test_queues_are_counted(url: str, store: SqlStore) -> None:
    engine, began, go = make_engine(url), asyncio.Event(), asyncio.Event()

    @engine.job("job", queue="deliver")
    async def job(n: int) -> None:
        began.set()
        await go.wait()

    before = datetime.now(UTC)
    with store.writing() as records:
        for n in range(4):
            later = before + timedelta(hours=1) if n == 3 else None
            engine.put(records, "job", f"job:{n:010d}", {"n": n}, partition="chat", not_before=later)
    counts = {queue.name: (queue.waiting, queue.running, queue.later) for queue in engine.machines().queues}
    assert counts == {"poll": (0, 0, 0), "match": (0, 0, 0), "deliver": (3, 0, 1)}
    await engine.start(ALL)
    await began.wait()
    await until(lambda: engine.machines().queues[2].running == 1)
    (queue,) = (queue for queue in engine.machines().queues if queue.name == "deliver")
    assert (queue.waiting, queue.later) == (2, 1)
    assert queue.oldest
    assert abs(queue.oldest - before) < timedelta(seconds=30)
    go.set()
    await until(lambda: engine.machines().queues[2].waiting == 0)
    assert engine.machines().queues[2].oldest is None
    await engine.stop()
    engine.close()


async def test_what_an_older_version_leaves_behind_the_newer_one_does(
    postgres: Callable[[str], str], migrated_postgres: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The old version ends after the new one has started, with a job that it had begun: put back under its own version,
    and nobody of that version will ever come."""
    monkeypatch.setattr("bot.engine.jobs.ADOPT_EVERY", 1)
    url = postgres(migrated_postgres)
    store, new = SqlStore(url), make_engine(url, application_version="2")
    done: list[int] = []

    @new.job("job", queue="match")
    async def job(n: int) -> None:
        done.append(n)

    await new.start(ALL)
    with store.writing() as records:
        new.put(records, "job", "left", {"n": 1}, not_before=datetime.now(UTC) + timedelta(hours=1))
        schema = "dbos.workflow_status"
        records.connection.execute(  # type: ignore[attr-defined]
            sa.text(f"UPDATE {schema} SET application_version = '1', status = 'ENQUEUED' WHERE workflow_uuid = 'left'")
        )
    await until(lambda: done)
    await new.stop()
    new.close()
    store.close()


# ---------------------------------------------------------------- the command line


@pytest.fixture
def command(url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., str]:
    """Runs `sanctions-bot …` on the database and returns what it printed."""
    (tmp_path / "config").mkdir()
    (tmp_path / "config" / "sources.toml").write_text("")
    monkeypatch.setenv("SANCTIONS_BOT_DATABASE_URL", url)
    monkeypatch.setenv("SANCTIONS_BOT_DATA_DIR", str(tmp_path))
    monkeypatch.setenv("SANCTIONS_BOT_CONFIG_DIR", str(tmp_path / "config"))

    def run(*words: str) -> str:
        result = CliRunner().invoke(cli, words)
        if result.exception and not isinstance(result.exception, SystemExit):
            raise result.exception
        return result.output

    return run


@pytest.mark.parametrize("words", [["status"], ["jobs"], ["lists", "sync", "gb_uksl"], ["poll"]], ids=" ".join)
def test_of_a_mistyped_database_none_is_made(
    postgres: Callable[[str], str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, words: list[str]
) -> None:
    url = postgres("template0")
    mistyped = sa.make_url(url).set(database="sanctionsbt").render_as_string(hide_password=False)
    (tmp_path / "sources.toml").write_text("")
    monkeypatch.setenv("SANCTIONS_BOT_DATABASE_URL", mistyped)
    monkeypatch.setenv("SANCTIONS_BOT_CONFIG_DIR", str(tmp_path))
    monkeypatch.setenv("SANCTIONS_BOT_LISTS", "gb_uksl")
    result = CliRunner().invoke(cli, words)
    assert isinstance(result.exception, StoreError)
    assert 'database "sanctionsbt" does not exist; make it with createdb' in str(result.exception)
    engine = sa.create_engine(url.replace("postgresql:", "postgresql+psycopg:"))
    with engine.connect() as connection:
        assert "sanctionsbt" not in connection.scalars(sa.text("SELECT datname FROM pg_database")).all()
    engine.dispose()


async def test_dead_and_parked_jobs_are_listed_and_revived_by_one_command(
    url: str, store: SqlStore, command: Callable[..., str]
) -> None:
    engine = make_engine(url, first_pause=timedelta(0))
    failed, parked = "read:00000000000000000001", "deliver:00000000000000000002"

    @engine.job("read", queue="match", tries=1)
    async def read(entry: int) -> None:
        raise ValueError("no such page")

    @engine.job("deliver", queue="deliver")
    async def deliver(delivery: int) -> None: ...

    with store.writing() as records:
        engine.put(records, "read", failed, {"entry": 1})
        engine.put(records, "deliver", parked, {"delivery": 2}, partition="telegram:1")
    engine._ledger.save_trials([Trial(parked, crashes=MOST_CRASHES)], time.time())
    engine._client.cancel_workflows([parked])  # as the guard parks a job that killed five processes
    await engine.start(frozenset({"match"}))
    await until(lambda: len(engine.machines().dead) == 2)
    await engine.stop()
    engine.close()

    listed = await asyncio.to_thread(command, "jobs")
    assert "2 dead jobs" in listed
    assert "given up after 1 tries: ValueError: no such page" in listed
    assert "parked: the process died 5 times while it ran" in listed
    told = await asyncio.to_thread(command, "status")
    assert "No process of the bot runs on this database" in told
    assert f"Dead job {failed}: " in told
    assert "jobs revive ID" in told
    with pytest.raises(StoreError, match="no dead job nobody"):
        await asyncio.to_thread(command, "jobs", "revive", "nobody")
    with pytest.raises(ConfigError, match="needs jobs or --all"):
        await asyncio.to_thread(command, "jobs", "revive")
    assert "1 job put back" in await asyncio.to_thread(command, "jobs", "revive", parked)
    assert "No dead job." in await asyncio.to_thread(command, "jobs", "revive", "--all")
    seen = DbosEngine(url)
    counts = {queue.name: queue.waiting for queue in seen.machines().queues}
    assert counts == {"poll": 0, "match": 1, "deliver": 1}, "each in its own queue again"
    assert seen._ledger.trials([parked]) == {parked: Trial(parked)}, "with all its tries anew"
    seen.close()


# ---------------------------------------------------------------- how it is told

NOW = datetime(2026, 11, 28, 12, 0, tzinfo=UTC)


def seconds_ago(seconds: float) -> datetime:
    return NOW - timedelta(seconds=seconds)


def test_what_runs_is_told_in_words() -> None:
    machines = Machines(
        (
            ProcessSeen("a", "alpha", 11, ("chat", "poll"), "1.0", seconds_ago(7300), seconds_ago(2)),
            ProcessSeen("b", "beta", 12, ("deliver",), "1.1", seconds_ago(90), seconds_ago(45)),
        ),
        (QueueSeen("poll", 0, 1, 0, None), QueueSeen("deliver", 1200, 3, 40, seconds_ago(4))),
        (HolderSeen("telegram commands of bot 42", "a", seconds_ago(60)), HolderSeen("slack commands", "gone", NOW)),
        (DeadJob("read:1", "read", "given up after 4 tries: x"),),
    )
    message = machines_message(machines, NOW)
    assert message.title == (
        "1 process on 1 host; 1 silent; 1,200 jobs waiting, the oldest for 4 s; 1 dead job; "
        "nobody has the role match; nobody has the role deliver"
    )
    assert message.bullets == (
        "alpha process 11: chat, poll; version 1.0, for 2 h, heard of 2 s ago",
        "beta process 12: deliver; version 1.1, for 90 s, heard of 45 s ago (silent: dead, paused or cut off from the "
        "database)",
        "Nobody has the role match: nothing is judged until `sanctions-bot run --role match` runs somewhere",
        "Nobody has the role deliver: messages wait until `sanctions-bot run --role deliver` runs somewhere",
        "Telegram commands of bot 42: alpha process 11, for 60 s",
        "Slack commands: nobody, as gone is no more; another process takes over within seconds",
        "Queue poll: 0 waiting, 1 running",
        "Queue deliver: 1,200 waiting (the oldest for 4 s), 3 running, 40 for later",
        "Dead job read:1: given up after 4 tries: x",
        "`sanctions-bot jobs` lists dead jobs, `sanctions-bot jobs revive ID` tries one again",
    )
