"""The sources, status, version: how the bot itself is doing, on all its machines."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot import __version__
from bot.commands.asking import Ask, cmd, reply
from bot.commands.phrases import ago, known_people, person_name, span, until
from bot.counted import number, shortened
from bot.model import (
    AddedFeed,
    DeadJob,
    DeliveryState,
    Fact,
    Machines,
    Message,
    ProcessSeen,
    QueueSeen,
    Reply,
    Source,
    SourceHealth,
    SourceState,
)
from bot.ports import Records, Totals, Trouble
from bot.sources import load_sources
from bot.zones import told_day

_DEAD_SHOWN = 5
_TROUBLE = 200  # characters
_NEEDED = {"poll": "no source is read", "match": "nothing is judged", "deliver": "messages wait"}
_SILENT_AFTER = timedelta(seconds=30)  # some beats of `engine.presence`


@dataclass(frozen=True, slots=True)
class Feeds:
    """The sources that are switched on, with what is remembered of each. `added`: those of them, and of `off`, that
    were added by a command; `people`: what those who did are called."""

    states: tuple[tuple[Source, SourceState], ...]
    off: tuple[Source, ...]
    added: Mapping[str, AddedFeed]
    people: Mapping[str, str]

    def with_health(self, *wanted: SourceHealth) -> list[tuple[Source, SourceState]]:
        return [(source, state) for source, state in self.states if state.health in wanted]


def load_feeds(ask: Ask, records: Records) -> Feeds:
    states: Mapping[str, SourceState] = records.source_states()
    sources = load_all(ask, records)
    return Feeds(
        tuple((source, states.get(source.key, SourceState(source.key))) for source in sources if source.enabled),
        tuple(source for source in sources if not source.enabled),
        {feed.source.key: feed for feed in records.added_feeds()},
        known_people(records),
    )


def load_all(ask: Ask, records: Records) -> tuple[Source, ...]:
    """Of the file, and those that were added."""
    return tuple(load_sources(records, {source.key: source for source in ask.services.sources}).values())


def show_feeds(ask: Ask) -> Reply:
    with ask.store.reading() as records:
        known = load_feeds(ask, records)
        is_admin = ask.is_admin(records)
    off = [source for source in known.off if not source.is_added]
    paused = [source for source in known.off if source.is_added]
    trouble = known.with_health(SourceHealth.FAILING, SourceHealth.PAUSED)
    waiting, fine = known.with_health(SourceHealth.WAITING), known.with_health(SourceHealth.OK)
    return reply(
        f"{len(fine)} of {number(len(known.states), 'source')} fine" + (f", {len(trouble)} not" if trouble else ""),
        "" if known.states else "No source is switched on: config/sources.toml lists them.",
        facts=[Fact(source.title, _told_feed(ask, known, source, state)) for source, state in trouble],
        bullets=[
            *(f"{source.title}: {_told_feed(ask, known, source, state)}" for source, state in waiting),
            *(f"{source.title}: {told_paused(known.added[source.key], known.people, ask.zone)}" for source in paused),
            *(f"{source.title}: {_told_feed(ask, known, source, state)}" for source, state in fine),
        ],
        footer=" ".join(
            [
                *([f"Switched off: {', '.join(source.title for source in off)}."] if off else []),
                *([f"To read another one: {cmd('feeds add ADDRESS')}"] if is_admin else []),
            ]
        ),
    )


def _told_feed(ask: Ask, known: Feeds, source: Source, state: SourceState) -> str:
    feed = known.added.get(source.key)
    return told_state(state, ask.now) + (f", {told_added(feed, known.people, ask.zone)}" if feed else "")


def told_added(feed: AddedFeed, people: Mapping[str, str], zone: str) -> str:
    """'added 3 May 2026 by Ana (telegram:7)'."""
    return f"added {told_day(feed.added_at, zone)} by {person_name(feed.added_by, people)}"


def told_paused(feed: AddedFeed, people: Mapping[str, str], zone: str) -> str:
    since = f" {told_day(feed.changed_at, zone)}" if feed.changed_at else ""
    return f"paused{since} by {person_name(feed.changed_by, people)}, {told_added(feed, people, zone)}"


def told_state(state: SourceState, now: datetime) -> str:
    """'ok, checked 9 min ago, last new entry 2 h ago, next in 6 min'."""
    following = f"next try {until(state.next_poll_at, now)}" if state.next_poll_at else ""
    match state.health:
        case SourceHealth.PAUSED:
            parts = [f"paused: {state.paused_reason}", _since(state, now)]
        case SourceHealth.FAILING:
            tries = number(state.failures, "failure")
            parts = [
                f"failing, {tries} in a row: {state.last_error or 'no reason known'}",
                _since(state, now),
                following,
            ]
        case SourceHealth.OK if state.last_success_at:
            new = f"last new entry {ago(state.last_new_at, now)}" if state.last_new_at else "nothing new so far"
            new += ", longer ago than usual" if state.silent_told_at else ""
            parts = [f"ok, checked {ago(state.last_success_at, now)}", new, following.replace("next try", "next")]
        case _:
            parts = ["not checked yet", following]
    return ", ".join(part for part in parts if part)


def _since(state: SourceState, now: datetime) -> str:
    return f"last fine {ago(state.last_success_at, now)}" if state.last_success_at else "never fine yet"


def status(ask: Ask) -> Reply:
    today = ask.now.replace(hour=0, minute=0, second=0, microsecond=0)
    with ask.store.reading() as records:
        known, totals = load_feeds(ask, records), records.totals(today)
        names = records.count_entities(records.watchlists_of(ask.request.chat.key))
        admins = len(records.admins())
        is_admin = ask.is_admin(records)
        dead = records.deliveries(DeliveryState.DEAD, limit=_DEAD_SHOWN) if is_admin else ()
        troubles = records.troubles_since(ask.now - timedelta(days=1), _DEAD_SHOWN) if is_admin else ()
        unread = _lists_in_trouble(ask, records)
    health = ask.services.health()
    trouble = known.with_health(SourceHealth.FAILING, SourceHealth.PAUSED)
    return reply(
        status_line(known, totals, ask.now),
        f"{number(len(trouble), 'source')} in trouble: send {cmd('feeds')} to see why." if trouble else "",
        f"{number(unread, 'official list')} in trouble: {_where_lists_are_told(is_admin)}." if unread else "",
        f"There is no owner yet: send {cmd('admin CODE')}, with the code printed at the start." if not admins else "",
        facts=[
            Fact("Tracked", number(names, "name")),
            Fact(
                "Read today (UTC)",
                f"{number(totals.entries, 'entry', 'entries')}, {number(totals.articles, 'article')}",
            ),
            Fact("To be sent", _told_outbox(totals)),
            *(Fact(name.capitalize(), phrase) for name, phrase in sorted(health.platforms.items())),
            Fact("Language model", health.second_reader) if health.second_reader else None,
            Fact("Running", f"for {span(ask.now - health.started_at)}, version {__version__}"),
            Fact("Processes", _summary(health.machines, ask.now)) if health.machines else None,
        ],
        bullets=[
            *(f"Given up: event {row.event} to {row.chat}: {row.reason}" for row in dead),
            *told_troubles(troubles, ask.now),
            *(told_machines(health.machines, ask.now) if health.machines and is_admin else ()),
        ],
    )


def _lists_in_trouble(ask: Ask, records: Records) -> int:
    """How many official lists of those that are switched on could not be read, or were stopped."""
    states = records.list_states()
    on = ask.services.lists.on if ask.services.lists else frozenset()
    return sum(bool(states[key].failures or states[key].stopped) for key in on & states.keys())


def _where_lists_are_told(is_admin: bool) -> str:
    return f"send {cmd('lists')} to see why" if is_admin else "admins see why"


def status_line(known: Feeds, totals: Totals, now: datetime) -> str:
    """'40 of 42 sources checked, 2 in trouble, oldest success 9 min ago, 1,310 entries, 2 alerts today'."""
    fine = known.with_health(SourceHealth.OK)
    trouble = known.with_health(SourceHealth.FAILING, SourceHealth.PAUSED)
    parts = [f"{len(fine)} of {number(len(known.states), 'source')} checked"]
    if trouble:
        parts.append(f"{len(trouble)} in trouble")
    if successes := [state.last_success_at for _, state in fine if state.last_success_at]:
        parts.append(f"oldest success {ago(min(successes), now)}")
    parts.append(number(totals.entries, "entry", "entries"))
    parts.append(f"{number(totals.alerts, 'alert')} today")
    return ", ".join(parts)


def _told_outbox(totals: Totals) -> str:
    waiting = number(totals.waiting, "message") + " waiting" if totals.waiting else "nothing"
    told = f"{waiting}; {totals.dead} given up" if totals.dead else waiting
    return f"{told}; {totals.perhaps_twice} perhaps sent twice" if totals.perhaps_twice else told


def machines_message(machines: Machines, now: datetime, troubles: Sequence[Trouble] = ()) -> Message:
    """Every process, queue and dead job, and the trouble of late: what `sanctions-bot status` prints."""
    title = _summary(machines, now) if machines.processes else "No process of the bot runs on this database"
    return Message(title, bullets=(*told_machines(machines, now), *told_troubles(troubles, now)))


def told_troubles(troubles: Sequence[Trouble], now: datetime) -> list[str]:
    return [f"Trouble {ago(trouble.last_at, now)}: {shortened(trouble.text, _TROUBLE)}" for trouble in troubles]


def _summary(machines: Machines, now: datetime) -> str:
    """'3 on 2 hosts; 12 jobs waiting, the oldest for 4 s; 1 dead job'."""
    alive = [process for process in machines.processes if not _is_silent(process, now)]
    silent = len(machines.processes) - len(alive)
    parts = [f"{number(len(alive), 'process', 'processes')} on {number(len({one.host for one in alive}), 'host')}"]
    if silent:
        parts.append(f"{silent} silent")
    if waiting := sum(queue.waiting for queue in machines.queues):
        oldest = min(queue.oldest for queue in machines.queues if queue.oldest)
        parts.append(f"{number(waiting, 'job')} waiting, the oldest for {_short(now - oldest)}")
    if machines.dead:
        parts.append(number(len(machines.dead), "dead job"))
    parts += [f"nobody has the role {role}" for role in _vacant(machines, now)]
    return "; ".join(parts)


def _vacant(machines: Machines, now: datetime) -> tuple[str, ...]:
    """Roles without which no alert comes, and which no living process has."""
    taken = {role for process in machines.processes if not _is_silent(process, now) for role in process.roles}
    return tuple(role for role in _NEEDED if role not in taken)


def told_machines(machines: Machines, now: datetime) -> Iterator[str]:
    """A line for each process, for what one of them alone does, for each queue and for the newest dead jobs."""
    for process in machines.processes:
        yield told_process(process, now)
    names = {process.id: f"{process.host} process {process.pid}" for process in machines.processes}
    for role in _vacant(machines, now) if machines.processes else ():
        yield f"Nobody has the role {role}: {_NEEDED[role]} until `sanctions-bot run --role {role}` runs somewhere"
    for holder in machines.holders:
        what = holder.what[:1].upper() + holder.what[1:]
        if holder.process in names:
            yield f"{what}: {names[holder.process]}, for {_short(now - holder.since)}"
        else:
            yield f"{what}: nobody, as {holder.process} is no more; another process takes over within seconds"
    for queue in machines.queues:
        yield told_queue(queue, now)
    for job in machines.dead[:_DEAD_SHOWN]:
        yield f"Dead job {job.id}: {job.reason}"
    if machines.dead:
        more = f"{len(machines.dead) - _DEAD_SHOWN} more dead jobs; " if len(machines.dead) > _DEAD_SHOWN else ""
        yield f"{more}`sanctions-bot jobs` lists dead jobs, `sanctions-bot jobs revive ID` tries one again"


def told_process(process: ProcessSeen, now: datetime) -> str:
    """'alpha process 4711: poll, web; version 0.1.0, for 3 h, heard of 2 s ago'."""
    silent = " (silent: dead, paused or cut off from the database)" if _is_silent(process, now) else ""
    return (
        f"{process.host} process {process.pid}: {', '.join(process.roles)}; version {process.version}, "
        f"for {_short(now - process.started_at)}, heard of {_short(now - process.seen_at)} ago{silent}"
    )


def _short(duration: timedelta) -> str:
    """As `span`, but '4 s': here seconds count."""
    seconds = max(duration.total_seconds(), 0.0)
    return f"{seconds:.0f} s" if seconds < 120 else span(duration)


def _is_silent(process: ProcessSeen, now: datetime) -> bool:
    return now - process.seen_at > _SILENT_AFTER


def told_queue(queue: QueueSeen, now: datetime) -> str:
    """'Queue deliver: 12 waiting (the oldest for 4 s), 3 running, 40 for later'."""
    lag = f" (the oldest for {_short(now - queue.oldest)})" if queue.waiting and queue.oldest else ""
    later = f", {queue.later:,} for later" if queue.later else ""
    return f"Queue {queue.name}: {queue.waiting:,} waiting{lag}, {queue.running:,} running{later}"


def told_dead(job: DeadJob) -> str:
    """'deliver:0012, since 2026-03-05 12:00 UTC: given up after 10 tries: …'."""
    since = f", since {job.at:%Y-%m-%d %H:%M} UTC" if job.at else ""
    return f"{job.id}{since}: {job.reason}"


def version(_ask: Ask) -> Reply:
    return reply(f"sanctions-bot {__version__}")
