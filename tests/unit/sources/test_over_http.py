"""A poll as it runs: request headers, a real server on loopback, parsing, decision."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from bot.errors import FetchError
from bot.fetching import HttpFetcher
from bot.model import FirstRun, PollIntent, SeenKeys, Source, SourceState
from bot.sources import decide_poll, parse_answer, request_headers

DATA = Path(__file__).parents[2] / "data" / "feeds"
NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
RUSSIAN = "Минфин США внёс в список судоходную компанию"


@dataclass
class Feed:
    """One feed on loopback: says `body`, or 304 to the validator it gave out."""

    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)
    conditional: list[str | None] = field(default_factory=list)
    url: str = ""

    async def answer(self, request: web.Request) -> web.Response:
        self.conditional.append(request.headers.get("If-None-Match"))
        if "ETag" in self.headers and self.conditional[-1] == self.headers["ETag"]:
            return web.Response(status=304)
        return web.Response(body=self.body, headers=self.headers)

    async def polled(self, state: SourceState, now: datetime = NOW) -> PollIntent:
        source = Source("s", "S", self.url, first_run=FirstRun(None), max_age=None)
        async with HttpFetcher(allow_hosts=frozenset({"127.0.0.1"}), max_bytes=1_000_000) as fetcher:
            try:
                answer = await fetcher.fetch(source.url, headers=request_headers(state, now))
            except FetchError as error:
                return decide_poll(source, state, error, None, SeenKeys(), now)
        return decide_poll(source, state, answer, parse_answer(source, state, answer, now), SeenKeys(), now)


@pytest.fixture
async def feed() -> AsyncIterator[Feed]:
    feed = Feed()
    app = web.Application()
    app.router.add_get("/feed", feed.answer)
    server = TestServer(app)
    await server.start_server()
    feed.url = str(server.make_url("/feed"))
    yield feed
    await server.close()


async def test_the_second_poll_asks_with_the_servers_own_validator_and_daily_without(feed: Feed) -> None:
    feed.body, feed.headers = (DATA / "quirks.rss").read_bytes(), {"ETag": 'W/"it\'s, odd"'}
    first = await feed.polled(SourceState("s"))
    second = await feed.polled(first.state, NOW + timedelta(minutes=15))
    third = await feed.polled(second.state, NOW + timedelta(days=1))
    assert feed.conditional == [None, 'W/"it\'s, odd"', None]
    assert (len(first.new), second.reason) == (6, "not modified (304)")
    assert third.state.last_full_fetch_at == NOW + timedelta(days=1)


@pytest.mark.parametrize(
    ("body", "told"),
    [
        (b"hello there", "no feed but 11 bytes"),
        ((DATA / "home.html").read_bytes(), "no feed but an HTML page titled “Ministry of Foreign Affairs”"),
        ((DATA / "challenge.html").read_bytes(), "browser check"),
        (b"<rss><channel><item><tit", "no feed|broken XML"),
        (b"x" * 50_000_000, "larger than the limit of 1 MB"),
    ],
    ids=["11 bytes", "HTML", "browser check", "a stump", "50 MB"],
)
async def test_what_is_no_feed_fails_with_a_plain_reason(feed: Feed, body: bytes, told: str) -> None:
    feed.body = body
    intent = await feed.polled(SourceState("s"))
    assert any(part in intent.reason for part in told.split("|"))
    assert (intent.new, intent.state.failures, intent.state.baseline_done) == ((), 1, False)
    assert intent.state.last_error == intent.reason


@pytest.mark.parametrize(
    ("declared", "used", "content_type"),
    [
        ("windows-1251", "windows-1251", "text/xml"),
        ("windows-1251", "windows-1251", "text/xml; charset=utf-8"),
        ("utf-8", "utf-8", "text/xml; charset=iso-8859-1"),
    ],
    ids=["windows-1251", "a server that says UTF-8", "a server that says Latin-1"],
)
async def test_encodings(feed: Feed, declared: str, used: str, content_type: str) -> None:
    item = f"<item><title>{RUSSIAN}</title><link>https://s.example/1</link></item>"
    feed.body = f'<?xml version="1.0" encoding="{declared}"?><rss version="2.0"><channel>{item}</channel></rss>'.encode(
        used
    )
    feed.headers = {"Content-Type": content_type}
    assert [entry.title for entry in (await feed.polled(SourceState("s"))).new] == [RUSSIAN]


async def test_broken_xml_is_read_and_told(feed: Feed) -> None:
    feed.body = (DATA / "broken.rss").read_bytes()
    intent = await feed.polled(SourceState("s"))
    assert len(intent.new) == 2
    assert "the XML is broken" in (intent.trouble or "")
