"""The text of a page, as its paragraphs: what it shows, or carries for machines where that is more."""

from __future__ import annotations

import html
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice, pairwise
from typing import Any

from selectolax.lexbor import LexborHTMLParser, LexborNode

from bot.articles.blocks import read_blocks, row_of
from bot.articles.boxes import INLINE, LINKED_SHARE, MANY_BOXES, prose_of
from bot.articles.lines import BULLET, MAX_PARAGRAPH, MAX_PARAGRAPHS, bulleted, clean, total_length
from bot.articles.metadata import find_heading, find_title_nodes, first_of
from bot.articles.repeats import without_repeats
from bot.articles.teasers import letters_of
from bot.articles.texts import paragraphs_of_text, without_pointers
from bot.text.pointers import around, linked_length

_MUCH_MORE = 1.5
_ABOUT_ALL = 0.9


def find_body(tree: LexborHTMLParser, linked: Sequence[Mapping[str, Any]]) -> list[str]:
    """What the page shows, or its JSON-LD where that has much more, or the same in paragraphs: pages that are drawn by
    a script, or show the beginning only."""
    shown, told = _body_paragraphs(tree), _linked_body(linked)
    is_own = letters_of(html.unescape(first_of(linked, "headline"))) == letters_of(find_heading(tree))
    has_more = total_length(told) > _MUCH_MORE * total_length(shown) or _goes_on(shown, told, is_own=is_own)
    is_parted = len(told) > len(shown) == 1 and total_length(told) > _ABOUT_ALL * total_length(shown)
    return without_repeats(without_pointers(told if has_more or is_parted else shown))


def _goes_on(shown: Sequence[str], told: Sequence[str], *, is_own: bool) -> bool:
    """Whether the page shows the beginning only, and beside it as much of other things; or nothing of what it tells
    below its own title."""
    letters = letters_of(" ".join(told))
    beginning = total_length(text for text in shown if letters_of(text) in letters)
    is_less = (beginning > 0 or is_own) and _MUCH_MORE * beginning < total_length(told)
    return is_less and total_length(told) > total_length(shown) / _MUCH_MORE


def _body_paragraphs(tree: LexborHTMLParser) -> list[str]:
    """trafilatura's body, block by block: list items and table rows are paragraphs of their own."""
    import trafilatura

    captions = _captions(tree)
    _make_plain(tree)
    document = trafilatura.bare_extraction(
        tree.html or "", with_metadata=False, include_comments=False, include_tables=True, include_links=False
    )
    body = getattr(document, "body", None)
    paragraphs = list(read_blocks(body)) if body is not None else []
    paragraphs = [text[:MAX_PARAGRAPH] for text in paragraphs if text]
    if len(paragraphs) == 1:  # its last resort for short pages: all text in one block
        paragraphs = _short_page(tree, paragraphs[0]) or paragraphs
    # captions come twice, as text and as title of the picture
    paragraphs = [text for before, text in pairwise(["", *paragraphs]) if text != before]
    return [*paragraphs, *(text for text in captions if paragraphs and not any(text in told for told in paragraphs))]


_MOST_CAPTIONS = 5
_LONGEST_CAPTION = 500  # characters
_CAPTION_TELLS = re.compile(
    r"sanction|sanktion|sanci[oó]n|blacklist|\blist(?:ed|ings?)\b|\b(?:on|to) (?:the|its|their|a) [\w' ]{0,30}\blist\b"
    r"|designated|assets|санкц|制裁|제재",
    re.IGNORECASE,
)


_PICTURES, _SLANTED = frozenset({"img", "picture"}), frozenset({"em", "i", "small"})
_CAPTION_NAMED = re.compile(
    r"(?:\b|_)(?:cap|caption|image-?text|img-?text)(?:\b|_)|caption(?:s|-?text)?\b", re.IGNORECASE
)


def _captions(tree: LexborHTMLParser) -> list[str]:
    """What is told of sanctions below the article's own pictures; it goes behind the text, as extraction leaves it out
    and a caption is no lead. Of others a photographer's name would be all that is new. A picture that is a link is
    another story's, and so may be one outside of the article."""
    found: dict[str, None] = {}
    bare = list(_bare_captions(tree))
    for caption in [*tree.css("article figcaption, main figcaption, .wp-caption-text")[:MANY_BOXES], *bare]:
        text = clean(caption.text(separator=" "))
        is_own = not caption.css_first("a") and not any(above.tag in ("a", "aside", "li") for above in around(caption))
        if is_own and len(text) <= _LONGEST_CAPTION and _CAPTION_TELLS.search(text):
            found[text] = None
    for caption in bare:
        if clean(caption.text(separator=" ")) in found:
            caption.decompose()
    return list(found)[:_MOST_CAPTIONS]


