"""An official list's files -> the store: keep them, read, hold against the guards, compare, switch.

    find_files | import_list: keep as they came, parse, stage what is new or changed, decide, apply

The files may be large: they are read once, as a stream, and what is read goes to the store in small transactions that
nobody sees. Whatever stops an import, the state before it holds, and the import's record says why."""

from __future__ import annotations

import gzip
import hashlib
import shutil
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import MISSING, dataclass, field, fields, replace
from datetime import datetime, timedelta
from io import FileIO
from pathlib import Path
from typing import BinaryIO, cast

import structlog

from bot.errors import ListError
from bot.lists import OfficialList, RefusedRow, name_files
from bot.lists.guards import count_details, decide_details, decide_import
from bot.model import Listing
from bot.ports import ImportState, KeptFile, ListImport, Store

log = structlog.get_logger(__name__)

BATCH = 500  # rows of one transaction
MOST_UID = 200  # characters
MOST_NOTES = 20
DEAD_AFTER = timedelta(hours=6)  # an import that began so long ago and has not ended died with its process
_CHUNK = 1 << 20
_READ_SHARE = 0.95  # of the work; the switch is the rest
_FEW_CHANGED = 0.2  # of the entries: with no more changed, no column has gone

Progress = Callable[[float], None]
"""Told how much is done, from 0 to 1."""


def no_progress(_share: float) -> None:
    pass


# ---------------------------------------------------------------- files


def find_files(official: OfficialList, path: Path) -> Mapping[str, Path]:
    """The list's files by their names there: `path` is one of them, packed or not, or the folder of a set. Raises
    ListError."""
    if path.is_dir():
        found = {one.name: one for one in sorted(path.iterdir()) if one.is_file() and not one.name.startswith(".")}
    elif path.is_file():
        found = {path.name: path}
    else:
        raise ListError(str(path), "a file or a folder", "nothing there", "give the path of the list's file or folder")
    named = name_files(official.key, list(found))
    return {name: found[file] for file, name in named.items()}


@dataclass(frozen=True, slots=True)
class ListFolder:
    """Where the files of lists are kept as they came: a folder for each import, packed, the newest `keep` of each list
    and whatever the stored state was read from."""

    base: Path
    keep: int

    def incoming(self, key: str) -> Path:
        """An empty folder for what is being fetched."""
        folder = self.base / key / "incoming"
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True, exist_ok=True)
        return folder

    def path_of(self, kept: KeptFile) -> Path | None:
        """None if it is kept no longer."""
        path = self.base / kept.path
        return path if kept.path and path.is_file() else None

    def folder_of(self, record: ListImport) -> Path | None:
        paths = [path for kept in record.files if (path := self.path_of(kept))]
        return paths[0].parent if paths else None

    def take(self, record: ListImport, files: Mapping[str, Path]) -> tuple[KeptFile, ...]:
        """Copy the files in, packed. Raises ListError if the disk refuses."""
        folder = f"{record.list}/{record.started_at:%Y%m%dT%H%M%SZ}-{record.id}"
        try:
            (self.base / folder).mkdir(parents=True, exist_ok=True)
            return tuple(self._pack(name, path, f"{folder}/{name}.gz") for name, path in sorted(files.items()))
        except OSError as error:
            shutil.rmtree(self.base / folder, ignore_errors=True)
            where = str(error.filename or self.base)
            raise ListError(
                where, "a file that can be copied", str(error.strerror), "make room, or give rights"
            ) from error

    def _pack(self, name: str, source: Path, kept: str) -> KeptFile:
        digest, size = hashlib.sha256(), 0
        # level 1: a list packs to a tenth with it, five times as fast as with the default
        with open_plain(source) as plain, gzip.open(self.base / kept, "wb", compresslevel=1) as packed:
            while chunk := plain.read(_CHUNK):
                digest.update(chunk)
                size += len(chunk)
                packed.write(chunk)
        return KeptFile(name, digest.hexdigest(), size, kept)

    def prune(self, key: str, in_use: ListImport | None) -> None:
        """Drop the oldest beyond `keep`, never the files of `in_use`."""
        folders = [folder for folder in (self.base / key).glob("*-*") if folder.is_dir()]
        by_age = sorted(folders, key=lambda folder: int(folder.name.rpartition("-")[2] or 0), reverse=True)
        kept = in_use and self.folder_of(in_use)
        for folder in by_age[self.keep :]:
            if folder != kept:
                shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def open_plain(path: Path) -> Iterator[BinaryIO]:
    """A file's bytes, unpacked if it is gzip."""
    with path.open("rb") as raw:
        is_packed = raw.read(2) == b"\x1f\x8b"
        raw.seek(0)
        if not is_packed:
            yield raw
            return
        with gzip.GzipFile(fileobj=raw) as plain:
            yield cast(BinaryIO, plain)


