"""Roles, invitations, allowed chats and the log, as people use them: commands against a real store."""

from __future__ import annotations

import csv
import io
import re
import sqlite3
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner

from bot.chain import verify
from bot.cli import cli
from bot.commands import COMMANDS, Services, answer, new_claim_code
from bot.model import WHOLE_BOT, Chat, ChatKey, ChatKind, Entity, Grant, Reply, Request, Role, Schema, Scope, User
from bot.ports import AuditRow, Health, Store
from bot.rights import ChatMode
from bot.rights.invitations import MOST_GUESSES
from bot.spreadsheets import escape_cell
from bot.storage import SqlStore
from tests.reading import shown
from tests.writing import track

NOW = datetime(2026, 3, 5, 12, 0, tzinfo=UTC)
ANA, BEN, CARA = User("telegram", "7", "Ana"), User("telegram", "8", "Ben"), User("telegram", "9", "Cara")
DESK = Chat(ChatKey("telegram", "-5"), ChatKind.GROUP, "Desk")
CHANNEL = Chat(ChatKey("slack", "C0123"), ChatKind.CHANNEL, "alerts")
CONSOLE = Chat(ChatKey("web", "console"), ChatKind.CHANNEL)
ENTITY = Entity("gpn", Schema.COMPANY, "Gazprom Neft PJSC")


def home(user: User) -> Chat:
    return Chat(ChatKey(user.platform, user.id), ChatKind.PRIVATE, user.name)


@pytest.fixture
def store(empty_store: SqlStore) -> SqlStore:
    with empty_store.writing() as records:
        track(records, ENTITY, "test", NOW)
        records.save_grant(Grant(ANA, Role.OWNER, WHOLE_BOT, "first code", NOW))
    return empty_store


class Talk:
    """`talk("role", BEN)` in Ben's private chat; `mode` and `now` may be changed."""

    def __init__(self, store: Store) -> None:
        self.store, self.mode, self.now = store, ChatMode.ANYONE, NOW

    def __call__(
        self, text: str, user: User = ANA, chat: Chat | None = None, *, admin: bool = False, anonymous: bool = False
    ) -> Reply:
        services = Services(
            self.store,
            lambda: self.now,
            (),
            lambda: Health(NOW),
            allow_chats=self.mode,
            telegram_name=lambda: "sanctions_test_bot",
        )
        return answer(
            Request(chat or home(user), user, text, is_chat_admin=admin, is_anonymous=anonymous, prefix="/"), services
        )


@pytest.fixture
def talk(store: SqlStore) -> Talk:
    return Talk(store)


def grant(store: Store, user: User, role: Role | None, scope: Scope = WHOLE_BOT) -> None:
    with store.writing() as records:
        if role:
            records.save_grant(Grant(user, role, scope, "test", NOW))


def roles(store: Store) -> set[str]:
    with store.reading() as records:
        return {f"{one.user} {one.role} {one.scope}" for one in records.grants()}


def log(store: Store) -> list[AuditRow]:
    with store.reading() as records:
        return [chained.row for chained in records.audit_chain()]


# ---------------------------------------------------------------- every command and role

ANYBODY = None
# A command in one's own chat, or in a group of which one is a plain member; the least role that may.
MATRIX: tuple[tuple[str, Chat | None, Role | None], ...] = (
    *(
        (text, None, ANYBODY)
        for text in (
            "start", "subscribe everything", "subscriptions", "lookup gpn", "latest", "feeds", "status", "help",
            "version", "role", "mutes", "feedback", "notmine", "why gpn", "whynot x", "privacy",
            "timeline gpn", "event", "adjacent x", "route", "quiet", "digest", "timezone", "mute", "ack", "escalate",
        )
    ),
    ("subscribe everything", DESK, Role.EDITOR),
    ("watch list", None, Role.READER),
    ("watch add Foo Trading LLC", None, Role.EDITOR),
    ("watch remove gpn", None, Role.EDITOR),
    ("approve", None, Role.EDITOR),
    ("event x withdraw", None, Role.ADMIN),
    ("lists", None, Role.ADMIN),
    ("outbox", None, Role.ADMIN),
    ("mutes all", None, Role.ADMIN),
    ("admin list", None, Role.ADMIN),
    ("admin add 99 reader", None, Role.ADMIN),
    ("admin add 99 owner", None, Role.OWNER),
    ("admin chats", None, Role.ADMIN),
    ("admin allow chat telegram:-77", None, Role.ADMIN),
    ("admin map telegram-admins editor for chat telegram:-77", None, Role.ADMIN),
    ("invite", None, Role.ADMIN),
    ("invite list", None, Role.ADMIN),
    ("audit", None, Role.ADMIN),
    ("audit export", None, Role.ADMIN),
)  # fmt: skip


