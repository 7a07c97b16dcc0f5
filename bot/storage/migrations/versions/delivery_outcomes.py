"""Tries whose outcome nobody knows, why a delivery waits, posts that are there once, and trouble to be told."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from bot.storage.tables import CleanText, UtcDateTime

revision = "delivery_outcomes"
down_revision = "watchlists"


def upgrade() -> None:
    op.add_column("deliveries", sa.Column("unsure", sa.Integer(), nullable=False, server_default="0"))
    op.add_column("deliveries", sa.Column("reason", CleanText(), nullable=False, server_default=""))
    op.add_column("deliveries", sa.Column("next_try_at", UtcDateTime()))
    # the reasons of those that were settled stood where a follow-up keeps what it has to say
    op.execute("UPDATE deliveries SET reason = note WHERE state IN ('dead', 'skipped')")
    op.add_column("posts", sa.Column("mark", sa.Text()))
    op.create_index("uq_posts_mark", "posts", ["platform", "chat_id", "mark"], unique=True)
    op.create_table(
        "troubles",
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("text", CleanText(), nullable=False),
        sa.Column("times", sa.Integer(), nullable=False),
        sa.Column("first_at", UtcDateTime(), nullable=False),
        sa.Column("last_at", UtcDateTime(), nullable=False),
        sa.Column("asked_at", UtcDateTime(), nullable=False),
        sa.Column("told_at", UtcDateTime()),
        sa.PrimaryKeyConstraint("key", name="pk_troubles"),
    )
    op.create_index("ix_troubles_last_at", "troubles", ["last_at"])
