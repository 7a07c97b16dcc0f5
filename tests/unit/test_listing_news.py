"""What a list's change means for who is tracked: who is concerned, what is said, which event it joins."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.alerts import alert_message, follow_up_message
from bot.delivery import plan_deliveries
from bot.events import add_records, cluster, cluster_listed, withdraw_all, withdraw_target
from bot.identifiers import shared_identifier
from bot.listings.awaiting import AWAITED_AFTER, awaited_record, find_awaited
from bot.listings.concerned import find_concerned, name_likeness
from bot.listings.news import is_flood
from bot.listings.reports import Told, join_replaced, make_reports, read_change, tell_change
from bot.lists import LISTS
from bot.model import (
    Article,
    Chat,
    ChatKey,
    DeliveryKind,
    Entity,
    Event,
    EventRecord,
    Finding,
    Identifier,
    Judgement,
    Listing,
    Schema,
    Subscription,
    SubscriptionKind,
    Tier,
    Verdict,
)
from bot.ports import ListImport, ListingChange, ListState
from bot.rendering import render_plain

NOW = datetime(2026, 5, 12, 15, 0, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
SDN = LISTS["us_ofac_sdn"]
LISTED = Listing(
    "us_ofac_sdn",
    "22603",
    Schema.COMPANY,
    "VOLGA SHIPPING AND METALS JSC",
    aliases=("VSM", "Volga Metals", "ОАО Волга"),
    programmes=("RUSSIA-EO14024",),
    countries=("ru",),
)
ENTITY = Entity("vsm", Schema.COMPANY, "Volga Shipping and Metals JSC", ("Volga Metals",), (), ("ru",))
OTHER = Entity("hcb", Schema.COMPANY, "Harbour Commercial Bank")
ENTITIES = {"vsm": ENTITY, "hcb": OTHER}
IMPORT = ListImport(7, "us_ofac_sdn", NOW, rows=9_000, added=3, changed=1, ended_at=NOW)
CHAT = Chat(ChatKey("telegram", "1"))
EVERYTHING = Subscription(CHAT.key, SubscriptionKind.EVERYTHING)


def concerned(listing: Listing, *entities: Entity, floor: float = 0.85) -> list[tuple[str, float]]:
    found = find_concerned([listing], entities, name_likeness, floor)
    return [(one.entity.key, round(one.score, 2)) for one in found]


def entity(*identifiers: str, caption: str = "Nobody Alike", **values: object) -> Entity:
    kept = tuple(Identifier(*text.split(":", 1)) for text in identifiers)
    return replace(Entity("e", Schema.COMPANY, caption, identifiers=kept), **values)  # type: ignore[arg-type]


# ---------------------------------------------------------------- who is concerned


@pytest.mark.parametrize(
    ("case", "tracked", "listing", "score"),
    [
        ("its id on that list", entity("listId:us_ofac_sdn:22603"), LISTED, 1.0),
        ("its id on another list", entity("listId:eu_fsf:22603"), LISTED, None),
        ("another id on that list, same name", entity("listId:us_ofac_sdn:1", caption=LISTED.caption), LISTED, None),
        ("the same name, in other capitals", ENTITY, LISTED, 1.0),
        ("the words in another order", entity(caption="Metals and Shipping Volga JSC"), LISTED, 1.0),
        ("a misspelling", entity(caption="Wolga Shiping and Metals JSC"), LISTED, 0.87),
        ("in Cyrillic", entity(caption="Волга Шиппинг энд Металс"), LISTED, 0.98),
        ("initials alone", entity(caption="VSM"), LISTED, None),
        ("one word in common", entity(caption="Volga Dairy"), LISTED, None),
        ("a ship of that name", entity(caption=LISTED.caption, schema=Schema.VESSEL), LISTED, None),
    ],
)
def test_who_is_concerned(case: str, tracked: Entity, listing: Listing, score: float | None) -> None:
    found = concerned(listing, tracked, OTHER)
    assert [key for key, _ in found] == ([tracked.key] if score else []), case
    assert all(abs(got - (score or 0)) < 0.03 for _, got in found)


@pytest.mark.parametrize(
    ("case", "ours", "theirs", "apart", "same"),
    [
        ("an IMO number with its letters", "imoNumber:IMO 9187629", "imoNumber:9187629", False, True),
        ("an IMO number, whatever the flag", "imoNumber:9187629", "imoNumber:9187629", True, True),
        ("a tax number", "taxNumber:77-0123 4567", "taxNumber:7701234567", False, True),
        ("a tax number of another country", "taxNumber:7701234567", "taxNumber:7701234567", True, False),
        ("a number too short to tell", "registrationNumber:123", "registrationNumber:123", False, False),
        ("another kind", "taxNumber:7701234567", "passportNumber:7701234567", False, False),
        ("a wallet in other capitals", "publicKey:aBc1234567", "publicKey:ABC1234567", False, False),
    ],
)
def test_numbers_that_both_have(case: str, ours: str, theirs: str, apart: bool, same: bool) -> None:
    tracked = entity(ours, countries=("sg",) if apart else ("ru",))
    listing = replace(LISTED, identifiers=(Identifier(*theirs.split(":", 1)),))
    assert bool(shared_identifier(tracked, listing)) is same, case


# ---------------------------------------------------------------- what a change is


@pytest.mark.parametrize(
    ("case", "old", "new", "verdict"),
    [
        ("added", None, LISTED, Verdict.NEW_SANCTIONS),
        ("removed", LISTED, None, Verdict.RELIEF),
        ("a programme added", LISTED, replace(LISTED, programmes=("RUSSIA-EO14024", "SDGT")), Verdict.NEW_SANCTIONS),
        ("a programme removed", replace(LISTED, programmes=("RUSSIA-EO14024", "SDGT")), LISTED, Verdict.BACKGROUND),
        ("an alias added", replace(LISTED, aliases=()), LISTED, Verdict.BACKGROUND),
        ("remarks rewritten", LISTED, replace(LISTED, remarks="x"), None),
        ("delisted, and still carried", LISTED, replace(LISTED, delisted_on=date(2026, 5, 1)), Verdict.RELIEF),
        ("carried as delisted, now gone", replace(LISTED, delisted_on=date(2026, 5, 1)), None, None),
        ("new, but as delisted", None, replace(LISTED, delisted_on=date(2026, 5, 1)), None),
        ("listed again", replace(LISTED, delisted_on=date(2026, 5, 1)), LISTED, Verdict.NEW_SANCTIONS),
    ],
)
def test_what_a_change_is(case: str, old: Listing | None, new: Listing | None, verdict: Verdict | None) -> None:
    read = read_change(ListingChange("us_ofac_sdn", "22603", old, new))
    assert (read and read[0]) == verdict, case


def told(old: Listing | None, new: Listing | None, tracked: Entity = ENTITY) -> Told:
    listing = new or old
    assert listing
    (concern,) = find_concerned([listing], [tracked], name_likeness, 0.9)
    found = tell_change(ListingChange(listing.list, listing.uid, old, new), concern, SDN, "on 12 May 2026", NOW)
    assert found
    return found


def test_an_addition_is_a_sentence_with_what_the_entry_tells() -> None:
    one = told(None, LISTED)
    assert one.sentence == (
        "VOLGA SHIPPING AND METALS JSC was added to the OFAC SDN list on 12 May 2026 under RUSSIA-EO14024, "
        "uid 22603, 3 aliases."
    )
    assert one.record.text == "now on the OFAC SDN list, uid 22603, programme RUSSIA-EO14024, 3 aliases"


def test_the_day_is_the_lists_own_where_it_tells() -> None:
    assert "on 3 Mar 2026 under" in told(None, replace(LISTED, listed_on=date(2026, 3, 3))).sentence
    assert "removed from the OFAC SDN list on 12 May 2026, uid 22603" in told(LISTED, None).sentence
    amended = told(LISTED, replace(LISTED, programmes=("RUSSIA-EO14024", "SDGT")))
    assert "amended on 12 May 2026, uid 22603: programme SDGT added" in amended.sentence


@pytest.mark.parametrize(
    ("case", "new", "verdicts"),
    [
        ("another id, all else as it was", {"uid": "9"}, {Verdict.BACKGROUND}),
        ("its name corrected, an alias kept", {"uid": "9", "caption": "VOLGA SHIPING JSC"}, {Verdict.BACKGROUND}),
        ("a programme less", {"uid": "9", "programmes": ()}, {Verdict.BACKGROUND}),
        ("another programme", {"uid": "9", "programmes": ("SDGT",)}, {Verdict.NEW_SANCTIONS, Verdict.RELIEF}),
    ],
)
def test_an_entry_that_gets_another_id_is_neither_new_nor_gone(
    case: str, new: dict[str, object], verdicts: set[Verdict]
) -> None:
    added = replace(LISTED, **new)  # type: ignore[arg-type]
    joined = join_replaced([told(LISTED, None), told(None, added)], SDN, "on 12 May 2026")
    assert {one.verdict for one in joined} == verdicts, case
    assert len(joined) == len(verdicts)
    told_id = "entry on the OFAC SDN list has another id on 12 May 2026: uid 9, before 22603"
    assert (joined[0].record.text == told_id) == (verdicts == {Verdict.BACKGROUND})


# ---------------------------------------------------------------- the report and its event


def news(at: datetime = NOW - 3 * HOUR, acted_on: date | None = date(2026, 5, 12)) -> Event:
    """What an outlet reported of the same act."""
    article = Article("a1", "https://wire.example/a", "Wire", "T", "", ("Washington blacklisted Volga Metals.",), at)
    finding = Finding("vsm", Verdict.NEW_SANCTIONS, 0.9, "Washington blacklisted Volga Metals.")
    judgement = Judgement("a1", (finding,), Verdict.NEW_SANCTIONS, ("US",), "Russia", acted_on)
    (change,) = cluster(article, judgement, ENTITIES, (), at)
    return change.event


def test_a_report_is_an_article_from_an_official_source_with_the_entry_as_evidence() -> None:
    one = told(None, LISTED)
    (report,) = make_reports([one, one], SDN, IMPORT, NOW)
    article, judgement = report.article, report.judgement
    assert (article.tier, article.outlet, article.key) == (
        "official",
        "OFAC SDN list",
        "list:us_ofac_sdn:7:new_sanctions:1",
    )
    assert (judgement.event, judgement.authorities) == (Verdict.NEW_SANCTIONS, ("US",))
    (finding,) = judgement.findings
    assert finding.evidence == one.sentence
    (mention,) = finding.mentions
    assert article.blocks[mention.block].text[mention.start : mention.end] == mention.surface == LISTED.caption
    assert article.url.startswith("https://")


def test_acts_are_told_apart_and_an_amendment_is_no_event() -> None:
    second = replace(LISTED, uid="2", programmes=("SDGT",), caption=OTHER.caption, aliases=())
    amended = replace(LISTED, uid="3", aliases=())
    all_told = [told(None, LISTED), told(None, second, OTHER), told(amended, replace(amended, aliases=("Volga",)))]
    reports = list(make_reports(all_told, SDN, IMPORT, NOW))
    assert sorted((str(r.judgement.event), len(r.records)) for r in reports) == [
        ("None", 0),
        ("new_sanctions", 1),
        ("new_sanctions", 1),
    ]
    (quiet,) = [report for report in reports if report.judgement.event is None]
    assert quiet.judgement.findings[0].verdict is Verdict.BACKGROUND


def listed_change(known: tuple[Event, ...], at: datetime = NOW, listing: Listing = LISTED) -> tuple[Event, bool, bool]:
    (report,) = make_reports([told(None, listing)], SDN, IMPORT, at)
    (change,) = cluster_listed(report.article, report.judgement, ENTITIES, known, at, report.records)
    return change.event, change.opened, change.material


def test_a_listing_joins_the_news_event_and_is_a_material_follow_up() -> None:
    before = news()
    event, opened, material = listed_change((before,))
    assert (event.key, opened, material) == (before.key, False, True)
    assert event.revision == before.revision + 1
    assert [source.outlet for source in event.sources] == ["Wire", "OFAC SDN list"]
    assert event.programme == "Russia"
    text = render_plain(alert_message(event))
    assert "Official lists: now on the OFAC SDN list, uid 22603, programme RUSSIA-EO14024, 3 aliases" in text


def test_a_listing_opens_an_event_which_the_news_joins() -> None:
    event, opened, _ = listed_change((), listing=replace(LISTED, listed_on=date(2026, 5, 12)))
    assert (opened, event.revision, len(event.records)) == (True, 1, 1)
    article = Article("a2", "https://x.example", "Herald", "T", "", ("x",), NOW + HOUR)
    finding = Finding("vsm", Verdict.NEW_SANCTIONS, 0.9, "x")
    judgement = Judgement("a2", (finding,), Verdict.NEW_SANCTIONS, ("US",), "Russia", date(2026, 5, 12))
    (change,) = cluster(article, judgement, ENTITIES, (event,), NOW + HOUR)
    assert (change.opened, change.event.key, change.event.records) == (False, event.key, event.records)


def test_a_report_that_is_saved_again_changes_nothing() -> None:
    event, _, _ = listed_change((news(),))
    (report,) = make_reports([told(None, LISTED)], SDN, IMPORT, NOW)
    (change,) = cluster_listed(report.article, report.judgement, ENTITIES, (event,), NOW + HOUR, report.records)
    assert (change.event, change.material) == (event, False)


def test_another_act_of_another_time_is_another_event() -> None:
    event, opened, _ = listed_change((news(NOW - 40 * DAY, date(2026, 4, 1)),))
    assert opened
    assert event.opened_at == NOW


@pytest.mark.parametrize("days", [1, 4, 5, 9])
def test_an_entry_without_a_day_joins_the_news_that_awaits_it_however_late_the_list_is(days: int) -> None:
    before = news(NOW - days * DAY, NOW.date() - days * DAY)
    event, opened, material = listed_change((before,))
    assert (event.key, opened, material) == (before.key, False, True)
    assert (event.acted_on, len(event.records)) == (before.acted_on, 1)


def test_what_nobody_reported_beside_such_an_entry_is_told_by_itself_and_each_once() -> None:
    before = news(NOW - 7 * DAY, NOW.date() - 7 * DAY)
    second = replace(LISTED, uid="2", caption=OTHER.caption, aliases=())
    (report,) = make_reports([told(None, LISTED), told(None, second, OTHER)], SDN, IMPORT, NOW)

    def listed(known: tuple[Event, ...], at: datetime) -> dict[str, tuple[list[str], list[str]]]:
        changes = cluster_listed(report.article, report.judgement, ENTITIES, known, at, report.records)
        events = [change.event for change in changes]
        return {
            event.key: ([target.entity for target in event.targets], [one.entity for one in event.records])
            for event in events
        }

    first, other = cluster_listed(report.article, report.judgement, ENTITIES, (before,), NOW, report.records)
    assert (first.event.key, first.opened, other.opened) == (before.key, False, True)
    assert listed((before,), NOW) == {before.key: (["vsm"], ["vsm"]), other.event.key: (["hcb"], ["hcb"])}
    assert listed((first.event, other.event), NOW + HOUR) == listed((before,), NOW), "the job ran again"


def entry(entity: str, uid: str, at: datetime = NOW) -> EventRecord:
    return EventRecord(entity, "us_ofac_sdn", "US", uid, f"now on the OFAC SDN list, uid {uid}", at)


def reading(name: str, keys: Sequence[str], at: datetime, acted_on: date | None = None) -> tuple[Article, Judgement]:
    article = Article(name, f"https://list.example/{name}", "OFAC SDN list", name, "", (), at, tier=Tier.OFFICIAL)
    findings = tuple(Finding(key, Verdict.NEW_SANCTIONS, 1.0, f"{key} is on it") for key in keys)
    return article, Judgement(name, findings, Verdict.NEW_SANCTIONS, ("US",), None, acted_on)


def test_two_parts_of_a_reading_that_belong_to_one_event_are_one_change_of_it() -> None:
    both = replace(news().targets[0], entity="hcb", caption=OTHER.caption)
    before = replace(news(NOW - 4 * DAY, NOW.date() - 4 * DAY), records=(entry("vsm", "1"),), revision=2)
    before = replace(before, targets=(*before.targets, both))
    entries = (entry("vsm", "2"), entry("hcb", "3"))
    article, judgement = reading("list", ("vsm", "hcb"), NOW)
    (change,) = cluster_listed(article, judgement, ENTITIES, (before,), NOW, entries)
    assert {record.uid for record in change.event.records} == {"1", "2", "3"}
    assert (change.event.revision > before.revision, change.material) == (True, True)
    assert [record.uid for record in change.added_records] == ["3"], "the first was told of already"
    assert change.reason.startswith("the entry that it awaited")


KEYS = "abcd"
SOME = st.lists(st.sampled_from(KEYS), min_size=1, max_size=3, unique=True)
DAYS_AGO = st.none() | st.integers(0, 4)
READINGS = st.lists(
    st.tuples(st.booleans(), SOME, st.integers(0, 60), DAYS_AGO, st.integers(1, 5)), min_size=3, max_size=10
)


@settings(deadline=None, max_examples=60)
@given(READINGS)
def test_of_whatever_lists_and_outlets_tell_no_event_changes_twice_at_once_and_no_entry_is_lost(
    told_in_turn: list[tuple[bool, list[str], int, int | None, int]],
) -> None:
    entities = {key: Entity(key, Schema.COMPANY, f"Name {key}") for key in KEYS}
    events: dict[str, Event] = {}
    at = NOW
    for number, (is_list, keys, hours, days_ago, uid) in enumerate(told_in_turn):
        at += hours * HOUR
        acted_on = None if days_ago is None else (at - days_ago * DAY).date()
        article, judgement = reading(f"a{number}", keys, at, acted_on)
        known = sorted(events.values(), key=lambda event: event.updated_at, reverse=True)
        if is_list:
            entries = [entry(key, f"{uid}", at) for key in keys]
            changes = cluster_listed(article, judgement, entities, known, at, entries)
            kept = {(one.entity, one.uid) for change in changes for one in change.event.records}
            assert kept >= {(one.entity, one.uid) for one in entries}
        else:
            changes = cluster(replace(article, tier=Tier.WIRE), judgement, entities, known, at)
        changed = [event for change in changes for event in (change.event, *change.merged)]
        assert len({event.key for event in changed}) == len(changed)
        for event in changed:
            before = events.get(event.key, event)
            assert event == before or event.revision > before.revision
            assert {(one.entity, one.uid) for one in before.records} <= {(one.entity, one.uid) for one in event.records}
        events |= {event.key: event for event in changed}


@pytest.mark.parametrize(
    ("case", "changed"),
    [
        ("it has its entry", {"records": (EventRecord("vsm", "us_ofac_sdn", "US", "22603", "now on it", NOW),)}),
        ("another authority acted", {"authorities": ("EU",)}),
        ("it is too long ago", {"acted_on": date(2026, 4, 28)}),
    ],
)
def test_an_entry_without_a_day_belongs_to_no_event_that_does_not_await_it(
    case: str, changed: dict[str, object]
) -> None:
    before = replace(news(NOW - 7 * DAY, NOW.date() - 7 * DAY), **changed)  # type: ignore[arg-type]
    assert listed_change((before,))[1], case


def taken_out(entity: str = "vsm", at: datetime = NOW - HOUR, **values: object) -> Event:
    """What an outlet reported of two, of whom one was withdrawn since."""
    both = replace(news(), targets=(*news().targets, replace(news().targets[0], entity="hcb", caption=OTHER.caption)))
    return withdraw_target(replace(both, **values), entity, "it was spared", "Ana", at)[0]  # type: ignore[arg-type]


@pytest.mark.parametrize("listed_on", [None, date(2026, 5, 12)], ids=["without a day", "of the act's day"])
def test_a_listing_restores_the_target_that_was_withdrawn(listed_on: date | None) -> None:
    before = taken_out()
    (report,) = make_reports([told(None, replace(LISTED, listed_on=listed_on))], SDN, IMPORT, NOW)
    (change,) = cluster_listed(report.article, report.judgement, ENTITIES, (before,), NOW, report.records)
    assert (change.event.key, change.opened) == (before.key, False)
    assert [target.entity for target in change.event.targets] == ["vsm", "hcb"]
    assert change.event.withdrawn_targets == ()
    assert [record.entity for record in change.event.records] == ["vsm"]
    (restored,) = change.restored
    assert before.revision < restored.event.revision < change.event.revision
    assert restored.correction.said.startswith(
        "Volga Shipping and Metals JSC restored by an official list: now on the OFAC SDN list, uid 22603"
    )
    assert change.added_records == (), "it is told once"
    again = cluster_listed(report.article, report.judgement, ENTITIES, (change.event,), NOW, report.records)
    assert [(one.event, one.restored) for one in again] == [(change.event, ())]


@pytest.mark.parametrize("listed_on", [None, date(2026, 5, 12)], ids=["without a day", "of the act's day"])
def test_a_listing_restores_its_target_of_an_event_that_was_withdrawn_as_a_whole(listed_on: date | None) -> None:
    both = replace(news(), targets=(replace(news().targets[0], entity="hcb", caption=OTHER.caption), *news().targets))
    before, _ = withdraw_all(both, "a hoax: both", "Ana", NOW - HOUR)
    (report,) = make_reports([told(None, replace(LISTED, listed_on=listed_on))], SDN, IMPORT, NOW)
    (change,) = cluster_listed(report.article, report.judgement, ENTITIES, (before,), NOW, report.records)
    event = change.event
    assert (event.key, change.opened, event.withdrawn) == (before.key, False, False)
    assert [target.entity for target in event.targets] == ["vsm"]
    assert [target.entity for target in event.ever_targets] == ["hcb", "vsm"]
    (gone,) = event.withdrawn_targets
    assert (gone.target.entity, gone.by, gone.reason, gone.at) == ("hcb", "Ana", "a hoax: both", NOW - HOUR)
    (restored,) = change.restored
    assert (restored.correction.target, restored.event.withdrawn) == ("vsm", False)
    assert before.revision < restored.event.revision < event.revision
    assert change.added_records == (), "it is told once"


@pytest.mark.parametrize("changed", [{"authorities": ("EU",)}, {"acted_on": date(2026, 4, 20)}], ids=str)
def test_an_entry_of_another_act_leaves_what_was_withdrawn_as_a_whole(changed: dict[str, object]) -> None:
    before = replace(withdraw_all(news(), "", "Ana", NOW - HOUR)[0], **changed)  # type: ignore[arg-type]
    event, opened, _ = listed_change((before,))
    assert (opened, event.key != before.key) == (True, True)


@pytest.mark.parametrize(
    ("case", "before", "opened"),
    [
        ("whoever withdrew it saw that entry", {"records": (EventRecord("vsm", "us_csl", "US", "9", "x", NOW),)}, None),
        ("another authority acted", {"authorities": ("EU",)}, True),
        ("it is too long ago", {"acted_on": date(2026, 4, 20)}, True),
    ],
)
def test_an_entry_confirms_only_the_act_that_it_is_of(
    case: str, before: dict[str, object], opened: bool | None
) -> None:
    (report,) = make_reports([told(None, LISTED)], SDN, IMPORT, NOW)
    event = taken_out(**before)  # type: ignore[arg-type]
    (change,) = cluster_listed(report.article, report.judgement, ENTITIES, (event,), NOW, report.records)
    assert change.restored == (), case
    assert opened is None or change.opened is opened, case


def test_an_entry_that_is_found_restores_the_target_too_and_one_that_was_there_does_not() -> None:
    before, entry = taken_out(), record()
    change = add_records(before, [entry], NOW, "held against the official lists")
    assert change
    assert [target.entity for target in change.event.targets] == ["vsm", "hcb"]
    assert (len(change.restored), change.added_records) == (1, ())
    old = add_records(before, [entry], NOW, "held against the official lists", is_news=False)
    assert old
    assert (old.restored, old.event.withdrawn_targets) == ((), before.withdrawn_targets)
    assert add_records(taken_out(records=(entry,)), [entry], NOW, "x") is None
    missed = add_records(before, [record(uid="")], NOW, "x")
    assert missed
    assert missed.restored == ()


def test_a_removal_is_told_to_subscribers_as_relief() -> None:
    (report,) = make_reports([told(LISTED, None)], SDN, IMPORT, NOW)
    (change,) = cluster_listed(report.article, report.judgement, ENTITIES, (news(),), NOW, report.records)
    assert (change.opened, change.event.kind) == (True, Verdict.RELIEF)
    planned, _ = plan_deliveries(change, [CHAT], [EVERYTHING], frozenset(), ENTITIES)
    assert [plan.kind for plan in planned] == [DeliveryKind.ALERT]
    assert "sanctions eased" in alert_message(change.event).title


def test_chats_that_were_told_get_an_edit_and_a_reply() -> None:
    before = news()
    (report,) = make_reports([told(None, LISTED)], SDN, IMPORT, NOW)
    (change,) = cluster_listed(report.article, report.judgement, ENTITIES, (before,), NOW, report.records)
    planned, _ = plan_deliveries(change, [CHAT], [EVERYTHING], {CHAT.key}, ENTITIES)
    assert [plan.kind for plan in planned] == [DeliveryKind.EDIT, DeliveryKind.FOLLOW_UP]
    told_records = [record.text for record in change.added_records]
    title = follow_up_message(change.event, (), (), told_records).title
    assert title == "Now on the OFAC SDN list, uid 22603, programme RUSSIA-EO14024, 3 aliases"


def record(
    list_key: str = "us_ofac_sdn", uid: str = "22603", text: str = "now on it", authority: str = "US"
) -> EventRecord:
    return EventRecord("vsm", list_key, authority, uid, text, NOW)


@pytest.mark.parametrize(
    ("case", "had", "new", "kept", "material"),
    [
        ("the first entry", (), record(), 1, True),
        ("the same again, later", (record(),), replace(record(), at=NOW + DAY), None, False),
        ("the entry reads otherwise", (record(),), record(text="on it, amended"), 1, False),
        ("another list of that authority", (record(),), record("us_csl", "9"), 2, False),
        ("a list of another authority", (record(),), record("eu_fsf", "9", authority="EU"), 2, True),
        ("reported, and on no list", (), record(uid="", text="not on it"), 1, True),
        ("still on no list", (record(uid="", text="not on it"),), record(uid="", text="not on it"), None, False),
        ("on the list after all", (record(uid="", text="not on it"),), record(), 1, True),
    ],
)
def test_what_lists_say_of_an_event(
    case: str, had: tuple[EventRecord, ...], new: EventRecord, kept: int | None, material: bool
) -> None:
    event = replace(news(), records=had)
    change = add_records(event, [new], NOW, "x")
    if kept is None:
        assert change is None, case
        return
    assert change
    assert (len(change.event.records), change.material, change.event.revision) == (kept, material, event.revision + 1)
    quiet = add_records(event, [new], NOW, "x", is_news=False)
    assert quiet
    assert not quiet.material


# ---------------------------------------------------------------- reported, and not on the list


@pytest.mark.parametrize(
    ("case", "read_after", "now_after", "records", "asked", "late"),
    [
        ("the list was read since, within the day", HOUR, 2 * HOUR, (), 1, False),
        ("the list was not read since", -HOUR, 2 * HOUR, (), 0, False),
        ("a day later, the list read", AWAITED_AFTER + HOUR, AWAITED_AFTER + 2 * HOUR, (), 1, True),
        ("a day later, the list not read since", HOUR, AWAITED_AFTER + 2 * HOUR, (), 1, False),
        ("its entry is known", AWAITED_AFTER + HOUR, AWAITED_AFTER + 2 * HOUR, (record(),), 0, False),
        ("it was said already", AWAITED_AFTER + HOUR, AWAITED_AFTER + 2 * HOUR, (record(uid=""),), 0, False),
    ],
)
def test_what_is_awaited(
    case: str, read_after: timedelta, now_after: timedelta, records: tuple[EventRecord, ...], asked: int, late: bool
) -> None:
    event = replace(news(), records=records)
    state = ListState("us_ofac_sdn", last_success_at=event.opened_at + read_after)
    found = list(
        find_awaited(event, {"us_ofac_sdn": SDN}, {"us_ofac_sdn": state}, ENTITIES, event.opened_at + now_after)
    )
    assert (len(found), any(one.is_late for one in found)) == (asked, late), case


def test_a_target_that_joined_later_is_awaited_from_then_on() -> None:
    event, joined = news(), NOW + 20 * HOUR
    article = Article("a2", "https://x.example", "Herald", "T", "", ("x",), joined)
    both = tuple(Finding(key, Verdict.NEW_SANCTIONS, 0.95, "x") for key in ("vsm", "hcb"))
    judgement = Judgement("a2", both, Verdict.NEW_SANCTIONS, ("US",), "Russia", date(2026, 5, 12))
    (change,) = cluster(article, judgement, ENTITIES, (event,), joined)
    assert not change.opened

    def awaited(read_at: datetime) -> dict[str, bool]:
        states = {"us_ofac_sdn": ListState("us_ofac_sdn", last_success_at=read_at)}
        found = find_awaited(change.event, {"us_ofac_sdn": SDN}, states, ENTITIES, read_at)
        return {one.entity.key: one.is_late for one in found}

    assert awaited(joined - HOUR) == {"vsm": False}
    assert awaited(joined + 2 * HOUR + 5 * HOUR) == {"vsm": True, "hcb": False}
    assert awaited(joined + AWAITED_AFTER) == {"vsm": True, "hcb": True}


def test_nothing_is_awaited_of_an_authority_without_a_list_here_or_with_one_in_trouble() -> None:
    event, later = news(), NOW + 3 * DAY
    fine = ListState("us_ofac_sdn", last_success_at=later)
    assert list(find_awaited(replace(event, authorities=("JP",)), LISTS, {"us_ofac_sdn": fine}, ENTITIES, later)) == []
    stopped = replace(fine, stopped="too few")
    assert list(find_awaited(event, LISTS, {"us_ofac_sdn": stopped}, ENTITIES, later)) == []
    assert list(find_awaited(replace(event, kind=Verdict.RELIEF), LISTS, {"us_ofac_sdn": fine}, ENTITIES, later)) == []
    (question,) = find_awaited(event, LISTS, {"us_ofac_sdn": fine}, ENTITIES, later)
    assert awaited_record(question, later).text == "reported, but not found on the OFAC SDN list 24 h later"


def test_a_list_whose_ids_all_changed_tells_nobody() -> None:
    assert is_flood(replace(IMPORT, rows=9_000, added=8_000))
    assert not is_flood(replace(IMPORT, rows=9_000, added=400))
    assert not is_flood(replace(IMPORT, rows=20, added=15))
