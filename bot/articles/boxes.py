"""What on a page is not the article's, as boxes of other stories, and what only looks so, as lists of names."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import islice

from selectolax.lexbor import LexborHTMLParser, LexborNode

from bot.articles.lines import clean, is_sentence, total_length
from bot.text.pointers import (
    LINKED,
    NAME_LENGTH,
    around,
    is_lead_in,
    linked_length,
    linked_names,
    outermost,
    sentence_before,
    width,
)

_LEADS_ELSEWHERE = re.compile(
    r"\b(?:read|see|more|related|also|follow|watch|listen|tags?|topics?|recommended|popular|promo|trending)\b",
    re.IGNORECASE,
)
_INTRODUCTION = 40  # characters of width: a sentence, no mere heading
# Named in classes and ids of boxes that are not the article's.
_BOX = re.compile(
    r"\b(?:related\w*|trending|popular|most (?:read|viewed|shared)|newsletter|sign ?up|recommend\w*|recirc\w*|promo\w*"
    r"|sidebar|(?:read|see|more|also) (?:more|next|also|read|on|from|stories|news|articles)|latest (?:news|stories)"
    r"|outbrain|taboola|cookie\w*|consent|advert\w*|sponsor\w*|site (?:header|footer|nav|alert)|read(?:more|also)"
    r"|vjs|(?:video|audio|jw) ?(?:player|js)"
    r"|author (?:box|bio\w*|card|desc\w*)|about (?:the )?author|saboxplugin\w*|embedded content|rich link|links block"
    r"|lire aussi|lesen sie auch|leggi anche|relacionad[oa]s?)\b",
    re.IGNORECASE,
)
_CONSENT = re.compile(r"\b(?:onetrust|didomi|usercentrics|truste|qc cmp\w*)\b", re.IGNORECASE)  # name all partners
_LEADING = re.compile(  # of links: what an article is filed under, and the next one
    r"\b(?:tags|topics|keywords|(?:next|prev(?:ious)?) (?:page|post|article|story|news)|nav (?:next|prev\w*|links))\b",
    re.IGNORECASE,
)
_COMMENTS = re.compile(r"\bcomments? (?:area|list|section|body|thread|respond|container)\b|\bdisqus thread\b", re.I)
_REPLY = re.compile(
    r"(?:reply|antworten|répondre|responder|rispondi|ответить|відповісти|回复|답글)(?:\s*\(?\d+\)?)?", re.IGNORECASE
)
_SOME_TEXT, _FLASH = 200, 60  # characters of width
_NAMING = ("class", "id", "data-component", "data-testid", "data-area")  # attributes that name boxes
_NAMED = ", ".join(f"body [{name}]" for name in _NAMING)
MANY_BOXES = 400
MANY_TEXTS = 3_000
_SMALL_SHARE = 0.25
LINKED_SHARE = 0.6
INLINE = frozenset("-text -comment a abbr b br em font i mark small span strong sub sup time u wbr".split())
_NOT_THE_ARTICLE = frozenset({"nav", "footer", "header", "form"})


# Extraction leaves out frames that are hidden, or have one of these anywhere in their names: "widget" is in
# elementor-widget, and "author" in authority.
_MISREAD = re.compile(
    r"widget|slide|expand|embed|attachment|author|rating|message|premium|next-|obfuscated|blurred|options|viewport|viral"
    r"|social|elated|button|banner|tags|menu|bar|yin|nav|hid[de]",
    re.IGNORECASE,
)
_NO_TEXT = re.compile(
    r"\b(?:footer|sidebar|authors?|bio|byline|newsletter|social|shar(?:e|ing)|nav|navigation|menu|tags?|comments?|related"
    r"|disclaimer|modal|popup|overlay|dialog|banner|subscri\w*|sign ?up|promo\w*|caption|(?<!elementor )widget)\b",
    re.IGNORECASE,
)
_MORE = re.compile(r"(?:read|see|show|load)[-_]?more", re.IGNORECASE)
_MISLEADING = frozenset({"class", "id", "style", "hidden", "aria-hidden"})
_FEWEST = 2
_HIDDEN = re.compile(r"display:\s*none|visibility:\s*hidden")
FRAMES = frozenset({"div", "section"})
_LEVELS = 3
_MANY_BESIDE = 20


def show_text(tree: LexborHTMLParser, paid: Iterable[str]) -> None:
    """Text that goes on in a frame of its own beside other paragraphs is text, also where it is hidden until somebody
    clicks, or the frame's name has a word of boxes in it; `paid` selects what is for subscribers, whatever is beside
    it."""
    for frame in (one for selector in paid for one in tree.css(selector)[:MANY_BOXES]):
        if frame.tag in FRAMES and _is_hidden(frame) and frame.css_first("p"):
            _show(frame)
    sizes: Counter[int] = Counter()
    frames: dict[int, LexborNode] = {}
    for text in filter(_is_prose, tree.css("p")[:MANY_TEXTS]):
        for frame in islice(around(text), _LEVELS):
            if frame.tag not in FRAMES:
                break
            sizes[frame.mem_id] += 1
            frames[frame.mem_id] = frame
    for key, frame in frames.items():
        is_misread = sizes[key] >= _FEWEST if _may_be_furniture(frame) else _MISREAD.search(_class_and_id(frame))
        if is_misread and _goes_on(frame):
            _show(frame)


def _show(frame: LexborNode) -> None:
    for name in _MISLEADING & frame.attributes.keys():
        del frame.attrs[name]


def _may_be_furniture(frame: LexborNode) -> bool:
    """As thanks for signing up are, until then."""
    return _is_hidden(frame) or _MORE.search(_class_and_id(frame)) is not None


def _is_hidden(frame: LexborNode) -> bool:
    attributes = frame.attributes
    is_told = "hidden" in attributes or attributes.get("aria-hidden") == "true"
    return is_told or _HIDDEN.search(attributes.get("style") or "") is not None


def _goes_on(frame: LexborNode) -> bool:
    return (
        not _NO_TEXT.search(_names(frame))
        and frame.css_first("blockquote, h1") is None
        and any(
            _is_prose(one) if one.tag == "p" else one.tag in FRAMES and _holds_prose(one)
            for side in ("prev", "next")
            for one in islice(beside(frame, side), _MANY_BESIDE)
        )
    )


def _is_prose(text: LexborNode) -> bool:
    return is_sentence(clean(text.text())) and linked_length(text) <= LINKED_SHARE * len(clean(text.text()))


def prose_of(within: LexborHTMLParser | LexborNode) -> Iterator[LexborNode]:
    """Its paragraphs, some of which are divisions, that are sentences."""
    for text in within.css("p, div")[:MANY_TEXTS]:
        is_paragraph = text.tag == "p" or all(child.tag in INLINE for child in text.iter(include_text=True))
        if is_paragraph and is_sentence(clean(text.text())):
            yield text


def length_of_prose(within: LexborHTMLParser | LexborNode) -> int:
    return total_length(clean(text.text()) for text in prose_of(within))


def beside(node: LexborNode, side: str) -> Iterator[LexborNode]:
    while (node := getattr(node, side)) is not None:
        yield node


def _holds_prose(frame: LexborNode) -> bool:
    """As its own, or in a frame that only wraps it."""
    texts = frame.css("p")[:_MANY_BESIDE] if not _NO_TEXT.search(_names(frame)) else []
    own = (text for text in texts if any(above.mem_id == frame.mem_id for above in islice(around(text), 2)))
    return any(map(_is_prose, own))


def remove_boxes(tree: LexborHTMLParser) -> None:
    """Trending, related and newsletter boxes: trafilatura takes them in where the article is short. What is named
    so but holds a good part of the page's text is a frame around the article, and stays."""
    for node in tree.css("nav, form, [role=navigation]"):
        node.decompose()
    for node in tree.css("body [class], body [id]"):
        if _CONSENT.search(_names(node)) and node.css_first("h1, article, main") is None:
            node.decompose()
    _remove_comments(tree)
    whole = len(tree.body.text()) if tree.body else 0
    boxes = tree.css("body [hidden], body [role=complementary]")
    boxes += [node for node in tree.css(_NAMED) if _BOX.search(_names(node))]
    leading = [node for node in tree.css(_NAMED) if _LEADING.search(_names(node))]
    for nodes, share in ((boxes, _SMALL_SHARE), (leading, 0)):
        for node in nodes[:MANY_BOXES]:
            size = len(node.text())
            linked = sum(len(link.text()) for link in node.css("a")) if size else 0
            if (size < share * whole or linked > LINKED_SHARE * size) and node.css_first("h1") is None:
                node.decompose()
    for block in tree.css("ul, ol")[:MANY_BOXES]:
        is_elsewhere = _is_list_of_links(block) and is_lead_in(sentence_before(block))
        if is_elsewhere or (_is_list_of_stories(block) and not _is_list_of_names(block)):
            block.decompose()


