"""Real actions that outlets tell of, and what becomes of them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from bot.model.findings import Verdict
from bot.model.sources import Tier


@dataclass(frozen=True, slots=True)
class EventTarget:
    entity: str
    caption: str
    verdict: Verdict
    confidence: float
    evidence: str
    surface: str  # the name as the article writes it
    url: str  # the article of the evidence
    outlet: str
    joined_at: datetime | None = None  # when the event first told of it; None: when it opened, as it was kept once
    called: tuple[str, ...] = ()  # how reports that were less sure write the name, where they write it otherwise
    lead_in: str = ""  # what introduces the evidence, where that does not stand by itself: the line above its list


@dataclass(frozen=True, slots=True)
class Tie:
    """That somebody tracked is close to one of an event's targets: its owner, its subsidiary, linked to it. `told`:
    "Volga Shipping is owned by Harbour Holding"."""

    target: str
    entity: str
    watchlist: str  # on which the one who is close stands
    told: str


@dataclass(frozen=True, slots=True)
class Designation:
    """New sanctions on one target of a relief event, told by another event before: what the relief eases or lifts.
    `at`: when that event opened; `outlet`, `url`: of the first article that told of it."""

    entity: str
    event: str
    authorities: tuple[str, ...]
    programme: str | None
    at: datetime
    outlet: str = ""
    url: str = ""


@dataclass(frozen=True, slots=True)
class WithdrawnTarget:
    """A target that proved wrong, while the event's others hold. `place`: where it stands in `Event.ever_targets`;
    `ties`: who was close to it, and may have been told on its account."""

    target: EventTarget
    reason: str
    by: str
    at: datetime
    place: int = 0
    ties: tuple[Tie, ...] = ()


@dataclass(frozen=True, slots=True)
class Withdrawal:
    """Who said that all of an event proved wrong, and why ("": nobody said)."""

    by: str
    reason: str
    at: datetime

    @property
    def said(self) -> str:
        """'withdrawn by Ana: the list was a draft'"""
        return f"withdrawn by {self.by}" + (f": {self.reason}" if self.reason else "")


@dataclass(frozen=True, slots=True)
class Doubt:
    """An outlet corrected its own report on some of an event's targets. `sentence`: its words; `alone`: no other outlet
    told of the event then."""

    outlet: str
    url: str
    sentence: str
    targets: tuple[str, ...]
    at: datetime
    alone: bool = True


@dataclass(frozen=True, slots=True)
class EventSource:
    article: str
    url: str
    outlet: str
    title: str
    tier: Tier
    published_at: datetime
    joined_at: datetime
    key_points: tuple[str, ...] = ()
    authorities: tuple[str, ...] = ()  # who acts, as this one tells it
    counts: tuple[str, ...] = ()  # in figures, of one word for one thing: "10 entities" for "ten firms"
    rough: tuple[str, ...] = ()  # those of `counts` that it puts roughly: "about 180 vessels", "over 100 entities"
    targets: tuple[str, ...] = ()  # those of the event's that it tells of; none where that was not kept yet
    words: tuple[str, ...] = ()  # folded: of the words that subscriptions ask for or shut out, those that it has
    wording: tuple[str, ...] = ()  # its telling words (`bot.events.wording`), if it tells of this act alone

    def tells_of(self, entity: str) -> bool:
        return not self.targets or entity in self.targets


CONFIRMED = "confirmed by "  # begins the step of an event that somebody confirmed, who follows


@dataclass(frozen=True, slots=True)
class EventStep:
    """What changed of an event, and when, in a person's words."""

    at: datetime
    what: str


@dataclass(frozen=True, slots=True)
class EventRecord:
    """What an official list says of one of an event's targets: `text` follows its name ("now on the OFAC SDN list, uid
    22603, programme DPRK3, 3 aliases"). Without `uid`: it is not there, though it was reported."""

    entity: str
    list: str  # key of bot.lists.LISTS; of an authority's first where it is on none
    authority: str
    uid: str
    text: str
    at: datetime  # when the list was read
    url: str = ""


