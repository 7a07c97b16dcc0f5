"""Who is told what, and what follows a failed attempt."""

import hashlib
import json
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.delivery import (
    CHANGED,
    FIRST_WAIT,
    MOST_TRIES,
    FollowChat,
    GiveUp,
    Outcome,
    Planned,
    StopChat,
    TryAgain,
    Withheld,
    content_hash,
    decide_after_failure,
    find_focus,
    find_interest,
    find_unseen,
    next_wait,
    plan_deliveries,
    plan_review,
    told_stopped,
    without_held,
)
from bot.errors import ChatMovedError, DeliveryError
from bot.model import (
    Chat,
    ChatKey,
    DeliveryKind,
    Entity,
    Event,
    EventChange,
    EventRecord,
    EventTarget,
    Held,
    Message,
    Schema,
    Subscription,
    SubscriptionKind,
    Verdict,
)

NOW = datetime(2025, 1, 10, tzinfo=UTC)
CHAT = Chat(ChatKey("telegram", "7"))
ENTITIES = {
    "gpn": Entity("gpn", Schema.COMPANY, "Gazprom Neft", countries=("ru",), topics=("supplier",)),
    "sng": Entity("sng", Schema.COMPANY, "Surgutneftegas", countries=("ru",)),
}


def event(*targets: str, revision: int = 1, kind: Verdict = Verdict.NEW_SANCTIONS) -> Event:
    listed = tuple(EventTarget(t, t, kind, 0.9, "It was listed.", t, "https://a.example", "Wire") for t in targets)
    return Event("e1", kind, ("US",), "Russia", None, NOW, NOW, listed, (), revision=revision)


def change(*targets: str, revision: int = 1, material: bool = True, added: tuple[str, ...] = ()) -> EventChange:
    return EventChange(event(*targets, revision=revision), revision == 1, material, "why", added or targets)


def subscribed(kind: SubscriptionKind, value: str = "") -> list[Subscription]:
    return [Subscription(CHAT.key, kind, value)]


COVERED = {
    "everything": (SubscriptionKind.EVERYTHING, ""),
    "the entity": (SubscriptionKind.ENTITY, "gpn"),
    "its topic": (SubscriptionKind.TOPIC, "supplier"),
    "its country": (SubscriptionKind.COUNTRY, "ru"),
    "its watchlist": (SubscriptionKind.WATCHLIST, "main"),
    "the authority": (SubscriptionKind.AUTHORITY, "US"),
    "the programme": (SubscriptionKind.PROGRAMME, "russia"),
}
NOT_COVERED = {
    "another entity": (SubscriptionKind.ENTITY, "sng"),
    "another topic": (SubscriptionKind.TOPIC, "bank"),
    "another country": (SubscriptionKind.COUNTRY, "cn"),
    "another watchlist": (SubscriptionKind.WATCHLIST, "oil"),
    "another authority": (SubscriptionKind.AUTHORITY, "EU"),
    "another programme": (SubscriptionKind.PROGRAMME, "Iran"),
}


@pytest.mark.parametrize(("kind", "value"), COVERED.values(), ids=COVERED)
def test_a_chat_is_told_if_a_subscription_covers_a_target(kind: SubscriptionKind, value: str) -> None:
    planned, withheld = plan_deliveries(change("gpn"), [CHAT], subscribed(kind, value), set(), ENTITIES)
    assert [plan.kind for plan in planned] == [DeliveryKind.ALERT]
    assert planned[0].reason.startswith("subscribed to")
    assert withheld == ()


@pytest.mark.parametrize(("kind", "value"), NOT_COVERED.values(), ids=NOT_COVERED)
def test_a_chat_is_not_told_of_what_it_did_not_ask_for_and_the_reason_is_kept(
    kind: SubscriptionKind, value: str
) -> None:
    planned, withheld = plan_deliveries(change("gpn"), [CHAT], subscribed(kind, value), set(), ENTITIES)
    assert planned == ()
    assert withheld[0].reason == "no subscription of this chat covers it"


def test_a_stopped_chat_is_told_nothing() -> None:
    stopped = Chat(CHAT.key, stopped_reason="the bot was removed")
    planned, withheld = plan_deliveries(
        change("gpn"), [stopped], subscribed(SubscriptionKind.EVERYTHING), set(), ENTITIES
    )
    assert planned == ()
    assert "removed" in withheld[0].reason


UPDATES = {
    "another outlet, nothing new: a silent edit": (change("gpn", revision=2, material=False), ["edit"]),
    "a new target: an edit and a reply": (change("gpn", "sng", revision=2, added=("sng",)), ["edit", "follow_up"]),
    "the first revision again, after a crash: nothing": (change("gpn"), []),
}


@pytest.mark.parametrize(("changed", "kinds"), UPDATES.values(), ids=UPDATES)
def test_a_chat_that_has_the_alert_gets_updates_not_a_second_alert(changed: EventChange, kinds: list[str]) -> None:
    planned, _ = plan_deliveries(changed, [CHAT], subscribed(SubscriptionKind.EVERYTHING), {CHAT.key}, ENTITIES)
    assert [str(plan.kind) for plan in planned] == kinds


