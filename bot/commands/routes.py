"""route, quiet, digest, escalate, timezone: who is told what and when. Every answer restates all that the chat has
set."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta
from itertools import takewhile

from bot.commands.asking import Ask, button, cmd, reply
from bot.commands.phrases import chat_name, known_chats
from bot.commands.scopes import HERE, find_chat
from bot.commands.trying import try_routes
from bot.counted import shortened
from bot.errors import CommandError
from bot.model import (
    Action,
    Chat,
    ChatKey,
    ChatKind,
    ChatRoutes,
    DigestPlan,
    Escalation,
    QuietHours,
    Reply,
    Route,
    Scope,
    Severity,
)
from bot.ports import Records
from bot.rights import LOCAL, Right
from bot.routes import read_zone, told_digest, told_escalation, told_quiet, told_routes, told_settings, told_zone
from bot.text.folding import fold_key
from bot.zones import load_zone

ROUTE = "route high | medium | low | other, then: here | to CHAT | to topic NAME | off"
QUIET = "quiet 22:00-07:00 [ZONE] [except high | none]"
DIGEST = "digest daily 08:00 [ZONE] | weekly monday 08:00 [ZONE] | only low | empty on | off"
TIMEZONE = "timezone Europe/Berlin | off"
ESCALATE = "escalate after 30m to CHAT [high]"
_OFF = frozenset({"off", "none", "no", "never", "stop", "end"})
_SEVERITIES = {
    "high": (Severity.HIGH,),
    "medium": (Severity.MEDIUM,),
    "low": (Severity.LOW,),
    "other": (Severity.LOW,),
    "others": (Severity.LOW,),
    "all": tuple(Severity),
    "everything": tuple(Severity),
}
_WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_HALF_DAY = re.compile(r"(1[0-2]|0?[1-9])(?:[:.]([0-5]\d))?\s*([ap])\.?m\.?$", re.IGNORECASE)
_TIME = re.compile(r"(\d{1,2})(?:[:.](\d{2}))?\Z")
_SPAN = re.compile(r"(\d{1,4})\s*(m|min|mins|minutes|h|hours?|d|days?|w|weeks?)\Z", re.I)
_UNITS = {"m": timedelta(minutes=1), "h": timedelta(hours=1), "d": timedelta(days=1), "w": timedelta(weeks=1)}
_CLOCK = r"\d{1,2}(?:[:.]\d{2})?(?:\s?[ap]\.?m\.?)?"
_QUIET_FORM = re.compile(
    rf"(?:from\s+)?({_CLOCK}|\S{{1,20}}?)\s*(?:-|–|to|until)\s*({_CLOCK}(?!\S)|\S{{1,20}})(?:\s+(?!except\b)(.+?))?(?:\s+except\s+(.+))?\Z",
    re.I,
)
_ESCALATE = re.compile(r"(?:after\s+)?(\d+\s*[a-z]+)\s+to\s+(.+?)(?:\s+(?:only\s+)?(high|medium|all))?\Z", re.I)
_DIGEST_PARTS = re.compile(r"\s*\b(only|empty)\b\s*", re.I)
_TOPICS_SHOWN = 12
_LONGEST_WAIT = timedelta(days=7)
Change = Callable[[Records, ChatRoutes], ChatRoutes]


def route(ask: Ask) -> Reply:
    words = ask.words.split()
    if not words:
        return _all(ask)
    if words[0].casefold() == "test":
        return try_routes(ask, " ".join(words[1:]))
    if len(words) < 2:
        read_severities(words[0])
        raise CommandError(f"Where should {words[0]} alerts go? Send: {cmd(ROUTE)}")
    severities, target = split_severities(words)

    def change(records: Records, settings: ChatRoutes) -> ChatRoutes:
        to = None if target.casefold() in _OFF else find_destination(ask, records, target)
        kept = [one for one in settings.routes if one.severity not in severities]
        new = [Route(severity, to) for severity in severities if to != settings.chat]
        order = list(Severity)
        return replace(settings, routes=tuple(sorted([*kept, *new], key=lambda one: order.index(one.severity))))

    return _changed(ask, "route", change, told_routes)


def quiet(ask: Ask) -> Reply:
    words = ask.words
    if not words:
        return _all(ask)

    def change(_records: Records, settings: ChatRoutes) -> ChatRoutes:
        off = words.casefold() in _OFF
        return replace(settings, quiet=None if off else read_quiet(words, _zone_of(settings, ask.zone), ask.now))

    def zone_of(settings: ChatRoutes) -> str:
        hours = settings.quiet
        return hours.zone if hours and read_quiet(words, "UTC", ask.now).zone != hours.zone else ""

    return _changed(ask, "quiet", change, lambda settings, _: told_quiet(settings.quiet, ask.now), zone_of)


def digest(ask: Ask) -> Reply:
    words = ask.words
    if not words:
        return _all(ask)

    def change(_records: Records, settings: ChatRoutes) -> ChatRoutes:
        off = words.casefold() in _OFF
        return replace(
            settings, digest=None if off else read_digest(words, settings, _zone_of(settings, ask.zone), ask.now)
        )

    def zone_of(settings: ChatRoutes) -> str:
        when, plan = _DIGEST_PARTS.split(words)[0], settings.digest
        return plan.zone if plan and when and _read_when(when, settings, "UTC", ask.now).zone != plan.zone else ""

    return _changed(ask, "digest", change, lambda settings, _: told_digest(settings.digest, ask.now), zone_of)


def escalate(ask: Ask) -> Reply:
    words = ask.words
    if not words:
        return _all(ask)

    def change(records: Records, settings: ChatRoutes) -> ChatRoutes:
        if words.casefold() in _OFF:
            return replace(settings, escalation=None)
        found = _ESCALATE.match(words)
        if found is None:
            raise CommandError(f"Send: {cmd(ESCALATE)}, or {cmd('escalate off')}")
        after = read_span(found[1])
        if not timedelta(minutes=1) <= after <= _LONGEST_WAIT:
            raise CommandError(f"After how long? From 1m to 7d, for example: {cmd('escalate after 30m to CHAT')}")
        to = find_destination(ask, records, found[2])
        if to == settings.chat:
            raise CommandError("That is this chat: name a second one, which is told when nobody here acknowledges.")
        given = {"high": (Severity.HIGH,), "all": tuple(Severity)}.get((found[3] or "").casefold())
        return replace(settings, escalation=Escalation(after, to, given) if given else Escalation(after, to))

    return _changed(ask, "escalate", change, lambda settings, name_of: told_escalation(settings.escalation, name_of))


def timezone(ask: Ask) -> Reply:
    words = ask.words
    if not words:
        return _all(ask)

    def change(_records: Records, settings: ChatRoutes) -> ChatRoutes:
        return replace(settings, zone="" if words.casefold() in _OFF else _zone(words, ask.now))

    return _changed(ask, "timezone", change, lambda settings, names: told_zone(settings.zone, names.zone, ask.now))


# ---------------------------------------------------------------- reading


def read_severities(word: str, form: str = ROUTE) -> tuple[Severity, ...]:
    """Raises CommandError, which tells the form of the command."""
    found = _SEVERITIES.get(word.casefold())
    if found is None:
        raise CommandError(
            f"“{shortened(word, 30)}” is no severity. High: new, and sure; medium: new, less sure, or by "
            f"adjacency; low, or other: relief, proposals and the like. Send: {cmd(form)}"
        )
    return found


def split_severities(words: Sequence[str]) -> tuple[tuple[Severity, ...], str]:
    """'high and medium to Duty' -> ((high, medium), 'to Duty'): the last word belongs to the chat, whatever it is.
    Raises CommandError."""
    names = [word.casefold().strip(",:") for word in words[:-1]]
    leading = list(takewhile(lambda name: name in _SEVERITIES or name == "and", names)) or names[:1]
    return _several(" ".join(leading)), " ".join(words[len(leading) :])


def read_time(text: str) -> time:
    """'8', '08:00', '22.30', '8am', '10:30pm'. Raises CommandError."""
    if half := _HALF_DAY.match(text):
        is_afternoon = half[3].casefold() == "p"
        return time(int(half[1]) % 12 + 12 * is_afternoon, int(half[2] or 0))
    found = _TIME.match(text)
    if found is None or int(found[1]) > 23 or int(found[2] or 0) > 59:
        raise CommandError(f"“{shortened(text, 30)}” is no time of day: write it as 08:00 or 22:30")
    return time(int(found[1]), int(found[2] or 0))


def read_span(text: str) -> timedelta:
    """'30m', '2 hours', '7d'. Raises CommandError."""
    found = _SPAN.match(text.strip())
    if found is None:
        raise CommandError(f"“{shortened(text, 30)}” is no length of time: write it as 30m, 2h or 7d")
    return int(found[1]) * _UNITS[found[2][0].casefold()]


def read_quiet(words: str, zone: str, now: datetime) -> QuietHours:
    """'22:00-07:00 Europe/Berlin except high'. Raises CommandError."""
    found = _QUIET_FORM.match(words)
    if found is None:
        raise CommandError(f"Send: {cmd(QUIET)}, or {cmd('quiet off')}")
    start, end = read_time(found[1]), read_time(found[2])
    if start == end:
        raise CommandError("Those are the whole day. To be told of nothing: unsubscribe; once a day: a digest.")
    said = (found[4] or "high").casefold()
    passing = () if said in ("none", "nothing") else _several(said, QUIET)
    return QuietHours(start, end, _zone(found[3] or zone, now), passing)


def read_digest(words: str, settings: ChatRoutes, zone: str, now: datetime) -> DigestPlan:
    """'daily 08:00 Europe/Berlin', 'weekly monday 8', 'only low', 'empty on', or one of the first with the others
    behind it. Raises CommandError."""
    when, *parts = _DIGEST_PARTS.split(words)
    plan = settings.digest or DigestPlan(time(8), zone, since=now)
    if settings.digest is None and not when and parts and parts[1].casefold() in _OFF:
        raise CommandError(f"There is no digest here. To begin one: {cmd('digest daily 08:00')}")
    if when or not parts:
        plan = _read_when(when, settings, zone, now)
    said = [part.casefold() for part in parts]
    for part, value in zip(said[::2], said[1::2], strict=True):
        if part == "empty":
            plan = replace(plan, when_empty=_read_switch(value))
        else:
            plan = replace(plan, instead=() if value in _OFF else _several(value or "low", DIGEST))
    return plan


def _read_switch(value: str) -> bool:
    """'on', 'off', or nothing, which is on. Raises CommandError."""
    if value and value not in (*_OFF, "on", "yes"):
        raise CommandError(f"“{shortened(value, 30)}” is neither on nor off. Send: {cmd('digest empty on')}, or off")
    return value not in _OFF


def _read_when(words: str, settings: ChatRoutes, zone: str, now: datetime) -> DigestPlan:
    before = settings.digest
    first, *rest = re.sub(r"(?:^|\s+)at(?=\s+\d)", "", words.casefold()).split() or [""]
    weekday = None
    if _TIME.match(first) or _HALF_DAY.match(first):
        first, rest = "daily", [first, *rest]
    if first == "weekly":
        day = rest.pop(0) if rest else ""
        matching = [number for number, name in enumerate(_WEEKDAYS) if len(day) > 1 and name.startswith(day)]
        if len(matching) != 1:
            raise CommandError(f"On which day? For example: {cmd('digest weekly monday 08:00')}")
        weekday = matching[0]
    elif first != "daily":
        raise CommandError(f"Send: {cmd(DIGEST)}")
    if len(rest) > 1 and rest[1] in ("am", "pm", "a.m.", "p.m."):
        rest[:2] = ["".join(rest[:2])]
    at = read_time(rest.pop(0)) if rest else time(8)
    zone = _zone(" ".join(rest), now) if rest else zone
    plan = DigestPlan(at, zone, weekday, since=now)
    return replace(plan, when_empty=before.when_empty, instead=before.instead) if before else plan


def _several(words: str, form: str = ROUTE) -> tuple[Severity, ...]:
    found = {one for word in re.split(r"\s*,\s*|\s+and\s+|\s+", words) for one in read_severities(word, form)}
    return tuple(severity for severity in Severity if severity in found)


def _zone(name: str, now: datetime) -> str:
    try:
        return read_zone(name, now)
    except ValueError as error:
        raise CommandError(f"{str(error)[0].upper()}{str(error)[1:]}") from error


def _zone_of(settings: ChatRoutes, zone: str) -> str:
    """Which one is meant where none is named: the chat's; else the one that it has named before. `zone`: as `Ask`."""
    named = (settings.digest and settings.digest.zone) or (settings.quiet and settings.quiet.zone)
    return zone or named or "UTC"


