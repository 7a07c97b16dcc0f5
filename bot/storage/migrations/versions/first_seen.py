"""When a headline was first seen: a column comes again under it with another story."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from bot.storage.tables import UtcDateTime

revision = "first_seen"
down_revision = "pages"


def upgrade() -> None:
    op.add_column("seen", sa.Column("first_seen_at", UtcDateTime()))
