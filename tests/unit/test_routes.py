"""Who is told what, and when: the decisions on tables of cases, times of day as properties."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.delivery import find_concerned, find_interest, find_obstacle, plan_deliveries, with_words
from bot.events import cluster, find_reports
from bot.model import (
    Acknowledgement,
    Article,
    Chat,
    ChatKey,
    ChatRoutes,
    DigestPlan,
    Entity,
    Escalation,
    Event,
    EventChange,
    EventSource,
    EventTarget,
    Filters,
    Finding,
    HoldKind,
    Judgement,
    Mute,
    MuteKind,
    QuietHours,
    Route,
    Schema,
    Severity,
    Subscription,
    SubscriptionKind,
    Tier,
    User,
    Verdict,
)
from bot.routes import (
    Contents,
    Hidden,
    Line,
    batch_notice,
    decide_escalation,
    decide_hold,
    decide_route,
    digest_notice,
    due_slot,
    find_muting,
    next_slot,
    quiet_until,
    read_zone,
    route_subscriptions,
    told_settings,
    with_states,
    without_names,
)

NOW = datetime(2026, 3, 4, 12, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
DESK, DUTY = ChatKey("telegram", "-5"), ChatKey("telegram", "-9")
TOPIC = ChatKey("telegram", "-5", "12")
ANA = User("telegram", "7", "Ana")
ARTICLE = Article("art", "https://a.example", "Wire", "T", "", (), NOW)
ENTITIES = {
    "gpn": Entity("gpn", Schema.COMPANY, "Gazprom Neft"),
    "sng": Entity("sng", Schema.COMPANY, "Surgutneftegas"),
}


def event(
    *targets: str,
    kind: Verdict = Verdict.NEW_SANCTIONS,
    outlets: tuple[tuple[str, Tier], ...] = (("Wire", Tier.WIRE),),
    confidence: float = 0.9,
) -> Event:
    listed = tuple(EventTarget(t, t, kind, confidence, "", t, "https://a.example", "Wire") for t in targets or ("gpn",))
    sources = tuple(EventSource(f"a{o}", "https://a.example", o, "T", tier, NOW, NOW) for o, tier in outlets)
    return Event("e1", kind, ("US",), "Russia", None, NOW, NOW, listed, sources)


def worded(*reports: str) -> Event:
    """An event with a source for each; each has these words, or this one phrase."""
    one = event().sources[0]
    sources = (replace(one, words=(said, *said.split())) for said in reports)
    return replace(event(), sources=tuple(sources))


HAS_WORDS = {
    "in the headline, in capitals": ("oil", "OIL giant hit", "", True),
    "with an accent": ("Öl", "T", "Das OL ist teuer.", True),
    "only part of a word": ("oil", "T", "Turmoil and oily foils.", False),
    "a phrase": ("crude oil", "T", "Crude  oil’s price", True),
    "a phrase over two paragraphs": ("crude oil", "Crude", "Oil", False),
    "Chinese": ("原油", "T", "美国制裁原油贸易商", True),
    "any ending": ("tanker*", "T", "Two TANKERS were hit.", True),
    "any ending, none": ("tanker*", "T", "A tanker.", True),
    "a beginning in the middle": ("anker*", "T", "Two tankers.", False),
    "a phrase with any ending": ("crude oil*", "T", "Prices of crude oils", True),
    "a phrase's first word whole": ("rude oil*", "T", "Prices of crude oils", False),
    "Russian, any ending": ("танкер*", "T", "Два танкера под санкциями", True),
    "what would be a pattern": ("o.l (a+)+$", "oil aaaa", "", False),
}


@pytest.mark.parametrize(("word", "title", "text", "has_it"), HAS_WORDS.values(), ids=HAS_WORDS)
def test_which_words_an_article_has(word: str, title: str, text: str, has_it: bool) -> None:
    articles = {"aWire": replace(ARTICLE, title=title, paragraphs=(text,))}
    found = with_words(event(), [word], articles.get)
    assert find_obstacle(Filters(words=(word,)), found, "gpn") is None if has_it else not found.sources[0].words
    assert with_words(found, [word], lambda _key: None) == found, "what was found stays when the text is gone"


# ---------------------------------------------------------------- filters

ONLY_NEW, WITH_RELIEF = Filters(), Filters((Verdict.NEW_SANCTIONS, Verdict.RELIEF))
FILTERED = {
    "new sanctions, by default": (ONLY_NEW, event(), None),
    "relief, not asked for": (ONLY_NEW, event(kind=Verdict.RELIEF), "relief is not asked for"),
    "relief, asked for": (WITH_RELIEF, event(kind=Verdict.RELIEF), None),
    "only relief asked for": (Filters((Verdict.RELIEF,)), event(), "new sanctions is not asked for"),
    "a proposal, with relief asked for": (WITH_RELIEF, event(kind=Verdict.POSSIBLE), "possible is not asked for"),
    "surely enough": (Filters(confidence=0.9), event(), None),
    "not surely enough": (Filters(confidence=0.8), event(confidence=0.6), "60% sure, and 80% is asked for"),
    "a wire, official only": (
        Filters(tiers=(Tier.OFFICIAL,)),
        event(),
        "only sources that are official are asked for, and none tells of it yet",
    ),
    "an official source joined": (
        Filters(tiers=(Tier.OFFICIAL,)),
        event(outlets=(("Wire", Tier.WIRE), ("OFAC", Tier.OFFICIAL))),
        None,
    ),
    "a word that is asked for": (Filters(words=("Öl", "Crude Oil")), worded("crude oil"), None),
    "none of the words": (
        Filters(words=("Öl", "Crude Oil")),
        worded("tanker"),
        "“Öl” or “Crude Oil” is asked for, and no report of it has that yet",
    ),
    "a word that is shut out": (
        Filters(without=("Court", "football")),
        worded("court"),
        "“Court” is shut out, and no report of it is without that yet",
    ),
    "a later report has the word, and none that is shut out": (
        Filters(words=("oil",), without=("court",)),
        worded("court oil", "oil"),
        None,
    ),
    "a later report has a word that is shut out": (Filters(without=("court",)), worded("", "court"), None),
    "one report has the word, another is without the other": (
        Filters(words=("oil",), without=("court",)),
        worded("oil court", ""),
        "“court” is shut out, and no report of it is without that yet",
    ),
    "the word, but not in an official source": (
        Filters(tiers=(Tier.OFFICIAL,), words=("oil",)),
        replace(
            worded("oil", ""),
            sources=(worded("oil").sources[0], replace(worded("").sources[0], tier=Tier.OFFICIAL)),
        ),
        "“oil” is asked for, and no report of it has that yet",
    ),
}


@pytest.mark.parametrize(("filters", "told", "obstacle"), FILTERED.values(), ids=FILTERED)
def test_what_filters_leave_out_and_why(filters: Filters, told: Event, obstacle: str | None) -> None:
    assert find_obstacle(filters, told, "gpn") == obstacle
    own = [Subscription(DESK, SubscriptionKind.EVERYTHING, filters=filters)]
    assert bool(find_interest(own, told, ENTITIES)) is (obstacle is None)
    if obstacle:
        change = EventChange(told, True, True, "first")
        _, (withheld,) = plan_deliveries(change, [Chat(DESK)], own, frozenset(), ENTITIES)
        assert withheld.reason == f"the filters of this chat's subscriptions leave it out: {obstacle}"


@pytest.mark.parametrize(
    ("programme", "of", "is_told"),
    [("russia", "Russia", True), ("IFSR", "SDGT, IFSR", True), ("SDG", "SDGT, IFSR", False), ("x", None, False)],
)
def test_a_programme_that_is_one_of_two_is_followed_too(programme: str, of: str | None, is_told: bool) -> None:
    own = [Subscription(DESK, SubscriptionKind.PROGRAMME, programme)]
    assert (find_interest(own, replace(event(), programme=of), ENTITIES) is not None) is is_told


def test_targets_that_concern_a_chat_are_those_that_it_asked_for() -> None:
    own = [Subscription(DESK, SubscriptionKind.ENTITY, "sng")]
    assert find_concerned(own, event("gpn", "sng"), ENTITIES) == {"sng"}


# ---------------------------------------------------------------- events of other verdicts


def judged(**verdicts: Verdict) -> Judgement:
    findings = tuple(Finding(key, verdict, 0.9, "It says so.") for key, verdict in verdicts.items())
    return Judgement("art", findings, Verdict.NEW_SANCTIONS, ("US",), "Russia")


def test_other_verdicts_make_events_only_if_somebody_asked_and_never_part_of_an_alert() -> None:
    judgement = judged(gpn=Verdict.NEW_SANCTIONS, sng=Verdict.RELIEF)
    assert [report.kind for report in find_reports(ARTICLE, judgement)] == [Verdict.NEW_SANCTIONS]
    alert, relief = cluster(ARTICLE, judgement, ENTITIES, (), NOW, frozenset({Verdict.RELIEF}))
    assert (alert.event.kind, [t.entity for t in alert.event.targets]) == (Verdict.NEW_SANCTIONS, ["gpn"])
    assert (relief.event.kind, [t.entity for t in relief.event.targets]) == (Verdict.RELIEF, ["sng"])
    assert alert.event.key != relief.event.key


def test_the_same_article_judged_again_opens_nothing_new_of_either_kind() -> None:
    judgement, kinds = judged(gpn=Verdict.NEW_SANCTIONS, sng=Verdict.POSSIBLE), frozenset({Verdict.POSSIBLE})
    first = cluster(ARTICLE, judgement, ENTITIES, (), NOW, kinds)
    again = cluster(ARTICLE, judgement, ENTITIES, [change.event for change in first], NOW, kinds)
    assert [change.event for change in again] == [change.event for change in first]
    assert not any(change.opened or change.material for change in again)


def test_a_proposal_that_is_adopted_is_an_event_of_its_own() -> None:
    proposed = cluster(ARTICLE, judged(gpn=Verdict.POSSIBLE), ENTITIES, (), NOW, frozenset({Verdict.POSSIBLE}))
    later = replace(ARTICLE, key="art2", outlet="Herald")
    (adopted,) = cluster(later, judged(gpn=Verdict.NEW_SANCTIONS), ENTITIES, [proposed[0].event], NOW + HOUR)
    assert adopted.opened
    assert adopted.event.kind is Verdict.NEW_SANCTIONS


# ---------------------------------------------------------------- routes

ROUTES = ChatRoutes(DESK, (Route(Severity.MEDIUM, TOPIC), Route(Severity.LOW, None)))
WAYS = {
    "nothing set": (None, Severity.LOW, DESK, "low alerts are told here"),
    "no route for it": (ROUTES, Severity.HIGH, DESK, "high alerts are told here"),
    "to a topic": (
        ROUTES,
        Severity.MEDIUM,
        TOPIC,
        "sent elsewhere by a route of this chat: medium alerts go to telegram:-5:12",
    ),
    "switched off": (
        ROUTES,
        Severity.LOW,
        None,
        "held back by a route of this chat: low alerts are switched off here",
    ),
}


@pytest.mark.parametrize(("settings", "severity", "to", "reason"), WAYS.values(), ids=WAYS)
def test_where_an_alert_goes(settings: ChatRoutes | None, severity: Severity, to: ChatKey | None, reason: str) -> None:
    routed = decide_route(settings, DESK, severity)
    assert (routed.to, routed.reason) == (to, reason)


def test_subscriptions_move_with_the_route_and_a_chat_that_has_the_alert_keeps_it_up_to_date() -> None:
    own = [Subscription(DESK, SubscriptionKind.EVERYTHING), Subscription(DUTY, SubscriptionKind.EVERYTHING)]

    def moved(severity: Severity, told: frozenset[ChatKey] = frozenset()) -> list[ChatKey]:
        routed, _ = route_subscriptions(own, {DESK: ROUTES}, told, lambda _own: severity)
        return [one.chat for one in routed]

    assert moved(Severity.HIGH) == [DESK, DUTY]
    assert moved(Severity.MEDIUM) == [TOPIC, DUTY]
    assert moved(Severity.LOW) == [DUTY]
    assert moved(Severity.MEDIUM, frozenset({DESK})) == [DESK, TOPIC, DUTY]
    _, elsewhere = route_subscriptions(own, {DESK: ROUTES}, frozenset(), lambda _own: Severity.LOW)
    assert "switched off" in elsewhere[DESK]
    back = route_subscriptions(own, {DESK: ROUTES}, frozenset(), lambda _own: Severity.MEDIUM, frozenset({TOPIC}))
    assert back == (tuple(own), {}), "nothing can be sent where the route leads"


# ---------------------------------------------------------------- mutes


def mute(kind: MuteKind, value: str, number: int = 1, **values: object) -> Mute:
    return replace(Mute(DESK, kind, value, value, ANA, NOW - HOUR, NOW + HOUR, id=number), **values)  # type: ignore[arg-type]


MUTED = {
    "the event": ([mute(MuteKind.EVENT, "e1")], event(), True),
    "another event": ([mute(MuteKind.EVENT, "e2")], event(), False),
    "its only name": ([mute(MuteKind.ENTITY, "gpn")], event(), True),
    "one of two names": ([mute(MuteKind.ENTITY, "gpn")], event("gpn", "sng"), False),
    "both names": ([mute(MuteKind.ENTITY, "gpn"), mute(MuteKind.ENTITY, "sng", 2)], event("gpn", "sng"), True),
    "the only outlet, in other capitals": ([mute(MuteKind.SOURCE, "WIRE")], event(), True),
    "one of two outlets": (
        [mute(MuteKind.SOURCE, "Wire")],
        event(outlets=(("Wire", Tier.WIRE), ("Herald", Tier.NEWS))),
        False,
    ),
    "its verdict": ([mute(MuteKind.VERDICT, "relief")], event(kind=Verdict.RELIEF), True),
    "another verdict": ([mute(MuteKind.VERDICT, "relief")], event(), False),
    "who acts, in other capitals": ([mute(MuteKind.AUTHORITY, "us")], event(), True),
    "one of two who act": ([mute(MuteKind.AUTHORITY, "US")], replace(event(), authorities=("US", "EU")), False),
    "both who act": (
        [mute(MuteKind.AUTHORITY, "US"), mute(MuteKind.AUTHORITY, "EU", 2)],
        replace(event(), authorities=("US", "EU")),
        True,
    ),
    "nobody is said to act": ([mute(MuteKind.AUTHORITY, "US")], replace(event(), authorities=()), False),
    "its programme": ([mute(MuteKind.PROGRAMME, "russia")], event(), True),
    "no programme": ([mute(MuteKind.PROGRAMME, "Russia")], replace(event(), programme=None), False),
    "one of two programmes": ([mute(MuteKind.PROGRAMME, "SDGT")], replace(event(), programme="SDGT, IFSR"), False),
    "both programmes": (
        [mute(MuteKind.PROGRAMME, "SDGT"), mute(MuteKind.PROGRAMME, "IFSR", 2)],
        replace(event(), programme="SDGT, IFSR"),
        True,
    ),
    "over": ([mute(MuteKind.EVENT, "e1", until=NOW)], event(), False),
    "until undone": ([mute(MuteKind.EVENT, "e1", until=None)], event(), True),
    "undone": ([mute(MuteKind.EVENT, "e1", undone_at=NOW)], event(), False),
}


@pytest.mark.parametrize(("mutes", "told", "is_muted"), MUTED.values(), ids=MUTED)
def test_what_a_mute_holds(mutes: list[Mute], told: Event, is_muted: bool) -> None:
    concerned = frozenset(target.entity for target in told.targets)
    assert (find_muting(mutes, told, concerned, NOW) is not None) is is_muted


def test_a_mute_says_who_until_when_and_why() -> None:
    said = mute(MuteKind.EVENT, "e1", why="being handled")
    hold = decide_hold(None, [said], event(), frozenset({"gpn"}), Severity.HIGH, NOW)
    assert hold is not None
    assert (hold.kind, hold.until) == (HoldKind.MUTED, NOW + HOUR)
    assert hold.reason == "held: e1 muted by Ana until 4 Mar 2026, 13:00 UTC: being handled"


# ---------------------------------------------------------------- quiet hours and digests instead

NIGHT = QuietHours(time(22), time(7), "Europe/Berlin")
DAILY = DigestPlan(time(8), "Europe/Berlin", instead=(Severity.LOW,))
AT_NIGHT = datetime(2026, 3, 4, 23, 30, tzinfo=UTC)
HOLDS = {
    "by day": (ChatRoutes(DESK, quiet=NIGHT), Severity.MEDIUM, NOW, None),
    "at night": (ChatRoutes(DESK, quiet=NIGHT), Severity.MEDIUM, AT_NIGHT, HoldKind.QUIET),
    "at night, and it matters": (ChatRoutes(DESK, quiet=NIGHT), Severity.HIGH, AT_NIGHT, None),
    "at night, without exception": (
        ChatRoutes(DESK, quiet=replace(NIGHT, passing=())),
        Severity.HIGH,
        AT_NIGHT,
        HoldKind.QUIET,
    ),
    "low, told in the digest": (ChatRoutes(DESK, digest=DAILY), Severity.LOW, NOW, HoldKind.DIGEST),
    "high, beside a digest": (ChatRoutes(DESK, digest=DAILY), Severity.HIGH, NOW, None),
    "nothing set": (None, Severity.LOW, AT_NIGHT, None),
}


@pytest.mark.parametrize(("settings", "severity", "now", "kind"), HOLDS.values(), ids=HOLDS)
def test_when_an_alert_waits(
    settings: ChatRoutes | None, severity: Severity, now: datetime, kind: HoldKind | None
) -> None:
    hold = decide_hold(settings, [], event(), frozenset({"gpn"}), severity, now)
    assert (hold and hold.kind) == kind
    if kind is HoldKind.QUIET and hold:
        assert hold.until == datetime(2026, 3, 5, 6, 0, tzinfo=UTC)
        assert hold.reason == "held: quiet hours here until 07:00 (Europe/Berlin)"


DAY = {
    "the hour before": (QuietHours(time(12), time(14), "UTC"), datetime(2026, 3, 4, 11, 59, tzinfo=UTC), None),
    "its first moment": (QuietHours(time(12), time(14), "UTC"), NOW, datetime(2026, 3, 4, 14, tzinfo=UTC)),
    "its last moment": (QuietHours(time(10), time(12), "UTC"), NOW, None),
    "after midnight, of the evening before": (
        NIGHT,
        datetime(2026, 3, 5, 5, 59, tzinfo=UTC),
        datetime(2026, 3, 5, 6, tzinfo=UTC),
    ),
    "the night on which the clocks go forward": (
        NIGHT,
        datetime(2026, 3, 28, 23, tzinfo=UTC),
        datetime(2026, 3, 29, 5, tzinfo=UTC),
    ),
    "the night on which they go back": (
        NIGHT,
        datetime(2026, 10, 24, 21, tzinfo=UTC),
        datetime(2026, 10, 25, 6, tzinfo=UTC),
    ),
}


@pytest.mark.parametrize(("quiet", "now", "until"), DAY.values(), ids=DAY)
def test_until_when_it_is_quiet(quiet: QuietHours, now: datetime, until: datetime | None) -> None:
    assert quiet_until(quiet, now) == until


ZONES = st.sampled_from(
    [
        "UTC",
        "Europe/Berlin",
        "America/New_York",
        "Australia/Lord_Howe",
        "Pacific/Apia",
        "Africa/Casablanca",
        "Asia/Gaza",
    ]
)
MOMENTS = st.integers(0, 25 * 366 * 24 * 60).map(lambda minutes: datetime(2010, 1, 1, tzinfo=UTC) + HOUR * minutes / 60)


@given(now=MOMENTS, zone=ZONES, at=st.times(), weekday=st.none() | st.integers(0, 6))
def test_a_digest_is_due_once_for_each_of_its_days_whatever_the_clocks_do(
    now: datetime, zone: str, at: time, weekday: int | None
) -> None:
    plan = DigestPlan(at.replace(second=0, microsecond=0), zone, weekday)
    due, after = due_slot(plan, now), next_slot(plan, now)
    assert due <= now < after
    assert due_slot(plan, after) == after
    assert due_slot(plan, after - timedelta(microseconds=1)) == due
    days = 1 if weekday is None else 7
    # the clocks move by at most an hour or two, once a zone left out a whole day
    assert timedelta(days=days) - timedelta(hours=2) <= after - due <= timedelta(days=days) + timedelta(hours=2) or (
        zone == "Pacific/Apia" and due.year == 2011 and due.month == 12
    )
    local = due.astimezone(ZoneInfo(zone))
    skipped = (due - HOUR * 2).astimezone(ZoneInfo(zone)).utcoffset() != local.utcoffset()
    assert local.time().replace(microsecond=0) == plan.at or skipped


@given(now=MOMENTS, zone=ZONES, start=st.times(), end=st.times())
def test_quiet_hours_end_in_the_future_and_are_over_then(now: datetime, zone: str, start: time, end: time) -> None:
    quiet = QuietHours(start.replace(microsecond=0), end.replace(microsecond=0), zone)
    until = quiet_until(quiet, now)
    if until is not None and quiet.start != quiet.end:
        assert now < until <= now + timedelta(hours=26)


def test_a_weekly_digest_is_due_on_its_day() -> None:
    plan = DigestPlan(time(8), "Europe/Berlin", weekday=0)
    assert due_slot(plan, NOW) == datetime(2026, 3, 2, 7, tzinfo=UTC)
    assert next_slot(plan, NOW).astimezone(ZoneInfo("Europe/Berlin")).date() == date(2026, 3, 9)


@pytest.mark.parametrize(
    ("name", "zone"),
    [
        ("europe/berlin", "Europe/Berlin"),
        ("America/New_York", "America/New_York"),
        ("america/new_york", "America/New_York"),
        ("africa/dar_es_salaam", "Africa/Dar_es_Salaam"),
        ("america/port-au-prince", "America/Port-au-Prince"),
        ("Berlin", "Europe/Berlin"),
        ("new york", "America/New_York"),
        ("buenos aires", "America/Argentina/Buenos_Aires"),
        ("utc", "UTC"),
    ],
)
def test_zones_are_read_as_people_write_them(name: str, zone: str) -> None:
    assert read_zone(name, NOW) == zone


@pytest.mark.parametrize(
    "name", ["", "Atlantis", "localtime", "../../etc/passwd", "/etc/localtime", "Europe/Berlin\0", "x" * 500]
)
def test_what_is_no_zone_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match="no time zone"):
        read_zone(name, NOW)


SUMMER = datetime(2026, 7, 4, tzinfo=UTC)
OFFSETS = {
    "UTC+3": (NOW, "as Europe/Istanbul, Africa/Nairobi or Europe/Moscow"),
    "gmt+3": (NOW, "as Europe/Istanbul, Africa/Nairobi or Europe/Moscow"),
    "+3": (SUMMER, "as Europe/Kyiv, Europe/Istanbul or Africa/Nairobi"),
    "+05:30": (NOW, "as Asia/Kolkata or Asia/Colombo"),
    "UTC +0530": (NOW, "as Asia/Kolkata or Asia/Colombo"),
    "GMT−3:30": (NOW, "as America/St_Johns"),
    "-5": (NOW, "as America/New_York, America/Bogota or America/Panama"),
    "UTC-5": (SUMMER, "as America/Bogota, America/Panama or America/Chicago"),
    "UTC+0": (NOW, "as UTC, Europe/London or Africa/Abidjan"),
    "+8:45": (NOW, "as Australia/Eucla"),
    "UTC-12": (NOW, "as Europe/Berlin, America/New_York, Asia/Singapore or UTC"),
    "UTC+99": (NOW, "as Europe/Berlin, America/New_York, Asia/Singapore or UTC"),
    "+3:75": (NOW, "as Europe/Berlin, America/New_York, Asia/Singapore or UTC"),
}


@pytest.mark.parametrize(("offset", "told"), OFFSETS.items(), ids=OFFSETS)
def test_an_offset_is_refused_with_zones_that_have_it_at_that_time(offset: str, told: tuple[datetime, str]) -> None:
    at, named = told
    with pytest.raises(ValueError, match="no time zone") as caught:
        read_zone(offset, at)
    assert str(caught.value).startswith(f"“{offset}” is no time zone: write ")
    assert str(caught.value).endswith(named)


@pytest.mark.parametrize("minutes", range(-11 * 60, 14 * 60 + 1, 60))
def test_zones_are_named_for_every_full_hour_that_a_place_has(minutes: int) -> None:
    for at in (NOW, SUMMER):
        with pytest.raises(ValueError, match="with that offset now") as caught:
            read_zone(f"UTC{minutes // 60:+}", at)
        named = re.split(r", | or ", str(caught.value).rpartition(" as ")[2])
        for name in named:
            assert at.astimezone(ZoneInfo(read_zone(name, at))).utcoffset() == timedelta(minutes=minutes)


# ---------------------------------------------------------------- escalation

AFTER = Escalation(timedelta(minutes=30), DUTY)
SAID = Acknowledgement("e1", DESK, ANA, NOW)
DUE = NOW + timedelta(minutes=30)
ESCALATED = {
    "nobody in time": (AFTER, event(), Severity.HIGH, None, DUE, True, "nobody acknowledged it in 30 min"),
    "nobody in hours": (
        AFTER,
        event(),
        Severity.HIGH,
        None,
        NOW + timedelta(minutes=2571),
        True,
        "nobody acknowledged it in 42 h",
    ),
    "too early": (AFTER, event(), Severity.HIGH, None, NOW + timedelta(minutes=29), False, "only 29 min have passed"),
    "acknowledged": (AFTER, event(), Severity.HIGH, SAID, DUE, False, "acknowledged by Ana"),
    "switched off": (None, event(), Severity.HIGH, None, DUE, False, "this chat escalates nothing (any more)"),
    "withdrawn": (
        AFTER,
        replace(event(), withdrawn=True),
        Severity.HIGH,
        None,
        DUE,
        False,
        "the report was withdrawn",
    ),
    "merged": (AFTER, replace(event(), told_as="e2"), Severity.HIGH, None, DUE, False, "told as event e2"),
    "not severe enough": (AFTER, event(), Severity.LOW, None, DUE, False, "low alerts are not escalated here"),
}


@pytest.mark.parametrize(
    ("escalation", "told", "severity", "said", "now", "is_due", "reason"), ESCALATED.values(), ids=ESCALATED
)
def test_when_a_second_chat_is_told(
    escalation: Escalation | None,
    told: Event,
    severity: Severity,
    said: Acknowledgement | None,
    now: datetime,
    is_due: bool,
    reason: str,
) -> None:
    decided = decide_escalation(escalation, told, severity, NOW, said, now)
    assert (decided.is_due, decided.reason) == (is_due, reason)


# ---------------------------------------------------------------- words

SETTINGS = {
    "nothing": (
        ChatRoutes(DESK),
        "Routes: alerts of every severity come here.|Quiet hours: none.|Digest: none.|Escalation: none."
        "|Time zone: none, so messages tell times in UTC.",
    ),
    "all of it": (
        ChatRoutes(DESK, ROUTES.routes, NIGHT, DAILY, AFTER, "Asia/Tokyo"),
        "Routes: high (new, and sure) come here; medium (new, less sure, or by adjacency) go to telegram:-5:12; low "
        "(relief, proposals, renewals, enforcement) are switched off."
        "|Quiet hours: from 22:00 to 07:00 (Europe/Berlin) alerts wait, except high ones, which come at once; "
        "the others come in one message afterwards."
        "|Digest: every day at 08:00 (Europe/Berlin), unless nothing happened. Low alerts are told in it alone. The "
        "next: Thu 5 Mar 2026, 08:00 (Europe/Berlin)."
        "|Escalation: high and medium alerts that nobody acknowledges within 30 min are told to telegram:-9, once."
        "|Time zone: Asia/Tokyo. There it is 21:00 now.",
    ),
}


@pytest.mark.parametrize(("settings", "told"), SETTINGS.values(), ids=SETTINGS)
def test_settings_are_restated_in_plain_words(settings: ChatRoutes, told: str) -> None:
    assert "|".join(told_settings(settings, str, settings.zone, NOW)) == told


def test_a_batch_tells_the_most_severe_first_and_says_how_many_it_leaves_out() -> None:
    lines = [Line(f"e{n}", f"Act {n}", Severity.LOW) for n in range(24)] + [Line("top", "Act top", Severity.HIGH)]
    message = batch_notice(lines, NOW, "n1")
    assert message.title == "25 alerts came in while it was quiet here"
    assert message.bullets[0] == "High: Act top · event top"
    assert message.bullets[-1] == "and 5 more: the command latest shows them"
    assert [action.data for action in message.actions[:2]] == ["ack n1", "why top"]
    now = with_states(message, "n1", ["handled by Ana"] * 2 + [""] * 23, [True] * 2 + [False] * 23)
    assert now.bullets[1] == "Low: Act 0 · event e0 — handled by Ana"
    assert now.bullets[-1] == message.bullets[-1]
    assert now.actions[0].label == "Acknowledge the rest"
    assert with_states(message, "n1", [""] * 25, [True] * 25).actions[0].data == "ack n1 undo"


def test_each_line_of_a_notice_has_its_article_behind_it() -> None:
    lines = [Line(f"e{n}", f"Act {n}", Severity.LOW, url=f"https://news.example/{n}") for n in range(22)]
    message = batch_notice([*lines, Line("top", "Act top", Severity.HIGH)], NOW, "n1")
    assert len(message.bullet_urls) == len(message.bullets)
    assert message.bullet_urls[:2] == ("", "https://news.example/0")
    assert message.bullet_urls[-1] == ""
    digest = digest_notice(Contents(lines[:2], (), lines[2:3], lines[3:4]), NOW, NOW + HOUR, "UTC", "n1")
    assert [(bullet[-2:], url[-1:]) for bullet, url in zip(digest.bullets, digest.bullet_urls, strict=True)] == [
        ("e2", "2"),
        ("e0", "0"),
        ("e1", "1"),
        ("e3", "3"),
    ]
    other = "https://news.example/of-another"
    hidden = {"e0": Hidden(("Act 0",), ""), "e1": Hidden(("Act 1",), "Act of another", other)}
    assert without_names(digest, hidden).bullet_urls == ("https://news.example/2", "", other, digest.bullet_urls[3])
    stored = replace(digest, bullet_urls=())  # of before there were links
    assert without_names(stored, {}) == stored


def test_a_digest_says_that_nothing_happened_and_how_many_sources_were_checked() -> None:
    empty = digest_notice(Contents(sources=(42, 42)), NOW, NOW + 24 * HOUR, "Europe/Berlin", "n1")
    assert empty.paragraphs == ("Nothing happened; 42 of 42 sources checked.",)
    line = Line("e1", "Act", Severity.LOW, "muted by Ana")
    full = digest_notice(Contents((line,), (), (line,), (line,), (41, 42)), NOW, NOW + 24 * HOUR, "UTC", "n1")
    assert full.title == "Digest: 1 alert, 1 told only here, 1 muted"
    assert full.bullets == (
        "Only here, low: Act · event e1 (muted by Ana)",
        "Told, low: Act · event e1 (muted by Ana)",
        "Muted, low: Act · event e1 (muted by Ana)",
    )
    assert full.footer == "41 of 42 sources checked. The command feeds tells why not all."


def test_a_batch_counts_news_of_what_was_told_before_apart() -> None:
    lines = [Line("a", "Act", Severity.HIGH, told="Wire, 23:05 UTC"), Line("b", "Old", Severity.LOW, is_update=True)]
    message = batch_notice(lines, NOW, "n1")
    assert message.title == "1 alert and 1 update came in while it was quiet here"
    assert message.bullets == ("High: Act · Wire, 23:05 UTC · event a", "Low: Old · event b")
    assert batch_notice(lines[1:], NOW, "n1").title == "1 update came in while it was quiet here"
