"""The jobs in order of the data flow: load, ask the core, save.

    tick | poll: fetch, parse, keep the new
    read: fetch the page, find mentions, judge, ask the second reader what is unsure, cluster, plan | deliver: send

Each job may run again after a crash; each saves all it decided in one transaction, with the jobs that follow from it.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import random
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from contextlib import AbstractAsyncContextManager, nullcontext
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Protocol, TypeVar

import structlog

from bot.alerts import alert_message, follow_up_message, severity
from bot.articles import parse_article, wants_page
from bot.delivery import (
    FollowChat,
    GiveUp,
    Planned,
    StopChat,
    TryAgain,
    Withheld,
    decide_after_failure,
    find_concerned,
    find_focus,
    find_interest,
    find_unseen,
    plan_correction,
    plan_deliveries,
    plan_review,
    without_held,
)
from bot.errors import ArticleError, ChatMovedError, DeliveryError, FetchError, SecondReaderError, StoreError
from bot.events import OTHER_KINDS, WINDOW, add_records, cluster, cluster_listed, cluster_review, settle_reviews
from bot.matching.lookalikes import find_held
from bot.matching.mentions import find_mentions
from bot.matching.names import NameIndex
from bot.matching.second_reading import Doubt, Refusal, check_answer, find_questions, with_answers
from bot.matching.verdicts import ALERT_FLOOR, Reasons, judge_article, speaks_of_sanctions
from bot.model import (
    Acknowledgement,
    Article,
    Chat,
    ChatKey,
    ChatRoutes,
    DeadJob,
    Delivery,
    DeliveryKind,
    DeliveryState,
    Entity,
    Entry,
    Event,
    EventChange,
    EventRecord,
    Feedback,
    Finding,
    Held,
    HeldAlert,
    HoldKind,
    HttpAnswer,
    Judgement,
    Message,
    Question,
    Receipt,
    Severity,
    Source,
    SourceState,
    Subscription,
    Verdict,
)
from bot.ports import (
    Again,
    ArticleRecord,
    AuditRow,
    Engine,
    Fetcher,
    Platform,
    Records,
    SecondReader,
    SentAlert,
    Sight,
    Store,
)
from bot.rights import ChatMode, decide_chat
from bot.routes import Hold, decide_hold, route_subscriptions
from bot.sources import decide_poll, identity, is_due, parse_answer, request_headers
from bot.summaries import key_points

log = structlog.get_logger(__name__)

# Events an article may still join: the window of `events.cluster`, and a margin for late polls.
NOT_ALLOWED = "it is not on the list of allowed chats; an admin can allow it: admin allow chat"
RECENT_EVENTS = WINDOW + timedelta(days=20)
# An article's page with all its scripts; larger ones are archives, or made to hurt.
PAGE_BYTES = 3_000_000
T = TypeVar("T")
Place = Callable[[Article, Judgement, Mapping[str, Entity], Sequence[Event], datetime], tuple[EventChange, ...]]
ALERT_PRIORITY, FOLLOW_UP_PRIORITY, NOTICE_PRIORITY, EDIT_PRIORITY = 1, 2, 3, 9
SAVE_WITHIN = timedelta(minutes=10)
SWITCHED_ON_WITHIN = timedelta(seconds=30)
STAYS_DEAD = timedelta(seconds=20)
TOLD_WITHIN = timedelta(minutes=10)  # of its death: a job that is dead for days is no news


def judge(
    article: Article, index: NameIndex, alert_floor: float = ALERT_FLOOR, reasons: Reasons = Reasons.OF_ALERTS
) -> Judgement:
    """The whole judgement of one article: the only path, live, in `judge`, `explain` and the tests. Where there is a
    second reader, `SecondReading.read` follows."""
    mentions = find_mentions(article, index)
    judgement = judge_article(article, mentions, index.entities, alert_floor=alert_floor, reasons=reasons)
    if not judgement.findings:
        return judgement
    return replace(judgement, key_points=key_points(article, judgement, index.entities))


def judge_now(article: Article, index: NameIndex, now: datetime, alert_floor: float = ALERT_FLOOR) -> ArticleRecord:
    """An article that somebody asks about, judged as if it had come from a source; nothing is stored."""
    judgement = judge(article, index, alert_floor, Reasons.OF_ALL)
    return ArticleRecord(article, judgement, (article.full_text_note, *judgement.reasons), None, now)


async def judge_asked(
    article: Article, index: NameIndex, now: datetime, alert_floor: float, second: SecondReading | None
) -> ArticleRecord:
    """`judge_now`, with the second reader as the pipeline would ask it."""
    record = await asyncio.to_thread(judge_now, article, index, now, alert_floor)
    if second is None or record.judgement is None:
        return record
    judgement = await second.read(article, record.judgement, index.entities, somebody_asks=True)
    return replace(record, judgement=judgement, stages=(article.full_text_note, *judgement.reasons))


@dataclass(frozen=True, slots=True)
class SecondReading:
    """Puts what the judgement is unsure of to a second reader, within a budget a day that all processes share. Whatever
    fails, the judgement stands as it was, and says why."""

    reader: SecondReader
    store: Store
    doubt: Doubt
    calls_per_day: int
    now: Callable[[], datetime] = lambda: datetime.now(UTC)

    async def read(
        self, article: Article, judgement: Judgement, entities: Mapping[str, Entity], *, somebody_asks: bool = False
    ) -> Judgement:
        """The judgement with what the answers changed. What `somebody_asks` is put only while half of the day's budget
        is left: that half is the news'."""
        questions = await asyncio.to_thread(find_questions, article, judgement, entities, self.doubt)
        if not (questions.asked or questions.unasked):
            return judgement
        most = self.calls_per_day // 2 if somebody_asks else self.calls_per_day
        findings = {finding.entity: finding for finding in judgement.findings}
        notes = {finding.entity: f"language model not asked: {why}" for finding, why in questions.unasked}
        changed: list[Finding] = []
        for question in questions.asked:
            finding = findings[question.entity]
            outcome = await self._put(question, article, finding, entities[question.entity], most)
            if isinstance(outcome, Finding):
                changed.append(outcome)
            else:
                notes[question.entity] = outcome
        told = [f"{note} ({entities[key].caption if key in entities else key})" for key, note in notes.items()]
        return await asyncio.to_thread(_with_answers, article, judgement, entities, changed, told)

    async def _put(
        self, question: Question, article: Article, finding: Finding, entity: Entity, most: int
    ) -> Finding | str:
        """The finding as the answer leaves it, or why it stays as it was."""
        answer, why = await self._ask(question, most)
        outcome: Finding | str = why
        if answer is not None:
            checked = await asyncio.to_thread(check_answer, answer, article, finding, entity, self.doubt)
            outcome = (
                f"language model asked, its answer was not used: {checked.reason}"
                if isinstance(checked, Refusal)
                else checked
            )
        told = outcome if isinstance(outcome, str) else f"read as {outcome.verdict}"
        log.info("second reading", article=article.url, entity=entity.key, judged=finding.verdict, outcome=told)
        return outcome

    async def _ask(self, question: Question, most: int) -> tuple[str | None, str]:
        """(its answer, why there is none)."""
        if reason := self.reader.resting():
            return None, f"language model not asked: {reason}"
        if not await asyncio.to_thread(self._take_call, most):
            if most < self.calls_per_day:
                return (
                    None,
                    f"language model not asked: what is left of {self.calls_per_day} calls a day is for the news",
                )
            return None, f"language model not asked: budget of {most} calls a day is used up"
        try:
            return await self.reader.read(question), ""
        except SecondReaderError as error:
            return None, f"language model asked, without an answer: it {error}"
        except Exception as error:  # whatever its library raises: an alert must not wait for it, nor be lost with it
            log.warning("language model failed", problem=type(error).__name__)
            return None, "language model asked, without an answer: it failed"

    def health(self) -> str:
        """'connected …; 12 of 200 calls today', for /status."""
        with self.store.reading() as records:
            calls = records.model_calls(self.now().astimezone(UTC).date())
        return f"{self.reader.health()}; {calls} of {self.calls_per_day} calls today (UTC)"

    def _take_call(self, most: int) -> bool:
        with self.store.writing() as records:
            return records.take_model_call(self.now(), most)


