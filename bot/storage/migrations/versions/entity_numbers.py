"""Entities are found by their numbers."""

from __future__ import annotations

import json
from typing import Any

import sqlalchemy as sa
from alembic import op

from bot.identifiers import identifier_key
from bot.model import Identifier

revision = "entity_numbers"
down_revision = "look_alike_ends"

_MOST_TERM = 200  # characters, as in bot/storage/watchlists.py at that time
_AT_ONCE = 5_000


def upgrade() -> None:
    entities = sa.table("entities", *map(sa.column, ("key", "value", "watchlist", "removed_at")))
    terms = sa.table("entity_terms", *map(sa.column, ("kind", "term", "entity", "watchlist")))
    connection = op.get_bind()
    found = connection.execute(sa.select(entities).where(entities.c.removed_at.is_(None)))
    rows = [
        {"kind": "number", "term": term, "entity": row.key, "watchlist": row.watchlist}
        for row in found
        for term in _terms(row)
    ]
    for start in range(0, len(rows), _AT_ONCE):
        connection.execute(sa.insert(terms), rows[start : start + _AT_ONCE])


def _terms(row: Any) -> list[str]:
    numbers = (Identifier(one["kind"], one["value"]) for one in json.loads(row.value).get("identifiers") or ())
    return sorted({":".join(identifier_key(number))[:_MOST_TERM] for number in numbers})
