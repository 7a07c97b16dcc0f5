"""Reads what is new: fetch the page, judge, cluster, plan; all that one article decides is saved in one transaction."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, time, timedelta
from functools import partial

import structlog

from bot.articles import parse_article, teaser_of, wants_page
from bot.delivery import (
    Planned,
    Plans,
)
from bot.errors import FetchError
from bot.events import (
    OTHER_KINDS,
    RECENT,
    add_records,
    as_changed,
    as_confirmed,
    cluster,
    cluster_listed,
    confirm,
    corroborate,
    day_of,
    is_worth_another_look,
    load_known,
    may_ease,
    settle_reviews,
    take_back,
    told_elsewhere,
    with_change,
    with_longer_key,
)
from bot.kept_pages import keep_page
from bot.matching.mentions import find_mentions
from bot.matching.names import NameIndex
from bot.matching.verdicts import find_matter, speaks_of_sanctions, tell_again
from bot.model import (
    Article,
    Correction,
    DeliveryKind,
    Entity,
    Entry,
    Event,
    EventChange,
    EventRecord,
    HoldKind,
    HttpAnswer,
    Judgement,
    KeptPage,
    Source,
    Verdict,
)
from bot.pipeline.judging import judge
from bot.pipeline.needs import Outcome
from bot.pipeline.planning import MOST_KNOWN, plan_settled, with_eased
from bot.pipeline.polling import EDITED, Polling
from bot.pipeline.sending import Sending
from bot.ports import (
    ArticleRecord,
    Records,
)
from bot.sources import load_source, too_old
from bot.summaries import with_key_points
from bot.visibility import NO_ALERT

log = structlog.get_logger(__name__)

# An article's page with all its scripts; larger ones are archives, or made to hurt.
PAGE_BYTES = 3_000_000
_MOST_LOOKS = 50  # articles that are judged again for one event
Place = Callable[[Article, Judgement, Mapping[str, Entity], Sequence[Event], datetime], tuple[EventChange, ...]]


@dataclass(frozen=True, slots=True)
class Page:
    """An entry's page, or why there is none; `again`: it may be there later."""

    answer: HttpAnswer | None
    note: str
    again: bool = False


@dataclass(frozen=True, slots=True)
class Reading:
    """Which reading of an entry this is, when the next is due, if one is, and the page that was read, if one is to be
    kept."""

    entry: int
    attempt: int
    again_in: timedelta | None
    page: KeptPage | None = None


_READ_AGAIN = (timedelta(minutes=2), timedelta(minutes=10), timedelta(minutes=45), timedelta(hours=4))


def next_reading(attempt: int) -> timedelta | None:
    """How long after reading number `attempt` (from 1) failed the page is tried again; None: no more."""
    return _READ_AGAIN[attempt - 1] if attempt <= len(_READ_AGAIN) else None


def decide_page(entry: Entry, source: Source, index: NameIndex) -> tuple[bool, str]:
    """(whether an entry's page is fetched, why), by what its title and teaser tell."""
    teaser = teaser_of(entry, source)
    word, names = speaks_of_sanctions(f"{entry.title}\n{entry.summary}"), bool(find_mentions(teaser, index))
    return wants_page(entry, source, word, names, None if word or names else find_matter(teaser))


