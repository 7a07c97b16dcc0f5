"""Pages, teasers, records and pasted text to one Article."""

import json
import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from bot.articles import (
    article_from_text,
    parse_article,
    wants_page,
)
from bot.articles.lines import MAX_PARAGRAPH
from bot.articles.teasers import fresh_teaser
from bot.articles.texts import article_key
from bot.errors import ArticleError
from bot.model import Article, Entry, FullText, HttpAnswer, Source, Tier

DATA = Path(__file__).parents[1] / "data" / "pages"
NOW = datetime(2026, 11, 24, 15, tzinfo=UTC)
SOURCE = Source("tv", "Harbour TV", "https://tv.example.org/feed", tier=Tier.WIRE)
LINK = "https://tv.example.org/2026/11/24/caspian-traders.html"
ENTRY = Entry(
    "tv",
    "g1",
    LINK,
    "Treasury lists Caspian oil traders",
    "A new squeeze.",
    NOW - timedelta(hours=1),
    NOW,
    "Harbour TV",
)


def page(body: str | bytes, content_type: str = "text/html; charset=utf-8", status: int = 200) -> HttpAnswer:
    raw = body.encode() if isinstance(body, str) else body
    return HttpAnswer(status, LINK, {"content-type": content_type}, raw)


def read(body: str | bytes, entry: Entry = ENTRY, source: Source = SOURCE, **more: str) -> Article:
    return parse_article(entry, source, page(body, **more), "page read")  # type: ignore[arg-type]


def read_file(name: str, entry: Entry = ENTRY) -> Article:
    return read((DATA / name).read_bytes(), entry)


def html_of(*paragraphs: str, head: str = "", lang: str = "en") -> str:
    text = "".join(f"<p>{paragraph}</p>" for paragraph in paragraphs)
    return f"<html lang='{lang}'><head>{head}</head><body><article>{text}</article></body></html>"


LONG = (
    "The department on Tuesday froze the property of four trading houses that moved fuel oil under false papers.",
    "Officials said the listing was the third of its kind this autumn and that more would follow before the year ends.",
)


# ---------------------------------------------------------------- pages


def test_an_article_of_a_broadcaster() -> None:
    article = read_file("broadcaster.html")
    assert article == Article(
        key=article_key("Harbour TV", LINK),
        url=LINK,
        outlet="Harbour TV",
        title="Treasury lists Caspian oil traders",
        summary="A new squeeze.",
        paragraphs=article.paragraphs,
        published_at=NOW - timedelta(hours=1),
        key_points=(
            "Four trading houses and a refinery were put on the blacklist on Tuesday.",
            "If Beijing ever answered in kind, shipping rates would jump, brokers say.",
        ),
        language="en",
        source="tv",
        tier=Tier.WIRE,
        full_text_note="page read",
    )
    assert [text[:30] for text in article.paragraphs] == [
        "The U.S. Treasury on Tuesday i",
        "The listing freezes whatever t",
        "Who was named",
        "The department singled out the",
        "• Caspian One FZE, of Sharjah;",
        "• Caspian Two FZE, of Sharjah;",
        "• Volna Bunkering LLC, of Astr",
        "• Golden Anchor Shipping Ltd.,",
        "A refinery at Neka, which was ",
        '"We will go on for as long as ',
        "Brokers in Dubai said that the",
    ]


@pytest.mark.parametrize(
    "noise", ["Umbrella", "Trending", "newsletter", "Cookie", "Markets", "All rights reserved", "Read more"]
)
def test_boxes_navigation_and_scripts_go(noise: str) -> None:
    assert noise not in " ".join(read_file("broadcaster.html").paragraphs)


def test_an_authoritys_list_keeps_every_name_on_its_own() -> None:
    paragraphs = read_file("authority_list.html").paragraphs
    starts = ["AL-HADDAD, Nasser", "KASSAB, Rima", "NOUR GOLD TRADING", "BLUE CEDAR", "CEDAR WAVE"]
    assert [[text.startswith(start) for text in paragraphs].count(True) for start in starts] == [1] * 5
    assert "TXYZexampleWalletAddress000000001 | Nour Gold Trading" in paragraphs


def test_a_list_of_linked_names_is_text() -> None:
    paragraphs = read_file("linked_names.html").paragraphs
    assert "• Northern Lantern Shipping" in paragraphs
    assert "• MT Polar Lark (IMO 9000002)" in paragraphs


NAMES = [f"Firm Number{number} Trading LLC" for number in range(40)]


@pytest.mark.parametrize(
    ("before", "after", "each"),
    [
        ("<ul>", "</ul>", "<li>{}</li>"),
        ("<ul>", "</ul>", "<li><a href='/x'>{}</a></li>"),
        ("<ol>", "</ol>", "<li><p>{}</p></li>"),
        ("<table>", "</table>", "<tr><td>7</td><td><a href='/x'>{}</a></td></tr>"),
        ("<dl>", "</dl>", "<dt>{}</dt><dd>Trades in oil</dd>"),
        ("", "", "<p><a href='/x'>{}</a></p>"),
        ("", "", "<div>{}</div>"),
        ("", "", "<h3>{}</h3><p>It trades in oil.</p>"),
        ("<ul><li>Companies:<ul>", "</ul></li></ul>", "<li>{}</li>"),
        ("<p>", "</p>", "{}<br>"),
        ("<details><summary>Full list</summary><ul>", "</ul></details>", "<li>{}</li>"),
        ("<figure class='wp-block-table'><table>", "</table></figure>", "<tr><td>7</td><td>{}</td></tr>"),
        ("<table><tr><td><ul>", "</ul></td></tr></table>", "<li>{}</li>"),
        ("<pre>", "</pre>", "{}\n"),
    ],
    ids=[
        "list",
        "linked list",
        "list of paragraphs",
        "linked table",
        "definitions",
        "linked paragraphs",
        "divisions",
        "headings",
        "nested list",
        "lines",
        "folded list",
        "table in a figure",
        "list in a table",
        "typewriter lines",
    ],
)
@pytest.mark.parametrize(("names", "around"), [(40, 2), (40, 10), (3, 1), (3, 10)])
def test_no_name_of_a_list_is_lost(before: str, after: str, each: str, names: int, around: int) -> None:
    """However many names there are, and however much other text: short pages go another way."""
    listed = before + "".join(each.format(name) for name in NAMES[:names]) + after
    text = "".join(f"<p>{LONG[n % 2]}</p>" for n in range(around))
    body = f"<html lang=en><body><main><article><h1>T</h1>{text}{listed}<p>All of it is blocked.</p></article></main>"
    paragraphs = [text.removeprefix("• ").removeprefix("7 | ") for text in read(body).paragraphs]
    assert [name for name in NAMES[:names] if name not in paragraphs] == []


OTHER = "<a href='/x'>EU hits Umbrella Trading with sanctions over oil for the Russian army</a>"


@pytest.mark.parametrize(
    "line",
    [
        f"<p><strong>Read more: {OTHER}</strong></p>",
        f"<p>ALSO READ | {OTHER}</p>",
        "<p><em>Related: <a href='/x'>UK lists Umbrella</a></em></p>",
        "<p>Читайте также: <a href='/x'>ЕС ввёл санкции против Umbrella</a></p>",
        "<p><b>Читайте також:</b> <a href='/x'>ЄС запровадив санкції проти Umbrella</a></p>",
        "<p>Lesen Sie auch: <a href='/x'>EU sanktioniert Umbrella</a></p>",
        "<section><p><span>Lire aussi | <a href='/x'>Londres sanctionne Umbrella</a></span></p></section>",
        "<p><a href='/x'>Te puede interesar: La UE sanciona a Umbrella</a></p>",
        "<p>相关阅读：<a href='/x'>欧盟制裁 Umbrella</a></p>",
        "<p>Read more: the EU hits Umbrella, too</p>",
        "<p>» LIRE AUSSI - <a href='/x'>Londres sanctionne Umbrella</a></p>",
        "<p>In this story: <a href='/x'>Umbrella</a> <a href='/y'>Parasol</a></p>",
        "<p>More on: <a href='/x'>Umbrella</a>, <a href='/y'>EU sanctions</a></p>",
        "<div>Темы: <a href='/x'>Umbrella</a>, <a href='/y'>санкции</a></div>",
        "<p>[관련기사] <a href='/x'>EU, Umbrella 신규 제재</a></p>",
        "<div><button>Play</button><div>Watch: UK blacklists Umbrella, and what it means</div></div>",
        "<p>Видео: ЕС внёс в список Umbrella</p>",
        "<p>视频：欧盟制裁 Umbrella</p>",
        "<p>영상: EU, Umbrella 신규 제재</p>",
        "<div class='next-page'><a href='/x'>US adds Umbrella to its list</a></div>",
        "<p><a href='/x'>英国将石油贸易公司Umbrella列入制裁名单，称其参与战争</a></p>",
        "<div class='tags'><div><a href='/x'>Umbrella</a><a href='/y'>World</a></div></div>",
        f"<p>{OTHER}</p>",
        "<div class='x1'><a href='/x'><h4>EU hits Umbrella Trading</h4><p>It was listed on Monday.</p></a></div>",
        f"<blockquote class='wp-embedded-content'>{OTHER}</blockquote>",
        "<h3>Related articles</h3><p><a href='/x'>EU lists Umbrella</a></p><p><a href='/y'>UK lists Umbrella</a></p>",
        "<p>Читайте также:</p><ul><li><a href='/x'>ЕС внёс в список Umbrella</a></li></ul>",
        f"<h3>{OTHER}</h3>",
        f"<h4><strong>{OTHER}</strong></h4>",
        "<div data-component='links-block'><p>EU hits Umbrella</p></div>",
        "<div role='complementary'><p>EU hits Umbrella with sanctions.</p></div>",
        "<div hidden><p>EU hits Umbrella with sanctions.</p></div>",
    ],
)
@pytest.mark.parametrize("around", [1, 6])
def test_lines_that_point_at_another_story_are_not_text(line: str, around: int) -> None:
    before = "".join(f"<p>{LONG[0]} Number {n}.</p>" for n in range(around))
    text = " ".join(read(f"<html lang=en><main><article>{before}{line}<p>{LONG[1]}</p></article></main>").paragraphs)
    assert "Umbrella" not in text
    assert (text.count(LONG[0]), text.count(LONG[1])) == (around, 1)


