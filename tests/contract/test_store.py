"""What every store must do: each method of `ports.Records` in a sentence, on SQLite and on PostgreSQL."""

from __future__ import annotations

import ast
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, timezone
from pathlib import Path
from typing import Any, cast

import pytest
import sqlalchemy as sa
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from hypothesis import given
from hypothesis import strategies as st

from bot.errors import StoreError
from bot.kept_pages import keep_page
from bot.model import (
    WHOLE_BOT,
    Acknowledgement,
    Action,
    Article,
    Chat,
    ChatKey,
    ChatKind,
    ChatRoutes,
    DeliveryKind,
    DeliveryState,
    Entity,
    EntityEdit,
    Entry,
    Escalation,
    Event,
    EventSource,
    EventTarget,
    Fact,
    Feedback,
    Finding,
    HttpAnswer,
    Identifier,
    Judgement,
    KeptPage,
    Labelled,
    Likeness,
    Link,
    LookAlike,
    Mention,
    Message,
    Quote,
    Receipt,
    Role,
    Sample,
    Schema,
    SeenKeys,
    Severity,
    SourceState,
    Strength,
    Subscription,
    SubscriptionKind,
    Tier,
    User,
    Verdict,
    Watchlist,
)
from bot.ports import (
    ArticleMark,
    ArticleRecord,
    ArticleWish,
    AuditRow,
    EntryIdentity,
    EntryRecord,
    Records,
    SentAlert,
    Totals,
    WatchlistChanges,
)
from bot.storage import SqlStore
from bot.storage.migrations import config
from bot.storage.moving import OF_CHATS
from bot.storage.pages import MOST_VERSIONS
from bot.storage.serial import dump, load
from bot.storage.tables import CleanText, metadata
from tests.draft_step import STEPS, draft
from tests.writing import add_delivery, appoint, track, untrack

NOW = datetime(2026, 3, 5, 12, 30, 15, 123456, UTC)
NEWEST = ScriptDirectory.from_config(config()).get_current_head()  # the last step of the schema; two heads are an error
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
CHAT = ChatKey("telegram", "-100", "7")
WEB = ChatKey("web", "console")
ENTITY = Entity(
    key="dandong",
    schema=Schema.COMPANY,
    caption="Dandong Example Trading",
    aliases=("Dandong Example", "丹东"),
    weak_aliases=("DET",),
    countries=("cn",),
    topics=("dprk",),
    identifiers=(Identifier("registrationNumber", "123"),),
)
MENTION = Mention("dandong", 0, 0, 7, "Dandong", Strength.STRONG, "dandong example")
FINDING = Finding(
    "dandong",
    Verdict.NEW_SANCTIONS,
    0.9,
    "It was listed.",
    ("named as a target",),
    (MENTION,),
)
ABSENT = Finding("nobody", Verdict.ABSENT, 1.0)
JUDGEMENT = Judgement(
    "a1", (FINDING, ABSENT), Verdict.NEW_SANCTIONS, ("US",), "North Korea", date(2026, 3, 4), ("two",)
)
ARTICLE = Article(
    "a1", "https://news.example/a?id=1", "News", "Title", "Summary", ("One.", "Two."), NOW, tier=Tier.WIRE
)
RECORD = ArticleRecord(ARTICLE, JUDGEMENT, ("new entry of News", "judged"), "e1", NOW)
TARGET = EventTarget("dandong", "Dandong", Verdict.NEW_SANCTIONS, 0.9, "It was.", "Dandong", ARTICLE.url, "News")
SOURCE = EventSource("a1", ARTICLE.url, "News", "Title", Tier.WIRE, NOW, NOW, ("A point.",))
EVENT = Event("e1", Verdict.NEW_SANCTIONS, ("US",), "North Korea", date(2026, 3, 4), NOW, NOW, (TARGET,), (SOURCE,))
MESSAGE = Message(
    "Title",
    Severity.HIGH,
    NOW,
    facts=(Fact("Tracked", "Dandong"),),
    quotes=(Quote("It was.", "News", ("It",)),),
    sources=(Link("News", ARTICLE.url),),
    actions=(Action("Details", "why e1"),),
)


def entry(link: str = "https://news.example/a", guid: str = "g", *, source: str = "news", at: datetime = NOW) -> Entry:
    return Entry(source, guid, link, "Title", "Summary", None, at, "News", "en")


def identity_of(entry: Entry) -> EntryIdentity:
    return EntryIdentity(entry.guid, entry.link, entry.title.casefold())


def add_entry(records: Records, made: Entry, reason: str = "new") -> int:
    return records.add_entry(made, identity_of(made), reason)


# ---------------------------------------------------------------- transactions


def test_what_is_written_is_there_after_the_transaction(store: SqlStore) -> None:
    with store.writing() as records:
        records.save_setting("a", "1")
        assert records.setting("a") == "1", "a transaction reads its own writes"
    with store.reading() as records:
        assert records.setting("a") == "1"


def test_an_exception_takes_everything_back(store: SqlStore) -> None:
    def fail() -> None:
        with store.writing() as records:
            records.save_setting("a", "1")
            records.save_event(EVENT)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    with store.reading() as records:
        assert (records.setting("a"), records.event("e1")) == (None, None)


def test_reading_cannot_write(store: SqlStore) -> None:
    with pytest.raises(StoreError, match=r"read-?\s?only"), store.reading() as records:
        records.save_setting("a", "1")
    with store.writing() as records:
        records.save_setting("a", "2")


def test_reading_is_a_snapshot(store: SqlStore) -> None:
    with store.reading() as reader:
        assert reader.setting("a") is None
        with store.writing() as writer:
            writer.save_setting("a", "1")
        assert reader.setting("a") is None, "what was committed since is not seen"


def test_writers_in_many_threads_lose_nothing(store: SqlStore) -> None:
    def raise_by_one(_: int) -> None:
        with store.writing() as records:
            records.lock_events()
            time.sleep(0.001)
            records.save_setting("n", str(int(records.setting("n") or 0) + 1))

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(raise_by_one, range(40)))
    with store.reading() as records:
        assert records.setting("n") == "40"


def test_only_one_transaction_clusters_at_a_time(store: SqlStore) -> None:
    inside, order = threading.Event(), []

    def second() -> None:
        inside.wait()
        with store.writing() as records:
            records.lock_events()
            order.append("second")

    thread = threading.Thread(target=second)
    thread.start()
    with store.writing() as records:
        records.lock_events()
        inside.set()
        time.sleep(0.15)
        order.append("first")
    thread.join()
    assert order == ["first", "second"]


# ---------------------------------------------------------------- what people say of verdicts

ANA, BEN = User("telegram", "7", "Ana"), User("slack", "7", "Ben")
SAID = Feedback(ANA, "e1", "dandong", Verdict.BACKGROUND, Verdict.NEW_SANCTIONS, NOW, CHAT)
SAMPLE = Sample(ARTICLE, replace(JUDGEMENT, findings=(FINDING,)), ENTITY)
LIKENESS = Likeness(("dandong",), ("Dandong Noodles \0",), ("noodle", "面"))
LIKE = LookAlike("dandong", LIKENESS, "e1", ANA, NOW, CHAT)


def test_a_person_has_one_opinion_of_an_entity_in_an_event_and_may_change_it(store: SqlStore) -> None:
    changed = replace(SAID, label=Verdict.BYSTANDER, at=NOW + HOUR)
    other, of_another = replace(SAID, user=BEN), replace(SAID, entity="nobody")
    with store.writing() as records:
        for said in (SAID, SAID, other, of_another, changed):
            records.save_feedback(said, SAMPLE)
        assert records.feedback_of("e1") == (other, of_another, changed)
        assert records.feedback_of("e2") == ()
        assert records.feedback_since(NOW + HOUR) == (Labelled(changed, SAMPLE),)


def test_feedback_keeps_its_article_when_the_article_is_forgotten(store: SqlStore) -> None:
    with store.writing() as records:
        records.save_article(RECORD)
        records.save_feedback(SAID, SAMPLE)
        records.forget_before(NOW + DAY)
        assert records.article("a1") is None
        records.save_feedback(replace(SAID, label=Verdict.RELIEF), None)
        (labelled,) = records.feedback_since(NOW)
        assert labelled == Labelled(replace(SAID, label=Verdict.RELIEF), SAMPLE)
        records.save_feedback(replace(SAID, event="e9"), None)
        assert records.feedback_since(NOW)[-1].sample is None


def test_feedback_that_is_undone_is_kept_and_counts_no_more_until_it_is_said_again(store: SqlStore) -> None:
    with store.writing() as records:
        assert not records.undo_feedback(SAID, "telegram:7", NOW)
        records.save_feedback(SAID, SAMPLE)
        assert records.undo_feedback(SAID, "telegram:7", NOW + HOUR)
        assert not records.undo_feedback(SAID, "telegram:7", NOW + HOUR)
        assert (records.feedback_of("e1"), records.feedback_since(NOW)) == ((), ())
        kept = records.connection.execute(sa.select(metadata.tables["feedback"])).one()
        assert (kept.undone_at, kept.undone_by) == (NOW + HOUR, "telegram:7")
        records.save_feedback(SAID, None)
        assert records.feedback_since(NOW) == (Labelled(SAID, SAMPLE),)


