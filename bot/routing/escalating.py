"""Whether a second chat is told of what nobody acknowledged: of an alert, or of several that came in one message."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import structlog

from bot.model import ChatKey, Message, Notice, NoticeKind, notice_mark
from bot.ports import Records
from bot.routes import decide_escalation, escalated_batch, escalation_notice, in_order, told_escalated
from bot.routing.notices import Notices
from bot.routing.reading import alert_of, lines_of, load_events
from bot.severities import Seen

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Due:
    """What is to be told now, and why."""

    seen: Seen
    reason: str


@dataclass(slots=True)
class Escalations:
    """The two jobs. Each is put when its message is settled as sent, and asks anew whether it is due."""

    notices: Notices

    def register(self) -> None:
        """Tell the engine its jobs; once, before it starts."""
        engine = self.notices.engine
        engine.job("escalate", queue="deliver", tries=10)(self.escalate)
        engine.job("escalate_batch", queue="deliver", tries=10)(self.escalate_batch)

    async def escalate(self, event: str, platform: str, chat: str, thread: str, sent_at: str) -> None:
        """Tell the second chat, if nobody of the first acknowledged the alert by now."""
        key = ChatKey(platform, chat, thread)
        await asyncio.to_thread(self._escalate, event, key, datetime.fromisoformat(sent_at))

    async def escalate_batch(self, notice: str, sent_at: str) -> None:
        """Tell the second chat of those alerts of a batch or a digest that nobody acknowledged by now."""
        await asyncio.to_thread(self._escalate_batch, notice, datetime.fromisoformat(sent_at))

    def _escalate(self, key: str, chat: ChatKey, sent_at: datetime) -> None:
        with self.notices.store.writing() as records:
            self._tell(records, chat, self._find_due(records, chat, [key], sent_at))

    def _escalate_batch(self, key: str, sent_at: datetime) -> None:
        with self.notices.store.writing() as records:
            notice = records.notice(key)
            if notice is None:
                return
            # an alert that is in the chat as itself has a job of its own: the batch had news of it
            alone = [event for event in notice.events if notice.chat not in records.chats_told(event)]
            self._tell(records, notice.chat, self._find_due(records, notice.chat, alone, sent_at), notice)

    def _find_due(self, records: Records, chat: ChatKey, keys: Sequence[str], sent_at: datetime) -> list[Due]:
        now, escalation = self.notices.now(), records.routes_of(chat).escalation
        due = []
        for seen in load_events(self.notices.sender, records, chat, keys):
            key = seen.event.key
            said = records.acknowledgement(key, chat)
            decided = decide_escalation(escalation, seen.event, seen.severity, sent_at, said, now)
            log.info("escalation", alert=key, chat=str(chat), is_due=decided.is_due, reason=decided.reason)
            if decided.is_due:
                due.append(Due(seen, decided.reason))
        return due

    def _tell(self, records: Records, chat: ChatKey, due: Sequence[Due], batch: Notice | None = None) -> None:
        escalation = records.routes_of(chat).escalation
        if not due or escalation is None:
            return
        if len(due) == 1 or batch is None:
            event = due[0].seen.event.key
            key = f"escalation:{event}:{chat}"
            why = told_escalated(_name(records, chat), due[0].reason)
            message, events = escalation_notice(alert_of(due[0].seen), why), [event]
        else:
            key = f"escalation:{batch.key}"
            message, events = self._together(records, chat, due, key)
        self.notices.put(records, NoticeKind.ESCALATION, key, escalation.to, message, events, origin=chat)

    def _together(self, records: Records, chat: ChatKey, due: Sequence[Due], key: str) -> tuple[Message, list[str]]:
        lines = in_order(lines_of([one.seen for one in due]))
        reason = due[0].reason.replace("acknowledged it", "acknowledged them")
        message = escalated_batch(lines, _name(records, chat), reason, self.notices.now(), notice_mark(key))
        return message, [line.event for line in lines]


def _name(records: Records, chat: ChatKey) -> str:
    known = records.chat(chat)
    return known.title if known and known.title else str(chat)