def find_destination(ask: Ask, records: Records, words: str) -> ChatKey:
    """'here', 'to Desk', 'to topic 12', 'to topic Alerts', 'telegram:-100:12': a chat that the bot knows, and where the
    asker may change what is told. Raises CommandError, NotAllowedError."""
    here = ask.request.chat
    told = re.sub(r"\Ato\s+", "", words.strip(), flags=re.I)
    if told.casefold() in HERE:
        return here.key
    if topic := re.fullmatch(r"topic\s+(\S.*)", told, re.I):
        if here.key.platform != "telegram" or here.kind is ChatKind.PRIVATE:
            raise CommandError("Topics are in Telegram groups: send this in the group that has them.")
        key = replace(here.key, thread=_find_topic(topic[1], records.topics(here.key)))
    elif full := re.fullmatch(r"(telegram|slack|web):([\w-]{1,40})(?::(\d{1,12}))?", told):
        key = ChatKey(full[1], full[2], full[3] or "")
    else:
        key = find_chat(told, ask, records)
    _require_destination(ask, records, key)
    return key


def _find_topic(words: str, names: Mapping[str, str]) -> str:
    """Its thread, by number or by name. Raises CommandError."""
    wanted = words.strip().strip('"“”')
    called = [thread for thread, name in names.items() if fold_key(name) == fold_key(wanted)]
    if len(called) == 1:
        return called[0]
    if number := re.fullmatch(r"#?(\d{1,12})", wanted):
        return number[1]
    if not called and wanted.casefold() == "general":
        return ""
    seen = ", ".join(f"{name} ({thread})" for thread, name in list(names.items())[-_TOPICS_SHOWN:])
    there = f"The bot has seen: {seen}. " if seen else ""
    many = f"{len(called)} topics are" if called else "The bot has seen no topic that is"
    raise CommandError(
        f"{many} called “{shortened(wanted, 60)}”. {there}Take its number, the last part of the topic's link: "
        f"{cmd('route high to topic 12')}; or send any command in the topic, then the bot has seen its name."
    )


