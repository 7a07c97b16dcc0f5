"""timeline: a picture of what happened to a name, under a programme, or by an authority; and the same in words."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from bot.alerts import find_url, headline, told_act
from bot.commands.asking import Ask, button, by_key, cmd, reply
from bot.commands.choosing import MOST_SEARCHED, Choice, fits, told_choices
from bot.commands.seeing import event_button, load_latest
from bot.counted import number, shortened
from bot.errors import CommandError, UnclearError
from bot.matching.actors import find_authority_code
from bot.model import Attachment, Entity, Event, Reply, Verdict
from bot.ports import EntityFinding, Records
from bot.text.folding import fold_key
from bot.timelines import Happening, drawable, drawable_name, plan_timeline
from bot.watchlist import find_entities
from bot.zones import told_date

PERIOD, LONGEST = timedelta(days=90), timedelta(days=3660)
_UNITS = {"d": 1, "w": 7, "m": 30, "y": 365}
_BULLETS = 10
_FINDINGS = 300
_KEYWORDS = {"name": "name", "authority": "authority", "programme": "programme", "program": "programme"}
# What an article may say of somebody besides new sanctions that is worth a mark of its own.
_TELLING = frozenset({Verdict.POSSIBLE, Verdict.RELIEF, Verdict.RENEWAL, Verdict.ENFORCEMENT})


@dataclass(frozen=True, slots=True)
class Subject:
    """Whose timeline: `entity`, or the events of `choice`. `title` can be drawn, `caption` is as people write it."""

    title: str
    caption: str
    entity: Entity | None = None
    choice: Choice | None = None


def timeline(ask: Ask) -> Reply:
    words, period = parse_period(ask.words)
    if not words:
        raise CommandError(
            f"Of whom? Send: {cmd('timeline NAME')}, {cmd('timeline programme Russia')} or "
            f"{cmd('timeline authority US 1y')}"
        )
    since = (ask.now - period).date()
    with ask.store.reading() as records:
        seen = records.watchlists_of(ask.request.chat.key)
        entities = by_key(records.entities(seen))
        all_events = load_latest(ask, records, MOST_SEARCHED)
        subject = find_subject(words, tuple(entities.values()), all_events)
        events = [event for event in all_events if _is_of(event, subject, entities)]
        findings = _findings(records, subject, events)
    found = [event for event in events if since <= happened_on(event) <= ask.now.date()]
    happenings = [
        *(event_happening(event, subject.entity, entities) for event in found),
        *(finding_happening(finding) for finding in findings if finding.published_at.date() >= since),
    ]
    if not happenings:
        return _nothing(ask, subject, since, events, all_events, entities)
    return _told(ask, subject, happenings, found, since)


def parse_period(words: str) -> tuple[str, timedelta]:
    """'Rosneft 90d' -> ('Rosneft', 90 days). Raises CommandError."""
    match = re.fullmatch(r"(.*?)\s*\b(\d{1,5})([dwmy])", words.strip(), re.IGNORECASE | re.DOTALL)
    if match is None:
        return words.strip(), PERIOD
    period = timedelta(days=int(match[2]) * _UNITS[match[3].casefold()])
    if not timedelta(days=1) <= period <= LONGEST:
        raise CommandError("How long? From 1d to 10y: for example 90d, 12w, 6m, 2y.")
    return match[1].strip(), period


def find_subject(words: str, entities: Sequence[Entity], events: Sequence[Event]) -> Subject:
    """An authority, a programme or a name; which of them may be said in front. Raises CommandError."""
    first, *rest = words.split(maxsplit=1)
    kind = _KEYWORDS.get(first.casefold(), "") if rest else ""
    said = rest[0] if kind else words
    programmes = {fold_key(event.programme): event.programme for event in events if event.programme}
    code = find_authority_code(said)
    if kind == "authority" and not code:
        raise CommandError(f"No authority is called “{said[:60]}”. Write US, EU, UK, UN, or a country's name.")
    if code and (kind == "authority" or (not kind and fold_key(said) not in programmes)):
        return Subject(f"{code} sanctions", f"{code} sanctions", choice=Choice(authority=code))
    programme = programmes.get(fold_key(said)) or (said if kind == "programme" else "")
    if programme and kind != "name":
        shown = drawable(programme) or "programme"
        return Subject(f"Sanctions: {shown}", f"programme {programme}", choice=Choice(programme=programme))
    return _named(said, entities, events)


def _named(said: str, entities: Sequence[Entity], events: Sequence[Event]) -> Subject:
    found = find_entities(said, entities)
    certain = found.exact or found.partly
    if len(certain) == 1:
        return Subject(drawable_name(certain[0]), certain[0].caption, entity=certain[0])
    if not found.entities:
        raise CommandError(
            f"Nobody tracked, no programme and no authority is called “{shortened(said, 60)}”. "
            + " ".join(f"{line}." for line in told_choices(events, by_key(entities))[:2])
        )
    question = reply(
        "Whose timeline?" if len(found.entities) > 1 else f"Did you mean {found.entities[0].caption}?",
        bullets=[entity.caption for entity in found.entities[:8]],
        actions=[button(shortened(entity.caption, 40), f"timeline name {entity.key}") for entity in found.entities[:6]],
        ok=False,
    )
    raise UnclearError(question)


def _is_of(event: Event, subject: Subject, entities: Mapping[str, Entity]) -> bool:
    if subject.entity or subject.choice is None:
        return any(subject.entity and target.entity == subject.entity.key for target in event.targets)
    return fits(event, subject.choice, entities)


def _findings(records: Records, subject: Subject, events: Sequence[Event]) -> list[EntityFinding]:
    """What articles said of the name besides new sanctions, once a day and kind; not what one of the events tells."""
    if subject.entity is None:
        return []
    told = {(source.url, event.kind) for event in events for source in event.sources}
    days: dict[tuple[date, Verdict], EntityFinding] = {}
    for found in records.findings_of(subject.entity.key, _FINDINGS):
        if found.finding.verdict in _TELLING and (found.url, found.finding.verdict) not in told:
            days.setdefault((found.published_at.date(), found.finding.verdict), found)
    return list(days.values())


def happened_on(event: Event) -> date:
    """The day of the act where it is told and is not long before anybody wrote of it, else when it was read."""
    opened = event.opened_at.date()
    return event.acted_on if event.acted_on and timedelta(0) <= opened - event.acted_on < timedelta(days=60) else opened


def event_happening(event: Event, entity: Entity | None, entities: Mapping[str, Entity]) -> Happening:
    """One event as a row: of one name what was done, of many names who they are."""
    act = told_act(event)
    outlets, url = number(len({source.outlet for source in event.sources}), "outlet"), find_url(event)
    if entity is not None:
        return Happening(happened_on(event), event.kind, act[:1].upper() + act[1:], outlets, event.withdrawn, url)
    names = [
        drawable_name(known) if (known := entities.get(target.entity)) else drawable(target.caption) or target.entity
        for target in event.targets
    ]
    head = names[0] + (f" +{len(names) - 1}" if len(names) > 1 else "") if names else "No name"
    return Happening(happened_on(event), event.kind, head, f"{act} · {outlets}", event.withdrawn, url)


def finding_happening(found: EntityFinding) -> Happening:
    outlet, title = drawable(found.outlet), drawable(found.title)
    word = found.finding.verdict.words.capitalize()
    head = f"{word}: {title}" if title else word
    return Happening(found.published_at.date(), found.finding.verdict, head, outlet, url=found.url)


def _told(ask: Ask, subject: Subject, happenings: Sequence[Happening], events: Sequence[Event], since: date) -> Reply:
    outlets = list(dict.fromkeys(source.outlet for event in events for source in event.sources))
    drawing = plan_timeline(
        subject.title, happenings, since, ask.now.date(), [name for name in map(drawable, outlets) if name], ask.now
    )
    newest = sorted(happenings, key=lambda one: one.on, reverse=True)
    name = re.sub(r"\W+", "-", fold_key(subject.title)).strip("-") or "timeline"
    return reply(
        f"{subject.caption[:1].upper()}{subject.caption[1:]}: "
        f"{number(len(happenings), 'event')} since {told_date(since)}",
        bullets=[_line(one) for one in newest[:_BULLETS]],
        bullet_urls=[one.url for one in newest[:_BULLETS]],
        footer=f"And {len(newest) - _BULLETS} earlier." if len(newest) > _BULLETS else "",
        actions=[event_button(event, "why") for event in events[:3]],
        attachment=Attachment(f"timeline-{name[:60]}.png", ask.services.draw(drawing), "image/png")
        if ask.services.draw
        else None,
    )


def _line(one: Happening) -> str:
    withdrawn = "withdrawn: " if one.withdrawn else ""
    detail = f" · {one.detail}" if one.detail else ""
    return f"{told_date(one.on)}: {withdrawn}{one.head}{detail}"


def _nothing(
    ask: Ask,
    subject: Subject,
    since: date,
    events: Sequence[Event],
    all_events: Sequence[Event],
    entities: Mapping[str, Entity],
) -> Reply:
    before = max(events, key=lambda event: event.opened_at, default=None)
    told = (
        f"The latest before that: {told_date(happened_on(before))}, {headline(before, before.targets)}."
        if before
        else ""
    )
    years = max(2, (ask.now.date() - happened_on(before)).days // 365 + 1) if before else 0  # that reach back to it
    whose = subject.choice or subject.caption
    is_longer = before is not None and timedelta(days=365 * years) <= LONGEST
    longer = f"For a longer time: {cmd(f'timeline {whose} {years}y')}" if is_longer else ""
    return reply(
        f"No event of {subject.caption} since {told_date(since)}",
        *filter(None, (told, longer)),
        *([] if before else told_choices(all_events, entities)[:2]),
        actions=[button(f"Why: event of {told_date(happened_on(before))}", f"why {before.key}") if before else None],
    )