@pytest.mark.parametrize(
    "line",
    [
        "<p>Topics: Umbrella, which is on the list, and <a href='/x'>what follows</a> for those who trade with it.</p>",
        "<p>Read more than the list: <b>Umbrella</b> is on it, and was by the morning, said the officials.</p>",
        "<p>The following company is designated:</p><p><a href='/x'>Joint Stock Company Umbrella Scientific "
        "Production Association</a></p>",
        f"<p>{OTHER}, <a href='/y'>wrote the paper</a>, and the ministry said on Monday that it would not comment.</p>",
        "".join(f"<h3>{OTHER}</h3><p>The Council listed it on {day}.</p>" for day in ("Monday", "Tuesday", "Friday")),
        f"<h3>{OTHER}</h3><p>Umbrella Trading sold oil to the army, the Council said, and was hit on Monday.</p>",
        "<h3><a href='/x'>Umbrella Trading</a></h3><p>Of Minsk; moved cargoes by night.</p>",
        "<h3><a href='#who'>Who is who at Umbrella Trading of Minsk?</a></h3>",
        "<p>Watch and video cameras of Umbrella Trading: all were sold to the army by the end of the year.</p>",
    ],
    ids=[
        "topics in a sentence",
        "no pointer",
        "an announced name",
        "a sentence with a link",
        "items of a round-up",
        "a heading of what is below",
        "a name",
        "a link within the page",
        "what is watched in a sentence",
    ],
)
def test_what_only_looks_like_a_pointer_is_text(line: str) -> None:
    assert "Umbrella" in " ".join(read(html_of(LONG[0]).replace("</p>", f"</p>{line}<p>{LONG[1]}</p>", 1)).paragraphs)


NAMED_BELOW = "Oleg Orlenko, who was put on the sanctions list on Tuesday."


@pytest.mark.parametrize(
    ("picture", "is_text"),
    [
        (f"<figure><img src='a.jpg'><figcaption>{NAMED_BELOW}</figcaption></figure>", True),
        (f"<figure><img src='a.jpg'><figcaption><p>{NAMED_BELOW}</p></figcaption></figure>", True),
        (f"<div class='wp-caption'><img src='a.jpg'><p class='wp-caption-text'>{NAMED_BELOW}</p></div>", True),
        ("<figure><img src='a.jpg'><figcaption>A mill. Oleg Orlenko / Pool</figcaption></figure>", False),
        (f"<figure><a href='/x'><img src='a.jpg'><figcaption>{NAMED_BELOW}</figcaption></a></figure>", False),
        (f"<aside><figure><img src='a.jpg'><figcaption>{NAMED_BELOW}</figcaption></figure></aside>", False),
        (f"<figure><img src='a.jpg'><figcaption><a href='/x'>{NAMED_BELOW}</a></figcaption></figure>", False),
    ],
)
@pytest.mark.parametrize("around", [1, 6])
def test_a_caption_of_the_articles_own_that_tells_of_sanctions_is_text(
    picture: str, is_text: bool, around: int
) -> None:
    before = "".join(f"<p>{LONG[0]} Number {n}.</p>" for n in range(around))
    read_as = read(f"<html lang=en><main><article>{before}{picture}<p>{LONG[1]}</p></article></main>").paragraphs
    assert [text for text in read_as if "Orlenko" in text] == [NAMED_BELOW] * is_text
    assert read_as[0].startswith(LONG[0]), "it is no lead"


@pytest.mark.parametrize(
    "picture",
    [
        f"<div class='image'><img src='a.jpg'><div class='image__caption'>{NAMED_BELOW}</div></div>",
        f"<div><picture><img src='a.jpg'></picture><p class='photo-caption-text'>{NAMED_BELOW}</p></div>",
        f"<p><img src='a.jpg'><br><em>{NAMED_BELOW}</em></p>",
    ],
)
@pytest.mark.parametrize("around", [1, 6])
def test_a_caption_that_is_no_figures_goes_behind_the_text_too(picture: str, around: int) -> None:
    before = "".join(f"<p>{LONG[0]} Number {n}.</p>" for n in range(around))
    read_as = read(f"<html lang=en><main><article>{picture}{before}<p>{LONG[1]}</p></article></main>").paragraphs
    assert [text[:40] for text in read_as[-2:]] == [LONG[1][:40], NAMED_BELOW[:40]]
    assert len(read_as) == around + 2


def test_a_paragraph_with_a_picture_in_it_stays_where_it_is() -> None:
    text = f"<p><img src='a.jpg'>{NAMED_BELOW} <em>All of it.</em></p><p>{LONG[0]}</p><p>{LONG[1]}</p>"
    paragraphs = read(f"<html lang=en><main><article><h1>T</h1>{text}</article></main></html>").paragraphs
    assert paragraphs == (f"{NAMED_BELOW} All of it.", *LONG)


def test_a_feeds_own_text_is_without_pointers_too() -> None:
    entry = replace(ENTRY, content=f"{LONG[0]}\n\n{LONG[1]} In full.\n\nIt goes on.")
    assert "Umbrella" not in " ".join(read(html_of(LONG[0], f"{OTHER}"), entry).paragraphs)


def test_a_page_that_shows_the_beginning_only_is_read_from_its_metadata() -> None:
    data = {"@type": "NewsArticle", "isAccessibleForFree": False, "articleBody": f"{LONG[0]}\n\n{LONG[1]}"}
    head = f'<script type="application/ld+json">{json.dumps(data)}</script>'
    assert read(html_of(LONG[0][:60], "Subscribe to continue reading.", head=head)).paragraphs == LONG


@pytest.mark.parametrize(
    "box",
    [
        "<p>{}</p><ul class='related-stories'>{}</ul>",
        "<p>{}</p><ul>{}</ul>",
        "<div class='related'><h3>Related</h3><ul>{1}</ul></div>",
        "<p>Read more:</p><ul>{1}</ul>",
    ],
    ids=["a box with a telling class", "a bare list of headlines", "a box with a heading", "a list after read more"],
)
def test_lists_of_other_stories_are_not_text(box: str) -> None:
    links = "".join(
        f"<li><a href='/{n}'>Umbrella Trading number {n} faces sanctions over oil sales, sources say</a></li>"
        for n in range(6)
    )
    text = " ".join(
        read(
            f"<html><article><p>{LONG[0]}</p>{box.format(LONG[1], links)}<p>{LONG[1]} Again.</p></article></html>"
        ).paragraphs
    )
    assert "Umbrella" not in text
    assert LONG[0] in text


def stories(each: str) -> str:
    headlines = (
        "EU sanctions Umbrella Trading over oil",
        "Umbrella Trading hit by new US sanctions",
        "UK adds Umbrella",
    )
    return "".join(
        each.format(f"<a href='/{n}'>{headline} sales</a>", headline) for n, headline in enumerate(headlines)
    )


OTHER_STORIES = {
    "headings and lines": "<div class='k'><h2>More from World</h2>"
    + stories("<div><h3>{0}</h3><p>{1}, it said.</p></div>")
    + "</div>",
    "cards with a word in front": "<h2>Read Next</h2><ul>"
    + stories("<li><span>World</span> {0}<p>{1}, it said.</p><time>5:22 AM</time></li>")
    + "</ul>",
    "in the text's own frame": "<div class='g'><h3>You might also be interested in</h3>"
    + stories("<div><div>{0}<p>{1} on Monday.</p></div></div>")
    + "</div>",
    "a heading in a frame of its own": "<section><header><h2>Recommended stories</h2></header><ul>"
    + stories("<li>{0}<div>Harbour TV, 2h ago</div></li>")
    + "</ul></section>",
    "small articles": "<section>" + stories("<article><h3>{0}</h3><p>{1}, it said.</p></article>") + "</section>",
    "headlines and lines beside each other": "<div><h3>Related articles</h3>"
    + stories("<h4>{0}</h4><p>{1}, it said.</p>")
    + "</div>",
    "long ones in frame after frame": "<div><h2>Latest news</h2><div class='view'><div class='rows'>"
    + stories("<div><time>5 May</time><h3>{0}</h3><div>{1}, it said" + " in a long letter" * 10 + ".</div></div>")
    + "</div></div></div>",
    "pictures with a line beside the link": "<section><h3>Related stories</h3><div>"
    + stories("<div>{0}<span>{1}, it told reporters on Monday afternoon.</span></div>").replace("'>", "'><img>")
    + "</div></section>",
    "one behind another": "<div class='b'><div>Das könnte Sie auch interessieren</div>"
    + stories("<div>{0}<p>{1}.</p></div>")
    + "</div>",
}


@pytest.mark.parametrize("box", OTHER_STORIES.values(), ids=OTHER_STORIES)
@pytest.mark.parametrize("around", [1, 6])
@pytest.mark.parametrize("is_within", [True, False])
def test_teasers_of_other_stories_are_not_text(box: str, around: int, is_within: bool) -> None:
    text = "".join(f"<p>{LONG[0]} Number {n}.</p>" for n in range(around)) + f"<p>{LONG[1]}</p>"
    names = (
        "<p>These are named in it:</p><ul><li>Alpha Marine LLC, of Sharjah</li><li>Beta Marine LLC, of Ajman</li></ul>"
    )
    within, behind = (box, "") if is_within else ("", box)
    page_ = f"<html lang=en><main><div class='l'><h1>T</h1><div>{text}{names}{within}</div></div>{behind}</main></html>"
    paragraphs = read(page_).paragraphs
    assert "Umbrella" not in " ".join(paragraphs)
    assert [text for text in paragraphs if text.startswith("•")] == [
        "• Alpha Marine LLC, of Sharjah",
        "• Beta Marine LLC, of Ajman",
    ]
    assert len(paragraphs) == around + 4


