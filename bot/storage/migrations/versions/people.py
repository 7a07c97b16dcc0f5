"""Roles for a scope in place of the table of admins; invitations; allowed chats; the audit log, chained and sealed."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from bot.chain import GENESIS, digest_of
from bot.ports import AuditRow
from bot.storage.tables import UtcDateTime

revision = "people"
down_revision = "language_model_calls"

_PART = 1_000
_FIRST_CODE = "first code"  # what the first admin was added by

# A row of the log is written once. Who owns the database can drop these: the chain tells.
_SQLITE = (
    "CREATE TRIGGER audit_no_update BEFORE UPDATE ON audit BEGIN "
    "SELECT RAISE(ABORT, 'the audit log is append-only'); END",
    "CREATE TRIGGER audit_no_delete BEFORE DELETE ON audit BEGIN "
    "SELECT RAISE(ABORT, 'the audit log is append-only'); END",
)
_POSTGRESQL = (
    "CREATE FUNCTION audit_refuse() RETURNS trigger LANGUAGE plpgsql AS "
    "$$ BEGIN RAISE EXCEPTION 'the audit log is append-only'; END $$",
    "CREATE TRIGGER audit_no_change BEFORE UPDATE OR DELETE ON audit FOR EACH ROW EXECUTE FUNCTION audit_refuse()",
    "CREATE TRIGGER audit_no_truncate BEFORE TRUNCATE ON audit FOR EACH STATEMENT EXECUTE FUNCTION audit_refuse()",
)


def upgrade() -> None:
    _make_tables()
    _make_grants_of_admins()
    op.add_column("audit", sa.Column("digest", sa.Text(), server_default="", nullable=False))
    _chain()
    for statement in _SQLITE if op.get_bind().dialect.name == "sqlite" else _POSTGRESQL:
        op.execute(sa.text(statement))


def _make_tables() -> None:
    number = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    op.create_table(
        "grants",
        sa.Column("platform", sa.Text(), nullable=False),
        sa.Column("user_id", sa.Text(), nullable=False),
        sa.Column("scope", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("granted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("granted_by", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("platform", "user_id", "scope", name="pk_grants"),
    )
    op.create_table(
        "role_mappings",
        sa.Column("platform", sa.Text(), nullable=False),
        sa.Column("chat_id", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("platform", "chat_id", name="pk_role_mappings"),
    )
    op.create_table(
        "allowed_chats",
        sa.Column("platform", sa.Text(), nullable=False),
        sa.Column("chat_id", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("allowed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("allowed_by", sa.Text(), nullable=False),
        sa.Column("holder_platform", sa.Text(), nullable=False),
        sa.Column("holder_id", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("platform", "chat_id", name="pk_allowed_chats"),
    )
    op.create_table(
        "invitations",
        sa.Column("id", number, autoincrement=True, nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("scope", sa.Text(), nullable=False),
        sa.Column("by_platform", sa.Text(), nullable=False),
        sa.Column("by_id", sa.Text(), nullable=False),
        sa.Column("by_name", sa.Text(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("used_by_platform", sa.Text(), nullable=False),
        sa.Column("used_by_id", sa.Text(), nullable=False),
        sa.Column("used_by_name", sa.Text(), nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revoked_by", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_invitations"),
        sa.UniqueConstraint("digest", name="uq_invitations_digest"),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "guesses",
        sa.Column("id", number, autoincrement=True, nullable=False),
        sa.Column("platform", sa.Text(), nullable=False),
        sa.Column("user_id", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_guesses"),
    )
    op.create_index("ix_guesses_at", "guesses", ["at"], unique=False)


def _make_grants_of_admins() -> None:
    """Admins stay admins; who showed the first code is the owner, or else the oldest admin: one there must be."""
    owner = sa.text(
        "SELECT platform, user_id FROM admins "
        "ORDER BY CASE added_by WHEN :first THEN 0 ELSE 1 END, added_at, platform, user_id LIMIT 1"
    )
    connection = op.get_bind()
    first = connection.execute(owner, {"first": _FIRST_CODE}).first()
    connection.execute(
        sa.text(
            "INSERT INTO grants (platform, user_id, scope, role, name, granted_at, granted_by) "
            "SELECT platform, user_id, 'bot', 'admin', name, added_at, added_by FROM admins"
        )
    )
    if first:
        owned = sa.text("UPDATE grants SET role = 'owner' WHERE platform = :platform AND user_id = :user_id")
        connection.execute(owned, {"platform": first.platform, "user_id": first.user_id})
    op.drop_table("admins")


def _chain() -> None:
    """The rows that were written before get their digests, in parts."""
    texts = [sa.column(name, sa.Text()) for name in ("who", "chat", "what", "before", "after", "digest")]
    log = sa.table("audit", sa.column("id", sa.BigInteger()), sa.column("at", UtcDateTime()), *texts)
    connection, last, digest = op.get_bind(), 0, GENESIS
    while True:
        query = sa.select(log).where(log.c.id > last).order_by(log.c.id).limit(_PART)
        rows = connection.execute(query).all()
        for row in rows:
            kept = AuditRow(row.at, row.who, row.chat, row.what, row.before, row.after)
            last, digest = row.id, digest_of(digest, row.id, kept)
            connection.execute(sa.update(log).where(log.c.id == row.id).values(digest=digest))
        if len(rows) < _PART:
            return
