"""Several entities at once: pasted lines, or an uploaded CSV, XLSX or JSON. A preview first; nothing is saved until its
person confirms it, and a row that is refused costs no other."""

from __future__ import annotations

import itertools
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from bot.commands.asking import Ask, button, cmd, reply
from bot.commands.official import listed_already
from bot.commands.phrases import entity_line, weak_forms
from bot.commands.watch import watching
from bot.commands.watch.doubles import Double, find_doubles, newly_numbered, told_many
from bot.commands.watch.keyless import completed, resolve_names
from bot.commands.watch.nearly import Alike, find_pairs
from bot.counted import first_of, joined, number, shortened
from bot.errors import CommandError
from bot.identifiers import told_identifier
from bot.matching.names import name_forms
from bot.model import Attachment, Entity, EntityEdit, Fact, Reply, Schema
from bot.ports import Records
from bot.spreadsheets import Refused, write_csv
from bot.text.folding import fold_key
from bot.watchlist import (
    WatchlistFile,
    changes_between,
    country_name,
    entity_from_words,
    parse_watchlist,
    without_asides,
    written_name,
)

MOST_PASTED = 200  # lines
_SHOWN = 8  # of each kind
_MOST_TRIED = 50  # new names that are tried on past articles


@dataclass(frozen=True, slots=True)
class Comparison:
    """What a file would change. `seen`: the versions that it was compared with."""

    new: tuple[Entity, ...] = ()
    changed: tuple[tuple[Entity, Entity], ...] = ()  # (as it stands, as the file has it)
    unchanged: int = 0
    removed: tuple[Entity, ...] = ()
    refused: tuple[Refused, ...] = ()
    partly: tuple[Refused, ...] = ()  # what was left out of rows that are taken
    doubles: tuple[Double, ...] = ()  # of the new, and of the changed by what they get
    alike: tuple[Alike, ...] = ()  # of the new
    notes: tuple[str, ...] = ()
    seen: Mapping[str, int] = field(default_factory=dict)

    @property
    def edits(self) -> tuple[EntityEdit, ...]:
        saved = [*self.new, *(new for _, new in self.changed)]
        return (
            *(EntityEdit(entity.key, entity, self.seen.get(entity.key, 0)) for entity in saved),
            *(EntityEdit(entity.key, None, self.seen.get(entity.key, 0)) for entity in self.removed),
        )


def compare(records: Records, file: WatchlistFile, seen: Sequence[str], *, replacing: str | None = None) -> Comparison:
    """What the file would change on the watchlists of `seen`; `replacing` a watchlist, whatever of it the file does not
    have is removed."""
    file = resolve_names(records, file, seen)
    standing = {entity.key: entity for entity in records.entities_of(entity.key for entity in file.entities)}
    places = records.places_of(entity.key for entity in file.entities)
    new, changed, unchanged = [], [], 0
    refused = list(file.lost)
    for told in file.entities:
        old = standing.get(told.key)
        entity = _as_meant(file, told, old)
        if why := _refusal(records, entity, places, seen, is_standing=old is not None):
            refused.append(Refused(file.lines.get(told.key, 0), why))
        elif old is None:
            new.append(entity)
        elif old == (entity := completed(old, entity, file)):
            unchanged += 1
        else:
            changed.append((old, entity))
    removed = _missing(records, file, replacing) if replacing else ()
    brought = [*(newly_numbered(old, entity) for old, entity in changed), *new]
    then = {entity.key: entity for _, entity in changed} | dict.fromkeys(one.key for one in removed)
    doubles = find_doubles(records, brought, seen, then)
    alike = find_pairs(records, new, seen, removed)
    touched = [*new, *(entity for _, entity in changed), *removed]
    return Comparison(
        new=tuple(new),
        changed=tuple(changed),
        unchanged=unchanged,
        removed=removed,
        refused=tuple(sorted(refused, key=lambda one: one.line)),
        partly=file.partly,
        doubles=doubles,
        alike=alike,
        notes=(
            *file.notes,
            *told_parted([(file.written[one.key].caption, one) for one in new if one.key in file.written]),
            *_guessed(new, file),
            *_unread(file, replacing),
            *_namesakes(records, new, seen),
            *_told_alike(alike),
            *told_many(doubles),
        ),
        seen=records.standing_versions(entity.key for entity in touched),
    )


def _as_meant(file: WatchlistFile, told: Entity, old: Entity | None) -> Entity:
    """With what stands beside its name, where people track it so, by purpose."""
    written = file.written.get(told.key)
    return written if written and old and fold_key(old.caption) == fold_key(written.caption) else told


