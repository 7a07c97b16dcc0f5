"""/outbox, against a real store: what it tells, what it changes, who may."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

import pytest

from bot.commands import Services, answer
from bot.model import (
    Chat,
    ChatKey,
    ChatKind,
    DeadJob,
    Delivery,
    DeliveryKind,
    DeliveryState,
    Message,
    Notice,
    NoticeKind,
    Reply,
    Request,
    User,
)
from bot.ports import Health, Records, Store
from bot.storage import SqlStore
from tests.reading import shown
from tests.writing import add_delivery, appoint

NOW = datetime(2025, 1, 10, 18, 0, tzinfo=UTC)
HOME = Chat(ChatKey("telegram", "1"))
GROUP = Chat(ChatKey("telegram", "-5"), ChatKind.GROUP, "Desk")
ANA, BEN = User("telegram", "7", "Ana"), User("telegram", "8", "Ben")


@pytest.fixture
def store(empty_store: SqlStore) -> SqlStore:
    with empty_store.writing() as records:
        appoint(records, ANA, "test", NOW)
        records.save_chat(GROUP)
    return empty_store


@dataclass
class Letters:
    """What the outbox's commands need of a program that sends."""

    store: Store
    jobs: list[DeadJob] = field(default_factory=list)
    revived: list[str] = field(default_factory=list)

    def services(self) -> Services:
        def renew(records: Records, number: int) -> Delivery | None:
            return records.renew_delivery(number)

        health = Health(NOW)
        return Services(
            self.store,
            lambda: NOW,
            (),
            lambda: health,
            renew_delivery=renew,
            renew_notice=lambda records, mark: records.renew_notice(mark),
            dead_jobs=self.dead_jobs,
        )

    def dead_jobs(self, revive: Sequence[str], drop: Sequence[str]) -> tuple[DeadJob, ...]:
        self.revived += revive
        self.jobs = [job for job in self.jobs if job.id not in (*revive, *drop)]
        return tuple(self.jobs)

    def say(self, text: str, user: User = ANA) -> Reply:
        return answer(Request(HOME, user, text), self.services())

    def add_notice(self, kind: NoticeKind, state: DeliveryState, reason: str = "") -> str:
        notice = Notice(f"{kind}:{time.monotonic_ns()}", kind, GROUP.key, Message("Two that wait"), NOW - HOUR, ("e1",))
        with self.store.writing() as records:
            records.add_notice(notice)
            if state is not DeliveryState.WAITING:
                records.claim_notice(notice.key)
                records.settle_notice(notice.key, state, NOW, reason)
        return notice.mark

    def add(self, state: DeliveryState, reason: str = "", chat: ChatKey = GROUP.key, unsure: int = 0) -> int:
        with self.store.writing() as records:
            number = add_delivery(records, f"e{time.monotonic_ns()}", chat, DeliveryKind.ALERT, 1, NOW - HOUR)
            assert number
            records.begin_attempt(number, NOW - timedelta(minutes=5))
            if state is DeliveryState.WAITING:
                records.release_delivery(number, reason, NOW + timedelta(minutes=2), unsure)
            elif state is not DeliveryState.SENDING:
                records.settle_delivery(number, state, NOW, reason, unsure=unsure)
        return number


HOUR = timedelta(hours=1)


@pytest.fixture
def letters(store: Store) -> Letters:
    return Letters(store)


def test_the_outbox_is_for_admins(letters: Letters) -> None:
    for words in ("outbox", "outbox retry all", "outbox drop 1 why"):
        assert "Only an admin" in shown(letters.say(words, BEN))


def test_an_empty_outbox_says_that_all_is_sent(letters: Letters) -> None:
    letters.add(DeliveryState.SENT)
    reply = letters.say("outbox")
    assert reply.message.title == "0 waiting, 0 being sent, 0 given up"
    assert "All that was to be sent is sent." in shown(reply)


def test_the_outbox_tells_what_waits_what_is_sent_and_what_was_given_up_and_why(letters: Letters) -> None:
    letters.add(DeliveryState.WAITING, "Telegram asks for a pause")
    letters.add(DeliveryState.SENDING)
    dead = letters.add(DeliveryState.DEAD, "refused 3 times: text is empty", unsure=1)
    letters.add(DeliveryState.SENT, unsure=1)
    letters.jobs = [DeadJob("read:7", "read", "given up after 4 tries: boom", {}, NOW - HOUR)]
    letters.jobs.append(DeadJob(f"deliver:{dead}", "deliver", "its row tells of it", {"delivery": dead}, NOW))
    told = shown(letters.say("outbox"))
    for part in (
        "1 waiting, 1 being sent, 2 given up",
        "1 message was perhaps sent twice",
        f"{GROUP.key} (Desk): 1 message waiting, the oldest 60 min ago; next try in 2 min: Telegram asks for a pause",
        "is being sent, try 1, begun 5 min ago",
        f"{dead}: the alert of event",
        "given up: refused 3 times: text is empty, last tried 5 min ago; it may have arrived",
        "read:7: job given up 60 min ago: given up after 4 tries: boom",
        "outbox retry all",
    ):
        assert part in told, told
    assert "its row tells of it" not in told
    assert "1 perhaps sent twice" in shown(letters.say("status"))


