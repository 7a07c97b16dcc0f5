"""audit: who changed what, when, from where; shown, and written to a file."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from bot.commands.asking import Ask, button, cmd, reply
from bot.commands.phrases import known_people, person_name
from bot.counted import number, shortened
from bot.errors import CommandError
from bot.model import Attachment, Reply
from bot.ports import ChainedRow, Records
from bot.rights import Right
from bot.spreadsheets import write_csv
from bot.text.folding import fold_key
from bot.zones import told_moment

GRAMMAR = "audit [N] [of NAME | by USER | since 7d], or audit export"
_DEFAULT, _MOST = 10, 50
_MOST_EXPORTED = 100_000  # rows: some 30 MB, what a chat platform takes
_LONGEST = 160  # characters of a value that is shown
_PART = 500
_COLUMNS = ("number", "at", "who", "chat", "what", "before", "after", "digest")


@dataclass(frozen=True, slots=True)
class Wish:
    """Which rows: the newest `count`, that hold `of`, are `by` somebody, and are not older than `since`. `by` is said
    as rows are shown, by name or id, in whole words: telegram:7 is not telegram:77."""

    count: int
    of: str = ""
    by: str = ""
    since: datetime | None = None

    def fits(self, chained: ChainedRow, people: Mapping[str, str]) -> bool:
        row = chained.row
        told = f"{row.what}\n{row.chat}\n{row.before}\n{row.after}".casefold()
        by = f" {fold_key(self.by)} " in f" {fold_key(person_name(row.who, people))} "
        return (not self.of or self.of in told) and (not self.by or by)


def read_wish(words: str, now: datetime, count: int = _DEFAULT) -> Wish:
    """'20 of Gazprom since 7d', 'by telegram:7'. Raises CommandError."""
    match = re.fullmatch(
        r"(?P<count>\d{1,4})?\s*(?:of\s+(?P<of>\S.*?))?\s*(?:by\s+(?P<by>\S.*?))?\s*(?:since\s+(?P<since>.+))?",
        " ".join(words.split()),
        re.IGNORECASE,
    )
    if not match or (match["count"] and not 1 <= int(match["count"]) <= _MOST):
        raise CommandError(f"The form is: {cmd(GRAMMAR)}, with N from 1 to {_MOST}")
    mention = re.fullmatch(r"<@(\w+)(?:\|.*)?>", match["by"] or "")
    by = f"slack:{mention[1]}" if mention else match["by"] or ""
    since = parse_since(match["since"], now) if match["since"] else None
    return Wish(int(match["count"] or count), (match["of"] or "").casefold(), by, since)


def parse_since(words: str, now: datetime) -> datetime:
    """'7d', '12h', '2026-05-03'."""
    if match := re.fullmatch(r"(\d{1,4})\s*([hd])", words.strip(), re.IGNORECASE):
        return now - timedelta(**{"hours" if match[2].lower() == "h" else "days": int(match[1])})
    try:
        at = datetime.fromisoformat(words.strip())
    except ValueError:
        raise CommandError(f"Since when? Write since 7d, since 12h, or a date as since {now:%Y-%m-%d}.") from None
    return at if at.tzinfo else at.replace(tzinfo=UTC)


def audit(ask: Ask) -> Reply:
    verb, rest = ask.first_word()
    return _export(ask, rest) if verb == "export" else _show(ask)


def find_rows(records: Records, wish: Wish, people: Mapping[str, str]) -> Iterator[ChainedRow]:
    """Newest first. All are looked through, in parts, until there are enough. `people`: whom the log names how."""
    found, before = 0, None
    while part := records.latest_audit(before, _PART):
        for chained in part:
            if wish.since and chained.row.at < wish.since:
                return
            if wish.fits(chained, people):
                yield chained
                found += 1
                if found == wish.count:
                    return
        before = part[-1].id


def _show(ask: Ask) -> Reply:
    with ask.store.reading() as records:
        ask.require(records, Right.SEE_AUDIT)
        people = known_people(records)
        rows = list(find_rows(records, read_wish(ask.words, ask.now), people))
    if not rows:
        return reply(
            "Nothing was changed" + (" that fits" if ask.words else " yet"), f"The form is: {cmd(GRAMMAR)}", ok=False
        )
    return reply(
        f"The last {number(len(rows), 'change')}",
        bullets=[told_row(chained, people, ask.zone) for chained in rows],
        footer=f"Row {rows[0].id} has the digest {rows[0].digest[:16]}…; the whole log is checked by "
        "`sanctions-bot audit verify`.",
        actions=[button("As a file", f"audit export {ask.words}".strip())],
    )


def told_row(chained: ChainedRow, people: Mapping[str, str], zone: str) -> str:
    """'12: 3 May 2026, 12:00 UTC · Ana (telegram:7) in telegram:-5: admin add, before “…”, after “…”'."""
    row = chained.row
    told = [
        f"{name} “{shortened(value, _LONGEST)}”"
        for name, value in (("before", row.before), ("after", row.after))
        if value
    ]
    where = f" in {row.chat}" if row.chat else ""
    return ", ".join(
        [f"{chained.id}: {told_moment(row.at, zone)} · {person_name(row.who, people)}{where}: {row.what}", *told]
    )


# ---------------------------------------------------------------- as a file


def _export(ask: Ask, words: str) -> Reply:
    with ask.store.reading() as records:
        ask.require(records, Right.SEE_AUDIT)
        wish = read_wish(re.sub(r"^\d+\s*", "", words), ask.now, _MOST_EXPORTED)
        rows = list(find_rows(records, wish, known_people(records)))
    rows.reverse()
    name = f"audit-{ask.now:%Y-%m-%d}.csv"
    answer = reply(
        f"{number(len(rows), 'change')} in {name}",
        f"Only the newest {_MOST_EXPORTED:,} are in it." if len(rows) == _MOST_EXPORTED else "",
        "The digest of a row covers all rows before it: keep the last one elsewhere, and "
        "`sanctions-bot audit verify --expect DIGEST` tells whether the log still holds it.",
    )
    return Reply(answer.message, attachment=Attachment(name, audit_csv(rows), "text/csv"))


def audit_csv(rows: list[ChainedRow]) -> bytes:
    """As spreadsheets want it; no cell is taken for a formula."""
    return write_csv([_COLUMNS, *map(_cells, rows)])


def _cells(chained: ChainedRow) -> list[str]:
    row = chained.row
    at = row.at.astimezone(UTC).isoformat(timespec="microseconds")
    return [str(chained.id), at, row.who, row.chat, row.what, row.before, row.after, chained.digest]
