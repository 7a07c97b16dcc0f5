"""Which chats the bot answers, and what a chat's own administrators may: `admin allow`, `forbid`, `chats`, `map`."""

from __future__ import annotations

import re
from collections.abc import Mapping

from bot.commands.asking import Ask, button, cmd, reply
from bot.commands.phrases import chat_name, known_chats, known_people, person_name
from bot.commands.scopes import HERE, find_chat, shared_chat
from bot.counted import number
from bot.errors import CommandError
from bot.model import AllowedChat, ChatKey, ChatKind, Reply, Role, Scope
from bot.ports import Records
from bot.rights import CHAT_ADMINS, LOCAL, ChatMode, Right, decide_chat, decide_mapping, with_article
from bot.rights.invitations import is_token
from bot.zones import told_day

_SHOWN = 40
_MAP = "admin map telegram-admins editor here"
_OPENING = frozenset({"start", "admin"})  # commands that take a code


# ---------------------------------------------------------------- who is answered at all


def turned_away(ask: Ask, name: str, words: str) -> Reply | None:
    """The one answer that a chat gets which may not talk to the bot; None if it may. `name` and `words`: the command.
    Whoever has a role may write in private: from then on alerts reach them there."""
    if ask.services.allow_chats is ChatMode.ANYONE:
        return None
    request = ask.request
    key = request.chat.key.whole
    with ask.store.reading() as records:
        stored = () if request.is_anonymous else records.grants(request.user)
        is_listed = records.is_allowed(key)
        is_opened = name in _OPENING and bool(words) and (is_token(words) or not records.admins())
    decision = decide_chat(
        ask.services.allow_chats, request.chat, stored, is_listed=is_listed, is_admin_command=name == "admin"
    )
    if not decision.allowed and not is_opened:
        return reply(
            "I may not answer here yet",
            f"{decision.reason[0].upper()}{decision.reason[1:]}. It is {key}.",
            f"An admin of the bot can allow it: {cmd('admin allow chat here')}, or from elsewhere "
            f"{cmd(f'admin allow chat {key}')}",
            ok=False,
        )
    if stored and not is_listed and request.chat.kind is ChatKind.PRIVATE and key.platform not in LOCAL:
        with ask.store.writing() as records:
            keep_own_chat(ask, records)
    return None


def keep_own_chat(ask: Ask, records: Records) -> None:
    """The private chat of somebody with a role is allowed as long as they have one."""
    chat, user = ask.request.chat, ask.request.user
    if records.is_allowed(chat.key):
        return
    records.allow_chat(AllowedChat(chat.key, chat.title, ask.who, ask.now, holder=user))
    ask.audit(records, "chat allowed", after=f"{chat.key}, as long as {user} has a role")


def allow_chat(ask: Ask, words: str) -> Reply:
    with ask.store.writing() as records:
        ask.require(records, Right.ALLOW_CHATS)
        key = _chat(words, ask, records, "allow")
        if any(one.chat == key and one.holder is None for one in records.allowed_chats()):
            return reply(f"{key} is allowed already", *_not_in_force(ask))
        title = _title(key, ask, records)
        records.allow_chat(AllowedChat(key, title, ask.who, ask.now))
        ask.audit(records, "chat allowed", after=f"{key} {title}".strip())
    return reply(
        f"Allowed: {title or key}",
        "It may talk to this bot, and alerts reach it.",
        *_not_in_force(ask),
        actions=[button("Undo", f"admin forbid chat {key}")],
    )


def forbid_chat(ask: Ask, words: str) -> Reply:
    with ask.store.writing() as records:
        ask.require(records, Right.ALLOW_CHATS)
        key = _chat(words, ask, records, "forbid")
        kept = next((one for one in records.allowed_chats() if one.chat == key), None)
        if not records.forbid_chat(key):
            raise CommandError(f"{key} is not on the list of allowed chats. See it: {cmd('admin chats')}")
        ask.audit(records, "chat forbidden", before=f"{key} {kept.title if kept else ''}".strip())
    holder = kept.holder if kept else None
    return reply(
        f"No longer allowed: {(kept and kept.title) or key}",
        "It gets no answer and no alert any more; its subscriptions wait, in case it is allowed again.",
        f"{holder} has a role and can come back: {cmd(f'admin remove {holder}')}" if holder else "",
        *_not_in_force(ask),
        actions=[button("Undo", f"admin allow chat {key}")],
    )


def list_chats(ask: Ask, _words: str) -> Reply:
    with ask.store.reading() as records:
        ask.require(records, Right.ALLOW_CHATS)
        allowed, people = records.allowed_chats(), known_people(records)
    shown = allowed[-_SHOWN:]
    return reply(
        f"{number(len(allowed), 'chat')} allowed",
        *_not_in_force(ask),
        bullets=[_line(ask, one, people) for one in reversed(shown)],
        footer=f"To take one off: {cmd('admin forbid chat ID')}"
        + (f". {number(len(allowed) - len(shown), 'older one')} not shown." if len(allowed) > len(shown) else ""),
    )


