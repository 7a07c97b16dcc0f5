"""A file without a command: what is to be done with it? Kept meanwhile, handed on with the button that is pressed."""

from __future__ import annotations

import re
from dataclasses import replace

from bot.commands.asking import Ask, button, cmd, reply
from bot.commands.pending import KEPT_FOR
from bot.errors import CommandError
from bot.model import Attachment, Reply, Request
from bot.rendering import file_name, told_size
from bot.sources.opml import is_opml

_OF_A_FILE = re.compile(r"file ([0-9a-f]{8}) (.+)", re.DOTALL)  # what the buttons send
_TASKS = (("Look up the names", "lookup"), ("Add to a watchlist", "watch import"))
_OPML_TASKS = (("Add the feeds in it", "feeds import"),)


def with_file(ask: Ask, is_command: bool) -> Request:
    """The request with the file that it is about: the one that a button names, or the one that was asked for.
    `is_command`: its text begins with a command. Raises CommandError if the file is kept no longer."""
    request, files = ask.request, ask.services.files
    named = _OF_A_FILE.fullmatch(request.text)
    if named:
        attachment = files.find(request, named[1], ask.now)
        if attachment is None:
            raise CommandError(f"That file is kept no longer than {_minutes()}. Please send it again.")
        return replace(request, text=named[2], attachment=attachment)
    if request.attachment is not None and not is_command:
        return replace(request, text=files.expected(request, ask.now))
    return request


def offer(ask: Ask, attachment: Attachment) -> Reply:
    """The choice, by buttons."""
    code = ask.services.files.keep(ask.request, attachment, ask.now)
    title = f"{file_name(attachment.name)}, {told_size(len(attachment.content))}"
    if is_opml(attachment.content):
        return reply(
            f"{title}: a list of feeds",
            "Admins add them with the button below: you are shown first what each is.",
            actions=[button(label, f"file {code} {command}") for label, command in _OPML_TASKS],
        )
    return reply(
        f"{title}: what is to be done with it?",
        "Look up the names in it, against what is tracked and the official lists; or add them to a watchlist, which "
        "shows first what would change.",
        footer=f"It is kept for {_minutes()}. With {cmd('lookup')} or {cmd('watch import')} written beside the file it "
        "is done at once.",
        actions=[button(label, f"file {code} {command}") for label, command in _TASKS],
    )


def _minutes() -> str:
    return f"{KEPT_FOR.total_seconds() / 60:.0f} minutes"
