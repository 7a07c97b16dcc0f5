"""Short keys of texts from outside, for indexes: PostgreSQL refuses index rows above 2.7 KB."""

from __future__ import annotations

from hashlib import blake2b

from bot.links import normalise_link
from bot.ports import EntryIdentity
from bot.storage.tables import clean


def digest_of(*parts: str) -> str:
    return blake2b("\n".join(map(clean, parts)).encode(), digest_size=16).hexdigest()


def url_digest(url: str) -> str:
    """Equal for addresses that lead to the same page."""
    return digest_of(normalise_link(clean(url)) or url)


def identity_digest(identity: EntryIdentity) -> str:
    return digest_of(identity.guid, identity.link, identity.title)
