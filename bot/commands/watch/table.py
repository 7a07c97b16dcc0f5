"""watch: the table of what can be done to the watchlists."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from bot.commands.asking import Ask, button, cmd, reply
from bot.commands.watch import adding, editing, filling, importing, versions, watching, watchlists
from bot.errors import CommandError
from bot.model import Reply

_HANDLERS: Mapping[str, Callable[[Ask, str], Reply]] = {
    "add": adding.add,
    "answer": adding.answer,
    "form": filling.filled,
    "confirm": adding.confirm,
    "cancel": watching.cancel,
    "edit": editing.edit,
    "rename": editing.rename,
    "alias": editing.alias,
    "merge": editing.merge,
    "remove": editing.remove,
    "delete": editing.remove,
    "list": watchlists.list_entities,
    "lists": watchlists.show,
    "new": watchlists.new,
    "use": watchlists.use,
    "import": importing.upload,
    "replace": lambda ask, words: importing.upload(ask, words, replacing=True),
    "export": watchlists.export,
    "history": versions.history,
    "undo": versions.undo,
    "rollback": versions.rollback,
}
_SHOWN = (
    "watch list", "watch edit NAME country=ru", "watch alias NAME + OTHER NAME", "watch rename NAME to NEW NAME",
    "watch merge A into B", "watch remove NAME", "watch import", "watch export xlsx", "watch history NAME",
    "watch undo", "watch lists",
)  # fmt: skip


def watch(ask: Ask) -> Reply:
    verb, rest = ask.first_word()
    handler = _HANDLERS.get(verb)
    if not verb:
        return reply(
            "Who is tracked, and how to change it",
            f"One line for each: {watching.GRAMMAR}",
            bullets=[*map(cmd, _SHOWN)],
            actions=[
                button("Add a name", "watch add"),
                button("See the names", "watch list"),
                button("Latest changes", "watch history"),
            ],
        )
    if handler is None:
        raise CommandError(f"Send one of: {watching.GRAMMAR} · {' · '.join(map(cmd, _SHOWN))}")
    return handler(ask, rest)
