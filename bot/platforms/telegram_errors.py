"""What Telegram's errors mean, and what may be tried without what it refused."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from telegram.error import BadRequest, RetryAfter, TelegramError

from bot.platforms.telegram_http import may_have_left
from bot.rendering import TelegramText

# What Telegram says -> what a person is to do. These end a chat; its settings stay.
CHAT_ENDED = (
    ("bot was blocked by the user", "the user blocked the bot; /start there wakes it"),
    ("user is deactivated", "the user's account was deleted"),
    ("bot was kicked", "the bot was removed from the chat; add it again"),
    ("bot is not a member", "the bot is not in the chat; add it again"),
    ("bot can't initiate conversation", "the user has not spoken to the bot yet; /start there"),
    ("chat not found", "there is no such chat, or the bot is not in it; add the bot there"),
    ("group chat was deactivated", "the group was deleted"),
    ("not enough rights", "the bot may not post there; let it send messages"),
    ("have no rights", "the bot may not post there; let it send messages"),
    ("need administrator rights", "the bot may not post in the channel; make it an administrator"),
    ("chat_write_forbidden", "the bot may not post there; let it send messages"),
    ("chat_restricted", "the chat is restricted"),
    ("topic_closed", "the group's general topic is closed; open it, or subscribe in another one"),
    ("topic_deleted", "the topic was deleted; subscribe in another one"),
)
GONE_MESSAGE = ("message to edit not found", "message can't be edited", "message_id_invalid")
_BAD_MARKUP = ("can't parse entities", "message is too long", "entities_too_long")
_BAD_KEYBOARD = ("button", "reply markup", "reply_markup", "wrong http url")
BAD_PHOTO = ("photo_invalid_dimensions", "image_process_failed", "photo_save_file_invalid", "photo")
NO_THREAD = (
    "message thread not found",
    "message_thread_not_found",
    "the chat is not a forum",
    "topic_closed",
    "topic_deleted",
    "topic_id_invalid",
)
# A gateway answers for a server of which it does not know what it did.
_GATEWAY = ("bad gateway", "gateway time-out", "gateway timeout")


def mended_values(values: dict[str, Any], text: TelegramText, error: BadRequest) -> dict[str, Any] | None:
    """The same call without what Telegram refused, each tried once; None if the error is another."""
    if says_any(error, _BAD_MARKUP) and values["parse_mode"]:
        return values | {"caption" if "caption" in values else "text": text.plain, "parse_mode": None}
    if says_any(error, NO_THREAD) and values.get("message_thread_id"):
        return values | {"message_thread_id": None}  # the General topic
    if says_any(error, _BAD_KEYBOARD) and values["reply_markup"]:
        return values | {"reply_markup": None}
    return None


def says_any(error: TelegramError, phrases: Sequence[str]) -> bool:
    """Whether one of the phrases, in small letters, stands in what Telegram says."""
    said = error.message.lower()
    return any(phrase in said for phrase in phrases)


def retry_after(error: RetryAfter) -> timedelta:
    """How long Telegram asks us to wait."""
    asked = error.retry_after  # seconds, or a timedelta where the library is set so
    return asked if isinstance(asked, timedelta) else timedelta(seconds=asked)


def may_have_arrived(error: TelegramError) -> bool:
    """False where the connection was not even made, or the server said that it failed."""
    return says_any(error, _GATEWAY) or may_have_left(error)


def pause_after(error: Exception, failures: int) -> float:
    """Seconds until the next try to poll: what Telegram asks for, else longer with each failure."""
    if isinstance(error, RetryAfter):
        return retry_after(error).total_seconds() + 0.5
    return min(0.5 * (1 << min(failures, 6)), 30.0)
