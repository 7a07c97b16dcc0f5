"""Routes: filters of subscriptions, what chats have set, mutes, acknowledgements, held alerts, digests. Decides
nothing."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from bot.model import (
    NO_FILTERS,
    Acknowledgement,
    ChatKey,
    ChatRoutes,
    DeliveryKind,
    DeliveryState,
    Filters,
    HeldAlert,
    HoldKind,
    Mute,
    MuteKind,
    Severity,
    Subscription,
    User,
    Verdict,
)
from bot.storage import tables as t
from bot.storage.columns import CHAT_COLUMNS, chat_key_of, chat_values, of_chat, user_of
from bot.storage.notices import NoticeRows
from bot.storage.serial import dump, load
from bot.storage.statements import Row


def dump_filters(filters: Filters) -> str:
    return "" if filters == NO_FILTERS else dump(filters)


def load_filters(text: str) -> Filters:
    return load(Filters, text) if text else NO_FILTERS


class Routes(NoticeRows):
    # ------------------------------------------------------------ subscriptions' filters

    def save_filters(self, subscription: Subscription) -> bool:
        c = t.subscriptions.c
        which = of_chat(t.subscriptions, subscription.chat) & (c.kind == subscription.kind.value)
        values = {"filters": dump_filters(subscription.filters)}
        return bool(self._update(t.subscriptions, which & (c.value == subscription.value), **values))

    def wanted_verdicts(self) -> frozenset[Verdict]:
        return frozenset(verdict for filters in self._all_filters() for verdict in filters.verdicts)

    def asked_words(self) -> frozenset[str]:
        return frozenset(word for filters in self._all_filters() for word in filters.sought)

    def _all_filters(self) -> Iterator[Filters]:
        return map(load_filters, self.connection.scalars(sa.select(t.subscriptions.c.filters).distinct()))

    # ------------------------------------------------------------ what chats have set

    def all_routes(self) -> tuple[ChatRoutes, ...]:
        return self._routes()

    def routes_of(self, chat: ChatKey) -> ChatRoutes:
        rows = self._where(t.chat_routes, **chat_values(chat))
        return load(ChatRoutes, rows[0].value) if rows else ChatRoutes(chat)

    def save_routes(self, routes: ChatRoutes) -> None:
        if routes == ChatRoutes(routes.chat):
            self._delete(t.chat_routes, of_chat(t.chat_routes, routes.chat))
        else:
            row = {**chat_values(routes.chat), "leads_elsewhere": bool(routes.routes), "value": dump(routes)}
            self._upsert(t.chat_routes, row)

    def routes_elsewhere(self) -> tuple[ChatRoutes, ...]:
        return self._routes(leads_elsewhere=True)

    def _routes(self, **which: bool) -> tuple[ChatRoutes, ...]:
        return tuple(load(ChatRoutes, row.value) for row in self._where(t.chat_routes, *CHAT_COLUMNS, **which))

    # ------------------------------------------------------------ mutes

    def add_mute(self, mute: Mute) -> int:
        return self._insert(
            t.mutes,
            **chat_values(mute.chat),
            kind=mute.kind.value,
            value=mute.value,
            label=mute.label,
            **_user(mute.by),
            said_at=mute.at,
            until=mute.until,
            why=mute.why,
            is_snooze=mute.is_snooze,
            undone_at=mute.undone_at,
            undone_by=mute.undone_by,
        )

    def mute(self, number: int) -> Mute | None:
        row = self._first(sa.select(t.mutes).where(t.mutes.c.id == number))
        return _mute(row) if row else None

    def mute_replaced(self, mute: Mute) -> Mute | None:
        c = t.mutes.c
        same = [c.kind == mute.kind.value, c.value == mute.value, c.undone_at == mute.at, c.said_at < mute.at]
        query = sa.select(t.mutes).where(of_chat(t.mutes, mute.chat), *same).order_by(c.id.desc()).limit(1)
        row = self._first(query)
        return _mute(row) if row else None

    def mutes(self, now: datetime, chats: Iterable[ChatKey] | None = None) -> tuple[Mute, ...]:
        c = t.mutes.c
        query = sa.select(t.mutes).where(c.undone_at.is_(None), c.until.is_(None) | (c.until > now)).order_by(c.id)
        if chats is not None:
            query = query.where(_in(t.mutes, chats))
        return tuple(_mute(row) for row in self._all(query))

    def snoozes_ended(self, since: datetime, now: datetime) -> tuple[Mute, ...]:
        c = t.mutes.c
        ended = c.is_snooze & c.undone_at.is_(None) & (c.until > since) & (c.until <= now)
        return tuple(_mute(row) for row in self._all(sa.select(t.mutes).where(ended).order_by(c.id)))

    def undo_mute(self, number: int, by: str, now: datetime) -> bool:
        standing = (t.mutes.c.id == number) & t.mutes.c.undone_at.is_(None)
        return bool(self._update(t.mutes, standing, undone_at=now, undone_by=by))

    # ------------------------------------------------------------ acknowledgements

    def acknowledge(self, said: Acknowledgement) -> bool:
        row = {"event": said.event, **chat_values(said.chat), **_user(said.by), "said_at": said.at}
        return self._insert_if_new(t.acknowledgements, row)

    def acknowledgement(self, event: str, chat: ChatKey) -> Acknowledgement | None:
        return next(map(acknowledgement_of, self._where(t.acknowledgements, event=event, **chat_values(chat))), None)

    def undo_acknowledgement(self, event: str, chat: ChatKey) -> bool:
        c = t.acknowledgements
        return bool(self._delete(c, c.c.event == event, of_chat(c, chat)))

    # ------------------------------------------------------------ held alerts

    def hold_alert(self, held: HeldAlert) -> None:
        key = {"event": held.event, **chat_values(held.chat), "kind": held.kind.value, "revision": held.revision}
        values = {
            "hold": held.hold.value,
            "severity": held.severity.value,
            "reason": held.reason,
            "held_at": held.held_at,
            "until": held.until,
            "note": held.note,
            "told_at": held.told_at,
            "told_in": held.told_in,
        }
        self._insert_if_new(t.held_alerts, key | values)

    def held_alerts(self, event: str) -> tuple[HeldAlert, ...]:
        c = t.held_alerts.c
        told_in = sa.case((c.told_in.in_(_NEVER_CAME), ""), else_=c.told_in).label("told_in")
        columns = [told_in if column.name == "told_in" else column for column in c]
        query = sa.select(*columns).where(c.event == event).order_by(c.held_at, *(c[name] for name in CHAT_COLUMNS))
        return tuple(_held(row) for row in self._all(query))

    def chats_holding(self) -> tuple[tuple[ChatKey, HoldKind], ...]:
        c = t.held_alerts.c
        columns = [c[name] for name in (*CHAT_COLUMNS, "hold")]
        query = sa.select(*columns).where(c.told_at.is_(None)).distinct().order_by(*columns)
        return tuple((chat_key_of(row), HoldKind(row.hold)) for row in self._all(query))

    def take_held(
        self, chat: ChatKey, holds: Sequence[HoldKind], now: datetime, told_in: str, event: str | None = None
    ) -> tuple[HeldAlert, ...]:
        c = t.held_alerts.c
        which = [of_chat(t.held_alerts, chat), c.told_at.is_(None), c.hold.in_([hold.value for hold in holds])]
        if event is not None:
            which.append(c.event == event)
        take = sa.update(t.held_alerts).where(*which).values(told_at=now, told_in=told_in).returning(t.held_alerts)
        return tuple(sorted((_held(row) for row in self._all(take)), key=lambda one: (one.held_at, one.event)))

    def mark_taken(self, chat: ChatKey, events: Iterable[str], now: datetime, told_in: str) -> None:
        c = t.held_alerts.c
        taken = (of_chat(t.held_alerts, chat), c.told_at == now, c.event.in_(list(events)))
        self.connection.execute(sa.update(t.held_alerts).where(*taken).values(told_in=told_in))

    def chats_told_otherwise(self, event: str) -> tuple[ChatKey, ...]:
        c = t.held_alerts.c
        alert = (c.event == event) & (c.kind == DeliveryKind.ALERT.value) & (c.hold != HoldKind.MUTED.value)
        together = c.told_in.startswith("batch") | c.told_in.startswith("digest")
        query = (
            sa.select(*(c[name] for name in CHAT_COLUMNS))
            .where(alert, together, c.told_in.not_in(_NEVER_CAME))
            .distinct()
        )
        return tuple(chat_key_of(row) for row in sorted(self._all(query), key=tuple))

    def told_of(
        self, events: Collection[str], chats: Collection[ChatKey] | None = None
    ) -> Mapping[str, frozenset[ChatKey]]:
        d, s, h = t.deliveries.c, t.sent_alerts.c, t.held_alerts.c
        alive = (DeliveryState.WAITING, DeliveryState.SENDING, DeliveryState.SENT)
        is_mute = h.hold == HoldKind.MUTED.value  # of what is muted a digest tells that it was held, no more
        comes = ~is_mute & (h.told_at.is_(None) | (h.told_in != ""))
        reminded = is_mute & h.told_in.startswith("reminder") & h.told_in.not_in(_NEVER_CAME)
        ways: tuple[tuple[sa.Table, sa.ColumnElement[bool]], ...] = (
            (t.deliveries, (d.kind == DeliveryKind.ALERT.value) & d.state.in_([state.value for state in alive])),
            (t.sent_alerts, s.event.is_not(None)),  # these too: an outbox row is forgotten before its event is
            (t.held_alerts, (h.kind == DeliveryKind.ALERT.value) & (comes | reminded)),
        )
        told: dict[str, set[ChatKey]] = {}
        for table, which in ways:
            columns = [table.c[name] for name in ("event", *CHAT_COLUMNS)]
            query = sa.select(*columns).where(table.c.event.in_(list(events)), which)
            if chats is not None:
                query = query.where(_in(table, chats))
            for row in self._all(query):
                told.setdefault(row.event, set()).add(chat_key_of(row))
        return {event: frozenset(keys) for event, keys in told.items()}

    def told_between(
        self, chat: ChatKey, since: datetime, until: datetime
    ) -> tuple[tuple[str, DeliveryKind, datetime], ...]:
        c = t.deliveries.c
        sent = (c.state == DeliveryState.SENT.value) & (c.settled_at > since) & (c.settled_at <= until)
        alone = sa.select(c.event, c.kind, c.settled_at.label("at")).where(of_chat(t.deliveries, chat), sent)
        c = t.held_alerts.c
        came = c.told_in.startswith("batch") & c.told_in.not_in(_NEVER_CAME)
        in_time = (c.told_at > since) & (c.told_at <= until)
        together = sa.select(c.event, c.kind, c.told_at.label("at")).where(of_chat(t.held_alerts, chat), came, in_time)
        query = alone.union_all(together).order_by("at")
        return tuple((row.event, DeliveryKind(row.kind), row.at) for row in self._all(query))

    # ------------------------------------------------------------ one act that was told as two events

    def adopt_routes(self, event: str, gone: str) -> None:
        """What was held of the event that is gone, what notices told of it, and, in the chats that were not told of the
        one that stands, who handles it and how it is muted."""
        self._adopt_said(event, gone)
        self._adopt_held(event, gone)
        c = t.notice_events.c
        known = sa.select(c.key).where(c.event == event)
        copied = sa.select(sa.literal(event), c.key).where(c.event == gone, c.key.not_in(known))
        self.connection.execute(sa.insert(t.notice_events).from_select(["event", "key"], copied))

    def _adopt_said(self, event: str, gone: str) -> None:
        """Before what was held moves. A chat that was told of both has spoken of the one only."""
        for said in map(acknowledgement_of, self._where(t.acknowledgements, event=gone)):
            if not self._is_told(event, said.chat):
                self.undo_acknowledgement(gone, said.chat)
                self.acknowledge(replace(said, event=event))
        for mute in map(_mute, self._where(t.mutes, kind=MuteKind.EVENT.value, value=gone)):
            if not self._is_told(event, mute.chat):
                self._update(t.mutes, t.mutes.c.id == mute.id, value=event)

    def _is_told(self, event: str, chat: ChatKey) -> bool:
        """Whether the chat has a message of the event, its own or one with others, from wherever it came."""
        own = self._where(t.sent_alerts, event=event, **chat_values(chat))
        together = any(one.chat == chat for one in self.notices_on(event))
        return bool(own) or together or chat in self.chats_told_otherwise(event)

    def _adopt_held(self, event: str, gone: str) -> None:
        """Under revisions below all that the event has, or will have: no two may be the same."""
        c = t.held_alerts.c
        lowest = self.connection.scalar(sa.select(sa.func.min(c.revision)).where(c.event == event)) or 0
        highest = self.connection.scalar(sa.select(sa.func.max(c.revision)).where(c.event == gone))
        if highest is not None:
            shift = highest - min(lowest, 0) + 1
            self._update(t.held_alerts, c.event == gone, event=event, revision=c.revision - shift)

    # ------------------------------------------------------------ digests

    def digest_slot(self, chat: ChatKey) -> datetime | None:
        slot: datetime | None = self.connection.scalar(
            sa.select(t.digest_slots.c.slot).where(of_chat(t.digest_slots, chat))
        )
        return slot

    def take_digest_slot(self, chat: ChatKey, slot: datetime) -> bool:
        insert = self._insert_of(t.digest_slots).values(**chat_values(chat), slot=slot)
        c = t.digest_slots.c
        later = insert.on_conflict_do_update(
            index_elements=list(CHAT_COLUMNS), set_={"slot": slot}, where=c.slot < slot
        )
        return self.connection.execute(later.returning(sa.literal(1))).first() is not None

    # ------------------------------------------------------------ whole

    def move_routes(self, old: ChatKey, new_id: str) -> None:
        """Where other chats' settings and notices name a chat, they name its new id."""
        self.move_origins(old, new_id)
        for routes in self.all_routes():
            moved = _moved(routes, old, new_id)
            if moved != routes:
                self.save_routes(moved)

    def forget_routes_before(self, cutoff: datetime) -> None:
        """Held alerts that no chat was told, notices that are settled, mutes long over."""
        h = t.held_alerts.c
        told = (h.kind == DeliveryKind.ALERT.value) & (h.told_in != "") & h.told_in.not_in(_NEVER_CAME)
        is_muted = (h.hold == HoldKind.MUTED.value) & ~h.told_in.startswith("reminder")
        self._delete(t.held_alerts, h.held_at < cutoff, ~told | is_muted)
        self.forget_notices_before(cutoff)
        self._delete(t.acknowledgements, t.acknowledgements.c.said_at < cutoff)


