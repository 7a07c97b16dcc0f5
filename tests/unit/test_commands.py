"""Commands against a real store: what is answered, what is changed, who may."""

import json
import time as clock
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.articles import article_from_text
from bot.backtesting import preview
from bot.chain import verify
from bot.commands import COMMANDS, Services, answer, claim_help, new_claim_code, trace_message
from bot.commands.asking import COMMAND_MARK, MOST_ACTION, ListServices
from bot.commands.choosing import Choice, fits, parse_choice, told_choices
from bot.commands.filters import words_of
from bot.commands.people import parse_user
from bot.commands.routes import read_digest, read_quiet
from bot.commands.table import find_question, read_command
from bot.errors import BlockedAddressError, CommandError
from bot.events import withdraw
from bot.lists import LISTS
from bot.matching.names import NameIndex
from bot.model import (
    Article,
    Chat,
    ChatKey,
    ChatKind,
    ChatRoutes,
    DeliveryKind,
    DeliveryState,
    DigestPlan,
    Entity,
    EntityEdit,
    Entry,
    Event,
    EventSource,
    EventStep,
    EventTarget,
    Finding,
    HttpAnswer,
    Identifier,
    Judgement,
    Mention,
    Message,
    NoticeKind,
    Receipt,
    Reply,
    Request,
    Schema,
    Source,
    SourceState,
    Strength,
    Subscription,
    SubscriptionKind,
    Tier,
    User,
    Verdict,
    Watchlist,
)
from bot.pipeline import article_of_page, judge_now
from bot.ports import ArticleRecord, EntryIdentity, Health, ListState, Records, SentAlert, Store
from bot.rendering import render_plain, render_slack, render_telegram
from bot.storage import SqlStore
from bot.watchlist import load_country_names
from tests.reading import commands_of, judged_articles, shown
from tests.writing import add_delivery, appoint, preview_of, track, untrack

NOW = datetime(2025, 1, 10, 18, 0, tzinfo=UTC)
HOME = Chat(ChatKey("telegram", "1"))
GROUP = Chat(ChatKey("telegram", "-5"), ChatKind.GROUP, "Desk")
CONSOLE = Chat(ChatKey("web", "console"), ChatKind.CHANNEL)
ANA, BEN = User("telegram", "7", "Ana"), User("telegram", "8", "Ben")
ENTITIES = (
    Entity("gpn", Schema.COMPANY, "Gazprom Neft PJSC", ("Газпром нефть",), (), ("ru",), ("supplier",)),
    Entity("sng", Schema.COMPANY, "Surgutneftegas PJSC", (), (), ("ru",), ("supplier", "energy")),
    Entity("gpb", Schema.COMPANY, "Gazprombank", (), (), ("ru",), ("bank",)),
    Entity("kbr", Schema.COMPANY, "Bank of Korea", (), ("BOK",), ("kr",), ("bank",)),
)
SOURCES = (
    Source("wire", "Wire", "https://wire.example/feed"),
    Source("post", "Post", "https://post.example/feed"),
    Source("eu", "EU Council", "https://eu.example/feed"),
    Source("off", "Old Feed", "https://old.example/feed", enabled=False),
)
SENTENCE = "The Treasury blocked Gazprom Neft on Friday."
URL = "https://wire.example/story"
EVENT = Event(
    "3f2a9c41",
    Verdict.NEW_SANCTIONS,
    ("US",),
    "Russia",
    date(2025, 1, 10),
    NOW,
    NOW,
    (EventTarget("gpn", "Gazprom Neft PJSC", Verdict.NEW_SANCTIONS, 0.97, SENTENCE, "Gazprom Neft", URL, "Wire"),),
    (EventSource("art1", URL, "Wire", "Oil major blocked", Tier.WIRE, NOW, NOW),),
    ("The US blocked Gazprom Neft.",),
)
FINDING = Finding(
    "gpn",
    Verdict.NEW_SANCTIONS,
    0.97,
    SENTENCE,
    ("said to be newly sanctioned: “blocked”",),
    (Mention("gpn", 3, 21, 33, "Gazprom Neft", Strength.STRONG, "gazprom neft"),),
    "had the act been said to lie further back, the verdict would be background",
    ("only beside another, who is said to be sanctioned at an earlier time: “Friday”",),
)
RECORD = ArticleRecord(
    Article("art1", URL, "Wire", "Oil major blocked", "", ("More.", SENTENCE), NOW),
    Judgement("art1", (FINDING, Finding("gpb", Verdict.BYSTANDER, 0.8)), Verdict.NEW_SANCTIONS, ("US",)),
    ("new entry of Wire", "page read: “sanctions”", f"opened event {EVENT.key}: none like it is open"),
    EVENT.key,
    NOW,
)


@pytest.fixture
def store(empty_store: SqlStore) -> SqlStore:
    with empty_store.writing() as records:
        for entity in ENTITIES:
            track(records, entity, "test", NOW)
    return empty_store


PAGES = {
    "https://wire.example/listed": (
        "Treasury adds an oil major to its list",
        "The US Treasury on Friday imposed sanctions on Gazprom Neft, adding the company to its blacklist.",
        "Gazprombank declined to comment.",
    ),
    "https://post.example/quiet": (
        "A new refinery",
        "Gazprom Neft, which has been under US sanctions since 2014, opened a refinery in Omsk on Friday.",
    ),
}
PASTED = "\n\n".join(PAGES["https://wire.example/listed"] + ("The measures block all property of the firm.",))


@dataclass(frozen=True)
class Judges:
    """The real judgement on pages that are at hand; any other address is refused as a private one is."""

    store: Store

    def url(self, url: str) -> ArticleRecord:
        if url not in PAGES:
            raise BlockedAddressError(url, "its address is a private one, which is not fetched")
        title, *paragraphs = PAGES[url]
        text = "".join(f"<p>{paragraph}</p>" for paragraph in paragraphs)
        body = f"<html lang=en><title>{title}</title><article><h1>{title}</h1>{text}</article></html>"
        page = HttpAnswer(200, url, {"content-type": "text/html; charset=utf-8"}, body.encode())
        return judge_now(article_of_page(page, NOW), self.index(), NOW)

    def text(self, text: str) -> ArticleRecord:
        return judge_now(article_from_text(text, published_at=NOW), self.index(), NOW)

    def index(self) -> NameIndex:
        with self.store.reading() as records:
            return NameIndex.compile(records.entities())


Say = Callable[..., Reply]


@pytest.fixture
def say(store: Store) -> Say:
    """`say("status")` as Ana, in a private chat."""
    judges = Judges(store)
    services = Services(
        store,
        lambda: NOW,
        SOURCES,
        lambda: Health(NOW - timedelta(hours=3), {"telegram": "connected"}),
        judges.url,
        judges.text,
        lambda entities: preview(store, entities, NOW - timedelta(days=30)),
        preview_of(store, NOW),
    )

    def send(
        text: str, user: User = ANA, chat: Chat = HOME, *, is_chat_admin: bool = False, is_forwarded: bool = False
    ) -> Reply:
        return answer(Request(chat, user, text, is_chat_admin, is_forwarded=is_forwarded), services)

    return send


@pytest.fixture
def admin(store: Store) -> User:
    with store.writing() as records:
        appoint(records, ANA, "test", NOW)
    return ANA


def subscribed(store: Store, chat: Chat = HOME) -> list[str]:
    with store.reading() as records:
        return sorted(f"{one.kind} {one.value}".strip() for one in records.subscriptions(chat.key))


def write(store: Store, *steps: Callable[[Records], object]) -> None:
    with store.writing() as records:
        for step in steps:
            step(records)


# ---------------------------------------------------------------- subscriptions


@pytest.mark.parametrize(
    ("words", "kept", "told"),
    [
        ("everything", "everything", "everything tracked (4 names today)"),
        ("all", "everything", "everything tracked"),
        ("Gazprom Neft PJSC", "entity gpn", "new sanctions on Gazprom Neft PJSC"),
        ("газпром нефть", "entity gpn", "Gazprom Neft PJSC"),
        ("surgutneftegas", "entity sng", "Surgutneftegas PJSC"),
        ("entity gpb", "entity gpb", "Gazprombank"),
        ("topic supplier", "topic supplier", "the topic supplier (2 names)"),
        ("Energy", "topic energy", "the topic energy (1 name)"),
        ("country Russia", "country ru", "names from Russia (3 names)"),
        ("country ru", "country ru", "names from Russia"),
        ("Russia", "country ru", "names from Russia"),
        ("country Iran", "country ir", "Nothing tracked is from Iran yet"),
    ],
)
def test_subscribing_in_plain_words_is_kept_and_restated(
    store: Store, say: Say, words: str, kept: str, told: str
) -> None:
    reply = say(f"subscribe {words}")
    assert reply.ok
    assert subscribed(store) == [kept]
    assert told in shown(reply)
    assert commands_of(reply) == [f"unsubscribe {kept}", f"subscriptions last 3 {kept}"]


