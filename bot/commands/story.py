"""event: the whole story of one: targets, sources in order, what changed when. Admins withdraw it, or restore it."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime

from rapidfuzz import fuzz

from bot.alerts import find_outlets, find_quotes, headline, subtitle, told_before, told_differences, told_doubts
from bot.commands.asking import Ask, button, cmd, reply
from bot.commands.correcting import find_named, mark_of, names_of
from bot.commands.pages import event_pages
from bot.commands.phrases import sureness
from bot.commands.seeing import load_seen, offer_latest
from bot.counted import number, shortened
from bot.errors import CommandError
from bot.events import (
    fold_joins,
    keys_of,
    restore_all,
    restore_target,
    settle_doubts,
    with_keys,
    withdraw_all,
    withdraw_target,
)
from bot.model import Action, Correction, Event, EventTarget, Fact, Link, Reply, Tier
from bot.ports import Records
from bot.text.folding import fold_key
from bot.visibility import concerned
from bot.zones import told_moment

_SHOWN = 20  # targets, sources and steps of one answer
_PARTS = 3  # targets that have a button of their own
_FORM = "event 3f2a9c41"
_MARK = re.compile(r"#[0-9a-f]{6}")  # as `mark_of` makes them
_CALLED = re.compile(r"([^\W\d_a-z][^:]{0,59}):(?=\s|\Z)")  # 'Bank of X: WHY'; neither 'an error: WHY' nor 'https://…'
_SURE = "confirm"  # in place of a reason: there is none
_ALIKE, _LEAST_ALIKE = 80, 4


def event(ask: Ask) -> Reply:
    key, rest = ask.first_word()
    if not key:
        none = f"There is none yet: see {cmd('feeds')} for what is being read."
        return offer_latest(ask, f"Which event? Send: {cmd(_FORM)}", "event", none=none)
    verb, _, reason = rest.partition(" ")
    match verb.casefold().rstrip(":"):
        case "" | "all":
            with ask.store.reading() as records:
                return _story(ask, records, _find(ask, records, key), is_whole=bool(verb))
        case "pages":
            with ask.store.reading() as records:
                return event_pages(ask, records, _find(ask, records, key))
        case "withdraw" | "restore" as wanted:
            return _correct(ask, key, wanted, reason.strip(), is_whole=verb.endswith(":"))
        case _:
            raise CommandError(
                "After the event comes nothing, “all”, “pages”, or for admins “withdraw WHY”, “withdraw NAME: WHY” or "
                f"“restore”: "
                f"{cmd(f'event {key}')}"
            )


def _find(ask: Ask, records: Records, key: str) -> Event:
    found = load_seen(ask, records, key)
    if found is None:
        raise CommandError(
            f"There is no event “{shortened(key, 40)}”. Alerts end with theirs, and {cmd('latest')} shows the newest."
        )
    return found


def _story(ask: Ask, records: Records, event: Event, *, is_whole: bool) -> Reply:
    """`is_whole`: with each step, as `event KEY all` asks."""
    told = len(records.chats_told(event.key))
    differing = told_differences(event)
    has_pages = records.count_pages(source.article for source in event.sources) > 0
    folded = fold_joins(event.history)
    steps = event.history if is_whole else folded[-_SHOWN:]
    own = [f"{told_moment(step.at, ask.zone)}: {step.what}" for step in steps]
    message = reply(
        headline(event, event.targets),
        f"It is the same act as event {event.told_as}, which tells of it since." if event.told_as else "",
        *(f"To be checked: {doubt}" for doubt in told_doubts(event, ask.zone)),
        *map(_told_target, event.targets[:_SHOWN]),
        *_and_more(len(event.targets), "target"),
        *(f"{gone.target.caption}: withdrawn by {gone.by}{_because(gone.reason)}" for gone in event.withdrawn_targets),
        subtitle=" · ".join(part for part in (subtitle(event), f"event {event.key}") if part),
        facts=[
            Fact("Opened", told_moment(event.opened_at, ask.zone)),
            Fact("Sources", f"{_outlets(event)}, {_tiers(event)}"),
            Fact("Figures differ", differing) if differing else None,
            Fact("Figures", ", ".join(event.counts)) if event.counts and not differing else None,
            *(Fact("Told before", text) for text, _ in told_before(event, ask.zone)),
            Fact("Told", number(told, "chat") if told else "nobody: no subscription covers it"),
        ],
        bullets=own or _sources(event, ask.zone),
        quotes=find_quotes(event.targets),
        sources=[
            Link(f"{source.outlet}, {told_moment(source.published_at, ask.zone)}", source.url)
            for source in event.sources[:_SHOWN]
        ],
        actions=[
            button("That event", f"event {event.told_as}") if event.told_as else None,
            button("Why?", f"why {event.key}"),
            button("Pages as a file", f"event {event.key} pages") if has_pages else None,
            button("Every step", f"event {event.key} all") if len(steps) < len(event.history) else None,
            *_corrections(ask, records, event),
        ],
        event=event.key,
    )
    return replace(message, message=replace(message.message, withdrawn=event.withdrawn, quotes_first=True))


def _told_target(target: EventTarget) -> str:
    return (
        f"{target.caption}: {target.verdict.words}, {sureness(target.confidence)}, "
        f"as “{target.surface or target.caption}” by {target.outlet}"
    )


def _and_more(count: int, what: str) -> list[str]:
    return [f"and {number(count - _SHOWN, f'more {what}')}"] if count > _SHOWN else []


def _sources(event: Event, zone: str) -> list[str]:
    """Of events that were stored before steps were kept."""
    return [
        f"{told_moment(source.joined_at, zone)}: {source.outlet}: “{source.title}”" for source in event.sources[:_SHOWN]
    ]


def _outlets(event: Event) -> str:
    """'2 sources', '3 reports by 2 sources'"""
    outlets = number(len(find_outlets(event)), "source")
    return outlets if len(find_outlets(event)) == len(event.sources) else f"{len(event.sources)} reports by {outlets}"


def _tiers(event: Event) -> str:
    if any(source.tier is Tier.OFFICIAL for source in event.sources):
        return "an official one among them"
    return "none of them official yet"


def _restorers(event: Event) -> list[Action | None]:
    return [
        button(
            f"Restore {shortened(gone.target.caption, 30)}", f"event {event.key} restore {mark_of(gone.target.entity)}"
        )
        for gone in event.withdrawn_targets[:_PARTS]
        if gone.target.caption
    ]


def _corrections(ask: Ask, records: Records, event: Event) -> list[Action | None]:
    if not ask.is_admin(records) or ask.services.put_correction is None:
        return []
    if event.withdrawn:
        return [button("It was right after all", f"event {event.key} restore")]
    parts = [
        button(f"Withdraw only {shortened(target.caption, 30)}", f"event {event.key} withdraw {mark_of(target.entity)}")
        for target in event.targets[:_PARTS]
        if len(event.targets) > 1
    ]
    back = _restorers(event)
    checked = [button("Checked: it holds", f"event {event.key} restore")] if event.open_doubts else []
    return [
        *checked,
        button("Withdraw it" if not parts else "Withdraw all of it", f"event {event.key} withdraw"),
        *parts,
        *back,
    ]


def _because(reason: str) -> str:
    return f": {reason}" if reason else ""


def read_part(words: str, targets: Sequence[EventTarget]) -> tuple[EventTarget | None, str]:
    """'Lukoil: it was spared' -> (Lukoil, 'it was spared'); the whole event is meant where no target is named so.
    Raises CommandError where it may be either."""
    head, colon, reason = words.partition(":")
    named = find_named(targets, head.strip()) if head.strip() else ()
    if len(named) == 1:
        return named[0], reason.strip()
    if colon and named:
        raise CommandError(f"“{shortened(head, 60)}” may be {names_of(named)}: write more of the name.")
    if len(targets) > 1:
        begun = next((one for one in targets if starts_with_name(words, one)), None)
        begun = begun or next((one for one in targets if _is_like_name(words, one)), None)
        if begun:
            raise CommandError(
                f"Only {begun.caption}, or the whole event? For the one name put a colon: "
                f"withdraw {begun.caption}: WHY. For the whole: withdraw: WHY."
            )
        if called := _CALLED.match(words):
            raise CommandError(
                f"“{shortened(called[1], 60)}” is none of its names: {names_of(targets)}. For one of them: "
                "withdraw NAME: WHY. For the whole event the colon comes first: withdraw: WHY."
            )
    return None, words


def _with_present_key(records: Records, words: str, targets: Sequence[EventTarget]) -> str:
    """The words; a key or mark that was merged since, as an older answer's button has it, is the one it leads to."""
    head, colon, reason = words.partition(":")
    for target in targets:
        before = set(records.keys_of(target.entity)) - {target.entity}
        if head.strip() in (*before, *map(mark_of, before)):
            return f"{target.entity}{colon}{reason}"
    return words


