"""lookup: what is known of a name, tracked or on official lists."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from bot.alerts import headline
from bot.commands.asking import Ask, button, cmd, reply, told_first
from bot.commands.official import (
    bearer_of,
    lowered_lines,
    near_lines,
    record_facts,
    search_entity,
    search_lists,
    sought_numbers,
    together,
    told_crowd,
    told_features,
    told_lowered,
    told_searched,
    told_unsearched,
    watch_buttons,
)
from bot.commands.past import on_day, split_day
from bot.commands.phrases import add_command, chat_name, entity_line, known_chats
from bot.commands.qualifiers import Asked, split_qualifiers
from bot.commands.screening import screen_file
from bot.commands.seeing import see
from bot.commands.watch.nearly import find_tracked
from bot.commands.watch.watching import entity_facts, may_on, told_forms
from bot.counted import joined, number, shortened, some_of
from bot.errors import CommandError
from bot.identifiers import identifier_key, misspelt_number, numbers_in, told_identifier
from bot.lists.values import birth_dates
from bot.lookups.found import MOST_HITS
from bot.lookups.found import Found as Searching
from bot.model import Action, Entity, Event, Fact, Identifier, Reply, SubscriptionKind, Verdict
from bot.ports import EntityFinding, Records
from bot.rights import Right
from bot.text.asides import read_written
from bot.text.folding import fold_key
from bot.watchlist import Found, find_entities
from bot.zones import told_date, told_day

_FINDINGS = 8
_EVENTS = 5
_CHATS = 6
_NEAR = 4
_MOST_NAME = 1_000  # characters
_NUMBER_WORDS = {"imoNumber": "imo", "leiCode": "lei", "publicKey": "wallet"}  # as `watch add` takes them


def lookup(ask: Ask) -> Reply:
    if ask.request.attachment is not None:
        return screen_file(ask, ask.request.attachment)
    if not ask.words:
        raise CommandError(
            f"Whom? Send: {cmd('lookup NAME')}, for example {cmd('lookup Rosneft')}; "
            f"or a CSV or XLSX file of names with {cmd('lookup')} as its caption."
        )
    if not fold_key(ask.words):
        raise CommandError(f"“{shortened(ask.words, 40)}” has no letter and no digit. Send: {cmd('lookup NAME')}")
    if len(ask.words) > _MOST_NAME:
        raise CommandError(f"That name has {len(ask.words):,} characters: at most {_MOST_NAME} are looked up.")
    asked = split_qualifiers(ask.words, ask.now.date())
    name, day = split_day(asked.name, ask.now.date())
    if not fold_key(name):  # of "... born 1975"
        raise CommandError(f"“{shortened(name, 40)}” has no letter and no digit. Send: {cmd('lookup NAME')}")
    asked, told = _without_asides(ask, replace(asked, name=name))
    if day:
        return told_first(on_day(ask, asked, day), told)
    answered = _with_misspelt(_looked_up(replace(ask, words=asked.name), asked), asked.name)
    return _with_asked(told_first(answered, told), asked)


def _without_asides(ask: Ask, asked: Asked) -> tuple[Asked, tuple[str, ...]]:
    """What a name from a table has beside it is no part of it ("Foo LLC, UAE", "Ivan Petrov (b. 1975)"): the name alone
    is looked up, and as it stood. Not where somebody is tracked by just these words."""
    written = read_written(asked.name)
    if not written.aside:
        return asked, ()
    with ask.store.reading() as records:
        seen = records.watchlists_of(ask.request.chat.key)
        if find_entities(asked.name, records.candidates(asked.name, seen)).exact:
            return asked, ()
        name = next((one for one in written.names if records.entities_named([one], seen)), written.name)
    others = tuple(one for one in (*written.names, asked.name) if one != name)
    told = joined([f"“{shortened(one, 80)}”" for one in (name, *others) if one != asked.name])
    born = asked.birth_dates or birth_dates(written.born)
    beside = f"Looked up as {told}: beside the name stood {joined([f'“{one}”' for one in written.aside])}."
    return replace(asked, name=name, birth_dates=born, other_names=others), (beside,)


def _looked_up(ask: Ask, asked: Asked) -> Reply:
    with ask.store.reading() as records:
        seen = records.watchlists_of(ask.request.chat.key)
        found = find_tracked(records, ask.words, seen)
        admin = ask.is_admin(records)
    certain = found.exact or found.partly
    # no transaction is open: a search may take a while
    own = search_entity(ask, certain[0], asked) if len(certain) == 1 else None
    by_key = any(entity.key.casefold() == ask.words.casefold() for entity in found.exact)
    official = None if by_key else search_lists(ask, asked)
    if len(certain) == 1 and (found.exact or not _means_another(certain[0], own, official)):
        with ask.store.reading() as records:
            return _card(ask, records, certain[0], together(own, official), asked)
    if official and (entity := _only_bearer(ask.words, official)):
        with ask.store.reading() as records:
            return _card(ask, records, entity, official if ask.has_lists else None, asked)
    if official and (official.hits or official.lowered):
        return _listed(ask, found, official, admin)
    return _several(ask, found, official) if found.entities else _nobody(ask, admin, official, asked)


def _only_bearer(words: str, official: Searching) -> Entity | None:
    """Who is tracked with just this number, if nobody else, tracked or listed, was found by it."""
    sought = set(map(identifier_key, sought_numbers(words)))
    found = [hit.entity for hit in official.hits]
    entity = found[0] if len(found) == 1 else None
    return entity if entity and not sought.isdisjoint(map(identifier_key, entity.identifiers)) else None


def _with_asked(answered: Reply, asked: Asked) -> Reply:
    """What was understood beside the name, first of all: nobody should trust an answer to another question."""
    if not asked.is_qualified or not answered.ok:
        return answered
    message = answered.message
    return replace(answered, message=replace(message, facts=(Fact("Asked for", str(asked)), *message.facts)))


def _with_misspelt(answered: Reply, words: str) -> Reply:
    """That a number cannot be right: whoever mistyped one would take "not tracked" for an all-clear."""
    wrong = misspelt_number(words)
    if wrong is None:
        return answered
    told = f"{told_identifier(wrong[0])} cannot be right: {wrong[1]}."
    message = answered.message
    return replace(answered, message=replace(message, paragraphs=(told, *message.paragraphs)))


def _means_another(entity: Entity, own: Searching | None, asked: Searching | None) -> bool:
    """Whether the words, which are part of the entity's name alone, fit somebody else better than that name does: a
    card would then say nothing of whom the asker may mean."""
    fits = {bearer_of(hit): hit.score for hit in own.hits} if own else {}
    others = [hit for hit in asked.hits if hit.entity is None or hit.entity.key != entity.key] if asked else []
    return any(hit.score > fits.get(bearer_of(hit), 0) for hit in others)


def _card(ask: Ask, records: Records, entity: Entity, official: Searching | None, asked: Asked) -> Reply:
    events, findings = (
        see(ask, records, records.events_of(entity.key, _EVENTS)),
        records.findings_of(entity.key, _FINDINGS),
    )
    own = records.subscriptions(ask.request.chat.key)
    named = any(one.value == entity.key for one in own)
    lowered = lowered_lines(official) if official else []
    return reply(
        entity.caption,
        *told_forms(entity),
        "" if events or findings else "No article that was read since it was added names it.",
        *told_features(entity, asked),
        "No official list that was read has the name." if official and not _records_of(official) else "",
        *(told_lowered(official) if official else ()),
        *told_unsearched(ask, official),
        subtitle=f"Tracked · {entity_line(entity)}",
        facts=[
            *_facts(ask, records, entity),
            *(record_facts(official) if official else []),
            *_subscribers(ask, records, entity),
            *(
                Fact(f"Event, {told_day(event.opened_at, ask.zone)}", headline(event, event.targets))
                for event in events
            ),
        ],
        bullets=[*lowered, *(_finding_line(finding) for finding in findings)],
        bullet_urls=[*("" for _ in lowered), *(finding.url for finding in findings)],
        footer=told_searched(official) if official else "",
        actions=[
            *_event_buttons(events[:3], ask.zone),
            _subscribe_button(entity, named),
            button("Timeline", f"timeline {entity.key}"),
            button("Mute for 24 h", f"mute {entity.key} 24h"),
            button("Somebody else: mute", f"notmine {events[0].key} {entity.key}") if events else None,
        ],
    )


def _records_of(official: Searching) -> bool:
    return any(hit.record is not None for hit in (*official.hits, *official.lowered))


def _facts(ask: Ask, records: Records, entity: Entity) -> tuple[Fact, ...]:
    """Anybody may look a name up; its notes are for those who may see its watchlist."""
    may_see = may_on(ask, records, Right.SEE_WATCHLIST, entity.watchlist)
    return entity_facts(entity if may_see else replace(entity, notes=""))


def _subscribers(ask: Ask, records: Records, entity: Entity) -> list[Fact]:
    """Who asked to be told of it by name; for admins."""
    if not ask.is_admin(records):
        return []
    chats = known_chats(records)
    everything = SubscriptionKind.EVERYTHING
    all_of_it = [one for one in records.subscriptions() if one.kind is everything or one.value == entity.key]
    names = list(dict.fromkeys(chat_name(one.chat, chats) for one in all_of_it))
    return [Fact("Subscribed", some_of(names, _CHATS))] if names else []


def _listed(ask: Ask, found: Found, official: Searching, admin: bool) -> Reply:
    """Not surely tracked, and on an official list, or like a tracked name; or so by the name alone."""
    records = sum(hit.record is not None for hit in official.hits)
    tracked = [hit.entity for hit in official.hits if hit.entity is not None]
    keys = {entity.key for entity in tracked}
    tracked += [entity for entity in found.entities if entity.key not in keys]
    most = "at least " if len(official.hits) >= MOST_HITS else ""
    on = f"on {most}{number(records, 'official record')}" if records else "on no official list" * ask.has_lists
    if official.lowered and not records:
        on = f"by the name alone {_on_lowered(official)}"
    near = _told_tracked(ask.words, tracked) if tracked else "is not tracked"
    told = "; ".join(filter(None, (on, near) if tracked else (near, on)))
    return reply(
        f"“{shortened(ask.words, 80)}”{':' if tracked else ''} {told}",
        *told_unsearched(ask, official),
        *told_crowd(official),
        *told_lowered(official),
        facts=record_facts(official),
        bullets=[
            *lowered_lines(official),
            *(
                f"Tracked: {entity.caption} · {entity_line(entity)}{_like(official, entity)}"
                for entity in tracked[:_NEAR]
            ),
        ],
        footer=told_searched(official),
        actions=[
            *(watch_buttons(official) if admin else []),
            *(button(shortened(entity.caption, 40), f"lookup {entity.key}") for entity in tracked[:_NEAR]),
        ],
    )


def _told_tracked(words: str, tracked: Sequence[Entity]) -> str:
    """'like 2 tracked names', 'the number of 2 tracked names'"""
    sought = set(map(identifier_key, sought_numbers(words)))
    is_theirs = all(not sought.isdisjoint(map(identifier_key, entity.identifiers)) for entity in tracked)
    return f"{'the number of' if is_theirs else 'like'} {number(len(tracked), 'tracked name')}"


def _on_lowered(official: Searching) -> str:
    records = sum(hit.record is not None for hit in official.lowered)
    return f"on {number(records, 'official record')}" if records else "like a tracked name"


def _like(official: Searching, entity: Entity) -> str:
    hit = next((hit for hit in official.hits if hit.entity is not None and hit.entity.key == entity.key), None)
    return f" · {hit.score:.0%}: {shortened(hit.explanation, 200)}" if hit else ""


def _finding_line(found: EntityFinding) -> str:
    confidence = f" ({found.finding.confidence:.0%} sure)" if found.finding.verdict is not Verdict.ABSENT else ""
    return (
        f"{told_date(found.published_at)}, {found.outlet}: {found.finding.verdict.words}{confidence}, “{found.title}”"
    )


def _subscribe_button(entity: Entity, named: bool) -> Action | None:
    if named:
        return button("Unsubscribe from it", f"unsubscribe entity {entity.key}")
    return button("Subscribe to it", f"subscribe entity {entity.key}")


def _event_buttons(events: Sequence[Event], zone: str) -> list[Action | None]:
    """Several authorities may act on one day, each with an event of its own; and one may list and lift."""
    return [
        button(
            f"{_why(event)}: {joined(event.authorities) or 'event'}, {told_day(event.opened_at, zone)}",
            f"why {event.key}",
        )
        for event in events
    ]


def _why(event: Event) -> str:
    return "Why" if event.kind is Verdict.NEW_SANCTIONS else f"Why {event.kind.words}"


def _several(ask: Ask, found: Found, official: Searching | None) -> Reply:
    near = {near.entity.key: near for near in found.near}
    lines = []
    for entity in found.entities:
        like = near.get(entity.key)
        alike = f" · “{like.name}” is {like.score:.0f}% alike" if like else ""
        lines.append(f"{entity.caption} · {entity_line(entity)}{alike}")
    title = (
        f"“{ask.words}” is not tracked; {number(len(lines), 'name')} come near"
        if near
        else f"{number(len(lines), 'tracked name')} contain “{ask.words}”"
    )
    return reply(
        title.replace("1 name come", "1 name comes"),
        *told_unsearched(ask, official),
        *told_crowd(official),
        bullets=lines[:10],
        footer=" ".join(
            [
                *([f"And {len(lines) - 10} more: write more of the name."] if len(lines) > 10 else []),
                *([told_searched(official)] if official else []),
            ]
        ),
        actions=[button(shortened(entity.caption, 40), f"lookup {entity.key}") for entity in found.entities[:6]],
    )


def _nobody(ask: Ask, admin: bool, official: Searching | None, asked: Asked) -> Reply:
    next_step = "To track it:" if admin else "An admin of this bot can track it:"
    country = f" | country={','.join(asked.countries)}" if asked.countries and not _number_in(ask.words) else ""
    what = f"watch add {_tracked_as(ask.words)}{country}"
    track = button("Track it", add_command(f"{ask.words}{country}"))
    step = cmd(what)
    if ask.request.chat.key.platform == "terminal":  # which has no such command
        next_step, step = "To track it, send in a chat or in the console:", what
    is_wrong = misspelt_number(ask.words) is not None
    is_number = is_wrong or _number_in(ask.words) is not None
    return reply(
        f"“{shortened(ask.words, 80)}” is not tracked",
        *told_unsearched(ask, official),
        "Nobody who is tracked has this number."
        if is_number
        else "No tracked name is like it, so no alert would be about it.",
        "" if is_wrong else f"{next_step} {step}",
        *told_crowd(official),
        _told_near(official) if official and official.near else "",
        bullets=near_lines(official) if official else (),
        footer=told_searched(official) if official else "",
        actions=[track] if admin and not is_number else [],
    )


def _told_near(official: Searching) -> str:
    if official.crowd:
        return "Some of those that come near:"
    return "No official list has it. Near, but below the threshold:"


def _tracked_as(words: str) -> str:
    """What `watch add` takes: a number that cannot be mistaken is somebody's, and no name."""
    number = _number_in(words)
    return f"NAME | {_NUMBER_WORDS[number.kind]}={number.value}" if number else shortened(words, 80)


def _number_in(words: str) -> Identifier | None:
    return next((one for one in numbers_in(words) if one.kind in _NUMBER_WORDS), None)
