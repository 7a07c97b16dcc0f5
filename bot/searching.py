"""Whom a name may mean, among all that is tracked and all official lists: candidates from an index on disk, each
compared with rigour's help, best first.

    name -> keys -> candidates (index) + what changed since the index was written -> comparison -> hits, near misses
"""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Protocol, TypeVar

from bot.identifiers import identifier_key, list_id, numbers_in, shared_identifier, told_identifier
from bot.lists import entries_called, list_title
from bot.lookups import Comparison, Named, compare, named_entity, named_listing
from bot.lookups.comparing import WEAK_MOST, WEAK_NOTE, agreed, compare_names
from bot.lookups.features import features_of, weighed, without_features
from bot.lookups.found import MOST_HITS, MOST_NEAR, Found, Hit, Query, Searched
from bot.lookups.halves import FEW, Half, as_half, as_misspelt, count_bearers, half_of
from bot.lookups.keys import hashed, keys_of, number_keys, query_keys, word_keys
from bot.model import Entity, Identifier, Listing, Schema
from bot.ports import ListingRecord, Records, Store
from bot.text.folding import fold_key

__all__ = ["IndexFolder", "Searcher", "find_listed"]

NEAR = 0.6  # from here on a name below the threshold is a near miss
MOST_QUERY = 1_000  # characters
_CANDIDATES, _MOST_CANDIDATES = 30, 240  # names for each list, as most stand on several; in all
_WORTH = 0.45  # of the best candidate's score: what is below is not compared
_MOST_CHANGES = 200  # that are compared one by one: with more the index is built anew
_MOST_WEIGHED = 120  # that are looked at by birth date and country
_PAGE = 1_000
_LISTING, _ENTITY = "listing", "entity"
_BETWEEN = "\x1f"  # list and uid of an owner
# Two hosts' clocks may differ, and a transaction may be long: older changes are asked for again, and cost nothing.
_OVERLAP = timedelta(minutes=10)


Ranked = TypeVar("Ranked")


class Index(Protocol):
    """`bot.storage.name_index.NameIndex`."""

    def holds(self, key: int) -> bool: ...
    def candidates(
        self,
        words: Sequence[str],
        joined: Sequence[tuple[str, int, int]],
        whole: Sequence[int],
        word_keys: Callable[[str], Sequence[int]],
        limit: int,
    ) -> Sequence[Candidate]: ...


class Candidate(Protocol):
    @property
    def owner(self) -> str: ...
    @property
    def kind(self) -> str: ...
    @property
    def name(self) -> str: ...
    @property
    def is_weak(self) -> bool: ...
    @property
    def score(self) -> float: ...


class Writer(Protocol):
    """`bot.storage.name_index.NameIndexWriter`."""

    def add_owner(self, owner: str, kind: str) -> None: ...
    def add_name(self, name: str, words: Sequence[str], keys: Sequence[int], *, is_weak: bool = False) -> None: ...


class IndexFolder(Protocol):
    """`bot.storage.name_index.NameIndexFolder`, with the writer it takes."""

    def current(self) -> tuple[str, int, int] | None: ...
    def open(self, name: str) -> Index: ...
    def build(self, fill: Callable[[Writer], tuple[int, int]], word_keys: Callable[[str], Sequence[int]]) -> str | None:
        """`fill` returns (revision, mark). None, and nothing done: another process is building."""
        ...


@dataclass(slots=True)
class _Part:
    """One index (the lists', or the watchlist's) with what changed since it was written."""

    folder: IndexFolder
    index: Index | None = None
    name: str = ""
    mark: int = 0
    revision: int = -1  # what index and changes together stand for
    is_known: bool = False  # whether this process has looked for changes since
    changed: dict[str, Named] = field(default_factory=dict)  # owner -> as it is now
    gone: set[str] = field(default_factory=set)

    def reopen(self) -> None:
        """Take a version that this or another process has written since."""
        current = self.folder.current()
        if current is None or current[0] == self.name:
            return
        self.index = self.folder.open(current[0])
        self.name, self.revision, self.mark = current
        self.changed, self.gone, self.is_known = {}, set(), False

    def bearers(self, sought: Identifier) -> list[str]:
        """The owners of this number; some may have had it, or another of the same key."""
        (key,) = number_keys([sought])
        wanted = identifier_key(sought)
        found = self.index.candidates((), (), (key,), word_keys, _CANDIDATES) if self.index else ()
        owners = [one.owner for one in found if one.owner not in self.changed and one.owner not in self.gone]
        changed = [at for at, named in self.changed.items() if wanted in map(identifier_key, named.identifiers)]
        return list(dict.fromkeys((*owners, *changed)))

    def holds(self, owner: str, named: Named) -> bool:
        """Whether the index has it just so."""
        return self.index is not None and self.index.holds(_digest(owner, named))


