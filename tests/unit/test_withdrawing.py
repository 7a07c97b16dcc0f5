"""One target of an event proved wrong: what the event is then, and what its chats read."""

from __future__ import annotations

import itertools
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from bot.alerts import alert_message, follow_up_message, told_why_withdrawn
from bot.commands.story import read_part
from bot.delivery import as_told, plan_deliveries, without_held
from bot.errors import CommandError
from bot.events import cluster, restore_target, withdraw_all, withdraw_target
from bot.events.withdrawing import in_parts
from bot.model import (
    Article,
    Chat,
    ChatKey,
    Doubt,
    Entity,
    Event,
    EventChange,
    EventSource,
    EventTarget,
    Finding,
    Held,
    Judgement,
    Mention,
    Schema,
    Severity,
    Strength,
    Subscription,
    SubscriptionKind,
    Tier,
    Verdict,
)
from bot.notices.reading import lines_of
from bot.rendering import render_plain, render_telegram
from bot.rendering.slack import render_slack
from bot.severities import Seen, decide_severity
from bot.visibility import without_hidden

NOW = datetime(2026, 11, 28, 20, 58, tzinfo=UTC)
CHAT = ChatKey("telegram", "-5")
SENTENCE = "The Treasury sanctioned Rosneft but not Lukoil."


def target(key: str, caption: str, confidence: float = 0.9) -> EventTarget:
    url = "https://wire.example/1"
    return EventTarget(key, caption, Verdict.NEW_SANCTIONS, confidence, SENTENCE, caption.split()[-1], url, "Wire")


LUKOIL, ROSNEFT = target("luk", "PJSC Lukoil"), target("ros", "Rosneft", 0.6)
ENTITIES = {key: Entity(key, Schema.COMPANY, caption) for key, caption in (("luk", "PJSC Lukoil"), ("ros", "Rosneft"))}
EVENT = Event(
    key="3f2a9c1d",
    kind=Verdict.NEW_SANCTIONS,
    authorities=("US",),
    programme="Russia",
    acted_on=date(2026, 11, 28),
    opened_at=NOW,
    updated_at=NOW,
    targets=(LUKOIL, ROSNEFT),
    sources=(EventSource("art", "https://wire.example/1", "Wire", "A title", Tier.NEWS, NOW, NOW),),
)
ORDERS = list(itertools.permutations(("luk", "ros", "sib")))
GONE, TOLD = withdraw_target(EVENT, "luk", "it was spared", "Ana", NOW)


def test_a_withdrawn_target_is_out_of_headline_and_severity_and_struck_through() -> None:
    assert alert_message(EVENT).severity is Severity.HIGH
    message = alert_message(GONE)
    assert message.title == "Rosneft — new US sanctions (Russia)"
    assert message.severity is Severity.MEDIUM, "only Rosneft counts, of which it is less sure"
    assert not message.withdrawn
    assert "Withdrawn: PJSC Lukoil by Ana: it was spared" in render_plain(message).splitlines()
    assert "<b>Withdrawn:</b> <s>PJSC Lukoil</s> by Ana: it was spared" in render_telegram(message).html
    assert "'text': 'PJSC Lukoil', 'style': {'strike': True}" in str(render_slack(message).blocks)


def test_a_digests_line_says_what_of_an_event_proved_wrong_or_may() -> None:
    doubt = Doubt("Herald", "https://h.example/2", "It was not.", ("ros",), NOW, alone=True)
    lines = {
        "nothing": (EVENT, ""),
        "a name": (GONE, "PJSC Lukoil withdrawn"),
        "a doubt": (replace(EVENT, doubts=(doubt,)), "to be checked: Herald corrected its report"),
    }
    for event, note in lines.values():
        (line,) = lines_of([Seen(event, frozenset(), (), decide_severity(event, frozenset(), ()))], "")
        assert line.note == note


def test_a_point_on_who_proved_wrong_says_so() -> None:
    points = ("Rosneft and Lukoil were blocked.", "Lukoil Trading pays in roubles.")
    trading = replace(ROSNEFT, entity="trd", caption="Lukoil Trading", surface="Lukoil Trading")
    message = alert_message(replace(GONE, targets=(*GONE.targets, trading), key_points=points))
    assert message.bullets == ("Rosneft and Lukoil (withdrawn) were blocked.", points[1])


def test_the_reply_says_what_no_longer_holds_and_what_does() -> None:
    reply = follow_up_message(GONE, (), correction=TOLD)
    assert reply.title == "PJSC Lukoil withdrawn by Ana: it was spared"
    assert reply.paragraphs == ("What the alert said of PJSC Lukoil no longer holds; the rest does.",)
    assert reply.subtitle == "To the alert: Rosneft — new US sanctions (Russia)"


