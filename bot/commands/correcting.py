"""feedback: what people say of the bot's verdicts. It is kept as labelled examples; no alert changes by it."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from bot.alerts import LABELS, told_sayings
from bot.commands.asking import Ask, button, cmd, reply
from bot.commands.seeing import load_seen, offer_latest
from bot.counted import joined, number, shortened, some_of
from bot.errors import CommandError
from bot.model import Action, Event, EventTarget, Feedback, Reply, Sample, Verdict
from bot.ports import ArticleRecord, Records
from bot.text.folding import fold_key

GRAMMAR = "feedback EVENT right|wrong|KIND [NAME]"
_RIGHT = frozenset("right correct confirm confirmed yes ok true relevant good".split())
_WRONG = frozenset("wrong irrelevant no false noise not-relevant".split())
_UNDO = frozenset("undo withdraw back".split())
_ASK = frozenset("ask what kind".split())
_KINDS = {
    Verdict.NEW_SANCTIONS: "new new_sanctions sanctioned",
    Verdict.BACKGROUND: "background before earlier old",
    Verdict.POSSIBLE: "possible proposed threatened",
    Verdict.BYSTANDER: "bystander mentioned",
    Verdict.RELIEF: "relief eased lifted delisted",
    Verdict.RENEWAL: "renewal renewed prolonged",
    Verdict.ENFORCEMENT: "enforcement fined charged",
    Verdict.UNRELATED: "unrelated",
}
_KIND_OF = {word: kind for kind, words in _KINDS.items() for word in words.split()}
_OTHERS = frozenset("absent namesake notmine other".split())
_NAMES = 3
_TOAST = 140  # characters of what comes of it that a popup holds beside its title


@dataclass(frozen=True, slots=True)
class Opinion:
    """What the words mean: a kind, or only that the bot was right or wrong."""

    is_right: bool
    kind: Verdict | None = None

    def label(self, event: Event, target: EventTarget) -> Verdict:
        """What the person says the verdict on a target should be. Only "wrong": what is most often meant by it."""
        if self.kind:
            return self.kind
        if self.is_right:
            return target.verdict
        is_doubt = event.review and target.verdict is not Verdict.NEW_SANCTIONS
        return Verdict.NEW_SANCTIONS if is_doubt else Verdict.BYSTANDER


def feedback(ask: Ask) -> Reply:
    if not ask.words:
        return offer_latest(ask, f"Of which alert? Send: {cmd(GRAMMAR)}", "feedback")
    key, _, rest = " ".join(ask.words.split()).partition(" ")
    word, name = _first_word(rest)
    if word in _UNDO:
        return _undo(ask, key, name)
    if not word or word in _ASK:
        return _question(ask, key, name)
    if word in _OTHERS:
        raise CommandError(f"If it is somebody else of that name, send: {cmd(f'notmine {key} NAME')}")
    return _say(ask, key, read_opinion(word), name)


def _first_word(words: str) -> tuple[str, str]:
    """'Not relevant Acme' -> ('not-relevant', 'Acme')."""
    if words.casefold().startswith(("not relevant", "not right")):
        return "not-relevant", " ".join(words.split()[2:])
    first, _, rest = words.partition(" ")
    return first.casefold().strip(",:;"), rest.strip()


def read_opinion(word: str) -> Opinion:
    """Raises CommandError that lists the words there are."""
    if word in _RIGHT:
        return Opinion(is_right=True)
    if word in _WRONG:
        return Opinion(is_right=False)
    if word in _KIND_OF:
        return Opinion(is_right=False, kind=_KIND_OF[word])
    kinds = ", ".join(f"{kind} ({LABELS[kind]})" for kind in _KINDS if kind is not Verdict.NEW_SANCTIONS)
    raise CommandError(f"“{shortened(word, 30)}” is none of: right, wrong, undo, or what the article says, {kinds}.")


# ---------------------------------------------------------------- which event, which of its names


def load_event(ask: Ask, records: Records, key: str) -> Event:
    """As the chat sees it. Raises CommandError."""
    event = load_seen(ask, records, key) or load_seen(ask, records, key.casefold().strip(".,:;"))
    if event is None:
        raise CommandError(f"There is no event “{shortened(key, 30)}”. See the newest with their keys: {cmd('latest')}")
    return event


def mark_of(entity: str) -> str:
    """An entity in a button, whose data is short: '#3f2a9c'. The same for ever."""
    return f"#{hashlib.sha256(entity.encode()).hexdigest()[:6]}"


def find_targets(event: Event, words: str) -> tuple[EventTarget, ...]:
    """The event's targets that are meant: all without words, else by mark, key or name. Raises CommandError."""
    if not words:
        return event.targets
    found = find_named(event.targets, words)
    if len(found) != 1:
        those = joined(target.caption for target in found or event.targets)
        raise CommandError(
            f"“{shortened(words, 60)}” may be {those}: write more of the name."
            if found
            else f"Event {event.key} is not about “{shortened(words, 60)}”. It is about {those}."
        )
    return tuple(found)


