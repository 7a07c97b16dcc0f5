"""What somebody's file is called and how large it is; files that wait for a word; their way through the commands."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.commands import Services, answer
from bot.commands import table as commands_table
from bot.commands.asking import Ask, Command, Work, cmd, reply
from bot.commands.pending import KEPT_FOR, MOST_BYTES, MOST_OF_ONE, PendingFiles
from bot.commands.phrases import progress
from bot.errors import CommandError
from bot.model import (
    WHOLE_BOT,
    Attachment,
    Chat,
    ChatKey,
    ChatKind,
    Grant,
    Message,
    Reply,
    Request,
    Role,
    Scope,
    Source,
    User,
)
from bot.platforms.terminal import with_written_file
from bot.ports import Health
from bot.rendering import file_name, told_size, told_too_large
from bot.sources.opml import write_opml
from bot.storage import SqlStore
from tests.writing import appoint

NOW = datetime(2026, 1, 1, tzinfo=UTC)
CSV = Attachment("names.csv", b"name\nVolga Metals\n", "text/csv")
HOME, GROUP = Chat(ChatKey("telegram", "1")), Chat(ChatKey("telegram", "-5"), ChatKind.GROUP)
ANA, BEN = User("telegram", "7"), User("telegram", "8")


@pytest.mark.parametrize(
    ("said", "name"),
    [
        ("names.csv", "names.csv"),
        ("/etc/passwd", "passwd"),
        ("..\\..\\boot.ini", "boot.ini"),
        ("..", "file"),
        ("", "file"),
        ("\x1b[31m\u202exslx.exe", "[31mxslx.exe"),
        ('a"b<c>.csv', "a_b_c_.csv"),
        ("CON.csv", "file.csv"),
        ("Список имён.xlsx", "Список имён.xlsx"),
        ("x" * 300 + ".csv", "x" * 96 + ".csv"),
    ],
)
def test_a_files_name_is_one_safe_name(said: str, name: str) -> None:
    assert file_name(said) == name


@given(st.text())
def test_no_name_leads_out_of_its_folder(said: str) -> None:
    name = file_name(said)
    assert 0 < len(name) <= 120
    assert (Path("/here") / name).resolve().parent == Path("/here")


def test_sizes_read_as_people_say_them() -> None:
    sizes = (1, 812, 12_300, 3_400_000, 20_000_000)
    assert [told_size(size) for size in sizes] == ["1 byte", "812 bytes", "12 kB", "3.4 MB", "20 MB"]
    assert "it is 34 MB, and at most 20 MB are read" in told_too_large("a.csv", 34_000_000, 20_000_000)
    assert "it is larger" in told_too_large("a.csv", None, 20_000_000)


def test_progress_tells_the_share_and_the_counts() -> None:
    assert progress("Looking up", 3_700, 10_000, "names").paragraphs[1] == "37% · 3,700 of 10,000 names"
    assert progress("Looking up", 0, 0, "names").paragraphs[1] == "100% · 0 of 0 names"


# ---------------------------------------------------------------- pending


def asked(text: str = "", user: User = ANA, chat: Chat = HOME, file: Attachment | None = None) -> Request:
    return Request(chat, user, text, prefix="/", attachment=file)


def test_a_kept_file_is_for_its_sender_in_its_chat_for_some_minutes() -> None:
    files = PendingFiles()
    code = files.keep(asked(), CSV, NOW)
    assert files.find(asked(), code, NOW) == CSV
    assert files.find(asked(user=BEN), code, NOW) is None
    assert files.find(asked(chat=GROUP), code, NOW) is None
    assert files.find(asked(), code, NOW + KEPT_FOR) is None


def test_the_oldest_files_give_way() -> None:
    files = PendingFiles()
    codes = [files.keep(asked(), CSV, NOW) for _ in range(MOST_OF_ONE + 1)]
    assert [files.find(asked(), code, NOW) is not None for code in codes] == [False] + [True] * MOST_OF_ONE
    large = files.keep(asked(user=BEN), replace(CSV, content=b"x" * MOST_BYTES), NOW)
    assert [files.find(asked(), code, NOW) for code in codes] == [None] * (MOST_OF_ONE + 1)
    assert files.find(asked(user=BEN), large, NOW)


def test_an_expected_file_is_expected_once_of_one_person() -> None:
    files = PendingFiles()
    files.expect(asked(), "watch import", NOW)
    assert files.expected(asked(user=BEN), NOW) == ""
    assert files.expected(asked(), NOW) == "watch import"
    assert files.expected(asked(), NOW) == ""
    files.expect(asked(), "watch import", NOW)
    assert files.expected(asked(), NOW + KEPT_FOR) == ""


# ---------------------------------------------------------------- through the commands


@pytest.fixture
def services(empty_store: SqlStore) -> Services:
    return Services(empty_store, lambda: NOW, (), lambda: Health(NOW))


@pytest.fixture
def seen(monkeypatch: pytest.MonkeyPatch) -> list[Ask]:
    """A command `import`, which asks for its file, and what it was given."""
    asks: list[Ask] = []

    def take(ask: Ask) -> Reply:
        asks.append(ask)
        if ask.request.attachment is None:
            return replace(reply("Send the file now"), awaits_file="import all")
        return reply(f"Taken, see {cmd('help')}")

    command = Command("import", "", "", (), "import", take)
    monkeypatch.setitem(commands_table._BY_NAME, "import", command)
    return asks


def test_a_file_alone_is_kept_and_goes_where_the_button_says(services: Services, seen: list[Ask]) -> None:
    with services.store.writing() as records:
        appoint(records, ANA, "test", NOW)
    choice = answer(asked(file=CSV), services)
    assert choice.message.title == "names.csv, 18 bytes: what is to be done with it?"
    data = [action.data for action in choice.message.actions]
    assert [text.split(maxsplit=2)[2] for text in data] == ["lookup", "watch import"]
    answer(asked(data[1].replace("watch import", "import")), services)
    assert (seen[0].request.attachment, seen[0].request.text) == (CSV, "import")
    late = answer(asked(data[0]), replace(services, now=lambda: NOW + timedelta(hours=1)))
    assert not late.ok
    assert "Please send it again" in late.message.paragraphs[0]
    assert not answer(asked(data[0], user=BEN), services).ok


def test_a_caption_that_is_no_command_leads_to_the_choice_too(services: Services) -> None:
    for caption in ("please have a look", "see https://news.example/a", "word " * 100):
        assert "look up the names in it?" in answer(asked(caption, file=CSV), services).message.title


@pytest.mark.parametrize(
    ("role", "scope", "commands"),
    [
        (None, WHOLE_BOT, ["lookup"]),
        (Role.READER, WHOLE_BOT, ["lookup"]),
        (Role.EDITOR, WHOLE_BOT, ["lookup", "watch import"]),
        (Role.EDITOR, Scope.of_watchlist("main"), ["lookup", "watch import"]),
        (Role.EDITOR, Scope.of_watchlist("oil"), ["lookup"]),  # which this chat does not see
    ],
)
def test_a_file_is_offered_for_what_its_sender_may_do(
    services: Services, role: Role | None, scope: Scope, commands: list[str]
) -> None:
    with services.store.writing() as records:
        appoint(records, BEN, "test", NOW)
        if role:
            records.save_grant(Grant(ANA, role, scope, "test", NOW))
    choice = answer(asked(file=CSV), services).message
    assert [action.data.split(maxsplit=2)[2] for action in choice.actions] == commands
    assert ("watch import" in choice.footer) is ("watch import" in commands)


def test_a_list_of_feeds_is_offered_to_admins_alone(services: Services) -> None:
    feeds = Attachment("feeds.opml", write_opml([Source("", "Post", "https://post.example/feed")], NOW))
    with services.store.writing() as records:
        appoint(records, BEN, "test", NOW)
    refused = answer(asked(file=feeds), services)
    assert not refused.ok
    assert refused.message.actions == ()
    assert refused.message.paragraphs[0].startswith("Only an admin of this bot may add the feeds in feeds.opml. Admins")
    (action,) = answer(asked(user=BEN, file=feeds), services).message.actions
    assert action.data.endswith(" feeds import")


def test_a_file_goes_to_the_command_that_asked_for_it(services: Services, seen: list[Ask]) -> None:
    answer(asked("import"), services)
    assert answer(asked(file=CSV), services).message.title == "Taken, see /help"
    assert (seen[1].request.text, seen[1].words, seen[1].request.attachment) == ("import all", "all", CSV)
    assert "look up the names in it?" in answer(asked(file=CSV), services).message.title


def test_a_caption_with_a_command_wins_over_what_was_asked_for(services: Services, seen: list[Ask]) -> None:
    answer(asked("import"), services)
    assert answer(asked("/help", file=CSV), services).message.title == "What you can send"


def test_long_work_is_spelt_and_its_errors_are_told(services: Services, monkeypatch: pytest.MonkeyPatch) -> None:
    shown: list[Message] = []

    def long(ask: Ask) -> Reply:
        def work(show: object) -> Reply:
            assert callable(show)
            show(Message(f"Half, see {cmd('status')}"))
            raise CommandError(f"No. Send {cmd('help')}")

        return ask.run_long(work)

    monkeypatch.setitem(commands_table._BY_NAME, "import", Command("import", "", "", (), "import", long))
    later: list[Reply] = []

    def run_long(_request: Request, work: Work) -> Reply:
        later.append(work(shown.append))
        return Reply(Message("Begun"))

    assert answer(asked("import"), replace(services, run_long=run_long)).message.title == "Begun"
    (answered,) = later
    assert shown == [Message("Half, see /status", has_commands=True)]
    assert (answered.ok, answered.message.paragraphs) == (False, ("No. Send /help",))
    assert not answer(asked("import"), services).ok  # nothing can come later here: it is done now


def test_on_a_terminal_a_file_is_written_and_named_and_none_is_written_over(tmp_path: Path) -> None:
    for number in ("", "-2", "-3"):
        message = with_written_file(Message("Done"), Attachment("../hits.csv", b"x"), tmp_path)
        assert message.footer == f"Written to {tmp_path / f'hits{number}.csv'}."
    assert (tmp_path / "hits-3.csv").read_bytes() == b"x"
