"""Columns that many tables have, to values and back: chats, people, digests of addresses."""

from __future__ import annotations

from hashlib import blake2b

import sqlalchemy as sa

from bot.links import normalise_link
from bot.model import ChatKey, User
from bot.storage import tables as t
from bot.storage.statements import Row

CHAT_COLUMNS = ("platform", "chat_id", "thread")


def chat_values(chat: ChatKey) -> dict[str, str]:
    return dict(zip(CHAT_COLUMNS, (chat.platform, chat.id, chat.thread), strict=True))


def of_chat(table: sa.Table, chat: ChatKey) -> sa.ColumnElement[bool]:
    return sa.and_(*(table.c[name] == value for name, value in chat_values(chat).items()))


def of_whole_chat(table: sa.Table, chat: ChatKey) -> sa.ColumnElement[bool]:
    """With all its topics."""
    return (table.c.platform == chat.platform) & (table.c.chat_id == chat.id)


def chat_key_of(row: Row) -> ChatKey:
    return ChatKey(row.platform, row.chat_id, row.thread)


def user_of(row: Row) -> User:
    return User(row.user_platform, row.user_id, row.user_name)


def url_digest(url: str) -> str:
    """Equal for addresses that lead to the same page."""
    return digest_of(normalise_link(t.clean(url)) or url)


def digest_of(*parts: str) -> str:
    """A key for texts that are too long for one."""
    return blake2b("\n".join(map(t.clean, parts)).encode(), digest_size=16).hexdigest()
