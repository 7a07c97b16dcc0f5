"""Events, articles, hits and watchlists as the asker's chat sees them (`bot.visibility`)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from bot import visibility
from bot.alerts import find_url, headline
from bot.commands.asking import Ask, button, reply
from bot.commands.choosing import MOST_SEARCHED
from bot.counted import shortened
from bot.delivery import with_words
from bot.lookups.found import Found, Hit, Query, Search
from bot.model import Action, Article, Event, Reply, Scope, Subscription, Watchlist
from bot.ports import ArticleRecord, Records
from bot.rights import Right

_OFFERED = 5  # events of which one may be meant


def see(ask: Ask, records: Records, events: Iterable[Event]) -> tuple[Event, ...]:
    """In their order; those of which no target is left are left out."""
    return visibility.see_events(records, ask.request.chat.key, events)


def see_article(ask: Ask, records: Records, record: ArticleRecord) -> ArticleRecord:
    """Without the findings on watchlists that the chat does not see."""
    return visibility.see_articles(records, ask.request.chat.key, [record])[0]


def load_seen(ask: Ask, records: Records, key: str) -> Event | None:
    """What was escalated to this chat is seen here as where it came from."""
    event = records.event(key)
    return visibility.see_event(records, ask.request.chat.key, event) if event else None


def with_own_words(records: Records, event: Event, own: Iterable[Subscription]) -> Event:
    """The event with the words in its articles that these subscriptions ask for or shut out."""

    def article_of(key: str) -> Article | None:
        record = records.article(key)
        return record.article if record else None

    asked = [word for one in own for word in one.filters.sought]
    return with_words(event, asked, article_of)


def load_latest(ask: Ask, records: Records, count: int) -> tuple[Event, ...]:
    """The newest `count`."""
    newest = see(ask, records, records.latest_events(count))
    if len(newest) == count or len(records.watchlists()) <= 1:
        return newest
    return see(ask, records, records.latest_events(MOST_SEARCHED))[:count]


def offer_latest(
    ask: Ask, question: str, command: str, *, head: str = "The latest:", none: str = "There is no alert yet."
) -> Reply:
    """Asks back which of the newest events is meant; `command` and an event's key are what its button sends."""
    with ask.store.reading() as records:
        events = load_latest(ask, records, _OFFERED)
    return reply(
        question,
        head if events else none,
        bullets=[f"{headline(event, event.targets)} · {event.key}" for event in events],
        bullet_urls=[find_url(event) for event in events],
        actions=[event_button(event, command) for event in events],
        ok=False,
    )


def event_button(event: Event, command: str) -> Action | None:
    """Says what the event is, and sends `command` with its key."""
    return button(shortened(headline(event, event.targets), 40), f"{command} {event.key}")


def seen_search(ask: Ask) -> Search | None:
    """`Services.search`, without the tracked names that the chat does not see; None: this process cannot."""
    search = ask.services.search
    if search is None:
        return None
    with ask.store.reading() as records:
        seen = records.watchlists_of(ask.request.chat.key)

    def is_seen(hit: Hit) -> bool:
        return hit.entity is None or hit.entity.watchlist in seen

    def seen_only(query: Query) -> Found:
        found = search(query)
        hits, near, lowered = (tuple(filter(is_seen, some)) for some in (found.hits, found.near, found.lowered))
        return replace(found, hits=hits, near=near, lowered=lowered)

    return seen_only


def named_watchlists(ask: Ask, records: Records) -> tuple[Watchlist, ...]:
    """Those that may be named to the asker: their chat sees them, or a role of theirs lets them look into them."""
    seen = records.watchlists_of(ask.request.chat.key)
    return tuple(
        one
        for one in records.watchlists()
        if one.key in seen or ask.may(records, Right.SEE_WATCHLIST, Scope.of_watchlist(one.key)).allowed
    )
