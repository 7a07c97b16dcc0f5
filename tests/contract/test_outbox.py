"""An outbox row from its first try to its end, on both databases: what is known of each try, and what is sent again."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from bot.app import build_notices
from bot.delivery import Planned
from bot.errors import ChatMovedError, DeliveryError
from bot.fetching import HttpFetcher
from bot.live_index import LiveIndex
from bot.model import (
    Chat,
    ChatKey,
    ChatKind,
    DeadJob,
    Delivery,
    DeliveryKind,
    DeliveryState,
    Event,
    EventSource,
    EventTarget,
    Message,
    Receipt,
    Subscription,
    SubscriptionKind,
    Tier,
    Verdict,
)
from bot.pipeline import Pipeline
from bot.ports import Again, Answer, JobFunction, Outbox, Records, Sight
from bot.storage import SqlStore
from bot.trouble import Troubles, trouble_key, trouble_message
from tests.writing import add_delivery

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
DESK = ChatKey("chatter", "desk")
OPS = ChatKey("chatter", "ops")


@dataclass
class Chatter:
    """A small working platform: what was said stays, and `next` errors come first, before or after the saying."""

    name: str = "chatter"
    shows: bool = True  # whether it can be asked what arrived
    said: list[tuple[ChatKey, str, str]] = field(default_factory=list)  # chat, mark, title
    edits: list[str] = field(default_factory=list)
    looked: int = 0
    errors: list[Exception] = field(default_factory=list)
    arrives: bool = False  # before the next error
    _now: dict[str, Message] = field(default_factory=dict)

    async def start(self, answer: Answer) -> None: ...
    async def stop(self) -> None: ...

    async def send(
        self, chat: ChatKey, message: Message, *, reply_to: Receipt | None = None, silent: bool = False, mark: str = ""
    ) -> Receipt:
        if self.errors and not self.arrives:
            raise self.errors.pop(0)
        self.said.append((chat, mark, message.title))
        number = str(len(self.said))
        self._now[number] = message
        if self.errors:
            raise self.errors.pop(0)
        return Receipt(chat, number)

    async def find_sent(
        self, chat: ChatKey, mark: str, since: datetime, *, reply_to: Receipt | None = None
    ) -> Receipt | Sight:
        self.looked += 1
        if not self.shows:
            return Sight.UNKNOWN
        found = [number for number, (where, said, _) in enumerate(self.said, 1) if (where, said) == (chat, mark)]
        return Receipt(chat, str(found[0])) if found else Sight.ABSENT

    async def edit(self, receipt: Receipt, message: Message) -> Receipt:
        if self.errors:
            raise self.errors.pop(0)
        self.edits.append(receipt.message_id)
        self._now[receipt.message_id] = message
        return receipt

    def spacing(self, chat: Chat) -> tuple[timedelta, timedelta]:
        return timedelta(0), timedelta(0)

    def health(self) -> str:
        return "on"


@dataclass
class Jobs:
    """The engine's port, by hand: what was put, and what is dead."""

    put_jobs: list[dict[str, Any]] = field(default_factory=list)
    dead_jobs: list[DeadJob] = field(default_factory=list)
    functions: dict[str, JobFunction] = field(default_factory=dict)

    def job(self, name: str, *, queue: str, tries: int = 5) -> Any:
        def register(function: JobFunction) -> JobFunction:
            self.functions[name] = function
            return function

        return register

    def put(self, records: Records, job: str, key: str, args: Mapping[str, object], **options: Any) -> None:
        self.put_jobs.append({"job": job, "key": key, "args": dict(args), **options})

    async def start(self, roles: frozenset[str]) -> None: ...
    async def stop(self) -> None: ...

    async def dead(self, revive: Sequence[str] = (), drop: Sequence[str] = ()) -> tuple[DeadJob, ...]:
        self.dead_jobs = [job for job in self.dead_jobs if job.id not in (*revive, *drop)]
        return tuple(self.dead_jobs)