def _bare_captions(tree: LexborHTMLParser) -> Iterator[LexborNode]:
    """Where no <figcaption> tells it: what is named so behind a picture, and a paragraph of a picture and slanted
    text."""
    blocks = [
        next(above for above in around(image) if above.tag not in INLINE and above.tag != "picture")
        for image in tree.css("img, picture")[:MANY_BOXES]
    ]
    for block in {block.mem_id: block for block in blocks}.values():
        inner = [child for child in block.iter(include_text=True) if clean(child.text()) or child.tag in _PICTURES]
        if block.tag == "p" and all(child.tag in _SLANTED | _PICTURES for child in inner):
            yield block
        elif not any(above.tag == "figure" for above in (block, *around(block))):
            yield from (child for child in inner if _CAPTION_NAMED.search(child.attributes.get("class") or ""))


_BODY_NAMES = frozenset({"class", "id", "itemprop"})
_LEVELS_TO_PARAGRAPHS = 3


def _make_plain(tree: LexborHTMLParser) -> None:
    """Puts into plain paragraphs and lists what extraction would leave out: text in a <div> beside paragraphs, a
    table in the frame of a picture (WordPress has all so), a list in a table that only arranges, all but the first of
    a live page's posts, and headings and lists where nothing names the text's frame."""
    _join_posts(tree)
    _name_body(tree)
    for table in tree.css("figure table"):
        for figure in [above for above in around(table) if above.tag == "figure"]:
            figure.unwrap()
    for text in tree.css("pre"):
        text.inner_html = "".join(f"<p>{html.escape(part)}</p>" for part in paragraphs_of_text(text.text()))
        text.unwrap()
    for table in [table for table in tree.css("table") if table.css_first("td ul, td ol")]:
        table.unwrap_tags(["td", "th", "tr", "tbody", "thead"])
        table.unwrap()
    has_paragraphs = {text.parent.mem_id for text in tree.css("p") if text.parent}
    for block in tree.css("body div")[: 2 * MAX_PARAGRAPHS]:
        near = (above.mem_id in has_paragraphs for above in islice(around(block), _LEVELS_TO_PARAGRAPHS))
        if any(near) and _is_text(block):
            block.inner_html = f"<p>{block.inner_html}</p>"
        elif block.mem_id in has_paragraphs:
            _part_inline(block)


def _part_inline(block: LexborNode) -> None:
    """A name in bold above a paragraph, in one <div>, is a paragraph of its own."""
    first = next((child for child in block.iter(include_text=True) if clean(child.text())), None)
    if first is not None and first.tag in _BOLD and not first.css_first("a"):
        markup = block.inner_html or ""
        own = first.html or ""
        block.inner_html = markup.replace(own, f"<p>{own}</p>", 1)


_BOLD = frozenset({"b", "strong"})
# What extraction knows the text's frame by, whatever it holds: trafilatura's BODY_XPATH.
_KNOWN_BODY = "article, main, [role=main], [role=article], [itemprop=articleBody]"
_KNOWN_EITHER = (
    r"(?:entry|article|art)-content|article__content|article(?:-|__)?body|articleBody|body-text|story-body|^main"
    r"|[cC]ontent-?[bB]ody|content__body|[mM]ain-[cC]ontent|content[-_]main|^(?:content|story)$"
)
_KNOWN_ID = re.compile(rf"{_KNOWN_EITHER}|^(?:article|articleContent)$|^primary")
_KNOWN_CLASS = re.compile(
    rf"{_KNOWN_EITHER}|post[-_]text|post-body|post-?entry|post[-_]?content|postContent|post_inner_wrapper|article-?text"
    r"|articleText|(?:page|text)-content|ArticleContent|article__container|(?i:fulltext)|^article |post-bodycopy"
    r"|story-?content|(?:theme|blog|section|single)-content|single-post|main-column|wpb_text_column|field-body"
    r"|[pP]age-[cC]ontent|^(?:post|entry|postarea|art-postcontent|text|cell)$"
)
_LARGE_SHARE = 0.5
_PARTS = "ul, ol, table, dl, h2, h3, h4, h5, h6"
_MOST_PROSE = 0.9
_MOST_TITLES = 20  # places that have the title's words