class Pipeline(Polling, Sending):
    """All jobs: those of sources and of sending, and that of reading an entry."""

    def register(self) -> None:
        """Tell the engine its jobs; once, before it starts."""
        self.engine.job("poll", queue="poll", tries=2)(self.poll)
        self.engine.job("read", queue="match", tries=4)(self.read)
        self.engine.job("look_again", queue="match", tries=4)(self.look_again)
        self.engine.job("deliver", queue="deliver", tries=10)(self.deliver)
        self.engine.job("refresh", queue="deliver", tries=10)(self.refresh)

    async def read(self, entry: int, attempt: int = 1) -> None:
        """Fetch an entry's page if it is worth it, judge the article, and save the outcome with its deliveries.
        A page that fails for a moment is read again later: its teaser, judged meanwhile, may name nobody."""
        index, record, known, why = await asyncio.to_thread(self._load_entry, entry)
        if record is None:
            return
        source = known or Source(record.source, record.outlet, record.link)
        page, fetched_at = await self._fetch_page(record, source, index), self.now()
        article = await self.readers.run(parse_article, record, source, page.answer, page.note)
        old = too_old(source, article.published_at, self.now()) if record.published_at is None else None
        if old:  # the feed told no date, the page does
            judgement = Judgement(article.key, (), None, reasons=(old,), is_too_old=True)
        else:
            judgement = await self.readers.run(judge, article, index, self.alert_floor)
            if self.second:
                judgement = await self.second.read(article, judgement, index.entities)
        stages = (_entered(source, why), page.note, *judgement.reasons)
        later = next_reading(attempt) if page.again else None
        kept = keep_page(article.key, page.answer, fetched_at) if page.answer and self.keeps_pages else None
        reading = Reading(entry, attempt, later, kept)
        outcome = await asyncio.to_thread(self._save_outcome, article, judgement, stages, index, reading)
        self.on_outcome(outcome)

    async def look_again(self, articles: list[str]) -> None:
        """Judge articles anew, by their keys, to which an event is news that was not known when they were read."""
        for key in articles:
            if outcome := await asyncio.to_thread(self._judge_in_light, key):
                self.on_outcome(outcome)

    def _judge_in_light(self, key: str) -> Outcome | None:
        """None if it changes nothing: the article tells of something else. Looked at before the lock is asked for, as
        most do, and again under it: meanwhile the page may be read anew, the event merged or withdrawn."""
        with self.store.reading() as records:
            record, index = records.article(key), self.index(records)
            if record is None or not self._is_news(records, record, index):
                return None
        with self.store.writing() as records:
            records.lock_events()
            record = records.article(key)
            if record is None or record.judgement is None or not self._is_news(records, record, index):
                return None
            stages = tuple(stage for stage in record.stages if stage != NO_ALERT)
            return self._save_in(records, record.article, record.judgement, stages, index, before=record)

    def _is_news(self, records: Records, record: ArticleRecord, index: NameIndex) -> bool:
        """Whether the events that are known now change an article's judgement."""
        if record.judgement is None:
            return False
        now = self.now()
        known = load_known(records, index.entities, now)
        told = corroborate(record.article, record.judgement, index.entities, known, now, self.alert_floor)
        return told != record.judgement or self._eases_more(records, record.article, record.judgement)

    def _eases_more(self, records: Records, article: Article, judgement: Judgement) -> bool:
        """Whether the relief that an article tells eases what was told since the article was read."""
        found = _relieved(records, judgement)
        own = [
            event
            for event in found
            if event.kind is Verdict.RELIEF and any(source.article == article.key for source in event.sources)
        ]
        if not own:
            return any(event.kind is Verdict.NEW_SANCTIONS for event in found)
        return any(with_eased(records, event, self.alert_floor).eases != event.eases for event in own)

    def _cluster(
        self,
        records: Records,
        article: Article,
        judgement: Judgement,
        entities: Mapping[str, Entity],
        known: Sequence[Event],
        now: datetime,
    ) -> tuple[EventChange, ...]:
        """`cluster`, of new sanctions and of what else somebody wants to be told of."""
        kinds = self._wanted_kinds(records, judgement)
        changes = cluster(article, judgement, entities, known, now, kinds)
        return tuple(change for change in changes if self._is_wanted(records, change))

    def _wanted_kinds(self, records: Records, judgement: Judgement) -> frozenset[Verdict]:
        """The other verdicts in a judgement of which somebody wants to be told; relief also of whom an event designated
        before: who was told of that may want to be told (`_is_wanted`)."""
        found = {finding.verdict for finding in judgement.findings} & set(OTHER_KINDS)
        if not found:
            return frozenset()
        wanted = found & records.wanted_verdicts()
        if Verdict.RELIEF in found and any(one.kind is Verdict.NEW_SANCTIONS for one in _relieved(records, judgement)):
            wanted |= {Verdict.RELIEF}
        return frozenset(wanted)

    def _is_wanted(self, records: Records, change: EventChange) -> bool:
        """Whether an event that would be opened is one: a relief for which nobody asked must ease what was told."""
        event = change.event
        if not change.opened or event.kind is not Verdict.RELIEF or Verdict.RELIEF in records.wanted_verdicts():
            return True
        eases = with_eased(records, event, self.alert_floor).eases
        return bool(eases and records.told_of({one.event for one in eases}))

    def _load_entry(self, entry: int) -> tuple[NameIndex, Entry | None, Source | None, str]:
        """With its source, and why it is read."""
        with self.store.reading() as records:
            record = records.entry(entry)
            if record is None:
                return self.index(records), None, None, ""
            source = load_source(records, self.sources, record.entry.source)
            return self.index(records), record.entry, source, record.reason

    async def _fetch_page(self, entry: Entry, source: Source, index: NameIndex) -> Page:
        wanted, note = decide_page(entry, source, index)
        if not wanted:
            return Page(None, note)
        try:
            answer = await self.fetcher.fetch(entry.link, max_bytes=PAGE_BYTES)
        except FetchError as error:
            return Page(None, f"page not read, judged on the teaser: {error.problem}", again=not error.permanent)
        if answer.status >= 400:
            passing = answer.status >= 500 or answer.status in (408, 425, 429)
            return Page(None, f"page not read, judged on the teaser: the server answered {answer.status}", passing)
        return Page(answer, f"page read: {note}")

    def save_listed(
        self, article: Article, judgement: Judgement, stages: tuple[str, ...], listed: Sequence[EventRecord]
    ) -> Outcome:
        """The outcome of what an official list did, as of an article."""
        with self.store.reading() as records:
            index = self.index(records)
        outcome = self._save_outcome(article, judgement, stages, index, place=partial(cluster_listed, records=listed))
        self.on_outcome(outcome)
        return outcome

    def save_records(
        self, event: str, listed: Sequence[EventRecord], reason: str, *, is_news: bool = True
    ) -> EventChange | None:
        """What official lists say of an event that is known, told to whom it concerns; None if it is said already."""
        now = self.now()
        with self.store.writing() as records:
            records.lock_events()
            known = records.event(event)
            change = add_records(known, listed, now, reason, is_news=is_news) if known and not known.withdrawn else None
            if change:
                plan = self._plan(records, change, None)
                self._put_restored(records, change)
                self._save_plan(records, plan, now)
        return change

    def put_confirmed(self, records: Records, review: Event, entities: frozenset[str], by: str) -> Event | None:
        """What `by` confirms of an event for review is told as if its articles had been sure of it. Returns the alert;
        None: nothing comes of it, as its articles are no longer kept or only repeat what was withdrawn."""
        records.lock_events()
        now, tracked = self.now(), self.index(records).entities
        known = load_known(records, tracked, now)
        changes: dict[str, EventChange] = {}
        sources: list[tuple[ArticleRecord, tuple[EventChange, ...]]] = []
        for source in review.sources:
            if record := _as_confirmed(records.article(source.article), entities, tracked):
                own = _confirmed_in(records, record, entities, tracked, known, now)
                for change in own:
                    known, changes = tuple(as_changed(known, change)), with_change(changes, change)
                sources.append((record, own))
        plans: dict[str, Plans] = {}
        for key, change in changes.items():
            record = next(record for record, own in sources if key in [one.event.key for one in own])
            plans[key] = self._plan(records, replace(change, event=confirm(change.event, entities, by, now)), record)
            for plan in (*(self._plan_gone(records, event) for event in change.merged), plans[key]):
                self._save_plan(records, plan, now)
        self._put_looks(records, [*changes.values()])
        self._save_confirmed(records, sources, plans, by)
        alert = next((plan.event for plan in plans.values()), None)
        if alert:
            self._settle_confirmed(records, review, alert, now)
        return alert

    def _settle_confirmed(self, records: Records, review: Event, alert: Event, now: datetime) -> None:
        """The question is answered, once all of it is; and so are others that the alert answers."""
        others = [one for one in records.reviews_since(now - RECENT) if one.key != review.key]
        settled = [*settle_reviews(alert, others, now)]
        if {target.entity for target in review.targets} <= {target.entity for target in alert.targets}:
            settled.append(told_elsewhere(review, alert.key, now))
        for one in settled:
            self._save_plan(records, plan_settled(records, one), now)

    def _save_confirmed(
        self,
        records: Records,
        sources: Sequence[tuple[ArticleRecord, Sequence[EventChange]]],
        plans: Mapping[str, Plans],
        by: str,
    ) -> None:
        """The findings stay as they were judged: that somebody confirmed them is a stage of its own."""
        untold = dict(plans)
        for record, own in sources:
            stored = records.article(record.article.key)
            if stored is None or not own:
                continue
            became = [untold.pop(one.event.key) for one in own if one.event.key in untold]
            stages = (
                *(stage for stage in stored.stages if stage != NO_ALERT),
                f"confirmed by {by} in the review chat",
                *_tell(own),
                *(line for plan in became for line in _tell_plans(plan)),
            )
            records.save_article(replace(stored, event=stored.event or own[0].event.key, stages=stages))

    def _put_restored(self, records: Records, change: EventChange) -> None:
        """Before the change itself is saved, which is a later revision."""
        for one in change.restored:
            self.put_correction(records, one.event, one.correction)

    def _save_plan(self, records: Records, plan: Plans, now: datetime) -> None:
        records.save_event(plan.event)
        self._put_deliveries(records, plan.event, plan.planned, now)
        if self.notices:
            self.notices.follow(records, plan.event)
        told = {sent.chat for sent in plan.planned if sent.kind is DeliveryKind.ALERT}
        before = {held.chat for held in records.held_alerts(plan.event.key) if not held.told_at} if told else set()
        for chat in sorted(told & before, key=str):  # what was held before is told now
            records.take_held(chat, tuple(HoldKind), now, "alert", plan.event.key)
        for held in plan.held:
            records.hold_alert(held)

    def _save_outcome(
        self,
        article: Article,
        judgement: Judgement,
        stages: tuple[str, ...],
        index: NameIndex,
        reading: Reading | None = None,
        place: Place | None = None,
    ) -> Outcome:
        with self.store.writing() as records:
            records.lock_events()
            outcome = self._save_in(records, article, judgement, stages, index, place)
            if reading and reading.page and _is_evidence(records, outcome.record):
                records.keep_page(reading.page)
            if reading and reading.again_in:
                self._put_reading(records, reading, self.now() + reading.again_in)
        return outcome

    def _save_in(
        self,
        records: Records,
        article: Article,
        judgement: Judgement,
        stages: tuple[str, ...],
        index: NameIndex,
        place: Place | None = None,
        before: ArticleRecord | None = None,
    ) -> Outcome:
        """In a transaction that holds the lock of the events. `before`: the article as it is stored, where it is the
        same text in another light; the day of its judgement stays, and which event it is of."""
        now = self.now()
        known = load_known(records, index.entities, now)
        if place is None:
            told = corroborate(article, judgement, index.entities, known, now, self.alert_floor)
            stages, judgement = _retold(stages, judgement, told), told
            place = partial(self._cluster, records)
        changes = place(article, judgement, index.entities, known, now)
        changes = tuple(_under_own_key(records, change, article) for change in changes)
        own = changes[0].event.key if changes else None
        if before:
            own = before.event or own
        record = ArticleRecord(article, judgement, stages, own, before.judged_at if before else now)
        alerts = [self._plan(records, change, record) for change in changes]
        gone = [self._plan_gone(records, event) for change in changes for event in change.merged]
        news = [change for change in changes if change.event.kind is Verdict.NEW_SANCTIONS]
        plans = [*alerts, *gone, *self._plan_reviews(records, record, news, known, index, now)]
        changed = {plan.event.key: plan.event for plan in plans}
        taken_back = take_back(article, judgement, [changed.get(one.key, one) for one in known], now)
        became = [line for plan in plans for line in _tell_plans(plan)]
        became += dict.fromkeys(f"an event is to be checked: {one.reason}" for one in taken_back)
        record = replace(record, stages=(*stages, *_tell(changes), *became))
        records.save_article(record)
        for change in changes:
            self._put_restored(records, change)
        for plan in plans:
            self._save_plan(records, plan, now)
        for one in taken_back:
            self.put_correction(records, one.event, one.correction)
        self._put_looks(records, changes)
        log.info("judged", article=article.url, alert=record.event, stages=record.stages)
        return Outcome(record, changes, tuple(planned for plan in alerts for planned in plan.planned))

    def put_correction(self, records: Records, event: Event, correction: Correction) -> int:
        """As `Outgoing` does; what is restored may be news for articles that came meanwhile: a relief of it."""
        before = records.event(event.key)
        stood = {target.entity for target in before.targets} if before and not before.withdrawn else set()
        heard = super().put_correction(records, event, correction)
        back = tuple(one.entity for one in event.targets if one.entity not in stood) if not event.withdrawn else ()
        self._put_looks(records, [EventChange(event, False, False, correction.said, added_targets=back)])
        return heard

    def _put_looks(self, records: Records, changes: Sequence[EventChange]) -> None:
        """For articles that were read before it, and in doubt, an event may be news."""
        for change in changes:
            if not change.added_targets:
                continue
            since = datetime.combine(day_of(change.event), time.min, UTC)  # not by the clock: a backlog is old
            named = records.articles_naming(change.added_targets, since, _MOST_LOOKS)
            dim = [
                one.article.key
                for one in named
                if one.judgement
                and (is_worth_another_look(change, one.article, one.judgement) or may_ease(change, one.judgement))
            ]
            if dim:
                key = f"look_again:{change.event.key}:{change.event.revision:06d}"
                self.engine.put(records, "look_again", key, {"articles": dim})

    def _put_reading(self, records: Records, reading: Reading, not_before: datetime) -> None:
        attempt = reading.attempt + 1
        key = f"read:{reading.entry:020d}:{attempt:02d}"
        args = {"entry": reading.entry, "attempt": attempt}
        self.engine.put(records, "read", key, args, not_before=not_before)


