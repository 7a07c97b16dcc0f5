"""Messages and replies as Telegram takes them: texts with buttons, cards, toasts."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

from telegram import (
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    InlineQueryResultArticle,
    InputTextMessageContent,
    LinkPreviewOptions,
)
from telegram.constants import ParseMode

from bot.model import Action, ChatKey, Message, Reply
from bot.rendering import TelegramText, fact_line, render_telegram, shorten, tidy

TOAST = 200  # characters in answerCallbackQuery


def toast_text(reply: Reply) -> str:
    """The title, and of a refusal also what it says: nothing else may be read."""
    refusal = () if reply.ok else reply.message.paragraphs[:1]
    return tidy(": ".join(text for text in (reply.message.title, *refusal) if text))


def inline_card(number: int, card: Message) -> InlineQueryResultArticle:
    """A card to be sent into a chat where the bot need not be: short, and without buttons, which would not work."""
    short = replace(
        card,
        paragraphs=() if card.facts or card.bullets else card.paragraphs[:2],
        facts=card.facts[:4],
        bullets=card.bullets[:3],
        quotes=(),
        sources=card.sources[:2],
        actions=(),
    )
    text = render_telegram(short)
    lines = [card.subtitle, *map(fact_line, card.facts), *card.bullets, *card.paragraphs]
    return InlineQueryResultArticle(
        str(number),
        shorten(tidy(card.title), 120) or "?",
        InputTextMessageContent(
            text.html, parse_mode=ParseMode.HTML, link_preview_options=LinkPreviewOptions(is_disabled=True)
        ),
        description=shorten(tidy(" · ".join(line for line in lines[:2] if line)), 160) or None,
    )


def has_more_than_toast(reply: Reply) -> bool:
    """Whether the toast leaves something out."""
    message = reply.message
    told = message.paragraphs if reply.ok else message.paragraphs[1:]
    rest = (told, message.facts, message.bullets, message.quotes, message.sources, message.footer)
    return any(rest) or reply.attachment is not None or len(toast_text(reply)) > TOAST


def telegram_id(chat: ChatKey) -> int | str:
    """As the Bot API takes it."""
    return int(chat.id) if re.fullmatch(r"-?\d+", chat.id) else chat.id  # "@channel" by name


def content_of(text: TelegramText) -> dict[str, Any]:
    """What sendMessage and editMessageText are given of a text."""
    return {
        "text": text.html,
        "parse_mode": ParseMode.HTML,
        "link_preview_options": LinkPreviewOptions(is_disabled=True),
        "reply_markup": keyboard_of(text.keyboard),
    }


def keyboard_of(rows: tuple[tuple[Action, ...], ...]) -> InlineKeyboardMarkup | None:
    """The buttons below a message, row by row."""
    if not rows:
        return None
    return InlineKeyboardMarkup([[_button(action) for action in row] for row in rows])


def _button(action: Action) -> InlineKeyboardButton:
    if action.url:
        return InlineKeyboardButton(action.label, url=action.url)
    return InlineKeyboardButton(action.label, callback_data=action.data)
