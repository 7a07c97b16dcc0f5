"""What a watchlist would have raised on stored articles."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from bot.backtesting import PREVIEW_ARTICLES, backtest, backtest_store, preview
from bot.commands import told_past
from bot.model import (
    Article,
    ChatKey,
    Entity,
    Judgement,
    Likeness,
    LookAlike,
    Schema,
    User,
    Verdict,
)
from bot.ports import ArticleRecord
from bot.storage import SqlStore
from tests.reading import judged_articles

NOW = datetime(2025, 3, 14, 18, 0, tzinfo=UTC)
DAY, MINUTE = timedelta(days=1), timedelta(minutes=5)
OKA = Entity("oka", Schema.COMPANY, "Oka Steel", (), ("OKS",))
VOLGA = Entity("volga", Schema.COMPANY, "Volga Metals")
LISTED = "The US Treasury on Friday imposed sanctions on {}, adding the company to its blacklist."
STANDING = "{}, which has been under US sanctions since 2014, opened a mill on Friday."
WEAK = "Shares of OKS rose; OKS is no firm that anybody tracks."


def record(key: str, text: str, at: datetime, outlet: str = "Wire") -> ArticleRecord:
    article = Article(key, f"https://wire.example/{key}", outlet, f"Article {key}", "", (text,), at)
    return ArticleRecord(article, None, (), None, at)


RECORDS = (
    record("old", LISTED.format("Oka Steel"), NOW - 40 * DAY),
    record("first", LISTED.format("Oka Steel"), NOW - 20 * DAY),
    record("same", LISTED.format("Oka Steel and Volga Metals"), NOW - 19.9 * DAY),
    record("standing", STANDING.format("Oka Steel"), NOW - 10 * DAY),
    record("weak", WEAK, NOW - 5 * DAY),
    record("nobody", "Rain is expected on Friday.", NOW),
)


@pytest.fixture
def store(empty_store: SqlStore) -> SqlStore:
    with empty_store.writing() as records:
        for each in RECORDS:
            records.save_article(each)
    return empty_store


def test_two_articles_on_one_act_are_one_alert(store: SqlStore) -> None:
    past = backtest_store(store, [OKA], NOW - 30 * DAY, NOW)
    (event,) = past.events
    assert [source.title for source in event.sources] == ["Article first", "Article same"]
    assert [target.caption for target in event.targets] == ["Oka Steel"]
    assert (past.articles, past.named_in, past.since) == (5, 3, NOW - 20 * DAY)
    assert past.quiet == ((Verdict.BACKGROUND, 1),)


def test_how_far_back_is_asked_for_counts(store: SqlStore) -> None:
    assert len(backtest_store(store, [OKA], NOW - 90 * DAY, NOW).events) == 2
    assert backtest_store(store, [OKA], NOW - 3 * DAY, NOW).events == ()
    assert backtest_store(store, [OKA], NOW + DAY, NOW).articles == 0


def test_weak_hits_that_do_not_count_are_counted(store: SqlStore) -> None:
    assert backtest_store(store, [OKA], NOW - 30 * DAY, NOW).weak_hits == 2
    assert backtest_store(store, [VOLGA], NOW - 30 * DAY, NOW).weak_hits == 0


def test_a_threshold_makes_unsure_findings_quiet() -> None:
    (finding,) = backtest(RECORDS[1:2], [OKA], NOW).events[0].targets
    assert backtest(RECORDS[1:2], [OKA], NOW, finding.confidence - 0.001).events
    past = backtest(RECORDS[1:2], [OKA], NOW, finding.confidence + 0.001)
    assert past.events == ()
    ((verdict, count),) = past.quiet
    assert (verdict is Verdict.NEW_SANCTIONS, count) == (False, 1)


def test_a_preview_takes_the_newest_articles_in_the_order_of_time(store: SqlStore) -> None:
    assert preview(store, [OKA], NOW - 30 * DAY) == backtest_store(store, [OKA], NOW - 30 * DAY, NOW)
    with store.writing() as records:
        for number in range(PREVIEW_ARTICLES):
            records.save_article(record(f"n{number}", "Rain.", NOW - DAY))
    past = preview(store, [OKA], NOW - 30 * DAY)
    assert past.articles == PREVIEW_ARTICLES
    assert past.events == ()


def test_two_alerts_that_prove_to_be_one_act_are_one() -> None:
    told = ("Oka Steel", "Volga Metals", "Oka Steel and Volga Metals", "Volga Metals and Oka Steel")
    records = [record(f"r{at}", LISTED.format(names), NOW + at * MINUTE, f"Wire {at}") for at, names in enumerate(told)]
    assert len(backtest(records[:2], [OKA, VOLGA], NOW).events) == 2
    (event,) = backtest(records, [OKA, VOLGA], NOW).events
    assert len(event.sources) == 4


def test_an_article_that_was_too_old_to_be_judged_raises_nothing(store: SqlStore) -> None:
    late = record("late", LISTED.format("Oka Steel"), NOW)
    gated = replace(late, judgement=Judgement("late", (), None, is_too_old=True))
    past = backtest([gated], [OKA], NOW)
    assert (past.events, past.quiet, past.articles) == ((), (), 1)
    assert len(backtest([late], [OKA], NOW).events) == 1


def test_who_was_said_to_be_somebody_else_in_every_chat_raises_nothing(store: SqlStore) -> None:
    ana, here = User("web", "1", "Ana"), ChatKey("web", "console")
    here_alone = LookAlike("oka", Likeness(("oka steel",), article="old"), "e1", ana, NOW, here)
    with store.writing() as records:
        records.add_look_alike(here_alone)
    assert len(backtest_store(store, [OKA], NOW - 90 * DAY, NOW).events) == 2
    with store.writing() as records:
        records.add_look_alike(replace(here_alone, chat=None))
    past = backtest_store(store, [OKA], NOW - 90 * DAY, NOW)
    assert [event.sources[0].article for event in past.events] == ["first"], "another article means the entity"
    assert past.held == 1
    assert "1 alert held everywhere" in told_past(past)


def test_nothing_is_stored(store: SqlStore) -> None:
    backtest_store(store, [OKA], NOW - 30 * DAY, NOW)
    with store.reading() as records:
        assert records.latest_events(5) == ()
        assert judged_articles(records) == tuple(reversed(RECORDS))
