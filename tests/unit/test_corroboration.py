"""What is doubtful by itself and told by another article already."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from bot.events import cluster, corroborate, withdraw
from bot.model import Event, Finding, Judgement, Verdict
from tests.unit.test_events import ENTITIES, NOW, article, judgement, opened

LATER = article("second", "Herald", NOW + timedelta(days=1))


def doubted(odds: float = 0.3, verdict: Verdict = Verdict.BYSTANDER, **values: object) -> Judgement:
    finding = Finding("gpn", verdict, 0.6, "A clause on Gazprom Neft.", ("a bystander in it",), alert_odds=odds)
    told = replace(judgement(**values), findings=(finding,), event=None)  # type: ignore[arg-type]
    return replace(told, reasons=("language: en", "event: none"))


def in_light_of(told: Judgement, *events: Event) -> Finding:
    return corroborate(LATER, told, events, 0.5).findings[0]


def test_an_event_makes_a_doubtful_target_of_its_one_and_says_so() -> None:
    event = opened("gpn", "sng")
    judged = corroborate(LATER, doubted(), (event,), 0.5)
    (finding,) = judged.findings
    assert finding.verdict is Verdict.NEW_SANCTIONS
    assert 0.5 < finding.confidence == finding.alert_odds < 0.9
    assert f"event {event.key} tells of it already" in finding.reasons[0]
    assert "by itself 30% sure" in finding.reasons[0]
    assert finding.evidence == "A clause on Gazprom Neft."
    assert judged.event is Verdict.NEW_SANCTIONS
    assert judged.reasons == ("language: en", "event: new sanctions, as another article tells of them")


def test_it_joins_that_event_and_opens_none() -> None:
    event = opened("gpn")
    (change,) = cluster(LATER, corroborate(LATER, doubted(), (event,), 0.5), ENTITIES, (event,), NOW)
    assert (change.event.key, change.opened, change.material) == (event.key, False, False)
    assert [source.outlet for source in change.event.sources] == ["Wire", "Herald"]


UNMOVED = {
    "hardly doubtful": doubted(odds=0.05),
    "another verdict of its own": doubted(verdict=Verdict.RELIEF),
    "another authority": doubted(authorities=("EU",)),
    "an act of another week": doubted(acted_on=date(2025, 1, 1)),
    "without doubt": doubted(odds=0.0),
}


@pytest.mark.parametrize("told", UNMOVED.values(), ids=UNMOVED)
def test_what_no_event_moves(told: Judgement) -> None:
    assert corroborate(LATER, told, (opened("gpn"),), 0.5) == told


@pytest.mark.parametrize(
    "event",
    [
        opened("sng"),
        opened("gpn", key="second"),
        withdraw(opened("gpn"), "wrong", "Ann", NOW),
        replace(opened("gpn"), review=True),
    ],
    ids=["of others", "of this article alone", "withdrawn", "for review"],
)
def test_events_that_say_nothing_of_it(event: Event) -> None:
    assert in_light_of(doubted(), event).verdict is Verdict.BYSTANDER


def test_a_higher_floor_wants_more() -> None:
    event = opened("gpn")
    assert corroborate(LATER, doubted(), (event,), 0.9) == doubted()
    assert corroborate(LATER, doubted(odds=0.7), (event,), 0.9) != doubted(odds=0.7)
