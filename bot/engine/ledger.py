"""What the engine must remember beside DBOS's own tables: which processes run, and how often each job was tried.

Two small tables of its own in the same database; they are made if missing. A job has a row only while it waits for
another try or after its process died, so the usual job costs one look-up."""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime

import sqlalchemy as sa

_TABLES_LOCK = 0x53424F54_4C454447  # any number, the same in every process

MOST_CRASHES = 5
SUSPECT_AFTER = 2  # crashes

metadata = sa.MetaData()

# Times as seconds since 1970: only this module reads them.
trials = sa.Table(
    "engine_trials",
    metadata,
    sa.Column("job_id", sa.Text, primary_key=True),
    sa.Column("tries", sa.Integer, nullable=False),
    sa.Column("crashes", sa.Integer, nullable=False),
    sa.Column("not_before", sa.Float, nullable=False),
    sa.Column("held", sa.Boolean, nullable=False),
    sa.Column("note", sa.Text, nullable=False),
    sa.Column("saved_at", sa.Float, nullable=False),
)

processes = sa.Table(
    "engine_processes",
    metadata,
    sa.Column("executor_id", sa.Text, primary_key=True),
    sa.Column("host", sa.Text, nullable=False),
    sa.Column("pid", sa.Integer, nullable=False),
    sa.Column("roles", sa.Text, nullable=False),
    sa.Column("started_at", sa.Float, nullable=False),
)


@dataclass(frozen=True, slots=True)
class Trial:
    """How a job fared so far. `tries` ended with an error; in `crashes` the process died while it ran. A job that is
    `held` waits until it may run alone."""

    job_id: str
    tries: int = 0
    crashes: int = 0
    not_before: float = 0.0
    held: bool = False
    note: str = ""

    @property
    def is_suspect(self) -> bool:
        return self.crashes >= SUSPECT_AFTER


@dataclass(frozen=True, slots=True)
class Process:
    """A process that runs jobs, or did and has not said goodbye."""

    executor_id: str
    host: str
    pid: int
    roles: tuple[str, ...]
    started_at: datetime


_ASKED_AT_ONCE = 1_000  # ids in one statement: PostgreSQL takes 65,535, SQLite 32,766
# Made once: every job asks it.
_TRIALS_OF = sa.select(
    *(trials.c[name] for name in ("job_id", "tries", "crashes", "not_before", "held", "note"))
).where(trials.c.job_id.in_(sa.bindparam("ids", expanding=True)))


