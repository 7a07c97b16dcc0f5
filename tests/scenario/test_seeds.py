"""The two real articles that the project grew from, where they lie beside the checkout: told to all three platforms."""

from __future__ import annotations

import functools
import http.server
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from pydantic import SecretStr

from tests.fakes.slack_server import SlackServer
from tests.fakes.telegram_server import TelegramServer
from tests.scenario.conftest import FeedServer, eventually, running_bot, source

SEEDS = Path(__file__).parents[3] / "shared" / "seeds"
PORT = 8017  # the feed's links name it

LISTED = (
    "Dandong Zhicheng Metallic Material Co., Ltd.",
    "Gefest-M LLC",
    "Mikhail Yur'evich Pisklin",
    "Andrei Serbin",
    "Irina Igorevna Huish",
    "Dandong Rich Earth Trading Co., Ltd.",
    "Mingzheng International Trading Limited",
)
NOT_LISTED = (
    "Eurasia Group",
    "Foundation for Defense of Democracies",
    "Reuters",
    "Atlantic Council",
    "Foreign Trade Bank",
    "Bank of China",
    "Kim Jong Un",
)


class _Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: object) -> None:
        pass


@pytest.fixture
def seeds() -> Iterator[FeedServer]:
    if not SEEDS.is_dir():
        pytest.skip("the seed articles are not ours to ship: they lie beside the checkout, or not at all")
    handler = functools.partial(_Quiet, directory=str(SEEDS))
    server = http.server.ThreadingHTTPServer(("127.0.0.1", PORT), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield FeedServer(base=f"http://127.0.0.1:{PORT}")
    server.shutdown()
    server.server_close()


async def test_one_message_for_the_event_in_each_chat(tmp_path: Path, seeds: FeedServer) -> None:
    async with TelegramServer() as telegram, SlackServer() as slack:
        ana, alerts = telegram.private("Ana"), slack.channel("alerts")
        boss = slack.user("Boss", is_admin=True)
        settings = {
            "telegram_token": SecretStr(telegram.token),
            "telegram_api_url": telegram.url,
            "slack_bot_token": SecretStr(slack.token),
            "slack_app_token": SecretStr(slack.app_token),
            "slack_api_url": slack.url,
        }
        watchlist = (SEEDS / "watchlist.csv").read_text(encoding="utf-8")
        feed = source(seeds, "feed")
        async with running_bot(tmp_path, seeds, watchlist=watchlist, **settings) as bot:
            await telegram.user_says(ana, "/subscribe everything")
            await telegram.wait_messages(ana, 1)
            await slack.wait_socket()
            await slack.user_says(alerts, "/sanctions subscribe everything", user=boss)
            await slack.wait_messages(alerts, 1)
            bot.pipeline.sources = {feed.key: feed}
            bot.pipeline.tick(feed.key, 1)

            def posts() -> list[str]:
                with bot.store.reading() as records:
                    return [post.message.facts[0].value for post in records.latest_posts(9) if post.reply_to is None]

            def is_whole() -> bool:
                return bool(posts()) and all(name in posts()[0] for name in LISTED)

            await eventually(is_whole, 30)
            await eventually(lambda: "The Hill" in str(telegram.messages(ana)[1].text) or len(posts()) == 1, 30)
            await eventually(lambda: all(name in telegram.messages(ana)[1].text for name in LISTED), 30)
            await eventually(lambda: all(name in slack.messages(alerts)[1].shown for name in LISTED), 30)

            (tracked,) = posts()
            assert not [name for name in NOT_LISTED if name in tracked]
            with bot.store.reading() as records:
                (event,) = records.latest_events(5)
            assert len(event.sources) == 2
            assert event.authorities == ("US",)
            assert not {target.caption for target in event.targets} & set(NOT_LISTED)
