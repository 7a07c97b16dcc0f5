"""The machines that the bot runs on."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from bot.model.delivery import DeadJob


@dataclass(frozen=True, slots=True)
class ProcessSeen:
    """A process of the bot, as it last told of itself."""

    id: str
    host: str
    pid: int
    roles: tuple[str, ...]
    version: str
    started_at: datetime
    seen_at: datetime


@dataclass(frozen=True, slots=True)
class QueueSeen:
    """How many jobs are due and not begun, are begun, are put off to a later time. `oldest`: since when the one that
    waits longest is due."""

    name: str
    waiting: int
    running: int
    later: int
    oldest: datetime | None


@dataclass(frozen=True, slots=True)
class HolderSeen:
    """What only one process of all may do at a time ("telegram commands"), and which does."""

    what: str
    process: str
    since: datetime


@dataclass(frozen=True, slots=True)
class Machines:
    processes: tuple[ProcessSeen, ...] = ()
    queues: tuple[QueueSeen, ...] = ()
    holders: tuple[HolderSeen, ...] = ()
    dead: tuple[DeadJob, ...] = ()
