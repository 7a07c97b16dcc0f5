"""Rendering: whatever a Message holds, each platform takes it, and nothing that matters is lost."""

from __future__ import annotations

import html
import re
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.model import Action, Fact, Link, Message, Quote, Severity
from bot.rendering import (
    highlighted,
    render_plain,
    render_slack,
    render_telegram,
    safe_url,
    shorten,
    tidy,
)
from bot.rendering.plain import render_defanged
from bot.rendering.slack import MAX_CHARACTERS, MAX_TEXT, count_characters
from bot.rendering.telegram import MAX_UNITS, SHORT_UNITS
from bot.rendering.text import defang, shorten_list, tidy_lines
from tests.fakes.slack_server import find_problem
from tests.fakes.telegram_server import count_units, found_entities, parse_html

AT = datetime(2026, 11, 22, 23, 20, tzinfo=UTC)
ALERT = Message(
    title="Dandong Zhicheng — new US sanctions (North Korea)",
    severity=Severity.HIGH,
    at=AT,
    subtitle="US · North Korea",
    facts=(Fact("Tracked", "Dandong Zhicheng Metallic Material Co."),),
    bullets=("OFAC put the company on the SDN list", "It is said to have traded coal"),
    quotes=(Quote("OFAC designated Dandong Zhicheng on Tuesday.", "US Treasury", ("Dandong Zhicheng",)),),
    sources=(Link("Reuters", "https://example.org/a"), Link("US Treasury", "https://example.com/b?x=1&y=2")),
    footer="Now 2 sources.",
    actions=(Action("Details", data="why 3f2a"), Action("Open article", url="https://example.org/a")),
)


# ---------------------------------------------------------------- text


def test_a_name_that_ends_with_a_stop_ends_a_sentence_with_one() -> None:
    message = Message(
        "T", paragraphs=("Told of Hengli Co., Ltd.. More ... and so on...",), footer="Not Hengli Co.. Undo"
    )
    told = render_plain(message)
    assert "Told of Hengli Co., Ltd. More ... and so on..." in told
    assert "Not Hengli Co. Undo" in told


@pytest.mark.parametrize(
    ("text", "limit", "cut"),
    [
        ("short enough", 12, "short enough"),
        ("cut between words here", 15, "cut between…"),
        ("cut between words here", 12, "cut between…"),
        ("trailing comma, and more", 16, "trailing comma…"),
        ("对丹东至诚实施制裁并冻结其资产", 8, "对丹东至诚实施…"),
        ("family 👨‍👩‍👧 emoji stays whole", 10, "family…"),
        ("aaaaaaaa\u0301b", 9, "aaaaaaa…"),
        ("anything", 0, ""),
    ],
)
def test_a_text_is_cut_between_words_or_whole_characters(text: str, limit: int, cut: str) -> None:
    assert shorten(text, limit) == cut


@given(st.text(), st.integers(1, 60))
def test_a_cut_text_is_a_beginning_of_it_and_short_enough(text: str, limit: int) -> None:
    cut = shorten(text, limit)
    assert len(cut) <= max(limit, len("…"))
    assert cut == text or (cut.endswith("…") and text.startswith(cut[:-1]))


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("two\n lines\tand  blanks ", "two lines and blanks"),
        ("a\x1b[31mred\x07 alarm", "a[31mred alarm"),
        ("Acme \u202ecte\u202c Ltd", "Acme cte Ltd"),
        ("soft\u200bware \ufeffx", "software x"),
        ("Acme \u061cLtd", "Acme Ltd"),
        ("A" + "\u0301\u0316" * 50 + "cme Hà Nội", "A\u0301\u0316\u0301\u0316cme Hà Nội"),
        ("Ha\u0300 No\u0323\u0302i", "Ha\u0300 No\u0323\u0302i"),
        ("\u200b\u2060 \n", ""),
        ("join\u2060ed, but /\u2060start and @\u2060all", "joined, but /\u2060start and @\u2060all"),
        ("نام\u200cنامه", "نام\u200cنامه"),
        ("lone \ud83d surrogate", "lone surrogate"),
    ],
)
def test_what_cannot_be_seen_is_taken_out(text: str, shown: str) -> None:
    assert tidy(text) == shown


