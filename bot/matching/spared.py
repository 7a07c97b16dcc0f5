"""Names that a sentence says were left out, by words behind the name ("X, tipped for the list, escaped") or before it
("Missing from the list was X"), and those that it says are blocked already ("X, a person whose property … blocked", or
a row of a table: "X | banker | Previously designated 2023").

"but not X", which needs an act in its sentence, is `acts`'; what it amounts to `verdicts` tells.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from itertools import accumulate

from bot.matching.clauses import EMBEDDED, ClauseKind
from bot.matching.cues import Hit, Vocabulary
from bot.matching.readings import Sentence, is_related, owns_next
from bot.matching.times import When
from bot.matching.words import Kind, Token

__all__ = ["set_aside", "set_spared_apart"]

_TARGETING = frozenset(("new", "undated", "state"))  # kinds of acts
_ENDS = frozenset('.;:!…—–-)]”"»')
_JOINS = ([","], ["and"], ["or"], ["nor"], [",", "and"], [",", "or"], ["and", "the"], [",", "the"])
_MARKS = {",": ",", ")": "(", "—": "—", "–": "–", "-": "-"}  # what closes an aside -> what opens it
_TELLS_A_LIST = ("designation", "state", "standing", "proposal", "prospect")  # how kinds of cues begin
_BEFORE_ASIDE = frozenset((",", "(", ".", "a", "an", "any", "all"))
_LONGEST_FORM = 2  # words: "Private Limited"
_LEAD_REACH = 3  # words that may stand before "missing from the list was X" in its clause
_JOINING = frozenset("and but or yet".split())
_GOES_ON = _JOINING | frozenset("while whereas although though as because since until till before only so".split())
_TURNING = frozenset("until till before only then later now having".split())
_PRONOUNS = frozenset("it he she they him her them".split())
_SAME_SUBJECT = _PRONOUNS | frozenset("now then on in".split())  # "but now is on it", "but in May was added"
_DENYING = frozenset("if whether unless had when".split())  # "if X was spared", "when X escaped"


def set_spared_apart(sentence: Sentence, vocabulary: Vocabulary) -> None:
    """Mark the names that the sentence, whose acts were found, leaves out or tells to be blocked: they are no targets
    of its acts."""
    spared = _find_spared(sentence, vocabulary)
    sentence.apart |= spared
    sentence.blocked = _find_blocked(sentence, vocabulary)
    set_aside(sentence, spared | sentence.blocked)


def set_aside(sentence: Sentence, names: Collection[int]) -> None:
    """The name tokens are no targets of the sentence's acts."""
    for act in sentence.acts if names else ():
        if act.kind in _TARGETING:
            act.targets = [index for index in act.targets if index not in names]


def _find_spared(sentence: Sentence, vocabulary: Vocabulary) -> frozenset[int]:
    """The name tokens that the sentence says were left out."""
    if sentence.text.rstrip("\"”’»'").endswith("?"):
        return frozenset()
    found: set[int] = set()
    for hit in sentence.hits:
        if hit.pattern.kind != "spared":
            continue
        end = _end_of_clause(sentence, hit.end)
        if _is_dated(sentence, hit.start, end, vocabulary) or _goes_on(sentence, end, vocabulary):
            continue
        find = _named_behind if hit.pattern.frame == "before" else _named_before
        found.update(find(sentence, hit, vocabulary))
    return frozenset(found)


def _find_blocked(sentence: Sentence, vocabulary: Vocabulary) -> frozenset[int]:
    """The name tokens that "a person whose property … are blocked" stands behind, but who is a target here, too; and
    those of a table's row that tells an earlier listing alone."""
    found = _in_row_of_before(sentence)
    for hit in sentence.hits:
        if hit.pattern.kind != "blocked":
            continue
        name = _behind_aside(sentence, hit.start - 1)
        if name in sentence.names:
            plural = sentence.tokens[hit.start].low.endswith("s")
            names = _list_up_to(sentence, name) if plural else [name]
            found.update(index for index in names if not _is_target(sentence, index, hit, vocabulary))
    return frozenset(found)


