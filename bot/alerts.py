"""Event -> Message: what a reader is shown. Who + what first, then how sure, why, and the sentence that decided it.

Every word comes from the event: nothing is concluded here, nothing is escaped (that is rendering's)."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import replace
from itertools import combinations
from types import MappingProxyType

from bot.authorities import told_authority
from bot.bullets import LIST_LABELS, LIST_MORE, MAX_BULLETS, with_more
from bot.counted import first_of, some_of
from bot.model import (
    CONFIRMED,
    Acknowledgement,
    Action,
    Correction,
    Event,
    EventSource,
    EventTarget,
    Fact,
    Feedback,
    Finding,
    Judgement,
    Link,
    Message,
    Quote,
    Severity,
    Tie,
    User,
    Verdict,
)
from bot.severities import Severe, decide_severity, told_ties
from bot.text.datelines import plain
from bot.text.figures import contradict
from bot.text.folding import fold_key
from bot.text.phrasing import leans_back, may_begin_with_name, split_sentences
from bot.zones import told_date, told_day, told_time

QUOTES = 3  # sentences shown in an alert; `why` shows them all
NAMES_IN_TITLE = 2
NOBODY: Mapping[str, str] = MappingProxyType({})
SAYINGS = 4  # of people, shown in an alert
WITHDRAWN = 3  # targets, shown in an alert
EASED = 3  # alerts before, shown in one on what eases or lifts them
RECORDS = 4  # of official lists, shown in an alert

_ACTS = {
    Verdict.NEW_SANCTIONS: "new {authority}sanctions",
    Verdict.POSSIBLE: "{authority}sanctions only proposed, not adopted",
    Verdict.RELIEF: "{authority}sanctions eased or lifted",
    Verdict.RENEWAL: "{authority}sanctions prolonged, none new",
    Verdict.ENFORCEMENT: "{authority}sanctions enforced: pursued for a breach, not listed",
}
# What an event that is no new sanctions says first, so that nobody takes it for a designation.
_NOT_NEW = {
    Verdict.POSSIBLE: "Proposed or threatened, not adopted: nobody is newly sanctioned by this.",
    Verdict.RELIEF: "Eased or lifted: nobody is newly sanctioned by this.",
    Verdict.RENEWAL: "Measures already in force go on: nobody is newly sanctioned by this.",
    Verdict.ENFORCEMENT: "A fine, a charge or a seizure for breaking sanctions: nobody is newly sanctioned by this.",
}
_QUIET = {
    Verdict.NEW_SANCTIONS: "new sanctions, told already",
    Verdict.POSSIBLE: "possible sanctions, none yet",
    Verdict.RELIEF: "sanctions eased",
    Verdict.RENEWAL: "sanctions renewed",
    Verdict.ENFORCEMENT: "pursued for breaking sanctions",
    Verdict.BACKGROUND: "background, nothing new",
    Verdict.BYSTANDER: "not the one sanctioned",
    Verdict.UNRELATED: "no sanctions in our sense",
}
# What a person says an article is about for somebody, in a few words.
LABELS = {
    Verdict.NEW_SANCTIONS: "newly sanctioned",
    Verdict.POSSIBLE: "only proposed",
    Verdict.RELIEF: "eased or lifted",
    Verdict.RENEWAL: "only prolonged",
    Verdict.ENFORCEMENT: "fined or charged",
    Verdict.BACKGROUND: "listed before",
    Verdict.BYSTANDER: "only mentioned",
    Verdict.UNRELATED: "not about sanctions",
    Verdict.ABSENT: "somebody else of that name",
}


def alert_message(
    event: Event,
    focus: frozenset[str] = frozenset(),
    said: Sequence[Feedback] = (),
    handled: Acknowledgement | None = None,
    ties: Sequence[Tie] = (),
    zone: str = "",
    gone: Mapping[str, str] = NOBODY,
) -> Message:
    """The one message of an event in a chat. Targets in `focus` (those the chat asked for by name) come first; `said`
    is what people of the chat say of it, `handled` that somebody there handles it; `ties` by which alone it is told;
    `zone`: the chat's; `gone`: captions of targets that its people took out, as somebody else."""
    if event.review:
        return review_message(event, said, zone)
    targets = in_focus(event, focus)
    same = (f"This is the same act as event {event.told_as}: what follows is told there.",) if event.told_as else ()
    severe = decide_severity(event, focus, ties)
    before = told_before(event, zone)
    not_new = (_NOT_NEW[event.kind],) if event.kind in _NOT_NEW else ()
    return Message(
        title=headline(event, targets),
        severity=severe.severity,
        at=event.opened_at,
        at_is="seen",
        zone=zone,
        subtitle=subtitle(event),
        paragraphs=(
            *told_withdrawal(event),
            *(f"To be checked: {doubt}" for doubt in told_doubts(event, zone)),
            *told_confirmed(event),
            *filter(None, [told_handling(handled, zone)]),
            *not_new,
            *same,
        ),
        facts=(*_told_targets(targets, severe, ties), *told_withdrawn(event), *told_records(event, targets)),
        bullets=(
            *(f"Told before: {text}" for text, _ in before),
            *_beside_targets(find_points(event, quotes := find_quotes(targets, focus)), event),
        ),
        bullet_urls=tuple(url for _, url in before),
        quotes=_marked_quotes(event, quotes),
        quotes_first=_tell_the_act(event, quotes),
        sources=find_links(event),
        footer=_lines(find_footer(event, zone), told_sayings(event, said, gone)),
        actions=_looks(event) if event.withdrawn else (*_handles(event, handled), *_opinions(event, said)),
        withdrawn=event.withdrawn,
    )


