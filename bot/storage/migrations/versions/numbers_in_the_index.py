"""Numbers of lists' entries are found by the index of names: their digests in the store are no longer read."""

from __future__ import annotations

from alembic import op

revision = "numbers_in_the_index"
down_revision = "entity_links"


def upgrade() -> None:
    op.drop_index("ix_listing_identifiers_import_id", "listing_identifiers")
    op.drop_table("listing_identifiers")