@dataclass
class Desk:
    store: SqlStore
    chatter: Chatter
    jobs: Jobs
    pipeline: Pipeline
    troubles: list[str] = field(default_factory=list)
    now: datetime = NOW

    def add(self, event: Event, kind: DeliveryKind = DeliveryKind.ALERT, note: str = "", chat: ChatKey = DESK) -> int:
        with self.store.writing() as records:
            records.save_event(event)
            self.pipeline._put_deliveries(records, event, [Planned(chat, kind, "why", note)], self.now)
        return int(self.jobs.put_jobs[-1]["args"]["delivery"])

    def row(self, number: int) -> Delivery:
        with self.store.reading() as records:
            row = records.delivery(number)
        assert row
        return row

    def box(self) -> Outbox:
        with self.store.reading() as records:
            return records.outbox()

    async def deliver(self, number: int) -> Again | None:
        try:
            await self.pipeline.deliver(number)
        except Again as again:
            return again
        return None

    def die_on_the_wire(self, number: int) -> None:
        """As if the process had been killed just then."""
        with self.store.writing() as records:
            assert records.begin_attempt(number, self.now)


@pytest.fixture
def desk(store: SqlStore) -> Desk:
    chatter, jobs = Chatter(), Jobs()
    pipeline = Pipeline(
        store, jobs, HttpFetcher(), {}, {"chatter": chatter}, LiveIndex(), edit_every={"chatter": timedelta(minutes=1)}
    )
    pipeline.register()
    made = Desk(store, chatter, jobs, pipeline)
    pipeline.now, pipeline.on_trouble, pipeline.jitter = (lambda: made.now), made.troubles.append, (lambda: 0.5)
    with store.writing() as records:
        records.save_chat(Chat(DESK, ChatKind.CHANNEL, "Desk"))
        records.add_subscription(Subscription(DESK, SubscriptionKind.EVERYTHING, "", NOW, "test"))
    return made


def event(key: str = "e1", name: str = "Volga Metals", revision: int = 1) -> Event:
    target = EventTarget(
        "VSM", name, Verdict.NEW_SANCTIONS, 0.9, f"{name} was listed.", name, "https://a.example", "Wire"
    )
    source = EventSource("a", "https://a.example", "Wire", f"{name} listed", Tier.WIRE, NOW, NOW)
    return Event(key, Verdict.NEW_SANCTIONS, ("US",), None, None, NOW, NOW, (target,), (source,), revision=revision)


def lost_answer() -> DeliveryError:
    return DeliveryError(DESK, "the answer was lost", uncertain=True)


# ---------------------------------------------------------------- what is known of a try


async def test_a_sent_message_is_sure(desk: Desk) -> None:
    number = desk.add(event())
    await desk.deliver(number)
    row = desk.row(number)
    assert (row.state, row.tries, row.unsure, desk.chatter.looked) == (DeliveryState.SENT, 1, 0, 0)
    assert desk.box().perhaps_twice == 0
    await desk.deliver(number)
    assert len(desk.chatter.said) == 1, "a job that runs again sends nothing"


async def test_a_lost_answer_is_found_where_the_platform_shows_what_arrived(desk: Desk) -> None:
    number = desk.add(event())
    desk.chatter.errors, desk.chatter.arrives = [lost_answer()], True
    assert await desk.deliver(number)
    row = desk.row(number)
    assert (row.state, row.unsure, row.reason) == (DeliveryState.WAITING, 1, "the answer was lost")
    assert row.next_try_at
    assert row.next_try_at > NOW
    assert not await desk.deliver(number)
    row = desk.row(number)
    assert (row.state, row.unsure) == (DeliveryState.SENT, 0)
    assert len(desk.chatter.said) == 1
    with desk.store.reading() as records:
        sent = records.sent_alert("e1", DESK)
    assert sent
    assert sent.receipt == Receipt(DESK, "1")


