"""The messages that are no event's own: a batch after quiet hours, a digest, an escalation, a reminder. Lines of what
they tell come in; nothing is concluded here."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from zoneinfo import ZoneInfo

from bot.counted import first_of, joined, number
from bot.model import Action, Message, Severity

_SHOWN, _BUTTONS = 20, 4
_LABEL = 40  # characters of a button
_LOOKS = ("Details", "Open article")
_THE_REST = "Acknowledge the rest"
_ONE_BY_ONE = (
    "To acknowledge one of them alone, press its name, then Acknowledge; or send the command ack with its event."
)


@dataclass(frozen=True, slots=True)
class Line:
    """One event in a notice: its headline, who told it and when, and what is to be added ("muted by Ana")."""

    event: str
    headline: str
    severity: Severity
    note: str = ""
    told: str = ""  # "Wire and 2 more, 23:05 UTC"
    url: str = ""  # of its first article
    is_update: bool = False  # news of an alert that was told before


def in_order(lines: Sequence[Line]) -> list[Line]:
    """As a notice has them: the most severe first."""
    rank = list(Severity)
    return sorted(lines, key=lambda line: rank.index(line.severity))


def batch_notice(lines: Sequence[Line], at: datetime, mark: str, zone: str = "") -> Message:
    """What quiet hours held, in one message. `mark`: the notice's own; `zone`: the chat's."""
    ordered = in_order(lines)
    return Message(
        title=f"{_told_kinds(lines)} came in while it was quiet here",
        severity=ordered[0].severity,
        at=at,
        zone=zone,
        bullets=_bullets(ordered),
        bullet_urls=_urls(ordered),
        footer=_ONE_BY_ONE if len(lines) > 1 else "",
        actions=(_all_handled(mark), *_details(ordered)),
    )


def with_states(message: Message, mark: str, states: Sequence[str], handled: Sequence[bool]) -> Message:
    """A notice on several events as it reads now: `states` ("handled by Ana since 14:02 UTC", "withdrawn", "") and
    whether each is handled, in the order of its bullets; those beyond the bullets that are shown are counted too."""
    told = zip(message.bullets[:_SHOWN], states, strict=False)
    shown = [f"{bullet} — {state}" if state else bullet for bullet, state in told]
    return replace(
        message,
        footer="" if message.footer == _ONE_BY_ONE and handled and all(handled) else message.footer,
        bullets=(*shown, *message.bullets[len(shown) :]),
        actions=tuple(_as_handled(action, mark, handled) for action in message.actions),
    )


@dataclass(frozen=True, slots=True)
class Hidden:
    """What a chat sees no more of an event: those `names`; `headline`: how it reads there now, "" if nobody is left;
    `url`: of the first article on those who are left."""

    names: tuple[str, ...]
    headline: str
    url: str = ""


def told_events(message: Message) -> tuple[str, ...]:
    """The events of which the bullets of a notice tell, each once."""
    return tuple(dict.fromkeys(filter(None, map(_event_of, message.bullets))))


def without_names(message: Message, hidden: Mapping[str, Hidden]) -> Message:
    """A notice on several events without what its chat sees no more of them. Every bullet keeps its place."""
    return replace(
        message,
        bullets=tuple(_bullet_without(bullet, hidden.get(_event_of(bullet))) for bullet in message.bullets),
        bullet_urls=tuple(_url_without(*one, hidden) for one in message.linked_bullets) if message.bullet_urls else (),
        actions=tuple(filter(None, (_action_without(action, hidden) for action in message.actions))),
    )


def _bullet_without(bullet: str, hidden: Hidden | None) -> str:
    if hidden is None:
        return bullet
    if not hidden.headline:
        return f"{bullet.partition(': ')[0]}: names that this chat does not see"
    for name in sorted(filter(None, hidden.names), key=len, reverse=True):
        bullet = bullet.replace(name, "another name")
    return bullet


def _url_without(bullet: str, url: str, hidden: Mapping[str, Hidden]) -> str:
    gone = hidden.get(_event_of(bullet))
    return gone.url if gone else url


def _action_without(action: Action, hidden: Mapping[str, Hidden]) -> Action | None:
    gone = hidden.get(action.data.removeprefix("why ")) if action.data.startswith("why ") else None
    if gone is None:
        return action
    return replace(action, label=_label(gone.headline)) if gone.headline else None


def _event_of(bullet: str) -> str:
    return told[-1] if (told := _EVENT.findall(bullet)) else ""


_EVENT = re.compile(r" · event (\w+)(?= \(|$)")  # as `_bullets` ends them


def _all_handled(mark: str) -> Action:
    return Action("Acknowledge all", data=f"ack {mark}")


def _as_handled(action: Action, mark: str, handled: Sequence[bool]) -> Action:
    if action != _all_handled(mark) or not any(handled):
        return action
    return Action("Undo: not handled", data=f"ack {mark} undo") if all(handled) else replace(action, label=_THE_REST)


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


def digest_notice(contents: Contents, since: datetime, slot: datetime, zone: str, mark: str) -> Message:
    checked = _told_checked(*contents.sources)
    subtitle = f"{_clock(since, zone)} to {_clock(slot, zone)} ({zone})"
    if not contents.is_news:
        return Message("Digest: nothing happened", subtitle=subtitle, paragraphs=(f"Nothing happened; {checked}",))
    groups = {
        "Only here": contents.waiting,
        "Told": contents.told,
        "Updated": contents.updated,
        "Muted": contents.muted,
    }
    groups = {word: in_order(lines) for word, lines in groups.items()}
    is_grave = any(line.severity is not Severity.LOW for line in contents.waiting)
    return Message(
        title=f"Digest: {_summary(contents)}",
        subtitle=subtitle,
        bullets=tuple(bullet for word, lines in groups.items() for bullet in _bullets(lines, word)),
        bullet_urls=tuple(url for lines in groups.values() for url in _urls(lines)),
        footer=checked,
        actions=(
            *([_all_handled(mark)] if is_grave else []),
            *_details(in_order([*contents.waiting, *contents.told, *contents.updated])),
        ),
    )


def escalation_notice(alert: Message, why: str) -> Message:
    """An alert for the second chat: why it comes, and the buttons that acknowledge and that show more."""
    kept = tuple(one for one in alert.actions if one.data.startswith("ack ") or one.label in _LOOKS)
    return replace(alert, paragraphs=(why, *alert.paragraphs), actions=kept)


def told_escalated(chat: str, reason: str) -> str:
    return f"Escalated from {chat}: {reason}."


def escalated_batch(lines: Sequence[Line], chat: str, reason: str, at: datetime, mark: str, zone: str) -> Message:
    """Several alerts that came in one message and that nobody acknowledged, for the second chat in one message too."""
    ordered = in_order(lines)
    return Message(
        title=f"{number(len(lines), 'alert')} that nobody acknowledged",
        severity=ordered[0].severity,
        at=at,
        zone=zone,
        paragraphs=(told_escalated(chat, reason),),
        bullets=_bullets(ordered),
        bullet_urls=_urls(ordered),
        footer=_ONE_BY_ONE,
        actions=(_all_handled(mark), *_details(ordered)),
    )


def reminder_notice(alert: Message, why: str) -> Message:
    """At the end of a snooze."""
    return replace(alert, paragraphs=(why, *alert.paragraphs))


def _summary(contents: Contents) -> str:
    """'2 alerts, 1 told only here, 3 muted'"""
    parts = [number(len(contents.told), "alert")] if contents.told else []
    parts += [f"{len(contents.waiting)} told only here"] if contents.waiting else []
    parts += [number(len(contents.updated), "update")] if contents.updated else []
    parts += [f"{len(contents.muted)} muted"] if contents.muted else []
    return ", ".join(parts)


def _told_checked(checked: int, sources: int) -> str:
    all_of = "" if checked == sources else " The command feeds tells why not all."
    return f"{checked} of {sources} sources checked.{all_of}"


def _told_kinds(lines: Sequence[Line]) -> str:
    """'2 alerts and 1 update'"""
    updates = sum(line.is_update for line in lines)
    counts = ((len(lines) - updates, "alert"), (updates, "update"))
    return joined(number(count, one) for count, one in counts if count)


def _bullets(lines: Sequence[Line], group: str = "") -> tuple[str, ...]:
    """'Told, high: Rosneft — new US sanctions · Wire, 23:05 UTC · event 3f2a9c41'"""
    bullets = []
    for line in lines:
        word = f"{group}, {line.severity}" if group else line.severity.capitalize()
        parts = (f"{word}: {line.headline}", line.told, f"event {line.event}")
        bullets.append(" · ".join(filter(None, parts)) + (f" ({line.note})" if line.note else ""))
    of_them = f" {group.casefold()}" if group else ""
    return tuple(first_of(bullets, _SHOWN, f"{of_them}: the command latest shows them"))


def _urls(lines: Sequence[Line]) -> tuple[str, ...]:
    """As many as `_bullets` makes bullets."""
    return (*(line.url for line in lines[:_SHOWN]), *([""] if len(lines) > _SHOWN else []))


def _details(lines: Sequence[Line]) -> tuple[Action, ...]:
    shown = {line.event: line for line in lines[:_BUTTONS]}
    return tuple(Action(_label(line.headline), data=f"why {line.event}") for line in shown.values())


def _label(headline: str) -> str:
    return headline if len(headline) <= _LABEL else f"{headline[: _LABEL - 1]}…"


def _clock(at: datetime, zone: str) -> str:
    local = at.astimezone(ZoneInfo(zone))
    return f"{local.day} {local:%b, %H:%M}"
