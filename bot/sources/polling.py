"""What a poll means: which entries are new, what is remembered of the source, when it is polled again.

    request_headers | (fetch) | parse_answer | decide_poll

Decides only. The rules are those that public feed readers arrived at, after the feeds that broke them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from hashlib import sha256
from itertools import pairwise
from statistics import median

from bot.errors import FeedError, FetchError
from bot.model import Entry, HeldEntry, HttpAnswer, PollIntent, SeenKeys, Source, SourceKind, SourceState
from bot.sources.identity import find_edit, find_seen, identity, with_seen
from bot.sources.kinds import parse_entries
from bot.sources.looks import is_challenge
from bot.sources.parsed import ParsedFeed

# An honest client says what it wants: some bot walls refuse */* alone.
FEED_ACCEPT = "application/atom+xml, application/rss+xml, application/feed+json, application/xml;q=0.9, */*;q=0.1"
PAGE_ACCEPT = "text/html, application/xhtml+xml, application/xml;q=0.9, */*;q=0.1"
FULL_FETCH_EVERY = timedelta(days=1)  # servers answer 304 for ever (FreshRSS#1020)
LONGEST_WAIT = timedelta(days=1)
CLOCK_ASTRAY = timedelta(hours=1)  # hosts that poll by turns may differ by less
LONGEST_WAIT_OUTAGE = timedelta(hours=1)  # our own network may be down: nothing may be lost when it is back
LONGEST_WAIT_SERVER = timedelta(hours=3)
TELL_AFTER_FAILURES = 3
TELL_AFTER = timedelta(days=1)
FLOOD_SHARE = 0.5
FLOOD_LEAST = 12  # entries in the body; smaller feeds turn over at once
FLOOD_SLACK = timedelta(hours=12)  # entries appear so long after the time they carry
FROZEN_LEAST = timedelta(days=14)
FROZEN_GAPS = 10  # times the usual gap between two entries
EARLIEST_SHARE = 0.8
# Ticks of a source may be as near as 0.8 of its interval (`engine.ticks`), and its answer may take a while: a source
# that is due later than the next tick would be read at twice its interval.
NEXT_SHARE = 0.6
JITTER_SHARE = 0.1
BASELINE = "baseline: already there when this source was first read"


# ---------------------------------------------------------------- before the request


def is_due(state: SourceState, now: datetime) -> bool:
    """Whether to poll now: not paused, and its time has come."""
    return not state.paused_reason and has_come(state.next_poll_at, state.last_polled_at, now)


def has_come(next_at: datetime | None, last_at: datetime | None, now: datetime) -> bool:
    """Whether it is time, or that was never set, or by a clock that has gone back since: one that was years ahead would
    leave a source unread for years."""
    if next_at is None or now >= next_at:
        return True
    return last_at is not None and last_at - now > CLOCK_ASTRAY


def request_headers(state: SourceState, now: datetime, kind: SourceKind = SourceKind.FEED) -> dict[str, str]:
    """Accept, and the validators; about daily without them."""
    accept = {"Accept": PAGE_ACCEPT if kind is SourceKind.HTML_INDEX else FEED_ACCEPT}
    return accept if _wants_full(state, now) else accept | validators(state.etag, state.last_modified)


def validators(etag: str | None, last_modified: str | None) -> dict[str, str]:
    """As the server sent them, byte for byte (FreshRSS#6712)."""
    given = {"If-None-Match": etag, "If-Modified-Since": last_modified}
    return {name: value for name, value in given.items() if value}


def parse_answer(
    source: Source, state: SourceState, answer: HttpAnswer | FetchError, now: datetime
) -> ParsedFeed | FeedError | None:
    """None where there is nothing to read: an error, not modified, or the same bytes as last time. Raises nothing."""
    if isinstance(answer, FetchError) or not _is_success(answer):
        return None
    if _hash(answer) == state.body_hash and not _wants_full(state, now):
        return None
    try:
        return parse_entries(source, answer, now)
    except FeedError as error:
        return error


def retry_after(headers: Mapping[str, str], now: datetime) -> timedelta | None:
    """RFC 9110 10.2.3: seconds, or a date, which is read against the server's own clock. Between 0 and LONGEST_WAIT."""
    value = headers.get("retry-after", "").strip()
    if not value:
        return None
    if value.isascii() and value.isdigit():
        return min(timedelta(seconds=int(value[:9])), LONGEST_WAIT)
    until = _http_date(value)
    if until is None:
        return None
    server_now = _http_date(headers.get("date", "")) or now
    return max(timedelta(0), min(until - server_now, LONGEST_WAIT))


def as_read_now(source: Source, state: SourceState) -> SourceState:
    """What is remembered of a source, but for what holds no more once somebody changed its address, kind or selectors
    in the file: then it is due at once, and an unchanged page is read again."""
    how = sha256(repr((source.url, source.kind, sorted(source.select.items()))).encode()).hexdigest()[:16]
    if state.read_as == how:
        return state
    return replace(at_new_address(state) if state.read_as else state, read_as=how)


def at_new_address(state: SourceState) -> SourceState:
    """What is remembered of a source that is read elsewhere from now on: what it carried and when it was read, so that
    nothing is told twice and what came since is news; nothing of what the old server said. Due at once."""
    return replace(
        state,
        etag=None,
        last_modified=None,
        body_hash=None,
        last_full_fetch_at=None,
        failures=0,
        last_error=None,
        paused_reason=None,
        next_poll_at=None,
    )


# ---------------------------------------------------------------- after it


def decide_poll(
    source: Source,
    state: SourceState,
    answer: HttpAnswer | FetchError,
    parsed: ParsedFeed | FeedError | None,
    seen: SeenKeys,
    now: datetime,
    jitter: float = 0.5,
) -> PollIntent:
    """`parsed` is what parse_answer made of `answer`; `jitter` is a random number from 0 to 1."""
    if isinstance(answer, FetchError):
        return decide_failed_poll(source, state, answer, now, jitter)
    if isinstance(parsed, FeedError) and _is_success(answer):
        return decide_failed_poll(source, state, parsed, now, jitter)
    clock = _Clock(source, now, jitter)
    if answer.status == 304 or (parsed is None and _is_success(answer)):
        return _unchanged(state, clock, answer)
    if not _is_success(answer):
        return _refused(state, clock, answer)
    assert isinstance(parsed, ParsedFeed)
    if parsed.total == 0 and state.entries_seen > 0:
        return _failed(state, clock, _Failure("answers, but with no entries where it had some", LONGEST_WAIT_SERVER))
    return _read(source, state, clock, answer, parsed, seen)


def decide_failed_poll(
    source: Source, state: SourceState, error: FetchError | FeedError, now: datetime, jitter: float = 0.5
) -> PollIntent:
    """Where there was no answer, or nothing that could be read in it."""
    clock = _Clock(source, now, jitter)
    if isinstance(error, FetchError):
        return _failed(state, clock, _Failure(error.problem, LONGEST_WAIT_OUTAGE, error.retry_after))
    return _failed(state, clock, _Failure(str(error), LONGEST_WAIT))


@dataclass(frozen=True, slots=True)
class _Clock:
    source: Source
    now: datetime
    jitter: float

    def next_slot(self) -> datetime:
        """Before the next tick, and after all that still belong to this one."""
        return self.now + self.source.every * (NEXT_SHARE + JITTER_SHARE * self.jitter)

    def after(self, wait: timedelta) -> datetime:
        """A little less than `wait`: the scheduler's ticks come at the interval, and must not find it too early by a
        second. Jitter, as feeds that are due at one instant make their own 429s (miniflux#3289)."""
        return self.now + wait * (EARLIEST_SHARE + JITTER_SHARE * self.jitter)


@dataclass(frozen=True, slots=True)
class _Failure:
    problem: str
    longest: timedelta
    retry_after: timedelta | None = None
    tell_after: timedelta | None = None  # instead of TELL_AFTER_FAILURES


def _read(
    source: Source, state: SourceState, clock: _Clock, answer: HttpAnswer, parsed: ParsedFeed, seen: SeenKeys
) -> PollIntent:
    now = clock.now
    fresh, held = _split(source, parsed.entries, seen, now)
    fresh, flood = _without_flood(state, parsed, fresh, now)
    if not state.baseline_done or state.entries_seen == 0:
        fresh, baseline = _first_run(source, state, fresh)
        held = (*held, *baseline)
    held = (*held, *flood)
    notes = _notes(source, answer, parsed, flood, now)
    told = "; ".join(notes) or None
    return PollIntent(
        state=replace(
            _succeeded(state, clock, answer),
            body_hash=_hash(answer),
            baseline_done=True,
            last_full_fetch_at=now if _wants_full(state, now) else state.last_full_fetch_at,
            last_new_at=now if fresh else state.last_new_at,
            entries_seen=max(state.entries_seen, parsed.total),
            last_error=told,
        ),
        new=tuple(sorted(fresh, key=lambda entry: entry.effective_at)),
        held=held,
        reason=f"{len(fresh)} new of {parsed.total} entries",
        trouble=told if told != state.last_error else None,
    )


def _unchanged(state: SourceState, clock: _Clock, answer: HttpAnswer) -> PollIntent:
    reason = "not modified (304)" if answer.status == 304 else "not modified (same bytes)"
    return PollIntent(_succeeded(state, clock, answer), reason=reason)


def _succeeded(state: SourceState, clock: _Clock, answer: HttpAnswer) -> SourceState:
    """Validators are kept as sent, also when the body was the same, and dropped when the latest 200 has none."""
    not_modified = answer.status == 304
    return replace(
        state,
        etag=answer.headers.get("etag") or (state.etag if not_modified else None),
        last_modified=answer.headers.get("last-modified") or (state.last_modified if not_modified else None),
        last_polled_at=clock.now,
        last_success_at=clock.now,
        failures=0,
        last_error=state.last_error if state.failures == 0 else None,
        next_poll_at=clock.next_slot(),
    )


# ---------------------------------------------------------------- new or not


def _split(
    source: Source, entries: Sequence[Entry], seen: SeenKeys, now: datetime
) -> tuple[tuple[Entry, ...], tuple[HeldEntry, ...]]:
    fresh, held, here = [], [], SeenKeys()
    for entry in sorted(entries, key=lambda one: one.effective_at):  # the first under a headline, then the next one
        key = identity(entry)
        at = entry.published_at
        if known := find_seen(source, key, seen, at) or find_seen(source, key, here, at):
            edited = "" if too_old(source, entry.effective_at, now) else find_edit(source, key, seen)
            held.append(HeldEntry(entry, known, is_known=True, edited=edited))
        elif old := too_old(source, entry.effective_at, now):
            held.append(HeldEntry(entry, old))
        else:
            fresh.append(entry)
        here = with_seen(here, key, entry.effective_at)  # feeds carry a story twice in one body
    return tuple(fresh), tuple(held)


def too_old(source: Source, published: datetime, now: datetime) -> str | None:
    """Why it is no news any more. When a publisher deletes an item, an old one slides back into the window
    (matrix-hookshot#768)."""
    if source.max_age is None or now - published <= source.max_age:
        return None
    return f"older than {source.max_age.days} days: dated {published:%d %b %Y}"


def _first_run(
    source: Source, state: SourceState, fresh: tuple[Entry, ...]
) -> tuple[tuple[Entry, ...], tuple[HeldEntry, ...]]:
    """What was there before is the baseline; what came after an earlier poll that found nothing at all is new."""
    if source.first_run.last is None:
        return fresh, ()
    by_date = sorted(fresh, key=lambda entry: entry.effective_at, reverse=True)
    chosen = {id(entry) for entry in by_date[: source.first_run.last]}
    since = state.last_success_at
    chosen |= {id(entry) for entry in fresh if since and entry.published_at and entry.effective_at > since}
    return (
        tuple(entry for entry in fresh if id(entry) in chosen),
        tuple(HeldEntry(entry, BASELINE) for entry in fresh if id(entry) not in chosen),
    )


def _without_flood(
    state: SourceState, parsed: ParsedFeed, fresh: tuple[Entry, ...], now: datetime
) -> tuple[tuple[Entry, ...], tuple[HeldEntry, ...]]:
    """A feed that changes its addresses shows everything as new. What is dated before the last good poll would have
    been seen then, so that part is held; what is dated since is news, however much of it there is."""
    since = state.last_success_at
    if not state.baseline_done or since is None or state.entries_seen == 0:
        return fresh, ()
    if len(parsed.entries) < FLOOD_LEAST or len(fresh) <= FLOOD_SHARE * len(parsed.entries):
        return fresh, ()
    suspects = {id(entry) for entry in fresh if _should_have_been_seen(entry, since, now)}
    if len(suspects) <= FLOOD_SHARE * len(parsed.entries):
        return fresh, ()
    reason = f"flood: {len(fresh)} of {len(parsed.entries)} entries new at once, and dated before the last good poll"
    return (
        tuple(entry for entry in fresh if id(entry) not in suspects),
        tuple(HeldEntry(entry, reason) for entry in fresh if id(entry) in suspects),
    )


def _should_have_been_seen(entry: Entry, since: datetime, now: datetime) -> bool:
    if entry.published_at is None:
        return now - since < FLOOD_SLACK
    return entry.published_at < since - FLOOD_SLACK


# ---------------------------------------------------------------- trouble


def _refused(state: SourceState, clock: _Clock, answer: HttpAnswer) -> PollIntent:
    wait = retry_after(answer.headers, clock.now)
    match answer.status:
        case 410:
            return _gone(state, clock)
        case 429:
            failure = _Failure("asks us to poll less often (HTTP 429)", LONGEST_WAIT_SERVER, wait)
        case 404:
            failure = _Failure("not found (HTTP 404)", LONGEST_WAIT, wait, tell_after=TELL_AFTER)
        case 401 | 403 | 406 | 451:
            why = "a browser check" if is_challenge(answer.body.decode("utf-8", "replace")) else "refused"
            failure = _Failure(f"{why} (HTTP {answer.status})", LONGEST_WAIT, wait)
        case status if status >= 500:
            failure = _Failure(f"the server is in trouble (HTTP {status})", LONGEST_WAIT_SERVER, wait)
        case status:
            failure = _Failure(f"answers HTTP {status}", LONGEST_WAIT, wait)
    return _failed(state, clock, failure)


_GONE = "gone (HTTP 410)"
_GONE_AGAIN = timedelta(hours=20)


def _gone(state: SourceState, clock: _Clock) -> PollIntent:
    """Paused only when it says so again a day later."""
    gone = replace(state, last_polled_at=clock.now, failures=state.failures + 1, last_error=_GONE)
    said_before = state.last_error == _GONE and state.last_polled_at is not None
    if said_before and state.last_polled_at and clock.now - state.last_polled_at >= _GONE_AGAIN:
        paused = f"its publisher says twice that it is gone for good (HTTP 410): {_how_to_remove(clock.source)}"
        return PollIntent(
            replace(gone, paused_reason=paused, next_poll_at=None), reason=_GONE, trouble=f"paused: {paused}"
        )
    return PollIntent(replace(gone, next_poll_at=clock.now + LONGEST_WAIT), reason=_GONE)


def _how_to_remove(source: Source) -> str:
    return f"feeds remove {source.title}" if source.is_added else "remove it from config/sources.toml"


def _how_to_move(source: Source, url: str) -> str:
    if source.is_added:
        return f"feeds move {source.title} {url}"
    return "put that into config/sources.toml"


def _failed(state: SourceState, clock: _Clock, failure: _Failure) -> PollIntent:
    """The first failure waits as usual, each further one twice as long as the one before. The source's own interval
    is the least, what the server asks for comes before both."""
    failures = state.failures + 1
    every = clock.source.every
    wait = max(every, min(every * 2 ** min(failures - 1, 20), failure.longest))
    asked = clock.now + min(failure.retry_after or timedelta(0), LONGEST_WAIT)
    return PollIntent(
        replace(
            state,
            last_polled_at=clock.now,
            failures=failures,
            last_error=failure.problem,
            next_poll_at=max(clock.after(wait), asked),
        ),
        reason=failure.problem,
        trouble=_trouble(state, clock, failure, failures),
    )


def _trouble(state: SourceState, clock: _Clock, failure: _Failure, failures: int) -> str | None:
    """Told once for each series of failures."""
    told = f"{failure.problem}, {failures} times in a row"
    worked_at = state.last_success_at
    if failure.tell_after is None or worked_at is None:  # never worked: the address is wrong
        return told if failures == TELL_AFTER_FAILURES else None
    polled_at = state.last_polled_at or worked_at
    return told if polled_at - worked_at < failure.tell_after <= clock.now - worked_at else None


def _notes(
    source: Source,
    answer: HttpAnswer,
    parsed: ParsedFeed,
    flood: Sequence[HeldEntry],
    now: datetime,
) -> list[str]:
    notes = [parsed.trouble] if parsed.trouble else []
    if flood:
        notes.append(f"{len(flood)} entries held and marked as seen ({flood[0].reason})")
    if answer.moved_permanently_to and answer.moved_permanently_to != source.url:
        moved_to = answer.moved_permanently_to
        notes.append(f"moved for good to {moved_to}: {_how_to_move(source, moved_to)}")
    if source.max_age is not None and (frozen := _frozen(parsed, now)):  # else old entries are what is wanted of it
        notes.append(frozen)
    return notes


def _frozen(parsed: ParsedFeed, now: datetime) -> str | None:
    """Feeds that answer 200 for years after their last entry (OFAC, CNN, Xinhua)."""
    dates = sorted((entry.published_at for entry in parsed.entries if entry.published_at), reverse=True)
    if len(dates) < 3:
        return None
    usual = median((later - earlier).total_seconds() for later, earlier in pairwise(dates))
    if now - dates[0] < max(FROZEN_LEAST, FROZEN_GAPS * timedelta(seconds=usual)):
        return None
    return f"seems abandoned: its newest entry is of {dates[0]:%d %b %Y}"


# ---------------------------------------------------------------- small readings


def _wants_full(state: SourceState, now: datetime) -> bool:
    return state.last_full_fetch_at is None or now - state.last_full_fetch_at >= FULL_FETCH_EVERY


def _is_success(answer: HttpAnswer) -> bool:
    return 200 <= answer.status < 300


def _hash(answer: HttpAnswer) -> str:
    return sha256(answer.body).hexdigest()


def _http_date(text: str) -> datetime | None:
    try:
        found = parsedate_to_datetime(text)
    except (ValueError, TypeError, IndexError):
        return None
    return found.replace(tzinfo=UTC) if found.tzinfo is None else found
