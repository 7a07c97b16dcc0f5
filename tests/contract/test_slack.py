"""Slack by its real client libraries against a workspace on loopback."""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import aiohttp
import pytest
import uvicorn
import yaml
from aiohttp import web
from starlette.applications import Starlette

from bot.errors import CommandError, ConfigError, DeliveryError
from bot.model import Action, Chat, ChatKey, ChatKind, Fact, Message, Receipt, Reply, Request, Severity
from bot.platforms.slack import HTTP_PATH, SCOPES, SLASH, SlackPlatform, plain_text
from bot.ports import Sight
from tests.contract.conftest import Answers, until
from tests.fakes.slack_server import BOT, FakeChannel, SlackServer

ALERT = Message(
    "Volga Metals — new US sanctions",
    severity=Severity.HIGH,
    bullets=("Added to the SDN list",),
    actions=(Action("Details", data="why 3f2a"), Action("Open article", url="https://example.org/a")),
)


@pytest.fixture
async def server() -> AsyncIterator[SlackServer]:
    async with SlackServer() as server:
        yield server


def platform_at(server: SlackServer, **values: Any) -> SlackPlatform:
    defaults: dict[str, Any] = {"app_token": server.app_token, "base_url": server.url}
    return SlackPlatform(values.pop("token", server.token), **(defaults | values))


@pytest.fixture
async def slack(server: SlackServer, answers: Answers) -> AsyncIterator[SlackPlatform]:
    platform = platform_at(server, timeout=timedelta(seconds=1))
    await platform.start(answers)
    yield platform
    await platform.stop()


def key(channel: FakeChannel) -> ChatKey:
    return ChatKey("slack", channel.id)


# ---------------------------------------------------------------- starting


async def test_connected_by_socket_mode(slack: SlackPlatform) -> None:
    assert slack.health() == "connected as @sanctions"
    assert slack.http_routes() == ()


async def test_missing_scopes_are_told_with_what_goes_missing(server: SlackServer, answers: Answers) -> None:
    server.scopes = [scope for scope in SCOPES if scope not in ("files:read", "groups:history")]
    platform, troubles = platform_at(server), []
    platform.on_trouble = troubles.append
    await platform.start(answers)
    try:
        told = platform.health()
    finally:
        await platform.stop()
    assert told.startswith("connected as @sanctions. The Slack app lacks the scopes files:read, groups:history: add")
    assert "lists of names that people send cannot be read" in told
    assert [trouble for trouble in troubles if trouble in told] == troubles
    assert len(troubles) == 1


async def test_with_all_scopes_nothing_is_said(server: SlackServer, answers: Answers) -> None:
    server.scopes = [*SCOPES, "team:read"]
    platform = platform_at(server)
    await platform.start(answers)
    try:
        assert platform.health() == "connected as @sanctions"
    finally:
        await platform.stop()


def test_the_manifest_asks_for_the_scopes_that_are_missed() -> None:
    manifest = (Path(__file__).parents[2] / "config" / "slack-manifest.yaml").read_text(encoding="utf-8")
    scopes = manifest.partition("    bot:\n")[2].partition("\nsettings:")[0]
    assert [line.split("#")[0].strip(" -") for line in scopes.splitlines()] == list(SCOPES)


@pytest.mark.parametrize("code", ["invalid_auth", "account_inactive", "token_revoked"])
async def test_a_refused_bot_token_names_its_setting(server: SlackServer, answers: Answers, code: str) -> None:
    server.fail("auth.test", code)
    with pytest.raises(ConfigError, match="SANCTIONS_BOT_SLACK_BOT_TOKEN") as caught:
        await platform_at(server, token="xoxb-secret").start(answers)
    assert "secret" not in str(caught.value)
    assert "Bot User OAuth Token" in str(caught.value)


async def test_a_refused_app_token_names_its_setting(server: SlackServer, answers: Answers) -> None:
    platform = platform_at(server, app_token="xapp-wrong")
    with pytest.raises(ConfigError, match="SANCTIONS_BOT_SLACK_APP_TOKEN"):
        await platform.start(answers)
    await platform.stop()