def _require_destination(ask: Ask, records: Records, key: ChatKey) -> None:
    """Who may not send there is refused before it is said whether the bot knows the chat."""
    known = records.chat(key) or records.chat(key.whole)
    if ask.request.chat.key.whole == key.whole:
        known = known or ask.request.chat
    elif not _is_own(ask, key, known):
        ask.require(records, Right.SUBSCRIBE, "send alerts to another chat", Scope.of_chat(key))
    if known is None:
        raise CommandError(f"The bot has never been spoken to in {key}: send {cmd('start')} there first.")
    if records.chat(key) is None:
        records.save_chat(Chat(key, known.kind, known.title))


def _is_own(ask: Ask, key: ChatKey, known: Chat | None) -> bool:
    """The asker's private chat in Telegram, whose id is theirs."""
    user = ask.request.user
    is_private = known is None or known.kind is ChatKind.PRIVATE
    return (user.platform, user.id) == (key.platform, key.id) and is_private and key.platform not in LOCAL


# ---------------------------------------------------------------- answering


@dataclass(frozen=True, slots=True)
class Names:
    """Chats as a person knows them."""

    here: ChatKey
    chats: Mapping[ChatKey, Chat]
    topics: Mapping[str, str]  # of the group that it is told in, by their threads
    zone: str = ""  # in which times are told here

    def __call__(self, key: ChatKey) -> str:
        if key == self.here:
            return "this chat"
        is_here = key.whole == self.here.whole
        name = "this group" if is_here else chat_name(key.whole, self.chats)
        called = f" (“{self.topics[key.thread]}”)" if is_here and key.thread in self.topics else ""
        chat = self.chats.get(key)
        stopped = f" (where nothing can be sent now: {chat.stopped_reason})" if chat and chat.stopped_reason else ""
        return (f"topic {key.thread}{called} of {name}" if key.thread else name) + stopped


