"""subscribe, unsubscribe, subscriptions: every answer restates, in plain words, what this chat is told of."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice, zip_longest

from bot.alerts import find_url
from bot.commands.asking import Ask, button, by_key, cmd, reply
from bot.commands.choosing import MOST_SEARCHED, read_authority, told_unknown_programme
from bot.commands.filters import (
    FILTERS_THERE,
    Wish,
    find_no_filter,
    is_within,
    read_bare,
    read_wish,
    told_conditions,
    told_verdicts,
    words_for_new,
    words_of,
)
from bot.commands.looking import event_line
from bot.commands.phrases import Tracked, entity_caption, interest, joined, number, shortened
from bot.commands.seeing import event_button, see, with_own_words
from bot.delivery import find_interest
from bot.errors import CommandError
from bot.matching.facts import known_programmes
from bot.model import (
    NO_FILTERS,
    Action,
    ChatKey,
    Entity,
    Event,
    Filters,
    Reply,
    Subscription,
    SubscriptionKind,
    Verdict,
)
from bot.ports import Records
from bot.rights import Right
from bot.visibility import find_hidden
from bot.watchlist import Found, country_name, find_entities, load_country_names, parse_country

_EVERYTHING_WORDS = frozenset({"everything", "all", "*"})
_KIND_WORDS = {
    "entity": SubscriptionKind.ENTITY,
    "name": SubscriptionKind.ENTITY,
    "topic": SubscriptionKind.TOPIC,
    "tag": SubscriptionKind.TOPIC,
    "country": SubscriptionKind.COUNTRY,
    "watchlist": SubscriptionKind.WATCHLIST,
    "authority": SubscriptionKind.AUTHORITY,
    "programme": SubscriptionKind.PROGRAMME,
    "program": SubscriptionKind.PROGRAMME,
}
_MOST_CHOICES = 6
LAST, MOST_LAST = 3, 20
_READ_FOR_WORDS = 300  # events whose articles are read for the words that a subscription asks for, the newest


@dataclass(frozen=True, slots=True)
class Scope:
    """What a chat sees: its watchlists, and what of them is needed to put its subscriptions in words."""

    records: Records
    watchlists: tuple[str, ...]
    own: tuple[Subscription, ...]
    tracked: Tracked

    def find(self, words: str) -> Found:
        return find_entities(words, self.records.candidates(words, self.watchlists))


def scope_of(records: Records, chat: ChatKey) -> Scope:
    own, seen = records.subscriptions(chat), records.watchlists_of(chat)
    titles = {watchlist.key: watchlist.title for watchlist in records.watchlists()}
    named = [one.value for one in own if one.kind is SubscriptionKind.ENTITY]
    captions = {entity.key: entity.caption for entity in records.entities_of(named) if entity.watchlist in seen}
    for key in (one for one in named if one not in captions):
        if before := records.entity_version(key):
            captions[key] = f"{before.entity.caption} (no longer tracked)"
    tracked = Tracked(
        captions=captions,
        names=records.count_entities(seen),
        topics=records.count_terms("topic", seen),
        countries=records.count_terms("country", seen),
        watchlists={key: titles.get(key, key) for key in seen},
        hidden=find_hidden(records.places_of(named), seen),
    )
    return Scope(records, seen, own, tracked)


@dataclass(frozen=True, slots=True)
class Choice:
    """One thing that the words may mean. `mark`: written for a value that the chat may not see."""

    kind: SubscriptionKind
    value: str
    label: str
    mark: str = ""

    @property
    def command(self) -> str:
        return f"{self.kind} {self.mark or self.value}".strip()


@dataclass(frozen=True, slots=True)
class Meaning:
    """What the words may mean: one `sure` choice, or several to choose from."""

    sure: Choice | None = None
    choices: tuple[Choice, ...] = ()


EVERYTHING = Choice(SubscriptionKind.EVERYTHING, "", "everything tracked")


def subscribe(ask: Ask) -> Reply:
    _load_what_words_need(ask.words)
    with ask.store.writing() as records:
        ask.require(records, Right.SUBSCRIBE, "change what is told", ask.here)
        scope = scope_of(records, ask.request.chat.key)
        if not ask.words:
            return _offer(scope)
        if verdicts := read_bare(ask.words):
            return _filter_all(ask, records, scope, Wish(added=verdicts), NO_FILTERS if scope.own else Filters(()))
        wish, words = read_wish(ask.words)
        if not words:
            return _filter_all(ask, records, scope, wish, NO_FILTERS)
        words = re.sub(r"^to\s+(?=\S)", "", words, flags=re.IGNORECASE)
        if (left := find_no_filter(words)) and not _is_tracked_so(words, scope):
            raise CommandError(f"“{shortened(left, 60)}” is no filter that is known. {FILTERS_THERE}")
        meaning = find_meaning(words, scope)
        if meaning.sure is None:
            return _ask_which(ask, "subscribe", meaning.choices, ask.words.removeprefix(words).strip())
        stored = records.chat(ask.request.chat.key)
        if stored is None or stored.stopped_reason:  # who subscribes wants to be told, whatever stopped the chat
            records.save_chat(replace(ask.request.chat, stopped_reason=None))
        before = next((one for one in scope.own if _is(one, meaning.sure)), None)
        subscription = _subscription(ask, meaning.sure, wish.applied(before.filters if before else NO_FILTERS))
        added = records.add_subscription(subscription)
        is_changed = before is not None and before.filters != subscription.filters
        if is_changed:
            records.save_filters(subscription)
        if added or is_changed:
            ask.audit(records, "subscribe", _audited(before), _audited(subscription))
        if stored and stored.stopped_reason:
            ask.audit(records, "chat woken", before=stored.stopped_reason)
        scope = scope_of(records, ask.request.chat.key)
    how = "Subscribed" if added else "Changed: subscribed" if is_changed else "Already subscribed"
    warning = _warning(meaning.sure, scope.tracked)
    undo = _undo("unsubscribe", meaning.sure) if added else _end(meaning.sure)  # what was there before is not undone
    undo = _refilter(meaning.sure, before) if is_changed and before else undo
    last = button(f"Show the last {LAST}", f"subscriptions last {LAST} {meaning.sure.command}")
    return reply(f"{how} to {meaning.sure.label}", *told_of(scope), *warning, actions=[undo, last])


def _load_what_words_need(words: str) -> None:
    """Before the transaction, of which the database may have one at a time: plain words may be a country's name."""
    first, _, rest = words.casefold().partition(" ")
    kind = _KIND_WORDS.get(first)
    is_of_another_kind = bool(rest) and kind not in (None, SubscriptionKind.COUNTRY)
    if words and first not in _EVERYTHING_WORDS and not read_bare(words) and not is_of_another_kind:
        load_country_names()


