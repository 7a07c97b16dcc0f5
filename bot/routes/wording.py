"""What a chat has set, in plain words: the same in every answer."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from bot.counted import joined
from bot.model import ChatKey, ChatRoutes, DigestPlan, Escalation, QuietHours, Severity
from bot.routes.times import next_slot, quiet_until

NameOf = Callable[[ChatKey], str]
_WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_MEANING = {
    Severity.HIGH: "high (new, and sure)",
    Severity.MEDIUM: "medium (new, less sure, or by adjacency)",
    Severity.LOW: "low (relief, proposals, renewals, enforcement)",
}


def told_settings(settings: ChatRoutes, name_of: NameOf, zone: str, now: datetime) -> tuple[str, ...]:
    """All that a chat has set, a paragraph for each. `zone`: in which it is told times, be it its group's."""
    return (
        told_routes(settings, name_of),
        told_quiet(settings.quiet, now),
        told_digest(settings.digest, now),
        told_escalation(settings.escalation, name_of),
        told_zone(settings.zone, zone, now),
    )


def told_routes(settings: ChatRoutes, name_of: NameOf) -> str:
    ways: dict[str, list[Severity]] = {}
    for severity in Severity:
        route = next((one for one in settings.routes if one.severity is severity), None)
        if route is None or route.to == settings.chat:
            way = "come here"
        else:
            way = f"go to {name_of(route.to)}" if route.to else "are switched off"
        ways.setdefault(way, []).append(severity)
    if list(ways) == ["come here"]:
        return "Routes: alerts of every severity come here."
    parts = [f"{joined([_MEANING[one] for one in severities])} {way}" for way, severities in ways.items()]
    return f"Routes: {'; '.join(parts)}."


def told_quiet(quiet: QuietHours | None, now: datetime) -> str:
    if quiet is None:
        return "Quiet hours: none."
    passing = f"except {joined(quiet.passing)} ones, which come at once" if quiet.passing else "without exception"
    until = quiet_until(quiet, now)
    at_present = f" They hold now, until {_clock(until, quiet.zone)}." if until else ""
    return (
        f"Quiet hours: from {quiet.start:%H:%M} to {quiet.end:%H:%M} ({quiet.zone}) alerts wait, {passing}; "
        f"{'the others' if quiet.passing else 'they'} come in one message afterwards.{at_present}"
    )


def told_digest(digest: DigestPlan | None, now: datetime) -> str:
    if digest is None:
        return "Digest: none."
    when = f"every {_WEEKDAYS[digest.weekday]}" if digest.weekday is not None else "every day"
    instead = f" {joined(digest.instead).capitalize()} alerts are told in it alone." if digest.instead else ""
    empty = "also when nothing happened" if digest.when_empty else "unless nothing happened"
    return (
        f"Digest: {when} at {digest.at:%H:%M} ({digest.zone}), {empty}.{instead} "
        f"The next: {_clock(next_slot(digest, now), digest.zone)}."
    )


def told_escalation(escalation: Escalation | None, name_of: NameOf) -> str:
    if escalation is None:
        return "Escalation: none."
    return (
        f"Escalation: {joined(escalation.severities)} alerts that nobody acknowledges within "
        f"{told_span(escalation.after)} are told to {name_of(escalation.to)}, once."
    )


def told_zone(own: str, zone: str, now: datetime) -> str:
    """`own`: what the chat has set itself; `zone`: what holds there."""
    if not zone:
        return "Time zone: none, so messages tell times in UTC."
    of = "" if own else ", as this topic's group has it"
    return f"Time zone: {zone}{of}. There it is {now.astimezone(ZoneInfo(zone)):%H:%M} now."


def told_span(duration: timedelta) -> str:
    """'30 min', '2 h', '90 min', '7 days'."""
    minutes = int(duration.total_seconds() // 60)
    if minutes % 60 or minutes < 60:
        return f"{minutes} min"
    hours = minutes // 60
    return f"{hours // 24} days" if hours >= 48 and not hours % 24 else f"{hours} h"


def _clock(at: datetime, zone: str) -> str:
    """'Mon 4 May 2026, 08:00 (Europe/Berlin)'"""
    local = at.astimezone(ZoneInfo(zone))
    return f"{local:%a} {local.day} {local:%b %Y, %H:%M} ({zone})"
