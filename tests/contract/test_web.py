"""The console over real HTTP: pages, live alerts, commands, and what must not get in."""

from __future__ import annotations

import asyncio
import contextlib
import io
import json
import re
import sqlite3
import zipfile
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote

import aiohttp
import pytest
from starlette.requests import Request as WebRequest
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from bot.alerts import alert_message
from bot.errors import DatabaseError, DeliveryError
from bot.kept_pages import keep_page
from bot.model import (
    Action,
    AddedFeed,
    Article,
    Chat,
    ChatRoutes,
    Entity,
    EntityEdit,
    Event,
    EventSource,
    EventTarget,
    Fact,
    FeedState,
    Finding,
    HttpAnswer,
    Identifier,
    Judgement,
    Link,
    Mention,
    Message,
    Quote,
    Receipt,
    Reply,
    Request,
    Schema,
    Severity,
    Source,
    SourceState,
    Strength,
    Tier,
    User,
    Verdict,
    Watchlist,
    WithdrawnTarget,
)
from bot.platforms.web import CONSOLE, WebPlatform
from bot.platforms.web.marking import Span, mark
from bot.platforms.web.platform import event_of
from bot.platforms.web.security import COOKIE, form_token, session_user
from bot.ports import ArticleRecord
from bot.storage import SqlStore
from tests.browser import MISSING, Browser, find_browser
from tests.fakes.web_console import serve_console
from tests.writing import appoint, track

NOW = datetime.now(UTC).replace(microsecond=0)
EVIL = "\"><script>alert(1)</script><img src=x onerror=alert(2)>'{{ 7*7 }}"
SOURCES = (Source("wire", "Wire & Co", "https://wire.example/feed"), Source("evil", EVIL, "javascript:alert(3)"))


@pytest.fixture
def store(sqlite_url: str) -> Iterator[SqlStore]:
    made = SqlStore(sqlite_url)
    yield made
    made.close()


def destroy(store: SqlStore) -> None:
    store.close()
    Path(str(store.url.database)).write_bytes(b"no database" * 500)


class Visitor:
    """A person with a browser, as far as HTTP goes: keeps its cookie and sends the form's token."""

    def __init__(self, client: aiohttp.ClientSession, base: str, web: WebPlatform) -> None:
        self.client, self.base, self.web = client, base, web

    async def get(self, path: str, **headers: str) -> tuple[int, str, Any]:
        async with self.client.get(self.base + path, headers=headers, allow_redirects=False) as response:
            return response.status, await response.text(), response.headers

    async def page(self, path: str) -> str:
        status, text, _ = await self.get(path)
        assert status == 200, text
        return text

    async def token(self) -> str:
        found = re.search(r'name="token" value="(\w+)"', await self.page("/"))
        assert found
        return found[1]

    async def post(self, text: str, token: str | None = None, **headers: str) -> tuple[int, str]:
        fields = {"text": text, "token": await self.token() if token is None else token}
        async with self.client.post(f"{self.base}/command", data=fields, headers=headers) as response:
            return response.status, await response.text()

    def cookie(self) -> str:
        return next(cookie.value for cookie in self.client.cookie_jar if cookie.key == COOKIE)


@pytest.fixture
async def visitor(store: SqlStore) -> AsyncIterator[Visitor]:
    # An unsafe jar keeps cookies of an address without a name, as a browser does.
    jar = aiohttp.CookieJar(unsafe=True)
    async with serve_console(store, SOURCES) as (base, web), aiohttp.ClientSession(cookie_jar=jar) as client:
        yield Visitor(client, base, web)


def message(title: str = "Gefest-M LLC — new US sanctions", **changes: Any) -> Message:
    return Message(
        **{
            "title": title,
            "severity": Severity.HIGH,
            "at": NOW,
            "subtitle": "US · North Korea",
            "facts": (Fact("Tracked", "Gefest-M LLC"),),
            "bullets": ("The Treasury listed it.",),
            "quotes": (Quote("The Treasury listed Gefest-M on Tuesday.", "Wire", ("Gefest-M",)),),
            "sources": (Link("Wire", "https://wire.example/a?b=1&c=2"),),
            "actions": (Action("Details", data="why 3f2a"), Action("Open article", url="https://wire.example/a")),
        }
        | changes
    )


def hostile_event(key: str = "e1") -> Event:
    target = EventTarget("k", EVIL, Verdict.NEW_SANCTIONS, 0.9, EVIL, EVIL, "javascript:alert(4)", EVIL)
    source = EventSource("art", "data:text/html,hi", EVIL, EVIL, Tier.NEWS, NOW, NOW, (EVIL,))
    return Event(key, Verdict.NEW_SANCTIONS, ("US",), EVIL, None, NOW, NOW, (target,), (source,), (EVIL,))


def hostile_article(key: str = "art") -> ArticleRecord:
    mentions = (Mention("k", 0, 2, 10, EVIL[2:10], Strength.STRONG, EVIL),)
    finding = Finding("k", Verdict.NEW_SANCTIONS, 0.9, EVIL, (EVIL,), mentions, EVIL, (EVIL,))
    article = Article(
        key, "javascript:alert(5)", EVIL, EVIL, EVIL, (EVIL, EVIL), NOW, (EVIL,), language='en" onload="x'
    )
    return ArticleRecord(article, Judgement(key, (finding,), Verdict.NEW_SANCTIONS), (EVIL,), "e1", NOW)


# ---------------------------------------------------------------- alerts


async def test_a_sent_message_is_a_post_and_an_edit_changes_it(visitor: Visitor) -> None:
    receipt = await visitor.web.send(CONSOLE, message())
    page = await visitor.page("/")
    assert "Gefest-M LLC — new US sanctions" in page
    assert "<mark>Gefest-M</mark>" in page
    assert 'href="/events/3f2a"' in page
    assert "https://wire.example/a?b=1&amp;c=2" in page
    assert await visitor.web.edit(receipt, message("Gefest-M LLC and 1 more")) == receipt
    page = await visitor.page("/")
    assert "and 1 more" in page
    assert "— new US sanctions" not in page
    assert "updated" in page


async def test_a_follow_up_stands_under_its_alert(visitor: Visitor) -> None:
    first = await visitor.web.send(CONSOLE, message("First"))
    await visitor.web.send(CONSOLE, message("Second"))
    await visitor.web.send(CONSOLE, message("Also named"), reply_to=first)
    page = await visitor.page("/")
    assert page.index("Second") < page.index("First") < page.index("Also named")
    under = page[page.index("First") :]
    assert under.index('class="follow-ups"') < under.index("Also named")


async def test_an_alert_that_answers_an_old_one_stands_among_the_newest(visitor: Visitor, store: SqlStore) -> None:
    first = await visitor.web.send(CONSOLE, message())
    await visitor.web.send(CONSOLE, message("Eased or lifted"), reply_to=first, aloud=True)
    with store.reading() as records:
        assert [post.reply_to for post in records.latest_posts(5)] == [None, None]