def test_what_is_not_certain_is_asked_back_with_buttons_that_answer(store: Store, say: Say) -> None:
    reply = say("subscribe entity gazpr")
    assert not reply.ok
    assert commands_of(reply) == ["subscribe entity gpb", "subscribe entity gpn"]
    assert subscribed(store) == []
    assert say(commands_of(reply)[0]).ok
    assert subscribed(store) == ["entity gpb"]


def test_a_topic_or_a_country_goes_before_a_part_of_a_name(store: Store, say: Say) -> None:
    say("subscribe bank")
    assert subscribed(store) == ["topic bank"]
    reply = say("subscribe Korea")
    assert not reply.ok
    assert commands_of(reply) == ["subscribe country kr", "subscribe entity kbr"]


@pytest.mark.parametrize(
    ("words", "telling"),
    [
        ("subscribe Nobody Known", "no tracked name, no topic and no country"),
        ("subscribe topic nothing", "There are: bank, energy, supplier"),
        ("subscribe country Atlantis", "is unknown"),
        ("subscribe entity Atlantis", "Nobody tracked is called"),
        ("unsubscribe everything", "not subscribed to anything"),
    ],
)
def test_what_cannot_be_subscribed_says_what_can(store: Store, say: Say, words: str, telling: str) -> None:
    reply = say(words)
    assert not reply.ok
    assert telling in shown(reply)
    assert subscribed(store) == []


def test_subscribing_twice_changes_nothing_and_says_so(store: Store, say: Say) -> None:
    say("subscribe country ru")
    again = say("subscribe Russia")
    assert "Already subscribed" in shown(again)
    assert subscribed(store) == ["country ru"]
    labels = [action.label for action in again.message.actions]
    assert "Undo" not in labels, "nothing was done that could be undone"
    assert "End: names from Russia" in labels


@pytest.mark.parametrize(
    ("words", "left"),
    [
        ("Gazprom Neft", ["country ru", "topic bank"]),
        ("entity gpn", ["country ru", "topic bank"]),
        ("topic bank", ["country ru", "entity gpn"]),
        ("bank", ["country ru", "entity gpn"]),
        ("Russia", ["entity gpn", "topic bank"]),
        ("everything", []),
    ],
)
def test_unsubscribing_mirrors_subscribing(store: Store, say: Say, words: str, left: list[str]) -> None:
    for wanted in ("entity gpn", "topic bank", "country ru"):
        say(f"subscribe {wanted}")
    reply = say(f"unsubscribe {words}")
    assert reply.ok, shown(reply)
    assert subscribed(store) == left
    assert ("told of new sanctions on" if left else "told of nothing now") in shown(reply)


def test_ending_everything_leaves_what_was_asked_for_besides(store: Store, say: Say) -> None:
    for wanted in ("country ru", "everything"):
        say(f"subscribe {wanted}")
    reply = say("unsubscribe everything")
    assert "new sanctions on" in shown(reply)
    assert subscribed(store) == ["country ru"]
    say("subscribe everything")
    say("unsubscribe all")
    assert subscribed(store) == []


def test_unsubscribing_from_a_part_of_everything_says_how(say: Say) -> None:
    say("subscribe everything")
    assert "unsubscribe everything, then subscribe NAME" in shown(say("unsubscribe Gazprombank"))


def test_an_entity_no_longer_tracked_can_still_be_unsubscribed(store: Store, say: Say) -> None:
    say("subscribe entity gpb")
    write(store, lambda records: untrack(records, "gpb", "test", NOW))
    reply = say("subscriptions")
    assert "no longer tracked" in shown(reply)
    assert say(commands_of(reply)[0]).ok
    assert subscribed(store) == []


def test_narrower_subscriptions_beside_everything_are_told_to_change_nothing(say: Say) -> None:
    say("subscribe Russia")
    assert "1 narrower subscription then change" in shown(say("subscribe everything"))


def test_subscribing_wakes_a_stopped_chat_and_saves_a_new_one(store: Store, say: Say) -> None:
    write(store, lambda records: records.save_chat(Chat(HOME.key, stopped_reason="blocked by the user")))
    assert "Nothing is sent: blocked by the user" in shown(say("subscriptions"))
    say("subscribe everything")
    with store.reading() as records:
        chat = records.chat(HOME.key)
    assert chat
    assert chat.stopped_reason is None


# ---------------------------------------------------------------- rights


@pytest.mark.parametrize("words", ["subscribe everything", "unsubscribe everything"])
def test_in_a_group_its_administrators_and_the_bots_decide(store: Store, say: Say, admin: User, words: str) -> None:
    write(
        store,
        lambda records: records.save_chat(GROUP),
        lambda records: records.add_subscription(Subscription(GROUP.key, SubscriptionKind.TOPIC, "bank", NOW, "test")),
    )
    refused = say(words, BEN, GROUP)
    assert not refused.ok
    assert "administrator of this chat" in shown(refused)
    assert subscribed(store, GROUP) == ["topic bank"]
    assert say(words, BEN, GROUP, is_chat_admin=True).ok
    assert say("subscribe topic energy", admin, GROUP).ok


def test_the_console_is_free_to_subscribe(store: Store, say: Say) -> None:
    assert say("subscribe everything", User("web", "abc"), CONSOLE).ok


def test_every_command_for_admins_refuses_others_and_names_the_way(say: Say, admin: User) -> None:
    for command in (command for command in COMMANDS if command.admin):
        reply = say(command.example, BEN)
        assert not reply.ok, command.name
        assert "admin add telegram:8" in shown(reply)
    for words in ("watch list", "watch remove gpn", "watch add Foo", "admin list", "admin remove 7"):
        assert not say(words, BEN).ok, words


def test_admins_are_known_by_platform_and_id_never_by_name(say: Say, admin: User) -> None:
    assert say("watch list", admin).ok
    assert not say("watch list", User("slack", admin.id, admin.name)).ok
    assert not say("watch list", User("telegram", "99", admin.name)).ok


# ---------------------------------------------------------------- the first owner


def test_the_first_owner_shows_the_code_once(store: Store, say: Say) -> None:
    code = new_claim_code(store)
    assert code
    assert code in claim_help(code)
    with store.reading() as records:
        assert code not in str(records.setting("first_admin_code"))
    assert "not valid" in shown(say("admin WRONG-CODE", BEN))
    assert say(f"start {code.lower().replace('-', '')}").ok
    assert "no longer valid" in shown(say(f"admin {code}", BEN))
    assert say("watch list").ok
    assert new_claim_code(store) is None
    with store.reading() as records:
        assert [str(user) for user in records.admins()] == ["telegram:7"]


def test_a_new_start_makes_a_new_code_and_voids_the_old_one(store: Store, say: Say) -> None:
    first, second = new_claim_code(store), new_claim_code(store)
    assert first != second
    assert not say(f"admin {first}").ok
    assert say(f"admin {second}").ok


def test_admins_appoint_and_dismiss_but_never_the_last(store: Store, say: Say, admin: User) -> None:
    assert "only admin" in shown(say("admin remove telegram:7"))
    assert say("admin add 8").ok
    assert "Ana (telegram:7)" in shown(say("admin list"))
    assert say("watch list", BEN).ok
    assert say("admin remove telegram:7", BEN).ok
    assert not say("watch list").ok


@pytest.mark.parametrize(
    ("words", "user"),
    [("5", "telegram:5"), ("slack:U01", "slack:U01"), ("<@U01|ana>", "slack:U01"), ("<@U01>", "slack:U01")],
)
def test_people_are_named_by_id(words: str, user: str) -> None:
    assert str(parse_user(words, "telegram")) == user


@pytest.mark.parametrize("words", ["", "@ana", "Ana B", "irc:5", "x" * 65, "5; drop"])
def test_people_named_otherwise_are_refused(words: str) -> None:
    with pytest.raises(CommandError, match="by id"):
        parse_user(words, "telegram")


# ---------------------------------------------------------------- watchlist


@pytest.mark.parametrize(
    ("name", "twin"),
    [
        ("Neft Gazprom", "gpn"),
        ("Gazprom Neft", "gpn"),
        ("PJSC Gazprom Neft LLC", "gpn"),
        ("ПАО Газпром нефть", "gpn"),
        ("Gazprombank JSC", "gpb"),
        ("Gazprom Neft Trading", ""),
        ("Gazprom", ""),
        ("Korea Development Bank", ""),
    ],
)
def test_whoever_adds_a_name_like_a_tracked_one_is_asked_first(
    store: Store, say: Say, admin: User, name: str, twin: str
) -> None:
    first = say(f"watch add {name}")
    assert ("Perhaps it is tracked already" in shown(first)) == bool(twin), "with the first question too"
    reply = say(f"watch add {name} | schema=Company country=ru")
    assert ("Perhaps it is tracked already, as" in shown(reply)) == bool(twin)
    assert (f"(key {twin})" in shown(reply)) == bool(twin)
    assert (f"lookup {twin}" in commands_of(reply)) == bool(twin)
    with store.reading() as records:
        assert (len(records.entities()) == len(ENTITIES)) == bool(twin)
    if twin:
        assert say(commands_of(reply)[0]).message.title.startswith("Now tracked")


