"""Message -> Slack blocks and the fallback text (docs.slack.dev/reference/block-kit).

Whatever an article says goes into rich_text and plain_text elements, which Slack never parses; mrkdwn holds only our
own words. `text` alone carries the whole alert: phones and screen readers take it in place of the blocks.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from bot.model import Action, Message, Quote
from bot.rendering.fitting import Shown, fit
from bot.rendering.text import ARTICLE, GLYPHS, clock, defang, fact_line, headline, highlighted, shorten
from bot.zones import told_moment

MAX_BLOCKS = 50
MAX_CHARACTERS = 10_000  # Slack refuses somewhere above 11,000, summed over the blocks (bolt-js #2509, #2867)
MAX_TEXT = 3_000  # chat.update reports msg_too_long above some 4000
MAX_HEADER = 150
MAX_BUTTONS = 10
ACTION_PREFIX = "do:"  # of an action_id whose button's value is a command
LINK_PREFIX = "open:"  # of one that only opens an address
_NOTHING = "(no text)"

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class SlackMessage:
    text: str
    blocks: tuple[Json, ...]


def render_slack(message: Message) -> SlackMessage:
    blocks = fit(message, lambda shown: list(_blocks(shown)), _fits)
    text = fit(message, _text, lambda text: len(text) <= MAX_TEXT) or _NOTHING
    return SlackMessage(text, tuple(blocks) or (_rich_text(_section([_run(_NOTHING)])),))


def escape(text: str) -> str:
    """For mrkdwn and `text`: `& < >` are Slack's only special characters there (docs.slack.dev: formatting)."""
    return defang(text, commands=False).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _fits(blocks: list[Json]) -> bool:
    return len(blocks) <= MAX_BLOCKS and count_characters(blocks) <= MAX_CHARACTERS


def count_characters(value: object, name: str = "") -> int:
    """Of all texts, addresses and values in the blocks."""
    if isinstance(value, Mapping):
        return sum(count_characters(item, key) for key, item in value.items())
    if isinstance(value, list | tuple):
        return sum(count_characters(item, name) for item in value)
    return len(value) if isinstance(value, str) and name not in ("type", "style") else 0


# ---------------------------------------------------------------- blocks


def _blocks(shown: Shown) -> Iterator[Json]:
    message = shown.message
    yield from _head(message)
    yield from _body(shown)
    yield from _tail(shown)
    yield from _buttons(message)


def _head(message: Message) -> Iterator[Json]:
    title = headline(message.title, is_withdrawn=message.withdrawn) if message.title else ""
    is_alert = message.severity is not None or message.withdrawn
    if title and is_alert:
        # Desktop notifications take their text from the first block, so it is the headline.
        yield {"type": "header", "text": _plain(shorten(title, MAX_HEADER))}
    if title and (not is_alert or len(title) > MAX_HEADER):
        yield _rich_text(_section([_run(title, bold=True)]))
    elements: list[Json] = []
    if message.severity and not message.withdrawn:
        elements.append(_mrkdwn(f"{GLYPHS[message.severity]} *{message.severity.capitalize()}*"))
    if message.subtitle:
        elements.append(_plain(message.subtitle))
    if message.at:
        elements.append(_mrkdwn(f"{escape(message.at_is)} {_time(message)}".lstrip()))
    if elements:
        yield {"type": "context", "elements": elements}


def _body(shown: Shown) -> Iterator[Json]:
    message, struck = shown.message, shown.message.withdrawn
    for paragraph in _with_more(message.paragraphs, shown.more("paragraphs")):
        yield _rich_text(_section([_run(paragraph)]))  # of a withdrawn one: why it is
    if message.quotes_first:
        yield from _quotes(shown)
    facts = [
        _section(
            [
                *([_run(f"{fact.label}: ", bold=True)] if fact.label else []),
                *([_run(fact.struck, strike=True), _run(" ")] if fact.struck else []),
                _run(fact.value, strike=struck),
            ]
        )
        for fact in message.facts
    ]
    facts += [_section([_run(text)]) for text in _with_more((), shown.more("facts"))]
    if facts:
        yield _rich_text(*facts)
    bullets = [_section([_run(bullet, strike=struck), *_article(url)]) for bullet, url in message.linked_bullets]
    rest = [_section([_run(text)]) for text in _with_more((), shown.more("bullets"))]
    if bullets:
        yield _rich_text({"type": "rich_text_list", "style": "bullet", "elements": bullets}, *rest)
    if not message.quotes_first:
        yield from _quotes(shown)