def test_look_alikes_are_numbered_found_by_entity_and_kept_when_undone(store: SqlStore) -> None:
    everywhere = replace(LIKE, entity="other", chat=None, until=NOW)
    with store.writing() as records:
        numbers = [records.add_look_alike(one) for one in (LIKE, everywhere)]
        first, second = records.look_alikes()
        assert (first, second) == (replace(LIKE, id=numbers[0]), replace(everywhere, id=numbers[1]))
        assert records.look_alikes(["dandong"]) == (first,)
        assert records.look_alikes([]) == ()
        assert records.undo_look_alike(first.id, "slack:1", NOW)
        assert not records.undo_look_alike(first.id, "slack:1", NOW)
        assert not records.undo_look_alike(99, "slack:1", NOW)
        assert records.look_alikes() == (second,)
        assert records.add_look_alike(LIKE) > second.id
        kept = metadata.tables["look_alikes"]
        assert records.connection.scalar(sa.select(kept.c.undone_by).where(kept.c.id == first.id)) == "slack:1"


def test_what_was_said_in_a_chat_moves_with_it(store: SqlStore) -> None:
    with store.writing() as records:
        records.save_feedback(SAID, SAMPLE)
        records.add_look_alike(LIKE)
        records.move_chat(ChatKey("telegram", "-100"), "-200")
        moved = ChatKey("telegram", "-200", "7")
        assert [said.chat for said in records.feedback_of("e1")] == [moved]
        assert [like.chat for like in records.look_alikes()] == [moved]


def test_every_table_that_names_a_chat_is_moved_with_it() -> None:
    named = {table.name for table in metadata.tables.values() if "chat_id" in table.c}
    brief = {"pending_edits"}  # over in hours, and whoever began one begins it again
    assert named - {table.name for table in OF_CHATS} == brief, "name it in OF_CHATS of bot/storage/moving.py"


def test_a_chat_and_a_person_are_forgotten_and_nobody_else(store: SqlStore) -> None:
    desk, other = ChatKey("telegram", "-100"), Chat(ChatKey("telegram", "-1"), ChatKind.GROUP, "Other")
    topic = Chat(ChatKey("telegram", "-100", "7"), ChatKind.GROUP, "Desk › Iran")
    everything = Subscription(topic.key, SubscriptionKind.EVERYTHING, "")
    elsewhere = replace(LIKE, chat=other.key)
    with store.writing() as records:
        for chat in (Chat(desk, ChatKind.GROUP, "Desk"), topic, other):
            records.save_chat(chat)
            records.add_subscription(replace(everything, chat=chat.key))
        for said in (SAID, replace(SAID, user=User("slack", "U9", "Cy"))):
            records.save_feedback(said, SAMPLE)
        records.add_look_alike(LIKE)
        records.add_look_alike(elsewhere)
        assert records.feedback_by(SAID.user) == (SAID,)
        records.forget_chat(desk, "as asked")
        records.forget_person(SAID.user)
        assert [one.chat for one in records.subscriptions()] == [other.key]
        kept = {chat.key: (chat.title, chat.stopped_reason) for chat in records.chats()}
        assert kept == {desk: ("", "as asked"), topic.key: ("", "as asked"), other.key: ("Other", None)}
        assert records.feedback_by(SAID.user) == ()
        assert [one.user.name for one in records.feedback_of("e1")] == ["Cy"]
        (like,) = records.look_alikes()
        assert like.chat == other.key
        assert like.by.name == ("" if like.by.id == SAID.user.id else LIKE.by.name)


def test_an_event_for_review_is_found_by_its_key_and_is_no_alert(store: SqlStore) -> None:
    review = replace(EVENT, key="r1", review=True)
    with store.writing() as records:
        records.save_event(EVENT)
        records.save_event(review)
        assert records.event("r1") == review
        assert records.reviews_since(NOW - DAY) == (review,)
        assert records.reviews_since(NOW + DAY) == ()
        alerted = (records.latest_events(9), records.events_since(NOW - DAY), records.events_of("dandong", 9))
        assert alerted == ((EVENT,),) * 3
        assert records.totals(NOW - DAY).alerts == 1


# ---------------------------------------------------------------- schema, URL, path


@pytest.mark.parametrize("url", ["postgresql"], indirect=True)
def test_connections_that_the_server_closed_are_replaced_before_they_are_used(store: SqlStore) -> None:
    with store.reading() as one, store.reading() as other:  # two in the pool
        assert one.chats() == other.chats() == ()
    admin = sa.create_engine(store.url, isolation_level="AUTOCOMMIT", poolclass=sa.pool.NullPool)
    with admin.connect() as connection:
        others = "datname = current_database() AND pid <> pg_backend_pid()"
        ended = connection.exec_driver_sql(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE {others}")
        assert len(ended.all()) == 2
    time.sleep(0.2)
    for _ in range(3):
        with store.writing() as records:
            records.save_setting("a", "b")


def test_events_of_an_older_schema_are_alerts(empty_url: str) -> None:
    store = SqlStore(empty_url)
    engine = sa.create_engine(store.url)
    with engine.begin() as connection:
        steps = config()
        steps.attributes["connection"] = connection
        command.upgrade(steps, "0001")
        values = {"key": "e1", "opened_at": NOW.isoformat(" "), "updated_at": NOW.isoformat(" "), "value": dump(EVENT)}
        insert = "INSERT INTO events VALUES (:key, :opened_at, :updated_at, :value)"
        connection.execute(sa.text(insert), values)
    engine.dispose()
    store.migrate()
    with store.reading() as records:
        assert [event.key for event in records.latest_events(5)] == ["e1"]
    store.close()


def test_migrate_makes_the_tables_that_are_described(empty_url: str) -> None:
    store = SqlStore(empty_url)
    revision = store.migrate()
    assert (revision, store.migrate()) == (NEWEST, NEWEST), "and a second time changes nothing"
    engine = sa.create_engine(store.url)

    def is_ours(_item: object, name: str | None, kind: str, reflected: bool, _other: object) -> bool:
        return not (kind == "table" and reflected and name not in metadata.tables)

    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True, "include_object": is_ours})
        assert compare_metadata(context, metadata) == [], "tables.py and the steps differ: python tests/draft_step.py"
    engine.dispose()
    store.close()


def columns_of_nothing(step: str) -> list[str]:
    """The columns that a step adds and that rows which are there would have no value for."""
    return [
        ast.unparse(call)
        for call in ast.walk(ast.parse(step))
        if isinstance(call, ast.Call) and getattr(call.func, "attr", "") == "add_column"
        for column in call.args
        if isinstance(column, ast.Call)
        and any(given.arg == "nullable" and ast.unparse(given.value) == "False" for given in column.keywords)
        and not any(given.arg == "server_default" for given in column.keywords)
    ]


@pytest.mark.parametrize("step", sorted((STEPS / "versions").glob("*.py")), ids=lambda step: step.stem)
def test_a_step_adds_no_column_that_rows_which_are_there_would_lack(step: Path) -> None:
    lacking = columns_of_nothing(step.read_text(encoding="utf-8"))
    assert not lacking, f"{step.name} fails where the table has rows: give nullable=True, or a server_default"


def test_a_column_without_a_value_for_old_rows_is_seen() -> None:
    added = 'op.add_column("events", sa.Column("note", sa.Text(){}))'
    assert columns_of_nothing(added.format(", nullable=False"))
    assert not columns_of_nothing(added.format(', nullable=False, server_default=""'))
    assert not columns_of_nothing(added.format(", nullable=True"))


def test_a_step_is_drafted_from_the_tables(tmp_path: Path) -> None:
    steps = tmp_path / "migrations"
    shutil.copytree(STEPS, steps, ignore=shutil.ignore_patterns("__pycache__"))
    notes = sa.Table("event_notes", metadata, sa.Column("event", CleanText, primary_key=True))
    try:
        file = draft("event_notes", "Events have notes", steps)
    finally:
        metadata.remove(notes)
    text = file.read_text(encoding="utf-8")
    assert text.startswith('"""Events have notes"""')
    assert f"revision = 'event_notes'\ndown_revision = {NEWEST!r}" in text
    assert "op.create_table('event_notes',\n    sa.Column('event', sa.Text()" in text
    with pytest.raises(FileExistsError, match="never edited"):
        draft("event_notes", "Events have notes", steps)


def test_two_processes_may_migrate_at_once(empty_url: str) -> None:
    code = "import sys; from bot.storage import SqlStore; print(SqlStore(sys.argv[1]).migrate())"
    started = [
        subprocess.Popen([sys.executable, "-c", code, empty_url], stdout=subprocess.PIPE, text=True) for _ in range(3)
    ]
    assert [process.communicate()[0].strip() for process in started] == [NEWEST] * 3


