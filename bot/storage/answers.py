"""What the messages that are due need of their own, read for all of them at once."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from typing import Any

import sqlalchemy as sa

from bot.model import ChatRoutes
from bot.storage import tables as t
from bot.storage.chats import SUBSCRIPTION_ORDER, Chats, chat_of, subscription_of
from bot.storage.columns import CHAT_COLUMNS, chat_key_of
from bot.storage.feedback import FEEDBACK_ORDER, FeedbackRows, feedback_of
from bot.storage.outbox import delivery_of
from bot.storage.receipts import Receipts, sent_alert_of
from bot.storage.routes import acknowledgement_of
from bot.storage.serial import load
from bot.storage.watchlists import Watchlists

_DELIVERIES_AT = sa.select(t.deliveries).where(t.deliveries.c.id.in_(sa.bindparam("ids", expanding=True)))


class Answers(Chats, FeedbackRows, Receipts, Watchlists):
    def outbox_answers(self, delivery_ids: Sequence[int]) -> Mapping[tuple[Hashable, ...], object]:
        rows = [delivery_of(row) for row in self.connection.execute(_DELIVERIES_AT, {"ids": list(delivery_ids)})]
        chats = [row.chat for row in rows]
        at_chats = [(chat.platform, chat.id, chat.thread) for chat in chats]
        at_events = [(row.event, *at) for row, at in zip(rows, at_chats, strict=True)]
        found: dict[tuple[Hashable, ...], Any] = {("delivery", number): None for number in delivery_ids}
        found |= {("delivery", row.id): row for row in rows}

        found |= {("chat", chat): None for chat in chats}
        found |= {("chat", chat.key): chat for chat in map(chat_of, self._at(t.chats, CHAT_COLUMNS, at_chats))}
        found |= {("subscriptions", chat): () for chat in chats}
        for row in self._at(t.subscriptions, CHAT_COLUMNS, at_chats, *SUBSCRIPTION_ORDER):
            found["subscriptions", chat_key_of(row)] += (subscription_of(row),)
        given = self.chat_watchlists(chats)
        found |= {("chat_watchlists", (chat,)): given for chat in chats}
        found |= {("routes_of", chat): ChatRoutes(chat) for chat in chats}
        for row in self._at(t.chat_routes, CHAT_COLUMNS, at_chats):
            found["routes_of", chat_key_of(row)] = load(ChatRoutes, row.value)

        own = ("event", *CHAT_COLUMNS)
        found |= {(name, row.event, row.chat): None for row in rows for name in ("sent_alert", "acknowledgement")}
        for row in self._at(t.sent_alerts, own, at_events):
            found["sent_alert", row.event, chat_key_of(row)] = sent_alert_of(row)
        for row in self._at(t.acknowledgements, own, at_events):
            found["acknowledgement", row.event, chat_key_of(row)] = acknowledgement_of(row)
        found |= {("feedback_of", row.event, row.chat): () for row in rows}
        for row in self._at(t.feedback, own, at_events, *FEEDBACK_ORDER):
            if row.undone_at is None:
                found["feedback_of", row.event, chat_key_of(row)] += (feedback_of(row),)
        return found
