"""What chats get when events merge, grow surer, or change while an alert waits: through store, planning and outbox."""

from __future__ import annotations

import threading
from dataclasses import replace
from datetime import time, timedelta
from functools import partial
from types import SimpleNamespace

import pytest

from bot.app import build_notices
from bot.cli.judging import SameNames, _read_line
from bot.commands import Services, answer
from bot.events import cluster_listed, event_key, restore_target, withdraw_target
from bot.fetching import HttpFetcher
from bot.live_index import LiveIndex
from bot.matching.names import NameIndex
from bot.model import (
    Article,
    Chat,
    ChatKey,
    ChatKind,
    ChatRoutes,
    DigestPlan,
    Entity,
    EntityEdit,
    EntityLink,
    EventRecord,
    Filters,
    Finding,
    Judgement,
    Mention,
    QuietHours,
    Request,
    Schema,
    Severity,
    Strength,
    Subscription,
    SubscriptionKind,
    Tier,
    User,
    Verdict,
    Watchlist,
)
from bot.notices import DueNotices
from bot.pipeline import Pipeline
from bot.pipeline.judging import judge
from bot.ports import Health
from bot.rendering import render_plain
from bot.storage import SqlStore
from bot.visibility import NO_ALERT
from tests.contract.test_outbox import Chatter, Desk, Jobs, event
from tests.measure_events import load_acts, load_articles
from tests.unit.test_corroboration import doubtful, quiet
from tests.unit.test_events import ENTITIES, NOW, article, judgement
from tests.writing import appoint

ALL, ONE = ChatKey("chatter", "all"), ChatKey("chatter", "one")


class Room:
    """A bot with two chats, of which `ALL` follows everything; `ONE` what a test says."""

    def __init__(self, store: SqlStore) -> None:
        self.chatter, jobs = Chatter(), Jobs()
        self.pipeline = Pipeline(store, jobs, HttpFetcher(), {}, {"chatter": self.chatter}, LiveIndex(), edit_every={})
        self.pipeline.register()
        self.desk = Desk(store, self.chatter, jobs, self.pipeline)
        self.pipeline.now, self.pipeline.jitter = (lambda: self.desk.now), (lambda: 0.5)
        self.store, self.at, self.done = store, 0, set[int]()
        self.read_after = timedelta()
        with store.writing() as records:
            records.edit_watchlist([EntityEdit(key, one) for key, one in ENTITIES.items()], "test", NOW, "added")
        self.follow(ALL, SubscriptionKind.EVERYTHING, "")

    def follow(self, chat: ChatKey, kind: SubscriptionKind, value: str, confidence: float = 0.0) -> None:
        with self.store.writing() as records:
            records.save_chat(Chat(chat, ChatKind.CHANNEL, chat.id))
            records.add_subscription(Subscription(chat, kind, value, NOW, "test", Filters(confidence=confidence)))

    def tell(self, by: Article, told: Judgement) -> None:
        self.desk.now = NOW + self.read_after + timedelta(minutes=10 * self.at)
        self.at += 1
        self.pipeline._save_outcome(by, told, (), SimpleNamespace(entities=ENTITIES))  # type: ignore[arg-type]

    async def deliver(self) -> None:
        jobs = [job for job in self.desk.jobs.put_jobs if job["job"] == "deliver"]
        for job in sorted(jobs, key=lambda job: (job["priority"], job["args"]["delivery"])):
            if (number := job["args"]["delivery"]) not in self.done:
                self.done.add(number)
                await self.desk.deliver(number)

    async def withdraw(self, entity: str, *, undo: bool = False) -> None:
        with self.store.writing() as records:
            (event,) = records.latest_events(1)
            undone = restore_target(event, entity, "Ana", NOW) if undo else None
            self.pipeline.put_correction(records, *(undone or withdraw_target(event, entity, "", "Ana", NOW)))
        await self.deliver()

    def said(self, chat: ChatKey) -> list[str]:
        return [title for key, _, title in self.chatter.said if key == chat]

    def skipped(self) -> list[str]:
        with self.store.reading() as records:
            return [row.reason for row in records.deliveries(limit=50) if row.state == "skipped"]


