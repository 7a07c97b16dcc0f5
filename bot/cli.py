"""The command line, a function for each command; what they do stands elsewhere.

Each imports what it needs when it is called: `--help` would take two seconds else."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import re
import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from functools import partial
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console
from rich.markup import escape
from rich.progress import Progress

import bot
from bot.errors import ArticleError, CommandError, ConfigError, SanctionsBotError
from bot.model import (
    Article,
    Attachment,
    Backtest,
    DeadJob,
    Entity,
    Event,
    HttpAnswer,
    Identifier,
    Judgement,
    Schema,
    Verdict,
)
from bot.watch_cli import watch_cli

if TYPE_CHECKING:
    from bot.app import Bot as Program
    from bot.chain import Verified
    from bot.commands.qualifiers import Asked
    from bot.config import Settings
    from bot.listings.syncing import Synced
    from bot.lists import OfficialList
    from bot.lists.standing import Standing
    from bot.lookups.found import Found, Hit, Search
    from bot.matching.names import NameIndex
    from bot.ports import ArticleRecord
    from bot.samples import Export
    from bot.spreadsheets import Row
    from bot.watchlist import WatchlistFile

cli = typer.Typer(
    name="sanctions-bot",
    help="Alerts when an article reports new sanctions on someone you track.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)
out = Console(highlight=False, emoji=False)  # else "telegram:ID:TOPIC" is shown with a picture for its middle
err = Console(stderr=True, highlight=False, emoji=False)

feedback_cli = typer.Typer(help="What people said of the bot's verdicts.", no_args_is_help=True, rich_markup_mode=None)
cli.add_typer(feedback_cli, name="feedback")
lists_cli = typer.Typer(help="The official sanctions lists.", no_args_is_help=True, rich_markup_mode=None)
cli.add_typer(lists_cli, name="lists")

audit_cli = typer.Typer(help="The log of every change.", no_args_is_help=True, rich_markup_mode=None)
cli.add_typer(audit_cli, name="audit")
cli.add_typer(watch_cli, name="watch")

jobs_cli = typer.Typer(
    help="Jobs that were given up, and why; `jobs revive` tries them again.",
    invoke_without_command=True,
    rich_markup_mode=None,
)
cli.add_typer(jobs_cli, name="jobs")

ConfigDir = Annotated[
    Path, typer.Option("--config", envvar="SANCTIONS_BOT_CONFIG_DIR", help="Folder with the configuration files.")
]
CONFIG_DIR = Path("config")
NO_LIST = (
    "No official list has been read yet, so this says nothing about listings: `sanctions-bot lists sync` fetches those "
    "that are on, `sanctions-bot lists import NAME PATH` reads a file."
)
WatchFile = Annotated[
    Path | None, typer.Option("--watch", help="A watchlist file (CSV, XLSX or JSON) in place of the stored one.")
]


def main() -> None:
    """The entry point: errors of ours are a sentence and exit code 2, not a traceback."""
    try:
        cli()
    except SanctionsBotError as error:
        from bot.commands.asking import COMMAND_MARK

        told = str(error).replace(COMMAND_MARK, "sanctions-bot ")
        err.print(f"[bold red]error:[/] {escape(told)}", soft_wrap=True)
        raise SystemExit(2) from None


# ---------------------------------------------------------------- run, demo, poll


@cli.command()
def run(
    config: ConfigDir = CONFIG_DIR,
    role: Annotated[str, typer.Option(help="What this process does, by commas: poll,match,deliver,chat,web.")] = "",
) -> None:
    """Run the bot until Ctrl-C: polls, judges, delivers, answers commands."""
    from bot.app import build, run_until_stopped, seed
    from bot.commands.phrases import number
    from bot.config import ROLES, SOURCES_FILE, WATCHLIST_FILE, load_settings, load_sources
    from bot.logs import configure_logging

    settings = load_settings(config)
    if role:
        settings = _with_roles(settings, role)
    configure_logging(settings.log_level, settings.log_format)
    sources = load_sources(config / SOURCES_FILE)
    program = build(settings, sources)
    seed(program, _read_watchlist(config / WATCHLIST_FILE))

    def on_started() -> None:
        program.warm_search()
        polled = number(sum(source.enabled for source in program.all_sources().values()), "source")
        roles = "" if set(settings.roles) == ROLES else f"{', '.join(sorted(settings.roles))}; "
        where = f"{roles}{polled}, data in {settings.data_dir}"
        out.print(f"sanctions-bot {bot.__version__}: {where}", soft_wrap=True)
        _tell_address(program.console_url, program.claim_code)
        out.print("Ctrl-C stops it, in some seconds; a second one at once, and may repeat a message.", soft_wrap=True)

    asyncio.run(run_until_stopped(program, on_started))


@cli.command()
def demo(
    port: Annotated[int, typer.Option(help="Port of the web console; 0 takes a free one.")] = 8321,
    seconds: Annotated[float, typer.Option(help="How long the replayed week takes.")] = 25.0,
    once: Annotated[bool, typer.Option("--once", help="Stop when all is replayed.")] = False,
) -> None:
    """Replay a bundled week of news: the whole bot, no token, no internet."""
    from bot.demo.run import run_demo
    from bot.logs import configure_logging

    configure_logging("error", "text")
    with tempfile.TemporaryDirectory(prefix="sanctions-bot-demo-") as folder:
        asyncio.run(run_demo(Path(folder), out, port=port, span=timedelta(seconds=seconds), once=once))


@cli.command()
def poll(config: ConfigDir = CONFIG_DIR) -> None:
    """Poll every source once, judge what is new, deliver what follows, and end. Exit code 1: a source or a list is not
    being read, which its line tells."""
    from bot.app import build, poll_once, seed
    from bot.config import SOURCES_FILE, WATCHLIST_FILE, load_settings, load_sources
    from bot.logs import configure_logging

    settings = load_settings(config)
    configure_logging(settings.log_level, settings.log_format)
    program = build(_with_roles(settings, "deliver,match,poll"), load_sources(config / SOURCES_FILE))
    seed(program, _read_watchlist(config / WATCHLIST_FILE))
    polled = asyncio.run(poll_once(program))
    for line in polled.lines:
        out.print(escape(line), soft_wrap=True)
    if polled.failed:
        err.print(escape(f"Not read: {', '.join(polled.failed)}"), soft_wrap=True)
        raise typer.Exit(1)


def _with_roles(settings: Settings, roles: str) -> Settings:
    from bot.config import ROLES

    wanted = [role.strip() for role in roles.split(",") if role.strip()]
    unknown = sorted(set(wanted) - ROLES)
    if unknown:
        raise ConfigError("--role", f"no role {', '.join(unknown)}", f"there are {', '.join(sorted(ROLES))}")
    return settings.model_copy(update={"roles": wanted})


def _tell_address(url: str, claim_code: str | None) -> None:
    from bot.commands import claim_help

    if url:
        out.print(f"Web console: {url}", soft_wrap=True)
    if claim_code:
        out.print(claim_help(claim_code), soft_wrap=True)


def _read_watchlist(path: Path) -> WatchlistFile | None:
    from bot.watchlist import parse_watchlist

    if not path.exists():
        return None
    watchlist = parse_watchlist(path.read_bytes(), path.name)
    for note in watchlist.notes:
        err.print(f"[yellow]{escape(path.name)}:[/] {escape(note)}")
    for refused in watchlist.refused:
        err.print(f"[yellow]{escape(path.name)} line {refused.line} refused:[/] {escape(refused.reason)}")
    return watchlist


# ---------------------------------------------------------------- status, jobs


@cli.command()
def status(config: ConfigDir = CONFIG_DIR) -> None:
    """Every process on this database, its roles and version, the queues and their lag, dead jobs, a day's trouble."""
    from bot.commands import machines_message
    from bot.config import load_settings
    from bot.engine import DbosEngine
    from bot.logs import configure_logging
    from bot.rendering import render_plain
    from bot.storage import SqlStore

    configure_logging("error", "text")
    url, now = load_settings(config).store_url, datetime.now(UTC)
    store = SqlStore(url)  # first: it tells what is wrong with a URL
    engine = DbosEngine(url)
    try:
        with store.reading() as records:
            troubles = records.troubles_since(now - timedelta(days=1), 10)
        message = machines_message(engine.machines(), now, troubles)
    finally:
        engine.close()
        store.close()
    out.print(escape(render_plain(message)), soft_wrap=True)