@pytest.mark.parametrize("role", [None, *Role])
@pytest.mark.parametrize(
    ("text", "chat", "least"), MATRIX, ids=[f"{text} {chat and 'in a group'}" for text, chat, _ in MATRIX]
)
def test_every_command_is_refused_below_its_role_and_not_from_there_on(
    store: SqlStore, talk: Talk, text: str, chat: Chat | None, least: Role | None, role: Role | None
) -> None:
    grant(store, BEN, role)
    told = shown(talk(text, BEN, chat))
    allowed = least is None or (role is not None and role.rank >= least.rank)
    is_refused = "Only " in told or "more than they have" in told
    assert is_refused is not allowed, told


def test_the_matrix_has_every_command() -> None:
    covered = {text.split()[0] for text, _, _ in MATRIX} | {"unsubscribe"}
    assert {command.name for command in COMMANDS} - covered == set(), "a row of MATRIX above says who may"


def test_a_refusal_names_the_command_that_gives_the_role(talk: Talk) -> None:
    assert "/admin add telegram:8 editor" in shown(talk("watch add Foo", BEN))
    assert "/admin add telegram:8 reader" in shown(talk("watch list", BEN))
    assert shown(talk("audit", BEN)).rstrip().endswith("/admin add telegram:8")


def test_a_role_for_the_watchlist_edits_it_and_nothing_more(store: SqlStore, talk: Talk) -> None:
    grant(store, BEN, Role.EDITOR, Scope.of_watchlist("main"))
    assert talk("watch add Foo Trading LLC confirm", BEN).ok
    for text in ("admin list", "mutes all", "invite", "audit"):
        assert not talk(text, BEN).ok, text
    assert not talk("subscribe everything", BEN, DESK).ok
    assert "watch" in shown(talk("help", BEN))


# ---------------------------------------------------------------- appointing


def test_roles_are_given_changed_taken_away_and_told(store: SqlStore, talk: Talk) -> None:
    reply = talk("admin add 8 editor for watchlist main")
    assert "telegram:8 is an editor of the watchlist main now" in shown(reply)
    assert reply.message.actions[0].data == "admin remove telegram:8 for watchlist main"
    assert not talk("admin add 9", BEN).ok
    assert talk("admin add 8").ok
    assert talk("admin add slack:U01 reader for chat slack:C0123").ok
    assert roles(store) == {
        "telegram:7 owner bot",
        "telegram:8 editor watchlist:main",
        "telegram:8 admin bot",
        "slack:U01 reader chat:slack:C0123",
    }
    told = shown(talk("admin list"))
    for line in (
        "3 people",
        "Ana (telegram:7): owner",
        "Ben (telegram:8): admin",
        "Ben (telegram:8): editor of the watchlist main",
        "in chat slack:C0123",
    ):
        assert line in told
    changed = talk("admin add 8 reader")
    assert changed.message.actions[0].data == "admin add telegram:8 admin"
    assert "They stay an editor of the watchlist main" in shown(talk("admin remove 8"))
    assert "is an owner already" in shown(talk("admin add 7"))
    whats = [(row.what, row.before, row.after) for row in log(store)]
    assert ("admin add", "telegram:8 admin bot", "telegram:8 reader bot") in whats
    assert ("admin remove", "telegram:8 reader bot", "") in whats


