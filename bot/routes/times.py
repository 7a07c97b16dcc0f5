"""Times of day in a chat's own zone, as moments in UTC.

An hour that the clocks skip counts as the hour after it, one that they repeat as its first: so every day has each time
of day once, and what is due daily is due once a day."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from zoneinfo import ZoneInfo, available_timezones

from bot.model import DigestPlan, QuietHours

_DAY = timedelta(days=1)
_REGIONS = frozenset({"Africa", "America", "Asia", "Atlantic", "Australia", "Europe", "Indian", "Pacific"})


def read_zone(name: str) -> str:
    """'europe/berlin' -> 'Europe/Berlin', 'New York' -> 'America/New_York', 'utc' -> 'UTC'. Raises ValueError."""
    wanted = "_".join(name.casefold().split())
    if found := _zones().get(wanted) or _cities().get(wanted):
        return found
    raise ValueError(
        f"“{name[:40]}” is no time zone: write one as Europe/Berlin, America/New_York, Asia/Singapore or UTC"
    )


@cache
def _zones() -> Mapping[str, str]:
    """By their names in lower case. Only what the time zone database has: the machine has names of its own besides,
    as localtime, which mean another zone on the next one."""
    return {name.casefold(): name for name in available_timezones() if name != "localtime"}


@cache
def _cities() -> Mapping[str, str]:
    """'new_york' -> 'America/New_York': by their last part. Where two have the same (Asia/Istanbul,
    Europe/Istanbul) one is an older name of the other."""
    regional = [name for name in sorted(_zones().values(), reverse=True) if name.partition("/")[0] in _REGIONS]
    return {name.rpartition("/")[2].casefold(): name for name in regional}


def quiet_until(quiet: QuietHours, now: datetime) -> datetime | None:
    """When the quiet hours end that `now` is in (UTC); None outside of them."""
    today = now.astimezone(ZoneInfo(quiet.zone)).date()
    for day in (today - _DAY, today, today + _DAY):
        ends_on = day if quiet.end > quiet.start else day + _DAY
        end = _moment(ends_on, quiet.end, quiet.zone)
        if _moment(day, quiet.start, quiet.zone) <= now < end:
            return end
    return None


def due_slot(plan: DigestPlan, now: datetime) -> datetime:
    """The latest moment at or before `now` for which a digest is due (UTC)."""
    return max(slot for slot in _slots(plan, now) if slot <= now)


def next_slot(plan: DigestPlan, now: datetime) -> datetime:
    """The first moment after `now` for which a digest is due (UTC)."""
    return min(slot for slot in _slots(plan, now) if slot > now)


def _slots(plan: DigestPlan, now: datetime) -> list[datetime]:
    """Those of the days around `now`."""
    today = now.astimezone(ZoneInfo(plan.zone)).date()
    days = [today + _DAY * offset for offset in range(-9, 10)]
    wanted = [day for day in days if plan.weekday in (None, day.weekday())]
    return [_moment(day, plan.at, plan.zone) for day in wanted]


def _moment(day: date, at: time, zone: str) -> datetime:
    return datetime.combine(day, at, ZoneInfo(zone)).astimezone(UTC)
