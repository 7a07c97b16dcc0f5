"""Watchlists, their edits, and what waits to become one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from bot.model.chats import ChatKey
from bot.model.entities import Entity
from bot.model.people import User
from bot.model.sources import Source

MAIN_WATCHLIST = "main"  # there from the start


@dataclass(frozen=True, slots=True)
class Watchlist:
    """A named list of entities. A chat sees the watchlists that it was given, the main one if it was given none."""

    key: str
    title: str
    created_at: datetime | None = None
    created_by: str = ""


@dataclass(frozen=True, slots=True)
class EntityEdit:
    """What becomes of one entity. `entity` None: it is tracked no longer; `merged_into`: as it is another, of that key.
    `seen`: the version that the edit was made for, 0 for one that was never there; None: whichever stands."""

    key: str
    entity: Entity | None = None
    seen: int | None = None
    merged_into: str = ""


@dataclass(frozen=True, slots=True)
class EntityVersion:
    """An entity as it was from an edit on. Versions count from 1; `tracked` False: it was removed, or merged."""

    key: str
    version: int
    entity: Entity
    tracked: bool
    edit: int
    at: datetime
    by: str
    what: str
    why: str = ""
    merged_into: str = ""


@dataclass(frozen=True, slots=True)
class WatchlistEdit:
    """Edits that were made together, as one import's were, and are undone together. `undone_by`: the edit that did;
    `chat`: where they were made, "" if not in a chat."""

    id: int
    at: datetime
    by: str
    what: str
    why: str = ""
    undoes: int | None = None
    undone_by: int | None = None
    chat: str = ""


class PendingKind(StrEnum):
    DRAFT = "draft"  # an entity that somebody is asked about
    PREVIEW = "preview"  # shown, and not confirmed yet
    FEEDS = "feeds"  # feeds that were shown, and not confirmed yet
    APPROVAL = "approval"  # waits for a second admin


@dataclass(frozen=True, slots=True)
class PendingEdit:
    """Edits that are kept until somebody decides. `asks`: of a draft, the question that is open."""

    id: str
    kind: PendingKind
    by: User
    chat: ChatKey
    at: datetime
    expires_at: datetime
    what: str
    edits: tuple[EntityEdit, ...] = ()
    why: str = ""
    asks: str = ""
    asked: tuple[str, ...] = ()  # questions that were answered or passed over
    is_import: bool = False  # the share of a watchlist that it removes counts
    undoes: int | None = None  # the edit that it takes back
    feeds: tuple[Source, ...] = ()
