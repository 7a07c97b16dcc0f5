"""Who is told what of an event that changed, and who is not, and why: read from the store, decided by the core."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import replace
from datetime import datetime

from bot.delivery import (
    Planned,
    Plans,
    Withheld,
    as_told,
    find_concerned,
    find_focus,
    find_severity,
    find_told_ties,
    find_unseen,
    plan_correction,
    plan_deliveries,
    plan_review,
    views_of,
    with_words,
    without_held,
)
from bot.events import (
    RECENT,
    cluster_review,
    find_eased,
    find_lost,
    keys_of,
    settle_reviews,
    ties_of,
    told_lost,
    with_keys,
)
from bot.matching.adjacent import names_beside
from bot.matching.lookalikes import load_held
from bot.matching.names import NameIndex
from bot.model import (
    Article,
    Chat,
    ChatKey,
    ChatRoutes,
    DeliveryKind,
    Designation,
    Entity,
    Event,
    EventChange,
    Held,
    HeldAlert,
    Severity,
    Subscription,
    Verdict,
)
from bot.pipeline.needs import Needs, Review
from bot.ports import (
    ArticleRecord,
    Records,
)
from bot.rights import ChatMode, decide_chat
from bot.routes import Hold, decide_hold, route_subscriptions
from bot.severities import Seen, decide_severity
from bot.ties import find_ties
from bot.visibility import concerned, joined_chats, see_events, told_watchlists, with_told
from bot.zones import find_zone

NOT_ALLOWED = "it is not on the list of allowed chats; an admin can allow it: admin allow chat"
MOST_BESIDE = 100  # names of one event
MOST_KNOWN = 50  # events of one name that a relief may ease, the newest


class Planning(Needs):
    """Decides nothing itself: loads what the core decides by."""

    def _plan_gone(self, records: Records, event: Event) -> Plans:
        """An event that proved to be the same act as another: who has a message of both is told so in this one's."""
        told = records.chats_told(event.key)
        reason = f"the same act as event {event.told_as}"
        return Plans(event, tuple(Planned(chat, DeliveryKind.EDIT, reason) for chat in told))

    def preview(self, records: Records, change: EventChange, record: ArticleRecord) -> Plans:
        """What an article that is not stored would come to: decided as if it had come from a source, nothing saved."""
        return self._plan(records, replace(change, merged=()), record)

    def preview_review(self, records: Records, changes: Sequence[EventChange], record: ArticleRecord) -> str:
        """What the review chat would be asked of an article that is not stored: "to review, 41% for new sanctions"; ""
        if nothing."""
        if self.review is None or record.judgement is None:
            return ""
        now, tracked = self.now(), self.index(records).entities
        reviews = [event for event in records.reviews_since(now - RECENT) if not event.told_as]
        alerts = (*(change.event for change in changes), *records.events_since(now - RECENT))
        floor = self.review.floor
        asked = cluster_review(record.article, record.judgement, tracked, alerts, reviews, floor, now)
        if asked is None:
            return ""
        odds = max(target.confidence for target in asked.event.targets)
        return f"to review, {odds:.0%} for new sanctions"

    def _plan(self, records: Records, change: EventChange, record: ArticleRecord | None) -> Plans:
        known = _told_of_merged(records, change)
        for event in change.merged:
            records.adopt_alerts(event.told_as, event.key)
        told = frozenset(records.chats_told(change.event.key))
        event = with_eased(records, with_ties(records, change.event, record), self.alert_floor)
        lost = find_lost(change.event, event)
        change = replace(change, event=with_words(event, records.asked_words(), article_of(records, record)))
        entities = tracked_of(records, change.event)
        chats = [self._admitted(records, change.event, chat) or chat for chat in records.chats()]
        elsewhere = records.routes_elsewhere()
        held = held_of(records, change.event, entities, [chat.key for chat in chats], elsewhere, record)
        sent_to = frozenset(chat.key for chat in chats if not chat.stopped_reason)
        before = told_before(records, change.event, elsewhere)
        view = views_of(change.event, held, before)
        asked, routed = self._routed(records, view, told, entities, elsewhere, sent_to)
        told_otherwise = frozenset(records.chats_told_otherwise(change.event.key))
        planned, withheld = plan_deliveries(change, chats, asked, told | told_otherwise, entities, held, before)
        planned = without_edits(planned, told_otherwise - told)
        planned = tuple(filter(None, (_without_known(plan, known.get(plan.chat, frozenset())) for plan in planned)))
        planned, kept = self._hold(records, view, planned, asked, entities)
        if lost:
            was_eased = told_before(records, replace(change.event, eases=lost), elsewhere)
            edited = {plan.chat for plan in planned if plan.kind is DeliveryKind.EDIT}
            wrong = _plan_lost(change.event, lost, was_eased, told | told_otherwise)
            planned += without_edits(wrong, (told_otherwise - told) | edited)
        withheld = tuple(replace(one, reason=routed.get(one.chat, one.reason)) for one in withheld)
        return Plans(change.event, planned, withheld, kept)

    def _routed(
        self,
        records: Records,
        view: Callable[[ChatKey], Event],
        told: AbstractSet[ChatKey],
        entities: Mapping[str, Entity],
        elsewhere: Sequence[ChatRoutes],
        sent_to: AbstractSet[ChatKey],
    ) -> tuple[tuple[Subscription, ...], Mapping[ChatKey, str]]:
        """All subscriptions, as of the chats that are told for them, and why others are not. `view`: the event as a
        chat sees it."""
        routes = {one.chat: one for one in elsewhere}
        stopped = {route.to for one in elsewhere for route in one.routes if route.to} - sent_to

        def severity_of(own: Sequence[Subscription]) -> Severity:
            return find_severity(own, view(own[0].chat), entities).severity

        return route_subscriptions(records.subscriptions(), routes, told, severity_of, stopped)

    def _hold(
        self,
        records: Records,
        view: Callable[[ChatKey], Event],
        planned: Sequence[Planned],
        asked: Sequence[Subscription],
        entities: Mapping[str, Entity],
    ) -> tuple[tuple[Planned, ...], tuple[HeldAlert, ...]]:
        """(what is told now, what is held): edits are silent, and never held."""
        now = self.now()
        loud = [plan for plan in planned if plan.kind is not DeliveryKind.EDIT]
        if not loud:
            return tuple(planned), ()
        mutes, settings = records.mutes(now), {one.chat: one for one in records.all_routes()}
        muting = {mute.chat for mute in mutes}
        owned: dict[ChatKey, list[Subscription]] = {}
        for one in asked:
            owned.setdefault(one.chat, []).append(one)
        held: dict[Planned, HeldAlert] = {}
        for plan in loud:
            own_settings = _settings_of(settings, plan.chat)
            if own_settings is None and plan.chat not in muting:
                continue
            own, event = owned.get(plan.chat, []), view(plan.chat)
            concerned = _news_of(plan, find_concerned(own, event, entities), entities)
            how_severe = find_severity(own, event, entities).severity
            muted_here = [mute for mute in mutes if mute.chat == plan.chat]
            hold = decide_hold(own_settings, muted_here, event, concerned, how_severe, now)
            if close := frozenset(tie.entity for tie in find_told_ties(own, event, entities)):
                hold = hold or decide_hold(own_settings, muted_here, event, close, how_severe, now)
            if hold:
                held[plan] = _held_alert(event, plan, hold, how_severe, now)
        return tuple(plan for plan in planned if plan not in held), tuple(held.values())

    def _admitted(self, records: Records, event: Event | None, chat: Chat | None) -> Chat | None:
        """The chat; stopped if it may not talk to the bot, as then nothing is sent there. The review chat is the
        operator's own choice."""
        if chat is None or (event and event.review) or self.allow_chats is ChatMode.ANYONE:
            return chat
        if decide_chat(self.allow_chats, chat, (), is_listed=records.is_allowed(chat.key)).allowed:
            return chat
        return replace(chat, stopped_reason=chat.stopped_reason or NOT_ALLOWED)

    def _plan_reviews(
        self,
        records: Records,
        record: ArticleRecord,
        changes: Sequence[EventChange],
        known: Sequence[Event],
        index: NameIndex,
        now: datetime,
    ) -> Iterator[Plans]:
        """What the review chat is asked, and of what it is told that an alert has answered it."""
        if self.review is None or record.judgement is None:
            return
        reviews = [event for event in records.reviews_since(now - RECENT) if not event.told_as]
        settled = {event.key: event for change in changes for event in settle_reviews(change.event, reviews, now)}
        for event in settled.values():
            yield plan_settled(records, event)
        unanswered = [review for review in reviews if review.key not in settled]
        alerts = (*(change.event for change in changes), *known)
        floor = self.review.floor
        asked = cluster_review(record.article, record.judgement, index.entities, alerts, unanswered, floor, now)
        if asked:
            told = records.chats_told(asked.event.key)
            chat = _review_chat(records, self.review)
            elsewhere = records.routes_elsewhere()
            held = held_of(records, asked.event, tracked_of(records, asked.event), [chat.key], elsewhere, record)
            plan = plan_review(asked, chat, frozenset(told), held)
            planned = (plan,) if isinstance(plan, Planned) else ()
            yield Plans(asked.event, planned, (plan,) if isinstance(plan, Withheld) else ())

    def admitted(self, records: Records, chat: ChatKey) -> Chat | None:
        """The chat as it is stored; stopped if it may not talk to the bot."""
        return self._admitted(records, None, records.chat(chat))

    def seen(self, records: Records, event: Event, chat: ChatKey, *, is_sent: bool = False) -> Seen | None:
        """The event as a chat is told of it, and how much it matters there; None if it sees nobody of it. What
        `is_sent` stays where all that the chat sees proved to be somebody else: it says so itself."""
        entities, elsewhere = tracked_of(records, event), records.routes_elsewhere()
        (event,) = with_told(records, [event], chat, elsewhere)
        left = without_held(event, chat, held_of(records, event, entities, [chat], elsewhere))
        own = subscriptions_for(records, chat, elsewhere)
        seen = as_told(left, own, entities) or left
        if not seen.targets:
            still = see_events(records, chat, [event]) if is_sent else ()
            if not still:
                return None
            (seen,) = still
        return see(seen, own, entities)


