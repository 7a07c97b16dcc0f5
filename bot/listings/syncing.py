"""Official lists, looked at like sources: fetch what changed, import it, remember when to look again.

    tick | sync_list: ask for each file whether it changed, fetch those that did, import_list | (news)

A publisher is asked with the validators it gave, byte for byte; what it sends is streamed to disk, and the same bytes
as before are no news. What was stopped by a guard is not tried again until the publisher's files change."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

import structlog

from bot.errors import FetchError, ListError
from bot.listings.importing import ListFolder, Progress, import_list, next_step, no_progress
from bot.lists import ListFile, OfficialList
from bot.lists.ofac_delta import parse_delta
from bot.ports import (
    Again,
    Download,
    Downloader,
    Engine,
    ImportState,
    ListFileState,
    ListImport,
    ListState,
    Store,
)
from bot.sources.polling import has_come, retry_after, validators

log = structlog.get_logger(__name__)

# The EU's file is made on request and takes more than a minute; OpenSanctions' largest has 2.5 GB.
FETCH_WITHIN = timedelta(minutes=20)
MOST_BYTES = 300_000_000  # OFAC's advanced XML has 127 MB
MOST_BYTES_OF = {"opensanctions": 3_000_000_000}
FULL_FETCH_EVERY = timedelta(days=7)  # some servers answer 304 for ever; lists are large, so seldom
LONGEST_WAIT = timedelta(days=1)
FIRST_WAIT = timedelta(minutes=15)  # after a failure, doubled each time
TELL_AFTER_FAILURES = 3
# Slots are passed by whoever ticks, at moments as near as 0.8 of an interval; a list that is due a little later than
# its tick would wait for the next one.
EARLIEST_SHARE, JITTER_SHARE = 0.6, 0.1

DELTA = "us_ofac_delta"
DELTA_URL = "https://sanctionslistservice.ofac.treas.gov/changes/latest"
DELTA_EVERY = timedelta(minutes=30)
DELTA_BYTES = 50_000_000
_DELTA_LISTS = ("us_ofac_sdn", "us_ofac_cons")
_DELTA_FILE = ListFile("delta.xml", DELTA_URL)


@dataclass(frozen=True, slots=True)
class Synced:
    """What a look at a list brought: `text` ends a sentence on it; `record` is its import, if there was one."""

    text: str
    is_fine: bool
    record: ListImport | None = None


@dataclass(slots=True)
class ListSync:
    """The jobs that keep the lists up to date. `lists` are those that are switched on; `jitter` is a test's own."""

    store: Store
    engine: Engine
    downloader: Downloader
    lists: Mapping[str, OfficialList]
    folder: ListFolder
    now: Callable[[], datetime] = lambda: datetime.now(UTC)
    jitter: Callable[[], float] = random.random
    on_trouble: Callable[[str], None] = lambda _text: None
    delta_url: str = DELTA_URL
    _busy: dict[str, asyncio.Lock] = field(default_factory=dict)
    _is_stopping: bool = False

    def stop(self) -> None:
        """The program ends: a reading that is under way breaks off, and begins anew at the next start."""
        self._is_stopping = True

    @property
    def has_delta(self) -> bool:
        """Whether OFAC's lists are read from the server that has its delta file."""
        server = urlsplit(self.delta_url).netloc
        files = [file for key in _DELTA_LISTS if key in self.lists for file in self.lists[key].files]
        return any(urlsplit(file.url).netloc == server for file in files)

    def register(self) -> None:
        """Tell the engine its jobs; once, before it starts."""
        self.engine.job("sync_list", queue="poll", tries=2)(self.sync_list)
        self.engine.job("sync_delta", queue="poll", tries=2)(self.sync_delta)

    def tick(self, key: str, slot: int) -> None:
        """Every node may call this: the job's key lets one look through for each list and slot."""
        with self.store.writing() as records:
            if key == DELTA:
                self.engine.put(records, "sync_delta", f"list:{key}:{slot:012d}", {})
            else:
                self.engine.put(records, "sync_list", f"list:{key}:{slot:012d}", {"list": key})

    def tick_again(self, slot: int) -> None:
        """As `tick`, more often and of lists alone whose last look failed: their own tick may be half a day away."""
        with self.store.writing() as records:
            states, now = records.list_states(), self.now()
            for key in self.lists:
                state = states.get(key)
                if state and state.failures and is_due(state, now):
                    self.engine.put(records, "sync_list", f"list:{key}:again:{slot:012d}", {"list": key})

    async def sync_list(self, list: str) -> None:
        """Look at one list, if its time has come."""
        official = self.lists.get(list)
        if official is None or not is_due(await asyncio.to_thread(self._load_state, list), self.now()):
            return
        await self.sync(official)

    async def sync(self, official: OfficialList, by: str = "", progress: Progress = no_progress) -> Synced:
        """Look at a list now. One look at a time; a second waits for it."""
        async with self._busy.setdefault(official.key, asyncio.Lock()):
            state = await asyncio.to_thread(self._load_state, official.key)
            try:
                fetched = await self._fetch(official, state, progress)
            except FetchError as error:
                return await asyncio.to_thread(self._save_failure, official, state, error.problem, error.retry_after)
            if not fetched.has_news:
                return await asyncio.to_thread(self._save_unchanged, official, state, fetched)
            return await asyncio.to_thread(self._import, official, state, fetched, by, progress)

    def _load_state(self, key: str) -> ListState:
        with self.store.reading() as records:
            return records.list_states().get(key) or ListState(key)

    # ------------------------------------------------------------ fetching

    async def _fetch(self, official: OfficialList, state: ListState, progress: Progress) -> Fetched:
        incoming = await asyncio.to_thread(self.folder.incoming, official.key)
        kept = await asyncio.to_thread(self._kept, official)
        is_full = wants_full(state, self.now())
        before = {file.name: file for file in state.files}
        got: dict[str, Got] = {}
        for number, file in enumerate(official.files):
            # a file that we no longer have must come whole
            known = before.get(file.name) if file.name in kept else None
            fresh = await self._fetch_file(official, file, None if is_full else known, incoming / file.name)
            if fresh is not None:
                got[file.name] = _compared(fresh, known, kept.get(file.name))
            progress(0.3 * (number + 1) / len(official.files))
        return Fetched(got, is_full, has_news=any(one.is_new for one in got.values()) or set(got) != set(before))

    async def _fetch_file(
        self, official: OfficialList, file: ListFile, known: ListFileState | None, to: Path
    ) -> Got | None:
        """None: an optional file that is not there."""
        answer = await self.downloader.download(
            file.url,
            to,
            headers=conditions(known),
            max_bytes=MOST_BYTES_OF.get(official.key, MOST_BYTES),
            within=FETCH_WITHIN,
        )
        if answer.status == 304 and known:
            return Got(told_state(known, answer), None)
        if answer.status == 200:
            fresh = ListFileState(file.name, sha256=answer.sha256)
            return Got(told_state(fresh, answer), to)
        if file.is_optional and answer.status in (404, 410):
            return None
        wait = retry_after(answer.headers, self.now())
        raise FetchError(file.url, f"{file.name}: {told_status(answer.status)}", status=answer.status, retry_after=wait)

    def _kept(self, official: OfficialList) -> dict[str, Path]:
        """The files that the latest import read, as far as they are here."""
        with self.store.reading() as records:
            latest = records.list_imports(official.key, 1)
        files = latest[0].files if latest else ()
        return {kept.name: path for kept in files if (path := self.folder.path_of(kept))}

    # ------------------------------------------------------------ saving

    def _save_failure(
        self, official: OfficialList, state: ListState, problem: str, asked: timedelta | None = None
    ) -> Synced:
        failed = failed_state(state, official.every, problem, asked, self.now(), self.jitter())
        self._save(failed)
        if failed.failures == TELL_AFTER_FAILURES:
            self.on_trouble(f"{official.title}: {problem}, {failed.failures} times in a row; the stored state holds")
        log.warning("list not fetched", list=official.key, problem=problem, failures=failed.failures)
        return Synced(f"not read: {problem}", is_fine=False)

    def _save_unchanged(self, official: OfficialList, state: ListState, fetched: Fetched) -> Synced:
        self._save(self._succeeded(official, state, fetched, state.stopped))
        log.info("list looked at", list=official.key, reason="not modified")
        text = f"not changed since the last look; still stopped: {state.stopped}" if state.stopped else ""
        return Synced(text or "not changed since the last look", is_fine=not state.stopped)

    def _import(
        self, official: OfficialList, state: ListState, fetched: Fetched, by: str, progress: Progress
    ) -> Synced:
        def tell(share: float) -> None:
            if self._is_stopping:
                raise Again(timedelta(seconds=1), "the program stops")
            progress(0.3 + 0.7 * share)

        paths = {name: got.path for name, got in fetched.files.items() if got.path}
        record = import_list(
            self.store,
            official,
            paths,
            self.folder,
            self.now,
            by=by,
            progress=tell,
        )
        if record.state is ImportState.APPLIED:
            self._save(self._succeeded(official, state, fetched, ""))
            return Synced(told_import(record), is_fine=True, record=record)
        trouble = told_stop(record, self.folder)
        if record.state is ImportState.STOPPED and record.rows:  # it was whole: the same bytes would be stopped again
            self._save(self._succeeded(official, state, fetched, trouble))
            self.on_trouble(f"{official.title}: {trouble}")
        elif record.state is ImportState.STOPPED:
            self._save_failure(official, state, record.reason)
            if state.last_error != record.reason:
                self.on_trouble(f"{official.title}: {trouble}")
        return Synced(trouble, is_fine=False, record=record)

    def _succeeded(self, official: OfficialList, state: ListState, fetched: Fetched, stopped: str) -> ListState:
        now = self.now()
        return replace(
            state,
            files=tuple(got.state for got in fetched.files.values()),
            last_polled_at=now,
            last_success_at=now,
            last_full_fetch_at=now if fetched.is_full else state.last_full_fetch_at,
            failures=0,
            last_error=None,
            next_poll_at=now + official.every * (EARLIEST_SHARE + JITTER_SHARE * self.jitter()),
            stopped=stopped,
        )

    def _save(self, state: ListState) -> None:
        with self.store.writing() as records:
            records.save_list_state(state)

    # ------------------------------------------------------------ OFAC's delta file

    async def sync_delta(self) -> None:
        """A quick look: when OFAC has published changes, its lists are looked at now, not at their next turn."""
        state = await asyncio.to_thread(self._load_state, DELTA)
        wanted = [key for key in _DELTA_LISTS if key in self.lists]
        if not wanted or not is_due(state, self.now()):
            return
        known = state.files[0] if state.files else None
        path = await asyncio.to_thread(self.folder.incoming, DELTA) / _DELTA_FILE.name
        try:
            answer = await self._fetch_delta(path, known)
            is_new = answer.status == 200 and known is not None and answer.sha256 != known.sha256
            told = await asyncio.to_thread(_read_delta, path) if answer.status == 200 else "not modified"
        except (FetchError, ListError) as error:
            asked = error.retry_after if isinstance(error, FetchError) else None
            failed = failed_state(state, DELTA_EVERY, str(error), asked, self.now(), self.jitter())
            await asyncio.to_thread(self._save, failed)
            log.warning("delta not read", problem=str(error), failures=failed.failures)
            return
        log.info("delta looked at", reason=told, new=is_new)
        await asyncio.to_thread(self._save_delta, state, answer, wanted if is_new else [])

    async def _fetch_delta(self, to: Path, known: ListFileState | None) -> Download:
        answer = await self.downloader.download(
            self.delta_url, to, headers=conditions(known), max_bytes=DELTA_BYTES, within=FETCH_WITHIN
        )
        if answer.status not in (200, 304):
            wait = retry_after(answer.headers, self.now())
            raise FetchError(self.delta_url, told_status(answer.status), status=answer.status, retry_after=wait)
        return answer

    def _save_delta(self, state: ListState, answer: Download, due: list[str]) -> None:
        """The lists' jobs are put with what is remembered: a delta is looked at once, and not forgotten."""
        now = self.now()
        known = state.files[0] if answer.status == 304 and state.files else None
        seen = known or ListFileState(_DELTA_FILE.name, sha256=answer.sha256)
        wait = DELTA_EVERY * (EARLIEST_SHARE + JITTER_SHARE * self.jitter())
        looked = replace(state, last_polled_at=now, last_success_at=now, next_poll_at=now + wait)
        with self.store.writing() as records:
            states = records.list_states()
            records.save_list_state(replace(looked, files=(told_state(seen, answer),), failures=0, last_error=None))
            for key in due:
                records.save_list_state(replace(states.get(key) or ListState(key), next_poll_at=now))
                self.engine.put(records, "sync_list", f"list:{key}:{answer.sha256[:16]}", {"list": key})


