"""The events that an article may belong to, read from the store."""

from __future__ import annotations

from collections.abc import Container
from datetime import datetime

from bot.events import RECENT, keys_of, with_keys
from bot.model import Event
from bot.ports import Records


def load_known(records: Records, tracked: Container[str], now: datetime) -> tuple[Event, ...]:
    """Those of the last weeks, newest first, by the keys that their names have now. `tracked`: the keys that are, which
    nothing is asked about; another may be that of a name which was merged into one of these."""
    events = records.events_since(now - RECENT)
    merged = records.merged_keys(key for key in keys_of(events) if key not in tracked)
    return tuple(with_keys(event, merged) for event in events)
