"""Remembers everything, behind `bot.ports.Store`. Decides nothing."""

from bot.storage.store import SqlRecords, SqlStore

__all__ = ["SqlRecords", "SqlStore"]