async def test_no_server_is_a_trouble_to_try_again(answers: Answers) -> None:
    platform = SlackPlatform("xoxb-1", app_token="xapp-1", base_url="http://127.0.0.1:9/api/")
    with pytest.raises(ConnectionError, match="cannot reach Slack"):
        await platform.start(answers)
    assert platform.health() == "not connected"
    with pytest.raises(DeliveryError) as caught:
        await platform.send(ChatKey("slack", "C1"), ALERT)
    assert not caught.value.permanent


async def test_without_a_way_to_listen_it_sends_and_says_so(server: SlackServer, answers: Answers) -> None:
    platform = platform_at(server, app_token=None)
    await platform.start(answers)
    assert "only sends" in platform.health()
    assert "SANCTIONS_BOT_SLACK_APP_TOKEN" in platform.health()
    channel = server.channel("alerts")
    await platform.send(key(channel), ALERT)
    assert len(server.messages(channel)) == 1
    await platform.stop()


async def test_what_leaves_commands_to_another_connection_is_connected_to_send(
    server: SlackServer, answers: Answers
) -> None:
    platform = platform_at(server, listens=False)
    await platform.start(answers)
    assert platform.health() == "connected as @sanctions to send"
    await platform.stop()


async def test_a_connection_that_slack_ends_is_made_again(
    server: SlackServer, slack: SlackPlatform, answers: Answers
) -> None:
    alerts, first = server.channel("alerts"), await server.wait_socket()
    await server.drop_sockets()
    await until(lambda: first.closed)
    await server.wait_socket()
    await server.user_says(alerts, "/sanctions help")
    await server.wait_messages(alerts)


# ---------------------------------------------------------------- requests


async def test_the_slash_command_is_answered_to_the_asker_alone(
    server: SlackServer, slack: SlackPlatform, answers: Answers
) -> None:
    alerts = server.channel("alerts")
    ack = await server.user_says(alerts, "/sanctions subscribe everything")
    (reply,) = await server.wait_messages(alerts)
    assert "payload" not in ack
    assert reply.text == "You said: subscribe everything."
    assert reply.seen_by == server.ana.id
    (request,) = answers.asked
    assert request.chat == Chat(key(alerts), ChatKind.CHANNEL, "alerts")
    assert (request.user.id, request.text, request.is_chat_admin) == (
        server.ana.id,
        "subscribe everything",
        False,
    )


async def test_a_public_reply_is_shown_to_the_channel(
    server: SlackServer, slack: SlackPlatform, answers: Answers
) -> None:
    answers.says = lambda _: Reply(Message("For all"), private=False)
    alerts = server.channel("alerts")
    await server.user_says(alerts, "/sanctions latest")
    (reply,) = await server.wait_messages(alerts)
    assert reply.seen_by is None


async def test_the_bare_slash_command_asks_for_help(
    server: SlackServer, slack: SlackPlatform, answers: Answers
) -> None:
    await server.user_says(server.channel("alerts"), "/sanctions")
    await until(lambda: answers.asked)
    assert answers.asked[0].text == "help"


async def test_slack_hears_back_at_once_however_slow_the_command(server: SlackServer) -> None:
    gate = asyncio.Event()

    async def answer(request: Request) -> Reply:
        if request.text == "slow":
            await gate.wait()
        return Reply(Message(request.text))

    platform = platform_at(server)
    await platform.start(answer)
    one, other = server.channel("one"), server.channel("other")
    async with asyncio.timeout(2):
        await server.user_says(one, "/sanctions slow")
        await server.user_says(one, "/sanctions next")
        await server.user_says(other, "/sanctions help")
        await server.wait_messages(other)
    assert server.messages(one) == []
    gate.set()
    assert [message.text for message in await server.wait_messages(one, 2)] == ["slow.", "next."]
    await platform.stop()


@pytest.mark.parametrize("is_private", [False, True])
async def test_where_the_bot_is_no_member_the_reply_says_how_to_invite_it(
    server: SlackServer, slack: SlackPlatform, is_private: bool
) -> None:
    alerts = server.channel("alerts", is_private=is_private, is_member=False)
    await server.user_says(alerts, "/sanctions subscribe everything")
    (reply,) = await server.wait_messages(alerts)
    assert "/invite @sanctions" in reply.shown


