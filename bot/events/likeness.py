"""Do a report and an event tell of the same act? Evidence is weighed, and the answer carries its reason.

What parts for certain: another kind, other authorities, days that cannot be one. What speaks for one act: common
targets, then names that few other acts share, figures, programme, day.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import cached_property

from bot.events.apart import are_told_apart
from bot.events.called import CALLING
from bot.events.reports import Report
from bot.events.wording import likeness_of
from bot.model import CALLED, SUBJECT, Event, Tier
from bot.programmes import is_theme, load_programmes
from bot.text.folding import tokens_of
from bot.zones import told_date

# Outlets write of an act for days; a law firm's post about a week later is still the same act if it names a target.
WINDOW = timedelta(days=10)
# The day of the act is told across time zones and by 'on Tuesday' read on the wrong side of midnight.
SAME_DAY_SLACK = timedelta(days=2)

JOINED = 3.5  # points from which two tell of one act: authority, programme and day (3.25) and something besides
MERGED = 4.0  # points from which a report that tells of one event shows another to be the same act
_TARGET, _MORE_TARGETS, _MOST_TARGETS, _NO_OTHERS = 3.0, 1.0, 6.0, 1.0
_MENTIONED, _COMMON_MENTION = 1.5, 0.75
_LEAST_NAMES, _MOST_NAMES = 0.4, 5.0
_LEAST_RARE = 0.3  # of three known events that name it
_FIGURE, _MOST_FIGURES = 1.5, 3.0
_SUBJECT, _MOST_SUBJECTS = 1.25, 2.5
_CALLED = 1.5
_WORDING, _MOST_WORDING, _LEAST_WORDS, _TOLD_WORDS = 40.0, 3.0, 3, 4
_SAME_AUTHORITY, _SAME_PROGRAMME, _OTHER_PROGRAMME = 1.0, 1.25, -2.0
_ONLY_ACT = 0.75  # with authority, programme and day, enough
_SAME_DAY, _NEAR_DAY, _EACH_DAY = 1.0, 0.5, -0.5
LATE = timedelta(days=3)  # from here on an article that names others tells of a newer act
_OTHER_TARGET, _MOST_OTHERS = -1.5, -4.5


@dataclass(frozen=True, slots=True)
class Likeness:
    """Points for one act, and what gave them, most telling first."""

    points: float
    reasons: tuple[str, ...]


class Rarity:
    """How much a name tells of an act: little, if many events have it ("Bessent", "Kallas")."""

    def __init__(self, events: Sequence[Event]) -> None:
        self.events = events

    @cached_property
    def counts(self) -> Counter[str]:
        return Counter(name for event in self.events if not event.told_as for name in event.names)

    def weight(self, name: str) -> float:
        """1 for a name of this event alone, less for each further event that has it."""
        return 1 / (1 + max(0, self.counts[name] - 1))


def join_reason(event: Event, report: Report) -> str | None:
    """Why `report` tells of the same act as `event`, or None if it does not."""
    likeness = compare(event, report, Rarity((event,)))
    if likeness is None or likeness.points < JOINED:
        return None
    return f"same act: {'; '.join(likeness.reasons)}"


def merge_reason(event: Event, other: Event, report: Report, rarity: Rarity) -> str | None:
    """Why two events prove to be one act, as a report tells surely of both; None if they do not."""
    if acting_in(event).isdisjoint(acting_in(other)) or abs(day_of(event) - day_of(other)) > timedelta(days=1):
        return None
    programmes = {programme for programme in (event.programme, other.programme) if programme}
    if len(programmes) > 1 and not any(_is_code(programme) for programme in programmes):
        return None  # codes differ between the entries of one act
    ours, theirs = ({target.entity for target in one.targets} for one in (event, other))
    if are_told_apart(report, ours - theirs, theirs - ours):
        return None
    if ours.isdisjoint(theirs) and _are_about_different(event.names, other.names):
        return None  # the package and the hybrid list of one day, in a newsletter that tells of both
    if ours.isdisjoint(theirs):
        if theirs.isdisjoint(report.targets | report.mentioned):
            return None  # like another act's articles, but of that one it says nothing
        report, other = replace(report, wording=()), replace(other, beside=())
    likeness = compare(other, report, rarity)
    if likeness is None or likeness.points < MERGED:
        return None
    return "; ".join(likeness.reasons)


def compare(event: Event, report: Report, rarity: Rarity) -> Likeness | None:
    """None where the two cannot be one act."""
    if event.withdrawn or event.told_as or not may_be_one(event, report):
        return None
    names = [*_names(event, report, rarity)]
    found = [
        *names,
        *_targets(event, report),
        *_beside(event, report, rarity),
        *_figures(event, report),
        *_subjects(event, report),
        *_called(event, report),
        *_wording(event, report),
        *_only_act(event, report, rarity.events),
    ]
    points = sum(point for point, _ in found)
    if not points or (found == names and _is_one_name(event, report)):
        return None
    found += _circumstances(event, report)
    found.sort(key=lambda pair: -pair[0])
    reasons = tuple(reason for point, reason in found if point > 0 and reason)
    return Likeness(sum(point for point, _ in found), reasons)


def may_be_one(event: Event, report: Report) -> bool:
    """Not of two kinds, nor of two authorities, nor of days that cannot be one."""
    acting = acting_in(event)
    apart = acting and report.authorities and acting.isdisjoint(report.authorities)
    is_other = (
        (apart and not _is_guess(event, report)) or _is_extended(event, report) or _is_another_notice(event, report)
    )
    return event.kind is report.kind and not is_other and days_agree(event, report)


def _is_guess(event: Event, report: Report) -> bool:
    """Whether the authority of a report does not part it: nobody is said to act, and the event, of its day, has one of
    its targets."""
    is_day = abs(day_of(event) - report.day) <= timedelta(days=1)
    return report.is_acting_guessed and is_day and _shares_target(event, report)


def _is_extended(event: Event, report: Report) -> bool:
    """Whether a report tells of a newer act that adds others to an event's: it has a later day, names none of the
    event's targets as new, and tells that one of them was listed before."""
    is_later = bool(event.acted_on and report.acted_on) and report.day > day_of(event)
    is_known = not {target.entity for target in event.targets}.isdisjoint(report.earlier)
    return is_later and is_known and not _shares_target(event, report)


