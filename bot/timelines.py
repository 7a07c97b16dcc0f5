"""What happened over time, as a picture for a phone: happenings -> Drawing. Draws nothing itself.

A row for each happening, the newest above, joined to its place on the time axis; what it was is told by colour and
shape. The card has a background and an edge of its own, so that it reads on light and on dark screens.
"""

from __future__ import annotations

import re
import textwrap
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from bot.counted import number, some_of
from bot.model import Drawing, DrawnLine, DrawnMark, DrawnText, Entity, Verdict
from bot.text.folding import fold_key
from bot.zones import MONTHS, day_and_month, told_date

MOST_ROWS = 40
WIDTH, MOST_HEIGHT = 1080, 1920  # a phone's own format: a longer picture is shown smaller
BACKGROUND, EDGE = "#17212e", "#5f7186"
INK, SOFT, RULE = "#f4f7fa", "#b9c6d4", "#46566a"

# Told apart by those who do not tell red from green: colours by Okabe and Ito, lightened; and a shape each.
LOOKS = {
    Verdict.NEW_SANCTIONS: ("circle", "#ff7a59"),
    Verdict.POSSIBLE: ("triangle", "#f5c842"),
    Verdict.RELIEF: ("down", "#45d9a4"),
    Verdict.RENEWAL: ("square", "#6bbcff"),
    Verdict.ENFORCEMENT: ("diamond", "#dca3f5"),
}
_OTHER = ("cross", "#b9c6d4")
_MARGIN, _AXIS_X, _ROW_X = 52, 232, 300
_TITLE, _TEXT = 46, 29  # pixels
_LEAST_ROW, _MOST_ROW, _TWO_LINES = 36.0, 104.0, 82.0
_EM = 0.6  # how wide a character of the typeface is, on the safe side
_STEPS = (1, 2, 7, 14, 30, 91, 182, 365, 730, 1826)  # days between two ticks
_MOST_TICKS = 9
# What the typeface has and can set in a line: Latin, Greek, Cyrillic. No Chinese, and no Arabic, which needs shaping.
_DRAWABLE = re.compile(r"[\u0020-\u052f\u1e00-\u1fff\u2010-\u2027\u2030-\u205e\u20a0-\u20bf\u2116\u2122]*")


@dataclass(frozen=True, slots=True)
class Happening:
    """`head` is told in every picture, `detail` where there is room. `withdrawn`: it proved wrong. `url`: of its first
    article, which no picture shows."""

    on: date
    kind: Verdict
    head: str
    detail: str = ""
    withdrawn: bool = False
    url: str = ""


def plan_timeline(
    title: str, happenings: Sequence[Happening], since: date, until: date, sources: Sequence[str], now: datetime
) -> Drawing:
    """The picture of the newest MOST_ROWS of them. Every text that is not drawable is to be replaced before."""
    newest = sorted(happenings, key=lambda one: (one.on, one.head), reverse=True)
    rows = newest[:MOST_ROWS]
    head = _Head(title, _told_period(since, until, len(happenings), len(rows)), _legend(rows))
    top = head.height
    room = MOST_HEIGHT - top - 2 * _MARGIN
    row = min(max(room / len(rows), _LEAST_ROW), _MOST_ROW) if rows else _MOST_ROW
    bottom = top + max(row * len(rows), 420)
    axis = _Axis(since, until, top + row / 2, bottom - row / 2)
    items = [
        *head.items(),
        *axis.items(),
        *(_rows(rows, axis, row) if rows else [_nothing((top + bottom) / 2)]),
        DrawnText(_MARGIN, bottom + _MARGIN, _told_sources(sources, now), 24, SOFT, most_width=WIDTH - 2 * _MARGIN),
    ]
    return Drawing(WIDTH, round(bottom + 2 * _MARGIN), BACKGROUND, EDGE, tuple(items))


def drawable_name(entity: Entity) -> str:
    """Its caption if the typeface has it, else a name of it that it has, else its folded form in capitals."""
    names = (entity.caption, *entity.aliases)
    return next((name for name in names if is_drawable(name)), "") or drawable(entity.caption) or entity.key


def drawable(text: str) -> str:
    """`text`, or as much of it as the typeface has; "" if hardly anything is left."""
    if is_drawable(text):
        return text
    folded = fold_key(text).title()
    if is_drawable(folded):
        return folded
    kept = " ".join("".join(c for c in text if _DRAWABLE.fullmatch(c)).split()).strip(" ,;·—-")
    return kept if len(kept) * 2 > len(text) else ""


def is_drawable(text: str) -> bool:
    return bool(text.strip()) and _DRAWABLE.fullmatch(text) is not None


def look(kind: Verdict) -> tuple[str, str]:
    """(shape, colour)"""
    return LOOKS.get(kind, _OTHER)


# ---------------------------------------------------------------- the head


@dataclass(frozen=True, slots=True)
class _Head:
    title: str
    period: str
    legend: Sequence[tuple[Verdict, int]]

    @property
    def _lines(self) -> list[str]:
        width = int((WIDTH - 2 * _MARGIN) / (_TITLE * _EM))
        return textwrap.wrap(self.title, width, max_lines=2, placeholder="…") or [""]

    @property
    def _legend_rows(self) -> int:
        return max((row for row, *_ in self._legend_places()), default=-1) + 1

    @property
    def height(self) -> float:
        return _MARGIN + len(self._lines) * 58 + 52 + self._legend_rows * 46 + 34

    def items(self) -> Iterator[DrawnText | DrawnMark]:
        y = _MARGIN + 29.0
        for line in self._lines:
            yield DrawnText(_MARGIN, y, line, _TITLE, INK, bold=True, most_width=WIDTH - 2 * _MARGIN)
            y += 58
        yield DrawnText(_MARGIN, y, self.period, 30, SOFT, most_width=WIDTH - 2 * _MARGIN)
        y += 54
        for row, x, kind, text in self._legend_places():
            shape, colour = look(kind)
            yield DrawnMark(x + 13, y + row * 46, shape, colour, 24)
            yield DrawnText(x + 38, y + row * 46, text, 28, INK)

    def _legend_places(self) -> Iterator[tuple[int, float, Verdict, str]]:
        x, row = float(_MARGIN), 0
        for kind, count in self.legend:
            text = f"{kind.words} {count}"
            width = 38 + len(text) * 28 * _EM + 34
            if x > _MARGIN and x + width > WIDTH - _MARGIN:
                x, row = float(_MARGIN), row + 1
            yield row, x, kind, text
            x += width


