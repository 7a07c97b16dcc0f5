"""start, admin and role: greeting, the first owner's one-time code, who has which role for what."""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from bot.commands.admitting import allow_chat, forbid_chat, list_chats, map_admins
from bot.commands.asking import Ask, button, cmd, reply
from bot.commands.inviting import accept, check_guess
from bot.commands.meanings import scope_of
from bot.commands.scopes import read_scope, scope_words, told_meaning, told_where
from bot.commands.subscribing import told_of
from bot.commands.watch.watching import may_on
from bot.counted import joined, number, shortened
from bot.errors import CommandError
from bot.model import WHOLE_BOT, ChatKey, ChatKind, Grant, Reply, Role, Scope, User
from bot.ports import Records, Store
from bot.rights import LOCAL, Decision, Right, decide_role, find_best, is_same, may, told_grant, with_article
from bot.rights.invitations import is_token

CODE_SETTING = "first_admin_code"
_ALPHABET = "ABCDEFGHJKMNPQRSTVWXYZ23456789"  # no I, L, O, U, 0, 1: read out and typed without mistakes
_GROUPS, _GROUP = 4, 4  # 78 bits
_GRAMMAR = "admin add USER [reader | editor | admin | owner] [for chat NAME | for watchlist NAME]"
# Telegram's own accounts, which speak for others: anonymous administrators, channels, forwards from linked channels.
_NOBODY = frozenset({"1087968824", "136817688", "777000"})
INLINE, BACK = "inline", "back"  # after `start`: sent along by Telegram's inline mode, by a chat that took the bot back
_MISSED = "subscriptions last 10"
_SHOWN = 40
_BEGIN_SCOPE = frozenset({"here", "this", "chat", "watchlist", "bot", "the", "whole", "everything"})


def new_claim_code(store: Store) -> str | None:
    """The one-time code for the owner, made anew at each start while there is neither an owner nor an admin; None once
    there is. Only its hash is kept."""
    with store.writing() as records:
        if records.admins():
            records.save_setting(CODE_SETTING, None)
            return None
        code = "-".join("".join(secrets.choice(_ALPHABET) for _ in range(_GROUP)) for _ in range(_GROUPS))
        records.save_setting(CODE_SETTING, _hash(code))
        return code


def claim_help(code: str) -> str:
    """What is printed at a start without an owner."""
    return f"No owner yet. To become it, send the bot, or type in the console: /admin {code}  (works once)"


def _hash(code: str) -> str:
    return hashlib.sha256(re.sub(r"[^A-Z0-9]", "", code.upper()).encode()).hexdigest()


def is_known(records: Records, user: User) -> bool:
    """Whether somebody may ask outside of the bot's chats (Telegram's inline mode): an admin, or who has a private chat
    with the bot."""
    chat = records.chat(ChatKey(user.platform, user.id))
    if chat is not None and not chat.stopped_reason:
        return True
    return any(is_same(admin, user) for admin in records.admins())


def start(ask: Ask) -> Reply:
    if is_token(ask.words) or re.match(r"inv-\S*\Z", ask.words.strip(), re.I):  # a part of one, perhaps
        return accept(ask, ask.words)
    if ask.words not in ("", INLINE, BACK):
        return claim(ask, ask.words)
    with ask.store.writing() as records:
        stored = records.chat(ask.request.chat.key)
        woken = stored is not None and stored.stopped_reason is not None
        if stored and woken:
            ask.require(records, Right.SUBSCRIBE, "wake the bot", ask.here)
            records.save_chat(replace(stored, stopped_reason=None))
            ask.audit(records, "chat woken", before=stored.stopped_reason or "")
        elif stored is None:  # known from now on: to `is_known`, and as a place to route or escalate to
            records.save_chat(ask.request.chat)
        own = records.subscriptions(ask.request.chat.key)
        scope = scope_of(records, ask.request.chat.key)
        told = told_of(scope) if own else ()
        missed = bool(own) and (woken or ask.words == BACK)
        names, has_admin = scope.tracked.names, bool(records.admins())
    whom = "the one name" if names == 1 else f"one of the {number(names, 'name')}"
    is_shared = ask.request.chat.kind is not ChatKind.PRIVATE
    who = "an administrator of this chat chooses what it is" if is_shared else "choose what this chat is"
    next_step = f"Next: {who} told of, everything or a name, a topic, a country."
    return reply(
        "Welcome back" if woken or missed else "Sanctions alerts, one message for each real event",
        f"I read news and official sources, and tell you when an article reports new sanctions on {whom} tracked here: "
        "who, by whom, why, and the sentence that says so. Further outlets are added to the same message.",
        *(told or (next_step,)),
        (
            "What was reported while the bot could not write here was not sent, and is not sent afterwards. "
            f"To see it: {cmd(_MISSED)}"
        )
        if missed
        else "",
        ""
        if has_admin
        else f"This bot has no owner yet. If you started it: send {cmd('admin CODE')}, with the code it printed.",
        actions=[
            None if own else button("Subscribe to everything", "subscribe everything"),
            button("Show the last 10", _MISSED) if missed else None,
            button("Latest events", "latest"),
            button("Help", "help"),
        ],
    )