def test_without_tables_the_error_tells_what_to_run(empty_url: str) -> None:
    store = SqlStore(empty_url)
    with pytest.raises(StoreError, match="sanctions-bot migrate"), store.reading() as records:
        records.entities()
    store.close()


def test_the_directory_of_a_sqlite_file_is_made(tmp_path: Path) -> None:
    store = SqlStore(f"sqlite:///{tmp_path}/deep/below/bot.db")
    assert store.migrate()
    with store.reading() as records:
        modes = [
            records.connection.exec_driver_sql(f"PRAGMA {name}").scalar() for name in ("journal_mode", "foreign_keys")
        ]
    assert modes == ["wal", 1]
    store.close()


@pytest.mark.parametrize(
    ("url", "problem"),
    [
        ("sqlite:////proc/nowhere/bot.db", "cannot be written: .*SANCTIONS_BOT_DATA_DIR"),
        ("sqlite://", "SQLite needs a file"),
        ("sqlite:///:memory:", "SQLite needs a file"),
        ("mysql://host/db", "mysql databases are not supported"),
        ("nonsense", "cannot be read"),
    ],
)
def test_a_url_that_will_not_do_is_a_clear_error(url: str, problem: str) -> None:
    with pytest.raises(StoreError, match=problem):
        SqlStore(url)


def test_a_server_that_does_not_answer_is_a_store_error() -> None:
    store = SqlStore("postgresql://nobody@127.0.0.1:1/none")
    with pytest.raises(StoreError, match=r"the database none said: (?s:.)*is PostgreSQL running there"):
        store.migrate()


def test_a_file_that_is_no_database_is_a_store_error(tmp_path: Path) -> None:
    (tmp_path / "bot.db").write_text("This is a text file, long enough to be one." * 40)
    with pytest.raises(StoreError, match=r"bot.db said: file is not a database; the file is damaged: stop the bot"):
        SqlStore(f"sqlite:///{tmp_path}/bot.db").migrate()


def test_a_new_file_is_its_owners_alone(tmp_path: Path) -> None:
    SqlStore(f"sqlite:///{tmp_path}/bot.db").migrate()
    assert {path.name: path.stat().st_mode & 0o077 for path in tmp_path.iterdir()} == dict.fromkeys(
        (path.name for path in tmp_path.iterdir()), 0
    ), "chats and names are nobody else's to read"


def test_a_database_of_a_newer_version_is_told(store: SqlStore) -> None:
    """As after a step back to the version before."""
    store.migrate()
    with store.writing() as records:
        records.connection.execute(sa.text("UPDATE alembic_version SET version_num = 'of_tomorrow'"))
    with pytest.raises(StoreError, match="by a newer version of sanctions-bot: start that one, or put back"):
        store.migrate()


# ---------------------------------------------------------------- sources


def test_a_source_s_state_is_kept_whole(store: SqlStore) -> None:
    state = SourceState(
        "news", etag='W/"é"', last_polled_at=NOW, failures=2, last_error="timeout", next_poll_at=NOW + DAY
    )
    with store.writing() as records:
        records.save_source_state(replace(state, failures=1))
        records.save_source_state(state)
        records.save_source_state(SourceState("other"))
        assert records.source_states() == {"news": state, "other": SourceState("other")}


def test_an_entry_is_found_by_id_and_by_address(store: SqlStore) -> None:
    with store.writing() as records:
        first = add_entry(records, entry())
        second = add_entry(records, entry("https://news.example/b", "h"), "held: baseline")
        assert second > first
        assert records.entry(first) == EntryRecord(first, entry(), "new")
        found = records.entry_by_url("http://www.news.example/b?utm_source=x")
        assert found == EntryRecord(second, entry("https://news.example/b", "h"), "held: baseline"), (
            "tracking is ignored"
        )
        assert (records.entry(999), records.entry_by_url("https://news.example/c")) == (None, None)


def test_an_entry_id_is_never_used_again(store: SqlStore) -> None:
    with store.writing() as records:
        first = add_entry(records, entry())
        records.forget_before(NOW + DAY)
        assert add_entry(records, entry()) > first, "jobs are named after it"


def test_identities_are_known_for_their_source_only(store: SqlStore) -> None:
    with store.writing() as records:
        add_entry(records, entry())
        records.add_entry(entry(guid=""), EntryIdentity("", "l2", ""), "new")
        assert records.seen_keys("news") == SeenKeys(
            {"g": ("https://news.example/a", "title")},
            frozenset({"https://news.example/a", "l2"}),
            {"title": NOW},
        )
        assert records.seen_keys("other") == SeenKeys({}, frozenset(), {})


def test_a_headline_is_as_old_as_its_latest_story_however_long_that_stays_in_the_feed(store: SqlStore) -> None:
    week, next_week = entry(), replace(entry("https://news.example/next", "g2"), first_seen_at=NOW + 7 * DAY)
    with store.writing() as records:
        add_entry(records, week)
        records.touch_seen("news", [identity_of(week)], NOW + 5 * DAY)
        assert records.seen_keys("news").titles == {"title": NOW}
        add_entry(records, next_week)
        records.touch_seen("news", [identity_of(week)], NOW + 8 * DAY)
        assert records.seen_keys("news").titles == {"title": NOW + 7 * DAY}


def test_what_is_still_in_the_feed_is_remembered_longer(store: SqlStore) -> None:
    old, gone = entry(), entry("https://news.example/gone", "gone")
    with store.writing() as records:
        add_entry(records, old)
        add_entry(records, gone)
        records.touch_seen("news", [identity_of(old), identity_of(old)], NOW + 200 * DAY)
        records.touch_seen("news", [], NOW)
        records.forget_before(NOW + 201 * DAY)
        assert records.seen_keys("news").guids.keys() == {"g"}
        assert records.seen_keys("news").titles == {"title": NOW}


def test_an_identity_outlives_its_entry_by_90_days(store: SqlStore) -> None:
    with store.writing() as records:
        number = add_entry(records, entry())
        records.forget_before(NOW + 89 * DAY)
        assert records.entry(number) is None
        assert records.seen_keys("news").guids.keys() == {"g"}


def test_a_known_story_under_a_new_guid_is_remembered_under_both(store: SqlStore) -> None:
    with store.writing() as records:
        add_entry(records, entry())
        records.touch_seen("news", [EntryIdentity("g2", entry().link, "title")], NOW + HOUR)
        assert records.seen_keys("news").guids.keys() == {"g", "g2"}


# ---------------------------------------------------------------- watchlist


def test_the_watchlist_tells_what_changed_since(store: SqlStore) -> None:
    later = NOW + timedelta(hours=1)
    with store.writing() as records:
        assert records.watchlist_changes(None) == WatchlistChanges((), (), None)
        track(records, ENTITY, "ana", NOW)
        track(records, replace(ENTITY, key="a"), "ana", NOW)
        track(records, replace(ENTITY, key="b"), "ana", later)
        untrack(records, "a", "ana", later)
        both = (replace(ENTITY, key="b"), ENTITY)
        assert records.watchlist_changes(None) == WatchlistChanges(both, ("a",), later)
        assert records.watchlist_changes(later) == WatchlistChanges(both[:1], ("a",), later)
        assert records.watchlist_changes(later + timedelta(hours=1)) == WatchlistChanges((), (), None)


def test_an_entity_is_saved_changed_and_removed(store: SqlStore) -> None:
    with store.writing() as records:
        assert records.watchlist_revision() == 0
        track(records, ENTITY, "config", NOW)
        track(records, replace(ENTITY, key="a"), "ana", NOW)
        track(records, replace(ENTITY, notes="changed"), "ana", NOW)
        assert records.entity("dandong") == replace(ENTITY, notes="changed")
        assert [found.key for found in records.entities()] == ["a", "dandong"]
        revision = records.watchlist_revision()
        untrack(records, "dandong", "ana", NOW)
        assert records.watchlist_revision() > revision
        assert records.entity("dandong") is None
        assert [found.key for found in records.entities()] == ["a"]
        assert records.known_entity_keys() == {"a", "dandong"}


def test_a_removed_entity_can_come_back(store: SqlStore) -> None:
    with store.writing() as records:
        track(records, ENTITY, "config", NOW)
        untrack(records, "dandong", "ana", NOW)
        track(records, ENTITY, "ana", NOW)
        assert records.entity("dandong") == ENTITY


# ---------------------------------------------------------------- articles and events


def test_an_article_is_kept_with_all_that_was_decided(store: SqlStore) -> None:
    with store.writing() as records:
        records.save_article(RECORD)
        assert records.article("a1") == RECORD
        assert records.article_by_url("https://NEWS.example/a?id=1#top") == RECORD
        assert (records.article("a2"), records.article_by_url("https://news.example/x")) == (None, None)