class Searcher:
    """Call it with a Query. What the index does not have yet is compared one by one, as long as it is little; else the
    index is built anew: 75 seconds for a million names on one core."""

    def __init__(self, store: Store, lists: IndexFolder, watchlist: IndexFolder) -> None:
        self._store = store
        self._lists, self._watchlist = _Part(lists), _Part(watchlist)
        self._searched: tuple[Searched, ...] = ()
        self._lock = threading.Lock()

    def __call__(self, query: Query) -> Found:
        """Raises StoreError."""
        query = replace(query, name=query.name[:MOST_QUERY])
        with self._lock, self._store.reading() as records:
            self.refresh(records)
            if not fold_key(query.name) and not query.identifiers:
                return Found(lists=self._searched)
            named, crowd = self._named(query, records)
            found = [*self._identified(query, records), *named]
        best = _once(sorted(found, key=_rank))
        hits = _spread((hit for hit in best if hit.score >= query.threshold), _place)
        below = [hit for hit in best if hit.score < query.threshold]
        lowered = _spread((hit for hit in below if _is_lowered(hit, query)), _place)[:MOST_HITS]
        near = _diverse((hit for hit in below if hit.score >= NEAR and not _is_lowered(hit, query)), _place)
        return Found(tuple(hits[:MOST_HITS]), tuple(near), self._searched, crowd, tuple(lowered))

    # ------------------------------------------------------------ keeping up

    def refresh(self, records: Records) -> None:
        """Bring both indexes up to what the store has now."""
        if self._bring_up(self._lists, records.listings_revision(), _listing_changes, _fill_listings, records):
            self._searched = _searched(records)
        self._bring_up(self._watchlist, records.watchlist_revision(), _entity_changes, _fill_entities, records)

    @staticmethod
    def _bring_up(
        part: _Part,
        revision: int,
        find_changes: Callable[[_Part, Records], bool],
        fill: Callable[[Writer, Records], int],
        records: Records,
    ) -> bool:
        """False: nothing was to do."""
        part.reopen()
        if part.index is not None and part.revision == revision and part.is_known:
            return False
        if part.index is None or not find_changes(part, records):
            part.folder.build(lambda writer: (revision, fill(writer, records)), word_keys)
            part.reopen()
        part.revision, part.is_known = revision, True
        return True

    # ------------------------------------------------------------ finding

    def _identified(self, query: Query, records: Records) -> list[Hit]:
        """Those that bear a number that was given, or that the name is; and the entries whose id on a list it is."""
        hits = [
            Hit(1.0, record.listing.caption, f"its id on the {list_title(record.listing.list)}: {uid}", record=record)
            for key, uid in _ids(query.name, [one.list for one in self._searched])
            if (record := records.listing(key, uid))
        ]
        entries = [hit.record.listing for hit in hits if hit.record]
        tracked = [list_id(listing) for listing in entries]
        for sought in (*query.identifiers, *numbers_in(query.name), *tracked):
            for kind, part in ((_LISTING, self._lists), (_ENTITY, self._watchlist)):
                hits += (hit for owner in part.bearers(sought) if (hit := _bearer(kind, owner, sought, records)))
        return hits

    def _named(self, query: Query, records: Records) -> tuple[list[Hit], int]:
        """Those whose names are like it, and how many of the lists have it as half of theirs if these are too many."""
        best: dict[tuple[str, str], _Fit] = {}
        compared: dict[tuple[str, Schema], Comparison] = {}  # most are on several lists, by one name
        for kind, owner, schema, name, is_weak in self._candidates(query):
            if query.schema and not _may_be(query.schema, schema):
                continue
            found = compared.get((name, schema)) or compare_names(query.name, name, query.schema or schema)
            compared[name, schema] = found
            fit = _Fit(found, schema is Schema.PERSON, is_weak, None if is_weak else half_of(found, schema))
            if (kind, owner) not in best or fit.score > best[kind, owner].score:
                best[kind, owner] = fit
        crowd = 0
        for kind in (_LISTING, _ENTITY):
            meant, bearers = _halves({at: fit for at, fit in best.items() if at[0] == kind}, query.threshold)
            best |= meant
            crowd = bearers if kind == _LISTING and bearers > FEW else crowd
        likely = sorted(((at, fit) for at, fit in best.items() if fit.score >= NEAR), key=lambda one: -one[1].score)
        if query.is_qualified:  # of many of one name, the last may be the one who is meant
            hits = [_hit(kind, owner, fit, query, records) for (kind, owner), fit in likely[:_MOST_WEIGHED]]
            return [hit for hit in hits if hit is not None], crowd
        above = _spread((one for one in likely if one[1].score >= query.threshold), _place_of_fit)[:MOST_HITS]
        below = [one for one in likely if one[1].score < query.threshold]
        ranked = [*above, *_diverse(below, _place_of_fit)]
        hits = [_hit(kind, owner, fit, query, records) for (kind, owner), fit in ranked]
        return [hit for hit in hits if hit is not None], crowd

    def _candidates(self, query: Query) -> Iterator[tuple[str, str, Schema, str, bool]]:
        """(listing or entity, owner, kind, name, whether it is weak)."""
        keys = query_keys(query.name, query.schema)
        for kind, part, lists in ((_LISTING, self._lists, len(self._searched)), (_ENTITY, self._watchlist, 1)):
            if part.index is not None:
                most = min(_CANDIDATES * max(1, lists), _MOST_CANDIDATES)
                most = _MOST_CANDIDATES if query.is_qualified else most
                found = part.index.candidates(keys.words, keys.joined, keys.whole, word_keys, most)
                # who has just this one word for a name is far ahead of those of whose names it is half
                least = _WORTH * found[0].score if found and len(keys.words) > 1 else 0.0
                for one in found:
                    if one.score < least:
                        break
                    if one.owner not in part.changed and one.owner not in part.gone:
                        yield kind, one.owner, Schema(one.kind), one.name, one.is_weak
            for owner, named in part.changed.items():
                yield from ((kind, owner, named.schema, name, False) for name in named.names)
                yield from ((kind, owner, named.schema, name, True) for name in named.weak_names)


