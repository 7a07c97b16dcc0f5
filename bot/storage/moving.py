"""Chats that get another id: all that is kept of them moves along."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import sqlalchemy as sa

from bot.model import ChatKey
from bot.storage import tables as t
from bot.storage.chats import Chats
from bot.storage.columns import of_whole_chat
from bot.storage.people import People
from bot.storage.routes import Routes

# The tables that name a chat, and by what, beside the chat itself, a row of it may stand only once (None: by nothing).
OF_CHATS: Mapping[sa.Table, tuple[str, ...] | None] = {
    t.chats: ("thread",),
    t.subscriptions: ("thread", "kind", "value"),
    t.chat_watchlists: ("thread", "watchlist"),
    t.sent_alerts: ("thread", "event"),
    t.deliveries: ("thread", "event", "kind", "revision"),
    t.posts: None,
    t.feedback: None,
    t.look_alikes: None,
    t.role_mappings: (),
    t.allowed_chats: (),
    t.chat_routes: ("thread",),
    t.digest_slots: ("thread",),
    t.acknowledgements: ("thread", "event"),
    t.held_alerts: ("thread", "event", "kind", "revision"),
    t.mutes: None,
    t.notices: None,
}


class Moving(Chats, People, Routes):
    def move_chat(self, old: ChatKey, new_id: str) -> None:
        """All topics of the chat move with it. Where the new chat has the same already, that stays."""
        if new_id == old.id:
            return
        if self._number(t.chats, of_whole_chat(t.chats, old)):
            self.save_setting(_moved(old.platform, new_id), None)  # if it ever had another id, it is this one again
            self.save_setting(_moved(old.platform, old.id), new_id)
        for table, unique in OF_CHATS.items():
            self._move(table, unique, old, new_id)
        self.move_grants(old, new_id)
        self.move_routes(old, new_id)
        moved_message = (t.sent_alerts.c.platform == old.platform) & (t.sent_alerts.c.message_chat_id == old.id)
        self._update(t.sent_alerts, moved_message, message_chat_id=new_id)

    def present_chat(self, chat: ChatKey) -> ChatKey:
        while new_id := self.setting(_moved(chat.platform, chat.id)):
            chat = replace(chat, id=new_id)
        return chat

    def _move(self, table: sa.Table, unique: Sequence[str] | None, old: ChatKey, new_id: str) -> None:
        here = of_whole_chat(table, old)
        if unique is not None:
            there = table.alias()
            same = (there.c[name] == table.c[name] for name in unique)
            taken = sa.exists().where(there.c.platform == old.platform, there.c.chat_id == new_id, *same)
            self._delete(table, here & taken)
        self._update(table, here, chat_id=new_id)


def _moved(platform: str, chat_id: str) -> str:
    """A setting: the id that a chat has since."""
    return f"moved:{platform}:{chat_id}"
