"""The pipeline's side of a second reading: who is asked, how often, and what is left when it fails."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

import pytest

from bot.errors import SecondReaderError
from bot.matching.second_reading import Doubt
from bot.model import Article, Entity, Finding, Judgement, Mention, Question, Schema, Strength, Verdict
from bot.pipeline import SecondReading
from bot.storage import SqlStore

NOW = datetime(2026, 3, 5, 23, 59, tzinfo=UTC)
NAMES = ("Orlan Works", "Bolt Marine", "Nord Metal", "Delta Yards")
ENTITIES = {name: Entity(name, Schema.COMPANY, name) for name in NAMES}
SENTENCES = tuple(f"{name} was among those that the order meant." for name in NAMES)
ARTICLE = Article("a", "https://a.example/a", "Wire", "US hits drone makers", "", SENTENCES, NOW)
JUDGEMENT = Judgement(
    "a",
    tuple(
        Finding(
            name,
            Verdict.NEW_SANCTIONS,
            0.7,
            SENTENCES[number],
            ("named in a list",),
            mentions=(Mention(name, number + 2, 0, len(name), name, Strength.STRONG, name),),
            alert_odds=0.7,
        )
        for number, name in enumerate(NAMES)
    ),
    Verdict.NEW_SANCTIONS,
    reasons=("language: en",),
)


def lower(question: Question) -> str:
    quote = next(sentence for sentence in SENTENCES if sentence.startswith(question.entity))
    return json.dumps({"verdict": "bystander", "quote": quote, "reason": "the order meant others"})


@dataclass
class FakeReader:
    """Answers as `does` says; `rests` is why it is not to be asked."""

    does: Callable[[Question], str] = lower
    rests: str = ""
    asked: list[str] = field(default_factory=list)

    async def read(self, question: Question) -> str:
        self.asked.append(question.entity)
        return self.does(question)

    @asynccontextmanager
    async def turn(self) -> AsyncIterator[str]:
        yield self.rests

    def health(self) -> str:
        return "fake, well"


@pytest.fixture
def store(empty_store: SqlStore) -> SqlStore:
    return empty_store


@pytest.fixture
def reader() -> FakeReader:
    return FakeReader()


@pytest.fixture
def second(store: SqlStore, reader: FakeReader) -> SecondReading:
    return SecondReading(reader, store, Doubt(), 10, lambda: NOW)


async def test_three_of_an_article_are_asked_and_the_fourth_says_why_not(
    second: SecondReading, reader: FakeReader
) -> None:
    told = await second.read(ARTICLE, JUDGEMENT, ENTITIES)
    assert reader.asked == ["Bolt Marine", "Delta Yards", "Nord Metal"]
    assert [finding.verdict for finding in told.findings] == ["new_sanctions", "bystander", "bystander", "bystander"]
    assert told.reasons == (
        "language: en",
        "language model not asked: it is asked about 3 names of one article at most",
    )
    assert second.health() == "fake, well; 3 of 10 calls today (UTC)"


async def test_where_nothing_is_uncertain_nobody_is_asked(second: SecondReading, reader: FakeReader) -> None:
    sure = replace(JUDGEMENT, findings=tuple(replace(one, alert_odds=0.9) for one in JUDGEMENT.findings))
    assert await second.read(ARTICLE, sure, ENTITIES) is sure
    assert reader.asked == []


def unheard(_question: Question) -> str:
    raise SecondReaderError("answered 500")


def breaks(_question: Question) -> str:
    raise RuntimeError("secret inside")


FAILURES: dict[str, tuple[Callable[[Question], str], str]] = {
    "no answer": (unheard, "language model asked, without an answer: it answered 500"),
    "a fault of the library": (breaks, "language model asked, without an answer: it failed"),
    "nonsense": (lambda _question: "Sure!", "its answer was not used: it is not the JSON that was asked for"),
    "new sanctions, quoted of another": (
        lambda _question: json.dumps({"verdict": "new_sanctions", "quote": SENTENCES[0], "reason": ""}),
        "its answer was not used: the quote is not about the name",
    ),
}


@pytest.mark.parametrize(("does", "told"), FAILURES.values(), ids=FAILURES)
async def test_when_it_fails_the_judgement_stands_and_says_why(
    second: SecondReading, reader: FakeReader, does: Callable[[Question], str], told: str
) -> None:
    reader.does = does
    outcome = await second.read(ARTICLE, replace(JUDGEMENT, findings=JUDGEMENT.findings[1:2]), ENTITIES)
    assert outcome.findings == JUDGEMENT.findings[1:2]
    assert told in outcome.reasons[-1]
    assert "secret" not in " ".join(outcome.reasons)


async def test_while_it_rests_it_is_not_asked_and_no_call_is_counted(second: SecondReading, reader: FakeReader) -> None:
    reader.rests = "it answered 500; asked again from 12:05 UTC"
    told = await second.read(ARTICLE, JUDGEMENT, ENTITIES)
    assert told.findings == JUDGEMENT.findings
    why = "language model not asked: it answered 500; asked again from 12:05 UTC"
    assert told.reasons.count(why) == 1, "once, and of no name: not every chat sees all of them"
    assert "; 0 of 10 calls" in second.health()


async def test_the_budget_is_of_a_day_and_people_may_use_half(second: SecondReading, reader: FakeReader) -> None:
    small = replace(second, calls_per_day=4)
    told = await small.read(ARTICLE, JUDGEMENT, ENTITIES, somebody_asks=True)
    assert len(reader.asked) == 2
    assert "language model not asked: what is left of 4 calls a day is for the news" in told.reasons
    told = await small.read(ARTICLE, JUDGEMENT, ENTITIES)
    assert len(reader.asked) == 4
    assert "language model not asked: budget of 4 calls a day is used up" in told.reasons
    tomorrow = replace(small, now=lambda: NOW + timedelta(minutes=1))
    await tomorrow.read(ARTICLE, JUDGEMENT, ENTITIES)
    assert len(reader.asked) == 7, "at midnight UTC the day begins anew"
