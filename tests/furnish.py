"""Articles as a scraper brings them: with bylines, captions, prompts, links to other stories and filling in between.

    python tests/furnish.py tests/data/heldout/blind.jsonl --to furnished.jsonl

Then `tests/measure.py furnished.jsonl` tells what of the judgement is lost by it. `--lines learn` takes other lines,
for copies to learn from (docs/decisions/0014-an-encoder.md). No line names anybody who is tracked.
"""

from __future__ import annotations

import argparse
import json
import random
import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

LINES = Path(__file__).parent / "data" / "furniture.json"
_SLOT = re.compile(r"\{(\w+)\}")
_BETWEEN, _FILLING = 0.3, 0.12  # of the paragraphs
_MOST = {"top": (1, 3), "filling": (0, 3), "end": (2, 4)}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("files", nargs="+", type=Path)
    parser.add_argument("--to", required=True, type=Path)
    parser.add_argument("--lines", choices=("measure", "learn"), default="measure")
    parser.add_argument("--seed", type=int, default=7)
    args = parser.parse_args()
    rng = random.Random(args.seed)
    rows = (json.loads(line) for file in args.files for line in file.read_text(encoding="utf-8").splitlines() if line)
    with args.to.open("w", encoding="utf-8") as out:
        for row in rows:
            if row.get("language", "en").startswith("en"):
                out.write(json.dumps(furnished(row, args.lines, rng), ensure_ascii=False) + "\n")


def furnished(row: Mapping[str, Any], lines: str, rng: random.Random) -> dict[str, Any]:
    """A labelled article with other paragraphs among its own; they and its labels stay as they are."""
    kinds, words = _known()[lines], _known()["words"]

    def some(kind: str) -> Iterator[str]:
        for _ in range(rng.randint(*_MOST[kind])):
            yield told(rng.choice(kinds[kind]), words, rng)

    own = [paragraph for paragraph in row["body"].split("\n\n") if paragraph.strip()]
    body = list(some("top"))
    for paragraph in own[:-1]:
        body.append(paragraph)
        for kind, share in (("between", _BETWEEN), ("filling", _FILLING)):
            if rng.random() < share:
                body.append(told(rng.choice(kinds[kind]), words, rng))
    body += [*own[-1:], *some("filling"), *some("end")]
    return {**row, "body": "\n\n".join(body)}


@cache
def _known() -> Mapping[str, Any]:
    known: Mapping[str, Any] = json.loads(LINES.read_text(encoding="utf-8"))
    return known


def told(line: str, words: Mapping[str, Sequence[str]], rng: random.Random) -> str:
    """A line with its slots filled, those in what fills them too."""
    while _SLOT.search(line):
        line = _SLOT.sub(lambda slot: rng.choice(words[slot[1]]), line)
    return line


if __name__ == "__main__":
    main()