def test_a_new_target_that_the_chat_did_not_ask_for_is_no_reply() -> None:
    changed = change("gpn", "sng", revision=2, added=("sng",))
    planned, _ = plan_deliveries(changed, [CHAT], subscribed(SubscriptionKind.ENTITY, "gpn"), {CHAT.key}, ENTITIES)
    assert [plan.kind for plan in planned] == [DeliveryKind.EDIT]
    assert planned[0].reason == CHANGED, "why it changed may name whom the chat does not see"


def test_a_chat_that_first_joins_late_gets_the_whole_alert() -> None:
    changed = change("gpn", "sng", revision=3, added=("sng",))
    planned, _ = plan_deliveries(changed, [CHAT], subscribed(SubscriptionKind.ENTITY, "sng"), set(), ENTITIES)
    assert [plan.kind for plan in planned] == [DeliveryKind.ALERT]


def test_what_a_chat_asked_for_by_name_is_its_focus() -> None:
    assert find_focus(subscribed(SubscriptionKind.ENTITY, "sng"), event("gpn", "sng")) == {"sng"}


FAILURES: dict[str, tuple[DeliveryError, int, Outcome]] = {
    "the bot was removed": (DeliveryError(CHAT.key, "removed", permanent=True), 1, StopChat("removed")),
    "the group has a new id": (ChatMovedError(CHAT.key, "-100"), 1, FollowChat("-100")),
    "a server error": (DeliveryError(CHAT.key, "500"), 1, TryAgain(FIRST_WAIT, "500")),
    "the last of many": (DeliveryError(CHAT.key, "500"), MOST_TRIES, GiveUp(f"given up after {MOST_TRIES} tries: 500")),
}


@pytest.mark.parametrize(("error", "tries", "outcome"), FAILURES.values(), ids=FAILURES)
def test_after_a_failure(error: DeliveryError, tries: int, outcome: Outcome) -> None:
    assert decide_after_failure(error, tries, jitter=0.5) == outcome


@pytest.mark.parametrize(
    ("platform", "ends"),
    [
        ("telegram", "Its settings stay, and alerts go on once the bot is back in it; outbox retry all sends what was"),
        ("webhook", "Once it takes messages again, outbox retry all sends what was given up, and lets alerts go on."),
        ("apprise", "Once it takes messages again, outbox retry all sends what was given up, and lets alerts go on."),
    ],
)
def test_what_ends_a_stop_is_told_as_it_is_for_the_platform(platform: str, ends: str) -> None:
    assert ends in told_stopped(Chat(ChatKey(platform, "desk")), "it wants no more")


@given(tries=st.integers(1, 1000), jitter=st.floats(0, 1), asked=st.none() | st.timedeltas(timedelta(0), timedelta(1)))
def test_a_pause_is_never_shorter_than_asked_nor_much_longer_than_an_hour(
    tries: int, jitter: float, asked: timedelta | None
) -> None:
    wait = next_wait(tries, jitter, asked)
    assert wait >= (asked or timedelta(seconds=3))
    assert wait <= max(timedelta(hours=1.25), (asked or timedelta(0)) * 1.1)


HERE = Held("gpn", CHAT.key, "held: Ana said so")
EVERYWHERE = replace(HERE, chat=None)
ELSEWHERE = replace(HERE, chat=ChatKey("telegram", "8"))
ALL = subscribed(SubscriptionKind.EVERYTHING)


@pytest.mark.parametrize("held", [HERE, EVERYWHERE], ids=["here", "in every chat"])
def test_a_chat_is_not_told_of_a_look_alike_and_the_reason_says_who_said_so(held: Held) -> None:
    planned, withheld = plan_deliveries(change("gpn"), [CHAT], ALL, set(), ENTITIES, [held])
    assert (planned, withheld) == ((), (Withheld(CHAT.key, "held: Ana said so"),))


HELD_IN_PART = {
    "another target is told": (change("gpn", "sng"), set(), [DeliveryKind.ALERT]),
    "held in another chat only": (change("gpn"), set(), [DeliveryKind.ALERT]),
    "a new target that is the look-alike is an edit, no reply": (
        change("sng", "gpn", revision=2, added=("gpn",)),
        {CHAT.key},
        [DeliveryKind.EDIT],
    ),
}


@pytest.mark.parametrize(("changed", "told", "kinds"), HELD_IN_PART.values(), ids=HELD_IN_PART)
def test_what_is_not_the_look_alike_is_told(
    changed: EventChange, told: set[ChatKey], kinds: list[DeliveryKind]
) -> None:
    held = [ELSEWHERE] if changed == change("gpn") else [HERE]
    planned, _ = plan_deliveries(changed, [CHAT], ALL, told, ENTITIES, held)
    assert [plan.kind for plan in planned] == kinds


def test_who_did_not_ask_for_it_is_told_that_and_not_of_the_look_alike() -> None:
    own = subscribed(SubscriptionKind.ENTITY, "sng")
    _, withheld = plan_deliveries(change("gpn"), [CHAT], own, set(), ENTITIES, [HERE])
    assert withheld[0].reason == "no subscription of this chat covers it"


