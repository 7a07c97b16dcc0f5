"""Chats, what each is subscribed to, and settings."""

from __future__ import annotations

import json
from collections.abc import Mapping

import sqlalchemy as sa

from bot.model import Chat, ChatKey, ChatKind, Subscription, SubscriptionKind
from bot.storage import tables as t
from bot.storage.columns import CHAT_COLUMNS, chat_key_of, chat_values
from bot.storage.forgetting import topics_setting
from bot.storage.routes import dump_filters, load_filters
from bot.storage.statements import Row, Statements

MOST_TOPICS = 500  # of a group whose names are kept, the newest
SUBSCRIPTION_ORDER = (*CHAT_COLUMNS, "kind", "value")


class Chats(Statements):
    def chats(self) -> tuple[Chat, ...]:
        order = (t.chats.c.platform, t.chats.c.chat_id, t.chats.c.thread)
        return tuple(chat_of(row) for row in self._all(sa.select(t.chats).order_by(*order)))

    def chat(self, key: ChatKey) -> Chat | None:
        return next(map(chat_of, self._where(t.chats, **chat_values(key))), None)

    def save_chat(self, chat: Chat) -> None:
        said = {"kind": chat.kind.value, "title": chat.title, "stopped_reason": chat.stopped_reason}
        self._upsert(t.chats, {**chat_values(chat.key), **said})

    def subscriptions(self, chat: ChatKey | None = None) -> tuple[Subscription, ...]:
        rows = self._where(t.subscriptions, *SUBSCRIPTION_ORDER, **(chat_values(chat) if chat else {}))
        return tuple(map(subscription_of, rows))

    def add_subscription(self, subscription: Subscription) -> bool:
        """False if the chat has it already."""
        made = {"created_at": subscription.created_at, "created_by": subscription.created_by}
        row = {**_subscription_key(subscription), **made, "filters": dump_filters(subscription.filters)}
        return self._insert_if_new(t.subscriptions, row)

    def remove_subscription(self, subscription: Subscription) -> bool:
        """False if the chat does not have it."""
        key = _subscription_key(subscription)
        return bool(self._delete(t.subscriptions, *(t.subscriptions.c[name] == value for name, value in key.items())))

    def setting(self, key: str) -> str | None:
        return self.connection.scalar(sa.select(t.settings.c.value).where(t.settings.c.key == key))

    def save_setting(self, key: str, value: str | None) -> None:
        """None forgets it."""
        if value is None:
            self._delete(t.settings, t.settings.c.key == key)
        else:
            self._upsert(t.settings, {"key": key, "value": value})

    def topics(self, chat: ChatKey) -> Mapping[str, str]:
        return dict(json.loads(self.setting(topics_setting(chat)) or "{}"))

    def save_topic(self, topic: ChatKey, name: str, *, is_now: bool) -> None:
        known = self.topics(topic)
        if name and known.get(topic.thread) != name and (is_now or topic.thread not in known):
            names = {**known, topic.thread: name}
            kept = dict(list(names.items())[-MOST_TOPICS:])
            self.save_setting(topics_setting(topic), json.dumps(kept, ensure_ascii=False))


def _subscription_key(subscription: Subscription) -> dict[str, str]:
    return {**chat_values(subscription.chat), "kind": subscription.kind.value, "value": subscription.value}


def chat_of(row: Row) -> Chat:
    return Chat(chat_key_of(row), ChatKind(row.kind), row.title, row.stopped_reason)


def subscription_of(row: Row) -> Subscription:
    made = (row.created_at, row.created_by)
    return Subscription(chat_key_of(row), SubscriptionKind(row.kind), row.value, *made, load_filters(row.filters))
