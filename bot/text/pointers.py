"""Lines in the midst of a text that point at another story: "Read also: EU sanctions X". What they tell is that
story's, names and all, and not the article's own. Judges nothing, and knows nothing of pages but their elements."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import cache
from itertools import islice

from selectolax.lexbor import LexborHTMLParser, LexborNode

from bot.text.patterns import joined

NAME_LENGTH = 45  # characters of width: headlines of other stories are longer
LINKED = 0.9  # so large a share of its text makes a block a link
_WIDE = re.compile("[\u1100-\u11ff\u2e80-\u9fff\uac00-\ud7a3]")
_MARK = re.compile(r"[:：|»→>–—\])】-]\s*$")
_BEFORE = r"(?:[\[(【»▶►▷→☞>]\s*)*"
_LONGEST = 300  # characters
_MANY_LINKS = 1_000
_MANY_BESIDE = 20
_MANY_NODES = 80
_LEVELS = 6
_CARD = frozenset({"p", "div", "section", "blockquote", "aside", "figure"})
_HEADING = frozenset({"h2", "h3", "h4", "h5", "h6"})  # a round-up links those of its own items
_MANY_HEADINGS = 2  # that are links: so many may be teasers, and more are a round-up's, or a list of names
_HEADLINE_WORDS = 5
_ITS_OWN = 0.4  # share of a heading's words that the text below it has too
_STEM = 6  # letters
_NAME = re.compile(r"(?:(?:[A-ZÀ-ÞА-Я][\w.'’-]*|al|bin|de|der|of|the|van|von) ){1,4}[A-ZÀ-ÞА-Я][\w.'’-]*")
_TELLING = re.compile(r"[^\W_]{4,}")
_NO_CARD = frozenset({"body", "html", "main", "li", "ul", "ol", "td", "th", "tr", "table", "dd", "dt", "nav", "form"})
_MOST_TEXT = 0.7
_MOST_LEAD = 0.6  # share of link and lead-in in a line that has both


# ---------------------------------------------------------------- text


@cache
def _lead_in() -> re.Pattern[str]:
    return re.compile(
        rf"{_BEFORE}(?:{joined('text/pointers.toml', 'lead_in')})\s*(?:(?:[:：|»→>–—\])】]|-(?!\w))+\s*)?",
        re.IGNORECASE,
    )


@cache
def _tags() -> re.Pattern[str]:
    return re.compile(rf"(?:{joined('text/pointers.toml', 'tags')})", re.IGNORECASE)


def width(line: str) -> int:
    """How much it says: a character of Chinese, Japanese or Korean as two."""
    return len(line) + len(_WIDE.findall(line))


def is_lead_in(text: str) -> bool:
    """'Read also:', and nothing else."""
    return _lead_in().fullmatch(text) is not None


def is_pointer(text: str) -> bool:
    """'Read also: EU sanctions X': a line of text whose link, if it had one, is lost."""
    lead = _lead_in().match(text) if len(text) <= _LONGEST else None
    return lead is not None and _MARK.search(lead.group()) is not None


# ---------------------------------------------------------------- elements


def remove_pointers(tree: LexborHTMLParser) -> None:
    """Lines and cards that are one link to another story. Where most of the text is links and no lead-in, it is a
    teaser that links to its own story, or a page of links, and they stay."""
    found = [block for link in tree.css("a")[:_MANY_LINKS] if (block := _pointer_around(link)) is not None]
    outer = outermost([*found, *_teaser_headings(tree)])
    whole = len(tree.body.text()) if outer and tree.body else 0
    bare = [block for block in outer if not _lead_in().match(_line(block.text()))]
    if sum(len(block.text()) for block in bare) > _MOST_TEXT * whole:
        outer = [block for block in outer if block not in bare]
    for block in outer:
        block.decompose()


def linked_names(tree: LexborHTMLParser) -> list[LexborNode]:
    """Paragraphs that are a link each, and names, not headlines."""
    lines = tree.css("p + p, p:has(+ p)")[:_MANY_LINKS]
    frames = filter(_is_name_above_text, tree.css("p + div:has(+ p)")[:_MANY_LINKS])
    return [*(line for line in lines if _is_linked_name(line) or _is_name_above_text(line)), *frames]


def linked_length(block: LexborNode) -> int:
    """How many characters of its text are links."""
    return sum(len(_line(link.text())) for link in block.css("a"))


def leads_to_a_page(link: LexborNode) -> bool:
    """And not to a place on this one."""
    return not (link.attributes.get("href") or "#").startswith("#")


def around(node: LexborNode) -> Iterator[LexborNode]:
    """What it stands in, from the inside out."""
    above = node.parent
    while above is not None:
        yield above
        above = above.parent


def outermost(nodes: Iterable[LexborNode]) -> list[LexborNode]:
    """Each once, and none that stands in another."""
    found = {node.mem_id: node for node in nodes}
    return [node for node in found.values() if not any(above.mem_id in found for above in around(node))]


def sentence_before(block: LexborNode) -> str:
    """The text of the element right before it."""
    before = block.prev
    while before is not None and before.tag in ("-text", "-comment"):
        before = before.prev
    return _line(before.text()) if before else ""


def _pointer_around(link: LexborNode) -> LexborNode | None:
    """The largest block that holds no more than this link, and a lead-in at most."""
    block = None
    for node in islice(around(link), _LEVELS):
        text = _short_text(node)
        if text is None or node.tag in _NO_CARD:
            break
        if _leads_in(node, text) or (node.tag in _CARD and _is_linked(node, text) and _leads_elsewhere(node)):
            block = node
    return block


def _teaser_headings(tree: LexborHTMLParser) -> list[LexborNode]:
    """Headings that are a link to another page, in the midst of a text that has nothing to do with them."""
    linked = [
        one for one in tree.css("p ~ h2, p ~ h3, p ~ h4, p ~ h5, p ~ h6")[:_MANY_LINKS] if _is_linked_heading(one)
    ]
    return [one for one in linked if not _has_own_text(one)] if len(linked) <= _MANY_HEADINGS else []


def _is_linked_heading(heading: LexborNode) -> bool:
    text, link = _short_text(heading), heading.css_first("a")
    return bool(text) and link is not None and leads_to_a_page(link) and _is_linked(heading, text or "")


def _has_own_text(heading: LexborNode) -> bool:
    """Whether the text below it, up to the next heading, tells of what it says; a short one may be a name or topic."""
    words = _TELLING.findall(_line(heading.text()).casefold())
    below: list[str] = []
    beside = heading.next
    while beside is not None and beside.tag not in _HEADING and len(below) < _MANY_BESIDE:
        below.append(beside.text())
        beside = beside.next
    text = " ".join(below).casefold()
    is_own = sum(word[:_STEM] in text for word in words) >= _ITS_OWN * len(words)
    return is_own or not text.strip() or len(_line(heading.text()).split()) < _HEADLINE_WORDS


def _leads_in(node: LexborNode, text: str) -> bool:
    lead = (_lead_in().match(text) or _tags().match(text)) if node.tag in _CARD or node.tag in _HEADING else None
    return lead is not None and linked_length(node) + lead.end() >= _MOST_LEAD * len(text)


def _is_linked(node: LexborNode, text: str) -> bool:
    return bool(text) and linked_length(node) >= LINKED * len(text)


def _leads_elsewhere(block: LexborNode) -> bool:
    """Whether a linked line is a headline, and not one of the names that a sentence announces: those are short, but
    for some."""
    before, behind = _linked_beside(block, "prev"), _linked_beside(block, "next")
    sentence = sentence_before(before[-1] if before else block)
    if is_lead_in(sentence):
        return True
    widths = sorted(width(_line(one.text())) for one in (block, *before, *behind))
    return not sentence.endswith((":", "：")) and widths[len(widths) // 2] > NAME_LENGTH


def _is_linked_name(line: LexborNode) -> bool:
    """One of several: a single one may be anything."""
    text = _short_text(line) if line.css_first("a") else None
    if text is None or not _is_linked(line, text) or _leads_elsewhere(line):
        return False
    return bool(_linked_beside(line, "prev") or _linked_beside(line, "next"))


def _is_name_above_text(line: LexborNode) -> bool:
    """A single one that heads the paragraph below it: words with capitals, and few."""
    text = _short_text(line) if line.css_first("a") else None
    if not text or not _is_linked(line, text) or not _NAME.fullmatch(text) or is_lead_in(text):
        return False
    below = line.next
    while below is not None and below.tag in ("-text", "-comment"):
        below = below.next
    return below is not None and below.tag == "p" and linked_length(below) < _MOST_LEAD * len(_line(below.text()))


def _linked_beside(block: LexborNode, side: str) -> list[LexborNode]:
    """The blocks of the same kind next to it that hold a link and nothing else."""
    run: list[LexborNode] = []
    beside: LexborNode | None = getattr(block, side)
    while beside is not None and len(run) < _MANY_BESIDE:
        if beside.tag == block.tag:
            text = _short_text(beside)
            if text is None or not _is_linked(beside, text):
                break
            run.append(beside)
        elif beside.tag not in ("-text", "-comment"):
            break
        beside = getattr(beside, side)
    return run


def _short_text(node: LexborNode) -> str | None:
    """None where it has more text, or more elements, than a pointer: looked at no further than that."""
    size = 0
    for count, inner in enumerate(node.traverse(include_text=True)):
        size += len((inner.text_content or "").strip()) if inner.tag == "-text" else 0
        if size > _LONGEST or count > _MANY_NODES:
            return None
    return _line(node.text(separator=" "))


def _line(text: str) -> str:
    return " ".join(text.split())
