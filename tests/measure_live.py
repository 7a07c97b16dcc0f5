"""Score the judgement on labelled articles as a live bot gets them: an entry of a feed, and a page of an outlet.

    python -m tests.measure_live SET.jsonl … [--template wire …] [--lines] [--errors] [--json]

Each article is put into each template of tests/data/live, with other stories, captions, comments and offers that name
whom it does not newly list, and goes the way of a poll: the feed's bytes to an entry, whether its page is fetched, the
page's bytes to an article, its judgement. `text` is the article as tests/measure.py reads it, `bare` a page of nothing
else. `--lines` tells what each template's pages lost of the text, and brought along.
"""

from __future__ import annotations

import argparse
import json
import tomllib
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from email.utils import format_datetime
from functools import cache
from itertools import cycle, groupby, islice
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from bot.articles import parse_article
from bot.articles.lines import BULLET
from bot.articles.teasers import letters_of
from bot.articles.texts import without_pointers
from bot.matching.names import NameIndex
from bot.matching.verdicts import Reasons
from bot.model import Article, Entry, HttpAnswer, Judgement, Source, Verdict
from bot.pipeline.judging import judge
from bot.pipeline.reading import decide_page
from bot.sources import parse_entries
from tests.measure import Tally, article_of, entities_of, read_set

DATA = Path(__file__).parent / "data" / "live"
TEMPLATES = tuple(sorted(path.stem for path in DATA.glob("[!_]*.html")))
_FEEDS = {"wordpress": "wordpress.xml", "newsletter": "wordpress.xml", "press_release": "atom.xml"}
_FEED = "rss.xml"
_CHARSETS = {"ministry.html": "windows-1251"}  # which the page tells, and its server does not
_TEASER, _FIRST_WORDS = 250, 55  # characters; words, as WordPress cuts
SITE = "https://outlet.example/"
_NOBODY = "Roe Mills"  # whom other stories name where the article tells of nobody else


# ---------------------------------------------------------------- an article to a feed and a page


@dataclass(frozen=True, slots=True)
class Block:
    """A paragraph, or a list of items, or a table's rows."""

    line: str = ""
    items: tuple[str, ...] = ()
    rows: tuple[tuple[str, ...], ...] = ()


def blocks_of(body: str) -> list[Block]:
    lines = [line.strip() for part in body.split("\n\n") for line in part.split("\n") if line.strip()]
    found: list[Block] = []
    for kind, run in groupby(lines, key=lambda line: "item" if line.startswith(BULLET) else "row" * (" | " in line)):
        if kind == "item":
            found.append(Block(items=tuple(line.removeprefix(BULLET) for line in run)))
        elif kind == "row":
            found.append(Block(rows=tuple(tuple(line.split(" | ")) for line in run)))
        else:
            found += [Block(line) for line in run]
    return found


def told_of(item: Mapping[str, Any]) -> dict[str, Any]:
    """What the templates are filled with."""
    words = _words().get(item.get("language", "en").split("-")[0], _words()["en"])
    spared = [row["name"] for row in item["watch"] if item["labels"].get(row["key"]) != Verdict.NEW_SANCTIONS]
    names = list(islice(cycle(spared or [_NOBODY]), len(words["stories"])))
    at = datetime.fromisoformat(item["published"])
    first = item["body"].split("\n\n")[0]
    return {
        "title": item["title"],
        "standfirst": item.get("summary", ""),
        "teaser": item.get("summary") or (first if len(first) <= _TEASER else first[:_TEASER].rsplit(" ", 1)[0] + "…"),
        "first_words": " ".join(item["body"].split()[:_FIRST_WORDS]),
        "blocks": blocks_of(item["body"]),
        "plain": item["body"],
        "language": item.get("language", "en"),
        "names": list(dict.fromkeys(names)),
        "others": [_story(told, name, n) for n, (told, name) in enumerate(zip(words["stories"], names, strict=True))],
        "comments": [line.format(name=name) for line, name in zip(words["said"], names, strict=False)],
        "words": words,
        "iso": at.isoformat(),
        "day": f"{at:%d.%m.%Y}",
        "rfc822": format_datetime(at),
    }


def _story(told: Sequence[str], name: str, number: int) -> dict[str, str]:
    title, line, more = (text.format(name=name) for text in told)
    return {"slug": f"2026/news/story-{number}.html", "title": title, "line": line, "more": more}


@cache
def _words() -> Mapping[str, Any]:
    return tomllib.loads((DATA / "words.toml").read_text(encoding="utf-8"))


