"""Who may do what: one table, and the decisions made with it. Every answer carries its reason.

A person's grants are those that somebody gave (`Grant`), and those that come with the place: one's own chat, or being
an administrator of a group or a workspace. A grant for the whole bot holds everywhere, one for a chat or a watchlist
there alone.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from bot.model import WHOLE_BOT, Chat, ChatKind, Grant, Role, Scope, ScopeKind, User

LOCAL = frozenset({"web", "terminal"})  # platforms that only the person at this machine reaches
CHAT_ADMINS = Role.EDITOR  # what the platform's own administrators are in their chat unless it was set


class Right(StrEnum):
    """One thing that may be done. The value completes "… may"."""

    LOOK = "look things up"
    SAY = "say whether an alert was right"
    SEE_WATCHLIST = "see the watchlist"
    SUBSCRIBE = "change what a chat is told"
    MUTE = "mute a look-alike"
    EDIT_WATCHLIST = "change the watchlist"
    MUTE_EVERYWHERE = "mute a look-alike in every chat"
    INVITE = "invite people"
    MANAGE_PEOPLE = "appoint and dismiss people"
    MAP_ROLES = "say what a chat's administrators may"
    ALLOW_CHATS = "allow and forbid chats"
    CHANGE_SETTINGS = "change settings"
    APPROVE = "approve what needs a second person"
    SEE_AUDIT = "see who changed what"
    ADMINISTER = "administer the bot"


# The table: the least role that may. None: anybody whom the bot answers at all.
LEAST: Mapping[Right, Role | None] = {
    Right.LOOK: None,
    Right.SAY: None,
    Right.SEE_WATCHLIST: Role.READER,
    Right.SUBSCRIBE: Role.EDITOR,  # of the chat: everybody is that in their own
    Right.MUTE: Role.EDITOR,
    Right.EDIT_WATCHLIST: Role.EDITOR,
    Right.MUTE_EVERYWHERE: Role.ADMIN,
    Right.INVITE: Role.ADMIN,
    Right.MANAGE_PEOPLE: Role.ADMIN,
    Right.MAP_ROLES: Role.ADMIN,
    Right.ALLOW_CHATS: Role.ADMIN,
    Right.CHANGE_SETTINGS: Role.ADMIN,
    Right.APPROVE: Role.ADMIN,
    Right.SEE_AUDIT: Role.ADMIN,
    Right.ADMINISTER: Role.ADMIN,
}


# What a role gives that comes with a place by itself: to change the chat, never a watchlist that it is shown.
OF_THE_PLACE = frozenset({Right.SUBSCRIBE, Right.MUTE})


class ChatMode(StrEnum):
    """The setting `allow_chats`: which chats the bot answers and alerts."""

    ANYONE = "anyone"
    LISTED = "listed"


@dataclass(frozen=True, slots=True)
class Decision:
    """`reason` is a clause fit for a person: "you are an admin of the whole bot"."""

    allowed: bool
    reason: str


def find_grants(
    user: User,
    stored: Sequence[Grant],
    chat: Chat,
    *,
    is_chat_admin: bool = False,
    is_anonymous: bool = False,
    mapped: Role | None = None,
) -> tuple[Grant, ...]:
    """All grants that hold for a person in a chat. `stored` may be everybody's; `mapped` is the role of the chat's own
    administrators, if it was set. Who speaks in the name of a chat has at most what its administrators have there."""
    own = () if is_anonymous else tuple(grant for grant in stored if is_same(grant.user, user))
    here = Scope.of_chat(chat.key)
    if chat.key.platform in LOCAL or chat.kind is ChatKind.PRIVATE:
        return (*own, Grant(user, Role.EDITOR, here, why="this is your own chat", is_given=False))
    if is_chat_admin:
        role, is_given = mapped or CHAT_ADMINS, mapped is not None
        return (*own, Grant(user, role, here, why="you administer this chat", is_given=is_given))
    return own


def is_same(one: User, other: User) -> bool:
    """By platform and id: names can be changed."""
    return (one.platform, one.id) == (other.platform, other.id)


def find_best(grants: Sequence[Grant], scopes: Sequence[Scope]) -> Grant | None:
    """The highest grant that holds for one of the scopes."""
    fitting = [grant for grant in grants if grant.scope == WHOLE_BOT or grant.scope in scopes]
    return max(fitting, key=lambda grant: grant.role.rank, default=None)


def may(grants: Sequence[Grant], right: Right, *scopes: Scope) -> Decision:
    """Whether one of the grants gives the right for one of the scopes; none named: for the whole bot."""
    least = LEAST[right]
    if least is None:
        return Decision(True, "anybody may")
    best = find_best([grant for grant in grants if grant.is_given or right in OF_THE_PLACE], scopes)
    if best and best.role.rank >= least.rank:
        return Decision(True, told_grant(best))
    where = told_scope(scopes[0] if scopes else WHOLE_BOT)
    return Decision(False, f"that needs the role {least} for {where}; {_told_lack(best)}")


def decide_role(
    grants: Sequence[Grant], everybody: Sequence[Grant], actor: User, user: User, role: Role | None, scope: Scope
) -> Decision:
    """May `actor`, whose grants are `grants`, give `user` this role for this scope (None: take away what there is)?
    `everybody` are all grants that are stored. Nobody gives or takes more than they have, and the bot never is without
    an owner or an admin."""
    before = next((one.role for one in everybody if is_same(one.user, user) and one.scope == scope), None)
    best = find_best(grants, [scope])
    own = best.role.rank if best else -1
    most = max((one.rank for one in (before, role) if one), default=-1)
    steps_down = is_same(actor, user) and (role is None or (before is not None and role.rank <= before.rank))
    if role is Role.OWNER and scope != WHOLE_BOT:
        return Decision(False, "an owner is one of the whole bot, never of a part of it")
    if not steps_down and own < Role.ADMIN.rank:
        return Decision(False, f"that needs the role admin for {told_scope(scope)}; {_told_lack(best)}")
    if not steps_down and own < most:
        return Decision(False, f"nobody gives or takes more than they have, and {_told_lack(best)}")
    return _keeps_a_head(everybody, before, role, scope)


def _keeps_a_head(everybody: Sequence[Grant], before: Role | None, role: Role | None, scope: Scope) -> Decision:
    """Whether somebody is left who can give roles."""
    heads = [one.role for one in everybody if one.scope == WHOLE_BOT and one.role.rank >= Role.ADMIN.rank]
    is_owner_no_more = before is Role.OWNER and role is not Role.OWNER
    if scope == WHOLE_BOT and is_owner_no_more and heads.count(Role.OWNER) == 1:
        return Decision(False, "that is the only owner: make another one first")
    lowered = before in heads and (role is None or role.rank < Role.ADMIN.rank)
    if scope == WHOLE_BOT and lowered and len(heads) == 1:
        return Decision(False, "that is the only admin: appoint another first")
    return Decision(True, "it is no more than you have yourself")


def decide_mapping(grants: Sequence[Grant], role: Role, scope: Scope) -> Decision:
    """May somebody with these grants have the platform's administrators of a chat be `role` there?"""
    if role is Role.OWNER:
        return Decision(False, "an owner is a person, and one of the whole bot")
    allowed = may(grants, Right.MAP_ROLES, scope)
    best = find_best(grants, [scope])
    if allowed.allowed and best and best.role.rank < role.rank:
        return Decision(False, f"nobody gives more than they have, and {_told_lack(best)}")
    return allowed