_CELL = "|"
_NEW = frozenset("new newly added also additional".split())


def _in_row_of_before(sentence: Sentence) -> set[int]:
    """The names of "X | deputy commander | Previously designated 2023", where no other cell tells a newer act."""
    tokens = sentence.tokens
    cell_of = list(accumulate(token.low == _CELL for token in tokens))
    if not (cell_of and cell_of[-1]) or any(token.low in _NEW for token in tokens):
        return set()
    before = {cell_of[hit.start] for hit in sentence.hits if hit.pattern.kind == "standing"}
    acts = {cell_of[hit.start] for hit in sentence.hits if hit.pattern.kind.startswith("designation")}
    if not before or acts - before or any(time.when is When.RECENT for time in sentence.times):
        return set()
    return {index for index in sentence.names if cell_of[index] not in before}


def _is_target(sentence: Sentence, name: int, told: Hit, vocabulary: Vocabulary) -> bool:
    """Is the name the subject of an act behind it, or its object, but not as in "designated Y for aiding X"?"""
    linking = vocabulary.grammar["prepositions"] - {"on", "against"}
    for act in sentence.acts:
        if act.kind not in _TARGETING or name not in act.targets or told.start <= act.hit.start < told.end:
            continue
        if act.hit.start > name or not any(t.low in linking for t in sentence.tokens[act.hit.end : name]):
            return True
    return False


# ---------------------------------------------------------------- words behind the name


def _named_before(sentence: Sentence, hit: Hit, vocabulary: Vocabulary) -> list[int]:
    """The subject of "was left off", "escaped", if that is all that is said of it."""
    if not _ends_there(sentence, hit, vocabulary):
        return []
    if _is_cut_short(sentence, hit, vocabulary) and not _tells_a_list(sentence, hit):
        return []
    name = _subject_of(sentence, hit.start, vocabulary)
    if name is None or _is_taken_back(sentence, name, vocabulary):
        return []
    first = sentence.tokens[hit.start].low
    names = _list_up_to(sentence, name) if first in ("were", "are") else [name]
    return [index for index in names if not owns_next(sentence, index)]


def _subject_of(sentence: Sentence, verb: int, vocabulary: Vocabulary) -> int | None:
    """The name right before a finite verb, or before an aside that ends there: "X, expected to be on it, was"."""
    at = verb - 1
    while at >= 0 and _is_adverb(sentence.tokens[at], vocabulary):
        at -= 1
    if at in sentence.names:
        return at if _is_free(sentence, at, vocabulary) else None
    opener = _MARKS.get(sentence.tokens[at].low) if at >= 0 else None
    if opener is None:
        return None
    for name in reversed(sentence.names):
        aside = range(name + 2, at)
        if aside and sentence.tokens[name + 1].low == opener and _is_free(sentence, name, vocabulary):
            return name if _is_aside(sentence, aside, vocabulary) else None
    return None


def _is_aside(sentence: Sentence, tokens: range, vocabulary: Vocabulary) -> bool:
    """Speaks all of it of the name before it, and ends? "whose owner" is another's, "and its owner" goes on."""
    grammar, structure = vocabulary.grammar, sentence.structure
    first = sentence.tokens[tokens[0]].low
    finite = [index for index in tokens if index in structure.finite]
    if first in grammar["coordinators"] or any(sentence.tokens[index].low in (";", ":") for index in tokens):
        return False
    if first in grammar["relatives"] or first in grammar["subordinators"]:
        return bool(finite)
    opener = next((index for index in tokens if not _is_adverb(sentence.tokens[index], vocabulary)), -1)
    if vocabulary.verb_forms.get(sentence.tokens[opener].low) == "past":  # a participle: "widely expected to be on it"
        finite = [index for index in finite if index != opener]
    return all(structure.clauses[structure.clause_of[index]].kind in EMBEDDED for index in finite)


