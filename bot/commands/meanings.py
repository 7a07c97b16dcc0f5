"""What the words of a subscription mean: a name, a topic, a country, a watchlist, an authority, a programme, or all."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from bot.commands.asking import cmd
from bot.commands.choosing import read_authority
from bot.commands.phrases import Tracked, entity_caption, interest
from bot.commands.watch.nearly import find_tracked
from bot.counted import joined
from bot.errors import CommandError
from bot.matching.facts import known_programmes
from bot.model import ChatKey, Entity, Subscription, SubscriptionKind
from bot.ports import Records
from bot.visibility import find_hidden
from bot.watchlist import Found, country_name, find_entities, parse_country

EVERYTHING_WORDS = frozenset({"everything", "all", "*"})
KIND_WORDS = {
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


@dataclass(frozen=True, slots=True)
class Scope:
    """What a chat sees: its watchlists, and what of them is needed to put its subscriptions in words."""

    records: Records
    watchlists: tuple[str, ...]
    own: tuple[Subscription, ...]
    tracked: Tracked

    def find(self, words: str) -> Found:
        return find_tracked(self.records, words, self.watchlists)


def scope_of(records: Records, chat: ChatKey) -> Scope:
    """What of the store is needed to tell a chat of its subscriptions."""
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


def find_meaning(words: str, scope: Scope) -> Meaning:
    """`everything`, `entity NAME`, `topic TAG`, `country CODE-or-name`, `watchlist NAME`, `authority US`, `programme
    NAME`, or plain words. Raises CommandError."""
    if words.casefold() in EVERYTHING_WORDS:
        return Meaning(EVERYTHING)
    first, _, rest = words.partition(" ")
    kind, rest = KIND_WORDS.get(first.casefold()), rest.strip()
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


def find_own(words: str, scope: Scope) -> Choice | tuple[Choice, ...]:
    """Which of the chat's subscriptions the words mean. Raises CommandError that restates what there is."""
    own = scope.own
    if words.casefold() in EVERYTHING_WORDS:
        return EVERYTHING
    first, _, rest = words.partition(" ")
    kind = KIND_WORDS.get(first.casefold())
    # by its very value first: what it is on may be tracked, known or seen no longer
    alike = [choice_of(one, scope.tracked) for one in own if one.kind is kind]
    very = [one for one in alike if (one.mark or one.value).casefold() == rest.strip().casefold()][:1]
    choices = very or _meant(words, scope)
    if not choices:
        told = joined(interest(one, scope.tracked) for one in own)
        raise CommandError(
            f"This chat has no subscription to “{words}”: it is told of {told}."
            + (
                f" To narrow that: {cmd('unsubscribe everything')}, then {cmd('subscribe NAME')}"
                if has_everything(own)
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
    choices = [choice_of(one, scope.tracked) for one in own if one.kind is not SubscriptionKind.ENTITY]
    wanted = words.casefold()
    plain = [choice for choice in choices if wanted in (choice.value.casefold(), choice.label.casefold())]
    country = _country_code(words)
    plain += [choice for choice in choices if choice.kind is SubscriptionKind.COUNTRY and choice.value == country]
    name = wanted.removeprefix("entity ").removeprefix("name ")
    found = [_entity_choice(entity) for entity in find_entities(name, subscribed).entities]
    return plain or found


def has_everything(own: Sequence[Subscription]) -> bool:
    return any(one.kind is SubscriptionKind.EVERYTHING for one in own)


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


def choice_of(subscription: Subscription, tracked: Tracked) -> Choice:
    """A subscription as one of the things that words may mean, so that it can be asked for again."""
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
