"""Builds the program from its parts and runs it: the one module that knows every other."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import socket
import threading
import time
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from functools import partial

import structlog

from bot import __version__, commands
from bot.asked import Asking
from bot.chat_keeping import keep_chats
from bot.commands import Services, new_claim_code
from bot.commands.asking import ListServices
from bot.commands.listing import entry_of
from bot.config import Settings
from bot.connections import chat_platforms, listeners_of, notifiers, secret_text, web_platform
from bot.engine import DbosEngine, Ticks
from bot.equipment import health_of, services_of, telegram_name
from bot.errors import ConfigError, StoreError
from bot.fetching import HttpFetcher
from bot.language_model import LanguageModel
from bot.listening import CONNECT_AGAIN, Listener
from bot.listings.concerned import name_likeness
from bot.listings.importing import ListFolder, next_step
from bot.listings.news import ListingNews
from bot.listings.syncing import ListSync
from bot.lists import LISTS, OfficialList
from bot.live_index import LiveIndex
from bot.long_work import LongWork
from bot.matching.second_reading import Doubt
from bot.model import ChatKey, Reply, Request, Source
from bot.notices import DueNotices, Escalations, Notices
from bot.pacing import Turns
from bot.pipeline import Outcome, Pipeline, Review, SecondReading
from bot.platforms.apprise import ApprisePlatform
from bot.platforms.slack import SlackPlatform
from bot.platforms.telegram import TelegramPlatform
from bot.platforms.web import WebPlatform
from bot.ports import Health, Platform, SecondReader, Store
from bot.search_process import SearchProcess, keep_warm
from bot.searching import find_listed
from bot.serving import quiet_config, serving
from bot.sources import load_sources
from bot.spreading import Spreading
from bot.storage import SqlStore
from bot.ticking import build_ticks
from bot.trouble import Troubles

log = structlog.get_logger(__name__)

# Pinned, as the default is a hash of the code; jobs of another version are taken over at start.
JOBS_VERSION = "1"
NAMES_FOLDER = "names"  # below the data directory: the indexes that names are looked up in
STOP_WITHIN = 30.0  # seconds
STOPPING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


@dataclass(slots=True)
class Bot:
    """The running program. `console_url` is known once it serves."""

    settings: Settings
    store: Store
    engine: DbosEngine
    fetcher: HttpFetcher
    pipeline: Pipeline
    platforms: dict[str, Platform]
    services: Services
    health: dict[str, str]
    ticks: Ticks
    web: WebPlatform | None
    lists: ListSync
    listing_news: ListingNews
    due: DueNotices
    asking: Asking
    long_work: LongWork
    search: SearchProcess
    language_model: LanguageModel | None = None
    listeners: Mapping[str, Listener] = field(default_factory=dict)
    console_url: str = ""
    claim_code: str | None = None
    _tasks: set[asyncio.Task[None]] = field(default_factory=set)

    @contextlib.asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Start everything, and stop it in the opposite order: no alert is taken up that cannot be finished."""
        async with contextlib.AsyncExitStack() as stack:
            stack.push_async_callback(self.close_clients)
            await stack.enter_async_context(self.engine.presence.shown(self.settings.roles, __version__))
            if self.web and "web" in self.settings.roles:
                config = quiet_config(self.web.app, timeout_graceful_shutdown=2)
                server = serving(config, self.settings.web_host, self.settings.web_port)
                self.console_url = await stack.enter_async_context(server)
            for name, platform in self.platforms.items():
                stack.push_async_callback(stop_quietly, name, platform.stop)
                self._spawn(self._connect(name, platform))
            for listener in self.listeners.values():
                self._spawn(listener.run(self.answer))
            stack.push_async_callback(self._end_tasks)
            stack.push_async_callback(self.long_work.stop)
            await self.engine.start(frozenset(self.settings.roles) & {"poll", "match", "deliver"})
            stack.push_async_callback(self.engine.stop)
            stack.callback(self.lists.stop)
            # Whoever takes commands, once it runs: the code of another, or of one that may not run beside it, would
            # only undo theirs.
            if {"chat", "web"} & set(self.settings.roles):
                self.claim_code = await asyncio.to_thread(new_claim_code, self.store)
            if "poll" in self.settings.roles:
                self.ticks.start()
                stack.callback(self.ticks.stop)
            yield

    async def close_clients(self) -> None:
        await self.fetcher.close()
        if self.language_model:
            await self.language_model.close()

    def warm_search(self) -> None:
        """Load the names for look-ups in the background as lists come, if this process answers people. While it
        runs."""
        if {"chat", "web"} & set(self.settings.roles):
            self._spawn(keep_warm(self.store, self.search.warm))

    def close(self) -> None:
        """Let go of the database, once nothing runs."""
        self.search.close()
        self.engine.close()
        self.store.close()

    def all_sources(self) -> dict[str, Source]:
        """Those of the file, and those that were added by commands."""
        with self.store.reading() as records:
            return load_sources(records, self.pipeline.sources)

    def _spawn(self, work: Coroutine[None, None, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _end_tasks(self) -> None:
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _connect(self, name: str, platform: Platform) -> None:
        """A refused token is told and left alone, everything else goes on; a network that is away is tried again."""
        while not await self.connect_once(name, platform):
            await asyncio.sleep(CONNECT_AGAIN.total_seconds())

    async def connect_once(self, name: str, platform: Platform) -> bool:
        """True if there is nothing more to try: it is connected, or its token was refused."""
        try:
            await platform.start(self.answer)
        except ConfigError as error:
            self.health[name] = f"off: {error}"
            log.error("platform refused", platform=name, problem=str(error))
            self.pipeline.on_trouble(f"{name} is off: {error}")
            return True
        except Exception as error:  # the edge of the platform: whatever its library raises, the rest goes on
            self.health[name] = f"trouble: {error}; trying again"
            log.warning("platform not connected", platform=name, problem=str(error))
            return False
        self.health.pop(name, None)
        log.info("platform connected", platform=name, health=platform.health())
        return True

    async def answer(self, request: Request) -> Reply:
        """One command, from whatever platform."""
        loop = asyncio.get_running_loop()
        services = replace(
            self.asking.equip(self.services, loop),
            run_long=lambda asked, work: self.long_work.begin(asked, work, loop),
        )
        reply = await asyncio.to_thread(commands.answer, request, services)
        for event, chat in reply.all_changed(request.chat.key):
            await asyncio.to_thread(self._refresh, event, chat)
        return reply

    def _refresh(self, event: str, chat: ChatKey) -> None:
        try:
            self.pipeline.put_refresh(event, chat)
        except StoreError as error:  # what the person asked for is done; only the alert does not show it yet
            log.warning("alert not brought up to date", alert=event, chat=str(chat), problem=str(error))


async def stop_quietly(name: str, stop: Callable[[], Awaitable[None]]) -> None:
    try:
        await stop()
    except Exception as error:  # a platform that cannot say goodbye must not keep the others from it
        log.warning("platform did not stop cleanly", platform=name, problem=str(error))


def build(
    settings: Settings,
    sources: Mapping[str, Source],
    *,
    extra_platforms: Sequence[Platform] = (),
    on_outcome: Callable[[Outcome], None] = lambda _outcome: None,
    official_lists: Mapping[str, OfficialList] = LISTS,
) -> Bot:
    """Everything, connected, not yet running; the schema is brought up to date. Raises StoreError, ConfigError."""
    store = SqlStore(settings.store_url)
    store.migrate()
    engine = DbosEngine(
        settings.store_url,
        application_version=JOBS_VERSION,
        executor_id=f"{socket.gethostname()}-{os.getpid()}-{uuid.uuid4().hex[:6]}",
    )
    fetcher = build_fetcher(settings)
    language_model = build_language_model(settings)
    listeners = listeners_of(settings, engine)
    platforms, shown, web = _platforms(settings, store, fetcher, sources, extra_platforms)
    pipeline = Pipeline(
        store=store,
        engine=engine,
        fetcher=fetcher,
        sources=sources,
        platforms=platforms,
        index=LiveIndex(),
        edit_every={"telegram": settings.edit_every, "slack": settings.edit_every},
        on_outcome=on_outcome,
        turns=Turns(),
        alert_floor=settings.alert_floor,
        review=Review(settings.review, settings.review_floor) if settings.review else None,
        second=second_reading(settings, store, language_model) if language_model else None,
        allow_chats=settings.allow_chats,
        keeps_pages=settings.keep_pages > timedelta(0),
    )
    notices = build_notices(pipeline)
    search = SearchProcess(settings.store_url, settings.data_dir.absolute() / NAMES_FOLDER)
    health: dict[str, str] = {}
    shown_health = health_of(shown, listeners, health, engine, pipeline.second)
    services = _services(settings, pipeline, notices, engine, search, official_lists, shown_health)
    pipeline.register()
    pipeline.spreading = spreading = Spreading(store, engine, pipeline.put_row)
    spreading.register()
    troubles = Troubles(store, engine, platforms, settings.operations, pipeline.pass_gate)
    troubles.register()
    pipeline.on_trouble = notices.on_trouble = engine.on_trouble = troubles.note
    if language_model:
        language_model.on_trouble = troubles.note
    for platform in (*platforms.values(), *(listener.platform for listener in listeners.values())):
        if isinstance(platform, TelegramPlatform | SlackPlatform):
            keep_chats(platform, services)
        if isinstance(platform, TelegramPlatform | SlackPlatform | ApprisePlatform):
            platform.on_trouble = troubles.note
    due = DueNotices(notices, sources)
    lists, news = _list_jobs(settings, store, engine, fetcher, pipeline, official_lists)
    return Bot(
        settings,
        store,
        engine,
        fetcher,
        pipeline,
        platforms,
        services,
        health,
        build_ticks(settings, pipeline, engine, lists, news, due, troubles),
        web,
        lists,
        news,
        due,
        Asking(pipeline, fetcher, lists, news, settings.language_model_timeout),
        LongWork(platforms),
        search,
        language_model,
        listeners,
    )


def _platforms(
    settings: Settings, store: Store, fetcher: HttpFetcher, sources: Mapping[str, Source], extra: Sequence[Platform]
) -> tuple[dict[str, Platform], dict[str, Platform], WebPlatform | None]:
    """Those that are sent to, those whose health is shown, and the console."""
    platforms = {platform.name: platform for platform in (*chat_platforms(settings), *extra)}
    shown = dict(platforms)
    # a message to the console is a row: whoever delivers can write it, and the processes that serve pages show it
    web = web_platform(settings, store, platforms, sources) if {"web", "deliver"} & set(settings.roles) else None
    if web and "web" in settings.roles:
        shown[web.name] = web
    if web:
        platforms[web.name] = web
    platforms |= {platform.name: platform for platform in notifiers(settings, store, fetcher)}
    return platforms, shown, web


def _services(
    settings: Settings,
    pipeline: Pipeline,
    notices: Notices,
    engine: DbosEngine,
    search: SearchProcess,
    official_lists: Mapping[str, OfficialList],
    health: Callable[[], Health],
) -> Services:
    """What commands need of the running bot."""
    store, platforms = pipeline.store, pipeline.platforms
    return replace(
        services_of(store, pipeline.sources, pipeline.index, settings.alert_floor, health),
        allow_chats=settings.allow_chats,
        telegram_name=lambda: telegram_name(platforms),
        plan=pipeline.preview,
        plan_review=pipeline.preview_review,
        put_correction=pipeline.put_correction,
        put_confirmed=pipeline.put_confirmed,
        put_escalation=pipeline.put_escalation,
        renew_delivery=pipeline.renew_delivery,
        renew_notice=notices.renew,
        put_notice=notices.put,
        dead_jobs=lambda revive, drop: asyncio.run(engine.dead(revive, drop)),
        lists=ListServices(
            official_lists,
            frozenset(settings.lists),
            next_step=partial(next_step, folder=ListFolder(settings.lists_dir, settings.lists_keep)),
        ),
        approval_entities=settings.approval_entities,
        approval_share=settings.approval_share,
        upload_bytes=settings.upload_max_bytes,
        told_days=settings.told_for.days,
        search=search,
        lookup_threshold=settings.lookup_threshold,
        entry_of=lambda words: entry_of(store, words, official_lists),
        listed=partial(find_listed, store, search),
    )


def build_notices(pipeline: Pipeline) -> Notices:
    """With their jobs, sent by the pipeline, which tells them what became of events."""
    notices = Notices(
        pipeline.store,
        pipeline.engine,
        pipeline,
        pipeline.platforms,
        pipeline.edit_every,
        pipeline.now,
        pipeline.on_trouble,
        pipeline.jitter,
    )
    notices.register()
    Escalations(notices).register()
    pipeline.notices = notices
    return notices


def _list_jobs(
    settings: Settings,
    store: Store,
    engine: DbosEngine,
    fetcher: HttpFetcher,
    pipeline: Pipeline,
    official_lists: Mapping[str, OfficialList],
) -> tuple[ListSync, ListingNews]:
    switched_on = {key: official_lists[key] for key in settings.lists}
    sync = ListSync(
        store,
        engine,
        fetcher,
        switched_on,
        ListFolder(settings.lists_dir, settings.lists_keep),
        on_trouble=pipeline.on_trouble,
    )
    news = ListingNews(
        store,
        engine,
        pipeline,
        lambda records: pipeline.index(records).entities,
        official_lists,
        name_likeness,
        settings.lists_match,
        on_trouble=pipeline.on_trouble,
    )
    sync.register()
    news.register()
    return sync, news


def build_fetcher(settings: Settings) -> HttpFetcher:
    return HttpFetcher(
        timeout=settings.fetch_timeout,
        max_bytes=settings.fetch_max_bytes,
        allow_hosts=frozenset(settings.fetch_allow_hosts),
        user_agent=settings.user_agent,
    )


def build_language_model(settings: Settings) -> LanguageModel | None:
    """None unless the settings name one."""
    if not settings.language_model_url:
        return None
    return LanguageModel(
        settings.language_model_url,
        settings.language_model_name,
        key=secret_text(settings.language_model_key),
        timeout=settings.language_model_timeout,
    )


def second_reading(settings: Settings, store: Store, reader: SecondReader) -> SecondReading:
    doubt = Doubt(settings.language_model_lower, settings.language_model_upper, settings.language_model_max_text)
    return SecondReading(reader, store, doubt, settings.language_model_calls_per_day)


async def run_until_stopped(bot: Bot, on_started: Callable[[], None], stop: asyncio.Event | None = None) -> None:
    """Run until a signal or `stop` says so."""
    stop = stop or asyncio.Event()
    with stopped_by_signals(stop):
        try:
            async with bot.running():
                on_started()
                await stop.wait()
        finally:
            bot.close()
    log.info("stopped")


@contextlib.contextmanager
def stopped_by_signals(stop: asyncio.Event) -> Iterator[None]:
    """SIGINT, SIGTERM and SIGHUP set `stop`. A second SIGINT ends the process at once."""
    loop = asyncio.get_running_loop()

    def on_signal(number: signal.Signals) -> None:
        # Ctrl-C alone: a terminal that closes tells us and `make`, which tells us again; service managers send two too
        if stop.is_set() and number is signal.SIGINT:
            os._exit(130)
        if not stop.is_set():
            log.info("stopping: what runs has some seconds to end", signal=number.name)
            threading.Thread(target=_end_at_last, name="end-at-last", daemon=True).start()
        stop.set()

    wanted = [one for one in STOPPING if signal.getsignal(one) is not signal.SIG_IGN]  # as nohup has it for SIGHUP
    for number in wanted:
        loop.add_signal_handler(number, on_signal, number)
    try:
        yield
    finally:
        for number in wanted:
            loop.remove_signal_handler(number)


def _end_at_last() -> None:
    """Without a database DBOS does not stop until it is back. What is cut short is done again, as after a kill."""
    time.sleep(STOP_WITHIN)
    log.error("it does not stop: ended by force", seconds=STOP_WITHIN)
    os._exit(1)
