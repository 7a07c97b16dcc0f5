"""Which processes of the bot there are, as each tells of itself, and who holds what only one may: for people.

Whether a process is dead, so that its jobs are others' to do, is the guard's business (`guard.py`), not this one's: a
process without a queue (`--role web`) has no job, and is seen here alone."""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket
import time
from collections.abc import AsyncIterator, Iterable
from datetime import UTC, datetime

import sqlalchemy as sa
import structlog

from bot.engine.ledger import metadata
from bot.model import HolderSeen, ProcessSeen

log = structlog.get_logger(__name__)

BEAT = 5.0  # seconds
FORGOTTEN = 3600.0  # seconds of silence after which a process is no longer listed

# Times as seconds since 1970: only this module reads them.
presence = sa.Table(
    "engine_presence",
    metadata,
    sa.Column("executor_id", sa.Text, primary_key=True),
    sa.Column("host", sa.Text, nullable=False),
    sa.Column("pid", sa.Integer, nullable=False),
    sa.Column("roles", sa.Text, nullable=False),
    sa.Column("version", sa.Text, nullable=False),
    sa.Column("started_at", sa.Float, nullable=False),
    sa.Column("seen_at", sa.Float, nullable=False),
)

holders = sa.Table(
    "engine_holders",
    metadata,
    sa.Column("what", sa.Text, primary_key=True),
    sa.Column("executor_id", sa.Text, nullable=False),
    sa.Column("since", sa.Float, nullable=False),
)


class Presence:
    """Synchronous, each call one short transaction, but for `shown`."""

    def __init__(self, engine: sa.Engine, process_id: str) -> None:
        self._engine, self.process_id = engine, process_id

    @contextlib.asynccontextmanager
    async def shown(self, roles: Iterable[str], version: str) -> AsyncIterator[None]:
        """Tell of this process for as long as the block lasts."""
        row = {
            "executor_id": self.process_id,
            "host": socket.gethostname(),
            "pid": os.getpid(),
            "roles": ",".join(sorted(roles)),
            "version": version,
            "started_at": time.time(),
        }
        await asyncio.to_thread(self._beat, row)
        beating = asyncio.create_task(self._beat_on(row))
        try:
            yield
        finally:
            beating.cancel()
            await asyncio.gather(beating, return_exceptions=True)
            with contextlib.suppress(sa.exc.SQLAlchemyError):
                await asyncio.to_thread(self.forget, self.process_id)

    async def _beat_on(self, row: dict[str, object]) -> None:
        while True:
            await asyncio.sleep(BEAT)
            await asyncio.to_thread(self._beat, row)

    def _beat(self, row: dict[str, object]) -> None:
        now = time.time()
        mine = presence.c.executor_id == self.process_id
        try:
            with self._engine.begin() as connection:
                if not connection.execute(sa.update(presence).where(mine).values(seen_at=now)).rowcount:
                    connection.execute(sa.insert(presence).values(**row, seen_at=now))
                connection.execute(sa.delete(presence).where(presence.c.seen_at < now - FORGOTTEN))
        except sa.exc.SQLAlchemyError as error:  # the next beat will be seen
            log.debug("this process could not tell of itself", problem=str(error))

    def forget(self, process_id: str) -> None:
        """A process that is no more."""
        with self._engine.begin() as connection:
            connection.execute(sa.delete(presence).where(presence.c.executor_id == process_id))

    def processes(self) -> tuple[ProcessSeen, ...]:
        """Oldest first. Those that have been silent for some beats are dead or cut off."""
        with self._engine.connect() as connection:
            rows = connection.execute(sa.select(presence).order_by(presence.c.started_at)).all()
        return tuple(
            ProcessSeen(
                row.executor_id,
                row.host,
                row.pid,
                tuple(row.roles.split(",")) if row.roles else (),
                row.version,
                datetime.fromtimestamp(row.started_at, UTC),
                datetime.fromtimestamp(row.seen_at, UTC),
            )
            for row in rows
        )

    # ------------------------------------------------------------ holders

    def holder(self, what: str) -> str | None:
        """The process that holds it, or held it and did not say goodbye."""
        with self._engine.connect() as connection:
            found = connection.execute(sa.select(holders.c.executor_id).where(holders.c.what == what)).scalar()
        return None if found is None else str(found)

    def write_holder(self, what: str) -> None:
        with self._engine.begin() as connection:
            connection.execute(sa.delete(holders).where(holders.c.what == what))
            connection.execute(sa.insert(holders).values(what=what, executor_id=self.process_id, since=time.time()))

    def erase_holder(self, what: str) -> None:
        with self._engine.begin() as connection:
            connection.execute(sa.delete(holders).where(holders.c.what == what))

    def holders(self) -> tuple[HolderSeen, ...]:
        with self._engine.connect() as connection:
            rows = connection.execute(sa.select(holders).order_by(holders.c.what)).all()
        return tuple(HolderSeen(row.what, row.executor_id, datetime.fromtimestamp(row.since, UTC)) for row in rows)
