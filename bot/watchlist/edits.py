"""What changes an entity: `country+=ru`, or another entity that is the same."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import Any

from bot.identifiers import KIND_WORDS, parse_identifier
from bot.model import Entity, EntityLink, Identifier
from bot.text.folding import fold_key
from bot.watchlist.finding import names_of
from bot.watchlist.rows import SEVERAL
from bot.watchlist.values import (
    LINK_KINDS,
    MOST_NOTES,
    Value,
    clean,
    parse_alias,
    parse_country,
    parse_link,
    parse_name,
    parse_schema,
    parse_watchlist_key,
)
from bot.watchlist.words import SETTING_WORDS


@dataclass(frozen=True, slots=True)
class FieldEdit:
    """`country=ru` sets a column's values, `country+=ru` adds, `country-=ru` takes away. `word` is what was written."""

    word: str
    sign: str  # "", "+", "-"
    value: str

    @property
    def column(self) -> str:
        return SETTING_WORDS[self.word]

    @property
    def values(self) -> list[str]:
        return [one for part in re.split(r"[,;\n]", self.value) if (one := clean(part))]


_EDIT = re.compile(r"(?<!\S)(\w+)\s*([+-]?)=\s*")
_EDITABLE = (
    "name", "schema", "alias", "weak", "country", "topic", "note", "imo", "lei", "tax", "passport", "wallet",
    "watchlist", "owned_by", "director",
)  # fmt: skip


def parse_edit(text: str) -> tuple[str, tuple[FieldEdit, ...]]:
    """`NAME field=value field+=value` -> (the name's words, the edits). Raises ValueError."""
    found = list(_EDIT.finditer(text))
    if not found:
        raise ValueError("say what changes, as in country=ru or alias+=Foo Ltd")
    ends = [*(match.start() for match in found[1:]), len(text)]
    edits = []
    for match, end in zip(found, ends, strict=True):
        word = match[1].casefold()
        if word not in SETTING_WORDS:
            raise ValueError(f"{match[1]}= is not known: there are {', '.join(_EDITABLE)}, as in country=ru")
        sign, value = _sign_first(SETTING_WORDS[word], match[2], text[match.end() : end].strip(" |;"))
        edits.append(FieldEdit(word, sign, value))
    return text[: found[0].start()].strip(" |;"), tuple(edits)


def _sign_first(column: str, sign: str, value: str) -> tuple[str, str]:
    """`topic=+steel` means `topic+=steel`."""
    if sign or column not in SEVERAL or value[:1] not in ("+", "-"):
        return sign, value
    return value[0], value[1:].lstrip()


def apply_edits(entity: Entity, edits: Iterable[FieldEdit]) -> Entity:
    """Raises ValueError that names the value and what is allowed; values that stand already are not judged anew."""
    for edit in edits:
        entity = _applied(entity, edit)
    return entity


def _applied(entity: Entity, edit: FieldEdit) -> Entity:
    one = edit.value
    match edit.column:
        case "key":
            raise ValueError("a key never changes, as alerts and subscriptions name it: merge the entity into another")
        case "name":
            return replace(entity, caption=parse_name(one))
        case "schema":
            return replace(entity, schema=parse_schema(one))
        case "notes":
            note = clean(one)[:MOST_NOTES]
            return replace(entity, notes=" ".join(filter(None, (entity.notes, note))) if edit.sign == "+" else note)
        case "watchlist":
            return replace(entity, watchlist=parse_watchlist_key(one))
        case "aliases":
            return replace(entity, aliases=_sum(entity.aliases, _edited(entity, edit), edit.sign, fold_key))
        case "weak_aliases":
            names = _sum(entity.weak_aliases, _edited(entity, edit), edit.sign, fold_key)
            return replace(entity, weak_aliases=names)
        case "countries":
            return replace(entity, countries=_sum(entity.countries, map(parse_country, edit.values), edit.sign))
        case "topics":
            topics = (topic.casefold() for topic in edit.values)
            return replace(entity, topics=_sum(entity.topics, topics, edit.sign))
        case "identifiers":
            return replace(entity, identifiers=_identifiers(entity, edit))
        case _:
            return replace(entity, links=_links(entity, edit))


def _edited(entity: Entity, edit: FieldEdit) -> Iterable[str]:
    if edit.sign == "-":  # as it stands, be it from before such words were left out
        return map(parse_name, edit.values)
    return (parse_alias(value, entity.schema) for value in edit.values)


def _identifiers(entity: Entity, edit: FieldEdit) -> tuple[Identifier, ...]:
    """Those of the kind that was named are changed, the others stay."""
    kind = KIND_WORDS[edit.word]
    others = tuple(identifier for identifier in entity.identifiers if identifier.kind != kind)
    same = [identifier for identifier in entity.identifiers if identifier.kind == kind]
    if edit.sign == "-":
        gone = {value.replace(" ", "") for value in edit.values}
        return (*others, *(identifier for identifier in same if identifier.value.replace(" ", "") not in gone))
    return (*others, *_sum(tuple(same), (parse_identifier(f"{edit.word}:{value}") for value in edit.values), edit.sign))


def _links(entity: Entity, edit: FieldEdit) -> tuple[EntityLink, ...]:
    kind = edit.word if edit.word in LINK_KINDS else ""
    new = [parse_link(f"{kind}:{value}" if kind else value) for value in edit.values]
    kinds = {kind} if kind else {link.kind for link in new} or set(LINK_KINDS)
    others = tuple(link for link in entity.links if link.kind not in kinds)
    return (*others, *_sum(tuple(link for link in entity.links if link.kind in kinds), new, edit.sign))


def _sum(
    old: tuple[Value, ...], new: Iterable[Value], sign: str, same: Callable[[Any], Any] = lambda value: value
) -> tuple[Value, ...]:
    """Each value once; two are one if `same` makes them equal."""
    given = list(new)
    if sign == "-":
        gone = {same(value) for value in given}
        return tuple(value for value in old if same(value) not in gone)
    unique: dict[Any, Value] = {}
    for value in (*old, *given) if sign == "+" else given:
        unique.setdefault(same(value), value)
    return tuple(unique.values())


def merged(entity: Entity, into: Entity) -> Entity:
    """`into` with all that is known of `entity`, which was found to be the same."""
    known = {fold_key(name) for name in names_of(into)}
    names = [name for name in (entity.caption, *entity.aliases) if fold_key(name) not in known]
    weak = [name for name in entity.weak_aliases if fold_key(name) not in known]
    links = [link for link in entity.links if link.other not in (entity.key, into.key)]
    return replace(
        into,
        aliases=_sum(into.aliases, names, "+", fold_key),
        weak_aliases=_sum(into.weak_aliases, weak, "+", fold_key),
        countries=_sum(into.countries, entity.countries, "+"),
        topics=_sum(into.topics, entity.topics, "+"),
        identifiers=_sum(into.identifiers, entity.identifiers, "+"),
        links=_sum(tuple(link for link in into.links if link.other != entity.key), links, "+"),
        notes=" ".join(filter(None, (into.notes, entity.notes)))[:MOST_NOTES],
    )