async def test_what_is_found_is_brought_up_to_date(desk: Desk) -> None:
    number = desk.add(event())
    desk.chatter.errors, desk.chatter.arrives = [lost_answer()], True
    await desk.deliver(number)
    with desk.store.writing() as records:
        records.save_event(event(name="Volga Shipping", revision=2))
    await desk.deliver(number)
    assert desk.chatter.edits == ["1"]
    assert "Volga Shipping" in desk.chatter._now["1"].title


async def test_what_did_not_arrive_is_sent_and_sure(desk: Desk) -> None:
    number = desk.add(event())
    desk.chatter.errors = [lost_answer()]
    await desk.deliver(number)
    await desk.deliver(number)
    row = desk.row(number)
    assert (row.state, row.unsure, len(desk.chatter.said)) == (DeliveryState.SENT, 0, 1)


async def test_where_the_platform_cannot_be_asked_it_is_sent_again_and_counted(
    desk: Desk, capsys: pytest.CaptureFixture[str]
) -> None:
    desk.chatter.shows = False
    number = desk.add(event())
    desk.chatter.errors, desk.chatter.arrives = [lost_answer()], True
    await desk.deliver(number)
    await desk.deliver(number)
    row = desk.row(number)
    assert (row.state, row.unsure, len(desk.chatter.said)) == (DeliveryState.SENT, 1, 2)
    assert desk.box().perhaps_twice == 1
    with desk.store.reading() as records:
        assert records.totals(NOW).perhaps_twice == 1
    assert "perhaps sent twice" in capsys.readouterr().out


@pytest.mark.parametrize("shows", [True, False])
async def test_a_process_that_died_on_the_wire_left_a_try_of_unknown_outcome(desk: Desk, shows: bool) -> None:
    desk.chatter.shows = shows
    number = desk.add(event())
    desk.die_on_the_wire(number)
    await desk.deliver(number)
    row = desk.row(number)
    assert (row.state, row.tries, row.unsure) == (DeliveryState.SENT, 2, 0 if shows else 1)
    assert len(desk.chatter.said) == 1


async def test_a_process_that_died_before_the_send_left_nothing_unsure(desk: Desk) -> None:
    desk.chatter.shows = False
    number = desk.add(event())
    assert desk.pipeline._read_deliveries([number])[number]  # and then it died
    await desk.deliver(number)
    assert desk.row(number).unsure == 0


async def test_an_edit_may_be_repeated_and_is_never_unsure(desk: Desk) -> None:
    await desk.deliver(desk.add(event()))
    number = desk.add(event(name="Volga Shipping", revision=2), DeliveryKind.EDIT)
    desk.die_on_the_wire(number)
    with desk.store.writing() as records:  # the test's own claim above cannot know that it is an edit
        records.release_delivery(number, "", NOW, 0)
        records.begin_attempt(number, NOW, repeatable=True)
    desk.now = NOW + timedelta(minutes=1)
    await desk.deliver(number)
    row = desk.row(number)
    assert (row.state, row.unsure, desk.chatter.looked, desk.chatter.edits) == (DeliveryState.SENT, 0, 0, ["1"])


async def test_a_try_that_failed_for_sure_is_not_looked_for(desk: Desk) -> None:
    number = desk.add(event())
    desk.chatter.errors = [DeliveryError(DESK, "the server is in trouble")]
    again = await desk.deliver(number)
    assert again
    assert again.delay >= timedelta(seconds=4)
    await desk.deliver(number)
    assert (desk.row(number).unsure, desk.chatter.looked) == (0, 0)


# ---------------------------------------------------------------- order and edits


async def test_alerts_go_before_follow_ups_and_those_before_edits(desk: Desk) -> None:
    note = json.dumps({"targets": ["VSM"], "authorities": []})
    for kind in (DeliveryKind.EDIT, DeliveryKind.FOLLOW_UP, DeliveryKind.ALERT):
        desk.add(event(), kind, note if kind is DeliveryKind.FOLLOW_UP else "")
    priorities = {
        kind: put["priority"] for kind, put in zip(("edit", "reply", "alert"), desk.jobs.put_jobs, strict=True)
    }
    assert priorities["alert"] < priorities["reply"] < priorities["edit"]
    assert {put["partition"] for put in desk.jobs.put_jobs} == {str(DESK)}, "one at a time in a chat"