def _idle(config: Path) -> Program:
    """The program, to look at its database: it does nothing itself, beside whatever runs."""
    from bot.app import build
    from bot.config import load_settings
    from bot.logs import configure_logging

    settings = load_settings(config)
    configure_logging("error", "text")
    return build(settings.model_copy(update={"roles": []}), {})


@jobs_cli.callback()
def jobs(context: typer.Context, config: ConfigDir = CONFIG_DIR) -> None:
    """List the jobs that were given up or parked, newest first, each with its reason."""
    context.obj = config
    if context.invoked_subcommand is None:
        for line in _listed_or_revived(config, lambda _dead: ()):
            out.print(escape(line), soft_wrap=True)


@jobs_cli.command("revive")
def jobs_revive(
    context: typer.Context,
    ids: Annotated[list[str] | None, typer.Argument(help="Jobs as `jobs` lists them.")] = None,
    everything: Annotated[bool, typer.Option("--all", help="All of them.")] = False,
) -> None:
    """Try dead jobs again, with all their tries anew, at their old place."""
    if bool(ids) == everything:
        raise ConfigError("jobs revive", "needs jobs or --all", "`sanctions-bot jobs` lists them")
    wanted = tuple(ids or ())
    for line in _listed_or_revived(context.obj, lambda dead: tuple(job.id for job in dead) if everything else wanted):
        out.print(escape(line), soft_wrap=True)


def _listed_or_revived(config: Path, choose: Callable[[Sequence[DeadJob]], Sequence[str]]) -> Iterator[str]:
    from bot.commands import told_dead
    from bot.commands.phrases import number

    program = _idle(config)
    try:
        dead = asyncio.run(program.engine.dead())
        if revived := choose(dead):
            dead = asyncio.run(program.engine.dead(revived))
            yield f"{number(len(revived), 'job')} put back: the next free process takes them."
    finally:
        program.close()
    yield f"{number(len(dead), 'dead job')}." if dead else "No dead job."
    yield from map(told_dead, dead)
    if dead:
        yield "`sanctions-bot jobs revive ID …` tries them again, `--all` all of them."


# ---------------------------------------------------------------- judge, explain, lookup


