"""A page to what it says of its article."""

from __future__ import annotations

import html
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from selectolax.lexbor import LexborHTMLParser

from bot.articles.bodies import find_body
from bot.articles.boxes import remove_boxes, show_text, unlink_names
from bot.articles.key_points import find_key_points, without_key_points
from bot.articles.layouts import undo_layout
from bot.articles.lines import MAX_PARAGRAPHS, clean, total_length
from bot.articles.metadata import (
    find_date,
    find_declared_language,
    find_heading,
    find_linked_data,
    find_meta,
    find_paid,
    first_of,
)
from bot.articles.stories import remove_stories
from bot.errors import ArticleError
from bot.text.markup import MOST_TAGS, parse_html
from bot.text.pointers import remove_pointers

MAX_DEPTH = 250  # real pages stay below 100
MAX_NODES = 6 * MOST_TAGS  # texts are nodes too; more come only of tags that are never closed


@dataclass(frozen=True, slots=True)
class Page:
    """What a page says of its article."""

    title: str
    paragraphs: tuple[str, ...]
    key_points: tuple[str, ...] = ()
    published_at: datetime | None = None
    language: str = ""
    outlet: str = ""
    is_paywalled: bool = False


def read_page(markup: str) -> Page:
    """Extraction from HTML. Paragraphs are empty where no article was found. Raises ArticleError."""
    tree = parse_html(markup)
    if trap := _trap(tree):
        raise ArticleError(f"the page {trap}: it is broken, or a trap")
    linked = find_linked_data(tree)
    title = find_heading(tree)
    key_points = find_key_points(tree)
    undo_layout(tree)
    show_text(tree, find_paid(linked))
    remove_boxes(tree)
    remove_stories(tree)
    remove_pointers(tree)
    unlink_names(tree)
    paragraphs = tuple(without_key_points(find_body(tree, linked), key_points))
    return Page(
        title=clean(
            html.unescape(first_of(linked, "headline")) or find_meta(tree, "og:title", "twitter:title") or title
        ),
        paragraphs=paragraphs[:MAX_PARAGRAPHS],
        key_points=key_points,
        published_at=find_date(tree, linked),
        language=find_declared_language(tree),
        outlet=clean(find_meta(tree, "og:site_name")),
        is_paywalled=_is_paywalled(linked, markup, paragraphs),
    )


def _trap(tree: LexborHTMLParser) -> str:
    """What makes extraction, which takes time that grows with the square of the depth, too long; "" if nothing does."""
    level, nodes = [tree.root] if tree.root else [], 0
    for _ in range(MAX_DEPTH):
        level = [child for node in level for child in node.iter()]
        nodes += len(level)
        if nodes > MAX_NODES:
            return f"comes to more than {MAX_NODES:,} elements"
        if not level:
            return ""
    return f"nests more than {MAX_DEPTH} elements in each other"


_BROWSER_CHECK = re.compile(
    r"just a moment\.\.\.|checking your browser before|verify (?:that )?you are (?:a )?human|are you a robot"
    r"|enable javascript and cookies to continue|please enable js and disable any ad blocker|attention required!"
    r"|access to this page has been denied|unusual traffic from your|pardon our interruption|unsuccessful\. incapsula"
    r"|ddos protection by|you don['’]t have permission to access|making sure you['’]re not a bot",
    re.IGNORECASE,
)
_PAYWALL = re.compile(
    r"subscribe (?:now )?to (?:continue|keep|read|unlock)|to continue reading|th(?:is|e) (?:article|content|story) is "
    r"(?:for|reserved for|available to|exclusive to) (?:our )?(?:paid )?(?:subscribers|members)|already a subscriber\?"
    r"|already have an account\? (?:sign|log) in|create (?:a free|an) account to (?:continue|read)|unlock this article"
    r"|weiterlesen mit|jetzt abonnieren, um|réservé aux abonnés|pour lire la suite|solo para suscriptores"
    r"|доступно только подписчикам|подпишитесь, чтобы",
    re.IGNORECASE,
)
_SHORT = 1_200  # characters: a longer text is an article, whatever it says of subscriptions


def is_browser_check(markup: str, paragraphs: Sequence[str]) -> bool:
    """Whether the site asks for a browser in place of the article."""
    return total_length(paragraphs) < _SHORT and _BROWSER_CHECK.search(markup[:100_000]) is not None


def _is_paywalled(linked: Sequence[Mapping[str, Any]], markup: str, paragraphs: Sequence[str]) -> bool:
    """Said by its metadata (schema.org/isAccessibleForFree) or by its text."""
    if total_length(paragraphs) >= _SHORT:
        return False
    declared = any(str(item.get("isAccessibleForFree")).lower() in ("false", "no") for item in linked)
    return declared or _PAYWALL.search(markup) is not None