async def test_a_note_does_not_run_into_a_command_above_it(
    server: SlackServer, slack: SlackPlatform, answers: Answers
) -> None:
    """It would be copied with the command."""
    answers.says = lambda _: Reply(Message("Noted", footer="To take it back: /sanctions feedback e1 undo"))
    alerts = server.channel("alerts", is_member=False)
    await server.user_says(alerts, "/sanctions feedback e1 right")
    (reply,) = await server.wait_messages(alerts)
    assert "feedback e1 undo · I am not in this channel" in reply.shown


async def test_a_right_that_was_taken_away_is_gone_when_it_is_asked_for_again(
    server: SlackServer, slack: SlackPlatform, answers: Answers, monkeypatch: pytest.MonkeyPatch
) -> None:
    boss, alerts = server.user("Boss", is_admin=True), server.channel("alerts")
    for count, (is_admin, known_for) in enumerate(((True, 300.0), (False, 0.0), (False, 0.0)), 1):
        boss.is_admin = is_admin
        await server.user_says(alerts, "/sanctions watch list", user=boss)
        await server.wait_messages(alerts, count)
        for key, (ends, known) in slack._known.items():
            slack._known[key] = (ends if known_for else 0.0, known)
    assert [request.is_chat_admin for request in answers.asked] == [True, True, False]


@pytest.mark.parametrize("rights", [{"is_admin": True}, {"is_owner": True}])
async def test_workspace_administrators_and_owners_are_known(
    server: SlackServer, slack: SlackPlatform, answers: Answers, rights: dict[str, bool]
) -> None:
    boss, alerts = server.user("Boss", **rights), server.channel("alerts")
    for _ in range(2):
        await server.user_says(alerts, "/sanctions watch list", user=boss)
    await server.wait_messages(alerts, 2)
    assert [request.is_chat_admin for request in answers.asked] == [True, True]
    assert len(server.called("users.info")) == 1


async def test_an_administrator_of_another_workspace_is_none_in_a_shared_channel(
    server: SlackServer, slack: SlackPlatform, answers: Answers
) -> None:
    guest, colleague, alerts = server.user("Guest"), server.user("Cy"), server.channel("alerts")
    for person in (guest, colleague):
        person.is_owner, person.team = True, "T2"
    colleague.teams = ("T2", "T1")  # of one organisation
    for count, person in enumerate((guest, colleague), 1):
        await server.user_says(alerts, "<@U0BOT> subscribe everything", user=person)
        await server.wait_messages(alerts, count)
    assert [request.is_chat_admin for request in answers.asked] == [False, True]


async def test_a_direct_message_is_a_command(server: SlackServer, slack: SlackPlatform, answers: Answers) -> None:
    direct = server.direct()
    await server.user_says(direct, "lookup A &amp; B &lt;Ltd&gt; <https://example.org/a?b=1&amp;c=2>")
    (reply,) = await server.wait_messages(direct)
    assert reply.seen_by is None
    (request,) = answers.asked
    assert request.text == "lookup A & B <Ltd> https://example.org/a?b=1&c=2"
    assert request.chat.kind is ChatKind.PRIVATE
    assert request.is_chat_admin


async def test_a_channel_has_its_name_and_a_person_theirs_where_slack_sends_none(
    server: SlackServer, slack: SlackPlatform, answers: Answers
) -> None:
    desk, secret = server.channel("desk"), server.channel("secret-desk", is_private=True)
    await server.user_says(desk, f"<@{BOT}> latest")
    await server.user_says(secret, "/sanctions latest")
    await until(lambda: len(answers.asked) == 2)
    assert sorted(request.chat.title for request in answers.asked) == ["desk", "secret-desk"]
    assert {request.user.name for request in answers.asked} == {"ana"}


async def test_the_slash_commands_text_is_read_from_slacks_markup_too(
    server: SlackServer, slack: SlackPlatform, answers: Answers
) -> None:
    desk = server.channel("desk")
    await server.user_says(desk, "/sanctions lookup Smith &amp; Sons")
    await server.wait_messages(desk)
    assert answers.asked[0].text == "lookup Smith & Sons"


