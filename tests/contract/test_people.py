"""Roles, invitations, allowed chats and the audit log as every store must keep them, on SQLite and on PostgreSQL."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import fields, replace
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa
from alembic import command

from bot.chain import GENESIS, verify
from bot.errors import StoreError
from bot.model import WHOLE_BOT, AllowedChat, ChatKey, Grant, Invitation, Role, Scope, User
from bot.ports import AuditRow
from bot.storage import SqlStore
from bot.storage.migrations import config
from bot.storage.tables import audit

NOW = datetime(2026, 3, 5, 12, 30, 15, 123456, UTC)
HOUR = timedelta(hours=1)
ANA, BO = User("telegram", "1", "Ana"), User("slack", "U1", "Bo")
DESK = ChatKey("telegram", "-5")
IN_DESK = Scope.of_chat(DESK)
INVITATION = Invitation(Role.EDITOR, Scope.of_watchlist("main"), ANA, NOW, NOW + HOUR)
ROW = AuditRow(NOW, "telegram:1", str(DESK), "watch add", "", "dandong")


# ---------------------------------------------------------------- roles


def test_a_person_has_one_role_for_each_scope(store: SqlStore) -> None:
    first = Grant(ANA, Role.OWNER, WHOLE_BOT, "first code", NOW)
    other = Grant(BO, Role.ADMIN, IN_DESK, "telegram:1", NOW + HOUR)
    with store.writing() as records:
        records.lock_people()
        for grant in (first, other, replace(other, role=Role.READER, at=NOW + 2 * HOUR)):
            records.save_grant(grant)
        assert records.grants() == (first, replace(other, role=Role.READER, at=NOW + 2 * HOUR))
        assert records.grants(User("telegram", "1")) == (first,)
        assert records.grants(User("slack", "1")) == ()
        assert records.admins() == (ANA,)
        assert records.remove_grant(BO, IN_DESK) is Role.READER
        assert records.remove_grant(BO, IN_DESK) is None


def test_what_a_chats_administrators_are_is_kept_for_all_its_topics(store: SqlStore) -> None:
    with store.writing() as records:
        assert records.role_mapping(DESK) is None
        records.save_role_mapping(DESK, Role.EDITOR)
        records.save_role_mapping(DESK, Role.READER)
        assert records.role_mapping(ChatKey("telegram", "-5", "7")) is Role.READER
        records.save_role_mapping(DESK, None)
        assert records.role_mapping(DESK) is None


def test_a_chat_is_allowed_as_such_or_as_long_as_its_holder_has_a_role(store: SqlStore) -> None:
    held = AllowedChat(ChatKey("slack", "D1"), "", "slack:U1", NOW, holder=User("slack", "U1"))
    plain = AllowedChat(DESK, "Desk", "telegram:1", NOW + HOUR)
    with store.writing() as records:
        records.allow_chat(held)
        records.allow_chat(plain)
        assert records.allowed_chats() == (plain,)
        records.save_grant(Grant(BO, Role.READER, IN_DESK, "x", NOW))
        assert records.allowed_chats() == (held, plain)
        assert records.is_allowed(ChatKey("telegram", "-5", "9"))
        records.allow_chat(replace(plain, holder=ANA))
        assert records.is_allowed(DESK), "allowed as such stays so"
        records.allow_chat(replace(held, holder=None))
        records.remove_grant(BO, IN_DESK)
        assert records.is_allowed(held.chat)
        assert records.forbid_chat(DESK)
        assert not records.forbid_chat(DESK)


def test_roles_mappings_and_permissions_follow_a_chat_to_its_new_id(store: SqlStore) -> None:
    new = ChatKey("telegram", "-100")
    with store.writing() as records:
        records.save_grant(Grant(ANA, Role.ADMIN, IN_DESK, "x", NOW))
        records.save_grant(Grant(BO, Role.ADMIN, IN_DESK, "x", NOW))
        records.save_grant(Grant(BO, Role.READER, Scope.of_chat(new), "x", NOW))
        records.save_role_mapping(DESK, Role.EDITOR)
        records.allow_chat(AllowedChat(DESK, "Desk", "x", NOW))
        records.add_invitation(replace(INVITATION, scope=IN_DESK), "d1")
        records.move_chat(DESK, "-100")
        roles = {(grant.user.id, grant.role, str(grant.scope)) for grant in records.grants()}
        assert roles == {("1", Role.ADMIN, "chat:telegram:-100"), ("U1", Role.READER, "chat:telegram:-100")}
        assert records.role_mapping(new) is Role.EDITOR
        assert [one.chat for one in records.allowed_chats()] == [new]
        assert records.invitations()[0].scope == Scope.of_chat(new)


# ---------------------------------------------------------------- invitations


def test_an_invitation_is_found_by_its_digest_used_once_and_taken_back(store: SqlStore) -> None:
    with store.writing() as records:
        first, second, third = (records.add_invitation(INVITATION, digest) for digest in ("a", "b", "c"))
        assert records.invitation("a") == (replace(INVITATION, id=first), "a")
        assert records.invitation("x") is None
        assert records.use_invitation(first, BO, NOW)
        assert not records.use_invitation(first, ANA, NOW)
        assert not records.revoke_invitation(first, "telegram:1", NOW)
        assert records.revoke_invitation(second, "telegram:1", NOW)
        assert not records.use_invitation(second, BO, NOW)
        assert not records.use_invitation(third, BO, NOW + HOUR), "it has ended"
        states = [(one.id, one.used_by, one.revoked_by) for one in records.invitations()]
        assert states == [(third, None, ""), (second, None, "telegram:1"), (first, BO, "")]


def test_of_many_who_open_it_at_once_one_has_it(store: SqlStore) -> None:
    with store.writing() as records:
        number = records.add_invitation(INVITATION, "a")

    def use(person: int) -> bool:
        with store.writing() as records:
            return records.use_invitation(number, User("telegram", str(person)), NOW)

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(use, range(8))) == 1


def test_wrong_guesses_are_counted_by_person_and_forgotten(store: SqlStore) -> None:
    with store.writing() as records:
        for at in (NOW, NOW + HOUR, NOW - HOUR):
            records.add_guess(ANA, at)
        records.add_guess(BO, NOW)
        assert records.guesses(ANA, NOW) == (NOW, NOW + HOUR)
        records.forget_before(NOW + HOUR)
        assert records.guesses(ANA, NOW - HOUR) == (NOW + HOUR,)


# ---------------------------------------------------------------- the log


def test_the_log_is_chained_from_the_first_row_on(store: SqlStore) -> None:
    with store.writing() as records:
        for number in range(5):
            records.add_audit(replace(ROW, what=f"change {number}\0 \ud800", after="Ж" * number))
    with store.reading() as records:
        rows = list(records.audit_chain())
        assert [row.id for row in rows] == [1, 2, 3, 4, 5]
        checked = verify(rows)
        assert (checked.rows, checked.broken, checked.head) == (5, None, rows[-1].digest)
        assert [row.id for row in records.latest_audit(limit=2)] == [5, 4]
        assert [row.id for row in records.latest_audit(before=3)] == [2, 1]


def test_writers_at_once_make_one_chain(store: SqlStore) -> None:
    def write(number: int) -> None:
        with store.writing() as records:
            records.add_audit(replace(ROW, what=f"change {number}"))

    with ThreadPoolExecutor(6) as pool:
        list(pool.map(write, range(30)))
    with store.reading() as records:
        checked = verify(records.audit_chain())
    assert (checked.rows, checked.is_sound) == (30, True)


def test_what_is_rolled_back_leaves_no_gap(store: SqlStore) -> None:
    with store.writing() as records:
        records.add_audit(ROW)
    with contextlib.suppress(RuntimeError), store.writing() as records:
        records.add_audit(ROW)
        raise RuntimeError
    with store.writing() as records:
        records.add_audit(ROW)
    with store.reading() as records:
        assert [row.id for row in records.audit_chain()] == [1, 2]
        assert verify(records.audit_chain()).is_sound


@pytest.mark.parametrize(
    "statement", ["UPDATE audit SET who = 'nobody'", "DELETE FROM audit WHERE id = 1", "TRUNCATE audit"]
)
def test_the_database_refuses_to_change_the_log(store: SqlStore, statement: str) -> None:
    if statement == "TRUNCATE audit" and store.url.get_backend_name() == "sqlite":
        statement = "DELETE FROM audit"  # what SQLite has in its place
    with store.writing() as records:
        records.add_audit(ROW)
    with pytest.raises(StoreError, match="append-only"), store.writing() as records:
        records.connection.execute(sa.text(statement))
    with store.reading() as records:
        assert verify(records.audit_chain()).rows == 1


COLUMNS = ["id", "digest", *(field.name for field in fields(AuditRow))]


@pytest.mark.parametrize("column", COLUMNS)
@pytest.mark.parametrize("number", [1, 2, 3])
def test_who_gets_around_that_is_found_whatever_column_of_whatever_row(
    store: SqlStore, column: str, number: int
) -> None:
    with store.writing() as records:
        for _ in range(3):
            records.add_audit(ROW)
    new = {"id": 10 * number, "at": NOW - HOUR}.get(column, "tampered")
    with store.writing() as records:
        _drop_triggers(records.connection)
        records.connection.execute(sa.update(audit).where(audit.c.id == number).values({column: new}))
    with store.reading() as records:
        checked = verify(records.audit_chain())
    assert not checked.is_sound
    # A row that got a greater number leaves its place: what follows it is what does not fit.
    moved = {1: 2, 2: 3, 3: 30} if column == "id" else {}
    assert checked.broken == moved.get(number, number)


def _drop_triggers(connection: sa.Connection) -> None:
    if connection.dialect.name == "sqlite":
        names = ("audit_no_update", "audit_no_delete")
        statements = [f"DROP TRIGGER {name}" for name in names]
    else:
        statements = [f"DROP TRIGGER {name} ON audit" for name in ("audit_no_change", "audit_no_truncate")]
    for statement in statements:
        connection.execute(sa.text(statement))


def test_a_log_whose_end_was_cut_off_is_found_by_what_was_noted(store: SqlStore) -> None:
    with store.writing() as records:
        for _ in range(3):
            records.add_audit(ROW)
        noted = list(records.audit_chain())[-1].digest
    with store.writing() as records:
        _drop_triggers(records.connection)
        records.connection.execute(sa.delete(audit).where(audit.c.id == 3))
    with store.reading() as records:
        assert verify(records.audit_chain()).is_sound, "the chain alone cannot tell"
        assert not verify(records.audit_chain(), noted).is_sound


# ---------------------------------------------------------------- from the version before

BEFORE = "language_model_calls"


@pytest.mark.parametrize(
    ("added_by", "owner"),
    [(("telegram:9", "first code", "x"), "2"), (("a", "b", "c"), "1")],
)
def test_admins_of_before_keep_their_rights_and_one_is_the_owner(
    empty_url: str, added_by: tuple[str, ...], owner: str
) -> None:
    def fill(connection: sa.Connection) -> None:
        for number, by in enumerate(added_by, 1):
            values = {"id": str(number), "at": (NOW + number * HOUR).replace(tzinfo=None), "by": by}
            insert = "INSERT INTO admins VALUES ('telegram', :id, 'Name', :at, :by)"
            connection.execute(sa.text(insert), values | {"at": values["at"].isoformat(" ")})  # type: ignore[attr-defined]

    store = _migrated_from(empty_url, fill)
    with store.reading() as records:
        roles = {grant.user.id: grant.role for grant in records.grants()}
        assert all(grant.scope == WHOLE_BOT for grant in records.grants())
    store.close()
    assert roles == {str(n): Role.OWNER if str(n) == owner else Role.ADMIN for n in (1, 2, 3)}


def test_rows_of_before_are_chained_and_sealed(empty_url: str) -> None:
    def fill(connection: sa.Connection) -> None:
        for number in (2, 3, 7):
            insert = "INSERT INTO audit VALUES (:id, :at, 'ana', '', 'watch add', '', 'Ж')"
            connection.execute(sa.text(insert), {"id": number, "at": NOW.replace(tzinfo=None).isoformat(" ")})

    store = _migrated_from(empty_url, fill)
    with store.writing() as records:
        records.add_audit(ROW)
        rows = list(records.audit_chain())
        assert [row.id for row in rows] == [2, 3, 7, 8]
        assert verify(rows).is_sound
        assert rows[0].digest != GENESIS
    with pytest.raises(StoreError, match="append-only"), store.writing() as records:
        records.connection.execute(sa.delete(audit))
    store.close()


def _migrated_from(url: str, fill: Callable[[sa.Connection], None]) -> SqlStore:
    store = SqlStore(url)
    engine = sa.create_engine(store.url)
    with engine.begin() as connection:
        steps = config()
        steps.attributes["connection"] = connection
        command.upgrade(steps, BEFORE)
        fill(connection)
    engine.dispose()
    store.migrate()
    return store
