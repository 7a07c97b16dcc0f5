"""How a text carries what it announced once ("Three banks were listed") to where a name stands later.

Runs after the sentences are read and their acts settled. Four readings, each a piece of named evidence:

    discourse.member / apart   membership told without a verb of designation ("The third is X", "So were X and Y")
    discourse.topic            what follows an announcement and begins with a name, describing or accusing it
    discourse.back             an act on "the bank", "him", "all three": the names that these words stand for
    discourse.told             what act and what time the sentences around a name tell of

English has the words for all of it (vocabulary/discourse_en.toml); others get none of it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING

from bot.matching.clauses import EMBEDDED
from bot.matching.cues import Hit, Vocabulary, _compile, _read
from bot.matching.readings import Act, Sentence, is_related
from bot.matching.times import When
from bot.matching.words import Kind, Token
from bot.model import BlockKind, Entity, Schema

if TYPE_CHECKING:
    from bot.matching.evidence import EntityEvidence

__all__ = ["add_discourse"]

# Kinds of act as the discourse sees them: what is told of names that are told of after it.
_THREADS = {
    "new": "new",
    "undated": "undated",
    "earlier": "old",
    "standing": "old",
    "state": "state",
    "relief": "relief",
    "renewal": "renewal",
    "enforcement": "enforcement",
    "possible": "possible",
    "exclusion": "exclusion",
}
_KINDS = {
    "new": "new",
    "old": "earlier",
    "relief": "relief",
    "renewal": "renewal",
    "possible": "possible",
    "exclusion": "exclusion",
}
_BACK = 6  # sentences that "the bank" looks back
_NUMBERS = {
    word: number
    for number, word in enumerate("one two three four five six seven eight nine ten eleven twelve".split(), start=1)
} | {"both": 2, "pair": 2, "duo": 2, "couple": 2, "trio": 3, "twins": 2}


@cache
def _words() -> Vocabulary:
    return _compile("discourse_en", _read("discourse_en"), {})


# ---------------------------------------------------------------- names as they stand


@dataclass(frozen=True, slots=True)
class _Place:
    """A tracked name where it stands. `role`: topic, subject, object, pp, possessor, related, speaker, item."""

    sentence: int
    index: int
    keys: tuple[str, ...]
    role: str


@dataclass(slots=True)
class _Reading:
    sentences: Sequence[Sentence]
    evidence: Mapping[str, EntityEvidence]
    entities: Mapping[str, Entity]
    vocabulary: Vocabulary
    places: list[list[_Place]] = field(default_factory=list)  # for each sentence
    nouns: dict[str, set[str]] = field(default_factory=dict)  # entity -> what it is called: "bank", "insurer"

    def add(self, key: str, name: str, sentence: int, text: str = "", rule: str = "") -> None:
        held = self.evidence.get(key)
        if held is not None:
            held.add(f"discourse.{name}", sentence, text, rule)


def add_discourse(
    sentences: Sequence[Sentence],
    evidence: dict[str, EntityEvidence],
    entities: Mapping[str, Entity],
    vocabulary: Vocabulary,
) -> None:
    """Add to each name's evidence what the text around it carries over. Changes `evidence`; linear in the text."""
    if not evidence or not vocabulary.verb_forms:
        return
    reading = _Reading(sentences, evidence, entities, vocabulary)
    reading.places = [list(_places(sentence, vocabulary)) for sentence in sentences]
    _note_nouns(reading)
    _read_membership(reading)
    _read_anaphors(reading)
    _read_runs(reading)
    _read_times(reading)


_TELLING = frozenset({"member", "back"})


def told_by_discourse(found: Iterable[str]) -> set[str]:
    """The kinds of act that the discourse tells of a name as surely as an act of its own would."""
    told = set()
    for name in found:
        parts = name.split(".")
        if parts[0] == "discourse" and parts[1] in _TELLING and parts[-1] in _KINDS:
            told.add(_KINDS[parts[-1]])
    return told