async def test_a_mention_is_a_command(server: SlackServer, slack: SlackPlatform, answers: Answers) -> None:
    alerts = server.channel("alerts")
    await server.user_says(alerts, f"<@{BOT}> latest", thread_ts="1700000000.000100")
    (reply,) = await server.wait_messages(alerts)
    assert answers.asked[0].text == "latest"
    assert reply.seen_by == server.ana.id
    assert reply.thread == "1700000000.000100"


async def test_other_bots_and_edits_are_not_heard(server: SlackServer, slack: SlackPlatform, answers: Answers) -> None:
    direct = server.direct()
    await server.user_says(direct, "help", bot_id="B0OTHER")
    await server.user_says(direct, "help", subtype="message_changed")
    await server.user_says(direct, "version")
    await server.wait_messages(direct)
    assert [request.text for request in answers.asked] == ["version"]


async def test_what_slack_sends_twice_is_answered_once(
    server: SlackServer, slack: SlackPlatform, answers: Answers
) -> None:
    alerts, direct = server.channel("alerts"), server.direct()
    event = {"type": "message", "user": server.ana.id, "text": "help", "channel": direct.id, "channel_type": "im"}
    for _ in range(2):
        await server.happens(event, event_id="Ev77")
        await server.user_says(alerts, "/sanctions status", trigger="t.99")
    await server.user_says(alerts, "/sanctions status")
    await server.wait_messages(alerts, 2)
    await server.wait_messages(direct)
    assert sorted(request.text for request in answers.asked) == ["help", "status", "status"]


async def test_a_button_is_a_command(server: SlackServer, slack: SlackPlatform, answers: Answers) -> None:
    alerts = server.channel("alerts")
    answers.says = lambda _: Reply(Message("Why this alert", facts=(Fact("Verdict", "new sanctions"),)))
    await slack.send(key(alerts), ALERT)
    (alert,) = server.messages(alerts)
    assert alert.labels == ["Details", "Open article"]
    await server.press(alert, "Details")
    _, reply = await server.wait_messages(alerts, 2)
    assert answers.asked[0].text == "why 3f2a"
    assert reply.seen_by == server.ana.id
    assert "Verdict: new sanctions" in reply.shown
    await server.press(alert, "Open article")  # opens in the browser; Slack only wants to hear that we heard
    assert len(answers.asked) == 1


async def test_a_reply_whose_address_has_expired_is_whispered(
    server: SlackServer, slack: SlackPlatform, answers: Answers
) -> None:
    alerts = server.channel("alerts")
    server.fail("response_url")
    await server.user_says(alerts, "/sanctions help")
    (reply,) = await server.wait_messages(alerts)
    assert reply.seen_by == server.ana.id
    assert server.called("chat.postEphemeral")


@pytest.mark.parametrize(
    ("error", "shown"),
    [
        (CommandError("There is no entity X."), "There is no entity X."),
        (RuntimeError("secret"), "Something went wrong"),
    ],
)
async def test_an_error_in_a_command_is_told_and_the_bot_goes_on(
    server: SlackServer, slack: SlackPlatform, answers: Answers, error: Exception, shown: str
) -> None:
    def fail(request: Request) -> Reply:
        raise error

    alerts, answers.says = server.channel("alerts"), fail
    await server.user_says(alerts, "/sanctions lookup X")
    (reply,) = await server.wait_messages(alerts)
    assert reply.text.startswith(shown)
    assert "secret" not in reply.shown


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("why <https://example.org/a|example.org/a>", "why https://example.org/a"),
        ("lookup A &amp; B", "lookup A & B"),
        ("lookup &amp;lt; as written", "lookup &lt; as written"),
        ("route high to <#C1|news>", "route high to slack:C1"),
        ("route high to <#C1>", "route high to slack:C1"),
        ("admin add <@U1|ana> reader", "admin add <@U1|ana> reader"),
        ("tell <mailto:a@b.org|a@b.org>", "tell a@b.org"),
    ],
)
def test_what_people_type_is_read_from_slacks_markup(typed: str, meant: str) -> None:
    assert plain_text(typed) == meant


# ---------------------------------------------------------------- HTTP mode


