"""What is measured, each a function from a watchlist to figures."""

from __future__ import annotations

import json
import random
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from itertools import islice
from pathlib import Path
from statistics import median

from flashtext import KeywordProcessor

from bench.articles import of_other_news, of_sanctions, short_unrelated, unrelated
from bench.lookups import pair_figures, search_times
from bench.timing import in_turns, milliseconds, times
from bench.watchlists import grown, names_of
from bot.live_index import LiveIndex
from bot.matching.mentions import find_mentions
from bot.matching.names import NameIndex
from bot.matching.verdicts import Reasons
from bot.model import Article, Entity, EntityEdit, Schema
from bot.pipeline import judge
from bot.storage import SqlStore
from bot.text.folding import fold

SEED = 20261128


@dataclass(frozen=True, slots=True)
class Figure:
    """A value, and beside it the peer's and their ratio, where there is a peer. `bar`: what it should be."""

    name: str
    value: float
    unit: str
    bar: str = ""
    met: bool | None = None  # None: told, not judged
    peer: str = ""
    ratio: float | None = None


@dataclass(frozen=True, slots=True)
class Setting:
    entities: list[Entity]
    lists: Path


def mentions(setting: Setting) -> Iterator[Figure]:
    """Throughput of finding names, our folding included, against flashtext's with the same names."""
    index = NameIndex.compile(setting.entities)
    peer = KeywordProcessor()
    for name in names_of(setting.entities):
        peer.add_keyword(name)
    told = f"flashtext {version('flashtext')}"

    def extract(article: Article) -> object:
        return peer.extract_keywords("\n\n".join(block.text for block in article.blocks))

    rng = random.Random(SEED)
    for what, articles in (
        ("unrelated", unrelated(rng)),
        ("sanctions", of_sanctions(rng, setting.entities)),
    ):
        times(lambda article: find_mentions(article, index), islice(articles, 40))
        ours, theirs = in_turns((lambda article: find_mentions(article, index), extract), islice(articles, 120))
        ratio, middle = theirs.mean / ours.mean, theirs.median / ours.median
        bar = "≥ 8 × the peer" if what == "unrelated" else ""
        met = ratio >= 8 if bar else None
        yield Figure(f"mentions_{what}_mean", 1000 / ours.mean, "articles/s", bar, met, told, ratio)
        yield Figure(f"mentions_{what}_median", 1000 / ours.median, "articles/s", "", None, told, middle)
    texts = ["\n\n".join(block.text for block in article.blocks) for article in islice(unrelated(rng), 100)]
    yield Figure("fold", times(lambda text: fold(text).text, texts).median, "ms", "")


def judgement(setting: Setting) -> Iterator[Figure]:
    """The whole judgement of one article on one core."""
    index = NameIndex.compile(setting.entities)
    rng = random.Random(SEED)
    articles = of_sanctions(rng, setting.entities)
    times(lambda article: judge(article, index), islice(articles, 5))
    articles = list(islice(articles, 30))
    hits = times(lambda article: judge(article, index, reasons=Reasons.OF_NONE), iter(articles)).median
    yield Figure("judge_with_hit", hits, "ms", "≤ 15 ms", hits <= 15)
    told = times(lambda article: judge(article, index), iter(articles)).median
    yield Figure("judge_with_hit_and_reasons", told, "ms")
    named = [article for article in islice(of_other_news(rng, setting.entities), 40) if find_mentions(article, index)]
    other = times(lambda article: judge(article, index, reasons=Reasons.OF_NONE), named).median
    yield Figure("judge_with_hit_in_other_news", other, "ms", "≤ 15 ms", other <= 15)
    explained = times(lambda article: judge(article, index), named).median
    yield Figure("judge_with_hit_in_other_news_and_reasons", explained, "ms")
    quiet = [article for article in islice(unrelated(rng), 150) if not find_mentions(article, index)]
    silent = times(lambda article: judge(article, index), quiet).median
    yield Figure("judge_without_hit", silent, "ms", "≤ 0.5 ms", silent <= 0.5)


