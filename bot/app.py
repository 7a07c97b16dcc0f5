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
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Generator, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import partial

import structlog

from bot import __version__, commands
from bot.articles import article_from_text
from bot.backtesting import preview
from bot.chat_keeping import keep_chats
from bot.commands import Services, new_claim_code
from bot.commands.asking import ListServices
from bot.commands.doubles import find_doubles
from bot.commands.keyless import untracked
from bot.commands.listing import entry_of
from bot.config import Settings
from bot.connections import SEEDED_BY, chat_platforms, keep_notified, listeners_of, notifiers, secret_text, web_platform
from bot.drawing import draw
from bot.engine import DbosEngine, Ticks
from bot.engine.ticks import slot_of
from bot.errors import CommandError, ConfigError, EditedMeanwhileError, FetchError, StoreError
from bot.fetching import HttpFetcher
from bot.heartbeat import EVERY as HEARTBEAT_EVERY
from bot.heartbeat import Heartbeat
from bot.language_model import LanguageModel
from bot.listening import CONNECT_AGAIN, Listener
from bot.listings.concerned import name_likeness
from bot.listings.importing import ListFolder, Progress, next_step
from bot.listings.news import ListingNews
from bot.listings.syncing import DELTA, DELTA_EVERY, FIRST_WAIT, ListSync, Synced
from bot.lists import LISTS, OfficialList
from bot.live_index import LiveIndex
from bot.long_work import LongWork
from bot.lookups import DEFAULT_THRESHOLD
from bot.lookups.found import Search
from bot.matching.names import NameIndex, name_forms
from bot.matching.second_reading import Doubt
from bot.model import (
    Article,
    Attachment,
    Chat,
    ChatKey,
    ChatKind,
    Entity,
    EntityEdit,
    HttpAnswer,
    Machines,
    Reply,
    Request,
    Source,
    SourceHealth,
    Subscription,
    SubscriptionKind,
    User,
    Watchlist,
)
from bot.pacing import Turns
from bot.pipeline import (
    PAGE_BYTES,
    Outcome,
    Pipeline,
    Review,
    SecondReading,
    article_of_page,
    judge_asked,
    judge_now,
    judged_in_light,
)
from bot.platforms.apprise import ApprisePlatform
from bot.platforms.slack import SlackPlatform
from bot.platforms.telegram import TelegramPlatform
from bot.platforms.web import CONSOLE, WebPlatform
from bot.ports import ArticleRecord, AuditRow, Fetcher, Health, Platform, Records, SecondReader, Store
from bot.routing import TICK_EVERY, Escalations, Notices, Routing
from bot.search_process import SearchProcess, keep_warm
from bot.searching import find_listed
from bot.serving import quiet_config, serving
from bot.sources import FeedLook, find_carried, load_sources, seek_feed
from bot.sources.polling import FEED_ACCEPT
from bot.spreading import Spreading
from bot.storage import SqlStore
from bot.trouble import Troubles
from bot.watchlist import WatchlistFile

log = structlog.get_logger(__name__)

