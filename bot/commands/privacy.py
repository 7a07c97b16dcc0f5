"""privacy: what is kept of a person and a chat, that as a file, and its deletion."""

from __future__ import annotations

import json
from typing import Any

from bot.commands.asking import Ask, button, cmd, reply
from bot.commands.meanings import scope_of
from bot.commands.phrases import interest
from bot.counted import number
from bot.errors import CommandError
from bot.model import Attachment, ChatKind, Reply
from bot.ports import Records
from bot.rights import Right
from bot.routes import told_settings

FORMS = "privacy export | privacy forget"
FORGOTTEN = "what was kept of it was deleted, as somebody here asked"


def privacy(ask: Ask) -> Reply:
    match ask.words.casefold().split():
        case []:
            return _told(ask)
        case ["export"]:
            return _export(ask)
        case ["forget" | "delete"]:
            return _ask_back(ask)
        case ["forget" | "delete", "confirm"]:
            return _forget(ask)
        case _:
            raise CommandError(f"Send one of: {' · '.join(cmd(form) for form in FORMS.split(' | '))}")


def _is_own(ask: Ask) -> bool:
    """Whether nobody else reads this chat: what is kept of a person is told and deleted only there."""
    return ask.request.chat.kind is ChatKind.PRIVATE and not ask.request.is_anonymous


def _told(ask: Ask) -> Reply:
    return reply(
        "What is kept here",
        bullets=[
            "Of this chat: its id, kind and name, its topics’ names, what it is told of, its settings and mutes, and "
            "who made them; until they are changed or deleted.",
            f"Of what was sent here: which alert, when, and its message’s number; for "
            f"{number(ask.services.told_days, 'day')}.",
            "Of you: your id and name beside what you said of alerts, muted or acknowledged; and your role, if you "
            "have one. An alert that you confirmed or withdrew says so by your name.",
            "In the log of changes: your id, the time and what you changed. Nothing can be taken out of it, also not "
            "by deleting the rest.",
            "Not kept: look-ups, other questions, and messages that are no commands.",
        ],
        footer=f"As a file: {cmd('privacy export')}. To have it deleted: {cmd('privacy forget')}",
        actions=[button("As a file", "privacy export"), button("Delete …", "privacy forget")],
    )


# ---------------------------------------------------------------- as a file


def _export(ask: Ask) -> Reply:
    chat = ask.request.chat.key
    with ask.store.reading() as records:
        kept: dict[str, Any] = {"made": ask.now.isoformat(), "chat": _of_chat(ask, records)}
        if _is_own(ask):
            kept["you"] = _of_person(ask, records)
    content = json.dumps(kept, ensure_ascii=False, indent=2).encode()
    told = "this chat and you" if _is_own(ask) else "this chat"
    answer = reply(
        f"What is kept of {told}",
        "" if _is_own(ask) else "What is kept of you is told in a private chat with the bot.",
    )
    name = f"kept-of-{chat.platform}-{chat.id}.json"
    return Reply(answer.message, attachment=Attachment(name, content, "application/json"))


def _of_chat(ask: Ask, records: Records) -> dict[str, Any]:
    key = ask.request.chat.key
    stored, scope = records.chat(key), scope_of(records, key)
    return {
        "id": str(key),
        "kind": str(ask.request.chat.kind),
        "name": stored.title if stored else "",
        "topics": dict(records.topics(key)),
        "stopped": (stored and stored.stopped_reason) or "",
        "watchlists": list(scope.tracked.watchlists.values()),
        "subscriptions": [
            {"on": interest(one, scope.tracked), "since": _iso(one.created_at), "by": one.created_by}
            for one in scope.own
        ],
        "settings": list(told_settings(records.routes_of(key), str, ask.zone, ask.now)),
        "mutes": [
            {"of": one.label, "by": str(one.by), "name": one.by.name, "at": _iso(one.at), "why": one.why}
            for one in records.mutes(ask.now, [key])
        ],
    }


def _of_person(ask: Ask, records: Records) -> dict[str, Any]:
    user = ask.request.user
    return {
        "id": str(user),
        "name": user.name,
        "roles": [{"role": str(one.role), "for": str(one.scope), "by": one.by} for one in records.grants(user)],
        "said of alerts": [
            {"event": one.event, "entity": one.entity, "label": str(one.label), "at": _iso(one.at)}
            for one in records.feedback_by(user)
        ],
    }


def _iso(at: Any) -> str:
    return at.isoformat() if at else ""


# ---------------------------------------------------------------- deletion


def _ask_back(ask: Ask) -> Reply:
    with ask.store.reading() as records:
        _require(ask, records)
        subscriptions = len(records.subscriptions(ask.request.chat.key))
    yours = ", and what you said of alerts anywhere" if _is_own(ask) else ""
    return reply(
        "Delete what is kept of this chat?",
        f"Its {number(subscriptions, 'subscription')}, settings, mutes and name go{yours}. No alert comes here "
        "afterwards, and nothing brings it back.",
        "What stays: the log of changes, and who added a feed, both by their id; a role, until an admin takes it; the "
        "name of who confirmed or withdrew an alert, in that alert; which "
        f"alerts were sent here, for {number(ask.services.told_days, 'day')}.",
        f"To do it: {cmd('privacy forget confirm')}",
        actions=[button("Delete it", "privacy forget confirm"), button("First as a file", "privacy export")],
    )


def _forget(ask: Ask) -> Reply:
    key = ask.request.chat.key
    with ask.store.writing() as records:
        _require(ask, records)
        records.forget_chat(key.whole, FORGOTTEN)
        if _is_own(ask):
            records.forget_person(ask.request.user)
        ask.audit(records, "chat forgotten", after=str(key))
    return reply(
        "Deleted",
        f"No alert comes here any more. To begin again: {cmd('subscribe everything')}",
    )


def _require(ask: Ask, records: Records) -> None:
    ask.require(records, Right.SUBSCRIBE, "delete what is kept", ask.here)