def test_adding_a_name_restates_what_is_searched(store: Store, say: Say, admin: User) -> None:
    reply = say("watch add Igor Sechin; Игорь Сечин | schema=Person country=Russia topic=board")
    told = shown(reply)
    assert "“igor sechin”" in told
    assert "“игорь сечин”" in told
    assert "Weak" in told
    assert "“sechin”" in told
    with store.reading() as records:
        entity = records.entity("igor-sechin")
    assert entity
    assert (entity.schema, entity.countries, entity.topics) == (Schema.PERSON, ("ru",), ("board",))
    subscribe, undo = commands_of(reply)
    assert subscribe == "subscribe entity igor-sechin"
    assert say(undo).ok
    with store.reading() as records:
        assert records.entity("igor-sechin") is None


def test_a_name_without_a_kind_is_asked_for_it(say: Say, admin: User) -> None:
    assert "Person or organisation?" in shown(say("watch add Igor Sechin confirm"))


@pytest.mark.parametrize(
    ("words", "telling"),
    [
        ("watch add gazprombank", "tracked already, as Gazprombank (key gpb)"),
        ("watch add Газпром Нефть", "tracked already, as Gazprom Neft PJSC"),
        ("watch add Foo | key=gpn", "is taken"),
        ("watch add Foo | schema=Firma", "there are person"),
        ("watch remove", "Say whom"),
        ("watch remove Nobody", "Nobody tracked is called"),
        ("watch list Nobody", "Nothing tracked fits"),
    ],
)
def test_a_change_that_cannot_be_made_says_why(store: Store, say: Say, admin: User, words: str, telling: str) -> None:
    reply = say(words)
    assert not reply.ok
    assert telling in shown(reply)
    with store.reading() as records:
        assert len(records.entities()) == len(ENTITIES)


@pytest.mark.parametrize(
    "entity",
    [
        ENTITIES[2],
        Entity(
            "eagle-s", Schema.VESSEL, "Eagle S", ("Орёл", "Eagle-S"), ("EGL",), ("ck", "ae"), ("fleet", "oil"),
            (Identifier("imoNumber", "9329760"), Identifier("mmsi", "518998865")), "seen off Porkkala",
        ),
    ],
)  # fmt: skip
def test_removing_tells_the_command_that_undoes_it(store: Store, say: Say, admin: User, entity: Entity) -> None:
    write(store, lambda records: track(records, entity, "test", NOW))
    reply = say(f"watch remove {entity.key}")
    with store.reading() as records:
        assert records.entity(entity.key) is None
    assert say(reply.message.footer.removeprefix("To track it again: ")).ok
    with store.reading() as records:
        assert records.entity(entity.key) == entity


def test_an_unclear_removal_removes_nothing(store: Store, say: Say, admin: User) -> None:
    reply = say("watch remove gazpro")
    assert commands_of(reply) == ["watch remove gpb", "watch remove gpn"]
    with store.reading() as records:
        assert len(records.entities()) == len(ENTITIES)


def test_a_long_list_comes_by_pages(store: Store, say: Say, admin: User) -> None:
    write(
        store,
        *(
            lambda records, n=n: track(records, Entity(f"x{n}", Schema.COMPANY, f"Firm {n:03}"), "t", NOW)
            for n in range(90)
        ),
    )
    first = say("watch list")
    assert len(first.message.bullets) == 40
    assert "54 more names" in first.message.footer
    third = say(commands_of(say(commands_of(first)[0]))[0])
    assert len(third.message.bullets) == 14
    assert third.message.actions == ()
    assert len(say("watch list ru").message.bullets) == 3


# ---------------------------------------------------------------- look-ups


def remember(store: Store) -> None:
    write(
        store,
        lambda records: records.save_chat(HOME),
        lambda records: records.save_chat(GROUP),
        lambda records: records.save_event(EVENT),
        lambda records: records.save_article(RECORD),
    )


def test_a_look_up_shows_names_findings_and_events(store: Store, say: Say) -> None:
    remember(store)
    told = shown(say("lookup gazprom neft"))
    assert "Tracked · company, Russia, topic supplier · key gpn" in told
    assert "“gazprom neft”" in told
    assert f"10 Jan 2025, Wire: new sanctions (97% sure), “Oil major blocked”  {RECORD.article.url}" in told
    assert "Gazprom Neft PJSC — new US sanctions (Russia)" in told


@pytest.mark.parametrize("words", ["why", "event", "feedback", "notmine"])
def test_events_to_choose_from_have_their_articles_behind_them(store: Store, say: Say, words: str) -> None:
    remember(store)
    assert say(words).message.bullet_urls == (EVENT.sources[0].url,)


@pytest.mark.parametrize(
    ("words", "telling", "buttons"),
    [
        ("Gazprom Nefft", "come", ["lookup gpn"]),
        ("Kim Philby", "is not tracked", []),
        ("gazpromm", "near", ["lookup gpb", "lookup gpn"]),
    ],
)
def test_a_look_up_of_what_is_not_tracked_shows_what_is_near(
    say: Say, words: str, telling: str, buttons: list[str]
) -> None:
    reply = say(f"lookup {words}")
    assert telling in shown(reply)
    assert sorted(commands_of(reply)) == buttons


def test_latest_tells_the_newest_events(store: Store, say: Say) -> None:
    assert "No event yet" in shown(say("latest"))
    remember(store)
    reply = say("latest 3")
    assert "Gazprom Neft PJSC — new US sanctions (Russia) · Wire · event 3f2a9c41" in shown(reply)
    assert commands_of(reply) == ["why 3f2a9c41", "latest export"]
    for wrong in ("0", "21", "x", "-1", "9" * 5000):
        assert not say(f"latest {wrong}").ok
    assert "How many?" in shown(say("latest -1")), "no event is looked for that has a 1"


def test_a_number_is_tracked_as_somebodys_and_is_no_name(say: Say, admin: User) -> None:
    reply = say("lookup 9187629")
    assert "watch add NAME | imo=9187629" in shown(reply)
    assert commands_of(reply) == []
    assert "watch add 2Rivers" in shown(say("lookup 2Rivers"))


def test_a_subscription_to_a_topic_that_is_not_named_says_how(say: Say) -> None:
    assert "Which? For example: subscribe topic supplier" in shown(say("subscribe topic"))


# ---------------------------------------------------------------- why


@pytest.mark.parametrize("which", [URL, "art1", URL + "?utm_source=x"])
def test_why_an_article_tells_every_stage_and_the_evidence(store: Store, say: Say, which: str) -> None:
    remember(store)
    reply = say(f"why {which}")
    told = shown(reply)
    for part in (
        "Gazprom Neft PJSC: new sanctions, almost certain (97%)\n“The Treasury blocked Gazprom Neft on Friday.”\n",
        "\n+ said to be newly sanctioned: “blocked”\n",
        "\n– only beside another, who is said to be sanctioned at an earlier time: “Friday”\n",
        "\nNamed as “Gazprom Neft” in paragraph 2 (strong)\n",
        "What would change it: had the act been said to lie further back",
        "Gazprombank: bystander, likely (80%)",
        "page read: “sanctions”",
        f"opened event {EVENT.key}",
        SENTENCE,
    ):
        assert part in told
    assert commands_of(reply) == [f"why {EVENT.key}", f"whynot {URL}"]


def test_why_names_other_chats_to_admins_only(store: Store, say: Say, admin: User) -> None:
    mine, other = f"alert for {HOME.key}: subscribed to it", f"nothing for {GROUP.key}: not subscribed"
    write(store, lambda records: records.save_article(replace(RECORD, stages=(*RECORD.stages, mine, other))))
    assert other in shown(say(f"why {URL}")), "a chat that is not known by a name"
    write(store, lambda records: records.save_chat(GROUP))
    assert "nothing for Desk (telegram): not subscribed" in shown(say(f"why {URL}"))
    told = shown(say(f"why {URL}", BEN))
    assert "alert for this chat: subscribed to it" in told
    assert "Desk" not in told
    assert str(GROUP.key) not in told


def test_who_is_tracked_no_more_is_called_as_the_article_calls_them() -> None:
    told = render_plain(trace_message(RECORD, {}))
    assert f"{FINDING.mentions[0].surface}: new sanctions" in told
    assert f"{FINDING.entity}: new" not in told


def test_a_name_that_stands_in_many_places_is_told_in_a_line() -> None:
    mentions = tuple(
        replace(FINDING.mentions[0], block=block, surface=surface, how=how)
        for block, surface, how in [(0, "Neft", "short form"), *((n, "Gazprom Neft", "exact") for n in range(1, 8))]
    )
    record = replace(
        RECORD,
        article=replace(RECORD.article, paragraphs=("A paragraph.",) * 9),
        judgement=Judgement("art1", (replace(FINDING, mentions=mentions),), None),
    )
    (told,) = trace_message(record, {}).paragraphs
    assert "\nNamed as “Neft” in the title (strong, short form); as “Gazprom Neft” in the teaser, paragraph 1, " in told
    assert "and 4 more (strong)\n" in told


