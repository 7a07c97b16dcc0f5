"""What all of watch shares: rights, whom the words mean, what waits, and how an entity is restated in plain words."""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta

from bot.alerts import find_url, headline
from bot.commands.asking import Ask, button, cmd, reply
from bot.commands.official import listed_already
from bot.commands.phrases import entity_line, known_people, person_name, strong_forms, told_entity, weak_forms
from bot.commands.watch.doubles import Double, find_doubles, told_after, told_before
from bot.commands.watch.nearly import find_nearly_same
from bot.counted import first_of, joined, number, shortened
from bot.errors import CommandError, EditedMeanwhileError, UnclearError
from bot.identifiers import identifier_word, told_identifier
from bot.matching.legal_forms import strip_legal_form
from bot.matching.names import name_forms
from bot.model import (
    Backtest,
    ChatKey,
    Entity,
    EntityEdit,
    Fact,
    Identifier,
    PendingEdit,
    PendingKind,
    Reply,
    Schema,
    Scope,
    Strength,
)
from bot.ports import Records
from bot.rights import Right, is_same
from bot.text.folding import fold_key
from bot.watchlist import entity_from_words, find_entities
from bot.zones import told_date

GRAMMAR = cmd("watch add NAME; OTHER NAME; … | schema=Company country=ru topic=supplier")
# What goes with a field that somebody has written.
_FITTING = {
    "imo": "schema=Vessel imo=9187629 country=pa",
    "mmsi": "schema=Vessel mmsi=273350000 country=pa",
    "passport": "schema=Person passport=NUMBER country=ir",
    "wallet": "wallet=ADDRESS",
    "lei": "lei=CODE country=ch",
    "tax": "tax=NUMBER country=ir",
}
_MANY_WEAK, _MANY_NAMED = 20, 20  # from here on a name may be a common word
_MOST_ALIKE = 3  # that are shown
_WHOLE = ("name", "without legal form")  # forms that are the name itself
_BEGINNING = 3  # letters that spellings of one name begin alike with
_NEAR = 300  # names that begin so and are compared
_NUMBERS = 3  # of an entity, in its line
_SHOWN = 5  # alerts of the past
PREVIEWED = timedelta(hours=1)  # how long a preview waits to be confirmed


def require_editor(ask: Ask, records: Records) -> None:
    """Of one of the watchlists that this chat sees; what is changed is checked by `require_edits`."""
    _require_one(ask, records, Right.EDIT_WATCHLIST)


def require_reader(ask: Ask, records: Records) -> None:
    """Of one of the watchlists that this chat sees."""
    _require_one(ask, records, Right.SEE_WATCHLIST)


def may_edit(ask: Ask, records: Records) -> bool:
    """One of the watchlists that this chat sees."""
    return _may_on_one(ask, records, Right.EDIT_WATCHLIST, records.watchlists_of(ask.request.chat.key))


def may_on(ask: Ask, records: Records, right: Right, watchlist: str) -> bool:
    return ask.may(records, right, *_scopes(ask, records, watchlist)).allowed


def _require_one(ask: Ask, records: Records, right: Right) -> None:
    seen = records.watchlists_of(ask.request.chat.key)
    if not _may_on_one(ask, records, right, seen):
        ask.require(records, right, "", *_scopes(ask, records, seen[0]))


def _may_on_one(ask: Ask, records: Records, right: Right, watchlists: Sequence[str]) -> bool:
    return any(may_on(ask, records, right, watchlist) for watchlist in watchlists)


def require_edits(ask: Ask, records: Records, edits: Sequence[EntityEdit]) -> None:
    """Whoever changes an entity may change the watchlist that it stands on, and the one that it comes to."""
    entities = (*records.entities_of(edit.key for edit in edits), *(edit.entity for edit in edits if edit.entity))
    for watchlist in sorted({entity.watchlist for entity in entities}):
        require_watchlist(ask, records, watchlist)


def require_watchlist(ask: Ask, records: Records, watchlist: str) -> None:
    ask.require(records, Right.EDIT_WATCHLIST, "", *_scopes(ask, records, watchlist))


def _scopes(ask: Ask, records: Records, watchlist: str) -> tuple[Scope, ...]:
    return ask.scopes_of_watchlist(watchlist, records.chat_watchlists().get(ask.request.chat.key, ()))