def test_the_last_owner_neither_goes_nor_is_made_less(store: SqlStore, talk: Talk) -> None:
    grant(store, BEN, Role.ADMIN)
    for text in ("admin remove me", "admin remove telegram:7", "admin add 7 admin"):
        reply = talk(text)
        assert not reply.ok
        assert "only owner" in shown(reply)
    assert not talk("admin remove telegram:7", BEN).ok
    assert talk("admin add 8 owner").ok
    assert talk("admin remove me").ok
    assert roles(store) == {"telegram:8 owner bot"}


def test_who_administers_a_chat_appoints_for_it_alone_and_sees_no_more(store: SqlStore, talk: Talk) -> None:
    grant(store, BEN, Role.ADMIN, Scope.of_chat(DESK.key))
    assert talk("admin add 9 editor here", BEN, DESK).ok
    told = shown(talk("admin list", BEN))
    assert "telegram:9" in told
    assert "telegram:7" not in told
    for text in ("admin add 9", "admin add 9 reader for watchlist main", "admin remove 7", "admin add 9 owner here"):
        assert not talk(text, BEN, DESK).ok, text
    assert talk("subscribe everything", CARA, DESK).ok


@pytest.mark.parametrize(
    ("text", "telling"),
    [
        ("admin add", "Whom?"),
        ("admin add Ana Bee", "by id"),
        ("admin add 1087968824", "no person"),
        ("admin add -100123", "by id"),
        ("admin add 8 editor for planet mars", "nothing that a role can be for"),
        ("admin add 8 editor for watchlist other", "You may see no watchlist “other”. There are: main"),
        ("admin add 8 editor here", "your own chat"),
        ("admin add 8 editor for chat Nowhere Special", "no one chat"),
        ("admin remove 8", "is no admin"),
    ],
)
def test_what_cannot_be_read_says_what_to_write(store: SqlStore, talk: Talk, text: str, telling: str) -> None:
    reply = talk(text)
    assert not reply.ok
    assert telling in shown(reply)
    assert roles(store) == {"telegram:7 owner bot"}


def test_a_chats_admin_learns_of_no_other_chat_by_its_title(store: SqlStore, talk: Talk) -> None:
    grant(store, BEN, Role.ADMIN, Scope.of_chat(DESK.key))
    with store.writing() as records:
        records.save_chat(Chat(ChatKey("telegram", "-77"), ChatKind.GROUP, "Board"))
    text = "admin add 9 editor for chat {}"
    known, unknown = (shown(talk(text.format(title), BEN)) for title in ("Board", "Bored"))
    assert known.replace("Board", "Bored") == unknown
    assert "an editor in chat Board" in shown(talk(text.format("Board"), ANA))


def test_a_chat_where_the_bot_was_spoken_to_may_be_escalated_to(talk: Talk) -> None:
    refused = shown(talk("escalate after 30m to slack:C0123"))
    assert "send /start there first" in refused
    talk("start", BEN, CHANNEL)
    assert talk("escalate after 30m to slack:C0123").ok, "the step that was named is enough"


def test_role_tells_ones_own_rights_and_who_gives_more(store: SqlStore, talk: Talk) -> None:
    told = shown(talk("role", BEN))
    assert "You (telegram:8) have no role of your own" in told
    assert "Ana (telegram:7)" in told
    assert "/admin add telegram:8 ROLE" in told
    grant(store, BEN, Role.EDITOR, Scope.of_watchlist("main"))
    told = shown(talk("role", BEN))
    assert "You (telegram:8) are an editor of the watchlist main" in told
    assert "change the watchlist" in told
    assert "owner of this bot" in shown(talk("role"))
    assert "change what a chat is told" not in shown(talk("role", BEN, DESK))


def test_role_in_a_shared_chat_tells_its_id_and_makes_it_a_place_to_route_to(store: SqlStore, talk: Talk) -> None:
    """The refusal of an unknown title names this as the next step."""
    assert "/role sent there shows it" in shown(talk("route high to alerts", chat=DESK))
    assert "This chat is slack:C0123." in shown(talk("role", User("slack", "U0BEN"), CHANNEL))
    assert talk("route high to slack:C0123", chat=DESK).ok
    assert "This chat is" not in shown(talk("role", BEN))
    assert "This chat is" not in shown(talk("role", User("web", "console"), CONSOLE))


