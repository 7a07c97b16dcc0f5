"""Notices are edited like alerts: where they are, how they read, whom they tell of; when an alert was edited last."""

from __future__ import annotations

import hashlib

import sqlalchemy as sa
from alembic import op

revision = "notices_in_chats"
down_revision = "routes"

_TEXTS = ("mark", "origin", "receipt", "content_hash")


def upgrade() -> None:
    op.add_column("sent_alerts", sa.Column("edited_at", sa.DateTime(timezone=True)))
    for name in _TEXTS:
        op.add_column("notices", sa.Column(name, sa.Text(), server_default="", nullable=False))
    op.add_column("notices", sa.Column("edited_at", sa.DateTime(timezone=True)))
    op.create_index("ix_notices_mark", "notices", ["mark"])
    op.create_table(
        "notice_events",
        sa.Column("event", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("event", "key", name="pk_notice_events"),
    )
    op.create_index("ix_notice_events_key", "notice_events", ["key"])
    _mark_what_is_there()


def _mark_what_is_there() -> None:
    notices = sa.table("notices", sa.column("key", sa.Text), sa.column("mark", sa.Text))
    connection = op.get_bind()
    for key in connection.scalars(sa.select(notices.c.key)).all():
        mark = f"n{hashlib.sha256(key.encode('utf-8', 'replace')).hexdigest()[:8]}"
        connection.execute(sa.update(notices).where(notices.c.key == key).values(mark=mark))
