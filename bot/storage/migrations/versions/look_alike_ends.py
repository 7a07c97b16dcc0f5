"""Somebody else of a tracked name may be muted for a while."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "look_alike_ends"
down_revision = "folded_rarer"


def upgrade() -> None:
    op.add_column("look_alikes", sa.Column("until", sa.DateTime(timezone=True)))
