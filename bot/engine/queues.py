"""How long the queues are: counted in DBOS's own table, as its client would hand over every job to be counted here."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

import sqlalchemy as sa

from bot.model import QueueSeen

_WAITING, _RUNNING, _LATER = "ENQUEUED", "PENDING", "DELAYED"


def look_at_queues(engine: sa.Engine, names: Sequence[str], now: float) -> tuple[QueueSeen, ...]:
    """In the order of `names`. `now` in seconds since 1970. Raises SQLAlchemyError."""
    jobs = sa.table(
        "workflow_status",
        *map(sa.column, ("queue_name", "status", "created_at", "delay_until_epoch_ms")),
        schema="dbos" if engine.dialect.name == "postgresql" else None,
    )
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
