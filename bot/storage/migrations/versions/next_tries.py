"""Which messages wait for a later try is asked for each part of a large event, however many wait."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "next_tries"
down_revision = "entity_words"


def upgrade() -> None:
    few = sa.text("next_try_at IS NOT NULL")
    op.create_index("ix_deliveries_next_try_at", "deliveries", ["next_try_at"], sqlite_where=few, postgresql_where=few)