def test_reports_that_only_joined_are_told_in_a_line_and_the_evidence_before_them(store: Store, say: Say) -> None:
    remember(store)
    more = [
        EventSource(
            f"more{number}", f"https://second.example/{number}", "Second", f"Copy {number}", Tier.WIRE, NOW, NOW
        )
        for number in range(20)
    ]
    plain = [EventStep(NOW, "Second joined (same act: Gazprom Neft named by both)")] * 20
    steps = (EventStep(NOW, "Wire told of it first: Gazprom Neft"), *plain)
    new = EventStep(NOW, "Herald joined (same act: Gazprom Neft named by both); new: Bering (UK)")
    with store.writing() as records:
        records.save_event(replace(EVENT, sources=(*EVENT.sources, *more), history=(*steps, new, *plain[:2])))
    story, why = say(f"event {EVENT.key}"), say(f"why {EVENT.key}")
    assert [step.partition(": ")[2] for step in story.message.bullets] == [
        steps[0].what,
        plain[0].what,
        "19 more reports joined by then, the last of Second",
        new.what,
        *(step.what for step in plain[:2]),
    ]
    assert f"event {EVENT.key} all" in commands_of(story)
    assert len(say(f"event {EVENT.key} all").message.bullets) == 24
    assert len(why.message.bullets) == 6
    assert f"and 16 more reports joined; all of them: why {EVENT.key} all; the last:" in shown(why)
    assert len(say(f"why {EVENT.key} all").message.bullets) == 21
    for answered in (story, why):
        told = shown(answered)
        assert told.index(f"“{EVENT.targets[0].evidence}”") < told.index("Opened") < told.index("• ")


def test_why_an_event_tells_targets_outlets_and_who_was_told(store: Store, say: Say, admin: User) -> None:
    remember(store)
    receipt = SentAlert(Receipt(GROUP.key, "5"), 1, "hash", NOW)
    with store.writing() as records:
        for chat in (HOME, GROUP):
            delivery = add_delivery(records, EVENT.key, chat.key, DeliveryKind.ALERT, 1, NOW)
            if chat is GROUP and delivery:
                records.begin_attempt(delivery, NOW)
                records.settle_sent(delivery, receipt, 0, NOW, chat.key, NOW)
    told = shown(say(f"why {EVENT.key}"))
    assert "named as “Gazprom Neft” by Wire" in told
    assert "Desk (telegram), 10 Jan 2025, 18:00 UTC" in told
    assert "this chat, waiting to be sent" in told
    others = shown(say(f"why {EVENT.key}", BEN))
    assert "Desk" not in others
    assert "1 other chat" in others


def test_why_an_entry_that_was_held_tells_the_reason(store: Store, say: Say) -> None:
    entry = Entry("wire", "g", "https://wire.example/old", "An old story", "", None, NOW, "Wire")
    write(store, lambda records: records.add_entry(entry, EntryIdentity("g", "l", "t"), "older than 7 days"))
    assert "It was not read, and raised nothing: older than 7 days." in shown(say("why https://wire.example/old"))


def test_why_of_the_unknown_says_what_can_be_asked(store: Store, say: Say) -> None:
    assert "Nothing is stored of" in shown(say("why qqqq"))
    assert commands_of(say("why https://elsewhere.example/x")) == ["whynot https://elsewhere.example/x"]
    remember(store)
    assert commands_of(say("why")) == [f"why {EVENT.key}"]


def test_a_trace_is_told_without_a_judgement_too() -> None:
    message = trace_message(ArticleRecord(RECORD.article, None, ("new entry of Wire",), None, NOW), {})
    assert "No tracked name was found in it." in message.paragraphs
    assert "raised nothing" in message.subtitle


# ---------------------------------------------------------------- whynot, links, texts

LISTED, QUIET = PAGES


def test_findings_on_watchlists_that_the_chat_does_not_see_are_not_told(store: Store, say: Say) -> None:
    remember(store)
    with store.reading() as records:
        (hidden,) = records.entities_of(["gpn"])
    oil = EntityEdit("gpn", replace(hidden, watchlist="oil"))
    write(store, lambda records: records.edit_watchlist([oil], "test", NOW, "moved"))
    for words in (f"why {URL}", f"whynot {LISTED}", f"why {EVENT.key}"):
        told = shown(say(words))
        assert "Gazprom Neft PJSC:" not in told
        assert "would raise an alert" not in told
    assert not say(f"mute {EVENT.key} 24h").ok


@pytest.mark.parametrize(
    "text",
    [
        f"whynot {LISTED}", LISTED, f"<{LISTED}>", f"{LISTED}?utm_source=share", f"An oil major is listed\n\n{LISTED}",
        f"whynot {LISTED}?utm_campaign={'x' * 300}", PASTED, f"whynot {PASTED}",
    ],
)  # fmt: skip
def test_a_link_or_a_text_is_judged_now(store: Store, say: Say, text: str) -> None:
    say("subscribe everything")
    reply = say(text)
    told = shown(reply)
    assert reply.ok
    assert "It would raise an alert: Gazprom Neft PJSC — new US sanctions" in told
    assert "This chat: would get the alert, subscribed to everything that is tracked; high: named itself," in told
    assert "Gazprom Neft PJSC: new sanctions" in told
    assert "Gazprombank: bystander" in told
    with store.reading() as records:
        assert judged_articles(records) == ()
        assert records.latest_events(5) == ()


@pytest.mark.parametrize("headline", ["Latest sanctions on oil", "Why the US listed it", "Watch live", "feeds add"])
def test_of_a_headline_that_was_forwarded_the_link_is_judged(say: Say, headline: str) -> None:
    told = shown(say(f"{headline} {LISTED}", is_forwarded=True))
    assert "It would raise an alert: Gazprom Neft PJSC — new US sanctions" in told
    assert "was forwarded" in shown(say(f"/{headline} {LISTED}", is_forwarded=True))


def test_what_raises_nothing_tells_why(say: Say) -> None:
    told = shown(say(QUIET))
    assert "No alert: it says of no tracked name that it is newly sanctioned." in told
    assert "Gazprom Neft PJSC: background" in told
    assert "+ words of an earlier listing: “" in told


def test_a_chat_without_a_subscription_is_told_so(store: Store, say: Say, admin: User) -> None:
    assert "This chat would not be told: it has no subscription." in shown(say(LISTED))
    write(store, lambda records: records.save_chat(GROUP), lambda records: records.save_chat(HOME))
    assert "Desk (telegram): not told, not subscribed." in shown(say(LISTED))
    told = shown(say(LISTED, BEN))
    assert "Desk" not in told
    assert "This chat: not told, not subscribed." in told


def test_an_event_that_is_known_is_named_with_its_reason(store: Store, say: Say) -> None:
    remember(store)
    reply = say(LISTED)
    assert "It tells of an event that is known: Gazprom Neft PJSC — new US sanctions (Russia) (same act:" in shown(
        reply
    )
    assert commands_of(reply) == [f"why {EVENT.key}"]


@pytest.mark.parametrize(
    ("reason", "telling"),
    [
        (
            "older than 7 days",
            "Wire carried it, first seen 10 Jan 2025, 18:00 UTC; it was not read by itself: older than",
        ),
        ("baseline", "it was not read by itself: baseline."),
        ("new", "it waits to be read."),
    ],
)
def test_whynot_tells_what_became_of_an_entry(store: Store, say: Say, reason: str, telling: str) -> None:
    entry = Entry("wire", "g", LISTED, "Treasury adds", "", None, NOW, "Wire")
    write(store, lambda records: records.add_entry(entry, EntryIdentity("g", "l", "t"), reason))
    assert telling in shown(say(f"whynot {LISTED}"))


def test_whynot_tells_how_it_was_judged_by_itself_and_who_was_told(store: Store, say: Say) -> None:
    stages = (*RECORD.stages, f"alert for {HOME.key}: subscribed", f"nothing for {GROUP.key}: not subscribed")
    article = replace(RECORD.article, url=LISTED, full_text_note="the entry has no link")
    record = replace(RECORD, article=article, stages=stages)
    write(store, lambda records: records.save_article(record))
    told = shown(say(f"whynot {LISTED}"))
    assert "That was another text than is judged now: the entry has no link." in told
    assert "Judged by itself 10 Jan 2025, 18:00 UTC: Gazprom Neft PJSC: new sanctions, almost certain (97%)" in told
    assert f"opened event {EVENT.key}" in told
    assert "alert for this chat: subscribed" in told
    assert str(GROUP.key) not in told


def test_whynot_of_an_address_nobody_carried_names_the_source_of_that_site(store: Store, say: Say) -> None:
    ago = NOW - timedelta(minutes=9)
    write(store, lambda records: records.save_source_state(SourceState("wire", last_success_at=ago)))
    assert "never judged by itself: Wire (ok, checked 9 min ago" in shown(say(f"whynot {LISTED}"))
    unknown = say("whynot https://10.0.0.1/x")
    assert not unknown.ok
    assert "its address is a private one, which is not fetched" in shown(unknown)
    assert "none of the sources carried it, and none is of that site" in shown(unknown)


