"""HTML that is made to hurt: a short text may not become a large tree, nor a long one an hour of extraction."""

import time
from datetime import UTC, datetime

import pytest

from bot.articles import parse_article
from bot.errors import FeedError
from bot.model import Entry, HttpAnswer, Source
from bot.sources.feed import parse_feed
from bot.sources.parsed import plain_paragraphs, plain_text, teaser_text
from bot.text.markup import MOST_TAGS, bounded, parse_html

NOW = datetime(2026, 1, 5, tzinfo=UTC)
SOURCE = Source("desk", "Desk", "https://desk.example/feed")
ENTRY = Entry("desk", "1", "https://desk.example/1", "Acme is sanctioned", "", NOW, NOW)


def never_closed(count: int, tag: str = "b") -> str:
    return "".join(f"<p><{tag} id={number}>x" for number in range(count))


@pytest.mark.parametrize("tag", ["b", "B", "em", "font", "i", "strong", "u", "a", "nobr"])
def test_formatting_that_is_never_closed_is_not_opened_anew_for_ever(tag: str) -> None:
    """1,000 of them, in 15 kB, were a tree of 500,000 elements, and 4,000 one of 3 GB."""
    assert len(parse_html(never_closed(1_000, tag)).css("*")) < 10_000


def test_formatting_keeps_what_it_holds() -> None:
    tree = parse_html('<p>The <b class="x">Acme <i>Bank</i></b>, <a href="/a?b">its <br/>owner</a> <big>x</big></p>')
    assert tree.body is not None
    assert tree.body.inner_html == '<p>The <b>Acme <i>Bank</i></b>, <a href="/a?b">its <br>owner</a> <big>x</big></p>'


@pytest.mark.parametrize(
    "tag", ["<b title='a > b'>", '<b data-tip="x>y" hidden>', "<b a=b/c />", "<b =x 'y\">", "<b\n>"]
)
def test_of_formatting_no_attribute_becomes_text(tag: str) -> None:
    tree = parse_html(f"<p>The {tag}Acme</b> Bank")
    assert tree.body is not None
    assert tree.body.inner_html == "<p>The <b>Acme</b> Bank</p>"


def test_a_long_table_of_an_official_journal_is_read_to_its_end() -> None:
    """As the EU's has them: five cells, each of paragraphs, the name in bold and in its own script."""
    row = (
        "<tr class=oj-table><td class=oj-table><p class=oj-tbl-txt>{0}.</p></td><td class=oj-table><p class=oj-tbl-txt>"
        "<span class=oj-bold>Ivan Ivanovich TARGETOV{0}</span></p><p class=oj-tbl-txt>(<span class=oj-italic>Иван "
        "Иванович Таргетов</span>)</p></td><td class=oj-table><p class=oj-tbl-txt>DOB: 1.2.1960</p><p class=oj-tbl-txt>"
        "POB: Moscow</p><p class=oj-tbl-txt>Nationality: Russian</p><p class=oj-tbl-txt>Gender: male</p></td><td "
        "class=oj-table><p class=oj-tbl-txt>Member of the State Duma who voted in favour of resolution {0}.</p><p "
        "class=oj-tbl-txt>He supported actions which undermine the territorial integrity of Ukraine.</p></td><td "
        "class=oj-table><p class=oj-tbl-txt>23.2.2022</p></td></tr>"
    )
    rows = "".join(row.format(number) for number in range(1_400))
    body = f"<body><div><p>The following persons are added to the list in Annex I:</p><table>{rows}</table></div>"
    page = HttpAnswer(200, ENTRY.link, {"content-type": "text/html; charset=utf-8"}, body.encode())
    article = parse_article(ENTRY, SOURCE, page, "")
    assert sum("TARGETOV" in text for text in article.paragraphs) == 1_400
    assert not any("only its beginning was read" in note for note in article.full_text_note.split("; "))


def test_tags_are_counted_and_not_signs() -> None:
    few = "1 < 2 " * (MOST_TAGS + 10) + "<p>end</p>"
    assert bounded(few) == few
    many = "<p>a</p>" * (MOST_TAGS + 10)
    assert bounded(many) == "<p>a</p>" * MOST_TAGS


@pytest.mark.parametrize(
    "attribute",
    [
        pytest.param("a{}", id="bare"),
        pytest.param('a{}=">"', id="an end in quotation marks"),
        pytest.param("""x{}=y=' a{}="'>\"""", id="marks that are none"),
        pytest.param('a{}="1"/', id="slashes"),
        pytest.param("a{}<b", id="tags in names"),
        pytest.param("\N{NO-BREAK SPACE}{}", id="blanks that part nothing"),
    ],
)
@pytest.mark.parametrize("before", ["", "<!-- <x a='-->", '<title><x a="</title>'])
def test_a_page_ends_before_a_crowd_of_attributes(attribute: str, before: str) -> None:
    """Each is looked up among the others: a page of 300,000 kept the whole program for minutes."""
    crowd = " ".join(attribute.format(number, number) for number in range(600))
    assert bounded(f"<p>one{before}<p {crowd}>two") in (f"<p>one{before}", "<p>one", "<p>one<!-- ", "<p>one<title>")
    few = " ".join(attribute.format(number, number) for number in range(100))
    assert bounded(f"<p>one<p {few}>two") == f"<p>one<p {few}>two"


