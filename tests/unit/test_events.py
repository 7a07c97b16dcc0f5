"""Joins and splits of events, as a table of cases."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from bot.events import (
    cluster,
    cluster_review,
    event_key,
    find_reports,
    join_reason,
    normalise_counts,
    restore,
    settle_reviews,
    withdraw,
    withdraw_target,
)
from bot.events.called import find_called
from bot.events.clustering import only, with_change
from bot.events.likeness import Rarity, compare
from bot.events.reports import is_round_up
from bot.events.wording import likeness_of, telling_words
from bot.model import (
    Article,
    Designation,
    Doubt,
    Entity,
    Event,
    EventChange,
    EventRecord,
    Finding,
    Judgement,
    Mention,
    Schema,
    Strength,
    Tier,
    Verdict,
)

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
            mentions=(Mention(target, 0, 20 * at, 20 * at + 4, ENTITIES[target].caption, Strength.STRONG, "form"),),
        )
        for at, target in enumerate(targets)
    )
    return Judgement("a", findings, Verdict.NEW_SANCTIONS, authorities, programme, acted_on, counts, key_points)


def with_twin(told: Judgement, of: str, twin: str) -> Judgement:
    """As of two watchlists that both have `of`, one under the key `twin`: each is found at the same places."""
    findings = []
    for one in told.findings:
        findings.append(one)
        if one.entity == of:
            mentions = tuple(replace(mention, entity=twin) for mention in one.mentions)
            findings.append(replace(one, entity=twin, mentions=mentions))
    return replace(told, findings=tuple(findings))


def opened(*targets: str, key: str = "first", **values: object) -> Event:
    (change,) = cluster(article(key), judgement(*targets, **values), ENTITIES, (), NOW)  # type: ignore[arg-type]
    return change.event


def join(event: Event, told: Judgement, by: Article) -> EventChange:
    (change,) = cluster(by, told, ENTITIES, (event,), NOW + timedelta(hours=1))
    return change


@pytest.mark.parametrize("told", [judgement("gpn"), judgement("sng"), judgement("gpn", "sng", "ing")])
def test_whom_two_watchlists_have_speaks_once_for_one_act_or_another(told: Judgement) -> None:
    def points(first: Judgement, second: Judgement) -> float:
        (change,) = cluster(article("first"), first, ENTITIES | {"twin": ENTITIES["gpn"]}, (), NOW)
        event = replace(change.event, mentioned=("sng", "ing"))
        (report,) = find_reports(article("second", "Herald", NOW + timedelta(days=3)), second)
        likeness = compare(event, replace(report, mentioned=report.targets), Rarity((event,)))
        return likeness.points if likeness else 0.0

    twins = (with_twin(judgement("gpn"), "gpn", "twin"), with_twin(told, "gpn", "twin"))
    assert points(*twins) == points(judgement("gpn"), told)


def test_targets_are_told_as_the_article_names_them_unless_one_is_unsure() -> None:
    def found(entity: str, confidence: float, block: int) -> Finding:
        mention = replace(judgement(entity).findings[0].mentions[0], block=block)
        return replace(judgement(entity).findings[0], confidence=confidence, mentions=(mention,))

    findings = (found("gpn", 0.99, 3), found("sng", 0.98, 1), found("ing", 0.7, 0))
    told = replace(judgement("gpn"), findings=findings)
    (change,) = cluster(article("first"), told, ENTITIES, (), NOW)
    assert [target.entity for target in change.event.targets] == ["sng", "gpn", "ing"]


def test_why_two_reports_are_one_act_is_told_as_alerts_write_it() -> None:
    known = replace(opened("gpn"), names=("#9321483", "nordic"))
    (report,) = find_reports(article("second", "Herald"), judgement("gpn"))
    told = join_reason(known, replace(report, names=frozenset({"#9321483", "nordic"})))
    assert "; 10 Jan 2025" in told
    assert "#" not in told


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
    "no common target, the other's target is listed by now, and it is the same day": replace(
        judgement("ing", counts=("183 vessels",)),
        findings=(*judgement("ing").findings, Finding("gpn", Verdict.BACKGROUND, 0.9)),
    ),
    "no common target, but the other's target is mentioned": replace(
        judgement("ing"), findings=(*judgement("ing").findings, Finding("gpn", Verdict.BYSTANDER, 0.6))
    ),
}
SPLITS = {
    "another authority lists the same entity": judgement("gpn", authorities=("EU",)),
    "another target, no common figure": judgement("ing", counts=("two people",)),
    "another programme on one day": judgement("ing", programme="Iran", counts=("183 vessels",)),
    "others are added on the next day, and it tells that the first was listed before": replace(
        judgement("ing", acted_on=date(2025, 1, 11), counts=("183 vessels",)),
        findings=(*judgement("ing").findings, Finding("gpn", Verdict.BACKGROUND, 0.9)),
    ),
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


def test_an_event_of_which_another_tells_after_all_is_changed_by_that_ones_change_alone() -> None:
    oldest, older, fresh, gone = (opened("gpn", key=key) for key in "abcd")
    entry = EventRecord("ing", "us_ofac_sdn", "US", "7", "now on it", NOW)
    before = replace(gone, told_as=older.key)
    changes = {
        older.key: EventChange(older, False, True, "x", merged=(before,), added_records=(entry,)),
        fresh.key: EventChange(fresh, True, True, "y"),
    }
    merged = (replace(older, told_as=oldest.key), replace(fresh, told_as=oldest.key))
    (change,) = with_change(changes, EventChange(oldest, False, False, "z", merged=merged)).values()
    assert [(event.key, event.told_as) for event in change.merged] == [
        (gone.key, oldest.key),
        (older.key, oldest.key),
    ], "what was opened and gone at once is never stored"
    assert (change.opened, change.material, change.added_records) == (False, True, (entry,))


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
    "what proved wrong": withdraw(opened("gpn"), "a draft", "Ana", NOW),
}


@pytest.mark.parametrize("alert", UNANSWERED.values(), ids=UNANSWERED)
def test_another_act_answers_nothing(alert: Event) -> None:
    asked = review(doubtful(0.5, "gpn"), article("first"))
    assert asked
    assert settle_reviews(alert, [asked.event], NOW) == ()


# ---------------------------------------------------------------- several acts in one article


def own_act(target: str, authorities: tuple[str, ...] = (), acted_on: date | None = None) -> Finding:
    return replace(judgement(target).findings[0], authorities=authorities, acted_on=acted_on)


def test_a_round_up_of_two_authorities_acts_opens_two_events() -> None:
    told = replace(
        judgement(authorities=("US", "EU")),
        findings=(own_act("gpn", ("US",), date(2025, 1, 10)), own_act("ing", ("EU",), date(2025, 1, 9))),
    )
    changes = cluster(article("round-up"), told, ENTITIES, (), NOW)
    assert [(change.event.authorities, change.added_targets) for change in changes] == [
        (("US",), ("gpn",)),
        (("EU",), ("ing",)),
    ]
    assert len({change.event.key for change in changes}) == 2
    again = cluster(article("round-up"), told, ENTITIES, tuple(change.event for change in changes), NOW)
    assert [change.event.key for change in again] == [change.event.key for change in changes]
    assert not any(change.opened for change in again)


WEEK = ("OFAC listed Gazprom Neft on Friday.", "The Treasury also added Ingosstrakh and Surgutneftegas.", "A fine.")


@pytest.mark.parametrize("programmes", [("cyber", "Sudan"), (None, "Sudan")])
@pytest.mark.parametrize("known", [(), ("gpn",), ("ing",), ("gpn", "ing")])
def test_the_items_of_a_round_up_are_acts_of_their_own(
    programmes: tuple[str | None, str | None], known: tuple[str, ...]
) -> None:
    """Whichever of its acts was told before: what it tells first makes no one event of them."""
    gpn, ing = programmes
    events = [
        replace(opened(target, key=target, programme=programme), names=(name,))
        for target, programme, name in (("gpn", gpn, "gazprom"), ("ing", ing, "ingosstrakh"))
        if target in known
    ]
    found = judgement("gpn", "ing", "sng").findings
    placed = tuple(
        replace(one, programme=programme, mentions=(replace(one.mentions[0], block=block),))
        for one, programme, block in zip(found, (gpn, ing, None), (2, 3, 3), strict=True)
    )
    told = replace(judgement(programme=None), findings=placed, names=("gazprom", "ingosstrakh", "treasury"))
    told = replace(told, key_points=("Gazprom Neft lost $9bn.", "It hit Gazprom Neft. It hit Ingosstrakh."))
    first = placed[0].mentions
    placed = (replace(placed[0], mentions=(*first, replace(first[0], block=0))), *placed[1:])
    also = placed[1].mentions
    placed = (placed[0], replace(placed[1], mentions=(*also, replace(also[0], block=0))), placed[2])
    told = replace(told, findings=placed)
    title = "The week in sanctions: Gazprom Neft, Ingosstrakh and a fine"
    week = replace(article("week", "Herald"), title=title, paragraphs=WEEK)
    changes = cluster(week, told, ENTITIES, events, NOW)
    assert {tuple(sorted(one.entity for one in change.event.targets)) for change in changes} == {
        ("gpn",),
        ("ing", "sng"),
    }
    points = [point for change in changes for point in change.event.key_points]
    assert points == [f"{'Herald: ' * ('gpn' in known)}Gazprom Neft lost $9bn."]
    plain = cluster(replace(week, title="Treasury lists three"), told, ENTITIES, (), NOW)
    assert [len(change.event.targets) for change in plain] == [3]


@pytest.mark.parametrize(
    ("text", "is_one"),
    [
        ("The Week in Sanctions, 20–24 October", True),
        ("Sudan war: the week in acts", True),
        ("This week in Luxembourg: six judgments", True),
        ("Sanctions round-up: week 47", True),
        ("Brussels Morning Brief: Beijing bites back", True),
        ("Sanctions in brief, 0600", True),
        ("News in brief from across the border", True),
        ("La semaine en sanctions", True),
        ("The bank, which was listed last week in Brussels, has sued", False),
        ("Ministers who meet this week in Kyiv listed two banks", False),
        ("The week in which everyone listed Mr Dmitriev's neighbours", False),
        ("They were listed for cyber attacks, a spokesman told a daily briefing", False),
        ("The minister confirmed it in brief remarks to reporters", False),
        ("Police round up activists in Minsk", False),
        ("Deux banques ont été sanctionnées dans la semaine en cours", False),
        ("Habrá más sanciones durante la semana en curso", False),
    ],
)
def test_a_title_or_a_teaser_says_that_it_is_a_round_up(text: str, is_one: bool) -> None:
    assert is_round_up(replace(article("week"), title=text)) is is_one
    assert is_round_up(replace(article("week"), summary=text)) is is_one


@pytest.mark.parametrize("programmes", [("cyber", "Sudan", "Iran"), ("cyber", "Sudan", "cyber")])
def test_no_item_of_a_round_up_takes_anothers_place(programmes: tuple[str, ...]) -> None:
    """Three acts of one authority on one day."""
    placed = tuple(
        replace(one, programme=programme, mentions=(replace(one.mentions[0], block=block),))
        for one, programme, block in zip(judgement("gpn", "ing", "sng").findings, programmes, (2, 3, 4), strict=True)
    )
    week = replace(article("week"), title="The week in sanctions", paragraphs=WEEK)
    told = replace(judgement(programme=None), findings=placed)
    changes = cluster(week, told, ENTITIES, (), NOW)
    assert [[target.entity for target in change.event.targets] for change in changes] == [["gpn"], ["ing"], ["sng"]]
    again = cluster(week, told, ENTITIES, tuple(change.event for change in changes), NOW)
    assert not any(change.opened or change.added_targets for change in again)


def test_a_key_point_of_a_round_up_is_of_whom_it_names_whole() -> None:
    """One item's name may begin as another's."""
    found = judgement("gpn", "ing").findings
    placed = tuple(
        replace(one, programme=programme, mentions=(replace(one.mentions[0], block=block, surface=surface),))
        for one, programme, block, surface in zip(
            found, ("cyber", "Sudan"), (2, 3), ("Gazprom Neft", "Gazprom"), strict=True
        )
    )
    week = replace(article("week"), title="The week in sanctions", paragraphs=("Gazprom Neft was listed.", "Gazprom."))
    told = judgement(programme=None, key_points=("Gazprom Neft lost $9bn.", "Gazprom lost €4bn."))
    first, second = find_reports(week, replace(told, findings=placed))
    assert (first.key_points, second.key_points) == (("Gazprom Neft lost $9bn.",), ("Gazprom lost €4bn.",))


def test_a_round_up_that_tells_of_one_programme_tells_one_act() -> None:
    placed = tuple(
        replace(one, programme=programme, mentions=(replace(one.mentions[0], block=block),))
        for one, programme, block in zip(judgement("gpn", "ing").findings, ("Russia", None), (2, 3), strict=True)
    )
    week = replace(article("week", "Herald"), title="The week in sanctions", paragraphs=WEEK)
    (change,) = cluster(week, replace(judgement(), findings=placed), ENTITIES, (), NOW)
    assert len(change.event.targets) == 2


def test_how_a_less_sure_report_wrote_a_target_is_kept() -> None:
    def told(surface: str, confidence: float) -> Judgement:
        (finding,) = judgement("gpn").findings
        mention = replace(finding.mentions[0], surface=surface)
        return replace(judgement("gpn"), findings=(replace(finding, confidence=confidence, mentions=(mention,)),))

    (change,) = cluster(article("first"), told("Газпром нефть", 0.8), ENTITIES, (), NOW)
    event = join(change.event, told("Gazprom Neft", 0.95), article("second", "Herald")).event
    (target,) = join(event, told("GPN", 0.99), article("third", "Post")).event.targets
    assert (target.surface, target.called) == ("GPN", ("Газпром нефть", "Gazprom Neft"))


def test_a_round_up_tells_each_event_only_what_it_says_of_it() -> None:
    first, second = opened("gpn", key="first"), opened("ing", key="second", authorities=("EU",), programme="Sudan")
    fine = "A London broker agreed to pay OFSI £2.1m over payments in 2023."
    told = replace(
        judgement(authorities=("US", "EU"), key_points=("Gazprom Neft lost $9bn.", "Ingosstrakh lost €4bn.", fine)),
        findings=(own_act("gpn", ("US",)), replace(own_act("ing", ("EU",)), programme="Sudan")),
    )
    told = replace(
        told,
        findings=tuple(
            replace(one, mentions=(replace(one.mentions[0], block=number),))
            for number, one in zip((2, 3), told.findings, strict=True)
        ),
    )
    text = ("Gazprom Neft was listed on Friday, and lost $9bn.", "Ingosstrakh lost €4bn.", fine)
    by = replace(article("week", "Herald"), paragraphs=text)
    changes = {change.event.key: change.event for change in cluster(by, told, ENTITIES, (second, first), NOW)}
    assert changes[first.key].key_points == ("Herald: Gazprom Neft lost $9bn.",)
    assert changes[second.key].key_points == ("Herald: Ingosstrakh lost €4bn.",)


@pytest.mark.parametrize(
    ("own", "expected"),
    [
        (("Sudan", None), ("Sudan", "Russia")),
        ((None, "Russia"), (None, "Russia")),
        ((None, None), ("Russia", "Russia")),
    ],
)
def test_each_act_of_a_round_up_has_its_own_programme(
    own: tuple[str | None, str | None], expected: tuple[str | None, str | None]
) -> None:
    findings = (own_act("gpn", ("US",), date(2025, 1, 10)), own_act("ing", ("EU",), date(2025, 1, 9)))
    told = replace(
        judgement(authorities=("US", "EU")),
        findings=tuple(replace(finding, programme=programme) for finding, programme in zip(findings, own, strict=True)),
    )
    changes = cluster(article("round-up"), told, ENTITIES, (), NOW)
    assert tuple(change.event.programme for change in changes) == expected


def test_one_page_by_two_feeds_of_an_outlet_is_one_source() -> None:
    event = opened("gpn")
    same = replace(
        article("other", "Wire business"), url=event.sources[0].url + "?utm_source=b", title="Title of first"
    )
    change = join(event, judgement("gpn"), same)
    assert [source.outlet for source in change.event.sources] == ["Wire"]
    assert not change.material


def test_a_joint_act_of_two_authorities_is_one_event() -> None:
    friday = date(2025, 1, 10)
    told = replace(
        judgement(authorities=("US", "UK")),
        findings=(own_act("gpn", ("US",), friday), own_act("ing", ("UK",), friday), own_act("sng", ("UK",))),
    )
    assert len(cluster(article("joint"), told, ENTITIES, (), NOW)) == 1


def test_a_target_that_tells_no_act_of_its_own_goes_with_the_main_one() -> None:
    told = replace(
        judgement(authorities=("US", "EU")),
        findings=(own_act("gpn", (), date(2025, 1, 10)), own_act("ing", (), date(2025, 1, 2)), own_act("sng")),
    )
    assert cluster(article("a"), told, ENTITIES, (), NOW)[0].added_targets == ("gpn", "sng")


def test_a_target_of_another_day_is_another_act() -> None:
    told = replace(judgement(), findings=(own_act("gpn"), own_act("ing", (), date(2025, 1, 2))))
    changes = cluster(article("a"), told, ENTITIES, (), NOW)
    assert [change.event.acted_on for change in changes] == [date(2025, 1, 10), date(2025, 1, 2)]


def test_what_a_newer_acts_article_tells_again_joins_the_older_act() -> None:
    monday = opened("gpn", acted_on=date(2025, 1, 6))
    changes = cluster(article("thursday"), judgement("gpn", "ing"), ENTITIES, (monday,), NOW)
    assert [(change.opened, change.added_targets) for change in changes] == [(True, ("ing",)), (False, ())]
    assert changes[1].event.key == monday.key


def test_what_one_authority_listed_weeks_ago_is_not_added_to_its_newer_act() -> None:
    october, november = opened("gpn", acted_on=date(2024, 12, 20)), opened("ing", key="bank")
    for told in (judgement("ing", "gpn"), judgement("ing", "gpn", authorities=("US", "UK"))):
        changes = cluster(article("again", "Herald"), told, ENTITIES, (november, october), NOW)
        assert {change.event.key: change.added_targets for change in changes} == {november.key: (), october.key: ()}
    by_another = judgement("ing", "gpn", authorities=("UK",))
    (change,) = cluster(article("uk", "Herald"), by_another, ENTITIES, (october,), NOW)
    assert (change.opened, change.added_targets) == (True, ("ing", "gpn"))


RECALLED = {
    "without a day": (judgement("gpn", acted_on=None), True),
    "with its day": (judgement("gpn", acted_on=date(2025, 1, 10)), True),
    "of a newer day": (judgement("gpn", acted_on=date(2025, 1, 30)), False),
    "by another authority": (judgement("gpn", authorities=("EU",), acted_on=None), False),
    "by nobody known": (judgement("gpn", authorities=(), acted_on=None), False),
    "with another name": (judgement("gpn", "ing", acted_on=None), False),
}


@pytest.mark.parametrize(("told", "is_one"), RECALLED.values(), ids=RECALLED)
def test_what_is_written_weeks_later_of_who_was_hit_then_is_no_act_of_its_own(told: Judgement, is_one: bool) -> None:
    known = replace(opened("gpn", "sng"), programme=None)
    told = replace(told, programme=None)
    (change,) = cluster(article("later", "Herald", NOW + timedelta(days=20)), told, ENTITIES, (known,), NOW)
    assert (change.event.key == known.key) is is_one
    assert change.opened is not is_one


@pytest.mark.parametrize(("days", "is_one"), [(7, True), (29, True), (40, False)])
def test_relief_that_is_recalled_is_told_once(days: int, is_one: bool) -> None:
    relief = frozenset({Verdict.RELIEF})
    eased = replace(judgement(), findings=(replace(own_act("gpn"), verdict=Verdict.RELIEF),), event=Verdict.RELIEF)
    (first,) = cluster(article("a"), eased, ENTITIES, (), NOW, relief)
    later = replace(article("b", "Herald"), published_at=NOW + timedelta(days=days))
    told = replace(eased, acted_on=None, programme=None)
    (again,) = cluster(later, told, ENTITIES, (first.event,), NOW, relief)
    assert again.opened is not is_one


def test_who_eased_what_an_article_tells_aside_is_who_is_named_with_it() -> None:
    """Not who acts in what it tells mainly: a week's listings."""
    eased = Finding("sng", Verdict.RELIEF, 0.8, named_with=("UN",))
    told = replace(judgement("gpn"), findings=(*judgement("gpn").findings, eased))
    new, relief = find_reports(article("week"), told, frozenset({Verdict.RELIEF}))
    assert (new.authorities, new.programme, new.acted_on) == (("US",), "Russia", date(2025, 1, 10))
    assert (relief.authorities, relief.programme, relief.acted_on) == (("UN",), None, None)
    unsaid = replace(told, findings=(*judgement("gpn").findings, replace(eased, named_with=("UN", "EU"))))
    assert find_reports(article("week"), unsaid, frozenset({Verdict.RELIEF}))[1].authorities == ()


