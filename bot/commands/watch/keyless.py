"""Rows of a file that tell no key: whom of the tracked they mean, by name and kind, and which key the others get."""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Mapping, Sequence
from dataclasses import replace

from bot.commands.watch.watching import TakenKeys
from bot.model import Entity, Identifier, Schema
from bot.ports import Records
from bot.spreadsheets import Refused
from bot.text.folding import fold_key
from bot.watchlist import WatchlistFile, free_key, may_be_one

_VALUES = ("aliases", "weak_aliases", "countries", "topics", "identifiers", "notes", "links")


def resolve_names(records: Records, file: WatchlistFile, seen: Sequence[str]) -> WatchlistFile:
    """With the keys of those whom the rows without a key mean, on the watchlists of `seen`; with free keys for the
    others. A name that may be several is refused."""
    if not file.unkeyed:
        return file
    names = {entity.key: entity.caption for entity in file.entities if entity.key in file.unkeyed}
    found = _find_meant(records, file, names, seen)
    places = records.places_of(names)
    taken = TakenKeys(records, seen)
    entities = {entity.key: entity for entity in file.entities if entity.key not in file.unkeyed}
    keys = {key: key for key in entities}  # as they are -> as the file's reader made them
    refused, doubles = [], []
    for entity in (entity for entity in file.entities if entity.key in file.unkeyed):
        line = file.lines[entity.key]
        meant = found[entity.key]
        key = meant[0].key if meant else entity.key
        if len(meant) > 1:
            refused.append(Refused(line, f"{entity.caption} may be {_told(meant)}: write its key in a column key"))
            continue
        if not meant and entity.key in places and entity.key in taken:
            key = free_key(entity.key, _Either(taken, entities, names))
        if key in entities:
            doubles.append(f"{entity.caption} (lines {file.lines[keys[key]]} and {line})")
            continue
        keys[key] = entity.key
        entities[key] = replace(entity, key=key)
    told = f"Under two names in the file, the first counts: {', '.join(doubles[:5])}."
    return replace(
        file,
        entities=tuple(entities.values()),
        refused=(*file.refused, *refused),
        notes=(*file.notes, *([told] if doubles else [])),
        lines={key: file.lines[made] for key, made in keys.items()},
        unkeyed=frozenset(key for key, made in keys.items() if made in file.unkeyed),
        told={key: file.told[made] for key, made in keys.items()},
        written={key: replace(file.written[made], key=key) for key, made in keys.items() if made in file.written},
    )


def untracked(records: Records, file: WatchlistFile) -> list[Entity]:
    """Whom the file has and the store never had, by key; a row without a key also by name and kind."""
    known = records.known_entity_keys()
    new = {entity.key: entity for entity in file.entities if entity.key not in known}
    meant = _find_meant(records, file, new)
    return [entity for key, entity in new.items() if not meant.get(key)]


def _find_meant(
    records: Records, file: WatchlistFile, rows: Container[str], seen: Sequence[str] | None = None
) -> dict[str, list[Entity]]:
    """Whom of the tracked each of those `rows` means that tell no key, by the key that the file's reader made for it:
    several, where its name is not enough. One who is tracked by a name with what stands beside it is found by that."""
    wanted = [entity for entity in file.entities if entity.key in file.unkeyed and entity.key in rows]
    as_written = [file.written.get(entity.key, entity) for entity in wanted]
    known = _by_name(records.entities_named((entity.caption for entity in (*wanted, *as_written)), seen))
    found = {}
    for ways in zip(as_written, wanted, strict=True):
        key = ways[0].key
        meant = (_meant(one, known, is_guess=not file.tells(key, "schema")) for one in ways)
        found[key] = next(filter(None, meant), [])
    return found


def _told(entities: Sequence[Entity]) -> str:
    return " or ".join(f"{one.caption} (key {one.key})" for one in entities[:5])


class _Either:
    """`key in` any of these."""

    def __init__(self, *parts: TakenKeys | Mapping[str, object]) -> None:
        self.parts = parts

    def __contains__(self, key: object) -> bool:
        return any(key in part for part in self.parts)


def _by_name(entities: Iterable[Entity]) -> Mapping[str, list[Entity]]:
    """By the whole folded names that find them alone: weak ones are others' too."""
    known: dict[str, list[Entity]] = {}
    for entity in entities:
        for name in {fold_key(name) for name in (entity.caption, *entity.aliases)}:
            known.setdefault(name, []).append(entity)
    return known


def _meant(entity: Entity, known: Mapping[str, list[Entity]], *, is_guess: bool) -> list[Entity]:
    """Those of its name and kind; of several the nearest: called so first of all, of the very kind, where it would go.
    A kind that is a guess rules nobody out."""
    name = fold_key(entity.caption)
    found = [one for one in known.get(name, ()) if is_guess or may_be_one(one.schema, entity.schema)]
    nearer: tuple[Callable[[Entity], bool], ...] = (
        lambda one: fold_key(one.caption) == name,
        lambda one: one.caption == entity.caption,  # to the letter: "OÜ" beside "OU"
        lambda one: one.schema == entity.schema and not is_guess,
        lambda one: one.watchlist == entity.watchlist,
    )
    for is_near in nearer:
        found = [one for one in found if is_near(one)] or found
    return found


def completed(old: Entity, new: Entity, file: WatchlistFile) -> Entity:
    """`new`, with what the file does not tell as it stands: columns that it lacks; also empty cells, and the name,
    where it was the name that found `old`."""
    is_named = new.key in file.unkeyed
    untold = [name for name in _VALUES if name not in file.columns or (is_named and not getattr(new, name))]
    new = replace(new, **{name: getattr(old, name) for name in untold})
    if file.kinds and "identifiers" not in untold:
        new = replace(new, identifiers=_identifiers(old, new, file, is_named=is_named))
    if not file.tells(new.key, "schema") or (is_named and new.schema is Schema.LEGAL_ENTITY):
        new = replace(new, schema=old.schema)
    if not is_named:
        return new
    place = new.watchlist if file.tells(new.key, "watchlist") else old.watchlist
    return replace(new, caption=old.caption, aliases=_aliases(old, new), watchlist=place)


def _identifiers(old: Entity, new: Entity, file: WatchlistFile, *, is_named: bool) -> tuple[Identifier, ...]:
    """A column of IMO numbers says nothing of a LEI; nor does an empty cell, where the name found `old`."""
    told = {one.kind for one in new.identifiers} if is_named else file.kinds
    kept = tuple(one for one in old.identifiers if one.kind not in told)
    return old.identifiers if {*kept, *new.identifiers} == {*old.identifiers} else (*kept, *new.identifiers)


def _aliases(old: Entity, new: Entity) -> tuple[str, ...]:
    """Those of `new`, under the name of `old`; the name that found it is among them."""
    if new.aliases == old.aliases:
        return old.aliases
    standing = {fold_key(name): name for name in old.aliases}
    names = {fold_key(name): name for name in (new.caption, *new.aliases)}
    return tuple(standing.get(folded, name) for folded, name in names.items() if folded != fold_key(old.caption))
