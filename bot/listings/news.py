"""What official lists say of those who are tracked: an addition, a change or a removal becomes a finding from an
official source, and joins the news event it belongs to or opens one; what was reported and is on no list is said too.

    import_changes | find_concerned | make_reports | save_listed     events_since | await_lists | save_records
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import Protocol

import structlog

from bot.folding import fold_key
from bot.identifiers import LIST_ID, identifier_key, shared_identifier
from bot.lists import OfficialList
from bot.lists.changes import compare_listing
from bot.lookups import compare, named_entity, named_listing
from bot.lookups.comparing import MOST_NAME
from bot.lookups.spelling import latin_reading, skeleton
from bot.model import (
    Article,
    Entity,
    Event,
    EventRecord,
    EventTarget,
    Finding,
    Judgement,
    Listing,
    Mention,
    Schema,
    Strength,
    Tier,
    Verdict,
)
from bot.ports import Engine, ListImport, ListingChange, ListingRecord, ListState, Records, Store

log = structlog.get_logger(__name__)

Likeness = Callable[[Entity, Listing], tuple[float, str]]
"""How like a tracked entity and a list's entry are by their names, 0 to 1, and why."""

PAGE = 1_000
MOST_TOLD = 50  # findings of one report
# When so large a share of a list is new at once, its publisher has changed its ids, or we read it in another way.
FLOOD_SHARE, FLOOD_LEAST = 0.5, 200
AWAITED_AFTER = timedelta(hours=24)
AWAITED_UNTIL = timedelta(days=10)  # an event is still looked after for so long
_LEAST_NAME = 5  # letters: shorter ones are initials, and many things have the same
_SHORT_MOST = 0.5
_MOST_CANDIDATES = 60  # entries for one entity, or the reverse, whose names are compared


# ---------------------------------------------------------------- who is concerned


@dataclass(frozen=True, slots=True)
class Concern:
    """A tracked entity that a list's entry is about: how sure, and why."""

    entity: Entity
    listing: Listing
    score: float
    why: str


def find_concerned(
    listings: Iterable[Listing], entities: Iterable[Entity], likeness: Likeness, floor: float
) -> Iterator[Concern]:
    """Who of `entities` the `listings` are about: by the list's own id, by an identifier, or by names that are alike to
    `floor` or more. The listings are held in memory."""
    index = _Index()
    for listing in listings:
        index.add(listing)
    for entity in entities if index.by_key else ():
        for listing in index.candidates(entity):
            if concern := weigh(entity, listing, likeness, floor):
                yield concern


def weigh(entity: Entity, listing: Listing, likeness: Likeness, floor: float) -> Concern | None:
    """None: the entry is about somebody else, as far as can be told."""
    ids = {one.value for one in entity.identifiers if one.kind == LIST_ID and one.value.startswith(f"{listing.list}:")}
    if f"{listing.list}:{listing.uid}" in ids:
        return Concern(entity, listing, 1.0, "its id on that list is kept with the entity")
    if shared := shared_identifier(entity, listing):
        return Concern(entity, listing, 0.99, f"the same {shared.kind}, {shared.value}")
    if ids:  # it is known which entry it is: this one is another of like name
        return None
    score, why = likeness(entity, listing)
    return Concern(entity, listing, score, f"names {score:.0%} alike: {why}") if score >= floor else None


