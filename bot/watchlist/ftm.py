"""FollowTheMoney JSON -> rows, and entities -> FollowTheMoney JSON."""

from __future__ import annotations

import io
import json
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

from bot.identifiers import IDENTIFIER_KINDS
from bot.model import Entity
from bot.watchlist.reading import Reading

_FTM_NAMES = ("name", "alias", "previousName", "abbreviation")

# What is said of entities, and stands beside them in FollowTheMoney's files.
_FTM_ASIDE = frozenset({
    "Address", "Associate", "BankAccount", "Debt", "Directorship", "Documentation", "Employment", "Family",
    "Identification", "Membership", "Note", "Occupancy", "Ownership", "Passport", "Payment", "Position",
    "Representation", "Sanction", "Similar", "Succession", "UnknownLink",
})  # fmt: skip

_FTM_COUNTRIES = ("country", "jurisdiction", "nationality", "citizenship", "flag", "mainCountry")


def read_json(text: str, reading: Reading) -> None:
    """An entity a line (FollowTheMoney's `entities.ftm.json`), one JSON list of them, alone or as an answer of
    OpenSanctions' has it, or a single one."""
    reading.is_typed = False
    first = text.lstrip().partition("\n")[0].strip()
    aside: Counter[str] = Counter()
    if first.startswith("[") or first == "{" or _is_one_line_of_many(text, first):
        reading.by_entry = True
        for number, data in enumerate(_json_list(text, reading), 1):
            _take_ftm(number, data, reading, "item", aside)
    else:
        for line, row in enumerate(io.StringIO(text, newline=None), 1):
            if row.strip():
                try:
                    one = json.loads(row)
                except (ValueError, RecursionError) as error:
                    reading.refuse(line, f"is no JSON: {error}")
                    continue
                for data in _listed(one):
                    _take_ftm(line, data, reading, "line", aside)
    if aside:
        told = ", ".join(f"{count:,} {schema}" for schema, count in aside.most_common())
        reading.notes.append(f"Left out, as they are nobody to be tracked: {told}.")


def _is_one_line_of_many(text: str, first: str) -> bool:
    """'{"results": [{…}, {…}]}'"""
    return first.startswith("{") and text.strip() == first and len(_json_list(text, Reading())) > 1


def _json_list(text: str, reading: Reading) -> list[Any]:
    try:
        return _listed(json.loads(text))
    except (ValueError, RecursionError) as error:
        reading.refuse(getattr(error, "lineno", 1), f"is no JSON: {error}")
        return []


def _listed(data: Any) -> list[Any]:
    """The entities of what stands in one piece."""
    if isinstance(data, dict) and "properties" not in data:
        return next((data[name] for name in ("entities", "results") if isinstance(data.get(name), list)), [data])
    return data if isinstance(data, list) else [data]


def _take_ftm(number: int, data: Any, reading: Reading, counted: str, aside: Counter[str]) -> None:
    properties = data.get("properties") if isinstance(data, dict) else None
    if properties is not None and data.get("schema") in _FTM_ASIDE:
        aside[data["schema"]] += 1
        return
    if not isinstance(properties, dict):
        reading.refuse(number, f"this {counted} is no FollowTheMoney entity: it needs id, schema and properties")
        return
    reading.take(number, _ftm_row(data, properties))


def _ftm_row(data: Mapping[str, Any], properties: Mapping[str, Any]) -> dict[str, str]:
    """An entity as a row of COLUMNS. Semicolons part values there, so those inside a value become commas."""

    def texts(*names: str) -> list[str]:
        found = [value for name in names for value in _list(properties.get(name))]
        return [str(value).replace(";", ",") for value in found]

    names = texts(*_FTM_NAMES)
    caption = str(data.get("caption") or (names[0] if names else ""))
    identifiers = [f"{kind}:{value}" for kind in IDENTIFIER_KINDS for value in texts(kind)]
    identifiers += [f"ogrn:{value}" for value in texts("ogrnCode")] + [f"inn:{value}" for value in texts("innCode")]
    return {
        "key": str(data.get("id") or ""),
        "schema": str(data.get("schema") or ""),
        "name": caption.replace(";", ","),
        "aliases": ";".join(names),
        "weak_aliases": ";".join(texts("weakAlias")),
        "countries": ";".join(texts(*_FTM_COUNTRIES)),
        "topics": ";".join(texts("topics")),
        "identifiers": ";".join(identifiers),
        "notes": " ".join(map(str, _list(properties.get("notes")))),
        "watchlist": str(data.get("watchlist") or ""),
        "links": ";".join(map(_ftm_link, _list(data.get("links")))),
    }


def _ftm_link(link: Any) -> str:
    """Links are ours: FollowTheMoney makes an entity of each, which says more than is known here."""
    words = (link.get("kind"), link.get("other")) if isinstance(link, dict) else (link, "")
    return ":".join(str(word).replace(";", ",") for word in words)


def _list(value: Any) -> list[Any]:
    if value is None:
        return []
    return value if isinstance(value, list) else [value]


def export_json(entities: Iterable[Entity]) -> bytes:
    """FollowTheMoney entities, one a line; `watchlist` and `links` are ours and stand beside the properties."""
    return "".join(json.dumps(_ftm(entity), ensure_ascii=False) + "\n" for entity in entities).encode()


def _ftm(entity: Entity) -> dict[str, Any]:
    properties: dict[str, list[str]] = {"name": [entity.caption]}
    for name, values in (
        ("alias", entity.aliases),
        ("weakAlias", entity.weak_aliases),
        ("country", entity.countries),
        ("topics", entity.topics),
        ("notes", [entity.notes] if entity.notes else []),
    ):
        properties |= {name: list(values)} if values else {}
    for identifier in entity.identifiers:
        properties.setdefault(identifier.kind, []).append(identifier.value)
    links = [{"kind": link.kind, "other": link.other} for link in entity.links]
    return {
        "id": entity.key,
        "schema": str(entity.schema),
        "caption": entity.caption,
        "properties": properties,
        "watchlist": entity.watchlist,
        **({"links": links} if links else {}),
    }
