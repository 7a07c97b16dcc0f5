"""Sends the outbox's rows, edits what was sent, and keeps what is known of each try."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, nullcontext
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, TypeVar

import structlog

from bot.alerts import NOBODY, alert_message, follow_up_message
from bot.delivery import (
    A_MOMENT,
    ALERT_PRIORITY,
    EDIT_PRIORITY,
    NOTICE_PRIORITY,
    SWITCHED_ON_WITHIN,
    FollowChat,
    GiveUp,
    StopChat,
    TryAgain,
    as_told,
    content_hash,
    decide_after_failure,
    told_failure,
    urgency,
    urgency_of,
    with_words,
    without_held,
)
from bot.errors import ChatMovedError, DeliveryError, StoreError
from bot.events import GONE, HOLDS
from bot.model import (
    Chat,
    ChatKey,
    Correction,
    Delivery,
    DeliveryKind,
    DeliveryState,
    Entity,
    Escalation,
    Event,
    Feedback,
    Message,
    Receipt,
    Subscription,
    Verdict,
)
from bot.pipeline.looks import remembering
from bot.pipeline.needs import Line
from bot.pipeline.outbox import Outgoing
from bot.pipeline.planning import article_of, held_of, see, subscriptions_for, tracked_of
from bot.ports import (
    Again,
    AuditRow,
    Platform,
    Records,
    SentAlert,
    Sight,
)
from bot.severities import Seen
from bot.visibility import with_told
from bot.zones import load_zone

T = TypeVar("T")
log = structlog.get_logger(__name__)

SAVE_WITHIN = timedelta(minutes=10)
EARLY = "its message may be edited in a moment"
ON_THE_WIRE = timedelta(seconds=5)  # so long an edit waits for the alert that is being sent: not in its way


@dataclass(frozen=True, slots=True)
class Work:
    """What one attempt needs: the row, its event and chat, the message, and what the chat has of the event so far."""

    row: Delivery
    event: Event
    chat: Chat
    message: Message
    sent: SentAlert | None
    under: Receipt | None = None  # what it answers: where it has no message of its own, what told of it; see `_under`
    escalation: Escalation | None = None

    @property
    def mark(self) -> str:
        return f"delivery-{self.row.id}"

    @property
    def is_edit(self) -> bool:
        """Twice is as once."""
        return self.row.kind is DeliveryKind.EDIT and self.sent is not None

    @property
    def is_reply(self) -> bool:
        return self.row.kind is DeliveryKind.FOLLOW_UP

    @property
    def reply_to(self) -> Receipt | None:
        return self.sent.receipt if self.sent else self.under


@dataclass(frozen=True, slots=True)
class NotSent:
    """A row of which its chat need not be told, or may not, any more."""

    reason: str


@dataclass(frozen=True, slots=True)
class NotYet:
    row: Delivery
    due: datetime


@dataclass(frozen=True, slots=True)
class Sent:
    """`unsure`: how many earlier tries may have arrived as well."""

    receipt: Receipt
    unsure: int


@dataclass(frozen=True, slots=True)
class Unsent:
    """A try that failed; `unsure`: how many tries, this one included, may have arrived."""

    error: DeliveryError
    unsure: int


@dataclass(frozen=True, slots=True)
class Refresh:
    """A message that was sent, and how it is to read now."""

    chat: Chat
    message: Message
    sent: SentAlert


class Sending(Outgoing):
    """The jobs that speak to platforms."""

    # ------------------------------------------------------------ deliver

    async def deliver(self, delivery: int, rank: int = 0) -> None:
        """Send one outbox row. Nothing is lost by a crash: the row is SENDING from just before the send until its
        outcome is saved, and who finds it so looks, where the platform can be asked, before it sends again."""
        work = await self.looks.at(delivery, lambda rows: self.desk.run(self._read_deliveries, rows))
        if isinstance(work, NotSent | NotYet):
            work = await self.desk.run(self._save_unsent, delivery)
        if work is None:
            return
        platform = self.platforms.get(work.chat.key.platform)
        if platform is None:
            reason = f"{work.chat.key.platform} is switched off here"
            await self.desk.run(self._save_waiting, work.row, reason)
            raise Again(SWITCHED_ON_WITHIN, reason)
        row = await self._begin(platform, work, rank)
        if row is None:
            return
        work = replace(work, row=row)
        outcome = await self._try(platform, work)
        if isinstance(outcome, Unsent):
            await self._after_failure(work, outcome)
        else:
            await self.surely(self._settle_sent, platform, work, outcome)

    def _save_waiting(self, row: Delivery, reason: str) -> None:
        """For those who look why it is not sent."""
        if row.reason == reason:
            return
        with self.store.writing() as records:
            unsure = row.unsure + (row.state is DeliveryState.SENDING)
            records.release_delivery(row.id, reason, self.now() + SWITCHED_ON_WITHIN, unsure)

    def _read_deliveries(self, deliveries: Sequence[int]) -> dict[int, Work | NotSent | NotYet | None]:
        """In a transaction that only reads, as most need no other, of which SQLite has one at a time."""
        with self.store.reading() as reading:
            records, now = remembering(reading, reading.outbox_answers(deliveries)), self.now()
            return {delivery: self._read_delivery(records, delivery, now) for delivery in deliveries}

    def _save_unsent(self, delivery: int) -> Work | None:
        """None: there is nothing to send, or not yet."""
        with self.store.writing() as records:
            now = self.now()
            match self._read_delivery(records, delivery, now):  # as it is by now
                case NotSent(reason):
                    records.settle_delivery(delivery, DeliveryState.SKIPPED, now, reason)
                case NotYet(row, due):
                    if due - now <= A_MOMENT:
                        raise Again(due - now, EARLY)
                    self._put_delivery(records, row, f"{now:%Y%m%dT%H%M%S%f}", due)
                case work:
                    return work
        return None

    def _read_delivery(self, records: Records, delivery: int, now: datetime) -> Work | NotSent | NotYet | None:
        """None: it is settled."""
        row = records.delivery(delivery)
        if row is None or row.state not in (DeliveryState.WAITING, DeliveryState.SENDING):
            return None
        event = records.event(row.event)
        chat = self._admitted(records, event, records.chat(row.chat))
        sent = records.sent_alert(event.key, chat.key) if event and chat else None
        gone = _why_gone(row, event, chat, sent)
        if gone or event is None or chat is None:
            return NotSent(gone)
        (event,) = with_told(records, [event], chat.key)
        alert = row if row.kind is DeliveryKind.ALERT else None
        if alert is None and sent is None:
            alert = records.unsettled_alert(event.key, chat.key)
        seen = self._see(records, row, event, sent, alert)
        if isinstance(seen, NotSent):
            return seen
        if row.kind is DeliveryKind.EDIT and alert:
            is_going = alert.state is DeliveryState.SENDING
            return NotYet(row, now + ON_THE_WIRE) if is_going else NotSent("its alert, which waits, says so")
        message = _message(records, row, event, seen)
        if sent and (needless := self._why_needless(row, sent, message, now)):
            return needless
        under = None if sent else _under(records, row, seen.event)
        escalates = row.kind is DeliveryKind.ALERT and not event.review
        escalation = records.routes_of(chat.key).escalation if escalates else None
        return Work(row, event, chat, message, sent, under, escalation)

    def _see(
        self, records: Records, row: Delivery, event: Event, sent: SentAlert | None, alert: Delivery | None
    ) -> Seen | NotSent:
        """The event as the row's chat is told of it by now."""
        elsewhere = records.routes_elsewhere()
        own = subscriptions_for(records, row.chat, elsewhere)
        entities = tracked_of(records, event)
        held = held_of(records, event, entities, [row.chat], elsewhere)
        left = without_held(event, row.chat, held)
        told = (left if left.targets else None) if event.review else _as_told(records, left, own, entities)
        if told is None and _is_kept_true(row, sent) and _knows(records, row, sent, alert):
            still = self.seen(records, event, row.chat, is_sent=True)
            told = still.event if still else None
        if told is None:
            reasons = [each.reason for each in held if each.chat in (None, row.chat)]
            return NotSent("unsubscribed meanwhile" if left == event else reasons[0])
        if told.withdrawn and not _knows(records, row, sent, alert):
            return NotSent("withdrawn meanwhile")
        if row.kind is DeliveryKind.ALERT and sent:
            return NotSent("the chat has it")
        return see(told, own, entities)

    def _why_needless(self, row: Delivery, sent: SentAlert, message: Message, now: datetime) -> NotSent | NotYet | None:
        """Where what the chat has says so already, or may not be edited again yet."""
        if row.kind is DeliveryKind.FOLLOW_UP and _is_told(row, sent):
            return NotSent("the alert says so already")
        if row.kind is not DeliveryKind.EDIT:
            return None
        if sent.content_hash == content_hash(message):
            return NotSent("the message says so already")
        due = self._next_edit(sent, row.chat, now)
        return NotYet(row, due) if due > now else None  # another edit was faster

    # ------------------------------------------------------------ refresh

    async def refresh(self, event: str, platform: str, chat: str, thread: str) -> None:
        """Edit the event's message in a chat, silently, if it does not say so already."""
        key, port = ChatKey(platform, chat, thread), self.platforms.get(platform)
        work = await self.desk.run(self._load_refresh, event, key)
        if work is None:
            return
        if port is None:
            raise Again(SWITCHED_ON_WITHIN, f"{platform} is switched off here")
        await self.pass_gate(port, work.chat, EDIT_PRIORITY)
        try:
            receipt = await port.edit(work.sent.receipt, work.message)
        except DeliveryError as error:
            if error.permanent or isinstance(error, ChatMovedError):
                log.info("message not brought up to date", alert=event, chat=str(key), problem=error.problem)
                return
            raise Again(error.retry_after, error.problem) if error.retry_after else error from None
        await self.desk.run(self._save_refresh, event, work, receipt)

    def _load_refresh(self, key: str, chat_key: ChatKey) -> Refresh | None:
        with self.store.writing() as records:
            event, known, sent = records.event(key), records.chat(chat_key), records.sent_alert(key, chat_key)
            chat = self._admitted(records, event, known)
            if event is None or chat is None or chat.stopped_reason or sent is None:
                return None
            seen = self.seen(records, event, chat_key, is_sent=True)
            if seen is None:
                return None
            message = _alert(records, event, seen, chat_key)
            if sent.content_hash == content_hash(message):
                return None
            if (due := self._next_edit(sent, chat_key, now := self.now())) > now:  # another edit was faster
                if due - now <= A_MOMENT:
                    raise Again(due - now, EARLY)
                self._put_refresh(records, key, chat_key, due, f":{now:%Y%m%dT%H%M%S%f}")
                return None
        return Refresh(chat, message, sent)

    def _save_refresh(self, event: str, work: Refresh, receipt: Receipt) -> None:
        sent = replace(work.sent, receipt=receipt, content_hash=content_hash(work.message), edited_at=self.now())
        with self.store.writing() as records:
            records.save_sent(event, work.chat.key, sent)

    # ------------------------------------------------------------ sending

    async def pass_gate(self, platform: Platform, chat: Chat, priority: int = NOTICE_PRIORITY) -> None:
        """Wait until something that is no event's own message may be sent, or by its priority something else."""
        await self._pass(platform, chat, urgency(priority), lambda _records, _now: None)

    async def pass_gate_and(self, platform: Platform, chat: Chat, then: Callable[[Records], T | None]) -> T | None:
        """Wait until something that is no event's own message may be sent; `then` is done in the same transaction."""
        return await self._pass(platform, chat, urgency(NOTICE_PRIORITY), lambda records, _now: then(records))

    async def _begin(self, platform: Platform, work: Work, rank: int) -> Delivery | None:
        """The row as it is SENDING, from the moment in which it passes the gate. None: it was settled meanwhile."""

        def begin(records: Records, now: datetime) -> Delivery | None:
            return records.begin_attempt(work.row.id, now, repeatable=work.is_edit)

        return await self._pass(platform, work.chat, urgency_of(work.row.kind, rank), begin)

    async def _pass(
        self, platform: Platform, chat: Chat, urgent: int, then: Callable[[Records, datetime], T | None]
    ) -> T | None:
        """Pass the gate, and do `then` in the same transaction. Who waits for the account stands in line; who waits for
        its own chat, beside it."""
        bot_every, chat_every = platform.spacing(chat)

        def take() -> tuple[timedelta, datetime, T | None]:
            now = self.now()
            with self.store.writing() as records:
                wait = records.take_gate(platform.name, chat.key, bot_every, chat_every, now)
                return wait, now, then(records, now) if not wait else None

        while True:
            turn: AbstractAsyncContextManager[Line | None] = nullcontext()
            if self.turns and bot_every:
                turn = self.turns.turn(platform.name, urgent)
            async with turn as line:
                if line and (left := line.free_at - self.now()) > timedelta(0):  # the gate would be asked in vain
                    await asyncio.sleep(min(left, bot_every).total_seconds())
                wait, at, done = await self.desk.run(take)
                while timedelta(0) < wait <= bot_every:
                    await asyncio.sleep(wait.total_seconds())
                    wait, at, done = await self.desk.run(take)
                if line and not wait:
                    line.passed(at, bot_every)
            if not wait:
                return done
            if wait > timedelta(seconds=10):
                raise Again(wait, "the platform asked for a pause")
            await asyncio.sleep(wait.total_seconds())

    async def _try(self, platform: Platform, work: Work) -> Sent | Unsent:
        """Send it, unless an earlier try is found to have arrived."""
        unsure = 0 if work.is_edit else work.row.unsure
        try:
            sight = await self._look(platform, work) if unsure else Sight.ABSENT
            if isinstance(sight, Receipt):
                return Sent(sight, 0)
        except DeliveryError as error:
            return Unsent(error, unsure)
        unsure = 0 if sight is Sight.ABSENT else unsure
        try:
            return Sent(await self._send(platform, work), unsure)
        except DeliveryError as error:
            return Unsent(error, unsure + error.uncertain)

    async def _look(self, platform: Platform, work: Work) -> Receipt | Sight:
        """The message of an earlier try, brought up to date, where the platform shows it."""
        since, reply_to = work.row.created_at, work.reply_to
        sight = await platform.find_sent(work.chat.key, work.mark, since, reply_to=reply_to)
        if not isinstance(sight, Receipt):
            return sight
        log.info("found there, though its answer was lost", alert=work.event.key, chat=str(work.chat.key))
        return sight if work.is_reply else await platform.edit(sight, work.message)

    async def _send(self, platform: Platform, work: Work) -> Receipt:
        match work.row.kind:
            case DeliveryKind.EDIT if work.sent:
                return await platform.edit(work.sent.receipt, work.message)
            case DeliveryKind.FOLLOW_UP:
                return await platform.send(work.chat.key, work.message, reply_to=work.reply_to, mark=work.mark)
            case _ if work.reply_to and not work.sent:
                return await platform.send(
                    work.chat.key, work.message, reply_to=work.reply_to, aloud=True, mark=work.mark
                )
            case _:
                return await platform.send(work.chat.key, work.message, mark=work.mark)

    async def surely(self, save: Callable[..., None], *args: object) -> None:
        """Save what is known of an attempt, though the database be away for a while: to forget it is to send twice."""
        deadline = self.now() + SAVE_WITHIN
        while True:
            try:
                await self.desk.run(save, *args)
            except StoreError as error:
                if self.now() >= deadline:
                    raise
                log.warning("an outcome waits for the database", problem=str(error))
                await asyncio.sleep(0.5)
            else:
                return

    def _settle_sent(self, platform: Platform, work: Work, sent: Sent) -> None:
        now = self.now()
        alert = None
        if not work.is_reply:
            before = work.sent if work.is_edit else None
            edited = (before.sent_at, now) if before else (now, None)
            alert = SentAlert(sent.receipt, work.event.revision, content_hash(work.message), *edited)
        with self.store.writing() as records:
            free_at = now + platform.spacing(work.chat)[1]  # from its end: a send takes time
            records.settle_sent(work.row.id, alert, sent.unsure, now, work.chat.key, free_at)
            if work.escalation:
                self._put_escalation(records, work.event.key, work.chat.key, work.escalation, now)
        told = {"alert": work.event.key, "chat": str(work.chat.key), "kind": str(work.row.kind)}
        log.info("sent", **told, tries=work.row.tries)
        if sent.unsure:
            log.warning("perhaps sent twice", **told, unsure=sent.unsure)

    def put_escalation(self, records: Records, event: str, chat: ChatKey) -> None:
        """Nobody handles it any more: it waits anew, from now on."""
        now, known = self.now(), records.event(event)
        if known and not known.review and (escalation := records.routes_of(chat).escalation):
            self._put_escalation(records, event, chat, escalation, now, f":{now:%Y%m%dT%H%M%S%f}")

    def _put_escalation(
        self, records: Records, event: str, chat: ChatKey, escalation: Escalation, now: datetime, again: str = ""
    ) -> None:
        """Have it looked at again, when a second chat is to be told unless somebody acknowledged it. `again` parts the
        job's key from those before."""
        args = {"event": event, "platform": chat.platform, "chat": chat.id, "thread": chat.thread}
        self.engine.put(
            records,
            "escalate",
            f"escalate:{event}:{chat}{again}",
            {**args, "sent_at": now.isoformat()},
            partition=str(escalation.to),
            priority=ALERT_PRIORITY,
            not_before=now + escalation.after,
        )

    async def _after_failure(self, work: Work, unsent: Unsent) -> None:
        error = unsent.error
        outcome = decide_after_failure(error, work.row.tries, self.jitter())
        log.warning("not sent", alert=work.event.key, chat=str(work.chat.key), problem=error.problem, then=str(outcome))
        await self.surely(self._save_failure, work, outcome, unsent)
        if told := told_failure(outcome, work.row.tries, work.chat, _KIND_WORDS[work.row.kind]):
            await asyncio.to_thread(self.on_trouble, told)
        match outcome:
            case TryAgain(delay, reason) if not work.is_edit:
                raise Again(delay, reason)
            case FollowChat():
                raise Again(timedelta(seconds=1), "the chat moved")

    def _save_failure(self, work: Work, outcome: TryAgain | FollowChat | GiveUp | StopChat, unsent: Unsent) -> None:
        now, unsure = self.now(), unsent.unsure
        with self.store.writing() as records:
            match outcome:
                case TryAgain(delay, reason):
                    if unsent.error.retry_after:
                        records.block_gate(work.chat.key, now + unsent.error.retry_after)
                    records.release_delivery(work.row.id, reason, now + delay, unsure)
                    if work.is_edit:  # it has no place to keep: alerts go first
                        self._put_delivery(records, work.row, f"{work.row.tries:04d}", now + delay)
                case FollowChat(new_id):
                    key = work.chat.key
                    records.release_delivery(work.row.id, "the chat moved", now, unsure)
                    records.move_chat(key, new_id)
                    records.add_audit(
                        AuditRow(now, "delivery", str(key), "chat moved", str(key), f"{key.platform}:{new_id}")
                    )
                case GiveUp(reason):
                    records.settle_delivery(work.row.id, DeliveryState.DEAD, now, reason, unsure=unsure)
                case StopChat(reason):
                    records.settle_delivery(work.row.id, DeliveryState.DEAD, now, reason, unsure=unsure)
                    records.save_chat(replace(work.chat, stopped_reason=reason))
                    records.add_audit(AuditRow(now, "delivery", str(work.chat.key), "chat stopped", "", reason))


