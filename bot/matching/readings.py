"""What a sentence tells: its acts, each with its kind, target, agent, time, negation and modality (docs/verdicts.md).

The rules go by grammar and by the classes of the vocabulary; the few words in here are those of English grammar.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import pairwise

from bot.matching.clauses import EMBEDDED, Clause, ClauseKind, Structure, read_structure
from bot.matching.cues import Grammar, Hit, Vocabulary
from bot.matching.times import Time, When, find_times
from bot.matching.words import Kind, Token, tokenize
from bot.model import BlockKind

ACTIONS = frozenset(
    {
        "designation",
        "designation_weak",
        "prospect",
        "relief",
        "renewal",
        "enforcement",
        "standing",
        "state",
        "exclusion",
    }
)
_STOP_OBJECT = frozenset(
    {"over", "because", "amid", "after", "via", "through", "by", "despite", "unless", "until", "as"}
)
_STANDS_FOR = frozenset("name names entry entries listing designation assets accounts property funds".split())
_STOP_ALWAYS = frozenset({"over", "because", "amid", "after", "despite", "unless", "as"})
_OF_NAME = frozenset(
    """employee employees executive executives official officials boss chief founder financier financiers leader leaders
    fighters members member subsidiary unit arm affiliate shares stock scheme spokesman spokeswoman spokesperson lawyer
    lawyers ally allies operative operatives commander commanders customers clients fans investors shareholders chairman
    president minister deal contract brand products headquarters""".split()
)
_RELATION_REACH = 5  # words from "its" to "owner": "its largest single owner"
_LISTED_BY_NAME = 4  # how far before a relative clause its antecedent may end


@dataclass(slots=True)
class Sentence:
    block: int
    kind: BlockKind
    ordinal: int  # among the sentences of the article, title first
    start: int
    end: int
    text: str
    tokens: list[Token]
    hits: list[Hit]
    times: list[Time]
    structure: Structure
    names: list[int]  # tokens that are tracked names
    acts: list[Act] = field(default_factory=list)
    is_item: bool = False
    first_of_block: bool = False
    apart: frozenset[int] = frozenset()  # names that are said not to be targets: "but not X", "X was left off"
    blocked: frozenset[int] = frozenset()  # names that are said to be blocked already
    _related: frozenset[int] | None = field(default=None, init=False, repr=False, compare=False)

    @property
    def related(self) -> frozenset[int]:
        """The names that only say whose, with whom, or for whom; found once, when they are first asked for."""
        if self._related is None:
            self._related = _find_related(self)
        return self._related


@dataclass(slots=True)
class Act:
    """An action cue as it stands in its sentence: what it says, of whom, when."""

    # new, undated, earlier, possible, state, standing, exclusion, relief, hoped_relief, earlier_relief, renewal,
    # hoped_renewal, enforcement or hoped_enforcement
    kind: str
    strong: bool
    hit: Hit
    clause: int
    when: When | None
    targets: list[int]  # name tokens in the target's place
    agents: list[int]
    open_slot: str = ""  # what stands in the target's place instead of a name: "he", "they", "firm", "some"
    slot_at: int = -1  # the token of that word
    negated: bool = False
    modal: bool = False
    on: date | None = None


# ---------------------------------------------------------------- reading a sentence


def read_sentence(
    text: str,
    span: tuple[int, int],
    known: Iterable[tuple[int, int, tuple[str, ...]]],
    vocabulary: Vocabulary,
    published: date,
) -> tuple[list[Token], list[Hit], list[Time], Structure]:
    tokens = vocabulary.mark_authorities(tokenize(text, span[0], span[1], known))
    times = find_times(tokens, vocabulary.calendar, published)
    hits = vocabulary.find(tokens, frozenset(time.start for time in times))
    return tokens, hits, times, read_structure(tokens, vocabulary)


def find_acts(sentence: Sentence, vocabulary: Vocabulary) -> list[Act]:
    """The acts that a sentence tells of. Finds the names that it sets apart from them, too."""
    acts = []
    for hit in sentence.hits:
        if hit.pattern.kind == "exclusion" and hit.pattern.frame == "before":
            continue
        if hit.pattern.kind == "exclusion" and _no_longer(sentence, hit):
            continue
        if hit.pattern.kind in ACTIONS and (act := _read_act(sentence, hit, vocabulary)):
            acts.append(act)
    _absorb(acts)
    _take_list(sentence, acts)
    if any(act.kind in ("new", "undated", "state") for act in acts):
        sentence.apart = _find_apart(sentence, vocabulary)
    for act in acts if sentence.apart else ():
        if act.kind != "exclusion":
            act.targets = [index for index in act.targets if index not in sentence.apart]
    return acts


def _find_apart(sentence: Sentence, vocabulary: Vocabulary) -> frozenset[int]:
    """ "but not X or Y", "except the X": names right behind such words, and those that "or" joins to them."""
    found: set[int] = set()
    for hit in sentence.hits:
        if hit.pattern.kind != "exclusion" or hit.pattern.frame != "before":
            continue
        at = _set_apart_at(sentence, hit.end, vocabulary)
        if at in sentence.names and not _takes_back(sentence, hit, at, vocabulary):
            found.add(at)
    for before, index in pairwise(sentence.names):
        between = [token.low for token in sentence.tokens[before + 1 : index]]
        if before in found and between in (["or"], ["nor"], [",", "or"], [",", "nor"]):
            found.add(index)
    return frozenset(found)


def _set_apart_at(sentence: Sentence, index: int, vocabulary: Vocabulary) -> int:
    """Where the name should stand that words which end before token `index` set apart: "but not X", "not the X", "not
    its majority owner, X", "not Acme's parent X"."""
    tokens, grammar = sentence.tokens, vocabulary.grammar
    low = [token.low for token in tokens[index : index + 2]]
    is_owner = index in sentence.names and low[1:] == ["'s"]
    if is_owner or (low and low[0] in grammar["possessives"]):
        whose = index + is_owner
        for at in range(whose + 1, min(len(tokens) - 1, whose + _RELATION_REACH)):
            behind = at + 2 if tokens[at + 1].low == "," else at + 1
            if tokens[at].low in grammar["relations"] and (behind in sentence.names or is_owner):
                return behind
            if tokens[at].kind is not Kind.WORD:
                break
    return index + 1 if low and low[0] in grammar["determiners"] else index