@cache
def _environment() -> Environment:
    loaded = Environment(
        loader=FileSystemLoader(DATA), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    loaded.globals["text"] = loaded.get_template("_parts.html").module.text  # type: ignore[attr-defined]
    return loaded


def _answer(template: str, told: Mapping[str, Any], url: str, kind: str) -> HttpAnswer:
    charset = _CHARSETS.get(template)
    body = _environment().get_template(template).render(told).encode(charset or "utf-8", "xmlcharrefreplace")
    return HttpAnswer(200, url, {"content-type": kind if charset else f"{kind}; charset=utf-8"}, body)


# ---------------------------------------------------------------- and the way of a live bot


@dataclass(frozen=True, slots=True)
class Read:
    article: Article
    is_fetched: bool


def read_live(item: Mapping[str, Any], template: str, index: NameIndex) -> Read:
    """The article of a poll, which comes a few minutes after it was published."""
    told = told_of(item)
    source = Source("outlet", item.get("outlet_kind") or "Outlet", f"{SITE}feed")
    now = datetime.fromisoformat(item["published"]) + timedelta(minutes=5)
    answer = _answer(_FEEDS.get(template, _FEED), told, source.url, "application/xml")
    (entry,) = parse_entries(source, answer, now).entries
    return read_entry(entry, source, index, _answer(f"{template}.html", told, entry.link, "text/html"))


def read_entry(entry: Entry, source: Source, index: NameIndex, page: HttpAnswer) -> Read:
    is_fetched, note = decide_page(entry, source, index)
    return Read(parse_article(entry, source, page if is_fetched else None, note), is_fetched)


class Judged:
    """Judges what differs: most templates come to one text."""

    def __init__(self, index: NameIndex) -> None:
        self._index = index
        self._known: dict[Article, Judgement] = {}

    def judge(self, article: Article) -> Judgement:
        article = replace(article, full_text_note="")
        if article not in self._known:
            self._known[article] = judge(article, self._index, reasons=Reasons.OF_NONE)
        return self._known[article]


# ---------------------------------------------------------------- figures


@dataclass
class Row:
    """Of one template."""

    tally: Tally = field(default_factory=Tally)
    fetched: int = 0
    lost: Counter[str] = field(default_factory=Counter)  # paragraphs of the text
    brought: Counter[str] = field(default_factory=Counter)  # paragraphs that are not of the text


def measure(items: Iterable[Mapping[str, Any]], templates: Sequence[str] = TEMPLATES) -> dict[str, Row]:
    rows = {name: Row() for name in ("text", *templates)}
    for item in items:
        index = NameIndex.compile(entities_of(item))
        judged, plain = Judged(index), article_of(item)
        rows["text"].tally.add(item, judged.judge(plain), (), ())
        rows["text"].fetched += 1
        for name in templates:
            read = read_live(item, name, index)
            rows[name].tally.add(item, judged.judge(read.article), (), ())
            rows[name].fetched += read.is_fetched
            if read.is_fetched:
                rows[name].lost.update(_missing(_lines(plain), read.article))
                rows[name].brought.update(_missing(_lines(read.article), plain))
    return rows


def _lines(article: Article) -> Iterator[str]:
    """As pages part them, without those that point elsewhere: these are no text."""
    told = [line for text in (*article.paragraphs, *article.key_points) for line in text.split("\n")]
    return (line.removeprefix(BULLET) for line in without_pointers(told))


def _missing(lines: Iterable[str], article: Article) -> Iterator[str]:
    told = letters_of(" ".join((article.title, article.summary, *article.key_points, *article.paragraphs)))
    return (line for line in lines if letters_of(line) not in told)


def show(name: str, rows: Mapping[str, Row], *, lines: bool, errors: bool) -> None:
    print(f"{name}: {rows['text'].tally.articles} articles")
    print("  template        precision  recall  quiet that alert  macro F1  fetched  lost  brought")
    for template, row in rows.items():
        figures = row.tally.figures()
        alert = figures["verdicts"][Verdict.NEW_SANCTIONS]
        rates = (
            f"{alert['precision']:>9.3f}   {alert['recall']:.3f}  {figures['noisy']:>16}     {figures['macro_f1']:.3f}"
        )
        print(f"  {template:<15}{rates}  {row.fetched:>7}  {row.lost.total():>4}  {row.brought.total():>7}")
        for kind, found in (("lost", row.lost), ("brought", row.brought)) if lines else ():
            for text, count in found.most_common(12):
                print(f"      {kind} {count}: {text[:150]}")
        if errors:
            for article, key, label, verdict, *_ in sorted(set(row.tally.wrong) - set(rows["text"].tally.wrong)):
                if Verdict.NEW_SANCTIONS in (label, verdict):
                    print(f"      {article} {key}: is {label}, said {verdict}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("sets", nargs="+", help="labelled articles, one JSON object a line")
    parser.add_argument("--template", action="append", choices=TEMPLATES, help="this one only; may be given again")
    parser.add_argument("--lines", action="store_true", help="paragraphs that pages lost and brought along")
    parser.add_argument("--errors", action="store_true", help="wrong and missed alerts that the text has not")
    parser.add_argument("--json", action="store_true", help="print the figures as JSON")
    args = parser.parse_args()
    items = [item for path in args.sets for item in read_set(path)]
    rows = measure(items, args.template or TEMPLATES)
    if args.json:
        print(json.dumps({name: {**row.tally.figures(), "fetched": row.fetched} for name, row in rows.items()}))
    else:
        show(", ".join(args.sets), rows, lines=args.lines, errors=args.errors)


if __name__ == "__main__":
    main()
