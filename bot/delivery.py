"""Who is told what and when: subscriptions, what a change means for each chat, what to do after a failed attempt.

Decides only; the outbox and the sending are elsewhere. Every decision carries its reason."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import asdict, dataclass, fields, replace
from datetime import datetime, timedelta
from functools import lru_cache
from types import MappingProxyType
from typing import TypeVar

from bot.errors import ChatMovedError, DeliveryError
from bot.folding import asked_key
from bot.model import (
    NOTIFIERS,
    Chat,
    ChatKey,
    Correction,
    DeliveryKind,
    Entity,
    Event,
    EventChange,
    EventRecord,
    EventSource,
    Filters,
    Held,
    HeldAlert,
    Message,
    Subscription,
    SubscriptionKind,
    Tie,
    Verdict,
)
from bot.severities import Severe, decide_severity
from bot.visibility import UNSEEN, concerned, find_hidden, withdrawn_part, without_entities, without_untold

# An attempt that fails for a passing reason is tried again for about a day: 5 s, 10 s, 20 s … at most an hour apart.
FIRST_WAIT = timedelta(seconds=5)
LONGEST_WAIT = timedelta(hours=1)
MOST_TRIES = 30
# What the platform refuses for its content holds up what comes after it in its chat: not for a day.
MOST_REFUSALS = 3
LATE_TRIES = 9  # as many failed for 20 minutes: no passing trouble
# A job that began so much too early, by a clock that is behind, keeps its place until its time; others let alerts pass.
A_MOMENT = timedelta(seconds=2)
# Why a message is edited: an article's reason to join the event may name targets that the chat does not see.
CHANGED = "its event changed"
NOTHING: Mapping[ChatKey, AbstractSet[str]] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Planned:
    """One thing to send to one chat, and why."""

    chat: ChatKey
    kind: DeliveryKind
    reason: str
    note: str = ""  # FOLLOW_UP: JSON, the targets and authorities that are new


@dataclass(frozen=True, slots=True)
class Withheld:
    """A chat that is not told, and why: shown by `why`."""

    chat: ChatKey
    reason: str


@dataclass(frozen=True, slots=True)
class Plans:
    """An event as an article left it, and who is to be told of that, or not, or later."""

    event: Event
    planned: tuple[Planned, ...] = ()
    withheld: tuple[Withheld, ...] = ()
    held: tuple[HeldAlert, ...] = ()


@dataclass(frozen=True, slots=True)
class TryAgain:
    delay: timedelta
    reason: str


@dataclass(frozen=True, slots=True)
class GiveUp:
    """The delivery becomes a dead letter."""

    reason: str


@dataclass(frozen=True, slots=True)
class StopChat:
    """Nothing more is sent to this chat; its settings stay, and it wakes when it is back."""

    reason: str


@dataclass(frozen=True, slots=True)
class FollowChat:
    """The chat has a new id: rewrite it, then try again."""

    new_id: str


Own = TypeVar("Own", Subscription, Held)
Outcome = TryAgain | GiveUp | StopChat | FollowChat


def plan_deliveries(
    change: EventChange,
    chats: Iterable[Chat],
    subscriptions: Sequence[Subscription],
    told: AbstractSet[ChatKey],
    entities: Mapping[str, Entity],
    held: Sequence[Held] = (),
    before: Mapping[ChatKey, AbstractSet[str]] = NOTHING,
) -> tuple[tuple[Planned, ...], tuple[Withheld, ...]]:
    """What a change of an event means for each chat: its alert, an edit of it, a threaded reply, or nothing. `before`:
    of which of the designations that it eases or lifts a chat was told."""
    planned: list[Planned] = []
    withheld: list[Withheld] = []
    all_own, all_held = _by_chat(subscriptions), _by_chat(held)  # once: there may be 100,000 chats
    for chat in chats:
        own, held = all_own.get(chat.key, []), [*all_held.get(chat.key, ()), *all_held.get(None, ())]
        whole = without_untold(change.event, before.get(chat.key, ()))
        seen = replace(change, event=without_held(whole, chat.key, held))
        reason = find_interest(own, seen.event, entities)
        if chat.stopped_reason:
            withheld.append(Withheld(chat.key, f"the chat is stopped: {chat.stopped_reason}"))
        elif reason is None:
            withheld.append(Withheld(chat.key, _why_not(whole, chat.key, own, entities, held)))
        elif chat.key not in told and change.event.withdrawn:
            withheld.append(Withheld(chat.key, "it was withdrawn before this chat was told"))
        elif chat.key not in told:
            severe = find_severity(own, seen.event, entities)
            why = f"{reason}; {told_eased(seen.event)}{severe.severity}: {severe.reason}"
            planned.append(Planned(chat.key, DeliveryKind.ALERT, why))
        else:
            planned += _updates(seen, chat.key, own, entities, reason)
    return tuple(planned), tuple(withheld)


def _by_chat(values: Iterable[Own]) -> dict[ChatKey | None, list[Own]]:
    grouped: dict[ChatKey | None, list[Own]] = {}
    for value in values:
        grouped.setdefault(value.chat, []).append(value)
    return grouped


def without_held(event: Event, chat: ChatKey, held: Iterable[Held]) -> Event:
    """The event as a chat is told of it: without the targets that are somebody else there."""
    gone = {each.entity for each in held if each.chat in (None, chat)}
    return without_entities(event, gone) if gone else event


def told_eased(event: Event) -> str:
    """'it eases or lifts what was told as event 3f2a9c41; '"""
    keys = dict.fromkeys(one.event for one in event.eases)
    return f"it eases or lifts what was told as event {', '.join(keys)}; " if keys else ""


def views_of(
    event: Event, held: Iterable[Held], before: Mapping[ChatKey, AbstractSet[str]] = NOTHING
) -> Callable[[ChatKey], Event]:
    """`without_held` for many chats; the whole event for one that sees nobody of it. `before`: as `plan_deliveries`."""
    by_chat = _by_chat(held)  # once: there may be 100,000 chats

    def view(chat: ChatKey) -> Event:
        whole = without_untold(event, before.get(chat, ()))
        left = without_held(whole, chat, (*by_chat.get(chat, ()), *by_chat.get(None, ())))
        return left if left.targets else whole

    return view


def as_told(event: Event, subscriptions: Iterable[Subscription], entities: Mapping[str, Entity]) -> Event | None:
    """How an event reads for a chat with these subscriptions: withdrawn where it was told only for targets that were,
    or for who is close to those. None if the chat is not told of it."""
    own = list(subscriptions)
    if find_interest(own, event, entities):
        return event
    gone = withdrawn_part(event)
    return gone if gone and find_interest(own, gone, entities) else None


def _why_not(
    event: Event, chat: ChatKey, own: Sequence[Subscription], entities: Mapping[str, Entity], held: Sequence[Held]
) -> str:
    if find_interest(own, event, entities) is None:
        plain = [replace(one, filters=Filters((event.kind,))) for one in own]
        if find_interest(plain, event, entities):
            return f"the filters of this chat's subscriptions leave it out: {_obstacles(own, event, entities)}"
        return "no subscription of this chat covers it" if own else "not subscribed"
    mine = (each for each in held if each.chat in (None, chat) and _concerns(own, event, each.entity, entities))
    return next((each.reason for each in mine), UNSEEN)  # none: who is held is only close to a target


def _obstacles(own: Iterable[Subscription], event: Event, entities: Mapping[str, Entity]) -> str:
    """'relief is not asked for; 62% sure, and 80% is asked for'"""
    found = [
        find_obstacle(one.filters, event, target.entity)
        for one in own
        for target in event.targets
        if _covers(replace(one, filters=Filters((event.kind,))), event, target.entity, entities.get(target.entity))
    ]
    return "; ".join(dict.fromkeys(filter(None, found)))


def plan_review(
    change: EventChange, chat: Chat, told: AbstractSet[ChatKey], held: Sequence[Held] = ()
) -> Planned | Withheld | None:
    """What a change of an event for review means for the review chat, whatever it is subscribed to. None: nothing."""
    seen = without_held(change.event, chat.key, held)
    if chat.stopped_reason:
        return Withheld(chat.key, f"the chat is stopped: {chat.stopped_reason}")
    if not seen.targets:
        here = (each.reason for each in held if each.chat in (None, chat.key))
        return Withheld(chat.key, next(here, "nobody of it is left to ask about"))
    if chat.key not in told:
        odds = max(target.confidence for target in seen.targets)
        return Planned(chat.key, DeliveryKind.ALERT, f"to review, {odds:.0%} for new sanctions")
    return Planned(chat.key, DeliveryKind.EDIT, CHANGED) if change.event.revision > 1 else None


def plan_correction(told: Iterable[ChatKey], correction: Correction) -> tuple[Planned, ...]:
    """That an event proved wrong, or right after all: its messages change, and a reply says so to all who have it."""
    said = correction.said
    note = json.dumps({"targets": [], "authorities": [], "correction": asdict(correction)})
    return tuple(
        plan
        for chat in told
        for plan in (Planned(chat, DeliveryKind.EDIT, said), Planned(chat, DeliveryKind.FOLLOW_UP, said, note))
    )


def _updates(
    change: EventChange, chat: ChatKey, own: Sequence[Subscription], entities: Mapping[str, Entity], reason: str
) -> list[Planned]:
    if change.event.revision == 1:
        return []  # the job ran again: this chat has its alert
    updates = [Planned(chat, DeliveryKind.EDIT, CHANGED)]
    shown = {target.entity for target in change.event.targets}
    news = [key for key in change.added_targets if key in shown and _concerns(own, change.event, key, entities)]
    listed = [
        told_record(change.event, record)
        for record in change.added_records
        if record.entity in shown and _concerns(own, change.event, record.entity, entities)
    ]
    if change.material and not change.opened and (news or change.added_authorities or listed):
        note = json.dumps({"targets": news, "authorities": change.added_authorities, "records": listed})
        updates.append(Planned(chat, DeliveryKind.FOLLOW_UP, reason, note))
    return updates


def told_record(event: Event, record: EventRecord) -> str:
    """'Kim: now on the OFAC SDN list, uid 22603'; without the name where it can be no other's."""
    if len(event.targets) == 1:
        return record.text
    captions = {target.entity: target.caption for target in event.targets}
    return f"{captions.get(record.entity, record.entity)}: {record.text}"


