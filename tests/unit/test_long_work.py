"""Long work: when progress is shown, who may begin, and what is told when it breaks or the program ends."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from bot.errors import CommandError, DeliveryError
from bot.long_work import LongWork, time_to_show
from bot.model import Attachment, Chat, ChatKey, Message, Receipt, Reply, Request, User
from bot.ports import Answer

NOW = datetime(2026, 1, 1, tzinfo=UTC)
EVERY = timedelta(seconds=3)
HOME = Chat(ChatKey("fake", "1"))


def request(user: str = "7") -> Request:
    return Request(HOME, User("fake", user), "lookup")


@pytest.mark.parametrize(
    ("since_shown", "held_for", "wait"),
    [
        (0, None, 3),
        (1, None, 2),
        (3, None, 0),
        (9, None, 0),
        (3, 10, 10),  # the platform asked for a pause
        (1, 1, 2),
    ],
)
def test_progress_is_shown_at_the_platforms_pace(since_shown: int, held_for: int | None, wait: int) -> None:
    held = None if held_for is None else NOW + timedelta(seconds=held_for)
    assert time_to_show(NOW - timedelta(seconds=since_shown), held, EVERY, NOW) == timedelta(seconds=wait)


class Recorded:
    """A platform that keeps what it was given; the first `failures` sends fail for now."""

    name = "fake"

    def __init__(self, failures: int = 0) -> None:
        self.sent: list[Message] = []
        self.files: list[Attachment | None] = []
        self.edits: list[Message] = []
        self.failures = failures

    async def start(self, answer: Answer) -> None: ...
    async def stop(self) -> None: ...

    async def send(
        self,
        chat: ChatKey,
        message: Message,
        *,
        reply_to: Receipt | None = None,
        aloud: bool = False,
        silent: bool = False,
        attachment: Attachment | None = None,
    ) -> Receipt:
        if self.failures:
            self.failures -= 1
            raise DeliveryError(chat, "asks for a pause", retry_after=timedelta(milliseconds=1))
        self.sent.append(message)
        self.files.append(attachment)
        return Receipt(chat, str(len(self.sent)))

    async def edit(self, receipt: Receipt, message: Message) -> Receipt:
        self.edits.append(message)
        return receipt

    def spacing(self, chat: Chat) -> tuple[timedelta, timedelta]:
        return timedelta(0), timedelta(0)

    def health(self) -> str:
        return "on"

    async def wait(self, count: int) -> list[Message]:
        async with asyncio.timeout(5):
            while len(self.sent) < count:
                await asyncio.sleep(0.005)
        return self.sent


def begin(long: LongWork, work: Callable[[Callable[[Message], None]], Reply], user: str = "7") -> Reply:
    return long.begin(request(user), work, asyncio.get_running_loop())


async def test_quick_work_shows_no_progress() -> None:
    platform = Recorded()
    long = LongWork({"fake": platform})

    def work(show: Callable[[Message], None]) -> Reply:
        for number in range(1000):
            show(Message(f"{number}"))
        return Reply(Message("Done at once"))

    begin(long, work)
    assert [message.title for message in await platform.wait(1)] == ["Done at once"]
    assert platform.edits == []
    await long.stop()


async def test_each_person_has_one_and_all_together_a_few() -> None:
    go, long = threading.Event(), LongWork({"fake": Recorded()}, at_once=2)

    def work(show: Callable[[Message], None]) -> Reply:
        assert go.wait(5)
        return Reply(Message("Done"))

    begin(long, work, "7")
    with pytest.raises(CommandError, match="is not done yet"):
        begin(long, work, "7")
    begin(long, work, "8")
    with pytest.raises(CommandError, match="in some minutes"):
        begin(long, work, "9")
    go.set()
    await platform_of(long).wait(2)
    await asyncio.sleep(0)
    begin(long, work, "9")
    await platform_of(long).wait(3)
    await long.stop()


def platform_of(long: LongWork) -> Recorded:
    platform = long._platforms["fake"]
    assert isinstance(platform, Recorded)
    return platform


async def test_what_breaks_is_told_and_what_the_platform_refuses_for_now_is_sent_again() -> None:
    platform = Recorded(failures=2)
    long = LongWork({"fake": platform})

    def work(show: Callable[[Message], None]) -> Reply:
        raise ZeroDivisionError

    begin(long, work)
    (told,) = await platform.wait(1)
    assert "It broke off" in told.title
    await long.stop()


async def test_at_the_end_of_the_program_whoever_waits_is_told_and_nothing_is_begun() -> None:
    platform, begun, ended = Recorded(), threading.Event(), threading.Event()
    long = LongWork({"fake": platform})

    def work(show: Callable[[Message], None]) -> Reply:
        begun.set()
        try:
            while True:
                show(Message("on"))
                ended.wait(0.005)
        finally:
            ended.set()

    begin(long, work)
    await asyncio.to_thread(begun.wait, 5)
    await long.stop()
    assert [message.title for message in platform.sent] == ["Given up: the bot is being stopped"]
    assert await asyncio.to_thread(ended.wait, 5)
    with pytest.raises(CommandError, match="being stopped"):
        begin(long, work)
