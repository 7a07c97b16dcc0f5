"""lists: the official lists, how they are, and a look at one now."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import takewhile

from bot.commands.asking import Ask, ListServices, Show, button, cmd, reply
from bot.commands.phrases import ago, until
from bot.counted import joined, number
from bot.errors import CommandError
from bot.lists import SHORT_NAMES, OfficialList, lists_called
from bot.lookups import entity_from_listing
from bot.model import Entity, Fact, Message, Reply
from bot.ports import ImportState, ListImport, ListState, Records, Store

_TELL_EVERY = 0.05  # of the work
_LOOKED_AT = 20  # imports


@dataclass(frozen=True, slots=True)
class ListStatus:
    """One list as it is: `size` entries stand on it, `last` is the import that it was read by, `broken` the latest one
    since then that was stopped or broke off, `step` what can be done about that. `held`: an earlier one since then that
    waits to be accepted, and `held_step` how."""

    official: OfficialList
    is_on: bool
    size: int
    last: ListImport | None
    state: ListState
    broken: ListImport | None = None
    step: str = ""
    held: ListImport | None = None
    held_step: str = ""

    @property
    def is_in_trouble(self) -> bool:
        return bool(self.broken or self.state.stopped or self.state.failures)

    def trouble(self, now: datetime) -> str:
        """When, why, what stands, and the next step; "" if there is none."""
        parts = []
        if self.broken:
            how = "was not taken over" if self.broken.state is ImportState.STOPPED else "broke off"
            at = ago(self.broken.ended_at or self.broken.started_at, now)
            stands = f"what stands is from {ago(self.last.ended_at or self.last.started_at, now)}" if self.last else ""
            parts = [f"a reading {how} {at}: {self.broken.reason or 'nobody knows why'}", stands, self.step]
            if self.held:
                before = ago(self.held.ended_at or self.held.started_at, now)
                parts += [f"one before it was not taken over {before}: {self.held.reason}", self.held_step]
        elif self.state.stopped:
            parts = [self.state.stopped]
        if self.state.failures and not (self.broken and self.broken.reason == self.state.last_error):
            parts.append(f"not read, {number(self.state.failures, 'failure')} in a row: {self.state.last_error}")
        return "; ".join(part for part in parts if part)


def load_lists(records: Records, services: ListServices) -> tuple[ListStatus, ...]:
    """Those that are on first, then those that hold something, then the others."""
    states, sizes = records.list_states(), records.list_sizes()
    found = []
    for key, official in services.known.items():
        broken = _broken(records, key)
        state, step = states.get(key) or ListState(key), services.next_step(broken[0]) if broken else ""
        earlier = [] if step else [(one, services.next_step(one)) for one in broken[1:]]
        held, held_step = next(((one, told) for one, told in earlier if told), (None, ""))
        last, size = records.last_import(key), sizes.get(key, 0)
        newest = broken[0] if broken else None
        found.append(ListStatus(official, key in services.on, size, last, state, newest, step, held, held_step))
    return tuple(sorted(found, key=lambda one: (not one.is_on, not one.size)))


def _broken(records: Records, key: str) -> list[ListImport]:
    """The imports since the one by which the list stands, newest first."""
    ended = (one for one in records.list_imports(key, _LOOKED_AT) if one.state is not ImportState.RUNNING)
    return list(takewhile(lambda one: one.state is not ImportState.APPLIED, ended))


def lists(ask: Ask) -> Reply:
    services = ask.services.lists
    with ask.store.reading() as records:
        ask.require_admin(records, "see and read the official lists")
        if services is None:
            raise CommandError("The official lists are not known to this process.")
        found = load_lists(records, services)
    verb, name = ask.first_word()
    match verb:
        case "" | "status":
            return _status(ask, found)
        case "sync":
            return _sync(ask, services, name)
        case _:
            raise CommandError(f"Send {cmd('lists status')}, or {cmd('lists sync NAME')}")


# ---------------------------------------------------------------- status


def _status(ask: Ask, found: Sequence[ListStatus]) -> Reply:
    on, held = [one for one in found if one.is_on], [one for one in found if one.last]
    trouble = [one for one in found if one.is_in_trouble]
    due = [one for one in on if not one.last]
    entries = sum(one.size for one in held)
    title = f"{number(len(held), 'official list')} read, {number(entries, 'entry', 'entries')}"
    return reply(
        title + (f"; {len(trouble)} in trouble" if trouble else ""),
        "" if on else "No list is looked at by itself: the setting lists names those that are.",
        facts=[
            Fact(one.official.title, told_status(one, ask.now))
            for one in found
            if one.is_on or one.last or one.is_in_trouble
        ],
        bullets=[
            f"Off: {one.official.title} ({one.official.key}), {one.official.licence}"
            for one in found
            if not one.is_on and not one.last and not one.is_in_trouble
        ],
        footer=f"A look at one now: {cmd('lists sync NAME')}",
        actions=[
            button(f"Read {one.official.title} now", f"lists sync {one.official.key}") for one in (trouble + due)[:3]
        ],
    )


def told_status(status: ListStatus, now: datetime) -> str:
    """'on, 8,976 entries, read 2 h ago (3 added, 1 changed, 0 removed), next look in 4 h; public domain'."""
    state, last = status.state, status.last
    parts = ["on" if status.is_on else "off"]
    if last:
        parts.append(number(status.size, "entry", "entries"))
        news = "first reading" if last.is_baseline else told_counts(last)
        parts.append(f"last taken over {ago(last.ended_at or last.started_at, now)} ({news})")
    else:
        parts.append("not read yet")
    if status.is_on and state.last_success_at:
        parts.append(f"looked at {ago(state.last_success_at, now)}")
    if status.is_on and state.next_poll_at:
        parts.append(f"next look {until(state.next_poll_at, now)}")
    trouble = f". Trouble: {told.rstrip('.')}" if (told := status.trouble(now)) else ""
    note = f" ({status.official.licence_note})" if status.official.licence_note else ""
    return f"{', '.join(parts)}{trouble}. Licence: {status.official.licence}{note}"


def told_counts(record: ListImport) -> str:
    return f"{record.added:,} added, {record.changed:,} changed, {record.removed:,} removed"


# ---------------------------------------------------------------- sync


def _sync(ask: Ask, services: ListServices, name: str) -> Reply:
    sync = services.sync
    if sync is None:
        raise CommandError("This process cannot read lists: ask the running bot.")
    if not name.strip():
        raise CommandError(f"Which one? {_told_names(services.known.values())}. For example: {cmd('lists sync ofac')}")
    wanted = find_lists(name, services.known)
    key, title = wanted[0].key, wanted[0].title
    if len(wanted) > 1:
        raise CommandError(
            f"“{name.strip()[:60]}” may be {_told_names(wanted)}: send the key, as {cmd(f'lists sync {key}')}"
        )
    with ask.store.writing() as records:
        ask.audit(records, f"lists sync {key}")

    def work(show: Show) -> Reply:
        told = [-_TELL_EVERY]

        def progress(share: float) -> None:
            if share - told[0] >= _TELL_EVERY:
                told[0] = share
                show(Message(f"Reading the {title}: {share:.0%}"))

        outcome = sync(key, ask.who, progress)
        text = outcome.text[:1].upper() + outcome.text[1:]
        if not outcome.is_fine and outcome.text.startswith("not read"):  # nothing came: no guard is in the way
            take = f"`sanctions-bot lists import {key} PATH`"
            again = f"Try again later: {cmd(f'lists sync {key}')}. Files that you have are read by {take}."
            return reply(f"{title}: not read", f"{text}.", again, ok=False)
        return reply(f"{title}: {'read' if outcome.is_fine else 'not taken over'}", f"{text}.", ok=outcome.is_fine)

    return ask.run_long(work)


def find_lists(name: str, known: Mapping[str, OfficialList]) -> tuple[OfficialList, ...]:
    """Which lists a person means: by key, by its end or middle ("ofac", "sdn"), or by words of the title. "ofac" is the
    SDN list. Raises CommandError if none."""
    wanted = name.strip().casefold()
    short = SHORT_NAMES.get(wanted, wanted)
    if short in known:
        return (known[short],)
    by_key = tuple(known[key] for key in lists_called(name, list(known)))
    found = by_key or tuple(official for official in known.values() if wanted and wanted in official.title.casefold())
    if not found:
        raise CommandError(f"There is no list “{name.strip()[:60]}”. There are {_told_names(known.values())}.")
    return found


def entry_of(store: Store, words: str, known: Mapping[str, OfficialList]) -> Entity | None:
    """'OFAC 22603', 'gb_uksl RUS1234' -> the entity of that entry, as the lists were last read; None if there is none,
    or the words are no list and number."""
    name, _, uid = words.strip().replace(":", " ").rpartition(" ")
    try:
        wanted = find_lists(name, known) if name and uid else ()
    except CommandError:
        return None
    with store.reading() as records:
        for official in _kin(wanted, known):
            record = records.listing(official.key, uid.strip())
            if record and record.removed_on is None:
                return entity_from_listing(record.listing)
    return None


def _kin(wanted: Sequence[OfficialList], known: Mapping[str, OfficialList]) -> list[OfficialList]:
    """The lists that are meant, then the other ones of their publisher: OFAC numbers two lists in one row."""
    families = {official.key.rpartition("_")[0] for official in wanted}
    others = [official for key, official in known.items() if key.rpartition("_")[0] in families]
    return list(dict.fromkeys((*wanted, *others)))


def _told_names(lists: Iterable[OfficialList]) -> str:
    return joined((f"{official.key} ({official.title})" for official in lists), "or")
