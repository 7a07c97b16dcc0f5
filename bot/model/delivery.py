"""Messages on their way to chats."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from bot.model.chats import ChatKey


class DeliveryKind(StrEnum):
    ALERT = "alert"  # the event's one message in a chat
    EDIT = "edit"  # brings that message up to date, silently
    FOLLOW_UP = "follow_up"  # a material change, as a threaded reply


class DeliveryState(StrEnum):
    WAITING = "waiting"
    SENDING = "sending"
    SENT = "sent"
    SKIPPED = "skipped"  # nothing to do any more: a later edit said it all, the chat unsubscribed
    DEAD = "dead"  # given up, kept, shown to admins


@dataclass(frozen=True, slots=True)
class Receipt:
    """The platform's id of a message that was sent: what a later edit needs."""

    chat: ChatKey
    message_id: str


@dataclass(frozen=True, slots=True)
class Delivery:
    """One row of the outbox: unique by event, chat, kind and revision. `unsure` counts its tries whose outcome nobody
    knows: the process died, or the answer was lost. Of a sent one, perhaps as many copies more are in the chat."""

    id: int
    event: str
    chat: ChatKey
    kind: DeliveryKind
    revision: int
    state: DeliveryState
    created_at: datetime
    tries: int = 0
    note: str = ""  # for FOLLOW_UP what changed
    sent_at: datetime | None = None
    unsure: int = 0
    reason: str = ""  # for DEAD and SKIPPED why; for WAITING why the last try failed
    next_try_at: datetime | None = None  # for WAITING after a failed try: not before
    tried_at: datetime | None = None  # when its last try began


@dataclass(frozen=True, slots=True)
class DeadJob:
    id: str
    job: str
    reason: str
    args: Mapping[str, object] = field(default_factory=dict)
    at: datetime | None = None
