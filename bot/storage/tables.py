"""The tables. Values are kept whole as JSON in `value`; a column stands beside it only where a query needs it.

Texts from feeds go into indexes as short keys (`bot.sources.identity`) or as digests: PostgreSQL refuses index rows
above 2.7 KB. The job engine keeps tables of its own in the same database; they are not described here."""

from __future__ import annotations

from datetime import UTC, datetime

import sqlalchemy as sa
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator


class UtcDateTime(TypeDecorator[datetime]):
    """Aware UTC datetimes in and out, on SQLite too (which keeps them as text that sorts by time)."""

    impl = sa.DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"{value!r} has no time zone")
        utc = value.astimezone(UTC)
        return utc.replace(tzinfo=None) if dialect.name == "sqlite" else utc

    def process_result_value(self, value: datetime | None, _dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class CleanText(TypeDecorator[str]):
    """Text from outside: PostgreSQL refuses NUL, and both refuse half a surrogate pair."""

    impl = sa.Text
    cache_ok = True

    def process_bind_param(self, value: str | None, _dialect: Dialect) -> str | None:
        return None if value is None else clean(value)


def clean(text: str) -> str:
    """`text` as every database takes it: without NUL, lone surrogates replaced."""
    return text.replace("\0", "").encode("utf-8", "replace").decode("utf-8")


metadata = sa.MetaData(
    naming_convention={
        "ix": "ix_%(column_0_N_label)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)

# SQLite counts only an INTEGER primary key by itself; PostgreSQL's must not end at 2^31.
BigId = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def _id() -> sa.Column[int]:
    return sa.Column("id", BigId, primary_key=True, autoincrement=True)


def _chat(*, primary_key: bool = False) -> tuple[sa.Column[str], ...]:
    """A ChatKey, in three columns."""
    return tuple(
        sa.Column(name, CleanText, primary_key=primary_key, nullable=False)
        for name in ("platform", "chat_id", "thread")
    )


# ---------------------------------------------------------------- sources

source_states = sa.Table(
    "source_states",
    metadata,
    sa.Column("source", CleanText, primary_key=True),
    sa.Column("value", sa.Text, nullable=False),
)

entries = sa.Table(
    "entries",
    metadata,
    _id(),
    sa.Column("source", CleanText, nullable=False),
    sa.Column("url_digest", sa.Text, nullable=False, index=True),
    sa.Column("reason", CleanText, nullable=False),
    sa.Column("first_seen_at", UtcDateTime, nullable=False, index=True),
    sa.Column("value", sa.Text, nullable=False),
    sqlite_autoincrement=True,  # an id is the key of a job: never used again
)

# Apart from entries, as a feed may carry an entry for longer than the entry itself is kept.
seen = sa.Table(
    "seen",
    metadata,
    sa.Column("source", CleanText, primary_key=True),
    sa.Column("digest", sa.Text, primary_key=True),  # of the three keys
    sa.Column("guid", CleanText, nullable=False),
    sa.Column("link", CleanText, nullable=False),
    sa.Column("title", CleanText, nullable=False),
    sa.Column("last_seen_at", UtcDateTime, nullable=False, index=True),
    sa.Column("first_seen_at", UtcDateTime),  # NULL: before it was kept
)

# Sources that were added by a command; those of the file are in no table.
added_feeds = sa.Table(
    "added_feeds",
    metadata,
    sa.Column("key", CleanText, primary_key=True),
    sa.Column("value", sa.Text, nullable=False),
)

# ---------------------------------------------------------------- watchlist

entities = sa.Table(
    "entities",
    metadata,
    sa.Column("key", CleanText, primary_key=True),
    sa.Column("value", sa.Text, nullable=False),
    sa.Column("saved_at", UtcDateTime, nullable=False),
    sa.Column("saved_by", CleanText, nullable=False),
    sa.Column("removed_at", UtcDateTime),
    sa.Column("removed_by", CleanText),
    sa.Column("version", sa.Integer, nullable=False, server_default="1"),
    sa.Column("watchlist", CleanText, nullable=False, server_default="main"),
    sa.Column("folded", CleanText, nullable=False, server_default=""),  # its caption: the order of lists
    sa.Column("merged_into", CleanText, index=True),
    sa.Index("ix_entities_page", "watchlist", "removed_at", "folded", "key"),  # no look into the large values
)

# By what a tracked entity is found: its key, its names, topics, countries and numbers, folded; beginnings of long ones.
entity_terms = sa.Table(
    "entity_terms",
    metadata,
    sa.Column(
        "kind", sa.Text, primary_key=True
    ),  # "key", "name", "word" (of a name), "topic", "country", "link", "number"
    sa.Column("term", CleanText, primary_key=True),
    sa.Column("entity", CleanText, primary_key=True, index=True),
    sa.Column("watchlist", CleanText, nullable=False),
    sa.Index("ix_entity_terms_watchlist", "kind", "watchlist", "term"),
)

watchlist_edits = sa.Table(
    "watchlist_edits",
    metadata,
    _id(),
    sa.Column("made_at", UtcDateTime, nullable=False),
    sa.Column("made_by", CleanText, nullable=False, index=True),
    sa.Column("what", CleanText, nullable=False),
    sa.Column("why", CleanText, nullable=False),
    sa.Column("undoes", BigId),
    sa.Column("undone_by", BigId),
    sa.Column("followed", sa.Text),  # JSON: what went from a merged entity to the other
    sa.Column("chat", CleanText, nullable=False, server_default=""),  # where it was made; "" if not in a chat
    sqlite_autoincrement=True,  # people name them by number: never used again
)

entity_versions = sa.Table(
    "entity_versions",
    metadata,
    sa.Column("key", CleanText, primary_key=True),
    sa.Column("version", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("edit", BigId, nullable=False, index=True),
    sa.Column("value", sa.Text, nullable=False),
    sa.Column("tracked", sa.Boolean, nullable=False),
    sa.Column("merged_into", CleanText),
)

watchlists = sa.Table(
    "watchlists",
    metadata,
    sa.Column("key", CleanText, primary_key=True),
    sa.Column("title", CleanText, nullable=False),
    sa.Column("created_at", UtcDateTime),
    sa.Column("created_by", CleanText, nullable=False),
)

# Which watchlists a chat sees, the first is the one it adds to; a chat without a row sees the main one.
chat_watchlists = sa.Table(
    "chat_watchlists",
    metadata,
    *_chat(primary_key=True),
    sa.Column("watchlist", CleanText, primary_key=True),
    sa.Column("position", sa.Integer, nullable=False),
)

pending_edits = sa.Table(
    "pending_edits",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("user_platform", CleanText, nullable=False),
    sa.Column("user_id", CleanText, nullable=False),
    *_chat(),
    sa.Column("expires_at", UtcDateTime, nullable=False, index=True),
    sa.Column("value", sa.LargeBinary, nullable=False),  # packed: an upload has thousands of entities
    sa.Index(None, "user_platform", "user_id"),
)

# ---------------------------------------------------------------- articles and events

articles = sa.Table(
    "articles",
    metadata,
    sa.Column("digest", sa.Text, primary_key=True),  # of its key
    sa.Column("url_digest", sa.Text, nullable=False, index=True),
    sa.Column("event", sa.Text),
    sa.Column("judged_at", UtcDateTime, nullable=False, index=True),
    sa.Column("value", sa.Text, nullable=False),
    sa.Index("ix_articles_page", "judged_at", "digest", "event"),  # no look into the large values
)

# What articles are searched by; apart from them, as those are large.
article_words = sa.Table(
    "article_words",
    metadata,
    sa.Column("article", sa.ForeignKey("articles.digest", ondelete="CASCADE"), primary_key=True),
    sa.Column("outlet", CleanText, nullable=False),
    sa.Column("folded_outlet", CleanText, nullable=False),
    sa.Column("folded", CleanText, nullable=False),  # its headline and teaser
)

# Pages as they were fetched, of which some are kept for longer than their articles. A version of a page is its digest.
pages = sa.Table(
    "pages",
    metadata,
    sa.Column("article", sa.Text, primary_key=True),  # digest of its key
    sa.Column("sha256", sa.Text, primary_key=True),
    sa.Column("fetched_at", UtcDateTime, nullable=False, index=True),
    sa.Column("value", sa.Text, nullable=False),  # all but the body
    sa.Column("body", sa.LargeBinary, nullable=False),  # packed
)

findings = sa.Table(
    "findings",
    metadata,
    sa.Column("article", sa.ForeignKey("articles.digest", ondelete="CASCADE"), primary_key=True),
    sa.Column("entity", CleanText, primary_key=True),
    sa.Column("published_at", UtcDateTime, nullable=False),
    sa.Column("verdict", sa.Text, nullable=False, server_default=""),
    sa.Index(None, "entity", "published_at"),
)

events = sa.Table(
    "events",
    metadata,
    sa.Column("key", CleanText, primary_key=True),
    sa.Column("opened_at", UtcDateTime, nullable=False, index=True),
    sa.Column("updated_at", UtcDateTime, nullable=False, index=True),
    sa.Column("value", sa.Text, nullable=False),
    sa.Column("review", sa.Boolean, nullable=False, server_default=sa.false()),
)

event_targets = sa.Table(
    "event_targets",
    metadata,
    sa.Column("event", sa.ForeignKey("events.key", ondelete="CASCADE"), primary_key=True),
    sa.Column("entity", CleanText, primary_key=True, index=True),
)

# ---------------------------------------------------------------- chats, people, settings

chats = sa.Table(
    "chats",
    metadata,
    *_chat(primary_key=True),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("title", CleanText, nullable=False),
    sa.Column("stopped_reason", CleanText),
)

subscriptions = sa.Table(
    "subscriptions",
    metadata,
    *_chat(primary_key=True),
    sa.Column("kind", sa.Text, primary_key=True),
    sa.Column("value", CleanText, primary_key=True),
    sa.Column("created_at", UtcDateTime),
    sa.Column("created_by", CleanText, nullable=False),
    sa.Column("filters", sa.Text, nullable=False, server_default=""),  # JSON; empty: none
)

settings = sa.Table(
    "settings",
    metadata,
    sa.Column("key", CleanText, primary_key=True),
    sa.Column("value", CleanText, nullable=False),
)

# Append-only: triggers refuse everything else. `digest` chains the rows (bot.chain), so `id` is given, not counted.
audit = sa.Table(
    "audit",
    metadata,
    _id(),
    sa.Column("at", UtcDateTime, nullable=False),
    sa.Column("who", CleanText, nullable=False),
    sa.Column("chat", CleanText, nullable=False),
    sa.Column("what", CleanText, nullable=False),
    sa.Column("before", CleanText, nullable=False),
    sa.Column("after", CleanText, nullable=False),
    sa.Column("digest", sa.Text, nullable=False, server_default=""),
)

# ---------------------------------------------------------------- people

grants = sa.Table(
    "grants",
    metadata,
    sa.Column("platform", CleanText, primary_key=True),
    sa.Column("user_id", CleanText, primary_key=True),
    sa.Column("scope", CleanText, primary_key=True),  # "bot", "chat:telegram:-100", "watchlist:main"
    sa.Column("role", sa.Text, nullable=False),
    sa.Column("name", CleanText, nullable=False),
    sa.Column("granted_at", UtcDateTime, nullable=False),
    sa.Column("granted_by", CleanText, nullable=False),
)

# What the platform's own administrators of a chat are there, where that was set.
role_mappings = sa.Table(
    "role_mappings",
    metadata,
    sa.Column("platform", CleanText, primary_key=True),
    sa.Column("chat_id", CleanText, primary_key=True),
    sa.Column("role", sa.Text, nullable=False),
)

# `holder_…`: the chat is allowed as long as that person has a role; empty for those allowed as such.
allowed_chats = sa.Table(
    "allowed_chats",
    metadata,
    sa.Column("platform", CleanText, primary_key=True),
    sa.Column("chat_id", CleanText, primary_key=True),
    sa.Column("title", CleanText, nullable=False),
    sa.Column("allowed_at", UtcDateTime, nullable=False),
    sa.Column("allowed_by", CleanText, nullable=False),
    sa.Column("holder_platform", CleanText, nullable=False),
    sa.Column("holder_id", CleanText, nullable=False),
)

invitations = sa.Table(
    "invitations",
    metadata,
    _id(),
    sa.Column("digest", sa.Text, nullable=False, unique=True),  # of the token, which is kept nowhere
    sa.Column("role", sa.Text, nullable=False),
    sa.Column("scope", CleanText, nullable=False),
    sa.Column("by_platform", CleanText, nullable=False),
    sa.Column("by_id", CleanText, nullable=False),
    sa.Column("by_name", CleanText, nullable=False),
    sa.Column("made_at", UtcDateTime, nullable=False),
    sa.Column("expires_at", UtcDateTime, nullable=False),
    sa.Column("used_at", UtcDateTime),
    sa.Column("used_by_platform", CleanText, nullable=False),
    sa.Column("used_by_id", CleanText, nullable=False),
    sa.Column("used_by_name", CleanText, nullable=False),
    sa.Column("revoked_at", UtcDateTime),
    sa.Column("revoked_by", CleanText, nullable=False),
    sqlite_autoincrement=True,  # people name them by number: never used again
)

# Wrong tokens and codes, by who showed them.
guesses = sa.Table(
    "guesses",
    metadata,
    _id(),
    sa.Column("platform", CleanText, nullable=False),
    sa.Column("user_id", CleanText, nullable=False),
    sa.Column("at", UtcDateTime, nullable=False, index=True),
)

# ---------------------------------------------------------------- what people say of verdicts

feedback = sa.Table(
    "feedback",
    metadata,
    sa.Column("event", CleanText, primary_key=True),
    sa.Column("entity", CleanText, primary_key=True),
    sa.Column("user_platform", CleanText, primary_key=True),
    sa.Column("user_id", CleanText, primary_key=True),
    sa.Column("user_name", CleanText, nullable=False),
    sa.Column("label", sa.Text, nullable=False),
    sa.Column("given", sa.Text, nullable=False),
    sa.Column("said_at", UtcDateTime, nullable=False, index=True),
    *_chat(),
    sa.Column("value", sa.Text),  # the sample
    sa.Column("undone_at", UtcDateTime),
    sa.Column("undone_by", CleanText, nullable=False),
)

# `platform` and its fellows are empty for those that hold in every chat.
look_alikes = sa.Table(
    "look_alikes",
    metadata,
    _id(),
    sa.Column("entity", CleanText, nullable=False, index=True),
    sa.Column("event", CleanText, nullable=False),
    sa.Column("user_platform", CleanText, nullable=False),
    sa.Column("user_id", CleanText, nullable=False),
    sa.Column("user_name", CleanText, nullable=False),
    sa.Column("said_at", UtcDateTime, nullable=False),
    *_chat(),
    sa.Column("value", sa.Text, nullable=False),  # the likeness
    sa.Column("undone_at", UtcDateTime),
    sa.Column("undone_by", CleanText, nullable=False),
    sa.Column("until", UtcDateTime),
    sqlite_autoincrement=True,  # people name them by number: never used again
)

# Numbers that only grow: the watchlist's revision, the sequence of the console's posts.
counters = sa.Table(
    "counters",
    metadata,
    sa.Column("name", sa.Text, primary_key=True),
    sa.Column("value", sa.BigInteger, nullable=False),
)

# ---------------------------------------------------------------- delivery

_NEXT_TRY = sa.text("next_try_at IS NOT NULL")

deliveries = sa.Table(
    "deliveries",
    metadata,
    _id(),
    sa.Column("event", CleanText, nullable=False),
    *_chat(),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("revision", sa.Integer, nullable=False),
    sa.Column("state", sa.Text, nullable=False, index=True),
    sa.Column("created_at", UtcDateTime, nullable=False),
    sa.Column("tries", sa.Integer, nullable=False),
    sa.Column("tried_at", UtcDateTime),
    sa.Column("settled_at", UtcDateTime, index=True),
    sa.Column("note", CleanText, nullable=False),
    sa.Column("unsure", sa.Integer, nullable=False, server_default="0"),
    sa.Column("reason", CleanText, nullable=False, server_default=""),
    sa.Column("next_try_at", UtcDateTime),
    sa.UniqueConstraint("event", "platform", "chat_id", "thread", "kind", "revision", name="uq_deliveries"),
    sa.Index(None, "next_try_at", sqlite_where=_NEXT_TRY, postgresql_where=_NEXT_TRY),  # of the few that failed
    sqlite_autoincrement=True,  # an id is the key of a job: never used again
)

sent_alerts = sa.Table(
    "sent_alerts",
    metadata,
    sa.Column("event", CleanText, primary_key=True),
    *_chat(primary_key=True),
    sa.Column("message_id", CleanText, nullable=False),
    sa.Column("message_chat_id", CleanText, nullable=False),  # where the platform put it: mostly the chat itself
    sa.Column("message_thread", CleanText, nullable=False),
    sa.Column("revision", sa.Integer, nullable=False),
    sa.Column("content_hash", sa.Text, nullable=False),
    sa.Column("sent_at", UtcDateTime, nullable=False),
    sa.Column("edited_at", UtcDateTime),
)

# What those who run the bot should know. `asked_at`: when it was last asked to be told, `told_at`: when it was.
troubles = sa.Table(
    "troubles",
    metadata,
    sa.Column("key", sa.Text, primary_key=True),
    sa.Column("text", CleanText, nullable=False),
    sa.Column("times", sa.Integer, nullable=False),
    sa.Column("first_at", UtcDateTime, nullable=False),
    sa.Column("last_at", UtcDateTime, nullable=False, index=True),
    sa.Column("asked_at", UtcDateTime, nullable=False),
    sa.Column("told_at", UtcDateTime),
)

# ---------------------------------------------------------------- routes

chat_routes = sa.Table(
    "chat_routes",
    metadata,
    *_chat(primary_key=True),
    sa.Column("leads_elsewhere", sa.Boolean, nullable=False),  # has routes: every delivery asks for those
    sa.Column("value", sa.Text, nullable=False),
)

mutes = sa.Table(
    "mutes",
    metadata,
    _id(),
    *_chat(),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("value", CleanText, nullable=False),
    sa.Column("label", CleanText, nullable=False),
    sa.Column("user_platform", CleanText, nullable=False),
    sa.Column("user_id", CleanText, nullable=False),
    sa.Column("user_name", CleanText, nullable=False),
    sa.Column("said_at", UtcDateTime, nullable=False),
    sa.Column("until", UtcDateTime),
    sa.Column("why", CleanText, nullable=False),
    sa.Column("is_snooze", sa.Boolean, nullable=False),
    sa.Column("undone_at", UtcDateTime),
    sa.Column("undone_by", CleanText, nullable=False),
    sa.Index(None, "platform", "chat_id"),
    sqlite_autoincrement=True,  # people name them by number: never used again
)

acknowledgements = sa.Table(
    "acknowledgements",
    metadata,
    sa.Column("event", CleanText, primary_key=True),
    *_chat(primary_key=True),
    sa.Column("user_platform", CleanText, nullable=False),
    sa.Column("user_id", CleanText, nullable=False),
    sa.Column("user_name", CleanText, nullable=False),
    sa.Column("said_at", UtcDateTime, nullable=False),
)

# Alerts that were due and are held: by a mute, quiet hours, a digest.
held_alerts = sa.Table(
    "held_alerts",
    metadata,
    sa.Column("event", CleanText, primary_key=True),
    *_chat(primary_key=True),
    sa.Column("kind", sa.Text, primary_key=True),
    sa.Column("revision", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("hold", sa.Text, nullable=False),
    sa.Column("severity", sa.Text, nullable=False),
    sa.Column("reason", CleanText, nullable=False),
    sa.Column("held_at", UtcDateTime, nullable=False, index=True),
    sa.Column("until", UtcDateTime),
    sa.Column("note", CleanText, nullable=False),
    sa.Column("told_at", UtcDateTime, index=True),
    sa.Column("told_in", sa.Text, nullable=False),
)

# Messages that are no event's own: batches, digests, escalations, reminders. As the outbox, claimed and settled.
# `mark` is a digest of the key, `receipt` where the platform put it, `origin` the chat that it was escalated from.
notices = sa.Table(
    "notices",
    metadata,
    sa.Column("key", CleanText, primary_key=True),
    sa.Column("kind", sa.Text, nullable=False),
    *_chat(),
    sa.Column("value", sa.Text, nullable=False),  # the message
    sa.Column("events", sa.Text, nullable=False),  # keys, parted by blanks
    sa.Column("state", sa.Text, nullable=False, index=True),
    sa.Column("created_at", UtcDateTime, nullable=False),
    sa.Column("tries", sa.Integer, nullable=False),
    sa.Column("settled_at", UtcDateTime, index=True),
    sa.Column("note", CleanText, nullable=False),
    sa.Column("mark", sa.Text, nullable=False, index=True, server_default=""),
    sa.Column("origin", sa.Text, nullable=False, server_default=""),
    sa.Column("receipt", sa.Text, nullable=False, server_default=""),
    sa.Column("content_hash", sa.Text, nullable=False, server_default=""),
    sa.Column("edited_at", UtcDateTime),
)

# Which notices tell of an event.
notice_events = sa.Table(
    "notice_events",
    metadata,
    sa.Column("event", CleanText, primary_key=True),
    sa.Column("key", CleanText, primary_key=True, index=True),
)

# For which moment a chat's last digest was.
digest_slots = sa.Table(
    "digest_slots",
    metadata,
    *_chat(primary_key=True),
    sa.Column("slot", UtcDateTime, nullable=False),
)

# A bot account, or a chat: when it may next be spoken for, or to.
gates = sa.Table(
    "gates",
    metadata,
    sa.Column("name", CleanText, primary_key=True),
    sa.Column("free_at", UtcDateTime, nullable=False),
)

# How often the language model was asked, by UTC day: one budget for all processes.
model_calls = sa.Table(
    "model_calls",
    metadata,
    sa.Column("day", sa.Date, primary_key=True),
    sa.Column("calls", sa.Integer, nullable=False),
)

# ---------------------------------------------------------------- official lists

list_states = sa.Table(
    "list_states",
    metadata,
    sa.Column("list", CleanText, primary_key=True),
    sa.Column("value", sa.Text, nullable=False),
)

list_imports = sa.Table(
    "list_imports",
    metadata,
    _id(),
    sa.Column("list", CleanText, nullable=False, index=True),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("told_at", UtcDateTime),  # when its changes were held against the watchlist
    sa.Column("value", sa.Text, nullable=False),
    sqlite_autoincrement=True,  # later imports have larger numbers, always
)

# The entry as it stands is the row of listing_versions that `version` names.
listings = sa.Table(
    "listings",
    metadata,
    sa.Column("list", CleanText, primary_key=True),
    sa.Column("uid", CleanText, primary_key=True),
    sa.Column("version", sa.BigInteger, nullable=False),
    sa.Column("seen_in", sa.BigInteger, nullable=False, index=True),
    sa.Column("first_seen_at", UtcDateTime, nullable=False),
    sa.Column("changed_at", UtcDateTime, nullable=False),
    sa.Column("removed_on", sa.Date),
)

# Rows of an import that is not applied are seen by nobody: imports are staged here, in batches.
listing_versions = sa.Table(
    "listing_versions",
    metadata,
    sa.Column("list", CleanText, primary_key=True),
    sa.Column("uid", CleanText, primary_key=True),
    sa.Column("import_id", sa.BigInteger, primary_key=True, index=True),
    sa.Column("since_on", sa.Date, nullable=False),
    sa.Column("digest", sa.Text, nullable=False),
    sa.Column("value", sa.Text),  # empty: gone from the list
)

# Those of a listing are the rows of its version.
# ---------------------------------------------------------------- web console

posts = sa.Table(
    "posts",
    metadata,
    _id(),
    sa.Column("seq", sa.BigInteger, nullable=False, unique=True),
    *_chat(),
    sa.Column("event", CleanText, nullable=False),
    sa.Column("value", sa.Text, nullable=False),
    sa.Column("posted_at", UtcDateTime, nullable=False),
    sa.Column("edited_at", UtcDateTime),
    sa.Column("reply_to", BigId),
    sa.Column("mark", sa.Text),  # of the delivery that wrote it: once, however often that is tried
    sa.Index("uq_posts_mark", "platform", "chat_id", "mark", unique=True),
)
