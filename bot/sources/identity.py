"""By which keys an entry is known again. No single one can be trusted: guids change with each edit (BBC, GOV.UK) or
are used again for another story, links carry tracking, headlines are edited."""

from __future__ import annotations

import unicodedata
from datetime import datetime, timedelta
from hashlib import blake2b

from bot.links import normalise_link
from bot.model import Entry, SeenKeys, Source, Tier
from bot.ports import EntryIdentity

__all__ = ["find_edit", "find_seen", "identity", "normalise_link", "title_key", "with_seen"]

_TELLING_WORDS = 4  # a headline of fewer words ("Press briefing") comes again with another story
# So long after a headline was first seen, one that is dated later is of another story: "The week in sanctions". A story
# that moves keeps its date, or gets its new one within hours; a daily column comes within some minutes of the day.
_NEXT_AFTER = timedelta(hours=20)
_LONGEST_KEY = 200  # keys are columns of an index


def identity(entry: Entry) -> EntryIdentity:
    """The entry's guid, link key and title key; "" where it has none."""
    return EntryIdentity(_short(entry.guid), _short(normalise_link(entry.link)), title_key(entry.title))


def title_key(title: str) -> str:
    """Letters and digits only, case and accents' spelling folded: a changed dash or quotation mark does not count."""
    folded = unicodedata.normalize("NFKC", title).casefold()
    return _short(" ".join("".join(char if char.isalnum() else " " for char in folded).split()))


def find_seen(source: Source, entry: EntryIdentity, seen: SeenKeys, published_at: datetime | None = None) -> str | None:
    """Why this is a story already seen ("seen: same link", …), or None if it is new.

    Same link: same story, whatever the guid. Same guid: same story, unless link and headline both changed. Same
    telling headline: same story, but not at an official source, whose headlines repeat from one action to the next, nor
    where it was published a day or more after that headline came first: a column.
    """
    if entry.link and entry.link in seen.links:
        return "seen: same link"
    if entry.guid and (known := seen.guids.get(entry.guid)):
        link, title = known
        if link == entry.link or title == entry.title or not entry.link:
            return "seen: same guid"
        return None
    if entry.title in seen.titles and _title_tells(source, entry):
        since = seen.titles[entry.title]
        if (entry.link or entry.guid) and published_at and published_at - since >= _NEXT_AFTER:
            return None
        return f"seen: same headline, since {since:%d %b %Y}"
    return None


def find_edit(source: Source, entry: EntryIdentity, seen: SeenKeys) -> str:
    """What is new of a known story, if it is worth reading again: a report begins as one sentence and grows under its
    address, an authority adds to its page. "" where nothing is."""
    if not entry.link or entry.link not in seen.links:
        return ""
    if entry.title and entry.title not in seen.titles:
        return "its headline changed"
    if source.tier is Tier.OFFICIAL and entry.guid and entry.guid not in seen.guids:
        return "its authority says that it was updated"
    return ""


def with_seen(seen: SeenKeys, entry: EntryIdentity, at: datetime) -> SeenKeys:
    """`seen` and this entry, of that time: feeds carry a story twice in one body."""
    return SeenKeys(
        {**seen.guids, entry.guid: (entry.link, entry.title)} if entry.guid else seen.guids,
        seen.links | {entry.link} if entry.link else seen.links,
        {**seen.titles, entry.title: at} if entry.title else seen.titles,
    )


def _title_tells(source: Source, entry: EntryIdentity) -> bool:
    if not entry.title:
        return False
    if not entry.link and not entry.guid:
        return True  # nothing else to go by
    words = len(entry.title.split())
    long_enough = words >= _TELLING_WORDS or (words < _TELLING_WORDS and _is_unspaced(entry.title))
    return source.tier is not Tier.OFFICIAL and long_enough


def _is_unspaced(title: str) -> bool:
    """Chinese and Japanese headlines have no blanks: ten characters are a headline."""
    return sum(ord(char) >= 0x2E80 for char in title) >= 10


def _short(key: str) -> str:
    if len(key) <= _LONGEST_KEY:
        return key
    return f"{key[:160]}…{blake2b(key.encode('utf-8', 'surrogatepass'), digest_size=16).hexdigest()}"