@dataclass(frozen=True, slots=True)
class TakenKeys:
    """`key in taken`: it is an entity's, or leads to one, or was one's on none of the watchlists that are seen."""

    records: Records
    seen: Sequence[str]

    def __contains__(self, key: object) -> bool:
        place = self.records.places_of([str(key)]).get(str(key))
        return place is not None and (place not in self.seen or self.records.entity(str(key)) is not None)


def offer(ask: Ask, entity: Entity, *, sure: bool = False) -> Reply:
    """Save a new entity; ask first if it would have raised something, or may be tracked already."""
    past = None if sure or ask.services.backtest is None else ask.services.backtest([entity])
    if not sure and ((past and is_telling(past)) or find_alike(ask, entity) or _doubles(ask, entity)):
        return ask_first(ask, entity, past)
    return save_new(ask, entity, past)


def new_entity(words: str, records: Records, chat: ChatKey) -> Entity:
    """Raises CommandError if the words make no entity, or one that is tracked already."""
    seen = records.watchlists_of(chat)
    try:
        entity = entity_from_words(words, TakenKeys(records, seen), seen[0])
    except ValueError as error:
        raise CommandError(f"Not added: {error}. The form is: {form_for(words)}") from error
    if entity.watchlist not in seen:
        raise CommandError(unseen(entity.watchlist, seen))
    refuse_known(entity, records, chat)
    return entity


def form_for(words: str) -> str:
    """The form of `watch add`, with the fields that somebody tried to write."""
    fields = next((form for word, form in _FITTING.items() if re.search(rf"(?<!\w){word}\s*=", words, re.I)), "")
    return cmd(f"watch add NAME; OTHER NAME; … | {fields}") if fields else GRAMMAR


def unseen(watchlist: str, seen: Sequence[str]) -> str:
    return (
        f"This chat does not see a watchlist “{watchlist}”: it sees {joined(seen)}. "
        f"There are: {cmd('watch lists')}; to see another: {cmd('watch use NAME')}"
    )


def refuse_known(entity: Entity, records: Records, chat: ChatKey) -> None:
    same = records.entities_named([entity.caption], records.watchlists_of(chat))
    if same:
        raise CommandError(
            f"{entity.caption} is tracked already, as {same[0].caption} (key {same[0].key}). "
            f"See it: {cmd(f'lookup {same[0].key}')}. "
            f"To change it: {cmd(f'watch edit {same[0].key} topic+=WORD')}, {cmd(f'watch alias {same[0].key} + NAME')}"
        )


def _find_same_named(ask: Ask, entity: Entity) -> tuple[Entity, ...]:
    """Those that the chat sees with a name of the same words, order and legal forms aside, or with one that is searched
    for alike, as Sovkomflot and Совкомфлот are: perhaps the same, tracked twice. A person is asked, so other than for
    `matching.twins`, by which an alert comes under both names, another country or kind is no objection."""
    words, forms = _own_words(entity.caption, entity), _whole_forms(entity)
    begin = dict.fromkeys(form.split()[0][:_BEGINNING] for form in forms)
    with ask.store.reading() as records:
        seen = records.watchlists_of(ask.request.chat.key)
        known = records.candidates(" ".join(words), seen)
        near = [one for start in begin for one in records.candidates(start, seen, _NEAR)]
    same = {
        one.key: one for one in known if any(_own_words(name, one) == words for name in (one.caption, *one.aliases))
    }
    same |= {one.key: one for one in near if one.key not in same and forms & _whole_forms(one)}
    return tuple(same.values())[:_MOST_ALIKE]


def find_alike(ask: Ask, entity: Entity) -> tuple[Entity, ...]:
    """Whom the chat sees that may be who is to be tracked: by the same name, and by one that is one letter from it."""
    with ask.store.reading() as records:
        nearly = find_nearly_same(records, [entity], records.watchlists_of(ask.request.chat.key))
        slips = records.entities_of(nearly.get(entity.key, ()))
    return tuple({one.key: one for one in (*_find_same_named(ask, entity), *slips)}.values())[:_MOST_ALIKE]


def _whole_forms(entity: Entity) -> set[str]:
    """How its names are searched for, in other scripts too; not what a surname, initials or a first word make of them,
    which namesakes share."""
    return {form.text for form in name_forms(entity) if form.how in _WHOLE and form.strength is Strength.STRONG}


def _doubles(ask: Ask, entity: Entity) -> tuple[Double, ...]:
    with ask.store.reading() as records:
        return find_doubles(records, [entity], records.watchlists_of(ask.request.chat.key))