_KIND_WORDS = {DeliveryKind.ALERT: "an alert", DeliveryKind.EDIT: "an update", DeliveryKind.FOLLOW_UP: "a follow-up"}


def _why_gone(row: Delivery, event: Event | None, chat: Chat | None, sent: SentAlert | None) -> str:
    """Why nothing is sent whatever the chat asks for; "" where something may be."""
    if chat and chat.stopped_reason:
        return chat.stopped_reason
    # of an event that is told as another only the messages that are there change
    if event and event.told_as and not (row.kind is DeliveryKind.EDIT and sent):
        return f"told as event {event.told_as}"
    return "" if event and chat else "its event or chat is gone"


def _as_told(
    records: Records, event: Event, own: Sequence[Subscription], entities: Mapping[str, Entity]
) -> Event | None:
    """`as_told`; words that a chat asks for since the event was planned are looked for now."""
    told = as_told(event, own, entities)
    asked = [word for one in own for word in one.filters.sought]
    if told or not asked:
        return told
    return as_told(with_words(event, asked, article_of(records)), own, entities)


def _is_told(row: Delivery, sent: SentAlert) -> bool:
    """Whether the alert went out so late that it has this news itself. A correction is told in any case."""
    return sent.edited_at is None and sent.revision >= row.revision and not json.loads(row.note).get("correction")


