"""Chats that get another id: all that is kept of them moves along."""

from __future__ import annotations

from dataclasses import replace

import sqlalchemy as sa

from bot.model import ChatKey
from bot.storage import tables as t
from bot.storage.chats import Chats
from bot.storage.people import People
from bot.storage.routes import Routes

# What may stand only once for a chat, beside the chat itself.
_UNIQUE = {
    "chats": ("thread",),
    "subscriptions": ("thread", "kind", "value"),
    "chat_watchlists": ("thread", "watchlist"),
    "sent_alerts": ("thread", "event"),
    "deliveries": ("thread", "event", "kind", "revision"),
}


class Moving(Chats, People, Routes):
    def move_chat(self, old: ChatKey, new_id: str) -> None:
        """All topics of the chat move with it. Where the new chat has the same already, that stays."""
        if new_id == old.id:
            return
        if self._number(t.chats, (t.chats.c.platform == old.platform) & (t.chats.c.chat_id == old.id)):
            self.save_setting(_moved(old.platform, new_id), None)  # if it ever had another id, it is this one again
            self.save_setting(_moved(old.platform, old.id), new_id)
        for table in (
            t.chats,
            t.subscriptions,
            t.chat_watchlists,
            t.sent_alerts,
            t.deliveries,
            t.posts,
            t.feedback,
            t.look_alikes,
        ):
            self._move(table, old, new_id)
        self.move_people(old, new_id)
        self.move_routes(old, new_id)
        moved_message = (t.sent_alerts.c.platform == old.platform) & (t.sent_alerts.c.message_chat_id == old.id)
        self._update(t.sent_alerts, moved_message, message_chat_id=new_id)

    def present_chat(self, chat: ChatKey) -> ChatKey:
        while new_id := self.setting(_moved(chat.platform, chat.id)):
            chat = replace(chat, id=new_id)
        return chat

    def _move(self, table: sa.Table, old: ChatKey, new_id: str) -> None:
        there = table.alias()
        same = [there.c[name] == table.c[name] for name in _UNIQUE.get(table.name, ())]
        taken = sa.exists().where(there.c.platform == old.platform, there.c.chat_id == new_id, *same)
        here = (table.c.platform == old.platform) & (table.c.chat_id == old.id)
        if same:
            self._delete(table, here & taken)
        self._update(table, here, chat_id=new_id)


def _moved(platform: str, chat_id: str) -> str:
    """A setting: the id that a chat has since."""
    return f"moved:{platform}:{chat_id}"