def _own_words(name: str, entity: Entity) -> list[str]:
    words = fold_key(name).split()
    return sorted(words if entity.schema is Schema.PERSON else strip_legal_form(words))


def told_alike(alike: Sequence[Entity]) -> tuple[str, ...]:
    names = joined([f"{one.caption} (key {one.key})" for one in alike])
    return (f"Perhaps it is tracked already, as {names}.",) if alike else ()


def save_new(ask: Ask, entity: Entity, past: Backtest | None) -> Reply:
    with ask.store.writing() as records:
        require_editor(ask, records)
        refuse_known(entity, records, ask.request.chat.key)
        if entity.key in TakenKeys(records, records.watchlists_of(ask.request.chat.key)):
            raise CommandError(f"The key {entity.key} was taken meanwhile. Send it again: {GRAMMAR}")
        doubles = find_doubles(records, [entity], records.watchlists_of(ask.request.chat.key))
        edits = [EntityEdit(entity.key, entity)]
        require_edits(ask, records, edits)
        number = records.edit_watchlist(edits, ask.who, ask.now, f"added {entity.caption}", chat=ask.place)
        ask.audit(records, "watch add", after=told_entity(entity))
    listed, records_of = listed_already(ask, entity)
    return reply(
        f"Now tracked: {entity.caption}",
        entity_line(entity),
        *told_after(doubles),
        *listed,
        *told_forms(entity),
        told_past(past) if past else "",
        *_advice(entity),
        facts=[*entity_facts(entity), *records_of],
        footer=f"To change it: {cmd(f'watch edit {entity.key} topic+=WORD')}",
        actions=[
            button(shortened(f"Subscribe to {entity.caption}", 40), f"subscribe entity {entity.key}"),
            button("Undo: stop tracking", f"watch undo {number}"),
        ],
    )


def ask_first(ask: Ask, entity: Entity, past: Backtest | None) -> Reply:
    """How it would be searched for and what it would have raised; saved when its person says so."""
    pending = keep_for_later(ask, [EntityEdit(entity.key, entity, 0)], f"added {entity.caption}")
    listed, records_of = listed_already(ask, entity)
    alike, doubles = find_alike(ask, entity), _doubles(ask, entity)
    others = {one.key: one for one in (*alike, *(double.other for double in doubles))}
    return reply(
        f"Track {entity.caption}? It is not saved yet",
        *told_alike(alike),
        *told_before(doubles),
        *listed,
        told_past(past) if past else "",
        entity_line(entity),
        *told_forms(entity),
        facts=[*entity_facts(entity), *records_of],
        bullets=past_alerts(past) if past else (),
        bullet_urls=[find_url(event) for event in reversed(past.events)][:_SHOWN] if past else (),
        footer=f"To save it: {cmd(f'watch confirm {pending.id}')}. To change it, send it again with other names.",
        actions=[button("Track it", f"watch confirm {pending.id}"), button("No", f"watch cancel {pending.id}")]
        + [button(shortened(f"Add the name to {one.other.caption}", 40), one.alias) for one in doubles]
        + [button(shortened(f"See {one.caption}", 40), f"lookup {one.key}") for one in others.values()],
    )


def keep_for_later(
    ask: Ask, edits: Sequence[EntityEdit], what: str, *, is_import: bool = False, why: str = ""
) -> PendingEdit:
    """A preview: nothing is changed until its person confirms it."""
    pending = PendingEdit(
        id=secrets.token_hex(4),
        kind=PendingKind.PREVIEW,
        by=ask.request.user,
        chat=ask.request.chat.key,
        at=ask.now,
        expires_at=ask.now + PREVIEWED,
        what=what,
        edits=tuple(edits),
        is_import=is_import,
        why=why,
    )
    with ask.store.writing() as records:
        records.save_pending(pending)
    return pending


def told_meanwhile(records: Records, error: EditedMeanwhileError) -> str:
    """'gpn was changed meanwhile, by Ben (telegram:8): version 3 stands, the edit was made for 2'"""
    return error.told(person_name(error.by, known_people(records)))