def test_an_article_judged_again_replaces_the_first_judgement(store: SqlStore) -> None:
    other = replace(JUDGEMENT, findings=(replace(FINDING, entity="b"),))
    with store.writing() as records:
        records.save_article(RECORD)
        again = replace(RECORD, judgement=other, event=None, judged_at=NOW + HOUR)
        records.save_article(again)
        assert records.article("a1") == again
        assert records.findings_of("dandong", 9) == ()
        assert [found.event for found in records.findings_of("b", 9)] == [None]


def test_an_article_without_judgement_is_kept(store: SqlStore) -> None:
    with store.writing() as records:
        records.save_article(replace(RECORD, judgement=None))
        assert records.article("a1") == replace(RECORD, judgement=None)


def test_articles_are_listed_by_when_they_were_judged(store: SqlStore) -> None:
    with store.writing() as records:
        for number in range(5):
            article = replace(ARTICLE, key=f"a{number}")
            records.save_article(replace(RECORD, article=article, judged_at=NOW + number * HOUR))

        def keys(since: datetime, limit: int, until: datetime | None = None) -> list[str]:
            return [found.article.key for found in records.articles_since(since, limit, until)]

        assert keys(NOW + HOUR, 9) == ["a4", "a3", "a2", "a1"]
        assert keys(NOW + HOUR, 2) == ["a4", "a3"]
        assert keys(NOW + HOUR, 9, until=NOW + 3 * HOUR) == ["a2", "a1"]
        assert keys(NOW + 9 * HOUR, 9) == []


SHELF = {  # (title, outlet, findings, event, hours after NOW)
    "listed": ("Treasury lists 100% of Orlan_Works", "Wire & Co", {"orlan": Verdict.NEW_SANCTIONS}, "e1", 0),
    "weighed": ("Cabinet weighs measures", "Harbour Post", {"orlan": Verdict.POSSIBLE}, None, 1),
    "hidden": ("Secret holding", "Wire & Co", {"secret": Verdict.NEW_SANCTIONS}, "e2", 2),
    "chinese": ("华为公司被列入名单", "Новости", {}, None, 3),
    "quiet": ("L'été au port", "Harbour Post", {}, None, 30),
}
WISHES = {
    "all": (ArticleWish(), ["quiet", "chinese", "hidden", "weighed", "listed"]),
    "raised": (ArticleWish(raised=True), ["hidden", "listed"]),
    "named": (ArticleWish(named=True), ["hidden", "weighed", "listed"]),
    "named on a watchlist": (ArticleWish(named=True, watchlists=("main",)), ["weighed", "listed"]),
    "a verdict": (ArticleWish(verdict=Verdict.NEW_SANCTIONS), ["hidden", "listed"]),
    "a verdict on a watchlist": (ArticleWish(verdict=Verdict.NEW_SANCTIONS, watchlists=("main",)), ["listed"]),
    "an outlet, in part and otherwise spelt": (ArticleWish(outlet="hárbour"), ["quiet", "weighed"]),
    "an outlet in other letters": (ArticleWish(outlet="НОВОСТИ"), ["chinese"]),
    "words in any order": (ArticleWish(words="orlan TREASURY"), ["listed"]),
    "words without accents": (ArticleWish(words="ete port"), ["quiet"]),
    "Chinese words": (ArticleWish(words="公司"), ["chinese"]),
    "signs that mean something to the database": (ArticleWish(words="% _"), [
        "quiet", "chinese", "hidden", "weighed", "listed",
    ]),
    "words that are nowhere": (ArticleWish(words="zebra"), []),
    "since": (ArticleWish(since=NOW + 2 * HOUR), ["quiet", "chinese", "hidden"]),
    "until": (ArticleWish(until=NOW + HOUR), ["listed"]),
    "all at once": (ArticleWish(raised=True, outlet="wire", words="lists", until=NOW + 9 * HOUR), ["listed"]),
}  # fmt: skip


def fill_shelf(records: Records) -> None:
    track(records, Entity("orlan", Schema.COMPANY, "Orlan Works"), "t", NOW)
    records.add_watchlist(Watchlist("other", "Other", NOW, "t"))
    track(records, Entity("secret", Schema.COMPANY, "Secret", watchlist="other"), "t", NOW)
    for key, (title, outlet, verdicts, event, hours) in SHELF.items():
        article = replace(ARTICLE, key=key, title=title, summary="", outlet=outlet)
        found = tuple(replace(FINDING, entity=entity, verdict=verdict) for entity, verdict in verdicts.items())
        judgement = replace(JUDGEMENT, findings=found)
        records.save_article(ArticleRecord(article, judgement, (), event, NOW + hours * HOUR))


@pytest.mark.parametrize(("wish", "keys"), WISHES.values(), ids=WISHES)
def test_the_archive_is_filtered(store: SqlStore, wish: ArticleWish, keys: list[str]) -> None:
    with store.writing() as records:
        fill_shelf(records)
        assert [record.article.key for _, record in records.find_articles(wish, 9)] == keys
        assert records.count_articles(wish) == len(keys)


def test_the_archive_is_paged_and_a_page_stands_still(store: SqlStore) -> None:
    def save(number: int, at: datetime) -> None:
        records.save_article(replace(RECORD, article=replace(ARTICLE, key=f"a{number}"), judged_at=at))

    def keys(page: Sequence[tuple[ArticleMark, ArticleRecord]]) -> list[str]:
        return [record.article.key for _, record in page]

    with store.writing() as records:
        for number in range(7):
            save(number, NOW)  # all at one moment
        whole = keys(records.find_articles(ArticleWish(), 99))
        first = records.find_articles(ArticleWish(), 3)
        save(100, NOW + HOUR)
        second = records.find_articles(ArticleWish(), 3, before=first[-1][0])
        last = records.find_articles(ArticleWish(), 3, before=second[-1][0])
        assert keys(first) + keys(second) + keys(last) == whole
        back = records.find_articles(ArticleWish(), 3, after=last[0][0])
        assert keys(back) == keys(second)
        assert keys(records.find_articles(ArticleWish(), 3, after=first[0][0])) == ["a100"]


def test_what_is_judged_again_is_found_by_what_it_says_now_and_what_is_forgotten_is_not(store: SqlStore) -> None:
    with store.writing() as records:
        records.save_article(RECORD)
        records.save_article(replace(RECORD, article=replace(ARTICLE, title="Another", outlet="Post")))
        assert records.count_articles(ArticleWish(words="title")) == 0
        assert records.count_articles(ArticleWish(words="another", outlet="post")) == 1
        assert records.outlets(5) == ("Post",)
        records.forget_before(NOW + HOUR)
        assert records.outlets(5) == ()


def test_articles_of_an_older_schema_are_searched_too(empty_url: str) -> None:
    store = SqlStore(empty_url)
    engine = sa.create_engine(store.url)
    with engine.begin() as connection:
        steps = config()
        steps.attributes["connection"] = connection
        command.upgrade(steps, "folded_anew")
        values = {"judged_at": NOW.isoformat(" "), "value": dump(RECORD)}
        insert = "INSERT INTO articles (digest, url_digest, event, judged_at, value) VALUES "
        connection.execute(sa.text(f"{insert}('d1', 'u1', 'e1', :judged_at, :value)"), values)
        found = {"article": "d1", "entity": "dandong", "published_at": NOW.isoformat(" ")}
        insert = "INSERT INTO findings (article, entity, published_at) VALUES (:article, :entity, :published_at)"
        connection.execute(sa.text(insert), found)
    engine.dispose()
    store.migrate()
    with store.reading() as records:
        by_verdict = ArticleWish(verdict=Verdict.NEW_SANCTIONS)
        for wish in (ArticleWish(words="summary"), ArticleWish(outlet="news"), by_verdict):
            assert [record for _, record in records.find_articles(wish, 5)] == [RECORD]
        assert records.count_articles(ArticleWish(verdict=Verdict.ABSENT)) == 0
    store.close()


def test_an_article_that_named_two_who_were_merged_is_told_once(store: SqlStore) -> None:
    with store.writing() as records:
        for entity in (ENTITY, replace(ENTITY, key="b", caption="Another")):
            track(records, entity, "config", NOW)
        findings = (FINDING, replace(FINDING, entity="b"))
        records.save_article(replace(RECORD, judgement=replace(JUDGEMENT, findings=findings)))
        records.edit_watchlist([EntityEdit("b", None, merged_into="dandong")], "ana", NOW, "merged")
        assert [found.finding for found in records.findings_of("dandong", 9)] == [FINDING]


def test_the_findings_of_an_entity_come_with_their_article_newest_first(store: SqlStore) -> None:
    with store.writing() as records:
        for number in range(3):
            article = replace(ARTICLE, key=f"a{number}", title=f"T{number}", published_at=NOW - number * HOUR)
            records.save_article(replace(RECORD, article=article, judged_at=NOW + number * HOUR))
        found = records.findings_of("dandong", 2)
        assert [(one.title, one.outlet, one.url, one.event) for one in found] == [
            ("T0", "News", ARTICLE.url, "e1"),
            ("T1", "News", ARTICLE.url, "e1"),
        ]
        assert (found[0].finding, found[0].published_at) == (FINDING, NOW)
        assert records.findings_of("nobody", 9) == (), "absent says nothing of an entity"
        named = records.articles_naming(["dandong", "nobody"], NOW - HOUR, 9)
        assert [one.article.title for one in named] == ["T0", "T1"]
        assert [one.article.title for one in records.articles_naming(["dandong"], NOW - 9 * HOUR, 1)] == ["T0"]
        assert records.articles_naming([], NOW - HOUR, 9) == ()