def _with_answers(
    article: Article,
    judgement: Judgement,
    entities: Mapping[str, Entity],
    changed: Sequence[Finding],
    notes: Sequence[str],
) -> Judgement:
    told = with_answers(judgement, changed, notes)
    return replace(told, key_points=key_points(article, told, entities)) if changed else told


def article_of_page(page: HttpAnswer, now: datetime) -> Article:
    """The article of a page that somebody asks about. Raises ArticleError if the server gave none."""
    if page.status >= 400:
        raise ArticleError(f"{page.url}: the server answered {page.status}")
    entry = Entry("asked", page.url, page.url, "", "", None, now)
    return parse_article(entry, Source("asked", "", page.url), page, "page read: you asked for it")


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one article, for whoever watches the program run."""

    record: ArticleRecord
    changes: tuple[EventChange, ...]
    planned: tuple[Planned, ...]


@dataclass(frozen=True, slots=True)
class Review:
    """Where findings go that are too unsure for an alert, from which probability of new sanctions on."""

    chat: Chat
    floor: float


class Turns(Protocol):
    """Who is next at the gate of an account (`bot.pacing`)."""

    def turn(self, account: str, urgency: int) -> AbstractAsyncContextManager[None]: ...


class Spreader(Protocol):
    """Puts the jobs of an event's new rows, of many a part at a time (`bot.spreading`)."""

    def put(self, records: Records, rows: Sequence[Delivery]) -> None: ...