@pytest.mark.parametrize("tag", ["<a", "<a=b", "<b=c'", "<b "])
def test_tags_inside_tags_are_looked_at_in_proportion_to_the_text(tag: str) -> None:
    """From each of them the rest of the text was looked at: 100 kB took ten seconds, and the whole program waited."""
    before = time.process_time()
    read = bounded("<p>one" + tag * (400_000 // len(tag)))
    assert time.process_time() - before < 2
    assert read.startswith("<p>one")


def test_a_script_that_compares_ends_no_page() -> None:
    """A loop, and settings of more than 500 words behind it: the whole article was lost."""
    settings = " ".join(f'"slot {number}": {number},' for number in range(600))
    page = f"<p>one<script>for (i=0;i<ads.length;i++) {{ }} ads = {{{settings}}};</script><p>two"
    read = bounded(page)
    assert len(read) == len(page)
    assert [text.text() for text in parse_html(page).css("p")][-1] == "two"
    assert bounded(f"{page}<p {settings}>three") == read
    assert bounded(page.replace("</script>", "")) == "<p>one<script>for (i=0;i"


def test_a_crowd_behind_what_only_looks_like_a_script_is_not_parsed() -> None:
    crowd = " ".join(f"a{number}" for number in range(600))
    page = f"<p>one<!-- <script> --><p {crowd}>two</script>three"
    assert not any(len(one.attributes) > 1 for one in parse_html(page).css("*"))


def test_what_stands_in_an_attribute_is_not_counted() -> None:
    page = f'<p><path d="{"M1 2 " * 9_000}"><p data-all=\'{{"a": "b c", "d": "{"e " * 9_000}"}}\'>text'
    assert bounded(page) == page


def test_teasers_and_contents_of_feeds_stay_small() -> None:
    markup = never_closed(3_000)
    assert set(plain_text(markup, 1_000).split()) <= {"x", "…", "x…"}
    assert set(teaser_text(f"<a>{markup}").split()) <= {"x", "…", "x…"}
    assert "x" in plain_paragraphs(markup, 60_000)


@pytest.mark.parametrize(
    "trap",
    [
        pytest.param("<p>a</p>" * 375_000, id="paragraphs"),
        pytest.param(never_closed(150_000), id="never closed"),
        pytest.param("<h2>Key points</h2><ul><li>Acme was sanctioned today by all</li></ul>" * 40_000, id="key points"),
        pytest.param(("<div>" * 100 + "x" + "</div>" * 100) * 2_700, id="nested"),
        pytest.param("<div class=related>x</div>" * 115_000, id="boxes"),
        pytest.param(f"<p {' '.join(f'a{number}' for number in range(100_000))}>x", id="attributes"),
    ],
)
def test_a_page_that_is_a_trap_is_read_in_seconds(trap: str) -> None:
    """Each is of some MB and took more than half a minute of one of four reading threads."""
    body = f"<html><body><article><p>The Treasury sanctioned Acme on Monday.</p>{trap}</article>".encode()
    page = HttpAnswer(200, ENTRY.link, {"content-type": "text/html; charset=utf-8"}, body)
    before = time.process_time()
    article = parse_article(ENTRY, SOURCE, page, "")
    assert time.process_time() - before < 20
    assert "only its beginning was read" in article.full_text_note or "trap" in article.full_text_note


RSS = '<?xml version="1.0"?><rss version="2.0"><channel><title>T</title>{}</channel></rss>'


def read_feed(items: str) -> float:
    """Seconds of a processor that a feed takes."""
    answer = HttpAnswer(200, "https://desk.example/feed", {}, RSS.format(items).encode())
    before = time.process_time()
    parse_feed(SOURCE, answer, NOW)
    return time.process_time() - before


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("&lt;![CDATA[" * 5_800, id="sections that never end"),
        pytest.param("&lt;div>" * 20_000, id="nested"),
    ],
)
def test_a_feed_of_traps_is_read_in_seconds(text: str) -> None:
    """With 200 entries, as it is read, each took minutes."""
    items = "".join(
        f"<item><title>t</title><link>https://desk.example/{number}</link><description>{text}</description></item>"
        for number in range(20)
    )
    assert read_feed(items) < 6


def test_a_cdata_section_that_was_escaped_shows_what_it_holds() -> None:
    assert plain_text("<![CDATA[Acme]]> and <![CDATA[<b>Bank</b>]]> <![CDATA[x", 100).startswith("Acme and Bank")


def test_an_element_with_thousands_of_attributes_is_no_feed() -> None:
    crowd = " ".join(f'a{number}=">"' for number in range(20_000))
    with pytest.raises(FeedError, match="more than 500 attributes"):
        read_feed(f"<item {crowd}><title>t</title></item>")