def see(told: Event, subscriptions: Sequence[Subscription], entities: Mapping[str, Entity]) -> Seen:
    """What is told of an event, with what is told of it to a chat with these subscriptions."""
    ties, focus = find_told_ties(subscriptions, told, entities), find_focus(subscriptions, told)
    return Seen(told, focus, ties, decide_severity(told, focus, ties))


def tracked_of(records: Records, event: Event) -> dict[str, Entity]:
    """The event's targets, and who is close to them, as they are tracked now, by the key that the event has: a merged
    one is the other."""
    found = {key: records.entity(key) for key in concerned(event)}
    return {key: entity for key, entity in found.items() if entity}


def article_of(records: Records, fresh: ArticleRecord | None = None) -> Callable[[str], Article | None]:
    """Articles by their key, as long as they are kept. `fresh`: one that is not stored yet."""

    def find(key: str) -> Article | None:
        record = fresh if fresh and fresh.article.key == key else records.article(key)
        return record.article if record else None

    return find


def with_ties(records: Records, event: Event, record: ArticleRecord | None) -> Event:
    """The event with whom its articles name beside the targets, and who that is tracked is close to it."""
    if event.kind is not Verdict.NEW_SANCTIONS or event.review:
        return event
    names = names_beside(record.article, record.judgement) if record and record.judgement else ()
    beside = tuple(dict.fromkeys((*event.beside, *names)))[:MOST_BESIDE]
    targets = {target.entity: entity for target in event.targets if (entity := records.entity(target.entity))}
    linked = [link.other for entity in targets.values() for link in entity.links]
    known = [name for entity in targets.values() for name in (entity.key, entity.caption, *entity.aliases)]
    others = (
        *records.entities_linked_to((*known, *beside)),
        *records.entities_of(linked),
        *(records.entities_named(linked) if linked else ()),
    )
    close = {entity.key: entity for entity in others}
    return replace(event, beside=beside, ties=find_ties(event, targets, close.values(), beside))