def test_undoing_it_leaves_the_event_as_it_was() -> None:
    back, told = restore_target(GONE, "luk", "Ana", NOW)
    assert (back.targets, back.withdrawn_targets) == (EVENT.targets, ())
    assert back.revision == EVENT.revision + 2
    assert told.said == "PJSC Lukoil restored by Ana"


@pytest.mark.parametrize("back", ORDERS)
@pytest.mark.parametrize("gone", ORDERS)
def test_who_comes_back_stands_where_it_was_told_first(gone: tuple[str, ...], back: tuple[str, ...]) -> None:
    whole = replace(EVENT, targets=(*EVENT.targets, target("sib", "Sibur"), target("nov", "Novatek")))
    event = whole
    for key in gone:
        event, _ = withdraw_target(event, key, "", "Ana", NOW)
    for key in back:
        event, _ = restore_target(event, key, "Ana", NOW)
        names = [one.entity for one in event.targets]
        assert names == [one.entity for one in whole.targets if one.entity in names]
    assert event.targets == whole.targets


def test_the_last_target_takes_the_event_with_it() -> None:
    none, told = withdraw_target(GONE, "ros", "a draft", "Ana", NOW)
    assert none.withdrawn
    assert none.targets == (ROSNEFT,)
    assert told.said == "Withdrawn by Ana: a draft"


def test_no_article_brings_a_withdrawn_target_back() -> None:
    def finding(key: str, name: str) -> Finding:
        mention = Mention(key, 0, 0, len(name), name, Strength.STRONG, name)
        return Finding(key, Verdict.NEW_SANCTIONS, 0.9, SENTENCE, mentions=(mention,))

    text = ("Rosneft and Lukoil were sanctioned.",)
    article = Article("copy", "https://h.example/2", "Herald", "Rosneft and Lukoil hit", "", text, NOW)
    findings = (finding("ros", "Rosneft"), finding("luk", "Lukoil"))
    judgement = Judgement("copy", findings, Verdict.NEW_SANCTIONS, ("US",), "Russia", date(2026, 11, 28))
    (change,) = cluster(article, judgement, ENTITIES, (GONE,), NOW)
    assert change.event.key == GONE.key
    assert [one.entity for one in change.event.targets] == ["ros"]
    assert change.added_targets == ()


# ---------------------------------------------------------------- told again

LONG = "The Treasury sanctioned Rosneft and its rival Lukoil over their trade with the military on Friday."
LONG_GONE = withdraw_target(replace(EVENT, targets=(replace(LUKOIL, evidence=LONG), ROSNEFT)), "luk", "", "Ana", NOW)[0]
LATER = NOW + timedelta(hours=3)


def alone(sentence: str = "Lukoil is now under American sanctions.", **values: object) -> tuple[Article, Judgement]:
    """An article that tells of Lukoil alone, after it was withdrawn."""
    article = Article("copy", "https://h.example/2", "Herald", "Lukoil hit", "", (sentence,), LATER)
    mention = Mention("luk", 0, 0, 6, "Lukoil", Strength.STRONG, "Lukoil")
    finding = Finding("luk", Verdict.NEW_SANCTIONS, 0.9, sentence, mentions=(mention,))
    judgement = Judgement("copy", (finding,), Verdict.NEW_SANCTIONS, ("US",), "Russia", date(2026, 11, 28))
    return replace(article, **values), judgement  # type: ignore[arg-type]


REPEATED = {
    "the same article, read again": alone(key="art"),
    "the same article, rewritten under its address": alone(url="https://wire.example/1", title="Another"),
    "its text at another outlet, under another title": alone(LONG),
    "with that outlet's dateline": alone(f"MOSCOW (Wire) — {LONG}"),
    "its title at another outlet": alone(title="A Title"),
}


@pytest.mark.parametrize(("by", "told"), REPEATED.values(), ids=REPEATED)
@pytest.mark.parametrize("known", [LONG_GONE, withdraw_all(LONG_GONE, "", "Ana", NOW)[0]], ids=["in part", "whole"])
def test_what_only_repeats_a_withdrawn_target_brings_it_back_nowhere(
    by: Article, told: Judgement, known: Event
) -> None:
    (change,) = cluster(by, told, ENTITIES, (known,), LATER)
    assert (change.event, change.opened, change.material) == (known, False, False)
    assert change.reason == "it repeats what was withdrawn"


WITNESSES = {
    "another text": alone(),
    "the same title, weeks later": alone(title="A title", published_at=NOW + timedelta(days=6)),
    "the authority itself, whose words the outlet had": alone(LONG, tier=Tier.OFFICIAL),
    "a short sentence, to which any two may come": alone(SENTENCE),
}


@pytest.mark.parametrize(("by", "told"), WITNESSES.values(), ids=WITNESSES)
def test_a_text_of_its_own_on_a_withdrawn_target_is_an_alert_of_its_own(by: Article, told: Judgement) -> None:
    short = withdraw_target(EVENT, "luk", "", "Ana", NOW)[0]
    for known in (LONG_GONE, replace(short, key="short")):
        (change,) = cluster(by, told, ENTITIES, (known,), LATER)
        assert (change.opened, change.added_targets) == (True, ("luk",))


