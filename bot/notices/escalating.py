"""Whether a second chat is told of what nobody acknowledged: of an alert, or of several that came in one message."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import structlog

from bot.delivery import NOTICE_PRIORITY
from bot.model import Acknowledgement, ChatKey, Message, Notice, NoticeKind, notice_mark
from bot.notices.reading import alert_of, lines_of, load_events, said_of
from bot.notices.sending import Notices
from bot.ports import Records
from bot.routes import decide_escalation, escalated_batch, escalation_notice, in_order, told_escalated
from bot.severities import Seen
from bot.visibility import find_standing
from bot.zones import load_zone

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Due:
    """What is to be told now, and why."""

    seen: Seen
    reason: str


@dataclass(frozen=True, slots=True)
class Found:
    """What is due by now; `later`: when to look again, if it is too early for some."""

    due: Sequence[Due]
    later: datetime | None = None


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
        where = {"platform": platform, "chat": chat, "thread": thread}
        await asyncio.to_thread(self._escalate, event, where, datetime.fromisoformat(sent_at))

    async def escalate_batch(self, notice: str, sent_at: str) -> None:
        """Tell the second chat of those alerts of a batch or a digest that nobody acknowledged by now."""
        await asyncio.to_thread(self._escalate_batch, notice, datetime.fromisoformat(sent_at))

    def _escalate(self, key: str, where: Mapping[str, str], sent_at: datetime) -> None:
        with self.notices.store.writing() as records:
            # the chat may have another id since the job was put
            chat = records.present_chat(ChatKey(where["platform"], where["chat"], where["thread"]))
            found = self._find_due(records, chat, [key], sent_at)
            self._tell(records, chat, found.due)
            args = {"event": key, **where, "sent_at": sent_at.isoformat()}
            self._put_again(records, "escalate", f"escalate:{key}:{chat}", args, chat, found)

    def _escalate_batch(self, key: str, sent_at: datetime) -> None:
        with self.notices.store.writing() as records:
            notice = records.notice(key)
            if notice is None:
                return
            # an alert that is in the chat as itself has a job of its own: the batch had news of it
            together = [event for event in notice.events if not self._is_alone(records, event, notice.chat)]
            found = self._find_due(records, notice.chat, together, sent_at)
            self._tell(records, notice.chat, found.due, notice)
            args = {"notice": key, "sent_at": sent_at.isoformat()}
            self._put_again(records, "escalate_batch", f"escalate_batch:{key}", args, notice.chat, found)

    def _is_alone(self, records: Records, event: str, chat: ChatKey) -> bool:
        """Whether the event, or the one that tells of it since, has a message of its own in the chat."""
        standing = find_standing(records, event)
        return chat in records.chats_told(standing.key if standing else event)

    def _put_again(
        self, records: Records, job: str, key: str, args: Mapping[str, str], chat: ChatKey, found: Found
    ) -> None:
        """The chat waits longer by now than when the job was put. Another job, as this one would keep its place before
        what goes to the second chat meanwhile."""
        escalation = records.routes_of(chat).escalation
        if found.later and escalation:
            self.notices.engine.put(
                records,
                job,
                f"{key}:{found.later:%Y%m%dT%H%M%S%f}",
                args,
                partition=str(escalation.to),
                priority=NOTICE_PRIORITY,
                not_before=found.later,
            )

    def _find_due(self, records: Records, chat: ChatKey, keys: Sequence[str], sent_at: datetime) -> Found:
        now, escalation = self.notices.now(), records.routes_of(chat).escalation
        said = _find_said(records, chat, keys)
        due, later = [], None
        for seen in load_events(self.notices.sender, records, chat, said):
            key = seen.event.key
            if escalation and chat in records.origins_on(key, escalation.to):
                continue  # it was told there before, in a message with others
            # the second chat may have the alert by itself, and handle it since before this one was told
            handled = said[key] or (said_of(records, escalation.to, key) if escalation else None)
            decided = decide_escalation(escalation, seen.event, seen.severity, sent_at, handled, now)
            log.info("escalation", alert=key, chat=str(chat), is_due=decided.is_due, reason=decided.reason)
            later = later or decided.due_at
            if decided.is_due:
                due.append(Due(seen, decided.reason))
        return Found(due, later)

    def _tell(self, records: Records, chat: ChatKey, due: Sequence[Due], batch: Notice | None = None) -> None:
        escalation = records.routes_of(chat).escalation
        if not due or escalation is None:
            return
        if len(due) == 1 or batch is None:
            event = due[0].seen.event.key
            key = f"escalation:{event}:{chat}"
            why = told_escalated(_name(records, chat), due[0].reason)
            alert = alert_of(due[0].seen, load_zone(records, escalation.to))
            message, events = escalation_notice(alert, why), [event]
        else:
            key = f"escalation:{batch.key}"
            message, events = self._together(records, chat, escalation.to, due, key)
        self.notices.put(records, NoticeKind.ESCALATION, key, escalation.to, message, events, origin=chat)

    def _together(
        self, records: Records, chat: ChatKey, to: ChatKey, due: Sequence[Due], key: str
    ) -> tuple[Message, list[str]]:
        zone = load_zone(records, to)
        lines = in_order(lines_of([one.seen for one in due], zone))
        reason = due[0].reason.replace("acknowledged it", "acknowledged them")
        message = escalated_batch(lines, _name(records, chat), reason, self.notices.now(), notice_mark(key), zone)
        return message, [line.event for line in lines]


def _find_said(records: Records, chat: ChatKey, keys: Sequence[str]) -> dict[str, Acknowledgement | None]:
    """The events, or those that tell of them since -> who handles it in the chat. Where several proved to be one act,
    of which the chat was told apart, it is handled if each of them is."""
    found: dict[str, Acknowledgement | None] = {}
    for key in keys:
        event = find_standing(records, key)
        standing = event.key if event else key
        said = said_of(records, chat, key)
        found[standing] = said and found.get(standing, said)
    return found


def _name(records: Records, chat: ChatKey) -> str:
    known = records.chat(chat)
    return known.title if known and known.title else str(chat)