def _knows(records: Records, row: Delivery, sent: SentAlert | None, alert: Delivery | None) -> bool:
    """Whether the chat was told of the event before this row, or may have been: by a try of its `alert`."""
    if sent or (alert and (alert.unsure or alert.state is DeliveryState.SENDING)):
        return True
    return row.kind is not DeliveryKind.ALERT and row.chat in records.chats_told_otherwise(row.event)


def _is_kept_true(row: Delivery, sent: SentAlert | None) -> bool:
    """Whether it mends what a chat was told: that is owed to it whatever it follows by now."""
    if row.kind is DeliveryKind.EDIT:
        return sent is not None
    return row.kind is DeliveryKind.FOLLOW_UP and bool(json.loads(row.note).get("correction"))


def _under(records: Records, row: Delivery, event: Event) -> Receipt | None:
    """What a message answers that is the first of its event in a chat: a reply the batch or digest that told of it; an
    alert the latest message on what it eases or lifts."""
    if row.kind is DeliveryKind.FOLLOW_UP:
        return _told_in(records, event.key, row.chat)
    for key in dict.fromkeys(one.event for one in event.eases):
        sent = records.sent_alert(key, row.chat)
        if receipt := sent.receipt if sent else _told_in(records, key, row.chat):
            return receipt
    return None