def edits(setting: Setting) -> Iterator[Figure]:
    """From the commit of an edit of the watchlist, with 40,000 names, to the index that has it."""
    now = datetime(2026, 11, 28, tzinfo=UTC)
    with tempfile.TemporaryDirectory() as folder:
        store = SqlStore(f"sqlite:///{folder}/bench.sqlite")
        store.migrate()
        with store.writing() as records:
            for entity in grown(setting.entities, 40_000):
                records.edit_watchlist([EntityEdit(entity.key, entity)], "bench", now, "saved")
        live = LiveIndex()

        def current() -> NameIndex:
            with store.reading() as records:
                return live(records)

        full = milliseconds(current)
        taken = []
        for number in range(40):
            later = datetime(2026, 11, 29, 0, number, tzinfo=UTC)
            entity = Entity(f"edit-{number}", Schema.PERSON, f"Anatoly Zelkovarin {number}", (f"Zelko {number}",))
            with store.writing() as records:
                records.edit_watchlist([EntityEdit(entity.key, entity)], "bench", later, "saved")
            taken.append(milliseconds(current))
            folded = fold(f"seen with Anatoly Zelkovarin {number} today").text
            assert entity.key in {hit.entity for hit in current().find_exact(folded)}, "an edit is live"
        store.close()
    yield Figure("edit_live", median(taken), "ms", "≤ 50 ms", median(taken) <= 50, "a new index", full / median(taken))


def sizes(setting: Setting) -> Iterator[Figure]:
    """Memory and speed of 40,000 and of 1,000,000 names, each in a process of its own."""
    small, large = (_measure(names, setting.lists) for names in (40_000, 1_000_000))
    held = large["after"] - large["before"]
    yield Figure("million_names_index", held, "MB", "≤ 300 MB", held <= 300)
    yield Figure("million_names_process", large["read"], "MB", "")
    yield Figure("million_names_peak", large["peak"], "MB", "")
    yield Figure("million_names_compiling", large["compiling"] / 1000, "s", "")
    ratio = large["median"] / small["median"]
    yield Figure("million_names_mentions", large["median"], "ms", "≤ 3 × 40,000", ratio <= 3, "40,000 names", ratio)
    yield Figure("million_names_mentions_mean", large["mean"], "ms", "", None, "40,000", large["mean"] / small["mean"])
    yield Figure("forty_thousand_names_index", small["after"] - small["before"], "MB", "")


def _measure(names: int, lists: Path) -> dict[str, float]:
    command = [sys.executable, "-m", "bench.sizes", str(names), str(lists)]
    figures: dict[str, float] = json.loads(subprocess.run(command, check=True, capture_output=True).stdout)
    return figures


def false_hits(setting: Setting) -> Iterator[Figure]:
    """Mentions in articles that name nobody of the list: each is false."""
    index = NameIndex.compile(grown(setting.entities, 40_000))
    stories = short_unrelated()
    found = [mention for story in stories for mention in find_mentions(story, index)]
    rate = len(found) / len(stories)
    yield Figure("false_hits_an_article", rate, "hits/article", "≤ 0.1", rate <= 0.1)
    loose = sum(1 for story in stories for _ in index.find_exact(fold(" \x01 ".join(_texts(story))).text))
    yield Figure("forms_an_article_before_the_rules", loose / len(stories), "hits/article", "")
    for mention in found:
        print(f"  false: {mention.surface} ({mention.form}, {mention.how})")


def _texts(article: Article) -> list[str]:
    return [block.text for block in article.blocks]


def lookups(setting: Setting) -> Iterator[Figure]:
    """A name found among many and compared; CPU time of one core."""
    for count, most in ((40_000, 30), (1_000_000, 150)):
        seconds, size, each = search_times(setting.entities, count, SEED)
        each.sort()
        p95 = each[int(0.95 * len(each))]
        yield Figure(f"look-up among {count:,}, p50", median(each), "ms", "")
        yield Figure(f"look-up among {count:,}, p95", p95, "ms", f"≤ {most}", p95 <= most)
        yield Figure(f"index of {count:,}, build", seconds, "s", "")
        yield Figure(f"index of {count:,}, size", size, "MB", "≤ 500", size <= 500)
    precision, recall = pair_figures()
    yield Figure("name pairs, precision", precision, "", "≥ 0.94", precision >= 0.94)
    yield Figure("name pairs, recall", recall, "", "≥ 0.90", recall >= 0.90)


CASES = {
    "mentions": mentions,
    "judgement": judgement,
    "edits": edits,
    "false_hits": false_hits,
    "sizes": sizes,
    "lookups": lookups,
}