def _remove_comments(tree: LexborHTMLParser) -> None:
    """However long they are: each may be an <article>, and be taken for the text. What has all the text stays."""
    named = [node for node in tree.css("body [class], body [id]") if _COMMENTS.search(_names(node))]
    for nodes, least in (([*named, *tree.css("#comments")], _SOME_TEXT), ([*_answered(tree)], _FLASH)):
        found = [node for node in nodes if node.css_first("h1, main") is None]
        size = sum(width(text.text()) for text in tree.css("p")) if found else 0
        for node in outermost(found[:MANY_BOXES]):
            within = sum(width(text.text()) for text in node.css("p"))
            if size - within >= least:
                size -= within
                node.decompose()


def _answered(tree: LexborHTMLParser) -> Iterator[LexborNode]:
    """What one can reply to, and so can to what is beside it: comments, by whatever name."""
    controls = [node for node in tree.css("a, button")[:MANY_TEXTS] if _REPLY.fullmatch(clean(node.text()))]
    controls = controls[:MANY_BOXES]
    held = Counter(above.mem_id for control in controls for above in around(control))
    for control in controls if len(controls) > 1 else ():
        inside = control
        for above in around(control):
            if held[above.mem_id] == len(controls):
                break
            inside = above
        yield inside


def unlink_names(tree: LexborHTMLParser) -> None:
    """A list or table of names right behind a sentence belongs to the text, also in a frame of its own, and where each
    name is a link: extraction would take it for navigation, and an authority's list of names would be lost. So is a
    heading that folds what is below it."""
    for button in tree.css("h2 button, h3 button, h4 button, h5 button")[:MANY_BOXES]:
        button.unwrap()
    for block in tree.css("p + ul, p + ol, p + table"):
        if block.css_first("a") and _is_list_of_names(block):
            block.unwrap_tags(["a"])
    for frame in tree.css("p + div, p + section, p + figure")[:MANY_TEXTS]:
        if _is_frame_of_links(frame) and _is_list_of_names(frame):
            frame.unwrap_tags(["a"])
    for line in linked_names(tree):
        line.unwrap_tags(["a"])


