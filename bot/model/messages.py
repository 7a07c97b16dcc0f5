"""What chats are shown, written for no platform."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from itertools import zip_longest

from bot.model.chats import Severity


@dataclass(frozen=True, slots=True)
class Link:
    text: str
    url: str


@dataclass(frozen=True, slots=True)
class Fact:
    """`struck` stands before the value, struck through: what held once."""

    label: str
    value: str
    struck: str = ""


@dataclass(frozen=True, slots=True)
class Quote:
    """A sentence, verbatim, with what introduces it. `highlights` are substrings to mark in it; `points` the bullets
    that it stands for: where there is no room for it, they are shown."""

    text: str
    source: str = ""
    highlights: tuple[str, ...] = ()
    points: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Action:
    """A button. `data` is an opaque command for our side (1 to 64 bytes, Telegram's limit), or `url` is opened."""

    label: str
    data: str = ""
    url: str = ""


@dataclass(frozen=True, slots=True)
class Message:
    """A small document, written for no platform; `bot.rendering` turns it into each one's markup. Every field is plain
    text, untrusted: escaping is the renderer's. Shown in the order of the fields, but see `quotes_first`."""

    title: str
    severity: Severity | None = None
    at: datetime | None = None
    at_is: str = ""  # what `at` is, where that is not plain: "seen"
    zone: str = ""  # of the chat, in which its times are told; empty: UTC
    subtitle: str = ""  # "Sanctions · US · North Korea"
    paragraphs: tuple[str, ...] = ()
    facts: tuple[Fact, ...] = ()
    bullets: tuple[str, ...] = ()
    bullet_urls: tuple[str, ...] = ()  # behind each bullet, in their order: its article's address, or ""
    quotes: tuple[Quote, ...] = ()
    sources: tuple[Link, ...] = ()
    footer: str = ""  # "Updated 28 Nov, 23:41 UTC: Yonhap also reports this."
    actions: tuple[Action, ...] = ()
    withdrawn: bool = False
    has_commands: bool = False  # each "/word" in its own words, as quotes and links are not, is ours: to be tapped
    quotes_first: bool = False  # before the facts: the bullets are a long story, or tell less than they

    @property
    def linked_bullets(self) -> tuple[tuple[str, str], ...]:
        """The bullets, each with its address or ""."""
        return tuple(zip_longest(self.bullets, self.bullet_urls[: len(self.bullets)], fillvalue=""))