@dataclass(slots=True)
class Pipeline:
    """The jobs and what they need from outside. `index` gives the watchlist as it is now; `now` is the clock;
    `edit_every` the least time between two versions of one message, by platform; `jitter` is a test's own."""

    store: Store
    engine: Engine
    fetcher: Fetcher
    sources: Mapping[str, Source]
    platforms: Mapping[str, Platform]
    index: Callable[[Records], NameIndex]
    now: Callable[[], datetime] = lambda: datetime.now(UTC)
    edit_every: Mapping[str, timedelta] = field(default_factory=dict)
    on_outcome: Callable[[Outcome], None] = lambda _outcome: None
    on_trouble: Callable[[str], None] = lambda _text: None
    turns: Turns | None = None
    spreading: Spreader | None = None
    jitter: Callable[[], float] = random.random
    alert_floor: float = ALERT_FLOOR
    review: Review | None = None
    second: SecondReading | None = None
    allow_chats: ChatMode = ChatMode.ANYONE

    def register(self) -> None:
        """Tell the engine its jobs; once, before it starts."""
        self.engine.job("poll", queue="poll", tries=2)(self.poll)
        self.engine.job("read", queue="match", tries=4)(self.read)
        self.engine.job("deliver", queue="deliver", tries=10)(self.deliver)
        self.engine.job("refresh", queue="deliver", tries=10)(self.refresh)

    # ------------------------------------------------------------ poll

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

    # ------------------------------------------------------------ read

    async def read(self, entry: int, attempt: int = 1) -> None:
        """Fetch an entry's page if it is worth it, judge the article, and save the outcome with its deliveries.
        A page that fails for a moment is read again later: its teaser, judged meanwhile, may name nobody."""
        index, record = await asyncio.to_thread(self._load_entry, entry)
        if record is None:
            return
        source = self.sources.get(record.source) or Source(record.source, record.outlet, record.link)
        page = await self._fetch_page(record, source, index)
        article = await asyncio.to_thread(parse_article, record, source, page.answer, page.note)
        judgement = await asyncio.to_thread(judge, article, index, self.alert_floor)
        if self.second:
            judgement = await self.second.read(article, judgement, index.entities)
        stages = (f"new entry of {source.title}", page.note, *judgement.reasons)
        later = next_reading(attempt) if page.again else None
        outcome = await asyncio.to_thread(
            self._save_outcome, article, judgement, stages, index, Reading(entry, attempt, later)
        )
        self.on_outcome(outcome)

    def _load_entry(self, entry: int) -> tuple[NameIndex, Entry | None]:
        with self.store.reading() as records:
            record = records.entry(entry)
            return self.index(records), record.entry if record else None

    async def _fetch_page(self, entry: Entry, source: Source, index: NameIndex) -> Page:
        teaser = Article(entry.link, entry.link, entry.outlet, entry.title, entry.summary, (), entry.effective_at)
        word = speaks_of_sanctions(f"{entry.title}\n{entry.summary}")
        wanted, note = wants_page(entry, source, word, bool(find_mentions(teaser, index)))
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
                self._save_plan(records, plan, now)
        return change

    def _save_plan(self, records: Records, plan: Plans, now: datetime) -> None:
        records.save_event(plan.event)
        self._put_deliveries(records, plan.event, plan.planned, now)
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
        now = self.now()
        with self.store.writing() as records:
            records.lock_events()
            known = records.events_since(now - RECENT_EVENTS)
            place = place or partial(cluster, kinds=_wanted_kinds(records, judgement))
            changes = place(article, judgement, index.entities, known, now)
            record = ArticleRecord(article, judgement, stages, changes[0].event.key if changes else None, now)
            alerts = [self._plan(records, change, record) for change in changes]
            gone = [self._plan_gone(records, event) for change in changes for event in change.merged]
            news = [change for change in changes if change.event.kind is Verdict.NEW_SANCTIONS]
            plans = [*alerts, *gone, *self._plan_reviews(records, record, news, known, index, now)]
            told = [line for plan in plans for line in _tell_plans(plan.planned, plan.withheld, plan.held)]
            record = replace(record, stages=(*stages, *_tell(changes), *told))
            records.save_article(record)
            for plan in plans:
                self._save_plan(records, plan, now)
            if reading and reading.again_in:
                self._put_reading(records, reading, now + reading.again_in)
        log.info("judged", article=article.url, alert=record.event, stages=record.stages)
        return Outcome(record, changes, tuple(planned for plan in alerts for planned in plan.planned))

    def _put_reading(self, records: Records, reading: Reading, not_before: datetime) -> None:
        attempt = reading.attempt + 1
        key = f"read:{reading.entry:020d}:{attempt:02d}"
        args = {"entry": reading.entry, "attempt": attempt}
        self.engine.put(records, "read", key, args, not_before=not_before)

    def _plan_gone(self, records: Records, event: Event) -> Plans:
        """An event that proved to be the same act as another: who has a message of both is told so in this one's."""
        told = records.chats_told(event.key)
        reason = f"the same act as event {event.told_as}"
        return Plans(event, tuple(Planned(chat, DeliveryKind.EDIT, reason) for chat in told))

    def _plan(self, records: Records, change: EventChange, record: ArticleRecord | None) -> Plans:
        for event in change.merged:
            records.adopt_alerts(event.told_as, event.key)
        told = frozenset(records.chats_told(change.event.key))
        entities = _tracked(records, change.event)
        chats = [self._admitted(records, change.event, chat) or chat for chat in records.chats()]
        held = _held(records, change.event, entities, [chat.key for chat in chats], record)
        asked, elsewhere = self._routed(records, change.event, told)
        told_otherwise = frozenset(records.chats_told_otherwise(change.event.key))
        planned, withheld = plan_deliveries(change, chats, asked, told | told_otherwise, entities, held)
        planned = _without_edits(planned, told_otherwise - told)
        planned, kept = self._hold(records, change, planned, asked, entities)
        withheld = tuple(replace(one, reason=elsewhere.get(one.chat, one.reason)) for one in withheld)
        return Plans(change.event, planned, withheld, kept)

    def _routed(
        self, records: Records, event: Event, told: AbstractSet[ChatKey]
    ) -> tuple[tuple[Subscription, ...], Mapping[ChatKey, str]]:
        """All subscriptions, as of the chats that are told for them, and why others are not."""
        routes = {one.chat: one for one in records.routes_elsewhere()}

        def severity_of(own: Sequence[Subscription]) -> Severity:
            return severity(event, find_focus(own, event))

        return route_subscriptions(records.subscriptions(), routes, told, severity_of)

    def _hold(
        self,
        records: Records,
        change: EventChange,
        planned: Sequence[Planned],
        asked: Sequence[Subscription],
        entities: Mapping[str, Entity],
    ) -> tuple[tuple[Planned, ...], tuple[HeldAlert, ...]]:
        """(what is told now, what is held): edits are silent, and never held."""
        event, now = change.event, self.now()
        loud = [plan for plan in planned if plan.kind is not DeliveryKind.EDIT]
        if not loud:
            return tuple(planned), ()
        mutes, settings = records.mutes(now), {one.chat: one for one in records.all_routes()}
        muting = {mute.chat for mute in mutes}
        owned: dict[ChatKey, list[Subscription]] = {}
        for one in asked:
            owned.setdefault(one.chat, []).append(one)
        held: dict[Planned, HeldAlert] = {}
        for plan in loud:
            own_settings = _settings_of(settings, plan.chat)
            if own_settings is None and plan.chat not in muting:
                continue
            own = owned.get(plan.chat, [])
            concerned = _news_of(plan, find_concerned(own, event, entities), entities)
            how_severe = severity(event, find_focus(own, event))
            muted_here = [mute for mute in mutes if mute.chat == plan.chat]
            hold = decide_hold(own_settings, muted_here, event, concerned, how_severe, now)
            if hold:
                held[plan] = _held_alert(event, plan, hold, how_severe, now)
        return tuple(plan for plan in planned if plan not in held), tuple(held.values())

    def _admitted(self, records: Records, event: Event | None, chat: Chat | None) -> Chat | None:
        """The chat; stopped if it may not talk to the bot, as then nothing is sent there. The review chat is the
        operator's own choice."""
        if chat is None or (event and event.review) or self.allow_chats is ChatMode.ANYONE:
            return chat
        if decide_chat(self.allow_chats, chat, (), is_listed=records.is_allowed(chat.key)).allowed:
            return chat
        return replace(chat, stopped_reason=chat.stopped_reason or NOT_ALLOWED)

    def _plan_reviews(
        self,
        records: Records,
        record: ArticleRecord,
        changes: Sequence[EventChange],
        known: Sequence[Event],
        index: NameIndex,
        now: datetime,
    ) -> Iterator[Plans]:
        """What the review chat is asked, and of what it is told that an alert has answered it."""
        if self.review is None or record.judgement is None:
            return
        reviews = [event for event in records.reviews_since(now - RECENT_EVENTS) if not event.told_as]
        settled = {event.key: event for change in changes for event in settle_reviews(change.event, reviews, now)}
        for event in settled.values():
            told = records.chats_told(event.key)
            yield Plans(event, tuple(Planned(chat, DeliveryKind.EDIT, "told as an alert") for chat in told))
        unanswered = [review for review in reviews if review.key not in settled]
        alerts = (*(change.event for change in changes), *known)
        floor = self.review.floor
        asked = cluster_review(record.article, record.judgement, index.entities, alerts, unanswered, floor, now)
        if asked:
            told = records.chats_told(asked.event.key)
            chat = _review_chat(records, self.review)
            held = _held(records, asked.event, _tracked(records, asked.event), [chat.key], record)
            plan = plan_review(asked, chat, frozenset(told), held)
            planned = (plan,) if isinstance(plan, Planned) else ()
            yield Plans(asked.event, planned, (plan,) if isinstance(plan, Withheld) else ())

    def _put_deliveries(self, records: Records, event: Event, planned: Sequence[Planned], now: datetime) -> None:
        what = [(plan.chat, plan.kind, plan.note) for plan in planned]
        rows = records.add_deliveries(event.key, what, event.revision, now)
        if self.spreading:
            self.spreading.put(records, rows)
        else:
            for row in rows:
                self.put_row(records, row)

    def put_row(self, records: Records, row: Delivery, rank: int = 0) -> None:
        """Put the job of a new row, if it is not there yet; the higher its rank, the more go before it at the gate."""
        edit = row.kind is DeliveryKind.EDIT
        wait = self.edit_every.get(row.chat.platform, timedelta(0)) if edit else timedelta(0)
        self._put_delivery(records, row, "", self.now() + wait if wait else None, rank)

    def _put_delivery(
        self, records: Records, row: Delivery, again: str = "", not_before: datetime | None = None, rank: int = 0
    ) -> None:
        """The job of a row; `again` parts its key from those that the row had before."""
        key = ":".join(part for part in (f"deliver:{row.id:020d}", again) if part)
        self.engine.put(
            records,
            "deliver",
            key,
            {"delivery": row.id, **({"rank": rank} if rank else {})},
            partition=str(row.chat),
            priority=_PRIORITY[row.kind],
            not_before=not_before,
        )

    def renew_delivery(self, records: Records, delivery: int) -> Delivery | None:
        """A dead letter is tried again, after what waits for its chat. None if it is not dead."""
        row = records.renew_delivery(delivery)
        if row:
            self._put_delivery(records, row, f"{self.now():%Y%m%dT%H%M%S%f}")
        return row

    def put_correction(self, records: Records, event: Event, said: str) -> int:
        """Save the event, and have all who were told of it told that it proved wrong, or right after all. Returns how
        many chats that are."""
        records.save_event(event)
        told = frozenset(records.chats_told(event.key))
        otherwise = frozenset(records.chats_told_otherwise(event.key)) - told
        planned = _without_edits(plan_correction(sorted(told | otherwise, key=str), said), otherwise)
        self._put_deliveries(records, event, planned, self.now())
        return len(told | otherwise)

    # ------------------------------------------------------------ what notices are sent with

    def admitted(self, records: Records, chat: ChatKey) -> Chat | None:
        """The chat as it is stored; stopped if it may not talk to the bot."""
        return self._admitted(records, None, records.chat(chat))

    def put_alert(self, records: Records, event: Event, chat: ChatKey, reason: str, now: datetime) -> None:
        """Have an event's message sent to a chat after all."""
        self._put_deliveries(records, event, [Planned(chat, DeliveryKind.ALERT, reason)], now)

    # ------------------------------------------------------------ deliver

    async def deliver(self, delivery: int, rank: int = 0) -> None:
        """Send one outbox row. Nothing is lost by a crash: the row is SENDING from just before the send until its
        outcome is saved, and who finds it so looks, where the platform can be asked, before it sends again."""
        work = await asyncio.to_thread(self._load_delivery, delivery)
        if work is None:
            return
        platform = self.platforms.get(work.chat.key.platform)
        if platform is None:
            reason = f"{work.chat.key.platform} is switched off here"
            await asyncio.to_thread(self._save_waiting, work.row, reason)
            raise Again(SWITCHED_ON_WITHIN, reason)
        row = await self._begin(platform, work, rank)
        if row is None:
            return
        work = replace(work, row=row)
        outcome = await self._try(platform, work)
        if isinstance(outcome, Unsent):
            await self._after_failure(work, outcome)
        else:
            await self._surely(self._settle_sent, platform, work, outcome)

    def _save_waiting(self, row: Delivery, reason: str) -> None:
        """For those who look why it is not sent."""
        if row.reason == reason:
            return
        with self.store.writing() as records:
            unsure = row.unsure + (row.state is DeliveryState.SENDING)
            records.release_delivery(row.id, reason, self.now() + SWITCHED_ON_WITHIN, unsure)

    def _load_delivery(self, delivery: int) -> Work | None:
        now = self.now()
        with self.store.writing() as records:
            row = records.delivery(delivery)
            if row is None or row.state not in (DeliveryState.WAITING, DeliveryState.SENDING):
                return None
            event = records.event(row.event)
            chat = self._admitted(records, event, records.chat(row.chat))
            told_as = event.told_as if event and row.kind is not DeliveryKind.EDIT else ""
            if event is None or chat is None or chat.stopped_reason or told_as:
                gone = f"told as event {told_as}" if told_as else "its event or chat is gone"
                reason = (chat and chat.stopped_reason) or gone
                records.settle_delivery(delivery, DeliveryState.SKIPPED, now, reason)
                return None
            own = _subscriptions_for(records, chat.key)
            entities = _tracked(records, event)
            held = _held(records, event, entities, [chat.key])
            seen = without_held(event, chat.key, held)
            if not (seen.targets if event.review else find_interest(own, seen, entities)):
                reasons = [each.reason for each in held if each.chat in (None, chat.key)]
                reason = "unsubscribed meanwhile" if seen == event else reasons[0]
                records.settle_delivery(delivery, DeliveryState.SKIPPED, now, reason)
                return None
            handled = records.acknowledgement(event.key, chat.key)
            message = _message(row, seen, find_focus(own, seen), _said(records, event, chat.key), handled)
            sent = records.sent_alert(event.key, chat.key)
            if row.kind is DeliveryKind.EDIT and sent and sent.content_hash == content_hash(message):
                records.settle_delivery(delivery, DeliveryState.SKIPPED, now, "the message says so already")
                return None
            return Work(row, event, chat, message, sent)

    async def settle_dead_jobs(self) -> None:
        """What the engine gave up is told; a row whose job is dead becomes a dead letter, as nothing else would settle
        it. The row keeps the reason, so the engine need not."""
        # a job that is moved to a new version of the program is cancelled for a moment
        dead = [job for job in await self.engine.dead() if job.at is None or self.now() - job.at > STAYS_DEAD]
        deliveries = [job for job in dead if job.job == "deliver"]
        if deliveries:
            await asyncio.to_thread(self._settle_dead, deliveries)
            await self.engine.dead(drop=[job.id for job in deliveries])
        for job in dead:
            if job.job != "deliver" and job.at and self.now() - job.at < TOLD_WITHIN:
                await asyncio.to_thread(self.on_trouble, f"the job {job.id} was given up: {job.reason}")

    def _settle_dead(self, jobs: Sequence[DeadJob]) -> None:
        now, told = self.now(), []
        with self.store.writing() as records:
            for job in jobs:
                row = records.delivery(int(str(job.args.get("delivery", 0))))
                if row and row.state in (DeliveryState.WAITING, DeliveryState.SENDING):
                    unsure = row.unsure + (row.state is DeliveryState.SENDING)
                    records.settle_delivery(row.id, DeliveryState.DEAD, now, job.reason, unsure=unsure)
                    told.append(f"{row.chat}: message {row.id} was given up: {job.reason}")
        for text in told:
            self.on_trouble(text)

    # ------------------------------------------------------------ refresh

    def put_refresh(self, event: str, chat: ChatKey) -> None:
        """The event's message in a chat reads differently since somebody spoke of it: have it brought up to date."""
        now = self.now()
        with self.store.writing() as records:
            if records.sent_alert(event, chat):
                key = f"refresh:{event}:{chat}:{now.timestamp():.6f}"
                args = {"event": event, "platform": chat.platform, "chat": chat.id, "thread": chat.thread}
                self.engine.put(records, "refresh", key, args, partition=str(chat), priority=EDIT_PRIORITY)

    async def refresh(self, event: str, platform: str, chat: str, thread: str) -> None:
        """Edit the event's message in a chat, silently, if it does not say so already."""
        key, port = ChatKey(platform, chat, thread), self.platforms.get(platform)
        work = await asyncio.to_thread(self._load_refresh, event, key)
        if work is None:
            return
        if port is None:
            raise Again(timedelta(seconds=30), f"{platform} is switched off here")
        await self.pass_gate(port, work.chat, EDIT_PRIORITY)
        try:
            receipt = await port.edit(work.sent.receipt, work.message)
        except DeliveryError as error:
            if error.permanent or isinstance(error, ChatMovedError):
                log.info("message not brought up to date", alert=event, chat=str(key), problem=error.problem)
                return
            raise Again(error.retry_after, error.problem) if error.retry_after else error from None
        await asyncio.to_thread(self._save_refresh, event, work, receipt)

    def _load_refresh(self, key: str, chat_key: ChatKey) -> Refresh | None:
        with self.store.reading() as records:
            event, known, sent = records.event(key), records.chat(chat_key), records.sent_alert(key, chat_key)
            chat = self._admitted(records, event, known)
            if event is None or chat is None or chat.stopped_reason or sent is None:
                return None
            seen = without_held(event, chat_key, _held(records, event, _tracked(records, event), [chat_key]))
            seen = seen if seen.targets else event  # all of it is somebody else: the message was sent, and says so
            focus = find_focus(_subscriptions_for(records, chat_key), seen)
            handled = records.acknowledgement(key, chat_key)
            message = alert_message(seen, focus, _said(records, event, chat_key), handled)
        return Refresh(chat, message, sent) if sent.content_hash != content_hash(message) else None

    def _save_refresh(self, event: str, work: Refresh, receipt: Receipt) -> None:
        sent = replace(work.sent, receipt=receipt, content_hash=content_hash(work.message))
        with self.store.writing() as records:
            records.save_sent(event, work.chat.key, sent)

    # ------------------------------------------------------------ sending

    async def pass_gate(self, platform: Platform, chat: Chat, priority: int = NOTICE_PRIORITY) -> None:
        """Wait until something that is no event's own message may be sent, or by its priority something else."""
        await self._pass(platform, chat, _urgency(priority), lambda _records, _now: None)

    async def _begin(self, platform: Platform, work: Work, rank: int) -> Delivery | None:
        """The row as it is SENDING, from the moment in which it passes the gate. None: it was settled meanwhile."""

        def begin(records: Records, now: datetime) -> Delivery | None:
            return records.begin_attempt(work.row.id, now, repeatable=work.is_edit)

        return await self._pass(platform, work.chat, _urgency(_PRIORITY[work.row.kind], rank), begin)

    async def _pass(
        self, platform: Platform, chat: Chat, urgency: int, then: Callable[[Records, datetime], T | None]
    ) -> T | None:
        """Pass the gate, and do `then` in the same transaction. Who waits for the account stands in line; who waits for
        its own chat, beside it."""
        bot_every, chat_every = platform.spacing(chat)

        def take() -> tuple[timedelta, T | None]:
            now = self.now()
            with self.store.writing() as records:
                wait = records.take_gate(platform.name, chat.key, bot_every, chat_every, now)
                return wait, then(records, now) if not wait else None

        while True:
            async with self.turns.turn(platform.name, urgency) if self.turns and bot_every else nullcontext():
                wait, done = await asyncio.to_thread(take)
                while timedelta(0) < wait <= bot_every:
                    await asyncio.sleep(wait.total_seconds())
                    wait, done = await asyncio.to_thread(take)
            if not wait:
                return done
            if wait > timedelta(seconds=10):
                raise Again(wait, "the platform asked for a pause")
            await asyncio.sleep(wait.total_seconds())

    async def _try(self, platform: Platform, work: Work) -> Sent | Unsent:
        """Send it, unless an earlier try is found to have arrived."""
        unsure = 0 if work.is_edit else work.row.unsure
        try:
            sight = await self._look(platform, work) if unsure else Sight.ABSENT
            if isinstance(sight, Receipt):
                return Sent(sight, 0)
        except DeliveryError as error:
            return Unsent(error, unsure)
        unsure = 0 if sight is Sight.ABSENT else unsure
        try:
            return Sent(await self._send(platform, work), unsure)
        except DeliveryError as error:
            return Unsent(error, unsure + error.uncertain)

    async def _look(self, platform: Platform, work: Work) -> Receipt | Sight:
        """The message of an earlier try, brought up to date, where the platform shows it."""
        since, reply_to = work.row.created_at, work.reply_to if work.is_reply else None
        sight = await platform.find_sent(work.chat.key, work.mark, since, reply_to=reply_to)
        if not isinstance(sight, Receipt):
            return sight
        log.info("found there, though its answer was lost", alert=work.event.key, chat=str(work.chat.key))
        return sight if work.is_reply else await platform.edit(sight, work.message)

    async def _send(self, platform: Platform, work: Work) -> Receipt:
        match work.row.kind:
            case DeliveryKind.EDIT if work.sent:
                return await platform.edit(work.sent.receipt, work.message)
            case DeliveryKind.FOLLOW_UP:
                return await platform.send(work.chat.key, work.message, reply_to=work.reply_to, mark=work.mark)
            case _:
                return await platform.send(work.chat.key, work.message, mark=work.mark)

    async def _surely(self, save: Callable[..., None], *args: object) -> None:
        """Save what is known of an attempt, though the database be away for a while: to forget it is to send twice."""
        deadline = self.now() + SAVE_WITHIN
        while True:
            try:
                await asyncio.to_thread(save, *args)
            except StoreError as error:
                if self.now() >= deadline:
                    raise
                log.warning("an outcome waits for the database", problem=str(error))
                await asyncio.sleep(0.5)
            else:
                return

    def _settle_sent(self, platform: Platform, work: Work, sent: Sent) -> None:
        now = self.now()
        alert = None
        if not work.is_reply:
            alert = SentAlert(sent.receipt, work.event.revision, content_hash(work.message), now)
        with self.store.writing() as records:
            records.settle_delivery(work.row.id, DeliveryState.SENT, now, sent=alert, unsure=sent.unsure)
            if work.row.kind is DeliveryKind.ALERT:
                self._put_escalation(records, work, now)
            records.block_gate(work.chat.key, now + platform.spacing(work.chat)[1])  # from its end: a send takes time
        told = {"alert": work.event.key, "chat": str(work.chat.key), "kind": str(work.row.kind)}
        log.info("sent", **told, tries=work.row.tries)
        if sent.unsure:
            log.warning("perhaps sent twice", **told, unsure=sent.unsure)

    def _put_escalation(self, records: Records, work: Work, now: datetime) -> None:
        """Have it looked at again, when a second chat is to be told unless somebody acknowledged it."""
        chat, escalation = work.chat.key, records.routes_of(work.chat.key).escalation
        if escalation is None or work.event.review:
            return
        args = {"event": work.event.key, "platform": chat.platform, "chat": chat.id, "thread": chat.thread}
        self.engine.put(
            records,
            "escalate",
            f"escalate:{work.event.key}:{chat}",
            {**args, "sent_at": now.isoformat()},
            partition=str(escalation.to),
            priority=ALERT_PRIORITY,
            not_before=now + escalation.after,
        )

    async def _after_failure(self, work: Work, unsent: Unsent) -> None:
        error = unsent.error
        outcome = decide_after_failure(error, work.row.tries, self.jitter())
        log.warning("not sent", alert=work.event.key, chat=str(work.chat.key), problem=error.problem, then=str(outcome))
        await self._surely(self._save_failure, work, outcome, unsent)
        match outcome:
            case TryAgain(delay, reason):
                if not work.is_edit:
                    raise Again(delay, reason)
            case FollowChat():
                raise Again(timedelta(seconds=1), "the chat moved")
            case GiveUp(reason) | StopChat(reason):
                await asyncio.to_thread(self.on_trouble, f"{work.chat.key}: {reason}")

    def _save_failure(self, work: Work, outcome: TryAgain | FollowChat | GiveUp | StopChat, unsent: Unsent) -> None:
        now, unsure = self.now(), unsent.unsure
        with self.store.writing() as records:
            match outcome:
                case TryAgain(delay, reason):
                    if unsent.error.retry_after:
                        records.block_gate(work.chat.key, now + unsent.error.retry_after)
                    records.release_delivery(work.row.id, reason, now + delay, unsure)
                    if work.is_edit:  # it has no place to keep: alerts go first
                        self._put_delivery(records, work.row, f"{work.row.tries:04d}", now + delay)
                case FollowChat(new_id):
                    key = work.chat.key
                    records.release_delivery(work.row.id, "the chat moved", now, unsure)
                    records.move_chat(key, new_id)
                    records.add_audit(
                        AuditRow(now, "delivery", str(key), "chat moved", str(key), f"{key.platform}:{new_id}")
                    )
                case GiveUp(reason):
                    records.settle_delivery(work.row.id, DeliveryState.DEAD, now, reason, unsure=unsure)
                case StopChat(reason):
                    records.settle_delivery(work.row.id, DeliveryState.DEAD, now, reason, unsure=unsure)
                    records.save_chat(replace(work.chat, stopped_reason=reason))
                    records.add_audit(AuditRow(now, "delivery", str(work.chat.key), "chat stopped", "", reason))


