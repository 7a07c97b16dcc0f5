"""For what a role holds, as people write it and read it: 'for chat here', 'for watchlist main', ' in chat Desk'."""

from __future__ import annotations

import re

from bot.commands.asking import Ask, cmd
from bot.commands.phrases import chat_name
from bot.commands.seeing import named_watchlists
from bot.counted import joined, shortened
from bot.errors import CommandError
from bot.model import WHOLE_BOT, Chat, ChatKey, ChatKind, Role, Scope, ScopeKind
from bot.ports import Records
from bot.rights import LOCAL

HERE = frozenset({"here", "this", "this chat", "chat here", "chat this"})
_WHOLE = frozenset({"bot", "the bot", "whole bot", "the whole bot", "everything"})


def read_scope(words: str, ask: Ask, records: Records) -> Scope:
    """'here', 'chat telegram:-100', 'chat Desk', 'watchlist main', 'bot'. Raises CommandError."""
    told = " ".join(words.split())
    folded = told.casefold()
    if folded in _WHOLE:
        return WHOLE_BOT
    if folded in HERE:
        return Scope.of_chat(shared_chat(ask).key)
    kind, _, name = told.partition(" ")
    if kind.casefold() == "chat" and name:
        return Scope.of_chat(find_chat(name, ask, records))
    if kind.casefold() == "watchlist" and name:
        return Scope.of_watchlist(_watchlist(name, ask, records))
    raise CommandError(
        f"“{shortened(told, 40)}” is nothing that a role can be for: write for chat here, for chat ID, "
        "for watchlist NAME, or nothing for the whole bot."
    )


def shared_chat(ask: Ask) -> Chat:
    """The chat in which this was sent, if several people share it. Raises CommandError."""
    chat = ask.request.chat
    if chat.kind is ChatKind.PRIVATE or chat.key.platform in LOCAL:
        raise CommandError("“Here” is your own chat: send that in the group or channel that you mean, or name its id.")
    return chat


def find_chat(words: str, ask: Ask, records: Records) -> ChatKey:
    """A chat by 'here', id or title, without its topic; one that is not known by id alone. By title only where the
    asker has a say: of other chats nobody is told whether there are any. Raises CommandError."""
    if words.casefold() in HERE:
        return shared_chat(ask).key.whole
    words = words.removeprefix("#")  # as channels are called in Slack
    known = [chat for chat in records.chats() if chat.title.casefold() == words.casefold()]
    titled = {chat.key.whole for chat in known if _has_say(ask, records, chat.key)}
    if len(titled) == 1:
        return titled.pop()
    if match := re.fullmatch(r"(?:(telegram|slack):)?(-?\d{1,20}|[A-Z][A-Z0-9]{2,30})(?::\d+)?", words):
        return ChatKey(match[1] or ("slack" if match[2][0].isalpha() else "telegram"), match[2])
    several = f" {len(titled)} chats have that title." if titled else ""
    raise CommandError(
        f"There is no one chat “{shortened(words, 60)}” where you have a role.{several} Name it by its id, as "
        f"telegram:-1001234 or slack:C0123; {cmd('role')} sent there shows it."
    )


def _has_say(ask: Ask, records: Records, key: ChatKey) -> bool:
    user, here = ask.request.user, ask.request.chat.key
    own = ((user.platform, user.id), (here.platform, here.id))
    return (key.platform, key.id) in own or ask.has_role(records, Role.EDITOR, Scope.of_chat(key))


def _watchlist(name: str, ask: Ask, records: Records) -> str:
    known = {watchlist.key for watchlist in named_watchlists(ask, records)}
    found = next((key for key in sorted(known) if key.casefold() == name.casefold()), None)
    if found is None:
        raise CommandError(f"You may see no watchlist “{shortened(name, 40)}”. There are: {joined(sorted(known))}.")
    return found


def told_where(scope: Scope, records: Records) -> str:
    """'' for the whole bot, ' in chat Desk (telegram)', ' of the watchlist main'."""
    match scope.kind:
        case ScopeKind.BOT:
            return ""
        case ScopeKind.WATCHLIST:
            return f" of the watchlist {scope.key}"
        case ScopeKind.CHAT:
            chats = {chat.key: chat for chat in records.chats() if not chat.key.thread}
            platform, _, chat_id = scope.key.partition(":")
            return f" in chat {chat_name(ChatKey(platform, chat_id), chats)}"


_MEANING = {
    ScopeKind.BOT: {
        Role.READER: "to see every watchlist, and to write to the bot in private",
        Role.EDITOR: "what readers may, and in every chat to change the watchlists, what is told, and who is muted",
        Role.ADMIN: "what editors may, and to appoint, invite and dismiss people, allow chats, approve what removes "
        "many names, and see who changed what",
        Role.OWNER: "all that there is, also to make owners and to dismiss admins",
    },
    ScopeKind.CHAT: {
        Role.READER: "to see, in that chat, the watchlists that were given to it; nothing elsewhere",
        Role.EDITOR: "in that chat alone, to change what it is told, who is muted there, and the watchlists that were "
        "given to it",
        Role.ADMIN: "what its editors may, and to appoint and invite others for that chat alone",
    },
    ScopeKind.WATCHLIST: {
        Role.READER: "to see that watchlist, in chats that see it; no other",
        Role.EDITOR: "to change that watchlist, from chats that see it; no other",
        Role.ADMIN: "what its editors may, and to appoint and invite others for that watchlist alone",
    },
}


def told_meaning(role: Role, scope: Scope) -> str:
    """What a role lets somebody do: completes 'That is: '."""
    return _MEANING[scope.kind][role]  # an owner is one of the whole bot: `rights.decide_role`


def scope_words(scope: Scope) -> str:
    """What stands behind a command that means this scope: '', ' for chat telegram:-5', ' for watchlist main'."""
    return "" if scope == WHOLE_BOT else f" for {scope.kind} {scope.key}"
