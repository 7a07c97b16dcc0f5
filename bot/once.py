"""One poll, one answer, one list: for the command line. Nothing runs on afterwards."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from bot import commands
from bot.app import JOBS_VERSION, Bot, build_fetcher, build_notices, stop_quietly, stopped_by_signals
from bot.asked import look_at_feed
from bot.commands import Services
from bot.config import Settings
from bot.engine import DbosEngine
from bot.equipment import services_of
from bot.fetching import HttpFetcher
from bot.listings.importing import ListFolder, Progress
from bot.listings.syncing import ListSync, Synced
from bot.lists import OfficialList
from bot.live_index import LiveIndex
from bot.lookups.found import Search
from bot.matching.names import NameIndex
from bot.model import TERMINAL, Attachment, Chat, Reply, Request, Source, SourceHealth, User
from bot.pipeline import Pipeline
from bot.ports import Health, Store
from bot.sources import FeedLook
from bot.storage import SqlStore
from bot.ticking import forget_old

NOT_READ = frozenset({SourceHealth.FAILING, SourceHealth.PAUSED})
PATIENCE = timedelta(seconds=20)
SHELL = "shell"  # who asks, on the command line


@dataclass(frozen=True, slots=True)
class Polled:
    """`lines`: one for each source, for each list that is not read, and for the alerts. `failed`: sources and lists
    that are not being read. `is_stopped`: a signal ended it before all was done."""

    lines: tuple[str, ...]
    failed: tuple[str, ...] = ()
    is_stopped: bool = False


async def poll_once(bot: Bot) -> Polled:
    """Poll every source once and do what follows from it, and what the clock asks for."""
    began, stop = datetime.now(UTC), asyncio.Event()
    async with contextlib.AsyncExitStack() as stack:
        stack.enter_context(stopped_by_signals(stop))
        stack.push_async_callback(bot.close_clients)
        for name, platform in bot.platforms.items():
            stack.push_async_callback(stop_quietly, name, platform.stop)
            await bot.connect_once(name, platform)
        await bot.engine.start(frozenset(bot.settings.roles))
        stack.push_async_callback(bot.engine.stop)
        stack.callback(bot.lists.stop)
        slot = int(began.timestamp())
        for key in bot.lists.lists:
            await asyncio.to_thread(bot.lists.tick, key, slot)
        sources = await asyncio.to_thread(bot.all_sources)
        for source in sources.values():
            if source.enabled:
                await asyncio.to_thread(bot.pipeline.tick, source.key, slot)
        await _until_done(bot, stop)
        await asyncio.to_thread(bot.listing_news.put_imports)
        await asyncio.to_thread(bot.listing_news.tick, slot)
        await asyncio.to_thread(bot.due.tick)
        await _until_done(bot, stop)
        await bot.pipeline.settle_dead_jobs()
        await forget_old(bot.store, bot.settings)
    with bot.store.reading() as records:
        states, totals, lists = records.source_states(), records.totals(began), records.list_states()
    wanted = {source.key for source in sources.values() if source.enabled}
    errors = {key: lists[key].last_error for key in bot.lists.lists if key in lists and lists[key].failures}
    shown = [state for state in states.values() if state.source in sources]  # not what was taken out of the file
    lines = [f"{state.source}: {state.last_error or 'ok'}" for state in shown]
    lines += [f"{key}: {error}" for key, error in errors.items()]
    lines.append(f"{totals.articles} articles judged, {totals.alerts} events opened, {totals.waiting} still to send")
    # by its failures: of what is read all the same, last_error is a note, as that it has moved
    failed = [state.source for state in states.values() if state.health in NOT_READ and state.source in wanted]
    return Polled(tuple(lines), (*failed, *errors), stop.is_set())


async def _until_done(bot: Bot, stop: asyncio.Event) -> None:
    """Wait for what is due, and for what failed and is tried again soon. A chat that is away for longer is left to the
    next round: the sources must not wait for it."""
    until = datetime.now(UTC) + PATIENCE
    while not stop.is_set() and await bot.engine.waiting(until):
        await asyncio.sleep(0.1)


def _nothing_runs() -> Health:
    return Health(datetime.now(UTC))


Equipped = Callable[[Services, Settings, contextlib.ExitStack], Services]


def tend_once(
    settings: Settings,
    command: str,
    words: str,
    sources: Mapping[str, Source],
    attachment: Attachment | None,
) -> Reply:
    """What a command of the owner's answers to the person at this machine's terminal; the bot may run meanwhile, or
    not."""
    with contextlib.ExitStack() as stack:
        store = SqlStore(settings.store_url)
        stack.callback(store.close)
        store.migrate()
        services = services_of(store, sources, LiveIndex(), settings.alert_floor, _nothing_runs)
        if equip := _EQUIPPED.get(command):
            services = equip(services, settings, stack)
        return commands.answer_owner(command, words, services, attachment)


def _for_feeds(services: Services, settings: Settings, _stack: contextlib.ExitStack) -> Services:
    def look(address: str) -> FeedLook:
        async def looking() -> FeedLook:
            async with build_fetcher(settings) as fetcher:
                return await look_at_feed(fetcher, address)

        return asyncio.run(looking())

    return replace(services, look_at_feed=look)


def _for_outbox(services: Services, settings: Settings, stack: contextlib.ExitStack) -> Services:
    engine = DbosEngine(settings.store_url, application_version=JOBS_VERSION)
    stack.callback(engine.close)
    pipeline = Pipeline(services.store, engine, HttpFetcher(), {}, {}, LiveIndex())
    pipeline.register()
    return replace(
        services,
        renew_delivery=pipeline.renew_delivery,
        renew_notice=build_notices(pipeline).renew,
        dead_jobs=lambda revive, drop: asyncio.run(engine.dead(revive, drop)),
    )


# What a command needs at the terminal beside the store: the running bot gives it to all of them.
_EQUIPPED: Mapping[str, Equipped] = {"feeds": _for_feeds, "outbox": _for_outbox}


def answer_once(
    store: Store,
    sources: Mapping[str, Source],
    text: str,
    alert_floor: float,
    search: Search,
    lookup_threshold: float,
) -> Reply:
    """The answer to one command, as the person at this machine's terminal; nothing is started."""
    chat, user = Chat(TERMINAL), User("terminal", "owner")
    return commands.answer(
        Request(chat, user, text, prefix="sanctions-bot "),
        replace(
            services_of(
                store, sources, lambda records: NameIndex.compile(records.entities()), alert_floor, _nothing_runs
            ),
            search=search,
            lookup_threshold=lookup_threshold,
        ),
    )


async def sync_by_hand(settings: Settings, official: OfficialList, progress: Progress) -> Synced:
    """Look at a list now, beside the running bot or without it."""
    with contextlib.closing(SqlStore(settings.store_url)) as store:
        store.migrate()  # first: of a mistyped name the engine would make the database
        with contextlib.closing(DbosEngine(settings.store_url)) as engine:
            async with build_fetcher(settings) as fetcher:
                folder = ListFolder(settings.lists_dir, settings.lists_keep)
                sync = ListSync(store, engine, fetcher, {official.key: official}, folder)
                return await sync.sync(official, SHELL, progress)