def find_interest(subscriptions: Iterable[Subscription], event: Event, entities: Mapping[str, Entity]) -> str | None:
    """Why a chat with these subscriptions is told of an event, or None."""
    own = list(subscriptions)
    for subscription in own:
        for target in event.targets:
            reason = _covers(subscription, event, target.entity, entities.get(target.entity))
            if reason:
                return reason
    ties = (tie for subscription in own for tie in event.ties if _reaches(subscription, event, tie, entities))
    return next((f"subscribed to somebody close to it: {tie.told}" for tie in ties), None)


def find_concerned(
    subscriptions: Iterable[Subscription], event: Event, entities: Mapping[str, Entity]
) -> frozenset[str]:
    """The targets on whose account a chat with these subscriptions is told, by the keys that they have now."""
    own = list(subscriptions)
    keys = [target.entity for target in event.targets if _concerns(own, event, target.entity, entities)]
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
    if not event.ties or any(_covers(one, event, key, entities.get(key)) for one in own for key in keys):
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


def _concerns(own: Iterable[Subscription], event: Event, key: str, entities: Mapping[str, Entity]) -> bool:
    subscriptions = list(own)
    if any(_covers(subscription, event, key, entities.get(key)) for subscription in subscriptions):
        return True
    ties = [tie for tie in event.ties if tie.target == key]
    return any(_reaches(subscription, event, tie, entities) for subscription in subscriptions for tie in ties)


