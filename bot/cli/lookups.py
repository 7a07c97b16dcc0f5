"""sanctions-bot lookup and compare: names, one or a table of them, and how like two are."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.markup import escape
from rich.progress import Progress

from bot.cli.terminal import (
    CONFIG_DIR,
    ConfigDir,
    err,
    file_name,
    out,
    progress_bar,
    read_bytes,
    write_bytes,
    write_table,
    write_text,
)
from bot.counted import joined, number
from bot.errors import CommandError, ConfigError
from bot.model import Schema

if TYPE_CHECKING:
    from bot.commands.qualifiers import Asked
    from bot.config import Settings
    from bot.lists.standing import Standing
    from bot.lookups.found import Found, Hit, Search
    from bot.ports import Store
    from bot.spreadsheets import Row

NO_LIST = (
    "No official list has been read yet, so this says nothing about listings: `sanctions-bot lists sync` fetches those "
    "that are on, `sanctions-bot lists import NAME PATH` reads a file."
)


_TABLES = (".csv", ".tsv", ".xlsx")


def lookup(
    name: Annotated[
        list[str] | None, typer.Argument(help="A name, a number (IMO, LEI, wallet …), an id on a list, or a file.")
    ] = None,
    file: Annotated[
        Path | None,
        typer.Option("--file", help="A CSV or XLSX of names, up to 10,000: all are looked up; '-' is standard input."),
    ] = None,
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", help="Where to write, .csv or .xlsx; standard output (CSV) if left out."),
    ] = None,
    threshold: Annotated[
        float | None, typer.Option(help="How like a name must be, from 0 to 1; else the setting.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Write all that was found as JSON.")] = False,
    on: Annotated[str, typer.Option(help="A day, as 2024-05-01: was it listed then?")] = "",
    born: Annotated[str, typer.Option(help="A birth date or year, as 1975 or 1975-03-02: moves the score.")] = "",
    country: Annotated[str, typer.Option(help="A country, as RU or Russia: moves the score.")] = "",
    config: ConfigDir = CONFIG_DIR,
) -> None:
    """Whom a name may mean, of all tracked and on official lists. And what was found of it. Exit code 0, whether there
    is a hit or not; 2 if it could not be looked up; 3 if no official list has been read, so that nothing is said of
    listings."""
    from bot.app import NAMES_FOLDER
    from bot.config import load_settings
    from bot.logs import configure_logging
    from bot.search_process import build_searcher
    from bot.storage import open_store

    words = " ".join(name or ())
    if file is None and words.casefold().endswith(_TABLES):  # no name ends so: a path that is misspelt is no answer
        words, file = "", Path(words)
    _check_wish(words, file, as_json=as_json, is_qualified=bool(born or country))
    wish = _read_wish(words, on, born, country)
    settings = load_settings(config)
    configure_logging("error", "text")
    floor = settings.lookup_threshold if threshold is None else threshold
    if not 0 <= floor <= 1:
        raise ConfigError("--threshold", f"{floor:g} is not from 0 to 1")
    is_answered = True
    with open_store(settings.store_url) as store:
        search = build_searcher(store, settings.data_dir.absolute() / NAMES_FOLDER)
        if file is not None:
            _screen(file, search, floor, output)
        elif as_json:
            write_text(_found_text(wish, store, search, floor), output)
        else:
            is_answered = _show_card(wish, store, search, floor, settings, config)
        with store.reading() as records:
            has_lists = records.listings_revision() > 0
    if not has_lists:
        if file is not None or as_json or wish.day:  # the card of a name says so itself
            err.print(f"[yellow]{escape(NO_LIST)}[/]", soft_wrap=True)
        raise typer.Exit(3)
    if not is_answered:
        raise typer.Exit(2)


@dataclass(frozen=True, slots=True)
class _Wish:
    """Whom a look-up is about. `words`: as the command in a chat has them."""

    words: str
    asked: Asked
    day: date | None  # on which it is asked whether an entry stood


def _check_wish(words: str, file: Path | None, *, as_json: bool, is_qualified: bool) -> None:
    """Raises ConfigError for options that go with a name alone, or neither a name nor a table."""
    if bool(words) == (file is not None):
        raise ConfigError("lookup", "give a name, or --file with a table of names")
    if file is not None and as_json:
        raise ConfigError("--json", "tells of one name", "a table of names is answered with a table: -o OUT.xlsx")
    if file is not None and is_qualified:
        raise ConfigError("--born and --country", "tell of one name", "a table has columns birth_date and country")


def _read_wish(words: str, on: str, born: str, country: str) -> _Wish:
    """Raises ConfigError that names what cannot be read."""
    from bot.commands.past import split_day
    from bot.commands.qualifiers import split_qualifiers

    words = " ".join([words, *[f"| born={born}"] * bool(born), *[f"| country={country}"] * bool(country)])
    today = datetime.now(UTC).date()
    try:
        asked = split_qualifiers(words, today)
    except CommandError as error:
        raise ConfigError("lookup", str(error)) from error
    try:
        alone, day = split_day(f"{asked.name} on {on}" if on else asked.name, today)
    except CommandError as error:
        raise ConfigError("--on", str(error)) from error
    if on and day is None:
        raise ConfigError("--on", f"{on!r} is no day", "write it as 2024-05-01")
    return _Wish(f"{words} on {on}" if on else words, replace(asked, name=alone), day)


def _found_text(wish: _Wish, store: Store, search: Search, floor: float) -> str:
    from bot.commands.official import standings

    found = search(wish.asked.query(floor))
    with store.reading() as records:
        past = standings(records, found.hits, wish.day) if wish.day else ()
    return json.dumps(found_json(found, wish.day, past), ensure_ascii=False, indent=2)


def _show_card(wish: _Wish, store: Store, search: Search, floor: float, settings: Settings, config: Path) -> bool:
    """The answer as a chat gets it. False: it could not be looked up."""
    from bot.config import SOURCES_FILE, is_there, load_sources
    from bot.once import answer_once
    from bot.rendering import render_plain

    path = config / SOURCES_FILE
    sources = load_sources(path) if is_there(path) else {}
    reply = answer_once(store, sources, f"lookup {wish.words}", settings.alert_floor, search, floor)
    out.print(escape(render_plain(reply.message)), soft_wrap=True)
    return reply.ok


def _screen(file: Path, search: Search, threshold: float, output: Path | None) -> None:
    """Progress goes to standard error: standard output may be the table."""
    from bot.commands.screening import read_names, screen, told_set_back
    from bot.spreadsheets import write_xlsx

    names = read_names(read_bytes(file), file_name(file))
    for note in names.notes:
        err.print(f"[yellow]{escape(note)}[/]")
    with Progress(console=err, transient=True) as bar:
        task = bar.add_task("Looking up", total=len(names.rows))
        screened = screen(names, search, threshold, lambda done, _hits: bar.update(task, completed=done))
    if output is not None and output.suffix.casefold() == ".xlsx":
        write_bytes(write_xlsx(screened.rows, "Look-up"), output)
    else:
        write_table(screened.rows, output)
    err.print(f"{number(len(names.rows), 'name')} looked up: {screened.hits:,} with a hit. {told_set_back(screened)}")


def found_json(found: Found, day: date | None, stood: Iterable[tuple[Hit, Standing]]) -> dict[str, Any]:
    """What a look-up found, with plain values: docs/lookups.md has the shape. With a day, how the records stood."""
    past = [
        {"list": hit.record.listing.list, "uid": hit.record.listing.uid, "listed": one.is_listed, "why": one.why}
        for hit, one in stood
        if hit.record
    ]
    return {
        **({"on": {"day": day.isoformat(), "records": past}} if day else {}),
        "hits": [_hit_json(hit) for hit in found.hits],
        "near": [_hit_json(hit) for hit in found.near],
        "lowered": [_hit_json(hit) for hit in found.lowered],
        "searched": [
            {"list": one.list, "entries": one.entries, "read_at": one.read_at.isoformat() if one.read_at else None}
            for one in found.lists
        ],
    }


def _hit_json(hit: Hit) -> dict[str, Any]:
    row: dict[str, Any] = {"score": round(hit.score, 4), "name": hit.name, "explanation": hit.explanation}
    if hit.by_name is not None:
        row["by_name"] = round(hit.by_name, 4)
    if hit.entity is not None:
        return {**row, "tracked": hit.entity.key, "watchlist": hit.entity.watchlist, "caption": hit.entity.caption}
    if hit.record is None:
        return row
    listing = hit.record.listing
    dates = {"listed_on": listing.listed_on, "delisted_on": listing.delisted_on, "removed_on": hit.record.removed_on}
    return {
        **row,
        "list": listing.list,
        "uid": listing.uid,
        "schema": str(listing.schema),
        "caption": listing.caption,
        "programmes": list(listing.programmes),
        "countries": list(listing.countries),
        **{name: day.isoformat() if day else None for name, day in dates.items()},
        "url": listing.url,
    }


def compare(
    pairs: Annotated[
        Path,
        typer.Argument(help="A CSV or XLSX with the columns schema, name1, name2; others are kept; '-' is stdin."),
    ],
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="Where to write; standard output if left out.")
    ] = None,
) -> None:
    """How like two names are, and why, for a table of pairs. Adds score and explanation, to tune the threshold by. Exit
    code 0: all pairs are scored; 1: all but the lines that are told on standard error; 2: none."""
    from bot.spreadsheets import read_table

    table = read_table(read_bytes(pairs), file_name(pairs))
    for refused in table.refused:
        err.print(f"[yellow]line {refused.line}[/] {escape(refused.reason)}: left out")
    for note in table.notes:
        err.print(f"[yellow]{escape(note)}[/]")
    with progress_bar("Comparing") as progress:
        write_table(list(compared_rows(table.rows, file_name(pairs), progress)), output)
    if table.refused:
        raise typer.Exit(1)


def compared_rows(rows: Sequence[Row], name: str, progress: Callable[[float], None]) -> Iterator[tuple[str, ...]]:
    """The header with score and explanation, then each pair in its order. Where no schema is given, the names tell
    whether they are people's. Raises ConfigError that names the column or line."""
    from bot.lookups import compare_names

    header = [cell.strip().casefold() for cell in rows[0].cells] if rows else []
    missing = [column for column in ("schema", "name1", "name2") if column not in header]
    if missing:
        word = "column" if len(missing) == 1 else "columns"
        raise ConfigError(
            name, f"the {word} {joined(missing)} {'is' if len(missing) == 1 else 'are'} missing",
            f"its first line names the columns: it reads {', '.join(header)[:100]!r}",
        )  # fmt: skip
    at = {column: header.index(column) for column in ("schema", "name1", "name2")}
    schemas = [_schema_of(row, at["schema"], name) for row in rows[1:]]
    width = max(len(row.cells) for row in rows)
    yield (*rows[0].cells, *([""] * (width - len(header))), "score", "explanation")
    for done, (row, schema) in enumerate(zip(rows[1:], schemas, strict=True)):
        progress(done / len(schemas))
        cells = (*row.cells, *([""] * (width - len(row.cells))))
        found = compare_names(cells[at["name1"]], cells[at["name2"]], schema)
        yield (*cells, f"{found.score:.4f}", found.explanation)


def _schema_of(row: Row, at: int, name: str) -> Schema:
    from bot.watchlist import parse_schema

    text = row.cells[at].strip() if at < len(row.cells) else ""
    try:
        return parse_schema(text) if text else Schema.LEGAL_ENTITY
    except ValueError as error:
        raise ConfigError(f"{name} line {row.line}", str(error)) from error
