"""What a poll decides: tables of states and answers."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from bot.errors import FeedError, FetchError
from bot.model import Entry, FirstRun, HttpAnswer, PollIntent, SeenKeys, Source, SourceKind, SourceState, Tier
from bot.sources import (
    ParsedFeed,
    as_read_now,
    decide_failed_poll,
    decide_poll,
    identity,
    is_due,
    parse_answer,
    request_headers,
    retry_after,
)
from bot.sources.identity import with_seen
from bot.sources.polling import BASELINE, at_new_address

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
SOURCE = Source("s", "The Source", "https://s.example/feed", every=timedelta(minutes=15))
FRESH = SourceState("s")
KNOWN = SourceState(
    "s", etag='"1"', last_modified="Tue, 24 Nov 2026 11:00:00 GMT", body_hash="old", baseline_done=True,
    last_polled_at=NOW - HOUR / 4, last_success_at=NOW - HOUR / 4, last_full_fetch_at=NOW - HOUR, entries_seen=20,
)  # fmt: skip


def entry(number: int, published_at: datetime | None = NOW - HOUR) -> Entry:
    return Entry(
        "s", f"g{number}", f"https://s.example/{number}", f"The story that has number {number}", "", published_at, NOW
    )


def ok(body: bytes = b"body", **headers: str) -> HttpAnswer:
    return HttpAnswer(200, SOURCE.url, {name.replace("_", "-"): value for name, value in headers.items()}, body)


def refusal(status: int, body: bytes = b"", **headers: str) -> HttpAnswer:
    return replace(ok(body, **headers), status=status)


def seen_of(entries: Sequence[Entry]) -> SeenKeys:
    seen = SeenKeys()
    for one in entries:
        seen = with_seen(seen, identity(one), NOW - DAY)
    return seen


def poll(
    entries: Sequence[Entry],
    state: SourceState = KNOWN,
    source: Source = SOURCE,
    seen: SeenKeys | None = None,
    answer: HttpAnswer | None = None,
) -> PollIntent:
    parsed = ParsedFeed(tuple(entries), total=len(entries))
    return decide_poll(source, state, answer or ok(), parsed, seen or SeenKeys(), NOW)


# ---------------------------------------------------------------- the request


def test_validators_are_sent_byte_for_byte() -> None:
    state = replace(KNOWN, etag='W/"a, b"', last_modified="Tuesday, 24-Nov-26 11:00:00 GMT")
    headers = request_headers(state, NOW)
    assert headers["If-None-Match"] == 'W/"a, b"'
    assert headers["If-Modified-Since"] == "Tuesday, 24-Nov-26 11:00:00 GMT"
    assert "application/rss+xml" in headers["Accept"]


def test_about_daily_everything_is_fetched_whatever_the_validators_say() -> None:
    assert set(request_headers(replace(KNOWN, last_full_fetch_at=NOW - DAY), NOW)) == {"Accept"}
    assert set(request_headers(FRESH, NOW)) == {"Accept"}


# ---------------------------------------------------------------- new and seen


def test_only_what_is_new_goes_on_oldest_first() -> None:
    known = [entry(number) for number in range(10)]
    fresh = [entry(12, NOW - timedelta(minutes=1)), entry(11, NOW - timedelta(minutes=9))]
    intent = poll([*fresh, *known], seen=seen_of(known))
    assert intent.new == (fresh[1], fresh[0])
    assert {(held.is_known, held.reason) for held in intent.held} == {(True, "seen: same link")}
    assert intent.reason == "2 new of 12 entries"
    assert intent.state.last_new_at == NOW


def test_a_story_that_stands_twice_in_one_body_is_one() -> None:
    intent = poll([entry(1), replace(entry(1), guid="g1-again")])
    assert [len(intent.new), len(intent.held)] == [1, 1]


def test_two_weeks_of_a_column_in_one_body_are_two_stories() -> None:
    title = "The week in sanctions"
    weeks = [replace(entry(2, NOW - HOUR), title=title), replace(entry(1, NOW - 6 * DAY), title=title)]
    assert poll(weeks).new == (weeks[1], weeks[0])


@pytest.mark.parametrize(
    ("change", "tier", "edited"),
    [
        ({}, Tier.NEWS, ""),
        ({"title": "The story that has number 1!"}, Tier.NEWS, ""),
        ({"title": "The story has a new headline now"}, Tier.NEWS, "its headline changed"),
        ({"guid": "g1#2"}, Tier.NEWS, ""),
        ({"guid": "g1#2"}, Tier.OFFICIAL, "its authority says that it was updated"),
        ({"title": "An old story has a new headline", "published_at": NOW - 30 * DAY}, Tier.NEWS, ""),
    ],
    ids=["the same", "other marks", "a new headline", "a new guid", "an authority's new guid", "too old"],
)
def test_a_known_entry_that_was_edited_is_told(change: dict[str, Any], tier: Tier, edited: str) -> None:
    source = replace(SOURCE, tier=tier)
    intent = poll([replace(entry(1), **change)], source=source, seen=seen_of([entry(1)]))
    assert [held.edited for held in intent.held] == [edited]
    assert intent.new == ()


def test_entries_that_are_too_old_are_held() -> None:
    intent = poll([entry(1, NOW - timedelta(days=8)), entry(2, NOW - timedelta(days=6)), entry(3, None)])
    assert [one.guid for one in intent.new] == ["g2", "g3"]
    assert [(held.reason, held.is_known) for held in intent.held] == [("older than 7 days: dated 16 Nov 2026", False)]


def test_the_age_gate_can_be_lifted() -> None:
    old = entry(1, NOW - timedelta(days=3000))
    assert poll([old], source=replace(SOURCE, max_age=None)).new == (old,)


@pytest.mark.parametrize(
    ("first_run", "new"),
    [
        (FirstRun(0), []),
        (FirstRun(2), ["g1", "g0"]),
        (FirstRun(50), ["g4", "g3", "g2", "g1", "g0"]),
        (FirstRun(None), ["g4", "g3", "g2", "g1", "g0"]),
    ],
    ids=["baseline", "the newest two", "more than there are", "all"],
)
def test_first_run(first_run: FirstRun, new: list[str]) -> None:
    entries = [entry(number, NOW - number * HOUR) for number in range(5)]
    intent = poll(entries, FRESH, replace(SOURCE, first_run=first_run))
    assert [one.guid for one in intent.new] == new
    assert {held.reason for held in intent.held} <= {BASELINE}
    assert len(intent.new) + len(intent.held) == 5
    assert intent.state.baseline_done


def test_what_comes_after_an_empty_first_poll_is_new_and_what_is_older_is_baseline() -> None:
    """A throttled search answers with nothing at first: that was no baseline."""
    empty = poll([], FRESH)
    assert empty.trouble is None
    later = NOW + HOUR
    entries = tuple(replace(one, first_seen_at=later) for one in (entry(1, NOW + HOUR / 2), entry(2, NOW - HOUR)))
    intent = decide_poll(SOURCE, empty.state, ok(), ParsedFeed(entries, total=2), SeenKeys(), later)
    assert [one.guid for one in intent.new] == ["g1"]
    assert [held.reason for held in intent.held] == [BASELINE]


# ---------------------------------------------------------------- floods


def known_and(fresh: Sequence[Entry], known: int) -> PollIntent:
    before = [entry(number, NOW - DAY) for number in range(100, 100 + known)]
    return poll([*before, *fresh], seen=seen_of(before))


def test_a_feed_that_changes_all_its_addresses_is_held() -> None:
    intent = known_and([entry(number, NOW - 2 * DAY) for number in range(16)], known=4)
    assert intent.new == ()
    assert sum("flood" in held.reason for held in intent.held) == 16
    assert intent.trouble is not None
    assert "16 entries held" in intent.trouble


def test_what_is_dated_since_the_last_poll_is_news_even_in_a_flood() -> None:
    moved = [entry(number, NOW - 2 * DAY) for number in range(16)]
    intent = known_and([*moved, entry(50, NOW - timedelta(minutes=2))], known=4)
    assert [one.guid for one in intent.new] == ["g50"]


def test_a_busy_feed_after_an_outage_is_no_flood() -> None:
    state = replace(KNOWN, last_success_at=NOW - 3 * DAY)
    entries = [entry(number, NOW - number * HOUR) for number in range(40)]
    assert len(poll(entries, state).new) == 40


@pytest.mark.parametrize(("known", "fresh"), [(0, 11), (12, 8)], ids=["a tiny feed", "fewer than half"])
def test_is_no_flood(known: int, fresh: int) -> None:
    assert len(known_and([entry(number, NOW - 2 * DAY) for number in range(fresh)], known).new) == fresh


def test_entries_without_dates_flood_only_right_after_a_poll() -> None:
    entries = [entry(number, None) for number in range(20)]
    assert len(poll(entries).new) == 0
    assert len(poll(entries, replace(KNOWN, last_success_at=NOW - 2 * DAY)).new) == 20


# ---------------------------------------------------------------- not modified


def test_not_modified_keeps_everything_but_the_times() -> None:
    intent = decide_poll(SOURCE, replace(KNOWN, failures=2, last_error="x"), refusal(304), None, SeenKeys(), NOW)
    assert intent.reason == "not modified (304)"
    assert intent.state == replace(
        KNOWN,
        last_polled_at=NOW,
        last_success_at=NOW,
        failures=0,
        last_error=None,
        next_poll_at=intent.state.next_poll_at,
    )


def test_the_same_bytes_are_not_parsed_again_until_the_daily_fetch() -> None:
    body = b'<rss version="2.0"><channel><title>x</title></channel></rss>'
    first = parse_answer(SOURCE, FRESH, ok(body), NOW)
    assert isinstance(first, ParsedFeed)
    state = decide_poll(SOURCE, FRESH, ok(body), first, SeenKeys(), NOW).state
    assert parse_answer(SOURCE, state, ok(body), NOW + HOUR) is None
    assert isinstance(parse_answer(SOURCE, state, ok(body), NOW + DAY), ParsedFeed)
    again = decide_poll(SOURCE, state, ok(body, etag='"2"'), None, SeenKeys(), NOW + HOUR)
    assert again.reason == "not modified (same bytes)"
    assert again.state.etag == '"2"'


@pytest.mark.parametrize(
    ("answer", "etag", "modified"),
    [
        (ok(etag='"2"', last_modified="Tue, 24 Nov 2026 12:00:00 GMT"), '"2"', "Tue, 24 Nov 2026 12:00:00 GMT"),
        (ok(), None, None),
        (ok(last_modified="x"), None, "x"),
    ],
    ids=["both new", "both gone", "one gone"],
)
def test_validators_are_those_of_the_latest_answer(answer: HttpAnswer, etag: str | None, modified: str | None) -> None:
    state = poll([entry(1)], answer=answer).state
    assert (state.etag, state.last_modified) == (etag, modified)


def test_an_error_or_a_refusal_is_not_parsed() -> None:
    assert parse_answer(SOURCE, KNOWN, FetchError("u", "no such host"), NOW) is None
    assert parse_answer(SOURCE, KNOWN, refusal(404, b"<html>"), NOW) is None
    assert isinstance(parse_answer(SOURCE, KNOWN, ok(b"<html>"), NOW), FeedError)


# ---------------------------------------------------------------- when again


def test_polls_again_within_the_interval() -> None:
    for jitter in (0.0, 0.5, 1.0):
        state = decide_poll(SOURCE, KNOWN, refusal(304), None, SeenKeys(), NOW, jitter).state
        assert not is_due(state, NOW + SOURCE.every * 0.59)
        assert is_due(state, NOW + SOURCE.every * 0.79), "the next tick may come so early"


def test_a_clock_that_was_ahead_does_not_hold_a_source_up() -> None:
    state = decide_poll(SOURCE, KNOWN, refusal(304), None, SeenKeys(), NOW + 365 * DAY).state
    assert is_due(state, NOW)
    assert not is_due(replace(state, paused_reason="gone"), NOW)
    now = decide_poll(SOURCE, state, refusal(304), None, SeenKeys(), NOW).state
    assert not is_due(now, NOW), "once polled, it waits as usual"


def failing(problem: FetchError | FeedError | HttpAnswer, times: int) -> list[PollIntent]:
    state, now, intents = KNOWN, NOW, []
    for _ in range(times):
        if isinstance(problem, HttpAnswer):
            intents.append(decide_poll(SOURCE, state, problem, None, SeenKeys(), now, 0.5))
        else:
            intents.append(decide_failed_poll(SOURCE, state, problem, now, 0.5))
        state = intents[-1].state
        assert state.next_poll_at is not None
        now = state.next_poll_at
    return intents


@pytest.mark.parametrize(
    ("problem", "longest"),
    [
        (FetchError(SOURCE.url, "no such host: s.example"), HOUR),
        (refusal(503), 3 * HOUR),
        (refusal(404), DAY),
        (refusal(403), DAY),
        (FeedError("no feed but an HTML page"), DAY),
    ],
    ids=["no network", "server in trouble", "not found", "refused", "no feed"],
)
def test_failures_wait_longer_each_time_up_to_a_bound(
    problem: FetchError | FeedError | HttpAnswer, longest: timedelta
) -> None:
    intents = failing(problem, 12)
    waits = [intent.state.next_poll_at - intent.state.last_polled_at for intent in intents]  # type: ignore[operator]
    assert waits[0] <= SOURCE.every
    assert waits == sorted(waits)
    assert waits[-1] == pytest.approx(longest * 0.85, abs=timedelta(seconds=1))
    assert [intent.state.failures for intent in intents] == list(range(1, 13))
    assert intents[0].state.last_error
    assert intents[0].state.last_success_at == KNOWN.last_success_at


@pytest.mark.parametrize(
    "problem",
    [FetchError(SOURCE.url, "no such host"), FeedError("no feed"), refusal(403), refusal(404)],
    ids=["no network", "no feed", "refused", "not found"],
)
def test_a_series_of_failures_is_told_once(problem: FetchError | FeedError | HttpAnswer) -> None:
    intents = failing(problem, 14)
    assert sum(intent.trouble is not None for intent in intents) == 1


def test_not_found_is_told_after_a_day_and_at_once_where_it_never_worked() -> None:
    told = next(intent for intent in failing(refusal(404), 14) if intent.trouble)
    assert told.state.last_polled_at is not None
    assert told.state.last_polled_at - NOW >= DAY - HOUR
    state = FRESH
    for _ in range(3):
        intent = decide_poll(SOURCE, state, refusal(404), None, SeenKeys(), NOW)
        state = intent.state
    assert intent.trouble == "not found (HTTP 404), 3 times in a row"


def test_success_forgets_the_failures() -> None:
    intent = poll([entry(1)], replace(KNOWN, failures=5, last_error="no such host"))
    assert (intent.state.failures, intent.state.last_error, intent.state.last_success_at) == (0, None, NOW)


@pytest.mark.parametrize(
    ("value", "date", "expected"),
    [
        ("120", "", timedelta(minutes=2)),
        ("Tue, 24 Nov 2026 12:10:00 GMT", "", timedelta(minutes=10)),
        ("Tue, 24 Nov 2026 09:10:00 GMT", "Tue, 24 Nov 2026 09:00:00 GMT", timedelta(minutes=10)),
        ("Tue, 24 Nov 2026 11:10:00 GMT", "", timedelta(0)),
        ("99999999999999999999", "", DAY),
        ("-5", "", None),
        ("soon", "", None),
        ("", "", None),
        ("Tue, 24 Nov 2041 12:10:00 GMT", "nonsense", DAY),
    ],
    ids=[
        "seconds",
        "a date",
        "a date by a clock that is wrong",
        "past",
        "too long",
        "negative",
        "words",
        "nothing",
        "2041",
    ],
)
def test_retry_after(value: str, date: str, expected: timedelta | None) -> None:
    assert retry_after({"retry-after": value, "date": date}, NOW) == expected


def test_what_the_server_asks_for_is_kept_to_the_second() -> None:
    for status in (429, 503):
        intent = decide_poll(SOURCE, KNOWN, refusal(status, retry_after="7200"), None, SeenKeys(), NOW, 0.0)
        assert intent.state.next_poll_at == NOW + 2 * HOUR


def test_a_browser_check_is_named() -> None:
    body = b"<html><title>Just a moment...</title><script>window._cf_chl_opt={}</script>"
    assert decide_poll(SOURCE, KNOWN, refusal(403, body), None, SeenKeys(), NOW).reason == "a browser check (HTTP 403)"


# ---------------------------------------------------------------- trouble


def test_gone_twice_a_day_apart_pauses_the_source() -> None:
    first = decide_poll(SOURCE, KNOWN, refusal(410), None, SeenKeys(), NOW)
    assert (first.trouble, first.state.paused_reason, first.state.next_poll_at) == (None, None, NOW + DAY)
    at_once = decide_poll(SOURCE, first.state, refusal(410), None, SeenKeys(), NOW + HOUR)
    assert at_once.state.paused_reason is None
    second = decide_poll(SOURCE, first.state, refusal(410), None, SeenKeys(), NOW + DAY)
    assert "gone for good" in (second.state.paused_reason or "")
    assert second.trouble is not None
    assert not is_due(second.state, NOW + 100 * DAY)


def test_no_entries_where_there_were_some_is_trouble() -> None:
    intent = poll([], KNOWN)
    assert intent.state.failures == 1
    assert intent.state.last_success_at == KNOWN.last_success_at
    assert "no entries where it had some" in intent.reason


def test_an_abandoned_feed_is_told_once() -> None:
    """OFAC's old address answers 200 for ever."""
    entries = [entry(number, NOW - timedelta(days=600 + number)) for number in range(20)]
    first = poll(entries, FRESH)
    assert first.trouble == "seems abandoned: its newest entry is of 03 Apr 2025"
    assert first.state.last_error == first.trouble
    assert poll(entries, first.state, seen=seen_of(entries)).trouble is None


