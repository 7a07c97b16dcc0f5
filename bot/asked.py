"""Pages, feeds and lists that are read, and texts that are judged, because somebody asks."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import Callable, Generator, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

from bot.articles import article_from_text
from bot.commands import Services
from bot.errors import CommandError, FetchError
from bot.listings.importing import Progress
from bot.listings.news import ListingNews
from bot.listings.syncing import ListSync, Synced
from bot.matching.names import NameIndex
from bot.model import Article, HttpAnswer
from bot.pipeline import PAGE_BYTES, Pipeline, article_of_page, judge_asked, judge_now, judged_in_light
from bot.ports import ArticleRecord, Fetcher, Records, Store
from bot.sources import FeedLook, find_carried, seek_feed
from bot.sources.polling import FEED_ACCEPT

ASKED_WAIT = timedelta(seconds=30)
ASKED_AT_ONCE = 2  # pages that are read because somebody asked
FEEDS_AT_ONCE = 4  # feeds that are looked at; one more than of a file at a time, so that a single one need not wait
SYNC_WAIT = timedelta(hours=1)  # that a person waits for a list at most


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


def judge_live(
    article: Article, store: Store, compiled: Callable[[Records], NameIndex], alert_floor: float
) -> ArticleRecord:
    with store.reading() as records:
        index = compiled(records)
    return judged_in_light(judge_now(article, index, datetime.now(UTC), alert_floor), index, store, alert_floor)


@dataclass(slots=True)
class Asking:
    """What commands ask of the running program, each in a thread of its own: what is fetched or asked of a language
    model meanwhile is the event loop's work. `model_timeout`: how long that model may take for one answer."""

    pipeline: Pipeline
    fetcher: Fetcher
    lists: ListSync
    news: ListingNews
    model_timeout: timedelta
    _pages: threading.BoundedSemaphore = field(default_factory=lambda: threading.BoundedSemaphore(ASKED_AT_ONCE))
    # Their own: a file of a hundred feeds would refuse everybody else's pages for minutes.
    _feeds: threading.BoundedSemaphore = field(default_factory=lambda: threading.BoundedSemaphore(FEEDS_AT_ONCE))

    def equip(self, services: Services, loop: asyncio.AbstractEventLoop) -> Services:
        def sync(key: str, by: str, progress: Progress) -> Synced:
            return self._sync_list(key, by, progress, loop)

        return replace(
            services,
            judge_url=lambda url: self._judge_url(url, loop),
            judge_text=lambda text: self._judge_text(text, loop),
            look_at_feed=lambda address: self._look_at_feed(address, loop),
            lists=services.lists and replace(services.lists, sync=sync),
        )

    def _sync_list(self, key: str, by: str, progress: Progress, loop: asyncio.AbstractEventLoop) -> Synced:
        """In a command's thread: a list is fetched by the loop and imported in another thread."""
        syncing = self.lists.sync(self.news.lists[key], by, progress)
        synced = asyncio.run_coroutine_threadsafe(syncing, loop).result(SYNC_WAIT.total_seconds())
        self.news.put_imports()
        return synced

    def _judge_url(self, url: str, loop: asyncio.AbstractEventLoop) -> ArticleRecord:
        """In a command's thread: the page comes from the loop's fetcher. Few at a time, as each holds a thread that the
        fetcher may need. Raises FetchError, ArticleError, CommandError."""
        with self._place(self._pages):
            page = asyncio.run_coroutine_threadsafe(fetch_asked(self.fetcher, url), loop).result(
                2 * ASKED_WAIT.total_seconds()
            )
            with self.pipeline.store.reading() as records:
                carried = find_carried(records, self.pipeline.sources, url)
            article = article_of_page(page, datetime.now(UTC), *carried)
            return self._judge_live(article, loop)

    def _look_at_feed(self, address: str, loop: asyncio.AbstractEventLoop) -> FeedLook:
        """As above, of a feed. A file of many waits for its turn. Raises FeedError, CommandError."""
        with self._place(self._feeds, wait=3 * ASKED_WAIT):
            looking = look_at_feed(self.fetcher, address)
            return asyncio.run_coroutine_threadsafe(looking, loop).result(6 * ASKED_WAIT.total_seconds())

    def _judge_text(self, text: str, loop: asyncio.AbstractEventLoop) -> ArticleRecord:
        """As above, of a text. Raises ArticleError, CommandError."""
        article = article_from_text(text, published_at=datetime.now(UTC))
        with self._place(self._pages) if self.pipeline.second else contextlib.nullcontext():
            return self._judge_live(article, loop)

    def _judge_live(self, article: Article, loop: asyncio.AbstractEventLoop) -> ArticleRecord:
        """With the live watchlist, and the second reader if there is one: its client belongs to the loop."""
        second = self.pipeline.second
        if second is None:
            return judge_live(article, self.pipeline.store, self.pipeline.index, self.pipeline.alert_floor)
        with self.pipeline.store.reading() as records:
            index = self.pipeline.index(records)
        judging = judge_asked(article, index, datetime.now(UTC), self.pipeline.alert_floor, second)
        wait = 2 * ASKED_WAIT + 6 * self.model_timeout
        record = asyncio.run_coroutine_threadsafe(judging, loop).result(wait.total_seconds())
        return judged_in_light(record, index, self.pipeline.store, self.pipeline.alert_floor)

    @contextlib.contextmanager
    def _place(self, places: threading.BoundedSemaphore, wait: timedelta = timedelta(0)) -> Iterator[None]:
        if not places.acquire(timeout=wait.total_seconds()):
            raise CommandError("Other pages are being read for somebody just now. Please try again in a moment.")
        try:
            yield
        finally:
            places.release()
