"""Words typed in a chat or on the command line -> a new entity."""

from __future__ import annotations

import re
from collections.abc import Container, Sequence

from bot.identifiers import KIND_WORDS, numbers_in_name
from bot.model import MAIN_WATCHLIST, Entity
from bot.text.asides import read_written
from bot.watchlist.rows import by_its_numbers, guess_schema, key_of_name, parse_row, without_asides
from bot.watchlist.values import LINK_KINDS, clean

SETTING_WORDS = {
    "schema": "schema", "type": "schema", "kind": "schema", "key": "key", "id": "key", "name": "name",
    "alias": "aliases", "aliases": "aliases", "aka": "aliases", "weak": "weak_aliases", "weak_alias": "weak_aliases",
    "weak_aliases": "weak_aliases", "country": "countries", "countries": "countries", "topic": "topics",
    "topics": "topics", "tag": "topics", "tags": "topics", "note": "notes", "notes": "notes",
    "link": "links", "links": "links", "watchlist": "watchlist",
} | {word: "identifiers" for word in KIND_WORDS if word not in ("address", "list")}  # fmt: skip
SETTING_WORDS |= dict.fromkeys(LINK_KINDS, "links")
ADDED = (
    "schema", "country", "topic", "alias", "weak", "key", "imo", "lei", "tax", "passport", "wallet", "note", "link",
    "watchlist",
)  # fmt: skip
_SETTING = re.compile(r"(?<!\S)(\w+)\s*=\s*")


def entity_from_words(text: str, taken: Container[str], watchlist: str = MAIN_WATCHLIST) -> Entity:
    """`Name; alias; alias | schema=Company country=ru topic=x key=…` -> an entity. `taken` are the keys in use.
    Settings may also stand between semicolons, with values by commas. Raises ValueError that says what to write."""
    names: list[str] = []
    row: dict[str, list[str]] = {}
    for part in re.split(r"[;|\n]", text):
        names += [name for name in [_read_part(part, row)] if name]
    names += row.pop("name", [])
    names = _without_numbers(names, row)
    if not names:
        raise ValueError("the name is missing: write the name first, then its other names after semicolons")
    alone = read_written(names[0]).name
    entity, doubts = parse_row(
        {
            "key": "".join(row.get("key", [])) or key_of_name(alone, taken),
            "schema": "".join(row.get("schema", [])) or guess_schema(names[0]),
            "name": names[0],
            "aliases": ";".join([*names[1:], *row.get("aliases", [])]),
            **{
                column: ";".join(row.get(column, []))
                for column in ("weak_aliases", "countries", "topics", "identifiers", "links")
            },
            "notes": " ".join(row.get("notes", [])),
            "watchlist": "".join(row.get("watchlist", [])),
        },
        watchlist,
    )
    if doubts:
        raise ValueError("; ".join(doubts))
    if entity.key in taken:
        raise ValueError(f"the key {entity.key!r} is taken: leave key= out, or choose another")
    entity = without_asides(entity, is_kind_told=bool(row.get("schema")))
    return entity if row.get("schema") else by_its_numbers(entity)


def written_name(words: str) -> str:
    """The name among the words of `entity_from_words`, if something stands beside it that is kept apart; else ""."""
    name = _read_part(re.split(r"[;|\n]", words)[0], {})
    return name if read_written(name).aside else ""


def _without_numbers(names: Sequence[str], row: dict[str, list[str]]) -> list[str]:
    """The names, their numbers put with the identifiers: "MT Tavian IMO 9187629" is in no article. Who is known by a
    number alone is called by it. Raises ValueError for one that is mistyped."""
    kept: list[str] = []
    for name in names:
        rest, numbers = numbers_in_name(name)
        row.setdefault("identifiers", []).extend(number for number in numbers if number not in row["identifiers"])
        kept += [rest] if rest else []
    return kept or list(names[:1])


def _read_part(part: str, row: dict[str, list[str]]) -> str:
    """What stands before the first `word=` is returned: a name, or nothing."""
    found = list(_SETTING.finditer(part))
    ends = [*(match.start() for match in found[1:]), len(part)]
    for match, end in zip(found, ends, strict=False):
        word = match[1].casefold()
        column = SETTING_WORDS.get(word)
        if column is None:
            raise ValueError(f"{match[1]}= is not known: there are {', '.join(ADDED)}, as in country=ru")
        value = part[match.end() : end]
        values = [value] if column == "notes" else value.split(",")
        kind = f"{word}:" if column == "identifiers" or word in LINK_KINDS else ""
        row.setdefault(column, []).extend(f"{kind}{one.strip()}" for one in values if one.strip())
    return clean(part[: found[0].start()] if found else part)
