"""lookup and latest: what is known of a name, and the newest events."""

from __future__ import annotations

from collections.abc import Sequence

from bot.alerts import headline
from bot.commands.asking import Ask, button, by_key, cmd, reply
from bot.commands.choosing import MOST_SEARCHED, fits, parse_choice, split_number, told_choices
from bot.commands.explaining import word
from bot.commands.phrases import day, entity_line, number, shortened
from bot.commands.watching import entity_facts, told_forms
from bot.errors import CommandError
from bot.model import Action, Entity, Event, Fact, Link, Reply, Verdict
from bot.ports import EntityFinding, Records
from bot.watchlist import Found, find_entities

_FINDINGS = 8
_EVENTS = 5
_MOST_LATEST = 20


def lookup(ask: Ask) -> Reply:
    if not ask.words:
        raise CommandError(f"Whom? Send: {cmd('lookup NAME')}, for example {cmd('lookup Rosneft')}")
    with ask.store.reading() as records:
        seen = records.watchlists_of(ask.request.chat.key)
        found = find_entities(ask.words, records.candidates(ask.words, seen))
        certain = found.exact or found.partly
        if len(certain) == 1:
            return _card(ask, records, certain[0])
        admin = ask.is_admin(records)
    return _several(ask, found) if found.entities else _nobody(ask, admin)


def _card(ask: Ask, records: Records, entity: Entity) -> Reply:
    events, findings = records.events_of(entity.key, _EVENTS), records.findings_of(entity.key, _FINDINGS)
    own = records.subscriptions(ask.request.chat.key)
    named = any(one.value == entity.key for one in own)
    return reply(
        entity.caption,
        *told_forms(ask.services.name_forms(entity)),
        *([] if events or findings else ["No article that was read named it so far."]),
        subtitle=f"Tracked · {entity_line(entity)}",
        facts=[
            *entity_facts(entity),
            *(Fact(f"Event, {day(event.opened_at)}", headline(event, event.targets)) for event in events),
        ],
        bullets=[_finding_line(finding) for finding in findings],
        sources=_links(findings),
        actions=[*_event_buttons(events[:3]), _subscribe_button(entity, named)],
    )


def _finding_line(found: EntityFinding) -> str:
    confidence = f" ({found.finding.confidence:.0%} sure)" if found.finding.verdict is not Verdict.ABSENT else ""
    return f"{day(found.published_at)}, {found.outlet}: {word(found.finding.verdict)}{confidence}, “{found.title}”"


def _links(findings: Sequence[EntityFinding]) -> list[Link]:
    return [Link(f"{found.outlet}, {day(found.published_at)}", found.url) for found in findings]


def _subscribe_button(entity: Entity, named: bool) -> Action | None:
    if named:
        return button("Unsubscribe from it", f"unsubscribe entity {entity.key}")
    return button("Subscribe to it", f"subscribe entity {entity.key}")


def _event_buttons(events: Sequence[Event]) -> list[Action | None]:
    return [button(f"Why: event of {day(event.opened_at)}", f"why {event.key}") for event in events]


def _several(ask: Ask, found: Found) -> Reply:
    near = {near.entity.key: near for near in found.near}
    lines = []
    for entity in found.entities:
        like = near.get(entity.key)
        alike = f" · “{like.name}” is {like.score:.0f} % alike" if like else ""
        lines.append(f"{entity.caption} · {entity_line(entity)}{alike}")
    title = (
        f"“{ask.words}” is not tracked; {number(len(lines), 'name')} come near"
        if near
        else f"{number(len(lines), 'tracked name')} contain “{ask.words}”"
    )
    return reply(
        title.replace("1 name come", "1 name comes"),
        bullets=lines[:10],
        footer=f"And {len(lines) - 10} more: write more of the name." if len(lines) > 10 else "",
        actions=[button(shortened(entity.caption, 40), f"lookup {entity.key}") for entity in found.entities[:6]],
    )


def _nobody(ask: Ask, admin: bool) -> Reply:
    next_step = "To track it:" if admin else "An admin of this bot can track it:"
    return reply(
        f"“{shortened(ask.words, 80)}” is not tracked",
        "No tracked name is like it, so no alert would be about it.",
        f"{next_step} {cmd(f'watch add {shortened(ask.words, 80)}')}",
        actions=[button("Track it", f"watch add {ask.words}")] if admin else [],
    )


def latest(ask: Ask) -> Reply:
    count, words = split_number(ask.words)
    if count is not None and not 1 <= count <= _MOST_LATEST:
        raise CommandError(f"How many? Send: {cmd('latest')}, or {cmd('latest N')} with N from 1 to {_MOST_LATEST}")
    choice = parse_choice(words)
    with ask.store.reading() as records:
        entities = by_key(records.entities())
        found = records.latest_events(MOST_SEARCHED if words else count or _EVENTS)
    events = [event for event in found if fits(event, choice, entities)][: count or _EVENTS]
    if not found:
        return reply(
            "No event yet",
            "Nobody tracked was newly sanctioned in what was read so far. "
            f"What is being read: {cmd('feeds')}, {cmd('status')}",
        )
    if not events:
        return reply(f"No event fits {choice}", "What there is:", bullets=told_choices(found, entities), ok=False)
    of = f" that fit {choice}" if words else ""
    return reply(
        f"The latest {number(len(events), 'event')}{of}" if len(events) > 1 else f"The latest event{of}",
        bullets=[event_line(event) for event in events],
        sources=[
            Link(f"{event.sources[0].outlet}, {day(event.opened_at)}", event.sources[0].url) for event in events[:5]
        ],
        actions=[button(shortened(headline(event, event.targets), 40), f"why {event.key}") for event in events[:5]],
    )


def event_line(event: Event) -> str:
    outlets = ", ".join(dict.fromkeys(source.outlet for source in event.sources))
    withdrawn = "Withdrawn: " if event.withdrawn else ""
    return f"{day(event.opened_at)}: {withdrawn}{headline(event, event.targets)} · {outlets} · event {event.key}"