def _takes_back(sentence: Sentence, hit: Hit, name: int, vocabulary: Vocabulary) -> bool:
    """ "none except X", "whether or not X", "not X alone", "unlike X, which …" and "unlike X, Y was spared" set nobody
    apart, or somebody else."""
    tokens, grammar = sentence.tokens, vocabulary.grammar
    before = [token.low for token in tokens[: hit.start]]
    first = tokens[hit.start].low
    if before and before[-1] in grammar["asking"]:
        return True
    after = [token.low for token in tokens[name + 1 : name + 3]]
    if after and after[0] in grammar["alone"]:
        return True
    if first in grammar["negations"] or (hit.end - hit.start > 1 and tokens[hit.end - 1].low in grammar["negations"]):
        return False
    if any(word in grammar["negations"] or word in grammar["hardly"] for word in before):
        return True
    told = {other.start for other in sentence.hits if other.pattern.kind.startswith("designation")}
    if any(word in grammar["relatives"] for word in after) or (name + 1 < len(tokens) and told & {name + 2, name + 3}):
        return tokens[name + 1].low == ","  # "except X, which was listed on Friday"
    if grammar["unlike"].isdisjoint(token.low for token in tokens[hit.start : hit.end]):
        return False
    if hit.start > 1:  # "It goes unmentioned, unlike X": anything may stand before
        return True
    spared = any(o.pattern.kind == "exclusion" and o.start > name for o in sentence.hits)
    return spared or any(token.low in grammar["negations"] for token in tokens[name:])


def _take_list(sentence: Sentence, acts: Sequence[Act]) -> None:
    """ "Four firms were added: A, B and C": the names after a colon are the targets that were counted before it."""
    if ":" not in sentence.text:
        return
    last = len(sentence.tokens) - 1
    if last in sentence.names and sentence.tokens[last - 1].low == ":" and sentence.is_item:
        return  # "Banks broke the rules: Acme": the name is who says so
    colon = next((i for i, token in enumerate(sentence.tokens) if token.low == ":" and i > 1), None)
    if colon is None or colon + 1 >= len(sentence.tokens) or sentence.tokens[colon + 1].low in ('"', "“", "'", "‘"):
        return
    names = [i for i in sentence.names if i > colon and not is_related(sentence, i) and not owns_next(sentence, i)]
    names = [i for i in names if sentence.structure.clauses[sentence.structure.clause_of[i]].kind not in EMBEDDED]
    if not names:
        return
    before = [act for act in acts if act.hit.start < colon and act.hit.pattern.kind != "standing"]
    for act in before:
        if not any(i < colon for i in act.targets):
            act.targets = sorted({*act.targets, *names})


def _no_longer(sentence: Sentence, hit: Hit) -> bool:
    """ "no longer" ends what was: it excludes nobody."""
    after = sentence.tokens[hit.start + 1].low if hit.start + 1 < len(sentence.tokens) else ""
    return sentence.tokens[hit.start].low == "no" and after in ("longer", "less")


def _absorb(acts: Sequence[Act]) -> None:
    """A noun for sanctions takes the kind of the verb of its clause: "extended the freeze on X" is a renewal for X."""
    for act in acts:
        if act.hit.pattern.kind != "designation" or act.hit.pattern.frame not in ("object", "any"):
            continue
        for other in acts:
            governs = other.clause == act.clause and other.hit.pattern.kind in ("relief", "renewal")
            dated = act.kind == "earlier" and other.hit.start > act.hit.start
            if governs and other.hit.start <= act.hit.start + 12 and act.kind != "exclusion" and not dated:
                act.kind = other.kind
                break