def _moved(routes: ChatRoutes, old: ChatKey, new_id: str) -> ChatRoutes:
    def moved(key: ChatKey) -> ChatKey:
        return replace(key, id=new_id) if key.whole == old.whole else key

    ways = tuple(replace(route, to=moved(route.to)) if route.to else route for route in routes.routes)
    escalation = routes.escalation and replace(routes.escalation, to=moved(routes.escalation.to))
    return replace(routes, chat=moved(routes.chat), routes=ways, escalation=escalation)


_NEVER_CAME = sa.select(t.notices.c.key).where(
    t.notices.c.state.in_([DeliveryState.SKIPPED.value, DeliveryState.DEAD.value])
)


def _in(table: sa.Table, chats: Iterable[ChatKey]) -> sa.ColumnElement[bool]:
    return sa.or_(sa.false(), *(of_chat(table, chat) for chat in chats))


def _user(user: User) -> dict[str, Any]:
    return {"user_platform": user.platform, "user_id": user.id, "user_name": user.name}


def acknowledgement_of(row: Row) -> Acknowledgement:
    return Acknowledgement(row.event, chat_key_of(row), user_of(row), row.said_at)


def _mute(row: Row) -> Mute:
    return Mute(
        chat=chat_key_of(row),
        kind=MuteKind(row.kind),
        value=row.value,
        label=row.label,
        by=user_of(row),
        at=row.said_at,
        until=row.until,
        why=row.why,
        is_snooze=row.is_snooze,
        undone_at=row.undone_at,
        undone_by=row.undone_by,
        id=row.id,
    )


def _held(row: Row) -> HeldAlert:
    return HeldAlert(
        event=row.event,
        chat=chat_key_of(row),
        kind=DeliveryKind(row.kind),
        revision=row.revision,
        hold=HoldKind(row.hold),
        severity=Severity(row.severity),
        reason=row.reason,
        held_at=row.held_at,
        until=row.until,
        note=row.note,
        told_at=row.told_at,
        told_in=row.told_in.partition(":")[0],
    )
