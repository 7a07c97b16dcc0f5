"""How deliveries ended, and the messages that were sent: one of each event in each chat."""

from __future__ import annotations

from datetime import datetime
from functools import cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from bot.errors import StoreError
from bot.model import ChatKey, Delivery, DeliveryKind, DeliveryState, Receipt
from bot.ports import SentAlert
from bot.storage import tables as t
from bot.storage.columns import chat_key_of, chat_values
from bot.storage.outbox import UNSETTLED, OutboxRows, delivery_of
from bot.storage.pace import Pace
from bot.storage.routes import Routes
from bot.storage.statements import Row

# Made once: every message runs them.
_SETTLE = sa.update(t.deliveries).where(t.deliveries.c.id == sa.bindparam("which"))
_SENT_VALUES = (
    "message_id",
    "message_chat_id",
    "message_thread",
    "revision",
    "content_hash",
    "sent_at",
    "edited_at",
)


class Receipts(OutboxRows, Routes, Pace):
    def delivery(self, delivery_id: int) -> Delivery | None:
        return next(map(delivery_of, self._where(t.deliveries, id=delivery_id)), None)

    def deliveries(self, *states: DeliveryState, limit: int = 100) -> tuple[Delivery, ...]:
        """Those in these states (no states: all), oldest first."""
        query = sa.select(t.deliveries).order_by(t.deliveries.c.id).limit(limit)
        if states:
            query = query.where(t.deliveries.c.state.in_([state.value for state in states]))
        return tuple(delivery_of(row) for row in self._all(query))

    def settle_delivery(
        self, delivery_id: int, state: DeliveryState, now: datetime, reason: str = "", unsure: int | None = None
    ) -> None:
        values: dict[str, Any] = {"state": state.value, "settled_at": None if state in UNSETTLED else now}
        values |= {"reason": reason, "next_try_at": None} | ({} if unsure is None else {"unsure": unsure})
        if not self.connection.execute(_SETTLE, {"which": delivery_id, **values}).rowcount:
            raise StoreError(f"there is no delivery {delivery_id} to settle")

    def settle_sent(
        self, delivery_id: int, sent: SentAlert | None, unsure: int, now: datetime, chat: ChatKey, free_at: datetime
    ) -> None:
        settled = {"state": DeliveryState.SENT.value, "settled_at": now, "reason": "", "next_try_at": None}
        with self._together():
            self.connection.execute(_SETTLE, {"which": delivery_id, **settled, "unsure": unsure})
            if sent:
                self.connection.execute(_keep_sent(self._is_sqlite), {"which": delivery_id, **_sent_values(sent)})
            self.block_gate(chat, free_at)

    def save_sent(self, event: str, chat: ChatKey, sent: SentAlert) -> None:
        self._upsert(t.sent_alerts, {"event": event, **chat_values(chat), **_sent_values(sent)})

    def sent_alert(self, event: str, chat: ChatKey) -> SentAlert | None:
        return next(map(sent_alert_of, self._where(t.sent_alerts, event=event, **chat_values(chat))), None)

    def chats_told(self, event: str) -> tuple[ChatKey, ...]:
        # sent_alerts too: an outbox row is forgotten before its event is
        d, sent = t.deliveries.c, t.sent_alerts.c
        told = (*UNSETTLED, DeliveryState.SENT)
        due = sa.select(d.platform, d.chat_id, d.thread).where(
            d.event == event, d.kind == DeliveryKind.ALERT.value, d.state.in_([state.value for state in told])
        )
        query = due.union(sa.select(sent.platform, sent.chat_id, sent.thread).where(sent.event == event))
        return tuple(chat_key_of(row) for row in sorted(self._all(query), key=tuple))

    def adopt_alerts(self, event: str, gone: str) -> None:
        self.adopt_routes(event, gone)
        c = t.sent_alerts.c
        told = sa.select(c.platform, c.chat_id, c.thread).where(c.event == event)
        fresh = sa.tuple_(c.platform, c.chat_id, c.thread).not_in(told)
        self.connection.execute(sa.update(t.sent_alerts).where(c.event == gone, fresh).values(event=event))


@cache
def _keep_sent(is_sqlite: bool) -> sqlite.Insert | postgresql.Insert:
    """The message of a delivery, where its event and chat are as they stand in its row."""
    d, sent = t.deliveries.c, t.sent_alerts
    own = [d.event, d.platform, d.chat_id, d.thread]
    given = [sa.bindparam(name, type_=sent.c[name].type) for name in _SENT_VALUES]
    kept = sa.select(*own, *given).where(d.id == sa.bindparam("which"))
    insert = (sqlite.insert if is_sqlite else postgresql.insert)(sent)
    insert = insert.from_select([*(column.name for column in own), *_SENT_VALUES], kept)
    keys = [column.name for column in sent.primary_key]
    return insert.on_conflict_do_update(
        index_elements=keys, set_={name: insert.excluded[name] for name in _SENT_VALUES}
    )


def _sent_values(sent: SentAlert) -> dict[str, Any]:
    receipt = sent.receipt
    where = (receipt.message_id, receipt.chat.id, receipt.chat.thread)
    given = (*where, sent.revision, sent.content_hash, sent.sent_at, sent.edited_at)
    return dict(zip(_SENT_VALUES, given, strict=True))


def sent_alert_of(row: Row) -> SentAlert:
    receipt = Receipt(ChatKey(row.platform, row.message_chat_id, row.message_thread), row.message_id)
    return SentAlert(receipt, row.revision, row.content_hash, row.sent_at, row.edited_at)
