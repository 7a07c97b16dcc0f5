"""Polls the sources: fetch, parse, keep the new, and put a read job for each."""

from __future__ import annotations

import asyncio

import structlog

from bot.errors import FetchError
from bot.model import (
    HttpAnswer,
    Source,
    SourceState,
)
from bot.pipeline.needs import Needs
from bot.sources import decide_poll, identity, is_due, parse_answer, request_headers

log = structlog.get_logger(__name__)


class Polling(Needs):
    """The jobs of sources."""

    def tick(self, source: str, slot: int) -> None:
        """Every node may call this: the job's key lets one poll through for each source and slot."""
        with self.store.writing() as records:
            self.engine.put(records, "poll", f"poll:{source}:{slot:012d}", {"source": source})

    async def poll(self, source: str) -> None:
        """Fetch one source and put a read job for each new entry."""
        feed = self.sources.get(source)
        if feed is None or not feed.enabled:
            return
        state = await asyncio.to_thread(self._load_state, source)
        if not is_due(state, self.now()):
            return
        answer = await self._fetch_feed(feed, state)
        await asyncio.to_thread(self._save_poll, feed, state, answer)

    def _load_state(self, source: str) -> SourceState:
        with self.store.reading() as records:
            return records.source_states().get(source) or SourceState(source)

    async def _fetch_feed(self, feed: Source, state: SourceState) -> HttpAnswer | FetchError:
        try:
            return await self.fetcher.fetch(feed.url, headers=request_headers(state, self.now(), feed.kind))
        except FetchError as error:
            return error

    def _save_poll(self, feed: Source, state: SourceState, answer: HttpAnswer | FetchError) -> None:
        now = self.now()
        parsed = parse_answer(feed, state, answer, now)
        with self.store.writing() as records:
            records.lock_source(feed.key)  # a slow poll and the next one may end at once, here or elsewhere
            seen = records.seen_keys(feed.key)
            intent = decide_poll(feed, state, answer, parsed, seen, now, self.jitter())
            records.save_source_state(intent.state)
            known = [held.entry for held in intent.held if held.is_known]
            records.touch_seen(feed.key, [identity(entry) for entry in known], now)
            for held in intent.held:
                if not held.is_known:
                    records.add_entry(held.entry, identity(held.entry), held.reason)
            for entry in intent.new:
                entry_id = records.add_entry(entry, identity(entry), "new")
                self.engine.put(records, "read", f"read:{entry_id:020d}", {"entry": entry_id})
        log.info("polled", source=feed.key, new=len(intent.new), held=len(intent.held), reason=intent.reason)
        if intent.trouble:
            self.on_trouble(f"{feed.title}: {intent.trouble}")