def find_named(targets: Sequence[EventTarget], words: str) -> tuple[EventTarget, ...]:
    """Those that the words may mean: by mark, key or whole name, else by a part of it that begins a word."""
    wanted = fold_key(words)
    exact = [t for t in targets if words in (t.entity, mark_of(t.entity)) or fold_key(t.caption) == wanted]
    partly = [t for t in targets if wanted and any(f" {wanted}" in f" {fold_key(n)}" for n in (t.caption, t.surface))]
    return tuple(exact or partly)


def names_of(targets: Sequence[EventTarget]) -> str:
    """'Gazprom Neft', 'A, B, C and 4 more'."""
    names = [target.caption for target in targets]
    return some_of(names, _NAMES) if len(names) > _NAMES else joined(names)


def find_article_of(records: Records, event: Event, target: EventTarget) -> ArticleRecord | None:
    """The article whose sentence decided on the target, as far as it is kept."""
    source = next((source for source in event.sources if source.url == target.url), None)
    return records.article(source.article) if source else None


def find_sample(records: Records, event: Event, target: EventTarget) -> Sample | None:
    """What the verdict was given on; None if the article or the entity is no longer kept."""
    record, entity = find_article_of(records, event, target), records.entity(target.entity)
    if record is None or record.judgement is None or entity is None:
        return None
    finding = tuple(finding for finding in record.judgement.findings if finding.entity == target.entity)
    return Sample(record.article, replace(record.judgement, findings=finding), entity)


def own_feedback(ask: Ask, records: Records, event: Event) -> dict[str, Feedback]:
    """What the asker says of the event already, by entity."""
    return {one.entity: one for one in records.feedback_of(event.key) if str(one.user) == ask.who}


def here(ask: Ask, records: Records, event: Event) -> tuple[Feedback, ...]:
    """What people of this chat say of the event."""
    return tuple(one for one in records.feedback_of(event.key) if one.chat == ask.request.chat.key)


# ---------------------------------------------------------------- saying, and taking it back


def _say(ask: Ask, key: str, opinion: Opinion, name: str) -> Reply:
    with ask.store.writing() as records:
        records.lock_events()  # what is confirmed is placed among them
        event = load_event(ask, records, key)
        targets = find_targets(event, name)
        before = own_feedback(ask, records, event)
        labels = {target.entity: opinion.label(event, target) for target in targets}
        told = _confirm(ask, records, event, targets, opinion)
        is_known = all(one in before and before[one].label is label for one, label in labels.items())
        if not is_known:
            for target in targets:
                save_label(ask, records, event, target, labels[target.entity])
        muted = _is_muted(ask, records, event, targets)
    answer = _noted(event, targets, labels, name, is_known=is_known, told=told)
    still = f"It is still muted here, as somebody else of the same name. To end that: {cmd('mutes')}"
    paragraphs = (*answer.message.paragraphs, *([still] if muted else []))
    return replace(answer, message=replace(answer.message, paragraphs=paragraphs))