@dataclass(slots=True)
class _Index:
    """Entries by whatever may tie them to an entity: cheap to ask, never the last word."""

    by_key: dict[tuple[str, str], list[Listing]] = field(default_factory=lambda: defaultdict(list))
    by_word: dict[str, list[Listing]] = field(default_factory=lambda: defaultdict(list))

    def add(self, listing: Listing) -> None:
        self.by_key[LIST_ID, f"{listing.list}:{listing.uid}"].append(listing)
        for identifier in listing.identifiers:
            self.by_key[identifier_key(identifier)].append(listing)
        for word in _words(listing):
            self.by_word[word].append(listing)

    def candidates(self, entity: Entity) -> list[Listing]:
        found: dict[tuple[str, str], Listing] = {}
        for identifier in entity.identifiers:
            for listing in self.by_key.get(identifier_key(identifier), ()):
                found[listing.list, listing.uid] = listing
        weights: dict[tuple[str, str], float] = defaultdict(float)
        named: dict[tuple[str, str], Listing] = {}
        for word in _words(entity):
            bearers = self.by_word.get(word, ())
            for listing in bearers:
                weights[listing.list, listing.uid] += 1 / len(bearers)
                named[listing.list, listing.uid] = listing
        for key in sorted(weights, key=lambda key: (-weights[key], key))[:_MOST_CANDIDATES]:
            found.setdefault(key, named[key])
        return list(found.values())


def _words(named: Entity | Listing) -> frozenset[str]:
    """The words of the names, in Latin letters too, and their consonants, so that Mohammed finds Muhamad."""
    is_person = named.schema is Schema.PERSON
    return frozenset(word for name in (named.caption, *named.aliases) for word in _words_of(name, is_person))


@lru_cache(maxsize=50_000)
def _words_of(name: str, is_person: bool) -> frozenset[str]:
    name = name[:MOST_NAME]
    readings = [name] if name.isascii() else [name, latin_reading(name, is_person)]
    words = {word for reading in readings for word in fold_key(reading).split()}
    return frozenset(words | {skeleton(word) for word in words if len(word) > 3})


def name_likeness(entity: Entity, listing: Listing) -> tuple[float, str]:
    """By the names and what stands beside them; numbers that both have were compared before."""
    found = compare(replace(named_entity(entity), identifiers=()), named_listing(listing))
    if min(len(fold_key(name)) for name in found.names) < _LEAST_NAME:
        return min(found.score, _SHORT_MOST), f"{found.explanation}; too short a name to tell by itself"
    return found.score, found.explanation


# ---------------------------------------------------------------- the report


@dataclass(frozen=True, slots=True)
class Told:
    """One change of a list that concerns a tracked entity."""

    concern: Concern
    verdict: Verdict
    sentence: str
    record: EventRecord
    is_amended: bool = False  # it stood there before


@dataclass(frozen=True, slots=True)
class Report:
    article: Article
    judgement: Judgement
    records: tuple[EventRecord, ...]


def read_change(change: ListingChange) -> tuple[Verdict, tuple[str, ...]] | None:
    """(what the change is, what of the entry changed); None if a reader would see no difference. A programme that is
    added is a new designation; any other amendment is background."""
    old = None if change.old and change.old.delisted_on else change.old
    new = None if change.new and change.new.delisted_on else change.new
    if new is None:
        return (Verdict.RELIEF, ()) if old else None
    if old is None:
        return Verdict.NEW_SANCTIONS, ()
    words = compare_listing(old, new)
    if not words:
        return None
    is_wider = bool(set(new.programmes) - set(old.programmes))
    return (Verdict.NEW_SANCTIONS if is_wider else Verdict.BACKGROUND), words


def tell_change(change: ListingChange, concern: Concern, official: OfficialList, on: str, now: datetime) -> Told | None:
    """`on`: "on 12 May 2026", "by 12 May 2026"."""
    read = read_change(change)
    if read is None:
        return None
    verdict, words = read
    listing = concern.listing
    if verdict is Verdict.RELIEF:
        delisted = change.new.delisted_on if change.new else None
        when = f"on {told_day(delisted)}" if delisted else on
        sentence = f"{listing.caption} was removed from the {official.title} {when}, uid {listing.uid}."
        text = f"removed from the {official.title} {when}, uid {listing.uid}"
    elif words:
        amended = "; ".join(words)
        sentence = (
            f"{listing.caption}: the entry on the {official.title} was amended {on}, uid {listing.uid}: {amended}."
        )
        text = f"entry on the {official.title} amended {on}, uid {listing.uid}: {amended}"
    else:
        when = f"on {told_day(listing.listed_on)}" if listing.listed_on else on
        under = f" under {', '.join(listing.programmes)}" if listing.programmes else ""
        sentence = f"{listing.caption} was added to the {official.title} {when}{under}, {told_entry(listing)}."
        text = f"now on the {official.title}, {told_entry(listing, with_programme=True)}"
    record = EventRecord(
        concern.entity.key, official.key, official.authority, listing.uid, text, now, page_of(listing, official)
    )
    return Told(concern, verdict, sentence, record, is_amended=bool(words))


