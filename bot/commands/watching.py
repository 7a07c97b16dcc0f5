"""watch add, remove, list: the watchlist, changed by admins. Every answer restates what is searched for."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

from bot.alerts import headline
from bot.commands.asking import Ask, button, cmd, reply
from bot.commands.phrases import day, entity_line, joined, number, shortened, strong_forms, weak_forms
from bot.errors import CommandError
from bot.folding import fold_key
from bot.matching.names import NameForm
from bot.model import Backtest, Entity, Fact, Reply, Schema
from bot.rights import Right
from bot.watchlist import entity_from_words, find_entities, names_of

GRAMMAR = cmd("watch add NAME; OTHER NAME; … | schema=Company country=ru topic=supplier")
MAIN = "main"  # the watchlist that there is
_SURE = " confirm"  # at the end of the words: no question is asked
_MANY_WEAK, _MANY_NAMED = 20, 20  # from here on a name may be a common word
_SHOWN = 5  # alerts of the past
_LISTED = 40  # names that one answer of `watch list` shows


def watch(ask: Ask) -> Reply:
    verb, rest = ask.first_word()
    handlers = {"add": add, "confirm": confirm, "remove": remove, "delete": remove, "list": list_entities}
    handler = handlers.get(verb)
    if handler is None:
        raise CommandError(f"Send one of: {GRAMMAR} · {cmd('watch remove NAME')} · {cmd('watch list')}")
    return handler(ask, rest)


def add(ask: Ask, words: str) -> Reply:
    """Saved at once, unless the name would have raised something in the last weeks: then the person decides, seeing
    what."""
    sure = words.casefold().endswith(_SURE)
    words = words[: -len(_SURE)].rstrip() if sure else words
    with ask.store.reading() as records:
        ask.require(records, Right.EDIT_WATCHLIST, "", *ask.scopes_of_watchlist(MAIN))
        entity = _new_entity(words, records.entities())
    past = None if sure or ask.services.backtest is None else ask.services.backtest([entity])
    if past and is_telling(past):
        return _ask_first(ask, words, entity, past)
    return _save(ask, words, past)


def confirm(ask: Ask, code: str) -> Reply:
    """The button below "Track it?": saves what this person was asked about last."""
    with ask.store.writing() as records:
        ask.require(records, Right.EDIT_WATCHLIST, "", *ask.scopes_of_watchlist(MAIN))
        waiting, _, words = (records.setting(_waiting_key(ask)) or "").partition("\n")
        if not waiting or waiting != code.strip():
            raise CommandError(f"That name is not waiting for you any more. Send it again: {GRAMMAR}")
        records.save_setting(_waiting_key(ask), None)
    return _save(ask, words, None)


def _new_entity(words: str, entities: Sequence[Entity]) -> Entity:
    """Raises CommandError if the words make no entity, or one that is tracked already."""
    try:
        entity = entity_from_words(words, {entity.key for entity in entities})
    except ValueError as error:
        raise CommandError(f"Not added: {error}. The form is: {GRAMMAR}") from error
    same = [other for other in entities if fold_key(entity.caption) in map(fold_key, names_of(other))]
    if same:
        raise CommandError(
            f"{entity.caption} is tracked already, as {same[0].caption} (key {same[0].key}). "
            f"See it: {cmd(f'lookup {same[0].key}')}. "
            f"To replace it: {cmd(f'watch remove {same[0].key}')}, then add it again."
        )
    return entity


def _save(ask: Ask, words: str, past: Backtest | None) -> Reply:
    with ask.store.writing() as records:
        ask.require(records, Right.EDIT_WATCHLIST, "", *ask.scopes_of_watchlist(MAIN))
        entity = _new_entity(words, records.entities())
        records.save_entity(entity, ask.who, ask.now)
        ask.audit(records, "watch add", after=repr(entity))
    return reply(
        f"Now tracked: {entity.caption}",
        entity_line(entity),
        *told_forms(ask.services.name_forms(entity)),
        *([told_past(past)] if past else []),
        *_advice(entity),
        facts=entity_facts(entity),
        actions=[
            button(shortened(f"Subscribe to {entity.caption}", 40), f"subscribe entity {entity.key}"),
            button("Undo: stop tracking", f"watch remove {entity.key}"),
        ],
    )


def _ask_first(ask: Ask, words: str, entity: Entity, past: Backtest) -> Reply:
    code = hashlib.sha256(words.encode()).hexdigest()[:8]
    with ask.store.writing() as records:
        records.save_setting(_waiting_key(ask), f"{code}\n{words}")
    return reply(
        f"Track {entity.caption}? It is not saved yet",
        told_past(past),
        *told_forms(ask.services.name_forms(entity)),
        bullets=past_alerts(past),
        footer=f"To save it: {cmd(f'watch confirm {code}')}. To change it, send it again with other names.",
        actions=[button("Track it", f"watch confirm {code}")],
    )


def _waiting_key(ask: Ask) -> str:
    return f"watch_waiting:{ask.who}"


# ---------------------------------------------------------------- what a name would have raised


def is_telling(past: Backtest) -> bool:
    """Whether a person should see it before the name is saved: alerts, or hits as of a common word."""
    return bool(past.events) or past.weak_hits >= _MANY_WEAK or past.named_in > max(_MANY_NAMED, past.articles // 20)


def told_past(past: Backtest) -> str:
    """'In the 1,240 articles kept since 11 Dec 2024 it would have raised 3 alerts; 12 name it and raise nothing
    (background 8, bystander 4); 41 weak hits ignored.'"""
    if not past.articles:
        return "No article is stored yet to try it on."
    raised = number(len(past.events), "alert") if past.events else "no alert"
    parts = [f"In the {number(past.articles, 'article')} read since {day(past.since)} it would have raised {raised}"]
    if past.quiet:
        told = ", ".join(f"{verdict.replace('_', ' ')} {count}" for verdict, count in past.quiet)
        parts.append(f"named without an alert: {told}")
    if past.weak_hits:
        parts.append(f"{number(past.weak_hits, 'weak hit')} ignored")
    return "; ".join(parts) + "."


