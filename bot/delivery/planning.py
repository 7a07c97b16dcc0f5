"""What a change of an event means for each chat: an alert, an edit, a reply, or nothing; each with its reason."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import asdict, dataclass, replace
from types import MappingProxyType
from typing import TypeVar

from bot.delivery.interests import covers, find_interest, find_obstacle, find_severity, is_concerned
from bot.model import (
    Chat,
    ChatKey,
    Correction,
    DeliveryKind,
    Entity,
    Event,
    EventChange,
    EventRecord,
    Filters,
    Held,
    HeldAlert,
    Subscription,
)
from bot.visibility import UNSEEN, withdrawn_part, without_entities, without_untold

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


Own = TypeVar("Own", Subscription, Held)


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
    mine = (each for each in held if each.chat in (None, chat) and is_concerned(own, event, each.entity, entities))
    return next((each.reason for each in mine), UNSEEN)  # none: who is held is only close to a target


def _obstacles(own: Iterable[Subscription], event: Event, entities: Mapping[str, Entity]) -> str:
    """'relief is not asked for; 62% sure, and 80% is asked for'"""
    found = [
        find_obstacle(one.filters, event, target.entity)
        for one in own
        for target in event.targets
        if covers(replace(one, filters=Filters((event.kind,))), event, target.entity, entities.get(target.entity))
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
    news = [key for key in change.added_targets if key in shown and is_concerned(own, change.event, key, entities)]
    listed = [
        told_record(change.event, record)
        for record in change.added_records
        if record.entity in shown and is_concerned(own, change.event, record.entity, entities)
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
