"""Arabic, Chinese and some Cyrillic letters fold otherwise now: what tracked names with such letters are found by is
written anew, as no edit of theirs may come for years."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa
from alembic import op

from bot.text.folding import fold_key

revision = "folded_anew"
down_revision = "next_tries"

_MOST_TERM = 200  # characters, as in bot/storage/watchlists.py at that time
_AT_ONCE = 1_000
_ENTITIES = sa.table("entities", *map(sa.column, ("key", "value", "watchlist", "removed_at", "folded")))
_TERMS = sa.table("entity_terms", *map(sa.column, ("kind", "term", "entity", "watchlist")))


def upgrade() -> None:
    connection = op.get_bind()
    rows = connection.execute(sa.select(_ENTITIES).where(_ENTITIES.c.removed_at.is_(None))).all()
    rows = [row for row in rows if not json.dumps(json.loads(row.value), ensure_ascii=False).isascii()]
    for start in range(0, len(rows), _AT_ONCE):
        part = rows[start : start + _AT_ONCE]
        keys = [row.key for row in part]
        of_names = _TERMS.c.kind.in_(["name", "word", "link"])
        connection.execute(sa.delete(_TERMS).where(_TERMS.c.entity.in_(keys), of_names))
        connection.execute(sa.insert(_TERMS), [term for row in part for term in _terms(row)])
    for row in rows:
        folded = fold_key(json.loads(row.value)["caption"])[:_MOST_TERM]
        if folded != row.folded:
            connection.execute(sa.update(_ENTITIES).where(_ENTITIES.c.key == row.key).values(folded=folded))


def _terms(row: Any) -> Iterator[dict[str, str]]:
    entity = json.loads(row.value)
    names = {_folded(name) for kind in ("aliases", "weak_aliases") for name in entity.get(kind) or ()}
    names.add(_folded(entity["caption"]))
    found = {("name", name) for name in names} | {("word", word) for name in names for word in name.split()}
    for link in entity.get("links") or ():
        found |= {("link", link["other"].casefold()[:_MOST_TERM]), ("link", _folded(link["other"]))}
    for kind, term in sorted(found):
        yield {"kind": kind, "term": term, "entity": row.key, "watchlist": row.watchlist}


def _folded(name: str) -> str:
    return f" {fold_key(name)} "[:_MOST_TERM]
