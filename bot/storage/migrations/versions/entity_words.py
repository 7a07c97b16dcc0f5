"""The words of tracked names, so that a name is found by a word without a look at all names."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import groupby
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "entity_words"
down_revision = "edit_chats"

_TERMS = sa.table("entity_terms", *(sa.column(name) for name in ("kind", "term", "entity", "watchlist")))
_AT_ONCE = 5_000


def upgrade() -> None:
    connection, c = op.get_bind(), _TERMS.c
    names = sa.select(c.entity, c.term, c.watchlist).where(c.kind == "name").order_by(c.entity)
    rows = list(_words(connection.execute(names).all()))
    for start in range(0, len(rows), _AT_ONCE):
        connection.execute(sa.insert(_TERMS), rows[start : start + _AT_ONCE])


def _words(names: Iterable[Any]) -> Iterator[dict[str, str]]:
    for entity, own in groupby(names, key=lambda row: row.entity):
        found = {(word, row.watchlist) for row in own for word in row.term.split()}
        yield from ({"kind": "word", "term": word, "entity": entity, "watchlist": at} for word, at in sorted(found))
