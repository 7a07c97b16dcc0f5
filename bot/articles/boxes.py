"""What on a page is not the article's, as boxes of other stories, and what only looks so, as lists of names."""

from __future__ import annotations

import re

from selectolax.lexbor import LexborHTMLParser, LexborNode

from bot.articles.lines import clean
from bot.pointers import LINKED, NAME_LENGTH, is_lead_in, linked_length, linked_names, outermost, sentence_before

_LEADS_ELSEWHERE = re.compile(
    r"\b(?:read|see|more|related|also|follow|watch|listen|tags?|topics?|recommended|popular|promo|trending)\b",
    re.IGNORECASE,
)
_INTRODUCTION = 40  # characters: a sentence, no mere heading
# Named in classes and ids of boxes that are not the article's.
_BOX = re.compile(
    r"\b(?:related\w*|trending|popular|most (?:read|viewed|shared)|newsletter|sign ?up|recommend\w*|recirc\w*|promo\w*"
    r"|sidebar|(?:read|see|more|also) (?:more|next|also|read|on|from|stories|news|articles)|latest (?:news|stories)"
    r"|outbrain|taboola|cookie\w*|consent|advert\w*|sponsor\w*|site (?:header|footer|nav)|read(?:more|also)"
    r"|author (?:box|bio\w*|card|desc\w*)|about (?:the )?author|saboxplugin\w*|embedded content|rich link|links block"
    r"|lire aussi|lesen sie auch|leggi anche|relacionad[oa]s?)\b",
    re.IGNORECASE,
)
_CONSENT = re.compile(r"\b(?:onetrust|didomi|usercentrics|truste|qc cmp\w*)\b", re.IGNORECASE)  # name all partners
_COMMENTS = re.compile(r"\bcomments? (?:area|list|section|body|thread|respond|container)\b|\bdisqus thread\b", re.I)
_SOME_TEXT = 200  # characters
_NAMING = ("class", "id", "data-component", "data-testid", "data-area")  # attributes that name boxes
_NAMED = ", ".join(f"body [{name}]" for name in _NAMING)
MANY_BOXES = 400
_SMALL_SHARE = 0.25
LINKED_SHARE = 0.6
INLINE = frozenset("-text -comment a abbr b br em font i mark small span strong sub sup time u wbr".split())
_NOT_THE_ARTICLE = frozenset({"nav", "footer", "header", "form"})


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
    for node in boxes[:MANY_BOXES]:
        size = len(node.text())
        linked = sum(len(link.text()) for link in node.css("a")) if size else 0
        if size < _SMALL_SHARE * whole or linked > LINKED_SHARE * size:
            node.decompose()
    for block in tree.css("ul, ol")[:MANY_BOXES]:
        is_elsewhere = _is_list_of_links(block) and is_lead_in(sentence_before(block))
        if is_elsewhere or (_is_list_of_stories(block) and not _is_list_of_names(block)):
            block.decompose()


def _remove_comments(tree: LexborHTMLParser) -> None:
    """However long they are: each may be an <article>, and be taken for the text. What has all the text stays."""
    found = [node for node in tree.css("body [class], body [id]") if _COMMENTS.search(_names(node))]
    found = [node for node in [*found, *tree.css("#comments")] if node.css_first("h1, main") is None]
    size = sum(len(text.text()) for text in tree.css("p")) if found else 0
    for node in outermost(found[:MANY_BOXES]):
        within = sum(len(text.text()) for text in node.css("p"))
        if size - within >= _SOME_TEXT:
            size -= within
            node.decompose()


def unlink_names(tree: LexborHTMLParser) -> None:
    """A list or table of names right behind a sentence belongs to the text, also where each name is a link: extraction
    would take it for navigation, and an authority's list of names would be lost."""
    for block in tree.css("p + ul, p + ol, p + table"):
        if block.css_first("a") and _is_list_of_names(block):
            block.unwrap_tags(["a"])
    for line in linked_names(tree):
        line.unwrap_tags(["a"])


def _is_list_of_names(block: LexborNode) -> bool:
    sentence = sentence_before(block)
    named = f"{block.attributes.get('class') or ''} {block.attributes.get('id') or ''}"
    if is_outside(block) or _LEADS_ELSEWHERE.search(named.replace("-", " ").replace("_", " ")):
        return False
    if is_lead_in(sentence):
        return False
    if sentence.endswith(":"):
        return not _LEADS_ELSEWHERE.search(sentence) or len(sentence) >= _INTRODUCTION
    lengths = sorted(len(clean(item.text())) for item in block.css("li, tr"))
    return len(sentence) >= _INTRODUCTION and bool(lengths) and lengths[len(lengths) // 2] <= NAME_LENGTH


def _is_list_of_stories(block: LexborNode) -> bool:
    """Every item is a link, as long as a headline."""
    lengths = sorted(len(clean(item.text())) for item in block.css("li"))
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


def _names(node: LexborNode) -> str:
    named = (node.attributes.get(name) or "" for name in _NAMING)
    return re.sub(r"[-_]+|(?<=[a-z])(?=[A-Z])", " ", " ".join(named))