def test_a_name_in_slack_is_nobody_to_appoint(store: SqlStore, talk: Talk) -> None:
    """It would count as a second owner, and the last real one could step down."""
    refused = talk("admin add slack:ben owner")
    assert not refused.ok
    assert "“ben” is no id of a person in Slack" in shown(refused)
    assert "the only owner" in shown(talk("admin remove me"))
    assert talk("admin add slack:U0BEN owner").ok
    grant(store, User("slack", "cara"), Role.OWNER)
    assert talk("admin remove slack:cara").ok, "one that was appointed before can be dismissed"


def test_who_was_appointed_by_id_has_a_name_from_their_next_command_on(store: SqlStore, talk: Talk) -> None:
    talk("admin add 8 editor")
    assert "• telegram:8: editor" in shown(talk("admin list"))
    talk("watch add Foo Trading LLC confirm", BEN)
    assert "Ben (telegram:8): editor" in shown(talk("admin list"))
    assert "Ben (telegram:8)" in shown(talk("audit by Ben"))
    talk("help", replace(BEN, name="Benedict"))
    assert "Benedict (telegram:8): editor" in shown(talk("admin list"))
    with store.reading() as records:
        (kept,) = records.grants(BEN)
    assert (kept.role, kept.by, kept.at) == (Role.EDITOR, "telegram:7", NOW)


def test_the_first_code_makes_an_owner_and_guessing_it_is_slow(store: SqlStore, talk: Talk) -> None:
    with store.writing() as records:
        records.remove_grant(ANA, WHOLE_BOT)
    code = new_claim_code(store)
    assert "as yourself" in shown(talk(f"admin {code}", User("telegram", "-5"), DESK, admin=True, anonymous=True))
    for _ in range(MOST_GUESSES):
        assert "not valid" in shown(talk("admin AAAA-AAAA-AAAA-AAAA", BEN))
    assert "try again in 15 min" in shown(talk(f"admin {code}", BEN))
    assert "You are the owner of this bot now" in shown(talk(f"admin {code}", CARA))
    assert roles(store) == {"telegram:9 owner bot"}
    assert "an owner of this bot already" in shown(talk(f"admin {code}", CARA))
    assert "are an owner of this bot" in shown(talk("role", CARA))


# ---------------------------------------------------------------- a chat's own administrators


def test_a_chats_administrators_are_what_was_mapped(store: SqlStore, talk: Talk) -> None:
    assert talk("subscribe everything", BEN, DESK, admin=True).ok
    assert not talk("admin add 9 reader here", BEN, DESK, admin=True).ok
    reply = talk("admin map telegram-admins reader here", chat=DESK)
    assert reply.ok
    assert not talk("unsubscribe everything", BEN, DESK, admin=True).ok
    assert talk("admin map telegram-admins admin here", chat=DESK).ok
    assert talk("admin add 9 reader here", BEN, DESK, admin=True).ok
    assert not talk("admin add 9 reader here", BEN, DESK).ok
    assert not talk("admin add 9", BEN, DESK, admin=True).ok
    assert talk("admin map telegram-admins default here", chat=DESK).ok
    assert not talk("admin add 9 editor here", BEN, DESK, admin=True).ok
    assert [(row.before, row.after) for row in log(store) if row.what == "admin map"] == [
        ("telegram:-5 default", "telegram:-5 reader"),
        ("telegram:-5 reader", "telegram:-5 admin"),
        ("telegram:-5 admin", "telegram:-5 default"),
    ]


@pytest.mark.parametrize(
    ("text", "telling"),
    [
        ("admin map telegram-admins owner here", "Not set"),
        ("admin map slack-admins editor here", "no chat of Slack"),
        ("admin map everybody admin here", "The form is"),
    ],
)
def test_a_mapping_that_cannot_be_says_why(talk: Talk, text: str, telling: str) -> None:
    assert telling in shown(talk(text, chat=DESK))