@pytest.fixture
async def called(server: SlackServer, answers: Answers) -> AsyncIterator[SlackPlatform]:
    """The platform behind a web server that Slack calls."""
    platform = platform_at(server, app_token=None, signing_secret=server.signing_secret)
    config = uvicorn.Config(Starlette(routes=platform.http_routes()), port=0, log_config=None, lifespan="off")
    web = uvicorn.Server(config)
    serving = asyncio.create_task(web.serve())
    await until(lambda: web.started)
    server.endpoint = f"http://127.0.0.1:{web.servers[0].sockets[0].getsockname()[1]}{HTTP_PATH}"
    yield platform
    await platform.stop()
    web.should_exit = True
    await serving


async def test_slack_may_call_by_signed_http_instead(
    server: SlackServer, called: SlackPlatform, answers: Answers
) -> None:
    alerts, direct = server.channel("alerts"), server.direct()
    assert (await server.user_says(alerts, "/sanctions help"))["status"] == 503  # not started yet
    await called.start(answers)
    assert called.health() == f"connected as @sanctions, Slack calls {HTTP_PATH}"
    assert (await server.user_says(alerts, "/sanctions status"))["status"] == 200
    assert (await server.user_says(direct, "latest"))["status"] == 200
    await server.wait_messages(alerts)
    await server.wait_messages(direct)
    await called.send(key(alerts), ALERT)
    assert (await server.press(server.messages(alerts)[-1], "Details"))["status"] == 200
    await server.wait_messages(alerts, 3)
    assert [request.text for request in answers.asked] == ["status", "latest", "why 3f2a"]


async def test_slacks_check_of_the_address_is_answered(
    server: SlackServer, called: SlackPlatform, answers: Answers
) -> None:
    await called.start(answers)
    body = json.dumps({"type": "url_verification", "challenge": "3eZbrw1aB"})
    status, text = await server.post_signed(body, "application/json")
    assert (status, "3eZbrw1aB" in text) == (200, True)


@pytest.mark.parametrize(("age", "secret"), [(0, "another secret"), (600, None)])
async def test_a_forged_or_old_call_is_refused(
    server: SlackServer, called: SlackPlatform, answers: Answers, age: float, secret: str | None
) -> None:
    await called.start(answers)
    body = "command=%2Fsanctions&text=help&channel_id=C1&user_id=U1&team_id=T1"
    status, _ = await server.post_signed(body, "application/x-www-form-urlencoded", age=age, secret=secret)
    assert status == 401
    assert answers.asked == []


async def test_a_call_that_never_ends_is_cut_off_before_its_signature_could_be_checked(
    server: SlackServer, called: SlackPlatform, answers: Answers
) -> None:
    await called.start(answers)
    sent = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal sent
        while sent < 50_000_000:
            sent += 100_000
            yield b"x" * 100_000

    async with aiohttp.ClientSession() as session:
        with contextlib.suppress(aiohttp.ClientOSError):  # it may be closed while we still send
            async with session.post(server.endpoint, data=endless()) as answer:
                assert answer.status == 413
    assert sent < 50_000_000
    assert answers.asked == []


# ---------------------------------------------------------------- channels


async def test_coming_going_and_moving_are_told(server: SlackServer, answers: Answers) -> None:
    heard: list[tuple[str, ...]] = []

    async def on_chat(chat: Chat) -> None:
        heard.append(("here", chat.key.id))

    async def on_chat_gone(chat: Chat, reason: str) -> None:
        heard.append(("gone", chat.key.id, reason))

    async def on_chat_moved(old: ChatKey, new_id: str) -> None:
        heard.append(("moved", old.id, new_id))

    platform = platform_at(server, on_chat=on_chat, on_chat_gone=on_chat_gone, on_chat_moved=on_chat_moved)
    await platform.start(answers)
    for event in (
        {"type": "member_joined_channel", "user": BOT, "channel": "C1"},
        {"type": "member_joined_channel", "user": "U0SOMEBODY", "channel": "C2"},
        {"type": "member_left_channel", "user": "U0SOMEBODY", "channel": "C1"},
        {"type": "channel_left", "channel": "C1"},
        {"type": "channel_archive", "user": "U0SOMEBODY", "channel": "C3"},
        {"type": "channel_unarchive", "user": "U0SOMEBODY", "channel": "C3"},
        {"type": "channel_id_changed", "old_channel_id": "G1", "new_channel_id": "C9"},
    ):
        await server.happens(event)
    await until(lambda: len(heard) == 5)
    await server.happens({"type": "app_uninstalled"})
    await until(lambda: "removed from the workspace" in platform.health())
    await platform.stop()
    assert sorted(heard) == [
        ("gone", "C1", "the bot was removed; invite it again: /invite @sanctions"),
        ("gone", "C3", "the channel was archived"),
        ("here", "C1"),
        ("here", "C3"),
        ("moved", "G1", "C9"),
    ]