def test_that_another_authority_acted_too_is_no_news_where_its_act_is_known() -> None:
    british = opened("gpn", "sng", key="uk", authorities=("UK",), acted_on=date(2025, 1, 2))
    american = opened("gpn", key="us", authorities=("US",), acted_on=date(2025, 1, 9))
    told = replace(
        judgement(authorities=("UK", "US"), acted_on=date(2025, 1, 2)),
        findings=(own_act("gpn", ("US",)), own_act("sng", ("UK",))),
    )
    by = article("after", "Herald")
    changes = {change.event.key: change for change in cluster(by, told, ENTITIES, (american, british), NOW)}
    assert (changes[british.key].added_authorities, changes[british.key].material) == ((), False)
    (alone,) = cluster(by, told, ENTITIES, (british,), NOW)
    assert alone.added_authorities == ("US",), "nobody else tells of it"


def test_a_key_point_on_another_act_is_not_added_to_an_event() -> None:
    british = opened("sng", key="uk", authorities=("UK",), acted_on=date(2025, 1, 2))
    american = opened("gpn", key="us", authorities=("US",), acted_on=date(2025, 1, 9))
    points = ("Gazprom Neft lost $9bn.", "Gazprom Neft lost $8bn. On 2 January the UK listed Surgutneftegas.")
    told = replace(
        judgement(authorities=("US",), acted_on=date(2025, 1, 9), key_points=points),
        findings=(own_act("gpn", ("US",)), replace(own_act("sng"), named_with=("UK",))),
    )
    for known in ((american, british), (replace(american, key="b"), replace(british, key="a"))):
        changes = cluster(article("after", "Herald"), told, ENTITIES, known, NOW)
        (us,) = (change.event for change in changes if change.event.authorities == ("US",))
        assert us.key_points == ("Herald: Gazprom Neft lost $9bn.",)


