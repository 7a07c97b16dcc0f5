"""The archive of articles, a page at a time: filtered and ordered by the database."""

from __future__ import annotations

from collections.abc import Iterator

import sqlalchemy as sa

from bot.folding import fold_key
from bot.model import Article
from bot.ports import ArticleMark, ArticleRecord, ArticleWish
from bot.storage import tables as t
from bot.storage.serial import load
from bot.storage.statements import Statements

_MOST_FOLDED = 1_000  # characters


class Archive(Statements):
    def _save_words(self, digest: str, article: Article) -> None:
        folded = {
            "folded_outlet": fold_key(article.outlet)[:_MOST_FOLDED],
            "folded": fold_key(f"{article.title} {article.summary}")[:_MOST_FOLDED],
        }
        self._upsert(t.article_words, {"article": digest, "outlet": article.outlet, **folded})

    def find_articles(
        self, wish: ArticleWish, limit: int, before: ArticleMark | None = None, after: ArticleMark | None = None
    ) -> tuple[tuple[ArticleMark, ArticleRecord], ...]:
        c = t.articles.c
        query = sa.select(c.digest, c.judged_at).where(*_which(wish), *_place(before, after))
        order = (c.judged_at.desc(), c.digest.desc()) if after is None else (c.judged_at, c.digest)
        marks = [ArticleMark(row.judged_at, row.digest) for row in self._all(query.order_by(*order).limit(limit))]
        if after is not None:
            marks.reverse()
        values = sa.select(c.digest, c.value).where(c.digest.in_([mark.digest for mark in marks]))
        found = {row.digest: load(ArticleRecord, row.value) for row in self._all(values)}
        return tuple((mark, found[mark.digest]) for mark in marks)

    def count_articles(self, wish: ArticleWish) -> int:
        query = sa.select(sa.func.count(t.articles.c.digest)).where(*_which(wish))
        return self.connection.scalar(query) or 0

    def outlets(self, limit: int) -> tuple[str, ...]:
        c = t.article_words.c
        query = sa.select(c.outlet).where(c.outlet != "").group_by(c.outlet)
        most = self.connection.scalars(query.order_by(sa.func.count().desc(), c.outlet).limit(limit))
        return tuple(sorted(most, key=str.casefold))


def _place(before: ArticleMark | None, after: ArticleMark | None) -> Iterator[sa.ColumnElement[bool]]:
    """By the moment and the digest, so that a page stands still while newer articles come."""
    c = t.articles.c
    if before:
        yield (c.judged_at < before.judged_at) | ((c.judged_at == before.judged_at) & (c.digest < before.digest))
    if after:
        yield (c.judged_at > after.judged_at) | ((c.judged_at == after.judged_at) & (c.digest > after.digest))


def _which(wish: ArticleWish) -> Iterator[sa.ColumnElement[bool]]:
    c = t.articles.c
    if wish.raised:
        yield c.event.is_not(None)
    if wish.named or wish.verdict:
        yield c.digest.in_(_named(wish))
    if wish.since:
        yield c.judged_at >= wish.since
    if wish.until:
        yield c.judged_at < wish.until
    words = t.article_words.c
    like = [words.folded_outlet.contains(key, autoescape=True) for key in _keys(wish.outlet)]
    like += [words.folded.contains(key, autoescape=True) for key in _keys(wish.words)]
    if like:
        yield c.digest.in_(sa.select(words.article).where(*like))


def _keys(text: str) -> list[str]:
    """Word for word, as Chinese words fold into several; signs alone fold to nothing."""
    return [key for word in text.split() if (key := fold_key(word))]


def _named(wish: ArticleWish) -> sa.Select[tuple[str]]:
    """Articles with a finding on somebody who stands on one of the watchlists."""
    found = t.findings.c
    query = sa.select(found.article)
    if wish.verdict:
        query = query.where(found.verdict == wish.verdict.value)
    if wish.watchlists is not None:
        own, other = t.entities, t.entities.alias()
        place = sa.func.coalesce(other.c.watchlist, own.c.watchlist)
        joined = own.outerjoin(other, other.c.key == own.c.merged_into)
        hidden = sa.select(own.c.key).select_from(joined).where(place.not_in(list(wish.watchlists)))
        query = query.where(found.entity.not_in(hidden))
    return query
