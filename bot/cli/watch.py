"""sanctions-bot watch: import, export, history, undo, for whoever runs the bot. No second admin is asked: whoever may
write the database may do all that it holds."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.markup import escape

from bot.cli.terminal import CONFIG_DIR, ConfigDir, find_form, out, write_bytes, write_out
from bot.counted import number
from bot.errors import ConfigError
from bot.model import MAIN_WATCHLIST

if TYPE_CHECKING:
    from bot.commands.watch.importing import Comparison
    from bot.ports import Records
    from bot.storage import SqlStore

watch_cli = typer.Typer(help="The watchlists: in, out and back.", no_args_is_help=True, rich_markup_mode=None)
BY = "terminal:owner"


def _store(config: Path, *, is_made: bool = False) -> AbstractContextManager[SqlStore]:
    """`is_made`: where there is no database yet."""
    from bot.config import load_settings
    from bot.storage import open_store

    return open_store(load_settings(config).store_url, is_made=is_made)


@watch_cli.command("import")
def import_(
    file: Annotated[Path, typer.Argument(help="CSV, XLSX or FollowTheMoney JSON.")],
    watchlist: Annotated[str, typer.Option("--list", help="The watchlist of rows that name none.")] = MAIN_WATCHLIST,
    replace: Annotated[bool, typer.Option("--replace", help="Remove from it what the file does not have.")] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Save it; else it is only shown.")] = False,
    config: ConfigDir = CONFIG_DIR,
) -> None:
    """Show what a file would change of the watchlists. With --yes it is saved. Exit code 1: all of the file was
    refused, and nothing is changed, nor removed."""
    from bot.commands.watch.importing import compare
    from bot.ports import AuditRow
    from bot.storage import prepare
    from bot.watchlist import parse_watchlist

    try:
        content = file.read_bytes()
    except OSError as error:
        raise ConfigError(str(file), f"cannot be read: {error.strerror}") from error
    parsed = parse_watchlist(content, file.name, watchlist)
    with _store(config, is_made=True) as store:
        with store.reading() as records:  # on SQLite a running bot could not write meanwhile
            seen = [one.key for one in records.watchlists()]
            _require(watchlist, seen)
            found = compare(records, parsed, seen, replacing=watchlist if replace else None)
        _tell(found)
        if (found.refused or replace) and not (found.new or found.changed or found.unchanged):
            out.print("Nothing of the file could be taken: nothing is changed. Correct it and import it again.")
            raise typer.Exit(1)
        if yes and found.edits:
            now = datetime.now(UTC)
            prepared = prepare(found.edits)  # before: a running bot could record no alert meanwhile
            with store.writing() as records:
                done = records.edit_watchlist(found.edits, BY, now, f"imported {file.name}", prepared=prepared)
                told = f"edit {done}: {number(len(found.edits), 'name')}"
                records.add_audit(AuditRow(now, BY, "", "watch import", file.name, told))
            out.print(f"Saved as edit {done}. To take it back: sanctions-bot watch undo {done}", soft_wrap=True)
        elif found.edits:
            out.print("Nothing is saved yet: add --yes to save it.")
        if found.new and file.suffix.casefold() in (".csv", ".xlsx"):
            out.print(
                f"Who of them is on an official list already: sanctions-bot lookup {escape(str(file))}", soft_wrap=True
            )


def _require(watchlist: str, there: Sequence[str]) -> None:
    if watchlist not in there:
        raise ConfigError("--list", f"there is no watchlist {watchlist}", f"there are {', '.join(there)}")


def _tell(found: Comparison) -> None:
    from bot.commands.asking import COMMAND_MARK
    from bot.watchlist import changes_between

    for note in found.notes:
        out.print(escape(note.replace(COMMAND_MARK, "/")), soft_wrap=True)
    for one in found.refused:
        out.print(f"refused, line {one.line}: {escape(one.reason)}", soft_wrap=True)
    for one in found.partly:
        out.print(f"taken in part, line {one.line}: {escape(one.reason)}", soft_wrap=True)
    for double in found.doubles:
        out.print(escape(f"of a known number: {double.entity.caption}: {double}"), soft_wrap=True)
    for old, new in found.changed:
        out.print(escape(f"changed: {new.caption} ({new.key}): {'; '.join(changes_between(old, new))}"), soft_wrap=True)
    for entity in found.removed:
        out.print(escape(f"removed: {entity.caption} ({entity.key})"), soft_wrap=True)
    out.print(
        f"{len(found.new):,} new, {len(found.changed):,} changed, {found.unchanged:,} unchanged, "
        f"{len(found.removed):,} removed, {len(found.refused):,} refused"
    )


@watch_cli.command()
def export(
    form: Annotated[
        str,
        typer.Option("--format", help="csv, xlsx or json; else as the file's name ends, else csv.", show_default=False),
    ] = "",
    watchlist: Annotated[str, typer.Option("--list", help="One watchlist; all if left out.")] = "",
    output: Annotated[Path | None, typer.Option("--output", "-o", help="Where to; else standard output.")] = None,
    config: ConfigDir = CONFIG_DIR,
) -> None:
    """Write the watchlists as a file that `watch import` takes again."""
    from bot.watchlist import export_csv, export_json, export_xlsx

    forms = {"csv": export_csv, "xlsx": export_xlsx, "json": export_json}
    write = forms[find_form(form, output, forms)]
    with _store(config) as store, store.reading() as records:
        if watchlist:
            _require(watchlist, [one.key for one in records.watchlists()])
        entities = records.entities([watchlist] if watchlist else None)
    content = write(entities)
    if output:
        write_bytes(content, output)
        out.print(f"{number(len(entities), 'name')} written to {escape(str(output))}", soft_wrap=True)
    else:
        write_out(content)


@watch_cli.command()
def history(
    name: Annotated[list[str] | None, typer.Argument(help="A name or key; else the latest edits.")] = None,
    config: ConfigDir = CONFIG_DIR,
) -> None:
    """Who changed what, and when."""
    from bot.commands.phrases import known_people, person_name
    from bot.commands.watch.versions import version_line
    from bot.zones import told_moment

    with _store(config) as store, store.reading() as records:
        people = known_people(records)
        if not name:
            edits = records.watchlist_edits(limit=50)
            if not edits:
                out.print("Nothing was changed yet.")
            for edit in edits:
                undone = f", undone by edit {edit.undone_by}" if edit.undone_by else ""
                by = person_name(edit.by, people)
                out.print(escape(f"edit {edit.id}, {told_moment(edit.at)}, {by}: {edit.what}{undone}"), soft_wrap=True)
            return
        versions = records.entity_versions(_key(records, " ".join(name)), 50)
    for version, before in zip(versions, (*versions[1:], None), strict=True):
        out.print(escape(version_line(version, before, people)), soft_wrap=True)


def _key(records: Records, words: str) -> str:
    from bot.watchlist import find_entities

    if records.entity_version(words):
        return words
    found = find_entities(words, records.candidates(words)).entities
    if len(found) != 1:
        meant = f"it may be {', '.join(entity.key for entity in found[:5])}" if found else "nobody tracked is called so"
        raise ConfigError(words, meant, "write the key")
    return found[0].key


@watch_cli.command()
def undo(
    edit: Annotated[int, typer.Argument(help="The edit's number, as `watch history` shows it.")],
    config: ConfigDir = CONFIG_DIR,
) -> None:
    """Take an edit back. Its entities become what they were before; those that were changed since stay."""
    from bot.commands.watch.versions import taken_back
    from bot.ports import AuditRow

    with _store(config) as store, store.writing() as records:
        wanted = records.watchlist_edit(edit)
        if wanted is None or wanted.undone_by:
            problem = f"was undone by edit {wanted.undone_by}" if wanted else "there is no such edit"
            raise ConfigError(f"edit {edit}", problem, "see sanctions-bot watch history")
        back, left = taken_back(records, wanted)
        for one in left:
            out.print(escape(f"left as it is, as it was changed since: {one}"), soft_wrap=True)
        if back:
            what = f"undid edit {wanted.id}: {wanted.what}"
            now = datetime.now(UTC)
            done = records.edit_watchlist(back, BY, now, what, undoes=wanted.id)
            records.add_audit(AuditRow(now, BY, "", "watch undo", f"edit {edit}", f"edit {done}"))
        out.print(f"Edit {edit}: {number(len(back), 'name')} put back as before.")