def _is_frame_of_links(frame: LexborNode) -> bool:
    """Of nothing but a table or list, or of links that are short."""
    links = frame.css("a")[:MANY_TEXTS]
    inner = [child for child in frame.iter(include_text=True) if clean(child.text())]
    if not links or (len(inner) == 1 and inner[0].tag in ("table", "ul", "ol")):
        return bool(links)
    widths = sorted(width(clean(link.text())) for link in links)
    return linked_length(frame) >= LINKED * len(clean(frame.text())) and widths[len(widths) // 2] <= NAME_LENGTH


def _is_list_of_names(block: LexborNode) -> bool:
    sentence = sentence_before(block)
    named = f"{block.attributes.get('class') or ''} {block.attributes.get('id') or ''}"
    if is_outside(block) or _LEADS_ELSEWHERE.search(named.replace("-", " ").replace("_", " ")):
        return False
    if is_lead_in(sentence):
        return False
    if sentence.endswith((":", "：")):
        return not _LEADS_ELSEWHERE.search(sentence) or width(sentence) >= _INTRODUCTION
    lengths = sorted(width(clean(item.text())) for item in block.css("li, tr"))
    return width(sentence) >= _INTRODUCTION and bool(lengths) and lengths[len(lengths) // 2] <= NAME_LENGTH


def _is_list_of_stories(block: LexborNode) -> bool:
    """Every item is a link, as long as a headline."""
    lengths = sorted(width(clean(item.text())) for item in block.css("li"))
    return _is_list_of_links(block) and lengths[len(lengths) // 2] > NAME_LENGTH


def _is_list_of_links(block: LexborNode) -> bool:
    items = [(len(clean(item.text())), linked_length(item)) for item in block.css("li")]
    return bool(items) and all(size and linked >= LINKED * size for size, linked in items)


def is_outside(node: LexborNode) -> bool:
    """Whether it stands in the head or foot of the page, in its navigation or a form."""
    above: LexborNode | None = node
    while above is not None:
        if above.tag in _NOT_THE_ARTICLE:
            return True
        above = above.parent
    return False


def _class_and_id(node: LexborNode) -> str:
    return f"{node.attributes.get('class') or ''} {node.attributes.get('id') or ''}"


def _names(node: LexborNode) -> str:
    named = (node.attributes.get(name) or "" for name in _NAMING)
    return re.sub(r"[-_]+|(?<=[a-z])(?=[A-Z])", " ", " ".join(named))