def _confirm(ask: Ask, records: Records, event: Event, targets: Sequence[EventTarget], opinion: Opinion) -> str:
    """What comes of an opinion on a question of the review chat: who says there that it is new has it told to all."""
    if not event.review or Verdict.NEW_SANCTIONS not in {opinion.label(event, target) for target in targets}:
        return ""
    stored = records.event(event.key) or event
    if stored.told_as:
        return f"An alert has told of it already: event {stored.told_as}."
    put = ask.services.put_confirmed
    if put is None or ask.request.chat.key not in records.chats_told(event.key):
        return "It is told as an alert when somebody confirms it in the review chat."
    if opinion.kind is not Verdict.NEW_SANCTIONS:  # "wrong" may mean the question as well as the judgement
        return f"Nobody is told of it so far. If it is new, send: {cmd(f'feedback {event.key} new')}"
    by, names = ask.request.user.called, frozenset(target.entity for target in targets)
    alert = put(records, stored, names, by)
    if alert is None:
        return "No alert comes of it: its article is no longer kept, or only repeats what was withdrawn."
    ask.audit(records, "review confirmed", before=event.key, after=alert.key)
    back = cmd(f"event {alert.key} withdraw WHY")
    return f"Told as an alert now: event {alert.key}. To take that back, an admin sends: {back}"


def _is_muted(ask: Ask, records: Records, event: Event, targets: Sequence[EventTarget]) -> bool:
    """Did somebody say here that one of them is somebody else in this event?"""
    look_alikes = records.look_alikes([target.entity for target in targets])
    return any(one.event == event.key and one.chat in (None, ask.request.chat.key) for one in look_alikes)


def save_label(ask: Ask, records: Records, event: Event, target: EventTarget, label: Verdict) -> None:
    user, chat = ask.request.user, ask.request.chat.key
    before = own_feedback(ask, records, event).get(target.entity)
    said = Feedback(user, event.key, target.entity, label, target.verdict, ask.now, chat)
    records.save_feedback(said, find_sample(records, event, target))
    ask.audit(
        records,
        "feedback",
        f"{event.key} {target.entity} {before.label}" if before else "",
        f"{event.key} {target.entity} {label}",
    )


def _all_of(count: int) -> str:
    return "both" if count == 2 else f"all {count}"


def _noted(
    event: Event,
    targets: Sequence[EventTarget],
    labels: Mapping[str, Verdict],
    name: str,
    *,
    is_known: bool,
    told: str = "",
) -> Reply:
    is_right = all(labels[target.entity] is target.verdict for target in targets)
    may_differ = not is_right or event.review  # "Not new" says what it is not: what was read instead is a guess
    title = f"Noted{' already' if is_known else ''}: " + ("right" if is_right else _title(labels, targets))
    kinds = joined(dict.fromkeys(LABELS[label] for label in labels.values()))
    stored = f"{names_of(targets)}: {kinds}."
    undo = f"feedback {event.key} undo" + (f" {mark_of(targets[0].entity)}" if name else "")
    only_some = (
        f"It holds for {_all_of(len(targets))} names. For one of them: {cmd(f'feedback {event.key} right NAME')}, "
        "or wrong."
        if len(targets) > 1
        else ""
    )
    unchanged = "" if told else " No alert changes."
    answer = reply(
        title,
        stored,
        only_some,
        "Is it something else? Say so below." if may_differ else "",
        told,
        f"Kept with your name, the time and the article, so that the bot can be scored by it.{unchanged}",
        "" if is_right or event.review else _told_withdrawing(event, targets),
        footer=f"To take it back: {cmd(undo)}",
        actions=[*(_kind_buttons(event, targets, name, labels) if may_differ else []), button("Undo", undo)],
        event=event.key,
    )
    other = "" if is_right else " Something else? See the alert's new button."
    toast = f"{title}. {shortened(stored, 80)}{other} Undo: {cmd(undo)}"
    toast = f"{title}. {told}" if told and len(told) < _TOAST else toast
    return replace(answer, toast=toast, changed="" if is_known else event.key)