def starts_with_name(words: str, target: EventTarget) -> bool:
    names = {fold_key(name) for name in (target.caption, target.surface) if name}
    return any(f"{fold_key(words)} ".startswith(f"{name} ") for name in names if name)


def _is_like_name(words: str, target: EventTarget) -> bool:
    """'Harbor: only a lender' is meant of Harbour Commercial Bank: a typing error must not take all of it back."""
    first, _, _ = fold_key(words.partition(":")[0]).partition(" ")
    begun = {fold_key(name).partition(" ")[0] for name in (target.caption, target.surface) if name}
    return len(first) >= _LEAST_ALIKE and any(fuzz.ratio(first, name) >= _ALIKE for name in begun)


def _refuse_gone(event: Event, words: str) -> None:
    """A name, or its button, that was withdrawn already is not the rest of the event. Raises CommandError."""
    head = words.partition(":")[0].strip()
    gone = find_named(tuple(one.target for one in event.withdrawn_targets), head) if head else ()
    if gone and not find_named(event.targets, head):
        raise CommandError(
            f"{names_of(gone)} is withdrawn from it already. To take that back: "
            f"{cmd(f'event {event.key} restore {gone[0].caption}')}"
        )
    if _MARK.fullmatch(head) and not find_named(event.targets, head):
        raise CommandError(f"That name is no longer in the event. What is: {cmd(f'event {event.key}')}")


