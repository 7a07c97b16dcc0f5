"""`ports.SoleLock`: what one process of all may do, as taking the commands of one bot account.

SQLite: a lock file beside the database. PostgreSQL: an advisory lock in a session of its own. Who holds it is written
down, for people, and to tell a holder that said goodbye from one whose session was cut off and who may not know yet."""

from __future__ import annotations

import contextlib
import fcntl
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import IO

import sqlalchemy as sa
import structlog

from bot.engine.guard import GRACE, end_session, lock_key, open_session
from bot.engine.presence import Presence

log = structlog.get_logger(__name__)


class FileSole:
    """Between the processes of one machine. The system frees a lock file with its process, at once."""

    def __init__(self, path: Path, what: str, presence: Presence) -> None:
        self._path, self._what, self._presence = path, what, presence
        self._file: IO[str] | None = None

    def take(self) -> bool:
        if self._file is None:
            file = self._path.open("a", encoding="utf-8")
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                file.close()
                return False
            self._file = file
            with contextlib.suppress(sa.exc.SQLAlchemyError):  # only people miss it
                self._presence.write_holder(self._what)
        return True

    def holds(self) -> bool:
        return self._file is not None

    def release(self) -> None:
        if self._file is not None:
            with contextlib.suppress(sa.exc.SQLAlchemyError):
                self._presence.erase_holder(self._what)
            self._file.close()
            self._file = None


class SessionSole:
    """Between all processes on one PostgreSQL. A call may outlast its caller's patience; the next waits for its end.

    A session may end while its process lives (a database that restarts, a network that is cut): the process notices
    within `grace`, so whoever takes the lock of a holder that said no goodbye waits so long before using it."""

    def __init__(
        self,
        engine: sa.Engine,
        what: str,
        presence: Presence,
        grace: float = GRACE,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._engine, self._what, self._presence = engine, what, presence
        self._grace, self._clock = grace, clock
        self._turn = threading.Lock()
        self._session: sa.Connection | None = None
        self._ours_at: float | None = None  # from when on the lock may be used

    def take(self) -> bool:
        with self._turn:
            try:
                return self._take()
            except sa.exc.SQLAlchemyError as error:
                log.debug("a lock could not be taken", lock=self._what, problem=str(error))
                self._drop()
                return False

    def _take(self) -> bool:
        if self._session is None and not self._lock():
            return False
        assert self._session is not None
        self._session.execute(sa.select(1))
        if self._ours_at is None or self._clock() < self._ours_at:
            return False
        self._presence.write_holder(self._what)
        return True

    def _lock(self) -> bool:
        session = open_session(self._engine)
        if not session.execute(sa.select(sa.func.pg_try_advisory_lock(lock_key(self._what)))).scalar():
            session.close()
            return False
        self._session = session
        before = self._presence.holder(self._what)
        is_free = before is None or before == self._presence.process_id
        self._ours_at = self._clock() + (0.0 if is_free else self._grace)
        return True

    def holds(self) -> bool:
        with self._turn:
            if self._session is None:
                return False
            try:
                self._session.execute(sa.select(1))
            except sa.exc.SQLAlchemyError:
                log.warning("the database session that holds a lock was lost", lock=self._what)
                self._drop()
                return False
            return True

    def release(self) -> None:
        with self._turn:
            if self._session is not None:
                with contextlib.suppress(sa.exc.SQLAlchemyError):
                    if self._presence.holder(self._what) == self._presence.process_id:
                        self._presence.erase_holder(self._what)
                    self._session.execute(sa.select(sa.func.pg_advisory_unlock(lock_key(self._what))))
            self._drop()

    def _drop(self) -> None:
        session, self._session, self._ours_at = self._session, None, None
        if session is not None:
            end_session(session)
