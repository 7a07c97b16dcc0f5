"""Articles: a page, a teaser, a line of a file or pasted text, each to the same Article.

    page | metadata | layouts | boxes | stories | bodies (blocks, repeats) | key_points → pages.Page → entries → Article
    text | texts (lines, key_points, languages) → Article

Says what an article's text is; judges nothing. Photo captions and bylines stay in the paragraphs, as matching tells
them apart; navigation, other stories, comments, newsletter boxes and scripts go.
"""

from __future__ import annotations

from bot.articles.entries import parse_article, parse_page, teaser_of, wants_page
from bot.articles.texts import article_from_text

__all__ = ["article_from_text", "parse_article", "parse_page", "teaser_of", "wants_page"]