@dataclass(frozen=True, slots=True)
class Got:
    """One file of a look: what is to be remembered, where its bytes are (None: not modified)."""

    state: ListFileState
    path: Path | None
    is_new: bool = False


@dataclass(frozen=True, slots=True)
class Fetched:
    files: Mapping[str, Got]
    is_full: bool
    has_news: bool


def _compared(fresh: Got, known: ListFileState | None, kept: Path | None) -> Got:
    """The file as it came, or, where it is what it was, as it is kept."""
    same = known is not None and fresh.state.sha256 == known.sha256
    return replace(fresh, path=fresh.path or kept, is_new=not same)


def _read_delta(path: Path) -> str:
    with path.open("rb") as stream:
        delta = parse_delta(stream)
    changed = len(delta.changed) + len(delta.incomplete)
    refused = f", {len(delta.refused)} refused" if delta.refused else ""
    return f"{len(delta.added)} added, {changed} changed, {len(delta.removed)} removed{refused}"


# ---------------------------------------------------------------- decisions


def is_due(state: ListState, now: datetime) -> bool:
    return has_come(state.next_poll_at, state.last_polled_at, now)


def wants_full(state: ListState, now: datetime) -> bool:
    return state.last_full_fetch_at is None or now - state.last_full_fetch_at >= FULL_FETCH_EVERY


