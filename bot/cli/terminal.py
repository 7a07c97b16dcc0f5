"""What groups of commands share: where they write, the folder of the settings, files in and out."""

from __future__ import annotations

import contextlib
import json
import sys
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console
from rich.markup import escape
from rich.progress import Progress

from bot.errors import ConfigError

if TYPE_CHECKING:
    from bot.watchlist import WatchlistFile

out = Console(highlight=False, emoji=False)  # else "telegram:ID:TOPIC" is shown with a picture for its middle
err = Console(stderr=True, highlight=False, emoji=False)

ConfigDir = Annotated[
    Path, typer.Option("--config", envvar="SANCTIONS_BOT_CONFIG_DIR", help="Folder with the configuration files.")
]
CONFIG_DIR = Path("config")


def read_bytes(path: Path) -> bytes:
    """`-` is standard input."""
    try:
        return sys.stdin.buffer.read() if str(path) == "-" else path.read_bytes()
    except OSError as error:
        step = "give a file that there is" if isinstance(error, FileNotFoundError) else ""
        raise ConfigError(str(path), f"cannot be read: {error.strerror}", step) from error


def read_watchlist(path: Path) -> WatchlistFile | None:
    from bot.config import is_there
    from bot.watchlist import parse_watchlist

    return parse_watchlist(read_bytes(path), path.name) if is_there(path) else None


def tell_file(watchlist: WatchlistFile, name: str) -> None:
    """What a start says in its log, in the words of `watch import`."""
    told = [
        *watchlist.notes,
        *(f"refused, line {one.line}: {one.reason}" for one in watchlist.lost),
        *(f"taken in part, line {one.line}: {one.reason}" for one in watchlist.partly),
    ]
    for line in told:
        err.print(f"[yellow]{escape(name)}:[/] {escape(line)}", soft_wrap=True)


def write_out(content: bytes | str) -> None:
    """To standard output, at once: what comes at the end of the program, and fails, is told to nobody."""
    if sys.stdout is None:  # it was closed
        raise ConfigError("standard output", "is closed", "name a file: --output FILE")
    if isinstance(content, str):
        sys.stdout.write(content)
    else:
        sys.stdout.buffer.write(content)
    sys.stdout.flush()


def write_text(text: str, output: Path | None) -> None:
    if output is None:
        write_out(text + "\n")
        return
    write_bytes(f"{text}\n".encode("utf-8", "replace"), output)


def find_form(form: str, output: Path | None, forms: Collection[str]) -> str:
    """The form of a file: the one that was asked for, else the one that its name ends with, else CSV. A workbook under
    a CSV's name, or the other way round, would be opened by nobody. Raises ConfigError."""
    by_name = output.suffix.removeprefix(".").casefold() if output else ""
    if form and form not in forms:
        raise ConfigError("--format", f"no format {form}", f"there are {', '.join(forms)}")
    if form and by_name in forms and by_name != form:
        raise ConfigError("--output", f"is called .{by_name}, and --format is {form}", "leave one of them out")
    return form or (by_name if by_name in forms else "csv")


def write_bytes(content: bytes, output: Path) -> None:
    try:
        output.write_bytes(content)
    except OSError as error:
        raise ConfigError(str(output), f"cannot be written: {error.strerror}") from error


def write_table(rows: Iterable[Sequence[str]], output: Path | None) -> None:
    from bot.spreadsheets import write_csv

    write_text(write_csv(rows).decode("utf-8").removeprefix("\ufeff").replace("\r\n", "\n").rstrip("\n"), output)


def write_lines(rows: Iterable[dict[str, Any]], output: Path | None) -> None:
    text = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
    if output is None:
        write_out(text)
        return
    try:
        output.write_text(text, encoding="utf-8")
    except OSError as error:
        raise ConfigError(str(output), f"cannot be written: {error.strerror}") from error


def file_name(path: Path) -> str:
    return "standard input" if str(path) == "-" else path.name


@contextlib.contextmanager
def progress_bar(what: str) -> Iterator[Callable[[float], None]]:
    """A bar in a terminal; nothing where the output goes to a file or a program."""
    if not err.is_terminal:
        yield lambda _share: None
        return
    with Progress(console=err, transient=True) as bar:
        task = bar.add_task(escape(what), total=1.0)
        yield lambda share: bar.update(task, completed=share)
