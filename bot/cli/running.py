"""sanctions-bot run, demo, poll, status, jobs: the program at work, and its processes."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.markup import escape

import bot
from bot.cli.terminal import CONFIG_DIR, ConfigDir, err, out, read_watchlist
from bot.counted import number
from bot.errors import ConfigError
from bot.model import DeadJob

if TYPE_CHECKING:
    from bot.app import Bot as Program
    from bot.config import Settings

jobs_cli = typer.Typer(
    help="Jobs that were given up, and why. `jobs revive` tries them again.",
    invoke_without_command=True,
    rich_markup_mode=None,
)


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
    seed(program, read_watchlist(config / WATCHLIST_FILE))

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
    seed(program, read_watchlist(config / WATCHLIST_FILE))
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
