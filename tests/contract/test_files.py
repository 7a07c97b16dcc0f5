"""Files in and out, and long work with its progress, by the real chat libraries against the servers on loopback."""

from __future__ import annotations

import asyncio
import re
import struct
import zlib
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import aiohttp
import pytest

from bot.long_work import LongWork
from bot.model import Attachment, ChatKey, Message, Reply, Request
from bot.platforms.slack import SlackPlatform
from bot.platforms.telegram import TelegramPlatform
from bot.platforms.web.shelf import Shelf
from bot.ports import Platform
from bot.storage import SqlStore
from tests.browser import MISSING, Browser, find_browser
from tests.fakes.slack_server import SlackServer
from tests.fakes.telegram_server import TelegramServer
from tests.fakes.web_console import serve_console

pytestmark = pytest.mark.filterwarnings("ignore:Deprecated since version v22.2")

CSV = b"name\nVolga Metals\n"


def png(width: int = 4, height: int = 4) -> bytes:
    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    rows = zlib.compress(b"".join(b"\0" + b"\x80" * width for _ in range(height)))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


@dataclass
class Answers:
    asked: list[Request] = field(default_factory=list)
    says: Callable[[Request], Reply] = lambda request: Reply(Message(f"You said: {request.text}"))

    async def __call__(self, request: Request) -> Reply:
        self.asked.append(request)
        return await asyncio.to_thread(self.says, request)

    async def wait(self, count: int = 1) -> Request:
        async with asyncio.timeout(5):
            while len(self.asked) < count:
                await asyncio.sleep(0.01)
        return self.asked[-1]


@pytest.fixture
def answers() -> Answers:
    return Answers()


@pytest.fixture
async def server() -> AsyncIterator[TelegramServer]:
    async with TelegramServer() as server:
        yield server


@pytest.fixture
async def telegram(server: TelegramServer, answers: Answers) -> AsyncIterator[TelegramPlatform]:
    platform = TelegramPlatform(
        server.token, base_url=f"{server.url}/bot", base_file_url=f"{server.url}/file/bot", upload_max_bytes=1_000
    )
    await platform.start(answers)
    yield platform
    await platform.stop()


@pytest.fixture
async def workspace() -> AsyncIterator[SlackServer]:
    async with SlackServer() as server:
        yield server


@pytest.fixture
async def slack(workspace: SlackServer, answers: Answers) -> AsyncIterator[SlackPlatform]:
    platform = SlackPlatform(
        workspace.token, app_token=workspace.app_token, base_url=workspace.url, upload_max_bytes=1_000
    )
    await platform.start(answers)
    yield platform
    await platform.stop()


# ---------------------------------------------------------------- Telegram, in


async def test_a_document_comes_with_the_command_of_its_caption(
    server: TelegramServer, telegram: TelegramPlatform, answers: Answers
) -> None:
    ana = server.private("Ana")
    await server.user_sends(ana, "../etc/names\u202e.csv", CSV, caption="/watch import suppliers")
    request = await answers.wait()
    assert request.text == "/watch import suppliers"
    assert request.attachment == Attachment("names.csv", CSV, "text/csv")


async def test_a_document_without_a_caption_is_for_us_in_a_private_chat_and_as_a_reply_to_us(
    server: TelegramServer, telegram: TelegramPlatform, answers: Answers
) -> None:
    ana, ben = server.user("Ana"), server.user("Ben")
    group = server.group("Desk", ana, ben)
    await server.user_sends(group, "holiday.csv", CSV)  # said to the others
    await server.user_says(group, "/watch import")
    (asked,) = await server.wait_messages(group)
    await server.user_sends(group, "names.csv", CSV, reply_to=asked)
    assert (await answers.wait(2)).attachment == Attachment("names.csv", CSV, "text/csv")
    await server.user_sends(server.private(ben), "own.csv", CSV)
    request = await answers.wait(3)
    assert (request.text, request.attachment and request.attachment.name) == ("", "own.csv")
    assert len(server.downloads) == 2


