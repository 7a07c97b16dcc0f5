"""Articles' pages as they were fetched, packed."""

from __future__ import annotations

import zlib
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

import sqlalchemy as sa

from bot.model import KeptPage
from bot.ports import FORGOTTEN_AT_ONCE
from bot.storage import tables as t
from bot.storage.columns import digest_of
from bot.storage.serial import dump, load
from bot.storage.statements import Statements

MOST_VERSIONS = 10  # of one article's page: live blogs and front pages change with every look
_LEVEL = 6  # some 4 ms for 200 KB of HTML, to a fifth of its size


class Pages(Statements):
    def keep_page(self, page: KeptPage) -> None:
        article, c = digest_of(page.article), t.pages.c
        packed = zlib.compress(page.body, _LEVEL)
        is_new = self._insert_if_new(
            t.pages,
            {
                "article": article,
                "sha256": page.sha256,
                "fetched_at": page.fetched_at,
                "value": dump(replace(page, body=b"")),
                "body": packed,
            },
        )
        if is_new:
            kept = sa.select(c.sha256).where(c.article == article).order_by(c.fetched_at, c.sha256)
            between = list(self.connection.scalars(kept))[MOST_VERSIONS - 1 : -1]
            self._delete(t.pages, c.article == article, c.sha256.in_(between))

    def pages_of(self, article: str) -> tuple[KeptPage, ...]:
        c = t.pages.c
        query = sa.select(t.pages).where(c.article == digest_of(article)).order_by(c.fetched_at, c.sha256)
        return tuple(replace(load(KeptPage, row.value), body=zlib.decompress(row.body)) for row in self._all(query))

    def forget_pages_before(self, cutoff: datetime, limit: int = FORGOTTEN_AT_ONCE) -> int:
        return self._delete_some(t.pages, limit, t.pages.c.fetched_at < cutoff)

    def count_pages(self, articles: Iterable[str]) -> int:
        return self._number(t.pages, t.pages.c.article.in_([digest_of(article) for article in articles]))
