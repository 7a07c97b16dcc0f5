"""Which designations a relief eases or lifts."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from bot.events import find_eased, with_keys
from bot.events.easing import find_lost, ties_of
from bot.model import Designation, Event, EventRecord, Tie, Verdict
from bot.visibility import without_entities, without_untold
from tests.unit.test_events import NOW, opened

DAY = timedelta(days=1)


def of_nobody(event: Event) -> Event:
    """Without who acts in its sources: the event's own word counts."""
    return replace(event, sources=tuple(replace(source, authorities=()) for source in event.sources))


LISTED = of_nobody(replace(opened("gpn", "sng"), key="listed"))


def relief(*keys: str, key: str = "relief", days: int = 30, **changes: Any) -> Event:
    """Told so many days after the listing, on the day of the act."""
    event, at = of_nobody(opened(*(keys or ("gpn",)))), NOW + days * DAY
    sources = tuple(replace(source, published_at=at, joined_at=at) for source in event.sources)
    told = {"acted_on": at.date(), **changes}
    return replace(event, key=key, kind=Verdict.RELIEF, opened_at=at, updated_at=at, sources=sources, **told)


def eased(event: Event, *known: Event, floor: float = 0.5) -> list[tuple[str, str]]:
    return [(one.event, one.entity) for one in find_eased(event, known or (LISTED,), floor)]


def test_what_was_told_of_its_targets_before_is_eased_as_it_was_told() -> None:
    (found,) = find_eased(relief(), [LISTED], 0.5)
    first = LISTED.sources[0]
    assert found == Designation(
        "gpn", "listed", LISTED.authorities, LISTED.programme, LISTED.opened_at, first.outlet, first.url
    )
    assert eased(relief("gpn", "sng")) == [("listed", "gpn"), ("listed", "sng")]


EASED = {
    "by the same authority": (LISTED, relief(), True),
    "by nobody knows whom": (LISTED, relief(authorities=()), True),
    "of a listing by nobody knows whom": (replace(LISTED, authorities=()), relief(), True),
    "by another authority": (LISTED, relief(authorities=("JP",)), False),
    "on the very day": (LISTED, relief(days=0), True),
    "of a day before": (replace(LISTED, acted_on=(NOW + DAY).date()), relief(days=0), False),
    "of somebody else": (LISTED, relief("ing"), False),
    "of what is no designation": (replace(LISTED, kind=Verdict.RENEWAL), relief(), False),
    "of what was withdrawn": (replace(LISTED, withdrawn=True), relief(), False),
    "of what is told as another": (replace(LISTED, told_as="other"), relief(), False),
    "of what was for review": (replace(LISTED, review=True), relief(), False),
    "that is no relief": (LISTED, replace(relief(), kind=Verdict.ENFORCEMENT), False),
    "that was withdrawn": (LISTED, relief(withdrawn=True), False),
    "done weeks before it was reported": (LISTED, relief(days=60, acted_on=date(2025, 2, 1)), False),
}


@pytest.mark.parametrize(("listed", "event", "is_eased"), EASED.values(), ids=EASED)
def test_a_relief_eases(listed: Event, event: Event, is_eased: bool) -> None:
    assert bool(eased(event, listed)) is is_eased


def test_what_is_told_less_surely_than_an_alert_eases_nothing() -> None:
    (target,) = relief().targets
    unsure = relief(targets=(replace(target, confidence=0.4),))
    assert (eased(unsure), eased(unsure, floor=0.4)) == ([], [("listed", "gpn")])


def test_what_an_official_list_did_long_ago_is_news_when_it_is_read() -> None:
    record = EventRecord("gpn", "ch_seco", "CH", "7", "removed", NOW)
    old = relief(acted_on=NOW.date())
    assert eased(old) == []
    assert eased(replace(old, records=(record,))) == [("listed", "gpn")]


LOST = {
    "it proves to be another's": (("JP",), LISTED.authorities, ["listed"]),
    "it proves to be the same authority's": (LISTED.authorities, LISTED.authorities, []),
    "nobody is said to act yet": ((), LISTED.authorities, []),
    "the designation proves to be a joint one": (("JP",), (*LISTED.authorities, "JP"), []),
    "nobody was said to designate": (("JP",), (), []),
}


@pytest.mark.parametrize(("acting", "listed_by", "lost"), LOST.values(), ids=LOST)
def test_what_a_relief_eases_no_more(acting: tuple[str, ...], listed_by: tuple[str, ...], lost: list[str]) -> None:
    first = relief(authorities=())
    before = replace(first, eases=find_eased(first, [LISTED], 0.5))
    assert [one.event for one in before.eases] == ["listed"]
    now = replace(first, authorities=acting)
    now = replace(now, eases=find_eased(now, [replace(LISTED, authorities=listed_by)], 0.5))
    assert [one.event for one in find_lost(before, now)] == lost


RETOLD = {
    "of the same days": (relief(key="again", days=31), False),
    "of another day": (relief(key="again", days=45), True),
    "without a day, in the weeks after": (relief(key="again", days=45, acted_on=None), False),
    "without a day, months after": (relief(key="again", days=90, acted_on=None), True),
    "by another authority": (relief(key="again", days=31, authorities=("EU",)), True),
}


@pytest.mark.parametrize(("again", "is_new"), RETOLD.values(), ids=RETOLD)
def test_a_relief_that_is_told_again_as_another_event_eases_nothing_more(again: Event, is_new: bool) -> None:
    listed = replace(LISTED, authorities=())
    first = relief(eases=find_eased(relief(), [listed], 0.5))
    assert bool(eased(again, listed, first)) is is_new
    assert eased(first, listed, again) == [("listed", "gpn")], "the first one goes on"
    assert eased(again, listed, replace(first, withdrawn=True)), "that one proved wrong"
    assert eased(again, listed, replace(first, eases=())), "nobody was told by that one"


def test_a_chat_sees_what_eases_what_it_was_told_and_who_was_close_to_that() -> None:
    ties = (Tie("gpn", "x", "main", "X owns it"), Tie("sng", "y", "main", "Y owns it"))
    other = of_nobody(replace(opened("sng"), key="other", opened_at=NOW + DAY, ties=ties[1:]))
    known = [replace(LISTED, targets=LISTED.targets[:1], ties=ties[:1]), other]
    eases = find_eased(relief("gpn", "sng"), known, 0.5)
    whole = relief("gpn", "sng", eases=eases, ties=ties_of(eases, known))
    assert [one.event for one in whole.eases] == ["other", "listed"], "the latest first"
    assert set(whole.ties) == set(ties)
    seen = without_untold(whole, {"listed"})
    assert ([one.entity for one in seen.eases], seen.ties) == (["gpn"], ties[:1])
    assert (without_untold(whole, ()).eases, without_untold(whole, ()).ties) == ((), ())
    assert without_untold(LISTED, ()) is LISTED
    assert [one.entity for one in without_entities(whole, {"sng"}).eases] == ["gpn"]
    assert {one.entity for one in with_keys(whole, {"sng": "gpn"}).eases} == {"gpn"}
