"""What a page says about itself: title, date, language."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from itertools import chain, islice
from typing import Any

from selectolax.lexbor import LexborHTMLParser, LexborNode

from bot.articles.lines import clean
from bot.text.dates import is_in_either_order, parse_date

_ARTICLE_TYPES = re.compile(r"Article|NewsArticle|Report|BlogPosting|LiveBlog|WebPage|PressRelease")


def find_linked_data(tree: LexborHTMLParser) -> list[Mapping[str, Any]]:
    """schema.org objects of an article, from JSON-LD; articles before pages."""
    found: list[Mapping[str, Any]] = []
    for script in tree.css('script[type="application/ld+json"]')[:20]:
        try:
            found += _objects(json.loads(html.unescape(script.text()) if "&quot;" in script.text() else script.text()))
        except (ValueError, RecursionError):
            continue
    return sorted(found, key=lambda item: "Article" not in str(item.get("@type")))


def _objects(value: object, depth: int = 0) -> list[Mapping[str, Any]]:
    if depth > 4:
        return []
    if isinstance(value, list):
        return [found for item in value[:50] for found in _objects(item, depth + 1)]
    if not isinstance(value, dict):
        return []
    own = [value] if _ARTICLE_TYPES.search(str(value.get("@type", ""))) else []
    return own + _objects(value.get("@graph", []), depth + 1)


def first_of(objects: Iterable[Mapping[str, Any]], name: str) -> str:
    """The first text that one of them has under a name; "" if none has."""
    return next((value for item in objects if isinstance(value := item.get(name), str) and value.strip()), "")


def find_paid(objects: Iterable[Mapping[str, Any]]) -> list[str]:
    """The selectors of what only subscribers may see (schema.org/cssSelector)."""
    parts = [part for item in objects for part in _listed(item.get("hasPart")) if isinstance(part, dict)]
    selectors = [one for part in parts for one in _listed(part.get("cssSelector"))]
    return [one for one in selectors if isinstance(one, str) and _SELECTOR.fullmatch(one)][:_MANY_SELECTORS]


def _listed(value: object) -> list[Any]:
    return value if isinstance(value, list) else [value]


def find_meta(tree: LexborHTMLParser, *names: str) -> str:
    """What the first of these <meta> elements says that the page has; "" if it has none."""
    for name in names:
        for attribute in ("property", "name", "itemprop"):
            node = tree.css_first(f'meta[{attribute}="{name}"]')
            if node and (content := node.attributes.get("content")):
                return content
    return ""


def find_heading(tree: LexborHTMLParser) -> str:
    """Of the page, else of its window; "" without either."""
    for selector in ("h1", "title"):
        if (node := tree.css_first(selector)) and (text := clean(node.text())):
            return text
    return ""


HEADINGS = "h2, h3, h4, h5, h6, div, span, p, strong, b, header, summary, label"
_FEW_NODES = 8
_SELECTOR = re.compile(r"[.#][a-z_][\w-]{0,100}", re.IGNORECASE | re.ASCII)  # others may take long to look for
_MANY_SELECTORS = 10


def find_title_node(tree: LexborHTMLParser) -> LexborNode | None:
    """The page's heading, else the first that has the words that it gives as its title elsewhere."""
    return next(find_title_nodes(tree), None)


def find_title_nodes(tree: LexborHTMLParser) -> Iterator[LexborNode]:
    """The page's heading, else all that have its title's words: the way to the page tells them too ("Home / Title")."""
    if (heading := tree.css_first("h1")) is not None:
        yield heading
        return
    told = clean(find_meta(tree, "og:title") or find_heading(tree))
    named = (node for node in tree.css(f"{HEADINGS}, td") if told and has_few_nodes(node))
    yield from (node for node in named if clean(node.text()) == told)


def has_few_nodes(node: LexborNode) -> bool:
    """As a heading has. Divisions may hold the whole page."""
    return sum(1 for _ in islice(node.traverse(include_text=True), _FEW_NODES)) < _FEW_NODES


_DATE_METAS = (
    "article:published_time", "og:published_time", "datePublished", "parsely-pub-date", "dcterms.created",
    "DC.date.issued", "date", "pubdate", "publish-date", "govuk:first-published-at",
)  # fmt: skip
_PUBLISHED = re.compile(r"^(?:first )?(?:published|posted)(?: (?:on|at))?\s*:?\s*", re.IGNORECASE)


def find_date(tree: LexborHTMLParser, linked: Sequence[Mapping[str, Any]]) -> datetime | None:
    """When the article was published, as far as that is told and can be read in one way only."""
    metas = (find_meta(tree, name) for name in _DATE_METAS)
    texts = chain([first_of(linked, "datePublished")], metas, _shown_dates(tree))
    language = find_declared_language(tree)
    return next((found for text in texts if (found := _page_date(text, language))), None)


def _shown_dates(tree: LexborHTMLParser) -> Iterator[str]:
    """What the first <time> of the article has, or the first that has it for machines: those further down may be of
    other stories."""
    shown = tree.css('article time, main time, [itemprop="datePublished"]')
    for node in [*shown[:1], *[node for node in shown if node.attributes.get("datetime")][:1]]:
        yield node.attributes.get("datetime") or node.attributes.get("content") or node.text()


def _page_date(text: str, language: str) -> datetime | None:
    text = _PUBLISHED.sub("", clean(text))
    return None if is_in_either_order(text, language) else parse_date(text, language.replace("_", "-"))


def find_declared_language(tree: LexborHTMLParser) -> str:
    """As it is written there, "en_GB"; "" where none is."""
    root = tree.css_first("html")
    return ((root.attributes.get("lang") or "") if root else "") or find_meta(tree, "og:locale", "language")