@dataclass(frozen=True, slots=True)
class Page:
    """An entry's page, or why there is none; `again`: it may be there later."""

    answer: HttpAnswer | None
    note: str
    again: bool = False


@dataclass(frozen=True, slots=True)
class Plans:
    """An event as an article left it, and who is to be told of that, or not."""

    event: Event
    planned: tuple[Planned, ...] = ()
    withheld: tuple[Withheld, ...] = ()
    held: tuple[HeldAlert, ...] = ()


@dataclass(frozen=True, slots=True)
class Reading:
    """Which reading of an entry this is, and when the next is due, if one is."""

    entry: int
    attempt: int
    again_in: timedelta | None


_READ_AGAIN = (timedelta(minutes=2), timedelta(minutes=10), timedelta(minutes=45), timedelta(hours=4))


def next_reading(attempt: int) -> timedelta | None:
    """How long after reading number `attempt` (from 1) failed the page is tried again; None: no more."""
    return _READ_AGAIN[attempt - 1] if attempt <= len(_READ_AGAIN) else None


@dataclass(frozen=True, slots=True)
class Work:
    """What one attempt needs: the row, its event and chat, the message, and what the chat has of the event so far."""

    row: Delivery
    event: Event
    chat: Chat
    message: Message
    sent: SentAlert | None

    @property
    def mark(self) -> str:
        return f"delivery-{self.row.id}"

    @property
    def is_edit(self) -> bool:
        """Twice is as once."""
        return self.row.kind is DeliveryKind.EDIT and self.sent is not None

    @property
    def is_reply(self) -> bool:
        return self.row.kind is DeliveryKind.FOLLOW_UP

    @property
    def reply_to(self) -> Receipt | None:
        return self.sent.receipt if self.sent else None