def cancel(ask: Ask, code: str) -> Reply:
    """Ends what this person is being asked, or a preview of theirs."""
    user, chat = ask.request.user, ask.request.chat.key
    with ask.store.writing() as records:
        pending = records.pending(code.strip(), ask.now) if code.strip() else records.draft_of(user, chat, ask.now)
        if pending and pending.kind is not PendingKind.APPROVAL and is_same(pending.by, user):
            records.drop_pending(pending.id)
            return reply("Dropped: nothing was changed")
    return reply("There is nothing to cancel", "Nothing was changed.")


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
    parts = [
        f"In the {number(past.articles, 'article')} read since {told_date(past.since)} it would have raised {raised}"
    ]
    if past.held:
        parts.append(f"{number(past.held, 'alert')} held everywhere, as somebody said that it is somebody else")
    if past.quiet:
        told = ", ".join(f"{verdict.words} {count}" for verdict, count in past.quiet)
        parts.append(f"named without an alert: {told}")
    if past.weak_hits:
        parts.append(f"{number(past.weak_hits, 'weak hit')} ignored")
    return "; ".join(parts) + "."


def past_alerts(past: Backtest) -> list[str]:
    """The alerts, the newest first: who, when, and the titles that told of it."""
    lines = [
        f"{told_date(event.opened_at)}: {headline(event, event.targets)} · {event.sources[0].outlet}: "
        f"“{shortened(event.sources[0].title, 120)}”"
        for event in reversed(past.events)
    ]
    return first_of(lines, _SHOWN)


def told_forms(entity: Entity) -> tuple[str, ...]:
    """Which name forms are searched for, and which of them are weak."""
    forms, identifiers = name_forms(entity), entity.identifiers
    strong, weak = strong_forms(forms), weak_forms(forms)
    lines = [f"Searched for: {', '.join(strong)}."] if strong else []
    if weak:
        lines.append(f"Weak, so counted only beside a full name or where sanctions are spoken of: {', '.join(weak)}.")
    if not strong and identifiers:
        lines.append(f"It has no strong name: it is found surely by its {joined(_number_words(identifiers))}.")
    elif not strong:
        lines.append("It has no strong name: add a longer one, or an identifier, to be found more surely.")
    return tuple(lines)


def _number_words(identifiers: Sequence[Identifier]) -> list[str]:
    return list(dict.fromkeys(identifier_word(one.kind) for one in identifiers))


def told_numbers(entity: Entity) -> str:
    """' · IMO number 9187629', behind a line on the entity."""
    return "".join(f" · {told_identifier(one)}" for one in entity.identifiers[:_NUMBERS])


def entity_facts(entity: Entity) -> tuple[Fact, ...]:
    facts = [Fact("Other names", "; ".join(entity.aliases))] if entity.aliases else []
    if entity.weak_aliases:
        facts.append(Fact("Weak names", "; ".join(entity.weak_aliases)))
    facts += [Fact(_label(identifier_word(identifier.kind)), identifier.value) for identifier in entity.identifiers]
    facts += [Fact(link.kind.replace("_", " ").capitalize(), link.other) for link in entity.links]
    if entity.notes:
        facts.append(Fact("Notes", entity.notes))
    return tuple(facts)


def _label(word: str) -> str:
    return word[:1].upper() + word[1:]


def _advice(entity: Entity) -> tuple[str, ...]:
    if entity.schema is not Schema.LEGAL_ENTITY:
        return ()
    return (
        "Person or organisation? It was not said, and a person is also searched for by surname: "
        f"{cmd(f'watch edit {entity.key} schema=Person')} makes it exact.",
    )


def one_of(records: Records, chat: ChatKey, words: str, command: Callable[[str], str]) -> Entity:
    """Whom the words mean among those that the chat sees. Raises CommandError; `command(key)` is what the buttons send
    that ask which of several is meant."""
    seen = records.watchlists_of(chat)
    found = find_entities(words, records.candidates(words, seen))
    if len(found.exact or found.partly) == 1:
        return (found.exact or found.partly)[0]
    merged = records.entity(words.strip())
    if merged and not found.exact and merged.watchlist in seen:
        return merged
    if not found.entities:
        raise CommandError(f"Nobody tracked is called “{shortened(words, 80)}”. See the names: {cmd('watch list')}")
    several = found.entities
    question = reply(
        f"Did you mean {several[0].caption}?" if len(several) == 1 else "Which do you mean?",
        bullets=[f"{entity.caption} · {entity_line(entity)}" for entity in several[:6]],
        footer=f"And {len(several) - 6} more: write more of the name, or its key." if len(several) > 6 else "",
        actions=[button(shortened(entity.caption, 40), command(entity.key)) for entity in several[:6]],
        ok=False,
    )
    raise UnclearError(question)
