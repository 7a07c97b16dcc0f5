"""Bytes of a source to entries: the ways in which feeds misbehave."""

import time
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.errors import FeedError
from bot.model import Entry, HttpAnswer, Source, SourceKind
from bot.sources import ParsedFeed, parse_entries
from bot.sources.kinds import _PARSERS
from bot.sources.parsed import MAX_ENTRIES, plain_paragraphs, plain_text, teaser_text
from bot.text.dates import parse_date

DATA = Path(__file__).parents[2] / "data" / "feeds"
NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
URL = "https://news.example.org/world/feed.xml"


def source(kind: SourceKind = SourceKind.FEED, **select: str) -> Source:
    return Source("k", "The Outlet", URL, kind=kind, select=select)


def parse(body: bytes, of: Source | None = None, headers: Mapping[str, str] | None = None) -> ParsedFeed:
    return parse_entries(of or source(), HttpAnswer(200, URL, headers or {"content-type": "text/xml"}, body), NOW)


def parse_file(name: str, of: Source | None = None) -> ParsedFeed:
    return parse((DATA / name).read_bytes(), of)


def rss(*items: str, head: str = "") -> bytes:
    channel = f"<channel><title>T</title>{head}{''.join(items)}</channel>"
    return f'<?xml version="1.0"?><rss version="2.0">{channel}</rss>'.encode()


def item(number: int, more: str = "") -> str:
    return f"<item><title>Story number {number}</title><link>https://e.org/{number}</link>{more}</item>"


# ---------------------------------------------------------------- well read


@pytest.fixture
def quirks() -> list[Entry]:
    return list(parse_file("quirks.rss").entries)


def test_an_entry_of_a_feed(quirks: list[Entry]) -> None:
    assert quirks[0] == Entry(
        source="k",
        guid="n-1",
        link="https://news.example.org/a/caspian?id=7",
        title="Treasury lists four firms over Caspian oil",
        summary="Four trading firms. One Two",
        published_at=datetime(2026, 11, 24, 6, 30, tzinfo=UTC),
        first_seen_at=NOW,
        outlet="The Outlet",
        language="en-GB",
        content="Four trading firms were listed.\n\nThe second paragraph.\n\nCaspian One FZE\n\nCaspian Two FZE",
    )


def test_title_and_language_of_a_feed() -> None:
    parsed = parse_file("quirks.rss")
    assert (parsed.title, parsed.language, parsed.total, parsed.trouble) == ("Example & Sons: World", "en-GB", 6, None)


@pytest.mark.parametrize(
    ("raw", "plain"),
    [
        ("Plain", "Plain"),
        ("<b>Bold</b>ly said", "Boldly said"),
        ('<a href="x>y">Link</a> text', "Link text"),
        ("AT&amp;T", "AT&T"),
        ("AT&amp;amp;T", "AT&T"),
        ("5 < 6 > 4", "5 < 6 > 4"),
        ("&lt;b&gt; is a tag", "<b> is a tag"),
        ("The <canvas> and the <Untitled> works", "The and the <Untitled> works"),
        ("One<br/>two<p>three</p>four", "One two three four"),
        ("Sber<wbr>bank, Газ<b>пром</b>", "Sberbank, Газпром"),
        ("zero\u200bwidth soft\u00adhyphen \u202eturned\u202c", "zerowidth softhyphen turned"),
        ("  many \n\t spaces\u00a0here ", "many spaces here"),
        ("seen<script>if (a<b) sanction()</script> here<style>p{}</style>", "seen here"),
        ("<![CDATA[what]]>", "what"),
        ("", ""),
        ("制裁<em>名单</em>", "制裁名单"),
    ],
)
def test_titles_are_plain_text(raw: str, plain: str) -> None:
    assert plain_text(raw, 200) == plain


def test_a_feeds_full_text_is_without_lines_that_point_at_another_story() -> None:
    markup = (
        "<p>The ministry listed two firms.</p><p>Read also: <a href='/x'>EU lists Umbrella</a></p>"
        "<p><a href='/y'>EU hits Umbrella Trading with sanctions over oil for the Russian army</a></p>"
        "<p>It said so.</p>"
    )
    assert plain_paragraphs(markup, 1_000) == "The ministry listed two firms.\n\nIt said so."


def test_long_texts_are_cut_at_a_word() -> None:
    assert plain_text("word " * 100, 22) == "word word word word…"


