"""/adjacent and the line of /why: candidates with their sentence, a button for those who may track."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from bot.commands import Services, answer
from bot.commands.adjacency import track_button
from bot.matching.names import NameIndex
from bot.model import (
    Adjacent,
    Article,
    Chat,
    ChatKey,
    Entity,
    Event,
    EventSource,
    EventTarget,
    Listing,
    Reply,
    Request,
    Schema,
    Tier,
    User,
    Verdict,
    Watchlist,
)
from bot.pipeline import judge
from bot.ports import ArticleRecord, Health
from bot.storage import SqlStore
from bot.watchlist import entity_from_words
from tests.writing import appoint, track

NOW = datetime(2026, 1, 6, tzinfo=UTC)
ENTITIES = (Entity("vsm", Schema.COMPANY, "Volga Shipping and Metals JSC", ("Volga Metals",)),)
SENTENCE = "The United States imposed sanctions on Volga Metals, Orion Shipping LLC (OSL) and Ivan Petrov on Tuesday."
ARTICLE = Article("a1", "https://w.example/a", "Wire", "New round", "", (SENTENCE,), NOW)
ADMIN, ANA = User("telegram", "1"), User("telegram", "7")

Say = Callable[..., Reply]


def listed(name: str) -> Sequence[Listing]:
    return (Listing("us_ofac_sdn", "22603", Schema.COMPANY, "ORION SHIPPING LLC"),) if "Orion" in name else ()


@pytest.fixture
def store(empty_store: SqlStore) -> SqlStore:
    return empty_store


@pytest.fixture
def say(store: SqlStore) -> Say:
    target = EventTarget(
        "vsm", ENTITIES[0].caption, Verdict.NEW_SANCTIONS, 0.9, SENTENCE, "Volga Metals", ARTICLE.url, "Wire"
    )
    sources = tuple(EventSource(key, ARTICLE.url, "Wire", "New round", Tier.WIRE, NOW, NOW) for key in ("a1", "gone"))
    event = Event("e1", Verdict.NEW_SANCTIONS, ("US",), "Russia", None, NOW, NOW, (target,), sources)
    with store.writing() as records:
        track(records, ENTITIES[0], "test", NOW)
        appoint(records, ADMIN, "test", NOW)
        records.save_event(event)
        records.save_event(replace(event, key="e2", sources=sources[1:]))
        judgement = judge(ARTICLE, NameIndex.compile(ENTITIES))
        records.save_article(ArticleRecord(ARTICLE, judgement, (), "e1", NOW))
    services = Services(store, lambda: NOW, (), lambda: Health(NOW), listed=listed)

    def send(text: str, user: User = ADMIN) -> Reply:
        return answer(Request(Chat(ChatKey("telegram", user.id)), user, text, prefix="/"), services)

    return send


@pytest.mark.parametrize("schema", [Schema.COMPANY, Schema.LEGAL_ENTITY])
def test_a_name_that_ends_in_confirm_confirms_nothing(schema: Schema) -> None:
    made = track_button(Adjacent("Vote And Confirm", schema=schema))
    assert made
    assert not made.data.casefold().endswith(" confirm")
    names = made.data.removeprefix("watch add ")
    assert entity_from_words(names, set(), "main").caption == "Vote And Confirm"


def test_an_admin_may_track_each_with_one_tap(say: Say) -> None:
    reply = say("adjacent e1")
    assert reply.message.title == "2 names beside: Volga Shipping and Metals JSC — new US sanctions (Russia)"
    orion, petrov = reply.message.bullets
    assert orion.startswith(
        "Orion Shipping LLC, company, also “OSL” · on us_ofac_sdn, 22603 · Wire: “The United States"
    )
    assert petrov.startswith("Ivan Petrov, person · Wire: “")
    assert reply.message.bullet_urls == (ARTICLE.url, ARTICLE.url)
    data = [action.data for action in reply.message.actions]
    assert data == ["watch add Orion Shipping LLC; OSL | schema=Company", "watch add Ivan Petrov | schema=Person"]
    assert say(data[0]).message.title == "Now tracked: Orion Shipping LLC"
    assert [action.data for action in say("adjacent e1").message.actions] == data[1:]


def test_others_see_them_and_whom_to_ask(say: Say) -> None:
    reply = say("adjacent e1", ANA)
    assert len(reply.message.bullets) == 2
    assert reply.message.actions == ()
    assert "An admin of this bot can track one: /watch add NAME" in reply.message.footer


def test_why_of_the_event_leads_there(say: Say) -> None:
    reply = say("why e1")
    facts = {fact.label: fact.value for fact in reply.message.facts}
    assert facts["Beside, not tracked"] == "Orion Shipping LLC and Ivan Petrov"
    assert "adjacent e1" in [action.data for action in reply.message.actions]
    assert all(fact.label != "Beside, not tracked" for fact in say("why e2").message.facts)


def test_nothing_beside_and_no_event_are_said(say: Say) -> None:
    assert "Nobody untracked beside" in say("adjacent e2").message.title
    assert not say("adjacent e9").ok
    assert not say("adjacent").ok


def test_a_button_carries_as_much_as_it_has_room_for() -> None:
    long = Adjacent(
        "Zakrytoe Aktsionernoe Obshchestvo Promyshlennaya", ("ZAO Promyshlennaya Kompaniya",), Schema.COMPANY
    )
    made = track_button(long)
    assert made
    assert made.data == "watch add Zakrytoe Aktsionernoe Obshchestvo Promyshlennaya"
    assert track_button(replace(long, name="x" * 70)) is None


@pytest.mark.parametrize("is_found", [False, True], ids=["tracked since", "found in the article"])
def test_who_is_tracked_elsewhere_alone_counts_as_not_tracked(store: SqlStore, say: Say, is_found: bool) -> None:
    before = say("adjacent e1").message
    orion = Entity("orion", Schema.COMPANY, "Orion Shipping LLC", ("OSL",), watchlist="oil")
    with store.writing() as records:
        records.add_watchlist(Watchlist("oil", "Oil desk", NOW, "test"))
        track(records, orion, "test", NOW)
        if is_found:
            judgement = judge(ARTICLE, NameIndex.compile((*ENTITIES, orion)))
            assert "orion" in {finding.entity for finding in judgement.findings}
            records.save_article(ArticleRecord(ARTICLE, judgement, (), "e1", NOW))
    assert say("adjacent e1").message == before
    with store.writing() as records:
        records.set_watchlists(ChatKey("telegram", "1"), ("main", "oil"))
    assert "1 name beside" in say("adjacent e1").message.title


@pytest.mark.parametrize("name", ["Kes | topic=vip", "Kes; topic = vip", "Kes\nwatchlist=secret", "Kes\u2028key=gpn"])
def test_an_article_adds_no_settings_to_what_a_button_saves(name: str) -> None:
    for one in (Adjacent("Kestrel Marine Ltd", (name,)), Adjacent(name, ("Kestrel Marine Ltd", "| = ;"))):
        made = track_button(one)
        assert made
        written = made.data.removeprefix("watch add ")
        assert not set("|=\n\u2028") & set(written)
        entity = entity_from_words(written, ())
        assert (entity.topics, entity.watchlist, len(entity.aliases)) == ((), "main", 1)
        assert entity.key != "gpn"
