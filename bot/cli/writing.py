"""sanctions-bot events, pages, feedback export: what is stored, as files."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.markup import escape

from bot.cli.terminal import CONFIG_DIR, ConfigDir, err, find_form, out, write_bytes, write_lines, write_out
from bot.counted import number
from bot.errors import ConfigError

if TYPE_CHECKING:
    from bot.samples import Export

feedback_cli = typer.Typer(help="What people said of the bot's verdicts.", no_args_is_help=True, rich_markup_mode=None)


def events(
    words: Annotated[
        list[str] | None,
        typer.Argument(
            help="Left out: all. `authority US`, `programme Russia`, `country Iran`, `topic X`, `watchlist main`, "
            "or words."
        ),
    ] = None,
    since: Annotated[str, typer.Option(help="Opened since: 90d, 12h, 2026-01-01. All if left out.")] = "",
    form: Annotated[
        str, typer.Option("--format", help="csv or xlsx; else as the file's name ends, else csv.", show_default=False)
    ] = "",
    output: Annotated[Path | None, typer.Option("--output", "-o", help="Where to; else standard output.")] = None,
    config: ConfigDir = CONFIG_DIR,
) -> None:
    """Write all events as CSV or XLSX, a row for each target. With the evidence, the sources, who was told, who
    handled it, what was withdrawn."""
    from bot.commands.auditing import parse_since
    from bot.commands.choosing import parse_choice
    from bot.commands.history import EVER, FORMS, Wish, all_lines, attachment
    from bot.config import load_settings
    from bot.storage import open_store

    now, form = datetime.now(UTC), find_form(form, output, FORMS)
    wish = Wish(parse_choice(" ".join(words or ())), parse_since(since, now) if since else EVER, form)
    with open_store(load_settings(config).store_url) as store, store.reading() as records:
        lines = all_lines(records, wish)
    content = attachment(lines, wish.form, now).content
    if output is None:
        write_out(content)
        return
    write_bytes(content, output)
    out.print(f"{number(len(lines), 'event')} written to {escape(str(output))}", soft_wrap=True)


def pages(
    event: Annotated[str, typer.Argument(help="An event, as its alert ends with: 3f2a9c41.")],
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="Where to; event-EVENT-pages.zip here if left out.")
    ] = None,
    config: ConfigDir = CONFIG_DIR,
) -> None:
    """Write the pages of an event's sources as they were. A ZIP file, with their SHA-256 digests."""
    from bot.commands.pages import file_for_all
    from bot.config import load_settings
    from bot.storage import open_store

    with open_store(load_settings(config).store_url) as store, store.reading() as records:
        made = file_for_all(records, event, datetime.now(UTC))
    if made is None:
        raise ConfigError(f"event {event}", "there is none", "alerts end with theirs; `sanctions-bot events` lists all")
    file, packed = made
    if not packed.pages + packed.left_out:
        raise ConfigError(
            f"event {event}", "no page of its sources is kept", "they had none, or it is older than keep_pages"
        )
    where = output or Path(file.name)
    write_bytes(file.content, where)
    left_out = (
        f"; {number(packed.left_out, 'page')} left out, as the file would be too large" if packed.left_out else ""
    )
    out.print(f"{number(packed.pages, 'page')} written to {escape(str(where))}{left_out}", soft_wrap=True)


@feedback_cli.command("export")
def feedback_export(
    since: Annotated[str, typer.Option(help="Only what was said in this time: 30d, 12h. Everything if left out.")] = "",
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="Where to write; standard output if left out.")
    ] = None,
    config: ConfigDir = CONFIG_DIR,
) -> None:
    """Write what people said as labelled articles. One JSON object a line, in the format that `judge` reads."""
    from bot.config import load_settings, parse_duration
    from bot.samples import export
    from bot.storage import open_store

    settings, now = load_settings(config), datetime.now(UTC)
    try:
        start = now - parse_duration(since) if since else datetime(1970, 1, 1, tzinfo=UTC)
    except (ValueError, OverflowError) as error:
        raise ConfigError("--since", str(error)) from error
    with open_store(settings.store_url) as store, store.reading() as records:
        exported = export(records.feedback_since(start))
    write_lines(exported.rows, output)
    for line in told_export(exported, output):
        err.print(escape(line), soft_wrap=True)


def told_export(exported: Export, output: Path | None) -> Iterator[str]:
    """What was written, and what was not and why; on standard error, as standard output may be the file."""

    labels = sum(len(row["labels"]) for row in exported.rows)
    where = f" to {output}" if output else ""
    yield f"{number(labels, 'label')} on {number(len(exported.rows), 'article')} written{where}."
    if exported.disputed:
        yield f"{number(exported.disputed, 'name')} disputed: what most people said is written, else the last."
    if exported.without_article:
        yield f"{number(exported.without_article, 'opinion')} left out: the article was no longer kept by then."