# ---------------------------------------------------------------- names, figures, corrections


def test_names_that_few_share_join_outlets_without_a_common_target() -> None:
    names = ("barnaul", "mishin", "lockbit", "zservers", "xhost")
    event = opened("gpn", programme="cyber")
    event = replace(event, names=names)
    told = replace(judgement("ing", programme="cyber"), names=(*names, "medibank"))
    assert join(event, told, article("second")).reason.startswith("same act: also in both: barnaul")


LONE_NAME = {
    "alone": ({}, False),
    "with a figure": ({"counts": ("two cartels",)}, True),
    "with another": ({"names": ("sheinbaum", "guanajuato")}, True),
}


@pytest.mark.parametrize(("values", "is_one"), LONE_NAME.values(), ids=LONE_NAME)
def test_a_president_who_speaks_of_two_acts_makes_them_no_one(values: dict[str, object], is_one: bool) -> None:
    names = values.get("names", ("sheinbaum",))
    counts = values.get("counts", ())
    first = replace(judgement("gpn", programme="counter-narcotics", counts=counts), names=names)  # type: ignore[arg-type]
    (opening,) = cluster(article("first"), first, ENTITIES, (), NOW)
    second = replace(first, findings=judgement("ing").findings)
    assert (not join(opening.event, second, article("second", "Herald")).opened) is is_one