def test_a_page_that_is_gone_is_told_from_the_store(store: Store, say: Say) -> None:
    remember(store)
    told = shown(say(f"whynot {URL}"))
    assert "Gazprom Neft PJSC: new sanctions, almost certain (97%)" in told
    assert "It could not be read again now: " in told


@pytest.mark.parametrize(
    ("words", "telling"),
    [
        ("whynot", "whynot ADDRESS"),
        ("whynot ftp://x.example/a", "is no address"),
        ("whynot " + "word " * 20_000, "at most"),
        ("word " * 20_000, "at most 60,000"),
    ],
)
def test_what_cannot_be_judged_says_what_can(say: Say, words: str, telling: str) -> None:
    reply = say(words)
    assert not reply.ok
    assert telling in shown(reply)


@pytest.mark.parametrize(
    ("text", "asks"),
    [
        (LISTED, "whynot"),
        (f"Read this {LISTED}", "whynot"),
        (f"Read {LISTED} and {QUIET}", None),
        (f"lookup {LISTED}", None),
        ("Latest sanctions " + "on many firms " * 20, "judged_text"),
        ("美国财政部" * 50, "judged_text"),
        ("watch add " + "Foo Trading Limited; " * 20, None),
        ("why https://x.example/" + "a" * 300, None),
        ("lookup " + "a" * 300, None),
        ("feedback 3f2a9c41 background " + "Foo Trading Limited " * 20, None),
        ("mute Rosneft 24h being handled " + "by the desk " * 20, None),
        ("event 3f2a9c41 withdraw " + "as it is another firm " * 20, None),
        ("/latest " + "some words " * 30, None),
        ("whynot " + "The firm was listed on Friday. " * 10, "judged_text"),
        ("a short remark", None),
        ("", None),
    ],
)
def test_what_is_no_command_but_an_article(text: str, asks: str | None) -> None:
    question = find_question(text)
    assert (question[0].__name__ if question else None) == asks


def test_a_process_that_cannot_fetch_says_so(store: Store) -> None:
    services = Services(store, lambda: NOW, SOURCES, lambda: Health(NOW))
    assert "sanctions-bot explain" in shown(answer(Request(HOME, ANA, f"whynot {LISTED}"), services))


# ---------------------------------------------------------------- what a name would have raised


def archive(store: Store, *titles: str, text: tuple[str, ...] = ()) -> None:
    """Articles that were judged while nobody tracked the name."""
    with store.writing() as records:
        for number, title in enumerate(titles):
            body = text or (f"The US Treasury on Friday imposed sanctions on {title}, adding it to its blacklist.",)
            at = NOW - timedelta(days=12 * number)
            article = Article(
                f"past{number}", f"https://wire.example/{number}", "Wire", f"US lists {title}", "", body, at
            )
            records.save_article(ArticleRecord(article, None, (), None, at))


def test_a_name_that_would_have_raised_alerts_is_shown_before_it_is_saved(store: Store, say: Say, admin: User) -> None:
    archive(store, "Volga Metals", "Volga Metals", "Volga Metals", "Volga Metals")  # the fourth is 36 days old
    reply = say("watch add Volga Metals | schema=Company")
    told = shown(reply)
    assert reply.message.title == "Track Volga Metals? It is not saved yet"
    assert "In the 3 articles read since 17 Dec 2024 it would have raised 3 alerts." in told
    line = "10 Jan 2025: Volga Metals — new US sanctions · Wire: “US lists Volga Metals”"
    assert f"{line}  https://wire.example/0" in told
    with store.reading() as records:
        assert records.entity("volga-metals") is None
    data = commands_of(reply)[0]
    assert not say(data, BEN).ok
    assert say(data).message.title == "Now tracked: Volga Metals"
    with store.reading() as records:
        saved = records.entity("volga-metals")
    assert saved
    assert saved.schema is Schema.COMPANY
    assert "not waiting for you any more" in shown(say(data))


def test_confirm_at_the_end_saves_at_once(store: Store, say: Say, admin: User) -> None:
    archive(store, "Volga Metals")
    assert say("watch add Volga Metals | schema=Company confirm").message.title == "Now tracked: Volga Metals"
    with store.reading() as records:
        assert records.entity("volga-metals") is not None


def test_an_older_question_is_not_answered_by_a_newer_button(store: Store, say: Say, admin: User) -> None:
    archive(store, "Volga Metals", "Oka Steel")
    first = commands_of(say("watch add Volga Metals | country=ru"))[0]
    second = commands_of(say("watch add Oka Steel | country=ru"))[0]
    assert not say(first).ok
    assert say(second).message.title == "Now tracked: Oka Steel"


def test_nothing_odd_is_saved_at_once_and_told(store: Store, say: Say, admin: User) -> None:
    assert "No article is stored yet to try it on." in shown(say("watch add Volga Metals | country=ru"))
    archive(store, "a mill", text=("Oka Steel, a rival of Acme, declined to comment.",))
    told = shown(say("watch add Oka Steel | schema=Company"))
    assert "Now tracked: Oka Steel" in told
    assert "In the 1 article read since 10 Jan 2025 it would have raised no alert; named without an alert: " in told


def test_a_common_word_is_shown_before_it_is_saved(store: Store, say: Say, admin: User) -> None:
    archive(store, "a mill", text=("They said it was so, and said it again. " * 15,))
    reply = say("watch add Said | schema=Person")
    assert "not saved yet" in reply.message.title
    assert "30 weak hits ignored" in shown(reply)


# ---------------------------------------------------------------- the bot itself


def test_status_counts_the_names_that_the_chat_sees(store: Store, say: Say) -> None:
    def tracked() -> str:
        return next(fact.value for fact in say("status").message.facts if fact.label == "Tracked")

    before = tracked()
    write(
        store,
        lambda records: records.add_watchlist(Watchlist("far", "Far", NOW, "test")),
        lambda records: track(records, Entity("nobody", Schema.PERSON, "Olga Vane", watchlist="far"), "test", NOW),
    )
    assert tracked() == before
    write(store, lambda records: records.set_watchlists(HOME.key, ["far"]))
    assert tracked() == "1 name"


def test_status_proves_that_it_looks(store: Store, say: Say) -> None:
    ago = NOW - timedelta(minutes=9)
    write(
        store,
        lambda records: records.save_source_state(SourceState("wire", last_success_at=ago)),
        lambda records: records.save_source_state(SourceState("post", last_success_at=NOW - timedelta(minutes=2))),
        lambda records: records.save_source_state(
            SourceState("eu", failures=2, last_error="answered 503", last_success_at=ago)
        ),
        lambda records: records.save_event(EVENT),
    )
    reply = say("status")
    assert reply.message.title == (
        "2 of 3 sources checked, 1 in trouble, oldest success 9 min ago, 0 entries, 1 alert today"
    )
    told = shown(reply)
    assert "1 source in trouble" in told
    assert "connected" in told
    assert "for 3 h" in told


def test_status_tells_of_official_lists_that_are_not_read(store: Store) -> None:
    on = ListServices(LISTS, frozenset({"eu_fsf", "un_sc", "gb_uksl"}))
    services = Services(store, lambda: NOW, SOURCES, lambda: Health(NOW), lists=on)

    def told() -> str:
        return shown(answer(Request(HOME, ANA, "status", prefix="/"), services))

    assert "official list" not in told()
    write(
        store,
        lambda records: records.save_list_state(ListState("eu_fsf", failures=1, last_error="no such host")),
        lambda records: records.save_list_state(ListState("un_sc")),
        lambda records: records.save_list_state(ListState("us_csl", failures=3)),  # switched off since
    )
    assert "1 official list in trouble: admins see why." in told()
    write(store, lambda records: appoint(records, ANA, "test", NOW))
    assert "1 official list in trouble: send /lists to see why." in told()


def test_feeds_tells_each_source_and_why_it_fails(store: Store, say: Say) -> None:
    write(
        store,
        lambda records: records.save_source_state(
            SourceState("wire", last_success_at=NOW - timedelta(minutes=9), next_poll_at=NOW + timedelta(minutes=6))
        ),
        lambda records: records.save_source_state(SourceState("post", paused_reason="410 Gone", failures=1)),
        lambda records: records.save_source_state(SourceState("eu", failures=2, last_error="the server answered 503")),
    )
    reply = say("feeds")
    told = shown(reply)
    assert reply.message.title == "1 of 3 sources fine, 2 not"
    for part in (
        "Wire: ok, checked 9 min ago, nothing new so far, next in 6 min",
        "paused: 410 Gone, never fine yet",
        "failing, 2 failures in a row: the server answered 503",
        "Switched off: Old Feed.",
    ):
        assert part in told


