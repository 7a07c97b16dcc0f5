"""Feeds that are added by a command."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "added_feeds"
down_revision = "folded_anew"


def upgrade() -> None:
    op.create_table(
        "added_feeds",
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("key", name="pk_added_feeds"),
    )
