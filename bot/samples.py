"""What people said of verdicts -> labelled articles, in the format of tests/data/judgement/README.md, so that a team
can score the judgement on its own data and extend it. What nobody was asked (`facts`) is empty, not guessed."""

from __future__ import annotations

import hashlib
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from bot.model import Article, Entity, Feedback, Labelled, Sample, Tier, Verdict

_OUTLET_KINDS = {
    Tier.OFFICIAL: "government",
    Tier.WIRE: "wire",
    Tier.NEWS: "newspaper",
    Tier.TRADE: "trade_press",
    Tier.OTHER: "blog",
}


@dataclass(frozen=True, slots=True)
class Export:
    """`rows`: an article each, JSON-ready. `without_article`: opinions whose article was no longer kept when they were
    given. `disputed`: names of which people say different things; the most said label stands, then the latest."""

    rows: tuple[dict[str, Any], ...]
    without_article: int
    disputed: int


def export(labelled: Iterable[Labelled]) -> Export:
    """Articles in the order of their first opinion."""
    by_article: dict[str, list[tuple[Feedback, Sample]]] = defaultdict(list)
    without = 0
    for one in labelled:
        if one.sample:
            by_article[one.sample.article.key].append((one.feedback, one.sample))
        else:
            without += 1
    said = [_by_entity(opinions) for opinions in by_article.values()]
    disputed = sum(len({each.label for each, _ in of_one}) > 1 for names in said for of_one in names.values())
    return Export(tuple(_row(names) for names in said), without, disputed)


Opinions = Sequence[tuple[Feedback, Sample]]


def _by_entity(opinions: Opinions) -> dict[str, list[tuple[Feedback, Sample]]]:
    names: dict[str, list[tuple[Feedback, Sample]]] = defaultdict(list)
    for feedback, sample in opinions:
        names[feedback.entity].append((feedback, sample))
    return names


def _row(names: dict[str, list[tuple[Feedback, Sample]]]) -> dict[str, Any]:
    everybody = [opinion for opinions in names.values() for opinion in opinions]
    _, latest = max(everybody, key=lambda opinion: opinion[0].at)
    article, judgement = latest.article, latest.judgement
    labels = {key: settle(opinions) for key, opinions in names.items()}
    return {
        "id": f"feedback-{hashlib.sha256(article.key.encode('utf-8', 'replace')).hexdigest()[:12]}",
        "published": article.published_at.isoformat(),
        "language": article.language or "en",
        "outlet_kind": _OUTLET_KINDS[article.tier],
        "outlet": article.outlet,
        "url": article.url,
        "title": article.title,
        "summary": article.summary,
        "body": body_of(article),
        "watch": [_watched(opinions[-1][1].entity) for opinions in names.values()],
        "labels": {key: str(label) for key, label in labels.items()},
        "evidence": _evidence(names, labels),
        "authorities": list(judgement.authorities),
        "event": str(_event(labels, judgement.event)),
        "facts": [],
        "feedback": [_told(feedback) for feedback, _ in sorted(everybody, key=lambda opinion: opinion[0].at)],
    }


def settle(opinions: Opinions) -> Verdict:
    """The label that most people give; of those given equally often, the one given last."""
    counts = Counter(feedback.label for feedback, _ in opinions)
    best = max(counts.values())
    latest = max((feedback for feedback, _ in opinions if counts[feedback.label] == best), key=lambda one: one.at)
    return latest.label


def body_of(article: Article) -> str:
    """Paragraphs parted by a blank line, the outlet's own key points first, as extraction would find them."""
    points = ["Key Points", "\n".join(f"• {point}" for point in article.key_points)] if article.key_points else []
    return "\n\n".join([*points, *article.paragraphs])


def _watched(entity: Entity) -> dict[str, Any]:
    row: dict[str, Any] = {
        "key": entity.key,
        "name": entity.caption,
        "schema": str(entity.schema),
        "aliases": list(entity.aliases),
        "countries": list(entity.countries),
    }
    if entity.weak_aliases:
        row["weak_aliases"] = list(entity.weak_aliases)
    if entity.identifiers:
        row["identifiers"] = {identifier.kind: identifier.value for identifier in entity.identifiers}
    return row


def _evidence(names: dict[str, list[tuple[Feedback, Sample]]], labels: dict[str, Verdict]) -> dict[str, str]:
    """The sentence that decided, as the bot quoted it."""
    found = {}
    for key, opinions in names.items():
        findings = opinions[-1][1].judgement.findings
        if labels[key] is not Verdict.ABSENT and findings and findings[0].evidence:
            found[key] = findings[0].evidence
    return found


def _event(labels: dict[str, Verdict], read: Verdict | None) -> Verdict | str:
    """As the bot read the article as a whole, nobody was asked; but who confirms new sanctions confirms the event."""
    return Verdict.NEW_SANCTIONS if Verdict.NEW_SANCTIONS in labels.values() else read or "none"


def _told(feedback: Feedback) -> dict[str, str]:
    return {
        "entity": feedback.entity,
        "label": str(feedback.label),
        "given": str(feedback.given),
        "by": str(feedback.user),
        "at": feedback.at.isoformat(),
        "event": feedback.event,
    }