def _places(sentence: Sentence, vocabulary: Vocabulary) -> Iterator[_Place]:
    roles: dict[int, str] = {}
    for index in sentence.names:
        role = _role(sentence, index, vocabulary)
        before = index - 1
        while before >= 0 and sentence.tokens[before].low in (",", "and", "the", "&", ";"):
            before -= 1
        if before in roles and before != index - 1 and role in ("subject", "object", "embedded"):
            role = roles[before]
        roles[index] = role
        yield _Place(sentence.ordinal, index, sentence.tokens[index].entities, role)


def _role(sentence: Sentence, index: int, vocabulary: Vocabulary) -> str:
    tokens, structure = sentence.tokens, sentence.structure
    if index + 1 < len(tokens) and tokens[index + 1].low == "'s":
        return "possessor"
    if is_related(sentence, index):
        return "related"
    clause = structure.clauses[structure.clause_of[index]]
    if clause.kind in EMBEDDED:
        return "embedded"
    verb = clause.verb
    if verb is not None and tokens[verb].low in vocabulary.grammar["speech"] and index < verb:
        return "speaker"
    if (
        index
        and tokens[index - 1].low in vocabulary.grammar["speech"]
        and (index < 3 or tokens[index - 2].low in ',"”’')
    ):
        return "speaker"
    back = index - 1
    while back >= 0 and structure.clause_of[back] == structure.clause_of[index] and _modifies(tokens[back], vocabulary):
        back -= 1
    opener = tokens[back] if back >= 0 else None
    if opener is not None and opener.low in vocabulary.grammar["prepositions"]:
        return "pp"
    if verb is not None and index > verb:
        return "object"
    if verb is None and clause.first > 1:
        return "other"
    if opener is None or back < clause.first or (opener.kind is Kind.PUNCTUATION and opener.low in _BULLET):
        return "item" if verb is None else "topic"
    return "subject"


_BULLET = frozenset("•–—-*>·●▪◦:;.)")


def _modifies(token: Token, vocabulary: Vocabulary) -> bool:
    """Words between the start of a noun phrase and its name: "the Beirut lender", "Col.", "its chief executive,"."""
    if token.kind is Kind.PUNCTUATION:
        return token.low in ('"', "“", "”", "'", "’")
    if token.kind is Kind.MENTION:
        return False
    return token.low not in vocabulary.grammar["prepositions"] and token.low not in ("and", "or", "but")


def _note_nouns(reading: _Reading) -> None:
    """What each entity is called: nouns of its own name, before it ("the insurer X") and beside it ("X, a bank")."""
    grammar = reading.vocabulary.grammar
    kinds = grammar["person_nouns"] | grammar["company_nouns"] | grammar["vessel_nouns"]
    for key, entity in reading.entities.items():
        if key in reading.evidence:
            words = {_singular(word.strip(".,()").lower()) for word in entity.caption.split()}
            reading.nouns[key] = {word for word in words if word in kinds}
    for sentence, places in zip(reading.sentences, reading.places, strict=True):
        tokens = sentence.tokens
        for place in places:
            found: set[str] = set()
            for index in range(place.index - 1, max(-1, place.index - 5), -1):
                if tokens[index].kind is Kind.PUNCTUATION or tokens[index].low in (
                    "of",
                    "and",
                    "by",
                    "to",
                    "with",
                    "'s",
                ):
                    break
                found.add(_singular(tokens[index].low))
            after = place.index + 1
            if after < len(tokens) and tokens[after].low in (",", "(", "—", "–", "is", "was", "are"):
                for index in range(after + 1, min(after + 9, len(tokens))):
                    if (
                        tokens[index].low in (",", "who", "which", "that", "of", "whose", ")", ";")
                        or tokens[index].kind is Kind.MENTION
                    ):
                        break
                    found.add(_singular(tokens[index].low))
            for key in place.keys:
                if key in reading.nouns:
                    reading.nouns[key] |= found & kinds


def _singular(word: str) -> str:
    if word.endswith("ies") and len(word) > 4:
        return word[:-3] + "y"
    if word in ("men", "women"):
        return word[:-2] + "an"
    return word[:-1] if word.endswith("s") and not word.endswith("ss") and len(word) > 3 else word


def _class_of(entity: Entity) -> str:
    if entity.schema is Schema.PERSON:
        return "person"
    return "vessel" if entity.schema in (Schema.VESSEL, Schema.AIRPLANE, Schema.CRYPTO_WALLET) else "company"


