"""The demo: the bundled week is served, polled, judged and told, with the real program on a database of its own."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from rich.console import Console
from rich.markup import escape

from bot.alerts import quiet_reason
from bot.app import Bot, build, run_until_stopped
from bot.commands import claim_help
from bot.config import Settings, load_settings
from bot.demo.replay import DATA, Replay, load_feeds
from bot.model import DeliveryState, FirstRun, Source, Tier
from bot.pipeline import Outcome
from bot.platforms.terminal import TerminalPlatform
from bot.seeding import seed
from bot.serving import quiet_config, serving
from bot.watchlist import parse_watchlist

POLL_EVERY = timedelta(seconds=1.5)
# Once all is replayed: time for the last update of a message to arrive.
SETTLE = timedelta(seconds=2)


@dataclass(slots=True)
class Watcher:
    """Tells the terminal what became of each article."""

    console: Console
    captions: dict[str, str]
    events: set[str] = field(default_factory=set)
    read: set[str] = field(default_factory=set)
    quiet: set[str] = field(default_factory=set)  # of those that were read

    def on_outcome(self, outcome: Outcome) -> None:
        """Of an article that is looked at again, too."""
        article, judgement = outcome.record.article, outcome.record.judgement
        self.read.add(article.key)
        self.quiet.discard(article.key)
        head = f"[bold]{escape(article.outlet)}[/]: {escape(article.title)}"
        for change in outcome.changes:
            self.events.add(change.event.key)
            verb = "opens" if change.opened else "joins"
            self.console.print(f"[red]●[/] {head}\n  [red]{verb} event {change.event.key}[/]", soft_wrap=True)
        if judgement and not outcome.changes:
            self.quiet.add(article.key)
            reason = escape(quiet_reason(judgement, self.captions)).replace("\n", "\n  ")
            self.console.print(f"[dim]○ {head}\n  no alert: {reason}[/]", soft_wrap=True)

    def tell_end(self) -> None:
        self.console.print(
            f"\n[bold]All {len(self.read)} articles are out: {len(self.events)} events, one alert each; "
            f"{len(self.read - self.quiet)} articles told of them, {len(self.quiet)} raised nothing.[/]"
        )


async def run_demo(data_dir: Path, console: Console, *, port: int, span: timedelta, once: bool) -> None:
    """Replay the bundled week in `span`; until Ctrl-C, or until all is told if `once`."""
    replay = Replay(load_feeds(), span, lambda: datetime.now(UTC))
    watchlist = parse_watchlist((DATA / "watchlist.csv").read_bytes(), "the demo's watchlist")
    async with serving(quiet_config(replay.app()), "127.0.0.1", 0) as base:
        host = base.removeprefix("http://").rstrip("/")
        settings = demo_settings(load_settings(data_dir), data_dir, host, port)
        watcher = Watcher(console, {entity.key: entity.caption for entity in watchlist.entities})
        bot = build(
            settings,
            {source.key: source for source in demo_sources(replay, base)},
            extra_platforms=[TerminalPlatform(console)],
            on_outcome=watcher.on_outcome,
        )
        seed(bot, watchlist)
        stop = asyncio.Event()
        followers = []

        def on_started() -> None:
            count, outlets = replay.count, len(replay.feeds)
            console.print(f"Replaying {count} articles of {outlets} outlets in {span.total_seconds():.0f} s.")
            console.print(f"Tracked: {', '.join(watcher.captions.values())}", soft_wrap=True)
            console.print(f"[bold]Web console: {bot.console_url}[/]   Ctrl-C stops.", soft_wrap=True)
            console.print(f"{claim_help(bot.claim_code)}\n" if bot.claim_code else "", soft_wrap=True)
            followers.append(asyncio.ensure_future(_follow(bot, replay, watcher, stop if once else None)))

        await run_until_stopped(bot, on_started, stop)
        for follower in followers:
            follower.cancel()


def demo_settings(asked: Settings, data_dir: Path, host: str, port: int) -> Settings:
    """The defaults, in a folder of its own: whatever chats, webhooks and roles the environment has, the demo is this
    machine's alone."""
    return Settings.model_construct(
        data_dir=data_dir,
        lists=[],
        fetch_allow_hosts=[host],
        web_host=asked.web_host,
        web_names=asked.web_names,
        web_port=port,
    )


def demo_sources(replay: Replay, base: str) -> list[Source]:
    """One source for each bundled feed, polled fast, everything judged however old it is."""
    return [
        Source(
            key=outlet,
            title=outlet.replace("-", " ").title(),
            url=f"{base}feeds/{outlet}.xml",
            tier=Tier.NEWS,
            every=POLL_EVERY,
            first_run=FirstRun(None),
            max_age=None,
        )
        for outlet in sorted(replay.feeds)
    ]


async def _follow(bot: Bot, replay: Replay, watcher: Watcher, stop: asyncio.Event | None) -> None:
    while len(watcher.read) < replay.count or await asyncio.to_thread(_waiting, bot):
        await asyncio.sleep(0.2)
    await asyncio.sleep(SETTLE.total_seconds())
    watcher.tell_end()
    if stop:
        stop.set()


def _waiting(bot: Bot) -> bool:
    with bot.store.reading() as records:
        return bool(records.deliveries(DeliveryState.WAITING, DeliveryState.SENDING, limit=1))
