"""feeds, status, version: how the bot itself is doing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot import __version__
from bot.commands.asking import Ask, cmd, reply
from bot.commands.phrases import ago, number, shortened, span, until
from bot.model import DeliveryState, Fact, Reply, Source, SourceHealth, SourceState
from bot.ports import Records, Totals

_DEAD_SHOWN = 5
_TROUBLE = 200  # characters


@dataclass(frozen=True, slots=True)
class Feeds:
    """The sources that are switched on, with what is remembered of each."""

    states: tuple[tuple[Source, SourceState], ...]
    off: tuple[Source, ...]

    def with_health(self, *wanted: SourceHealth) -> list[tuple[Source, SourceState]]:
        return [(source, state) for source, state in self.states if state.health in wanted]


def load_feeds(ask: Ask, records: Records) -> Feeds:
    states: Mapping[str, SourceState] = records.source_states()
    on = [source for source in ask.services.sources if source.enabled]
    return Feeds(
        tuple((source, states.get(source.key, SourceState(source.key))) for source in on),
        tuple(source for source in ask.services.sources if not source.enabled),
    )


def feeds(ask: Ask) -> Reply:
    with ask.store.reading() as records:
        known = load_feeds(ask, records)
    trouble = known.with_health(SourceHealth.FAILING, SourceHealth.PAUSED)
    waiting, fine = known.with_health(SourceHealth.WAITING), known.with_health(SourceHealth.OK)
    return reply(
        f"{len(fine)} of {number(len(known.states), 'source')} fine" + (f", {len(trouble)} not" if trouble else ""),
        *([] if known.states else ["No source is switched on: config/sources.toml lists them."]),
        facts=[Fact(source.title, told_state(state, ask.now)) for source, state in trouble],
        bullets=[
            *(f"{source.title}: {told_state(state, ask.now)}" for source, state in waiting),
            *(f"{source.title}: {told_state(state, ask.now)}" for source, state in fine),
        ],
        footer=f"Switched off: {', '.join(source.title for source in known.off)}." if known.off else "",
    )


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
        names, admins = records.count_entities(), len(records.admins())
        is_admin = ask.is_admin(records)
        dead = records.deliveries(DeliveryState.DEAD, limit=_DEAD_SHOWN) if is_admin else ()
        troubles = records.troubles_since(ask.now - timedelta(days=1), _DEAD_SHOWN) if is_admin else ()
    health = ask.services.health()
    trouble = known.with_health(SourceHealth.FAILING, SourceHealth.PAUSED)
    return reply(
        status_line(known, totals, ask.now),
        *([f"{number(len(trouble), 'source')} in trouble: send {cmd('feeds')} to see why."] if trouble else []),
        *(
            [f"There is no admin yet: send {cmd('admin CODE')}, with the code printed at the start."]
            if not admins
            else []
        ),
        facts=[
            Fact("Tracked", number(names, "name")),
            Fact(
                "Read today (UTC)",
                f"{number(totals.entries, 'entry', 'entries')}, {number(totals.articles, 'article')}",
            ),
            Fact("To be sent", _told_outbox(totals)),
            *(Fact(name.capitalize(), phrase) for name, phrase in sorted(health.platforms.items())),
            *([Fact("Language model", health.second_reader)] if health.second_reader else []),
            Fact("Running", f"for {span(ask.now - health.started_at)}, version {__version__}"),
        ],
        bullets=[
            *(f"Given up: event {row.event} to {row.chat}: {row.reason}" for row in dead),
            *(f"Trouble {ago(trouble.last_at, ask.now)}: {shortened(trouble.text, _TROUBLE)}" for trouble in troubles),
        ],
    )


def status_line(known: Feeds, totals: Totals, now: datetime) -> str:
    """'42 of 42 sources checked, oldest success 9 min ago, 1,310 entries, 2 alerts today'."""
    fine = known.with_health(SourceHealth.OK)
    parts = [f"{len(fine)} of {number(len(known.states), 'source')} checked"]
    if successes := [state.last_success_at for _, state in fine if state.last_success_at]:
        parts.append(f"oldest success {ago(min(successes), now)}")
    parts.append(number(totals.entries, "entry", "entries"))
    parts.append(f"{number(totals.alerts, 'alert')} today")
    return ", ".join(parts)


def _told_outbox(totals: Totals) -> str:
    waiting = number(totals.waiting, "message") + " waiting" if totals.waiting else "nothing"
    told = f"{waiting}; {totals.dead} given up" if totals.dead else waiting
    return f"{told}; {totals.perhaps_twice} perhaps sent twice" if totals.perhaps_twice else told


def version(_ask: Ask) -> Reply:
    return reply(f"sanctions-bot {__version__}")
