"""What an article says of whom: mentions, verdicts, evidence."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from bot.model.entities import Schema


class Strength(StrEnum):
    IDENTIFIER = "identifier"  # an IMO number, a wallet's address: exact
    STRONG = "strong"
    WEAK = "weak"  # counts only beside a strong mention, or with a capital in a sanctions context


@dataclass(frozen=True, slots=True)
class Mention:
    """Where an article names an entity: `surface` is blocks[block].text[start:end]."""

    entity: str
    block: int
    start: int
    end: int
    surface: str
    strength: Strength
    form: str  # the name form that matched, as the watchlist has it
    how: str = "exact"  # "exact", "spelling variant", "short form of …", "surname", "identifier"


class Verdict(StrEnum):
    """What an article says of one entity, as a sanctions analyst would file it (docs/verdicts.md); the most telling
    first."""

    NEW_SANCTIONS = "new_sanctions"
    POSSIBLE = "possible"
    RELIEF = "relief"
    RENEWAL = "renewal"
    ENFORCEMENT = "enforcement"
    BACKGROUND = "background"
    BYSTANDER = "bystander"
    UNRELATED = "unrelated"
    ABSENT = "absent"

    @property
    def words(self) -> str:
        """'new sanctions'."""
        return self.replace("_", " ")

    @property
    def rank(self) -> int:
        """0 is the most telling."""
        return list(Verdict).index(self)


@dataclass(frozen=True, slots=True)
class Finding:
    """A verdict on one entity in one article, with what decided it."""

    entity: str
    verdict: Verdict
    confidence: float  # 0 to 1
    evidence: str = ""  # the sentence, verbatim
    reasons: tuple[str, ...] = ()  # in a person's words, most telling first
    mentions: tuple[Mention, ...] = ()
    would_change: str = ""  # what would have made it another verdict
    against: tuple[str, ...] = ()  # what spoke against the verdict, in a person's words
    alert_odds: float = 0.0  # 0 to 1: how probable it is that the verdict should be new_sanctions
    authorities: tuple[str, ...] = ()  # who acted on this one, where its own passage says so expressly
    acted_on: date | None = None  # and when
    programme: str | None = None  # the one that its own paragraphs speak of
    named_with: tuple[str, ...] = ()  # authorities that its passages name, acting or not, but its own country's
    # who acted on it weeks or years ago, as far as its deciding sentence, which tells of nothing newer, says who; None
    # where that tells no such act
    listed_before_by: tuple[str, ...] | None = None
    read_again: bool = False  # a second reader answered


SUBJECT = "~"  # begins what an act is about ("~oil") among its names
CALLED = "%"  # and what an act of the EU is called ("%package")


@dataclass(frozen=True, slots=True)
class Judgement:
    """All that an article says. `event` is None where it reports no sanctions event."""

    article: str
    findings: tuple[Finding, ...]
    event: Verdict | None
    authorities: tuple[str, ...] = ()  # "US", "EU", "UK", "UN" …, the acting ones, most telling first
    programme: str | None = None  # "North Korea", "Russia", "counter-terrorism" …
    acted_on: date | None = None  # the day of the act, where the article tells it
    counts: tuple[str, ...] = ()  # "10 entities", "six individuals", as the article puts them
    key_points: tuple[str, ...] = ()
    spare_points: tuple[str, ...] = ()  # for where a key point is told already: they repeat no deciding sentence
    # words and figures, folded, that few other articles have, and subjects: they tell acts apart
    names: tuple[str, ...] = ()
    reasons: tuple[str, ...] = ()  # of the article as a whole: its language and event, or why nothing was judged
    is_acting_guessed: bool = False  # nobody is said to act: `authorities` are some that it names, who seldom do
    tells_acts: bool = False  # it speaks of sanctions on somebody, tracked or not: new, old, asked for or lifted
    is_too_old: bool = False  # its page told a day that is no news any more: it was not judged

    def of(self, verdict: Verdict) -> tuple[Finding, ...]:
        return tuple(finding for finding in self.findings if finding.verdict is verdict)


@dataclass(frozen=True, slots=True)
class Question:
    """What a second reader is asked about one finding. `task` is ours; `material` quotes the article, as data between
    marks that it cannot contain; the answer is to be JSON of `schema`."""

    entity: str
    task: str
    material: str
    schema: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class AdjacentPlace:
    """Where an article names somebody beside a target: `sentence`, verbatim."""

    url: str
    outlet: str
    sentence: str


@dataclass(frozen=True, slots=True)
class Adjacent:
    """Somebody whom an act names and nobody tracks: to be offered, never to be tracked by itself."""

    name: str
    aliases: tuple[str, ...] = ()
    schema: Schema = Schema.LEGAL_ENTITY
    places: tuple[AdjacentPlace, ...] = ()
