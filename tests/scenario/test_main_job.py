"""The main job: feeds in, one message for each event out, and nothing for the rest."""

from __future__ import annotations

import asyncio
import re
import threading
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from structlog.testing import capture_logs

from bot.model import Chat, ChatKey, Judgement, Request, User
from bot.pipeline.judging import judge
from bot.platforms.web import CONSOLE
from tests.scenario.conftest import (
    DESIGNATION,
    QUIET,
    SECOND_REPORT,
    FeedServer,
    articles,
    eventually,
    posts,
    running_bot,
    source,
)


async def test_two_outlets_on_one_act_are_one_message_brought_up_to_date(tmp_path: Path, feeds: FeedServer) -> None:
    feeds.publish("wire", ("act", "New round against Russia", DESIGNATION), ("mill", "A new mill", QUIET))
    feeds.publish("herald")
    async with running_bot(tmp_path, feeds, source(feeds, "wire"), source(feeds, "herald")) as bot:
        await eventually(lambda: len(articles(bot)) == 2)
        (first,) = await eventually(lambda: posts(bot))
        assert first.chat == CONSOLE
        tracked = first.message.facts[0].value
        assert "Volga Shipping and Metals JSC" in tracked
        assert "Oleg Ivanovich Orlenko" in tracked
        assert "Harbour" not in tracked
        assert "Volga Metals" in first.message.quotes[0].text

        feeds.publish("herald", ("late", "Blacklisted: a maker of ship plate", SECOND_REPORT))
        await eventually(lambda: posts(bot)[0].edited_at)
        (updated,) = posts(bot)
        assert updated.id == first.id
        assert [link.text for link in updated.message.sources] == ["Wire", "Herald"]


async def test_a_source_that_is_not_read_is_a_warning_in_the_log(tmp_path: Path, feeds: FeedServer) -> None:
    feeds.publish("wire")
    with capture_logs() as logs:
        async with running_bot(tmp_path, feeds, source(feeds, "wire"), source(feeds, "gone")):
            await eventually(lambda: {line.get("source") for line in logs} >= {"wire", "gone"})
    told = {(line["event"], line["log_level"]) for line in logs if line.get("source") == "gone"}
    assert told == {("source not read", "warning")}
    assert {line["event"] for line in logs if line.get("source") == "wire"} == {"polled"}


async def test_an_article_that_raised_nothing_says_why(tmp_path: Path, feeds: FeedServer) -> None:
    feeds.publish("wire", ("mill", "Sanctions weigh on a new mill", QUIET))
    async with running_bot(tmp_path, feeds, source(feeds, "wire")) as bot:
        (record,) = await eventually(lambda: articles(bot))
        assert posts(bot) == ()
        assert record.event is None
        assert any("no alert" in stage for stage in record.stages)
        assert record.judgement is not None
        assert {finding.entity for finding in record.judgement.findings} == {"VSM", "BNK"}
        assert all(finding.reasons for finding in record.judgement.findings)


async def test_a_new_feed_does_not_flood(tmp_path: Path, feeds: FeedServer) -> None:
    from bot.model import FirstRun

    feeds.publish("wire", ("act", "New round against Russia", DESIGNATION))
    async with running_bot(tmp_path, feeds, source(feeds, "wire", first_run=FirstRun(0))) as bot:
        await eventually(lambda: feeds.asked.count("/wire.xml") >= 2)
        assert articles(bot) == ()
        feeds.publish(
            "wire", ("second", "Another report", SECOND_REPORT), ("act", "New round against Russia", DESIGNATION)
        )
        (record,) = await eventually(lambda: articles(bot))
        assert record.article.title == "Another report"


async def test_a_report_that_grows_under_its_address_is_read_again(tmp_path: Path, feeds: FeedServer) -> None:
    feeds.publish("wire", ("act", "US announces sanctions on Russia", ("Details are to follow.",)))
    async with running_bot(tmp_path, feeds, source(feeds, "wire")) as bot:
        await eventually(lambda: articles(bot))
        assert posts(bot) == ()
        feeds.publish("wire", ("act", "US imposes sanctions on two Russian companies", DESIGNATION))
        (post,) = await eventually(lambda: posts(bot))
        assert "Volga Shipping and Metals JSC" in post.message.facts[0].value
        (record,) = articles(bot)
        assert record.article.title == "US imposes sanctions on two Russian companies"
        assert "read again, as its headline changed" in record.stages[0]

        feeds.publish("wire", ("act", "US sanctions on Russia: what we know", DESIGNATION))
        await eventually(lambda: "what we know" in articles(bot)[0].article.title)
        assert len(posts(bot)) == 1