async def test_an_edit_waits_a_minute_and_says_all_that_came_meanwhile(desk: Desk) -> None:
    await desk.deliver(desk.add(event()))
    second = desk.add(event(name="Volga Shipping", revision=2), DeliveryKind.EDIT)
    third = desk.add(event(name="Volga Shipping and Metals", revision=3), DeliveryKind.EDIT)
    assert [put["not_before"] for put in desk.jobs.put_jobs[1:]] == [NOW + timedelta(minutes=1)] * 2
    await desk.deliver(second)
    assert desk.chatter.edits == [], "whoever comes too early waits on"
    assert desk.jobs.put_jobs[-1]["not_before"] == NOW + timedelta(minutes=1)
    desk.now = NOW + timedelta(minutes=1)
    await desk.deliver(second)
    await desk.deliver(third)
    assert desk.chatter.edits == ["1"], "the later one has nothing to add, so it makes no call"
    assert "Shipping and Metals" in desk.chatter._now["1"].title
    assert desk.row(third).state is DeliveryState.SKIPPED


async def test_an_edit_that_comes_a_moment_early_waits_in_place_and_a_longer_wait_has_a_key_of_its_own(
    desk: Desk,
) -> None:
    await desk.deliver(desk.add(event()))
    number = desk.add(event(name="Volga Shipping", revision=2), DeliveryKind.EDIT)
    for second in (10, 20):
        desk.now = NOW + timedelta(seconds=second)
        assert await desk.deliver(number) is None, "alerts go first"
    keys = [put["key"] for put in desk.jobs.put_jobs]
    assert len(keys) == len(set(keys)) == 4, "a key is taken once"
    desk.now = NOW + timedelta(seconds=59.7)
    again = await desk.deliver(number)
    assert again
    assert again.delay == timedelta(seconds=0.3)
    desk.now += again.delay
    await desk.deliver(number)
    assert desk.chatter.edits == ["1"]


async def test_an_alert_is_sent_once_though_a_dead_one_of_it_is_tried_again(desk: Desk) -> None:
    first = desk.add(event())
    desk.chatter.errors = [DeliveryError(DESK, "no", refused=True) for _ in range(3)]
    while await desk.deliver(first):
        pass
    await desk.deliver(desk.add(event(revision=2)))
    with desk.store.writing() as records:
        assert desk.pipeline.renew_delivery(records, first)
    await desk.deliver(first)
    assert (desk.row(first).state, desk.row(first).reason) == (DeliveryState.SKIPPED, "the chat has it")
    assert len(desk.chatter.said) == 1


async def test_an_edit_that_comes_before_its_alert_leaves_the_news_to_it(desk: Desk) -> None:
    alert = desk.add(event())
    edit = desk.add(event(name="Volga Shipping", revision=2), DeliveryKind.EDIT)
    await desk.deliver(edit)
    assert (desk.row(edit).state, desk.chatter.said) == (DeliveryState.SKIPPED, [])
    await desk.deliver(alert)
    assert [title.partition(" — ")[0] for _, _, title in desk.chatter.said] == ["Volga Shipping"]


async def test_an_edit_waits_for_an_alert_that_is_on_the_wire(desk: Desk) -> None:
    alert = desk.add(event())
    desk.die_on_the_wire(alert)
    edit = desk.add(event(name="Volga Shipping", revision=2), DeliveryKind.EDIT)
    assert await desk.deliver(edit) is None, "it keeps no place: the alert may stand behind it"
    assert desk.row(edit).state is DeliveryState.WAITING
    assert desk.jobs.put_jobs[-1]["args"] == {"delivery": edit}
    await desk.deliver(alert)
    desk.now = NOW + timedelta(minutes=1)
    await desk.deliver(edit)
    assert len(desk.chatter.said) == 1


