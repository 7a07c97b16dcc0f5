"""Subscriptions with filters; routes, mutes, acknowledgements, held alerts, notices, digests."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "routes"
down_revision = "delivery_outcomes"

_BIG = sa.BigInteger().with_variant(sa.Integer, "sqlite")
_CHAT = ("platform", "chat_id", "thread")
_USER = ("user_platform", "user_id", "user_name")


def upgrade() -> None:
    op.add_column("subscriptions", sa.Column("filters", sa.Text(), server_default="", nullable=False))
    op.create_table(
        "chat_routes",
        *_texts(*_CHAT),
        sa.Column("leads_elsewhere", sa.Boolean(), nullable=False),
        *_texts("value"),
        sa.PrimaryKeyConstraint(*_CHAT, name="pk_chat_routes"),
    )
    op.create_table(
        "mutes",
        sa.Column("id", _BIG, autoincrement=True, nullable=False),
        *_texts(*_CHAT, "kind", "value", "label", *_USER),
        _moment("said_at", nullable=False),
        _moment("until"),
        *_texts("why"),
        sa.Column("is_snooze", sa.Boolean(), nullable=False),
        _moment("undone_at"),
        *_texts("undone_by"),
        sa.PrimaryKeyConstraint("id", name="pk_mutes"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_mutes_platform_mutes_chat_id", "mutes", ["platform", "chat_id"])
    op.create_table(
        "acknowledgements",
        *_texts("event", *_CHAT, *_USER),
        _moment("said_at", nullable=False),
        sa.PrimaryKeyConstraint("event", *_CHAT, name="pk_acknowledgements"),
    )
    op.create_table(
        "held_alerts",
        *_texts("event", *_CHAT, "kind"),
        sa.Column("revision", sa.Integer(), autoincrement=False, nullable=False),
        *_texts("hold", "severity", "reason"),
        _moment("held_at", nullable=False),
        _moment("until"),
        *_texts("note"),
        _moment("told_at"),
        *_texts("told_in"),
        sa.PrimaryKeyConstraint("event", *_CHAT, "kind", "revision", name="pk_held_alerts"),
    )
    op.create_index("ix_held_alerts_held_at", "held_alerts", ["held_at"])
    op.create_index("ix_held_alerts_told_at", "held_alerts", ["told_at"])
    op.create_table(
        "notices",
        *_texts("key", "kind", *_CHAT, "value", "events", "state"),
        _moment("created_at", nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        _moment("settled_at"),
        *_texts("note"),
        sa.PrimaryKeyConstraint("key", name="pk_notices"),
    )
    op.create_index("ix_notices_settled_at", "notices", ["settled_at"])
    op.create_index("ix_notices_state", "notices", ["state"])
    op.create_table(
        "digest_slots",
        *_texts(*_CHAT),
        _moment("slot", nullable=False),
        sa.PrimaryKeyConstraint(*_CHAT, name="pk_digest_slots"),
    )


def _texts(*names: str) -> list[sa.Column[str]]:
    return [sa.Column(name, sa.Text(), nullable=False) for name in names]


def _moment(name: str, *, nullable: bool = True) -> sa.Column[object]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)