def with_eased(records: Records, event: Event, floor: float) -> Event:
    """A relief event with the designations that it eases or lifts, and who was close to their targets. `floor`: how
    surely it must be told of a target."""
    if event.kind is not Verdict.RELIEF or event.review:
        return event
    found = [one for target in event.targets for one in records.events_of(target.entity, MOST_KNOWN)]
    merged = records.merged_keys(keys_of([event, *found]))
    known = {one.key: with_keys(one, merged) for one in found}
    eases = find_eased(with_keys(event, merged), [*known.values()], floor)
    own = {merged.get(target.entity, target.entity): target.entity for target in event.targets}  # by its own keys
    return replace(
        event,
        eases=tuple(replace(one, entity=own[one.entity]) for one in eases),
        ties=tuple(replace(tie, target=own[tie.target]) for tie in ties_of(eases, known.values())),
    )


def told_before(records: Records, event: Event, elsewhere: Sequence[ChatRoutes]) -> Mapping[ChatKey, frozenset[str]]:
    """Of which of the designations that an event eases or lifts each chat was told, or one that a route joins to it."""
    if not event.eases:
        return {}
    told: dict[ChatKey, frozenset[str]] = {}
    for key, chats in records.told_of({one.event for one in event.eases}).items():
        for chat in chats | {other for one in chats for other in joined_chats(elsewhere, one)}:
            told[chat] = told.get(chat, frozenset()) | {key}
    return told