# ---------------------------------------------------------------- sending


async def test_an_alert_arrives_as_blocks_and_as_text(server: SlackServer, slack: SlackPlatform) -> None:
    alerts = server.channel("alerts")
    receipt = await slack.send(key(alerts), ALERT)
    (alert,) = server.messages(alerts)
    assert receipt == Receipt(key(alerts), alert.ts)
    assert alert.blocks[0]["type"] == "header"
    assert "Added to the SDN list" in alert.shown
    assert alert.text == "Volga Metals — new US sanctions. Severity high. Added to the SDN list."
    sent = server.called("chat.postMessage")[0]
    assert (sent["unfurl_links"], sent["unfurl_media"]) == (False, False)


async def test_a_button_is_answered_where_it_stands_in_the_channel_or_in_the_thread(
    server: SlackServer, slack: SlackPlatform
) -> None:
    alerts = server.channel("alerts")
    receipt = await slack.send(key(alerts), ALERT)
    await slack.send(key(alerts), ALERT, reply_to=receipt)
    for message in server.messages(alerts)[:2]:
        await server.press(message, "Details")
    answers = (await server.wait_messages(alerts, 4))[2:]
    assert {answer.thread for answer in answers} == {None, receipt.message_id}
    assert all(answer.seen_by for answer in answers)


async def test_an_alert_that_answers_an_old_one_is_in_its_thread_and_in_the_channel(
    server: SlackServer, slack: SlackPlatform
) -> None:
    """Nobody looks into a thread that is weeks old; what answers it in turn stands in the same thread."""
    alerts = server.channel("alerts")
    since = datetime.now(UTC)
    first = await slack.send(key(alerts), ALERT)
    lifted = Message("Volga Metals — US sanctions eased or lifted", severity=Severity.LOW)
    answer = await slack.send(key(alerts), lifted, reply_to=first, aloud=True, mark="delivery-2")
    await slack.edit(answer, replace(lifted, footer="Updated."))
    await slack.send(key(alerts), Message("Withdrawn"), reply_to=answer)
    told = server.messages(alerts)
    assert [(one.thread, one.aloud) for one in told] == [
        (None, False), (first.message_id, True), (first.message_id, False),
    ]  # fmt: skip
    assert "Updated." in told[1].shown
    assert await slack.find_sent(key(alerts), "delivery-2", since, reply_to=first) == answer


async def test_a_follow_up_is_in_the_thread_of_the_alert(server: SlackServer, slack: SlackPlatform) -> None:
    alerts = server.channel("alerts")
    receipt = await slack.send(key(alerts), ALERT)
    await slack.send(key(alerts), Message("Also named: Oleg Orlenko"), reply_to=receipt)
    assert [message.thread for message in server.messages(alerts)] == [None, receipt.message_id]


async def test_an_edit_changes_the_message_in_place(server: SlackServer, slack: SlackPlatform) -> None:
    alerts = server.channel("alerts")
    receipt = await slack.send(key(alerts), ALERT)
    assert await slack.edit(receipt, Message("Volga Metals — US and EU", severity=Severity.HIGH)) == receipt
    (alert,) = server.messages(alerts)
    assert (alert.edits, alert.labels) == (1, [])
    assert alert.shown.startswith("Volga Metals — US and EU")