def _read_act(sentence: Sentence, hit: Hit, vocabulary: Vocabulary) -> Act | None:
    after = sentence.tokens[hit.start + 1].low if hit.start + 1 < len(sentence.tokens) else ""
    if sentence.tokens[hit.start].low in ("put", "puts", "putting") and after in (
        "off",
        "forward",
        "up",
        "out",
        "together",
        "down",
    ):
        return None
    voice = "noun"
    if hit.pattern.frame == "verb" and vocabulary.verb_forms:
        voice = _voice(sentence, hit.start, vocabulary)
        if not voice and len(hit.pattern.parts) >= 3:  # "keeps in force": more words make it a verb
            before = sentence.tokens[hit.start - 1].low if hit.start else "the"
            voice = "" if before in vocabulary.grammar["determiners"] | vocabulary.grammar["prepositions"] else "active"
        if not voice:
            return None
    clause = sentence.structure.clause_of[hit.start]
    kind = hit.pattern.kind
    when, on = _time_of(sentence, hit, clause, vocabulary)
    if when is When.FUTURE and any(
        sentence.tokens[i].low in ("decided", "approved", "adopted", "ordered")
        for i in sentence.structure.clauses[clause].tokens
    ):
        when = None  # "decided to block it from May 12": done, though it starts later
    negated = _is_negated(sentence, hit, clause, vocabulary) if kind != "exclusion" else False
    modal = _is_modal(sentence, hit, clause, vocabulary)
    targets, agents, slot = _slots(sentence, hit, voice, clause, vocabulary)
    act = Act(
        kind=_meaning(kind, when, negated, modal, _pluperfect(sentence, hit, clause), voice),
        strong=kind != "designation_weak"
        or (voice in ("active", "passive") and _by_authority(sentence, hit, clause, voice)),
        hit=hit,
        clause=clause,
        when=when,
        targets=targets,
        agents=agents,
        negated=negated,
        modal=modal,
        on=on,
    )
    if not targets and slot:
        act.open_slot, word = slot
        places = [i for i in range(len(sentence.tokens)) if sentence.tokens[i].low == word]
        act.slot_at = min(places, key=lambda i: abs(i - hit.start), default=hit.start)
    return act


def _by_authority(sentence: Sentence, hit: Hit, clause: int, voice: str) -> bool:
    """ "Washington hit the bank", "was named by the Treasury": an authority makes a weak verb a strong one."""
    clause_of, tokens = sentence.structure.clause_of, sentence.tokens
    here = [i for i, token in enumerate(tokens) if token.kind is Kind.AUTHORITY and clause_of[i] == clause]
    if voice == "passive":
        return any(i > hit.start and any(tokens[j].low == "by" for j in range(max(0, i - 3), i)) for i in here)
    return any(
        i < hit.start and not (i + 1 < len(tokens) and tokens[i + 1].low in ("'s",)) and hit.start - i <= 6
        for i in here
    )


def _meaning(kind: str, when: When | None, negated: bool, modal: bool, pluperfect: bool, voice: str) -> str:
    if kind.startswith("designation"):
        if negated:
            return "exclusion"
        if modal or when is When.FUTURE:
            return "possible"
        if when is When.OLD or (pluperfect and when is None):
            return "earlier"
        if voice == "adjective":
            return "state"
        if voice == "plural adjective":  # "one of the sanctioned firms, Acme"
            return "undated"
        return "new" if when is When.RECENT else "undated"
    if kind == "relief":
        if negated:
            return "standing"
        return "hoped_relief" if modal else "earlier_relief" if when is When.OLD else "relief"
    if kind == "renewal":
        return "relief" if negated else "hoped_renewal" if modal else "renewal"
    if kind == "enforcement":
        return "exclusion" if negated else "hoped_enforcement" if modal else "enforcement"
    if kind == "prospect":
        return "exclusion" if negated else "possible"
    if kind == "state":  # "is on the list": as old as its time tells
        if negated or modal:
            return "exclusion" if negated else "possible"
        return "standing" if when is When.OLD else "new" if when is When.RECENT else "state"
    if kind == "standing" and when is When.FUTURE and not negated and not modal:
        return "renewal"
    if kind == "standing":
        return "exclusion" if negated else "possible" if modal and when is not When.OLD else "standing"
    return kind


def _voice(sentence: Sentence, index: int, vocabulary: Vocabulary) -> str:
    """How a verb stands: passive, active, participle, adjective, noun ("the listing of"); "" if it is no verb."""
    tokens, grammar = sentence.tokens, vocabulary.grammar
    low = tokens[index].low
    form = vocabulary.verb_forms.get(low) or (
        "past" if low.endswith("ed") else "ing" if low.endswith("ing") else "base"
    )
    if low.endswith("s") and form == "base":
        form = "s"
    back = index - 1
    while back >= 0 and _is_adverb(tokens[back], grammar):
        back -= 1
    before = tokens[back] if back >= 0 else None
    after = tokens[index + 1] if index + 1 < len(tokens) else None
    starts_clause = before is None or before.kind is Kind.PUNCTUATION
    if before is not None and before.low in grammar["be"] | {"'s"} and form != "s":
        if before.low == "'s" and form == "past" and back and tokens[back - 1].kind is Kind.MENTION:
            pass
        elif form == "ing":
            return "active"
        elif form in ("past", "base"):
            return "passive"
    if before is not None and before.low in grammar["have"] and form == "past":
        return "active"
    if form == "ing":
        if after is not None and after.low == "of":
            return "noun"
        return "active"
    if form == "s" and index in sentence.structure.finite and starts_clause and _starts_object(after, grammar):
        return "active"
    if form == "s":
        return "active" if _can_be_verb(before, after, grammar) else ""
    if form == "base" and low not in ("put", "hit", "cut", "shut", "bar"):
        infinitive = before is not None and (
            before.low in grammar["modals"]
            or before.low in ("to", "do", "did", "does", "not", "n't", "and", "or", "they", "we", "who", "that")
        )
        headline = before is not None and before.kind is Kind.AUTHORITY and _starts_object(after, grammar)
        plural = (
            before is not None
            and before.kind is Kind.WORD
            and before.low.endswith("s")
            and before.low not in ("this", "its", "his", "'s", "was", "is", "has")
        )
        return "active" if infinitive or headline or (plural and _starts_object(after, grammar)) else ""
    if index in sentence.structure.finite and form == "past" and _starts_object(after, grammar):
        return "active"
    if starts_clause or before is None:
        return "participle"
    if before.low in ("and", "or", "but") and index + 1 < len(tokens):
        return "active" if _starts_object(after, grammar) else _voice_after_and(sentence, back, vocabulary)
    if before.low == "those":
        return "participle"
    if before.low in grammar["determiners"] or before.low in grammar["prepositions"] or before.low in ("'s",):
        plural = before.low == "the" and after is not None and after.low.endswith("s")
        return "plural adjective" if plural else "adjective"
    if _starts_object(after, grammar):
        return "active"
    return "participle" if before.kind is not Kind.AUTHORITY else "active"