def test_an_anonymous_administrator_counts_for_the_chat_alone_and_the_log_says_so(store: SqlStore, talk: Talk) -> None:
    nobody = User("telegram", DESK.key.id, DESK.title)
    grant(store, nobody, Role.OWNER)  # as if somebody had managed that
    assert talk("subscribe everything", nobody, DESK, admin=True, anonymous=True).ok
    assert log(store)[-1].who == "an anonymous administrator of chat telegram:-5"
    for text in ("watch add Foo Trading LLC", "admin list", "audit", "admin map telegram-admins admin here", "invite"):
        reply = talk(text, nobody, DESK, admin=True, anonymous=True)
        assert not reply.ok
        assert "in the name of a chat" in shown(reply)
    linked = User("telegram", "-900", "Linked channel")
    assert not talk("unsubscribe everything", linked, DESK, anonymous=True).ok
    role = shown(talk("role", nobody, DESK, admin=True, anonymous=True))
    assert "no role of yours counts" in role
    assert "admin add" not in role  # what is given to a chat's id counts for nobody


# ---------------------------------------------------------------- which chats are answered


def test_a_chat_that_is_not_listed_gets_one_answer_and_nothing_else(store: SqlStore, talk: Talk) -> None:
    talk.mode = ChatMode.LISTED
    for text in ("help", "subscribe everything", "https://news.example/a", "nonsense", "admin WRONG", "invite"):
        reply = talk(text, BEN, DESK, admin=True)
        assert not reply.ok
        assert "I may not answer here yet" in shown(reply)
        assert "/admin allow chat telegram:-5" in shown(reply)
    assert log(store) == []
    assert not talk("status", chat=DESK).ok, "an owner too has to allow it first"
    assert talk("admin allow chat here", chat=DESK).ok
    assert talk("subscribe everything", BEN, DESK, admin=True).ok
    assert "Desk (telegram:-5) · by Ana (telegram:7)" in shown(talk("admin chats"))
    assert talk("admin forbid chat telegram:-5").ok
    assert not talk("status", BEN, DESK).ok
    assert [row.what for row in log(store) if row.who == "telegram:7"] == [
        "chat allowed",
        "chat allowed",
        "chat forbidden",
    ]  # fmt: skip  (the first two: Desk, then Ana's own)


def test_whoever_has_a_role_writes_in_private_as_long_as_they_have_it(store: SqlStore, talk: Talk) -> None:
    talk.mode = ChatMode.LISTED
    assert not talk("status", BEN).ok
    assert talk("status", User("web", "abc"), CONSOLE).ok
    grant(store, BEN, Role.READER)
    assert talk("status", BEN).ok
    with store.reading() as records:
        assert records.is_allowed(home(BEN).key)
    assert talk("admin remove 8").ok
    assert not talk("status", BEN).ok
    with store.reading() as records:
        assert not records.is_allowed(home(BEN).key)


def test_the_first_owner_may_come_through_a_closed_door(store: SqlStore, talk: Talk) -> None:
    with store.writing() as records:
        records.remove_grant(ANA, WHOLE_BOT)
    code = new_claim_code(store)
    talk.mode = ChatMode.LISTED
    assert not talk("status", BEN).ok
    assert talk(f"start {code}", BEN).ok
    assert talk("status", BEN).ok


# ---------------------------------------------------------------- invitations


def token_of(reply: Reply) -> str:
    found = re.search(r"inv-[0-9a-f]{32}", shown(reply))
    assert found, shown(reply)
    return found[0]


def test_an_invitation_gives_its_role_once(store: SqlStore, talk: Talk) -> None:
    reply = talk("invite editor for watchlist main valid 3d")
    token, told = token_of(reply), shown(reply)
    assert f"https://t.me/sanctions_test_bot?start={token}" in told
    assert f"https://t.me/sanctions_test_bot?startgroup={token}" in told
    assert "until 8 Mar 2026, 12:00 UTC" in told
    assert "is still open" in shown(talk(f"start {token}", ANA)), "who made it does not use it up"
    assert "Welcome: you are an editor of the watchlist main" in shown(talk(f"start {token}", BEN))
    assert "telegram:8 editor watchlist:main" in roles(store)
    assert "used already" in shown(talk(f"start {token}", CARA))