ABOUT_ONE = {
    "one authority, day, programme and subject": ({}, True),
    "told the day after, without a day": ({"acted_on": None, "published": 1}, True),
    "two subjects, and no programme told": ({"programme": None, "names": ("~oil", "~insurance")}, True),
    "another subject": ({"names": ("~drones",)}, False),
    "one of two subjects: makers of drones, who are paid in oil": ({"names": ("~drones", "~oil")}, False),
    "no subject": ({"names": ()}, False),
    "an act of the next day": ({"acted_on": date(2025, 1, 11)}, False),
    "another authority": ({"authorities": ("UK",)}, False),
    "another programme": ({"programme": "Iran"}, False),
}


@pytest.mark.parametrize(("values", "is_one"), ABOUT_ONE.values(), ids=ABOUT_ONE)
def test_what_one_authority_did_on_one_day_on_one_subject_is_one_act(values: dict[str, object], is_one: bool) -> None:
    first = replace(judgement("gpn"), names=("~oil", "~insurance"))
    (opening,) = cluster(article("first"), first, ENTITIES, (), NOW)
    told = dict(values)
    names, days = told.pop("names", ("~oil", "~insurance")), told.pop("published", 0)
    by = article("second", "Herald", NOW + timedelta(days=days))  # type: ignore[arg-type]
    other = replace(judgement("ing", **told), names=names)  # type: ignore[arg-type]
    (change,) = cluster(by, other, ENTITIES, (opening.event,), NOW)
    assert (not change.opened) is is_one


NOTICES = {
    "the authority's next notice, on others": (Tier.OFFICIAL, "Council", "ing", False),
    "its next notice, on one of them": (Tier.OFFICIAL, "Council", "gpn", True),
    "another authority's site": (Tier.OFFICIAL, "Ministry", "ing", True),
    "an outlet's second article": (Tier.NEWS, "Council", "ing", True),
}


@pytest.mark.parametrize(("tier", "outlet", "target", "is_one"), NOTICES.values(), ids=NOTICES)
def test_an_authority_writes_one_notice_for_each_act(tier: Tier, outlet: str, target: str, is_one: bool) -> None:
    def told(key: str, by: str, tier: Tier, *targets: str) -> tuple[Article, Judgement]:
        judged = replace(judgement(*targets), names=("kallas", "~oil", "~insurance"))
        return replace(article(key, by), tier=tier), judged

    (opening,) = cluster(*told("first", "Council", Tier.OFFICIAL, "gpn"), ENTITIES, (), NOW)
    (change,) = cluster(*told("second", outlet, tier, target), ENTITIES, (opening.event,), NOW)
    assert (not change.opened) is is_one


SELDOM = {
    "Washington on Haiti": ("US", "Haiti", (), (), True),
    "a common subject, and one of its own": ("US", "Haiti", ("~gangs", "~arms"), ("~gangs",), True),
    "about different things": ("US", "Haiti", ("~gangs",), ("~oil",), False),
    "Berne on Russia": ("CH", "Russia", ("~oil",), (), True),
    "Washington on Russia, where it lists most": ("US", "Russia", ("~oil",), (), False),
    "what is done, wherever it is": ("US", "counter-narcotics", (), (), False),
}


@pytest.mark.parametrize(("who", "country", "ours", "theirs", "is_one"), SELDOM.values(), ids=SELDOM)
def test_who_seldom_acts_on_a_country_did_one_act_on_one_day(
    who: str, country: str, ours: tuple[str, ...], theirs: tuple[str, ...], is_one: bool
) -> None:
    first = replace(judgement("gpn", authorities=(who,), programme=country), names=ours)
    (opening,) = cluster(article("first"), first, ENTITIES, (), NOW)
    second = replace(judgement("ing", authorities=(who,), programme=country), names=theirs)
    (change,) = cluster(article("second", "Herald"), second, ENTITIES, (opening.event,), NOW)
    assert (not change.opened) is is_one
    twice = replace(opening.event, key="other", targets=())
    (change,) = cluster(article("second", "Herald"), second, ENTITIES, (opening.event, twice), NOW)
    assert change.opened


GUESSED = {
    "on the day, with one of its targets": ({}, 0, "gpn", True),
    "said to act": ({"is_acting_guessed": False}, 0, "gpn", False),
    "two days after": ({}, 2, "gpn", False),
    "on others": ({}, 0, "ing", False),
}