def _voice_after_and(sentence: Sentence, back: int, vocabulary: Vocabulary) -> str:
    """A participle after "and" is like the one before it: "was arrested and sanctioned"."""
    window = sentence.tokens[max(0, back - 12) : back]
    return "passive" if any(token.low in vocabulary.grammar["be"] for token in window) else "participle"


def _is_adverb(token: Token, grammar: Grammar) -> bool:
    low = token.low
    return low in grammar["subject_adverbs"] or low in grammar["negations"] or (low.endswith("ly") and len(low) > 4)


def _can_be_verb(before: Token | None, after: Token | None, grammar: Grammar) -> bool:
    g = grammar
    if before is None or after is None or before.kind is Kind.PUNCTUATION:
        return False
    if (
        before.low in g["determiners"]
        or before.low in g["prepositions"]
        or before.low
        in ("'s", "and", "or", "new", "more", "further", "fresh", "economic", "international", "financial")
    ):
        return False
    if before.low.endswith(("al", "ic", "ed", "ing", "ive", "ary")) and before.kind is Kind.WORD:
        return False
    if not _starts_object(after, g) and not (after.capital or after.kind is Kind.MENTION):
        return after.kind is Kind.WORD and after.low.endswith("s") and before.kind is Kind.AUTHORITY
    return True


def _starts_object(token: Token | None, grammar: Grammar) -> bool:
    g = grammar
    if token is None or token.kind is Kind.PUNCTUATION:
        return False
    if token.kind in (Kind.MENTION, Kind.NUMBER, Kind.AUTHORITY):
        return True
    if token.low in g["determiners"] or token.low in (
        "him",
        "her",
        "it",
        "them",
        "two",
        "three",
        "four",
        "five",
        "six",
        "seven",
        "eight",
        "nine",
        "ten",
        "dozens",
        "more",
        "nearly",
        "over",
        "around",
        "what",
        "those",
    ):
        return True
    return (
        token.low not in g["prepositions"]
        and token.low not in g["be"]
        and token.low
        not in (
            "and",
            "or",
            "but",
            "as",
            "together",
            "yesterday",
            "today",
            "since",
            "because",
            "also",
            "this",
            "last",
            "again",
            "earlier",
            "too",
        )
        and not token.low.endswith("ly")
    )


# ---------------------------------------------------------------- time, negation, modality


def _time_of(sentence: Sentence, hit: Hit, clause: int, vocabulary: Vocabulary) -> tuple[When | None, date | None]:
    """The time told nearest to a cue in its clause."""
    clause_of = sentence.structure.clause_of
    best: tuple[int, When, date | None] | None = None
    limit = len(sentence.tokens)
    if hit.pattern.kind in ("relief", "renewal"):  # "annulled the sanctions imposed in 2022": the year is the noun's
        nouns = [o.start for o in sentence.hits if o.pattern.kind == "designation" and o.start > hit.start]
        limit = min((n for n in nouns if n - hit.start > 1), default=limit)
    for time in sentence.times:
        if time.start > limit and time.when is When.OLD:
            continue
        if time.when is When.OLD and _dates_a_noun(sentence, time.start, vocabulary):
            continue
        if clause_of[time.start] == clause and (best is None or _distance(hit, time.start) < best[0]):
            best = (_distance(hit, time.start), time.when, time.on)
    phrases = [other for other in sentence.hits if other.pattern.kind.startswith("time_")]
    for other in phrases:
        kind = other.pattern.kind
        if kind == "time_old" and _describes_a_noun(sentence, other):
            continue
        if any(
            o is not other
            and o.start <= other.start
            and other.end <= o.end
            and o.end - o.start > other.end - other.start
            for o in phrases
        ):
            continue
        if clause_of[other.start] == clause:
            distance = _distance(hit, other.start) + 1
            if best is None or distance < best[0]:
                when = {"time_recent": When.RECENT, "time_old": When.OLD}.get(kind, When.FUTURE)
                best = (distance, when, None)
    if best is None:
        return _time_before(sentence, clause)
    return best[1], best[2]


def _dates_a_noun(sentence: Sentence, start: int, vocabulary: Vocabulary) -> bool:
    """ "a ruling of 2020", "an order from September": the time is the noun's, not the act's."""
    if start < 2 or sentence.tokens[start - 1].low not in ("of", "from") or not vocabulary.verb_forms:
        return False
    noun = sentence.tokens[start - 2]
    return noun.kind is Kind.WORD and start - 2 not in sentence.structure.finite and not noun.low.endswith("ed")


_OLD_ADJECTIVES = frozenset("earlier once formerly previously previous".split())
_OLD_NOUNS = frozenset(
    "known called named measures sanctions rounds round packages package action actions listing".split()
)