def test_line_breaks_stay_in_paragraphs() -> None:
    assert tidy_lines("one\r\ntwo\u2028three\n\n\n\nfour ") == "one\ntwo\nthree\n\nfour"


@pytest.mark.parametrize(
    "url",
    [
        "", "javascript:alert(1)", "data:text/html,x", "ftp://example.org/a", "//example.org/a", "example.org",
        "https://", "http://[", "https://example.org:99999/", "https://exa mple.org/", 'https://example.org/"onclick=x',
        "https://example.org/<b>", "https://good.example@evil.example/", "https://example.org/\u202ea", "tg://user?id=1",
        "https://example.org/\u2060a",
        "https://example.org/" + "a" * 3_000,
    ],
)  # fmt: skip
def test_an_address_that_is_not_plainly_http_is_no_link(url: str) -> None:
    assert safe_url(url) == ""


@pytest.mark.parametrize(
    "url", ["https://example.org", "http://127.0.0.1:8000/a?b=1&c=2#d", "HTTPS://münchen.example/ä", " https://a.org/ "]
)
def test_an_http_address_is_a_link_as_it_is(url: str) -> None:
    assert safe_url(url) == url.strip()


@pytest.mark.parametrize(
    ("text", "highlights", "marked"),
    [
        ("Gefest-M sued Gefest.", ("Gefest", "Gefest-M"), ["Gefest-M", "Gefest"]),
        ("He said that SAID was listed.", ("SAID",), ["SAID"]),
        ("unsaid", ("said",), []),
        ("丹东至诚被制裁", ("至诚",), ["至诚"]),
        ("a (b) c", ("(b)", " ", ""), ["(b)"]),
    ],
)
def test_highlights_are_whole_words_the_longest_first(
    text: str, highlights: tuple[str, ...], marked: list[str]
) -> None:
    pieces = highlighted(text, highlights)
    assert "".join(piece.text for piece in pieces) == text
    assert [piece.text for piece in pieces if piece.is_marked] == marked


@pytest.mark.parametrize(
    ("text", "harmless"),
    [
        ("ask @channel", "ask @\u2060channel"),
        ("mail a@b.org", "mail a@b.org"),
        ("x@everyone, мир@here", "x@\u2060everyone, мир@\u2060here"),
        ("mail all@here.com", "mail all@here.com"),
        ("send /start now", "send /\u2060start now"),
        ("<!channel> <@&7> <b>", "<\u2060!channel> <\u2060@&7> <b>"),
        ("and/or 24/7 https://a.org/b", "and/or 24/7 https://a.org/b"),
    ],
)
def test_mentions_and_commands_become_words(text: str, harmless: str) -> None:
    assert defang(text) == harmless


# ---------------------------------------------------------------- the alert as it is read


def test_the_alert_on_telegram() -> None:
    assert render_telegram(ALERT).html == (
        "🔴 <b>Dandong Zhicheng — new US sanctions (North Korea)</b>\n"
        "<i>High · US · North Korea</i> · "
        '<tg-time unix="1795389600" format="Dt">22 Nov 2026, 23:20 UTC</tg-time>\n\n'
        "<b>Tracked:</b> Dandong Zhicheng Metallic Material Co.\n\n"
        "• OFAC put the company on the SDN list\n"
        "• It is said to have traded coal\n\n"
        "<blockquote expandable>“OFAC designated <b>Dandong Zhicheng</b> on Tuesday.” — US Treasury</blockquote>\n"
        '<b>Sources (2):</b> <a href="https://example.org/a">Reuters</a> · '
        '<a href="https://example.com/b?x=1&amp;y=2">US Treasury</a>\n'
        "<i>Now 2 sources.</i>"
    )
    assert render_telegram(ALERT).keyboard == (ALERT.actions,)


def test_a_chats_own_zone_is_the_one_of_all_its_times_and_no_readers() -> None:
    alert, told = replace(ALERT, zone="Europe/Berlin", at_is="seen"), "seen 23 Nov 2026, 00:20 Europe/Berlin"
    assert f"· {told}\n" in render_telegram(alert).html
    assert [element["text"] for element in render_slack(alert).blocks[1]["elements"]][-1] == told
    assert told in render_plain(alert)