def _is_another_notice(event: Event, report: Report) -> bool:
    """Whether the authority's own site told of the event already, and its next notice names none of the targets: it
    writes one for each act, and all of them alike."""
    article = report.article
    if article.tier is not Tier.OFFICIAL or _shares_target(event, report):
        return False
    return any(
        source.tier is Tier.OFFICIAL and source.outlet == article.outlet and source.article != article.key
        for source in event.sources
    )


def acting_in(event: Event) -> frozenset[str]:
    """Who acts, as the event has it; where nobody told it of a target, whom its sources name. Another authority that a
    source names besides may have acted on others, and its own act on these may come yet."""
    return frozenset(event.authorities) or frozenset().union(*(source.authorities for source in event.sources))


def _targets(event: Event, report: Report) -> Iterable[tuple[float, str]]:
    common = {target.entity for target in event.targets} & report.targets
    if common:
        names = ", ".join(target.caption for target in event.targets if target.entity in common)
        points = min(_MOST_TARGETS, _TARGET + _MORE_TARGETS * (report.count(common) - 1))
        yield points + _NO_OTHERS * (common == report.targets), f"{names} named by both"
        return
    crossed = report.count(_crossed(event, report))
    if crossed:
        yield _MENTIONED + 0.5 * (min(crossed, 3) - 1), "a target of one is mentioned by the other"
    both = report.count(report.mentioned & set(event.mentioned)) - crossed
    if both > 0:
        yield _COMMON_MENTION * min(both, 2), "the same names are mentioned"