async def test_a_card_has_its_times_in_one_zone_that_it_names(visitor: Visitor, store: SqlStore) -> None:
    at = datetime(2026, 7, 1, 22, 5, tzinfo=UTC)
    await visitor.web.send(CONSOLE, message(at=at, at_is="seen"))
    await visitor.web.send(CONSOLE, message("In Berlin", at=at, at_is="seen", zone="Europe/Berlin"))
    page = await visitor.page("/")
    assert "data-local" not in page
    assert 'seen <time datetime="2026-07-01T22:05:00+00:00">1 Jul 2026, 22:05 UTC</time>' in page
    assert ">2 Jul 2026, 00:05 Europe/Berlin</time>" in page
    assert '<span id="zone">' in page
    with store.writing() as records:
        records.save_routes(ChatRoutes(CONSOLE, zone="Asia/Tokyo"))
        records.save_source_state(SourceState("wire", last_success_at=at))
    assert ">2 Jul 2026, 07:05 Asia/Tokyo</time>" in await visitor.page("/feeds")
    page = await visitor.page("/")
    assert "times are Asia/Tokyo" in page
    assert '<span id="zone">' not in page


async def test_an_edit_of_a_post_that_is_gone_is_sent_anew(visitor: Visitor) -> None:
    receipt = await visitor.web.edit(Receipt(CONSOLE, "999"), message("Back again"))
    assert receipt.message_id != "999"
    assert "Back again" in await visitor.page("/")


async def test_a_store_that_refuses_is_a_delivery_error(visitor: Visitor, store: SqlStore) -> None:
    destroy(store)
    with pytest.raises(DeliveryError):
        await visitor.web.send(CONSOLE, message())


async def events(response: aiohttp.ClientResponse, kind: str) -> AsyncIterator[tuple[str, str]]:
    """(id, data) of the server-sent events of one kind (html.spec.whatwg.org, server-sent events)."""
    fields: dict[str, str] = {}
    async for line in response.content:
        text = line.decode().rstrip("\r\n")
        if not text:
            if fields.get("event") == kind:
                yield fields.get("id", ""), fields["data"]
            fields = {}
        elif not text.startswith(":"):
            name, _, value = text.partition(": ")
            fields[name] = value


async def test_an_open_page_is_told_of_new_and_edited_posts_at_once(visitor: Visitor) -> None:
    async with visitor.client.get(f"{visitor.base}/events.sse?after=0") as response, asyncio.timeout(5):
        assert response.headers["content-type"].startswith("text/event-stream")
        stream = events(response, "post")
        receipt = await visitor.web.send(CONSOLE, message("Fresh"))
        number, data = await anext(stream)
        post = json.loads(data)
        assert (post["id"], post["title"]) == (int(receipt.message_id), "Fresh")
        assert "<h2" in post["html"]
        await visitor.web.edit(receipt, message("Fresh, and more"))
        later, data = await anext(stream)
        assert json.loads(data)["title"] == "Fresh, and more"
        assert int(later) > int(number)


async def test_a_page_that_comes_back_gets_what_it_missed_and_no_more(visitor: Visitor) -> None:
    await visitor.web.send(CONSOLE, message("Seen"))
    async with visitor.client.get(f"{visitor.base}/events.sse?after=0") as response, asyncio.timeout(5):
        number, _ = await anext(events(response, "post"))
    await visitor.web.send(CONSOLE, message("Missed"))
    headers = {"Last-Event-ID": number}
    async with (
        visitor.client.get(f"{visitor.base}/events.sse?after=0", headers=headers) as response,
        asyncio.timeout(5),
    ):
        _, data = await anext(events(response, "post"))
    assert json.loads(data)["title"] == "Missed"


async def test_posts_of_another_process_arrive_too(visitor: Visitor, store: SqlStore) -> None:
    async with visitor.client.get(f"{visitor.base}/events.sse?after=0") as response, asyncio.timeout(6):
        with store.writing() as records:
            records.add_post(CONSOLE, "e", message("From elsewhere"), NOW)
        _, data = await anext(events(response, "post"))
        assert json.loads(data)["title"] == "From elsewhere"


async def test_the_live_stream_begins_with_the_status_line(visitor: Visitor) -> None:
    async with visitor.client.get(f"{visitor.base}/events.sse?after=0") as response, asyncio.timeout(5):
        _, line = await anext(events(response, "status"))
    assert re.match(r"0 of 2 sources checked, 0 entries, 0 alerts today", line)


async def test_a_page_of_another_database_is_told_to_begin_anew(visitor: Visitor) -> None:
    """The demo began again, or a back-up was put in place: its number is beyond all that there are."""
    await visitor.web.send(CONSOLE, message())
    async with visitor.client.get(f"{visitor.base}/events.sse?after=99") as response, asyncio.timeout(5):
        assert await anext(events(response, "anew"))


async def test_a_page_is_up_to_date_also_with_older_alerts_that_it_does_not_show(
    visitor: Visitor, store: SqlStore
) -> None:
    with store.writing() as records:
        oldest = records.add_post(CONSOLE, "e", message("Oldest"), NOW)
        for number in range(60):
            records.add_post(CONSOLE, "e", message(f"Alert {number}"), NOW)
        records.edit_post(oldest, message("Oldest, brought up to date"), NOW)
    page = await visitor.page("/")
    assert "Oldest" not in page
    assert 'data-seq="62"' in page
    earlier = re.search(r'href="(/\?show=180)#(post-\d+)">Earlier alerts', page)
    assert earlier
    page = await visitor.page(earlier[1])
    assert "Oldest, brought up to date" in page
    assert f'id="{earlier[2]}"' in page


async def test_a_page_that_does_not_show_all_alerts_says_where_the_others_are(
    visitor: Visitor, store: SqlStore
) -> None:
    with store.writing() as records:
        for number in range(500):
            records.add_post(CONSOLE, "e", message(f"Alert {number}", quotes=(), facts=(), actions=()), NOW)
    assert "These are the newest" not in await visitor.page("/?show=500")
    await visitor.web.send(CONSOLE, message("One more"))
    page = await visitor.page("/?show=500")
    assert "These are the newest 500." in page
    assert "/latest export" in page


async def test_a_long_list_of_names_does_not_push_the_deciding_sentence_away(visitor: Visitor) -> None:
    names = [f"Long Winded Shipping Company {number} LLC" for number in range(60)]
    await visitor.web.send(CONSOLE, message(facts=(Fact("Tracked", "; ".join(names)),)))
    await visitor.web.send(CONSOLE, message(facts=(Fact("Tracked", "; ".join(names[:3])),)))
    page = await visitor.page("/")
    assert page.count("<details>") == 1, "three names are all shown"
    shown, folded = page[page.rindex("Tracked") :].split("<details>")
    assert shown.count("Shipping Company") == 8
    assert "<summary>and 52 more</summary>" in folded
    assert folded.count("Shipping Company") == 52


async def test_open_pages_let_the_server_end(store: SqlStore) -> None:
    async with aiohttp.ClientSession() as client:
        async with serve_console(store) as (base, _web):
            response = await client.get(f"{base}/events.sse?after=0")
            await response.content.readline()
            started = asyncio.get_running_loop().time()
        assert asyncio.get_running_loop().time() - started < 2


def test_the_event_of_a_message_is_that_of_its_details_button() -> None:
    assert event_of(message()) == "3f2a"
    assert event_of(message(actions=())) == ""


# ---------------------------------------------------------------- commands


async def test_a_command_is_answered_below_the_box_without_a_script(visitor: Visitor, store: SqlStore) -> None:
    status, page = await visitor.post("subscribe everything")
    assert status == 200
    assert "Subscribed to everything tracked" in page
    assert "<h1" in page
    with store.reading() as records:
        own = records.subscriptions(CONSOLE)
    assert [(str(one.chat), one.created_by) for one in own] == [("web:console", str(session_user(visitor.cookie())))]


