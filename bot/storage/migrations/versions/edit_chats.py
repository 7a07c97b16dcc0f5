"""In which chat an edit of the watchlists was made: `watch undo` takes back the last one of a person there."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "edit_chats"
down_revision = "numbers_in_the_index"


def upgrade() -> None:
    op.add_column("watchlist_edits", sa.Column("chat", sa.Text(), nullable=False, server_default=""))
