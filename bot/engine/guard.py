"""Tells the living processes from the dead, so that the work of the dead is done by others.

SQLite: one process owns the file, by a lock of the operating system. PostgreSQL: each process holds an advisory lock
under its executor id in a session of its own; whose lock stays free for `GRACE` is dead. Both locks go when the process
dies, however it dies. A paused process keeps its lock, and its work waits for it. A proxy that pools transactions must
not stand in between."""

from __future__ import annotations

import contextlib
import fcntl
import os
import socket
import time
from collections.abc import Callable, Iterable, Iterator
from hashlib import blake2b
from pathlib import Path
from typing import IO, Protocol

import sqlalchemy as sa
import structlog

from bot.errors import StoreError

log = structlog.get_logger(__name__)

GRACE = 3.0  # seconds: a process that lost its session for a moment takes its lock again
_JUST_AFTER = 0.01  # seconds


class Guard(Protocol):
    """`hold` before any job runs, `release` when none runs any more; `hold` and `dead` in between, again and again,
    if the database `is_shared`."""

    is_shared: bool

    def hold(self) -> None: ...
    def release(self) -> None: ...
    def dead(self, others: Iterable[str]) -> contextlib.AbstractContextManager[tuple[str, ...]]:
        """Those of `others` that are dead. Within the block no other process takes them for its own to rescue."""
        ...

    def next_look(self, usual: float) -> float:
        """Seconds until the next look is worth it, `usual` at most: sooner if somebody's grace ends before."""
        ...


class FileGuard:
    """For a database that one process owns: whoever holds the lock knows that all others are dead."""

    is_shared = False

    def __init__(self, database: Path) -> None:
        self.path = database.parent / "engine.lock"
        self._file: IO[str] | None = None

    def hold(self) -> None:
        """Raises StoreError if another process runs on this database."""
        file = self._open()
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            file.seek(0)
            holder = file.read().strip() or "another process"
            file.close()
            raise StoreError(
                f"{holder} is already running on this database (it holds {self.path}); "
                "stop it first, or set SANCTIONS_BOT_DATABASE_URL to a PostgreSQL database, which many may share"
            ) from error
        except OSError as error:  # some network shares have no locks
            file.close()
            raise StoreError(
                f"{self.path} cannot be locked: {error.strerror}; put SANCTIONS_BOT_DATA_DIR on a disk of this machine"
            ) from error
        file.truncate(0)
        file.write(f"process {os.getpid()} on {socket.gethostname()}\n")
        file.flush()
        self._file = file

    def _open(self) -> IO[str]:
        try:
            return self.path.open("a+", encoding="utf-8")
        except OSError as error:  # as when another user ran a command here
            raise StoreError(
                f"{self.path} cannot be written: {error.strerror}; let the user that runs the bot own it"
            ) from error

    def release(self) -> None:
        if self._file:
            self._file.truncate(0)
            self._file.close()
            self._file = None

    @contextlib.contextmanager
    def dead(self, others: Iterable[str]) -> Iterator[tuple[str, ...]]:
        yield tuple(others)

    def next_look(self, usual: float) -> float:
        return usual


class SessionGuard:
    """For a database that many processes share. Every method is called from one thread at a time."""

    is_shared = True

    def __init__(
        self, engine: sa.Engine, executor_id: str, grace: float = GRACE, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._engine, self._executor_id, self._grace, self._clock = engine, executor_id, grace, clock
        self._session: sa.Connection | None = None
        self._free_since: dict[str, float] = {}

    def hold(self) -> None:
        """Take our own lock, in a new session if the old one is gone. Raises SQLAlchemyError while there is no
        database, StoreError if another holds our lock."""
        if self._session is not None and self._is_alive():
            return
        self._free_since.clear()  # what was seen before the gap says nothing of now
        session = open_session(self._engine)
        # a rescuer may hold it for a moment; it will find us alive at its next look
        if not session.execute(sa.select(sa.func.pg_try_advisory_lock(lock_key(self._executor_id)))).scalar():
            session.close()
            raise StoreError(f"another process holds the lock of {self._executor_id}")
        self._session = session

    def _is_alive(self) -> bool:
        assert self._session is not None
        try:
            self._session.execute(sa.select(1))
        except sa.exc.SQLAlchemyError:
            log.warning("the database session that shows that this process lives was lost", executor=self._executor_id)
            self._drop()
            return False
        return True

    def _drop(self) -> None:
        session, self._session = self._session, None
        if session is not None:
            end_session(session)

    def release(self) -> None:
        if self._session is not None:
            with contextlib.suppress(sa.exc.SQLAlchemyError):
                self._session.execute(sa.select(sa.func.pg_advisory_unlock(lock_key(self._executor_id))))
        self._drop()

    @contextlib.contextmanager
    def dead(self, others: Iterable[str]) -> Iterator[tuple[str, ...]]:
        assert self._session is not None, "hold first"
        session, dead = self._session, []
        ids = [other for other in others if other != self._executor_id]
        for gone in self._free_since.keys() - set(ids):
            del self._free_since[gone]
        try:
            for other in ids:
                if self._is_dead(session, other):
                    dead.append(other)
            yield tuple(dead)
        finally:
            for other in dead:
                session.execute(sa.select(sa.func.pg_advisory_unlock(lock_key(other))))

    def next_look(self, usual: float) -> float:
        now = self._clock()
        left = [since + self._grace - now for since in self._free_since.values()]
        return min([usual, *(one + _JUST_AFTER for one in left if one > 0)])

    def _is_dead(self, session: sa.Connection, other: str) -> bool:
        """True with its lock taken; else its lock is left as it was."""
        if not session.execute(sa.select(sa.func.pg_try_advisory_lock(lock_key(other)))).scalar():
            self._free_since.pop(other, None)
            return False
        since = self._free_since.setdefault(other, self._clock())
        if self._clock() - since >= self._grace:
            return True
        session.execute(sa.select(sa.func.pg_advisory_unlock(lock_key(other))))
        return False


def open_session(engine: sa.Engine) -> sa.Connection:
    """One whose locks go within half a minute of its host. The server notices a client that is gone without a word
    (a power cut, a cable) only if told to look; its own default is two hours."""
    session = engine.connect().execution_options(isolation_level="AUTOCOMMIT")
    try:
        for name, value in _SERVER_LOOKS.items():
            session.execute(sa.select(sa.func.set_config(name, value, False)))
    except BaseException:
        session.close()
        raise
    return session


def end_session(session: sa.Connection) -> None:
    """With its connection, and so with its locks; also where the database is gone."""
    with contextlib.suppress(sa.exc.SQLAlchemyError):
        session.invalidate()
    with contextlib.suppress(sa.exc.SQLAlchemyError):
        session.close()


_SERVER_LOOKS = {
    "tcp_keepalives_idle": "5",
    "tcp_keepalives_interval": "5",
    "tcp_keepalives_count": "3",
    "tcp_user_timeout": "20000",
}


def lock_key(executor_id: str) -> int:
    """The number of an executor's, or any other name's, advisory lock, the same in every process."""
    return int.from_bytes(blake2b(executor_id.encode(), digest_size=8, person=b"executor").digest(), signed=True)