def test_the_alert_in_plain_text() -> None:
    assert render_plain(ALERT) == (
        "🔴 Dandong Zhicheng — new US sanctions (North Korea)\n"
        "High · US · North Korea · 22 Nov 2026, 23:20 UTC\n\n"
        "Tracked: Dandong Zhicheng Metallic Material Co.\n\n"
        "• OFAC put the company on the SDN list\n"
        "• It is said to have traded coal\n\n"
        "“OFAC designated Dandong Zhicheng on Tuesday.” — US Treasury\n\n"
        "Sources (2):\n"
        "  Reuters  https://example.org/a\n"
        "  US Treasury  https://example.com/b?x=1&y=2\n"
        "Now 2 sources."
    )


def test_the_alert_on_slack() -> None:
    message = render_slack(ALERT)
    assert message.text == (
        "Dandong Zhicheng — new US sanctions (North Korea). Severity high. US · North Korea. "
        "Tracked: Dandong Zhicheng Metallic Material Co. OFAC put the company on the SDN list; It is said to have "
        "traded coal. “OFAC designated Dandong Zhicheng on Tuesday.” — US Treasury. Sources: Reuters, US Treasury. "
        "Now 2 sources."
    )
    header, context, facts, bullets, quote, sources, actions = message.blocks
    assert header == {"type": "header", "text": {"type": "plain_text", "text": ALERT.title, "emoji": False}}
    assert [element["text"] for element in context["elements"]] == [
        "🔴 *High*",
        "US · North Korea",
        "<!date^1795389600^{date_short_pretty} {time}|22 Nov 2026, 23:20 UTC>",
    ]
    assert facts["elements"][0]["elements"][0] == {"type": "text", "text": "Tracked: ", "style": {"bold": True}}
    assert bullets["elements"][0]["style"] == "bullet"
    assert quote["elements"][0]["elements"][2] == {"type": "text", "text": "Dandong Zhicheng", "style": {"bold": True}}
    assert sources["elements"][0]["elements"][1] == {"type": "link", "url": "https://example.org/a", "text": "Reuters"}
    assert actions["elements"][0]["value"] == "why 3f2a"
    assert actions["elements"][1]["url"] == "https://example.org/a"


def test_a_withdrawn_alert_is_struck_through_and_says_so() -> None:
    withdrawn = replace(ALERT, withdrawn=True)
    assert "<b>Withdrawn — </b><s>Dandong Zhicheng" in render_telegram(withdrawn).html
    assert "• <s>OFAC put the company on the SDN list</s>" in render_telegram(withdrawn).html
    assert render_plain(withdrawn).startswith("Withdrawn — Dandong")
    slack = render_slack(withdrawn)
    assert slack.text.startswith("Withdrawn — Dandong")
    assert slack.blocks[0]["text"]["text"].startswith("Withdrawn — Dandong")
    assert '"strike": True' in str(slack.blocks).replace("'", '"')


@pytest.mark.parametrize("severity", Severity)
def test_severity_is_a_colour_and_a_word(severity: Severity) -> None:
    message = replace(ALERT, severity=severity)
    for text in (render_telegram(message).shown, render_plain(message)):
        assert text[0] in "🔴🟠🟡"
        assert severity.capitalize() in text


def test_a_reply_without_severity_has_no_alarm_and_keeps_its_commands() -> None:
    told = "Send /unsubscribe to end it.\nOr press a button."
    reply = Message("Subscribed", paragraphs=(told,), has_commands=True)
    assert render_telegram(reply).html == "<b>Subscribed</b>\n\nSend /unsubscribe to end it.\nOr press a button."
    assert [block["type"] for block in render_slack(reply).blocks] == ["rich_text", "rich_text"]