def _is_free(sentence: Sentence, name: int, vocabulary: Vocabulary) -> bool:
    """May the name be a subject: is it not another's ("a client of X", "X's owner", "who bribed X")?"""
    at, structure = _before_article(sentence, name, vocabulary), sentence.structure
    is_linked = at >= 0 and sentence.tokens[at].low in vocabulary.grammar["prepositions"]
    clause = structure.clauses[structure.clause_of[name]]
    is_object = clause.kind is ClauseKind.RELATIVE and clause.verb is not None and clause.verb < name
    return not (is_linked or is_object or is_related(sentence, name) or owns_next(sentence, name))


def _ends_there(sentence: Sentence, hit: Hit, vocabulary: Vocabulary) -> bool:
    """Is nothing said behind the words but "the new list"? "was spared in the first round", "escaped from prison" do
    not leave out; who "is not on the EU's list" may be on Britain's."""
    dated = {at for time in sentence.times for at in range(time.start, time.end)}
    known = vocabulary.grammar["spared_tail"] | {"'s"}
    tail = range(hit.end, _end_of_clause(sentence, hit.end))
    return all(index in dated or sentence.tokens[index].low in known for index in tail)


def _goes_on(sentence: Sentence, end: int, vocabulary: Vocabulary) -> bool:
    """Is more said of the same name behind a clause: "…, but was added on Monday", "…, but London added it"?"""
    acts = any(act.kind in _TARGETING and act.hit.start >= end for act in sentence.acts)
    if acts and any(token.low in _PRONOUNS for token in sentence.tokens[end:]):
        return True
    return end < len(sentence.tokens) and sentence.tokens[end].low not in _ENDS and _turns(sentence, end, vocabulary)


def _end_of_clause(sentence: Sentence, start: int) -> int:
    """The first token from `start` on that is a mark or joins another clause."""
    tokens = sentence.tokens
    for index in range(start, len(tokens)):
        if tokens[index].kind is Kind.PUNCTUATION or tokens[index].low in _GOES_ON:
            return index
    return len(tokens)


def _turns(sentence: Sentence, index: int, vocabulary: Vocabulary) -> bool:
    """Is another clause of the same subject joined at token `index`: ", but was added on Monday", "until Monday"?"""
    tokens = sentence.tokens
    if tokens[index].low == ",":
        index += 1
    if index >= len(tokens):
        return False
    if tokens[index].low in _TURNING:
        return True
    if tokens[index].low not in _JOINING:
        return False
    after = next((token for token in tokens[index + 1 :] if not _is_adverb(token, vocabulary)), None)
    return after is None or after.low in _SAME_SUBJECT or _is_verb(after, vocabulary)


def _is_verb(token: Token, vocabulary: Vocabulary) -> bool:
    grammar = vocabulary.grammar
    return token.kind is Kind.WORD and (
        token.low in vocabulary.verb_forms or any(token.low in grammar[name] for name in ("be", "have", "modals"))
    )


def _is_cut_short(sentence: Sentence, hit: Hit, vocabulary: Vocabulary) -> bool:
    """ "was not" alone: it denies what was said before."""
    return all(
        token.low in vocabulary.grammar["be"] or token.low in vocabulary.grammar["negations"]
        for token in sentence.tokens[hit.start : hit.end]
    )


def _tells_a_list(sentence: Sentence, hit: Hit) -> bool:
    """Is there a listing before it to deny? "Y was spared; X was not" denies another thing."""
    before = [other.pattern.kind for other in sentence.hits if other.end <= hit.start]
    left_out = "spared" in before or "exclusion" in before
    return not left_out and any(kind.startswith(_TELLS_A_LIST) for kind in before)


def _is_taken_back(sentence: Sentence, name: int, vocabulary: Vocabulary) -> bool:
    """ "if X was spared", "nobody said that X was spared", "in March X was spared"."""
    tokens, grammar, clause_of = sentence.tokens, vocabulary.grammar, sentence.structure.clause_of
    at = _before_article(sentence, name, vocabulary)
    opener = tokens[at].low if at >= 0 else ""
    before = [index for index in range(name) if clause_of[index] == clause_of[name]]
    if opener in _DENYING or any(tokens[i].low in grammar["negations"] | grammar["hardly"] for i in before):
        return True
    return bool(before) and _is_dated(sentence, before[0], name, vocabulary)