def test_an_event_is_shown_without_the_look_alike() -> None:
    shown = without_held(event("gpn", "sng"), CHAT.key, [HERE, ELSEWHERE])
    assert [target.entity for target in shown.targets] == ["sng"]
    assert without_held(event("gpn"), CHAT.key, [ELSEWHERE]) == event("gpn")


REVIEWS: dict[str, tuple[EventChange, set[ChatKey], list[Held], object]] = {
    "first": (change("gpn"), set(), [], Planned(CHAT.key, DeliveryKind.ALERT, "to review, 90% for new sanctions")),
    "another outlet": (change("gpn", revision=2), {CHAT.key}, [], Planned(CHAT.key, DeliveryKind.EDIT, CHANGED)),
    "the job ran again": (change("gpn"), {CHAT.key}, [], None),
    "a look-alike": (change("gpn"), set(), [ELSEWHERE, HERE], Withheld(CHAT.key, "held: Ana said so")),
}


@pytest.mark.parametrize(("changed", "told", "held", "plan"), REVIEWS.values(), ids=REVIEWS)
def test_the_review_chat_is_asked_once_whatever_it_is_subscribed_to(
    changed: EventChange, told: set[ChatKey], held: list[Held], plan: object
) -> None:
    assert plan_review(changed, CHAT, told, held) == plan


def test_of_an_event_without_targets_the_review_chat_is_not_asked() -> None:
    empty = replace(change("gpn"), event=replace(change("gpn").event, targets=()))
    assert isinstance(plan_review(empty, CHAT, set()), Withheld)


def test_a_stopped_review_chat_is_not_asked() -> None:
    plan = plan_review(change("gpn"), replace(CHAT, stopped_reason="archived"), set())
    assert plan == Withheld(CHAT.key, "the chat is stopped: archived")


# ---------------------------------------------------------------- watchlists


def test_a_chat_is_not_told_of_what_stands_on_a_watchlist_that_it_does_not_see() -> None:
    entities = {**ENTITIES, "sng": replace(ENTITIES["sng"], watchlist="oil")}
    desk, topic = ChatKey("telegram", "-5"), ChatKey("telegram", "-5", "9")
    told = {CHAT.key: ("main",), desk: ("oil",), topic: ("oil",)}
    unseen = find_unseen(event("gpn", "sng", "gone"), told, {"gpn": "main", "sng": "oil"})
    assert {(one.entity, one.chat) for one in unseen} == {("sng", CHAT.key), ("gpn", desk), ("gpn", topic)}
    own = subscribed(SubscriptionKind.EVERYTHING)
    ((planned,), _) = plan_deliveries(change("gpn", "sng"), [CHAT], own, frozenset(), entities, unseen)
    assert planned.kind is DeliveryKind.ALERT
    _, (withheld,) = plan_deliveries(change("sng"), [CHAT], own, frozenset(), entities, unseen)
    assert withheld.reason == "it is about a watchlist that this chat does not see"
    assert [target.entity for target in without_held(event("gpn", "sng"), CHAT.key, unseen).targets] == ["gpn"]


def test_a_subscription_follows_an_entity_that_was_merged() -> None:
    """An event of before names the key that now leads to the other."""
    merged = {"old": ENTITIES["gpn"]}
    own = subscribed(SubscriptionKind.ENTITY, "gpn")
    assert find_interest(own, event("old"), merged) == "subscribed to Gazprom Neft"


# ---------------------------------------------------------------- records of official lists


def test_what_a_list_says_of_an_alert_that_is_out_is_told_in_a_reply() -> None:
    record = EventRecord("gpn", "us_ofac_sdn", "US", "22603", "now on the OFAC SDN list", NOW)
    listed = replace(change("gpn", revision=2), added_targets=(), added_records=(record,))
    planned, _ = plan_deliveries(listed, [CHAT], ALL, {CHAT.key}, ENTITIES)
    assert [plan.kind for plan in planned] == [DeliveryKind.EDIT, DeliveryKind.FOLLOW_UP]
    assert json.loads(planned[1].note)["records"] == ["now on the OFAC SDN list"]


def test_a_message_without_links_is_told_from_no_other_of_before_there_were_links() -> None:
    """What an earlier version sent is not edited to read as it does."""
    before = (
        "Message(title='T', severity=None, at=None, at_is='', zone='', subtitle='', paragraphs=(), facts=(), "
        "bullets=('One',), quotes=(), sources=(), footer='', actions=(), withdrawn=False, has_commands=False)"
    )
    message = Message("T", bullets=("One",))
    assert content_hash(message) == hashlib.sha256(before.encode()).hexdigest()
    assert content_hash(replace(message, bullet_urls=("https://news.example/1",))) != content_hash(message)


@dataclass(frozen=True, slots=True)
class Longer(Message):
    """As a message will be once it has one field more."""

    added: str = ""


def test_a_field_that_messages_get_later_counts_where_it_is_set_alone() -> None:
    message = Message("T", bullets=("One",))
    assert content_hash(Longer("T", bullets=("One",))) == content_hash(message)
    assert content_hash(Longer("T", bullets=("One",), added="more")) != content_hash(message)
