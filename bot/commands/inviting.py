"""invite: a role for whoever shows a token, once; and what happens when somebody does."""

from __future__ import annotations

import re
import secrets
from dataclasses import dataclass
from datetime import timedelta

from bot.commands.admitting import keep_own_chat
from bot.commands.asking import Ask, button, cmd, reply
from bot.commands.phrases import chat_name
from bot.commands.scopes import read_scope, told_meaning, told_where
from bot.counted import number
from bot.errors import CommandError
from bot.model import WHOLE_BOT, AllowedChat, ChatKind, Fact, Grant, Invitation, Reply, Role, Scope
from bot.ports import Records
from bot.rights import LOCAL, Right, decide_role, find_best, is_same, may, with_article
from bot.rights.invitations import (
    GUESSES_FORGOTTEN,
    LONGEST_VALID,
    TOKEN_BYTES,
    VALID,
    decide_guess,
    decide_use,
    is_token_of,
    make_token,
    token_digest,
)
from bot.zones import told_day, told_moment

GRAMMAR = "invite [reader | editor | admin] [for chat NAME | for watchlist NAME] [valid 7d]"
_LISTED = 15


@dataclass(frozen=True, slots=True)
class Wish:
    role: Role
    scope: Scope
    valid: timedelta


def invite(ask: Ask) -> Reply:
    verb, rest = ask.first_word()
    match verb:
        case "list":
            return _list(ask)
        case "revoke" | "undo" | "remove" | "delete":
            return _revoke(ask, rest)
        case _:
            return _invite(ask)


def read_wish(words: str, ask: Ask, records: Records) -> Wish:
    """'editor for watchlist main valid 3d'. Raises CommandError."""
    match = re.fullmatch(
        r"(?P<role>reader|editor|admin|owner)?\s*(?:for\s+(?P<scope>(?!valid\b)\S.*?))?\s*(?:valid\s+(?P<valid>.+))?",
        words.strip(),
        re.IGNORECASE | re.DOTALL,
    )
    if not match:
        raise CommandError(f"The form is: {cmd(GRAMMAR)}")
    scope = read_scope(match["scope"], ask, records) if match["scope"] else WHOLE_BOT
    return Wish(Role((match["role"] or "reader").lower()), scope, _valid(match["valid"] or ""))


def _valid(words: str) -> timedelta:
    if not words:
        return VALID
    match = re.fullmatch(r"(?:for\s+)?(\d{1,4})\s*([hd])", words.strip(), re.IGNORECASE)
    span = timedelta(**{"hours" if match[2].lower() == "h" else "days": int(match[1])}) if match else timedelta(0)
    if not timedelta(0) < span <= LONGEST_VALID:
        raise CommandError(f"How long? Write valid 12h or valid 7d, at most {LONGEST_VALID.days}d.")
    return span


def _invite(ask: Ask) -> Reply:
    """The answer holds the token, so it is given only where nobody else reads it."""
    request, token = ask.request, make_token(secrets.token_bytes(TOKEN_BYTES))
    with ask.store.writing() as records:
        _require_inviter(ask, records)
        if request.chat.kind is not ChatKind.PRIVATE and request.chat.key.platform == "telegram":
            raise CommandError("Send that in a private chat with the bot: here everybody would read the link.")
        wish = read_wish(ask.words, ask, records)
        everybody, user = records.grants(), request.user
        stored = [grant for grant in everybody if is_same(grant.user, user)]
        decision = may(stored, Right.INVITE, wish.scope)
        if decision.allowed:
            nobody = type(user)("", "")
            decision = decide_role(stored, everybody, user, nobody, wish.role, wish.scope)
        if not decision.allowed:
            raise CommandError(
                f"No invitation was made: {decision.reason}. What you may give is what you have yourself: {cmd('role')}"
            )
        new = Invitation(wish.role, wish.scope, user, ask.now, ask.now + wish.valid)
        number_ = records.add_invitation(new, token_digest(token))
        what = f"{with_article(wish.role)}{told_where(wish.scope, records)}"
        ask.audit(
            records, "invite", after=f"{number_}: {wish.role} {wish.scope}, valid until {new.expires_at:%Y-%m-%d}"
        )
    return _invitation(ask, new, number_, token, what)