def _quotes(shown: Shown) -> Iterator[Json]:
    quotes = [_quote(quote) for quote in shown.message.quotes]
    rest = [_section([_run(text)]) for text in _with_more((), shown.more("quotes"))]
    if quotes or rest:
        yield _rich_text(*quotes, *rest)


def _tail(shown: Shown) -> Iterator[Json]:
    message = shown.message
    sections = []
    if message.sources:
        count = len(message.sources) + shown.left_out.get("sources", 0)
        line = [_run(f"Sources ({count}): " if count > 1 else "Source: ", bold=True)]
        for number, link in enumerate(message.sources):
            if number:
                line.append(_run(" · "))
            line.append({"type": "link", "url": link.url, "text": link.text} if link.url else _run(link.text))
        line += [_run(f" · {text}") for text in _with_more((), shown.more("sources"))]
        sections.append(_section(line))
    if message.footer:
        sections.append(_section([_run(message.footer, italic=True)]))
    if sections:
        yield _rich_text(*sections)


def _buttons(message: Message) -> Iterator[Json]:
    buttons = [_button(number, action, message.title) for number, action in enumerate(message.actions[:MAX_BUTTONS])]
    if buttons:
        yield {"type": "actions", "elements": buttons}


def _button(number: int, action: Action, title: str) -> Json:
    button: Json = {"type": "button", "text": _plain(action.label)}
    if title:
        button["accessibility_label"] = shorten(f"{action.label}: {title}", 75)
    if action.url:
        return button | {"action_id": f"{LINK_PREFIX}{number}", "url": action.url}
    return button | {"action_id": f"{ACTION_PREFIX}{number}", "value": action.data}


def _article(url: str) -> list[Json]:
    return [_run(" · "), {"type": "link", "url": url, "text": ARTICLE}] if url else []


def _quote(quote: Quote) -> Json:
    runs = [_run(piece.text, bold=piece.is_marked) for piece in highlighted(quote.text, quote.highlights)]
    runs = [_run("“"), *runs, _run(f"” — {quote.source}" if quote.source else "”")]
    return {"type": "rich_text_quote", "elements": runs}


def _time(message: Message) -> str:
    """In the chat's zone; if it has none, in the reader's own. The fallback is in UTC."""
    if message.at is None:
        return ""
    shown, unix = told_moment(message.at, message.zone), clock(message)
    return f"<!date^{unix}^{{date_short_pretty}} {{time}}|{shown}>" if unix else shown


def _rich_text(*elements: Json) -> Json:
    return {"type": "rich_text", "elements": list(elements)}


def _section(runs: list[Json]) -> Json:
    return {"type": "rich_text_section", "elements": runs}


def _run(text: str, **style: bool) -> Json:
    """A run of text, which Slack shows as it is: `*`, `@` and `<!channel>` mean nothing in it."""
    wanted = {name: True for name, is_set in style.items() if is_set}
    return {"type": "text", "text": text, **({"style": wanted} if wanted else {})}


def _plain(text: str) -> Json:
    return {"type": "plain_text", "text": text, "emoji": False}


def _mrkdwn(text: str) -> Json:
    return {"type": "mrkdwn", "text": text}


def _with_more(texts: tuple[str, ...], more: str) -> tuple[str, ...]:
    return (*texts, more) if more else texts


# ---------------------------------------------------------------- fallback text


def _text(shown: Shown) -> str:
    """The whole message as sentences, escaped."""
    message = shown.message
    title = headline(message.title, is_withdrawn=message.withdrawn) if message.title else ""
    sentences = [
        title,
        f"Severity {message.severity}" if message.severity else "",
        message.subtitle,
        *_with_more(message.paragraphs, shown.more("paragraphs")),
        *map(fact_line, message.facts),
        shown.more("facts"),
        "; ".join(_with_more(message.bullets, shown.more("bullets"))),
        *(f"“{quote.text}”" + (f" — {quote.source}" if quote.source else "") for quote in message.quotes),
    ]
    if message.sources:
        names = _with_more(tuple(link.text for link in message.sources), shown.more("sources"))
        sentences.append(f"{'Sources' if len(names) > 1 else 'Source'}: {', '.join(names)}")
    sentences.append(message.footer)
    return escape(" ".join(_sentence(text) for text in sentences if text))


def _sentence(text: str) -> str:
    return text if text.endswith((".", "!", "?", "…", "”", ":")) else f"{text}."