def told_before(event: Event, zone: str) -> tuple[tuple[str, str], ...]:
    """What a relief eases or lifts, the latest first, with the first article's address: ('Rosneft — new US sanctions ·
    Wire, 3 May 2026 · event 3f2a9c41', 'https://…')."""
    told: list[tuple[str, str]] = []
    for key in list(dict.fromkeys(one.event for one in event.eases))[:EASED]:
        eased = {one.entity: one for one in event.eases if one.event == key}
        first = next(iter(eased.values()))
        names = _names([target for target in event.ever_targets if target.entity in eased])
        act = _told_act(Verdict.NEW_SANCTIONS, first.authorities, first.programme)
        source = ", ".join(filter(None, (first.outlet, told_day(first.at, zone))))
        told.append((f"{names} — {act} · {source} · event {key}", first.url))
    return tuple(told)


def _told_targets(targets: Sequence[EventTarget], severe: Severe, ties: Sequence[Tie]) -> tuple[Fact, ...]:
    """Who it is, and what makes it less than high."""
    is_relief = any(target.verdict is Verdict.RELIEF for target in targets)
    label = ("Relief for" if is_relief else "Sanctioned") if ties else "Tracked"
    names = Fact(label, "; ".join(_told_as(target) for target in targets))
    if ties and is_relief:
        return names, Fact("Close to it", told_ties(ties))
    why = (Fact("Why medium", severe.reason),) if severe.severity is Severity.MEDIUM else ()
    return (*why, names) if ties else (names, *why)


def told_withdrawal(event: Event) -> tuple[str, ...]:
    """'Withdrawn by Ana: the outlet corrected it. What follows no longer holds.'"""
    if not event.withdrawn:
        return ()
    said = event.withdrawal.said if event.withdrawal else "withdrawn"
    return (f"{said[:1].upper()}{said[1:].rstrip('.')}. What follows no longer holds.",)


def told_confirmed(event: Event) -> tuple[str, ...]:
    """'Confirmed by Ana. The bot was not sure enough by itself.'; the targets are named where it is some of them."""
    said = next((step.what for step in event.history if step.what.startswith(CONFIRMED)), "")
    return (f"{said[:1].upper()}{said[1:]}. The bot was not sure enough by itself.",) if said else ()


def told_why_withdrawn(event: Event, zone: str) -> str:
    """'by Ana, 28 Nov, 21:02 UTC: the outlet corrected it'"""
    gone = event.withdrawal
    if gone is None:
        return "yes: it proved wrong"
    return f"by {gone.by}, {told_time(gone.at, zone)}: {gone.reason or 'it proved wrong'}"


def told_doubts(event: Event, zone: str) -> tuple[str, ...]:
    """'Wire corrected its report on Litasco SA on 28 Nov, 14:02 UTC: “…” No other source tells of it.'; the latest
    report alone, and on whom where the event has several targets."""
    if event.withdrawn or not event.open_doubts:
        return ()
    last = event.open_doubts[-1]
    own = [doubt for doubt in event.open_doubts if doubt.url == last.url]
    targets = {key for doubt in own for key in doubt.targets}
    telling = (source for source in event.sources if any(source.tells_of(key) for key in targets))
    corrected = {fold_key(one.outlet) for one in event.doubts if not targets.isdisjoint(one.targets)}
    outlets = {fold_key(source.outlet) for source in telling} - corrected
    left = "" if outlets else " No other source tells of it."
    quotes = " ".join(dict.fromkeys(f"“{doubt.sentence}”" for doubt in own if doubt.sentence))
    words = f": {quotes}" if quotes else "."
    whom = [target for target in event.targets if target.entity in targets] if event.targets[1:] else []
    on_whom = f" on {_names(whom)}" if whom else ""
    return (f"{last.outlet} corrected its report{on_whom} on {told_time(last.at, zone)}{words}{left}",)


