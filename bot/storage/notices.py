"""Notices: messages that are no event's own, between their first try and their end, and as their chats have them."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from bot.model import ChatKey, DeliveryState, Message, Notice, NoticeKind, Receipt
from bot.ports import SentNotice
from bot.storage import tables as t
from bot.storage.columns import chat_key_of, chat_values, of_chat
from bot.storage.serial import dump, load
from bot.storage.statements import Row, Statements

_UNSETTLED = (DeliveryState.WAITING.value, DeliveryState.SENDING.value)


class NoticeRows(Statements):
    def add_notice(self, notice: Notice) -> bool:
        row = {
            "key": notice.key,
            "kind": notice.kind.value,
            **chat_values(notice.chat),
            "value": dump(notice.message),
            "events": " ".join(notice.events),
            "state": DeliveryState.WAITING.value,
            "created_at": notice.created_at,
            "tries": 0,
            "note": "",
            "mark": notice.mark,
            "origin": dump(notice.origin) if notice.origin else "",
        }
        is_new = self._insert_if_new(t.notices, row)
        for event in notice.events if is_new else ():
            self._insert_if_new(t.notice_events, {"event": event, "key": notice.key})
        return is_new

    def notice(self, key: str) -> Notice | None:
        return self._notice(t.notices.c.key == key)

    def open_notice(self, key: str) -> Notice | None:
        return self._notice(t.notices.c.key == key, t.notices.c.state.in_(_UNSETTLED))

    def claim_notice(self, key: str) -> Notice | None:
        c = t.notices.c
        which = (c.key == key) & c.state.in_(_UNSETTLED)
        return self._change(which, state=DeliveryState.SENDING.value, tries=c.tries + 1)

    def settle_notice(
        self, key: str, state: DeliveryState, now: datetime, note: str = "", sent: SentNotice | None = None
    ) -> None:
        values = {"state": state.value, "settled_at": now, "note": note} | (_sent(sent, now) if sent else {})
        self._update(t.notices, t.notices.c.key == key, **values)
        if state is DeliveryState.SKIPPED:
            self._update(t.held_alerts, t.held_alerts.c.told_in == key, told_at=None, told_in="")

    def save_notice_edit(self, key: str, sent: SentNotice, now: datetime) -> None:
        self._update(t.notices, t.notices.c.key == key, **_sent(sent, now))

    def renew_notice(self, mark: str) -> Notice | None:
        dead = (t.notices.c.mark == mark) & (t.notices.c.state == DeliveryState.DEAD.value)
        return self._change(dead, state=DeliveryState.WAITING.value, tries=0, settled_at=None, note="")

    def drop_notice(self, mark: str, now: datetime, why: str) -> Notice | None:
        open_ = [DeliveryState.DEAD.value, DeliveryState.WAITING.value]
        which = (t.notices.c.mark == mark) & t.notices.c.state.in_(open_)
        return self._change(which, state=DeliveryState.SKIPPED.value, settled_at=now, note=why)

    def _change(self, which: sa.ColumnElement[bool], **values: Any) -> Notice | None:
        return next(map(_notice, self._changed(t.notices, which, **values)), None)

    def notices(self, *states: DeliveryState, limit: int = 100) -> tuple[Notice, ...]:
        query = sa.select(t.notices).order_by(t.notices.c.created_at, t.notices.c.key).limit(limit)
        if states:
            query = query.where(t.notices.c.state.in_([state.value for state in states]))
        return tuple(_notice(row) for row in self._all(query))

    def notices_on(self, event: str) -> tuple[Notice, ...]:
        c = t.notices.c
        keys = sa.select(t.notice_events.c.key).where(t.notice_events.c.event == event)
        there = c.key.in_(keys) & (c.state == DeliveryState.SENT.value) & (c.receipt != "")
        return tuple(_notice(row) for row in self._all(sa.select(t.notices).where(there).order_by(c.created_at, c.key)))

    def origins_on(self, event: str, chat: ChatKey) -> tuple[ChatKey, ...]:
        c = t.notices.c
        keys = sa.select(t.notice_events.c.key).where(t.notice_events.c.event == event)
        here = of_chat(t.notices, chat)
        there = c.state.in_([DeliveryState.SENDING.value, DeliveryState.SENT.value])
        query = sa.select(c.origin).where(c.key.in_(keys), here, there, c.origin != "").order_by(c.created_at, c.key)
        return tuple(load(ChatKey, origin) for origin in dict.fromkeys(self.connection.scalars(query)))

    def notice_marked(self, mark: str, chat: ChatKey) -> Notice | None:
        return self._notice(t.notices.c.mark == mark, of_chat(t.notices, chat))

    def _notice(self, *which: sa.ColumnElement[bool]) -> Notice | None:
        row = self._first(sa.select(t.notices).where(*which).order_by(t.notices.c.created_at.desc()))
        return _notice(row) if row else None

    def move_origins(self, old: ChatKey, new_id: str) -> None:
        """The chat that notices were escalated from has a new id."""
        c = t.notices.c
        for row in self._all(sa.select(c.key, c.origin).where(c.origin != "")):
            origin = load(ChatKey, row.origin)
            if origin.whole == old.whole:
                self._update(t.notices, c.key == row.key, origin=dump(replace(origin, id=new_id)))

    def forget_notices_before(self, cutoff: datetime) -> None:
        """Those that are settled."""
        old = t.notices.c.settled_at < cutoff
        self._delete(t.notice_events, t.notice_events.c.key.in_(sa.select(t.notices.c.key).where(old)))
        self._delete(t.notices, old)

    def count_notices(self, *states: DeliveryState) -> int:
        return self._number(t.notices, t.notices.c.state.in_([state.value for state in states]))


def _sent(sent: SentNotice, now: datetime) -> dict[str, Any]:
    return {"receipt": dump(sent.receipt), "content_hash": sent.content_hash, "edited_at": now}


def _notice(row: Row) -> Notice:
    return Notice(
        key=row.key,
        kind=NoticeKind(row.kind),
        chat=chat_key_of(row),
        message=load(Message, row.value),
        created_at=row.created_at,
        events=tuple(row.events.split()),
        tries=row.tries,
        origin=load(ChatKey, row.origin) if row.origin else None,
        receipt=load(Receipt, row.receipt) if row.receipt else None,
        content_hash=row.content_hash,
        edited_at=row.edited_at,
        reason=row.note,
    )