async def test_a_script_gets_the_answer_alone(visitor: Visitor) -> None:
    status, fragment = await visitor.post("statsu", **{"X-Fragment": "1"})
    assert status == 200
    assert "Did you mean /status?" in fragment
    assert "<h1" not in fragment


async def test_a_name_is_tracked_by_a_form_that_keeps_what_was_written(visitor: Visitor, store: SqlStore) -> None:
    from bot.commands import new_claim_code

    await visitor.post(f"admin {new_claim_code(store)}")
    _, page = await visitor.post("watch add")
    assert "one question at a time" not in page, "the form asks all at once"
    for part in ('name="f-name"', '<option value="Vessel">', 'value="watch form"', 'value="watch answer '):
        assert part in page

    async def send(**fields: str) -> str:
        data = {
            "text": "watch form",
            "token": await visitor.token(),
            **{f"f-{name}": said for name, said in fields.items()},
        }
        async with visitor.client.post(f"{visitor.base}/command", data=data) as response:
            return await response.text()

    again = await send(name="Foo LLC", schema="Company", countries="Atlantis", notes=EVIL)
    assert "Not yet: 1 field to correct" in again
    assert "Atlantis" in again
    assert 'value="Foo LLC"' in again
    assert '<option value="Company" selected>' in again
    assert "<script>alert" not in again
    preview = await send(name="Foo LLC", schema="Company", countries="ru", aliases="Foo Ltd")
    confirm = re.search(r'value="(watch confirm \w+)"', preview)
    assert confirm
    _, told = await visitor.post(confirm[1])
    assert "Now tracked: Foo LLC" in told
    with store.reading() as records:
        assert records.entity("foo-llc") == Entity("foo-llc", Schema.COMPANY, "Foo LLC", ("Foo Ltd",), (), ("ru",))


async def test_a_command_on_a_broken_database_is_refused_in_place(visitor: Visitor, store: SqlStore) -> None:
    token = await visitor.token()
    destroy(store)
    status, fragment = await visitor.post("latest", token, **{"X-Fragment": "1"})
    assert status == 503
    assert fragment.startswith('<section class="reply refused" id="reply"')
    status, page = await visitor.post("latest", token)
    assert "cannot read its database" in page
    assert 'name="viewport"' in page


async def test_a_session_that_shows_the_code_is_the_admin_and_no_other_is(visitor: Visitor, store: SqlStore) -> None:
    from bot.commands import new_claim_code

    code = new_claim_code(store)
    assert "Not done" in (await visitor.post("watch list"))[1]
    assert "You are the owner" in (await visitor.post(f"admin {code}"))[1]
    assert "Now tracked: Foo Trading LLC" in (await visitor.post("watch add Foo Trading LLC confirm"))[1]
    visitor.client.cookie_jar.clear()
    assert "Only an admin" in (await visitor.post("admin list"))[1]
    assert "Only people with a role" in (await visitor.post("watch list"))[1]


async def test_commands_wait_until_the_bot_is_there(store: SqlStore) -> None:
    jar = aiohttp.CookieJar(unsafe=True)
    async with (
        serve_console(store, started=False) as (base, web),
        aiohttp.ClientSession(cookie_jar=jar) as client,
    ):
        visitor = Visitor(client, base, web)
        assert (await visitor.get("/healthz"))[0] == 503
        status, page = await visitor.post("status")
        assert status == 503
        assert "starting or stopping" in page


async def test_a_database_that_takes_no_writes_is_trouble_until_it_does(sqlite_url: str) -> None:
    store = SqlStore(sqlite_url)
    refuse = "CREATE TRIGGER full BEFORE INSERT ON settings BEGIN SELECT RAISE(ABORT, 'database or disk is full'); END"
    async with serve_console(store) as (base, web), aiohttp.ClientSession() as client:
        visitor = Visitor(client, base, web)
        assert (await visitor.get("/healthz"))[0] == 200
        with sqlite3.connect(store.url.database or "") as connection:
            connection.execute(refuse)
        with pytest.raises(DatabaseError), store.writing() as records:
            records.save_setting("any", "value")
        status, told, _ = await visitor.get("/healthz")
        assert (status, json.loads(told)["status"]) == (503, "trouble")
        assert "disk is full; make room" in told
        with sqlite3.connect(store.url.database or "") as connection:
            connection.execute("DROP TRIGGER full")
        assert (await visitor.get("/healthz"))[0] == 200
        with sqlite3.connect(store.url.database or "") as connection:
            assert connection.execute("SELECT key FROM settings").fetchall() == [], "to look leaves nothing behind"
    connection.close()
    store.close()


# ---------------------------------------------------------------- what must not get in


@pytest.mark.parametrize(
    ("what", "headers", "status"),
    [
        ("a form of another site", {"Origin": "https://evil.example"}, 403),
        ("another port of this machine", {"Origin": "http://127.0.0.1:1"}, 403),
        ("a sandboxed frame", {"Origin": "null"}, 403),
        ("a browser that says cross-site", {"Sec-Fetch-Site": "cross-site"}, 403),
        ("a browser that says same-site, as another port is", {"Sec-Fetch-Site": "same-site"}, 403),
        ("a name that was rebound to this machine", {"Host": "evil.example"}, 421),
        ("no name at all", {"Host": ""}, 421),
        ("a name that begins as ours", {"Host": "127.0.0.1.evil.example"}, 421),
        ("our own page", {"Sec-Fetch-Site": "same-origin"}, 200),
    ],
)
async def test_forged_requests_are_refused(visitor: Visitor, what: str, headers: dict[str, str], status: int) -> None:
    token = await visitor.token()
    assert (await visitor.post("subscribe everything", token, **headers))[0] == status, what


@pytest.mark.parametrize("token", ["", "0" * 40, "é", "x" * 1000])
async def test_a_form_without_its_token_is_refused(visitor: Visitor, store: SqlStore, token: str) -> None:
    await visitor.page("/")
    status, page = await visitor.post("subscribe everything", token)
    assert status == 403
    assert "Load the page again" in page
    with store.reading() as records:
        assert records.subscriptions(CONSOLE) == ()


async def test_the_token_of_another_session_is_refused(visitor: Visitor) -> None:
    token = await visitor.token()
    visitor.client.cookie_jar.clear()
    await visitor.page("/")
    assert (await visitor.post("status", token))[0] == 403


async def test_names_that_are_configured_are_let_in(store: SqlStore) -> None:
    async with serve_console(store, names=frozenset({"Bot.Example"})) as (base, _), aiohttp.ClientSession() as client:
        for host, status in (
            ("bot.example", 200),
            ("bot.example:443", 200),
            ("localhost", 200),
            ("[::1]:80", 200),
            ("x", 421),
        ):
            async with client.get(base, headers={"Host": host}) as response:
                assert response.status == status, host


@pytest.mark.parametrize(
    ("body", "kind", "status"),
    [
        (b"x" * 100_000, "application/x-www-form-urlencoded", 413),
        (b"a=1&" * 50, "application/x-www-form-urlencoded", 400),
        (b"text=\xff", "application/x-www-form-urlencoded", 400),
        (b"{}", "application/json", 415),
        (b"", "", 415),
    ],
)
async def test_what_is_no_small_form_is_refused(visitor: Visitor, body: bytes, kind: str, status: int) -> None:
    async with visitor.client.post(f"{visitor.base}/command", data=body, headers={"Content-Type": kind}) as response:
        assert response.status == status


