"""Of how many articles with a new designation the page would be fetched, by title and teaser alone.

    python -m tests.measure_fetched [tests/data/heldout/SET.jsonl …]

An article without a teaser has the first 250 characters of its text for one, as most feeds do. Prints what is fetched,
what is not, and the headlines of the latter.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from bot.matching.names import NameIndex
from bot.model import Entry, Source
from bot.pipeline.reading import decide_page
from tests.measure import entities_of, read_set

HELD_OUT = Path(__file__).parent / "data" / "heldout"
SOURCE = Source("wire", "Wire", "https://wire.example/feed")
TEASER = 250  # characters


def is_fetched(item: Mapping[str, Any]) -> bool:
    teaser = item.get("summary") or item["body"].split("\n\n")[0][:TEASER]
    at, link = datetime.fromisoformat(item["published"]), "https://wire.example/story"
    entry = Entry("wire", link, link, item["title"], teaser, at, at, "Wire", item.get("language", "en"))
    return decide_page(entry, SOURCE, NameIndex.compile(entities_of(item)))[0]


def with_a_designation(paths: Iterable[Path]) -> list[dict[str, Any]]:
    items = (item for path in paths for item in read_set(str(path)))
    return [item for item in items if "new_sanctions" in item["labels"].values()]


def main() -> None:
    items = with_a_designation([Path(path) for path in sys.argv[1:]] or sorted(HELD_OUT.glob("*.jsonl")))
    left = [item for item in items if not is_fetched(item)]
    print(f"{len(items) - len(left)} of {len(items)} are fetched, {1 - len(left) / len(items):.1%}")
    for item in left:
        print(f"  {item['id']}: {item['title']}")


if __name__ == "__main__":
    main()