@pytest.mark.parametrize(
    ("number", "title", "link"),
    [
        (1, "Johnson & Co: why 5 < 6 and <Untitled> stays", "https://news.example.org/a/johnson"),
        (2, "A programme with invisible characters", "https://news.example.org/a/programme"),
        (3, "No headline, only a sentence about a shipping line.", "https://news.example.org/a/only-guid"),
        (4, "Neither headline nor link", ""),
        (5, "A link that is none", ""),
    ],
)
def test_entries_with_pieces_missing(quirks: list[Entry], number: int, title: str, link: str) -> None:
    assert (quirks[number].title, quirks[number].link) == (title, link)


def test_an_entry_without_title_link_and_text_is_dropped() -> None:
    assert parse(rss("<item><guid>x</guid></item>", item(1))).total == 1


def test_atom_takes_the_alternate_link_and_the_updated_date() -> None:
    (entry,) = parse_file("gov_uk.atom").entries
    assert entry.link == "https://www.gov.uk/government/news/uk-targets-shadow-fleet"
    assert entry.published_at == datetime(2026, 11, 24, 10, tzinfo=UTC)
    assert entry.title == "Press release: UK targets shadow fleet"


def test_an_aggregator_names_the_publisher() -> None:
    first, second = parse_file("google_news.rss").entries
    assert (first.outlet, first.title, first.summary) == ("Harbour Gazette", "EU lists two port operators", "")
    assert (second.outlet, second.title) == ("The Ledger", "Rates - what comes next")


def test_entries_that_share_one_link_get_links_of_their_own() -> None:
    links = [entry.link for entry in parse_file("one_link.rss").entries]
    assert len(set(links)) == 3
    assert links[0].startswith("https://lists.example.eu/file.xml#:~:text=Consolidated%20list%20updated%20on%2023")
    assert links[2] == "https://lists.example.eu/other"


def test_relative_links_go_by_the_final_address() -> None:
    answer = HttpAnswer(
        200, "https://new.example.org/feeds/all", {}, rss("<item><title>T</title><link>../a/1</link></item>")
    )
    assert parse_entries(source(), answer, NOW).entries[0].link == "https://new.example.org/a/1"


def test_settings_language_comes_before_the_feeds() -> None:
    parsed = parse_entries(
        Source("k", "T", URL, language="ru"),
        HttpAnswer(200, URL, {}, rss(item(1), head="<language>en-us</language>")),
        NOW,
    )
    assert parsed.entries[0].language == "ru"


def test_json_feed_under_either_kind() -> None:
    for kind in (SourceKind.JSON_FEED, SourceKind.FEED):
        parsed = parse_file("feed.json", source(kind))
        first, second = parsed.entries
        assert (first.guid, first.link, first.language) == ("17", "https://news.example.org/a/17", "de")
        assert first.published_at == datetime(2026, 11, 24, 7, tzinfo=UTC)
        assert first.content == "Erster Absatz.\n\nZweiter Absatz."
        assert (second.title, second.link) == ("Ohne Titel, nur Text.", "https://else.example/18")
        assert parsed.title == "JSON & friends"


# ---------------------------------------------------------------- pages of links


def test_a_page_of_links_by_one_selector() -> None:
    parsed = parse_file("recent_actions.html", source(SourceKind.HTML_INDEX, item="a[href*='/recent-actions/2']"))
    assert [(entry.title, entry.link.rpartition("/")[2], entry.published_at) for entry in parsed.entries] == [
        (
            "Counter Terrorism Designations; Issuance of a General License",
            "20261123",
            datetime(2026, 11, 23, tzinfo=UTC),  # written below the link
        ),
        ("Counter Terrorism Designations", "20261120_33", datetime(2026, 11, 20, 15, tzinfo=UTC)),  # its <time>
        ("Iran-related Designations", "20261119", datetime(2026, 11, 19, tzinfo=UTC)),  # only in the address
    ]


def test_a_table_of_links_by_several_selectors() -> None:
    parsed = parse_file(
        "press_table.html", source(SourceKind.HTML_INDEX, item="tr", title=".t", date=".date", summary=".s")
    )
    first, second = parsed.entries
    assert (first.title, first.summary) == ("Minister lists three banks", "They served a defence firm.")
    assert first.published_at == datetime(2026, 11, 24, tzinfo=UTC)
    assert second.link == "https://news.example.org/world/news/2"
    assert second.published_at == datetime(2025, 12, 3, tzinfo=UTC)