@pytest.mark.parametrize("size", [1_001, None], ids=["as Telegram tells", "as it proves to be"])
async def test_a_document_that_is_too_large_is_refused_in_words(
    server: TelegramServer, telegram: TelegramPlatform, answers: Answers, size: int | None
) -> None:
    ana = server.private("Ana")
    await server.user_sends(ana, "big.csv", b"x" * 1_001, size=size or 10)
    (refusal,) = await server.wait_messages(ana)
    assert "big.csv was not taken: it is 1 kB, and at most 1 kB are read" in refusal.text
    assert answers.asked == []
    assert len(server.downloads) == (0 if size else 1)


async def test_what_telegram_does_not_hand_out_is_told_with_its_limit(server: TelegramServer, answers: Answers) -> None:
    platform = TelegramPlatform(server.token, base_url=f"{server.url}/bot", upload_max_bytes=400_000_000)
    await platform.start(answers)
    ana = server.private("Ana")
    await server.user_sends(ana, "big.csv", b"x" * (20 * 1024 * 1024 + 1), size=10)
    (refusal,) = await server.wait_messages(ana)
    assert "Telegram hands bots files of up to 20 MB" in refusal.text
    await platform.stop()


async def test_a_document_that_cannot_be_fetched_is_asked_for_again(
    server: TelegramServer, telegram: TelegramPlatform, answers: Answers
) -> None:
    ana = server.private("Ana")
    server.fail("getFile", 400, "Bad Request: wrong file_id or the file is temporarily unavailable")
    await server.user_sends(ana, "names.csv", CSV)
    (refusal,) = await server.wait_messages(ana)
    assert "names.csv could not be fetched from Telegram. Please send it again." in refusal.text


# ---------------------------------------------------------------- Telegram, out


async def test_a_picture_is_a_photo_and_a_list_a_document_with_the_answer_as_caption(
    server: TelegramServer, telegram: TelegramPlatform, answers: Answers
) -> None:
    ana = server.private("Ana")
    answers.says = lambda _: Reply(Message("Two events <b>"), attachment=Attachment("t.png", png(), "image/png"))
    await server.user_says(ana, "/timeline")
    (photo,) = await server.wait_messages(ana)
    assert photo.file
    assert (photo.file.kind, photo.file.content, photo.text) == ("photo", png(), "Two events <b>")
    answers.says = lambda _: Reply(Message("3 hits"), attachment=Attachment("a/hits.csv", CSV, "text/csv"))
    await server.user_says(ana, "/lookup")
    document = (await server.wait_messages(ana, 2))[-1]
    assert document.file
    assert (document.file.kind, document.file.name, document.text) == ("document", "hits.csv", "3 hits")


async def test_a_picture_that_telegram_does_not_show_comes_as_a_document(
    server: TelegramServer, telegram: TelegramPlatform
) -> None:
    ana = server.private("Ana")
    chat = ChatKey("telegram", str(ana.id))
    await telegram.send(chat, Message("Long"), attachment=Attachment("long.png", png(4, 100), "image/png"))
    (sent,) = server.messages(ana)
    assert sent.file
    assert sent.file.kind == "document"


async def test_an_answer_too_long_for_a_caption_follows_the_file_and_can_be_edited(
    server: TelegramServer, telegram: TelegramPlatform
) -> None:
    ana = server.private("Ana")
    chat = ChatKey("telegram", str(ana.id))
    long = Message("Title", paragraphs=("word " * 300,))
    receipt = await telegram.send(chat, long, attachment=Attachment("hits.csv", CSV, "text/csv"))
    file, text = server.messages(ana)
    assert file.file
    assert (file.text, str(text.id)) == ("Title", receipt.message_id)
    assert "word word" in text.text
    await telegram.edit(receipt, Message("Changed"))
    assert server.messages(ana)[1].text == "Changed"


# ---------------------------------------------------------------- Slack, in


async def test_slack_hands_in_a_file_by_direct_message_and_by_mention(
    workspace: SlackServer, slack: SlackPlatform, answers: Answers
) -> None:
    direct, alerts = workspace.direct(), workspace.channel("alerts")
    await workspace.user_sends(direct, "names.csv", CSV, "lookup")
    request = await answers.wait()
    assert (request.text, request.attachment) == ("lookup", Attachment("names.csv", CSV, "text/csv"))
    await workspace.user_sends(alerts, "names.csv", CSV, "<@U0BOT>")
    request = await answers.wait(2)
    assert request.text == ""  # the file alone: the commands ask what is to be done with it
    assert request.attachment == Attachment("names.csv", CSV, "text/csv")
    await workspace.user_says(alerts, "<@U0BOT>")
    assert (await answers.wait(3)).text == "help"


