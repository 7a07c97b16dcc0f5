"""Joins and splits of events, as a table of cases."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from bot.events import cluster, cluster_review, event_key, normalise_counts, settle_reviews
from bot.model import Article, Entity, Event, EventChange, Finding, Judgement, Mention, Schema, Strength, Verdict

NOW = datetime(2025, 1, 10, 18, 0, tzinfo=UTC)
ENTITIES = {
    key: Entity(key, Schema.COMPANY, caption)
    for key, caption in {"gpn": "Gazprom Neft", "sng": "Surgutneftegas", "ing": "Ingosstrakh"}.items()
}


def article(key: str, outlet: str = "Wire", published_at: datetime = NOW) -> Article:
    return Article(key, f"https://{outlet.lower()}.example/{key}", outlet, f"Title of {key}", "", (), published_at)


def judgement(
    *targets: str,
    authorities: tuple[str, ...] = ("US",),
    programme: str | None = "Russia",
    acted_on: date | None = date(2025, 1, 10),
    counts: tuple[str, ...] = (),
    key_points: tuple[str, ...] = (),
) -> Judgement:
    findings = tuple(
        Finding(
            target,
            Verdict.NEW_SANCTIONS,
            0.9,
            f"Treasury sanctioned {ENTITIES[target].caption}.",
            mentions=(Mention(target, 0, 0, 4, ENTITIES[target].caption, Strength.STRONG, "form"),),
        )
        for target in targets
    )
    return Judgement("a", findings, Verdict.NEW_SANCTIONS, authorities, programme, acted_on, counts, key_points)


def opened(*targets: str, key: str = "first", **values: object) -> Event:
    (change,) = cluster(article(key), judgement(*targets, **values), ENTITIES, (), NOW)  # type: ignore[arg-type]
    return change.event


def join(event: Event, told: Judgement, by: Article) -> EventChange:
    (change,) = cluster(by, told, ENTITIES, (event,), NOW + timedelta(hours=1))
    return change


def test_a_first_report_opens_an_event() -> None:
    (change,) = cluster(article("first"), judgement("gpn"), ENTITIES, (), NOW)
    assert change.opened
    assert change.added_targets == ("gpn",)
    assert change.event.key == event_key("first", Verdict.NEW_SANCTIONS)


def test_an_article_that_lists_nobody_tracked_opens_none() -> None:
    quiet = replace(judgement(), findings=(Finding("gpn", Verdict.BACKGROUND, 0.9),))
    assert cluster(article("first"), quiet, ENTITIES, (), NOW) == ()


JOINS = {
    "a second outlet on the same target": judgement("gpn"),
    "another subset that shares one target": judgement("sng", "gpn"),
    "an outlet that does not tell the authority": judgement("gpn", authorities=()),
    "a joint action told with both authorities": judgement("gpn", authorities=("UK", "US")),
    "a date read one day off": judgement("gpn", acted_on=date(2025, 1, 11)),
    "an article that does not tell the day": judgement("gpn", acted_on=None),
    "no common target, same programme and figures": judgement("ing", counts=("183 vessels",)),
    "no common target, but the other's target is mentioned": replace(
        judgement("ing"), findings=(*judgement("ing").findings, Finding("gpn", Verdict.BYSTANDER, 0.6))
    ),
}
SPLITS = {
    "another authority lists the same entity": judgement("gpn", authorities=("EU",)),
    "another target, no common figure": judgement("ing", counts=("two people",)),
    "another programme on one day": judgement("ing", programme="Iran", counts=("183 vessels",)),
    "the same entity listed again weeks later": judgement("gpn", acted_on=date(2025, 2, 24)),
}


@pytest.mark.parametrize("told", JOINS.values(), ids=JOINS)
def test_joins(told: Judgement) -> None:
    event = opened("gpn", counts=("183 vessels", "two oil majors"))
    change = join(event, told, article("second", "Herald"))
    assert change.event.key == event.key
    assert [source.outlet for source in change.event.sources] == ["Wire", "Herald"]
    assert change.reason.startswith("same act")


@pytest.mark.parametrize("told", SPLITS.values(), ids=SPLITS)
def test_splits(told: Judgement) -> None:
    event = opened("gpn", counts=("183 vessels", "two oil majors"))
    change = join(event, told, article("second", "Herald"))
    assert change.opened
    assert change.event.key != event.key


def test_a_new_target_is_material_and_a_new_outlet_alone_is_not() -> None:
    event = opened("gpn")
    assert not join(event, judgement("gpn"), article("second")).material
    change = join(event, judgement("gpn", "sng"), article("second"))
    assert change.material
    assert change.added_targets == ("sng",)


def test_the_same_article_judged_again_changes_nothing() -> None:
    event = opened("gpn")
    change = join(event, judgement("gpn"), article("first"))
    assert change.event == event
    assert not change.material


def test_outlets_that_disagree_on_a_figure_keep_their_figures_apart() -> None:
    event = opened("gpn", key_points=("Coal worth 480 million dollars",))
    change = join(event, judgement("gpn", key_points=("Coal worth 500 million dollars",)), article("second", "Herald"))
    assert change.event.key_points == ("Coal worth 480 million dollars", "Herald: Coal worth 500 million dollars")


def test_number_words_and_digits_are_one_figure() -> None:
    assert normalise_counts(["Ten entities"]) == normalise_counts(["10 entities"])


# ---------------------------------------------------------------- for review


def doubtful(odds: float, *entities: str, verdict: Verdict = Verdict.BACKGROUND) -> Judgement:
    findings = tuple(Finding(entity, verdict, 0.6, "A sentence.", alert_odds=odds) for entity in entities)
    return replace(judgement(), findings=findings)


def review(
    told: Judgement, by: Article, alerts: Sequence[Event] = (), reviews: Sequence[Event] = (), floor: float = 0.35
) -> EventChange | None:
    return cluster_review(by, told, ENTITIES, alerts, reviews, floor, NOW)


def test_a_doubtful_finding_opens_an_event_for_review_that_keeps_what_was_read() -> None:
    change = review(doubtful(0.5, "gpn"), article("first"))
    assert change is not None
    (target,) = change.event.targets
    assert (change.event.review, target.verdict, target.confidence) == (True, Verdict.BACKGROUND, 0.5)
    assert change.event.key != event_key("first", Verdict.NEW_SANCTIONS), "the same article may raise an alert too"


NO_REVIEW = {
    "too improbable": doubtful(0.34, "gpn"),
    "nobody": judgement(),
    "surely new, so it is an alert": replace(
        judgement("gpn"), findings=(replace(judgement("gpn").findings[0], alert_odds=0.9),)
    ),
    "an article judged before odds were kept": doubtful(0.0, "gpn"),
}


@pytest.mark.parametrize("told", NO_REVIEW.values(), ids=NO_REVIEW)
def test_what_is_not_between_the_floors_is_not_for_review(told: Judgement) -> None:
    assert review(told, article("first")) is None


def test_another_outlet_on_the_same_doubt_joins_the_review() -> None:
    first = review(doubtful(0.5, "gpn"), article("first"))
    assert first
    second = review(doubtful(0.6, "gpn"), article("second", "Post"), reviews=[first.event])
    assert second
    assert (second.opened, second.event.key, second.event.review) == (False, first.event.key, True)
    assert [source.outlet for source in second.event.sources] == ["Wire", "Post"]
    again = review(doubtful(0.5, "gpn"), article("first"), reviews=[first.event])
    assert again
    assert again.event == first.event


def test_what_an_alert_told_already_is_not_asked_and_what_it_did_not_is() -> None:
    alert = opened("gpn")
    assert review(doubtful(0.5, "gpn"), article("second", "Post"), alerts=[alert]) is None
    change = review(doubtful(0.5, "gpn", "sng"), article("second", "Post"), alerts=[alert])
    assert change
    assert [target.entity for target in change.event.targets] == ["sng"]
    elsewhere = replace(doubtful(0.5, "gpn"), authorities=("EU",))
    assert review(elsewhere, article("third", "Post"), alerts=[alert]), "another authority's act is another matter"


def test_a_question_that_an_alert_answers_is_marked_so_once() -> None:
    asked = review(doubtful(0.5, "gpn"), article("first"))
    assert asked
    alert = opened("gpn", "sng", key="second")
    (settled,) = settle_reviews(alert, [asked.event], NOW)
    assert (settled.told_as, settled.revision, settled.key) == (alert.key, 2, asked.event.key)
    assert settle_reviews(alert, [settled], NOW) == ()


UNANSWERED = {
    "another name": opened("sng"),
    "another authority": opened("gpn", authorities=("EU",)),
    "another month": opened("gpn", acted_on=date(2025, 2, 10)),
}


@pytest.mark.parametrize("alert", UNANSWERED.values(), ids=UNANSWERED)
def test_another_act_answers_nothing(alert: Event) -> None:
    asked = review(doubtful(0.5, "gpn"), article("first"))
    assert asked
    assert settle_reviews(alert, [asked.event], NOW) == ()
