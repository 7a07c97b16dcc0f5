"""The chat platforms: each carries requests in and messages out, and decides nothing. What they share is small."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from bot.model import Chat, ChatKey, User

UPLOAD_BYTES = 20_000_000
"""The largest file that people may send, unless it is set otherwise."""

OnChat = Callable[[Chat], Awaitable[None]]
"""The bot was added to a chat, or let back in."""

OnChatGone = Callable[[Chat, str], Awaitable[None]]
"""The bot can no longer post in a chat (with all its topics): the chat, and why in a person's words."""

OnTopic = Callable[[ChatKey, str, bool], Awaitable[None]]
"""What a topic of a Telegram group is called, and whether that is its name now or the one that it began with."""

OnChatMoved = Callable[[ChatKey, str], Awaitable[None]]
"""A Telegram group became a supergroup: its old key, its new id. May be told twice."""


Knows = Callable[[User], Awaitable[bool]]
"""Whether somebody may ask outside of the bot's chats."""

Takes = Callable[[str], bool]
"""Whether a word is one of our commands, or so near to one that it is meant: in a group others' are heard too."""


@dataclass(frozen=True, slots=True)
class CommandSpec:
    """A command as a platform's menu shows it."""

    name: str
    summary: str
    admin: bool = False
