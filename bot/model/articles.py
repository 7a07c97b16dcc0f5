"""What an article's page says, as text."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from bot.model.sources import Tier


class BlockKind(StrEnum):
    TITLE = "title"
    SUMMARY = "summary"
    KEY_POINT = "key_point"  # the outlet's own
    PARAGRAPH = "paragraph"


@dataclass(frozen=True, slots=True)
class Block:
    kind: BlockKind
    text: str


@dataclass(frozen=True, slots=True)
class Article:
    """An article as it is judged. `paragraphs` hold everything that extraction left: captions, bylines and list items
    are told apart in matching, not here. `key` is stable for one story of one outlet."""

    key: str
    url: str
    outlet: str
    title: str
    summary: str
    paragraphs: tuple[str, ...]
    published_at: datetime
    key_points: tuple[str, ...] = ()
    language: str = "en"  # BCP 47
    source: str = ""
    tier: Tier = Tier.NEWS
    full_text_note: str = ""  # why the page was, or was not, fetched
    authority: str = ""  # whose own page it is: "US", "EU" …

    @property
    def blocks(self) -> tuple[Block, ...]:
        """Title, summary, key points, paragraphs: `Mention.block` counts in this order, empty ones included."""
        return (
            Block(BlockKind.TITLE, self.title),
            Block(BlockKind.SUMMARY, self.summary),
            *(Block(BlockKind.KEY_POINT, text) for text in self.key_points),
            *(Block(BlockKind.PARAGRAPH, text) for text in self.paragraphs),
        )

    @property
    def texts(self) -> tuple[str, ...]:
        """Those of its blocks."""
        return (self.title, self.summary, *self.key_points, *self.paragraphs)
