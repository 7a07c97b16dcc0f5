"""Pages and feeds that are read, and texts that are judged, because somebody asks."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Generator, Mapping
from datetime import UTC, datetime, timedelta

from bot.errors import FetchError
from bot.matching.names import NameIndex
from bot.model import Article, HttpAnswer
from bot.pipeline import PAGE_BYTES, judge_now, judged_in_light
from bot.ports import ArticleRecord, Fetcher, Records, Store
from bot.sources import FeedLook, seek_feed
from bot.sources.polling import FEED_ACCEPT

ASKED_WAIT = timedelta(seconds=30)


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