def _refusal(
    records: Records, entity: Entity, places: Mapping[str, str], seen: Sequence[str], *, is_standing: bool
) -> str:
    """Why an entity of the file is not taken; "" if it is. No word of what stands where it is not seen."""
    if entity.watchlist not in seen:
        return f"{entity.key} is for the watchlist {entity.watchlist}, which is not seen here"
    if places.get(entity.key, entity.watchlist) not in seen:
        return f"the key {entity.key} is taken: write another one, or leave it empty"
    if not is_standing and entity.key in places and (leads_to := records.entity(entity.key)):
        return f"the key {entity.key} was merged into {leads_to.key} ({leads_to.caption})"
    return ""


def _told_alike(alike: Sequence[Alike]) -> tuple[str, ...]:
    merge = cmd("watch merge KEY into KEY")
    slips = [str(one) for one in alike if one.is_slip]
    spelt = [str(one) for one in alike if not one.is_slip]
    return tuple(
        f"{what}: {'; '.join(first_of(told, _SHOWN))}. If so, merge them afterwards: {merge}"
        for what, told in (
            ("One letter apart, perhaps the same", slips),
            ("Perhaps one in two spellings, both of which an alert may name", spelt),
        )
        if told
    )


def told_parted(parted: Sequence[tuple[str, Entity]]) -> tuple[str, ...]:
    """What was taken off names, (as it was written, as it is tracked): nobody's words are changed in silence."""
    if not parted:
        return ()
    lines = [f"“{shortened(written, 80)}” as {_told_apart(written, entity)}" for written, entity in parted]
    rename = cmd(f"watch rename {parted[0][1].key} to NAME")
    return (
        f"What stands beside {number(len(parted), 'name')} is no part of it and is kept apart, as no article writes a "
        f"name so: {'; '.join(first_of(lines, _SHOWN))}. Where it is a part of the name: {rename}",
    )


def _told_apart(written: str, entity: Entity) -> str:
    """'Foo Trading (United Arab Emirates; registration number 1234567)': what stood beside the name, and nothing that
    other columns tell."""
    own = without_asides(Entity(entity.key, entity.schema, written), is_kind_told=True)
    beside = [*map(country_name, own.countries), *map(told_identifier, own.identifiers), *own.aliases]
    beside += [own.notes] if own.notes else []
    return f"{entity.caption} ({shortened('; '.join(beside), 120)})" if beside else entity.caption


def _missing(records: Records, file: WatchlistFile, watchlist: str) -> tuple[Entity, ...]:
    """A row that was refused is no wish to remove its entity: where its key cannot be read, nothing is removed.
    Nor does a file without a name, which an export that failed leaves, mean that nobody is tracked."""
    if not file.entities or not _is_all_read(file):
        return ()
    there = {entity.key for entity in file.entities}
    return tuple(one for one in records.entities([watchlist]) if one.key not in there)


def _is_all_read(file: WatchlistFile) -> bool:
    return not file.lost


def _unread(file: WatchlistFile, replacing: str | None) -> tuple[str, ...]:
    if replacing and not (file.entities or file.refused):
        return ("Nothing is removed: the file holds no name. To stop tracking names, remove them.",)
    if not replacing or _is_all_read(file):
        return ()
    return ("Nothing is removed: a row that was refused may be somebody who is tracked. Correct the rows first.",)


def _guessed(new: Sequence[Entity], file: WatchlistFile) -> tuple[str, ...]:
    """Of a kind that no row tells."""
    count = sum(not file.tells(entity.key, "schema") and entity.schema is not Schema.PERSON for entity in new)
    if not count:
        return ()
    return (
        f"No kind is told of {number(count, 'new name')}: one with a legal form counts as a company, any other as a "
        "person or an organisation alike. A column schema tells it.",
    )


def _namesakes(records: Records, new: Sequence[Entity], seen: Sequence[str]) -> tuple[str, ...]:
    known = records.entities_named((entity.caption for entity in new), seen)
    names = [f"{entity.caption} (key {entity.key})" for entity in known[:5]]
    if not names:
        return ()
    more = f" and {len(known) - 5} more" if len(known) > 5 else ""
    return (
        f"Tracked already under another key: {joined(names)}{more}. If it is the same, merge them afterwards: "
        f"{cmd('watch merge A into B')}",
    )


# ---------------------------------------------------------------- asked in chat


