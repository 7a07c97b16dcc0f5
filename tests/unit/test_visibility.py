"""What a chat sees: the decision on a table of cases, and that commands, the console and deliveries all ask it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from bot.alerts import told_why_withdrawn
from bot.events import withdraw, withdraw_target
from bot.model import (
    Article,
    ChatKey,
    ChatRoutes,
    Entity,
    EntityEdit,
    Event,
    EventStep,
    EventTarget,
    Finding,
    Judgement,
    Route,
    Schema,
    Severity,
    Verdict,
    Watchlist,
)
from bot.ports import ArticleRecord
from bot.storage import SqlStore
from bot.visibility import (
    NO_ALERT,
    UNSEEN,
    article_without_events,
    article_without_hidden,
    find_hidden,
    own_stages,
    own_watchlists,
    see_events,
    told_watchlists,
    without_hidden,
)

NOW = datetime(2026, 11, 28, 9, 0, tzinfo=UTC)
HOME, DESK, TOPIC = ChatKey("telegram", "1"), ChatKey("telegram", "-5"), ChatKey("telegram", "-5", "9")
GIVEN = {DESK: ("oil", "main"), ChatKey("slack", "C1"): ("gas",)}
TO_HOME = ChatRoutes(DESK, (Route(Severity.HIGH, HOME),))


@pytest.mark.parametrize(
    ("chat", "own"),
    [
        (DESK, ("oil", "main")),
        (TOPIC, ("oil", "main")),
        (HOME, ("main",)),
        (ChatKey("slack", "-5"), ("main",)),
    ],
    ids=["given", "a topic has its group's", "given none", "the same id elsewhere"],
)
def test_a_chat_has_the_watchlists_that_it_was_given(chat: ChatKey, own: tuple[str, ...]) -> None:
    assert own_watchlists(GIVEN, chat) == own
    assert told_watchlists(GIVEN, (), chat) == own


def test_where_a_route_leads_the_first_chats_watchlists_are_told_and_not_its_own_to_change() -> None:
    assert told_watchlists(GIVEN, [TO_HOME], HOME) == ("main", "oil")
    assert own_watchlists(GIVEN, HOME) == ("main",)
    assert told_watchlists(GIVEN, [TO_HOME], ChatKey("slack", "C1")) == ("gas",)


def test_who_stands_on_no_seen_watchlist_is_left_out_of_an_event() -> None:
    hidden = find_hidden({"a": "main", "b": "oil"}, ("main",))
    assert hidden == {"b"}
    both = event("a", "b", "c")
    seen = without_hidden(both, hidden)
    assert seen
    assert [target.entity for target in seen.targets] == ["a", "c"]
    assert without_hidden(event("b"), hidden) is None
    assert without_hidden(event("a"), hidden) == event("a")


def test_what_an_event_s_history_tells_of_hidden_targets_is_left_out() -> None:
    steps = (
        "Wire told of it first: Orlan, Orlan Works",
        "Herald joined (same act: Orlan named by both); new: Bering",
        "Bering now on the US list, uid 1; Orlan now on the US list, uid 2, programme DPRK3",
    )
    told = replace(event("Bering", "Orlan", "Orlan Works"), history=tuple(EventStep(NOW, what) for what in steps))
    seen = without_hidden(told, frozenset({"Orlan", "Orlan Works"}))
    assert seen
    assert [step.what for step in seen.history] == [
        "Wire told of it first: another name, another name",
        "Herald joined (same act: another name named by both); new: Bering",
        "Bering now on the US list, uid 1; another name",
    ]


def test_why_an_event_or_a_part_of_it_was_withdrawn_names_no_hidden_target() -> None:
    both = withdraw(event("Orlan", "Volga"), "it was Orlan alone", "Ana", NOW)
    seen = without_hidden(both, frozenset({"Orlan"}))
    assert seen
    assert told_why_withdrawn(seen, "").endswith(": it was another name alone")
    part, _ = withdraw_target(event("Orlan", "Volga", "Oka"), "Volga", "it was Orlan", "Ana", NOW)
    seen = without_hidden(part, frozenset({"Orlan"}))
    assert seen
    assert [one.reason for one in seen.withdrawn_targets] == ["it was another name"]


def test_why_an_article_joined_its_event_is_left_out_where_it_may_name_a_hidden_target() -> None:
    findings = tuple(Finding(key, Verdict.NEW_SANCTIONS, 0.9) for key in ("a", "b"))
    why = "same act: Orlan, Bering named by both"
    stages = (
        "page read",
        f"joined event 1a2b3c4d: {why}",
        f"edit for telegram:1: {why}",
        "alert for web:a: subscribed",
    )
    stages = (*stages, "language model not asked: it refused the key (401) (Orlan (Works))")
    article = Article("x", "https://a.example/x", "Wire", "", "", (), NOW)
    record = ArticleRecord(article, Judgement("x", findings, Verdict.NEW_SANCTIONS), stages, "1a2b3c4d", NOW)
    assert article_without_hidden(record, frozenset("c")) == record
    seen = article_without_hidden(record, frozenset("b"))
    assert seen.stages == (
        "page read",
        "joined event 1a2b3c4d",
        "edit for telegram:1",
        "alert for web:a: subscribed",
        "language model not asked: it refused the key",
    )
    assert seen.judgement
    assert [finding.entity for finding in seen.judgement.findings] == ["a"]


def test_an_event_of_which_a_chat_sees_nobody_is_none_of_its_articles() -> None:
    stages = ("page read", "opened event e1: first report", "joined event e2: same act", "nothing for web:a: muted")
    article = Article("x", "https://a.example/x", "Wire", "", "", (), NOW)
    record = ArticleRecord(article, None, (*stages, f"nothing for telegram:1: {UNSEEN}"), "e1", NOW)
    assert article_without_events(record, frozenset({"e9"})) == record
    seen = article_without_events(record, frozenset({"e1"}))
    assert (seen.event, seen.stages) == ("e2", (stages[0], *stages[2:]))
    seen = article_without_events(record, frozenset({"e1", "e2"}))
    assert (seen.event, seen.stages) == (None, (stages[0], stages[3], NO_ALERT))


def test_what_other_chats_were_told_is_left_out_of_an_articles_stages() -> None:
    stages = ("new entry of Wire", "alert for telegram:1: subscribed to Foo", "nothing for telegram:-5: muted")
    assert own_stages(stages, HOME) == stages[:2]
    edits = ("edit for telegram:1", "edit for telegram:-5", "read for long")
    assert own_stages(edits, HOME) == (edits[0], edits[2]), "those without a reason too"


def test_who_is_tracked_no_longer_or_was_merged_stays_hidden(empty_store: SqlStore) -> None:
    oil, gone, merged = (entity(key, "oil") for key in ("oil", "gone", "merged"))
    with empty_store.writing() as records:
        records.add_watchlist(Watchlist("oil", "Oil", NOW, "test"))
        edits = [EntityEdit(one.key, one) for one in (oil, gone, merged, entity("main", "main"))]
        records.edit_watchlist(edits, "test", NOW, "added")
        records.edit_watchlist([EntityEdit("gone")], "test", NOW, "removed")
        records.edit_watchlist([EntityEdit("merged", merged_into="oil")], "test", NOW, "merged")
    with empty_store.reading() as records:
        assert records.places_of(["oil", "gone", "merged", "main", "never"]) == {
            "oil": "oil", "gone": "oil", "merged": "oil", "main": "main",
        }  # fmt: skip
        (seen,) = see_events(records, HOME, [event("gone"), event("merged"), event("main", "oil")])
        assert [target.entity for target in seen.targets] == ["main"]
    with empty_store.writing() as records:
        records.set_watchlists(DESK, ["oil"])
        records.save_routes(TO_HOME)
        assert len(see_events(records, HOME, [event("oil"), event("main")])) == 2


def entity(key: str, watchlist: str) -> Entity:
    return Entity(key, Schema.COMPANY, key.capitalize(), watchlist=watchlist)


def event(*keys: str) -> Event:
    target = EventTarget("", "", Verdict.NEW_SANCTIONS, 0.9, "", "", "https://a.example", "Wire")
    targets = tuple(replace(target, entity=key, caption=key) for key in keys)
    return Event("e1", Verdict.NEW_SANCTIONS, ("US",), None, None, NOW, NOW, targets, ())
