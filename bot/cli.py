"""The command line, a function for each command; what they do stands elsewhere, and so do the larger groups of them.

Each imports what it needs when it is called: `--help` would take two seconds else."""

from __future__ import annotations

import asyncio
import re
import shlex
import tempfile
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.markup import escape

import bot
from bot.counted import number
from bot.errors import ArticleError, ConfigError, SanctionsBotError
from bot.judge_cli import judge, judge_lines
from bot.lists_cli import lists_cli
from bot.lookup_cli import compare, lookup
from bot.model import Article, Attachment, Backtest, DeadJob, Entity, Entry, HttpAnswer, Reply, Source
from bot.terminal import CONFIG_DIR, ConfigDir, err, find_form, out, read_bytes, write_bytes, write_lines, write_out
from bot.watch_cli import watch_cli

if TYPE_CHECKING:
    from bot.app import Bot as Program
    from bot.chain import Verified
    from bot.config import Settings
    from bot.matching.names import NameIndex
    from bot.ports import ArticleRecord
    from bot.samples import Export
    from bot.watchlist import WatchlistFile

__all__ = ["cli", "judge_lines", "main"]

cli = typer.Typer(
    name="sanctions-bot",
    help="Alerts when an article reports new sanctions on someone you track.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)

feedback_cli = typer.Typer(help="What people said of the bot's verdicts.", no_args_is_help=True, rich_markup_mode=None)
cli.add_typer(feedback_cli, name="feedback")
cli.add_typer(lists_cli, name="lists")

audit_cli = typer.Typer(help="The log of every change.", no_args_is_help=True, rich_markup_mode=None)
cli.add_typer(audit_cli, name="audit")
cli.add_typer(watch_cli, name="watch")

jobs_cli = typer.Typer(
    help="Jobs that were given up, and why. `jobs revive` tries them again.",
    invoke_without_command=True,
    rich_markup_mode=None,
)
cli.add_typer(jobs_cli, name="jobs")

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
    """Run the bot until Ctrl-C. It polls, judges, delivers and answers commands."""
    from bot.app import build, run_until_stopped
    from bot.config import ROLES, SOURCES_FILE, WATCHLIST_FILE, load_settings, load_sources
    from bot.logs import configure_logging
    from bot.seeding import seed

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
        with program.store.reading() as records:
            tracked = number(records.count_entities(), "tracked name")
        where = f"{roles}{polled}, {tracked}, data in {_told_place(settings)}"
        out.print(f"sanctions-bot {bot.__version__}: {where}", soft_wrap=True)
        _tell_address(program.console_url, program.claim_code)
        for line in _unreached(settings, program.platforms):
            err.print(f"[yellow]{escape(line)}[/]", soft_wrap=True)
        out.print("Ctrl-C stops it, in some seconds; a second one at once, and may repeat a message.", soft_wrap=True)

    asyncio.run(run_until_stopped(program, on_started))


def _told_place(settings: Settings) -> str:
    """Where the data are: the folder, or which database on which server; never its password."""
    if not settings.database_url:
        return str(settings.data_dir)
    import sqlalchemy as sa

    url = sa.make_url(settings.database_url)
    return f"the database {url.database}" + (f" on {url.host}" if url.host else "")


def _unreached(settings: Settings, platforms: Collection[str]) -> Iterator[str]:
    """Which chats of the settings are of a platform that this process should deliver to, and cannot."""
    for name, chat in (("review_chat", settings.review), ("ops_chat", settings.operations)):
        if chat and chat.key.platform not in platforms and "deliver" in settings.roles:
            platform = chat.key.platform.capitalize()
            yield f"{name}: {platform} is switched off here, so what is for that chat waits: set {platform}'s token"


@cli.command()
def demo(
    port: Annotated[int, typer.Option(min=0, max=65535, help="Port of the web console; 0 takes a free one.")] = 8321,
    seconds: Annotated[float, typer.Option(min=0, max=604_800, help="How long the replayed week takes.")] = 25.0,
    once: Annotated[bool, typer.Option("--once", help="Stop when all is replayed.")] = False,
) -> None:
    """Replay a bundled week of news. The whole bot, with no token and no internet."""
    from bot.demo.run import run_demo
    from bot.logs import configure_logging

    configure_logging("error", "text")
    with tempfile.TemporaryDirectory(prefix="sanctions-bot-demo-") as folder:
        asyncio.run(run_demo(Path(folder), out, port=port, span=timedelta(seconds=seconds), once=once))


@cli.command()
def poll(config: ConfigDir = CONFIG_DIR) -> None:
    """Poll every source once, judge what is new, deliver, and end. What cannot be sent now is left to the next poll.
    Exit code 1: a source or a list is not being read, which its line tells, or it was stopped."""
    from bot.app import build
    from bot.config import SOURCES_FILE, WATCHLIST_FILE, load_settings, load_sources
    from bot.logs import configure_logging
    from bot.once import poll_once
    from bot.seeding import seed

    settings = load_settings(config)
    configure_logging(settings.log_level, settings.log_format)
    program = build(_with_roles(settings, "deliver,match,poll"), load_sources(config / SOURCES_FILE))
    seed(program, _read_watchlist(config / WATCHLIST_FILE))
    polled = asyncio.run(poll_once(program))
    for line in polled.lines:
        out.print(escape(line), soft_wrap=True)
    if polled.failed:
        err.print(escape(f"Not read: {', '.join(polled.failed)}"), soft_wrap=True)
    if polled.is_stopped:
        err.print("Stopped before all was done: the next poll goes on with the rest.", soft_wrap=True)
    if polled.failed or polled.is_stopped:
        raise typer.Exit(1)


def _with_roles(settings: Settings, roles: str) -> Settings:
    from bot.config import ROLES

    wanted = [role.strip() for role in roles.split(",") if role.strip()]
    unknown = sorted(set(wanted) - ROLES)
    if unknown:
        raise ConfigError("--role", f"no role {', '.join(unknown)}", f"there are {', '.join(sorted(ROLES))}")
    if not wanted:
        raise ConfigError("--role", "names no role", f"there are {', '.join(sorted(ROLES))}")
    return settings.model_copy(update={"roles": wanted})


def _tell_address(url: str, claim_code: str | None) -> None:
    from bot.commands import claim_help

    if url:
        out.print(f"Web console: {url}", soft_wrap=True)
    if claim_code:
        out.print(claim_help(claim_code), soft_wrap=True)


def _read_watchlist(path: Path) -> WatchlistFile | None:
    from bot.config import is_there
    from bot.watchlist import parse_watchlist

    return parse_watchlist(read_bytes(path), path.name) if is_there(path) else None


def _tell_file(watchlist: WatchlistFile, name: str) -> None:
    """What a start says in its log, in the words of `watch import`."""
    told = [
        *watchlist.notes,
        *(f"refused, line {one.line}: {one.reason}" for one in watchlist.lost),
        *(f"taken in part, line {one.line}: {one.reason}" for one in watchlist.partly),
    ]
    for line in told:
        err.print(f"[yellow]{escape(name)}:[/] {escape(line)}", soft_wrap=True)


# ---------------------------------------------------------------- status, jobs


@cli.command()
def status(config: ConfigDir = CONFIG_DIR) -> None:
    """Every process on this database, the queues and their lag. Also roles, versions, dead jobs, a day's trouble."""
    from bot.commands import machines_message
    from bot.config import load_settings
    from bot.engine import DbosEngine
    from bot.logs import configure_logging
    from bot.rendering import render_plain
    from bot.storage import SqlStore, require_database

    configure_logging("error", "text")
    url, now = load_settings(config).store_url, datetime.now(UTC)
    require_database(url)
    # first: it tells what is wrong with a URL, where the engine would make the database of a mistyped name
    with closing(SqlStore(url)) as store, store.reading() as records:
        troubles = records.troubles_since(now - timedelta(days=1), 10)
    with closing(DbosEngine(url)) as engine:
        message = machines_message(engine.machines(), now, troubles)
    out.print(escape(render_plain(message)), soft_wrap=True)


def _idle(config: Path) -> Program:
    """The program, to look at its database: it does nothing itself, beside whatever runs."""
    from bot.app import build
    from bot.config import load_settings
    from bot.logs import configure_logging
    from bot.storage import require_database

    settings = load_settings(config)
    configure_logging("error", "text")
    require_database(settings.store_url)
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
    ids: Annotated[list[str] | None, typer.Argument(help="The ids of jobs, as `jobs` lists them.")] = None,
    everything: Annotated[bool, typer.Option("--all", help="All of them.")] = False,
) -> None:
    """Try dead jobs again. With all their tries anew, at their old place."""
    if bool(ids) == everything:
        raise ConfigError("jobs revive", "needs jobs or --all", "`sanctions-bot jobs` lists them")
    wanted = tuple(ids or ())
    for line in _listed_or_revived(context.obj, lambda dead: tuple(job.id for job in dead) if everything else wanted):
        out.print(escape(line), soft_wrap=True)


