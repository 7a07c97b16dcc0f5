"""How often the language model was asked on each day."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "language_model_calls"
down_revision = "0002"


def upgrade() -> None:
    op.create_table(
        "model_calls",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("calls", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("day", name="pk_model_calls"),
    )
