"""`ports.Engine` on DBOS Transact: durable jobs in the store's own database, on a SQLite file or on PostgreSQL.

DBOS claims, orders and remembers; tries and waits, which must outlive a crash, are in our ledger; the liveness guard
finds the work of dead processes. What a job does is none of this module's business."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import random
import socket
import threading
import time
import uuid
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any, Protocol, TypeVar, cast

import sqlalchemy as sa
import structlog
from dbos import DBOS, DBOSClient, DBOSPortableJSONSerializer, EnqueueOptions, WorkflowStatus
from dbos import error as dbos_error
from sqlalchemy.engine import URL

from bot.engine.calls import Calls, call
from bot.engine.guard import FileGuard, Guard, SessionGuard
from bot.engine.ledger import MOST_CRASHES, Ledger, Process, Trial, TrialReader, crashed
from bot.engine.presence import Presence
from bot.engine.queues import adopt, give_back, look_at_queues
from bot.engine.sole import FileSole, SessionSole
from bot.errors import StoreError, told_by_database
from bot.model import DeadJob, Machines
from bot.pools import create_pool, teach_subseconds
from bot.ports import Again, JobFunction, Records, SoleLock

log = structlog.get_logger(__name__)

T = TypeVar("T")

APPLICATION = "sanctions-bot"
LONGEST_PAUSE = 600.0  # seconds between two tries
LONGEST_NAP = 30.0  # seconds: a machine that slept must notice that the time has come
THREADS = 16
_ONE_AT_A_TIME = threading.Lock()
ADOPT_EVERY = 10  # looks at the dead, one a second
GIVE_BACK_EVERY, LEFT_FOR = 10.0, 60.0  # seconds; how long a job that we do not know is left to others
# Seconds that running jobs have to end at a stop; the rest of it takes two or three, and Docker kills after ten. What
# does not end in time goes back to its queue.
DRAIN = 5.0


@dataclass(frozen=True, slots=True)
class Queue:
    """`at_once` jobs run in one process, most of them waiting for the network; `in_flight` counts those too that wait
    for their next try, so that a few hundred chats in trouble do not hold up the others."""

    name: str
    at_once: int
    in_flight: int
    every: float  # seconds between two looks at the queue
    partitioned: bool = False


QUEUES = {
    queue.name: queue
    for queue in (
        Queue("poll", at_once=32, in_flight=64, every=1.0),
        Queue("match", at_once=128, in_flight=256, every=0.2),
        Queue("deliver", at_once=256, in_flight=1000, every=0.2, partitioned=True),
    )
}


@dataclass(frozen=True, slots=True)
class Job:
    name: str
    queue: Queue
    tries: int
    function: JobFunction


class _Alone:
    """The turn of a suspect: no other suspect runs until it is on record what became of it, lest it be blamed for the
    death that the next one brings. `lock` is None for a job that is no suspect."""

    def __init__(self, lock: asyncio.Lock | None) -> None:
        self._lock, self._is_ours = lock, False

    async def begin(self) -> None:
        if self._lock:
            await self._lock.acquire()
            self._is_ours = True

    def end(self, _task: object = None) -> None:
        if self._lock and self._is_ours:
            self._is_ours = False
            self._lock.release()


class GivenUp(Exception):  # noqa: N818  (the outcome of a job, kept by DBOS; not raised at anyone)
    """The last try failed. The text is the reason that `dead` lists."""


class _InTransaction(Protocol):
    """What `put` needs of the store's `Records`."""

    connection: sa.Connection