def _main_kind(sentence: Sentence, weak: bool = False) -> str:
    """The kind of the strong act that a sentence tells of: of several the one in a clause of its own."""
    strong = [act for act in sentence.acts if act.strong and act.kind in _THREADS]
    if weak and not strong:
        strong = [act for act in sentence.acts if act.kind in _THREADS]
    if not strong:
        return ""
    strong.sort(key=lambda act: (sentence.structure.clauses[act.clause].kind in EMBEDDED, act.hit.start))
    return _THREADS[strong[0].kind]


# ---------------------------------------------------------------- membership


_HEADS = ("topic", "item", "subject")
_PREDICATES = frozenset({"reacts", "trades", "officiates", "hypothetical", "counterparty"})


def _read_membership(reading: _Reading) -> None:
    words = _words()
    told = _Told()
    for sentence, places in zip(reading.sentences, reading.places, strict=True):
        if places and sentence.kind is not BlockKind.TITLE:
            hits = words.find(sentence.tokens)
            before = told.near(sentence)
            for place in places:
                _of_membership(reading, sentence, place, hits, before)
        told.take(sentence)


@dataclass(slots=True)
class _Told:
    """The act told last before a sentence: what "so were X and Y" and "the third is X" go on from."""

    kind: str = ""
    sentence: int = -99
    block: int = -1
    denied: int = -99  # the last sentence that told of somebody who is not a target
    new: bool = False

    def near(self, sentence: Sentence) -> tuple[str, bool]:
        """The kind of the act told before a sentence, and whether the sentence before it denied one."""
        if sentence.ordinal - self.sentence <= 3 or sentence.block == self.block:
            kind = self.kind
        else:
            kind = "new" if self.new else ""
        return kind, sentence.ordinal - self.denied <= 1

    def take(self, sentence: Sentence) -> None:
        kind = _main_kind(sentence, weak=True)
        if any(act.kind == "exclusion" for act in sentence.acts):
            self.denied = sentence.ordinal
        if not kind or kind == "exclusion":
            return
        self.kind = (self.kind or "new") if kind in ("state", "undated") else kind
        self.sentence, self.block = sentence.ordinal, sentence.block
        self.new = self.new or self.kind == "new"


def _of_membership(
    reading: _Reading, sentence: Sentence, place: _Place, hits: Sequence[Hit], before: tuple[str, bool]
) -> None:
    for hit in hits:
        if not _governs(sentence, hit, place, reading):
            continue
        label = hit.pattern.kind
        text = " ".join(token.text for token in sentence.tokens[hit.start : hit.end])
        rule = f"{label}: {hit.pattern.text}"
        if label in _PREDICATES:
            if (
                place.role in _HEADS
                and hit.start - place.index <= 12
                and not any(a.strong and place.index in a.targets for a in sentence.acts)
            ):
                for key in place.keys:
                    reading.add(key, f"does.{label}", sentence.ordinal, text, rule)
            continue
        name = "apart" if label == "apart" else f"member.{_kind_before(sentence, hit, before) or 'none'}"
        for key in place.keys:
            reading.add(key, name, sentence.ordinal, text, rule)


def _kind_before(sentence: Sentence, hit: Hit, before: tuple[str, bool]) -> str:
    """The kind of act that a hit leaves out: told before it in its sentence, else in the sentences before."""
    earlier = [act for act in sentence.acts if act.kind in _THREADS and act.hit.start < hit.start]
    if sentence.tokens[hit.start].low in ("nor", "neither"):
        denied = any(act.kind == "exclusion" for act in earlier) or (not earlier and before[1])
        if denied:
            return "exclusion"
    mine = [act for act in earlier if act.kind != "exclusion"]
    kind = _THREADS[mine[-1].kind] if mine else before[0]
    if kind in ("new", "state", "undated") and _is_old(sentence, sentence.structure.clause_of[hit.start]):
        return "old"
    return (before[0] or "new") if kind in ("state", "undated") else kind


