"""Message -> Telegram HTML (core.telegram.org/bots/api#html-style) and its keyboard.

Counts as Telegram does: 4096 UTF-16 units after parsing, not of the HTML; about 100 entities, the rest are ignored.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from bot.model import Action, Fact, Message, Quote
from bot.rendering.fitting import Shown, fit, usable_actions
from bot.rendering.plain import lay_out_defanged
from bot.rendering.text import ARTICLE, GLYPHS, clock, defang, headline, highlighted
from bot.zones import told_moment

MAX_UNITS = 4_096
MAX_CAPTION = 1_024  # of a file: core.telegram.org/bots/api#senddocument
MAX_ENTITIES = 90  # Telegram finds addresses and hash tags by itself, and they count
# Messages over some 500 characters are throttled sooner, and an alert is read at a glance: quotes and sources beyond
# the first ones are left to "Details".
SHORT_UNITS = 900
MAX_BUTTONS = 24
BUTTONS_IN_A_ROW = 2
_TAG = re.compile(r"<(/?)[a-z][^<>]*>")
_NOTHING = "(no text)"


@dataclass(frozen=True, slots=True)
class TelegramText:
    """`html` for parse_mode HTML; `plain` says the same without markup, for when the server refuses the markup.
    `keyboard`: rows of buttons, each with `data` (at most 64 bytes) or `url`."""

    html: str
    plain: str
    keyboard: tuple[tuple[Action, ...], ...] = ()

    @property
    def shown(self) -> str:
        """The text as a reader sees it."""
        return html.unescape(_TAG.sub("", self.html))


@lru_cache(maxsize=64)  # thousands of chats get one message
def render_telegram(message: Message) -> TelegramText:
    pen = _Pen(keeps_commands=message.has_commands)
    body = fit(message, pen.lay_out, _fits, _is_short if message.severity else None)
    actions = usable_actions(message)[:MAX_BUTTONS]
    rows = tuple(actions[i : i + BUTTONS_IN_A_ROW] for i in range(0, len(actions), BUTTONS_IN_A_ROW))
    plain = fit(message, lay_out_defanged, lambda text: units(text) <= MAX_UNITS)
    return TelegramText(body or _NOTHING, plain or _NOTHING, rows)


def units(text: str) -> int:
    """Length as Telegram counts it."""
    return len(text.encode("utf-16-le")) // 2


def _fits(body: str) -> bool:
    entities = sum(1 for tag in _TAG.finditer(body) if not tag[1])
    return entities <= MAX_ENTITIES and units(html.unescape(_TAG.sub("", body))) <= MAX_UNITS


def _is_short(body: str) -> bool:
    return units(html.unescape(_TAG.sub("", body))) <= SHORT_UNITS


@dataclass(frozen=True, slots=True)
class _Pen:
    """`keeps_commands`: a reply of ours may name a /command to tap; a quote, a link's text, an article's may not."""

    keeps_commands: bool

    def lay_out(self, shown: Shown) -> str:
        return "\n\n".join(part for part in ("\n".join(lines) for lines in self._parts(shown)) if part)

    def _escape(self, text: str) -> str:
        return _harmless(text, commands=not self.keeps_commands)

    def _parts(self, shown: Shown) -> Iterator[list[str]]:
        message = shown.message
        struck = ("<s>", "</s>") if message.withdrawn else ("", "")
        yield list(self._head(message))
        for paragraph in message.paragraphs:
            yield [self._escape(paragraph)]
        yield _some(shown.more("paragraphs"))
        quotes = [self._quote(quote) for quote in message.quotes]
        if message.quotes_first:
            yield quotes
        yield [*(self._fact(fact) for fact in message.facts), *_some(shown.more("facts"))]
        bullets = [
            f"• {struck[0]}{self._escape(bullet)}{struck[1]}{_article(url)}" for bullet, url in message.linked_bullets
        ]
        yield bullets + _some(shown.more("bullets"))
        yield [*([] if message.quotes_first else quotes), *self._tail(shown)]

    def _head(self, message: Message) -> Iterator[str]:
        title = self._escape(message.title)
        if title and message.withdrawn:
            yield f"<b>{headline('', is_withdrawn=True)}</b><s>{title}</s>"
        elif title:
            yield (f"{GLYPHS[message.severity]} " if message.severity else "") + f"<b>{title}</b>"
        is_severe = message.severity and not message.withdrawn
        words = [
            message.severity.capitalize() if message.severity and is_severe else "",
            self._escape(message.subtitle),
        ]
        line = " · ".join(word for word in words if word)
        if line or message.at:
            dot = " · " if line and message.at else ""
            yield (f"<i>{line}</i>" if line else "") + dot + _time(message)

    def _fact(self, fact: Fact) -> str:
        label = f"<b>{self._escape(fact.label)}:</b> " if fact.label else ""
        struck = f"<s>{self._escape(fact.struck)}</s> " if fact.struck else ""
        return f"{label}{struck}{self._escape(fact.value)}".rstrip()

    def _quote(self, quote: Quote) -> str:
        text = "".join(
            f"<b>{_harmless(piece.text)}</b>" if piece.is_marked else _harmless(piece.text)
            for piece in highlighted(quote.text, quote.highlights)
        )
        source = f" — {_harmless(quote.source)}" if quote.source else ""
        return f"<blockquote expandable>“{text}”{source}</blockquote>"

    def _tail(self, shown: Shown) -> Iterator[str]:
        message = shown.message
        yield from _some(shown.more("quotes"))
        if message.sources:
            links = [
                f'<a href="{html.escape(link.url)}">{_harmless(link.text)}</a>' if link.url else _harmless(link.text)
                for link in message.sources
            ]
            count = len(links) + shown.left_out.get("sources", 0)
            label = f"Sources ({count})" if count > 1 else "Source"
            yield f"<b>{label}:</b> " + " · ".join(links + _some(shown.more("sources")))
        if message.footer:
            yield f"<i>{self._escape(message.footer)}</i>"


def _article(url: str) -> str:
    return f' · <a href="{html.escape(url)}">{ARTICLE}</a>' if url else ""


def _harmless(text: str, *, commands: bool = True) -> str:
    return html.escape(defang(text, commands=commands), quote=False)


def _time(message: Message) -> str:
    """In the chat's zone; if it has none, in the reader's own where the client knows tg-time, else in UTC."""
    if message.at is None:
        return ""
    shown, unix = told_moment(message.at, message.zone), clock(message)
    told = f'<tg-time unix="{unix}" format="Dt">{shown}</tg-time>' if unix else shown
    return f"{message.at_is} {told}".lstrip()


def _some(text: str) -> list[str]:
    return [text] if text else []
