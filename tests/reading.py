"""What tests read to see what the program did: from a store, in a reply."""

from __future__ import annotations

from datetime import UTC, datetime

from bot.model import Reply
from bot.ports import ArticleRecord, Records
from bot.rendering import render_plain

_EVER = datetime(2000, 1, 1, tzinfo=UTC)


def judged_articles(records: Records) -> tuple[ArticleRecord, ...]:
    """All of them, newest first, as the back-test reads them."""
    return records.articles_since(_EVER, 1_000)


def shown(reply: Reply) -> str:
    return render_plain(reply.message)


def commands_of(reply: Reply) -> list[str]:
    """What its buttons say."""
    return [action.data for action in reply.message.actions]