def _is_old(sentence: Sentence, clause: int) -> bool:
    """Whether a clause tells of an old time, and of no recent one."""
    clause_of = sentence.structure.clause_of
    whens = {time.when for time in sentence.times if clause_of[time.start] == clause}
    kinds = {hit.pattern.kind for hit in sentence.hits if clause_of[hit.start] == clause}
    return (When.OLD in whens or "time_old" in kinds) and When.RECENT not in whens and "time_recent" not in kinds


def _governs(sentence: Sentence, hit: Hit, place: _Place, reading: _Reading) -> bool:
    """Whether the name stands where a pattern's frame has its place."""
    structure = sentence.structure
    if place.role in ("related", "possessor", "speaker"):
        return False
    if hit.pattern.frame == "subject":
        if place.index >= hit.start or structure.clause_of[place.index] != structure.clause_of[hit.start]:
            return False
        return place.role in ("topic", "subject") and hit.start - place.index <= 25
    if place.index < hit.end:
        return False
    gap = sentence.tokens[hit.end : place.index]
    if any(token.low in (".", "but", "because", "after", "which", "who", "that") for token in gap):
        return False
    if len(gap) > 4 and not _is_run(sentence, hit.end, place.index):
        return False
    be = reading.vocabulary.grammar["be"]
    return not any(i in structure.finite and sentence.tokens[i].low not in be for i in range(hit.end, place.index))


def _is_run(sentence: Sentence, start: int, end: int) -> bool:
    """Whether what stands between is a list with its appositions: names, commas, "and"."""
    tokens = sentence.tokens
    last = start
    for index in range(start, end + 1):
        if tokens[index].low in (",", "and", ";", ":") or tokens[index].kind is Kind.MENTION:
            if index - last > 9:
                return False
            last = index
    return True


# ---------------------------------------------------------------- "the bank", "him", "all three"


@dataclass(frozen=True, slots=True)
class _Anaphor:
    index: int
    noun: str  # "bank"; "" for a pronoun or a bare number
    wanted: str  # person, company, vessel, thing (not a person), any
    number: int  # 1, 2, 3 …; 0 for "they"
    text: str
    noun_plural: bool = False


def _read_anaphors(reading: _Reading) -> None:
    for sentence in reading.sentences:
        if sentence.kind is BlockKind.TITLE:
            continue
        for act in sentence.acts:
            if not act.strong or act.kind not in _THREADS:
                continue
            for anaphor in _anaphors(sentence, act, reading.vocabulary):
                _resolve(reading, sentence, act, anaphor)


def _target_region(sentence: Sentence, act: Act, vocabulary: Vocabulary) -> range:
    """Where the target of an act stands: its subject if it is passive, what follows it if not."""
    structure, hit = sentence.structure, act.hit
    clause = structure.clauses[act.clause]
    frame = hit.pattern.frame
    before = [sentence.tokens[i].low for i in range(max(0, hit.start - 3), hit.start)]
    passive = frame == "subject" or (frame == "verb" and any(low in vocabulary.grammar["be"] for low in before))
    if passive:
        return range(clause.first, hit.start)
    if frame in ("verb", "object"):
        end = hit.start + 1 if frame == "verb" else hit.end
        stop = end
        while (
            stop < len(sentence.tokens)
            and stop - end < 14
            and sentence.tokens[stop].low not in _REASONS
            and stop not in structure.finite
        ):
            stop += 1
        return range(end, stop)
    return range(clause.first, hit.start)


_REASONS = frozenset("for over because after by in on since under as when while if who which that . ; :".split())


def _anaphors(sentence: Sentence, act: Act, vocabulary: Vocabulary) -> Iterator[_Anaphor]:
    grammar = vocabulary.grammar
    tokens = sentence.tokens
    region = _target_region(sentence, act, vocabulary)
    for index in region:
        token = tokens[index]
        if token.kind not in (Kind.WORD, Kind.NUMBER):
            continue
        low = token.low
        after = tokens[index + 1].low if index + 1 < len(tokens) else ""
        if low in ("he", "she", "him", "himself", "herself"):
            yield _Anaphor(index, "", "person", 1, low)
        elif low in ("it", "itself"):
            yield _Anaphor(index, "", "thing", 1, low)
        elif low in ("they", "them") or (low == "both" and after not in ("the", "of")):
            yield _Anaphor(index, "", "any", 2 if low == "both" else 0, low)
        elif low in ("the", "all", "both", "these", "those", "this", "that") and (
            found := _definite(tokens, index, region.stop, grammar)
        ):
            yield found