class Ledger:
    """Synchronous, each call one short transaction."""

    def __init__(self, engine: sa.Engine) -> None:
        self._engine = engine
        # one look-up for each job: PostgreSQL spares two round trips; SQLite's reads need no transaction as they are
        alone = {"isolation_level": "AUTOCOMMIT"} if engine.dialect.name == "postgresql" else {}
        self._reader = engine.execution_options(**alone)

    def create_tables(self) -> None:
        with self._engine.begin() as connection:
            if connection.dialect.name == "postgresql":
                connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_TABLES_LOCK)))
            else:  # the driver begins none for a statement that makes a table
                connection.exec_driver_sql("BEGIN IMMEDIATE")
            metadata.create_all(connection)

    # ------------------------------------------------------------ trials

    def trials(self, job_ids: Iterable[str]) -> dict[str, Trial]:
        """One for each id: an empty one where nothing is remembered."""
        ids, found = list(job_ids), dict[str, Trial]()
        with self._reader.connect() as connection:
            for at in range(0, len(ids), _ASKED_AT_ONCE):
                rows = connection.execute(_TRIALS_OF, {"ids": ids[at : at + _ASKED_AT_ONCE]})
                found.update((row.job_id, Trial(*row)) for row in rows)
        return {job_id: found.get(job_id, Trial(job_id)) for job_id in ids}

    def save_trials(self, changed: Iterable[Trial], now: float) -> None:
        rows = [
            {
                "job_id": trial.job_id,
                "tries": trial.tries,
                "crashes": trial.crashes,
                "not_before": trial.not_before,
                "held": trial.held,
                "note": trial.note,
                "saved_at": now,
            }
            for trial in changed
        ]
        if not rows:
            return
        with self._engine.begin() as connection:
            connection.execute(sa.delete(trials).where(trials.c.job_id.in_([row["job_id"] for row in rows])))
            connection.execute(sa.insert(trials), rows)

    def forget_trials(self, job_ids: Iterable[str]) -> None:
        with self._engine.begin() as connection:
            connection.execute(sa.delete(trials).where(trials.c.job_id.in_(list(job_ids))))

    def forget_trials_before(self, cutoff: float) -> None:
        with self._engine.begin() as connection:
            connection.execute(sa.delete(trials).where(trials.c.saved_at < cutoff, trials.c.not_before < cutoff))

    # ------------------------------------------------------------ processes

    def enter(self, executor_id: str, roles: Iterable[str], now: float) -> None:
        row = {
            "executor_id": executor_id,
            "host": socket.gethostname(),
            "pid": os.getpid(),
            "roles": ",".join(sorted(roles)),
            "started_at": now,
        }
        with self._engine.begin() as connection:
            connection.execute(sa.insert(processes).values(row))

    def leave(self, executor_id: str) -> None:
        with self._engine.begin() as connection:
            connection.execute(sa.delete(processes).where(processes.c.executor_id == executor_id))

    def processes(self) -> tuple[Process, ...]:
        """Oldest first."""
        with self._reader.connect() as connection:
            rows = connection.execute(sa.select(processes).order_by(processes.c.started_at)).all()
        return tuple(
            Process(
                row.executor_id,
                row.host,
                row.pid,
                tuple(row.roles.split(",")) if row.roles else (),
                datetime.fromtimestamp(row.started_at, UTC),
            )
            for row in rows
        )


GATHERED = 0.003  # seconds: DBOS begins what one look at a queue found in about half a millisecond each


class TrialReader:
    """Looks up the trials of jobs that begin. Those that begin together share one look, and those that ask during it
    the next, so that a queue full of jobs costs one look for many. On one event loop."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self._asked: list[tuple[str, asyncio.Future[Trial]]] = []
        self._looking: asyncio.Task[None] | None = None

    async def trial(self, job_id: str) -> Trial:
        """Raises SQLAlchemyError."""
        answer: asyncio.Future[Trial] = asyncio.get_running_loop().create_future()
        self._asked.append((job_id, answer))
        if self._looking is None or self._looking.done():
            self._looking = asyncio.create_task(self._look())
        return await answer

    async def _look(self) -> None:
        while self._asked:
            await asyncio.sleep(GATHERED)
            asked, self._asked = self._asked, []
            try:
                found = await asyncio.to_thread(self._ledger.trials, [job_id for job_id, _ in asked])
            except BaseException as error:
                for _, answer in asked:
                    _settle(answer, error)
                if not isinstance(error, Exception):
                    raise
            else:
                for job_id, answer in asked:
                    _settle(answer, found[job_id])

    async def stop(self) -> None:
        """Nobody waits any more."""
        if self._looking is not None:
            self._looking.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._looking


def _settle(answer: asyncio.Future[Trial], outcome: Trial | BaseException) -> None:
    if answer.done():  # whoever asked was cancelled
        return
    if isinstance(outcome, Trial):
        answer.set_result(outcome)
    elif isinstance(outcome, asyncio.CancelledError):
        answer.cancel()
    else:
        answer.set_exception(outcome)


def crashed(trial: Trial, now: float) -> Trial:
    """The trial of a job whose process died. A job that only waited had no part in it; one that ran each time may have,
    and runs alone from now on, so that it cannot condemn the others."""
    if trial.held or trial.not_before > now:
        return trial
    more = replace(trial, crashes=trial.crashes + 1)
    return replace(more, held=more.is_suspect)
