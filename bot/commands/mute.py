"""mute: an entity, an event, a source, a verdict, an authority or a programme is not told of here for a while; a snooze
reminds at its end."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from rapidfuzz import fuzz, process

from bot.alerts import find_url, headline
from bot.commands.asking import Ask, button, cmd, reply
from bot.commands.choosing import MOST_SEARCHED, read_authority, told_unknown_programme
from bot.commands.correcting import find_targets, mark_of
from bot.commands.filters import read_bare, told_verdicts
from bot.commands.phrases import chat_name
from bot.commands.routes import read_span
from bot.commands.running import load_all
from bot.commands.seeing import event_button, load_latest, load_seen
from bot.commands.watch.watching import one_of
from bot.counted import number as number_of
from bot.counted import shortened
from bot.errors import CommandError
from bot.matching.facts import known_programmes
from bot.model import Action, Chat, ChatKey, Event, HoldKind, Mute, MuteKind, Reply, Verdict
from bot.ports import Records
from bot.rights import Right
from bot.routes import told_mute, told_muting
from bot.zones import told_day, told_moment

GRAMMAR = (
    "mute EVENT | NAME | source OUTLET | authority US | programme NAME | relief …, then: 1h | 24h | 7d | until undone, "
    "and why"
)
_FOR = re.compile(
    r"(?:^|(?<=\s))(?P<snooze>snooze\s+)?(?:for\s+)?"
    r"(?:(?P<span>\d{1,4}\s*(?:m|min|minutes|h|hours?|d|days?|w|weeks?))|(?P<ever>until\s+undone|forever))(?=\s|$)",
    re.I,
)
# The end of "Gazprom 5 fortnights", once it is clear that nobody is called so.
_LIKE_SPAN = re.compile(r"(?<=\s)(?:(?:for\s+)?(?:\d{1,4}|an?|one|two|three)\s*[^\W\d]+|until\s+\S.*)$", re.I)
_SPANS = (("1 h", "1h"), ("24 h", "24h"), ("7 days", "7d"), ("Until undone", "until undone"))
_LONGEST = timedelta(days=366)
_ALL = frozenset({"all", "everything", "*"})
_HELD, _SEARCHED = 5, 50  # of what a mute held back: shown, and looked at


@dataclass(frozen=True, slots=True)
class Subject:
    """What is muted. `words`: what stands for it in a command."""

    kind: MuteKind
    value: str
    label: str
    words: str
    event: Event | None = None


def mute(ask: Ask) -> Reply:
    words = ask.words
    said = _FOR.search(words)
    what, why = (words[: said.start()].strip(), words[said.end() :].strip(" :;")) if said else (words, "")
    if not what:
        raise CommandError(f"Send: {cmd(GRAMMAR)}. What is muted now: {cmd('mutes')}")
    odd = None if said else _LIKE_SPAN.search(what)
    try:
        with ask.store.reading() as records:
            subject = find_subject(ask, records, what)
    except CommandError as error:  # nobody is called so, or only something like it
        if odd is None:
            raise
        raise CommandError(_odd_span(what, odd)) from error
    if said is None:
        return _choices(subject) if subject.event and subject.kind is MuteKind.EVENT else _how_long(subject)
    is_snooze = bool(said["snooze"])
    if is_snooze and (subject.kind is not MuteKind.EVENT or not said["span"]):
        raise CommandError(f"An event is snoozed, for a while: {cmd('mute EVENT snooze 1h')}")
    until = ask.now + read_length(said["span"], GRAMMAR) if said["span"] else None
    return _save(ask, subject, until, why, is_snooze=is_snooze)


def _odd_span(what: str, odd: re.Match[str]) -> str:
    right = cmd(f"mute {what[: odd.start()].strip()} 7d")
    span = shortened(odd.group(), 40)
    return f"“{span}” is no time that is understood: write 30m, 12h, 7d, 2w or until undone. Send: {right}"


def read_length(text: str, form: str) -> timedelta:
    """For how long something is muted. Raises CommandError, which tells the form of the command."""
    length = read_span(text)
    if not timedelta(minutes=1) <= length <= _LONGEST:
        raise CommandError(f"From 1m to 366d; longer: until undone. Send: {cmd(form)}")
    return length


def find_subject(ask: Ask, records: Records, words: str) -> Subject:
    """'3f2a9c41', '3f2a9c41 entity #1a2b3c', '3f2a9c41 source', 'source Wire', 'authority OFAC', 'programme Russia',
    'relief', 'Rosneft'. Raises CommandError."""
    first, _, rest = words.partition(" ")
    event = load_seen(ask, records, first.casefold())
    if event:
        return _of_event(event, rest)
    if first.casefold() in ("source", "outlet") and rest:
        return _source(_find_outlet(ask, records, rest), f"source {rest}")
    if first.casefold() == "authority" and rest:
        return _authority(read_authority(rest, "mute authority US 24h"))
    if first.casefold() in ("programme", "program") and rest:
        return _programme(_find_programme(records, rest.strip()))
    if words.casefold() in _ALL:
        raise CommandError(
            f"All at once is not muted. Hours in which alerts wait: {cmd('quiet 22:00-07:00')}. To be told of nothing: "
            f"{cmd('unsubscribe all')}"
        )
    bare = words.casefold().removeprefix("kind ").removeprefix("verdict ")
    if verdicts := read_bare(bare):
        return _verdict(verdicts[0], bare) if len(verdicts) == 1 else _one_at_a_time(verdicts)
    found = one_of(records, ask.request.chat.key, words, lambda key: f"mute {key}")
    return _entity(found.key, found.caption, found.key)


def _of_event(event: Event, rest: str) -> Subject:
    kind, _, mark = rest.partition(" ")
    match kind.casefold():
        case "":
            return Subject(MuteKind.EVENT, event.key, headline(event, event.targets), event.key, event)
        case "entity" | "name":
            target = find_targets(event, mark or event.targets[0].entity)[0]
            return _entity(target.entity, target.caption, f"{event.key} {rest}")
        case "source":
            return _source(event.sources[0].outlet, f"{event.key} source")
        case "kind":
            return _verdict(event.kind, f"{event.key} kind")
        case _:
            raise CommandError(f"Send: {cmd(GRAMMAR)}")


def _find_outlet(ask: Ask, records: Records, words: str) -> str:
    """An outlet as alerts name it: a source's title, or one that told of an event. Raises CommandError."""
    told = [source.outlet for event in records.latest_events(MOST_SEARCHED) for source in event.sources]
    names = {
        name.casefold(): name for name in (*dict.fromkeys(told), *(source.title for source in load_all(ask, records)))
    }
    if words.casefold() in names:
        return names[words.casefold()]
    near = process.extractOne(words.casefold(), list(names), scorer=fuzz.WRatio, score_cutoff=75)
    meant = f" Did you mean {names[near[0]]}?" if near else ""
    raise CommandError(f"No source is called “{shortened(words, 60)}”.{meant} See them: {cmd('feeds')}")


