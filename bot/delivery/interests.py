"""What of an event a subscription covers, what its filters hold back, and how much the event matters to it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from functools import lru_cache

from bot.model import ChatKey, Entity, Event, EventSource, Filters, Held, Subscription, SubscriptionKind, Tie, Verdict
from bot.severities import Severe, decide_severity
from bot.text.folding import asked_key
from bot.visibility import UNSEEN, concerned, find_hidden


def find_interest(subscriptions: Iterable[Subscription], event: Event, entities: Mapping[str, Entity]) -> str | None:
    """Why a chat with these subscriptions is told of an event, or None."""
    own = list(subscriptions)
    for subscription in own:
        for target in event.targets:
            reason = covers(subscription, event, target.entity, entities.get(target.entity))
            if reason:
                return reason
    ties = (tie for subscription in own for tie in event.ties if _reaches(subscription, event, tie, entities))
    return next((f"subscribed to somebody close to it: {tie.told}" for tie in ties), None)


def find_concerned(
    subscriptions: Iterable[Subscription], event: Event, entities: Mapping[str, Entity]
) -> frozenset[str]:
    """The targets on whose account a chat with these subscriptions is told, by the keys that they have now."""
    own = list(subscriptions)
    keys = [target.entity for target in event.targets if is_concerned(own, event, target.entity, entities)]
    return frozenset(entities[key].key if key in entities else key for key in keys)


def find_obstacle(filters: Filters, event: Event, key: str) -> str | None:
    """Why filters leave out a target of an event, or None. What an official list did is told to whoever wants new
    sanctions, even where it is no such; so is what eases or lifts those that the chat was told of."""
    is_news = bool(event.records) or any(one.entity == key for one in event.eases)
    is_due = is_news and Verdict.NEW_SANCTIONS in filters.verdicts
    is_due = is_due and (filters.eased or event.kind is not Verdict.RELIEF)
    if event.kind not in filters.verdicts and not is_due:
        return f"{event.kind.words} is not asked for"
    confidence = max((target.confidence for target in event.targets if target.entity == key), default=0.0)
    if confidence < filters.confidence:
        return f"{confidence:.0%} sure, and {filters.confidence:.0%} is asked for"
    sources = [source for source in event.sources if not filters.tiers or source.tier in filters.tiers]
    if filters.tiers and not sources:
        return f"only sources that are {' or '.join(filters.tiers)} are asked for, and none tells of it yet"
    return _find_obstacle_in_words(filters, sources)


def _find_obstacle_in_words(filters: Filters, sources: Sequence[EventSource]) -> str | None:
    """One report that has a word that is asked for, and none that is shut out, is enough: whatever the others have, an
    event that was told stays told."""
    if filters.words:
        asked = _folded(filters.words)
        sources = [source for source in sources if not asked.isdisjoint(source.words)]
        if not sources:
            return f"{told_words(filters.words)} is asked for, and no report of it has that yet"
    shut_out = _folded(filters.without)
    if filters.without and all(not shut_out.isdisjoint(source.words) for source in sources):
        had = {key for source in sources for key in source.words}
        found = [word for word in filters.without if asked_key(word) in had]
        return f"{told_words(found or filters.without)} is shut out, and no report of it is without that yet"
    return None


def told_words(words: Iterable[str]) -> str:
    """'“oil” or “crude oil”'"""
    return " or ".join(f"“{word}”" for word in words)


@lru_cache(maxsize=10_000)
def _folded(words: tuple[str, ...]) -> frozenset[str]:
    return frozenset(map(asked_key, words))


def find_focus(subscriptions: Iterable[Subscription], event: Event) -> frozenset[str]:
    """The targets a chat asked for by name: they come first in its message."""
    asked = {subscription.value for subscription in subscriptions if subscription.kind is SubscriptionKind.ENTITY}
    return frozenset(target.entity for target in event.targets if target.entity in asked)


def find_severity(subscriptions: Iterable[Subscription], event: Event, entities: Mapping[str, Entity]) -> Severe:
    """How much an event matters to a chat with these subscriptions, and why."""
    own = list(subscriptions)
    return decide_severity(event, find_focus(own, event), find_told_ties(own, event, entities))


def find_told_ties(
    subscriptions: Iterable[Subscription], event: Event, entities: Mapping[str, Entity]
) -> tuple[Tie, ...]:
    """The ties by which alone a chat is told of an event; none if it is told of a target for its own sake."""
    own = list(subscriptions)
    keys = [target.entity for target in event.targets]
    if not event.ties or any(covers(one, event, key, entities.get(key)) for one in own for key in keys):
        return ()
    return tuple(tie for tie in event.ties if any(_reaches(one, event, tie, entities) for one in own))


def _reaches(subscription: Subscription, event: Event, tie: Tie, entities: Mapping[str, Entity]) -> bool:
    """Whether a subscription follows whoever is close to a target. What follows acts, not names, has that by itself."""
    filters = subscription.filters
    if filters.by_name or find_obstacle(filters, event, tie.target):
        return False
    entity, value = entities.get(tie.entity), subscription.value
    match subscription.kind:
        case SubscriptionKind.ENTITY:
            return value == tie.entity
        case SubscriptionKind.TOPIC:
            return entity is not None and value in entity.topics
        case SubscriptionKind.COUNTRY:
            return entity is not None and value in entity.countries
        case SubscriptionKind.WATCHLIST:
            return value == tie.watchlist
        case _:
            return False


def find_unseen(event: Event, told: Mapping[ChatKey, Collection[str]], places: Mapping[str, str]) -> tuple[Held, ...]:
    """The targets, and those close to them, that stand on a watchlist of which a chat is not told. `told`: those of
    each chat; `places`: the watchlist of each. The reason is read in that chat, so it names neither."""
    return tuple(
        Held(key, chat, UNSEEN)
        for chat, watchlists in told.items()
        for hidden in [find_hidden(places, watchlists)]
        for key in concerned(event)
        if key in hidden
    )


def is_concerned(own: Iterable[Subscription], event: Event, key: str, entities: Mapping[str, Entity]) -> bool:
    subscriptions = list(own)
    if any(covers(subscription, event, key, entities.get(key)) for subscription in subscriptions):
        return True
    ties = [tie for tie in event.ties if tie.target == key]
    return any(_reaches(subscription, event, tie, entities) for subscription in subscriptions for tie in ties)


def covers(subscription: Subscription, event: Event, key: str, entity: Entity | None) -> str | None:
    """Why a subscription covers a target of an event. An entity that was merged is known by the key that it has now."""
    if find_obstacle(subscription.filters, event, key):
        return None
    value = subscription.value
    match subscription.kind:
        case SubscriptionKind.EVERYTHING:
            return "subscribed to everything that is tracked"
        case SubscriptionKind.ENTITY if value == key or (entity and value == entity.key):
            return f"subscribed to {entity.caption if entity else key}"
        case SubscriptionKind.TOPIC if entity and value in entity.topics:
            return f"subscribed to the topic {value}"
        case SubscriptionKind.COUNTRY if entity and value in entity.countries:
            return f"subscribed to the country {value.upper()}"
        case SubscriptionKind.WATCHLIST if entity and value == entity.watchlist:
            return f"subscribed to the watchlist {value}"
        case SubscriptionKind.AUTHORITY if value in _acting_on(event, key):
            return f"subscribed to what {value} does"
        case SubscriptionKind.PROGRAMME if _is_under(event, key, value):
            return f"subscribed to the programme {value}"
        case _:
            return None


def _acting_on(event: Event, key: str) -> tuple[str, ...]:
    """Who acts; where a relief does not tell, who made the designation that it eases or lifts."""
    return event.authorities or tuple(code for one in event.eases if one.entity == key for code in one.authorities)


def _is_under(event: Event, key: str, programme: str) -> bool:
    told = (event.programme or "", *event.programmes)
    if not event.programme:
        told = tuple(one.programme or "" for one in event.eases if one.entity == key)
    return programme.casefold() in map(str.casefold, told)
