"""Sources that were added by a command."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import sqlalchemy as sa

from bot.model import AddedFeed
from bot.storage import tables as t
from bot.storage.serial import dump, load
from bot.storage.statements import Statements

_AT_ONCE = 200


class Feeds(Statements):
    def added_feeds(self) -> tuple[AddedFeed, ...]:
        rows = self._all(sa.select(t.added_feeds.c.value))
        found = [load(AddedFeed, row.value) for row in rows]
        return tuple(sorted(found, key=lambda feed: (feed.added_at, feed.source.key)))

    def added_feed(self, key: str) -> AddedFeed | None:
        value = self.connection.scalar(sa.select(t.added_feeds.c.value).where(t.added_feeds.c.key == key))
        return None if value is None else load(AddedFeed, value)

    def save_added_feed(self, feed: AddedFeed) -> None:
        self._upsert(t.added_feeds, {"key": feed.source.key, "value": dump(feed)})

    def sources_carrying(self, links: Iterable[str]) -> Mapping[str, int]:
        wanted, c = sorted(set(links)), t.seen.c
        found: dict[str, int] = {}
        for start in range(0, len(wanted), _AT_ONCE):
            part = c.link.in_(wanted[start : start + _AT_ONCE])
            query = sa.select(c.source, sa.func.count(c.link.distinct()).label("links")).where(part).group_by(c.source)
            for row in self._all(query):
                found[row.source] = found.get(row.source, 0) + row.links
        return found