@dataclass(frozen=True, slots=True)
class Sent:
    """`unsure`: how many earlier tries may have arrived as well."""

    receipt: Receipt
    unsure: int


@dataclass(frozen=True, slots=True)
class Unsent:
    """A try that failed; `unsure`: how many tries, this one included, may have arrived."""

    error: DeliveryError
    unsure: int


@dataclass(frozen=True, slots=True)
class Refresh:
    """A message that was sent, and how it is to read now."""

    chat: Chat
    message: Message
    sent: SentAlert


def _urgency(priority: int, rank: int = 0) -> int:
    """The lower, the sooner: first by what it is, then by how many of the same event went before."""
    return 1_000 * priority + rank


_PRIORITY = {
    DeliveryKind.ALERT: ALERT_PRIORITY,
    DeliveryKind.FOLLOW_UP: FOLLOW_UP_PRIORITY,
    DeliveryKind.EDIT: EDIT_PRIORITY,
}


def _tracked(records: Records, event: Event) -> dict[str, Entity]:
    """The event's targets as they are tracked now, by the key that the event has: a merged one is the other."""
    found = {target.entity: records.entity(target.entity) for target in event.targets}
    return {key: entity for key, entity in found.items() if entity}


def _held(
    records: Records,
    event: Event,
    entities: Mapping[str, Entity],
    chats: Sequence[ChatKey],
    fresh: ArticleRecord | None = None,
) -> tuple[Held, ...]:
    """The event's targets that are somebody else, or on a watchlist that a chat does not see, and where. `fresh` is an
    article that is not stored yet."""
    unseen = find_unseen(event, chats, _seen_watchlists(records, chats), entities)
    return (*unseen, *_look_alikes(records, event, entities, fresh))


