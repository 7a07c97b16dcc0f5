"""Official lists and the news, the whole bot: what is listed joins the event or opens one; what is not is said."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path

import pytest
from typer.testing import CliRunner

from bot.app import Bot
from bot.cli import cli
from bot.lists import LISTS, ListFile, OfficialList
from bot.model import Chat, ChatKind, Event, Reply, Request, User
from bot.platforms.web import CONSOLE
from bot.ports import ListImport, Post
from bot.rendering import render_plain
from tests.scenario.conftest import DESIGNATION, FeedServer, eventually, running_bot, source
from tests.writing import appoint

KEY = "us_ofac_sdn"
ADMIN = User("telegram", "7", "Ana")
ROWS = tuple(f'{number},"FIRM NUMBER {number}",-0- ' for number in range(36, 60))
VOLGA = '50001,"VOLGA SHIPPING AND METALS JSC",-0- '
ORLENKO = '50002,"ORLENKO, Oleg Ivanovich","individual"'


def sdn(*rows: str) -> bytes:
    """An SDN.CSV: id, name and kind, the programme, and eight columns more."""
    return "".join(f'{row},"RUSSIA-EO14024",{",".join(["-0- "] * 8)}\r\n' for row in rows).encode()


def publish(feeds: FeedServer, *rows: str) -> None:
    feeds.bodies |= {"/sdn.csv": sdn(*rows), "/alt.csv": b'50001,1,"aka","VOLGA METALS",-0- \r\n'}
    feeds.bodies["/add.csv"] = b'50001,1,"Dock 4","Samara","Russia",-0- \r\n'


def lists_of(feeds: FeedServer) -> Mapping[str, OfficialList]:
    files = tuple(ListFile(name, f"{feeds.base}/{name}") for name in ("sdn.csv", "alt.csv", "add.csv"))
    return {KEY: replace(LISTS[KEY], files=files)}


def fresh(feeds: FeedServer, feed: str) -> None:
    """Date the feed's entries now."""
    now = format_datetime(datetime.now(UTC), usegmt=True).encode()
    body = feeds.bodies[f"/{feed}.xml"]
    assert isinstance(body, bytes)
    feeds.bodies[f"/{feed}.xml"] = body.replace(b"Tue, 14 Oct 2025 15:00:00 GMT", now)


def posts(bot: Bot) -> tuple[Post, ...]:
    with bot.store.reading() as records:
        return tuple(sorted(records.latest_posts(50), key=lambda post: post.id))


def events(bot: Bot) -> tuple[Event, ...]:
    with bot.store.reading() as records:
        return records.latest_events(10)


def imports(bot: Bot) -> tuple[ListImport, ...]:
    with bot.store.reading() as records:
        return records.list_imports(KEY)


async def look(bot: Bot) -> str:
    synced = await bot.lists.sync(bot.lists.lists[KEY])
    await asyncio.to_thread(bot.listing_news.put_imports)
    return synced.text


async def test_a_listing_joins_the_event_that_the_news_opened(tmp_path: Path, feeds: FeedServer) -> None:
    publish(feeds, *ROWS, ORLENKO)
    feeds.publish("wire", ("act", "New round against Russia", DESIGNATION))
    fresh(feeds, "wire")
    async with running_bot(tmp_path, feeds, source(feeds, "wire"), official_lists=lists_of(feeds)) as bot:
        await eventually(lambda: imports(bot) and posts(bot), 90)
        assert imports(bot)[-1].is_baseline
        (alert,) = posts(bot)
        publish(feeds, *ROWS, ORLENKO, VOLGA)
        await look(bot)
        reply = await eventually(lambda: [post for post in posts(bot) if post.reply_to])
        assert (
            reply[0].message.title
            == "Volga Shipping and Metals JSC: now on the OFAC SDN list, uid 50001, programme RUSSIA-EO14024, 1 alias"
        )
        edited = await eventually(lambda: [post for post in posts(bot) if post.id == alert.id and post.edited_at])
        assert "Official lists" in render_plain(edited[0].message)
        (event,) = events(bot)
        assert [one.outlet for one in event.sources] == ["Wire", "OFAC SDN list"]


async def test_a_listing_alone_is_an_alert_and_the_first_reading_is_none(tmp_path: Path, feeds: FeedServer) -> None:
    publish(feeds, *ROWS, ORLENKO)
    async with running_bot(tmp_path, feeds, official_lists=lists_of(feeds)) as bot:
        await eventually(lambda: imports(bot) and imports(bot)[0].ended_at)
        publish(feeds, *ROWS, ORLENKO, VOLGA)
        await look(bot)
        (alert,) = await eventually(lambda: posts(bot))
        assert alert.message.title.startswith("Volga Shipping and Metals JSC — new US sanctions (RUSSIA-EO14024)")
        assert "was added to the OFAC SDN list" in alert.message.quotes[0].text
        assert "uid 50001" in alert.message.quotes[0].text
        publish(feeds, *ROWS, ORLENKO)
        await look(bot)
        second = await eventually(lambda: [post for post in posts(bot) if post.id != alert.id])
        assert "sanctions eased" in second[0].message.title
        why = await ask(bot, f"why {events(bot)[0].key}")
        assert "OFAC SDN list" in render_plain(why.message)


