"""In which chat an edit of the watchlists was made: `watch undo` takes back the last one of a person there."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "edit_chats"
down_revision = "routes"


def upgrade() -> None:
    op.add_column("watchlist_edits", sa.Column("chat", sa.Text(), nullable=False, server_default=""))
