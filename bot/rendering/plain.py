"""Message -> plain text: for the terminal, and for Telegram when it refuses our markup."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from bot.model import Message, Quote
from bot.rendering.fitting import Shown, fit
from bot.rendering.text import GLYPHS, defang, fact_line, headline, with_texts
from bot.zones import told_moment


def render_plain(message: Message, limit: int = 20_000) -> str:
    """At most `limit` characters (UTF-16 units) of text; safe to print: no control characters but line breaks."""
    return fit(message, lay_out, lambda text: len(text.encode("utf-16-le")) // 2 <= limit)


def render_defanged(message: Message, limit: int) -> str:
    """As `render_plain`, for services that would take an article's "@everyone" at its word."""
    return fit(message, lay_out_defanged, lambda text: len(text.encode("utf-16-le")) // 2 <= limit)


def lay_out_defanged(shown: Shown) -> str:
    return lay_out(replace(shown, message=_defanged(shown.message)))


def _defanged(message: Message) -> Message:
    """All but its addresses, which have to work, and commands of ours."""
    return replace(
        with_texts(message, lambda text: defang(text, commands=not message.has_commands)),
        quotes=tuple(Quote(defang(quote.text), defang(quote.source)) for quote in message.quotes),
        sources=tuple(replace(link, text=defang(link.text)) for link in message.sources),
    )


def lay_out(shown: Shown) -> str:
    return "\n\n".join("\n".join(lines) for lines in (list(part) for part in _parts(shown)) if lines)


def _parts(shown: Shown) -> Iterator[Iterator[str]]:
    message = shown.message
    yield _head(message)
    for paragraph in message.paragraphs:
        yield iter((paragraph,))
    yield _some(shown.more("paragraphs"))
    quotes = [f"“{quote.text}”" + (f" — {quote.source}" if quote.source else "") for quote in message.quotes]
    if message.quotes_first:
        yield from (iter((quote,)) for quote in quotes)
    yield map(fact_line, message.facts)
    yield _some(shown.more("facts"))
    yield iter(
        [*(f"• {bullet}  {url}".rstrip() for bullet, url in message.linked_bullets), *_some(shown.more("bullets"))]
    )
    if not message.quotes_first:
        yield from (iter((quote,)) for quote in quotes)
    yield iter([*_some(shown.more("quotes")), *_sources(shown), *_some(message.footer)])


def _head(message: Message) -> Iterator[str]:
    title = headline(message.title, is_withdrawn=message.withdrawn)
    glyph = f"{GLYPHS[message.severity]} " if message.severity and not message.withdrawn else ""
    yield from _some(f"{glyph}{title}" if title else "")
    facts = [
        message.severity.capitalize() if message.severity and not message.withdrawn else "",
        message.subtitle,
        f"{message.at_is} {told_moment(message.at, message.zone)}".lstrip() if message.at else "",
    ]
    yield from _some(" · ".join(fact for fact in facts if fact))


def _sources(shown: Shown) -> Iterator[str]:
    sources = shown.message.sources
    if not sources:
        return
    count = len(sources) + shown.left_out.get("sources", 0)
    yield f"Sources ({count}):" if count > 1 else "Source:"
    for link in sources:
        yield f"  {link.text}  {link.url}".rstrip()
    if shown.more("sources"):
        yield f"  {shown.more('sources')}"


def _some(text: str) -> Iterator[str]:
    if text:
        yield text
