"""latest export and `events`: which events are in the file, what a row says, what a chat does not see."""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner

from bot.cli import cli
from bot.commands import Services, answer
from bot.commands.history import COLUMNS, Line, all_lines, is_export, read_wish, rows
from bot.errors import CommandError
from bot.model import (
    Acknowledgement,
    Chat,
    ChatKey,
    Doubt,
    Entity,
    EntityEdit,
    Event,
    EventRecord,
    EventSource,
    EventTarget,
    Receipt,
    Reply,
    Request,
    Schema,
    Tier,
    User,
    Verdict,
    Watchlist,
    Withdrawal,
    WithdrawnTarget,
)
from bot.ports import Health, SentAlert
from bot.rendering import render_plain
from bot.storage import SqlStore

NOW = datetime(2026, 3, 5, 12, tzinfo=UTC)
DAY = timedelta(days=1)
HERE, ANA = ChatKey("telegram", "1"), User("telegram", "7", "Ana")
WIRE, POST = "https://wire.example/1", "https://post.example/2"


def target(key: str, name: str, url: str = WIRE) -> EventTarget:
    return EventTarget(key, name, Verdict.NEW_SANCTIONS, 0.97, f"The Treasury listed {name}.", name, url, "Wire")


def source(outlet: str, url: str, *targets: str) -> EventSource:
    return EventSource(f"a:{url}", url, outlet, "Two firms blocked", Tier.WIRE, NOW, NOW, targets=targets)


VOLGA, HARBOUR = target("volga", "Volga Shipping"), target("harbour", "=Harbour Holding")
EVENT = Event(
    "3f2a9c41", Verdict.NEW_SANCTIONS, ("US", "UK"), "Russia", date(2026, 3, 4), NOW - 2 * DAY, NOW - DAY,
    (VOLGA, HARBOUR),
    (source("Wire", WIRE, "volga", "harbour"), source("Post", POST, "volga"), source("Post", POST, "volga")),
    records=(EventRecord("volga", "us_ofac_sdn", "US", "22603", "now on the OFAC SDN list, uid 22603", NOW),),
)  # fmt: skip
OLD = replace(EVENT, key="0a1b2c3d", authorities=("EU",), opened_at=NOW - 200 * DAY, updated_at=NOW - DAY)


def cells(*lines: Line) -> list[dict[str, str]]:
    head, *body = rows(lines)
    return [dict(zip(head, row, strict=True)) for row in body]


# ---------------------------------------------------------------- a row


def test_a_row_for_each_target_with_what_is_told_of_it_alone() -> None:
    volga, harbour = cells(Line(EVENT, "when", "Ana", {"volga": "Ana: right"}))
    assert volga == {
        "event": "3f2a9c41", "opened_at": "2026-03-03T12:00:00+00:00", "updated_at": "2026-03-04T12:00:00+00:00",
        "headline": "Volga Shipping and =Harbour Holding — new US/UK sanctions (Russia)", "verdict": "new sanctions",
        "authorities": "US, UK", "programme": "Russia", "acted_on": "2026-03-04", "key": "volga",
        "name": "Volga Shipping", "named_as": "Volga Shipping", "confidence": "0.97", "state": "holds",
        "state_reason": "", "evidence": "The Treasury listed Volga Shipping.", "outlet": "Wire", "evidence_url": WIRE,
        "official_lists": "now on the OFAC SDN list, uid 22603", "sources": "3", "outlets": "Wire; Post",
        "urls": f"{WIRE} {POST}", "told": "when", "handled_by": "Ana", "judged": "Ana: right",
    }  # fmt: skip
    assert (harbour["official_lists"], harbour["sources"], harbour["judged"]) == ("", "1", "")


def test_what_was_withdrawn_stays_and_says_who_and_why() -> None:
    gone = WithdrawnTarget(HARBOUR, "it was spared", "Ben", NOW, 1)
    volga, harbour = cells(Line(replace(EVENT, targets=(VOLGA,), withdrawn_targets=(gone,))))
    assert (volga["state"], harbour["state"], harbour["state_reason"]) == ("holds", "withdrawn", "Ben: it was spared")
    whole = replace(EVENT, withdrawn=True, withdrawal=Withdrawal("Ana", "", NOW))
    assert {(row["state"], row["state_reason"]) for row in cells(Line(whole))} == {("withdrawn", "Ana")}
    doubted = replace(EVENT, doubts=(Doubt("Wire", WIRE, "Correction: it was not.", ("volga",), NOW),))
    volga, harbour = cells(Line(doubted))
    assert (volga["state"], volga["state_reason"]) == ("to be checked", "Wire: Correction: it was not.")
    assert harbour["state"] == "holds"


# ---------------------------------------------------------------- which