def told_withdrawn(event: Event) -> tuple[Fact, ...]:
    """Targets that proved wrong while the others hold, struck through, the latest first."""
    told = [
        Fact("Withdrawn", f"by {one.by}" + (f": {one.reason}" if one.reason else ""), struck=one.target.caption)
        for one in reversed(event.withdrawn_targets)
    ]
    more = len(told) - WITHDRAWN
    return (*told[:WITHDRAWN], *([Fact("", f"and {more} more withdrawn")] if more > 0 else []))


def told_handling(handled: Acknowledgement | None, zone: str) -> str:
    """'Handled by Ana since 28 Nov, 14:02 UTC.'"""
    return f"Handled by {handled.by.called} since {told_time(handled.at, zone)}." if handled else ""


def _handles(event: Event, handled: Acknowledgement | None) -> tuple[Action, ...]:
    """The first rows: what somebody does with an alert, and where more is told."""
    acknowledge = (
        Action("Undo: not handled", data=f"ack {event.key} undo")
        if handled
        else Action("Acknowledge", data=f"ack {event.key}")
    )
    details, article = _looks(event)
    return acknowledge, details, Action("Mute …", data=f"mute {event.key}"), article


def _opinions(event: Event, said: Sequence[Feedback]) -> tuple[Action, ...]:
    """What people say of it. Of an event that is no new sanctions, "not relevant" would not tell what it is."""
    is_alert = event.kind is Verdict.NEW_SANCTIONS
    ask = Action("What is it instead?", data=f"feedback {event.key} ask")
    return (
        Action("Right", data=f"feedback {event.key} right"),
        *([Action("Not relevant", data=f"feedback {event.key} wrong")] if is_alert else [ask]),
        Action("Not my entity", data=f"notmine {event.key}"),
        *([ask] if is_alert and _is_refused(said) else []),
    )


def told_records(event: Event, targets: Sequence[EventTarget]) -> tuple[Fact, ...]:
    """What the official lists say of these targets, one line for each."""
    captions = {target.entity: target.caption for target in targets}
    lines = [
        f"{captions[record.entity]}: {record.text}" if len(captions) > 1 else record.text
        for record in event.records
        if record.entity in captions
    ]
    shown = first_of(lines, RECORDS, f": {len(lines)} in all")
    return (Fact("Official lists", "; ".join(shown)),) if lines else ()


def review_message(event: Event, said: Sequence[Feedback], zone: str) -> Message:
    """What the review chat is shown: a doubtful finding, as a question. Nobody else was told."""
    unsure = [
        f"{_told_as(target)}: {target.confidence:.0%}, read as {target.verdict.words}" for target in event.targets
    ]
    return Message(
        title=f"To review: {headline(event, event.targets)}?",
        severity=Severity.LOW,
        at=event.opened_at,
        at_is="seen",
        zone=zone,
        subtitle=subtitle(event),
        paragraphs=(
            f"An alert has told of it since: event {event.told_as}."
            if event.told_as
            else "Not sure enough for an alert, so nobody was told. Is it new?",
        ),
        facts=(Fact("How probable", "; ".join(unsure)),),
        bullets=_beside_targets(find_points(event, quotes := find_quotes(event.targets)), event),
        quotes=_marked_quotes(event, quotes),
        quotes_first=_tell_the_act(event, quotes),
        sources=find_links(event),
        footer=_lines(find_footer(event, zone), told_sayings(event, said)),
        actions=(
            *_looks(event),
            Action("New sanctions", data=f"feedback {event.key} {Verdict.NEW_SANCTIONS}"),
            Action("Not new", data=f"feedback {event.key} right"),
            Action("Not my entity", data=f"notmine {event.key}"),
        ),
        withdrawn=event.withdrawn,
    )


