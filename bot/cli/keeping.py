"""sanctions-bot migrate, backup, audit verify, version: the database and its log of changes."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.markup import escape

import bot
from bot.cli.terminal import CONFIG_DIR, ConfigDir, out
from bot.counted import number
from bot.errors import ConfigError

if TYPE_CHECKING:
    from bot.chain import Verified

audit_cli = typer.Typer(help="The log of every change.", no_args_is_help=True, rich_markup_mode=None)


@audit_cli.command("verify")
def audit_verify(
    expect: Annotated[
        str, typer.Option(help="A digest that was noted before: is it still in the log? Tells if the end was cut off.")
    ] = "",
    config: ConfigDir = CONFIG_DIR,
) -> None:
    """Recompute the chain of the log of changes. Exit code 1 if a row was changed, added or taken out."""
    from bot.chain import verify
    from bot.config import load_settings
    from bot.storage import open_store

    if expect and not re.fullmatch(r"[0-9a-fA-F]{64}", expect.strip()):
        raise ConfigError("--expect", "is no digest", "it is 64 hexadecimal digits, as `audit verify` prints them")
    with open_store(load_settings(config).store_url) as store, store.reading() as records:
        checked = verify(records.audit_chain(), expect)
    for line in told_chain(checked):
        out.print(escape(line), soft_wrap=True)
    if not checked.is_sound:
        raise typer.Exit(1)


def told_chain(checked: Verified) -> Iterator[str]:
    """What holds, and the digest to note elsewhere."""

    if checked.broken is not None:
        yield f"BROKEN at row {checked.broken}: {checked.reason}."
        yield f"{number(checked.rows, 'row')} before it sound, up to digest {checked.head}"
    else:
        yield f"Sound: {number(checked.rows, 'row')}, head {checked.head}"
        if checked.has_expected is None:
            yield "Note the head elsewhere; later `audit verify --expect HEAD` also tells if the end was cut off."
    if checked.has_expected is not None:
        found = "is in the log" if checked.has_expected else "is NOT in the log: rows at its end were taken out"
        yield f"The expected digest {found}."


def migrate(config: ConfigDir = CONFIG_DIR) -> None:
    """Bring the database's schema up to date (`run` does it too)."""
    from bot.config import load_settings
    from bot.storage import SqlStore

    settings = load_settings(config)
    with closing(SqlStore(settings.store_url)) as store:
        out.print(f"schema at {store.migrate()}")


def backup(
    target: Annotated[Path, typer.Argument(help="The file to write; one that is there stays.")],
    config: ConfigDir = CONFIG_DIR,
) -> None:
    """Copy a SQLite database to a file while the bot runs. The copy is whole and of one moment."""
    from bot.config import load_settings
    from bot.storage import copy_database

    copy_database(load_settings(config).store_url, target)
    out.print(f"{escape(str(target))}: {target.stat().st_size / 1e6:.1f} MB", soft_wrap=True)


def version() -> None:
    """Print the version."""
    out.print(bot.__version__)