def _audited(subscription: Subscription | None) -> str:
    if subscription is None:
        return ""
    parts = (str(subscription.kind), subscription.value, words_of(subscription.filters))
    return " ".join(part for part in parts if part)


def _again(ended: Subscription, tracked: Tracked, *, alone: bool) -> Action | None:
    label = "Undo" if alone else shortened(f"Again: {_as_choice(ended, tracked).label}", 40)
    return button(label, _to_begin_again(ended, tracked))


def _to_begin_again(ended: Subscription, tracked: Tracked) -> str:
    """What subscribes to it as it was, filters included."""
    return f"subscribe {_as_choice(ended, tracked).command} {words_for_new(ended.filters)}".strip()


def _refilter(choice: Choice, before: Subscription) -> Action | None:
    return button("Undo", _to_refilter(choice, before))


def _to_refilter(choice: Choice, before: Subscription) -> str:
    return f"subscribe {choice.command} {_exactly(before.filters)}"


def _exactly(filters: Filters) -> str:
    return words_of(filters) or "without filters"


def _is_tracked_so(words: str, scope: Scope) -> bool:
    """Whether a name is so, in whole or in part: somebody may be called "Doctors without …"."""
    found = scope.find(words)
    return bool(found.exact or found.partly)


def _filter_all(ask: Ask, records: Records, scope: Scope, wish: Wish, first: Filters) -> Reply:
    """'subscribe relief', 'subscribe official only': it holds for all that this chat follows; for everything, with the
    filters `first` before, if it follows nothing yet."""
    chat = ask.request.chat.key
    if not scope.own:
        stored = records.chat(chat)
        if stored is None or stored.stopped_reason:
            records.save_chat(replace(ask.request.chat, stopped_reason=None))
        new = _subscription(ask, EVERYTHING, wish.applied(first))
        records.add_subscription(new)
        ask.audit(records, "subscribe", after=_audited(new))
    pairs = [(one, replace(one, filters=wish.applied(one.filters))) for one in scope.own]
    changed = [(before, after) for before, after in pairs if before != after]
    for before, after in changed:
        records.save_filters(after)
        ask.audit(records, "subscribe", _audited(before), _audited(after))
    title = f"Subscribed to {told_verdicts(wish.added)}" if wish.added else "The filters of this chat's subscriptions"
    undos, by_hand = _to_filter_again([before for before, _ in changed], scope)
    return reply(
        title if changed or not scope.own else "Nothing changed",
        *told_of(scope_of(records, chat)),
        footer=by_hand,
        actions=undos if scope.own else [_undo("unsubscribe", EVERYTHING)],
    )


