"""Connections for the store and for the job engine: pools of them to PostgreSQL, and what SQLite's must know."""

from __future__ import annotations

import select
import sqlite3
import time
from typing import Any

import psycopg
import sqlalchemy as sa
from sqlalchemy.engine import URL

# A host that is gone is noticed within 20 s, not after TCP's two hours.
_KEEPALIVE = {
    "keepalives_idle": 5,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": 20_000,  # ms: a question that the server does not even acknowledge
}


def teach_subseconds(connection: sqlite3.Connection) -> None:
    """From Python 3.12 on DBOS has `unixepoch('subsec')` stamp its rows, which SQLite knows since 3.42. Debian 12 and
    Ubuntu 22.04 have an older one, which makes NULL of it, or an error."""
    if sqlite3.sqlite_version_info < (3, 42):
        connection.create_function("unixepoch", 1, lambda asked: time.time() if asked == "subsec" else None)


def create_pool(url: URL, *, size: int, more: int) -> sa.Engine:
    """Connects to nothing yet. A connection that the server closed meanwhile, as when it was restarted, is replaced
    before it is used. That shows without a question: it has something to say, though it was asked nothing.
    (SQLAlchemy's `pool_pre_ping` asks before each transaction, of which a message has half a dozen.)"""
    engine = sa.create_engine(
        url,
        pool_size=size,
        max_overflow=more,
        pool_use_lifo=True,  # few are used, and warm
        connect_args={"connect_timeout": 10, **_KEEPALIVE},
    )

    @sa.event.listens_for(engine, "checkout")
    def on_checkout(connection: psycopg.Connection[Any], _record: object, _proxy: object) -> None:
        if not _is_fit(engine, connection):
            raise sa.exc.InvalidatePoolError  # the others are no better: the pool makes new ones

    return engine


def _is_fit(engine: sa.Engine, connection: psycopg.Connection[Any]) -> bool:
    try:
        if not _has_news(connection.pgconn.socket):
            return True
        engine.dialect.do_ping(connection)  # type: ignore[arg-type]  # it may be a notice, as of a changed setting
    except psycopg.Error:
        return False
    return True


def _has_news(socket: int) -> bool:
    poll = select.poll()
    poll.register(socket, select.POLLIN)
    return bool(poll.poll(0))