async def test_a_correction_under_the_same_address_is_seen(tmp_path: Path, feeds: FeedServer) -> None:
    corrected = (
        "Correction: an earlier version of this article said that Volga Metals had been put under sanctions.",
        "The Treasury listed no such company. Volga Metals has not been sanctioned, the department said on Tuesday.",
    )
    feeds.publish("wire", ("act", "US imposes sanctions on Volga Metals", DESIGNATION))
    async with running_bot(tmp_path, feeds, source(feeds, "wire")) as bot:
        await eventually(lambda: posts(bot))
        feeds.publish("wire", ("act", "Correction: Volga Metals was not put under sanctions", corrected))
        await eventually(lambda: any("to be checked" in stage for stage in articles(bot)[0].stages))


async def test_an_entry_without_a_date_whose_page_is_old_is_no_news(tmp_path: Path, feeds: FeedServer) -> None:
    feeds.publish("wire", ("act", "New round against Russia", DESIGNATION))
    feed, old = feeds.bodies["/wire.xml"], feeds.bodies["/wire/act.html"]
    assert isinstance(feed, bytes)
    assert isinstance(old, bytes)
    feeds.bodies["/wire.xml"] = re.sub(rb"<pubDate>.*?</pubDate>", b"", feed)
    feeds.bodies["/wire/act.html"] = old.replace(b"<head>", b'<head><meta name="date" content="March 15, 2018">')
    async with running_bot(tmp_path, feeds, source(feeds, "wire", max_age=timedelta(days=7))) as bot:
        (record,) = await eventually(lambda: articles(bot))
        assert record.event is None
        assert "older than 7 days: dated 15 Mar 2018" in record.stages
        assert record.judgement.is_too_old
        assert posts(bot) == ()


async def test_trouble_with_some_sources_is_named_and_the_rest_goes_on(tmp_path: Path, feeds: FeedServer) -> None:
    async def endless(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        while True:
            await response.write(b" ")
            await asyncio.sleep(0.1)

    feeds.publish("wire", ("act", "New round against Russia", DESIGNATION))
    feeds.bodies["/page.xml"] = b"<!doctype html><html><body><h1>Welcome</h1></body></html>"
    feeds.bodies["/short.xml"] = b"hello world"
    feeds.bodies["/broken.xml"] = b"<rss><channel><title>x</title><item"
    feeds.bodies["/large.xml"] = b"<rss>" + b" " * 50_000_000
    feeds.bodies["/endless.xml"] = endless
    keys = ("page", "short", "broken", "large", "endless", "missing")
    sources = [source(feeds, key) for key in ("wire", *keys)]
    async with running_bot(tmp_path, feeds, *sources) as bot:
        await eventually(lambda: posts(bot))

        def errors() -> dict[str, str]:
            with bot.store.reading() as records:
                return {key: state.last_error for key, state in records.source_states().items() if state.last_error}

        told = await eventually(lambda: errors() if set(errors()) >= set(keys) else {})
        assert "HTML" in told["page"]
        assert "11 bytes" in told["short"]
        assert "MB" in told["large"]
        assert "3 s" in told["endless"]
        assert "404" in told["missing"]
        assert "wire" not in told


async def test_people_are_answered_while_a_burst_of_articles_is_judged(
    tmp_path: Path, feeds: FeedServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    may_end, begun = threading.Event(), []

    def judge_slowly(*args: Any) -> Judgement:
        begun.append(args)
        may_end.wait(60)
        return judge(*args)

    monkeypatch.setattr("bot.pipeline.reading.judge", judge_slowly)
    feeds.publish("wire", *((f"a{number}", f"Sanctions, part {number}", QUIET) for number in range(40)))
    try:
        async with running_bot(tmp_path, feeds, source(feeds, "wire")) as bot:
            await eventually(lambda: begun)
            await eventually(lambda: sum(path.endswith(".html") for path in feeds.asked) == 40)
            asked = Request(Chat(ChatKey("terminal", "stdout")), User("terminal", "owner"), "status")
            told = await asyncio.wait_for(bot.answer(asked), 20)
            assert "source" in told.message.title
            may_end.set()
    finally:
        may_end.set()