def names_of(ask: Ask, records: Records) -> Names:
    here = ask.request.chat.key
    return Names(here, known_chats(records), records.topics(here), load_zone(records, here))


def _all(ask: Ask) -> Reply:
    with ask.store.reading() as records:
        settings, name_of = records.routes_of(ask.request.chat.key), names_of(ask, records)
    return reply(
        "Who is told what here, and when",
        *told_settings(settings, name_of, name_of.zone, ask.now),
        footer="To change it: " + " · ".join(map(cmd, (ROUTE, QUIET, DIGEST, ESCALATE, TIMEZONE))),
        actions=_ends(settings),
    )


def _ends(settings: ChatRoutes) -> list[Action | None]:
    return [
        button("All alerts here", "route all here") if settings.routes else None,
        button("End quiet hours", "quiet off") if settings.quiet else None,
        button("End the digest", "digest off") if settings.digest else None,
        button("End escalation", "escalate off") if settings.escalation else None,
    ]


def _changed(
    ask: Ask,
    name: str,
    change: Change,
    told: Callable[[ChatRoutes, Names], str],
    taken_zone: Callable[[ChatRoutes], str] = lambda _settings: "",
) -> Reply:
    """Change the chat's settings and restate them: what was changed first. `taken_zone`: the one of the new hours that
    the words do not name."""
    with ask.store.writing() as records:
        ask.require(records, Right.SUBSCRIBE, "change what is told", ask.here)
        before = records.routes_of(ask.request.chat.key)
        after = change(records, before)
        ask.remember_chat(records)
        records.save_routes(after)
        if after != before:
            ask.audit(records, name, _audited(name, before), _audited(name, after))
        name_of = names_of(ask, records)
    first = told(after, name_of)
    taken = "" if name_of.zone else taken_zone(after)
    rest = [one for one in told_settings(after, name_of, name_of.zone, ask.now) if one != first]
    undos = undo_words(name, before, after) if after != before else []
    buttons = (
        [button("Undo", words) for words in undos] if len(undos) < 2 else [button(f"Undo: {one}", one) for one in undos]
    )
    by_hand = [cmd(words) for words, has_button in zip(undos, buttons, strict=True) if not has_button]
    return reply(
        "Nothing changed" if after == before else "Changed",
        first,
        f"{taken} is taken as it was named here before; another one stands behind the hours." if taken else "",
        *rest,
        footer=f"To undo it: {' · '.join(by_hand)}" if by_hand else "",
        actions=[*buttons, _everywhere(name, after, name_of.zone)],
    )