@pytest.mark.parametrize(
    "path", ["/", "/articles", "/watchlist", "/feeds", "/nowhere", "/static/console.css", "/healthz", "/metrics"]
)
async def test_every_answer_carries_the_headers_that_keep_scripts_out(visitor: Visitor, path: str) -> None:
    _, _, headers = await visitor.get(path)
    policy = headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "same-origin", "nothing to others"


async def test_the_session_cookie_is_kept_from_scripts_and_other_sites(visitor: Visitor) -> None:
    _, _, headers = await visitor.get("/")
    cookie = headers["set-cookie"]
    for part in ("HttpOnly", "SameSite=Lax", "Path=/"):
        assert part in cookie
    session = visitor.cookie()
    assert session not in session_user(session).id
    assert session not in form_token(session)


@pytest.mark.parametrize("cookie", ["x", "a" * 43 + "!", "../" * 20, '"', "a" * 5000])
async def test_a_made_up_session_is_replaced(visitor: Visitor, cookie: str) -> None:
    _, _, headers = await visitor.get("/", Cookie=f"{COOKIE}={cookie}")
    assert not headers["set-cookie"].startswith(f"{COOKIE}={cookie};")
    assert re.match(rf"{COOKIE}=[\w-]{{43}};", headers["set-cookie"])


PAGES = (
    "/",
    "/events/e1",
    "/articles",
    "/articles?only=named",
    "/articles/art",
    "/watchlist",
    "/feeds",
    "/watchlist?q=%3Cscript",
)


async def fill_with_hostile_text(visitor: Visitor, store: SqlStore) -> None:
    with store.writing() as records:
        track(records, Entity("k", Schema.COMPANY, EVIL, (EVIL,), (EVIL,), ("ru",), (EVIL,), (), EVIL), "t", NOW)
        records.save_chat(Chat(CONSOLE, title=EVIL))
        records.save_event(hostile_event())
        records.save_article(hostile_article())
        records.save_source_state(SourceState("evil", failures=1, last_error=EVIL))
        records.save_source_state(SourceState("wire", paused_reason=EVIL))
    await visitor.web.send(CONSOLE, alert_message(hostile_event()))
    links = (Link(EVIL, "javascript:alert(6)"), Link(EVIL, 'https://x.example/"onclick="alert(7)'))
    await visitor.web.send(
        CONSOLE, message(EVIL, sources=links, actions=(Action(EVIL, data=EVIL[:60]), Action("x", url="data:,")))
    )


@pytest.mark.parametrize("path", PAGES)
async def test_hostile_text_stays_text(visitor: Visitor, store: SqlStore, path: str) -> None:
    await fill_with_hostile_text(visitor, store)
    page = await visitor.page(path)
    assert "<script>alert" not in page
    assert "<img src=x" not in page
    assert not re.search(r"""(?:href|src|action)=["']?\s*(?:javascript|data):""", page, re.IGNORECASE)
    assert not re.search(r"<[^>]*\son\w+\s*=", re.sub(r'"[^"]*"', '""', page))
    assert "49" not in re.sub(r"\d{3,}|:\d\d", "", re.sub(r'"[^"]*"', '""', page))  # {{ 7*7 }} was not computed


async def test_a_hostile_command_is_shown_as_text(visitor: Visitor) -> None:
    for text in (EVIL, f"lookup {EVIL}", f"why {EVIL}"):
        assert "<script>alert" not in (await visitor.post(text))[1]


async def test_every_link_outside_tells_nothing_of_us(visitor: Visitor) -> None:
    await visitor.web.send(CONSOLE, message())
    for link in re.findall(r'<a [^>]*href="https?://[^>]*>', await visitor.page("/")):
        assert "noopener" in link
        assert "noreferrer" in link


async def test_a_new_version_runs_with_its_own_script(visitor: Visitor) -> None:
    status, _, headers = await visitor.get("/static/console.js")
    assert (status, headers["cache-control"]) == (200, "no-cache"), "asked for each time, and sent where it changed"
    assert (await visitor.get("/static/console.js", **{"If-None-Match": headers["etag"]}))[0] == 304


async def test_nothing_is_loaded_from_elsewhere(visitor: Visitor) -> None:
    for path in ("/", "/static/console.css", "/static/console.js", "/static/icon.svg"):
        text = await visitor.page(path)
        assert not re.search(r"""(?:src=|url\(|@import|<link[^>]*href=)["']?(?:https?:)?//""", text), path


# ---------------------------------------------------------------- pages


async def test_an_article_is_shown_with_its_names_and_deciding_sentence_marked(
    visitor: Visitor, store: SqlStore
) -> None:
    sentence = "The Treasury listed Gefest-M on Tuesday."
    finding = Finding("k", Verdict.NEW_SANCTIONS, 0.9, sentence, ("the object",),
                      (Mention("k", 2, 20, 28, "Gefest-M", Strength.STRONG, "gefest m"),))  # fmt: skip
    record = ArticleRecord(
        Article("a1", "https://wire.example/a", "Wire", "Title", "", (sentence + " More.",), NOW),
        Judgement("a1", (finding,), Verdict.NEW_SANCTIONS), ("page read: “sanctions”",), None, NOW,
    )  # fmt: skip
    with store.writing() as records:
        track(records, Entity("k", Schema.COMPANY, "Gefest-M LLC"), "t", NOW)
        records.save_article(record)
    page = await visitor.page("/articles/a1")
    assert '<mark title="Gefest-M LLC: new sanctions" class="evidence">Gefest-M</mark>' in page
    assert 'title="decided Gefest-M LLC: new sanctions">The Treasury listed </span>' in page
    assert "page read: “sanctions”" in page
    assert "Gefest-M LLC" in await visitor.page("/articles?only=named")
    assert "None fits." in await visitor.page("/articles?only=alert")


def test_marks_keep_the_text_whole_and_may_overlap() -> None:
    spans = [
        Span(0, 9, "evidence", "why"),
        Span(4, 6, "name", "A"),
        Span(5, 12, "name", "B"),
        Span(3, 99, "name", "out"),
    ]
    segments = mark("abcdefghijklm", spans)
    assert "".join(segment.text for segment in segments) == "abcdefghijklm"
    assert [(segment.text, segment.label) for segment in segments if segment.is_name] == [
        ("e", "A"), ("f", "A; B"), ("ghi", "B"), ("jkl", "B"),
    ]  # fmt: skip


def quiet_article(number: int, **changes: Any) -> ArticleRecord:
    url = f"https://q.example/{number}"
    article = Article(f"q{number}", url, "Harbour Post", f"Story {number}", "", ("Text.",), NOW)
    return replace(ArticleRecord(article, None, (), None, NOW - timedelta(minutes=number)), **changes)


async def walk(visitor: Visitor, path: str, rel: str) -> list[list[str]]:
    """The headlines of each page from `path` on, as long as there is a link."""
    pages = []
    while path:
        page = await visitor.page(path)
        pages.append(re.findall(r">(Story \d+)</a>", page))
        link = re.search(rf'rel="{rel}" href="([^"]+)"', page)
        path = link[1].replace("&amp;", "&") if link else ""
    return pages


