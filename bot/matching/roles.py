"""Who stands where around a cue: the names in the target's place and in the agent's, and what stands there instead.

The rules go by grammar and by the classes of the vocabulary; the few words in here are those of English grammar.
"""

from __future__ import annotations

from collections.abc import Sequence

from bot.matching.clauses import EMBEDDED, Clause, ClauseKind
from bot.matching.cues import Grammar, Hit, Vocabulary
from bot.matching.readings import Sentence, is_related, owns_next
from bot.matching.words import Kind

Slot = tuple[str, str]  # what stands there instead of a name ("person", "some" …), and its word
Roles = tuple[list[int], list[int], Slot | None]  # name tokens in the target's place, in the agent's; what stands there
_STOP_OBJECT = frozenset("over because amid after via through by despite unless until as".split())
_STOP_ALWAYS = frozenset("over because amid after despite unless as".split())
_OPEN_SUBJECTS = frozenset("it they he she the a".split())
_CALLED = frozenset("as called named dubbed nicknamed".split())
_DEFINITE = frozenset("the this that these those both all its his her their".split())
_POSSESSIVES = {"his": "person", "her": "person", "its": "thing", "their": "group"}
_LISTED_BY_NAME = 4  # how far before a relative clause its antecedent may end
_NAME_BEHIND, _SLOT_BEHIND = 16, 16  # how far behind a cue


def find_roles(sentence: Sentence, hit: Hit, voice: str, clause: int, vocabulary: Vocabulary) -> Roles:
    """Name tokens in the target's place and in the agent's, and what stands in the target's place if no name does."""
    frame = hit.pattern.frame
    if not vocabulary.verb_forms:
        return _without_grammar(sentence, hit, clause), [], None
    if frame == "subject" or (frame == "verb" and voice == "passive"):
        return _subject(sentence, hit.start, clause, vocabulary)
    if frame == "object":
        objects = _objects(sentence, hit.end, sentence.structure.clause_of[hit.end - 1], vocabulary)
        return objects, [], None if objects else _open_slot(sentence, hit.end, vocabulary)
    if frame != "verb":
        return _of_noun(sentence, hit, clause, vocabulary)
    if voice == "participle":
        after = _behind_participle(sentence, hit, clause, vocabulary)
        return (after, [], None) if after else _subject(sentence, hit.start, clause, vocabulary, participle=True)
    if voice in ("adjective", "plural adjective"):
        return [i for i in sentence.names if hit.start < i <= hit.end + 3], [], None
    return _active(sentence, hit, clause, vocabulary)


def _behind_participle(sentence: Sentence, hit: Hit, clause: int, vocabulary: Vocabulary) -> list[int]:
    """ "Sanctioned with him were A and B": a participle that opens its clause may have the subject behind the verb."""
    here = sentence.structure.clauses[clause]
    if here.verb is None or hit.start > here.first + 1 or not hit.start < here.verb <= hit.start + 9:
        return []
    is_be = sentence.tokens[here.verb].low in ("was", "were", "is", "are")
    return _objects(sentence, here.verb + 1, clause, vocabulary) if is_be else []


def _of_noun(sentence: Sentence, hit: Hit, clause: int, vocabulary: Vocabulary) -> Roles:
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
        if hit.start < index <= hit.start + _NAME_BEHIND and sentence.tokens[index - 1].low in _CALLED:
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


def _active(sentence: Sentence, hit: Hit, clause: int, vocabulary: Vocabulary) -> Roles:
    structure = sentence.structure
    agents, _, _ = _subject(sentence, hit.start, clause, vocabulary)
    objects = _objects(sentence, hit.start + 1, clause, vocabulary)
    if objects:
        return objects, [i for i in agents if i not in objects], None
    here = structure.clauses[clause]
    if here.kind is ClauseKind.RELATIVE and not _relative_is_subject(sentence, here):
        found = _antecedents(sentence, here, vocabulary)
        return found, [i for i in agents if i not in found], None
    named = _named_by_relative(sentence, hit)
    if named:
        return named, agents, None
    if hit.pattern.kind in ("relief", "renewal"):  # "lifted the sanctions it had placed on the company"
        for index in range(hit.start + 1, min(hit.start + _SLOT_BEHIND, len(sentence.tokens))):
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
    return not any(token.kind in (Kind.MENTION, Kind.AUTHORITY) or token.low in _OPEN_SUBJECTS for token in between[1:])


