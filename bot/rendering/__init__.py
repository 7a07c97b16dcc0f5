"""Message -> each platform's markup: Telegram HTML, Slack blocks, plain text. Lengths and escaping live here and
nowhere else; every field of a Message is untrusted. The web console's templates escape by themselves and take only
`safe_url` and `highlighted` from here."""

from __future__ import annotations

from bot.rendering.files import file_name, told_size, told_too_large
from bot.rendering.plain import render_defanged, render_plain
from bot.rendering.slack import SlackMessage, render_slack
from bot.rendering.telegram import TelegramText, render_telegram
from bot.rendering.text import (
    GLYPHS,
    Piece,
    defang,
    fact_line,
    highlighted,
    one_stop,
    safe_url,
    shorten,
    tidy,
    tidy_lines,
    with_texts,
)

__all__ = [
    "GLYPHS",
    "Piece",
    "SlackMessage",
    "TelegramText",
    "defang",
    "fact_line",
    "file_name",
    "highlighted",
    "one_stop",
    "render_defanged",
    "render_plain",
    "render_slack",
    "render_telegram",
    "safe_url",
    "shorten",
    "tidy",
    "tidy_lines",
    "told_size",
    "told_too_large",
    "with_texts",
]
