"""Entities are found by whom their links name."""

from __future__ import annotations

import json
from collections.abc import Iterator

import sqlalchemy as sa
from alembic import op

from bot.text.folding import fold_key

revision = "entity_links"
down_revision = "notices_in_chats"

_MOST_TERM = 200  # characters, as in bot/storage/watchlists.py at that time


def upgrade() -> None:
    entities = sa.table("entities", *map(sa.column, ("key", "value", "watchlist", "removed_at")))
    terms = sa.table("entity_terms", *map(sa.column, ("kind", "term", "entity", "watchlist")))
    connection = op.get_bind()
    linked = entities.c.removed_at.is_(None) & sa.cast(entities.c.value, sa.Text).like('%"links":[{%')
    for row in connection.execute(sa.select(entities).where(linked)).all():
        new = [
            {"kind": "link", "term": term, "entity": row.key, "watchlist": row.watchlist}
            for term in sorted(set(_terms(row.value)))
        ]
        if new:
            connection.execute(sa.insert(terms), new)


def _terms(value: str) -> Iterator[str]:
    for link in json.loads(value).get("links") or ():
        other = str(link["other"])
        yield other.casefold()[:_MOST_TERM]
        yield f" {fold_key(other)} "[:_MOST_TERM]
