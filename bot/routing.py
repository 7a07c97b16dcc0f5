"""The jobs of what is told later: batches after quiet hours, digests, escalations, reminders.

    tick: whose quiet hours, digest or snooze is due | notice: send one such message | escalate: is it still nobody's?

Every process ticks. What a tick finds is decided in one transaction under a key of its slot, so that one of them plans
it; what was missed while no process ran is made up at the next tick, once."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Protocol

import structlog

from bot.alerts import alert_message, headline, severity
from bot.delivery import FollowChat, GiveUp, StopChat, TryAgain, decide_after_failure, find_focus
from bot.errors import ChatMovedError, DeliveryError
from bot.model import (
    Chat,
    ChatKey,
    ChatRoutes,
    DeliveryKind,
    DeliveryState,
    DigestPlan,
    Event,
    HeldAlert,
    HoldKind,
    Message,
    Mute,
    Notice,
    NoticeKind,
    Source,
)
from bot.ports import Again, AuditRow, Engine, Platform, Records, Store
from bot.routes import (
    Contents,
    Line,
    batch_notice,
    decide_escalation,
    digest_notice,
    due_slot,
    escalation_notice,
    quiet_until,
    reminder_notice,
)
from bot.visibility import see_events

log = structlog.get_logger(__name__)

TICK_EVERY = timedelta(seconds=30)
NOTICE_PRIORITY = 3  # after alerts and replies, before edits
# A snooze that ended while no process ran is still told so late; one that ended earlier is history.
REMIND_WITHIN = timedelta(days=2)


class Sender(Protocol):
    """How messages are sent: the pipeline. See there."""

    def admitted(self, records: Records, chat: ChatKey) -> Chat | None: ...
    def put_alert(self, records: Records, event: Event, chat: ChatKey, reason: str, now: datetime) -> None: ...
    def pass_gate(self, platform: Platform, chat: Chat) -> Awaitable[None]: ...


@dataclass(slots=True)
class Routing:
    """The jobs and what they need from outside. `now` is the clock; `jitter` is a test's own."""

    store: Store
    engine: Engine
    sender: Sender
    sources: Mapping[str, Source]
    platforms: Mapping[str, Platform]
    now: Callable[[], datetime] = lambda: datetime.now(UTC)
    on_trouble: Callable[[str], None] = lambda _text: None
    jitter: Callable[[], float] = random.random

    def register(self) -> None:
        """Tell the engine its jobs; once, before it starts."""
        self.engine.job("notice", queue="deliver", tries=10)(self.notice)
        self.engine.job("escalate", queue="deliver", tries=10)(self.escalate)

    # ------------------------------------------------------------ what is due

    def tick(self) -> None:
        """Plan all that is due by now. Any process may call it, as often as it likes."""
        now = self.now()
        with self.store.reading() as records:
            settings = {one.chat: one for one in records.all_routes()}
            holding = records.chats_holding()
            digests = [one.chat for one in settings.values() if one.digest and _is_due(records, one, now)]
            snoozes = records.snoozes_ended(now - REMIND_WITHIN, now)
        for chat in dict.fromkeys(chat for chat, hold in holding if _is_over(hold, settings, chat, now)):
            self._wake(chat, now)
        for chat in digests:
            self._put_digest(chat, now)
        for mute in snoozes:
            self._remind(mute, now)

    def _wake(self, chat: ChatKey, now: datetime) -> None:
        """What was held is told: a single alert as itself, several in one message."""
        with self.store.writing() as records:
            settings = {one.chat: one for one in records.all_routes()}
            holds = [hold for hold in (HoldKind.QUIET, HoldKind.DIGEST) if _is_over(hold, settings, chat, now)]
            held = records.take_held(chat, holds, now, "batch")
            events = [event for event in _load_events(records, chat, held) if _is_news(event)]
            alone = {one.event for one in held if one.kind is DeliveryKind.ALERT}
            if len(events) == 1 and events[0].key in alone:
                self.sender.put_alert(records, events[0], chat, "it was held before", now)
            elif events:
                lines = _lines(records, chat, events, held)
                key = f"batch:{chat}:{now.timestamp():.6f}"
                self._put(records, NoticeKind.BATCH, key, chat, batch_notice(lines, now), events, now)

    def _put_digest(self, chat: ChatKey, now: datetime) -> None:
        with self.store.writing() as records:
            settings = records.routes_of(chat)
            plan, last = settings.digest, records.digest_slot(chat)
            if plan is None or not _is_due(records, settings, now):
                return
            slot = due_slot(plan, now)
            since = max(at for at in (last, plan.since, slot - timedelta(days=8)) if at)
            if not records.take_digest_slot(chat, slot):
                return
            message = self._digest(records, chat, plan, since, slot, now)
            if message:
                key = f"digest:{chat}:{slot:%Y-%m-%dT%H:%M}"
                self._put(records, NoticeKind.DIGEST, key, chat, message, (), now)

    def _digest(
        self, records: Records, chat: ChatKey, plan: DigestPlan, since: datetime, slot: datetime, now: datetime
    ) -> Message | None:
        """None if there is nothing to tell and nobody wants to know that."""
        held = records.take_held(chat, [HoldKind.MUTED, HoldKind.DIGEST], now, "digest")
        muted = [one for one in held if one.hold is HoldKind.MUTED]
        waiting = [one for one in held if one.hold is HoldKind.DIGEST]
        sent = records.told_between(chat, since, slot)
        told = dict.fromkeys(event for event, kind, _ in sent if kind is DeliveryKind.ALERT)
        updated = dict.fromkeys(event for event, kind, _ in sent if kind is not DeliveryKind.ALERT)
        contents = Contents(
            told=_lines(records, chat, _events(records, chat, told), ()),
            updated=_lines(records, chat, _events(records, chat, [key for key in updated if key not in told]), ()),
            waiting=_lines(records, chat, _load_events(records, chat, waiting), waiting),
            muted=_lines(records, chat, _load_events(records, chat, muted), muted),
            sources=self._checked(records, since),
        )
        return digest_notice(contents, since, slot, plan.zone) if contents.is_news or plan.when_empty else None

    def _checked(self, records: Records, since: datetime) -> tuple[int, int]:
        """(sources that were read since, sources that there are)."""
        states = records.source_states()
        sources = [source.key for source in self.sources.values() if source.enabled]
        read = [states[key].last_success_at for key in sources if key in states]
        return sum(1 for at in read if at and at >= since), len(sources)

    def _remind(self, mute: Mute, now: datetime) -> None:
        with self.store.writing() as records:
            event = next(iter(_events(records, mute.chat, [mute.value])), None)
            if event is None or not _is_news(event):
                return
            message = alert_message(event, _focus(records, mute.chat, event))
            told = f"{mute.by.name or mute.by} snoozed this" + (f": {mute.why}" if mute.why else "")
            key = f"reminder:{mute.id}"
            notice = reminder_notice(message, told)
            if self._put(records, NoticeKind.REMINDER, key, mute.chat, notice, [event], now):
                records.take_held(mute.chat, [HoldKind.MUTED], now, "reminder", event.key)

    def _put(
        self,
        records: Records,
        kind: NoticeKind,
        key: str,
        chat: ChatKey,
        message: Message,
        events: Iterable[Event],
        now: datetime,
    ) -> bool:
        """False if it was planned before."""
        if not records.add_notice(Notice(key, kind, chat, message, now, tuple(event.key for event in events))):
            return False
        self.engine.put(records, "notice", f"notice:{key}", {"key": key}, partition=str(chat), priority=NOTICE_PRIORITY)
        return True

    # ------------------------------------------------------------ escalation

    async def escalate(self, event: str, platform: str, chat: str, thread: str, sent_at: str) -> None:
        """Tell the second chat, if nobody of the first acknowledged the alert by now."""
        key = ChatKey(platform, chat, thread)
        await asyncio.to_thread(self._escalate, event, key, datetime.fromisoformat(sent_at))

    def _escalate(self, key: str, chat: ChatKey, sent_at: datetime) -> None:
        now = self.now()
        with self.store.writing() as records:
            # the second chat is told what the first was told
            event = next(iter(_events(records, chat, [key])), None)
            escalation = records.routes_of(chat).escalation
            if event is None:
                return
            focus = _focus(records, chat, event)
            said = records.acknowledgement(key, chat)
            decided = decide_escalation(escalation, event, severity(event, focus), sent_at, said, now)
            log.info("escalation", alert=key, chat=str(chat), is_due=decided.is_due, reason=decided.reason)
            if not decided.is_due or escalation is None:
                return
            known = records.chat(chat)
            name = known.title if known and known.title else str(chat)
            message = escalation_notice(alert_message(event, focus), key, name, decided.reason)
            self._put(records, NoticeKind.ESCALATION, f"escalation:{key}:{chat}", escalation.to, message, [event], now)

    # ------------------------------------------------------------ sending

    async def notice(self, key: str) -> None:
        """Send one notice. It is claimed before and settled after, so a crash between the two sends it again."""
        work = await asyncio.to_thread(self._load_notice, key)
        if work is None:
            return
        notice, chat = work
        platform = self.platforms.get(chat.key.platform)
        if platform is None:
            raise Again(timedelta(seconds=30), f"{chat.key.platform} is switched off here")
        await self.sender.pass_gate(platform, chat)
        try:
            await platform.send(chat.key, notice.message)
        except DeliveryError as error:
            await asyncio.to_thread(self._save_failure, notice, chat, error)
            return
        await asyncio.to_thread(self._settle, key, DeliveryState.SENT)
        log.info("notice sent", kind=notice.kind, chat=str(chat.key), tries=notice.tries)

    def _load_notice(self, key: str) -> tuple[Notice, Chat] | None:
        with self.store.writing() as records:
            notice = records.claim_notice(key)
            if notice is None:
                return None
            chat = self.sender.admitted(records, notice.chat)
            if chat is None or chat.stopped_reason:
                why = chat.stopped_reason if chat and chat.stopped_reason else "its chat is gone"
                records.settle_notice(key, DeliveryState.SKIPPED, self.now(), why)
                return None
            return notice, chat

    def _settle(self, key: str, state: DeliveryState, note: str = "") -> None:
        with self.store.writing() as records:
            records.settle_notice(key, state, self.now(), note)

    def _save_failure(self, notice: Notice, chat: Chat, error: DeliveryError) -> None:
        """Raises Again where another try is worth it."""
        outcome, now = decide_after_failure(error, notice.tries, self.jitter()), self.now()
        log.warning("notice not sent", chat=str(chat.key), problem=error.problem, then=str(outcome))
        with self.store.writing() as records:
            match outcome:
                case TryAgain() if error.retry_after:
                    records.block_gate(chat.key, now + error.retry_after)
                case FollowChat(new_id):
                    records.move_chat(chat.key, new_id)
                    _write_down(records, chat.key, "chat moved", f"{chat.key.platform}:{new_id}", now)
                case GiveUp(reason) | StopChat(reason):
                    records.settle_notice(notice.key, DeliveryState.DEAD, now, reason)
                    if isinstance(outcome, StopChat):
                        records.save_chat(replace(chat, stopped_reason=reason))
                        _write_down(records, chat.key, "chat stopped", reason, now)
                case _:
                    pass
        if isinstance(outcome, TryAgain):
            raise Again(outcome.delay, outcome.reason)
        if isinstance(error, ChatMovedError):
            raise Again(timedelta(seconds=1), "the chat moved")
        self.on_trouble(f"{chat.key}: {error.problem}")


