"""What a notice is made of, read from the store: events as a chat may see them, their lines, how a notice reads now."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Sequence
from datetime import datetime
from typing import Protocol, TypeVar

from bot.alerts import NAMES_IN_TITLE, alert_message, find_outlets, find_url, headline
from bot.counted import some_of
from bot.model import (
    Acknowledgement,
    Chat,
    ChatKey,
    DeliveryKind,
    Event,
    HeldAlert,
    HoldKind,
    Message,
    Notice,
    NoticeKind,
)
from bot.ports import Platform, Records
from bot.routes import (
    Hidden,
    Line,
    escalation_notice,
    reminder_notice,
    told_events,
    with_states,
    without_names,
)
from bot.severities import Seen
from bot.visibility import find_standing
from bot.zones import load_zone, told_day, told_time

T = TypeVar("T")


class Sender(Protocol):
    """How messages are sent and what chats see: the pipeline. See there."""

    def admitted(self, records: Records, chat: ChatKey) -> Chat | None: ...
    def seen(self, records: Records, event: Event, chat: ChatKey, *, is_sent: bool = ...) -> Seen | None: ...
    def put_alert(self, records: Records, event: Event, chat: ChatKey, reason: str, now: datetime) -> None: ...
    def pass_gate(self, platform: Platform, chat: Chat, priority: int = ...) -> Awaitable[None]: ...
    def pass_gate_and(
        self, platform: Platform, chat: Chat, then: Callable[[Records], T | None]
    ) -> Awaitable[T | None]: ...
    def surely(self, save: Callable[..., None], *args: object) -> Awaitable[None]: ...


def is_news(event: Event) -> bool:
    return not event.withdrawn and not event.told_as


def load_events(sender: Sender, records: Records, chat: ChatKey, keys: Iterable[str]) -> list[Seen]:
    """Those that are kept and of which the chat sees somebody, each once, as it sees them."""
    found = (records.event(key) for key in dict.fromkeys(keys))
    return [seen for event in found if event and (seen := sender.seen(records, event, chat))]


def alert_of(seen: Seen, zone: str, handled: Acknowledgement | None = None) -> Message:
    """`zone`: of the chat that is told."""
    return alert_message(seen.event, seen.focus, (), handled, seen.ties, zone)


def lines_of(events: Sequence[Seen], zone: str, held: Sequence[HeldAlert] = ()) -> list[Line]:
    """A line for each event; `zone`: of the chat that is told; `held`: what of them is told only now."""
    reasons = {one.event: one.reason.removeprefix("held: ") for one in held if one.hold is HoldKind.MUTED}
    alerts = {one.event for one in held if one.kind is DeliveryKind.ALERT}
    lines = []
    for event, severity in ((seen.event, seen.severity) for seen in events):
        is_update = bool(held) and event.key not in alerts
        update = "news of an alert told before" if is_update else ""
        gone = (
            "" if held and event.key not in reasons else told_state(event, None, zone)
        )  # what is held is told as it reads
        parts = (gone, told_eased(event, zone), told_changed(event), update, reasons.get(event.key, ""))
        note = "; ".join(filter(None, parts))
        told = told_source(event, zone)
        lines.append(Line(event.key, headline(event, event.targets), severity, note, told, find_url(event), is_update))
    return lines


def told_eased(event: Event, zone: str) -> str:
    """'of what was told on 3 May 2026, event 3f2a9c41': the latest of what a relief eases or lifts."""
    if event.withdrawn or not event.eases:
        return ""
    last = event.eases[0]
    return f"of what was told on {told_day(last.at, zone)}, event {last.event}"


def told_changed(event: Event) -> str:
    """'Litasco SA withdrawn; to be checked: Wire corrected its report': what proved wrong, or may, while it holds."""
    if event.withdrawn:
        return ""
    names = [one.target.caption for one in event.withdrawn_targets]
    gone = f"{some_of(names, NAMES_IN_TITLE)} withdrawn" if names else ""
    doubt = f"to be checked: {event.open_doubts[-1].outlet} corrected its report" if event.open_doubts else ""
    return "; ".join(filter(None, (gone, doubt)))


def told_source(event: Event, zone: str) -> str:
    """'Wire and 2 more, 4 Mar, 23:05 UTC'"""
    more = len(find_outlets(event)) - 1
    outlet = (event.sources[0].outlet if event.sources else "") + (f" and {more} more" if more > 0 else "")
    return f"{outlet}, {told_time(event.opened_at, zone)}".removeprefix(", ")


# ---------------------------------------------------------------- how a notice reads now


def read_notice(sender: Sender, records: Records, notice: Notice) -> Message | None:
    """The notice with what became of its events since it was planned, and without the names that were hidden from its
    chat meanwhile. None if the chat sees nobody of its events now."""
    match notice.kind:
        case NoticeKind.ESCALATION | NoticeKind.REMINDER if len(notice.events) == 1:
            return _single(sender, records, notice)
        case NoticeKind.BATCH | NoticeKind.DIGEST | NoticeKind.ESCALATION:
            return _several(sender, records, notice)
        case _:
            return notice.message


def _several(sender: Sender, records: Records, notice: Notice) -> Message | None:
    told = told_events(notice.message)
    hidden = {key: gone for key in told if (gone := _hidden(sender, records, notice, key))}
    if told and not any(key not in hidden or hidden[key].headline for key in told):
        return None
    events = [_as_seen(sender, records, notice, key) for key in notice.events]
    standing = [find_standing(records, key) for key in notice.events]
    said = [said_of(records, notice.chat, key) for key in notice.events]
    zone = load_zone(records, notice.chat)
    states = [told_state(event, by, zone, since) for event, by, since in zip(events, said, standing, strict=True)]
    message = without_names(notice.message, hidden)
    return with_states(message, notice.mark, states, [one is not None for one in said])


def said_of(records: Records, chat: ChatKey, key: str) -> Acknowledgement | None:
    """Who handles the event in the chat, or the one that tells of it since."""
    standing = find_standing(records, key)
    said = records.acknowledgement(key, chat)
    return said or (records.acknowledgement(standing.key, chat) if standing else None)


def _as_seen(sender: Sender, records: Records, notice: Notice, key: str) -> Event | None:
    """The event as the notice's chat sees it; as it is, where that sees nobody of it."""
    event = records.event(key)
    seen = _seen(sender, records, notice, event) if event else None
    return seen.event if seen else event