def decide_chat(
    mode: ChatMode, chat: Chat, stored: Sequence[Grant], *, is_listed: bool, is_admin_command: bool = False
) -> Decision:
    """Does the bot answer here? `stored`: the grants that somebody gave the person who speaks. Where only listed chats
    may talk to it, admins can allow a chat from within, and whoever has a role may write to it in private."""
    if mode is ChatMode.ANYONE:
        return Decision(True, "any chat may talk to this bot")
    if chat.key.platform in LOCAL:
        return Decision(True, "it is this machine")
    if is_listed:
        return Decision(True, "the chat is on the list of those allowed")
    if chat.kind is ChatKind.PRIVATE and stored:
        return Decision(True, "it is the chat of somebody with a role")
    if is_admin_command and may(stored, Right.ALLOW_CHATS).allowed:
        return Decision(True, "an admin of the bot speaks")
    return Decision(False, "this bot answers only in chats that its admins have allowed, and this is none of them")


def told_scope(scope: Scope) -> str:
    """'the whole bot', 'chat telegram:-100', 'the watchlist main'."""
    match scope.kind:
        case ScopeKind.BOT:
            return "the whole bot"
        case ScopeKind.CHAT:
            return f"chat {scope.key}"
        case ScopeKind.WATCHLIST:
            return f"the watchlist {scope.key}"


def told_grant(grant: Grant) -> str:
    """'you are an admin of the whole bot'; for a grant that comes with the place 'this is your own chat'."""
    return grant.why or f"you are {with_article(grant.role)} of {told_scope(grant.scope)}"


def with_article(role: Role) -> str:
    """'an editor', 'a reader'."""
    return f"{'a' if role is Role.READER else 'an'} {role}"


def _told_lack(best: Grant | None) -> str:
    return f"there you are {with_article(best.role)}" if best else "there you have no role"