async def test_an_edit_that_fails_lets_the_alerts_behind_it_go_first(desk: Desk) -> None:
    await desk.deliver(desk.add(event()))
    edit = desk.add(event(name="Volga Shipping", revision=2), DeliveryKind.EDIT)
    desk.now = NOW + timedelta(minutes=1)
    desk.chatter.errors = [DeliveryError(DESK, "the server is in trouble")]
    assert await desk.deliver(edit) is None, "it keeps no place"
    assert desk.row(edit).state is DeliveryState.WAITING
    put = desk.jobs.put_jobs[-1]
    assert put["args"] == {"delivery": edit}
    assert put["not_before"] > desk.now
    await desk.deliver(edit)
    assert desk.chatter.edits == ["1"]


# ---------------------------------------------------------------- ends


async def test_what_the_platform_refuses_for_its_content_is_given_up_soon_and_told(desk: Desk) -> None:
    number = desk.add(event())
    desk.chatter.errors = [DeliveryError(DESK, "text is empty", refused=True) for _ in range(5)]
    while await desk.deliver(number):
        pass
    row = desk.row(number)
    assert (row.state, row.tries, row.reason) == (DeliveryState.DEAD, 3, "refused 3 times: text is empty")
    assert desk.troubles == [
        "chatter:desk (Desk): an alert was given up: refused 3 times: text is empty. "
        "The command outbox lists it and tries it again."
    ]


async def test_who_runs_the_bot_hears_of_a_message_that_fails_for_twenty_minutes(desk: Desk) -> None:
    number, began, late = desk.add(event()), desk.now, timedelta(0)
    desk.chatter.errors = [DeliveryError(DESK, "its certificate is not valid") for _ in range(12)]
    while (again := await desk.deliver(number)) and desk.row(number).tries < 12:
        if desk.troubles and not late:
            late = desk.now - began
        desk.now += again.delay
    assert timedelta(minutes=15) < late < timedelta(minutes=30)
    assert desk.troubles == [
        "chatter:desk (Desk): an alert could not be sent in 9 tries, and is tried on: its certificate is not valid. "
        "See outbox."
    ]


async def test_a_chat_that_ended_stops_and_keeps_its_subscriptions(desk: Desk) -> None:
    number, next_one = desk.add(event()), desk.add(event("e2"))
    desk.chatter.errors = [DeliveryError(DESK, "the bot was removed", permanent=True)]
    await desk.deliver(number)
    await desk.deliver(next_one)
    assert desk.row(number).state is DeliveryState.DEAD
    assert (desk.row(next_one).state, desk.row(next_one).reason) == (DeliveryState.SKIPPED, "the bot was removed")
    with desk.store.reading() as records:
        chat = records.chat(DESK)
        assert chat
        assert chat.stopped_reason == "the bot was removed"
        assert records.subscriptions(DESK)


async def test_a_moved_chat_is_followed(desk: Desk) -> None:
    number = desk.add(event())
    desk.chatter.errors = [ChatMovedError(DESK, "new")]
    assert await desk.deliver(number)
    await desk.deliver(number)
    assert desk.chatter.said[0][0] == ChatKey("chatter", "new")
    assert desk.row(number).unsure == 0