def _before_article(sentence: Sentence, name: int, vocabulary: Vocabulary) -> int:
    """The token before a name and its articles; -1 if there is none."""
    at = name - 1
    while at >= 0 and sentence.tokens[at].low in vocabulary.grammar["determiners"]:
        at -= 1
    return at


def _is_dated(sentence: Sentence, start: int, end: int, vocabulary: Vocabulary) -> bool:
    """Is it said of an earlier list or day: "the March list", "in the first round"?"""
    if any(start <= time.start < end and time.when is When.OLD for time in sentence.times):
        return True
    if any(start <= hit.start < end and hit.pattern.kind == "time_old" for hit in sentence.hits):
        return True
    return any(token.low in vocabulary.grammar["of_before"] for token in sentence.tokens[start:end])


# ---------------------------------------------------------------- words before the name


def _named_behind(sentence: Sentence, hit: Hit, vocabulary: Vocabulary) -> list[int]:
    """ "Missing from the list were X and Y": the names right behind, if the words open a clause."""
    whose = any(token.kind is Kind.AUTHORITY for token in sentence.tokens[hit.start + 1 : hit.end])
    if whose or not _opens(sentence, hit.start, vocabulary):  # "missing from the EU's list": it may be on Britain's
        return []
    at = hit.end
    while at < len(sentence.tokens) and sentence.tokens[at].low in vocabulary.grammar["determiners"]:
        at += 1
    if at not in sentence.names or owns_next(sentence, at):
        return []
    names = list(_list_from(sentence, at))
    if sentence.tokens[hit.end - 1].low in ("were", "are", ":"):
        return names
    after = names[-1] + 1  # "missing was X and Y", but "missing was X and Y was added"
    is_all = after == len(sentence.tokens) or sentence.tokens[after].low in _ENDS
    return names if is_all else names[:1]


def _opens(sentence: Sentence, start: int, vocabulary: Vocabulary) -> bool:
    for index in range(start - 1, max(-1, start - 1 - _LEAD_REACH), -1):
        token = sentence.tokens[index]
        if token.low in vocabulary.grammar["negations"]:
            return False
        if token.kind is Kind.PUNCTUATION or token.low in vocabulary.grammar["coordinators"]:
            return True
        if not (_is_adverb(token, vocabulary) or token.low in ("the", "however")):
            return False
    return True


def _is_adverb(token: Token, vocabulary: Vocabulary) -> bool:
    low = token.low
    return low in vocabulary.grammar["subject_adverbs"] or (low.endswith("ly") and len(low) > 4)


# ---------------------------------------------------------------- lists of names


def _list_from(sentence: Sentence, name: int) -> Iterator[int]:
    """The name and those that follow it in its list."""
    yield name
    for after in (index for index in sentence.names if index > name):
        between = [token.low for token in sentence.tokens[name + 1 : after]]
        if between not in _JOINS or owns_next(sentence, after):
            return
        yield after
        name = after


def _list_up_to(sentence: Sentence, name: int) -> list[int]:
    """The name and those that stand before it in its list."""
    found = [name]
    for before in (index for index in reversed(sentence.names) if index < name):
        if [token.low for token in sentence.tokens[before + 1 : found[0]]] not in _JOINS:
            break
        found.insert(0, before)
    return found


def _behind_aside(sentence: Sentence, at: int) -> int:
    """The name before token `at`, but for an article, a comma, brackets and a legal form: "X JSC (XB), a person"; -1 if
    none is there."""
    depth = passed = 0
    while at >= 0 and at not in sentence.names and passed <= _LONGEST_FORM:
        token = sentence.tokens[at]
        depth += (token.low == ")") - (token.low == "(")
        if not depth and token.low not in _BEFORE_ASIDE:
            if not token.capital:
                return -1
            passed += 1
        at -= 1
    return at if at in sentence.names and not depth else -1
