"""notmine and mutes: somebody else of the same name, who is not to raise a tracked name again. Every answer restates
what holds, where, and how it ends."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from bot.commands.asking import Ask, button, by_key, cmd, reply
from bot.commands.correcting import find_article_of, find_targets, load_event, mark_of, own_feedback, save_label
from bot.commands.mute import mute_line, read_length, undo_mute
from bot.commands.phrases import chat_name, known_chats
from bot.commands.seeing import offer_latest
from bot.counted import joined, number, shortened
from bot.errors import CommandError, NotAllowedError
from bot.matching.lookalikes import SHARED_AROUND, SHARED_BESIDE, can_recur, find_held, find_likeness, told_who
from bot.model import Chat, ChatKey, Entity, Event, EventTarget, Feedback, Likeness, LookAlike, Mute, Reply, Verdict
from bot.ports import Records
from bot.rights import Right
from bot.visibility import load_hidden
from bot.zones import told_day, told_moment

GRAMMAR = "notmine EVENT [NAME] [; WHO IT IS] [everywhere] [for 90d]"
_EVERYWHERE = "everywhere"
_END = re.compile(
    r"(?:^|\s)(?:(?P<everywhere>everywhere)|for\s+(?P<span>\d{1,4}\s*(?:m|min|minutes|h|hours?|d|days?|w|weeks?))"
    r"|until\s+undone|for\s+ever)\Z",
    re.I,
)
_LISTED, _CHOICES, _AROUND = 30, 8, 8


@dataclass(frozen=True, slots=True)
class Wish:
    """What the words ask for: whose look-alike, who that is, whether in every chat, and for how long: "90d", "ever", ""
    if they do not say."""

    name: str
    known_as: tuple[str, ...]
    everywhere: bool
    span: str = ""


def read_wish(words: str) -> Wish:
    """'Fortuna; Fortuna Mining everywhere for 90d' -> Wish('Fortuna', ('Fortuna Mining',), True, '90d')."""
    everywhere, span = False, ""
    while said := _END.search(words):
        words = words[: said.start()]
        everywhere |= bool(said["everywhere"])
        span = said["span"] or (span if said["everywhere"] else "ever")
    name, *known_as = " ".join(words.split()).split(";")
    return Wish(name.strip(), tuple(filter(None, map(str.strip, known_as))), everywhere, span)


# ---------------------------------------------------------------- notmine


def notmine(ask: Ask) -> Reply:
    key, _, rest = " ".join(ask.words.split()).partition(" ")
    if not key:
        return offer_latest(ask, f"Of which alert? Send: {cmd(GRAMMAR)}", "notmine")
    wish = read_wish(rest)
    with ask.store.writing() as records:
        event = load_event(ask, records, key)
        targets = find_targets(event, wish.name)
        if len(targets) > 1:
            return _ask_whose(event)
        try:
            _require_rights(ask, records, wish.everywhere)
        except NotAllowedError as refusal:
            return _only_noted(ask, records, event, targets[0], refusal)
        look_alike = _new_look_alike(ask, records, event, targets[0], wish)
        standing = _standing(records, look_alike)
        is_known = bool(standing) and not (wish.known_as or wish.span or standing[0].is_over(ask.now))
        if standing and not wish.known_as:  # said otherwise is only for how long
            look_alike = replace(look_alike, likeness=standing[0].likeness)
        look_alike = replace(look_alike, until=standing[0].until) if is_known else look_alike
        number = standing[0].id if is_known else _save(ask, records, look_alike, standing)
        if not is_known or targets[0].entity not in own_feedback(ask, records, event):
            save_label(ask, records, event, targets[0], Verdict.ABSENT)
        is_admin = ask.is_admin(records)
    return _noted(ask, event, targets[0], replace(look_alike, id=number), is_admin=is_admin, is_known=is_known)


def _only_noted(ask: Ask, records: Records, event: Event, target: EventTarget, refusal: NotAllowedError) -> Reply:
    """Who may not mute may still say so."""
    before = own_feedback(ask, records, event).get(target.entity)
    is_known = before is not None and before.label is Verdict.ABSENT
    if not is_known:
        save_label(ask, records, event, target, Verdict.ABSENT)
    title = f"Noted, but not muted: not {target.caption}"
    undo = cmd(f"feedback {event.key} undo {mark_of(target.entity)}")
    answer = reply(title, str(refusal), footer=f"To take it back: {undo}", event=event.key)
    toast = f"{shortened(title, 90)}. An administrator of this chat may mute it. Undo: {undo}"
    return replace(answer, toast=toast, changed="" if is_known else event.key)


def _ask_whose(event: Event) -> Reply:
    shown = event.targets[:_CHOICES]
    buttons = [
        button(shortened(target.caption, 40), f"notmine {event.key} {mark_of(target.entity)}") for target in shown
    ]
    return reply(
        "Which of them is not yours?",
        "Or send its name: " + cmd(f"notmine {event.key} NAME"),
        bullets=[f"{target.caption}, written “{target.surface}”" for target in shown],
        actions=buttons,
        ok=False,
        event=event.key,
    )


def _require_rights(ask: Ask, records: Records, everywhere: bool) -> None:
    if everywhere:
        ask.require(records, Right.MUTE_EVERYWHERE)
    else:
        ask.require(records, Right.MUTE, "", ask.here)


def _new_look_alike(ask: Ask, records: Records, event: Event, target: EventTarget, wish: Wish) -> LookAlike:
    chat = None if wish.everywhere else ask.request.chat.key
    likeness = _likeness(records, event, target, wish.known_as)
    until = ask.now + read_length(wish.span, GRAMMAR) if wish.span not in ("", "ever") else None
    return LookAlike(target.entity, likeness, event.key, ask.request.user, ask.now, chat, until=until)


def _likeness(records: Records, event: Event, target: EventTarget, known_as: tuple[str, ...]) -> Likeness:
    record, entity = find_article_of(records, event, target), records.entity(target.entity)
    findings = record.judgement.findings if record and record.judgement else ()
    mentions = next((finding.mentions for finding in findings if finding.entity == target.entity), ())
    if record and entity and mentions:
        return find_likeness(record.article, mentions, entity, known_as)
    article = record.article.key if record else ""
    return Likeness((target.surface or target.caption,), known_as, article=article)


def _standing(records: Records, new: LookAlike) -> tuple[LookAlike, ...]:
    """The same, said before."""
    same = (new.event, new.chat)
    return tuple(one for one in records.look_alikes([new.entity]) if (one.event, one.chat) == same)


def _save(ask: Ask, records: Records, look_alike: LookAlike, replaced: Sequence[LookAlike]) -> int:
    for one in replaced:
        records.undo_look_alike(one.id, ask.who, ask.now)
    number = records.add_look_alike(look_alike)
    before = ", ".join(str(one.id) for one in replaced)
    ask.audit(records, "notmine", before, _logged(replace(look_alike, id=number)))
    return number


def _logged(look_alike: LookAlike) -> str:
    """'3: another “Fortuna” (Fortuna Mining), not fth, telegram:-5 until 1 Aug 2026, 15:00 UTC, known by: silver'"""
    likeness = look_alike.likeness
    where = f"{look_alike.chat or _EVERYWHERE}{_until(look_alike)}"
    words = ", ".join((*likeness.words, *likeness.around))
    known = f", known by: {words}" if words else ""
    return f"{look_alike.id}: {told_who(look_alike)}, not {look_alike.entity}, {where}{known}"


def _until(look_alike: LookAlike, zone: str = "") -> str:
    """' until 1 Aug 2026, 15:00 UTC'; "" without an end."""
    return f" until {told_moment(look_alike.until, zone)}" if look_alike.until else ""


def _noted(
    ask: Ask, event: Event, target: EventTarget, look_alike: LookAlike, *, is_admin: bool, is_known: bool
) -> Reply:
    who, where = told_who(look_alike), "No chat is" if look_alike.chat is None else "This chat is not"
    end = _until(look_alike, ask.zone)
    holds = f"{where} told of {who} as {target.caption} again{end}{', and from then on as before' if end else ''}."
    undo = f"mutes undo {look_alike.id}"
    is_thin = not can_recur(look_alike.likeness)
    holds = f"“{target.surface}” in this article is not {target.caption}." if is_thin else holds
    anew = f"notmine {event.key} {mark_of(target.entity)}"
    place = "" if look_alike.chat else f" {_EVERYWHERE}"
    widen = is_admin and look_alike.chat is not None and not end
    title = f"Noted{' already' if is_known else ''}: not {target.caption}"
    answer = reply(
        title,
        holds,
        *_known_by(event, target, look_alike, is_thin=is_thin),
        footer=f"To take it back: {cmd(undo)}. All of them: {cmd('mutes')}",
        actions=[
            button("Undo", undo),
            button("Until undone", f"{anew}{place} until undone") if end else None,
            button("Only for 90 days", f"{anew}{place} for 90d") if not end else None,
            button("In every chat", f"{anew} {_EVERYWHERE}") if widen else None,
        ],
        event=event.key,
    )
    toast = f"{shortened(title, 70)}. {shortened(holds, 90)} Undo: {cmd(undo)}"
    return replace(answer, toast=toast, changed="" if is_known else event.key)


def _known_by(event: Event, target: EventTarget, look_alike: LookAlike, *, is_thin: bool) -> tuple[str, ...]:
    """What it is known again by, or what to send where nothing tells the two apart."""
    if is_thin:
        how = cmd(f"notmine {event.key} {target.caption}; FULL NAME OF THE OTHER")
        return (
            "Nothing in the article tells the two apart, so the next article on the other one would be told again.",
            f"To have it known again, say who it is: {how}",
        )
    marks = _marks(look_alike.likeness)
    return (
        f"It is known again {joined(marks, 'or')}.",
        f"Under a fuller name than “{look_alike.likeness.called[0]}”, or described otherwise, {target.caption} is told "
        "as before.",
    )


def _marks(likeness: Likeness) -> list[str]:
    """'by the name “Fortuna Mining”', 'by two of these words beside the name: peruvian, miner' …"""
    marks = []
    if likeness.longer:
        marks.append(f"by the name {joined((f'“{name}”' for name in likeness.longer), 'or')}")
    if len(likeness.words) >= SHARED_BESIDE:
        marks.append(f"by two of these words beside the name: {', '.join(likeness.words)}")
    around = (*likeness.words, *likeness.around)
    if likeness.around and len(around) >= SHARED_AROUND:
        more = " …" if len(around) > _AROUND else ""
        marks.append(f"by three of these in its paragraph: {', '.join(around[:_AROUND])}{more}")
    return marks


# ---------------------------------------------------------------- mutes


def mutes(ask: Ask) -> Reply:
    verb, rest = ask.first_word()
    match verb:
        case "":
            return _list(ask, everywhere=False)
        case "all":
            return _list(ask, everywhere=True)
        case "undo" | "remove" | "delete":
            return _undo(ask, rest)
        case _:
            raise CommandError(f"Send one of: {cmd('mutes')} · {cmd('mutes undo N')} · {cmd('mutes all')} (admins)")


def _list(ask: Ask, *, everywhere: bool) -> Reply:
    place = ask.request.chat.key
    with ask.store.reading() as records:
        if everywhere:
            ask.require_admin(records, "see the mutes of all chats")
        found = [one for one in records.look_alikes() if everywhere or one.chat in (None, place)]
        found = [one for one in found if not one.is_over(ask.now)]
        hidden = load_hidden(records, place, {one.entity for one in found}) if not everywhere else frozenset()
        found = [one for one in found if one.entity not in hidden]
        timed = records.mutes(ask.now, None if everywhere else [place])
        entities = by_key(records.entities_of({one.entity for one in found}))
        chats = known_chats(records)
    if not found and not timed:
        return reply(
            "Nothing is muted" + (" in any chat" if everywhere else " here"),
            "To mute an event, a name or a source for a while, press “Mute …” below an alert, or send: "
            + cmd("mute NAME 24h"),
            f"To mute somebody else of the same name, press “Not my entity” below an alert, or send: {cmd(GRAMMAR)}",
        )
    shown, for_now = found[-_LISTED:], timed[-_LISTED:]
    counts = [number(len(timed), "mute")] if timed else []
    counts += [f"{number(len(found), 'look-alike')} muted"] if found else []
    more = len(found) - len(shown) + len(timed) - len(for_now)
    buttons = [button(f"Undo m{one.id}", f"mutes undo m{one.id}") for one in reversed(for_now[-_CHOICES // 2 :])]
    buttons += [button(f"Undo {one.id}", f"mutes undo {one.id}") for one in reversed(shown[-_CHOICES:])]
    return reply(
        f"{joined(counts)}" + (" in all" if everywhere else " here"),
        "Of look-alikes, who they are not is still told, under a fuller name or in another context." if found else "",
        bullets=[
            *(mute_line(ask, one, chats) for one in reversed(for_now)),
            *(_line(ask, one, entities, chats) for one in reversed(shown)),
        ],
        footer=f"To take one back: {cmd('mutes undo N')}"
        + (f". {number(more, 'older one')} not shown." if more else ""),
        actions=buttons[:_CHOICES],
    )


def _line(ask: Ask, look_alike: LookAlike, entities: Mapping[str, Entity], chats: Mapping[ChatKey, Chat]) -> str:
    """'3: another “Fortuna” (Fortuna Mining), not Fortuna Trading House LLC · here until 1 Aug 2026, 15:00 UTC · Ana, 3
    May 2026'"""
    entity = entities.get(look_alike.entity)
    caption = entity.caption if entity else f"{look_alike.entity} (no longer tracked)"
    if look_alike.chat is None:
        where = "in every chat"
    else:
        where = "here" if look_alike.chat == ask.request.chat.key else chat_name(look_alike.chat, chats)
    by = look_alike.by.called
    where += _until(look_alike, ask.zone)
    return (
        f"{look_alike.id}: {told_who(look_alike)}, not {caption} · {where} · {by}, {told_day(look_alike.at, ask.zone)}"
    )


