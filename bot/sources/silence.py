"""Whether a source that is read well has had nothing new for longer than is usual for it: told once, and once when it
publishes again. What is usual is learnt from the longest pause of each week. Pure: no clock, no store."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from bot.counted import number
from bot.model import Pause, Source, SourceState
from bot.zones import told_date

UNKNOWN = timedelta(days=30)  # until enough of its weeks are known
SPARE = 2  # times its longest pause: feast days are longer than week-ends
LEAST = timedelta(days=1)
WEEKS_KEPT, WEEKS_NEEDED = 8, 3  # weeks in which it had something new
# A source that was not read for longer may have had news meanwhile: that pause is not its own.
_HOP, _HOP_POLLS = timedelta(hours=6), 4


def find_limit(source: Source, state: SourceState) -> timedelta | None:
    """How long it may have nothing new; None: as long as it likes."""
    if source.silent_after is not None:
        return source.silent_after or None
    if len(state.pauses) < WEEKS_NEEDED:
        return UNKNOWN
    return max(SPARE * max(pause.longest for pause in state.pauses), LEAST, _HOP_POLLS * source.every)


def note_silence(source: Source, before: SourceState, after: SourceState, now: datetime) -> tuple[SourceState, str]:
    """(the state after a poll with what is known of its pauses, what is to be told). While it fails that is told, and
    nothing else."""
    if after.failures or after.last_new_at is None:
        return after, ""
    if after.last_new_at != before.last_new_at:
        back = _told_back(source, before, now) if before.silent_told_at else ""
        return replace(after, pauses=_with_pause(source, before, now), silent_told_at=None), back
    limit = find_limit(source, after)
    if limit is None or after.silent_told_at or now - after.last_new_at < limit:
        return after, ""
    return replace(after, silent_told_at=now), _told_silent(source, after, now)


def _with_pause(source: Source, before: SourceState, now: datetime) -> tuple[Pause, ...]:
    """The longest of each week, the newest last."""
    since, read_at = before.last_new_at, before.last_success_at
    if since is None or read_at is None or now - read_at > max(_HOP, _HOP_POLLS * source.every):
        return before.pauses
    week = now.toordinal() // 7
    longest = max([now - since, *(pause.longest for pause in before.pauses if pause.week == week)])
    others = [pause for pause in before.pauses if pause.week != week]
    return (*others, Pause(week, longest))[-WEEKS_KEPT:]


def _told_silent(source: Source, state: SourceState, now: datetime) -> str:
    since = state.last_new_at or now
    usual = ""
    if source.silent_after is None and len(state.pauses) >= WEEKS_NEEDED:
        usual = f"; its longest pause of late was {_span(max(pause.longest for pause in state.pauses))}"
    return (
        f"{source.title}: it is read without trouble, but has had nothing new for {_span(now - since)}, since "
        f"{told_date(since)}{usual}. Does it still publish there?"
    )


def _told_back(source: Source, before: SourceState, now: datetime) -> str:
    since = before.last_new_at or now
    return f"{source.title}: it has something new again, the first in {_span(now - since)}."


def _span(duration: timedelta) -> str:
    """'11 days', '64 hours', '1 hour', '20 minutes'"""
    minutes, hours = round(duration / timedelta(minutes=1)), round(duration / timedelta(hours=1))
    if hours >= 96:
        return f"{round(hours / 24)} days"
    if minutes >= 60:
        return number(hours, "hour")
    return number(minutes, "minute")