def _covers(subscription: Subscription, event: Event, key: str, entity: Entity | None) -> str | None:
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


def decide_after_failure(error: DeliveryError, tries: int, jitter: float) -> Outcome:
    """What to do after attempt number `tries` failed. `jitter` is a random number from 0 to 1."""
    if isinstance(error, ChatMovedError):
        return FollowChat(error.new_id)
    if error.permanent:
        return StopChat(error.problem)
    if error.refused and tries >= MOST_REFUSALS:
        return GiveUp(f"refused {tries} times: {error.problem}")
    if tries >= MOST_TRIES:
        return GiveUp(f"given up after {tries} tries: {error.problem}")
    return TryAgain(next_wait(tries, jitter, error.retry_after), error.problem)


def told_chat(chat: Chat) -> str:
    """'telegram:-5 (Desk)'"""
    return f"{chat.key} ({chat.title})" if chat.title else str(chat.key)


def told_stopped(chat: Chat, reason: str) -> str:
    """That nothing more is sent to a chat, and what ends that: for those who run the bot."""
    back = "outbox retry all sends what was given up"
    if chat.key.platform in NOTIFIERS:  # nobody adds the bot to an address
        ends = f"Once it takes messages again, {back}, and lets alerts go on."
    else:
        ends = f"Its settings stay, and alerts go on once the bot is back in it; {back}."
    return f"{told_chat(chat)} gets nothing more: {reason}. {ends}"