def _invitation(ask: Ask, new: Invitation, number_: int, token: str, what: str) -> Reply:
    name = ask.services.telegram_name()
    links = (
        [
            Fact("Telegram", f"https://t.me/{name}?start={token}"),
            Fact("To add the bot to a Telegram group", f"https://t.me/{name}?startgroup={token}"),
        ]
        if name
        else []
    )
    return reply(
        f"Invitation {number_}: {what}",
        f"Whoever opens it first becomes {what}: {told_meaning(new.role, new.scope)}.",
        f"It works once, until {told_moment(new.expires_at, ask.zone)}.",
        "Give it to nobody but the person you mean: it is shown only now.",
        "Used in a group, it also puts that group on the list of allowed chats." if name else "",
        facts=[*links, Fact("In Slack or the web console", f"start {token}")],
        actions=[button("Take it back", f"invite revoke {number_}"), button("All invitations", "invite list")],
    )


def _require_inviter(ask: Ask, records: Records) -> None:
    """Of the whole bot, or of a part; in one's own name."""
    grants = [grant for grant in ask.grants(records) if not grant.why]
    if not any(may([grant], Right.INVITE, grant.scope).allowed for grant in grants):
        ask.require(records, Right.INVITE)
        raise CommandError("Invitations need a role of your own, as they are worth what you are: ask an admin for one.")


# ---------------------------------------------------------------- list and revoke


def _list(ask: Ask) -> Reply:
    with ask.store.reading() as records:
        _require_inviter(ask, records)
        own = ask.grants(records)
        mine = [one for one in records.invitations() if may(own, Right.INVITE, one.scope).allowed]
        everybody = records.grants()
        wheres = {one.scope: told_where(one.scope, records) for one in mine}
    is_open = {one.id: decide_use(one, everybody, ask.now).allowed for one in mine}
    shown = sorted(mine, key=lambda one: (not is_open[one.id], -one.id))[:_LISTED]
    return reply(
        f"{number(sum(is_open.values()), 'open invitation')}",
        bullets=[_line(ask, one, wheres[one.scope], everybody) for one in shown],
        footer=f"{number(len(mine) - len(shown), 'older one')} not shown." if len(mine) > len(shown) else "",
        actions=[button(f"Take back {one.id}", f"invite revoke {one.id}") for one in shown[:6] if is_open[one.id]],
    )


def _line(ask: Ask, one: Invitation, where: str, everybody: tuple[Grant, ...]) -> str:
    """'3: an editor of the watchlist main · by Ana, 3 May 2026 · open until 10 May 2026, 12:00 UTC'"""
    decision = decide_use(one, everybody, ask.now)
    if one.used_at and one.used_by:
        state = f"used by {one.used_by.called}, {told_day(one.used_at, ask.zone)}"
    elif one.revoked_at:
        state = f"taken back, {told_day(one.revoked_at, ask.zone)}"
    else:
        state = (
            f"open until {told_moment(one.expires_at, ask.zone)}" if decision.allowed else f"void: {decision.reason}"
        )
    made = f"by {one.by.called}, {told_day(one.made_at, ask.zone)}"
    return f"{one.id}: {with_article(one.role)}{where} · {made} · {state}"


def _revoke(ask: Ask, words: str) -> Reply:
    wanted = words.strip().removeprefix("#")
    if not (wanted.isascii() and wanted.isdigit() and len(wanted) < 10):
        raise CommandError(f"Which? Send: {cmd('invite revoke N')}, with a number as {cmd('invite list')} shows it")
    with ask.store.writing() as records:
        _require_inviter(ask, records)
        own = ask.grants(records)
        found = next((one for one in records.invitations() if one.id == int(wanted)), None)
        if found is None or not may(own, Right.INVITE, found.scope).allowed:
            raise CommandError(f"There is no invitation {wanted}. See those there are: {cmd('invite list')}")
        if not records.revoke_invitation(found.id, ask.who, ask.now):
            state = "used" if found.used_at else "taken back"
            raise CommandError(
                f"Invitation {wanted} was {state} already. Roles are taken away with {cmd('admin remove USER')}"
            )
        ask.audit(records, "invite revoke", before=f"{found.id}: {found.role} {found.scope}")
    return reply(f"Invitation {wanted} is taken back", "Whoever opens it now is told so.")


