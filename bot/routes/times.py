"""Times of day in a chat's own zone, as moments in UTC.

An hour that the clocks skip counts as the hour after it, one that they repeat as its first: so every day has each time
of day once, and what is due daily is due once a day."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from bot.model import DigestPlan, QuietHours

_DAY = timedelta(days=1)


def read_zone(name: str) -> str:
    """'europe/berlin' -> 'Europe/Berlin', 'utc' -> 'UTC'. Raises ValueError."""
    for wanted in dict.fromkeys((name, name.upper(), "/".join(_title(part) for part in name.split("/")))):
        try:
            return ZoneInfo(wanted).key
        except (ZoneInfoNotFoundError, ValueError, OSError):
            continue
    raise ValueError(
        f"“{name[:40]}” is no time zone: write one as Europe/Berlin, America/New_York, Asia/Singapore or UTC"
    )


def _title(part: str) -> str:
    """'new_york' -> 'New_York'."""
    return "_".join(word.capitalize() for word in part.split("_"))


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
