"""latest: the newest events, or those of them that fit."""

from __future__ import annotations

import re

from bot.alerts import find_url, headline
from bot.commands.asking import Ask, button, by_key, cmd, reply
from bot.commands.choosing import (
    MOST_SEARCHED,
    by_title,
    fits,
    is_number_meant,
    parse_choice,
    split_number,
    told_choices,
)
from bot.commands.history import export, is_export
from bot.commands.seeing import event_button, load_latest, named_watchlists
from bot.counted import number
from bot.errors import CommandError
from bot.model import Event, Reply
from bot.zones import told_day

_EVENTS = 5
_MOST_LATEST = 20


def latest(ask: Ask) -> Reply:
    if is_export(ask.words):
        return export(ask, ask.first_word()[1])
    count, words = split_number(ask.words)
    is_word = count is not None and count > _MOST_LATEST and is_number_meant(ask.words)
    if is_word:
        count, words = None, ask.words
    is_below = any(re.fullmatch(r"[-−]\d+", word) for word in words.split()[:1])
    if is_below or (count is not None and not 1 <= count <= _MOST_LATEST):
        raise CommandError(f"How many? Send: {cmd('latest')}, or {cmd('latest N')} with N from 1 to {_MOST_LATEST}")
    choice = parse_choice(words)
    with ask.store.reading() as records:
        choice = by_title(choice, named_watchlists(ask, records))
        entities = by_key(records.entities())
        found = load_latest(ask, records, MOST_SEARCHED if words else count or _EVENTS)
    events = [event for event in found if fits(event, choice, entities)][: count or _EVENTS]
    if not found:
        return reply(
            "No event yet",
            "Nobody tracked was newly sanctioned in what was read so far. "
            f"What is being read: {cmd('feeds')}, {cmd('status')}",
        )
    if not events:
        most = [f"To see several: {cmd('latest N')} with N from 1 to {_MOST_LATEST}."] if is_word else []
        return reply(
            f"No event fits {choice}", *most, "What there is:", bullets=told_choices(found, entities), ok=False
        )
    of = f" that {'fit' if len(events) > 1 else 'fits'} {choice}" if words else ""
    return reply(
        f"The latest {number(len(events), 'event')}{of}" if len(events) > 1 else f"The latest event{of}",
        bullets=[event_line(event, ask.zone) for event in events],
        bullet_urls=[find_url(event) for event in events],
        actions=[
            *(event_button(event, "why") for event in events[:5]),
            button("As a file", f"latest export {words}".strip()),
        ],
    )


def event_line(event: Event, zone: str) -> str:
    outlets = ", ".join(dict.fromkeys(source.outlet for source in event.sources))
    withdrawn = "Withdrawn: " if event.withdrawn else "To be checked: " if event.open_doubts else ""
    opened = told_day(event.opened_at, zone)
    return f"{opened}: {withdrawn}{headline(event, event.targets)} · {outlets} · event {event.key}"
