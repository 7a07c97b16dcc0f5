"""Articles: a page, a teaser, a line of a file or pasted text, each to the same Article.

Says what an article's text is; judges nothing. Photo captions and bylines stay in the paragraphs, as matching tells
them apart; navigation, trending and newsletter boxes and scripts go.
"""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import lru_cache
from hashlib import blake2b
from itertools import chain, islice, pairwise
from typing import Any
from urllib.parse import urlsplit

from py3langid.langid import MODEL_FILE, LanguageIdentifier
from selectolax.lexbor import LexborHTMLParser, LexborNode

from bot.dates import is_in_either_order, parse_date
from bot.decoding import decode_text
from bot.errors import ArticleError
from bot.links import clean_link, normalise_link, site_of
from bot.markup import MOST_TAGS, bounded, parse_html
from bot.model import Article, Entry, FullText, HttpAnswer, Source, Tier
from bot.pointers import (
    LINKED,
    NAME_LENGTH,
    around,
    is_lead_in,
    is_pointer,
    linked_length,
    linked_names,
    remove_pointers,
    sentence_before,
)

MAX_PAGE = 3_000_000  # characters: longer pages are data, not articles
MAX_DEPTH = 250  # real pages stay below 100
MAX_NODES = 6 * MOST_TAGS  # texts are nodes too; more come only of tags that are never closed
MAX_PARAGRAPHS = 1_500
MAX_PARAGRAPH = 20_000
BULLET = "• "  # list items begin with it, whatever they began with in the source

_NO_PAGE_BEHIND = frozenset({"news.google.com"})  # opaque tokens that lead to a script, not to the article


# ---------------------------------------------------------------- is the page worth fetching?


def wants_page(entry: Entry, source: Source, sanctions_word: str | None, names_entity: bool) -> tuple[bool, str]:
    """(whether to fetch the entry's page, why). `sanctions_word` is the word in headline or teaser that speaks of
    sanctions, if any; `names_entity` says that they name a tracked entity."""
    if source.full_text is FullText.NEVER:
        return False, f"{source.title} is read by its teasers only (full_text = never)"
    if not entry.link:
        return False, "the entry has no link"
    if urlsplit(entry.link).hostname in _NO_PAGE_BEHIND:
        return False, "the aggregator's link leads to no article page"
    if source.full_text is FullText.ALWAYS:
        return True, f"every page of {source.title} is read (full_text = always)"
    if sanctions_word:
        return True, f"the teaser speaks of sanctions: “{sanctions_word}”"
    if names_entity:
        return True, "the teaser names a tracked entity"
    return False, "the teaser neither speaks of sanctions nor names a tracked entity"


# ---------------------------------------------------------------- an entry and its page


def parse_article(entry: Entry, source: Source, page: HttpAnswer | None, note: str) -> Article:
    """The article behind an entry. Without a page, or with one that shows no article (a paywall, a browser check), it
    is what the feed carries, and `full_text_note` tells so. Raises nothing but ArticleError."""
    teaser, problem = _from_feed(entry, source, note), ""
    try:
        if page is not None:
            return parse_page(entry, source, page, note)
    except ArticleError as error:
        problem = f"{error}: judged on what the feed carries"
    return replace(teaser, full_text_note=_notes(note, problem, _undated(entry, entry.published_at)))


def parse_page(entry: Entry, source: Source, page: HttpAnswer, note: str) -> Article:
    """The article of an entry's page. Raises nothing but ArticleError, which says why there is none."""
    try:
        return _from_page(_from_feed(entry, source, note), entry, source, page)
    except ArticleError:
        raise
    except Exception as error:  # four parsers that are not ours read bytes from anywhere
        raise ArticleError(f"the page could not be read ({type(error).__name__})") from error


def _notes(*notes: str) -> str:
    return "; ".join(note for note in notes if note)


def _told_cut(text: str, paragraphs: Sequence[str]) -> str:
    """Who is named behind the beginning of a long text is not found, so whoever asks why is told."""
    is_cut = len(text) >= MAX_PAGE or len(paragraphs) >= MAX_PARAGRAPHS or len(bounded(text)) < len(text)
    return "longer than articles are: only its beginning was read" if is_cut else ""


def _undated(entry: Entry, published: datetime | None) -> str:
    """What is old news may be taken for new, so whoever asks why is told."""
    seen = entry.first_seen_at
    return "" if published else f"its date is not told: taken as of {seen.day} {seen:%b %Y}, when it was found"