def told_entry(listing: Listing, *, with_programme: bool = False) -> str:
    """'uid 22603, programme DPRK3, 3 aliases'."""
    parts = [f"uid {listing.uid}"]
    if with_programme and listing.programmes:
        word = "programme" if len(listing.programmes) == 1 else "programmes"
        parts.append(f"{word} {', '.join(listing.programmes)}")
    names = len(listing.aliases) + len(listing.weak_aliases)
    parts.append(f"{names} {'alias' if names == 1 else 'aliases'}" if names else "no aliases")
    return ", ".join(parts)


def told_day(day: date) -> str:
    return f"{day.day} {day:%b %Y}"


def page_of(listing: Listing, official: OfficialList) -> str:
    return listing.url or (official.files[0].url if official.files else "")


def make_reports(told: Sequence[Told], official: OfficialList, record: ListImport, now: datetime) -> Iterator[Report]:
    """One report for each act: what was done, and under which programmes."""
    acts: dict[tuple[Verdict, tuple[str, ...], date | None], list[Told]] = defaultdict(list)
    for one in _surest(told):
        listing = one.concern.listing
        acts[one.verdict, listing.programmes, _acted_on(one)].append(one)
    numbers: dict[Verdict, int] = defaultdict(int)
    for (verdict, programmes, acted_on), those in sorted(acts.items(), key=lambda item: str(item[0])):
        for start in range(0, len(those), MOST_TOLD):
            numbers[verdict] += 1
            key = f"list:{record.list}:{record.id}:{verdict}:{numbers[verdict]}"
            yield _report(key, those[start : start + MOST_TOLD], official, record, programmes, acted_on, now)


def _surest(told: Iterable[Told]) -> list[Told]:
    """One for each entity and verdict: where two entries are like one name, the more like."""
    surest: dict[tuple[str, Verdict], Told] = {}
    for one in sorted(told, key=lambda one: (-one.concern.score, one.record.uid)):
        surest.setdefault((one.concern.entity.key, one.verdict), one)
    return list(surest.values())


def _acted_on(told: Told) -> date | None:
    """None where an entry that stood there was amended: it has the day on which it was added, years ago perhaps."""
    listing = told.concern.listing
    match told.verdict:
        case Verdict.RELIEF:
            return listing.delisted_on
        case Verdict.NEW_SANCTIONS if not told.is_amended:
            return listing.listed_on
    return None


def _report(
    key: str,
    told: Sequence[Told],
    official: OfficialList,
    record: ListImport,
    programmes: tuple[str, ...],
    acted_on: date | None,
    now: datetime,
) -> Report:
    verdict = told[0].verdict
    urls = {one.record.url for one in told}
    counts = f"{record.added:,} added, {record.changed:,} amended, {record.removed:,} removed"
    article = Article(
        key=key,
        url=urls.pop() if len(urls) == 1 else (official.files[0].url if official.files else ""),
        outlet=official.title,
        title=f"{official.title}: {_ACTS.get(verdict, 'amended')}: {_names(told)}",
        summary=f"The {official.title} as read on {told_day(now.date())}: {counts}.",
        paragraphs=tuple(one.sentence for one in told),
        published_at=now,
        source=f"list:{official.key}",
        tier=Tier.OFFICIAL,
        full_text_note=f"entry of the {official.title}, import {record.id}",
    )
    is_event = verdict in (Verdict.NEW_SANCTIONS, Verdict.RELIEF)
    judgement = Judgement(
        article=key,
        findings=tuple(_finding(one, position) for position, one in enumerate(told)),
        event=verdict if is_event else None,
        authorities=(official.authority,) if official.authority else (),
        programme=", ".join(programmes[:2]) or None,
        acted_on=acted_on,
        key_points=(article.summary,),
        reasons=(f"read from the {official.title} itself, not from an article",),
    )
    return Report(article, judgement, tuple(one.record for one in told) if is_event else ())