@pytest.mark.parametrize("is_reply", [False, True])
def test_only_a_replys_own_words_offer_commands_to_tap(is_reply: bool) -> None:
    name = "Shares of /leave"
    notice = Message(name, subtitle=name, bullets=(name,), footer=name, has_commands=is_reply)
    foreign = replace(notice, quotes=(Quote("She said /mutes all", "The /mutes"),), sources=(Link("/mutes", ""),))
    for text in (render_telegram(foreign).shown, render_telegram(foreign).plain):
        assert ("/leave" in text) is is_reply
        assert "/mutes" not in text


def test_an_address_works_where_telegram_refuses_our_markup() -> None:
    linked = Message("Named", sources=(Link("Blog", "https://blog.example/@desk/named"),))
    assert "https://blog.example/@desk/named" in render_telegram(linked).plain


# ---------------------------------------------------------------- cutting


def test_a_short_alert_beats_a_complete_one_but_keeps_every_bullet() -> None:
    quotes = tuple(Quote(f"Sentence {number} " + "on the matter " * 18 + "ends.", "Wire") for number in range(4))
    sources = tuple(Link(f"Outlet {number}", f"https://example.org/{number}") for number in range(12))
    text = render_telegram(replace(ALERT, quotes=quotes, sources=sources)).shown
    assert count_units(text) <= SHORT_UNITS
    assert "and 3 more quotes" in text
    assert "Sources (12):" in text
    assert "It is said to have traded coal" in text
    assert text.count("Sentence") == 1


def test_what_does_not_fit_is_left_out_whole_and_counted() -> None:
    bullets = tuple(f"Entity number {number} with a long name, a Limited Liability Company" for number in range(400))
    reply = Message("Watchlist", bullets=bullets)
    for text in (render_telegram(reply).shown, "\n".join(_slack_texts(render_slack(reply).blocks))):
        shown = re.findall(r"Entity number \d+ with a long name, a Limited Liability Company", text)
        counted = re.search(r"and (\d+) more", text)
        assert counted is not None
        assert len(shown) > 40
        assert len(shown) + int(counted[1]) == 400
        assert len(re.findall(r"Entity", text)) == len(shown)


def test_a_bullets_article_stands_behind_it_as_a_link() -> None:
    good, bad = "https://example.org/a?b=1&c=2", "javascript:alert(1)"
    message = Message("T", bullets=("", "First", "Second", "Third"), bullet_urls=(bad, good, bad))
    assert '• First · <a href="https://example.org/a?b=1&amp;c=2">article</a>\n• Second\n• Third' in (
        render_telegram(message).html
    )
    (listed,) = [block for block in render_slack(message).blocks if "rich_text_list" in str(block)]
    first, second, _ = listed["elements"][0]["elements"]
    assert first["elements"][-1] == {"type": "link", "url": good, "text": "article"}
    assert [run["text"] for run in second["elements"]] == ["Second"]
    assert f"• First  {good}\n• Second\n• Third" in render_plain(message)


def test_bullets_that_a_quote_stood_for_do_not_move_the_links() -> None:
    quote = Quote("“" + "long " * 900, points=("A point",))
    message = Message("T", severity=Severity.LOW, bullets=("First",), bullet_urls=("https://example.org/a",))
    told = render_plain(replace(message, quotes=(quote, quote)), limit=1_200)
    assert "• A point\n• First  https://example.org/a" in told


@pytest.mark.parametrize("address", ["https://news.example/" + "x" * length for length in (200, 1_900)])
def test_no_bullet_goes_for_the_sake_of_links(address: str) -> None:
    bullets = tuple(f"High: company {number} of Volga — new US sanctions · Wire, 23:05 UTC" for number in range(20))
    message = Message("T", bullets=bullets, bullet_urls=tuple(f"{address}{number}" for number in range(20)))
    telegram, slack = render_telegram(message), str(render_slack(message).blocks)
    mail = render_defanged(message, 8_000)
    for text in (telegram.html, telegram.plain, slack, mail, render_plain(message)):
        assert all(f"company {number} of" in text for number in range(20))
        assert "more" not in text
    assert telegram.html.count("<a href=") == 20
    assert f"{address}2'" in slack, "of the first there are as many as there is room for"