def test_an_event_is_saved_and_changed(store: SqlStore) -> None:
    changed = replace(EVENT, revision=2, updated_at=NOW + HOUR, targets=(replace(TARGET, entity="b"),))
    with store.writing() as records:
        records.save_event(EVENT)
        assert records.event("e1") == EVENT
        records.save_event(changed)
        assert records.event("e1") == changed
        assert records.event("e2") is None
        assert (records.events_of("dandong", 9), records.events_of("b", 9)) == ((), (changed,))


def test_events_are_listed_newest_first(store: SqlStore) -> None:
    with store.writing() as records:
        for number, updated in enumerate([30, 10, 20]):
            opened_at, updated_at = NOW + number * HOUR, NOW + updated * HOUR
            records.save_event(replace(EVENT, key=f"e{number}", opened_at=opened_at, updated_at=updated_at))
        assert [event.key for event in records.events_since(NOW + 20 * HOUR)] == ["e0", "e2"], "by their last change"
        assert [event.key for event in records.latest_events(2)] == ["e2", "e1"], "by their opening"
        assert [event.key for event in records.events_of("dandong", 2)] == ["e2", "e1"]
        records.save_event(replace(EVENT, key="e3", opened_at=NOW + 3 * HOUR, told_as="e2"))
        assert [event.key for event in records.latest_events(2)] == ["e2", "e1"], "what another tells of stands there"
        assert [event.key for event in records.events_of("dandong", 2)] == ["e2", "e1"]


# ---------------------------------------------------------------- chats, people, settings


def test_a_chat_keeps_its_settings_when_it_is_stopped(store: SqlStore) -> None:
    stopped = Chat(CHAT, ChatKind.GROUP, "Desk", "the bot was removed")
    subscription = Subscription(CHAT, SubscriptionKind.EVERYTHING, "", NOW, "ana")
    with store.writing() as records:
        assert records.chat(CHAT) is None
        records.save_chat(Chat(CHAT, ChatKind.GROUP, "Desk"))
        records.add_subscription(subscription)
        records.save_chat(stopped)
        records.save_chat(Chat(WEB))
        assert records.chat(CHAT) == stopped
        assert records.chats() == (stopped, Chat(WEB))
        assert records.chat(replace(CHAT, thread="")) is None, "a topic is a chat of its own"
        assert records.subscriptions(CHAT) == (subscription,)


def test_a_subscription_is_there_once(store: SqlStore) -> None:
    topic = Subscription(CHAT, SubscriptionKind.TOPIC, "dprk", NOW, "ana")
    entity = Subscription(CHAT, SubscriptionKind.ENTITY, "dandong", NOW, "ana")
    elsewhere = Subscription(WEB, SubscriptionKind.TOPIC, "dprk", None)
    with store.writing() as records:
        assert [records.add_subscription(made) for made in (topic, entity, elsewhere)] == [True] * 3
        assert not records.add_subscription(replace(topic, created_by="bo"))
        assert records.subscriptions(CHAT) == (entity, topic)
        assert records.subscriptions() == (entity, topic, elsewhere)
        assert records.remove_subscription(Subscription(CHAT, SubscriptionKind.TOPIC, "dprk"))
        assert not records.remove_subscription(topic)
        assert records.subscriptions() == (entity, elsewhere)


def test_a_chat_that_moved_takes_everything_with_it(store: SqlStore) -> None:
    topic, new = replace(CHAT, thread="8"), replace(CHAT, id="-200")
    with store.writing() as records:
        for key in (CHAT, topic):
            records.save_chat(Chat(key, ChatKind.GROUP, "Desk"))
            records.add_subscription(Subscription(key, SubscriptionKind.EVERYTHING))
        delivery = add_delivery(records, "e1", CHAT, DeliveryKind.ALERT, 1, NOW)
        waiting = add_delivery(records, "e2", CHAT, DeliveryKind.ALERT, 1, NOW)
        assert delivery
        assert waiting
        records.settle_sent(delivery, SentAlert(Receipt(CHAT, "5"), 1, "h", NOW), 0, NOW, CHAT, NOW)
        records.move_chat(CHAT, "-200")
        assert {chat.key for chat in records.chats()} == {new, replace(topic, id="-200")}
        assert {made.chat.id for made in records.subscriptions()} == {"-200"}
        assert records.sent_alert("e1", CHAT) is None
        assert records.sent_alert("e1", new) == SentAlert(Receipt(new, "5"), 1, "h", NOW)
        assert records.chats_told("e2") == (new,)
        records.move_chat(new, "-200")
        assert records.chat(new) == Chat(new, ChatKind.GROUP, "Desk")


def test_a_chat_may_move_to_where_it_already_is(store: SqlStore) -> None:
    """The bot was added to the new group before it heard of the move."""
    new = replace(CHAT, id="-200")
    with store.writing() as records:
        for key, title in ((CHAT, "old"), (new, "new")):
            records.save_chat(Chat(key, ChatKind.GROUP, title))
            records.add_subscription(Subscription(key, SubscriptionKind.EVERYTHING))
            add_delivery(records, "e1", key, DeliveryKind.ALERT, 1, NOW)
        records.add_subscription(Subscription(CHAT, SubscriptionKind.TOPIC, "dprk"))
        records.move_chat(CHAT, "-200")
        assert records.chats() == (Chat(new, ChatKind.GROUP, "new"),)
        assert [made.kind for made in records.subscriptions()] == [SubscriptionKind.EVERYTHING, SubscriptionKind.TOPIC]
        assert records.chats_told("e1") == (new,)


def test_admins_are_known_by_platform_and_id(store: SqlStore) -> None:
    ana, bo = User("telegram", "1", "Ana"), User("slack", "1", "Bo")
    with store.writing() as records:
        appoint(records, ana, "code", NOW)
        appoint(records, bo, "ana", NOW + HOUR)
        appoint(records, replace(ana, name="Ana B."), "bo", NOW)
        assert records.admins() == (replace(ana, name="Ana B."), bo)
        assert records.remove_grant(User("slack", "1", "whoever"), WHOLE_BOT) is Role.ADMIN
        assert records.remove_grant(bo, WHOLE_BOT) is None
        assert [admin.id for admin in records.admins()] == ["1"]


def test_a_setting_is_saved_changed_and_forgotten(store: SqlStore) -> None:
    with store.writing() as records:
        assert records.setting("code") is None
        records.save_setting("code", "1")
        records.save_setting("code", "2")
        assert records.setting("code") == "2"
        records.save_setting("code", None)
        records.save_setting("code", None)
        assert records.setting("code") is None


def test_what_people_changed_is_written_down(store: SqlStore) -> None:
    with store.writing() as records:
        records.add_audit(AuditRow(NOW, "telegram:1", str(CHAT), "watch add", "", "dandong"))
    with store.reading() as records:
        rows = records.connection.execute(sa.text("SELECT who, what, before, after FROM audit")).all()
    assert [tuple(row) for row in rows] == [("telegram:1", "watch add", "", "dandong")]


# ---------------------------------------------------------------- delivery


def test_a_delivery_is_there_once_for_event_chat_kind_and_revision(store: SqlStore) -> None:
    with store.writing() as records:
        first = add_delivery(records, "e1", CHAT, DeliveryKind.ALERT, 1, NOW, "note")
        assert first
        assert add_delivery(records, "e1", CHAT, DeliveryKind.ALERT, 1, NOW) is None
        others = [
            add_delivery(records, "e1", CHAT, DeliveryKind.EDIT, 1, NOW),
            add_delivery(records, "e1", CHAT, DeliveryKind.ALERT, 2, NOW),
            add_delivery(records, "e1", WEB, DeliveryKind.ALERT, 1, NOW),
            add_delivery(records, "e1", replace(CHAT, thread=""), DeliveryKind.ALERT, 1, NOW),
            add_delivery(records, "e2", CHAT, DeliveryKind.ALERT, 1, NOW),
        ]
        assert others == sorted(number for number in others if number), "each a new row, with growing ids"
        row = records.delivery(first)
        assert row
        assert (row.state, row.tries, row.note, row.created_at, row.sent_at) == ("waiting", 0, "note", NOW, None)
        assert records.delivery(999) is None


