"""event: the whole story of one: targets, sources in order, what changed when. Admins withdraw it, or restore it."""

from __future__ import annotations

from dataclasses import replace

from bot.alerts import find_quotes, headline, subtitle, told_differences
from bot.commands.asking import Ask, button, cmd, reply
from bot.commands.explaining import word
from bot.commands.phrases import moment, number, shortened, sureness
from bot.commands.seeing import load_latest, load_seen
from bot.errors import CommandError
from bot.events import restore, withdraw
from bot.model import Action, Event, EventTarget, Fact, Link, Reply, Tier
from bot.ports import Records

_SHOWN = 20  # targets, sources and steps of one answer
_FORM = "event 3f2a9c41"


def event(ask: Ask) -> Reply:
    key, rest = ask.first_word()
    if not key:
        return _suggest(ask)
    verb, _, reason = rest.partition(" ")
    match verb.casefold().rstrip(":"):
        case "":
            with ask.store.reading() as records:
                return _story(ask, records, _find(ask, records, key))
        case "withdraw" | "restore" as wanted:
            return _correct(ask, key, wanted, reason.strip())
        case _:
            raise CommandError(
                f"After the event comes nothing, or for admins “withdraw WHY” or “restore”: {cmd(f'event {key}')}"
            )


def _suggest(ask: Ask) -> Reply:
    with ask.store.reading() as records:
        latest = load_latest(ask, records, 5)
    return reply(
        f"Which event? Send: {cmd(_FORM)}",
        *(["The latest:"] if latest else [f"There is none yet: see {cmd('feeds')} for what is being read."]),
        bullets=[f"{headline(one, one.targets)} · {one.key}" for one in latest],
        actions=[button(shortened(headline(one, one.targets), 40), f"event {one.key}") for one in latest],
        ok=False,
    )


def _find(ask: Ask, records: Records, key: str) -> Event:
    found = load_seen(ask, records, key)
    if found is None:
        raise CommandError(
            f"There is no event “{shortened(key, 40)}”. Alerts end with theirs, and {cmd('latest')} shows the newest."
        )
    return found


def _story(ask: Ask, records: Records, event: Event) -> Reply:
    told = len(records.chats_told(event.key))
    differing = told_differences(event)
    own = [f"{moment(step.at)}: {step.what}" for step in event.history[-_SHOWN:]]
    message = reply(
        headline(event, event.targets),
        *([f"It is the same act as event {event.told_as}, which tells of it since."] if event.told_as else []),
        *map(_told_target, event.targets[:_SHOWN]),
        *_and_more(len(event.targets), "target"),
        subtitle=" · ".join(part for part in (subtitle(event), f"event {event.key}") if part),
        facts=[
            Fact("Opened", moment(event.opened_at)),
            Fact("Sources", f"{number(len(event.sources), 'source')}, {_tiers(event)}"),
            *([Fact("Figures differ", differing)] if differing else []),
            *([Fact("Figures", ", ".join(event.counts))] if event.counts and not differing else []),
            Fact("Told", number(told, "chat") if told else "nobody: no subscription covers it"),
        ],
        bullets=own or _sources(event),
        quotes=find_quotes(event.targets),
        sources=[
            Link(f"{source.outlet}, {moment(source.published_at)}", source.url) for source in event.sources[:_SHOWN]
        ],
        actions=[
            button("That event", f"event {event.told_as}") if event.told_as else None,
            button("Why?", f"why {event.key}"),
            *_corrections(ask, records, event),
        ],
        event=event.key,
    )
    return replace(message, message=replace(message.message, withdrawn=event.withdrawn))


def _told_target(target: EventTarget) -> str:
    return (
        f"{target.caption}: {word(target.verdict)}, {sureness(target.confidence)}, "
        f"as “{target.surface or target.caption}” by {target.outlet}"
    )


def _and_more(count: int, what: str) -> list[str]:
    return [f"and {number(count - _SHOWN, f'more {what}')}"] if count > _SHOWN else []


def _sources(event: Event) -> list[str]:
    """Of events that were stored before steps were kept."""
    return [f"{moment(source.joined_at)}: {source.outlet}: “{source.title}”" for source in event.sources[:_SHOWN]]


def _tiers(event: Event) -> str:
    if any(source.tier is Tier.OFFICIAL for source in event.sources):
        return "an official one among them"
    return "none of them official yet"


def _corrections(ask: Ask, records: Records, event: Event) -> list[Action | None]:
    if not ask.is_admin(records) or ask.services.put_correction is None:
        return []
    verb = "restore" if event.withdrawn else "withdraw"
    return [button("It was right after all" if event.withdrawn else "Withdraw it", f"event {event.key} {verb}")]


def _correct(ask: Ask, key: str, verb: str, reason: str) -> Reply:
    with ask.store.writing() as records:
        ask.require_admin(records, f"{verb} an event")
        if ask.services.put_correction is None:
            raise CommandError("This process cannot send messages: withdraw it in a chat or in the web console.")
        seen = _find(ask, records, key)
        found = records.event(seen.key) or seen  # with the targets that this chat does not see
        if found.withdrawn is (verb == "withdraw"):
            return reply(f"It is {'withdrawn' if found.withdrawn else 'not withdrawn'} already", event=found.key)
        name = ask.request.user.name or ask.who
        changed = withdraw(found, reason, name, ask.now) if verb == "withdraw" else restore(found, name, ask.now)
        said = changed.history[-1].what
        told = ask.services.put_correction(records, changed, said[:1].upper() + said[1:])
        ask.audit(records, f"event {verb}", before=found.key, after=reason)
    if verb == "withdraw":
        return reply(
            f"Withdrawn: {headline(changed, changed.targets)}",
            f"Its message is struck through in {number(told, 'chat')}, and a reply there says why. No article joins it "
            "any more; a new report of the same act opens a new event.",
            actions=[button("Undo", f"event {changed.key} restore")],
            event=changed.key,
        )
    return reply(
        f"Restored: {headline(changed, changed.targets)}",
        f"{number(told, 'chat')} read it as before, with a reply that says so. Articles join it again.",
        event=changed.key,
    )
