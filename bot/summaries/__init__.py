"""Key points of an article: up to four bullets, facts first, in the article's own words and checked against them."""

from __future__ import annotations

from bot.summaries.points import MAX_BULLETS, key_points
from bot.summaries.shortening import MAX_LENGTH

__all__ = ["MAX_BULLETS", "MAX_LENGTH", "key_points"]