def _listed_or_revived(config: Path, choose: Callable[[Sequence[DeadJob]], Sequence[str]]) -> Iterator[str]:
    from bot.commands import told_dead

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

cli.command()(judge)


@cli.command()
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
    from bot.decoding import decode_text
    from bot.pipeline import article_of_page

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
        watchlist = _read_watchlist(watch)
        if watchlist is None:
            raise ConfigError(str(watch), "there is no such file")
        _tell_file(watchlist, watch.name)
        return watchlist.entities
    if stored := _stored(settings):
        return stored
    watchlist = _read_watchlist(config / WATCHLIST_FILE)
    if watchlist is None:
        return ()
    _tell_file(watchlist, WATCHLIST_FILE)
    return watchlist.entities


def _stored(settings: Settings) -> tuple[Entity, ...]:
    """Who is tracked; nobody, where there is no database yet."""
    from bot.storage import has_database, open_store

    if not has_database(settings.store_url):
        return ()
    with open_store(settings.store_url) as store, store.reading() as records:
        return records.entities()


cli.command()(lookup)
cli.command()(compare)


@cli.command()
def feeds(
    words: Annotated[
        list[str] | None,
        typer.Argument(
            help="Left out: all are shown. `add ADDRESS [NAME]`, `confirm CODE`, `remove NAME`, `pause NAME`, `resume "
            "NAME`, `move NAME ADDRESS`, `undo [NAME]`, `import FILE`, `export`."
        ),
    ] = None,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="Of export: where to; else standard output.")
    ] = None,
    config: ConfigDir = CONFIG_DIR,
) -> None:
    """See whether every source is read; add, pause, remove feeds. As in a chat."""
    verb, *rest = words or [""]
    file = None
    if verb == "import" and rest:
        file = _attachment(Path(" ".join(rest)))
    elif verb == "import":
        raise ConfigError("feeds import", "needs the OPML file", "sanctions-bot feeds import feeds.opml")
    reply = _tend("feeds", words, config, file)
    if reply.attachment and output is None:
        write_out(reply.attachment.content)
        return
    if reply.attachment and output:
        write_bytes(reply.attachment.content, output)
    _show(reply)


