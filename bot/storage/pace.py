"""How much may be sent and asked: the gates of accounts and chats, and a day's questions to the second reader."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from functools import cache

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from bot.model import ChatKey
from bot.storage import tables as t
from bot.storage.statements import Statements

# An account is never taken for longer than its pace: what is further ahead was written by a clock that has gone back
# since, or another host's. To wait for it would hold up every chat, for an hour if it went back by one.
CLOCK_ASTRAY = timedelta(seconds=5)
_LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)
_LOCK_GATES = (
    sa.select(t.gates)
    .where(t.gates.c.name.in_(sa.bindparam("names", expanding=True)))
    .order_by(t.gates.c.name)
    .with_for_update()
)
_PASS_GATES = (
    sa.update(t.gates)
    .where(t.gates.c.name.in_((sa.bindparam("account"), sa.bindparam("place"))))
    .values(
        free_at=sa.case(
            (t.gates.c.name == sa.bindparam("account"), sa.bindparam("account_at", type_=t.gates.c.free_at.type)),
            else_=sa.bindparam("place_at", type_=t.gates.c.free_at.type),
        )
    )
)


class Pace(Statements):
    def take_gate(
        self, bot: str, chat: ChatKey, bot_every: timedelta, chat_every: timedelta, now: datetime
    ) -> timedelta:
        """`bot` is the account's name. SQLite's transaction is alone; on PostgreSQL both rows are locked, the bot's
        first, so that no two can take the same moment."""
        account, place = f"bot:{bot}", f"chat:{chat}"  # "bot:" sorts before "chat:": all lock in the same order
        free_at = self._lock_gates(account, place)
        missing = [name for name in (account, place) if name not in free_at]
        fresh = [name for name in missing if self._insert_if_new(t.gates, {"name": name, "free_at": _LONG_AGO})]
        free_at |= dict.fromkeys(fresh, _LONG_AGO)
        if len(free_at) < 2:  # another was faster
            free_at = self._lock_gates(account, place)
        if free_at[account] - now > bot_every + CLOCK_ASTRAY:
            free_at[account] = now
        wait = max(free_at.values()) - now
        if wait > timedelta(0):
            return wait
        account_at = _taken_at(free_at[account], now, bot_every) + bot_every
        moments = {"account_at": account_at, "place_at": now + chat_every}
        self.connection.execute(_PASS_GATES, {"account": account, "place": place, **moments})
        return timedelta(0)

    def _lock_gates(self, *names: str) -> dict[str, datetime]:
        rows = self.connection.execute(_LOCK_GATES, {"names": names}).all()
        return {row.name: row.free_at for row in rows}

    def block_gate(self, chat: ChatKey, until: datetime) -> None:
        """Nothing goes to the chat before `until`; a longer block stays."""
        self.connection.execute(_block_gate(self._is_sqlite), {"gate": f"chat:{chat}", "until": until})

    def take_model_call(self, now: datetime, most: int) -> bool:
        if most < 1:
            return False
        calls = t.model_calls.c.calls
        insert = self._insert_of(t.model_calls).values(day=now.astimezone(UTC).date(), calls=1)
        more = insert.on_conflict_do_update(index_elements=["day"], set_={"calls": calls + 1}, where=calls < most)
        return self.connection.scalar(more.returning(calls)) is not None

    def model_calls(self, day: date) -> int:
        return self.connection.scalar(sa.select(t.model_calls.c.calls).where(t.model_calls.c.day == day)) or 0


@cache
def _block_gate(is_sqlite: bool) -> sqlite.Insert | postgresql.Insert:
    insert = (sqlite.insert if is_sqlite else postgresql.insert)(t.gates)
    insert = insert.values(name=sa.bindparam("gate"), free_at=sa.bindparam("until"))
    asked = insert.excluded.free_at
    later = t.gates.c.free_at < asked
    return insert.on_conflict_do_update(index_elements=["name"], set_={"free_at": asked}, where=later)


def _taken_at(free_at: datetime, now: datetime, every: timedelta) -> datetime:
    """When a gate that is passed `now` counts as passed. Where many wait, whoever is next comes some milliseconds after
    it is free; up to a quarter of `every` is made up for, so that 28.5 a second are that many, never more than 30."""
    return max(free_at, now - every / 4) if now - free_at <= every else now