def told_sayings(event: Event, said: Sequence[Feedback], gone: Mapping[str, str] = NOBODY) -> str:
    """'Ana: right. Ben: not relevant, only mentioned (Gazprom Neft).' The names only where a person means some."""
    sayings: dict[tuple[User, str], list[str]] = {}
    captions = {target.entity: target.caption for target in event.targets} | dict(gone)
    for feedback in said:
        if feedback.entity in captions:
            saying = (feedback.user, _said_as(feedback))
            sayings.setdefault(saying, []).append(captions[feedback.entity])
    lines = [f"{user.called}: {words}{_in_part(names, len(captions))}." for (user, words), names in sayings.items()]
    more = len(lines) - SAYINGS
    return " ".join([*lines[:SAYINGS], *([f"And {more} more."] if more > 0 else [])])


def _in_part(names: Sequence[str], of: int) -> str:
    """' (Gazprom Neft)' where not all are meant."""
    return f" ({some_of(names, NAMES_IN_TITLE)})" if len(names) < of else ""


def _said_as(feedback: Feedback) -> str:
    label = LABELS[feedback.label]
    if feedback.label is feedback.given:
        return "right" if feedback.label is Verdict.NEW_SANCTIONS else f"right, {label}"
    return f"not relevant, {label}" if feedback.given is Verdict.NEW_SANCTIONS else label


def _is_refused(said: Sequence[Feedback]) -> bool:
    return any(feedback.label not in (feedback.given, Verdict.ABSENT) for feedback in said)


def _looks(event: Event) -> tuple[Action, ...]:
    return Action("Details", data=f"why {event.key}"), Action("Open article", url=event.sources[0].url)


def _lines(*texts: str) -> str:
    return " ".join(text for text in texts if text)


def follow_up_message(
    event: Event,
    added: Sequence[str],
    authorities: Sequence[str] = (),
    records: Sequence[str] = (),
    correction: Correction | None = None,
) -> Message:
    """A material change (new targets, new authorities, `records` of official lists, a correction), as a reply under the
    alert: edits notify nobody. It names the alert, as a notification shows the reply alone."""
    targets = tuple(target for target in event.targets if target.entity in added)
    latest = event.sources[-1]
    news = [f"Also named: {_names(targets)}"] if targets else []
    if authorities:
        news.append(f"now also sanctioned by {' and '.join(authorities)}")
    news += [correction.said] if correction else []
    news += records[:NAMES_IN_TITLE]
    if (more := len(records) - NAMES_IN_TITLE) > 0:
        news.append(f"{more} more are on the list")
    title = "; ".join(news)
    before = tuple(target for target in event.targets if target.entity not in added) or event.targets
    return Message(
        title=title[:1].upper() + title[1:],
        subtitle=f"To the alert: {headline(event, before)}",
        paragraphs=(correction.holds, *_told_uneased(event)) if correction else (),
        quotes=(Quote(correction.quote, correction.outlet),)
        if correction and correction.quote
        else find_quotes(targets),
        sources=_links_of(correction) if correction else _links_to(targets) or (Link(latest.outlet, latest.url),),
        actions=(Action("Details", data=f"why {event.key}"),),
    )


def _links_to(targets: Sequence[EventTarget]) -> tuple[Link, ...]:
    """The articles whose sentences are quoted: not always the one that joined last."""
    return tuple(dict.fromkeys(Link(one.outlet, one.url) for one in targets[:QUOTES] if one.evidence))


def _told_uneased(event: Event) -> tuple[str, ...]:
    """Of a relief that is withdrawn as a whole: whoever read that somebody was delisted reads that this did not tell
    so. Another one may have been, so what was told before is not said to hold."""
    keys = ", ".join(dict.fromkeys(one.event for one in event.eases)) if event.withdrawn else ""
    return (f"What was told as event {keys} is not eased by it.",) if keys else ()


def _links_of(correction: Correction) -> tuple[Link, ...]:
    return (Link(correction.outlet, correction.url),) if correction.url else ()


def quiet_reason(judgement: Judgement, captions: Mapping[str, str]) -> str:
    """Why an article raised nothing: a line for each of the first tracked names, with what it says of them instead."""
    if not judgement.findings:
        return "names nobody who is tracked"
    return "\n".join(first_of([_quiet_line(finding, captions) for finding in judgement.findings], NAMES_IN_TITLE))


def _quiet_line(finding: Finding, captions: Mapping[str, str]) -> str:
    """'Gazprom Neft: background, nothing new (said to be under sanctions already: “since 2014”)'"""
    name = captions.get(finding.entity, finding.entity)
    return f"{name}: {_QUIET.get(finding.verdict, finding.verdict)}" + (
        f" ({finding.reasons[0]})" if finding.reasons else ""
    )


def headline(event: Event, targets: Sequence[EventTarget]) -> str:
    """'Dandong Zhicheng and 4 more — new US sanctions (North Korea)'."""
    return f"{_names(targets)} — {told_act(event)}"