def _is_evidence(records: Records, record: ArticleRecord) -> bool:
    """Is an article about sanctions, and names somebody who is tracked? Also one that raises no alert: it may be asked
    about, or be confirmed later. What it says after an edit is evidence too, if the name is gone then above all."""
    findings = record.judgement.findings if record.judgement else ()
    return any(finding.verdict not in (Verdict.UNRELATED, Verdict.ABSENT) for finding in findings) or bool(
        records.count_pages([record.article.key])
    )


def _entered(source: Source, reason: str) -> str:
    if reason.startswith(EDITED):
        return f"entry of {source.title}, read again, as {reason.removeprefix(EDITED)}"
    return f"new entry of {source.title}"


def _under_own_key(records: Records, change: EventChange, article: Article) -> EventChange:
    """Of two articles that come to one key, the second's event gets a longer one: else it would take the first's place,
    whose readers would be told nothing, as if they had its alert."""
    stored = records.event(change.event.key) if change.opened else None
    is_own = stored is None or any(source.article == article.key for source in stored.sources)
    return change if is_own else with_longer_key(change, article)


def _as_confirmed(
    record: ArticleRecord | None, confirmed: frozenset[str], tracked: Mapping[str, Entity]
) -> ArticleRecord | None:
    """An article as if it had been sure of those whom somebody confirmed; None if it tells of none of them, or is no
    longer kept."""
    if record is None or record.judgement is None:
        return None
    found = confirmed & {finding.entity for finding in record.judgement.findings}
    if not found:
        return None
    judgement = tell_again(record.article, as_confirmed(record.judgement, found), tracked)
    return replace(record, judgement=with_key_points(record.article, judgement, tracked))


