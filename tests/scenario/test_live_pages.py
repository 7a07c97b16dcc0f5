"""The way of a live bot, from the bytes of feed and page to the verdicts, through every template of tests/data/live."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from bot.matching.names import NameIndex
from bot.model import Verdict
from tests.measure import entities_of, read_set
from tests.measure_live import TEMPLATES, Judged, read_live

JUDGEMENT = Path(__file__).parents[1] / "data" / "judgement"
# Targets in a table, and in another language; nobody new.
IDS = ("ru-uk-lng-2024", "de-lipp-roeper-2025", "hn-everton-points-2023")


@pytest.fixture(scope="module")
def articles() -> list[tuple[dict[str, Any], NameIndex, Judged]]:
    items = [item for path in sorted(JUDGEMENT.glob("*.jsonl")) for item in read_set(str(path)) if item["id"] in IDS]
    assert len(items) == len(IDS)
    indexes = [NameIndex.compile(entities_of(item)) for item in items]
    return [(item, index, Judged(index)) for item, index in zip(items, indexes, strict=True)]


@pytest.mark.parametrize("template", TEMPLATES)
def test_a_page_of_an_outlet_tells_the_new_designations_of_its_text(
    template: str, articles: list[tuple[dict[str, Any], NameIndex, Judged]]
) -> None:
    for item, index, judged in articles:
        read = read_live(item, template, index)
        assert read.is_fetched, item["id"]
        listed = {finding.entity for finding in judged.judge(read.article).of(Verdict.NEW_SANCTIONS)}
        assert listed == {key for key, label in item["labels"].items() if label == Verdict.NEW_SANCTIONS}, item["id"]