def _tend(command: str, words: Sequence[str] | None, config: Path, file: Attachment | None = None) -> Reply:
    """What one of the owner's commands answers. Only `feeds` reads the sources: the others work without them. What adds
    something makes the database, what only looks does not."""
    from bot.config import SOURCES_FILE, load_settings, load_sources
    from bot.logs import configure_logging
    from bot.once import tend_once
    from bot.storage import require_database

    settings = load_settings(config)
    configure_logging("error", "text")
    if not words or words[0] not in ("add", "confirm", "import"):
        require_database(settings.store_url)
    sources = load_sources(config / SOURCES_FILE) if command == "feeds" else {}
    return tend_once(settings, command, " ".join(words or ()), sources, file)


def _show(reply: Reply) -> None:
    from bot.rendering import render_plain

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
        typer.Argument(
            help="Left out, or `list`: all are shown. `add USER [ROLE] [for …]`, `remove USER [for …]`; a USER as "
            "telegram:123456789."
        ),
    ] = None,
    config: ConfigDir = CONFIG_DIR,
) -> None:
    """Who has which role; appoint and dismiss people. From this machine, also where no owner is left to do it."""
    _show(_tend("admin", words, config))


@cli.command()
def outbox(
    words: Annotated[
        list[str] | None, typer.Argument(help="Left out: all is shown. `retry ID`, `retry all`, or `drop ID WHY`.")
    ] = None,
    config: ConfigDir = CONFIG_DIR,
) -> None:
    """What waits to be sent, what was given up and why. Try it again, or drop it."""
    _show(_tend("outbox", words, config))


@cli.command()
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


@cli.command()
def events(
    words: Annotated[
        list[str] | None,
        typer.Argument(
            help="Left out: all. `authority US`, `programme Russia`, `country Iran`, `topic X`, `watchlist main`, "
            "or words."
        ),
    ] = None,
    since: Annotated[str, typer.Option(help="Opened since: 90d, 12h, 2026-01-01. All if left out.")] = "",
    form: Annotated[
        str, typer.Option("--format", help="csv or xlsx; else as the file's name ends, else csv.", show_default=False)
    ] = "",
    output: Annotated[Path | None, typer.Option("--output", "-o", help="Where to; else standard output.")] = None,
    config: ConfigDir = CONFIG_DIR,
) -> None:
    """Write all events as CSV or XLSX, a row for each target. With the evidence, the sources, who was told, who
    handled it, what was withdrawn."""
    from bot.commands.auditing import parse_since
    from bot.commands.choosing import parse_choice
    from bot.commands.history import EVER, FORMS, Wish, all_lines, attachment
    from bot.config import load_settings
    from bot.storage import open_store

    now, form = datetime.now(UTC), find_form(form, output, FORMS)
    wish = Wish(parse_choice(" ".join(words or ())), parse_since(since, now) if since else EVER, form)
    with open_store(load_settings(config).store_url) as store, store.reading() as records:
        lines = all_lines(records, wish)
    content = attachment(lines, wish.form, now).content
    if output is None:
        write_out(content)
        return
    write_bytes(content, output)
    out.print(f"{number(len(lines), 'event')} written to {escape(str(output))}", soft_wrap=True)


