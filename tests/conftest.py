"""What the tests of every kind share."""

from __future__ import annotations

import contextlib
import logging
import os
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import structlog
from hypothesis import settings

if TYPE_CHECKING:
    from bot.storage import SqlStore

# Where a change is judged, the same change gets the same answer; other runs look for new texts that break something
# (what they find becomes an example).
settings.register_profile("judged", derandomize=True, deadline=None)
if os.environ.get("CI"):
    settings.load_profile("judged")
# A shell starts what runs in its background with SIGINT ignored, and so would be what the tests start, and interrupt.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(autouse=True)
def own_logging() -> Iterator[None]:
    """Each test starts with logging unconfigured. The commands configure it for their whole process: a level below
    which nothing is told, a standard error that is closed after the test."""
    root = logging.getLogger()
    handlers, level = list(root.handlers), root.level
    levels = {name: logging.getLogger(name).level for name in list(logging.root.manager.loggerDict)}
    structlog.reset_defaults()
    yield
    structlog.reset_defaults()
    for handler in [one for one in root.handlers if one not in handlers]:
        root.removeHandler(handler)
    root.setLevel(level)
    for name in list(logging.root.manager.loggerDict):
        logging.getLogger(name).setLevel(levels.get(name, logging.NOTSET))


@pytest.fixture(scope="session")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    from bot.storage import SqlStore

    path = tmp_path_factory.mktemp("migrated") / "bot.db"
    with contextlib.closing(SqlStore(f"sqlite:///{path}")) as store:
        store.migrate()
    return path


@pytest.fixture
def empty_store(migrated: Path, tmp_path: Path) -> Iterator[SqlStore]:
    """With every table and no row, where commands look for it. A copy, as to migrate takes longer than most tests."""
    from bot.storage import SqlStore

    path = tmp_path / "sanctions-bot.db"
    path.write_bytes(migrated.read_bytes())
    with contextlib.closing(SqlStore(f"sqlite:///{path}")) as store:
        yield store