def _hidden(sender: Sender, records: Records, notice: Notice, key: str) -> Hidden | None:
    """What the notice's chat does not see of an event; None if it sees all of it."""
    event = records.event(key)
    seen = _seen(sender, records, notice, event) if event else None
    if event is None:
        return None
    left = seen.event.targets if seen else ()
    shown = {target.caption for target in seen.event.ever_targets} if seen else set()
    names = tuple(target.caption for target in event.ever_targets if target.caption not in shown)
    if seen and not names:
        return None
    return Hidden(names, headline(event, left), find_url(seen.event)) if seen and left else Hidden(names, "")


def _seen(sender: Sender, records: Records, notice: Notice, event: Event) -> Seen | None:
    """The event as the chat sees it to which the notice was planned. What was sent still tells of what proved to be
    somebody else; what is not, tells of it no more."""
    return sender.seen(records, event, notice.origin or notice.chat, is_sent=notice.receipt is not None)


def _single(sender: Sender, records: Records, notice: Notice) -> Message | None:
    """The event's alert as it reads now, with why it came: the first paragraph of what was planned."""
    (key,) = notice.events
    event = _told_here(records, notice, key)
    if event is None:
        return notice.message
    seen = _seen(sender, records, notice, event)
    if seen is None:
        return None
    alert = alert_of(seen, load_zone(records, notice.chat), records.acknowledgement(event.key, notice.chat))
    why = notice.message.paragraphs[0] if notice.message.paragraphs else ""
    return (escalation_notice if notice.kind is NoticeKind.ESCALATION else reminder_notice)(alert, why)


def _told_here(records: Records, notice: Notice, key: str) -> Event | None:
    """The event; of one that proved to be the same act as another, that other, if nothing else in the chat tells of
    it."""
    event = records.event(key)
    standing = find_standing(records, key)
    if event is None or standing is None or standing.key == key:
        return event
    others = [
        one
        for one in records.notices_on(standing.key)
        if one.chat == notice.chat and standing.key in one.events and one.kind is not NoticeKind.CORRECTION
    ]
    return event if others or records.sent_alert(standing.key, notice.chat) else standing


def told_state(event: Event | None, handled: Acknowledgement | None, zone: str, standing: Event | None = None) -> str:
    """'handled by Ana since 14:02 UTC', 'withdrawn'; "" where nothing happened to it. `standing`: what tells of it
    since, if it proved to be the same act as another."""
    if event and event.withdrawn:
        return "withdrawn: it proved wrong"
    if event and event.told_as:
        same = f"the same act as event {event.told_as}"
        then = told_state(standing, handled, zone) if standing and not standing.told_as else ""
        return f"{same}; {then}" if then else same
    return f"handled by {handled.by.called} since {told_time(handled.at, zone)}" if handled else ""
