"""The whole bot in a Telegram chat: commands, the alert, its update; and a process that is killed in between."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from asyncio.subprocess import DEVNULL, Process
from pathlib import Path
from typing import Any

from structlog.testing import capture_logs

from tests.fakes.telegram_server import TelegramServer
from tests.scenario.conftest import (
    DESIGNATION,
    SECOND_REPORT,
    WATCHLIST,
    FeedServer,
    eventually,
    running_bot,
    source,
)


async def test_a_person_subscribes_is_told_once_and_asks_why(
    tmp_path: Path, feeds: FeedServer, telegram: TelegramServer
) -> None:
    from pydantic import SecretStr

    feeds.publish("wire")
    feeds.publish("herald")
    ana = telegram.private("Ana")
    settings = {"telegram_token": SecretStr(telegram.token), "telegram_api_url": telegram.url}
    async with running_bot(tmp_path, feeds, source(feeds, "wire"), source(feeds, "herald"), **settings) as bot:

        async def ask(text: str, **marks: Any) -> str:
            before = len(telegram.messages(ana))
            await telegram.user_says(ana, text, **marks)
            return (await telegram.wait_messages(ana, before + 1))[-1].text

        assert "one message for each real event" in await ask("/start")
        assert bot.claim_code is not None
        assert "owner" in await ask(f"/admin {bot.claim_code}")
        forwarded = {"forward_origin": {"type": "hidden_user", "date": 1, "sender_user_name": "Mallory"}}
        for command in ("/admin add telegram:666 owner", "admin add telegram:666 owner", "/unsubscribe everything"):
            assert "forwarded" in await ask(command, **forwarded)
        with bot.store.reading() as records:
            assert len(records.admins()) == 1
        assert "Severin" in await ask("/watch add Severin Trading House LLC | country=ru")
        assert "Volga" in await ask(" ".join(DESIGNATION), **forwarded), "an article may be forwarded"
        assert "everything" in (await ask("/subscribe everything")).casefold()
        assert "Look up “Severin”?" in await ask("Severin")
        bare = telegram.messages(ana)[-1]
        assert bare.labels == ["Look up Severin"]
        assert "/lookup" not in bare.text, "a tap would send it without the name"
        told = len(telegram.messages(ana))

        feeds.publish("wire", ("act", "New round against Russia", DESIGNATION))
        alert = (await telegram.wait_messages(ana, told + 1, seconds=30))[-1]
        assert "Volga Shipping and Metals JSC" in alert.text
        assert "Oleg Ivanovich Orlenko" in alert.text
        assert "Harbour" not in alert.text.split("“")[0]

        feeds.publish("herald", ("late", "Blacklisted: a maker of ship plate", SECOND_REPORT))
        await eventually(lambda: "Herald" in alert.text, 30)
        assert len(telegram.messages(ana)) == told + 1

        with bot.store.reading() as records:
            (event,) = records.latest_events(5)
        why = await ask(f"/why {event.key}")
        assert "Volga Metals" in why
        assert "Volga Shipping" in await ask("/lookup Volga Metals")
        assert "2 of 2 sources" in await ask("/status")


TWICE = WATCHLIST + "TWO,Person,Олег Орленко,,ru,\n"


async def test_of_two_spellings_on_one_watchlist_whoever_subscribed_to_either_is_told(
    tmp_path: Path, feeds: FeedServer, telegram: TelegramServer
) -> None:
    from pydantic import SecretStr

    feeds.publish("wire")
    ana, ben = telegram.private("Ana"), telegram.private("Ben")
    settings = {"telegram_token": SecretStr(telegram.token), "telegram_api_url": telegram.url}
    with capture_logs() as logs:
        async with running_bot(tmp_path, feeds, source(feeds, "wire"), watchlist=TWICE, **settings):
            for chat, name in ((ana, "Oleg Ivanovich Orlenko"), (ben, "Олег Орленко")):
                await telegram.user_says(chat, f"/subscribe {name}")
                assert f"Subscribed to {name}" in (await telegram.wait_messages(chat, 1))[0].text
            feeds.publish("wire", ("act", "New round against Russia", DESIGNATION))
            for chat, name in ((ana, "Oleg Ivanovich Orlenko"), (ben, "Олег Орленко")):
                (_, alert) = await telegram.wait_messages(chat, 2, seconds=30)
                assert alert.text.startswith(f"🔴 {name}"), "the name that was asked for comes first"
    (told,) = [line for line in logs if line["event"] == "perhaps one in two watchlist rows"]
    assert told["log_level"] == "warning"
    assert told["if_one"] == "watch merge TWO into ORL"


async def start_process(folder: Path, config: Path, feeds: FeedServer, telegram: TelegramServer) -> Process:
    environment = {
        **os.environ,
        "SANCTIONS_BOT_DATA_DIR": str(folder),
        "SANCTIONS_BOT_TELEGRAM_TOKEN": telegram.token,
        "SANCTIONS_BOT_TELEGRAM_API_URL": telegram.url,
        "SANCTIONS_BOT_FETCH_ALLOW_HOSTS": feeds.host,
        "SANCTIONS_BOT_WEB_PORT": "0",
        "SANCTIONS_BOT_LOG_LEVEL": "warning",
        "SANCTIONS_BOT_LISTS": "",
    }
    return await asyncio.create_subprocess_exec(
        sys.executable, "-m", "bot", "run", "--config", str(config), env=environment, stdout=DEVNULL
    )


async def test_a_process_killed_between_judging_and_sending_loses_nothing_and_repeats_nothing(
    tmp_path: Path, feeds: FeedServer, telegram: TelegramServer
) -> None:
    config, data = tmp_path / "config", tmp_path / "data"
    config.mkdir()
    (config / "watchlist.csv").write_text(WATCHLIST)
    (config / "sources.toml").write_text(
        f'[[sources]]\nkey = "wire"\ntitle = "Wire"\nurl = "{feeds.base}/wire.xml"\nevery = "1s"\n'
        'first_run = "all"\nmax_age = "none"\n'
    )
    feeds.publish("wire")
    ana, ben = telegram.private("Ana"), telegram.private("Ben")
    first = await start_process(data, config, feeds, telegram)
    try:
        for chat in (ana, ben):
            await telegram.user_says(chat, "/subscribe everything")
            await telegram.wait_messages(chat, 1, seconds=40)
        telegram.fail("sendMessage", status=500, times=1000)
        feeds.publish("wire", ("act", "New round against Russia", DESIGNATION))
        asked = len(telegram.called("sendMessage"))
        await eventually(lambda: len(telegram.called("sendMessage")) > asked, 30)  # judged, and not sent
    finally:
        first.send_signal(signal.SIGKILL)
        await first.wait()

    telegram.heal()
    second = await start_process(data, config, feeds, telegram)
    try:
        for chat in (ana, ben):
            await telegram.wait_messages(chat, 2, seconds=40)
        await asyncio.sleep(3)  # time for a repetition to show
        for chat in (ana, ben):
            assert len(telegram.messages(chat)) == 2
            assert "Volga Shipping and Metals JSC" in telegram.messages(chat)[-1].text
    finally:
        second.send_signal(signal.SIGTERM)
        assert await asyncio.wait_for(second.wait(), 20) == 0
