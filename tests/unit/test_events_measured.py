"""Articles of real acts are put together as a person would: a part of tests/data/events."""

import json

from bot.cli.judging import judge_lines
from tests.measure_events import load_acts, load_articles, load_recalled, score


def test_articles_of_one_act_share_an_event_and_others_do_not() -> None:
    acts = load_acts(every=9)
    result = score(acts, load_articles(acts))
    assert len(set().union(*acts.values())) >= 20
    assert result.precision >= 0.95, result.wrong
    assert result.recall >= 0.85, result.missed


def test_acts_that_are_easily_confused_stay_apart() -> None:
    acts = load_acts("acts_4.jsonl")
    result = score(acts, load_articles(acts), load_recalled("acts_4.jsonl"))
    assert result.precision >= 0.97, result.wrong
    assert result.recall >= 0.94, result.missed


def test_two_outlets_that_name_other_targets_are_joined_by_what_else_they_name() -> None:
    def line(key: str, hour: int, title: str, body: str, *watch: tuple[str, str]) -> str:
        entities = [
            {"key": name, "name": name, "schema": schema, "aliases": [], "countries": []} for name, schema in watch
        ]
        told = {"id": key, "published": f"2025-06-10T{hour:02}:00:00Z", "language": "en", "title": title, "summary": ""}
        return json.dumps(told | {"body": body, "watch": entities})

    wire = line(
        "wire",
        9,
        "US sanctions Orlan Works",
        "WASHINGTON - The US Treasury on Tuesday imposed sanctions on Orlan Works, a maker of drone engines in Kazan, "
        "and on its director, Pavel Drozdov.",
        ("Orlan Works", "Company"),
        ("Pavel Drozdov", "Person"),
    )
    local = line(
        "local",
        15,
        "A Dubai trader on Washington's new list",
        "DUBAI - Meridian Gulf Trading was blacklisted by the US Treasury on Tuesday for shipping parts to Orlan "
        "Works, which was listed on the same day.",
        ("Meridian Gulf Trading", "Company"),
    )
    first, second = judge_lines([wire, local])
    assert first["event_ids"] == second["event_ids"] != []
    assert set(second["verdicts"]) == {"Meridian Gulf Trading"}