def told_act(event: Event) -> str:
    """'new US sanctions (North Korea)'."""
    return _told_act(event.kind, event.authorities, event.programme)


def _told_act(kind: Verdict, authorities: Sequence[str], programme: str | None) -> str:
    authority = "/".join(told_authority(code) for code in authorities)
    act = _ACTS.get(kind, "{authority}sanctions").format(authority=f"{authority} " if authority else "")
    return act + (f" ({programme})" if programme else "")


def subtitle(event: Event) -> str:
    """'US · North Korea · announced 22 Aug 2017 · reported 23 Aug 2017': the latter only where it is another day than
    that of the act and that on which the bot saw it."""
    parts = ["/".join(event.authorities), event.programme or ""]
    if event.acted_on:
        parts.append(f"announced {told_date(event.acted_on)}")
    reported = min((source.published_at.date() for source in event.sources), default=None)
    if reported and reported not in (event.acted_on, event.opened_at.date()):
        parts.append(f"reported {told_date(reported)}")
    return " · ".join(part for part in parts if part)


def in_focus(event: Event, focus: frozenset[str]) -> tuple[EventTarget, ...]:
    """The event's targets, those asked for by name first, then as the event has them."""
    return tuple(sorted(event.targets, key=lambda target: target.entity not in focus))


def find_quotes(targets: Sequence[EventTarget], focus: AbstractSet[str] = frozenset()) -> tuple[Quote, ...]:
    """The deciding sentences, each once, with the names in them marked, and behind what introduces them; whom one means
    without a name stands in front of it: "[Orlan Works] It was blocked on Monday". What says little alone comes after
    what says something: lines of a list that are no more than a name, and, unless introduced or on one in `focus`,
    "So is Orlan Works"."""

    def says_little(said: tuple[str, list[EventTarget]]) -> tuple[bool, bool]:
        sentence, named = said
        is_clear = bool(named[0].lead_in) or any(target.entity in focus for target in named)
        return _is_name_alone(said), not is_clear and _leans(sentence, named)

    def introduced(sentence: str, named: Sequence[EventTarget]) -> str:
        """Several lines of one list are introduced once, and a sentence not by what the quote above it says."""
        told, lead = plain(sentence, names), plain(named[0].lead_in, names)
        if lead and lead not in introducing and not _says(texts[-1:], lead):
            told = f"{lead} {told}"
        introducing.add(lead)
        texts.append(_with_names_meant(told, named, targets))
        return texts[-1]

    sentences: dict[str, list[EventTarget]] = {}
    introducing: set[str] = set()
    texts: list[str] = []
    names = frozenset(fold_key(name) for target in targets for name in (target.surface, target.caption)) - {""}
    for target in targets:
        if target.evidence:
            sentences.setdefault(target.evidence, []).append(target)
    shown = sorted(sentences.items(), key=says_little)[:QUOTES]
    return tuple(_quote(introduced(sentence, named), named) for sentence, named in shown)


def _says(texts: Sequence[str], lead: str) -> bool:
    """Whether one of them has what introduces the next, which may be shortened."""
    return any(lead.rstrip(" …") in text for text in texts)


def _quote(text: str, named: Sequence[EventTarget]) -> Quote:
    """With the names marked as it has them: a headline has "Orlenko", the sentence John Mark Orlenko."""
    names = dict.fromkeys(name for target in named for name in (target.surface, target.caption, *target.called))
    return Quote(text, source=named[0].outlet, highlights=tuple(name for name in names if name and name in text))


def _with_names_meant(sentence: str, named: Sequence[EventTarget], targets: Sequence[EventTarget]) -> str:
    """Only where it names none of the targets: beside another's name it may be told of that one alone."""
    if any(_is_named(target, sentence) for target in targets):
        return sentence
    return f"[{_names(named)}] {sentence}"


def _is_named(target: EventTarget, sentence: str) -> bool:
    """By a whole name, or by a word of one that is written as a name is: "for his part" has no word of "Bank for
    Trade"."""
    whole = f" {fold_key(sentence)} "
    if any(f" {key} " in whole for key in _keys(target)):
        return True
    said = _name_words(sentence)
    names = (target.surface, target.caption, *target.called)
    return any(
        word.startswith(own[:_STEM]) if len(own) >= _INFLECTED else word == own
        for own in _name_words(" ".join(names))
        for word in said
    )


def _name_words(text: str) -> set[str]:
    return {fold_key(word) for word in _WORD.findall(text) if not word[0].islower()} - _ARTICLES