def article_key(outlet: str, link: str, title: str = "") -> str:
    """Stable for one story of one outlet: by its link, whatever tracking or variant of it; by its title without one."""
    story = normalise_link(link) or title.casefold()
    return blake2b(f"{outlet.casefold()}\n{story}".encode("utf-8", "replace"), digest_size=12).hexdigest()


def _from_feed(entry: Entry, source: Source, note: str) -> Article:
    paragraphs = _paragraphs_of_text(entry.content) if entry.content else ()
    outlet = entry.outlet or source.title
    return Article(
        key=article_key(outlet, entry.link, entry.title),
        url=entry.link or source.url,
        outlet=outlet,
        title=entry.title,
        summary=entry.summary,
        paragraphs=paragraphs,
        published_at=entry.effective_at,
        language=_language(source.language or entry.language, "", [entry.title, entry.summary, *paragraphs]),
        source=source.key,
        tier=source.tier,
        full_text_note=note,
    )


def _from_page(teaser: Article, entry: Entry, source: Source, page: HttpAnswer) -> Article:
    markup = _markup(page)
    read = read_page(markup, page.url)
    if _is_browser_check(markup, read.paragraphs):
        raise ArticleError("the page is a browser check (the site blocks bots)")
    if not read.paragraphs and not read.key_points:
        raise ArticleError("no article text was found on the page")
    note = teaser.full_text_note
    if read.is_paywalled:
        note = _notes(note, "behind a paywall: only its beginning could be read")
    note = _notes(note, _told_cut(markup, read.paragraphs))
    if _length(read.paragraphs) < _length(teaser.paragraphs):
        read = replace(read, paragraphs=teaser.paragraphs)
        note = _notes(note, "the feed carries more of the text than the page")
    published = entry.published_at or read.published_at
    title = entry.title or read.title
    return replace(
        teaser,
        title=title,
        outlet=read.outlet if read.outlet and teaser.outlet == site_of(entry.link) else teaser.outlet,
        paragraphs=tuple(text for text in read.paragraphs if text not in (title, read.title)),
        key_points=read.key_points,
        published_at=min(published, entry.first_seen_at) if published else entry.first_seen_at,
        language=_language(source.language or entry.language, read.language, [title, *read.paragraphs]),
        full_text_note=_notes(note, _undated(entry, published)),
    )


def _markup(page: HttpAnswer) -> str:
    if page.status >= 400:
        raise ArticleError(f"the page answered HTTP {page.status}")
    kind = page.headers.get("content-type", "").partition(";")[0].strip().lower()
    if page.body.startswith(b"%PDF") or kind == "application/pdf":
        raise ArticleError("the page is a PDF")
    if kind.startswith(("image/", "audio/", "video/", "font/")):
        raise ArticleError(f"the page is no text but {kind}")
    from trafilatura.utils import detect_encoding  # takes half a second: not where no page is read

    markup = decode_text(page.body[: 4 * MAX_PAGE], page.headers.get("content-type", ""), detect_encoding)[:MAX_PAGE]
    if not markup.strip():
        raise ArticleError("the page is empty")
    if kind == "text/plain":
        return "".join(f"<p>{html.escape(part)}</p>" for part in markup.split("\n\n"))
    return markup


def _length(paragraphs: Iterable[str]) -> int:
    return sum(map(len, paragraphs))


# ---------------------------------------------------------------- a page


@dataclass(frozen=True, slots=True)
class Page:
    """What a page says of its article. `url` is its canonical address; "" where it has none."""

    title: str
    paragraphs: tuple[str, ...]
    key_points: tuple[str, ...] = ()
    published_at: datetime | None = None
    language: str = ""
    url: str = ""
    outlet: str = ""
    is_paywalled: bool = False


def read_page(markup: str, url: str) -> Page:
    """Extraction from HTML. Paragraphs are empty where no article was found. Raises ArticleError."""
    tree = parse_html(markup)
    if trap := _trap(tree):
        raise ArticleError(f"the page {trap}: it is broken, or a trap")
    linked = _linked_data(tree)
    title = _heading(tree)
    key_points = _key_points(tree)
    _remove_boxes(tree)
    remove_pointers(tree)
    _unlink_names(tree)
    paragraphs = tuple(_without_key_points(_body(tree, linked), key_points))
    return Page(
        title=_clean(html.unescape(_first(linked, "headline")) or _meta(tree, "og:title", "twitter:title") or title),
        paragraphs=paragraphs[:MAX_PARAGRAPHS],
        key_points=key_points,
        published_at=_published_at(tree, linked),
        language=_declared_language(tree),
        url=_canonical(tree, url),
        outlet=_clean(_meta(tree, "og:site_name")),
        is_paywalled=_is_paywalled(linked, markup, paragraphs),
    )


