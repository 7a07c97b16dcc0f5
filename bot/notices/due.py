"""What is due: batches after quiet hours, digests, reminders.

Every process ticks. What a tick finds is decided in one transaction under a key of its slot, so that one of them plans
it; what was missed while no process ran is made up at the next tick, once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.model import (
    ChatKey,
    ChatRoutes,
    DeliveryKind,
    HeldAlert,
    HoldKind,
    Mute,
    NoticeKind,
    Source,
    notice_mark,
)
from bot.notices.reading import alert_of, is_news, lines_of, load_events
from bot.notices.sending import Notices
from bot.ports import Records
from bot.routes import Contents, Line, batch_notice, digest_notice, due_slot, in_order, quiet_until, reminder_notice
from bot.severities import Seen
from bot.sources import load_sources
from bot.visibility import find_standing
from bot.zones import load_zone

TICK_EVERY = timedelta(seconds=30)
# A snooze that ended while no process ran is still told so late; one that ended earlier is history.
REMIND_WITHIN = timedelta(days=2)


@dataclass(slots=True)
class DueNotices:
    """Plans what is due. `notices` has the store and the clock."""

    notices: Notices
    sources: Mapping[str, Source]

    # ------------------------------------------------------------ what is due

    def tick(self) -> None:
        """Plan all that is due by now. Any process may call it, as often as it likes."""
        now = self.notices.now()
        with self.notices.store.reading() as records:
            settings = {one.chat: one for one in records.all_routes()}
            over = [chat for chat, hold in records.chats_holding() if _is_over(hold, settings, chat, now)]
            holding = [chat for chat in dict.fromkeys(over) if self._is_told(records, chat)]
            digests = [one.chat for one in settings.values() if one.digest and _is_due(records, one, now)]
            digests = [chat for chat in digests if self._is_told(records, chat)]
            snoozes = records.snoozes_ended(now - REMIND_WITHIN, now)
            snoozes = tuple(mute for mute in snoozes if self._is_told(records, mute.chat))
        for chat in holding:
            self._wake(chat, now)
        for chat in digests:
            self._put_digest(chat, now)
        for mute in snoozes:
            self._remind(mute, now)

    def _is_told(self, records: Records, chat: ChatKey) -> bool:
        """Whether anything is sent there: what is held for a stopped chat waits until it is back."""
        known = self.notices.sender.admitted(records, chat)
        return known is not None and not known.stopped_reason

    def _wake(self, chat: ChatKey, now: datetime) -> None:
        """What was held is told: a single alert as itself, several in one message."""
        with self.notices.store.writing() as records:
            records.lock_events()  # an article of the same event would not see that the chat is told
            settings = {one.chat: one for one in records.all_routes()}
            holds = [hold for hold in (HoldKind.QUIET, HoldKind.DIGEST) if _is_over(hold, settings, chat, now)]
            key = f"batch:{chat}:{now.timestamp():.6f}"
            held = records.take_held(chat, holds, now, key)
            events = self._news(records, chat, held, now)
            alone = {one.event for one in held if one.kind is DeliveryKind.ALERT}
            # of an act that was told as two events, one of which was held, the chat has a message
            alone = {event for event in alone if chat not in records.chats_told(event)}
            if len(events) == 1 and events[0].event.key in alone:
                event = records.event(events[0].event.key) or events[0].event
                records.mark_taken(chat, [event.key], now, "alert")
                self.notices.sender.put_alert(records, event, chat, "it was held before", now)
            elif events:
                zone = load_zone(records, chat)
                lines = in_order(lines_of(events, zone, held))
                message = batch_notice(lines, now, notice_mark(key), zone)
                self.notices.put(records, NoticeKind.BATCH, key, chat, message, [line.event for line in lines])

    def _put_digest(self, chat: ChatKey, now: datetime) -> None:
        with self.notices.store.writing() as records:
            settings = records.routes_of(chat)
            plan, last = settings.digest, records.digest_slot(chat)
            if plan is None or not _is_due(records, settings, now):
                return
            slot = due_slot(plan, now)
            # from the last one on, also where the time was changed since or the digest was off for a while
            since = max(at for at in (last or plan.since, slot - timedelta(days=8)) if at)
            if not records.take_digest_slot(chat, slot):
                return
            key = f"digest:{chat}:{slot:%Y-%m-%dT%H:%M}"
            contents = self._contents(records, chat, since, slot, now, key)
            if contents.is_news or plan.when_empty:
                message = digest_notice(contents, since, slot, plan.zone, notice_mark(key))
                only_here = [line.event for line in contents.waiting]
                self.notices.put(records, NoticeKind.DIGEST, key, chat, message, only_here)

    def _contents(
        self, records: Records, chat: ChatKey, since: datetime, slot: datetime, now: datetime, notice: str
    ) -> Contents:
        held = records.take_held(chat, [HoldKind.MUTED, HoldKind.DIGEST], now, notice)
        muted = [one for one in held if one.hold is HoldKind.MUTED]
        waiting = [one for one in held if one.hold is HoldKind.DIGEST]
        zone = load_zone(records, chat)
        sent = records.told_between(chat, since, slot)
        told = dict.fromkeys(event for event, kind, _ in sent if kind is DeliveryKind.ALERT)
        updated = dict.fromkeys(event for event, kind, _ in sent if kind is not DeliveryKind.ALERT)
        return Contents(
            told=self._lines(records, chat, told),
            updated=self._lines(records, chat, [key for key in updated if key not in told]),
            waiting=in_order(lines_of(self._news(records, chat, waiting, now), zone, waiting)),
            muted=lines_of(self._news(records, chat, muted, now), zone, muted),
            sources=self._checked(records, since),
        )

    def _news(self, records: Records, chat: ChatKey, held: Sequence[HeldAlert], now: datetime) -> list[Seen]:
        """The events of what was taken that are still news to the chat; it is never told of the others."""
        keys = [one.event for one in held]
        news = [seen for seen in load_events(self.notices.sender, records, chat, keys) if is_news(seen.event)]
        if gone := set(keys) - {seen.event.key for seen in news}:
            records.mark_taken(chat, gone, now, "")
        return news

    def _lines(self, records: Records, chat: ChatKey, keys: Iterable[str]) -> list[Line]:
        return lines_of(load_events(self.notices.sender, records, chat, keys), load_zone(records, chat))

    def _checked(self, records: Records, since: datetime) -> tuple[int, int]:
        """(sources that were read since, sources that there are)."""
        states = records.source_states()
        sources = [source.key for source in load_sources(records, self.sources).values() if source.enabled]
        read = [states[key].last_success_at for key in sources if key in states]
        return sum(1 for at in read if at and at >= since), len(sources)

    def _remind(self, mute: Mute, now: datetime) -> None:
        with self.notices.store.writing() as records:
            standing = find_standing(records, mute.value)
            key = standing.key if standing else mute.value
            seen = next(iter(load_events(self.notices.sender, records, mute.chat, [key])), None)
            if seen is None or not is_news(seen.event):
                return
            event, alert = seen.event, alert_of(seen, load_zone(records, mute.chat))
            why = f"Reminder: {mute.by.called} snoozed this" + (f": {mute.why}" if mute.why else "")
            message = reminder_notice(alert, f"{why}.")
            notice = f"reminder:{mute.id}"
            if self.notices.put(records, NoticeKind.REMINDER, notice, mute.chat, message, [event.key]):
                records.take_held(mute.chat, [HoldKind.MUTED], now, notice, event.key)


def _is_over(hold: HoldKind, settings: Mapping[ChatKey, ChatRoutes], chat: ChatKey, now: datetime) -> bool:
    """Whether nothing holds such alerts in the chat any more. A mute's are told in a digest, or by its next news."""
    own, group = settings.get(chat), settings.get(chat.whole)
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
