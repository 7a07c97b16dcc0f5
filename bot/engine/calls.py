"""Calls that there is work in a queue, so that nobody need look five times a second whether there is.

DBOS looks at each queue by the clock. On PostgreSQL whoever puts a job calls (NOTIFY, in the same transaction), every
process hears it, and looks at that queue as soon as it would have: never sooner after the look before, so that many
calls cost one look. Without a call it looks once a second, in case one was missed; while nobody listens, as if there
were no calls at all."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterable
from typing import Any

import psycopg
import sqlalchemy as sa
import structlog

from bot.engine.guard import end_session, open_session

log = structlog.get_logger(__name__)

LONGEST = 1.0  # seconds between two looks without a call
_CHANNEL = "sanctions_bot_jobs"
_CALLED = "sanctions_bot_called"  # by which transaction, for which queues: in a connection's own notes
_THREAD = "queue-worker-"  # before the queue's name: what DBOS calls the thread that looks at it


def call(connection: sa.Connection, queue: str) -> None:
    """Once in a transaction for each queue; heard when it is committed."""
    if connection.dialect.name != "postgresql":
        return
    transaction = connection.get_transaction()
    by, queues = connection.info.get(_CALLED, (None, set()))
    if by is not transaction:
        by, queues = connection.info[_CALLED] = (transaction, set())
    if queue not in queues:
        queues.add(queue)
        connection.execute(_NOTIFY, {"queue": queue})


_NOTIFY = sa.select(sa.func.pg_notify(_CHANNEL, sa.bindparam("queue", type_=sa.Text)))


class Calls:
    """Those that this process hears, on its event loop."""

    def __init__(self, engine: sa.Engine, queues: Iterable[str]) -> None:
        self._engine = engine
        self._called = {queue: threading.Event() for queue in queues}
        self._session: sa.Connection | None = None
        self._socket = -1

    def heard(self, queue: str) -> None:
        """There may be something in the queue: a job was put, or one that others wait for has ended."""
        if called := self._called.get(queue):
            called.set()

    def let_wait(self, stop: threading.Event) -> None:
        """Have DBOS's threads, which wait for `stop` between two looks, wait for a call after that."""
        wait = stop.wait

        def wait_longer(timeout: float | None = None) -> bool:
            if wait(timeout):
                return True
            called = self._called.get(threading.current_thread().name.removeprefix(_THREAD))
            if called and timeout is not None and self._session is not None:
                called.wait(max(0.0, LONGEST - timeout))
                called.clear()
            return stop.is_set()

        stop.wait = wait_longer  # type: ignore[method-assign]

    # ------------------------------------------------------------ listening

    async def listen(self) -> None:
        """If nobody does. Raises SQLAlchemyError while there is no database."""
        if self._session is not None:
            return
        session = await asyncio.to_thread(self._open)
        self._socket = _raw(session).pgconn.socket
        asyncio.get_running_loop().add_reader(self._socket, self._read)
        self._session = session
        self._all()  # what was called before

    def _open(self) -> sa.Connection:
        session = open_session(self._engine)
        try:
            session.execute(sa.text(f"LISTEN {_CHANNEL}"))
        except BaseException:
            session.close()
            raise
        return session

    def _read(self) -> None:
        assert self._session is not None
        server = _raw(self._session).pgconn
        try:
            server.consume_input()
            while note := server.notifies():
                self.heard(note.extra.decode())
        except psycopg.Error as error:
            log.warning("nobody listens for jobs until the database is back", problem=str(error).strip())
            self.stop()

    def stop(self) -> None:
        """Nobody listens: all looks go by the clock."""
        session, self._session = self._session, None
        if session is not None:
            asyncio.get_running_loop().remove_reader(self._socket)
            end_session(session)
        self._all()

    def _all(self) -> None:
        for called in self._called.values():
            called.set()


def _raw(session: sa.Connection) -> psycopg.Connection[Any]:
    connection = session.connection.driver_connection
    assert isinstance(connection, psycopg.Connection)
    return connection