def _correct(ask: Ask, key: str, verb: str, words: str, *, is_whole: bool) -> Reply:
    with ask.store.writing() as records:
        records.lock_events()  # an article that is being placed would save the event as it was before
        ask.require_admin(records, f"{verb} an event")
        if ask.services.put_correction is None:
            raise CommandError("This process cannot send messages: withdraw it in a chat or in the web console.")
        seen = _find(ask, records, key)
        found = records.event(seen.key) or seen  # with the targets that this chat does not see
        merged = records.merged_keys(keys_of([found]))
        seen, found = with_keys(seen, merged), with_keys(found, merged)
        stand = found.targets if verb == "withdraw" else tuple(one.target for one in found.withdrawn_targets)
        known = tuple(one for one in stand if one.entity in concerned(seen))
        words = _with_present_key(records, words, known)
        if verb == "withdraw" and not is_whole and not found.withdrawn:
            _refuse_gone(seen, words)
        if verb == "restore" and words and found.withdrawn:
            raise CommandError(f"All of it is withdrawn, and comes back whole: {cmd(f'event {found.key} restore')}")
        part, reason = (None, words) if is_whole or found.withdrawn else read_part(words, known)
        part = part if verb == "restore" or len(found.targets) > 1 else None  # the only one is the whole
        if part is None and verb == "restore" and words and not found.withdrawn:
            raise CommandError(_told_restorable(seen, words))
        if part is None and _MARK.fullmatch(words):  # a button's; its name was corrected since: never the whole for it
            raise CommandError(f"That name is not there any more to {verb} alone. See: {cmd(f'event {seen.key}')}")
        if part is None and verb == "restore" and not found.withdrawn and found.open_doubts:
            return _check_off(ask, records, found, ask.services.put_correction)
        if part is None and found.withdrawn is (verb == "withdraw"):
            return _already(seen)
        if verb == "withdraw" and not reason:
            return _ask_why(seen, part)
        reason = "" if reason.casefold() == _SURE else reason
        changed, correction = _corrected(found, verb, part, reason, ask.request.user.called, ask.now)
        told = ask.services.put_correction(records, changed, correction)
        what = f"{found.key} {part.caption}" if part else found.key
        ask.audit(records, f"event {verb}", before=what, after=reason)
    return _told_part(changed, verb, part, told, reason) if part else _told_whole(changed, verb, told, reason)