def _to_filter_again(
    before: Sequence[Subscription], scope: Scope, *, has_ended: bool = False
) -> tuple[list[Action | None], str]:
    """Buttons that make subscriptions what they were, and what to send for those without one. Only where all were alike
    is that one command: what is added to all, or taken from all, need not be what each lacked or had."""
    alike = {one.filters for one in scope.own}
    if len(before) > 1 and len(alike) == 1 and not has_ended:
        commands = [("Undo", f"subscribe {_exactly(*alike)}")]
    else:
        choices = [(one, _as_choice(one, scope.tracked)) for one in before]
        commands = [
            ("Undo" if len(before) == 1 else shortened(f"Undo: {choice.label}", 40), _to_refilter(choice, one))
            for one, choice in choices
            if not choice.mark  # nobody subscribes to what is unseen
        ]
    buttons = [button(*command) for command in commands[:_MOST_CHOICES]]
    by_hand = [cmd(command) for (_, command), has_button in zip_longest(commands, buttons) if not has_button]
    return buttons, f"To undo it: {' · '.join(by_hand)}" if by_hand else ""


def _unsubscribe_verdicts(ask: Ask, records: Records, scope: Scope, verdicts: tuple[Verdict, ...]) -> Reply:
    """'unsubscribe relief': these verdicts are told no longer; a subscription that is left with none ends."""
    changed = [one for one in scope.own if _is_told(one.filters, verdicts)]
    if not changed:
        raise CommandError(f"This chat is not told of {told_verdicts(verdicts)}. See: {cmd('subscriptions')}")
    has_ended = False
    for one in changed:
        left = tuple(verdict for verdict in one.filters.verdicts if verdict not in verdicts)
        eased = one.filters.eased and Verdict.RELIEF not in verdicts
        narrower = replace(one, filters=replace(one.filters, verdicts=left, eased=eased))
        if left:
            records.save_filters(narrower)
        else:
            records.remove_subscription(one)
            has_ended = True
        ask.audit(records, "unsubscribe", _audited(one), _audited(narrower) if left else "")
    now_told = told_of(scope_of(records, ask.request.chat.key))
    undos, by_hand = _to_filter_again(changed, scope, has_ended=has_ended)
    return reply(f"Unsubscribed from {told_verdicts(verdicts)}", *now_told, footer=by_hand, actions=undos)


def _is_told(filters: Filters, verdicts: Sequence[Verdict]) -> bool:
    """Whether one of the verdicts is told; of relief, be it only of what was told before."""
    is_eased = filters.eased and Verdict.NEW_SANCTIONS in filters.verdicts and Verdict.RELIEF in verdicts
    return is_eased or not set(filters.verdicts).isdisjoint(verdicts)


