"""What a reader is shown of an event."""

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from bot.alerts import alert_message, find_url, follow_up_message, headline, quiet_reason
from bot.authorities import load_authorities, load_nations, told_authority
from bot.events import GONE, HOLDS, confirm, withdraw
from bot.model import (
    Acknowledgement,
    Action,
    ChatKey,
    Correction,
    Event,
    EventSource,
    EventTarget,
    Feedback,
    Finding,
    Judgement,
    Severity,
    Tier,
    User,
    Verdict,
)
from bot.rendering import render_plain
from bot.rendering.text import highlighted

NOW = datetime(2025, 1, 10, 18, 5, tzinfo=UTC)


def target(key: str, caption: str, surface: str, evidence: str, confidence: float = 0.9) -> EventTarget:
    return EventTarget(
        key, caption, Verdict.NEW_SANCTIONS, confidence, evidence, surface, "https://wire.example/1", "Wire"
    )


def source(outlet: str) -> EventSource:
    return EventSource(outlet, f"https://{outlet.lower()}.example/1", outlet, "A title", Tier.NEWS, NOW, NOW)


BOTH = "Gazprom Neft and Surgutneftegas were blocked."
EVENT = Event(
    key="3f2a9c1d",
    kind=Verdict.NEW_SANCTIONS,
    authorities=("US", "UK"),
    programme="Russia",
    acted_on=date(2025, 1, 10),
    opened_at=NOW,
    updated_at=NOW,
    targets=(
        target("gpn", "Gazprom Neft PJSC", "Gazprom Neft", BOTH),
        target("sng", "Surgutneftegas", "Surgutneftegas", BOTH),
        target("ing", "Ingosstrakh", "Ингосстрах", "Ингосстрах внесён в список."),
    ),
    sources=(source("Wire"),),
    key_points=("183 vessels are listed.",),
)


@pytest.mark.parametrize(
    ("told", "outlet"),
    [
        (((), ()), "wire"),  # as it was kept once
        ((("gpn",), ("sng",)), "post"),
        ((("gpn",), ()), "post"),
        ((("gpn",), ("gpn", "ing")), "wire"),
    ],
)
def test_an_events_address_is_of_the_first_article_that_names_whom_the_chat_sees(
    told: tuple[tuple[str, ...], ...], outlet: str
) -> None:
    sources = tuple(replace(source(name), targets=names) for name, names in zip(("Wire", "Post"), told, strict=True))
    assert find_url(replace(EVENT, targets=EVENT.targets[1:2], sources=sources)) == f"https://{outlet}.example/1"
    assert find_url(replace(EVENT, sources=())) == ""


def test_the_headline_says_who_and_what() -> None:
    assert (
        headline(EVENT, EVENT.targets) == "Gazprom Neft PJSC, Surgutneftegas and 1 more — new US/UK sanctions (Russia)"
    )
    assert headline(EVENT, EVENT.targets[:1]) == "Gazprom Neft PJSC — new US/UK sanctions (Russia)"


def test_names_with_a_comma_are_parted_by_more_than_one_in_a_headline() -> None:
    names = ("SECHIN, Igor", "Hengli Trading Co., Ltd.", "Rosneft")
    targets = [target(name, name, name, "") for name in names]
    assert headline(EVENT, targets).startswith("SECHIN, Igor; Hengli Trading Co., Ltd. and 1 more — ")
    assert headline(EVENT, targets[1:]).startswith("Hengli Trading Co., Ltd. and Rosneft — ")
    assert headline(EVENT, EVENT.targets).startswith("Gazprom Neft PJSC, Surgutneftegas and 1 more — ")


