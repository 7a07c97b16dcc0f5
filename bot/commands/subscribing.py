"""subscribe, unsubscribe, subscriptions: every answer restates, in plain words, what this chat is told of."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from bot.commands.asking import Ask, button, by_key, cmd, reply
from bot.commands.phrases import interest, joined, number, shortened
from bot.errors import CommandError
from bot.model import Action, Entity, Reply, Subscription, SubscriptionKind
from bot.ports import Records
from bot.rights import Right
from bot.watchlist import Found, country_name, find_entities, parse_country

_EVERYTHING_WORDS = frozenset({"everything", "all", "*"})
_KIND_WORDS = {
    "entity": SubscriptionKind.ENTITY,
    "name": SubscriptionKind.ENTITY,
    "topic": SubscriptionKind.TOPIC,
    "tag": SubscriptionKind.TOPIC,
    "country": SubscriptionKind.COUNTRY,
}
_MOST_CHOICES = 6


@dataclass(frozen=True, slots=True)
class Choice:
    """One thing that the words may mean."""

    kind: SubscriptionKind
    value: str
    label: str

    @property
    def command(self) -> str:
        return f"{self.kind} {self.value}".strip()


@dataclass(frozen=True, slots=True)
class Meaning:
    """What the words may mean: one `sure` choice, or several to choose from."""

    sure: Choice | None = None
    choices: tuple[Choice, ...] = ()


EVERYTHING = Choice(SubscriptionKind.EVERYTHING, "", "everything tracked")


def subscribe(ask: Ask) -> Reply:
    with ask.store.writing() as records:
        ask.require(records, Right.SUBSCRIBE, "change what is told", ask.here)
        entities = records.entities()
        if not ask.words:
            return _offer(ask, records, entities)
        meaning = find_meaning(ask.words, entities)
        if meaning.sure is None:
            return _ask_which(ask, "subscribe", meaning.choices)
        stored = records.chat(ask.request.chat.key)
        if stored is None or stored.stopped_reason:  # who subscribes wants to be told, whatever stopped the chat
            records.save_chat(replace(ask.request.chat, stopped_reason=None))
        subscription = _subscription(ask, meaning.sure)
        added = records.add_subscription(subscription)
        if added:
            ask.audit(records, "subscribe", after=meaning.sure.command)
        if stored and stored.stopped_reason:
            ask.audit(records, "chat woken", before=stored.stopped_reason)
        now_told = told_of(records, ask, entities)
    title = f"Subscribed to {meaning.sure.label}" if added else f"Already subscribed to {meaning.sure.label}"
    return reply(title, *now_told, *_warning(meaning.sure, entities), actions=[_undo("unsubscribe", meaning.sure)])


def unsubscribe(ask: Ask) -> Reply:
    with ask.store.writing() as records:
        ask.require(records, Right.SUBSCRIBE, "change what is told", ask.here)
        entities, own = records.entities(), records.subscriptions(ask.request.chat.key)
        if not own:
            raise CommandError(
                f"This chat is not subscribed to anything. To begin, send: {cmd('subscribe everything')}"
            )
        if not ask.words:
            return _ask_which(ask, "unsubscribe", tuple(_as_choice(one, by_key(entities)) for one in own))
        choice = _find_own(ask.words, own, entities)
        if isinstance(choice, tuple):
            return _ask_which(ask, "unsubscribe", choice)
        removed = own if choice is EVERYTHING else [one for one in own if _is(one, choice)]
        for subscription in removed:
            records.remove_subscription(subscription)
        ask.audit(records, "unsubscribe", before="; ".join(f"{one.kind} {one.value}".strip() for one in removed))
        now_told = told_of(records, ask, entities)
    label = "everything" if choice is EVERYTHING else choice.label
    undo = _undo("subscribe", choice) if [_is(one, choice) for one in removed] == [True] else None
    return reply(f"Unsubscribed from {label}", *now_told, actions=[undo])


def subscriptions(ask: Ask) -> Reply:
    with ask.store.reading() as records:
        entities, own = records.entities(), records.subscriptions(ask.request.chat.key)
        chat = records.chat(ask.request.chat.key)
        now_told = told_of(records, ask, entities)
    captions = by_key(entities)
    stopped = (
        [f"Nothing is sent: {chat.stopped_reason}. To wake it, send: {cmd('start')}"]
        if chat and chat.stopped_reason
        else []
    )
    return reply(
        "Subscriptions of this chat",
        *stopped,
        *now_told,
        bullets=[interest(one, captions) for one in own] if len(own) > 1 else [],
        actions=[_end(_as_choice(one, captions)) for one in own[:_MOST_CHOICES]]
        or [button("Subscribe to everything", "subscribe everything")],
    )


def told_of(records: Records, ask: Ask, entities: Sequence[Entity]) -> tuple[str, ...]:
    """The rule that now holds for the chat, in plain words."""
    own = records.subscriptions(ask.request.chat.key)
    captions = by_key(entities)
    if not own:
        return (f"This chat is told of nothing now. To begin again, send: {cmd('subscribe everything')}",)
    whole = next((one for one in own if one.kind is SubscriptionKind.EVERYTHING), None)
    told = [interest(whole, captions)] if whole else [interest(one, captions) for one in own]
    more = len(own) - 1
    covered = f" Its {number(more, 'narrower subscription')} then change nothing." if whole and more else ""
    return (f"This chat is told of new sanctions on {joined(told)}.{covered}",)


# ---------------------------------------------------------------- what the words mean


def find_meaning(words: str, entities: Sequence[Entity]) -> Meaning:
    """`everything`, `entity NAME`, `topic TAG`, `country CODE-or-name`, or plain words. Raises CommandError."""
    if words.casefold() in _EVERYTHING_WORDS:
        return Meaning(EVERYTHING)
    first, _, rest = words.partition(" ")
    kind, rest = _KIND_WORDS.get(first.casefold()), rest.strip()
    if kind and rest:
        return _FINDERS[kind](rest, entities)
    return _plain(words, entities)


def _entity(words: str, entities: Sequence[Entity]) -> Meaning:
    found = find_entities(words, entities)
    if not found.entities:
        raise CommandError(
            f"Nobody tracked is called “{words}”. See who is: {cmd(f'lookup {words}')}; "
            f"admins add names: {cmd('watch add')}"
        )
    return _meaning([_entity_choice(entity) for entity in found.entities], sure=not found.near)


def _topic(words: str, entities: Sequence[Entity]) -> Meaning:
    topics = sorted({topic for entity in entities for topic in entity.topics})
    if words.casefold() not in topics:
        there = f"There are: {', '.join(topics)}" if topics else "Nothing tracked has a topic yet"
        raise CommandError(f"No tracked name has the topic “{words}”. {there}.")
    return Meaning(_topic_choice(words.casefold()))


def _country(words: str, _entities: Sequence[Entity]) -> Meaning:
    try:
        return Meaning(_country_choice(parse_country(words)))
    except ValueError as error:
        raise CommandError(
            f"{str(error)[0].upper()}{str(error)[1:]}. For example: {cmd('subscribe country Russia')}"
        ) from error


_FINDERS = {SubscriptionKind.ENTITY: _entity, SubscriptionKind.TOPIC: _topic, SubscriptionKind.COUNTRY: _country}


def _plain(words: str, entities: Sequence[Entity]) -> Meaning:
    """Plain words: a tracked name, a topic or a country; whatever fits wholly goes before what fits nearly."""
    found = find_entities(words, entities)
    wholly = [_entity_choice(entity) for entity in found.exact]
    wholly += [_topic_choice(words.casefold())] * any(words.casefold() in entity.topics for entity in entities)
    if not wholly and (code := _country_code(words)):
        wholly.append(_country_choice(code))
        wholly += [_entity_choice(entity) for entity in found.partly]
    if wholly:
        return _meaning(wholly)
    return _nearly(words, found)


def _nearly(words: str, found: Found) -> Meaning:
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


def _find_own(words: str, own: Sequence[Subscription], entities: Sequence[Entity]) -> Choice | tuple[Choice, ...]:
    """Which of the chat's subscriptions the words mean. Raises CommandError that restates what there is."""
    captions = by_key(entities)
    if words.casefold() in _EVERYTHING_WORDS:
        return EVERYTHING
    tracked = [entity for entity in entities if _has(own, SubscriptionKind.ENTITY, entity.key)]
    gone = [one for one in own if one.kind is SubscriptionKind.ENTITY and one.value == words.split()[-1]]
    try:
        meaning = find_meaning(words, tracked)
        choices = [choice for choice in (meaning.sure, *meaning.choices) if choice and _covered(own, choice)]
    except CommandError:
        choices = []
    topic = words.casefold().removeprefix("topic ").strip()
    choices += [_topic_choice(topic)] * _has(own, SubscriptionKind.TOPIC, topic)
    choices = choices or [_as_choice(one, captions) for one in gone]
    if not choices:
        told = joined(interest(one, captions) for one in own)
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