def _confirmed_in(
    records: Records,
    record: ArticleRecord,
    confirmed: frozenset[str],
    tracked: Mapping[str, Entity],
    known: Sequence[Event],
    now: datetime,
) -> tuple[EventChange, ...]:
    """What the article does to the events of those who were confirmed."""
    changes = cluster(record.article, record.judgement, tracked, known, now) if record.judgement else ()
    return tuple(
        _under_own_key(records, change, record.article)
        for change in changes
        if confirmed & {target.entity for target in change.event.targets} and not change.event.withdrawn
    )


def _retold(stages: tuple[str, ...], before: Judgement, after: Judgement) -> tuple[str, ...]:
    """With the reasons of the judgement as they are now."""
    reasons = dict(zip(before.reasons, after.reasons, strict=True))
    return tuple(reasons.get(stage, stage) for stage in stages)


def _relieved(records: Records, judgement: Judgement) -> list[Event]:
    """The events of those of whom a judgement tells relief."""
    return [event for one in judgement.of(Verdict.RELIEF) for event in records.events_of(one.entity, MOST_KNOWN)]


def _tell(changes: Sequence[EventChange]) -> tuple[str, ...]:
    if not changes:
        return (NO_ALERT,)
    return tuple(
        f"{'opened' if change.opened else 'joined'} event {change.event.key}: {change.reason}" for change in changes
    )


def _tell_plans(plans: Plans) -> tuple[str, ...]:
    return (
        *(f"{_told_kind(plans.event, plan)} for {plan.chat}: {plan.reason}" for plan in plans.planned),
        *(f"held for {one.chat}: {one.reason.removeprefix('held: ')}" for one in plans.held),
        *(f"nothing for {one.chat}: {one.reason}" for one in plans.withheld),
    )


def _told_kind(event: Event, plan: Planned) -> str:
    return "question" if event.review and plan.kind is DeliveryKind.ALERT else plan.kind
