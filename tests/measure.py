"""Score the judgement core on labelled sets: `python tests/measure.py SET.jsonl … [--errors] [--json]`.

Prints precision, recall and F1 of each verdict, macro F1, quiet articles that raise an alert, facts covered by the key
points, how well confidence is calibrated, and articles per second. The format of a set is that of
tests/data/judgement/README.md.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from bot.articles.teasers import fresh_teaser
from bot.matching.mentions import find_mentions
from bot.matching.names import NameIndex
from bot.matching.verdicts import Reasons, judge_article
from bot.model import Article, Entity, Finding, Judgement, Mention, Schema, Verdict
from bot.summaries import with_key_points
from bot.text.phrasing import split_sentences


def article_of(item: Mapping[str, Any]) -> Article:
    """An Article as extraction would give it: paragraphs by blank lines, a `Key Points` box kept apart."""
    parts = [part.strip() for part in item["body"].split("\n\n") if part.strip()]
    points: list[str] = []
    paragraphs: list[str] = []
    inside = False
    for part in parts:
        if part.lower().strip(":") in ("key points", "key takeaways"):
            inside = True
        elif inside and part.startswith("•"):
            points += [line.lstrip("• ").strip() for line in part.splitlines() if line.strip()]
        else:
            inside = False
            paragraphs.append(part)
    return Article(
        key=item["id"],
        url=f"https://example.org/{item['id']}",
        outlet=item.get("outlet_kind", ""),
        title=item["title"],
        summary=fresh_teaser(item.get("summary", ""), (item["title"], *points, *paragraphs)),
        paragraphs=tuple(paragraphs),
        key_points=tuple(points),
        published_at=datetime.fromisoformat(item["published"]),
        language=item.get("language", "en"),
    )


def entities_of(item: Mapping[str, Any]) -> list[Entity]:
    return [
        Entity(
            key=row["key"],
            schema=Schema(row["schema"]),
            caption=row["name"],
            aliases=tuple(row.get("aliases", ())),
            countries=tuple(row.get("countries", ())),
        )
        for row in item["watch"]
    ]


def as_labelled(item: Mapping[str, Any], article: Article, judged: Judgement, mentions: Iterable[Mention]) -> Judgement:
    """The judgement with the labelled verdicts in place of its own: what is left to measure is the key points."""
    findings = tuple(
        Finding(
            key,
            Verdict(label),
            1.0,
            evidence=_sentence_with(item.get("evidence", {}).get(key, ""), article),
            mentions=tuple(mention for mention in mentions if mention.entity == key),
        )
        for key, label in item["labels"].items()
        if label != Verdict.ABSENT.value
    )
    return replace(judged, findings=findings, event=None if item["event"] == "none" else Verdict(item["event"]))


def _sentence_with(start: str, article: Article) -> str:
    """The labels have the first words of a sentence; a finding has all of it."""
    sentences = (sentence for block in article.blocks[1:] for sentence in split_sentences(block.text))
    return next((sentence for sentence in sentences if start and start in sentence), start)


NEEDED = ("id", "published", "title", "body", "watch", "labels", "event", "facts")
FORMAT = "the format: tests/data/judgement/README.md"


def read_set(path: str) -> Iterator[dict[str, Any]]:
    """The articles of a set. Ends the program, naming the line, where one is not as it must be: a label that is
    misspelt would count nowhere."""
    try:
        lines = Path(path).read_text(encoding="utf-8").split("\n")
    except (OSError, UnicodeDecodeError) as error:
        raise SystemExit(f"{path}: cannot be read: {error}") from error
    for number, line in enumerate(lines, 1):
        if line.strip():
            try:
                yield _checked(json.loads(line))
            except (ValueError, TypeError) as error:
                raise SystemExit(f"{path} line {number}: {error} ({FORMAT})") from error


def _checked(item: dict[str, Any]) -> dict[str, Any]:
    if missing := [name for name in NEEDED if name not in item]:
        raise ValueError(f"{', '.join(missing)} is missing")
    keys = {row["key"] for row in item["watch"]}
    for key, label in item["labels"].items():
        if key not in keys:
            raise ValueError(f"labels: {key} is not in watch")
        if label not in set(Verdict):
            raise ValueError(f"labels: {key}: there is no verdict {label!r}; there are {', '.join(Verdict)}")
    return item


@dataclass
class Tally:
    pairs: Counter[tuple[str, str]] = field(default_factory=Counter)
    wrong: list[tuple[str, str, str, str, float, str]] = field(default_factory=list)
    points: Counter[str] = field(default_factory=Counter)
    sure: list[tuple[float, bool]] = field(default_factory=list)
    articles: int = 0
    quiet: int = 0
    noisy: int = 0
    seconds: float = 0.0

    def add(
        self, item: Mapping[str, Any], judgement: Judgement, points: Iterable[str], points_as_labelled: Iterable[str]
    ) -> None:
        said = {finding.entity: finding for finding in judgement.findings}
        self.articles += 1
        alerts = 0
        for key, label in item["labels"].items():
            finding = said.get(key)
            verdict = finding.verdict.value if finding else Verdict.ABSENT.value
            self.pairs[label, verdict] += 1
            alerts += verdict == Verdict.NEW_SANCTIONS.value
            if finding:
                self.sure.append((finding.confidence, label == verdict))
            if label != verdict:
                evidence = finding.evidence if finding else item.get("evidence", {}).get(key, "")
                self.wrong.append((item["id"], key, label, verdict, finding.confidence if finding else 0.0, evidence))
        if "new_sanctions" not in item["labels"].values():
            self.quiet += 1
            self.noisy += bool(alerts)
        elif item.get("facts"):
            self._cover(item, list(points))
            self.points["covered_as_labelled"] += _covered(item, points_as_labelled)

    def _cover(self, item: Mapping[str, Any], bullets: list[str]) -> None:
        source = " ".join(item[name] for name in ("title", "summary", "body")).casefold()
        self.points["facts"] += len(item["facts"])
        self.points["covered"] += _covered(item, bullets)
        for bullet in bullets:
            tokens = set(re.findall(r"\d[\d.,]*\d|\d|\b[A-Z][\w'’-]{2,}", bullet))
            self.points["bullets"] += 1
            self.points["loose"] += any(token.casefold().strip("'’s") not in source for token in tokens)

    def figures(self) -> dict[str, Any]:
        table = {}
        for verdict in Verdict:
            hit = self.pairs[verdict.value, verdict.value]
            truth = sum(n for (label, _), n in self.pairs.items() if label == verdict.value)
            said = sum(n for (_, given), n in self.pairs.items() if given == verdict.value)
            precision, recall = hit / said if said else 0.0, hit / truth if truth else 0.0
            f1 = 2 * precision * recall / (precision + recall) if precision + recall else 0.0
            table[verdict.value] = {"n": truth, "precision": precision, "recall": recall, "f1": f1}
        present = [row for row in table.values() if row["n"]]
        return {
            "articles": self.articles,
            "entities": sum(self.pairs.values()),
            "accuracy": sum(self.pairs[v.value, v.value] for v in Verdict) / max(1, sum(self.pairs.values())),
            "macro_f1": sum(row["f1"] for row in present) / max(1, len(present)),
            "noisy": f"{self.noisy} of {self.quiet}",
            "fact_coverage": self.points["covered"] / max(1, self.points["facts"]),
            "fact_coverage_as_labelled": self.points["covered_as_labelled"] / max(1, self.points["facts"]),
            "loose_bullets": self.points["loose"],
            "articles_per_second": round(self.articles / self.seconds) if self.seconds else 0,
            "verdicts": table,
        }


def _covered(item: Mapping[str, Any], bullets: Iterable[str]) -> int:
    text = " ".join(bullets).casefold()
    return sum(any(form.casefold() in text for form in fact) for fact in item["facts"])


def measure(items: Iterable[Mapping[str, Any]]) -> Tally:
    tally = Tally()
    for item in items:
        article, index = article_of(item), NameIndex.compile(entities_of(item))
        started = time.perf_counter()
        mentions = find_mentions(article, index)
        judgement = judge_article(article, mentions, index.entities, reasons=Reasons.OF_NONE)
        points = with_key_points(article, judgement, index.entities).key_points
        tally.seconds += time.perf_counter() - started
        labelled = as_labelled(item, article, judgement, mentions)
        tally.add(item, judgement, points, with_key_points(article, labelled, index.entities).key_points)
    return tally


def show(name: str, tally: Tally, errors: bool) -> None:
    figures = tally.figures()
    print(f"{name}: {figures['articles']} articles, {figures['entities']} entities; ", end="")
    print(f"accuracy {figures['accuracy']:.3f}, macro F1 {figures['macro_f1']:.3f}")
    for verdict, row in figures["verdicts"].items():
        rates = f"precision {row['precision']:.3f}   recall {row['recall']:.3f}   F1 {row['f1']:.3f}"
        print(f"  {verdict:<14} n {row['n']:>4}   {rates}")
    print(f"  articles with nothing new that still raise an alert: {figures['noisy']}")
    loose = figures["loose_bullets"]
    covered, labelled = figures["fact_coverage"], figures["fact_coverage_as_labelled"]
    if tally.points["facts"]:
        print(f"  facts covered: {covered:.3f}, given the labelled verdicts: {labelled:.3f}; loose bullets: {loose}")
    print(f"  articles per second: {figures['articles_per_second']}")
    for low, high in ((0.0, 0.5), (0.5, 0.7), (0.7, 0.8), (0.8, 0.9), (0.9, 1.01)):
        band = [right for sure, right in tally.sure if low <= sure < high]
        if band:
            print(f"  said {low:.1f} to {min(high, 1.0):.1f}: {sum(band) / len(band):.2f} right of {len(band)}")
    if errors:
        for article, key, label, verdict, confidence, evidence in tally.wrong:
            print(f"  {article} {key}: is {label}, said {verdict} ({confidence:.2f}): {evidence[:160]}")


def draw(sure: Iterable[tuple[float, bool]], path: Path) -> None:
    """A reliability diagram: of findings said with a confidence, how many were right."""
    import matplotlib as mpl

    mpl.use("Agg")
    from matplotlib import pyplot as plt

    bands: dict[int, list[tuple[float, bool]]] = {}
    for confidence, right in sure:
        bands.setdefault(min(int(confidence * 10), 9), []).append((confidence, right))
    said = [sum(c for c, _ in band) / len(band) for _, band in sorted(bands.items())]
    true = [sum(r for _, r in band) / len(band) for _, band in sorted(bands.items())]
    figure, axes = plt.subplots(figsize=(5, 5), dpi=120)
    axes.plot([0, 1], [0, 1], color="#999999", linestyle="--", linewidth=1, label="as it should be")
    axes.plot(said, true, marker="o", color="#b3261e", label="as it is")
    for x, y, (_, band) in zip(said, true, sorted(bands.items()), strict=True):
        axes.annotate(str(len(band)), (x, y), textcoords="offset points", xytext=(6, -12), fontsize=8)
    axes.set(xlim=(0, 1), ylim=(0, 1), xlabel="confidence said", ylabel="share that was right")
    axes.set_title("Findings of held-out articles (with their number)", fontsize=10)
    axes.legend(loc="upper left", frameon=False)
    figure.tight_layout()
    figure.savefig(path)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("sets", nargs="+", help="labelled articles, one JSON object a line")
    parser.add_argument("--errors", action="store_true", help="list every wrong verdict")
    parser.add_argument("--json", action="store_true", help="print the figures as JSON")
    parser.add_argument("--plot", type=Path, help="draw said against true as a picture (PNG)")
    args = parser.parse_args()
    sure: list[tuple[float, bool]] = []
    for path in args.sets:
        tally = measure(read_set(path))
        sure += tally.sure
        if args.json:
            print(json.dumps({"set": path, **tally.figures()}))
        else:
            show(path, tally, args.errors)
    if args.plot:
        draw(sure, args.plot)


if __name__ == "__main__":
    main()