def _has(own: Sequence[Subscription], kind: SubscriptionKind, value: str) -> bool:
    return any(one.kind is kind and one.value == value for one in own)


def _has_everything(own: Sequence[Subscription]) -> bool:
    return any(one.kind is SubscriptionKind.EVERYTHING for one in own)


def _covered(own: Sequence[Subscription], choice: Choice) -> bool:
    return _has(own, choice.kind, choice.value)


def _is(subscription: Subscription, choice: Choice) -> bool:
    return subscription.kind is choice.kind and subscription.value == choice.value


def _entity_choice(entity: Entity) -> Choice:
    return Choice(SubscriptionKind.ENTITY, entity.key, entity.caption)


def _topic_choice(topic: str) -> Choice:
    return Choice(SubscriptionKind.TOPIC, topic, f"the topic {topic}")


def _country_choice(code: str) -> Choice:
    return Choice(SubscriptionKind.COUNTRY, code, f"names from {country_name(code)}")


def _as_choice(subscription: Subscription, entities: Mapping[str, Entity]) -> Choice:
    if subscription.kind is SubscriptionKind.EVERYTHING:
        return EVERYTHING
    if subscription.kind is SubscriptionKind.ENTITY:
        entity = entities.get(subscription.value)
        return Choice(subscription.kind, subscription.value, entity.caption if entity else subscription.value)
    topic = subscription.kind is SubscriptionKind.TOPIC
    return _topic_choice(subscription.value) if topic else _country_choice(subscription.value)