@pytest.mark.parametrize(
    ("selector", "file", "told"),
    [
        ("div.gone", "recent_actions.html", "layout has changed"),
        ("a[[", "recent_actions.html", "selector"),
        ("a", "challenge.html", "browser check"),
    ],
)
def test_a_page_of_links_that_cannot_be_read(selector: str, file: str, told: str) -> None:
    with pytest.raises(FeedError, match=told):
        parse_file(file, source(SourceKind.HTML_INDEX, item=selector))


# ---------------------------------------------------------------- dates


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Tue, 24 Nov 2026 09:30:00 GMT", datetime(2026, 11, 24, 9, 30, tzinfo=UTC)),
        ("Tue, 24 Nov 2026 09:30:00 EST", datetime(2026, 11, 24, 14, 30, tzinfo=UTC)),
        ("Tue, 24 Nov 2026 09:30:00 MSK", datetime(2026, 11, 24, 6, 30, tzinfo=UTC)),
        ("Fri, 28 Aug 2026 09:30 BST", datetime(2026, 8, 28, 8, 30, tzinfo=UTC)),
        ("November 24, 2026 5:00 PM", datetime(2026, 11, 24, 17, tzinfo=UTC)),
        ("2026-11-24T09:30:00+03:00", datetime(2026, 11, 24, 6, 30, tzinfo=UTC)),
        ("2026-11-24T09:30:00", datetime(2026, 11, 24, 9, 30, tzinfo=UTC)),
        ("2026-11-24", datetime(2026, 11, 24, tzinfo=UTC)),
        ("Fri, 28 Aug 2026", datetime(2026, 8, 28, tzinfo=UTC)),
        ("1795516200", datetime(2026, 11, 24, 10, 30, tzinfo=UTC)),
        ("1795516200123", datetime(2026, 11, 24, 10, 30, tzinfo=UTC)),
        ("24 ноября 2026 г.", datetime(2026, 11, 24, tzinfo=UTC)),
        ("mardi 24 novembre 2026", datetime(2026, 11, 24, tzinfo=UTC)),
        ("2026年11月24日", datetime(2026, 11, 24, tzinfo=UTC)),
        ("November 24th, 2026", datetime(2026, 11, 24, tzinfo=UTC)),
        ("", None),
        ("yesterday or so", None),
        ("2 hours ago", None),
        ("0001-01-01T00:00:00", None),
        ("Mon, 01 Jan 0001 00:00:00 GMT", None),
        ("Tue Nov 24 2026 09:30:00 GMT+0300 (Moscow Standard Time)", datetime(2026, 11, 24, 6, 30, tzinfo=UTC)),
        ("Tue, 24 Nov 2026 09:30:00 ET", datetime(2026, 11, 24, 14, 30, tzinfo=UTC)),
        ("99999999999999999999", None),
        ("Tue, 99 Nov 2026 99:99:99 +9999", None),
    ],
)
def test_dates(text: str, expected: datetime | None) -> None:
    assert parse_date(text) == expected


def test_the_name_of_a_month_tells_the_language_better_than_the_page() -> None:
    assert parse_date("24 ноября 2026", "en-US") == datetime(2026, 11, 24, tzinfo=UTC)


def test_a_feeds_zones_have_names() -> None:
    (entry,) = parse(rss(item(1, "<pubDate>Tue, 24 Nov 2026 09:30:00 MSK</pubDate>"))).entries
    assert entry.published_at == datetime(2026, 11, 24, 6, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026/11/24 09:30", datetime(2026, 11, 24, 9, 30, tzinfo=UTC)),
        ("2026.11.24", datetime(2026, 11, 24, tzinfo=UTC)),
        ("2026年11月24日", datetime(2026, 11, 24, tzinfo=UTC)),
        ("1795516200", datetime(2026, 11, 24, 10, 30, tzinfo=UTC)),
        ("03/10/2026", None),
    ],
)
def test_the_date_of_an_entry_however_it_is_written(text: str, expected: datetime | None) -> None:
    """feedparser takes some of them for the first of the month, and all that is new would count as old."""
    (entry,) = parse(rss(item(1, f"<pubDate>{text}</pubDate>"))).entries
    assert entry.published_at == expected


def test_an_entry_is_never_dropped_for_its_date() -> None:
    (entry,) = parse(rss(item(1, "<pubDate>sometime</pubDate>"))).entries
    assert (entry.published_at, entry.effective_at) == (None, NOW)


