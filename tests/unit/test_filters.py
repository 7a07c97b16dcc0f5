"""Filters of subscriptions in people's words: read, restated, undone."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.commands import Services, answer
from bot.commands.filters import (
    TOLD,
    Wish,
    is_within,
    read_bare,
    read_wish,
    told_conditions,
    told_verdicts,
    words_of,
)
from bot.errors import CommandError
from bot.model import (
    NO_FILTERS,
    Article,
    Chat,
    ChatKey,
    Entity,
    Event,
    EventSource,
    EventTarget,
    Filters,
    Reply,
    Request,
    Schema,
    Tier,
    User,
    Verdict,
)
from bot.ports import ArticleRecord, Health
from bot.rendering import render_plain
from bot.storage import SqlStore
from tests.writing import track

NEW, RELIEF, POSSIBLE = Verdict.NEW_SANCTIONS, Verdict.RELIEF, Verdict.POSSIBLE
NOW = datetime(2026, 3, 4, tzinfo=UTC)
HOME = Chat(ChatKey("telegram", "7"))

READ = {
    "plain words": ("Rosneft", Wish(), "Rosneft"),
    "with one more": ("Rosneft with relief", Wish(added=(RELIEF,)), "Rosneft"),
    "with two more": ("Rosneft with relief and proposals", Wish(added=(RELIEF, POSSIBLE)), "Rosneft"),
    "with all": ("everything with all", Wish(added=TOLD), "everything"),
    "no relief of what was told": ("Rosneft without relief", Wish(no_relief=True), "Rosneft"),
    "no relief, in other words": (
        "Rosneft without any easing from 80%",
        Wish(confidence=0.8, no_relief=True),
        "Rosneft",
    ),
    "only": ("country Russia only relief", Wish(only=(RELIEF,)), "country Russia"),
    "only, behind": ("Rosneft new sanctions only", Wish(only=(NEW,)), "Rosneft"),
    "official": ("Rosneft official only", Wish(tiers=(Tier.OFFICIAL,)), "Rosneft"),
    "official or wires": ("Rosneft only official or wire sources", Wish(tiers=(Tier.OFFICIAL, Tier.WIRE)), "Rosneft"),
    "any source": ("Rosneft any source", Wish(tiers=()), "Rosneft"),
    "sure": ("Rosneft from 80%", Wish(confidence=0.8), "Rosneft"),
    "wholly sure": ("Rosneft at least 100 %", Wish(confidence=1.0), "Rosneft"),
    "all at once": (
        "Rosneft with relief official only from 80%",
        Wish(added=(RELIEF,), tiers=(Tier.OFFICIAL,), confidence=0.8),
        "Rosneft",
    ),
    "no more": ("Rosneft without filters", Wish(is_reset=True), "Rosneft"),
    "a name that only sounds like it": ("Newport Relief Shipping", Wish(), "Newport Relief Shipping"),
    "by name only": ("Rosneft by name only", Wish(by_name=True), "Rosneft"),
    "by adjacency too": ("Rosneft also by adjacency", Wish(by_name=False), "Rosneft"),
    "a bank called Official": ("Official Bank", Wish(), "Official Bank"),
    "with any ending": (
        'everything with words tanker*, tanker, "crude oil*"',
        Wish(words=("tanker*", "tanker", "crude oil*")),
        "everything",
    ),
    "with words": ("everything with words oil, tanker", Wish(words=("oil", "tanker")), "everything"),
    "a phrase, and words that are shut out": (
        "Rosneft with words “crude oil” or Öl and without words court, football only relief",
        Wish(only=(RELIEF,), words=("crude oil", "Öl"), without=("court", "football")),
        "Rosneft",
    ),
    "words that are filters elsewhere": (
        'Rosneft with words news, "only", relief, "80%" official only from 80%',
        Wish(tiers=(Tier.OFFICIAL,), confidence=0.8, words=("news", "only", "relief", "80%")),
        "Rosneft",
    ),
    "each word once, however it is written": ("with words Oil, oil, ÖIL", Wish(words=("Oil",)), ""),
    "any words": ("Rosneft any words", Wish(words=(), without=()), "Rosneft"),
    "a topic that is called as a verdict is": (
        "topic enforcement only new_sanctions,relief",
        Wish(only=(Verdict.NEW_SANCTIONS, RELIEF)),
        "topic enforcement",
    ),
}


@pytest.mark.parametrize(("words", "wish", "rest"), READ.values(), ids=READ)
def test_filters_are_read_from_the_words(words: str, wish: Wish, rest: str) -> None:
    assert read_wish(words) == (wish, rest)


@pytest.mark.parametrize(
    ("words", "verdicts"),
    [
        ("relief", (RELIEF,)),
        ("Relief and proposals", (RELIEF, POSSIBLE)),
        ("renewals, enforcement", (Verdict.RENEWAL, Verdict.ENFORCEMENT)),
        ("relief fund", ()),
        ("Rosneft", ()),
        ("", ()),
    ],
)
def test_bare_verdicts(words: str, verdicts: tuple[Verdict, ...]) -> None:
    assert read_bare(words) == verdicts


ODD_WORDS = ("oil", "Öl", "crude oil", "only", "from 80%", "news only", "without", "relief only", "and", "原油", "U.S.")
WORDS = st.lists(st.sampled_from(ODD_WORDS), unique=True).map(tuple)
FILTERS = st.builds(
    Filters,
    st.sets(st.sampled_from(TOLD), min_size=1).map(lambda found: tuple(v for v in TOLD if v in found)),
    st.integers(0, 100).map(lambda percent: percent / 100),
    st.sets(st.sampled_from(list(Tier))).map(lambda found: tuple(t for t in Tier if t in found)),
    st.booleans(),
    words=WORDS,
    without=WORDS,
    eased=st.booleans(),
).map(lambda filters: replace(filters, eased=filters.eased or RELIEF in filters.verdicts))


@given(filters=FILTERS, before=FILTERS)
def test_the_words_of_filters_make_exactly_these(filters: Filters, before: Filters) -> None:
    wish, rest = read_wish(f"Rosneft {words_of(filters) or 'without filters'}")
    assert rest == "Rosneft"
    assert wish.applied(before) == filters


@given(words=st.text(max_size=200))
def test_any_text_is_read_without_an_error(words: str) -> None:
    wish, rest = read_wish(words)
    assert wish.applied(NO_FILTERS).verdicts
    assert len(rest) <= len(words)


def test_conditions_are_restated() -> None:
    assert told_conditions(NO_FILTERS) == ""
    worded = Filters(words=("oil", "crude oil"), without=("court",))
    assert told_conditions(worded) == (", only once a report of it has “oil” or “crude oil” and is without “court”")
    strict = Filters((NEW, RELIEF), 0.8, (Tier.OFFICIAL, Tier.WIRE), by_name=True)
    assert told_verdicts(strict.verdicts) == "new sanctions and relief"
    assert told_conditions(strict) == (
        ", only if 80% sure or more, only once official or wire sources tell of it, only if it is named itself"
    )


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("everything with words oil tanker", "write a comma between words, and a phrase in quotes"),
        ('everything with words "oil', "write a comma between words, and a phrase in quotes"),
        ("everything with words oil, !!", "“!!” is no word to look for"),
        ("everything with words *tanker", "stands at the end of a word"),
        ("everything with words ta*", "stands at the end of a word"),
        ("everything with words tan*ker*", "stands at the end of a word"),
        ("everything with words " + "a" * 61, "is no word to look for"),
        ("everything with words oil with words tanker", "is there twice"),
        ("everything without words " + ",".join(f"w{n}" for n in range(21)), "name 1 to 20 words"),
    ],
)
def test_words_that_cannot_be_looked_for_are_refused(words: str, said: str) -> None:
    with pytest.raises(CommandError, match=said):
        read_wish(words)


def test_narrower_words_are_within_wider_ones() -> None:
    oil, both, no_court = Filters(words=("Oil",)), Filters(words=("oil", "tanker")), Filters(without=("court",))
    assert is_within(oil, both)
    assert not is_within(both, oil)
    assert is_within(oil, NO_FILTERS)
    assert not is_within(NO_FILTERS, oil)
    assert is_within(no_court, NO_FILTERS)
    assert not is_within(NO_FILTERS, no_court)


def test_less_relief_is_within_more() -> None:
    without = Filters(eased=False)
    assert is_within(without, NO_FILTERS)
    assert not is_within(NO_FILTERS, without)
    assert is_within(Filters((Verdict.RENEWAL,)), Filters((NEW, Verdict.RENEWAL), eased=False)), "nothing can be eased"


# ---------------------------------------------------------------- commands


@pytest.fixture
def services(empty_store: SqlStore) -> Services:
    with empty_store.writing() as records:
        records.save_chat(HOME)
        for key, caption in (("ros", "Rosneft"), ("hcb", "Harbour Bank")):
            track(records, Entity(key, Schema.COMPANY, caption, countries=("ru",)), "test", NOW)
    return Services(empty_store, lambda: NOW, (), lambda: Health(NOW))


def say(services: Services, words: str) -> Reply:
    return answer(Request(HOME, User("telegram", "7", "Ana"), words, prefix="/"), services)


def filters_of(services: Services) -> dict[str, Filters]:
    with services.store.reading() as records:
        return {f"{one.kind} {one.value}".strip(): one.filters for one in records.subscriptions(HOME.key)}


def test_a_subscription_takes_more_and_less_and_is_restated_each_time(services: Services) -> None:
    told = say(services, "subscribe Rosneft with relief")
    assert "This chat is told of new sanctions and relief on Rosneft." in told.message.paragraphs
    told = say(services, "subscribe Rosneft official only from 80%")
    assert told.message.title == "Changed: subscribed to Rosneft"
    strict = Filters((NEW, RELIEF), 0.8, (Tier.OFFICIAL,))
    assert filters_of(services) == {"entity ros": strict}
    undone = say(services, told.message.actions[0].data)
    assert filters_of(services) == {"entity ros": Filters((NEW, RELIEF))}
    assert undone.ok
    say(services, "subscribe Rosneft")
    assert filters_of(services) == {"entity ros": Filters((NEW, RELIEF))}, "nothing said of filters: they stay"


@pytest.mark.parametrize("words", ["subscribe everything", "subscribe relief", "subscribe official only"])
def test_who_wakes_a_stopped_chat_by_subscribing_stands_in_the_log(services: Services, words: str) -> None:
    with services.store.writing() as records:
        records.save_chat(replace(HOME, stopped_reason="the bot was removed"))
    assert say(services, words).ok
    with services.store.reading() as records:
        chat, log = records.chat(HOME.key), records.latest_audit()
    assert chat
    assert chat.stopped_reason is None
    assert [row.row.before for row in log if row.row.what == "chat woken"] == ["the bot was removed"]


def test_two_subscriptions_with_different_filters_are_told_apart(services: Services) -> None:
    say(services, "subscribe everything")
    told = say(services, "subscribe Rosneft with proposals")
    assert (
        "This chat is told of new sanctions on everything tracked (2 names today); of new sanctions and what is only "
        "proposed on Rosneft." in told.message.paragraphs
    )


def test_a_bare_verdict_holds_for_all_that_the_chat_follows_and_ends_again(services: Services) -> None:
    say(services, "subscribe Rosneft")
    say(services, "subscribe Harbour Bank")
    told = say(services, "subscribe relief")
    assert "This chat is told of new sanctions and relief on Harbour Bank and Rosneft." in told.message.paragraphs
    say(services, told.message.actions[0].data)
    assert set(filters_of(services).values()) == {NO_FILTERS}
    say(services, "unsubscribe relief")
    told = say(services, "unsubscribe relief")
    assert "This chat is not told of relief." in render_plain(told.message)


def test_relief_of_what_was_told_is_switched_off_and_on_again(services: Services) -> None:
    """By default a chat is told that what it was told of is eased or lifted: see tests/scenario/test_relief.py."""
    say(services, "subscribe Rosneft")
    told = say(services, "subscribe Rosneft without relief")
    assert told.message.title == "Changed: subscribed to Rosneft"
    restated = "This chat is told of new sanctions on Rosneft, not if they are eased or lifted."
    assert restated in told.message.paragraphs
    assert filters_of(services) == {"entity ros": Filters(eased=False)}
    say(services, told.message.actions[0].data)
    assert filters_of(services) == {"entity ros": NO_FILTERS}
    assert restated in say(services, "unsubscribe relief").message.paragraphs
    say(services, "subscribe Rosneft with relief")
    assert filters_of(services) == {"entity ros": Filters((NEW, RELIEF))}
    say(services, "subscribe Rosneft without relief")
    assert filters_of(services) == {"entity ros": Filters(eased=False)}, "no relief at all"


def test_without_relief_leaves_something_to_be_told(services: Services) -> None:
    say(services, "subscribe Rosneft only relief")
    refused = say(services, "subscribe Rosneft without relief")
    assert "Without relief nothing is left of it. To end it, send: /unsubscribe relief" in render_plain(refused.message)
    assert filters_of(services) == {"entity ros": Filters((RELIEF,))}


def test_relief_alone_begins_with_relief_on_everything_and_ends_with_it(services: Services) -> None:
    say(services, "subscribe relief")
    assert filters_of(services) == {"everything": Filters((RELIEF,))}
    say(services, "unsubscribe relief")
    assert filters_of(services) == {}


UNDONE = {
    "one had part of it": (("Rosneft with relief", "Harbour Bank"), "subscribe new,relief"),
    "one had all of it": (("Rosneft with relief", "Harbour Bank only relief"), "subscribe new,relief"),
    "all were alike": (("Rosneft with relief", "Harbour Bank with relief"), "subscribe relief,renewals"),
    "one ended": (("Rosneft only relief", "Harbour Bank with relief"), "unsubscribe relief"),
    "all ended": (("Rosneft only relief", "Harbour Bank only relief"), "unsubscribe relief"),
    "a condition": (("Rosneft", "Harbour Bank from 80%"), "subscribe official only from 90%"),
    "the first": ((), "subscribe new,relief"),
}


@pytest.mark.parametrize(("had", "words"), UNDONE.values(), ids=UNDONE)
def test_undo_makes_every_subscription_what_it_was(services: Services, had: tuple[str, ...], words: str) -> None:
    for one in had:
        say(services, f"subscribe {one}")
    before = filters_of(services)
    told = say(services, words)
    assert filters_of(services) != before
    assert told.message.footer == ""
    for action in told.message.actions:
        assert say(services, action.data).ok
    assert filters_of(services) == before


def test_a_condition_alone_holds_for_all_that_the_chat_follows(services: Services) -> None:
    say(services, "subscribe Rosneft")
    say(services, "subscribe official only")
    assert filters_of(services) == {"entity ros": Filters(tiers=(Tier.OFFICIAL,))}


def test_the_last_events_that_a_subscription_covers_are_shown(services: Services) -> None:
    target = EventTarget("ros", "Rosneft", NEW, 0.9, "", "Rosneft", "https://a.example", "Wire")
    source = EventSource("a", "https://a.example", "Wire", "T", Tier.WIRE, NOW, NOW)
    event = Event("e1", NEW, ("US",), "Russia", None, NOW, NOW, (target,), (source,))
    with services.store.writing() as records:
        records.save_event(event)
        records.save_event(replace(event, key="e2", kind=RELIEF))
    subscribed = say(services, "subscribe Rosneft")
    shown = say(services, subscribed.message.actions[-1].data)
    assert [bullet[-2:] for bullet in shown.message.bullets] == ["e1"]
    say(services, "subscribe relief")
    assert len(say(services, "subscriptions last 3").message.bullets) == 2
    say(services, "subscribe Harbour Bank")
    assert say(services, "subscriptions last 3 entity hcb").message.title == "No past event of Harbour Bank"
    assert not say(services, "subscriptions last 0").ok


def test_words_are_restated_looked_for_in_past_events_and_taken_back(services: Services) -> None:
    target = EventTarget("ros", "Rosneft", NEW, 0.9, "", "Rosneft", "https://a.example", "Wire")
    with services.store.writing() as records:
        for key, text in (("a", "It hires each TANKER there is."), ("b", "Tankers only.")):
            article = Article(key, f"https://a.example/{key}", "Wire", "T", "", (text,), NOW)
            records.save_article(ArticleRecord(article, None, (), f"e{key}", NOW))
            source = EventSource(key, article.url, "Wire", "T", Tier.WIRE, NOW, NOW)
            records.save_event(Event(f"e{key}", NEW, ("US",), "Russia", None, NOW, NOW, (target,), (source,)))
    say(services, "subscribe everything")
    told = say(services, "subscribe with words tanker, pipeline")
    now_told = "This chat is told of new sanctions on everything tracked (2 names today), only once a report of it has"
    assert f"{now_told} “tanker” or “pipeline”." in told.message.paragraphs
    assert [bullet[-2:] for bullet in say(services, "subscriptions last 3").message.bullets] == ["ea"]
    say(services, told.message.actions[0].data)
    assert set(filters_of(services).values()) == {NO_FILTERS}


def test_surer_than_sure_is_refused(services: Services) -> None:
    told = say(services, "subscribe Rosneft from 150%")
    assert "“from 150%”: how sure goes from 0% to 100%" in told.message.paragraphs[0]
