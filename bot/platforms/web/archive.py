"""The archive of articles as the console shows it: what is asked for, a page of it, and where its neighbours begin."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from urllib.parse import urlencode

from bot.model import ChatKey, Finding, Verdict
from bot.ports import ArticleMark, ArticleRecord, ArticleWish, Records
from bot.visibility import see_articles, told_watchlists

CONSOLE = ChatKey("web", "console")  # the chat that all who open the console share: the pages show what it sees
PAGE, OUTLETS = 50, 300
MOST_WORDS = 200  # characters
ONLY = {"all": "All", "named": "Naming somebody tracked", "alert": "Part of an alert"}

SHOWN_VERDICTS = tuple(Verdict)[:-1]  # all but ABSENT
_MARK = re.compile(r"(\d{1,16})-([0-9a-f]{1,64})")
_START = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class ArticleQuery:
    """As the address of the page has it; what cannot be read counts as not asked. Days are UTC, `until` is included."""

    only: str = "all"
    verdict: Verdict | None = None
    outlet: str = ""
    words: str = ""
    since: date | None = None
    until: date | None = None
    before: ArticleMark | None = None
    after: ArticleMark | None = None

    @classmethod
    def read(cls, fields: Mapping[str, str]) -> ArticleQuery:
        only, verdict = fields.get("only", ""), fields.get("verdict", "")
        return cls(
            only=only if only in ONLY else "all",
            verdict=Verdict(verdict) if verdict in set(SHOWN_VERDICTS) else None,
            outlet=fields.get("source", "").strip()[:MOST_WORDS],
            words=fields.get("q", "").strip()[:MOST_WORDS],
            since=_day(fields.get("from", "")),
            until=_day(fields.get("to", "")),
            before=_mark(fields.get("before", "")),
            after=_mark(fields.get("after", "")),
        )

    @property
    def is_narrow(self) -> bool:
        """Whether anything but the first page of all is asked for."""
        return self.first_page != ArticleQuery()

    @property
    def first_page(self) -> ArticleQuery:
        return replace(self, before=None, after=None)

    def wish(self, watchlists: tuple[str, ...] | None) -> ArticleWish:
        return ArticleWish(
            raised=self.only == "alert",
            named=self.only == "named",
            verdict=self.verdict,
            outlet=self.outlet,
            words=self.words,
            since=_midnight(self.since) if self.since else None,
            until=_midnight(self.until + timedelta(days=1)) if self.until else None,
            watchlists=watchlists,
        )

    def link(self, **changes: object) -> str:
        """The address of the page with something else asked for; of its first page, unless a place is named."""
        other = replace(self.first_page, **changes)  # type: ignore[arg-type]
        fields = {
            "only": other.only if other.only != "all" else "",
            "verdict": other.verdict or "",
            "source": other.outlet,
            "q": other.words,
            "from": other.since or "",
            "to": other.until or "",
            "before": _told_mark(other.before),
            "after": _told_mark(other.after),
        }
        query = urlencode({key: str(value) for key, value in fields.items() if value})
        return f"/articles?{query}" if query else "/articles"


@dataclass(frozen=True, slots=True)
class ArticleShelf:
    """A page of the archive as the console sees it. `newer` and `older`: where its neighbours begin, if there are any;
    `found`: how many fit in all."""

    articles: Sequence[ArticleRecord]
    found: int
    newer: ArticleMark | None = None
    older: ArticleMark | None = None
    captions: Mapping[str, str] = field(default_factory=dict)
    outlets: Sequence[str] = ()


def load_articles(records: Records, asked: ArticleQuery) -> ArticleShelf:
    """The page that is asked for, with where the pages beside it begin."""
    wish = asked.wish(_own_watchlists(records))
    page, is_more = _page(records, asked, wish)
    if asked.after and not is_more:  # the newest: a whole page, as what came since has moved it
        page, is_more = _page(records, asked.first_page, wish)
        asked = asked.first_page
    first, last = (page[0][0], page[-1][0]) if page else (None, None)
    articles = [record for _, record in page]
    return ArticleShelf(
        articles,
        records.count_articles(wish),
        newer=first if asked.before or (asked.after and is_more) else None,
        older=last if asked.after or is_more else None,
        captions=load_captions(records, articles),
        outlets=records.outlets(OUTLETS),
    )


_Placed = tuple[ArticleMark, ArticleRecord]


def _page(records: Records, asked: ArticleQuery, wish: ArticleWish) -> tuple[list[_Placed], bool]:
    """(a page, whether there are more beyond it). What the console does not see is passed over, so more are looked
    at."""
    found: list[_Placed] = []
    before, after = asked.before, asked.after
    while len(found) <= PAGE:
        part = records.find_articles(wish, PAGE + 1, before, after)
        seen = see_articles(records, CONSOLE, [record for _, record in part])
        shown = [(mark, one) for (mark, _), one in zip(part, seen, strict=True) if _is_shown(one, asked)]
        found = [*shown, *found] if after else [*found, *shown]
        if len(part) <= PAGE:
            break
        before, after = (before, part[0][0]) if after else (part[-1][0], after)
    is_more = len(found) > PAGE
    return (found[-PAGE:] if asked.after else found[:PAGE]), is_more


def _is_shown(record: ArticleRecord, asked: ArticleQuery) -> bool:
    """Still, as the console sees it."""
    findings = record.judgement.findings if record.judgement else ()
    if asked.only == "alert" and record.event is None:
        return False
    if asked.verdict and not any(finding.verdict is asked.verdict for finding in findings):
        return False
    return asked.only != "named" or bool(findings)


def _own_watchlists(records: Records) -> tuple[str, ...] | None:
    """None: it sees all that there are."""
    seen = told_watchlists(records.chat_watchlists(), records.routes_elsewhere(), CONSOLE)
    return None if {one.key for one in records.watchlists()} <= set(seen) else seen


def load_captions(records: Records, articles: Iterable[ArticleRecord]) -> Mapping[str, str]:
    """What those whom the articles name are called, by key."""
    findings = [finding for record in articles for finding in in_order(record)]
    written = {one.entity: one.mentions[0].surface for one in findings if one.mentions and one.mentions[0].surface}
    tracked = records.entities_of({one.entity for one in findings})
    return written | {entity.key: entity.caption for entity in tracked}  # who is tracked no more: as it was written


def in_order(record: ArticleRecord) -> list[Finding]:
    """The article's findings, the most telling first."""
    findings = record.judgement.findings if record.judgement else ()
    return sorted(findings, key=lambda finding: finding.verdict.rank)


# ---------------------------------------------------------------- as an address has it


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if re.fullmatch(r"\d{4}-\d\d-\d\d", text) and text < "9999" else None
    except ValueError:
        return None


def _midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=UTC)


def _mark(text: str) -> ArticleMark | None:
    found = _MARK.fullmatch(text)
    if not found:
        return None
    try:
        return ArticleMark(_START + timedelta(microseconds=int(found[1])), found[2])
    except OverflowError:
        return None


def _told_mark(mark: ArticleMark | None) -> str:
    return f"{(mark.judged_at - _START) // timedelta(microseconds=1)}-{mark.digest}" if mark else ""