def _describes_a_noun(sentence: Sentence, hit: Hit) -> bool:
    """ "earlier measures", "once known as": said of a noun, not of the act."""
    after = sentence.tokens[hit.end].low if hit.end < len(sentence.tokens) else ""
    return sentence.tokens[hit.start].low in _OLD_ADJECTIVES and after in _OLD_NOUNS


def _time_before(sentence: Sentence, clause: int) -> tuple[When | None, date | None]:
    """ "in March 2022, when the EU listed him": the time that a clause with "when" goes on from."""
    first = sentence.structure.clauses[clause].first
    if clause and sentence.tokens[first].low in ("when", "where"):
        for time in sentence.times:
            if 0 <= first - time.end <= 1:
                return time.when, time.on
    return None, None


def _distance(hit: Hit, at: int) -> int:
    if hit.start <= at < hit.end:
        return 0
    return hit.start - at if at < hit.start else at - hit.end + 1


def _pluperfect(sentence: Sentence, hit: Hit, clause: int) -> bool:
    return any(
        sentence.tokens[i].low == "had" and sentence.structure.clause_of[i] == clause
        for i in range(max(0, hit.start - 4), hit.start)
    )


def _is_negated(sentence: Sentence, hit: Hit, clause: int, vocabulary: Vocabulary) -> bool:
    negations = vocabulary.grammar["negations"]
    clause_of = sentence.structure.clause_of
    own = any(
        word in hit.pattern.text for word in ("not", "n't", "no ", "no|", "neither")
    )  # the cue itself is a negation
    for index in range(max(0, hit.start - 6), hit.start if own else hit.end):
        token = sentence.tokens[index]
        if token.low in negations and token.kind is Kind.WORD and clause_of[index] == clause:
            after = sentence.tokens[index + 1].low if index + 1 < len(sentence.tokens) else ""
            if (token.low == "not" and after == "only") or (token.low == "no" and after in ("longer", "less")):
                continue
            return True
    return False


def _is_modal(sentence: Sentence, hit: Hit, clause: int, vocabulary: Vocabulary) -> bool:
    """Whether what the cue tells is only proposed, possible or asked."""
    structure = sentence.structure
    if hit.pattern.kind != "relief" and (hit.pattern.frame == "verb" or hit.pattern.kind == "state"):
        for index in range(max(0, hit.start - 4), hit.start):
            low = sentence.tokens[index].low
            if (
                low in vocabulary.grammar["modals"]
                and low not in ("can", "shall")
                and structure.clause_of[index] == clause
            ):
                return True
    if sentence.text.rstrip().endswith("?") and sentence.kind is not BlockKind.TITLE:
        return True
    for other in sentence.hits:
        if other.pattern.kind != "proposal" or other.start == hit.start:
            continue
        at = structure.clause_of[other.start]
        if at == clause and (other.start < hit.end or structure.clauses[clause].kind is not ClauseKind.MAIN):
            return True
        if at == clause and other.start - hit.end < 8:
            return True
        if other.start < hit.start and _governs(structure, at, clause, hit.start - other.end):
            return True
    first = structure.clauses[clause].first
    opener = sentence.tokens[first].low
    if structure.clauses[clause].kind is ClauseKind.SUBORDINATE and opener in vocabulary.grammar.get(
        "conditionals", ()
    ):
        return opener != "were"
    return False


def _governs(structure: Structure, upper: int, lower: int, distance: int) -> bool:
    """Whether a clause stands over another, as "urged the minister to list X" over "who …"."""
    if upper == lower:
        return True
    if structure.clauses[upper].kind in EMBEDDED:
        return False
    return structure.clauses[lower].kind is ClauseKind.MAIN and lower > upper and distance < 6


# ---------------------------------------------------------------- who stands where


def _slots(
    sentence: Sentence, hit: Hit, voice: str, clause: int, vocabulary: Vocabulary
) -> tuple[list[int], list[int], tuple[str, str] | None]:
    """Name tokens in the target's place and in the agent's, and what stands in the target's place if no name does."""
    frame = hit.pattern.frame
    if not vocabulary.verb_forms:
        return _without_grammar(sentence, hit, clause), [], None
    if frame == "verb":
        if voice in ("passive",):
            return (*_subject(sentence, hit.start, clause, vocabulary, hit),)
        if voice == "participle":
            verb = sentence.structure.clauses[clause].verb
            opens = hit.start <= sentence.structure.clauses[clause].first + 1
            if (
                opens
                and verb is not None
                and hit.start < verb <= hit.start + 9
                and sentence.tokens[verb].low in ("was", "were", "is", "are")
            ):
                after = _objects(sentence, verb + 1, clause, vocabulary)  # "Sanctioned with him were A and B"
                if after:
                    return after, [], None
            found, agents, slot = _subject(sentence, hit.start, clause, vocabulary, hit, participle=True)
            return found, agents, slot
        if voice in ("adjective", "plural adjective"):
            inside = [i for i in sentence.names if hit.start < i <= hit.end + 3]
            return inside, [], None
        return _active(sentence, hit, clause, vocabulary)
    if frame == "subject":
        return _subject(sentence, hit.start, clause, vocabulary, hit)
    if frame == "object":
        objects = _objects(sentence, hit.end, sentence.structure.clause_of[hit.end - 1], vocabulary)
        return objects, [], None if objects else _open_slot(sentence, hit.end, vocabulary)
    agents = _agents(sentence, clause)
    inside = [
        i
        for i in sentence.names
        if sentence.structure.clause_of[i] in (clause, sentence.structure.clause_of[hit.end - 1])
        and i not in agents
        and not owns_next(sentence, i)
        and (hit.pattern.kind == "relief" or not is_related(sentence, i))  # a licence names whom one may deal with
        and _same_side(sentence, i, hit, clause, vocabulary)
    ]
    if hit.pattern.kind == "enforcement":  # "an indictment over art that she bought for X"
        inside = [i for i in inside if not (i and sentence.tokens[i - 1].low in vocabulary.grammar["prepositions"])]
    owner = _possessor(sentence, hit)
    return (owner or inside), agents, None if inside else _pronoun_slot(sentence, clause, vocabulary, hit)