def told_failure(outcome: Outcome, tries: int, chat: Chat, what: str) -> str:
    """What those who run the bot are told of a try that failed; "" if nothing. `what` was to be sent: 'an alert'."""
    match outcome:
        case TryAgain(reason=reason) if tries == LATE_TRIES:
            told = f"{what} could not be sent in {LATE_TRIES} tries, and is tried on: {reason}. See outbox."
            return f"{told_chat(chat)}: {told}"
        case GiveUp(reason):
            return told_given_up(chat, what, reason)
        case StopChat(reason):
            return told_stopped(chat, reason)
    return ""


def told_given_up(chat: Chat, what: str, reason: str) -> str:
    """The same for each message of a kind, chat and reason, so that many of them are one trouble."""
    return f"{told_chat(chat)}: {what} was given up: {reason}. The command outbox lists it and tries it again."


def next_edit(touched_at: datetime, every: timedelta, now: datetime) -> datetime:
    """When a message that was sent, or edited last, at `touched_at` may be edited again: the one rule for edits. What
    changes meanwhile is in that edit too."""
    return max(now, touched_at + every)


# What messages had when the first of these hashes were stored. A field that came later counts where it is set alone, so
# that messages which were sent before read the same, and are not all edited after an update.
_FROM_THE_START = frozenset(
    "title severity at at_is zone subtitle paragraphs facts bullets quotes sources footer actions withdrawn "
    "has_commands".split()
)


def content_hash(message: Message) -> str:
    """Equal for messages that read the same: what the chat has already is not sent again."""
    told = ", ".join(
        f"{one.name}={value!r}"
        for one in fields(message)
        if (value := getattr(message, one.name)) != one.default or one.name in _FROM_THE_START
    )
    return hashlib.sha256(f"Message({told})".encode("utf-8", "replace")).hexdigest()


def next_wait(tries: int, jitter: float, asked: timedelta | None) -> timedelta:
    """The pause after try number `tries` (from 1): doubled each time, at most an hour, never less than was asked."""
    doubled = min(FIRST_WAIT * (1 << min(tries - 1, 20)), LONGEST_WAIT)
    wait = doubled * (0.75 + jitter / 2)
    return max(wait, asked * (1 + jitter / 10)) if asked else wait
