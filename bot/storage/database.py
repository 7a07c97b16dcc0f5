"""Connects to SQLite or PostgreSQL, by URL, so that the rest need not know which."""

from __future__ import annotations

import contextlib
import fcntl
import os
import sqlite3
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import URL

from bot.errors import NoDatabaseError, StoreError, told_by_database
from bot.pools import create_pool, teach_subseconds

READ_ONLY = "sanctions_bot_read_only"  # an execution option of ours
_WAIT_FOR_LOCK = 30_000  # ms


def parse_url(url: str) -> URL:
    """`sqlite:///path`, `postgresql://…` or `postgresql+psycopg://…`. Raises StoreError for anything else."""
    try:
        parsed = sa.make_url(url)
    except ValueError:  # its words hold the port, which may be a part of the password; so does what led to it
        raise StoreError("the database URL cannot be read: its port is no number") from None
    except sa.exc.ArgumentError as error:
        raise StoreError(f"the database URL cannot be read: {error}; write sqlite:///path or postgresql://…") from error
    if "@" in (parsed.host or ""):  # what drivers say of that host would tell a part of the password
        raise StoreError("the database URL has an @ in its user or password: write it as %40 (and / as %2F, : as %3A)")
    backend = parsed.get_backend_name()
    if backend in ("postgresql", "postgres"):
        return parsed.set(drivername="postgresql+psycopg")
    if backend != "sqlite":
        raise StoreError(f"{backend} databases are not supported: use sqlite:///path or postgresql://…")
    if not parsed.database or parsed.database == ":memory:":
        raise StoreError("SQLite needs a file: write sqlite:///path (an alert must outlive the process)")
    return parsed.set(drivername="sqlite")


def sqlite_path(url: URL) -> Path:
    assert url.database is not None  # parse_url saw to it
    return Path(url.database).absolute()


def create_engine(url: URL) -> sa.Engine:
    """An engine whose transactions begin as `READ_ONLY` says. Connects to nothing yet."""
    if url.get_backend_name() == "sqlite":
        return _sqlite(url)
    return create_pool(url, size=8, more=24)


def _sqlite(url: URL) -> sa.Engine:
    engine = sa.create_engine(url, pool_size=8, max_overflow=24, connect_args={"isolation_level": None})

    @sa.event.listens_for(engine, "connect")
    def on_connect(connection: sqlite3.Connection, _record: object) -> None:
        prepare_sqlite(connection)

    @sa.event.listens_for(engine, "begin")
    def on_begin(connection: sa.Connection) -> None:
        read_only = connection.get_execution_options().get(READ_ONLY, False)
        connection.exec_driver_sql(f"PRAGMA query_only={int(read_only)}")
        # IMMEDIATE: a transaction that reads first and writes then must not find that another wrote in between
        connection.exec_driver_sql("BEGIN" if read_only else "BEGIN IMMEDIATE")

    return engine


def prepare_sqlite(connection: Any) -> None:
    """What every connection to the file must have. With synchronous=NORMAL a power cut may take back the last commits,
    an alert's outcome among them: FULL."""
    teach_subseconds(connection)  # jobs are put in our transactions
    for pragma in (f"busy_timeout={_WAIT_FOR_LOCK}", "journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
        connection.execute(f"PRAGMA {pragma}").close()


def make_directory(path: Path) -> None:
    """The directory of the database file, writable. Raises StoreError."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        # made for its owner alone: chats and names are nobody else's to read. What SQLite puts beside it is like it.
        os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
    except OSError as error:
        raise StoreError(
            f"the database file {path} cannot be written: {error.strerror}; "
            "set SANCTIONS_BOT_DATA_DIR to a directory that this user may write to"
        ) from error


def has_database(url: str) -> bool:
    """False where a SQLite file is missing or empty. Connects to nothing, makes nothing."""
    parsed = parse_url(url)
    if parsed.get_backend_name() != "sqlite":
        return True
    try:
        return sqlite_path(parsed).stat().st_size > 0
    except OSError:
        return False


def require_database(url: str) -> None:
    """For commands that only look: a folder that is new or mistyped is told by NoDatabaseError, and nothing made."""
    if not has_database(url):
        raise NoDatabaseError(
            f"there is no database {sqlite_path(parse_url(url))}: is SANCTIONS_BOT_DATA_DIR (or …_DATABASE_URL) right? "
            "`sanctions-bot run`, `poll`, `watch import` and `lists sync` make one; `sanctions-bot demo` needs none"
        )


def copy_database(url: str, target: Path) -> None:
    """The SQLite database as it is at one moment, in a file that only its owner reads; whoever writes to it meanwhile
    is not held up. To copy the file itself is no copy: its newest part may stand in another. Raises StoreError."""
    parsed = parse_url(url)
    if parsed.get_backend_name() != "sqlite":
        raise StoreError("this copies a SQLite file; PostgreSQL has its own: pg_dump --format=custom, and pg_restore")
    if not (source := sqlite_path(parsed)).is_file():
        raise StoreError(f"there is no database {source}")
    if target.exists():
        raise StoreError(f"{target} is there already: name another file, or remove it first")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        _remove_parts(target.parent)
        with _part_of(target) as part:
            _copy(source, part)
            part.rename(target)
    except OSError as error:
        raise StoreError(f"{target} could not be written: {error.strerror}") from error
    except sqlite3.Error as error:
        raise told_by_database(f"{source}, while it was copied to {target},", str(error)) from error


_PART = ".sanctions-bot-part"  # no other program's, so one that nobody holds may go
_BESIDE = ("", "-journal", "-wal", "-shm")


@contextlib.contextmanager
def _part_of(target: Path) -> Iterator[Path]:
    """A file beside `target` that only its owner reads, locked for as long as it is written to."""
    file, part = _open_part(target)
    try:
        yield part
    finally:
        part.unlink(missing_ok=True)
        os.close(file)


def _open_part(target: Path) -> tuple[int, Path]:
    while True:
        file, name = tempfile.mkstemp(_PART, f"{target.name}.", target.parent)
        with contextlib.suppress(OSError):  # a file system without locks: then no other process removes it either
            fcntl.flock(file, fcntl.LOCK_EX)
        if os.fstat(file).st_nlink:
            return file, Path(name)
        os.close(file)  # taken for one that was left, before it was locked


def _remove_parts(folder: Path) -> None:
    """What copies left that were killed: nobody holds its lock. What cannot be removed stays."""
    for part in folder.glob(f"*{_PART}"):
        with contextlib.suppress(OSError), part.open("rb") as file:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            for beside in _BESIDE:
                part.with_name(part.name + beside).unlink(missing_ok=True)


def _copy(source: Path, target: Path) -> None:
    with contextlib.closing(sqlite3.connect(f"{source.as_uri()}?mode=ro", uri=True)) as old:
        old.execute(f"PRAGMA busy_timeout={_WAIT_FOR_LOCK}").close()
        with contextlib.closing(sqlite3.connect(target)) as new:
            old.backup(new)  # in one piece, so of one moment
            # pages are copied unread: a damaged file would be one more back-up, and push a good one out
            if (found := new.execute("PRAGMA quick_check(1)").fetchone()[0]) != "ok":
                raise sqlite3.DatabaseError(f"database disk image is malformed ({' '.join(found.split())})")
            if not new.execute("SELECT 1 FROM sqlite_master LIMIT 1").fetchone():
                raise StoreError(f"{source} is empty: nothing is copied. Is it the right SANCTIONS_BOT_DATA_DIR?")
            new.execute("PRAGMA journal_mode=DELETE").close()  # all of it in the one file
    with target.open("rb") as file:
        os.fsync(file.fileno())