# ---------------------------------------------------------------- answers


def _subscription(ask: Ask, choice: Choice) -> Subscription:
    return Subscription(ask.request.chat.key, choice.kind, choice.value, ask.now, ask.who)


def _offer(ask: Ask, records: Records, entities: Sequence[Entity]) -> Reply:
    topics = sorted({topic for entity in entities for topic in entity.topics})
    return reply(
        "What should this chat be told of?",
        "Everything tracked, or one name, a topic or a country: "
        + " · ".join(map(cmd, ("subscribe Rosneft", "subscribe topic supplier", "subscribe country Russia"))),
        *(told_of(records, ask, entities) if records.subscriptions(ask.request.chat.key) else ()),
        actions=[
            button("Everything", "subscribe everything"),
            *(button(f"Topic {topic}", f"subscribe topic {topic}") for topic in topics[: _MOST_CHOICES - 1]),
        ],
    )


def _ask_which(ask: Ask, command: str, choices: Sequence[Choice]) -> Reply:
    shown = choices[:_MOST_CHOICES]
    actions = [button(shortened(choice.label, 40), f"{command} {choice.command}") for choice in shown]
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


def _warning(choice: Choice, entities: Sequence[Entity]) -> tuple[str, ...]:
    if choice.kind is SubscriptionKind.COUNTRY and not any(choice.value in entity.countries for entity in entities):
        return (f"Nothing tracked is from {country_name(choice.value)} yet: alerts begin when an admin adds a name.",)
    if choice.kind is SubscriptionKind.EVERYTHING and not entities:
        return (f"Nothing is tracked yet: alerts begin when an admin adds a name with {cmd('watch add')}.",)
    return ()
