"""Telegram by its real client library against a Bot API on loopback."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest

from bot.errors import ChatMovedError, CommandError, ConfigError, DeliveryError
from bot.model import Action, Chat, ChatKey, ChatKind, Fact, Message, Receipt, Reply, Request, Severity
from bot.platforms import CommandSpec
from bot.platforms.patience import MOST
from bot.platforms.telegram import TelegramPlatform
from tests.contract.conftest import Answers, until
from tests.fakes.telegram_server import FakeChat, FakeUser, TelegramServer

# The library's notice that RetryAfter.retry_after will be a timedelta one day: both are handled.
pytestmark = pytest.mark.filterwarnings("ignore:Deprecated since version v22.2")

COMMANDS = (CommandSpec("help", "What I can do"), CommandSpec("watch", "Change the watchlist", admin=True))
ALERT = Message(
    "Volga Metals — new US sanctions",
    severity=Severity.HIGH,
    bullets=("Added to the SDN list",),
    actions=(Action("Details", data="why 3f2a"), Action("Open article", url="https://example.org/a?b=1&c=2")),
)


@pytest.fixture
async def server() -> AsyncIterator[TelegramServer]:
    async with TelegramServer() as server:
        yield server


def platform_at(server: TelegramServer, token: str = "", **values: Any) -> TelegramPlatform:
    return TelegramPlatform(token or server.token, base_url=f"{server.url}/bot", commands=COMMANDS, **values)


@pytest.fixture
async def telegram(server: TelegramServer, answers: Answers) -> AsyncIterator[TelegramPlatform]:
    platform = platform_at(server, read_timeout=timedelta(seconds=0.6))
    await platform.start(answers)
    yield platform
    await platform.stop()


def key(chat: FakeChat, thread: str = "") -> ChatKey:
    return ChatKey("telegram", str(chat.id), thread)


# ---------------------------------------------------------------- starting


async def test_connecting_ends_an_old_webhook_and_sets_the_menus_by_scope(
    server: TelegramServer, telegram: TelegramPlatform
) -> None:
    assert server.webhook == ""
    assert server.menus == {
        "default": ["help"],
        "all_private_chats": ["help", "watch"],
        "all_group_chats": ["help"],
        "all_chat_administrators": ["help", "watch"],
    }
    assert telegram.health() == "connected as @sanctions_test_bot"


async def test_what_botfather_has_set_otherwise_is_told(server: TelegramServer, answers: Answers) -> None:
    server.rights |= {"supports_inline_queries": False, "can_read_all_group_messages": True}
    platform = TelegramPlatform(server.token, base_url=f"{server.url}/bot")
    await platform.start(answers)
    try:
        told = platform.health()
    finally:
        await platform.stop()
    assert told.startswith("connected as @sanctions_test_bot; inline mode is off (switch it on with /setinline")
    assert "privacy mode is off" in told


@pytest.mark.parametrize("token", ["987:not-known-here", "", "my token", "98765"])
async def test_a_refused_token_names_its_setting_and_not_itself(
    server: TelegramServer, answers: Answers, token: str
) -> None:
    platform = TelegramPlatform(token, base_url=f"{server.url}/bot")
    with pytest.raises(ConfigError, match="SANCTIONS_BOT_TELEGRAM_TOKEN") as caught:
        await platform.start(answers)
    assert "@BotFather" in str(caught.value)
    assert not token or token not in str(caught.value)


async def test_no_server_is_a_trouble_to_try_again(answers: Answers, caplog: pytest.LogCaptureFixture) -> None:
    platform = TelegramPlatform("123456:AAsecret_secret", base_url="http://127.0.0.1:9/bot")
    with caplog.at_level(logging.DEBUG), pytest.raises(ConnectionError, match="cannot reach Telegram") as caught:
        await platform.start(answers)
    assert "secret" not in str(caught.value)
    assert platform.health() == "not connected"
    with pytest.raises(DeliveryError) as unsent:
        await platform.send(ChatKey("telegram", "1"), ALERT)
    assert not unsent.value.permanent


async def test_a_sender_neither_polls_nor_changes_menus(server: TelegramServer, answers: Answers) -> None:
    platform = platform_at(server, polls=False)
    await platform.start(answers)
    assert platform.health() == "connected as @sanctions_test_bot to send"
    chat = server.private("Ana")
    await platform.send(key(chat), ALERT)
    await platform.stop()
    assert [name for name, _ in server.calls] == ["getme", "sendmessage"]


# ---------------------------------------------------------------- requests


async def test_a_command_in_a_private_chat_is_answered_there(
    server: TelegramServer, telegram: TelegramPlatform, answers: Answers
) -> None:
    ana = server.private("Ana")
    await server.user_says(ana, "/subscribe everything")
    (reply,) = await server.wait_messages(ana)
    assert reply.text.replace("\u2060", "") == "You said: /subscribe everything"
    assert reply.reply_to is None
    (request,) = answers.asked
    assert request.chat == Chat(key(ana), ChatKind.PRIVATE, "Ana")
    assert request.user.id == str(ana.id)
    assert request.is_chat_admin


async def test_a_private_message_without_a_slash_is_passed_on_as_it_is(
    server: TelegramServer, telegram: TelegramPlatform, answers: Answers
) -> None:
    ana = server.private("Ana")
    await server.user_says(ana, "https://example.org/story\nwhat of this?")
    await server.wait_messages(ana)
    assert answers.asked[0].text == "https://example.org/story\nwhat of this?"


async def test_in_a_group_only_commands_for_this_bot_are_answered(
    server: TelegramServer, telegram: TelegramPlatform, answers: Answers
) -> None:
    ana, bo = server.user("Ana"), server.user("Bo")
    desk = server.group("Desk", ana, admins=(bo,))
    for text in ("good morning", "/help@another_bot", "see https://example.org/a"):
        await server.user_says(desk, text)
    asked = await server.user_says(desk, "/help@Sanctions_Test_Bot watch", user=ana)
    await server.user_says(desk, "/watch list", user=bo)
    first, _ = await server.wait_messages(desk, 2)
    assert first.reply_to == asked
    assert [(request.text, request.is_chat_admin) for request in answers.asked] == [
        ("/help watch", False),
        ("/watch list", True),
    ]
    assert answers.asked[0].chat == Chat(key(desk), ChatKind.GROUP, "Desk")
    assert len(server.called("getChatAdministrators")) == 1


async def test_an_anonymous_administrator_speaks_as_the_group(
    server: TelegramServer, telegram: TelegramPlatform, answers: Answers
) -> None:
    desk = server.group("Desk", server.user("Ana"))
    await server.user_says(desk, "/feeds", is_anonymous=True)
    await server.wait_messages(desk)
    (asked,) = answers.asked
    assert (asked.user.id, asked.is_chat_admin, asked.is_anonymous) == (str(desk.id), True, True)


@pytest.mark.parametrize("stand_in", [1087968824, 136817688, 777000])
async def test_telegrams_stand_ins_are_no_person_even_without_the_chat_they_speak_for(
    server: TelegramServer, telegram: TelegramPlatform, answers: Answers, stand_in: int
) -> None:
    """Only the first speaks for administrators of the group itself."""
    desk = server.group("Desk", FakeUser(stand_in, "Stand-in"))
    await server.user_says(desk, "/feeds")
    await server.wait_messages(desk)
    (asked,) = answers.asked
    is_group_admin = stand_in == 1087968824
    assert (asked.user.id, asked.is_chat_admin, asked.is_anonymous) == (str(desk.id), is_group_admin, True)


async def test_who_posts_as_a_channel_is_no_administrator_not_even_as_a_linked_one(
    server: TelegramServer, telegram: TelegramPlatform, answers: Answers
) -> None:
    ana = server.user("Ana")
    desk, channel = server.group("Desk", ana, admins=(ana,)), server.channel("Linked")
    await server.user_says(desk, "/subscribe everything", as_channel=channel)
    await server.wait_messages(desk)
    (asked,) = answers.asked
    assert (asked.user.id, asked.is_chat_admin, asked.is_anonymous) == (str(channel.id), False, True)
    await server.user_says(desk, "/subscribe everything", as_channel=channel, is_automatic_forward=True)
    await server.user_says(desk, "/feeds", user=ana)
    await server.wait_messages(desk, 2)
    assert [(request.text, request.is_anonymous) for request in answers.asked[1:]] == [("/feeds", False)]


@pytest.mark.parametrize(
    "marks",
    [
        {"forward_origin": {"type": "hidden_user", "date": 1, "sender_user_name": "Mallory"}},
        {"via_bot": {"id": 666, "is_bot": True, "first_name": "Cats", "username": "cats_bot"}},
    ],
)
async def test_the_words_of_others_are_marked_as_such_and_left_alone_in_groups(
    server: TelegramServer, telegram: TelegramPlatform, answers: Answers, marks: dict[str, object]
) -> None:
    ana = server.user("Ana")
    desk, own = server.group("Desk", ana, admins=(ana,)), server.private(ana)
    await server.user_says(desk, "/admin add telegram:666 owner", user=ana, **marks)
    await server.user_says(own, "/admin add telegram:666 owner", **marks)
    await server.user_says(own, "/feeds")
    await server.wait_messages(own, 2)
    assert [(asked.chat.key, asked.is_forwarded) for asked in answers.asked] == [(key(own), True), (key(own), False)]


async def test_a_message_that_was_edited_is_no_command(
    server: TelegramServer, telegram: TelegramPlatform, answers: Answers
) -> None:
    own = server.private("Ana")
    said = {"date": 1, "chat": own.json, "from": own.members[0].json, "text": "/watch remove Acme"}
    for kind in ("edited_message", "business_message", "edited_channel_post"):
        await server._push({kind: {"message_id": 1, "edit_date": 2, **said}})
    await server.user_says(own, "/feeds")
    await server.wait_messages(own)
    assert [asked.text for asked in answers.asked] == ["/feeds"]


async def test_the_bots_own_name_is_known_for_links(telegram: TelegramPlatform) -> None:
    assert telegram.username == "sanctions_test_bot"


async def test_an_invitation_link_arrives_as_start_and_its_token(
    server: TelegramServer, telegram: TelegramPlatform, answers: Answers
) -> None:
    ana = server.private("Ana")
    desk = server.group("Desk", ana.members[0])
    token = "inv-" + "0f" * 16
    await server.user_says(ana, f"/start {token}")
    await server.wait_messages(ana)
    await server.user_says(desk, f"/start@Sanctions_Test_Bot {token}", user=ana.members[0])
    await server.wait_messages(desk)
    assert [request.text for request in answers.asked] == [f"/start {token}"] * 2


async def test_a_group_s_commands_to_other_bots_are_not_answered(server: TelegramServer, answers: Answers) -> None:
    platform = platform_at(server, takes=lambda name: name == "help")
    await platform.start(answers)
    ana = server.user("Ana")
    desk, private, news = server.group("Desk", ana), server.private(ana), server.channel("News")
    await platform.send(key(desk), ALERT)
    (alert,) = server.messages(desk)
    for text in ("/ban Ben", "/ban@Sanctions_Test_Bot", "/ban@other_bot", "/help"):
        await server.user_says(desk, text)
    await server.user_says(desk, "/ban him", reply_to_message=server._message_json(alert))
    await server.user_says(private, "/ban me")
    await server.user_says(news, "/ban it")
    await until(lambda: len(answers.asked) == 4)
    await asyncio.sleep(0.05)
    await platform.stop()
    assert sorted(request.text for request in answers.asked) == ["/ban", "/ban him", "/ban me", "/help"]


async def test_who_floods_the_bot_is_told_so_once_and_others_are_answered(
    server: TelegramServer, telegram: TelegramPlatform, answers: Answers
) -> None:
    ana, ben = server.private("Ana"), server.private("Ben")
    for _ in range(MOST + 3):
        await server.user_says(ana, "/status")
    replies = await server.wait_messages(ana, MOST + 1, seconds=20)
    await server.user_says(ben, "/status")
    await server.wait_messages(ben)
    assert "Slower, please" in replies[-1].text
    assert len(server.messages(ana)) == MOST + 1
    assert len(answers.asked) == MOST + 1


async def test_a_topic_is_a_chat_of_its_own(
    server: TelegramServer, telegram: TelegramPlatform, answers: Answers
) -> None:
    forum = server.group("Forum", server.user("Ana"), topics=("Russia", "Iran"))
    await server.user_says(forum, "/subscribe", thread=3)
    (reply,) = await server.wait_messages(forum)
    assert reply.thread == 3
    assert answers.asked[0].chat.key == key(forum, "3")
    await telegram.send(key(forum, "2"), ALERT)
    assert [message.thread for message in server.messages(forum)] == [3, 2]


async def test_the_names_of_topics_are_told_as_they_are_given_and_the_first_one_beside_a_message(
    server: TelegramServer, telegram: TelegramPlatform, answers: Answers
) -> None:
    told: list[tuple[ChatKey, str, bool]] = []

    async def on_topic(topic: ChatKey, name: str, is_now: bool) -> None:
        told.append((topic, name, is_now))

    telegram.on_topic = on_topic
    forum = server.group("Forum", server.user("Ana"), topics=("Alerts", "Desk"))
    opened = {"name": "Alerts", "icon_color": 7322096}
    await server.user_says(forum, "", thread=2, forum_topic_created=opened)
    await server.user_says(forum, "", thread=2, forum_topic_edited={"name": "Hot alerts"})
    await server.user_says(forum, "", thread=2, forum_topic_edited={"icon_custom_emoji_id": "5"})
    first = {"message_id": 3, "date": 1, "chat": forum.json, "forum_topic_created": opened | {"name": "Desk"}}
    for _ in range(2):
        await server.user_says(forum, "/status", thread=3, reply_to_message=first)
    await server.wait_messages(forum, 2)
    assert told == [
        (key(forum, "2"), "Alerts", True),
        (key(forum, "2"), "Hot alerts", True),
        (key(forum, "3"), "Desk", False),
    ]
    assert len(answers.asked) == 2


async def test_a_channel_post_may_be_a_command(
    server: TelegramServer, telegram: TelegramPlatform, answers: Answers
) -> None:
    channel = server.channel("News")
    await server.user_says(channel, "/subscribe")
    await server.wait_messages(channel)
    assert answers.asked[0].chat == Chat(key(channel), ChatKind.CHANNEL, "News")
    assert answers.asked[0].is_chat_admin


async def test_a_button_is_a_command_answered_by_a_toast_and_a_reply(
    server: TelegramServer, telegram: TelegramPlatform, answers: Answers
) -> None:
    answers.says = lambda _: Reply(Message("Why this alert", facts=(Fact("Verdict", "new sanctions"),)))
    ana = server.private("Ana")
    await telegram.send(key(ana), ALERT)
    (alert,) = server.messages(ana)
    toast = await server.press(alert, "Details")
    assert toast.text == "Why this alert"
    assert answers.asked[0].text == "why 3f2a"
    _, reply = await server.wait_messages(ana, 2)
    assert reply.reply_to == alert.id
    assert "Verdict: new sanctions" in reply.text


async def test_an_old_button_does_nothing_where_its_topic_is_not_told(
    server: TelegramServer, telegram: TelegramPlatform, answers: Answers
) -> None:
    ana = server.user("Ana")
    forum, desk = server.group("Forum", ana, topics=("Russia", "Iran")), server.group("Desk", ana)
    await telegram.send(key(forum, "2"), ALERT)
    await telegram.send(key(desk), ALERT)
    toast = await server.press(server.messages(forum)[0], "Details", is_old=True)
    assert (toast.text, toast.is_alert) == (
        "This button is too old to tell its topic. Send there: /why 3f2a",
        True,
    )
    assert answers.asked == []
    await server.press(server.messages(desk)[0], "Details", is_old=True)
    assert [request.chat.key for request in answers.asked] == [key(desk)]


async def test_a_short_answer_to_a_button_is_only_a_toast(
    server: TelegramServer, telegram: TelegramPlatform, answers: Answers
) -> None:
    answers.says = lambda _: Reply(Message("Not done", paragraphs=("Only admins may do this.",)), ok=False)
    ana = server.private("Ana")
    await telegram.send(key(ana), ALERT)
    toast = await server.press(server.messages(ana)[0], "Details")
    assert (toast.text, toast.is_alert) == ("Not done: Only admins may do this.", True)
    answers.says = lambda _: Reply(Message("Muted until 18:00."))
    toast = await server.press(server.messages(ana)[0], "Details")
    assert (toast.text, toast.is_alert) == ("Muted until 18:00.", False)
    await asyncio.sleep(0.05)
    assert len(server.messages(ana)) == 1


async def test_what_is_for_the_presser_alone_is_a_popup_in_a_group_and_a_reply_in_private(
    server: TelegramServer, telegram: TelegramPlatform, answers: Answers
) -> None:
    answers.says = lambda _: Reply(
        Message("Noted: right", paragraphs=("Stored.",), actions=(Action("Undo", data="feedback 3f2a undo"),)),
        toast="Noted: right. Undo: /feedback 3f2a undo",
    )
    ana = server.private("Ana")
    desk = server.group("Desk", ana.members[0])
    for chat in (desk, ana):
        await telegram.send(key(chat), ALERT)
    toast = await server.press(server.messages(desk)[0], "Details", user=ana.members[0])
    assert (toast.text, toast.is_alert) == ("Noted: right. Undo: /feedback 3f2a undo", True)
    assert len(server.messages(desk)) == 1, "nobody else reads it"
    toast = await server.press(server.messages(ana)[0], "Details")
    assert toast.text == "Noted: right"
    _, reply = await server.wait_messages(ana, 2)
    assert reply.labels == ["Undo"]


async def test_a_slow_command_keeps_nobody_else_waiting(server: TelegramServer) -> None:
    gate = asyncio.Event()

    async def answer(request: Request) -> Reply:
        if request.text == "/slow":
            await gate.wait()
        return Reply(Message(request.text.removeprefix("/")))

    platform = platform_at(server)
    await platform.start(answer)
    ana, bo = server.private("Ana"), server.private("Bo")
    await server.user_says(ana, "/slow")
    await server.user_says(ana, "/next")
    await server.user_says(bo, "/help")
    await server.wait_messages(bo)
    assert server.messages(ana) == []
    gate.set()
    assert [message.text for message in await server.wait_messages(ana, 2)] == ["slow", "next"]
    await platform.stop()


@pytest.mark.parametrize(
    ("error", "shown"),
    [
        (CommandError("There is no entity X. Send /lookup NAME."), "There is no entity X. Send /lookup NAME."),
        (RuntimeError("secret detail"), "Something went wrong here."),
    ],
)
async def test_an_error_in_a_command_is_told_and_the_bot_goes_on(
    server: TelegramServer, telegram: TelegramPlatform, answers: Answers, error: Exception, shown: str
) -> None:
    def fail(request: Request) -> Reply:
        raise error

    ana, answers.says = server.private("Ana"), fail
    await server.user_says(ana, "/lookup X")
    (reply,) = await server.wait_messages(ana)
    assert reply.text.startswith(shown)
    assert "secret" not in reply.text
    answers.says = lambda _: Reply(Message("Here I am."))
    await server.user_says(ana, "/help")
    await server.wait_messages(ana, 2)


async def test_a_reply_waits_out_a_short_pause(server: TelegramServer, telegram: TelegramPlatform) -> None:
    ana = server.private("Ana")
    server.fail("sendMessage", 429, "Too Many Requests: retry after 1", retry_after=1)
    await server.user_says(ana, "/help")
    await server.wait_messages(ana)


async def test_polling_outlives_every_kind_of_trouble(
    server: TelegramServer, answers: Answers, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.platforms.telegram.pause_after", lambda *_: 0.01)
    server.fail("getUpdates", 404, "Not Found")
    server.fail("getUpdates", 502, "Bad Gateway")
    server.fail("getUpdates", 429, "Too Many Requests", retry_after=1)
    server.fail("getUpdates", where="close")
    platform = platform_at(server)
    await platform.start(answers)
    ana = server.private("Ana")
    await server.user_says(ana, "/help")
    await server.wait_messages(ana)
    assert platform.health().startswith("connected")
    await platform.stop()


async def test_a_second_poller_is_named_as_what_it_is(
    server: TelegramServer, telegram: TelegramPlatform, answers: Answers
) -> None:
    server.conflict = True
    await server.user_says(server.private("Ana"), "/help")  # ends the running long poll
    await until(lambda: "another program polls with this token" in telegram.health())


async def test_updates_that_were_taken_are_not_taken_again_after_a_restart(
    server: TelegramServer, answers: Answers
) -> None:
    ana = server.private("Ana")
    for times in (1, 2):
        platform = platform_at(server)
        await platform.start(answers)
        await server.user_says(ana, "/help")
        await server.wait_messages(ana, times)
        await platform.stop()
    assert len(answers.asked) == 2


# ---------------------------------------------------------------- membership


@dataclass
class Heard:
    events: list[tuple[str, ...]] = field(default_factory=list)

    async def on_chat(self, chat: Chat) -> None:
        self.events.append(("here", str(chat.key)))

    async def on_chat_gone(self, chat: Chat, reason: str) -> None:
        self.events.append(("gone", str(chat.key), reason))

    async def on_chat_moved(self, old: ChatKey, new_id: str) -> None:
        self.events.append(("moved", str(old), new_id))


async def test_coming_going_and_moving_are_told(server: TelegramServer, answers: Answers) -> None:
    heard = Heard()
    platform = platform_at(
        server, on_chat=heard.on_chat, on_chat_gone=heard.on_chat_gone, on_chat_moved=heard.on_chat_moved
    )
    await platform.start(answers)
    ana = server.user("Ana")
    private, desk, channel = server.private(ana), server.group("Desk", ana, is_super=False), server.channel("News")
    await server.add_bot(desk)
    await server.add_bot(channel, as_admin=True)
    await server.remove_bot(desk)
    await server.block_bot(private)
    await server.add_bot(desk)
    new = await server.migrate(desk)
    await until(lambda: len(heard.events) == 6)
    await platform.stop()
    assert sorted(heard.events) == sorted(
        [
            ("here", f"telegram:{desk.id}"),
            ("here", f"telegram:{channel.id}"),
            ("gone", f"telegram:{desk.id}", "the bot was removed from the chat"),
            ("gone", f"telegram:{private.id}", "the user blocked the bot"),
            ("here", f"telegram:{desk.id}"),
            ("moved", f"telegram:{desk.id}", str(new.id)),
        ]
    )
    assert answers.asked == []


# ---------------------------------------------------------------- sending


async def test_an_alert_arrives_with_its_buttons_and_without_a_preview(
    server: TelegramServer, telegram: TelegramPlatform
) -> None:
    ana = server.private("Ana")
    receipt = await telegram.send(key(ana), ALERT)
    (alert,) = server.messages(ana)
    assert receipt == Receipt(key(ana), str(alert.id))
    assert alert.text.startswith("🔴 Volga Metals — new US sanctions")
    assert alert.labels == ["Details", "Open article"]
    assert alert.keyboard[0][1]["url"] == "https://example.org/a?b=1&c=2"
    assert not alert.preview
    assert not alert.silent


@pytest.mark.parametrize(("severity", "silent"), [(Severity.LOW, True), (Severity.MEDIUM, False)])
async def test_low_severity_makes_no_sound(
    server: TelegramServer, telegram: TelegramPlatform, severity: Severity, silent: bool
) -> None:
    ana = server.private("Ana")
    await telegram.send(key(ana), Message("Something", severity=severity))
    assert server.messages(ana)[0].silent is silent


async def test_a_follow_up_replies_even_if_the_alert_was_deleted(
    server: TelegramServer, telegram: TelegramPlatform
) -> None:
    ana = server.private("Ana")
    receipt = await telegram.send(key(ana), ALERT)
    server.forget_message(server.messages(ana)[0])
    await telegram.send(key(ana), Message("Also named: Oleg Orlenko"), reply_to=receipt)
    assert server.messages(ana)[0].reply_to == int(receipt.message_id)


async def test_an_edit_changes_the_message_in_place(server: TelegramServer, telegram: TelegramPlatform) -> None:
    ana = server.private("Ana")
    receipt = await telegram.send(key(ana), ALERT)
    for _ in range(2):  # the second says the same: Telegram refuses it, and that is no failure
        changed = Message("Volga Metals — new US and EU sanctions", severity=Severity.HIGH)
        assert await telegram.edit(receipt, changed) == receipt
    (alert,) = server.messages(ana)
    assert "US and EU" in alert.text
    assert alert.edits == 1
    assert alert.labels == []


async def test_an_edit_of_a_deleted_message_is_sent_anew_without_a_sound(
    server: TelegramServer, telegram: TelegramPlatform
) -> None:
    ana = server.private("Ana")
    receipt = await telegram.send(key(ana), ALERT)
    server.forget_message(server.messages(ana)[0])
    new = await telegram.edit(receipt, ALERT)
    (message,) = server.messages(ana)
    assert new.message_id == str(message.id) != receipt.message_id
    assert message.silent


# ---------------------------------------------------------------- what goes wrong


@pytest.mark.parametrize(
    ("status", "description", "problem"),
    [
        (403, "Forbidden: bot was blocked by the user", "the user blocked the bot"),
        (403, "Forbidden: bot was kicked from the supergroup chat", "the bot was removed"),
        (403, "Forbidden: bot is not a member of the channel chat", "add it again"),
        (403, "Forbidden: user is deactivated", "account was deleted"),
        (403, "Forbidden: something new", "something new"),
        (400, "Bad Request: chat not found", "add the bot there"),
        (400, "Bad Request: not enough rights to send text messages to the chat", "let it send messages"),
        (400, "Bad Request: TOPIC_CLOSED", "general topic is closed"),
    ],
)
async def test_a_chat_that_is_closed_to_the_bot_is_permanent(
    server: TelegramServer, telegram: TelegramPlatform, status: int, description: str, problem: str
) -> None:
    ana = server.private("Ana")
    server.fail("sendMessage", status, description)
    with pytest.raises(DeliveryError, match=problem) as caught:
        await telegram.send(key(ana), ALERT)
    assert caught.value.permanent
    assert not caught.value.uncertain


async def test_a_pause_that_telegram_asks_for_is_handed_on(server: TelegramServer, telegram: TelegramPlatform) -> None:
    ana = server.private("Ana")
    server.fail("sendMessage", 429, "Too Many Requests: retry after 37", retry_after=37)
    with pytest.raises(DeliveryError) as caught:
        await telegram.send(key(ana), ALERT)
    assert caught.value.retry_after == timedelta(seconds=37)
    assert not caught.value.permanent


async def test_a_migrated_group_is_told_with_its_new_id(server: TelegramServer, telegram: TelegramPlatform) -> None:
    desk = server.group("Desk", server.user("Ana"), is_super=False)
    new = await server.migrate(desk, tell=False)
    with pytest.raises(ChatMovedError) as caught:
        await telegram.send(key(desk), ALERT)
    assert caught.value.new_id == str(new.id)
    await telegram.send(key(new), ALERT)
    assert len(server.messages(new)) == 1


@pytest.mark.parametrize("where", ["hang after", "close after"])
async def test_a_lost_answer_is_uncertain_for_a_send_and_not_for_an_edit(
    server: TelegramServer, telegram: TelegramPlatform, where: Any
) -> None:
    ana = server.private("Ana")
    server.fail("sendMessage", where=where)
    with pytest.raises(DeliveryError) as caught:
        await telegram.send(key(ana), ALERT)
    assert caught.value.uncertain
    assert not caught.value.permanent
    (alert,) = server.messages(ana)
    server.fail("editMessageText", where=where)
    with pytest.raises(DeliveryError) as caught:
        await telegram.edit(Receipt(key(ana), str(alert.id)), Message("New words"))
    assert not caught.value.uncertain


async def test_what_found_no_connection_did_not_arrive(
    server: TelegramServer, telegram: TelegramPlatform, unused_tcp_port: int
) -> None:
    telegram._running.bot._base_url = f"http://127.0.0.1:{unused_tcp_port}/bot{server.token}"  # type: ignore[union-attr]
    with pytest.raises(DeliveryError, match="ConnectorError") as caught:
        await telegram.send(key(server.private("Ana")), ALERT)
    assert not caught.value.uncertain
    assert not caught.value.permanent


async def test_a_server_in_trouble_is_tried_again(server: TelegramServer, telegram: TelegramPlatform) -> None:
    ana = server.private("Ana")
    server.fail("sendMessage", 500)
    with pytest.raises(DeliveryError) as caught:
        await telegram.send(key(ana), ALERT)
    assert not caught.value.permanent
    assert not caught.value.uncertain


async def test_a_404_is_taken_for_a_bad_token_only_if_getme_says_so(
    server: TelegramServer, telegram: TelegramPlatform
) -> None:
    ana = server.private("Ana")
    server.fail("sendMessage", 404, "Not Found")
    with pytest.raises(DeliveryError, match="the token is good") as caught:
        await telegram.send(key(ana), ALERT)
    assert not caught.value.permanent
    server.fail("sendMessage", 401, "Unauthorized")
    server.fail("getMe", 401, "Unauthorized")
    with pytest.raises(DeliveryError, match="SANCTIONS_BOT_TELEGRAM_TOKEN") as caught:
        await telegram.send(key(ana), ALERT)
    assert not caught.value.permanent
    assert "SANCTIONS_BOT_TELEGRAM_TOKEN" in telegram.health()


@pytest.mark.parametrize(
    ("description", "still"),
    [
        ('Bad Request: can\'t parse entities: unsupported start tag "tg-time" at byte offset 7', ["Details"]),
        ("Bad Request: inline keyboard button URL 'x' is invalid: Wrong HTTP URL", []),
    ],
)
async def test_what_telegram_refuses_is_left_out_and_the_content_arrives(
    server: TelegramServer, telegram: TelegramPlatform, description: str, still: list[str]
) -> None:
    ana = server.private("Ana")
    server.fail("sendMessage", 400, description)
    await telegram.send(key(ana), ALERT)
    (alert,) = server.messages(ana)
    assert "Volga Metals — new US sanctions" in alert.text
    assert "Added to the SDN list" in alert.text
    assert alert.labels[:1] == still


async def test_a_topic_that_is_gone_falls_back_to_the_general_one(
    server: TelegramServer, telegram: TelegramPlatform
) -> None:
    forum = server.group("Forum", server.user("Ana"), topics=("Russia",))
    receipt = await telegram.send(key(forum, "77"), ALERT)
    (alert,) = server.messages(forum)
    assert alert.thread is None
    assert receipt.chat == key(forum, "77")


async def test_a_closed_topic_falls_back_to_the_general_one_and_the_admins_are_told(
    server: TelegramServer, telegram: TelegramPlatform
) -> None:
    told: list[str] = []
    telegram.on_trouble = told.append
    forum = server.group("Forum", server.user("Ana"), topics=("Russia",))
    receipt = await telegram.send(key(forum, "2"), ALERT)
    assert server.messages(forum)[0].thread == 2
    forum.closed_topics.add(2)
    await telegram.send(key(forum, "2"), ALERT, reply_to=receipt)
    assert server.messages(forum)[1].thread is None
    assert told == [f"telegram:{forum.id}:2: the topic is closed or gone, so its alerts go to the general topic"]


async def test_an_edit_in_a_topic_that_is_closed_arrives_anew_and_stops_nothing(
    server: TelegramServer, telegram: TelegramPlatform
) -> None:
    forum = server.group("Forum", server.user("Ana"), topics=("Russia",))
    receipt = await telegram.send(key(forum, "2"), ALERT)
    forum.closed_topics.add(2)
    server.fail("editMessageText", 400, "Bad Request: TOPIC_CLOSED")
    edited = await telegram.edit(receipt, Message("Said anew"))
    assert edited != receipt
    assert server.messages(forum)[-1].silent


async def test_a_message_that_is_refused_for_what_it_is_says_so(
    server: TelegramServer, telegram: TelegramPlatform
) -> None:
    server.fail("sendMessage", 400, "Bad Request: something about the text")
    with pytest.raises(DeliveryError, match="omething about the text") as caught:
        await telegram.send(key(server.private("Ana")), ALERT)
    assert caught.value.refused
    assert not caught.value.permanent


@pytest.mark.parametrize(("status", "words"), [(502, "Bad Gateway"), (504, "Gateway Timeout")])
async def test_a_gateway_does_not_know_what_became_of_a_send(
    server: TelegramServer, telegram: TelegramPlatform, status: int, words: str
) -> None:
    server.fail("sendMessage", status, words)
    with pytest.raises(DeliveryError) as caught:
        await telegram.send(key(server.private("Ana")), ALERT)
    assert caught.value.uncertain


async def test_the_token_is_in_no_log_line_and_no_error(
    server: TelegramServer, answers: Answers, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    with caplog.at_level(logging.DEBUG):
        platform = platform_at(server)
        await platform.start(answers)
        ana = server.private("Ana")
        await server.user_says(ana, "/help")
        await server.wait_messages(ana)
        server.fail("sendMessage", where="close")
        with pytest.raises(DeliveryError) as caught:
            await platform.send(key(ana), ALERT)
        await platform.stop()
    printed = capsys.readouterr()
    everything = caplog.text + printed.out + printed.err + str(caught.value) + platform.health()
    assert server.token not in everything


def test_the_pace_is_telegrams(server: TelegramServer) -> None:
    platform = platform_at(server)
    chat = ChatKey("telegram", "1")
    paces = {kind: platform.spacing(Chat(chat, kind))[1].total_seconds() for kind in ChatKind}
    assert paces == {ChatKind.PRIVATE: 1.0, ChatKind.GROUP: 3.0, ChatKind.CHANNEL: 3.0}