@pytest.mark.parametrize(("around", "is_text"), [(6, False), (1, True)], ids=["an article's", "a digest's"])
def test_cards_without_a_heading_are_not_text_where_the_article_is_longer(around: int, is_text: bool) -> None:
    text = "".join(f"<p>{LONG[0]} Number {n}.</p>" for n in range(around))
    cards = "".join(
        f"<div class='card'><h3><a href='/{n}'>Umbrella Trading number {n} was hit by new sanctions on Monday</a></h3>"
        f"<p>It sold oil in the year {n}, officials said.</p></div>"
        for n in range(2020, 2025)
    )
    page_ = f"<html lang=en><main><h1>T</h1><div>{text}</div><div class='row'>{cards}</div></main></html>"
    assert ("Umbrella" in " ".join(read(page_).paragraphs)) is is_text


def test_numbered_cards_without_headings_are_not_text() -> None:
    text = "".join(f"<p>{LONG[0]} Number {n}.</p>" for n in range(6))
    cards = "".join(
        f"<li><span>{n}</span><div><a href='/{n}'>Umbrella Trading was hit by new sanctions on Monday</a>"
        "<p>It sold oil for Umbrella in a year, officials said.</p></div></li>"
        for n in range(5)
    )
    page_ = f"<html lang=en><div><h1>T</h1>{text}<ol>{cards}</ol></div></html>"
    assert "Umbrella" not in " ".join(read(page_).paragraphs)


def test_cards_below_a_flash_are_not_text_where_it_tells_what_the_title_says() -> None:
    cards = stories("<div class='p'><div>{0}</div><div>{1}, it said to us.</div></div>")
    cards = cards.replace("</a>", " in all of the past years</a>")
    page_ = (
        "<html lang=en><h1>Department freezes property of trading houses</h1>"
        f"<div><div>{LONG[0]}</div></div><div class='grid'>{cards * 3}</div></html>"
    )
    paragraphs = read(page_).paragraphs
    assert LONG[0] in paragraphs
    assert "Umbrella" not in " ".join(paragraphs)


@pytest.mark.parametrize("headline", ["EU sanctions Umbrella Trading over oil", "US adds Umbrella to its long list"])
@pytest.mark.parametrize(
    ("title", "cards"),
    [
        ("<h1>Told otherwise</h1>", "<div class='x'><div><a href='/{0}'>{1}</a></div><div>{1}, it said.</div></div>"),
        ("<div>Told otherwise</div>", "<div class='x'><a href='/{0}'>{1}</a><p>{1}, it said to us.</p></div>"),
        ("<header><h1>Told otherwise</h1></header>", "<li><span>{0}</span><a href='/{0}'>{1}</a><p>{1}.</p></li>"),
    ],
    ids=["a page with a heading", "one whose title is told by its head", "a heading apart"],
)
def test_cards_below_the_frame_of_title_and_text_are_not_text(title: str, cards: str, headline: str) -> None:
    below = "".join(cards.format(n, headline) for n in range(9))
    frame = f"<div class='x'>{title}<div><p>{LONG[0]}</p></div></div>"
    head = "<head><title>Told otherwise</title></head>"
    paragraphs = read(f"<html lang=en>{head}<body>{frame}<div class='y'>{below}</div></body></html>").paragraphs
    assert LONG[0] in paragraphs
    assert "Umbrella" not in " ".join(paragraphs)


NAMES_BELOW = "".join(
    f"<div><h3><a href='/{n}'>JSC Umbrella Trading of Minsk {n}</a></h3><p>Of Minsk.</p></div>" for n in range(9)
)


@pytest.mark.parametrize(
    "page_",
    [
        f"<div><h1>T</h1><p>{LONG[0]}</p><p>The companies are:</p></div><div>{NAMES_BELOW}</div>",
        f"<header><h1>The week</h1><p>{LONG[0]}</p></header><div>{NAMES_BELOW}</div>",
        f"<div><h1>The week</h1><p>{LONG[0]}</p><div>{NAMES_BELOW}</div></div>",
    ],
    ids=["what a sentence announces", "below a deck", "beside the text"],
)
def test_cards_that_may_be_the_article_are_text(page_: str) -> None:
    assert "Umbrella" in " ".join(read(f"<html lang=en><main>{page_}</main></html>").paragraphs)


@pytest.mark.parametrize(
    "card",
    [
        "<div><a href='/x'><img></a><div><a href='/w'>World</a><h4><a href='/x'>{}</a></h4><p>{}</p></div></div>",
        "<div><div class='t'>Related stories</div><div class='b'><a href='/x'>{}</a></div><div>{}</div></div>",
        "<aside><small>Partner content</small><h4><a href='/x'>{}</a></h4><p>{}</p></aside>",
        "<div class='usa-site-alert'><h3>{}</h3><p>{}</p></div>",
        "<div class='vjs-video-container'><p>{}</p><p>{}</p></div>",
    ],
    ids=["a picture and a line", "below a word", "a partner's", "an alert of the site", "a player's titles"],
)
def test_a_card_of_another_story_between_paragraphs_is_not_text(card: str) -> None:
    card = card.format("EU sanctions Umbrella over role in the war", "Brussels froze the assets of Umbrella on Monday.")
    text = "".join(f"<p>{LONG[0]} Number {n}.</p>" for n in range(4))
    paragraphs = read(
        f"<html lang=en><article><h1>T</h1>{text}{card}{text.replace('Number', 'No')}</article></html>"
    ).paragraphs
    assert "Umbrella" not in " ".join(paragraphs)
    assert len([text for text in paragraphs if text.startswith(LONG[0])]) == 8


@pytest.mark.parametrize(
    "card",
    [
        "<div><h4>Umbrella Trading of Ajman</h4><p>It ships, as those found out who looked into the papers, most of "
        "<a href='/x'>the oil of all of the trading houses</a>.</p></div>",
        "<p>The one that was named on Monday:</p>"
        "<div><b><a href='/x'>Trading and Shipping of Ajman Limited Co</a></b><p>The Umbrella of Ajman.</p></div>",
        "<div><a href='/x'>A decision of the Council on measures</a> names Umbrella Trading, of Ajman, as well.</div>",
        "<p><strong><a href='/tag/u'>Umbrella Trading LLC</a></strong></p><p>It is of Ajman, and was listed, too.</p>",
    ],
    ids=["a heading of its own", "what a sentence announces", "a sentence with a link", "a linked name above a text"],
)
def test_what_only_looks_like_a_card_between_paragraphs_is_text(card: str) -> None:
    text = "".join(f"<p>{LONG[0]} Number {n}.</p>" for n in range(4))
    page_ = f"<html lang=en><div><h1>T</h1>{text}{card}{text.replace('Number', 'No')}</div></html>"
    assert "Umbrella" in " ".join(read(page_).paragraphs)


def test_a_card_between_a_sentence_and_the_list_it_announces_is_not_text() -> None:
    card = "<div><div><a href='/x'>EU sanctions Umbrella Trading over oil</a></div><div>Umbrella was hit.</div></div>"
    listed = "<p>These were added:</p>{}<ul><li>Alpha Marine LLC</li><li>Beta Marine LLC, of Ajman</li></ul>"
    page_ = f"<html lang=en><article><h1>T</h1><p>{LONG[0]}</p>{listed.format(card)}<p>{LONG[1]}</p></article></html>"
    paragraphs = read(page_).paragraphs
    assert "• Alpha Marine LLC" in paragraphs
    assert "Umbrella" not in " ".join(paragraphs)


def test_a_card_below_the_lines_that_a_notice_begins_with_is_not_text() -> None:
    card = "<div><div><a href='/x'>EU sanctions Umbrella Trading over oil sales</a></div><div>It was hit.</div></div>"
    lines = "<p>News release</p><p>March 7, 2025 - Ottawa</p>{}<p>" + LONG[0] + "</p>"
    assert "Umbrella" not in " ".join(read(f"<html lang=en><article>{lines.format(card)}</article></html>").paragraphs)
    assert "Umbrella" in " ".join(read(f"<html lang=en><article>{lines.format(2 * card)}</article></html>").paragraphs)


def test_no_paragraph_is_lost_where_each_has_a_frame_of_its_own() -> None:
    deck, text = f"<div><h1>T</h1><p>{LONG[1]}</p></div>", [" ".join(TRADERS), LONG[0]]
    page_ = f"<html lang=en><div>{deck}<div>{''.join(f'<div><p>{one}</p></div>' for one in text)}</div></div></html>"
    assert [one for one in read(page_).paragraphs if one != "T"] == [LONG[1], *text]