def _wanted_kinds(records: Records, judgement: Judgement) -> frozenset[Verdict]:
    """The other verdicts in a judgement of which somebody wants to be told."""
    found = {finding.verdict for finding in judgement.findings} & set(OTHER_KINDS)
    return frozenset(found & records.wanted_verdicts()) if found else frozenset()


def _settings_of(settings: Mapping[ChatKey, ChatRoutes], chat: ChatKey) -> ChatRoutes | None:
    """A topic without quiet hours of its own has its group's."""
    own = settings.get(chat)
    group = settings.get(replace(chat, thread="")) if chat.thread else None
    if group is None or (own and own.quiet):
        return own
    return replace(own or ChatRoutes(chat), quiet=group.quiet)


def _subscriptions_for(records: Records, chat: ChatKey) -> tuple[Subscription, ...]:
    """A chat's own, and those of chats whose routes lead to it."""
    senders = [one.chat for one in records.routes_elsewhere() if any(route.to == chat for route in one.routes)]
    return (*records.subscriptions(chat), *(one for other in senders for one in records.subscriptions(other)))


def _seen_watchlists(records: Records, chats: Sequence[ChatKey]) -> Mapping[ChatKey, Sequence[str]]:
    """Which watchlists chats see, if not the main one alone: where a route leads, also those of where it begins."""
    seen: dict[ChatKey, Sequence[str]] = dict(records.chat_watchlists())
    for one in records.routes_elsewhere():
        for to in {route.to for route in one.routes if route.to in chats and route.to != one.chat}:
            if to:
                both = (*records.watchlists_of(to), *records.watchlists_of(one.chat))
                seen[to] = tuple(dict.fromkeys((*seen.get(to, ()), *both)))
    return seen


