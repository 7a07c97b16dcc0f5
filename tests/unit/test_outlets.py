"""Outlets, figures and bullets as an alert counts and shows them."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.alerts import alert_message, find_footer, find_points, find_quotes, told_differences, with_points
from bot.bullets import with_more
from bot.events import withdraw_target
from bot.events.figures import find_rough
from bot.links import site_of
from bot.model import Article, EventTarget, HttpAnswer, Quote, Source, Verdict
from bot.rendering import render_plain, render_telegram
from bot.sources.feed import parse_feed
from bot.summaries.shortening import shorten
from bot.text.figures import contradict
from tests.unit.test_alerts import EVENT, NOW, source


def test_a_second_article_of_one_outlet_is_no_second_source() -> None:
    twice = replace(EVENT, sources=(source("Wire"), replace(source("Wire"), article="again")))
    message = alert_message(twice)
    assert [link.text for link in message.sources] == ["Wire (2 reports)"]
    assert message.footer == "Updated 10 Jan, 18:05 UTC: another report by Wire."
    thrice = replace(twice, sources=(*twice.sources, source("Herald")))
    assert find_footer(thrice, "") == "Now 2 sources. Updated 10 Jan, 18:05 UTC: Herald reports this too."
    again = replace(thrice, sources=(*thrice.sources, replace(source("Wire"), article="third")))
    assert find_footer(again, "") == "Now 2 sources. Updated 10 Jan, 18:05 UTC: another report by Wire."


SITES = {
    "https://www.example.org/a": "example.org",
    "https://feeds.news.example.co.uk/rss": "example.co.uk",
    "http://127.0.0.1:8917/a.html": "127.0.0.1:8917",
    "http://localhost/a": "localhost",
    "mailto:a@b.example": "",
    "": "",
}


@pytest.mark.parametrize(("url", "site"), SITES.items())
def test_whose_page_an_address_is(url: str, site: str) -> None:
    assert site_of(url) == site


def feed(*links: str, home: str = "https://desk.example/") -> list[str]:
    items = "".join(f"<item><title>Title {n}</title><link>{link}</link></item>" for n, link in enumerate(links))
    body = f'<rss version="2.0"><channel><title>x</title><link>{home}</link>{items}</channel></rss>'.encode()
    own = Source("seed", "Seed feed", "https://desk.example/feed.xml")
    return [one.outlet for one in parse_feed(own, HttpAnswer(200, own.url, {}, body), NOW).entries]


def test_an_aggregators_articles_are_their_sites() -> None:
    assert feed("https://www.wire.example/1", "https://herald.example/2", "https://desk.example/3") == [
        "wire.example",
        "herald.example",
        "Seed feed",
    ]
    assert feed("https://www.wire.example/1", "https://www.wire.example/2") == ["Seed feed"] * 2, "it is its own feed"
    assert feed("https://a.wire.example/1", "https://b.herald.example/2", home="https://wire.example/") == [
        "Seed feed",
        "Seed feed",
    ]


ROUGH = {
    "The EU listed around 180 vessels.": ("about 180 vessels",),
    "It hit more than 100 Russian companies.": ("over 100 entities",),
    "Nearly 200 ships were hit.": ("nearly 200 vessels",),
    "The EU listed 183 vessels.": (),
    "Some 180 vessels, or 180 vessels exactly.": (),
    "ЕС внес около 180 vessels.": ("about 180 vessels",),
}


@pytest.mark.parametrize(("text", "rough"), ROUGH.items(), ids=ROUGH)
def test_how_roughly_a_figure_is_told(text: str, rough: tuple[str, ...]) -> None:
    article = Article("a", "https://a.example", "Wire", "Title", "", (text,), NOW)
    counts = ["180 vessels", "100 companies", "200 ships", "183 vessels"]
    assert find_rough(article, counts) == rough


@pytest.mark.parametrize(
    ("one", "other", "is_so"),
    [
        ("183", "about 180", False),
        ("183", "over 180", False),
        ("179", "over 180", True),
        ("183", "nearly 200", False),
        ("210", "nearly 200", True),
        ("10", "11", True),
        ("about 100", "about 200", True),
        ("over 100", "over 200", False),
    ],
)
def test_figures_contradict_only_where_both_cannot_be_right(one: str, other: str, is_so: bool) -> None:
    assert contradict(one, other) is contradict(other, one) is is_so


def test_a_round_figure_is_no_difference() -> None:
    wire = replace(source("Wire"), counts=("183 vessels",))
    round_figure = replace(source("Herald"), counts=("180 vessels",), rough=("about 180 vessels",))
    assert told_differences(replace(EVENT, sources=(wire, round_figure))) == ""
    exact = replace(round_figure, rough=())
    assert told_differences(replace(EVENT, sources=(wire, exact))) == "183 vessels (Wire), 180 vessels (Herald)"


def test_a_point_that_a_quote_repeats_is_left_out() -> None:
    event = replace(EVENT, key_points=("Gazprom Neft was blocked.", "Herald: It was blocked.", "183 vessels."))
    quotes = (Quote("Gazprom Neft was blocked."), Quote("It was blocked."))
    event = replace(event, sources=(source("Wire"), source("Herald")))
    assert find_points(event, quotes) == ("183 vessels.",)


def test_a_point_of_two_sentences_that_are_quoted_both_is_left_out() -> None:
    both = "Gazprom Neft was blocked. Its insurer was designated too."
    event = replace(EVENT, key_points=(both, "183 vessels."), sources=(source("Wire"),))
    first, second = Quote("Gazprom Neft was blocked."), Quote("Its insurer was designated too.")
    assert find_points(event, (first, second)) == ("183 vessels.",)
    parted = [("Gazprom Neft was blocked.",), ("Its insurer was designated too.",)]
    assert [quote.points for quote in with_points(event, (first, second))] == parted, "back where one is cut"
    assert find_points(event, (first,)) == (both, "183 vessels.")
    assert find_points(event, (Quote("Gazprom Neft"), second)) == ("Gazprom Neft was blocked.", "183 vessels."), (
        "that is not quoted"
    )


def test_others_take_the_place_of_points_that_a_quote_repeats() -> None:
    points = ("One.", "Gazprom Neft was blocked.", "Two.", "Three.")
    event = replace(EVENT, key_points=(*points, "Herald: Four."), spare_points=("Ten firms were blocked.", "Five."))
    event = replace(event, sources=(source("Wire"), source("Herald")))
    told = find_points(event, (Quote("Gazprom Neft was blocked."),))
    assert told == ("One.", "Two.", "Three.", "Ten firms were blocked.", "Herald: Four.")
    assert find_points(event, ()) == event.key_points


ACT = "WASHINGTON - The Treasury listed Volga Metals, which makes plates for the fleet at two yards, on Tuesday."
SHIP = "Nordic Star was blocked too."


@pytest.mark.parametrize(
    ("point", "left"),
    [
        (f"{SHIP} Licences for what its holders owe run out on 12 March next year.", "Licences for what its holders"),
        (f"Licences for what its holders owe run out on 12 March next year. {SHIP}", "Licences for what its holders"),
        ("The Treasury listed Volga Metals on Tuesday.", ""),
        (f"The Treasury listed Volga Metals on Tuesday. {SHIP}", ""),
        (f"It was a busy day for both. {SHIP}", ""),
        (f"{SHIP} They had been spared in the three rounds before it, of 2022.", f"{SHIP} They had been"),
        (f"Herald: {SHIP} Licences for what its holders owe run out on 12 March.", "Herald: Licences for what"),
        ("Nordic Star was blocked on a Monday.", "Nordic Star was"),
        (f"{SHIP} Rosmorport denied it.", "Rosmorport denied it."),
        (f"{SHIP} $5m was frozen.", "$5m was frozen."),
        (f"The sum frozen was $5m. {SHIP}", "The sum frozen was $5m."),
        (f"{SHIP} Ángela lo niega.", "Ángela lo niega."),
        (f"{SHIP} 该公司位于迪拜。", "该公司位于迪拜。"),
        (f"La ronda fue corta. {SHIP}", ""),
    ],
)
def test_of_a_point_what_a_quote_repeats_is_left_out_unless_the_rest_leans_on_it(point: str, left: str) -> None:
    event = replace(EVENT, key_points=(point,), sources=(source("Wire"), source("Herald")))
    told = find_points(event, (Quote(ACT), Quote(f"Late on Tuesday, {SHIP}")))
    assert [text.startswith(left) for text in told] == [True] * bool(left)
    assert bool(left) == bool(told)


def test_characters_that_a_longer_chinese_sentence_has_by_chance_are_not_repeated_by_it() -> None:
    event = replace(EVENT, key_points=("美国制裁三家公司。",))
    assert find_points(event, (Quote("美国财政部周四宣布制裁伊朗三十家公司。"),)) == event.key_points


def test_the_sentence_of_a_point_is_shown_where_the_quote_that_repeats_it_is_not() -> None:
    first, second = (replace(target(name), evidence=said) for name, said in (("vsm", ACT), ("star", SHIP)))
    rest = "Yards in three countries build tankers for the fleet. " * 16
    event = replace(EVENT, targets=(first, second), key_points=(f"{SHIP} {rest}".strip(),))
    event = replace(event, sources=tuple(source(name) for name in ("Wire", *"ABCDEFGH")))
    short, whole = render_telegram(alert_message(event)).shown, render_plain(alert_message(event))
    assert "and 1 more quote" in short
    assert short.count(SHIP) == whole.count(SHIP) == 1


def test_what_takes_the_place_of_a_point_repeats_no_quote_either() -> None:
    spare = (f"{SHIP} Ten yards in three countries had been warned by letter in May.", SHIP)
    event = replace(EVENT, key_points=(SHIP,), spare_points=spare)
    assert find_points(event, (Quote(SHIP),)) == (spare[0].removeprefix(f"{SHIP} "),)


def test_a_point_is_shown_where_the_quote_that_repeats_it_is_not() -> None:
    lead, ship = "Volga Metals and its owner were blocked on Tuesday.", "Nordic Star was blocked too."
    first, second = (
        replace(target(name), evidence=f"WASHINGTON - {said}") for name, said in (("star", ship), ("vsm", lead))
    )
    points = (lead, ship, f"{'Their yards build tankers for the fleet. ' * 20}".strip())
    event = replace(EVENT, targets=(first, second), key_points=points)
    event = replace(event, sources=tuple(source(name) for name in ("Wire", *"ABCDEFGH")))
    message = alert_message(event)
    assert message.bullets == points[2:]
    short = render_telegram(message).shown
    assert "and 1 more quote" in short
    assert short.count(lead) == short.count(ship) == 1
    assert short.index(f"• {lead}") < short.index("• Their yards")
    later = replace(event, key_points=(f"Wire: {lead}", *points[1:]))
    told = render_telegram(alert_message(later)).shown
    assert told.index("• Their yards") < told.index(f"• Wire: {lead}")
    whole = render_plain(message)
    assert whole.count(lead) == whole.count(ship) == 1
    assert f"• {lead}" not in whole


def test_who_is_on_the_list_is_brought_up_to_date() -> None:
    event = replace(EVENT, key_points=("On the list: Gazprom Neft, Acme",))
    assert find_points(event, ()) == ("On the list: Gazprom Neft, Acme, Surgutneftegas, Ингосстрах",)
    gone, _ = withdraw_target(event, "gpn", "", "Ana", NOW)
    assert find_points(gone, ()) == ("On the list: Acme, Surgutneftegas, Ингосстрах",)
    names = [f"Company number {n} of the Volga" for n in range(9)]
    assert with_more("On the list: ", names).endswith("Company number 6 of the Volga +2 more")
    assert len(with_more("On the list: ", names)) <= 240


def test_a_list_of_none_but_the_targets_is_not_told_twice() -> None:
    named = ", ".join(one.caption for one in EVENT.targets)
    for points, told in (
        ((f"On the list: {named}", "183 vessels."), ("183 vessels.",)),
        ((f"On the list: {named}, Acme",), (f"On the list: {named}, Acme",)),
        ((f"On the list: {named} +6 more",), (f"On the list: {named} +6 more",)),
    ):
        assert alert_message(replace(EVENT, key_points=points)).bullets == told


def test_a_list_of_parts_of_the_targets_names_is_not_told() -> None:
    targets = (target("Zibo Chemical Co., Ltd."), target("Agnes Nandutu"), target("KITUTU, Mary Goretti"))
    event = replace(EVENT, targets=targets)
    for names, told in (("Zibo Chemical, Nandutu, Goretti Kitutu", False), ("Zibo Chemical Trading, Nandutu", True)):
        point = f"On the list: {names}"
        assert bool(alert_message(replace(event, key_points=(point,))).bullets) is told


def test_a_list_names_a_target_once_though_its_first_report_wrote_it_otherwise() -> None:
    first, second, third = EVENT.targets
    targets = (replace(first, called=("Газпром нефть",)), second, third)
    russian = ", ".join(("Газпром нефть", second.caption, third.caption))
    assert alert_message(replace(EVENT, targets=targets, key_points=(f"В списке: {russian}",))).bullets == ()
    beside = replace(EVENT, targets=targets, key_points=(f"В списке: {russian}, Acme",))
    assert alert_message(beside).bullets == (f"В списке: {russian}, Acme",)


def test_a_later_outlets_list_of_none_but_the_targets_is_not_told() -> None:
    named = ", ".join(one.caption for one in EVENT.targets[:2])
    event = replace(EVENT, sources=(source("Wire"), source("Herald")))
    told = replace(event, key_points=("183 vessels.", f"Herald: On the list: {named}"))
    assert alert_message(told).bullets == ("183 vessels.",)
    more = replace(event, key_points=("183 vessels.", f"Herald: On the list: {named}, Acme"))
    assert alert_message(more).bullets == more.key_points


def test_what_says_something_is_quoted_before_a_bare_name_of_a_list() -> None:
    said = {"A": "• A (IMO 9100666)", "Bank": "• Bank", "C": "C ran it.", "D": "D被列入制裁名单"}
    targets = [replace(target(name), evidence=evidence) for name, evidence in said.items()]
    quoted = [quote.text for quote in find_quotes(targets)]
    assert quoted == [said["C"], said["D"], "A (IMO 9100666)"]


def test_what_needs_the_sentence_before_it_is_quoted_after_what_stands_alone() -> None:
    said = {
        "Beta": "So is Beta, whose owner lives in Riga.", "Gamma": "Gamma, too.", "Delta": "They are Delta.",
        "Alpha": "The Treasury blocked Alpha on Monday.", "Omega": "It was blocked on Tuesday.",
    }  # fmt: skip
    targets = [replace(target(name), evidence=evidence) for name, evidence in said.items()]
    quoted = [quote.text for quote in find_quotes(targets)]
    assert quoted == [said["Alpha"], f"[Omega] {said['Omega']}", said["Beta"]]
    asked_for = find_quotes([targets[1], *targets], frozenset({targets[1].entity}))
    assert asked_for[0].text == said["Gamma"], "what a chat asked for by name comes first"


@pytest.mark.parametrize(
    ("names", "sentence", "told"),
    [
        (("Marabella Sun",), "She is barred from every port.", "[Marabella Sun] She is barred from every port."),
        (("Tulip", "Maisan"), "Both ships were listed.", "[Tulip and Maisan] Both ships were listed."),
        (("Tulip", "Maisan"), "Tulip and her sister were listed.", "Tulip and her sister were listed."),
        (("CHEN, Zhi",), "London froze the property of Chen.", "London froze the property of Chen."),
        (("Газпром нефть",), "Активы «Газпром нефти» заморожены.", "Активы «Газпром нефти» заморожены."),
        (("Лем",), "В список внесли Лема.", "В список внесли Лема."),
        (("Bank of Omsk",), "He paid for a part of the war.", "[Bank of Omsk] He paid for a part of the war."),
        (("Reef Co., Ltd.",), "It is a co-owner of the port.", "[Reef Co., Ltd.] It is a co-owner of the port."),
        (("甲公司",), "该公司周一被列入名单。", "[甲公司] 该公司周一被列入名单。"),
        (("甲公司",), "美国周四制裁了甲公司。", "美国周四制裁了甲公司。"),
    ],
)
def test_whom_a_quote_means_without_a_name_stands_in_front_of_it(
    names: tuple[str, ...], sentence: str, told: str
) -> None:
    assert [quote.text for quote in find_quotes([replace(target(one), evidence=sentence) for one in names])] == [told]


def target(name: str) -> EventTarget:
    return EventTarget(name, name, Verdict.NEW_SANCTIONS, 0.97, "", name, "https://wire.example/1", "Wire")


HENGLI, SECHIN, ZIBO = "Hengli Trading Co., Ltd.", "SECHIN, Igor", "Zibo Chemical"


@pytest.mark.parametrize(
    ("gone", "left"),
    [
        (HENGLI, "On the list: Zibo Chemical, SECHIN, Igor"),
        (SECHIN, "On the list: Hengli Trading Co., Ltd., Zibo Chemical"),
        (ZIBO, "On the list: Hengli Trading Co., Ltd., SECHIN, Igor"),
    ],
)
def test_a_withdrawn_name_leaves_the_list_though_it_has_a_comma(gone: str, left: str) -> None:
    targets = tuple(target(name) for name in (HENGLI, ZIBO, SECHIN))
    event = replace(EVENT, targets=targets, key_points=(with_more("On the list: ", [HENGLI, ZIBO, SECHIN]),))
    assert find_points(event, ()) == event.key_points
    event, _ = withdraw_target(event, gone, "", "Ana", NOW)
    assert find_points(event, ()) == (left,)


def test_a_name_within_the_name_of_another_target_is_missing_from_the_list() -> None:
    event = replace(EVENT, targets=(target("Rosneft Trading SA"), target("Rosneft")))
    trading = replace(event, key_points=("On the list: Rosneft Trading SA, Acme",))
    assert find_points(trading, ()) == ("On the list: Rosneft Trading SA, Acme, Rosneft",)
    longer = replace(event, key_points=("On the list: Rosneft Trading SA, Rosneft Oil Company",))
    assert find_points(longer, ()) == longer.key_points


def test_the_header_says_when_the_bot_saw_it_and_when_it_was_reported() -> None:
    message = alert_message(replace(EVENT, sources=(replace(source("Wire"), published_at=NOW - timedelta(days=1)),)))
    assert message.subtitle == "US/UK · Russia · announced 10 Jan 2025 · reported 9 Jan 2025"
    assert "reported 9 Jan 2025 · seen 10 Jan 2025, 18:05 UTC" in render_plain(message).splitlines()[1]
    assert "· seen <tg-time" in render_telegram(message).html
    assert "reported" not in alert_message(EVENT).subtitle, "it was on the same day"


def test_no_bullet_is_cut_behind_a_sum() -> None:
    text = (
        "The Treasury Department imposed sanctions on a network of nine trading firms in Dubai and Hong Kong, accused "
        "of moving Iranian crude oil to refineries along the coast of the Yellow Sea and of laundering $500 million, "
        "$200 million and some further sums for the Guards of the republic there."
    )
    assert not shorten(text).endswith(("million …", "$200 …"))
