"""What is asked of DBOS's own table, as its client has no call for it: how long the queues are, that the jobs which
another version left go to ours, and that those which ours does not know wait for another; each in one statement, so
that none is taken from a process that just began it."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import UTC, datetime

import sqlalchemy as sa

from bot.model import QueueSeen

_WAITING, _RUNNING, _LATER = "ENQUEUED", "PENDING", "DELAYED"


def look_at_queues(engine: sa.Engine, names: Sequence[str], now: float) -> tuple[QueueSeen, ...]:
    """In the order of `names`. `now` in seconds since 1970. Raises SQLAlchemyError."""
    jobs = _jobs(engine)
    due_at = sa.func.coalesce(jobs.c.delay_until_epoch_ms, jobs.c.created_at)
    counted = (
        sa.select(jobs.c.queue_name, jobs.c.status, sa.func.count(), sa.func.min(due_at))
        .where(jobs.c.status.in_((_WAITING, _RUNNING, _LATER)), jobs.c.queue_name.in_(names))
        .group_by(jobs.c.queue_name, jobs.c.status)
    )
    with engine.connect() as connection:
        rows = connection.execute(counted).all()
    found = {(name, status): (number, oldest) for name, status, number, oldest in rows}

    def seen(name: str) -> QueueSeen:
        waiting, oldest = found.get((name, _WAITING), (0, None))
        running, later = found.get((name, _RUNNING), (0, None))[0], found.get((name, _LATER), (0, None))[0]
        since = datetime.fromtimestamp(min(oldest / 1000, now), UTC) if oldest else None
        return QueueSeen(name, waiting, running, later, since)

    return tuple(seen(name) for name in names)


def adopt(engine: sa.Engine, version: str) -> int:
    """Jobs that wait, and were once begun by another version, go to processes of this one. Returns how many."""
    jobs = _jobs(engine)
    others = jobs.c.status.in_((_WAITING, _LATER)), jobs.c.application_version != version
    with engine.begin() as connection:
        return connection.execute(sa.update(jobs).where(*others).values(application_version=version)).rowcount


def give_back(engine: sa.Engine, executor_id: str, known: Collection[str], until: float) -> int:
    """Jobs that an executor took and has no function for wait until then, in seconds since 1970; DBOS leaves them as if
    they ran. Returns how many."""
    jobs = _jobs(engine)
    taken = jobs.c.status == _RUNNING, jobs.c.executor_id == executor_id, jobs.c.name.not_in(known)
    waits = {
        "status": _LATER,
        "delay_until_epoch_ms": int(until * 1000),
        "started_at_epoch_ms": None,
        "owner_xid": None,
    }
    with engine.begin() as connection:
        return connection.execute(sa.update(jobs).where(*taken).values(waits)).rowcount


def _jobs(engine: sa.Engine) -> sa.TableClause:
    columns = (
        "name",
        "queue_name",
        "status",
        "created_at",
        "delay_until_epoch_ms",
        "application_version",
        "executor_id",
        "started_at_epoch_ms",
        "owner_xid",
    )
    schema = "dbos" if engine.dialect.name == "postgresql" else None
    return sa.table("workflow_status", *map(sa.column, columns), schema=schema)
