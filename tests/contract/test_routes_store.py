"""What routes need of a store, on SQLite and on PostgreSQL."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta

from bot.model import (
    Acknowledgement,
    Chat,
    ChatKey,
    ChatRoutes,
    DeliveryKind,
    DeliveryState,
    DigestPlan,
    Entity,
    EntityEdit,
    Escalation,
    Filters,
    HeldAlert,
    HoldKind,
    Message,
    Mute,
    MuteKind,
    Notice,
    NoticeKind,
    QuietHours,
    Receipt,
    Route,
    Schema,
    Severity,
    Subscription,
    SubscriptionKind,
    Tier,
    User,
    Verdict,
)
from bot.ports import SentAlert, SentNotice
from bot.storage import SqlStore
from tests.writing import add_delivery, track

NOW = datetime(2026, 3, 5, 12, 30, 15, 123456, UTC)
HOUR = timedelta(hours=1)
DESK, DUTY = ChatKey("telegram", "-5"), ChatKey("telegram", "-9", "4")
ANA = User("telegram", "7", "Ana")
ROUTES = ChatRoutes(
    DESK,
    (Route(Severity.MEDIUM, DUTY), Route(Severity.LOW, None)),
    QuietHours(time(22, 30), time(7), "Europe/Berlin", ()),
    DigestPlan(time(8), "Europe/Berlin", 0, True, (Severity.LOW,), NOW),
    Escalation(timedelta(minutes=30), DUTY),
)
HELD = HeldAlert("e1", DESK, DeliveryKind.ALERT, 1, HoldKind.QUIET, Severity.MEDIUM, "held: quiet", NOW, NOW + HOUR)
MUTE = Mute(DESK, MuteKind.EVENT, "e1", "the event\0", ANA, NOW, NOW + HOUR, "why \ud800", is_snooze=True)


def test_a_subscription_keeps_its_filters_and_they_may_change(store: SqlStore) -> None:
    filters = Filters((Verdict.NEW_SANCTIONS, Verdict.RELIEF), 0.8, (Tier.OFFICIAL, Tier.WIRE))
    plain = Subscription(DESK, SubscriptionKind.EVERYTHING, "", NOW, "ana")
    with store.writing() as records:
        assert records.wanted_verdicts() == frozenset()
        assert records.add_subscription(plain)
        assert not records.add_subscription(replace(plain, filters=filters))
        assert records.subscriptions(DESK) == (plain,)
        assert records.wanted_verdicts() == {Verdict.NEW_SANCTIONS}
        assert records.save_filters(replace(plain, filters=filters))
        assert records.subscriptions(DESK) == (replace(plain, filters=filters),)
        assert records.wanted_verdicts() == {Verdict.NEW_SANCTIONS, Verdict.RELIEF}
        assert not records.save_filters(replace(plain, chat=DUTY))


def test_filters_and_mutes_follow_an_entity_that_is_merged_and_come_back(store: SqlStore) -> None:
    filters = Filters((Verdict.RELIEF,))
    with store.writing() as records:
        for key in ("old", "new"):
            track(records, Entity(key, Schema.COMPANY, key.title()), "ana", NOW)
        records.add_subscription(Subscription(DESK, SubscriptionKind.ENTITY, "old", NOW, "ana", filters))
        number = records.add_mute(replace(MUTE, kind=MuteKind.ENTITY, value="old", until=None))
        edit = records.edit_watchlist([EntityEdit("old", None, merged_into="new")], "ana", NOW, "merged")
        assert [(one.value, one.filters) for one in records.subscriptions(DESK)] == [("new", filters)]
        merged = records.mute(number)
        assert merged is not None
        assert merged.value == "new"
        back = [EntityEdit(v.key, v.entity) for v in records.versions_before(edit)]
        records.edit_watchlist(back, "ana", NOW, "undone", undoes=edit)
        assert [(one.value, one.filters) for one in records.subscriptions(DESK)] == [("old", filters)]
        unmerged = records.mute(number)
        assert unmerged is not None
        assert unmerged.value == "old"


def test_what_a_chat_has_set_is_kept_as_it_was(store: SqlStore) -> None:
    with store.writing() as records:
        assert records.routes_of(DESK) == ChatRoutes(DESK)
        records.save_routes(ROUTES)
        records.save_routes(ChatRoutes(DUTY, quiet=ROUTES.quiet))
        assert records.routes_of(DESK) == ROUTES
        assert [one.chat for one in records.all_routes()] == [DESK, DUTY]
        assert records.routes_elsewhere() == (ROUTES,)
        records.save_routes(ChatRoutes(DUTY))
        assert records.all_routes() == (ROUTES,)


def test_a_mute_holds_until_its_end_or_until_it_is_undone(store: SqlStore) -> None:
    with store.writing() as records:
        first, second = records.add_mute(MUTE), records.add_mute(replace(MUTE, chat=DUTY, until=None))
        assert second > first
        kept = records.mute(first)
        assert kept is not None
        assert (kept.label, kept.why, kept.by, kept.until) == ("the event", "why ?", ANA, NOW + HOUR)
        assert [one.id for one in records.mutes(NOW)] == [first, second]
        assert [one.id for one in records.mutes(NOW, [DUTY])] == [second]
        assert records.mutes(NOW, []) == ()
        assert [one.id for one in records.mutes(NOW + HOUR)] == [second]
        assert [one.id for one in records.snoozes_ended(NOW, NOW + HOUR)] == [first]
        assert records.snoozes_ended(NOW, NOW + HOUR / 2) == ()
        assert records.undo_mute(first, "ben", NOW)
        assert not records.undo_mute(first, "ben", NOW)
        assert records.snoozes_ended(NOW, NOW + HOUR) == ()


def test_the_first_who_acknowledges_is_kept(store: SqlStore) -> None:
    said = Acknowledgement("e1", DESK, ANA, NOW)
    with store.writing() as records:
        assert records.acknowledgement("e1", DESK) is None
        assert records.acknowledge(said)
        assert not records.acknowledge(replace(said, by=User("telegram", "8", "Ben")))
        assert records.acknowledgement("e1", DESK) == said
        assert records.acknowledgement("e1", DUTY) is None
        assert records.undo_acknowledgement("e1", DESK)
        assert not records.undo_acknowledgement("e1", DESK)


def test_a_held_alert_is_given_to_one_who_tells_it(store: SqlStore) -> None:
    reply = replace(HELD, kind=DeliveryKind.FOLLOW_UP, revision=2, note="{}", held_at=NOW + HOUR)
    muted = replace(HELD, event="e2", hold=HoldKind.MUTED, until=None)
    with store.writing() as records:
        for held in (HELD, replace(HELD, reason="again"), reply, muted, replace(HELD, chat=DUTY)):
            records.hold_alert(held)
        assert records.held_alerts("e1") == (HELD, replace(HELD, chat=DUTY), reply)
        assert records.chats_holding() == (
            (DESK, HoldKind.MUTED),
            (DESK, HoldKind.QUIET),
            (DUTY, HoldKind.QUIET),
        )
        told = records.take_held(DESK, [HoldKind.QUIET], NOW + HOUR, "batch")
        assert [(one.kind, one.told_at, one.told_in) for one in told] == [
            (DeliveryKind.ALERT, NOW + HOUR, "batch"),
            (DeliveryKind.FOLLOW_UP, NOW + HOUR, "batch"),
        ]
        assert records.take_held(DESK, [HoldKind.QUIET], NOW + HOUR, "batch") == ()
        assert records.chats_told_otherwise("e1") == (DESK,)
        assert records.take_held(DESK, list(HoldKind), NOW, "digest", "e1") == ()
        assert [one.event for one in records.take_held(DESK, list(HoldKind), NOW, "digest")] == ["e2"]
        assert records.chats_told_otherwise("e2") == (), "of what is muted a digest tells that it was held, no more"


def test_what_a_notice_was_to_tell_counts_as_told_by_what_became_of_it(store: SqlStore) -> None:
    notice = Notice("batch:x", NoticeKind.BATCH, DESK, Message("Hi"), NOW, ("e1",))
    with store.writing() as records:
        records.hold_alert(HELD)
        records.add_notice(notice)
        (taken,) = records.take_held(DESK, [HoldKind.QUIET], NOW, notice.key)
        assert (taken.told_in, records.chats_told_otherwise("e1")) == ("batch", (DESK,))
        records.settle_notice(notice.key, DeliveryState.DEAD, NOW, "refused")
        assert records.chats_told_otherwise("e1") == ()
        assert records.held_alerts("e1") == (replace(HELD, told_at=NOW),)
        assert records.renew_notice(notice.mark)
        assert records.chats_told_otherwise("e1") == (DESK,)
        records.settle_notice(notice.key, DeliveryState.SKIPPED, NOW, "stopped")
        assert records.held_alerts("e1") == (HELD,), "it waits again"


def test_who_was_told_of_an_event_in_whatever_way(store: SqlStore) -> None:
    third, fourth, fifth = (ChatKey("slack", name) for name in ("C3", "C4", "C5"))
    waits = replace(HELD, chat=third)
    muted = replace(HELD, chat=fourth, hold=HoldKind.MUTED, until=None)
    notice = Notice("batch:x", NoticeKind.BATCH, third, Message("Hi"), NOW, ("e1",))
    with store.writing() as records:
        assert records.told_of(["e1", "e2"]) == {}
        due = add_delivery(records, "e1", DESK, DeliveryKind.ALERT, 1, NOW)
        given_up = add_delivery(records, "e1", fifth, DeliveryKind.ALERT, 1, NOW)
        assert due
        assert given_up
        records.settle_delivery(given_up, DeliveryState.DEAD, NOW, "refused")
        add_delivery(records, "e2", DESK, DeliveryKind.FOLLOW_UP, 2, NOW)
        records.save_sent("e2", DUTY, SentAlert(Receipt(DUTY, "5"), 1, "h", NOW))
        for held in (waits, muted):
            records.hold_alert(held)
        assert records.told_of(["e1", "e2", "e3"]) == {"e1": {DESK, third}, "e2": {DUTY}}
        assert records.told_of(["e1", "e2"], [DESK, DUTY]) == {"e1": {DESK}, "e2": {DUTY}}
        assert records.told_of(["e1"], [DUTY, fourth, fifth]) == {}
        records.add_notice(notice)
        records.take_held(third, [HoldKind.QUIET], NOW, notice.key)
        assert records.told_of(["e1"], [third]) == {"e1": {third}}
        records.mark_taken(third, ["e1"], NOW, "")
        assert records.told_of(["e1"], [third]) == {}, "it was no news any more"
        records.take_held(fourth, [HoldKind.MUTED], NOW, "digest:x")
        assert records.told_of(["e1"], [fourth]) == {}, "a digest tells that it was muted, no more"


def test_who_is_reminded_at_a_snoozes_end_was_told(store: SqlStore) -> None:
    with store.writing() as records:
        records.hold_alert(replace(HELD, hold=HoldKind.MUTED, until=None))
        records.take_held(DESK, [HoldKind.MUTED], NOW, "reminder:1")
        assert records.told_of(["e1"]) == {"e1": {DESK}}


def test_what_is_held_of_an_event_that_was_the_same_act_is_adopted_below_all_revisions(store: SqlStore) -> None:
    reply = replace(HELD, kind=DeliveryKind.FOLLOW_UP, revision=3)
    with store.writing() as records:
        for held in (HELD, replace(HELD, event="e2"), replace(reply, event="e2"), replace(HELD, event="e3")):
            records.hold_alert(held)
        records.adopt_alerts("e2", "e3")
        records.adopt_alerts("e1", "e2")
        held = records.held_alerts("e1")
        assert sorted((str(one.kind), one.revision) for one in held if one.revision > 0) == [("alert", 1)]
        assert len(held) == 4
        assert records.held_alerts("e2") == records.held_alerts("e3") == ()
        records.hold_alert(reply)
        assert len(records.held_alerts("e1")) == 5, "no later reply is taken for one that was adopted"


def test_of_many_who_come_at_once_one_tells(store: SqlStore) -> None:
    with store.writing() as records:
        records.hold_alert(HELD)

    def tell(number: int) -> tuple[int, bool, bool]:
        with store.writing() as records:
            held = records.take_held(DESK, [HoldKind.QUIET], NOW, f"batch {number}")
            slot = records.take_digest_slot(DESK, NOW)
            notice = Notice("k", NoticeKind.DIGEST, DESK, Message("Hi"), NOW)
            return len(held), slot, records.add_notice(notice)

    with ThreadPoolExecutor(8) as pool:
        told = list(pool.map(tell, range(8)))
    assert [sum(column) for column in zip(*told, strict=True)] == [1, 1, 1]


def test_a_digest_slot_only_moves_on(store: SqlStore) -> None:
    with store.writing() as records:
        assert records.digest_slot(DESK) is None
        assert records.take_digest_slot(DESK, NOW)
        assert not records.take_digest_slot(DESK, NOW)
        assert not records.take_digest_slot(DESK, NOW - HOUR)
        assert records.take_digest_slot(DESK, NOW + HOUR)
        assert records.digest_slot(DESK) == NOW + HOUR


def test_where_an_escalation_came_from_is_known_while_it_is_sent(store: SqlStore) -> None:
    notice = Notice("escalation:e1", NoticeKind.ESCALATION, DUTY, Message("Hi"), NOW, ("e1",), origin=DESK)
    with store.writing() as records:
        records.add_notice(notice)
        assert records.origins_on("e1", DUTY) == (), "nobody begins to send it yet"
        assert records.claim_notice(notice.key)
        assert (records.origins_on("e1", DUTY), records.origins_on("e1", DESK)) == ((DESK,), ())
        records.settle_notice(notice.key, DeliveryState.DEAD, NOW, "refused")
        assert records.origins_on("e1", DUTY) == ()


def test_a_notice_that_was_sent_is_found_by_its_events_and_by_its_mark(store: SqlStore) -> None:
    notice = Notice("escalation:e1", NoticeKind.ESCALATION, DUTY, Message("Hi"), NOW, ("e1", "e2"), origin=DESK)
    receipt = Receipt(replace(DUTY, thread=""), "77")
    with store.writing() as records:
        records.add_notice(notice)
        records.add_notice(replace(notice, key="another", chat=DESK))
        assert records.notices_on("e1") == (), "neither is in its chat"
        assert records.notice("escalation:e1") == notice == records.notice_marked(notice.mark, DUTY)
        assert records.notice_marked(notice.mark, DESK) is None
        records.settle_notice(notice.key, DeliveryState.SENT, NOW, sent=SentNotice(receipt, "h1"))
        sent = replace(notice, receipt=receipt, content_hash="h1", edited_at=NOW)
        assert records.notices_on("e1") == records.notices_on("e2") == (sent,)
        records.save_notice_edit(notice.key, SentNotice(receipt, "h2"), NOW + HOUR)
        assert records.notice(notice.key) == replace(sent, content_hash="h2", edited_at=NOW + HOUR)
        records.save_chat(Chat(DESK))
        records.move_chat(DESK, "-100")
        assert records.notices_on("e1")[0].origin == replace(DESK, id="-100")
        records.forget_before(NOW + HOUR)
        assert records.notices_on("e1") == ()


def test_a_dead_notice_is_listed_renewed_and_dropped(store: SqlStore) -> None:
    first, second = (Notice(key, NoticeKind.DIGEST, DESK, Message("Hi"), NOW) for key in ("a", "b"))
    with store.writing() as records:
        for notice in (first, second):
            records.add_notice(notice)
            records.claim_notice(notice.key)
        assert records.outbox().waiting_in_all == records.totals(NOW).waiting == 2
        records.settle_notice("a", DeliveryState.DEAD, NOW, "refused")
        assert records.renew_notice(second.mark) is None
        assert records.drop_notice(second.mark, NOW, "why") is None, "it is being sent"
        box = records.outbox()
        assert (box.dead_notices, box.dead_in_all) == ((replace(first, tries=1, reason="refused"),), 1)
        assert records.totals(NOW).dead == 1
        assert records.renew_notice(first.mark) == first
        assert records.drop_notice(first.mark, NOW, "why") == replace(first, reason="why")
        assert records.outbox().dead_in_all == 0


def test_a_notice_is_claimed_until_it_is_settled(store: SqlStore) -> None:
    notice = Notice("digest:x", NoticeKind.DIGEST, DESK, Message("Hi", bullets=("a",)), NOW, ("e1", "e2"))
    with store.writing() as records:
        assert records.add_notice(notice)
        assert not records.add_notice(replace(notice, message=Message("Other")))
        assert records.claim_notice("digest:x") == replace(notice, tries=1)
        assert records.claim_notice("digest:x") == replace(notice, tries=2), "a process died: it is sent again"
        assert [one.key for one in records.notices(DeliveryState.SENDING)] == ["digest:x"]
        records.settle_notice("digest:x", DeliveryState.SENT, NOW)
        assert records.claim_notice("digest:x") is None
        assert records.claim_notice("another") is None


def test_what_was_sent_to_a_chat_in_a_while(store: SqlStore) -> None:
    with store.writing() as records:
        first = add_delivery(records, "e1", DESK, DeliveryKind.ALERT, 1, NOW)
        second = add_delivery(records, "e1", DESK, DeliveryKind.EDIT, 2, NOW)
        add_delivery(records, "e2", DESK, DeliveryKind.ALERT, 1, NOW)
        assert first
        assert second
        records.settle_delivery(first, DeliveryState.SENT, NOW)
        records.settle_delivery(second, DeliveryState.SENT, NOW + HOUR)
        assert records.told_between(DESK, NOW - HOUR, NOW) == (("e1", DeliveryKind.ALERT, NOW),)
        assert records.told_between(DESK, NOW, NOW + HOUR) == (("e1", DeliveryKind.EDIT, NOW + HOUR),)
        assert records.told_between(DUTY, NOW - HOUR, NOW + HOUR) == ()


def test_all_of_it_goes_with_a_chat_that_moves_and_where_others_name_it(store: SqlStore) -> None:
    other = ChatKey("telegram", "-7")
    with store.writing() as records:
        records.save_chat(Chat(DESK))
        records.save_chat(Chat(DUTY))
        records.save_routes(ROUTES)
        records.save_routes(ChatRoutes(other, escalation=Escalation(HOUR, DESK)))
        number = records.add_mute(MUTE)
        records.acknowledge(Acknowledgement("e1", DESK, ANA, NOW))
        records.hold_alert(HELD)
        records.take_digest_slot(DESK, NOW)
        records.add_notice(Notice("k", NoticeKind.BATCH, DESK, Message("Hi"), NOW))
        records.move_chat(DESK, "-100")
        records.move_chat(DUTY, "-200")
        assert records.present_chat(DESK) == replace(DESK, id="-100")
        moved = ChatKey("telegram", "-100")
        new = records.routes_of(moved)
        assert new.chat == moved
        assert [route.to for route in new.routes] == [ChatKey("telegram", "-200", "4"), None]
        assert new.escalation == Escalation(timedelta(minutes=30), ChatKey("telegram", "-200", "4"))
        assert records.routes_of(other).escalation == Escalation(HOUR, moved)
        assert records.routes_of(DESK) == ChatRoutes(DESK)
        assert [one.id for one in records.mutes(NOW, [moved])] == [number]
        assert records.acknowledgement("e1", moved) is not None
        assert records.held_alerts("e1")[0].chat == moved
        assert records.digest_slot(moved) == NOW
        assert records.notices()[0].chat == moved


def test_what_is_old_is_forgotten(store: SqlStore) -> None:
    with store.writing() as records:
        records.hold_alert(HELD)
        records.acknowledge(Acknowledgement("e1", DESK, ANA, NOW))
        for key in ("settled", "waiting"):
            records.add_notice(Notice(key, NoticeKind.BATCH, DESK, Message("Hi"), NOW))
        records.settle_notice("settled", DeliveryState.SENT, NOW)
        records.forget_before(NOW + HOUR)
        assert records.held_alerts("e1") == ()
        assert records.acknowledgement("e1", DESK) is None
        assert [one.key for one in records.notices()] == ["waiting"]


def test_what_a_chat_was_told_together_or_later_outlives_the_message_that_told_it(store: SqlStore) -> None:
    with store.writing() as records:
        for event, hold, told_in in (
            ("batched", HoldKind.QUIET, "batch:1"),
            ("in a digest", HoldKind.DIGEST, "digest:1"),
            ("reminded", HoldKind.MUTED, "reminder:1"),
            ("muted", HoldKind.MUTED, "digest:1"),
            ("never came", HoldKind.QUIET, "batch:dead"),
            ("waiting", HoldKind.QUIET, ""),
        ):
            records.hold_alert(replace(HELD, event=event, hold=hold, told_at=NOW if told_in else None, told_in=told_in))
        for key in ("batch:1", "batch:dead", "digest:1", "reminder:1"):
            records.add_notice(Notice(key, NoticeKind.BATCH, DESK, Message("Hi"), NOW))
            state = DeliveryState.DEAD if key.endswith("dead") else DeliveryState.SENT
            records.settle_notice(key, state, NOW)
        told = records.told_of(("batched", "in a digest", "reminded"))
        assert set(told) == {"batched", "in a digest", "reminded"}
        records.forget_before(NOW + HOUR)
        assert records.notices() == ()
        everything = ("batched", "in a digest", "reminded", "muted", "never came", "waiting")
        assert records.told_of(everything) == told
        records.forget_told_before(NOW + HOUR)
        assert records.told_of(everything) == {}
