"""watch edit, rename, alias, merge, remove: entities changed in words. Every answer restates the rule that holds."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from bot.commands.asking import Ask, button, cmd, reply
from bot.commands.phrases import SURE, entity_line, schema_word, told_entity
from bot.commands.watch import approving, watching
from bot.commands.watch.doubles import find_doubles, newly_numbered, told_after
from bot.counted import joined, number, shortened
from bot.errors import CommandError, EditedMeanwhileError, UnclearError
from bot.model import ORGANISATIONS, Entity, EntityEdit, Reply, Schema, SubscriptionKind
from bot.ports import Records
from bot.watchlist import FieldEdit, apply_edits, changes_between, merged, parse_edit

_VERSION = re.compile(r"(?<!\S)version\s*=\s*(\d{1,9})\b", re.IGNORECASE)


def edit(ask: Ask, words: str) -> Reply:
    """`watch edit NAME field=value field+=value [version=3] [why=…]`."""
    words, seen = split_version(words)
    words, why = _why(words)
    kept = "".join([f" version={seen}" if seen else "", f" why={why}" if why else ""])
    try:
        name, edits = parse_edit(words)
    except ValueError as error:
        raise CommandError(
            f"Not changed: {error}. The form is: {cmd('watch edit NAME country=ru alias+=Foo Ltd')}"
        ) from error
    return _change(ask, name, edits, "changed", lambda key: f"watch edit {key} {_rest(words, name)}{kept}", seen, why)


def _rest(words: str, name: str) -> str:
    return words.strip().removeprefix(name).strip()


def split_version(words: str) -> tuple[str, int | None]:
    match = _VERSION.search(words)
    return (_VERSION.sub("", words).strip(), int(match[1])) if match else (words, None)


def _why(words: str) -> tuple[str, str]:
    head, found, why = words.partition(" why=")
    return (head, shortened(why.strip(), 300)) if found else (words, "")


def rename(ask: Ask, words: str) -> Reply:
    """`watch rename NAME to NEW NAME`: the old name stays as another name."""
    old, _, new = re.sub(r"\s*(?:->|→)\s*", " to ", words).rpartition(" to ")
    if not old or not new.strip():
        raise CommandError(f"Say whom, and the new name: {cmd('watch rename NAME to NEW NAME')}")

    def renamed(entity: Entity) -> Entity:
        edits = (FieldEdit("name", "", new), FieldEdit("alias", "-", new), FieldEdit("alias", "+", entity.caption))
        return apply_edits(entity, edits)

    return _change(ask, old, renamed, "renamed", lambda key: f"watch rename {key} to {new}")


def alias(ask: Ask, words: str) -> Reply:
    """`watch alias NAME + OTHER NAME; …`, or with `-` to take one away."""
    match = re.fullmatch(r"(.+?)\s+([+−–-])\s*(\S.*)", words, re.DOTALL)
    if not match:
        raise CommandError(f"Say whom, + or -, and the name: {cmd('watch alias NAME + OTHER NAME')}")
    sign = "+" if match[2] == "+" else "-"
    names = match[3]

    def changed(entity: Entity) -> Entity:
        edits = [FieldEdit("alias", sign, names)]
        return apply_edits(entity, edits if sign == "+" else [*edits, FieldEdit("weak", "-", names)])

    return _change(ask, match[1], changed, "names", lambda key: f"watch alias {key} {sign} {names}")


def _change(
    ask: Ask,
    name: str,
    edits: Sequence[FieldEdit] | Callable[[Entity], Entity],
    what: str,
    command: Callable[[str], str],
    seen: int | None = None,
    why: str = "",
) -> Reply:
    """Read, change and save in one transaction: two admins at once both have their say, one after the other."""
    with ask.store.writing() as records:
        watching.require_editor(ask, records)
        old = watching.one_of(records, ask.request.chat.key, name, command)
        watching.require_edits(ask, records, [EntityEdit(old.key, old)])  # first: what is so already is shown
        try:
            new = edits(old) if callable(edits) else apply_edits(old, edits)
        except ValueError as error:
            raise CommandError(f"Not changed: {error}") from error
        if new == old:
            return reply(f"{old.caption} is so already", entity_line(old), facts=watching.entity_facts(old))
        _check_watchlist(ask, records, old, new)
        number = save(ask, records, [EntityEdit(old.key, new, seen)], f"{_DONE.get(what, what)} {old.caption}", why)
        ask.audit(records, f"watch {what}", before=told_entity(old), after="; ".join(changes_between(old, new)))
        version = records.standing_versions([old.key])[old.key]
        doubles = find_doubles(records, [newly_numbered(old, new)], records.watchlists_of(ask.request.chat.key))
    told = told_after(doubles)
    return restated(f"Changed: {new.caption}", new, version, changes_between(old, new), number, told)


_DONE = {"names": "changed the names of"}


def save(ask: Ask, records: Records, edits: Sequence[EntityEdit], what: str, why: str = "") -> int:
    """Raises CommandError that says who was faster."""
    watching.require_edits(ask, records, edits)
    try:
        return records.edit_watchlist(edits, ask.who, ask.now, what, why, chat=ask.place)
    except EditedMeanwhileError as error:
        raise CommandError(
            f"Not changed, and nothing is lost: {watching.told_meanwhile(records, error)}. "
            f"See what changed: {cmd(f'watch history {error.key}')}. Then send yours again without version="
        ) from error


def _check_watchlist(ask: Ask, records: Records, old: Entity, new: Entity) -> None:
    if new.watchlist == old.watchlist:
        return
    seen = records.watchlists_of(ask.request.chat.key)
    if new.watchlist not in seen:
        raise CommandError(watching.unseen(new.watchlist, seen))


def restated(
    title: str, entity: Entity, version: int, changes: Sequence[str], number: int, also: Sequence[str] = ()
) -> Reply:
    """What holds now of an entity that was changed."""
    return reply(
        title,
        entity_line(entity),
        *also,
        *watching.told_forms(entity),
        facts=watching.entity_facts(entity),
        bullets=changes,
        footer=f"This is version {version}: with version={version}, an edit is made only if nobody was faster.",
        actions=[button("Undo", f"watch undo {number}"), button("History", f"watch history {entity.key}")],
    )


# ---------------------------------------------------------------- merge


def merge(ask: Ask, words: str) -> Reply:
    """`watch merge A into B`: names, identifiers and subscriptions go to B, A's key leads to it. Two of unlike
    kinds are merged once that is confirmed."""
    is_confirmed = words.endswith(SURE)
    first, _, second = words.removesuffix(SURE).rpartition(" into ")
    if not first or not second.strip():
        raise CommandError(f"Say which two: {cmd('watch merge A into B')}. B stays, A's names go to it.")
    with ask.store.writing() as records:
        watching.require_editor(ask, records)
        chat = ask.request.chat.key
        gone = watching.one_of(records, chat, first, lambda key: f"watch merge {key} into {second}")
        stays = watching.one_of(records, chat, second, lambda key: f"watch merge {first} into {key}")
        if gone.key == stays.key:
            raise CommandError(f"Both are {stays.caption} (key {stays.key}): there is nothing to merge.")
        if not is_confirmed and not _may_be_one(gone.schema, stays.schema):
            return _ask_merge(gone, stays)
        new = merged(gone, stays)
        followed = sum(_is_on(one.kind, one.value, gone.key) for one in records.subscriptions())
        edits = [EntityEdit(stays.key, new), EntityEdit(gone.key, merged_into=stays.key)]
        done = save(ask, records, edits, f"merged {gone.caption} into {stays.caption}")
        ask.audit(records, "watch merge", before=f"{told_entity(gone)}; {told_entity(stays)}", after=told_entity(new))
    return reply(
        f"Merged: {gone.caption} is {new.caption} now",
        f"The key {gone.key} leads to {new.key}"
        + (f"; {number(followed, 'subscription')} went along. " if followed else ". ")
        + f"Past alerts of both are found under {new.caption}.",
        *watching.told_forms(new),
        facts=watching.entity_facts(new),
        bullets=changes_between(stays, new),
        actions=[button("Undo", f"watch undo {done}")],
    )


def _may_be_one(one: Schema, other: Schema) -> bool:
    """Organisations are often filed under another kind of organisation; of a legal entity nobody told the kind."""
    return one is other or Schema.LEGAL_ENTITY in (one, other) or {one, other} <= ORGANISATIONS


def _ask_merge(gone: Entity, stays: Entity) -> Reply:
    again = f"watch merge {gone.key} into {stays.key}{SURE}"
    return reply(
        f"Is {gone.caption} really {stays.caption}? Nothing is changed yet",
        f"They are of unlike kinds: {schema_word(gone.schema)} and {schema_word(stays.schema)}. If one belongs to the "
        f"other, a link tells it: {cmd(f'watch edit {gone.key} owned_by={stays.key}')}",
        f"To merge them all the same: {cmd(again)}",
        actions=[button("Merge them", again)],
    )


def _is_on(kind: SubscriptionKind, value: str, key: str) -> bool:
    return kind is SubscriptionKind.ENTITY and value == key


# ---------------------------------------------------------------- remove


def remove(ask: Ask, words: str) -> Reply:
    """`watch remove NAME [why=…]`, or several by semicolons or lines."""
    words, why = _why(words)
    kept = f" why={why}" if why else ""
    names = [name.strip() for name in re.split(r"[;\n]", words) if name.strip()]
    if not names:
        raise CommandError(f"Say whom: {cmd('watch remove NAME')}, or its key as {cmd('watch list')} shows it")
    if len(names) > 1:
        return _remove_several(ask, names, why)
    with ask.store.writing() as records:
        watching.require_editor(ask, records)
        entity = watching.one_of(records, ask.request.chat.key, names[0], lambda key: f"watch remove {key}{kept}")
        done = save(ask, records, [EntityEdit(entity.key)], f"removed {entity.caption}", why)
        ask.audit(records, "watch remove", before=told_entity(entity), after=f"removed: {why}" if why else "")
        others = sum(_is_on(one.kind, one.value, entity.key) for one in records.subscriptions())
    paragraphs = ["No new alert will be about it. Past alerts and findings stay, and nothing of the entry is deleted."]
    if others:
        paragraphs.append(
            f"{number(others, 'subscription')} to it wait, in case it is tracked again with the same key."
        )
    return reply(
        f"No longer tracked: {entity.caption}",
        *paragraphs,
        footer=f"To track it again: {cmd(f'watch undo {done}')}",
        actions=[button("Undo: track it again", f"watch undo {done}")],
    )


def _remove_several(ask: Ask, names: Sequence[str], why: str) -> Reply:
    """A preview: each name has to be clear."""
    with ask.store.reading() as records:
        watching.require_editor(ask, records)
        entities, unclear = dict[str, Entity](), list[str]()
        for name in names:
            try:
                one = watching.one_of(records, ask.request.chat.key, name, lambda key: f"lookup {key}")
                entities[one.key] = one
            except UnclearError:
                unclear.append(name)
        if unclear:
            raise CommandError(
                f"Nothing was removed: {joined(f'“{shortened(name, 40)}”' for name in unclear)} may be several. "
                f"Write the keys, as {cmd('watch list')} shows them."
            )
        seen = records.standing_versions(entities)
        reason = approving.why_approval(ask, records, [EntityEdit(key) for key in entities])
    edits = [EntityEdit(key, None, seen[key]) for key in entities]
    pending = watching.keep_for_later(ask, edits, f"removed {number(len(edits), 'name')}", why=why)
    return reply(
        f"Stop tracking {number(len(edits), 'name')}? Nothing is changed yet",
        f"It needs a second admin, as {reason}." if reason else "",
        bullets=[f"{entity.caption} · key {entity.key}" for entity in list(entities.values())[:20]],
        footer=f"To do it: {cmd(f'watch confirm {pending.id}')}",
        actions=[
            button(f"Remove {number(len(edits), 'name')}", f"watch confirm {pending.id}"),
            button("No", f"watch cancel {pending.id}"),
        ],
    )