def upload(ask: Ask, words: str, *, replacing: bool = False) -> Reply:
    """`watch add`, `watch import` or `watch replace`, sent with a file; `words` may name the watchlist."""
    file = ask.request.attachment
    if file is None:
        raise CommandError(
            f"Send a CSV, XLSX or JSON file with {cmd('watch import')}. A list of names is enough; all "
            f"columns are those of {cmd('watch export')}. With {cmd('watch replace')}, names that it lacks are removed"
        )
    if len(file.content) > ask.services.upload_bytes:
        raise CommandError(
            f"{shortened(file.name, 60)} has {len(file.content) / 1e6:,.0f} MB: at most "
            f"{ask.services.upload_bytes / 1e6:,.0f} MB are read. Send it in parts, or have it imported with: "
            "sanctions-bot watch import FILE"
        )
    with ask.store.reading() as records:
        watching.require_editor(ask, records)
        seen = records.watchlists_of(ask.request.chat.key)
        watchlist = words.strip().casefold() or seen[0]
        if watchlist not in seen:
            raise CommandError(watching.unseen(watchlist, seen))
        parsed = parse_watchlist(file.content, shortened(file.name, 60), watchlist)
        found = compare(records, parsed, seen, replacing=watchlist if replacing else None)
    return preview(ask, found, f"{'replaced' if replacing else 'imported'} {shortened(file.name, 60)}")


def paste(ask: Ask, words: str) -> Reply:
    """A line for each new entity, written as one `watch add` is."""
    lines = [line for line in words.splitlines() if line.strip()]
    if len(lines) > MOST_PASTED:
        raise CommandError(
            f"That are {len(lines)} lines: at most {MOST_PASTED} are read. Send a CSV file with the rest."
        )
    with ask.store.reading() as records:
        watching.require_editor(ask, records)
        found = _read_lines(records, lines, records.watchlists_of(ask.request.chat.key))
    return preview(ask, found, f"added {number(len(found.new), 'pasted name')}")


_BULLET = re.compile(r"\s*[-*•·▪◦●–—]\s+")
_ORDINAL = re.compile(r"\s*\(?(\d{1,3})[.)]\s+")
_LEAST_COUNTED = 2  # lines: one alone, "1. FC Union", is a name


def without_marks(lines: Sequence[str]) -> list[str]:
    """Lines of a list as mails and documents have them, without bullets and without numbers that count: no article has
    "1. Foo Trading"."""
    lines = [_BULLET.sub("", line, count=1) if _BULLET.match(line) else line for line in lines]
    counted = [int(found[1]) for line in lines if (found := _ORDINAL.match(line))]
    is_counted = len(counted) >= _LEAST_COUNTED and all(
        after == before + 1 for before, after in itertools.pairwise(counted)
    )
    return [_ORDINAL.sub("", line, count=1) for line in lines] if is_counted else lines


def _read_lines(records: Records, lines: Sequence[str], seen: Sequence[str]) -> Comparison:
    new: dict[str, Entity] = {}
    parted: list[tuple[str, Entity]] = []
    refused: list[Refused] = []
    for at, line in enumerate(without_marks(lines), 1):
        try:
            entity = entity_from_words(line, _Taken(watching.TakenKeys(records, seen), new), seen[0])
        except ValueError as error:
            refused.append(Refused(at, str(error)))
            continue
        same = [*records.entities_named([entity.caption], seen)]
        if entity.watchlist not in seen:
            refused.append(Refused(at, watching.unseen(entity.watchlist, seen)))
        elif same:
            refused.append(Refused(at, f"{entity.caption} is tracked already (key {same[0].key})"))
        else:
            new[entity.key] = entity
            parted += [(name, entity)] if (name := written_name(line)) else []
    added = tuple(new.values())
    doubles = find_doubles(records, added, seen)
    versions = records.standing_versions(new)
    alike = find_pairs(records, added, seen)
    notes = (*told_parted(parted), *_told_alike(alike), *told_many(doubles))
    return Comparison(added, refused=tuple(refused), doubles=doubles, alike=alike, notes=notes, seen=versions)


@dataclass(frozen=True, slots=True)
class _Taken:
    stored: watching.TakenKeys
    new: Mapping[str, Entity]

    def __contains__(self, key: object) -> bool:
        return key in self.new or key in self.stored


