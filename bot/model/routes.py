"""Who is told what, when and where; what is held, and told later."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from enum import StrEnum

from bot.model.chats import ChatKey, Severity
from bot.model.delivery import DeliveryKind, Receipt
from bot.model.messages import Message
from bot.model.people import User


@dataclass(frozen=True, slots=True)
class Route:
    """Where alerts of a severity go that the chat's subscriptions raise. `to` None: nowhere."""

    severity: Severity
    to: ChatKey | None


@dataclass(frozen=True, slots=True)
class QuietHours:
    """From `start` to `end`, over midnight if `end` is not later, in the zone (IANA's name). Severities in `passing`
    are told at once all the same."""

    start: time
    end: time
    zone: str
    passing: tuple[Severity, ...] = (Severity.HIGH,)


@dataclass(frozen=True, slots=True)
class DigestPlan:
    """When a chat gets its digest: every day, or on one day of the week (0 is Monday), at a time in the zone. One in
    which nothing happened comes only if `when_empty`. Severities in `instead` are told in it alone."""

    at: time
    zone: str
    weekday: int | None = None
    when_empty: bool = False
    instead: tuple[Severity, ...] = ()
    since: datetime | None = None  # when it was set: no slot before counts


@dataclass(frozen=True, slots=True)
class Escalation:
    """A second chat is told of an alert that nobody acknowledged so long after it was sent."""

    after: timedelta
    to: ChatKey
    severities: tuple[Severity, ...] = (Severity.HIGH, Severity.MEDIUM)


@dataclass(frozen=True, slots=True)
class ChatRoutes:
    """What a chat has set beside its subscriptions. Severities without a route are told in the chat itself."""

    chat: ChatKey
    routes: tuple[Route, ...] = ()
    quiet: QuietHours | None = None
    digest: DigestPlan | None = None
    escalation: Escalation | None = None
    zone: str = ""  # in which times are told there (IANA's name); empty: UTC


class MuteKind(StrEnum):
    ENTITY = "entity"
    EVENT = "event"
    SOURCE = "source"  # an outlet, by its name
    VERDICT = "verdict"
    AUTHORITY = "authority"  # who imposed it: "US", "EU" …
    PROGRAMME = "programme"  # as events have it: "North Korea", "RUSSIA-EO14024"


@dataclass(frozen=True, slots=True)
class Mute:
    """What a chat is not told of for a while. `value`: key of the entity or event, the name of the outlet, the
    verdict, the authority's code, the programme; `label` shows it. `until` None: until somebody undoes it.
    `is_snooze`: the chat is reminded of the event then."""

    chat: ChatKey
    kind: MuteKind
    value: str
    label: str
    by: User
    at: datetime
    until: datetime | None = None
    why: str = ""
    is_snooze: bool = False
    undone_at: datetime | None = None
    undone_by: str = ""
    id: int = 0  # the number in /mutes; 0 while it is not stored


@dataclass(frozen=True, slots=True)
class Acknowledgement:
    """Somebody of a chat said that they handle an event."""

    event: str
    chat: ChatKey
    by: User
    at: datetime


class HoldKind(StrEnum):
    MUTED = "muted"
    QUIET = "quiet"
    DIGEST = "digest"  # digest instead of alerts


@dataclass(frozen=True, slots=True)
class HeldAlert:
    """An alert, or a reply to one, that a chat was not sent when it was due. `told_at`: when it was told after all,
    `told_in`: how ("batch", "digest", "alert", "reminder"); "": nowhere, or the message never came."""

    event: str
    chat: ChatKey
    kind: DeliveryKind
    revision: int
    hold: HoldKind
    severity: Severity
    reason: str
    held_at: datetime
    until: datetime | None = None
    note: str = ""  # as `Delivery.note`
    told_at: datetime | None = None
    told_in: str = ""


class NoticeKind(StrEnum):
    BATCH = "batch"  # what quiet hours held
    DIGEST = "digest"
    ESCALATION = "escalation"
    REMINDER = "reminder"  # at the end of a snooze
    CORRECTION = "correction"  # that an event proved wrong, for a chat that was only escalated to
    TEST = "test"  # to see what arrives
    APPROVAL = "approval"  # that what somebody asked for was refused, or can be approved no longer
    TROUBLE = "trouble"  # for the operations chat; kept here only if it could not be sent


@dataclass(frozen=True, slots=True)
class Notice:
    """A message to a chat that is no event's own. `key` is unique: it is sent once, whoever plans it. `events`: those
    that it tells of and that somebody may handle, in the order of its bullets if there are several."""

    key: str
    kind: NoticeKind
    chat: ChatKey
    message: Message  # as it was planned
    created_at: datetime
    events: tuple[str, ...] = ()
    tries: int = 0
    origin: ChatKey | None = None  # of an escalation: the chat in which nobody acknowledged
    receipt: Receipt | None = None  # once it is sent
    content_hash: str = ""  # of the message as it reads now in the chat
    edited_at: datetime | None = None  # when it was sent, or edited last
    reason: str = ""  # of a dead or skipped one: why

    @property
    def mark(self) -> str:
        """What people call it by, and the platform knows it by: 'n3f2a9c41'."""
        return notice_mark(self.key)


def notice_mark(key: str) -> str:
    return f"n{hashlib.sha256(key.encode('utf-8', 'replace')).hexdigest()[:8]}"


_MARK = re.compile(r"n[0-9a-f]{8}\Z", re.IGNORECASE)


def is_notice_mark(text: str) -> bool:
    return _MARK.match(text) is not None