def _crossed(event: Event, report: Report) -> AbstractSet[str]:
    """The targets of one that the other names, not as targets."""
    told = {target.entity for target in event.targets}
    return told & report.mentioned | report.targets & set(event.mentioned)


def _shares_target(event: Event, report: Report) -> bool:
    return not {target.entity for target in event.targets}.isdisjoint(report.targets)


def _beside(event: Event, report: Report, rarity: Rarity) -> Iterable[tuple[float, str]]:
    """Whom the event's act hit besides, and the report names too, though nobody tracks them: as telling as a target of
    the one that the other mentions."""
    if _shares_target(event, report):
        return  # as telling already
    if event.acted_on and report.acted_on and event.acted_on != report.acted_on:
        return  # "a day after it listed Orion": a newer act
    named = {name: set(tokens_of(name)) & report.names for name in event.beside}
    telling = {word: name for name, words in named.items() for word in words if rarity.weight(word) > _LEAST_RARE}
    found = dict.fromkeys(telling.values())
    if found:
        points = _MENTIONED + 0.5 * (min(len(found), 3) - 1)
        yield points, f"{', '.join(list(found)[:3])}, whom nobody tracks, named by both"


def _names(event: Event, report: Report, rarity: Rarity) -> Iterable[tuple[float, str]]:
    ours, theirs = _names_alone(report.names), _names_alone(event.names)
    common = ours & theirs
    if not common:
        return
    weight = sum(rarity.weight(name) for name in common)
    fewer = min(len(ours), len(theirs))
    share = weight / math.sqrt(max(fewer, 4))
    told = sorted(common, key=lambda name: (-rarity.weight(name), name))[:4]
    points = min(_MOST_NAMES, 1.5 * share)
    if points >= _LEAST_NAMES:
        yield points, f"also in both: {', '.join(name.removeprefix('#') for name in told)}"


def _is_one_name(event: Event, report: Report) -> bool:
    """Whether both name just one alike: it may be of the president who speaks of all that was done that day."""
    return len(_names_alone(report.names) & _names_alone(event.names)) == 1


def _names_alone(names: Iterable[str]) -> frozenset[str]:
    return frozenset(name for name in names if not name.startswith((SUBJECT, CALLED)))


def _subjects(event: Event, report: Report) -> Iterable[tuple[float, str]]:
    """What both acts are about, where one authority did both on one day: it does seldom two on the same. What one is
    about besides parts them: a firm that makes drones and is paid in oil is not in the act on oil. A programme that
    is a theme has told it already: two acts on two cartels are both about drugs."""
    if abs(day_of(event) - report.day) > timedelta(days=1) or not acting_in(event) & set(report.authorities):
        return
    if _shares_target(event, report):
        return  # as telling already
    if event.acted_on and report.acted_on and event.acted_on != report.acted_on:
        return
    if event.programme == report.programme and is_theme(event.programme):
        return
    ours, theirs = ({n for n in names if n.startswith(SUBJECT)} for names in (report.names, event.names))
    if ours and ours == theirs:
        told = ", ".join(name.removeprefix(SUBJECT) for name in sorted(ours))
        yield min(_MOST_SUBJECTS, _SUBJECT * len(ours)), f"both about {told}"


def _called(event: Event, report: Report) -> Iterable[tuple[float, str]]:
    """That both are of the EU's package of these days, or of its list against hybrid threats: months lie between two
    such acts, and each outlet names others of the many whom they hit. Of 46 pairs of articles in our labelled sets that
    call an act of two days alike, none is of two acts."""
    if CALLING not in acting_in(event) & set(report.authorities) or abs(day_of(event) - report.day) > SAME_DAY_SLACK:
        return
    if _shares_target(event, report):
        return  # as telling already
    ours, theirs = ({name for name in names if name.startswith(CALLED)} for names in (report.names, event.names))
    if ours and ours == theirs:
        yield _CALLED, _TOLD_CALLED[ours.pop().removeprefix(CALLED)]


