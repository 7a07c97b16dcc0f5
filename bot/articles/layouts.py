"""What older ways of building pages put around all of a page, and extraction takes for something else: one form
(ASP.NET), and tables that arrange columns. Their cells become plain frames."""

from __future__ import annotations

from collections.abc import Iterator

from selectolax.lexbor import LexborHTMLParser, LexborNode

from bot.articles.boxes import MANY_BOXES, length_of_prose
from bot.articles.lines import clean
from bot.articles.metadata import find_title_node
from bot.text.pointers import around

_MOST_PROSE = 0.9
_LARGE_SHARE = 0.5
_BLOCKS = "table, ul, ol, p + p, br + br, h2, h3, h4, h5, h6"
_DEEPEST = 12  # tables in tables: each is written anew, with all in it
_ROWS = frozenset({"tr", "tbody", "thead", "tfoot"})
_CELLS = frozenset({"td", "th"})


def undo_layout(tree: LexborHTMLParser) -> None:
    _unwrap_forms(tree)
    tables = [table for table in tree.css("table")[:MANY_BOXES] if _depth(table) <= _DEEPEST]
    title = find_title_node(tree) if tables else None
    around_title = {above.mem_id for above in around(title)} if title else set()
    whole = len(clean(tree.body.text())) if tables and tree.body else 0
    for table in reversed(tables):  # those within others first
        parts = list(_own_parts(table))
        if table.mem_id in around_title or any(_holds_text(cell, whole) for cell in parts if cell.tag in _CELLS):
            for part in reversed(parts):
                if part.tag in _CELLS:
                    part.inner_html = f"<div>{part.inner_html}</div>"
                part.unwrap()
            table.unwrap()


def _unwrap_forms(tree: LexborHTMLParser) -> None:
    forms = tree.css("form")[:MANY_BOXES]
    whole = length_of_prose(tree) if forms else 0
    for form in forms:
        if form.css_first("h1, article, main") or 0 < _MOST_PROSE * whole <= length_of_prose(form):
            form.unwrap()


def _depth(table: LexborNode) -> int:
    return sum(above.tag == "table" for above in around(table))


def _own_parts(within: LexborNode) -> Iterator[LexborNode]:
    """A table's rows and cells, without those of tables in it."""
    for part in within.iter():
        if part.tag in _ROWS | _CELLS:
            yield part
        if part.tag in _ROWS:
            yield from _own_parts(part)


def _holds_text(cell: LexborNode, whole: int) -> bool:
    """Whether most of the page is in it, in paragraphs: cells of data have a name or a line."""
    return len(clean(cell.text())) >= _LARGE_SHARE * whole and cell.css_first(_BLOCKS) is not None