async def test_a_file_of_another_workspace_is_looked_up_first(
    workspace: SlackServer, slack: SlackPlatform, answers: Answers
) -> None:
    told = {"file_access": "check_file_info", "url_private": None, "url_private_download": None, "name": None}
    await workspace.user_sends(workspace.direct(), "names.csv", CSV, told=told)
    assert (await answers.wait()).attachment == Attachment("names.csv", CSV, "text/csv")
    assert len(workspace.called("files.info")) == 1


@pytest.mark.parametrize(
    "address",
    [
        "https://files.example/names.csv",
        "http://files.slack.com/x",
        "https://files.slack.com@evil.example/x",
        "//x",
        "",
    ],
)
async def test_the_token_goes_to_slack_alone(
    workspace: SlackServer, slack: SlackPlatform, answers: Answers, address: str
) -> None:
    assert slack._is_slacks("https://files.slack.com/files-pri/T1-F1/x.csv")
    assert not slack._is_slacks(address)
    direct = workspace.direct()
    told = {"url_private": address or "x", "url_private_download": address}
    await workspace.user_sends(direct, "names.csv", CSV, told=told)
    (refusal,) = await workspace.wait_messages(direct)
    assert "it is not kept by Slack itself" in refusal.shown
    assert workspace.downloads == []


async def test_slack_files_are_refused_when_too_large_or_not_ours_to_read(
    workspace: SlackServer, slack: SlackPlatform, answers: Answers
) -> None:
    direct = workspace.direct()
    await workspace.user_sends(direct, "big.csv", b"x" * 1_001)
    await workspace.user_sends(direct, "big.csv", b"x" * 1_001, told={"size": 5})
    await workspace.wait_messages(direct, 2)
    workspace.lacks_file_scope = True
    await workspace.user_sends(direct, "names.csv", CSV)
    shown = [message.shown for message in await workspace.wait_messages(direct, 3)]
    assert "it is 1 kB, and at most 1 kB are read" in shown[0]
    assert "it is larger, and at most 1 kB are read" in shown[1]
    assert "the app lacks the scope files:read" in shown[2]
    assert answers.asked == []


async def test_of_several_files_the_first_is_taken_and_that_is_said(
    workspace: SlackServer, slack: SlackPlatform, answers: Answers
) -> None:
    direct = workspace.direct()
    await workspace.user_sends(direct, "one.csv", CSV)
    one = workspace.file_json(next(iter(workspace.files.values())))
    await workspace.user_says(direct, "lookup", files=[one, one], subtype="file_share")
    assert "only the first was taken" in (await workspace.wait_messages(direct, 2))[-1].shown
    assert len(answers.asked) == 2


# ---------------------------------------------------------------- Slack, out


def with_file(**values: Any) -> Callable[[Request], Reply]:
    return lambda _: Reply(
        Message("3 hits", paragraphs=("of 4 names",)), attachment=Attachment("hits.png", png(), "image/png"), **values
    )


async def test_a_private_file_goes_to_the_askers_direct_chat(
    workspace: SlackServer, slack: SlackPlatform, answers: Answers
) -> None:
    alerts = workspace.channel("alerts")
    answers.says = with_file()
    await workspace.user_says(alerts, "/sanctions lookup")
    (reply,) = await workspace.wait_messages(alerts)
    assert reply.seen_by == workspace.ana.id
    assert "hits.png is in your direct messages with me" in reply.shown
    (file,) = workspace.shared_files(workspace.direct_of(workspace.ana))
    assert (file.name, file.content, file.title) == ("hits.png", png(), "3 hits")
    assert "of 4 names" in file.alt
    assert workspace.shared_files(alerts) == []