def _subject(sentence: Sentence, at: int, clause: int, vocabulary: Vocabulary, *, participle: bool = False) -> Roles:
    """The subject of what stands at token `at`: names, then agents ("by X"), then what stands there instead."""
    structure = sentence.structure
    here, agents = structure.clauses[clause], _agents(sentence, clause)
    if here.kind in EMBEDDED:
        inside = [i for i in here.tokens if i < at and _is_tracked(sentence, i) and not is_related(sentence, i)]
        has_its_own = here.kind in (ClauseKind.PARENTHESIS, ClauseKind.APPOSITION) or (
            here.kind is ClauseKind.RELATIVE
            and (sentence.tokens[here.first].low == "whose" or not _relative_is_subject(sentence, here))
        )
        if has_its_own and inside:
            return inside, agents, None
        found = _antecedents(sentence, here, vocabulary)
        if not found and here.first == 0:  # "Registered in Panama, the ship …": the main subject
            found = [i for i in sentence.names if structure.clauses[structure.clause_of[i]].kind is ClauseKind.MAIN][:1]
        return found, agents, None if found else _noun_slot(sentence, here.first, vocabulary)
    first_verb = here.verb if here.verb is not None and here.verb <= at else at
    if participle and here.verb is not None and here.verb > at:
        first_verb = at
    before = [i for i in here.tokens if i < first_verb and _is_tracked(sentence, i) and i not in agents]
    heads = [i for i in before if not is_related(sentence, i) and not owns_next(sentence, i)]
    if participle and first_verb == at and heads:
        heads = heads[-1:] if not _is_list(heads) else heads
    if not heads and participle:  # "companies sanctioned in 2019", "those designated: A and B"
        between = [i for i in here.tokens if i < at and _is_tracked(sentence, i)]
        heads = between[-1:] if between and at - between[-1] <= 2 else []
    if heads:
        return heads, agents, None
    return [], agents, _noun_slot(sentence, first_verb, vocabulary, here.first, clause)


def _is_tracked(sentence: Sentence, index: int) -> bool:
    return sentence.tokens[index].kind is Kind.MENTION


def _is_list(names: Sequence[int]) -> bool:
    return len(names) > 1 and names[-1] - names[0] <= 4 * len(names)


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


def _antecedents(sentence: Sentence, clause: Clause, vocabulary: Vocabulary) -> list[int]:
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


def _open_slot(sentence: Sentence, start: int, vocabulary: Vocabulary) -> Slot | None:
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
) -> Slot | None:
    """The pronoun or noun that is the subject before token `end`, in the clause if one is given."""
    for index in range(max(start, end - 40 if clause is not None else end - 14), end):
        if clause is not None and sentence.structure.clause_of[index] != clause:
            continue
        if slot := _slot_word(sentence, index, vocabulary.grammar):
            return slot
    return None


def _pronoun_slot(sentence: Sentence, clause: int, vocabulary: Vocabulary, hit: Hit) -> Slot | None:
    for index in sentence.structure.clauses[clause].tokens:
        token = sentence.tokens[index]
        if token.low in _POSSESSIVES:
            if hit.start - 2 <= index < hit.end:
                return _POSSESSIVES[token.low], token.low
        elif not hit.start <= index < hit.end and (slot := _slot_word(sentence, index, vocabulary.grammar)):
            return slot
    return None


def _slot_word(sentence: Sentence, index: int, grammar: Grammar) -> Slot | None:
    token = sentence.tokens[index]
    if token.kind is not Kind.WORD or sentence.low(index + 1) == "'s":
        return None
    low = token.low
    for kind in ("person", "thing", "group"):
        if low in grammar[f"{kind}_pronouns"] or (kind == "person" and low in ("him", "her")):
            return kind, low
    is_definite = any(before.low in _DEFINITE for before in sentence.tokens[max(0, index - 4) : index])
    for kind, noun in (("group", "group"), ("company", "company"), ("vessel", "vessel"), ("person", "man")):
        if low in grammar[f"{kind}_nouns"]:
            return noun if is_definite or low in ("pair", "duo", "trio") else "some", low
    return None