class DbosEngine:
    """`url` is the store's. One may run at a time in a process. `executor_id` must be new with every start.
    `first_pause` is the wait after the first failed try, each later one is four times as long; `keep` is how long
    finished jobs are remembered (a key put again within it is a no-op); `look_every` overrides the queues' own."""

    def __init__(
        self,
        url: str,
        *,
        application_version: str = "1",
        executor_id: str | None = None,
        first_pause: timedelta = timedelta(seconds=2),
        keep: timedelta = timedelta(days=7),
        keep_dead: timedelta = timedelta(days=90),
        look_every: timedelta | None = None,
    ) -> None:
        _route_logs()
        self.on_trouble: Callable[[str], None] = lambda _text: None  # told from a thread of ours
        self._url = _parse(url)
        self._version = application_version
        self.executor_id = executor_id or f"{socket.gethostname()}-{os.getpid()}-{uuid.uuid4().hex[:8]}"
        self._first_pause, self._keep, self._keep_dead = first_pause.total_seconds(), keep, keep_dead
        self._look_every = look_every
        self._jobs: dict[str, Job] = {}
        self._engine = _create_engine(self._url)
        self._ledger = Ledger(self._engine)
        self._trials = TrialReader(self._ledger)
        with _telling_what_went_wrong(self._url):
            DBOS.migrate(self._url.render_as_string(hide_password=False))
            self._ledger.create_tables()
        self.presence = Presence(self._engine, self.executor_id)
        self._client = DBOSClient(
            system_database_engine=self._engine,
            serializer=DBOSPortableJSONSerializer(),
            application_name=APPLICATION,
            lazy=True,
        )
        self._guard: Guard = _guard(self._url, self._engine, self.executor_id)
        self._calls = Calls(self._engine, QUEUES)
        self._in_flight: set[asyncio.Task[Any]] = set()
        self._running: set[asyncio.Task[Any]] = set()  # those of them that are in the midst of a try
        self._slots: dict[str, asyncio.Semaphore] = {}
        self._alone = asyncio.Lock()  # held by the suspect that runs or is about to be recorded
        self._chores: list[asyncio.Task[None]] = []
        self._looks = 0
        self._is_started = False
        self._is_stopping = False

    # ------------------------------------------------------------ the port

    def job(self, name: str, *, queue: str, tries: int = 5) -> Callable[[JobFunction], JobFunction]:
        """See `ports.Engine.job`. Before `start`."""
        if queue not in QUEUES:
            raise ValueError(f"there is no queue {queue!r}: {', '.join(QUEUES)}")
        if name in self._jobs:
            raise ValueError(f"job {name!r} is registered twice")

        def register(function: JobFunction) -> JobFunction:
            self._jobs[name] = Job(name, QUEUES[queue], tries, function)
            return function

        return register

    def put(
        self,
        records: Records,
        job: str,
        key: str,
        args: Mapping[str, object],
        *,
        partition: str | None = None,
        priority: int = 10,
        not_before: datetime | None = None,
    ) -> None:
        """See `ports.Engine.put`. Equal priorities go in the order of putting; within one transaction, by key."""
        queue = self._job(job).queue
        if queue.partitioned != (partition is not None):
            raise ValueError(
                f"{job}: jobs of queue {queue.name} {'need a' if queue.partitioned else 'have no'} partition"
            )
        options = EnqueueOptions(
            workflow_name=job, queue_name=queue.name, workflow_id=key, priority=priority, application_name=APPLICATION
        )
        if partition is not None:
            options["queue_partition_key"] = partition
        if not_before is not None and (delay := not_before.timestamp() - time.time()) > 0:
            options["delay_seconds"] = delay
        connection = cast(_InTransaction, records).connection
        with _telling_what_went_wrong(self._url):
            self._client.enqueue_in_transaction(connection, options, dict(args))
            call(connection, queue.name)

    async def start(self, roles: frozenset[str]) -> None:
        """See `ports.Engine.start`. Raises StoreError if another process owns the database."""
        wanted = [QUEUES[role] for role in sorted(roles)]
        if not wanted:
            return
        if not _ONE_AT_A_TIME.acquire(blocking=False):
            raise StoreError("a job engine already runs in this process: stop it first (DBOS knows only one)")
        try:
            await asyncio.to_thread(self._enter, roles)
        except BaseException:
            _ONE_AT_A_TIME.release()
            raise
        self._is_started, self._is_stopping = True, False
        self._slots = {queue.name: asyncio.Semaphore(queue.at_once) for queue in QUEUES.values()}
        self._alone = asyncio.Lock()
        try:
            with _telling_what_went_wrong(self._url):
                await self._launch(wanted)
        except BaseException:
            await self.stop()
            raise
        self._chores = [asyncio.create_task(self._tidy()), asyncio.create_task(self._give_back())]
        if self._guard.is_shared:
            self._chores.append(asyncio.create_task(self._watch()))

    async def stop(self) -> None:
        """See `ports.Engine.stop`. What could not end goes back to its queue, where others find it at once."""
        if not self._is_started:
            return
        self._is_stopping = True
        await _cancel(self._chores)
        self._calls.stop()
        if self._running:
            await asyncio.wait(self._running, timeout=DRAIN)
        # in a thread: DBOS's own threads need our loop until they have ended
        loop, pool = asyncio.get_running_loop(), ThreadPoolExecutor(1, thread_name_prefix="engine-stop")
        await loop.run_in_executor(pool, partial(DBOS.destroy, destroy_registry=True))
        await _cancel(self._in_flight)
        await self._trials.stop()
        # DBOS had made its own pool the loop's, and shut it down
        loop.set_default_executor(ThreadPoolExecutor(THREADS, thread_name_prefix="work"))
        try:
            await loop.run_in_executor(pool, self._leave)
        finally:
            self._guard.release()
            self._engine.dispose()
            pool.shutdown(wait=False)
            self._is_started = False
            _ONE_AT_A_TIME.release()

    async def dead(self, revive: Sequence[str] = (), drop: Sequence[str] = ()) -> tuple[DeadJob, ...]:
        """See `ports.Engine.dead`. Newest first; a revived job is tried as if it were new. Raises StoreError for an id
        that is not dead."""
        return await asyncio.to_thread(self._dead, tuple(revive), tuple(drop))

    async def waiting(self, until: datetime) -> int:
        """How many jobs run, or begin by `until` if there is room: not those that are put off for longer or wait so
        long for their next try, nor what waits behind them."""
        return await asyncio.to_thread(self._waiting, until.timestamp())

    def _waiting(self, until: float) -> int:
        look = partial(self._client.list_workflows, load_input=False, load_output=False)
        found = look(status=["ENQUEUED", "PENDING", "DELAYED"])
        found = [job for job in found if (job.delay_until_epoch_ms or 0) <= until * 1000 or job.status != "DELAYED"]
        trials = self._ledger.trials(job.workflow_id for job in found)
        late = {job.workflow_id for job in found if trials[job.workflow_id].not_before > until}
        held = {job.queue_partition_key for job in found if job.workflow_id in late and job.queue_partition_key}
        is_behind = {job.workflow_id for job in found if job.status != "PENDING" and job.queue_partition_key in held}
        return len(found) - len(late | is_behind)

    def processes(self) -> tuple[Process, ...]:
        """Those that run jobs on this database, and those whose death nobody has noticed yet."""
        with _telling_what_went_wrong(self._url):
            return self._ledger.processes()

    def sole(self, what: str) -> SoleLock:
        """The lock of what only one process of all on this database may do at a time; not taken yet."""
        if self._url.get_backend_name() == "sqlite":
            name = f"{''.join(letter if letter.isalnum() else '-' for letter in what)}.lock"
            return FileSole(Path(cast(str, self._url.database)).absolute().parent / name, what, self.presence)
        return SessionSole(self._engine, what, self.presence)

    def machines(self) -> Machines:
        """Every process, queue, sole holder and the newest dead jobs on this database. Raises StoreError."""
        with _telling_what_went_wrong(self._url):
            queues = look_at_queues(self._engine, tuple(QUEUES), time.time())
            return Machines(self.presence.processes(), queues, self.presence.holders(), self._dead((), limit=1000))

    def close(self) -> None:
        """Let go of the database, if it was only put to and never started."""
        self._engine.dispose()

    # ------------------------------------------------------------ start and stop

    def _enter(self, roles: frozenset[str]) -> None:
        with _telling_what_went_wrong(self._url):
            self._guard.hold()
            try:
                self._rescue()
                self._adopt()
                self._ledger.enter(self.executor_id, roles, time.time())
            except BaseException:
                self._guard.release()
                raise

    async def _launch(self, queues: Iterable[Queue]) -> None:
        dbos = DBOS(
            config={
                "name": APPLICATION,
                "system_database_url": self._url.render_as_string(hide_password=False),
                "system_database_engine": self._engine,
                "serializer": DBOSPortableJSONSerializer(),
                "application_version": self._version,
                "executor_id": self.executor_id,
                "log_level": "WARNING",
                "max_executor_threads": THREADS,
                "scheduler_polling_interval_sec": 3600.0,  # DBOS's own schedules are not used
                "notification_listener_polling_interval_sec": 0.25,  # nor its notifications, but a stop waits for both
                "notification_coalesce_sec": 0.25,  # else it looks a hundred times a second whether there are any
            }
        )
        for job in self._jobs.values():
            DBOS.workflow(name=job.name, max_recovery_attempts=None)(self._workflow(job))
        for queue in queues:
            await self._client.register_queue_async(
                queue.name,
                worker_concurrency=queue.in_flight,
                partition_concurrency=1 if queue.partitioned else None,
                polling_interval_sec=self._look_every.total_seconds() if self._look_every else queue.every,
                on_conflict="always_update",
            )
        DBOS.listen_queues([queue.name for queue in queues])
        DBOS.launch()  # on this thread: jobs are to run on its event loop
        if self._guard.is_shared:
            for stop in dbos.background_thread_stop_events:
                self._calls.let_wait(stop)
            await self._calls.listen()
        # jobs that nobody began go to the latest version, which must be ours even after a step back
        await self._client.set_latest_application_version_async(self._version)

    def _leave(self) -> None:
        with _telling_what_went_wrong(self._url):
            self._put_back(
                self._client.list_workflows(status="PENDING", executor_id=self.executor_id, load_input=False)
            )
            self._ledger.leave(self.executor_id)

    # ------------------------------------------------------------ running a job

    def _workflow(self, job: Job) -> Callable[[dict[str, Any]], Awaitable[None]]:
        async def workflow(args: dict[str, Any]) -> None:
            key = cast(str, DBOS.workflow_id)
            structlog.contextvars.bind_contextvars(job=key)
            await self._run(job, key, args)

        return workflow

    async def _run(self, job: Job, key: str, args: dict[str, Any]) -> None:
        """Try until it is done or given up. A pause keeps the job's place: nothing else of its partition runs."""
        task = cast("asyncio.Task[Any]", asyncio.current_task())
        self._in_flight.add(task)
        task.add_done_callback(self._in_flight.discard)
        task.add_done_callback(self._running.discard)  # when DBOS has recorded the outcome too
        task.add_done_callback(lambda _task: self._calls.heard(job.queue.name))  # it made room for another
        trial = await self._patiently(lambda: self._trials.trial(key))
        alone = _Alone(self._alone if trial.is_suspect else None)
        task.add_done_callback(alone.end)
        while True:
            await self._wait_until(trial.not_before)
            await alone.begin()
            async with self._slots[job.queue.name]:
                await self._wait_until(0.0)
                if trial.held:
                    await self._surely(self._ledger.save_trials, [replace(trial, held=False)], time.time())
                self._running.add(task)
                again = await self._try(job, trial, args)
            if again is None:
                break
            trial = again
            await self._surely(self._ledger.save_trials, [trial], time.time())
            alone.end()
            self._running.discard(task)
        if trial != Trial(key):
            await self._surely(self._ledger.forget_trials, [key])

    async def _try(self, job: Job, trial: Trial, args: dict[str, Any]) -> Trial | None:
        """None when it is done, else what to remember until the next try. Raises GivenUp."""
        try:
            await job.function(**args)
        except Again as again:
            pause, reason = again.delay.total_seconds(), again.reason
            log.info("job waits", job=trial.job_id, seconds=round(pause, 1), reason=reason)
        except Exception as error:  # the edge of the job: whatever went wrong, it is tried again or listed as dead
            tries, reason = trial.tries + 1, f"{type(error).__name__}: {error}"
            if tries >= job.tries:
                log.error("job given up", job=trial.job_id, tries=tries, reason=reason, exc_info=error)
                raise GivenUp(f"given up after {tries} tries: {reason}") from error
            pause = min(self._first_pause * 4 ** (tries - 1), LONGEST_PAUSE) * random.uniform(0.9, 1.1)  # noqa: S311
            log.warning("job failed", job=trial.job_id, again_in=round(pause, 1), reason=reason)
            trial = replace(trial, tries=tries)
        else:
            return None
        return replace(trial, not_before=time.time() + pause, held=trial.is_suspect, note=reason)

    async def _wait_until(self, moment: float) -> None:
        """And until we are cancelled, if the engine stops: no try begins any more."""
        while self._is_stopping or (left := moment - time.time()) > 0:
            await asyncio.sleep(LONGEST_NAP if self._is_stopping else min(left, LONGEST_NAP))

    async def _surely(self, function: Callable[..., T], *args: Any) -> T:
        """Call it in a thread until the database lets it."""
        return await self._patiently(lambda: asyncio.to_thread(function, *args))

    async def _patiently(self, ask: Callable[[], Awaitable[T]]) -> T:
        """Ask until the database answers: one that is away must not cost a job."""
        while True:
            try:
                return await ask()
            except sa.exc.SQLAlchemyError as error:
                log.debug("a job waits for the database", problem=str(error))  # the guard warns, once for all
                await asyncio.sleep(1.0)

    # ------------------------------------------------------------ the work of the dead

    async def _watch(self) -> None:
        """Show that we live, listen, and look for those that do not live."""
        while True:
            await asyncio.sleep(self._guard.next_look(random.uniform(0.8, 1.2)))  # noqa: S311
            try:
                await asyncio.to_thread(self._look)
                await self._calls.listen()
            except (sa.exc.SQLAlchemyError, StoreError, dbos_error.DBOSException) as error:
                log.warning("the liveness guard could not look", problem=str(error))

    def _look(self) -> None:
        self._guard.hold()
        self._rescue()
        self._looks += 1
        if self._looks % ADOPT_EVERY == 0 and self._is_latest():
            self._adopt()

    def _is_latest(self) -> bool:
        """While versions run side by side, one of them takes over what the other leaves: the one that came last."""
        versions = self._client.list_application_versions()
        return bool(versions) and versions[0]["version_name"] == self._version

    def _rescue(self) -> None:
        others = [
            process.executor_id for process in self._ledger.processes() if process.executor_id != self.executor_id
        ]
        if not others:
            return
        with self._guard.dead(others) as dead:
            for executor_id in dead:
                pending = self._client.list_workflows(status="PENDING", executor_id=executor_id, load_input=False)
                self._rescue_jobs(pending)
                self._ledger.leave(executor_id)
                self.presence.forget(executor_id)
                log.warning("took over the jobs of a dead process", executor=executor_id, jobs=len(pending))
                self.on_trouble(f"the process {executor_id} died; its jobs were taken over")

    def _rescue_jobs(self, pending: Sequence[WorkflowStatus]) -> None:
        now = time.time()
        before = self._ledger.trials(status.workflow_id for status in pending)
        trials = {job_id: crashed(trial, now) for job_id, trial in before.items()}
        parked = {job_id for job_id, trial in trials.items() if trial.crashes >= MOST_CRASHES}
        self._ledger.save_trials((trial for job_id, trial in trials.items() if trial != before[job_id]), now)
        if parked:
            self._client.cancel_workflows(sorted(parked))
            log.error("jobs parked: the process died each time they ran", jobs=sorted(parked), crashes=MOST_CRASHES)
            for job_id in sorted(parked):
                self.on_trouble(f"the job {job_id} is parked: the process died each time it ran")
        self._put_back([status for status in pending if status.workflow_id not in parked])

    def _put_back(self, statuses: Iterable[WorkflowStatus]) -> None:
        by_queue: dict[str, list[str]] = {}
        for status in statuses:
            if status.app_version in (None, self._version):
                by_queue.setdefault(self._queue_of(status), []).append(status.workflow_id)
            else:
                self._client.cancel_workflows([status.workflow_id])
                self._begin_anew(status)
        for queue, ids in by_queue.items():
            self._client.resume_workflows(ids, queue_name=queue)
        with self._engine.begin() as connection:
            for queue in by_queue:
                call(connection, queue)

    def _begin_anew(self, ended: WorkflowStatus) -> None:
        """Back to its queue, at its old place, for our version."""
        self._client.rewind_workflow(
            ended.workflow_id,
            queue_name=self._queue_of(ended),
            queue_partition_key=ended.queue_partition_key,
            application_version=self._version,
        )

    def _queue_of(self, status: WorkflowStatus) -> str:
        job = self._jobs.get(status.name)
        return job.queue.name if job else status.queue_name or "match"

    def _adopt(self) -> None:
        """DBOS gives a job that was once begun only to processes of the same version: make those of others ours."""
        if number := adopt(self._engine, self._version):
            log.info("took over jobs of another version", jobs=number)

    async def _give_back(self) -> None:
        """A job that a newer version put is none that we can do: it would be held here, and its partition with it."""
        while True:
            await asyncio.sleep(GIVE_BACK_EVERY)
            until = time.time() + LEFT_FOR
            try:
                left = await asyncio.to_thread(give_back, self._engine, self.executor_id, tuple(self._jobs), until)
            except sa.exc.SQLAlchemyError as error:
                log.debug("jobs that are not known could not be given back", problem=str(error))
                continue
            if left:
                log.warning("jobs that this version does not know are left to a newer one", jobs=left)

    # ------------------------------------------------------------ dead jobs, old jobs

    def _dead(self, revive: Sequence[str], drop: Sequence[str] = (), limit: int | None = None) -> tuple[DeadJob, ...]:
        with _telling_what_went_wrong(self._url):
            for job_id in revive:
                self._revive(job_id)
            for job_id in drop:
                self._find_dead(job_id)
                self._client.delete_workflows([job_id])
            statuses = self._client.list_workflows(status=_GONE, sort_desc=True, limit=limit)
            notes = self._ledger.trials(status.workflow_id for status in statuses)
        return tuple(_dead_job(status, notes[status.workflow_id]) for status in statuses)

    def _revive(self, job_id: str) -> None:
        dead = self._find_dead(job_id)
        self._ledger.forget_trials([job_id])
        self._begin_anew(dead)

    def _find_dead(self, job_id: str) -> WorkflowStatus:
        found = self._client.list_workflows(workflow_ids=[job_id], status=_GONE, load_input=False)
        if not found:
            raise StoreError(f"there is no dead job {job_id}")
        return found[0]

    async def _tidy(self) -> None:
        """Forget finished jobs, a few at a time."""
        while True:
            try:
                await asyncio.to_thread(self.forget_finished, datetime.now(UTC))
            except (sa.exc.SQLAlchemyError, dbos_error.DBOSException) as error:
                log.warning("old jobs could not be forgotten", problem=str(error))
            await asyncio.sleep(3600)

    def forget_finished(self, now: datetime) -> int:
        """Delete what ended longer ago than `keep`, dead jobs after `keep_dead`. Returns how many."""
        forgotten = 0
        for statuses, keep in ((["SUCCESS"], self._keep), (_GONE, self._keep_dead)):
            before = (now - keep).isoformat()
            while ids := self._finished(statuses, before):
                self._client.delete_workflows(ids)
                forgotten += len(ids)
        self._ledger.forget_trials_before((now - self._keep_dead).timestamp())
        return forgotten

    def _finished(self, statuses: list[str], before: str) -> list[str]:
        found = self._client.list_workflows(
            status=statuses, completed_before=before, limit=500, load_input=False, load_output=False
        )
        return [status.workflow_id for status in found]

    def _job(self, name: str) -> Job:
        try:
            return self._jobs[name]
        except KeyError:
            raise ValueError(f"no job {name!r} is registered") from None