def unsubscribe(ask: Ask) -> Reply:
    _load_what_words_need(ask.words)
    with ask.store.writing() as records:
        ask.require(records, Right.SUBSCRIBE, "change what is told", ask.here)
        scope = scope_of(records, ask.request.chat.key)
        own = scope.own
        if not own:
            raise CommandError(
                f"This chat is not subscribed to anything. To begin, send: {cmd('subscribe everything')}"
            )
        ask = replace(ask, words=re.sub(r"^from\s+(?=\S)", "", ask.words, flags=re.IGNORECASE))
        if not ask.words:
            return _ask_which(ask, "unsubscribe", tuple(_as_choice(one, scope.tracked) for one in own))
        if verdicts := read_bare(ask.words):
            return _unsubscribe_verdicts(ask, records, scope, verdicts)
        choice = _find_own(ask.words, scope)
        if isinstance(choice, tuple):
            return _ask_which(ask, "unsubscribe", choice)
        removed = tuple(one for one in own if _is(one, choice))
        was_whole = bool(removed)
        if choice is EVERYTHING and (not removed or ask.words.casefold() != "everything"):
            removed = own  # "all" ends all; so does "everything" where nothing is subscribed to as that
        for subscription in removed:
            records.remove_subscription(subscription)
        ask.audit(records, "unsubscribe", before="; ".join(_audited(one) for one in removed))
        now_told = told_of(scope_of(records, ask.request.chat.key))
    label = "everything" if choice is EVERYTHING else choice.label
    seen = [one for one in removed if not _as_choice(one, scope.tracked).mark]  # nobody subscribes to what is unseen
    back = [_again(one, scope.tracked, alone=len(removed) == 1) for one in seen[:_MOST_CHOICES]]
    by_hand = [one for one, has_button in zip_longest(seen, back) if not has_button]
    ended = [interest(one, scope.tracked) + told_conditions(one.filters) for one in removed] if len(removed) > 1 else []
    is_more = choice is EVERYTHING and not was_whole
    only_narrower = ["It was not subscribed to everything: all that it followed ended."] if is_more else []
    return reply(
        f"Unsubscribed from {label}",
        *only_narrower,
        *now_told,
        bullets=ended,
        footer=f"Again: {' · '.join(cmd(_to_begin_again(one, scope.tracked)) for one in by_hand)}" if by_hand else "",
        actions=back,
    )


def subscriptions(ask: Ask) -> Reply:
    if ask.words:
        return _show_last(ask)
    with ask.store.reading() as records:
        scope = scope_of(records, ask.request.chat.key)
        chat = records.chat(ask.request.chat.key)
    own, tracked = scope.own, scope.tracked
    stopped = (
        [f"Nothing is sent: {chat.stopped_reason}. To wake it, send: {cmd('start')}"]
        if chat and chat.stopped_reason
        else []
    )
    return reply(
        "Subscriptions of this chat",
        *stopped,
        *told_of(scope),
        bullets=[interest(one, tracked) for one in own] if len(own) > 1 else [],
        actions=[_end(_as_choice(one, tracked)) for one in own[:_MOST_CHOICES]]
        or [button("Subscribe to everything", "subscribe everything")],
    )


def told_of(scope: Scope) -> tuple[str, ...]:
    """The rule that now holds for the chat, in plain words."""
    own, tracked = scope.own, scope.tracked
    if not own:
        return (f"This chat is told of nothing now. To begin again, send: {cmd('subscribe everything')}",)
    whole = next((one for one in own if one.kind is SubscriptionKind.EVERYTHING), None)
    narrower = [one for one in own if whole and one is not whole and one.filters == whole.filters]
    groups: dict[Filters, list[str]] = {}
    for one in ([whole] if whole else []) + [one for one in own if one is not whole]:
        if one not in narrower:
            groups.setdefault(one.filters, []).append(interest(one, tracked))
    told = [
        f"{told_verdicts(filters.verdicts)} on {joined(names)}{told_conditions(filters)}"
        for filters, names in groups.items()
    ]
    change = "changes nothing" if len(narrower) == 1 else "change nothing"
    covered = f" Its {number(len(narrower), 'narrower subscription')} then {change}." if narrower else ""
    filtered = [one for one in own if whole and one is not whole and one not in narrower]
    idle = [interest(one, tracked) for one in filtered if whole and is_within(one.filters, whole.filters)]
    beside = (
        f" That restricts nothing on {joined(idle)}: “everything” tells all of it. To be told of no more than that, "
        f"send: {cmd('unsubscribe everything')}"
        if idle
        else ""
    )
    return (f"This chat is told of {'; of '.join(told)}.{covered}{beside}",)