def _may_be(asked: Schema, stored: Schema) -> bool:
    """People are no firms; all else is often filed under another kind."""
    people = Schema.PERSON
    return Schema.LEGAL_ENTITY in (asked, stored) or (asked is people) == (stored is people)


@dataclass(frozen=True, slots=True)
class _Fit:
    """A stored name, compared."""

    found: Comparison
    is_person: bool
    is_weak: bool
    half: Half | None

    @property
    def score(self) -> float:
        return min(self.found.score, WEAK_MOST) if self.is_weak else self.found.score

    @property
    def name(self) -> str:
        return self.found.names[1]


_Fits = Mapping[tuple[str, str], _Fit]


def _halves(fits: _Fits, threshold: float) -> tuple[_Fits, int]:
    """Those of whose names the query is half: hits, if few bear it and nobody has just that name; near, where it is
    misspelt. Where some lack but generic words, those are meant. With how many bear it."""
    halves = [(at, fit, fit.half) for at, fit in fits.items() if fit.half]
    sure = [one for one in halves if one[2].is_sure]
    people = [one for one in sure if one[1].is_person]
    others = [one for one in sure if not one[1].is_person]
    core = [one for one in others if one[2].is_core]
    bearers = count_bearers(fit.name for _, fit, _ in sure)
    if any(fit.score >= threshold and not (fit.half and fit.half.is_sure) for fit in fits.values()):
        return {}, bearers
    meant = {at: replace(fit, found=as_misspelt(fit.found, NEAR)) for at, fit, half in halves if not half.is_sure}
    # who is of no kind that is known may be a person: all bear the word
    groups = ((people, people), (core, core) if core else (others, sure))
    for group, counted in groups:
        own = count_bearers(fit.name for _, fit, _ in counted)
        meant |= {at: replace(fit, found=as_half(fit.found, half, own)) for at, fit, half in group if half.is_enough}
    return meant, bearers


