"""Key points of an article: up to four bullets, facts first, in the article's own words and checked against them."""

from __future__ import annotations

from bot.bullets import MAX_BULLETS, MAX_LENGTH
from bot.summaries.points import with_key_points

__all__ = ["MAX_BULLETS", "MAX_LENGTH", "with_key_points"]
