"""Moments in a chat's own time zone, through the changes of the clocks."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.model import ChatKey, ChatRoutes
from bot.zones import find_zone, told_day, told_moment, told_time

MOMENTS = {
    "none is UTC": ("2026-11-22T23:20", "", "22 Nov 2026, 23:20 UTC"),
    "UTC by its name": ("2026-11-22T23:20", "UTC", "22 Nov 2026, 23:20 UTC"),
    "winter, and the next day": ("2026-11-22T23:20", "Europe/Berlin", "23 Nov 2026, 00:20 Europe/Berlin"),
    "summer": ("2026-07-01T10:00", "Europe/Berlin", "1 Jul 2026, 12:00 Europe/Berlin"),
    "another year": ("2026-12-31T23:30", "Asia/Tokyo", "1 Jan 2027, 08:30 Asia/Tokyo"),
    "half an hour": ("2026-07-01T10:00", "Asia/Kolkata", "1 Jul 2026, 15:30 Asia/Kolkata"),
    "before the clocks go on": ("2026-03-29T00:59", "Europe/Berlin", "29 Mar 2026, 01:59 Europe/Berlin"),
    "after they went on": ("2026-03-29T01:00", "Europe/Berlin", "29 Mar 2026, 03:00 Europe/Berlin"),
    "an hour that is twice, first": ("2026-10-25T00:30", "Europe/Berlin", "25 Oct 2026, 02:30 Europe/Berlin (UTC+2)"),
    "and again": ("2026-10-25T01:30", "Europe/Berlin", "25 Oct 2026, 02:30 Europe/Berlin (UTC+1)"),
    "and over": ("2026-10-25T02:00", "Europe/Berlin", "25 Oct 2026, 03:00 Europe/Berlin"),
    "twice, west and with minutes": (
        "2026-11-01T03:45", "America/St_Johns", "1 Nov 2026, 01:15 America/St_Johns (UTC-2:30)",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("at", "zone", "told"), MOMENTS.values(), ids=MOMENTS)
def test_a_moment_is_told_in_its_zone_by_name(at: str, zone: str, told: str) -> None:
    moment = datetime.fromisoformat(at).replace(tzinfo=UTC)
    assert told_moment(moment, zone) == told
    assert told_day(moment, zone) == told.partition(",")[0]


def test_a_time_has_its_day_but_not_its_year() -> None:
    at = datetime(2026, 11, 28, 14, 2, tzinfo=UTC)
    assert (told_time(at), told_time(at, "Europe/Berlin")) == ("28 Nov, 14:02 UTC", "28 Nov, 15:02 Europe/Berlin")


@given(
    st.integers(0, 10 * 366 * 24 * 60),
    st.sampled_from([1, 30, 60, 120]),
    st.sampled_from(["Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "UTC", "Africa/Casablanca"]),
)
def test_no_two_moments_read_the_same_though_clocks_are_put_back(minutes: int, later: int, zone: str) -> None:
    at = datetime(2020, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes)
    assert told_moment(at, zone) != told_moment(at + timedelta(minutes=later), zone)


def test_a_topic_has_its_groups_zone_unless_it_has_one() -> None:
    group = ChatRoutes(ChatKey("telegram", "-5"), zone="Europe/Berlin")
    topic = ChatRoutes(ChatKey("telegram", "-5", "12"))
    tokyo = ChatRoutes(topic.chat, zone="Asia/Tokyo")
    assert find_zone(topic, group) == find_zone(None, group) == find_zone(group, None) == "Europe/Berlin"
    assert find_zone(tokyo, group) == "Asia/Tokyo"
    assert find_zone(None, None) == find_zone(topic, None) == ""