@pytest.mark.parametrize(
    ("caption", "surface", "told"),
    [
        ("SECHIN, Igor Ivanovich", "Igor Sechin", False),
        ("Julio Cesar Montero", "Julio César Montero", False),
        ("Ben Gvir, Itamar", "Itamar Ben-Gvir", False),
        ("CARREY, James Eugene", "Jim Carrey", True),
        ("Ingosstrakh", "Ингосстрах", True),
        ("Ingosstrakh", "", False),
    ],
)
def test_the_articles_form_of_a_name_is_told_where_it_has_another_word(caption: str, surface: str, told: bool) -> None:
    named = alert_message(replace(EVENT, targets=(target("a", caption, surface, ""),))).facts[0].value
    assert named == (f"{caption} (as “{surface}”)" if told else caption)


def test_every_authority_that_is_known_has_a_word_for_its_acts() -> None:
    assert {code for code in load_authorities() | load_nations() if told_authority(code) == code} == {
        "US",
        "EU",
        "UK",
        "UN",
        "ECOWAS",
    }


@pytest.mark.parametrize(
    ("codes", "told"),
    [
        (("CH",), "new Swiss sanctions"),
        (("US", "CA"), "new US/Canadian sanctions"),
        (("PL",), "new Polish sanctions"),
        (("XX",), "new XX sanctions"),
    ],
)
def test_a_headline_says_whose_sanctions_they_are_where_few_know_the_letters(codes: tuple[str, ...], told: str) -> None:
    assert headline(replace(EVENT, authorities=codes), EVENT.targets[:1]) == f"Gazprom Neft PJSC — {told} (Russia)"


def test_a_headline_without_authority_or_programme_invents_none() -> None:
    bare = replace(EVENT, authorities=(), programme=None)
    assert headline(bare, bare.targets[:2]) == "Gazprom Neft PJSC and Surgutneftegas — new sanctions"


def test_every_target_is_listed_and_every_deciding_sentence_shown_once() -> None:
    message = alert_message(EVENT)
    assert message.facts[0].value == "Gazprom Neft PJSC; Surgutneftegas; Ingosstrakh (as “Ингосстрах”)"
    assert [quote.text for quote in message.quotes] == [BOTH, "Ингосстрах внесён в список."]
    assert message.quotes[0].highlights == ("Gazprom Neft", "Surgutneftegas")


def test_a_line_of_a_list_is_quoted_behind_what_introduces_it_and_the_next_line_alone() -> None:
    lead = "The ships on the list are:"
    rows = [replace(target(name, name, name, f"{name} | 91111"), lead_in=lead) for name in ("Astra", "Vega")]
    quotes = alert_message(replace(EVENT, targets=tuple(rows))).quotes
    assert [quote.text for quote in quotes] == [f"{lead} Astra | 91111", "Vega | 91111"]


def test_an_outlets_sentence_that_begins_as_our_list_of_names_is_told_as_it_stands() -> None:
    said = "On the list: Jane Roe, 51, a former colonel of the harbour guard who is now said to lead it."
    message = alert_message(replace(EVENT, key_points=(said,)))
    assert said in message.bullets


def test_a_sentence_is_not_introduced_by_what_the_quote_above_it_says() -> None:
    first = target("a", "Astra", "Astra", "The EU listed Astra on Monday.")
    second = replace(target("v", "Vega", "Vega", "So is Vega, its tanker."), lead_in=first.evidence)
    quotes = alert_message(replace(EVENT, targets=(first, second))).quotes
    assert [quote.text for quote in quotes] == [first.evidence, second.evidence]


def test_a_quote_has_neither_the_place_of_writing_nor_the_mark_of_a_list() -> None:
    said = target("a", "Astra", "Astra", "ZELKOVA, Northern Coast (Wire) — The EU listed Astra on Monday.")
    row = target("v", "Vega", "VEGA", "• – VEGA, its tanker, is on the list")
    quotes = alert_message(replace(EVENT, targets=(said, row))).quotes
    assert [quote.text for quote in quotes] == ["The EU listed Astra on Monday.", "VEGA, its tanker, is on the list"]


def test_a_quote_keeps_the_target_that_looks_like_a_place_of_writing() -> None:
    said = "VEGA — The tanker was listed on Monday."
    assert alert_message(replace(EVENT, targets=(target("v", "VEGA", "VEGA", said),))).quotes[0].text == said


