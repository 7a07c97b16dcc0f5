"""feeds add, confirm, remove, pause, resume, move, undo, import, export: what is answered, what is kept, who may."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from bot.commands import Services, answer, answer_owner
from bot.commands.asking import COMMAND_MARK, MOST_ACTION
from bot.errors import FeedError
from bot.model import (
    AddedFeed,
    Attachment,
    Chat,
    ChatKey,
    ChatKind,
    Entry,
    FeedState,
    Reply,
    Request,
    Source,
    SourceState,
    User,
)
from bot.ports import EntryIdentity, Health
from bot.sources import FeedLook, identity
from bot.sources.added import FeedLink
from bot.sources.opml import read_opml, write_opml
from bot.sources.parsed import ParsedFeed
from bot.storage import SqlStore
from tests.reading import shown
from tests.writing import appoint

NOW = datetime(2026, 3, 5, 12, tzinfo=UTC)
HOME, GROUP = Chat(ChatKey("telegram", "1")), Chat(ChatKey("telegram", "-5"), ChatKind.GROUP)
ANA, BEN = User("telegram", "7", "Ana"), User("telegram", "8", "Ben")
SOURCES = (
    Source("wire", "Wire", "https://wire.example/feed"),
    Source("off", "Old Feed", "https://old.example/feed", enabled=False),
)
HARBOUR = "https://post.example/feed"


def entry(number: int) -> Entry:
    link = f"https://post.example/{number}"
    return Entry("", "", link, f"Story {number}", "", NOW - timedelta(hours=number), NOW)


def look_at(url: str = HARBOUR, title: str = "Harbour Post", **changes: object) -> FeedLook:
    parsed = ParsedFeed(tuple(map(entry, range(1, 8))), title, "en", total=7)
    return replace(FeedLook(url, (url,), parsed), **changes)


LOOKS = {
    HARBOUR: look_at(),
    "https://post.example": look_at(
        page="https://post.example/", others=(FeedLink("Sport", "https://post.example/s"),)
    ),
    "https://moved.example/rss": look_at("https://wire.example/feed", "Wire"),
    "https://empty.example/rss": look_at("https://empty.example/rss", "", parsed=ParsedFeed((), "")),
    "https://broken.example/rss": look_at(
        "https://broken.example/rss", "B", parsed=ParsedFeed((), "B", trouble="cut off")
    ),
}
Say = Callable[..., Reply]


@pytest.fixture
def store(empty_store: SqlStore) -> SqlStore:
    with empty_store.writing() as records:
        appoint(records, ANA, "test", NOW)
    return empty_store


def look(address: str) -> FeedLook:
    if address not in LOOKS:
        raise FeedError("no feed but an HTML page titled “News”, and it names no feed")
    return LOOKS[address]


@pytest.fixture
def services(store: SqlStore) -> Services:
    return Services(store, lambda: NOW, SOURCES, lambda: Health(NOW, {}), look_at_feed=look)


@pytest.fixture
def say(services: Services) -> Say:
    """`say("feeds")` as Ana, an admin, in a private chat; `after`: so long after NOW."""

    def send(
        text: str, user: User = ANA, chat: Chat = HOME, file: bytes | None = None, after: timedelta = timedelta(0)
    ) -> Reply:
        attachment = Attachment("feeds.opml", file) if file is not None else None
        later = replace(services, now=lambda: NOW + after)
        return answer(Request(chat, user, text, prefix="/", attachment=attachment), later)

    return send


def pressed(reply: Reply, label: str) -> str:
    return next(action.data for action in reply.message.actions if action.label == label)


def kept(store: SqlStore) -> dict[str, FeedState]:
    with store.reading() as records:
        return {feed.source.title: feed.state for feed in records.added_feeds()}


def add(say: Say, address: str = HARBOUR, name: str = "", **how: object) -> Reply:
    return say(pressed(say(f"feeds add {address} {name}".strip(), **how), "Add it"), **how)


# ---------------------------------------------------------------- add


def test_a_feed_is_shown_before_it_is_added(store: SqlStore, say: Say) -> None:
    reply = say("feeds add post.example")
    told = shown(reply)
    for part in (
        "Read Harbour Post? It is not added yet", HARBOUR, "Found on: https://post.example/", "Language: en",
        "7 entries, the newest of 5 Mar 2026, 11:00 UTC", "5 Mar 2026: Story 1  https://", "raises no alert",
        "every 15 minutes", "/feeds add https://post.example/s (Sport)", "/feeds confirm ",
    ):  # fmt: skip
        assert part in told, part
    assert "Story 6" not in told, "the newest five"
    assert kept(store) == {}


@pytest.mark.parametrize(("language", "is_read"), [("ar", False), ("pt-BR", False), ("ru-RU", True), ("zh-Hant", True)])
def test_a_feed_in_a_language_that_is_not_read_says_so(
    say: Say, monkeypatch: pytest.MonkeyPatch, language: str, is_read: bool
) -> None:
    """It would be added, read, and raise nothing, and nobody would know why."""
    parsed = replace(look_at().parsed, language=language)
    monkeypatch.setitem(LOOKS, HARBOUR, look_at(parsed=parsed))
    (told,) = (fact.value for fact in say(f"feeds add {HARBOUR}").message.facts if fact.label == "Language")
    assert told.startswith(language)
    assert ("no article in it raises an alert" in told) is not is_read


def test_what_was_shown_is_added_when_its_person_says_so(store: SqlStore, say: Say) -> None:
    offered = say(f"feeds add {HARBOUR}")
    code = pressed(offered, "Add it")
    assert not say(code, BEN).ok, "Ben is no admin"
    reply = say(code)
    assert reply.message.title == "Now read: Harbour Post"
    assert kept(store) == {"Harbour Post": FeedState.READ}
    assert not say(code).ok, "once"
    with store.reading() as records:
        (feed,) = records.added_feeds()
        assert feed == AddedFeed(
            Source("added:harbour-post", "Harbour Post", HARBOUR), "telegram:7", NOW,
            changed_by="telegram:7", changed_at=NOW, chat="telegram:1",
        )  # fmt: skip
        assert records.source_states()["added:harbour-post"] == SourceState("added:harbour-post")
        (row,) = [one.row for one in records.latest_audit() if one.row.what == "feeds add"]
        assert (row.who, row.after) == ("telegram:7", f"Harbour Post ({HARBOUR})")


def test_it_may_be_given_a_name(store: SqlStore, say: Say) -> None:
    add(say, name="Port News")
    assert kept(store) == {"Port News": FeedState.READ}


def test_no_takes_it_away(store: SqlStore, say: Say) -> None:
    offered = say(f"feeds add {HARBOUR}")
    assert "nothing was changed" in shown(say(pressed(offered, "No")))
    assert not say(pressed(offered, "Add it")).ok
    assert kept(store) == {}


def test_a_preview_waits_an_hour(store: SqlStore, say: Say) -> None:
    code = pressed(say(f"feeds add {HARBOUR}"), "Add it")
    assert not say(code, after=timedelta(hours=2)).ok
    assert kept(store) == {}


def test_neither_watch_nor_approve_take_it_for_theirs(store: SqlStore, say: Say) -> None:
    code = pressed(say(f"feeds add {HARBOUR}"), "Add it").split()[-1]
    assert not say(f"watch confirm {code}").ok
    assert not say(f"approve {code}").ok
    assert say(f"feeds confirm {code}").ok


REFUSED = {
    "no address": ("feeds add", "Send: /feeds add ADDRESS [NAME]"),
    "no feed": ("feeds add https://none.example", "cannot be added: no feed but an HTML page"),
    "a word": ("feeds add nonsense", "“nonsense” is a word and no address"),
    "no https was said": ("feeds add none.example", "Where it has no https: /feeds add http://none.example"),
    "one of the file": ("feeds add http://www.wire.example/feed/", "known already, as Wire"),
    "one that leads to one of the file": ("feeds add https://moved.example/rss", "known already, as Wire"),
    "one of the file that is off": ("feeds add https://old.example/feed", "not read now: /feeds resume Old Feed"),
    "a name that is taken": (f"feeds add {HARBOUR} wire", "A source is called Wire already"),
    "another word": ("feeds delete Wire", "is not known here. Send /feeds, /feeds add, /feeds remove"),
    "nothing that waits": ("feeds confirm 123", "not waiting for you any more"),
}


@pytest.mark.parametrize(("words", "why"), REFUSED.values(), ids=REFUSED)
def test_what_is_not_added_says_why_and_what_next(store: SqlStore, say: Say, words: str, why: str) -> None:
    reply = say(words)
    assert not reply.ok
    assert why in shown(reply)
    assert kept(store) == {}


def test_an_added_feed_is_not_added_twice(say: Say) -> None:
    waiting = pressed(say(f"feeds add {HARBOUR} Other Name", ANA, GROUP), "Add it")
    add(say)
    assert "known already, as Harbour Post" in shown(say(f"feeds add {HARBOUR}"))
    assert "known already, as Harbour Post" in shown(say(waiting, ANA, GROUP)), "shown before the other was added"


def test_a_feed_that_carries_what_another_does_is_shown_so(store: SqlStore, say: Say) -> None:
    with store.writing() as records:
        for number in range(1, 6):
            records.add_entry(entry_of("wire", number), EntryIdentity("", f"https://post.example/{number}", ""), "new")
    assert "Perhaps it is the same as Wire, which carried 5 of its 7 entries" in shown(say(f"feeds add {HARBOUR}"))


def entry_of(source: str, number: int) -> Entry:
    return replace(entry(number), source=source)


@pytest.mark.parametrize(
    ("address", "told"),
    [("https://empty.example/rss", "Entries: none now"), ("https://broken.example/rss", "has trouble: cut off")],
)
def test_trouble_is_shown_first(say: Say, address: str, told: str) -> None:
    assert told in shown(say(f"feeds add {address}"))


def test_a_program_that_cannot_fetch_says_so(store: SqlStore) -> None:
    services = Services(store, lambda: NOW, SOURCES, lambda: Health(NOW, {}))
    reply = answer(Request(HOME, ANA, f"feeds add {HARBOUR}"), services)
    assert "The running bot does that" in shown(reply)


# ---------------------------------------------------------------- rights


CHANGES = ("add https://post.example/feed", "remove Wire", "pause Wire", "resume Wire", "undo", "import", "export")


@pytest.mark.parametrize("words", CHANGES)
def test_only_admins_change_feeds(store: SqlStore, say: Say, words: str) -> None:
    reply = say(f"feeds {words}", BEN)
    assert not reply.ok
    assert "Only an admin of this bot may add, pause and remove feeds" in shown(reply)
    assert "/admin add telegram:8" in shown(reply)


def test_everybody_sees_them_and_who_added_them_when(say: Say) -> None:
    add(say)
    told = shown(say("feeds", BEN))
    assert "Harbour Post: not checked yet, added 5 Mar 2026 by Ana (telegram:7)" in told
    assert "Switched off: Old Feed." in told
    assert "/feeds add" not in told, "Ben may not"
    assert "/feeds add" in shown(say("feeds"))
    assert "of 2 sources checked" in say("status", BEN).message.title


def test_whoever_owns_the_machine_needs_no_role(services: Services) -> None:
    offered = answer_owner("feeds", f"add {HARBOUR}", services)
    code = pressed(offered, "Add it").removeprefix("feeds ")
    assert f"sanctions-bot feeds {code}" in shown(offered)
    assert answer_owner("feeds", code, services).message.title == "Now read: Harbour Post"


# ---------------------------------------------------------------- remove, pause, resume, undo


def test_a_feed_is_removed_and_comes_back(store: SqlStore, say: Say) -> None:
    add(say)
    with store.writing() as records:
        records.save_source_state(SourceState("added:harbour-post", baseline_done=True, entries_seen=7))
    gone = say("feeds remove harbour")
    assert gone.message.title == "No longer read: Harbour Post"
    assert "Harbour" not in shown(say("feeds"))
    back = say(pressed(gone, "Undo"))
    assert "Harbour Post is read" in shown(back)
    assert kept(store) == {"Harbour Post": FeedState.READ}
    with store.reading() as records:
        assert records.source_states()["added:harbour-post"].entries_seen == 7, "it goes on where it was"
    say(pressed(back, "Redo"))
    assert kept(store) == {"Harbour Post": FeedState.REMOVED}


def test_a_feed_that_was_removed_and_is_added_again_begins_anew(store: SqlStore, say: Say) -> None:
    add(say)
    with store.writing() as records:
        records.save_source_state(SourceState("added:harbour-post", baseline_done=True, entries_seen=7))
    say("feeds remove Harbour Post")
    add(say, name="Port News")
    assert kept(store) == {"Port News": FeedState.READ}
    with store.reading() as records:
        assert records.source_states()["added:harbour-post"] == SourceState("added:harbour-post")


def test_a_feed_is_paused_and_goes_on(store: SqlStore, say: Say) -> None:
    add(say)
    assert "/feeds resume Harbour Post" in shown(say("feeds pause post.example/feed"))
    assert kept(store) == {"Harbour Post": FeedState.PAUSED}
    told = shown(say("feeds"))
    assert "Harbour Post: paused 5 Mar 2026 by Ana (telegram:7), added 5 Mar 2026 by Ana (telegram:7)" in told
    assert "Switched off: Old Feed." in told
    assert "is paused already" in shown(say("feeds pause Harbour"))
    assert say("feeds resume Harbour").ok
    assert kept(store) == {"Harbour Post": FeedState.READ}
    assert "is not paused" in shown(say("feeds resume Harbour"))


# ---------------------------------------------------------------- move

NEW = "https://new.example/rss"
LOOKS[NEW] = look_at(NEW, "Harbour Post & Ships")
READ = SourceState(
    "added:harbour-post",
    etag='"1"',
    last_modified="Wed, 04 Mar 2026 12:00:00 GMT",
    body_hash="ab",
    baseline_done=True,
    last_success_at=NOW - timedelta(days=2),
    last_full_fetch_at=NOW - timedelta(hours=3),
    failures=9,
    last_error="not found (HTTP 404)",
    next_poll_at=NOW + timedelta(hours=20),
    entries_seen=7,
)


def url_of(store: SqlStore) -> str:
    with store.reading() as records:
        return next(feed.source.url for feed in records.added_feeds())


def test_a_feed_with_a_new_address_goes_on_where_it_was(store: SqlStore, say: Say) -> None:
    add(say, name="Harbour Post")
    with store.writing() as records:
        records.save_source_state(READ)
        for one in map(entry, range(3, 8)):
            records.add_entry(replace(one, source=READ.source), identity(one), "")
    moved = say(f"feeds move harbour {NEW}")
    told = shown(moved)
    assert moved.message.title == "Moved: Harbour Post", "it keeps the name that it was given"
    for part in (f"Until now: {HARBOUR}", f"Address: {NEW}", "5 of its 7 entries came from the old address too"):
        assert part in told, part
    assert url_of(store) == NEW
    with store.reading() as records:
        state = records.source_states()[READ.source]
        (row,) = [one.row for one in records.latest_audit() if one.row.what == "feeds move"]
    assert (state.baseline_done, state.entries_seen, state.last_success_at) == (True, 7, READ.last_success_at)
    assert (state.etag, state.last_modified, state.body_hash, state.last_full_fetch_at) == (None,) * 4
    assert (state.failures, state.last_error, state.next_poll_at) == (0, None, None), "it is due at once"
    assert (row.before, row.after) == (f"Harbour Post ({HARBOUR})", NEW)


def test_a_move_is_undone_and_made_again(store: SqlStore, say: Say) -> None:
    add(say)
    back = say(pressed(say(f"feeds move Harbour {NEW}"), "Undo"))
    assert f"Harbour Post is at {HARBOUR} again" in shown(back)
    assert url_of(store) == HARBOUR
    say(pressed(back, "Redo"))
    assert url_of(store) == NEW
    assert kept(store) == {"Harbour Post": FeedState.READ}
    say("feeds pause Harbour", after=timedelta(minutes=1))
    say("feeds undo Harbour", after=timedelta(minutes=2))
    assert url_of(store) == NEW, "the pause was undone, not the move"


def test_a_move_cannot_be_undone_once_another_feed_has_the_old_address(store: SqlStore, say: Say) -> None:
    add(say)
    say(f"feeds move Harbour {NEW}")
    add(say, HARBOUR, "Second")
    refused = say("feeds undo Harbour Post")
    assert "Not undone: Harbour Post is known already, as Second" in shown(refused)


def test_a_paused_feed_moves_and_stays_paused(store: SqlStore, say: Say) -> None:
    add(say)
    say("feeds pause Harbour")
    assert "It stays paused. To go on with it: /feeds resume Harbour Post" in shown(say(f"feeds move Harbour {NEW}"))
    assert kept(store) == {"Harbour Post": FeedState.PAUSED}


def test_a_move_to_what_looks_like_another_feed_says_so(say: Say) -> None:
    add(say)
    assert "None of its 7 entries came from the old address" in shown(say(f"feeds move Harbour {NEW}"))


@pytest.mark.parametrize(
    ("words", "step"),
    [
        ("move", "Send: /feeds move NAME ADDRESS"),
        ("move Harbour", "Send: /feeds move NAME ADDRESS"),
        (f"move Nobody {NEW}", "No source is called “Nobody”"),
        (f"move Wire {NEW}", "stands in config/sources.toml, and that stays the file's: change its url there"),
        (f"move Harbour {HARBOUR}", f"Harbour Post is read there already: {HARBOUR}"),
        ("move Harbour https://post.example", "Harbour Post is read there already"),
        ("move Harbour https://wire.example/feed", "known already, as Wire"),
        ("move Harbour https://moved.example/rss", "known already, as Wire"),
        ("move Harbour https://none.example", "https://none.example cannot be read, so nothing was moved: no feed but"),
        ("move Harbour none.example", "no https: /feeds move Harbour Post http://none.example"),
    ],
)
def test_a_move_that_cannot_be_says_why(store: SqlStore, say: Say, words: str, step: str) -> None:
    add(say)
    reply = say(f"feeds {words}")
    assert not reply.ok
    assert step in shown(reply)
    assert url_of(store) == HARBOUR


def test_a_move_asks_which_of_two_is_meant(say: Say) -> None:
    add(say)
    add(say, "https://broken.example/rss", "Harbour Watch")
    reply = say(f"feeds move Harbour {NEW}")
    assert "Which do you mean?" in shown(reply)
    assert "Then send: /feeds move NAME ADDRESS" in shown(reply)
    assert not reply.message.actions, "an address is too long for a button"


@pytest.mark.parametrize(
    ("words", "step"),
    [
        ("remove Wire", "take it out, or set enabled = false there, and start the bot anew"),
        ("pause wire", "set enabled = false there, and start the bot anew"),
        ("pause Wire", "/mute source Wire 24h"),
        ("resume Old", "set enabled = true there"),
        ("resume Wire", "is not paused"),
        ("remove Wirre", "Did you mean Wire?"),
        ("remove", "Which one? Send: /feeds remove NAME"),
    ],
)
def test_sources_of_the_file_stay_the_files(say: Say, words: str, step: str) -> None:
    reply = say(f"feeds {words}")
    assert not reply.ok
    assert step in shown(reply)


def test_a_source_that_the_bot_paused_by_itself_is_resumed_whosever_it_is(store: SqlStore, say: Say) -> None:
    with store.writing() as records:
        records.save_source_state(SourceState("wire", paused_reason="gone", failures=2, last_error="gone", etag="e"))
    assert say("feeds resume wire").ok
    with store.reading() as records:
        assert records.source_states()["wire"] == SourceState("wire", etag="e")


def test_which_feed_is_meant_is_asked_back(say: Say) -> None:
    add(say)
    add(say, "https://empty.example/rss", "Harbour Watch")
    reply = say("feeds remove harbour")
    assert not reply.ok
    buttons = [action.data for action in reply.message.actions]
    assert buttons == ["feeds remove added:harbour-post", "feeds remove added:harbour-watch"]
    assert say(buttons[1]).message.title == "No longer read: Harbour Watch"


def test_undo_takes_back_ones_own_last_change_in_the_chat(store: SqlStore, say: Say) -> None:
    add(say)
    add(say, "https://empty.example/rss", "Empty", after=timedelta(minutes=1))
    say("feeds pause Harbour", after=timedelta(minutes=2))
    assert not say("feeds undo", ANA, GROUP).ok, "nothing of hers there"
    say("feeds undo")
    assert kept(store) == {"Harbour Post": FeedState.READ, "Empty": FeedState.READ}
    say("feeds undo")
    assert kept(store) == {"Harbour Post": FeedState.READ, "Empty": FeedState.REMOVED}
    assert not say("feeds undo").ok


def test_undo_brings_back_no_feed_that_is_known_by_now(store: SqlStore, say: Say) -> None:
    add(say)
    say("feeds remove Harbour")
    add(say, "https://empty.example/rss", "Harbour Post", after=timedelta(minutes=1))
    reply = say("feeds undo added:harbour-post")
    assert "Not undone: Harbour Post is known already" in shown(reply)


def test_every_button_is_short_enough_for_telegram(say: Say) -> None:
    LOOKS["https://long.example/rss"] = look_at("https://long.example/rss", "Ж" * 90 + "x" * 90)
    offered = say("feeds add https://long.example/rss")
    done = say(pressed(offered, "Add it"))
    assert [action.label for action in done.message.actions] == ["Undo", "All sources"]
    assert all(len(action.data.encode()) <= MOST_ACTION for action in done.message.actions)


# ---------------------------------------------------------------- OPML


def test_a_list_of_feeds_is_looked_at_shown_and_added_together(store: SqlStore, say: Say) -> None:
    outlines = {
        "Post": HARBOUR, "The Wire": "https://wire.example/feed", "No feed": "https://none.example/",
        "": "https://empty.example/rss", "Moved": "https://moved.example/rss", "Post again": "https://post.example",
    }  # fmt: skip
    listed = [Source("", title, url) for title, url in outlines.items()]
    reply = say("feeds import", file=write_opml(listed, NOW))
    told = shown(reply)
    assert "Read 2 feeds of feeds.opml? Nothing is added yet" in told
    assert "The Wire is known already, as Wire" in told
    assert "Moved is known already, as Wire" in told
    assert "https://none.example/ cannot be added: no feed" in told
    assert "Post again is known already, as Post" in told
    assert kept(store) == {}
    done = say(pressed(reply, "Add them"))
    assert done.message.title == "Now read: 2 feeds"
    assert set(kept(store)) == {"Post", "empty.example"}
    say("feeds undo")
    assert set(kept(store).values()) == {FeedState.REMOVED}


def test_a_list_alone_is_offered_to_be_added(say: Say) -> None:
    reply = say("", file=write_opml([Source("", "Post", HARBOUR)], NOW))
    (button,) = reply.message.actions
    assert button.label == "Add the feeds in it"
    assert "Read 1 feed of feeds.opml?" in shown(say(button.data))


def test_the_file_may_come_after_the_command(say: Say) -> None:
    assert "Send the OPML file" in shown(say("feeds import"))
    assert "Read 1 feed of" in shown(say("", file=write_opml([Source("", "Post", HARBOUR)], NOW)))


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"name\nGefest\n", "is no OPML file that names feeds"),
        (write_opml([Source("", "x", f"https://{n}.example") for n in range(101)], NOW), "at most 100 are read"),
        (write_opml([SOURCES[0]], NOW), "nothing to add"),
    ],
)
def test_a_list_that_cannot_be_taken_says_why(say: Say, content: bytes, why: str) -> None:
    reply = say("feeds import", file=content)
    assert not reply.ok
    assert why in shown(reply)


def test_all_feeds_are_exported(say: Say) -> None:
    add(say)
    reply = say("feeds export")
    assert reply.attachment
    assert reply.attachment.name == "feeds-2026-03-05.opml"
    assert [one.title for one in read_opml(reply.attachment.content)] == ["Wire", "Old Feed", "Harbour Post"]


def test_no_mark_is_left_in_what_is_told(say: Say) -> None:
    for words in ("feeds", f"feeds add {HARBOUR}", "feeds import", "feeds export", "help feeds"):
        assert COMMAND_MARK not in shown(say(words))
