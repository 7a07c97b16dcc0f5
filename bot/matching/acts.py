"""What a sentence tells: its acts, each with its kind, target, agent, time, negation and modality (docs/verdicts.md).

The rules go by grammar and by the classes of the vocabulary; the few words in here are those of English grammar.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from itertools import pairwise

from bot.matching.clauses import EMBEDDED, ClauseKind, Structure
from bot.matching.cues import Hit, Vocabulary
from bot.matching.readings import Act, Sentence, is_related, owns_next
from bot.matching.roles import find_roles
from bot.matching.times import When
from bot.matching.voices import voice_of
from bot.matching.words import Kind
from bot.model import BlockKind

_ACTIONS = frozenset(
    "designation designation_weak prospect relief renewal enforcement standing state exclusion".split()
)
_NO_ACT_BEHIND_PUT = frozenset("off forward up out together down".split())
_DECIDED = frozenset("decided approved adopted ordered".split())
_RELATION_REACH = 5  # words from "its" to "owner": "its largest single owner"


def find_acts(sentence: Sentence, vocabulary: Vocabulary) -> list[Act]:
    """The acts that a sentence tells of. Finds the names that it sets apart from them, too."""
    acts = []
    for hit in sentence.hits:
        if hit.pattern.kind == "exclusion" and (hit.pattern.frame == "before" or _is_no_longer(sentence, hit.start)):
            continue
        if hit.pattern.kind in _ACTIONS and (act := _read_act(sentence, hit, vocabulary)):
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


def _is_no_longer(sentence: Sentence, index: int) -> bool:
    """ "no longer" ends what was: it excludes nobody. "No less" denies nothing."""
    return sentence.tokens[index].low == "no" and sentence.low(index + 1) in ("longer", "less")


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
    is_put = sentence.tokens[hit.start].low in ("put", "puts", "putting")
    if is_put and sentence.low(hit.start + 1) in _NO_ACT_BEHIND_PUT:
        return None
    voice = _voice(sentence, hit, vocabulary)
    if not voice:
        return None
    clause = sentence.structure.clause_of[hit.start]
    kind = hit.pattern.kind
    when, on = _time_of(sentence, hit, clause, vocabulary)
    if when is When.FUTURE and any(
        sentence.tokens[i].low in _DECIDED for i in sentence.structure.clauses[clause].tokens
    ):
        when = None  # "decided to block it from May 12": done, though it starts later
    negated = _is_negated(sentence, hit, clause, vocabulary) if kind != "exclusion" else False
    modal = _is_modal(sentence, hit, clause, vocabulary)
    targets, agents, slot = find_roles(sentence, hit, voice, clause, vocabulary)
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


def _voice(sentence: Sentence, hit: Hit, vocabulary: Vocabulary) -> str:
    """How the word of an act stands; "" if it should be a verb and is none."""
    if hit.pattern.frame != "verb" or not vocabulary.verb_forms:
        return "noun"
    voice = voice_of(sentence, hit.start, vocabulary)
    if not voice and len(hit.pattern.parts) >= 3:  # "keeps in force": more words make it a verb
        before = sentence.tokens[hit.start - 1].low if hit.start else "the"
        voice = "" if before in vocabulary.grammar["determiners"] | vocabulary.grammar["prepositions"] else "active"
    return voice


def _by_authority(sentence: Sentence, hit: Hit, clause: int, voice: str) -> bool:
    """ "Washington hit the bank", "was named by the Treasury": an authority makes a weak verb a strong one."""
    clause_of, tokens = sentence.structure.clause_of, sentence.tokens
    here = [i for i, token in enumerate(tokens) if token.kind is Kind.AUTHORITY and clause_of[i] == clause]
    if voice == "passive":
        return any(i > hit.start and any(tokens[j].low == "by" for j in range(max(0, i - 3), i)) for i in here)
    return any(i < hit.start <= i + 6 and sentence.low(i + 1) != "'s" for i in here)


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
        if clause in (clause_of[other.start], clause_of[other.end - 1]):  # "a month | after it froze the assets"
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
    return sentence.tokens[hit.start].low in _OLD_ADJECTIVES and sentence.low(hit.end) in _OLD_NOUNS


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
            is_not_only = token.low == "not" and sentence.low(index + 1) == "only"
            if not is_not_only and not _is_no_longer(sentence, index):
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
                and not any(time.start <= index < time.end for time in sentence.times)  # "On May 30, OFAC listed"
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
