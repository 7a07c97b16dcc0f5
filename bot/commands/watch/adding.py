"""watch add, confirm: a new name, by words, by the id of an official list's entry, or several at once."""

from __future__ import annotations

import re
from dataclasses import replace

from bot.commands.asking import Ask, cmd, told_first
from bot.commands.phrases import SURE, ago
from bot.commands.watch import approving, drafting, filling, importing
from bot.commands.watch.watching import (
    GRAMMAR,
    PREVIEWED,
    TakenKeys,
    new_entity,
    offer,
    refuse_known,
    require_editor,
    save_new,
)
from bot.errors import CommandError
from bot.lists import names_a_list
from bot.model import Entity, PendingKind, Reply
from bot.ports import Records
from bot.rights import is_same
from bot.watchlist import free_key, written_name


def add(ask: Ask, words: str) -> Reply:
    """Saved at once, unless something is missing, or the name would have raised something in the last weeks: then the
    person is asked, seeing what."""
    if ask.request.attachment:
        return importing.upload(ask, words)
    if "\n" in words.strip():
        return importing.paste(ask, words)
    if not words.strip():
        return filling.ask_all(ask)
    sure = words.casefold().endswith(SURE)
    words = words[: -len(SURE)].rstrip() if sure else words
    with ask.store.reading() as records:
        require_editor(ask, records)
        listed = _listed(ask, records, words)
        entity = listed or new_entity(words, records, ask.request.chat.key)
    name = "" if listed else written_name(words)
    parted = importing.told_parted([(name, entity)]) if name else ()
    if not sure and not listed and is_bare(words):
        return told_first(drafting.begin(ask, entity), parted)
    return told_first(offer(ask, entity, sure=sure), parted)


def answer(ask: Ask, words: str) -> Reply:
    """What somebody says to the open question, the first of which is the name."""
    words = drafting.read_answer(ask, words)
    if words.strip().casefold() in drafting.WORDS or not words.strip() or not drafting.asks_name(ask):
        return drafting.answer(ask, words)
    asked = drafting.open_draft(ask)
    answered = add(ask, words)
    if asked:  # a preview or a further question took its place, or nothing is asked any more
        with ask.store.writing() as records:
            records.drop_pending(asked.id)
    return answered


def is_bare(words: str) -> bool:
    """A name alone: who writes more knows what can be written."""
    return not any(sign in words for sign in ";|=\n")


_LIST_ID = re.compile(r"([A-Za-z][\w-]{1,30})[ :]+(\S*\d\S*)")


def _listed(ask: Ask, records: Records, words: str) -> Entity | None:
    """The entity of an entry on an official list, if the words are one's id: 'OFAC 22603', 'UK RUS1234'."""
    match = _LIST_ID.fullmatch(words.strip())
    if not match or ask.services.entry_of is None:
        return None
    entity = ask.services.entry_of(words.strip())
    if entity is None:
        if names_a_list(match[1]):
            raise CommandError(
                f"There is no entry {match[2]} on the list {match[1]} as it was last read. "
                f"See how it is called: {cmd(f'lookup {match[2]}')}"
            )
        return None
    seen = records.watchlists_of(ask.request.chat.key)
    entity = replace(entity, watchlist=seen[0])
    refuse_known(entity, records, ask.request.chat.key)
    taken = TakenKeys(records, seen)
    if entity.key in taken and records.places_of([entity.key])[entity.key] in seen:
        raise CommandError(f"{words} is tracked already: {cmd(f'lookup {entity.key}')}")
    return replace(entity, key=free_key(entity.key, taken))  # another chat may track it on a watchlist of its own


def _not_waiting(ask: Ask, records: Records) -> str:
    """With the last change of this person here: mostly the very one, whose button was pressed twice."""
    last = records.last_edit_to_undo(ask.who, ask.place)
    if last is None or ask.now - last.at > PREVIEWED:
        return f"That is not waiting for you any more. Send it again: {GRAMMAR}"
    return (
        f"That is not waiting for you any more. Your last change here was saved {ago(last.at, ask.now)}, as edit "
        f"{last.id}: {last.what}. To take it back: {cmd(f'watch undo {last.id}')}. Another one: send it again."
    )


def confirm(ask: Ask, code: str) -> Reply:
    """The button below a preview: saves what this person was shown."""
    with ask.store.writing() as records:
        require_editor(ask, records)
        pending = records.pending(code.strip(), ask.now)
        if pending is None or pending.kind is not PendingKind.PREVIEW or not is_same(pending.by, ask.request.user):
            raise CommandError(_not_waiting(ask, records))
        is_one = len(pending.edits) == 1 and pending.edits[0].seen == 0 and not pending.is_import
        if is_one:
            records.drop_pending(pending.id)
    if is_one and pending.edits[0].entity:
        return save_new(ask, pending.edits[0].entity, None)
    return approving.save(ask, pending)