def test_of_what_is_withdrawn_as_a_whole_nobody_is_alerted_any_more() -> None:
    whole, _ = withdraw_all(EVENT, "", "Ana", NOW)
    change = EventChange(whole, opened=False, material=False, reason="it repeats what was withdrawn")
    planned, withheld = plan_deliveries(change, [Chat(CHAT)], subscribed("luk"), frozenset(), ENTITIES)
    assert planned == ()
    assert [one.reason for one in withheld] == ["it was withdrawn before this chat was told"]


def subscribed(entity: str) -> tuple[Subscription, ...]:
    return (Subscription(CHAT, SubscriptionKind.ENTITY, entity),)


def test_who_was_told_only_of_it_reads_a_withdrawn_alert() -> None:
    seen = as_told(GONE, subscribed("luk"), ENTITIES)
    assert seen is not None
    message = alert_message(seen)
    assert message.withdrawn
    assert message.title == "PJSC Lukoil — new US sanctions (Russia)"
    assert message.paragraphs == ("Withdrawn by Ana: it was spared. What follows no longer holds.",)
    assert as_told(GONE, subscribed("ros"), ENTITIES) == GONE
    assert as_told(EVENT, subscribed("luk"), ENTITIES) == EVENT
    assert as_told(GONE, subscribed("other"), ENTITIES) is None


def test_a_chat_that_never_saw_the_name_does_not_see_that_it_was_withdrawn() -> None:
    hidden = without_hidden(GONE, frozenset({"luk"}))
    assert hidden is not None
    assert hidden.withdrawn_targets == ()
    assert [step.what for step in hidden.history] == ["another name"]
    left = without_hidden(GONE, frozenset({"ros"}))
    assert left is not None
    assert left.withdrawn
    assert without_held(GONE, CHAT, [Held("luk", CHAT, "somebody else")]).withdrawn_targets == ()


PARTS = {
    "a name and why": ("Lukoil: it was spared", "luk", "it was spared"),
    "a name alone": ("PJSC Lukoil", "luk", ""),
    "a reason with a colon": ("an error: the list was a draft", None, "an error: the list was a draft"),
    "a reason": ("the outlet corrected it", None, "the outlet corrected it"),
    "nothing": ("", None, ""),
}


@pytest.mark.parametrize(("words", "entity", "why"), PARTS.values(), ids=PARTS)
def test_what_is_withdrawn_is_one_name_or_the_whole(words: str, entity: str | None, why: str) -> None:
    part, reason = read_part(words, EVENT.targets)
    assert (part and part.entity, reason) == (entity, why)


def test_a_reason_that_begins_with_a_name_is_asked_about() -> None:
    with pytest.raises(CommandError, match="Only PJSC Lukoil, or the whole event"):
        read_part("Lukoil was spared", EVENT.targets)
    twins = (ROSNEFT, replace(LUKOIL, entity="lu2", caption="Lukoil Neftochim"), LUKOIL)
    with pytest.raises(CommandError, match="write more of the name"):
        read_part("Luk: it was spared", twins)


MISSPELT = {
    "a letter left out": "Lukol: it was spared",
    "without a colon": "Rosnefft was spared",
    "a name of no target": "Gazprom Neft: it was spared",
}


@pytest.mark.parametrize("words", MISSPELT.values(), ids=MISSPELT)
def test_a_name_that_is_misspelt_does_not_withdraw_the_whole(words: str) -> None:
    with pytest.raises(CommandError, match="withdraw: WHY"):
        read_part(words, EVENT.targets)


WHOLE = {
    "an address": "https://wire.example/1 was corrected",
    "a time": "corrected at 14:02 UTC",
    "a word that is alike in part": "Russian and US lists were mixed up",
}


@pytest.mark.parametrize("words", WHOLE.values(), ids=WHOLE)
def test_a_reason_that_names_nobody_is_of_the_whole(words: str) -> None:
    assert read_part(words, EVENT.targets) == (None, words)


def test_who_withdrew_an_event_and_why_is_told_whatever_their_name_is() -> None:
    gone, _ = withdraw_all(EVENT, "a draft: not in force", "Ana: the desk", NOW)
    assert told_why_withdrawn(gone, "") == "by Ana: the desk, 28 Nov, 20:58 UTC: a draft: not in force"
    assert {(one.by, one.reason) for one in in_parts(gone).withdrawn_targets} == {
        ("Ana: the desk", "a draft: not in force")
    }
    before = replace(EVENT, withdrawn=True)  # by a version that kept no such field
    assert alert_message(before).paragraphs == ("Withdrawn. What follows no longer holds.",)
    assert {one.by for one in in_parts(before).withdrawn_targets} == {"somebody"}