# ---------------------------------------------------------------- the import


def import_list(
    store: Store,
    official: OfficialList,
    files: Mapping[str, Path],
    folder: ListFolder,
    now: Callable[[], datetime],
    *,
    accept: bool = False,
    by: str = "",
    progress: Progress = no_progress,
) -> ListImport:
    """Bring a list's files into the store. `accept` takes what the guards would stop. What stops it is told in the
    record's state and reason; StoreError is raised as ever."""
    work = _Import(store, official, folder, now, accept, progress)
    record = work.begin(by)
    try:
        done = work.run(record, files)
    except ListError as error:
        done = work.stop(record, str(error))
    except (OSError, EOFError) as error:  # a file that is gone, or broken packing, while it is copied
        done = work.stop(record, f"a file could not be read: {error}")
    except BaseException as error:
        work.drop(replace(record, state=ImportState.DROPPED, reason=f"it broke off: {error or type(error).__name__}"))
        raise
    log.info("list imported", list=done.list, state=done.state, rows=done.rows, reason=done.reason)
    return done


@dataclass(slots=True)
class _Import:
    store: Store
    official: OfficialList
    folder: ListFolder
    now: Callable[[], datetime]
    accept: bool
    progress: Progress
    _told: float = field(default=0.0)

    def begin(self, by: str) -> ListImport:
        key, now = self.official.key, self.now()
        with self.store.writing() as records:
            dead = [old for old in records.list_imports(key) if _is_dead(old, now)]
            for old in dead:
                records.end_import(replace(old, state=ImportState.DROPPED, reason="its process died", ended_at=now))
            last = records.last_import(key)
            number = records.begin_import(key, now, by)
        for old in dead:
            self._drop_staged(old)
        return ListImport(number, key, now, base=last.id if last else 0, is_baseline=last is None, by=by)

    def run(self, record: ListImport, files: Mapping[str, Path]) -> ListImport:
        record = replace(record, files=self.folder.take(record, files))
        with self.store.reading() as records:
            known = records.listing_digests(record.list)
        read = self._stage(record, files, _Known(known))
        record = read.told(record)
        stopped = decide_import(
            record.rows,
            record.refused,
            None if record.is_baseline else sum(is_listed for _, is_listed in known.values()),
        ) or self._lost_details(record, read)
        if stopped and (record.rows == 0 or not self.accept):
            return self.stop(record, stopped)
        return self._apply(replace(record, reason=f"taken as somebody accepted it: {stopped}" if stopped else ""), read)

    def _lost_details(self, record: ListImport, read: _Known) -> str | None:
        """Whether what is known of the entries beside their names is mostly gone. Only where many have changed is all
        that is stored looked at."""
        if record.is_baseline or read.changed <= _FEW_CHANGED * len(read.seen):
            return None
        old: Counter[str] = Counter()
        after: tuple[str, str] | None = None
        while True:
            with self.store.reading() as records:
                page = records.listings_page(record.list, after, BATCH)
            if not page:
                return decide_details(read.details, old)
            for one in page:
                if one.is_listed:
                    count_details(one.listing, old)
            after = page[-1].listing.list, page[-1].listing.uid

    def _stage(self, record: ListImport, files: Mapping[str, Path], known: _Known) -> _Known:
        day = self.now().date()
        with ExitStack() as stack:
            streams = {name: stack.enter_context(FileIO(path, "rb")) for name, path in files.items()}
            total = sum(path.stat().st_size for path in files.values()) or 1
            parsed = self.official.parse(cast(Mapping[str, BinaryIO], streams))
            for batch in _batches(known.take(parsed)):
                if batch:
                    with self.store.writing() as records:
                        records.stage_listings(record.id, batch, day)
                self._tell(_READ_SHARE * sum(map(_position, streams.values())) / total)
        return known

    def _tell(self, share: float) -> None:
        if share - self._told >= 0.01:
            self._told = share
            self.progress(share)

    def _apply(self, record: ListImport, read: _Known) -> ListImport:
        now = self.now()
        record = replace(record, ended_at=now)
        with self.store.writing() as records:
            applied = records.apply_import(record, read.gone(), now.date())
            last = records.last_import(record.list)
            state = records.list_states().get(record.list)
            if applied and state and state.stopped:
                records.save_list_state(replace(state, stopped=""))
        if not applied:
            reason = "another import of the list was faster"
            return self.drop(replace(record, state=ImportState.DROPPED, reason=reason))
        self.folder.prune(record.list, last)
        self.progress(1.0)
        return replace(record, state=ImportState.APPLIED)

    def stop(self, record: ListImport, reason: str) -> ListImport:
        return self.drop(replace(record, state=ImportState.STOPPED, reason=reason))

    def drop(self, record: ListImport) -> ListImport:
        """Keep how it ended, and delete what it staged."""
        ended = replace(record, ended_at=self.now())
        with self.store.writing() as records:
            records.end_import(ended)
            last = records.last_import(record.list)
        self._drop_staged(ended)
        self.folder.prune(record.list, last)
        return ended

    def _drop_staged(self, record: ListImport) -> None:
        while True:
            with self.store.writing() as records:
                if not records.drop_staged(record.id, 4 * BATCH):
                    return