@pytest.mark.parametrize(("values", "days", "target", "is_one"), GUESSED.values(), ids=GUESSED)
def test_who_is_only_guessed_to_act_parts_no_act(
    values: dict[str, object], days: int, target: str, is_one: bool
) -> None:
    """A newsletter that names no authority but "a loan for Ukraine"."""
    told = judgement(target, authorities=("UA",), acted_on=None)
    told = replace(told, **{"is_acting_guessed": True, **values})  # type: ignore[arg-type]
    by = article("second", "Herald", NOW + timedelta(days=days))
    (change,) = cluster(by, told, ENTITIES, (opened("gpn", "sng"),), NOW)
    assert (not change.opened) is is_one
    assert change.event.authorities == (("US",) if is_one else ("UA",))


def test_a_newsletter_that_tells_of_two_acts_on_different_things_makes_no_one_of_them() -> None:
    first, second = opened("gpn", key="first"), opened("ing", key="second")
    first, second = replace(first, names=("~oil",)), replace(second, names=("~propaganda",))
    told = judgement("gpn", "ing")
    changes = cluster(article("third"), told, ENTITIES, (second, first), NOW)
    assert {change.event.key for change in changes} == {first.key, second.key}
    assert not any(change.merged for change in changes)
    alike = (replace(second, names=("~oil",)), first)
    assert any(change.merged for change in cluster(article("third"), told, ENTITIES, alike, NOW))


PACKAGE = "The EU adopted its 30th package of sanctions on Friday."
CALLED_ALIKE = {
    "the package, of which one tells oil and the other crypto": ((PACKAGE, "~oil"), (PACKAGE, "~crypto"), {}, True),
    "in two languages": ((PACKAGE, ""), ("Зернобанк попал в 30-й пакет санкций.", ""), {}, True),
    "two days later": ((PACKAGE, ""), (PACKAGE, ""), {"acted_on": None, "published": 2}, True),
    "a week later": ((PACKAGE, ""), (PACKAGE, ""), {"acted_on": None, "published": 7}, False),
    "the package, and the list of its day": (
        (PACKAGE, ""), ("Three bloggers were put on the list against hybrid threats.", ""), {}, False
    ),
    "one that tells of both": (
        (PACKAGE, ""), (f"{PACKAGE} Three bloggers were put on its list against hybrid threats.", ""), {}, False
    ),
    "one that tells of the package aside": (
        (PACKAGE, ""), ("The bloggers were listed. On the same day the 30th package came into force.", ""), {}, False
    ),
    "one that asks for another": ((PACKAGE, ""), ("It was listed. Now Tallinn wants another package.", ""), {}, False),
    "a package of the UK's": ((PACKAGE, ""), (PACKAGE, ""), {"authorities": ("UK",)}, False),
}  # fmt: skip


@pytest.mark.parametrize(("first", "second", "values", "is_one"), CALLED_ALIKE.values(), ids=CALLED_ALIKE)
def test_what_the_eu_calls_an_act_tells_which_of_its_day_it_is(
    first: tuple[str, str], second: tuple[str, str], values: dict[str, object], is_one: bool
) -> None:
    told = dict(values)
    days = timedelta(days=told.pop("published", 0))  # type: ignore[arg-type]
    told.setdefault("authorities", ("EU",))

    def place(key: str, target: str, about: tuple[str, str], known: tuple[Event, ...], at: datetime) -> EventChange:
        by = replace(article(key, key, at), paragraphs=(about[0],))
        said = replace(judgement(target, **told), names=tuple(filter(None, about[1:])))  # type: ignore[arg-type]
        (change,) = cluster(by, said, ENTITIES, known, at)
        return change

    opening = place("first", "gpn", first, (), NOW)
    assert (not place("second", "ing", second, (opening.event,), NOW + days).opened) is is_one


def test_a_package_is_told_where_the_article_begins_or_names_a_target() -> None:
    first = replace(article("first"), paragraphs=("One.", "Two.", "Three.", PACKAGE))
    assert find_called(first, frozenset()) == ""
    assert find_called(first, {5}) == "package"


BESIDE = {
    "named, and tracked by nobody": ({}, True),
    "a newer act that tells of it": ({"acted_on": date(2025, 1, 11)}, False),
    "another authority": ({"authorities": ("UK",)}, False),
    "a name of many events": ({"others": 3}, False),
}


@pytest.mark.parametrize(("values", "is_one"), BESIDE.values(), ids=BESIDE)
def test_whom_an_act_hit_and_nobody_tracks_joins_outlets_without_a_common_target(
    values: dict[str, object], is_one: bool
) -> None:
    told = dict(values)
    event = replace(opened("gpn", programme=None), beside=("Orlan Works LLC",), names=("orlan",))
    others = [replace(event, key=str(at), acted_on=date(2024, 12, 1), beside=()) for at in range(told.pop("others", 0))]  # type: ignore[call-overload]
    report = replace(judgement("ing", **{"programme": None, **told}), names=("orlan",))  # type: ignore[arg-type]
    (change,) = cluster(article("second", "Herald"), report, ENTITIES, (event, *others), NOW)
    assert (not change.opened) is is_one
    assert ("Orlan Works LLC, whom nobody tracks, named by both" in change.reason) is is_one


def test_two_events_that_prove_one_keep_whom_both_name_beside() -> None:
    first, second = two_events()
    known = (replace(first, beside=("Orlan Works",)), replace(second, beside=("Orlan Works", "Kama Mill")))
    (change,) = cluster(article("both", "Herald"), judgement("gpn", "ing"), ENTITIES, known, NOW)
    assert change.merged
    assert change.event.beside == ("Orlan Works", "Kama Mill")


def test_a_theme_tells_no_more_than_its_subject() -> None:
    """Two cartels on one day: that both acts are on drugs is said by the programme already."""
    of_first = replace(judgement("gpn", programme="counter-narcotics"), names=("~drugs", "~fentanyl"))
    (opening,) = cluster(article("first"), of_first, ENTITIES, (), NOW)
    of_second = replace(judgement("ing", programme="counter-narcotics"), names=("~drugs", "~fentanyl"))
    (change,) = cluster(article("second", "Herald"), of_second, ENTITIES, (opening.event,), NOW)
    assert change.opened


FILED_ELSEWHERE = {
    "the day after, on one name": ("Iran", "Iraq", 1, True),
    "two days after": ("Iran", "Iraq", 2, False),
    "what is done, and where": ("Myanmar", "organised crime", 2, True),
    "two themes": ("cyber", "organised crime", 2, False),
}


@pytest.mark.parametrize(("first", "second", "days", "is_one"), FILED_ELSEWHERE.values(), ids=FILED_ELSEWHERE)
def test_what_outlets_file_under_two_programmes(first: str, second: str, days: int, is_one: bool) -> None:
    """An article that tells no day and names one target of two: it must not raise an alert of its own."""
    event = opened("gpn", programme=first)
    told = judgement("gpn", "ing", programme=second, acted_on=None)
    by = article("second", "Herald", NOW + timedelta(days=days))
    changes = cluster(by, told, ENTITIES, (event,), NOW)
    assert (not any(change.opened for change in changes)) is is_one


