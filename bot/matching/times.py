"""When something happened, against the day an article was published: dates, weekdays and years in a sentence.

Phrases without a date ("last month", "back then") are vocabulary; what is read here are dates proper.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, timedelta
from enum import Enum
from itertools import pairwise
from typing import NamedTuple

from bot.matching.words import Kind, Token

NEW_FOR = timedelta(days=15)  # "within about two weeks before it was published"
_AHEAD = timedelta(days=2)  # time zones, and papers dated tomorrow


class When(Enum):
    RECENT = "recent"
    OLD = "old"
    FUTURE = "future"


class Time(NamedTuple):
    """Tokens [start, end) tell a time. `on` is the day, where they tell one."""

    start: int
    end: int
    when: When
    on: date | None = None


@dataclass(frozen=True, slots=True)
class Calendar:
    """A language's words for time: folded word -> number (months from 1, weekdays from Monday = 0)."""

    months: Mapping[str, int]
    weekdays: Mapping[str, int]
    last: frozenset[str]  # "last", "past": the one before
    next: frozenset[str]
    until: frozenset[str]  # what follows is an end, not the time of an act
    year: frozenset[str] = frozenset()  # "года": with `last` right behind a date it is of the year before
    capitals: bool = False  # months have a capital: "may" is then no month


def moved(day: date, by: timedelta) -> date:
    """The day so much later or earlier, as far as the calendar goes: an article without a date may be of the year 1."""
    try:
        return day + by
    except OverflowError:
        return date.max if by > timedelta(0) else date.min


def when_of(day: date, published: date) -> When:
    """Whether a day is new, old or still to come for a reader on the day of publication."""
    if day > moved(published, _AHEAD):
        return When.FUTURE
    return When.RECENT if published - day <= NEW_FOR else When.OLD


_YEAR = re.compile(r"(?:19[5-9]|20[0-9])\d$")
_DAY_MONTH_YEAR = re.compile(r"(\d{1,2})\.(\d{1,2})\.(\d{4})$")  # one token, as dots part no number
_YEAR_MONTH_DAY = re.compile(r"(\d{4})\.(\d{1,2})\.(\d{1,2})$")  # as Korean offices write it
_OF = frozenset((".", "de", "del", "of"))  # between a day and its month
_ARTICLES = frozenset("the le la el al au a en zum dem den der".split())  # "until the 15th", "bis zum 15."
_TO_A_YEAR = (_OF - {"."}) | _ARTICLES | {",", "des", "l'"}  # between a date and its year, "10 juin de l'an passé"
_CJK_UNITS = {"年": "y", "月": "m", "日": "d", "号": "d", "년": "y", "월": "m", "일": "d"}
_CHINESE_WEEK, _CHINESE_DAYS = ("周", "星期", "礼拜"), {day: at for at, day in enumerate("一二三四五六日")} | {"天": 6}
_KOREAN_DAYS = {day: at for at, day in enumerate("월화수목금토일")}


def find_times(tokens: Sequence[Token], calendar: Calendar, published: date) -> list[Time]:
    """Every date, weekday and year among the tokens, in order."""
    times: list[Time] = []
    skip = 0
    for index, token in enumerate(tokens):
        if index < skip or token.kind in (Kind.MENTION, Kind.PUNCTUATION):
            continue
        found = None
        if token.kind is Kind.NUMBER:
            found = (
                _cjk_date(tokens, index, published)
                or _in_figures(tokens, index, published)
                or _day_and_month(tokens, index, calendar, published)
                or _year(tokens, index, calendar, published)
            )
        elif token.low in _CHINESE_DAYS or token.low == "요":
            found = _cjk_weekday(tokens, index, published)
        elif token.low in calendar.weekdays:
            found = None if _has_date(tokens, index, calendar) else _weekday(tokens, index, calendar, published)
        elif token.low in calendar.months and (token.capital or not calendar.capitals):
            found = _month(tokens, index, calendar, published)
        if found:
            times.append(found)
            skip = found.end
    return times


def _before(tokens: Sequence[Token], index: int) -> str:
    return tokens[index - 1].low if index > 0 else ""


