"""Quiet hours, digests, mutes, acknowledgement and escalation over days, with a clock that is handed in: the pipeline,
the routes and the commands on a real database. Jobs run as the engine port has them run: when due, by partition."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from types import MappingProxyType
from typing import Any, cast

import pytest

from bot.app import build_notices
from bot.commands import COMMANDS, Services, answer
from bot.commands.asking import MOST_ACTION
from bot.errors import DeliveryError, StoreError
from bot.events import GONE, withdraw
from bot.matching.names import NameIndex
from bot.model import (
    Article,
    Attachment,
    Chat,
    ChatKey,
    ChatKind,
    Correction,
    DeadJob,
    DeliveryState,
    Entity,
    EntityLink,
    Finding,
    Grant,
    Judgement,
    Mention,
    Message,
    Receipt,
    Reply,
    Request,
    Role,
    Schema,
    Scope,
    Source,
    SourceState,
    Strength,
    Tier,
    User,
    Verdict,
    Watchlist,
)
from bot.notices import DueNotices
from bot.notices.sending import Notices
from bot.pipeline import Pipeline, judge_now
from bot.ports import Again, Answer, ArticleRecord, Engine, Fetcher, Health, JobFunction, Records, Sight
from bot.rendering import render_plain
from bot.storage import SqlStore
from tests.writing import appoint, track, untrack

DESK = Chat(ChatKey("telegram", "-5"), ChatKind.GROUP, "Desk")
DUTY = Chat(ChatKey("telegram", "-9"), ChatKind.GROUP, "Duty")
OTHER = Chat(ChatKey("telegram", "-3"), ChatKind.GROUP, "Other")
ANA, BEN = User("telegram", "7", "Ana"), User("telegram", "8", "Ben")
ENTITIES = (
    Entity("vsm", Schema.COMPANY, "Volga Shipping", countries=("ru",)),
    Entity("hcb", Schema.COMPANY, "Harbour Bank", countries=("sg",)),
)
SHIPPING_LISTED = (
    "US sanctions Volga Shipping\nThe US Treasury on Wednesday imposed sanctions on Volga Shipping, a Russian owner of "
    "tankers, for carrying oil above the price cap, and froze whatever it has in the United States.\n"
    "The company did not answer a request for comment, and its telephones in Saint Petersburg rang unanswered."
)
SOURCES = {key: Source(key, key.title(), f"https://{key}.example/feed") for key in ("wire", "herald")}


@dataclass
class Clock:
    at: datetime

    def __call__(self) -> datetime:
        return self.at


@dataclass
class Jobs:
    """The engine port in memory: keys once, low priority first, not before their time."""

    clock: Clock
    functions: dict[str, JobFunction] = field(default_factory=dict)
    seen: set[str] = field(default_factory=set)
    waiting: list[tuple[datetime, int, int, str, Mapping[str, object]]] = field(default_factory=list)

    def job(self, name: str, *, queue: str, tries: int = 5) -> Any:
        def keep(function: JobFunction) -> JobFunction:
            self.functions[name] = function
            return function

        return keep

    def put(
        self,
        records: Records,
        job: str,
        key: str,
        args: Mapping[str, object],
        *,
        partition: str | None = None,
        priority: int = 10,
        not_before: datetime | None = None,
    ) -> None:
        if key not in self.seen:
            self.seen.add(key)
            self.waiting.append((not_before or self.clock.at, priority, len(self.seen), job, dict(args)))

    async def run(self) -> None:
        while due := sorted((one for one in self.waiting if one[0] <= self.clock.at), key=lambda one: one[:3]):
            self.waiting.remove(due[0])
            _, priority, number, job, args = due[0]
            try:
                await self.functions[job](**args)
            except Again as again:
                self.waiting.append((self.clock.at + again.delay, priority, number, job, args))

    async def start(self, roles: frozenset[str]) -> None: ...
    async def stop(self) -> None: ...
    async def dead(self, revive: Sequence[str] = ()) -> tuple[DeadJob, ...]:
        return ()


@dataclass
class Chats:
    """A platform that keeps what it was sent, as it reads now."""

    name: str = "telegram"
    sent: list[tuple[ChatKey, Message]] = field(default_factory=list)
    edits: list[Receipt] = field(default_factory=list)

    async def start(self, answer: Answer) -> None: ...
    async def stop(self) -> None: ...

    async def send(
        self,
        chat: ChatKey,
        message: Message,
        *,
        reply_to: Receipt | None = None,
        aloud: bool = False,
        silent: bool = False,
        attachment: Attachment | None = None,
        mark: str = "",
    ) -> Receipt:
        self.sent.append((chat, message))
        return Receipt(chat, str(len(self.sent) - 1))

    async def find_sent(
        self, chat: ChatKey, mark: str, since: datetime, *, reply_to: Receipt | None = None
    ) -> Receipt | Sight:
        return Sight.UNKNOWN

    async def edit(self, receipt: Receipt, message: Message) -> Receipt:
        self.edits.append(receipt)
        self.sent[int(receipt.message_id)] = (receipt.chat, message)
        return receipt

    def spacing(self, chat: Chat) -> tuple[timedelta, timedelta]:
        return timedelta(0), timedelta(0)

    def health(self) -> str:
        return "connected"


@dataclass
class World:
    store: SqlStore
    clock: Clock
    jobs: Jobs
    platform: Chats
    pipeline: Pipeline
    due: DueNotices
    services: Services

    def restarted(self) -> World:
        """Another process on the same database: nothing is kept in memory."""
        return build(self.store, self.clock, self.platform, self.jobs)

    def say(self, text: str, chat: Chat = DESK, user: User = ANA, *, admin: bool = True) -> Reply:
        return answer(Request(chat, user, text, is_chat_admin=admin, prefix="/"), self.services)

    async def press(self, message: Message, label: str, chat: Chat = DESK, user: User = ANA) -> Reply:
        """A button; what changed is brought up to date, as the program does."""
        (data,) = [action.data for action in message.actions if action.label == label]
        assert len(data.encode()) <= MOST_ACTION
        reply = self.say(data, chat, user)
        for event, where in reply.all_changed(chat.key):
            self.pipeline.put_refresh(event, where)
        await self.jobs.run()
        return reply

    async def report(
        self,
        *keys: str,
        name: str = "a",
        outlet: str = "Wire",
        verdict: Verdict = Verdict.NEW_SANCTIONS,
        sure: float = 0.6,
        authority: str = "US",
        text: str = "",
        sures: Mapping[str, float] = MappingProxyType({}),
    ) -> str:
        """An article that tells so of them, `sures`: of some more or less surely; returns the key of its event."""
        named = {one.key: one for one in ENTITIES}
        findings = tuple(
            Finding(
                key,
                verdict,
                sures.get(key, sure),
                f"It told so of {named[key].caption}.",
                mentions=(Mention(key, 0, 0, 5, named[key].caption, Strength.STRONG, "x"),),
            )
            for key in keys
        )
        title, at = f"T {name}", self.clock.at
        article = Article(name, f"https://{name}.example", outlet, title, "", (text,), at, tier=Tier.WIRE)
        judgement = Judgement(name, findings, verdict, (authority,), "Russia", self.clock.at.date())
        outcome = self.pipeline.save_listed(article, judgement, (), ())
        await self.jobs.run()
        return outcome.changes[0].event.key

    def later(self) -> None:
        """A second passes: what is done again is not done at the very same moment."""
        self.clock.at += timedelta(seconds=1)

    async def at(self, *moment: int) -> None:
        """Time passes up to then (UTC); the program ticks, and what is due is done."""
        self.clock.at = datetime(2026, *moment, tzinfo=UTC)  # type: ignore[arg-type]
        self.due.tick()
        self.due.tick()
        await self.jobs.run()

    def withdraw(self, key: str) -> int:
        """How many chats read so."""
        with self.store.writing() as records:
            event = records.event(key)
            assert event is not None
            return self.pipeline.put_correction(
                records, withdraw(event, "an error", "Ana", self.clock.at), Correction("Withdrawn", GONE)
            )

    def told(self, chat: Chat = DESK) -> list[str]:
        return [message.title for key, message in self.platform.sent if key == chat.key]

    def last(self, chat: Chat = DESK) -> Message:
        return [message for key, message in self.platform.sent if key == chat.key][-1]


def build(store: SqlStore, clock: Clock, platform: Chats, jobs: Jobs) -> World:
    index = NameIndex.compile(ENTITIES)
    fetcher = cast(Fetcher, None)  # nothing is fetched here
    pipeline = Pipeline(
        store, cast(Engine, jobs), fetcher, SOURCES, {"telegram": platform}, lambda _records: index, now=clock
    )
    due = DueNotices(build_notices(pipeline), SOURCES)
    pipeline.register()

    def judge_text(text: str) -> ArticleRecord:
        return judge_now(Article("pasted", "", "", "", "", tuple(text.split("\n")), clock.at), index, clock.at)

    services = Services(
        store,
        clock,
        tuple(SOURCES.values()),
        lambda: Health(clock.at),
        judge_text=judge_text,
        plan=pipeline.preview,
        put_escalation=pipeline.put_escalation,
    )
    return World(store, clock, jobs, platform, pipeline, due, services)


@pytest.fixture
def world(empty_store: SqlStore) -> World:
    clock = Clock(datetime(2026, 3, 4, 12, 0, tzinfo=UTC))
    with empty_store.writing() as records:
        for entity in ENTITIES:
            track(records, entity, "test", clock.at)
        records.save_chat(DESK)
        records.save_chat(DUTY)
    made = build(empty_store, clock, Chats(), Jobs(clock))
    assert made.say("subscribe everything").ok
    return made


async def test_alerts_of_the_night_come_in_one_message_in_the_morning_even_after_a_restart(world: World) -> None:
    told = world.say("quiet 22:00-07:00 Europe/Berlin")
    assert "from 22:00 to 07:00 (Europe/Berlin) alerts wait, except high ones" in render_plain(told.message)
    await world.at(3, 4, 22, 0)
    first = await world.report("vsm", name="a")
    await world.report("hcb", name="b")
    second = await world.report("hcb", name="b2", outlet="Herald")  # joins the second
    assert world.told() == []
    why = render_plain(world.say(f"why {first}").message)
    assert "quiet hours here until 07:00 (Europe/Berlin); not told so far" in why
    surer = render_plain(world.say(f"whynot {SHIPPING_LISTED}").message)
    assert "This chat: would get the alert" in surer  # a plain report makes it a high one
    world.say("quiet 22:00-07:00 Europe/Berlin except none")
    asked = render_plain(world.say(f"whynot {SHIPPING_LISTED}").message)
    assert "This chat: it would wait: quiet hours here until 07:00 (Europe/Berlin)." in asked
    world = world.restarted()
    await world.at(3, 5, 5, 59)
    assert world.told() == []
    await world.at(3, 5, 6, 0)
    (title,) = world.told()
    assert title.endswith("came in while it was quiet here")
    assert {bullet[-8:] for bullet in world.last().bullets} == {first, second}
    await world.at(3, 5, 9, 0)
    assert len(world.told()) == 1
    with world.store.reading() as records:
        event = records.event(first)
    assert event is not None
    with world.store.writing() as records:  # it proves wrong: told in a reply, as there is no message of its own
        assert (
            world.pipeline.put_correction(
                records, withdraw(event, "an error", "Ana", world.clock.at), Correction("Withdrawn", GONE)
            )
            == 1
        )
    await world.jobs.run()
    assert world.told()[1:] == ["Withdrawn"]


async def test_a_high_alert_passes_and_a_single_one_that_waited_comes_as_itself(world: World) -> None:
    world.say("quiet 22:00-07:00 except high")
    await world.at(3, 4, 23, 0)
    await world.report("vsm", name="a", sure=0.95)
    assert world.told() == ["Volga Shipping — new US sanctions (Russia)"]
    key = await world.report("hcb", name="b")
    assert len(world.told()) == 1
    await world.at(3, 5, 7, 0)
    assert world.told()[1:] == ["Harbour Bank — new US sanctions (Russia)"]
    assert world.last().actions[0].data == f"ack {key}"


async def test_when_quiet_hours_are_ended_what_waited_comes_at_the_next_tick(world: World) -> None:
    world.say("quiet 22:00-07:00")
    await world.at(3, 4, 23, 0)
    await world.report("hcb")
    world.say("quiet off")
    await world.at(3, 4, 23, 1)
    assert world.told() == ["Harbour Bank — new US sanctions (Russia)"]


async def test_a_daily_digest_comes_once_is_made_up_after_downtime_and_not_repeated(world: World) -> None:
    with world.store.writing() as records:
        records.save_source_state(SourceState("wire", last_success_at=datetime(2026, 3, 6, tzinfo=UTC)))
    told = world.say("digest daily 08:00 Europe/Berlin")
    assert "The next: Thu 5 Mar 2026, 08:00 (Europe/Berlin)" in render_plain(told.message)
    world.say("digest empty on")
    await world.at(3, 4, 15, 0)
    key = await world.report("vsm")
    await world.at(3, 5, 7, 0)
    assert world.told()[1:] == ["Digest: 1 alert"]
    assert world.last().bullets == (
        f"Told, medium: Volga Shipping — new US sanctions (Russia) · Wire, 4 Mar, 15:00 UTC · event {key}",
    )
    await world.at(3, 5, 12, 0)
    assert len(world.told()) == 2
    world = world.restarted()
    await world.at(3, 8, 9, 0)  # three days without the program
    assert world.told()[2:] == ["Digest: nothing happened"]
    assert world.last().paragraphs == (
        "Nothing happened; 1 of 2 sources checked. The command feeds tells why not all.",
    )
    await world.at(3, 8, 10, 0)
    assert len(world.told()) == 3


async def test_a_digest_tells_what_a_batch_told_since_the_last_one(world: World) -> None:
    world.say("quiet 22:00-07:00")
    world.say("digest daily 08:00")
    await world.at(3, 4, 23, 0)
    await world.report("vsm", name="a")
    await world.report("hcb", name="b")
    await world.at(3, 5, 7, 0)
    assert "while it was quiet" in world.last().title
    await world.at(3, 5, 8, 0)
    assert world.told()[1:] == ["Digest: 2 alerts"]
    await world.at(3, 6, 8, 0)
    assert len(world.told()) == 2, "not again the next day"


@pytest.mark.parametrize("change", [["digest daily 09:00"], ["digest off", "digest daily 09:00"]])
async def test_a_digest_whose_time_is_changed_leaves_nothing_out_and_makes_nothing_up(
    world: World, change: list[str]
) -> None:
    world.say("digest daily 08:00")
    await world.at(3, 5, 8, 0)
    await world.at(3, 5, 10, 0)
    await world.report("vsm")
    await world.at(3, 5, 18, 0)
    for words in change:
        world.say(words)
    await world.at(3, 5, 18, 1)
    assert world.told() == ["Volga Shipping — new US sanctions (Russia)"], "09:00 of that day was before the change"
    await world.at(3, 6, 9, 0)
    assert world.told()[1:] == ["Digest: 1 alert"]
    assert world.last().subtitle == "5 Mar, 08:00 to 6 Mar, 09:00 (UTC)"


async def test_what_a_route_leads_to_a_chat_that_stopped_is_told_here_until_it_is_back(world: World) -> None:
    with world.store.writing() as records:
        appoint(records, ANA, "test", world.clock.at)
        records.save_chat(replace(DUTY, stopped_reason="the bot was removed from the chat"))
    told = render_plain(world.say("route high to telegram:-9").message)
    assert "Duty (telegram) (where nothing can be sent now: the bot was removed from the chat)" in told
    key = await world.report("vsm", sure=0.9)
    assert (len(world.told()), len(world.told(DUTY))) == (1, 0)
    assert "Told: this chat" in render_plain(world.say(f"why {key}").message)
    with world.store.writing() as records:
        records.save_chat(DUTY)
    await world.report("hcb", name="b", sure=0.9)
    assert (len(world.told()), len(world.told(DUTY))) == (1, 1)


async def test_low_alerts_are_told_in_the_digest_alone(world: World) -> None:
    world.say("subscribe relief")
    world.say("digest daily 08:00")
    assert "Low alerts are told in it alone" in render_plain(world.say("digest only low").message)
    key = await world.report("vsm", verdict=Verdict.RELIEF)
    assert world.told() == []
    await world.at(3, 5, 8, 0)
    assert world.told() == ["Digest: 1 told only here"]
    assert world.last().bullets == (
        "Only here, low: Volga Shipping — US sanctions eased or lifted (Russia) · Wire, 4 Mar, 12:00 UTC · "
        f"event {key}",
    )
    assert [action.label for action in world.last().actions] == ["Volga Shipping — US sanctions eased or …"]
    await world.report("vsm", name="b", outlet="Herald", verdict=Verdict.RELIEF)
    assert len(world.told()) == 1, "there is no message of its own to edit"


async def test_a_mute_from_the_alerts_own_buttons_is_listed_undone_and_told_in_the_digest(world: World) -> None:
    world.say("digest daily 08:00")
    await world.report("vsm")
    choices = await world.press(world.last(), "Mute …")
    muted = await world.press(choices.message, "Volga Shipping: 24 h")
    assert muted.message.title == "Muted here: Volga Shipping"
    assert "Undo: /mutes undo m1" in muted.toast
    with world.store.reading() as records:
        (kept,) = records.mutes(world.clock.at)
    assert (kept.value, kept.until) == ("vsm", datetime(2026, 3, 5, 12, 0, tzinfo=UTC))
    listed = world.say("mutes")
    assert "m1: Volga Shipping · muted by Ana until 5 Mar 2026, 12:00 UTC" in listed.message.bullets[0]
    assert "Or is it m1? /mutes undo m1." in render_plain(world.say("mutes undo 1").message)
    refused = world.say("mutes undo m1", user=BEN, admin=False)
    assert not refused.ok
    assert world.say("mutes undo m1").ok
    assert world.say("mutes").message.title == "Nothing is muted here"


async def test_undo_of_a_mute_that_took_anothers_place_brings_that_one_back(world: World) -> None:
    world.say("mute Volga until undone handled by Bob", user=BEN)
    world.later()
    told = world.say("mute Volga 24h")
    assert "It takes the place of m1: Volga Shipping muted by Ben until somebody undoes it: handled by Bob." in (
        render_plain(told.message)
    )
    (undo,) = [action.data for action in told.message.actions]
    assert "As before: Volga Shipping muted by Ben until somebody undoes it" in render_plain(world.say(undo).message)
    with world.store.reading() as records:
        (standing,) = records.mutes(world.clock.at)
    assert (standing.by, standing.until, standing.why) == (BEN, None, "handled by Bob")
    world.say("mute Volga 1h", user=BEN)
    (undo,) = [action.data for action in world.say("mute Volga 24h").message.actions]
    world.clock.at += timedelta(hours=2)
    assert world.say(undo).message.title == "No longer muted: Volga Shipping", "the earlier one would be over by now"


async def test_what_a_mute_held_is_named_when_it_is_undone_as_no_digest_tells_it(world: World) -> None:
    world.say("mute Volga 7d being handled by Ben")
    key = await world.report("vsm")
    why = render_plain(world.say(f"why {key}").message)
    assert "Held: 4 Mar 2026, 12:00 UTC: Volga Shipping muted by Ana" in why
    undone = world.say("mutes undo m1").message
    assert "it is told nowhere else" in undone.paragraphs[0]
    assert f"event {key}" in undone.bullets[0]
    assert undone.bullet_urls == ("https://a.example",)


async def test_what_a_mute_held_before_another_took_its_place_is_named_too(world: World) -> None:
    world.say("mute Volga 1h")
    key = await world.report("vsm")
    world.later()
    world.say("mute Volga 24h")
    world.later()
    world.say("mute Volga 7d")
    assert f"event {key}" in "".join(world.say("mutes undo m3").message.bullets)


async def test_what_another_mute_held_is_not_named(world: World) -> None:
    with world.store.writing() as records:
        track(records, Entity("hip", Schema.COMPANY, "Shipping", countries=("ru",)), "ana", world.clock.at)
    world.say("mute hip until undone")
    world.say("mute vsm until undone")
    await world.report("vsm")
    assert world.say("mutes undo m1").message.bullets == ()
    assert len(world.say("mutes undo m2").message.bullets) == 1


NAMESAKES = {
    "a mute of the only name that is theirs": (("mute Volga 7d",), ()),
    "a route by how sure that name is": (("route medium off",), ()),
    "neither": ((), ("Volga Shipping — new US sanctions (Russia)",)),
}


@pytest.mark.parametrize(("said", "told"), NAMESAKES.values(), ids=NAMESAKES)
async def test_who_is_somebody_else_here_is_no_reason_to_tell_of_another(
    world: World, said: tuple[str, ...], told: tuple[str, ...]
) -> None:
    text = "The Treasury froze what Harbour Bank Berhad holds."
    first = await world.report("hcb", name="a", text=text)
    assert world.say(f"notmine {first} Harbour Bank; Harbour Bank Berhad for 90d").ok
    for words in said:
        assert world.say(words).ok
    await world.at(3, 9, 12, 0)
    before = len(world.told())
    await world.report("vsm", "hcb", name="b", text=text, sures={"hcb": 0.95}, authority="EU")
    assert tuple(world.told()[before:]) == tuple(title.replace("US", "EU") for title in told)


async def test_a_name_that_somebody_took_out_is_gone_with_a_word(world: World) -> None:
    key = await world.report("vsm", "hcb", text="The Treasury froze what Harbour Bank Berhad holds.")
    assert world.say(f"notmine {key} Harbour Bank; Harbour Bank Berhad").ok
    await world.report("vsm", name="b", outlet="Herald")
    told = render_plain(world.last())
    assert "Harbour Bank —" not in told
    assert "Ana: not relevant, somebody else of that name (Harbour Bank)." in told


async def test_what_a_mute_holds_is_told_in_the_digest_and_by_why(world: World) -> None:
    world.say("digest daily 08:00")
    world.say("mute Volga 7d being handled by Ben")
    key = await world.report("vsm")
    assert world.told() == []
    why = render_plain(world.say(f"why {key}").message)
    assert "Volga Shipping muted by Ana until 11 Mar 2026, 12:00 UTC: being handled by Ben" in why
    await world.at(3, 5, 8, 0)
    assert world.told() == ["Digest: 1 muted"]
    assert "muted by Ana until 11 Mar 2026, 12:00 UTC: being handled by Ben" in world.last().bullets[0]
    world.say("mutes undo m1")
    await world.report("vsm", "hcb", name="b", outlet="Herald")
    assert world.told()[1:] == ["Volga Shipping and Harbour Bank — new US sanctions (Russia)"]


async def test_a_snooze_reminds_at_its_end_once(world: World) -> None:
    await world.report("vsm")
    choices = await world.press(world.last(), "Mute …")
    snoozed = await world.press(choices.message, "Snooze 1 h")
    assert "Then this chat is reminded of it." in snoozed.message.paragraphs[0]
    await world.at(3, 4, 12, 59)
    assert len(world.told()) == 1
    await world.at(3, 4, 13, 0)
    assert world.last().paragraphs[0] == "Reminder: Ana snoozed this."
    await world.at(3, 4, 14, 0)
    assert len(world.told()) == 2


async def test_who_acknowledges_is_seen_by_all_and_nothing_is_escalated(world: World) -> None:
    world.say("start", DUTY)
    with world.store.writing() as records:
        appoint(records, ANA, "test", world.clock.at)
    told = world.say("escalate after 30m to Duty")
    assert "within 30 min are told to Duty (telegram), once" in render_plain(told.message)
    await world.report("vsm")
    pressed = await world.press(world.last(), "Acknowledge", user=BEN)
    assert pressed.toast.startswith("Acknowledged: Volga Shipping")
    assert world.last().paragraphs == ("Handled by Ben since 4 Mar, 12:00 UTC.",)
    assert world.last().actions[0].label == "Undo: not handled"
    await world.at(3, 4, 12, 30)
    assert world.told(DUTY) == []
    again = await world.press(world.last(), "Undo: not handled", user=BEN)
    assert again.ok
    assert world.last().paragraphs == ()


async def test_each_chat_is_told_times_in_its_own_zone_also_when_its_message_is_edited(world: World) -> None:
    assert world.say("subscribe everything", DUTY).ok
    assert "There it is 13:00 now" in render_plain(world.say("timezone Berlin").message)
    world.say("timezone Asia/Tokyo", OTHER)
    world.say("subscribe everything", OTHER)
    key = await world.report("vsm")
    assert [world.last(chat).zone for chat in (DESK, DUTY, OTHER)] == ["Europe/Berlin", "", "Asia/Tokyo"]
    assert "seen 4 Mar 2026, 13:00 Europe/Berlin" in render_plain(world.last())
    for chat in (DESK, DUTY, OTHER):
        await world.press(world.last(chat), "Acknowledge", chat, BEN)
    world.later()
    await world.report("vsm", name="b", outlet="Herald")
    assert world.platform.edits
    for chat, told in (
        (DESK, "4 Mar, 13:00 Europe/Berlin"),
        (DUTY, "4 Mar, 12:00 UTC"),
        (OTHER, "4 Mar, 21:00 Asia/Tokyo"),
    ):
        assert world.last(chat).paragraphs == (f"Handled by Ben since {told}.",)
        assert f"Updated {told}: Herald" in world.last(chat).footer
    for asked in (f"why {key}", f"event {key}"):
        answered = render_plain(world.say(asked).message)
        assert "Opened: 4 Mar 2026, 13:00 Europe/Berlin" in answered
        assert "UTC" not in answered


async def test_batches_digests_escalations_and_mutes_are_told_in_their_chats_zone(world: World) -> None:
    escalating(world)
    world.say("timezone Berlin")
    world.say("timezone Tokyo", DUTY)
    assert "from 22:00 to 07:00 (Europe/Berlin)" in render_plain(world.say("quiet 22:00-07:00").message)
    assert "at 08:00 (Europe/Berlin)" in render_plain(world.say("digest daily 08:00").message)
    world.say("mute relief 7d")
    assert "until 11 Mar 2026, 13:00 Europe/Berlin" in render_plain(world.say("mutes").message)
    await world.at(3, 4, 22, 0)
    await world.report("vsm", name="a")
    await world.report("hcb", name="b")
    await world.at(3, 5, 6, 0)  # 7 in Berlin
    assert all("Wire, 4 Mar, 23:00 Europe/Berlin" in bullet for bullet in world.last().bullets)
    assert world.last().zone == "Europe/Berlin"
    await world.at(3, 5, 6, 30)
    assert all("Wire, 5 Mar, 07:00 Asia/Tokyo" in bullet for bullet in world.last(DUTY).bullets)
    await world.press(world.last(), "Acknowledge all", user=BEN)
    assert all("— handled by Ben since 5 Mar, 07:30 Europe/Berlin" in bullet for bullet in world.last().bullets)
    assert all("— handled by Ben since 5 Mar, 15:30 Asia/Tokyo" in bullet for bullet in world.last(DUTY).bullets)


async def test_what_was_done_in_the_evening_is_told_as_of_that_day(world: World) -> None:
    world.say("timezone New York")
    await world.at(3, 5, 2, 0)  # the fourth, 21:00 there
    key = await world.report("hcb")
    world.say("mute Volga 1h")
    world.say(f"notmine {key} Harbour Bank; Harbour Bank Berhad for 90d")
    assert "Ana said on 4 Mar 2026 that" in render_plain(world.say(f"why {key}").message)
    assert "Event, 4 Mar 2026" in [fact.label for fact in world.say("lookup Harbour Bank").message.facts]
    for words in ("latest", "mutes", "subscriptions last 3", "mutes undo 1"):
        told = render_plain(world.say(words).message)
        assert "4 Mar 2026" in told, words
        assert "5 Mar 2026" not in told, words


def test_a_zone_is_the_chats_the_groups_or_utc_and_is_undone(world: World) -> None:
    topic = replace(DESK, key=replace(DESK.key, thread="12"))
    assert "Time zone: none, so messages tell times in UTC." in render_plain(world.say("timezone").message)
    offered = world.say("quiet 22:00-07:00 Berlin").message.actions
    assert "timezone Europe/Berlin" in [action.data for action in offered]
    for words in ("digest daily 08:00", "quiet 21-7", "digest weekly monday 9 only low"):
        assert "Europe/Berlin is taken as it was named here before" in render_plain(world.say(words).message), words
    for words in ("quiet 21-7 Berlin", "quiet 21-7 UTC", "digest only low", "digest off", "quiet off", "quiet 21-7"):
        assert "is taken" not in render_plain(world.say(words).message), words
    told = world.say("timezone Europe/Berlin")
    assert [action.data for action in told.message.actions] == ["timezone off"]
    moved = world.say("timezone new york")
    assert "Time zone: America/New_York. There it is 07:00 now." in moved.message.paragraphs
    assert [action.data for action in moved.message.actions] == ["timezone Europe/Berlin"]
    in_topic = render_plain(world.say("timezone", topic).message)
    assert "Time zone: America/New_York, as this topic's group has it." in in_topic
    assert "Time zone: Asia/Tokyo. " in render_plain(world.say("timezone Tokyo", topic).message)
    assert "as this topic's group has it" in render_plain(world.say("timezone off", topic).message)
    refused = world.say("timezone Mars")
    assert not refused.ok
    assert "no time zone" in render_plain(refused.message)
    assert not world.say("timezone Berlin", user=BEN, admin=False).ok


async def test_what_nobody_acknowledges_is_told_to_the_second_chat_once_even_after_a_restart(world: World) -> None:
    with world.store.writing() as records:
        appoint(records, ANA, "test", world.clock.at)
    world.say("escalate after 30m to telegram:-9")
    key = await world.report("vsm")
    world = world.restarted()
    await world.at(3, 4, 12, 29)
    assert world.told(DUTY) == []
    await world.at(3, 4, 12, 31)
    await world.at(3, 4, 13, 31)
    assert world.told(DUTY) == ["Volga Shipping — new US sanctions (Russia)"]
    assert world.last(DUTY).paragraphs[0] == "Escalated from Desk: nobody acknowledged it in 31 min."
    await world.press(world.last(DUTY), "Acknowledge", DUTY, BEN)
    assert world.last().paragraphs == ("Handled by Ben since 4 Mar, 13:31 UTC.",), "in the first chat too"
    assert key in world.last().actions[0].data


def escalating(world: World) -> None:
    with world.store.writing() as records:
        appoint(records, ANA, "test", world.clock.at)
    assert world.say("escalate after 30m to telegram:-9").ok


async def on_its_way(world: World) -> None:
    """A batch of two alerts of the night is planned."""
    world.say("quiet 22:00-07:00 except none")
    await world.at(3, 4, 23, 0)
    await world.report("vsm", name="a")
    await world.report("hcb", name="b", authority="EU")
    world.clock.at = datetime(2026, 3, 5, 7, 0, tzinfo=UTC)
    world.due.tick()


async def in_a_batch(world: World) -> tuple[str, str]:
    """Two alerts of a night, told in one message at 7:00."""
    escalating(world)
    world.say("quiet 22:00-07:00")
    await world.at(3, 4, 23, 0)
    keys = await world.report("vsm"), await world.report("hcb", name="b")
    await world.at(3, 5, 7, 0)
    assert world.told() == ["2 alerts came in while it was quiet here"]
    return keys


async def test_a_batch_waits_for_acknowledgement_from_when_it_was_told_and_is_escalated_in_one_message(
    world: World,
) -> None:
    keys = await in_a_batch(world)
    world = world.restarted()
    await world.at(3, 5, 7, 29)
    assert world.told(DUTY) == [], "30 minutes after the batch, not after the events of the night"
    await world.at(3, 5, 7, 30)
    await world.at(3, 5, 9, 0)
    assert world.told(DUTY) == ["2 alerts that nobody acknowledged"]
    assert world.last(DUTY).paragraphs == ("Escalated from Desk: nobody acknowledged them in 30 min.",)
    assert {bullet[-8:] for bullet in world.last(DUTY).bullets} == set(keys)
    await world.press(world.last(DUTY), "Acknowledge all", DUTY, BEN)
    for chat in (DESK, DUTY):
        assert all(bullet.endswith("— handled by Ben since 5 Mar, 09:00 UTC") for bullet in world.last(chat).bullets)
    world.later()
    await world.press(world.last(), "Undo: not handled", user=BEN)
    assert not any("handled" in bullet for chat in (DESK, DUTY) for bullet in world.last(chat).bullets)


async def test_what_of_a_batch_is_acknowledged_is_not_escalated_and_the_rest_comes_as_itself(world: World) -> None:
    first, second = await in_a_batch(world)
    world.say(f"ack {first}", user=BEN)
    world.pipeline.put_refresh(first, DESK.key)
    await world.jobs.run()
    handled = [bullet for bullet in world.last().bullets if first in bullet]
    assert handled[0].endswith("— handled by Ben since 5 Mar, 07:00 UTC")
    await world.at(3, 5, 7, 30)
    assert world.told(DUTY) == ["Harbour Bank — new US sanctions (Russia)"]
    await world.press(world.last(), "Acknowledge the rest")
    assert world.last(DUTY).paragraphs[1] == "Handled by Ana since 5 Mar, 07:30 UTC."
    assert second in world.last(DUTY).actions[0].data


async def test_a_batch_that_is_acknowledged_as_a_whole_is_not_escalated(world: World) -> None:
    await in_a_batch(world)
    pressed = await world.press(world.last(), "Acknowledge all")
    assert pressed.toast.startswith("Acknowledged: 2 alerts.")
    await world.at(3, 5, 8, 0)
    assert world.told(DUTY) == []


async def test_what_a_digest_alone_told_is_escalated_by_its_severity(world: World) -> None:
    escalating(world)
    world.say("digest daily 08:00")
    world.say("digest only medium and low")
    await world.report("vsm")
    await world.report("hcb", name="b", verdict=Verdict.RELIEF)
    await world.at(3, 5, 8, 0)
    assert world.told() == ["Digest: 1 told only here"]
    await world.at(3, 5, 8, 30)
    assert world.told(DUTY) == ["Volga Shipping — new US sanctions (Russia)"]


async def test_who_handles_it_later_in_the_first_chat_is_seen_in_the_second(world: World) -> None:
    escalating(world)
    await world.report("vsm")
    await world.at(3, 4, 12, 30)
    why, handled = "Escalated from Desk: nobody acknowledged it in 30 min.", "Handled by Ben since 4 Mar, 12:30 UTC."
    assert world.last(DUTY).paragraphs == (why,)
    await world.press(world.last(), "Acknowledge", user=BEN)
    assert (world.last(DUTY).paragraphs, world.last().paragraphs) == ((why, handled), (handled,))
    world.later()
    await world.press(world.last(DUTY), "Undo: not handled", DUTY, BEN)
    assert (world.last(DUTY).paragraphs, world.last().paragraphs) == ((why,), ())
    assert world.last(DUTY).actions[0].label == "Acknowledge"


async def test_the_second_chat_is_kept_up_to_date_and_told_when_the_report_proves_wrong(world: World) -> None:
    escalating(world)
    key = await world.report("vsm")
    await world.at(3, 4, 12, 30)
    await world.report("vsm", name="b", outlet="Herald")
    assert "Now 2 sources" in world.last(DUTY).footer
    world.later()
    assert world.withdraw(key) == 2
    await world.jobs.run()
    assert world.told(DUTY) == ["Volga Shipping — new US sanctions (Russia)", "Withdrawn"]
    assert [message.withdrawn for chat, message in world.platform.sent if chat == DUTY.key] == [True, False]


async def stopped(world: World, is_stopped: bool) -> None:
    with world.store.writing() as records:
        records.save_chat(replace(DESK, stopped_reason="the bot was removed" if is_stopped else ""))


async def test_an_escalation_whose_chat_is_stopped_is_given_up_told_to_those_who_run_the_bot_and_sent_on_retry(
    world: World,
) -> None:
    escalating(world)
    await world.report("vsm")
    with world.store.writing() as records:
        records.save_chat(replace(DUTY, stopped_reason="the bot was removed"))
    troubles: list[str] = []
    world.due.notices.on_trouble = troubles.append
    await world.at(3, 4, 12, 31)
    (trouble,) = troubles
    assert trouble.startswith("telegram:-9 (Duty): a message (escalation) was given up: the bot was removed.")
    with world.store.writing() as records:
        (dead,) = records.notices(DeliveryState.DEAD)
        records.save_chat(DUTY)
        assert world.due.notices.renew(records, dead.mark)
    await world.jobs.run()
    assert world.told(DUTY) == ["Volga Shipping — new US sanctions (Russia)"]


@pytest.mark.parametrize("setting", ["quiet 22:00-07:00", "digest only medium"])
async def test_what_was_held_for_a_chat_that_is_stopped_when_it_is_due_is_told_once_it_is_back(
    world: World, setting: str
) -> None:
    world.say("digest daily 07:00") if "digest" in setting else None
    world.say(setting)
    await world.at(3, 4, 23, 0)
    keys = await world.report("vsm"), await world.report("hcb", name="b")
    await stopped(world, True)
    await world.at(3, 5, 7, 0)
    assert world.told() == []
    await stopped(world, False)
    await world.at(3, 5, 8, 0)
    await world.at(3, 5, 9, 0)
    (message,) = [message for chat, message in world.platform.sent if chat == DESK.key]
    assert all(any(key in bullet for bullet in message.bullets) for key in keys)


async def test_a_batch_that_finds_its_chat_stopped_is_told_by_another_once_it_is_back(world: World) -> None:
    world.say("quiet 22:00-07:00")
    await world.at(3, 4, 23, 0)
    first = await world.report("vsm")
    await world.report("hcb", name="b")
    world.clock.at = datetime(2026, 3, 5, 7, 0, tzinfo=UTC)
    world.due.tick()
    await stopped(world, True)
    await world.jobs.run()
    assert "not told so far" in render_plain(world.say(f"why {first}").message)
    await stopped(world, False)
    await world.at(3, 5, 8, 0)
    await world.at(3, 5, 9, 0)
    assert world.told() == ["2 alerts came in while it was quiet here"]


@pytest.mark.parametrize("is_dropped", [False, True])
async def test_what_a_batch_was_to_tell_that_was_given_up_comes_with_the_next_report(
    world: World, is_dropped: bool
) -> None:
    world.say("quiet 22:00-07:00")
    await world.at(3, 4, 23, 0)
    first = await world.report("vsm")
    await world.report("hcb", name="b")
    world.clock.at = datetime(2026, 3, 5, 7, 0, tzinfo=UTC)
    world.due.tick()
    with world.store.writing() as records:
        (batch,) = records.notices()
        assert records.chats_told_otherwise(first) == (DESK.key,), "it is on its way"
        records.settle_notice(batch.key, DeliveryState.DEAD, world.clock.at, "refused")
        if is_dropped:
            assert records.drop_notice(batch.mark, world.clock.at, "no more")
        assert records.chats_told_otherwise(first) == ()
    await world.report("vsm", name="c", outlet="Herald")
    assert world.told() == ["Volga Shipping — new US sanctions (Russia)"]


async def apart(world: World, *, quiet: str = "") -> tuple[str, str]:
    """Two events that prove to be one act: the desk was told of the younger alone."""
    escalating(world)
    world.say("unsubscribe everything")
    assert world.say("subscribe Harbour Bank").ok
    with world.store.writing() as records:
        records.save_chat(OTHER)
    assert world.say("subscribe Volga Shipping", OTHER).ok
    older = await world.report("vsm", sure=0.95)
    world.later()
    if quiet:
        world.say(quiet)
        await world.at(3, 4, 23, 0)
    younger = await world.report("hcb", name="b", outlet="Herald", sure=0.95)
    if quiet:
        await world.report("hcb", name="x", outlet="Globe", authority="EU", sure=0.95)
        await world.at(3, 5, 7, 0)
    world.later()
    assert len(world.told()) == 1
    return older, younger


async def merged(world: World, older: str, younger: str) -> None:
    world.clock.at += timedelta(minutes=1)
    assert await world.report("vsm", "hcb", name="c", outlet="Post", sure=0.95) == older
    with world.store.reading() as records:
        gone = records.event(younger)
    assert gone
    assert gone.told_as == older
    world.clock.at += timedelta(minutes=1)
    await world.jobs.run()


async def test_an_alert_of_an_event_that_proved_to_be_another_is_escalated_as_that_one_once(world: World) -> None:
    await merged(world, *await apart(world))
    await world.at(3, 4, 12, 31)
    await world.at(3, 4, 14, 0)
    assert world.told(DUTY) == ["Harbour Bank and Volga Shipping — new US sanctions (Russia)"]


async def test_who_handles_an_event_that_proved_to_be_another_handles_that_one(world: World) -> None:
    older, younger = await apart(world)
    world.say(f"ack {younger}", user=BEN)
    await merged(world, older, younger)
    assert world.last().paragraphs == ("Handled by Ben since 4 Mar, 12:00 UTC.",)
    await world.at(3, 4, 14, 0)
    assert world.told(DUTY) == []
    assert world.say(f"ack {younger} undo", user=BEN).ok, "by the old key too"
    with world.store.reading() as records:
        assert records.acknowledgement(older, DESK.key) is None


async def test_a_snooze_of_an_event_that_proved_to_be_another_holds_and_reminds_of_that_one(world: World) -> None:
    older, younger = await apart(world)
    world.say(f"mute {younger} snooze 1h")
    await merged(world, older, younger)
    with world.store.reading() as records:
        assert [mute.value for mute in records.mutes(world.clock.at)] == [older]
    await world.at(3, 4, 13, 1)
    assert world.last().paragraphs[0] == "Reminder: Ana snoozed this."
    assert len(world.told()) == 2


async def test_who_was_told_of_both_events_has_spoken_of_the_one_that_was_meant(world: World) -> None:
    escalating(world)
    older = await world.report("vsm")
    world.later()
    younger = await world.report("hcb", name="b", outlet="Herald")
    assert len(world.told()) == 2
    world.say(f"ack {younger}", user=BEN)
    assert world.say(f"mute {younger} until undone").ok
    await merged(world, older, younger)
    with world.store.reading() as records:
        assert records.acknowledgement(older, DESK.key) is None
        assert [mute.value for mute in records.mutes(world.clock.at)] == [younger]
    await world.at(3, 4, 14, 0)
    assert len(world.told(DUTY)) == 1, "the older still waits to be handled"


async def test_an_event_that_proved_to_be_another_and_was_told_in_a_batch_is_not_told_again_but_corrected(
    world: World,
) -> None:
    older, younger = await apart(world, quiet="quiet 22:00-07:00 except none")
    await merged(world, older, younger)
    await world.report("vsm", "hcb", name="d", outlet="Tribune", sure=0.95)
    await world.at(3, 5, 7, 40)
    assert world.told() == ["2 alerts came in while it was quiet here"]
    assert any(younger in bullet and f"the same act as event {older}" in bullet for bullet in world.last().bullets)
    assert world.told(DUTY) == ["2 alerts that nobody acknowledged"], "it waits to be handled as before"
    assert world.withdraw(older) == 3
    await world.jobs.run()
    assert world.told()[1:] == ["Withdrawn"]
    assert world.told(DUTY)[1:] == ["Withdrawn"], "where it was escalated to as well"


async def test_what_was_escalated_before_it_proved_to_be_another_event_is_kept_up_to_date_and_corrected(
    world: World,
) -> None:
    older, younger = await apart(world)
    await world.at(3, 4, 12, 31)
    assert world.told(DUTY) == ["Harbour Bank — new US sanctions (Russia)"]
    await merged(world, older, younger)
    assert world.told(DUTY) == ["Harbour Bank and Volga Shipping — new US sanctions (Russia)"], "edited"
    assert world.withdraw(older) == 3
    await world.jobs.run()
    assert world.told(DUTY)[1:] == ["Withdrawn"]
    world.clock.at += timedelta(minutes=1)
    await world.jobs.run()
    assert [message.withdrawn for chat, message in world.platform.sent if chat == DUTY.key] == [True, False]


async def test_an_act_of_which_a_high_alert_passed_quiet_hours_is_not_told_again_in_the_morning(world: World) -> None:
    world.say("quiet 22:00-07:00 except high")
    await world.at(3, 4, 23, 0)
    older = await world.report("vsm")
    world.later()
    younger = await world.report("hcb", name="b", outlet="Herald", sure=0.95)
    assert world.told() == ["Harbour Bank — new US sanctions (Russia)"]
    await merged(world, older, younger)
    await world.at(3, 5, 7, 0)
    assert world.told()[1:] == ["1 alert came in while it was quiet here"], "news of it, and not its message again"


@pytest.mark.parametrize("quiet", ["", "quiet 22:00-07:00"])
async def test_who_waits_longer_while_an_alert_waits_is_not_forgotten(world: World, quiet: str) -> None:
    if quiet:
        await in_a_batch(world)
    else:
        escalating(world)
        await world.report("vsm")
    world.clock.at += timedelta(minutes=10)
    assert world.say("escalate after 1h to telegram:-9").ok
    day, hour = (5, 7) if quiet else (4, 12)
    await world.at(3, day, hour, 30)
    await world.at(3, day, hour, 59)
    assert world.told(DUTY) == []
    await world.at(3, day, hour + 1, 0)
    await world.at(3, day, hour + 2, 0)
    assert len(world.told(DUTY)) == 1


async def test_an_alert_is_escalated_though_its_chat_has_another_id_since(world: World) -> None:
    escalating(world)
    key = await world.report("vsm")
    with world.store.writing() as records:
        records.move_chat(DESK.key, "-1005")
        records.move_chat(ChatKey("telegram", "-1005"), "-1006")
        assert records.routes_of(ChatKey("telegram", "-1006")).escalation
    await world.at(3, 4, 12, 30)
    assert world.told(DUTY) == ["Volga Shipping — new US sanctions (Russia)"]
    assert key in world.last(DUTY).actions[0].data


@pytest.mark.parametrize(("waited", "due"), [(20, 30), (40, 70)])
async def test_what_nobody_handles_any_more_is_escalated(world: World, waited: int, due: int) -> None:
    escalating(world)
    key = await world.report("vsm")
    world.say(f"ack {key}", user=BEN)
    start = world.clock.at

    async def after(minutes: int) -> None:
        moment = start + timedelta(minutes=minutes)
        await world.at(moment.month, moment.day, moment.hour, moment.minute)

    await after(waited)
    assert world.say(f"ack {key} undo", user=BEN).ok
    await after(due - 1)
    assert world.told(DUTY) == []
    await after(due)
    await after(300)
    assert world.told(DUTY) == ["Volga Shipping — new US sanctions (Russia)"]


async def test_what_is_held_with_what_became_known_of_it_is_told_once_by_why(world: World) -> None:
    world.say("quiet 22:00-07:00 except none")
    await world.at(3, 4, 23, 0)
    key = await world.report("vsm", name="a")
    assert await world.report("vsm", "hcb", name="b", outlet="Herald") == key
    with world.store.reading() as records:
        assert len(records.held_alerts(key)) == 2
    assert render_plain(world.say(f"why {key}").message).count("Held: ") == 1


async def test_what_the_second_chat_handles_since_before_the_first_was_told_is_not_escalated_to_it(
    world: World,
) -> None:
    """Both follow it; in the first it waits for the morning, in the second somebody is awake."""
    escalating(world)
    assert world.say("subscribe everything", DUTY).ok
    world.say("quiet 22:00-07:00 except none")
    await world.at(3, 4, 23, 0)
    key = await world.report("vsm")
    assert (len(world.told()), len(world.told(DUTY))) == (0, 1)
    await world.press(world.last(DUTY), "Acknowledge", DUTY, BEN)
    await world.at(3, 5, 7, 0)
    assert world.last().paragraphs == ("Handled by Ben since 4 Mar, 23:00 UTC.",)
    await world.at(3, 5, 9, 0)
    assert len(world.told(DUTY)) == 1
    assert world.say(f"ack {key} undo", DUTY, BEN).ok
    await world.at(3, 5, 9, 30)
    assert len(world.told(DUTY)) == 2, "nobody handles it any more"


async def test_what_the_second_chat_handles_is_not_escalated_though_the_first_is_told_of_it_by_a_later_report(
    world: World,
) -> None:
    escalating(world)
    assert world.say("subscribe everything", DUTY).ok
    world.say("subscribe with words oil")
    await world.report("vsm", name="a", text="Nothing of that.")
    await world.press(world.last(DUTY), "Acknowledge", DUTY, BEN)
    await world.report("vsm", name="b", outlet="Herald", text="It carried oil.")
    assert (len(world.told()), len(world.told(DUTY))) == (1, 1)
    await world.at(3, 4, 14, 0)
    assert len(world.told(DUTY)) == 1


async def test_what_was_escalated_with_others_is_not_escalated_again_by_itself(world: World) -> None:
    first, _ = await in_a_batch(world)
    await world.at(3, 5, 7, 30)
    assert world.told(DUTY) == ["2 alerts that nobody acknowledged"]
    world.say(f"ack {first}", user=BEN)
    world.say(f"ack {first} undo", user=BEN)
    await world.at(3, 5, 9, 0)
    assert world.told(DUTY) == ["2 alerts that nobody acknowledged"]


@pytest.mark.parametrize(
    ("words", "label"),
    [
        ("authority OFAC 24h we hear it by mail", "what US alone does"),
        ("programme russia 7d", "what is under the programme Russia alone"),
    ],
)
async def test_what_an_authority_does_or_is_under_a_programme_is_muted_for_a_while(
    world: World, words: str, label: str
) -> None:
    told = world.say(f"mute {words}")
    assert told.message.title == f"Muted here: {label}"
    assert "News is told under these programmes" not in render_plain(told.message)
    key = await world.report("vsm")
    assert world.told() == []
    assert f"{label} muted by Ana until" in render_plain(world.say(f"why {key}").message)
    asked = render_plain(world.say(f"whynot {BANK_LISTED}").message)
    assert (f"This chat: it would wait: {label} muted by Ana" in asked) is ("programme" not in words)
    (listed,) = world.say("mutes").message.bullets
    assert f"{label} · muted by Ana until" in listed
    undone = world.say("mutes undo m1").message
    assert undone.title == f"No longer muted: {label}"
    assert key in undone.bullets[0], "what it held is told"
    await world.report("vsm", name="b", outlet="Herald")
    assert len(world.told()) == 1, "it has news: told whole"


async def test_an_authority_that_is_none_is_not_muted_and_an_unknown_programme_is_said_to_be(world: World) -> None:
    assert "is no authority that is known" in render_plain(world.say("mute authority Ofak 24h").message)
    told = world.say("mute programme RUSSIA-EO14024 7d")
    assert "Another is met only where an official list names it." in render_plain(told.message)


async def test_a_subscription_with_words_is_told_once_a_report_has_them_and_stays_so(world: World) -> None:
    world.say('subscribe with words oil, "price cap" without words football')
    key = await world.report("vsm", name="a", text="Nothing of that.")
    assert world.told() == []
    why = "leave it out: “oil” or “price cap” is asked for, and no report of it has that yet"
    assert why in render_plain(world.say("why a").message)
    assert f"Not told here: the filters of this chat's subscriptions {why}" in render_plain(
        world.say(f"why {key}").message
    )
    assert await world.report("vsm", name="b", outlet="Herald", text="Oil, and football.") == key
    assert "“football” is shut out" in render_plain(world.say(f"why {key}").message), "as the last report left it"
    assert "“football” is shut out, and no report" in render_plain(world.say("why b").message)
    assert world.told() == []
    assert await world.report("vsm", name="c", outlet="Post", text="Above the price-cap.") == key
    assert len(world.told()) == 1
    assert "Not told here" not in render_plain(world.say(f"why {key}").message)
    assert await world.report("vsm", name="d", outlet="Times", text="It owns a football club.") == key
    assert len(world.platform.edits) == 1, "what was told is kept up to date"
    assert len(world.last().sources) == 4
    told = render_plain(world.say(f"whynot {SHIPPING_LISTED}").message)
    assert "This chat: has the alert already" in told
    world.say("subscribe any words with words submarine")
    asked = render_plain(world.say(f"whynot {BANK_LISTED}").message)
    assert "This chat: not told, the filters of this chat's subscriptions leave it out: “submarine” is asked" in asked


async def test_words_that_are_asked_for_while_an_alert_waits_are_looked_for_when_it_is_sent(world: World) -> None:
    world.say("quiet 22:00-07:00 except none")
    await world.at(3, 4, 23, 0)
    await world.report("vsm", name="a", text="It is of oil.")
    world.say("subscribe with words oil")
    await world.at(3, 5, 7, 0)
    assert len(world.told()) == 1


def hide_the_bank(world: World) -> None:
    """Harbour Bank moves to a watchlist that neither chat sees."""
    with world.store.writing() as records:
        records.add_watchlist(Watchlist("secret", "Secret", world.clock.at, "test"))
        track(records, replace(ENTITIES[1], watchlist="secret"), "test", world.clock.at)


TANKERS = "It also listed 12 tankers, among them Nordic Star, Polar Wind and Baltic Dawn."
BANK_LISTED = (
    "US sanctions Harbour Bank\nThe US Treasury on Wednesday imposed sanctions on Harbour Bank, a lender to owners of "
    f"tankers, and froze whatever it has in the United States. {TANKERS}"
)
BOTH_LISTED = (
    "US sanctions Volga Shipping and Harbour Bank\nThe US Treasury on Wednesday imposed sanctions on Volga Shipping "
    f"and Harbour Bank, and froze whatever they have in the United States. {TANKERS}"
)


async def test_a_pasted_text_that_would_join_an_event_of_hidden_names_tells_none_of_them(world: World) -> None:
    hide_the_bank(world)
    judge_text = world.services.judge_text
    assert judge_text is not None
    record = judge_text(BANK_LISTED)
    article = replace(record.article, key="b", url="https://b.example", outlet="Wire", title="T", tier=Tier.WIRE)
    assert record.judgement
    (change,) = world.pipeline.save_listed(article, replace(record.judgement, article="b"), (), ()).changes
    assert [target.entity for target in change.event.targets] == ["hcb"]
    told = world.say(f"whynot {BOTH_LISTED}").message
    assert told.paragraphs[0].startswith("It would raise an alert: Volga Shipping"), told.paragraphs
    assert "Harbour Bank" not in told.paragraphs[0]
    await world.report("vsm", "hcb", name="c")
    told = world.say(f"whynot {BOTH_LISTED}").message
    assert told.paragraphs[0].startswith("It tells of an event that is known: Volga Shipping"), told.paragraphs
    assert "named by both" not in told.paragraphs[0]
    assert "Harbour Bank" not in told.paragraphs[0]


async def test_where_all_that_a_chat_sees_is_somebody_else_its_message_still_names_no_hidden_target(
    world: World,
) -> None:
    hide_the_bank(world)
    await world.report("vsm", "hcb")
    world.later()
    assert (await world.press(world.last(), "Not my entity")).ok
    assert "Volga Shipping" in render_plain(world.last())
    assert "Harbour Bank" not in render_plain(world.last())


async def test_an_escalation_that_is_brought_up_to_date_names_no_hidden_target(world: World) -> None:
    hide_the_bank(world)
    escalating(world)
    await world.report("vsm", "hcb")
    await world.at(3, 4, 12, 31)
    world.later()
    await world.press(world.last(), "Not my entity")
    await world.press(world.last(DUTY), "Acknowledge", DUTY, BEN)
    assert "Handled by Ben" in render_plain(world.last(DUTY))
    assert "Volga Shipping" in render_plain(world.last(DUTY))
    assert "Harbour Bank" not in render_plain(world.last(DUTY))


async def test_a_correction_names_no_hidden_target_to_a_chat_that_was_only_escalated_to(world: World) -> None:
    hide_the_bank(world)
    escalating(world)
    key = await world.report("vsm", "hcb")
    await world.at(3, 4, 12, 31)
    with world.store.reading() as records:
        event = records.event(key)
    assert event is not None
    with world.store.writing() as records:
        assert (
            world.pipeline.put_correction(
                records, withdraw(event, "an error", "Ana", world.clock.at), Correction("Withdrawn", GONE)
            )
            == 2
        )
    await world.jobs.run()
    for chat in (DESK, DUTY):
        assert world.told(chat)[1:] == ["Withdrawn"]
        assert "Volga Shipping" in world.last(chat).subtitle
        assert "Harbour Bank" not in render_plain(world.last(chat))


WAYS_TO_TELL = {"in a batch": "quiet 22:00-07:00", "in a digest": "digest daily 07:00"}


@pytest.mark.parametrize("asked", WAYS_TO_TELL.values(), ids=WAYS_TO_TELL)
async def test_what_is_hidden_between_planning_and_sending_is_not_named(world: World, asked: str) -> None:
    assert world.say(asked).ok
    await world.at(3, 4, 23, 0)
    await world.report("vsm", "hcb", name="both")
    await world.report("hcb", name="bank", authority="EU")
    world.clock.at = datetime(2026, 3, 5, 7, 0, tzinfo=UTC)
    world.due.tick()
    hide_the_bank(world)
    await world.jobs.run()
    told = render_plain(world.last())
    assert "Volga Shipping and another name — new US sanctions (Russia)" in told
    assert "names that this chat does not see" in told
    assert "Harbour" not in told + " ".join(action.label for action in world.last().actions)
    assert sorted(world.last().bullet_urls) == ["", "https://both.example"]


async def test_what_turned_out_somebody_else_before_it_was_sent_is_not_told(world: World) -> None:
    world.say("quiet 22:00-07:00")
    await world.at(3, 4, 23, 0)
    for key, name in (("vsm", "a"), ("hcb", "b")):
        await world.report(key, name=name)
    world.clock.at = datetime(2026, 3, 5, 7, 0, tzinfo=UTC)
    world.due.tick()
    hide_the_bank(world)
    with world.store.writing() as records:
        track(records, replace(ENTITIES[0], watchlist="secret"), "test", world.clock.at)
    await world.jobs.run()
    assert world.told() == [], "it sees nobody of either"


async def test_what_a_chat_sees_no_more_is_not_edited_in_it(world: World) -> None:
    escalating(world)
    key = await world.report("hcb")
    await world.at(3, 4, 12, 31)
    hide_the_bank(world)
    before, edits = list(world.platform.sent), list(world.platform.edits)
    with world.store.reading() as records:
        event = records.event(key)
    assert event is not None
    with world.store.writing() as records:
        world.pipeline.put_correction(
            records, withdraw(event, "an error", "Ana", world.clock.at), Correction("Withdrawn", GONE)
        )
    world.pipeline.put_refresh(key, DESK.key)
    await world.jobs.run()
    assert (world.platform.sent, world.platform.edits) == (before, edits)


def forget(world: World, entity: str) -> None:
    with world.store.writing() as records:
        untrack(records, entity, "test", world.clock.at)


MEANWHILE: dict[str, Callable[[World], object]] = {
    "a filter is narrowed": lambda world: world.say("subscribe everything from 80%"),
    "it unsubscribed": lambda world: world.say("unsubscribe everything"),
    "the name is tracked no more, of a country that it follows": lambda world: (
        world.say("subscribe country RU"),
        world.say("unsubscribe everything"),
        forget(world, "vsm"),
    ),
}


@pytest.mark.parametrize("change", MEANWHILE.values(), ids=MEANWHILE)
async def test_a_chat_that_has_a_false_alert_learns_so_whatever_it_follows_by_now(
    world: World, change: Callable[[World], object]
) -> None:
    key = await world.report("vsm")
    change(world)
    world.later()
    world.withdraw(key)
    await world.jobs.run()
    assert world.platform.sent[0][1].withdrawn
    assert world.told()[1:] == ["Withdrawn"]


async def test_what_is_corrected_where_nothing_is_followed_any_more_names_no_hidden_target(world: World) -> None:
    key = await world.report("vsm", "hcb")
    world.say("unsubscribe everything")
    hide_the_bank(world)
    world.later()
    world.withdraw(key)
    await world.jobs.run()
    assert world.platform.sent[0][1].withdrawn
    assert "Harbour" not in "".join(render_plain(message) for _, message in world.platform.sent)


@pytest.mark.parametrize("unsure", [False, True])
async def test_what_was_withdrawn_before_its_alert_went_out_is_not_told_unless_it_may_be_there(
    world: World, unsure: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise DeliveryError(DESK.key, "timed out", uncertain=unsure)

    with monkeypatch.context() as away:
        away.setattr(world.platform, "send", fail)
        world.withdraw(await world.report("vsm"))
    world.clock.at += timedelta(minutes=5)
    await world.jobs.run()
    assert [message.withdrawn for _, message in world.platform.sent if message.title != "Withdrawn"] == [True] * unsure


async def test_waiting_for_its_platform_is_no_try_of_a_notice(world: World) -> None:
    await on_its_way(world)
    world.due.notices.platforms = {}
    for _ in range(40):
        await world.jobs.run()
        world.clock.at += timedelta(seconds=31)
    with world.store.reading() as records:
        (notice,) = records.notices()
    assert notice.tries == 0
    world.due.notices.platforms = {"telegram": world.platform}
    await world.jobs.run()
    assert world.told() == ["2 alerts came in while it was quiet here"]


async def test_a_notice_whose_outcome_waits_for_the_database_is_sent_once(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    await on_its_way(world)
    settle, tries = world.due.notices._settle_sent, []

    def once_away(*args: Any) -> None:
        tries.append(args)
        if len(tries) == 1:
            raise StoreError("the database said: the server is restarting")
        settle(*args)

    monkeypatch.setattr(Notices, "_settle_sent", lambda _self, *args: once_away(*args))
    await world.jobs.run()
    assert (len(tries), world.told()) == (2, ["2 alerts came in while it was quiet here"])
    with world.store.reading() as records:
        assert records.notices(DeliveryState.SENT)


async def test_a_refresh_that_starts_a_moment_early_is_not_lost(world: World) -> None:
    every = {"telegram": timedelta(seconds=60)}
    world.pipeline.edit_every = world.due.notices.edit_every = every
    key = await world.report("vsm")
    world.say(f"ack {key}")
    world.pipeline.put_refresh(key, DESK.key)
    world.clock.at += timedelta(seconds=59.7)  # a clock that is behind that of who gave out the job
    world.jobs.waiting = [(world.clock.at, *rest) for _, *rest in world.jobs.waiting]
    await world.jobs.run()
    assert world.platform.edits == []
    world.clock.at += timedelta(seconds=0.3)
    await world.jobs.run()
    assert len(world.platform.edits) == 1


async def test_a_message_is_edited_at_most_once_a_minute_whatever_the_reason(world: World) -> None:
    every = {"telegram": timedelta(seconds=60)}
    world.pipeline.edit_every = world.due.notices.edit_every = every
    escalating(world)
    key = await world.report("vsm")
    edits = world.platform.edits

    async def at(second: int) -> list[str]:
        world.clock.at = datetime(2026, 3, 4, 12, 0, tzinfo=UTC) + timedelta(seconds=second)
        await world.jobs.run()
        return [world.clock.at.strftime("%M:%S") for _ in edits]

    await at(10)
    await world.report("vsm", name="b", outlet="Herald")
    await world.press(world.last(), "Acknowledge")
    assert await at(59) == [], "it was sent less than a minute ago"
    assert await at(60) == ["01:00"], "both in one edit"
    assert "Now 2 sources" in world.last().footer
    assert "Handled by Ana" in world.last().paragraphs[0]
    await at(61)
    world.say(f"ack {key} undo")
    world.pipeline.put_refresh(key, DESK.key)
    await world.report("hcb", "vsm", name="c", outlet="Post")
    assert len(await at(119)) == 1
    assert len(await at(120)) == 2
    assert world.platform.sent[0][1].paragraphs == ()
    await at(300)
    world.pipeline.put_refresh(key, DESK.key)
    assert len(await at(400)) == 2, "it says so already"


async def test_severities_go_where_they_are_routed_and_why_says_so(world: World) -> None:
    world.say("subscribe relief")
    world.say("route other to topic 12")
    restated = render_plain(world.say("route").message)
    assert "low (relief, proposals, renewals, enforcement) go to topic 12 of this group" in restated
    topic = replace(DESK, key=replace(DESK.key, thread="12"))
    await world.report("vsm", verdict=Verdict.RELIEF)
    assert world.told() == []
    assert world.told(topic) == ["Volga Shipping — US sanctions eased or lifted (Russia)"]
    await world.report("hcb", name="b", sure=0.95)
    assert world.told() == ["Harbour Bank — new US sanctions (Russia)"]
    world.say("route other off")
    await world.report("hcb", name="c", verdict=Verdict.RELIEF)
    assert len(world.told(topic)) == 1
    with world.store.reading() as records:
        record = records.article("c")
    assert record is not None
    assert any("low alerts are switched off here" in stage for stage in record.stages)


async def test_who_follows_a_subsidiary_is_told_of_its_owner_as_medium_and_routed_so(world: World) -> None:
    with world.store.writing() as records:
        links = (EntityLink("owned_by", "Harbour Bank"),)
        track(records, replace(ENTITIES[0], links=links), "test", world.clock.at)
    world.say("unsubscribe everything")
    assert world.say("subscribe Volga Shipping").ok
    world.say("route medium to topic 12")
    topic = replace(DESK, key=replace(DESK.key, thread="12"))
    key = await world.report("hcb", sure=0.95)
    assert world.told() == []
    assert world.told(topic) == ["Harbour Bank — new US sanctions (Russia)"]
    why = "by adjacency, not named itself: Volga Shipping is owned by Harbour Bank"
    assert f"Why medium: {why}" in render_plain(world.last(topic))
    assert f"Severity here: medium: {why}" in render_plain(world.say(f"why {key}").message)
    with world.store.reading() as records:
        record = records.article("a")
    assert record is not None
    assert any(f"medium: {why}" in stage for stage in record.stages)
    world.say("subscribe Volga Shipping by name only")
    await world.report("hcb", name="b", outlet="Herald", sure=0.95)
    later = await world.report("hcb", name="c", verdict=Verdict.NEW_SANCTIONS, sure=0.95)
    assert later == key
    assert len(world.told(topic)) == 1


async def test_a_mute_of_who_is_followed_holds_what_is_told_by_adjacency(world: World) -> None:
    with world.store.writing() as records:
        links = (EntityLink("owns", "vsm"),)
        track(records, replace(ENTITIES[1], links=links), "test", world.clock.at)
    world.say("unsubscribe everything")
    world.say("subscribe Volga Shipping")
    world.say("mute Volga 7d")
    await world.report("hcb", sure=0.95)
    assert world.told() == []
    world.say("mutes undo m1")
    await world.report("hcb", name="b", outlet="Herald", sure=0.95)
    assert world.told() == ["Harbour Bank — new US sanctions (Russia)"]


@pytest.mark.parametrize("command", ["route high", "escalate after 5m"])
async def test_who_has_no_role_in_another_chat_sends_nothing_there_nor_learns_of_it(world: World, command: str) -> None:
    for known, unknown, telling in (
        ("Duty", "Nowhere", "where you have a role"),
        (str(DUTY.key), "telegram:-77", "send alerts to another chat"),
        (f"{DUTY.key}:12", "telegram:-77:12", "send alerts to another chat"),
    ):
        refused, other = world.say(f"{command} to {known}"), world.say(f"{command} to {unknown}")
        assert (refused.ok, other.ok) == (False, False)
        assert telling in render_plain(refused.message)
        assert render_plain(refused.message).replace(known, unknown) == render_plain(other.message)
    assert not world.say("quiet 22:00-07:00", user=BEN, admin=False).ok
    with world.store.writing() as records:
        records.save_grant(Grant(ANA, Role.EDITOR, Scope.of_chat(DUTY.key), "test", world.clock.at))
    assert world.say(f"{command} to Duty").ok
    assert "where you have a role" in render_plain(world.say(f"{command} to Nowhere").message)


def test_all_commands_restate_what_holds_and_answer_nonsense_with_the_next_step(world: World) -> None:
    for command in ("route", "quiet", "digest", "escalate"):
        told = render_plain(world.say(command).message)
        assert "Routes: alerts of every severity come here." in told
        assert "Quiet hours: none." in told
        for nonsense in (
            "nonsense",
            "25:00-07:00",
            "weekly someday",
            "daily 08:00 Mars/Base",
            "after 0m to Desk",
            "high",
        ):
            reply = world.say(f"{command} {nonsense}")
            assert not reply.ok
            assert "/" in render_plain(reply.message) or "08:00" in render_plain(reply.message)
    assert {"route", "quiet", "digest", "mute", "ack", "escalate"} <= {command.name for command in COMMANDS}