def _entity(key: str, caption: str, words: str) -> Subject:
    return Subject(MuteKind.ENTITY, key, caption, words)


def _source(outlet: str, words: str) -> Subject:
    return Subject(MuteKind.SOURCE, outlet, f"what {outlet} alone tells", words)


def _authority(code: str) -> Subject:
    return Subject(MuteKind.AUTHORITY, code, f"what {code} alone does", f"authority {code}")


def _programme(name: str) -> Subject:
    return Subject(MuteKind.PROGRAMME, name, f"what is under the programme {name} alone", f"programme {name}")


def _find_programme(records: Records, words: str) -> str:
    """A programme as events have it: one that news is told under, or an official list's own code, which may still
    come."""
    told = (name for event in records.latest_events(MOST_SEARCHED) for name in event.programmes)
    known = {name.casefold(): name for name in (*told, *known_programmes())}
    return known.get(words.casefold(), words)


def _verdict(verdict: Verdict, words: str) -> Subject:
    return Subject(MuteKind.VERDICT, verdict.value, f"all of {told_verdicts([verdict])}", words)


def _one_at_a_time(verdicts: Sequence[Verdict]) -> Subject:
    raise CommandError(f"One at a time, please: {' · '.join(cmd(f'mute {verdict} 24h') for verdict in verdicts)}")


# ---------------------------------------------------------------- asking


def _choices(subject: Subject) -> Reply:
    """What the button “Mute …” below an alert answers."""
    event = subject.event
    assert event is not None
    key = event.key
    buttons: list[Action | None] = [
        button("Snooze 1 h", f"mute {key} snooze 1h"),
        button("This event: 24 h", f"mute {key} 24h"),
        button("This event: until undone", f"mute {key} until undone"),
    ]
    for target in event.targets[:2]:
        name, mark = shortened(target.caption, 24), mark_of(target.entity)
        buttons.append(button(f"{name}: 24 h", f"mute {key} entity {mark} 24h"))
        buttons.append(button(f"{name}: 7 days", f"mute {key} entity {mark} 7d"))
    outlet = shortened(event.sources[0].outlet, 24) if event.sources else ""
    buttons.append(button(f"{outlet} alone: 24 h", f"mute {key} source 24h") if outlet else None)
    if event.kind is not Verdict.NEW_SANCTIONS:
        buttons.append(button(f"All of {told_verdicts([event.kind])}: 7 days", f"mute {key} kind 7d"))
    return reply(
        f"Mute what, and for how long? {subject.label}",
        "It holds for this chat. What it holds back is told in the digest, if there is one, and by "
        f"{cmd(f'why {key}')}; {cmd('mutes')} lists and undoes.",
        f"Longer, shorter or with a reason: {cmd(f'mute {key} 2h being handled by compliance')}",
        actions=buttons,
        event=key,
    )


def _how_long(subject: Subject) -> Reply:
    return reply(
        f"Mute {subject.label} here, for how long?",
        f"For example: {cmd(f'mute {subject.words} 24h and why')}",
        actions=[button(label, f"mute {subject.words} {span}") for label, span in _SPANS],
        ok=False,
    )


# ---------------------------------------------------------------- muting, listing, undoing