@cli.command()
def judge(
    file: Annotated[Path, typer.Argument(help="Articles, one JSON object a line; '-' reads standard input.")],
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="Where to write; standard output if left out.")
    ] = None,
    config: ConfigDir = CONFIG_DIR,
) -> None:
    """Judge articles offline, each on its own `watch` list: a back-test on an archive of your own."""
    from bot.config import load_settings

    alert_floor = load_settings(config).alert_floor
    if output is not None and not output.absolute().parent.is_dir():  # said before the work, not after it
        raise ConfigError(str(output), "cannot be written: there is no such folder")
    results = judge_lines(sys.stdin if str(file) == "-" else _open(file), alert_floor)
    _write_lines(results, output)
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
    from bot.events import RECENT, cluster
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

    events: dict[str, Event] = {}
    results: list[dict[str, Any]] = [{} for _ in rows]
    with ThreadPoolExecutor(os.cpu_count()) as pool:  # most of a judgement is numpy's, which lets others run
        alone = list(pool.map(judged, range(len(rows))))
    for position in order:
        key, article, entities = rows[position]
        judgement, whole = alone[position]
        changed: list[Event] = []
        recent = (event for event in events.values() if article.published_at - event.updated_at <= RECENT)
        known = sorted(recent, key=lambda event: event.updated_at, reverse=True)
        judgement = same.corroborated(article, judgement, entities, known, floor)
        if judgement.of(Verdict.NEW_SANCTIONS):
            told = same.judged(judgement, entities, whole or of_everyone(article))
            changes = cluster(article, told, everyone.entities, known, article.published_at)
            changed = [event for change in changes for event in (change.event, *change.merged)]
            events |= {event.key: event for event in changed}
        results[position] = _result(key, judgement, entities, [event.key for event in changed])
    return results


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

    def corroborated(
        self, article: Article, own: Judgement, entities: Iterable[Entity], known: Sequence[Event], alert_floor: float
    ) -> Judgement:
        """The line's own judgement in the light of what earlier lines told."""
        from bot.events import corroborate

        keys = {entity.key: self._key(entity) for entity in entities}
        shared = replace(own, findings=tuple(replace(one, entity=keys[one.entity]) for one in own.findings))
        told = corroborate(article, shared, self._entities, known, article.published_at, alert_floor)
        pairs = zip(told.findings, own.findings, strict=True)
        return replace(told, findings=tuple(replace(one, entity=before.entity) for one, before in pairs))

    def _key(self, entity: Entity) -> str:
        from bot.folding import fold_key

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


@cli.command()
def explain(
    what: Annotated[str, typer.Argument(help="An article: its address, a file (HTML or text), or '-'.")],
    config: ConfigDir = CONFIG_DIR,
    watch: WatchFile = None,
) -> None:
    """Judge one article now and tell, as a person reads it, what was decided and why: in the light of the events that
    are stored, but with --watch, whose names none of them knows."""
    from bot.commands import trace_message
    from bot.config import load_settings
    from bot.logs import configure_logging
    from bot.matching.names import NameIndex
    from bot.rendering import render_plain

    settings = load_settings(config)
    configure_logging("error", "text")
    article = asyncio.run(_read_article(what, settings))
    index = NameIndex.compile(_entities(settings, config, watch))
    record = asyncio.run(_judge_asked(article, index, settings))
    record = record if watch else _in_light(record, index, settings)
    out.print(escape(render_plain(trace_message(record, index.entities))), soft_wrap=True)


def _in_light(record: ArticleRecord, index: NameIndex, settings: Settings) -> ArticleRecord:
    from bot.pipeline import judged_in_light
    from bot.storage import SqlStore

    store = SqlStore(settings.store_url)
    try:
        return judged_in_light(record, index, store, settings.alert_floor)
    finally:
        store.close()


async def _judge_asked(article: Article, index: NameIndex, settings: Settings) -> ArticleRecord:
    """With the language model, if the settings name one: its calls count as the running bot's do."""
    from bot.app import build_language_model, second_reading
    from bot.pipeline import judge_asked
    from bot.storage import SqlStore

    model, now = build_language_model(settings), datetime.now(UTC)
    if model is None:
        return await judge_asked(article, index, now, settings.alert_floor, None)
    store = SqlStore(settings.store_url)
    try:
        store.migrate()
        async with model:
            second = second_reading(settings, store, model)
            return await judge_asked(article, index, now, settings.alert_floor, second)
    finally:
        store.close()


async def _read_article(what: str, settings: Settings) -> Article:
    from trafilatura.utils import detect_encoding  # takes half a second

    from bot.articles import article_from_text
    from bot.decoding import decode_text
    from bot.fetching import HttpFetcher
    from bot.pipeline import article_of_page

    now = datetime.now(UTC)
    if what.startswith(("http://", "https://")):
        fetcher = HttpFetcher(
            timeout=settings.fetch_timeout,
            max_bytes=settings.fetch_max_bytes,
            allow_hosts=frozenset(settings.fetch_allow_hosts),
            user_agent=settings.user_agent,
        )
        try:
            page = await fetcher.fetch(what)
        finally:
            await fetcher.close()
        return article_of_page(page, now)
    content = _read_bytes(Path(what))
    if content.startswith(b"%PDF"):
        raise ArticleError(f"{what} is a PDF: give its text, as pdftotext writes it")
    text = decode_text(content, "", detect_encoding)
    if "\x00" in text:
        raise ArticleError(f"{what} is neither text nor HTML")
    if re.search(r"<(?:html|body|article|p)\b", text[:20_000], re.I):
        return article_of_page(HttpAnswer(200, f"file:{what}", {}, content), now)
    return article_from_text(text, published_at=now)


