"""Words that subscriptions ask for or shut out: which of them the articles of an event have. Whole words, folded as
names are, found as they stand: no patterns, so nobody's words can be slow."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace

from bot.folding import BREAK, fold, fold_key
from bot.model import Article, Event


def with_words(event: Event, asked: Iterable[str], article_of: Callable[[str], Article | None]) -> Event:
    """The event with those of the `asked` words that each of its articles has in its headline or text. `article_of`: by
    its key; of one that is kept no longer stays what was found before."""
    keys = {key: fold(word).text for word in asked if (key := fold_key(word))}
    if not keys:
        return event
    sources = []
    for source in event.sources:
        article = article_of(source.article)
        said = _folded(article) if article else ""
        tokens = set(said.split())
        had = (key for key, text in keys.items() if key in tokens or ("  " in text and text in said))
        found = tuple(sorted(had)) if article else source.words
        sources.append(replace(source, words=found))
    return replace(event, sources=tuple(sources))


def _folded(article: Article) -> str:
    """Title, teaser, key points and paragraphs; no phrase goes from one into the next."""
    return fold(f" {BREAK} ".join(block.text for block in article.blocks)).text
