"""A name tracked by a modal in Slack: the real commands and client libraries against a workspace on loopback."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import uvicorn
from starlette.applications import Starlette

from bot.commands import Services, answer
from bot.matching.names import name_forms
from bot.model import WHOLE_BOT, Backtest, Entity, EntityEdit, Grant, Identifier, Reply, Request, Role, Schema, User
from bot.platforms.slack import HTTP_PATH, SlackPlatform
from bot.ports import Health
from bot.storage import SqlStore
from tests.fakes.slack_server import FakeChannel, SlackServer

NOW = datetime(2026, 11, 28, 9, 0, tzinfo=UTC)
GPN = Entity("gpn", Schema.COMPANY, "Gazprom Neft PJSC", countries=("ru",))


class Bot:
    """The commands on a store of their own; `holds` has each answer to a form wait."""

    def __init__(self, store: SqlStore) -> None:
        self.store = store
        self.services = Services(store, lambda: NOW, (), lambda: Health(NOW))
        self.holds = asyncio.Event()
        self.holds.set()

    async def __call__(self, request: Request) -> Reply:
        if request.text == "watch form":
            await self.holds.wait()
        return await asyncio.to_thread(answer, request, self.services)

    def entity(self, key: str) -> Entity | None:
        with self.store.reading() as records:
            return records.entity(key)


@pytest.fixture
async def server() -> AsyncIterator[SlackServer]:
    async with SlackServer() as server:
        yield server


@pytest.fixture
def bot(server: SlackServer, sqlite_url: str) -> Iterator[Bot]:
    store = SqlStore(sqlite_url)
    with store.writing() as records:
        records.edit_watchlist([EntityEdit("gpn", GPN)], "test", NOW, "added")
        records.save_grant(Grant(User("slack", server.ana.id), Role.OWNER, WHOLE_BOT, "test", NOW))
    name_forms(GPN)  # loads its tables: once in a process
    yield Bot(store)
    store.close()


@pytest.fixture
async def slack(server: SlackServer, bot: Bot, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[SlackPlatform]:
    monkeypatch.setattr("bot.platforms.slack_modals.ANSWER_WITHIN", 2.8)
    platform = SlackPlatform(
        server.token, app_token=server.app_token, base_url=server.url, timeout=timedelta(seconds=2)
    )
    await platform.start(bot)
    yield platform
    await platform.stop()


def shown(view: Mapping[str, Any]) -> str:
    return str(view["blocks"])


async def wait_for(server: SlackServer, view: str, text: str) -> Mapping[str, Any]:
    """The modal once it shows this: a busy machine takes longer than Slack waits."""
    for _ in range(1_000):
        if text in shown(server.views[view]):
            break
        await asyncio.sleep(0.01)
    assert text in shown(server.views[view])
    return server.views[view]


async def open_form(server: SlackServer, channel: FakeChannel) -> str:
    await server.user_says(channel, "/sanctions watch add")
    return await server.wait_view()


async def test_a_name_is_tracked_by_a_form_that_is_shown_once_more(
    server: SlackServer, slack: SlackPlatform, bot: Bot
) -> None:
    desk = server.channel("desk")
    view = await open_form(server, desk)
    assert server.messages(desk) == [], "the form is the answer"
    bot.services = replace(bot.services, backtest=lambda _entities: Backtest(NOW, 12))
    await server.submit(
        view,
        name="Gefest-M LLC",
        schema="Company",
        aliases="ООО Гефест-М\nGefest, M.",
        weak_aliases="GFM",
        countries="Russia, by",
        identifiers="imo:9187629",
        notes="asked by legal",
    )
    preview = await wait_for(server, view, "Track Gefest-M LLC?")
    for part in ("Track Gefest-M LLC? It is not saved yet", "12 articles", "Weak", "Searched for", "9187629"):
        assert part in shown(preview)
    assert (preview["submit"]["text"], preview["close"]["text"]) == ("Track it", "No")
    assert bot.entity("gefest-m-llc") is None
    await server.submit(view)
    assert server.views == {}
    (told,) = await server.wait_messages(desk)
    assert told.seen_by == server.ana.id
    assert "Now tracked: Gefest-M LLC" in told.shown
    assert bot.entity("gefest-m-llc") == Entity(
        "gefest-m-llc", Schema.COMPANY, "Gefest-M LLC", ("ООО Гефест-М", "Gefest, M."), ("GFM",), ("ru", "by"), (),
        (Identifier("imoNumber", "9187629"),), "asked by legal",
    )  # fmt: skip
    await server.press(told, "Undo: stop tracking")
    await server.wait_messages(desk, 2)
    assert bot.entity("gefest-m-llc") is None


WRONG = {
    "no name": ({}, {"name"}),
    "a name of signs": ({"name": "***"}, {"name"}),
    "a tracked name": ({"name": "gazprom neft pjsc"}, {"name"}),
    "a tracked other name": ({"name": "Foo LLC", "aliases": "Gazprom Neft PJSC"}, {"aliases"}),
    "several": (
        {"name": "Foo LLC", "countries": "Atlantis", "identifiers": "imo:9187628"},
        {"countries", "identifiers"},
    ),
    "no kind of identifier": ({"name": "Foo LLC", "identifiers": "9187629"}, {"identifiers"}),
}  # fmt: skip


@pytest.mark.parametrize(("fields", "wrong"), WRONG.values(), ids=WRONG)
async def test_what_is_wrong_is_said_below_its_field_and_the_form_stays(
    server: SlackServer, slack: SlackPlatform, fields: dict[str, str], wrong: set[str]
) -> None:
    view = await open_form(server, server.channel("desk"))
    answered = await server.submit(view, **fields)
    assert answered["response_action"] == "errors"
    assert set(answered["errors"]) == wrong
    assert all(answered["errors"].values())
    assert view in server.views


async def test_a_trigger_that_is_too_old_leads_to_the_conversation(
    server: SlackServer, slack: SlackPlatform, bot: Bot
) -> None:
    direct = server.direct()
    server.fail("views.open", "expired_trigger_id")
    await server.user_says(direct, "/sanctions watch add")
    (asked,) = await server.wait_messages(direct)
    assert "Who is to be tracked?" in asked.shown
    await server.user_says(direct, "Foo Trading LLC")
    assert "Foo Trading LLC: which country" in (await server.wait_messages(direct, 2))[-1].shown
    await server.user_says(direct, "/sanctions watch answer save")
    assert "Now tracked" in (await server.wait_messages(direct, 3))[-1].shown
    assert bot.entity("foo-trading-llc")


async def test_a_button_opens_the_form_and_closing_it_ends_the_question(
    server: SlackServer, slack: SlackPlatform, bot: Bot
) -> None:
    direct = server.direct()
    await server.user_says(direct, "/sanctions watch")
    (told,) = await server.wait_messages(direct)
    await server.press(told, "Add a name")
    view = await server.wait_view()
    await server.close(view)
    await server.user_says(direct, "help")
    await server.wait_messages(direct, 2)
    await server.user_says(direct, "Iran")
    assert "no command" in (await server.wait_messages(direct, 3))[-1].shown


async def test_an_answer_that_takes_long_comes_into_the_same_form(
    server: SlackServer, slack: SlackPlatform, bot: Bot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.platforms.slack_modals.ANSWER_WITHIN", 0.05)
    view = await open_form(server, server.channel("desk"))
    bot.holds.clear()
    await server.submit(view, name="Foo LLC")
    assert "Nothing is saved yet" in shown(server.views[view])
    bot.holds.set()
    await wait_for(server, view, "Track Foo LLC?")


async def test_where_the_bot_is_no_member_the_answer_comes_directly(
    server: SlackServer, slack: SlackPlatform, bot: Bot
) -> None:
    view = await open_form(server, server.channel("elsewhere", is_member=False))
    await server.submit(view, name="Foo LLC")
    await wait_for(server, view, "Track Foo LLC?")
    await server.submit(view)
    async with asyncio.timeout(5):
        while not (told := server.called("chat.postMessage")):
            await asyncio.sleep(0.01)
    assert "Now tracked: Foo LLC" in str(told[0])


async def test_who_may_not_edit_is_told_so_and_gets_no_form(server: SlackServer, slack: SlackPlatform) -> None:
    desk = server.channel("desk")
    await server.user_says(desk, "/sanctions watch add", user=server.user("Ben"))
    (told,) = await server.wait_messages(desk)
    assert "may change the watchlist" in told.shown
    assert server.views == {}


async def test_forms_work_over_signed_http_too(server: SlackServer, bot: Bot) -> None:
    platform = SlackPlatform(server.token, signing_secret=server.signing_secret, base_url=server.url)
    http = uvicorn.Server(uvicorn.Config(Starlette(routes=list(platform.http_routes())), port=0, log_level="error"))
    serving = asyncio.create_task(http.serve())
    while not http.started:
        await asyncio.sleep(0.01)
    server.endpoint = f"http://127.0.0.1:{http.servers[0].sockets[0].getsockname()[1]}{HTTP_PATH}"
    await platform.start(bot)
    view = await open_form(server, server.channel("desk"))
    assert set((await server.submit(view))["errors"]) == {"name"}
    assert (await server.submit(view, name="Foo LLC"))["response_action"] == "update"
    await platform.stop()
    http.should_exit = True
    await serving