@dataclass(frozen=True, slots=True)
class Event:
    """One real action, told by many outlets. `revision` counts what a reader would see change."""

    key: str
    kind: Verdict
    authorities: tuple[str, ...]
    programme: str | None
    acted_on: date | None
    opened_at: datetime
    updated_at: datetime
    targets: tuple[EventTarget, ...]
    sources: tuple[EventSource, ...]
    key_points: tuple[str, ...] = ()
    spare_points: tuple[str, ...] = ()  # of its first source; `Judgement.spare_points`
    mentioned: tuple[str, ...] = ()  # every tracked entity that its sources name, whatever they say of it
    counts: tuple[str, ...] = ()  # "10 entities", "six individuals", as its sources put them
    names: tuple[str, ...] = ()  # what its sources name besides (`Judgement.names`)
    revision: int = 1
    withdrawn: bool = False
    history: tuple[EventStep, ...] = ()  # oldest first
    review: bool = False  # not sure enough for an alert: told to the review chat alone
    told_as: str = ""  # the event that tells of it since: an alert, for one for review, or the same act opened before
    records: tuple[EventRecord, ...] = ()  # what the official lists say of its targets
    beside: tuple[str, ...] = ()  # whom its sources name beside the targets, and nobody tracks
    ties: tuple[Tie, ...] = ()  # who that is tracked is close to its targets, as the watchlists say
    eases: tuple[Designation, ...] = ()  # of relief: what it eases or lifts, as a chat sees it, of what that was told
    withdrawn_targets: tuple[WithdrawnTarget, ...] = ()  # no longer among `targets`
    doubts: tuple[Doubt, ...] = ()  # to be checked by a person: its own sources corrected themselves
    checked: tuple[str, ...] = ()  # the addresses of such corrections that a person looked into, and it holds
    withdrawal: Withdrawal | None = None  # of what is `withdrawn`; None of what an older version withdrew

    @property
    def open_doubts(self) -> tuple[Doubt, ...]:
        """Not those of targets that were withdrawn: they are settled."""
        left = {target.entity for target in self.targets}
        return tuple(doubt for doubt in self.doubts if not left.isdisjoint(doubt.targets))

    @property
    def programmes(self) -> tuple[str, ...]:
        """Each alone: an official list may have named two for one act, as in "SDGT, IFSR"."""
        return tuple(filter(None, map(str.strip, (self.programme or "").split(","))))

    @property
    def stands(self) -> bool:
        """It is told by itself, and nobody withdrew it: no question for review either."""
        return not (self.withdrawn or self.told_as or self.review)

    @property
    def ever_targets(self) -> tuple[EventTarget, ...]:
        """Those that were withdrawn too, in the order in which they were told: what was sent may tell of them."""
        told = list(self.targets)
        for one in sorted(self.withdrawn_targets, key=lambda one: one.place):
            told.insert(one.place, one.target)
        return tuple(told)

    @property
    def ever_ties(self) -> tuple[Tie, ...]:
        """Those to targets that were withdrawn too."""
        return (*self.ties, *(tie for one in self.withdrawn_targets for tie in one.ties))


@dataclass(frozen=True, slots=True)
class Correction:
    """What those who were told of an event are told since: it, or one `target` of it, proved wrong, or right after all.
    `said` is the reply's title, `holds` what is left of the alert."""

    said: str
    holds: str
    target: str = ""
    quote: str = ""  # the sentence that says so, with its outlet and address
    outlet: str = ""
    url: str = ""


@dataclass(frozen=True, slots=True)
class Restored:
    """The event with a target again that was withdrawn, as an official list has it, and what its readers are told."""

    event: Event
    correction: Correction


@dataclass(frozen=True, slots=True)
class EventChange:
    """What an article did to the events: opened one, joined one, and whether readers need telling apart (material)."""

    event: Event
    opened: bool
    material: bool  # a new tracked target, a new authority, a correction
    reason: str
    added_targets: tuple[str, ...] = ()
    added_authorities: tuple[str, ...] = ()
    merged: tuple[Event, ...] = ()  # others that prove to be the same act: this one tells of them from now on
    added_records: tuple[EventRecord, ...] = ()
    restored: tuple[Restored, ...] = ()  # each a revision of the one before, all older than `event`


@dataclass(frozen=True, slots=True)
class Backtest:
    """What a watchlist would have raised on the stored archive. `events` hold only its own targets, oldest first."""

    since: datetime  # of the oldest article that was looked at
    articles: int
    events: tuple[Event, ...] = ()
    quiet: tuple[tuple[Verdict, int], ...] = ()  # other verdicts on its names, with how often, the most frequent first
    weak_hits: int = 0  # occurrences of weak name forms that did not count
    named_in: int = 0  # articles with a name that did count
    held: int = 0  # events of nobody but those who were said to be somebody else, in every chat