def test_names_of_many_events_join_nothing() -> None:
    names = ("bessent", "ofac", "hurley", "gacki", "dandong")
    event = replace(opened("gpn"), names=names)
    others = tuple(replace(event, key=f"other{n}", targets=(), acted_on=date(2024, 12, 20)) for n in range(12))
    told = replace(judgement("ing"), names=names)
    (change,) = cluster(article("second"), told, ENTITIES, (event, *others), NOW)
    assert change.opened


FIGURES = {
    "ten firms": "10 entities",
    "10 companies": "10 entities",
    "twenty-five individuals": "25 people",
    "1,200 tankers": "1200 vessels",
    "two dozen ships": "24 vessels",
    "a dozen banks": "12 banks",
    "an hundred and five people": "105 people",
    "dozens of vessels": "dozens of vessels",
}


@pytest.mark.parametrize(("told", "figure"), FIGURES.items(), ids=FIGURES)
def test_figures_are_compared_as_figures(told: str, figure: str) -> None:
    assert normalise_counts([told]) == {figure}


def test_a_withdrawn_event_is_joined_by_nothing_until_it_is_restored() -> None:
    event = opened("gpn")
    gone = withdraw(event, "the list was a draft", "Ana", NOW)
    assert (gone.withdrawn, gone.revision) == (True, event.revision + 1)
    assert gone.history[-1].what == "withdrawn by Ana: the list was a draft"
    assert join(gone, judgement("gpn"), article("second")).opened
    assert not join(restore(gone, "Ana", NOW), judgement("gpn"), article("second")).opened


def test_an_article_read_again_adds_nobody_to_its_event_that_was_withdrawn() -> None:
    gone = withdraw(opened("gpn"), "a draft", "Ana", NOW)
    same = join(gone, judgement("gpn"), article("first"))
    assert (same.event, same.material) == (gone, False)
    more = join(gone, judgement("gpn", "sng"), article("first"))
    assert (more.opened, more.added_targets) == (True, ("sng",))
    assert more.event.key != gone.key
    (again,) = cluster(article("first"), judgement("gpn", "sng"), ENTITIES, (more.event, gone), NOW)
    assert (again.event.key, again.material) == (more.event.key, False)


def test_a_history_keeps_its_first_step_and_the_latest() -> None:
    event = opened("gpn")
    for number in range(150):
        event = join(event, judgement("gpn"), article(f"a{number}", f"Outlet {number}")).event
    assert len(event.history) == 100
    assert event.history[0].what == "Wire told of it first: Gazprom Neft"
    assert event.history[-1].what.startswith("Outlet 149 joined")


# ---------------------------------------------------------------- two events that are one act


def two_events() -> tuple[Event, Event]:
    first = replace(opened("gpn", key="first"), names=("mishin",))
    second = opened("ing", key="second")
    return first, replace(second, opened_at=second.opened_at + timedelta(minutes=5))


def test_an_article_that_told_of_both_before_they_were_one_is_a_source_of_all_that_it_told() -> None:
    first, second = two_events()
    notice = article("notice", "Council")
    first = join(first, judgement("gpn", counts=("40 ships",)), notice).event
    second = join(second, judgement("ing", counts=("12 banks",)), notice).event
    (change,) = cluster(article("third"), judgement("gpn", "ing"), ENTITIES, (second, first), NOW)
    assert change.merged
    (source,) = (source for source in change.event.sources if source.article == "notice")
    assert source.targets == ("gpn", "ing")
    assert source.counts == ("12 banks", "40 vessels")


def test_a_report_of_both_makes_two_events_one() -> None:
    first, second = two_events()
    (change,) = cluster(article("third"), judgement("gpn", "ing"), ENTITIES, (second, first), NOW)
    assert change.event.key == first.key
    assert {target.entity for target in change.event.targets} == {"gpn", "ing"}
    assert [source.article for source in change.event.sources] == ["first", "second", "third"]
    assert [(gone.key, gone.told_as) for gone in change.merged] == [(second.key, first.key)]
    assert change.material, "those who have the first event's message learn of a new name"
    assert any(f"the same act as event {second.key}: " in step.what for step in change.event.history)
    (later,) = cluster(article("fourth"), judgement("ing"), ENTITIES, (change.event, *change.merged), NOW)
    assert later.event.key == first.key


def test_two_reliefs_that_are_one_ease_what_both_did() -> None:
    """What one of them eased and the two do not is corrected where it was told: it must be known."""
    eased = [
        (Designation(of, f"listed-{of}", ("US",), None, NOW, "Wire", "https://wire.example"),) for of in ("gpn", "ing")
    ]
    first, second = (
        replace(event, kind=Verdict.RELIEF, eases=eases) for event, eases in zip(two_events(), eased, strict=True)
    )
    told = judgement("gpn", "ing")
    told = replace(told, findings=tuple(replace(one, verdict=Verdict.RELIEF) for one in told.findings))
    kinds = frozenset({Verdict.RELIEF})
    (change,) = cluster(article("third"), replace(told, event=Verdict.RELIEF), ENTITIES, (second, first), NOW, kinds)
    assert change.merged
    assert [one.event for one in change.event.eases] == ["listed-gpn", "listed-ing"]


def test_what_proved_wrong_of_either_event_stays_so_when_they_are_one() -> None:
    first, second = two_events()
    both, _ = withdraw_target(replace(second, targets=opened("ing", "sng").targets), "sng", "", "Ana", NOW)
    earlier, later = (Doubt("Wire", f"https://{day}", "No.", ("ing",), NOW + timedelta(day)) for day in (0, 1))
    known = (replace(both, doubts=(earlier,)), replace(first, doubts=(later,)))
    (change,) = cluster(article("third"), judgement("gpn", "ing"), ENTITIES, known, NOW)
    assert (change.event.key, change.event.doubts) == (first.key, (earlier, later))
    assert [(one.target.entity, one.place) for one in change.event.withdrawn_targets] == [("sng", 2)]
    (copy,) = cluster(article("fourth"), judgement("gpn", "sng"), ENTITIES, (change.event,), NOW)
    assert [target.entity for target in copy.event.targets] == ["gpn", "ing"]


LIKE_ANOTHER = {
    "it names none of its targets": ((), {"first", "second"}),
    "it names one": (("gpn",), {"first"}),
}


@pytest.mark.parametrize(("named", "left"), LIKE_ANOTHER.values(), ids=LIKE_ANOTHER)
def test_a_report_that_is_only_like_another_act_s_makes_two_no_one(named: tuple[str, ...], left: set[str]) -> None:
    first, second = (
        replace(one, names=("sheinbaum", "guanajuato"), key=one.sources[0].article) for one in two_events()
    )
    told = replace(judgement("ing", *named), names=("sheinbaum", "guanajuato"))
    changes = cluster(article("third"), told, ENTITIES, (second, first), NOW)
    gone = {event.key for change in changes for event in change.merged}
    assert {"first", "second"} - gone == left


APART = {
    "another programme": {"programme": "Iran"},
    "another day": {"acted_on": date(2025, 1, 8)},
    "another authority": {"authorities": ("EU",)},
}