# ---------------------------------------------------------------- the first owner


def claim(ask: Ask, code: str) -> Reply:
    """Who shows the code first is the owner. It is void afterwards. A wrong one is counted, so it is not raised within
    the transaction, which would take that back."""
    if ask.request.is_anonymous:
        raise CommandError("You write in the name of a chat: nobody can tell who you are. Write as yourself.")
    with ask.store.writing() as records:
        best = find_best(ask.grants(records), [WHOLE_BOT])
        if best and best.role.rank >= Role.ADMIN.rank:
            return reply(
                f"You are {with_article(best.role)} of this bot already",
                f"See who else is: {cmd('admin list')}. What else there is: {cmd('help admin')}",
            )
        check_guess(ask, records)
        records.lock_people()
        wanted = records.setting(CODE_SETTING)
        if records.admins() or not wanted:
            raise CommandError(
                "That code is no longer valid: this bot has an owner or an admin. "
                f"Ask for: {cmd(f'admin add {ask.who}')}"
            )
        is_right = hmac.compare_digest(wanted, _hash(code))
        if is_right:
            records.save_grant(Grant(ask.request.user, Role.OWNER, WHOLE_BOT, "first code", ask.now))
            records.save_setting(CODE_SETTING, None)
            ask.audit(records, "first owner", after=ask.who)
        else:
            records.add_guess(ask.request.user, ask.now)
    if not is_right:
        raise CommandError("That code is not valid. The bot prints a new one at each start, until it has an owner.")
    return reply(
        "You are the owner of this bot now",
        f"You can change the watchlist ({cmd('watch add')}, {cmd('watch remove')}, {cmd('watch list')}), "
        f"appoint others ({cmd('admin add USER')}) and invite them ({cmd('invite')}).",
        actions=[button("What is tracked", "watch list"), button("Status", "status")],
    )


# ---------------------------------------------------------------- admin


def admin(ask: Ask) -> Reply:
    verb, rest = ask.first_word()
    handlers = {
        "add": _add,
        "remove": _remove,
        "delete": _remove,
        "list": _list,
        "map": map_admins,
        "allow": allow_chat,
        "forbid": forbid_chat,
        "chats": list_chats,
    }
    if not verb:
        forms = ("admin CODE", _GRAMMAR, "admin remove USER", "admin list", "admin map", "admin chats")
        raise CommandError("Send one of: " + " · ".join(map(cmd, forms)))
    handler = handlers.get(verb)
    return handler(ask, rest) if handler else claim(ask, ask.words)


class _AtMachine(Ask):
    """What whoever sits at the machine asks: its database is theirs, so they may give and take every role."""

    def grants(self, records: Records) -> tuple[Grant, ...]:  # noqa: ARG002 (as every asker's are read from them)
        return (Grant(self.request.user, Role.OWNER, WHOLE_BOT, why="you sit at this machine"),)


_AT_MACHINE = {"add": _GRAMMAR, "remove": "admin remove USER", "list": "admin list"}


def tend_people(ask: Ask) -> Reply:
    """For whoever sits at this machine: who has which role, if nothing is said; the way back for an owner whose browser
    lost its session, or who is gone."""
    verb, rest = ask.first_word()
    verb = verb or "list"
    if verb not in _AT_MACHINE:
        raise CommandError("Send one of: " + " · ".join(map(cmd, _AT_MACHINE.values())))
    own = _AtMachine(ask.request, ask.services, ask.words, ask.now)
    if verb == "list":
        return _list(own, rest)
    if not re.match(r"(telegram|slack|web):", rest):  # there is no platform here that a bare number could be of
        raise CommandError(
            f"Name the person by platform and id, as every refusal shows it: {cmd(f'admin {verb} telegram:123456789')}"
        )
    return _add(own, rest) if verb == "add" else _remove(own, rest)


