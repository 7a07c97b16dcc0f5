"""What goes first of all that is sent, whoever puts it into the queue: one order for alerts, notices and trouble."""

from __future__ import annotations

from datetime import timedelta

from bot.model import DeliveryKind

# The lower, the sooner: notices come after alerts and replies, edits after everything.
ALERT_PRIORITY, FOLLOW_UP_PRIORITY, NOTICE_PRIORITY, EDIT_PRIORITY = 1, 2, 3, 9
PRIORITY_OF = {
    DeliveryKind.ALERT: ALERT_PRIORITY,
    DeliveryKind.FOLLOW_UP: FOLLOW_UP_PRIORITY,
    DeliveryKind.EDIT: EDIT_PRIORITY,
}
SWITCHED_ON_WITHIN = timedelta(seconds=30)  # a job of a platform that this process does not have waits so long


def urgency(priority: int, rank: int = 0) -> int:
    """The lower, the sooner: first by what it is, then by how many of the same event went before."""
    return 1_000 * priority + rank


def urgency_of(kind: DeliveryKind, rank: int) -> int:
    return urgency(PRIORITY_OF[kind], rank)
