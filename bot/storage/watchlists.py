"""The watchlists: entities, every version of them, by what they are found, which chat sees which, edits that wait.

Nothing is deleted: an entity that is removed or merged stays with its versions, and comes back by an edit.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from bot.errors import EditedMeanwhileError
from bot.identifiers import identifier_key
from bot.model import (
    ChatKey,
    Entity,
    EntityEdit,
    EntityVersion,
    Identifier,
    MuteKind,
    PendingEdit,
    PendingKind,
    SubscriptionKind,
    User,
    Watchlist,
    WatchlistEdit,
)
from bot.ports import WatchlistChanges
from bot.storage import tables as t
from bot.storage.columns import chat_key_of, chat_values, of_chat
from bot.storage.serial import dump, load
from bot.storage.statements import Row, Statements
from bot.text.folding import fold_key
from bot.visibility import own_watchlists

_REVISION = "watchlist"  # a counter
_MOST_LINKED = 200  # entities
_MOST_TERM = 200  # characters that are indexed: PostgreSQL refuses index rows above 2.7 KB
_AT_ONCE = 500  # keys in one statement
_MOST_NUMBERED = 1_000  # entities that are found by so many numbers: "unknown" may stand in every row of a file
Term = tuple[str, ...]  # a row of `entity_terms`: kind, term, entity, watchlist
_PREFIX = 3  # letters that a name and its misspelling begin a word with


class Watchlists(Statements):
    # ------------------------------------------------------------ entities

    def entities(self, watchlists: Sequence[str] | None = None) -> tuple[Entity, ...]:
        return self._entities(*_on(t.entities, watchlists), order=t.entities.c.key)

    def entity(self, key: str) -> Entity | None:
        """That of a key that was merged is the one it was merged into."""
        value = self.connection.scalar(_ENTITY, {"asked": key})
        return load(Entity, value) if value else None

    def entities_of(self, keys: Iterable[str]) -> tuple[Entity, ...]:
        found: list[Entity] = []
        for part in _parts(sorted(set(keys))):
            found += self._entities(t.entities.c.key.in_(part), order=t.entities.c.key)
        return tuple(found)

    def places_of(self, keys: Iterable[str]) -> Mapping[str, str]:
        """The watchlist on which each of these stands, or stood last; of a merged one, that of the other."""
        parts = [self.connection.execute(_PLACES, {"keys": part}).all() for part in _parts(sorted(set(keys)))]
        return dict(tuple(row) for rows in parts for row in rows)

    def merged_keys(self, keys: Iterable[str]) -> Mapping[str, str]:
        c = t.entities.c
        merged = sa.select(c.key, c.merged_into).where(c.merged_into.is_not(None))
        parts = [self._all(merged.where(c.key.in_(part))) for part in _parts(sorted(set(keys)))]
        return {row.key: row.merged_into for rows in parts for row in rows}

    def keys_of(self, key: str) -> tuple[str, ...]:
        """The key, and those that lead to it."""
        merged = self.connection.scalars(sa.select(t.entities.c.key).where(t.entities.c.merged_into == key))
        return (key, *sorted(merged))

    def _entities(
        self, *which: sa.ColumnElement[bool], order: Any = None, limit: int | None = None, offset: int = 0
    ) -> tuple[Entity, ...]:
        query = sa.select(t.entities.c.value).where(t.entities.c.removed_at.is_(None), *which)
        query = query.order_by(order) if isinstance(order, sa.Column) else query.order_by(*(order or ()))
        values = self.connection.scalars(query.limit(limit).offset(offset or None))
        return tuple(load(Entity, value) for value in values)

    def known_entity_keys(self) -> frozenset[str]:
        return frozenset(self.connection.scalars(sa.select(t.entities.c.key)))

    def watchlist_changes(self, since: datetime | None) -> WatchlistChanges:
        columns = t.entities.c
        query = sa.select(columns.key, columns.value, columns.saved_at, columns.removed_at).order_by(columns.key)
        if since is not None:
            query = query.where((columns.saved_at >= since) | (columns.removed_at >= since))
        rows = self.connection.execute(query).all()
        moments = [moment for row in rows for moment in (row.saved_at, row.removed_at) if moment is not None]
        return WatchlistChanges(
            saved=tuple(load(Entity, row.value) for row in rows if row.removed_at is None),
            removed=tuple(row.key for row in rows if row.removed_at is not None),
            newest=max(moments, default=None),
        )

    def watchlist_revision(self) -> int:
        query = sa.select(t.counters.c.value).where(t.counters.c.name == _REVISION)
        return self.connection.scalar(query) or 0

    # ------------------------------------------------------------ finding

    def count_entities(self, watchlists: Sequence[str] | None = None) -> int:
        return self._number(t.entities, sa.and_(t.entities.c.removed_at.is_(None), *_on(t.entities, watchlists)))

    def count_terms(self, kind: str, watchlists: Sequence[str] | None = None) -> Mapping[str, int]:
        """How many entities have each topic, or each country (`kind`)."""
        c = t.entity_terms.c
        query = sa.select(c.term, sa.func.count()).where(c.kind == kind, *_on(t.entity_terms, watchlists))
        return dict(tuple(row) for row in self._all(query.group_by(c.term).order_by(c.term)))

    def entities_named(self, names: Iterable[str], watchlists: Sequence[str] | None = None) -> tuple[Entity, ...]:
        """Those that have one of these whole names, however spelt."""
        terms = sorted({_name_term(name) for name in names})
        found = dict.fromkeys(key for part in _parts(terms) for key in self._found(_is_named(part), watchlists))
        return self.entities_of(found)

    def entities_numbered(
        self, numbers: Iterable[Identifier], watchlists: Sequence[str] | None = None
    ) -> tuple[Entity, ...]:
        """Those that have one of these numbers, however written."""
        c = t.entity_terms.c
        found = dict.fromkeys(
            key
            for part in _parts(sorted({_number_term(number) for number in numbers}))
            for key in self._found((c.kind == "number") & c.term.in_(part), watchlists, _MOST_NUMBERED)
        )
        return self.entities_of(found)

    def entities_linked_to(self, others: Iterable[str]) -> tuple[Entity, ...]:
        """Those whose links name one of these keys or whole names, however spelt."""
        c = t.entity_terms.c
        given = list(others)
        terms = {t.clean(term)[:_MOST_TERM] for one in given for term in (one.casefold(), _name_term(one))} - {
            "  ",
            " ",
        }
        found = dict.fromkeys(
            key
            for part in _parts(sorted(terms))
            for key in self._found((c.kind == "link") & c.term.in_(part), None, _MOST_LINKED)
        )
        return self.entities_of(list(found)[:_MOST_LINKED])

    def candidates(self, words: str, watchlists: Sequence[str] | None = None, limit: int = 1_000) -> tuple[Entity, ...]:
        """Whom a person may mean by `words`, for `bot.watchlist.find_entities` to choose from: those of this key or
        whole name; else those with all these words in a name; else those with a word that begins alike."""
        folded = fold_key(words)
        c = t.entity_terms.c
        key_is = (c.kind == "key") & (c.term == words.strip().casefold()[:_MOST_TERM])
        searches: list[sa.ColumnElement[bool]] = [key_is | _is_named([_name_term(words)])]
        tokens = list(dict.fromkeys(folded.split()))[:10]
        if tokens:
            exact = [_IS_WORD & (c.term == token[:_MOST_TERM]) for token in tokens]
            searches.append(self._has_words(exact, [f" {token} " for token in tokens]))
            for length in (_PREFIX, 1):
                starts = dict.fromkeys(token[:length] for token in tokens)
                searches.append(sa.or_(*(self._begins(start) for start in starts)))
        for search in searches:
            if found := self._found(search, watchlists, limit):
                return self.entities_of(found)
        return ()

    def names_of_length(
        self, least: int, most: int, watchlists: Sequence[str] | None, limit: int
    ) -> Sequence[tuple[str, str]]:
        c = t.entity_terms.c
        length = sa.func.length(sa.func.trim(c.term))
        where = (_IS_NAME, length >= least, length <= most, *_on(t.entity_terms, watchlists))
        rows = self._all(sa.select(c.entity, c.term).where(*where).order_by(c.term, c.entity).limit(limit))
        return [(row.entity, row.term.strip()) for row in rows]

    def _has_words(self, words: Sequence[sa.ColumnElement[bool]], texts: Sequence[str]) -> sa.ColumnElement[bool]:
        """Names of entities with all these words that hold all these texts: only their names are read through."""
        with_words = [t.entity_terms.c.entity.in_(sa.select(t.entity_terms.c.entity).where(word)) for word in words]
        return sa.and_(_IS_NAME, *with_words, *(self._holds(text) for text in texts))

    def _begins(self, start: str) -> sa.ColumnElement[bool]:
        """Words that begin so. SQLite looks a range up in the index; PostgreSQL orders text by the locale."""
        term = t.entity_terms.c.term
        if self._is_sqlite:
            return _IS_WORD & (term >= start) & (term < f"{start}\U0010ffff")
        return _IS_WORD & term.startswith(start, autoescape=True)

    def _holds(self, text: str) -> sa.ColumnElement[bool]:
        at = sa.func.instr if self._is_sqlite else sa.func.strpos
        return at(t.entity_terms.c.term, text) > 0

    def _found(
        self, which: sa.ColumnElement[bool], watchlists: Sequence[str] | None, limit: int | None = None
    ) -> tuple[str, ...]:
        c = t.entity_terms.c
        query = sa.select(c.entity).where(which, *_on(t.entity_terms, watchlists)).distinct().limit(limit)
        return tuple(self.connection.scalars(query))

    def entities_page(
        self, watchlists: Sequence[str] | None, words: str, offset: int, limit: int
    ) -> tuple[int, tuple[Entity, ...]]:
        """(how many there are, one page of them by name): all, or those with this key, topic or country, or with a
        name that has a word beginning so."""
        c, on = t.entities.c, _on(t.entities, watchlists)
        if not words:
            page = self._entities(*on, order=(c.folded, c.key), limit=limit, offset=offset)
            return self.count_entities(watchlists), page
        fits = self._fits(words)
        found = self._found(fits, watchlists)
        query = sa.select(c.folded, c.key).order_by(c.folded, c.key)
        if len(found) <= _AT_ONCE:
            rows = self._all(query.where(c.key.in_(found)))[offset : offset + limit]
        else:  # in the order of the index, which ends with the page
            keys = sa.select(t.entity_terms.c.entity).where(fits)
            rows = self._all(query.where(c.removed_at.is_(None), c.key.in_(keys), *on).limit(limit).offset(offset))
        shown = {entity.key: entity for entity in self.entities_of(row.key for row in rows)}
        return len(found), tuple(shown[row.key] for row in rows)

    def _fits(self, words: str) -> sa.ColumnElement[bool]:
        """Terms of this key, topic or country, or of a name in which these words follow each other, the last as the
        beginning of one."""
        c = t.entity_terms.c
        same = c.kind.in_(["key", "topic", "country"]) & (c.term == words.casefold()[:_MOST_TERM])
        *whole, last = fold_key(words).split() or [""]
        if not last:
            return same
        if not whole:
            return same | self._begins(last)
        exact = [_IS_WORD & (c.term == word) for word in whole]
        return same | self._has_words([*exact, self._begins(last)], [f" {fold_key(words)}"])

    # ------------------------------------------------------------ edits

    def edit_watchlist(
        self,
        edits: Sequence[EntityEdit],
        by: str,
        now: datetime,
        what: str,
        why: str = "",
        undoes: int | None = None,
        chat: str = "",
        prepared: Prepared | None = None,
    ) -> int:
        """All of the edits or none, as one that is undone together; returns its number. Raises EditedMeanwhileError.
        `prepared`: what `prepare` made of them before the transaction."""
        self._count(_REVISION)  # first: others wait until this one is done, so what is read below stays true
        standing = self._standing([edit.key for edit in edits])
        number = self._insert(t.watchlist_edits, made_at=now, made_by=by, what=what, why=why, undoes=undoes, chat=chat)
        edits = [edit for edit in edits if edit.entity or edit.key in standing]
        for edit in edits:
            _check_seen(edit, standing.get(edit.key))
        self._write(edits, prepared or prepare(edits), standing, by, now, number)
        followed = [self._follow(edit.key, edit.merged_into) for edit in edits if edit.merged_into]
        if undoes is not None:
            self._update(t.watchlist_edits, t.watchlist_edits.c.id == undoes, undone_by=number)
            followed += self._unfollow(undoes)
        if followed:
            self._update(t.watchlist_edits, t.watchlist_edits.c.id == number, followed=json.dumps(followed))
        return number

    def _standing(self, keys: Iterable[str]) -> dict[str, Row]:
        rows: list[Row] = []
        for part in _parts(sorted(set(keys))):
            rows += self._all(sa.select(t.entities).where(t.entities.c.key.in_(part)))
        return {row.key: row for row in rows}

    def _write(
        self,
        edits: Sequence[EntityEdit],
        prepared: Prepared,
        standing: Mapping[str, Row],
        by: str,
        now: datetime,
        number: int,
    ) -> None:
        rows = [_row(edit, prepared.values, standing.get(edit.key), by, now) for edit in edits]
        insert = self._insert_of(t.entities)
        changed = {column.name: insert.excluded[column.name] for column in t.entities.c if column.name != "key"}
        upsert = insert.on_conflict_do_update(index_elements=["key"], set_=changed)
        if rows:
            self.connection.execute(upsert, rows)
        self._insert_many(t.entity_versions, [_version_row(row, number) for row in rows])
        self._write_terms(edits, prepared.terms, standing)

    def _write_terms(self, edits: Sequence[EntityEdit], terms: Sequence[Term], standing: Iterable[str]) -> None:
        """Only what changes: each row is in four trees, and SQLite has one writer."""
        there: set[Term] = set()
        for part in _parts([edit.key for edit in edits if edit.key in standing]):
            rows = self._all(sa.select(t.entity_terms).where(t.entity_terms.c.entity.in_(part)))
            there.update(tuple(row) for row in rows)
        stale = sorted(there.difference(terms))
        if stale:
            self.connection.execute(_DELETE_TERM, [dict(zip(_TERM_KEYS, term, strict=False)) for term in stale])
        self._insert_many(t.entity_terms, [term for term in terms if term not in there])

    def _follow(self, old: str, new: str) -> dict[str, Any]:
        """What was said of a merged entity holds for the one that it is: subscriptions, look-alikes, earlier merges."""
        s = t.subscriptions.c
        is_entity = s.kind == SubscriptionKind.ENTITY.value
        own = self._all(sa.select(t.subscriptions).where(is_entity, s.value == old))
        moved = []
        for row in own:
            chat = {"platform": row.platform, "chat_id": row.chat_id, "thread": row.thread}
            made = {"created_at": row.created_at, "created_by": row.created_by, "filters": row.filters}
            if self._insert_if_new(t.subscriptions, {**chat, "kind": row.kind, "value": new, **made}):
                moved.append(chat)
        gone = [
            {"platform": row.platform, "chat_id": row.chat_id, "thread": row.thread, "filters": row.filters}
            for row in own
        ]
        self._delete(t.subscriptions, is_entity, s.value == old)
        alike = t.look_alikes.c
        muted = list(self.connection.scalars(sa.select(alike.id).where(alike.entity == old)))
        self._update(t.look_alikes, alike.entity == old, entity=new)
        m = t.mutes.c
        silenced = list(self.connection.scalars(sa.select(m.id).where(m.kind == MuteKind.ENTITY.value, m.value == old)))
        self._update(t.mutes, m.id.in_(silenced), value=new)
        c = t.entities.c
        earlier = list(self.connection.scalars(sa.select(c.key).where(c.merged_into == old)))
        self._update(t.entities, c.merged_into == old, merged_into=new)
        told = {"old": old, "new": new, "moved": moved, "gone": gone, "muted": muted, "earlier": earlier}
        return {**told, "silenced": silenced}

    def _unfollow(self, number: int) -> list[dict[str, Any]]:
        """Takes `_follow` of an edit back, and again if that was a taking back itself: returns what was done."""
        text = self.connection.scalar(sa.select(t.watchlist_edits.c.followed).where(t.watchlist_edits.c.id == number))
        done = []
        for told in json.loads(text or "[]"):
            old, new, back = told["old"], told["new"], {**told, "old": told["new"], "new": told["old"]}
            kind = SubscriptionKind.ENTITY.value
            for chat in told["moved"]:
                at = (t.subscriptions.c[name] == value for name, value in chat.items())
                self._delete(t.subscriptions, *at, t.subscriptions.c.kind == kind, t.subscriptions.c.value == new)
            for chat in told["gone"]:
                self._insert_if_new(t.subscriptions, {**chat, "kind": kind, "value": old, "created_by": "undo"})
            self._update(t.look_alikes, t.look_alikes.c.id.in_(told["muted"]), entity=old)
            self._update(t.mutes, t.mutes.c.id.in_(told.get("silenced", [])), value=old)
            self._update(t.entities, t.entities.c.key.in_(told["earlier"]), merged_into=old)
            done.append({**back, "moved": told["gone"], "gone": told["moved"]})
        return done

    # ------------------------------------------------------------ versions

    def entity_version(self, key: str, version: int | None = None) -> EntityVersion | None:
        """The entity as it stands, removed ones too, or an earlier version of it."""
        found = self._versions(t.entity_versions.c.key == key, *_version_is(version), limit=1)
        return found[0] if found else None

    def entity_versions(self, key: str, limit: int) -> tuple[EntityVersion, ...]:
        """The newest first."""
        return self._versions(t.entity_versions.c.key == key, limit=limit)

    def versions_of_edit(self, number: int) -> tuple[EntityVersion, ...]:
        return self._versions(t.entity_versions.c.edit == number)

    def versions_before(self, number: int) -> tuple[EntityVersion, ...]:
        after = t.entity_versions.alias()
        earlier = (after.c.key == t.entity_versions.c.key) & (after.c.version == t.entity_versions.c.version + 1)
        return self._versions(sa.exists().where(earlier, after.c.edit == number))

    def standing_versions(self, keys: Iterable[str]) -> Mapping[str, int]:
        """The number of the version that stands, of each key that ever was; removed ones too."""
        return {key: row.version for key, row in self._standing(keys).items()}

    def _versions(self, *which: sa.ColumnElement[bool], limit: int | None = None) -> tuple[EntityVersion, ...]:
        v, e = t.entity_versions, t.watchlist_edits.c
        query = (
            sa.select(v, e.made_at, e.made_by, e.what, e.why)
            .join(t.watchlist_edits, e.id == v.c.edit)
            .where(*which)
            .order_by(v.c.key, v.c.version.desc())
            .limit(limit)
        )
        return tuple(_version(row) for row in self._all(query))

    def watchlist_edit(self, number: int) -> WatchlistEdit | None:
        row = self._first(sa.select(t.watchlist_edits).where(t.watchlist_edits.c.id == number))
        return _edit(row) if row else None

    def watchlist_edits(self, by: str | None = None, limit: int = 20) -> tuple[WatchlistEdit, ...]:
        """The newest first, of one person or of all."""
        c = t.watchlist_edits.c
        query = sa.select(t.watchlist_edits).order_by(c.id.desc()).limit(limit)
        return tuple(_edit(row) for row in self._all(query if by is None else query.where(c.made_by == by)))

    def last_edit_to_undo(self, by: str, chat: str | None = None) -> WatchlistEdit | None:
        """The newest of this person, in this chat or in any, that is not undone, and is no undoing itself."""
        c = t.watchlist_edits.c
        standing = [c.made_by == by, c.undoes.is_(None), c.undone_by.is_(None)]
        standing += [] if chat is None else [c.chat == chat]
        row = self._first(sa.select(t.watchlist_edits).where(*standing).order_by(c.id.desc()).limit(1))
        return _edit(row) if row else None

    # ------------------------------------------------------------ watchlists, and who sees which

    def watchlists(self) -> tuple[Watchlist, ...]:
        rows = self._all(sa.select(t.watchlists).order_by(t.watchlists.c.key))
        return tuple(Watchlist(row.key, row.title, row.created_at, row.created_by) for row in rows)

    def add_watchlist(self, watchlist: Watchlist) -> bool:
        """False if there is one of that key."""
        made = {"created_at": watchlist.created_at, "created_by": watchlist.created_by}
        return self._insert_if_new(t.watchlists, {"key": watchlist.key, "title": watchlist.title, **made})

    def watchlists_of(self, chat: ChatKey) -> tuple[str, ...]:
        """Those that the chat sees, the one that it adds to first. A topic without any sees those of its group."""
        return own_watchlists(self.chat_watchlists([chat]), chat)

    def chat_watchlists(self, chats: Sequence[ChatKey] | None = None) -> Mapping[ChatKey, tuple[str, ...]]:
        """Of those that were given some, of all or of at least these and their topics."""
        c = t.chat_watchlists.c
        seen: dict[ChatKey, tuple[str, ...]] = {}
        few = sorted({chat.id for chat in chats}) if chats is not None and len(chats) <= _AT_ONCE else None
        everyone = sa.select(t.chat_watchlists).order_by(c.position, c.watchlist)
        for row in self._all(everyone) if few is None else self.connection.execute(_GIVEN, {"ids": few}):
            chat = chat_key_of(row)
            seen[chat] = (*seen.get(chat, ()), row.watchlist)
        return seen

    def set_watchlists(self, chat: ChatKey, watchlists: Sequence[str]) -> None:
        """Which the chat sees from now on; none: the main one."""
        self._delete(t.chat_watchlists, of_chat(t.chat_watchlists, chat))
        for position, key in enumerate(dict.fromkeys(watchlists)):
            self._insert_if_new(t.chat_watchlists, {**chat_values(chat), "watchlist": key, "position": position})

    # ------------------------------------------------------------ edits that wait

    def save_pending(self, pending: PendingEdit) -> None:
        """A draft or a preview replaces the earlier one of its person and chat."""
        chat = chat_values(pending.chat)
        who = {"user_platform": pending.by.platform, "user_id": pending.by.id}
        self._delete(t.pending_edits, t.pending_edits.c.expires_at < pending.at)
        if pending.kind is not PendingKind.APPROVAL:
            same = [t.pending_edits.c[name] == value for name, value in {**chat, **who}.items()]
            self._delete(t.pending_edits, t.pending_edits.c.kind != PendingKind.APPROVAL.value, *same)
        packed = zlib.compress(dump(pending).encode(), 1)
        row = {"id": pending.id, "kind": pending.kind.value, **who, **chat, "expires_at": pending.expires_at}
        self._upsert(t.pending_edits, {**row, "value": packed})

    def pending(self, number: str, now: datetime) -> PendingEdit | None:
        """None if there is none of that id, or it expired."""
        c = t.pending_edits.c
        row = self._first(sa.select(t.pending_edits).where(c.id == number, c.expires_at > now))
        return _pending(row) if row else None

    def draft_of(self, user: User, chat: ChatKey, now: datetime) -> PendingEdit | None:
        """What this person is being asked about in this chat."""
        c = t.pending_edits.c
        row = self._first(
            sa.select(t.pending_edits).where(
                c.kind == PendingKind.DRAFT.value,
                c.user_platform == user.platform,
                c.user_id == user.id,
                of_chat(t.pending_edits, chat),
                c.expires_at > now,
            )
        )
        return _pending(row) if row else None

    def waiting_for_approval(self, now: datetime) -> tuple[PendingEdit, ...]:
        c = t.pending_edits.c
        query = sa.select(t.pending_edits).where(c.kind == PendingKind.APPROVAL.value, c.expires_at > now)
        return tuple(_pending(row) for row in self._all(query.order_by(c.expires_at, c.id)))

    def drop_pending(self, number: str) -> bool:
        """True for one caller only: who drops it, carries it out."""
        return bool(self._delete(t.pending_edits, t.pending_edits.c.id == number))


_TERM_KEYS = ("a_kind", "a_term", "an_entity")
_DELETE_TERM = sa.delete(t.entity_terms).where(
    *(column == sa.bindparam(name) for column, name in zip(t.entity_terms.primary_key, _TERM_KEYS, strict=True))
)
_IS_NAME = t.entity_terms.c.kind == "name"
_IS_WORD = t.entity_terms.c.kind == "word"


def _is_named(terms: Sequence[str]) -> sa.ColumnElement[bool]:
    return _IS_NAME & t.entity_terms.c.term.in_(terms)


# Made once: every message runs them.
_OTHERS = t.entities.alias()
_LEADS_TO = sa.select(sa.func.coalesce(_OTHERS.c.merged_into, _OTHERS.c.key)).where(
    _OTHERS.c.key == sa.bindparam("asked")
)
_ENTITY = sa.select(t.entities.c.value).where(
    t.entities.c.removed_at.is_(None), t.entities.c.key == _LEADS_TO.scalar_subquery()
)
_PLACES = (
    sa.select(t.entities.c.key, sa.func.coalesce(_OTHERS.c.watchlist, t.entities.c.watchlist))
    .join(_OTHERS, _OTHERS.c.key == t.entities.c.merged_into, isouter=True)
    .where(t.entities.c.key.in_(sa.bindparam("keys", expanding=True)))
)
_GIVEN = (
    sa.select(t.chat_watchlists)
    .where(t.chat_watchlists.c.chat_id.in_(sa.bindparam("ids", expanding=True)))
    .order_by(t.chat_watchlists.c.position, t.chat_watchlists.c.watchlist)
)


def _parts(keys: Sequence[str]) -> Iterator[Sequence[str]]:
    for start in range(0, len(keys), _AT_ONCE):
        yield keys[start : start + _AT_ONCE]


def _on(table: sa.Table, watchlists: Sequence[str] | None) -> tuple[sa.ColumnElement[bool], ...]:
    if watchlists is None:
        return ()
    # one watchlist, as nearly always, is looked up in the order of the index
    one = table.c.watchlist == watchlists[0] if len(watchlists) == 1 else table.c.watchlist.in_(list(watchlists))
    return (one,)


def _version_is(version: int | None) -> tuple[sa.ColumnElement[bool], ...]:
    return () if version is None else (t.entity_versions.c.version == version,)


def _check_seen(edit: EntityEdit, row: Row | None) -> None:
    stands = row.version if row else 0
    if edit.seen is not None and edit.seen != stands:
        by = (row.removed_by or row.saved_by) if row else ""
        raise EditedMeanwhileError(edit.key, edit.seen, stands, by)


def _row(
    edit: EntityEdit, values: Mapping[str, tuple[str, str]], row: Row | None, by: str, now: datetime
) -> dict[str, Any]:
    """The row of `entities` that comes of an edit."""
    version = row.version + 1 if row else 1
    if edit.entity:
        return {
            "key": edit.key,
            "value": values[edit.key][0],
            "saved_at": now,
            "saved_by": by,
            "removed_at": None,
            "removed_by": None,
            "version": version,
            "watchlist": edit.entity.watchlist,
            "folded": values[edit.key][1],
            "merged_into": None,
        }
    assert row is not None
    gone = {"removed_at": now, "removed_by": by, "version": version, "merged_into": edit.merged_into or None}
    return {**row._mapping, **gone}


def _version_row(row: Mapping[str, Any], number: int) -> tuple[Any, ...]:
    """That of `entity_versions`, in the order of its columns."""
    merged_into = t.clean(row["merged_into"]) if row["merged_into"] else None
    return (t.clean(row["key"]), row["version"], number, row["value"], row["removed_at"] is None, merged_into)


def _name_term(name: str) -> str:
    return f" {fold_key(name)} "[:_MOST_TERM]


def _number_term(number: Identifier) -> str:
    return ":".join(identifier_key(number))[:_MOST_TERM]


@dataclass(frozen=True, slots=True)
class Prepared:
    """What the tables have of the entities that edits save: by key (its value as text, its caption folded), and the
    rows of `entity_terms`, in the order of the index."""

    values: Mapping[str, tuple[str, str]]
    terms: Sequence[Term]


def prepare(edits: Iterable[EntityEdit]) -> Prepared:
    """Of a large file it takes as long to make as to store, so make it before the transaction that others wait for."""
    saved = {edit.key: edit.entity for edit in edits if edit.entity}
    return Prepared(
        {key: (dump(entity), fold_key(entity.caption)[:_MOST_TERM]) for key, entity in saved.items()},
        sorted(term for entity in saved.values() for term in _terms(entity)),
    )


def _terms(entity: Entity) -> Iterator[Term]:
    found = {("key", entity.key.casefold())}
    names = {_name_term(name) for name in (entity.caption, *entity.aliases, *entity.weak_aliases)}
    found |= {("name", name) for name in names} | {("word", word) for name in names for word in name.split()}
    found |= {("topic", topic) for topic in entity.topics}
    found |= {("country", country) for country in entity.countries}
    found |= {("number", _number_term(number)) for number in entity.identifiers}
    found |= {("link", term) for link in entity.links for term in (link.other.casefold(), _name_term(link.other))}
    key, watchlist = t.clean(entity.key), t.clean(entity.watchlist)
    for kind, term in {(kind, t.clean(term)[:_MOST_TERM]) for kind, term in found}:
        yield kind, term, key, watchlist


def _version(row: Row) -> EntityVersion:
    return EntityVersion(
        key=row.key,
        version=row.version,
        entity=load(Entity, row.value),
        tracked=row.tracked,
        edit=row.edit,
        at=row.made_at,
        by=row.made_by,
        what=row.what,
        why=row.why,
        merged_into=row.merged_into or "",
    )


def _edit(row: Row) -> WatchlistEdit:
    return WatchlistEdit(row.id, row.made_at, row.made_by, row.what, row.why, row.undoes, row.undone_by, row.chat)


def _pending(row: Row) -> PendingEdit:
    return load(PendingEdit, zlib.decompress(row.value).decode())