@pytest.mark.parametrize("code", ["message_not_found", "edit_window_closed", "cant_update_message"])
async def test_an_edit_of_what_is_gone_or_too_old_is_posted_anew(
    server: SlackServer, slack: SlackPlatform, code: str
) -> None:
    alerts = server.channel("alerts")
    receipt = await slack.send(key(alerts), ALERT)
    server.fail("chat.update", code)
    new = await slack.edit(receipt, ALERT)
    assert new != receipt
    assert [message.ts for message in server.messages(alerts)] == [receipt.message_id, new.message_id]


# ---------------------------------------------------------------- what goes wrong


@pytest.mark.parametrize(
    ("code", "fix"),
    [
        ("channel_not_found", "/invite @sanctions"),
        ("not_in_channel", "/invite @sanctions"),
        ("is_archived", "unarchive it"),
        ("restricted_action", "allow the bot to post"),
        ("messages_tab_disabled", "App Home"),
    ],
)
async def test_a_channel_that_is_closed_to_the_bot_is_permanent_and_says_the_fix(
    server: SlackServer, slack: SlackPlatform, code: str, fix: str
) -> None:
    server.fail("chat.postMessage", code)
    with pytest.raises(DeliveryError, match=fix) as caught:
        await slack.send(key(server.channel("alerts")), ALERT)
    assert caught.value.permanent


async def test_a_pause_that_slack_asks_for_is_handed_on_at_once(server: SlackServer, slack: SlackPlatform) -> None:
    server.fail("chat.postMessage", "ratelimited", status=429, retry_after=17)
    async with asyncio.timeout(2):
        with pytest.raises(DeliveryError) as caught:
            await slack.send(key(server.channel("alerts")), ALERT)
    assert caught.value.retry_after == timedelta(seconds=17)
    assert not caught.value.permanent


@pytest.mark.parametrize(("code", "told"), [("token_revoked", "BOT_TOKEN"), ("missing_scope", "scope")])
async def test_a_token_that_fails_later_stops_no_chat(
    server: SlackServer, slack: SlackPlatform, code: str, told: str
) -> None:
    server.fail("chat.postMessage", code)
    with pytest.raises(DeliveryError, match=told) as caught:
        await slack.send(key(server.channel("alerts")), ALERT)
    assert not caught.value.permanent
    assert caught.value.retry_after
    assert slack.health().startswith("trouble")


@pytest.mark.parametrize("where", ["hang after", "close after"])
async def test_a_lost_answer_is_uncertain_and_not_sent_twice(
    server: SlackServer, slack: SlackPlatform, where: Any
) -> None:
    alerts = server.channel("alerts")
    server.fail("chat.postMessage", where=where)
    with pytest.raises(DeliveryError) as caught:
        await slack.send(key(alerts), ALERT)
    assert caught.value.uncertain
    (alert,) = server.messages(alerts)
    server.fail("chat.update", where=where)
    with pytest.raises(DeliveryError) as caught:
        await slack.edit(Receipt(key(alerts), alert.ts), Message("New words"))
    assert not caught.value.uncertain


async def test_what_arrived_is_found_on_a_later_page_of_the_channel(server: SlackServer, slack: SlackPlatform) -> None:
    alerts, since = server.channel("alerts"), datetime.now(UTC)
    server.page = 3
    receipts = [await slack.send(key(alerts), ALERT, mark=f"delivery-{number}") for number in range(8)]
    assert await slack.find_sent(key(alerts), "delivery-0", since) == receipts[0]
    assert await slack.find_sent(key(alerts), "delivery-9", since) is Sight.ABSENT
    assert await slack.find_sent(key(alerts), "delivery-0", since + timedelta(hours=1)) is Sight.ABSENT
    gone = Receipt(key(alerts), "1.2")
    assert await slack.find_sent(key(alerts), "delivery-0", since, reply_to=gone) is Sight.ABSENT


async def test_a_channel_that_talks_much_is_not_read_for_ever(server: SlackServer, slack: SlackPlatform) -> None:
    alerts, since = server.channel("alerts"), datetime.now(UTC)
    server.page = 1
    for number in range(12):
        await slack.send(key(alerts), ALERT, mark=f"delivery-{number}")
    assert await slack.find_sent(key(alerts), "delivery-0", since) is Sight.UNKNOWN
    assert len(server.called("conversations.history")) == 10


