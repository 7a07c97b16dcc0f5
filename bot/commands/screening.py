"""A file of names, looked up row by row: a table in, the same table with hits out."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TypeVar

from bot.commands.asking import Ask, cmd
from bot.commands.official import state_of, told_unsearched
from bot.commands.seeing import seen_search
from bot.counted import number, shortened
from bot.errors import CommandError, SpreadsheetError
from bot.identifiers import parse_identifier, told_identifier
from bot.lists import list_title
from bot.lists.values import birth_dates
from bot.lookups.found import Found, Hit, Query, Search, merged
from bot.model import Attachment, Entity, Fact, Identifier, Listing, Message, Reply, Schema
from bot.spreadsheets import XLSX, Row, is_workbook, read_table, write_csv, write_xlsx
from bot.text.asides import read_written
from bot.text.folding import fold_key
from bot.watchlist import (
    BIRTH_DATE,
    GIVEN_NAME,
    NOTHING,
    above_header,
    country_name,
    find_header,
    name_columns,
    parse_country,
    parse_schema,
    whole_name,
)

MOST_ROWS = 10_000
MOST_BYTES = 20_000_000  # of a file: 10,000 rows of names have one or two
# Whoever clears a hit compares them with what the file has beside the name.
ADDED = (
    "hit", "list", "id", "score", "state", "programme", "hit_country", "hit_born", "hit_identifiers", "reason",
)  # fmt: skip
SHOWN_EVERY = timedelta(seconds=2)
_MOST_HITS = 3  # for each row, each on a row of its own
Value = TypeVar("Value")


@dataclass(frozen=True, slots=True)
class Names:
    """A table of names. `columns`: what each is, as `name_columns` says; `header` as it was."""

    header: tuple[str, ...]
    rows: tuple[Row, ...]
    columns: tuple[str, ...]
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
            *filter(None, [told_set_back(screened)]),
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
    set_back: int = 0  # names with a hit but for a birth date or a country: nobody is cleared by those in silence


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
    columns = name_columns(table.rows[0].cells)
    if "name" not in columns:
        told = f"{file} names no columns: every line was looked up as a name, the first one too."
        is_list = table.as_lines != table.rows
        table = replace(table, rows=table.as_lines, notes=(*table.notes, told) if is_list else table.notes)
        columns = name_columns(table.rows[0].cells)
    rows = table.rows[1:] if "name" in columns else table.rows
    if "name" not in columns:
        if max(len(row.cells) for row in table.rows) > 1:
            raise SpreadsheetError(
                f"{file} has no column called name (its first line reads {', '.join(table.rows[0].cells)[:100]!r}). "
                "Rename the column that holds the names"
            )
        columns = ["name"]
    if len(rows) > MOST_ROWS:
        raise SpreadsheetError(f"{file} has {len(rows):,} rows: at most {MOST_ROWS:,} are looked up. Send it in parts")
    refused = tuple(f"Line {one.line} was left out: it {one.reason}." for one in table.refused[:5])
    width = max(len(row.cells) for row in table.rows)
    shown = table.rows[0].cells if rows is not table.rows else ("name",)
    return Names((*shown, *([""] * (width - len(shown)))), rows, tuple(columns), (*table.notes, *refused))


def screen(
    names: Names, search: Search, threshold: float, progress: Callable[[int, int], None] = lambda _done, _hits: None
) -> Screened:
    """Every row looked up. Raises CommandError, StoreError."""
    out: list[tuple[str, ...]] = [(*names.header, *ADDED)]
    answered: dict[_Asked, Found] = {}
    hits = empty = set_back = 0
    for done, row in enumerate(names.rows):
        progress(done, hits)
        cells = (*row.cells, *([""] * (len(names.header) - len(row.cells))))
        asked = _asked(names, cells, threshold)
        if asked is None:
            empty += 1
            out.append((*cells, *_no_hit("no name in this row")))
            continue
        if asked not in answered:  # exports have the same party in many rows
            answered[asked] = asked.looked_up(search)
        found = answered[asked]
        hits += bool(found.hits)
        set_back += bool(found.lowered and not found.hits)
        told = [_cells(hit) for hit in found.hits[: asked.most_hits]] or [_no_hit(_told_none(found))]
        out += [(*cells, *one[:-1], "; ".join(filter(None, (one[-1], *asked.notes)))) for one in told]
    return Screened(tuple(out), hits, empty, set_back)


def told_set_back(screened: Screened) -> str:
    """ "" if there are none."""
    if not screened.set_back:
        return ""
    return (
        f"{number(screened.set_back, 'more is a hit', 'more are hits')} by the name alone, set back by a birth date or "
        "a country, which a person should check: see their reason."
    )


@dataclass(frozen=True, slots=True)
class _Asked:
    """What a row asks: each of its names, the one as it stands first. `notes` tell what was read, and what could not
    be."""

    queries: tuple[Query, ...]
    notes: tuple[str, ...] = ()

    @property
    def most_hits(self) -> int:
        """Of two names that a row has, one may be on several lists: the other is told too."""
        return _MOST_HITS * max(1, len(self.queries) - 1)

    def looked_up(self, search: Search) -> Found:
        first, *others = self.queries
        return merged([search(first), *(_by_name(search(one), one.name) for one in others)])


def _by_name(found: Found, name: str) -> Found:
    """Told of each hit, as the row has more than this name."""

    def told(hits: Sequence[Hit]) -> tuple[Hit, ...]:
        return tuple(replace(hit, explanation=f"by “{name}”: {hit.explanation}") for hit in hits)

    return replace(found, hits=told(found.hits), near=told(found.near), lowered=told(found.lowered))


def _told_none(found: Found) -> str:
    """What came nearest; first of all who would be a hit by the name alone."""
    near = next(iter((*found.lowered, *found.near)), None)
    if near is None:
        return "nothing like it"
    more = f", as {len(found.lowered) - 1} more" if len(found.lowered) > 1 else ""
    what = f"a hit by the name alone ({near.by_name:.2f}){more}, set back" if near.by_name and found.lowered else "best"
    return f"{what} below the threshold: {near.score:.2f} {near.name} ({near.explanation})"


def _asked(names: Names, cells: Sequence[str], threshold: float) -> _Asked | None:
    """None for a row without a name. What else cannot be read is left out and told: the name is what counts."""
    given, family = _first(names, cells, GIVEN_NAME), _first(names, cells, "name")
    name = whole_name(given, family)
    if not fold_key(name):
        return None
    written = read_written(name)
    notes = [f"beside the name: {', '.join(written.aside)}"] if written.aside else []
    countries: dict[str, None] = {}
    for column, cell in zip(names.columns, cells, strict=False):
        for part in filter(None, map(str.strip, re.split("[;|]", cell))) if column == "countries" else ():
            code = next(_parsed(parse_country, part), None)
            countries |= {code: None} if code else {}
            notes += [] if code or part in NOTHING else [f"the country “{shortened(part, 40)}” is unknown"]
    numbers, wrong = _numbers(names, cells, written.numbers)
    notes += wrong
    told = _first(names, cells, BIRTH_DATE)
    told = "" if told in NOTHING else told
    born = birth_dates(told or written.born)
    notes += [f"“{shortened(told, 40)}” is no birth date that can be read"] if told and not born else []
    first = Query(
        name,
        next(_parsed(parse_schema, _first(names, cells, "schema")), Schema.PERSON if given and family else None),
        tuple(countries),
        born,
        numbers,
        threshold=threshold,
    )
    others = [replace(first, name=one) for one in written.names if written.aside and one != name]
    return _Asked((first, *others), tuple(notes))


def _numbers(
    names: Names, cells: Sequence[str], beside: Sequence[str]
) -> tuple[tuple[Identifier, ...], tuple[str, ...]]:
    """(those of the row's columns, and what stood beside its name; what cannot be right of them)."""
    told = list(beside)
    for column, cell in zip(names.columns, cells, strict=False):
        what, _, kind = column.partition(":")
        values = [part.strip() for part in cell.split(";") if what == "identifiers" and part.strip() not in NOTHING]
        told += [f"{kind}:{value}" if kind else value for value in values if value]
    found: dict[Identifier, None] = {}
    wrong = []
    for one in told:
        try:
            found[parse_identifier(one)] = None
        except ValueError as error:
            wrong.append(shortened(str(error), 120))
    return tuple(found), tuple(wrong)


def _first(names: Names, cells: Sequence[str], what: str) -> str:
    """Of the first such column; "" if there is none."""
    found = (cell.strip() for column, cell in zip(names.columns, cells, strict=False) if column == what)
    return next(found, "")


def _parsed(parse: Callable[[str], Value], text: str) -> Iterator[Value]:
    try:
        if text:
            yield parse(text)
    except ValueError:
        return


def _no_hit(reason: str) -> tuple[str, ...]:
    return ("no", *[""] * (len(ADDED) - 2), reason)


def _cells(hit: Hit) -> tuple[str, ...]:
    """As ADDED names them. Of who is tracked, no programme and no birth date is kept."""
    score = f"{hit.score:.2f}"
    known: Entity | Listing
    if hit.record is not None:
        known = listing = hit.record.listing
        where = list_title(listing.list), listing.uid, score, state_of(hit.record), _together(listing.programmes)
        born = _together(listing.birth_dates)
    elif hit.entity is not None:
        known, born = hit.entity, ""
        where = "watchlist", hit.entity.key, score, "tracked", ""
    else:
        return (hit.name, "watchlist", "", score, "tracked", "", "", "", "", hit.explanation)
    countries = _together(map(country_name, known.countries))
    return hit.name, *where, countries, born, _together(map(told_identifier, known.identifiers)), hit.explanation


def _together(values: Iterable[str]) -> str:
    return "; ".join(values)