def test_what_is_wrong_with_a_token_is_told(store: SqlStore, talk: Talk) -> None:
    first, second = token_of(talk("invite")), token_of(talk("invite reader valid 12h"))
    assert talk("invite revoke 1").ok
    assert "taken back" in shown(talk(f"start {first}", BEN))
    talk.now = NOW + timedelta(hours=12)
    assert "ended on" in shown(talk(f"start {second}", BEN))
    assert "no such invitation" in shown(talk("start inv-" + "0" * 32, BEN))
    assert not talk("invite revoke 1").ok
    assert not talk("invite revoke 9").ok
    told = shown(talk("invite list"))
    assert "0 open invitations" in told
    assert "1: a reader · by Ana, 5 Mar 2026 · taken back" in told
    assert roles(store) == {"telegram:7 owner bot"}


def test_wrong_tokens_are_counted_for_each_person(store: SqlStore, talk: Talk) -> None:
    token = token_of(talk("invite"))
    for number in range(MOST_GUESSES):
        assert "no such invitation" in shown(talk(f"start inv-{number:032x}", BEN))
    assert "too many wrong codes" in shown(talk(f"start {token}", BEN))
    assert talk(f"start {token}", CARA).ok
    talk.now = NOW + timedelta(minutes=16)
    assert "used already" in shown(talk(f"start {token}", BEN))


def test_an_invitation_is_void_once_its_maker_may_not_give_it(store: SqlStore, talk: Talk) -> None:
    grant(store, BEN, Role.ADMIN)
    token = token_of(talk("invite admin", BEN))
    assert not talk("invite owner", BEN).ok
    talk("admin add 8 editor")
    assert "may not give that role any more" in shown(talk(f"start {token}", CARA))
    assert "telegram:9 admin bot" not in roles(store)


def test_the_token_is_nowhere_but_in_the_answer(store: SqlStore, talk: Talk) -> None:
    token = token_of(talk("invite"))
    talk(f"start {token}", BEN)
    content = Path(str(store.url.database)).read_bytes() + Path(f"{store.url.database}-wal").read_bytes()
    assert token.encode() not in content
    assert not talk("invite", chat=DESK).ok, "a group would read it"
    assert talk("invite", chat=CONSOLE, user=ANA).ok


def test_a_group_link_opens_the_group_if_its_maker_may(store: SqlStore, talk: Talk) -> None:
    talk.mode = ChatMode.LISTED
    token = token_of(talk("invite"))
    assert not talk("status", BEN, DESK).ok
    assert "list of allowed chats" in shown(talk(f"start {token}", BEN, DESK))
    assert talk("status", CARA, DESK).ok
    grant(store, BEN, Role.ADMIN, Scope.of_chat(CHANNEL.key))
    with store.writing() as records:
        records.forbid_chat(DESK.key)
    token = token_of(talk("invite reader for chat slack:C0123", BEN))
    talk(f"start {token}", CARA, DESK)
    assert not talk("status", CARA, DESK).ok


# ---------------------------------------------------------------- the log


def test_every_command_that_changes_something_is_in_the_log(store: SqlStore, talk: Talk) -> None:
    steps = (
        ("subscribe everything", "subscribe"),
        ("unsubscribe everything", "unsubscribe"),
        ("watch add Foo Trading LLC confirm", "watch add"),
        ("watch remove foo-trading-llc", "watch remove"),
        ("admin add 8 reader", "admin add"),
        ("admin remove 8", "admin remove"),
        ("admin map telegram-admins reader for chat telegram:-5", "admin map"),
        ("admin allow chat telegram:-5", "chat allowed"),
        ("admin forbid chat telegram:-5", "chat forbidden"),
        ("invite", "invite"),
        ("invite revoke 1", "invite revoke"),
    )
    for text, what in steps:
        before = len(log(store))
        assert talk(text).ok, text
        assert [row.what for row in log(store)[before:]] == [what]
        talk(text)  # once more: nothing changes, or it is one more change
    with store.reading() as records:
        assert verify(records.audit_chain()).is_sound
    with store.writing() as records:
        records.save_chat(replace(home(ANA), stopped_reason="blocked"))
    talk("start")
    assert log(store)[-1].what == "chat woken"