def test_dead_letters_are_shown_to_admins_only(store: Store, say: Say, admin: User) -> None:
    remember(store)
    with store.writing() as records:
        delivery = add_delivery(records, EVENT.key, GROUP.key, DeliveryKind.ALERT, 1, NOW)
        assert delivery
        records.settle_delivery(delivery, DeliveryState.DEAD, NOW, "the bot was kicked")
    assert "the bot was kicked" in shown(say("status"))
    assert "the bot was kicked" not in shown(say("status", BEN))


# ---------------------------------------------------------------- all commands


def test_start_greets_and_names_the_next_step(store: Store, say: Say) -> None:
    reply = say("start")
    assert "4 names tracked" in shown(reply)
    assert "subscribe everything" in commands_of(reply)
    assert "no owner yet" in shown(reply)
    write(store, lambda records: records.save_chat(Chat(HOME.key, stopped_reason="blocked by the user")))
    assert "Welcome back" in shown(say("start"))


def test_start_after_a_stop_shows_the_way_to_what_was_not_sent(store: Store, say: Say) -> None:
    assert say("subscribe everything").ok
    assert "not sent" not in shown(say("start"))
    write(store, lambda records: records.save_chat(Chat(HOME.key, stopped_reason="blocked by the user")))
    woken = say("start")
    assert "not sent afterwards" in shown(woken)
    assert "subscriptions last 10" in commands_of(woken)
    assert "not sent" not in shown(say("start")), "it is said once"


def test_help_lists_every_command_with_its_example(say: Say, admin: User) -> None:
    told = shown(say("help"))
    for command in COMMANDS:
        assert f"{command.name}" in told
        told_more = shown(say(f"help {command.name}"))
        assert command.example in told_more
        assert "?." not in told_more
    assert "watch add" not in shown(say("help", BEN))


def test_no_example_in_the_help_is_misunderstood(store: Store, say: Say, admin: User) -> None:
    """An example may find nothing here, but no example may be read as an unknown command or a wrong form."""
    say("subscribe everything")
    for command in COMMANDS:
        told = shown(say(command.example))
        assert "There is no command" not in told
        assert "The form is" not in told


@pytest.mark.parametrize(
    ("text", "telling"),
    [
        ("statsu", "Did you mean status?"),
        ("subscrbe x", "Did you mean subscribe?"),
        ("qqq", "All commands: help"),
        ("stop", "Did you mean unsubscribe?"),
        ("folow x", "Did you mean subscribe?"),
        ("start inv-bad", "There is no such invitation"),
        ("subscribe everything with words", "The words are missing behind “with words”"),
        ("subscribe everything without words", "The words are missing behind “without words”"),
        ("unmute 3", "Did you mean mutes?"),
        ("settings", "Did you mean route?"),
        ("Gazprom Neft", "If it is a name, the button looks it up."),
        ("a name of many words " * 3, "To look it up as a name: lookup a name of many words a name"),
    ],
)
def test_an_unknown_command_suggests_the_nearest(say: Say, text: str, telling: str) -> None:
    reply = say(text)
    assert not reply.ok
    assert telling in shown(reply)


@pytest.mark.parametrize("text", ["Gazprom Neft", "  gazprom\nneft "])
def test_a_bare_name_is_looked_up_by_the_button_below_the_answer(say: Say, text: str) -> None:
    (command,) = commands_of(say(text))
    assert command.casefold() == "lookup gazprom neft"
    assert say(command).message.title == say("lookup Gazprom Neft").message.title


def test_a_name_that_resembles_a_command_is_offered_to_be_looked_up_too(say: Say) -> None:
    reply = say("Stavros")
    assert "Did you mean start?" in shown(reply)
    assert commands_of(reply) == ["lookup Stavros"]


@pytest.mark.parametrize("text", ["statsu", "search Gazprom", "/orlenko", "Orlenko " * 11, "help orlenko"])
def test_what_is_surely_no_bare_name_is_not_offered_to_be_looked_up(say: Say, text: str) -> None:
    assert commands_of(say(text)) == []


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("/Subscribe@my_bot  Gazprom   Neft ", ("subscribe", "Gazprom Neft")),
        ("status", ("status", "")),
        ("", ("help", "")),
        ("  /  ", ("help", "")),
        ("watch add A\nalias=B", ("watch", "add A\nalias=B")),
    ],
)
def test_a_text_is_read_as_command_and_words(text: str, read: tuple[str, str]) -> None:
    assert read_command(text) == read


def test_a_text_of_great_length_is_refused(say: Say) -> None:
    assert "at most 4,000" in shown(say("lookup " + "a" * 5000))


def test_every_change_leaves_an_audit_row(store: SqlStore, say: Say, admin: User) -> None:
    say("subscribe everything")
    say("watch add Foo Trading LLC confirm")
    say("watch remove foo-trading-llc")
    say("admin add 8")
    say("admin remove 8")
    say("unsubscribe everything")
    import sqlalchemy as sa

    with sa.create_engine(store.url).connect() as connection:
        rows = connection.execute(sa.text("SELECT what, who FROM audit ORDER BY id")).all()
    assert [tuple(row) for row in rows] == [
        (what, "telegram:7")
        for what in ("subscribe", "watch add", "watch remove", "admin add", "admin remove", "unsubscribe")
    ]


def test_what_a_chat_sets_is_audited_as_it_is_said(store: Store, say: Say, admin: User) -> None:
    for words in ("quiet 22:00-07:00 Berlin", "digest weekly monday 08:00 Berlin", "digest off"):
        say(words)
    with store.reading() as records:
        rows = [(row.row.what, row.row.before, row.row.after) for row in records.audit_chain()][-3:]
    hours, week = "22:00-07:00 Europe/Berlin except high", "weekly mon 08:00 Europe/Berlin"
    assert rows == [("quiet", "", hours), ("digest", "", week), ("digest", week, "")]


def test_what_is_kept_of_a_chat_is_given_as_a_file_and_deleted(store: Store, say: Say, admin: User) -> None:
    say("subscribe everything")
    say("quiet 22:00-07:00 Berlin")
    told = shown(say("privacy"))
    assert "log of changes" in told
    assert "for 1,825 days" in told, "which alerts came is known as long as who was told of what"
    attachment = say("privacy export").attachment
    assert attachment is not None
    kept = json.loads(attachment.content)
    assert [one["on"].split(" (")[0] for one in kept["chat"]["subscriptions"]] == ["everything tracked"]
    assert kept["chat"]["subscriptions"][0]["by"] == "telegram:7"
    assert any("22:00 to 07:00 (Europe/Berlin)" in one for one in kept["chat"]["settings"])
    assert kept["you"]["roles"][0]["role"] == "admin"

    asked = say("privacy forget")
    assert "privacy forget confirm" in commands_of(asked)
    assert "for 1,825 days" in shown(asked)
    with store.reading() as records:
        assert records.subscriptions(HOME.key)
    assert say("privacy forget confirm").ok
    with store.reading() as records:
        assert not records.subscriptions(HOME.key)
        assert records.routes_of(HOME.key) == ChatRoutes(HOME.key)
        assert verify(records.audit_chain()).is_sound
    say("subscribe everything")
    with store.reading() as records:
        stored = records.chat(HOME.key)
    assert stored is not None
    assert stored.stopped_reason is None


def test_in_a_group_only_its_administrators_delete_and_nobody_is_told_of_a_person(store: Store, say: Say) -> None:
    say("subscribe everything", chat=GROUP, is_chat_admin=True)
    attachment = say("privacy export", BEN, GROUP).attachment
    assert attachment is not None
    assert "you" not in json.loads(attachment.content)
    assert "Only an administrator" in shown(say("privacy forget confirm", BEN, GROUP))
    with store.reading() as records:
        assert records.subscriptions(GROUP.key)
    assert say("privacy forget confirm", BEN, GROUP, is_chat_admin=True).ok
    say("help", BEN, GROUP)
    with store.reading() as records:
        assert not records.subscriptions(GROUP.key)
        stored = records.chat(GROUP.key)
    assert stored is not None
    assert not stored.title, "the next command brings no name back"


@pytest.mark.parametrize("words", ["subscribe Gazprom Neft", "subscribe country Russia", "unsubscribe Gazprom"])
def test_the_index_of_countries_is_built_before_the_transaction(
    store: Store, say: Say, monkeypatch: pytest.MonkeyPatch, words: str
) -> None:
    say("subscribe everything")
    held: list[bool] = []
    writing, is_open = store.writing, [False]

    @contextmanager
    def opened() -> Iterator[Records]:
        with writing() as records:
            is_open[0] = True
            yield records
            is_open[0] = False

    monkeypatch.setattr(store, "writing", opened)
    monkeypatch.setattr("bot.watchlist.values.lookup_territory", lambda _words: held.append(is_open[0]))
    load_country_names.cache_clear()
    say(words)
    assert held[:1] == [False]
    load_country_names.cache_clear()
    held.clear()
    for needless in (
        "subscribe everything",
        "subscribe relief",
        "subscribe topic bank",
        "subscribe",
        "unsubscribe all",
    ):
        say(needless)
    assert not held


