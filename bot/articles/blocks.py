"""What extraction found, block by block: list items and table rows are paragraphs of their own."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any

from bot.articles.lines import SENTENCE_ENDS, bulleted, clean, normal_bullet

_LEAF_BLOCKS = frozenset({"p", "head", "quote", "code", "ab", "fw"})


def read_blocks(element: Any) -> Iterator[str]:
    """The paragraphs of an element that trafilatura made; "" for what holds no text."""
    for child in element:
        match child.tag:
            case "list":
                yield from _items(child)
            case "table":
                yield from _rows(child)
            case tag if tag in _LEAF_BLOCKS and not _has_blocks(child):
                yield from _lines(child)
            case _:
                yield clean(child.text or "")
                yield from read_blocks(child)
        yield clean(child.tail or "")


def _has_blocks(element: Any) -> bool:
    return any(child.tag in ("p", "list", "table", "quote", "head") for child in element.iterdescendants())


def _items(element: Any) -> Iterator[str]:
    for item in element:
        if _has_blocks(item):
            first, *rest = [*([clean(item.text or "")] if clean(item.text or "") else []), *read_blocks(item)] or [""]
            yield bulleted(first)
            yield from rest
        else:
            for line in _lines(item):
                yield bulleted(line)


def _rows(table: Any) -> Iterator[str]:
    for row in table.iter("row"):
        yield row_of([clean(" ".join(str(text) for text in cell.itertext())) for cell in row.iter("cell")])


_NUMBER = re.compile(r"\(?(?:\d{1,3}|[a-z]{1,4})(?:\.|\)\.?)", re.IGNORECASE)


def row_of(cells: Iterable[str]) -> str:
    """A row is a paragraph, its cells parted by a bar. One of a number or dash and a text is the item of a list: the
    EU's Journal sets each point so."""
    cells = [cell for cell in cells if cell]
    if len(cells) == 2 and cells[0] in _DASHES:
        return bulleted(cells[1])
    return (" " if len(cells) == 2 and _NUMBER.fullmatch(cells[0]) else " | ").join(cells)


_DASHES = frozenset("—–-•·")
_LINE_STARTS = re.compile(r"[•▪·◦‣*–—-]\s|\(?\d{1,3}[.)]\s|[A-Z]{3}[A-Z' -]*, ")
_LIST_LINES = 3
_LIST_LINE_LENGTH = 70


def _lines(element: Any) -> Iterator[str]:
    """A block's lines. A <br> parts them in a list of short lines, and elsewhere where it ends a sentence, stands
    double, or a new item begins after it."""
    parts = [clean(part) for part in _parts(element)]
    full = [part for part in parts if part]
    if len(full) >= _LIST_LINES and sorted(map(len, full))[len(full) // 2] < _LIST_LINE_LENGTH:
        yield from map(normal_bullet, full)
    else:
        yield from map(normal_bullet, _joined(parts))


def _parts(element: Any) -> list[str]:
    parts: list[str] = [element.text or ""]
    for child in element.iterdescendants():
        if child.tag == "lb":
            parts.append("")
        else:
            parts[-1] += child.text or ""
        parts[-1] += child.tail or ""
    return [line for part in parts for line in part.split("\n")] if element.tag == "code" else parts


def _joined(parts: Iterable[str]) -> Iterator[str]:
    line, is_parted = "", False
    for part in parts:
        if not part:
            is_parted = True
            continue
        if line and (is_parted or SENTENCE_ENDS.search(line) or _LINE_STARTS.match(part)):
            yield line
            line = part
        else:
            line = f"{line} {part}" if line else part
        is_parted = False
    if line:
        yield line
