"""watch add, remove, list: the watchlist, changed by admins. Every answer restates what is searched for."""

from __future__ import annotations

from collections.abc import Sequence

from bot.commands.asking import Ask, button, cmd, reply
from bot.commands.phrases import entity_line, joined, number, shortened, strong_forms, weak_forms
from bot.errors import CommandError
from bot.folding import fold_key
from bot.matching.names import NameForm
from bot.model import Entity, Fact, Reply, Schema
from bot.watchlist import entity_from_words, find_entities, names_of

GRAMMAR = cmd("watch add NAME; OTHER NAME; … | schema=Company country=ru topic=supplier")
_LISTED = 40  # names that one answer of `watch list` shows


def watch(ask: Ask) -> Reply:
    verb, rest = ask.first_word()
    handler = {"add": add, "remove": remove, "delete": remove, "list": list_entities}.get(verb)
    if handler is None:
        raise CommandError(f"Send one of: {GRAMMAR} · {cmd('watch remove NAME')} · {cmd('watch list')}")
    return handler(ask, rest)


def add(ask: Ask, words: str) -> Reply:
    with ask.store.writing() as records:
        ask.require_admin(records, "change the watchlist")
        entities = records.entities()
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
        records.save_entity(entity, ask.who, ask.now)
        ask.audit(records, "watch add", after=repr(entity))
    forms = ask.services.name_forms(entity)
    return reply(
        f"Now tracked: {entity.caption}",
        entity_line(entity),
        *told_forms(forms),
        *_advice(entity),
        facts=entity_facts(entity),
        actions=[
            button(shortened(f"Subscribe to {entity.caption}", 40), f"subscribe entity {entity.key}"),
            button("Undo: stop tracking", f"watch remove {entity.key}"),
        ],
    )


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
        ask.require_admin(records, "change the watchlist")
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
    """The command that adds this very entity: what `entity_from_words` reads."""
    settings = [f"schema={entity.schema}", f"key={entity.key}"]
    for word, values in (("country", entity.countries), ("topic", entity.topics), ("weak", entity.weak_aliases)):
        settings += [f"{word}={','.join(values)}"] if values else []
    settings += [f"{identifier.kind}={identifier.value}" for identifier in entity.identifiers]
    settings += [f"note={entity.notes}"] if entity.notes else []
    return f"watch add {'; '.join((entity.caption, *entity.aliases))} | {' '.join(settings)}"


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
        ask.require_admin(records, "see the watchlist")
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
