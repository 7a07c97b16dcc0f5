"""The messages that are no event's own: a batch after quiet hours, a digest, an escalation, a reminder. Lines of what
they tell come in; nothing is concluded here."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from zoneinfo import ZoneInfo

from bot.model import Action, Fact, Message, Severity

_SHOWN, _BUTTONS = 20, 4
_LABEL = 40  # characters of a button


@dataclass(frozen=True, slots=True)
class Line:
    """One event in a notice: its headline, and what is to be added ("held: …")."""

    event: str
    headline: str
    severity: Severity
    note: str = ""


def batch_notice(lines: Sequence[Line], at: datetime) -> Message:
    """What quiet hours held, in one message, the most severe first."""
    ordered = _ordered(lines)
    return Message(
        title=f"{_count(lines, 'alert')} came in while it was quiet here",
        severity=ordered[0].severity,
        at=at,
        bullets=_bullets(ordered),
        actions=_details(ordered),
    )


@dataclass(frozen=True, slots=True)
class Contents:
    """Of a digest: what was told since the last one, what changed of what was told before, what is told only here, what
    is muted; `sources`: how many of how many were checked since."""

    told: Sequence[Line] = ()
    updated: Sequence[Line] = ()
    waiting: Sequence[Line] = ()
    muted: Sequence[Line] = ()
    sources: tuple[int, int] = (0, 0)

    @property
    def is_news(self) -> bool:
        return bool(self.told or self.updated or self.waiting or self.muted)


def digest_notice(contents: Contents, since: datetime, slot: datetime, zone: str) -> Message:
    checked = f"{contents.sources[0]} of {contents.sources[1]} sources checked"
    subtitle = f"{_clock(since, zone)} to {_clock(slot, zone)} ({zone})"
    if not contents.is_news:
        return Message("Digest: nothing happened", subtitle=subtitle, paragraphs=(f"Nothing happened; {checked}.",))
    groups = {
        "Told since the last digest": contents.told,
        "Updated": contents.updated,
        "Not told, as muted": contents.muted,
    }
    return Message(
        title=f"Digest: {_summary(contents)}",
        subtitle=subtitle,
        facts=tuple(Fact(label, "; ".join(_plain(lines))) for label, lines in groups.items() if lines),
        bullets=_bullets(_ordered(contents.waiting)),
        footer=f"{checked}.",
        actions=_details(_ordered([*contents.waiting, *contents.told, *contents.updated])),
    )


def escalation_notice(alert: Message, event: str, chat: str, reason: str) -> Message:
    """An alert for the second chat: why it comes, and from where."""
    return replace(
        alert,
        paragraphs=(f"Escalated from {chat}: {reason}.", *alert.paragraphs),
        actions=(
            Action("Acknowledge", data=f"ack {event}"),
            *(action for action in alert.actions if action.label in ("Details", "Open article")),
        ),
    )


def reminder_notice(alert: Message, told: str) -> Message:
    """At the end of a snooze."""
    return replace(alert, paragraphs=(f"Reminder: {told}.", *alert.paragraphs))


def _summary(contents: Contents) -> str:
    """'2 alerts, 1 told only here, 3 muted'"""
    parts = [_count(contents.told, "alert")] if contents.told else []
    parts += [f"{len(contents.waiting)} told only here"] if contents.waiting else []
    parts += [_count(contents.updated, "update")] if contents.updated else []
    parts += [f"{len(contents.muted)} muted"] if contents.muted else []
    return ", ".join(parts)


def _count(lines: Sequence[Line], one: str) -> str:
    return f"{len(lines)} {one}{'' if len(lines) == 1 else 's'}"


def _ordered(lines: Sequence[Line]) -> list[Line]:
    rank = list(Severity)
    return sorted(lines, key=lambda line: rank.index(line.severity))


def _bullets(lines: Sequence[Line]) -> tuple[str, ...]:
    more = len(lines) - _SHOWN
    bullets = [f"{line.severity.capitalize()}: {text}" for line, text in zip(lines, _texts(lines), strict=True)]
    return (*bullets[:_SHOWN], *([f"and {more} more: see the latest events"] if more > 0 else []))


def _plain(lines: Sequence[Line]) -> list[str]:
    more = len(lines) - _SHOWN
    return [*_texts(lines[:_SHOWN]), *([f"and {more} more"] if more > 0 else [])]


def _texts(lines: Sequence[Line]) -> list[str]:
    return [f"{line.headline} · event {line.event}" + (f" ({line.note})" if line.note else "") for line in lines]


def _details(lines: Sequence[Line]) -> tuple[Action, ...]:
    return tuple(
        Action(label if len(label := line.headline) <= _LABEL else f"{label[: _LABEL - 1]}…", data=f"why {line.event}")
        for line in {line.event: line for line in lines[:_BUTTONS]}.values()
    )


def _clock(at: datetime, zone: str) -> str:
    local = at.astimezone(ZoneInfo(zone))
    return f"{local.day} {local:%b, %H:%M}"