def _without_edits(planned: Iterable[Planned], chats: AbstractSet[ChatKey]) -> tuple[Planned, ...]:
    """Chats that were told in a batch or a digest have no message of the event's own to edit."""
    return tuple(plan for plan in planned if plan.kind is not DeliveryKind.EDIT or plan.chat not in chats)


def _news_of(plan: Planned, concerned: frozenset[str], entities: Mapping[str, Entity]) -> frozenset[str]:
    """The targets on whose account it is told: those that a reply tells of, if it tells of some."""
    news = json.loads(plan.note)["targets"] if plan.note else []
    keys = frozenset(entities[key].key if key in entities else key for key in news)
    return keys & concerned or concerned


def _held_alert(event: Event, plan: Planned, hold: Hold, how_severe: Severity, now: datetime) -> HeldAlert:
    return HeldAlert(
        event=event.key,
        chat=plan.chat,
        kind=plan.kind,
        revision=event.revision,
        hold=hold.kind,
        severity=how_severe,
        reason=hold.reason,
        held_at=now,
        until=hold.until,
        note=plan.note,
    )


def _look_alikes(
    records: Records, event: Event, entities: Mapping[str, Entity], fresh: ArticleRecord | None
) -> tuple[Held, ...]:
    look_alikes = records.look_alikes([target.entity for target in event.targets])
    if not look_alikes:
        return ()
    kept = [fresh, *(records.article(source.article) for source in event.sources)]
    articles = {record.article.key: record for record in reversed(kept) if record}
    return find_held(look_alikes, event, list(articles.values()), entities)


