"""Whether an article says anything of its own of what was withdrawn, or repeats it: the same page read again, the same
text at another outlet.

A person withdrew it and knew that text, so no copy brings it back. Another text may be right where the first was wrong,
and a designation that is missed costs more than an alert too many: so whatever is not surely a copy is told."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

from bot.events.reports import Report
from bot.model import Article, Event, EventSource, EventTarget, Finding, Tier
from bot.text.folding import fold_key

_NEAR = timedelta(days=2)  # the next week's round-up has this week's title, and is another text
_TELLING = 8  # words of a sentence that two writers do not both come to


def told_in_vain(report: Report, known: Iterable[Event]) -> dict[str, Event]:
    """The report's targets that were withdrawn, and of which it only repeats what was known -> the event."""
    return {
        finding.entity: event
        for event in known
        if event.kind is report.kind and not (event.told_as or event.review)
        for target in _withdrawn(event)
        for finding in report.findings
        if finding.entity == target.entity and _repeats(report.article, finding, event, target)
    }


def _withdrawn(event: Event) -> tuple[EventTarget, ...]:
    return event.ever_targets if event.withdrawn else tuple(one.target for one in event.withdrawn_targets)


def _repeats(article: Article, finding: Finding, event: Event, target: EventTarget) -> bool:
    """What an authority says itself, outlets copy from it, never the reverse."""
    if article.tier is Tier.OFFICIAL:
        return any(article.key == source.article for source in event.sources)
    return any(is_copy(article, source) for source in event.sources) or _is_one(finding.evidence, target.evidence)


def is_copy(article: Article, source: EventSource) -> bool:
    """Whether the article is that source, or its text elsewhere."""
    if article.key == source.article or (article.url and article.url == source.url):
        return True
    title = fold_key(article.title)
    return bool(title) and title == fold_key(source.title) and abs(article.published_at - source.published_at) <= _NEAR


def _is_one(sentence: str, other: str) -> bool:
    """Whether the sentences are one, but for what an outlet puts before or after it ("MOSCOW (Wire) — …")."""
    shorter, longer = sorted((fold_key(sentence), fold_key(other)), key=len)
    return len(shorter.split()) >= _TELLING and f" {shorter} " in f" {longer} "
