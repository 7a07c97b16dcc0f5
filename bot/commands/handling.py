"""ack: somebody handles an alert, and everybody in the chat sees who and since when."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from bot.alerts import headline, told_handling
from bot.commands.asking import Ask, button, cmd, reply
from bot.commands.correcting import load_event
from bot.commands.seeing import load_seen
from bot.counted import number, shortened
from bot.errors import CommandError
from bot.model import Acknowledgement, ChatKey, Event, Reply, is_notice_mark
from bot.ports import Records
from bot.rights import Right, is_same
from bot.visibility import find_standing

GRAMMAR = "ack EVENT [undo]"
_UNDO = frozenset({"undo", "no", "back"})


def acknowledge(ask: Ask) -> Reply:
    key, _, rest = " ".join(ask.words.split()).partition(" ")
    if not key:
        raise CommandError(f"Which alert? Press its button, or send: {cmd(GRAMMAR)}. The newest: {cmd('latest')}")
    is_undo = rest.casefold() in _UNDO
    if is_notice_mark(key):  # of a batch or a digest, as in its button
        return _undo_all(ask, key) if is_undo else _acknowledge_all(ask, key)
    return _undo(ask, key) if is_undo else _acknowledge(ask, key)


def _acknowledge(ask: Ask, key: str) -> Reply:
    with ask.store.writing() as records:
        event = _load_standing(ask, records, load_event(ask, records, key))
        chats = _chats(ask, records, event)
        standing = records.acknowledgement(event.key, chats[0])
        title = "Acknowledged already" if standing else "Acknowledged"
        standing = standing or _say(ask, records, event, chats)
    title = f"{title}: {shortened(headline(event, event.targets), 120)}"
    undo = f"ack {event.key} undo"
    answer = reply(title, told_handling(standing, ask.zone), actions=[button("Undo", undo)], event=event.key)
    toast = f"{shortened(title, 110)}. {told_handling(standing, ask.zone)} Undo: {cmd(undo)}"
    return replace(answer, toast=toast, changed=event.key, changed_in=chats[1:])


def _say(ask: Ask, records: Records, event: Event, chats: Sequence[ChatKey]) -> Acknowledgement:
    said = [Acknowledgement(event.key, chat, ask.request.user, ask.now) for chat in chats]
    for one in said:
        records.acknowledge(one)
    ask.audit(records, "ack", after=f"{event.key} in {', '.join(map(str, chats))}")
    return said[0]


def _undo(ask: Ask, key: str) -> Reply:
    with ask.store.writing() as records:
        event = _load_standing(ask, records, load_event(ask, records, key))
        chats = _chats(ask, records, event)
        standing = records.acknowledgement(event.key, chats[0])
        if standing is None:
            raise CommandError(f"Nobody here has acknowledged event {event.key}. To do so: {cmd(f'ack {event.key}')}")
        _take_back(ask, records, standing, chats)
    title = f"Not handled (any more): {shortened(headline(event, event.targets), 120)}"
    answer = reply(title, actions=[button("Acknowledge", f"ack {event.key}")], event=event.key)
    return replace(answer, toast=f"{title}.", changed=event.key, changed_in=chats[1:])


def _take_back(ask: Ask, records: Records, standing: Acknowledgement, chats: Sequence[ChatKey]) -> None:
    if not is_same(standing.by, ask.request.user):
        ask.require(records, Right.SUBSCRIBE, "take back what another acknowledged", ask.here)
    for chat in chats:
        records.undo_acknowledgement(standing.event, chat)
        if ask.services.put_escalation:
            ask.services.put_escalation(records, standing.event, chat)
    ask.audit(records, "ack undo", before=f"{standing.event} by {standing.by}")


def _load_standing(ask: Ask, records: Records, event: Event) -> Event:
    """The event that tells of it since, where it proved to be the same act as one opened before."""
    standing = find_standing(records, event.key) if event.told_as else None
    return (load_seen(ask, records, standing.key) if standing else None) or event


def _chats(ask: Ask, records: Records, event: Event) -> tuple[ChatKey, ...]:
    """This chat, those whose alert was escalated to it, and those to which its own was. Raises CommandError if it knows
    nothing of the event."""
    here, notices = ask.request.chat.key, records.notices_on(event.key)
    from_here = {one.chat for one in notices if one.origin == here}
    to_here = {one.origin for one in notices if one.chat == here and one.origin}
    escalating = [one.chat for one in records.all_routes() if one.escalation and one.escalation.to == here]
    to_here |= {chat for chat in escalating if records.sent_alert(event.key, chat)}
    held = {one.chat for one in records.held_alerts(event.key)}.intersection(escalating)  # told there later
    others = sorted((from_here | to_here | held) - {here}, key=str)
    is_told = here in records.chats_told(event.key) or any(one.chat == here for one in notices)
    if not (is_told or to_here or here in records.chats_told_otherwise(event.key)):
        raise CommandError(f"This chat was not told of event {event.key}: there is nothing to acknowledge here.")
    return (here, *others)


# ---------------------------------------------------------------- several that came in one message


def _acknowledge_all(ask: Ask, mark: str) -> Reply:
    """Those of one message that nobody handles yet."""
    with ask.store.writing() as records:
        events = _events_of(ask, records, mark)
        here = ask.request.chat.key
        fresh = [event for event in events if not records.acknowledgement(event.key, here)]
        chats = {event.key: _chats(ask, records, event) for event in fresh}
        for event in fresh:
            _say(ask, records, event, chats[event.key])
    title = f"Acknowledged: {number(len(fresh), 'alert')}" if fresh else "All of them were acknowledged before"
    undo = f"ack {mark} undo"
    answer = reply(
        title,
        "Everybody here sees that you handle them." if fresh else "",
        bullets=[headline(event, event.targets) for event in fresh],
        actions=[button("Undo", undo)],
    )
    return _with_changes(replace(answer, toast=f"{title}. Undo: {cmd(undo)}"), events, chats)


def _undo_all(ask: Ask, mark: str) -> Reply:
    with ask.store.writing() as records:
        events = _events_of(ask, records, mark)
        here = ask.request.chat.key
        said = [(event, records.acknowledgement(event.key, here)) for event in events]
        chats = {event.key: _chats(ask, records, event) for event, one in said if one}
        for event, one in said:
            if one:
                _take_back(ask, records, one, chats[event.key])
    title = f"Not handled (any more): {number(len(chats), 'alert')}"
    answer = reply(title, actions=[button("Acknowledge all", f"ack {mark}")])
    return _with_changes(replace(answer, toast=f"{title}."), events, chats)


def _events_of(ask: Ask, records: Records, mark: str) -> list[Event]:
    """Raises CommandError."""
    notice = records.notice_marked(mark.casefold(), ask.request.chat.key)
    told = [event for key in notice.events if (event := load_seen(ask, records, key))] if notice else []
    events = list({event.key: event for one in told if (event := _load_standing(ask, records, one))}.values())
    if not events:
        raise CommandError(f"No message {shortened(mark, 20)} with alerts is kept of this chat. Send: {cmd(GRAMMAR)}")
    return events


def _with_changes(answer: Reply, events: Sequence[Event], chats: Mapping[str, Sequence[ChatKey]]) -> Reply:
    first, *more = [event.key for event in events]
    others = sorted({chat for some in chats.values() for chat in some[1:]}, key=str)
    return replace(answer, changed=first, changed_with=tuple(more), changed_in=tuple(others))
