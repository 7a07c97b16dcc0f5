"""The statements that every subject of the store is written with."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache
from typing import Any

import psycopg
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.sql.dml import ReturningInsert

from bot.storage import tables as t

Row = sa.Row[Any]


class Statements:
    """One transaction. `connection` is what the engine's jobs join."""

    def __init__(self, connection: sa.Connection) -> None:
        self.connection = connection
        self._is_sqlite = connection.dialect.name == "sqlite"

    @contextlib.contextmanager
    def _together(self) -> Iterator[None]:
        """Within the block only writes whose answers nobody reads, not even how many rows there were: PostgreSQL is
        sent all of them before it is waited for. Four such writes cost a third of four that are waited for each."""
        if self._is_sqlite or not psycopg.Pipeline.is_supported():
            yield
            return
        connection = self.connection.connection.driver_connection
        assert isinstance(connection, psycopg.Connection)
        try:
            with connection.pipeline():
                yield
        except psycopg.Error as error:  # SQLAlchemy was not told of it
            raise sa.exc.DBAPIError(None, None, error) from error

    def _all(self, query: sa.Executable) -> Sequence[Row]:
        return self.connection.execute(query).all()

    def _first(self, query: sa.Executable) -> Row | None:
        return self.connection.execute(query).first()

    def _where(self, table: sa.Table, *order: str, **equal: Any) -> Sequence[Row]:
        """The rows whose columns are `equal`, in the `order` of columns. For what every message asks: such a statement
        is made once, as making one takes four times as long as its run."""
        return self.connection.execute(_select_equal(table, tuple(equal), order), equal).all()

    def _at(self, table: sa.Table, names: tuple[str, ...], keys: Iterable[Sequence[Any]], *order: str) -> Sequence[Row]:
        """The rows whose columns `names` are one of the `keys`, in the `order` of columns. Made once, as `_where`."""
        if not (keys := sorted(set(map(tuple, keys)))):
            return ()
        return self.connection.execute(_select_at(table, names, order), {"keys": keys}).all()

    def _number(self, table: sa.Table, which: sa.ColumnElement[bool]) -> int:
        return self.connection.scalar(sa.select(sa.func.count()).select_from(table).where(which)) or 0

    def _insert(self, table: sa.Table, **values: Any) -> int:
        """Returns the new row's id."""
        new: int = self.connection.execute(sa.insert(table).values(values).returning(table.c.id)).scalar_one()
        return new

    def _insert_many(self, table: sa.Table, rows: Sequence[Sequence[Any]]) -> None:
        """Rows of all columns in their order, as the database takes them: clean texts, numbers. SQLAlchemy would look
        at every value once more, which takes longer than to store them."""
        if not rows:
            return
        compiled = sa.insert(table).compile(dialect=self.connection.dialect)
        names = [column.name for column in table.columns]
        is_positional = compiled.positional  # else by name, as psycopg has it
        values = [tuple(row) if is_positional else dict(zip(names, row, strict=True)) for row in rows]
        self.connection.exec_driver_sql(str(compiled), values)

    def _update(self, table: sa.Table, which: sa.ColumnElement[bool], **values: Any) -> int:
        return self.connection.execute(sa.update(table).where(which).values(values)).rowcount

    def _changed(self, table: sa.Table, which: sa.ColumnElement[bool], **values: Any) -> Sequence[Row]:
        """As `_update`; the rows as they are then."""
        return self._all(sa.update(table).where(which).values(values).returning(table))

    def _delete(self, table: sa.Table, *which: sa.ColumnElement[bool]) -> int:
        return self.connection.execute(sa.delete(table).where(*which)).rowcount

    def _delete_some(self, table: sa.Table, limit: int, *which: sa.ColumnElement[bool]) -> int:
        keys = tuple(table.primary_key)
        return self._delete(table, sa.tuple_(*keys).in_(sa.select(*keys).where(*which).limit(limit)))

    def _insert_of(self, table: sa.Table) -> sqlite.Insert | postgresql.Insert:
        return sqlite.insert(table) if self._is_sqlite else postgresql.insert(table)

    def _insert_if_new(self, table: sa.Table, values: Mapping[str, Any]) -> bool:
        return self.connection.execute(_insert_new(table, self._is_sqlite), dict(values)).first() is not None

    def _upsert(self, table: sa.Table, values: Mapping[str, Any], only: frozenset[str] = frozenset()) -> None:
        """Insert, or where the primary key is there, overwrite (`only` these columns)."""
        self.connection.execute(_upsert(table, tuple(values), only, self._is_sqlite), dict(values))

    def _lock(self, number: int) -> None:
        """Until the end of this transaction no other has this lock. SQLite has one writer at a time anyway."""
        if not self._is_sqlite:
            self.connection.execute(sa.select(sa.func.pg_advisory_xact_lock(number)))

    def _count(self, name: str) -> int:
        """One more; on PostgreSQL others wait for this transaction, so numbers become visible in order."""
        insert = self._insert_of(t.counters).values(name=name, value=1)
        more = insert.on_conflict_do_update(index_elements=["name"], set_={"value": t.counters.c.value + 1})
        value: int = self.connection.execute(more.returning(t.counters.c.value)).scalar_one()
        return value


@cache
def _select_equal(table: sa.Table, names: tuple[str, ...], order: tuple[str, ...]) -> sa.Select[Any]:
    equal = (table.c[name] == sa.bindparam(name) for name in names)
    return sa.select(table).where(*equal).order_by(*(table.c[name] for name in order))


@cache
def _select_at(table: sa.Table, names: tuple[str, ...], order: tuple[str, ...]) -> sa.Select[Any]:
    at = sa.tuple_(*(table.c[name] for name in names)).in_(sa.bindparam("keys", expanding=True))
    return sa.select(table).where(at).order_by(*(table.c[name] for name in order))


@cache
def _insert_new(table: sa.Table, is_sqlite: bool) -> ReturningInsert[Any]:
    insert = sqlite.insert(table) if is_sqlite else postgresql.insert(table)
    return insert.on_conflict_do_nothing().returning(sa.literal(1))


@cache
def _upsert(
    table: sa.Table, names: tuple[str, ...], only: frozenset[str], is_sqlite: bool
) -> sqlite.Insert | postgresql.Insert:
    keys = [column.name for column in table.primary_key]
    insert = sqlite.insert(table) if is_sqlite else postgresql.insert(table)
    changed = {name: insert.excluded[name] for name in names if name not in keys and (not only or name in only)}
    return insert.on_conflict_do_update(index_elements=keys, set_=changed)