def test_a_date_in_the_future_counts_as_now() -> None:
    (entry,) = parse(rss(item(1, "<pubDate>Fri, 24 Nov 2034 09:30:00 GMT</pubDate>"))).entries
    assert entry.effective_at == NOW


# ---------------------------------------------------------------- encodings

TITLE = "Минфин США внёс в санкционный список три компании"


@pytest.mark.parametrize(
    ("declared", "used", "content_type"),
    [
        ("windows-1251", "windows-1251", "text/xml"),
        ("windows-1251", "windows-1251", "application/rss+xml; charset=utf-8"),
        ("utf-8", "windows-1251", "text/xml; charset=windows-1251"),
        ("koi8-r", "koi8-r", "text/xml; charset=us-ascii"),
        ("windows-1251", "utf-8", "text/xml"),
        ("utf-16", "utf-16", "text/xml"),
    ],
)
def test_feeds_in_other_encodings(declared: str, used: str, content_type: str) -> None:
    channel = f"<channel>{item(1).replace('Story', TITLE)}</channel>"
    body = f'<?xml version="1.0" encoding="{declared}"?><rss version="2.0">{channel}</rss>'
    parsed = parse(body.encode(used), headers={"content-type": content_type})
    assert parsed.entries[0].title == f"{TITLE} number 1"
    assert parsed.trouble is None


# ---------------------------------------------------------------- broken


def test_broken_xml_with_entries_is_read_and_told() -> None:
    parsed = parse_file("broken.rss")
    assert [entry.title for entry in parsed.entries] == ["Smith & Wesson & the embargo", "The second one"]
    assert parsed.trouble is not None
    assert "XML is broken" in parsed.trouble


def test_the_same_breakage_is_told_in_the_same_words_wherever_it_stands() -> None:
    """Else it is new trouble at every poll."""
    one, two = parse(rss(item(1, "<a>A & B</a>"))), parse(rss(item(2) + item(1, "<a>A & B</a>")))
    assert one.trouble == two.trouble == "the XML is broken, read as far as possible: not well-formed (invalid token)"


@pytest.mark.parametrize("cut", ["number 3", "/3</link>", "text 3"])
def test_an_entry_in_whose_midst_the_body_breaks_off_waits(cut: str) -> None:
    """Its headline alone would stand for the story, which is then never read."""
    body = rss(*(item(n, f"<description><![CDATA[text {n}]]></description>") for n in (1, 2, 3)))
    body = body[: body.index(cut.encode()) + 2]
    assert [entry.title for entry in parse(body).entries] == ["Story number 1", "Story number 2"]


def test_a_teaser_is_without_lines_that_point_at_another_story() -> None:
    teaser = "&lt;p&gt;The EU lists A.&lt;/p&gt;&lt;p&gt;Read more: &lt;a href='x'&gt;UK lists B&lt;/a&gt;&lt;/p&gt;"
    own = f"&lt;a href='x'&gt;{'A teaser that is a link to its own story. ' * 3}&lt;/a&gt;"
    one, two = parse(
        rss(*(item(n, f"<description>{text}</description>") for n, text in ((1, teaser), (2, own))))
    ).entries
    assert one.summary == "The EU lists A."
    assert two.summary.startswith("A teaser that")


@pytest.mark.parametrize("part", ["<div><a>", "<p>Read more: <a>x</a></p>", "<b>Read more: <a>"])
def test_no_teaser_makes_reading_slow(part: str) -> None:
    started = time.process_time()
    teaser_text(part * 20_000)
    assert time.process_time() - started < 3.0


