"""An outlet that takes its own report back: which event that puts in doubt, and what its readers are told.

Withdraws nothing: a person decides."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from bot.events.clustering import with_step
from bot.folding import fold_key
from bot.model import Article, Correction, Doubt, Event, EventStep, Finding, Judgement, Verdict

_SIGN = re.compile(
    r"""^\W*(?:
      (?:correction|corrected|clarification|retraction|retracted|withdrawn|kill|editor[’']s\snote\s?[-–—(]?\s?correction
        |berichtigung|korrektur|richtigstellung|rectificaci[oó]n|correcci[oó]n|fe\sde\serratas|rectificatif|correction\s
        |errata|исправление|поправка|уточнение|опровержение|виправлення|спростування)
      (?:\s*\([^)]*\)|\s\d+|\s+to\s[^:]{1,60})?\s*(?::|[-–—]\s|[-–—](?=[A-ZА-Я]))
      |corrects\b|[\[(]?(?:corrected|correction)[\])]
      |更正|정정)""",
    re.IGNORECASE | re.VERBOSE,
)
_LENGTH = 300  # characters of a sentence that are shown


@dataclass(frozen=True, slots=True)
class TakenBack:
    """What a correction does to an event. `reason` is kept with the article."""

    event: Event
    correction: Correction
    reason: str


def find_sign(article: Article) -> str:
    """What calls the article a correction, in its title or its lead: "Correction:"; "" if nothing does."""
    for text in (article.title, article.summary, *article.paragraphs[:1]):
        if found := _SIGN.search(text):
            return found.group().strip()
    return ""


def take_back(article: Article, judgement: Judgement, known: Iterable[Event], now: datetime) -> tuple[TakenBack, ...]:
    """The events that an outlet's correction puts in doubt: it names one of their targets, says nothing new of it, and
    the outlet had told of them. () where the article is no correction, or was read before."""
    sign = find_sign(article)
    if not sign:
        return ()
    named = {one.entity: one for one in judgement.findings if one.verdict is not Verdict.NEW_SANCTIONS and one.mentions}
    found = (
        _doubted(article, named_in, event, sign, now) for event in known if (named_in := _of(event, named.values()))
    )
    return tuple(one for one in found if one)


def _of(event: Event, findings: Iterable[Finding]) -> tuple[Finding, ...]:
    keys = {target.entity for target in event.targets}
    return tuple(one for one in findings if one.entity in keys)


def _doubted(article: Article, findings: Sequence[Finding], event: Event, sign: str, now: datetime) -> TakenBack | None:
    outlet = fold_key(article.outlet)
    is_open = event.kind is Verdict.NEW_SANCTIONS and not (event.withdrawn or event.told_as or event.review)
    own = [source for source in event.sources if fold_key(source.outlet) == outlet and source.article != article.key]
    if not is_open or not own or any(doubt.url == article.url for doubt in event.doubts):
        return None
    others = tuple(dict.fromkeys(one.outlet for one in event.sources if fold_key(one.outlet) != outlet))
    sentence = _sentence(article, findings[0])
    keys = tuple(finding.entity for finding in findings)
    captions = ", ".join(target.caption for target in event.targets if target.entity in keys)
    said = f"{article.outlet} corrects its report on {captions}"
    changed = replace(
        event,
        doubts=(*event.doubts, Doubt(article.outlet, article.url, sentence, keys, now, alone=not others)),
        history=with_step(event.history, EventStep(now, f"to be checked: {said}")),
        revision=event.revision + 1,
        updated_at=now,
    )
    correction = Correction(said, told_left(others), keys[0], sentence, article.outlet, article.url)
    return TakenBack(changed, correction, f"a correction (“{sign}”) by an outlet that told of it")


def told_left(others: Sequence[str]) -> str:
    """What stands of an event that an outlet took back."""
    if not others:
        return "No other source tells of it. It is not withdrawn by itself: check it."
    return f"Still told by {', '.join(others[:3])}. It is not withdrawn by itself: check it."


def settle_doubts(event: Event, by: str, now: datetime) -> tuple[Event, Correction]:
    """Somebody checked it, and it holds."""
    what = f"checked by {by}: it holds"
    changed = replace(
        event,
        doubts=(),
        history=with_step(event.history, EventStep(now, what)),
        revision=event.revision + 1,
        updated_at=now,
    )
    return changed, Correction(what[:1].upper() + what[1:], "The alert holds after all.")


def _sentence(article: Article, finding: Finding) -> str:
    if finding.evidence:
        return finding.evidence
    mention, blocks = finding.mentions[0], article.blocks
    text = blocks[mention.block].text if 0 <= mention.block < len(blocks) else article.title
    start = max(
        (text.rfind(mark, 0, mention.start) + 2 for mark in (". ", "! ", "? ") if mark in text[: mention.start]),
        default=0,
    )
    end = text.find(". ", mention.end)
    sentence = text[start : end + 1 if end >= 0 else len(text)]
    return sentence if len(sentence) <= _LENGTH else f"{sentence[:_LENGTH].rsplit(' ', 1)[0]} …"