# Pinned, as the default is a hash of the code; jobs of another version are taken over at start.
JOBS_VERSION = "1"
SEEDERS = 20  # processes that may start at once on an empty database
SEEDED_NAMED = 50  # keys that one row of the audit log names
SHELL = "shell"  # who asks, on the command line
ASKED_AT_ONCE = 2  # pages that are read because somebody asked
FEEDS_AT_ONCE = 4  # feeds that are looked at; one more than of a file at a time, so that a single one need not wait
ASKED_WAIT = timedelta(seconds=30)
NAMES_FOLDER = "names"  # below the data directory: the indexes that names are looked up in
BACKTESTED = timedelta(days=30)
ADDED_EVERY = timedelta(seconds=15)  # feeds that are added by commands are seen by then
TELL_IMPORTS_EVERY, AWAIT_EVERY = timedelta(seconds=30), timedelta(hours=1)
STOP_WITHIN = 30.0  # seconds
STOPPING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
SYNC_WAIT = timedelta(hours=1)  # that a person waits for a list at most
NOT_READ = frozenset({SourceHealth.FAILING, SourceHealth.PAUSED})


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
    routing: Routing
    long_work: LongWork
    search: SearchProcess
    language_model: LanguageModel | None = None
    listeners: Mapping[str, Listener] = field(default_factory=dict)
    console_url: str = ""
    claim_code: str | None = None
    _tasks: set[asyncio.Task[None]] = field(default_factory=set)
    _asked_pages: threading.BoundedSemaphore = field(default_factory=lambda: threading.BoundedSemaphore(ASKED_AT_ONCE))
    # Their own: a file of a hundred feeds would refuse everybody else's pages for minutes.
    _asked_feeds: threading.BoundedSemaphore = field(default_factory=lambda: threading.BoundedSemaphore(FEEDS_AT_ONCE))

    @contextlib.asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Start everything, and stop it in the opposite order: no alert is taken up that cannot be finished."""
        async with contextlib.AsyncExitStack() as stack:
            stack.push_async_callback(self._close_clients)
            await stack.enter_async_context(self.engine.presence.shown(self.settings.roles, __version__))
            if self.web and "web" in self.settings.roles:
                config = quiet_config(self.web.app, timeout_graceful_shutdown=2)
                server = serving(config, self.settings.web_host, self.settings.web_port)
                self.console_url = await stack.enter_async_context(server)
            for name, platform in self.platforms.items():
                stack.push_async_callback(_quietly, name, platform.stop)
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

    async def _close_clients(self) -> None:
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
            self.services,
            judge_url=lambda url: self._judge_url(url, loop),
            judge_text=lambda text: self._judge_text(text, loop),
            look_at_feed=lambda address: self._look_at_feed(address, loop),
            lists=self._list_services(loop),
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

    def _list_services(self, loop: asyncio.AbstractEventLoop) -> ListServices | None:
        def sync(key: str, by: str, progress: Progress) -> Synced:
            return self._sync_list(key, by, progress, loop)

        return self.services.lists and replace(self.services.lists, sync=sync)

    def _sync_list(self, key: str, by: str, progress: Progress, loop: asyncio.AbstractEventLoop) -> Synced:
        """In a command's thread: a list is fetched by the loop and imported in another thread."""
        syncing = self.lists.sync(self.listing_news.lists[key], by, progress)
        synced = asyncio.run_coroutine_threadsafe(syncing, loop).result(SYNC_WAIT.total_seconds())
        self.listing_news.put_imports()
        return synced

    def _judge_url(self, url: str, loop: asyncio.AbstractEventLoop) -> ArticleRecord:
        """In a command's thread: the page comes from the loop's fetcher. Few at a time, as each holds a thread that the
        fetcher may need. Raises FetchError, ArticleError, CommandError."""
        with self._asking(self._asked_pages):
            page = asyncio.run_coroutine_threadsafe(fetch_asked(self.fetcher, url), loop).result(
                2 * ASKED_WAIT.total_seconds()
            )
            with self.store.reading() as records:
                carried = find_carried(records, self.pipeline.sources, url)
            article = article_of_page(page, datetime.now(UTC), *carried)
            return self._judge_live(article, loop)

    def _look_at_feed(self, address: str, loop: asyncio.AbstractEventLoop) -> FeedLook:
        """As above, of a feed. A file of many waits for its turn. Raises FeedError, CommandError."""
        with self._asking(self._asked_feeds, wait=3 * ASKED_WAIT):
            looking = look_at_feed(self.fetcher, address)
            return asyncio.run_coroutine_threadsafe(looking, loop).result(6 * ASKED_WAIT.total_seconds())

    def _judge_text(self, text: str, loop: asyncio.AbstractEventLoop) -> ArticleRecord:
        """As above, of a text. Raises ArticleError, CommandError."""
        article = article_from_text(text, published_at=datetime.now(UTC))
        with self._asking(self._asked_pages) if self.pipeline.second else contextlib.nullcontext():
            return self._judge_live(article, loop)

    def _judge_live(self, article: Article, loop: asyncio.AbstractEventLoop) -> ArticleRecord:
        """With the live watchlist, and the second reader if there is one: its client belongs to the loop."""
        second = self.pipeline.second
        if second is None:
            return _judge_live(article, self.store, self.pipeline.index, self.settings.alert_floor)
        with self.store.reading() as records:
            index = self.pipeline.index(records)
        judging = judge_asked(article, index, datetime.now(UTC), self.settings.alert_floor, second)
        wait = 2 * ASKED_WAIT + 6 * self.settings.language_model_timeout
        record = asyncio.run_coroutine_threadsafe(judging, loop).result(wait.total_seconds())
        return judged_in_light(record, index, self.store, self.settings.alert_floor)

    @contextlib.contextmanager
    def _asking(self, places: threading.BoundedSemaphore, wait: timedelta = timedelta(0)) -> Iterator[None]:
        if not places.acquire(timeout=wait.total_seconds()):
            raise CommandError("Other pages are being read for somebody just now. Please try again in a moment.")
        try:
            yield
        finally:
            places.release()


