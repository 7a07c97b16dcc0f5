"""The whole judgement of one article, and the second reader that is asked what is unsure."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

import structlog

from bot.articles import parse_article, parse_page
from bot.errors import ArticleError, SecondReaderError
from bot.events import corroborate, load_known
from bot.matching.mentions import find_mentions
from bot.matching.names import NameIndex
from bot.matching.second_reading import Doubt, Refusal, check_answer, find_questions, with_answers
from bot.matching.verdicts import ALERT_FLOOR, Reasons, judge_article, tell_again
from bot.model import (
    Article,
    Entity,
    Entry,
    Finding,
    HttpAnswer,
    Judgement,
    Question,
    Source,
)
from bot.ports import (
    ArticleRecord,
    SecondReader,
    Store,
)
from bot.summaries import with_key_points

log = structlog.get_logger(__name__)


def judge(
    article: Article, index: NameIndex, alert_floor: float = ALERT_FLOOR, reasons: Reasons = Reasons.OF_ALERTS
) -> Judgement:
    """The whole judgement of one article: the only path, live, in `judge`, `explain` and the tests. Where there is a
    second reader, `SecondReading.read` follows."""
    mentions = find_mentions(article, index)
    judgement = judge_article(article, mentions, index.entities, alert_floor=alert_floor, reasons=reasons)
    if not judgement.findings:
        return judgement
    return with_key_points(article, judgement, index.entities)


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


def judged_in_light(record: ArticleRecord, index: NameIndex, store: Store, alert_floor: float) -> ArticleRecord:
    """What somebody asked about, as the pipeline would see it: in the light of the events that are known."""
    if record.judgement is None:
        return record
    at = record.judged_at
    with store.reading() as records:
        known = load_known(records, index.entities, at)
    judgement = corroborate(record.article, record.judgement, index.entities, known, at, alert_floor)
    return replace(record, judgement=judgement, stages=(record.article.full_text_note, *judgement.reasons))


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
        told = tuple(dict.fromkeys(notes.values()))  # of no name: who reads an article's stages may not see them all
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
        async with self.reader.turn() as reason:
            if reason:
                return None, f"language model not asked: {reason}"
            return await self._ask_now(question, most)

    async def _ask_now(self, question: Question, most: int) -> tuple[str | None, str]:
        """As above, in our turn. Only what is asked counts as a call."""
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
    if told.event is not judgement.event:
        told = tell_again(article, told, entities)
    return with_key_points(article, told, entities) if changed else told


_ASKED = "page read: you asked for it"


def article_of_page(
    page: HttpAnswer, now: datetime, known: Entry | None = None, source: Source | None = None
) -> Article:
    """The article of a page that somebody asks about: of a `known` entry of a source the same that live is judged, with
    what the feed tells of it. Raises ArticleError if there is none, and no feed that tells of it."""
    if page.status >= 400:
        raise ArticleError(f"{page.url}: the server answered {page.status}")
    if known:
        return parse_article(known, source or Source(known.source, known.outlet, known.link), page, _ASKED)
    entry = Entry("asked", page.url, page.url, "", "", None, now)
    is_file = page.url.startswith("file:")
    note = "file read" if is_file else f"{_ASKED}; no feed’s teaser beside it, as no entry with this address is kept"
    try:
        return parse_page(entry, Source("asked", "", page.url), page, note)
    except ArticleError as error:
        raise ArticleError(f"{page.url}: {error}") from error