# ---------------------------------------------------------------- somebody shows a token


def accept(ask: Ask, token: str) -> Reply:
    """What is wrong is told after the transaction, as raising in it would take back that it was counted."""
    if ask.request.is_anonymous:
        raise CommandError("You write in the name of a chat, so nobody can tell who is invited. Write as yourself.")
    with ask.store.writing() as records:
        check_guess(ask, records)
        records.lock_people()
        found = records.invitation(token_digest(token))
        if found is None or not is_token_of(token, found[1]):
            records.add_guess(ask.request.user, ask.now)
            answer = None
        else:
            answer = _accept(ask, records, found[0])
    if answer is None:
        raise CommandError("There is no such invitation. Copy the whole link or code again, or ask for a new one.")
    return answer


def check_guess(ask: Ask, records: Records) -> None:
    """Raises CommandError if this person has shown too many wrong codes of late."""
    guesses = records.guesses(ask.request.user, ask.now - GUESSES_FORGOTTEN)
    decision = decide_guess(guesses, ask.now)
    if not decision.allowed:
        raise CommandError(f"Not now: {decision.reason}.")


def _accept(ask: Ask, records: Records, invitation: Invitation) -> Reply:
    user, everybody = ask.request.user, records.grants()
    decision = decide_use(invitation, everybody, ask.now)
    if not decision.allowed:
        raise CommandError(f"{decision.reason[0].upper()}{decision.reason[1:]}. Ask for a new one.")
    own = [one for one in everybody if is_same(one.user, user)]
    before = next((one.role for one in own if one.scope == invitation.scope), None)
    best = find_best(own, [invitation.scope])
    what = f"{with_article(invitation.role)}{told_where(invitation.scope, records)}"
    is_new = best is None or best.role.rank < invitation.role.rank
    allows = _allows_chat(ask, records, invitation)
    if best and not is_new and not allows:
        return reply(f"You are {with_article(best.role)} already", "The invitation is still open, for somebody else.")
    if not records.use_invitation(invitation.id, user, ask.now):
        raise CommandError("Somebody else has just used this invitation, and each works once. Ask for a new one.")
    if is_new:
        by = f"invitation {invitation.id} of {invitation.by}"
        records.save_grant(Grant(user, invitation.role, invitation.scope, by, ask.now))
    kept = f"{user} {{}} {invitation.scope}, invitation {invitation.id} of {invitation.by}"
    if allows:
        _allow_here(ask, records, invitation)
    elif ask.request.chat.kind is ChatKind.PRIVATE and ask.request.chat.key.platform not in LOCAL:
        keep_own_chat(ask, records)
    ask.audit(records, "invitation used", kept.format(before) if before else "", kept.format(invitation.role))
    return reply(
        f"Welcome: you are {what} now" if is_new else "Welcome: this chat is allowed now",
        f"{invitation.by.called} invited you.",
        f"You may now: {told_meaning(invitation.role, invitation.scope)}. All that you may: {cmd('role')}"
        if is_new
        else "",
        f"This chat is on the list of allowed chats: {chat_name(ask.request.chat.key, {})}." if allows else "",
        actions=[button("What I may", "role"), button("Subscribe to everything", "subscribe everything")],
    )


def _allows_chat(ask: Ask, records: Records, invitation: Invitation) -> bool:
    """Used in a group, it opens the group, if whoever made it could."""
    chat = ask.request.chat
    if chat.kind is ChatKind.PRIVATE or chat.key.platform in LOCAL or records.is_allowed(chat.key):
        return False
    return may(records.grants(invitation.by), Right.ALLOW_CHATS).allowed


def _allow_here(ask: Ask, records: Records, invitation: Invitation) -> None:
    chat = ask.request.chat
    key = chat.key.whole
    records.allow_chat(AllowedChat(key, chat.title, f"invitation {invitation.id} of {invitation.by}", ask.now))
    ask.audit(records, "chat allowed", after=f"{key} {chat.title}".strip())