def _read_bytes(path: Path) -> bytes:
    """`-` is standard input."""
    try:
        return sys.stdin.buffer.read() if str(path) == "-" else path.read_bytes()
    except OSError as error:
        raise ConfigError(str(path), f"cannot be read: {error.strerror}", "give a file that there is") from error


def _entities(settings: Settings, config: Path, watch: Path | None) -> tuple[Entity, ...]:
    """The watchlist named on the command line, else the stored one, else the configured one."""
    from bot.config import WATCHLIST_FILE
    from bot.storage import SqlStore

    if watch:
        watchlist = _read_watchlist(watch)
        if watchlist is None:
            raise ConfigError(str(watch), "there is no such file")
        return watchlist.entities
    store = SqlStore(settings.store_url)
    try:
        store.migrate()
        with store.reading() as records:
            stored = records.entities()
    finally:
        store.close()
    if stored:
        return stored
    watchlist = _read_watchlist(config / WATCHLIST_FILE)
    return watchlist.entities if watchlist else ()


@cli.command()
def lookup(
    name: Annotated[
        list[str] | None, typer.Argument(help="A name, a number (IMO, LEI, wallet …), an id on a list, or a file.")
    ] = None,
    file: Annotated[
        Path | None,
        typer.Option("--file", help="A CSV or XLSX of names, up to 10,000: all are looked up; '-' is standard input."),
    ] = None,
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", help="Where to write, .csv or .xlsx; standard output (CSV) if left out."),
    ] = None,
    threshold: Annotated[
        float | None, typer.Option(help="How like a name must be, from 0 to 1; else the setting.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Write all that was found as JSON.")] = False,
    on: Annotated[str, typer.Option(help="A day, as 2024-05-01: was it listed then?")] = "",
    born: Annotated[str, typer.Option(help="A birth date or year, as 1975 or 1975-03-02: moves the score.")] = "",
    country: Annotated[str, typer.Option(help="A country, as RU or Russia: moves the score.")] = "",
    config: ConfigDir = CONFIG_DIR,
) -> None:
    """Whom may a name mean, of all that is tracked and on official lists, and what was found of it? Exit code 0,
    whether there is a hit or not; 2 if it could not be looked up; 3 if no official list has been read, so that nothing
    is said of listings."""
    from bot.app import NAMES_FOLDER, answer_once
    from bot.commands.official import standings
    from bot.commands.past import split_day
    from bot.config import SOURCES_FILE, load_settings, load_sources
    from bot.logs import configure_logging
    from bot.rendering import render_plain
    from bot.search_process import build_searcher
    from bot.storage import SqlStore

    words = " ".join(name or ())
    if file is None and words.casefold().endswith(_TABLES):  # no name ends so: a path that is misspelt is no answer
        words, file = "", Path(words)
    if bool(words) == (file is not None):
        raise ConfigError("lookup", "give a name, or --file with a table of names")
    if file is not None and as_json:
        raise ConfigError("--json", "tells of one name", "a table of names is answered with a table: -o OUT.xlsx")
    if file is not None and (born or country):
        raise ConfigError("--born and --country", "tell of one name", "a table has columns birth_date and country")
    words = " ".join([words, *[f"| born={born}"] * bool(born), *[f"| country={country}"] * bool(country)])
    asked, today = _asked(words), datetime.now(UTC).date()
    try:
        alone, day = split_day(f"{asked.name} on {on}" if on else asked.name, today)
    except CommandError as error:
        raise ConfigError("--on", str(error)) from error
    if on and day is None:
        raise ConfigError("--on", f"{on!r} is no day", "write it as 2024-05-01")
    settings = load_settings(config)
    configure_logging("error", "text")
    floor = settings.lookup_threshold if threshold is None else threshold
    if not 0 <= floor <= 1:
        raise ConfigError("--threshold", f"{floor:g} is not from 0 to 1")
    store, is_answered = SqlStore(settings.store_url), True
    try:
        store.migrate()
        search = build_searcher(store, settings.data_dir.absolute() / NAMES_FOLDER)
        if file is not None:
            _screen(file, search, floor, output)
        elif as_json:
            found = search(replace(asked, name=alone).query(floor))
            with store.reading() as records:
                past = standings(records, found.hits, day) if day else ()
            _write_text(json.dumps(found_json(found, day, past), ensure_ascii=False, indent=2), output)
        else:
            words = f"{words} on {on}" if on else words
            path = config / SOURCES_FILE
            sources = load_sources(path) if path.exists() else {}
            reply = answer_once(store, sources, f"lookup {words}", settings.alert_floor, search, floor)
            out.print(escape(render_plain(reply.message)), soft_wrap=True)
            is_answered = reply.ok
        with store.reading() as records:
            has_lists = records.listings_revision() > 0
    finally:
        store.close()
    if not has_lists:
        if file is not None or as_json or day:  # the card of a name says so itself
            err.print(f"[yellow]{escape(NO_LIST)}[/]", soft_wrap=True)
        raise typer.Exit(3)
    if not is_answered:
        raise typer.Exit(2)