_WORD = re.compile(r"[^\W_]+")
_STEM, _INFLECTED = 4, 3  # letters: "Газпрома" and "Газпром", "Лема" and "Лем"; but "Li" and "Listed"
_ARTICLES = frozenset("the a an la el los las le les der die das".split())


def _leans(sentence: str, named: Sequence[EventTarget]) -> bool:
    """Whether a sentence needs the one before it, whose names it does not have: "They are Orlan Works and its owner",
    "Orlan Works, too." One that names nobody does not: whom it means is told in front of it."""
    is_named = any(_is_named(target, sentence) for target in named)
    return is_named and bool(_ELLIPTIC.search(sentence) or leans_back(sentence))


_ELLIPTIC = re.compile(r"(?:,\s(?:too|also|as\swell)|\bis\s(?:one|another|(?:one\s)?among\sthem|one\sof\sthem))\.$")
_FEW_LETTERS = 8  # "IMO", "DMCC"


def _is_name_alone(said: tuple[str, list[EventTarget]]) -> bool:
    """ "• VOSTOK REACH (IMO 9100666)": the name, and no more than a mark or an acronym beside it."""
    sentence, named = said
    left = sentence
    for target in named:
        left = left.replace(target.surface, "") if target.surface else left
    letters = [char for char in left if char.isalpha()]
    return len(letters) <= _FEW_LETTERS and all(char.isupper() for char in letters)


def find_outlets(event: Event) -> tuple[str, ...]:
    """Each outlet once, whatever it wrote, in the order in which they joined."""
    outlets: dict[str, str] = {}
    for source in event.sources:
        outlets.setdefault(fold_key(source.outlet) or source.outlet, source.outlet)
    return tuple(outlets.values())


def find_url(event: Event) -> str:
    """Of the first article that told of one of its targets: not every chat sees all of them."""
    telling = [one for one in event.sources if any(one.tells_of(target.entity) for target in event.targets)]
    return next((one.url for one in (*telling, *event.sources)), "")


def find_links(event: Event) -> tuple[Link, ...]:
    """Each outlet with its first report, and how many it has: `event` shows them all."""
    reports: dict[str, list[EventSource]] = {}
    for source in event.sources:
        reports.setdefault(fold_key(source.outlet) or source.outlet, []).append(source)
    return tuple(
        Link(own[0].outlet + (f" ({len(own)} reports)" if len(own) > 1 else ""), own[0].url) for own in reports.values()
    )


def find_footer(event: Event, zone: str) -> str:
    """Which report joined last, once there are several; how many outlets there are."""
    if len(event.sources) < 2:
        return ""
    latest, outlets = event.sources[-1], find_outlets(event)
    is_new = fold_key(latest.outlet) not in {fold_key(source.outlet) for source in event.sources[:-1]}
    differing = told_differences(event)
    updated = f"{latest.outlet} reports this too" if is_new else f"another report by {latest.outlet}"
    return _lines(
        f"Now {len(outlets)} sources." if len(outlets) > 1 else "",
        f"Updated {told_time(latest.joined_at, zone)}: {updated}.",
        f"Figures differ: {differing}." if differing else "",
    )


def find_points(event: Event, quotes: Sequence[Quote]) -> tuple[str, ...]:
    """The key points, without what a quote below repeats of them, and others of the first source in place of what the
    first quote does, which is always shown; who is on the list, as it is by now."""
    kept, quotes = _parted(_points(event), event, quotes)
    own = [point for point in kept if point == _without_outlet(point, event)]
    later = [_without_outlet(point, event) for quote in quotes[1:] for point in quote.points]
    told_later = [point for point in _points(event) if any(part in point for part in later)]
    spare, _ = _parted(event.spare_points, event, quotes)
    spare = spare[: max(0, MAX_BULLETS - len(own) - len(told_later))]
    return (*own, *spare, *(point for point in kept if point not in own))


def _points(event: Event) -> list[str]:
    return [point for each in event.key_points if (point := _as_listed(each, event))]


def _marked_quotes(event: Event, quotes: Sequence[Quote]) -> tuple[Quote, ...]:
    """As `with_points`, with the points as they are shown; a sentence stays as it was written."""
    told = with_points(event, quotes)
    return tuple(replace(quote, points=tuple(_marked(point, event) for point in quote.points)) for quote in told)


def with_points(event: Event, quotes: Sequence[Quote]) -> tuple[Quote, ...]:
    """Each with the key points, or sentences of them, that it and no quote before it repeats."""
    return _parted(_points(event), event, quotes)[1]