def test_rows_asked_for_together_are_told_as_if_they_were_asked_for_alone(store: SqlStore) -> None:
    with store.writing() as records:
        for chat, title in ((CHAT, "Desk"), (WEB, "Console")):
            records.save_chat(Chat(chat, ChatKind.GROUP, title))
        for kind, value in ((SubscriptionKind.TOPIC, "sanction"), (SubscriptionKind.EVERYTHING, "")):
            records.add_subscription(Subscription(CHAT, kind, value, NOW, "b"))
        records.set_watchlists(CHAT, ["b", "a"])
        records.save_routes(ChatRoutes(CHAT, escalation=Escalation(HOUR, WEB)))
        records.save_sent("e1", CHAT, SentAlert(Receipt(CHAT, "5"), 1, "hash", NOW))
        records.save_feedback(SAID, SAMPLE)
        records.save_feedback(replace(SAID, user=BEN), SAMPLE)
        records.undo_feedback(SAID, "telegram:7", NOW)
        records.acknowledge(Acknowledgement("e1", CHAT, ANA, NOW))
        numbers = [
            add_delivery(records, event, chat, DeliveryKind.EDIT, 1, NOW)
            for event in ("e1", "e2")
            for chat in (CHAT, WEB, replace(CHAT, thread=""))
        ]
    with store.reading() as records:
        answers = records.outbox_answers([number for number in numbers if number] + [999])
        for (name, *args), answer in answers.items():
            alone = getattr(records, str(name))(*args)
            if name == "chat_watchlists":  # there may be others' too
                (chats,) = args
                assert all(alone.get(chat) == answer.get(chat) for chat in chats)  # type: ignore[attr-defined]
            else:
                assert answer == alone, (name, *args)
    names = {name for name, *_ in answers}
    assert (len(names), answers["delivery", 999], len(answers["subscriptions", CHAT])) == (8, None, 2)  # type: ignore[arg-type]


def test_a_delivery_is_claimed_until_it_is_settled(store: SqlStore) -> None:
    sent = SentAlert(Receipt(CHAT, "5"), 1, "hash", NOW + HOUR)
    with store.writing() as records:
        number = add_delivery(records, "e1", CHAT, DeliveryKind.ALERT, 1, NOW, "why")
        assert number
        claimed = records.begin_attempt(number, NOW)
        assert claimed
        assert (claimed.state, claimed.tries) == (DeliveryState.SENDING, 1)
        again = records.begin_attempt(number, NOW)
        assert again, "a process that died between claim and settling left it so"
        assert again.tries == 2
        records.settle_sent(number, sent, 0, NOW + HOUR, CHAT, NOW + HOUR)
        row = records.delivery(number)
        assert row
        assert (row.state, row.sent_at, row.note, row.tries) == (DeliveryState.SENT, NOW + HOUR, "why", 2)
        assert records.begin_attempt(number, NOW) is None
        assert records.begin_attempt(999, NOW) is None
        assert records.sent_alert("e1", CHAT) == sent


def test_a_message_that_was_sent_is_settled_where_its_row_stands_by_now(store: SqlStore) -> None:
    sent, moved = SentAlert(Receipt(CHAT, "5"), 1, "hash", NOW), ChatKey(CHAT.platform, "new", CHAT.thread)
    with store.writing() as records:
        records.save_chat(Chat(CHAT, ChatKind.GROUP))
        number = add_delivery(records, "e1", CHAT, DeliveryKind.ALERT, 1, NOW)
        assert number
        records.begin_attempt(number, NOW)
        records.release_delivery(number, "the server said no", NOW, 1)
        records.begin_attempt(number, NOW)
        records.move_chat(CHAT, "new")
    with store.writing() as records:
        records.settle_sent(number, sent, 1, NOW, moved, NOW + HOUR)
        records.settle_sent(999, sent, 0, NOW, WEB, NOW)  # somebody forgot the row: there is nothing to keep
    with store.writing() as records:
        row = records.delivery(number)
        assert row
        assert (row.state, row.sent_at, row.reason, row.next_try_at) == (DeliveryState.SENT, NOW, "", None)
        assert (row.chat, row.unsure) == (moved, 1)
        assert records.sent_alert("e1", moved) == sent
        assert records.take_gate("bot", moved, SECOND, SECOND, NOW) == HOUR
        later = replace(sent, revision=2, edited_at=NOW + HOUR)
        records.settle_sent(number, later, 0, NOW, moved, NOW)
        assert records.sent_alert("e1", moved) == later, "an edit replaces what the chat has"
        assert records.take_gate("bot", moved, SECOND, SECOND, NOW) == HOUR, "the longer block stays"


def test_a_clock_that_went_back_does_not_close_the_account(store: SqlStore) -> None:
    """As when a machine's clock is put right: all chats would have waited until the hour came again."""
    with store.writing() as records:
        assert records.take_gate("bot", CHAT, SECOND, SECOND, NOW) == timedelta(0)
        assert records.take_gate("bot", WEB, SECOND, SECOND, NOW) == SECOND
        before = NOW - HOUR
        assert records.take_gate("bot", WEB, SECOND, SECOND, before) == timedelta(0)
        assert records.take_gate("bot", ChatKey("web", "another"), SECOND, SECOND, before) == SECOND, "its pace holds"


def test_writes_that_go_together_fail_together(store: SqlStore) -> None:
    with store.writing() as records:
        number = add_delivery(records, "e1", CHAT, DeliveryKind.ALERT, 1, NOW)
        assert number
    broken = SentAlert(Receipt(CHAT, "5"), cast(Any, None), "hash", NOW)  # its revision may not be null
    with pytest.raises(StoreError, match=r"(?i)null"), store.writing() as records:
        records.settle_sent(number, broken, 0, NOW, CHAT, NOW + HOUR)
    with store.writing() as records:
        row = records.delivery(number)
        assert row
        assert row.state is DeliveryState.WAITING
        assert records.take_gate("bot", CHAT, SECOND, SECOND, NOW) == timedelta(0)


def test_an_edit_replaces_what_the_chat_has(store: SqlStore) -> None:
    elsewhere = Receipt(replace(CHAT, thread=""), "6")
    with store.writing() as records:
        for revision, receipt in enumerate((Receipt(CHAT, "5"), elsewhere), 1):
            number = add_delivery(records, "e1", CHAT, DeliveryKind.EDIT, revision, NOW)
            assert number
            records.settle_sent(number, SentAlert(receipt, revision, "h", NOW), 0, NOW, CHAT, NOW)
        assert records.sent_alert("e1", CHAT) == SentAlert(elsewhere, 2, "h", NOW), "even if it had to go elsewhere"
        assert records.sent_alert("e1", WEB) is None


def test_a_dead_delivery_tells_why(store: SqlStore) -> None:
    with store.writing() as records:
        number = add_delivery(records, "e1", CHAT, DeliveryKind.ALERT, 1, NOW)
        assert number
        records.settle_delivery(number, DeliveryState.DEAD, NOW, "the bot was removed")
        dead = records.deliveries(DeliveryState.DEAD)
        assert [(row.id, row.reason, row.sent_at) for row in dead] == [(number, "the bot was removed", None)]
        records.settle_delivery(number, DeliveryState.WAITING, NOW)
        assert records.begin_attempt(number, NOW), "put back by hand, it is tried again"
        with pytest.raises(StoreError, match="no delivery 999"):
            records.settle_delivery(999, DeliveryState.SENT, NOW)


def test_deliveries_are_listed_by_state_oldest_first(store: SqlStore) -> None:
    with store.writing() as records:
        numbers = [add_delivery(records, f"e{number}", CHAT, DeliveryKind.ALERT, 1, NOW) for number in range(4)]
        assert all(numbers)
        records.begin_attempt(numbers[1] or 0, NOW)
        records.settle_delivery(numbers[2] or 0, DeliveryState.SKIPPED, NOW)
        unsent = records.deliveries(DeliveryState.WAITING, DeliveryState.SENDING)
        assert [row.id for row in unsent] == [numbers[0], numbers[1], numbers[3]]
        assert [row.id for row in records.deliveries(limit=2)] == numbers[:2]
        assert records.deliveries(DeliveryState.DEAD) == ()


def test_the_messages_of_an_event_that_was_the_same_act_are_adopted_where_there_is_none(store: SqlStore) -> None:
    with store.writing() as records:
        records.save_sent("kept", CHAT, SentAlert(Receipt(CHAT, "1"), 1, "h", NOW))
        records.save_sent("gone", CHAT, SentAlert(Receipt(CHAT, "2"), 1, "h", NOW))
        records.save_sent("gone", WEB, SentAlert(Receipt(WEB, "3"), 1, "h", NOW))
        records.adopt_alerts("kept", "gone")
    with store.reading() as records:
        told = {key: records.sent_alert("kept", key) for key in (CHAT, WEB)}
        assert {key: sent and sent.receipt.message_id for key, sent in told.items()} == {CHAT: "1", WEB: "3"}
        assert records.chats_told("gone") == (CHAT,)