def test_old_entries_are_no_trouble_of_a_source_that_they_are_wanted_of() -> None:
    """The demo replays a week of years ago."""
    entries = [entry(number, NOW - timedelta(days=600 + number)) for number in range(20)]
    assert poll(entries, FRESH, source=replace(SOURCE, max_age=None)).trouble is None


def test_a_quiet_blog_is_not_abandoned() -> None:
    assert poll([entry(number, NOW - timedelta(days=20 + 10 * number)) for number in range(5)], FRESH).trouble is None


def test_a_source_that_moved_is_told_with_its_new_address_and_read_on() -> None:
    answer = replace(ok(), moved_permanently_to="https://new.example/feed")
    intent = poll([entry(1)], answer=answer)
    assert len(intent.new) == 1
    assert "https://new.example/feed" in (intent.trouble or "")
    assert poll([entry(2)], intent.state, answer=answer).trouble is None
    added = poll([entry(1)], answer=answer, source=replace(SOURCE, key="added:wire", title="Wire"))
    assert "feeds move Wire https://new.example/feed" in (added.trouble or "")


def test_a_source_that_is_read_elsewhere_keeps_what_it_carried_and_nothing_of_the_old_server() -> None:
    """The new address shows what the old one did, and two stories since: one from the time in which the old one was
    dead already."""
    entries = [entry(number, NOW - timedelta(hours=30 + number)) for number in range(20)]
    seen = seen_of(entries)
    dead = replace(
        poll(entries, FRESH).state,
        etag='"1"',
        last_success_at=NOW - timedelta(days=2),
        failures=9,
        next_poll_at=NOW + timedelta(days=1),
    )
    moved = at_new_address(dead)
    assert is_due(moved, NOW)
    assert "If-None-Match" not in request_headers(moved, NOW)
    since = [entry(21, NOW - timedelta(days=1)), entry(22, NOW - timedelta(hours=1))]
    intent = poll([*entries, *since], moved, seen=seen)
    assert [one.title for one in intent.new] == [since[0].title, since[1].title]


