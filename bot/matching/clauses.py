"""How a sentence is built: its clauses, and who a relative clause speaks of. No parser: a segmentation by punctuation,
relative pronouns, conjunctions and finite verbs, which holds for the prose of news and notices.

Decides nothing about sanctions.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import Enum

from bot.matching.cues import Grammar, Vocabulary
from bot.matching.words import Kind, Token


class ClauseKind(Enum):
    MAIN = "main"
    SUBORDINATE = "subordinate"  # "because …", "if …": has its own subject
    RELATIVE = "relative"  # "who …", "which …": speaks of what stands before it
    PARTICIPLE = "participle"  # ", sanctioned in 2018", "for supplying …"
    APPOSITION = "apposition"  # ", a bank in Minsk"
    PARENTHESIS = "parenthesis"


EMBEDDED = frozenset({ClauseKind.RELATIVE, ClauseKind.PARTICIPLE, ClauseKind.APPOSITION, ClauseKind.PARENTHESIS})


@dataclass(slots=True)
class Clause:
    kind: ClauseKind
    first: int  # its first token
    parent: int  # the clause it stands in; its own number for a main clause
    verb: int | None = None  # its first finite verb
    tokens: list[int] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Structure:
    clauses: list[Clause]
    clause_of: list[int]  # for each token
    finite: frozenset[int]  # tokens that are finite verbs
    quoted: frozenset[int]


_LIKE_PREPOSITIONS = frozenset(
    "including excluding according following pending concerning regarding during notwithstanding".split()
)
_BEFORE_RELATIVES = frozenset(
    "of to for in by with from on all both half some most through against one two three".split()
)
_NO_ANTECEDENTS = frozenset("so sure clear likely true said fact claim claims argument".split())
_BEHIND_NOUNS = frozenset(". , ; : of and against on that which who or".split())
_LIKE_PARTICIPLES = frozenset("known born put under subject part seen cut hit frozen shot led sold made".split())
_OPEN_APPOSITIONS = frozenset("a an the one whose its his her once then both".split())
_DASHES_AND_COMMA = (",", "—", "–", "-")
_BREAKS = frozenset(",;:—–()[]-")
_SPOKEN = frozenset(
    """urged demanded asked insisted proposed warned say said says saying reported announced argued noted claimed wrote
    added alleged that""".split()
)


def find_finite(tokens: Sequence[Token], vocabulary: Vocabulary) -> frozenset[int]:
    """Tokens that are finite verbs, as far as their form and what stands before them tell."""
    grammar = vocabulary.grammar
    be, have, modals = grammar["be"], grammar["have"], grammar["modals"]
    determiners, prepositions = grammar["determiners"], grammar["prepositions"]
    forms = vocabulary.verb_forms
    found: set[int] = set()
    for index, token in enumerate(tokens):
        if token.kind is not Kind.WORD:
            continue
        low = token.low
        if low == "'s":
            if index + 1 < len(tokens) and index and _after_be(tokens[index + 1].low, tokens[index - 1].low):
                found.add(index)
            continue
        if low == "may" and token.capital and index:
            continue  # the month
        if low in be or low in have or low in modals or low in ("do", "does", "did", "ca", "wo"):
            if low not in ("being", "having", "be", "been"):
                found.add(index)
            continue
        form = forms.get(low) or ("past" if low.endswith("ed") and len(low) > 4 else None)
        if form is None or form == "ing":
            continue
        before = tokens[index - 1] if index else None
        if before is None:
            continue
        that_relative = before.low == "that" and index > 1 and tokens[index - 2].kind is not Kind.PUNCTUATION
        if (before.low in determiners and not that_relative) or (
            before.low in prepositions and before.low not in ("to",)
        ):
            continue
        after = tokens[index + 1] if index + 1 < len(tokens) else None
        if (
            (form == "past" and _is_finite_past(tokens, index, before, after, grammar))
            or (
                form == "s"
                and _is_subject_end(before, grammar)
                and not _is_noun_use(after, be, have, modals)
                and not (before.kind is Kind.AUTHORITY and after is not None and after.low in prepositions)
            )
            or (form == "base" and (before.low in ("they", "we", "i", "you", "who", "that") or before.low in modals))
        ):
            found.add(index)
    return frozenset(found)


def _after_be(after: str, before: str) -> bool:
    return before in ("it", "that", "there", "he", "she", "who", "what", "here") or after in ("not", "n't", "been")


def _is_subject_end(before: Token, grammar: Grammar) -> bool:
    if (
        before.kind in (Kind.MENTION, Kind.AUTHORITY)
        or before.low in grammar["pronouns"]
        or before.low in ("that", "and", "now", "also", ")")
    ):
        return True
    if before.kind is Kind.PUNCTUATION:
        return before.low in ',)"”–—'
    return before.kind is Kind.WORD and not before.low.endswith(("ed", "ing"))


def _is_noun_use(after: Token | None, be: frozenset[str], have: frozenset[str], modals: frozenset[str]) -> bool:
    """Whether what follows shows that a word in -s was a plural noun: "sanctions were", "sanctions on"."""
    return after is None or any(after.low in words for words in (be, have, modals, _BEHIND_NOUNS))


def _is_finite_past(tokens: Sequence[Token], index: int, before: Token, after: Token | None, grammar: Grammar) -> bool:
    """Whether a form in -ed is the predicate: after an auxiliary, or after its subject and with something to act on."""
    back = index - 1
    while back > 0 and (
        tokens[back].low in grammar["subject_adverbs"]
        or tokens[back].low.endswith("ly")
        or tokens[back].low in grammar["negations"]
    ):
        back -= 1
    first = tokens[back]
    if first.low in grammar["be"] or first.low in grammar["have"]:
        return False  # the auxiliary is the finite verb
    if (
        tokens[index].low in grammar["participles"]
        and after is not None
        and after.low == "to"
        and before.kind is Kind.WORD
    ) and before.low not in grammar["pronouns"]:
        return False  # "three men said to run it"
    if tokens[index].low in grammar["preterites"]:
        return before.low not in grammar["determiners"]
    if before.kind is Kind.PUNCTUATION:
        return before.low in ')"”—–' or (before.low == "," and index > 3 and _takes_object(after, grammar))
    if after is None or after.low in ("by",):
        return False
    if tokens[index].low in grammar["participles"] and after.low in grammar["prepositions"]:
        return False
    if after.low in grammar["prepositions"] and any(
        tokens[i].low in ("a", "an", "one", "another") for i in range(max(0, index - 4), index)
    ):
        return False  # "a firm charged with …"
    if first.low in grammar["pronouns"] or before.low == "and":
        return True
    if first.kind in (Kind.MENTION, Kind.AUTHORITY):
        return True
    return not (after.kind is Kind.PUNCTUATION or after.low in ("in", "under", "since", "as", "for")) and not tokens[
        index
    ].low.endswith("-based")


def _takes_object(after: Token | None, grammar: Grammar) -> bool:
    return after is not None and (
        after.kind in (Kind.MENTION, Kind.NUMBER)
        or after.low in grammar["determiners"]
        or after.low in ("him", "her", "it", "them", "what", "that", "more", "over", "nearly", "about", "some", "$")
    )


def read_structure(tokens: Sequence[Token], vocabulary: Vocabulary) -> Structure:
    """Clauses of a sentence. A language without a grammar of clauses gets them by punctuation alone."""
    quoted = _quoted(tokens)
    if not vocabulary.grammar["verbs"]:
        return _by_punctuation(tokens, vocabulary, quoted)
    finite = find_finite(tokens, vocabulary)
    return _assemble(tokens, _Cutter(tokens, vocabulary, finite).segments(), vocabulary, finite, quoted)


def _quoted(tokens: Sequence[Token]) -> frozenset[int]:
    inside, found = False, set()
    for index, token in enumerate(tokens):
        if token.low in ('"', "“", "”", "«", "»", "„"):
            inside = token.low in "“«„" or (token.low == '"' and not inside)
        elif inside:
            found.add(index)
    return frozenset(found)


def _by_punctuation(tokens: Sequence[Token], vocabulary: Vocabulary, quoted: frozenset[int]) -> Structure:
    clauses = [Clause(ClauseKind.MAIN, 0, 0)]
    clause_of: list[int] = []
    relatives = vocabulary.grammar.get("relatives", frozenset())
    current = 0
    for index, token in enumerate(tokens):
        before = tokens[index - 1].low if index else ""
        two_before = tokens[index - 2].low if index > 1 else ""
        if token.low in relatives and (before in ",，" or two_before == "," or vocabulary.bare_relatives):
            clauses.append(Clause(ClauseKind.RELATIVE, index, 0))
            current = len(clauses) - 1
        elif token.low in (";", "；", ":", "：", "(", "（") or (token.low in (",", "，", ")", "）") and current):
            clauses.append(Clause(ClauseKind.PARENTHESIS if token.low in "(（" else ClauseKind.MAIN, index, 0))
            current = len(clauses) - 1
            clauses[current].parent = current if clauses[current].kind is ClauseKind.MAIN else max(0, current - 1)
        clause_of.append(current)
        clauses[current].tokens.append(index)
    return Structure(clauses, clause_of, frozenset(), quoted)


@dataclass(slots=True)
class _Segment:
    start: int
    end: int
    mark: str  # what opened it: "", ",", "(", "rel", "sub", "and", "for", "that"


class _Cutter:
    """Cuts a sentence where a clause may begin."""

    def __init__(self, tokens: Sequence[Token], vocabulary: Vocabulary, finite: frozenset[int]) -> None:
        self.tokens, self.grammar, self.finite = tokens, vocabulary.grammar, finite
        self.start, self.mark = 0, ""  # of the segment that is open
        self.found: list[_Segment] = []

    def segments(self) -> list[_Segment]:
        for index, token in enumerate(self.tokens):
            if self.mark == "rel" and index in self.finite and self._is_second_predicate(index):
                self._cut(index, "resume")
            self._look_at(index, token)
        self._cut(len(self.tokens), "")
        return self.found

    def _cut(self, at: int, mark: str, *, skip: int = 0) -> None:
        if at > self.start:
            self.found.append(_Segment(self.start, at, self.mark))
        self.start, self.mark = at + skip, mark

    def _look_at(self, index: int, token: Token) -> None:
        low, tokens, is_word = token.low, self.tokens, token.kind is Kind.WORD
        if token.kind is Kind.PUNCTUATION:
            if low in _BREAKS and not (low == "-" and _joined(tokens, index)):
                self._cut(index, low, skip=1)
        elif is_word and low in self.grammar["relatives"]:
            self._look_at_relative(index)
        elif low == "that" and self.start < index < len(tokens) - 1:
            self._look_at_that(index)
        elif is_word and low in self.grammar["subordinators"]:
            if _opens_clause(tokens, index, self.finite):
                self._cut(index, "sub")
        elif low == "and" and self.mark == "," and _back_to_list(tokens, self.start, index):
            self._cut(index, "and", skip=1)
        elif is_word and low in self.grammar["coordinators"] and index > self.start:
            if self._joins_clauses(index):
                self._cut(index, "and", skip=1)
        elif low == "for" and index + 1 < len(tokens) and _is_ing(tokens, index + 1):
            self._cut(index, "for")

    def _is_second_predicate(self, index: int) -> bool:
        """The second verb of a relative clause is the main one: "the firms in which he holds a stake were added"."""
        tokens, grammar = self.tokens, self.grammar
        if not self.start or tokens[self.start - 1].low in (",", "—", "–", "-", "("):
            return False
        verbs = [i for i in range(self.start, index) if i in self.finite]
        is_auxiliary = any(tokens[index].low in grammar[kind] for kind in ("be", "have", "modals"))
        if not verbs or index - verbs[-1] < 2 or not is_auxiliary:
            return False
        between = [token.low for token in tokens[verbs[-1] : index]]
        return not any(low in ("and", "or", "but", "that", "than") or low in grammar["relatives"] for low in between)

    def _look_at_relative(self, index: int) -> None:
        opener = index
        while opener > self.start and self.tokens[opener - 1].low in _BEFORE_RELATIVES:
            opener -= 1
        if opener > self.start or self.mark in (",", "", "—", "–", "-", "(", "and"):
            self._cut(opener, "rel")

    def _look_at_that(self, index: int) -> None:
        """ "the firm that Acme founded", "said that Acme was listed"."""
        tokens, finite, before = self.tokens, self.finite, self.tokens[index - 1]
        is_noun = (
            before.kind is Kind.WORD
            and index - 1 not in finite
            and before.low not in _NO_ANTECEDENTS
            and not before.low.endswith(("ly", "ed"))
            and not any(i in finite and tokens[i].low in self.grammar["speech"] for i in range(self.start, index))
        )
        if before.low not in _SPOKEN and (index + 1 in finite or (is_noun and _verb_soon(tokens, index, finite))):
            self._cut(index, "rel")
        elif any(token.low == "be" for token in tokens[index + 1 : index + 9]) or any(
            i in finite for i in range(index + 1, index + 12)
        ):
            self._cut(index, "that", skip=1)

    def _joins_clauses(self, index: int) -> bool:
        """Does "and" or "but" open a clause, or a second predicate, rather than join two words?"""
        if self.mark == "rel" and self.tokens[index - 1].kind is not Kind.PUNCTUATION:
            return False
        if _verb_follows(self.tokens, index, self.finite):
            return True
        return self.mark != "rel" and _clause_follows(self.tokens, index, self.finite)


def _back_to_list(tokens: Sequence[Token], start: int, index: int) -> bool:
    """ "Acme, a firm that buys ore, and Bolt, a bank": after an apposition, "and" with a name goes on with the list."""
    if tokens[start].low not in ("a", "an", "the", "one", "its") or index + 1 >= len(tokens):
        return False
    following = tokens[index + 2].low if index + 2 < len(tokens) else "."
    return tokens[index + 1].kind is Kind.MENTION and following in (",", ";", ".", "(")


def _verb_soon(tokens: Sequence[Token], index: int, finite: frozenset[int]) -> bool:
    """ "the firm that Acme founded": a short subject, then the verb."""
    return any(position in finite for position in range(index + 1, min(index + 5, len(tokens))))


def _joined(tokens: Sequence[Token], index: int) -> bool:
    """A hyphen without blanks around it joins; a dash parts."""
    before = tokens[index - 1] if index else None
    after = tokens[index + 1] if index + 1 < len(tokens) else None
    return bool(before and before.end == tokens[index].start) or bool(after and after.start == tokens[index].end)


def _is_ing(tokens: Sequence[Token], index: int) -> bool:
    for position in (index, index + 1):
        if position < len(tokens) and tokens[position].low.endswith("ing") and len(tokens[position].low) > 4:
            return position == index or tokens[index].low.endswith("ly") or tokens[index].low == "having"
    return False


def _opens_clause(tokens: Sequence[Token], index: int, finite: frozenset[int]) -> bool:
    """Whether a finite verb follows a subordinator before the next break: "since he left", not "since 2014"."""
    for position in range(index + 1, min(index + 14, len(tokens))):
        if position in finite:
            return True
        if tokens[position].low in ",;:.)":
            return False
    return False


def _verb_follows(tokens: Sequence[Token], index: int, finite: frozenset[int]) -> bool:
    return any(position in finite for position in (index + 1, index + 2)) and (
        index + 1 in finite
        or tokens[index + 1].low.endswith("ly")
        or tokens[index + 1].low in ("also", "then", "now", "has", "later")
    )


def _clause_follows(tokens: Sequence[Token], index: int, finite: frozenset[int]) -> bool:
    """Whether "and" opens a clause with a subject of its own, rather than another item: a verb before it, one after."""
    verb_before = any(position in finite for position in range(max(0, index - 25), index))
    if not verb_before:
        return False
    for position in range(index + 1, min(index + 10, len(tokens))):
        if position in finite:
            return not _contact(tokens, index + 1, position)
        if tokens[position].low in ",;:.()":
            return False
    return False


def _contact(tokens: Sequence[Token], start: int, verb: int) -> bool:
    """ "the company he worked for": a noun with a clause about it, not a clause of its own."""
    return (
        verb - start >= 3
        and tokens[verb - 1].low in ("he", "she", "it", "they", "we")
        and tokens[start].low in ("the", "a", "an", "his", "her", "its", "their")
    )


def _assemble(
    tokens: Sequence[Token],
    segments: list[_Segment],
    vocabulary: Vocabulary,
    finite: frozenset[int],
    quoted: frozenset[int],
) -> Structure:
    grammar = vocabulary.grammar
    clauses: list[Clause] = []
    clause_of = [0] * len(tokens)
    main = -1  # the clause that a fragment goes on with
    current = -1
    depth: list[int] = []  # clauses around open brackets
    for segment in segments:
        verbs = [i for i in range(segment.start, segment.end) if i in finite]
        after_embedded = current >= 0 and clauses[current].kind in EMBEDDED
        kind = _kind_of(tokens, segment, verbs, grammar, open_main=main >= 0, after_embedded=after_embedded)
        if segment.mark == ")" and depth:
            main = depth.pop()
        if segment.mark == "(":
            depth.append(main if main >= 0 else 0)
        if kind is None and main < 0:
            kind = ClauseKind.MAIN
        if (
            kind is ClauseKind.MAIN
            and main >= 0
            and clauses[main].verb is None
            and segment.mark in (",", "and", "—", "–", ")")
        ):
            kind = None  # the subject was a list, or had an apposition: "A, B and C were …"
        if kind is None:
            number = main
            if verbs and verbs[0] == _first_word(tokens, segment, grammar) and clauses[main].verb is not None:
                # a predicate that goes on with a subject which had no verb yet, before a "that …" clause
                waiting = [i for i, c in enumerate(clauses) if c.verb is None and c.kind not in EMBEDDED]
                number = waiting[-1] if waiting else main
                main = number
        else:
            clauses.append(Clause(kind, segment.start, main if kind in EMBEDDED and main >= 0 else len(clauses)))
            number = len(clauses) - 1
            if kind not in EMBEDDED:
                main = number
        current = number
        clause = clauses[number]
        if clause.verb is None and verbs:
            clause.verb = verbs[0]
        clause_of[segment.start : segment.end] = [number] * (segment.end - segment.start)
        clause.tokens += range(segment.start, segment.end)
    if not clauses:
        clauses.append(Clause(ClauseKind.MAIN, 0, 0))
    _fill_breaks(clause_of, segments)
    return Structure(clauses, clause_of, finite, quoted)


def _fill_breaks(clause_of: list[int], segments: list[_Segment]) -> None:
    """Punctuation between segments belongs to the clause before it."""
    starts = [*(segment.start for segment in segments[1:]), len(clause_of)]
    for segment, start in zip(segments, starts, strict=False):
        for index in range(segment.end, start):
            clause_of[index] = clause_of[segment.end - 1]


_KINDS = {  # by the mark that opened a segment
    "(": ClauseKind.PARENTHESIS,
    "[": ClauseKind.PARENTHESIS,
    "rel": ClauseKind.RELATIVE,
    "sub": ClauseKind.SUBORDINATE,
    "for": ClauseKind.PARTICIPLE,
    "that": ClauseKind.MAIN,
    ";": ClauseKind.MAIN,
    ":": ClauseKind.MAIN,
}


def _kind_of(
    tokens: Sequence[Token],
    segment: _Segment,
    verbs: list[int],
    grammar: Grammar,
    *,
    open_main: bool,
    after_embedded: bool,
) -> ClauseKind | None:
    """What a segment is; None when it goes on with the clause before."""
    if segment.mark in _KINDS:
        return _KINDS[segment.mark]
    first = _first_word(tokens, segment, grammar)
    if verbs and verbs[0] <= first + 1 and first in verbs:
        return None  # the predicate of the clause before
    token, goes_on = tokens[first], open_main and segment.mark in _DASHES_AND_COMMA
    is_on = token.kind is Kind.WORD and token.low == "on" and not after_embedded
    is_participle = is_on or _may_be_participle(token)
    if goes_on and is_participle and len(token.low) > 1 and not (verbs and verbs[0] > first + 1):
        return ClauseKind.PARTICIPLE
    if not open_main and is_participle and token.low.endswith(("ed", "ing")) and not verbs:
        return ClauseKind.PARTICIPLE
    if verbs and _is_aside(tokens, segment, verbs, grammar) and open_main:
        return ClauseKind.PARENTHESIS
    if segment.mark == "resume":
        return None
    if verbs:
        return ClauseKind.MAIN
    if goes_on and token.low in _OPEN_APPOSITIONS and not _names_something(tokens, segment):
        return ClauseKind.APPOSITION
    return None


def _may_be_participle(token: Token) -> bool:
    if token.kind is not Kind.WORD or token.low in _LIKE_PREPOSITIONS or "-" in token.low:
        return False
    return token.low.endswith(("ed", "ing")) or token.low in _LIKE_PARTICIPLES


def _first_word(tokens: Sequence[Token], segment: _Segment, grammar: Grammar) -> int:
    first = segment.start
    while first < segment.end - 1 and (
        tokens[first].low in grammar["subject_adverbs"] or tokens[first].low in grammar["coordinators"]
    ):
        first += 1
    return first


def _is_aside(tokens: Sequence[Token], segment: _Segment, verbs: list[int], grammar: Grammar) -> bool:
    """ ", he told reporters," and ", the department alleges,": an aside, not the predicate."""
    verb = tokens[verbs[0]].low
    spoken = verb in grammar["speech"] or verb in ("alleges", "contends", "thinks", "argues")
    return segment.mark == "," and spoken and segment.end - segment.start <= 6 and verbs[0] > segment.start


def _names_something(tokens: Sequence[Token], segment: _Segment) -> bool:
    """Whether a fragment is itself a name with its description ("the lawyer Jane Roe"), not "a member of Acme"."""
    for i in range(segment.start, segment.end):
        if tokens[i].kind is Kind.MENTION:
            return True
        if tokens[i].low in ("of", "in", "at", "for", "by", "with", "from", "to", "on"):
            return False
    return False
