"""Whoever was told of new sanctions is told when they are eased or lifted: articles are judged, put together and told
on a real database, with a clock that is handed in (see test_routes)."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

import pytest

from bot.events import restore_all
from bot.model import (
    Article,
    ChatKey,
    EntityEdit,
    EntityLink,
    Entry,
    Event,
    EventRecord,
    Finding,
    FullText,
    Judgement,
    Message,
    Receipt,
    Severity,
    Source,
    Tier,
    Verdict,
    Watchlist,
)
from bot.ports import EntryIdentity
from bot.rendering import render_plain
from tests.scenario.test_routes import ANA, DESK, DUTY, ENTITIES, OTHER, SHIPPING_LISTED, Chats, World, build, world
from tests.writing import appoint, track

__all__ = ["world"]  # the fixture

BANK_LISTED = (
    "UK sanctions Harbour Bank\nThe UK government on Wednesday added Harbour Bank, a lender in Singapore, to its "
    "sanctions list for moving money for arms makers, and froze its accounts in London.\nThe bank will appeal."
)
LIFTED = (
    "US lifts sanctions on Volga Shipping\nThe US Treasury on Friday removed Volga Shipping, a Russian owner of "
    "tankers, from its list of Specially Designated Nationals, and unblocked whatever it has in the United States.\n"
    "The company had been listed two weeks before for carrying oil above the price cap. The Treasury gave no reason."
)
LIFTED_TOO = (
    "Washington takes Volga Shipping off its blacklist\nVolga Shipping, whose tankers carry Russian crude, was "
    "delisted by the US Treasury on Friday, and its assets in the United States were released.\nIt did not say why."
)
LIFTED_BY_THE_UK = (
    "UK lifts sanctions on Volga Shipping\nThe UK government on Friday delisted Volga Shipping, a Russian owner of "
    "tankers, and lifted the asset freeze on it.\nThe Foreign Office said that the company had changed hands."
)
LIFTED_BY_NOBODY = (
    "Sanctions on Volga Shipping lifted\nSanctions on Volga Shipping, a Russian owner of tankers, were lifted on "
    "Friday, its lawyers said, and its accounts were unfrozen.\nThe company said it would sail again within days."
)
LICENSED = (
    "US issues licence for Volga Shipping\nThe US Treasury on Friday issued a general licence that lets Americans wind "
    "down business with Volga Shipping, a Russian owner of tankers, until 30 June.\nThe sanctions on the company "
    "itself stay in place."
)
DAY, FRIDAY = datetime(2026, 3, 4, 12, tzinfo=UTC), datetime(2026, 3, 20, 12, tzinfo=UTC)
TITLE = "Volga Shipping — US sanctions eased or lifted (Russia)"


@dataclass
class Answering(Chats):
    """Keeps what each message answers, and whether aloud."""

    answers: list[tuple[str, bool]] = field(default_factory=list)

    async def send(self, chat: ChatKey, message: Message, **more: object) -> Receipt:  # type: ignore[override]
        reply_to = more.get("reply_to")
        self.answers.append((reply_to.message_id if isinstance(reply_to, Receipt) else "", bool(more.get("aloud"))))
        return await super().send(chat, message, **more)  # type: ignore[arg-type]


@pytest.fixture
def desk(world: World) -> World:
    """Its articles are what the feed carries: no page is fetched."""
    made = build(world.store, world.clock, Answering(), world.jobs)
    tiers = {"wire": Tier.WIRE, "herald": Tier.NEWS, "treasury": Tier.OFFICIAL}
    made.pipeline.sources = {
        key: Source(key, key.title(), f"https://{key}.example/feed", tier=tier, full_text=FullText.NEVER)
        for key, tier in tiers.items()
    }
    return made


async def read(world: World, text: str, at: datetime, source: str = "wire") -> None:
    """An article comes in, at its time."""
    world.clock.at = max(world.clock.at, at)
    title, _, body = text.partition("\n")
    link = f"https://{source}.example/{title.replace(' ', '-').lower()}-{at:%d%H%M}"
    content = body.replace("\n", "\n\n")
    entry = Entry(source, link, link, title, "", at, world.clock.at, source.title(), "en", content)
    with world.store.writing() as records:
        number = records.add_entry(entry, EntryIdentity(link, link, title.casefold()), "new")
    await world.pipeline.read(number)
    await world.jobs.run()


def relief(world: World) -> Event:
    with world.store.reading() as records:
        (found,) = [one for one in records.latest_events(10) if one.kind is Verdict.RELIEF]
    return found


def answers(world: World) -> list[tuple[str, bool]]:
    assert isinstance(world.platform, Answering)
    return world.platform.answers


async def test_who_was_told_of_a_listing_is_told_once_that_it_is_lifted_in_an_answer_to_that_alert(desk: World) -> None:
    await read(desk, SHIPPING_LISTED, DAY)
    (listed,) = desk.told()
    await read(desk, LIFTED, FRIDAY)
    assert desk.told() == [listed, TITLE]
    assert answers(desk) == [("", False), ("0", True)]
    told = desk.last()
    assert told.severity is Severity.LOW
    with desk.store.reading() as records:
        (first,) = [one for one in records.latest_events(10) if one.kind is Verdict.NEW_SANCTIONS]
    assert told.linked_bullets[0] == (
        f"Told before: Volga Shipping — new US sanctions (Russia) · Wire, 4 Mar 2026 · event {first.key}",
        first.sources[0].url,
    )
    assert "removed Volga Shipping" in told.quotes[0].text
    await read(desk, LIFTED_TOO, FRIDAY + timedelta(hours=3), "herald")
    assert desk.told() == [listed, TITLE], "another outlet brings the notice up to date"
    assert [link.text for link in desk.last().sources] == ["Wire", "Herald"]
    why = render_plain(desk.say(f"why {relief(desk).key}").message)
    assert f"Told before: Volga Shipping — new US sanctions (Russia) · Wire, 4 Mar 2026 · event {first.key}" in why
    assert "Told before" in render_plain(desk.say(f"event {relief(desk).key}").message)
    assert [line.partition(" · ")[0] for line in desk.say("timeline Volga Shipping").message.bullets] == [
        "20 Mar 2026: US sanctions eased or lifted (Russia)",
        "4 Mar 2026: New US sanctions (Russia)",
    ]


async def test_a_restart_between_tells_neither_twice_nor_not_at_all(desk: World) -> None:
    await read(desk, SHIPPING_LISTED, DAY)
    again = build(desk.store, desk.clock, desk.platform, desk.jobs)  # type: ignore[arg-type]
    again.pipeline.sources = desk.pipeline.sources
    await read(again, LIFTED, FRIDAY)
    await read(desk, LIFTED, FRIDAY)  # the same entry, in two processes
    assert again.told().count(TITLE) == 1


async def test_who_was_told_of_a_listing_is_told_years_later_that_it_is_lifted(desk: World) -> None:
    await read(desk, SHIPPING_LISTED, DAY)
    later = FRIDAY + timedelta(weeks=150)
    with desk.store.writing() as records:
        records.forget_before(later - timedelta(days=90))
        records.forget_told_before(later - timedelta(days=1825))
    await read(desk, LIFTED, later)
    assert desk.told()[1:] == [TITLE]
    assert answers(desk) == [("", False), ("0", True)]


TOLD_OR_NOT = {
    "by the same authority": (LIFTED, True),
    "by a licence alone": (LICENSED, True),
    "by nobody knows whom": (LIFTED_BY_NOBODY, True),
    "by another authority": (LIFTED_BY_THE_UK, False),
}


@pytest.mark.parametrize(("text", "is_told"), TOLD_OR_NOT.values(), ids=TOLD_OR_NOT)
async def test_relief_is_told_of_the_sanctions_that_were_told(desk: World, text: str, is_told: bool) -> None:
    await read(desk, SHIPPING_LISTED, DAY)
    await read(desk, text, FRIDAY)
    assert len(desk.told()) == 1 + is_told
    with desk.store.reading() as records:
        assert len(records.latest_events(10)) == 1 + is_told, "what concerns nobody is no event"


async def test_a_relief_that_proves_to_be_another_authoritys_is_corrected(desk: World) -> None:
    """Nobody was said to act at first; then another outlet tells who did."""
    await read(desk, SHIPPING_LISTED, DAY)
    await read(desk, LIFTED_BY_NOBODY, FRIDAY)
    assert desk.told()[1:] == ["Volga Shipping — sanctions eased or lifted (Russia)"]
    with desk.store.reading() as records:
        (listed,) = [one for one in records.latest_events(5) if one.kind is Verdict.NEW_SANCTIONS]
    await read(desk, LIFTED_BY_THE_UK, FRIDAY + timedelta(hours=1), "herald")
    assert desk.told()[1:] == [
        "Volga Shipping — UK sanctions eased or lifted (Russia)",
        f"UK acted: what was told as event {listed.key} is not eased",
    ]
    assert not [text for _, message in desk.platform.sent for text in message.bullets if "Told before" in text]
    assert "What that alert said still holds." in desk.last().paragraphs
    await read(desk, LIFTED_BY_THE_UK, FRIDAY + timedelta(hours=2), "treasury")
    assert len(desk.told()) == 3, "once"


async def test_of_two_designations_each_chat_is_told_which_the_relief_is_not_of(desk: World) -> None:
    """Also one for which the relief goes on, as it is of the other; but none that was told of that one alone."""
    desk.say("subscribe authority UK", DUTY)
    by_the_uk = SHIPPING_LISTED.replace("US Treasury", "UK government").replace("US sanctions", "UK sanctions")
    await read(desk, SHIPPING_LISTED, DAY)
    await read(desk, by_the_uk, DAY + timedelta(days=2), "herald")
    with desk.store.reading() as records:
        by_us, by_uk = sorted(records.latest_events(5), key=lambda one: one.opened_at)
    assert (by_us.authorities, by_uk.authorities) == (("US",), ("UK",))
    await read(desk, LIFTED_BY_NOBODY, FRIDAY)
    assert (len(desk.told()), len(desk.told(DUTY))) == (3, 2)
    desk.say("unsubscribe everything", DUTY)
    await read(desk, LIFTED_BY_THE_UK, FRIDAY + timedelta(hours=1), "herald")
    assert desk.told()[3:] == [f"UK acted: what was told as event {by_us.key} is not eased"]
    assert len(desk.told(DUTY)) == 2
    told = [text for _, message in desk.platform.sent for text in message.bullets if "Told before" in text]
    assert {text[-8:] for text in told} == {by_uk.key}


async def test_what_an_official_list_removes_answers_the_alert_on_its_listing(desk: World) -> None:
    desk.say("subscribe Volga Shipping without relief", DUTY)
    await read(desk, SHIPPING_LISTED, DAY)
    desk.clock.at = FRIDAY
    finding = Finding("vsm", Verdict.RELIEF, 0.97, "VOLGA SHIPPING was removed from the OFAC SDN list, uid 7.")
    article = Article(
        "list:1", "https://ofac.example/7", "OFAC SDN list", "removed", "", (), FRIDAY, tier=Tier.OFFICIAL
    )
    judgement = Judgement("list:1", (finding,), Verdict.RELIEF, ("US",), "RUSSIA-EO14024")
    gone = EventRecord("vsm", "us_ofac_sdn", "US", "7", "removed from the OFAC SDN list, uid 7", FRIDAY)
    desk.pipeline.save_listed(article, judgement, (), (gone,))
    await desk.jobs.run()
    assert desk.told()[1:] == ["Volga Shipping — US sanctions eased or lifted (RUSSIA-EO14024)"]
    assert answers(desk)[-1][1], "aloud"
    assert desk.last().bullets[0].startswith("Told before: Volga Shipping — new US sanctions (Russia)")
    assert len(desk.told(DUTY)) == 1, "a list's removal is relief too"


async def test_who_asks_for_relief_is_told_of_anothers_too_and_of_what_nobody_was_told_before(desk: World) -> None:
    desk.say("subscribe relief")
    await read(desk, SHIPPING_LISTED, DAY)
    await read(desk, LIFTED_BY_THE_UK, FRIDAY)
    assert desk.told()[1:] == ["Volga Shipping — UK sanctions eased or lifted (Russia)"]
    assert not [text for text in desk.last().bullets if "Told before" in text]
    assert answers(desk)[1] == ("", False), "it is of other sanctions than that alert"


async def test_who_subscribed_after_the_alert_is_not_told_nor_who_ended_it(desk: World) -> None:
    desk.say("subscribe everything", DUTY)
    await read(desk, SHIPPING_LISTED, DAY)
    desk.say("unsubscribe everything", DUTY)
    with desk.store.writing() as records:
        records.save_chat(OTHER)
    desk.say("subscribe everything", OTHER)
    await read(desk, LIFTED, FRIDAY)
    assert [len(desk.told(chat)) for chat in (DESK, DUTY, OTHER)] == [2, 1, 0]
    why = render_plain(desk.say(f"why {relief(desk).key}", OTHER).message)
    assert "Told before" not in why
    past = render_plain(desk.say("subscriptions last 5", OTHER).message)
    assert "eased" not in past
    assert "eased" in render_plain(desk.say("subscriptions last 5").message)


SWITCHED_OFF = {
    "for one subscription": "subscribe everything without relief",
    "for all": "unsubscribe relief",
    "by a route": "route low off",
    "by a mute of relief": "mute relief 7d",
    "by a mute of the name": "mute Volga Shipping 7d",
    "only if very sure": "subscribe everything from 100%",
    "only by official sources": "subscribe everything official only",
}


@pytest.mark.parametrize("words", SWITCHED_OFF.values(), ids=SWITCHED_OFF)
async def test_relief_of_what_was_told_keeps_to_what_the_chat_set(desk: World, words: str) -> None:
    await read(desk, SHIPPING_LISTED, DAY)
    desk.clock.at = FRIDAY
    assert desk.say(words).ok
    await read(desk, LIFTED, FRIDAY)
    assert len(desk.told()) == 1


async def test_a_chat_that_wants_no_relief_reads_why_it_was_not_told(desk: World) -> None:
    desk.say("subscribe everything without relief", DUTY)
    await read(desk, SHIPPING_LISTED, DAY)
    await read(desk, LIFTED, FRIDAY)
    key = relief(desk).key
    told = render_plain(desk.say(f"why {key}", DUTY).message)
    assert "Not told here: the filters of this chat's subscriptions leave it out: relief is not asked for" in told
    assert "Not told here" not in render_plain(desk.say(f"why {key}").message), "that chat was told"


async def test_a_mute_of_the_alert_holds_what_answers_it(desk: World) -> None:
    await read(desk, SHIPPING_LISTED, DAY)
    with desk.store.reading() as records:
        (listed,) = records.latest_events(1)
    assert desk.say(f"mute {listed.key} until undone").ok
    await read(desk, LIFTED, FRIDAY)
    assert len(desk.told()) == 1


async def test_who_asks_for_official_sources_is_told_once_one_tells_of_it(desk: World) -> None:
    desk.say("subscribe everything official only")
    await read(desk, SHIPPING_LISTED, DAY, "treasury")
    await read(desk, LIFTED, FRIDAY)
    assert len(desk.told()) == 1
    await read(desk, LIFTED_TOO, FRIDAY + timedelta(hours=1), "treasury")
    assert desk.told()[1:] == [TITLE]
    assert answers(desk)[1] == ("0", True)


async def test_an_unsure_relief_is_not_told(desk: World) -> None:
    await read(desk, SHIPPING_LISTED, DAY)
    desk.pipeline.alert_floor = 0.995
    await read(desk, LIFTED, FRIDAY)
    assert len(desk.told()) == 1


async def test_what_quiet_hours_held_is_told_with_its_relief_in_the_morning(desk: World) -> None:
    """Listed and lifted in one night, by mistake: both come in the batch, the one referring to the other."""
    desk.say("quiet 22:00-07:00 UTC except none")
    await read(desk, SHIPPING_LISTED, datetime(2026, 3, 4, 23, tzinfo=UTC))
    await read(desk, LIFTED.replace("Friday", "Thursday"), datetime(2026, 3, 5, 2, tzinfo=UTC))
    assert desk.told() == []
    await desk.at(3, 5, 7, 0)
    assert len(desk.told()) == 1
    lines = desk.last().bullets
    (listed,) = [line[-8:] for line in lines if "new US sanctions" in line]
    assert next(line for line in lines if TITLE in line).endswith(f"(of what was told on 4 Mar 2026, event {listed})")


async def test_relief_answers_the_batch_that_told_of_the_listing(desk: World) -> None:
    desk.say("quiet 22:00-07:00 UTC except none")
    await read(desk, SHIPPING_LISTED, datetime(2026, 3, 4, 23, tzinfo=UTC))
    await read(desk, BANK_LISTED, datetime(2026, 3, 4, 23, 30, tzinfo=UTC), "herald")
    await desk.at(3, 5, 7, 0)
    (batch,) = desk.told()
    assert batch == "2 alerts came in while it was quiet here"
    await read(desk, LIFTED, FRIDAY)
    assert desk.told()[1:] == [TITLE]
    assert answers(desk)[-1] == ("0", True)


async def test_a_relief_that_is_read_before_the_listing_is_told_after_it(desk: World) -> None:
    """Both on one day, and the outlet of the relief is read first."""
    await read(desk, LIFTED, FRIDAY)
    assert desk.told() == []
    await read(desk, SHIPPING_LISTED.replace("Wednesday", "Friday"), FRIDAY + timedelta(minutes=5), "herald")
    assert desk.told() == ["Volga Shipping — new US sanctions (Russia)", TITLE]
    assert answers(desk) == [("", False), ("0", True)]


async def test_relief_is_told_where_low_alerts_go_though_the_listing_went_elsewhere(desk: World) -> None:
    with desk.store.writing() as records:
        appoint(records, ANA, "test", desk.clock.at)
    desk.say("route high to telegram:-9")
    await read(desk, SHIPPING_LISTED, DAY)
    assert (len(desk.told()), len(desk.told(DUTY))) == (0, 1)
    await read(desk, LIFTED, FRIDAY)
    assert (desk.told(), len(desk.told(DUTY))) == ([TITLE], 1)
    assert answers(desk)[-1] == ("", False), "there is no message here to answer"
    assert "Told before" in desk.last().bullets[0]


async def test_who_follows_one_authority_or_programme_is_told_though_the_relief_names_none(desk: World) -> None:
    desk.say("unsubscribe everything")
    desk.say("subscribe authority US")
    desk.say("subscribe programme Russia", DUTY)
    await read(desk, SHIPPING_LISTED, DAY)
    await read(desk, LIFTED_BY_NOBODY, FRIDAY)
    assert (len(desk.told()), len(desk.told(DUTY))) == (2, 2)


async def test_a_relief_that_proved_wrong_is_withdrawn_where_it_was_told(desk: World) -> None:
    await read(desk, SHIPPING_LISTED, DAY)
    await read(desk, LIFTED, FRIDAY)
    assert desk.withdraw(relief(desk).key) == 1
    await desk.jobs.run()
    assert desk.told()[-1] == "Withdrawn"
    with desk.store.reading() as records:
        (listed,) = [one for one in records.latest_events(5) if one.kind is Verdict.NEW_SANCTIONS]
    not_eased = f"What was told as event {listed.key} is not eased by it."
    assert desk.last().paragraphs == ("What the alert said no longer holds.", not_eased)
    assert [message.withdrawn for _, message in desk.platform.sent][:2] == [False, True]


async def test_of_a_listing_that_was_withdrawn_no_relief_is_told(desk: World) -> None:
    await read(desk, SHIPPING_LISTED, DAY)
    with desk.store.reading() as records:
        (listed,) = records.latest_events(1)
    desk.withdraw(listed.key)
    await read(desk, LIFTED, FRIDAY)
    assert TITLE not in desk.told()


async def test_of_a_listing_that_was_withdrawn_by_mistake_the_relief_is_told_once_it_is_restored(desk: World) -> None:
    await read(desk, SHIPPING_LISTED, DAY)
    with desk.store.reading() as records:
        (listed,) = records.latest_events(1)
    desk.withdraw(listed.key)
    await read(desk, LIFTED, FRIDAY)
    with desk.store.writing() as records:
        records.lock_events()
        withdrawn = records.event(listed.key)
        assert withdrawn
        desk.pipeline.put_correction(records, *restore_all(withdrawn, "Ana", desk.clock.at))
    await desk.jobs.run()
    assert desk.told()[1:] == ["Withdrawn", "Restored by Ana", TITLE]


async def test_another_step_of_relief_is_told_as_one_of_its_own(desk: World) -> None:
    """A licence, and weeks later the delisting."""
    await read(desk, SHIPPING_LISTED, DAY)
    await read(desk, LICENSED, FRIDAY)
    await read(desk, LIFTED, FRIDAY + timedelta(days=21))
    assert desk.told()[1:] == [TITLE, TITLE]
    assert answers(desk)[1:] == [("0", True), ("0", True)]


async def test_who_was_told_by_adjacency_is_told_of_the_relief_and_why(desk: World) -> None:
    bank = replace(ENTITIES[1], links=(EntityLink("owned_by", "vsm"),))
    with desk.store.writing() as records:
        track(records, bank, "test", desk.clock.at)
    desk.say("subscribe Harbour Bank", DUTY)
    await read(desk, SHIPPING_LISTED, DAY)
    assert desk.told(DUTY) == ["Volga Shipping — new US sanctions (Russia)"]
    await read(desk, LIFTED, FRIDAY)
    assert desk.told(DUTY)[1:] == [TITLE]
    told = render_plain(desk.last(DUTY))
    assert "Relief for: Volga Shipping" in told
    assert "Close to it: Harbour Bank is owned by Volga Shipping" in told


async def test_a_name_that_was_merged_since_is_the_one_that_was_listed(desk: World) -> None:
    await read(desk, BANK_LISTED, DAY)
    with desk.store.writing() as records:
        records.edit_watchlist([EntityEdit("hcb", merged_into="vsm")], "test", DAY, "merged")
    await read(desk, LIFTED_BY_THE_UK, FRIDAY)
    assert desk.told()[1:] == ["Volga Shipping — UK sanctions eased or lifted (Russia)"]
    assert desk.last().bullets[0].startswith("Told before: Volga Shipping — new UK sanctions")


async def test_what_a_list_says_of_a_relief_whose_name_was_merged_since_leaves_its_name(desk: World) -> None:
    await read(desk, BANK_LISTED, DAY)
    await read(desk, LIFTED_BY_THE_UK.replace("Volga Shipping", "Harbour Bank"), FRIDAY)
    with desk.store.writing() as records:
        records.edit_watchlist([EntityEdit("hcb", merged_into="vsm")], "test", DAY, "merged")
    gone = EventRecord("hcb", "gb_hmt", "UK", "7", "removed from the UK sanctions list, uid 7", FRIDAY)
    desk.pipeline.save_records(relief(desk).key, [gone], "held against the official lists")
    await desk.jobs.run()
    assert desk.told()[2:] == ["Removed from the UK sanctions list, uid 7"]
    (told,) = [text for _, message in desk.platform.sent for text in message.bullets if text.startswith("Told before")]
    assert told.startswith("Told before: Harbour Bank — new UK sanctions")


async def test_a_chat_reads_nothing_of_a_name_that_it_does_not_see(desk: World) -> None:
    """The act is on two names, of which one stands on a watchlist that was taken from the chat."""
    with desk.store.writing() as records:
        records.add_watchlist(Watchlist("secret", "Secret", DAY, "test"))
    await read(desk, SHIPPING_LISTED.replace("Volga Shipping,", "Harbour Bank and Volga Shipping,"), DAY)
    assert "Harbour Bank" in desk.told()[0]
    with desk.store.writing() as records:
        track(records, replace(ENTITIES[1], watchlist="secret"), "test", DAY)
    await read(desk, LIFTED.replace("Volga Shipping,", "Harbour Bank and Volga Shipping,"), FRIDAY)
    assert desk.told()[1:] == [TITLE]
    assert "Harbour Bank" not in "".join((desk.last().title, *desk.last().bullets[:1], *map(str, desk.last().facts)))