async def test_a_row_whose_job_is_dead_becomes_a_dead_letter(desk: Desk) -> None:
    waiting, sending, sent = desk.add(event()), desk.add(event("e2")), desk.add(event("e3"))
    desk.die_on_the_wire(sending)
    await desk.deliver(sent)
    for number in (waiting, sending, sent):
        args = {"delivery": number}
        desk.jobs.dead_jobs.append(DeadJob(f"deliver:{number}", "deliver", "given up: boom", args, NOW))
    desk.jobs.dead_jobs.append(DeadJob("read:1", "read", "given up: bang", {"entry": 1}, NOW + timedelta(seconds=40)))
    desk.now = NOW + timedelta(seconds=90)
    await desk.pipeline.settle_dead_jobs()
    assert [desk.row(number).state for number in (waiting, sending, sent)] == ["dead", "dead", "sent"]
    assert [desk.row(number).unsure for number in (waiting, sending)] == [0, 1]
    assert [job.id for job in desk.jobs.dead_jobs] == ["read:1"], "the rows keep the reason of the others"
    assert any("read:1" in text for text in desk.troubles)
    assert sum("boom" in text for text in desk.troubles) == 2


async def test_a_dead_letter_is_renewed_with_a_new_job_and_keeps_what_it_has_to_say(desk: Desk) -> None:
    await desk.deliver(desk.add(event()))
    note = json.dumps({"targets": ["VSM"], "authorities": [], "correction": ""})
    number = desk.add(event(revision=2), DeliveryKind.FOLLOW_UP, note)
    desk.chatter.errors = [DeliveryError(DESK, "no", refused=True) for _ in range(3)]
    while await desk.deliver(number):
        pass
    keys = {put["key"] for put in desk.jobs.put_jobs}
    with desk.store.writing() as records:
        assert desk.pipeline.renew_delivery(records, number)
        assert desk.pipeline.renew_delivery(records, number) is None, "it is not dead any more"
    assert desk.jobs.put_jobs[-1]["key"] not in keys, "a key is taken once"
    assert (desk.row(number).state, desk.row(number).tries) == (DeliveryState.WAITING, 0)
    await desk.deliver(number)
    assert desk.row(number).state is DeliveryState.SENT


# ---------------------------------------------------------------- trouble


@pytest.mark.parametrize(
    ("first", "second", "is_same"),
    [
        ("Wire: failing, 5 in a row", "Wire: failing, 6 in a row", True),
        ("Wire: next try in 12 min", "Wire: next try in 8 min", True),
        ("telegram:1001: the bot was removed", "telegram:1002: the bot was removed", False),
        ("telegram:-1001:7: closed", "telegram:-1001:8: closed", False),
        ("Wire: the server answered 500", "Herald: the server answered 500", False),
    ],
)
def test_the_same_trouble_is_known_again(first: str, second: str, is_same: bool) -> None:
    assert (trouble_key(first) == trouble_key(second)) is is_same


def test_a_storm_of_trouble_is_one_message_of_bounded_length(desk: Desk) -> None:
    with desk.store.writing() as records:
        for number in range(60):
            records.add_trouble(f"k{number}", "x" * 5_000, NOW, timedelta(hours=1))
        message = trouble_message(records.troubles_to_tell())
    assert message.title == "Trouble: 60 things"
    assert len(message.bullets) == 21
    assert message.bullets[-1] == "and 40 more"
    assert max(map(len, message.bullets)) < 500
    assert message.footer.endswith("The same is told at most once an hour.")


async def test_trouble_is_told_to_the_operations_chat_at_most_once_an_hour(desk: Desk) -> None:
    troubles = Troubles(
        desk.store, desk.jobs, {"chatter": desk.chatter}, Chat(OPS), desk.pipeline.pass_gate, lambda: desk.now
    )
    troubles.register()
    told = []
    for minutes in (0, 1, 30, 59, 61, 62):
        desk.now = NOW + timedelta(minutes=minutes)
        troubles._keep("Wire: failing, 5 in a row")
        puts = [put for put in desk.jobs.put_jobs if put["job"] == "tell_trouble"]
        for put in puts[len(told) :]:
            told.append(minutes)
            await troubles.tell(**put["args"])
    assert told == [0, 61]
    assert [(chat, title) for chat, _, title in desk.chatter.said] == [(OPS, "Trouble")] * 2
    with desk.store.reading() as records:
        (trouble,) = records.troubles_since(NOW, 5)
        assert (trouble.times, records.troubles_to_tell()) == (6, ())