def _asked(words: str) -> Asked:
    from bot.commands.qualifiers import split_qualifiers

    try:
        return split_qualifiers(words, datetime.now(UTC).date())
    except CommandError as error:
        raise ConfigError("lookup", str(error)) from error


def _screen(file: Path, search: Search, threshold: float, output: Path | None) -> None:
    """Progress goes to standard error: standard output may be the table."""
    from bot.commands.phrases import number
    from bot.commands.screening import read_names, screen
    from bot.spreadsheets import write_xlsx

    names = read_names(_read_bytes(file), _file_name(file))
    for note in names.notes:
        err.print(f"[yellow]{escape(note)}[/]")
    with Progress(console=err, transient=True) as bar:
        task = bar.add_task("Looking up", total=len(names.rows))
        screened = screen(names, search, threshold, lambda done, _hits: bar.update(task, completed=done))
    if output is not None and output.suffix.casefold() == ".xlsx":
        _write_bytes(write_xlsx(screened.rows, "Look-up"), output)
    else:
        _write_table(screened.rows, output)
    err.print(f"{number(len(names.rows), 'name')} looked up: {screened.hits:,} with a hit.")


def _write_table(rows: Iterable[Sequence[str]], output: Path | None) -> None:
    from bot.spreadsheets import write_csv

    _write_text(write_csv(rows).decode("utf-8").removeprefix("\ufeff").replace("\r\n", "\n").rstrip("\n"), output)


def _write_text(text: str, output: Path | None) -> None:
    if output is None:
        sys.stdout.write(text + "\n")
        return
    _write_bytes(f"{text}\n".encode("utf-8", "replace"), output)


def _write_bytes(content: bytes, output: Path) -> None:
    try:
        output.write_bytes(content)
    except OSError as error:
        raise ConfigError(str(output), f"cannot be written: {error.strerror}") from error


_TABLES = (".csv", ".tsv", ".xlsx")


def _file_name(path: Path) -> str:
    return "standard input" if str(path) == "-" else path.name


def found_json(found: Found, day: date | None = None, stood: Iterable[tuple[Hit, Standing]] = ()) -> dict[str, Any]:
    """What a look-up found, with plain values: docs/lookups.md has the shape. With a day, how the records stood."""
    past = [
        {"list": hit.record.listing.list, "uid": hit.record.listing.uid, "listed": one.is_listed, "why": one.why}
        for hit, one in stood
        if hit.record
    ]
    return {
        **({"on": {"day": day.isoformat(), "records": past}} if day else {}),
        "hits": [_hit_json(hit) for hit in found.hits],
        "near": [_hit_json(hit) for hit in found.near],
        "lowered": [_hit_json(hit) for hit in found.lowered],
        "searched": [
            {"list": one.list, "entries": one.entries, "read_at": one.read_at.isoformat() if one.read_at else None}
            for one in found.lists
        ],
    }


def _hit_json(hit: Hit) -> dict[str, Any]:
    row: dict[str, Any] = {"score": round(hit.score, 4), "name": hit.name, "explanation": hit.explanation}
    if hit.by_name is not None:
        row["by_name"] = round(hit.by_name, 4)
    if hit.entity is not None:
        return {**row, "tracked": hit.entity.key, "watchlist": hit.entity.watchlist, "caption": hit.entity.caption}
    if hit.record is None:
        return row
    listing = hit.record.listing
    dates = {"listed_on": listing.listed_on, "delisted_on": listing.delisted_on, "removed_on": hit.record.removed_on}
    return {
        **row,
        "list": listing.list,
        "uid": listing.uid,
        "schema": str(listing.schema),
        "caption": listing.caption,
        "programmes": list(listing.programmes),
        "countries": list(listing.countries),
        **{name: day.isoformat() if day else None for name, day in dates.items()},
        "url": listing.url,
    }


@cli.command()
def compare(
    pairs: Annotated[
        Path,
        typer.Argument(help="A CSV or XLSX with the columns schema, name1, name2; others are kept; '-' is stdin."),
    ],
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="Where to write; standard output if left out.")
    ] = None,
) -> None:
    """How like are two names, and why? Adds score and explanation to a table of pairs, to tune the threshold by. Exit
    code 0: all pairs are scored; 1: all but the lines that are told on standard error; 2: none."""
    from bot.spreadsheets import read_table

    table = read_table(_read_bytes(pairs), _file_name(pairs))
    for refused in table.refused:
        err.print(f"[yellow]line {refused.line}[/] {escape(refused.reason)}: left out")
    for note in table.notes:
        err.print(f"[yellow]{escape(note)}[/]")
    with _progress_bar("Comparing") as progress:
        _write_table(list(compared_rows(table.rows, _file_name(pairs), progress)), output)
    if table.refused:
        raise typer.Exit(1)