async def fetch_asked(
    fetcher: Fetcher, url: str, headers: Mapping[str, str] | None = None, max_bytes: int | None = PAGE_BYTES
) -> HttpAnswer:
    """A page that somebody waits for; `max_bytes` None: as large as a feed may be. Raises FetchError."""
    try:
        async with asyncio.timeout(ASKED_WAIT.total_seconds()):
            return await fetcher.fetch(url, headers=headers, max_bytes=max_bytes)
    except TimeoutError:
        raise FetchError(url, f"no answer within {ASKED_WAIT.total_seconds():.0f} s") from None


async def look_at_feed(fetcher: Fetcher, address: str) -> FeedLook:
    """What feed stands at an address, or is named by the page there. Raises FeedError."""
    seeking = seek_feed(address, datetime.now(UTC))
    step: str | FeedLook = next(seeking)
    while isinstance(step, str):
        try:
            answer: HttpAnswer | FetchError = await fetch_asked(fetcher, step, {"Accept": FEED_ACCEPT}, None)
        except FetchError as error:
            answer = error
        step = await asyncio.to_thread(_sent, seeking, answer)  # to parse a large feed takes seconds
    return step


def _sent(
    seeking: Generator[str, HttpAnswer | FetchError, FeedLook], answer: HttpAnswer | FetchError
) -> str | FeedLook:
    """What is wanted next, or was found: a StopIteration cannot leave a thread."""
    try:
        return seeking.send(answer)
    except StopIteration as found:
        look: FeedLook = found.value
        return look


def _judge_live(
    article: Article, store: Store, compiled: Callable[[Records], NameIndex], alert_floor: float
) -> ArticleRecord:
    with store.reading() as records:
        index = compiled(records)
    return judged_in_light(judge_now(article, index, datetime.now(UTC), alert_floor), index, store, alert_floor)