def test_of_many_bullets_the_first_keep_their_links() -> None:
    bullets = tuple(f"High: company {number} of Volga — {'new ' * 20}US sanctions · Wire" for number in range(80))
    urls = tuple(f"https://news.example/{'x' * 100}/{number}" for number in range(80))
    bare, linked = (str(render_slack(Message("T", bullets=bullets, bullet_urls=given)).blocks) for given in ((), urls))
    assert linked.count("'link'") == 20
    assert linked.count("of Volga") > 0.7 * bare.count("of Volga")


def test_one_more_is_singular() -> None:
    quotes = (Quote("A sentence " * 70), Quote("Another one " * 70))
    assert "and 1 more quote\n" in render_telegram(replace(ALERT, quotes=quotes)).shown


def test_a_listing_is_cut_to_what_telegram_marks_up() -> None:
    reply = Message("Sources", facts=tuple(Fact(f"Feed {number}", "ok") for number in range(300)))
    text, entities = parse_html(render_telegram(reply).html)
    assert len(entities) <= 100
    assert "more" in text


def test_buttons_that_could_not_work_are_left_out() -> None:
    actions = (
        Action("Fits", data="x" * 64),
        Action("Too long", data="é" * 33),
        Action("Nothing"),
        Action("", data="no label"),
        Action("Script", url="javascript:alert(1)"),
    )
    message = replace(ALERT, actions=actions)
    assert [button.label for row in render_telegram(message).keyboard for button in row] == ["Fits"]
    assert [button["text"]["text"] for button in render_slack(message).blocks[-1]["elements"]] == ["Fits"]


# ---------------------------------------------------------------- whatever it holds

HOSTILE = [
    "<b>bold</b>", "</blockquote>", "a < b & c > d", "&lt;script&gt;", "&amp;amp;", "&nbsp;", '"quoted"', "<!channel>",
    "<@U123>", "<https://evil.example|bank>", "@channel", "@durov_official", "/start now", "*bold* _it_ ~s~ `code`",
    "\u202egnirts", "\x00\x1b[2J", "👨‍👩‍👧 🇰🇵", "对丹东至诚实施制裁", "عقوبات جديدة", "\u200b", "\n\n\n",
    "$USD #tag example.com", "\ud83d half",     "ﷺ" * 40, "x" * 5_000, "word " * 1_500, "&" * 3_000, "🔴" * 3_000,
]  # fmt: skip
texts = st.one_of(st.sampled_from(HOSTILE), st.text(max_size=60))
long_texts = st.one_of(texts, st.lists(texts, max_size=12).map(" ".join))
urls = st.one_of(
    st.sampled_from(
        ["https://example.org/a?b=1&c=2", "https://example.org/'x'", "javascript:x", "", "https://a.org/)"]
    ),
    st.text(max_size=20).map(lambda path: f"https://example.org/{path}"),
)
messages = st.builds(
    Message,
    title=long_texts,
    severity=st.sampled_from([None, *Severity]),
    at=st.one_of(st.none(), st.datetimes(timezones=st.just(UTC))),
    subtitle=texts,
    paragraphs=st.lists(long_texts, max_size=4).map(tuple),
    facts=st.lists(st.builds(Fact, texts, long_texts), max_size=60).map(tuple),
    bullets=st.lists(long_texts, max_size=60).map(tuple),
    bullet_urls=st.lists(urls, max_size=60).map(tuple),
    quotes=st.lists(st.builds(Quote, long_texts, texts, st.lists(texts, max_size=3).map(tuple)), max_size=6).map(tuple),
    sources=st.lists(st.builds(Link, texts, urls), max_size=60).map(tuple),
    footer=texts,
    actions=st.lists(st.builds(Action, texts, texts, urls), max_size=12).map(tuple),
    withdrawn=st.booleans(),
)


def _slack_texts(value: object) -> list[str]:
    if isinstance(value, dict):
        return [text for item in value.values() for text in _slack_texts(item)]
    if isinstance(value, list | tuple):
        return [text for item in value for text in _slack_texts(item)]
    return [value] if isinstance(value, str) else []


