"""Findings of several outlets -> events: one real action, however many tell of it.

reports.py parts what an article tells by act, called.py finds what an act of the EU is called, likeness.py weighs
whether two tell of the same, clustering.py joins; tellings.py asks each known act whether an article tells of it too;
known.py has known events follow their names, corroboration.py reads what an article tells dimly in the light of them;
easing.py finds what a relief lifts; steps.py has an event's history."""

from bot.events.clustering import (
    as_changed,
    as_confirmed,
    cluster,
    cluster_review,
    confirm,
    event_key,
    settle_reviews,
    with_change,
    with_longer_key,
)
from bot.events.corrections import settle_doubts, take_back
from bot.events.corroboration import corroborate, is_worth_another_look
from bot.events.easing import find_eased, find_lost, may_ease, ties_of, told_lost
from bot.events.known import RECENT, keys_of, load_known, with_keys
from bot.events.likeness import WINDOW, day_of, join_reason, normalise_counts
from bot.events.listed import add_records, cluster_listed
from bot.events.reports import OTHER_KINDS, Report, find_reports
from bot.events.steps import fold_joins, told_elsewhere
from bot.events.withdrawing import (
    GONE,
    HOLDS,
    restore,
    restore_all,
    restore_target,
    withdraw,
    withdraw_all,
    withdraw_target,
)

__all__ = [
    "GONE",
    "HOLDS",
    "OTHER_KINDS",
    "RECENT",
    "WINDOW",
    "Report",
    "add_records",
    "as_changed",
    "as_confirmed",
    "cluster",
    "cluster_listed",
    "cluster_review",
    "confirm",
    "corroborate",
    "day_of",
    "event_key",
    "find_eased",
    "find_lost",
    "find_reports",
    "fold_joins",
    "is_worth_another_look",
    "join_reason",
    "keys_of",
    "load_known",
    "may_ease",
    "normalise_counts",
    "restore",
    "restore_all",
    "restore_target",
    "settle_doubts",
    "settle_reviews",
    "take_back",
    "ties_of",
    "told_elsewhere",
    "told_lost",
    "with_change",
    "with_keys",
    "with_longer_key",
    "withdraw",
    "withdraw_all",
    "withdraw_target",
]
