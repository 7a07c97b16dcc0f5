"""An outlet that takes its own report back: which event that puts in doubt, and what its readers are told.

Withdraws nothing: a person decides."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cache

from bot.events.steps import revised
from bot.model import Article, Correction, Doubt, Event, EventSource, Finding, Judgement, Mention, Verdict
from bot.text.folding import fold_key
from bot.text.patterns import joined, patterns_of

_FILE = "events/corrections.toml"
_DENIED_WITHIN = 200  # characters behind the sentence that is denied
_DENIED_BELOW = 0.05  # the probability of new sanctions: "hit by the list, it said it is on no other" is above
_LENGTH = 300  # characters of a sentence that are shown
_DAY = re.compile(r"(?<!\W)\W++(?:[A-Za-z]{3,9},? )?(?:\d{1,2} [A-Za-z]{3,9}|[A-Za-z]{3,9} \d{1,2})(?:,? \d{4})?$")
_NOTE = "a note on an earlier version"


@dataclass(frozen=True, slots=True)
class TakenBack:
    """What a correction does to an event. `reason` is kept with the article."""

    event: Event
    correction: Correction
    reason: str


def find_sign(article: Article) -> str:
    """What calls the article a correction, in its title or its lead: "Correction:"; "" if nothing does."""
    for text in (article.title, article.summary, *article.paragraphs[:1]):
        if found := _sign().match(text):
            return found.group().strip()
    return ""


def is_column(article: Article) -> bool:
    """Is it a column that corrects several reports: "Corrections and clarifications"? What it does not deny is right,
    so it puts no event in doubt by what it only names."""
    title = _DAY.sub("", article.title).strip(" .:|-–—,")
    return any(pattern.fullmatch(title) for pattern in patterns_of(_FILE, "column", article.language))


@cache
def _sign() -> re.Pattern[str]:
    about = r"(?:\s*\([^)]*\)|\s\d+|\s+to\s[^:]{1,60})?"
    parted = r"(?::|[-–—]\s|[-–—](?=[A-ZА-Я]))"
    return re.compile(
        rf"\W*(?:(?:{joined(_FILE, 'sign')}){about}\s*{parted}|{joined(_FILE, 'plain_sign')})", re.IGNORECASE
    )


def find_notes(article: Article, among: Iterable[int] | None = None) -> frozenset[int]:
    """The paragraphs (of `Article.blocks`) by which an article tells what an earlier version of it had wrong, as most
    outlets do below the text: "This article was amended on 12 November. An earlier version said …". `among`: of these
    alone."""
    texts = article.texts
    below = range(len(texts) - len(article.paragraphs) + 1, len(texts))
    wanted = below if among is None else set(among).intersection(below)
    return frozenset(at for at in wanted if _is_note(texts[at], article.language))


def _is_note(text: str, language: str) -> bool:
    return bool(_sign().match(text) or _says("note", text, language)) and _says("denied", text, language)


def without_refuted(article: Article, judgement: Judgement) -> Judgement:
    """A correction's judgement, without as new what it only repeats of the report that it corrects, and denies: "an
    earlier version said that X was added to the list. It was not"."""
    notes = None if find_sign(article) or is_column(article) else find_notes(article)
    if notes is not None and not notes:
        return judgement
    findings = tuple(
        replace(one, verdict=Verdict.BYSTANDER, reasons=("the article denies what an earlier version said of it",))
        if one.verdict is Verdict.NEW_SANCTIONS and _is_refuted(article, one.evidence, notes)
        else one
        for one in judgement.findings
    )
    if findings == judgement.findings:
        return judgement
    is_new = any(one.verdict is Verdict.NEW_SANCTIONS for one in findings)
    reasons = tuple("event: none" if one.startswith("event: ") and not is_new else one for one in judgement.reasons)
    return replace(judgement, findings=findings, event=judgement.event if is_new else None, reasons=reasons)


def _is_refuted(article: Article, sentence: str, notes: AbstractSet[int] | None) -> bool:
    """`notes`: in these blocks alone, if the article is no correction as a whole."""
    texts = (text for at, text in enumerate(article.texts) if notes is None or at in notes)
    text = next((text for text in texts if sentence and sentence in text), "")
    behind = text.partition(sentence)[2] if text else ""
    denied = _says("denied", f"{sentence} {behind[:_DENIED_WITHIN]}", article.language)
    return denied and _says("earlier", sentence, article.language)


def is_denied(article: Article, finding: Finding) -> bool:
    """Whether the sentence on somebody says that it is on no list, and nothing in the article speaks for new
    sanctions; or a note takes back what an earlier version said of it."""
    notes = find_notes(article, {mention.block for mention in finding.mentions})
    if any(_is_denied_at(article, mention) for mention in finding.mentions if mention.block in notes):
        return True
    return finding.alert_odds < _DENIED_BELOW and _says("unlisted", finding.evidence, article.language)


def _is_denied_at(article: Article, mention: Mention) -> bool:
    sentence = _around(article, mention)
    behind = article.texts[mention.block].partition(sentence)[2]
    return _says("denied", f"{sentence} {behind[:_DENIED_WITHIN]}", article.language)


def _says(kind: str, words: str, language: str) -> bool:
    return any(pattern.search(words) for pattern in patterns_of(_FILE, kind, language))


def take_back(article: Article, judgement: Judgement, known: Iterable[Event], now: datetime) -> tuple[TakenBack, ...]:
    """The events that an outlet's correction puts in doubt: it names one of their targets, says nothing new of it, and
    the outlet had told of them, at this address or another: of several those alone whose authority it tells, as "Japan
    has not blacklisted it" says nothing of what Canada did. () where the article is no correction, or was read as one
    before."""
    sign = find_sign(article)
    named = _corrected(article, judgement.findings) if sign else _noted(article, judgement.findings)
    if not named:
        return ()
    told = [event for event in known if _own_sources(article, event) and _names_one(event, named)]
    meant = [event for event in told if not set(judgement.authorities).isdisjoint(event.authorities)]
    events = meant or told
    return tuple(
        one for event in events for one in _doubted(article, named, judgement.findings, event, sign or _NOTE, now)
    )