def _hit(kind: str, owner: str, fit: _Fit, query: Query, records: Records) -> Hit | None:
    """As the store has it now; None if it is gone. What else is asked for (numbers, birth date, countries) counts
    now."""
    record, entity = _load(kind, owner, records)
    named = named_listing(record.listing) if record else named_entity(entity) if entity else None
    if named is None:
        return None
    found = replace(fit.found, score=fit.score, notes=(*fit.found.notes, WEAK_NOTE)) if fit.is_weak else fit.found
    if not query.is_qualified and not query.identifiers:
        return Hit(fit.score, fit.name, found.explanation, entity, record)
    asked = _asked(query, named)
    whole, half = compare(without_features(asked), named), agreed(found, without_features(asked), named)
    best = half if fit.half and half.score > whole.score else whole
    return _weighed(best, asked, named, query, entity, record)


def _asked(query: Query, named: Named) -> Named:
    schema = query.schema or named.schema
    return Named(schema, (query.name,), (), query.countries, query.birth_dates, query.identifiers)


def _weighed(
    found: Comparison, asked: Named, named: Named, query: Query, entity: Entity | None, record: ListingRecord | None
) -> Hit:
    """By all that was asked beside the name."""
    features = features_of(asked, named)
    is_sure = shared_identifier(named, asked) is not None
    moved = weighed(found, features, query.threshold, is_sure=is_sure)
    by_name = found.score if features else None
    return Hit(moved.score, moved.names[1], moved.explanation, entity, record, by_name)


def _is_lowered(hit: Hit, query: Query) -> bool:
    return hit.by_name is not None and hit.by_name >= query.threshold > hit.score


def _rank(hit: Hit) -> tuple[float, bool, bool, str]:
    """Best first; of equals the tracked, then what is still listed."""
    listed = hit.record is None or hit.record.is_listed
    return -round(hit.score, 2), hit.entity is None, not listed, hit.name


Place = tuple[float, str, str]
"""Score, name and list of a hit, or of what may become one."""


def _place(hit: Hit) -> Place:
    is_gone = hit.record is not None and not hit.record.is_listed
    return hit.score - is_gone * 0.01, hit.name, hit.record.listing.list if hit.record else ""


def _place_of_fit(one: tuple[tuple[str, str], _Fit]) -> Place:
    (_kind, owner), fit = one
    return fit.score, fit.name, owner.partition(_BETWEEN)[0]


def _turns(ones: Iterable[Ranked], place: Callable[[Ranked], Place]) -> Iterator[tuple[int, float, Ranked]]:
    """(on how many other lists its name was met before, its score, and itself) of each."""
    lists: dict[str, dict[str, int]] = {}
    for one in ones:
        score, name, where = place(one)
        of_name = lists.setdefault(fold_key(name), {})
        yield of_name.setdefault(where, len(of_name)), round(score, 2), one


def _spread(ones: Iterable[Ranked], place: Callable[[Ranked], Place]) -> list[Ranked]:
    """Of those with one score, each name from one list before any of them from a second list: who is on eight lists
    hides nobody. `ones` come best first."""
    return [one for _, _, one in sorted(_turns(ones, place), key=lambda three: (-three[1], three[0]))]


def _diverse(ones: Iterable[Ranked], place: Callable[[Ranked], Place]) -> list[Ranked]:
    """A few, of as many names as can be, best first."""
    chosen = sorted(_turns(ones, place), key=lambda three: (three[0], -three[1]))[:MOST_NEAR]
    return [one for _, _, one in sorted(chosen, key=lambda three: -three[1])]


def _once(hits: Iterable[Hit]) -> list[Hit]:
    """The first of each entity and record."""
    best: dict[tuple[str, ...], Hit] = {}
    for hit in hits:
        listing = hit.record.listing if hit.record else None
        best.setdefault((listing.list, listing.uid) if listing else (hit.entity.key if hit.entity else "",), hit)
    return list(best.values())


def _bearer(kind: str, owner: str, sought: Identifier, records: Records) -> Hit | None:
    """As the store has it now; None if it does not bear the number."""
    record, entity = _load(kind, owner, records)
    bearer = record.listing if record else entity
    if bearer is None or identifier_key(sought) not in map(identifier_key, bearer.identifiers):
        return None
    return Hit(1.0, bearer.caption, f"the same {told_identifier(sought)}", entity, record)


