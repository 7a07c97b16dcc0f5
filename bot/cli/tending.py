"""sanctions-bot feeds, admin, outbox: the owner's commands of the chat, at this machine's terminal."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from bot.cli.terminal import CONFIG_DIR, ConfigDir, out, write_bytes, write_out
from bot.errors import ConfigError
from bot.model import Attachment, Reply


def feeds(
    words: Annotated[
        list[str] | None,
        typer.Argument(
            help="Left out: all are shown. `add ADDRESS [NAME]`, `confirm CODE`, `remove NAME`, `pause NAME`, `resume "
            "NAME`, `move NAME ADDRESS`, `undo [NAME]`, `import FILE`, `export`."
        ),
    ] = None,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="Of export: where to; else standard output.")
    ] = None,
    config: ConfigDir = CONFIG_DIR,
) -> None:
    """See whether every source is read; add, pause, remove feeds. As in a chat."""
    verb, *rest = words or [""]
    file = None
    if verb == "import" and rest:
        file = _attachment(Path(" ".join(rest)))
    elif verb == "import":
        raise ConfigError("feeds import", "needs the OPML file", "sanctions-bot feeds import feeds.opml")
    reply = _tend("feeds", words, config, file)
    if reply.attachment and output is None:
        write_out(reply.attachment.content)
        return
    if reply.attachment and output:
        write_bytes(reply.attachment.content, output)
    _show(reply)


def admin(
    words: Annotated[
        list[str] | None,
        typer.Argument(
            help="Left out, or `list`: all are shown. `add USER [ROLE] [for …]`, `remove USER [for …]`; a USER as "
            "telegram:123456789."
        ),
    ] = None,
    config: ConfigDir = CONFIG_DIR,
) -> None:
    """Who has which role; appoint and dismiss people. From this machine, also where no owner is left to do it."""
    _show(_tend("admin", words, config))


def outbox(
    words: Annotated[
        list[str] | None, typer.Argument(help="Left out: all is shown. `retry ID`, `retry all`, or `drop ID WHY`.")
    ] = None,
    config: ConfigDir = CONFIG_DIR,
) -> None:
    """What waits to be sent, what was given up and why. Try it again, or drop it."""
    _show(_tend("outbox", words, config))


def _tend(command: str, words: Sequence[str] | None, config: Path, file: Attachment | None = None) -> Reply:
    """What one of the owner's commands answers. Only `feeds` reads the sources: the others work without them. What adds
    something makes the database, what only looks does not."""
    from bot.config import SOURCES_FILE, load_settings, load_sources
    from bot.logs import configure_logging
    from bot.once import tend_once
    from bot.storage import require_database

    settings = load_settings(config)
    configure_logging("error", "text")
    if not words or words[0] not in ("add", "confirm", "import"):
        require_database(settings.store_url)
    sources = load_sources(config / SOURCES_FILE) if command == "feeds" else {}
    return tend_once(settings, command, " ".join(words or ()), sources, file)


def _show(reply: Reply) -> None:
    from bot.rendering import render_plain

    out.print(escape(render_plain(reply.message)), soft_wrap=True)
    if not reply.ok:
        raise typer.Exit(2)


def _attachment(path: Path) -> Attachment:
    try:
        return Attachment(path.name, path.read_bytes())
    except OSError as error:
        raise ConfigError(str(path), f"cannot be read: {error.strerror}") from error