def _definite(tokens: Sequence[Token], start: int, stop: int, grammar: Mapping[str, frozenset[str]]) -> _Anaphor | None:
    """ "the two Singapore businesses", "all three", "the bank": what it asks for."""
    number = 2 if tokens[start].low == "both" else 0
    counted = number > 0
    for index in range(start + 1, min(start + 6, len(tokens), max(stop, start + 2) + 1)):
        token = tokens[index]
        low = token.low
        if low in _NUMBERS:
            number, counted = _NUMBERS[low], True
            after = tokens[index + 1].low if index + 1 < len(tokens) else ""
            if (
                low in ("pair", "duo", "trio", "couple")
                or after in grammar["be"]
                or after in grammar["have"]
                or not after.isalpha()
            ):
                return _Anaphor(index, "", "any", number, low)
            continue
        if token.kind is Kind.PUNCTUATION or token.kind is Kind.MENTION or low in ("of", "and", "'s", "whose", "who"):
            return (
                _Anaphor(index - 1, "", "any", number, tokens[index - 1].low)
                if counted and tokens[index - 1].low in _NUMBERS
                else None
            )
        if low in ("others", "other", "new", "another", "latest", "first"):
            return None
        singular = _singular(low)
        follows = tokens[index + 1] if index + 1 < len(tokens) else None
        if follows is not None and (
            follows.low in ("of", "'s")
            or follows.kind is Kind.MENTION
            or (
                follows.kind is Kind.WORD
                and _singular(follows.low) in grammar["person_nouns"] | grammar["company_nouns"]
            )
        ):
            if follows.low in ("of", "'s") or follows.kind is Kind.MENTION:
                return None
            continue
        plural = singular != low
        for kind, words in (("person", "person_nouns"), ("company", "company_nouns"), ("vessel", "vessel_nouns")):
            if singular in grammar[words]:
                return _Anaphor(index, singular, kind, number or (0 if plural else 1), low, plural)
        if low in ("brothers", "sisters", "siblings", "couple", "individuals", "people"):
            return _Anaphor(index, "", "person", number, low, True)
        if low in ("entities", "businesses", "firms", "groups"):
            return _Anaphor(index, "", "company", number, low, True)
    return None


def _resolve(reading: _Reading, sentence: Sentence, act: Act, anaphor: _Anaphor) -> None:
    kind = _THREADS[act.kind]
    if anaphor.number == 1:
        _resolve_one(reading, sentence, kind, anaphor)
    else:
        _resolve_group(reading, sentence, kind, anaphor)


def _wanted(reading: _Reading, key: str, wanted: str) -> bool:
    mine = _class_of(reading.entities[key])
    return wanted == "any" or (mine != "person" if wanted == "thing" else mine == wanted)


def _candidates(reading: _Reading, sentence: Sentence, limit: int) -> Iterator[_Place]:
    """Names before a token, the nearest sentence first, in each the subjects before the rest."""
    rank = {
        "topic": 0,
        "item": 0,
        "subject": 1,
        "speaker": 1,
        "object": 2,
        "pp": 4,
        "possessor": 2,
        "embedded": 3,
        "related": 5,
        "other": 2,
    }
    for number in range(sentence.ordinal, max(-1, sentence.ordinal - _BACK - 1), -1):
        places = [p for p in reading.places[number] if number < sentence.ordinal or p.index < limit]
        yield from sorted(places, key=lambda p: (rank.get(p.role, 3), p.index))


def _resolve_one(reading: _Reading, sentence: Sentence, kind: str, anaphor: _Anaphor) -> None:
    near: tuple[str, _Place] | None = None
    for place in _candidates(reading, sentence, anaphor.index):
        for key in place.keys:
            if not _wanted(reading, key, anaphor.wanted):
                continue
            if anaphor.noun and anaphor.noun in reading.nouns.get(key, ()):
                reading.add(key, f"back.{kind}", sentence.ordinal, anaphor.text)
                return
            if near is None and (not anaphor.noun or not reading.nouns.get(key)):
                near = key, place
    if near is None:
        return
    key, place = near
    if anaphor.noun:
        reading.add(key, f"back.{kind}", sentence.ordinal, anaphor.text)
    elif sentence.ordinal - place.sentence <= 2:
        sure = "back" if place.role in _HEADS else "maybe_back"
        reading.add(key, f"{sure}.{kind}", sentence.ordinal, anaphor.text)