def _show_last(ask: Ask) -> Reply:
    """'subscriptions last 3 entity NK-1': past events that this chat's subscriptions cover, or one of them."""
    first, rest = ask.first_word()
    count, _, what = rest.partition(" ")
    if first != "last" or not (count.isascii() and count.isdigit() and 1 <= int(count) <= MOST_LAST):
        raise CommandError(
            f"Send: {cmd('subscriptions')}, or {cmd('subscriptions last N')} with N from 1 to {MOST_LAST}, for past "
            "events that this chat would be told of now"
        )
    with ask.store.reading() as records:
        scope = scope_of(records, ask.request.chat.key)
        choice = _find_own(what, scope) if what else None
        chosen = [one for one in scope.own if not isinstance(choice, Choice) or _is(one, choice)]
        has_words = any(one.filters.words or one.filters.without for one in chosen)
        found = records.latest_events(_READ_FOR_WORDS if has_words else MOST_SEARCHED)
        entities = by_key(records.entities_of({target.entity for event in found for target in event.targets}))
        seen = see(ask, records, [event for event in found if _is_tracked(event, entities)])
        told = (event for event in seen if find_interest(chosen, with_own_words(records, event, chosen), entities))
        events = list(islice(told, int(count)))
    of = f" of {choice.label}" if isinstance(choice, Choice) and choice is not EVERYTHING else ""
    if not events:
        looked_at = (
            f"the newest {number(len(found), 'event')}" if has_words else f"the {number(len(found), 'event')} kept"
        )
        return reply(
            f"No past event{of}",
            f"Of {looked_at}, none is covered. {told_of(scope)[0]}",
        )
    return reply(
        f"The last {number(len(events), 'event')}{of} that this chat would have been told of",
        bullets=[event_line(event, ask.zone) for event in events],
        bullet_urls=[find_url(event) for event in events],
        actions=[event_button(event, "why") for event in events[:6]],
    )


def _is_tracked(event: Event, entities: Mapping[str, Entity]) -> bool:
    return any(target.entity in entities for target in event.targets)


# ---------------------------------------------------------------- what the words mean


def find_meaning(words: str, scope: Scope) -> Meaning:
    """`everything`, `entity NAME`, `topic TAG`, `country CODE-or-name`, `watchlist NAME`, `authority US`, `programme
    NAME`, or plain words. Raises CommandError."""
    if words.casefold() in _EVERYTHING_WORDS:
        return Meaning(EVERYTHING)
    first, _, rest = words.partition(" ")
    kind, rest = _KIND_WORDS.get(first.casefold()), rest.strip()
    if kind and rest:
        return _FINDERS[kind](rest, scope)
    return _plain(words, scope)


def _entity(words: str, scope: Scope) -> Meaning:
    found = scope.find(words)
    if not found.entities:
        raise CommandError(
            f"Nobody tracked is called “{words}”. See who is: {cmd(f'lookup {words}')}; "
            f"admins add names: {cmd('watch add')}"
        )
    return _meaning([_entity_choice(entity) for entity in found.entities], sure=not found.near)


def _topic(words: str, scope: Scope) -> Meaning:
    topics = sorted(scope.tracked.topics)
    if words.casefold() not in topics:
        there = f"There are: {', '.join(topics)}" if topics else "Nothing tracked has a topic yet"
        raise CommandError(f"No tracked name has the topic “{words}”. {there}.")
    return Meaning(_topic_choice(words.casefold()))


def _country(words: str, _scope: Scope) -> Meaning:
    try:
        return Meaning(_country_choice(parse_country(words)))
    except ValueError as error:
        raise CommandError(
            f"{str(error)[0].upper()}{str(error)[1:]}. For example: {cmd('subscribe country Russia')}"
        ) from error


def _watchlist(words: str, scope: Scope) -> Meaning:
    seen = scope.tracked.watchlists
    for key, title in seen.items():
        if words.casefold() in (key, title.casefold()):
            return Meaning(_watchlist_choice(key, title))
    raise CommandError(
        f"This chat sees no watchlist “{words}”: it sees {joined(seen.values())}. "
        f"An admin can change that: {cmd('watch use NAME')}"
    )


def _authority(words: str, _scope: Scope) -> Meaning:
    return Meaning(_authority_choice(read_authority(words, "subscribe authority US")))


def _programme(words: str, _scope: Scope) -> Meaning:
    """Official lists have codes of their own: a programme that is not known may still come."""
    known = {name.casefold(): name for name in known_programmes()}
    return Meaning(_programme_choice(known.get(words.casefold(), words)))


_FINDERS: Mapping[SubscriptionKind, Callable[[str, Scope], Meaning]] = {
    SubscriptionKind.ENTITY: _entity,
    SubscriptionKind.TOPIC: _topic,
    SubscriptionKind.COUNTRY: _country,
    SubscriptionKind.WATCHLIST: _watchlist,
    SubscriptionKind.AUTHORITY: _authority,
    SubscriptionKind.PROGRAMME: _programme,
}


