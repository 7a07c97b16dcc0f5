"""What official lists say of those who are tracked: an addition, a change or a removal becomes a finding from an
official source, and joins the news event it belongs to or opens one; what was reported and is on no list is said too.

    import_changes | find_concerned | make_reports | save_listed     events_since | await_lists | save_records
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Protocol

import structlog

from bot.listings.awaiting import AWAITED_UNTIL, Awaited, awaited_record, find_awaited
from bot.listings.concerned import Likeness, find_concerned
from bot.listings.reports import (
    Report,
    Told,
    join_replaced,
    make_reports,
    page_of,
    read_change,
    tell_change,
    told_entry,
)
from bot.lists import OfficialList
from bot.model import Article, Entity, EventRecord, Judgement
from bot.ports import Engine, ListImport, ListingChange, ListingRecord, Records, Store
from bot.zones import told_date

log = structlog.get_logger(__name__)

PAGE = 1_000
# When so large a share of a list is new at once, its publisher has changed its ids, or we read it in another way.
FLOOD_SHARE, FLOOD_LEAST = 0.5, 200


class Teller(Protocol):
    """What has chats told: the pipeline. See there."""

    def save_listed(
        self, article: Article, judgement: Judgement, stages: tuple[str, ...], listed: Sequence[EventRecord]
    ) -> object: ...

    def save_records(
        self, event: str, listed: Sequence[EventRecord], reason: str, *, is_news: bool = True
    ) -> object: ...


@dataclass(slots=True)
class ListingNews:
    """The jobs that hold the lists against the watchlist. `entities` gives those who are tracked now, by key; `lists`
    are all that may hold entries; `floor` is how like names must be."""

    store: Store
    engine: Engine
    teller: Teller
    entities: Callable[[Records], Mapping[str, Entity]]
    lists: Mapping[str, OfficialList]
    likeness: Likeness
    floor: float
    now: Callable[[], datetime] = lambda: datetime.now(UTC)
    on_trouble: Callable[[str], None] = lambda _text: None

    def register(self) -> None:
        """Tell the engine its jobs; once, before it starts."""
        self.engine.job("tell_import", queue="match", tries=4)(self.tell_import)
        self.engine.job("await_lists", queue="match", tries=2)(self.await_lists)

    def put_imports(self) -> None:
        """Have every import told that was not yet, whichever process made it."""
        with self.store.reading() as records:
            waiting = records.imports_to_tell()
        if waiting:
            with self.store.writing() as records:
                for number in waiting:
                    self.engine.put(records, "tell_import", f"tell_import:{number:020d}", {"number": number})

    def tick(self, slot: int) -> None:
        with self.store.writing() as records:
            self.engine.put(records, "await_lists", f"await_lists:{slot:012d}", {})

    # ------------------------------------------------------------ what changed

    async def tell_import(self, number: int) -> None:
        """What an import changed of those who are tracked, once."""
        await asyncio.to_thread(self._tell_import, number)

    def _tell_import(self, number: int) -> None:
        with self.store.reading() as records:
            record = records.list_import(number)
            official = self.lists.get(record.list) if record else None
            entities = self.entities(records)
        if record is None or official is None:
            self._mark(number)
            return
        if is_flood(record):
            self.on_trouble(
                f"{official.title}: {record.added:,} of {record.rows:,} entries are new at once, so its form has "
                "probably changed: nobody was told of any"
            )
            self._mark(number)
            return
        told = self._read(official, record, entities)
        for report in make_reports(told, official, record, record.ended_at or record.started_at):
            self.teller.save_listed(report.article, report.judgement, _stages(report), report.records)
        self._mark(number)
        log.info("import told", list=record.list, number=number, concerned=len(told))

    def _read(self, official: OfficialList, record: ListImport, entities: Mapping[str, Entity]) -> list[Told]:
        changes: dict[tuple[str, str], ListingChange] = {}
        for change in self._changes(record.id):
            if read_change(change):
                changes[change.list, change.uid] = change
        on = self._when(official, record)
        listings = [listing for change in changes.values() if (listing := change.new or change.old)]
        concerns = find_concerned(listings, entities.values(), self.likeness, self.floor)
        now = record.ended_at or record.started_at
        told = [tell_change(changes[one.listing.list, one.listing.uid], one, official, on, now) for one in concerns]
        return join_replaced([one for one in told if one], official, on)

    def _changes(self, number: int) -> Iterator[ListingChange]:
        after = ""
        while True:
            with self.store.reading() as records:
                page = records.import_changes(number, after, PAGE)
            yield from page
            if len(page) < PAGE:
                return
            after = page[-1].uid

    def _when(self, official: OfficialList, record: ListImport) -> str:
        """A list that was last read long ago tells only by when it changed."""
        at = record.ended_at or record.started_at
        with self.store.reading() as records:
            base = records.list_import(record.base)
        is_close = base and at - (base.ended_at or base.started_at) <= max(timedelta(days=1), 2 * official.every)
        return f"{'on' if is_close else 'by'} {told_date(at.date())}"

    def _mark(self, number: int) -> None:
        with self.store.writing() as records:
            records.mark_told(number, self.now())

    # ------------------------------------------------------------ what is awaited

    async def await_lists(self) -> None:
        """Whether those who were reported are on the lists of the authorities that were said to act."""
        await asyncio.to_thread(self._await_lists)

    def _await_lists(self) -> None:
        now = self.now()
        with self.store.reading() as records:
            events = records.events_since(now - AWAITED_UNTIL)
            states, entities = records.list_states(), self.entities(records)
        due = [question for event in events for question in find_awaited(event, self.lists, states, entities, now)]
        if not due:
            return
        found = self._find_on_lists(due)
        for event in dict.fromkeys(question.event for question in due):
            own = [question for question in due if question.event == event]
            self._answer(event, own, found, now)

    def _find_on_lists(self, due: Sequence[Awaited]) -> Mapping[tuple[str, str], ListingRecord]:
        """(entity, list) -> its entry there."""
        entities = {question.entity.key: question.entity for question in due}
        found: dict[tuple[str, str], ListingRecord] = {}
        best: dict[tuple[str, str], float] = {}
        for key in sorted({official.key for question in due for official in question.lists}):
            for page in self._pages(key):
                by_uid = {record.listing.uid: record for record in page if record.is_listed}
                listings = [record.listing for record in by_uid.values()]
                for one in find_concerned(listings, entities.values(), self.likeness, self.floor):
                    place = (one.entity.key, key)
                    if one.score > best.get(place, 0.0):
                        best[place], found[place] = one.score, by_uid[one.listing.uid]
        return found

    def _pages(self, key: str) -> Iterator[tuple[ListingRecord, ...]]:
        after: tuple[str, str] | None = None
        while True:
            with self.store.reading() as records:
                page = records.listings_page(key, after, PAGE)
            yield page
            if len(page) < PAGE:
                return
            after = (key, page[-1].listing.uid)

    def _answer(
        self, event: str, due: Sequence[Awaited], found: Mapping[tuple[str, str], ListingRecord], now: datetime
    ) -> None:
        news: dict[bool, list[EventRecord]] = {True: [], False: []}
        for question in due:
            entries = [
                (official, record)
                for official in question.lists
                if (record := found.get((question.entity.key, official.key)))
            ]
            for official, record in entries:
                listing = record.listing
                text = f"on the {official.title}, {told_entry(listing, with_programme=True)}"
                url = page_of(listing, official)
                where = (question.entity.key, official.key, official.authority)
                is_fresh = record.first_seen_at >= question.reported_at
                news[is_fresh].append(EventRecord(*where, listing.uid, f"now {text}" if is_fresh else text, now, url))
            if not entries and question.is_late:
                news[True].append(awaited_record(question, now))
        for is_news, records in news.items():
            if records:
                self.teller.save_records(event, records, "held against the official lists", is_news=is_news)


def is_flood(record: ListImport) -> bool:
    return record.rows >= FLOOD_LEAST and record.added > FLOOD_SHARE * record.rows


def _stages(report: Report) -> tuple[str, ...]:
    return (report.article.full_text_note, *report.judgement.reasons)