def conditions(known: ListFileState | None) -> dict[str, str]:
    return {"Accept": "*/*"} | (validators(known.etag, known.last_modified) if known else {})


def told_state(file: ListFileState, answer: Download) -> ListFileState:
    """With the validators of the answer; a 304 may leave them out."""
    is_same = answer.status == 304
    return replace(
        file,
        etag=answer.headers.get("etag") or (file.etag if is_same else None),
        last_modified=answer.headers.get("last-modified") or (file.last_modified if is_same else None),
    )


def told_status(status: int) -> str:
    """Why a publisher's file could not be had, for those who run the bot."""
    match status:
        case 404 | 410:
            return f"not found (HTTP {status})"
        case 429:
            return "asks us to come less often (HTTP 429)"
        case 401 | 403 | 406 | 451:
            return f"refused (HTTP {status})"
        case _ if status >= 500:
            return f"the server is in trouble (HTTP {status})"
        case _:
            return f"answers HTTP {status}"


def failed_state(
    state: ListState, every: timedelta, problem: str, asked: timedelta | None, now: datetime, jitter: float
) -> ListState:
    """Each further failure waits twice as long as the one before, at most the list's own interval or a day; what the
    server asks for is the least."""
    failures = state.failures + 1
    wait = min(FIRST_WAIT * 2 ** min(failures - 1, 20), max(every, LONGEST_WAIT))
    wait = max(wait * (1 - JITTER_SHARE * jitter), asked or timedelta(0))
    return replace(state, last_polled_at=now, failures=failures, last_error=problem, next_poll_at=now + wait)


# ---------------------------------------------------------------- by hand


def take_files(
    store: Store,
    official: OfficialList,
    files: Mapping[str, Path],
    folder: ListFolder,
    *,
    accept: bool = False,
    by: str = "",
    progress: Progress = no_progress,
) -> Synced:
    """Import files that somebody has."""
    record = import_list(
        store, official, files, folder, lambda: datetime.now(UTC), accept=accept, by=by, progress=progress
    )
    if record.state is ImportState.APPLIED:
        return Synced(told_import(record), is_fine=True, record=record)
    return Synced(told_stop(record, folder), is_fine=False, record=record)


# ---------------------------------------------------------------- in words


def told_import(record: ListImport) -> str:
    """'8,976 entries: 3 added, 1 changed, 0 removed'."""
    if record.is_baseline:
        return f"{record.rows:,} entries, read for the first time"
    return f"{record.rows:,} entries: {record.added:,} added, {record.changed:,} changed, {record.removed:,} removed"


def told_stop(record: ListImport, folder: ListFolder) -> str:
    step = next_step(record, folder)
    return f"not taken over: {record.reason}" + (f"; {step}" if step else "")