_EXAMPLES = {
    "topic": "topic supplier",
    "country": "country Russia",
    "watchlist": "watchlist main",
    "authority": "authority US",
    "programme": "programme Russia",
}


def _plain(words: str, scope: Scope) -> Meaning:
    """Plain words: a tracked name, a topic or a country; whatever fits wholly goes before what fits nearly."""
    found = scope.find(words)
    wholly = [_entity_choice(entity) for entity in found.exact]
    wholly += [_topic_choice(words.casefold())] * (words.casefold() in scope.tracked.topics)
    if not wholly and (code := _country_code(words)):
        wholly.append(_country_choice(code))
        wholly += [_entity_choice(entity) for entity in found.partly]
    if wholly:
        return _meaning(wholly)
    return _nearly(words, found)


def _nearly(words: str, found: Found) -> Meaning:
    if not found.entities and words.casefold() in _EXAMPLES:
        raise CommandError(f"Which? For example: {cmd(f'subscribe {_EXAMPLES[words.casefold()]}')}")
    if not found.entities:
        raise CommandError(
            f"“{words}” is no tracked name, no topic and no country. Send: {cmd('subscribe everything')}, "
            f"or see how it may be spelt: {cmd('lookup NAME')}. Admins add names: {cmd('watch add NAME')}"
        )
    return _meaning([_entity_choice(entity) for entity in found.entities], sure=not found.near)


def _meaning(choices: Sequence[Choice], sure: bool = True) -> Meaning:
    return Meaning(choices[0]) if sure and len(choices) == 1 else Meaning(choices=tuple(choices))


def _country_code(words: str) -> str | None:
    try:
        return parse_country(words)
    except ValueError:
        return None


def _find_own(words: str, scope: Scope) -> Choice | tuple[Choice, ...]:
    """Which of the chat's subscriptions the words mean. Raises CommandError that restates what there is."""
    own = scope.own
    if words.casefold() in _EVERYTHING_WORDS:
        return EVERYTHING
    first, _, rest = words.partition(" ")
    kind = _KIND_WORDS.get(first.casefold())
    # by its very value first: what it is on may be tracked, known or seen no longer
    alike = [_as_choice(one, scope.tracked) for one in own if one.kind is kind]
    very = [one for one in alike if (one.mark or one.value).casefold() == rest.strip().casefold()][:1]
    choices = very or _meant(words, scope)
    if not choices:
        told = joined(interest(one, scope.tracked) for one in own)
        raise CommandError(
            f"This chat has no subscription to “{words}”: it is told of {told}."
            + (
                f" To narrow that: {cmd('unsubscribe everything')}, then {cmd('subscribe NAME')}"
                if _has_everything(own)
                else ""
            )
        )
    unique = tuple(dict.fromkeys(choices))
    return unique[0] if len(unique) == 1 else unique


def _meant(words: str, scope: Scope) -> list[Choice]:
    """Of the chat's subscriptions those that plain words mean."""
    own = scope.own
    keys = [one.value for one in own if one.kind is SubscriptionKind.ENTITY]
    subscribed = [one for one in scope.records.entities_of(keys) if one.watchlist in scope.watchlists]
    choices = [_as_choice(one, scope.tracked) for one in own if one.kind is not SubscriptionKind.ENTITY]
    wanted = words.casefold()
    plain = [choice for choice in choices if wanted in (choice.value.casefold(), choice.label.casefold())]
    country = _country_code(words)
    plain += [choice for choice in choices if choice.kind is SubscriptionKind.COUNTRY and choice.value == country]
    name = wanted.removeprefix("entity ").removeprefix("name ")
    found = [_entity_choice(entity) for entity in find_entities(name, subscribed).entities]
    return plain or found


def _has_everything(own: Sequence[Subscription]) -> bool:
    return any(one.kind is SubscriptionKind.EVERYTHING for one in own)


def _is(subscription: Subscription, choice: Choice) -> bool:
    return subscription.kind is choice.kind and subscription.value == choice.value


def _entity_choice(entity: Entity) -> Choice:
    return Choice(SubscriptionKind.ENTITY, entity.key, entity.caption)


def _topic_choice(topic: str) -> Choice:
    return Choice(SubscriptionKind.TOPIC, topic, f"the topic {topic}")


def _country_choice(code: str) -> Choice:
    return Choice(SubscriptionKind.COUNTRY, code, f"names from {country_name(code)}")


