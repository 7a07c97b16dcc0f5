"""What people say of a verdict."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from bot.model.articles import Article
from bot.model.chats import ChatKey
from bot.model.entities import Entity
from bot.model.findings import Judgement, Verdict
from bot.model.people import User


@dataclass(frozen=True, slots=True)
class Feedback:
    """What a person says of a verdict: one for each user, event and entity, the latest. `label` is what it is, `given`
    what the bot had said: equal, and the person confirms it. `chat` is where it was said."""

    user: User
    event: str
    entity: str
    label: Verdict
    given: Verdict
    at: datetime
    chat: ChatKey
    undone_at: datetime | None = None
    undone_by: str = ""


@dataclass(frozen=True, slots=True)
class Sample:
    """What a verdict was given on: the article as it was judged, its judgement with the one finding, the entity as it
    was tracked. Kept beside the feedback, as articles are forgotten."""

    article: Article
    judgement: Judgement
    entity: Entity


@dataclass(frozen=True, slots=True)
class Labelled:
    """A feedback with its sample; None if the article was no longer kept."""

    feedback: Feedback
    sample: Sample | None


@dataclass(frozen=True, slots=True)
class Likeness:
    """Who bears the same name, as an article had it. `called`: the names by which it was taken for the entity,
    `longer`: its own longer names, both as written; `words`: what stands beside the name, `around`: further words of
    the same paragraphs, both folded; `article`: that article."""

    called: tuple[str, ...]
    longer: tuple[str, ...] = ()
    words: tuple[str, ...] = ()
    around: tuple[str, ...] = ()
    article: str = ""


@dataclass(frozen=True, slots=True)
class LookAlike:
    """Somebody else of the same name, who is not to raise `entity` again. `chat` None: in every chat. It holds events
    that were opened before `until`, for ever; None: all events, until somebody undoes it."""

    entity: str
    likeness: Likeness
    event: str
    by: User
    at: datetime
    chat: ChatKey | None = None
    undone_at: datetime | None = None
    undone_by: str = ""
    id: int = 0  # the number in /mutes; 0 while it is not stored
    until: datetime | None = None

    def is_over(self, at: datetime) -> bool:
        return self.until is not None and self.until <= at


@dataclass(frozen=True, slots=True)
class Held:
    """A target of an event that `chat` (None: any chat) is not told of, as somebody else of its name is meant."""

    entity: str
    chat: ChatKey | None
    reason: str
