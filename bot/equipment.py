"""What commands work with, whoever asks: made from the parts of the program."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta

import structlog

from bot.articles import article_from_text
from bot.asked import judge_live
from bot.backtesting import preview
from bot.commands import Services
from bot.drawing import draw
from bot.engine import DbosEngine
from bot.errors import StoreError
from bot.listening import Listener
from bot.matching.names import NameIndex
from bot.model import Machines, Source
from bot.pipeline import SecondReading
from bot.platforms.telegram import TelegramPlatform
from bot.ports import ArticleRecord, Health, Platform, Records, Store

log = structlog.get_logger(__name__)

BACKTESTED = timedelta(days=30)


def services_of(
    store: Store,
    sources: Mapping[str, Source],
    compiled: Callable[[Records], NameIndex],
    alert_floor: float,
    health: Callable[[], Health],
) -> Services:
    """What all commands need, whether the bot runs or not."""

    def judge_text(text: str) -> ArticleRecord:
        article = article_from_text(text, published_at=datetime.now(UTC))
        return judge_live(article, store, compiled, alert_floor)

    return Services(
        store=store,
        now=lambda: datetime.now(UTC),
        sources=tuple(sources.values()),
        health=health,
        judge_text=judge_text,
        draw=draw,
        backtest=lambda entities: preview(store, entities, datetime.now(UTC) - BACKTESTED, alert_floor),
    )


def health_of(
    platforms: Mapping[str, Platform],
    listeners: Mapping[str, Listener],
    known: Mapping[str, str],
    engine: DbosEngine,
    second: SecondReading | None,
) -> Callable[[], Health]:
    """What /status shows. `known` is what the program knows better than a platform: that it was refused."""
    started_at = datetime.now(UTC)

    def machines() -> Machines | None:
        try:
            return engine.machines()
        except StoreError as error:
            log.warning("the other processes could not be seen", problem=str(error))
            return None

    def health() -> Health:
        heard = {name: listener.health() for name, listener in listeners.items()}
        said = {name: heard.get(name) or known.get(name) or own.health() for name, own in platforms.items()}
        return Health(started_at, said, second.health() if second else "", machines())

    return health


def telegram_name(platforms: Mapping[str, Platform]) -> str:
    telegram = platforms.get("telegram")
    return telegram.username if isinstance(telegram, TelegramPlatform) else ""