def test_the_log_is_shown_by_number_name_person_and_time(store: SqlStore, talk: Talk) -> None:
    grant(store, BEN, Role.EDITOR)
    talk("admin add 9 reader")
    talk.now = NOW + timedelta(days=3)
    talk("watch add Foo Trading LLC confirm", BEN)
    told = shown(talk("audit"))
    assert told.index("watch add") < told.index("admin add")
    assert "Ben (telegram:8) in telegram:8: watch add" in told
    assert "admin add" not in shown(talk("audit 1"))
    assert "admin add" not in shown(talk("audit by telegram:8"))
    assert "admin add" not in shown(talk("audit of foo trading"))
    for by in ("Ben", "BEN (telegram:8)", "8"):
        assert "watch add" in shown(talk(f"audit by {by}"))
        assert "admin add" not in shown(talk(f"audit by {by}"))
    exported = talk("audit export by ben").attachment
    assert exported
    assert (b"watch add" in exported.content, b"admin add" in exported.content) == (True, False)
    assert "Nothing was changed that fits" in shown(talk("audit by telegram:88"))
    assert "admin add" not in shown(talk("audit since 2d"))
    assert "admin add" in shown(talk("audit 5 by telegram:7 since 7d"))
    assert "admin add" in shown(talk("audit since 2026-03-05"))
    assert "Nothing was changed that fits" in shown(talk("audit of nobody"))
    for wrong in ("audit 0", "audit 51", "audit since yesterday", "audit around noon"):
        assert not talk(wrong).ok, wrong


def test_the_log_is_exported_with_its_digests_and_without_formulas(store: SqlStore, talk: Talk) -> None:
    with store.writing() as records:
        records.add_audit(AuditRow(NOW, "telegram:7", "", "note", '=HYPERLINK("https://evil.example")', "\t@SUM(A1)"))
    talk("admin add 9 reader")
    reply = talk("audit export")
    assert reply.attachment is not None
    assert reply.attachment.name == "audit-2026-03-05.csv"
    rows = list(csv.DictReader(io.StringIO(reply.attachment.content.decode("utf-8-sig"))))
    assert [row["what"] for row in rows] == ["note", "admin add"]
    assert rows[0]["before"].startswith("'=HYPERLINK")
    assert rows[0]["after"].startswith("'")
    with store.reading() as records:
        assert [row["digest"] for row in rows] == [chained.digest for chained in records.audit_chain()]
    assert [escape_cell(value) for value in ("a=1", "-1", " +1", "＝1", "")] == ["a=1", "'-1", "' +1", "'＝1", ""]


def test_verify_tells_the_head_and_the_first_broken_row(
    store: SqlStore, talk: Talk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SANCTIONS_BOT_DATA_DIR", str(tmp_path))

    def run(*words: str) -> tuple[int, str]:
        result = CliRunner().invoke(cli, ["audit", "verify", "--config", str(tmp_path), *words])
        return result.exit_code, result.output

    for number in range(3):
        talk(f"admin add {number} reader")
    code, told = run()
    assert (code, "Sound: 3 rows" in told) == (0, True)
    head = re.search(r"head ([0-9a-f]{64})", told)[1]  # type: ignore[index]
    talk("admin add 50 reader")
    assert run("--expect", head)[0] == 0
    assert run("--expect", "f" * 64)[0] == 1
    _tamper(store, "UPDATE audit SET who = 'telegram:1' WHERE id = 2")
    code, told = run()
    assert code == 1
    assert "BROKEN at row 2" in told


def _tamper(store: SqlStore, statement: str) -> None:
    """As somebody who owns the file."""
    with sqlite3.connect(str(store.url.database)) as connection:
        connection.execute("DROP TRIGGER audit_no_update")
        connection.execute(statement)