def _without_grammar(sentence: Sentence, hit: Hit, clause: int) -> list[int]:
    """In a language without a grammar of verbs: the names after the cue in its clause, else those before, but not who
    speaks and not whose firm it is."""
    spoken = max((h.start for h in sentence.hits if h.pattern.kind == "speech"), default=-1)
    names = [
        i
        for i in sentence.names
        if sentence.structure.clause_of[i] == clause and not (i < spoken < hit.start) and not owns_next(sentence, i)
    ]
    after = [i for i in names if i > hit.start]
    return after or [i for i in names if i < hit.start]


def _named_by_relative(sentence: Sentence, hit: Hit) -> list[int]:
    """ "froze the assets of the man who performs as Jane Roe", "the firm known as Acme"."""
    for index in sentence.names:
        if hit.start < index <= hit.start + 16 and sentence.tokens[index - 1].low in (
            "as",
            "called",
            "named",
            "dubbed",
            "nicknamed",
        ):
            named = [index]
            while named[-1] + 2 < len(sentence.tokens):
                following = [i for i in sentence.names if named[-1] < i <= named[-1] + 3]
                between = [t.low for t in sentence.tokens[named[-1] + 1 : following[0]]] if following else ["."]
                if any(low not in (",", "and", "the") for low in between):
                    break
                named.append(following[0])
            return named
    return []


def _same_side(sentence: Sentence, index: int, hit: Hit, clause: int, vocabulary: Vocabulary) -> bool:
    """Who announces the designation is not designated: an active verb parts its subject from a noun after it."""
    verb = sentence.structure.clauses[clause].verb
    if verb is None or hit.start <= verb or sentence.tokens[verb].low in vocabulary.grammar["be"]:
        return True
    return index > verb


def _active(
    sentence: Sentence, hit: Hit, clause: int, vocabulary: Vocabulary
) -> tuple[list[int], list[int], tuple[str, str] | None]:
    structure = sentence.structure
    agents, _, _ = _subject(sentence, hit.start, clause, vocabulary, None)
    objects = _objects(sentence, hit.start + 1, clause, vocabulary)
    if objects:
        return objects, [i for i in agents if i not in objects], None
    here = structure.clauses[clause]
    if here.kind is ClauseKind.RELATIVE and not _relative_is_subject(sentence, here):
        found = antecedents(sentence, here, vocabulary)
        return found, [i for i in agents if i not in found], None
    named = _named_by_relative(sentence, hit)
    if named:
        return named, agents, None
    if hit.pattern.kind in ("relief", "renewal"):  # "lifted the sanctions it had placed on the company"
        for index in range(hit.start + 1, min(hit.start + 16, len(sentence.tokens))):
            if sentence.tokens[index].low in ("on", "against", "from", "of") and (
                slot := _open_slot(sentence, index, vocabulary)
            ):
                return [], agents, slot
    return [], agents, _open_slot(sentence, hit.start + 1, vocabulary)


def _relative_is_subject(sentence: Sentence, clause: Clause) -> bool:
    """ "who was sanctioned" against "whom Washington sanctioned"."""
    if clause.verb is None:
        return False
    between = [sentence.tokens[i] for i in range(clause.first, clause.verb)]
    return not any(
        token.kind in (Kind.MENTION, Kind.AUTHORITY) or token.low in ("it", "they", "he", "she", "the", "a")
        for token in between[1:]
    )


def _subject(
    sentence: Sentence, at: int, clause: int, vocabulary: Vocabulary, hit: Hit | None, participle: bool = False
) -> tuple[list[int], list[int], tuple[str, str] | None]:
    """The subject of what stands at token `at`: names, then agents ("by X"), then what stands there instead."""
    structure = sentence.structure
    here = structure.clauses[clause]
    agents = [
        i for i in sentence.names if structure.clause_of[i] == clause and i > 0 and sentence.tokens[i - 1].low == "by"
    ]
    if here.kind in EMBEDDED:
        inside = [i for i in here.tokens if i < at and _is_tracked(sentence, i) and not is_related(sentence, i)]
        opener = sentence.tokens[here.first].low
        if (
            here.kind is ClauseKind.RELATIVE
            and (opener == "whose" or not _relative_is_subject(sentence, here))
            and inside
        ):
            return inside, agents, None
        if here.kind is ClauseKind.PARENTHESIS and inside:
            return inside, agents, None
        if here.kind is ClauseKind.APPOSITION and inside:
            return inside, agents, None
        found = antecedents(sentence, here, vocabulary)
        if not found and here.first == 0:  # "Registered in Panama, the ship …": the main subject
            found = [i for i in sentence.names if structure.clauses[structure.clause_of[i]].kind is ClauseKind.MAIN][:1]
        slot = None
        if not found:
            slot = _noun_slot(sentence, here.first, vocabulary)
        return found, agents, slot
    first_verb = here.verb if here.verb is not None and here.verb <= at else at
    if participle and here.verb is not None and here.verb > at:
        first_verb = at
    before = [i for i in here.tokens if i < first_verb and _is_tracked(sentence, i) and i not in agents]
    heads = [i for i in before if not is_related(sentence, i) and not owns_next(sentence, i)]
    if participle and first_verb == at and heads:
        heads = heads[-1:] if not _is_list(heads) else heads
    if not heads and participle and hit is not None:  # "companies sanctioned in 2019", "those designated: A and B"
        between = [i for i in here.tokens if i < at and _is_tracked(sentence, i)]
        heads = between[-1:] if between and at - between[-1] <= 2 else []
    if heads:
        return heads, agents, None
    return [], agents, _noun_slot(sentence, first_verb, vocabulary, here.first, clause)