def compared_rows(
    rows: Sequence[Row], name: str, progress: Callable[[float], None] = lambda _share: None
) -> Iterator[tuple[str, ...]]:
    """The header with score and explanation, then each pair in its order. Where no schema is given, the names tell
    whether they are people's. Raises ConfigError that names the column or line."""
    from bot.commands.phrases import joined
    from bot.lookups import compare_names

    header = [cell.strip().casefold() for cell in rows[0].cells] if rows else []
    missing = [column for column in ("schema", "name1", "name2") if column not in header]
    if missing:
        word = "column" if len(missing) == 1 else "columns"
        raise ConfigError(
            name, f"the {word} {joined(missing)} {'is' if len(missing) == 1 else 'are'} missing",
            f"its first line names the columns: it reads {', '.join(header)[:100]!r}",
        )  # fmt: skip
    at = {column: header.index(column) for column in ("schema", "name1", "name2")}
    schemas = [_schema_of(row, at["schema"], name) for row in rows[1:]]
    width = max(len(row.cells) for row in rows)
    yield (*rows[0].cells, *([""] * (width - len(header))), "score", "explanation")
    for done, (row, schema) in enumerate(zip(rows[1:], schemas, strict=True)):
        progress(done / len(schemas))
        cells = (*row.cells, *([""] * (width - len(row.cells))))
        found = compare_names(cells[at["name1"]], cells[at["name2"]], schema)
        yield (*cells, f"{found.score:.4f}", found.explanation)


def _schema_of(row: Row, at: int, name: str) -> Schema:
    from bot.watchlist import parse_schema

    text = row.cells[at].strip() if at < len(row.cells) else ""
    try:
        return parse_schema(text) if text else Schema.LEGAL_ENTITY
    except ValueError as error:
        raise ConfigError(f"{name} line {row.line}", str(error)) from error


@cli.command()
def feeds(
    words: Annotated[
        list[str] | None,
        typer.Argument(
            help="Nothing to see them; `add ADDRESS [NAME]`, `confirm CODE`, `remove NAME`, `pause NAME`, `resume "
            "NAME`, `undo [NAME]`, `import FILE`, `export`."
        ),
    ] = None,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="Of export: where to; else standard output.")
    ] = None,
    config: ConfigDir = CONFIG_DIR,
) -> None:
    """Is every source being read? Add, pause and remove feeds, as in a chat."""
    from bot.app import tend_feeds_once
    from bot.config import SOURCES_FILE, load_settings, load_sources
    from bot.logs import configure_logging
    from bot.rendering import render_plain

    verb, *rest = words or [""]
    file = None
    if verb == "import" and rest:
        file = _attachment(Path(" ".join(rest)))
    elif verb == "import":
        raise ConfigError("feeds import", "needs the OPML file", "sanctions-bot feeds import feeds.opml")
    settings = load_settings(config)
    configure_logging("error", "text")
    reply = tend_feeds_once(settings, load_sources(config / SOURCES_FILE), " ".join(words or ()), file)
    if reply.attachment and output is None:
        sys.stdout.buffer.write(reply.attachment.content)
        return
    if reply.attachment and output:
        _write_bytes(reply.attachment.content, output)
    out.print(escape(render_plain(reply.message)), soft_wrap=True)
    if not reply.ok:
        raise typer.Exit(2)


def _attachment(path: Path) -> Attachment:
    try:
        return Attachment(path.name, path.read_bytes())
    except OSError as error:
        raise ConfigError(str(path), f"cannot be read: {error.strerror}") from error


@cli.command()
def admin(
    words: Annotated[
        list[str] | None,
        typer.Argument(help="`add USER [ROLE] [for …]`, `remove USER [for …]`, `list`; a USER as telegram:123456789."),
    ] = None,
    config: ConfigDir = CONFIG_DIR,
) -> None:
    """Who has which role; appoint and dismiss people from this machine, also where no owner is left to do it."""
    from bot.app import tend_people_once
    from bot.config import load_settings
    from bot.logs import configure_logging
    from bot.rendering import render_plain

    settings = load_settings(config)
    configure_logging("error", "text")
    reply = tend_people_once(settings, " ".join(words or ()))
    out.print(escape(render_plain(reply.message)), soft_wrap=True)
    if not reply.ok:
        raise typer.Exit(2)


@cli.command()
def outbox(
    words: Annotated[
        list[str] | None, typer.Argument(help="Nothing to see it; `retry ID`, `retry all`, or `drop ID WHY`.")
    ] = None,
    config: ConfigDir = CONFIG_DIR,
) -> None:
    """What waits to be sent, what was given up and why; try it again, or drop it."""
    from bot.app import tend_outbox_once
    from bot.config import load_settings
    from bot.logs import configure_logging
    from bot.rendering import render_plain

    settings = load_settings(config)
    configure_logging("error", "text")
    reply = tend_outbox_once(settings, " ".join(words or ()))
    out.print(escape(render_plain(reply.message)), soft_wrap=True)
    if not reply.ok:
        raise typer.Exit(2)


@cli.command()
def backtest(
    since: Annotated[str, typer.Option(help="How far back: 30d, 12h.")] = "30d",
    name: Annotated[str, typer.Option(help="One name to try, as `watch add` takes it: 'NAME; OTHER NAME'.")] = "",
    threshold: Annotated[
        float | None, typer.Option(help="How probable new sanctions must be to alert, from 0 to 1; else the setting.")
    ] = None,
    watch: WatchFile = None,
    config: ConfigDir = CONFIG_DIR,
) -> None:
    """What would a watchlist, a name or a threshold have raised on the stored articles?"""
    from bot.backtesting import backtest_store
    from bot.config import load_settings, parse_duration
    from bot.logs import configure_logging
    from bot.storage import SqlStore
    from bot.watchlist import entity_from_words

    settings = load_settings(config)
    configure_logging("error", "text")
    try:
        back = parse_duration(since)
        entities = (entity_from_words(name, ()),) if name else _entities(settings, config, watch)
    except ValueError as error:
        raise ConfigError("--name" if name else "--since", str(error)) from error
    floor = settings.alert_floor if threshold is None else threshold
    if not 0 < floor <= 1:
        raise ConfigError("--threshold", f"{floor:g} is out of range", "it is more than 0 and at most 1, as 0.6")
    store, now = SqlStore(settings.store_url), datetime.now(UTC)
    try:
        store.migrate()
        past = backtest_store(store, entities, now - back, now, floor)
    finally:
        store.close()
    for line in told_backtest(past, entities):
        out.print(escape(line), soft_wrap=True)