def _is_dead(record: ListImport, now: datetime) -> bool:
    return record.state is ImportState.RUNNING and now - record.started_at > DEAD_AFTER


def _position(stream: FileIO) -> int:
    with suppress(ValueError):  # whoever read it to its end may have closed it
        return stream.tell()
    return Path(str(stream.name)).stat().st_size


@dataclass(slots=True)
class _Known:
    """What is stored of a list, by uid: (digest, whether it is listed), and what the file is found to hold."""

    stored: Mapping[str, tuple[str, bool]]
    seen: set[str] = field(default_factory=set)
    refused: int = 0
    added: int = 0
    changed: int = 0
    notes: list[str] = field(default_factory=list)
    details: Counter[str] = field(default_factory=Counter)

    def take(self, parsed: Iterable[Listing | RefusedRow]) -> Iterator[tuple[Listing, str] | None]:
        """New and changed entries with their digests; None for each of the others, so that time can be told."""
        for row in parsed:
            if isinstance(row, RefusedRow):
                self._refuse(row.where, row.reason)
            elif problem := self._problem(row):
                self._refuse(f"uid {row.uid[:MOST_UID]!r}", problem)
            else:
                self.seen.add(row.uid)
                count_details(row, self.details)
                digest = listing_digest(row)
                old, is_listed = self.stored.get(row.uid, ("", False))
                if is_listed and old == digest:
                    yield None
                    continue
                self.added += not is_listed
                self.changed += is_listed
                yield row, digest

    def _problem(self, row: Listing) -> str:
        if not row.uid or len(row.uid) > MOST_UID:
            return f"is empty or longer than {MOST_UID} characters"
        return "is there twice: the first one counts" if row.uid in self.seen else ""

    def _refuse(self, where: str, reason: str) -> None:
        self.refused += 1
        if len(self.notes) < MOST_NOTES:
            self.notes.append(f"{where}: {reason}")

    def gone(self) -> list[str]:
        return [uid for uid, (_, is_listed) in self.stored.items() if is_listed and uid not in self.seen]

    def told(self, record: ListImport) -> ListImport:
        return replace(
            record,
            rows=len(self.seen),
            refused=self.refused,
            added=self.added,
            changed=self.changed,
            removed=len(self.gone()),
            notes=tuple(self.notes),
        )


def _batches(rows: Iterable[tuple[Listing, str] | None]) -> Iterator[Sequence[tuple[Listing, str]]]:
    """What is to be staged, BATCH rows at a time; an empty batch now and then where nothing changed."""
    batch: list[tuple[Listing, str]] = []
    for passed, row in enumerate(rows, 1):
        if row is not None:
            batch.append(row)
        if len(batch) == BATCH or passed % (4 * BATCH) == 0:
            yield batch
            batch = []
    yield batch


_DEFAULTS = {
    one.name: one.default if one.default is not MISSING else None for one in fields(Listing)
}  # what a list does not tell


def listing_digest(listing: Listing) -> str:
    """Of the content: equal for equal entries, and the same when a field is added later that the entry leaves empty."""
    told = [(name, value) for name, default in _DEFAULTS.items() if (value := getattr(listing, name)) != default]
    return hashlib.blake2b(repr(told).encode("utf-8", "replace"), digest_size=16).hexdigest()


def next_step(record: ListImport, folder: ListFolder) -> str:
    """What an admin can do about a stopped import; "" if another try is all."""
    kept = folder.folder_of(record)
    if record.state is not ImportState.STOPPED or not record.rows or kept is None:
        return ""
    return f"to take it anyway: sanctions-bot lists import {record.list} {kept} --accept"