def test_notices_that_wait_or_were_given_up_are_listed_tried_again_and_dropped(letters: Letters, store: Store) -> None:
    letters.add_notice(NoticeKind.DIGEST, DeliveryState.WAITING)
    dead = letters.add_notice(NoticeKind.ESCALATION, DeliveryState.DEAD, "the bot was removed")
    other = letters.add_notice(NoticeKind.TROUBLE, DeliveryState.DEAD, "chat not found")
    third = letters.add_notice(NoticeKind.BATCH, DeliveryState.DEAD, "refused 3 times")
    letters.jobs = [DeadJob("notice:x", "notice", "its row tells of it", {"key": "x"}, NOW)]
    with store.writing() as records:
        records.save_chat(replace(GROUP, stopped_reason="the bot was removed"))
    told = shown(letters.say("outbox"))
    for part in (
        "1 waiting, 0 being sent, 3 given up",
        f"{GROUP.key} (Desk): the digest (“Two that wait”) waiting, planned 60 min ago",
        f"{dead}: the escalation (“Two that wait”) to {GROUP.key} (Desk) given up: the bot was removed",
        f"{other}: a notice of trouble",
    ):
        assert part in told, told
    assert "its row tells of it" not in told
    assert "3 given up" in shown(letters.say("status"))
    assert "The escalation" in shown(letters.say(f"outbox retry {dead}"))
    with store.reading() as records:
        chat = records.chat(GROUP.key)
        assert {notice.mark for notice in records.notices(DeliveryState.DEAD)} == {other, third}
    assert chat
    assert chat.stopped_reason is None, "to try again is to say that it can be reached"
    assert not letters.say(f"outbox retry {dead}").ok, "it is not dead any more"
    assert not letters.say(f"outbox drop {other}").ok, "a reason is asked for"
    assert letters.say(f"outbox drop {other} nobody reads it").ok
    assert "1 message that had been given up is tried again" in shown(letters.say("outbox retry all"))
    with store.reading() as records:
        assert records.notices(DeliveryState.DEAD) == ()


def test_a_long_outbox_is_cut_and_says_so(letters: Letters) -> None:
    for number in range(14):
        letters.add(DeliveryState.WAITING, "x" * 900, ChatKey("telegram", str(number)))
        letters.add(DeliveryState.DEAD, "y" * 900)
    told = shown(letters.say("outbox"))
    assert "and messages for 4 more chats" in told
    assert "and 4 more were given up" in told
    assert len(told) < 8_000


def test_a_dead_letter_is_tried_again_and_its_chat_wakes(letters: Letters, store: Store) -> None:
    with store.writing() as records:
        records.save_chat(replace(GROUP, stopped_reason="the bot was kicked"))
    dead, other = letters.add(DeliveryState.DEAD, "kicked"), letters.add(DeliveryState.DEAD, "kicked")
    assert "waits to be sent" in shown(letters.say(f"outbox retry {dead}"))
    with store.reading() as records:
        chat = records.chat(GROUP.key)
        states = [row.state for number in (dead, other) if (row := records.delivery(number))]
    assert states == [DeliveryState.WAITING, DeliveryState.DEAD]
    assert chat
    assert chat.stopped_reason is None
    assert "was given up" in shown(letters.say(f"outbox retry {dead}"))


def test_all_that_was_given_up_is_tried_again(letters: Letters) -> None:
    for _ in range(3):
        letters.add(DeliveryState.DEAD, "kicked")
    letters.jobs = [DeadJob("read:7", "read", "boom"), DeadJob("deliver:1", "deliver", "boom")]
    assert "3 messages and 1 job" in shown(letters.say("outbox retry all"))
    assert letters.revived == ["read:7"]
    letters.jobs = []
    assert "Nothing to try again" in shown(letters.say("outbox retry all"))


def test_a_message_is_dropped_with_a_reason_that_stays(letters: Letters, store: Store) -> None:
    waiting, sending = letters.add(DeliveryState.WAITING, "later"), letters.add(DeliveryState.SENDING)
    assert "is not sent" in shown(letters.say(f"outbox drop {waiting} a test, no news"))
    assert "is being sent just now" in shown(letters.say(f"outbox drop {sending} why"))
    assert "which and why" in shown(letters.say(f"outbox drop {sending}"))
    assert "was not given up" in shown(letters.say("outbox drop 99999 why"))
    with store.reading() as records:
        row = records.delivery(waiting)
    assert row
    assert (row.state, row.reason) == (DeliveryState.SKIPPED, f"dropped by {ANA}: a test, no news")


def test_a_job_is_revived_or_dropped_by_its_id(letters: Letters) -> None:
    letters.jobs = [DeadJob("read:7", "read", "boom"), DeadJob("read:8", "read", "boom")]
    assert "waits to be run" in shown(letters.say("outbox retry read:7"))
    assert "is forgotten" in shown(letters.say("outbox drop read:8 no news any more"))
    assert (letters.revived, letters.jobs) == (["read:7"], [])
    assert "No job “read:9”" in shown(letters.say("outbox retry read:9"))
    assert "is not known here" in shown(letters.say("outbox burn"))


def test_trouble_is_shown_to_admins_only(letters: Letters, store: Store) -> None:
    with store.writing() as records:
        records.add_trouble("k", "Wire is paused: 410 Gone", NOW - HOUR, HOUR)
        records.add_trouble("old", "long ago", NOW - timedelta(days=3), HOUR)
    assert "Trouble 60 min ago: Wire is paused: 410 Gone" in shown(letters.say("status"))
    assert "long ago" not in shown(letters.say("status"))
    assert "410 Gone" not in shown(letters.say("status", BEN))
