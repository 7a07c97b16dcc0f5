"""What a watchlist would have raised on articles of the past: find mentions | judge | cluster, as live; nothing is sent
or stored. What single chats have set does not count: quiet hours, filters, mutes for a while."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from bot.events import RECENT, cluster, corroborate
from bot.matching.lookalikes import find_held
from bot.matching.mentions import find_mentions
from bot.matching.names import NameIndex
from bot.matching.verdicts import ALERT_FLOOR, Reasons, judge_article
from bot.model import Article, Backtest, Entity, Event, LookAlike, Mention, Strength, Verdict
from bot.ports import ArticleRecord, Store
from bot.text.folding import fold
from bot.visibility import without_entities

PREVIEW_ARTICLES = 2_000  # what somebody who waits for the answer can be made to wait for
_DAY = timedelta(days=1)
_MOST_A_DAY = 100_000


def backtest_store(
    store: Store, entities: Iterable[Entity], since: datetime, now: datetime, alert_floor: float = ALERT_FLOOR
) -> Backtest:
    """On every stored article judged from `since` to `now`, a day in memory at a time."""
    tried = tuple(entities)
    with store.reading() as records:
        everywhere = [one for one in records.look_alikes() if one.chat is None]
    return backtest(_by_day(store, since, now), tried, since, alert_floor, everywhere)


def preview(store: Store, entities: Sequence[Entity], since: datetime, alert_floor: float = ALERT_FLOOR) -> Backtest:
    """On the newest stored articles only, for an answer within seconds."""
    with store.reading() as records:
        newest = records.articles_since(since, PREVIEW_ARTICLES)
    return backtest(reversed(newest), entities, since, alert_floor)


def backtest(
    records: Iterable[ArticleRecord],
    entities: Iterable[Entity],
    since: datetime,
    alert_floor: float = ALERT_FLOOR,
    look_alikes: Iterable[LookAlike] = (),
) -> Backtest:
    """`records` in the order of their time; new sanctions less probable than `alert_floor` raise nothing, nor does
    whoever was said to be somebody else, in every chat."""
    run = _Run(NameIndex.compile(entities), alert_floor)
    for record in records:
        run.take(record)
    told = run.without(look_alikes)
    return Backtest(
        since=run.began_at or since,
        articles=run.articles,
        events=told,
        held=len(run.events) - len(told),
        quiet=tuple(run.quiet.most_common()),
        weak_hits=run.weak_hits,
        named_in=run.named_in,
    )


def _by_day(store: Store, since: datetime, now: datetime) -> Iterator[ArticleRecord]:
    while since <= now:
        with store.reading() as records:
            day = records.articles_since(since, _MOST_A_DAY, until=since + _DAY)
        yield from reversed(day)
        since += _DAY


@dataclass(slots=True)
class _Run:
    index: NameIndex
    alert_floor: float
    events: dict[str, Event] = field(default_factory=dict)
    alerting: dict[str, ArticleRecord] = field(default_factory=dict)  # by the article's key, as judged here
    quiet: Counter[Verdict] = field(default_factory=Counter)
    weak_hits: int = 0
    named_in: int = 0
    articles: int = 0
    began_at: datetime | None = None

    def take(self, record: ArticleRecord) -> None:
        self.articles += 1
        self.began_at = self.began_at or record.judged_at
        if record.judgement and record.judgement.is_too_old:
            return
        mentions = find_mentions(record.article, self.index)
        self.weak_hits += count_weak_hits(record.article, mentions, self.index)
        if mentions:
            self.named_in += 1
            self._judge(record, mentions)

    def without(self, look_alikes: Iterable[LookAlike]) -> tuple[Event, ...]:
        """The events without targets that are somebody else; those that have none left are told to nobody."""
        alike = list(look_alikes)
        left = []
        for event in self.events.values():
            records = [self.alerting[source.article] for source in event.sources if source.article in self.alerting]
            held = find_held(alike, event, records, self.index.entities)
            left.append(without_entities(event, {one.entity for one in held}) if held else event)
        return tuple(event for event in left if event.targets)

    def _judge(self, record: ArticleRecord, mentions: Sequence[Mention]) -> None:
        article, now = record.article, record.judged_at
        judgement = judge_article(
            article, mentions, self.index.entities, alert_floor=self.alert_floor, reasons=Reasons.OF_NONE
        )
        known = [event for event in self.events.values() if now - event.updated_at <= RECENT]
        known.sort(key=lambda event: event.updated_at, reverse=True)
        judgement = corroborate(article, judgement, self.index.entities, known, now, self.alert_floor)
        alerting = judgement.of(Verdict.NEW_SANCTIONS)
        self.quiet.update(finding.verdict for finding in judgement.findings if finding not in alerting)
        if alerting:
            self.alerting[article.key] = replace(record, judgement=judgement)
        for change in cluster(article, replace(judgement, findings=alerting), self.index.entities, known, now):
            for gone in change.merged:  # proved to be the same act
                self.events.pop(gone.key, None)
            self.events[change.event.key] = change.event


def count_weak_hits(article: Article, mentions: Sequence[Mention], index: NameIndex) -> int:
    """How often weak forms occur of names that the article, as it was read, does not name."""
    named = {mention.entity for mention in mentions}
    hits = index.find_exact(fold("\n".join(block.text for block in article.blocks)).text)
    return sum(hit.form.strength is Strength.WEAK and hit.entity not in named for hit in hits)