def _load(kind: str, owner: str, records: Records) -> tuple[ListingRecord | None, Entity | None]:
    if kind == _ENTITY:
        return None, records.entity(owner)
    list_key, _, uid = owner.partition(_BETWEEN)
    return records.listing(list_key, uid), None


_ID_WORDS = ("uid", "id", "entry")  # as alerts write it: "uid 22603"
_ID = re.compile(r"(?:(?P<list>\w[\w ]*?)[\s:#]+)?(?P<uid>[\w.:/-]*[0-9][\w.:/-]*)")


def _ids(text: str, keys: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Which entries 'OFAC 22603', 'gb_uksl RUS1234' or a bare 'RUS1234' may name: (list, id)."""
    text = " ".join(text.split())
    found = _ID.fullmatch(text)
    if found is None:
        return
    word = found["list"] or ""
    yield from entries_called("" if word.casefold() in _ID_WORDS else word, found["uid"], keys)


def find_listed(store: Store, search: Callable[[Query], Found], name: str) -> tuple[Listing, ...]:
    """The entries of official lists that a name may mean. Where no list has been read, nothing is searched: that takes
    ten seconds of a core the first time, and finds none."""
    with store.reading() as records:
        if not records.listings_revision():
            return ()
    return tuple(hit.record.listing for hit in search(Query(name)).hits if hit.record)


# ---------------------------------------------------------------- what is in the indexes


def _owner(record: ListingRecord) -> str:
    return f"{record.listing.list}{_BETWEEN}{record.listing.uid}"


def _digest(owner: str, named: Named) -> int:
    return hashed("owner:", repr((owner, named)))


def _add(writer: Writer, owner: str, named: Named) -> None:
    writer.add_owner(owner, named.schema.value)
    own = (_digest(owner, named), *number_keys(named.identifiers))
    for number, name in enumerate(dict.fromkeys((*named.names, *named.weak_names))):
        keys = keys_of(name, named.schema)
        whole = (*keys.whole, *own) if number == 0 else keys.whole
        writer.add_name(name, keys.words, whole, is_weak=name not in named.names)


def _pages(records: Records) -> Iterator[ListingRecord]:
    after: tuple[str, str] | None = None
    while page := records.listings_page(None, after, _PAGE):
        yield from page
        after = page[-1].listing.list, page[-1].listing.uid


def _fill_listings(writer: Writer, records: Records) -> int:
    """Removed ones too: that somebody was listed is asked for. Returns the latest import that touched one."""
    mark = 0
    for record in _pages(records):
        _add(writer, _owner(record), named_listing(record.listing))
        mark = max(mark, record.seen_in)
    return mark


def _listing_changes(part: _Part, records: Records) -> bool:
    changed = records.listings_page(None, None, _MOST_CHANGES + 1, part.mark) if part.mark else ()
    if len(changed) > _MOST_CHANGES:
        return False
    part.changed = {_owner(one): named_listing(one.listing) for one in changed}
    return bool(part.mark)


def _fill_entities(writer: Writer, records: Records) -> int:
    """Returns when the newest of them was saved or removed, in seconds since 1970."""
    changes = records.watchlist_changes(None)
    for entity in changes.saved:
        _add(writer, entity.key, named_entity(entity))
    return int(changes.newest.timestamp()) if changes.newest else 0


def _entity_changes(part: _Part, records: Records) -> bool:
    since = datetime.fromtimestamp(part.mark, UTC) - _OVERLAP if part.mark else None
    changes = records.watchlist_changes(since)
    named = {entity.key: named_entity(entity) for entity in changes.saved}
    part.changed = {key: one for key, one in named.items() if not part.holds(key, one)}
    part.gone = set(changes.removed)
    return len(part.changed) <= _MOST_CHANGES


def _searched(records: Records) -> tuple[Searched, ...]:
    states = records.list_states()
    found = []
    for key, entries in sorted(records.list_sizes().items()):
        last = records.last_import(key)
        read_at = states[key].last_success_at if key in states else None
        found.append(Searched(key, entries, read_at or (last.ended_at if last else None)))
    return tuple(found)
