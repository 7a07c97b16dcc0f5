"""Teasers of other stories on a page: below a heading such as "Most read", or as small articles among themselves. A
heading that is linked and a line or two beside it would else be read as this article's text."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import cache
from itertools import islice, pairwise, takewhile

from selectolax.lexbor import LexborHTMLParser, LexborNode

from bot.articles.boxes import INLINE, LINKED_SHARE, beside, length_of_prose, prose_of
from bot.articles.lines import clean, is_sentence
from bot.articles.metadata import HEADINGS, find_heading, find_title_node, has_few_nodes
from bot.text.patterns import joined
from bot.text.pointers import (
    NAME_LENGTH,
    around,
    is_lead_in,
    leads_to_a_page,
    linked_length,
    outermost,
    sentence_before,
    width,
)

_LONGEST_HEADING = 60  # characters
_LONGEST_TEASER = 600
_HEADLINE = 18  # characters of width
_LONGEST_KICKER = 40  # "World | 2 hours ago", in front of the headline
_LEVELS = 3
_MANY = 400
_MOST_TEXT = 0.7
_FEW_STORIES = 1_500  # characters
_FEWEST_CARDS = 3
_SHORT_HEADLINE, _LONG_HEADLINE = 30, 36  # characters of width
_FEWEST_WORDS = 5
_ITS_OWN = 0.4  # share of a title's words that the text has too
_STEM = 5  # letters
_TELLING = re.compile(r"[^\W_]{4,}")
_MANY_BESIDE = 20
_MANY_FRAMES = 20  # around a title
_MOST_CARDS = 1.5  # times the text around them
_MOST_NODES = 200  # of one story
_MOST_BESIDE = 50
_WHOLE = frozenset({"body", "main", "article"})
_PAIR = 2  # a headline and its line
_HEADING_TAGS = ("h2", "h3", "h4", "h5", "h6")
_OF_STORIES = ", ".join(_HEADING_TAGS[:-1])  # h6 is of small print
_SILENT = frozenset({"-comment", "br", "hr", "script", "style", "img", "picture", "svg", "iframe"})
_PICTURE = "img, picture, amp-img"
_COLUMNS = frozenset({"td", "div", "section", "aside"})
_LISTS = frozenset({"ul", "ol", "table"})
_WRAPPERS = frozenset({"ul", "ol", "div", "section", "nav", "aside"})


@cache
def _other_stories() -> re.Pattern[str]:
    return re.compile(rf"(?:{joined('text/pointers.toml', 'stories')})[\s:：»→>]*", re.IGNORECASE)


def remove_stories(tree: LexborHTMLParser) -> None:
    """Below a heading that announces other stories, those; articles that are no more than a teaser; and what holds
    nothing but linked headlines with a line or two each. A page that has little else is one of teasers, or a digest:
    there they stay."""
    for article in _next_articles(tree):
        article.decompose()
    frame = _frame_of_text(tree)
    headings = islice(filter(_announces_stories, tree.css(HEADINGS)), _MANY)
    found = [story for heading in headings for story in _stories_behind(heading)]
    for article in tree.css("article")[:_MANY]:
        if _is_story(article) and (article.css_first(_OF_STORIES) or _is_linked(article)):
            found.append(article)
    outer = outermost([*found, *_lists_of_cards(tree, frame), *_lists_of_lines(tree), *_cards_in_text(tree)])
    whole = len(clean(tree.body.text())) if outer and tree.body else 0
    size = sum(len(clean(node.text())) for node in outer)
    is_small = size <= _MOST_TEXT * whole or (size <= _FEW_STORIES and _prose_beside(tree, outer))
    if is_small or _is_told(tree, outer) or _stands_apart(outer, frame):
        for node in outer:
            node.decompose()


def _next_articles(tree: LexborHTMLParser) -> list[LexborNode]:
    """Of articles with a title each, all but the page's own: a site without an end has the next ones below."""
    titles = tree.css("h1")
    articles = outermost(article for article in tree.css("article")[:_MANY] if article.css_first("h1"))
    if len(articles) < 2 or not any(above.mem_id == articles[0].mem_id for above in around(titles[0])):
        return []
    window = tree.css_first("title")
    named = clean(window.text()) if window else ""
    own = next((one for one in articles if _title_of(one) and _title_of(one) in named), articles[0])
    return [article for article in articles if article is not own]