_LEADS_ELSEWHERE = re.compile(
    r"\b(?:read|see|more|related|also|follow|watch|listen|tags?|topics?|recommended|popular|promo|trending)\b",
    re.IGNORECASE,
)
_INTRODUCTION = 40  # characters: a sentence, no mere heading


def _unlink_names(tree: LexborHTMLParser) -> None:
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
    if _is_outside(block) or _LEADS_ELSEWHERE.search(named.replace("-", " ").replace("_", " ")):
        return False
    if is_lead_in(sentence):
        return False
    if sentence.endswith(":"):
        return not _LEADS_ELSEWHERE.search(sentence) or len(sentence) >= _INTRODUCTION
    lengths = sorted(len(_clean(item.text())) for item in block.css("li, tr"))
    return len(sentence) >= _INTRODUCTION and bool(lengths) and lengths[len(lengths) // 2] <= NAME_LENGTH


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


# Named in classes and ids of boxes that are not the article's.
_BOX = re.compile(
    r"\b(?:related\w*|trending|popular|most (?:read|viewed|shared)|newsletter|sign ?up|recommend\w*|recirc\w*|promo\w*"
    r"|sidebar|(?:read|see|more|also) (?:more|next|also|read|on|from|stories|news|articles)|latest (?:news|stories)"
    r"|outbrain|taboola|cookie\w*|consent|advert\w*|sponsor\w*|site (?:header|footer|nav)|read(?:more|also)"
    r"|embedded content|rich link|links block|lire aussi|lesen sie auch|leggi anche|relacionad[oa]s?)\b",
    re.IGNORECASE,
)
_CONSENT = re.compile(r"\b(?:onetrust|didomi|usercentrics|truste|qc cmp\w*)\b", re.IGNORECASE)  # name all partners
_NAMING = ("class", "id", "data-component", "data-testid", "data-area")  # attributes that name boxes
_NAMED = ", ".join(f"body [{name}]" for name in _NAMING)
_MANY_BOXES = 400
_SMALL_SHARE = 0.25
_LINKED_SHARE = 0.6


def _remove_boxes(tree: LexborHTMLParser) -> None:
    """Trending, related and newsletter boxes: trafilatura takes them in where the article is short. What is named
    so but holds a good part of the page's text is a frame around the article, and stays."""
    for node in tree.css("nav, form, [role=navigation]"):
        node.decompose()
    for node in tree.css("body [class], body [id]"):
        if _CONSENT.search(_names(node)) and node.css_first("h1, article, main") is None:
            node.decompose()
    whole = len(tree.body.text()) if tree.body else 0
    boxes = tree.css("body [hidden], body [role=complementary]")
    boxes += [node for node in tree.css(_NAMED) if _BOX.search(_names(node))]
    for node in boxes[:_MANY_BOXES]:
        size = len(node.text())
        linked = sum(len(link.text()) for link in node.css("a")) if size else 0
        if size < _SMALL_SHARE * whole or linked > _LINKED_SHARE * size:
            node.decompose()
    for block in tree.css("ul, ol")[:_MANY_BOXES]:
        is_elsewhere = _is_list_of_links(block) and is_lead_in(sentence_before(block))
        if is_elsewhere or (_is_list_of_stories(block) and not _is_list_of_names(block)):
            block.decompose()


def _is_list_of_stories(block: LexborNode) -> bool:
    """Every item is a link, as long as a headline."""
    lengths = sorted(len(_clean(item.text())) for item in block.css("li"))
    return _is_list_of_links(block) and lengths[len(lengths) // 2] > NAME_LENGTH


def _is_list_of_links(block: LexborNode) -> bool:
    items = [(len(_clean(item.text())), linked_length(item)) for item in block.css("li")]
    return bool(items) and all(size and linked >= LINKED * size for size, linked in items)


def _names(node: LexborNode) -> str:
    named = (node.attributes.get(name) or "" for name in _NAMING)
    return re.sub(r"[-_]+|(?<=[a-z])(?=[A-Z])", " ", " ".join(named))


def _body(tree: LexborHTMLParser, linked: Sequence[Mapping[str, Any]]) -> list[str]:
    """What the page shows, or its JSON-LD where that has much more: pages that are drawn by a script, or show the
    beginning only."""
    shown, told = _body_paragraphs(tree), _linked_body(linked)
    paragraphs = told if _length(told) > _MUCH_MORE * _length(shown) else shown
    return _without_pointers(paragraphs)


_MUCH_MORE = 1.5


def _body_paragraphs(tree: LexborHTMLParser) -> list[str]:
    """trafilatura's body, block by block: list items and table rows are paragraphs of their own."""
    import trafilatura

    captions = _captions(tree)
    _make_plain(tree)
    document = trafilatura.bare_extraction(
        tree.html or "", with_metadata=False, include_comments=False, include_tables=True, include_links=False
    )
    body = getattr(document, "body", None)
    paragraphs = list(_blocks(body)) if body is not None else []
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


def _captions(tree: LexborHTMLParser) -> list[str]:
    """What is told of sanctions below the article's own pictures; it goes behind the text, as extraction leaves it out
    and a caption is no lead. Of others a photographer's name would be all that is new. A picture that is a link is
    another story's, and so may be one outside of the article."""
    found: dict[str, None] = {}
    for caption in tree.css("article figcaption, main figcaption, .wp-caption-text")[:_MANY_BOXES]:
        text = _clean(caption.text(separator=" "))
        is_own = not caption.css_first("a") and not any(above.tag in ("a", "aside", "li") for above in around(caption))
        if is_own and len(text) <= _LONGEST_CAPTION and _CAPTION_TELLS.search(text):
            found[text] = None
    return list(found)[:_MOST_CAPTIONS]


_INLINE = frozenset("-text -comment a abbr b br em font i mark small span strong sub sup time u wbr".split())
_LEVELS_TO_PARAGRAPHS = 3


def _make_plain(tree: LexborHTMLParser) -> None:
    """Puts into plain paragraphs and lists what extraction would leave out: text in a <div> beside paragraphs, a
    table in the frame of a picture (WordPress has all so), a list in a table that only arranges."""
    for table in tree.css("figure table"):
        for figure in [above for above in around(table) if above.tag == "figure"]:
            figure.unwrap()
    for text in tree.css("pre"):
        text.inner_html = "".join(f"<p>{html.escape(part)}</p>" for part in _paragraphs_of_text(text.text()))
        text.unwrap()
    for table in [table for table in tree.css("table") if table.css_first("td ul, td ol")]:
        table.unwrap_tags(["td", "th", "tr", "tbody", "thead"])
        table.unwrap()
    has_paragraphs = {text.parent.mem_id for text in tree.css("p") if text.parent}
    for block in tree.css("body div")[: 2 * MAX_PARAGRAPHS]:
        near = (above.mem_id in has_paragraphs for above in islice(around(block), _LEVELS_TO_PARAGRAPHS))
        if any(near) and _is_text(block):
            block.inner_html = f"<p>{block.inner_html}</p>"


def _is_text(block: LexborNode) -> bool:
    """Whether it holds text and no other blocks, and is not mainly links."""
    if not all(child.tag in _INLINE for child in block.iter(include_text=True)):
        return False
    size = len(_clean(block.text()))
    return size > 0 and linked_length(block) <= _LINKED_SHARE * size


_BLOCKS = "p, li, tr, dt, dd, h2, h3, h4, h5, h6, blockquote, div"
_LINE = "\x1e"


def _short_page(tree: LexborHTMLParser, text: str) -> list[str]:
    """The blocks of which extraction made one `text`."""
    for line in tree.css("br"):
        line.replace_with(_LINE)
    found: dict[str, None] = {}
    for block in (tree.css_first("article") or tree.css_first("main") or tree).css(_BLOCKS):
        if block.tag == "tr":
            parts = [" | ".join(_clean(cell.text()) for cell in block.css("td, th") if _clean(cell.text()))]
        elif len(block.css(_BLOCKS)) > 1 or any(above.tag == "tr" for above in islice(around(block), 3)):
            continue  # it holds others, or is part of a row
        else:
            parts = [
                _bulleted(_clean(part)) if block.tag == "li" else _clean(part) for part in block.text().split(_LINE)
            ]
        found |= dict.fromkeys(part for part in parts if part and _is_within(part, text))
    return list(found)


def _is_within(part: str, text: str) -> bool:
    return all(cell in text for cell in part.removeprefix(BULLET).split(" | "))


def _linked_body(linked: Sequence[Mapping[str, Any]]) -> list[str]:
    text = html.unescape(_first(linked, "articleBody"))
    return list(_paragraphs_of_text(_TAG.sub("", _BLOCK_TAG.sub("\n\n", text)) if "</p>" in text else text))


_BLOCK_TAG = re.compile(r"</?(?:p|div|br|li|ul|ol|h\d|blockquote|tr)\b[^>]{0,300}>", re.IGNORECASE)
_TAG = re.compile(r"</?[a-z][^>]{0,300}>", re.IGNORECASE)


_LEAF_BLOCKS = frozenset({"p", "head", "quote", "code", "ab", "fw"})


def _blocks(element: Any) -> Iterator[str]:
    for child in element:
        match child.tag:
            case "list":
                yield from _items(child)
            case "table":
                yield from _rows(child)
            case tag if tag in _LEAF_BLOCKS and not _has_blocks(child):
                yield from _lines(child)
            case _:
                yield _clean(child.text or "")
                yield from _blocks(child)
        yield _clean(child.tail or "")


def _has_blocks(element: Any) -> bool:
    return any(child.tag in ("p", "list", "table", "quote", "head") for child in element.iterdescendants())


def _items(element: Any) -> Iterator[str]:
    for item in element:
        if _has_blocks(item):
            first, *rest = [*([_clean(item.text or "")] if _clean(item.text or "") else []), *_blocks(item)] or [""]
            yield _bulleted(first)
            yield from rest
        else:
            for line in _lines(item):
                yield _bulleted(line)


def _rows(table: Any) -> Iterator[str]:
    """A row is a paragraph, its cells parted by a bar."""
    for row in table.iter("row"):
        cells = [_clean(" ".join(str(text) for text in cell.itertext())) for cell in row.iter("cell")]
        yield " | ".join(cell for cell in cells if cell)


_LINE_STARTS = re.compile(r"[•▪·◦‣*–—-]\s|\(?\d{1,3}[.)]\s|[A-Z]{3}[A-Z' -]*, ")
_SENTENCE_ENDS = re.compile(r"[.!?…:;。！？]['\"”’»)\]]*$")
_LIST_LINES = 3
_LIST_LINE_LENGTH = 70


def _lines(element: Any) -> Iterator[str]:
    """A block's lines. A <br> parts them in a list of short lines, and elsewhere where it ends a sentence, stands
    double, or a new item begins after it."""
    parts = [_clean(part) for part in _parts(element)]
    full = [part for part in parts if part]
    if len(full) >= _LIST_LINES and sorted(map(len, full))[len(full) // 2] < _LIST_LINE_LENGTH:
        yield from map(_normal_bullet, full)
    else:
        yield from map(_normal_bullet, _joined(parts))


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
        if line and (is_parted or _SENTENCE_ENDS.search(line) or _LINE_STARTS.match(part)):
            yield line
            line = part
        else:
            line = f"{line} {part}" if line else part
        is_parted = False
    if line:
        yield line


# ---------------------------------------------------------------- the outlet's own key points

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
_NOT_THE_ARTICLE = frozenset({"nav", "footer", "header", "form"})
_MAX_KEY_POINTS = 12
_LONGEST_KEY_POINT = 700
_LONGEST_BARE_KEY_POINT = 140
_LONGEST_HEADING = 40


def _key_points(tree: LexborHTMLParser) -> tuple[str, ...]:
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
    text = _clean(node.text())
    return len(text) <= _LONGEST_HEADING and _KEY_POINT_HEADING.fullmatch(text.strip(" :.")) is not None


def _list_after(heading: LexborNode) -> LexborNode | None:
    """The list right behind a heading, or behind what only wraps the heading."""
    node: LexborNode | None = heading
    for _ in range(3):
        following = node.next if node else None
        while following is not None and following.tag in ("-text", "-comment", "br"):
            if _clean(following.text()) and following.tag == "-text":
                return None
            following = following.next
        if following is not None:
            return following if following.tag in ("ul", "ol") else following.css_first("ul, ol")
        node = node.parent if node else None
    return None


def _points(box: LexborNode | None) -> tuple[str, ...]:
    if box is None or _is_outside(box):
        return ()
    items = box.css("li")
    if not 1 <= len(items) <= _MAX_KEY_POINTS:
        return ()
    texts = [_clean(item.text()) for item in items]
    linked = sum(len(_clean(link.text())) for item in items for link in item.css("a"))
    if linked > 0.6 * sum(map(len, texts)) or any(len(text) > _LONGEST_KEY_POINT for text in texts):
        return ()  # a box of links to other stories
    return tuple(text for text in texts if " " in text or len(text) >= 10)


def _is_outside(node: LexborNode) -> bool:
    above: LexborNode | None = node
    while above is not None:
        if above.tag in _NOT_THE_ARTICLE:
            return True
        above = above.parent
    return False


def _without_key_points(paragraphs: Iterable[str], key_points: Sequence[str]) -> Iterator[str]:
    known = {_bare(point) for point in key_points}
    for text in paragraphs:
        if known and (_bare(text) in known or _KEY_POINT_HEADING.fullmatch(text.strip(" :."))):
            continue
        yield text


def _bare(text: str) -> str:
    return "".join(char for char in text.casefold() if char.isalnum())


# ---------------------------------------------------------------- what the page says about itself

_ARTICLE_TYPES = re.compile(r"Article|NewsArticle|Report|BlogPosting|LiveBlog|WebPage|PressRelease")


def _linked_data(tree: LexborHTMLParser) -> list[Mapping[str, Any]]:
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


def _first(objects: Iterable[Mapping[str, Any]], name: str) -> str:
    return next((value for item in objects if isinstance(value := item.get(name), str) and value.strip()), "")


def _meta(tree: LexborHTMLParser, *names: str) -> str:
    for name in names:
        for attribute in ("property", "name", "itemprop"):
            node = tree.css_first(f'meta[{attribute}="{name}"]')
            if node and (content := node.attributes.get("content")):
                return content
    return ""


def _heading(tree: LexborHTMLParser) -> str:
    for selector in ("h1", "title"):
        if (node := tree.css_first(selector)) and (text := _clean(node.text())):
            return text
    return ""


_DATE_METAS = (
    "article:published_time", "og:published_time", "datePublished", "parsely-pub-date", "dcterms.created",
    "DC.date.issued", "date", "pubdate", "publish-date", "govuk:first-published-at",
)  # fmt: skip
_PUBLISHED = re.compile(r"^(?:first )?(?:published|posted)(?: (?:on|at))?\s*:?\s*", re.IGNORECASE)


def _published_at(tree: LexborHTMLParser, linked: Sequence[Mapping[str, Any]]) -> datetime | None:
    metas = (_meta(tree, name) for name in _DATE_METAS)
    texts = chain([_first(linked, "datePublished")], metas, _shown_dates(tree))
    language = _declared_language(tree)
    return next((found for text in texts if (found := _page_date(text, language))), None)


def _shown_dates(tree: LexborHTMLParser) -> Iterator[str]:
    """What the first <time> of the article has, or the first that has it for machines: those further down may be of
    other stories."""
    shown = tree.css('article time, main time, [itemprop="datePublished"]')
    for node in [*shown[:1], *[node for node in shown if node.attributes.get("datetime")][:1]]:
        yield node.attributes.get("datetime") or node.attributes.get("content") or node.text()


def _page_date(text: str, language: str) -> datetime | None:
    text = _PUBLISHED.sub("", _clean(text))
    return None if is_in_either_order(text, language) else parse_date(text, language.replace("_", "-"))


def _canonical(tree: LexborHTMLParser, url: str) -> str:
    """Only an address of the same site: some pages name their home page's, or another's."""
    node = tree.css_first('link[rel="canonical"]')
    found = clean_link((node.attributes.get("href") or "") if node else "", url)
    same_site = _site(found) == _site(url) and urlsplit(found).path.strip("/")
    return found if same_site else url


def _site(url: str) -> str:
    return ".".join((urlsplit(normalise_link(url)).hostname or "").split(".")[-2:])


def _declared_language(tree: LexborHTMLParser) -> str:
    root = tree.css_first("html")
    return ((root.attributes.get("lang") or "") if root else "") or _meta(tree, "og:locale", "language")


# ---------------------------------------------------------------- pages that show no article

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


def _is_browser_check(markup: str, paragraphs: Sequence[str]) -> bool:
    return _length(paragraphs) < _SHORT and _BROWSER_CHECK.search(markup[:100_000]) is not None


def _is_paywalled(linked: Sequence[Mapping[str, Any]], markup: str, paragraphs: Sequence[str]) -> bool:
    """Said by its metadata (schema.org/isAccessibleForFree) or by its text."""
    if _length(paragraphs) >= _SHORT:
        return False
    declared = any(str(item.get("isAccessibleForFree")).lower() in ("false", "no") for item in linked)
    return declared or _PAYWALL.search(markup) is not None


# ---------------------------------------------------------------- plain text and records


def article_from_record(record: Mapping[str, object]) -> Article:
    """A line of an archive: `id`, `published`, `title`, `body`; and `language`, `summary`, `outlet`, `url` where it has
    them. Raises ArticleError that names the field."""
    key, title = _field(record, "id"), _field(record, "title")
    published = parse_date(_field(record, "published"))
    if not key:
        raise ArticleError("the field id is missing")
    if published is None:
        raise ArticleError(f"{key}: the field published is no date and time (ISO 8601): {record.get('published')!r}")
    body = _field(record, "body")
    if not title and not body:
        raise ArticleError(f"{key}: the fields title and body are both empty")
    return article_from_text(
        body,
        key=key,
        title=title,
        summary=_field(record, "summary"),
        published_at=published,
        language=_field(record, "language") or None,
        outlet=_field(record, "outlet") or _field(record, "outlet_kind"),
        url=_field(record, "url"),
    )


def article_from_text(
    text: str,
    *,
    published_at: datetime,
    key: str = "",
    title: str | None = None,
    summary: str = "",
    language: str | None = None,
    outlet: str = "",
    url: str = "",
) -> Article:
    """Plain text: paragraphs parted by a blank line, list items by a line's end. Without `title`, its first line is the
    title. A leading 'Key Points' block becomes the outlet's key points; what points at other stories is left out."""
    paragraphs = list(_paragraphs_of_text(text))
    cut = _told_cut(text, paragraphs)
    if title is None:
        title = paragraphs.pop(0) if paragraphs else ""
    if not title and not paragraphs:
        raise ArticleError("there is no text")
    points, paragraphs = _leading_key_points(paragraphs)
    paragraphs = _without_pointers(paragraphs) or paragraphs
    return Article(
        key=key or article_key(outlet, url, f"{title}\n{text}"),
        url=url,
        outlet=outlet,
        title=_clean(title)[:MAX_PARAGRAPH],
        summary=_clean(summary)[:MAX_PARAGRAPH],
        paragraphs=tuple(paragraphs),
        published_at=published_at,
        key_points=tuple(points),
        language=_language(language, "", [title, summary, *paragraphs]),
        full_text_note=cut,
    )


def _without_pointers(paragraphs: Sequence[str]) -> list[str]:
    """Without lines that point at other stories, and the headlines right behind one that does no more than lead in."""
    kept: list[str] = []
    leads_in = False
    for paragraph in paragraphs:
        line = paragraph.removeprefix(BULLET)
        if is_pointer(line):
            leads_in = is_lead_in(line)
        elif not (leads_in and _is_headline(line)):
            leads_in = False
            kept.append(paragraph)
    return kept


def _is_headline(line: str) -> bool:
    """Longer than a name, and no sentence."""
    return len(line) > NAME_LENGTH and _SENTENCE_ENDS.search(line) is None


def _paragraphs_of_text(text: str) -> tuple[str, ...]:
    """Lines of a list are paragraphs of their own; other lines of a paragraph are joined. Cut as a page's are."""
    paragraphs: list[str] = []
    for part in re.split(r"\n[ \t\r]*\n", text[:MAX_PAGE].replace("\r\n", "\n")):
        lines = [cleaned for line in part.split("\n") if (cleaned := _unmarked(_clean(line)))]
        lines = [line for line, after in pairwise([*lines, ""]) if not _is_pointer_before(line, after)]
        if len(lines) > 1 and not _is_wrapped(lines):
            paragraphs += lines
        elif lines:
            paragraphs.append(" ".join(lines))
    return tuple(_normal_bullet(paragraph)[:MAX_PARAGRAPH] for paragraph in paragraphs[:MAX_PARAGRAPHS])


_MARGIN = 60  # characters: lines as long may go on in the next


def _is_wrapped(lines: Sequence[str]) -> bool:
    """Whether the lines are one paragraph, broken at a margin: then most end in the middle of a sentence, and go on
    with a small letter."""
    if any(_BULLET.match(line) for line in lines):
        return False
    return all(line[0].islower() or len(before) > _MARGIN for before, line in pairwise(lines))


def _is_pointer_before(line: str, after: str) -> bool:
    """A pointer as long as a line of a paragraph: it would be taken for the beginning of the text behind it."""
    return len(line) > _MARGIN and bool(after) and not after[0].islower() and is_pointer(line.removeprefix(BULLET))


def _leading_key_points(paragraphs: Sequence[str]) -> tuple[list[str], list[str]]:
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
    return len(text) <= _LONGEST_BARE_KEY_POINT and _SENTENCE_ENDS.search(text) is not None


def _field(record: Mapping[str, object], name: str) -> str:
    value = record.get(name)
    if value is None:
        return ""
    if not isinstance(value, str):
        raise ArticleError(f"the field {name} is no text: {value!r:.80}")
    return value


# ---------------------------------------------------------------- small readings

_INVISIBLE = re.compile(  # and lone halves of surrogate pairs, which nothing can be written with
    "[\ud800-\udfff\u00ad\u200b\u200e\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff\x00-\x08\x0b-\x1f\x7f]"
)
_BULLET = re.compile(r"(?:[•▪·◦‣●■]|\*(?!\*)|[-–—](?=\s)|>>)\s*(?=\S)")
# What Markdown marks: **bold**, a line in *italics*. No mark within: else 20,000 open ones would take minutes.
_MARKED = re.compile(r"(\*{2,3})(?=\S)([^*]+)(?<=\S)\1|__(?=\S)([^_]+)(?<=\S)__|^\*(?=[^\s*])([^*]+)(?<=\S)\*$")
_MARKED_LINK = re.compile(r"!?\[([^\[\]]*)\]\(https?://[^\s()]*\)")
_MARKED_HEADING = re.compile(r"#{1,6} +(?=\S)")


def _clean(text: str) -> str:
    """One line: spaces collapsed, invisible characters dropped."""
    return " ".join(_INVISIBLE.sub("", text).split())


def _unmarked(line: str) -> str:
    """A line of Markdown, as newsletters are kept, without its marks."""
    line = _MARKED_LINK.sub(r"\1", line) if "](" in line else line
    line = _MARKED_HEADING.sub("", line, count=1) if line.startswith("#") else line
    return _MARKED.sub(lambda found: found[2] or found[3] or found[4], line) if "*" in line or "__" in line else line


def _normal_bullet(text: str) -> str:
    return _BULLET.sub(BULLET, text, count=1) if _BULLET.match(text) else text


def _bulleted(text: str) -> str:
    return text if not text or text.startswith(BULLET) else BULLET + text


# The vocabulary's languages, and their neighbours that would else be taken for them.
_LANGUAGES = (
    "en de fr es ru uk zh ja ko ar fa he tr it pt nl pl cs sk bg sr hr ro el hu sv da no fi be kk ka az hi id vi th"
).split()
_ENOUGH = 40  # letters, to tell a language
_SURE = 0.8  # the classifier's odds from which its word on so few counts, and on what may be Russian or Bulgarian
_LIKELY = 0.6
_HANGUL, _KANA, _HAN = (re.compile(f"[{span}]") for span in ("\uac00-\ud7a3", "\u3040-\u30ff", "\u3400-\u9fff"))
_CYRILLIC, _ONLY_UKRAINIAN = re.compile("[\u0400-\u04ff]"), re.compile("[іїєґ]", re.IGNORECASE)
_NON_LATIN = frozenset("ru uk be bg sr kk zh ja ko ar fa he el ka hi th mk ky tg mn hy am ur ps bn ta te".split())


def _language(declared: str | None, by_page: str, texts: Sequence[str]) -> str:
    """The first that is told and can be: by feed or settings, by the page, else by the text."""
    sample = " ".join(texts)[:3_000]
    for told in (declared, by_page):
        tag = (told or "").strip().replace("_", "-")
        if re.fullmatch(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*", tag) and _fits_script(tag, sample):
            return tag.split("-")[0].lower() if len(tag.split("-")[0]) == 2 else tag
    return _guess(sample)


def _guess(sample: str) -> str:
    """The language of a text. A flash of few words is told by its script, then by the classifier where that is sure."""
    letters = sum(char.isalpha() for char in sample)
    hangul, kana, han = (len(script.findall(sample)) for script in (_HANGUL, _KANA, _HAN))
    if letters < _ENOUGH and 2 * (hangul + kana + han) > letters:
        return "ko" if hangul > han else "ja" if kana else "zh"
    found, odds = _identifier().classify(sample)
    if odds < _SURE and letters < 3 * _ENOUGH and 2 * len(_CYRILLIC.findall(sample)) > letters:
        return "uk" if _ONLY_UKRAINIAN.search(sample) or (found == "uk" and odds > _LIKELY) else "ru"
    return found if odds >= _SURE or letters >= _ENOUGH else "en"


def _fits_script(tag: str, sample: str) -> bool:
    """Templates declare English over Russian text, so the script must fit."""
    letters = [char for char in sample if char.isalpha()]
    if len(letters) < _ENOUGH:
        return True
    latin = sum(ord(char) < 0x250 for char in letters) / len(letters)
    is_latin = tag.split("-")[0].lower() not in _NON_LATIN
    return latin > 0.3 if is_latin else latin < 0.9


@lru_cache(maxsize=1)
def _identifier() -> LanguageIdentifier:
    identifier = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
    identifier.set_languages(_LANGUAGES)
    return identifier


__all__ = [
    "Article",
    "Page",
    "Tier",
    "article_from_record",
    "article_from_text",
    "article_key",
    "parse_article",
    "read_page",
    "wants_page",
]
