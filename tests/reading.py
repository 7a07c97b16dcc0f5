"""What tests read from a store to see what the program did."""

from __future__ import annotations

from datetime import UTC, datetime

from bot.ports import ArticleRecord, Records

_EVER = datetime(2000, 1, 1, tzinfo=UTC)


def judged_articles(records: Records) -> tuple[ArticleRecord, ...]:
    """All of them, newest first, as the back-test reads them."""
    return records.articles_since(_EVER, 1_000)
