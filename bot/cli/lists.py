"""sanctions-bot lists: the official lists read, from the network or from files, and how they are."""

from __future__ import annotations

import asyncio
import contextlib
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.markup import escape

from bot.cli.terminal import CONFIG_DIR, ConfigDir, err, out, progress_bar
from bot.errors import ConfigError, NoDatabaseError

if TYPE_CHECKING:
    from bot.listings.syncing import Synced
    from bot.lists import OfficialList
    from bot.storage import SqlStore

lists_cli = typer.Typer(help="The official sanctions lists.", no_args_is_help=True, rich_markup_mode=None)


@lists_cli.command("import")
def lists_import(
    name: Annotated[str, typer.Argument(help="The list: its key, as us_ofac_sdn, or a short form, as ofac.")],
    path: Annotated[Path, typer.Argument(help="Its file, packed or not, or the folder of its set of files.")],
    accept: Annotated[
        bool, typer.Option("--accept", help="Take it over although a guard would stop it, as far fewer entries.")
    ] = False,
    config: ConfigDir = CONFIG_DIR,
) -> None:
    """Read an official list from files that you have. Exit code 0: taken over; 1: not taken over, by a guard or as a
    file is broken, and the stored list stands; 2: no such list, folder or setting."""
    from bot.config import load_settings
    from bot.listings.importing import ListFolder, find_files
    from bot.listings.syncing import take_files
    from bot.logs import configure_logging
    from bot.storage import open_store

    settings, official = load_settings(config), _one_list(name)
    configure_logging("error", "text")
    files, folder = find_files(official, path), ListFolder(settings.lists_dir, settings.lists_keep)
    with (
        open_store(settings.store_url, is_made=True) as store,
        progress_bar(f"Reading the {official.title}") as progress,
    ):
        synced = take_files(store, official, files, folder, accept=accept, by="shell", progress=progress)
    _tell_synced(official.title, synced)
    if not synced.is_fine:
        raise typer.Exit(1)


@lists_cli.command("sync")
def lists_sync(
    name: Annotated[str, typer.Argument(help="The list; those that are switched on if left out.")] = "",
    config: ConfigDir = CONFIG_DIR,
) -> None:
    """Look at the official lists now, and take over what changed. Exit code 1 if one of them was not read."""
    from bot.config import load_settings
    from bot.lists import LISTS
    from bot.logs import configure_logging
    from bot.once import sync_by_hand

    settings = load_settings(config)
    configure_logging("error", "text")
    wanted = [_one_list(name)] if name else [LISTS[key] for key in settings.lists]
    if not wanted:
        raise ConfigError("lists", "no list is switched on", "name one, or set lists; `lists status` shows them")
    are_fine = []
    for official in wanted:
        with progress_bar(f"Reading the {official.title}") as progress:
            synced = asyncio.run(sync_by_hand(settings, official, progress))
        _tell_synced(official.title, synced)
        are_fine.append(synced.is_fine)
    if not all(are_fine):
        raise typer.Exit(1)


@lists_cli.command("status")
def lists_status(config: ConfigDir = CONFIG_DIR) -> None:
    """Each list: on or off, its last reading, its entries. Also its licence, the next look, what is in the way."""
    from bot.commands.asking import ListServices
    from bot.commands.listing import load_lists, told_status
    from bot.config import load_settings
    from bot.listings.importing import ListFolder, next_step
    from bot.lists import LISTS
    from bot.logs import configure_logging

    settings = load_settings(config)
    configure_logging("error", "text")
    with _looked_at(settings.store_url) as store, store.reading() as records:
        folder = ListFolder(settings.lists_dir, settings.lists_keep)
        services = ListServices(LISTS, frozenset(settings.lists), next_step=partial(next_step, folder=folder))
        found = load_lists(records, services)
    for one in found:
        out.print(f"{one.official.key} · {one.official.title}", style="bold", markup=False, soft_wrap=True)
        out.print(f"  {told_status(one, datetime.now(UTC))}", markup=False, soft_wrap=True)


@contextlib.contextmanager
def _looked_at(url: str) -> Iterator[SqlStore]:
    """Where there is no database, this says so and gives an empty one that is gone afterwards: which lists there are,
    and their licences, are read before the first start."""
    from bot.storage import open_store, require_database

    with tempfile.TemporaryDirectory(prefix="sanctions-bot-") as folder:
        try:
            require_database(url)
        except NoDatabaseError as error:
            err.print(f"[yellow]{escape(str(error))}[/]", soft_wrap=True)
            url = f"sqlite:///{folder}/empty.db"
        with open_store(url, is_made=True) as store:
            yield store


def _one_list(name: str) -> OfficialList:
    from bot.commands.listing import find_lists
    from bot.lists import LISTS

    found = find_lists(name, LISTS)
    if len(found) > 1:
        raise ConfigError("NAME", f"{name!r} may be {', '.join(official.key for official in found)}", "write the key")
    return found[0]


def _tell_synced(title: str, synced: Synced) -> None:
    out.print(f"{title}: {synced.text}", markup=False, soft_wrap=True)
    for note in synced.record.notes[:5] if synced.record else ():
        err.print(f"[yellow]refused:[/] {escape(note)}", soft_wrap=True)
    if synced.record and synced.is_fine and not synced.record.is_baseline:
        out.print("What concerns tracked names is told by the running bot, or by `sanctions-bot poll`.", soft_wrap=True)
