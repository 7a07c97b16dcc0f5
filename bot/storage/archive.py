"""Articles with what was judged of them, one by one or as an archive: filtered and ordered by the database."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime

import sqlalchemy as sa

from bot.model import Article, Finding, Verdict
from bot.ports import ArticleMark, ArticleRecord, ArticleWish, EntityFinding
from bot.storage import tables as t
from bot.storage.columns import digest_of, url_digest
from bot.storage.serial import dump, load
from bot.storage.watchlists import Watchlists
from bot.text.folding import fold_key

_MOST_FOLDED = 1_000  # characters


class Archive(Watchlists):
    def save_article(self, record: ArticleRecord) -> None:
        article, digest = record.article, digest_of(record.article.key)
        self._upsert(
            t.articles,
            {
                "digest": digest,
                "url_digest": url_digest(article.url),
                "event": record.event,
                "judged_at": record.judged_at,
                "value": dump(record),
            },
        )
        self._save_words(digest, article)
        self._delete(t.findings, t.findings.c.article == digest)
        findings = record.judgement.findings if record.judgement else ()
        found = {finding.entity: finding.verdict for finding in findings if finding.verdict is not Verdict.ABSENT}
        rows = [
            {"article": digest, "entity": entity, "published_at": article.published_at, "verdict": verdict.value}
            for entity, verdict in sorted(found.items())
        ]
        if rows:
            self.connection.execute(sa.insert(t.findings), rows)

    def article(self, key: str) -> ArticleRecord | None:
        return self._article(t.articles.c.digest == digest_of(key))

    def article_by_url(self, url: str) -> ArticleRecord | None:
        return self._article(t.articles.c.url_digest == url_digest(url))

    def _article(self, which: sa.ColumnElement[bool]) -> ArticleRecord | None:
        query = sa.select(t.articles.c.value).where(which).order_by(t.articles.c.judged_at.desc()).limit(1)
        value = self.connection.scalar(query)
        return None if value is None else load(ArticleRecord, value)

    def articles_since(self, since: datetime, limit: int, until: datetime | None = None) -> tuple[ArticleRecord, ...]:
        judged_at = t.articles.c.judged_at
        query = sa.select(t.articles.c.value).where(judged_at >= since)
        if until:
            query = query.where(judged_at < until)
        query = query.order_by(judged_at.desc(), t.articles.c.digest).limit(limit)
        return tuple(load(ArticleRecord, value) for value in self.connection.scalars(query))

    def findings_of(self, entity: str, limit: int) -> tuple[EntityFinding, ...]:
        """Newest first, by the article's date; of those that were merged into it too, each verdict of an article
        once."""
        keys, found = self.keys_of(entity), t.findings.c
        newest = (
            sa.select(found.article, sa.func.max(found.published_at).label("at"))
            .where(found.entity.in_(keys))
            .group_by(found.article)
            .subquery()
        )
        query = (
            sa.select(t.articles.c.value)
            .join(newest, newest.c.article == t.articles.c.digest)
            .order_by(newest.c.at.desc(), t.articles.c.digest)
            .limit(limit)
        )
        records = [load(ArticleRecord, value) for value in self.connection.scalars(query)]
        return tuple(finding for record in records for finding in _findings_of(record, keys))

    def articles_naming(self, entities: Iterable[str], since: datetime, limit: int) -> tuple[ArticleRecord, ...]:
        found, articles = t.findings.c, t.articles.c
        latest = sa.func.max(found.published_at)
        query = (
            sa.select(found.article)
            .where(found.entity.in_(list(entities)), found.published_at >= since)
            .group_by(found.article)
            .order_by(latest.desc(), found.article)
            .limit(limit)
        )
        digests = list(self.connection.scalars(query))
        values = self.connection.execute(sa.select(articles.digest, articles.value).where(articles.digest.in_(digests)))
        records = {row.digest: load(ArticleRecord, row.value) for row in values}
        return tuple(records[digest] for digest in digests)

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


def _findings_of(record: ArticleRecord, entities: Sequence[str]) -> Iterator[EntityFinding]:
    article = record.article
    findings = record.judgement.findings if record.judgement else ()
    of_verdicts: dict[Verdict, Finding] = {}
    for finding in findings:
        if finding.entity in entities:
            of_verdicts.setdefault(finding.verdict, finding)
    for finding in of_verdicts.values():
        yield EntityFinding(finding, article.url, article.outlet, article.title, article.published_at, record.event)
