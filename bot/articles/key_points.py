"""The outlet's own key points: a box of a page, or the beginning of a text."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from selectolax.lexbor import LexborHTMLParser, LexborNode

from bot.articles.boxes import is_outside
from bot.articles.lines import BULLET, SENTENCE_ENDS, clean

_KEY_POINT_BOX = re.compile(
    r"key[-_ ]?(?:points?|takeaways?|facts)|takeaways|article[-_]?(?:highlights|summary)|summary[-_]?(?:points|list)"
    r"|story[-_]?highlights|at[-_]a[-_]glance|bullet[-_]?summary|quick[-_]?(?:read|summary)|tldr|in[-_]?brief",
    re.IGNORECASE,
)
_KEY_POINT_HEADING = re.compile(
    r"key (?:points?|takeaways?|facts|findings)|takeaways|(?:story )?highlights|at a glance|in brief|in short|the gist"
    r"|what (?:to|you need to) know|summary|quick read|tl;?dr"
    r"|das wichtigste(?: in kürze)?|auf einen blick|in kürze|kurz und knapp"
    r"|l['’]essentiel|en bref|à retenir|points clés|claves|lo (?:esencial|más importante)|puntos clave|en resumen"
    r"|главное|коротко|ключевые моменты|головне|коротко про головне|要点|核心提示|内容提要|核心要点",
    re.IGNORECASE,
)
_MAX_KEY_POINTS = 12
_LONGEST_KEY_POINT = 700
_LONGEST_BARE_KEY_POINT = 140
_LONGEST_HEADING = 40


def find_key_points(tree: LexborHTMLParser) -> tuple[str, ...]:
    """The bullets of the outlet's own 'Key Points' box, found by its class or by its heading."""
    for box in tree.css("[class], [id], [data-testid], [data-test], [data-component], [aria-label]"):
        if _names_key_points(box) and (points := _points(box)):
            return points
    for heading in tree.css("h2, h3, h4, h5, strong, b, p, div, span, summary"):
        if _is_key_point_heading(heading) and (points := _points(_list_after(heading))):
            return points
    return ()


def _names_key_points(node: LexborNode) -> bool:
    attributes = node.attributes
    names = ("class", "id", "data-testid", "data-test", "data-component", "aria-label")
    return any(_KEY_POINT_BOX.search(attributes.get(name) or "") for name in names) and node.tag not in ("html", "body")


def _is_key_point_heading(node: LexborNode) -> bool:
    if node.first_child is None or len(list(node.iter())) > 2:
        return False
    text = clean(node.text())
    return len(text) <= _LONGEST_HEADING and _KEY_POINT_HEADING.fullmatch(text.strip(" :.")) is not None


def _list_after(heading: LexborNode) -> LexborNode | None:
    """The list right behind a heading, or behind what only wraps the heading."""
    node: LexborNode | None = heading
    for _ in range(3):
        following = node.next if node else None
        while following is not None and following.tag in ("-text", "-comment", "br"):
            if clean(following.text()) and following.tag == "-text":
                return None
            following = following.next
        if following is not None:
            return following if following.tag in ("ul", "ol") else following.css_first("ul, ol")
        node = node.parent if node else None
    return None


def _points(box: LexborNode | None) -> tuple[str, ...]:
    if box is None or is_outside(box):
        return ()
    items = box.css("li")
    if not 1 <= len(items) <= _MAX_KEY_POINTS:
        return ()
    texts = [clean(item.text()) for item in items]
    linked = sum(len(clean(link.text())) for item in items for link in item.css("a"))
    if linked > 0.6 * sum(map(len, texts)) or any(len(text) > _LONGEST_KEY_POINT for text in texts):
        return ()  # a box of links to other stories
    return tuple(text for text in texts if " " in text or len(text) >= 10)


def without_key_points(paragraphs: Iterable[str], key_points: Sequence[str]) -> Iterator[str]:
    """The paragraphs that are neither one of these nor the heading of such."""
    known = {_bare(point) for point in key_points}
    for text in paragraphs:
        if known and (_bare(text) in known or _KEY_POINT_HEADING.fullmatch(text.strip(" :."))):
            continue
        yield text


def leading_key_points(paragraphs: Sequence[str]) -> tuple[list[str], list[str]]:
    """(key points that a text begins with, the paragraphs behind them)."""
    if not paragraphs or not _KEY_POINT_HEADING.fullmatch(paragraphs[0].strip(" :.")):
        return [], list(paragraphs)
    rest = list(paragraphs[1:])
    is_point = _is_bullet if rest and rest[0].startswith(BULLET) else _is_short_sentence
    points: list[str] = []
    while rest and is_point(rest[0]) and len(points) < _MAX_KEY_POINTS:
        points.append(rest.pop(0).removeprefix(BULLET))
    return (points, rest) if points else ([], list(paragraphs))


def _is_bullet(text: str) -> bool:
    return text.startswith(BULLET)


def _is_short_sentence(text: str) -> bool:
    """Where bullets were lost on the way, key points are still shorter than any paragraph of the article."""
    return len(text) <= _LONGEST_BARE_KEY_POINT and SENTENCE_ENDS.search(text) is not None


def _bare(text: str) -> str:
    return "".join(char for char in text.casefold() if char.isalnum())
