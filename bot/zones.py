"""Moments as a chat is told them: in its own time zone, which is named, so that nobody takes an hour for another's.

A zone is IANA's name; "" is none, and told as UTC."""

from __future__ import annotations

from datetime import UTC, date, datetime
from functools import cache
from zoneinfo import ZoneInfo

from bot.model import ChatKey, ChatRoutes
from bot.ports import Records

# Not strftime's %b: that one follows the locale.
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def told_moment(at: datetime, zone: str = "") -> str:
    """'22 Aug 2017, 15:05 Europe/Berlin'"""
    return f"{told_day(at, zone)}, {_hour(_local(at, zone), zone)}"


def told_day(at: datetime, zone: str) -> str:
    """'22 Aug 2017': the day that it was there."""
    return told_date(_local(at, zone))


def told_date(day: date) -> str:
    """'22 Aug 2017'"""
    return f"{day_and_month(day)} {day.year}"


def told_time(at: datetime, zone: str = "") -> str:
    """'22 Aug, 15:05 Europe/Berlin': without the year, of what is days old at most when it is read."""
    local = _local(at, zone)
    return f"{day_and_month(local)}, {_hour(local, zone)}"


def in_utc(at: datetime) -> str:
    """'2017-08-22T15:05:00+00:00': for tables that programs read."""
    return at.astimezone(UTC).isoformat(timespec="seconds")


def _local(at: datetime, zone: str) -> datetime:
    return at.astimezone(_zone(zone or "UTC"))


@cache
def _zone(name: str) -> ZoneInfo:
    return ZoneInfo(name)


def day_and_month(day: date) -> str:
    """'22 Aug'"""
    return f"{day.day} {MONTHS[day.month - 1]}"


def _hour(local: datetime, zone: str) -> str:
    """An hour that the clocks repeat in autumn says which of the two it is: '02:30 Europe/Berlin (UTC+2)'."""
    told = f"{local:%H:%M} {zone or 'UTC'}"
    is_twice = local.replace(fold=0).utcoffset() != local.replace(fold=1).utcoffset()
    return f"{told} ({_offset(local)})" if is_twice else told


def _offset(local: datetime) -> str:
    """'UTC+2', 'UTC-3:30'"""
    ahead = f"{local:%z}"
    minutes = f":{ahead[3:5]}" if ahead[3:5] != "00" else ""
    return f"UTC{ahead[0]}{int(ahead[1:3])}{minutes}"


def find_zone(own: ChatRoutes | None, group: ChatRoutes | None) -> str:
    """A chat's own zone; a topic without one has its group's."""
    return (own.zone if own else "") or (group.zone if group else "")


def load_zone(records: Records, chat: ChatKey) -> str:
    """In which zone a chat is told times; "" if nobody has said."""
    return find_zone(records.routes_of(chat), records.routes_of(chat.whole) if chat.thread else None)