async def _quietly(name: str, stop: Callable[[], Awaitable[None]]) -> None:
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
    fetcher = _fetcher(settings)
    language_model = build_language_model(settings)
    health: dict[str, str] = {}
    platforms = {platform.name: platform for platform in (*chat_platforms(settings), *extra_platforms)}
    listeners = listeners_of(settings, engine)
    shown = dict(platforms)
    # a message to the console is a row: whoever delivers can write it, and the processes that serve pages show it
    web = web_platform(settings, store, platforms, sources) if {"web", "deliver"} & set(settings.roles) else None
    if web and "web" in settings.roles:
        shown[web.name] = web
    if web:
        platforms[web.name] = web
    platforms |= {platform.name: platform for platform in notifiers(settings, store, fetcher)}
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
    )
    notices = build_notices(pipeline)
    services = replace(
        _services(store, sources, platforms, health, pipeline.index, settings.alert_floor, pipeline.second),
        health=_health(shown, listeners, health, engine, pipeline.second),
        allow_chats=settings.allow_chats,
        telegram_name=lambda: _telegram_name(platforms),
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
        keep_days=settings.keep.days,
    )
    search = SearchProcess(settings.store_url, settings.data_dir.absolute() / NAMES_FOLDER)
    services = replace(
        services,
        search=search,
        lookup_threshold=settings.lookup_threshold,
        entry_of=lambda words: entry_of(store, words, official_lists),
        listed=partial(find_listed, store, search),
    )
    pipeline.register()
    pipeline.spreading = spreading = Spreading(store, engine, pipeline.put_row)
    spreading.register()
    troubles = Troubles(store, engine, platforms, settings.operations, pipeline.pass_gate)
    troubles.register()
    pipeline.on_trouble = notices.on_trouble = engine.on_trouble = troubles.note
    if language_model:
        language_model.on_trouble = troubles.note
    routing = Routing(notices, sources)
    lists, news = _list_jobs(settings, store, engine, fetcher, pipeline, official_lists)
    for platform in (*platforms.values(), *(listener.platform for listener in listeners.values())):
        if isinstance(platform, TelegramPlatform | SlackPlatform):
            keep_chats(platform, services)
        if isinstance(platform, TelegramPlatform | SlackPlatform | ApprisePlatform):
            platform.on_trouble = troubles.note
    ticks = Ticks(
        [source for source in sources.values() if source.enabled],
        lambda source, slot: asyncio.to_thread(pipeline.tick, source, slot),
    )
    ticks.every("added feeds", ADDED_EVERY, AddedTicks(ticks, store, sources).look)
    _tick_lists(ticks, lists, news)
    if url := secret_text(settings.heartbeat_url):
        ticks.every("heartbeat", HEARTBEAT_EVERY, _heartbeat(url.strip(), pipeline, engine, troubles).beat)
    ticks.every("dead letters", timedelta(minutes=1), pipeline.settle_dead_jobs)
    ticks.every("routes", TICK_EVERY, lambda: asyncio.to_thread(routing.tick))
    ticks.every("retention", timedelta(hours=6), lambda: asyncio.to_thread(_forget, store, settings.keep))
    long_work = LongWork(platforms)
    return Bot(
        settings,
        store,
        engine,
        fetcher,
        pipeline,
        platforms,
        services,
        health,
        ticks,
        web,
        lists,
        news,
        routing,
        long_work,
        search,
        language_model,
        listeners,
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


async def sync_by_hand(settings: Settings, official: OfficialList, progress: Progress) -> Synced:
    """Look at a list now, beside the running bot or without it."""
    store, engine = SqlStore(settings.store_url), DbosEngine(settings.store_url)
    try:
        store.migrate()
        async with _fetcher(settings) as fetcher:
            sync = ListSync(
                store, engine, fetcher, {official.key: official}, ListFolder(settings.lists_dir, settings.lists_keep)
            )
            return await sync.sync(official, SHELL, progress)
    finally:
        engine.close()
        store.close()


def _fetcher(settings: Settings) -> HttpFetcher:
    return HttpFetcher(
        timeout=settings.fetch_timeout,
        max_bytes=settings.fetch_max_bytes,
        allow_hosts=frozenset(settings.fetch_allow_hosts),
        user_agent=settings.user_agent,
    )


def _tick_lists(ticks: Ticks, sync: ListSync, news: ListingNews) -> None:
    every = {key: official.every for key, official in sync.lists.items()} | (
        {DELTA: DELTA_EVERY} if sync.has_delta else {}
    )
    for key, interval in every.items():
        ticks.every(f"list:{key}", interval, partial(_tick, partial(sync.tick, key), interval))
    if sync.lists:
        ticks.every("lists again", FIRST_WAIT, partial(_tick, sync.tick_again, FIRST_WAIT))
    ticks.every("tell imports", TELL_IMPORTS_EVERY, lambda: asyncio.to_thread(news.put_imports))
    ticks.every("await lists", AWAIT_EVERY, partial(_tick, news.tick, AWAIT_EVERY))


@dataclass(slots=True)
class AddedTicks:
    """Ticks of the feeds that are added by commands, in whatever process."""

    ticks: Ticks
    store: Store
    configured: Mapping[str, Source]
    _ticked: dict[str, tuple[Source, datetime]] = field(default_factory=dict)

    async def look(self) -> None:
        wanted = await asyncio.to_thread(self._wanted)
        for key in self._ticked.keys() - wanted.keys():
            self.ticks.remove(key)
        for key, (source, added_at) in wanted.items():
            if self._ticked.get(key) != (source, added_at):
                self.ticks.add(source)
        self._ticked = wanted

    def _wanted(self) -> dict[str, tuple[Source, datetime]]:
        """With when it was added: it may have been removed and added again since the last look."""
        with self.store.reading() as records:
            added = {feed.source.key: feed.added_at for feed in records.added_feeds()}
            sources = load_sources(records, self.configured)
        return {key: (sources[key], at) for key, at in added.items() if key in sources and sources[key].enabled}


def _heartbeat(url: str, pipeline: Pipeline, engine: DbosEngine, troubles: Troubles) -> Heartbeat:
    def sources() -> Mapping[str, Source]:
        with pipeline.store.reading() as records:
            return load_sources(records, pipeline.sources)

    return Heartbeat(
        url,
        pipeline.store,
        pipeline.fetcher,
        sources,
        lambda: engine.machines().queues,
        troubles.note,
        datetime.now(UTC),
    )


async def _tick(put: Callable[[int], None], interval: timedelta) -> None:
    await asyncio.to_thread(put, slot_of(time.time(), interval))


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


def _telegram_name(platforms: Mapping[str, Platform]) -> str:
    telegram = platforms.get("telegram")
    return telegram.username if isinstance(telegram, TelegramPlatform) else ""


def _services(
    store: Store,
    sources: Mapping[str, Source],
    platforms: Mapping[str, Platform],
    health: Mapping[str, str],
    compiled: Callable[[Records], NameIndex],
    alert_floor: float,
    second: SecondReading | None = None,
) -> Services:
    """What the commands need. `health` overrides what a platform says of itself."""
    started_at = datetime.now(UTC)

    def judge_text(text: str) -> ArticleRecord:
        article = article_from_text(text, published_at=datetime.now(UTC))
        return _judge_live(article, store, compiled, alert_floor)

    def now_health() -> Health:
        said = {name: health.get(name) or platform.health() for name, platform in platforms.items()}
        return Health(started_at, said, second.health() if second else "")

    return Services(
        store=store,
        now=lambda: datetime.now(UTC),
        sources=tuple(sources.values()),
        name_forms=name_forms,
        health=now_health,
        judge_text=judge_text,
        draw=draw,
        backtest=lambda entities: preview(store, entities, datetime.now(UTC) - BACKTESTED, alert_floor),
    )


def _forget(store: Store, keep: timedelta) -> None:
    with store.writing() as records:
        dropped = records.forget_before(datetime.now(UTC) - keep)
    log.info("old rows dropped", rows=dropped, older_than_days=keep.days)


def _health(
    platforms: Mapping[str, Platform],
    listeners: Mapping[str, Listener],
    known: Mapping[str, str],
    engine: DbosEngine,
    second: SecondReading | None,
) -> Callable[[], Health]:
    """What /status shows. `known` is what the program knows better than a platform: that it was refused."""
    started_at = datetime.now(UTC)

    def machines() -> Machines | None:
        try:
            return engine.machines()
        except StoreError as error:
            log.warning("the other processes could not be seen", problem=str(error))
            return None

    def health() -> Health:
        heard = {name: listener.health() for name, listener in listeners.items()}
        said = {name: heard.get(name) or known.get(name) or own.health() for name, own in platforms.items()}
        return Health(started_at, said, second.health() if second else "", machines())

    return health


def seed(bot: Bot, watchlist: WatchlistFile | None) -> None:
    """What a first start needs: the watchlist's new entries, the console's subscription.
    What people changed in chat wins: an entity that was edited or removed stays so."""
    for _ in range(SEEDERS):
        with contextlib.suppress(EditedMeanwhileError):  # another process starts too, and was faster: look again
            _seed(bot, watchlist)
            break
    if watchlist:
        _log_file(watchlist)


def _log_file(watchlist: WatchlistFile) -> None:
    for note in watchlist.notes:
        log.info("watchlist file read", note=note)
    for refused in watchlist.lost:
        log.error("watchlist row refused", line=refused.line, problem=refused.reason)
    for left_out in watchlist.partly:
        log.warning("watchlist row taken in part", line=left_out.line, problem=left_out.reason)


def _seed(bot: Bot, watchlist: WatchlistFile | None) -> None:
    now = datetime.now(UTC)
    with bot.store.writing() as records:
        new = untracked(records, watchlist) if watchlist else []
        doubles = find_doubles(records, new, [one.key for one in records.watchlists()]) if new else ()
        if new:
            edits = [EntityEdit(entity.key, entity, 0) for entity in new]
            records.edit_watchlist(edits, SEEDED_BY, now, "from the watchlist file")
        for watchlist_key in sorted({entity.watchlist for entity in new}):
            records.add_watchlist(Watchlist(watchlist_key, watchlist_key.capitalize(), now, SEEDED_BY))
        local = [key for key in (CONSOLE, *_terminal_chats(bot)) if records.chat(key) is None]
        for key in local:
            records.save_chat(Chat(key, ChatKind.CHANNEL, "this machine"))
            records.add_subscription(Subscription(key, SubscriptionKind.EVERYTHING, "", now, SEEDED_BY))
        for what, after in _seeded(new, local):
            records.add_audit(AuditRow(now, SEEDED_BY, "", what, "", after))
        if "deliver" in bot.settings.roles:
            keep_notified(records, bot.settings, now)
    for double in doubles:  # of what this start took alone: the next one is silent
        merge = f"watch merge {double.entity.key} into {double.other.key}"
        log.warning("watchlist row of a known number", name=double.entity.caption, problem=str(double), if_one=merge)


def _seeded(entities: Sequence[Entity], chats: Sequence[ChatKey]) -> Iterator[tuple[str, str]]:
    """What a start changed, for the audit log: (what, after). A watchlist of thousands is one row."""
    if entities:
        keys = ", ".join(entity.key for entity in entities[:SEEDED_NAMED])
        more = f" and {len(entities) - SEEDED_NAMED} more" if len(entities) > SEEDED_NAMED else ""
        yield "watch add", f"{len(entities)} of the watchlist file: {keys}{more}"
    yield from (("subscribe", f"everything for {key}") for key in chats)


def _terminal_chats(bot: Bot) -> list[ChatKey]:
    return [ChatKey("terminal", "stdout")] if "terminal" in bot.platforms else []


async def run_until_stopped(bot: Bot, on_started: Callable[[], None], stop: asyncio.Event | None = None) -> None:
    """Run until SIGINT, SIGTERM or SIGHUP, or `stop` is set. A second SIGINT ends the process at once."""
    stop = stop or asyncio.Event()
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
        async with bot.running():
            on_started()
            await stop.wait()
    finally:
        bot.close()
        for number in wanted:
            loop.remove_signal_handler(number)
    log.info("stopped")


def _end_at_last() -> None:
    """Without a database DBOS does not stop until it is back. What is cut short is done again, as after a kill."""
    time.sleep(STOP_WITHIN)
    log.error("it does not stop: ended by force", seconds=STOP_WITHIN)
    os._exit(1)


@dataclass(frozen=True, slots=True)
class Polled:
    """`lines`: one for each source, for each list that is not read, and for the alerts. `failed`: sources and lists
    that are not being read."""

    lines: tuple[str, ...]
    failed: tuple[str, ...] = ()


async def poll_once(bot: Bot) -> Polled:
    """Poll every source once and do what follows from it."""
    began = datetime.now(UTC)
    async with contextlib.AsyncExitStack() as stack:
        stack.push_async_callback(bot._close_clients)
        for name, platform in bot.platforms.items():
            stack.push_async_callback(_quietly, name, platform.stop)
            await bot.connect_once(name, platform)
        await bot.engine.start(frozenset(bot.settings.roles))
        stack.push_async_callback(bot.engine.stop)
        slot = int(began.timestamp())
        for key in bot.lists.lists:
            await asyncio.to_thread(bot.lists.tick, key, slot)
        sources = await asyncio.to_thread(bot.all_sources)
        for source in sources.values():
            if source.enabled:
                await asyncio.to_thread(bot.pipeline.tick, source.key, slot)
        while await bot.engine.waiting():
            await asyncio.sleep(0.1)
        await asyncio.to_thread(bot.listing_news.put_imports)
        await asyncio.to_thread(bot.listing_news.tick, slot)
        await asyncio.to_thread(bot.routing.tick)
        while await bot.engine.waiting():
            await asyncio.sleep(0.1)
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
    return Polled(tuple(lines), (*failed, *errors))


Equipped = Callable[[Services, Settings, contextlib.ExitStack], Services]


def tend_once(
    settings: Settings,
    command: str,
    words: str,
    sources: Mapping[str, Source] | None = None,
    attachment: Attachment | None = None,
) -> Reply:
    """What a command of the owner's answers to the person at this machine's terminal; the bot may run meanwhile, or
    not."""
    with contextlib.ExitStack() as stack:
        store = SqlStore(settings.store_url)
        stack.callback(store.close)
        store.migrate()
        services = _services(store, sources or {}, {}, {}, LiveIndex(), settings.alert_floor)
        if equip := _EQUIPPED.get(command):
            services = equip(services, settings, stack)
        return commands.answer_owner(command, words, services, attachment)


def _for_feeds(services: Services, settings: Settings, _stack: contextlib.ExitStack) -> Services:
    def look(address: str) -> FeedLook:
        async def looking() -> FeedLook:
            async with _fetcher(settings) as fetcher:
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
    search: Search | None = None,
    lookup_threshold: float = DEFAULT_THRESHOLD,
) -> Reply:
    """The answer to one command, as the person at this machine's terminal; nothing is started."""
    chat, user = Chat(ChatKey("terminal", "stdout")), User("terminal", "owner")
    return commands.answer(
        Request(chat, user, text, prefix="sanctions-bot "),
        replace(
            _services(store, sources, {}, {}, lambda records: NameIndex.compile(records.entities()), alert_floor),
            search=search,
            lookup_threshold=lookup_threshold,
        ),
    )