def _told_withdrawing(event: Event, targets: Sequence[EventTarget]) -> str:
    """What takes it out of the alert, or the alert back."""
    if len(targets) == 1 and len(event.targets) > 1:
        step = cmd(f"event {event.key} withdraw {targets[0].caption}: WHY")
        return f"To take {targets[0].caption} out of the alert, for all who have it, an admin sends: {step}"
    whole = f"To take the alert back, an admin sends: {cmd(f'event {event.key} withdraw WHY')}"
    one = cmd(f"event {event.key} withdraw NAME: WHY")
    return whole if len(event.targets) == 1 else f"{whole}, or for one name: {one}"


def _title(labels: Mapping[str, Verdict], targets: Sequence[EventTarget]) -> str:
    is_alert = any(target.verdict is Verdict.NEW_SANCTIONS for target in targets)
    kinds = joined(dict.fromkeys(LABELS[label] for label in labels.values()))
    return "not relevant" if is_alert and Verdict.NEW_SANCTIONS not in labels.values() else kinds


def _kind_buttons(
    event: Event, targets: Sequence[EventTarget], name: str, labels: Mapping[str, Verdict] | None = None
) -> list[Action | None]:
    """What it is instead, the most frequent first, without what was said."""
    mark = f" {mark_of(targets[0].entity)}" if name and len(targets) == 1 else ""
    said = set(labels.values()) if labels else set()
    given = {target.verdict for target in targets}
    kinds = [kind for kind in _KINDS if kind not in said and not (kind is Verdict.NEW_SANCTIONS and kind in given)]
    return [
        *(button(LABELS[kind].capitalize(), f"feedback {event.key} {kind}{mark}") for kind in kinds),
        button("Not my entity", f"notmine {event.key}{mark}"),
    ]


def _undo(ask: Ask, key: str, name: str) -> Reply:
    with ask.store.writing() as records:
        event = load_event(ask, records, key)
        targets = find_targets(event, name)
        mine = own_feedback(ask, records, event)
        taken = [mine[target.entity] for target in targets if target.entity in mine]
        if not taken:
            raise CommandError(f"You have said nothing of event {event.key} that could be taken back.")
        for one in taken:
            records.undo_feedback(one, ask.who, ask.now)
            ask.audit(records, "feedback undo", before=f"{event.key} {one.entity} {one.label}")
        muted = _is_muted(ask, records, event, targets)
    captions = [target.caption for target in targets if target.entity in mine]
    title = f"Taken back: what you said of {shortened(joined(captions), 80)}"
    still = f"The look-alike stays muted here: see {cmd('mutes')}" if muted else ""
    answer = reply(
        title,
        still,
        _told_standing(event),
        actions=[button("Right", f"feedback {event.key} right"), button("Not relevant", f"feedback {event.key} wrong")],
        event=event.key,
    )
    return replace(answer, toast=f"{title}. {still}".strip(), changed=event.key)


def _told_standing(event: Event) -> str:
    """What was told meanwhile of a question of the review chat."""
    if not (event.review and event.told_as):
        return ""
    back = cmd(f"event {event.told_as} withdraw WHY")
    return f"The alert that tells of it stands: event {event.told_as}. To take it back, an admin sends: {back}"


# ---------------------------------------------------------------- asking back


def _question(ask: Ask, key: str, name: str) -> Reply:
    with ask.store.reading() as records:
        event = load_event(ask, records, key)
        targets = find_targets(event, name)
        said = told_sayings(event, here(ask, records, event))
    mark = f" {mark_of(targets[0].entity)}" if name else ""
    one_name = f"For one of {number(len(targets), 'name')}: {cmd(f'feedback {event.key} KIND NAME')}"
    return reply(
        f"What does the article say of {names_of(targets)}?",
        f"Said here so far. {said}" if said else "",
        f"The bot said: {joined(dict.fromkeys(LABELS[target.verdict] for target in targets))}.",
        one_name if len(targets) > 1 else "",
        actions=[button("Right", f"feedback {event.key} right{mark}"), *_kind_buttons(event, targets, name)],
        event=event.key,
    )
