"""Where an alert goes, whether it is held, whether a second chat is told. Pure, each with its reason."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from datetime import datetime

from bot.model import (
    Acknowledgement,
    ChatKey,
    ChatRoutes,
    DigestPlan,
    Escalation,
    Event,
    HoldKind,
    Mute,
    MuteKind,
    QuietHours,
    Severity,
    Subscription,
)
from bot.routes.times import next_slot, quiet_until
from bot.zones import told_moment


@dataclass(frozen=True, slots=True)
class Routed:
    """Where a chat's alert of a severity goes; `to` None: nowhere."""

    to: ChatKey | None
    reason: str


@dataclass(frozen=True, slots=True)
class Hold:
    """An alert is not sent now. `until`: when that ends by itself, if it does."""

    kind: HoldKind
    reason: str
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Escalated:
    """Whether the second chat is told, and why or why not. `due_at`: when it may be, if it is too early now."""

    is_due: bool
    reason: str
    due_at: datetime | None = None


# ---------------------------------------------------------------- where


def decide_route(settings: ChatRoutes | None, chat: ChatKey, severity: Severity) -> Routed:
    """Where what `chat` subscribed to goes, by how severe it is."""
    route = next((one for one in settings.routes if one.severity is severity), None) if settings else None
    if route is None or route.to == chat:
        return Routed(chat, f"{severity} alerts are told here")
    if route.to is None:
        return Routed(None, f"held back by a route of this chat: {severity} alerts are switched off here")
    return Routed(route.to, f"sent elsewhere by a route of this chat: {severity} alerts go to {route.to}")


def route_subscriptions(
    subscriptions: Sequence[Subscription],
    routes: Mapping[ChatKey, ChatRoutes],
    told: AbstractSet[ChatKey],
    severity_of: Callable[[Sequence[Subscription]], Severity],
    stopped: AbstractSet[ChatKey] = frozenset(),
) -> tuple[tuple[Subscription, ...], Mapping[ChatKey, str]]:
    """(the subscriptions as of the chats that are told for them, why a chat is not told for its own). `severity_of`:
    how severe the event is to a chat with these subscriptions. A chat that has the alert keeps it up to date.
    `stopped`: chats that nothing is sent to; what a route leads there is told in the chat that has the route."""
    routed: list[Subscription] = []
    elsewhere: dict[ChatKey, str] = {}
    severities: dict[ChatKey, Routed] = {}
    for one in subscriptions:
        settings = routes.get(one.chat)
        if settings is None or not settings.routes:
            routed.append(one)
            continue
        if one.chat not in severities:
            own = [other for other in subscriptions if other.chat == one.chat]
            severities[one.chat] = decide_route(settings, one.chat, severity_of(own))
        decided = severities[one.chat]
        to = one.chat if decided.to in stopped else decided.to
        if to == one.chat or one.chat in told:
            routed.append(one)
        else:
            elsewhere[one.chat] = decided.reason
        if to and to != one.chat:
            routed.append(replace(one, chat=to))
    return tuple(routed), elsewhere


# ---------------------------------------------------------------- when


def decide_hold(
    settings: ChatRoutes | None,
    mutes: Iterable[Mute],
    event: Event,
    concerned: AbstractSet[str],
    severity: Severity,
    now: datetime,
) -> Hold | None:
    """Whether an alert is held in a chat with these settings and mutes. `concerned`: the targets on whose account it
    would be told. None: it is told now."""
    muting = find_muting(mutes, event, concerned, now)
    if muting:
        zone = settings.zone if settings else ""
        return Hold(HoldKind.MUTED, f"held: {told_mute(muting, zone)}", muting.until)
    digest, quiet = (settings.digest, settings.quiet) if settings else (None, None)
    if digest and severity in digest.instead:
        return _until_digest(digest, severity, now)
    if quiet and severity not in quiet.passing:
        return _until_morning(quiet, now)
    return None


