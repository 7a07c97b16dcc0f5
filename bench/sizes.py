"""`python -m bench.sizes NAMES LISTS`: one index in a process of its own: its memory and its speed, as JSON."""

from __future__ import annotations

import gc
import json
import random
import resource
import sys
from itertools import islice
from pathlib import Path

from bench.articles import unrelated
from bench.timing import milliseconds, times
from bench.watchlists import grown, real_or_made_up
from bot.matching.mentions import find_mentions
from bot.matching.names import NameIndex


def resident() -> float:
    """MB that this process holds now."""
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * resource.getpagesize() / 1e6


def main() -> None:
    names, lists = int(sys.argv[1]), Path(sys.argv[2])
    _, entities = real_or_made_up(lists)
    articles = list(islice(unrelated(random.Random(5)), 120))
    find_mentions(articles[0], NameIndex.compile(entities[:100]))  # what every index needs is loaded
    gc.collect()
    before = resident()
    held: list[NameIndex] = []
    compiling = milliseconds(lambda: held.append(NameIndex.compile(grown(entities, names))))
    gc.collect()
    after = resident()
    times(lambda article: find_mentions(article, held[0]), articles[:40])
    spent = times(lambda article: find_mentions(article, held[0]), articles[40:])
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000
    figures = {"before": before, "after": after, "read": resident(), "peak": peak, "compiling": compiling}
    print(json.dumps(figures | {"mean": spent.mean, "median": spent.median}))


if __name__ == "__main__":
    main()
