"""The timeline as a plan (nothing overlaps, everything reads), as a command, and as a picture."""

from __future__ import annotations

import struct
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import combinations, pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.commands import Services, answer
from bot.commands.choosing import Choice, is_number_meant, parse_choice, split_number
from bot.commands.timelines import parse_period
from bot.drawing import draw
from bot.errors import CommandError
from bot.model import (
    Chat,
    ChatKey,
    Drawing,
    DrawnLine,
    DrawnMark,
    DrawnText,
    Entity,
    Event,
    EventSource,
    EventTarget,
    Reply,
    Request,
    Schema,
    Tier,
    User,
    Verdict,
    Watchlist,
)
from bot.ports import Health
from bot.storage import SqlStore
from bot.timelines import (
    BACKGROUND,
    INK,
    LOOKS,
    MOST_HEIGHT,
    MOST_ROWS,
    SOFT,
    WIDTH,
    Happening,
    drawable,
    drawable_name,
    find_ticks,
    plan_timeline,
    spread,
)
from tests.writing import track

NOW = datetime(2026, 11, 22, 13, tzinfo=UTC)
TODAY = NOW.date()


def happenings(*days: int) -> list[Happening]:
    kinds = list(LOOKS)
    return [
        Happening(TODAY - timedelta(days=ago), kinds[number % len(kinds)], f"Company {number} " * 6, "new US sanctions")
        for number, ago in enumerate(days)
    ]


def plan(*days: int, title: str = "Rosneft", period: int = 90) -> Drawing:
    return plan_timeline(title, happenings(*days), TODAY - timedelta(days=period), TODAY, ["Wire", "Post"], NOW)


def texts(drawing: Drawing) -> list[DrawnText]:
    return [item for item in drawing.items if isinstance(item, DrawnText)]


def box(text: DrawnText) -> tuple[float, float, float, float]:
    width = min(len(text.text) * text.size * 0.6, text.most_width)
    left = text.x - (width if text.align == "right" else 0)
    return left, text.y - text.size * 0.55, left + width, text.y + text.size * 0.55


def overlap(one: DrawnText, other: DrawnText) -> bool:
    (a, b, c, d), (e, f, g, h) = box(one), box(other)
    return a < g and e < c and b < h and f < d


@pytest.mark.parametrize(
    "drawing",
    [
        plan(),
        plan(20),
        plan(0),
        plan(90),
        plan(3, 4, 30, 55, 80),
        plan(*[0] * 12),
        plan(*range(40), title="A very long title of a programme that goes on and on for some lines " * 2),
        plan(*[1, 1, 2, 3, 90] * 12, period=91),
        plan(*range(0, 3600, 90), period=3650),
    ],
    ids=["none", "one", "today", "the first day", "five", "one day", "forty", "sixty", "ten years"],
)
def test_no_text_lies_on_another_and_none_leaves_the_card(drawing: Drawing) -> None:
    assert drawing.width == WIDTH
    assert drawing.height <= MOST_HEIGHT
    for text in texts(drawing):
        left, top, right, bottom = box(text)
        assert left >= 0
        assert top >= 0
        assert right <= WIDTH
        assert bottom <= drawing.height
    assert [(a.text, b.text) for a, b in combinations(texts(drawing), 2) if overlap(a, b)] == []
    ticks = [text for text in texts(drawing) if text.align == "right"]
    assert 2 <= len(ticks) <= 12


@given(st.lists(st.floats(0, 1000), max_size=20).map(sorted), st.floats(1, 50))
def test_spread_places_keep_their_order_their_distance_and_the_room(wanted: list[float], gap: float) -> None:
    places = spread(wanted, gap, 0, 1000)
    assert len(places) == len(wanted)
    assert all(b - a >= gap - 1e-6 for a, b in pairwise(places))
    assert all(-1e-6 <= place <= 1000 + 1e-6 for place in places)


def test_places_that_have_room_stay_where_they_are() -> None:
    assert spread([10, 50, 90], 20, 0, 100) == [10, 50, 90]


