"""Teasers of other stories on a page: below a heading such as "Most read", or as small articles among themselves. A
heading that is linked and a line or two beside it would else be read as this article's text."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from itertools import islice

from selectolax.lexbor import LexborHTMLParser, LexborNode

from bot.articles.boxes import INLINE, LINKED_SHARE
from bot.articles.lines import clean
from bot.patterns import joined
from bot.pointers import around, is_lead_in, leads_to_a_page, linked_length, outermost

_HEADINGS = "h2, h3, h4, h5, h6, div, span, p, strong, b, header, summary, label"
_LONGEST_HEADING = 60  # characters
_LONGEST_TEASER = 600
_HEADLINE = 18  # characters; a headline in Chinese has as many
_LONGEST_KICKER = 40  # "World | 2 hours ago", in front of the headline
_LEVELS = 3
_MANY = 400
_MOST_TEXT = 0.7
_SILENT = frozenset({"-comment", "br", "hr", "script", "style", "img", "picture", "svg", "iframe"})
_WRAPPERS = frozenset({"ul", "ol", "div", "section", "nav", "aside"})


@cache
def _other_stories() -> re.Pattern[str]:
    return re.compile(rf"(?:{joined('pointers.toml', 'stories')})[\s:：»→>]*", re.IGNORECASE)


def remove_stories(tree: LexborHTMLParser) -> None:
    """Below a heading that announces other stories, those; and articles that are no more than a teaser. A page that
    has little else is one of teasers, and they stay."""
    found = [
        story for heading in tree.css(_HEADINGS) if _announces_stories(heading) for story in _stories_behind(heading)
    ]
    for article in tree.css("article")[:_MANY]:
        if _is_story(article) and (article.css_first("h2, h3, h4, h5") or _is_linked(article)):
            found.append(article)
    outer = outermost(found)
    whole = len(clean(tree.body.text())) if outer and tree.body else 0
    if sum(len(clean(node.text())) for node in outer) <= _MOST_TEXT * whole:
        for node in outer:
            node.decompose()


def _announces_stories(node: LexborNode) -> bool:
    """Looked at only where it can be: divisions may hold the whole page."""
    if sum(1 for _ in islice(node.traverse(include_text=True), 8)) >= 8:
        return False
    text = clean(node.text(separator=" "))
    return 0 < len(text) <= _LONGEST_HEADING and (is_lead_in(text) or bool(_other_stories().fullmatch(text)))


def _stories_behind(heading: LexborNode) -> list[LexborNode]:
    """The heading and the stories right behind it, or behind what only wraps it; none where something else follows."""
    node = heading
    for _ in range(_LEVELS):
        run: list[LexborNode] = []
        for beside in _behind(node):
            if not _holds_stories(beside):
                break
            run.append(beside)
        else:
            if not run and node.parent and node.parent.tag not in ("body", "main", "article"):
                node = node.parent
                continue
        return [node, *run] if run else []
    return []


def _behind(node: LexborNode) -> Iterator[LexborNode]:
    beside = node.next
    while beside is not None:
        if beside.tag not in _SILENT and clean(beside.text()):
            yield beside
        beside = beside.next


def _holds_stories(node: LexborNode) -> bool:
    """Whether it is a story, or all that is in it are."""
    if _is_story(node):
        return True
    inner = [child for child in node.iter(include_text=True) if child.tag not in _SILENT and clean(child.text())]
    return node.tag in _WRAPPERS and 0 < len(inner) <= _MANY and all(map(_is_story, inner))


def _is_story(node: LexborNode) -> bool:
    """A headline that is a link to another page, with a word or number in front and a line or two behind at most."""
    if node.tag is None or node.tag.startswith("-"):
        return False
    size, before = 0, ""
    links = {link.mem_id for link in node.css("a")[:_MANY] if _is_headline(link)}
    if node.tag == "a" and _is_headline(node):
        links.add(node.mem_id)
    seen = False
    for part in node.traverse(include_text=True):
        seen = seen or part.mem_id in links
        if part.tag == "-text":
            text = clean(part.text_content or "")
            size += len(text)
            before += "" if seen else text
        if size > _LONGEST_TEASER or len(before) > _LONGEST_KICKER:
            return False
    return bool(links)


def _is_linked(node: LexborNode) -> bool:
    return linked_length(node) > LINKED_SHARE * len(clean(node.text()))


def _is_headline(link: LexborNode) -> bool:
    """And not words of a sentence, which goes on beside the link."""
    if not leads_to_a_page(link) or len(clean(link.text())) < _HEADLINE:
        return False
    block = next((above for above in around(link) if above.tag not in INLINE), None)
    inline = [node for node in block.iter(include_text=True) if node.tag in INLINE - {"a"}] if block else []
    beside = [clean(node.text()) for node in inline if not node.css_first("a")]
    return sum(map(len, beside)) <= _LONGEST_KICKER and not any(text.endswith((".", "。")) for text in beside)
