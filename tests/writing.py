"""What tests write into a store, by the ways that the program writes it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import cast

from bot.delivery import Plans
from bot.matching.names import NameIndex
from bot.model import WHOLE_BOT, ChatKey, DeliveryKind, Entity, EntityEdit, EventChange, Grant, Role, User
from bot.pipeline import Pipeline
from bot.ports import ArticleRecord, Engine, Fetcher, Records, Store


def track(records: Records, entity: Entity, by: str, now: datetime, what: str = "saved", why: str = "") -> None:
    """An entity as it is from now on, whatever it was before."""
    records.edit_watchlist([EntityEdit(entity.key, entity)], by, now, what, why)


def untrack(records: Records, key: str, by: str, now: datetime) -> None:
    records.edit_watchlist([EntityEdit(key)], by, now, "removed")


def appoint(records: Records, user: User, by: str, now: datetime) -> None:
    """An admin of the whole bot."""
    records.save_grant(Grant(user, Role.ADMIN, WHOLE_BOT, by, now))


def add_delivery(
    records: Records, event: str, chat: ChatKey, kind: DeliveryKind, revision: int, now: datetime, note: str = ""
) -> int | None:
    """One new outbox row; None if there is one already."""
    rows = records.add_deliveries(event, [(chat, kind, note)], revision, now)
    return rows[0].id if rows else None


def preview_of(store: Store, now: datetime) -> Callable[[Records, EventChange, ArticleRecord], Plans]:
    """What the pipeline would plan with what stands in the store at `now`: it has neither engine nor platforms here."""

    def index(records: Records) -> NameIndex:
        return NameIndex.compile(records.entities())

    return Pipeline(store, cast(Engine, None), cast(Fetcher, None), {}, {}, index, now=lambda: now).preview
