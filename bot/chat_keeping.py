"""What a chat platform tells of its chats, kept: which let the bot go, took it back, or has another id."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

import structlog

from bot import commands
from bot.commands import Services
from bot.delivery import told_stopped
from bot.errors import DeliveryError, StoreError
from bot.model import Chat, ChatKey, ChatKind, Request, User
from bot.platforms.slack import SlackPlatform
from bot.platforms.telegram import TelegramPlatform
from bot.ports import AuditRow, Records, Store

log = structlog.get_logger(__name__)


def keep_chats(platform: TelegramPlatform | SlackPlatform, services: Services) -> None:
    """What a platform tells of its chats is kept: a chat that let the bot go is stopped and keeps its settings, one
    that took it back wakes, one with a new id is followed. A group that it comes to is told what to do next."""
    keeper = _Keeper(platform, services)
    if isinstance(platform, TelegramPlatform):
        platform.on_topic = lambda topic, name, is_now: asyncio.to_thread(keeper.keep_topic, topic, name, is_now)
        platform.knows = lambda user: asyncio.to_thread(keeper.knows, user)
        platform.takes = commands.is_meant
    platform.on_chat = keeper.welcome
    platform.on_chat_gone = lambda chat, reason: asyncio.to_thread(keeper.stop, chat, reason)
    platform.on_chat_moved = lambda old, new_id: asyncio.to_thread(keeper.move, old, new_id)


@dataclass(frozen=True, slots=True)
class _Keeper:
    """Of one platform. All but `welcome` runs in a thread."""

    platform: TelegramPlatform | SlackPlatform
    services: Services

    @property
    def store(self) -> Store:
        return self.services.store

    def stop(self, chat: Chat, reason: str) -> None:
        with self.store.writing() as records:
            known = [one for one in _with_topics(records, chat) if one.stopped_reason != reason]
            is_missed = any(_is_awaited(records, one.key) for one in known)
            _save_stopped(records, known, "chat stopped", reason)
        if is_missed:
            self.platform.on_trouble(told_stopped(known[0], reason))

    async def welcome(self, chat: Chat) -> None:
        # A Telegram channel is read by people who do not administer it, and a private chat begins with /start.
        is_group = chat.kind is ChatKind.GROUP or self.platform.name == "slack"
        greeting = await asyncio.to_thread(self.wake, chat)
        if greeting and is_group:
            await _greet(self.platform, chat, self.services, greeting)

    def wake(self, chat: Chat) -> str:
        """How it is greeted: as one that is new, or that took the bot back; "" if the bot was there before."""
        with self.store.writing() as records:
            known = _with_topics(records, chat)
            stopped = [one for one in known if one.stopped_reason]
            _save_stopped(records, stopped, "chat woken", None)
        return f"start {commands.BACK}" if stopped else "" if known else "start"

    def move(self, old: ChatKey, new_id: str) -> None:
        with self.store.writing() as records:
            is_known = any(chat.key.whole == old.whole for chat in records.chats())
            records.move_chat(old, new_id)
            if is_known:
                _write_down(records, old, "chat moved", str(old), f"{old.platform}:{new_id}")

    def knows(self, user: User) -> bool:
        with self.store.reading() as records:
            return commands.is_known(records, user)

    def keep_topic(self, topic: ChatKey, name: str, is_now: bool) -> None:
        """Whatever the database says: a command may stand in the same message, and is not lost for a name."""
        try:
            with self.store.reading() as records:
                known = records.topics(topic).get(topic.thread)
            if known != name and (is_now or not known):
                with self.store.writing() as records:
                    records.save_topic(topic, name, is_now=is_now)
        except StoreError as error:
            log.warning("topic's name not kept", chat=str(topic), problem=str(error))


async def _greet(platform: TelegramPlatform | SlackPlatform, chat: Chat, services: Services, greeting: str) -> None:
    """What /start says there, to whoever let the bot in."""
    nobody = User(chat.key.platform, chat.key.id, chat.title)
    request = Request(chat, nobody, greeting, prefix=platform.prefix, is_anonymous=True)
    reply = await asyncio.to_thread(commands.answer, request, services)
    try:
        await platform.send(chat.key, reply.message)
    except DeliveryError as error:  # it may not speak there yet, say; nobody waits for it
        log.info("chat not greeted", chat=str(chat.key), problem=error.problem)


def _is_awaited(records: Records, chat: ChatKey) -> bool:
    """Whether alerts go there: by its own subscriptions, or as others route or escalate theirs to it."""
    settings = records.all_routes()
    led = {route.to for one in settings for route in one.routes}
    led |= {one.escalation.to for one in settings if one.escalation}
    return chat in led or bool(records.subscriptions(chat))


def _with_topics(records: Records, chat: Chat) -> list[Chat]:
    """A group's topics are chats of their own."""
    return [one for one in records.chats() if one.key.whole == chat.key.whole]


def _save_stopped(records: Records, chats: Sequence[Chat], what: str, reason: str | None) -> None:
    """The log comes last: from its first row on nobody else can write to it."""
    for chat in chats:
        records.save_chat(replace(chat, stopped_reason=reason))
    for chat in chats:
        _write_down(records, chat.key, what, chat.stopped_reason or "", reason or "")


def _write_down(records: Records, chat: ChatKey, what: str, before: str = "", after: str = "") -> None:
    """A change that nobody asked for by a command: the platform told of it."""
    records.add_audit(AuditRow(datetime.now(UTC), chat.platform, str(chat), what, before, after))
