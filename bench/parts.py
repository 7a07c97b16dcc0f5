"""What a message costs in our own database work: processor time of one thread and statements, without pace, network and
the job engine's own. Of one thread, as that says the same on a machine that is busy otherwise."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any, cast

import sqlalchemy as sa

from bench.cases import Figure, Setting
from bench.engines import databases
from bot.engine import DbosEngine
from bot.fetching import HttpFetcher
from bot.live_index import LiveIndex
from bot.model import (
    Chat,
    ChatKey,
    ChatKind,
    DeliveryKind,
    EntityEdit,
    Event,
    EventSource,
    EventTarget,
    Receipt,
    Subscription,
    SubscriptionKind,
    Tier,
    Verdict,
)
from bot.pipeline import Pipeline
from bot.pipeline.sending import Sent
from bot.platforms.telegram import TelegramPlatform
from bot.ports import Platform
from bot.storage import SqlStore
from bot.watchlist import parse_watchlist

MESSAGES = 48
TOGETHER = 8  # messages that begin within a look at the queue, at Telegram's pace 6
NOW = datetime(2026, 11, 28, tzinfo=UTC)


def message(_setting: Setting) -> Iterator[Figure]:
    for kind in ("sqlite", "postgresql"):
        with databases() as urls:
            store, engine = SqlStore(urls[kind]), DbosEngine(urls[kind])
            store.migrate()
            pipeline = Pipeline(store, engine, HttpFetcher(), {}, {}, LiveIndex())
            pipeline.register()
            for name, taken, statements in _parts(store, pipeline):
                yield Figure(f"message_{name}_{kind}", taken, "ms")
                yield Figure(f"message_{name}_{kind}_statements", statements, "statements")
            engine.close()
            store.close()


def _parts(store: SqlStore, pipeline: Pipeline) -> Iterator[tuple[str, float, float]]:
    chats = [ChatKey("telegram", str(number)) for number in range(1, MESSAGES + 1)]
    rows = _prepare(store, chats)
    telegram = cast(Platform, TelegramPlatform("42:" + "A" * 35, polls=False))

    def put(number: int) -> None:
        with store.writing() as records:
            row = records.delivery(rows[number])
            assert row
            pipeline.put_row(records, row)

    def gate(number: int) -> None:
        with store.writing() as records:
            records.take_gate("telegram", chats[number], timedelta(0), timedelta(0), NOW)
            records.begin_attempt(rows[number], NOW)

    yield "put", *_timed(put)
    works = pipeline._read_deliveries(rows[:1])
    yield "read", *_timed(lambda number: works.update(pipeline._read_deliveries([rows[number]])))

    def together(number: int) -> None:
        if number % TOGETHER == 0:
            works.update(pipeline._read_deliveries(rows[number : number + TOGETHER]))

    yield "read_together", *_timed(together)
    yield "gate", *_timed(gate)

    def settle(number: int) -> None:
        work: Any = works[rows[number]]
        pipeline._settle_sent(telegram, work, Sent(Receipt(chats[number], str(number)), 0))

    yield "settle", *_timed(settle)


def _prepare(store: SqlStore, chats: list[ChatKey]) -> list[int]:
    target = EventTarget(
        "E", "Zelkova", Verdict.NEW_SANCTIONS, 0.9, "It was listed.", "Zelkova", "https://a.example", "A"
    )
    source = EventSource("https://a.example", "https://a.example", "A", "Zelkova listed", Tier.WIRE, NOW, NOW)
    event = Event("bench", Verdict.NEW_SANCTIONS, ("US",), None, None, NOW, NOW, (target,), (source,))
    with store.writing() as records:
        for entity in parse_watchlist(b"key,schema,name\nE,Company,Zelkova\n", "bench.csv").entities:
            records.edit_watchlist([EntityEdit(entity.key, entity)], "bench", NOW, "saved")
        records.save_event(event)
        for chat in chats:
            records.save_chat(Chat(chat, ChatKind.PRIVATE, f"person {chat.id}"))
            records.add_subscription(Subscription(chat, SubscriptionKind.ENTITY, "E", NOW, "bench"))
        what = [(chat, DeliveryKind.ALERT, "") for chat in chats]
        return [row.id for row in records.add_deliveries(event.key, what, 1, NOW)]


def _timed(work: Callable[[int], object]) -> tuple[float, float]:
    """(milliseconds, statements) of one, the first ones left out: they make the statements."""
    ran = 0

    def count(*_args: object) -> None:
        nonlocal ran
        ran += 1

    for number in range(TOGETHER):
        work(number)
    sa.event.listen(sa.Engine, "before_cursor_execute", count)
    started = time.thread_time()
    for number in range(TOGETHER, MESSAGES):
        work(number)
    taken = time.thread_time() - started
    sa.event.remove(sa.Engine, "before_cursor_execute", count)
    return 1000 * taken / (MESSAGES - TOGETHER), ran / (MESSAGES - TOGETHER)
