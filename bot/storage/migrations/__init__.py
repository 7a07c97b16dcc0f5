"""Brings the schema up to date. Each step is a file in `versions/`; a released step is never edited.

To add one: CONTRIBUTING.md. tests/contract/test_store.py tells whether tables and steps agree."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import TYPE_CHECKING

import sqlalchemy as sa

from bot.errors import StoreError

if TYPE_CHECKING:
    from alembic.config import Config

_MIGRATIONS_LOCK = 0x53424F54_4D494752  # any number, the same in every process


def config() -> Config:
    """What alembic needs to find the steps."""
    from alembic.config import Config  # takes half a second, and most commands only read

    made = Config()
    made.set_main_option("script_location", str(Path(__file__).parent).replace("%", "%%"))
    made.set_main_option("path_separator", "os")
    made.set_main_option("file_template", "%%(rev)s")
    return made


def upgrade(engine: sa.Engine) -> str:
    """Run the missing steps, in one transaction; returns the revision reached. A second process waits for the first."""
    logging.getLogger("alembic").setLevel(logging.WARNING)  # before it is imported, which it tells of
    from alembic import command
    from alembic.runtime.migration import MigrationContext
    from alembic.util import CommandError

    with engine.begin() as connection:  # on SQLite this holds the write lock
        if connection.dialect.name == "postgresql":
            connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_MIGRATIONS_LOCK)))
        steps = config()
        steps.attributes["connection"] = connection
        try:
            command.upgrade(steps, "head")
        except CommandError as error:  # a step that this version does not have
            raise StoreError(
                f"the database {engine.url.database} was brought up to date by a newer version of sanctions-bot: start "
                "that one, or put back a copy from before (docs/scaling.md)"
            ) from error
        return MigrationContext.configure(connection).get_current_revision() or ""