@pytest.mark.parametrize(
    "names",
    [
        "<h3>Umbrella Trading of Ajman</h3><p>It ships, as was found out, most of the oil.</p>",
        "<div><h4>Umbrella Trading of Ajman</h4><p>It ships, as was found out, most of the oil.</p></div>",
        "<div><b>Umbrella Trading of Ajman</b><p>It ships, as was found out, most of the oil.</p></div>",
        "<ul><li>Umbrella Trading of Ajman</li><li>Parasol Trading of Ajman</li></ul>",
    ],
    ids=["headings", "headings in frames", "in bold in frames", "a list"],
)
@pytest.mark.parametrize(
    "frame",
    ["<div><h1>T</h1>{}</div>", "<div class='x'><div><h1>T</h1></div><div class='y'>{}</div></div>", "<main>{}</main>"],
    ids=["no names", "names that tell nothing", "main"],
)
def test_headings_and_lists_of_a_text_are_read_whatever_its_frame(names: str, frame: str) -> None:
    text = "".join(f"<p>{one}</p>" for one in TRADERS[:6])
    foot = "<div class='foot'><h3>Harbour TV</h3><ul><li><a href='/i'>Imprint</a></li></ul></div>"
    page_ = f"<html lang=en>{frame.format(text + names + text.replace('oil', 'naphtha'))}{foot}</html>"
    paragraphs = read(page_).paragraphs
    assert "Umbrella Trading of Ajman" in [text.removeprefix("• ") for text in paragraphs]
    assert "Imprint" not in " ".join(paragraphs)


IN_PARTS = (
    f"<p>{LONG[0]}</p><p>These are on the list:</p><ul><li>Alpha Marine LLC</li><li>Beta Marine LLC</li></ul>"
    f"<h3>Who is spared</h3><p>{LONG[1]}</p>"
)
COLUMN = "<b>Latest news</b><br>" + "".join(
    f"<font size=1>{n} May</font><br><a href='/{n}'>EU sanctions Umbrella Trading over oil sales</a><br>It was.<br><br>"
    for n in range(4)
)


@pytest.mark.parametrize(
    "layout",
    [
        "<form action='./story.aspx' id='aspnetForm'><input name='q'><div id='c'><h1>Title</h1>{}</div></form>",
        "<form><div class='MainContentDiv'><div id='main_Title'>Title</div><div class='x'>{}</div></div></form>",
        "<table><tr><td><b>Title</b></td></tr><tr><td><font>{}</font></td></tr></table>",
        "<table><tr><td><a href='/'>News</a></td><td><h2>Title</h2>{}</td><td>" + COLUMN + "</td></tr></table>",
        "<table><tr><td>Menu<td><table><tr><td>Title<tr><td>{}</table><td>" + COLUMN + "</table>",
        "<h1>Title</h1>{}",
        "<center><h1>Title</h1>{}</center>",
        "<h1>Title</h1><div class='menu-text'>Menu</div><div class='MyContentDiv'>{}</div>",
    ],
    ids=["a form", "a form of no heading", "a table", "columns", "tables in tables", "none", "center", "odd names"],
)
def test_all_parts_of_a_text_are_read_however_its_page_is_laid_out(layout: str) -> None:
    page_ = f"<html lang=en><head><title>Title</title></head><body>{layout.format(IN_PARTS)}</body></html>"
    assert [text for text in read(page_).paragraphs if text not in ("Title", "Menu")] == [
        LONG[0],
        "These are on the list:",
        "• Alpha Marine LLC",
        "• Beta Marine LLC",
        "Who is spared",
        LONG[1],
    ]


@pytest.mark.parametrize("title", ["<h1>Title</h1>", "<h2>Title</h2>", "<div class='t'><span>Title</span></div>"])
def test_a_list_beside_the_frame_of_paragraphs_is_text_where_their_title_is_beside_both(title: str) -> None:
    text = f"<div class='y'>{''.join(f'<p>{one}</p>' for one in TRADERS)}</div>"
    names = "<h3>The companies</h3><ul><li>Alpha Marine LLC</li><li>Beta Marine LLC</li></ul>"
    way = "<div><span>Home</span> / <b>Title</b></div><div><h4>Weather</h4><ul><li>Ajman: rain</li></ul></div>"
    body = f"<div>{way}<div class='x'>{title}{text}{names}</div></div>"
    paragraphs = read(f"<html lang=en><head><title>Title</title></head><body>{body}</body></html>").paragraphs
    assert [one for one in paragraphs if one != "Title"] == [
        *TRADERS,
        "The companies",
        "• Alpha Marine LLC",
        "• Beta Marine LLC",
    ]


def test_a_byline_beside_the_title_is_not_text_where_the_text_has_a_frame_of_its_own() -> None:
    text = "".join(f"<p>{one}</p>" for one in TRADERS)
    head = "<div>World</div><h1>T</h1><div><div>Roe Mills</div><div>6 min</div></div>"
    page_ = f"<html lang=en><body><div class='x'>{head}<div class='y'>{text}</div></div><p>About us</p></html>"
    assert read(page_).paragraphs == TRADERS


@pytest.mark.parametrize("frame", ["<article>{}</article>", "<section id='content'>{}</section>"])
def test_text_between_line_breaks_is_read_where_paragraphs_stand_elsewhere(frame: str) -> None:
    text = frame.format("<h2>T</h2><b>Sanctions</b>" + "<br><br>".join(TRADERS))
    notes = f"<div><p>{LONG[0]}</p><p>{LONG[1]}</p></div>"
    page_ = f"<html lang=en><head><title>T</title></head><body><div>{text}</div>{notes}</body></html>"
    assert set(TRADERS[1:]) < set(read(page_).paragraphs)


def test_a_row_of_a_number_and_a_text_is_an_item_of_a_list() -> None:
    rows = (("(1)", TRADERS[0]), ("—", "Alpha Marine LLC"), ("2.", "Beta Marine", "Of Ajman"), ("Gamma", "Of Minsk"))
    tables = "".join(
        "<table><tr>" + "".join(f"<td><p>{cell}</p></td>" for cell in row) + "</tr></table>" for row in rows
    )
    page_ = f"<html lang=en><article><h1>T</h1><p>{LONG[0]}</p>{tables}<p>{LONG[1]}</p></article></html>"
    assert read(page_).paragraphs[1:-1] == (
        f"(1) {TRADERS[0]}",
        "• Alpha Marine LLC",
        "2. | Beta Marine | Of Ajman",
        "Gamma | Of Minsk",
    )


def test_a_table_of_data_in_one_that_arranges_keeps_its_rows() -> None:
    data = "<table><tr><td><p>Alpha Marine</p></td><td><p>Of Ajman</p><p>Sold oil</p></td></tr></table>"
    page_ = f"<html lang=en><table><tr><td><h1>T</h1><p>{LONG[0]}</p>{data}<p>{LONG[1]}</p></td></tr></table></html>"
    assert read(page_).paragraphs == (LONG[0], "Alpha Marine | Of Ajman Sold oil", LONG[1])


def test_a_form_to_sign_up_below_a_flash_goes() -> None:
    form = f"<form><label>Umbrella countries</label><p>{LONG[1]}</p></form>"
    page_ = f"<html lang=en><div><h1>T</h1><p>{LONG[0]}</p></div>{form}</html>"
    assert [text for text in read(page_).paragraphs if text != "T"] == [LONG[0]]


def test_a_linked_name_in_a_frame_above_its_paragraph_is_text() -> None:
    people = "".join(f"<div class='x'><a href='/{n}'>Ivan Umbrella</a></div><p>He runs firm {n}.</p>" for n in range(3))
    page_ = f"<html lang=en><article><h1>T</h1><p>{LONG[0]}</p>{people}<p>{LONG[1]}</p></article></html>"
    assert " ".join(read(page_).paragraphs).count("Umbrella") == 3


def test_linked_names_on_lines_of_their_own_are_text() -> None:
    names = "".join(f"<a href='/{n}'>Igor Petrovich Umbrella</a><br>Of Minsk, {n}<br>" for n in range(4))
    page_ = f"<html lang=en><div><h1>T</h1><p>{LONG[0]}</p><div>{names}</div><p>{LONG[1]}</p></div></html>"
    assert "Umbrella" in " ".join(read(page_).paragraphs)


def test_the_next_article_below_is_not_text() -> None:
    own = f"<article><h1>Treasury lists oil traders</h1><p>{LONG[0]}</p></article>"
    other = f"<article><h1>EU lists Umbrella</h1><p>Brussels listed Umbrella. {LONG[1]}</p></article>"
    title = "<title>Treasury lists oil traders | Harbour TV</title>"
    for articles in (own + other, other + own):
        text = " ".join(read(f"<html lang=en><head>{title}</head><div>{articles}</div></html>").paragraphs)
        assert LONG[0] in text
        assert "Umbrella" not in text


TRADERS = tuple(
    f"The Treasury listed trading house number {n}, which moved fuel oil under false papers." for n in range(12)
)


@pytest.mark.parametrize(
    "names",
    [
        "style='display:none'",
        "style='display: none'",
        "aria-hidden='true'",
        "hidden",
        "class='read-more-content'",
        "class='text expandable'",
        "class='elementor-widget elementor-widget-text-editor'",
        "class='authority-text'",
        "class='slide'",
        "class='embed-text'",
        "id='premium-content'",
    ],
)
@pytest.mark.parametrize(("first", "last"), [(9, 12), (2, 4), (3, 9)], ids=["at the end", "early", "most of it"])
def test_text_that_goes_on_in_a_frame_that_is_hidden_or_named_as_a_box_is_text(
    names: str, first: int, last: int
) -> None:
    before, within, behind = ("".join(f"<p>{one}</p>" for one in part) for part in
        (TRADERS[:first], TRADERS[first:last], TRADERS[last:]))  # fmt: skip
    text = f"<div class='text'>{before}<div {names}>{within}</div>{behind}</div>"
    assert read(f"<html lang=en><article><h1>T</h1>{text}</article></html>").paragraphs == TRADERS


