"""Sends notices, and keeps those that are in their chats up to date: who handles what, what was withdrawn. As the
outbox: recorded before it is sent, looked for before it is sent again, settled after, dead ones kept."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

import structlog

from bot.alerts import follow_up_message
from bot.delivery import (
    A_MOMENT,
    EDIT_PRIORITY,
    NOTICE_PRIORITY,
    SWITCHED_ON_WITHIN,
    FollowChat,
    GiveUp,
    Outcome,
    StopChat,
    TryAgain,
    content_hash,
    decide_after_failure,
    next_edit,
    told_failure,
    told_given_up,
)
from bot.errors import ChatMovedError, DeliveryError
from bot.model import (
    Chat,
    ChatKey,
    Correction,
    DeadJob,
    DeliveryState,
    Event,
    Message,
    Notice,
    NoticeKind,
    Receipt,
)
from bot.notices.reading import Sender, read_notice
from bot.ports import Again, AuditRow, Engine, Platform, Records, SentNotice, Store
from bot.visibility import concerned

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Work:
    """What one attempt needs."""

    notice: Notice
    chat: Chat
    message: Message
    reply_to: Receipt | None = None


@dataclass(slots=True)
class Notices:
    """The jobs and what they need from outside. `edit_every`: the least time between two versions of one message, by
    platform. `now` is the clock; `jitter` is a test's own."""

    store: Store
    engine: Engine
    sender: Sender
    platforms: Mapping[str, Platform]
    edit_every: Mapping[str, timedelta] = field(default_factory=dict)
    now: Callable[[], datetime] = lambda: datetime.now(UTC)
    on_trouble: Callable[[str], None] = lambda _text: None
    jitter: Callable[[], float] = random.random

    def register(self) -> None:
        """Tell the engine its jobs; once, before it starts."""
        self.engine.job("notice", queue="deliver", tries=10)(self.notice)
        self.engine.job("refresh_notice", queue="deliver", tries=10)(self.refresh_notice)

    # ------------------------------------------------------------ planning

    def put(
        self,
        records: Records,
        kind: NoticeKind,
        key: str,
        chat: ChatKey,
        message: Message,
        events: Sequence[str] = (),
        origin: ChatKey | None = None,
    ) -> bool:
        """False if it was planned before."""
        notice = Notice(key, kind, chat, message, self.now(), tuple(events), origin=origin)
        if not records.add_notice(notice):
            return False
        self._put_job(records, notice)
        return True

    def renew(self, records: Records, mark: str) -> Notice | None:
        """A dead one is tried again. None if none of this mark is dead."""
        notice = records.renew_notice(mark)
        if notice:
            self._put_job(records, notice, f":{self.now():%Y%m%dT%H%M%S%f}")
        return notice

    def _put_job(self, records: Records, notice: Notice, again: str = "") -> None:
        self.engine.put(
            records,
            "notice",
            f"notice:{notice.key}{again}",
            {"key": notice.key},
            partition=str(notice.chat),
            priority=NOTICE_PRIORITY,
        )

    def put_refresh(self, event: str, chat: ChatKey) -> None:
        """Notices on an event read differently in a chat since somebody spoke of it there."""
        with self.store.writing() as records:
            for notice in records.notices_on(event):
                if notice.chat == chat:
                    self._put_refresh(records, notice)

    def follow(self, records: Records, event: Event) -> None:
        """An event was saved: the notices on it are brought up to date."""
        for notice in records.notices_on(event.key):
            self._put_refresh(records, notice)

    def correct(self, records: Records, event: Event, correction: Correction, told: Sequence[ChatKey]) -> int:
        """An event proved wrong, or right after all: chats it was only escalated to are told so, in a reply. `told`
        hear it otherwise. Returns how many chats that are."""
        escalations = [one for one in records.notices_on(event.key) if one.kind is NoticeKind.ESCALATION]
        origins = {one.chat: one.origin or one.chat for one in escalations if one.chat not in told}
        corrected = 0
        for chat in sorted(origins, key=str):
            seen = self.sender.seen(records, event, origins[chat], is_sent=True)
            if seen is None or (correction.target and correction.target not in concerned(seen.event)):
                continue
            message = follow_up_message(seen.event, (), correction=correction)
            key = f"correction:{event.key}:{event.revision}:{chat}"
            self.put(records, NoticeKind.CORRECTION, key, chat, message, [event.key])
            corrected += 1
        self.follow(records, event)
        return corrected

    def _put_refresh(self, records: Records, notice: Notice, again: str = "") -> None:
        """`again` parts its key from the one that the job itself had."""
        every = self.edit_every.get(notice.chat.platform, timedelta(0))
        due = next_edit(notice.edited_at or notice.created_at, every, self.now())
        self.engine.put(
            records,
            "refresh_notice",
            f"refresh_notice:{notice.key}:{due.timestamp():.6f}{again}",
            {"key": notice.key},
            partition=str(notice.chat),
            priority=EDIT_PRIORITY,
            not_before=due,
        )

    # ------------------------------------------------------------ sending

    async def notice(self, key: str) -> None:
        """Send one notice. It is claimed as it passes the gate, so that only what is sent counts as a try, and settled
        after; who finds it claimed looks, where the platform can be asked, before it sends it again."""
        work = await asyncio.to_thread(self._load, key)
        if isinstance(work, str):
            await asyncio.to_thread(self.on_trouble, work)
        if not isinstance(work, Work):
            return
        platform = self.platforms.get(work.chat.key.platform)
        if platform is None:
            raise Again(SWITCHED_ON_WITHIN, f"{work.chat.key.platform} is switched off here")
        claimed = await self.sender.pass_gate_and(platform, work.chat, lambda records: records.claim_notice(key))
        if claimed is None:
            return
        work = replace(work, notice=claimed)
        try:
            receipt = await _send(platform, work)
        except DeliveryError as error:
            await self._after_failure(work.notice, work.chat, error)
            return
        await self.sender.surely(self._settle_sent, work, receipt)
        log.info("notice sent", kind=work.notice.kind, chat=str(work.chat.key), tries=work.notice.tries)

    def _load(self, key: str) -> Work | str | None:
        """None: there is nothing to send. A text: nor will it be, and who runs the bot is to know."""
        with self.store.writing() as records:
            notice = records.open_notice(key)
            if notice is None:
                return None
            chat = self._chat_of(records, notice)
            if chat is None or chat.stopped_reason:
                why = chat.stopped_reason if chat and chat.stopped_reason else "its chat is gone"
                # a batch is told by the next one; of an escalation nobody would hear
                is_lost = notice.kind is NoticeKind.ESCALATION
                state = DeliveryState.DEAD if is_lost else DeliveryState.SKIPPED
                records.settle_notice(key, state, self.now(), why)
                return told_given_up(chat or Chat(notice.chat), f"a message ({notice.kind})", why) if is_lost else None
            message = read_notice(self.sender, records, notice)
            if message is None:
                records.settle_notice(key, DeliveryState.SKIPPED, self.now(), "this chat sees nobody of its event now")
                return None
            return Work(notice, chat, message, _reply_to(records, notice))

    def _chat_of(self, records: Records, notice: Notice) -> Chat | None:
        """The operations chat may never have spoken to the bot."""
        chat = self.sender.admitted(records, notice.chat)
        return chat or (Chat(notice.chat) if notice.kind is NoticeKind.TROUBLE else None)

    def _settle_sent(self, work: Work, receipt: Receipt) -> None:
        now = self.now()
        with self.store.writing() as records:
            sent = SentNotice(receipt, content_hash(work.message))
            records.settle_notice(work.notice.key, DeliveryState.SENT, now, sent=sent)
            if work.notice.kind in (NoticeKind.BATCH, NoticeKind.DIGEST) and work.notice.events:
                self._put_escalation(records, work.notice, now)

    def _put_escalation(self, records: Records, notice: Notice, now: datetime) -> None:
        """What is told in it waits to be acknowledged as an alert does that is told by itself: from now on."""
        escalation = records.routes_of(notice.chat).escalation
        if escalation:
            self.engine.put(
                records,
                "escalate_batch",
                f"escalate_batch:{notice.key}",
                {"notice": notice.key, "sent_at": now.isoformat()},
                partition=str(escalation.to),
                priority=NOTICE_PRIORITY,
                not_before=now + escalation.after,
            )

    async def _after_failure(self, notice: Notice, chat: Chat, error: DeliveryError) -> None:
        """Raises Again where another try is worth it."""
        outcome = decide_after_failure(error, notice.tries, self.jitter())
        log.warning("notice not sent", chat=str(chat.key), problem=error.problem, then=str(outcome))
        await self.sender.surely(self._save_failure, notice, chat, outcome, error)
        told = told_failure(outcome, notice.tries, chat, f"a message ({notice.kind})")
        # the operations chat that lets the bot go is told nothing of it
        if told and not (isinstance(outcome, StopChat) and notice.kind is NoticeKind.TROUBLE):
            await asyncio.to_thread(self.on_trouble, told)
        match outcome:
            case TryAgain(delay, reason):
                raise Again(delay, reason)
            case FollowChat():
                raise Again(timedelta(seconds=1), "the chat moved")

    def _save_failure(self, notice: Notice, chat: Chat, outcome: Outcome, error: DeliveryError) -> None:
        now = self.now()
        with self.store.writing() as records:
            match outcome:
                case TryAgain() if error.retry_after:
                    records.block_gate(chat.key, now + error.retry_after)
                case FollowChat(new_id):
                    records.move_chat(chat.key, new_id)
                    _write_down(records, chat.key, "chat moved", f"{chat.key.platform}:{new_id}", now)
                case GiveUp(reason) | StopChat(reason):
                    records.settle_notice(notice.key, DeliveryState.DEAD, now, reason)
                    if isinstance(outcome, StopChat) and records.chat(chat.key):
                        records.save_chat(replace(chat, stopped_reason=reason))
                        _write_down(records, chat.key, "chat stopped", reason, now)
                case _:
                    pass

    def settle_dead(self, jobs: Sequence[DeadJob]) -> None:
        """Notices whose jobs the engine gave up become dead letters."""
        now, told = self.now(), []
        with self.store.writing() as records:
            for job in jobs:
                notice = records.claim_notice(str(job.args.get("key", "")))
                if notice:
                    records.settle_notice(notice.key, DeliveryState.DEAD, now, job.reason)
                    told.append(told_given_up(Chat(notice.chat), f"a message ({notice.kind})", job.reason))
        for text in told:
            self.on_trouble(text)

    # ------------------------------------------------------------ keeping up to date

    async def refresh_notice(self, key: str) -> None:
        """Edit a notice that was sent, silently, if it does not read so already."""
        work = await asyncio.to_thread(self._load_refresh, key)
        if work is None or work.notice.receipt is None:
            return
        platform = self.platforms.get(work.chat.key.platform)
        if platform is None:
            raise Again(SWITCHED_ON_WITHIN, f"{work.chat.key.platform} is switched off here")
        await self.sender.pass_gate(platform, work.chat, EDIT_PRIORITY)
        try:
            receipt = await platform.edit(work.notice.receipt, work.message)
        except DeliveryError as error:
            if error.permanent or isinstance(error, ChatMovedError):
                log.info("notice not brought up to date", notice=key, problem=error.problem)
                return
            raise Again(error.retry_after, error.problem) if error.retry_after else error from None
        await asyncio.to_thread(self._save_edit, work, receipt)

    def _load_refresh(self, key: str) -> Work | None:
        with self.store.writing() as records:
            notice = records.notice(key)
            if notice is None or notice.receipt is None or notice.edited_at is None:
                return None
            chat = self._chat_of(records, notice)
            if chat is None or chat.stopped_reason:
                return None
            message = read_notice(self.sender, records, notice)
            if message is None or content_hash(message) == notice.content_hash:
                return None
            every = self.edit_every.get(notice.chat.platform, timedelta(0))
            if (due := next_edit(notice.edited_at, every, now := self.now())) > now:
                if due - now <= A_MOMENT:
                    raise Again(due - now, "it may be edited in a moment")
                self._put_refresh(records, notice, f":{now:%Y%m%dT%H%M%S%f}")  # another edit was faster
                return None
            return Work(notice, chat, message)

    def _save_edit(self, work: Work, receipt: Receipt) -> None:
        with self.store.writing() as records:
            records.save_notice_edit(work.notice.key, SentNotice(receipt, content_hash(work.message)), self.now())


async def _send(platform: Platform, work: Work) -> Receipt:
    """Unless an earlier try is found to have arrived. Raises DeliveryError."""
    notice, chat = work.notice, work.chat.key
    if notice.tries > 1:
        found = await platform.find_sent(chat, notice.mark, notice.created_at, reply_to=work.reply_to)
        if isinstance(found, Receipt):
            return found
    return await platform.send(chat, work.message, reply_to=work.reply_to, mark=notice.mark)


def _reply_to(records: Records, notice: Notice) -> Receipt | None:
    """A correction stands under what it corrects."""
    if notice.kind is not NoticeKind.CORRECTION:
        return None
    under = [one for event in notice.events for one in records.notices_on(event) if one.chat == notice.chat]
    return next((one.receipt for one in reversed(under) if one.kind is NoticeKind.ESCALATION), None)


def _write_down(records: Records, chat: ChatKey, what: str, after: str, now: datetime) -> None:
    records.add_audit(AuditRow(now, "delivery", str(chat), what, "", after))