def _number(tokens: Sequence[Token], index: int) -> int | None:
    if 0 <= index < len(tokens):
        digits = re.match(r"(\d{1,2})(?:st|nd|rd|th|er|º|°)?$", tokens[index].low)
        if digits and 1 <= int(digits.group(1)) <= 31:
            return int(digits.group(1))
    return None


def _weekday(tokens: Sequence[Token], index: int, calendar: Calendar, published: date) -> Time:
    after = tokens[index + 1].low if index + 1 < len(tokens) else ""
    if _before(tokens, index) in calendar.next or after in calendar.next:
        return Time(index, index + 1, When.FUTURE)
    back = (published.weekday() - calendar.weekdays[tokens[index].low]) % 7
    if back == 0 and {_before(tokens, index), after} & calendar.last:
        back = 7  # "last Friday", in a paper of a Friday
    return Time(index, index + 1, When.RECENT, moved(published, timedelta(days=-back)))


def _has_date(tokens: Sequence[Token], index: int, calendar: Calendar) -> bool:
    """Does a date follow the weekday, "Monday, 15 June 2020", or stand before it, "15 June (Monday)"? It tells more."""
    if _before(tokens, index) == "(" and index > 1 and tokens[index - 2].kind is Kind.NUMBER:
        return True
    at = index + 1
    while at < len(tokens) and at < index + 3 and tokens[at].low in {",", "(", *_ARTICLES}:
        at += 1
    if at >= len(tokens):
        return False
    if tokens[at].low in calendar.months:
        return _number(tokens, _past_stop(tokens, at + 1)) is not None
    in_figures = _DAY_MONTH_YEAR.match(tokens[at].low) is not None
    named = any(one.low in calendar.months for one in tokens[at + 1 : at + 3])
    return in_figures or (_number(tokens, at) is not None and named)


def _past_stop(tokens: Sequence[Token], at: int) -> int:
    """Behind the full stop of a month that is cut short, where a day or year follows: "Oct. 5"."""
    stop = at + 1 < len(tokens) and tokens[at].low == "." and tokens[at + 1].kind is Kind.NUMBER
    return at + 1 if stop else at


def _month(tokens: Sequence[Token], index: int, calendar: Calendar, published: date) -> Time:
    month, first, end = calendar.months[tokens[index].low], index, index + 1
    day = _number(tokens, index - 1)
    if day is not None:
        first = index - 1
    elif index > 1 and tokens[index - 1].low in _OF:
        day = _number(tokens, index - 2)
        first = index if day is None else index - 2
    if day is None:
        behind = _past_stop(tokens, end)
        day = _number(tokens, behind)
        end = end if day is None else behind + 1
    year, at = None, _past_stop(tokens, end)
    at += at < len(tokens) and tokens[at].low in {",", *_OF}
    if at < len(tokens) and _YEAR.match(tokens[at].low):
        year, end = int(tokens[at].low), at + 1
    elif _is_of_last_year(tokens, end, calendar):
        year = published.year - 1
    return _dated(Time(index, end, When.OLD), year, month, day, _lead(tokens, first, calendar), calendar, published)


def _is_of_last_year(tokens: Sequence[Token], end: int, calendar: Calendar) -> bool:
    """ "10 июня прошлого года", "June 5 last year": not the day of publication, though day and month may be."""
    at = end
    while at < min(end + 2, len(tokens)) and tokens[at].low in _TO_A_YEAR - calendar.year:
        at += 1
    behind = {token.low for token in tokens[at : at + 2]}
    return not (behind.isdisjoint(calendar.last) or behind.isdisjoint(calendar.year))


def _lead(tokens: Sequence[Token], first: int, calendar: Calendar) -> str:
    """The word before a date that begins at `first`, over articles: "bis zum 15. März"."""
    while first > 0 and tokens[first - 1].low in _ARTICLES - calendar.until:
        first -= 1
    return _before(tokens, first)


def _dated(
    span: Time, year: int | None, month: int, day: int | None, before: str, calendar: Calendar, published: date
) -> Time:
    """The time of a month, with what is told of its day and year."""
    ends = before in calendar.until
    try:
        if year is None:
            year = published.year
            if ends and month < published.month:
                year += 1
            elif day is None:
                passed = month < published.month or (month == published.month and before not in calendar.last)
                year -= 0 if passed or ends or before in calendar.next else 1
            elif date(year, month, day) > moved(published, _AHEAD) and not ends:
                far = date(year, month, day) - published > _FAR
                year -= 1 if far else 0
        if day is not None:
            on = date(year, month, day)
            return Time(span.start, span.end, when_of(on, published), on)
    except ValueError:  # 31 February, 0 Mai
        return span
    if (year, month) == (published.year, published.month):
        return Time(span.start, span.end, When.RECENT)
    later = (year, month) > (published.year, published.month)
    return Time(span.start, span.end, When.FUTURE if later else When.OLD)