def _review_chat(records: Records, review: Review) -> Chat:
    """As it is stored: it may never have spoken to the bot."""
    chat = records.chat(review.chat.key)
    if chat is None:
        chat = review.chat
        records.save_chat(chat)
    return chat


def _said(records: Records, event: Event, chat: ChatKey) -> tuple[Feedback, ...]:
    """What people of a chat say of an event; other chats' opinions are theirs."""
    return tuple(feedback for feedback in records.feedback_of(event.key) if feedback.chat == chat)


def _message(
    row: Delivery,
    event: Event,
    focus: frozenset[str],
    said: Sequence[Feedback],
    handled: Acknowledgement | None = None,
) -> Message:
    if row.kind is DeliveryKind.FOLLOW_UP:
        news = json.loads(row.note)
        return follow_up_message(
            event, news["targets"], news["authorities"], news.get("records", ()), news.get("correction", "")
        )
    return alert_message(event, focus, said, handled)


def content_hash(message: Message) -> str:
    """Equal for messages that read the same."""
    return hashlib.sha256(repr(message).encode()).hexdigest()


def _tell(changes: Sequence[EventChange]) -> tuple[str, ...]:
    if not changes:
        return ("no alert: nothing tracked is newly sanctioned in it",)
    return tuple(
        f"{'opened' if change.opened else 'joined'} event {change.event.key}: {change.reason}" for change in changes
    )


def _tell_plans(
    planned: Sequence[Planned], withheld: Sequence[Withheld], held: Sequence[HeldAlert] = ()
) -> tuple[str, ...]:
    return (
        *(f"{plan.kind} for {plan.chat}: {plan.reason}" for plan in planned),
        *(f"held for {one.chat}: {one.reason.removeprefix('held: ')}" for one in held),
        *(f"nothing for {one.chat}: {one.reason}" for one in withheld),
    )