@pytest.mark.parametrize("values", APART.values(), ids=APART)
def test_a_round_up_makes_no_one_event_of_two_acts(values: dict[str, object]) -> None:
    first, second = opened("gpn", key="first"), opened("ing", key="second", **values)
    changes = cluster(
        article("third"), judgement("gpn", "ing", authorities=("US", "EU")), ENTITIES, (second, first), NOW
    )
    assert not any(change.merged for change in changes)


def placed(told: Judgement, blocks: dict[str, int]) -> Judgement:
    """A judgement on targets that stand in these blocks, counted as `Article.blocks` counts them."""
    at = (replace(one.mentions[0], block=blocks[one.entity]) for one in told.findings)
    return replace(
        told,
        findings=tuple(replace(one, mentions=(mention,)) for one, mention in zip(told.findings, at, strict=True)),
    )


PARTED = {
    "separately": ("Washington hit Gazprom Neft.", "Separately, it sanctioned Ingosstrakh."),
    "a separate action": ("Washington hit Gazprom Neft.", "In a separate Iran-related action it hit Ingosstrakh."),
    "said before": ("The Treasury took two separate actions. One was on Gazprom Neft.", "One was on Ingosstrakh."),
    "another round": ("Washington hit Gazprom Neft.", "In another round it hit Ingosstrakh."),
    "in Russian": ("США ввели санкции против «Газпром нефти».", "Отдельным указом наказан «Ингосстрах»."),
    "in Spanish": ("EE.UU. sancionó a Gazprom Neft.", "Por separado, sancionó a Ingosstrakh."),
}
NOT_PARTED = {
    "no such word": ("Washington hit Gazprom Neft.", "It also sanctioned Ingosstrakh."),
    "of something else": ("Washington hit Gazprom Neft, which is separate from its parent.", "It hit Ingosstrakh."),
    "behind both": ("Washington hit Gazprom Neft.", "It hit Ingosstrakh.", "Separately, London hit a bank."),
}


@pytest.mark.parametrize(
    ("paragraphs", "is_parted"),
    [(text, wanted) for table, wanted in ((PARTED, True), (NOT_PARTED, False)) for text in table.values()],
    ids=[*PARTED, *NOT_PARTED],
)
def test_two_events_stay_two_where_an_article_tells_them_apart(paragraphs: tuple[str, ...], is_parted: bool) -> None:
    first, second = two_events()
    by = replace(article("third"), paragraphs=paragraphs)
    told = placed(judgement("gpn", "ing"), {"gpn": 2, "ing": 3})
    changes = cluster(by, told, ENTITIES, (second, first), NOW)
    assert {change.event.key for change in changes} == ({first.key, second.key} if is_parted else {first.key})
    assert any(change.material for change in changes) != is_parted


BESIDE = {
    "beside a target of the first": ({"gpn": 2, "sng": 2, "ing": 3}, ["gpn", "sng"], ["ing"]),
    "beside a target of the second": ({"gpn": 2, "sng": 3, "ing": 3}, ["gpn"], ["ing", "sng"]),
}


@pytest.mark.parametrize(("blocks", "one", "other"), BESIDE.values(), ids=BESIDE)
def test_a_new_name_in_a_newsletter_is_of_the_act_whose_targets_stand_beside_it(
    blocks: dict[str, int], one: list[str], other: list[str]
) -> None:
    first, second = two_events()
    by = replace(article("third"), paragraphs=("On oil: Gazprom Neft.", "Separately, on insurance: Ingosstrakh."))
    told = placed(judgement("gpn", "sng", "ing"), blocks)
    changes = cluster(by, told, ENTITIES, (second, first), NOW)
    found = {change.event.key: [target.entity for target in change.event.targets] for change in changes}
    assert found == {first.key: one, second.key: other}


def test_a_part_of_a_round_up_goes_to_the_event_that_has_its_targets_on_their_own_day() -> None:
    """What else the round-up speaks of is more like the other event."""
    names = ("quijano", "fasher", "colombians", "mercenary")
    sudan = replace(opened("gpn", "sng", key="first", programme="Sudan", acted_on=date(2025, 1, 9)), names=names)
    cyber = opened("ing", key="second", programme="cyber")
    told = replace(judgement("gpn", "sng", "ing", programme="Sudan", acted_on=date(2025, 1, 9)), names=names)
    days = {"gpn": date(2025, 1, 9), "sng": date(2025, 1, 9), "ing": date(2025, 1, 10)}
    findings = tuple(
        replace(one, acted_on=days[one.entity], authorities=("US",), programme="Sudan") for one in told.findings
    )
    changes = cluster(article("third", "Weekly"), replace(told, findings=findings), ENTITIES, (cyber, sudan), NOW)
    assert not any(change.added_targets or change.merged for change in changes)
    assert {change.event.key for change in changes} == {sudan.key, cyber.key}


def test_what_a_round_up_names_of_one_act_is_no_likeness_to_another() -> None:
    first, second = two_events()
    words = ("Washington hit Gazprom Neft and Dyukov.", "Separately, it sanctioned Ingosstrakh and its chief, Volkov.")
    told = placed(judgement("gpn", "ing"), {"gpn": 2, "ing": 3})
    changes = cluster(
        replace(article("third"), paragraphs=words),
        replace(told, names=("dyukov", "volkov")),
        ENTITIES,
        (second, first),
        NOW,
    )
    names = {change.event.key: change.event.names for change in changes}
    assert names == {second.key: ("volkov",), first.key: ("mishin", "dyukov")}
    assert {change.event.mentioned for change in changes} == {("gpn",), ("ing",)}


# ---------------------------------------------------------------- two acts of like days


def test_an_authority_named_beside_the_one_that_acted_acts_later_in_an_event_of_its_own() -> None:
    """Britain lists gpn; the article says that the EU listed banks. Two days later the EU lists gpn too."""
    told = judgement("gpn", authorities=("UK", "EU"), acted_on=None)
    express = replace(told, findings=tuple(replace(one, authorities=("UK",)) for one in told.findings))
    (first,) = cluster(article("first"), express, ENTITIES, (), NOW)
    assert first.event.authorities == ("UK",)
    later = article("second", "Herald", NOW + timedelta(days=2))
    (change,) = cluster(later, judgement("gpn", authorities=("EU",), acted_on=None), ENTITIES, (first.event,), NOW)
    assert change.opened


def test_a_source_that_names_another_authority_besides_does_not_make_it_act() -> None:
    event = join(opened("gpn"), judgement("gpn", authorities=("US", "EU")), article("second", "Herald")).event
    later = article("third", "Post", NOW + timedelta(days=1))
    (change,) = cluster(later, judgement("gpn", authorities=("EU",)), ENTITIES, (event,), NOW)
    assert change.opened


def test_a_round_up_adds_no_target_of_one_act_to_another() -> None:
    first, second = opened("gpn", key="first"), opened("ing", key="second", authorities=("EU",))
    told = judgement("gpn", "ing", authorities=("US", "EU"))
    changes = cluster(article("third", "Herald"), told, ENTITIES, (second, first), NOW)
    assert {change.event.key: [target.entity for target in change.event.targets] for change in changes} == {
        first.key: ["gpn"],
        second.key: ["ing"],
    }
    assert not any(change.material for change in changes)