@pytest.mark.parametrize("selector", [".paid", "#rest"])
def test_a_paragraph_that_its_page_hides_from_those_who_do_not_pay_is_text(selector: str) -> None:
    part = {"@type": "WebPageElement", "isAccessibleForFree": False, "cssSelector": selector}
    told = json.dumps({"@type": "NewsArticle", "isAccessibleForFree": False, "hasPart": part})
    head = f"<script type='application/ld+json'>{told}</script>"
    text = "".join(f"<p>{one}</p>" for one in TRADERS)
    rest = f"<div class='paid' id='rest' style='display:none'><p>{LONG[1]}</p></div>"
    page_ = f"<html lang=en><head>{head}</head><article><h1>T</h1>{text}{rest}</article></html>"
    assert read(page_).paragraphs == (*TRADERS, LONG[1])


@pytest.mark.parametrize("selector", ["..", "* * * *", "[[", 5, None, [".paid", {}], "div:has(:has(p))"])
def test_no_selector_of_a_page_stops_reading(selector: object) -> None:
    told = json.dumps({"@type": "NewsArticle", "hasPart": [{"cssSelector": selector}, "x"]})
    head = f"<script type='application/ld+json'>{told}</script>"
    assert read(html_of(*LONG, head=head)).paragraphs == LONG


@pytest.mark.parametrize(
    "box",
    [
        "<div class='done' style='display:none'><p>{}</p></div>",
        "<div class='modal-dialog' aria-hidden='true'><p>{}</p><p>{}</p></div>",
        "<div class='author-bio'><p>{}</p><p>{}</p></div>",
        "<div class='newsletter-widget'><p>{}</p><p>{}</p></div>",
    ],
    ids=["thanks for signing up", "a dialogue", "on the author", "a newsletter's"],
)
def test_what_is_no_text_is_not_read_as_the_texts_next_frame(box: str) -> None:
    line = "Thank you for signing up with Umbrella, and please look for the letter that we have sent to you."
    text = "".join(f"<p>{one}</p>" for one in TRADERS)
    page_ = f"<html lang=en><article><h1>T</h1><div>{text}{box.format(line, line)}</div></article></html>"
    assert read(page_).paragraphs == TRADERS


def test_a_short_text_in_a_frame_that_is_named_as_a_letter_is_text() -> None:
    posts = "".join(f"<div><p>{one}</p></div>" for one in TRADERS)
    text = f"<article class='typography newsletter-post'><h1>T</h1><p>{LONG[0]}</p></article>"
    assert LONG[0] in read(f"<html lang=en><div>{text}{posts}</div></html>").paragraphs


@pytest.mark.parametrize(
    "text",
    [
        "<h2>More on the list</h2><p>Umbrella Trading was listed on Monday, too, the Council said.</p>",
        "<h2>Most recent listings</h2><ul><li>Umbrella Trading</li><li>Parasol Trading</li></ul>",
        "<h2>More from the Council</h2><p>In <a href='/x'>a decision published on Monday</a> it hit Umbrella.</p>",
        "<h2>Latest news</h2>" + f"<p><a href='/x'>The Council of the Union said</a> of Umbrella: {LONG[0] * 5}</p>",
        "<h3>Related news</h3><h4><a href='/x'>Parasol Trading was hit on Monday</a></h4><p>Umbrella was hit, too.</p>",
        "<h3>Related news</h3>"
        + stories("<h4>{0}</h4>")
        + f"<p>Parasol was hit, said Umbrella.</p><p>{LONG[0] * 7}</p>",
        "".join(f"<div><h3><a href='/{n}'>Umbrella Trading {n} LLC</a></h3><p>Of Ajman.</p></div>" for n in range(4)),
        "<article><p>Umbrella was hit, says <a href='/x'>a decision of the whole Council</a>.</p></article>",
    ],
    ids=[
        "a paragraph",
        "names",
        "a sentence with a link",
        "a long paragraph",
        "text behind a story",
        "text behind three",
        "linked names",
        "a short post",
    ],
)
def test_what_only_looks_like_a_teaser_is_text(text: str) -> None:
    page_ = f"<html lang=en><main><div><h1>T</h1><p>{LONG[0]}</p><p>{LONG[1]}</p>{text}</div></main></html>"
    assert "Umbrella" in " ".join(read(page_).paragraphs)


@pytest.mark.parametrize("box", OTHER_STORIES.values(), ids=OTHER_STORIES)
def test_a_flash_is_read_without_the_teasers_below_it(box: str) -> None:
    flash = f"<html lang=en><main><div><h1>T</h1><p>{LONG[0]}</p></div>{box}</main></html>"
    assert [text for text in read(flash).paragraphs if text != "T"] == [LONG[0]]


def test_a_page_of_teasers_is_read() -> None:
    listed = stories("<article><h3>{0}</h3><p>{1}, it said.</p></article>")
    assert "Umbrella" in " ".join(read(f"<html lang=en><main><h1>Press releases</h1>{listed}</main></html>").paragraphs)


@pytest.mark.parametrize("each", ["<li><article class='post'>{}</article></li>", "<article class='post'>{}</article>"])
def test_all_posts_of_a_live_page_are_read(each: str) -> None:
    posts = [
        f"<header><time>10:{n}</time></header><div class='post-body'><p>{LONG[n % 2]} {n}.</p></div>" for n in range(9)
    ]
    stream = "".join(each.format(post) for post in posts)
    paragraphs = read(f"<html lang=en><main><h1>Live: sanctions</h1><ol>{stream}</ol></main></html>").paragraphs
    assert [text for text in paragraphs if text.startswith(LONG)] == [f"{LONG[n % 2]} {n}." for n in range(9)]


@pytest.mark.parametrize(
    "comments",
    [
        "<div id='comments' class='comments-area'><ol class='comment-list'>{}</ol></div>",
        "<section id='comments'>{}</section>",
        "<div id='disqus_thread'>{}</div>",
        "<div class='user-comments-list'>{}</div>",
    ],
)
@pytest.mark.parametrize("frame", ["<article><h1>T</h1>{}</article>", "<h1>T</h1><div class='text'>{}</div>"])
def test_comments_of_readers_are_not_text(comments: str, frame: str) -> None:
    each = "<article class='one'><p>Umbrella has been sanctioned by the EU today, so what of it?</p></article>"
    text = frame.format("".join(f"<p>{one}</p>" for one in LONG))
    assert read(f"<html lang=en><main>{text}{comments.format(each * 9)}</main></html>").paragraphs == LONG


@pytest.mark.parametrize("reply", ["<a href='#1'>Reply</a>", "<button>Ответить (2)</button>"])
def test_what_readers_reply_to_is_not_text(reply: str) -> None:
    said = "<p>Umbrella has been sanctioned by the EU today, so what of it, and when will the Americans act?</p>"
    comments = f"<div class='op'><b>reader</b>{said}<div>{reply}</div></div>" * 3
    page_ = (
        f"<html lang=en><div><h1>T</h1><p>{LONG[0]}</p><h3>What you think (3)</h3><div>{comments}</div></div></html>"
    )
    assert "Umbrella" not in " ".join(read(page_).paragraphs)


def test_a_text_that_is_called_a_comment_is_text() -> None:
    text = "".join(f"<p>{one}</p>" for one in LONG)
    assert (
        read(f"<html lang=en><main><h1>T</h1><div class='tone-comment-section'>{text}</div></main></html>").paragraphs
        == LONG
    )


def test_a_page_that_shows_the_beginning_beside_other_stories_is_read_from_its_metadata() -> None:
    data = {"@type": "NewsArticle", "articleBody": "\n\n".join(TRADERS[:6])}
    head = f'<script type="application/ld+json">{json.dumps(data)}</script>'
    others = "<p>Umbrella was sanctioned by the EU on Monday, as the Council said, for oil sales.</p>" * 2
    page_ = f"<html lang=en><head>{head}</head><main><h1>T</h1><p>{TRADERS[0]}</p><div>{others * 2}</div></main></html>"
    assert read(page_).paragraphs == TRADERS[:6]


def test_a_page_that_shows_other_stories_below_its_title_is_read_from_its_metadata() -> None:
    told = json.dumps({"@type": "NewsArticle", "headline": "New squeeze", "articleBody": "\n\n".join(TRADERS)})
    rail = "".join(
        f"<p>Umbrella Trading, of which we told you {n} times, has been hit by sanctions.</p>" for n in range(12)
    )
    head = f"<script type='application/ld+json'>{told}</script>"
    page_ = f"<html lang=en><head>{head}</head><body><main><h1>New squeeze</h1><div>{rail}</div></main></body></html>"
    assert read(page_).paragraphs == TRADERS
    assert "Umbrella" in " ".join(read(page_.replace("<h1>New squeeze", "<h1>Of somebody else")).paragraphs)


LINKED_NAMES = tuple(f"<a href='/{n}'>Umbrella {n} LLC</a>" for n in "ABC")


@pytest.mark.parametrize(
    "names",
    [
        "".join(f"<div>{name}</div>" for name in LINKED_NAMES),
        "".join(f"{name}<br>" for name in LINKED_NAMES),
        "<ul>" + "".join(f"<li>{name}</li>" for name in LINKED_NAMES) + "</ul>",
        "<table>" + "".join(f"<tr><td>{name}</td></tr>" for name in LINKED_NAMES) + "</table>",
    ],
    ids=["frames", "line breaks", "a list", "a table"],
)
def test_linked_names_in_a_frame_behind_the_sentence_that_announces_them_are_text(names: str) -> None:
    before = "".join(f"<p>{one}</p>" for one in TRADERS)
    frame = "<p>{}</p><div class='x'>{}</div>"
    page_ = f"<html lang=en><article><h1>T</h1>{before}{{}}<p>{LONG[1]}</p></article></html>"
    announced = page_.format(frame.format("The following companies were listed:", names))
    assert " ".join(read(announced).paragraphs).count("Umbrella") == 3
    assert "Umbrella" not in " ".join(read(page_.format(frame.format("Read more:", names))).paragraphs)


