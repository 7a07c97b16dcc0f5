"""What a chat sees of what is tracked: decided here, and asked by commands, deliveries and the console's pages.

A chat sees the watchlists that it was given; a topic without any, those of its group; whoever was given none, the main
one. Where a route of another chat leads, that chat's watchlists are told too, and may be asked about. Whoever is
tracked no longer, or was merged, is hidden where the name was hidden.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import replace

from bot.model import MAIN_WATCHLIST, ChatKey, ChatRoutes, Event, EventStep, Tie, Withdrawal
from bot.ports import ArticleRecord, Records

Given = Mapping[ChatKey, Sequence[str]]
"""The chats that were given watchlists -> those, the one that they add to first."""

UNSEEN = "it is about a watchlist that this chat does not see"
NO_ALERT = "no alert: nothing tracked is newly sanctioned in it"


def own_watchlists(given: Given, chat: ChatKey) -> tuple[str, ...]:
    """Those that a chat looks up, lists and changes, the one that it adds to first."""
    return tuple(given.get(chat) or given.get(chat.whole) or (MAIN_WATCHLIST,))


def told_watchlists(given: Given, elsewhere: Iterable[ChatRoutes], chat: ChatKey) -> tuple[str, ...]:
    """Those of whose names a chat is told: its own, and those of the chats whose routes lead to it (`elsewhere`)."""
    senders = [one.chat for one in elsewhere if any(route.to == chat for route in one.routes)]
    return tuple(dict.fromkeys(key for place in (chat, *senders) for key in own_watchlists(given, place)))


def find_hidden(places: Mapping[str, str], watchlists: Collection[str]) -> frozenset[str]:
    """The entities that stand on none of the watchlists. `places`: the watchlist of each, by its key."""
    return frozenset(key for key, watchlist in places.items() if watchlist not in watchlists)


def concerned(event: Event) -> tuple[str, ...]:
    """The keys of its targets, and of those that are close to them; of those that were withdrawn too."""
    named = (*(one.entity for one in event.ever_targets), *(tie.entity for tie in event.ever_ties))
    return tuple(dict.fromkeys(named))


def withdrawn_part(event: Event) -> Event | None:
    """The event for whoever was told of it only for targets that were withdrawn since, or for who is close to those: to
    them it all proved wrong. None if none was."""
    if not event.withdrawn_targets:
        return None
    last = event.withdrawn_targets[-1]
    withdrawal = Withdrawal(last.by, last.reason, last.at)
    return replace(
        event,
        targets=tuple(one.target for one in event.withdrawn_targets),
        withdrawn_targets=(),
        doubts=(),
        ties=tuple(tie for one in event.withdrawn_targets for tie in one.ties),
        withdrawn=True,
        withdrawal=withdrawal,
        history=(*event.history, EventStep(last.at, withdrawal.said)),
    )


def without_entities(event: Event, gone: AbstractSet[str]) -> Event:
    """The event without these, and without what is told only on their account."""
    return replace(
        event,
        targets=tuple(target for target in event.targets if target.entity not in gone),
        ties=_ties_without(event.ties, gone),
        eases=tuple(one for one in event.eases if one.entity not in gone),
        withdrawn_targets=tuple(
            replace(one, ties=_ties_without(one.ties, gone))
            for one in event.withdrawn_targets
            if one.target.entity not in gone
        ),
        doubts=tuple(one for one in event.doubts if gone.isdisjoint(one.targets)),
    )


def without_untold(event: Event, told: Collection[str]) -> Event:
    """A relief event for a chat that was `told` of these events: what it eases or lifts of others, and who is close to
    their targets, is none of its matter."""
    if not event.eases:
        return event
    eases = tuple(one for one in event.eases if one.event in told)
    eased = {one.entity for one in eases}
    return replace(event, eases=eases, ties=tuple(tie for tie in event.ties if tie.target in eased))


def joined_chats(elsewhere: Iterable[ChatRoutes], chat: ChatKey) -> frozenset[ChatKey]:
    """The chat, those where its routes lead, and those whose routes lead to it: one is told for the other."""
    joined = {chat}
    for one in elsewhere:
        to = {route.to for route in one.routes if route.to}
        if one.chat == chat:
            joined |= to
        elif chat in to:
            joined.add(one.chat)
    return frozenset(joined)


def _ties_without(ties: Iterable[Tie], gone: AbstractSet[str]) -> tuple[Tie, ...]:
    return tuple(tie for tie in ties if gone.isdisjoint((tie.target, tie.entity)))


def without_hidden(event: Event, hidden: AbstractSet[str]) -> Event | None:
    """None if no target is left, and none was withdrawn of which the chat knows."""
    seen = without_entities(event, hidden)
    if seen == event:
        return event
    gone = [target.caption for target in event.ever_targets if target.entity in hidden]
    why = event.withdrawal
    seen = replace(
        seen,
        history=tuple(replace(step, what=_without_names(step.what, gone)) for step in event.history),
        withdrawal=replace(why, reason=_without_names(why.reason, gone)) if why else None,
        withdrawn_targets=tuple(
            replace(one, reason=_without_names(one.reason, gone)) for one in seen.withdrawn_targets
        ),
    )
    return seen if seen.targets else withdrawn_part(seen)


def _without_names(told: str, names: Iterable[str]) -> str:
    """What lists say of a hidden name goes too: a list's number finds it at once."""
    gone = sorted(filter(None, names), key=len, reverse=True)
    clauses = told.split("; ")
    for name in gone:
        clauses = [clause if not clause.startswith(f"{name} ") else "another name" for clause in clauses]
        clauses = [clause.replace(name, "another name") for clause in clauses]
    return "; ".join(clauses)