def _title_of(article: LexborNode) -> str:
    title = article.css_first("h1")
    return clean(title.text()) if title else ""


def _prose_beside(tree: LexborHTMLParser, stories: Sequence[LexborNode]) -> list[str]:
    """The paragraphs that are not in one of these."""
    within = {node.mem_id for node in stories}
    return [
        clean(text.text())
        for text in prose_of(tree)
        if text.mem_id not in within and not any(above.mem_id in within for above in around(text))
    ]


def _is_told(tree: LexborHTMLParser, stories: Sequence[LexborNode]) -> bool:
    """Whether the paragraphs beside the stories tell what the page's title says. A flash is shorter than the teasers
    below it, and a digest's greeting tells nothing."""
    title = _stems(find_heading(tree))
    told = _stems(" ".join(_prose_beside(tree, stories)))
    return bool(title) and len(title & told) >= _ITS_OWN * len(title)


def _frame_of_text(tree: LexborHTMLParser) -> LexborNode | None:
    """The smallest with the page's title and a paragraph in it."""
    title = find_title_node(tree)
    frames = islice(around(title), _MANY_FRAMES) if title else ()
    return next((frame for frame in frames if frame.tag != "header" and next(prose_of(frame), None)), None)


def _stands_apart(stories: Sequence[LexborNode], frame: LexborNode | None) -> bool:
    """Whether title and text have a frame of their own: then stories beside it are no part of it, however short it
    is."""
    if frame is None:
        return False
    within = {node.mem_id for node in stories}
    is_around = any(above.mem_id in within for above in (frame, *around(frame)))
    return not is_around and not any(above.mem_id == frame.mem_id for story in stories for above in around(story))


def _stems(text: str) -> set[str]:
    """What its words begin with; of scripts that part no words, two characters each."""
    words = {word[:_STEM] for word in _TELLING.findall(text.casefold()) if width(word) == len(word)}
    return words | {before + after for before, after in pairwise(text) if width(before + after) == 2 * _PAIR}


def _announces_stories(node: LexborNode) -> bool:
    if not has_few_nodes(node):
        return False
    text = clean(node.text(separator=" "))
    return 0 < len(text) <= _LONGEST_HEADING and (is_lead_in(text) or bool(_other_stories().fullmatch(text)))


def _stories_behind(heading: LexborNode) -> list[LexborNode]:
    """The heading and the stories right behind it, or behind what only wraps it; none where something else follows."""
    node = heading
    for _ in range(_LEVELS):
        behind = list(takewhile(_may_be_of_stories, islice(_behind(node), _MANY)))
        is_of_stories = (_holds_stories(one) or _is_line_between(behind, number) for number, one in enumerate(behind))
        if run := behind[: sum(takewhile(bool, is_of_stories))]:
            frame = node.parent
            return [frame] if frame and frame.tag in _WRAPPERS and _is_story(frame) else [node, *run]
        if next(_behind(node), None) or node.parent is None or node.parent.tag in _WHOLE:
            break
        node = node.parent
    return []


def _may_be_of_stories(node: LexborNode) -> bool:
    return (node.tag == "p" and len(node.text()) <= _LONGEST_TEASER) or _holds_stories(node)


def _is_line_between(behind: Sequence[LexborNode], number: int) -> bool:
    """Whether it is what a headline above tells, with the next headline below; of the last, nothing is below."""
    if behind[number].tag != "p" or number == 0 or not _is_linked_heading(behind[number - 1]):
        return False
    if number + 1 < len(behind):
        return _is_linked_heading(behind[number + 1])
    return number > _PAIR and behind[number - _PAIR].tag == "p" and _is_linked_heading(behind[number - 1 - _PAIR])


def _is_linked_heading(node: LexborNode) -> bool:
    return node.tag in _HEADING_TAGS and _is_story(node)


