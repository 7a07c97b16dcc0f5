"""What an article tells, parted by act: a round-up of the listings of several days is several reports."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import NamedTuple

from bot.events.called import CALLING, find_called
from bot.events.wording import telling_words
from bot.model import CALLED, SUBJECT, Article, BlockKind, Finding, Judgement, Verdict
from bot.text.folding import fold_key
from bot.text.patterns import patterns_of

# A target whose own sentence tells another day than the article's act was listed in another act.
APART = timedelta(days=2)
_PASSING = (Verdict.BACKGROUND, Verdict.ABSENT)


@dataclass(frozen=True, slots=True)
class Report:
    """What one article says of one act."""

    article: Article
    kind: Verdict
    findings: tuple[Finding, ...]
    authorities: tuple[str, ...]
    programme: str | None
    acted_on: date | None
    counts: tuple[str, ...]
    key_points: tuple[str, ...]
    spare_points: tuple[str, ...]
    mentioned: frozenset[str] = frozenset()  # every tracked entity in the article but those listed earlier
    earlier: frozenset[str] = frozenset()  # tracked entities that it tells were listed before
    # tracked entity -> where the article names it first: which of `Article.blocks`, and the character there
    places: Mapping[str, tuple[int, int]] = field(default_factory=dict)
    names: frozenset[str] = frozenset()  # what else is named in it, tracked or not: `Judgement.names`
    is_acting_guessed: bool = False  # of `authorities`, nobody is said to act
    wording: tuple[str, ...] = ()  # the article's telling words, if it tells of this act alone

    @property
    def targets(self) -> frozenset[str]:
        return frozenset(finding.entity for finding in self.findings)

    def count(self, entities: Iterable[str]) -> int:
        """How many of these the article names: whom two watchlists have is one, named at one place."""
        return count_named(entities, self.places)

    @property
    def captions(self) -> frozenset[str]:
        return frozenset(mention.surface for finding in self.findings for mention in finding.mentions)

    @property
    def day(self) -> date:
        return self.acted_on or self.article.published_at.date()


# What may be an event of its own, beside new sanctions, where somebody wants to be told of it.
OTHER_KINDS = (Verdict.RELIEF, Verdict.RENEWAL, Verdict.ENFORCEMENT, Verdict.POSSIBLE)


def find_reports(
    article: Article, judgement: Judgement, kinds: AbstractSet[Verdict] = frozenset()
) -> tuple[Report, ...]:
    """The acts that an article reports on tracked targets, the one it tells most of first; () if there is none. New
    sanctions come first; acts of other `kinds` are reports of their own, never part of those."""
    wanted = (Verdict.NEW_SANCTIONS, *(kind for kind in OTHER_KINDS if kind in kinds))
    return tuple(report for kind in wanted for report in _reports_of(article, judgement, kind))


def _reports_of(article: Article, judgement: Judgement, kind: Verdict) -> tuple[Report, ...]:
    by_day = _part(judgement.of(kind), judgement)
    groups = [item for group in by_day for item in _items(group, article)] if is_round_up(article) else by_day
    aside = _is_aside(judgement, kind)
    whole = len(groups) == 1 and not aside
    is_items = len(groups) > len(by_day)
    near = [_near(group, article, judgement) if is_items else None for group in groups]
    express = all(finding.authorities for group in groups for finding in group)
    wording = telling_words(article) if groups else ()
    called = _called(article, judgement, kind) if whole else ()
    return tuple(
        Report(
            article=article,
            kind=kind,
            findings=tuple(group),
            # where it is said of each target who acted, others that are named acted on nobody tracked
            authorities=_acting(judgement, kind) if whole and not express else _authorities(group, judgement, aside),
            programme=judgement.programme if whole else _programme(group, () if aside else groups, judgement),
            acted_on=_own_day(group) if aside else _day(group, judgement),
            counts=judgement.counts if whole else (),
            key_points=judgement.key_points if whole else _own_points(group, judgement, own and [*judgement.of(kind)]),
            spare_points=judgement.spare_points if whole else (),
            mentioned=frozenset(
                f.entity
                for f in judgement.findings
                if f.verdict not in _PASSING and (not own or f.entity in own.entities)
            ),
            earlier=_earlier(judgement),
            places=places_of(judgement),
            # what several acts are about, is not said of each
            names=frozenset(
                name
                for name in (*judgement.names, *called)
                if whole or not (name.startswith(SUBJECT) or (own and not own.has(name)))
            ),
            is_acting_guessed=judgement.is_acting_guessed and whole and not express,
            wording=wording if whole else (),
        )
        for group, own in zip(groups, near, strict=True)
    )


def _called(article: Article, judgement: Judgement, kind: Verdict) -> tuple[str, ...]:
    """What the act is called, among its names."""
    if CALLING not in judgement.authorities or judgement.is_acting_guessed:
        return ()
    called = find_called(article, {at.block for finding in judgement.of(kind) for at in finding.mentions})
    return (f"{CALLED}{called}",) if called else ()


def _acting(judgement: Judgement, kind: Verdict) -> tuple[str, ...]:
    """Who acts; nobody, where relief is told and nobody is said to grant it: it may be of any authority's sanctions."""
    is_unsaid = kind is Verdict.RELIEF and judgement.is_acting_guessed
    return () if is_unsaid else judgement.authorities


