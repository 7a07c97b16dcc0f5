"""start and admin: greeting, the first admin's one-time code, who else is an admin."""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from dataclasses import replace

from bot.commands.asking import Ask, button, cmd, reply
from bot.commands.phrases import number
from bot.commands.subscribing import scope_of, told_of
from bot.errors import CommandError
from bot.model import Reply, User
from bot.ports import Records, Store

CODE_SETTING = "first_admin_code"
_ALPHABET = "ABCDEFGHJKMNPQRSTVWXYZ23456789"  # no I, L, O, U, 0, 1: read out and typed without mistakes
_GROUPS, _GROUP = 4, 4  # 78 bits


def new_claim_code(store: Store) -> str | None:
    """The one-time code for the first admin, made anew at each start while there is none; None once there is. Only its
    hash is kept."""
    with store.writing() as records:
        if records.admins():
            records.save_setting(CODE_SETTING, None)
            return None
        code = "-".join("".join(secrets.choice(_ALPHABET) for _ in range(_GROUP)) for _ in range(_GROUPS))
        records.save_setting(CODE_SETTING, _hash(code))
        return code


def claim_help(code: str) -> str:
    """What is printed at a start without an admin."""
    return f"No admin yet. To become it, send the bot, or type in the console: admin {code}  (works once)"


def _hash(code: str) -> str:
    return hashlib.sha256(re.sub(r"[^A-Z0-9]", "", code.upper()).encode()).hexdigest()


def start(ask: Ask) -> Reply:
    if ask.words:
        return claim(ask, ask.words)
    with ask.store.writing() as records:
        stored = records.chat(ask.request.chat.key)
        woken = stored is not None and stored.stopped_reason is not None
        if stored and woken:
            ask.require_chat_rights(records, "wake the bot")
            records.save_chat(replace(stored, stopped_reason=None))
        own = records.subscriptions(ask.request.chat.key)
        scope = scope_of(records, ask.request.chat.key)
        told = told_of(scope) if own else ()
        names, has_admin = scope.tracked.names, bool(records.admins())
    next_step = "Next: choose what this chat is told of, everything or a name, a topic, a country."
    return reply(
        "Welcome back" if woken else "Sanctions alerts, one message for each real event",
        f"I read news and official sources, and tell you when an article reports new sanctions on one of the "
        f"{number(names, 'name')} tracked here: who, by whom, why, and the sentence that says so. Further outlets are "
        "added to the same message.",
        *(told or (next_step,)),
        *(
            []
            if has_admin
            else [f"This bot has no admin yet. If you started it: send {cmd('admin CODE')}, with the code it printed."]
        ),
        actions=[
            *([] if own else [button("Subscribe to everything", "subscribe everything")]),
            button("Latest events", "latest"),
            button("Help", "help"),
        ],
    )


def claim(ask: Ask, code: str) -> Reply:
    """The first admin shows the code. It is void afterwards."""
    with ask.store.writing() as records:
        if ask.is_admin(records):
            return reply("You are an admin already", f"See who else is: {cmd('admin list')}")
        wanted = records.setting(CODE_SETTING)
        if records.admins() or not wanted:
            raise CommandError(
                "That code is no longer valid: this bot has an admin. " + f"Ask for: {cmd(f'admin add {ask.who}')}"
            )
        if not hmac.compare_digest(wanted, _hash(code)):
            raise CommandError(
                "That code is not valid. The bot prints a new one at each start, until there is an admin."
            )
        records.add_admin(ask.request.user, "first code", ask.now)
        records.save_setting(CODE_SETTING, None)
        ask.audit(records, "first admin", after=ask.who)
    return reply(
        "You are the admin of this bot now",
        f"You can change the watchlist ({cmd('watch add')}, {cmd('watch remove')}, {cmd('watch list')}) "
        f"and appoint others ({cmd('admin add USER')}).",
        actions=[button("What is tracked", "watch list"), button("Status", "status")],
    )


def admin(ask: Ask) -> Reply:
    verb, rest = ask.first_word()
    match verb:
        case "":
            raise CommandError(
                "Send one of: "
                + " · ".join(map(cmd, ("admin CODE", "admin add USER", "admin remove USER", "admin list")))
            )
        case "add":
            return _add(ask, rest)
        case "remove" | "delete":
            return _remove(ask, rest)
        case "list":
            return _list(ask)
        case _:
            return claim(ask, ask.words)


def _add(ask: Ask, words: str) -> Reply:
    with ask.store.writing() as records:
        ask.require_admin(records, "appoint admins")
        user = parse_user(words, ask.request.user.platform)
        if _is_listed(records, user):
            return reply(f"{user} is an admin already")
        records.add_admin(user, ask.who, ask.now)
        ask.audit(records, "admin add", after=str(user))
        count = len(records.admins())
    return reply(
        f"{user} is an admin now",
        f"This bot has {number(count, 'admin')}.",
        actions=[button("Undo", f"admin remove {user}")],
    )


def _remove(ask: Ask, words: str) -> Reply:
    with ask.store.writing() as records:
        ask.require_admin(records, "dismiss admins")
        user = parse_user(words, ask.request.user.platform)
        if not _is_listed(records, user):
            raise CommandError(f"{user} is no admin. See who is: {cmd('admin list')}")
        if len(records.admins()) == 1:
            raise CommandError(f"{user} is the only admin: appoint another first, with {cmd('admin add USER')}")
        records.remove_admin(user)
        ask.audit(records, "admin remove", before=str(user))
    return reply(f"{user} is no admin any more", actions=[button("Undo", f"admin add {user}")])


def _list(ask: Ask) -> Reply:
    with ask.store.reading() as records:
        ask.require_admin(records, "see the admins")
        admins = records.admins()
    return reply(
        number(len(admins), "admin"), bullets=[f"{user.name} ({user})" if user.name else str(user) for user in admins]
    )


def _is_listed(records: Records, user: User) -> bool:
    return any((admin.platform, admin.id) == (user.platform, user.id) for admin in records.admins())


def parse_user(words: str, platform: str) -> User:
    """`telegram:123`, `123` (on the same platform) or a Slack mention `<@U123|name>`. Raises CommandError."""
    if mention := re.fullmatch(r"<@([A-Z0-9]+)(?:\|([^>]*))?>", words.strip()):
        return User("slack", mention[1], mention[2] or "")
    named = re.fullmatch(r"(?:(telegram|slack|web):)?([A-Za-z0-9_-]{1,64})", words.strip())
    if not named or words.startswith("@"):
        raise CommandError(
            f"Name the person by id: {cmd('admin add telegram:123456789')}, {cmd('admin add slack:U012ABC')} "
            f"(or mention them there), {cmd('admin add web:…')}; "
            "every refusal shows people their own id. Names can be changed, so they are not taken."
        )
    return User(named[1] or platform, named[2])