def test_a_body_that_breaks_off_is_read_as_far_as_it_goes() -> None:
    whole = rss(*(item(number) for number in range(20)))
    parsed = parse(whole[: len(whole) // 2])
    assert 5 <= parsed.total < 20


@pytest.mark.parametrize(
    ("body", "told"),
    [
        (b"", "an empty body"),
        (b"  \n ", "blank bytes"),
        (b"hello there", "11 bytes: “hello there”"),
        ((DATA / "home.html").read_bytes(), "an HTML page titled “Ministry of Foreign Affairs”"),
        (b"<html><title>The bank&#x27;s &amp; ours</title>" + b" " * 99, "titled “The bank's & ours”"),
        ((DATA / "challenge.html").read_bytes(), "a browser check"),
        (b'{"error": "slow down", "code": 429, "more": "' + b"x" * 100 + b'"}', "JSON"),
        (b"Please limit requests to one every 5 seconds. " * 4, "bytes that begin: “Please limit"),
        (
            b'<?xml version="1.0"?><urlset><url><loc>https://e.org</loc></url></urlset>' + b" " * 50,
            "other or broken XML",
        ),
        (b"%PDF-1.7 " + b"x" * 100, "a PDF"),
        (b'<?xml version="1.0"?><rss version="2.0"><channel><title>x</ti', "no|broken"),
        (b"\x89PNG\r\n\x1a\n" + bytes(range(256)), "no feed but"),
    ],
    ids=[
        "empty",
        "blank",
        "11 bytes",
        "HTML",
        "a title with entities",
        "challenge",
        "JSON",
        "plain text",
        "a sitemap",
        "PDF",
        "a stump",
        "an image",
    ],
)
def test_what_is_no_feed_is_told_in_plain_words(body: bytes, told: str) -> None:
    with pytest.raises(FeedError, match=told):
        parse(body)


def test_an_empty_feed_is_a_feed() -> None:
    assert parse(rss()).entries == ()


def test_entity_bombs_do_not_go_off() -> None:
    levels = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 12))
    document = rss(item(1, "<description>&l11;</description>")).decode()[21:]
    body = f'<?xml version="1.0"?><!DOCTYPE r [<!ENTITY l0 "ha">{levels}]>{document}'
    parsed = parse(body.encode())
    assert parsed.total == 1
    assert len(parsed.entries[0].summary) < 10_000


def test_files_of_the_machine_are_not_read_through_entities() -> None:
    body = (
        b'<?xml version="1.0"?><!DOCTYPE r [<!ENTITY x SYSTEM "file:///etc/hostname">]>'
        + rss(item(1, "<description>[&x;]</description>"))[21:]
    )
    assert parse(body).entries[0].summary in ("", "[]", "[&x;]")


def test_a_body_that_looks_like_a_path_is_not_opened() -> None:
    with pytest.raises(FeedError):
        parse(str(DATA / "quirks.rss").encode())


def test_only_the_newest_are_kept_in_the_feeds_order() -> None:
    start = datetime(2026, 1, 1, tzinfo=UTC)
    items = [
        item(number, f"<pubDate>{(start + timedelta(hours=number)):%a, %d %b %Y %H:%M:%S} GMT</pubDate>")
        for number in range(MAX_ENTRIES + 100)
    ]
    parsed = parse(rss(*items))
    assert (parsed.total, len(parsed.entries)) == (MAX_ENTRIES + 100, MAX_ENTRIES)
    assert [entry.title for entry in parsed.entries] == [f"Story number {n}" for n in range(100, MAX_ENTRIES + 100)]


# ---------------------------------------------------------------- hostile

PIECES = [path.read_bytes() for path in sorted(DATA.iterdir())]
KINDS = [
    source(),
    source(SourceKind.JSON_FEED),
    source(SourceKind.HTML_INDEX, item="a"),
    source(SourceKind.HTML_INDEX, item="li, tr"),
]


def test_every_kind_of_source_has_a_parser_and_is_read_from_hostile_bytes() -> None:
    assert set(_PARSERS) == set(SourceKind), "bot/sources/kinds.py"
    assert {of.kind for of in KINDS} == set(SourceKind), "KINDS, above"


@st.composite
def hostile(draw: st.DrawFn) -> bytes:
    """A real body, with pieces cut out, turned round or replaced by noise."""
    body = draw(st.sampled_from(PIECES))
    for _ in range(draw(st.integers(0, 6))):
        start = draw(st.integers(0, len(body)))
        end = draw(st.integers(start, min(len(body), start + 40)))
        body = (
            body[:start]
            + draw(
                st.sampled_from([b"", b"<", b"&#xFFFFFFF;", b"]]>", b"<!DOCTYPE \\", b"\x00", b"<!["])
                | st.binary(max_size=12)
            )
            + body[end:]
        )
    return body


@settings(max_examples=150, deadline=None)
@given(hostile() | st.binary(max_size=300), st.sampled_from(KINDS), st.text(max_size=20))
def test_whatever_the_bytes_it_is_a_feed_or_a_feed_error(body: bytes, of: Source, content_type: str) -> None:
    try:
        entries = parse(body, of, {"content-type": content_type, "content-location": content_type}).entries
    except FeedError:
        return
    assert all(entry.title or entry.link for entry in entries)
