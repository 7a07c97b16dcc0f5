"""A file without a command: what is to be done with it? Kept meanwhile, handed on with the button that is pressed."""

from __future__ import annotations

import re
from dataclasses import replace

from bot.commands.asking import Ask, button, cmd, reply
from bot.commands.pending import KEPT_FOR
from bot.commands.watch import watching
from bot.errors import CommandError
from bot.model import Attachment, Reply, Request
from bot.rendering import file_name, told_size
from bot.sources.opml import is_opml

_OF_A_FILE = re.compile(r"file ([0-9a-f]{8}) (.+)", re.DOTALL)  # what the buttons send


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
    """What may be done with it by whom it is from, by buttons."""
    name, is_feeds = file_name(attachment.name), is_opml(attachment.content)
    title = f"{name}, {told_size(len(attachment.content))}"
    with ask.store.reading() as records:
        if is_feeds:
            ask.require_admin(records, f"add the feeds in {name}")
        is_editor = watching.may_edit(ask, records)
    code = ask.services.files.keep(ask.request, attachment, ask.now)
    if is_feeds:
        return reply(
            f"{title}: a list of feeds",
            "Add them with the button below: you are shown first what each is.",
            actions=[button("Add the feeds in it", f"file {code} feeds import")],
        )
    look_up = button("Look up the names", f"file {code} lookup")
    if not is_editor:
        return reply(
            f"{title}: look up the names in it?",
            "Each is looked up against what is tracked and the official lists.",
            footer=f"It is kept for {_minutes()}. With {cmd('lookup')} written beside the file it is done at once.",
            actions=[look_up],
        )
    return reply(
        f"{title}: what is to be done with it?",
        "Look up the names in it, against what is tracked and the official lists; or add them to a watchlist, which "
        "shows first what would change.",
        footer=f"It is kept for {_minutes()}. With {cmd('lookup')} or {cmd('watch import')} written beside the file it "
        "is done at once.",
        actions=[look_up, button("Add to a watchlist", f"file {code} watch import")],
    )


def _minutes() -> str:
    return f"{KEPT_FOR.total_seconds() / 60:.0f} minutes"