def _is_aside(judgement: Judgement, kind: Verdict) -> bool:
    """Whether an article tells mainly of something else: a week's listings, and that somebody was delisted."""
    return judgement.event is not None and judgement.event is not kind


def is_round_up(article: Article) -> bool:
    """Whether its title or its teaser says so: "The week in sanctions"."""
    words = patterns_of("events/apart.toml", "round_up")
    return any(pattern.search(text) for text in (article.title, article.summary) for pattern in words)


def _items(group: Sequence[Finding], article: Article) -> list[list[Finding]]:
    """The items of a round-up: targets in paragraphs of their own, of which others tell another programme. Who stands
    in a paragraph with one of an item is of it; a paragraph that tells no programme goes on with the one before."""
    of: list[tuple[set[int], list[Finding]]] = []
    for finding in sorted(group, key=lambda one: min((at.block for at in one.mentions), default=0)):
        blocks = _paragraphs(finding, article)
        own = [item for item in of if item[0] & blocks]
        if not own and of and finding.programme in (None, *(one.programme for one in of[-1][1])):
            own = [of[-1]]
        of = [item for item in of if item not in own]
        of.append((blocks.union(*(places for places, _ in own)), [*(one for _, some in own for one in some), finding]))
    return [findings for _, findings in of]


def _paragraphs(finding: Finding, article: Article) -> set[int]:
    """Where it is named: the title and the teaser of a round-up name all of whom it tells."""
    named = {at.block for at in finding.mentions}
    blocks = article.blocks
    return {at for at in named if blocks[at].kind is BlockKind.PARAGRAPH} or named


class Near(NamedTuple):
    """What stands in some blocks of an article: who is tracked, and their folded text."""

    entities: frozenset[str]
    text: str

    def has(self, name: str) -> bool:
        """Of `Judgement.names`."""
        return name.removeprefix("#") in self.text


def near_in(blocks: AbstractSet[int], article: Article, judgement: Judgement) -> Near:
    told = " ".join(block.text for at, block in enumerate(article.blocks) if at in blocks)
    entities = frozenset(one.entity for one in judgement.findings if any(at.block in blocks for at in one.mentions))
    return Near(entities, fold_key(told).replace(",", ""))


def _near(group: Sequence[Finding], article: Article, judgement: Judgement) -> Near:
    return near_in(set[int]().union(*(_paragraphs(finding, article) for finding in group)), article, judgement)


def report_of(article: Article, judgement: Judgement, kind: Verdict) -> Report | None:
    """All findings of one kind as one act; None if there is none."""
    findings = judgement.of(kind)
    if not findings:
        return None
    return Report(
        article=article,
        kind=kind,
        findings=findings,
        authorities=judgement.authorities,
        programme=judgement.programme,
        acted_on=judgement.acted_on,
        counts=judgement.counts,
        key_points=judgement.key_points,
        spare_points=judgement.spare_points,
        mentioned=frozenset(finding.entity for finding in judgement.findings if finding.verdict not in _PASSING),
        earlier=_earlier(judgement),
        places=places_of(judgement),
        names=frozenset((*judgement.names, *_called(article, judgement, kind))),
        wording=telling_words(article),
    )


def _earlier(judgement: Judgement) -> frozenset[str]:
    return frozenset(finding.entity for finding in judgement.of(Verdict.BACKGROUND))


def places_of(judgement: Judgement) -> Mapping[str, tuple[int, int]]:
    """Where each tracked entity is named first: block and character."""
    return {one.entity: min((at.block, at.start) for at in one.mentions) for one in judgement.findings if one.mentions}


