"""What is known when an article is judged: live, by somebody who asks, and by `explain`."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner

from bot import cli
from bot.commands import Services, answer
from bot.commands.correcting import mark_of
from bot.errors import ArticleError
from bot.events import cluster, load_known, restore_target, with_keys, withdraw_target
from bot.matching.names import NameIndex
from bot.model import (
    Chat,
    ChatKey,
    Correction,
    Doubt,
    Entity,
    EntityEdit,
    Event,
    EventRecord,
    Reply,
    Request,
    User,
    Verdict,
)
from bot.pipeline import judged_in_light
from bot.ports import ArticleRecord, Health, Records
from bot.rendering import render_plain
from bot.storage import SqlStore
from tests.unit.test_corroboration import LATER, quiet
from tests.unit.test_events import ENTITIES, NOW, article, judgement, opened
from tests.writing import appoint, track

LIGHT = LATER.published_at


@pytest.fixture
def store(empty_store: SqlStore) -> SqlStore:
    with empty_store.writing() as records:
        for entity in ENTITIES.values():
            track(records, entity, "test", NOW)
    return empty_store


def known(store: SqlStore, tracked: dict[str, Entity]) -> list[list[str]]:
    with store.reading() as records:
        return [[target.entity for target in event.targets] for event in load_known(records, tracked, NOW)]


def test_an_event_of_a_name_that_was_merged_since_is_joined_by_reports_on_the_other(store: SqlStore) -> None:
    with store.writing() as records:
        records.save_event(opened("sng", key="before"))
        records.edit_watchlist([EntityEdit("sng", merged_into="gpn")], "test", NOW, "merged")
    tracked = {key: entity for key, entity in ENTITIES.items() if key != "sng"}
    assert known(store, tracked) == [["gpn"]]
    with store.reading() as records:
        events = load_known(records, tracked, NOW)
    (change,) = cluster(article("after"), judgement("gpn"), tracked, events, NOW)
    assert (change.opened, change.material, len(change.event.sources)) == (False, False, 2)


def test_a_name_that_is_tracked_no_longer_stays_as_it_was(store: SqlStore) -> None:
    with store.writing() as records:
        records.save_event(opened("sng", "ing"))
        records.edit_watchlist([EntityEdit("sng")], "test", NOW, "removed")
    assert known(store, {key: one for key, one in ENTITIES.items() if key != "sng"}) == [["sng", "ing"]]


def test_two_targets_that_became_one_are_one_as_it_was_told_most_surely() -> None:
    event = opened("gpn", "sng")
    first, second = event.targets
    surer = replace(second, confidence=0.99, joined_at=NOW + timedelta(days=1))
    entry = EventRecord("sng", "us_ofac_sdn", "US", "7", "now on it", NOW)
    (target,) = with_keys(replace(event, targets=(first, surer), records=(entry,)), {"sng": "gpn"}).targets
    assert (target.entity, target.confidence, target.joined_at) == ("gpn", 0.99, first.joined_at)
    merged = with_keys(replace(event, records=(entry,)), {"sng": "gpn"})
    assert ([one.entity for one in merged.records], merged.mentioned) == (["gpn"], ("gpn",))


def test_a_target_that_was_withdrawn_stays_so_under_the_name_that_it_was_merged_into(store: SqlStore) -> None:
    event, _ = withdraw_target(opened("gpn", "sng"), "sng", "", "Ana", NOW)
    with store.writing() as records:
        records.save_event(replace(event, doubts=(Doubt("Wire", "https://x", "No.", ("sng",), NOW),)))
        records.edit_watchlist([EntityEdit("sng", merged_into="ing")], "test", NOW, "merged")
    tracked = {key: entity for key, entity in ENTITIES.items() if key != "sng"}
    with store.reading() as records:
        (merged,) = load_known(records, tracked, NOW)
    assert [one.target.entity for one in merged.withdrawn_targets] == ["ing"]
    assert [doubt.targets for doubt in merged.doubts] == [("ing",)]
    (change,) = cluster(article("after"), judgement("gpn", "ing"), tracked, (merged,), NOW)
    assert (change.event.key, change.added_targets) == (event.key, ())


def test_a_withdrawn_target_that_is_there_under_another_name_is_restored_as_that_one() -> None:
    event, _ = withdraw_target(opened("gpn", "sng"), "sng", "", "Ana", NOW)
    back, _ = restore_target(with_keys(event, {"sng": "gpn"}), "gpn", "Ana", NOW)
    assert (back.targets, back.withdrawn_targets) == (event.targets, ())


def corrected(store: SqlStore, words: str) -> tuple[Reply, Event]:
    """What an admin is answered, and the event then."""

    def put_correction(records: Records, event: Event, _: Correction) -> int:
        records.save_event(event)
        return 0

    ana = User("telegram", "7", "Ana")
    with store.writing() as records:
        appoint(records, ana, "test", NOW)
        (key,) = (event.key for event in records.latest_events(5))
    health = Health(NOW)
    services = Services(store, lambda: NOW, (), lambda: health, put_correction=put_correction)
    told = answer(Request(Chat(ChatKey("telegram", "7")), ana, f"event {key} {words}"), services)
    with store.reading() as records:
        return told, records.latest_events(5)[0]


@pytest.mark.parametrize("name", ["sng", mark_of("sng"), "Surgutneftegas"])
def test_a_target_that_was_merged_since_is_restored_as_the_one_that_it_is(store: SqlStore, name: str) -> None:
    event, _ = withdraw_target(opened("gpn", "sng"), "sng", "", "Ana", NOW)
    with store.writing() as records:
        records.save_event(event)
        records.edit_watchlist([EntityEdit("sng", merged_into="gpn")], "test", NOW, "merged")
    told, back = corrected(store, f"restore {name}")
    assert told.ok, told.message
    assert [target.entity for target in back.targets] == ["gpn"]
    assert back.withdrawn_targets == ()


def test_an_older_button_withdraws_the_one_name_that_it_stands_for_by_now(store: SqlStore) -> None:
    with store.writing() as records:
        records.save_event(opened("ing", "sng"))
        records.edit_watchlist([EntityEdit("sng", merged_into="gpn")], "test", NOW, "merged")
    told, left = corrected(store, f"withdraw {mark_of('sng')}: it was spared")
    assert (told.ok, left.withdrawn) == (True, False)
    assert [one.target.entity for one in left.withdrawn_targets] == ["gpn"]


def test_a_button_for_one_name_never_withdraws_the_whole(store: SqlStore) -> None:
    with store.writing() as records:
        records.save_event(withdraw_target(opened("ing", "sng"), "sng", "", "Ben", NOW)[0])
    told, left = corrected(store, f"withdraw {mark_of('sng')}")
    assert (told.ok, left.withdrawn) == (False, False)


@pytest.mark.parametrize(
    ("words", "how"),
    [
        ("withdraw", "withdraw: WHY"),
        ("withdraw:", "withdraw: WHY"),
        ("withdraw Gazprom Neft", "withdraw Gazprom Neft: WHY"),
        (f"withdraw {mark_of('gpn')}", "withdraw Gazprom Neft: WHY"),
    ],
)
def test_what_is_to_be_withdrawn_without_a_reason_is_asked_back(store: SqlStore, words: str, how: str) -> None:
    """One slip takes back an alert that everybody has; a reply that gives no reason is worth little."""
    with store.writing() as records:
        records.save_event(opened("gpn", "ing"))
    asked, left = corrected(store, words)
    assert (asked.ok, left.withdrawn, left.withdrawn_targets) == (True, False, ())
    assert asked.message.title.endswith(": why?")
    assert f"event {left.key} {how}" in render_plain(asked.message)
    (sure,) = asked.message.actions
    told, gone = corrected(store, sure.data.partition(f"{left.key} ")[2])
    assert told.ok
    assert (gone.withdrawal.reason if gone.withdrawal else gone.withdrawn_targets[0].reason) == ""
    assert gone.withdrawn is ("Gazprom" not in how)
    assert "a reply there says so." in render_plain(told.message)


def test_a_reason_that_was_given_is_told(store: SqlStore) -> None:
    with store.writing() as records:
        records.save_event(opened("gpn"))
    asked, left = corrected(store, "withdraw")
    assert f"event {left.key} withdraw WHY" in render_plain(asked.message)
    told, gone = corrected(store, "withdraw the list was a draft")
    assert "a reply there says why." in render_plain(told.message)
    assert gone.withdrawal
    assert gone.withdrawal.reason == "the list was a draft"


def doubtful() -> ArticleRecord:
    return ArticleRecord(LATER, quiet(), ("a note", *quiet().reasons), None, LIGHT)


def test_what_somebody_asks_about_is_read_in_the_light_of_what_is_known(store: SqlStore) -> None:
    index = NameIndex.compile(ENTITIES.values())
    assert judged_in_light(doubtful(), index, store, 0.5).judgement == quiet()
    with store.writing() as records:
        records.save_event(opened("gpn"))
    judged = judged_in_light(doubtful(), index, store, 0.5)
    assert judged.judgement
    assert judged.judgement.of(Verdict.NEW_SANCTIONS)
    assert "event: new sanctions" in judged.stages


def test_explain_says_which_event_changed_the_verdict(
    store: SqlStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    event = opened("gpn")
    with store.writing() as records:
        records.save_event(event)

    async def judged(*_: object) -> ArticleRecord:
        return doubtful()

    monkeypatch.setattr("bot.pipeline.judge_asked", judged)
    monkeypatch.setenv("SANCTIONS_BOT_DATA_DIR", str(tmp_path))
    (tmp_path / "a.txt").write_text("Herald\n" + "Treasury sanctioned some firms. " * 20)
    told = CliRunner().invoke(cli.cli, ["explain", str(tmp_path / "a.txt"), "--config", str(tmp_path)])
    assert told.exit_code == 0, told.output
    assert f"event {event.key} tells of it already" in " ".join(told.output.split())


@pytest.mark.parametrize(
    ("what", "content", "told", "code"),
    [
        ("a PDF", b"%PDF-1.4 \xe2\xe3", "is a PDF", 2),
        ("a program, or a document of a word processor", b"PK\x03\x04\x00\x00binary", "neither text nor HTML", 2),
        ("Windows' own encoding", "Минфин США ввёл санкции против ООО «Гефест»".encode("cp1251"), "Минфин США", 0),
        ("Notepad's Unicode", "Минфин США ввёл санкции против ООО «Гефест»".encode("utf-16"), "Минфин США", 0),
    ],
)
def test_explain_reads_a_text_however_it_was_saved_and_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, what: str, content: bytes, told: str, code: int
) -> None:
    monkeypatch.setenv("SANCTIONS_BOT_DATA_DIR", str(tmp_path))
    (tmp_path / "a.txt").write_bytes(content)
    (tmp_path / "names.csv").write_text("Gefest\n")
    arguments = ["explain", str(tmp_path / "a.txt"), "--config", str(tmp_path), "--watch", str(tmp_path / "names.csv")]
    answer = CliRunner().invoke(cli.cli, arguments)
    if code:
        assert isinstance(answer.exception, ArticleError), what
    assert told in " ".join((answer.output + str(answer.exception)).split())


def test_explain_says_of_a_file_that_it_was_read_and_nothing_of_feeds(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SANCTIONS_BOT_DATA_DIR", str(tmp_path))
    (tmp_path / "a.html").write_text(f"<html><title>Mills</title><p>{'Gefest makes pumps in Omsk. ' * 20}</p></html>")
    (tmp_path / "names.csv").write_text("Gefest\n")
    arguments = ["explain", str(tmp_path / "a.html"), "--config", str(tmp_path), "--watch", str(tmp_path / "names.csv")]
    told = CliRunner().invoke(cli.cli, arguments).output
    assert "file read" in told
    assert "feed" not in told


def test_explain_takes_the_day_on_which_a_text_appeared(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SANCTIONS_BOT_DATABASE_URL", f"sqlite:///{tmp_path / 'bot.db'}")
    (tmp_path / "a.txt").write_text(
        "Canada sanctions the pump maker Gefest\n\nOTTAWA, 12 June 2024 - Canada sanctioned Gefest, a pump maker.\n"
    )
    (tmp_path / "names.csv").write_text("Gefest\n")
    arguments = ["explain", str(tmp_path / "a.txt"), "--config", str(tmp_path), "--watch", str(tmp_path / "names.csv")]
    told = CliRunner().invoke(cli.cli, [*arguments, "--published", "2024-06-12"]).output
    assert "12 Jun 2024 · new sanctions" in told
    refused = CliRunner().invoke(cli.cli, [*arguments, "--published", "12 June"]).exception
    assert str(refused) == "--published: '12 June' is no day (write 2025-06-12, or 2025-06-12T10:00Z)"