def _everywhere(name: str, settings: ChatRoutes, zone: str) -> Action | None:
    """Where a zone was named for the hours of one setting, and the chat has none: all times may be told in it."""
    hours = {"quiet": settings.quiet, "digest": settings.digest}.get(name)
    if hours is None or zone or hours.zone == "UTC":
        return None
    return button(f"All times in {hours.zone}", f"timezone {hours.zone}")


def undo_words(name: str, before: ChatRoutes, after: ChatRoutes) -> Sequence[str]:
    """The commands that bring a setting back as it was: one for each severity that was routed otherwise."""
    match name:
        case "quiet" if before.quiet:
            hours = before.quiet
            passing = ",".join(hours.passing) or "none"
            return [f"quiet {hours.start:%H:%M}-{hours.end:%H:%M} {hours.zone} except {passing}"]
        case "digest" if before.digest:
            return [_to_redigest(before.digest, after.digest)]
        case "timezone" if before.zone:
            return [f"timezone {before.zone}"]
        case "escalate" if before.escalation:
            minutes = int(before.escalation.after.total_seconds() // 60)
            severities = before.escalation.severities
            word = {(Severity.HIGH,): " high", tuple(Severity): " all"}.get(severities, "")
            return [f"escalate after {minutes}m to {before.escalation.to}{word}"]
        case "route":
            return _to_reroute(before, after)
        case _:
            return [f"{name} off"]


def _to_reroute(before: ChatRoutes, after: ChatRoutes) -> list[str]:
    if not before.routes:
        return ["route all here"]
    was, now = ({one.severity: one for one in routes.routes} for routes in (before, after))
    changed = [severity for severity in Severity if was.get(severity) != now.get(severity)]
    return [f"route {severity} {_as_target(was.get(severity))}" for severity in changed]


def _as_target(route: Route | None) -> str:
    if route is None:
        return "here"
    return f"to {route.to}" if route.to else "off"


def _to_redigest(before: DigestPlan, after: DigestPlan | None) -> str:
    """Only what differs, as a button's command is short (MOST_ACTION)."""
    now = after or DigestPlan(before.at, before.zone)  # what a digest that is begun anew has
    parts = [f"only {','.join(before.instead) or 'off'}"] if before.instead != now.instead else []
    parts += [f"empty {'on' if before.when_empty else 'off'}"] if before.when_empty != now.when_empty else []
    is_moved = (before.at, before.zone, before.weekday) != (now.at, now.zone, now.weekday)
    if is_moved or after is None or not parts:
        every = "daily" if before.weekday is None else f"weekly {_WEEKDAYS[before.weekday][:3]}"
        parts.insert(0, f"{every} {before.at:%H:%M} {before.zone}")
    return f"digest {' '.join(parts)}"


def _audited(name: str, settings: ChatRoutes) -> str:
    """'22:00-07:00 Europe/Berlin except high', as the command takes it; "" if it is not set."""
    if name == "route":
        return "; ".join(f"{one.severity} to {one.to or 'nowhere'}" for one in settings.routes)
    (words,) = undo_words(name, settings, ChatRoutes(settings.chat))
    return "" if words == f"{name} off" else words.removeprefix(f"{name} ")
