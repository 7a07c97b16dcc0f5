"""Somebody asks about a page: it is fetched within the border, judged live, and nothing is kept."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from typer.testing import CliRunner

from bot.app import Bot
from bot.asked import ASKED_AT_ONCE
from bot.cli import cli
from bot.model import Chat, ChatKey, Reply, Request, User
from bot.rendering import render_plain
from tests.reading import judged_articles
from tests.scenario.conftest import DESIGNATION, QUIET, FeedServer, eventually, page, running_bot, source
from tests.writing import untrack

HOME, ANA = Chat(ChatKey("web", "console")), User("web", "ana")

TEASER = "The United States imposed sanctions on Volga Metals on Tuesday, freezing all of its assets."
PROFILE = (
    "Volga Metals, a maker of ship plate, has two mills on the river and employs some four thousand people.",
    "Its sales rose by a tenth last year, it said, as yards ordered more.",
)


async def ask(bot: Bot, text: str) -> tuple[Reply, str]:
    reply = await bot.answer(Request(HOME, ANA, text))
    return reply, render_plain(reply.message)


async def until_judged(bot: Bot) -> None:
    def is_judged() -> bool:
        with bot.store.reading() as records:
            return bool(judged_articles(records))

    await eventually(is_judged)


async def test_a_link_is_fetched_and_judged_with_the_live_watchlist(tmp_path: Path, feeds: FeedServer) -> None:
    feeds.bodies["/story.html"] = page("New round against Russia", DESIGNATION)
    async with running_bot(tmp_path, feeds) as bot:
        reply, told = await ask(bot, f"{feeds.base}/story.html")
        assert reply.ok
        assert "It would raise an alert: " in told
        assert "Volga Shipping and Metals JSC: new sanctions" in told
        assert "Harbour Commercial Bank: bystander" in told
        assert "This chat: would get the alert, subscribed to everything" in told
        with bot.store.reading() as records:
            assert judged_articles(records) == ()
            assert records.latest_events(5) == ()
            removed = [entity.key for entity in records.entities() if entity.key != "BNK"]
        with bot.store.writing() as records:
            for key in removed:
                untrack(records, key, "test", reply.message.at or bot.pipeline.now())
        _, told = await ask(bot, f"whynot {feeds.base}/story.html")
        assert "Harbour Commercial Bank: " in told
        assert "Volga Shipping and Metals JSC" not in told


async def test_the_bank_that_lent_is_no_target_where_it_alone_is_tracked(tmp_path: Path, feeds: FeedServer) -> None:
    feeds.bodies["/story.html"] = page("New round against Russia", DESIGNATION)
    async with running_bot(tmp_path, feeds) as bot:
        with bot.store.writing() as records:
            for key in [entity.key for entity in records.entities() if entity.key != "BNK"]:
                untrack(records, key, "test", bot.pipeline.now())
        _, told = await ask(bot, f"whynot {feeds.base}/story.html")
    assert "No alert: it says of no tracked name" in told


async def test_a_story_that_was_polled_is_told_from_both_sides(tmp_path: Path, feeds: FeedServer) -> None:
    feeds.publish("wire", ("mill", "Sanctions weigh on a new mill", QUIET))
    async with running_bot(tmp_path, feeds, source(feeds, "wire")) as bot:
        await until_judged(bot)
        _, told = await ask(bot, f"whynot {feeds.base}/wire/mill.html")
    assert "Wire carried it, first seen" in told
    assert "Judged by itself" in told
    assert "Volga Shipping and Metals JSC: background" in told
    assert "14 Oct 2025" in told, "the page has no date, the feed had one"


async def test_a_story_that_was_polled_is_judged_with_its_teaser(tmp_path: Path, feeds: FeedServer) -> None:
    """Its page alone tells of no act: what the feed told beside it decides, live and when it is asked for."""
    feeds.publish("wire", ("mill", "Volga Metals and its mills", PROFILE))
    told_in_feed = b"The latest on sanctions against Russia."
    feeds.bodies["/wire.xml"] = bytes(feeds.bodies["/wire.xml"]).replace(told_in_feed, TEASER.encode())  # type: ignore[arg-type]
    feeds.bodies["/page.html"] = page("Volga Metals and its mills", PROFILE)
    async with running_bot(tmp_path, feeds, source(feeds, "wire")) as bot:
        await until_judged(bot)
        _, told = await ask(bot, f"whynot {feeds.base}/wire/mill.html")
        assert "It tells of an event that is known: Volga Shipping and Metals JSC — new US sanctions" in told
        assert "no feed’s teaser" not in told
        assert "another text" not in told
        _, unknown = await ask(bot, f"whynot {feeds.base}/page.html")
        assert "No alert: " in unknown
        assert "no feed’s teaser beside it, as no entry with this address is kept" in unknown


async def test_private_addresses_and_dead_pages_are_refused_plainly(tmp_path: Path, feeds: FeedServer) -> None:
    async with running_bot(tmp_path, feeds, fetch_allow_hosts=[]) as bot:
        reply, told = await ask(bot, f"whynot {feeds.base}/story.html")
        assert not reply.ok
        assert "That page could not be read" in told
        assert "127.0.0.1" in told
        assert feeds.asked == []
    async with running_bot(tmp_path, feeds) as bot:
        reply, told = await ask(bot, f"whynot {feeds.base}/nothing.html")
        assert not reply.ok
        assert "the server answered 404" in told


@pytest.mark.parametrize(
    ("body", "problem"),
    [
        (b"<html><p>Just a moment...</p></html>", "browser check"),
        (b"%PDF-1.4", "is a PDF"),
        (b"<html>" + b"<div>" * 300 + b"Volga Metals", "a trap"),
    ],
)
async def test_a_page_without_an_article_is_not_said_to_name_nobody(
    tmp_path: Path, feeds: FeedServer, body: bytes, problem: str
) -> None:
    feeds.bodies["/page.html"] = body
    async with running_bot(tmp_path, feeds) as bot:
        reply, told = await ask(bot, f"whynot {feeds.base}/page.html")
    assert not reply.ok
    assert problem in told
    assert "paste it here" in told
    assert "No tracked name" not in told


async def test_only_few_pages_are_read_at_once_and_commands_go_on(tmp_path: Path, feeds: FeedServer) -> None:
    gate = asyncio.Event()

    async def slow(_request: object) -> object:
        from aiohttp import web

        await gate.wait()
        return web.Response(body=page("New round", DESIGNATION), content_type="text/html")

    feeds.bodies["/slow.html"] = slow  # type: ignore[assignment]
    async with running_bot(tmp_path, feeds) as bot:
        waiting = [asyncio.create_task(ask(bot, f"whynot {feeds.base}/slow.html")) for _ in range(ASKED_AT_ONCE)]
        await eventually(lambda: "/slow.html" in feeds.asked)
        reply, told = await ask(bot, f"whynot {feeds.base}/slow.html")
        assert not reply.ok
        assert "try again in a moment" in told
        assert (await ask(bot, "status"))[0].ok
        gate.set()
        assert all(reply.ok for reply, _ in await asyncio.gather(*waiting))


async def test_explain_reads_a_page_as_live_with_what_the_feed_told_of_it(
    tmp_path: Path, feeds: FeedServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    feeds.publish("wire", ("mill", "Sanctions weigh on a new mill", QUIET))
    async with running_bot(tmp_path, feeds, source(feeds, "wire")) as bot:
        await until_judged(bot)
        monkeypatch.setenv("SANCTIONS_BOT_DATA_DIR", str(tmp_path))
        monkeypatch.setenv("SANCTIONS_BOT_FETCH_ALLOW_HOSTS", feeds.base.removeprefix("http://"))
        arguments = ["explain", f"{feeds.base}/wire/mill.html", "--config", str(tmp_path)]
        told = await asyncio.to_thread(CliRunner().invoke, cli, arguments)
    assert told.exit_code == 0, told.output
    assert "14 Oct 2025" in told.output, "the page has no date, the feed had one"
    assert "no feed’s teaser" not in told.output


async def test_a_backtest_reads_the_stored_articles(
    tmp_path: Path, feeds: FeedServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    feeds.publish("wire", ("act", "New round against Russia", DESIGNATION))
    async with running_bot(tmp_path, feeds, source(feeds, "wire")) as bot:
        await until_judged(bot)
    monkeypatch.setenv("SANCTIONS_BOT_DATA_DIR", str(tmp_path))
    for options, telling in (
        (["Oleg Orlenko"], "it would have raised 1 alert"),
        (["Harbour Commercial Bank"], "it would have raised no alert; named without an alert: bystander 1."),
        ([], "3 names tried. In the 1 article"),
        (["--threshold", "1"], "it would have raised no alert"),
    ):
        result = await asyncio.to_thread(CliRunner().invoke, cli, ["backtest", "--config", str(tmp_path), *options])
        assert result.exit_code == 0, result.output
        assert telling in result.output