@pytest.mark.parametrize(("point", "is_first"), [(BOTH, True), ("183 vessels are listed.", False)])
def test_a_quote_that_has_the_first_key_point_comes_before_the_others(point: str, is_first: bool) -> None:
    message = alert_message(replace(EVENT, key_points=(point, "The rouble fell by two per cent on the news.")))
    assert message.quotes_first is is_first


def test_a_sentence_that_leans_comes_later_unless_it_is_introduced() -> None:
    leaning = target("a", "Orlan", "Orlan", "It owns Orlan, too.")
    alone = target("b", "Vega", "Vega", "The EU listed Vega.")

    def first(*targets: EventTarget) -> str:
        return alert_message(replace(EVENT, targets=targets)).quotes[0].text

    assert first(leaning, alone) == "The EU listed Vega."
    assert first(replace(leaning, lead_in="Acme was hit."), alone) == "Acme was hit. It owns Orlan, too."


def test_who_is_named_in_what_introduces_a_sentence_is_not_named_in_front_of_it_again() -> None:
    told = replace(target("a", "Orlan Works", "Orlan Works", "It was blocked on Monday."), lead_in="Orlan Works fell.")
    assert (
        alert_message(replace(EVENT, targets=(told,))).quotes[0].text == "Orlan Works fell. It was blocked on Monday."
    )


def test_a_name_is_marked_whole_in_a_sentence_that_has_it_whole_where_a_headline_has_a_part() -> None:
    said = "The Treasury listed John Mark Orlenko."
    message = alert_message(replace(EVENT, targets=(target("o", "John Mark Orlenko", "Orlenko", said),)))
    assert [piece.text for piece in highlighted(said, message.quotes[0].highlights) if piece.is_marked] == [
        "John Mark Orlenko"
    ]


def test_what_a_chat_asked_for_comes_first() -> None:
    message = alert_message(EVENT, frozenset({"ing"}))
    assert message.title.startswith("Ingosstrakh, Gazprom Neft PJSC and 1 more")
    assert message.quotes[0].text == "Ингосстрах внесён в список."


def test_a_second_source_is_counted_and_named() -> None:
    message = alert_message(replace(EVENT, sources=(source("Wire"), source("Herald"))))
    assert [link.text for link in message.sources] == ["Wire", "Herald"]
    assert message.footer == "Now 2 sources. Updated 10 Jan, 18:05 UTC: Herald reports this too."
    assert alert_message(EVENT).footer == ""


def test_an_unsure_alert_says_so_by_its_severity() -> None:
    unsure = replace(EVENT, targets=(replace(EVENT.targets[0], confidence=0.5),))
    assert alert_message(unsure).severity is Severity.MEDIUM
    assert alert_message(EVENT).severity is Severity.HIGH


def test_a_follow_up_names_what_was_added_with_its_sentence() -> None:
    message = follow_up_message(EVENT, ["ing"])
    assert message.title == "Also named: Ingosstrakh"
    assert message.quotes[0].text == "Ингосстрах внесён в список."


def test_a_follow_up_links_the_article_that_it_quotes() -> None:
    later = replace(EVENT.sources[-1], outlet="Herald", url="https://herald.example/2")
    told = follow_up_message(replace(EVENT, sources=(*EVENT.sources, later)), ["ing"])
    assert [link.url for link in told.sources] == ["https://wire.example/1"]
    assert told.quotes[0].source == told.sources[0].text


def test_a_follow_up_tells_of_an_authority_that_joined() -> None:
    assert follow_up_message(EVENT, [], ["UK"]).title == "Now also sanctioned by UK"


