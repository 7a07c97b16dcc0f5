"""What the jobs need from outside, and what they tell whoever watches."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any, Protocol

from bot.delivery import (
    Planned,
)
from bot.matching.names import NameIndex
from bot.matching.verdicts import ALERT_FLOOR
from bot.model import (
    Chat,
    ChatKey,
    Correction,
    DeadJob,
    Delivery,
    Event,
    EventChange,
    Source,
)
from bot.pipeline.judging import SecondReading
from bot.pipeline.looks import Looks
from bot.pipeline.threads import Threads
from bot.ports import (
    ArticleRecord,
    Engine,
    Fetcher,
    Platform,
    Records,
    Store,
)
from bot.rights import ChatMode


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one article, for whoever watches the program run."""

    record: ArticleRecord
    changes: tuple[EventChange, ...]
    planned: tuple[Planned, ...]


@dataclass(frozen=True, slots=True)
class Review:
    """Where findings go that are too unsure for an alert, from which probability of new sanctions on."""

    chat: Chat
    floor: float


class Line(Protocol):
    """Those who wait for an account; `free_at` is when the next may ask the gate, as far as this process knows."""

    free_at: datetime

    def passed(self, now: datetime, every: timedelta) -> None: ...


class Turns(Protocol):
    """Who is next at the gate of an account (`bot.pacing`)."""

    def turn(self, account: str, urgency: int) -> AbstractAsyncContextManager[Line]: ...


class Spreader(Protocol):
    """Puts the jobs of an event's new rows, of many a part at a time (`bot.spreading`)."""

    def put(self, records: Records, rows: Sequence[Delivery]) -> None: ...


class Followers(Protocol):
    """The messages that tell of an event and are not its own: batches, digests, escalations (`bot.notices`)."""

    def follow(self, records: Records, event: Event) -> None:
        """It was saved: they are brought up to date."""
        ...

    def correct(self, records: Records, event: Event, correction: Correction, told: Sequence[ChatKey]) -> int:
        """It proved wrong, or right after all, and who was `told` hears so: so do the others. How many chats?"""
        ...

    def put_refresh(self, event: str, chat: ChatKey) -> None:
        """They read differently in a chat since somebody spoke of it there."""
        ...

    def settle_dead(self, jobs: Sequence[DeadJob]) -> None:
        """Their jobs were given up."""
        ...


@dataclass(slots=True)
class Needs:
    """What the jobs need from outside. `index` gives the watchlist as it is now; `now` is the clock; `edit_every` the
    least time between two versions of one message, by platform; `jitter` is a test's own; in `desk`, the outbox is read
    and written, several rows in one of its `looks`; in `readers`, articles are parsed and judged, as a burst of them
    would else take every thread from those who ask something meanwhile."""

    store: Store
    engine: Engine
    fetcher: Fetcher
    sources: Mapping[str, Source]
    platforms: Mapping[str, Platform]
    index: Callable[[Records], NameIndex]
    now: Callable[[], datetime] = lambda: datetime.now(UTC)
    edit_every: Mapping[str, timedelta] = field(default_factory=dict)
    on_outcome: Callable[[Outcome], None] = lambda _outcome: None
    on_trouble: Callable[[str], None] = lambda _text: None
    notices: Followers | None = None
    turns: Turns | None = None
    spreading: Spreader | None = None
    jitter: Callable[[], float] = random.random
    alert_floor: float = ALERT_FLOOR
    review: Review | None = None
    second: SecondReading | None = None
    allow_chats: ChatMode = ChatMode.ANYONE
    keeps_pages: bool = True
    desk: Threads = field(default_factory=partial(Threads, "outbox"))
    readers: Threads = field(default_factory=partial(Threads, "reader", first_alone=True))
    looks: Looks[Any] = field(default_factory=Looks)
