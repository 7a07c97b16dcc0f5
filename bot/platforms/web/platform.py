"""The console as a platform: a sent message is a row of posts, and every open page is woken to show it.

Other processes may write posts too, so open pages also look for themselves every few seconds.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial

from starlette.applications import Starlette
from starlette.routing import BaseRoute, Mount

from bot.counted import number
from bot.errors import DeliveryError, SanctionsBotError
from bot.model import Attachment, Chat, ChatKey, ChatKind, Link, Message, Receipt, Reply, Request, Source, User
from bot.platforms import UPLOAD_BYTES
from bot.platforms.web.archive import CONSOLE
from bot.platforms.web.pages import Pages
from bot.platforms.web.shelf import Shelf
from bot.ports import Answer, Post, Records, Sight, Store

LOOK_EVERY = timedelta(seconds=2)
STATUS_EVERY = timedelta(seconds=15)


class WebPlatform:
    """Implements bot.ports.Platform with the one chat CONSOLE. `app` is the ASGI application: the caller serves it.
    `names`: host names besides loopback; `extra_routes` are served as they are, outside the console's guard; `sources`:
    all that there are now."""

    name = "web"

    def __init__(
        self,
        store: Store,
        *,
        names: frozenset[str] = frozenset(),
        extra_routes: Sequence[BaseRoute] = (),
        sources: Callable[[Records], Iterable[Source]] = lambda _records: (),
        upload_max_bytes: int = UPLOAD_BYTES,
    ) -> None:
        self.store = store
        self.sources = sources
        self.upload_max_bytes = upload_max_bytes
        self.shelf = Shelf()
        self.closing = False
        self._answer: Answer | None = None
        self._pages: dict[asyncio.Event, asyncio.AbstractEventLoop] = {}
        self._status: tuple[datetime, str] | None = None
        self.app = Starlette(routes=[*extra_routes, Mount("/", app=Pages(self, names).app)])

    # ------------------------------------------------------------ Platform

    async def start(self, answer: Answer) -> None:
        self._answer, self.closing = answer, False

    async def stop(self) -> None:
        """Open pages are let go, so that the server can end."""
        self.closing = True
        self._answer = None
        self._wake()

    async def send(
        self,
        chat: ChatKey,
        message: Message,
        *,
        reply_to: Receipt | None = None,
        aloud: bool = False,
        silent: bool = False,  # noqa: ARG002  (a page makes no sound)
        attachment: Attachment | None = None,
        mark: str = "",
    ) -> Receipt:
        if attachment:
            stored = self.shelf.put(attachment, datetime.now(UTC))
            message = replace(message, sources=(*message.sources, Link(stored.name, stored.path)))
        parent = int(reply_to.message_id) if reply_to and not aloud else None
        post = await asyncio.to_thread(self._add, chat, message, parent, mark)
        self._wake()
        return Receipt(chat, str(post))

    async def find_sent(
        self,
        chat: ChatKey,
        mark: str,
        since: datetime,  # noqa: ARG002  (posts are not forgotten)
        *,
        reply_to: Receipt | None = None,  # noqa: ARG002
    ) -> Receipt | Sight:
        post = await asyncio.to_thread(self._marked, chat, mark)
        return Receipt(chat, str(post)) if post else Sight.ABSENT

    async def edit(self, receipt: Receipt, message: Message) -> Receipt:
        found = await asyncio.to_thread(self._edit, receipt, message)
        if not found:
            return await self.send(receipt.chat, message)
        self._wake()
        return receipt

    def spacing(self, chat: Chat) -> tuple[timedelta, timedelta]:  # noqa: ARG002  (the protocol's signature)
        return timedelta(0), timedelta(0)

    def health(self) -> str:
        if self._answer is None:
            return "starting"
        return f"open on {number(len(self._pages), 'page')}"

    def _add(self, chat: ChatKey, message: Message, parent: int | None, mark: str) -> int:
        try:
            with self.store.writing() as records:
                return records.add_post(chat, event_of(message), message, datetime.now(UTC), parent, mark or None)
        except SanctionsBotError as error:
            # the transaction may have ended before its answer was lost
            raise DeliveryError(chat, f"the post was not saved: {error}", uncertain=True) from error

    def _marked(self, chat: ChatKey, mark: str) -> int | None:
        try:
            with self.store.reading() as records:
                return records.marked_post(chat, mark)
        except SanctionsBotError as error:
            raise DeliveryError(chat, f"the posts could not be read: {error}") from error

    def _edit(self, receipt: Receipt, message: Message) -> bool:
        try:
            with self.store.writing() as records:
                return records.edit_post(int(receipt.message_id), message, datetime.now(UTC))
        except SanctionsBotError as error:
            raise DeliveryError(receipt.chat, f"the post was not saved: {error}") from error

    # ------------------------------------------------------------ what the pages use

    async def ask(
        self, user: User, text: str, attachment: Attachment | None = None, fields: Mapping[str, str] | None = None
    ) -> Reply | None:
        """A command from the console, perhaps with a form's fields; None while the bot is starting or stopping."""
        if self._answer is None:
            return None
        chat = await asyncio.to_thread(self._chat)
        return await self._answer(Request(chat, user, text, prefix="/", attachment=attachment, fields=fields or {}))

    async def status_line(self, user: User) -> str:
        """The first line of `status`, at most a few seconds old."""
        now = datetime.now(UTC)
        if self._status is None or now - self._status[0] > LOOK_EVERY:
            reply = await self.ask(user, "status")
            self._status = (now, reply.message.title if reply and reply.ok else "Starting …")
        return self._status[1]

    def _chat(self) -> Chat:
        with self.store.reading() as records:
            return records.chat(CONSOLE) or Chat(CONSOLE, ChatKind.CHANNEL, "web console")

    async def changes(self, after: int) -> AsyncIterator[Sequence[Post]]:
        """New and edited posts since `after`, as they come; an empty batch when the status may be old."""
        woken = asyncio.Event()
        self._pages[woken] = asyncio.get_running_loop()
        told_at = datetime.now(UTC)
        try:
            while not self.closing:
                woken.clear()
                posts = await asyncio.to_thread(self._posts_after, after)
                if posts:
                    after = posts[-1].seq
                    yield posts
                    continue
                if datetime.now(UTC) - told_at > STATUS_EVERY:
                    told_at = datetime.now(UTC)
                    yield ()
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(woken.wait(), LOOK_EVERY.total_seconds())
        finally:
            del self._pages[woken]

    def _posts_after(self, seq: int) -> tuple[Post, ...]:
        with self.store.reading() as records:
            return records.posts_after(seq, 50)

    def _wake(self) -> None:
        """Jobs may run on another loop than the pages."""
        for woken, loop in list(self._pages.items()):
            with contextlib.suppress(RuntimeError):  # that loop has ended
                loop.call_soon_threadsafe(partial(woken.set))


def event_of(message: Message) -> str:
    """The event that a message is about, as its Details button names it; "" if it has none."""
    details = (action.data.split() for action in message.actions if action.data.startswith("why "))
    return next((words[1] for words in details if len(words) == 2), "")
