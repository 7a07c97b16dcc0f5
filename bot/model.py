"""The domain's values: what passes from one stage to the next. Frozen, and free of behaviour that needs the world.

    poll a source -> Entry -> Article -> Mention -> Finding -> Judgement -> Event -> Message -> Delivery

`_at` is an aware UTC datetime, `_on` a date, a duration is a timedelta. Words: docs/words.md.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from itertools import zip_longest

# ---------------------------------------------------------------- entities


class Schema(StrEnum):
    """FollowTheMoney's kinds of entity, those that sanctions name (followthemoney.tech/explorer)."""

    PERSON = "Person"
    COMPANY = "Company"
    ORGANIZATION = "Organization"
    PUBLIC_BODY = "PublicBody"
    LEGAL_ENTITY = "LegalEntity"
    VESSEL = "Vessel"
    AIRPLANE = "Airplane"
    CRYPTO_WALLET = "CryptoWallet"


# The kinds as they are told; a watchlist and `watch edit` read each, too.
KINDS = {
    Schema.PERSON: "person", Schema.COMPANY: "company", Schema.ORGANIZATION: "organisation",
    Schema.PUBLIC_BODY: "public body", Schema.LEGAL_ENTITY: "legal entity", Schema.VESSEL: "vessel",
    Schema.AIRPLANE: "aircraft", Schema.CRYPTO_WALLET: "crypto wallet",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Identifier:
    """An identifier that names one thing in the world. `kind` is FollowTheMoney's property name:
    imoNumber, mmsi, leiCode, registrationNumber, taxNumber, passportNumber, publicKey (a wallet's address), isin."""

    kind: str
    value: str


@dataclass(frozen=True, slots=True)
class Entity:
    """Somebody or something that is tracked. `key` is unique in a watchlist; `weak_aliases` never match alone."""

    key: str
    schema: Schema
    caption: str
    aliases: tuple[str, ...] = ()
    weak_aliases: tuple[str, ...] = ()
    countries: tuple[str, ...] = ()  # ISO 3166-1 alpha-2, lower case
    topics: tuple[str, ...] = ()
    identifiers: tuple[Identifier, ...] = ()
    notes: str = ""
    watchlist: str = "main"  # the named watchlist that it stands on
    links: tuple[EntityLink, ...] = ()

    def __hash__(self) -> int:  # of all fields it would take longer than what is remembered of an entity saves
        return hash(self.key)


@dataclass(frozen=True, slots=True)
class EntityLink:
    """How another stands to an entity. `kind`: owned_by, owns, director, director_of, family, associate, part_of,
    successor_of, linked_to. `other`: an entity's key, or a name where nobody tracked is meant."""

    kind: str
    other: str


# ---------------------------------------------------------------- watchlists and their edits

MAIN_WATCHLIST = "main"  # there from the start
# Platforms that take alerts and no commands -> the setting whose addresses are their chats.
NOTIFIERS = {"webhook": "webhooks", "apprise": "apprise"}


@dataclass(frozen=True, slots=True)
class Watchlist:
    """A named list of entities. A chat sees the watchlists that it was given, the main one if it was given none."""

    key: str
    title: str
    created_at: datetime | None = None
    created_by: str = ""


@dataclass(frozen=True, slots=True)
class EntityEdit:
    """What becomes of one entity. `entity` None: it is tracked no longer; `merged_into`: as it is another, of that key.
    `seen`: the version that the edit was made for, 0 for one that was never there; None: whichever stands."""

    key: str
    entity: Entity | None = None
    seen: int | None = None
    merged_into: str = ""


@dataclass(frozen=True, slots=True)
class EntityVersion:
    """An entity as it was from an edit on. Versions count from 1; `tracked` False: it was removed, or merged."""

    key: str
    version: int
    entity: Entity
    tracked: bool
    edit: int
    at: datetime
    by: str
    what: str
    why: str = ""
    merged_into: str = ""


@dataclass(frozen=True, slots=True)
class WatchlistEdit:
    """Edits that were made together, as one import's were, and are undone together. `undone_by`: the edit that did;
    `chat`: where they were made, "" if not in a chat."""

    id: int
    at: datetime
    by: str
    what: str
    why: str = ""
    undoes: int | None = None
    undone_by: int | None = None
    chat: str = ""


class PendingKind(StrEnum):
    DRAFT = "draft"  # an entity that somebody is asked about
    PREVIEW = "preview"  # shown, and not confirmed yet
    FEEDS = "feeds"  # feeds that were shown, and not confirmed yet
    APPROVAL = "approval"  # waits for a second admin


@dataclass(frozen=True, slots=True)
class PendingEdit:
    """Edits that are kept until somebody decides. `asks`: of a draft, the question that is open."""

    id: str
    kind: PendingKind
    by: User
    chat: ChatKey
    at: datetime
    expires_at: datetime
    what: str
    edits: tuple[EntityEdit, ...] = ()
    why: str = ""
    asks: str = ""
    asked: tuple[str, ...] = ()  # questions that were answered or passed over
    is_import: bool = False  # the share of a watchlist that it removes counts
    undoes: int | None = None  # the edit that it takes back
    feeds: tuple[Source, ...] = ()


# ---------------------------------------------------------------- official lists


@dataclass(frozen=True, slots=True)
class Listing:
    """An entry on an official list, as its publisher has it. `list` and `uid` (the publisher's own id) name it."""

    list: str  # key of bot.lists.LISTS: "us_ofac_sdn"
    uid: str  # "22603", "RUS1234", "QDi.006", "EU.27.28"
    schema: Schema
    caption: str
    aliases: tuple[str, ...] = ()
    weak_aliases: tuple[str, ...] = ()
    countries: tuple[str, ...] = ()  # ISO 3166-1 alpha-2, lower case: nationality, registration, flag, address
    programmes: tuple[str, ...] = ()  # as the publisher writes them: "DPRK3", "RUSSIA-EO14024"
    provisions: tuple[str, ...] = ()  # asset freeze, travel ban …, where the list tells
    identifiers: tuple[Identifier, ...] = ()
    birth_dates: tuple[str, ...] = ()  # ISO, as exact as known: "1970", "1970-01", "1970-01-31"
    listed_on: date | None = None  # only where the list tells
    delisted_on: date | None = None  # for lists that keep delisted entries (SECO)
    remarks: str = ""
    url: str = ""  # the entry's own page, where there is one


# ---------------------------------------------------------------- sources and polling


class SourceKind(StrEnum):
    FEED = "feed"  # RSS, Atom, RDF
    JSON_FEED = "json_feed"
    HTML_INDEX = "html_index"  # a page of links, where an authority has no feed


class Tier(StrEnum):
    """How near a source is to the act itself; shown in the alert and used to route it."""

    OFFICIAL = "official"
    WIRE = "wire"
    NEWS = "news"
    TRADE = "trade"  # trade and law press
    OTHER = "other"


class FullText(StrEnum):
    """When an entry's page is fetched. AUTO: when title or teaser speaks of sanctions, names a tracked entity, or tells
    of a matter or an authority of sanctions."""

    AUTO = "auto"
    ALWAYS = "always"
    NEVER = "never"


@dataclass(frozen=True, slots=True)
class FirstRun:
    """What the first poll of a source does with the entries it finds: 0 marks all as seen (baseline), N judges the
    newest N, None judges all."""

    last: int | None = 0


@dataclass(frozen=True, slots=True)
class Source:
    key: str
    title: str  # the outlet's name, as an alert shows it
    url: str
    kind: SourceKind = SourceKind.FEED
    tier: Tier = Tier.NEWS
    authority: str | None = None  # "US", "EU" …: set for official sources
    every: timedelta = timedelta(minutes=15)
    first_run: FirstRun = FirstRun()
    max_age: timedelta | None = timedelta(days=7)  # None: no age gate
    full_text: FullText = FullText.AUTO
    language: str | None = None  # BCP 47; None: told by the feed, else detected
    enabled: bool = True
    select: Mapping[str, str] = field(default_factory=dict)  # HTML_INDEX: CSS selectors (item, link, title, date)
    silent_after: timedelta | None = None  # so long without news is told; None: as is usual for it; 0: never

    @property
    def is_added(self) -> bool:
        """By a command; the others are those of config/sources.toml."""
        return self.key.startswith(ADDED)


ADDED = "added:"  # begins the key of a source that was added by a command


class FeedState(StrEnum):
    READ = "read"
    PAUSED = "paused"
    REMOVED = "removed"


@dataclass(frozen=True, slots=True)
class AddedFeed:
    """A source that somebody added by a command, as it stands. Nothing is deleted: what was removed keeps its row.
    `was`: its state before the last change, to which an undo goes back; `was_url`: its address before, if that was
    changed. People are "platform:id"; `chat` is where the last change was made."""

    source: Source
    added_by: str
    added_at: datetime
    state: FeedState = FeedState.READ
    was: FeedState = FeedState.REMOVED
    changed_by: str = ""
    changed_at: datetime | None = None
    chat: str = ""
    is_undo: bool = False  # the last change took back another
    was_url: str = ""


class SourceHealth(StrEnum):
    OK = "ok"
    FAILING = "failing"
    PAUSED = "paused"
    WAITING = "not checked yet"


@dataclass(frozen=True, slots=True)
class Pause:
    """The longest time between two polls that brought something new, of those that ended in a week (days since the year
    1 by 7)."""

    week: int
    longest: timedelta


@dataclass(frozen=True, slots=True)
class SourceState:
    """What is remembered of a source between polls."""

    source: str
    etag: str | None = None  # kept byte for byte, as servers compare strings
    last_modified: str | None = None
    body_hash: str | None = None
    baseline_done: bool = False
    last_polled_at: datetime | None = None
    last_success_at: datetime | None = None
    last_full_fetch_at: datetime | None = None
    last_new_at: datetime | None = None  # when an entry was last new
    failures: int = 0  # in a row
    last_error: str | None = None
    next_poll_at: datetime | None = None
    paused_reason: str | None = None  # set: not polled until an admin resumes it
    entries_seen: int = 0
    pauses: tuple[Pause, ...] = ()
    silent_told_at: datetime | None = None  # when it was told that it has nothing new for too long; it has not since
    read_as: str = ""  # by which address, kind and selectors it was last read, as a digest; "": before that was kept

    @property
    def health(self) -> SourceHealth:
        if self.paused_reason:
            return SourceHealth.PAUSED
        if self.failures:
            return SourceHealth.FAILING
        return SourceHealth.OK if self.last_success_at else SourceHealth.WAITING


@dataclass(frozen=True, slots=True)
class HttpAnswer:
    """`headers` has lower-case names; `url` is the final one; `body` is decompressed."""

    status: int
    url: str
    headers: Mapping[str, str]
    body: bytes
    moved_permanently_to: str | None = None  # every redirect on the way was a 301 or 308


@dataclass(frozen=True, slots=True)
class KeptPage:
    """An article's page as it was fetched: evidence of what it said then. `headers` are some of the answer's, in
    lower-case names; `body` is what the server sent, decompressed; `sha256`, in hexadecimal, is that of the body."""

    article: str  # its key
    sha256: str
    fetched_at: datetime
    url: str  # the final one
    status: int
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class Entry:
    """What a feed carries of an article. `guid`, `link` and `title` together are its identity."""

    source: str
    guid: str
    link: str  # absolute, tracking parameters dropped
    title: str  # plain text
    summary: str  # plain text, often a teaser of two sentences
    published_at: datetime | None
    first_seen_at: datetime
    outlet: str = ""  # the publisher where an aggregator names it, else the source's title
    language: str | None = None
    content: str = ""  # the full text where the feed carries it: paragraphs parted by a blank line

    @property
    def effective_at(self) -> datetime:
        """Feeds date entries in the future, or not at all: min(published, first seen)."""
        return min(self.published_at, self.first_seen_at) if self.published_at else self.first_seen_at


@dataclass(frozen=True, slots=True)
class SeenKeys:
    """The identities of entries already seen from one source. Keys are those of `bot.sources.identity`."""

    guids: Mapping[str, tuple[str, str]] = field(default_factory=dict)  # guid -> (link key, title key)
    links: frozenset[str] = frozenset()
    titles: Mapping[str, datetime] = field(default_factory=dict)  # title key -> when its latest story was first seen


@dataclass(frozen=True, slots=True)
class HeldEntry:
    entry: Entry
    reason: str  # "seen: same link as …", "baseline", "older than 7 days"
    is_known: bool = False  # its identity is remembered already ("seen: …")
    edited: str = ""  # what was changed in what is known, where that is worth reading again


@dataclass(frozen=True, slots=True)
class PollIntent:
    """What a poll decided: the source's next state, the new entries, the held ones, and why."""

    state: SourceState
    new: tuple[Entry, ...] = ()
    held: tuple[HeldEntry, ...] = ()
    reason: str = ""
    trouble: str | None = None  # for the admins, never for readers


# ---------------------------------------------------------------- articles


class BlockKind(StrEnum):
    TITLE = "title"
    SUMMARY = "summary"
    KEY_POINT = "key_point"  # the outlet's own
    PARAGRAPH = "paragraph"


@dataclass(frozen=True, slots=True)
class Block:
    kind: BlockKind
    text: str


@dataclass(frozen=True, slots=True)
class Article:
    """An article as it is judged. `paragraphs` hold everything that extraction left: captions, bylines and list items
    are told apart in matching, not here. `key` is stable for one story of one outlet."""

    key: str
    url: str
    outlet: str
    title: str
    summary: str
    paragraphs: tuple[str, ...]
    published_at: datetime
    key_points: tuple[str, ...] = ()
    language: str = "en"  # BCP 47
    source: str = ""
    tier: Tier = Tier.NEWS
    full_text_note: str = ""  # why the page was, or was not, fetched
    authority: str = ""  # whose own page it is: "US", "EU" …

    @property
    def blocks(self) -> tuple[Block, ...]:
        """Title, summary, key points, paragraphs: `Mention.block` counts in this order, empty ones included."""
        return (
            Block(BlockKind.TITLE, self.title),
            Block(BlockKind.SUMMARY, self.summary),
            *(Block(BlockKind.KEY_POINT, text) for text in self.key_points),
            *(Block(BlockKind.PARAGRAPH, text) for text in self.paragraphs),
        )

    @property
    def texts(self) -> tuple[str, ...]:
        """Those of its blocks."""
        return (self.title, self.summary, *self.key_points, *self.paragraphs)


# ---------------------------------------------------------------- matching


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


# ---------------------------------------------------------------- events


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


# ---------------------------------------------------------------- chats and messages


@dataclass(frozen=True, slots=True)
class ChatKey:
    """A Telegram chat (and topic), a Slack channel or the web console. `thread` is a Telegram topic's id."""

    platform: str  # "telegram", "slack", "web"
    id: str
    thread: str = ""

    def __str__(self) -> str:
        return ":".join(part for part in (self.platform, self.id, self.thread) if part)

    @property
    def whole(self) -> ChatKey:
        """Without the topic: the group of a topic, any other chat itself."""
        return ChatKey(self.platform, self.id)


TERMINAL = ChatKey("terminal", "stdout")  # of whoever sits at the machine that the bot runs on


class ChatKind(StrEnum):
    PRIVATE = "private"
    GROUP = "group"  # Telegram groups and supergroups: 20 messages a minute
    CHANNEL = "channel"


@dataclass(frozen=True, slots=True)
class Chat:
    key: ChatKey
    kind: ChatKind = ChatKind.PRIVATE
    title: str = ""
    stopped_reason: str | None = None  # kicked, archived, revoked: nothing is sent, the settings stay


class SubscriptionKind(StrEnum):
    EVERYTHING = "everything"
    ENTITY = "entity"
    TOPIC = "topic"
    COUNTRY = "country"
    WATCHLIST = "watchlist"
    AUTHORITY = "authority"  # who imposed it: "US", "EU" …
    PROGRAMME = "programme"  # "North Korea", "counter-terrorism" …


@dataclass(frozen=True, slots=True)
class Filters:
    """What of a subscription's subject is told: which verdicts, from which confidence (0 to 1) on, by sources of which
    tiers (empty: of any); `by_name`: only if it is a target itself, not close to one; `words`, `without`: once a report
    has one of these words or phrases, and none of those (as a person wrote them; empty: whatever it has); `eased`:
    where new sanctions are told, also that those which were told in the chat are eased or lifted."""

    verdicts: tuple[Verdict, ...] = (Verdict.NEW_SANCTIONS,)
    confidence: float = 0.0
    tiers: tuple[Tier, ...] = ()
    by_name: bool = False
    words: tuple[str, ...] = ()
    without: tuple[str, ...] = ()
    eased: bool = True

    @property
    def sought(self) -> tuple[str, ...]:
        """The words that reports are searched for."""
        return (*self.words, *self.without)


NO_FILTERS = Filters()


@dataclass(frozen=True, slots=True)
class Subscription:
    chat: ChatKey
    kind: SubscriptionKind
    value: str = ""  # key of an entity or watchlist, topic, ISO country code, authority, programme; empty: everything
    created_at: datetime | None = None
    created_by: str = ""
    filters: Filters = NO_FILTERS


class Severity(StrEnum):
    HIGH = "high"  # new on somebody tracked by name, surely
    MEDIUM = "medium"  # new, less surely, or on somebody close to who is tracked
    LOW = "low"  # every other verdict


# ---------------------------------------------------------------- routes: who is told what, when


@dataclass(frozen=True, slots=True)
class Route:
    """Where alerts of a severity go that the chat's subscriptions raise. `to` None: nowhere."""

    severity: Severity
    to: ChatKey | None


@dataclass(frozen=True, slots=True)
class QuietHours:
    """From `start` to `end`, over midnight if `end` is not later, in the zone (IANA's name). Severities in `passing`
    are told at once all the same."""

    start: time
    end: time
    zone: str
    passing: tuple[Severity, ...] = (Severity.HIGH,)


@dataclass(frozen=True, slots=True)
class DigestPlan:
    """When a chat gets its digest: every day, or on one day of the week (0 is Monday), at a time in the zone. One in
    which nothing happened comes only if `when_empty`. Severities in `instead` are told in it alone."""

    at: time
    zone: str
    weekday: int | None = None
    when_empty: bool = False
    instead: tuple[Severity, ...] = ()
    since: datetime | None = None  # when it was set: no slot before counts


@dataclass(frozen=True, slots=True)
class Escalation:
    """A second chat is told of an alert that nobody acknowledged so long after it was sent."""

    after: timedelta
    to: ChatKey
    severities: tuple[Severity, ...] = (Severity.HIGH, Severity.MEDIUM)


@dataclass(frozen=True, slots=True)
class ChatRoutes:
    """What a chat has set beside its subscriptions. Severities without a route are told in the chat itself."""

    chat: ChatKey
    routes: tuple[Route, ...] = ()
    quiet: QuietHours | None = None
    digest: DigestPlan | None = None
    escalation: Escalation | None = None
    zone: str = ""  # in which times are told there (IANA's name); empty: UTC


class MuteKind(StrEnum):
    ENTITY = "entity"
    EVENT = "event"
    SOURCE = "source"  # an outlet, by its name
    VERDICT = "verdict"
    AUTHORITY = "authority"  # who imposed it: "US", "EU" …
    PROGRAMME = "programme"  # as events have it: "North Korea", "RUSSIA-EO14024"


@dataclass(frozen=True, slots=True)
class Mute:
    """What a chat is not told of for a while. `value`: key of the entity or event, the name of the outlet, the
    verdict, the authority's code, the programme; `label` shows it. `until` None: until somebody undoes it.
    `is_snooze`: the chat is reminded of the event then."""

    chat: ChatKey
    kind: MuteKind
    value: str
    label: str
    by: User
    at: datetime
    until: datetime | None = None
    why: str = ""
    is_snooze: bool = False
    undone_at: datetime | None = None
    undone_by: str = ""
    id: int = 0  # the number in /mutes; 0 while it is not stored


@dataclass(frozen=True, slots=True)
class Acknowledgement:
    """Somebody of a chat said that they handle an event."""

    event: str
    chat: ChatKey
    by: User
    at: datetime


class HoldKind(StrEnum):
    MUTED = "muted"
    QUIET = "quiet"
    DIGEST = "digest"  # digest instead of alerts


@dataclass(frozen=True, slots=True)
class HeldAlert:
    """An alert, or a reply to one, that a chat was not sent when it was due. `told_at`: when it was told after all,
    `told_in`: how ("batch", "digest", "alert", "reminder"); "": nowhere, or the message never came."""

    event: str
    chat: ChatKey
    kind: DeliveryKind
    revision: int
    hold: HoldKind
    severity: Severity
    reason: str
    held_at: datetime
    until: datetime | None = None
    note: str = ""  # as `Delivery.note`
    told_at: datetime | None = None
    told_in: str = ""


class NoticeKind(StrEnum):
    BATCH = "batch"  # what quiet hours held
    DIGEST = "digest"
    ESCALATION = "escalation"
    REMINDER = "reminder"  # at the end of a snooze
    CORRECTION = "correction"  # that an event proved wrong, for a chat that was only escalated to
    TEST = "test"  # to see what arrives
    APPROVAL = "approval"  # that what somebody asked for was refused, or can be approved no longer
    TROUBLE = "trouble"  # for the operations chat; kept here only if it could not be sent


@dataclass(frozen=True, slots=True)
class Notice:
    """A message to a chat that is no event's own. `key` is unique: it is sent once, whoever plans it. `events`: those
    that it tells of and that somebody may handle, in the order of its bullets if there are several."""

    key: str
    kind: NoticeKind
    chat: ChatKey
    message: Message  # as it was planned
    created_at: datetime
    events: tuple[str, ...] = ()
    tries: int = 0
    origin: ChatKey | None = None  # of an escalation: the chat in which nobody acknowledged
    receipt: Receipt | None = None  # once it is sent
    content_hash: str = ""  # of the message as it reads now in the chat
    edited_at: datetime | None = None  # when it was sent, or edited last
    reason: str = ""  # of a dead or skipped one: why

    @property
    def mark(self) -> str:
        """What people call it by, and the platform knows it by: 'n3f2a9c41'."""
        return notice_mark(self.key)


def notice_mark(key: str) -> str:
    return f"n{hashlib.sha256(key.encode('utf-8', 'replace')).hexdigest()[:8]}"


@dataclass(frozen=True, slots=True)
class Link:
    text: str
    url: str


@dataclass(frozen=True, slots=True)
class Fact:
    """`struck` stands before the value, struck through: what held once."""

    label: str
    value: str
    struck: str = ""


@dataclass(frozen=True, slots=True)
class Quote:
    """A sentence, verbatim, with what introduces it. `highlights` are substrings to mark in it; `points` the bullets
    that it stands for: where there is no room for it, they are shown."""

    text: str
    source: str = ""
    highlights: tuple[str, ...] = ()
    points: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Action:
    """A button. `data` is an opaque command for our side (1 to 64 bytes, Telegram's limit), or `url` is opened."""

    label: str
    data: str = ""
    url: str = ""


@dataclass(frozen=True, slots=True)
class Message:
    """A small document, written for no platform; `bot.rendering` turns it into each one's markup. Every field is plain
    text, untrusted: escaping is the renderer's. Shown in the order of the fields, but see `quotes_first`."""

    title: str
    severity: Severity | None = None
    at: datetime | None = None
    at_is: str = ""  # what `at` is, where that is not plain: "seen"
    zone: str = ""  # of the chat, in which its times are told; empty: UTC
    subtitle: str = ""  # "Sanctions · US · North Korea"
    paragraphs: tuple[str, ...] = ()
    facts: tuple[Fact, ...] = ()
    bullets: tuple[str, ...] = ()
    bullet_urls: tuple[str, ...] = ()  # behind each bullet, in their order: its article's address, or ""
    quotes: tuple[Quote, ...] = ()
    sources: tuple[Link, ...] = ()
    footer: str = ""  # "Updated 28 Nov, 23:41 UTC: Yonhap also reports this."
    actions: tuple[Action, ...] = ()
    withdrawn: bool = False
    has_commands: bool = False  # each "/word" in its own words, as quotes and links are not, is ours: to be tapped
    quotes_first: bool = False  # before the facts: the bullets are a long story, or tell less than they

    @property
    def linked_bullets(self) -> tuple[tuple[str, str], ...]:
        """The bullets, each with its address or ""."""
        return tuple(zip_longest(self.bullets, self.bullet_urls[: len(self.bullets)], fillvalue=""))


@dataclass(frozen=True, slots=True)
class User:
    """Who speaks to the bot: rights are kept by platform and id, never by name."""

    platform: str
    id: str
    name: str = ""

    def __str__(self) -> str:
        return f"{self.platform}:{self.id}"

    @property
    def called(self) -> str:
        """'Ana', or 'telegram:7' of whom no name is known."""
        return self.name or str(self)


class Role(StrEnum):
    """What a person is to the bot, the least first: each may do all that those before may (`bot.rights`)."""

    READER = "reader"
    EDITOR = "editor"
    ADMIN = "admin"
    OWNER = "owner"

    @property
    def rank(self) -> int:
        return list(Role).index(self)


class ScopeKind(StrEnum):
    BOT = "bot"
    CHAT = "chat"
    WATCHLIST = "watchlist"


@dataclass(frozen=True, slots=True)
class Scope:
    """For what a role holds: the whole bot, one chat with all its topics, one watchlist."""

    kind: ScopeKind
    key: str = ""  # "telegram:-1001234", "main"; empty for the whole bot

    @classmethod
    def of_chat(cls, chat: ChatKey) -> Scope:
        return cls(ScopeKind.CHAT, f"{chat.platform}:{chat.id}")

    @classmethod
    def of_watchlist(cls, key: str) -> Scope:
        return cls(ScopeKind.WATCHLIST, key)

    @classmethod
    def read(cls, text: str) -> Scope:
        """What `str` wrote: 'bot', 'chat:telegram:-100', 'watchlist:main'. Raises ValueError."""
        kind, _, key = text.partition(":")
        return cls(ScopeKind(kind), key)

    def __str__(self) -> str:
        return f"{self.kind}:{self.key}" if self.key else str(self.kind)


WHOLE_BOT = Scope(ScopeKind.BOT)


@dataclass(frozen=True, slots=True)
class Grant:
    """Somebody has a role. `by` is who gave it. One that comes with a place tells so in `why` ("this is your own
    chat"), and `is_given` tells whether somebody said so or it is so by itself."""

    user: User
    role: Role
    scope: Scope = WHOLE_BOT
    by: str = ""
    at: datetime | None = None
    why: str = ""
    is_given: bool = True


@dataclass(frozen=True, slots=True)
class Invitation:
    """A role for whoever shows a token, once. The token itself is kept nowhere, only its digest."""

    role: Role
    scope: Scope
    by: User
    made_at: datetime
    expires_at: datetime
    used_at: datetime | None = None
    used_by: User | None = None
    revoked_at: datetime | None = None
    revoked_by: str = ""
    id: int = 0  # the number in /invite list; 0 while it is not stored


@dataclass(frozen=True, slots=True)
class AllowedChat:
    """A chat that may talk to the bot where only listed ones may. With `holder`: as long as that person has a role."""

    chat: ChatKey  # without a topic
    title: str
    by: str
    at: datetime
    holder: User | None = None


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file that somebody sent, or gets. `name` is untrusted."""

    name: str
    content: bytes
    media_type: str = "application/octet-stream"


@dataclass(frozen=True, slots=True)
class Request:
    """A command as a platform received it: `text` starts with the command's name, without slash or bot name."""

    chat: Chat
    user: User
    text: str
    is_chat_admin: bool = False  # the platform says so (a group's administrator)
    prefix: str = ""  # what begins a command there, for our texts: "/" in Telegram, "/sanctions " in Slack
    attachment: Attachment | None = None  # a file that came with it
    is_anonymous: bool = False  # spoken in the name of a chat: which person it is, nobody knows
    fields: Mapping[str, str] = field(default_factory=dict)  # a form as it was filled in: `FormField.key` -> what
    is_forwarded: bool = False  # in the words of somebody else: they may be read, and no command of theirs carried out


@dataclass(frozen=True, slots=True)
class FormField:
    """`choices`: (label, value) of those there are; none: any text. `wrong`: why `value` was not taken."""

    key: str
    label: str
    hint: str = ""
    value: str = ""
    choices: tuple[tuple[str, str], ...] = ()
    is_long: bool = False  # several lines
    is_needed: bool = False
    wrong: str = ""


@dataclass(frozen=True, slots=True)
class Form:
    """Asked at once where the platform can; `command` is what it is sent in with, as `Request.text`. The answer is a
    form again whose fields say what is wrong, or a message whose first button goes on and whose second does not."""

    title: str
    command: str
    fields: tuple[FormField, ...]


@dataclass(frozen=True, slots=True)
class Reply:
    """The answer to a command. `private`: shown to the asker alone where the platform can (Slack ephemeral)."""

    message: Message
    private: bool = True
    ok: bool = True
    event: str = ""  # the event that it is about, if any
    toast: str = ""  # the whole answer in 200 characters, for a platform that shows the asker alone no more than that
    changed: str = ""  # the event whose message in this chat reads differently now
    changed_with: tuple[str, ...] = ()  # further events of which that is so
    changed_in: tuple[ChatKey, ...] = ()  # other chats in which they do too
    attachment: Attachment | None = None  # a file or a picture (image/png) that goes with it
    awaits_file: str = ""  # the command that a file is for which the asker sends next: "watch import"
    form: Form | None = None  # in place of the message, where the platform has forms

    def all_changed(self, chat: ChatKey) -> tuple[tuple[str, ChatKey], ...]:
        """(event, where its message reads differently now), for an answer that `chat` was given."""
        events = (self.changed, *self.changed_with) if self.changed else ()
        return tuple((event, where) for event in events for where in (chat, *self.changed_in))


# ---------------------------------------------------------------- pictures


@dataclass(frozen=True, slots=True)
class DrawnText:
    """One line of text, its middle at `y`. `align`: left, right or center of `x`. Cut to `most_width` pixels."""

    x: float
    y: float
    text: str
    size: float  # pixels
    colour: str  # "#rrggbb"
    bold: bool = False
    align: str = "left"
    most_width: float = 10_000


@dataclass(frozen=True, slots=True)
class DrawnLine:
    points: tuple[tuple[float, float], ...]
    colour: str
    width: float = 2


@dataclass(frozen=True, slots=True)
class DrawnMark:
    """`shape`: circle, triangle, down, square, diamond, cross."""

    x: float
    y: float
    shape: str
    colour: str
    size: float  # pixels across
    filled: bool = True


@dataclass(frozen=True, slots=True)
class Drawing:
    """A picture as pixels from the upper left: drawn in this order, on a card with an edge."""

    width: int
    height: int
    background: str
    edge: str
    items: tuple[DrawnText | DrawnLine | DrawnMark, ...]


# ---------------------------------------------------------------- what people say of a verdict


@dataclass(frozen=True, slots=True)
class Feedback:
    """What a person says of a verdict: one for each user, event and entity, the latest. `label` is what it is, `given`
    what the bot had said: equal, and the person confirms it. `chat` is where it was said."""

    user: User
    event: str
    entity: str
    label: Verdict
    given: Verdict
    at: datetime
    chat: ChatKey
    undone_at: datetime | None = None
    undone_by: str = ""


@dataclass(frozen=True, slots=True)
class Sample:
    """What a verdict was given on: the article as it was judged, its judgement with the one finding, the entity as it
    was tracked. Kept beside the feedback, as articles are forgotten."""

    article: Article
    judgement: Judgement
    entity: Entity


@dataclass(frozen=True, slots=True)
class Labelled:
    """A feedback with its sample; None if the article was no longer kept."""

    feedback: Feedback
    sample: Sample | None


@dataclass(frozen=True, slots=True)
class Likeness:
    """Who bears the same name, as an article had it. `called`: the names by which it was taken for the entity,
    `longer`: its own longer names, both as written; `words`: what stands beside the name, `around`: further words of
    the same paragraphs, both folded; `article`: that article."""

    called: tuple[str, ...]
    longer: tuple[str, ...] = ()
    words: tuple[str, ...] = ()
    around: tuple[str, ...] = ()
    article: str = ""


@dataclass(frozen=True, slots=True)
class LookAlike:
    """Somebody else of the same name, who is not to raise `entity` again. `chat` None: in every chat. It holds events
    that were opened before `until`, for ever; None: all events, until somebody undoes it."""

    entity: str
    likeness: Likeness
    event: str
    by: User
    at: datetime
    chat: ChatKey | None = None
    undone_at: datetime | None = None
    undone_by: str = ""
    id: int = 0  # the number in /mutes; 0 while it is not stored
    until: datetime | None = None

    def is_over(self, at: datetime) -> bool:
        return self.until is not None and self.until <= at


@dataclass(frozen=True, slots=True)
class Held:
    """A target of an event that `chat` (None: any chat) is not told of, as somebody else of its name is meant."""

    entity: str
    chat: ChatKey | None
    reason: str


# ---------------------------------------------------------------- delivery


class DeliveryKind(StrEnum):
    ALERT = "alert"  # the event's one message in a chat
    EDIT = "edit"  # brings that message up to date, silently
    FOLLOW_UP = "follow_up"  # a material change, as a threaded reply


class DeliveryState(StrEnum):
    WAITING = "waiting"
    SENDING = "sending"
    SENT = "sent"
    SKIPPED = "skipped"  # nothing to do any more: a later edit said it all, the chat unsubscribed
    DEAD = "dead"  # given up, kept, shown to admins


@dataclass(frozen=True, slots=True)
class Receipt:
    """The platform's id of a message that was sent: what a later edit needs."""

    chat: ChatKey
    message_id: str


@dataclass(frozen=True, slots=True)
class Delivery:
    """One row of the outbox: unique by event, chat, kind and revision. `unsure` counts its tries whose outcome nobody
    knows: the process died, or the answer was lost. Of a sent one, perhaps as many copies more are in the chat."""

    id: int
    event: str
    chat: ChatKey
    kind: DeliveryKind
    revision: int
    state: DeliveryState
    created_at: datetime
    tries: int = 0
    note: str = ""  # for FOLLOW_UP what changed
    sent_at: datetime | None = None
    unsure: int = 0
    reason: str = ""  # for DEAD and SKIPPED why; for WAITING why the last try failed
    next_try_at: datetime | None = None  # for WAITING after a failed try: not before
    tried_at: datetime | None = None  # when its last try began


@dataclass(frozen=True, slots=True)
class DeadJob:
    id: str
    job: str
    reason: str
    args: Mapping[str, object] = field(default_factory=dict)
    at: datetime | None = None


# ---------------------------------------------------------------- the machines that the bot runs on


@dataclass(frozen=True, slots=True)
class ProcessSeen:
    """A process of the bot, as it last told of itself."""

    id: str
    host: str
    pid: int
    roles: tuple[str, ...]
    version: str
    started_at: datetime
    seen_at: datetime


@dataclass(frozen=True, slots=True)
class QueueSeen:
    """How many jobs are due and not begun, are begun, are put off to a later time. `oldest`: since when the one that
    waits longest is due."""

    name: str
    waiting: int
    running: int
    later: int
    oldest: datetime | None


@dataclass(frozen=True, slots=True)
class HolderSeen:
    """What only one process of all may do at a time ("telegram commands"), and which does."""

    what: str
    process: str
    since: datetime


@dataclass(frozen=True, slots=True)
class Machines:
    processes: tuple[ProcessSeen, ...] = ()
    queues: tuple[QueueSeen, ...] = ()
    holders: tuple[HolderSeen, ...] = ()
    dead: tuple[DeadJob, ...] = ()