async def test_a_file_for_all_and_one_in_a_direct_chat_are_shared_there(
    workspace: SlackServer, slack: SlackPlatform, answers: Answers
) -> None:
    alerts, direct = workspace.channel("alerts"), workspace.direct()
    answers.says = with_file(private=False)
    await workspace.user_says(alerts, "/sanctions timeline")
    await workspace.wait_messages(alerts)
    answers.says = with_file()
    await workspace.user_says(direct, "timeline")
    await workspace.wait_messages(direct)
    async with asyncio.timeout(5):
        while not (workspace.shared_files(alerts) and workspace.shared_files(direct)):
            await asyncio.sleep(0.01)


async def test_a_file_that_slack_does_not_take_is_told_and_the_answer_comes(
    workspace: SlackServer, slack: SlackPlatform, answers: Answers
) -> None:
    alerts = workspace.channel("alerts")
    answers.says = with_file()
    workspace.fail("files.getUploadURLExternal", "missing_scope")
    await workspace.user_says(alerts, "/sanctions lookup")
    (reply,) = await workspace.wait_messages(alerts)
    assert "3 hits" in reply.shown
    assert "The file did not arrive: the app lacks the scope" in reply.shown


# ---------------------------------------------------------------- the console


@pytest.fixture
def store(sqlite_url: str) -> Iterator[SqlStore]:
    made = SqlStore(sqlite_url)
    yield made
    made.close()


async def test_the_console_takes_a_file_and_serves_the_answers_file(store: SqlStore, answers: Answers) -> None:
    picture = png()
    answers.says = lambda _: Reply(Message("Drawn"), attachment=Attachment('a"><script>.png', picture, "image/png"))
    async with (
        serve_console(store, started=False) as (base, web),
        aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True)) as client,
    ):
        await web.start(answers)
        web.upload_max_bytes = 5_000_000
        async with client.get(base) as page:
            token = re.findall(r'name="token" value="(\w+)"', await page.text())[0]

        async def post(content: bytes, **fields: str) -> tuple[int, str]:
            form = aiohttp.FormData({"token": token, **fields})
            form.add_field("file", content, filename="names.csv", content_type="text/csv")
            async with client.post(f"{base}/command", data=form) as response:
                return response.status, await response.text()

        status, html = await post(CSV, text="lookup")
        assert status == 200
        assert answers.asked[-1].text == "lookup"
        assert answers.asked[-1].attachment == Attachment("names.csv", CSV, "text/csv")
        path = re.findall(r'<img src="(/files/[\w-]+)"', html)[0]
        assert "<script>.png" not in html
        async with client.get(base + path) as served:
            assert (served.status, await served.read()) == (200, picture)
            assert served.headers["Content-Disposition"].startswith("inline; filename*=UTF-8''")
        async with client.get(f"{base}{path}?download") as served:
            assert served.headers["Content-Disposition"].startswith("attachment;")
        async with client.get(f"{base}/files/{'x' * 22}") as served:
            assert served.status == 404

        count = len(answers.asked)
        assert (await post(CSV, token="forged"))[0] == 403
        status, html = await post(b"x" * 5_000_001)
        assert status == 413
        assert "at most 5 MB are read" in html
        assert (await post(b"x" * 8_000_000))[0] == 413
        broken = {"Content-Type": "multipart/form-data; boundary=x"}
        async with client.post(f"{base}/command", data=b"--x\r\nnonsense", headers=broken) as response:
            assert response.status in (400, 403)
        assert len(answers.asked) == count


@pytest.mark.skipif(find_browser() is None, reason=MISSING)
async def test_in_a_browser_a_file_is_sent_a_picture_shown_and_what_is_too_large_not_sent(
    store: SqlStore, answers: Answers
) -> None:
    answers.says = lambda _: Reply(Message("Drawn"), attachment=Attachment("t.png", png(), "image/png"))
    choose = """(() => {{
        const files = new DataTransfer();
        files.items.add(new File(['x'.repeat({size})], 'names.csv', {{type: 'text/csv'}}));
        document.getElementById('file').files = files.files;
        document.querySelector('form.box').requestSubmit();
    }})()"""
    async with serve_console(store, started=False) as (base, web), Browser() as browser:
        await web.start(answers)
        web.upload_max_bytes = 1_000
        page = await browser.open(base)
        await page.run(choose.format(size=1_001))
        await page.until("document.querySelector('#reply h2')?.textContent === 'Not sent'")
        assert [request for request in answers.asked if request.attachment] == []
        await page.run(choose.format(size=1_000))
        await page.until("document.querySelector('#reply img')?.naturalWidth === 4")
        assert [len(request.attachment.content) for request in answers.asked if request.attachment] == [1_000]
        assert page.problems == []


