"""What is doubtful by itself and told by another article already."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from bot.events import cluster, corroborate, is_worth_another_look, withdraw
from bot.model import Article, Event, EventChange, Finding, Judgement, Verdict
from tests.unit.test_events import ENTITIES, NOW, article, judgement, opened, with_twin

LATER = article("second", "Herald", NOW + timedelta(days=1))


def doubtful(entity: str = "gpn", odds: float = 0.3, verdict: Verdict = Verdict.BYSTANDER) -> Finding:
    return Finding(entity, verdict, 0.6, "A clause on it.", ("a bystander in it",), alert_odds=odds)


def quiet(*findings: Finding, **values: object) -> Judgement:
    told = replace(judgement(**values), findings=findings or (doubtful(),), event=None)  # type: ignore[arg-type]
    return replace(told, reasons=("language: en", "event: none"))


def weigh(
    told: Judgement, *known: Event, floor: float = 0.5, by: Article = LATER, at: datetime | None = None
) -> Judgement:
    return corroborate(by, told, ENTITIES, known, at or by.published_at, floor)


def verdicts(told: Judgement) -> dict[str, Verdict]:
    return {finding.entity: finding.verdict for finding in told.findings}


def test_an_event_makes_a_doubtful_target_of_its_one_and_says_so() -> None:
    event = opened("gpn", "sng")
    judged = weigh(quiet(), event)
    (finding,) = judged.findings
    assert finding.verdict is Verdict.NEW_SANCTIONS
    assert 0.5 < finding.confidence == finding.alert_odds < 0.9
    told = f"event {event.key} tells of it already; this article alone makes new sanctions 30% probable"
    assert finding.reasons == (told,)
    assert finding.against == ("a bystander in it",)
    assert finding.would_change == "without that event the verdict would be bystander"
    assert finding.evidence == "A clause on it."
    assert judged.event is Verdict.NEW_SANCTIONS
    assert judged.reasons == ("language: en", "event: new sanctions")


def test_who_is_named_in_a_sentence_that_asks_for_sanctions_is_not_told_of_by_it() -> None:
    asks = "The EU should list Surgutneftegas, and freeze every penny of Gazprom Neft."
    asked = replace(doubtful("sng", 0.06, Verdict.POSSIBLE), evidence=asks)
    event = opened("gpn")
    beside = quiet(asked, replace(doubtful(odds=0.3), evidence=asks))
    assert verdicts(weigh(beside, event))["gpn"] is Verdict.BYSTANDER
    apart = quiet(asked, doubtful(odds=0.3))
    assert verdicts(weigh(apart, event))["gpn"] is Verdict.NEW_SANCTIONS


def test_a_correction_is_no_surer_for_the_event_that_it_corrects() -> None:
    by = replace(LATER, title="Correction: the US did not sanction Gazprom Neft")
    assert weigh(quiet(), opened("gpn"), by=by) == quiet()


def test_it_joins_that_event_and_opens_none() -> None:
    event = opened("gpn")
    (change,) = cluster(LATER, weigh(quiet(), event), ENTITIES, (event,), NOW)
    assert (change.event.key, change.opened, change.material) == (event.key, False, False)
    assert [source.outlet for source in change.event.sources] == ["Wire", "Herald"]


def test_another_authority_that_the_article_names_may_act_later_in_an_event_of_its_own() -> None:
    event = opened("gpn")
    (change,) = cluster(LATER, weigh(quiet(authorities=("US", "EU")), event), ENTITIES, (event,), NOW)
    assert (change.event.key, change.event.authorities) == (event.key, ("US",))
    third = article("third", "Post", NOW + timedelta(days=2))
    (act,) = cluster(third, judgement("gpn", authorities=("EU",), acted_on=None), ENTITIES, (change.event,), NOW)
    assert act.opened


def test_a_target_that_its_authority_is_named_with_is_of_an_act_that_the_article_tells_besides() -> None:
    """The article's own act is another authority's, days after; of the event it tells in a paragraph."""
    event, by = opened("gpn"), article("second", "Herald", NOW + timedelta(days=12))
    beside = replace(doubtful(), named_with=("US",))
    told = judgement("ing", authorities=("EU",), acted_on=None)
    told = replace(told, findings=(*told.findings, beside))
    judged = weigh(told, event, by=by)
    assert verdicts(judged) == {"ing": Verdict.NEW_SANCTIONS, "gpn": Verdict.NEW_SANCTIONS}
    own, other = cluster(by, judged, ENTITIES, (event,), by.published_at)
    assert ([one.entity for one in own.event.targets], own.opened) == (["ing"], True)
    assert (other.event.key, other.material) == (event.key, False)
    alone = replace(told, findings=(*told.findings[:1], replace(beside, named_with=("EU",))))
    assert verdicts(weigh(alone, event, by=by))["gpn"] is Verdict.BYSTANDER


def test_the_reason_names_no_other_target_of_the_event() -> None:
    told = replace(judgement("sng"), findings=(*judgement("sng").findings, doubtful()))
    (_, finding) = weigh(told, opened("gpn", "sng")).findings
    assert finding.verdict is Verdict.NEW_SANCTIONS
    assert "Surgut" not in " ".join(finding.reasons)


def test_two_targets_named_together_tell_of_their_act_though_each_is_read_dimly() -> None:
    event = opened("gpn", "sng")
    both = quiet(doubtful("gpn", 0.03), doubtful("sng", 0.05, Verdict.UNRELATED))
    assert set(verdicts(weigh(both, event)).values()) == {Verdict.NEW_SANCTIONS}
    (change,) = cluster(LATER, weigh(both, event), ENTITIES, (event,), NOW)
    assert (change.event.key, change.material) == (event.key, False)


def test_whom_two_watchlists_have_is_not_two_named_together() -> None:
    named = replace(doubtful(odds=0.05), mentions=judgement("gpn").findings[0].mentions)
    twins = with_twin(quiet(named), "gpn", "sng")
    assert set(verdicts(weigh(twins, opened("gpn", "sng"))).values()) == {Verdict.BYSTANDER}


@pytest.mark.parametrize(("days", "is_told"), [(0, True), (4, True), (5, False)])
def test_two_targets_named_with_who_acted_tell_of_it_for_four_days_however_dimly(days: int, is_told: bool) -> None:
    named = [replace(doubtful(entity, 0.01), named_with=("US",)) for entity in ("gpn", "sng")]
    by = article("second", "Herald", NOW + timedelta(days=days))
    judged = weigh(quiet(*named, acted_on=None), opened("gpn", "sng"), by=by)
    assert set(verdicts(judged).values()) == {Verdict.NEW_SANCTIONS if is_told else Verdict.BYSTANDER}


@pytest.mark.parametrize(
    ("programme", "day", "is_joined"), [(None, 10, True), (None, 9, False), ("Iran", 10, False), ("Russia", 10, True)]
)
def test_an_article_with_another_target_of_that_day_joins_the_event_in_place_of_its_own(
    programme: str | None, day: int, is_joined: bool
) -> None:
    event = opened("gpn", acted_on=date(2025, 1, day))
    told = judgement("ing", acted_on=date(2025, 1, 10), programme=programme)
    told = replace(told, findings=(*told.findings, replace(doubtful(), named_with=("US",))))
    changes = cluster(LATER, weigh(told, event), ENTITIES, (event,), LATER.published_at)
    (own,) = (change for change in changes if change.added_targets)
    assert (own.event.key == event.key, own.opened, own.added_targets) == (is_joined, not is_joined, ("ing",))


def test_who_is_named_with_two_that_acted_is_a_target_of_the_one_whose_event_tells_so() -> None:
    british = opened("gpn", authorities=("UK",))
    (change,) = cluster(article("other", "Post"), judgement("ing", authorities=("EU",)), ENTITIES, (), NOW)
    told = judgement("ing", authorities=("EU",))
    told = replace(told, findings=(*told.findings, replace(doubtful(), named_with=("EU", "UK"))))
    changes = cluster(LATER, weigh(told, british, change.event), ENTITIES, (british, change.event), LATER.published_at)
    assert {one.event.key: one.added_targets for one in changes} == {british.key: (), change.event.key: ()}
    assert all(len(one.event.sources) == 2 for one in changes)


FRESH = {
    "on the day after, with who acted": (0.05, ("US",), 1, Verdict.BYSTANDER, True),
    "read as asked for": (0.15, ("US",), 1, Verdict.POSSIBLE, True),
    "hardly likely even so": (0.03, ("US",), 1, Verdict.BYSTANDER, False),
    "with another authority": (0.05, ("EU",), 1, Verdict.BYSTANDER, False),
    "days later": (0.05, ("US",), 3, Verdict.BYSTANDER, True),
    "a week later": (0.06, ("US",), 7, Verdict.BYSTANDER, True),
    "more than a week later": (0.06, ("US",), 9, Verdict.BYSTANDER, False),
    "surer, and more than a week later": (0.1, ("US",), 9, Verdict.BYSTANDER, True),
    "days later, without who acted": (0.06, (), 3, Verdict.BYSTANDER, False),
    "asked for days later": (0.3, ("US",), 3, Verdict.POSSIBLE, False),
}


@pytest.mark.parametrize(("odds", "named", "days", "verdict", "is_told"), FRESH.values(), ids=FRESH)
def test_an_article_of_the_next_days_that_names_who_acted_tells_of_the_act(
    odds: float, named: tuple[str, ...], days: int, verdict: Verdict, is_told: bool
) -> None:
    by = article("second", "Herald", NOW + timedelta(days=days))
    told = quiet(replace(doubtful("gpn", odds, verdict), named_with=named))
    judged = weigh(told, opened("gpn"), by=by)
    assert (verdicts(judged)["gpn"] is Verdict.NEW_SANCTIONS) == is_told


FOLLOWING = {
    "three days later": (0.003, Verdict.UNRELATED, {}, {}, 3, True),
    "asked for": (0.08, Verdict.POSSIBLE, {}, {}, 2, True),
    "surely only asked for": (0.003, Verdict.POSSIBLE, {}, {}, 2, False),
    "four days later": (0.003, Verdict.UNRELATED, {}, {}, 4, False),
    "a week later, with the day of the act": (0.003, Verdict.BACKGROUND, {}, {"acted_on": date(2025, 1, 10)}, 7, True),
    "the day of another act": (0.003, Verdict.BACKGROUND, {}, {"acted_on": date(2025, 1, 14)}, 7, False),
    "soon, and the day of another act": (0.003, Verdict.BACKGROUND, {}, {"acted_on": date(2025, 1, 13)}, 3, False),
    "with nobody who acted": (0.003, Verdict.BYSTANDER, {}, {"named_with": ()}, 1, False),
    "with another authority": (0.003, Verdict.BYSTANDER, {}, {"named_with": ("EU",)}, 1, False),
    "in an article on a licence": (0.003, Verdict.BACKGROUND, {"event": Verdict.RELIEF}, {}, 1, False),
    "in an article that tells of no sanctions": (0.003, Verdict.BYSTANDER, {"tells_acts": False}, {}, 1, False),
    "taken off the list": (0.003, Verdict.RELIEF, {}, {}, 1, False),
}


@pytest.mark.parametrize(("odds", "verdict", "of_all", "of_it", "days", "is_told"), FOLLOWING.values(), ids=FOLLOWING)
def test_what_follows_an_act_in_an_article_that_reports_nothing_new_tells_of_it(
    odds: float, verdict: Verdict, of_all: dict[str, object], of_it: dict[str, object], days: int, is_told: bool
) -> None:
    by = article("second", "Herald", NOW + timedelta(days=days))
    finding = replace(doubtful("gpn", odds, verdict), **{"named_with": ("US",), **of_it})  # type: ignore[arg-type]
    told = replace(quiet(finding, acted_on=None), **{"tells_acts": True, **of_all})  # type: ignore[arg-type]
    judged = weigh(told, opened("gpn"), by=by)
    assert (verdicts(judged)["gpn"] is Verdict.NEW_SANCTIONS) == is_told


@pytest.mark.parametrize(
    ("said", "odds", "is_told"),
    [
        ("Gazprom Neft is not on the list, the Treasury said.", 0.004, False),
        ("Gazprom Neft shrugged the blacklist off.", 0.004, True),
        ("No, the listing of Gazprom Neft would not affect guests.", 0.004, True),
        ("Not far from the park, Gazprom Neft has no account in Ohio.", 0.004, True),
        ("Gazprom Neft, hit by the blacklist, said it is on no other, and not in trouble.", 0.17, True),
    ],
)
def test_what_denies_that_somebody_was_listed_tells_of_no_act(said: str, odds: float, is_told: bool) -> None:
    by = replace(article("second", "Herald", NOW), language="en")
    finding = replace(doubtful("gpn", odds), named_with=("US",), evidence=said)
    told = replace(quiet(finding, acted_on=None), tells_acts=True)
    assert (verdicts(weigh(told, opened("gpn"), by=by))["gpn"] is Verdict.NEW_SANCTIONS) is is_told


def test_what_an_article_with_news_of_its_own_says_besides_is_not_what_followed() -> None:
    beside = replace(doubtful("gpn", 0.003), named_with=("US",))
    told = judgement("ing", programme="Iran")
    told = replace(told, findings=(*told.findings, beside), tells_acts=True)
    assert verdicts(weigh(told, opened("gpn")))["gpn"] is Verdict.BYSTANDER


@pytest.mark.parametrize(("odds", "is_told"), [(0.1, False), (0.3, True)])
def test_an_authority_that_is_only_guessed_to_act_proves_no_act(odds: float, is_told: bool) -> None:
    """ "Under Ukrainian sanctions since 2018", on the day of an American act."""
    told = replace(quiet(doubtful("gpn", odds), authorities=("UA",)), is_acting_guessed=True)
    by = article("second", "Herald", NOW)
    assert (verdicts(weigh(told, opened("gpn"), by=by))["gpn"] is Verdict.NEW_SANCTIONS) == is_told


def test_a_listing_of_years_ago_by_the_only_one_that_an_article_names_is_no_report_of_todays() -> None:
    """ "X, which Ukraine sanctioned in 2019, opened a plant", on the day of a British act: it confirms nothing."""
    old = replace(doubtful(verdict=Verdict.BACKGROUND), listed_before_by=("UA",), named_with=("UA",))
    told = replace(quiet(old, authorities=("UA",)), is_acting_guessed=True)
    by = article("second", "Herald", NOW)
    assert weigh(told, opened("gpn"), by=by) == told
    too = replace(told, findings=(replace(old, named_with=("UA", "US")),))
    assert verdicts(weigh(too, opened("gpn"), by=by)) == {"gpn": Verdict.NEW_SANCTIONS}


def test_two_targets_of_two_acts_are_not_named_together() -> None:
    both = quiet(doubtful("gpn", 0.03), doubtful("ing", 0.03))
    assert weigh(both, opened("gpn", "sng"), other("ing", day=9)) == both


def test_a_target_that_was_taken_off_the_list_speaks_for_no_other() -> None:
    both = quiet(doubtful("gpn", 0.03), doubtful("sng", 0.03, Verdict.RELIEF))
    assert weigh(both, opened("gpn", "sng")) == both


UNMOVED = {
    "hardly doubtful": quiet(doubtful(odds=0.05)),
    "listed by the same years ago": quiet(replace(doubtful(), listed_before_by=("EU", "US"))),
    "listed years ago, nobody says by whom": quiet(replace(doubtful(), listed_before_by=())),
    "another verdict of its own": quiet(doubtful(verdict=Verdict.RELIEF)),
    "another authority": quiet(authorities=("EU",)),
    "an act of another week": quiet(acted_on=date(2025, 1, 1)),
    "without doubt": quiet(doubtful(odds=0.0)),
    "read by a second reader": quiet(replace(doubtful(odds=0.6), read_again=True)),
    "taken down from above the floor": quiet(doubtful(odds=0.6)),
    "with an authority of its own": quiet(replace(doubtful(), authorities=("EU",))),
}


@pytest.mark.parametrize("told", UNMOVED.values(), ids=UNMOVED)
def test_what_no_event_moves(told: Judgement) -> None:
    assert weigh(told, opened("gpn")) == told


def test_who_was_listed_by_another_years_ago_may_be_so_by_this_one_now() -> None:
    told = quiet(replace(doubtful(), listed_before_by=("UK",)))
    assert verdicts(weigh(told, opened("gpn"))) == {"gpn": Verdict.NEW_SANCTIONS}


@pytest.mark.parametrize(
    "event",
    [
        opened("sng"),
        opened("gpn", key="second"),
        withdraw(opened("gpn"), "wrong", "Ann", NOW),
        replace(opened("gpn"), review=True),
    ],
    ids=["of others", "that this article opened", "withdrawn", "for review"],
)
def test_events_that_say_nothing_of_it(event: Event) -> None:
    assert verdicts(weigh(quiet(), event)) == {"gpn": Verdict.BYSTANDER}


def test_an_article_that_somebody_pastes_is_no_witness_of_itself() -> None:
    event = opened("gpn")
    for same in (article("other", "Wire"), replace(LATER, url=event.sources[0].url)):
        again = replace(same, title=event.sources[0].title) if same.key == "other" else same
        assert weigh(quiet(), event, by=again) == quiet()


def test_a_higher_floor_wants_more() -> None:
    event = opened("gpn")
    assert weigh(quiet(), event, floor=0.9) == quiet()
    assert weigh(quiet(doubtful(odds=0.7)), event, floor=0.9) != quiet(doubtful(odds=0.7))


def other(*targets: str, day: int, programme: str = "Russia") -> Event:
    told = judgement(*targets, acted_on=date(2025, 1, day), programme=programme)
    (change,) = cluster(article(f"third{day}", "Post"), told, ENTITIES, (), datetime(2025, 1, day, 12, tzinfo=UTC))
    return change.event


NO_DAY = {"programme": None, "acted_on": None}
TWO_DOUBTS = quiet(doubtful("gpn", 0.2), doubtful("sng", 0.2), **NO_DAY)
BESIDE_A_SURE_ONE = replace(
    judgement("ing", acted_on=date(2025, 1, 12)),
    findings=(*judgement("ing").findings, doubtful(verdict=Verdict.BACKGROUND)),
)
TANGLES: dict[str, tuple[Judgement, tuple[Event, ...], int]] = {
    "two names of two events": (TWO_DOUBTS, (opened("gpn"), other("sng", day=10, programme="Iran")), 14),
    "two names of two events, days apart": (TWO_DOUBTS, (opened("gpn"), other("sng", day=13)), 14),
    "two names of two events of one day": (TWO_DOUBTS, (opened("gpn"), other("sng", day=10)), 11),
    "a sure name of an act of its own": (BESIDE_A_SURE_ONE, (opened("gpn"),), 12),
    "a sure name whose act is known": (BESIDE_A_SURE_ONE, (opened("gpn"), other("ing", day=11)), 12),
}


def outcomes(told: Judgement, by: Article, known: Sequence[Event]) -> list[tuple[object, ...]]:
    changes = cluster(by, told, ENTITIES, known, by.published_at)
    news = [change for change in changes if change.opened or change.material or change.merged]
    return [(change.event.key, change.opened, change.added_targets, len(change.merged)) for change in news]


@pytest.mark.parametrize(("told", "known", "day"), TANGLES.values(), ids=TANGLES)
def test_readers_are_told_nothing_that_they_would_not_be_told_without(
    told: Judgement, known: tuple[Event, ...], day: int
) -> None:
    by = article("second", "Herald", datetime(2025, 1, day, 9, tzinfo=UTC))
    assert outcomes(weigh(told, *known, by=by), by, known) == outcomes(told, by, known)


def test_an_article_judged_again_does_not_take_the_target_into_its_own_event() -> None:
    event = opened("gpn")
    (own,) = (change.event for change in cluster(LATER, judgement("ing", programme="Iran"), ENTITIES, (), NOW))
    (change,) = cluster(LATER, weigh(quiet(), event, own), ENTITIES, (event, own), NOW)
    assert (change.event.key, change.added_targets) == (event.key, ())


@pytest.mark.parametrize(
    ("entity", "verdict", "hours", "again"),
    [
        ("gpn", Verdict.BYSTANDER, -2, True),
        ("gpn", Verdict.POSSIBLE, -2, True),
        ("gpn", Verdict.RELIEF, -2, False),  # what befalls it is told
        ("sng", Verdict.BYSTANDER, -2, False),  # of whom nothing is new
        ("gpn", Verdict.BYSTANDER, -72, False),  # before the act
    ],
)
def test_an_article_that_was_read_before_an_event_is_looked_at_again_if_it_may_tell_of_it(
    entity: str, verdict: Verdict, hours: int, again: bool
) -> None:
    by = article("early", "Herald", NOW + timedelta(hours=hours))
    event = opened("gpn", "sng")
    change = EventChange(event, opened=False, material=True, reason="", added_targets=("gpn",))
    assert is_worth_another_look(change, by, quiet(doubtful(entity, verdict=verdict))) is again
    own = article(event.sources[0].article, "Wire", by.published_at)
    assert not is_worth_another_look(change, own, quiet(doubtful(entity, verdict=verdict))), "it is its source"


def test_of_two_acts_on_one_name_it_tells_the_likelier() -> None:
    """The newer one first is not always the one."""
    united = opened("gpn", key="united", authorities=("UN",), acted_on=date(2025, 1, 12))
    event = opened("gpn")
    by = article("second", "Herald", NOW + timedelta(days=9))
    judged = weigh(quiet(replace(doubtful(odds=0.3), named_with=("US",))), united, event, by=by)
    assert f"event {event.key} tells of it already" in judged.findings[0].reasons[0]
