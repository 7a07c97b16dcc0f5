"""Times of day in a chat's own zone, as moments in UTC.

An hour that the clocks skip counts as the hour after it, one that they repeat as its first: so every day has each time
of day once, and what is due daily is due once a day."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from zoneinfo import ZoneInfo, available_timezones

from bot.model import DigestPlan, QuietHours

_DAY = timedelta(days=1)
_REGIONS = frozenset({"Africa", "America", "Asia", "Atlantic", "Australia", "Europe", "Indian", "Pacific"})
_OFFSET = re.compile(r"(?:utc|gmt)?\s*([+\-−–])\s*(\d{1,2})(?:[:.]?([0-5]\d))?\Z", re.I)
_NAMED = 3  # zones of an offset
# Of the zones of one offset those that most people know, named before all others.
_WELL_KNOWN = (
    "UTC", "Europe/London", "Europe/Berlin", "Europe/Kyiv", "Europe/Istanbul", "Africa/Nairobi", "Africa/Lagos",
    "Africa/Johannesburg", "Africa/Cairo", "Africa/Abidjan", "Europe/Moscow", "Asia/Riyadh", "Asia/Tehran",
    "Asia/Dubai", "Asia/Baku", "Asia/Kabul", "Asia/Karachi", "Asia/Tashkent", "Asia/Kolkata", "Asia/Colombo",
    "Asia/Kathmandu", "Asia/Dhaka", "Asia/Bishkek", "Asia/Yangon", "Asia/Bangkok", "Asia/Jakarta", "Asia/Singapore",
    "Asia/Shanghai", "Asia/Tokyo", "Asia/Seoul", "Australia/Darwin", "Australia/Adelaide", "Australia/Brisbane",
    "Australia/Sydney", "Pacific/Noumea", "Pacific/Auckland", "Pacific/Fiji", "Pacific/Tongatapu",
    "Pacific/Kiritimati", "Atlantic/Azores", "Atlantic/Cape_Verde", "America/Noronha", "America/St_Johns",
    "America/Sao_Paulo", "America/Argentina/Buenos_Aires", "America/Halifax", "America/Caracas", "America/Santiago",
    "America/New_York", "America/Bogota", "America/Panama", "America/Chicago", "America/Mexico_City",
    "America/Denver", "America/Phoenix", "America/Los_Angeles", "America/Anchorage", "Pacific/Honolulu",
)  # fmt: skip


def read_zone(name: str, now: datetime) -> str:
    """'europe/berlin' -> 'Europe/Berlin', 'New York' -> 'America/New_York', 'utc' -> 'UTC'. Raises ValueError, which
    names zones that are at an offset as 'UTC+3' at `now`: an offset is not taken itself, as most clocks change it."""
    wanted = "_".join(name.casefold().split())
    if found := _zones().get(wanted) or _cities().get(wanted):
        return found
    ahead = _read_offset(name)
    if ahead is not None and (there := _zones_at(ahead, now)):
        *others, last = there
        listed = f"{', '.join(others)} or {last}" if others else last
        raise ValueError(f"“{name[:40]}” is no time zone: write the one of a place with that offset now, as {listed}")
    raise ValueError(
        f"“{name[:40]}” is no time zone: write one as Europe/Berlin, America/New_York, Asia/Singapore or UTC"
    )


def _read_offset(text: str) -> timedelta | None:
    """'UTC+3', 'GMT-3', '+05:30', '+0530': how far ahead of UTC; None of anything else."""
    found = _OFFSET.match(text.strip())
    if found is None:
        return None
    ahead = timedelta(hours=int(found[2]), minutes=int(found[3] or 0))
    return ahead if found[1] == "+" else -ahead


def _zones_at(ahead: timedelta, now: datetime) -> list[str]:
    """Zones that are so far ahead of UTC now, a few of those that are known best."""

    def fitting(names: Iterable[str]) -> list[str]:
        return [name for name in names if now.astimezone(ZoneInfo(name)).utcoffset() == ahead][:_NAMED]

    known = (name for name in _WELL_KNOWN if name.casefold() in _zones())  # an older database lacks the newer names
    return fitting(known) or fitting(sorted(_cities().values()))


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