_GONE = ["ERROR", "CANCELLED", "MAX_RECOVERY_ATTEMPTS_EXCEEDED"]


def _dead_job(status: WorkflowStatus, trial: Trial) -> DeadJob:
    args = status.input["args"] if status.input else ()
    reason = str(status.error) if status.error else f"parked: the process died {trial.crashes} times while it ran"
    at = datetime.fromtimestamp(status.completed_at / 1000, UTC) if status.completed_at else None
    return DeadJob(status.workflow_id, status.name, reason, args[0] if args else {}, at)


async def _cancel(tasks: Iterable[asyncio.Task[Any]]) -> None:
    tasks = list(tasks)
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


# ---------------------------------------------------------------- the database


def _parse(url: str) -> URL:
    parsed = sa.make_url(url)
    return parsed if parsed.get_backend_name() == "sqlite" else parsed.set(drivername="postgresql+psycopg")


def _create_engine(url: URL) -> sa.Engine:
    """For DBOS, the ledger and the guard. DBOS counts on SQLite transactions that take the write lock at their first
    change and on reads that take none, which is what the driver's IMMEDIATE mode does."""
    if url.get_backend_name() != "sqlite":
        return create_pool(url, size=THREADS + 8, more=8)
    engine = sa.create_engine(url, pool_size=THREADS + 8, max_overflow=8)

    @sa.event.listens_for(engine, "connect")
    def on_connect(connection: Any, _record: object) -> None:
        connection.isolation_level = "IMMEDIATE"
        teach_subseconds(connection)
        for pragma in ("busy_timeout=30000", "journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
            connection.execute(f"PRAGMA {pragma}").close()

    return engine


def _guard(url: URL, engine: sa.Engine, executor_id: str) -> Guard:
    if url.get_backend_name() == "sqlite":
        return FileGuard(Path(cast(str, url.database)).absolute())
    return SessionGuard(engine, executor_id)


@contextlib.contextmanager
def _telling_what_went_wrong(url: URL) -> Any:
    try:
        yield
    except (sa.exc.SQLAlchemyError, dbos_error.DBOSException) as error:
        raise told_by_database(url.database or "", str(getattr(error, "orig", None) or error).strip()) from error


# ---------------------------------------------------------------- logs

_NOT_NEWS = (
    "Exception encountered in asynchronous workflow",  # we have logged it with its job
    "Asyncio task cancelled",  # at a stop
    "Could not connect to postgres database to verify existence",  # a role need not see other databases
    "Current version",  # see `set_latest_application_version_async`
)


# While a database is away, each of its threads says so again whenever it looks: 7,000 lines a minute.
_SAID_AGAIN = ("Exception ", "Notification listener error")
_SAY_AGAIN_AFTER = 60.0  # seconds


class SaidBefore(logging.Filter):
    """Lets what a thread says again and again pass once a minute: by what stands before its first colon."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        super().__init__()
        self._clock, self._said_at = clock, dict[str, float]()

    def filter(self, record: logging.LogRecord) -> bool:
        said, now = str(record.msg).partition(":")[0], self._clock()
        if not said.startswith(_SAID_AGAIN):
            return True
        if now - self._said_at.get(said, -_SAY_AGAIN_AFTER) < _SAY_AGAIN_AFTER:
            return False
        self._said_at[said] = now
        return True


def _route_logs() -> None:
    """DBOS's warnings go where ours go, without those that are none, and without end."""
    logger = logging.getLogger("dbos")
    if not any(isinstance(handler, logging.NullHandler) for handler in logger.handlers):
        logger.addHandler(logging.NullHandler())  # DBOS adds a handler of its own, and cuts ours off, if it finds none
        logger.addFilter(lambda record: not str(record.msg).startswith(_NOT_NEWS))
        logger.addFilter(SaidBefore())
    logger.setLevel(logging.WARNING)