async def test_a_message_of_the_console_links_to_its_file(store: SqlStore) -> None:
    async with serve_console(store) as (base, web), aiohttp.ClientSession() as client:
        await web.send(ChatKey("web", "console"), Message("Done"), attachment=Attachment("hits.csv", CSV, "text/csv"))
        async with client.get(base) as page:
            path = re.findall(r'href="(/files/[\w-]+)"', await page.text())[0]
        async with client.get(base + path) as served:
            assert await served.read() == CSV
            assert served.content_type == "application/octet-stream"


def test_the_shelf_forgets_what_is_old_and_what_is_too_much() -> None:
    from datetime import UTC, datetime

    from bot.platforms.web import shelf as of

    now, shelf = datetime(2026, 1, 1, tzinfo=UTC), Shelf()
    first = shelf.put(Attachment("a.csv", b"x"), now)
    assert shelf.get(first.path, now + timedelta(minutes=59))
    assert shelf.get(first.path, now + of.KEPT_FOR) is None
    for _ in range(of.MOST_FILES):
        newest = shelf.put(Attachment("b.csv", b"x"), now)
    assert shelf.get(first.path, now) is None
    large = shelf.put(Attachment("c.csv", b"x" * of.MOST_BYTES), now)
    assert shelf.get(newest.path, now) is None
    assert shelf.get(large.path, now)


# ---------------------------------------------------------------- long work


async def test_long_work_shows_how_far_it_is_in_one_message_and_answers_with_its_file(
    server: TelegramServer, telegram: TelegramPlatform, answers: Answers
) -> None:
    import threading

    ana, is_begun, go = server.private("Ana"), threading.Event(), threading.Event()
    long, loop = LongWork({"telegram": telegram}, every=timedelta(0)), asyncio.get_running_loop()

    def work(show: Callable[[Message], None]) -> Reply:
        assert is_begun.wait(5)  # shown at once, it might come before the answer to the command
        show(Message("Looking up", paragraphs=("10 %",)))
        assert go.wait(5)
        show(Message("Looking up", paragraphs=("90 %",)))
        return Reply(Message("3 hits"), attachment=Attachment("hits.csv", CSV, "text/csv"))

    answers.says = lambda request: long.begin(request, work, loop)
    await server.user_says(ana, "/lookup")
    (begun,) = await server.wait_messages(ana)
    assert "Begun" in begun.text
    is_begun.set()
    _, progress = await server.wait_messages(ana, 2)
    assert "10 %" in progress.text
    go.set()
    done = (await server.wait_messages(ana, 3))[-1]
    assert (done.text, done.file and done.file.content, done.reply_to) == ("3 hits", CSV, progress.id)
    assert progress.texts[-1].endswith("Done.")
    await long.stop()


async def test_in_a_slack_channel_long_work_goes_to_the_askers_direct_chat(
    workspace: SlackServer, slack: SlackPlatform, answers: Answers
) -> None:
    import threading

    alerts, go = workspace.channel("alerts", is_member=False), threading.Event()
    direct = workspace.direct_of(workspace.ana)
    platforms: dict[str, Platform] = {"slack": slack}
    long, loop = LongWork(platforms, every=timedelta(0)), asyncio.get_running_loop()

    def work(show: Callable[[Message], None]) -> Reply:
        show(Message("Looking up", paragraphs=("10 %",)))
        assert go.wait(5)
        return Reply(Message("3 hits"), attachment=Attachment("hits.csv", CSV, "text/csv"))

    answers.says = lambda request: long.begin(request, work, loop)
    await workspace.user_says(alerts, "/sanctions lookup")
    (begun,) = await workspace.wait_messages(alerts)
    assert "in your direct messages with me" in begun.shown
    (progress,) = await workspace.wait_messages(direct)
    go.set()
    await workspace.wait_messages(direct, 2)
    async with asyncio.timeout(5):
        while not workspace.shared_files(direct):
            await asyncio.sleep(0.01)
    assert "Done." in progress.shown
    await long.stop()