def test_the_wish_is_read_in_any_order() -> None:
    wish = read_wish("since 90d xlsx authority ofac", NOW)
    assert (wish.since, wish.form, wish.choice.authority) == (NOW - 90 * DAY, "xlsx", "US")
    assert read_wish("Volga Shipping since 2026-01-01", NOW).choice.words == "volga shipping"
    assert read_wish("", NOW).form == "csv"


@pytest.mark.parametrize("wrong", ["since", "since yesterday", "authority", "xlsx since", "authority Nowhere"])
def test_a_wish_that_is_not_understood_is_refused(wrong: str) -> None:
    with pytest.raises(CommandError):
        read_wish(wrong, NOW)


def test_export_controls_are_a_subject() -> None:
    assert all(map(is_export, ("export", "Export since 90d", "export xlsx")))
    assert not any(map(is_export, ("export controls", "exports", "")))


# ---------------------------------------------------------------- in a chat, and for whoever runs the bot

Say = Callable[[str], Reply]


@pytest.fixture
def store(empty_store: SqlStore) -> SqlStore:
    tracked = [
        Entity("volga", Schema.COMPANY, "Volga Shipping", countries=("ru",)),
        Entity("harbour", Schema.COMPANY, "=Harbour Holding", watchlist="desk"),
    ]
    with empty_store.writing() as records:
        records.add_watchlist(Watchlist("desk", "Desk", NOW))
        records.edit_watchlist([EntityEdit(one.key, one, 0) for one in tracked], "test", NOW, "")
        records.save_event(EVENT)
        records.save_event(OLD)
        records.save_event(replace(EVENT, key="99999999", told_as=EVENT.key))
        records.save_sent(EVENT.key, HERE, SentAlert(Receipt(HERE, "12"), 1, "", NOW - timedelta(hours=3)))
        records.acknowledge(Acknowledgement(EVENT.key, HERE, ANA, NOW))
    return empty_store


@pytest.fixture
def say(store: SqlStore) -> Say:
    services = Services(store, lambda: NOW, (), lambda: Health(NOW, {}))
    return lambda text: answer(Request(Chat(HERE), ANA, text, prefix="/"), services)


def test_a_chat_gets_what_it_sees_and_when_it_was_told(say: Say) -> None:
    reply = say("latest export")
    assert reply.message.title == "2 events in events-2026-03-05.csv"
    assert reply.attachment is not None
    text = reply.attachment.content.decode("utf-8-sig")
    head, first, second, *rest = text.splitlines()
    assert head == ",".join(COLUMNS)
    assert first.startswith("0a1b2c3d,"), "the oldest first"
    assert second.startswith("3f2a9c41,")
    assert "2026-03-05T09:00:00+00:00,Ana," in second
    assert rest == [], "one name of each, and no event that another one tells of"
    assert "Harbour" not in text, "this chat does not see the watchlist Desk"


def test_a_chat_gets_those_that_fit(say: Say) -> None:
    for words in ("since 30d", "authority US", "xlsx since 30d country Russia"):
        assert say(f"latest export {words}").message.title.startswith("1 event in events-2026-03-05."), words
    none = say("latest export authority UN")
    assert not none.ok
    assert "No event fits" in render_plain(none.message)
    pressed = next(one.data for one in say("latest 3 authority US").message.actions if one.label == "As a file")
    assert pressed == "latest export authority US"


def test_a_workbook_has_the_same_rows(say: Say) -> None:
    import openpyxl

    reply = say("latest export xlsx since 30d")
    assert reply.attachment is not None
    sheet = openpyxl.load_workbook(io.BytesIO(reply.attachment.content)).active
    head, row = sheet.iter_rows(values_only=True)
    assert head == COLUMNS
    assert row[0] == "3f2a9c41"


def test_whoever_runs_the_bot_gets_all_of_it(store: SqlStore) -> None:
    with store.reading() as records:
        lines = all_lines(records, read_wish("since 30d", NOW))
    (volga, harbour) = cells(*lines)
    assert (volga["told"], volga["handled_by"]) == ("telegram:1", "Ana")
    assert harbour["name"] == "=Harbour Holding"


def test_the_command_line_writes_all_of_it(store: SqlStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SANCTIONS_BOT_DATA_DIR", str(tmp_path))
    said = CliRunner().invoke(cli, ["events", "authority", "US", "--since", "2026-02-01"])
    assert said.exit_code == 0, said.output
    assert said.stdout.lstrip("\ufeff").splitlines()[0] == ",".join(COLUMNS)
    assert "'=Harbour Holding" in said.stdout, "no cell is taken for a formula"
    file = tmp_path / "events.xlsx"
    told = CliRunner().invoke(cli, ["events", "-o", str(file)])  # as the README has it
    assert told.stdout.startswith("2 events written to")
    assert file.read_bytes().startswith(b"PK")
    refused = CliRunner().invoke(cli, ["events", "--format", "pdf"])
    assert "there are csv, xlsx" in str(refused.exception)
