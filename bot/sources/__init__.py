"""Sources: bytes to entries, which of them are new, and when to poll again. Pure: no client, no store, no clock."""

from __future__ import annotations

from bot.sources.identity import identity, normalise_link, title_key
from bot.sources.kinds import parse_entries
from bot.sources.parsed import ParsedFeed
from bot.sources.polling import (
    decide_failed_poll,
    decide_poll,
    is_due,
    parse_answer,
    request_headers,
    retry_after,
    too_old,
)

__all__ = [
    "ParsedFeed",
    "decide_failed_poll",
    "decide_poll",
    "identity",
    "is_due",
    "normalise_link",
    "parse_answer",
    "parse_entries",
    "request_headers",
    "retry_after",
    "title_key",
    "too_old",
]