def _write_down(records: Records, chat: ChatKey, what: str, after: str, now: datetime) -> None:
    records.add_audit(AuditRow(now, "delivery", str(chat), what, "", after))


def _is_over(hold: HoldKind, settings: Mapping[ChatKey, ChatRoutes], chat: ChatKey, now: datetime) -> bool:
    """Whether nothing holds such alerts in the chat any more. A mute's are told in a digest, or by its next news."""
    own, group = settings.get(chat), settings.get(replace(chat, thread=""))
    match hold:
        case HoldKind.QUIET:
            quiet = (own and own.quiet) or (group and group.quiet)
            return not quiet or quiet_until(quiet, now) is None
        case HoldKind.DIGEST:
            return not (own and own.digest and own.digest.instead)
        case HoldKind.MUTED:
            return False


def _is_due(records: Records, settings: ChatRoutes, now: datetime) -> bool:
    """Whether the latest moment for a digest is after the last one that was told, and after it was asked for."""
    if settings.digest is None:
        return False
    slot, last, since = due_slot(settings.digest, now), records.digest_slot(settings.chat), settings.digest.since
    return (last is None or slot > last) and (since is None or slot > since)


def _is_news(event: Event) -> bool:
    return not event.withdrawn and not event.told_as


def _load_events(records: Records, chat: ChatKey, held: Sequence[HeldAlert]) -> tuple[Event, ...]:
    return _events(records, chat, dict.fromkeys(one.event for one in held))


def _events(records: Records, chat: ChatKey, keys: Iterable[str]) -> tuple[Event, ...]:
    """As the chat sees them."""
    return see_events(records, chat, [event for key in keys if (event := records.event(key))])


def _focus(records: Records, chat: ChatKey, event: Event) -> frozenset[str]:
    return find_focus(records.subscriptions(chat), event)


def _lines(records: Records, chat: ChatKey, events: Sequence[Event], held: Sequence[HeldAlert]) -> list[Line]:
    reasons = {one.event: one.reason.removeprefix("held: ") for one in held if one.hold is HoldKind.MUTED}
    alerts = {one.event for one in held if one.kind is DeliveryKind.ALERT}
    lines = []
    for event in events:
        withdrawn = "withdrawn" if event.withdrawn else ""
        update = "news of an alert told before" if held and event.key not in alerts else ""
        note = "; ".join(part for part in (withdrawn, update, reasons.get(event.key, "")) if part)
        how_severe = severity(event, _focus(records, chat, event))
        lines.append(Line(event.key, headline(event, event.targets), how_severe, note))
    return lines
