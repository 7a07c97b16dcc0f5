"""subscribe, unsubscribe, subscriptions: every answer restates, in plain words, what this chat is told of."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import islice, zip_longest

from bot.alerts import find_url
from bot.commands.asking import Ask, button, by_key, cmd, reply
from bot.commands.choosing import MOST_SEARCHED, told_unknown_programme
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
from bot.commands.latest import event_line
from bot.commands.meanings import (
    EVERYTHING,
    EVERYTHING_WORDS,
    KIND_WORDS,
    Choice,
    Scope,
    choice_of,
    find_meaning,
    find_own,
    scope_of,
)
from bot.commands.phrases import Tracked, interest
from bot.commands.seeing import event_button, see, with_own_words
from bot.counted import joined, number, shortened
from bot.delivery import find_interest
from bot.errors import CommandError
from bot.model import NO_FILTERS, Action, Entity, Event, Filters, Reply, Subscription, SubscriptionKind, Verdict
from bot.ports import Records
from bot.rights import Right
from bot.watchlist import country_name, load_country_names

_MOST_CHOICES = 6
LAST, MOST_LAST = 3, 20
_READ_FOR_WORDS = 300  # events whose articles are read for the words that a subscription asks for, the newest


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
        stopped = _wake(ask, records)
        before = next((one for one in scope.own if _is(one, meaning.sure)), None)
        subscription = _subscription(ask, meaning.sure, wish.applied(before.filters if before else NO_FILTERS))
        added = records.add_subscription(subscription)
        is_changed = before is not None and before.filters != subscription.filters
        if is_changed:
            records.save_filters(subscription)
        if added or is_changed:
            ask.audit(records, "subscribe", _audited(before), _audited(subscription))
        if stopped:
            ask.audit(records, "chat woken", before=stopped)
        scope = scope_of(records, ask.request.chat.key)
    how = "Subscribed" if added else "Changed: subscribed" if is_changed else "Already subscribed"
    warning = _warning(meaning.sure, scope.tracked)
    undo = _undo("unsubscribe", meaning.sure) if added else _end(meaning.sure)  # what was there before is not undone
    undo = _refilter(meaning.sure, before) if is_changed and before else undo
    last = button(f"Show the last {LAST}", f"subscriptions last {LAST} {meaning.sure.command}")
    return reply(f"{how} to {meaning.sure.label}", *told_of(scope), *warning, actions=[undo, last])


def _wake(ask: Ask, records: Records) -> str:
    """Who subscribes wants to be told, whatever stopped the chat: what that was, "" if nothing."""
    stored = records.chat(ask.request.chat.key)
    if stored is None or stored.stopped_reason:
        records.save_chat(replace(ask.request.chat, stopped_reason=None))
    return (stored and stored.stopped_reason) or ""


def _load_what_words_need(words: str) -> None:
    """Before the transaction, of which the database may have one at a time: plain words may be a country's name."""
    first, _, rest = words.casefold().partition(" ")
    kind = KIND_WORDS.get(first)
    is_of_another_kind = bool(rest) and kind not in (None, SubscriptionKind.COUNTRY)
    if words and first not in EVERYTHING_WORDS and not read_bare(words) and not is_of_another_kind:
        load_country_names()


def _audited(subscription: Subscription | None) -> str:
    if subscription is None:
        return ""
    parts = (str(subscription.kind), subscription.value, words_of(subscription.filters))
    return " ".join(part for part in parts if part)


def _again(ended: Subscription, tracked: Tracked, *, alone: bool) -> Action | None:
    label = "Undo" if alone else shortened(f"Again: {choice_of(ended, tracked).label}", 40)
    return button(label, _to_begin_again(ended, tracked))


def _to_begin_again(ended: Subscription, tracked: Tracked) -> str:
    """What subscribes to it as it was, filters included."""
    return f"subscribe {choice_of(ended, tracked).command} {words_for_new(ended.filters)}".strip()


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
        stopped = _wake(ask, records)
        new = _subscription(ask, EVERYTHING, wish.applied(first))
        records.add_subscription(new)
        ask.audit(records, "subscribe", after=_audited(new))
        if stopped:
            ask.audit(records, "chat woken", before=stopped)
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
        choices = [(one, choice_of(one, scope.tracked)) for one in before]
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
            return _ask_which(ask, "unsubscribe", tuple(choice_of(one, scope.tracked) for one in own))
        if verdicts := read_bare(ask.words):
            return _unsubscribe_verdicts(ask, records, scope, verdicts)
        choice = find_own(ask.words, scope)
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
    seen = [one for one in removed if not choice_of(one, scope.tracked).mark]  # nobody subscribes to what is unseen
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
        actions=[_end(choice_of(one, tracked)) for one in own[:_MOST_CHOICES]]
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
        choice = find_own(what, scope) if what else None
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


def _is(subscription: Subscription, choice: Choice) -> bool:
    return subscription.kind is choice.kind and subscription.value == choice.value


def _subscription(ask: Ask, choice: Choice, filters: Filters) -> Subscription:
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
        f"“{ask.words}” may be:" if ask.words and len(choices) > 1 else "",
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