def told_backtest(past: Backtest, entities: Sequence[Entity]) -> Iterator[str]:
    """The figures, then each alert with its outlets and the sentences that would have decided it."""
    from bot.alerts import headline
    from bot.commands import told_past
    from bot.commands.phrases import number

    yield f"{number(len(entities), 'name')} tried. {told_past(past)}"
    for event in past.events:
        yield f"\n{event.opened_at:%Y-%m-%d}  {headline(event, event.targets)}"
        yield from (f"  {source.outlet}: {source.title}  {source.url}" for source in event.sources)
        yield from (f"  {target.caption}, {target.confidence:.0%}: “{target.evidence}”" for target in event.targets)


# ---------------------------------------------------------------- feedback


@feedback_cli.command("export")
def feedback_export(
    since: Annotated[str, typer.Option(help="Only what was said in this time: 30d, 12h. Everything if left out.")] = "",
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="Where to write; standard output if left out.")
    ] = None,
    config: ConfigDir = CONFIG_DIR,
) -> None:
    """Write what people said as labelled articles, one JSON object a line, in the format that `judge` reads."""
    from bot.config import load_settings, parse_duration
    from bot.samples import export
    from bot.storage import SqlStore

    settings, now = load_settings(config), datetime.now(UTC)
    try:
        start = now - parse_duration(since) if since else datetime(1970, 1, 1, tzinfo=UTC)
    except (ValueError, OverflowError) as error:
        raise ConfigError("--since", str(error)) from error
    store = SqlStore(settings.store_url)
    try:
        store.migrate()
        with store.reading() as records:
            exported = export(records.feedback_since(start))
    finally:
        store.close()
    _write_lines(exported.rows, output)
    for line in told_export(exported, output):
        err.print(escape(line), soft_wrap=True)


def _write_lines(rows: Iterable[dict[str, Any]], output: Path | None) -> None:
    text = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
    if output is None:
        sys.stdout.write(text)
        return
    try:
        output.write_text(text, encoding="utf-8")
    except OSError as error:
        raise ConfigError(str(output), f"cannot be written: {error.strerror}") from error


def told_export(exported: Export, output: Path | None) -> Iterator[str]:
    """What was written, and what was not and why; on standard error, as standard output may be the file."""
    from bot.commands.phrases import number

    labels = sum(len(row["labels"]) for row in exported.rows)
    where = f" to {output}" if output else ""
    yield f"{number(labels, 'label')} on {number(len(exported.rows), 'article')} written{where}."
    if exported.disputed:
        yield f"{number(exported.disputed, 'name')} disputed: what most people said is written, else the last."
    if exported.without_article:
        yield f"{number(exported.without_article, 'opinion')} left out: the article was no longer kept by then."


# ---------------------------------------------------------------- audit


@audit_cli.command("verify")
def audit_verify(
    expect: Annotated[
        str, typer.Option(help="A digest that was noted before: is it still in the log? Tells if the end was cut off.")
    ] = "",
    config: ConfigDir = CONFIG_DIR,
) -> None:
    """Recompute the chain of the log of changes; exit code 1 if a row was changed, added or taken out."""
    from bot.chain import verify
    from bot.config import load_settings
    from bot.storage import SqlStore

    if expect and not re.fullmatch(r"[0-9a-fA-F]{64}", expect.strip()):
        raise ConfigError("--expect", "is no digest", "it is 64 hexadecimal digits, as `audit verify` prints them")
    store = SqlStore(load_settings(config).store_url)
    try:
        store.migrate()
        with store.reading() as records:
            checked = verify(records.audit_chain(), expect)
    finally:
        store.close()
    for line in told_chain(checked):
        out.print(escape(line), soft_wrap=True)
    if not checked.is_sound:
        raise typer.Exit(1)


def told_chain(checked: Verified) -> Iterator[str]:
    """What holds, and the digest to note elsewhere."""
    from bot.commands.phrases import number

    if checked.broken is not None:
        yield f"BROKEN at row {checked.broken}: {checked.reason}."
        yield f"{number(checked.rows, 'row')} before it sound, up to digest {checked.head}"
    else:
        yield f"Sound: {number(checked.rows, 'row')}, head {checked.head}"
        if checked.has_expected is None:
            yield "Note the head elsewhere; later `audit verify --expect HEAD` also tells if the end was cut off."
    if checked.has_expected is not None:
        found = "is in the log" if checked.has_expected else "is NOT in the log: rows at its end were taken out"
        yield f"The expected digest {found}."


# ---------------------------------------------------------------- lists