def _name_body(tree: LexborHTMLParser) -> None:
    """Where neither an element nor a name that extraction knows tells the text's frame, it is the smallest that holds
    the title and almost all prose, or the page: else paragraphs alone would be read, and no heading or list of names
    between them."""
    if tree.body is None or tree.css_first(_KNOWN_BODY):
        return
    sizes: Counter[int] = Counter()
    for text in prose_of(tree):
        for above in around(text):
            sizes[above.mem_id] += len(clean(text.text()))
    whole = sizes[tree.body.mem_id]
    size = len(clean(tree.body.text()))
    for frame in filter(_is_known, tree.css("div, section")):  # text between line breaks may be no paragraphs
        if sizes[frame.mem_id] >= _LARGE_SHARE * whole or len(clean(frame.text())) >= _LARGE_SHARE * size:
            return
    least = _MOST_PROSE * whole
    frames = [frame for frame in tree.css("div, section") if sizes[frame.mem_id] >= least > 0]
    above_title = {above.mem_id for title in islice(find_title_nodes(tree), _MOST_TITLES) for above in around(title)}
    titled = [frame for frame in frames if frame.mem_id in above_title]
    if titled and (sizes[titled[-1].mem_id] > sizes[frames[-1].mem_id] or _has_more_parts(titled[-1], frames[-1])):
        frames = titled
    if frames:
        frames[-1].attrs["itemprop"] = "articleBody"
    elif least > 0:
        tree.body.inner_html = f'<div itemprop="articleBody">{tree.body.inner_html}</div>'


def _has_more_parts(frame: LexborNode, inner: LexborNode) -> bool:
    """And not only a byline and a day beside the title."""
    return len(frame.css(_PARTS)) > len(inner.css(_PARTS))


def _is_known(frame: LexborNode) -> bool:
    named = frame.attributes
    return bool(_KNOWN_ID.search(named.get("id") or "") or _KNOWN_CLASS.search(named.get("class") or ""))


def _join_posts(tree: LexborHTMLParser) -> None:
    """The posts of a live page, each an <article> below the page's heading and next to the others, become one: of
    several, and of several that are called the body, extraction takes the first."""
    posts = tree.css("article")
    if not posts or any(post.css_first("h1") for post in posts):
        return
    stream = _stream_of(posts[0])
    posts = [post for post in posts if _stream_of(post) == stream]
    if len(posts) == 1:
        return
    for named in tree.css("article [class], article [id], article [itemprop]"):
        for name in _BODY_NAMES & named.attributes.keys():
            del named.attrs[name]
    posts[0].inner_html = "".join(post.inner_html or "" for post in posts)
    for post in posts[1:]:
        post.decompose()


def _stream_of(post: LexborNode) -> int:
    """What it stands in, other than an item of a list."""
    return next(above.mem_id for above in around(post) if above.tag != "li")


def _is_text(block: LexborNode) -> bool:
    """Whether it holds text and no other blocks, and is not mainly links."""
    if not all(child.tag in INLINE for child in block.iter(include_text=True)):
        return False
    size = len(clean(block.text()))
    return size > 0 and linked_length(block) <= LINKED_SHARE * size


_BLOCKS = "p, li, tr, dt, dd, h2, h3, h4, h5, h6, blockquote, div"
_LINE = "\x1e"


def _short_page(tree: LexborHTMLParser, text: str) -> list[str]:
    """The blocks of which extraction made one `text`."""
    for line in tree.css("br"):
        line.replace_with(_LINE)
    found: dict[str, None] = {}
    for block in (tree.css_first("article") or tree.css_first("main") or tree).css(_BLOCKS):
        if block.tag == "tr":
            cells = [clean(cell.text()) for cell in block.css("td, th")]
            parts = [row_of(cells)] if all(cell in text for cell in cells) else []
        elif len(block.css(_BLOCKS)) > 1 or any(above.tag == "tr" for above in islice(around(block), 3)):
            continue  # it holds others, or is part of a row
        else:
            parts = [bulleted(clean(part)) if block.tag == "li" else clean(part) for part in block.text().split(_LINE)]
            parts = [part for part in parts if part.removeprefix(BULLET) in text]
        found |= dict.fromkeys(part for part in parts if part)
    return list(found)


def _linked_body(linked: Sequence[Mapping[str, Any]]) -> list[str]:
    text = html.unescape(first_of(linked, "articleBody"))
    return list(paragraphs_of_text(_TAG.sub("", _BLOCK_TAG.sub("\n\n", text)) if "</p>" in text else text))


_BLOCK_TAG = re.compile(r"</?(?:p|div|br|li|ul|ol|h\d|blockquote|tr)\b[^>]{0,300}>", re.IGNORECASE)
_TAG = re.compile(r"</?[a-z][^>]{0,300}>", re.IGNORECASE)