async def test_what_was_reported_and_is_on_no_list_is_said_once(tmp_path: Path, feeds: FeedServer) -> None:
    publish(feeds, *ROWS, ORLENKO)
    feeds.publish("wire", ("act", "New round against Russia", DESIGNATION))
    fresh(feeds, "wire")
    async with running_bot(tmp_path, feeds, source(feeds, "wire"), official_lists=lists_of(feeds)) as bot:
        await eventually(lambda: imports(bot) and posts(bot), 90)
        later = datetime.now(UTC) + timedelta(hours=25)
        bot.lists.now = bot.listing_news.now = lambda: later
        await look(bot)
        for _ in range(2):
            await bot.listing_news.await_lists()
        replies = await eventually(lambda: [post for post in posts(bot) if post.reply_to])
        titles = [post.message.title for post in replies]
        assert titles == ["Volga Shipping and Metals JSC: reported, but not found on the OFAC SDN list 24 h later"]
        (event,) = events(bot)
        # Orlenko was on the list before: shown, and nobody is told apart
        assert {(record.entity, record.uid) for record in event.records} == {("VSM", ""), ("ORL", "50002")}


async def test_a_reading_that_is_far_shorter_is_stopped_and_shown(tmp_path: Path, feeds: FeedServer) -> None:
    publish(feeds, *ROWS)
    async with running_bot(tmp_path, feeds, official_lists=lists_of(feeds)) as bot:
        await eventually(lambda: imports(bot) and imports(bot)[0].ended_at)
        with bot.store.writing() as records:
            appoint(records, ADMIN, "test", datetime.now(UTC))
        publish(feeds, *ROWS[:3])
        await ask(bot, "lists sync ofac")
        answer = await eventually(lambda: [post for post in posts(bot) if "not taken over" in post.message.title])
        assert "88% fewer" in answer[0].message.paragraphs[0]
        status = render_plain((await ask(bot, "lists")).message)
        assert "1 official list read, 24 entries; 1 in trouble" in status
        assert "a reading was not taken over just now: it has 3 entries and had 24" in status
        assert "what stands is from just now; to take it anyway:" in status
        assert "on, 24 entries" in status
        assert "--accept" in status
        assert "public domain" in status
        refused = await ask(bot, "lists", User("telegram", "8"))
        assert "Only an admin" in refused.message.paragraphs[0]
        assert "There is no list" in (await ask(bot, "lists sync mars")).message.paragraphs[0]


async def ask(bot: Bot, text: str, user: User = ADMIN) -> Reply:
    return await bot.answer(Request(Chat(CONSOLE, ChatKind.CHANNEL), user, text))


# ---------------------------------------------------------------- the command line


@pytest.fixture
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("SANCTIONS_BOT_DATA_DIR", str(tmp_path / "data"))
    return tmp_path


def test_lists_are_imported_and_shown_on_the_command_line(data: Path) -> None:
    (data / "ofac").mkdir()
    alias, address = b'36,1,"aka","F 36",-0- \r\n', b'36,1,"Dock 4","Samara","Russia",-0- \r\n'
    for name, content in {"SDN.CSV": sdn(*ROWS), "ALT.CSV": alias, "ADD.CSV": address}.items():
        (data / "ofac" / name).write_bytes(content)
    run = CliRunner().invoke
    first = run(cli, ["lists", "import", "ofac", str(data / "ofac")])
    assert (first.exit_code, first.stdout) == (0, "OFAC SDN list: 24 entries, read for the first time\n")
    again = run(cli, ["lists", "import", "us_ofac_sdn", str(data / "ofac")])
    assert "24 entries: 0 added, 0 changed, 0 removed" in again.stdout
    (data / "ofac" / "SDN.CSV").write_bytes(sdn(*ROWS[:9]))
    stopped = run(cli, ["lists", "import", "ofac", str(data / "ofac")])
    assert stopped.exit_code == 1
    shown = run(cli, ["lists", "status"]).stdout
    assert "24 entries" in shown
    assert "Trouble: a reading was not taken over just now: it has 9 entries and had 24" in shown
    assert "what stands is from just now; to take it anyway: sanctions-bot lists import us_ofac_sdn" in shown
    path = stopped.stdout.split(f"lists import {KEY} ")[1].split(" --accept")[0]
    taken = run(cli, ["lists", "import", "ofac", path, "--accept"])
    assert "9 entries: 0 added, 0 changed, 15 removed" in taken.stdout
    status = run(cli, ["lists", "status"]).stdout
    assert "us_ofac_sdn · OFAC SDN list" in status
    assert "9 entries" in status
    assert "Trouble" not in status
    assert run(cli, ["lists", "import", "mars", str(data)]).exit_code != 0
    assert run(cli, ["lists", "import", "ofac", str(data / "nowhere")]).exit_code != 0
    assert "CC BY-NC 4.0" in status