def test_a_quiet_article_is_told_by_what_it_says_of_whom() -> None:
    finding = Finding("gpn", Verdict.BACKGROUND, 0.8, reasons=("listed in 2014",))
    judgement = Judgement("a", (finding,), None)
    line = "Gazprom Neft: background, nothing new (listed in 2014)"
    assert quiet_reason(judgement, {"gpn": "Gazprom Neft"}) == line
    several = replace(judgement, findings=(finding, Finding("b", Verdict.BYSTANDER, 0.9), finding, finding))
    assert quiet_reason(several, {"gpn": "Gazprom Neft"}).splitlines() == [
        line,
        "b: not the one sanctioned",
        "and 2 more",
    ]
    assert quiet_reason(replace(judgement, findings=()), {}) == "names nobody who is tracked"


ANA, BEN = User("telegram", "7", "Ana"), User("telegram", "8", "Ben")
SAID_AT = ChatKey("telegram", "-5")


def said(by: User, label: Verdict, *entities: str, given: Verdict = Verdict.NEW_SANCTIONS) -> tuple[Feedback, ...]:
    return tuple(Feedback(by, EVENT.key, entity, label, given, NOW, SAID_AT) for entity in entities)


SAYINGS: dict[str, tuple[tuple[Feedback, ...], str]] = {
    "of all its names": (said(ANA, Verdict.NEW_SANCTIONS, "gpn", "sng", "ing"), "Ana: right."),
    "of one": (said(ANA, Verdict.BYSTANDER, "sng"), "Ana: not relevant, only mentioned (Surgutneftegas)."),
    "by two people": (
        (*said(ANA, Verdict.NEW_SANCTIONS, "gpn"), *said(BEN, Verdict.ABSENT, "gpn")),
        "Ana: right (Gazprom Neft PJSC). Ben: not relevant, somebody else of that name (Gazprom Neft PJSC).",
    ),
    "without a name": (said(User("slack", "U1"), Verdict.NEW_SANCTIONS, "gpn", "sng", "ing"), "slack:U1: right."),
    "of a name that is not shown here": (said(ANA, Verdict.BYSTANDER, "gone"), ""),
    "by many": (
        tuple(one for n in range(6) for one in said(User("web", str(n)), Verdict.RELIEF, "gpn", "sng", "ing")),
        " ".join(f"web:{n}: not relevant, eased or lifted." for n in range(4)) + " And 2 more.",
    ),
}


@pytest.mark.parametrize(("sayings", "footer"), SAYINGS.values(), ids=SAYINGS)
def test_an_alert_shows_what_people_of_the_chat_say_of_it(sayings: tuple[Feedback, ...], footer: str) -> None:
    assert alert_message(EVENT, said=sayings).footer == footer


def test_an_alert_has_buttons_to_judge_it_and_asks_on_once_somebody_refused_it() -> None:
    def labels(*sayings: Feedback) -> list[str]:
        return [action.label for action in alert_message(EVENT, said=sayings).actions]

    first = ["Acknowledge", "Details", "Mute …", "Open article", "Right", "Not relevant", "Not my entity"]
    assert labels() == first
    assert labels(*said(ANA, Verdict.NEW_SANCTIONS, "gpn")) == first
    assert labels(*said(ANA, Verdict.ABSENT, "gpn")) == first
    assert labels(*said(ANA, Verdict.BYSTANDER, "gpn")) == [*first, "What is it instead?"]
    assert all(len(action.data) <= 64 for action in alert_message(EVENT).actions)


def test_a_review_is_a_silent_question_with_the_odds_and_the_sentence() -> None:
    doubtful = replace(EVENT.targets[0], verdict=Verdict.BACKGROUND, confidence=0.52)
    review = replace(EVENT, review=True, targets=(doubtful,))
    message = alert_message(review, said=said(ANA, Verdict.BACKGROUND, "gpn", given=Verdict.BACKGROUND))
    assert message.title == "To review: Gazprom Neft PJSC — new US/UK sanctions (Russia)?"
    assert message.severity is Severity.LOW
    assert message.facts[0].value == "Gazprom Neft PJSC: 52%, read as background"
    assert message.quotes[0].text == BOTH
    assert message.footer == "Ana: right, listed before."
    assert [action.label for action in message.actions][2:] == ["New sanctions", "Not new", "Not my entity"]
    assert "nobody was told" in message.paragraphs[0]
    answered = alert_message(replace(review, told_as="77aa77aa"))
    assert answered.paragraphs == ("An alert has told of it since: event 77aa77aa.",)