_TOLD_CALLED = {"package": "both of the EU's package", "hybrid": "both of the EU's list against hybrid threats"}


def _wording(event: Event, report: Report) -> Iterable[tuple[float, str]]:
    """What two outlets say alike of one act, though each names others of its targets (figures: docs/decisions/0011).
    An authority's next act on the same is told in the same words: on another day one must name a target of the other
    besides."""
    if _shares_target(event, report):
        return  # as telling already
    if not (day_of(event) == report.day or _is_day_after(event, report) or _crossed(event, report)):
        return
    if _are_about_different(event.names, report.names):
        return
    alike, wording = max((likeness_of(report.wording, source.wording), source.wording) for source in event.sources)
    common = [word for word in report.wording if word in wording]
    if len(common) >= _LEAST_WORDS:
        yield min(_MOST_WORDING, _WORDING * alike), f"told in like words: {', '.join(common[:_TOLD_WORDS])}"


def _only_act(event: Event, report: Report, known: Sequence[Event]) -> Iterable[tuple[float, str]]:
    """One authority acts on one country seldom twice a day, but those that list most on those whom they list most: what
    it did there that day is one act, if no other of that day is known and the two are not about different things. Of 16
    such pairs of reports in our labelled sets that name nobody in common, 15 were of one act."""
    if not _is_only_act(event, report) or _are_about_different(event.names, report.names):
        return
    if not any(_is_only_act(other, report) for other in known if other.key != event.key):
        yield _ONLY_ACT, f"no other act on {event.programme} of that day is known"


def _is_only_act(event: Event, report: Report) -> bool:
    """Whether an event is an act of the report's authority on the report's country, on its day, and that seldom comes
    twice."""
    if not event.stands or event.kind is not report.kind:
        return False
    acting = acting_in(event) & set(report.authorities)
    is_country = bool(report.programme) and not is_theme(report.programme)
    if event.programme != report.programme or not is_country or not acting:
        return False
    is_day = day_of(event) == report.day or _is_day_after(event, report)
    known = load_programmes().get(report.programme or "")
    return is_day and not (known and acting & known.twice_a_day)


def _are_about_different(one: Iterable[str], other: Iterable[str]) -> bool:
    ours, theirs = ({name for name in names if name.startswith(SUBJECT)} for names in (one, other))
    return bool(ours and theirs) and ours.isdisjoint(theirs)


def _figures(event: Event, report: Report) -> Iterable[tuple[float, str]]:
    same = normalise_counts(report.counts) & normalise_counts(event.counts)
    if same:
        yield min(_MOST_FIGURES, _FIGURE * len(same)), f"{', '.join(sorted(same))} in both"


def _circumstances(event: Event, report: Report) -> Iterable[tuple[float, str]]:
    """What alone joins nothing."""
    same_authorities = acting_in(event) & set(report.authorities)
    if same_authorities:
        yield _SAME_AUTHORITY, "/".join(sorted(same_authorities))
    apart = abs(day_of(event) - report.day)
    if event.programme and report.programme and _is_code(event.programme) == _is_code(report.programme):
        if event.programme == report.programme:
            yield _SAME_PROGRAMME, event.programme
        elif not (_is_named_beside(event, report) or _is_one_day_on_one(event, report)) and is_other_programme(
            event.programme, report.programme
        ):
            yield _OTHER_PROGRAMME, ""
    if apart <= timedelta(days=1):
        is_same = not apart or _is_day_after(event, report)
        yield (_SAME_DAY if is_same else _NEAR_DAY), told_date(day_of(event))
    elif apart >= LATE:
        yield _EACH_DAY * (apart - SAME_DAY_SLACK).days, ""
        others = report.count(report.targets - {target.entity for target in event.targets})
        yield max(_MOST_OTHERS, _OTHER_TARGET * others), ""