def test_a_topic_goes_by_the_name_that_the_bot_has_seen(store: Store, say: Say) -> None:
    def route(words: str) -> str:
        return shown(say(f"route {words}", chat=GROUP, is_chat_admin=True))

    def topic(thread: str) -> ChatKey:
        return replace(GROUP.key, thread=thread)

    assert "The bot has seen no topic that is called “Alerts”." in route("high to topic Alerts")
    with store.writing() as records:
        records.save_topic(topic("12"), "Desk", is_now=False)
        records.save_topic(topic("12"), "Alerts ⚡", is_now=True)
        records.save_topic(topic("12"), "Desk", is_now=False)
        records.save_topic(topic("14"), "Iran", is_now=False)
        records.save_topic(topic("15"), "IRAN", is_now=False)
    assert "high (new, and sure) go to topic 12 (“Alerts ⚡”) of this group" in route("high to topic alerts")
    assert "go to topic 77 of this group" in route("high to topic #77")
    assert "come here" in route("high to topic General")
    assert "2 topics are called “Iran”. The bot has seen: Alerts ⚡ (12), Iran (14), IRAN (15)." in route(
        "low to topic Iran"
    )
    assert say("privacy forget confirm", chat=GROUP, is_chat_admin=True).ok
    with store.reading() as records:
        assert not records.topics(GROUP.key)


def test_a_test_message_goes_where_alerts_go_once_a_minute(store: Store, admin: User) -> None:
    put: dict[str, tuple[ChatKey, Message]] = {}

    def put_notice(_records: Records, kind: NoticeKind, key: str, chat: ChatKey, message: Message) -> bool:
        assert kind is NoticeKind.TEST
        return put.setdefault(key, (chat, message))[1] is message

    health = Health(NOW, {})
    services = Services(store, lambda: NOW, SOURCES, lambda: health, put_notice=put_notice)

    def say(text: str, user: User = ANA, chat: Chat = HOME) -> Reply:
        return answer(Request(chat, user, text), services)

    hook = Chat(ChatKey("webhook", "desk"), ChatKind.CHANNEL, "webhook desk")
    write(store, lambda records: records.save_chat(GROUP), lambda records: records.save_chat(hook))
    assert say("route high to telegram:-5").ok
    told = shown(say("route test"))
    assert [chat for chat, _ in put.values()] == [GROUP.key, HOME.key]
    assert "nothing is subscribed to" in told
    assert not say("route test").ok, "a minute has not passed"
    assert say("route test webhook:desk").ok
    assert not say("route test webhook:mine").ok
    assert "Only an admin" in shown(say("route test webhook:desk", BEN, Chat(ChatKey("telegram", "8"))))
    assert "Only an administrator of this chat" in shown(say("route test", BEN, GROUP))
    write(store, lambda records: records.save_chat(replace(GROUP, stopped_reason="the bot was removed")))
    assert "nothing is sent, as the bot was removed" in shown(say("route test"))
    say("route all off")
    assert "switched off here" in shown(say("route test"))


def test_a_database_that_fails_is_told_not_raised(store: Store, say: Say) -> None:
    store.close()
    Path(str(store.url).removeprefix("sqlite:///")).write_bytes(b"this is no database" * 100)  # type: ignore[attr-defined]
    reply = say("status")
    assert not reply.ok
    assert "Nothing was changed" in shown(reply)


HOSTILE = st.text(alphabet=st.sampled_from("aжKim<>&*_`@#|;=/\\\n\u202e\x00 丹"), max_size=30)
STARTS = st.sampled_from(
    [*(command.name for command in COMMANDS), "watch add", "watch list", "admin add", "subscribe topic", ""]
)


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(STARTS, HOSTILE)
def test_no_text_breaks_a_command_or_a_platforms_markup(say: Say, admin: User, start: str, words: str) -> None:
    reply = say(f"{start} {words}")
    message: Message = reply.message
    assert message.title
    assert "our side" not in " ".join(message.paragraphs)
    assert all(len(action.data.encode()) <= MOST_ACTION for action in message.actions)
    render_telegram(message)
    render_slack(message)


@pytest.mark.parametrize("said", ["Buy /unsubscribe", "/\u200bunsubscribe", "\ue000unsubscribe", "<!here> @everyone"])
def test_an_articles_title_offers_no_command_to_tap(store: Store, said: str) -> None:
    article = replace(RECORD.article, title=said)
    targets, sources = (replace(EVENT.targets[0], caption=said),), (replace(EVENT.sources[0], title=said),)
    remember(store)
    write(store, lambda records: records.save_article(replace(RECORD, article=article)))
    write(store, lambda records: records.save_event(replace(EVENT, targets=targets, sources=sources)))
    services = Services(store, lambda: NOW, SOURCES, lambda: Health(NOW))
    for text in ("lookup gpn", "latest", f"event {EVENT.key}", f"why {EVENT.key}", f"lookup {said}"):
        message = answer(Request(HOME, ANA, text, prefix="/"), services).message
        rendered = render_telegram(message)
        for told in (rendered.shown, rendered.plain):
            assert "/unsubscribe" not in told, text
            assert "@everyone" not in told, text
    asked = answer(Request(HOME, ANA, "unsubscribe x", prefix="/"), services).message
    assert "/subscribe everything" in render_telegram(asked).shown


@pytest.mark.parametrize(
    ("prefix", "wanted"), [("", "send: subscribe everything"), ("/", "send: /subscribe everything")]
)
def test_commands_in_our_texts_are_written_as_on_the_askers_platform(store: Store, prefix: str, wanted: str) -> None:
    services = Services(store, lambda: NOW, SOURCES, lambda: Health(NOW))
    assert wanted in shown(answer(Request(HOME, ANA, "unsubscribe x", prefix=prefix), services))
    for text in (*(command.example for command in COMMANDS), "help", "unsubscribe x", "xx", "why", "subscribe x"):
        told = shown(answer(Request(HOME, ANA, text, prefix=prefix), services))
        assert COMMAND_MARK not in told
    told = shown(answer(Request(HOME, ANA, "help", prefix=prefix), services))
    assert f"{prefix}lookup NAME" in told


# ---------------------------------------------------------------- what was found by a reader with fresh eyes


def filters_of(store: Store) -> list[str]:
    with store.reading() as records:
        return sorted(words_of(one.filters) for one in records.subscriptions(HOME.key))


def test_undoing_an_end_brings_the_filters_back(store: Store, say: Say) -> None:
    say("subscribe entity gpn official only from 80%")
    before = filters_of(store)
    reply = say("unsubscribe entity gpn")
    assert say(commands_of(reply)[0]).ok
    assert filters_of(store) == before != [""]


def test_ending_all_offers_each_of_them_again(store: Store, say: Say) -> None:
    for wanted in ("entity gpn from 80%", "country ru"):
        say(f"subscribe {wanted}")
    before = (subscribed(store), filters_of(store))
    reply = say("unsubscribe everything")
    assert "It was not subscribed to everything" in shown(reply)
    assert subscribed(store) == []
    for command in commands_of(reply):
        assert say(command).ok
    assert (subscribed(store), filters_of(store)) == before


@pytest.mark.parametrize("bad", ["with banana", "only bananas", "from the moon", "8 % sure", "banana only"])
def test_a_filter_that_is_none_is_refused_and_those_there_are_told(store: Store, say: Say, bad: str) -> None:
    reply = say(f"subscribe Gazprom Neft {bad}")
    assert not reply.ok
    assert f"“{bad}” is no filter that is known" in shown(reply)
    assert "by name only" in shown(reply)
    assert commands_of(reply) == []
    assert subscribed(store) == []


def test_how_sure_has_an_end(store: Store, say: Say) -> None:
    assert "how sure goes from 0% to 100%" in shown(say("subscribe Gazprom Neft from 8000%"))
    assert subscribed(store) == []


def test_a_filter_beside_everything_is_said_to_restrict_nothing(say: Say) -> None:
    say("subscribe everything")
    assert "That restricts nothing on Gazprom Neft PJSC" in shown(say("subscribe entity gpn from 80%"))
    assert "restricts nothing" not in shown(say("subscribe entity gpn with relief")), "that adds something"


@pytest.mark.parametrize("words", ["follow {}", "subscribe to {}", "Follow {}"])
def test_plain_words_subscribe_and_end(store: Store, say: Say, words: str) -> None:
    assert say(words.format("Gazprom Neft")).ok
    assert subscribed(store) == ["entity gpn"]
    assert say("unsubscribe from Gazprom Neft").ok
    assert subscribed(store) == []


def test_who_is_no_longer_tracked_is_called_by_name(store: Store, say: Say) -> None:
    say("subscribe entity gpb")
    write(store, lambda records: untrack(records, "gpb", "test", NOW))
    assert "Gazprombank (no longer tracked)" in shown(say("subscriptions"))


def test_a_mistyped_session_is_no_person(store: Store, say: Say) -> None:
    write(store, lambda records: appoint(records, ANA, "test", NOW))
    assert "is no session of the web console" in shown(say("admin add web:nobody"))
    added = shown(say("admin add web:0123456789abcdef reader"))
    assert "web:0123456789abcdef is a reader now" in added
    assert "has changed anything here so far" in added