def _lists_of_cards(tree: LexborHTMLParser, frame: LexborNode | None) -> Iterator[LexborNode]:
    """What holds three or more stories and nothing else. Shorter headlines may be names of those listed, and where
    the cards have far more text than the paragraphs around them, the page is a digest."""
    seen: set[int] = set()
    whole = 0
    for headline in _headlines(tree):
        for above in islice(around(headline), _LEVELS + 1):
            if above.tag not in _WRAPPERS or above.mem_id in seen:
                continue
            seen.add(above.mem_id)
            if size := _size_of_headlines(above):
                whole = whole or length_of_prose(tree)
                is_small = len(clean(above.text())) <= _MOST_CARDS * (whole - length_of_prose(above))
                if (size >= NAME_LENGTH and (is_small or _is_told(tree, [above]))) or _stands_apart([above], frame):
                    yield above


def _headlines(within: LexborHTMLParser | LexborNode) -> Iterator[LexborNode]:
    """What a card may begin with: a heading, or a link alone in its block."""
    yield from within.css(_OF_STORIES)[:_MANY]
    yield from filter(_is_headline, within.css("a")[:_MANY])


def _size_of_headlines(node: LexborNode) -> int:
    """How wide they are in what holds nothing but three or more stories; else 0. Shorter ones than headlines are names
    of those listed, as is all that a sentence announces."""
    cards = [child for child in node.iter(include_text=True) if _has_text(child)]
    if len(cards) < _FEWEST_CARDS or not all(map(_is_story, cards[:_MANY])):
        return 0
    titles = [max((clean(one.text()) for one in _headlines(card)), key=width, default="") for card in cards]
    return 0 if not all(titles) or sentence_before(node).endswith((":", "：")) else _width_of_headlines(titles)


