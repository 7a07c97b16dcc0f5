"""The search in a process of its own. rigour's table of 600,000 names takes 400 MB and ten seconds of a core to load,
and holds Python's lock while it does: in the bot's own process every chat would stand still meanwhile."""

from __future__ import annotations

import asyncio
import multiprocessing
import os
import signal
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from datetime import timedelta
from pathlib import Path

import structlog

from bot.errors import CommandError, StoreError
from bot.lookups import compare_names
from bot.lookups.found import Found, Query
from bot.model import Schema
from bot.ports import Store
from bot.searching import Searcher
from bot.storage import SqlStore
from bot.storage.name_index import NameIndexFolder

log = structlog.get_logger(__name__)

__all__ = ["SearchProcess", "build_searcher", "keep_warm"]

WAIT = timedelta(seconds=40)
LOOK_FOR_LISTS = timedelta(seconds=20)
_NICE = 5  # alerts come first
_LOOK = 5.0  # seconds between looks whether the bot still runs

_searcher: Searcher | None = None


def build_searcher(store: SqlStore, folder: Path) -> Searcher:
    """In this process. `folder` holds the indexes."""
    return Searcher(store, NameIndexFolder(folder / "lists"), NameIndexFolder(folder / "watchlist"))


class SearchProcess:
    """Call it with a Query, from any thread. Starts its process at the first call, or at `warm`."""

    def __init__(self, database_url: str, folder: Path) -> None:
        self._url, self._folder = database_url, folder
        self._lock = threading.Lock()
        self._pool: ProcessPoolExecutor | None = None

    def __call__(self, query: Query) -> Found:
        """Raises CommandError while the names are still being loaded, StoreError."""
        for _try in range(2):
            try:
                return self._submit(query).result(WAIT.total_seconds())
            except TimeoutError:
                raise CommandError(
                    "The names are still being loaded, or a long list is being indexed. Please ask again in a minute."
                ) from None
            except BrokenProcessPool:  # it was killed, for want of memory perhaps: once more, anew
                self.close()
        raise CommandError("The search ended unexpectedly, twice: is there enough memory (500 MB)? Please try again.")

    def warm(self) -> None:
        """Load the names and bring the indexes up to date, in the background."""
        try:
            self._submit(Query(""))
        except BrokenProcessPool:  # it was killed: anew
            self.close()
            self._submit(Query(""))

    def _submit(self, query: Query) -> Future[Found]:
        with self._lock:
            if self._pool is None:
                self._pool = ProcessPoolExecutor(
                    1, multiprocessing.get_context("spawn"), initializer=_start, initargs=(self._url, str(self._folder))
                )
            return self._pool.submit(_search, query)

    def close(self) -> None:
        """Its process is ended, whatever it does: Python waits for it before it exits, and loading the names takes ten
        seconds and more. An index that was being written is begun anew."""
        with self._lock:
            pool, self._pool = self._pool, None
        if pool is not None:
            workers = list((pool._processes or {}).values())
            pool.shutdown(wait=False, cancel_futures=True)
            for worker in workers:
                worker.terminate()


async def keep_warm(store: Store, warm: Callable[[], None], every: timedelta = LOOK_FOR_LISTS) -> None:
    """Load the names once a list has been read, by whichever process, and take up what changes, so that nobody who asks
    has to wait for it. Runs until it is cancelled."""

    def revision() -> int:
        with store.reading() as records:
            return records.listings_revision()

    known = 0
    while True:
        try:
            current = await asyncio.to_thread(revision)
            if current != known:
                await asyncio.to_thread(warm)
            known = current
        except (StoreError, OSError) as error:  # whoever asks tries it again, and is told
            log.warning("the names could not be loaded", problem=str(error))
        await asyncio.sleep(every.total_seconds())


def _start(url: str, folder: str) -> None:
    global _searcher  # noqa: PLW0603 (one for the life of the process)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches the whole group: the bot ends us
    os.nice(_NICE)
    threading.Thread(target=_end_with_the_bot, args=(os.getppid(),), daemon=True).start()
    _searcher = build_searcher(SqlStore(url), Path(folder))
    compare_names("a", "b", Schema.PERSON)


def _end_with_the_bot(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(_LOOK)
    os._exit(0)


def _search(query: Query) -> Found:
    assert _searcher is not None
    return _searcher(query)