@dataclass(frozen=True, slots=True)
class Appointment:
    """What the words after `admin add` or `remove` say. No role was named: None."""

    user: User
    role: Role | None
    scope: Scope


def read_appointment(words: str, ask: Ask, records: Records) -> Appointment:
    """'8', 'slack:U1 editor for watchlist main', '8 here'. Raises CommandError."""
    match = re.fullmatch(
        r"(?P<user>\S+)(?:\s+(?P<role>reader|editor|admin|owner))?(?:\s+(?:for\s+)?(?P<scope>\S.*))?",
        words.strip(),
        re.IGNORECASE,
    )
    if not match:
        raise CommandError(
            f"Whom? Send: {cmd(_GRAMMAR)}. A person is named by id: {cmd('admin add telegram:123456789')}"
        )
    user = parse_user(match["user"], ask.request.user.platform)
    role = Role(match["role"].lower()) if match["role"] else None
    told = match["scope"] or ""
    if told and not role and told.split()[0].casefold() not in _BEGIN_SCOPE and "for" not in words.casefold().split():
        raise CommandError(f"“{shortened(told.split()[0], 30)}” is no role: there are reader, editor, admin, owner.")
    scope = read_scope(told, ask, records) if told else WHOLE_BOT
    return Appointment(user, role, scope)


_HEARD, _KNOWN = 500, 5  # changes that are looked through; people that are named
_SESSION = re.compile(r"[0-9a-f]{16}|console")
_SLACK_ID = re.compile(r"[UW][A-Z0-9]+")  # docs.slack.dev/reference/objects/user-object


def _unheard(ask: Ask, records: Records, user: User) -> list[str]:
    """That nobody of this id did anything yet, and which of its platform did: an id may be mistyped."""
    rows = records.latest_audit(limit=_HEARD)
    heard = dict.fromkeys([str(grant.user) for grant in records.grants()] + [row.row.who for row in rows])
    if str(user) in heard:
        return []
    if not ask.is_admin(records):
        return []
    others = [who for who in heard if who.startswith(f"{user.platform}:")][:_KNOWN]
    known = f" Known there are {', '.join(others)}." if others else ""
    return [f"Nobody called {user} has changed anything here so far: check the id.{known}"]


def _require_id(user: User) -> None:
    """A name in Slack is no id: whoever got a role by it would be nobody, yet count as the other owner, and the last
    real one could step down. Only who is appointed is asked for this, so that such a one can still be dismissed."""
    if user.platform == "slack" and not _SLACK_ID.fullmatch(user.id):
        raise CommandError(
            f"“{shortened(user.id, 40)}” is no id of a person in Slack: those begin with U or W, as "
            f"{cmd('admin add slack:U012ABC')}. Pick the person as a mention (@name) in Slack, or take the id that "
            f"{cmd('role')} shows them."
        )


def _require_people(ask: Ask, records: Records, what: str) -> None:
    """Before anything is told of chats or people: who manages nobody anywhere is refused at once."""
    if not any(may([grant], Right.MANAGE_PEOPLE, grant.scope).allowed for grant in ask.grants(records)):
        ask.require(records, Right.MANAGE_PEOPLE, what)


def _add(ask: Ask, words: str) -> Reply:
    with ask.store.writing() as records:
        _require_people(ask, records, "appoint admins")
        wish = read_appointment(words, ask, records)
        _require_id(wish.user)
        records.lock_people()
        unheard = _unheard(ask, records, wish.user)
        before = _role_of(records, wish.user, wish.scope)
        role = wish.role or max(Role.ADMIN, before or Role.READER, key=lambda one: one.rank)
        where = told_where(wish.scope, records)
        if before is role:
            return reply(f"{wish.user} is {with_article(role)}{where} already")
        _decide(ask, records, wish, role)
        name = wish.user.name or next((grant.user.name for grant in records.grants(wish.user) if grant.user.name), "")
        records.save_grant(Grant(replace(wish.user, name=name), role, wish.scope, ask.who, ask.now))
        kept = f"{wish.user} {{}} {wish.scope}"
        ask.audit(records, "admin add", kept.format(before) if before else "", kept.format(role))
        count = len(records.admins())
    back = f"admin add {wish.user} {before}" if before else f"admin remove {wish.user}"
    return reply(
        f"{wish.user} is {with_article(role)}{where} now",
        f"That is: {told_meaning(role, wish.scope)}.",
        *unheard,
        f"This bot has {number(count, 'owner or admin', 'owners and admins')}." if wish.scope == WHOLE_BOT else "",
        actions=[button("Undo", back + scope_words(wish.scope))],
    )


