"""Rarer traditional characters fold to simplified ones now: what tracked names are found by is written anew again."""

from __future__ import annotations

from bot.storage.migrations.versions.folded_anew import upgrade

__all__ = ["upgrade"]

revision = "folded_rarer"
down_revision = "article_words"