def _undo(ask: Ask, words: str) -> Reply:
    wanted = words.strip().removeprefix("#")
    if timed := re.fullmatch(r"m(\d{1,9})(?:\s+back\s+to\s+m(\d{1,9}))?", wanted, re.ASCII | re.IGNORECASE):
        return undo_mute(ask, int(timed[1]), int(timed[2]) if timed[2] else None)
    if not (wanted.isascii() and wanted.isdigit() and len(wanted) < 10):
        one_by_one = "One at a time, please. " if wanted.casefold() == "all" else ""
        raise CommandError(f"{one_by_one}Which? Send: {cmd('mutes undo N')}, with a number as {cmd('mutes')} shows it")
    with ask.store.writing() as records:
        found = next((one for one in records.look_alikes() if one.id == int(wanted)), None)
        if found is None or not _may_see(ask, records, found):
            is_timed = _stands_here(ask, records.mute(int(wanted)))
            meant = f" Or is it m{wanted}? {cmd(f'mutes undo m{wanted}')}." if is_timed else ""
            raise CommandError(f"There is no mute {wanted} here (any more).{meant} See those there are: {cmd('mutes')}")
        _require_rights(ask, records, everywhere=found.chat is None)
        records.undo_look_alike(found.id, ask.who, ask.now)
        taken = _take_label_back(ask, records, found)
        ask.audit(records, "mutes undo", before=_logged(found))
        for said in taken:
            ask.audit(records, "feedback undo", before=f"{said.event} {said.entity} {said.label}")
        entity = records.entity(found.entity)
        others = _still_holding(ask, records, found, entity)
        chats = known_chats(records) if others else {}
    caption = entity.caption if entity else found.entity
    is_held = any(one.chat in (None, found.chat) for one in others)
    told = "is still held back" if is_held else f"is told as {caption} again"
    title = f"Taken back{', but' if is_held else ':'} {told_who(found)} {told}"
    answer = reply(
        title,
        f"{found.by.called} said on {told_day(found.at, ask.zone)} that it is somebody else; "
        "that no longer counts, neither here nor in what is exported.",
        ("Another holds it back, and has to be taken back too:" if is_held else "Elsewhere another holds it back:")
        if others
        else "",
        bullets=[_line(ask, one, by_key([entity] if entity else []), chats) for one in others],
        actions=[
            *(button(f"Undo {one.id}", f"mutes undo {one.id}") for one in others),
            button("Mute it again", f"notmine {found.event} {mark_of(found.entity)}") if not is_held else None,
        ],
        event=found.event,
    )
    return replace(answer, toast=f"{shortened(title, 150)}.", changed=found.event)


