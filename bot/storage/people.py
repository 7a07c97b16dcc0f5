"""People: roles, what a chat's administrators are, chats that are allowed, invitations. Decides nothing."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa

from bot.model import WHOLE_BOT, AllowedChat, ChatKey, Grant, Invitation, Role, Scope, User
from bot.storage import tables as t
from bot.storage.columns import of_whole_chat
from bot.storage.statements import Row, Statements

_PEOPLE_LOCK = 0x53424F54_50454F50  # any number, the same in every process
_HEADS = (Role.OWNER.value, Role.ADMIN.value)


class People(Statements):
    def lock_people(self) -> None:
        self._lock(_PEOPLE_LOCK)

    # ------------------------------------------------------------ roles

    def grants(self, user: User | None = None) -> tuple[Grant, ...]:
        query = sa.select(t.grants).order_by(*_OLDEST)
        if user:
            query = query.where(_is(user))
        return tuple(_grant(row) for row in self._all(query))

    def save_grant(self, grant: Grant) -> None:
        key = {**_user(grant.user), "scope": str(grant.scope)}
        given = {"name": grant.user.name, "granted_at": grant.at, "granted_by": grant.by}
        self._upsert(t.grants, {**key, "role": grant.role.value, **given})

    def remove_grant(self, user: User, scope: Scope) -> Role | None:
        gone = sa.delete(t.grants).where(_is(user), t.grants.c.scope == str(scope)).returning(t.grants.c.role)
        role = self.connection.scalar(gone)
        return Role(role) if role else None

    def admins(self) -> tuple[User, ...]:
        heads = (t.grants.c.scope == str(WHOLE_BOT)) & t.grants.c.role.in_(_HEADS)
        rows = self._all(sa.select(t.grants).where(heads).order_by(*_OLDEST))
        return tuple(User(row.platform, row.user_id, row.name) for row in rows)

    def role_mapping(self, chat: ChatKey) -> Role | None:
        role = self.connection.scalar(sa.select(t.role_mappings.c.role).where(of_whole_chat(t.role_mappings, chat)))
        return Role(role) if role else None

    def save_role_mapping(self, chat: ChatKey, role: Role | None) -> None:
        if role is None:
            self._delete(t.role_mappings, of_whole_chat(t.role_mappings, chat))
        else:
            self._upsert(t.role_mappings, {"platform": chat.platform, "chat_id": chat.id, "role": role.value})

    # ------------------------------------------------------------ chats

    def allowed_chats(self) -> tuple[AllowedChat, ...]:
        columns = t.allowed_chats.c
        query = sa.select(t.allowed_chats).where(_HOLDS).order_by(columns.allowed_at, columns.platform, columns.chat_id)
        return tuple(_allowed(row) for row in self._all(query))

    def is_allowed(self, chat: ChatKey) -> bool:
        return self._first(sa.select(sa.literal(1)).where(of_whole_chat(t.allowed_chats, chat), _HOLDS)) is not None

    def allow_chat(self, allowed: AllowedChat) -> None:
        key = {"platform": allowed.chat.platform, "chat_id": allowed.chat.id}
        rest = {
            "title": allowed.title,
            "allowed_at": allowed.at,
            "allowed_by": allowed.by,
            "holder_platform": allowed.holder.platform if allowed.holder else "",
            "holder_id": allowed.holder.id if allowed.holder else "",
        }
        insert = self._insert_of(t.allowed_chats).values(**key, **rest)
        self.connection.execute(
            insert.on_conflict_do_update(
                index_elements=list(key),
                set_={name: insert.excluded[name] for name in rest},
                where=None if allowed.holder is None else t.allowed_chats.c.holder_platform != "",
            )
        )

    def forbid_chat(self, chat: ChatKey) -> bool:
        return bool(self._delete(t.allowed_chats, of_whole_chat(t.allowed_chats, chat)))

    def move_grants(self, old: ChatKey, new_id: str) -> None:
        """Roles in a chat hold where it has its new id; one that is held there already stays."""
        was, now = (str(Scope.of_chat(ChatKey(old.platform, chat_id))) for chat_id in (old.id, new_id))
        there = t.grants.alias()
        same = (there.c.platform == t.grants.c.platform) & (there.c.user_id == t.grants.c.user_id)
        self._delete(t.grants, t.grants.c.scope == was, sa.exists().where(same, there.c.scope == now))
        for table in (t.grants, t.invitations):
            self._update(table, table.c.scope == was, scope=now)

    # ------------------------------------------------------------ invitations

    def add_invitation(self, invitation: Invitation, digest: str) -> int:
        by = invitation.by
        return self._insert(
            t.invitations,
            digest=digest,
            role=invitation.role.value,
            scope=str(invitation.scope),
            by_platform=by.platform,
            by_id=by.id,
            by_name=by.name,
            made_at=invitation.made_at,
            expires_at=invitation.expires_at,
            used_by_platform="",
            used_by_id="",
            used_by_name="",
            revoked_by="",
        )

    def invitation(self, digest: str) -> tuple[Invitation, str] | None:
        row = self._first(sa.select(t.invitations).where(t.invitations.c.digest == digest))
        return (_invitation(row), row.digest) if row else None

    def invitations(self) -> tuple[Invitation, ...]:
        return tuple(
            _invitation(row) for row in self._all(sa.select(t.invitations).order_by(t.invitations.c.id.desc()))
        )

    def use_invitation(self, number: int, user: User, now: datetime) -> bool:
        used = {"used_at": now, "used_by_platform": user.platform, "used_by_id": user.id, "used_by_name": user.name}
        return bool(self._update(t.invitations, _open(number) & (t.invitations.c.expires_at > now), **used))

    def revoke_invitation(self, number: int, by: str, now: datetime) -> bool:
        return bool(self._update(t.invitations, _open(number), revoked_at=now, revoked_by=by))

    def add_guess(self, user: User, now: datetime) -> None:
        self._insert(t.guesses, **_user(user), at=now)

    def guesses(self, user: User, since: datetime) -> tuple[datetime, ...]:
        g = t.guesses.c
        own = (g.platform == user.platform) & (g.user_id == user.id)
        return tuple(self.connection.scalars(sa.select(g.at).where(own, g.at >= since).order_by(g.at)))


_OLDEST = (t.grants.c.granted_at, t.grants.c.platform, t.grants.c.user_id, t.grants.c.scope)
_HOLDER = sa.exists().where(
    t.grants.c.platform == t.allowed_chats.c.holder_platform, t.grants.c.user_id == t.allowed_chats.c.holder_id
)
_HOLDS = (t.allowed_chats.c.holder_platform == "") | _HOLDER


def _user(user: User) -> dict[str, str]:
    return {"platform": user.platform, "user_id": user.id}


def _is(user: User) -> sa.ColumnElement[bool]:
    return (t.grants.c.platform == user.platform) & (t.grants.c.user_id == user.id)


def _open(number: int) -> sa.ColumnElement[bool]:
    c = t.invitations.c
    return (c.id == number) & c.used_at.is_(None) & c.revoked_at.is_(None)


def _grant(row: Row) -> Grant:
    user = User(row.platform, row.user_id, row.name)
    return Grant(user, Role(row.role), Scope.read(row.scope), row.granted_by, row.granted_at)


def _allowed(row: Row) -> AllowedChat:
    holder = User(row.holder_platform, row.holder_id) if row.holder_platform else None
    return AllowedChat(ChatKey(row.platform, row.chat_id), row.title, row.allowed_by, row.allowed_at, holder)


def _invitation(row: Row) -> Invitation:
    used_by = User(row.used_by_platform, row.used_by_id, row.used_by_name) if row.used_at else None
    return Invitation(
        role=Role(row.role),
        scope=Scope.read(row.scope),
        by=User(row.by_platform, row.by_id, row.by_name),
        made_at=row.made_at,
        expires_at=row.expires_at,
        used_at=row.used_at,
        used_by=used_by,
        revoked_at=row.revoked_at,
        revoked_by=row.revoked_by,
        id=row.id,
    )
