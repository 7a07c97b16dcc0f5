"""An article's text cut where a name or a deciding sentence begins or ends, so that a page can mark both."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from itertools import pairwise

from bot.model import Article, Block, Finding


@dataclass(frozen=True, slots=True)
class Span:
    start: int
    end: int
    kind: str  # "name" or "evidence"
    label: str


@dataclass(frozen=True, slots=True)
class Segment:
    text: str
    is_name: bool = False
    is_evidence: bool = False
    label: str = ""


@dataclass(frozen=True, slots=True)
class MarkedBlock:
    kind: str
    segments: tuple[Segment, ...] = field(default=())


def mark_article(article: Article, findings: Iterable[Finding], captions: Mapping[str, str]) -> tuple[MarkedBlock, ...]:
    """The article's blocks that have text, each in segments."""
    spans = _spans(article, findings, captions)
    return tuple(
        MarkedBlock(block.kind, mark(block.text, spans.get(number, [])))
        for number, block in enumerate(article.blocks)
        if block.text.strip()
    )


def mark(text: str, spans: Iterable[Span]) -> tuple[Segment, ...]:
    """`text` in segments, each with what covers it. The segments joined are `text`."""
    inside = [span for span in spans if 0 <= span.start < span.end <= len(text)]
    cuts = sorted({0, len(text), *(span.start for span in inside), *(span.end for span in inside)})
    return tuple(_segment(text, start, end, inside) for start, end in pairwise(cuts))


def _segment(text: str, start: int, end: int, spans: Iterable[Span]) -> Segment:
    covering = [span for span in spans if span.start <= start and end <= span.end]
    names = [span for span in covering if span.kind == "name"]
    return Segment(
        text[start:end],
        is_name=bool(names),
        is_evidence=any(span.kind == "evidence" for span in covering),
        label="; ".join(dict.fromkeys(span.label for span in names or covering)),
    )


def _spans(article: Article, findings: Iterable[Finding], captions: Mapping[str, str]) -> dict[int, list[Span]]:
    spans: dict[int, list[Span]] = {}
    blocks = article.blocks
    for finding in findings:
        label = f"{captions.get(finding.entity, finding.entity)}: {finding.verdict.words}"
        for mention in finding.mentions:
            spans.setdefault(mention.block, []).append(Span(mention.start, mention.end, "name", label))
        for number, start in _places(finding.evidence, blocks):
            end = start + len(finding.evidence)
            spans.setdefault(number, []).append(Span(start, end, "evidence", f"decided {label}"))
    return spans


def _places(sentence: str, blocks: Iterable[Block]) -> Iterable[tuple[int, int]]:
    """Where a sentence stands, its first place in each block."""
    for number, block in enumerate(blocks):
        start = block.text.find(sentence) if sentence else -1
        if start >= 0:
            yield number, start