def held_of(
    records: Records,
    event: Event,
    entities: Mapping[str, Entity],
    chats: Sequence[ChatKey],
    elsewhere: Sequence[ChatRoutes],
    fresh: ArticleRecord | None = None,
) -> tuple[Held, ...]:
    """The event's targets that are somebody else, or on a watchlist that a chat does not see, and where. `elsewhere`:
    the routes that lead to other chats; `fresh`: an article that is not stored yet."""
    given = records.chat_watchlists((*chats, *(one.chat for one in elsewhere)))
    told = {chat: told_watchlists(given, elsewhere, chat) for chat in chats}
    unseen = find_unseen(event, told, records.places_of(concerned(event)))
    return (*unseen, *load_held(records, event, entities, fresh))


def _told_of_merged(records: Records, change: EventChange) -> dict[ChatKey, frozenset[str]]:
    """The targets that a chat knows from what it was told of an event that proved to be the same act."""
    known: dict[ChatKey, frozenset[str]] = {}
    for event in change.merged:
        targets = frozenset(target.entity for target in event.targets)
        alone = [chat for chat in records.chats_told(event.key) if records.sent_alert(event.key, chat)]
        for chat in {*alone, *records.chats_told_otherwise(event.key)}:
            known[chat] = known.get(chat, frozenset()) | targets
    return known


def _without_known(plan: Planned, known: frozenset[str]) -> Planned | None:
    """A reply without the targets that its chat knows; None if it tells nothing else."""
    if plan.kind is not DeliveryKind.FOLLOW_UP or not known:
        return plan
    news = json.loads(plan.note)
    news["targets"] = [key for key in news["targets"] if key not in known]
    return replace(plan, note=json.dumps(news)) if any(news.values()) else None


def _settings_of(settings: Mapping[ChatKey, ChatRoutes], chat: ChatKey) -> ChatRoutes | None:
    """A topic without quiet hours or a time zone of its own has its group's."""
    own = settings.get(chat)
    group = settings.get(chat.whole) if chat.thread else None
    if group is None:
        return own
    quiet = (own.quiet if own else None) or group.quiet
    return replace(own or ChatRoutes(chat), quiet=quiet, zone=find_zone(own, group))


def subscriptions_for(records: Records, chat: ChatKey, elsewhere: Sequence[ChatRoutes]) -> tuple[Subscription, ...]:
    """A chat's own, and those of chats whose routes lead to it."""
    senders = [one.chat for one in elsewhere if any(route.to == chat for route in one.routes)]
    return (*records.subscriptions(chat), *(one for other in senders for one in records.subscriptions(other)))


def without_edits(planned: Iterable[Planned], chats: AbstractSet[ChatKey]) -> tuple[Planned, ...]:
    """Chats that were told in a batch or a digest have no message of the event's own to edit."""
    return tuple(plan for plan in planned if plan.kind is not DeliveryKind.EDIT or plan.chat not in chats)


def _plan_lost(
    event: Event, lost: Sequence[Designation], was_eased: Mapping[ChatKey, AbstractSet[str]], told: AbstractSet[ChatKey]
) -> Iterator[Planned]:
    """That a relief is of none of the designations `lost`, to whom it was told as such: the designations that a chat
    was told of are `was_eased`'s."""
    for chat in sorted(told & was_eased.keys(), key=str):
        own = [one for one in lost if one.event in was_eased[chat]]
        yield from plan_correction([chat], told_lost(own, event))


def _news_of(plan: Planned, concerned: frozenset[str], entities: Mapping[str, Entity]) -> frozenset[str]:
    """The targets on whose account it is told: those that a reply tells of, if it tells of some."""
    news = json.loads(plan.note)["targets"] if plan.note else []
    keys = frozenset(entities[key].key if key in entities else key for key in news)
    return keys & concerned or concerned


def _held_alert(event: Event, plan: Planned, hold: Hold, how_severe: Severity, now: datetime) -> HeldAlert:
    return HeldAlert(
        event=event.key,
        chat=plan.chat,
        kind=plan.kind,
        revision=event.revision,
        hold=hold.kind,
        severity=how_severe,
        reason=hold.reason,
        held_at=now,
        until=hold.until,
        note=plan.note,
    )


def plan_settled(records: Records, review: Event) -> Plans:
    told = records.chats_told(review.key)
    return Plans(review, tuple(Planned(chat, DeliveryKind.EDIT, "told as an alert") for chat in told))


def _review_chat(records: Records, review: Review) -> Chat:
    """As it is stored: it may never have spoken to the bot."""
    chat = records.chat(review.chat.key)
    if chat is None:
        chat = review.chat
        records.save_chat(chat)
    return chat
