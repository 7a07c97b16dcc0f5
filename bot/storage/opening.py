"""A store for a command: opened, brought to the newest schema, closed."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from bot.storage.database import require_database
from bot.storage.store import SqlStore


@contextmanager
def open_store(url: str, *, is_made: bool = False) -> Iterator[SqlStore]:
    """`is_made`: where there is no database yet; else NoDatabaseError tells."""
    if not is_made:
        require_database(url)
    store = SqlStore(url)
    try:
        store.migrate()
        yield store
    finally:
        store.close()