async def test_the_whole_archive_is_paged_and_stands_still(visitor: Visitor, store: SqlStore) -> None:
    with store.writing() as records:
        for number in range(120):
            records.save_article(quiet_article(number))
    first = await visitor.page("/articles")
    assert "120 articles, newest first" in first
    older = await walk(visitor, "/articles", "next")
    assert [len(page) for page in older] == [50, 50, 20]
    assert [title for page in older for title in page] == [f"Story {number}" for number in range(120)]
    second = re.search(r'rel="next" href="([^"]+)"', first)
    assert second
    with store.writing() as records:
        records.save_article(quiet_article(999, judged_at=NOW + timedelta(hours=1)))
    assert (await walk(visitor, second[1], "next"))[0] == older[1], "though a newer one came"
    newer = await walk(visitor, second[1], "prev")
    assert newer[-1][:2] == ["Story 999", "Story 0"], "a whole page, with what came since"


async def test_the_archive_is_filtered_and_its_links_keep_the_filters(visitor: Visitor, store: SqlStore) -> None:
    with store.writing() as records:
        track(records, Entity("orlan", Schema.COMPANY, "Orlan Works"), "t", NOW)
        possible = Judgement("x", (Finding("orlan", Verdict.POSSIBLE, 0.8),), None)
        for number in range(60):
            records.save_article(quiet_article(number, judgement=possible))
        records.save_article(quiet_article(70, judgement=replace(possible, findings=())))
    page = await visitor.page("/articles?only=named&verdict=possible&source=harbour&q=story")
    assert "60 articles fit" in page
    assert '<option value="possible" selected>' in page
    assert 'value="harbour"' in page
    assert "/articles?only=alert&amp;verdict=possible&amp;source=harbour&amp;q=story" in page
    assert [len(found) for found in await walk(visitor, "/articles?only=named&verdict=possible", "next")] == [50, 10]
    today = f"{NOW - timedelta(minutes=70):%Y-%m-%d}"
    assert ">Story 70<" in await visitor.page(f"/articles?q=story+70&from={today}&to={today}")
    assert "None fits." in await visitor.page("/articles?q=story+70&to=2001-01-01")


ODD = {
    "a verdict that is none": "verdict=guilty", "a day that is none": "from=2025-02-31&to=tomorrow",
    "the last day of all": "to=9999-12-31", "a place that is none": "before=1-zz&after=99999999999999999999-a",
    "a place beyond all time": "before=9999999999999999-a", "one tab that is none": "only=evil",
    "markup": quote(EVIL) + "&q=" + quote(EVIL) + "&source=" + quote(EVIL), "NUL": "q=%00&source=%00",
    "half a letter": "q=%ED%A0%80", "very long": "q=" + "x" * 5000,
}  # fmt: skip


@pytest.mark.parametrize("query", ODD.values(), ids=ODD)
async def test_whatever_is_asked_of_the_archive_is_answered(visitor: Visitor, store: SqlStore, query: str) -> None:
    with store.writing() as records:
        records.save_article(quiet_article(1))
    page = await visitor.page(f"/articles?{query}")
    assert "<script>alert" not in page


async def test_commands_are_named_as_they_are_typed(visitor: Visitor) -> None:
    _, answer = await visitor.post("help")
    assert "/subscribe [everything" in answer
    assert "/watch add" in await visitor.page("/watchlist")


async def test_an_event_tells_the_whole_story(visitor: Visitor, store: SqlStore) -> None:
    target = EventTarget(
        "k", "Gefest-M LLC", Verdict.NEW_SANCTIONS, 0.9, "It was listed.", "Gefest-M", "https://w.example", "Wire"
    )
    source = EventSource(
        "a1", "https://w.example", "Wire", "Treasury lists ten", Tier.OFFICIAL, NOW, NOW, ("Ten firms.",)
    )
    with store.writing() as records:
        records.save_event(Event("e9", Verdict.NEW_SANCTIONS, ("US",), None, None, NOW, NOW, (target,), (source,)))
    page = await visitor.page("/events/e9")
    for part in (
        "Gefest-M LLC — new US sanctions",
        "It was listed.",
        "Treasury lists ten",
        "Ten firms.",
        "official",
        "nobody",
    ):
        assert part in page
    assert "/events/e9/pages" not in page
    status, text, _ = await visitor.get("/events/e9/pages")
    assert (status, "No page of event e9 is kept" in text) == (404, True)

    with store.writing() as records:
        records.keep_page(keep_page("a1", HttpAnswer(200, "https://w.example", {}, b"<p>It was listed.</p>"), NOW))
    assert 'href="/events/e9/pages"' in await visitor.page("/events/e9")
    async with visitor.client.get(f"{visitor.base}/events/e9/pages") as response:
        assert response.headers["Content-Disposition"] == "attachment; filename*=UTF-8''event-e9-pages.zip"
        with zipfile.ZipFile(io.BytesIO(await response.read())) as archive:
            assert archive.read("pages/01-wire.html.txt") == b"<p>It was listed.</p>"


async def test_an_event_that_proved_wrong_says_so_before_all_else(visitor: Visitor, store: SqlStore) -> None:
    with store.writing() as records:
        records.save_event(replace(hostile_event("e8"), withdrawn=True))
    page = await visitor.page("/events/e8")
    assert page.index("it proved wrong") < page.index("<h2>Who</h2>")
    assert page.count("event e8") == 1
    assert 'class="story withdrawn"' in page


async def test_an_event_with_many_withdrawn_names_says_so_at_one_place(visitor: Visitor, store: SqlStore) -> None:
    event = hostile_event("e8")
    gone = [
        WithdrawnTarget(replace(event.targets[0], entity=name, caption=name), "", "Ana", NOW, at)
        for at, name in enumerate("ABCDE", 1)
    ]
    with store.writing() as records:
        records.save_event(replace(event, withdrawn_targets=tuple(gone)))
    page = await visitor.page("/events/e8")
    assert 0 < page.index("and 2 more withdrawn") < page.index("<h2>Who</h2>")
    assert page.count("and 2 more withdrawn") == 1


async def test_the_page_of_an_event_tells_what_each_of_many_reports_did(visitor: Visitor, store: SqlStore) -> None:
    event = hostile_event("e8")
    (source,) = event.sources
    many = tuple(replace(source, article=f"a{number}", outlet=f"الخليج {number}", title="T") for number in range(12))
    with store.writing() as records:
        records.save_event(replace(event, sources=many))
    page = await visitor.page("/events/e8")
    told = page[page.index("What was done") :]
    assert told.count("“T” (its article is no longer kept)") == 12
    assert "<li dir=" not in told, "our own words run from left to right"


async def test_an_event_that_is_told_as_another_leads_to_it(visitor: Visitor, store: SqlStore) -> None:
    with store.writing() as records:
        records.save_event(replace(hostile_event("e8"), told_as="e9"))
    assert 'The same act as <a href="/events/e9">event e9</a>' in await visitor.page("/events/e8")


async def test_feeds_shows_trouble_first_and_why(visitor: Visitor, store: SqlStore) -> None:
    with store.writing() as records:
        records.save_source_state(SourceState("wire", last_success_at=NOW, entries_seen=1234))
        records.save_source_state(SourceState("evil", failures=2, last_error="the server answered 503"))
    page = await visitor.page("/feeds")
    assert page.index("the server answered 503") < page.index("Wire &amp; Co")
    assert "1,234" in page