def past_alerts(past: Backtest) -> list[str]:
    """The alerts, the newest first: who, when, and the titles that told of it."""
    lines = [
        f"{day(event.opened_at)}: {headline(event, event.targets)} · {event.sources[0].outlet}: "
        f"“{shortened(event.sources[0].title, 120)}”"
        for event in reversed(past.events)
    ]
    return lines[:_SHOWN] + ([f"and {len(lines) - _SHOWN} more"] if len(lines) > _SHOWN else [])


def told_forms(forms: Sequence[NameForm]) -> tuple[str, ...]:
    """Which name forms are searched for, and which of them are weak."""
    strong, weak = strong_forms(forms), weak_forms(forms)
    lines = [f"Searched for: {', '.join(strong)}."] if strong else []
    if weak:
        lines.append(f"Weak, so counted only beside a full name or where sanctions are spoken of: {', '.join(weak)}.")
    if not strong:
        lines.append("It has no strong name: add a longer one, or an identifier, to be found more surely.")
    return tuple(lines)


def entity_facts(entity: Entity) -> tuple[Fact, ...]:
    facts = [Fact("Other names", "; ".join(entity.aliases))] if entity.aliases else []
    if entity.weak_aliases:
        facts.append(Fact("Weak names", "; ".join(entity.weak_aliases)))
    facts += [Fact(identifier.kind, identifier.value) for identifier in entity.identifiers]
    if entity.notes:
        facts.append(Fact("Notes", entity.notes))
    return tuple(facts)


def _advice(entity: Entity) -> tuple[str, ...]:
    if entity.schema is not Schema.LEGAL_ENTITY:
        return ()
    return (
        "Person or organisation? It was not said, and a person is also searched for by surname: remove it and add it "
        "again with schema=Person or schema=Company to be exact.",
    )