def test_the_newest_are_shown_and_how_many_are_not_is_said() -> None:
    shown = texts(plan(*range(60)))
    assert any("60 events, the newest 40 shown" in text.text for text in shown)
    assert sum(text.text.startswith("Company") for text in shown) == MOST_ROWS
    assert any("No event in this period." in text.text for text in texts(plan()))


def test_each_kind_has_its_own_colour_and_its_own_shape() -> None:
    shapes, colours = zip(*LOOKS.values(), strict=True)
    assert len(set(shapes)) == len(set(colours)) == len(LOOKS)
    marks = [item for item in plan(1, 2, 3, 4, 5).items if isinstance(item, DrawnMark)]
    assert {(mark.shape, mark.colour) for mark in marks} >= set(LOOKS.values())


def luminance(colour: str) -> float:
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    r, g, b = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * r + 0.7152 * g + 0.0722 * b


@pytest.mark.parametrize("colour", [INK, SOFT, *(colour for _, colour in LOOKS.values())])
def test_every_colour_reads_on_the_card(colour: str) -> None:
    light, dark = luminance(colour), luminance(BACKGROUND)
    assert (light + 0.05) / (dark + 0.05) >= 4.5  # WCAG 2.2, 1.4.3


@pytest.mark.parametrize(
    ("since", "until", "ticks"),
    [
        (date(2026, 11, 16), date(2026, 11, 22), [f"2026-11-{day}" for day in range(16, 23)]),
        (date(2026, 8, 24), date(2026, 9, 25), ["2026-08-24", "2026-08-31", "2026-09-07", "2026-09-14", "2026-09-21"]),
        (date(2026, 1, 10), date(2026, 6, 1), ["2026-02-01", "2026-03-01", "2026-04-01", "2026-05-01", "2026-06-01"]),
        (date(2025, 11, 22), date(2026, 11, 22), ["2026-01-01", "2026-04-01", "2026-07-01", "2026-10-01"]),
    ],
)
def test_the_axis_names_round_days(since: date, until: date, ticks: list[str]) -> None:
    assert [str(tick) for tick in find_ticks(since, until)] == ticks


@pytest.mark.parametrize(
    ("names", "drawn"),
    [
        (("Роснефть", "Rosneft"), "Роснефть"),
        (("中国石油", "PetroChina"), "PetroChina"),
        (("شركة النفط", "Oil Company"), "Oil Company"),
        (("中国石油",), "ent"),
    ],
)
def test_a_name_is_one_that_the_typeface_has(names: tuple[str, ...], drawn: str) -> None:
    assert drawable_name(Entity("ent", Schema.COMPANY, names[0], names[1:])) == drawn


@given(st.text())
def test_what_is_drawable_needs_no_other_typeface(text: str) -> None:
    assert drawable(drawable(text)) in ("", drawable(text))


@settings(max_examples=5, deadline=None)
@given(st.text(min_size=1, max_size=60))
def test_any_text_is_drawn_and_cut_to_its_room(text: str) -> None:
    drawing = Drawing(
        300, 60, BACKGROUND, "#ffffff", (DrawnText(10, 30, drawable(text) or "$x$", 20, INK, most_width=80),)
    )
    assert draw(drawing).startswith(b"\x89PNG")


def test_the_picture_has_its_size_and_is_the_same_each_time() -> None:
    drawing = plan(3, 30, 80)
    picture = draw(drawing)
    assert struct.unpack(">II", picture[16:24]) == (drawing.width, drawing.height)
    assert draw(drawing) == picture
    assert any(isinstance(item, DrawnLine) for item in drawing.items)


# ---------------------------------------------------------------- the commands

Say = Callable[[str], Reply]
ENTITIES = (
    Entity("ros", Schema.COMPANY, "Rosneft", ("Роснефть",), (), ("ru",), watchlist="oil"),
    Entity("orl", Schema.PERSON, "Oleg Orlenko", (), (), ("ru",)),
    Entity("dan", Schema.COMPANY, "丹东至诚", ("Dandong Zhicheng", "Unit 61398"), (), ("cn",)),
)