def test_why_tells_who_withdrew_an_event_and_for_what_reason(store: Store, say: Say) -> None:
    write(store, lambda records: records.save_event(withdraw(EVENT, "the list was a draft", "Ben", NOW)))
    assert "the list was a draft" in (told := shown(say(f"why {EVENT.key}")))
    assert "by Ben" in told


def routes_of(store: Store, chat: Chat = HOME) -> ChatRoutes:
    with store.reading() as records:
        return records.routes_of(chat.key)


REROUTED = {
    "the first": ("", "high off"),
    "another beside it": ("high off", "low off"),
    "the same otherwise": ("high to topic 4", "high off"),
    "all": ("high to topic 4; low off", "all here"),
    "several at once": ("medium to topic 4", "high and medium off"),
}


@pytest.mark.parametrize(("before", "words"), REROUTED.values(), ids=REROUTED)
def test_undo_makes_routes_what_they_were(say: Say, store: Store, before: str, words: str) -> None:
    def ask(text: str) -> Reply:
        return say(f"route {text}", chat=GROUP, is_chat_admin=True)

    for one in filter(None, before.split("; ")):
        assert ask(one).ok
    was = routes_of(store, GROUP)
    told = ask(words)
    assert routes_of(store, GROUP) != was
    for command in commands_of(told):
        assert say(command, chat=GROUP, is_chat_admin=True).ok
    assert routes_of(store, GROUP) == was


def test_an_undo_too_long_for_a_button_is_told(say: Say, store: Store) -> None:
    assert say("digest weekly wed 08:05 America/Argentina/ComodRivadavia only high,medium,low empty on").ok
    was = routes_of(store)
    footer = say("digest off").message.footer
    assert say(footer.removeprefix("To undo it: ")).ok
    assert routes_of(store) == was


QUIETS = {
    "from 22:00 to 07:00": ("22:00", "07:00", "UTC"),
    "22 to 7": ("22:00", "07:00", "UTC"),
    "10 pm - 7 am Europe/Berlin": ("22:00", "07:00", "Europe/Berlin"),
    "10pm-7am except none": ("22:00", "07:00", "UTC"),
    "22:00-07:00 New York": ("22:00", "07:00", "America/New_York"),
    "22:30 until 06:15 asia/kolkata except high and medium": ("22:30", "06:15", "Asia/Kolkata"),
}


@pytest.mark.parametrize(("words", "meant"), QUIETS.items(), ids=QUIETS)
def test_quiet_hours_are_read_as_people_write_them(words: str, meant: tuple[str, str, str]) -> None:
    hours = read_quiet(words, "UTC", NOW)
    assert (f"{hours.start:%H:%M}", f"{hours.end:%H:%M}", hours.zone) == meant


@pytest.mark.parametrize("words", ["timezone UTC+3", "quiet 22:00-07:00 UTC+3", "digest daily 08:00 UTC+3"])
def test_an_offset_for_a_time_zone_is_refused_with_places_that_have_it(say: Say, words: str) -> None:
    refused = say(words)
    assert not refused.ok
    telling = "“utc+3” is no time zone: write the one of a place with that offset now, as europe/"
    assert telling in shown(refused).casefold()


def test_no_words_make_reading_quiet_hours_slow() -> None:
    started = clock.process_time()
    with pytest.raises(CommandError):
        read_quiet("-a" * 1_000 + " x" * 900 + " except \nx", "UTC", NOW)
    assert clock.process_time() - started < 0.5


@pytest.mark.parametrize(
    ("text", "telling"),
    [
        ("quiet 22:00-07:00 except banana", "Send: quiet 22:00-07:00"),
        ("digest only banana", "Send: digest daily 08:00"),
        ("digest empty banana", "“banana” is neither on nor off"),
        ("digest only off", "There is no digest here"),
        ("mute 24h", "Send: mute EVENT"),
        ("mute everything 8h", "All at once is not muted. Hours in which alerts wait: quiet 22:00-07:00"),
        ("mute source Banana 7d", "No source is called “Banana”"),
        ("mute source Wir 7d", "Did you mean Wire?"),
        ("watch undo 999", "There is no edit 999"),
        ("admin add telegram:8 edtor", "“edtor” is no role"),
        ("latest country xx", "The country 'xx' is unknown"),
    ],
)
def test_a_wrong_argument_is_told_as_what_it_is(say: Say, admin: User, text: str, telling: str) -> None:
    reply = say(text, admin)
    assert not reply.ok
    assert telling in shown(reply)


def test_of_outlets_that_are_as_like_the_one_that_told_last_is_meant(say: Say, store: Store) -> None:
    for number in range(12):
        source = replace(EVENT.sources[0], outlet=f"Harbour {chr(65 + number)}")
        event = replace(EVENT, key=f"3f2a9c{number:02}", opened_at=NOW - number * timedelta(hours=1), sources=(source,))
        write(store, lambda records, event=event: records.save_event(event))
    assert "Did you mean Harbour A?" in shown(say("mute source Harbours 7d"))


def test_who_may_not_send_to_a_chat_is_to_be_appointed_for_that_chat_alone(say: Say, admin: User) -> None:
    told = shown(say("route high to telegram:-9", BEN, GROUP, is_chat_admin=True))
    assert "an editor or an admin of this bot or of chat telegram:-9" in told
    assert "admin add telegram:8 editor for chat telegram:-9" in told


def test_a_refused_mute_says_here_once(say: Say, admin: User) -> None:
    assert "may mute here." in shown(say("mute Gazprombank 1h", BEN, GROUP))


def test_a_chat_that_was_renamed_is_known_by_its_new_name(store: Store, say: Say) -> None:
    say("start", chat=GROUP)
    say("latest", chat=replace(GROUP, title="Night desk"))
    say("latest", chat=replace(GROUP, title=""))
    with store.reading() as records:
        assert [chat.title for chat in records.chats() if chat.key == GROUP.key] == ["Night desk"]


def test_events_are_chosen_by_a_topic_of_their_targets_in_whatever_case() -> None:
    entities = {entity.key: replace(entity, topics=("Supplier",)) for entity in ENTITIES}
    assert fits(EVENT, Choice(topic="supplier"), entities)
    assert not fits(EVENT, Choice(topic="trader"), entities)
    assert not fits(EVENT, Choice(topic="supplier"), {})
    assert "Topics: Supplier (1)" in told_choices([EVENT], entities)


def test_an_event_counts_once_for_a_country_however_many_of_its_names_are_from_there() -> None:
    event = replace(EVENT, targets=(*EVENT.targets, replace(EVENT.targets[0], entity="sng")))
    told = told_choices([event], {entity.key: entity for entity in ENTITIES})
    assert "Countries: Russia (1)" in told
    assert "Watchlists: main (1)" in told


TIMES = {
    "at 8": time(8),
    "08:00": time(8),
    "daily at 08:00": time(8),
    "weekly friday at 17:30": time(17, 30),
    "daily 8am": time(8),
    "daily 8 am": time(8),
    "daily 12am": time(0),
    "daily 10:30 pm Europe/Berlin": time(22, 30),
    "daily 08:00": time(8),
}


DIGESTS = {
    "only low": ("daily 08:00 Europe/Berlin", "only low"),
    "only others": ("weekly monday 9; only low,medium", "only high"),
    "empty on": ("daily 08:00", "empty on"),
    "empty off": ("daily 08:00; empty on", "empty off"),
    "another time": ("weekly wednesday 07:30 Europe/Berlin; only low; empty on", "daily 9"),
    "off": ("weekly wed 08:00 Europe/Berlin; only low; empty on", "off"),
    "all at once": ("daily 08:00", "weekly fri 9 Asia/Tokyo only low and medium empty on"),
    "begun": ("off", "daily 8 only low"),
}


@pytest.mark.parametrize(("before", "words"), DIGESTS.values(), ids=DIGESTS)
def test_undo_makes_a_digest_what_it_was(say: Say, store: Store, before: str, words: str) -> None:
    def plan() -> DigestPlan | None:
        with store.reading() as records:
            return records.routes_of(HOME.key).digest

    for one in before.split("; "):
        assert say(f"digest {one}").ok
    was = plan()
    told = say(f"digest {words}")
    assert plan() != was
    assert say(commands_of(told)[0]).ok
    assert plan() == was


@pytest.mark.parametrize(("words", "at"), TIMES.items(), ids=TIMES)
def test_a_digests_time_is_read_as_people_write_it(words: str, at: time) -> None:
    plan = read_digest(words, ChatRoutes(HOME.key), "UTC", NOW)
    assert plan.at == at
    assert plan.zone == ("Europe/Berlin" if "Berlin" in words else "UTC")


@pytest.mark.parametrize(
    ("words", "authority"), [("France", "FR"), ("Russia", "RU"), ("Iran", ""), ("authority Iran", "IR")]
)
def test_latest_of_a_state_that_programmes_are_about_is_not_what_it_did_itself(words: str, authority: str) -> None:
    assert parse_choice(words).authority == authority