def _told_in(records: Records, event: str, chat: ChatKey) -> Receipt | None:
    """The latest batch or digest that told a chat of an event."""
    return next((one.receipt for one in reversed(records.notices_on(event)) if one.chat == chat), None)


def _message(records: Records, row: Delivery, event: Event, seen: Seen) -> Message:
    if row.kind is not DeliveryKind.FOLLOW_UP:
        return _alert(records, event, seen, row.chat)
    news, told = json.loads(row.note), seen.event
    return follow_up_message(
        told, news["targets"], news["authorities"], news.get("records", ()), _correction(news, told)
    )


def _alert(records: Records, event: Event, seen: Seen, chat: ChatKey) -> Message:
    handled, said = records.acknowledgement(event.key, chat), records.feedback_of(event.key, chat)
    gone = _taken_out(records, event, seen.event, chat, said)
    return alert_message(seen.event, seen.focus, said, handled, seen.ties, load_zone(records, chat), gone)


def _taken_out(
    records: Records, event: Event, told: Event, chat: ChatKey, said: Sequence[Feedback]
) -> Mapping[str, str]:
    """The captions of those targets that people of the chat said to be somebody else, and that it is told of no more
    therefore: else a name would be gone from the message without a word."""
    gone = {one.entity for one in said if one.label is Verdict.ABSENT} - {target.entity for target in told.targets}
    if not gone:
        return NOBODY
    places, seen = records.places_of(gone), records.watchlists_of(chat)
    return {one.entity: one.caption for one in event.targets if one.entity in gone and places.get(one.entity) in seen}


def _correction(news: Mapping[str, Any], event: Event) -> Correction | None:
    """As it is in a row's note; one that was put by an older version is its first words alone."""
    match news.get("correction"):
        case Mapping() as told:
            return Correction(**told)
        case str(said) if said:
            return Correction(said, GONE if event.withdrawn else HOLDS)
        case _:
            return None