def _remove(ask: Ask, words: str) -> Reply:
    """Also one's own role: then one has stepped down."""
    with ask.store.writing() as records:
        steps_down = words.strip().casefold() in ("me", ask.who)
        if not steps_down:
            _require_people(ask, records, "dismiss admins")
        wish = read_appointment(ask.who if steps_down else words, ask, records)
        records.lock_people()
        before = _role_of(records, wish.user, wish.scope)
        where = told_where(wish.scope, records)
        if before is None or wish.role not in (None, before):
            raise CommandError(f"{wish.user} is no {wish.role or 'admin'}{where}. See who is: {cmd('admin list')}")
        _decide(ask, records, wish, None)
        records.remove_grant(wish.user, wish.scope)
        ask.audit(records, "admin remove", before=f"{wish.user} {before} {wish.scope}")
        rest = [grant for grant in records.grants(wish.user) if grant.scope != wish.scope]
        others = [f"{with_article(grant.role)}{told_where(grant.scope, records)}" for grant in rest]
    again = button("Undo", f"admin add {wish.user} {before}{scope_words(wish.scope)}")
    return reply(
        f"{wish.user} is no {before}{where} any more",
        f"They stay {', '.join(others)}." if others else "",
        actions=[] if is_same(wish.user, ask.request.user) else [again],
    )


def _role_of(records: Records, user: User, scope: Scope) -> Role | None:
    return next((grant.role for grant in records.grants(user) if grant.scope == scope), None)


def _decide(ask: Ask, records: Records, wish: Appointment, role: Role | None) -> None:
    """Raises CommandError with the reason."""
    everybody = records.grants()
    decision: Decision = decide_role(ask.grants(records), everybody, ask.request.user, wish.user, role, wish.scope)
    if decision.allowed:
        return
    next_step = f"See who has which role: {cmd('admin list')}"
    raise CommandError(f"{wish.user}: {decision.reason}. {next_step}")


def _list(ask: Ask, words: str = "") -> Reply:
    """Those that the asker manages: of the whole bot, or of a chat or a watchlist."""
    with ask.store.reading() as records:
        _require_people(ask, records, "see the admins")
        own = ask.grants(records)
        seen = [grant for grant in records.grants() if may(own, Right.MANAGE_PEOPLE, grant.scope).allowed]
        wheres = {scope: told_where(scope, records) for scope in {grant.scope for grant in seen}}
    seen = [grant for grant in seen if not words or words.casefold() in f"{grant.user.name} {grant.user}".casefold()]
    seen.sort(key=lambda grant: (grant.scope != WHOLE_BOT, str(grant.scope), -grant.role.rank))
    people = {str(grant.user) for grant in seen}
    more = len(seen) - _SHOWN
    return reply(
        f"{number(len(people), 'person', 'people')} with a role",
        bullets=[_line(grant, wheres) for grant in seen[:_SHOWN]],
        footer=f"{number(more, 'more role')}: {cmd('admin list NAME')}" if more > 0 else "",
    )


def _line(grant: Grant, wheres: Mapping[Scope, str]) -> str:
    """'Ana (telegram:7): owner', 'slack:U1: editor of the watchlist main'."""
    who = f"{grant.user.name} ({grant.user})" if grant.user.name else str(grant.user)
    return f"{who}: {grant.role}{wheres[grant.scope]}"


# ---------------------------------------------------------------- role

_OF_A_CHAT = frozenset({Right.SUBSCRIBE, Right.MUTE, Right.INVITE, Right.MANAGE_PEOPLE, Right.MAP_ROLES})
_OF_A_WATCHLIST = (Right.SEE_WATCHLIST, Right.EDIT_WATCHLIST)
_NOT_TOLD = frozenset({Right.ADMINISTER, Right.CHANGE_SETTINGS})  # the others say what they come to