def test_broken_xml_is_told_once() -> None:
    parsed = ParsedFeed((entry(1),), trouble="the XML is broken", total=1)
    first = decide_poll(SOURCE, KNOWN, ok(), parsed, SeenKeys(), NOW)
    assert first.trouble == "the XML is broken"
    assert decide_poll(SOURCE, first.state, ok(), parsed, SeenKeys(), NOW).trouble is None


@pytest.mark.parametrize(
    "changed", [{"url": "https://s.example/news"}, {"kind": SourceKind.HTML_INDEX}, {"select": {"item": "li.news"}}]
)
def test_a_source_that_is_to_be_read_otherwise_is_due_at_once_and_keeps_what_it_carried(
    changed: dict[str, Any],
) -> None:
    failing = as_read_now(SOURCE, replace(KNOWN, failures=3, last_error="no links", next_poll_at=NOW + DAY))
    gone = replace(failing, paused_reason="410: it is gone for good")
    for state in (failing, gone):
        assert not is_due(state, NOW)
        assert as_read_now(SOURCE, state) is state, "nothing was changed"
        now = as_read_now(replace(SOURCE, **changed), state)
        assert is_due(now, NOW)
        assert (now.etag, now.body_hash, now.failures, now.last_error) == (None, None, 0, None)
        assert (now.baseline_done, now.entries_seen) == (True, 20)


def test_a_source_of_before_it_was_kept_how_it_is_read_goes_on_as_it_was() -> None:
    assert replace(as_read_now(SOURCE, KNOWN), read_as="") == KNOWN
