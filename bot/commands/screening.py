"""A file of names, looked up row by row: a table in, the same table with hits out."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TypeVar

from bot.commands.asking import Ask, cmd
from bot.commands.official import list_title, state_of, told_unsearched
from bot.commands.phrases import number
from bot.commands.seeing import seen_search
from bot.errors import CommandError, SpreadsheetError
from bot.folding import fold_key
from bot.lists.values import birth_dates
from bot.lookups.found import Found, Hit, Query, Search
from bot.model import Attachment, Fact, Message, Reply
from bot.spreadsheets import XLSX, Row, is_workbook, read_table, write_csv, write_xlsx
from bot.watchlist import NAME_WORDS, above_header, find_header, parse_country, parse_schema

MOST_ROWS = 10_000
MOST_BYTES = 20_000_000  # of a file: 10,000 rows of names have one or two
ADDED = ("hit", "list", "id", "score", "state", "reason")
SHOWN_EVERY = timedelta(seconds=2)
_MOST_HITS = 3  # for each row, each on a row of its own
_NAME = ("name", *NAME_WORDS)
_SCHEMA = ("schema", "type", "kind")
_COUNTRY = ("country", "countries", "nationality", "jurisdiction")
Value = TypeVar("Value")
_BORN = ("birth_date", "birthdate", "born", "date_of_birth", "dob")


@dataclass(frozen=True, slots=True)
class Names:
    """A table of names. `columns`: where name, schema, country and birth date stand; `header` as it was."""

    header: tuple[str, ...]
    rows: tuple[Row, ...]
    columns: dict[str, int]
    notes: tuple[str, ...] = ()


def screen_file(ask: Ask, attachment: Attachment) -> Reply:
    """The answer to /lookup with a file. Raises CommandError, SpreadsheetError."""
    search = seen_search(ask)
    if search is None:
        raise CommandError(f"This process cannot search the lists. Ask about one name: {cmd('lookup NAME')}")
    names = read_names(attachment.content, attachment.name)

    def work(show: Callable[[Message], None]) -> Reply:
        told = ask.now

        def progress(done: int, hits: int) -> None:
            nonlocal told
            if ask.services.now() - told >= SHOWN_EVERY:
                told = ask.services.now()
                total = len(names.rows)
                show(
                    Message(
                        f"Looked up {done:,} of {total:,} names ({done / total:.0%})", subtitle=f"{hits:,} with a hit"
                    )
                )

        notes = () if ask.has_lists else told_unsearched(ask, None)
        return _answer(attachment, names, screen(names, search, ask.services.lookup_threshold, progress), notes)

    return ask.run_long(work)


def _answer(asked: Attachment, names: Names, screened: Screened, notes: Sequence[str]) -> Reply:
    """In the form that the names came in."""
    stem = asked.name.rpartition("/")[2].rpartition("\\")[2].rpartition(".")[0] or "names"
    if is_workbook(asked.content):
        attachment = Attachment(f"{stem}-lookup.xlsx", write_xlsx(screened.rows, "Look-up"), XLSX)
    else:
        attachment = Attachment(f"{stem}-lookup.csv", write_csv(screened.rows), "text/csv")
    message = Message(
        f"{number(len(names.rows), 'name')} looked up: {screened.hits:,} with a hit",
        paragraphs=(
            *notes,
            "The file has your columns and "
            + ", ".join(ADDED)
            + ". A name with several hits has a row for each, up to three, best first.",
            *names.notes,
        ),
        facts=(Fact("Not looked up", f"{number(screened.empty, 'row')} without a name"),) if screened.empty else (),
    )
    return Reply(message, attachment=attachment)


@dataclass(frozen=True, slots=True)
class Screened:
    """The table that goes out, header first. `hits`: names with one; `empty`: rows without a name."""

    rows: tuple[tuple[str, ...], ...]
    hits: int
    empty: int


def read_names(content: bytes, file: str) -> Names:
    """A CSV or XLSX with a column `name`, or of one column. Raises SpreadsheetError."""
    if len(content) > MOST_BYTES:
        raise SpreadsheetError(
            f"{file} has {len(content) / 1e6:.0f} MB: at most {MOST_BYTES / 1e6:.0f} MB and {MOST_ROWS:,} names are "
            "looked up at once. Send it in parts"
        )
    table = read_table(content, file)
    if not table.rows:
        raise SpreadsheetError(f"{file} holds no names: one name a line, or a column called name")
    start = find_header(table.rows) or 0
    notes = (*table.notes, *([above_header(table.rows[:start], table.rows[start].line)] if start else []))
    table = replace(table, rows=table.rows[start:], notes=notes)
    header = [cell.strip().casefold().replace(" ", "_") for cell in table.rows[0].cells]
    columns = {
        what: at
        for what, words in (("name", _NAME), ("schema", _SCHEMA), ("country", _COUNTRY), ("born", _BORN))
        for at in [next((header.index(word) for word in words if word in header), None)]
        if at is not None
    }
    rows = table.rows[1:] if "name" in columns else table.rows
    if "name" not in columns:
        if max(len(row.cells) for row in table.rows) > 1:
            raise SpreadsheetError(
                f"{file} has no column called name (its first line reads {', '.join(table.rows[0].cells)[:100]!r}). "
                "Rename the column that holds the names"
            )
        columns["name"] = 0
    if len(rows) > MOST_ROWS:
        raise SpreadsheetError(f"{file} has {len(rows):,} rows: at most {MOST_ROWS:,} are looked up. Send it in parts")
    refused = tuple(f"Line {one.line} was left out: it {one.reason}." for one in table.refused[:5])
    width = max(len(row.cells) for row in table.rows)
    shown = table.rows[0].cells if rows is not table.rows else ("name",)
    return Names((*shown, *([""] * (width - len(shown)))), rows, columns, (*table.notes, *refused))


def screen(
    names: Names, search: Search, threshold: float, progress: Callable[[int, int], None] = lambda _done, _hits: None
) -> Screened:
    """Every row looked up. Raises CommandError, StoreError."""
    out: list[tuple[str, ...]] = [(*names.header, *ADDED)]
    hits = empty = 0
    for done, row in enumerate(names.rows):
        progress(done, hits)
        cells = (*row.cells, *([""] * (len(names.header) - len(row.cells))))
        query = _query(names, cells, threshold)
        if query is None:
            empty += 1
            out.append((*cells, "no", "", "", "", "", "no name in this row"))
            continue
        found = search(query)
        hits += bool(found.hits)
        none = (*cells, "no", "", "", "", "", _told_none(found))
        out += [(*cells, *_cells(hit)) for hit in found.hits[:_MOST_HITS]] or [none]
    return Screened(tuple(out), hits, empty)


def _told_none(found: Found) -> str:
    """What came nearest; first of all who would be a hit by the name alone."""
    near = next(iter((*found.lowered, *found.near)), None)
    if near is None:
        return "nothing like it"
    more = f", as {len(found.lowered) - 1} more" if len(found.lowered) > 1 else ""
    what = f"a hit by the name alone ({near.by_name:.2f}){more}, set back" if near.by_name and found.lowered else "best"
    return f"{what} below the threshold: {near.score:.2f} {near.name} ({near.explanation})"


def _query(names: Names, cells: Sequence[str], threshold: float) -> Query | None:
    """None for a row without a name. What else cannot be read is left out: the name is what counts."""
    texts = {what: cells[at].strip() for what, at in names.columns.items()}
    if not fold_key(texts["name"]):
        return None
    born = texts.get("born", "")
    return Query(
        texts["name"],
        next(_parsed(parse_schema, texts.get("schema", "")), None),
        tuple(_parsed(parse_country, texts.get("country", ""))),
        birth_dates(born),
        threshold=threshold,
    )


def _parsed(parse: Callable[[str], Value], text: str) -> Iterator[Value]:
    try:
        if text:
            yield parse(text)
    except ValueError:
        return


def _cells(hit: Hit) -> tuple[str, ...]:
    score = f"{hit.score:.2f}"
    if hit.record is not None:
        listing = hit.record.listing
        return hit.name, list_title(listing.list), listing.uid, score, state_of(hit.record), hit.explanation
    key = hit.entity.key if hit.entity else ""
    return hit.name, "watchlist", key, score, "tracked", hit.explanation
