"""Words that subscriptions ask for or shut out: which of them the articles of an event have. Whole words, folded as
names are, or how words begin ("tanker*"): no other patterns, so nobody's words can be slow."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace

from bot.model import Article, Event
from bot.text.folding import BREAK, asked_key, fold


def with_words(event: Event, asked: Iterable[str], article_of: Callable[[str], Article | None]) -> Event:
    """The event with those of the `asked` words that each of its articles has in its headline or text. `article_of`: by
    its key; of one that is kept no longer stays what was found before."""
    keys = {key: _sought(word) for word in asked if (key := asked_key(word))}
    if not keys:
        return event
    sources = []
    for source in event.sources:
        article = article_of(source.article)
        said = _folded(article) if article else ""
        found = tuple(sorted(key for key, text in keys.items() if text in said)) if article else source.words
        sources.append(replace(source, words=found))
    return replace(event, sources=tuple(sources))


def _sought(word: str) -> str:
    """As it stands in a folded text, where a blank is on either side of each token: 'crude oil*' is ' crude  oil'."""
    text = fold(word).text
    return text.rstrip() if word.endswith("*") else text


def _folded(article: Article) -> str:
    """Title, teaser, key points and paragraphs; no phrase goes from one into the next."""
    return fold(f" {BREAK} ".join(block.text for block in article.blocks)).text
