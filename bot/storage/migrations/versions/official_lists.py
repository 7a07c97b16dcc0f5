"""Official lists: their entries in every version that was seen, and what was imported when."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "official_lists"
down_revision = "people"


def upgrade() -> None:
    op.create_table(
        "list_states",
        sa.Column("list", sa.Text(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("list", name="pk_list_states"),
    )
    op.create_table(
        "list_imports",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("list", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("told_at", sa.DateTime(timezone=True)),
        sa.Column("value", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_list_imports"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_list_imports_list", "list_imports", ["list"])
    op.create_table(
        "listings",
        sa.Column("list", sa.Text(), nullable=False),
        sa.Column("uid", sa.Text(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("seen_in", sa.BigInteger(), nullable=False),
        sa.Column("first_seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("removed_on", sa.Date()),
        sa.PrimaryKeyConstraint("list", "uid", name="pk_listings"),
    )
    op.create_index("ix_listings_seen_in", "listings", ["seen_in"])
    op.create_table(
        "listing_versions",
        sa.Column("list", sa.Text(), nullable=False),
        sa.Column("uid", sa.Text(), nullable=False),
        sa.Column("import_id", sa.BigInteger(), nullable=False),
        sa.Column("since_on", sa.Date(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("value", sa.Text()),
        sa.PrimaryKeyConstraint("list", "uid", "import_id", name="pk_listing_versions"),
    )
    op.create_index("ix_listing_versions_import_id", "listing_versions", ["import_id"])
    op.create_table(
        "listing_identifiers",
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("list", sa.Text(), nullable=False),
        sa.Column("uid", sa.Text(), nullable=False),
        sa.Column("import_id", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("digest", "list", "uid", "import_id", name="pk_listing_identifiers"),
    )
    op.create_index("ix_listing_identifiers_import_id", "listing_identifiers", ["import_id"])