def _width_of_headlines(titles: Sequence[str]) -> int:
    """Of the middle one; 0 if that may be a name."""
    middle = sorted(titles, key=width)[len(titles) // 2]
    is_long = width(middle) >= (_SHORT_HEADLINE if _has_words_of_headline(middle) else NAME_LENGTH)
    return width(middle) if is_long else 0


def _lists_of_lines(tree: LexborHTMLParser) -> Iterator[LexborNode]:
    """The same where line breaks part them: a column of old pages, a cell of the table that arranges them."""
    seen: set[int] = set()
    for link in tree.css("br + a, br + b > a, br + strong > a, td > a, div > a")[:_MANY]:
        frame = next((above for above in around(link) if above.tag not in INLINE), None)
        if frame is not None and frame.tag in _COLUMNS and frame.mem_id not in seen:
            seen.add(frame.mem_id)
            if _is_list_of_lines(frame):
                yield frame


def _is_list_of_lines(frame: LexborNode) -> bool:
    """A heading at most, and then nothing but linked headlines, each with a day and a line or two."""
    lines: list[list[LexborNode]] = [[]]
    for child in islice(frame.iter(include_text=True), _MOST_NODES):
        if child.tag == "br":
            lines.append([])
        elif child.tag not in INLINE | _SILENT | {"a"}:
            return False
        elif _has_text(child):
            lines[-1].append(child)
    titles = [number for number, line in enumerate(lines) if _is_linked_line(line)]
    if len(titles) < _FEWEST_CARDS:
        return False
    told = [clean(" ".join(node.text() for node in line)) for line in lines]
    runs = [told[one + 1 : after] for one, after in pairwise([-1, *titles, len(told)])]
    is_short = all(sum(map(len, run)) <= _LONGEST_TEASER for run in runs) and sum(map(len, runs[0])) <= _LONGEST_HEADING
    return is_short and _width_of_headlines([told[number] for number in titles]) > 0


def _is_linked_line(line: Sequence[LexborNode]) -> bool:
    links = {link.mem_id: link for node in line for link in [node, *node.css("a")] if link.tag == "a"}
    linked = " ".join(clean(link.text()) for link in links.values() if leads_to_a_page(link))
    size = sum(len(clean(node.text())) for node in line)
    return width(linked) >= _HEADLINE and len(linked) >= LINKED_SHARE * size


def _cards_in_text(tree: LexborHTMLParser) -> Iterator[LexborNode]:
    """A headline of another story with a line or two, in a frame of its own between paragraphs. A linked name with
    what is told of it is text, and so is what a sentence announces."""
    for link in tree.css("a")[:_MANY]:
        if not _is_long_headline(link):
            continue
        frames = takewhile(lambda above: above.tag not in _WHOLE, islice(around(link), _LEVELS + 1))
        cards = [above for above in frames if above.tag in _WRAPPERS and _is_story(above)]
        if cards and _is_between_paragraphs(cards[-1]):
            yield cards[-1]


def _is_long_headline(link: LexborNode) -> bool:
    """Longer than most names."""
    text = clean(link.text())
    return width(text) >= _LONG_HEADLINE and _has_words_of_headline(text) and _is_headline(link)


def _has_words_of_headline(text: str) -> bool:
    """More than most names have, in scripts that part them."""
    return len(text.split()) >= _FEWEST_WORDS or width(text) > len(text)


def _is_between_paragraphs(card: LexborNode) -> bool:
    if sentence_before(card).endswith((":", "：")):
        announced = next(_behind(card), None)  # else the card is what the sentence announces
        if announced is None or announced.tag not in _LISTS:
            return False
    before = [one for one in islice(beside(card, "prev"), _MANY_BESIDE) if _has_text(one)]
    behind = [one for one in islice(beside(card, "next"), _MANY_BESIDE) if _has_text(one)]
    if not any(map(_is_paragraph, behind)):
        return False
    # Below the lines that a notice begins with it is alone: a digest's have others next to them.
    is_alone = not any(map(_is_story, (*before[:1], *behind[:1])))
    return any(map(_is_paragraph, before)) or (is_alone and any(one.tag == "p" for one in before))


def _is_paragraph(node: LexborNode) -> bool:
    text = clean(node.text()) if node.tag in ("p", "div", *_LISTS) else ""
    return (is_sentence(text) or (node.tag in _LISTS and len(text) > _LONGEST_KICKER)) and not _is_story(node)


def _behind(node: LexborNode) -> Iterator[LexborNode]:
    beside = node.next
    while beside is not None:
        if _has_text(beside):
            yield beside
        beside = beside.next


def _holds_stories(node: LexborNode) -> bool:
    """Whether it is a story, or all that is in it are, or in what it only wraps."""
    inner = [node]
    for _ in range(_LEVELS):
        if len(inner) != 1 or inner[0].tag not in _WRAPPERS or _is_story(inner[0]):
            break
        inner = [child for child in inner[0].iter(include_text=True) if _has_text(child)]
    return 0 < len(inner) <= _MANY and all(map(_is_story, inner))


def _is_story(node: LexborNode) -> bool:
    """A headline that is a link to another page, with a word or number in front and a line or two behind at most."""
    if node.tag is None or node.tag.startswith("-"):
        return False
    texts: list[LexborNode] = []
    for number, part in enumerate(node.traverse(include_text=True)):
        texts += [part] if part.tag == "-text" else []
        if number > _MOST_NODES:
            return False
    if sum(len(clean(text.text_content or "")) for text in texts) > _LONGEST_TEASER:
        return False
    links = {link.mem_id for link in [node, *node.css("a")] if link.tag == "a" and _is_headline(link)}
    before = takewhile(lambda text: not any(above.mem_id in links for above in around(text)), texts)
    return bool(links) and sum(len(clean(text.text_content or "")) for text in before) <= _LONGEST_KICKER


def _has_text(node: LexborNode) -> bool:
    texts = (part for part in node.traverse(include_text=True) if part.tag == "-text")
    return node.tag not in _SILENT and any((text.text_content or "").strip() for text in texts)


def _is_linked(node: LexborNode) -> bool:
    return linked_length(node) > LINKED_SHARE * len(clean(node.text()))


def _is_headline(link: LexborNode) -> bool:
    """And not words of a sentence, which goes on beside the link."""
    if not leads_to_a_page(link) or width(clean(link.text())) < _HEADLINE:
        return False
    if link.css_first(_PICTURE):
        return True
    block = next((above for above in around(link) if above.tag not in INLINE), None)
    nodes = islice(block.iter(include_text=True), _MOST_BESIDE) if block else ()
    inline = [node for node in nodes if node.tag in INLINE - {"a"}]
    beside = [clean(node.text()) for node in inline if not node.css_first("a")]
    return sum(map(len, beside)) <= _LONGEST_KICKER and not any(text.endswith((".", "。")) for text in beside)