def _noted(article: Article, findings: Iterable[Finding]) -> dict[str, Finding]:
    """Of whom an article's notes take back what an earlier version of it said, by what they say of them alone."""
    notes = find_notes(article)
    if not notes:
        return {}
    named: dict[str, Finding] = {}
    for one in findings:
        at = tuple(mention for mention in one.mentions if mention.block in notes and _is_denied_at(article, mention))
        if at and one.verdict is not Verdict.NEW_SANCTIONS:
            named[one.entity] = replace(one, evidence="", mentions=at)
    return named


def _own_sources(article: Article, event: Event) -> list[EventSource]:
    """Of the outlet that corrects itself."""
    outlet = fold_key(article.outlet)
    return [source for source in event.sources if fold_key(source.outlet) == outlet]


def _names_one(event: Event, named: Mapping[str, Finding]) -> bool:
    """A target that was withdrawn meanwhile counts: what corrected it takes back no other event in its place."""
    return any(target.entity in named for target in event.ever_targets)


def _corrected(article: Article, findings: Sequence[Finding]) -> dict[str, Finding]:
    """Of whom a correction may take back what was reported: whom it names and does not tell as newly sanctioned. Where
    its title names some of those, them alone: the text tells of the others what was right, "it did list Y, not X". Nor,
    beside others, whom alone it says were listed."""
    named = {one.entity: one for one in findings if one.verdict is not Verdict.NEW_SANCTIONS and one.mentions}
    wrong = {key: one for key, one in named.items() if not _says("holds", _sentence(article, one), article.language)}
    named = wrong or named
    in_title = {
        key: one
        for key, one in named.items()
        if one.verdict is not Verdict.BACKGROUND and any(at.block == 0 for at in one.mentions)
    }
    return in_title or named


def _doubted(
    article: Article, named: Mapping[str, Finding], findings: Iterable[Finding], event: Event, sign: str, now: datetime
) -> Iterator[TakenBack]:
    """One for each target, as not every chat sees them all; each is a revision of the one before."""
    outlet = fold_key(article.outlet)
    is_open = event.kind is Verdict.NEW_SANCTIONS and event.stands
    if not is_open or article.url in (*event.checked, *(doubt.url for doubt in event.doubts)):
        return
    names = _names(event, findings)
    for target in event.targets:
        key = target.entity
        if key not in named:
            continue
        telling = (one.outlet for one in event.sources if one.tells_of(key) and fold_key(one.outlet) != outlet)
        others = tuple(dict.fromkeys(telling))
        quote = _quote(article, named[key], [name.casefold() for other, name in names if other != key])
        said = f"{article.outlet} corrects its report on {target.caption}"
        doubt = Doubt(article.outlet, article.url, quote, (key,), now, alone=not others)
        event = revised(replace(event, doubts=(*event.doubts, doubt)), f"to be checked: {said}", now)
        correction = Correction(said, told_left(others), key, quote, article.outlet, article.url)
        yield TakenBack(event, correction, f"a correction (“{sign}”) by an outlet that told of it")


def _names(event: Event, findings: Iterable[Finding]) -> list[tuple[str, str]]:
    """(target, a name of it), those that proved wrong too, as the event or the article writes them."""
    targets = event.ever_targets
    keys = {target.entity for target in targets}
    told = [(target.entity, name) for target in targets for name in (target.caption, target.surface) if name]
    written = [(one.entity, at.surface) for one in findings if one.entity in keys for at in one.mentions if at.surface]
    return [*told, *written]


def told_left(others: Sequence[str]) -> str:
    """What stands of an event that an outlet took back."""
    if not others:
        return "No other source tells of it. It is not withdrawn by itself: check it."
    return f"Still told by {', '.join(others[:3])}. It is not withdrawn by itself: check it."


def settle_doubts(event: Event, by: str, now: datetime) -> tuple[Event, Correction]:
    """Somebody checked it, and it holds: what raised the doubts raises them no more when it is read again."""
    what = f"checked by {by}: it holds"
    checked = tuple(dict.fromkeys((*event.checked, *(doubt.url for doubt in event.doubts))))
    changed = revised(replace(event, doubts=(), checked=checked), what, now)
    return changed, Correction(what[:1].upper() + what[1:], "The alert holds after all.")


def _quote(article: Article, finding: Finding, others: Sequence[str]) -> str:
    """What decides, or else what the article says first of the target, its title included, without a name of `others`:
    not every chat sees these. "" if it names them wherever it names the target."""
    sentences = (_sentence(article, finding), *(_around(article, mention) for mention in finding.mentions))
    return next((one for one in sentences if not any(name in one.casefold() for name in others)), "")


def _sentence(article: Article, finding: Finding) -> str:
    return finding.evidence or _around(article, finding.mentions[0])


def _around(article: Article, mention: Mention) -> str:
    """The sentence that it stands in."""
    texts = article.texts
    text = texts[mention.block] if 0 <= mention.block < len(texts) else article.title
    start = max(
        (text.rfind(mark, 0, mention.start) + 2 for mark in (". ", "! ", "? ") if mark in text[: mention.start]),
        default=0,
    )
    end = text.find(". ", mention.end)
    sentence = text[start : end + 1 if end >= 0 else len(text)]
    return sentence if len(sentence) <= _LENGTH else f"{sentence[:_LENGTH].rsplit(' ', 1)[0]} …"
