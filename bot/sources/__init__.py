"""Sources: bytes to entries, which of them are new, and when to poll again. Pure: no client, no store, no clock."""

from __future__ import annotations

from bot.sources.added import FeedLook, all_sources, find_carried, full_address, load_source, load_sources, seek_feed
from bot.sources.identity import identity, normalise_link, title_key
from bot.sources.kinds import parse_entries
from bot.sources.parsed import ParsedFeed
from bot.sources.polling import (
    as_read_now,
    decide_failed_poll,
    decide_poll,
    is_due,
    parse_answer,
    request_headers,
    retry_after,
    too_old,
)
from bot.sources.silence import note_silence

__all__ = [
    "FeedLook",
    "ParsedFeed",
    "all_sources",
    "as_read_now",
    "decide_failed_poll",
    "decide_poll",
    "find_carried",
    "full_address",
    "identity",
    "is_due",
    "load_source",
    "load_sources",
    "normalise_link",
    "note_silence",
    "parse_answer",
    "parse_entries",
    "request_headers",
    "retry_after",
    "seek_feed",
    "title_key",
    "too_old",
]
