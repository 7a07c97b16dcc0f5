"""What people say of verdicts, and whom they mute as somebody else: stored, restated, changed, taken back."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from bot.commands import Services, answer
from bot.commands.asking import COMMAND_MARK, MOST_ACTION
from bot.commands.correcting import mark_of
from bot.commands.notmine import Wish, read_wish
from bot.matching.mentions import find_mentions
from bot.matching.names import NameIndex
from bot.model import (
    Article,
    Chat,
    ChatKey,
    ChatKind,
    ChatRoutes,
    Entity,
    Event,
    EventSource,
    EventTarget,
    Feedback,
    Finding,
    Judgement,
    Likeness,
    LookAlike,
    Reply,
    Request,
    Sample,
    Schema,
    Subscription,
    SubscriptionKind,
    Tier,
    User,
    Verdict,
)
from bot.pipeline import judge_now
from bot.ports import ArticleRecord, Health, Store
from bot.rendering import render_slack, render_telegram
from bot.storage import SqlStore
from tests.reading import commands_of, shown
from tests.writing import appoint, preview_of, track

NOW = datetime(2026, 5, 3, 18, tzinfo=UTC)
HOME = Chat(ChatKey("telegram", "1"))
GROUP = Chat(ChatKey("telegram", "-5"), ChatKind.GROUP, "Desk")
ANA, BEN = User("telegram", "7", "Ana"), User("telegram", "8", "Ben")
FORTUNA = Entity(
    "a-key-from-a-watchlist-that-is-much-longer-than-a-button-may-be",
    Schema.COMPANY,
    "Fortuna Trading House LLC",
    ("Fortuna",),
    (),
    ("ru",),
)
VOLGA = Entity("volga", Schema.COMPANY, "Volga Metals JSC")
URL = "https://wire.example/miner"
SENTENCE = "Fortuna, a Peruvian silver miner, was added to the blacklist on Friday, the Treasury said."
ARTICLE = Article("art1", URL, "Wire", "A miner is listed", "", ("The US imposed sanctions.", SENTENCE), NOW)


def record_of(article: Article, *entities: Entity, event: str | None = "3f2a9c41") -> ArticleRecord:
    mentions = find_mentions(article, NameIndex.compile(entities))
    findings = tuple(
        Finding(
            entity.key,
            Verdict.NEW_SANCTIONS,
            0.9,
            article.paragraphs[-1],
            mentions=tuple(mention for mention in mentions if mention.entity == entity.key),
        )
        for entity in entities
    )
    judgement = Judgement(article.key, findings, Verdict.NEW_SANCTIONS, ("US",))
    return ArticleRecord(article, judgement, (), event, NOW)


def target(entity: Entity, surface: str, verdict: Verdict = Verdict.NEW_SANCTIONS) -> EventTarget:
    return EventTarget(entity.key, entity.caption, verdict, 0.9, SENTENCE, surface, URL, "Wire")


ONE = Event(
    "3f2a9c41",
    Verdict.NEW_SANCTIONS,
    ("US",),
    None,
    None,
    NOW,
    NOW,
    (target(FORTUNA, "Fortuna"),),
    (EventSource("art1", URL, "Wire", "A miner is listed", Tier.WIRE, NOW, NOW),),
)
TWO = replace(ONE, key="77aa77aa", targets=(target(FORTUNA, "Fortuna"), target(VOLGA, "Volga Metals")))
REVIEW = replace(ONE, key="0e0e0e0e", review=True, targets=(target(FORTUNA, "Fortuna", Verdict.BACKGROUND),))


@pytest.fixture
def store(empty_store: SqlStore) -> SqlStore:
    with empty_store.writing() as records:
        for entity in (FORTUNA, VOLGA):
            track(records, entity, "test", NOW)
        for event in (ONE, TWO, REVIEW):
            records.save_event(event)
        records.save_article(record_of(ARTICLE, FORTUNA, VOLGA))
    return empty_store


Say = Callable[..., Reply]


@pytest.fixture
def say(store: Store) -> Say:
    """`say("mutes")` as Ana, in a private chat."""

    def judge_text(text: str) -> ArticleRecord:
        with store.reading() as records:
            index = NameIndex.compile(records.entities())
        return judge_now(Article("pasted", "", "", "", "", tuple(text.split("\n")), NOW), index, NOW)

    services = Services(store, lambda: NOW, (), lambda: Health(NOW), judge_text=judge_text, plan=preview_of(store, NOW))

    def send(text: str, user: User = ANA, chat: Chat = HOME, *, is_chat_admin: bool = False) -> Reply:
        return answer(Request(chat, user, text, is_chat_admin, prefix="/"), services)

    return send


def admin(store: Store, user: User = ANA) -> None:
    with store.writing() as records:
        appoint(records, user, "test", NOW)


def said(store: Store, event: str = ONE.key) -> dict[tuple[str, str], Verdict]:
    with store.reading() as records:
        return {(one.user.name, one.entity): one.label for one in records.feedback_of(event)}


def muted(store: Store) -> tuple[LookAlike, ...]:
    with store.reading() as records:
        return records.look_alikes()


def audits(store: Store) -> int:
    with store.reading() as records:
        return int(records.connection.exec_driver_sql("SELECT count(*) FROM audit").scalar())  # type: ignore[attr-defined]


# ---------------------------------------------------------------- feedback

WORDS = {
    "right": (Verdict.NEW_SANCTIONS, "Noted: right"),
    "Correct": (Verdict.NEW_SANCTIONS, "Noted: right"),
    "wrong": (Verdict.BYSTANDER, "Noted: not relevant"),
    "not relevant": (Verdict.BYSTANDER, "Noted: not relevant"),
    "background": (Verdict.BACKGROUND, "Noted: not relevant"),
    "proposed": (Verdict.POSSIBLE, "Noted: not relevant"),
    "fined": (Verdict.ENFORCEMENT, "Noted: not relevant"),
    "new_sanctions": (Verdict.NEW_SANCTIONS, "Noted: right"),
}


@pytest.mark.parametrize(("words", "label", "title"), [(words, *rest) for words, rest in WORDS.items()], ids=WORDS)
def test_what_is_said_is_stored_and_restated(store: Store, say: Say, words: str, label: Verdict, title: str) -> None:
    reply = say(f"feedback {ONE.key} {words}")
    assert reply.ok
    assert reply.message.title == title
    assert said(store) == {("Ana", FORTUNA.key): label}
    assert "Fortuna Trading House LLC" in shown(reply)
    assert f"/feedback {ONE.key} undo" in shown(reply)
    assert reply.changed == ONE.key


def test_feedback_keeps_author_time_place_and_what_the_verdict_was_given_on(store: Store, say: Say) -> None:
    say(f"feedback {ONE.key} background", BEN, GROUP)
    with store.reading() as records:
        ((feedback, sample),) = [(one.feedback, one.sample) for one in records.feedback_since(NOW - timedelta(days=1))]
    assert feedback == Feedback(BEN, ONE.key, FORTUNA.key, Verdict.BACKGROUND, Verdict.NEW_SANCTIONS, NOW, GROUP.key)
    judgement = record_of(ARTICLE, FORTUNA).judgement
    assert judgement
    assert sample == Sample(ARTICLE, judgement, FORTUNA)


def test_an_opinion_may_be_changed_and_a_second_press_changes_nothing(store: Store, say: Say) -> None:
    say(f"feedback {ONE.key} wrong")
    before = audits(store)
    again = say(f"feedback {ONE.key} wrong")
    assert (again.message.title, again.changed) == ("Noted already: not relevant", "")
    assert audits(store) == before
    say(f"feedback {ONE.key} right")
    say(f"feedback {ONE.key} wrong", BEN)
    assert said(store) == {("Ana", FORTUNA.key): Verdict.NEW_SANCTIONS, ("Ben", FORTUNA.key): Verdict.BYSTANDER}


def test_what_was_said_may_be_taken_back_by_whoever_said_it(store: Store, say: Say) -> None:
    say(f"feedback {ONE.key} wrong")
    assert not say(f"feedback {ONE.key} undo", BEN).ok
    reply = say(f"feedback {ONE.key} undo")
    assert reply.message.title == "Taken back: what you said of Fortuna Trading House LLC"
    assert (said(store), reply.changed) == ({}, ONE.key)
    assert "nothing" in shown(say(f"feedback {ONE.key} undo"))


def test_a_whole_alert_or_one_of_its_names(store: Store, say: Say) -> None:
    whole = say(f"feedback {TWO.key} right")
    assert "both names" in shown(whole)
    assert set(said(store, TWO.key).values()) == {Verdict.NEW_SANCTIONS}
    by_name = say(f"feedback {TWO.key} wrong volga")
    assert said(store, TWO.key)["Ana", "volga"] is Verdict.BYSTANDER
    (mark,) = {command.split()[-1] for command in commands_of(by_name) if "#" in command}
    assert mark == mark_of("volga")
    assert f"feedback {TWO.key} undo {mark}" in commands_of(by_name), "nothing else is taken back"
    step = f"/event {TWO.key} withdraw NAME: WHY"
    assert step in shown(say(f"feedback {TWO.key} wrong")), "what is to be sent is a command that there is"
    say(f"feedback {TWO.key} right")
    say(f"feedback {TWO.key} possible {mark}")
    assert said(store, TWO.key) == {
        ("Ana", "volga"): Verdict.POSSIBLE,
        ("Ana", FORTUNA.key): Verdict.NEW_SANCTIONS,
    }


REFUSED = {
    "an event that is none": ("feedback 99999999 right", "There is no event “99999999”"),
    "a name that is not in it": (f"feedback {ONE.key} wrong Volga", "is not about “Volga”"),
    "a button for a name that left": (f"feedback {ONE.key} wrong #000000", "It is about Fortuna Trading House LLC"),
    "a word that says nothing": (f"feedback {ONE.key} perhaps", "none of: right, wrong"),
    "somebody else": (f"feedback {ONE.key} namesake", "/notmine"),
    "notmine of no event": ("notmine 99999999", "There is no event"),
}


@pytest.mark.parametrize(("text", "told"), REFUSED.values(), ids=REFUSED)
def test_what_cannot_be_done_says_what_can(store: Store, say: Say, text: str, told: str) -> None:
    reply = say(text)
    assert not reply.ok
    assert told in shown(reply)
    assert (said(store), muted(store)) == ({}, ())


@pytest.mark.parametrize("text", ["feedback", f"feedback {ONE.key}", f"feedback {TWO.key} ask", "notmine"])
def test_without_a_word_it_asks_back(store: Store, say: Say, text: str) -> None:
    reply = say(text)
    assert commands_of(reply)
    assert said(store) == {}


def test_it_tells_what_people_of_this_chat_said(say: Say) -> None:
    say(f"feedback {ONE.key} background", BEN, GROUP)
    assert "Ben: not relevant, listed before." in shown(say(f"feedback {ONE.key}", ANA, GROUP))
    assert "Ben: not relevant, listed before." in shown(say(f"why {ONE.key}", ANA, GROUP))
    assert "Ben" not in shown(say(f"why {ONE.key}", ANA, HOME))


def test_for_a_doubtful_finding_right_confirms_what_the_bot_read_and_wrong_is_new(store: Store, say: Say) -> None:
    assert say(f"feedback {REVIEW.key} right").message.title == "Noted: right"
    assert said(store, REVIEW.key) == {("Ana", FORTUNA.key): Verdict.BACKGROUND}
    assert say(f"feedback {REVIEW.key} wrong").message.title == "Noted: newly sanctioned"
    assert said(store, REVIEW.key) == {("Ana", FORTUNA.key): Verdict.NEW_SANCTIONS}


def test_why_tells_of_a_question_what_is_probable_and_what_became_of_it(store: Store, say: Say) -> None:
    told = shown(say(f"why {REVIEW.key}"))
    assert "read as background, new sanctions 90% probable" in told, "not: background, likely (90%)"
    assert "Not sure enough for an alert: only the review chat was asked." in told
    assert "was put to the review chat" in told
    assert "no longer kept" not in told
    assert "Severity here" not in told
    with store.writing() as records:
        records.save_event(replace(REVIEW, told_as=ONE.key, revision=2))
    told = shown(say(f"why {REVIEW.key}"))
    assert f"An alert tells of it: event {ONE.key}." in told
    assert "only the review chat" not in told


def test_wrong_of_a_question_raises_no_alert_and_says_how(say: Say) -> None:
    """It may mean the question as well as the judgement."""
    told = shown(say(f"feedback {REVIEW.key} wrong"))
    assert "It is told as an alert when somebody confirms it in the review chat." in told
    assert "withdraw" not in told, "it is no alert that could be taken back"


def test_an_opinion_on_an_article_that_is_gone_is_kept_without_it(store: Store, say: Say) -> None:
    with store.writing() as records:
        records.forget_before(NOW + timedelta(days=1))
    assert say(f"feedback {ONE.key} right").ok
    with store.reading() as records:
        assert [one.sample for one in records.feedback_since(NOW)] == [None]


def test_what_only_the_presser_reads_is_short_and_says_how_to_undo(say: Say) -> None:
    for text in (f"feedback {TWO.key} right", f"feedback {ONE.key} wrong", f"notmine {ONE.key}", "mutes undo 1"):
        toast = say(text).toast
        assert 0 < len(toast) <= 200, text
        assert "/" in toast or text.startswith("mutes")
        assert COMMAND_MARK not in toast


def test_every_button_fits_whatever_the_keys_and_names_are(store: Store, say: Say) -> None:
    evil = replace(FORTUNA, key="k" * 300, caption="<b>&amp; @everyone </b>" * 9)
    event = replace(ONE, targets=(target(evil, "<i>x</i>"), target(VOLGA, "Volga")))
    with store.writing() as records:
        track(records, evil, "test", NOW)
        records.save_event(event)
    for text in ("feedback", f"feedback {ONE.key} wrong #{mark_of(evil.key)[1:]}", f"notmine {ONE.key}", "mutes"):
        reply = say(text)
        assert all(len(action.data.encode()) <= MOST_ACTION for action in reply.message.actions)
        assert "<b>" not in render_telegram(reply.message).html.replace("<b>&lt;b&gt;", "").removeprefix("<b>")
        assert render_slack(reply.message).blocks
        assert len(reply.toast) <= 200
    assert f"notmine {ONE.key} {mark_of(evil.key)}" in commands_of(say(f"notmine {ONE.key}"))


# ---------------------------------------------------------------- not my entity

WISHES = {
    "": Wish("", (), False),
    "Fortuna": Wish("Fortuna", (), False),
    "Fortuna; Fortuna Mining": Wish("Fortuna", ("Fortuna Mining",), False),
    "; Fortuna Mining; FM Corp everywhere": Wish("", ("Fortuna Mining", "FM Corp"), True),
    "everywhere": Wish("", (), True),
    "Fortuna for 90d": Wish("Fortuna", (), False, "90d"),
    "; Fortuna Mining everywhere for 2 weeks": Wish("", ("Fortuna Mining",), True, "2 weeks"),
    "for 7d everywhere": Wish("", (), True, "7d"),
    "Fortuna until undone": Wish("Fortuna", (), False, "ever"),
    "everywhere for ever": Wish("", (), True, "ever"),
    "Studio 7d": Wish("Studio 7d", (), False),
    "; Banco for Development": Wish("", ("Banco for Development",), False),
}


@pytest.mark.parametrize(("words", "wish"), WISHES.items())
def test_a_wish_is_read(words: str, wish: Wish) -> None:
    assert read_wish(words) == wish


def test_a_look_alike_is_remembered_and_the_answer_says_how_it_is_known_again(store: Store, say: Say) -> None:
    reply = say(f"notmine {ONE.key}")
    (look_alike,) = muted(store)
    assert (look_alike.entity, look_alike.chat, look_alike.by) == (FORTUNA.key, HOME.key, ANA)
    assert set(look_alike.likeness.words) == {"peruvian", "miner"}
    assert look_alike.likeness.article == "art1"
    text = shown(reply)
    assert "This chat is not told of another “Fortuna” as Fortuna Trading House LLC again." in text
    assert "peruvian" in text
    assert f"/mutes undo {look_alike.id}" in text
    assert said(store) == {("Ana", FORTUNA.key): Verdict.ABSENT}
    assert reply.changed == ONE.key


def test_pressing_twice_mutes_once_and_naming_the_other_replaces_it(store: Store, say: Say) -> None:
    say(f"notmine {ONE.key}")
    before = audits(store)
    again = say(f"notmine {ONE.key}")
    assert again.message.title.startswith("Noted already")
    assert (len(muted(store)), audits(store), again.changed) == (1, before, "")
    named = say(f"notmine {ONE.key} ; Fortuna Silver Mines")
    assert "(Fortuna Silver Mines)" in shown(named)
    assert [one.likeness.longer for one in muted(store)] == [("Fortuna Silver Mines",)]


def test_the_log_tells_who_is_meant_in_words_and_in_utc(store: Store, say: Say) -> None:
    say("timezone Berlin")
    say(f"notmine {ONE.key} ; Fortuna Silver Mines for 90d")
    (look_alike,) = muted(store)
    say(f"mutes undo {look_alike.id}")
    with store.reading() as records:
        rows = {row.what: row for row in (one.row for one in records.latest_audit(limit=9))}
    until = f"{NOW + timedelta(days=90):%-d %b %Y, %H:%M} UTC"
    known = f"not {FORTUNA.key}, {HOME.key} until {until}, known by: "
    for told in (rows["notmine"].after, rows["mutes undo"].before):
        assert f"{look_alike.id}: another “Fortuna” (Fortuna Silver Mines), {known}" in told
        assert "peruvian" in told


def test_it_holds_for_a_while_is_listed_with_its_end_and_said_anew_otherwise(store: Store, say: Say) -> None:
    named = say(f"notmine {ONE.key} ; Fortuna Mining for 90d")
    end = NOW + timedelta(days=90)
    assert [one.until for one in muted(store)] == [end]
    told = f"until {end.day} {end:%b %Y, %H:%M} UTC"
    assert f"as Fortuna Trading House LLC again {told}, and from then on as before." in shown(named)
    assert f"not Fortuna Trading House LLC · here {told} · Ana, 3 May 2026" in shown(say("mutes"))
    again = say(f"notmine {ONE.key}")
    assert again.message.title.startswith("Noted already")
    assert told in shown(again)
    with store.writing() as records:
        records.save_routes(ChatRoutes(HOME.key, zone="Asia/Tokyo"))
    assert "Asia/Tokyo" in shown(say("mutes"))
    (lasting,) = (one for one in commands_of(again) if "until undone" in one)
    say(lasting)
    (now,) = muted(store)
    assert (now.until, now.likeness.longer) == (None, ("Fortuna Mining",)), "who it is stays as it was said"
    (short,) = (one for one in commands_of(say(lasting)) if "for 90d" in one)
    say(short)
    assert [one.until for one in muted(store)] == [end]
    for wrong in ("for 400d", "for 0m"):
        assert "From 1m to 366d" in shown(say(f"notmine {ONE.key} {wrong}"))


def test_one_that_is_over_is_listed_no_more_holds_what_it_held_and_is_said_anew(store: Store, say: Say) -> None:
    say(f"notmine {ONE.key}")
    (one,) = muted(store)
    with store.writing() as records:
        records.undo_look_alike(one.id, "test", NOW)
        records.add_look_alike(replace(one, until=NOW))
        records.save_event(replace(ONE, key="0ddba115", opened_at=NOW - timedelta(minutes=1)))
    assert "Nothing is muted here" in shown(say("mutes"))
    assert "this is another “Fortuna”" in shown(say("why 0ddba115"))
    assert "this is another “Fortuna”" not in shown(say(f"why {ONE.key}")), "opened when it was over"
    assert say(f"notmine {ONE.key}").message.title == "Noted: not Fortuna Trading House LLC"
    assert [other.until for other in muted(store)] == [None]


def test_who_changes_their_mind_is_told_that_the_mute_stays(say: Say) -> None:
    say(f"notmine {ONE.key}")
    assert "still muted here" in shown(say(f"feedback {ONE.key} right"))
    assert "stays muted here" in shown(say(f"feedback {ONE.key} undo"))
    say("mutes undo 1")
    assert "muted" not in shown(say(f"feedback {ONE.key} right"))


def test_where_nothing_tells_the_two_apart_it_says_so_and_asks_who_it_is(store: Store, say: Say) -> None:
    bare = replace(ARTICLE, paragraphs=("The Treasury added Fortuna to its blacklist on Friday, it said.",))
    with store.writing() as records:
        records.save_article(record_of(bare, FORTUNA, VOLGA))
    text = shown(say(f"notmine {ONE.key}"))
    assert "“Fortuna” in this article is not Fortuna Trading House LLC." in text
    assert "Nothing in the article tells the two apart" in text
    assert f"/notmine {ONE.key} Fortuna Trading House LLC; FULL NAME" in text


def test_of_several_names_it_asks_which(store: Store, say: Say) -> None:
    reply = say(f"notmine {TWO.key}")
    assert not reply.ok
    assert muted(store) == ()
    say(commands_of(reply)[1])
    assert [one.entity for one in muted(store)] == ["volga"]


def test_in_a_group_its_administrators_mute_and_everywhere_only_an_admin_of_the_bot(store: Store, say: Say) -> None:
    refused = say(f"notmine {ONE.key}", BEN, GROUP)
    assert refused.message.title == "Noted, but not muted: not Fortuna Trading House LLC"
    assert "administrator of this chat" in shown(refused)
    assert len(refused.toast) <= 200
    assert "Only an admin of this bot" in shown(say(f"notmine {ONE.key} everywhere", BEN, GROUP, is_chat_admin=True))
    assert (muted(store), said(store)) == ((), {("Ben", FORTUNA.key): Verdict.ABSENT}), "an opinion is everybody's"
    assert say(f"notmine {ONE.key}", BEN, GROUP, is_chat_admin=True).ok
    admin(store)
    widened = say(f"notmine {ONE.key}", ANA, GROUP)
    assert f"notmine {ONE.key} {mark_of(FORTUNA.key)} everywhere" in commands_of(widened)
    everywhere = say(f"notmine {ONE.key} everywhere", ANA, GROUP)
    assert "No chat is told of another “Fortuna”" in shown(everywhere)
    assert [one.chat for one in muted(store)] == [GROUP.key, None]


def test_mutes_are_listed_where_they_hold_and_by_admins_everywhere(store: Store, say: Say) -> None:
    say(f"notmine {ONE.key} ; Fortuna Mining")
    line = "1: another “Fortuna” (Fortuna Mining), not Fortuna Trading House LLC · here · Ana, 3 May 2026"
    assert line in shown(say("mutes"))
    assert commands_of(say("mutes")) == ["mutes undo 1"]
    assert "Nothing is muted here" in shown(say("mutes", BEN, GROUP))
    assert not say("mutes all", BEN, GROUP).ok
    admin(store, BEN)
    assert "telegram:1" in shown(say("mutes all", BEN, GROUP))
    assert not say("mutes hello").ok


def test_a_mute_is_undone_by_whom_the_chat_lets_and_its_label_goes_with_it(store: Store, say: Say) -> None:
    say(f"notmine {ONE.key}", BEN, GROUP, is_chat_admin=True)
    assert "There is no mute 1 here" in shown(say("mutes undo 1", BEN, HOME)), "nor is another chat's told of"
    assert "administrator of this chat" in shown(say("mutes undo 1", BEN, GROUP))
    for wrong in ("mutes undo", "mutes undo x", "mutes undo 9", "mutes undo ²", "mutes undo 99999999999999999999"):
        assert not say(wrong, BEN, GROUP, is_chat_admin=True).ok
    assert len(muted(store)) == 1
    reply = say("mutes undo #1", ANA, GROUP, is_chat_admin=True)
    assert reply.message.title == "Taken back: another “Fortuna” is told as Fortuna Trading House LLC again"
    assert (muted(store), said(store), reply.changed) == ((), {}, ONE.key)
    assert not say("mutes undo 1", ANA, GROUP, is_chat_admin=True).ok, "a stale button"


def test_who_undoes_one_of_two_is_told_that_the_other_still_holds_it_back(store: Store, say: Say) -> None:
    admin(store)
    say(f"notmine {ONE.key}")
    say(f"notmine {ONE.key} everywhere")
    reply = say("mutes undo 1")
    assert reply.message.title == "Taken back, but another “Fortuna” is still held back"
    assert "2: another “Fortuna”, not Fortuna Trading House LLC · in every chat" in shown(reply)
    assert commands_of(reply) == ["mutes undo 2"]
    assert say("mutes undo 2").message.title.endswith("is told as Fortuna Trading House LLC again")


def test_of_those_of_other_chats_only_whoever_undoes_it_everywhere_is_told(store: Store, say: Say) -> None:
    admin(store)
    say(f"notmine {ONE.key}", ANA, GROUP, is_chat_admin=True)
    say(f"notmine {ONE.key} everywhere")
    say(f"notmine {ONE.key}")
    reply = say("mutes undo 3")
    assert reply.message.title == "Taken back, but another “Fortuna” is still held back"
    assert "telegram:-5" not in shown(reply)
    reply = say("mutes undo 2")
    assert reply.message.title.endswith("is told as Fortuna Trading House LLC again"), "but in one chat"
    assert commands_of(reply)[0] == "mutes undo 1"


def test_another_look_alike_of_the_name_that_is_known_otherwise_holds_nothing_of_it_back(
    store: Store, say: Say
) -> None:
    say(f"notmine {ONE.key}")
    (one,) = muted(store)
    other = replace(one, event="77aa77aa", likeness=Likeness(("Fortuna",), ("Fortuna Bank",), article="art9"))
    with store.writing() as records:
        records.add_look_alike(other)
    assert say("mutes undo 1").message.title.endswith("is told as Fortuna Trading House LLC again")


def test_one_that_holds_everywhere_is_undone_by_an_admin_alone(store: Store, say: Say) -> None:
    admin(store)
    say(f"notmine {ONE.key} everywhere")
    assert "in every chat" in shown(say("mutes", BEN, GROUP))
    assert "Only an admin of this bot" in shown(say("mutes undo 1", BEN, GROUP, is_chat_admin=True))
    assert say("mutes undo 1", ANA, GROUP).ok


def test_why_and_whynot_tell_who_said_that_it_is_somebody_else(store: Store, say: Say) -> None:
    with store.writing() as records:
        records.save_chat(HOME)
        records.add_subscription(Subscription(HOME.key, SubscriptionKind.EVERYTHING, "", NOW, "test"))
    say(f"notmine {ONE.key}")
    reason = "held: Ana said on 3 May 2026 that this is another “Fortuna”"
    assert reason in shown(say(f"why {ONE.key}"))
    text = (
        "The US Treasury on Monday imposed sanctions on Fortuna, a miner, adding the Peruvian firm to its blacklist.\n"
        "The measures block all property of the company in the United States, and bar Americans from dealing with it, "
        "the department said."
    )
    assert f"This chat: not told, {reason}." in shown(say(f"whynot {text}"))
    assert "This chat: would get the alert" in shown(say(f"whynot {text.replace('Peruvian', 'Siberian')}"))
