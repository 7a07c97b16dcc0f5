"""What every store must do with watchlists: versions, finding, merging, who sees which, edits that wait."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa
from alembic import command

from bot.errors import EditedMeanwhileError
from bot.live_index import LiveIndex
from bot.model import (
    ChatKey,
    Entity,
    EntityEdit,
    EntityLink,
    Identifier,
    PendingEdit,
    PendingKind,
    Schema,
    Subscription,
    SubscriptionKind,
    User,
    Watchlist,
)
from bot.storage import SqlStore, prepare
from bot.storage.migrations import config
from bot.storage.serial import dump
from bot.text.folding import fold
from tests.writing import track, untrack

NOW = datetime(2026, 11, 28, 9, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
ANA, BEN = User("telegram", "7", "Ana"), User("slack", "U1")
DESK, TOPIC = ChatKey("telegram", "-100"), ChatKey("telegram", "-100", "7")
FOO = Entity("foo", Schema.COMPANY, "Foo Trading LLC", ("Фу Трейдинг",), ("FTL",), ("ir",), ("oil",))
BAR = Entity("bar", Schema.VESSEL, "Bär Shipping", (), (), ("ir", "ru"), ("fleet",))
OIL = Entity("oil-1", Schema.COMPANY, "Foo Oil", (), (), ("ru",), ("oil",), watchlist="oil")


@pytest.fixture
def tracked(store: SqlStore) -> SqlStore:
    with store.writing() as records:
        records.edit_watchlist([EntityEdit(one.key, one, 0) for one in (FOO, BAR, OIL)], "ana", NOW, "added")
    return store


def test_an_entity_is_found_by_what_its_last_edit_says_and_by_nothing_else(tracked: SqlStore) -> None:
    changed = replace(FOO, caption="Quite Other", aliases=(), weak_aliases=(), topics=("grain",), watchlist="desk")
    table = sa.Table("entity_terms", sa.MetaData(), autoload_with=tracked._engine)

    def terms(key: str) -> set[tuple[str, ...]]:
        with tracked.reading() as records:
            return set(map(tuple, records.connection.execute(sa.select(table).where(table.c.entity == key))))

    bar = terms("bar")
    edits = [EntityEdit("foo", changed)]
    with tracked.writing() as records:
        records.edit_watchlist(edits, "ana", NOW, "changed", prepared=prepare(edits))
    found = terms("foo")
    assert ("word", "other", "foo", "desk") in found
    assert found == set(prepare(edits).terms)
    with tracked.writing() as records:
        records.edit_watchlist([EntityEdit("foo")], "ana", NOW, "removed")
    assert (terms("foo"), terms("bar")) == (set(), bar)


def test_every_edit_makes_a_version_with_who_when_what_and_why(tracked: SqlStore) -> None:
    changed = replace(FOO, notes="changed")
    with tracked.writing() as records:
        track(records, changed, "ben", NOW + HOUR, "changed", "asked by legal")
        untrack(records, "foo", "ben", NOW + 2 * HOUR)
        versions = records.entity_versions("foo", 9)
        assert [(one.version, one.tracked, one.by, one.what, one.why) for one in versions] == [
            (3, False, "ben", "removed", ""),
            (2, True, "ben", "changed", "asked by legal"),
            (1, True, "ana", "added", ""),
        ]
        assert (versions[1].entity, versions[2].entity) == (changed, FOO)
        assert records.entity_version("foo", 1) == versions[2]
        assert records.entity_version("foo") == versions[0]
        assert records.entity_version("never") is None
        assert [one.version for one in records.versions_before(versions[1].edit)] == [1]
        records.edit_watchlist([EntityEdit("foo", FOO, 3)], "ana", NOW + 3 * HOUR, "back", undoes=versions[0].edit)
        assert records.entity("foo") == FOO
        undone = records.watchlist_edit(versions[0].edit)
        assert undone
        assert undone.undone_by == records.watchlist_edits(limit=1)[0].id


def test_an_edit_of_an_older_version_saves_nothing_of_its_whole(tracked: SqlStore) -> None:
    edits = [EntityEdit("bar", replace(BAR, notes="x"), 1), EntityEdit("foo", replace(FOO, notes="x"), 7)]
    with pytest.raises(EditedMeanwhileError, match="version 1 stands"), tracked.writing() as records:
        records.edit_watchlist(edits, "ben", NOW, "changed")
    with pytest.raises(EditedMeanwhileError), tracked.writing() as records:
        records.edit_watchlist([EntityEdit("foo", FOO, 0)], "ben", NOW, "added")
    with tracked.reading() as records:
        assert records.entities_of(["bar", "foo", "never"]) == (BAR, FOO)
        assert records.last_edit_to_undo("ben") is None
        assert records.last_edit_to_undo("ana") is not None


def test_the_last_edit_of_somebody_is_found_by_the_chat_that_it_was_made_in(tracked: SqlStore) -> None:
    with tracked.writing() as records:
        here = records.edit_watchlist([EntityEdit("bar", BAR)], "ben", NOW, "changed", chat=str(DESK))
        for chat, found in ((str(DESK), here), (None, here), (str(TOPIC), None)):
            last = records.last_edit_to_undo("ben", chat)
            assert (last and last.id) == found


def found(store: SqlStore, words: str, watchlists: list[str] | None = None) -> list[str]:
    with store.reading() as records:
        return [entity.key for entity in records.candidates(words, watchlists)]


@pytest.mark.parametrize(
    ("words", "keys"),
    [
        ("FOO", ["foo"]),
        ("foo trading llc", ["foo"]),
        ("ФУ ТРЕЙДИНГ", ["foo"]),
        ("bar shipping", ["bar"]),
        ("trading foo", ["foo"]),
        ("Foo Tradng", ["foo", "oil-1"]),
        ("oil", ["oil-1"]),
        ("Nobody", []),
        ("%_'", []),
        ("", []),
    ],
)
def test_candidates_are_those_that_words_may_mean(tracked: SqlStore, words: str, keys: list[str]) -> None:
    assert found(tracked, words) == keys


def test_finding_keeps_to_the_watchlists_and_follows_edits(tracked: SqlStore) -> None:
    assert found(tracked, "foo oil", ["main"]) == ["foo"]
    assert found(tracked, "foo oil", ["oil"]) == ["oil-1"]
    with tracked.writing() as records:
        track(records, replace(OIL, watchlist="main", caption="Neft"), "ana", NOW)
        untrack(records, "bar", "ana", NOW)
        assert records.entities_named(["NEFT", "Foo Oil"]) == (replace(OIL, watchlist="main", caption="Neft"),)
        assert records.count_terms("topic", ["main"]) == {"oil": 2}
        assert records.count_terms("country", ["main"]) == {"ir": 1, "ru": 1}
        assert (records.count_entities(), records.count_entities(["main"]), records.count_entities(["oil"])) == (
            2,
            2,
            0,
        )
    assert found(tracked, "bar") == []


def test_entities_are_found_by_whom_their_links_name(store: SqlStore) -> None:
    links = (EntityLink("owned_by", "NK-1"), EntityLink("family", "Ivan Petróv"))
    with store.writing() as records:
        track(records, replace(OIL, links=links), "test", NOW)
        for words in ("nk-1", "NK-1", "IVAN  PETROV"):
            assert [one.key for one in records.entities_linked_to([words, "nobody"])] == [OIL.key], words
        assert records.entities_linked_to(["NK-2", "Petrov", ""]) == ()
        track(records, replace(OIL, links=links[1:]), "test", NOW)
        assert records.entities_linked_to(["NK-1"]) == ()


SHIP = replace(BAR, identifiers=(Identifier("imoNumber", "9187629"), Identifier("registrationNumber", "71-0588 ab")))


@pytest.mark.parametrize(
    ("kind", "value", "is_found"),
    [
        ("imoNumber", "IMO 9187629", True),
        ("registrationNumber", "710588AB", True),
        ("taxNumber", "710588AB", False),
        ("imoNumber", "9074729", False),
    ],
)
def test_entities_are_found_by_their_numbers_however_written(
    tracked: SqlStore, kind: str, value: str, is_found: bool
) -> None:
    sought = [Identifier(kind, value), Identifier("leiCode", "none")]
    with tracked.writing() as records:
        track(records, SHIP, "ana", NOW)
        assert records.entities_numbered(sought, ["main"]) == ((SHIP,) if is_found else ())
        assert records.entities_numbered(sought, ["oil"]) == ()
        track(records, BAR, "ana", NOW)
        assert records.entities_numbered(sought) == ()


def test_an_older_database_finds_by_numbers_too(tracked: SqlStore) -> None:
    with tracked.writing() as records:
        track(records, SHIP, "ana", NOW)
        track(records, replace(SHIP, key="gone"), "ana", NOW)
        untrack(records, "gone", "ana", NOW)
    steps, engine = config(), sa.create_engine(tracked.url)
    with engine.begin() as connection:
        terms = connection.exec_driver_sql("SELECT * FROM entity_terms WHERE kind = 'number' ORDER BY term").all()
        connection.exec_driver_sql("DELETE FROM entity_terms WHERE kind = 'number'")
        steps.attributes["connection"] = connection
        command.stamp(steps, "look_alike_ends")
        command.upgrade(steps, "entity_numbers")
        assert (
            connection.exec_driver_sql("SELECT * FROM entity_terms WHERE kind = 'number' ORDER BY term").all() == terms
        )
    engine.dispose()
    with tracked.reading() as records:
        assert records.entities_numbered(SHIP.identifiers) == (SHIP,)


def test_pages_are_by_name_and_fit_words(tracked: SqlStore) -> None:
    with tracked.reading() as records:
        assert records.entities() == (BAR, FOO, OIL)
        assert (records.entities(["main"]), records.entities(["oil"]), records.entities([])) == ((BAR, FOO), (OIL,), ())
        assert records.entities_page(None, "", 0, 2) == (3, (BAR, OIL))
        assert records.entities_page(["main"], "", 1, 2) == (2, (FOO,))
        assert records.entities_page(None, "ir", 0, 9) == (2, (BAR, FOO))
        assert records.entities_page(None, "oil", 0, 9) == (2, (OIL, FOO))
        assert records.entities_page(None, "ship", 0, 9) == (1, (BAR,))
        assert records.entities_page(None, "nothing", 0, 9) == (0, ())


def test_a_merged_key_leads_to_the_other_and_takes_subscriptions_along(tracked: SqlStore) -> None:
    def subscriptions() -> set[tuple[str, str]]:
        with tracked.reading() as records:
            return {(str(one.chat), one.value) for one in records.subscriptions()}

    with tracked.writing() as records:
        for chat, key in ((DESK, "foo"), (TOPIC, "foo"), (TOPIC, "bar")):
            records.add_subscription(Subscription(chat, SubscriptionKind.ENTITY, key, NOW, "x"))
        number = records.edit_watchlist([EntityEdit("foo", merged_into="bar")], "ana", NOW, "merged")
        assert records.entity("foo") == BAR
        assert records.keys_of("bar") == ("bar", "foo")
        assert records.merged_keys(["foo", "bar", "nobody"]) == {"foo": "bar"}
        assert [entity.key for entity in records.entities()] == ["bar", "oil-1"]
        again = records.edit_watchlist([EntityEdit("bar", merged_into="oil-1")], "ana", NOW, "merged")
        assert records.entity("foo") == OIL
    assert subscriptions() == {("telegram:-100", "oil-1"), ("telegram:-100:7", "oil-1")}
    with tracked.writing() as records:
        records.edit_watchlist([EntityEdit("bar", BAR)], "ana", NOW, "back", undoes=again)
        assert records.entity("foo") == BAR
        records.edit_watchlist([EntityEdit("foo", FOO)], "ana", NOW, "back", undoes=number)
        assert records.entity("foo") == FOO
    assert subscriptions() == {("telegram:-100", "foo"), ("telegram:-100:7", "foo"), ("telegram:-100:7", "bar")}


def test_the_name_index_follows_edits_merges_and_moves(tracked: SqlStore) -> None:
    live = LiveIndex()

    def names(text: str) -> set[str]:
        with tracked.reading() as records:
            return {hit.entity for hit in live(records).find_exact(fold(text).text)}

    assert names("Foo Trading and Bär Shipping") == {"foo", "bar"}
    with tracked.writing() as records:
        joined = replace(BAR, aliases=("Foo Trading LLC",))
        edits = [EntityEdit("bar", joined), EntityEdit("foo", merged_into="bar")]
        records.edit_watchlist(edits, "ana", NOW + HOUR, "merged")
    assert names("Foo Trading and Bär Shipping") == {"bar"}
    with tracked.writing() as records:
        track(records, replace(joined, watchlist="oil", caption="Zeltransgaz"), "ana", NOW + HOUR)
    assert names("Zeltransgaz") == {"bar"}
    with tracked.reading() as records:
        assert live(records).entities["bar"].watchlist == "oil"


def test_a_chat_sees_the_watchlists_that_it_was_given(store: SqlStore) -> None:
    with store.writing() as records:
        assert [one.key for one in records.watchlists()] == ["main"]
        assert records.add_watchlist(Watchlist("oil", "Oil", NOW, "ana"))
        assert not records.add_watchlist(Watchlist("oil", "Other", NOW, "ana"))
        assert records.watchlists_of(TOPIC) == ("main",)
        records.set_watchlists(DESK, ["oil", "main", "oil"])
        assert records.watchlists_of(DESK) == records.watchlists_of(TOPIC) == ("oil", "main")
        records.set_watchlists(TOPIC, ["oil"])
        assert records.watchlists_of(TOPIC) == ("oil",)
        records.move_chat(DESK, "-200")
        assert records.chat_watchlists() == {
            ChatKey("telegram", "-200"): ("oil", "main"),
            ChatKey("telegram", "-200", "7"): ("oil",),
        }
        records.set_watchlists(ChatKey("telegram", "-200"), [])
        assert records.watchlists_of(ChatKey("telegram", "-200")) == ("main",)


def pending(number: str, kind: PendingKind, by: User = ANA, chat: ChatKey = DESK) -> PendingEdit:
    return PendingEdit(number, kind, by, chat, NOW, NOW + HOUR, "added", (EntityEdit("foo", FOO, 0),), asks="kind")


def test_an_edit_that_waits_is_kept_replaced_taken_once_and_ends(store: SqlStore) -> None:
    draft = pending("a", PendingKind.DRAFT)
    with store.writing() as records:
        records.save_pending(pending("old", PendingKind.PREVIEW))
        records.save_pending(pending("ben", PendingKind.DRAFT, BEN))
        records.save_pending(pending("other", PendingKind.DRAFT, chat=TOPIC))
        records.save_pending(pending("asked", PendingKind.APPROVAL))
        records.save_pending(draft)
        assert records.pending("old", NOW) is None, "one draft or preview for each person and chat"
        assert records.pending("a", NOW) == records.draft_of(ANA, DESK, NOW) == draft
        assert records.draft_of(ANA, DESK, NOW + HOUR) is None, "it has ended"
        assert [one.id for one in records.waiting_for_approval(NOW)] == ["asked"]
        assert [records.drop_pending("a"), records.drop_pending("a")] == [True, False]
        assert records.pending("ben", NOW) is not None
        assert records.pending("other", NOW) is not None


def test_what_was_there_before_versions_began_gets_its_first(empty_url: str) -> None:
    store = SqlStore(empty_url)
    store.migrate()
    steps = config()
    engine = sa.create_engine(store.url)
    with engine.begin() as connection:
        for name in (
            "entity_terms",
            "entity_versions",
            "watchlist_edits",
            "watchlists",
            "chat_watchlists",
            "pending_edits",
        ):
            connection.exec_driver_sql(f"DROP TABLE {name}")
        connection.exec_driver_sql("DROP TABLE entities")
        connection.exec_driver_sql(
            "CREATE TABLE entities (key TEXT NOT NULL PRIMARY KEY, value TEXT NOT NULL, saved_at TIMESTAMP NOT NULL, "
            "saved_by TEXT NOT NULL, removed_at TIMESTAMP, removed_by TEXT)"
        )
        rows = [
            {"key": one.key, "value": dump(one), "at": "2026-11-01 00:00:00", "gone": removed}
            for one, removed in ((FOO, None), (BAR, "2026-11-02 00:00:00"))
        ]
        insert = (
            "INSERT INTO entities VALUES (:key, :value, CAST(:at AS TIMESTAMP), 'config', CAST(:gone AS TIMESTAMP), '')"
        )
        if store.url.get_backend_name() == "sqlite":
            insert = insert.replace("CAST(:at AS TIMESTAMP)", ":at").replace("CAST(:gone AS TIMESTAMP)", ":gone")
        connection.execute(sa.text(insert), rows)
        steps.attributes["connection"] = connection
        command.stamp(steps, "official_lists")
        command.upgrade(steps, "watchlists")
        command.stamp(steps, "numbers_in_the_index")
        command.upgrade(steps, "edit_chats")
        command.upgrade(steps, "entity_words")
    engine.dispose()
    assert found(store, "foo trading") == ["foo"]
    with store.reading() as records:
        first = records.entity_version("foo")
        assert first
        assert (first.version, first.entity, first.what) == (1, FOO, "as it was when versions began")
        gone = records.entity_version("bar")
        assert gone
        assert not gone.tracked
        assert records.entities_page(["main"], "", 0, 5) == (1, (FOO,))
    store.close()


@pytest.mark.parametrize(("before", "step"), [("next_tries", "folded_anew"), ("article_words", "folded_rarer")])
def test_names_that_fold_otherwise_now_are_found_in_an_older_database(
    tracked: SqlStore, before: str, step: str
) -> None:
    arabic = Entity("qadhafi", Schema.PERSON, "معمر القذافي")
    with tracked.writing() as records:
        track(records, arabic, "ana", NOW)
    steps, engine = config(), sa.create_engine(tracked.url)
    with engine.begin() as connection:
        connection.exec_driver_sql("DELETE FROM entity_terms WHERE entity IN ('qadhafi', 'bar') AND kind = 'word'")
        connection.exec_driver_sql("UPDATE entity_terms SET term = ' as it was ' WHERE term = ' bar shipping '")
        connection.exec_driver_sql("UPDATE entities SET folded = '?' WHERE key = 'qadhafi'")
        steps.attributes["connection"] = connection
        command.stamp(steps, before)
        command.upgrade(steps, step)
    engine.dispose()
    for words, key in (("معمر القذافي", "qadhafi"), ("bar shipping", "bar"), ("foo trading", "foo")):
        assert found(tracked, words) == [key]
    assert found(tracked, "as it was") == [], "what they were found by is gone"
    with tracked.reading() as records:
        assert [one.key for one in records.entities_page(["main"], "", 0, 5)[1]] == ["bar", "foo", "qadhafi"]
        assert records.count_terms("topic", ["main"]) == {"fleet": 1, "oil": 1}, "what does not fold stays"