async def test_feeds_shows_what_was_added_by_whom_and_what_is_paused(visitor: Visitor, store: SqlStore) -> None:
    added = AddedFeed(Source("added:post", "Harbour Post", "https://post.example/feed"), "telegram:7", NOW)
    gone = replace(added, source=Source("added:gone", "Gone", "https://gone.example"), state=FeedState.REMOVED)
    with store.writing() as records:
        appoint(records, User("telegram", "7", "Ana <b>"), "test", NOW)
        records.save_added_feed(added)
        records.save_added_feed(gone)
        records.save_source_state(SourceState("added:gone", failures=9))
    page = await visitor.page("/feeds")
    assert "Harbour Post" in page
    assert "by <bdi>Ana &lt;b&gt;</bdi>" in page
    assert "Gone" not in page
    with store.writing() as records:
        records.save_added_feed(replace(added, state=FeedState.PAUSED, changed_by="telegram:8"))
    page = await visitor.page("/feeds")
    assert "by telegram:8" in page
    assert json.loads((await visitor.get("/healthz"))[1])["sources"]["failing"] == 0, "that was removed"
    assert "added:" not in (await visitor.get("/metrics"))[1], "nobody waits for what is paused"


async def test_a_feed_reader_that_has_it_all_gets_no_body(visitor: Visitor) -> None:
    assert (await visitor.get("/feed.atom"))[0] == 200, "nothing was told yet"
    receipt = await visitor.web.send(CONSOLE, message())
    status, body, headers = await visitor.get("/feed.atom")
    assert status == 200
    assert "Gefest-M" in body
    assert (await visitor.get("/feed.atom", **{"If-None-Match": f'"x", W/{headers["ETag"]}'}))[:2] == (304, "")
    await visitor.web.edit(receipt, message("Gefest-M LLC — new US and EU sanctions"))
    status, body, _ = await visitor.get("/feed.atom", **{"If-None-Match": headers["ETag"]})
    assert status == 200
    assert "US and EU" in body


async def test_the_watchlist_can_be_searched(visitor: Visitor, store: SqlStore) -> None:
    with store.writing() as records:
        track(records, Entity("k", Schema.COMPANY, "Gefest-M LLC", ("ООО Гефест-М",)), "t", NOW)
        track(records, Entity("r", Schema.COMPANY, "Reuters", countries=("gb",)), "t", NOW)
    assert "Reuters" in await visitor.page("/watchlist")
    page = await visitor.page("/watchlist?q=%D0%B3%D0%B5%D1%84%D0%B5%D1%81%D1%82")
    assert "Gefest-M LLC" in page
    assert "Reuters" not in page


@pytest.mark.parametrize("wanted", ["Russia", "ru", "9329760", "IMO 9329760", "petroleos", "Petróleos", "fleet"])
async def test_the_watchlist_is_searched_by_country_number_and_plain_letters(
    visitor: Visitor, store: SqlStore, wanted: str
) -> None:
    imo = Identifier("imoNumber", "9329760")
    tanker = Entity("k", Schema.VESSEL, "Petróleos S", (), (), ("ru",), ("fleet",), (imo,))
    with store.writing() as records:
        track(records, tanker, "t", NOW)
        track(records, Entity("r", Schema.COMPANY, "Reuters", countries=("gb",)), "t", NOW)
    page = await visitor.page(f"/watchlist?q={quote(wanted)}")
    assert "2 names are tracked; 1 fits" in page
    assert "IMO number 9329760" in page
    assert '<td class="kind" data-label="Kind">Vessel</td>' in page
    assert "Reuters" not in page


async def test_the_watchlist_parts_names_from_numbers(visitor: Visitor, store: SqlStore) -> None:
    numbers = (Identifier("imoNumber", "9329760"), Identifier("mmsi", "518100123"))
    with store.writing() as records:
        track(records, Entity("k", Schema.VESSEL, "Petróleos S", (), ("PTS",), identifiers=numbers), "t", NOW)
    page = re.sub(r"<[^>]+>", "", await visitor.page("/watchlist"))
    assert "PTS (weak); IMO number 9329760; MMSI" in page
    assert "Also called" not in page


async def test_names_of_several_scripts_keep_their_label_and_their_order(visitor: Visitor, store: SqlStore) -> None:
    """An Arabic name first would make the whole cell run from right to left, its label too."""
    with store.writing() as records:
        names = ("عبد الرحيم حمدان دقلو", "Abdelrahim Dagalo")
        track(records, Entity("k", Schema.PERSON, "Abdel Rahim Hamdan Dagalo", names, ("دقلو",)), "t", NOW)
    page = await visitor.page("/watchlist")
    cell = re.search(r'<td class="texts"([^>]*)>(.*?)</td>', page)
    assert cell
    assert "dir=" not in cell[1]
    assert cell[2].startswith(f"<bdi>{names[0]}</bdi>; <bdi>{names[1]}</bdi>; ")
    assert "<bdi>دقلو</bdi> (weak)" in cell[2]


async def test_the_command_box_is_a_step_from_the_top_by_keyboard(visitor: Visitor) -> None:
    """Behind all alerts and their buttons otherwise; on a phone it stands above them."""
    assert '<a class="skip" href="#text">Skip to the command box</a>' in await visitor.page("/")
    assert 'href="#text"' not in await visitor.page("/feeds")


async def test_a_follow_up_is_a_heading_below_that_of_its_alert(visitor: Visitor) -> None:
    receipt = await visitor.web.send(CONSOLE, message("The alert"))
    follow_up = await visitor.web.send(CONSOLE, message("Also named"), reply_to=receipt)
    page = await visitor.page("/")
    assert f'<h2 id="title-{receipt.message_id}"' in page
    assert f'<h3 id="title-{follow_up.message_id}"' in page


async def test_a_first_visit_is_shown_where_to_begin(visitor: Visitor) -> None:
    assert 'value="/start"' in await visitor.page("/")


@pytest.mark.parametrize(
    "path", ["/nowhere", "/events/none", "/articles/none", "/articles/../x", "/static/../pages.py"]
)
async def test_what_is_not_there_says_so(visitor: Visitor, path: str) -> None:
    status, page, _ = await visitor.get(path)
    assert status == 404
    assert "Back to the alerts" in page
    assert "<p>Not Found</p>" not in page, "what is not?"


async def test_the_pages_show_what_the_consoles_chat_sees_and_no_more(visitor: Visitor, store: SqlStore) -> None:
    secret = Entity("k", Schema.COMPANY, "Zarya Secret Works", watchlist="oil")
    with store.writing() as records:
        records.add_watchlist(Watchlist("oil", "Oil", NOW, "test"))
        records.edit_watchlist([EntityEdit("k", secret)], "test", NOW, "added")
        records.save_event(hostile_event())
        told = ("alert for telegram:1: subscribed to Zarya Secret Works",)
        records.save_article(replace(hostile_article(), stages=told))
    for path in ("/watchlist", "/articles?only=named", "/articles/art"):
        assert "Zarya" not in await visitor.page(path)
    assert (await visitor.get("/events/e1"))[0] == 404
    with store.writing() as records:
        records.set_watchlists(CONSOLE, ["oil"])
    for path in ("/watchlist", "/articles?only=named", "/articles/art"):
        assert "Zarya Secret Works" in await visitor.page(path)
    assert (await visitor.get("/events/e1"))[0] == 200


