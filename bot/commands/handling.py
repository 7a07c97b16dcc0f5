"""ack: somebody handles an alert, and everybody in the chat sees who and since when."""

from __future__ import annotations

from dataclasses import replace

from bot.alerts import headline, told_handling
from bot.commands.asking import Ask, button, cmd, reply
from bot.commands.correcting import load_event
from bot.commands.phrases import shortened
from bot.errors import CommandError
from bot.model import Acknowledgement, ChatKey, Event, Reply
from bot.ports import Records
from bot.rights import Right, is_same

GRAMMAR = "ack EVENT [undo]"
_UNDO = frozenset({"undo", "no", "back"})


def acknowledge(ask: Ask) -> Reply:
    key, _, rest = " ".join(ask.words.split()).partition(" ")
    if not key:
        raise CommandError(f"Which alert? Press its button, or send: {cmd(GRAMMAR)}. The newest: {cmd('latest')}")
    if rest.casefold() in _UNDO:
        return _undo(ask, key)
    with ask.store.writing() as records:
        event = load_event(ask, records, key)
        chats = _chats(ask, records, event)
        standing = records.acknowledgement(event.key, chats[0])
        if standing is None:
            said = [Acknowledgement(event.key, chat, ask.request.user, ask.now) for chat in chats]
            for one in said:
                records.acknowledge(one)
            ask.audit(records, "ack", after=f"{event.key} in {', '.join(map(str, chats))}")
            standing = said[0]
            title = "Acknowledged"
        else:
            title = "Acknowledged already"
    title = f"{title}: {shortened(headline(event, event.targets), 120)}"
    undo = f"ack {event.key} undo"
    answer = reply(title, told_handling(standing), actions=[button("Undo", undo)], event=event.key)
    toast = f"{shortened(title, 110)}. {told_handling(standing)} Undo: {cmd(undo)}"
    return replace(answer, toast=toast, changed=event.key, changed_in=chats[1:])


def _undo(ask: Ask, key: str) -> Reply:
    with ask.store.writing() as records:
        event = load_event(ask, records, key)
        chats = _chats(ask, records, event)
        standing = records.acknowledgement(event.key, chats[0])
        if standing is None:
            raise CommandError(f"Nobody here has acknowledged event {event.key}. To do so: {cmd(f'ack {event.key}')}")
        if not is_same(standing.by, ask.request.user):
            ask.require(records, Right.SUBSCRIBE, "take back what another acknowledged", ask.here)
        for chat in chats:
            records.undo_acknowledgement(event.key, chat)
        ask.audit(records, "ack undo", before=f"{event.key} by {standing.by}")
    title = f"Not handled (any more): {shortened(headline(event, event.targets), 120)}"
    answer = reply(title, actions=[button("Acknowledge", f"ack {event.key}")], event=event.key)
    return replace(answer, toast=f"{title}.", changed=event.key, changed_in=chats[1:])


def _chats(ask: Ask, records: Records, event: Event) -> tuple[ChatKey, ...]:
    """This chat, and those whose alert was escalated to it. Raises CommandError if it knows nothing of the event."""
    here = ask.request.chat.key
    escalating = [one.chat for one in records.all_routes() if one.escalation and one.escalation.to == here]
    others = tuple(chat for chat in escalating if records.sent_alert(event.key, chat))
    is_told = here in records.chats_told(event.key) or here in records.chats_told_otherwise(event.key)
    if not (is_told or others):
        raise CommandError(f"This chat was not told of event {event.key}: there is nothing to acknowledge here.")
    return (here, *others)