def _is_tracked(sentence: Sentence, index: int) -> bool:
    return sentence.tokens[index].kind is Kind.MENTION


def _is_list(names: Sequence[int]) -> bool:
    return len(names) > 1 and names[-1] - names[0] <= 4 * len(names)


def owns_next(sentence: Sentence, index: int) -> bool:
    """ "Acme's parent", "an Acme employee": the name is not what the sentence speaks of."""
    if index + 1 >= len(sentence.tokens):
        return False
    after = sentence.tokens[index + 1]
    if after.low in ("'", "’") and index + 2 < len(sentence.tokens) and sentence.tokens[index + 2].kind is Kind.WORD:
        return True  # "the Forces' leader"
    if after.low == "'s" and index + 2 < len(sentence.tokens) and sentence.tokens[index + 2].low in _STANDS_FOR:
        return False
    return after.low in ("'s", "의", "的") or (after.kind is Kind.WORD and after.low in _OF_NAME)


def _objects(sentence: Sentence, start: int, clause: int, vocabulary: Vocabulary) -> list[int]:
    """Names after a cue, up to the next predicate or what gives the reason."""
    structure = sentence.structure
    found: list[int] = []
    for index in range(start, len(sentence.tokens)):
        token = sentence.tokens[index]
        at = structure.clause_of[index]
        if at != clause:
            if structure.clauses[clause].kind in EMBEDDED and structure.clauses[at].parent != clause:
                break
            if structure.clauses[at].kind not in EMBEDDED and at > clause and structure.clauses[at].verb is not None:
                break
            if structure.clauses[at].kind in EMBEDDED:
                continue
        if index in structure.finite and structure.clauses[at].kind not in EMBEDDED:
            inverted = token.low in vocabulary.grammar["be"] and not any(
                i < index for i in sentence.names if structure.clause_of[i] == at
            )
            if not inverted:
                break
        if token.low in _STOP_OBJECT and (found or token.low in _STOP_ALWAYS) and token.kind is Kind.WORD:
            break
        if (
            not found
            and token.kind is Kind.AUTHORITY
            and index == start
            and sentence.tokens[start - 1].low in ("on", "against", "at", "targeting")
        ):
            break  # "measures against Russia": the country is the object
        if (
            token.kind is Kind.MENTION
            and not is_related(sentence, index)
            and not (owns_next(sentence, index) and not _possessed_is_target(sentence, index))
        ):
            found.append(index)
    return found


def _possessed_is_target(sentence: Sentence, index: int) -> bool:
    """ "sanctions against Acme's": the possessive ends there."""
    return sentence.tokens[index + 1].low == "'s" and (
        index + 2 >= len(sentence.tokens) or sentence.tokens[index + 2].kind is Kind.PUNCTUATION
    )


def _agents(sentence: Sentence, clause: int) -> list[int]:
    tokens = sentence.tokens
    return [i for i in sentence.names if sentence.structure.clause_of[i] == clause and i and tokens[i - 1].low == "by"]


def _possessor(sentence: Sentence, hit: Hit) -> list[int]:
    """ "Acme's listing": the name before a noun cue."""
    for index in range(max(0, hit.start - 2), hit.start + 1):
        if index in sentence.names and owns_next(sentence, index) and hit.end - index <= 6:
            return [index]
    return []


def antecedents(sentence: Sentence, clause: Clause, vocabulary: Vocabulary) -> list[int]:
    """The names that a relative clause, participle, apposition or bracket speaks of: what stands right before it."""
    structure, tokens = sentence.structure, sentence.tokens
    index, steps = _before_clause(sentence, clause), 0
    while index >= 0 and steps <= _LISTED_BY_NAME + 2:
        other = structure.clauses[structure.clause_of[index]]
        if other is clause:
            index -= 1
            continue
        if tokens[index].kind is Kind.MENTION:
            return [index]
        if other.kind is ClauseKind.APPOSITION or (
            other.kind is ClauseKind.RELATIVE and tokens[index].low in ("and", "but")
        ):  # it speaks of what that clause speaks of
            clause = other
            index, steps = _before_clause(sentence, clause), 0
            continue
        if index in structure.finite or (tokens[index].low in vocabulary.grammar["determiners"]):
            return []
        index -= 1
        steps += 1
    return []


def _before_clause(sentence: Sentence, clause: Clause) -> int:
    """The last token before a clause that is no punctuation; -1 if there is none."""
    index = clause.first - 1
    while index >= 0 and sentence.tokens[index].kind is Kind.PUNCTUATION:
        index -= 1
    return index


