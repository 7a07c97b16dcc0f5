"""The console searches the whole archive of articles: by outlet, by words of headline and teaser, by verdict. What is
stored already is made searchable too."""

from __future__ import annotations

import json
from typing import Any

import sqlalchemy as sa
from alembic import op

from bot.text.folding import fold_key

revision = "article_words"
down_revision = "added_feeds"

_MOST_FOLDED = 1_000  # characters, as in bot/storage/archive.py at that time
_AT_ONCE = 500
_ARTICLES = sa.table("articles", *map(sa.column, ("digest", "value")))
_WORDS = sa.table("article_words", *map(sa.column, ("article", "outlet", "folded_outlet", "folded")))
_FINDINGS = sa.table("findings", *map(sa.column, ("article", "entity", "verdict")))


def upgrade() -> None:
    op.create_table(
        "article_words",
        sa.Column("article", sa.Text(), nullable=False),
        sa.Column("outlet", sa.Text(), nullable=False),
        sa.Column("folded_outlet", sa.Text(), nullable=False),
        sa.Column("folded", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["article"], ["articles.digest"], name="fk_article_words_article", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("article", name="pk_article_words"),
    )
    op.create_index("ix_articles_page", "articles", ["judged_at", "digest", "event"])
    op.add_column("findings", sa.Column("verdict", sa.Text(), nullable=False, server_default=""))
    connection, after = op.get_bind(), ""
    while True:
        query = sa.select(_ARTICLES).where(_ARTICLES.c.digest > after).order_by(_ARTICLES.c.digest).limit(_AT_ONCE)
        rows = connection.execute(query).all()
        if not rows:
            break
        after = rows[-1].digest
        stored = [(row.digest, json.loads(row.value)) for row in rows]
        connection.execute(sa.insert(_WORDS), [_words(digest, record["article"]) for digest, record in stored])
        verdicts = [one for digest, record in stored for one in _verdicts(digest, record)]
        if verdicts:
            which = (_FINDINGS.c.article == sa.bindparam("of")) & (_FINDINGS.c.entity == sa.bindparam("on"))
            connection.execute(sa.update(_FINDINGS).where(which).values(verdict=sa.bindparam("said")), verdicts)


def _words(digest: str, article: dict[str, Any]) -> dict[str, str]:
    outlet = (article.get("outlet") or "").replace("\0", "")  # which PostgreSQL refuses
    text = f"{article.get('title') or ''} {article.get('summary') or ''}"
    return {
        "article": digest,
        "outlet": outlet,
        "folded_outlet": fold_key(outlet)[:_MOST_FOLDED],
        "folded": fold_key(text)[:_MOST_FOLDED],
    }


def _verdicts(digest: str, record: dict[str, Any]) -> list[dict[str, str]]:
    judgement = record.get("judgement") or {}
    findings = judgement.get("findings") or ()
    return [{"of": digest, "on": one["entity"], "said": one["verdict"]} for one in findings]