def _resolve_group(reading: _Reading, sentence: Sentence, kind: str, anaphor: _Anaphor) -> None:
    """The names that a plural stands for: as many as it tells, or those of the nearest list before it."""
    found: list[str] = []
    for number in range(sentence.ordinal, max(-1, sentence.ordinal - 8), -1):
        places = [p for p in reading.places[number] if number < sentence.ordinal or p.index < anaphor.index]
        places = [p for p in places if p.role not in ("related", "speaker", "possessor")]
        keys = [key for p in places for key in p.keys if _wanted(reading, key, anaphor.wanted)]
        if anaphor.noun and any(anaphor.noun in reading.nouns.get(key, ()) for key in keys):
            keys = [key for key in keys if anaphor.noun in reading.nouns.get(key, ()) or not reading.nouns.get(key)]
        fresh = [key for key in dict.fromkeys(keys) if key not in found]
        if anaphor.number and len(found) + len(fresh) > anaphor.number:
            heads = {key for p in places if p.role in ("topic", "item", "subject") for key in p.keys}
            fresh = [key for key in fresh if key in heads]
            if len(found) + len(fresh) > anaphor.number:
                break
        found += fresh
        if anaphor.number and len(found) == anaphor.number:
            break
        if not anaphor.number and len(found) >= 2 and not reading.sentences[number].is_item:
            break
    exact = "back" if anaphor.number and len(found) == anaphor.number else "group_back"
    for key in found:
        reading.add(key, f"{exact}.{kind}", sentence.ordinal, anaphor.text)


# ---------------------------------------------------------------- one list


def _read_runs(reading: _Reading) -> None:
    """Names of one list with a target: "A and the company he worked for, B", "two more, A and B"."""
    for sentence, places in zip(reading.sentences, reading.places, strict=True):
        for act in sentence.acts:
            kind = _THREADS.get(act.kind)
            if kind is None or kind == "exclusion" or len(places) == 0:
                continue
            region = _target_region(sentence, act, reading.vocabulary)
            for place in places:
                if place.index in act.targets or place.role in ("related", "possessor", "speaker", "pp"):
                    continue
                if (
                    act.hit.pattern.frame in ("verb", "object")
                    and region.start >= act.hit.start
                    and place.index >= region.start
                ):
                    starts = [i for i in act.targets if i < place.index]
                    start = starts[-1] if starts else region.start
                    if _is_run(sentence, start, place.index) and _one_list(sentence, start, place.index):
                        for key in place.keys:
                            reading.add(key, f"run.{kind}" + ("" if act.strong else ".weak"), sentence.ordinal)


def _one_list(sentence: Sentence, start: int, end: int) -> bool:
    """Whether a comma or "and" stands right before the name's noun phrase, and nothing starts another statement."""
    tokens = sentence.tokens
    joined = any(tokens[i].low in (",", "and", ";", ":", "—", "–", "&") for i in range(max(start, end - 5), end))
    return joined and not any(
        tokens[i].low in ("because", "after", "over", "but", "while", "said", "says", "which", "whose", ".")
        or (tokens[i].low == "for" and tokens[i + 1].low != ",")
        for i in range(start, end)
    )


# ---------------------------------------------------------------- time and acts around a name


def _read_times(reading: _Reading) -> None:
    """Whether the sentence that a name heads tells of another time, and of no recent one."""
    for sentence, places in zip(reading.sentences, reading.places, strict=True):
        heads = [place for place in places if place.role in _HEADS]
        if not heads:
            continue
        old = any(time.when is When.OLD for time in sentence.times) or "time_old" in sentence.kinds
        if old and not any(time.when is When.RECENT for time in sentence.times) and "time_recent" not in sentence.kinds:
            for place in heads:
                for key in place.keys:
                    reading.add(key, "old_sentence", sentence.ordinal, sentence.text[:80])