def _line(ask: Ask, one: AllowedChat, people: Mapping[str, str]) -> str:
    """'Desk (telegram:-5) · by Ana (telegram:7), 3 May 2026'"""
    name = f"{one.title} ({one.chat})" if one.title else str(one.chat)
    holds = f" · as long as {one.holder} has a role" if one.holder else ""
    return f"{name} · by {person_name(one.by, people)}, {told_day(one.at, ask.zone)}{holds}"


def _not_in_force(ask: Ask) -> list[str]:
    if ask.services.allow_chats is ChatMode.LISTED:
        return []
    return ["The list is not in force: the setting allow_chats is “anyone”, so every chat may talk to this bot."]


def _chat(words: str, ask: Ask, records: Records, verb: str) -> ChatKey:
    named = re.sub(r"^chat\s+", "", words.strip(), flags=re.IGNORECASE)
    if not named or named.casefold() == "chat":
        raise CommandError(f"Which? Send: {cmd(f'admin {verb} chat here')}, or {cmd(f'admin {verb} chat ID')}")
    if named.casefold() in HERE:
        return ask.request.chat.key.whole  # also a private one
    return find_chat(named, ask, records)


def _title(key: ChatKey, ask: Ask, records: Records) -> str:
    here = ask.request.chat
    if here.key.whole == key.whole:
        return here.title
    return next((chat.title for chat in records.chats() if chat.key == key), "")


# ---------------------------------------------------------------- what a chat's administrators may


def map_admins(ask: Ask, words: str) -> Reply:
    """`telegram-admins editor here`: what the platform's own administrators of a chat are there."""
    if not words:
        return _mapping_here(ask)
    match = re.fullmatch(
        r"(?:(?P<platform>telegram|slack)-)?admins\s+(?P<role>reader|editor|admin|owner|default)"
        r"(?:\s+(?:for\s+)?(?:chat\s+)?(?P<chat>\S.*))?",
        words.strip(),
        re.IGNORECASE,
    )
    if not match:
        raise CommandError(f"The form is: {cmd(_MAP)}, with reader, editor, admin or default; or for chat ID.")
    named = match["role"].lower()
    role = None if named == "default" else Role(named)
    with ask.store.writing() as records:
        _require_mapping(ask, records)
        key = find_chat(match["chat"] or "here", ask, records)
        if match["platform"] and match["platform"].lower() != key.platform:
            raise CommandError(f"{key} is no chat of {match['platform'].capitalize()}.")
        decision = decide_mapping(ask.grants(records), role or CHAT_ADMINS, Scope.of_chat(key))
        if not decision.allowed:
            raise CommandError(f"Not set: {decision.reason}.")
        before = records.role_mapping(key)
        if before is not role:
            records.save_role_mapping(key, role)
            ask.audit(records, "admin map", f"{key} {before or 'default'}", f"{key} {role or 'default'}")
        name = chat_name(key, known_chats(records))
    undo = button("Undo", f"admin map admins {before or 'default'} for chat {key}")
    return reply(
        f"Administrators of {name} are {_plural(role)} there",
        _told_mapping(role),
        *_who_they_are(key),
        actions=[undo] if before is not role else [],
    )


def _require_mapping(ask: Ask, records: Records) -> None:
    if not any(decide_mapping([grant], Role.READER, grant.scope).allowed for grant in ask.grants(records)):
        ask.require(records, Right.MAP_ROLES)


def _mapping_here(ask: Ask) -> Reply:
    with ask.store.reading() as records:
        _require_mapping(ask, records)
        chat = shared_chat(ask)
        role = records.role_mapping(chat.key)
    return reply(
        f"Administrators of this chat are {_plural(role)} here",
        _told_mapping(role),
        *_who_they_are(chat.key),
        footer=f"To change it: {cmd(_MAP)}",
    )


def _plural(role: Role | None) -> str:
    return f"{role}s" if role else "what they are by default"


def _told_mapping(role: Role | None) -> str:
    if role is None:
        return (
            "By default they change what the chat is told and who is muted in it, and nothing else, without being "
            "appointed."
        )
    may = {
        Role.READER: "they may look things up, but change nothing: not even what the chat is told",
        Role.EDITOR: "they change what the chat is told, who is muted in it, and the watchlists that were given to it",
        Role.ADMIN: "they may, for this chat, what an admin of the bot may: also appoint and invite others for it",
    }
    return f"As {with_article(role)}, {may[role]}." if role in may else ""


def _who_they_are(key: ChatKey) -> list[str]:
    if key.platform == "slack":
        return ["In Slack they are the workspace's admins and owners. What changes there is seen within five minutes."]
    return [
        "Who administers the chat, Telegram says; what changes there is seen within five minutes. An anonymous "
        "administrator counts too, and the log then names the chat alone."
    ]
