"""The web console's messages, in the order in which they changed."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa

from bot.model import ChatKey, Message
from bot.ports import Post
from bot.storage import tables as t
from bot.storage.columns import chat_key_of, chat_values, of_whole_chat
from bot.storage.serial import dump, load
from bot.storage.statements import Row, Statements

POSTS = "posts"  # a counter


class Posts(Statements):
    def add_post(
        self,
        chat: ChatKey,
        event: str,
        message: Message,
        now: datetime,
        reply_to: int | None = None,
        mark: str | None = None,
    ) -> int:
        if mark and (known := self.marked_post(chat, mark)):
            return known
        return self._insert(
            t.posts,
            seq=self._count(POSTS),
            **chat_values(chat),
            event=event,
            value=dump(message),
            posted_at=now,
            reply_to=reply_to,
            mark=mark,
        )

    def marked_post(self, chat: ChatKey, mark: str) -> int | None:
        marked = of_whole_chat(t.posts, chat) & (t.posts.c.mark == mark)
        return self.connection.scalar(sa.select(t.posts.c.id).where(marked))

    def edit_post(self, post_id: int, message: Message, now: datetime) -> bool:
        """False if there is no such post."""
        values = {"seq": self._count(POSTS), "value": dump(message), "edited_at": now}
        return bool(self._update(t.posts, t.posts.c.id == post_id, **values))

    def posts_after(self, seq: int, limit: int) -> tuple[Post, ...]:
        """New and edited posts, in the order in which they changed."""
        query = sa.select(t.posts).where(t.posts.c.seq > seq).order_by(t.posts.c.seq).limit(limit)
        return tuple(_post_of(row) for row in self._all(query))

    def newest_seq(self) -> int:
        return self.connection.scalar(sa.select(sa.func.max(t.posts.c.seq))) or 0

    def latest_posts(self, limit: int) -> tuple[Post, ...]:
        """Newest first."""
        return tuple(_post_of(row) for row in self._all(sa.select(t.posts).order_by(t.posts.c.id.desc()).limit(limit)))


def _post_of(row: Row) -> Post:
    message = load(Message, row.value)
    return Post(row.id, row.seq, chat_key_of(row), row.event, message, row.posted_at, row.edited_at, row.reply_to)
