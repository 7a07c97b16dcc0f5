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


def digest_notice(
    told: Sequence[Line],
    updated: Sequence[Line],
    waiting: Sequence[Line],
    held: Sequence[Line],
    sources: tuple[int, int],
    since: datetime,
    slot: datetime,
    zone: str,
) -> Message:
    """What a chat was told since the last digest, what changed of it, what is told only here (`waiting`), what is
    muted (`held`). `sources`: how many of how many were checked since."""
    checked, of = sources
    facts = [Fact("Told since the last digest", "; ".join(_plain(told)))] if told else []
    facts += [Fact("Updated", "; ".join(_plain(updated)))] if updated else []
    facts += [Fact("Not told, as muted", "; ".join(_plain(held)))] if held else []
    facts.append(Fact("Sources", f"{checked} of {of} checked since"))
    is_empty = not (told or updated or waiting or held)
    shown = _ordered([*waiting, *told, *updated])
    return Message(
        title="Digest: nothing happened" if is_empty else f"Digest: {_summary(told, updated, waiting, held)}",
        subtitle=f"{_clock(since, zone)} to {_clock(slot, zone)} ({zone})",
        paragraphs=(f"Nothing happened; {checked} of {of} sources checked.",) if is_empty else (),
        facts=() if is_empty else tuple(facts),
        bullets=_bullets(_ordered(waiting)),
        actions=_details(shown),
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


def _summary(told: Sequence[Line], updated: Sequence[Line], waiting: Sequence[Line], held: Sequence[Line]) -> str:
    parts = [_count(told, "alert")] if told else []
    parts += [f"{len(waiting)} told only here"] if waiting else []
    parts += [_count(updated, "update")] if updated else []
    parts += [f"{len(held)} muted"] if held else []
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