def test_a_heading_that_folds_what_is_below_it_is_text() -> None:
    folded = "".join(
        f"<div class='accordion-item'><h3><button>Umbrella {n} LLC</button></h3><div class='collapse'><p>Of Minsk, {n}."
        "</p></div></div>"
        for n in "AB"
    )
    text = "".join(f"<p>{one}</p>" for one in TRADERS)
    paragraphs = read(f"<html lang=en><article><h1>T</h1>{text}{folded}</article></html>").paragraphs
    assert paragraphs[len(TRADERS) :] == ("Umbrella A LLC", "Of Minsk, A.", "Umbrella B LLC", "Of Minsk, B.")


def test_a_list_of_linked_names_behind_a_chinese_colon_is_text() -> None:
    names = "".join(f"<li><a href='/{n}'>Umbrella贸易有限公司{n}</a></li>" for n in range(3))
    text = "".join(f"<p>{one}</p>" for one in (*TRADERS, "商务部周二宣布，将以下公司列入不可靠实体清单："))
    page_ = f"<html lang=zh><article><h1>T</h1>{text}<ul>{names}</ul><p>{LONG[1]}</p></article></html>"
    assert " ".join(read(page_).paragraphs).count("Umbrella") == 3


def test_a_page_drawn_by_a_script_keeps_the_paragraphs_of_its_metadata() -> None:
    data = {"@type": "NewsArticle", "articleBody": "\n\n".join(LONG)}
    head = f'<script type="application/ld+json">{json.dumps(data)}</script>'
    assert read(f"<html><head>{head}</head><body><div id='root'>Loading…</div></body></html>").paragraphs == LONG


@pytest.mark.parametrize(
    ("first", "read_as"),
    [
        ("Treasury lists Caspian oil traders. A new squeeze.", ("A new squeeze.", *LONG)),
        ("Treasury lists Caspian oil traders", LONG),
        (
            "Treasury lists Caspian oil traders in a new squeeze.",
            ("Treasury lists Caspian oil traders in a new squeeze.", *LONG),
        ),
    ],
)
def test_the_title_that_a_text_begins_with_is_read_once(first: str, read_as: tuple[str, ...]) -> None:
    article = read(html_of(first, *LONG))
    assert article.paragraphs == read_as
    assert " ".join((article.summary, *article.paragraphs)).count("A new squeeze") <= 1


QUOTED = "It was the third of its kind."


@pytest.mark.parametrize(
    ("parts", "read_as"),
    [
        ([LONG[0], f"“{QUOTED}”", f"{LONG[1]} {QUOTED}"], [LONG[0], f"{LONG[1]} {QUOTED}"]),
        ([f"{LONG[1]} {QUOTED}", f'"{QUOTED}"', LONG[0]], [f"{LONG[1]} {QUOTED}", LONG[0]]),
        ([*LONG, *LONG], [*LONG]),
        ([LONG[0], "The list:", LONG[1], "The list:"], [LONG[0], "The list:", LONG[1], "The list:"]),
        (
            ["Persons who are added to the list", LONG[0], "Persons who are added to the list", LONG[1]],
            ["Persons who are added to the list", LONG[0], "Persons who are added to the list", LONG[1]],
        ),
        ([LONG[0], "Four trading houses.", LONG[1]], [LONG[0], "Four trading houses.", LONG[1]]),
    ],
    ids=["quoted before", "quoted behind", "twice", "a short heading", "a heading", "no quote"],
)
def test_what_a_page_says_twice_is_read_once(parts: list[str], read_as: list[str]) -> None:
    assert list(read(html_of(*parts)).paragraphs) == read_as


def test_a_name_of_a_list_is_read_where_the_text_has_it_too() -> None:
    name = "Caspian One Trading Company L.L.C."
    listed = f"<p>{LONG[0]} It named {name} and others.</p><ul><li>{name}</li><li>Caspian Two Trading L.L.C.</li></ul>"
    assert f"• {name}" in read(f"<html lang=en><main><article>{listed}<p>{LONG[1]}</p></article></main>").paragraphs


def test_an_old_layout_of_tables_and_line_breaks_in_another_encoding() -> None:
    body = (DATA / "divs.html").read_text(encoding="utf-8")
    for content_type in ("text/html; charset=windows-1251", "text/html"):
        article = read(body.encode("windows-1251"), replace(ENTRY, title="", summary=""), content_type=content_type)
        assert article.language == "ru"
        assert "• Игорь Лунёв, генеральный директор;" in article.paragraphs
        assert any("«Волна Бункеринг»" in text for text in article.paragraphs)
        assert not any("Архив" in text for text in article.paragraphs)


def test_key_points_by_their_heading_in_another_language() -> None:
    article = read_file("takeaways.html", replace(ENTRY, language=None))
    assert article.key_points == (
        "Der Rat hat am Montag zwei Betreiber gelistet.",
        "Ihre Vermögen in der EU sind eingefroren.",
    )
    assert not any("Wichtigste" in text or text in article.key_points for text in article.paragraphs)
    assert article.language == "de"


@pytest.mark.parametrize(
    "box",
    [
        "<div class='key-takeaways'><ul>{}</ul></div>",
        "<section data-testid='keyPoints'><ul>{}</ul></section>",
        "<div aria-label='Key points'><ul>{}</ul></div>",
        "<h2>Key Takeaways:</h2><ul>{}</ul>",
        "<p><b>What to know</b></p><div><ul>{}</ul></div>",
        "<div><h3>At a glance</h3></div><ul>{}</ul>",
    ],
)
def test_key_point_boxes(box: str) -> None:
    points = ("Four firms were listed on Tuesday.", "Their property is frozen.")
    body = html_of(*LONG).replace("<article>", "<article>" + box.format("".join(f"<li>{p}</li>" for p in points)))
    article = read(body)
    assert article.key_points == points
    assert article.paragraphs == LONG


@pytest.mark.parametrize(
    "box",
    [
        "<div class='key-points'><ul><li><a href='/1'>A story</a></li><li><a href='/2'>One more</a></li></ul></div>",
        "<nav class='key-points'><ul><li>Home of things</li></ul></nav>",
        "<h2>Key points</h2><p>No list follows this heading here.</p>",
        "<div class='key-points'>" + "<ul>" + "<li>one of very many items</li>" * 40 + "</ul></div>",
    ],
    ids=["links to other stories", "navigation", "no list", "too many"],
)
def test_what_is_no_key_point_box(box: str) -> None:
    assert read(html_of(*LONG).replace("<article>", "<article>" + box)).key_points == ()


# ---------------------------------------------------------------- dates, titles, languages


@pytest.mark.parametrize(
    ("published", "head", "expected"),
    [
        (
            NOW - timedelta(hours=2),
            '<meta property="article:published_time" content="2020-01-01T00:00:00Z">',
            NOW - timedelta(hours=2),
        ),
        (NOW + timedelta(days=9), "", NOW),
        (
            None,
            '<meta property="article:published_time" content="2026-11-24T09:00:00-05:00">',
            NOW - timedelta(hours=1),
        ),
        (
            None,
            '<script type="application/ld+json">[{"@type":"NewsArticle","datePublished":"2026-11-23"}]</script>',
            datetime(2026, 11, 23, tzinfo=UTC),
        ),
        (None, '<meta property="article:published_time" content="2031-01-01T00:00:00Z">', NOW),
        (None, '<meta name="date" content="soon">', NOW),
        (None, "", NOW),
    ],
    ids=[
        "the feed comes first",
        "a date to come is now",
        "OpenGraph",
        "JSON-LD",
        "the page's date to come",
        "no date",
        "nothing",
    ],
)
def test_date(published: datetime | None, head: str, expected: datetime) -> None:
    assert read(html_of(*LONG, head=head), replace(ENTRY, published_at=published)).published_at == expected


OLD = datetime(2018, 3, 15, tzinfo=UTC)


@pytest.mark.parametrize(
    ("head", "shown", "expected"),
    [
        ('<meta name="date" content="March 15, 2018">', "", OLD),
        ('<meta name="pubdate" content="15.03.2018">', "", OLD),
        ('<meta name="date" content="soon"><meta name="pubdate" content="2018-03-15">', "", OLD),
        ('<meta property="og:published_time" content="2018-03-15T00:00:00Z">', "", OLD),
        ('<meta name="parsely-pub-date" content="2018-03-15T00:00:00Z">', "", OLD),
        ("", "<time>March 15, 2018</time>", OLD),
        ("", "<time>Published: 15 March 2018</time><time>November 20, 2026</time>", OLD),
        ("", '<time>2 hours ago</time> <time datetime="2018-03-15">back then</time>', OLD),
        ("", "<time>2 hours ago</time> <time>March 15, 2018</time>", NOW),
        ("", '<span itemprop="datePublished" content="2018-03-15">x</span>', OLD),
        ("", "<time>15/03/2018</time>", OLD),
        ("", "<time>03/10/2018</time>", NOW),
    ],
)
def test_the_date_of_a_page_however_it_is_written(head: str, shown: str, expected: datetime) -> None:
    body = html_of(*LONG, head=head).replace("<article>", f"<article>{shown}")
    assert read(body, replace(ENTRY, published_at=None)).published_at == expected


def test_it_is_told_that_a_date_is_not_told() -> None:
    told = "its date is not told: taken as of 24 Nov 2026, when it was found"
    undated = replace(ENTRY, published_at=None)
    assert read(html_of(*LONG), undated).full_text_note == f"page read; {told}"
    assert parse_article(undated, SOURCE, None, "").full_text_note == told
    assert told not in read(html_of(*LONG)).full_text_note
    assert told not in read(html_of(*LONG, head='<meta name="date" content="2018-03-15">'), undated).full_text_note


