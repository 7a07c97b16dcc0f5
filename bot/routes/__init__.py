"""Who is told what, and when: routes by severity, mutes, quiet hours, digests, escalation. Decides only; every decision
is a pure function with `now` as an argument, and carries its reason.

times.py knows clocks and zones, deciding.py decides, wording.py restates settings, notices.py writes the messages."""

from bot.routes.deciding import (
    Hold,
    decide_escalation,
    decide_hold,
    decide_route,
    find_muting,
    route_subscriptions,
    told_mute,
    told_muting,
)
from bot.routes.notices import (
    Contents,
    Hidden,
    Line,
    batch_notice,
    digest_notice,
    escalated_batch,
    escalation_notice,
    in_order,
    reminder_notice,
    told_escalated,
    told_events,
    with_states,
    without_names,
)
from bot.routes.times import due_slot, next_slot, quiet_until, read_zone
from bot.routes.wording import told_digest, told_escalation, told_quiet, told_routes, told_settings, told_zone

__all__ = [
    "Contents",
    "Hidden",
    "Hold",
    "Line",
    "batch_notice",
    "decide_escalation",
    "decide_hold",
    "decide_route",
    "digest_notice",
    "due_slot",
    "escalated_batch",
    "escalation_notice",
    "find_muting",
    "in_order",
    "next_slot",
    "quiet_until",
    "read_zone",
    "reminder_notice",
    "route_subscriptions",
    "told_digest",
    "told_escalated",
    "told_escalation",
    "told_events",
    "told_mute",
    "told_muting",
    "told_quiet",
    "told_routes",
    "told_settings",
    "told_zone",
    "with_states",
    "without_names",
]