def role(ask: Ask) -> Reply:
    """One's own rights in plain words, who can give more, and a shared chat's id, which commands elsewhere take."""
    here = ask.request.chat
    is_shared = here.kind is not ChatKind.PRIVATE and here.key.platform not in LOCAL
    if is_shared:
        _know(ask)
    with ask.store.reading() as records:
        own = ask.grants(records)
        stored = [grant for grant in own if not grant.why]
        wheres = {grant.scope: told_where(grant.scope, records) for grant in stored}
        rights = _rights_here(ask, records, own)
        admins = records.admins()
        title = _role_title(ask, stored, wheres)
    return reply(
        title,
        "You write in the name of a chat, so no role of yours counts here." if ask.request.is_anonymous else "",
        f"Here you may {'; '.join(rights)}.",
        *_who_gives(ask, own, admins),
        f"This chat is {here.key}." if is_shared else "",
        bullets=[
            *(
                f"{with_article(grant.role)}{wheres[grant.scope]}: {told_meaning(grant.role, grant.scope)}"
                for grant in stored
            ),
            *(f"{told_grant(grant)}: {grant.role} here" for grant in own if grant.why),
        ],
    )


def _know(ask: Ask) -> None:
    """Written only where it is new: this is asked far more often."""
    with ask.store.reading() as records:
        if records.chat(ask.request.chat.key):
            return
    with ask.store.writing() as records:
        ask.remember_chat(records)


def _role_title(ask: Ask, stored: Sequence[Grant], wheres: Mapping[Scope, str]) -> str:
    best = max(stored, key=lambda grant: (grant.scope == WHOLE_BOT, grant.role.rank), default=None)
    if best is None:
        return f"You ({ask.who}) have no role of your own"
    return f"You ({ask.who}) are {with_article(best.role)}{wheres[best.scope] or ' of this bot'}"


def _rights_here(ask: Ask, records: Records, own: Sequence[Grant]) -> list[str]:
    """What may be done from this chat: of watchlists to those that it sees, and which."""
    seen = records.watchlists_of(ask.request.chat.key)
    told = []
    for right in (one for one in Right if one not in _NOT_TOLD):
        if right in _OF_A_WATCHLIST:
            lists = [key for key in seen if may_on(ask, records, right, key)]
            told += [f"{right} {joined(lists)}"] if lists else []
        elif may(own, right, *((ask.here,) if right in _OF_A_CHAT else ())).allowed:
            told.append(right)
    return told


def _who_gives(ask: Ask, own: Sequence[Grant], admins: Sequence[User]) -> list[str]:
    if any(grant.role is Role.OWNER for grant in own):
        return [f"You give roles yourself: {cmd('admin add USER ROLE')}, or {cmd('invite')}"]
    if not admins:
        return [f"This bot has no owner yet: {cmd('admin CODE')}, with the code that it printed when it started."]
    if ask.request.is_anonymous:
        return ["Write as yourself to see your own roles, and who can give you more."]
    named = [f"{one.name} ({one})" if one.name else str(one) for one in admins[:5]]
    return [f"More can be given by its admins: {', '.join(named)}. They send: {cmd(f'admin add {ask.who} ROLE')}"]


def parse_user(words: str, platform: str) -> User:
    """`telegram:123`, `123` (on the same platform) or a Slack mention `<@U123|name>`. Raises CommandError."""
    if mention := re.fullmatch(r"<@([A-Z0-9]+)(?:\|([^>]*))?>", words.strip()):
        return User("slack", mention[1], mention[2] or "")
    named = re.fullmatch(r"(?:(telegram|slack|web):)?([A-Za-z0-9_-]{1,64})", words.strip())
    user = User(named[1] or platform, named[2]) if named and not words.startswith("@") else None
    if user is None or (user.platform == "telegram" and not user.id.isdecimal()):
        raise CommandError(
            f"Name the person by id: {cmd('admin add telegram:123456789')}, {cmd('admin add slack:U012ABC')} "
            f"(or mention them there), {cmd('admin add web:…')}; "
            "every refusal shows people their own id. Names can be changed, so they are not taken."
        )
    if user.platform == "web" and not _SESSION.fullmatch(user.id):
        raise CommandError(
            f"“{shortened(user.id, 40)}” is no session of the web console: those have 16 digits and letters, and "
            f"{cmd('role')} there shows one's own. For one of another platform: {cmd('admin add telegram:123456789')}"
        )
    if user.platform == "telegram" and user.id in _NOBODY:
        raise CommandError(f"{user} is no person: Telegram lets many speak by it. Name the person by their own id.")
    return user
