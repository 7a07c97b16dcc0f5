"""Telegram's inline mode by the real client library, with the real `lookup` behind it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime

import pytest

from bot import commands
from bot.commands import Services
from bot.model import Entity, Reply, Request, Schema, User
from bot.platforms.telegram import TelegramPlatform
from bot.ports import Health
from bot.storage import SqlStore
from tests.fakes.telegram_server import FakeUser, TelegramServer
from tests.writing import track

pytestmark = pytest.mark.filterwarnings("ignore:Deprecated since version v22.2")

NOW = datetime(2026, 1, 1, tzinfo=UTC)
ENTITIES = (
    Entity("ros", Schema.COMPANY, "Rosneft Oil <Company>", ("Роснефть",), (), ("ru",), ("oil",)),
    Entity("rtr", Schema.COMPANY, "Rosneft Trading SA", (), (), ("ch",)),
)


@dataclass
class Scene:
    server: TelegramServer
    asked: list[Request]
    ana: FakeUser


@pytest.fixture
async def scene(sqlite_url: str) -> AsyncIterator[Scene]:
    store = SqlStore(sqlite_url)
    with store.writing() as records:
        for entity in ENTITIES:
            track(records, entity, "test", NOW)
    services = Services(store, lambda: NOW, (), lambda: Health(NOW))
    asked: list[Request] = []

    async def answer(request: Request) -> Reply:
        asked.append(request)
        return await asyncio.to_thread(commands.answer, request, services)

    async def knows(user: User) -> bool:
        with store.reading() as records:
            return commands.is_known(records, user)

    async with TelegramServer() as server:
        platform = TelegramPlatform(server.token, base_url=f"{server.url}/bot", knows=knows)
        await platform.start(answer)
        ana = server.user("Ana")
        chat = server.private(ana)
        await server.user_says(chat, "/start inline")
        (welcome,) = await server.wait_messages(chat)
        assert "one message for each real event" in welcome.text
        yield Scene(server, asked, ana)
        await platform.stop()
    store.close()


async def test_a_name_gives_its_card_to_be_sent_anywhere(scene: Scene) -> None:
    told = await scene.server.asks_inline(scene.ana, "Роснефть")
    (card,) = told["results"]
    assert card["title"] == "Rosneft Oil <Company>"
    assert "company, Russia" in card["description"]
    text = card["input_message_content"]["message_text"]
    assert "Rosneft Oil &lt;Company&gt;" in text
    assert "reply_markup" not in card
    assert told["is_personal"] in (True, "true")
    assert scene.asked[-1].text == "lookup Роснефть"


async def test_several_names_give_a_card_each(scene: Scene) -> None:
    told = await scene.server.asks_inline(scene.ana, "rosneft")
    assert {card["title"] for card in told["results"]} == {"Rosneft Oil <Company>", "Rosneft Trading SA"}


async def test_an_unknown_name_says_that_it_is_not_tracked(scene: Scene) -> None:
    (card,) = (await scene.server.asks_inline(scene.ana, "Zzyzx Holdings"))["results"]
    assert "is not tracked" in card["title"]


async def test_no_name_yet_gives_a_hint(scene: Scene) -> None:
    told = await scene.server.asks_inline(scene.ana, "  ")
    assert told["results"] == []
    assert told["button"]["text"] == "Write a name to look it up"


async def test_a_stranger_is_told_why_there_is_nothing_and_nothing_is_looked_up(scene: Scene) -> None:
    count = len(scene.asked)
    told = await scene.server.asks_inline(scene.server.user("Eve"), "rosneft")
    (card,) = told["results"]
    assert card["title"] == "Speak to me first"
    assert told["button"]["start_parameter"] == "inline"
    assert "Rosneft" not in str(told)
    assert len(scene.asked) == count
