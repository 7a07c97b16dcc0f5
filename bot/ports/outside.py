"""Fetching, platforms, the language model, the engine of jobs, locks."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import Enum, auto
from pathlib import Path
from typing import Protocol

from bot.model import (
    Attachment,
    Chat,
    ChatKey,
    DeadJob,
    HttpAnswer,
    Machines,
    Message,
    Question,
    Receipt,
    Reply,
    Request,
)
from bot.ports.store import Records


class Fetcher(Protocol):
    async def fetch(
        self, url: str, *, headers: Mapping[str, str] | None = None, max_bytes: int | None = None
    ) -> HttpAnswer:
        """GET within the limits of time, size and address; 4xx and 5xx are answers. Raises FetchError."""
        ...


@dataclass(frozen=True, slots=True)
class Download:
    """An answer whose body went into a file; 4xx, 5xx and 304 have none. `size` in bytes, decompressed."""

    status: int
    url: str
    headers: Mapping[str, str]
    size: int = 0
    sha256: str = ""


class Downloader(Protocol):
    async def download(
        self, url: str, to: Path, *, headers: Mapping[str, str] | None = None, max_bytes: int, within: timedelta
    ) -> Download:
        """GET into a file, piece by piece; else as `Fetcher.fetch`. Raises FetchError."""
        ...


class SecondReader(Protocol):
    """Reads again what the judgement is unsure of: a language model. What it says is checked, not believed."""

    def turn(self) -> AbstractAsyncContextManager[str]:
        """Wait for a turn to ask it, no longer than an answer may take. Yields why it is not to be asked ("it answered
        401; asked again from 12:05 UTC"); "" if it may be."""
        ...

    async def read(self, question: Question) -> str:
        """Its answer as it came; within a turn. Raises SecondReaderError."""
        ...

    def health(self) -> str:
        """A phrase for /status."""
        ...


Answer = Callable[[Request], Awaitable[Reply]]


class Sight(Enum):
    """What a platform says of a message that it does not find."""

    ABSENT = auto()  # it is not there
    UNKNOWN = auto()  # the platform cannot be asked


class Platform(Protocol):
    """A place with chats. One instance a bot account; `name` is ChatKey.platform."""

    name: str

    async def start(self, answer: Answer) -> None:
        """Connect and begin to take commands; returns when connected. Raises ConfigError on a refused token."""
        ...

    async def stop(self) -> None: ...

    async def send(
        self,
        chat: ChatKey,
        message: Message,
        *,
        reply_to: Receipt | None = None,
        aloud: bool = False,
        silent: bool = False,
        attachment: Attachment | None = None,
        mark: str = "",
    ) -> Receipt:
        """The message, and with it a file or a picture (image/png). `aloud`: a reply that stands among the newest
        messages too, as an alert of its own that answers an old one. `mark` names the message beyond this try:
        `find_sent` knows it by it. Raises DeliveryError."""
        ...

    async def find_sent(
        self, chat: ChatKey, mark: str, since: datetime, *, reply_to: Receipt | None = None
    ) -> Receipt | Sight:
        """Whether a send of this mark arrived since then, though its answer was lost. Raises DeliveryError."""
        ...

    async def edit(self, receipt: Receipt, message: Message) -> Receipt:
        """Bring a sent message up to date; a new receipt if it had to be sent anew. Raises DeliveryError."""
        ...

    def spacing(self, chat: Chat) -> tuple[timedelta, timedelta]:
        """(least time between two sends of this bot, between two to this chat)."""
        ...

    def health(self) -> str:
        """A phrase for /status: "connected as @x", "off: no token", "trouble: …"."""
        ...


class Again(Exception):  # noqa: N818  (a signal, not an error)
    """A job asks to be run again after `delay`, keeping its place in its partition."""

    def __init__(self, delay: timedelta, reason: str = "") -> None:
        self.delay, self.reason = delay, reason
        super().__init__(reason)


JobFunction = Callable[..., Awaitable[None]]


class Engine(Protocol):
    """Durable jobs. A job is `async def f(**args)` with JSON arguments; it may run again after a crash."""

    def job(self, name: str, *, queue: str, tries: int = 5) -> Callable[[JobFunction], JobFunction]:
        """Register a job; queues are "poll", "match", "deliver" (one at a time for each partition, in order).
        An exception is tried again with growing delays, `tries` times in all,
        then it is a dead job; Again waits freely."""
        ...

    def put(
        self,
        records: Records,
        job: str,
        key: str,
        args: Mapping[str, object],
        *,
        partition: str | None = None,
        priority: int = 10,
        not_before: datetime | None = None,
    ) -> None:
        """Enqueue inside the caller's transaction. The same key again is a no-op for a week. Low priority first."""
        ...

    async def start(self, roles: frozenset[str]) -> None:
        """Begin to run the jobs of these queues ("poll", "match", "deliver"), those of dead processes first."""
        ...

    async def stop(self) -> None:
        """Take no more jobs, let the running ones end within seconds."""
        ...

    async def dead(self, revive: Sequence[str] = (), drop: Sequence[str] = ()) -> tuple[DeadJob, ...]:
        """Jobs that were given up; those named in `revive` are put back first, those in `drop` forgotten."""
        ...


class SoleLock(Protocol):
    """What only one process of all may hold at a time. It goes when the process dies, however it dies. Each method may
    wait for the database; none raises if that is away."""

    def take(self) -> bool:
        """True if it is ours now. After a holder that did not say goodbye it is given only when that one has surely
        noticed: ask again."""
        ...

    def holds(self) -> bool:
        """Is it still ours? Once False it may be another's."""
        ...

    def release(self) -> None: ...


@dataclass(frozen=True, slots=True)
class Health:
    """What /status tells of the running program beyond the store."""

    started_at: datetime
    platforms: Mapping[str, str] = field(default_factory=dict)
    second_reader: str = ""  # empty: there is none
    machines: Machines | None = None  # None: not known here
