"""The alerts of the console as an Atom feed (RFC 4287): an entry for each event, its id for ever the same."""

from __future__ import annotations

import re
import uuid
from collections.abc import Sequence
from datetime import UTC, datetime
from xml.etree import ElementTree as ET

from bot.ports import Post
from bot.rendering import render_plain, safe_url, tidy
from bot.rendering.text import headline

ATOM = "http://www.w3.org/2005/Atom"
MEDIA_TYPE = "application/atom+xml"
# Of our own ids: uuid5 of the namespace and "feed", "post 12" …
_UNWRITABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_SPACE = uuid.UUID("6d0c3c3a-4f4e-5b57-9a8e-3f1f6f1c7a55")


def render_feed(posts: Sequence[Post], address: str, now: datetime) -> bytes:
    """The feed of these posts, newest first; follow-ups have entries of their own. `address` is the console's."""
    feed = ET.Element("feed", xmlns=ATOM)
    _add(feed, "id", _id("feed"))
    _add(feed, "title", "Sanctions alerts")
    _add(feed, "updated", _stamp(max((_changed(post) for post in posts), default=now)))
    _add(feed, "link", rel="self", href=f"{address}feed.atom", type=MEDIA_TYPE)
    _add(feed, "link", rel="alternate", href=address, type="text/html")
    author = ET.SubElement(feed, "author")
    _add(author, "name", "sanctions-bot")
    for post in posts:
        _add_entry(feed, post)
    body: bytes = ET.tostring(feed, encoding="utf-8", xml_declaration=True)
    return body


def _add_entry(feed: ET.Element, post: Post) -> None:
    message = post.message
    entry = ET.SubElement(feed, "entry")
    _add(entry, "id", _id(f"post {post.id}"))
    _add(entry, "title", headline(tidy(message.title), is_withdrawn=message.withdrawn))
    _add(entry, "published", _stamp(post.posted_at))
    _add(entry, "updated", _stamp(_changed(post)))
    for rel, link in zip(("alternate", *["related"] * len(message.sources)), message.sources, strict=False):
        if url := safe_url(link.url):
            _add(entry, "link", rel=rel, href=url, title=_xml_text(tidy(link.text)))
    if message.withdrawn:
        _add(entry, "category", term="withdrawn")
    _add(entry, "content", render_plain(message), type="text")


def _add(parent: ET.Element, name: str, text: str = "", **attributes: str) -> None:
    element = ET.SubElement(parent, name, attributes)
    if text:
        element.text = _xml_text(text)


def _xml_text(text: str) -> str:
    """Without the characters that XML 1.0 has no way to write."""
    return _UNWRITABLE.sub("", text)


def _changed(post: Post) -> datetime:
    return post.edited_at or post.posted_at


def _id(of: str) -> str:
    return f"urn:uuid:{uuid.uuid5(_SPACE, of)}"


def _stamp(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