@pytest.fixture
def room(empty_store: SqlStore) -> Room:
    return Room(empty_store)


async def test_a_chat_that_knows_the_event_that_went_gets_no_second_message(room: Room) -> None:
    room.follow(ONE, SubscriptionKind.ENTITY, "ing")
    for by, told in ((article("first"), judgement("gpn")), (article("second"), judgement("ing"))):
        room.tell(by, told)
        await room.deliver()
    room.tell(article("third"), judgement("gpn", "ing"))
    await room.deliver()
    assert room.said(ONE) == ["Ingosstrakh — new US sanctions (Russia)"]
    assert room.said(ALL) == ["Gazprom Neft — new US sanctions (Russia)", "Ingosstrakh — new US sanctions (Russia)"]
    (mine,) = (number for number, (key, _, _) in enumerate(room.chatter.said, 1) if key == ONE)
    assert "Ingosstrakh and Gazprom Neft" in render_plain(room.chatter._now[str(mine)])
    assert len(room.skipped()) == 1
    assert room.skipped()[0].startswith("told as event")


async def test_who_tracks_only_whom_a_later_article_names_is_alerted_and_the_others_get_an_answer(room: Room) -> None:
    """Two outlets on one package, of whose many targets each names another."""
    room.follow(ONE, SubscriptionKind.ENTITY, "ing")
    package = ("The EU adopted its 30th package of sanctions on Friday.",)
    for key, target in (("first", "gpn"), ("second", "ing")):
        room.tell(replace(article(key, key.title()), paragraphs=package), judgement(target, authorities=("EU",)))
        await room.deliver()
    assert room.said(ALL) == ["Gazprom Neft — new EU sanctions (Russia)", "Also named: Ingosstrakh"]
    assert room.said(ONE) == ["Ingosstrakh and Gazprom Neft — new EU sanctions (Russia)"]


async def test_news_that_an_alert_had_when_it_went_out_is_not_told_again(room: Room) -> None:
    room.tell(article("first"), judgement("gpn"))
    room.tell(article("second"), judgement("gpn", "ing"))
    await room.deliver()
    assert room.said(ALL) == ["Gazprom Neft and Ingosstrakh — new US sanctions (Russia)"]
    assert "the alert says so already" in room.skipped()


@pytest.mark.parametrize("read_after", [timedelta(), timedelta(days=600)], ids=["at once", "a backlog"])
async def test_an_article_that_was_read_a_moment_before_its_event_is_looked_at_again(
    room: Room, read_after: timedelta
) -> None:
    room.read_after = read_after
    dim, other = article("dim", "Post"), article("other", "Gazette")
    room.tell(dim, replace(quiet(), findings=(replace(doubtful(), named_with=("US",)),)))
    room.tell(other, quiet(doubtful("ing")))
    room.tell(article("first", "Wire"), judgement("gpn", "sng"))
    (job,) = (job for job in room.desk.jobs.put_jobs if job["job"] == "look_again")
    assert job["args"] == {"articles": ["dim"]}, "not who names nobody of it"
    for _ in range(2):  # as after a crash
        await room.pipeline.look_again(**job["args"])
    await room.deliver()
    with room.store.reading() as records:
        (told,) = records.latest_events(1)
        record = records.article("dim")
        quiet_one = records.article("other")
    assert [source.outlet for source in told.sources] == ["Wire", "Post"]
    assert record
    assert record.event == told.key
    assert record.judged_at == NOW + read_after, "the archive's days stay"
    assert not any(stage == NO_ALERT for stage in record.stages)
    assert any(stage.startswith(f"joined event {told.key}") for stage in record.stages)
    assert quiet_one
    assert quiet_one.event is None
    assert len(room.said(ALL)) == 1