@lists_cli.command("import")
def lists_import(
    name: Annotated[str, typer.Argument(help="The list: its key, as us_ofac_sdn, or a short form, as ofac.")],
    path: Annotated[Path, typer.Argument(help="Its file, packed or not, or the folder of its set of files.")],
    accept: Annotated[
        bool, typer.Option("--accept", help="Take it over although a guard would stop it, as far fewer entries.")
    ] = False,
    config: ConfigDir = CONFIG_DIR,
) -> None:
    """Read an official list from files that you have. Exit code 0: taken over; 1: not taken over, by a guard or as a
    file is broken, and the stored list stands; 2: no such list, folder or setting."""
    from bot.config import load_settings
    from bot.listings.importing import ListFolder, find_files
    from bot.listings.syncing import take_files
    from bot.logs import configure_logging
    from bot.storage import SqlStore

    settings, official = load_settings(config), _one_list(name)
    configure_logging("error", "text")
    files, store = find_files(official, path), SqlStore(settings.store_url)
    folder = ListFolder(settings.lists_dir, settings.lists_keep)
    try:
        store.migrate()
        with _progress_bar(f"Reading the {official.title}") as progress:
            synced = take_files(store, official, files, folder, accept=accept, by="shell", progress=progress)
    finally:
        store.close()
    _tell_synced(official.title, synced)
    if not synced.is_fine:
        raise typer.Exit(1)


@lists_cli.command("sync")
def lists_sync(
    name: Annotated[str, typer.Argument(help="The list; those that are switched on if left out.")] = "",
    config: ConfigDir = CONFIG_DIR,
) -> None:
    """Look at the official lists now, and take over what changed. Exit code 1 if one of them was not read."""
    from bot.app import sync_by_hand
    from bot.config import load_settings
    from bot.lists import LISTS
    from bot.logs import configure_logging

    settings = load_settings(config)
    configure_logging("error", "text")
    wanted = [_one_list(name)] if name else [LISTS[key] for key in settings.lists]
    if not wanted:
        raise ConfigError("lists", "no list is switched on", "name one, or set lists; `lists status` shows them")
    are_fine = []
    for official in wanted:
        with _progress_bar(f"Reading the {official.title}") as progress:
            synced = asyncio.run(sync_by_hand(settings, official, progress))
        _tell_synced(official.title, synced)
        are_fine.append(synced.is_fine)
    if not all(are_fine):
        raise typer.Exit(1)


@lists_cli.command("status")
def lists_status(config: ConfigDir = CONFIG_DIR) -> None:
    """Each list: on or off, its licence, its last reading, its entries, the next look, what is in the way."""
    from bot.commands.asking import ListServices
    from bot.commands.listing import load_lists, told_status
    from bot.config import load_settings
    from bot.listings.importing import ListFolder, next_step
    from bot.lists import LISTS
    from bot.logs import configure_logging
    from bot.storage import SqlStore

    settings = load_settings(config)
    configure_logging("error", "text")
    store = SqlStore(settings.store_url)
    try:
        store.migrate()
        with store.reading() as records:
            folder = ListFolder(settings.lists_dir, settings.lists_keep)
            services = ListServices(LISTS, frozenset(settings.lists), next_step=partial(next_step, folder=folder))
            found = load_lists(records, services)
    finally:
        store.close()
    for one in found:
        out.print(f"{one.official.key} · {one.official.title}", style="bold", markup=False, soft_wrap=True)
        out.print(f"  {told_status(one, datetime.now(UTC))}", markup=False, soft_wrap=True)


def _one_list(name: str) -> OfficialList:
    from bot.commands.listing import find_lists
    from bot.lists import LISTS

    found = find_lists(name, LISTS)
    if len(found) > 1:
        raise ConfigError("NAME", f"{name!r} may be {', '.join(official.key for official in found)}", "write the key")
    return found[0]


@contextlib.contextmanager
def _progress_bar(what: str) -> Iterator[Callable[[float], None]]:
    """A bar in a terminal; nothing where the output goes to a file or a program."""
    if not err.is_terminal:
        yield lambda _share: None
        return
    with Progress(console=err, transient=True) as bar:
        task = bar.add_task(escape(what), total=1.0)
        yield lambda share: bar.update(task, completed=share)


def _tell_synced(title: str, synced: Synced) -> None:
    out.print(f"{title}: {synced.text}", markup=False, soft_wrap=True)
    for note in synced.record.notes[:5] if synced.record else ():
        err.print(f"[yellow]refused:[/] {escape(note)}", soft_wrap=True)
    if synced.record and synced.is_fine and not synced.record.is_baseline:
        out.print("What concerns tracked names is told by the running bot, or by `sanctions-bot poll`.", soft_wrap=True)


# ---------------------------------------------------------------- migrate, version


@cli.command()
def migrate(config: ConfigDir = CONFIG_DIR) -> None:
    """Bring the database's schema up to date (`run` does it too)."""
    from bot.config import load_settings
    from bot.storage import SqlStore

    settings = load_settings(config)
    store = SqlStore(settings.store_url)
    try:
        out.print(f"schema at {store.migrate()}")
    finally:
        store.close()


@cli.command()
def backup(
    target: Annotated[Path, typer.Argument(help="The file to write; one that is there stays.")],
    config: ConfigDir = CONFIG_DIR,
) -> None:
    """Copy a SQLite database to a file, whole and of one moment, while the bot runs."""
    from bot.config import load_settings
    from bot.storage import copy_database

    copy_database(load_settings(config).store_url, target)
    out.print(f"{escape(str(target))}: {target.stat().st_size / 1e6:.1f} MB", soft_wrap=True)


@cli.command()
def version() -> None:
    """Print the version."""
    out.print(bot.__version__)