def test_who_was_told_of_an_event(store: SqlStore) -> None:
    keys = [ChatKey("web", name) for name in ("waiting", "sending", "sent", "skipped", "dead", "edited")]
    with store.writing() as records:
        for key in keys[:5]:
            number = add_delivery(records, "e1", key, DeliveryKind.ALERT, 1, NOW)
            assert number
            if key.id == "sending":
                records.begin_attempt(number, NOW)
            elif key.id != "waiting":
                records.settle_delivery(number, DeliveryState(key.id), NOW)
        add_delivery(records, "e1", keys[5], DeliveryKind.EDIT, 1, NOW)
        assert {key.id for key in records.chats_told("e1")} == {"waiting", "sending", "sent"}
        assert records.chats_told("e2") == ()


# ---------------------------------------------------------------- pace

SECOND = timedelta(seconds=1)


def test_the_gate_opens_for_one_and_stamps_both(store: SqlStore) -> None:
    with store.writing() as records:
        take = records.take_gate
        assert take("bot", CHAT, SECOND, 3 * SECOND, NOW) == timedelta(0)
        assert take("bot", CHAT, SECOND, 3 * SECOND, NOW) == 3 * SECOND, "the chat must rest"
        assert take("bot", WEB, SECOND, 3 * SECOND, NOW + 0.4 * SECOND) == 0.6 * SECOND, "the account must rest"
        assert take("other", WEB, SECOND, 3 * SECOND, NOW) == timedelta(0), "what had to wait was not stamped"
        assert take("bot", CHAT, SECOND, 3 * SECOND, NOW + 3 * SECOND) == timedelta(0)


@pytest.mark.parametrize(
    ("late", "next_after"),
    [(0.0, 1.0), (0.1, 0.9), (0.25, 0.75), (0.6, 0.75), (1.0, 0.75), (1.1, 1.0), (3600.0, 1.0)],
)
def test_who_comes_a_little_late_does_not_hold_up_the_next(store: SqlStore, late: float, next_after: float) -> None:
    """A quarter of the account's spacing is made up for, where it was waited for at all; never more."""
    with store.writing() as records:
        assert records.take_gate("bot", CHAT, SECOND, SECOND, NOW) == timedelta(0)
        then = NOW + SECOND + late * SECOND
        assert records.take_gate("bot", WEB, SECOND, SECOND, then) == timedelta(0)
        other = replace(WEB, id="other")
        assert records.take_gate("bot", other, SECOND, SECOND, then) == next_after * SECOND
        assert records.take_gate("other", WEB, timedelta(0), SECOND, then) == SECOND, "a chat's own is never shortened"


def test_a_blocked_chat_waits_and_others_do_not(store: SqlStore) -> None:
    with store.writing() as records:
        records.block_gate(CHAT, NOW + 40 * SECOND)
        records.block_gate(CHAT, NOW + 10 * SECOND)
        assert records.take_gate("bot", CHAT, SECOND, SECOND, NOW) == 40 * SECOND, "the longer block stays"
        assert records.take_gate("bot", WEB, SECOND, SECOND, NOW) == timedelta(0)
        records.block_gate(CHAT, NOW + 60 * SECOND)
        assert records.take_gate("bot", CHAT, SECOND, SECOND, NOW + 30 * SECOND) == 30 * SECOND


def test_no_two_take_the_same_moment(store: SqlStore) -> None:
    def take(number: int) -> timedelta:
        with store.writing() as records:
            return records.take_gate("bot", ChatKey("web", str(number)), SECOND, SECOND, NOW)

    with ThreadPoolExecutor(8) as pool:
        waits = list(pool.map(take, range(24)))
    assert sorted(waits) == [timedelta(0)] + [SECOND] * 23


# ---------------------------------------------------------------- second reader


def test_the_calls_of_a_day_are_bounded_and_begin_anew_at_midnight_utc(store: SqlStore) -> None:
    late = datetime(2026, 3, 5, 23, 59, tzinfo=UTC)
    east = (late + timedelta(minutes=1)).astimezone(timezone(timedelta(hours=9)))
    with store.writing() as records:
        assert [records.take_model_call(late, 2) for _ in range(4)] == [True, True, False, False]
        assert records.model_calls(late.date()) == 2, "what was refused is not counted"
        assert not records.take_model_call(late, 0)
        assert records.take_model_call(late, 3), "another process may have another budget"
        assert not records.take_model_call(east - timedelta(minutes=1), 3), "the day is UTC's, wherever one is"
        assert records.take_model_call(east, 2)
        assert records.model_calls(date(2026, 3, 6)) == 1
        assert records.model_calls(date(2026, 3, 7)) == 0
        assert not records.take_model_call(NOW + 9 * DAY, 0), "none is none on a fresh day too"
        assert records.model_calls((NOW + 9 * DAY).date()) == 0


def test_several_workers_share_the_calls_of_a_day(url: str) -> None:
    stores = [SqlStore(url) for _ in range(3)]

    def take(number: int) -> bool:
        with stores[number % 3].writing() as records:
            return records.take_model_call(NOW, 10)

    with ThreadPoolExecutor(6) as pool:
        assert sum(pool.map(take, range(30))) == 10
    for store in stores:
        store.close()


# ---------------------------------------------------------------- web console


def test_posts_come_in_the_order_of_their_changes(store: SqlStore) -> None:
    edited = replace(MESSAGE, title="Edited")
    with store.writing() as records:
        assert records.newest_seq() == 0
        first = records.add_post(WEB, "e1", MESSAGE, NOW)
        second = records.add_post(WEB, "e2", MESSAGE, NOW + HOUR, reply_to=first)
        before = records.posts_after(0, 9)
        assert [(post.id, post.chat, post.event, post.message) for post in before] == [
            (first, WEB, "e1", MESSAGE),
            (second, WEB, "e2", MESSAGE),
        ]
        assert records.edit_post(first, edited, NOW + 2 * HOUR)
        assert not records.edit_post(999, edited, NOW)
        after = records.posts_after(before[-1].seq, 9)
        assert [(post.id, post.message, post.posted_at, post.edited_at) for post in after] == [
            (first, edited, NOW, NOW + 2 * HOUR)
        ]
        assert records.posts_after(after[-1].seq, 9) == ()
        assert records.newest_seq() == after[-1].seq
        assert len(records.posts_after(0, 1)) == 1
        assert [(post.id, post.reply_to) for post in records.latest_posts(9)] == [(second, first), (first, None)]


# ---------------------------------------------------------------- whole


def test_totals_count_what_came_since(store: SqlStore) -> None:
    with store.writing() as records:
        for at in (NOW - DAY, NOW, NOW + HOUR):
            add_entry(records, entry(f"https://news.example/{at:%d%H}", str(at), at=at))
        records.save_article(RECORD)
        records.save_event(EVENT)
        records.save_event(replace(EVENT, key="old", opened_at=NOW - DAY))
        numbers = [add_delivery(records, f"e{number}", CHAT, DeliveryKind.ALERT, 1, NOW - DAY) for number in range(4)]
        records.begin_attempt(numbers[1] or 0, NOW)
        records.settle_delivery(numbers[2] or 0, DeliveryState.DEAD, NOW)
        records.settle_delivery(numbers[3] or 0, DeliveryState.SENT, NOW)
        assert records.totals(NOW) == Totals(entries=2, articles=1, alerts=1, waiting=2, dead=1)


def page_of(body: bytes, at: datetime = NOW, article: str = "a1") -> KeptPage:
    return keep_page(article, HttpAnswer(200, ARTICLE.url, {"etag": "7"}, body), at)


def test_pages_are_kept_as_they_were_fetched_each_version_once(store: SqlStore) -> None:
    first, second = page_of(b"\x00\xff first"), page_of(b"second", NOW + HOUR)
    with store.writing() as records:
        records.keep_page(second)
        records.keep_page(first)
        records.keep_page(replace(first, fetched_at=NOW + 2 * HOUR))
    with store.reading() as records:
        assert records.pages_of("a1") == (first, second), "it was seen first when it was kept first"
        assert records.pages_of("a2") == ()
        assert records.count_pages(["a1", "a2", "a3"]) == 2
        assert records.count_pages([]) == 0


def test_of_a_page_that_changes_all_the_time_the_first_versions_are_kept_and_the_newest(store: SqlStore) -> None:
    with store.writing() as records:
        for number in range(MOST_VERSIONS + 5):
            records.keep_page(page_of(str(number).encode(), NOW + number * HOUR))
        kept = [int(page.body) for page in records.pages_of("a1")]
    assert kept == [*range(MOST_VERSIONS - 1), MOST_VERSIONS + 4]


def test_pages_of_events_are_kept_for_longer_than_their_articles(store: SqlStore) -> None:
    long_ago = NOW - 100 * DAY
    with store.writing() as records:
        for key, event in (("a1", "e1"), ("a2", None)):
            record = replace(RECORD, article=replace(ARTICLE, key=key, url=f"https://news.example/{key}"), event=event)
            records.save_article(replace(record, judged_at=long_ago))
            records.keep_page(page_of(b"page", long_ago, key))
        records.forget_before(NOW - 90 * DAY)
        assert (records.article("a1"), records.count_pages(["a1"]), records.count_pages(["a2"])) == (None, 1, 0)
        assert records.forget_pages_before(NOW - 101 * DAY) == 0
        assert records.forget_pages_before(NOW - 99 * DAY) == 1
        assert records.count_pages(["a1"]) == 0