def _watchlist_choice(key: str, title: str) -> Choice:
    return Choice(SubscriptionKind.WATCHLIST, key, f"the watchlist {title}")


def _authority_choice(code: str) -> Choice:
    return Choice(SubscriptionKind.AUTHORITY, code, f"what {code} does")


def _programme_choice(name: str) -> Choice:
    return Choice(SubscriptionKind.PROGRAMME, name, f"the programme {name}")


def _as_choice(subscription: Subscription, tracked: Tracked) -> Choice:
    value = subscription.value
    match subscription.kind:
        case SubscriptionKind.EVERYTHING:
            return EVERYTHING
        case SubscriptionKind.ENTITY:
            mark = _mark_of(subscription) if value in tracked.hidden else ""
            return Choice(subscription.kind, value, entity_caption(value, tracked) or value, mark)
        case SubscriptionKind.TOPIC:
            return _topic_choice(value)
        case SubscriptionKind.COUNTRY:
            return _country_choice(value)
        case SubscriptionKind.WATCHLIST:
            return _watchlist_choice(value, tracked.watchlists.get(value, value))
        case SubscriptionKind.AUTHORITY:
            return _authority_choice(value)
        case SubscriptionKind.PROGRAMME:
            return _programme_choice(value)


def _mark_of(subscription: Subscription) -> str:
    """'#3f2a9c': by when it was made, and not by its value, which could be guessed from that."""
    return f"#{hashlib.sha256(str(subscription.created_at).encode()).hexdigest()[:6]}"


# ---------------------------------------------------------------- answers


def _subscription(ask: Ask, choice: Choice, filters: Filters = NO_FILTERS) -> Subscription:
    return Subscription(ask.request.chat.key, choice.kind, choice.value, ask.now, ask.who, filters)


def _offer(scope: Scope) -> Reply:
    topics = sorted(scope.tracked.topics)
    examples = ("subscribe Rosneft", "subscribe topic supplier", "subscribe country Russia", "subscribe authority EU")
    filtered = (
        "subscribe relief",
        "subscribe Rosneft official only from 80%",
        'subscribe everything with words tanker, "crude oil"',
    )
    return reply(
        "What should this chat be told of?",
        "Everything tracked, or one name, a topic, a country, a watchlist, an authority, a programme: "
        + " · ".join(map(cmd, examples)),
        "New sanctions, unless you say more: " + " · ".join(map(cmd, filtered)),
        *(told_of(scope) if scope.own else ()),
        actions=[
            button("Everything", "subscribe everything"),
            *(button(f"Topic {topic}", f"subscribe topic {topic}") for topic in topics[: _MOST_CHOICES - 1]),
        ],
    )


def _ask_which(ask: Ask, command: str, choices: Sequence[Choice], filters: str = "") -> Reply:
    shown = choices[:_MOST_CHOICES]
    actions = [button(shortened(choice.label, 40), f"{command} {choice.command} {filters}".strip()) for choice in shown]
    question = "Which do you mean?" if ask.words else "Which should end?"
    title = f"Did you mean {shown[0].label}?" if ask.words and len(choices) == 1 else question
    more = f"There are {len(choices) - len(shown)} more: write more of the name." if len(choices) > len(shown) else ""
    return reply(
        title,
        *([f"“{ask.words}” may be:"] if ask.words and len(choices) > 1 else []),
        bullets=[choice.label for choice in shown] if len(choices) > 1 else [],
        footer=more,
        actions=actions,
        ok=False,
    )


def _undo(command: str, choice: Choice) -> Action | None:
    return button("Undo", f"{command} {choice.command}")


def _end(choice: Choice) -> Action | None:
    return button(shortened(f"End: {choice.label}", 40), f"unsubscribe {choice.command}")


def _warning(choice: Choice, tracked: Tracked) -> tuple[str, ...]:
    if choice.kind is SubscriptionKind.COUNTRY and choice.value not in tracked.countries:
        return (f"Nothing tracked is from {country_name(choice.value)} yet: alerts begin when an admin adds a name.",)
    if choice.kind is SubscriptionKind.PROGRAMME and (warning := told_unknown_programme(choice.value)):
        return (warning,)
    if choice.kind is SubscriptionKind.EVERYTHING and not tracked.names:
        return (f"Nothing is tracked yet: alerts begin when an admin adds a name with {cmd('watch add')}.",)
    return ()
