"""latest export: the events as a table in a file, a row for each target: what was known when, and what became of it."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from bot.alerts import headline
from bot.commands.asking import Ask, by_key, cmd, reply
from bot.commands.auditing import parse_since
from bot.commands.choosing import Choice, by_title, fits, parse_choice
from bot.commands.seeing import named_watchlists, see
from bot.counted import number
from bot.errors import CommandError
from bot.model import Attachment, ChatKey, Entity, Event, EventTarget, Reply, Watchlist
from bot.ports import Records
from bot.spreadsheets import XLSX, write_csv, write_xlsx
from bot.zones import in_utc

GRAMMAR = (
    "latest export [csv | xlsx] [since 90d] [authority US | programme X | country Y | topic T | watchlist Z | WORDS]"
)
COLUMNS = (
    "event", "opened_at", "updated_at", "headline", "verdict", "authorities", "programme", "acted_on", "key", "name",
    "named_as", "confidence", "state", "state_reason", "evidence", "outlet", "evidence_url", "official_lists",
    "sources", "outlets", "urls", "told", "handled_by", "judged",
)  # fmt: skip
MOST_EVENTS = 20_000  # some 30 MB
EVER = datetime(1970, 1, 1, tzinfo=UTC)
_SINCE = re.compile(r"\bsince\s+(\S+)", re.IGNORECASE)
FORMS: Mapping[str, tuple[str, Callable[[Iterable[Sequence[str]]], bytes]]] = {
    "csv": ("text/csv", write_csv),
    "xlsx": (XLSX, lambda rows: write_xlsx(rows, "Events")),
}


@dataclass(frozen=True, slots=True)
class Wish:
    """Which events, those opened at `since` or later, in which form."""

    choice: Choice
    since: datetime = EVER
    form: str = "csv"


@dataclass(frozen=True, slots=True)
class Line:
    """An event, and what became of it: who was `told` when, who handles it, what people said of each target (by its
    key)."""

    event: Event
    told: str = ""
    handled_by: str = ""
    judged: Mapping[str, str] = field(default_factory=dict)


# ---------------------------------------------------------------- which


def is_export(words: str) -> bool:
    """“export controls” are a subject to look for."""
    first, *rest = words.casefold().split() or [""]
    return first == "export" and not (rest and rest[0].startswith("control"))


def read_wish(words: str, now: datetime) -> Wish:
    """'xlsx since 90d authority US'. Raises CommandError."""
    since = _SINCE.search(words)
    if re.search(r"\bsince$", words.strip(), re.IGNORECASE):
        raise CommandError(f"Since when? The form is: {cmd(GRAMMAR)}")
    forms = [one for one in _SINCE.sub(" ", words).split() if one.casefold() in FORMS]
    left = [one for one in _SINCE.sub(" ", words).split() if one.casefold() not in FORMS]
    return Wish(
        parse_choice(" ".join(left)),
        parse_since(since[1], now) if since else EVER,
        forms[0].casefold() if forms else "csv",
    )


def find_events(
    events: Iterable[Event], wish: Wish, watchlists: Sequence[Watchlist], entities: Mapping[str, Entity]
) -> list[Event]:
    """Oldest first; without those that another one tells of since."""
    choice = by_title(wish.choice, watchlists)
    held = (event for event in events if event.opened_at >= wish.since and not event.told_as)
    return sorted((event for event in held if fits(event, choice, entities)), key=lambda event: event.opened_at)


# ---------------------------------------------------------------- the table


def rows(lines: Iterable[Line]) -> Iterator[Sequence[str]]:
    """With the names of the columns in front."""
    yield COLUMNS
    for line in lines:
        yield from (_row(line, target) for target in line.event.ever_targets)


def _row(line: Line, target: EventTarget) -> list[str]:
    event = line.event
    state, reason = _state(event, target)
    sources = [source for source in event.sources if source.tells_of(target.entity)]
    return [
        event.key,
        in_utc(event.opened_at),
        in_utc(event.updated_at),
        headline(event, event.targets or event.ever_targets),
        target.verdict.words,
        ", ".join(event.authorities),
        event.programme or "",
        event.acted_on.isoformat() if event.acted_on else "",
        target.entity,
        target.caption,
        target.surface,
        f"{target.confidence:.2f}",
        state,
        reason,
        target.evidence,
        target.outlet,
        target.url,
        "; ".join(record.text for record in event.records if record.entity == target.entity),
        str(len(sources)),
        "; ".join(dict.fromkeys(source.outlet for source in sources)),
        " ".join(dict.fromkeys(source.url for source in sources)),
        line.told,
        line.handled_by,
        line.judged.get(target.entity, ""),
    ]


def _state(event: Event, target: EventTarget) -> tuple[str, str]:
    gone = next((one for one in event.withdrawn_targets if one.target.entity == target.entity), None)
    if gone:
        return "withdrawn", _told_by(gone.by, gone.reason)
    if event.withdrawn:
        return "withdrawn", _told_by(event.withdrawal.by, event.withdrawal.reason) if event.withdrawal else ""
    doubt = next((one for one in event.open_doubts if target.entity in one.targets), None)
    return ("to be checked", f"{doubt.outlet}: {doubt.sentence}") if doubt else ("holds", "")


def _told_by(by: str, reason: str) -> str:
    return f"{by}: {reason}" if reason else by


# ---------------------------------------------------------------- in a chat


def export(ask: Ask, words: str) -> Reply:
    """As the chat sees the events: with what it was told, who handled it here and what was said of it here."""
    wish = read_wish(words, ask.now)
    with ask.store.reading() as records:
        known, entities = named_watchlists(ask, records), by_key(records.entities())
        found = find_events(see(ask, records, records.events_since(wish.since)), wish, known, entities)
        lines = [line_of_chat(records, event, ask.request.chat.key) for event in found[-MOST_EVENTS:]]
    if not lines:
        raise CommandError(f"No event fits. The form is: {cmd(GRAMMAR)}. What there is: {cmd('latest')}")
    file = attachment(lines, wish.form, ask.now)
    return replace(
        reply(
            f"{number(len(lines), 'event')} in {file.name}",
            f"Only the newest {MOST_EVENTS:,} are in it." if len(found) > MOST_EVENTS else "",
            "A row for each name, oldest event first, times in UTC. When an alert came to this chat is told as long as "
            "that is kept; the events stay.",
        ),
        attachment=file,
    )


def attachment(lines: Sequence[Line], form: str, now: datetime) -> Attachment:
    media_type, write = FORMS[form]
    return Attachment(f"events-{now:%Y-%m-%d}.{form}", write(rows(lines)), media_type)


def line_of_chat(records: Records, event: Event, chat: ChatKey) -> Line:
    handled = records.acknowledgement(event.key, chat)
    return Line(
        event,
        _told_at(records, event, chat),
        handled.by.called if handled else "",
        _judged(records, event, chat),
    )


def _told_at(records: Records, event: Event, chat: ChatKey) -> str:
    """When its alert, or the batch or digest that told it instead, came here."""
    if sent := records.sent_alert(event.key, chat):
        return in_utc(sent.sent_at)
    told = [(held.told_at, held.told_in) for held in records.held_alerts(event.key) if held.chat == chat]
    return next((f"{in_utc(at)} ({how})" for at, how in told if at and how), "")


def _judged(records: Records, event: Event, chat: ChatKey | None) -> Mapping[str, str]:
    said: dict[str, str] = {}
    for one in records.feedback_of(event.key, chat):
        told = "right" if one.label is one.given else one.label.words
        said[one.entity] = "; ".join(filter(None, (said.get(one.entity, ""), f"{one.user.called}: {told}")))
    return said


# ---------------------------------------------------------------- for whoever runs the bot


def all_lines(records: Records, wish: Wish) -> list[Line]:
    """Of all chats and watchlists: who was told, who handled it, what was said of it."""
    entities = by_key(records.entities())
    found = find_events(records.events_since(wish.since), wish, records.watchlists(), entities)
    return [line_of_all(records, event, records.chats_told(event.key)) for event in found]


def line_of_all(records: Records, event: Event, chats: Collection[ChatKey]) -> Line:
    handled = [records.acknowledgement(event.key, chat) for chat in chats]
    by = dict.fromkeys(one.by.called for one in handled if one)
    return Line(event, "; ".join(map(str, chats)), "; ".join(by), _judged(records, event, None))
