"""Findings of several outlets -> events: one real action, however many tell of it.

reports.py parts what an article tells by act, likeness.py weighs whether two tell of the same, clustering.py
joins; tellings.py asks each known act whether an article tells of it too; corroboration.py reads what an article
tells dimly in the light of what is known."""

from bot.events.clustering import cluster, cluster_review, event_key, restore, settle_reviews, withdraw
from bot.events.corroboration import corroborate
from bot.events.likeness import WINDOW, join_reason, normalise_counts
from bot.events.listed import add_records, cluster_listed
from bot.events.reports import OTHER_KINDS, Report, find_reports

__all__ = [
    "OTHER_KINDS",
    "WINDOW",
    "Report",
    "add_records",
    "cluster",
    "cluster_listed",
    "cluster_review",
    "corroborate",
    "event_key",
    "find_reports",
    "join_reason",
    "normalise_counts",
    "restore",
    "settle_reviews",
    "withdraw",
]
