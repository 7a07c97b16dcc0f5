"""What people said becomes labelled articles that the scorers read."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot.articles import article_from_text
from bot.cli.judging import judge_lines
from bot.errors import ArticleError
from bot.matching.mentions import find_mentions
from bot.matching.names import NameIndex
from bot.matching.verdicts import judge_article
from bot.model import (
    Article,
    ChatKey,
    Entity,
    Feedback,
    Finding,
    Identifier,
    Judgement,
    Labelled,
    Sample,
    Schema,
    Tier,
    User,
    Verdict,
)
from bot.samples import body_of, export
from tests.measure import article_of, measure, read_set

NOW = datetime(2026, 5, 3, 18, tzinfo=UTC)
ANA, BEN, EVE = (User("telegram", str(number), name) for number, name in enumerate(("Ana", "Ben", "Eve")))
OKA = Entity("oka", Schema.VESSEL, "Oka", ("Ока",), ("OK",), ("ru",), (), (Identifier("imoNumber", "9187629"),))
BANK = Entity("bank", Schema.COMPANY, "Harbour Commercial Bank")
ARTICLE = Article(
    "https://wire.example/1 <b>",
    "https://wire.example/1",
    "Wire",
    "Tanker blacklisted",
    "A teaser",
    ("On Friday the Treasury added the tanker Oka to its blacklist.", "Harbour Commercial Bank had lent to its owner."),
    NOW,
    ("The tanker is blocked.", "Its owner is not."),
    tier=Tier.WIRE,
)


def said(
    label: Verdict, by: User = ANA, entity: Entity = OKA, minutes: int = 0, article: Article | None = ARTICLE
) -> Labelled:
    at = NOW + timedelta(minutes=minutes)
    feedback = Feedback(by, "e1", entity.key, label, Verdict.NEW_SANCTIONS, at, ChatKey("telegram", "1"))
    if article is None:
        return Labelled(feedback, None)
    finding = Finding(entity.key, Verdict.NEW_SANCTIONS, 0.9, article.paragraphs[0])
    judgement = Judgement(article.key, (finding,), Verdict.NEW_SANCTIONS, ("US",))
    return Labelled(feedback, Sample(article, judgement, entity))


def test_an_article_is_a_line_with_the_labels_that_people_gave() -> None:
    (row,) = export([said(Verdict.NEW_SANCTIONS), said(Verdict.BYSTANDER, entity=BANK)]).rows
    assert row["labels"] == {"oka": "new_sanctions", "bank": "bystander"}
    assert row["evidence"] == {"oka": ARTICLE.paragraphs[0], "bank": ARTICLE.paragraphs[0]}
    assert row["watch"][0] == {
        "key": "oka",
        "name": "Oka",
        "schema": "Vessel",
        "aliases": ["Ока"],
        "countries": ["ru"],
        "weak_aliases": ["OK"],
        "identifiers": {"imoNumber": "9187629"},
    }
    told = (row["published"], row["language"], row["outlet_kind"], row["title"], row["summary"], row["authorities"])
    assert told == (NOW.isoformat(), "en", "wire", "Tanker blacklisted", "A teaser", ["US"])
    assert (row["event"], row["facts"]) == ("new_sanctions", [])
    assert row["feedback"][0] == {
        "entity": "oka",
        "label": "new_sanctions",
        "given": "new_sanctions",
        "by": "telegram:0",
        "at": NOW.isoformat(),
        "event": "e1",
    }


def test_somebody_else_of_that_name_is_absent_and_has_no_evidence() -> None:
    (row,) = export([said(Verdict.ABSENT)]).rows
    assert (row["labels"], row["evidence"]) == ({"oka": "absent"}, {})


DISPUTES = {
    "the most said": ([Verdict.RELIEF, Verdict.POSSIBLE, Verdict.RELIEF], Verdict.RELIEF, 1),
    "on a tie the last": ([Verdict.RELIEF, Verdict.POSSIBLE], Verdict.POSSIBLE, 1),
    "agreement": ([Verdict.RELIEF, Verdict.RELIEF], Verdict.RELIEF, 0),
}


@pytest.mark.parametrize(("labels", "label", "disputed"), DISPUTES.values(), ids=DISPUTES)
def test_where_people_differ(labels: list[Verdict], label: Verdict, disputed: int) -> None:
    people = (ANA, BEN, EVE)
    exported = export([said(each, people[number], minutes=number) for number, each in enumerate(labels)])
    assert exported.rows[0]["labels"] == {"oka": str(label)}
    assert exported.disputed == disputed
    assert len(exported.rows[0]["feedback"]) == len(labels)


def test_opinions_without_their_article_are_counted_not_written() -> None:
    exported = export([said(Verdict.RELIEF, article=None), said(Verdict.RELIEF, article=replace(ARTICLE, key="b"))])
    assert (len(exported.rows), exported.without_article) == (1, 1)
    assert export([]).rows == ()


def test_ids_are_unique_and_stable() -> None:
    other = replace(ARTICLE, key="another")
    rows = export([said(Verdict.RELIEF), said(Verdict.RELIEF, article=other)]).rows
    assert len({row["id"] for row in rows}) == 2
    assert rows == export([said(Verdict.RELIEF), said(Verdict.RELIEF, article=other)]).rows


def test_the_text_comes_back_as_it_was_judged_by_either_reader() -> None:
    (row,) = export([said(Verdict.NEW_SANCTIONS)]).rows
    for read in (article_of(row), article_from_text(row["body"], title=row["title"], published_at=NOW)):
        assert (read.key_points, read.paragraphs) == (ARTICLE.key_points, ARTICLE.paragraphs)
    assert body_of(replace(ARTICLE, key_points=())).startswith("On Friday")


def test_what_is_exported_is_judged_and_scored_as_live(tmp_path: Path) -> None:
    rows = export([said(Verdict.NEW_SANCTIONS), said(Verdict.BYSTANDER, entity=BANK)]).rows
    path = tmp_path / "feedback.jsonl"
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")
    figures = measure(read_set(str(path))).figures()
    assert (figures["articles"], figures["entities"], figures["accuracy"]) == (1, 2, 1.0)
    (judged,) = judge_lines(path.read_text(encoding="utf-8").splitlines())
    index = NameIndex.compile([OKA, BANK])
    live = judge_article(ARTICLE, find_mentions(ARTICLE, index), index.entities)
    assert judged["verdicts"] == {finding.entity: str(finding.verdict) for finding in live.findings}


ROW = {
    "id": "a", "published": "2026-03-02T10:00:00+00:00", "title": "Treasury acts", "body": "Nothing of note was said.",
    "watch": [{"key": "nk", "schema": "Company", "name": "Velmur Management"}],
}  # fmt: skip


def without(name: str, **more: object) -> str:
    return json.dumps({key: value for key, value in ROW.items() if key != name} | more)


@pytest.mark.parametrize(
    ("line", "told"),
    [
        (without("body", text="Nothing."), "line 2: body is missing; there is 'text': rename it to 'body'"),
        (without("watch"), "line 2: watch is missing"),
        (without("watch", entities=[]), "there is 'entities': rename it to 'watch'"),
        (without("", watch=[]), "watch is empty"),
        (without("id"), "line 2: id is missing"),
        ("[1]", "line 2: a list is there, where an object"),
        ("{", "line 2: is no JSON"),
        (without("", watch="Velmur"), "watch is a text, where a list is needed"),
        (without("", watch=[["nk"]]), r"watch\[0\]: a list is there"),
        (without("", watch=[{"key": "nk", "name": "V"}]), r"watch\[0\].schema is missing"),
        (without("", watch=[{"key": "nk", "name": "V", "schema": "Firm"}]), "'Firm' is unknown, there are"),
        (
            without("", watch=[{"key": "n", "name": "V", "schema": "Company", "aliases": "VM"}]),
            "aliases must be a list",
        ),
        (without("", published="yesterday"), "published: 'yesterday' is no time"),
        (without("", title=7), "title is a number, where a text is needed"),
    ],
)
def test_a_line_that_cannot_be_judged_names_its_field_and_the_next_step(line: str, told: str) -> None:
    with pytest.raises(ArticleError, match=told) as raised:
        judge_lines([json.dumps(ROW), line])
    assert "tests/data/judgement/README.md" in str(raised.value)


SAID = "The Treasury sanctioned Velmur Management on Sunday, yesterday, on Monday, on 1 January and on 31 December."


def test_half_a_surrogate_pair_does_not_end_the_batch() -> None:
    """JSON can hold one, a file cannot."""
    row = {**ROW, "id": "half \ud83d", "title": "Velmur Management is hit \ud83d", "body": f"{SAID} \ud83d"}
    judged = judge_lines([json.dumps(row), json.dumps({**ROW, "title": "A whole pair: \U0001f600"})])
    assert [set(one["verdicts"]) for one in judged] == [{"nk"}, {"nk"}]
    json.dumps(judged, ensure_ascii=False).encode("utf-8")


@pytest.mark.parametrize("day", ["0001-01-01", "9999-12-31"])
def test_an_article_of_no_real_day_does_not_end_the_batch(day: str) -> None:
    (judged,) = judge_lines([json.dumps({**ROW, "published": day, "body": SAID})])
    assert judged["verdicts"]["nk"] != "absent"


BAD_SETS = {
    "no JSON": ("{", "line 2: Expecting property name"),
    "a field that is missing": (
        '{"id": "b", "labels": {}}',
        "line 2: published, title, body, watch, event, facts is missing",
    ),
    "a verdict that is misspelt": ("newsanctions", "line 2: labels: k: there is no verdict 'newsanctions'; there are"),
    "a name that is not watched": ("watch", "line 2: labels: other is not in watch"),
}


@pytest.mark.parametrize(("line", "told"), BAD_SETS.values(), ids=BAD_SETS)
def test_a_set_that_is_not_as_it_must_be_is_refused_by_its_line(tmp_path: Path, line: str, told: str) -> None:
    good = {"id": "a", "published": "2026-01-05T12:00:00Z", "title": "T", "body": "B", "watch": [{"key": "k"}]}
    good |= {"event": "none", "facts": []}
    labels = {"newsanctions": {"k": "newsanctions"}, "watch": {"other": "relief"}}
    second = json.dumps(good | {"labels": labels[line]}) if line in labels else line
    file = tmp_path / "ours.jsonl"
    file.write_text(json.dumps(good | {"labels": {"k": "relief"}}) + f"\n{second}\n", encoding="utf-8")
    with pytest.raises(SystemExit) as refused:
        list(read_set(str(file)))
    assert str(refused.value).startswith(f"{file} {told}")