def event(key: str, entity: str, ago: int, authority: str, programme: str, **values: object) -> Event:
    at = NOW - timedelta(days=ago)
    caption = next(one.caption for one in ENTITIES if one.key == entity)
    made = Event(
        key, Verdict.NEW_SANCTIONS, (authority,), programme, at.date(), at, at,
        (EventTarget(entity, caption, Verdict.NEW_SANCTIONS, 0.9, "", caption, "https://w.example", "Wire"),),
        (EventSource(f"a{key}", f"https://w.example/{key}", "Wire", f"Round {key}", Tier.WIRE, at, at),),
    )  # fmt: skip
    return replace(made, **values)  # type: ignore[arg-type]


EVENTS = (
    event("e1", "ros", 1, "US", "Russia"),
    event("e2", "ros", 40, "EU", "Russia", withdrawn=True),
    event("e3", "ros", 200, "UK", "Russia"),
    event("e4", "dan", 5, "US", "North Korea"),
)


@pytest.fixture
def say(empty_store: SqlStore) -> Say:
    with empty_store.writing() as records:
        for entity in ENTITIES:
            track(records, entity, "test", NOW)
        for one in EVENTS:
            records.save_event(one)
        records.add_watchlist(Watchlist("oil", "Oil desk", NOW, "test"))
        records.set_watchlists(ChatKey("telegram", "1"), ["main", "oil"])
    drawn: Callable[[Drawing], bytes] = lambda drawing: repr(drawing).encode()  # noqa: E731
    services = Services(empty_store, lambda: NOW, (), lambda: Health(NOW), draw=drawn)
    return lambda text: answer(
        Request(Chat(ChatKey("telegram", "1")), User("telegram", "7"), text, prefix="/"), services
    )


def test_the_timeline_of_a_name_is_a_picture_and_says_the_same_in_words(say: Say) -> None:
    reply = say("timeline Роснефть")
    assert reply.message.title == "Rosneft: 2 events since 24 Aug 2026"
    assert reply.message.bullets == (
        "21 Nov 2026: New US sanctions (Russia) · 1 outlet",
        "13 Oct 2026: withdrawn: New EU sanctions (Russia) · 1 outlet",
    )
    assert reply.message.bullet_urls == ("https://w.example/e1", "https://w.example/e2")
    assert reply.attachment
    assert (reply.attachment.name, reply.attachment.media_type) == ("timeline-rosneft.png", "image/png")
    assert b"New US sanctions (Russia)" in reply.attachment.content
    assert say("timeline Rosneft 1y").message.title == "Rosneft: 3 events since 22 Nov 2025"


@pytest.mark.parametrize(
    ("words", "title"),
    [
        ("US", "US sanctions: 2 events"),
        ("authority Washington", "US sanctions: 2 events"),
        ("Russia", "Programme Russia: 2 events"),
        ("programme north korea", "Programme North Korea: 1 event"),
        ("丹东至诚", "丹东至诚: 1 event"),
    ],
)
def test_a_timeline_is_of_an_authority_a_programme_or_a_name(say: Say, words: str, title: str) -> None:
    reply = say(f"timeline {words}")
    assert reply.message.title.startswith(title)
    assert reply.attachment
    assert "丹" not in reply.attachment.content.decode()


def test_a_timeline_of_nothing_says_what_there_is(say: Say) -> None:
    old = say("timeline Rosneft 1d")
    assert old.attachment
    nothing = say("timeline Oleg Orlenko")
    assert nothing.message.title == "No event of Oleg Orlenko since 24 Aug 2026"
    assert nothing.attachment is None
    assert nothing.message.paragraphs[0] == "Authorities: US (2), EU (1), UK (1)"
    earlier = say("timeline authority UK")
    assert "The latest before that: 6 May 2026, Rosneft — new UK sanctions (Russia)." in earlier.message.paragraphs
    assert "For a longer time: /timeline authority UK 2y" in earlier.message.paragraphs
    assert say("timeline authority UK 2y").message.title.startswith("UK sanctions: 1 event")
    assert not say("timeline").ok
    assert not say("timeline Nobody At All").ok
    assert not say("timeline Rosneft 99y").ok


