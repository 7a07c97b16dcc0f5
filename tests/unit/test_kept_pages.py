"""Pages as evidence: what is kept of an answer, and what is in an event's file."""

from __future__ import annotations

import csv
import hashlib
import io
import tracemalloc
import zipfile
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from bot import kept_pages
from bot.commands.pages import file_for_all
from bot.kept_pages import SourceFile, keep_page, pack
from bot.model import (
    Article,
    Event,
    EventSource,
    Finding,
    HttpAnswer,
    Judgement,
    KeptPage,
    Mention,
    Strength,
    Tier,
    Verdict,
)
from bot.ports import ArticleRecord
from bot.storage import SqlStore

NOW = datetime(2026, 3, 5, 12, tzinfo=UTC)
URL = "https://wire.example/volga"
BODY = b"<p>The Treasury listed Volga Shipping.</p>"
ANSWER = HttpAnswer(
    200, f"{URL}?amp", {"content-type": "text/html; charset=utf-8", "etag": '"7"', "set-cookie": "who=7"}, BODY
)
SOURCE = EventSource("a1", URL, "Wire", "A firm blocked", Tier.WIRE, NOW - timedelta(hours=1), NOW)
MENTION = Mention("volga", 3, 20, 34, "Volga Shipping", Strength.STRONG, "Volga Shipping", "exact")
RECORD = ArticleRecord(
    Article("a1", URL, "Wire", "A firm blocked", "", ("The Treasury listed Volga Shipping.",), SOURCE.published_at),
    Judgement(
        "a1",
        (Finding("volga", Verdict.NEW_SANCTIONS, 0.97, "The Treasury listed Volga Shipping.", (MENTION,)),
         Finding("other", Verdict.BYSTANDER, 0.9, "Nobody else.")),
        Verdict.NEW_SANCTIONS,
    ),
    ("new entry of Wire",), "3f2a9c41", NOW,
)  # fmt: skip


def files_of(content: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def table_of(files: dict[str, bytes]) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(files["pages.csv"].decode("utf-8-sig"))))


def packed(*files: SourceFile) -> dict[str, bytes]:
    return files_of(pack(b"event,name\n", files, {"volga": "Volga Shipping JSC"}, NOW).content)


def test_of_an_answer_the_body_is_kept_and_what_tells_of_it() -> None:
    page = keep_page("a1", ANSWER, NOW)
    assert page == KeptPage(
        "a1", hashlib.sha256(BODY).hexdigest(), NOW, f"{URL}?amp", 200,
        {"content-type": "text/html; charset=utf-8", "etag": '"7"'}, BODY,
    ), "no cookie"  # fmt: skip


def test_the_file_has_each_page_its_text_and_the_table_of_digests() -> None:
    files = packed(SourceFile(SOURCE, (keep_page("a1", ANSWER, NOW),), RECORD))
    assert set(files) == {
        "texts/01-wire.txt", "pages/01-wire.html.txt", "pages.csv", "event.csv", "README.txt", "SHA256SUMS",
    }  # fmt: skip
    assert files["pages/01-wire.html.txt"] == BODY
    (row,) = table_of(files)
    assert (row["file"], row["sha256"], row["bytes"]) == (
        "pages/01-wire.html.txt",
        hashlib.sha256(BODY).hexdigest(),
        str(len(BODY)),
    )
    assert (row["url"], row["fetched_from"], row["fetched_at"]) == (URL, f"{URL}?amp", "2026-03-05T12:00:00+00:00")
    assert (row["http_status"], row["content_type"], row["etag"]) == ("200", "text/html; charset=utf-8", '"7"')
    text = files["texts/01-wire.txt"].decode()
    assert "Volga Shipping JSC: new_sanctions, confidence 0.97: “The Treasury listed Volga Shipping.”" in text
    assert "Nobody else." not in text, "only the verdicts on those whom the event is about for this chat"


def test_its_sums_are_those_that_sha256sum_checks() -> None:
    files = packed(SourceFile(SOURCE, (keep_page("a1", ANSWER, NOW),), RECORD))
    sums = dict(reversed(line.split("  ", 1)) for line in files["SHA256SUMS"].decode().splitlines())
    assert set(sums) == set(files) - {"SHA256SUMS"}
    assert all(hashlib.sha256(files[name]).hexdigest() == digest for name, digest in sums.items())