async def test_what_comes_together_is_told_together_and_once(desk: Desk) -> None:
    troubles = Troubles(
        desk.store, desk.jobs, {"chatter": desk.chatter}, Chat(OPS), desk.pipeline.pass_gate, lambda: desk.now
    )
    for text in ("Wire is paused", "Herald is paused"):
        troubles._keep(text)
    for put in desk.jobs.put_jobs:
        await troubles.tell(**put["args"])
    assert [title for _, _, title in desk.chatter.said] == ["Trouble: 2 things"]


async def test_an_operations_chat_that_ended_makes_no_more_trouble(desk: Desk) -> None:
    troubles = Troubles(
        desk.store, desk.jobs, {"chatter": desk.chatter}, Chat(OPS), desk.pipeline.pass_gate, lambda: desk.now
    )
    troubles._keep("Wire is paused")
    desk.chatter.errors = [DeliveryError(OPS, "kicked", permanent=True)]
    (put,) = desk.jobs.put_jobs
    await troubles.tell(**put["args"])
    with desk.store.reading() as records:
        assert records.troubles_to_tell() == ()
        assert len(records.troubles_since(NOW, 5)) == 1
        (dead,) = records.outbox().dead_notices
    assert len(desk.jobs.put_jobs) == 1
    assert (dead.kind, dead.chat, dead.message.bullets, dead.reason) == ("trouble", OPS, ("Wire is paused",), "kicked")
    notices = build_notices(desk.pipeline)
    with desk.store.writing() as records:
        assert notices.renew(records, dead.mark)
    await notices.notice(dead.key)
    assert desk.chatter.said[-1][::2] == (OPS, "Trouble"), "by hand it is tried again"
    with desk.store.reading() as records:
        assert records.outbox().dead_in_all == records.outbox().waiting_in_all == 0


def test_without_an_operations_chat_trouble_is_kept_for_the_status(desk: Desk) -> None:
    troubles = Troubles(desk.store, desk.jobs, {}, None, desk.pipeline.pass_gate, lambda: desk.now)
    troubles.note("Wire is paused")
    with desk.store.reading() as records:
        assert [trouble.text for trouble in records.troubles_since(NOW, 5)] == ["Wire is paused"]
    assert desk.jobs.put_jobs == []


# ---------------------------------------------------------------- rows


def test_a_post_with_a_mark_is_there_once(store: SqlStore) -> None:
    with store.writing() as records:
        first = records.add_post(DESK, "e1", Message("One"), NOW, None, "m1")
        assert records.add_post(DESK, "e1", Message("One"), NOW, None, "m1") == first
        assert records.add_post(OPS, "e1", Message("One"), NOW, None, "m1") != first
        assert records.add_post(DESK, "e1", Message("One"), NOW) != records.add_post(DESK, "e1", Message("One"), NOW)
        assert records.marked_post(DESK, "m1") == first
        assert records.marked_post(DESK, "m2") is None


async def test_what_waits_for_a_platform_that_is_off_tells_so(desk: Desk) -> None:
    number = desk.add(event())
    desk.die_on_the_wire(number)
    desk.pipeline.platforms = {}
    for _ in range(2):
        assert await desk.deliver(number)
    row = desk.row(number)
    assert (row.state, row.reason, row.unsure) == (DeliveryState.WAITING, "chatter is switched off here", 1)


def test_a_release_touches_only_a_row_that_is_not_settled(store: SqlStore) -> None:
    with store.writing() as records:
        number = add_delivery(records, "e1", DESK, DeliveryKind.ALERT, 1, NOW)
        assert number
        records.begin_attempt(number, NOW)
        records.settle_delivery(number, DeliveryState.DEAD, NOW, "given up")
        records.release_delivery(number, "late", NOW, 3)
        row = records.delivery(number)
        assert row
        assert replace(row, tried_at=None) == replace(row, state=DeliveryState.DEAD, reason="given up", tried_at=None)