NOT_NEW = {
    "proposed": (Verdict.POSSIBLE, "US/UK sanctions only proposed, not adopted"),
    "eased": (Verdict.RELIEF, "US/UK sanctions eased"),
    "prolonged": (Verdict.RENEWAL, "US/UK sanctions prolonged, none new"),
    "a fine": (Verdict.ENFORCEMENT, "US/UK sanctions enforced: pursued for a breach, not listed"),
}


@pytest.mark.parametrize(("kind", "told"), NOT_NEW.values(), ids=NOT_NEW)
def test_no_event_of_another_verdict_can_be_taken_for_a_designation(kind: Verdict, told: str) -> None:
    message = alert_message(replace(EVENT, kind=kind))
    assert told in message.title
    assert "new US/UK sanctions" not in message.title
    assert message.paragraphs[0].endswith("nobody is newly sanctioned by this.")
    assert message.severity is Severity.LOW
    labels = [action.label for action in message.actions]
    assert "Not relevant" not in labels, "that would not tell what it is"
    assert "What is it instead?" in labels


def test_a_withdrawn_alert_says_why_first_and_asks_for_nothing() -> None:
    gone = withdraw(EVENT, "the outlet corrected it.", "Ana", datetime(2025, 1, 10, 14, 2, tzinfo=UTC))
    message = alert_message(gone)
    assert message.paragraphs == ("Withdrawn by Ana: the outlet corrected it. What follows no longer holds.",)
    assert [action.label for action in message.actions] == ["Details", "Open article"]
    assert "High" not in render_plain(message).splitlines()[1]


def test_a_reply_names_the_alert_that_it_belongs_to_and_a_correction_what_holds_now() -> None:
    added = EVENT.targets[1].entity
    told = follow_up_message(EVENT, [added])
    assert told.subtitle.startswith(f"To the alert: {EVENT.targets[0].caption}")
    assert EVENT.targets[1].caption not in told.subtitle
    gone = withdraw(EVENT, "", "Ana", datetime(2025, 1, 10, tzinfo=UTC))
    correction = follow_up_message(gone, (), correction=Correction("Withdrawn by Ana", GONE))
    assert (correction.paragraphs, correction.sources) == (("What the alert said no longer holds.",), ())
    assert follow_up_message(EVENT, (), correction=Correction("Restored", HOLDS)).paragraphs == (
        "The alert holds after all.",
    )


def test_an_alert_says_who_confirmed_it_and_which_of_its_targets() -> None:
    whole, now = frozenset(target.entity for target in EVENT.targets), datetime(2025, 1, 10, tzinfo=UTC)
    assert alert_message(confirm(EVENT, whole, "Ana", now)).paragraphs == (
        "Confirmed by Ana. The bot was not sure enough by itself.",
    )
    one = EVENT.targets[1]
    assert alert_message(confirm(EVENT, frozenset({one.entity}), "Ana", now)).paragraphs == (
        f"Confirmed by Ana: {one.caption}. The bot was not sure enough by itself.",
    )


def test_an_alert_says_who_handles_it_and_offers_to_take_that_back() -> None:
    handled = Acknowledgement(EVENT.key, ChatKey("telegram", "1"), ANA, datetime(2025, 1, 10, 14, 2, tzinfo=UTC))
    message = alert_message(EVENT, handled=handled)
    assert message.paragraphs == ("Handled by Ana since 10 Jan, 14:02 UTC.",), "above all else: it is seen at a glance"
    assert message.actions[0] == Action("Undo: not handled", data=f"ack {EVENT.key} undo")
