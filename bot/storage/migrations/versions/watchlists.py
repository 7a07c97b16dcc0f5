"""Several watchlists; versions of entities; terms by which they are found; edits that wait."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa
from alembic import op

from bot.text.folding import fold_key

revision = "watchlists"
down_revision = "official_lists"

_BIG = sa.BigInteger().with_variant(sa.Integer, "sqlite")
_MOST_TERM = 200  # characters, as in bot/storage/watchlists.py at that time
_AT_ONCE = 1_000


def upgrade() -> None:
    op.add_column("entities", sa.Column("version", sa.Integer(), server_default="1", nullable=False))
    op.add_column("entities", sa.Column("watchlist", sa.Text(), server_default="main", nullable=False))
    op.add_column("entities", sa.Column("folded", sa.Text(), server_default="", nullable=False))
    op.add_column("entities", sa.Column("merged_into", sa.Text(), nullable=True))
    op.create_index("ix_entities_merged_into", "entities", ["merged_into"])
    op.create_index("ix_entities_page", "entities", ["watchlist", "removed_at", "folded", "key"])
    _create_tables()
    _fill()


def _create_tables() -> None:
    op.create_table(
        "entity_terms",
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("term", sa.Text(), nullable=False),
        sa.Column("entity", sa.Text(), nullable=False),
        sa.Column("watchlist", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("kind", "term", "entity", name="pk_entity_terms"),
    )
    op.create_index("ix_entity_terms_entity", "entity_terms", ["entity"])
    op.create_index("ix_entity_terms_watchlist", "entity_terms", ["kind", "watchlist", "term"])
    op.create_table(
        "watchlist_edits",
        sa.Column("id", _BIG, autoincrement=True, nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("made_by", sa.Text(), nullable=False),
        sa.Column("what", sa.Text(), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("undoes", _BIG, nullable=True),
        sa.Column("undone_by", _BIG, nullable=True),
        sa.Column("followed", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_watchlist_edits"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_watchlist_edits_made_by", "watchlist_edits", ["made_by"])
    op.create_table(
        "entity_versions",
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("edit", _BIG, nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.Column("tracked", sa.Boolean(), nullable=False),
        sa.Column("merged_into", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("key", "version", name="pk_entity_versions"),
    )
    op.create_index("ix_entity_versions_edit", "entity_versions", ["edit"])
    op.create_table(
        "watchlists",
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_by", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("key", name="pk_watchlists"),
    )
    op.create_table(
        "chat_watchlists",
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("platform", "chat_id", "thread", "watchlist")),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("platform", "chat_id", "thread", "watchlist", name="pk_chat_watchlists"),
    )
    op.create_table(
        "pending_edits",
        sa.Column("id", sa.Text(), nullable=False),
        *(
            sa.Column(name, sa.Text(), nullable=False)
            for name in ("kind", "user_platform", "user_id", "platform", "chat_id", "thread")
        ),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("value", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_pending_edits"),
    )
    op.create_index("ix_pending_edits_expires_at", "pending_edits", ["expires_at"])
    op.create_index(
        "ix_pending_edits_user_platform_pending_edits_user_id", "pending_edits", ["user_platform", "user_id"]
    )


def _fill() -> None:
    """The main watchlist, and of each entity that is there its first version and its terms."""
    connection = op.get_bind()
    watchlists = sa.table("watchlists", *map(sa.column, ("key", "title", "created_by")))
    connection.execute(watchlists.insert(), [{"key": "main", "title": "Main", "created_by": "config"}])
    rows = connection.execute(sa.text("SELECT key, value, saved_at, saved_by, removed_at FROM entities")).all()
    if not rows:
        return
    connection.execute(
        sa.text(
            "INSERT INTO watchlist_edits (made_at, made_by, what, why) "
            "SELECT MAX(saved_at), 'config', 'as it was when versions began', '' FROM entities"
        )
    )
    versions = sa.table("entity_versions", *map(sa.column, ("key", "version", "edit", "value", "tracked")))
    terms = sa.table("entity_terms", *map(sa.column, ("kind", "term", "entity", "watchlist")))
    folded = sa.text("UPDATE entities SET folded = :folded WHERE key = :key")
    for start in range(0, len(rows), _AT_ONCE):
        part = rows[start : start + _AT_ONCE]
        first = [
            {"key": row.key, "version": 1, "edit": 1, "value": row.value, "tracked": row.removed_at is None}
            for row in part
        ]
        connection.execute(versions.insert(), first)
        values = [(row, json.loads(row.value)) for row in part]
        connection.execute(
            folded, [{"key": row.key, "folded": fold_key(value["caption"])[:_MOST_TERM]} for row, value in values]
        )
        found = [term for row, value in values if row.removed_at is None for term in _terms(row.key, value)]
        if found:
            connection.execute(terms.insert(), found)


def _terms(key: str, value: dict[str, Any]) -> Iterator[dict[str, str]]:
    names = [value["caption"], *value.get("aliases", ()), *value.get("weak_aliases", ())]
    found = {("key", key.casefold()), *(("name", f" {fold_key(name)} ") for name in names)}
    found |= {("topic", topic) for topic in value.get("topics", ())}
    found |= {("country", country) for country in value.get("countries", ())}
    for kind, term in sorted({(kind, term[:_MOST_TERM]) for kind, term in found}):
        yield {"kind": kind, "term": term, "entity": key, "watchlist": "main"}
