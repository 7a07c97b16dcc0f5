"""A source that is silent for longer than is usual for it is told of once, and once when it is back."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.model import Pause, Source, SourceState
from bot.sources.silence import UNKNOWN, find_limit, note_silence

MONDAY = datetime(2026, 1, 5, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
WIRE = Source("wire", "Wire", "https://wire.example/feed")


def read(source: Source, state: SourceState, now: datetime, is_new: bool, failures: int = 0) -> tuple[SourceState, str]:
    """A poll."""
    if failures:
        return note_silence(source, state, replace(state, failures=failures), now)
    new_at = now if is_new else state.last_new_at
    return note_silence(source, state, replace(state, last_success_at=now, last_new_at=new_at, failures=0), now)


def told(source: Source, news: Iterator[datetime] | list[datetime], until: datetime) -> list[tuple[datetime, str]]:
    """What is told of a source that is read every hour and has news at these hours."""
    state, said, now, hours = SourceState("wire"), [], MONDAY, set(news)
    while now < until:
        state, text = read(source, state, now, now in hours)
        said += [(now, text)] if text else []
        now += HOUR
    return said


def office_hours(days: int, first: int = 0) -> list[datetime]:
    """Every hour from 9 to 17 of each working day."""
    worked = [MONDAY + DAY * day for day in range(first, days) if (MONDAY + DAY * day).weekday() < 5]
    return [day + HOUR * hour for day in worked for hour in range(9, 18)]


def test_a_week_end_is_usual_and_a_silence_of_twice_as_much_is_told_once_and_its_end_once() -> None:
    silent_since = MONDAY + 53 * DAY - 7 * HOUR  # a Thursday, 17:00
    news = [*office_hours(53), *office_hours(70, 63)]
    (first, silent), (second, back) = told(WIRE, news, MONDAY + 70 * DAY)
    assert silent == (
        "Wire: it is read without trouble, but has had nothing new for 5 days, since 26 Feb 2026; its longest pause of "
        "late was 64 hours. Does it still publish there?"
    )
    assert first == silent_since + 128 * HOUR
    assert (second, back) == (news[len(office_hours(53))], "Wire: it has something new again, the first in 11 days.")


SPANS = {
    "minutes": (timedelta(minutes=20), "20 minutes"),
    "an hour": (timedelta(minutes=61), "1 hour"),
    "hours": (timedelta(hours=12), "12 hours"),
    "days": (timedelta(days=7), "7 days"),
}


@pytest.mark.parametrize(("limit", "words"), SPANS.values(), ids=SPANS)
def test_how_long_is_told_in_words_that_fit_it(limit: timedelta, words: str) -> None:
    source, was = replace(WIRE, silent_after=limit), SourceState("wire", last_success_at=MONDAY, last_new_at=MONDAY)
    state, text = read(source, was, MONDAY + limit, is_new=False)
    assert f"nothing new for {words}, since 5 Jan 2026. " in text
    _, text = read(source, state, MONDAY + limit, is_new=True)
    assert text == f"Wire: it has something new again, the first in {words}."


RHYTHMS = {
    "all day, every day": (HOUR, DAY),
    "once a day": (DAY, 2 * DAY),
    "once a week": (7 * DAY, 14 * DAY),
    "every three weeks": (21 * DAY, 42 * DAY),
}


@pytest.mark.parametrize(("every", "limit"), RHYTHMS.values(), ids=RHYTHMS)
def test_what_is_too_long_follows_from_how_often_it_publishes(every: timedelta, limit: timedelta) -> None:
    news = [MONDAY + every * number for number in range(int(120 * DAY / every))]
    (silent,) = told(WIRE, news, news[-1] + 60 * DAY)
    assert silent[0] == news[-1] + limit


def test_until_three_weeks_are_known_it_is_thirty_days() -> None:
    news = [MONDAY, MONDAY + DAY, MONDAY + 8 * DAY]
    (silent,) = told(WIRE, news, MONDAY + 60 * DAY)
    assert silent[0] == news[-1] + UNKNOWN
    assert "of late" not in silent[1]


KNOWN = tuple(Pause(week, 2 * DAY) for week in range(3))
LIMITS = {
    "as usual": (WIRE, KNOWN, 4 * DAY),
    "the longest pause counts": (WIRE, (*KNOWN, Pause(9, 3 * DAY)), 6 * DAY),
    "too little known": (WIRE, KNOWN[:2], UNKNOWN),
    "never less than a day": (WIRE, tuple(Pause(week, HOUR) for week in range(3)), DAY),
    "nor than some polls": (replace(WIRE, every=DAY), tuple(Pause(week, HOUR) for week in range(3)), 4 * DAY),
    "as it is set": (replace(WIRE, silent_after=12 * HOUR), KNOWN, 12 * HOUR),
    "never": (replace(WIRE, silent_after=timedelta(0)), KNOWN, None),
}


@pytest.mark.parametrize(("source", "pauses", "limit"), LIMITS.values(), ids=LIMITS)
def test_the_limit(source: Source, pauses: tuple[Pause, ...], limit: timedelta | None) -> None:
    assert find_limit(source, SourceState("wire", pauses=pauses)) == limit


def test_while_it_fails_that_is_told_and_no_silence() -> None:
    quiet = replace(WIRE, silent_after=DAY)
    state = SourceState("wire", last_success_at=MONDAY, last_new_at=MONDAY)
    state, text = read(quiet, state, MONDAY + 3 * DAY, is_new=False, failures=2)
    assert (text, state.silent_told_at) == ("", None)
    _, text = read(quiet, state, MONDAY + 4 * DAY, is_new=False)
    assert "nothing new for 4 days" in text


def test_a_pause_in_which_the_bot_stood_still_is_not_the_sources() -> None:
    state = SourceState("wire", last_success_at=MONDAY, last_new_at=MONDAY)
    stopped, _ = read(WIRE, state, MONDAY + 7 * HOUR, is_new=True)
    assert stopped.pauses == ()
    kept, _ = read(WIRE, state, MONDAY + 6 * HOUR, is_new=True)
    assert [pause.longest for pause in kept.pauses] == [6 * HOUR]


def test_who_never_had_anything_new_is_not_missed() -> None:
    _, text = read(replace(WIRE, silent_after=HOUR), SourceState("wire"), MONDAY, is_new=False)
    assert text == ""


@given(st.lists(st.tuples(st.integers(1, 900), st.booleans(), st.integers(0, 2)), max_size=60))
def test_silences_and_their_ends_are_told_in_turn(polls: list[tuple[int, bool, int]]) -> None:
    state, now, said = SourceState("wire"), MONDAY, []
    for hours, is_new, failures in polls:
        now += HOUR * hours
        state, text = read(WIRE, state, now, is_new, failures)
        said += [text] if text else []
    ends = ["again" in text for text in said]
    assert ends == [number % 2 == 1 for number in range(len(said))]
    assert len(state.pauses) <= 8
