"""What is kept of a chat and of a person, deleted at their wish. The log of changes stays whole."""

from __future__ import annotations

from bot.model import ChatKey, User
from bot.storage import tables as t
from bot.storage.columns import of_whole_chat
from bot.storage.statements import Statements

_OF_CHATS = (
    t.subscriptions, t.chat_routes, t.mutes, t.held_alerts, t.digest_slots, t.acknowledgements, t.look_alikes,
)  # fmt: skip
_NAMED_IN = (t.mutes, t.acknowledgements, t.look_alikes)


class Forgetting(Statements):
    def forget_chat(self, chat: ChatKey, reason: str) -> None:
        """With its topics. Its rows stay without a name, and stopped: what is on its way there is not sent. Which
        watchlists it may see, whether it may talk to the bot, and its receipts stay too: the first two are its
        admins' matter, the last go with their events."""
        for table in _OF_CHATS:
            self._delete(table, of_whole_chat(table, chat))
        self._delete(t.settings, t.settings.c.key == topics_setting(chat))
        self._update(t.chats, of_whole_chat(t.chats, chat), title="", stopped_reason=reason)

    def forget_person(self, user: User) -> None:
        """What they said of alerts goes; their name goes where others go on relying on what they did."""
        self._delete(t.feedback, t.feedback.c.user_platform == user.platform, t.feedback.c.user_id == user.id)
        for table in _NAMED_IN:
            theirs = (table.c.user_platform == user.platform) & (table.c.user_id == user.id)
            self._update(table, theirs, user_name="")


def topics_setting(chat: ChatKey) -> str:
    """A setting: the names of a group's topics."""
    return f"topics:{chat.platform}:{chat.id}"