def test_each_version_of_a_page_is_a_file_and_names_never_clash() -> None:
    first = keep_page("a1", ANSWER, NOW)
    second = keep_page("a1", replace(ANSWER, body=b"<p>Corrected.</p>"), NOW + timedelta(hours=2))
    chinese = replace(SOURCE, article="a2", outlet="新华社")
    files = packed(SourceFile(SOURCE, (first, second)), SourceFile(SOURCE, (first,)), SourceFile(chinese, (first,)))
    assert [row["file"] for row in table_of(files)] == [
        "pages/01-wire-1.html.txt",
        "pages/01-wire-2.html.txt",
        "pages/02-wire.html.txt",
        "pages/03-page.html.txt",
    ]  # fmt: skip


@pytest.mark.parametrize("outlet", ["../../etc/passwd", "C:\\Windows\\x", "con\x00.html", "", "…"])
def test_an_outlets_name_leads_out_of_no_folder(outlet: str) -> None:
    files = packed(SourceFile(replace(SOURCE, outlet=outlet), (keep_page("a1", ANSWER, NOW),), RECORD))
    for name in files:
        assert name.count("/") == name.startswith(("pages/", "texts/"))
        assert ".." not in name
        assert "\\" not in name
        assert "\x00" not in name


@pytest.mark.parametrize(
    ("media_type", "suffix"),
    [
        ("text/html", ".html.txt"),
        ("application/pdf", ".pdf.txt"),
        ("text/plain", ".txt"),
        ("image/svg+xml", ".html.txt"),
    ],
)
def test_no_page_opens_in_a_browser_by_a_click(media_type: str, suffix: str) -> None:
    page = keep_page("a1", replace(ANSWER, headers={"content-type": media_type}), NOW)
    (name,) = (name for name in packed(SourceFile(SOURCE, (page,))) if name.startswith("pages/"))
    assert name == f"pages/01-wire{suffix}"


def test_a_page_for_which_there_is_no_room_is_told_and_not_cut(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kept_pages, "MOST_BYTES", 1_000)
    large = keep_page("a1", replace(ANSWER, body=bytes(2_000)), NOW)
    made = pack(b"", [SourceFile(SOURCE, (large,)), SourceFile(SOURCE, (keep_page("a1", ANSWER, NOW),))], {}, NOW)
    files = files_of(made.content)
    assert (made.pages, made.left_out) == (1, 1)
    assert [row["file"] for row in table_of(files)] == [
        "left out, as the file would be too large",
        "pages/02-wire.html.txt",
    ]
    assert table_of(files)[0]["sha256"] == large.sha256


def test_of_many_sources_one_after_the_other_is_held(empty_store: SqlStore) -> None:
    """An event may have hundreds, with several versions of 3 MB each."""
    sources = tuple(replace(SOURCE, article=f"a{number}") for number in range(30))
    event = Event("3f2a9c41", Verdict.NEW_SANCTIONS, ("US",), None, None, NOW, NOW, (), sources)
    with empty_store.writing() as records:
        records.save_event(event)
        for source in sources:
            records.keep_page(keep_page(source.article, replace(ANSWER, body=bytes(1_000_000)), NOW))
    with empty_store.reading() as records:
        tracemalloc.start()
        try:
            made = file_for_all(records, event.key, NOW)
            _, most = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
    assert made
    assert made[1].pages == len(sources)
    assert most < 10_000_000


def test_a_table_cell_is_no_formula_and_half_a_surrogate_no_end() -> None:
    source = replace(SOURCE, title="=HYPERLINK(1)")
    record = replace(RECORD, article=replace(RECORD.article, title="\ud800 listed"))
    files = packed(SourceFile(source, (keep_page("a1", ANSWER, NOW),), record))
    assert table_of(files)[0]["title"] == "'=HYPERLINK(1)"
    assert b"? listed" in files["texts/01-wire.txt"]