_ACTS = {Verdict.NEW_SANCTIONS: "added", Verdict.RELIEF: "removed"}


def _names(told: Sequence[Told]) -> str:
    names = [one.concern.listing.caption for one in told[:3]]
    return ", ".join(names) + (f" and {len(told) - 3} more" if len(told) > 3 else "")


def _finding(told: Told, position: int) -> Finding:
    concern = told.concern
    name = concern.listing.caption
    strength = Strength.IDENTIFIER if concern.score >= 0.99 else Strength.STRONG
    mention = Mention(concern.entity.key, 2 + position, 0, len(name), name, strength, name, concern.why)
    is_new = told.verdict is Verdict.NEW_SANCTIONS
    return Finding(
        entity=concern.entity.key,
        verdict=told.verdict,
        confidence=round(concern.score, 3),
        evidence=told.sentence,
        reasons=(f"an official list says so; {concern.why}",),
        mentions=(mention,),
        alert_odds=round(concern.score, 3) if is_new else 0.0,
    )


# ---------------------------------------------------------------- the jobs


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
        return [one for one in told if one]

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
        return f"{'on' if is_close else 'by'} {told_day(at.date())}"

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


@dataclass(frozen=True, slots=True)
class Awaited:
    """A target that was reported and of which the event has no entry: the authority's lists that were read since, and
    whether 24 hours have passed."""

    event: str
    entity: Entity
    authority: str
    lists: tuple[OfficialList, ...]
    reported_at: datetime
    is_late: bool


def find_awaited(
    event: Event,
    lists: Mapping[str, OfficialList],
    states: Mapping[str, ListState],
    entities: Mapping[str, Entity],
    now: datetime,
) -> Iterator[Awaited]:
    """What is to be looked up on the lists for an event: each target, for each authority that has a list here which was
    read after the report."""
    if event.kind is not Verdict.NEW_SANCTIONS or event.withdrawn or event.review:
        return
    for authority in event.authorities:
        read_at = {
            key: state.last_success_at
            for key, official in lists.items()
            if official.authority == authority
            and (state := states.get(key))
            and state.last_success_at
            and not state.stopped
        }
        for target in event.targets:
            reported = target.joined_at or event.opened_at
            fresh = tuple(lists[key] for key, at in read_at.items() if at >= reported)
            late = reported + AWAITED_AFTER
            is_late = now >= late and all(at >= late for at in read_at.values())
            entity = entities.get(target.entity)
            if fresh and entity and not _has_record(event, target, authority):
                yield Awaited(event.key, entity, authority, fresh, reported, is_late)


def _has_record(event: Event, target: EventTarget, authority: str) -> bool:
    """That it is on no list is an answer too: the list's next change is told by itself."""
    return any((record.entity, record.authority) == (target.entity, authority) for record in event.records)


def awaited_record(question: Awaited, now: datetime) -> EventRecord:
    titles = " or the ".join(official.title for official in question.lists)
    hours = int(AWAITED_AFTER.total_seconds() // 3600)
    text = f"reported, but not found on the {titles} {hours} h later"
    return EventRecord(question.entity.key, question.lists[0].key, question.authority, "", text, now)


def is_flood(record: ListImport) -> bool:
    return record.rows >= FLOOD_LEAST and record.added > FLOOD_SHARE * record.rows


def _stages(report: Report) -> tuple[str, ...]:
    return (report.article.full_text_note, *report.judgement.reasons)


__all__ = ["Likeness", "ListingNews", "find_concerned", "make_reports", "read_change", "tell_change"]
