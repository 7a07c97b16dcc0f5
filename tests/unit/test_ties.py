"""Who that is tracked is close to an event's targets; what that makes of its severity, and of who is told."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from bot.alerts import alert_message
from bot.delivery import find_concerned, find_interest, find_severity, find_told_ties, find_unseen, without_held
from bot.model import (
    ChatKey,
    Entity,
    EntityLink,
    Event,
    EventSource,
    EventTarget,
    Filters,
    Schema,
    Severity,
    Subscription,
    SubscriptionKind,
    Tie,
    Tier,
    Verdict,
)
from bot.rendering import render_plain
from bot.severities import told_ties
from bot.ties import MOST, find_ties

NOW = datetime(2026, 3, 4, 12, 0, tzinfo=UTC)
CHAT = ChatKey("telegram", "1")
HARBOUR = Entity("hh", Schema.COMPANY, "Harbour Holding", aliases=("Harbour Group",), countries=("cy",))
VOLGA = Entity("vs", Schema.COMPANY, "Volga Shipping", countries=("ru",), topics=("ships",))


def entity(key: str, *links: tuple[str, str], watchlist: str = "main") -> Entity:
    made = tuple(EntityLink(kind, other) for kind, other in links)
    return Entity(key, Schema.COMPANY, f"Firm {key}", links=made, watchlist=watchlist)


def event(kind: Verdict = Verdict.NEW_SANCTIONS, sure: float = 0.9, ties: Sequence[Tie] = ()) -> Event:
    target = EventTarget("hh", HARBOUR.caption, kind, sure, "It listed Harbour Holding.", "Harbour", "u", "Wire")
    source = EventSource("a", "https://a.example", "Wire", "T", Tier.WIRE, NOW, NOW)
    return Event("e1", kind, ("US",), "Russia", None, NOW, NOW, (target,), (source,), ties=tuple(ties))


def linked(target: Entity, *links: tuple[str, str]) -> Entity:
    return replace(target, links=tuple(EntityLink(kind, other) for kind, other in links))


CLOSE = {
    "its link names the target's key": (HARBOUR, linked(VOLGA, ("owned_by", "hh")), (), "Volga Shipping is owned by"),
    "its link names an alias": (HARBOUR, linked(VOLGA, ("part_of", "HARBOUR group")), (), "Volga Shipping is part of"),
    "the target's link names its key": (
        linked(HARBOUR, ("owns", "vs")), VOLGA, (), "Harbour Holding owns Volga Shipping",
    ),
    "the target's link names it": (
        linked(HARBOUR, ("director", "Volga shipping")), VOLGA, (), "Volga Shipping is a director of Harbour Holding",
    ),
    "its link names whom the act names beside": (
        HARBOUR, linked(VOLGA, ("owned_by", "Ivan Petrov")), ("Ivan Petrov",),
        "Volga Shipping is owned by Ivan Petrov, whom the act names too",
    ),
}  # fmt: skip
FAR = {
    "no link": (VOLGA, ()),
    "a link to somebody else": (linked(VOLGA, ("owned_by", "Baltic Holding")), ("Ivan Petrov",)),
    "a target itself": (linked(HARBOUR, ("owned_by", "Harbour Group")), ()),
}


@pytest.mark.parametrize(("target", "other", "beside", "told"), CLOSE.values(), ids=CLOSE)
def test_who_is_close_and_how(target: Entity, other: Entity, beside: tuple[str, ...], told: str) -> None:
    (tie,) = find_ties(event(), {"hh": target}, [other], beside)
    assert (tie.target, tie.entity, tie.watchlist) == ("hh", "vs", "main")
    assert tie.told.startswith(told)


@pytest.mark.parametrize(("other", "beside"), FAR.values(), ids=FAR)
def test_who_is_not_close(other: Entity, beside: tuple[str, ...]) -> None:
    assert find_ties(event(), {"hh": HARBOUR}, [other], beside) == ()


def test_ties_are_of_new_sanctions_alone_and_not_endless() -> None:
    others = [entity(str(number), ("owned_by", "hh")) for number in range(200)]
    assert find_ties(event(Verdict.RELIEF), {"hh": HARBOUR}, others) == ()
    ties = find_ties(event(), {"hh": HARBOUR}, others)
    assert len(ties) == MOST
    assert told_ties(ties) == "Firm 0 is owned by Harbour Holding, and 49 more such ties"


TIE = Tie("hh", "vs", "main", "Volga Shipping is owned by Harbour Holding")
BY_ENTITY = Subscription(CHAT, SubscriptionKind.ENTITY, "vs")
ENTITIES = {"hh": HARBOUR, "vs": VOLGA}
SEVERITIES = {
    "everything, sure": (
        [Subscription(CHAT, SubscriptionKind.EVERYTHING)], 0.9, Severity.HIGH, "named itself, 90% sure",
    ),
    "the target by name, less sure": (
        [Subscription(CHAT, SubscriptionKind.ENTITY, "hh")], 0.6, Severity.MEDIUM,
        "only 60% sure; from 70% on it would be high",
    ),
    "somebody close": ([BY_ENTITY], 0.9, Severity.MEDIUM, f"by adjacency, not named itself: {TIE.told}"),
    "a topic of somebody close": (
        [Subscription(CHAT, SubscriptionKind.TOPIC, "ships")], 0.9, Severity.MEDIUM,
        f"by adjacency, not named itself: {TIE.told}",
    ),
    "both": (
        [BY_ENTITY, Subscription(CHAT, SubscriptionKind.COUNTRY, "cy")], 0.9, Severity.HIGH, "named itself, 90% sure",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("own", "sure", "severity", "reason"), SEVERITIES.values(), ids=SEVERITIES)
def test_new_by_name_is_above_new_by_adjacency_and_says_why(
    own: list[Subscription], sure: float, severity: Severity, reason: str
) -> None:
    told = event(sure=sure, ties=[TIE])
    assert find_interest(own, told, ENTITIES)
    severe = find_severity(own, told, ENTITIES)
    assert (severe.severity, severe.reason) == (severity, reason)


def test_other_verdicts_are_below_both() -> None:
    severe = find_severity([Subscription(CHAT, SubscriptionKind.EVERYTHING)], event(Verdict.RELIEF), ENTITIES)
    assert (severe.severity, severe.reason) == (Severity.LOW, "relief, nobody is newly sanctioned")


def test_who_follows_somebody_close_is_told_why_in_the_alert() -> None:
    told = event(ties=[TIE])
    assert find_interest([BY_ENTITY], told, ENTITIES) == f"subscribed to somebody close to it: {TIE.told}"
    ties = find_told_ties([BY_ENTITY], told, ENTITIES)
    text = render_plain(alert_message(told, ties=ties))
    assert f"Why medium: by adjacency, not named itself: {TIE.told}\nSanctioned: Harbour Holding" in text
    assert text.startswith("🟠 Harbour Holding — new US sanctions (Russia)\nMedium")
    assert find_concerned([BY_ENTITY], told, ENTITIES) == {"hh"}, "so that its later news are told too"


@pytest.mark.parametrize(
    "filters",
    [
        Filters(by_name=True),
        Filters((Verdict.RELIEF,)),
        Filters(confidence=0.95),
        Filters(tiers=(Tier.OFFICIAL,)),
    ],
    ids=["by name only", "relief only", "surer", "official only"],
)
def test_filters_hold_for_ties_too(filters: Filters) -> None:
    assert find_interest([replace(BY_ENTITY, filters=filters)], event(ties=[TIE]), ENTITIES) is None


def test_a_tie_to_a_watchlist_that_a_chat_does_not_see_is_not_told_there() -> None:
    secret = event(ties=[replace(TIE, watchlist="secret")])
    held = find_unseen(secret, {CHAT: ("main",)}, {"hh": "main", "vs": "secret"})
    assert [one.entity for one in held] == ["vs"]
    seen = without_held(secret, CHAT, held)
    assert (seen.ties, seen.targets) == ((), secret.targets)