def test_old_rows_are_forgotten_and_events_stay(store: SqlStore) -> None:
    long_ago = NOW - 100 * DAY
    with store.writing() as records:
        add_entry(records, entry(at=long_ago))
        kept = add_entry(records, entry("https://news.example/new", "new"))
        records.save_article(replace(RECORD, judged_at=long_ago))
        records.save_article(replace(RECORD, article=replace(ARTICLE, key="a2")))
        old_event = replace(EVENT, key="old", opened_at=long_ago, updated_at=long_ago)
        records.save_event(old_event)
        records.save_event(replace(EVENT, opened_at=long_ago))
        for event in ("old", "e1"):
            number = add_delivery(records, event, CHAT, DeliveryKind.ALERT, 1, long_ago)
            sent = SentAlert(Receipt(CHAT, "5"), 1, "h", long_ago)
            records.settle_sent(number or 0, sent, 0, long_ago, CHAT, long_ago)
        waiting = add_delivery(records, "e3", CHAT, DeliveryKind.ALERT, 1, long_ago)
        assert records.forget_before(NOW - 90 * DAY) == 4, "an entry, an article, two deliveries"
        assert records.entry(kept)
        assert (records.article("a1"), records.event("old")) == (None, old_event)
        assert len(records.findings_of("dandong", 9)) == 1
        assert [row.id for row in records.deliveries()] == [waiting], "what was never sent is never forgotten"
        assert records.forget_before(NOW - 90 * DAY) == 0


def test_who_was_told_is_known_for_longer_than_how_and_as_long_as_the_event_changes(store: SqlStore) -> None:
    long_ago = NOW - 100 * DAY
    with store.writing() as records:
        records.save_event(replace(EVENT, key="old", opened_at=long_ago, updated_at=long_ago))
        records.save_event(replace(EVENT, opened_at=long_ago))
        for event in ("old", "e1"):
            number = add_delivery(records, event, CHAT, DeliveryKind.ALERT, 1, long_ago)
            sent = SentAlert(Receipt(CHAT, "5"), 1, "h", long_ago)
            records.settle_sent(number or 0, sent, 0, long_ago, CHAT, long_ago)
        records.forget_before(NOW - 90 * DAY)
        records.forget_told_before(NOW - 101 * DAY)
        assert records.chats_told("old") == records.chats_told("e1") == (CHAT,)
        records.forget_told_before(NOW - 90 * DAY)
        assert records.sent_alert("old", CHAT) is None
        assert records.chats_told("e1") == (CHAT,), "an event that still changes must not be told twice"


def test_the_console_forgets_messages_when_it_is_forgotten_who_was_told(store: SqlStore) -> None:
    long_ago = NOW - 100 * DAY
    with store.writing() as records:
        records.save_event(replace(EVENT, opened_at=long_ago))  # changed since
        for event in ("", "old", "e1"):
            records.add_post(WEB, event, MESSAGE, long_ago)
        edited = records.add_post(WEB, "old", MESSAGE, long_ago)
        records.edit_post(edited, MESSAGE, NOW - DAY)
        records.forget_before(NOW - 90 * DAY)
        assert len(records.latest_posts(9)) == 4
        records.forget_told_before(NOW - 90 * DAY)
        assert [(post.id == edited, post.event) for post in records.latest_posts(9)] == [(True, "old"), (False, "e1")]


def test_of_many_old_rows_each_call_forgets_a_few_and_none_is_left(store: SqlStore) -> None:
    """In one transaction, years of them kept everybody else from writing for minutes, and filled the disk."""
    long_ago = NOW - 100 * DAY
    with store.writing() as records:
        for number in range(5):
            article = replace(ARTICLE, key=f"a{number}", url=f"https://news.example/{number}")
            event = "e1" if number == 4 else None
            records.save_article(replace(RECORD, article=article, event=event, judged_at=long_ago))
            records.keep_page(page_of(b"page", long_ago, f"a{number}"))
            add_entry(records, entry(f"https://news.example/{number}", str(number), at=long_ago))
        records.add_trouble("k", "a trouble", long_ago, HOUR)
    forgotten = []
    while not forgotten or forgotten[-1]:
        with store.writing() as records:
            forgotten.append(records.forget_before(NOW - 90 * DAY, limit=3))
            articles = [number for number in range(5) if records.article(f"a{number}")]
            assert all(records.count_pages([f"a{number}"]) for number in articles), "a page goes with its article"
    assert forgotten == [3, 3, 3, 1, 0], "five articles, five entries"
    with store.reading() as records:
        assert records.count_pages([f"a{number}" for number in range(5)]) == 1, "that of the event"
        assert records.troubles_since(NOW - 365 * DAY, 9) == ()
    with store.writing() as records:
        for number in range(5):
            records.keep_page(page_of(b"page", long_ago, f"p{number}"))
        assert [records.forget_pages_before(NOW - 90 * DAY, limit=4) for _ in range(3)] == [4, 2, 0]


# ---------------------------------------------------------------- hostile and odd values


def test_text_from_outside_cannot_break_a_row(store: SqlStore) -> None:
    bad = "NUL \0, half a pair \ud800, 😀, ' \" \\ %s {x} --"
    broken = Entry("news", bad, "https://news.example/" + bad, bad, bad * 500, None, NOW, bad)
    with store.writing() as records:
        number = records.add_entry(broken, EntryIdentity(bad, bad, bad), bad)
        found = records.entry(number)
        assert found
        assert "half a pair ?, 😀, ' \" \\ %s {x} --" in found.entry.title
        assert len(records.seen_keys("news").guids) == 1
        records.touch_seen("news", [EntryIdentity(bad, bad, bad)], NOW + HOUR)
        assert len(records.seen_keys("news").guids) == 1, "it is known again"
        records.save_article(replace(RECORD, article=replace(ARTICLE, key=bad, url=bad * 200, title=bad)))
        assert records.article(bad)
        records.save_setting(bad, bad)


def test_addresses_of_any_length_are_found_again(store: SqlStore) -> None:
    long = "https://news.example/" + "".join(chr(97 + number * 7 % 26) for number in range(9000))
    with store.writing() as records:
        number = records.add_entry(entry(long), EntryIdentity("g", "l", "t"), "new")
        records.save_article(replace(RECORD, article=replace(ARTICLE, key=long, url=long)))
        found = records.entry_by_url(long)
        assert found
        assert found.id == number
        assert records.article_by_url(long)
        assert records.article(long)
        assert records.entry_by_url("") is None


def test_times_come_back_in_utc_whatever_they_went_in_as(store: SqlStore) -> None:
    tokyo = NOW.astimezone(timezone(timedelta(hours=9)))
    with store.writing() as records:
        number = add_delivery(records, "e1", CHAT, DeliveryKind.ALERT, 1, tokyo)
        row = records.delivery(number or 0)
        assert row
        assert row.created_at == NOW
        assert row.created_at.utcoffset() == timedelta(0)
    with pytest.raises(StoreError, match="no time zone"), store.writing() as records:
        add_delivery(records, "e2", CHAT, DeliveryKind.ALERT, 1, NOW.replace(tzinfo=None))


@given(text=st.text(alphabet=st.characters(exclude_categories=["Cs"]), max_size=40))
def test_every_text_that_is_unicode_comes_back_as_it_went_in(text: str) -> None:
    message = Message(text, facts=(Fact(text, text),), at=NOW)
    assert load(Message, dump(message)) == message


def test_a_stored_value_that_cannot_be_read_names_its_kind() -> None:
    with pytest.raises(StoreError, match="a stored Message cannot be read"):
        load(Message, '{"severity": "enormous"}')


def test_a_field_that_is_gone_is_passed_over_and_a_new_one_has_its_default() -> None:
    assert load(Message, '{"title": "T", "was_once": 1}') == Message("T")
    assert load(Judgement, '{"article": "a", "findings": [], "event": null}') == Judgement("a", (), None)


def test_a_watchlist_of_20000_is_loaded_in_a_moment(store: SqlStore) -> None:
    rows = [
        {"key": f"k{number}", "value": dump(replace(ENTITY, key=f"k{number}")), "saved_at": NOW, "saved_by": "x"}
        for number in range(20_000)
    ]
    with store.writing() as records:
        records.connection.execute(sa.insert(metadata.tables["entities"]), rows)
    started = time.perf_counter()
    with store.reading() as records:
        assert len(records.entities()) == 20_000
    assert time.perf_counter() - started < 5.0


def test_the_callers_see_one_protocol(store: SqlStore) -> None:
    def use(records: Records) -> None:
        records.save_setting("a", "b")

    using: Callable[[Records], None] = use
    with store.writing() as records:
        using(records)
        assert records.setting("a") == "b"