def look_at_dim(room: Room) -> dict[str, list[str]]:
    """What the job is to look at that an article leaves which was read before its event was known."""
    room.tell(article("dim", "Post"), replace(quiet(), findings=(replace(doubtful(), named_with=("US",)),)))
    room.tell(article("first", "Wire"), judgement("gpn", "sng"))
    (job,) = (job for job in room.desk.jobs.put_jobs if job["job"] == "look_again")
    return dict(job["args"])


async def test_a_page_that_is_read_anew_while_it_is_looked_at_again_stays_as_it_is(
    room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    looked, is_news = look_at_dim(room), room.pipeline._is_news

    def meanwhile(*asked: object) -> bool:
        found = is_news(*asked)  # type: ignore[arg-type]
        monkeypatch.setattr(room.pipeline, "_is_news", is_news)
        room.tell(replace(article("dim", "Post"), title="Another text by now"), quiet(doubtful("ing")))
        return found

    monkeypatch.setattr(room.pipeline, "_is_news", meanwhile)
    await room.pipeline.look_again(**looked)
    with room.store.reading() as records:
        record, (event,) = records.article("dim"), records.latest_events(1)
    assert record
    assert (record.article.title, record.event) == ("Another text by now", None)
    assert [source.article for source in event.sources] == ["first"]


async def test_an_article_that_is_looked_at_again_stays_that_of_the_event_that_it_was_of(room: Room) -> None:
    """Somebody confirmed another of its names, say."""
    looked = look_at_dim(room)
    with room.store.writing() as records:
        before = records.article("dim")
        assert before
        records.save_article(replace(before, event="c0nf1rmd"))
    await room.pipeline.look_again(**looked)
    with room.store.reading() as records:
        record, (event,) = records.article("dim"), records.latest_events(1)
    assert record
    assert record.event == "c0nf1rmd"
    assert [source.article for source in event.sources] == ["first", "dim"]


async def test_what_was_withdrawn_stays_so_when_its_article_is_looked_at_again(room: Room) -> None:
    looked = look_at_dim(room)
    await room.withdraw("gpn")
    await room.pipeline.look_again(**looked)
    await room.deliver()
    with room.store.reading() as records:
        (event,) = records.latest_events(1)
    assert [target.entity for target in event.targets] == ["sng"]
    assert [source.article for source in event.sources] == ["first"]


async def test_what_an_event_makes_of_a_dim_report_makes_the_event_no_surer(room: Room) -> None:
    room.follow(ONE, SubscriptionKind.ENTITY, "gpn", confidence=0.8)
    told = judgement("gpn", "sng")
    room.tell(article("first"), replace(told, findings=tuple(replace(one, confidence=0.62) for one in told.findings)))
    room.tell(
        article("dim", "Post"), quiet(*(replace(doubtful(key, 0.2), named_with=("US",)) for key in ("gpn", "sng")))
    )
    await room.deliver()
    with room.store.reading() as records:
        (event,) = records.latest_events(1)
    assert [source.outlet for source in event.sources] == ["Wire", "Post"]
    assert [(one.confidence, one.outlet) for one in event.targets] == [(0.62, "Wire"), (0.62, "Wire")]
    assert (len(room.said(ALL)), room.said(ONE)) == (1, [])


async def test_who_asked_for_sure_reports_is_told_when_one_comes(room: Room) -> None:
    room.follow(ONE, SubscriptionKind.ENTITY, "gpn", confidence=0.8)
    for key, confidence in (("first", 0.62), ("second", 0.97)):
        told = judgement("gpn")
        told = replace(told, findings=tuple(replace(one, confidence=confidence) for one in told.findings))
        room.tell(article(key), told)
        await room.deliver()
    assert room.said(ONE) == room.said(ALL) == ["Gazprom Neft — new US sanctions (Russia)"]


async def test_who_follows_only_somebody_close_whom_it_does_not_see_is_told_nothing_and_the_others_are(
    room: Room,
) -> None:
    owned = replace(ENTITIES["ing"], watchlist="oil", links=(EntityLink("owned_by", "gpn"),))
    with room.store.writing() as records:
        records.add_watchlist(Watchlist("oil", "Oil", NOW, "test"))
        records.edit_watchlist([EntityEdit("ing", owned)], "test", NOW, "linked")
    room.follow(ONE, SubscriptionKind.ENTITY, "ing", confidence=0.5)
    room.tell(article("first"), judgement("gpn"))
    await room.deliver()
    assert (room.said(ONE), len(room.said(ALL))) == ([], 1)


async def test_two_desks_that_write_one_name_otherwise_are_both_told_each_by_its_own(room: Room) -> None:
    ours = Entity("ours", Schema.PERSON, "John Mark Orlenko")
    theirs = Entity("theirs", Schema.PERSON, "ORLENKO, John Mark", watchlist="oil")
    with room.store.writing() as records:
        records.add_watchlist(Watchlist("oil", "Oil", NOW, "test"))
        records.edit_watchlist([EntityEdit(one.key, one) for one in (ours, theirs)], "test", NOW, "added")
        records.set_watchlists(ONE, ["oil"])
    room.follow(ONE, SubscriptionKind.EVERYTHING, "")
    sentence = "The US Treasury on Friday imposed sanctions on John Mark Orlenko, freezing his assets."
    by = replace(article("first"), title="US sanctions a businessman", paragraphs=(sentence,))
    index = NameIndex.compile([ours, theirs])
    room.pipeline._save_outcome(by, judge(by, index), (), index)
    await room.deliver()
    assert [said.partition(" — ")[0] for said in room.said(ALL)] == ["John Mark Orlenko"]
    assert [said.partition(" — ")[0] for said in room.said(ONE)] == ["ORLENKO, John Mark"]


async def test_a_correction_that_tells_of_the_rest_puts_in_doubt_what_it_denies(room: Room) -> None:
    room.tell(article("first"), judgement("gpn", "sng"))
    await room.deliver()
    mention = Mention("sng", 0, 0, 14, "Surgutneftegas", Strength.STRONG, "form")
    denied = Finding("sng", Verdict.BYSTANDER, 0.9, "Not Surgutneftegas.", mentions=(mention,))
    told = judgement("gpn")
    by = replace(article("second"), title="Correction: US sanctioned Gazprom Neft, not Surgutneftegas")
    room.tell(by, replace(told, findings=(*told.findings, denied)))
    await room.deliver()
    with room.store.reading() as records:
        (event,) = records.latest_events(5)
    assert [source.article for source in event.sources] == ["first", "second"]
    assert [doubt.targets for doubt in event.doubts] == [("sng",)]
    assert room.said(ALL)[1:] == ["Wire corrects its report on Surgutneftegas"]


async def test_of_a_target_that_was_withdrawn_before_its_alert_went_out_nothing_is_told(room: Room) -> None:
    room.follow(ONE, SubscriptionKind.ENTITY, "gpn")
    room.tell(article("first"), judgement("gpn", "sng"))
    await room.withdraw("gpn")
    await room.withdraw("gpn", undo=True)
    assert room.said(ONE) == []
    assert room.said(ALL)[0] == "Surgutneftegas — new US sanctions (Russia)"
    room.tell(article("second", "Herald"), judgement("gpn", "sng"))
    await room.deliver()
    assert room.said(ONE) == ["Gazprom Neft and Surgutneftegas — new US sanctions (Russia)"]


async def test_two_articles_that_come_to_one_key_are_two_events(room: Room) -> None:
    one, other = (f"https://n.example/{number}" for number in (20_569, 26_834))
    assert event_key(one, Verdict.NEW_SANCTIONS) == event_key(other, Verdict.NEW_SANCTIONS)
    room.tell(article(one), judgement("gpn"))
    await room.deliver()
    room.at += 6 * 24 * 40  # 40 days on
    for _ in range(2):
        room.tell(article(other, published_at=NOW + timedelta(days=40)), judgement("ing"))
        await room.deliver()
    assert room.said(ALL) == ["Gazprom Neft — new US sanctions (Russia)", "Ingosstrakh — new US sanctions (Russia)"]
    with room.store.reading() as records:
        events = records.latest_events(5)
    assert [[target.entity for target in event.targets] for event in events] == [["ing"], ["gpn"]]
    assert [len(event.key) for event in events] == [12, 8]


HELD = {
    "a digest": ChatRoutes(
        ONE, digest=DigestPlan(time(20), "UTC", instead=tuple(Severity), since=NOW - timedelta(hours=3))
    ),
    "quiet hours": ChatRoutes(ONE, quiet=QuietHours(time(17), time(20), "UTC", passing=())),
}


@pytest.mark.parametrize("routes", HELD.values(), ids=HELD)
async def test_a_target_that_was_withdrawn_while_it_was_held_is_no_news(room: Room, routes: ChatRoutes) -> None:
    room.follow(ONE, SubscriptionKind.ENTITY, "gpn")
    due = DueNotices(build_notices(room.pipeline), {})
    with room.store.writing() as records:
        records.save_routes(routes)
    room.tell(article("first"), judgement("gpn", "sng"))
    await room.deliver()
    await room.withdraw("gpn")
    room.desk.now = NOW + timedelta(hours=3)
    due.tick()
    await room.deliver()
    await room.withdraw("gpn", undo=True)
    assert [job for job in room.desk.jobs.put_jobs if job["job"] == "notice"] == []
    assert room.said(ONE) == []


async def test_who_was_told_through_a_tie_in_a_digest_alone_learns_it_too(room: Room) -> None:
    with room.store.writing() as records:
        owned = replace(ENTITIES["ing"], links=(EntityLink("owned_by", "gpn"),))
        records.edit_watchlist([EntityEdit("ing", owned)], "test", NOW, "linked")
    room.follow(ONE, SubscriptionKind.ENTITY, "ing")
    with room.store.writing() as records:
        records.save_routes(HELD["a digest"])
    due = DueNotices(build_notices(room.pipeline), {})
    room.tell(article("first"), judgement("gpn", "sng"))
    await room.deliver()
    room.desk.now = NOW + timedelta(hours=3)
    due.tick()
    assert room.said(ONE) == [], "its digest is on its way"
    await room.withdraw("gpn")
    assert room.said(ONE) == ["Gazprom Neft withdrawn by Ana"]


async def test_an_entry_on_a_list_restores_a_withdrawn_target_for_all(room: Room) -> None:
    room.follow(ONE, SubscriptionKind.ENTITY, "gpn")
    room.tell(article("first"), judgement("gpn", "sng"))
    await room.deliver()
    await room.withdraw("gpn")
    late = ChatKey("chatter", "late")
    room.follow(late, SubscriptionKind.ENTITY, "gpn")
    room.desk.now = NOW + timedelta(hours=1)
    text = "now on the OFAC SDN list, uid 7"
    listed = replace(article("list", "OFAC SDN list"), tier=Tier.OFFICIAL)
    entry = EventRecord("gpn", "us_ofac_sdn", "US", "7", text, room.desk.now)
    told = replace(judgement("gpn"), article="list")
    place = partial(cluster_listed, records=(entry,))
    index = SimpleNamespace(entities=ENTITIES)
    room.pipeline._save_outcome(listed, told, (), index, place=place)  # type: ignore[arg-type]
    await room.deliver()
    reply = f"Gazprom Neft restored by an official list: {text}"
    assert room.said(ALL)[2:] == room.said(ONE)[2:] == [reply]
    assert room.said(late) == ["Gazprom Neft and Surgutneftegas — new US sanctions (Russia)"]
    mine = next(number for number, (key, _, _) in enumerate(room.chatter.said, 1) if key == ONE)
    assert not room.chatter._now[str(mine)].withdrawn


def test_a_withdrawal_outlives_an_article_that_is_being_placed(store: SqlStore) -> None:
    jobs = Jobs()
    pipeline = Pipeline(store, jobs, HttpFetcher(), {}, {}, LiveIndex(), edit_every={})
    ana, known = User("chatter", "7", "Ana"), event()
    health = Health(NOW)
    services = Services(store, lambda: NOW, (), lambda: health, put_correction=pipeline.put_correction)
    with store.writing() as records:
        appoint(records, ana, "test", NOW)
        records.save_event(known)
    asked = Request(Chat(ALL, ChatKind.CHANNEL), ana, f"event {known.key} withdraw: it is wrong")
    admin = threading.Thread(target=lambda: answer(asked, services))
    with store.writing() as records:
        records.lock_events()
        placed = records.event(known.key)
        assert placed
        admin.start()
        admin.join(0.5)
        records.save_event(replace(placed, revision=2))
    admin.join()
    with store.reading() as records:
        stored = records.event(known.key)
    assert stored
    assert (stored.withdrawn, stored.revision) == (True, 3)


async def test_who_was_told_through_a_tie_learns_that_the_target_was_withdrawn(room: Room) -> None:
    with room.store.writing() as records:
        owned = replace(ENTITIES["ing"], links=(EntityLink("owned_by", "gpn"),))
        records.edit_watchlist([EntityEdit("ing", owned)], "test", NOW, "linked")
    room.follow(ONE, SubscriptionKind.ENTITY, "ing")
    room.tell(article("first"), judgement("gpn", "sng"))
    await room.deliver()
    await room.withdraw("gpn")
    assert room.said(ONE)[1:] == ["Gazprom Neft withdrawn by Ana"]
    mine = next(number for number, (key, _, _) in enumerate(room.chatter.said, 1) if key == ONE)
    assert room.chatter._now[str(mine)].withdrawn


async def test_each_act_of_a_confusing_month_is_told_once_and_what_is_new_in_replies(room: Room) -> None:
    """Two programmes on one day, an extension on the next, one name by two authorities and by one again, a rumour, an
    outlet that takes a name back: judged as articles, on a bot that tracks them all."""
    acts = {article: told for article, told in load_acts("acts_4.jsonl").items() if told & TOLD}
    also = {"e4-gori-rumour", "e4-vega-uk-fix"}
    same, by = SameNames(), list[Article]()
    for line in load_articles(acts.keys() | also):
        _, one, entities = _read_line(1, line)
        same.add(entities)
        by.append(one)
    index = NameIndex.compile(same.entities())
    alerts: dict[str, list[str]] = {}
    replies: dict[str, list[str]] = {}
    for one in sorted(by, key=lambda one: one.published_at):
        room.desk.now, before = one.published_at, len(room.said(ALL))
        outcome = room.pipeline._save_outcome(one, judge(one, index), (), index)
        await room.deliver()
        said = room.said(ALL)[before:]
        (alerts if any(change.opened for change in outcome.changes) else replies)[one.key] = said
    assert {key: len(said) for key, said in alerts.items()} == dict.fromkeys(alerts, 1)
    assert sorted(act for key in alerts for act in acts[key]) == sorted(TOLD)
    assert {key: said for key, said in replies.items() if said} == {
        "e4-lpg-ship": ["Also named: Dalaman Marine Services"],
        "e4-vega-uk-mirror": ["Also named: Andrei Sobolin"],
        "e4-vega-uk-fix": ["Thames Mirror corrects its report on Andrei Sobolin"],
    }


TOLD = {
    "us-iran-lpg", "us-iran-uav", "us-sinaloa", "us-sinaloa-2", "uk-vega", "uk-vega-2", "eu-georgia",
    "us-houthi-finance", "eu-package", "eu-hybrid", "uk-yenisei",
}  # fmt: skip
