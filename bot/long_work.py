"""Work that takes more than seconds, for somebody in a chat: begun at once, shown as it goes on, answered at its end.

What is shown goes into one message, which is edited; how often is `time_to_show`.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import structlog

from bot.errors import CommandError, DeliveryError, StoppedError
from bot.model import ChatKey, ChatKind, Message, Receipt, Reply, Request
from bot.ports import Platform

log = structlog.get_logger(__name__)

AT_ONCE = 2  # pieces of work; each person has one
EVERY = timedelta(seconds=3)  # a Telegram group takes 20 messages a minute, edits counted
TRIES = 5  # to send the answer
MOST_PATIENCE = timedelta(minutes=2)
# Where a file or an edit cannot be shown to one person in a shared chat, it goes to their own.
_ASIDE = frozenset({"slack"})

Show = Callable[[Message], None]
Work = Callable[[Show], Reply]

_STOPPED = Reply(
    Message(
        "Given up: the bot is being stopped", paragraphs=("Nothing was changed by it. Please send it again later.",)
    ),
    ok=False,
)


def time_to_show(shown_at: datetime, held_until: datetime | None, every: timedelta, now: datetime) -> timedelta:
    """How long to wait before what is newest may be shown; zero: now. `held_until`: the platform asked for a pause."""
    due = max(shown_at + every, held_until or shown_at)
    return max(due - now, timedelta(0))


class LongWork:
    """Runs work in threads of its own, a bounded number at once, and tells its chat of it."""

    def __init__(self, platforms: Mapping[str, Platform], at_once: int = AT_ONCE, every: timedelta = EVERY) -> None:
        self._platforms, self._at_once, self._every = platforms, at_once, every
        self._pool = ThreadPoolExecutor(at_once, thread_name_prefix="long work")
        self._lock = threading.Lock()
        self._people: set[str] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self._stopping = threading.Event()
        self._stopped = asyncio.Event()

    def begin(self, request: Request, work: Work, loop: asyncio.AbstractEventLoop) -> Reply:
        """In a command's thread, with the platforms' loop. Raises CommandError if there is no place."""
        person = str(request.user)
        self._take_place(person)
        place = _place(request)
        loop.call_soon_threadsafe(self._spawn, person, place, work)
        where = "here" if place == request.chat.key else "in your direct messages with me"
        return Reply(Message("Begun", paragraphs=(f"How far it is, and the answer, come {where} by themselves.",)))

    async def stop(self) -> None:
        """Whoever waits is told that nothing will come. Threads end when they next tell how far they are."""
        self._stopping.set()
        self._stopped.set()
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=5)
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._pool.shutdown(wait=False, cancel_futures=True)

    def _take_place(self, person: str) -> None:
        with self._lock:
            if self._stopping.is_set():
                raise CommandError("The bot is being stopped. Please send it again later.")
            if person in self._people:
                raise CommandError("The last one that you began is not done yet. Please wait for its answer.")
            if len(self._people) >= self._at_once:
                raise CommandError("Others are having long work done just now. Please send it again in some minutes.")
            self._people.add(person)

    def _spawn(self, person: str, place: ChatKey, work: Work) -> None:
        task = asyncio.get_running_loop().create_task(self._run(place, work))
        self._tasks.add(task)

        def ended(task: asyncio.Task[None]) -> None:
            self._tasks.discard(task)
            self._people.discard(person)
            if not task.cancelled() and task.exception():
                log.error("long work not told", chat=str(place), problem=repr(task.exception()))

        task.add_done_callback(ended)

    async def _run(self, place: ChatKey, work: Work) -> None:
        loop, platform = asyncio.get_running_loop(), self._platforms[place.platform]
        teller = _Teller(platform, place, self._every)

        def show(message: Message) -> None:
            if self._stopping.is_set():
                raise StoppedError("the bot is being stopped")
            loop.call_soon_threadsafe(teller.note, message)

        working = loop.run_in_executor(self._pool, work, show)
        telling, stopped = asyncio.create_task(teller.run()), asyncio.create_task(self._stopped.wait())
        try:
            waiting: set[asyncio.Future[Any]] = {working, stopped}
            await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in (telling, stopped):
                task.cancel()
            await asyncio.gather(telling, stopped, return_exceptions=True)
        await teller.finish(await _result(working))


class _Teller:
    """The one message that shows how far the work is, and the answer after it."""

    def __init__(self, platform: Platform, chat: ChatKey, every: timedelta) -> None:
        self._platform, self._chat, self._every = platform, chat, every
        self._newest: Message | None = None
        self._changed = asyncio.Event()
        self._receipt: Receipt | None = None
        self._shown_at = datetime.now(UTC)  # work that is done at once shows nothing
        self._held_until: datetime | None = None
        self._showing: asyncio.Future[None] | None = None

    def note(self, message: Message) -> None:
        self._newest = message
        self._changed.set()

    async def run(self) -> None:
        while True:
            await self._changed.wait()
            await asyncio.sleep(
                time_to_show(self._shown_at, self._held_until, self._every, datetime.now(UTC)).total_seconds()
            )
            self._changed.clear()
            # Not given up halfway: a message that was sent and not noted would stay as it is.
            self._showing = asyncio.ensure_future(self._show())
            await asyncio.shield(self._showing)

    async def _show(self) -> None:
        if self._newest is None:
            return
        try:
            if self._receipt is None:
                self._receipt = await self._platform.send(self._chat, self._newest, silent=True)
            else:
                self._receipt = await self._platform.edit(self._receipt, self._newest)
        except DeliveryError as error:
            pause = error.retry_after or self._every
            self._held_until = datetime.now(UTC) + pause
            log.info("progress not shown", chat=str(self._chat), problem=error.problem)
        self._shown_at = datetime.now(UTC)

    async def finish(self, reply: Reply) -> None:
        """The answer; the message above it tells that it has come."""
        if self._showing:
            await self._showing
        if self._receipt and self._newest:
            self._newest = Message(self._newest.title, paragraphs=("Done." if reply.ok else "Ended.",))
            await self._show()
        for attempt in range(TRIES):
            try:
                await self._platform.send(
                    self._chat, reply.message, reply_to=self._receipt, attachment=reply.attachment
                )
            except DeliveryError as error:
                if error.permanent or error.uncertain or attempt == TRIES - 1:
                    log.warning("answer not sent", chat=str(self._chat), problem=error.problem)
                    return
                pause = min(error.retry_after or self._every * 2**attempt, MOST_PATIENCE)
                await asyncio.sleep(pause.total_seconds())
            else:
                return


async def _result(working: asyncio.Future[Reply]) -> Reply:
    if not working.done():
        return _STOPPED
    try:
        return await working
    except (StoppedError, asyncio.CancelledError):
        return _STOPPED
    except Exception:  # the edge of a person's request: whatever broke, they hear that it did
        log.exception("long work failed")
        return Reply(Message("It broke off: something went wrong here. The log has it; please try again."), ok=False)


def _place(request: Request) -> ChatKey:
    """Where its progress is shown and its answer sent."""
    chat = request.chat
    if chat.kind is not ChatKind.PRIVATE and chat.key.platform in _ASIDE:
        return ChatKey(chat.key.platform, request.user.id)
    return chat.key