def test_a_page_read_after_its_event_was_merged_is_told_to_the_event_that_stays() -> None:
    told = judgement("gpn", "sng", "ing")
    first, teaser = opened("gpn", key="first"), opened("ing", key="teaser", counts=("two firms",))
    (change,) = cluster(article("third"), told, ENTITIES, (teaser, first), NOW)
    (gone,) = change.merged
    assert {gone.key, change.event.key} == {first.key, teaser.key}
    (again,) = cluster(article("teaser"), told, ENTITIES, (change.event, gone), NOW)
    assert again.event.key == change.event.key


ANOTHER_ACT = {
    "on another name, by another authority": judgement("sng", authorities=("EU",)),
    "on another name, on another day": judgement("sng", acted_on=date(2025, 1, 14)),
    "on the same name, on another day": judgement("gpn", acted_on=date(2025, 1, 14)),
}


@pytest.mark.parametrize("told", ANOTHER_ACT.values(), ids=ANOTHER_ACT)
def test_a_page_that_tells_of_another_act_by_now_opens_an_event_of_its_own(told: Judgement) -> None:
    event = opened("gpn", key="live")
    change = join(event, told, article("live"))
    assert change.opened
    assert change.event.key != event.key
    assert join(change.event, told, article("live")).event.key == change.event.key, "and again, the same one"


def test_a_page_that_tells_by_now_of_an_act_that_is_known_joins_that() -> None:
    live, known = opened("gpn", key="live"), opened("sng", authorities=("EU",), key="other")
    (change,) = cluster(article("live"), judgement("sng", authorities=("EU",)), ENTITIES, (live, known), NOW)
    assert change.event.key == known.key


def test_a_fuller_reading_that_names_another_target_of_the_act_joins_what_the_first_opened() -> None:
    event = opened("gpn", key="live")
    change = join(event, judgement("sng"), article("live"))
    assert (change.event.key, change.added_targets) == (event.key, ("sng",))


def test_a_target_is_as_sure_as_its_surest_report() -> None:
    event = opened("gpn", "sng")
    sure = judgement("gpn")
    sure = replace(sure, findings=tuple(replace(one, confidence=0.97, evidence="Surely.") for one in sure.findings))
    change = join(event, sure, article("second", "Herald"))
    assert [(one.entity, one.confidence, one.outlet) for one in change.event.targets] == [
        ("gpn", 0.97, "Herald"),
        ("sng", 0.9, "Wire"),
    ]
    assert not change.material
    assert join(change.event, judgement("gpn"), article("third")).event.targets[0].confidence == 0.97


def test_an_event_that_is_told_as_another_makes_no_name_commoner() -> None:
    event = replace(opened("gpn"), names=("bessent",))
    twins = [replace(event, key=f"twin{number}", told_as=event.key) for number in range(5)]
    assert Rarity((event, *twins)).weight("bessent") == Rarity((event,)).weight("bessent") == 1


def test_one_authority_s_act_on_one_name_on_one_day_is_one_whatever_an_outlet_files_it_under() -> None:
    event = opened("gpn", "ing")
    assert join(event, judgement("gpn", "sng", programme="Balkans"), article("second", "Herald")).event.key == event.key


BUTANE = (
    "The buyer in Karachi used to unload butane from Sharjah twice a month, in cargoes that the notice now names. "
    "Terminals that handled the propane have asked their bankers what to do with demurrage."
)


@pytest.mark.parametrize(
    ("text", "language", "opened_anew"),
    [
        ("Butane for Karachi came in cargoes from Sharjah; a propane terminal counts its demurrage.", "en", False),
        ("Butane for Karachi came in cargoes from Sharjah; a propane terminal counts its demurrage.", "es", True),
        ("Karachi has a sea breeze, and children fly kites above the beach in the evening.", "en", True),
        ("Butane.", "en", True),
    ],
    ids=["the same things", "in a language whose words nobody counted", "other things", "too few"],
)
def test_outlets_that_name_other_targets_of_one_act_tell_it_in_like_words(
    text: str, language: str, opened_anew: bool
) -> None:
    def told(key: str, body: str, language: str = "en") -> Article:
        return replace(article(key), paragraphs=(body,), language=language)

    (first,) = cluster(told("first", BUTANE), judgement("gpn", programme=None), ENTITIES, (), NOW)
    (change,) = cluster(told("second", text, language), judgement("ing", programme=None), ENTITIES, (first.event,), NOW)
    assert change.opened is opened_anew
    if not opened_anew:
        assert "told in like words: " in change.reason
        assert "butane" in change.reason


def test_the_words_of_an_article_on_two_acts_are_no_likeness_of_either() -> None:
    (report,) = find_reports(replace(article("both"), paragraphs=(BUTANE,)), judgement("gpn", "ing"))
    assert report.wording
    assert only(report, {"gpn", "ing"}).wording == report.wording
    assert only(report, {"gpn"}).wording == ()


NEXT_ACT = {
    "the same day": (0, {}, True),
    "the day after, without a day": (1, {"acted_on": None}, True),
    "the next day's act": (1, {"acted_on": date(2025, 1, 11)}, False),
    "days after, without a day": (3, {"acted_on": None}, False),
    "days after, and it names a target of the first besides": (2, {"acted_on": None, "beside": "gpn"}, True),
}


@pytest.mark.parametrize(("days", "values", "is_one"), NEXT_ACT.values(), ids=NEXT_ACT)
def test_an_authority_s_next_act_is_told_in_the_words_of_the_last(
    days: int, values: dict[str, object], is_one: bool
) -> None:
    def told(key: str, published_at: datetime = NOW) -> Article:
        return replace(article(key, published_at=published_at), paragraphs=(BUTANE,))

    (first,) = cluster(told("first"), judgement("gpn"), ENTITIES, (), NOW)
    acted_on, beside = values.get("acted_on", date(2025, 1, 10)), values.get("beside")
    second = judgement("ing", acted_on=acted_on)  # type: ignore[arg-type]
    named = [Finding(str(beside), Verdict.BYSTANDER, 0.9)] if beside else []
    second = replace(second, findings=(*second.findings, *named))
    by = told("second", NOW + timedelta(days=days))
    (change,) = cluster(by, second, ENTITIES, (first.event,), by.published_at)
    assert (not change.opened) is is_one


NOTICE = (
    "The Council today adopted restrictive measures, on Monday Dec 15, against twelve individuals and two entities: "
    "designated persons are pursuant to the regulation subject to frozen assets and a ban, a statement announces. {}"
)


def test_what_every_act_is_told_in_makes_no_two_alike() -> None:
    def told(key: str, about: str) -> Article:
        return replace(article(key), paragraphs=(NOTICE.format(about),))

    one, other = told("first", "They trade crude."), told("second", "They jam satellites above Kaliningrad.")
    assert set(telling_words(one)) & set(telling_words(other)) == {"title"}
    (first,) = cluster(one, judgement("gpn"), ENTITIES, (), NOW)
    (change,) = cluster(other, judgement("ing"), ENTITIES, (first.event,), NOW)
    assert change.opened


def test_what_is_in_many_articles_tells_nothing() -> None:
    told = telling_words(replace(article("first"), paragraphs=(BUTANE,)))
    assert {"butane", "demurrage", "karachi"} <= set(told)
    assert not {"the", "what", "that"} & set(told)
    assert likeness_of(told, told) == pytest.approx(1)
    assert likeness_of(told, ()) == 0
