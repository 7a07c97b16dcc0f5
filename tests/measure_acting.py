"""Whether an alert's headline tells who acted, and its second line the right day.

    python -m tests.measure_acting [SET.jsonl …] [--every N] [--errors]

Verdicts are as labelled: what is left to measure is who acts and when. By default the sets are those of
tests/data/judgement and tests/data/learning. Authorities are compared as sets, with those that the article's label has
(who imposes, proposes, lifts: a label names others too where an article tells of several acts); `guessed` are those of
an article that says of nobody that it acts. Days are compared with those that the names of acts in tests/data/events
end with, in all sets.
"""

from __future__ import annotations

import argparse
import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from bot.events import find_reports
from bot.matching.actors import find_authority_code
from bot.matching.mentions import find_mentions
from bot.matching.names import NameIndex
from bot.matching.verdicts import tell_again
from bot.model import Judgement, Verdict
from tests.measure import article_of, as_labelled, entities_of, read_set
from tests.measure_events import DATA, SETS, load_acts

_DAY = re.compile(r"\d{4}-\d{2}-\d{2}$")


@dataclass(frozen=True, slots=True)
class Told:
    """What the alerts of one article tell, and what its label does."""

    key: str
    language: str
    said: frozenset[str]
    labelled: frozenset[str]
    days: tuple[date | None, ...]  # of each event
    is_guessed: bool

    @property
    def authority(self) -> str:
        """How those that are told differ from the label's."""
        if self.said == self.labelled:
            return "equal"
        if not self.said:
            return "none"
        if self.said.isdisjoint(self.labelled):
            return "wrong"
        return "extra" if self.said - self.labelled else "missing"


AUTHORITY = ("equal", "extra", "missing", "wrong", "none")
DAY = ("right", "wrong", "none")


def tell(item: Mapping[str, Any]) -> Told | None:
    """None of an article that raises no alert, or whose label tells no authority."""
    if Verdict.NEW_SANCTIONS.value not in item["labels"].values() or not item.get("authorities"):
        return None
    article, entities = article_of(item), entities_of(item)
    mentions = find_mentions(article, NameIndex.compile(entities))
    labelled = as_labelled(item, article, Judgement(article=article.key, findings=(), event=None), mentions)
    judgement = tell_again(article, labelled, {entity.key: entity for entity in entities})
    reports = find_reports(article, judgement)
    return Told(
        key=item["id"],
        language=article.language,
        said=frozenset(code for report in reports for code in report.authorities),
        labelled=frozenset(find_authority_code(name) or name for name in item["authorities"]),
        days=tuple(report.acted_on for report in reports),
        is_guessed=any(report.is_acting_guessed for report in reports),
    )


def load_days() -> dict[str, frozenset[date]]:
    """Article id -> the days of the acts that it reports, of acts whose names tell a day."""
    days: dict[str, frozenset[date]] = {}
    for path in sorted((DATA / "events").glob("*.jsonl")):
        for article, acts in load_acts(path.name).items():
            found = [_DAY.search(act) for act in acts]
            if all(found):
                told = frozenset(date.fromisoformat(day.group()) for day in found if day)
                days[article] = days.get(article, frozenset()) | told
    return days


def judge_day(told: Told, days: frozenset[date]) -> Iterator[str]:
    """Of each event."""
    for day in told.days:
        yield "none" if day is None else "right" if day in days else "wrong"


def default_sets(every: int) -> Iterator[dict[str, Any]]:
    for place in ("judgement", "learning"):
        items = list(_lines_of(sorted((DATA / place).glob("*.jsonl"))))
        yield from items[:: every if place == "learning" else 1]


def _lines_of(paths: Iterable[Path]) -> Iterator[dict[str, Any]]:
    """Of some, facts are not labelled."""
    for path in paths:
        yield from (json.loads(line) for line in path.read_text(encoding="utf-8").split("\n") if line.strip())


def dated(days: Mapping[str, frozenset[date]]) -> Iterator[dict[str, Any]]:
    paths = [path for place in SETS for path in sorted((DATA / place).glob("*.jsonl"))]
    seen = set[str]()
    for item in _lines_of(paths):
        if item["id"] in days and item["id"] not in seen:
            seen.add(item["id"])
            yield item


def _line(name: str, counts: Counter[str], columns: Iterable[str]) -> str:
    return f"{name:<20}{counts.total():>7}" + "".join(f"{counts[column]:>9}" for column in columns)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("sets", nargs="*", type=Path, help="sets of labelled articles, for their authorities")
    parser.add_argument("--every", type=int, default=1, metavar="N", help="every Nth article of tests/data/learning")
    parser.add_argument("--errors", action="store_true", help="list what differs")
    options = parser.parse_args()
    items = (item for path in options.sets for item in read_set(str(path))) if options.sets else None
    by_class: dict[str, Counter[str]] = {"all": Counter(), "said": Counter(), "guessed": Counter()}
    for told in filter(None, map(tell, items or default_sets(options.every))):
        for name in ("all", "guessed" if told.is_guessed else "said", told.language.split("-")[0]):
            by_class.setdefault(name, Counter())[told.authority] += 1
        if options.errors and told.authority != "equal":
            said, labelled = ("/".join(sorted(codes)) or "nobody" for codes in (told.said, told.labelled))
            print(f"{told.authority}: {told.key}: is {labelled}, said {said}{' (guessed)' * told.is_guessed}")
    print(f"{'authorities':<20}{'n':>7}" + "".join(f"{column:>9}" for column in AUTHORITY))
    print("\n".join(_line(name, counts, AUTHORITY) for name, counts in by_class.items()))
    if options.sets:
        return
    days, of_days = load_days(), Counter[str]()
    for told in filter(None, map(tell, dated(days))):
        judged = Counter(judge_day(told, days[told.key]))
        of_days += judged
        if options.errors and judged["wrong"]:
            print(f"day: {told.key}: is {', '.join(map(str, sorted(days[told.key])))}, said {told.days}")
    print(f"\n{'days':<20}{'n':>7}" + "".join(f"{column:>9}" for column in DAY))
    print(_line("of events", of_days, DAY))


if __name__ == "__main__":
    main()