def _check_off(
    ask: Ask, records: Records, found: Event, put_correction: Callable[[Records, Event, Correction], int]
) -> Reply:
    """What an outlet's correction put in doubt holds."""
    changed, correction = settle_doubts(found, ask.request.user.called, ask.now)
    told = put_correction(records, changed, correction)
    ask.audit(records, "event checked", before=found.key)
    return reply(f"Checked: {headline(changed, changed.targets)}", f"{number(told, 'chat')} read that it holds.")


def _told_whole(event: Event, verb: str, told: int, reason: str) -> Reply:
    if verb == "withdraw":
        return reply(
            f"Withdrawn: {headline(event, event.targets)}",
            f"Its message is struck through in {number(told, 'chat')}, and a reply there {_says(reason)}. No article "
            "joins it any more; a report of the same act that is no copy opens a new event.",
            actions=[button("Undo", f"event {event.key} restore")],
            event=event.key,
        )
    return reply(
        f"Restored: {headline(event, event.targets)}",
        f"{number(told, 'chat')} read it as before, with a reply that says so. Articles join it again.",
        event=event.key,
    )


def _already(event: Event) -> Reply:
    """There is nothing to take back as a whole: what there is, and how."""
    if event.withdrawn:
        return reply(
            "It is withdrawn already", f"To take that back: {cmd(f'event {event.key} restore')}", event=event.key
        )
    gone = tuple(one.target for one in event.withdrawn_targets)
    if not gone:
        return reply("Nothing of it is withdrawn", event=event.key)
    return reply(
        f"Withdrawn from it: {names_of(gone)}",
        f"The event as a whole holds. To bring a name back: {cmd(f'event {event.key} restore NAME')}",
        actions=_restorers(event),
        event=event.key,
    )


def _corrected(
    event: Event, verb: str, part: EventTarget | None, reason: str, by: str, now: datetime
) -> tuple[Event, Correction]:
    if part is None:
        return withdraw_all(event, reason, by, now) if verb == "withdraw" else restore_all(event, by, now)
    if verb == "withdraw":
        return withdraw_target(event, part.entity, reason, by, now)
    return restore_target(event, part.entity, by, now)


def _told_restorable(event: Event, words: str) -> str:
    gone = tuple(one.target for one in event.withdrawn_targets)
    those = f"Withdrawn from it: {names_of(gone)}." if gone else "None of its names was withdrawn."
    return f"Event {event.key} has no withdrawn name “{shortened(words, 60)}”. {those}"


def _ask_why(event: Event, part: EventTarget | None) -> Reply:
    """Readers are told that it no longer holds: they will want to know why."""
    key, is_one_of_many = event.key, part is None and len(event.targets) > 1
    colon = ":" if is_one_of_many else f" {part.caption}:" if part else ""
    name = f" {mark_of(part.entity)}" if part else ""
    form = f"event {key} withdraw{colon}"
    return reply(
        f"Withdraw {part.caption if part else headline(event, event.targets)}: why?",
        f"Its message is struck through, and a reply there tells your reason: {cmd(f'{form} WHY')}",
        f"Of one name alone: {cmd(f'event {key} withdraw NAME: WHY')}" if is_one_of_many else "",
        f"Without a reason: {cmd(f'{form} {_SURE}')}",
        actions=[button("Withdraw without a reason", f"event {key} withdraw{name}: {_SURE}")],
        event=key,
    )


def _says(reason: str) -> str:
    return "says why" if reason else "says so"


def _told_part(event: Event, verb: str, part: EventTarget, told: int, reason: str) -> Reply:
    mark = mark_of(part.entity)
    if verb == "withdraw":
        return reply(
            f"Withdrawn: {part.caption}",
            f"It is struck through in {number(told, 'chat')}, and a reply there {_says(reason)}. The rest of the event "
            f"holds: {headline(event, event.targets)}. No article brings the name back into it: an official list's "
            "entry does, and another text on the name alone raises an alert of its own.",
            actions=[button("Undo", f"event {event.key} restore {mark}")],
            event=event.key,
        )
    return reply(
        f"Restored: {part.caption}",
        f"{number(told, 'chat')} read it as before, with a reply that says so: {headline(event, event.targets)}.",
        event=event.key,
    )