def _still_holding(ask: Ask, records: Records, undone: LookAlike, entity: Entity | None) -> list[LookAlike]:
    """Others that hold back, where the undone one held, what that was said of."""
    event = records.event(undone.event)
    if event is None or entity is None:
        return []
    articles = [record for source in event.sources if (record := records.article(source.article))]

    def holds(one: LookAlike) -> bool:
        if not articles:  # forgotten by now
            return one.event == undone.event
        return bool(find_held([replace(one, until=None)], event, articles, {entity.key: entity}))

    near = [
        one for one in records.look_alikes([undone.entity]) if undone.chat is None or one.chat in (None, undone.chat)
    ]
    return [one for one in near if not one.is_over(ask.now) and holds(one)]


def _stands_here(ask: Ask, one: Mute | None) -> bool:
    return one is not None and not one.undone_at and one.chat == ask.request.chat.key


def _may_see(ask: Ask, records: Records, look_alike: LookAlike) -> bool:
    return look_alike.chat in (None, ask.request.chat.key) or ask.is_admin(records)


def _take_label_back(ask: Ask, records: Records, look_alike: LookAlike) -> tuple[Feedback, ...]:
    """Who muted it also said that the article is about somebody else: both go."""
    taken = tuple(
        said
        for said in records.feedback_of(look_alike.event)
        if said.entity == look_alike.entity and said.label is Verdict.ABSENT and str(said.user) == str(look_alike.by)
    )
    for said in taken:
        records.undo_feedback(said, ask.who, ask.now)
    return taken