async def test_health_tells_sources_and_is_well_while_the_store_answers(visitor: Visitor, store: SqlStore) -> None:
    with store.writing() as records:
        records.save_source_state(SourceState("wire", last_success_at=NOW))
        records.save_source_state(SourceState("evil", failures=3))
    status, body, _ = await visitor.get("/healthz")
    assert status == 200
    assert json.loads(body)["sources"] == {"ok": 1, "failing": 1, "paused": 0, "not checked yet": 0}
    destroy(store)
    status, body, _ = await visitor.get("/healthz")
    assert status == 503
    assert json.loads(body)["status"] == "trouble"
    assert (await visitor.get("/"))[0] == 503


async def test_metrics_tell_prometheus_of_sources_and_the_outbox(visitor: Visitor, store: SqlStore) -> None:
    with store.writing() as records:
        records.save_source_state(SourceState("wire", last_success_at=NOW, last_new_at=NOW))
        records.save_added_feed(AddedFeed(Source('added:ev"il\\', "Evil", "https://ev.example"), "telegram:7", NOW))
        records.save_source_state(SourceState('added:ev"il\\', failures=3))
        records.save_source_state(SourceState("no longer in the file", failures=9))
    status, body, headers = await visitor.get("/metrics")
    assert status == 200
    assert headers["content-type"] == "text/plain; version=0.0.4; charset=utf-8"
    lines = body.splitlines()
    assert 'sanctions_bot_sources{health="failing"} 1' in lines
    assert f'sanctions_bot_source_last_new_timestamp_seconds{{source="wire"}} {NOW.timestamp()}' in lines
    assert 'sanctions_bot_source_failures{source="added:ev\\"il\\\\"} 3' in lines
    assert "sanctions_bot_outbox_waiting 0" in lines
    assert all(line.startswith(("# HELP ", "# TYPE ", "sanctions_bot_")) for line in lines)
    destroy(store)
    assert (await visitor.get("/metrics"))[0] == 503


async def test_extra_routes_are_served_under_their_own_rules(store: SqlStore) -> None:
    async def slack(request: WebRequest) -> PlainTextResponse:
        return PlainTextResponse(f"got {len(await request.body())}")

    routes = [Route("/slack/events", slack, methods=["POST"])]
    async with serve_console(store, extra_routes=routes) as (base, _), aiohttp.ClientSession() as client:
        headers = {"Host": "bot.example", "Origin": "https://slack.com"}
        async with client.post(f"{base}/slack/events", data=b"12345", headers=headers) as response:
            assert await response.text() == "got 5"


def test_the_console_waits_for_nothing_between_posts(store: SqlStore) -> None:
    web = WebPlatform(store)
    assert web.spacing(Chat(CONSOLE)) == (timedelta(0), timedelta(0))
    assert web.health() == "starting"
    assert session_user("x").platform == User("web", "").platform


# ---------------------------------------------------------------- a real browser


@pytest.mark.skipif(find_browser() is None, reason=MISSING)
async def test_in_a_browser_alerts_arrive_live_and_commands_are_answered_in_place(
    visitor: Visitor, store: SqlStore
) -> None:
    await fill_with_hostile_text(visitor, store)
    async with Browser() as browser:
        page = await browser.open(visitor.base)
        await page.until("document.getElementById('strip').classList.contains('live')")
        receipt = await visitor.web.send(CONSOLE, message("Arrived live"))
        top = "document.querySelector('#alerts > .alert h2').textContent.trim()"
        await page.until(f"{top} === 'Arrived live'")
        await visitor.web.edit(receipt, message("Brought up to date"))
        await page.until(f"{top} === 'Brought up to date'")
        await visitor.web.send(CONSOLE, message("Also named"), reply_to=receipt)
        await page.until("document.querySelectorAll('#alerts > .alert:first-child .follow-ups .alert').length === 1")
        assert await page.run("document.querySelectorAll('#alerts > .alert').length") == 3
        await page.press("/", 191)
        await page.until("document.activeElement.id === 'text'")
        await page.type("subscribe everything")
        await page.press("Enter", 13)
        await page.until("document.getElementById('reply-title')?.textContent === 'Subscribed to everything tracked'")
        await page.run("document.querySelector('#reply .actions button').click()")
        await page.until("document.getElementById('reply-title').textContent === 'Unsubscribed from everything'")
        for path in PAGES:
            await page.goto(visitor.base + path)
            assert await page.run("document.querySelectorAll('img[src=x], script:not([src])').length") == 0
        assert page.problems == []


IN_ONE_LINE = """[...document.querySelectorAll('.search button')].every((button) => {
    const text = document.createRange();
    text.selectNodeContents(button);
    return text.getClientRects().length === 1;
})"""


@pytest.mark.skipif(find_browser() is None, reason=MISSING)
@pytest.mark.parametrize("width", [320, 390, 768, 1280])
async def test_in_a_browser_no_page_is_wider_than_its_window(visitor: Visitor, store: SqlStore, width: int) -> None:
    await fill_with_hostile_text(visitor, store)
    async with Browser() as browser:
        page = await browser.open(visitor.base, width=width)
        for path in PAGES:
            await page.goto(visitor.base + path)
            assert await page.run("document.documentElement.scrollWidth <= window.innerWidth"), path
            assert await page.run(IN_ONE_LINE), path


