"""Trouble: what those who run the bot should know. It is kept for /status and told to the operations chat, if one is
set; never to the chats of readers."""

from __future__ import annotations

import asyncio
import hashlib
import re
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

import structlog

from bot.counted import first_of
from bot.delivery import NOTICE_PRIORITY
from bot.errors import ChatMovedError, DeliveryError, StoreError
from bot.model import Chat, ChatKey, DeliveryState, Message, Notice, NoticeKind
from bot.ports import Again, Engine, Platform, Store, Trouble
from bot.zones import load_zone, told_time

log = structlog.get_logger(__name__)

AGAIN_AFTER = timedelta(hours=1)  # the same trouble is told no more often
GATHER = timedelta(seconds=10)  # what comes together is told in one message
SEND_AGAIN = timedelta(seconds=30)
MOST_TOLD = 20
MOST_TEXT = 400  # characters of one
# A count or a duration in it, not the number of a chat or a version: "5 failures", "next try in 12 min".
_COUNT = re.compile(r"(?<![\w:./#-])\d{1,4}(?:\.\d+)?(?![\w:/#]|\.\d)")


def trouble_key(text: str) -> str:
    """Equal for the same trouble: its counts and durations change while it lasts."""
    return hashlib.sha256(_COUNT.sub("#", text).encode("utf-8", "replace")).hexdigest()[:32]


def trouble_message(troubles: Sequence[Trouble], zone: str = "") -> Message:
    """What the operations chat is told: the first of it in full, of the rest how much there is."""
    bullets = first_of([_told(trouble, zone) for trouble in troubles], MOST_TOLD)
    one = len(troubles) == 1
    return Message(
        "Trouble" if one else f"Trouble: {len(troubles)} things",
        bullets=tuple(bullets),
        footer="The commands status, feeds and outbox tell more. The same is told at most once an hour.",
    )


def _told(trouble: Trouble, zone: str) -> str:
    text = trouble.text if len(trouble.text) <= MOST_TEXT else f"{trouble.text[: MOST_TEXT - 1]}…"
    return text if trouble.times == 1 else f"{text} ({trouble.times} times since {told_time(trouble.first_at, zone)})"


@dataclass(slots=True)
class Troubles:
    """Takes trouble from any thread. `chat` None: it is logged and kept, and that is all. `pass_gate` waits until the
    chat may be spoken to."""

    store: Store
    engine: Engine
    platforms: Mapping[str, Platform]
    chat: Chat | None
    pass_gate: Callable[[Platform, Chat], Awaitable[None]]
    now: Callable[[], datetime] = lambda: datetime.now(UTC)

    def register(self) -> None:
        self.engine.job("tell_trouble", queue="deliver", tries=5)(self.tell)

    def note(self, text: str) -> None:
        """Log it, keep it, and have it told. Never raises; not to be called within a transaction of the store."""
        log.warning("trouble", what=text)
        try:
            asyncio.get_running_loop().run_in_executor(None, self._keep, text)
        except RuntimeError:  # no loop runs in this thread, or it is ending and takes no more work
            self._keep(text)

    def _keep(self, text: str) -> None:
        now, key = self.now(), trouble_key(text)
        try:
            with self.store.writing() as records:
                if records.add_trouble(key, text, now, AGAIN_AFTER) and self.chat:
                    to = self.chat.key
                    args = {"platform": to.platform, "chat": to.id, "thread": to.thread}
                    self.engine.put(
                        records,
                        "tell_trouble",
                        f"trouble:{now:%Y%m%dT%H%M%S%f}:{key}",
                        args,
                        partition=str(to),
                        priority=NOTICE_PRIORITY,
                        not_before=now + GATHER,
                    )
        except StoreError as error:
            log.warning("trouble was not kept", what=text, problem=str(error))

    async def tell(self, platform: str, chat: str, thread: str) -> None:
        """Send what is not told yet, in one message. What cannot be sent for good is a dead letter."""
        key, port = ChatKey(platform, chat, thread), self.platforms.get(platform)
        troubles, zone = await asyncio.to_thread(self._untold, key)
        if not troubles:
            return
        if port is None:
            raise Again(SEND_AGAIN, f"{platform} is switched off here")
        to = replace(self.chat, key=key) if self.chat else Chat(key)
        await self.pass_gate(port, to)
        try:
            await self._send(port, key, trouble_message(troubles, zone))
        except DeliveryError as error:
            if not error.permanent:
                raise Again(error.retry_after or SEND_AGAIN, error.problem) from error
            log.error("the operations chat cannot be told", chat=str(key), problem=error.problem)
            await asyncio.to_thread(self._keep_dead, to.key, trouble_message(troubles, zone), error.problem)
        await asyncio.to_thread(self._save_told, [trouble.key for trouble in troubles])

    async def _send(self, port: Platform, key: ChatKey, message: Message) -> None:
        try:
            await port.send(key, message)
        except ChatMovedError as error:
            log.error("the operations chat has a new id: put it into ops_chat", chat=str(key), new_id=error.new_id)
            await port.send(replace(key, id=error.new_id), message)

    def _keep_dead(self, chat: ChatKey, message: Message, problem: str) -> None:
        """As a dead letter: whoever looks at the outbox sees what was not told, and may have it sent again."""
        now = self.now()
        notice = Notice(f"trouble:{chat}:{now:%Y%m%dT%H%M%S%f}", NoticeKind.TROUBLE, chat, message, now)
        with self.store.writing() as records:
            if records.add_notice(notice):
                records.settle_notice(notice.key, DeliveryState.DEAD, now, problem)

    def _untold(self, chat: ChatKey) -> tuple[tuple[Trouble, ...], str]:
        """And the chat's time zone."""
        with self.store.reading() as records:
            return records.troubles_to_tell(), load_zone(records, chat)

    def _save_told(self, keys: Sequence[str]) -> None:
        with self.store.writing() as records:
            records.save_troubles_told(keys, self.now())