@pytest.mark.parametrize(
    ("head", "expected"),
    [
        (
            '<script type="application/ld+json">{"@type":"NewsArticle","headline":"From &amp; linked data"}</script>',
            "From & linked data",
        ),
        ('<meta property="og:title" content="From OpenGraph"><title>From title | Site</title>', "From OpenGraph"),
        ("<title>From title</title>", "From title"),
        ('<script type="application/ld+json">{broken</script><title>T</title>', "T"),
    ],
)
def test_the_page_gives_the_title_where_the_feed_has_none(head: str, expected: str) -> None:
    assert read(html_of(*LONG, head=head), replace(ENTRY, title="")).title == expected


GERMAN = (
    "Am Dienstag setzte der Rat vier Handelshäuser auf die Liste, weil sie Öl unter falschen Papieren verschifften."
)
CHINESE = "财政部周二冻结了四家贸易公司的资产，这些公司使用伪造文件运输燃料油，官员说年底前还会有更多行动，并警告银行。"
RUSSIAN = (
    "Министерство финансов внесло в санкционный список четыре компании, которые перевозили мазут по чужим документам."
)


@pytest.mark.parametrize(
    ("settings", "feed", "lang", "text", "expected"),
    [
        (None, "de-DE", "en", LONG[0], "de"),
        (None, None, "fr_FR", LONG[0], "fr"),
        (None, None, "", LONG[0], "en"),
        (None, None, "", RUSSIAN, "ru"),
        (None, "en-us", "en", RUSSIAN, "ru"),
        ("uk", "en-us", "en", RUSSIAN, "uk"),
        (None, "not a language", "", LONG[0], "en"),
        (None, None, "", GERMAN, "de"),
        (None, None, "", CHINESE, "zh"),
    ],
    ids="feed page text Russian template settings nonsense German Chinese".split(),
)  # fmt: skip
def test_language(settings: str | None, feed: str | None, lang: str, text: str, expected: str) -> None:
    entry, source = replace(ENTRY, language=feed, title="", summary=""), replace(SOURCE, language=settings)
    assert read(html_of(text, text + " 2", lang=lang), entry, source).language == expected


FLASHES = [
    ("美国制裁华为公司", "zh"),
    ("美國制裁六名香港官員", "zh"),
    ("日本、ロシアに追加制裁", "ja"),
    ("정부, 김수키 독자제재", "ko"),
    ("США ввели санкции против Газпромбанка", "ru"),
    ("Танкер с якорем", "ru"),  # the classifier alone says Bulgarian
    ("США ввели санкції проти банку", "uk"),
    ("El Tesoro sanciona al Tren de Aragua", "es"),
    ("Bruxelles sanctionne Rosneft et Lukoil", "fr"),
    ("EU setzt Rosneft auf Sanktionsliste", "de"),
    ("Rosneft, Lukoil sanctioned", "en"),
    ("Myanmar banks hit", "en"),
    ("US seizes Maduro's plane", "en"),
]


@pytest.mark.parametrize(("title", "expected"), FLASHES, ids=[title for title, _ in FLASHES])
def test_the_language_of_a_flash(title: str, expected: str) -> None:
    """A title alone has too few letters to count them, and must not be taken for English in another script."""
    assert article_from_text("", title=title, published_at=NOW).language == expected


# ---------------------------------------------------------------- pages that show no article


@pytest.mark.parametrize(
    ("answer", "note"),
    [
        (page("", status=404), "HTTP 404"),
        (page(""), "empty"),
        (page(b"%PDF-1.7 ...", "application/octet-stream"), "a PDF"),
        (page(b"\x89PNG", "image/png"), "no text but image/png"),
        (
            page("<html><title>Just a moment...</title><body>Checking your browser before accessing</body></html>"),
            "a browser check",
        ),
        (page("<html><body><div id='root'></div><script>render()</script></body></html>"), "no article text"),
    ],
    ids=["not found", "empty", "PDF", "picture", "challenge", "a script's page"],
)
def test_falls_back_to_the_teaser_and_says_why(answer: HttpAnswer, note: str) -> None:
    article = parse_article(ENTRY, SOURCE, answer, "the teaser speaks of sanctions")
    assert (article.title, article.summary, article.paragraphs) == (ENTRY.title, ENTRY.summary, ())
    assert note in article.full_text_note
    assert article.full_text_note.startswith("the teaser speaks of sanctions; ")
    assert "judged on what the feed carries" in article.full_text_note


def test_without_a_page_it_is_what_the_feed_carries() -> None:
    entry = replace(ENTRY, content="First paragraph of the feed.\n\nThe second one.")
    article = parse_article(entry, SOURCE, None, "no page wanted")
    assert article.paragraphs == ("First paragraph of the feed.", "The second one.")
    assert article.full_text_note == "no page wanted"


def test_a_page_is_its_sources_authoritys() -> None:
    listed = replace(SOURCE, authority="JP")
    assert parse_article(ENTRY, listed, None, "").authority == "JP"
    assert parse_article(ENTRY, listed, page("<p>Two mills were put on the list on Tuesday.</p>"), "").authority == "JP"
    assert parse_article(ENTRY, replace(SOURCE, authority=None), None, "").authority == ""


def test_a_paywalled_page_is_read_as_far_as_it_goes() -> None:
    article = read_file("paywall.html")
    assert any("three regional lenders" in text.lower() for text in article.paragraphs)
    assert "behind a paywall" in article.full_text_note


def test_the_feeds_text_is_kept_where_it_is_longer_than_the_page() -> None:
    entry = replace(ENTRY, content="\n\n".join([*LONG * 10, "And Volna Bunkering was listed too."]))
    article = read((DATA / "paywall.html").read_bytes(), entry)
    assert article.paragraphs[-1] == "And Volna Bunkering was listed too."
    assert "the feed carries more" in article.full_text_note


TEASERS = {
    "the lead": (LONG[0], ""),
    "the standfirst and the lead": (" ".join(LONG), ""),
    "cut within a word": (f"{LONG[0]} Officials said the list…", ""),
    "cut, with a link": (f"{LONG[0][:60]} [...] Continue reading", ""),
    "cut, with what is left": (f"{LONG[0][:60]}… [+1234 chars]", ""),
    "with a place in front": (f"HARBOUR CITY (TV) — {LONG[0]}", ""),
    "with a town in front": (f"Harbourg – {LONG[0]}", ""),
    "with a town and a day in front": (f"Harbour City, 24 November (Wire) -- {LONG[0]}", ""),
    "with news in front": (f"Acme and Beta listed — {LONG[0]}", f"Acme and Beta listed — {LONG[0]}"),
    "other marks": (LONG[0].replace(" ", "\N{NO-BREAK SPACE} ").replace("that", "that,"), ""),
    "the headline": (ENTRY.title, ""),
    "signed": (f"{LONG[0]} The post {ENTRY.title} appeared first on Harbour TV.", ""),
    "signed, in French": (
        f"A new squeeze. L’article {ENTRY.title} est apparu en premier sur Harbour TV.",
        "A new squeeze.",
    ),
    "signed, below another post": (
        f"The post of governor is vacant. The post {ENTRY.title} first appeared on Harbour TV.",
        "The post of governor is vacant.",
    ),
    "what only looks signed": (
        "The post of governor went to Ivanov. He appeared on the EU list on Monday with Acme.",
        "The post of governor went to Ivanov. He appeared on the EU list on Monday with Acme.",
    ),
    "an abbreviation within": (
        "The list spares Acme Corp. of its kind.",
        "The list spares Acme Corp. of its kind.",
    ),
    "a deck of its own": ("A new squeeze.", "A new squeeze."),
    "a deck in Chinese": ("美国财政部周四宣布。制裁三家公司！", "美国财政部周四宣布。制裁三家公司！"),
    "a deck and the lead": (f"A new squeeze on oil. {LONG[0]}", "A new squeeze on oil."),
    "other words": ("The department froze … four trading houses.", "The department froze … four trading houses."),
}


@pytest.mark.parametrize(("teaser", "fresh"), TEASERS.values(), ids=TEASERS)
def test_of_a_teaser_is_read_what_the_page_has_not(teaser: str, fresh: str) -> None:
    """Most feeds carry an article's first lines: twice in one reading, they made who is only named newly sanctioned."""
    article = read(html_of(*LONG), replace(ENTRY, summary=teaser))
    assert (article.summary, article.paragraphs) == (fresh, LONG)


def test_a_teaser_of_blanks_takes_no_time() -> None:
    began = time.process_time()
    assert fresh_teaser(" " * 20_000 + "x", LONG).strip() == "x"
    assert time.process_time() - began < 1


def test_of_a_teaser_is_read_what_the_feeds_text_and_an_archives_have_not() -> None:
    entry = replace(ENTRY, summary=LONG[0], content="\n\n".join([*LONG, "The post X appeared first on Y."]))
    article = parse_article(entry, SOURCE, None, "")
    assert (article.summary, [text for text in article.paragraphs if text]) == ("", list(LONG))
    archived = article_from_text("\n\n".join(LONG), title="Oil", summary=LONG[0], published_at=NOW)
    assert (archived.summary, archived.paragraphs) == ("", LONG)
    alone = parse_article(replace(ENTRY, summary=LONG[0]), SOURCE, None, "")
    assert alone.summary == LONG[0], "there is nothing else to read"


def test_a_plain_text_page_is_read() -> None:
    article = read("\n\n".join([*LONG, *LONG]) + "\n\n<b>5 < 6</b>", content_type="text/plain")
    assert article.paragraphs[0] == LONG[0]


def test_the_key_is_one_for_all_links_to_a_story() -> None:
    one = article_key("Harbour TV", LINK)
    assert one == article_key("HARBOUR TV", LINK.replace("https://", "http://www.") + "?utm_source=x#part")
    assert one != article_key("Other TV", LINK)
    assert one != article_key("Harbour TV", LINK + "?id=2")
    assert article_key("Harbour TV", "", "A title") != article_key("Harbour TV", "", "Another")


