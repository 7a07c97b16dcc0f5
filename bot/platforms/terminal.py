"""The terminal as a platform: alerts are printed as they come. It takes no commands; the web console does."""

from __future__ import annotations

import itertools
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from rich.console import Console
from rich.panel import Panel
from rich.text import Text

from bot.model import Attachment, Chat, ChatKey, Message, Receipt
from bot.platforms.unasked import Unasked
from bot.ports import Answer
from bot.rendering import file_name, render_plain


class TerminalPlatform(Unasked):
    """Prints each alert in a frame; an update is printed again, in short."""

    name = "terminal"

    def __init__(self, console: Console) -> None:
        self._console = console
        self._ids = itertools.count(1)

    async def start(self, answer: Answer) -> None:
        """Nothing to connect."""

    async def stop(self) -> None:
        """Nothing to close."""

    async def send(
        self,
        chat: ChatKey,
        message: Message,
        *,
        reply_to: Receipt | None = None,
        aloud: bool = False,
        silent: bool = False,  # noqa: ARG002 (the port's)
        attachment: Attachment | None = None,
        mark: str = "",  # noqa: ARG002
    ) -> Receipt:
        if attachment:
            message = with_written_file(message, attachment)
        title, style = ("Update", "yellow") if reply_to and not aloud else ("Alert", "bold red")
        self._print(title, style, message)
        return Receipt(chat, str(next(self._ids)))

    async def edit(self, receipt: Receipt, message: Message) -> Receipt:
        self._print("Alert, brought up to date", "yellow", message)
        return receipt

    def spacing(self, chat: Chat) -> tuple[timedelta, timedelta]:  # noqa: ARG002 (the port's)
        return timedelta(0), timedelta(0)

    def health(self) -> str:
        return "on"

    def _print(self, title: str, style: str, message: Message) -> None:
        # Text, not markup: what an article says must not colour or link the terminal.
        body = Text("".join(c for c in render_plain(message) if c == "\n" or c.isprintable()))
        self._console.print(Panel(body, title=title, title_align="left", border_style=style))


def with_written_file(message: Message, attachment: Attachment, folder: Path | None = None) -> Message:
    """The file written into `folder` (else where the program was started), and the message that names it. No other
    file is written over. Raises OSError."""
    path = _free_path((folder or Path.cwd()) / file_name(attachment.name))
    with path.open("xb") as file:
        file.write(attachment.content)
    return replace(message, footer=f"{message.footer} Written to {path}.".strip())


def _free_path(path: Path) -> Path:
    candidates = (path.with_name(f"{path.stem}-{number}{path.suffix}") for number in itertools.count(2))
    return path if not path.exists() else next(candidate for candidate in candidates if not candidate.exists())