@settings(max_examples=150, deadline=None)
@given(messages)
def test_telegram_takes_any_message(message: Message) -> None:
    rendered = render_telegram(message)
    text, entities = parse_html(rendered.html)  # Telegram's own parser raises on bad markup
    assert text == rendered.shown
    assert 1 <= count_units(text.strip()) <= count_units(text) <= MAX_UNITS
    assert len(entities) <= 100
    assert 1 <= count_units(rendered.plain) <= MAX_UNITS
    for row in rendered.keyboard:
        for button in row:
            assert button.url.startswith("http") or 1 <= len(button.data.encode()) <= 64
    links = [entity["type"]["url"] for entity in entities if entity["type"]["@type"] == "textEntityTypeTextUrl"]
    assert all(link.startswith(("http://", "https://")) for link in links)


@settings(max_examples=100, deadline=None)
@given(messages)
def test_an_alert_mentions_nobody_and_offers_no_command(message: Message) -> None:
    rendered = render_telegram(replace(message, severity=Severity.HIGH))
    for text in (rendered.shown, rendered.plain):
        assert not {"Mention", "BotCommand"} & set(found_entities(text))


@settings(max_examples=150, deadline=None)
@given(messages)
def test_slack_takes_any_message(message: Message) -> None:
    rendered = render_slack(message)
    assert find_problem({"text": rendered.text, "blocks": list(rendered.blocks)}) == ""
    assert 1 <= len(rendered.text) <= MAX_TEXT
    assert count_characters(rendered.blocks) <= MAX_CHARACTERS
    parsed = [
        element for block in rendered.blocks for element in block.get("elements", ()) if element["type"] == "mrkdwn"
    ]
    # Slack's own syntax stands only where we wrote it: the severity and the time.
    assert all(
        re.fullmatch(r"🔴 \*High\*|🟠 \*Medium\*|🟡 \*Low\*|<!date\^\d+\^[^<>]*>|[\w ,:]* UTC", p["text"])
        for p in parsed
    )
    assert "<" not in rendered.text
    assert ">" not in rendered.text


@settings(max_examples=100, deadline=None)
@given(messages)
def test_a_terminal_takes_any_message(message: Message) -> None:
    text = render_plain(message)
    assert all(character == "\n" or ord(character) >= 32 for character in text)
    assert count_units(text) <= 20_000


@settings(max_examples=100, deadline=None)
@given(messages, st.text(alphabet="abcdefgh ", min_size=1, max_size=140), st.text(alphabet="ijklmn ", max_size=200))
def test_headline_and_first_bullet_are_never_lost(message: Message, title: str, bullet: str) -> None:
    title, bullet = f"T{tidy(title)}T", f"B{tidy(bullet)}B"
    message = replace(message, title=title, bullets=(bullet, *message.bullets))
    telegram, slack = render_telegram(message), render_slack(message)
    blocks = _slack_texts(slack.blocks)
    for whole in (telegram.shown, telegram.plain, html.unescape(slack.text), render_plain(message), " ".join(blocks)):
        assert title in whole
        assert bullet in whole


LISTS: dict[str, tuple[str, int, str]] = {
    "it fits": ("Volga; Zarya", 40, "Volga; Zarya"),
    "the rest is counted": (
        "; ".join(f"Tanker {n:02}" for n in range(20)),
        60,
        "Tanker 00; Tanker 01; Tanker 02; and 17 more",
    ),
    "one long name": ("Volga Shipping and Metals of the North", 20, "Volga Shipping and…"),
    "its first name is too long": ("Volga Shipping and Metals of the North; Zarya", 24, "Volga Shipping and…"),
}


@pytest.mark.parametrize(("text", "limit", "shown"), LISTS.values(), ids=LISTS)
def test_a_list_of_names_that_is_too_long_keeps_whole_names_and_counts_the_rest(
    text: str, limit: int, shown: str
) -> None:
    assert shorten_list(text, limit) == shown
    assert len(shown) <= limit


def test_an_alert_on_200_names_says_how_many_it_leaves_out() -> None:
    names = Fact("Tracked", "; ".join(f"Fleetvessel {number} Tanker" for number in range(200)))
    told = render_telegram(Message("200 tankers", facts=(names,))).html
    shown = int(re.search(r"and (\d+) more", told)[1])  # type: ignore[index]
    assert told.count("Fleetvessel") + shown == 200
