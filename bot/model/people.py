"""Who speaks to the bot, and what they may do."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from bot.model.chats import ChatKey


@dataclass(frozen=True, slots=True)
class User:
    """Who speaks to the bot: rights are kept by platform and id, never by name."""

    platform: str
    id: str
    name: str = ""

    def __str__(self) -> str:
        return f"{self.platform}:{self.id}"

    @property
    def called(self) -> str:
        """'Ana', or 'telegram:7' of whom no name is known."""
        return self.name or str(self)


class Role(StrEnum):
    """What a person is to the bot, the least first: each may do all that those before may (`bot.rights`)."""

    READER = "reader"
    EDITOR = "editor"
    ADMIN = "admin"
    OWNER = "owner"

    @property
    def rank(self) -> int:
        return list(Role).index(self)


class ScopeKind(StrEnum):
    BOT = "bot"
    CHAT = "chat"
    WATCHLIST = "watchlist"


@dataclass(frozen=True, slots=True)
class Scope:
    """For what a role holds: the whole bot, one chat with all its topics, one watchlist."""

    kind: ScopeKind
    key: str = ""  # "telegram:-1001234", "main"; empty for the whole bot

    @classmethod
    def of_chat(cls, chat: ChatKey) -> Scope:
        return cls(ScopeKind.CHAT, f"{chat.platform}:{chat.id}")

    @classmethod
    def of_watchlist(cls, key: str) -> Scope:
        return cls(ScopeKind.WATCHLIST, key)

    @classmethod
    def read(cls, text: str) -> Scope:
        """What `str` wrote: 'bot', 'chat:telegram:-100', 'watchlist:main'. Raises ValueError."""
        kind, _, key = text.partition(":")
        return cls(ScopeKind(kind), key)

    def __str__(self) -> str:
        return f"{self.kind}:{self.key}" if self.key else str(self.kind)


WHOLE_BOT = Scope(ScopeKind.BOT)


@dataclass(frozen=True, slots=True)
class Grant:
    """Somebody has a role. `by` is who gave it. One that comes with a place tells so in `why` ("this is your own
    chat"), and `is_given` tells whether somebody said so or it is so by itself."""

    user: User
    role: Role
    scope: Scope = WHOLE_BOT
    by: str = ""
    at: datetime | None = None
    why: str = ""
    is_given: bool = True


@dataclass(frozen=True, slots=True)
class Invitation:
    """A role for whoever shows a token, once. The token itself is kept nowhere, only its digest."""

    role: Role
    scope: Scope
    by: User
    made_at: datetime
    expires_at: datetime
    used_at: datetime | None = None
    used_by: User | None = None
    revoked_at: datetime | None = None
    revoked_by: str = ""
    id: int = 0  # the number in /invite list; 0 while it is not stored


@dataclass(frozen=True, slots=True)
class AllowedChat:
    """A chat that may talk to the bot where only listed ones may. With `holder`: as long as that person has a role."""

    chat: ChatKey  # without a topic
    title: str
    by: str
    at: datetime
    holder: User | None = None