def _tell_the_act(event: Event, quotes: Sequence[Quote]) -> bool:
    """Whether the quotes have the first key point, mostly that on the act: then the lesser ones are left, and come
    behind."""
    first = next(iter(_points(event)), "")
    return any(first.startswith(point) for quote in with_points(event, quotes) for point in quote.points)


def _parted(points: Sequence[str], event: Event, quotes: Sequence[Quote]) -> tuple[list[str], tuple[Quote, ...]]:
    """What of the points no quote repeats, and the quotes with what they repeat. Of a point of several sentences those
    stay that can stand without one which a quote has."""
    told = [f" {fold_key(quote.text)} ".split() for quote in quotes]
    held: list[list[str]] = [[] for _ in quotes]
    kept: list[str] = []

    def quote_of(text: str) -> int | None:
        words = fold_key(text).split()
        return next((at for at, whole in enumerate(told) if _repeats(words, whole)), None)

    for point in points:
        text = _without_outlet(point, event)
        outlet = point.removesuffix(text)
        whole = quote_of(text)
        parts = [text] if whole is not None else list(split_sentences(text))
        where = [whole] if whole is not None else [quote_of(part) for part in parts]
        is_needed = any(
            where[at - 1] is not None and where[at] is None and leans_back(parts[at]) for at in range(1, len(parts))
        )
        left = [] if is_needed else [part for part, at in zip(parts, where, strict=True) if at is None]
        if is_needed or len(left) == len(parts):
            kept.append(point)
            continue
        rest = " ".join(left)
        kept += [f"{outlet}{rest}"] if _tells(rest) else []
        for part, at in zip(parts, where, strict=True):
            if at is not None:
                held[at].append(f"{outlet}{part}")
    return kept, tuple(replace(quote, points=tuple(own)) for quote, own in zip(quotes, held, strict=True))


def _tells(rest: str) -> bool:
    """Whether what is left of a point says something: what is short and has neither name nor figure does not, "It was a
    busy day". Where there are no capitals, all does."""
    if len(rest) >= _LEAST or any(map(str.isdigit, rest)):
        return True
    names = [word for word in _WORD.findall(rest) if not word[0].islower()]
    return len(names) > 1 or (bool(names) and may_begin_with_name(rest))


_LEAST = 50  # characters
_SHORTENED = 7  # words of more than a letter: fewer may stand in another sentence by chance, as Chinese characters may


def _repeats(words: Sequence[str], whole: Sequence[str]) -> bool:
    """Whether a quote has these words: one after the other, or with what was left out to make them a bullet."""
    if not words:
        return False
    if any(whole[at : at + len(words)] == words for at in range(len(whole) - len(words) + 1)):
        return True
    left = iter(whole)
    return sum(word[1:] != "" for word in words) >= _SHORTENED and all(word in left for word in words)


def _without_outlet(point: str, event: Event) -> str:
    """A later outlet's points begin with its name."""
    own = next((source.outlet for source in event.sources if point.startswith(f"{source.outlet}: ")), "")
    return point.removeprefix(f"{own}: ") if own else point


def _as_listed(point: str, event: Event) -> str:
    """'On the list: A, B, +6 more', with the targets that came since and without those that were withdrawn."""
    label = _label_of(point)
    if not label:
        return point
    said, _, before = point.removeprefix(label).partition(LIST_MORE)
    comma = "、" if "、" in said else ", "
    gone = {name for one in event.withdrawn_targets for name in _keys(one.target)}
    names = [name for name in _names_said(said, comma, event) if fold_key(name) not in gone]
    missing = [target.surface or target.caption for target in event.targets if not _is_among(names, target, event)]
    if before:  # there was no room for all of them then
        more = before.split()[0]
        return with_more(label, names, comma, max(int(more) if more.isdecimal() else 0, len(missing)))
    return with_more(label, [*names, *missing], comma)


def _label_of(point: str) -> str:
    """'On the list: ' of our own list of names; "" for a sentence of an outlet's that begins so, and tells more."""
    label = next((label for label in LIST_LABELS.values() if point.startswith(label)), "")
    parts = (part.split() for part in point.removeprefix(label).split(", "))
    return "" if any(len(words) > _WORDS_OF_NAME and words[0][0].islower() for words in parts) else label


_WORDS_OF_NAME = 4  # that begins with a small letter: "al-Orlan for Oil Trade"


def _beside_targets(points: Sequence[str], event: Event) -> tuple[str, ...]:
    """Without a list of names that has nobody but the targets, whom the alert names already; who proved wrong is marked
    in the others."""
    return tuple(_marked(point, event) for point in points if not _is_of_targets(_listed(point, event), event))


