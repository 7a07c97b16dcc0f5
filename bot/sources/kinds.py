"""One parser for each kind of source."""

from __future__ import annotations

from datetime import datetime

from bot.errors import FeedError
from bot.model import HttpAnswer, Source, SourceKind
from bot.sources.feed import parse_feed
from bot.sources.html_index import parse_html_index
from bot.sources.json_feed import is_json_feed, parse_json_feed
from bot.sources.parsed import ParsedFeed

_PARSERS = {
    SourceKind.FEED: parse_feed,
    SourceKind.JSON_FEED: parse_json_feed,
    SourceKind.HTML_INDEX: parse_html_index,
}


def parse_entries(source: Source, answer: HttpAnswer, now: datetime) -> ParsedFeed:
    """The entries of a source's body. Raises FeedError, and nothing else, whatever the bytes are."""
    parse = _PARSERS[source.kind]
    if source.kind is SourceKind.FEED and is_json_feed(answer.body):
        parse = parse_json_feed
    try:
        return parse(source, answer, now)
    except FeedError:
        raise
    except Exception as error:  # bytes from anywhere go through three parsers that are not ours
        raise FeedError(f"the body could not be read: {type(error).__name__}: {error}"[:300]) from error