def remove(ask: Ask, words: str) -> Reply:
    with ask.store.writing() as records:
        ask.require(records, Right.EDIT_WATCHLIST, "", *ask.scopes_of_watchlist(MAIN))
        if not words:
            raise CommandError(f"Say whom: {cmd('watch remove NAME')}, or its key as {cmd('watch list')} shows it")
        entity = _one(words, records.entities())
        if isinstance(entity, Reply):
            return entity
        records.remove_entity(entity.key, ask.who, ask.now)
        ask.audit(records, "watch remove", before=repr(entity))
        others = sum(one.value == entity.key for one in records.subscriptions())
    paragraphs = ["No new alert will be about it. Past alerts and findings stay, and nothing of the entry is deleted."]
    if others:
        paragraphs.append(f"{number(others, 'subscription')} to it wait, in case it is added again with the same key.")
    again = as_words(entity)
    return reply(
        f"No longer tracked: {entity.caption}",
        *paragraphs,
        footer=f"To track it again: {cmd(again)}",
        actions=[button("Undo: track it again", again)],
    )


def as_words(entity: Entity) -> str:
    """The command that adds this very entity, without a question."""
    settings = [f"schema={entity.schema}", f"key={entity.key}"]
    for word, values in (("country", entity.countries), ("topic", entity.topics), ("weak", entity.weak_aliases)):
        settings += [f"{word}={','.join(values)}"] if values else []
    settings += [f"{identifier.kind}={identifier.value}" for identifier in entity.identifiers]
    settings += [f"note={entity.notes}"] if entity.notes else []
    return f"watch add {'; '.join((entity.caption, *entity.aliases))} | {' '.join(settings)}{_SURE}"


def _one(words: str, entities: Sequence[Entity]) -> Entity | Reply:
    found = find_entities(words, entities)
    if len(found.exact or found.partly) == 1:
        return (found.exact or found.partly)[0]
    if not found.entities:
        raise CommandError(f"Nobody tracked is called “{words}”. See the names: {cmd('watch list')}")
    several = found.entities
    return reply(
        f"Did you mean {several[0].caption}?" if len(several) == 1 else "Which do you mean?",
        bullets=[f"{entity.caption} · {entity_line(entity)}" for entity in several[:6]],
        actions=[button(shortened(entity.caption, 40), f"watch remove {entity.key}") for entity in several[:6]],
        ok=False,
    )


def list_entities(ask: Ask, words: str) -> Reply:
    """All names, or those that fit `words` (a name, a topic, a country's code); by pages."""
    with ask.store.reading() as records:
        ask.require(records, Right.SEE_WATCHLIST, "", *ask.scopes_of_watchlist(MAIN))
        entities = sorted(records.entities(), key=lambda entity: fold_key(entity.caption))
    words, page = _page(words)
    shown = [entity for entity in entities if not words or _fits(entity, words)]
    if not shown:
        raise CommandError(
            f"Nothing tracked fits “{words}”. See all: {cmd('watch list')}"
            if words
            else f"Nothing is tracked yet. Send: {GRAMMAR}"
        )
    first = (page - 1) * _LISTED
    part = shown[first : first + _LISTED]
    more = len(shown) - first - len(part)
    topics = sorted({topic for entity in entities for topic in entity.topics})
    return reply(
        f"{number(len(shown), 'name')} tracked" + (f" that fit “{words}”" if words else ""),
        *([f"Topics: {joined(topics)}."] if topics and not words else []),
        bullets=[f"{entity.caption} · {entity_line(entity)}" for entity in part],
        footer=f"{number(more, 'more name')}." if more > 0 else "",
        actions=[button("Next page", f"watch list {words} page {page + 1}".replace("  ", " "))] if more > 0 else [],
    )


def _page(words: str) -> tuple[str, int]:
    head, _, last = words.rpartition("page ")
    return (head.strip(), max(1, int(last))) if last.isascii() and last.isdigit() and "page " in words else (words, 1)


def _fits(entity: Entity, words: str) -> bool:
    wanted = fold_key(words)
    if words.casefold() in (entity.key.casefold(), *entity.topics, *entity.countries):
        return True
    return bool(wanted) and any(f" {wanted}" in f" {fold_key(name)}" for name in names_of(entity))
