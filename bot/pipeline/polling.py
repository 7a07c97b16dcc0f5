"""Polls the sources: fetch, parse, keep the new, and put a read job for each."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import datetime, timedelta

import structlog

from bot.errors import FetchError
from bot.model import (
    Entry,
    HeldEntry,
    HttpAnswer,
    Source,
    SourceState,
)
from bot.pipeline.needs import Needs
from bot.ports import Records
from bot.sources import (
    as_read_now,
    decide_poll,
    identity,
    is_due,
    load_source,
    note_silence,
    parse_answer,
    request_headers,
    title_key,
)

log = structlog.get_logger(__name__)


NEW, EDITED = "new", "edited: "
EDITED_WITHIN = timedelta(days=2)  # later edits are of archives


class Polling(Needs):
    """The jobs of sources."""

    def tick(self, source: str, slot: int) -> None:
        """Every node may call this: the job's key lets one poll through for each source and slot. A feed that is added
        again within its slot is polled again in it."""
        with self.store.writing() as records:
            added = records.added_feed(source)
            since = f"{added.added_at.timestamp():.0f}:" if added else ""
            self.engine.put(records, "poll", f"poll:{source}:{since}{slot:012d}", {"source": source})

    async def poll(self, source: str) -> None:
        """Fetch one source and put a read job for each new entry."""
        feed, state, added_at = await asyncio.to_thread(self._load_feed, source)
        if feed is None or not feed.enabled or not is_due(state, self.now()):
            return
        answer = await self._fetch_feed(feed, state)
        await asyncio.to_thread(self._save_poll, feed, state, answer, added_at)

    def _load_feed(self, source: str) -> tuple[Source | None, SourceState, datetime | None]:
        """(None if it is not read, how far it was read, when it was added by a command)."""
        with self.store.reading() as records:
            feed = load_source(records, self.sources, source)
            state = records.source_states().get(source) or SourceState(source)
            return feed, as_read_now(feed, state) if feed else state, _added_at(records, source)

    async def _fetch_feed(self, feed: Source, state: SourceState) -> HttpAnswer | FetchError:
        try:
            return await self.fetcher.fetch(feed.url, headers=request_headers(state, self.now(), feed.kind))
        except FetchError as error:
            return error

    def _save_poll(
        self, feed: Source, state: SourceState, answer: HttpAnswer | FetchError, added_at: datetime | None
    ) -> None:
        now = self.now()
        parsed = parse_answer(feed, state, answer, now)
        with self.store.writing() as records:
            records.lock_source(feed.key)  # a slow poll and the next one may end at once, here or elsewhere
            current = load_source(records, self.sources, feed.key)
            if current is None or current.url != feed.url:  # removed, or moved to another address meanwhile
                log.info("poll left out", source=feed.key, reason="it is not read at that address any more")
                return
            if _added_at(records, feed.key) != added_at:  # `state` is that of its time before: it begins anew
                log.info("poll left out", source=feed.key, reason="it was removed and added again meanwhile")
                return
            seen = records.seen_keys(feed.key)
            intent = decide_poll(feed, state, answer, parsed, seen, now, self.jitter())
            noted, silence = note_silence(feed, state, intent.state, now)
            records.save_source_state(noted)
            known = [held.entry for held in intent.held if held.is_known]
            records.touch_seen(feed.key, [identity(entry) for entry in known], now)
            for held in intent.held:
                if not held.is_known:
                    records.add_entry(held.entry, identity(held.entry), held.reason)
            for entry in intent.new:
                self._put_entry(records, entry, NEW)
            for held in intent.held:
                if held.edited and (again := _read_again(records, held, now)):
                    self._put_entry(records, again, f"{EDITED}{held.edited}")
        if noted.failures:
            log.warning("source not read", source=feed.key, failures=noted.failures, problem=intent.reason)
        else:
            log.info("polled", source=feed.key, new=len(intent.new), held=len(intent.held), reason=intent.reason)
        if intent.trouble:
            self.on_trouble(f"{feed.title}: {intent.trouble}")
        if silence:
            self.on_trouble(silence)

    def _put_entry(self, records: Records, entry: Entry, reason: str) -> None:
        entry_id = records.add_entry(entry, identity(entry), reason)
        self.engine.put(records, "read", f"read:{entry_id:020d}", {"entry": entry_id})


def _added_at(records: Records, source: str) -> datetime | None:
    added = records.added_feed(source)
    return added.added_at if added else None


def _read_again(records: Records, held: HeldEntry, now: datetime) -> Entry | None:
    """The edited entry, found when the story was, if that was read and is young. What counts as old when a source was
    first read stays so, and feeds that give new ids at every poll do not make every story new: its date must move."""
    before = records.entry_by_url(held.entry.link)
    if before is None or before.entry.source != held.entry.source or not before.reason.startswith((NEW, EDITED)):
        return None
    if now - before.entry.first_seen_at > EDITED_WITHIN:
        return None
    entry, was = held.entry, before.entry
    is_dated_later = entry.published_at and was.published_at and entry.published_at > was.published_at
    if title_key(entry.title) == title_key(was.title) and not is_dated_later:
        return None
    return replace(entry, first_seen_at=was.first_seen_at, published_at=was.published_at or entry.published_at)