def preview(ask: Ask, found: Comparison, what: str) -> Reply:
    """What would change, and the button that changes it."""
    counts = {
        "New": len(found.new),
        "Changed": len(found.changed),
        "Unchanged": found.unchanged,
        "Removed": len(found.removed),
        "Of a known number": len(found.doubles),
        "Refused": len(found.refused),
        "Left out of rows that are taken": len(found.partly),
    }
    facts = [Fact(label, f"{count:,}") for label, count in counts.items() if count or label in ("New", "Refused")]
    if not found.edits:
        return reply(
            "Nothing would change",
            *found.notes,
            facts=facts,
            bullets=_lines(found),
            footer="Correct the refused rows and send them again." if found.refused else "",
            ok=not found.refused,
        )
    pending = watching.keep_for_later(ask, found.edits, what, is_import=ask.request.attachment is not None)
    answer = reply(
        "This is what would change; nothing is saved yet",
        *found.notes,
        *_tried(ask, found.new),
        "Refused rows stay out; all others can be saved." if found.refused else "",
        facts=facts,
        bullets=[*_lines(found), *_listed_already(ask, found.new)],
        footer=f"To save it, within an hour: {cmd(f'watch confirm {pending.id}')}",
        actions=[
            button(f"Save {number(len(found.edits), 'change')}", f"watch confirm {pending.id}"),
            button("Drop it", f"watch cancel {pending.id}"),
        ],
    )
    return _with_report(answer, found)


def _lines(found: Comparison) -> list[str]:
    refused = [f"Refused, line {one.line}: {shortened(one.reason, 200)}" for one in found.refused]
    partly = [f"Line {one.line}, in part: {shortened(one.reason, 200)}" for one in found.partly]
    changed = [f"Changed: {old.caption} · {'; '.join(changes_between(old, new))}" for old, new in found.changed]
    doubles = [f"{one.entity.caption}: {one}" for one in found.doubles]
    new = [
        f"New: {entity.caption} · {entity_line(entity)}{watching.told_numbers(entity)}{_weak(entity)}"
        for entity in found.new[:_SHOWN]
    ]
    removed = [f"Removed: {entity.caption} · key {entity.key}" for entity in found.removed]
    lines: list[str] = []
    for part, total in ((doubles, 0), (new, len(found.new)), (changed, 0), (removed, 0), (refused, 0), (partly, 0)):
        more = max(total, len(part)) - _SHOWN
        lines += [shortened(line, 300) for line in part[:_SHOWN]] + ([f"… and {more:,} more"] if more > 0 else [])
    return lines


def _weak(entity: Entity) -> str:
    weak = weak_forms(name_forms(entity))
    return f" · weak: {', '.join(weak[:3])}" if weak else ""


def _tried(ask: Ask, new: Sequence[Entity]) -> tuple[str, ...]:
    if ask.services.backtest is None or not 0 < len(new) <= _MOST_TRIED:
        return ()
    return (watching.told_past(ask.services.backtest(new)),)


def _listed_already(ask: Ask, new: Sequence[Entity]) -> list[str]:
    """Which of the new names official lists have; of many, how to find out."""
    if ask.services.search is None or not new or not ask.has_lists:
        return []
    if len(new) > _MOST_TRIED:
        return [f"Which of them are on official lists already: send the file with {cmd('lookup')}"]
    lines = []
    for entity in new:
        sentences, facts = listed_already(ask, entity)
        if facts:
            lines.append(f"Already known: {entity.caption} · {facts[0].label}: {facts[0].value}")
        elif sentences[0].startswith("Whether"):  # it cannot search just now: the others need not wait for it
            return [*lines, sentences[0]]
    more = len(lines) - _SHOWN
    return [shortened(line, 300) for line in lines[:_SHOWN]] + ([f"… and {more:,} more"] if more > 0 else [])


def _with_report(answer: Reply, found: Comparison) -> Reply:
    """All rows, where the message shows only some."""
    rows = [("what", "line", "key", "name", "why")]
    rows += [("refused", str(one.line), "", "", one.reason) for one in found.refused]
    rows += [("left out", str(one.line), "", "", one.reason) for one in found.partly]
    rows += [("changed", "", new.key, new.caption, "; ".join(changes_between(old, new))) for old, new in found.changed]
    rows += [("known number", "", one.entity.key, one.entity.caption, str(one)) for one in found.doubles]
    rows += [("perhaps one", "", one.entity.key, one.entity.caption, str(one)) for one in found.alike]
    rows += [("removed", "", entity.key, entity.caption, "") for entity in found.removed]
    if len(rows) <= 1 + _SHOWN:
        return answer
    report = Attachment("preview.csv", write_csv(rows), "text/csv")
    return Reply(answer.message, ok=answer.ok, attachment=report)