@cli.command()
def pages(
    event: Annotated[str, typer.Argument(help="An event, as its alert ends with: 3f2a9c41.")],
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="Where to; event-EVENT-pages.zip here if left out.")
    ] = None,
    config: ConfigDir = CONFIG_DIR,
) -> None:
    """Write the pages of an event's sources as they were. A ZIP file, with their SHA-256 digests."""
    from bot.commands.pages import file_for_all
    from bot.config import load_settings
    from bot.storage import open_store

    with open_store(load_settings(config).store_url) as store, store.reading() as records:
        made = file_for_all(records, event, datetime.now(UTC))
    if made is None:
        raise ConfigError(f"event {event}", "there is none", "alerts end with theirs; `sanctions-bot events` lists all")
    file, packed = made
    if not packed.pages + packed.left_out:
        raise ConfigError(
            f"event {event}", "no page of its sources is kept", "they had none, or it is older than keep_pages"
        )
    where = output or Path(file.name)
    write_bytes(file.content, where)
    left_out = (
        f"; {number(packed.left_out, 'page')} left out, as the file would be too large" if packed.left_out else ""
    )
    out.print(f"{number(packed.pages, 'page')} written to {escape(str(where))}{left_out}", soft_wrap=True)


# ---------------------------------------------------------------- feedback


@feedback_cli.command("export")
def feedback_export(
    since: Annotated[str, typer.Option(help="Only what was said in this time: 30d, 12h. Everything if left out.")] = "",
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="Where to write; standard output if left out.")
    ] = None,
    config: ConfigDir = CONFIG_DIR,
) -> None:
    """Write what people said as labelled articles. One JSON object a line, in the format that `judge` reads."""
    from bot.config import load_settings, parse_duration
    from bot.samples import export
    from bot.storage import open_store

    settings, now = load_settings(config), datetime.now(UTC)
    try:
        start = now - parse_duration(since) if since else datetime(1970, 1, 1, tzinfo=UTC)
    except (ValueError, OverflowError) as error:
        raise ConfigError("--since", str(error)) from error
    with open_store(settings.store_url) as store, store.reading() as records:
        exported = export(records.feedback_since(start))
    write_lines(exported.rows, output)
    for line in told_export(exported, output):
        err.print(escape(line), soft_wrap=True)


def told_export(exported: Export, output: Path | None) -> Iterator[str]:
    """What was written, and what was not and why; on standard error, as standard output may be the file."""

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
    """Recompute the chain of the log of changes. Exit code 1 if a row was changed, added or taken out."""
    from bot.chain import verify
    from bot.config import load_settings
    from bot.storage import open_store

    if expect and not re.fullmatch(r"[0-9a-fA-F]{64}", expect.strip()):
        raise ConfigError("--expect", "is no digest", "it is 64 hexadecimal digits, as `audit verify` prints them")
    with open_store(load_settings(config).store_url) as store, store.reading() as records:
        checked = verify(records.audit_chain(), expect)
    for line in told_chain(checked):
        out.print(escape(line), soft_wrap=True)
    if not checked.is_sound:
        raise typer.Exit(1)


def told_chain(checked: Verified) -> Iterator[str]:
    """What holds, and the digest to note elsewhere."""

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


# ---------------------------------------------------------------- migrate, version


@cli.command()
def migrate(config: ConfigDir = CONFIG_DIR) -> None:
    """Bring the database's schema up to date (`run` does it too)."""
    from bot.config import load_settings
    from bot.storage import SqlStore

    settings = load_settings(config)
    with closing(SqlStore(settings.store_url)) as store:
        out.print(f"schema at {store.migrate()}")


@cli.command()
def backup(
    target: Annotated[Path, typer.Argument(help="The file to write; one that is there stays.")],
    config: ConfigDir = CONFIG_DIR,
) -> None:
    """Copy a SQLite database to a file while the bot runs. The copy is whole and of one moment."""
    from bot.config import load_settings
    from bot.storage import copy_database

    copy_database(load_settings(config).store_url, target)
    out.print(f"{escape(str(target))}: {target.stat().st_size / 1e6:.1f} MB", soft_wrap=True)


@cli.command()
def version() -> None:
    """Print the version."""
    out.print(bot.__version__)
