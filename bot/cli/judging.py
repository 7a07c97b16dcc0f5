"""sanctions-bot judge: articles of a file, each judged on its own `watch` list (tests/data/judgement/README.md)."""

from __future__ import annotations

import json
import os
import re
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.markup import escape

from bot.cli.terminal import CONFIG_DIR, ConfigDir, err, write_lines
from bot.errors import ArticleError, ConfigError
from bot.model import Article, Entity, Event, EventChange, Identifier, Judgement, Schema, Verdict


def judge(
    file: Annotated[Path, typer.Argument(help="Articles, one JSON object a line; '-' reads standard input.")],
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="Where to write; standard output if left out.")
    ] = None,
    config: ConfigDir = CONFIG_DIR,
) -> None:
    """Judge articles offline, each on its own `watch` list. A back-test on an archive of your own."""
    from bot.config import load_settings

    alert_floor = load_settings(config).alert_floor
    if output is not None and not output.absolute().parent.is_dir():  # said before the work, not after it
        raise ConfigError(str(output), "cannot be written: there is no such folder")
    results = judge_lines(sys.stdin if str(file) == "-" else _open(file), alert_floor)
    write_lines(results, output)
    if not results:
        err.print(f"[yellow]{escape(str(file))} holds no article: nothing was judged.[/]", soft_wrap=True)


