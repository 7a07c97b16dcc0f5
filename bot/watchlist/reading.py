"""A file while it is read, and what was read of it. A row without a key is read when all keys are known."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from bot.counted import some_of
from bot.model import MAIN_WATCHLIST, Entity
from bot.spreadsheets import Refused
from bot.text.asides import read_written
from bot.text.folding import fold_key
from bot.watchlist.rows import COLUMNS, by_its_numbers, guess_schema, key_of_name, may_be_one, parse_row, without_asides
from bot.watchlist.values import clean, parse_schema


@dataclass(frozen=True, slots=True)
class WatchlistFile:
    """What a file holds. `notes` tell what was guessed (the encoding, say): to be shown, nothing is wrong. A row
    without a key has one of its name; `unkeyed` are those keys. `told`: which columns each key's row fills."""

    entities: tuple[Entity, ...] = ()
    refused: tuple[Refused, ...] = ()
    notes: tuple[str, ...] = ()
    lines: Mapping[str, int] = field(default_factory=dict)  # of each entity's key
    columns: frozenset[str] = frozenset(COLUMNS)  # that the file has
    unkeyed: frozenset[str] = frozenset()
    told: Mapping[str, frozenset[str]] = field(default_factory=dict)
    kinds: frozenset[str] = frozenset()  # of identifiers that have a column of their own, if only those have one
    written: Mapping[str, Entity] = field(default_factory=dict)  # as the file has those that were parted from asides

    @property
    def lost(self) -> tuple[Refused, ...]:
        """Rows of which nothing is taken."""
        taken = set(self.lines.values())
        return tuple(one for one in self.refused if one.line not in taken)

    @property
    def partly(self) -> tuple[Refused, ...]:
        """What was left out of rows that are taken."""
        taken = set(self.lines.values())
        return tuple(one for one in self.refused if one.line in taken)

    def tells(self, key: str, column: str) -> bool:
        return column in self.told.get(key, frozenset(COLUMNS))


@dataclass(slots=True)
class Reading:
    """A file while it is read."""

    watchlist: str = MAIN_WATCHLIST
    entities: dict[str, Entity] = field(default_factory=dict)
    lines: dict[str, int] = field(default_factory=dict)
    refused: list[Refused] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    columns: frozenset[str] = frozenset(COLUMNS)
    unkeyed: list[tuple[int, Mapping[str, str]]] = field(default_factory=list)  # (line, row), read when all keys are
    made: set[str] = field(default_factory=set)  # keys of such rows
    told: dict[str, frozenset[str]] = field(default_factory=dict)
    kinds: frozenset[str] = frozenset()
    written: dict[str, Entity] = field(default_factory=dict)
    is_typed: bool = True  # by people, who write more than a name into its cell
    by_entry: bool = False  # `line` is the number of an entry: all of them may stand on one line

    def refuse(self, line: int, reason: str) -> None:
        self.refused.append(Refused(line, reason))

    def take(self, line: int, row: Mapping[str, str]) -> None:
        if not row.get("key", "").strip():
            self.unkeyed.append((line, row))
        elif (read := self._parse(line, row, row["key"])) and read[0].key in self.entities:
            key = read[0].key
            self.refuse(line, f"the key {key!r} is on line {self.lines[key]} already: keys are unique")
        elif read:
            self._keep(line, row, *read)

    def ended(self) -> WatchlistFile:
        self._take_unkeyed()
        return WatchlistFile(
            tuple(self.entities.values()),
            tuple(sorted(self.refused, key=lambda refused: refused.line)),
            tuple(self.notes),
            self.lines,
            self.columns,
            frozenset(self.made),
            self.told,
            self.kinds,
            self.written,
        )

    def _take_unkeyed(self) -> None:
        """Each gets a key of its name. A name that is there twice counts once, unless of another kind."""
        seen: dict[str, list[Entity]] = {}
        for entity in self.entities.values():
            seen.setdefault(fold_key(entity.caption), []).append(entity)
        doubles: list[str] = []
        for line, row in self.unkeyed:
            name = read_written(clean(row.get("name", ""))).name
            if read := self._parse(line, row, key_of_name(name, self.entities)):
                entity, doubts = read
                same = seen.setdefault(fold_key(entity.caption), [])
                is_guess = not row.get("schema", "").strip()
                if first := next((one for one in same if is_guess or may_be_one(one.schema, entity.schema)), None):
                    doubles.append(f"{entity.caption} (lines {self.lines[first.key]} and {line})")
                    continue
                same.append(entity)
                self.made.add(entity.key)
                self._keep(line, row, entity, doubts)
        if doubles:
            self.notes.append(f"There more than once, the first counts: {some_of(doubles, 5)}.")

    def _parse(self, line: int, row: Mapping[str, str], key: str) -> tuple[Entity, tuple[str, ...]] | None:
        told = row.get("schema", "").strip()
        schema = told or str(guess_schema(clean(row.get("name", ""))))
        try:
            entity, doubts = parse_row({**row, "key": key, "schema": schema}, self.watchlist)
            parted = without_asides(entity, is_kind_told=bool(told)) if self.is_typed else entity
            return parted if told else by_its_numbers(parted), doubts
        except ValueError as error:
            who = clean(row.get("name", "")) or key
            self.refuse(line, f"entry {line} ({who[:60]}): {error}" if self.by_entry else str(error))
            return None

    def _keep(self, line: int, row: Mapping[str, str], entity: Entity, doubts: Sequence[str]) -> None:
        self.entities[entity.key] = entity
        if entity.caption != (name := clean(row.get("name", ""))):
            schema = parse_schema(row["schema"]) if row.get("schema", "").strip() else guess_schema(name)
            self.written[entity.key] = parse_row({**row, "key": entity.key, "schema": schema}, self.watchlist)[0]
        self.lines[entity.key] = line
        self.told[entity.key] = _filled(tuple(column for column, cell in row.items() if cell.strip()))
        for doubt in doubts:
            self.refuse(line, f"{doubt}; {entity.caption} is tracked without it")


@lru_cache(maxsize=1_000)
def _filled(columns: tuple[str, ...]) -> frozenset[str]:
    """One set for all rows that fill the same columns."""
    return frozenset(columns)
