"""When something was published, as feeds and pages write it. Says nothing of the dates that an article's text tells."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from functools import lru_cache

_EARLIEST_YEAR = 1980
_UNIX = re.compile(r"1\d{9}(?:\d{3})?")
# RFC 2822 knows the American zones alone, and every reader takes another's name for UTC. Only names that mean one zone
# in the news: IST is India's, Israel's and Ireland's.
_ZONES = {
    "BST": "+0100", "CET": "+0100", "CEST": "+0200", "EET": "+0200", "EEST": "+0300", "MSK": "+0300",
    "HKT": "+0800", "SGT": "+0800", "JST": "+0900", "KST": "+0900", "AEST": "+1000", "AEDT": "+1100",
    "ET": "-0500", "CT": "-0600", "PT": "-0800",
}  # fmt: skip
_ZONE = re.compile(rf"(?<=:\d\d)\s*\(?({'|'.join(_ZONES)})\)?$")
_HALF_OF_DAY = re.compile(r"\d\s?[ap]\.?m\b", re.IGNORECASE)

_OFFSET = re.compile(r"\s*(?:GMT|UTC)(?=[+-]\d{4}\b)")  # "10:00:00 GMT+0300", as JavaScript writes it
_NO_YEAR = re.compile(r"\b0001\b")  # where a program has no date; mail's readers take it for 2001
_EITHER_ORDER = re.compile(r"(?:0?[1-9]|1[0-2])/(?:0?[1-9]|1[0-2])/\d{4}\b")


def parse_date(text: str, language: str | None = None) -> datetime | None:
    """RFC 2822, ISO 8601, Unix time, else dateparser's many layouts. No zone is UTC. None if unreadable."""
    text = _ZONE.sub(lambda zone: f" {_ZONES[zone[1]]}", " ".join(text.split())[:100])
    text = _OFFSET.sub(" ", text)
    if not any(char.isdigit() for char in text) or _NO_YEAR.search(text):
        return None
    for read in (_unix_date, datetime.fromisoformat, _rfc_date):
        try:
            found = read(text)
        except (ValueError, TypeError, IndexError, OverflowError):
            continue
        if found is not None:
            return as_utc(found)
    language = (language or "").split("-")[0]
    found = _dateparser_date(text, language)
    if (
        found is None and language and any(char.isalpha() for char in text)
    ):  # "15 марта" of a page that declares English
        return _dateparser_date(text, "")
    return found


def as_utc(moment: datetime) -> datetime | None:
    """None where the year tells that it is no date of publication."""
    if moment.year < _EARLIEST_YEAR or moment.year > 9000:
        return None
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def is_in_either_order(text: str, language: str | None) -> bool:
    """03/10/2025 is March 10 in one English text and 3 October in another: a wrong guess would make old news of what is
    new."""
    return (language or "")[:2].lower() in ("", "en") and _EITHER_ORDER.match(text.strip()) is not None


def _unix_date(text: str) -> datetime | None:
    if not _UNIX.fullmatch(text):
        return None
    return datetime.fromtimestamp(int(text[:10]), UTC)


def _rfc_date(text: str) -> datetime | None:
    """It would read 5 in the morning in "March 15, 2018 5:00 PM"."""
    return None if _HALF_OF_DAY.search(text) else parsedate_to_datetime(text)


@lru_cache(maxsize=1024)
def _dateparser_date(text: str, language: str) -> datetime | None:
    import dateparser

    settings = {
        "TIMEZONE": "UTC",
        "RETURN_AS_TIMEZONE_AWARE": True,
        "STRICT_PARSING": True,
        "PARSERS": ["absolute-time"],
    }
    try:
        found = dateparser.parse(text, languages=[language] if language else None, settings=settings)
    except Exception:
        return None
    return as_utc(found) if found else None
