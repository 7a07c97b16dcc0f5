"""sanctions-bot explain and backtest: what is made of one article, and of those that are stored."""

from __future__ import annotations

import asyncio
import re
import shlex
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.markup import escape

from bot.cli.terminal import CONFIG_DIR, ConfigDir, out, read_bytes, read_watchlist, tell_file
from bot.counted import number
from bot.errors import ArticleError, ConfigError
from bot.model import Article, Backtest, Entity, Entry, HttpAnswer, Source

if TYPE_CHECKING:
    from bot.config import Settings
    from bot.matching.names import NameIndex
    from bot.ports import ArticleRecord

WatchFile = Annotated[
    Path | None, typer.Option("--watch", help="A watchlist file (CSV, XLSX or JSON) in place of the stored one.")
]


def explain(
    what: Annotated[str, typer.Argument(help="An article: its address, a file (HTML or text), or '-'.")],
    config: ConfigDir = CONFIG_DIR,
    watch: WatchFile = None,
    published: Annotated[
        str, typer.Option(help="When it appeared: 2025-06-12. If left out, as its page says, or now.")
    ] = "",
) -> None:
    """Judge one article now, and tell what was decided and why. In the light of the events that are stored; but not
    with --watch, whose names none of them knows."""
    from bot.commands import trace_message
    from bot.config import load_settings
    from bot.logs import configure_logging
    from bot.matching.names import NameIndex
    from bot.rendering import render_plain

    settings = load_settings(config)
    configure_logging("error", "text")
    appeared = _moment(published) if published else None
    article = asyncio.run(_read_article(what, settings, config))
    if appeared:
        article = replace(article, published_at=appeared)
    index = NameIndex.compile(_entities(settings, config, watch))
    record = asyncio.run(_judge_asked(article, index, settings))
    record = record if watch else _in_light(record, index, settings)
    out.print(escape(render_plain(trace_message(record, index.entities))), soft_wrap=True)