def count_named(entities: Iterable[str], places: Mapping[str, tuple[int, int]]) -> int:
    """How many they are; those of one place are one."""
    return len({places.get(entity, entity) for entity in entities})


def _part(findings: Sequence[Finding], judgement: Judgement) -> list[list[Finding]]:
    """Findings by act. Express days part them, and an authority that is none of the article's own: what tells neither
    belongs to the largest group."""
    groups: list[list[Finding]] = []
    unsaid: list[Finding] = []
    for finding in findings:
        if not finding.authorities and not finding.acted_on:
            unsaid.append(finding)
            continue
        group = next(
            (group for group in groups if all(_is_one_act(other, finding, judgement.authorities) for other in group)),
            None,
        )
        if group is None:
            groups.append([finding])
        else:
            group.append(finding)
    places = places_of(judgement)
    groups.sort(key=lambda group: count_named((one.entity for one in group), places), reverse=True)
    if unsaid:
        main = next((group for group in groups if _fits(group, judgement)), None)
        if main is None:
            groups.insert(0, unsaid)
        else:
            main.extend(unsaid)
    order = {finding.entity: place for place, finding in enumerate(findings)}
    return [sorted(group, key=lambda finding: order[finding.entity]) for group in groups]


def _is_one_act(a: Finding, b: Finding, acting: Sequence[str]) -> bool:
    """What two authorities do on one day, told in one article, is a joint act; a day apart, it is two, and so it is
    where one of them is none of the article's own (`acting`)."""
    apart = bool(a.authorities and b.authorities) and set(a.authorities).isdisjoint(b.authorities)
    if apart and acting and any(set(acting).isdisjoint(one.authorities) for one in (a, b)):
        return False
    if not (a.acted_on and b.acted_on):
        return True
    return abs(a.acted_on - b.acted_on) <= (timedelta(0) if apart else APART)


def _fits(group: Sequence[Finding], judgement: Judgement) -> bool:
    """Whether a group may be the article's own act: not one of another day."""
    told = {finding.acted_on for finding in group} - {None}
    own = judgement.acted_on
    return own is None or not told or any(day and abs(day - own) <= APART for day in told)


def _authorities(group: Sequence[Finding], judgement: Judgement, aside: bool) -> tuple[str, ...]:
    """Who acted on a group. Whom an article has acting is who does what it tells most of; what it tells `aside`, the
    one did who alone is named with it."""
    told = tuple(dict.fromkeys(code for finding in group for code in finding.authorities))
    if told or not aside:
        return told
    named = {code for finding in group for code in finding.named_with}
    acting = tuple(code for code in judgement.authorities if code in named)
    return tuple(named) if len(named) == 1 else acting if len(acting) == 1 else ()


def _programme(group: Sequence[Finding], groups: Sequence[Sequence[Finding]], judgement: Judgement) -> str | None:
    """What most of a group's own paragraphs speak of; where they tell none, the article's, unless it is another's of
    its `groups`, or, with none of those, told aside."""
    told = Counter(finding.programme for finding in group if finding.programme)
    if told or not groups:
        return told.most_common(1)[0][0] if told else None
    others = {finding.programme for other in groups if other is not group for finding in other}
    return None if judgement.programme in others else judgement.programme


def _day(group: Sequence[Finding], judgement: Judgement) -> date | None:
    told = {finding.acted_on for finding in group}
    if judgement.acted_on and judgement.acted_on in told:
        return judgement.acted_on
    return _own_day(group) or judgement.acted_on


def _own_day(group: Sequence[Finding]) -> date | None:
    """The day that most of a group were hit on, by what is said of them."""
    told = [finding.acted_on for finding in group if finding.acted_on]
    return max(set(told), key=lambda day: (told.count(day), day), default=None)


def _own_points(
    group: Sequence[Finding], judgement: Judgement, targets: Sequence[Finding] | None = None
) -> tuple[str, ...]:
    """The key points that name one of the group, and, where `targets` are given, none of the others of these. Of two
    names that begin alike the longer one counts: "Gazprom Neft" does not name Gazprom."""
    own = {mention.surface for finding in group for mention in finding.mentions}
    others = {at.surface for one in targets or () if one not in group for at in one.mentions}
    names = re.compile("|".join(map(re.escape, sorted(own | others, key=len, reverse=True))))
    named = ((point, set(names.findall(point))) for point in judgement.key_points)
    return tuple(point for point, found in named if found & own and not found & others)
