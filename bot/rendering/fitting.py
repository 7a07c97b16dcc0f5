"""A Message cut to a platform's limits: whole quotes, sources, bullets and facts go, from the end, and are counted; the
title and the first bullet stay. A bullet's link goes before a bullet does. Only when that is not enough are the texts
themselves shortened, between words."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TypeVar

from bot.model import Action, Fact, Link, Message, Quote
from bot.rendering.text import one_stop, safe_url, shorten, shorten_list, tidy, tidy_lines

Rendered = TypeVar("Rendered")

# (which list, how many of it are kept) in the order of what a reader misses least. The first two rows are also what a
# message is cut by to be a short one, where it need not be.
_ORDER = (
    ("quotes", 1), ("sources", 5),
    ("bullet_urls", 20), ("bullets", 20), ("bullet_urls", 0),
    ("facts", 20), ("paragraphs", 10), ("sources", 1), ("facts", 5), ("bullets", 1), ("paragraphs", 1),
    ("quotes", 0), ("facts", 0), ("paragraphs", 0), ("sources", 0),
)  # fmt: skip
_COMFORT = 2
_MOST = 150  # of anything in one message
_NOUNS = {"quotes": "quotes", "sources": "sources", "bullets": "", "facts": "", "paragraphs": "paragraphs"}
_SCALES = (1.0, 0.5, 0.2, 0.06)
MAX_CALLBACK_BYTES = 64  # core.telegram.org/bots/api#inlinekeyboardbutton


@dataclass(frozen=True, slots=True)
class Shown:
    """What of a message is shown; `left_out` counts the rest, by field."""

    message: Message
    left_out: Mapping[str, int] = field(default_factory=dict)

    def more(self, name: str) -> str:
        """'and 7 more sources'; "" if all are shown."""
        count = self.left_out.get(name, 0)
        if not count:
            return ""
        noun = _NOUNS[name]
        return f"and {count} more {noun if count > 1 else noun.removesuffix('s')}".rstrip()


def fit(
    message: Message,
    render: Callable[[Shown], Rendered],
    fits: Callable[[Rendered], bool],
    is_short: Callable[[Rendered], bool] | None = None,
) -> Rendered:
    """The most of `message` that, rendered, `fits`; quotes and sources are cut further while that makes it short."""
    rendered = render(Shown(Message("")))
    for scale in _SCALES:
        rendered = _fit_at(tidied_message(message, scale), render, fits, is_short)
        if fits(rendered):
            break
    return rendered


def _fit_at(
    message: Message,
    render: Callable[[Shown], Rendered],
    fits: Callable[[Rendered], bool],
    is_short: Callable[[Rendered], bool] | None,
) -> Rendered:
    comfort, rungs = _ladder(message)
    first = 0
    if is_short:
        first = min(_first(rungs[: comfort + 1], lambda rung: is_short(render(_cut(message, rung)))), comfort)
    best = first + _first(rungs[first:], lambda rung: fits(render(_cut(message, rung))))
    return render(_cut(message, rungs[min(best, len(rungs) - 1)]))


Rung = Mapping[str, int]


def _ladder(message: Message) -> tuple[int, list[Rung]]:
    """Ever smaller counts of what is shown of each list, and the index of the last that only makes it comfortable."""
    counts = {name: min(len(getattr(message, name)), _MOST) for name, _ in _ORDER}
    rungs: list[Rung] = [dict(counts)]
    comfort = 0
    for row, (name, keep) in enumerate(_ORDER, 1):
        while counts[name] > keep:
            counts[name] -= 1
            rungs.append(dict(counts))
        if row == _COMFORT:
            comfort = len(rungs) - 1
    return comfort, rungs


def _first(rungs: Sequence[Rung], holds: Callable[[Rung], bool]) -> int:
    """The index of the first rung that `holds`, which all after it do; len(rungs) if none does."""
    return bisect_left(rungs, True, key=holds)


def _cut(message: Message, rung: Rung) -> Shown:
    """What a quote that goes stood for is among the bullets: first, or last where it begins with a later outlet's
    name."""
    points = {point: point.startswith(f"{q.source}: ") for q in message.quotes[rung["quotes"] :] for point in q.points}
    first, last = ([point for point, is_later in points.items() if is_later is which] for which in (False, True))
    urls = (*("" for _ in first), *message.bullet_urls[: rung["bullet_urls"]])
    all_bullets = rung["bullets"] == len(message.bullets)
    message = replace(message, bullets=(*first, *message.bullets, *last), bullet_urls=urls)
    rung = {**rung, "bullets": len(message.bullets) if all_bullets else rung["bullets"]}
    left_out = {name: len(getattr(message, name)) - count for name, count in rung.items()}
    shown = replace(
        message,
        quotes=message.quotes[: rung["quotes"]],
        sources=message.sources[: rung["sources"]],
        bullets=message.bullets[: rung["bullets"]],
        facts=message.facts[: rung["facts"]],
        paragraphs=message.paragraphs[: rung["paragraphs"]],
    )
    return Shown(shown, left_out)


def tidied_message(message: Message, scale: float) -> Message:
    """Every text tidied and at most so long, empty ones dropped, addresses safe or "", buttons that cannot work left
    out."""

    def short(text: str, limit: int) -> str:
        return shorten(tidy(text), max(int(limit * scale), 20))

    def names(text: str, limit: int) -> str:
        return shorten_list(tidy(text), max(int(limit * scale), 20))

    bullets = [(text, url) for told, url in message.linked_bullets if (text := short(told, 800))]
    return replace(
        message,
        title=short(message.title, 600),
        subtitle=short(message.subtitle, 200),
        paragraphs=_seen(shorten(one_stop(tidy_lines(text)), int(1_500 * scale)) for text in message.paragraphs),
        facts=tuple(
            Fact(
                short(fact.label, 80),
                shorten_list(tidy(fact.value), max(int(800 * scale), 20)) or "–",
                short(fact.struck, 200),
            )
            for fact in message.facts
            if tidy(fact.label) or tidy(fact.value)
        ),
        bullets=tuple(text for text, _ in bullets),
        bullet_urls=tuple(safe_url(url) for _, url in bullets) if message.bullet_urls else (),
        quotes=tuple(
            Quote(
                short(quote.text, 900),
                short(quote.source, 80),
                tuple(tidy(text) for text in quote.highlights),
                _seen(short(point, 800) for point in quote.points),
            )
            for quote in message.quotes
            if tidy(quote.text)
        ),
        sources=tuple(
            Link(short(link.text, 80) or "link", safe_url(link.url))
            for link in message.sources
            if tidy(link.text) or safe_url(link.url)
        ),
        footer=short(one_stop(message.footer), 400),
        actions=usable_actions(message),
    )


def _seen(texts: Iterable[str]) -> tuple[str, ...]:
    return tuple(text for text in texts if text)


def usable_actions(message: Message) -> tuple[Action, ...]:
    """Buttons with a label, and a safe address or a command short enough for every platform."""
    usable = []
    for action in message.actions:
        label, url = shorten(tidy(action.label), 40), safe_url(action.url)
        if label and url:
            usable.append(Action(label, url=url))
        elif label and not action.url and _is_callback(action.data):
            usable.append(Action(label, data=action.data))
    return tuple(usable)


def _is_callback(data: str) -> bool:
    try:
        return 0 < len(data.encode()) <= MAX_CALLBACK_BYTES
    except UnicodeEncodeError:  # half a surrogate pair
        return False