def is_related(sentence: Sentence, index: int) -> bool:
    """Whether a name only says whose, with whom, or for whom: "owned by X", "chairman of X", "linked to X and Y"."""
    return index in sentence.related


def _find_related(sentence: Sentence) -> frozenset[int]:
    """From left to right, as the names of a list are like the one before them."""
    tokens, clause_of = sentence.tokens, sentence.structure.clause_of
    told = _told_related(sentence)
    found: set[int] = set()
    for index in sentence.names:
        before = tokens[index - 1].low if index else ""
        if before in ("unlike", "like") or index in told:
            found.add(index)
            continue
        if index > 1 and before in ("of", "at", "from") and _is_name(sentence, index - 2):
            found.add(index)  # "Jane Roe of Acme"
            continue
        if before == "," and _names_holder(sentence, index):
            continue
        back = index - 1  # the next of a list of such names
        while back > 0 and tokens[back].low in (",", "and", "or", "the"):
            back -= 1
        if back != index - 1 and back in found and clause_of[back] == clause_of[index]:
            found.add(index)
    return frozenset(found)


def _told_related(sentence: Sentence) -> frozenset[int]:
    """The tokens at which a name would be told to be related by the words before it: "owned by", "chairman of the"."""
    told: set[int] = set()
    for hit in sentence.hits:
        if hit.pattern.kind == "relation" and hit.pattern.frame == "before":
            for index in range(hit.end, min(hit.end + 5, len(sentence.tokens))):
                told.add(index)
                if not _fills(sentence.tokens[index]):
                    break
    return frozenset(told)


_HOLDERS = frozenset(
    "owner head chairman chief boss founder director leader president ceo commander governor minister executive wife "
    "husband son daughter brother sister manager captain editor secretary judge mayor spokesman deputy".split()
)


def _names_holder(sentence: Sentence, index: int) -> bool:
    """ "the owner of Acme, Jane Roe": the name after the comma is the owner's."""
    if index < 3 or sentence.tokens[index - 2].kind is not Kind.MENTION:
        return False
    window = sentence.tokens[max(0, index - 9) : index - 2]
    return any(token.low in _HOLDERS for token in window) and any(token.low in ("of", "at", "for") for token in window)


def _is_name(sentence: Sentence, index: int) -> bool:
    token = sentence.tokens[index]
    return index > 0 and token.kind is Kind.WORD and token.capital and sentence.tokens[index - 1].capital


def _fills(token: Token) -> bool:
    """Words that may stand between "chairman of" and a name: "the Russian state lender", "its parent company"."""
    return token.kind in (Kind.AUTHORITY, Kind.WORD) and token.low not in (
        "and",
        "or",
        "to",
        "who",
        "which",
        "that",
        "was",
        "is",
        "were",
        "of",
        "by",
    )


def _open_slot(sentence: Sentence, start: int, vocabulary: Vocabulary) -> tuple[str, str] | None:
    """What stands after an active verb or "sanctions on" where no name does."""
    grammar = vocabulary.grammar
    for index in range(start, min(start + 6, len(sentence.tokens))):
        token = sentence.tokens[index]
        if token.kind is Kind.PUNCTUATION:
            break
        if slot := _slot_word(sentence, index, grammar):
            return slot
    return None


def _noun_slot(
    sentence: Sentence, end: int, vocabulary: Vocabulary, start: int = 0, clause: int | None = None
) -> tuple[str, str] | None:
    """The pronoun or noun that is the subject before token `end`, in the clause if one is given."""
    for index in range(max(start, end - 40 if clause is not None else end - 14), end):
        if clause is not None and sentence.structure.clause_of[index] != clause:
            continue
        if slot := _slot_word(sentence, index, vocabulary.grammar):
            return slot
    return None


def _pronoun_slot(sentence: Sentence, clause: int, vocabulary: Vocabulary, hit: Hit) -> tuple[str, str] | None:
    for index in sentence.structure.clauses[clause].tokens:
        token = sentence.tokens[index]
        if hit.start <= index < hit.end and token.low not in ("his", "her", "its", "their"):
            continue
        if (slot := _slot_word(sentence, index, vocabulary.grammar)) and token.low not in (
            "his",
            "her",
            "its",
            "their",
        ):
            return slot
        if token.low in ("his", "her", "its", "their") and hit.start - 2 <= index < hit.end:
            return ("person" if token.low in ("his", "her") else "thing" if token.low == "its" else "group"), token.low
    return None


def _slot_word(sentence: Sentence, index: int, grammar: Grammar) -> tuple[str, str] | None:
    g = grammar
    token = sentence.tokens[index]
    if token.kind is not Kind.WORD or (index + 1 < len(sentence.tokens) and sentence.tokens[index + 1].low == "'s"):
        return None
    low = token.low
    if low in g["person_pronouns"] or low in ("him", "her"):
        return "person", low
    if low in g["thing_pronouns"]:
        return "thing", low
    if low in g["group_pronouns"]:
        return "group", low
    before = {sentence.tokens[i].low for i in range(max(0, index - 4), index)}
    definite = bool(before & {"the", "this", "that", "these", "those", "both", "all", "its", "his", "her", "their"})
    if low in g["group_nouns"]:
        return ("group" if definite or low in ("pair", "duo", "trio") else "some"), low
    if low in g["company_nouns"]:
        return ("company" if definite else "some"), low
    if low in g["vessel_nouns"]:
        return ("vessel" if definite else "some"), low
    if low in g["person_nouns"]:
        return ("man" if definite else "some"), low
    return None