def _until_digest(digest: DigestPlan, severity: Severity, now: datetime) -> Hold:
    return Hold(HoldKind.DIGEST, f"held: {severity} alerts are told in this chat's digest", next_slot(digest, now))


def _until_morning(quiet: QuietHours, now: datetime) -> Hold | None:
    until = quiet_until(quiet, now)
    if until is None:
        return None
    return Hold(HoldKind.QUIET, f"held: quiet hours here until {quiet.end:%H:%M} ({quiet.zone})", until)


def find_muting(mutes: Iterable[Mute], event: Event, concerned: AbstractSet[str], now: datetime) -> Mute | None:
    """The mute that holds an event; several of entities, sources, authorities or programmes may do so together, then
    the last of them."""
    standing = [mute for mute in mutes if not mute.undone_at and (mute.until is None or mute.until > now)]
    eased = {one.event for one in event.eases}
    if len(eased) > 1:  # it is told on account of the others
        eased = set()
    for mute in standing:
        is_event = mute.kind is MuteKind.EVENT and mute.value in (event.key, *eased)
        if is_event or (mute.kind is MuteKind.VERDICT and mute.value == event.kind):
            return mute
    entities = {mute.value: mute for mute in standing if mute.kind is MuteKind.ENTITY}
    if concerned and concerned <= entities.keys():
        return max((entities[key] for key in concerned), key=lambda mute: mute.id)
    return (
        _muting_all(standing, MuteKind.SOURCE, (source.outlet for source in event.sources))
        or _muting_all(standing, MuteKind.AUTHORITY, event.authorities)
        or _muting_all(standing, MuteKind.PROGRAMME, (event.programme,) if event.programme else ())
        or _muting_all(standing, MuteKind.PROGRAMME, event.programmes)
    )


def _muting_all(mutes: Iterable[Mute], kind: MuteKind, values: Iterable[str]) -> Mute | None:
    """The last of the mutes of a kind that together hold all of the values; None without values."""
    muted = {mute.value.casefold(): mute for mute in mutes if mute.kind is kind}
    wanted = {value.casefold() for value in values}
    if not wanted or not wanted <= muted.keys():
        return None
    return max((muted[value] for value in wanted), key=lambda mute: mute.id)


def told_mute(mute: Mute, zone: str = "") -> str:
    """'Rosneft muted by Ana until 3 May 2026, 18:00 UTC: being handled'"""
    return f"{mute.label} {told_muting(mute, zone)}"


def told_muting(mute: Mute, zone: str) -> str:
    """'muted by Ana until 3 May 2026, 18:00 UTC: being handled'"""
    word = "snoozed" if mute.is_snooze else "muted"
    until = f"until {told_moment(mute.until, zone)}" if mute.until else "until somebody undoes it"
    return f"{word} by {mute.by.called} {until}" + (f": {mute.why}" if mute.why else "")


# ---------------------------------------------------------------- to whom else


def decide_escalation(
    escalation: Escalation | None,
    event: Event,
    severity: Severity,
    sent_at: datetime,
    acknowledged: Acknowledgement | None,
    now: datetime,
) -> Escalated:
    """Whether a second chat is told of an alert that was sent at `sent_at` and that nobody acknowledged."""
    if escalation is None:
        return Escalated(False, "this chat escalates nothing (any more)")
    if event.withdrawn:
        return Escalated(False, "the report was withdrawn")
    if event.told_as:
        return Escalated(False, f"told as event {event.told_as}")
    if acknowledged:
        return Escalated(False, f"acknowledged by {acknowledged.by.called}")
    if severity not in escalation.severities:
        return Escalated(False, f"{severity} alerts are not escalated here")
    minutes = int((now - sent_at).total_seconds() // 60)
    if now < (due_at := sent_at + escalation.after):
        return Escalated(False, f"only {minutes} min have passed", due_at)
    waited = f"{minutes} min" if minutes < 120 else f"{minutes // 60} h"
    return Escalated(True, f"nobody acknowledged it in {waited}")
