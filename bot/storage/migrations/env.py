"""Alembic runs this file for every command; `upgrade` hands it the connection."""

from __future__ import annotations

from typing import Any, Literal

from alembic import context
from sqlalchemy.types import TypeDecorator

from bot.storage.tables import metadata


def render_item(kind: str, item: Any, _autogenerate: object) -> str | Literal[False]:
    """A step names the column's plain type: it must still run when our own types are gone."""
    return f"sa.{item.impl!r}" if kind == "type" and isinstance(item, TypeDecorator) else False


def is_ours(_item: object, name: str | None, kind: str, reflected: bool, _compare_to: object) -> bool:
    """The job engine's tables share the database, and are its own business."""
    return not (kind == "table" and reflected and name not in metadata.tables)


context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    render_item=render_item,
    include_object=is_ours,
)
context.run_migrations()