# ---------------------------------------------------------------- is the page worth it?


@pytest.mark.parametrize(
    ("full_text", "link", "word", "names", "matter", "wanted", "reason"),
    [
        (FullText.AUTO, LINK, "sanctions", False, None, True, "“sanctions”"),
        (FullText.AUTO, LINK, None, True, None, True, "names a tracked entity"),
        (FullText.AUTO, LINK, None, False, "Russia", True, "what sanctions are about: Russia"),
        (FullText.AUTO, LINK, None, False, None, False, "nothing that sanctions are about"),
        (FullText.ALWAYS, LINK, None, False, None, True, "always"),
        (FullText.NEVER, LINK, "sanctions", True, "Russia", False, "never"),
        (FullText.ALWAYS, "", "sanctions", True, None, False, "no link"),
        (FullText.ALWAYS, "https://news.google.com/rss/articles/CBMi", "sanctions", True, None, False, "aggregator"),
    ],
)
def test_wants_page(
    full_text: FullText, link: str, word: str | None, names: bool, matter: str | None, wanted: bool, reason: str
) -> None:
    found, why = wants_page(replace(ENTRY, link=link), replace(SOURCE, full_text=full_text), word, names, matter)
    assert found is wanted
    assert reason in why


# ---------------------------------------------------------------- plain text

TEXT = (
    "Key Points\n\n• Four firms were listed.\n\n• Their property is frozen.\n\nThe department said so."
    "\n\nThe firms:\n- Alpha\n- Beta\n\nA paragraph."
)


def test_a_text_with_all_that_is_known_of_it() -> None:
    article = article_from_text(
        TEXT,
        key="r-1",
        title="Treasury lists traders",
        summary="A teaser.",
        published_at=NOW,
        language="en",
        outlet="Wire",
        url="https://w.example/1",
    )
    assert (article.key, article.title, article.summary) == ("r-1", "Treasury lists traders", "A teaser.")
    assert article.published_at == NOW
    assert article.key_points == ("Four firms were listed.", "Their property is frozen.")
    assert article.paragraphs == ("The department said so.", "The firms:", "• Alpha", "• Beta", "A paragraph.")
    assert (article.outlet, article.url, article.language) == ("Wire", "https://w.example/1", "en")


def test_key_points_that_lost_their_bullets() -> None:
    body = "KEY POINTS\n\nFour firms were listed.\n\nTheir property is frozen.\n\n" + " ".join(LONG)
    article = article_from_text(body, title="Treasury lists traders", published_at=NOW)
    assert article.key_points == ("Four firms were listed.", "Their property is frozen.")
    assert article.paragraphs == (" ".join(LONG),)


def test_pasted_text_begins_with_its_title() -> None:
    article = article_from_text(
        "Council lists two ports\n\nThe Council on Monday\nlisted two ports.\n\n* Nordkai\n* Ostmole", published_at=NOW
    )
    assert article.title == "Council lists two ports"
    assert article.paragraphs == ("The Council on Monday listed two ports.", "• Nordkai", "• Ostmole")
    assert (
        article.key
        == article_from_text(
            "Council lists two ports\n\nThe Council on Monday\nlisted two ports.\n\n* Nordkai\n* Ostmole",
            published_at=NOW,
        ).key
    )


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("**1. A port is listed.** It is Nordkai.", "1. A port is listed. It is Nordkai."),
        ("## Ports", "Ports"),
        ("*Nordkai at dawn*", "Nordkai at dawn"),
        ("See [the notice](https://example.org/a?b=c) of today", "See the notice of today"),
        ("* Nordkai", "• Nordkai"),
        ("*Nordkai", "• Nordkai"),
        ("5 * 3 is 15", "5 * 3 is 15"),
    ],
)
def test_the_marks_of_markdown_are_no_text(written: str, read: str) -> None:
    assert article_from_text(f"Ports\n\n{written}", published_at=NOW).paragraphs == (read,)


@pytest.mark.parametrize(
    ("pasted", "paragraphs"),
    [
        (
            "On Monday the northern state listed the Zelkov\nBrotherhood and all of its local branches as\nterrorists.",
            1,
        ),
        ("Two mills of the north\nNordkai Harbour and its many old warehouses\nand one ship.", 3),
        ("Zelkova Mining and Trading Company Limited\nNordkai Harbour Company\nOstmole Shipping Company", 3),
        ("Zelkova Bank\nand Trust", 1),
    ],
    ids=["a name over two lines", "a line that had room", "a list of names", "a short line"],
)
def test_lines_that_are_broken_at_a_margin_are_one_paragraph(pasted: str, paragraphs: int) -> None:
    read = article_from_text(f"Ports\n\nThe sea was calm.\n\n{pasted}", published_at=NOW).paragraphs
    assert len(read) == 1 + paragraphs


WRAPPED = "The Council on Monday listed Umbrella, a firm of Zelkova that sold\nparts to the army of the north."


@pytest.mark.parametrize(
    ("pasted", "paragraphs"),
    [
        (f"Read more: The Council lists two mills and a harbour in the north\n{WRAPPED}", 1),
        (f"Read more:\nThe Council lists two mills and Umbrella in the north\n\nIt rained.\n\n{WRAPPED}", 2),
        (f"Related stories:\n\n- The Council lists two mills and Umbrella in all\n- Umbrella goes\n\n{WRAPPED}", 2),
        ("Related-party lending was the reason, the Council said as it listed Umbrella.", 1),
        ("See also:\n- Umbrella\n- Nordkai", 2),
    ],
    ids=["right above the text", "the link on its own line", "a list of links", "no pointer", "a list of names"],
)
def test_pointers_in_pasted_text_take_no_text_with_them(pasted: str, paragraphs: int) -> None:
    read = article_from_text(f"Ports\n\nThe sea was calm.\n\n{pasted}", published_at=NOW).paragraphs
    assert len(read) == 1 + paragraphs
    assert "Umbrella" in " ".join(read)
    assert "two mills" not in " ".join(read)


@pytest.mark.parametrize("mark", ["**a ", "__a ", "*a ", "***", "[a](https://a "])
def test_no_marks_of_markdown_make_reading_slow(mark: str) -> None:
    started = time.process_time()
    article_from_text(f"Ports\n\n{mark * 20_000}", published_at=NOW)
    assert time.process_time() - started < 3.0


def test_it_is_told_that_a_long_text_was_not_read_to_its_end() -> None:
    told = "longer than articles are: only its beginning was read"
    lines = [f"The bureau put firm {number} of the north on its list of that day." for number in range(2_000)]
    assert told in read(html_of(*lines)).full_text_note
    assert told not in read(html_of(*lines[:100])).full_text_note
    assert article_from_text("\n\n".join(lines), published_at=NOW).full_text_note == told
    assert article_from_text("\n\n".join(lines[:100]), published_at=NOW).full_text_note == ""


def test_paragraphs_are_cut_as_those_of_a_page() -> None:
    long, listed = "names " * MAX_PARAGRAPH, "- " + "x" * MAX_PARAGRAPH
    pasted = article_from_text(f"{long}\n\n{long}\n\n{listed}\n- y", published_at=NOW)
    recorded = article_from_text(long, title=long, summary="other" * MAX_PARAGRAPH, published_at=NOW)
    parts = (pasted.title, *pasted.paragraphs[:2], recorded.title, recorded.summary, *recorded.paragraphs)
    assert [len(part) for part in parts] == [MAX_PARAGRAPH] * 6
    assert pasted.paragraphs[2] == "• y"


def test_nothing_is_no_article() -> None:
    with pytest.raises(ArticleError, match="no text"):
        article_from_text(" \n\n ", published_at=NOW)


# ---------------------------------------------------------------- hostile

PIECES = [path.read_bytes() for path in sorted(DATA.glob("*.html"))]


@st.composite
def hostile(draw: st.DrawFn) -> bytes:
    body = draw(st.sampled_from(PIECES))
    for _ in range(draw(st.integers(0, 5))):
        start = draw(st.integers(0, len(body)))
        noise = draw(
            st.sampled_from([b"", b"<", b"</p>", b"<p><ul><table><tr>", b"&#x110000;", b"\x00", b"<![", b"<!--"])
            | st.binary(max_size=12)
        )
        body = body[:start] + noise + body[start + draw(st.integers(0, 60)) :]
    return body


@settings(max_examples=60, deadline=None)
@given(hostile() | st.binary(max_size=300), st.text(max_size=20))
def test_whatever_the_bytes_there_is_an_article(body: bytes, content_type: str) -> None:
    article = parse_article(ENTRY, SOURCE, page(body, content_type), "note")
    assert article.title == ENTRY.title
    assert all(text and text == text.strip() and "\n" not in text for text in article.paragraphs)


@pytest.mark.parametrize(
    "body",
    [
        "<div>" * 20_000 + "deep",
        "<p>" * 50_000,
        "<table><tr><td>" * 3_000,
        "<ul><li>" * 5_000 + "x",
        "<b><i>" * 10_000,
        "&amp;" * 200_000,
    ],
    ids=["divisions", "paragraphs", "tables", "lists", "formatting", "entities"],
)
def test_deeply_nested_pages_are_survived(body: str) -> None:
    assert read(f"<html><body>{body}</body></html>").title == ENTRY.title


@given(st.text(max_size=300))
@example("0\n\x08")
@settings(deadline=None)
def test_whatever_the_text_there_is_an_article_or_an_article_error(text: str) -> None:
    try:
        article = article_from_text(text, published_at=NOW)
    except ArticleError:
        assert not "".join(char for char in text if char.isalnum())
    else:
        assert all(paragraph.strip() for paragraph in article.paragraphs)
