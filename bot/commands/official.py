"""What the official lists say of a name, in a few lines: for the card of /lookup."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from bot.commands.asking import Ask, button, cmd
from bot.commands.qualifiers import Asked
from bot.commands.seeing import seen_search
from bot.counted import joined, number, shortened
from bot.errors import CommandError, StoreError
from bot.identifiers import identifier_key, misspelt_number, numbers_in, told_identifier
from bot.lists import list_title
from bot.lists.standing import Standing, standing_on
from bot.lookups import Named, named_entity
from bot.lookups.features import features_of
from bot.lookups.found import MOST_HITS, Found, Hit, Query, Searched, merged
from bot.model import Action, Entity, Fact, Identifier, Listing
from bot.ports import ListingRecord, Records
from bot.zones import told_date

_SHOWN = 5  # records on a card
_BUTTONS = 3
_MOST_WHY = 200  # characters of an explanation


def search_lists(ask: Ask, asked: Asked) -> Found | None:
    """None: this process cannot search, or no list was ever read (tracked names are found without it). Whose a number
    is, of those who are tracked, the store knows: it waits for no table of names. Raises CommandError."""
    numbers = sought_numbers(asked.name)
    if not ask.has_lists:
        return _bearers(ask, numbers) if numbers else None
    search = seen_search(ask)
    if search is None:
        return None
    query = asked.query(ask.services.lookup_threshold)
    query = replace(query, identifiers=numbers) if misspelt_number(asked.name) else query
    return merged([search(query), *(search(replace(query, name=name)) for name in asked.other_names)])


def sought_numbers(words: str) -> tuple[Identifier, ...]:
    """What numbers the words may be; one that cannot be right as it is, as somebody may have it so."""
    wrong = misspelt_number(words)
    return (wrong[0],) if wrong else tuple(numbers_in(words))


def _bearers(ask: Ask, numbers: Sequence[Identifier]) -> Found:
    sought = {identifier_key(one): one for one in numbers}
    with ask.store.reading() as records:
        found = records.entities_numbered(numbers, records.watchlists_of(ask.request.chat.key))
    hits = []
    for entity in found:
        shared = next((one for one in map(identifier_key, entity.identifiers) if one in sought), None)
        if shared:
            hits.append(Hit(1.0, entity.caption, f"the same {told_identifier(sought[shared])}", entity))
    return Found(tuple(hits[:MOST_HITS]))


def search_entity(ask: Ask, entity: Entity, asked: Asked | None = None) -> Found | None:
    """As above, of somebody who is tracked: by the full name and the identifiers, and by what was asked beside the
    name. Only records of lists are told."""
    if ask.services.search is None or not ask.has_lists:
        return None
    query = Query(
        entity.caption,
        entity.schema,
        (asked and asked.countries) or entity.countries,
        asked.birth_dates if asked else (),
        entity.identifiers,
        ask.services.lookup_threshold,
    )
    found = ask.services.search(query)
    near, lowered = (tuple(hit for hit in hits if hit.record is not None) for hits in (found.near, found.lowered))
    return replace(found, near=near, lowered=lowered)


def together(own: Found | None, asked: Found | None) -> Found | None:
    """The records of both searches, best first, each as it fits best."""
    if own is None or asked is None:
        return own
    best: dict[tuple[str, ...], Hit] = {}
    for hit in sorted((*own.hits, *asked.hits), key=lambda hit: -round(hit.score, 2)):
        best.setdefault(bearer_of(hit), hit)
    lowered = {bearer_of(hit): hit for hit in (*asked.lowered, *own.lowered) if bearer_of(hit) not in best}
    return replace(own, hits=tuple(best.values()), lowered=tuple(lowered.values()))


def bearer_of(hit: Hit) -> tuple[str, ...]:
    """(list, id) of a record, or (key,) of a tracked entity: whose name was found."""
    if hit.record is not None:
        return hit.record.listing.list, hit.record.listing.uid
    return (hit.entity.key,) if hit.entity else ()


def told_unsearched(ask: Ask, found: Found | None) -> tuple[str, ...]:
    """What nobody may take for an all-clear: that no official list was searched, and the next step."""
    if ask.has_lists:
        unsearched = "The official lists cannot be searched here, so this says nothing about listings."
        return (unsearched,) if found is None else ()
    sync, take = cmd("lists sync ofac"), "`sanctions-bot lists import NAME PATH`"
    with ask.store.reading() as records:
        how = f"send {sync}, or run {take}" if ask.is_admin(records) else f"an admin sends {sync} or runs {take}"
    if ask.request.chat.key.platform == "terminal":
        how = f"run {sync} or {take}"
    return (
        f"No official list has been read yet, so this says nothing about listings. To read one, {how}; "
        f"{cmd('lists status')} tells what is in the way.",
    )


def listed_already(ask: Ask, entity: Entity) -> tuple[tuple[str, ...], list[Fact]]:
    """What the lists have of somebody who is, or is to be, tracked: sentences, and a fact for each record. Never in the
    way of what was asked for: what could not be searched is said."""
    if ask.services.search is None:
        return (), []
    try:
        found = search_entity(ask, entity)
    except (CommandError, StoreError) as error:
        later = f"Later: {cmd(f'lookup {entity.key}')}"
        return (f"Whether it is on an official list already could not be looked up. {error} {later}",), []
    if found is None:
        return ("No official list has been read yet, so it is not known whether it is on one already.",), []
    records = official(found.hits)
    if not records and found.lowered:
        return (*told_lowered(found), *lowered_lines(found)), []
    if not records:
        return ("No official list that was read has the name.",), []
    if any(record.is_listed for _, record in records):
        return ("It is on an official list already. Alerts will tell what is new, not that.",), record_facts(found)
    return ("It was on an official list, and is there no longer.",), record_facts(found)


def official(hits: Sequence[Hit]) -> list[tuple[Hit, ListingRecord]]:
    return [(hit, hit.record) for hit in hits if hit.record is not None]


def record_facts(found: Found) -> list[Fact]:
    """A line for each record, best first: how sure and why, where it stands, since when."""
    records = official(found.hits)
    facts = [Fact(f"{list_title(one.listing.list)}, {hit.score:.0%}", _record_line(hit, one)) for hit, one in records]
    more = len(facts) - _SHOWN
    return facts[:_SHOWN] + (
        [Fact("And", f"{number(more, 'more record')}: write more of the name")] if more > 0 else []
    )


def told_crowd(found: Found | None) -> tuple[str, ...]:
    """That many on the lists have what was asked for as half of their names: nobody may take it for an all-clear."""
    if found is None or not found.crowd:
        return ()
    return (
        f"At least {found.crowd} names on the official lists have this as a part, too many to say who is meant: write "
        "more of the name.",
    )


def near_lines(found: Found) -> list[str]:
    """Near misses: below the threshold, so that a person can see what was left out."""
    return [f"{hit.score:.0%}: {_where(hit)} · {shortened(hit.explanation, _MOST_WHY)}" for hit in found.near]


def told_lowered(found: Found) -> tuple[str, ...]:
    """That there are hits by the name alone, which are shown below: a birth date on a list may be wrong."""
    if not found.lowered:
        return ()
    more = " more" if found.hits else ""
    many = f"{len(found.lowered)}{more} are hits" if len(found.lowered) > 1 else f"1{more} is a hit"
    return (f"By the name alone {many}; what else is known speaks against it, which a person should check:",)


def lowered_lines(found: Found) -> list[str]:
    lines = [
        f"{hit.score:.0%}, {hit.by_name or 0:.0%} by the name: {_where(hit)} · {shortened(hit.explanation, _MOST_WHY)}"
        for hit in found.lowered
    ]
    more = len(lines) - _SHOWN
    return lines[:_SHOWN] + ([f"And {number(more, 'more record')}, set back so too."] if more > 0 else [])


def told_features(entity: Entity, asked: Asked) -> tuple[str, ...]:
    """How what was asked beside the name stands to somebody who is tracked."""
    query = asked.query(0)
    features = features_of(Named(entity.schema, (), (), query.countries, query.birth_dates), named_entity(entity))
    return (f"As it is tracked: {'; '.join(feature.told for feature in features)}.",) if features else ()


def told_searched(found: Found) -> str:
    """'Searched: the watchlist; US SDN list (8,976 entries, read 27 Nov 2026).'"""
    if not found.lists:
        return "Searched: the watchlist."
    return f"Searched: the watchlist; {joined([_searched(one) for one in found.lists])}."


def watch_buttons(found: Found) -> list[Action | None]:
    """Watch it, as the list has it: names, aliases and identifiers come with it."""
    return [
        button(
            shortened(f"Watch {one.listing.caption}", 40), f"watch add {list_word(one.listing.list)} {one.listing.uid}"
        )
        for _hit, one in official(found.hits)[:_BUTTONS]
    ]


def list_word(key: str) -> str:
    """How people name the list in a command: OFAC for its two lists, the key for the others."""
    return "OFAC" if key.startswith("us_ofac") else key


def state_of(record: ListingRecord) -> str:
    """'listed 22 Aug 2017', 'delisted 3 May 2020', 'no longer on the list since 3 May 2020'."""
    listing = record.listing
    parts = [f"listed {told_date(listing.listed_on)}"] if listing.listed_on else []
    if listing.delisted_on:
        parts.append(f"delisted {told_date(listing.delisted_on)}")
    elif record.removed_on:
        parts.append(f"no longer on the list, as of {told_date(record.removed_on)}")
    elif not parts:
        parts.append(f"on the list, seen since {told_date(record.first_seen_at)}")
    return ", ".join(parts)


def standings(records: Records, hits: Sequence[Hit], day: date) -> list[tuple[Hit, Standing]]:
    """How each record among the hits stood on its list on that day."""
    since: dict[str, date | None] = {}
    found = []
    for hit, one in official(hits):
        key = one.listing.list
        if key not in since:
            first = records.first_import(key)
            since[key] = first.started_at.date() if first else None
        found.append((hit, standing_on(day, records.listing_versions(key, one.listing.uid), since[key])))
    return found


def _record_line(hit: Hit, record: ListingRecord) -> str:
    listing = record.listing
    named = f"{listing.caption} (as “{hit.name}”)" if hit.name != listing.caption else listing.caption
    parts = [named, state_of(record), *_programmes(listing), f"id {listing.uid}"]
    return f"{' · '.join(parts)} · why: {shortened(hit.explanation, _MOST_WHY)}"


def _programmes(listing: Listing) -> list[str]:
    return [f"programme {', '.join(listing.programmes[:4])}"] if listing.programmes else []


def _where(hit: Hit) -> str:
    if hit.record is not None:
        return f"{hit.name} ({list_title(hit.record.listing.list)}, id {hit.record.listing.uid})"
    return f"{hit.name} (tracked)"


def _searched(one: Searched) -> str:
    read = f", read {told_date(one.read_at)}" if one.read_at else ""
    return f"{list_title(one.list)} ({number(one.entries, 'entry', 'entries')}{read})"