def _is_of_targets(names: AbstractSet[str], event: Event) -> bool:
    """Whether each is a target's, be it a part of it: "Nandutu", "Zibo Chemical" of "Zibo Chemical Co., Ltd."."""
    known = [set(key.split()) for target in event.targets for key in _keys(target)]
    return bool(names) and all(any(set(name.split()) <= key for key in known) for name in names)


def _marked(point: str, event: Event) -> str:
    """'… and its owner, Oleg Orlenko (withdrawn), …': a point may tell of others who are targets still."""
    if not event.withdrawn_targets:
        return point
    gone = {name for one in event.withdrawn_targets for name in (one.target.surface, one.target.caption) if name}
    names = gone | {name for one in event.targets for name in (one.surface, one.caption) if name}
    pattern = "|".join(rf"(?<!\w){re.escape(name)}(?!\w)" for name in sorted(names, key=len, reverse=True))
    return re.sub(pattern, lambda at: f"{at[0]} (withdrawn)" if at[0] in gone else at[0], point)


def _listed(point: str, event: Event) -> set[str]:
    """The names of 'On the list: A, B', be it a later outlet's; empty for another point, and where some are cut."""
    point = _without_outlet(point, event)
    label = _label_of(point)
    if not label or LIST_MORE in point:
        return set()
    return {fold_key(name) for name in _names_said(point.removeprefix(label), "、" if "、" in point else ", ", event)}


def _keys(target: EventTarget) -> set[str]:
    return {fold_key(name) for name in (target.surface, target.caption, *target.called) if name}


def _names_said(said: str, comma: str, event: Event) -> list[str]:
    """The names of a list; a target's may have the comma in it: "SECHIN, Igor", "Hengli Trading Co., Ltd."."""
    ever = (*event.targets, *(one.target for one in event.withdrawn_targets))
    parted = {fold_key(name) for one in ever for name in (one.surface, one.caption) if comma in name}
    names, parts = list[str](), said.split(comma)
    while parts:
        runs = (size for size in range(len(parts), 1, -1) if fold_key(comma.join(parts[:size])) in parted)
        size = next(runs, 1)
        names.append(comma.join(parts[:size]))
        parts = parts[size:]
    return names


def _is_among(names: Sequence[str], target: EventTarget, event: Event) -> bool:
    """Whether a target is named, be it in a longer form: "Rosneft" by "Rosneft Oil Company", but not by "Rosneft
    Trading" where that is a target too."""
    own = _keys(target)
    others = {key for one in event.targets for key in _keys(one)} - own
    keys = [key for name in names if (key := fold_key(name)) not in others]
    return any(f" {name} " in f" {key} " for key in keys for name in own)


def told_differences(event: Event) -> str:
    """'10 entities (Wire), 11 entities (Herald)': what outlets count differently; "" where they agree."""
    said: dict[str, dict[str, str]] = {}  # what is counted -> how many -> the outlet that said so first
    for source in event.sources:
        rough = {count.partition(" ")[2]: count for count in source.rough}
        own = [_figure(rough.get(count, count)) for count in source.counts if count[:1].isdigit()]
        things = [thing for _, thing in own]
        for many, thing in own:
            if things.count(thing) == 1:  # "three banks … 20 banks" of one outlet are two counts
                said.setdefault(thing, {}).setdefault(many, source.outlet)
    return "; ".join(
        ", ".join(f"{many} {thing} ({outlet})" for many, outlet in figures.items())
        for thing, figures in said.items()
        if any(contradict(one, other) for one, other in combinations(figures, 2))
    )


def _figure(count: str) -> tuple[str, str]:
    many, _, thing = count.rpartition(" ")
    return many.casefold(), thing.casefold()


def _names(targets: Sequence[EventTarget]) -> str:
    """'SECHIN, Igor; Hengli Trading and 3 more': names that have a comma are parted by more than one."""
    shown = [target.caption for target in targets[:NAMES_IN_TITLE]]
    more = len(targets) - len(shown)
    if more:
        comma = "; " if any(", " in name for name in shown) else ", "
        return f"{comma.join(shown)} and {more} more"
    return " and ".join(shown)


def _told_as(target: EventTarget) -> str:
    """The tracked name, and the name as the article writes it where that has a word more: "Sechin, Igor" and "Igor
    Sechin" are read as one."""
    if set(fold_key(target.surface).split()) <= set(fold_key(target.caption).split()):
        return target.caption
    return f"{target.caption} (as “{target.surface}”)"