def _year(tokens: Sequence[Token], index: int, calendar: Calendar, published: date) -> Time | None:
    if not _YEAR.match(tokens[index].low):
        return None
    before = tokens[index - 1] if index else None
    if (
        before is not None
        and before.kind is Kind.WORD
        and before.capital
        and before.low not in calendar.months
        and index > 1
    ):
        return None  # "Regulations 2019", "Resolution 1970"
    if before is not None and before.low in ("$", "€", "£", "no", "order", "resolution"):
        return None
    year = int(tokens[index].low)
    if year == published.year:
        return None  # this year: old or new
    return Time(index, index + 1, When.FUTURE if year > published.year else When.OLD)


def _in_figures(tokens: Sequence[Token], index: int, published: date) -> Time | None:
    """15.03.2018, 2018.3.15, 2018-03-15 and 3/15/2018. Of 3/4/2018, which is April in one country and March in another,
    what holds in both."""
    if dotted := _DAY_MONTH_YEAR.match(tokens[index].low):
        day, month, year = map(int, dotted.groups())
        return _of_days(index, index + 1, [(year, month, day)], published)
    if dotted := _YEAR_MONTH_DAY.match(tokens[index].low):
        year, month, day = map(int, dotted.groups())
        return _of_days(index, index + 1, [(year, month, day)], published)
    run = tokens[index : index + 5]
    if len(run) < 5 or any(one.end != other.start for one, other in pairwise(run)):
        return None
    marks, parts = {run[1].low, run[3].low}, [one.low for one in run[::2]]
    if not all(part.isdecimal() and len(part) <= 4 for part in parts):
        return None
    first, second, third = map(int, parts)
    if marks == {"-"} and len(parts[0]) == 4:
        return _of_days(index, index + 5, [(first, second, third)], published)
    if marks == {"/"} and len(parts[2]) == 4:
        return _of_days(index, index + 5, [(third, first, second), (third, second, first)], published)
    return None


_DAY_MONTH = re.compile(r"(\d{1,2})\.(\d{1,2})$")
_BEFORE_A_DAY = frozenset("am vom zum seit ab den bis dem".split())


def _day_and_month(tokens: Sequence[Token], index: int, calendar: Calendar, published: date) -> Time | None:
    """ "am 23.10." and, where months have no names, "12.26.(목)": with a full stop behind it, or it is a number."""
    found = _DAY_MONTH.match(tokens[index].low)
    stop = index + 1 < len(tokens) and tokens[index + 1].low == "." and tokens[index + 1].start == tokens[index].end
    if not found or not stop:
        return None
    first, second = map(int, found.groups())
    month, day = (second, first) if calendar.months else (first, second)
    if not 1 <= month <= 12 or (calendar.months and _before(tokens, index) not in _BEFORE_A_DAY):
        return None
    span = Time(index, index + 2, When.OLD)
    return _dated(span, None, month, day, _lead(tokens, index, calendar), calendar, published)


def _of_days(start: int, end: int, readings: Sequence[tuple[int, int, int]], published: date) -> Time | None:
    """The time of the days (year, month, day) that figures may mean; None if they disagree, or none is a day."""
    days = set()
    for year, month, day in readings:
        with suppress(ValueError):
            days.add(date(year, month, day))
    whens = {when_of(day, published) for day in days}
    if len(whens) != 1:
        return None
    return Time(start, end, whens.pop(), days.pop() if len(days) == 1 else None)