def _legend(rows: Sequence[Happening]) -> list[tuple[Verdict, int]]:
    counts = Counter(row.kind for row in rows)
    order = [*LOOKS, *(kind for kind in Verdict if kind not in LOOKS)]
    return [(kind, counts[kind]) for kind in order if counts[kind]]


def _told_period(since: date, until: date, count: int, shown: int) -> str:
    newest = f", the newest {shown} shown" if shown < count else ""
    return f"{told_date(since)} – {told_date(until)} · {number(count, 'event')}{newest}"


def _told_sources(sources: Sequence[str], now: datetime) -> str:
    shown = some_of(sources, 3)
    as_of = told_date(now.astimezone(UTC).date())
    return f"Sources: {shown} · as of {as_of}" if shown else f"As of {as_of}"


# ---------------------------------------------------------------- axis and rows


@dataclass(frozen=True, slots=True)
class _Axis:
    """Time from `until`, at `top`, down to `since`, at `bottom`."""

    since: date
    until: date
    top: float
    bottom: float

    def y(self, on: date) -> float:
        days = max((self.until - self.since).days, 1)
        share = min(max((self.until - on).days / days, 0.0), 1.0)
        return self.top + share * (self.bottom - self.top)

    def items(self) -> Iterator[DrawnLine | DrawnText]:
        yield DrawnLine(((_AXIS_X, self.top), (_AXIS_X, self.bottom)), RULE, 4)
        for on in find_ticks(self.since, self.until):
            y = self.y(on)
            yield DrawnLine(((_AXIS_X - 12, y), (_AXIS_X, y)), RULE, 3)
            yield DrawnText(_AXIS_X - 22, y, _told_tick(on, self.since, self.until), 25, SOFT, align="right")


def find_ticks(since: date, until: date) -> list[date]:
    """Days that the axis names: round ones (the first of a month, a Monday), few enough to read."""
    days = max((until - since).days, 1)
    step = next((step for step in _STEPS if days / step <= _MOST_TICKS), _STEPS[-1])
    if step >= 30:
        return _first_days(since, until, round(step / 30.4) or 1)
    start = since + timedelta(days=-since.weekday() % 7 if step >= 7 else 0)
    return [start + timedelta(days=number) for number in range(0, (until - start).days + 1, step)]


def _first_days(since: date, until: date, months: int) -> list[date]:
    found, number = [], since.year * 12 + since.month - 1
    while (first := date(number // 12, number % 12 + 1, 1)) <= until:
        if first >= since and number % months == 0:
            found.append(first)
        number += 1
    return found


def _told_tick(on: date, since: date, until: date) -> str:
    if (until - since).days > 300:
        return f"{MONTHS[on.month - 1]} {on.year}"
    return day_and_month(on)


def _rows(rows: Sequence[Happening], axis: _Axis, height: float) -> Iterator[DrawnText | DrawnMark | DrawnLine]:
    places = spread([axis.y(row.on) for row in rows], height, axis.top, axis.bottom)
    for row, y in zip(rows, places, strict=True):
        shape, colour = look(row.kind)
        true = axis.y(row.on)
        yield DrawnLine(((_AXIS_X, true), (_AXIS_X + 26, true), (_ROW_X - 34, y), (_ROW_X - 18, y)), RULE, 2)
        yield DrawnMark(_AXIS_X, true, "circle", colour, 13)
        yield DrawnMark(_ROW_X, y, shape, colour, min(height * 0.6, 30), filled=not row.withdrawn)
        yield from _label(row, y, height)


def _label(row: Happening, y: float, height: float) -> Iterator[DrawnText]:
    x = _ROW_X + 30
    width = WIDTH - _MARGIN - x
    head = f"Withdrawn: {row.head}" if row.withdrawn else row.head
    on = day_and_month(row.on)
    if height < _TWO_LINES:
        size = min(height * 0.7, _TEXT)
        yield DrawnText(x, y, on, size, SOFT, most_width=size * 4)
        yield DrawnText(x + size * 4.1, y, head, size, INK, most_width=width - size * 4.1)
        return
    yield DrawnText(x, y - 20, head, 31, INK, bold=True, most_width=width)
    yield DrawnText(x, y + 20, " · ".join(filter(None, (on, row.detail))), 27, SOFT, most_width=width)


def spread(wanted: Sequence[float], gap: float, top: float, bottom: float) -> list[float]:
    """Places in the order of `wanted`, as near to them as may be, no two nearer than `gap`, all from `top` to `bottom`
    where there is room for that."""
    places: list[float] = []
    for y in wanted:
        places.append(max(y, places[-1] + gap) if places else max(y, top))
    limit = bottom
    for index in range(len(places) - 1, -1, -1):
        places[index] = min(places[index], limit)
        limit = places[index] - gap
    return places


def _nothing(y: float) -> DrawnText:
    return DrawnText(_ROW_X + 30, y, "No event in this period.", 32, SOFT, most_width=WIDTH - _MARGIN - _ROW_X - 30)
