"""Remembers everything, behind `bot.ports.Store`. Decides nothing."""

from bot.storage.database import copy_database, has_database, require_database
from bot.storage.opening import open_store
from bot.storage.store import SqlRecords, SqlStore
from bot.storage.watchlists import prepare

__all__ = ["SqlRecords", "SqlStore", "copy_database", "has_database", "open_store", "prepare", "require_database"]