def _moment(text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise ConfigError("--published", f"{text!r} is no day", "write 2025-06-12, or 2025-06-12T10:00Z") from error
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _in_light(record: ArticleRecord, index: NameIndex, settings: Settings) -> ArticleRecord:
    from bot.pipeline import judged_in_light
    from bot.storage import SqlStore, has_database

    if not has_database(settings.store_url):
        return record
    with closing(SqlStore(settings.store_url)) as store:
        return judged_in_light(record, index, store, settings.alert_floor)


async def _judge_asked(article: Article, index: NameIndex, settings: Settings) -> ArticleRecord:
    """With the language model, if the settings name one: its calls count as the running bot's do."""
    from bot.app import build_language_model, second_reading
    from bot.pipeline import judge_asked
    from bot.storage import open_store

    model, now = build_language_model(settings), datetime.now(UTC)
    if model is None:
        return await judge_asked(article, index, now, settings.alert_floor, None)
    with open_store(settings.store_url, is_made=True) as store:
        async with model:
            second = second_reading(settings, store, model)
            return await judge_asked(article, index, now, settings.alert_floor, second)


async def _read_article(what: str, settings: Settings, config: Path) -> Article:
    from trafilatura.utils import detect_encoding  # takes half a second

    from bot.app import build_fetcher
    from bot.articles import article_from_text
    from bot.pipeline import article_of_page
    from bot.text.decoding import decode_text

    now = datetime.now(UTC)
    if what.startswith(("http://", "https://")):
        async with build_fetcher(settings) as fetcher:
            page = await fetcher.fetch(what)
        return article_of_page(page, now, *_carried(what, settings, config))
    content = read_bytes(Path(what))
    if content.startswith(b"%PDF"):
        raise ArticleError(f"{what} is a PDF: give its text, as pdftotext writes it")
    text = decode_text(content, "", detect_encoding)
    if "\x00" in text:
        raise ArticleError(f"{what} is neither text nor HTML")
    if re.search(r"<(?:html|body|article|p)\b", text[:20_000], re.I):
        return article_of_page(HttpAnswer(200, f"file:{what}", {}, content), now)
    return article_from_text(text, published_at=now)


def _carried(address: str, settings: Settings, config: Path) -> tuple[Entry | None, Source | None]:
    """The entry of a feed that has this address, and its source; neither, where there is no database yet."""
    from bot.config import SOURCES_FILE, is_there, load_sources
    from bot.sources import find_carried
    from bot.storage import has_database, open_store

    if not has_database(settings.store_url):
        return None, None
    sources = load_sources(config / SOURCES_FILE) if is_there(config / SOURCES_FILE) else {}
    with open_store(settings.store_url) as store, store.reading() as records:
        return find_carried(records, sources, address)


def _entities(settings: Settings, config: Path, watch: Path | None) -> tuple[Entity, ...]:
    """The watchlist named on the command line, else the stored one, else the configured one."""
    from bot.config import WATCHLIST_FILE

    if watch:
        watchlist = read_watchlist(watch)
        if watchlist is None:
            raise ConfigError(str(watch), "there is no such file")
        tell_file(watchlist, watch.name)
        return watchlist.entities
    if stored := _stored(settings):
        return stored
    watchlist = read_watchlist(config / WATCHLIST_FILE)
    if watchlist is None:
        return ()
    tell_file(watchlist, WATCHLIST_FILE)
    return watchlist.entities


def _stored(settings: Settings) -> tuple[Entity, ...]:
    """Who is tracked; nobody, where there is no database yet."""
    from bot.storage import has_database, open_store

    if not has_database(settings.store_url):
        return ()
    with open_store(settings.store_url) as store, store.reading() as records:
        return records.entities()


def backtest(
    name: Annotated[
        list[str] | None,
        typer.Argument(help="A name to try, as `watch add` takes it: 'NAME; OTHER NAME'; else the watchlist."),
    ] = None,
    since: Annotated[str, typer.Option(help="How far back: 30d, 12h.")] = "30d",
    threshold: Annotated[
        float | None, typer.Option(help="How probable new sanctions must be to alert, from 0 to 1; else the setting.")
    ] = None,
    watch: WatchFile = None,
    config: ConfigDir = CONFIG_DIR,
) -> None:
    """What the watchlist would have raised on the stored articles. Or a name, another watchlist, another threshold."""
    from bot.backtesting import backtest_store
    from bot.config import load_settings, parse_duration
    from bot.logs import configure_logging
    from bot.storage import open_store
    from bot.watchlist import entity_from_words

    settings = load_settings(config)
    configure_logging("error", "text")
    try:
        back = parse_duration(since)
    except ValueError as error:
        raise ConfigError("--since", str(error)) from error
    if name and watch:
        raise ConfigError("backtest", "give a name, or --watch with a watchlist file")
    try:
        entities = (entity_from_words(" ".join(name), ()),) if name else _entities(settings, config, watch)
    except ValueError as error:
        raise ConfigError("NAME", str(error)) from error
    floor = settings.alert_floor if threshold is None else threshold
    if not 0 < floor <= 1:
        raise ConfigError("--threshold", f"{floor:g} is out of range", "it is more than 0 and at most 1, as 0.6")
    now = datetime.now(UTC)
    with open_store(settings.store_url) as store:
        past = backtest_store(store, entities, now - back, now, floor)
    for line in told_backtest(past, entities):
        out.print(escape(line), soft_wrap=True)
    for tracked in _tracked_so(settings, " ".join(name)) if name else ():
        out.print(escape(_told_tracked(tracked)), soft_wrap=True)


def _tracked_so(settings: Settings, words: str) -> Sequence[Entity]:
    """Whom the words of a name mean among those who are tracked, the first three."""
    from bot.storage import SqlStore
    from bot.watchlist import find_entities

    said = re.split(r"[;|]", words)[0].strip()
    with closing(SqlStore(settings.store_url)) as store, store.reading() as records:
        return find_entities(said, records.candidates(said)).entities[:3]


def _told_tracked(entity: Entity) -> str:
    names = "; ".join((entity.caption, *entity.aliases))
    return (
        f"Tracked is {entity.caption} (key {entity.key}). To try it by all its names: sanctions-bot backtest "
        f"{shlex.quote(names)}"
    )


def told_backtest(past: Backtest, entities: Sequence[Entity]) -> Iterator[str]:
    """The figures, then each alert with its outlets and the sentences that would have decided it."""
    from bot.alerts import headline
    from bot.commands import told_past

    yield f"{number(len(entities), 'name')} tried. {told_past(past)}"
    for event in past.events:
        yield f"\n{event.opened_at:%Y-%m-%d}  {headline(event, event.targets)}"
        yield from (f"  {source.outlet}: {source.title}  {source.url}" for source in event.sources)
        yield from (f"  {target.caption}, {target.confidence:.0%}: “{target.evidence}”" for target in event.targets)