def _cjk_date(tokens: Sequence[Token], index: int, published: date) -> Time | None:
    """2018年3月15日, 3月15日, 15日 and their Korean likes, with what stands before them: 去年3月5日, 지난달 25일."""
    parts: dict[str, int] = {}
    at = index
    while at + 1 < len(tokens) and tokens[at].kind is Kind.NUMBER and tokens[at + 1].low in _CJK_UNITS:
        parts[_CJK_UNITS[tokens[at + 1].low]] = int(re.sub(r"\D", "", tokens[at].low) or 0)
        at += 2
    if not parts:
        return None
    before = "".join(token.low for token in tokens[max(0, index - 4) : index])
    if tokens[at - 1].low == "号" and ("m" not in parts or before.endswith("第")):
        return None  # "第13号": a number
    year, month, day = parts.get("y", published.year), parts.get("m"), parts.get("d")
    if "y" not in parts and before.endswith(_CJK_LAST_YEAR):
        year = parts["y"] = year - 1
    try:
        if day is not None:
            on = date(year, month or published.month, day)
            if month is None and before.endswith(_CJK_LAST_MONTH):
                on = _month_before(on)
            elif month is None and before.endswith(_CJK_NEXT_MONTH):
                return Time(index, at, When.FUTURE)
            elif on > moved(published, _AHEAD) and "y" not in parts:
                return _to_come(tokens, index, at, on, published, dated=month is not None)
            return Time(index, at, when_of(on, published), on)
        if month is not None:
            if (year, month) == (published.year, published.month):
                return Time(index, at, When.RECENT)
            later = "y" in parts and (year, month) > (published.year, published.month)
            return Time(index, at, When.FUTURE if later else When.OLD)
    except ValueError:
        return None
    if year < published.year and year >= 1950:
        return Time(index, at, When.OLD)
    return Time(index, at, When.FUTURE) if published.year < year < 2100 else None


# What stands right before a date, and behind it: last year, last month, next month, "that comes", "from … on".
_CJK_LAST_YEAR = ("去年", "지난해", "작년")
_CJK_LAST_MONTH = ("上月", "上个月", "지난달", "전달")
_CJK_NEXT_MONTH = ("下月", "下个月", "내달", "다음달")
_CJK_COMING = ("将于", "将在", "拟于", "오는")
_CJK_FROM = re.compile(r"(?:\d+[时시]|零时|凌晨|자정)?(?:起(?!诉)|부터)")
_FAR = timedelta(days=120)


def _to_come(tokens: Sequence[Token], start: int, end: int, on: date, published: date, *, dated: bool) -> Time:
    """A day without a year, and of figures like 25日 without a month, that is still to come, or is of the one before.
    "In force from the 25th" is told of what is decided: new, though nothing happened on that day."""
    before = "".join(token.low for token in tokens[max(0, start - 2) : start])
    behind = "".join(token.low for token in tokens[end : end + 6])
    if _CJK_FROM.match(behind) or before.endswith("自"):
        return Time(start, end, When.RECENT)
    if before.endswith(_CJK_COMING) or (dated and on - published <= _FAR):
        return Time(start, end, When.FUTURE, on)
    on = on.replace(year=on.year - 1) if dated else _month_before(on)
    return Time(start, end, when_of(on, published), on)


def _cjk_weekday(tokens: Sequence[Token], index: int, published: date) -> Time | None:
    """周四, 星期二, 上周五 and 화요일, by the character that tells the day (Korean: the one behind it)."""
    before = "".join(token.low for token in tokens[max(0, index - 4) : index])
    if tokens[index].low == "요":
        day = _KOREAN_DAYS.get(before[-1:])
        if day is None or index + 1 >= len(tokens) or tokens[index + 1].low != "일":
            return None
        start, end, before = index - 1, index + 2, before[:-1]
    else:
        week = next((word for word in _CHINESE_WEEK if before.endswith(word)), None)
        if week is None:
            return None
        day, start, end, before = _CHINESE_DAYS[tokens[index].low], index - len(week), index + 1, before[: -len(week)]
    if before.endswith(("下", "下个", "다음주", "내주", "오는")):
        return Time(start, end, When.FUTURE)
    if before.endswith(("上", "上个", "지난주")):  # of the week before, which began on a Monday
        return Time(start, end, When.RECENT, moved(published, timedelta(days=day - published.weekday() - 7)))
    return Time(start, end, When.RECENT, moved(published, -timedelta(days=(published.weekday() - day) % 7)))


def _month_before(day: date) -> date:
    last = moved(day.replace(day=1), timedelta(days=-1))
    return last.replace(day=min(day.day, last.day))