def _save(ask: Ask, subject: Subject, until: datetime | None, why: str, *, is_snooze: bool) -> Reply:
    user, chat = ask.request.user, ask.request.chat.key
    new = Mute(chat, subject.kind, subject.value, subject.label, user, ask.now, until, shortened(why, 200), is_snooze)
    with ask.store.writing() as records:
        ask.require(records, Right.MUTE, "mute", ask.here)
        same = [one for one in records.mutes(ask.now, [chat]) if (one.kind, one.value) == (new.kind, new.value)]
        for one in same:
            records.undo_mute(one.id, ask.who, ask.now)
        new = replace(new, id=records.add_mute(new))
        ask.audit(records, "mute", ", ".join(f"m{one.id}" for one in same), f"m{new.id}: {told_mute(new)}")
    undo = f"mutes undo m{new.id}"
    before = f" back to m{same[-1].id}" if same else ""
    warning = told_unknown_programme(subject.value) if subject.kind is MuteKind.PROGRAMME else ""
    title = f"{'Snoozed' if is_snooze else 'Muted'} here: {subject.label}"
    holds = f"Until {told_moment(until, ask.zone)}." if until else "Until somebody undoes it."
    after = " Then this chat is reminded of it." if is_snooze else " Nothing is sent of it meanwhile."
    answer = reply(
        title,
        f"{holds}{after}",
        warning if warning else "",
        *(f"It takes the place of m{one.id}: {told_mute(one, ask.zone)}." for one in same),
        footer=f"To end it: {cmd(undo)}. All of them: {cmd('mutes')}",
        actions=[button("Undo", f"{undo}{before}")],
        event=subject.event.key if subject.event else "",
    )
    return replace(answer, toast=f"{shortened(title, 100)}. {holds} Undo: {cmd(undo)}")


def mute_line(ask: Ask, one: Mute, chats: Mapping[ChatKey, Chat]) -> str:
    """'m3: Rosneft · muted by Ana until 3 May 2026, 18:00 UTC: being handled · here, 2 May 2026'"""
    where = "here" if one.chat == ask.request.chat.key else chat_name(one.chat, chats)
    return f"m{one.id}: {one.label} · {told_muting(one, ask.zone)} · {where}, {told_day(one.at, ask.zone)}"


def undo_mute(ask: Ask, number: int, before: int | None = None) -> Reply:
    """`before`: the number of the mute whose place it took, which holds again for as long as it was to."""
    with ask.store.writing() as records:
        found = records.mute(number)
        is_mine = found is not None and (found.chat == ask.request.chat.key or ask.is_admin(records))
        if found is None or found.undone_at or not is_mine:
            raise CommandError(f"There is no mute m{number} here (any more). See those there are: {cmd('mutes')}")
        ask.require(records, Right.MUTE, "mute", ask.here)
        records.undo_mute(number, ask.who, ask.now)
        again = _again(ask, records, found, before)
        after = f"m{again.id}: {told_mute(again)}" if again else ""
        ask.audit(records, "mutes undo", f"m{number}: {told_mute(found)}", after)
        if again:
            return reply(
                f"As before: {told_mute(again, ask.zone)}", actions=[button("End it", f"mutes undo m{again.id}")]
            )
        held = _held_by(ask, records, found)
        has_digest = records.routes_of(found.chat).digest is not None
    title = f"No longer muted: {found.label}"
    later = "the next digest tells of it" if has_digest else "it is told nowhere else"
    answer = reply(
        title,
        "What comes from now on is told." + (f" What was held meanwhile, and {later}:" if held else ""),
        bullets=[f"{headline(event, event.targets)} · event {event.key}" for event in held[:_HELD]],
        bullet_urls=[find_url(event) for event in held[:_HELD]],
        footer=f"And {number_of(len(held) - _HELD, 'more event')}: {cmd('latest')}" if len(held) > _HELD else "",
        actions=[event_button(event, "why") for event in held[:_HELD]],
    )
    return replace(answer, toast=f"{shortened(title, 150)}.")


def _again(ask: Ask, records: Records, found: Mute, before: int | None) -> Mute | None:
    """The mute that `found` took the place of, holding anew; None if there was none, or its time is over."""
    old = records.mute(before) if before is not None else None
    if old is None or not old.undone_at or (old.until and old.until <= ask.now):
        return None
    if (old.chat, old.kind, old.value) != (found.chat, found.kind, found.value):
        return None
    anew = replace(old, undone_at=None, undone_by="")
    return replace(anew, id=records.add_mute(anew))


def _held_by(ask: Ask, records: Records, found: Mute) -> list[Event]:
    """The newest events that the mute, or one whose place it took, held back in its chat, and that were not told
    since."""
    first = found
    while before := records.mute_replaced(first):
        first = before
    words = tuple(f"held: {found.label} {word} by " for word in ("muted", "snoozed"))

    def is_held(event: Event) -> bool:
        return any(
            one.chat == found.chat and one.hold is HoldKind.MUTED and one.told_at is None and one.held_at >= first.at
            and one.reason.startswith(words)
            for one in records.held_alerts(event.key)
        )  # fmt: skip

    return [event for event in load_latest(ask, records, _SEARCHED) if is_held(event)]