def _is_one_day_on_one(event: Event, report: Report) -> bool:
    """On one name, on one day, it is one act, whatever an outlet files it under."""
    is_same_day = day_of(event) == report.day or _is_day_after(event, report)
    return is_same_day and _shares_target(event, report)


def _is_named_beside(event: Event, report: Report) -> bool:
    """Whether one of the two speaks of the other's programme too: who Russia pays in Moldova is in an act on both."""
    told = {word for source in event.sources for word in source.wording}
    pairs = ((event.programme, set(report.wording)), (report.programme, told))
    return any(programme and words.issuperset(programme.lower().split()) for programme, words in pairs)


def is_other_programme(one: str, other: str) -> bool:
    """A country's programme and what is done there are no two: of one act one outlet tells "Myanmar", another scams."""
    return one != other and (_is_code(one) or is_theme(one) == is_theme(other))


def _is_day_after(event: Event, report: Report) -> bool:
    """Whether an article that tells no day is of the day after the act: then it tells of the day before, as most do."""
    return report.acted_on is None and report.day - day_of(event) == timedelta(days=1)


def _is_code(programme: str) -> bool:
    """A list's own name of a programme ("RUSSIA-EO14024"), which is never what the news call it ("Russia")."""
    return programme.isupper()


def days_agree(event: Event, report: Report) -> bool:
    if event.acted_on and report.acted_on:
        return abs(event.acted_on - report.acted_on) <= SAME_DAY_SLACK
    return abs(day_of(event) - report.day) <= WINDOW


def day_of(event: Event) -> date:
    return event.acted_on or min(source.published_at for source in event.sources).date()


# ---------------------------------------------------------------- figures

_NUMBER_WORDS = {
    word: value
    for value, word in enumerate(
        "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen "
        "seventeen eighteen nineteen".split()
    )
}
_TENS = {
    word: 10 * value for value, word in enumerate("twenty thirty forty fifty sixty seventy eighty ninety".split(), 2)
}
_KINDS = {
    "individuals": "people", "individual": "people", "persons": "people", "person": "people", "men": "people",
    "nationals": "people", "companies": "entities", "company": "entities", "firms": "entities", "firm": "entities",
    "businesses": "entities", "organisations": "entities", "organizations": "entities", "entity": "entities",
    "vessel": "vessels", "ships": "vessels", "ship": "vessels", "tankers": "vessels", "tanker": "vessels",
    "bank": "banks", "official": "officials",
}  # fmt: skip


def normalise_counts(counts: Iterable[str]) -> frozenset[str]:
    """'Ten entities' and '10 companies' are one figure: ("10 entities")."""
    return frozenset(_normalise_count(count) for count in counts)


def _normalise_count(count: str) -> str:
    words = re.sub(r"[^\w ]", " ", count.replace(",", "").casefold()).split()
    words = ["a" if word == "an" else _KINDS.get(word, word) for word in words]
    return " ".join(_with_figures(words))


def _with_figures(words: Sequence[str]) -> list[str]:
    """'twenty five' -> '25', 'two dozen' -> '24'; 'dozens of' stays."""
    told: list[str] = []
    value: int | None = None
    for word in words:
        if word in _TENS:
            value = (value or 0) + _TENS[word]
        elif word in _NUMBER_WORDS:
            value = (value or 0) + _NUMBER_WORDS[word]
        elif word == "dozen":
            value = 12 * (value or 1)
            told = told[:-1] if told[-1:] == ["a"] else told
        elif word == "hundred":
            value = 100 * (value or 1)
            told = told[:-1] if told[-1:] == ["a"] else told
        elif word == "and" and value is not None and value >= 100:
            continue
        else:
            if value is not None:
                told.append(str(value))
                value = None
            told.append(word)
    return told if value is None else [*told, str(value)]
