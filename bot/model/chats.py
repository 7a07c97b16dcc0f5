"""Chats, what they ask for, and how much an event matters to them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from bot.model.findings import Verdict
from bot.model.sources import Tier

# Platforms that take alerts and no commands -> the setting whose addresses are their chats.
NOTIFIERS = {"webhook": "webhooks", "apprise": "apprise"}


@dataclass(frozen=True, slots=True)
class ChatKey:
    """A Telegram chat (and topic), a Slack channel or the web console. `thread` is a Telegram topic's id."""

    platform: str  # "telegram", "slack", "web"
    id: str
    thread: str = ""

    def __str__(self) -> str:
        return ":".join(part for part in (self.platform, self.id, self.thread) if part)

    @property
    def whole(self) -> ChatKey:
        """Without the topic: the group of a topic, any other chat itself."""
        return ChatKey(self.platform, self.id)


TERMINAL = ChatKey("terminal", "stdout")  # of whoever sits at the machine that the bot runs on


class ChatKind(StrEnum):
    PRIVATE = "private"
    GROUP = "group"  # Telegram groups and supergroups: 20 messages a minute
    CHANNEL = "channel"


@dataclass(frozen=True, slots=True)
class Chat:
    key: ChatKey
    kind: ChatKind = ChatKind.PRIVATE
    title: str = ""
    stopped_reason: str | None = None  # kicked, archived, revoked: nothing is sent, the settings stay


class SubscriptionKind(StrEnum):
    EVERYTHING = "everything"
    ENTITY = "entity"
    TOPIC = "topic"
    COUNTRY = "country"
    WATCHLIST = "watchlist"
    AUTHORITY = "authority"  # who imposed it: "US", "EU" …
    PROGRAMME = "programme"  # "North Korea", "counter-terrorism" …


@dataclass(frozen=True, slots=True)
class Filters:
    """What of a subscription's subject is told: which verdicts, from which confidence (0 to 1) on, by sources of which
    tiers (empty: of any); `by_name`: only if it is a target itself, not close to one; `words`, `without`: once a report
    has one of these words or phrases, and none of those (as a person wrote them; empty: whatever it has); `eased`:
    where new sanctions are told, also that those which were told in the chat are eased or lifted."""

    verdicts: tuple[Verdict, ...] = (Verdict.NEW_SANCTIONS,)
    confidence: float = 0.0
    tiers: tuple[Tier, ...] = ()
    by_name: bool = False
    words: tuple[str, ...] = ()
    without: tuple[str, ...] = ()
    eased: bool = True

    @property
    def sought(self) -> tuple[str, ...]:
        """The words that reports are searched for."""
        return (*self.words, *self.without)


NO_FILTERS = Filters()


@dataclass(frozen=True, slots=True)
class Subscription:
    chat: ChatKey
    kind: SubscriptionKind
    value: str = ""  # key of an entity or watchlist, topic, ISO country code, authority, programme; empty: everything
    created_at: datetime | None = None
    created_by: str = ""
    filters: Filters = NO_FILTERS


class Severity(StrEnum):
    HIGH = "high"  # new on somebody tracked by name, surely
    MEDIUM = "medium"  # new, less surely, or on somebody close to who is tracked
    LOW = "low"  # every other verdict