def _open(file: Path) -> Iterator[str]:
    try:
        with file.open(encoding="utf-8-sig") as lines:
            yield from lines
    except OSError as error:
        raise ConfigError(str(file), f"cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise ConfigError(str(file), f"cannot be read: {error}", "save it as UTF-8") from error


def judge_lines(lines: Iterable[str], alert_floor: float | None = None) -> list[dict[str, Any]]:
    """Judge each line of the format of tests/data/judgement/README.md, events in order of publication. Results are in
    the order of the lines. Raises ArticleError that names the line.

    Verdicts are on the line's own watch list. Events are those of a bot that tracks all of them, as a live one would:
    two outlets that name other targets of one act are joined by what else of the watch lists they name."""
    from bot.events import RECENT
    from bot.matching.names import NameIndex
    from bot.matching.verdicts import ALERT_FLOOR, Reasons
    from bot.pipeline import judge as judge_whole

    floor = ALERT_FLOOR if alert_floor is None else alert_floor
    rows = [_read_line(number, line) for number, line in enumerate(lines, 1) if line.strip()]
    order = sorted(range(len(rows)), key=lambda position: rows[position][1].published_at)
    same = SameNames()
    for position in order:
        same.add(rows[position][2])
    everyone = NameIndex.compile(same.entities())
    neighbours = {
        position
        for pair in pairwise(order)
        if rows[pair[1]][1].published_at - rows[pair[0]][1].published_at <= RECENT
        for position in pair
    }

    def judged(position: int) -> tuple[Judgement, Judgement | None]:
        """On its own watch list; and on all of them, if it has events, which may be those of another article too."""
        _, article, entities = rows[position]
        own = judge_whole(article, NameIndex.compile(entities), floor, Reasons.OF_NONE)
        if not own.of(Verdict.NEW_SANCTIONS):
            return own, None
        return own, of_everyone(article) if position in neighbours else replace(own, findings=())

    def of_everyone(article: Article) -> Judgement:
        return judge_whole(article, everyone, floor, Reasons.OF_NONE)

    with ThreadPoolExecutor(os.cpu_count()) as pool:  # most of a judgement is numpy's, which lets others run
        alone = list(pool.map(judged, range(len(rows))))
    judged_lines = [_Line(*row, *one) for row, one in zip(rows, alone, strict=True)]
    run = _Run(same, everyone.entities, of_everyone, floor)
    for position in order:
        run.take(judged_lines[position])
    return [_result(line.key, line.own, line.entities, run.events_of(line)) for line in judged_lines]


@dataclass(slots=True, eq=False)
class _Line:
    key: str
    article: Article
    entities: list[Entity]
    own: Judgement  # on its own watch list
    whole: Judgement | None  # on those of all lines, where it is asked for
    events: list[str] = field(default_factory=list)


@dataclass(slots=True)
class _Run:
    """The events of all lines, as a live bot would put them together."""

    same: SameNames
    everyone: Mapping[str, Entity]
    of_everyone: Callable[[Article], Judgement]
    alert_floor: float
    known: dict[str, Event] = field(default_factory=dict)
    taken: list[_Line] = field(default_factory=list)

    def take(self, line: _Line) -> None:
        """One more line, in the light of those before it; then those again to which it is news."""
        from bot.events import RECENT, is_worth_another_look

        now = line.article.published_at
        self.taken = [other for other in self.taken if now - other.article.published_at <= RECENT]
        for change in self._judge(line, now):
            for other in self.taken:
                if is_worth_another_look(change, other.article, self.same.shared(other.own, other.entities)):
                    self._judge(other, now)
        self.taken.append(line)

    def events_of(self, line: _Line) -> list[str]:
        """With what they proved to be since."""
        told_as = (self.known[key].told_as for key in line.events)
        return list(dict.fromkeys((*line.events, *filter(None, told_as))))

    def _judge(self, line: _Line, now: datetime) -> tuple[EventChange, ...]:
        from bot.events import RECENT, cluster
        from bot.matching.adjacent import names_beside

        recent = (event for event in self.known.values() if now - event.updated_at <= RECENT)
        known = sorted(recent, key=lambda event: event.updated_at, reverse=True)
        before = line.own
        line.own = self.same.corroborated(line.article, before, line.entities, known, now, self.alert_floor)
        if not line.own.of(Verdict.NEW_SANCTIONS) or (line in self.taken and line.own == before):
            return ()
        line.whole = line.whole or self.of_everyone(line.article)
        told = self.same.judged(line.own, line.entities, line.whole)
        changes = cluster(line.article, told, self.everyone, known, now)
        changed = [event for change in changes for event in (change.event, *change.merged)]
        self.known |= {event.key: event for event in changed}
        names = names_beside(line.article, told) if changes else ()
        for event in (change.event for change in changes):
            self.known[event.key] = replace(event, beside=tuple(dict.fromkeys((*event.beside, *names))))
        line.events = list(dict.fromkeys((*line.events, *(event.key for event in changed))))
        return changes


class SameNames:
    """Each line has a watch list of its own: who bears the same full name is one entity to the events, whatever its
    key there."""

    def __init__(self) -> None:
        self._of_name: dict[str, str] = {}
        self._entities: dict[str, Entity] = {}

    def add(self, entities: Iterable[Entity]) -> None:
        for entity in entities:
            key = self._key(entity)
            known = self._entities.get(key, replace(entity, key=key))
            names = dict.fromkeys((*known.aliases, entity.caption, *entity.aliases))
            aliases = tuple(name for name in names if name != known.caption)
            weak = tuple(dict.fromkeys((*known.weak_aliases, *entity.weak_aliases)))
            self._entities[key] = replace(known, aliases=aliases, weak_aliases=weak)

    def entities(self) -> list[Entity]:
        return list(self._entities.values())

    def judged(self, own: Judgement, entities: Iterable[Entity], whole: Judgement) -> Judgement:
        """What `whole` tells of everybody, but of those on the line's own watch list what `own` tells."""
        keys = {entity.key: self._key(entity) for entity in entities}
        findings = tuple(replace(finding, entity=keys[finding.entity]) for finding in own.findings)
        others = tuple(finding for finding in whole.findings if finding.entity not in set(keys.values()))
        return replace(own, findings=findings + others)

    def shared(self, own: Judgement, entities: Iterable[Entity]) -> Judgement:
        """The line's own judgement by the keys that all lines share."""
        keys = {entity.key: self._key(entity) for entity in entities}
        return replace(own, findings=tuple(replace(one, entity=keys[one.entity]) for one in own.findings))

    def corroborated(
        self,
        article: Article,
        own: Judgement,
        entities: Iterable[Entity],
        known: Sequence[Event],
        now: datetime,
        alert_floor: float,
    ) -> Judgement:
        """The line's own judgement in the light of what other lines told until now."""
        from bot.events import corroborate

        told = corroborate(article, self.shared(own, entities), self._entities, known, now, alert_floor)
        pairs = zip(told.findings, own.findings, strict=True)
        return replace(told, findings=tuple(replace(one, entity=before.entity) for one, before in pairs))

    def _key(self, entity: Entity) -> str:
        from bot.text.folding import fold_key

        names = [fold_key(name) for name in (entity.caption, *entity.aliases)]
        full = [name for name in names[:1] + [name for name in names[1:] if " " in name] if name]
        key = next((self._of_name[name] for name in full if name in self._of_name), None)
        if key is None:
            key = entity.key if entity.key not in self._entities else f"{entity.key}:{len(self._entities)}"
        for name in full:
            self._of_name.setdefault(name, key)
        return key


def _read_line(number: int, line: str) -> tuple[str, Article, list[Entity]]:
    from bot.articles import article_from_text

    try:
        row = _object(_parse_json(line), "")
        key = str(_field(row, "id", (str, int), ""))
        article = article_from_text(
            _field(row, "body", (str, type(None)), "") or "",
            key=key,
            title=_text(row, "title"),
            summary=_text(row, "summary"),
            published_at=_moment(_field(row, "published", (str,), "")),
            language=_text(row, "language") or None,
            outlet=_text(row, "outlet") or _text(row, "outlet_kind"),
            url=_text(row, "url"),
        )
        entities = [_entity(item, f"watch[{at}]") for at, item in enumerate(_watch_list(row))]
    except ArticleError as error:
        raise ArticleError(f"line {number}: {error} (the format: tests/data/judgement/README.md)") from error
    return key, article, entities


def _watch_list(row: dict[str, Any]) -> list[object]:
    watch: list[object] = _field(row, "watch", (list,), "")
    if not watch:
        raise ArticleError("watch is empty: it lists whom to judge, as objects of key, name and schema")
    return watch


def _entity(item: object, where: str) -> Entity:
    row = _object(item, where)
    schema = _field(row, "schema", (str,), where)
    if schema not in list(Schema):
        raise ArticleError(f"{where}.schema: {schema!r} is unknown, there are {', '.join(Schema)}")
    identifiers = row.get("identifiers") or {}
    return Entity(
        key=str(_field(row, "key", (str, int), where)),
        schema=Schema(schema),
        caption=_field(row, "name", (str,), where),
        aliases=_texts(row, "aliases", where),
        weak_aliases=_texts(row, "weak_aliases", where),
        countries=_texts(row, "countries", where),
        identifiers=tuple(
            Identifier(kind, str(value)) for kind, value in _object(identifiers, f"{where}.identifiers").items()
        ),
    )


def _parse_json(line: str) -> object:
    """With a question mark for each half of a surrogate pair: nothing with one can be written."""
    try:
        row: object = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise ArticleError(f"is no JSON: {error}") from None
    if _HALF_PAIR.search(line):
        row = json.loads(json.dumps(row, ensure_ascii=False).encode("utf-8", "replace"))
    return row


def _object(value: object, where: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        at = f"{where}: " if where else ""
        raise ArticleError(f"{at}{_JSON_NAMES.get(type(value), 'a value')} is there, where an object {{…}} is needed")
    return value


_JSON_NAMES = {list: "a list", str: "a text", int: "a number", float: "a number", bool: "true or false"}


_MEANT = {  # what is often written in place of a field
    "id": ("key", "uid", "url"),
    "body": ("text", "content", "article", "full_text", "fulltext"),
    "published": ("date", "published_at", "published_on", "time", "timestamp"),
    "watch": ("watchlist", "watched", "entities", "targets", "names"),
    "key": ("id", "uid"),
    "name": ("caption", "title"),
    "schema": ("type", "kind"),
}


_HALF_PAIR = re.compile(r"[\ud800-\udfff]|\\u[dD][89a-fA-F]")  # of surrogates, or one escaped, which may be whole


def _field(row: dict[str, Any], name: str, kinds: tuple[type, ...], where: str) -> Any:
    """Raises ArticleError that names the field, and what may be meant by it."""
    at = f"{where}.{name}" if where else name
    if name not in row:
        meant = next((one for one in _MEANT[name] if one in row), "")
        raise ArticleError(f"{at} is missing" + (f"; there is {meant!r}: rename it to {name!r}" if meant else ""))
    value = row[name]
    if not isinstance(value, kinds) or isinstance(value, bool):
        wanted = _JSON_NAMES.get(kinds[0], "a value")
        raise ArticleError(f"{at} is {_JSON_NAMES.get(type(value), 'empty or an object')}, where {wanted} is needed")
    return value


def _moment(text: str) -> datetime:
    """Without a zone it is UTC."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise ArticleError(f"published: {text[:40]!r} is no time, write it as 2025-01-10T18:00:00+00:00") from None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _text(row: dict[str, Any], name: str) -> str:
    value = row.get(name) or ""
    if not isinstance(value, str):
        raise ArticleError(f"{name} is {_JSON_NAMES.get(type(value), 'an object')}, where a text is needed")
    return value


def _texts(row: dict[str, Any], name: str, where: str) -> tuple[str, ...]:
    value = row.get(name) or []
    if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
        raise ArticleError(f"{where}.{name} must be a list of texts")
    return tuple(value)


def _result(key: str, judgement: Judgement, entities: list[Entity], event_ids: list[str]) -> dict[str, Any]:
    found = {finding.entity: finding for finding in judgement.findings}
    return {
        "id": key,
        "verdicts": {e.key: str(found[e.key].verdict if e.key in found else Verdict.ABSENT) for e in entities},
        "evidence": {name: finding.evidence for name, finding in found.items() if finding.evidence},
        "confidence": {name: round(finding.confidence, 3) for name, finding in found.items()},
        "event": str(judgement.event or "none"),
        "authorities": list(judgement.authorities),
        "key_points": list(judgement.key_points),
        "event_ids": event_ids,
    }