class Line:
    """Between browser and console, and it can fail: `freeze` lets no byte more out of what is open, and resets who asks
    on it, as a router does that has forgotten a connection; `cut` closes all, and `refused` counts who tries again."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.refused = 0
        self.is_cut = False
        self._frozen = 0  # connections up to this number
        self._writers: list[asyncio.StreamWriter] = []

    @asynccontextmanager
    async def served(self) -> AsyncIterator[str]:
        server = await asyncio.start_server(self._relay, "127.0.0.1", 0)
        try:
            yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        finally:
            server.close()
            self.cut()

    def freeze(self) -> None:
        self._frozen = len(self._writers)

    def cut(self) -> None:
        self.is_cut = True
        for writer in self._writers:
            writer.close()

    async def _relay(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self.is_cut:
            self.refused += 1
            writer.close()
            return
        beyond, out = await asyncio.open_connection("127.0.0.1", self.port)
        self._writers += [writer, out]
        number = len(self._writers)
        await asyncio.gather(self._pump(reader, out, number, writer), self._pump(beyond, writer, number))

    async def _pump(
        self,
        source: asyncio.StreamReader,
        sink: asyncio.StreamWriter,
        number: int,
        asker: asyncio.StreamWriter | None = None,
    ) -> None:
        with contextlib.suppress(ConnectionError):
            while part := await source.read(65536):
                if number > self._frozen:
                    sink.write(part)
                    await sink.drain()
                elif asker:
                    asker.close()
            if number > self._frozen:
                sink.close()


@pytest.mark.skipif(find_browser() is None, reason=MISSING)
async def test_in_a_browser_a_line_that_is_dead_or_lost_is_told_and_nothing_is_missed(visitor: Visitor) -> None:
    line = Line(int(visitor.base.rpartition(":")[2]))
    async with line.served() as base, Browser() as browser:
        page = await browser.open(base)
        await page.until("document.getElementById('strip').classList.contains('live')")
        line.freeze()
        receipt = await visitor.web.send(CONSOLE, message("Sent first"))
        await visitor.web.send(CONSOLE, message("Sent into a dead line"))
        await visitor.web.edit(receipt, message("Sent first, brought up to date"))
        await page.run("{ const now = Date.now; Date.now = () => now() + 60_000; }")
        await page.until("document.querySelector('#alerts h2')?.textContent.trim() === 'Sent into a dead line'", 9)
        await page.until("document.title === 'Alerts · sanctions-bot'")
        await page.until(
            "document.getElementById('alerts').lastElementChild.textContent.includes('Sent first, brought')"
        )

        line.cut()
        await page.until("document.title === 'No connection · Alerts · sanctions-bot'")
        await page.until("document.getElementById('announce').textContent.startsWith('Connection lost at')")
        await page.run("Object.defineProperty(formatter, 'format', { value: () => 'a later time' })")
        tried = line.refused
        while line.refused < tried + 1:
            await asyncio.sleep(0.1)
        await asyncio.sleep(0.2)
        assert "a later time" not in await page.run("document.getElementById('status').textContent")
        line.is_cut = False
        await visitor.web.send(CONSOLE, message("Sent meanwhile"))
        await page.until("document.querySelector('#alerts h2').textContent.trim() === 'Sent meanwhile'", 9)
        assert await page.run("document.title") == "Alerts · sanctions-bot"


SHOWN = "[...document.querySelectorAll('#alerts > .alert > header h2, #alerts > .alert > header h3')]"


@pytest.mark.skipif(find_browser() is None, reason=MISSING)
async def test_in_a_browser_what_comes_stands_where_a_page_loaded_anew_has_it(
    visitor: Visitor, store: SqlStore
) -> None:
    with store.writing() as records:
        oldest = records.add_post(CONSOLE, "e", message("Oldest"), NOW)
        for number in range(60):
            records.add_post(CONSOLE, "e", message(f"Alert {number}"), NOW)
    async with Browser() as browser:
        page = await browser.open(visitor.base)
        await page.until("document.getElementById('strip').classList.contains('live')")
        of_alert = "To the alert: شركة النفط — new US sanctions"
        with store.writing() as records:  # as after a time without a connection: in the order of the last changes
            records.edit_post(oldest, message("Oldest, brought up to date"), NOW)
            alert = records.add_post(CONSOLE, "e", message("شركة النفط — new US sanctions"), NOW)
            records.add_post(CONSOLE, "e", message("Also named: Orlan", subtitle=of_alert), NOW, reply_to=alert)
            records.add_post(CONSOLE, "e", message("Newest"), NOW)
            records.edit_post(alert, message("شركة النفط — new US/EU sanctions"), NOW)
        await page.until(f"!!document.querySelector('#post-{alert} h2')")
        shown = await page.run(f"{SHOWN}.slice(0, 3).map((head) => head.textContent.trim())")
        assert shown == ["Newest", "شركة النفط — new US/EU sanctions", "Alert 59"]
        assert await page.run(f"document.querySelectorAll('#post-{alert} .follow-ups .alert').length") == 1
        assert not await page.run(f"document.querySelector('#post-{alert} .of-alert').checkVisibility()"), "it is above"
        assert await page.run(f"!document.getElementById('post-{oldest}')"), "it is no news"
        assert await page.run(f"getComputedStyle(document.querySelector('#post-{alert} h2')).direction") == "ltr"

        await page.run(f"document.querySelector('#post-{alert} button[value^=why]').focus()")
        await visitor.web.edit(Receipt(CONSOLE, str(alert)), message("With another source"))
        await page.until(f"document.querySelector('#post-{alert} h2').textContent.trim() === 'With another source'")
        assert await page.run(f"document.activeElement.closest('#post-{alert}') && document.activeElement.value") == (
            "why 3f2a"
        ), "the focus is where it was"

        await page.run("Object.defineProperty(document, 'hidden', { value: true, configurable: true })")
        unseen = await visitor.web.send(CONSOLE, message("While nobody looks"))
        await page.until("document.title === '(1) Alerts · sanctions-bot'")
        lit = f"document.getElementById('post-{unseen.message_id}').classList.contains('fresh')"
        assert not await page.run(lit)
        await page.run("delete document.hidden; document.dispatchEvent(new Event('visibilitychange'))")
        assert await page.run(f"{lit} && document.title") == "Alerts · sanctions-bot"


@pytest.mark.skipif(find_browser() is None, reason=MISSING)
async def test_in_a_browser_a_command_that_is_slow_or_fails_says_so_and_no_draft_is_lost(visitor: Visitor) -> None:
    answer = visitor.web._answer
    assert answer
    asked, go = [], asyncio.Event()

    async def slow(request: Request) -> Reply:
        asked.append(request.text)
        await go.wait()
        if request.text == "/status":
            raise RuntimeError("broken")
        return await answer(request)

    for number in range(3):
        await visitor.web.send(CONSOLE, message(f"Alert {number}"))
    async with Browser() as browser:
        page = await browser.open(visitor.base, width=390, height=700)
        visitor.web._answer = slow
        await page.run("document.getElementById('text').focus()")
        await page.type("a draft")
        await page.press("ArrowUp", 38)
        assert await page.run("document.getElementById('text').value") == "a draft"
        await page.run("document.querySelector('#alerts > .alert:last-child button[value^=why]').focus()")
        for _ in range(2):
            await page.run("document.activeElement.click()")
        await page.until("document.querySelector('#answer .waiting')?.textContent === 'Working on why 3f2a …'")
        go.set()
        await page.until("document.querySelector('#reply .asked')?.textContent === 'why 3f2a'")
        assert asked.count("why 3f2a") == 1, "pressed twice"
        assert await page.run("document.querySelector('#answer .waiting')") is None
        await page.run("document.querySelector('#reply .back a').click()")
        await page.until("document.querySelector('#alerts > .alert:last-child').getBoundingClientRect().top < 700")

        await page.run("document.querySelector('.quick button[value=\"/status\"]').click()")
        await page.until("document.querySelector('#reply p').textContent.includes('The bot failed at this (500)')")


@pytest.mark.skipif(find_browser() is None, reason=MISSING)
async def test_in_a_browser_without_scripts_commands_are_answered_too(visitor: Visitor, store: SqlStore) -> None:
    async with Browser() as browser:
        page = await browser.open(visitor.base, script=False)
        await page.run("document.getElementById('text').focus()")
        await page.type("subscribe everything")
        await page.press("Enter", 13)
        await page.until("document.getElementById('reply-title')?.textContent === 'Subscribed to everything tracked'")
        assert await page.run("document.querySelector('noscript p') !== null")


@pytest.mark.skipif(find_browser() is None, reason=MISSING)
async def test_in_a_browser_a_link_from_another_site_leaves_an_admin_one(visitor: Visitor, store: SqlStore) -> None:
    from bot.commands import new_claim_code

    elsewhere = visitor.base.replace("127.0.0.1", "localhost")  # another site, as far as cookies go
    async with Browser() as browser:
        page = await browser.open(visitor.base)

        async def is_done(command: str) -> bool:
            await page.run("document.getElementById('text').focus()")
            await page.type(command)
            await page.press("Enter", 13)
            await page.until(f"document.querySelector('#reply .asked')?.textContent === '{command}'")
            return not await page.run("document.getElementById('reply').classList.contains('refused')")

        assert await is_done(f"admin {new_claim_code(store)}")
        await page.goto(f"{elsewhere}/feeds")
        assert await page.run("location.hostname") == "localhost"
        await page.run(f"void (location.href = '{visitor.base}/')")
        await page.until(f"location.href === '{visitor.base}/' && !!document.getElementById('text')")
        assert await is_done("admin list"), "only an admin may"
