"""Articles that tell of several acts: each act that is known is asked for itself."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from bot.events import cluster
from bot.events.tellings import told_targets
from bot.model import Article, Event, EventChange, Finding, Judgement, Verdict
from tests.unit.test_events import ENTITIES, article, judgement, opened, with_twin

BRITISH = opened("gpn", "sng", key="british", authorities=("UK",), acted_on=date(2025, 1, 8))
AMERICAN = opened("gpn", "ing", key="american", authorities=("US",), acted_on=date(2025, 1, 14))
LATER = article("column", "Herald", datetime(2025, 1, 20, 9, tzinfo=UTC))


def target(
    entity: str, *named_with: str, by: tuple[str, ...] = (), on: date | None = None, sure: float = 0.9
) -> Finding:
    return Finding(entity, Verdict.NEW_SANCTIONS, sure, named_with=named_with, authorities=by, acted_on=on)


def _bystander(entity: str, *named_with: str) -> Finding:
    return replace(target(entity, *named_with), verdict=Verdict.BYSTANDER)


def told(*findings: Finding, acting: tuple[str, ...] = ("US", "UK"), acted_on: date | None = None) -> Judgement:
    return replace(judgement(authorities=acting, acted_on=acted_on, programme=None), findings=findings)


def changes(told: Judgement, *known: Event, by: Article = LATER) -> dict[str, EventChange]:
    return {change.event.key: change for change in cluster(by, told, ENTITIES, known, by.published_at)}


TELLS = {
    "a target and who acted": told(target("sng", "UK")),
    "and another authority": told(target("sng", "UK", "EU")),
    "who acted is told of the article alone": told(target("sng"), acting=("UK",)),
    "with the day of the act": told(target("sng", "UK", by=("UK",), on=date(2025, 1, 8))),
    "with the day of another authority's act": told(target("sng", "UK", by=("US",), on=date(2025, 1, 14))),
}
TELLS_NOT = {
    "of nobody of it": told(target("ing", "UK")),
    "with another authority alone": told(target("sng", "US")),
    "another day of an act of its authority": told(target("sng", "UK", by=("UK",), on=date(2025, 1, 16))),
    "another day, and nobody else named": told(target("sng", "UK", on=date(2025, 1, 16))),
    "one of it, and who acted is named elsewhere": told(target("sng", "EU"), _bystander("ing", "UK")),
    "not as newly sanctioned": told(replace(target("sng", "UK"), verdict=Verdict.BACKGROUND)),
}


@pytest.mark.parametrize("judged", TELLS.values(), ids=TELLS)
def test_an_article_tells_of_a_known_act(judged: Judgement) -> None:
    assert "sng" in {finding.entity for finding in told_targets(BRITISH, LATER, judged)}


@pytest.mark.parametrize("judged", TELLS_NOT.values(), ids=TELLS_NOT)
def test_an_article_tells_of_no_known_act(judged: Judgement) -> None:
    assert told_targets(BRITISH, LATER, judged) == ()


@pytest.mark.parametrize(("days", "tells"), [(-4, False), (-1, True), (14, True), (15, False)])
def test_for_two_weeks(days: int, tells: bool) -> None:
    then = replace(LATER, published_at=datetime(2025, 1, 8, 9, tzinfo=UTC) + timedelta(days=days))
    assert bool(told_targets(BRITISH, then, told(target("sng", "UK")))) is tells


@pytest.mark.parametrize(
    "values", [{"withdrawn": True}, {"told_as": "other"}, {"review": True}, {"kind": Verdict.RELIEF}], ids=str
)
def test_of_no_event_that_is_told_no_more_or_of_another_kind(values: dict[str, object]) -> None:
    assert told_targets(replace(BRITISH, **values), LATER, told(target("sng", "UK"))) == ()  # type: ignore[arg-type]


def test_a_round_up_is_a_source_of_each_act_and_changes_none() -> None:
    found = changes(told(target("gpn", "UK", "US"), target("sng", "UK"), target("ing", "US")), BRITISH, AMERICAN)
    assert set(found) == {BRITISH.key, AMERICAN.key}
    for event in (BRITISH, AMERICAN):
        change = found[event.key]
        assert (change.opened, change.material, change.merged) == (False, False, ())
        assert [one.entity for one in change.event.targets] == [one.entity for one in event.targets]
        assert change.event.authorities == event.authorities
        assert [source.outlet for source in change.event.sources] == ["Wire", "Herald"]


def test_the_reason_says_what_the_article_tells_of_it() -> None:
    found = changes(told(target("sng", "UK"), target("ing", "US")), BRITISH, AMERICAN)
    assert {change.event.history[-1].what for change in found.values()} == {
        "Herald joined (it tells of this act too: Surgutneftegas named with UK)",
        "Herald joined (it tells of this act too: Ingosstrakh named with US)",
    }


def test_a_round_up_after_a_fortnight_opens_no_event_of_its_own() -> None:
    old = replace(LATER, published_at=datetime(2025, 1, 22, 9, tzinfo=UTC))
    assert set(changes(told(target("sng", "UK"), acting=("UK",)), BRITISH, by=old)) == {BRITISH.key}


def test_one_target_that_is_the_articles_own_too_is_mentioned_in_passing() -> None:
    """'London had taken the same step a week before.'"""
    fresh = replace(LATER, published_at=datetime(2025, 1, 15, 9, tzinfo=UTC))
    judged = told(target("gpn", "US", "UK", by=("US",)), target("ing", "US", by=("US",)), acting=("US",))
    assert set(changes(judged, BRITISH, AMERICAN, by=fresh)) == {AMERICAN.key}


@pytest.mark.parametrize(
    "recalled",
    [target("gpn", "US", "UK", by=("US",)), target("gpn", "US", "UK", by=("UK",), on=date(2025, 1, 8))],
    ids=["that acted too", "expressly"],
)
def test_one_target_is_so_though_two_watchlists_have_it(recalled: Finding) -> None:
    def with_other(event: Event) -> Event:
        twins = (replace(one, entity="twin") for one in event.targets if one.entity == "gpn")
        return replace(event, targets=(*event.targets, *twins))

    fresh = replace(LATER, published_at=datetime(2025, 1, 15, 9, tzinfo=UTC))
    named = judgement("gpn", "ing").findings
    findings = (target("ing", "US", by=("US",)), replace(recalled, mentions=named[0].mentions))
    judged = with_twin(told(*findings, acting=("US",)), "gpn", "twin")
    known, entities = (with_other(BRITISH), with_other(AMERICAN)), ENTITIES | {"twin": ENTITIES["gpn"]}
    found = cluster(fresh, judged, entities, known, fresh.published_at)
    assert {change.event.key for change in found} == {AMERICAN.key}


def test_a_newer_act_on_the_same_targets_is_an_event_of_its_own() -> None:
    """Britain acted on both, and now the US does: the article tells of both acts."""
    for acting in (("US",), ("US", "UK")):
        judged = told(target("gpn", "US", "UK", by=("US",)), target("sng", "US", "UK", by=("US",)), acting=acting)
        found = changes(judged, BRITISH)
        (new,) = (change for change in found.values() if change.opened)
        assert {one.entity for one in new.event.targets} == {"gpn", "sng"}
        assert not found[BRITISH.key].material


def test_a_newer_act_of_one_authority_is_told_by_its_day() -> None:
    judged = told(target("gpn", "UK"), acting=("UK",), acted_on=date(2025, 1, 19))
    assert [change.opened for change in changes(judged, BRITISH).values()] == [True]


def test_a_target_of_another_known_act_is_not_added_to_the_one_that_is_joined() -> None:
    fresh = replace(LATER, published_at=datetime(2025, 1, 15, 9, tzinfo=UTC))
    judged = told(target("gpn", "US"), target("ing", "US"), target("sng", "UK"), acting=("US",))
    found = changes(judged, BRITISH, AMERICAN, by=fresh)
    assert [one.entity for one in found[AMERICAN.key].event.targets] == ["gpn", "ing"]
    assert found[AMERICAN.key].added_targets == ()
    assert set(found) == {AMERICAN.key, BRITISH.key}


def test_an_article_judged_again_is_a_source_once_and_takes_nobody_along() -> None:
    judged = told(target("gpn", "UK", "US"), target("sng", "UK"), target("ing", "US"))
    once = changes(judged, BRITISH, AMERICAN)
    events = [change.event for change in once.values()]
    again = changes(judged, *events)
    assert {key: change.event for key, change in again.items()} == {event.key: event for event in events}


def test_a_round_up_that_opens_an_event_tells_the_known_ones_apart() -> None:
    found = changes(told(target("sng", "UK"), target("ing", "EU"), acting=("EU",)), BRITISH)
    assert [(change.opened, change.added_targets) for change in found.values()] == [(True, ("ing",)), (False, ())]


def test_another_authoritys_event_keeps_no_target_from_the_act_that_the_article_tells() -> None:
    """London is named somewhere; with the targets only where their oil goes: the American act on them is new."""
    judged = told(target("gpn", "CN"), target("sng", "CN"), _bystander("ing", "UK"), acting=("US",))
    (new,) = (change for change in changes(judged, BRITISH).values() if change.opened)
    assert {one.entity for one in new.event.targets} == {"gpn", "sng"}


def test_a_target_of_another_act_that_the_article_recalls_is_not_added_to_its_own() -> None:
    """The EU acts; "earlier this week Britain listed Surgutneftegas"."""
    judged = told(target("ing", by=("EU",)), target("sng", "UK", by=("UK",)), acting=("EU",))
    new, recalled = changes(judged, BRITISH).values()
    assert ([one.entity for one in new.event.targets], new.opened) == (["ing"], True)
    assert (recalled.event.key, recalled.material, recalled.event.authorities) == (BRITISH.key, False, ("UK",))


def test_what_an_article_tells_of_its_first_act_is_no_likeness_to_its_second() -> None:
    """Two acts of one authority and day: the event that the first part joins has the article's names by then."""
    yemen, cuba = opened("gpn", key="yemen", programme="Yemen"), opened("sng", key="cuba", programme="Cuba")
    names = tuple(f"name{number}" for number in range(12))
    judged = replace(judgement("gpn", "sng", programme="Yemen", counts=("four officials",)), names=names)
    found = changes(judged, yemen, cuba)
    assert {key: change.added_targets for key, change in found.items()} == {yemen.key: (), cuba.key: ()}
    assert {change.reason.partition(":")[0] for change in found.values()} == {"same act"}


def test_another_act_on_one_of_the_articles_own_is_in_passing_however_expressly_it_is_told() -> None:
    """'In the case of Gazprom Neft, the American decision comes on top of a British designation of 8 January.'"""
    fresh = replace(LATER, published_at=datetime(2025, 1, 15, 9, tzinfo=UTC))
    recalled = target("gpn", "US", "UK", by=("UK",), on=date(2025, 1, 8))
    judged = told(target("ing", "US", by=("US",)), recalled, acting=("US",))
    assert set(changes(judged, BRITISH, AMERICAN, by=fresh)) == {AMERICAN.key}
