"""What a change of an official list says of who is tracked, as the report of an official source."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from bot.counted import number, some_of
from bot.listings.concerned import Concern
from bot.lists import OfficialList
from bot.lists.changes import compare_listing
from bot.model import (
    Article,
    EventRecord,
    Finding,
    Judgement,
    Listing,
    Mention,
    Strength,
    Tier,
    Verdict,
)
from bot.ports import ListImport, ListingChange
from bot.text.folding import fold_key
from bot.zones import told_date

MOST_TOLD = 50  # findings of one report


@dataclass(frozen=True, slots=True)
class Told:
    """One change of a list that concerns a tracked entity."""

    concern: Concern
    verdict: Verdict
    sentence: str
    record: EventRecord
    is_amended: bool = False  # it stood there before


@dataclass(frozen=True, slots=True)
class Report:
    article: Article
    judgement: Judgement
    records: tuple[EventRecord, ...]


def read_change(change: ListingChange) -> tuple[Verdict, tuple[str, ...]] | None:
    """(what the change is, what of the entry changed); None if a reader would see no difference. A programme that is
    added is a new designation; any other amendment is background."""
    old = None if change.old and change.old.delisted_on else change.old
    new = None if change.new and change.new.delisted_on else change.new
    if new is None:
        return (Verdict.RELIEF, ()) if old else None
    if old is None:
        return Verdict.NEW_SANCTIONS, ()
    words = compare_listing(old, new)
    if not words:
        return None
    is_wider = bool(set(new.programmes) - set(old.programmes))
    return (Verdict.NEW_SANCTIONS if is_wider else Verdict.BACKGROUND), words


def tell_change(change: ListingChange, concern: Concern, official: OfficialList, on: str, now: datetime) -> Told | None:
    """`on`: "on 12 May 2026", "by 12 May 2026"."""
    read = read_change(change)
    if read is None:
        return None
    verdict, words = read
    listing = concern.listing
    if verdict is Verdict.RELIEF:
        delisted = change.new.delisted_on if change.new else None
        when = f"on {told_date(delisted)}" if delisted else on
        sentence = f"{listing.caption} was removed from the {official.title} {when}, uid {listing.uid}."
        text = f"removed from the {official.title} {when}, uid {listing.uid}"
    elif words:
        amended = "; ".join(words)
        sentence = (
            f"{listing.caption}: the entry on the {official.title} was amended {on}, uid {listing.uid}: {amended}."
        )
        text = f"entry on the {official.title} amended {on}, uid {listing.uid}: {amended}"
    else:
        when = f"on {told_date(listing.listed_on)}" if listing.listed_on else on
        under = f" under {', '.join(listing.programmes)}" if listing.programmes else ""
        sentence = f"{listing.caption} was added to the {official.title} {when}{under}, {told_entry(listing)}."
        text = f"now on the {official.title}, {told_entry(listing, with_programme=True)}"
    record = EventRecord(
        concern.entity.key, official.key, official.authority, listing.uid, text, now, page_of(listing, official)
    )
    return Told(concern, verdict, sentence, record, is_amended=bool(words))


def join_replaced(told: Sequence[Told], official: OfficialList, on: str) -> list[Told]:
    """An entry that is gone, and one of that name under the same programmes that came at once, are one entry with
    another id (a publisher numbers anew, or makes the id of a name that it corrects): an amendment, neither relief nor
    new sanctions."""
    gone = [one for one in told if one.verdict is Verdict.RELIEF]
    kept: list[Told] = []
    for one in told:
        before = next((other for other in gone if _is_replaced(other, one)), None)
        if before is not None:
            gone.remove(before)
            kept.append(_renumbered(one, before.concern.listing.uid, official, on))
        elif one.verdict is not Verdict.RELIEF:
            kept.append(one)
    return [*kept, *gone]


def _renumbered(told: Told, before: str, official: OfficialList, on: str) -> Told:
    listing = told.concern.listing
    text = f"entry on the {official.title} has another id {on}: uid {listing.uid}, before {before}"
    record = replace(told.record, text=text)
    return replace(
        told, verdict=Verdict.BACKGROUND, sentence=f"{listing.caption}: the {text}.", record=record, is_amended=True
    )


def _is_replaced(gone: Told, new: Told) -> bool:
    old, listing = gone.concern.listing, new.concern.listing
    return (
        new.verdict is Verdict.NEW_SANCTIONS
        and not new.is_amended
        and gone.concern.entity.key == new.concern.entity.key
        and set(listing.programmes) <= set(old.programmes)
        and not _names_of(old).isdisjoint(_names_of(listing))
    )


def _names_of(listing: Listing) -> set[str]:
    return {fold_key(name) for name in (listing.caption, *listing.aliases)}


def told_entry(listing: Listing, *, with_programme: bool = False) -> str:
    """'uid 22603, programme DPRK3, 3 aliases'."""
    parts = [f"uid {listing.uid}"]
    if with_programme and listing.programmes:
        word = "programme" if len(listing.programmes) == 1 else "programmes"
        parts.append(f"{word} {', '.join(listing.programmes)}")
    names = len(listing.aliases) + len(listing.weak_aliases)
    parts.append(number(names, "alias", "aliases") if names else "no aliases")
    return ", ".join(parts)


def page_of(listing: Listing, official: OfficialList) -> str:
    return listing.url or (official.files[0].url if official.files else "")


def make_reports(told: Sequence[Told], official: OfficialList, record: ListImport, now: datetime) -> Iterator[Report]:
    """One report for each act: what was done, and under which programmes."""
    acts: dict[tuple[Verdict, tuple[str, ...], date | None], list[Told]] = defaultdict(list)
    for one in _surest(told):
        listing = one.concern.listing
        acts[one.verdict, listing.programmes, _acted_on(one)].append(one)
    numbers: dict[Verdict, int] = defaultdict(int)
    for (verdict, programmes, acted_on), those in sorted(acts.items(), key=lambda item: str(item[0])):
        for start in range(0, len(those), MOST_TOLD):
            numbers[verdict] += 1
            key = f"list:{record.list}:{record.id}:{verdict}:{numbers[verdict]}"
            yield _report(key, those[start : start + MOST_TOLD], official, record, programmes, acted_on, now)


def _surest(told: Iterable[Told]) -> list[Told]:
    """One for each entity and verdict: where two entries are like one name, the more like."""
    surest: dict[tuple[str, Verdict], Told] = {}
    for one in sorted(told, key=lambda one: (-one.concern.score, one.record.uid)):
        surest.setdefault((one.concern.entity.key, one.verdict), one)
    return list(surest.values())


def _acted_on(told: Told) -> date | None:
    """None where an entry that stood there was amended: it has the day on which it was added, years ago perhaps."""
    listing = told.concern.listing
    match told.verdict:
        case Verdict.RELIEF:
            return listing.delisted_on
        case Verdict.NEW_SANCTIONS if not told.is_amended:
            return listing.listed_on
    return None


def _report(
    key: str,
    told: Sequence[Told],
    official: OfficialList,
    record: ListImport,
    programmes: tuple[str, ...],
    acted_on: date | None,
    now: datetime,
) -> Report:
    verdict = told[0].verdict
    urls = {one.record.url for one in told}
    counts = f"{record.added:,} added, {record.changed:,} amended, {record.removed:,} removed"
    article = Article(
        key=key,
        url=urls.pop() if len(urls) == 1 else (official.files[0].url if official.files else ""),
        outlet=official.title,
        title=f"{official.title}: {_ACTS.get(verdict, 'amended')}: {_names(told)}",
        summary=f"The {official.title} as read on {told_date(now.date())}: {counts}.",
        paragraphs=tuple(one.sentence for one in told),
        published_at=now,
        source=f"list:{official.key}",
        tier=Tier.OFFICIAL,
        full_text_note=f"entry of the {official.title}, import {record.id}",
    )
    is_event = verdict in (Verdict.NEW_SANCTIONS, Verdict.RELIEF)
    judgement = Judgement(
        article=key,
        findings=tuple(_finding(one, position) for position, one in enumerate(told)),
        event=verdict if is_event else None,
        authorities=(official.authority,) if official.authority else (),
        programme=", ".join(programmes[:2]) or None,
        acted_on=acted_on,
        key_points=(article.summary,),
        reasons=(f"read from the {official.title} itself, not from an article",),
    )
    return Report(article, judgement, tuple(one.record for one in told) if is_event else ())


_ACTS = {Verdict.NEW_SANCTIONS: "added", Verdict.RELIEF: "removed"}


def _names(told: Sequence[Told]) -> str:
    return some_of([one.concern.listing.caption for one in told], 3)


def _finding(told: Told, position: int) -> Finding:
    concern = told.concern
    name = concern.listing.caption
    strength = Strength.IDENTIFIER if concern.score >= 0.99 else Strength.STRONG
    mention = Mention(concern.entity.key, 2 + position, 0, len(name), name, strength, name, concern.why)
    is_new = told.verdict is Verdict.NEW_SANCTIONS
    return Finding(
        entity=concern.entity.key,
        verdict=told.verdict,
        confidence=round(concern.score, 3),
        evidence=told.sentence,
        reasons=(f"an official list says so; {concern.why}",),
        mentions=(mention,),
        alert_odds=round(concern.score, 3) if is_new else 0.0,
    )