async def test_without_the_scope_to_read_slack_cannot_be_asked(server: SlackServer, slack: SlackPlatform) -> None:
    server.fail("conversations.history", "missing_scope")
    assert await slack.find_sent(key(server.channel("alerts")), "m", datetime.now(UTC)) is Sight.UNKNOWN
    assert slack.health().startswith("connected"), "it can still send"


async def test_a_look_that_fails_is_tried_again(server: SlackServer, slack: SlackPlatform) -> None:
    server.fail("conversations.history", "internal_error")
    with pytest.raises(DeliveryError) as caught:
        await slack.find_sent(key(server.channel("alerts")), "m", datetime.now(UTC))
    assert not caught.value.permanent
    assert not caught.value.uncertain


@pytest.mark.parametrize("status", [502, 504])
async def test_a_gateway_does_not_know_what_became_of_a_send(
    server: SlackServer, slack: SlackPlatform, status: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def gateway(request: web.Request) -> web.Response:
        return web.Response(status=status, text="<html>Bad Gateway</html>", content_type="text/html")

    monkeypatch.setattr(server, "_serve", gateway)
    await server.stop()
    port = int(server.url.split(":")[2].split("/")[0])
    await server.start(port)
    with pytest.raises(DeliveryError) as caught:
        await slack.send(key(server.channel("alerts")), ALERT)
    assert caught.value.uncertain


@pytest.mark.parametrize("status", [200, 503])
async def test_a_server_in_trouble_is_tried_again(server: SlackServer, slack: SlackPlatform, status: int) -> None:
    server.fail("chat.postMessage", "service_unavailable", status=status)
    with pytest.raises(DeliveryError, match="service_unavailable") as caught:
        await slack.send(key(server.channel("alerts")), ALERT)
    assert not caught.value.permanent
    assert not caught.value.uncertain


@pytest.mark.parametrize("code", ["invalid_blocks", "msg_blocks_too_long"])
async def test_blocks_that_slack_refuses_arrive_as_text(server: SlackServer, slack: SlackPlatform, code: str) -> None:
    alerts = server.channel("alerts")
    server.fail("chat.postMessage", code)
    await slack.send(key(alerts), ALERT)
    (alert,) = server.messages(alerts)
    assert alert.blocks == []
    assert "Added to the SDN list" in alert.text


async def test_the_tokens_are_in_no_log_line_and_no_error(
    server: SlackServer, answers: Answers, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    platform = platform_at(server)
    with caplog.at_level(logging.INFO):
        await platform.start(answers)
        alerts = server.channel("alerts")
        await server.user_says(alerts, "/sanctions help")
        await server.wait_messages(alerts)
        server.fail("chat.postMessage", where="close")
        with pytest.raises(DeliveryError) as caught:
            await platform.send(key(alerts), ALERT)
        await platform.stop()
    printed = capsys.readouterr()
    everything = caplog.text + printed.out + printed.err + str(caught.value) + platform.health()
    assert server.token not in everything
    assert server.app_token not in everything


def test_the_pace_is_slacks(server: SlackServer) -> None:
    bot, channel = platform_at(server).spacing(Chat(ChatKey("slack", "C1"), ChatKind.CHANNEL))
    assert (bot.total_seconds(), channel.total_seconds()) == (0, 1)


def test_the_manifest_asks_for_what_the_platform_uses() -> None:
    path = Path(__file__).parents[2] / "config" / "slack-manifest.yaml"
    manifest = yaml.safe_load(path.read_text(encoding="utf-8"))
    assert [command["command"] for command in manifest["features"]["slash_commands"]] == [SLASH]
    assert {
        "channels:history",
        "groups:history",
        "chat:write",
        "commands",
        "channels:read",
        "groups:read",
        "users:read",
        "im:history",
    } <= set(manifest["oauth_config"]["scopes"]["bot"])
    assert {"app_mention", "message.im", "member_joined_channel", "channel_left"} <= set(
        manifest["settings"]["event_subscriptions"]["bot_events"]
    )
    assert manifest["settings"]["socket_mode_enabled"] is True