@pytest.mark.parametrize(
    ("words", "keys"),
    [
        ("latest", ["e1", "e4", "e2", "e3"]),
        ("latest 1", ["e1"]),
        ("latest authority US", ["e1", "e4"]),
        ("latest 1 authority US", ["e1"]),
        ("latest us", ["e1", "e4"]),
        ("latest authority US programme Korea", ["e4"]),
        ("latest country Russia 10", ["e1", "e2", "e3"]),
        ("latest watchlist OIL", ["e1", "e2", "e3"]),
        ("latest 2 watchlist Oil desk", ["e1", "e2"]),
        ("latest unit 61398", ["e4"]),
        ("latest dandong", ["e4"]),
        ("latest round e2", ["e2"]),
    ],
)
def test_latest_shows_those_that_fit(say: Say, words: str, keys: list[str]) -> None:
    reply = say(words)
    assert [line.rpartition("event ")[2] for line in reply.message.bullets] == keys


def test_latest_says_when_nothing_fits_and_what_there_is(say: Say) -> None:
    reply = say("latest authority UN")
    assert reply.message.title == "No event fits authority UN"
    assert reply.message.bullets == (
        "Authorities: US (2), EU (1), UK (1)",
        "Programmes: Russia (3), North Korea (1)",
        "Countries: Russia (3), China (1)",
        "Watchlists: oil (3), main (1)",
    )


@pytest.mark.parametrize(
    "words", ["authority", "authority Mars", "country Atlantis", "watchlist", "…", "30", "50 authority US", "US 50"]
)
def test_a_wrong_choice_is_refused_with_an_example(say: Say, words: str) -> None:
    assert not say(f"latest {words}").ok


def test_a_number_of_events_is_told_where_it_was_taken_for_a_word(say: Say) -> None:
    reply = say("latest Rosneft 50")
    assert reply.message.title == "No event fits “rosneft 50”"
    assert reply.message.paragraphs[0] == "To see several: /latest N with N from 1 to 20."


@pytest.mark.parametrize(
    ("words", "is_meant"),
    [
        ("unit 61398", True), ("programme EO 14024", True), ("programme 13224", True), ("61398 unit", True),
        ("61398", False), ("50 authority US", False), ("authority US 50", False), ("country Iran 50", False),
    ],
)  # fmt: skip
def test_a_number_may_be_a_word(words: str, is_meant: bool) -> None:
    assert is_number_meant(words) is is_meant


def test_words_are_read_as_choices() -> None:
    assert parse_choice("authority United Kingdom programme Russia") == Choice(authority="UK", programme="Russia")
    assert parse_choice("Gazprom Нефть") == Choice(words="gazprom нефть")
    assert parse_choice("topic Shadow Fleet country Iran") == Choice(topic="Shadow Fleet", country="ir")
    assert split_number("10 authority US") == (10, "authority US")
    assert split_number("authority US 10") == (10, "authority US")
    assert split_number("-1") == (None, "-1")


@pytest.mark.parametrize(
    ("words", "name", "days"),
    [("Rosneft", "Rosneft", 90), ("Rosneft 30d", "Rosneft", 30), ("2Y", "", 730), ("M23", "M23", 90)],
)
def test_a_period_stands_at_the_end(words: str, name: str, days: int) -> None:
    assert parse_period(words) == (name, timedelta(days=days))


@pytest.mark.parametrize("words", ["X 0d", "X 11y"])
def test_a_period_has_bounds(words: str) -> None:
    with pytest.raises(CommandError, match="How long"):
        parse_period(words)