def article_without_hidden(record: ArticleRecord, hidden: AbstractSet[str]) -> ArticleRecord:
    """Without the findings on them, and without why it joined its events: that names their targets."""
    if record.judgement is None or not hidden:
        return record
    kept = tuple(finding for finding in record.judgement.findings if finding.entity not in hidden)
    if len(kept) == len(record.judgement.findings):
        return record
    return replace(record, judgement=replace(record.judgement, findings=kept), stages=without_why(record.stages))


def without_why(stages: Iterable[str]) -> tuple[str, ...]:
    """Stages without why an article joined its events: that names targets whom not every chat sees."""
    return tuple(told[1] or told[2] if (told := _NAMING.match(stage)) else stage for stage in stages)


# Pipeline's "joined event 1a2b3c4d: same act: …"; as they were stored once, "edit for telegram:1: same act: …" and
# "language model not asked: … (NAME)".
_NAMING = re.compile(r"((?:opened|joined) event \w+|edit for \S+?): |(language model .*?) \(.*\)$")
_OF_CHAT = re.compile(r"\w+ for (\w+:\S+?)(?:: |$)")  # pipeline's "alert for telegram:1: subscribed to …", "nothing …"


def article_without_events(record: ArticleRecord, unseen: AbstractSet[str]) -> ArticleRecord:
    """As if those events were none: what their keys lead to, the chat is not shown. `unseen`: of all events of the
    article, those of which the chat sees nobody."""
    left = [key for key in joined_events(record) if key not in unseen]
    if len(left) == len(joined_events(record)):
        return record
    stages = tuple(stage for stage in record.stages if _event_of(stage) not in unseen and not stage.endswith(UNSEEN))
    return replace(record, event=left[0] if left else None, stages=stages if left else (*stages, NO_ALERT))


def joined_events(record: ArticleRecord) -> tuple[str, ...]:
    """The keys of the events that an article opened or joined, that of `record.event` first."""
    keys = (record.event or "", *map(_event_of, record.stages))
    return tuple(key for key in dict.fromkeys(keys) if key)


def _event_of(stage: str) -> str:
    return told[1] if (told := _JOINED.match(stage)) else ""


_JOINED = re.compile(r"(?:opened|joined) event (\w+)")


def chat_of(stage: str) -> str:
    """Which chat a stage is of: "telegram:1"; "" if it is of none."""
    return told[1] if (told := _OF_CHAT.match(stage)) else ""


def own_stages(stages: Iterable[str], chat: ChatKey) -> tuple[str, ...]:
    """What became of an article, without what other chats were told."""
    return tuple(stage for stage in stages if chat_of(stage) in ("", str(chat)))


# ---------------------------------------------------------------- with what is stored


def find_standing(records: Records, key: str) -> Event | None:
    """The event, or the one that tells of it since: what proved to be the same act is told there."""
    event, seen = records.event(key), {key}
    while event and event.told_as and event.told_as not in seen and (other := records.event(event.told_as)):
        seen.add(other.key)
        event = other
    return event


def load_hidden(records: Records, chat: ChatKey, keys: Iterable[str], also: Iterable[ChatKey] = ()) -> frozenset[str]:
    """Which of these entities the chat is not told of, nor `also` others."""
    given, elsewhere = records.chat_watchlists(), records.routes_elsewhere()
    watchlists = {key for place in (chat, *also) for key in told_watchlists(given, elsewhere, place)}
    return find_hidden(records.places_of(keys), watchlists)


def see_events(
    records: Records, chat: ChatKey, events: Iterable[Event], also: Iterable[ChatKey] = ()
) -> tuple[Event, ...]:
    """The events as the chat sees them, in their order; those of which no target is left are left out. `also`: chats
    of which this one may see what they see."""
    events = with_told(records, events, chat)
    keys = {key for event in events for key in concerned(event)}
    hidden = load_hidden(records, chat, keys, also)
    return tuple(seen for event in events if (seen := without_hidden(event, hidden)))


def with_told(
    records: Records, events: Iterable[Event], chat: ChatKey, elsewhere: Iterable[ChatRoutes] | None = None
) -> tuple[Event, ...]:
    """The events, those of relief with what they ease or lift of what the chat was told. `elsewhere`: the routes to
    other chats, where they are known already."""
    events = tuple(events)
    keys = {one.event for event in events for one in event.eases}
    if not keys:
        return events
    routes = records.routes_elsewhere() if elsewhere is None else elsewhere
    told = records.told_of(keys, joined_chats(routes, chat)).keys()
    return tuple(without_untold(event, told) for event in events)


def see_event(records: Records, chat: ChatKey, event: Event) -> Event | None:
    """The event as the chat sees it: what was escalated to it, as it is seen where it came from. None if no target is
    left."""
    return next(iter(see_events(records, chat, [event], records.origins_on(event.key, chat))), None)


def see_articles(records: Records, chat: ChatKey, articles: Iterable[ArticleRecord]) -> tuple[ArticleRecord, ...]:
    """The articles as the chat sees them, all of them."""
    articles = tuple(articles)
    judged = [record.judgement for record in articles if record.judgement]
    hidden = load_hidden(records, chat, {finding.entity for one in judged for finding in one.findings})
    seen = tuple(article_without_hidden(record, hidden) for record in articles)
    in_part = [one for one, whole in zip(seen, articles, strict=True) if one is not whole]  # others hide no event
    unseen = _load_unseen(records, chat, {key for one in in_part for key in joined_events(one)})
    return tuple(article_without_events(record, unseen) for record in seen)


def _load_unseen(records: Records, chat: ChatKey, keys: Iterable[str]) -> frozenset[str]:
    """The events, of these, of which the chat sees nobody."""
    stored = [event for key in sorted(keys) if (event := records.event(key))]
    return frozenset(event.key for event in stored if see_event(records, chat, event) is None)
